package structure

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Handover is a change of the person in charge of a structure.
type Handover struct {
	Member governance.MembershipID // who takes charge, among its people
	// Seen is the mandate the page showed as the one in course; 0 when it was vacant.
	Seen governance.MandateID
}

// HandOver gives the seat of the structure to one of its people, from today, or from
// the day after the present one took charge. Who leaves it keeps managing the
// structure. Field: membre.
func (s *Service) HandOver(ctx context.Context, by access.Actor, id ID, h Handover) error {
	return s.onPeople(ctx, by, id, func(tx pgx.Tx, a peopleAct) error {
		to, err := a.member(h.Member)
		if err != nil {
			return err
		}
		before := (SpacePeople{People: a.people}).InCharge()
		if err := a.mayHandOver(ctx, tx, before, to, h.Seen); err != nil {
			return err
		}
		on := handoverDay(a.people, a.today)
		if err := s.appoint(ctx, tx, a, before, to, on); err != nil {
			return err
		}
		return s.tellHandover(ctx, tx, a, before, to, on)
	})
}

// mayHandOver refuses what another person did meanwhile.
func (a peopleAct) mayHandOver(ctx context.Context, tx pgx.Tx, before *SpacePerson, to SpacePerson, seen governance.MandateID) error {
	var now governance.MandateID
	if before != nil {
		now = before.Mandate
	}
	switch {
	case now != seen:
		return problem.New(problem.Conflict, "Entre-temps, la personne référente a changé : relisez la liste.")
	case before != nil && before.Person == to.Person:
		return problem.OnField("membre", to.Name+" est déjà la personne référente.")
	}
	next, err := postgres.List[NextInCharge](ctx, tx, spaceNextSQL, a.sheet.ID)
	if err == nil && len(next) > 0 {
		return problem.New(problem.Conflict, "Un changement est déjà prévu : "+next[0].Name+" devient la personne référente le "+french.Date(next[0].From)+".")
	}
	return postgres.Wrap(err, "next person in charge")
}

// appoint moves the seat, and the memberships of both with it.
func (s *Service) appoint(ctx context.Context, tx pgx.Tx, a peopleAct, before *SpacePerson, to SpacePerson, on day.Day) error {
	seats, err := postgres.Values[governance.SeatID](ctx, tx, `
		SELECT id FROM seat WHERE organisation_id = $1 AND kind = 'structure' AND during @> paris_today()`, a.sheet.ID)
	switch {
	case err != nil:
		return postgres.Wrap(err, "seat of structure %d", a.sheet.ID)
	case len(seats) == 0:
		return problem.New(problem.Conflict, "Le siège de votre structure au GNI n’est pas ouvert aujourd’hui.")
	}
	m := governance.NewMandate{Seat: seats[0], Person: governance.PersonInput{ID: to.Person}, Kind: governance.Titular, From: on,
		Designation: "Personne référente de la structure", ReplacesCurrent: before != nil}
	if before != nil {
		m.Seen = before.Mandate
	}
	if _, err := s.governance.Appoint(ctx, tx, a.by, m); err != nil {
		return err
	}
	if err := s.governance.Unjoin(ctx, tx, a.by, a.sheet.ID, to.Membership, on); err != nil {
		return err
	}
	if before == nil {
		return nil
	}
	for _, p := range a.people {
		if p.Person == before.Person && p.Membership != 0 { // was a member besides
			if p.Manager {
				return nil
			}
			return setManager(ctx, tx, a, p, true)
		}
	}
	_, err = s.governance.Join(ctx, tx, a.by, governance.NewMembership{Organisation: a.sheet.ID,
		Person: governance.PersonInput{ID: before.Person}, Manager: true, From: on})
	return err
}

// tellHandover writes the story and the journal, and tells both.
func (s *Service) tellHandover(ctx context.Context, tx pgx.Tx, a peopleAct, before *SpacePerson, to SpacePerson, on day.Day) error {
	note, was := "Personne référente : "+to.Name, map[string]any{}
	if before != nil {
		note += ", après " + before.Name
		was["personne"] = before.Name
	}
	if err := step(ctx, tx, a.by, a.sheet.ID, StepChanged, note+", à partir du "+french.Date(on)+"."); err != nil {
		return err
	}
	if err := record(ctx, tx, a.by, "in_charge", a.sheet, was, map[string]any{"personne": to.Name, "debut": on}); err != nil {
		return err
	}
	var mails []notify.Mail
	if to.Email != "" && to.Person != a.by.Person {
		mails = append(mails, s.handoverMail(a.sheet, to, "Vous êtes la personne référente de « "+a.sheet.Name+" » à partir du "+french.LongDate(on)+
			" : vous recevez ses convocations et vous gérez sa fiche et ses accès."))
	}
	if before != nil && before.Email != "" && before.Person != a.by.Person {
		mails = append(mails, s.handoverMail(a.sheet, *before, to.Name+" vous succède comme personne référente de « "+a.sheet.Name+" » à partir du "+
			french.LongDate(on)+". Vous continuez à gérer la fiche et les accès de la structure."))
	}
	_, err := s.outbox.QueueMany(ctx, tx, mails)
	return err
}

func (s *Service) handoverMail(sheet Sheet, to SpacePerson, text string) notify.Mail {
	return notify.Mail{
		Kind: "structure_in_charge", ToAddress: to.Email, ToName: to.Name,
		Subject:    french.Typo("Nouvelle personne référente – " + sheet.Name),
		Paragraphs: []string{french.Typo(text)},
		Action:     "Voir l’espace de la structure", Link: s.baseURL + SpacePath, Why: whyManager,
	}
}
