package indicator

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

var (
	camille = access.Actor{Account: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}, RequestID: "test"}
	mayor   = access.Actor{Account: 2, Name: "Alix Maire", Acting: access.Capacity{Role: access.Mayor, Organisation: 1}}
)

func refused(t *testing.T, doing string, err error, kind problem.Kind, field string) {
	t.Helper()
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Kind != kind || p.Field != field {
		t.Errorf("%s: got %v, wanted a refusal of kind %d on %q", doing, err, kind, field)
	}
}

func example() Indicator {
	return Indicator{Name: "Ateliers menés à l’écoute", Unit: "ateliers", UnitOne: "atelier", Meaning: "Le nombre d’ateliers.",
		Method: "Compté par les structures.", Direction: Up, Published: true}
}

func value(n int, to day.Day) Value {
	return Value{Number: Whole(n), To: to, Source: "Rapport de test"}
}

func add(t *testing.T, s *Service, i Indicator) Indicator {
	t.Helper()
	id, err := s.AddIndicator(t.Context(), camille, i)
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.ForTeam(t.Context(), camille, id)
	if err != nil {
		t.Fatal(err)
	}
	return f.Indicator
}

// The migration brings what the deliberation says, with its sentence, and no other
// figure.
func TestDeliberationFigures(t *testing.T) {
	t.Parallel()
	s := New(pgtest.Tx(t))
	all, err := s.Published(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range all {
		last, _ := f.Last()
		got = append(got, f.Say(last))
		if len(f.Values) != 1 || last.To != day.Of(2024, 12, 6) || !strings.Contains(last.Source, "n°\u00a02024-677") || last.Link != "/deliberation" {
			t.Errorf("%s: got %+v", f.Slug, f.Values)
		}
	}
	want := []string{"près de 3\u202f000\u00a0personnes", "30\u00a0structures", "plus de 60\u202f000\u00a0actions", "29\u00a0temps", "83\u00a0participants", "64\u00a0participants"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, wanted %q", got, want)
	}
	yearly, err := s.One(t.Context(), "personnes-formees-par-an")
	if err != nil || len(yearly.Values) != 0 {
		t.Errorf("people trained each year: got %+v, %v, wanted an indicator without any value", yearly, err)
	}
}

func TestValueIsAddedCorrectedRemoved(t *testing.T) {
	t.Parallel()
	s := New(pgtest.Tx(t))
	i := add(t, s, example())
	if i.Slug != "ateliers-menes-a-l-ecoute" {
		t.Errorf("slug: got %s", i.Slug)
	}
	v := value(1, day.Of(2025, 12, 31))
	v.From, v.Qualifier, v.Number = day.Of(2025, 1, 1), Nearly, 12_345
	id, err := s.AddValue(t.Context(), camille, i.ID, v)
	if err != nil {
		t.Fatal(err)
	}
	_, kept, err := s.Value(t.Context(), camille, i.ID, id)
	if err != nil {
		t.Fatal(err)
	}
	if kept.Number != 12_345 || kept.From != v.From || kept.When() != "année 2025" || i.Say(kept) != "près de 1,2345\u00a0atelier" || kept.EnteredBy != camille.Name || kept.EnteredAt.IsZero() {
		t.Errorf("got %+v", kept)
	}
	_, err = s.AddValue(t.Context(), camille, i.ID, v)
	refused(t, "the same period again", err, problem.Invalid, "fin")
	better := kept
	better.Number = Whole(12)
	refused(t, "correct without reason", s.Correct(t.Context(), camille, better, " "), problem.Invalid, "motif")
	if err := s.Correct(t.Context(), camille, better, "Erreur de saisie"); err != nil {
		t.Fatal(err)
	}
	refused(t, "correct an old version", s.Correct(t.Context(), camille, kept, "Deuxième fois"), problem.Conflict, "")
	refused(t, "remove an old version", s.Remove(t.Context(), camille, kept, "Trop tard"), problem.Conflict, "")
	better.Version++
	if err := s.Remove(t.Context(), camille, better, "Chiffre démenti"); err != nil {
		t.Fatal(err)
	}
	_, _, err = s.Value(t.Context(), camille, i.ID, id)
	refused(t, "read a removed value", err, problem.NotFound, "")
	sheet, err := s.Sheet(t.Context(), camille, i.ID)
	if err != nil {
		t.Fatal(err)
	}
	var acts []string
	for _, h := range sheet.History {
		acts = append(acts, h.Action)
	}
	if want := []string{"indicator.remove", "indicator.correct", "indicator.value", "indicator.add"}; !slices.Equal(acts, want) {
		t.Errorf("history: got %q, wanted %q", acts, want)
	}
	former := false
	for _, c := range sheet.History[1].Changes {
		former = former || strings.Contains(c.Before, "1,2345") && strings.Contains(c.After, "12")
	}
	if !former {
		t.Errorf("the correction does not keep the former value: %+v", sheet.History[1].Changes)
	}
}

func TestValuesRefused(t *testing.T) {
	t.Parallel()
	s := New(pgtest.Tx(t))
	i := add(t, s, example())
	today, err := postgres.Value[day.Day](t.Context(), s.db, `SELECT paris_today()`)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		doing, field string
		change       func(*Value)
	}{
		{"a day to come", "fin", func(v *Value) { v.To = today.AddDays(1) }},
		{"no day", "fin", func(v *Value) { v.To = day.Day{} }},
		{"before all", "fin", func(v *Value) { v.To = day.Of(1950, 1, 1) }},
		{"a period that ends before it begins", "debut", func(v *Value) { v.From = v.To }},
		{"no source", "source", func(v *Value) { v.Source = "" }},
		{"a link that is a script", "lien", func(v *Value) { v.Link = "javascript:alert(1)" }},
		{"a link to no host", "lien", func(v *Value) { v.Link = "//autre.exemple" }},
		{"a number too great", "valeur", func(v *Value) { v.Number = (Greatest + 1) * one }},
		{"an unknown qualifier", "precision", func(v *Value) { v.Qualifier = "about" }},
	} {
		v := value(3, today)
		x.change(&v)
		_, err := s.AddValue(t.Context(), camille, i.ID, v)
		refused(t, x.doing, err, problem.Invalid, x.field)
	}
	greatest := value(0, today)
	greatest.Number = (Greatest+1)*one - 1
	if _, err := s.AddValue(t.Context(), camille, i.ID, greatest); err != nil {
		t.Errorf("the greatest number: %v", err)
	}
	_, err = s.AddIndicator(t.Context(), camille, example())
	refused(t, "the same name", err, problem.Invalid, "nom")
	reserved := example()
	reserved.Name = "Registre : structures"
	_, err = s.AddIndicator(t.Context(), camille, reserved)
	refused(t, "a name of the register", err, problem.Invalid, "nom")
}

func TestRights(t *testing.T) {
	t.Parallel()
	s := New(pgtest.Tx(t))
	i := add(t, s, example())
	id, err := s.AddValue(t.Context(), camille, i.ID, value(3, day.Of(2025, 3, 1)))
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []access.Actor{{}, mayor} {
		v := value(4, day.Of(2025, 4, 1))
		v.ID, v.Indicator, v.Version = id, i.ID, 1
		_, adding := s.AddIndicator(t.Context(), who, example())
		_, valuing := s.AddValue(t.Context(), who, i.ID, v)
		_, listing := s.List(t.Context(), who)
		_, reading := s.Sheet(t.Context(), who, i.ID)
		for doing, err := range map[string]error{"add": adding, "value": valuing, "list": listing, "read": reading, "change": s.Change(t.Context(), who, i),
			"move": s.Move(t.Context(), who, i.ID, true), "correct": s.Correct(t.Context(), who, v, "x"), "remove": s.Remove(t.Context(), who, v, "x")} {
			if k := problem.KindOf(err); k != problem.Forbidden && k != problem.NotFound {
				t.Errorf("%s by %q: got %v, wanted a refusal", doing, who.Name, err)
			}
		}
	}
}

func TestOrderAndPublication(t *testing.T) {
	t.Parallel()
	s := New(pgtest.Tx(t))
	slugs := func() (out []string) {
		lines, err := s.List(t.Context(), camille)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			out = append(out, l.Slug)
		}
		return out
	}
	first := slugs()
	i := add(t, s, example())
	if err := s.Move(t.Context(), camille, i.ID, true); err != nil {
		t.Fatal(err)
	}
	if err := s.Move(t.Context(), camille, i.ID, true); err != nil {
		t.Fatal(err)
	}
	if err := s.Move(t.Context(), camille, i.ID, false); err != nil {
		t.Fatal(err)
	}
	want := slices.Insert(slices.Clone(first), len(first)-1, i.Slug)
	if got := slugs(); !slices.Equal(got, want) {
		t.Errorf("got %q, wanted %q", got, want)
	}
	if err := s.Move(t.Context(), camille, firstID(t, s), true); err != nil {
		t.Errorf("move the first up: %v", err)
	}
	if got := slugs(); !slices.Equal(got, want) {
		t.Errorf("moving the first up changed the order: %q", got)
	}
	if _, err := s.AddValue(t.Context(), camille, i.ID, value(2, day.Of(2025, 1, 1))); err != nil {
		t.Fatal(err)
	}
	if f, err := s.One(t.Context(), i.Slug); err != nil || len(f.Values) != 1 {
		t.Errorf("published: got %+v, %v", f, err)
	}
	f, _ := s.ForTeam(t.Context(), camille, i.ID)
	hidden := f.Indicator
	hidden.Published = false
	if err := s.Change(t.Context(), camille, hidden); err != nil {
		t.Fatal(err)
	}
	_, err := s.One(t.Context(), i.Slug)
	refused(t, "read one not published", err, problem.NotFound, "")
	all, err := s.Published(t.Context())
	if err != nil || slices.ContainsFunc(all, func(f Figure) bool { return f.Slug == i.Slug }) {
		t.Errorf("the public list shows an indicator not published, or %v", err)
	}
	refused(t, "change an old version", s.Change(t.Context(), camille, f.Indicator), problem.Conflict, "")
}

func firstID(t *testing.T, s *Service) ID {
	t.Helper()
	lines, err := s.List(t.Context(), camille)
	if err != nil {
		t.Fatal(err)
	}
	return lines[0].ID
}

// Each closed set in Go is the one its CHECK constraint knows.
func TestClosedSets(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	quoted := regexp.MustCompile(`'([a-z_]*)'::text`)
	var directions, qualifiers []string
	for _, d := range Directions {
		directions = append(directions, string(d))
	}
	for _, q := range Qualifiers {
		qualifiers = append(qualifiers, string(q))
	}
	for constraint, got := range map[string][]string{"indicator_direction_check": directions, "indicator_value_qualifier_check": qualifiers} {
		def, err := postgres.Value[string](t.Context(), tx, `SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1`, constraint)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, m := range quoted.FindAllStringSubmatch(def, -1) {
			want = append(want, m[1])
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: Go has %q, the schema %q", constraint, got, want)
		}
	}
}
