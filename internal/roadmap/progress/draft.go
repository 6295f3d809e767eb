package progress

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// MaxDraft is what a draft may weigh, in bytes: ten times what the fields may hold.
const MaxDraft = 64 << 10

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
	at, err := postgres.Value[time.Time](ctx, s.db, `
		INSERT INTO report_draft (account_id, action_id, organisation_id, fields) VALUES ($1, $2, $3, $4)
		ON CONFLICT (account_id, action_id, organisation_id) DO UPDATE SET fields = excluded.fields, saved_at = now() RETURNING saved_at`,
		by.Account, action, p.Standing.Organisation, string(b))
	return at, postgres.Wrap(err, "keep the draft of action %d", action)
}

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
