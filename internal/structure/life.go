package structure

import (
	"context"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

var _ = notify.NameKinds(map[string]string{
	"structure_suspended": "Structure suspendue", "structure_returned": "Retour d’une structure au GNI",
	"structure_college": "Changement de collège d’une structure", "structure_merged": "Fiches de structures réunies",
})

const whyManager = "Vous recevez ce message parce que vous gérez la fiche de cette structure."

// MaxLifeText is how many characters the reason of an act on a member holds.
const MaxLifeText = 300

// Suspend closes the seat of a member for a while, from today on: nobody acts for it
// any more, and Return brings back who did. A seat that opened today closes
// tomorrow. Field: motif, which its people read.
func (s *Service) Suspend(ctx context.Context, by access.Actor, id ID, version int, reason string) error {
	if err := checkLifeText(reason, "Écrivez le motif de la suspension : la structure le lira."); err != nil {
		return err
	}
	return s.live(ctx, by, id, version, func(tx pgx.Tx, sheet Sheet) error {
		if sheet.State != Accepted {
			return changedMeanwhile(ctx, tx, id)
		}
		told, err := managers(ctx, tx, id) // while they still are
		if err != nil {
			return err
		}
		on, err := s.closeFor(ctx, tx, by, sheet, day.Today(), "suspension : "+reason, Team)
		if err != nil {
			return err
		}
		if err := s.turn(ctx, tx, by, sheet, Suspended, StepSuspended, "suspend", reason); err != nil {
			return err
		}
		return s.tellManagers(ctx, tx, told, notify.Mail{
			Kind: "structure_suspended", Subject: "« " + sheet.Name + " » est suspendue du GNI",
			Paragraphs: []string{
				"À partir du " + french.LongDate(on) + ", « " + sheet.Name + " » ne siège plus au Groupe Numérique Inclusif (GNI), pour ce motif :",
				reason,
				"Sa fiche et son histoire sont gardées. Pour revenir, écrivez à l’équipe en répondant à ce message.",
			},
		})
	})
}

// Return opens again the seat of a structure that was suspended or had left, in its
// college, from today on (or from the day its seat closes, if that is to come), with
// the people who acted for it when the seat closed.
func (s *Service) Return(ctx context.Context, by access.Actor, id ID, version int) error {
	return s.live(ctx, by, id, version, func(tx pgx.Tx, sheet Sheet) error {
		if sheet.State != Suspended && sheet.State != Left {
			return changedMeanwhile(ctx, tx, id)
		}
		people, on, err := formerPeople(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.reseat(ctx, tx, by, sheet, people, on); err != nil {
			if err == errSIRET {
				return problem.New(problem.Conflict, "Une autre fiche porte ce SIRET : cette structure s’est inscrite de nouveau. Réunissez plutôt les deux fiches.")
			}
			return err
		}
		if err := step(ctx, tx, by, id, StepReturned, "Le "+french.Date(on)+"."); err != nil {
			return err
		}
		if err := record(ctx, tx, by, "return", sheet, stateRecord{State: sheet.State}, stateRecord{State: Accepted, On: on}); err != nil {
			return err
		}
		told, err := managers(ctx, tx, id)
		if err != nil {
			return err
		}
		return s.tellManagers(ctx, tx, told, notify.Mail{
			Kind: "structure_returned", Subject: "« " + sheet.Name + " » revient au GNI",
			Paragraphs: []string{"À partir du " + french.LongDate(on) + ", « " + sheet.Name + " » siège de nouveau au Groupe Numérique Inclusif (GNI). Relisez sa fiche : elle a peut-être changé."},
			Action:     "Voir la fiche", Link: s.baseURL + "/ma-structure",
		})
	})
}

// reseat opens the seat and places the people.
func (s *Service) reseat(ctx context.Context, tx pgx.Tx, by access.Actor, sheet Sheet, people []namedPerson, on day.Day) error {
	if err := setState(ctx, tx, sheet.ID, Accepted); err != nil {
		return err
	}
	seat, err := s.governance.SeatStructure(ctx, tx, by, sheet.ID, sheet.College, sheet.Name, on)
	if err != nil {
		return err
	}
	for _, p := range people { // a structure's people, few
		if err := s.place(ctx, tx, by, sheet.ID, seat, p, on, false); err != nil {
			return err
		}
	}
	return nil
}

// formerPeople returns who acted for a structure on the last day of its last seat,
// and the first day on which a new one may open.
func formerPeople(ctx context.Context, tx pgx.Tx, id ID) ([]namedPerson, day.Day, error) {
	on, err := postgres.Value[day.Day](ctx, tx, `
		SELECT greatest(paris_today(), coalesce((SELECT max(upper(during)) FROM seat WHERE organisation_id = $1), paris_today()))`, id)
	if err != nil {
		return nil, on, postgres.Wrap(err, "last seat of structure %d", id)
	}
	people, err := postgres.List[namedPerson](ctx, tx, `
		WITH gone AS (SELECT max(upper(during)) AS ended FROM seat WHERE organisation_id = $1),
		held AS (
		    SELECT m.person_id, ''::text AS title, true AS in_charge, true AS manager
		    FROM seat s JOIN mandate m ON m.seat_id = s.id, gone g
		    WHERE s.organisation_id = $1 AND m.kind = 'titular' AND upper(m.during) = g.ended
		    UNION ALL
		    SELECT n.person_id, n.title, false, n.manager FROM membership n, gone g
		    WHERE n.organisation_id = $1 AND upper(n.during) = g.ended
		)
		SELECT p.first_name, p.last_name, p.email, h.title, h.in_charge, h.manager, p.id AS person_id
		FROM held h JOIN person p ON p.id = h.person_id ORDER BY h.in_charge DESC, p.id`, id)
	return people, on, postgres.Wrap(err, "former people of structure %d", id)
}

// ChangeCollege moves a structure to the other college, at once: a member's seat
// closes and another opens, so that past compositions stay. It is refused while the
// colleges are frozen (Freeze). Field: motif.
func (s *Service) ChangeCollege(ctx context.Context, by access.Actor, id ID, version int, reason string) error {
	if err := checkLifeText(reason, "Écrivez pourquoi le collège change : la structure le lira."); err != nil {
		return err
	}
	return s.live(ctx, by, id, version, func(tx pgx.Tx, sheet Sheet) error {
		if sheet.State != Accepted && !sheet.State.Waiting() {
			return changedMeanwhile(ctx, tx, id)
		}
		to := otherCollege(sheet.College)
		if sheet.State == Accepted { // a request is on no roll
			if err := refuseFrozen(ctx, tx); err != nil {
				return err
			}
			if err := refuseBetweenSeats(ctx, tx, id); err != nil {
				return err
			}
			if err := s.governance.ChangeCollege(ctx, tx, by, id, to, day.Today()); err != nil {
				return err
			}
		}
		if _, err := postgres.Exec(ctx, tx, `UPDATE structure SET college = $2, version = version + 1 WHERE organisation_id = $1`, id, string(to)); err != nil {
			return postgres.Wrap(err, "college of structure %d", id)
		}
		words := "De « " + sheet.College.Label() + " » à « " + to.Label() + " ». " + reason
		if err := step(ctx, tx, by, id, StepCollege, words); err != nil {
			return err
		}
		if err := record(ctx, tx, by, "college", sheet, map[string]any{"college": sheet.College}, map[string]any{"college": to, "motif": reason}); err != nil {
			return err
		}
		return s.tellCollege(ctx, tx, sheet, to, reason)
	})
}

// refuseBetweenSeats refuses to move a structure whose seat of today closes before
// the next one opens (it was to leave, and comes back): both cannot move at once.
func refuseBetweenSeats(ctx context.Context, tx pgx.Tx, id ID) error {
	next, err := postgres.Value[day.Day](ctx, tx, `
		SELECT (SELECT lower(n.during) FROM seat n WHERE n.organisation_id = $1 AND lower(n.during) > paris_today()
		        AND EXISTS (SELECT FROM seat s WHERE s.organisation_id = $1 AND s.during @> paris_today()))`, id)
	switch {
	case err != nil:
		return postgres.Wrap(err, "seats of structure %d", id)
	case !next.IsZero():
		return problem.New(problem.Conflict, "Un départ et un retour de cette structure sont déjà prévus : son collège pourra changer à partir du "+french.LongDate(next)+".")
	}
	return nil
}

// otherCollege is the one of the two that is not this one.
func otherCollege(c governance.College) governance.College {
	if c == governance.SocialAction {
		return governance.DigitalMediation
	}
	return governance.SocialAction
}

// tellCollege tells the people of the structure, or of the request.
func (s *Service) tellCollege(ctx context.Context, tx pgx.Tx, sheet Sheet, to governance.College, reason string) error {
	told, err := managers(ctx, tx, sheet.ID)
	if err == nil && sheet.State != Accepted {
		told, err = applicants(ctx, tx, sheet.ID)
	}
	if err != nil {
		return err
	}
	m := notify.Mail{
		Kind: "structure_college", Subject: "« " + sheet.Name + " » change de collège au GNI",
		Paragraphs: []string{
			"« " + sheet.Name + " » est maintenant dans le collège « " + to.Label() + " » du Groupe Numérique Inclusif (GNI), pour ce motif :",
			reason,
			"Elle vote désormais pour les cinq représentants de ce collège.",
		},
	}
	if sheet.State != Accepted {
		m.Why = whyApplicant
		m.Paragraphs[0] = "La demande d’inscription de « " + sheet.Name + " » au Groupe Numérique Inclusif (GNI) est maintenant pour le collège « " + to.Label() + " », pour ce motif :"
		m.Paragraphs[2] = "Si elle est acceptée, la structure votera pour les cinq représentants de ce collège."
	}
	return s.tellManagers(ctx, tx, told, m)
}

// live runs an act of the team on a structure, locked and as its page showed it.
func (s *Service) live(ctx context.Context, by access.Actor, id ID, version int, f func(tx pgx.Tx, sheet Sheet) error) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		sheet, err := lockForTeam(ctx, tx, id, version)
		if err != nil {
			return err
		}
		return f(tx, sheet)
	})
}

// tellManagers sends each the mail, which says why they receive it unless they manage
// the structure.
func (s *Service) tellManagers(ctx context.Context, tx pgx.Tx, to []recipient, m notify.Mail) error {
	if m.Why == "" {
		m.Why = whyManager
	}
	mails := make([]notify.Mail, len(to))
	for i, r := range to {
		mails[i] = m
		mails[i].ToAddress, mails[i].ToName = r.Email, r.Name
	}
	_, err := s.outbox.QueueMany(ctx, tx, typeset(mails))
	return err
}

// checkLifeText checks the reason of an act. Field: motif.
func checkLifeText(reason, missing string) error {
	switch {
	case reason == "":
		return problem.OnField("motif", missing)
	case utf8.RuneCountInString(reason) > MaxLifeText:
		return problem.OnField("motif", "Gardez "+french.Number(MaxLifeText)+" caractères au plus.")
	}
	return nil
}

// SheetForTeam returns the whole sheet of a structure, in any state.
func (s *Service) SheetForTeam(ctx context.Context, by access.Actor, id ID) (Sheet, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Sheet{}, err
	}
	return load(ctx, s.db, id)
}
