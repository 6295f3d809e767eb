package structure

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// PeoplePath is the address of the page of the people of a structure.
const PeoplePath = SpacePath + "/personnes"

// mostPeople is how many people may act for a structure: beyond, its accesses are
// no longer known by anybody.
const mostPeople = 50

var _ = notify.NameKinds(map[string]string{"structure_joined": "Accès ouvert à une structure", "structure_in_charge": "Changement de personne référente"})

var (
	errPersonGone  = problem.New(problem.Conflict, "Entre-temps, cette personne a cessé d’agir pour la structure : relisez la liste.")
	errLastManager = problem.New(problem.Conflict, "C’est la dernière personne qui gère la structure : donnez d’abord ce droit à quelqu’un d’autre.")
)

// SpacePerson is somebody who acts for a structure today.
type SpacePerson struct {
	Person     access.PersonID         `db:"person_id"`
	Membership governance.MembershipID `db:"membership_id"` // 0: holds its seat, or is its alternate
	Mandate    governance.MandateID    `db:"mandate_id"`    // 0: a member
	Name       string                  `db:"name"`
	Email      string                  `db:"email"`
	Title      string                  `db:"title"`
	InCharge   bool                    `db:"in_charge"`
	Manager    bool                    `db:"manager"` // the person in charge is one
	HasAccount bool                    `db:"has_account"`
	From       day.Day                 `db:"from_day"`
	Until      day.Day                 `db:"until_day"` // zero: open
}

// NextInCharge is who is to take charge of a structure, and from when.
type NextInCharge struct {
	Name string  `db:"name"`
	From day.Day `db:"from_day"`
}

func firstNext(list []NextInCharge) *NextInCharge {
	if len(list) == 0 {
		return nil
	}
	return &list[0]
}

const (
	spacePeopleSQL = `
		SELECT p.id AS person_id, x.membership_id, x.mandate_id, p.first_name || ' ' || p.last_name AS name, p.email, x.title,
		       x.in_charge, x.manager, EXISTS (SELECT FROM account a WHERE a.person_id = p.id AND a.password_hash IS NOT NULL) AS has_account,
		       lower(x.during) AS from_day, upper(x.during) AS until_day
		FROM (SELECT m.person_id, 0::bigint AS membership_id, m.id AS mandate_id, '' AS title, m.kind = 'titular' AS in_charge,
		             m.kind = 'titular' AS manager, m.during
		      FROM seat s JOIN mandate m ON m.seat_id = s.id
		      WHERE s.organisation_id = $1 AND s.kind = 'structure' AND m.during @> paris_today()
		      UNION ALL
		      SELECT n.person_id, n.id, 0, n.title, false, n.manager, n.during
		      FROM membership n WHERE n.organisation_id = $1 AND n.during @> paris_today()) x
		JOIN person p ON p.id = x.person_id
		ORDER BY x.in_charge DESC, x.manager DESC, fold(p.last_name), fold(p.first_name), p.id, x.membership_id`
	spaceNextSQL = `
		SELECT p.first_name || ' ' || p.last_name AS name, lower(m.during) AS from_day
		FROM seat s JOIN mandate m ON m.seat_id = s.id AND m.kind = 'titular' AND lower(m.during) > paris_today()
		JOIN person p ON p.id = m.person_id
		WHERE s.organisation_id = $1 AND s.kind = 'structure' ORDER BY lower(m.during) LIMIT 1`
)

// SpacePeople is the page of the people of a structure.
type SpacePeople struct {
	Right    Right
	Today    day.Day
	Name     string // of the structure
	People   []SpacePerson
	Next     *NextInCharge
	Requests []AccessRequest // that wait for an answer; for managers
}

// InCharge returns who holds the seat of the structure, nil when it is vacant.
func (v SpacePeople) InCharge() *SpacePerson {
	for i := range v.People {
		if v.People[i].InCharge {
			return &v.People[i]
		}
	}
	return nil
}

// Member returns the line of a membership, nil if it is not in course.
func (v SpacePeople) Member(id governance.MembershipID) *SpacePerson {
	for i := range v.People {
		if id != 0 && v.People[i].Membership == id {
			return &v.People[i]
		}
	}
	return nil
}

// Last tells whether the person is the only one who manages the structure.
func (v SpacePeople) Last(p SpacePerson) bool { return p.Manager && countManagers(v.People) == 1 }

// Candidates are those who may become the person in charge.
func (v SpacePeople) Candidates() []SpacePerson {
	var out []SpacePerson
	charge := v.InCharge()
	for _, p := range v.People {
		if p.Membership != 0 && (charge == nil || p.Person != charge.Person) {
			out = append(out, p)
		}
	}
	return out
}

// HandoverDay is when a change of the person in charge takes effect: today, or the
// day after the present one took charge.
func (v SpacePeople) HandoverDay() day.Day { return handoverDay(v.People, v.Today) }

func handoverDay(people []SpacePerson, today day.Day) day.Day {
	for _, p := range people {
		if p.InCharge && !today.After(p.From) {
			return p.From.AddDays(1)
		}
	}
	return today
}

// countManagers counts the people who manage the structure, each once.
func countManagers(people []SpacePerson) int {
	managing := map[access.PersonID]bool{}
	for _, p := range people {
		if p.Manager {
			managing[p.Person] = true
		}
	}
	return len(managing)
}

// People returns who acts for a structure, for those who act for it and for the
// team, in two round trips.
func (s *Service) People(ctx context.Context, by access.Actor, id ID) (SpacePeople, error) {
	right, err := require(ctx, s.db, by, id, Member)
	if err != nil {
		return SpacePeople{}, err
	}
	v := SpacePeople{Right: right}
	var next []NextInCharge
	var b postgres.Batch
	postgres.AddValue(&b, &v.Today, `SELECT paris_today()`)
	postgres.AddValue(&b, &v.Name, `SELECT name FROM organisation WHERE id = $1`, id)
	postgres.AddList(&b, &v.People, spacePeopleSQL, id)
	postgres.AddList(&b, &next, spaceNextSQL, id)
	if right >= Manager {
		addWaitingAccess(&b, &v.Requests, id)
	}
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "people of structure %d", id)
	}
	v.Next = firstNext(next)
	return v, nil
}

// peopleAct is an act on the people of a structure, once it may be done: the
// structure is locked, so that two people acting at once see what the other did.
type peopleAct struct {
	by     access.Actor
	sheet  Sheet
	today  day.Day
	people []SpacePerson
}

// onPeople runs an act of a manager on the people of a member of the GNI.
func (s *Service) onPeople(ctx context.Context, by access.Actor, id ID, do func(pgx.Tx, peopleAct) error) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		a, err := openPeople(ctx, tx, by, id)
		if err != nil {
			return err
		}
		return do(tx, a)
	})
}

// openPeople locks the structure and reads its people.
func openPeople(ctx context.Context, tx pgx.Tx, by access.Actor, id ID) (peopleAct, error) {
	a := peopleAct{by: by}
	if _, err := require(ctx, tx, by, id, Member); err != nil {
		return a, err
	}
	var err error
	if a.sheet, err = lock(ctx, tx, id, 0); err != nil {
		return a, err
	}
	if _, err := require(ctx, tx, by, id, Manager); err != nil { // as it stands once the lock is ours
		return a, err
	}
	if a.sheet.State != Accepted {
		return a, problem.New(problem.Conflict, "Cette structure n’est pas membre du GNI aujourd’hui : personne ne peut agir en son nom.")
	}
	if a.today, err = postgres.Value[day.Day](ctx, tx, `SELECT paris_today()`); err != nil {
		return a, postgres.Wrap(err, "today")
	}
	a.people, err = postgres.List[SpacePerson](ctx, tx, spacePeopleSQL, id)
	return a, postgres.Wrap(err, "people of structure %d", id)
}

// member returns the line of a membership in course.
func (a peopleAct) member(id governance.MembershipID) (SpacePerson, error) {
	if p := (SpacePeople{People: a.people}).Member(id); p != nil {
		return *p, nil
	}
	return SpacePerson{}, errPersonGone
}

// AddPerson brings somebody into the structure from today, and invites them to sign
// in. Who the portal knows by this address is taken as that person. Fields: prenom,
// nom, courriel, fonction.
func (s *Service) AddPerson(ctx context.Context, by access.Actor, id ID, c Contact) error {
	return s.onPeople(ctx, by, id, func(tx pgx.Tx, a peopleAct) error {
		joined, err := s.bring(ctx, tx, a, c)
		if err == nil && !joined {
			return problem.OnField("courriel", "La personne qui a cette adresse agit déjà pour votre structure.")
		}
		return err
	})
}

// knownPerson is whoever of the portal has an address.
type knownPerson struct {
	ID access.PersonID `db:"id"`
	// Active: signs in already, and is told; Closed: its account is, and it is told
	// nothing. Else it is invited.
	Active bool `db:"active"`
	Closed bool `db:"closed"`
}

// bring makes somebody a member of the structure from today, invites them when they
// cannot sign in yet, else tells them. joined is false when they act for it already.
func (s *Service) bring(ctx context.Context, tx pgx.Tx, a peopleAct, c Contact) (joined bool, err error) {
	if len(a.people) >= mostPeople {
		return false, problem.New(problem.Invalid, "Cinquante personnes agissent déjà pour la structure : retirez d’abord celles qui l’ont quittée.")
	}
	known, err := postgres.List[knownPerson](ctx, tx, `
		SELECT p.id, coalesce(a.password_hash IS NOT NULL AND a.disabled_at IS NULL, false) AS active,
		       coalesce(a.disabled_at IS NOT NULL OR a.email <> p.email, false) AS closed
		FROM person p LEFT JOIN account a ON a.person_id = p.id WHERE p.email = $1`, strings.ToLower(c.Email))
	if err != nil {
		return false, postgres.Wrap(err, "person of an address")
	}
	n := governance.NewMembership{Organisation: a.sheet.ID, Title: c.Title, Manager: c.Manager, From: a.today, Invite: true,
		Person: governance.PersonInput{First: c.First, Last: c.Last, Email: c.Email}}
	var k knownPerson
	if len(known) > 0 {
		k = known[0]
		n.Person, n.Invite = governance.PersonInput{ID: k.ID}, !k.Active && !k.Closed
		for _, p := range a.people {
			if p.Person == k.ID {
				return false, nil
			}
		}
	}
	if _, err := s.governance.Join(ctx, tx, a.by, n); err != nil {
		return false, err
	}
	if err := record(ctx, tx, a.by, "join", a.sheet, nil, map[string]any{"courriel": c.Email, "gestionnaire": c.Manager}); err != nil {
		return false, err
	}
	if !k.Active {
		return true, nil
	}
	return true, s.outbox.Queue(ctx, tx, joinedMail(a.sheet, c, s.baseURL))
}

// joinedMail tells somebody who signs in already that they act for a structure too.
func joinedMail(sheet Sheet, c Contact, baseURL string) notify.Mail {
	can := "Vous pouvez lire sa fiche, répondre en son nom aux convocations et confirmer que ses informations sont à jour."
	if c.Manager {
		can = "Vous pouvez modifier sa fiche, gérer les personnes qui agissent pour elle et répondre en son nom aux convocations."
	}
	return notify.Mail{
		Kind: "structure_joined", ToAddress: c.Email,
		Subject: french.Typo("Vous agissez maintenant pour « " + sheet.Name + " »"),
		Paragraphs: []string{
			french.Typo("Une personne de « " + sheet.Name + " », membre du Groupe Numérique Inclusif (GNI), vous a ouvert l’accès à son espace."),
			french.Typo(can + " Si vous avez plusieurs rôles, choisissez celui-ci en haut de la page."),
		},
		Action: "Ouvrir mon compte", Link: baseURL + "/mon-compte",
		Why: french.Typo("Vous recevez ce message parce que vous agissez désormais pour cette structure."),
	}
}

// RemovePerson ends today what somebody does for the structure. Nobody removes the
// last manager, themselves included; the person in charge is replaced, not removed.
func (s *Service) RemovePerson(ctx context.Context, by access.Actor, id ID, m governance.MembershipID) error {
	return s.onPeople(ctx, by, id, func(tx pgx.Tx, a peopleAct) error {
		p, err := a.member(m)
		if err != nil {
			return err
		}
		if (SpacePeople{People: a.people}).Last(p) {
			return errLastManager
		}
		if err := s.governance.Unjoin(ctx, tx, by, id, m, a.today); err != nil {
			return err
		}
		return record(ctx, tx, by, "unjoin", a.sheet, map[string]any{"personne": p.Name, "fonction": p.Title, "gestionnaire": p.Manager}, nil)
	})
}

// SetManager gives or takes back the right to change the sheet and the people.
// Nobody takes it from the last who has it.
func (s *Service) SetManager(ctx context.Context, by access.Actor, id ID, m governance.MembershipID, manager bool) error {
	return s.onPeople(ctx, by, id, func(tx pgx.Tx, a peopleAct) error {
		p, err := a.member(m)
		switch {
		case err != nil:
			return err
		case p.Manager == manager:
			return nil
		case !manager && (SpacePeople{People: a.people}).Last(p):
			return errLastManager
		}
		return setManager(ctx, tx, a, p, manager)
	})
}

func setManager(ctx context.Context, tx pgx.Tx, a peopleAct, p SpacePerson, manager bool) error {
	if _, err := postgres.Exec(ctx, tx, `UPDATE membership SET manager = $2, version = version + 1 WHERE id = $1`, p.Membership, manager); err != nil {
		return postgres.Wrap(err, "rights of membership %d", p.Membership)
	}
	return record(ctx, tx, a.by, "manage", a.sheet, map[string]any{"personne": p.Name, "gestionnaire": p.Manager},
		map[string]any{"personne": p.Name, "gestionnaire": manager})
}
