package progress

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// MaxDraft is what a draft may weigh, in bytes: ten times what the fields may hold.
const MaxDraft = 64 << 10

var errSent = problem.New(problem.Conflict, "Vous avez envoyé un point sur cette action depuis que cette page est ouverte : rechargez-la pour écrire la suite.")

// SaveDraft keeps what somebody typed, right or wrong, for every device of their
// account, and returns when.
func (s *Service) SaveDraft(ctx context.Context, by access.Actor, action roadmap.ID, chosen roadmap.OrganisationID, fields url.Values) (time.Time, error) {
	b, err := json.Marshal(fields)
	if err != nil {
		return time.Time{}, postgres.Wrap(err, "draft of action %d", action)
	}
	if len(b) > MaxDraft {
		return time.Time{}, problem.New(problem.TooLarge, "Ce brouillon est trop long pour être gardé : raccourcissez vos textes.")
	}
	p, err := s.Point(ctx, by, action, chosen)
	if err != nil {
		return time.Time{}, err
	}
	seen, _ := strconv.ParseInt(fields.Get("vu"), 10, 64) // 0: the form showed no report
	var at time.Time
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := postgres.Exec(ctx, tx, `SELECT pg_advisory_xact_lock_shared(hashtextextended('progress_report', $1))`, p.Standing.Organisation); err != nil {
			return postgres.Wrap(err, "wait for the reports of %d", p.Standing.Organisation)
		}
		if at, err = postgres.Value[time.Time](ctx, tx, `SELECT now()`); err != nil {
			return postgres.Wrap(err, "read the clock")
		}
		n, err := postgres.Exec(ctx, tx, keepDraftSQL, by.Account, action, p.Standing.Organisation, string(b), by.Person, seen)
		if err == nil && n == 0 {
			return errSent
		}
		return postgres.Wrap(err, "keep the draft of action %d", action)
	})
	return at, err
}

// keepDraftSQL keeps nothing of a form that was sent: a script saves the last field as
// the button is pressed, and its draft may come after the report.
const keepDraftSQL = `
	INSERT INTO report_draft (account_id, action_id, organisation_id, fields)
	SELECT $1, $2, $3, $4
	WHERE NOT EXISTS (SELECT FROM progress_report r WHERE r.action_id = $2 AND r.organisation_id = $3 AND r.person_id = nullif($5, 0) AND r.id > $6)
	ON CONFLICT (account_id, action_id, organisation_id) DO UPDATE SET fields = excluded.fields, saved_at = now()`

// draftsKept is how long a draft that nobody sends is kept after its last letter.
const draftsKept = "90 days"

// PruneDrafts forgets the drafts that nobody took up again.
func (s *Service) PruneDrafts(ctx context.Context) error {
	_, err := postgres.Exec(ctx, s.db, `DELETE FROM report_draft WHERE saved_at < now() - $1::interval`, draftsKept)
	return postgres.Wrap(err, "prune drafts of reports")
}

// DropDraft forgets what somebody typed.
func (s *Service) DropDraft(ctx context.Context, by access.Actor, action roadmap.ID, chosen roadmap.OrganisationID) error {
	p, err := s.Point(ctx, by, action, chosen)
	if err != nil {
		return err
	}
	_, err = postgres.Exec(ctx, s.db, `DELETE FROM report_draft WHERE account_id = $1 AND action_id = $2 AND organisation_id = $3`,
		by.Account, action, p.Standing.Organisation)
	return postgres.Wrap(err, "drop the draft of action %d", action)
}
