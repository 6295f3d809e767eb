package structure

import (
	"context"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// MaxDecisionText is how many characters a question, a reason or a note holds.
const MaxDecisionText = 1500

// Accept makes the structure of a request a member of the GNI from a day on. version
// is that of the page the team decided on. Fields: debut.
func (s *Service) Accept(ctx context.Context, by access.Actor, id ID, version int, on day.Day) error {
	if err := checkEntry(on); err != nil {
		return err
	}
	return s.decide(ctx, by, id, version, func(tx pgx.Tx, sheet Sheet) error {
		to, err := applicants(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.enter(ctx, tx, by, sheet, on, true); err != nil {
			return err
		}
		if err := step(ctx, tx, by, id, StepAccepted, entryWords(on)); err != nil {
			return err
		}
		if err := record(ctx, tx, by, "accept", sheet, stateRecord{State: sheet.State}, stateRecord{State: Accepted, On: on}); err != nil {
			return err
		}
		_, err = s.outbox.QueueMany(ctx, tx, s.acceptedMails(sheet, to, on))
		return err
	})
}

// entryWords is what the story says of an entry that is not the day of the act.
func entryWords(on day.Day) string {
	if on == day.Today() {
		return ""
	}
	return "Entrée le " + french.LongDate(on) + "."
}

// checkEntry refuses a day on which no structure can enter.
func checkEntry(on day.Day) error {
	switch {
	case on.IsZero():
		return problem.OnField("debut", "Saisissez la date d’entrée dans le GNI.")
	case on.Before(governance.Founded):
		return problem.OnField("debut", "La gouvernance existe depuis le "+french.Date(governance.Founded)+" : choisissez une date à partir de ce jour.")
	}
	return nil
}

// Ask puts a question to the applicant: the request waits for the answer. Field:
// question.
func (s *Service) Ask(ctx context.Context, by access.Actor, id ID, version int, question string) error {
	if err := checkDecisionText("question", "Écrivez ce que vous demandez à la structure.", question); err != nil {
		return err
	}
	return s.decide(ctx, by, id, version, func(tx pgx.Tx, sheet Sheet) error {
		if err := s.turn(ctx, tx, by, sheet, MoreAsked, StepAsked, "ask", question); err != nil {
			return err
		}
		return s.tellApplicants(ctx, tx, sheet, s.askedMail(sheet, question))
	})
}

// Refuse closes a request, with a reason that the applicant reads. Field: motif.
func (s *Service) Refuse(ctx context.Context, by access.Actor, id ID, version int, reason string) error {
	if err := checkDecisionText("motif", "Écrivez le motif du refus : la structure le lira.", reason); err != nil {
		return err
	}
	return s.decide(ctx, by, id, version, func(tx pgx.Tx, sheet Sheet) error {
		if err := s.turn(ctx, tx, by, sheet, Refused, StepRefused, "refuse", reason); err != nil {
			return err
		}
		return s.tellApplicants(ctx, tx, sheet, s.refusedMail(sheet, reason))
	})
}

// Reopen puts a refused request back in the queue. It is refused when the same
// SIRET has registered again meanwhile.
func (s *Service) Reopen(ctx context.Context, by access.Actor, id ID, version int, reason string) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	if utf8.RuneCountInString(reason) > MaxDecisionText {
		return errDecisionTooLong("mot")
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		sheet, err := lockForTeam(ctx, tx, id, version)
		switch {
		case err != nil:
			return err
		case sheet.State != Refused:
			return changedMeanwhile(ctx, tx, id)
		}
		err = s.turn(ctx, tx, by, sheet, Submitted, StepReopened, "reopen", reason)
		if err == errSIRET {
			return problem.New(problem.Conflict, "Une autre fiche porte ce SIRET : cette structure s’est inscrite de nouveau. Examinez l’autre fiche.")
		}
		if err != nil {
			return err
		}
		return s.tellApplicants(ctx, tx, sheet, s.reopenedMail(sheet, reason))
	})
}

// Note keeps a line for the team alone in the story of a structure. Field: note.
func (s *Service) Note(ctx context.Context, by access.Actor, id ID, text string) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	if err := checkDecisionText("note", "Écrivez la note.", text); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		sheet, err := lock(ctx, tx, id, 0)
		if err != nil {
			return err
		}
		if err := step(ctx, tx, by, id, StepNote, text); err != nil {
			return err
		}
		return record(ctx, tx, by, "note", sheet, nil, stateRecord{State: sheet.State, Word: text})
	})
}

// stateRecord is a decision as the journal keeps it.
type stateRecord struct {
	State State   `json:"etat"`
	On    day.Day `json:"debut,omitzero"`
	Word  string  `json:"mot,omitempty"`
}

// decide runs f on a request that waits, as the page showed it; who comes second is
// told what was done, and by whom.
func (s *Service) decide(ctx context.Context, by access.Actor, id ID, version int, f func(tx pgx.Tx, sheet Sheet) error) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		sheet, err := lockForTeam(ctx, tx, id, version)
		switch {
		case err != nil:
			return err
		case !sheet.State.Waiting():
			return changedMeanwhile(ctx, tx, id)
		}
		return f(tx, sheet)
	})
}

// lockForTeam is lock, whose refusal says what happened meanwhile.
func lockForTeam(ctx context.Context, tx pgx.Tx, id ID, version int) (Sheet, error) {
	sheet, err := lock(ctx, tx, id, version)
	if err == errStale {
		return sheet, changedMeanwhile(ctx, tx, id)
	}
	return sheet, err
}

// changedMeanwhile is the refusal of an act on a structure that changed since its page was
// shown.
func changedMeanwhile(ctx context.Context, q postgres.Querier, id ID) error {
	last, err := postgres.One[Step](ctx, q, `
		SELECT kind, note, by_name, by_team, at FROM structure_step
		WHERE structure_id = $1 AND kind <> 'note' ORDER BY id DESC LIMIT 1`, id)
	switch {
	case postgres.IsNoRows(err):
		return errStale
	case err != nil:
		return postgres.Wrap(err, "last step of structure %d", id)
	}
	who := ""
	if last.By != "" {
		who = ", par " + last.By
	}
	return problem.New(problem.Conflict, "Cette fiche a changé entre-temps : « "+last.Kind.Label()+" »"+who+", "+french.DateTime(last.At)+
		". Rien n’a été enregistré de votre côté : relisez-la, puis décidez si c’est encore utile.")
}

// turn moves a structure to a state, tells its story and journals it.
func (s *Service) turn(ctx context.Context, tx pgx.Tx, by access.Actor, sheet Sheet, to State, kind StepKind, action, word string) error {
	if err := setState(ctx, tx, sheet.ID, to); err != nil {
		return err
	}
	if err := step(ctx, tx, by, sheet.ID, kind, word); err != nil {
		return err
	}
	return record(ctx, tx, by, action, sheet, stateRecord{State: sheet.State}, stateRecord{State: to, Word: word})
}

// checkDecisionText refuses an empty text, and one that is too long.
func checkDecisionText(field, missing, text string) error {
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return problem.OnField(field, missing)
	case n > MaxDecisionText:
		return errDecisionTooLong(field)
	}
	return nil
}

func errDecisionTooLong(field string) error {
	return problem.OnField(field, "Gardez "+french.Number(MaxDecisionText)+" caractères au plus.")
}
