// Package candidacy is who stands: the candidacies of structures, their examination by
// the team, and the lists sealed with the order of the candidates drawn.
package candidacy

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Service is the use cases of the room.
type Service struct {
	db      postgres.DB
	outbox  *notify.Outbox
	baseURL string
}

// New returns the service. baseURL is the public address of the portal, without a
// slash at its end.
func New(db postgres.DB, outbox *notify.Outbox, baseURL string) *Service {
	return &Service{db: db, outbox: outbox, baseURL: baseURL}
}

const (
	kindOpen    = "candidacy_open"
	kindReceipt = "candidacy_receipt"
	kindExamine = "candidacy_examine"
	kindEnd     = "candidacy_end"
)

var _ = notify.NameKinds(map[string]string{
	kindOpen:    "Dépôt des candidatures d’une élection",
	kindReceipt: "Candidature reçue",
	kindExamine: "Candidature examinée",
	kindEnd:     "Candidature retirée",
})

var (
	errNotFound = problem.New(problem.NotFound, "Cette candidature n’existe pas.")
	errSealed   = problem.New(problem.Conflict, "Les listes sont arrêtées : les candidatures ne changent plus.")
	errNotYet   = problem.New(problem.Conflict, "Le dépôt des candidatures n’est pas ouvert.")
)

// lockForTeam locks an election for an act of the team.
func lockForTeam(ctx context.Context, tx pgx.Tx, by access.Actor, id election.ID) (election.Election, error) {
	if !by.RunsBodies() {
		return election.Election{}, election.ErrNotFound
	}
	return election.Lock(ctx, tx, by, id)
}

// inCandidacies refuses an act that only makes sense while candidacies are received and
// examined.
func inCandidacies(e election.Election) error {
	switch {
	case e.Phase == election.Cancelled:
		return problem.New(problem.Conflict, "Cette élection est abandonnée.")
	case e.Phase.Reached(election.Sealed):
		return errSealed
	case e.Phase != election.Candidacies:
		return errNotYet
	}
	return nil
}

func address(baseURL string, id election.ID) string {
	return baseURL + "/elections/" + strconv.FormatInt(int64(id), 10)
}

// typeset sets the texts of mails in French typography.
func typeset(mails []notify.Mail) []notify.Mail {
	for i, m := range mails {
		mails[i].Subject = french.Typo(m.Subject)
		mails[i].Paragraphs = make([]string, len(m.Paragraphs))
		for k, p := range m.Paragraphs {
			mails[i].Paragraphs[k] = french.Typo(p)
		}
	}
	return mails
}
