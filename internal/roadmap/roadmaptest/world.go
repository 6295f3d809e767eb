// Package roadmaptest is a small roadmap for tests: three axes, four actions, the
// organisations that answer for them and people of each role.
package roadmaptest

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// World is a roadmap in a transaction of its own, rolled back at the end of the test.
type World struct {
	T     testing.TB
	DB    pgx.Tx
	Today day.Day
	Axes  []roadmap.AxisID

	// Shared concerns the 28 communes and is in progress, piloted by Metropole, with
	// steps, budget and an indicator each commune reports; Local concerns Begles and
	// Pessac, piloted by Partner, late; Coming is validated and not begun; Idea is
	// proposed: not public.
	Shared, Local, Coming, Idea roadmap.ID

	Begles, Pessac, Bordeaux, Partner, Metropole roadmap.OrganisationID

	Team, Chair, MayorBegles, MayorPessac, DelegateBegles, PartnerPerson access.Actor
}

// New makes the world.
func New(t testing.TB) *World {
	t.Helper()
	return On(t, pgtest.Tx(t))
}

// On makes the world in a transaction the caller has.
func On(t testing.TB, tx pgx.Tx) *World {
	t.Helper()
	w := &World{T: t, DB: tx}
	w.Today = value[day.Day](w, `SELECT paris_today()`)
	w.Metropole = w.organisation("metropole", "Bordeaux Métropole")
	w.Partner = w.organisation("partner", "Caisse Exemple")
	w.Begles, w.Pessac, w.Bordeaux = w.commune("begles"), w.commune("pessac"), w.commune("bordeaux")
	w.Team = w.person("Camille", "Équipe", access.Team, 0)
	w.Chair = w.person("Dominique", "Présidence", access.Chair, 0)
	w.MayorBegles = w.person("Maire", "Bègles", access.Mayor, w.Begles)
	w.DelegateBegles = w.person("Agent", "Bègles", access.Delegate, w.Begles)
	w.MayorPessac = w.person("Maire", "Pessac", access.Mayor, w.Pessac)
	w.PartnerPerson = w.person("Alex", "Partenaire", access.Partner, w.Partner)
	w.actions()
	return w
}

func value[T any](w *World, sql string, args ...any) T {
	w.T.Helper()
	var v T
	if err := w.DB.QueryRow(w.T.Context(), sql, args...).Scan(&v); err != nil {
		w.T.Fatal(err)
	}
	return v
}

func (w *World) organisation(kind, name string) roadmap.OrganisationID {
	return value[roadmap.OrganisationID](w, `
		WITH old AS (SELECT id FROM organisation WHERE kind = $1 AND ($1 = 'metropole' OR name = $2)),
		new AS (INSERT INTO organisation (kind, name) SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM old) RETURNING id)
		SELECT id FROM old UNION ALL SELECT id FROM new LIMIT 1`, kind, name)
}

func (w *World) commune(slug string) roadmap.OrganisationID {
	return value[roadmap.OrganisationID](w, `SELECT organisation_id FROM commune WHERE slug = $1`, slug)
}

// person makes somebody with an account who acts in the role, for the organisation.
func (w *World) person(first, last string, role access.Role, org roadmap.OrganisationID) access.Actor {
	w.T.Helper()
	email := fmt.Sprintf("%s-%d@example.org", role, org)
	id := value[access.PersonID](w, `INSERT INTO person (first_name, last_name, email) VALUES ($1, $2, $3) RETURNING id`,
		first, last, email)
	account := value[access.AccountID](w, `INSERT INTO account (person_id, email) VALUES ($1, $2) RETURNING id`, id, email)
	c := access.Capacity{Role: role, Organisation: org}
	if org != 0 {
		c.OrganisationName = value[string](w, `SELECT name FROM organisation WHERE id = $1`, org)
		if _, err := w.DB.Exec(w.T.Context(), `INSERT INTO membership (person_id, organisation_id, during) VALUES ($1, $2, daterange(paris_today() - 400, NULL))`, id, org); err != nil {
			w.T.Fatal(err)
		}
	}
	return access.Actor{Account: account, Person: id, Name: first + " " + last, Acting: c, Capacities: []access.Capacity{c}}
}

func (w *World) actions() {
	w.T.Helper()
	var err error
	w.Axes, err = roadmap.InsertAxes(w.T.Context(), w.DB, []roadmap.Axis{
		{Title: "Accompagner les habitants", Strategy: "Personne ne reste seul devant une démarche en ligne."},
		{Title: "Équiper et connecter"}, {Title: "Outiller les professionnels"}})
	if err != nil {
		w.T.Fatal(err)
	}
	forty, base := 40, roadmap.Number(0)
	year := w.Today.Year()
	ids, err := roadmap.Insert(w.T.Context(), w.DB, w.Team, []roadmap.Whole{
		{Action: roadmap.Action{AxisID: w.Axes[0], Title: "Ouvrir des permanences d’aide aux démarches", Objective: "Un lieu d’aide à moins de quinze minutes.",
			PilotID: w.Metropole, Body: governance.Communes, Status: roadmap.InProgress, StartsOn: day.Of(year, 1, 1), EndsOn: day.Of(year+1, 12, 31),
			Confidence: roadmap.OnCourse, Percent: &forty, AllCommunes: true, ValidatedOn: w.Today.AddDays(-300), Validation: "Délibération n° 2024-677", Priority: roadmap.High},
			Partners: []roadmap.Party{{ID: w.Partner, Part: "Finance les permanences"}},
			Steps:    []roadmap.Step{{Title: "Choisir les lieux", DoneOn: w.Today.AddDays(-100)}, {Title: "Ouvrir les vingt-huit permanences", Milestone: true, DueOn: w.Today.AddDays(60)}},
			Budget: []roadmap.Line{{Year: year, FunderID: w.Partner, Nature: roadmap.Running, Planned: 20_000_00, Obtained: 15_000_00, Spent: 5_000_50},
				{Year: year + 1, Nature: roadmap.Investment, Planned: 10_000_00}},
			Indicators: []roadmap.Indicator{{Name: "Permanences ouvertes", Unit: "permanences", Direction: roadmap.Up, ByCommune: true, Baseline: &base, BaselineOn: day.Of(year, 1, 1),
				Targets: []roadmap.Target{{Year: year, Value: 20_0000}, {Year: year + 1, Value: 28_0000}}}}},
		{Action: roadmap.Action{AxisID: w.Axes[1], Title: "Prêter des ordinateurs aux écoles", PilotID: w.Partner, Body: governance.Communes,
			Status: roadmap.InProgress, StartsOn: w.Today.AddDays(-200), EndsOn: w.Today.AddDays(-10), ValidatedOn: w.Today.AddDays(-250), Validation: "Délibération n° 2024-677"},
			Communes: []roadmap.Party{{ID: w.Begles}, {ID: w.Pessac}}},
		{Action: roadmap.Action{AxisID: w.Axes[1], Title: "Ouvrir un atelier de réemploi", Body: governance.GNI, Status: roadmap.Validated,
			StartsOn: w.Today.AddDays(90), EndsOn: w.Today.AddDays(400), ValidatedOn: w.Today.AddDays(-20), Validation: "Décision CMTIN"},
			Communes: []roadmap.Party{{ID: w.Bordeaux}}},
		{Action: roadmap.Action{AxisID: w.Axes[2], Title: "Former les agents d’accueil", Body: governance.Communes, ProposedBy: governance.Communes, ProposerID: w.Begles},
			Communes: []roadmap.Party{{ID: w.Begles}}},
	})
	if err != nil {
		w.T.Fatal(err)
	}
	w.Shared, w.Local, w.Coming, w.Idea = ids[0], ids[1], ids[2], ids[3]
}

// Whole reads an action with its lines.
func (w *World) Whole(id roadmap.ID) roadmap.Whole {
	w.T.Helper()
	a, err := roadmap.ReadOne(w.T.Context(), w.DB, id)
	if err != nil {
		w.T.Fatal(err)
	}
	return a
}
