// Package electiontest is a small election for tests: structures of both colleges, a
// team of two, three key holders with their keys, candidates, and boxes at the phase a
// test asks for.
package electiontest

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

// Voter is a structure of the roll, somebody who acts for it, and its code.
type Voter struct {
	ID      access.OrganisationID
	Name    string
	College governance.College
	Member  access.Actor
	Code    string // private code, once the election is Ready
}

// World is an election in a database.
type World struct {
	T  testing.TB
	DB postgres.DB
	ID election.ID

	Team, Team2, Chair, Mayor access.Actor
	Keepers                   [3]access.Actor // scrutineers: owners 1, 2, 3
	Keys                      [3]belenios.PrivateKey
	Trustees                  [3]belenios.Trustee
	Voters                    []*Voter // of both colleges, action sociale first

	people int // how many were made: their addresses are unique
}

// New makes an election with six structures a college, three of which stand, at the
// phase given (Draft to Open), in a transaction rolled back at the end of the test.
func New(t testing.TB, phase election.Phase) *World {
	t.Helper()
	return On(t, pgtest.Tx(t), phase, 6)
}

// OnPool is New in a database of its own, where transactions commit.
func OnPool(t testing.TB, phase election.Phase, voters int) *World {
	t.Helper()
	return On(t, pgtest.Pool(t), phase, voters)
}

// On makes the world in a database the caller has, with so many voters a college.
func On(t testing.TB, db postgres.DB, phase election.Phase, voters int) *World {
	t.Helper()
	w := &World{T: t, DB: db}
	w.Team, w.Team2 = w.Person("Camille", "Équipe", access.Team, 0), w.Person("Sacha", "Équipe", access.Team, 0)
	w.Chair, w.Mayor = w.Person("Dominique", "Présidence", access.Chair, 0), w.Person("Maire", "Exemple", access.Mayor, 0)
	for i := range w.Keepers {
		w.Keepers[i] = w.Person(fmt.Sprintf("Clé%d", i+1), "Exemple", access.Scrutineer, 0)
	}
	for _, college := range governance.Colleges {
		for i := range voters {
			w.Voters = append(w.Voters, w.structure(college, i+1))
		}
	}
	w.ID = Value[election.ID](w, `INSERT INTO election (title, rules) VALUES ('Élection des représentants du GNI', $1) RETURNING id`, election.DefaultRules().Text())
	w.To(phase)
	return w
}

// Value reads one value.
func Value[T any](w *World, sql string, args ...any) T {
	w.T.Helper()
	var v T
	if err := w.DB.QueryRow(w.T.Context(), sql, args...).Scan(&v); err != nil {
		w.T.Fatal(err)
	}
	return v
}

// Exec runs a statement.
func (w *World) Exec(sql string, args ...any) {
	w.T.Helper()
	if _, err := w.DB.Exec(w.T.Context(), sql, args...); err != nil {
		w.T.Fatal(err)
	}
}

// Person makes somebody with an account who acts in the role, for the organisation.
func (w *World) Person(first, last string, role access.Role, org access.OrganisationID) access.Actor {
	w.T.Helper()
	w.people++
	email := fmt.Sprintf("%s-%d@example.org", role, w.people)
	id := Value[access.PersonID](w, `INSERT INTO person (first_name, last_name, email) VALUES ($1, $2, $3) RETURNING id`, first, last, email)
	account := Value[access.AccountID](w, `INSERT INTO account (person_id, email) VALUES ($1, $2) RETURNING id`, id, email)
	c := access.Capacity{Role: role, Organisation: org}
	if org != 0 {
		c.OrganisationName = Value[string](w, `SELECT name FROM organisation WHERE id = $1`, org)
		w.Exec(`INSERT INTO membership (person_id, organisation_id, during) VALUES ($1, $2, daterange(paris_today() - 400, NULL))`, id, org)
	}
	return access.Actor{Account: account, Person: id, Name: first + " " + last, Email: email, Acting: c, Capacities: []access.Capacity{c}}
}

// structure makes a member of the GNI, its seat and somebody who acts for it.
func (w *World) structure(college governance.College, n int) *Voter {
	w.T.Helper()
	v := &Voter{Name: fmt.Sprintf("%s Exemple %02d", college.Label(), n), College: college}
	v.ID = Value[access.OrganisationID](w, `INSERT INTO organisation (kind, name) VALUES ('structure', $1) RETURNING id`, v.Name)
	w.Exec(`INSERT INTO seat (kind, organisation_id, college, label, during) VALUES ('structure', $1, $2, $3, daterange(paris_today() - 400, NULL))`, v.ID, college, v.Name)
	w.Exec(`INSERT INTO structure (organisation_id, state, origin, college, insee, up_to_date_at) VALUES ($1, 'accepted', 'team', $2, '33039', now())`, v.ID, college)
	v.Member = w.Person("Membre", fmt.Sprintf("Exemple%02d", n), access.Structure, v.ID)
	return v
}

// Of returns the voters of a college.
func (w *World) Of(college governance.College) []*Voter {
	var out []*Voter
	for _, v := range w.Voters {
		if v.College == college {
			out = append(out, v)
		}
	}
	return out
}

// Load reads the election.
func (w *World) Load() election.Election {
	w.T.Helper()
	e, err := election.Load(w.T.Context(), w.DB, w.Team, w.ID)
	if err != nil {
		w.T.Fatal(err)
	}
	return e
}

// Boxes reads the boxes.
func (w *World) Boxes() []election.Box {
	w.T.Helper()
	list, err := election.Boxes(w.T.Context(), w.DB, w.ID, false)
	if err != nil {
		w.T.Fatal(err)
	}
	return list
}

// To takes the election from Draft to the phase, with statements and not through the
// services: a room is tested without the others.
func (w *World) To(phase election.Phase) {
	w.T.Helper()
	for _, p := range election.Phases[1:] {
		if !phase.Reached(p) {
			break
		}
		if step := w.steps()[p]; step != nil {
			step()
		}
		w.Exec(`UPDATE election SET phase = $2 WHERE id = $1`, w.ID, string(p))
	}
}

func (w *World) steps() map[election.Phase]func() {
	return map[election.Phase]func(){
		election.Published: func() {
			w.Exec(`UPDATE election SET rules_sha256 = sha256(convert_to(rules, 'UTF8')), rules_published_at = now() WHERE id = $1`, w.ID)
		},
		election.Roll: func() {
			w.Exec(`UPDATE election SET claims_until = now() + interval '10 days' WHERE id = $1`, w.ID)
			w.Exec(`INSERT INTO election_roll (election_id, structure_id, name, college) SELECT $1, organisation_id, name, college
				FROM structure JOIN organisation ON id = organisation_id WHERE state = 'accepted'`, w.ID)
		},
		election.Candidacies: func() {
			w.Exec(`UPDATE election SET candidacies_from = now() - interval '1 hour', candidacies_until = now() + interval '10 days',
				withdraw_until = now() + interval '11 days' WHERE id = $1`, w.ID)
		},
		election.Sealed: w.seal,
		election.Ready:  w.setUp,
		election.Open:   func() { w.Exec(`UPDATE election SET opened_at = now() WHERE id = $1`, w.ID) },
	}
}

// seal has three structures a college stand, and freezes the lists.
func (w *World) seal() {
	w.T.Helper()
	for _, college := range governance.Colleges {
		for i, v := range w.Of(college)[:3] {
			w.Exec(`INSERT INTO candidacy (election_id, structure_id, college, structure_name, commune, titular_first, titular_last, titular_email,
				titular_gender, alternate_first, alternate_last, alternate_gender, statement, state, place)
				VALUES ($1, $2, $3, $4, 'Bègles', 'Candidate', $5, $6, 'f', 'Suppléant', $5, 'm', 'Nous voulons aller vers les habitants.', 'accepted', $7)`,
				w.ID, v.ID, college, v.Name, fmt.Sprintf("Exemple%d", i+1), fmt.Sprintf("candidate-%s-%d@example.org", college, i+1), i+1)
		}
		id := Value[election.BoxID](w, `INSERT INTO ballot_box (election_id, college, uuid, name, seats) VALUES ($1, $2, $3, $4, 5) RETURNING id`,
			w.ID, college, belenios.NewUUID(), "Élection des représentants du GNI, "+college.Label())
		w.Exec(`INSERT INTO emargement (box_id, structure_id) SELECT $1, structure_id FROM election_roll WHERE election_id = $2 AND college = $3`, id, w.ID, college)
	}
	w.Exec(`UPDATE election SET candidacies_from = now() - interval '30 days', candidacies_until = now() - interval '20 days', withdraw_until = now() - interval '19 days',
		claims_until = now() - interval '20 days', opens_at = now() - interval '1 hour', closes_at = now() + interval '9 days', sealed_at = now() WHERE id = $1`, w.ID)
}

// setUp makes keys and codes, and begins the archives.
func (w *World) setUp() {
	w.T.Helper()
	ctx := w.T.Context()
	must := func(err error) {
		w.T.Helper()
		if err != nil {
			w.T.Fatal(err)
		}
	}
	var err error
	for i := range w.Keys {
		w.Keys[i], w.Trustees[i], err = belenios.NewTrustee()
		must(err)
		w.Exec(`INSERT INTO election_trustee (election_id, owner, person_id, quality, public_key, uploaded_at) VALUES ($1, $2, $3, 'Scrutateur', $4, now())`,
			w.ID, i+1, w.Keepers[i].Person, string(w.Trustees[i].Raw()))
	}
	candidates, err := election.Candidates(ctx, w.DB, w.ID)
	must(err)
	e := w.Load()
	for _, b := range w.Boxes() {
		var credentials []string
		for _, v := range w.Of(*b.College) {
			v.Code = belenios.NewCode()
			credentials = append(credentials, belenios.PublicCredential(v.Code, b.UUID))
		}
		w.Exec(`INSERT INTO public_credential (box_id, credential) SELECT $1, unnest($2::text[])`, b.ID, credentials)
		be, err := belenios.NewElection(b.UUID, b.Name, "", w.Trustees[:], election.Questions(e, b, candidates))
		must(err)
		w.Exec(`UPDATE ballot_box SET election_json = $2, public_credentials = $3, stamp = 1795426622 WHERE id = $1`, b.ID, be.Raw, len(credentials))
		must(postgres.InTx(ctx, w.DB, func(tx pgx.Tx) error {
			b, err := election.LockBox(ctx, tx, b.ID)
			if err != nil {
				return err
			}
			c := election.ChainOf(b)
			records, err := c.Setup(be, w.Trustees[:], belenios.CredentialsJSON(credentials))
			if err != nil {
				return err
			}
			_, err = election.Append(ctx, tx, b, c, records, 0)
			return err
		}))
	}
	w.Exec(`UPDATE election SET ready_at = now() WHERE id = $1`, w.ID)
}

// Ballot makes the ballot of a voter for the candidates at the places given, counted
// from 1; blank when there are none.
func (w *World) Ballot(v *Voter, places ...int) []byte {
	w.T.Helper()
	for _, b := range w.Boxes() {
		if b.College != nil && *b.College != v.College {
			continue
		}
		e, err := belenios.ParseElection(b.Raw)
		if err != nil {
			w.T.Fatal(err)
		}
		choices := make([]int, e.Questions[0].Cells())
		for _, p := range places {
			choices[p] = 1
		}
		if len(places) == 0 {
			choices[0] = 1
		}
		raw, err := e.Encrypt(v.Code, [][]int{choices})
		if err != nil {
			w.T.Fatal(err)
		}
		return raw
	}
	w.T.Fatalf("no box for %s", v.Name)
	return nil
}
