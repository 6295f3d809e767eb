package imports_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/imports"
)

// world is a register of its own for one test.
type world struct {
	t          testing.TB
	db         postgres.DB
	s          *imports.Service
	structures *structure.Service
}

var (
	team     = access.Actor{Account: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}, RequestID: "test"}
	stranger = access.Actor{Account: 2, Name: "Alix Autre", Acting: access.Capacity{Role: access.Structure, Organisation: 40}}
	since    = day.Of(2025, 1, 15)
)

// setup gives a world whose writes are really committed: one import at a time is a rule
// of the whole database.
func setup(t testing.TB) *world { return worldOn(t, pgtest.Pool(t)) }

func worldOn(t testing.TB, db postgres.DB) *world {
	t.Helper()
	gov := governance.New(db, func(context.Context, pgx.Tx, access.Actor, governance.PersonRef) error { return nil })
	structures := structure.New(db, gov, (*notify.Outbox)(nil), "http://portail.example.org")
	return &world{t, db, imports.New(db, structures), structures}
}

// siret makes a plainly fictional SIRET: it begins with 000, and its key is right.
func siret(n int) string {
	s := fmt.Sprintf("000%010d", n)
	sum := 0
	for i := range 13 {
		v := int(s[12-i] - '0')
		if i%2 == 0 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return s + fmt.Sprint((10-sum%10)%10)
}

// upload keeps a file whose columns are known by their headings.
func (w *world) upload(csv string, from day.Day) imports.ID {
	w.t.Helper()
	return w.keep("essai.csv", []byte(csv), from)
}

// uploadFile is upload, of members since a day.
func (w *world) uploadFile(name string, file []byte) imports.ID {
	w.t.Helper()
	return w.keep(name, file, since)
}

func (w *world) keep(name string, file []byte, from day.Day) imports.ID {
	w.t.Helper()
	id, err := w.s.Upload(w.t.Context(), team, name, bytes.NewReader(file))
	if err != nil {
		w.t.Fatalf("upload: %v", err)
	}
	i, err := w.s.Show(w.t.Context(), team, id)
	if err != nil {
		w.t.Fatal(err)
	}
	m := i.Known()
	m.College, m.From = governance.SocialAction, from
	wrong, err := w.s.SetMapping(w.t.Context(), team, id, i.Version, m)
	if err != nil || len(wrong) > 0 {
		w.t.Fatalf("map %v: %v %v", i.Table.Header, wrong, err)
	}
	return id
}

func (w *world) preview(id imports.ID) imports.Plan {
	w.t.Helper()
	_, p, err := w.s.Preview(w.t.Context(), team, id)
	if err != nil {
		w.t.Fatalf("preview: %v", err)
	}
	return p
}

// bring imports a file whole and returns what it did.
func (w *world) bring(csv string, from day.Day) imports.Plan {
	w.t.Helper()
	id := w.upload(csv, from)
	p := w.preview(id)
	if len(p.Cells) > 0 {
		w.t.Fatalf("wrong cells: %+v", p.Cells)
	}
	if _, _, err := w.s.Apply(w.t.Context(), team, id, imports.Choice{Seen: p.Stamp}); err != nil {
		w.t.Fatalf("apply: %v", err)
	}
	return p
}

// wants fails the test unless the plan counts so.
func (w *world) wants(p imports.Plan, added, changed, unchanged, wrong int) {
	w.t.Helper()
	if p.New != added || p.Changed != changed || p.Unchanged != unchanged || p.Wrong != wrong {
		w.t.Errorf("%d new, %d changed, %d unchanged, %d wrong; want %d, %d, %d, %d: %+v", p.New, p.Changed, p.Unchanged, p.Wrong,
			added, changed, unchanged, wrong, p.Cells)
	}
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.db.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) value(sql string, args ...any) string {
	w.t.Helper()
	var v string
	if err := w.db.QueryRow(w.t.Context(), "SELECT ("+sql+")::text", args...).Scan(&v); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func wantKind(t testing.TB, doing string, err error, kind problem.Kind) {
	t.Helper()
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Kind != kind || p.Message == "" && kind != problem.Forbidden {
		t.Errorf("%s: got %v, want kind %d", doing, err, kind)
	}
}
