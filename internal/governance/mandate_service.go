package governance

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// StartMandate gives a seat to somebody, from a day. It refuses a seat already
// held that day unless ReplacesCurrent, an alternate without a titular, dates
// outside the life of the seat, and a person who is both titular and alternate.
// Fields: siege, personne, prenom, nom, courriel, debut, echeance, designation,
// reference, qualite.
func (s *Service) StartMandate(ctx context.Context, by access.Actor, m NewMandate) (Started, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Started{}, err
	}
	var done Started
	err := s.write(ctx, func(tx pgx.Tx) (err error) {
		done, err = s.startMandate(ctx, tx, by, m)
		return err
	})
	return done, err
}

// ReplaceChair replaces the holder of the Présidente's or the conseillère's seat
// in one act: neither is left empty in between.
func (s *Service) ReplaceChair(ctx context.Context, by access.Actor, m NewMandate) (Started, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Started{}, err
	}
	m.Kind, m.ReplacesCurrent = Titular, true
	var done Started
	err := s.write(ctx, func(tx pgx.Tx) error {
		p, err := lockSeat(ctx, tx, m.Seat)
		if err != nil {
			return err
		}
		if !p.Kind.Chairs() {
			return problem.OnField("siege", "Ce siège ne préside aucune instance.")
		}
		done, err = s.startMandate(ctx, tx, by, m)
		return err
	})
	return done, err
}

// DesignateAlternate names the alternate of a seat that has a titular.
func (s *Service) DesignateAlternate(ctx context.Context, by access.Actor, m NewMandate) (Started, error) {
	m.Kind = Alternate
	return s.StartMandate(ctx, by, m)
}

// startMandate is StartMandate inside a transaction.
func (s *Service) startMandate(ctx context.Context, tx pgx.Tx, by access.Actor, m NewMandate) (Started, error) {
	if !slices.Contains(MandateKinds, m.Kind) {
		return Started{}, problem.OnField("qualite", "Choisissez titulaire ou suppléant.")
	}
	if err := checkWords(m.Designation, m.Reference); err != nil {
		return Started{}, err
	}
	p, err := lockSeat(ctx, tx, m.Seat)
	if err != nil {
		return Started{}, err
	}
	held, err := tenuresOf(ctx, tx, p.ID)
	if err != nil {
		return Started{}, err
	}
	plan, err := held.plan(p, m, m.Person.ID)
	if err != nil {
		return Started{}, err
	}
	person, err := resolvePerson(ctx, tx, by, m.Person)
	if err != nil {
		return Started{}, err
	}
	done := Started{Person: person}
	if plan.replace != nil {
		done.Replaced = plan.replace.name()
		if err := endTenure(ctx, tx, by, p, *plan.replace, m.From, "remplacement"); err != nil {
			return Started{}, err
		}
	}
	if plan.promote != nil {
		done.Promoted = true
		if err := endTenure(ctx, tx, by, p, *plan.promote, m.From, "devient titulaire"); err != nil {
			return Started{}, err
		}
	}
	t := tenure{Seat: p.ID, Person: person.ID, First: person.First, Last: person.Last, Kind: m.Kind, From: m.From,
		Until: plan.until, TermEndsOn: m.TermEndsOn, Designation: m.Designation, Reference: m.Reference}
	if t.ID, err = insertMandate(ctx, tx, t); err != nil {
		return Started{}, err
	}
	done.Mandate = t.ID
	if err := journal(ctx, tx, by, "mandate.start", p, t, nil, t.record()); err != nil {
		return Started{}, err
	}
	if m.Invite {
		if person.Email == "" {
			return Started{}, problem.OnField("courriel", "Saisissez une adresse pour envoyer l’invitation.")
		}
		return done, s.invite(ctx, tx, by, person)
	}
	return done, nil
}

// endTenure ends a mandate on a day after its first and journals it.
func endTenure(ctx context.Context, tx pgx.Tx, by access.Actor, p place, t tenure, on day.Day, reason string) error {
	before := t.record()
	t.Until = on
	if err := updateMandate(ctx, tx, t); err != nil {
		return err
	}
	after := t.record()
	after.Reason = reason
	return journal(ctx, tx, by, "mandate.end", p, t, before, after)
}

// dropTenure removes a mandate that never began and journals it.
func dropTenure(ctx context.Context, tx pgx.Tx, by access.Actor, p place, t tenure, reason string) error {
	if err := deleteMandate(ctx, tx, t.ID); err != nil {
		return err
	}
	before := t.record()
	before.Reason = reason
	return journal(ctx, tx, by, "mandate.cancel", p, t, before, nil)
}

func journal(ctx context.Context, tx pgx.Tx, by access.Actor, action string, p place, t tenure, before, after any) error {
	return audit.Record(ctx, tx, by, audit.Entry{Action: action, Object: "seat", ID: int64(p.ID),
		Label: p.Label + " : " + t.name(), Before: before, After: after})
}

// EndMandate ends a mandate on a day: the person is no longer in office on it.
// Ending a titular who has no successor that day ends the alternate too. It
// refuses a day before the mandate's second, and a chair's seat left empty
// unless that is confirmed. Fields: fin, motif, confirmation.
func (s *Service) EndMandate(ctx context.Context, by access.Actor, e EndOfMandate) (Ended, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Ended{}, err
	}
	var done Ended
	err := s.write(ctx, func(tx pgx.Tx) error {
		p, held, t, err := lockMandate(ctx, tx, e.ID, e.Version)
		if err != nil {
			return err
		}
		if err := held.checkEnd(p, t, e); err != nil {
			return err
		}
		done = Ended{Seat: p.ID, Person: t.name()}
		if err := endTenure(ctx, tx, by, p, t, e.On, e.Reason); err != nil {
			return err
		}
		if t.Kind == Titular {
			done.Alternate, err = endUncovered(ctx, tx, by, p, held, t.ID, e.On)
		}
		return err
	})
	return done, err
}

// endUncovered ends or removes the alternates left without a titular when the
// mandate id ends on a day; it returns the name of the one who was in office.
func endUncovered(ctx context.Context, tx pgx.Tx, by access.Actor, p place, held history, id MandateID, on day.Day) (string, error) {
	shortened := slices.Clone(held)
	for i := range shortened {
		if shortened[i].ID == id {
			shortened[i].Until = on
		}
	}
	var name string
	for _, a := range shortened {
		if a.Kind != Alternate {
			continue
		}
		until, ok := shortened.covered(a.From)
		var err error
		switch {
		case !ok:
			err = dropTenure(ctx, tx, by, p, a, "le titulaire part avant")
		case !until.IsZero() && (a.Until.IsZero() || a.Until.After(until)):
			name = a.name()
			err = endTenure(ctx, tx, by, p, a, until, "fin du mandat du titulaire")
		}
		if err != nil {
			return "", err
		}
	}
	return name, nil
}

// CorrectMandate puts right what was typed wrong. The journal says correction,
// and no mandate begins or ends. Fields: debut, fin, echeance, designation,
// reference, prenom, nom.
func (s *Service) CorrectMandate(ctx context.Context, by access.Actor, c Correction) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	return s.write(ctx, func(tx pgx.Tx) error {
		p, _, t, err := lockMandate(ctx, tx, c.ID, c.Version)
		if err != nil {
			return err
		}
		if err := checkWords(c.Designation, c.Reference); err != nil {
			return err
		}
		if c.Until.IsZero() && !p.Until.IsZero() {
			c.Until = p.Until
		}
		if err := checkDates(p, c.From, c.Until, c.TermEndsOn); err != nil {
			return err
		}
		before := t.record()
		if c.First != "" || c.Last != "" {
			person, err := correctName(ctx, tx, by, t.Person, c)
			if err != nil {
				return err
			}
			t.First, t.Last = person.First, person.Last
		}
		t.From, t.Until, t.TermEndsOn, t.Designation, t.Reference = c.From, c.Until, c.TermEndsOn, c.Designation, c.Reference
		if err := updateMandate(ctx, tx, t); err != nil {
			return err
		}
		return journal(ctx, tx, by, "mandate.correct", p, t, before, t.record())
	})
}

// CancelMandate removes a mandate that has not begun, with what it planned. It
// refuses one that has begun: that one is ended or corrected.
func (s *Service) CancelMandate(ctx context.Context, by access.Actor, id MandateID, version int) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	return s.write(ctx, func(tx pgx.Tx) error {
		p, held, t, err := lockMandate(ctx, tx, id, version)
		if err != nil {
			return err
		}
		if !t.From.After(p.Today) {
			return problem.New(problem.Invalid, "Ce mandat a commencé : terminez-le, ou corrigez-le s’il a été mal saisi.")
		}
		if t.Kind == Titular {
			if _, err := endUncovered(ctx, tx, by, p, held, t.ID, t.From); err != nil {
				return err
			}
		}
		return dropTenure(ctx, tx, by, p, t, "annulé avant son début")
	})
}
