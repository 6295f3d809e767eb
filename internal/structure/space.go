package structure

import (
	"context"
	"slices"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// SpacePath is the address of the space of the structure acted for.
const SpacePath = "/ma-structure"

// Space is a structure as its own people see it.
type Space struct {
	Right           Right
	Today           day.Day
	Sheet           Sheet
	SeatFrom        day.Day // of its seat in the GNI; zero: none is open
	SeatUntil       day.Day // the day it closes; zero: not known
	People          []SpacePerson
	Next            *NextInCharge // who is to take charge, nil if nobody
	Waiting         int           // access requests to answer
	Representatives []Representative
	Consents        []ConsentInForce
	Steps           []Step
}

// Gaps returns what is missing in the sheet.
func (v Space) Gaps() []SheetGap { return v.Sheet.Gaps() }

// Representative is a seat of the college at the CMTIN, as it stands today.
type Representative struct {
	Rank   int     `db:"rank"`
	Holder string  `db:"holder"` // "" when vacant
	Since  day.Day `db:"since"`
	Ours   bool    `db:"ours"` // held by somebody of the structure
}

// ConsentInForce is the answer in force to a use of the structure's data, and since when.
type ConsentInForce struct {
	Use     Use       `db:"use"`
	Given   bool      `db:"given"`
	Wording string    `db:"wording"`
	By      string    `db:"by_name"`
	At      time.Time `db:"at"`
}

// ownSpace returns the structure the actor acts for.
func ownSpace(by access.Actor) (ID, error) {
	if !by.SignedIn() || !by.Is(access.Structure) || by.Acting.Organisation == 0 {
		return 0, ErrNotFound
	}
	return by.Acting.Organisation, nil
}

// Space returns the structure acted for, in one round trip; also puts what other areas
// know of it in the same one. ErrNotFound for who acts for none.
func (s *Service) Space(ctx context.Context, by access.Actor, also func(*postgres.Batch)) (Space, error) {
	id, err := ownSpace(by)
	if err != nil {
		return Space{}, err
	}
	var v Space
	var b postgres.Batch
	var sheets []Sheet
	var seats []spaceSeat
	var next []NextInCharge
	postgres.AddList(&b, &sheets, sheetSQL+` WHERE s.organisation_id = $1`, id)
	postgres.AddList(&b, &seats, spaceSeatSQL, id)
	postgres.AddList(&b, &v.People, spacePeopleSQL, id)
	postgres.AddList(&b, &next, spaceNextSQL, id)
	postgres.AddValue(&b, &v.Waiting, `SELECT count(*)::int FROM access_request WHERE structure_id = $1 AND state = 'waiting'`, id)
	addRepresentatives(&b, &v.Representatives, id)
	postgres.AddList(&b, &v.Consents, `
		SELECT DISTINCT ON (use) use, given, wording, by_name, at FROM structure_consent
		WHERE structure_id = $1 ORDER BY use, id DESC`, id)
	postgres.AddList(&b, &v.Steps, storySQL, id, false)
	if also != nil {
		also(&b)
	}
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "space of structure %d", id)
	}
	if len(sheets) == 0 {
		return v, ErrNotFound
	}
	v.Sheet, v.Today, v.SeatFrom, v.SeatUntil = sheets[0], seats[0].Today, seats[0].From, seats[0].Until
	v.Next, v.Right = firstNext(next), spaceRight(by, v.People)
	return v, nil
}

// SheetToChange returns a sheet and the communes it may choose from, for who manages
// the structure and for the team, in two round trips.
func (s *Service) SheetToChange(ctx context.Context, by access.Actor, id ID) (Sheet, []CommuneChoice, error) {
	if _, err := require(ctx, s.db, by, id, Manager); err != nil {
		return Sheet{}, nil, err
	}
	var b postgres.Batch
	var sheets []Sheet
	var communes []CommuneChoice
	postgres.AddList(&b, &sheets, sheetSQL+` WHERE s.organisation_id = $1`, id)
	AddCommuneChoices(&b, &communes)
	if err := b.Run(ctx, s.db); err != nil {
		return Sheet{}, nil, postgres.Wrap(err, "sheet %d to change", id)
	}
	if len(sheets) == 0 {
		return Sheet{}, nil, ErrNotFound
	}
	return sheets[0], communes, nil
}

// DepartureDay is the first day on which the seat of the structure may close: today,
// or the day after it opened.
func (v Space) DepartureDay() day.Day {
	if !v.SeatFrom.IsZero() && !v.Today.After(v.SeatFrom) {
		return v.SeatFrom.AddDays(1)
	}
	return v.Today
}

// OurRepresentative returns the seat of the CMTIN that somebody of the structure
// holds, nil if none.
func (v Space) OurRepresentative() *Representative {
	for i := range v.Representatives {
		if v.Representatives[i].Ours {
			return &v.Representatives[i]
		}
	}
	return nil
}

// spaceSeat is the seat a structure has or will have.
type spaceSeat struct {
	Today day.Day `db:"today"`
	From  day.Day `db:"from_day"`
	Until day.Day `db:"until_day"`
}

const spaceSeatSQL = `
	SELECT t.today, lower(s.during) AS from_day, upper(s.during) AS until_day
	FROM (SELECT paris_today() AS today) t LEFT JOIN LATERAL (
	    SELECT during FROM seat WHERE organisation_id = $1 AND kind = 'structure' AND (upper_inf(during) OR upper(during) > t.today)
	    ORDER BY lower(during) LIMIT 1) s ON true`

// addRepresentatives asks for the seats of the CMTIN of the college of a structure.
func addRepresentatives(b *postgres.Batch, dst *[]Representative, id ID) {
	postgres.AddList(b, dst, `
		SELECT s.rank, coalesce(p.first_name || ' ' || p.last_name, '') AS holder, lower(m.during) AS since,
		       EXISTS (SELECT FROM membership n WHERE n.organisation_id = $1 AND n.person_id = m.person_id AND n.during @> paris_today())
		    OR EXISTS (SELECT FROM seat o JOIN mandate h ON h.seat_id = o.id WHERE o.organisation_id = $1
		                 AND h.person_id = m.person_id AND h.during @> paris_today()) AS ours
		FROM seat s
		LEFT JOIN mandate m ON m.seat_id = s.id AND m.kind = 'titular' AND m.during @> paris_today()
		LEFT JOIN person p ON p.id = m.person_id
		WHERE s.kind = 'gni_representative' AND s.college = (SELECT college FROM structure WHERE organisation_id = $1)
		  AND s.during @> paris_today()
		ORDER BY s.rank, s.id`, id)
}

// spaceRight tells what the actor may do, from the people who act for the structure.
func spaceRight(by access.Actor, people []SpacePerson) Right {
	for _, p := range people {
		if p.Person == by.Person && p.Manager {
			return Manager
		}
	}
	return Member
}

// SheetGap is something missing in a sheet, in the words of what it costs.
type SheetGap struct {
	Section Section
	What    string // « Les services que vous proposez »
	Why     string // « Le public ne peut pas… »
}

// Gaps returns what is missing in the sheet for it to serve the public and the
// governance, the gravest first.
func (s Sheet) Gaps() []SheetGap {
	var out []SheetGap
	add := func(missing bool, section Section, what, why string) {
		if missing {
			out = append(out, SheetGap{section, what, why})
		}
	}
	welcomes := !slices.Contains(s.AccessModes, "Ce lieu n'accueille pas de public")
	add(s.INSEE == "", Place, "La commune", "sans elle, vous n’apparaissez sur aucune carte.")
	add(len(s.Services) == 0, Offer, "Ce que vous faites", "le public ne peut pas vous trouver par service.")
	add(s.SIRET == "" && s.RNA == "", Identity, "Le numéro SIRET ou RNA", "il évite que votre structure soit inscrite deux fois.")
	add(s.Address == "" && welcomes, Place, "L’adresse", "le public ne sait pas où venir.")
	add(s.Summary == "", Welcome, "La présentation en quelques mots", "c’est la première chose qu’on lit de vous.")
	add(s.HoursText == "" && s.Hours == "" && welcomes, Welcome, "Les horaires", "le public ne sait pas quand venir.")
	add(s.Phone == "" && len(s.Emails) == 0, Welcome, "Un téléphone ou une adresse électronique", "personne ne peut vous joindre.")
	add(!s.PublishSheet, Consents, "Votre accord pour l’annuaire public", "sans lui, seuls votre nom, votre commune et votre collège se voient.")
	return out
}

// StructureTodo is what waits for the people of a structure: see AddStructureTodo.
type StructureTodo struct {
	Stale     bool      `json:"stale"` // not confirmed for over a year
	Since     time.Time `json:"since"` // last confirmed
	Manager   bool      `json:"manager"`
	Waiting   int       `json:"waiting"` // access requests; for managers
	NoCommune bool      `json:"no_commune"`
	NoService bool      `json:"no_service"`
}

// AddStructureTodo asks what waits for a person of a structure, within the batch of
// a home page. The caller has checked that the person acts for it.
func AddStructureTodo(b *postgres.Batch, dst *StructureTodo, org access.OrganisationID, person access.PersonID) {
	postgres.AddValue(b, dst, `
		SELECT coalesce((SELECT json_build_object(
			'stale', s.up_to_date_at <= now() - interval '12 months', 'since', s.up_to_date_at, 'manager', g.manager,
			'waiting', CASE WHEN g.manager THEN (SELECT count(*) FROM access_request r WHERE r.structure_id = s.organisation_id AND r.state = 'waiting') ELSE 0 END,
			'no_commune', s.insee IS NULL, 'no_service', s.services = '{}')
		FROM structure s, LATERAL (SELECT EXISTS (
		         SELECT FROM seat o JOIN mandate m ON m.seat_id = o.id
		         WHERE o.organisation_id = $1 AND o.kind = 'structure' AND m.person_id = $2 AND m.kind = 'titular' AND m.during @> paris_today())
		      OR EXISTS (SELECT FROM membership n WHERE n.organisation_id = $1 AND n.person_id = $2 AND n.manager AND n.during @> paris_today()) AS manager) g
		WHERE s.organisation_id = $1 AND s.state = 'accepted'), '{}')`, org, person)
}

// confirmedWords says when a sheet was last confirmed, in words.
func confirmedWords(at time.Time) string { return french.Date(day.In(at)) }
