package structure

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Application is a request as its applicant reads it, without an account: never the
// team's notes, nor anything of another structure.
type Application struct {
	Sheet    Sheet
	Contacts []Contact
	Story    []Step
	Communes []CommuneChoice
	Name     string // whom the link was sent to
}

// Editable tells whether the applicant may still change the sheet: while nothing is
// decided.
func (a Application) Editable() bool { return a.Sheet.State.Waiting() }

// Told tells whether the link still shows the request: until it is accepted, merged or
// taken back. Then the sheet is a member's, whose people sign in, and who holds an old
// link may no longer be one of them.
func (a Application) Told() bool {
	return a.Editable() || a.Sheet.State == Unconfirmed || a.Sheet.State == Refused
}

// Question is what the team asks, nil when it waits for nothing.
func (a Application) Question() *Step {
	if a.Sheet.State != MoreAsked {
		return nil
	}
	i := slices.IndexFunc(a.Story, func(s Step) bool { return s.Kind == StepAsked })
	if i < 0 {
		return nil
	}
	return &a.Story[i]
}

// Refusal is the decision against the request, nil when there is none in force.
func (a Application) Refusal() *Step {
	if a.Sheet.State != Refused {
		return nil
	}
	i := slices.IndexFunc(a.Story, func(s Step) bool { return s.Kind == StepRefused })
	if i < 0 {
		return nil
	}
	return &a.Story[i]
}

// ApplicationSections are the sections an applicant may change: those of the sheet
// and, nothing being decided, the college.
var ApplicationSections = []Section{Identity, Place, ByCollege, Offer, Welcome, Networks, Consents}

// Application returns the request a personal link leads to, in two round trips.
func (s *Service) Application(ctx context.Context, token string) (Application, error) {
	var v Application
	link, err := readLink(ctx, s.db, ForApplication, token)
	if err != nil {
		return v, err
	}
	v.Name = link.Name
	var b postgres.Batch
	postgres.AddOne(&b, &v.Sheet, sheetSQL+` WHERE s.organisation_id = $1`, link.Structure)
	addContactsOf(&b, &v.Contacts, link.Structure)
	postgres.AddList(&b, &v.Story, ownStorySQL, link.Structure)
	AddCommuneChoices(&b, &v.Communes)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "application %d", link.Structure)
	}
	switch {
	case v.Sheet.State == Suspended || v.Sheet.State == Left:
		return Application{}, errGone
	case !v.Told():
		v.Sheet = Sheet{ID: v.Sheet.ID, Name: v.Sheet.Name, State: v.Sheet.State, College: v.Sheet.College}
		v.Contacts, v.Story = nil, nil
	}
	return v, nil
}

// ownStorySQL is the story of a request alone: of another that was merged into it, by
// other people, its applicant reads nothing.
const ownStorySQL = `
	SELECT kind, note, by_name, by_team, at FROM structure_step
	WHERE structure_id = $1 AND kind NOT IN ('note', 'absorbed') ORDER BY at DESC, id DESC LIMIT 200`

// applicant is who acts by a personal link: nobody signed in, under the name the
// link was sent to.
func applicant(by access.Actor, link linkRow) access.Actor {
	return access.Actor{Name: link.Name, RequestID: by.RequestID}
}

var errDecidedAlready = problem.New(problem.Conflict, "Votre demande a reçu sa réponse entre-temps : elle ne peut plus changer ici. Relisez cette page.")

// byApplication runs f on the request a link leads to, while nothing is decided.
func (s *Service) byApplication(ctx context.Context, by access.Actor, token string,
	f func(tx pgx.Tx, by access.Actor, sheet Sheet) error) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		link, err := readLink(ctx, tx, ForApplication, token)
		if err != nil {
			return err
		}
		sheet, err := lock(ctx, tx, link.Structure, 0)
		switch {
		case err != nil:
			return err
		case !sheet.State.Waiting():
			return errDecidedAlready
		}
		return f(tx, applicant(by, link), sheet)
	})
}

// AnswerTeam answers the team's question: the request is in the queue again. The
// same answer sent twice is one. Field: reponse.
func (s *Service) AnswerTeam(ctx context.Context, by access.Actor, token, answer string) error {
	if err := checkDecisionText("reponse", "Écrivez votre réponse.", answer); err != nil {
		return err
	}
	return s.byApplication(ctx, by, token, func(tx pgx.Tx, by access.Actor, sheet Sheet) error {
		if sheet.State == MoreAsked {
			return s.turn(ctx, tx, by, sheet, Submitted, StepAnswered, "answer", answer)
		}
		said, err := postgres.Value[bool](ctx, tx, `
			SELECT coalesce((SELECT kind = 'answered' AND note = $2 FROM structure_step
			                 WHERE structure_id = $1 AND kind <> 'note' ORDER BY id DESC LIMIT 1), false)`, sheet.ID, answer)
		switch {
		case err != nil:
			return postgres.Wrap(err, "last answer of structure %d", sheet.ID)
		case said: // a double click: nobody's form has a key (web/once)
			return nil
		}
		return problem.New(problem.Conflict, "L’équipe n’attend plus de réponse : votre demande est déjà de nouveau à examiner.")
	})
}

// ChangeApplication writes one section of the sheet of a request, by its personal
// link. Fields: those of Sheet.Check.
func (s *Service) ChangeApplication(ctx context.Context, by access.Actor, token string, sheet Sheet, section Section) error {
	if !slices.Contains(ApplicationSections, section) {
		return ErrNotFound
	}
	return s.byApplication(ctx, by, token, func(tx pgx.Tx, by access.Actor, old Sheet) error {
		return s.updateSection(ctx, tx, by, old, sheet, section)
	})
}

// Withdraw takes a request back, by its personal link: the people it named are
// forgotten, its SIRET is free again. Twice is once.
func (s *Service) Withdraw(ctx context.Context, by access.Actor, token string) error {
	err := s.byApplication(ctx, by, token, func(tx pgx.Tx, by access.Actor, sheet Sheet) error {
		if err := s.turn(ctx, tx, by, sheet, Lapsed, StepLapsed, "lapse", "Demande retirée par la structure."); err != nil {
			return err
		}
		_, err := takeContacts(ctx, tx, sheet.ID)
		return err
	})
	if err != errDecidedAlready {
		return err
	}
	if a, e := s.Application(ctx, token); e == nil && a.Sheet.State == Lapsed {
		return nil
	}
	return err
}
