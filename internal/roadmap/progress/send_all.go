package progress

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

type repeated struct {
	Action    roadmap.ID `db:"action_id"`
	Number    int        `db:"number"`
	Title     string     `db:"title"`
	Situation Situation  `db:"situation"`
	Percent   *int       `db:"percent"`
}

// NothingNewForAll says « rien de nouveau » for every action the open campaign still
// asks and whose last report is among those the person was shown; it returns how many.
// Nothing new has nothing to be read: the reports are accepted as they come, but those
// that repeat what the team has not accepted, which wait with it.
func (s *Service) NothingNewForAll(ctx context.Context, by access.Actor, campaign CampaignID, seen []ReportID) (n int, err error) {
	org, err := organisationOf(by)
	if err != nil {
		return 0, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := oneSending(ctx, tx, org); err != nil {
			return err
		}
		before, err := postgres.One[Mine](ctx, tx, mineSQL, org)
		if err != nil {
			return postgres.Wrap(err, "count the answers of %d", org)
		}
		if before.Campaign == 0 || before.Campaign != campaign {
			return ErrClosed
		}
		done, err := repeatAll(ctx, tx, by, org, seen)
		if err != nil {
			return err
		}
		n = len(done)
		if err := audit.RecordMany(ctx, tx, by, entriesOf(by, done)); err != nil {
			return err
		}
		if n == 0 || n < before.Remaining() || by.Email == "" {
			return nil
		}
		open := Open{ID: before.Campaign, Title: before.Title, ClosesAt: *before.Deadline}
		return s.outbox.Tell(ctx, tx, []notify.Notice{s.receiptNotice(by, by.Acting.OrganisationName, open, before.Asked)})
	})
	return n, err
}

func repeatAll(ctx context.Context, tx pgx.Tx, by access.Actor, org roadmap.OrganisationID, seen []ReportID) ([]repeated, error) {
	done, err := postgres.List[repeated](ctx, tx, itemOf+`,
		new AS (
			INSERT INTO progress_report (action_id, organisation_id, campaign_id, person_id, by_name, situation, nothing_new, percent, state, reviewed_by, reviewed_at)
			SELECT i.item_id, $1, (SELECT id FROM open), nullif($3::bigint, 0), $4, i.last_situation, true, i.last_percent,
			       CASE i.last_state WHEN 'accepted' THEN 'accepted' ELSE 'sent' END, CASE i.last_state WHEN 'accepted' THEN $4 ELSE '' END,
			       CASE i.last_state WHEN 'accepted' THEN now() END
			FROM item i WHERE i.asked AND NOT i.answered AND i.last_state <> 'asked_back' AND i.last_id > 0 AND i.last_id = ANY ($2)
			RETURNING action_id, situation, percent, state),
		news AS (
			UPDATE roadmap_action a SET last_news_at = greatest(a.last_news_at, now()),
			       percent = CASE WHEN new.state = 'accepted' AND a.pilot_id = $1 AND new.percent IS NOT NULL AND (a.status <> 'done' OR new.percent = 100) THEN new.percent ELSE a.percent END
			FROM new WHERE a.id = new.action_id),
		kept AS (DELETE FROM report_draft d USING new WHERE d.account_id = $5 AND d.organisation_id = $1 AND d.action_id = new.action_id)
		SELECT new.action_id, a.number, a.title, new.situation, new.percent FROM new JOIN roadmap_action a ON a.id = new.action_id ORDER BY a.number`,
		org, seen, by.Person, by.Name, by.Account)
	return done, postgres.Wrap(err, "nothing new for organisation %d", org)
}

func entriesOf(by access.Actor, done []repeated) []audit.Entry {
	entries := make([]audit.Entry, len(done))
	for i, d := range done {
		r := Report{OrganisationName: by.Acting.OrganisationName, Situation: d.Situation, Percent: d.Percent, NothingNew: true}
		entries[i] = audit.Entry{Action: "roadmap.report", Object: "roadmap_action", ID: int64(d.Action),
			Label: roadmap.Action{Number: d.Number, Title: d.Title}.Label(), After: r.fields(false)}
	}
	return entries
}
