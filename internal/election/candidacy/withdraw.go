package candidacy

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// Withdraw ends the candidacy of the structure acted for. Once the lists are sealed the
// ballot does not change: the candidacy stays on it, marked, and cannot be elected.
func (s *Service) Withdraw(ctx context.Context, by access.Actor, id election.ID, version int) (late bool, err error) {
	org, err := own(by)
	if err != nil {
		return false, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := election.Lock(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if err := structure.RequireManager(ctx, tx, by, org); err != nil {
			return err
		}
		c, err := current(ctx, tx, id, org)
		switch {
		case err != nil:
			return err
		case c == nil:
			return errNotFound
		}
		late, err = s.withdraw(ctx, tx, by, e, *c, version)
		return err
	})
	return late, err
}

// WithdrawFor ends a candidacy for a structure that wrote to the team.
func (s *Service) WithdrawFor(ctx context.Context, by access.Actor, id election.ID, candidacy ID, version int) (late bool, err error) {
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := lockForTeam(ctx, tx, by, id)
		if err != nil {
			return err
		}
		c, err := load(ctx, tx, id, candidacy)
		if err != nil {
			return err
		}
		late, err = s.withdraw(ctx, tx, by, e, c, version)
		return err
	})
	return late, err
}

func (s *Service) withdraw(ctx context.Context, tx pgx.Tx, by access.Actor, e election.Election, c Candidacy, version int) (late bool, err error) {
	may, late := Withdraw(e, c)
	switch {
	case !may && (c.State == Withdrawn || c.WithdrawnLate):
		return late, problem.New(problem.Conflict, "Cette candidature est déjà retirée.")
	case !may && e.Phase == election.Candidacies && c.Live():
		return late, problem.New(problem.Conflict, "Le délai de retrait est passé depuis le "+french.DateTime(*e.WithdrawUntil)+
			" : les listes sont en train d’être arrêtées. Vous pourrez renoncer ensuite ; le bulletin ne changera pas.")
	case !may:
		return late, problem.New(problem.Conflict, "Cette candidature ne peut plus être retirée.")
	case c.Version != version:
		return late, election.ErrStale
	}
	if late {
		_, err = postgres.Exec(ctx, tx, `UPDATE candidacy SET withdrawn_late = true, version = version + 1 WHERE id = $1`, c.ID)
	} else {
		_, err = postgres.Exec(ctx, tx, `
			UPDATE candidacy SET state = 'withdrawn', reason = '', photo = NULL, photo_alt = '', version = version + 1 WHERE id = $1`, c.ID)
	}
	if err != nil {
		return late, postgres.Wrap(err, "withdraw candidacy %d", c.ID)
	}
	if err := eraseDraft(ctx, tx, e.ID, c.Structure); err != nil {
		return late, err
	}
	if err := election.Record(ctx, tx, by, "stand_end", e, nil, map[string]any{"structure": c.StructureName, "titulaire": c.Content.Titular.Name(), "apres_scellement": late}); err != nil {
		return late, err
	}
	m := notify.Mail{Kind: kindEnd, Subject: "Candidature retirée : " + c.StructureName,
		Paragraphs: []string{"La candidature de « " + c.StructureName + " » à l’élection des représentants du Groupe Numérique Inclusif (GNI) est retirée."},
		Action:     "Voir l’élection", Link: address(s.baseURL, e.ID), Why: "Vous recevez ce message parce que cette candidature vous nommait."}
	if late {
		m.Paragraphs = append(m.Paragraphs, "Les listes étant arrêtées, le bulletin de vote ne change pas : la candidature y reste, et la page des candidatures dit qu’elle est retirée. Si elle arrive en tête, le siège passe à la suivante.")
	} else if e.CandidaciesUntil != nil && e.Now.Before(*e.CandidaciesUntil) {
		m.Paragraphs = append(m.Paragraphs, "La structure peut en déposer une autre jusqu’au "+french.DateTime(*e.CandidaciesUntil)+".")
	}
	return late, s.tellPeople(ctx, tx, c, m)
}

// tellPeople queues the mail to those the candidacy names and those who manage its
// structure.
func (s *Service) tellPeople(ctx context.Context, tx pgx.Tx, c Candidacy, m notify.Mail) error {
	list, err := election.ContactsOf(ctx, tx, []access.OrganisationID{c.Structure})
	if err != nil {
		return err
	}
	to := named(c.Content)
	for _, p := range list {
		to = append(to, notify.Notice{Name: p.Name, Address: p.Email})
	}
	return s.tell(ctx, tx, m, to...)
}
