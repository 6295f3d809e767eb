package ceremony_test

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/election/ceremony"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// stage is a sealed election whose ceremony is played by real keys and codes.
type stage struct {
	*electiontest.World
	s     *ceremony.Service
	keys  [3]belenios.PrivateKey
	codes map[access.OrganisationID]string // by structure, as the authority made them
}

func newStage(w *electiontest.World) *stage {
	w.T.Helper()
	jobs, err := notify.NewInserter(nil)
	if err != nil {
		w.T.Fatal(err)
	}
	x := &stage{World: w, s: ceremony.New(w.DB, notify.NewOutbox(jobs), "https://portail.example.org"), codes: map[access.OrganisationID]string{}}
	for _, k := range w.Keepers {
		w.Exec(`INSERT INTO role_grant (account_id, role) VALUES ($1, 'scrutineer')`, k.Account)
	}
	w.Exec(`INSERT INTO role_grant (account_id, role) VALUES ($1, 'team')`, w.Team.Account)
	return x
}

func (x *stage) must(err error) {
	x.T.Helper()
	if err != nil {
		x.T.Fatal(err)
	}
}

// refused checks a refusal for the person, on a field.
func (x *stage) refused(err error, kind problem.Kind, field string) {
	x.T.Helper()
	p, ok := err.(*problem.Error)
	if !ok || p.Kind != kind || p.Field != field {
		x.T.Errorf("got %v, wanted kind %d on %q", err, kind, field)
	}
}

func (x *stage) state() ceremony.State {
	x.T.Helper()
	v, err := x.s.Load(x.T.Context(), x.Team, x.ID)
	x.must(err)
	return v
}

var authority = ceremony.Authority{Name: "Alix Tiers", Quality: "déléguée à la protection des données", Email: "alix@example.org"}

func (x *stage) three() []ceremony.Designation {
	var out []ceremony.Designation
	for i, q := range []string{"bureau", "collège action sociale", "collège médiation numérique"} {
		out = append(out, ceremony.Designation{Person: x.Keepers[i].Person, Quality: q, Escrow: "coffre du service"})
	}
	return out
}

func (x *stage) designate() error {
	return x.s.Designate(x.T.Context(), x.Team, x.ID, x.state().Seen(), x.three(), authority)
}

// key makes the key of a holder and gives its public part.
func (x *stage) key(i int) {
	x.T.Helper()
	private, t, err := belenios.NewTrustee()
	x.must(err)
	h, _ := x.state().Of(x.Keepers[i])
	_, err = x.s.GiveKey(x.T.Context(), x.Keepers[i], x.ID, h.Fingerprint(), string(t.Raw()))
	x.must(err)
	x.keys[i] = private
}

// public makes the codes of a box as `portal election credentials` does.
func (x *stage) public(lines []ceremony.RollLine, uuid string) string {
	var out []string
	for _, l := range lines {
		if l.Box == uuid {
			x.codes[l.Structure] = belenios.NewCode()
			out = append(out, belenios.PublicCredential(x.codes[l.Structure], uuid))
		}
	}
	return string(belenios.CredentialsJSON(out))
}

func (x *stage) giveCodes() {
	x.T.Helper()
	_, lines, err := x.s.ExportRoll(x.T.Context(), x.Team, x.ID)
	x.must(err)
	for _, b := range x.state().Boxes {
		_, err := x.s.GiveCodes(x.T.Context(), x.Team, x.ID, b.ID, x.public(lines, b.UUID))
		x.must(err)
	}
}

// partials are what a holder gives to open the rehearsal, made with a private key.
func (x *stage) partials(i int, key belenios.PrivateKey) map[election.BoxID]string {
	x.T.Helper()
	out := map[election.BoxID]string{}
	for _, b := range x.state().Rehearsal {
		raw, sum, err := x.s.RehearsalFile(x.T.Context(), x.Keepers[i], x.ID, b.ID)
		x.must(err)
		e, err := belenios.ParseElection(raw)
		x.must(err)
		var tally belenios.Tally
		x.must(json.Unmarshal(sum, &tally))
		p, err := e.Decrypt(tally, key)
		x.must(err)
		out[b.ID] = string(p)
	}
	return out
}

func (x *stage) rehearse() {
	x.T.Helper()
	x.must(x.s.StartRehearsal(x.T.Context(), x.Team, x.ID))
	for i := range x.Keepers {
		done, err := x.s.Open(x.T.Context(), x.Keepers[i], x.ID, x.partials(i, x.keys[i]))
		x.must(err)
		if done != (i == 2) {
			x.T.Errorf("rehearsal done after key %d: %v", i+1, done)
		}
	}
}

var program = ceremony.Program{Script: strings.Repeat("ab", 32), Build: "0123abc"}

// played runs the whole ceremony but its end.
func (x *stage) played() {
	x.T.Helper()
	x.must(x.designate())
	for i := range x.Keepers {
		x.key(i)
	}
	x.giveCodes()
	x.rehearse()
	_, err := x.s.SetUp(x.T.Context(), x.Team, x.ID, program)
	x.must(err)
	x.must(x.s.ShowEmpty(x.T.Context(), x.Team, x.ID))
	for _, k := range x.Keepers {
		x.must(x.s.Sign(x.T.Context(), k, x.ID, x.state().SeenEmpty()))
	}
}

// within runs f in a savepoint that is undone.
func (x *stage) within(f func(y *stage)) {
	x.T.Helper()
	ctx := context.Background()
	tx, err := x.DB.Begin(ctx)
	x.must(err)
	defer func() { _ = tx.Rollback(ctx) }() // undone on purpose
	w := *x.World
	w.DB = pgx.Tx(tx)
	y := *x
	y.World = &w
	jobs, err := notify.NewInserter(nil)
	x.must(err)
	y.s = ceremony.New(tx, notify.NewOutbox(jobs), "https://portail.example.org")
	f(&y)
}
