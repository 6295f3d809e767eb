package edition

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// ProposalPath is where its author follows a proposal.
func ProposalPath(id roadmap.ID) string { return fmt.Sprintf("/feuille-de-route/propositions/%d", id) }

// tell writes to the authors of proposals. text holds the title of the action, then
// what goes with it in extra, when there is some.
func (s *Service) tell(ctx context.Context, tx pgx.Tx, ids []roadmap.ID, subject, text string, extra []string) error {
	people, err := postgres.List[struct {
		Action roadmap.ID      `db:"action_id"`
		Rank   int             `db:"rank"`
		Title  string          `db:"title"`
		Person access.PersonID `db:"person_id"`
		Email  string          `db:"email"`
		Name   string          `db:"name"`
	}](ctx, tx, `
		SELECT q.action_id, n.rank::int AS rank, a.title, q.person_id, coalesce(p.email, '') AS email, p.first_name || ' ' || p.last_name AS name
		FROM unnest($1::bigint[]) WITH ORDINALITY AS n(id, rank) JOIN action_proposal q ON q.action_id = n.id
		JOIN roadmap_action a ON a.id = n.id JOIN person p ON p.id = q.person_id ORDER BY n.rank`, ids)
	if err != nil {
		return postgres.Wrap(err, "authors of proposals")
	}
	notices := make([]notify.Notice, 0, len(people))
	for _, p := range people {
		words := fmt.Sprintf(text, p.Title)
		if len(extra) > 0 {
			words = fmt.Sprintf(text, p.Title, extra[p.Rank-1])
		}
		notices = append(notices, notify.Notice{Person: p.Person, Address: p.Email, Name: p.Name, Kind: "edition_answer", Subject: subject,
			Text: french.Typo(words), Action: "Voir ma proposition", Link: s.baseURL + ProposalPath(p.Action)})
	}
	return s.outbox.Tell(ctx, tx, notices)
}
