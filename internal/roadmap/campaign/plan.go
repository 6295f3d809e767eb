package campaign

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// CommuneID identifies a commune.
type CommuneID = roadmap.OrganisationID

// List is a page of the campaigns, the newest first.
type List struct {
	Campaigns []Campaign
	postgres.Paging
}

// List returns a page of the campaigns, for the team.
func (s *Service) List(ctx context.Context, by access.Actor, page int) (List, error) {
	if err := roadmap.RequireTeam(by); err != nil {
		return List{}, err
	}
	var (
		v     List
		b     postgres.Batch
		total int
	)
	postgres.AddValue(&b, &total, `SELECT count(*)::int FROM campaign`)
	postgres.AddList(&b, &v.Campaigns, `SELECT `+columns+` ORDER BY c.closed_at IS NOT NULL, c.closes_at DESC, c.id DESC LIMIT $1 OFFSET $2`,
		postgres.Limit(page), postgres.Offset(page))
	err := b.Run(ctx, s.db)
	v.Paging = postgres.PagingOf(page, total)
	return v, postgres.Wrap(err, "list campaigns")
}

// MeetingChoice is a meeting a campaign may prepare.
type MeetingChoice struct {
	ID       meeting.ID          `db:"id"`
	Body     governance.BodyCode `db:"body"`
	StartsAt time.Time           `db:"starts_at"`
	Theme    string              `db:"theme"`
}

// ActionChoice is an action a campaign may ask about.
type ActionChoice struct {
	ID       roadmap.ID     `db:"id"`
	Number   int            `db:"number"`
	Title    string         `db:"title"`
	AxisID   roadmap.AxisID `db:"axis_id"`
	Axis     string         `db:"axis"`
	Status   roadmap.Status `db:"status"`
	Communes int            `db:"communes"` // it concerns
}

// Plan is what the form of a campaign shows: its choices and, of a draft, what was
// chosen.
type Plan struct {
	Campaign Campaign
	Chosen   []roadmap.ID
	Meetings []MeetingChoice
	Actions  []ActionChoice
}

const (
	// The meetings of the Comité des communes to come, and the one already chosen.
	meetingsSQL = `
	SELECT id, body, starts_at, theme FROM meeting
	WHERE body = 'communes' AND state IN ('draft', 'convened') AND starts_at > now() OR id = (SELECT meeting_id FROM campaign WHERE id = $1)
	ORDER BY starts_at, id LIMIT 50`
	// The public actions in progress or to come that concern a commune at least.
	actionsSQL = `
	SELECT a.id, a.number, a.title, a.axis_id, x.title AS axis, a.status, n.communes
	FROM roadmap_action a JOIN axis x ON x.id = a.axis_id
	CROSS JOIN LATERAL (SELECT count(*)::int AS communes FROM action_commune k WHERE k.action_id = a.id) n
	WHERE a.validated_on IS NOT NULL AND a.status IN ('validated', 'in_progress') AND n.communes > 0
	ORDER BY x.position, a.number`
)

// Plan returns what the form shows: of a new campaign (id 0), or of a draft.
func (s *Service) Plan(ctx context.Context, by access.Actor, id ID) (Plan, error) {
	if err := roadmap.RequireTeam(by); err != nil {
		return Plan{}, err
	}
	var (
		v     Plan
		found []Campaign
		b     postgres.Batch
	)
	addCampaign(&b, &found, id)
	postgres.AddList(&b, &v.Meetings, meetingsSQL, id)
	postgres.AddList(&b, &v.Actions, actionsSQL)
	var chosen []struct {
		ID roadmap.ID `db:"action_id"`
	}
	postgres.AddList(&b, &chosen, `SELECT DISTINCT action_id FROM campaign_question WHERE campaign_id = $1 ORDER BY action_id`, id)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "plan of a campaign")
	}
	for _, c := range chosen {
		v.Chosen = append(v.Chosen, c.ID)
	}
	if id == 0 {
		return v, nil
	}
	var err error
	v.Campaign, err = only(found)
	return v, err
}

// Add writes a campaign in preparation and returns it.
func (s *Service) Add(ctx context.Context, by access.Actor, in Input) (added Campaign, err error) {
	if err := roadmap.RequireTeam(by); err != nil {
		return Campaign{}, err
	}
	if err := in.check(); err != nil {
		return Campaign{}, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := timely(ctx, tx, in.Meeting, in.Closing()); err != nil {
			return err
		}
		id, err := postgres.Value[ID](ctx, tx, `
			INSERT INTO campaign (title, meeting_id, message, closes_at) VALUES ($1, nullif($2, 0), $3, $4) RETURNING id`,
			in.Title, in.Meeting, in.Message, in.Closing())
		if err != nil {
			return postgres.Wrap(err, "insert campaign")
		}
		if err := choose(ctx, tx, id, in.Actions); err != nil {
			return err
		}
		if added, err = load(ctx, tx, id); err != nil {
			return err
		}
		return record(ctx, tx, by, "campaign", added, nil, added.fields())
	})
	return added, err
}

// Change writes a campaign in preparation over. Once it is open, see Extend.
func (s *Service) Change(ctx context.Context, by access.Actor, id ID, in Input) error {
	if err := roadmap.RequireTeam(by); err != nil {
		return err
	}
	if err := in.check(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		old, err := lock(ctx, tx, id, 0)
		switch {
		case err != nil:
			return err
		case old.OpenedAt != nil:
			return errOpened
		case old.Version != in.Version:
			return errStale
		}
		if err := timely(ctx, tx, in.Meeting, in.Closing()); err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `
			UPDATE campaign SET title = $2, meeting_id = nullif($3, 0), message = $4, closes_at = $5, version = version + 1 WHERE id = $1`,
			id, in.Title, in.Meeting, in.Message, in.Closing()); err != nil {
			return postgres.Wrap(err, "change campaign %d", id)
		}
		if err := choose(ctx, tx, id, in.Actions); err != nil {
			return err
		}
		c, err := load(ctx, tx, id)
		if err != nil {
			return err
		}
		return record(ctx, tx, by, "campaign", c, old.fields(), c.fields())
	})
}

// Extend moves the closing hour of an open campaign, later or earlier; moved after it
// passed, communes answer again. Nobody is written to: the next reminder says the date.
func (s *Service) Extend(ctx context.Context, by access.Actor, id ID, version int, to time.Time) error {
	if err := roadmap.RequireTeam(by); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		old, err := lock(ctx, tx, id, version)
		switch {
		case err != nil:
			return err
		case old.ClosedAt != nil:
			return errClosed
		case old.OpenedAt == nil:
			return errNotOpen
		}
		if err := timely(ctx, tx, old.MeetingID, to); err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `UPDATE campaign SET closes_at = $2, version = version + 1 WHERE id = $1`, id, to); err != nil {
			return postgres.Wrap(err, "extend campaign %d", id)
		}
		c := old
		c.ClosesAt = to
		return record(ctx, tx, by, "campaign", c, old.fields(), c.fields())
	})
}

// farthest is the last year a campaign may close: beyond, a date is mistyped.
const farthest = 5

// timely refuses a closing that is past, far away, or after the meeting it prepares.
func timely(ctx context.Context, tx pgx.Tx, of meeting.ID, closes time.Time) error {
	type times struct {
		Past  bool `db:"past"`
		Far   bool `db:"far"`
		Known bool `db:"known"`
		After bool `db:"after_meeting"`
	}
	t, err := postgres.One[times](ctx, tx, `
		SELECT $2::timestamptz <= now() AS past, $2::timestamptz > now() + make_interval(years => $3) AS far,
		       $1 = 0 OR m.id IS NOT NULL AS known, coalesce($2::timestamptz > m.starts_at, false) AS after_meeting
		FROM (SELECT 1) one LEFT JOIN meeting m ON m.id = $1 AND m.body = 'communes'`, int64(of), closes, farthest)
	switch {
	case err != nil:
		return postgres.Wrap(err, "time of a campaign")
	case t.Past:
		return errDeadline
	case t.Far:
		return problem.OnField("jour", "Cette date est trop lointaine : vérifiez l’année.")
	case !t.Known:
		return problem.OnField("reunion", "Choisissez une réunion de la liste.")
	case t.After:
		return problem.OnField("jour", "La clôture doit précéder la réunion que la campagne prépare.")
	}
	return nil
}

// choose writes what a draft would ask: the actions of the list, of the communes each
// concerns today. Opening computes it again.
func choose(ctx context.Context, tx pgx.Tx, id ID, actions []roadmap.ID) error {
	_, err := postgres.Exec(ctx, tx, `DELETE FROM campaign_question WHERE campaign_id = $1`, id)
	if err != nil {
		return postgres.Wrap(err, "forget the questions of campaign %d", id)
	}
	n, err := postgres.Exec(ctx, tx, `
		INSERT INTO campaign_question (campaign_id, organisation_id, action_id)
		SELECT $1, k.organisation_id, k.action_id FROM action_commune k JOIN roadmap_action a ON a.id = k.action_id
		WHERE a.id = ANY ($2) AND a.validated_on IS NOT NULL AND a.status IN ('validated', 'in_progress')`, id, actions)
	if err == nil && n == 0 {
		return problem.OnField("actions", "Choisissez au moins une action qui concerne une commune.")
	}
	return postgres.Wrap(err, "questions of campaign %d", id)
}

// fields is what the journal keeps of a campaign.
func (c Campaign) fields() map[string]any {
	return map[string]any{"titre": c.Title, "reunion": c.MeetingID, "cloture": c.ClosesAt, "message": c.Message, "actions": c.Actions, "communes": c.Communes, "questions": c.Asked}
}
