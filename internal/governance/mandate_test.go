package governance

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

func TestStartMandateRefusals(t *testing.T) {
	t.Parallel()
	w := setup(t)
	mayor, partner := w.seat(Mayor), w.partner("Habitat", d(2025, 1, 1), "").Seat
	held := w.start(w.mandate(mayor, "Titulaire", d(2025, 3, 1)))
	future := w.start(w.mandate(w.seat(GNIRepresentative), "Futur", w.today.AddDays(30)))
	tests := map[string]struct {
		change func(*NewMandate)
		kind   problem.Kind
		field  string
	}{
		"a seat already held":             {func(m *NewMandate) {}, problem.Invalid, "debut"},
		"the same person again":           {func(m *NewMandate) { m.Person = PersonInput{ID: held.Person.ID} }, problem.Invalid, "personne"},
		"before the seat exists":          {func(m *NewMandate) { m.From = d(2024, 12, 5) }, problem.Invalid, "debut"},
		"no date":                         {func(m *NewMandate) { m.From = day.Day{} }, problem.Invalid, "debut"},
		"a year typed wrong":              {func(m *NewMandate) { m.From = d(2062, 3, 1) }, problem.Invalid, "debut"},
		"a term before the start":         {func(m *NewMandate) { m.TermEndsOn = d(2025, 3, 1) }, problem.Invalid, "echeance"},
		"a term too far":                  {func(m *NewMandate) { m.TermEndsOn = d(2205, 3, 1) }, problem.Invalid, "echeance"},
		"a replacement on the first day":  {func(m *NewMandate) { m.ReplacesCurrent = true; m.From = d(2025, 3, 1) }, problem.Invalid, "debut"},
		"a mandate planned later":         {func(m *NewMandate) { m.Seat = w.seat(GNIRepresentative) }, problem.Invalid, "debut"},
		"overlap with a later mandate":    {func(m *NewMandate) { m.From = d(2025, 2, 1) }, problem.Invalid, "debut"},
		"an alternate without titular":    {func(m *NewMandate) { m.Kind = Alternate; m.Seat = w.seat(Councillor) }, problem.Invalid, "debut"},
		"an alternate before the titular": {func(m *NewMandate) { m.Kind = Alternate; m.From = d(2025, 2, 1) }, problem.Invalid, "debut"},
		"titular and alternate at once": {func(m *NewMandate) { m.Kind = Alternate; m.Person = PersonInput{ID: held.Person.ID} },
			problem.Invalid, "personne"},
		"an unknown seat":            {func(m *NewMandate) { m.Seat = 9999 }, problem.NotFound, ""},
		"an unknown person":          {func(m *NewMandate) { m.Seat = w.seat(President); m.Person = PersonInput{ID: 9999} }, problem.Invalid, "personne"},
		"an unknown quality":         {func(m *NewMandate) { m.Kind = "adjoint" }, problem.Invalid, "qualite"},
		"no designation":             {func(m *NewMandate) { m.Designation = " " }, problem.Invalid, "designation"},
		"an endless designation":     {func(m *NewMandate) { m.Designation = strings.Repeat("é", 201) }, problem.Invalid, "designation"},
		"an endless reference":       {func(m *NewMandate) { m.Reference = strings.Repeat("é", 301) }, problem.Invalid, "reference"},
		"no first name":              {func(m *NewMandate) { m.Seat = w.seat(President); m.Person.First = "" }, problem.Invalid, "prenom"},
		"a name on two lines":        {func(m *NewMandate) { m.Seat = w.seat(President); m.Person.Last = "A\nB" }, problem.Invalid, "nom"},
		"a bad address":              {func(m *NewMandate) { m.Seat = w.seat(President); m.Person.Email = "alix@local" }, problem.Invalid, "courriel"},
		"somebody else's address":    {func(m *NewMandate) { m.Seat = w.seat(President); m.Person.Email = "Equipe@exemple.fr " }, problem.Invalid, "courriel"},
		"an invitation to nowhere":   {func(m *NewMandate) { m.Seat = w.seat(President); m.Invite = true }, problem.Invalid, "courriel"},
		"the one seen left":          {func(m *NewMandate) { m.ReplacesCurrent = true; m.Seen = 9999 }, problem.Conflict, ""},
		"the one seen, seat vacant":  {func(m *NewMandate) { m.Seat = w.seat(President); m.Seen = held.Mandate }, problem.Conflict, ""},
		"a partner seat before open": {func(m *NewMandate) { m.Seat = partner; m.From = d(2024, 12, 31) }, problem.Invalid, "debut"},
	}
	for name, test := range tests {
		m := w.mandate(mayor, "Neuf", d(2025, 6, 1))
		test.change(&m)
		_, err := w.s.StartMandate(t.Context(), team, m)
		wantProblem(t, name, err, test.kind, test.field)
	}
	if _, err := w.s.StartMandate(t.Context(), access.Actor{}, w.mandate(mayor, "X", d(2025, 6, 1))); problem.KindOf(err) != problem.Forbidden {
		t.Errorf("the public: got %v, wanted Forbidden", err)
	}
	// Nothing half-written: one person for the partner, one for each mandate, the team's.
	n, err := postgres.Value[int](t.Context(), w.db, `SELECT count(*)::int FROM person`)
	if err != nil || n != 4 {
		t.Errorf("after the refusals there are %d people (%v), wanted 4", n, err)
	}
	wantProblem(t, "a message names who has the address", func() error {
		m := w.mandate(w.seat(President), "Neuf", d(2025, 6, 1))
		m.Person.Email = "equipe@exemple.fr"
		_, err := w.s.StartMandate(t.Context(), team, m)
		if err != nil && !strings.Contains(err.Error(), "Camille Équipe") {
			t.Errorf("got %v", err)
		}
		return err
	}(), problem.Invalid, "courriel")
	if err := w.s.CancelMandate(t.Context(), team, held.Mandate, w.version(held.Mandate)); problem.KindOf(err) != problem.Invalid {
		t.Errorf("cancel a mandate that began: got %v, wanted Invalid", err)
	}
	if err := w.s.CancelMandate(t.Context(), team, future.Mandate, w.version(future.Mandate)); err != nil {
		t.Errorf("cancel a mandate to come: %v", err)
	}
}

func TestReplaceKeepsTheAlternateAndPromotes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	seat := w.seat(Mayor)
	first := w.start(w.mandate(seat, "Premier", d(2025, 1, 1)))
	alternate := w.mandate(seat, "Second", d(2025, 2, 1))
	alternate.Person.Email, alternate.Invite = "second@exemple.fr", true
	second, err := w.s.DesignateAlternate(t.Context(), team, alternate)
	if err != nil {
		t.Fatal(err)
	}
	if len(w.invited) != 1 || w.invited[0].Email != "second@exemple.fr" {
		t.Errorf("invited: %v", w.invited)
	}
	m := w.mandate(seat, "Troisième", d(2025, 6, 1))
	m.ReplacesCurrent, m.Seen = true, first.Mandate
	if got := w.start(m); got.Replaced != "Alix Premier" || got.Promoted {
		t.Errorf("replacement: %+v", got)
	}
	rows := w.composition(Communes, d(2025, 6, 1))
	if l := rows[seat]; l.Last != "Troisième" || l.AlternatePerson != second.Person.ID {
		t.Errorf("on the day of the replacement: %+v", l)
	}
	if l := w.composition(Communes, d(2025, 5, 31))[seat]; l.Last != "Premier" {
		t.Errorf("the day before: %+v", l)
	}
	m = NewMandate{Seat: seat, Person: PersonInput{ID: second.Person.ID}, Kind: Titular, From: d(2025, 9, 1), Designation: "Élection", ReplacesCurrent: true}
	if got := w.start(m); !got.Promoted {
		t.Errorf("the alternate becomes titular: %+v", got)
	}
	if l := w.composition(Communes, d(2025, 9, 1))[seat]; l.Person != second.Person.ID || l.AlternatePerson != 0 {
		t.Errorf("after the promotion: %+v", l)
	}
}

func (w *world) composition(code BodyCode, on day.Day) map[SeatID]Line {
	w.t.Helper()
	rows, err := w.s.CompositionRows(w.t.Context(), code, BodyQuery{On: on})
	if err != nil {
		w.t.Fatal(err)
	}
	m := make(map[SeatID]Line, len(rows))
	for _, l := range rows {
		m[l.Seat] = l
	}
	return m
}

func TestEndMandate(t *testing.T) {
	t.Parallel()
	w := setup(t)
	j := w.partner("Caisse", d(2025, 1, 1), "Remplaçant")
	held, err := tenuresOf(t.Context(), w.db, j.Seat)
	if err != nil {
		t.Fatal(err)
	}
	titular := held[0]
	chair := w.start(w.mandate(w.seat(President), "Présidente", d(2025, 1, 1)))
	end := func(e EndOfMandate) error { _, err := w.s.EndMandate(t.Context(), team, e); return err }
	wantProblem(t, "no date", end(EndOfMandate{ID: titular.ID, Version: 1}), problem.Invalid, "fin")
	wantProblem(t, "end before start", end(EndOfMandate{ID: titular.ID, Version: 1, On: d(2025, 1, 1)}), problem.Invalid, "fin")
	wantProblem(t, "a year typed wrong", end(EndOfMandate{ID: titular.ID, Version: 1, On: d(2205, 1, 1)}), problem.Invalid, "fin")
	wantProblem(t, "a stale form", end(EndOfMandate{ID: titular.ID, Version: 7, On: d(2025, 2, 1)}), problem.Conflict, "")
	wantProblem(t, "no such mandate", end(EndOfMandate{ID: 9999, Version: 1, On: d(2025, 2, 1)}), problem.NotFound, "")
	wantProblem(t, "an endless reason", end(EndOfMandate{ID: titular.ID, Version: 1, On: d(2025, 2, 1), Reason: strings.Repeat("x", 301)}), problem.Invalid, "motif")
	wantProblem(t, "a chair removed", end(EndOfMandate{ID: chair.Mandate, Version: 1, On: d(2025, 5, 1)}), problem.Invalid, "confirmation")

	got, err := w.s.EndMandate(t.Context(), team, EndOfMandate{ID: titular.ID, Version: 1, On: d(2025, 5, 1), Reason: "démission"})
	if err != nil || got.Alternate != "Sacha Remplaçant" || got.Person != "Dominique Caisse" {
		t.Fatalf("end of a titular: %+v, %v", got, err)
	}
	if l := w.composition(Partners, d(2025, 5, 1))[j.Seat]; l.State != Vacant || l.AlternatePerson != 0 {
		t.Errorf("on the day it ends: %+v", l)
	}
	if l := w.composition(Partners, d(2025, 4, 30))[j.Seat]; l.Person == 0 || l.AlternatePerson == 0 {
		t.Errorf("the day before: %+v", l)
	}
	wantProblem(t, "already over", end(EndOfMandate{ID: titular.ID, Version: 2, On: d(2025, 4, 1)}), problem.Invalid, "fin")
	if err := end(EndOfMandate{ID: chair.Mandate, Version: 1, On: d(2025, 5, 1), ConfirmVacant: true}); err != nil {
		t.Errorf("a chair removed, confirmed: %v", err)
	}
	if n := w.acts("mandate.end"); n != 3 {
		t.Errorf("%d ends in the journal, wanted 3 (titular, alternate, chair)", n)
	}
}

func TestReplaceChairIsOneAct(t *testing.T) {
	t.Parallel()
	w := setup(t)
	seat := w.seat(President)
	w.start(w.mandate(seat, "Première", d(2025, 1, 1)))
	_, err := w.s.ReplaceChair(t.Context(), team, w.mandate(w.seat(Mayor), "X", d(2025, 6, 1)))
	wantProblem(t, "not a chair", err, problem.Invalid, "siege")
	if _, err := w.s.ReplaceChair(t.Context(), team, w.mandate(seat, "Deuxième", d(2025, 6, 1))); err != nil {
		t.Fatal(err)
	}
	for on, last := range map[day.Day]string{d(2025, 5, 31): "Première", d(2025, 6, 1): "Deuxième"} {
		if l := w.composition(CMTIN, on)[seat]; l.Last != last || !l.Chairs {
			t.Errorf("chair on %s: %+v, wanted %s", on, l, last)
		}
	}
}

func TestCorrectMandateIsNotAChange(t *testing.T) {
	t.Parallel()
	w := setup(t)
	seat := w.seat(Mayor)
	first := w.start(w.mandate(seat, "Fote", d(2025, 1, 1)))
	m := w.mandate(seat, "Suivant", d(2025, 6, 1))
	m.ReplacesCurrent = true
	second := w.start(m)
	c := Correction{ID: first.Mandate, Version: 2, From: d(2025, 1, 2), Until: d(2025, 6, 1), Designation: "Élection",
		First: "Alix", Last: "Faute", PersonVersion: 1}
	starts, ends := w.acts("mandate.start"), w.acts("mandate.end")
	if err := w.s.CorrectMandate(t.Context(), team, c); err != nil {
		t.Fatal(err)
	}
	if w.acts("mandate.start") != starts || w.acts("mandate.end") != ends || w.acts("mandate.correct") != 1 || w.acts("person.correct") != 1 {
		t.Error("a correction must be journalled as a correction and nothing else")
	}
	wantProblem(t, "stale", w.s.CorrectMandate(t.Context(), team, c), problem.Conflict, "")
	c.Version, c.First, c.Last = 3, "", ""
	for name, test := range map[string]struct {
		change func(*Correction)
		field  string
	}{
		"overlap":              {func(c *Correction) { c.Until = d(2025, 7, 1) }, "debut"},
		"open, so overlapping": {func(c *Correction) { c.Until = day.Day{} }, "debut"},
		"end before start":     {func(c *Correction) { c.Until = d(2025, 1, 2) }, "fin"},
		"before the seat":      {func(c *Correction) { c.From = d(2020, 1, 1) }, "debut"},
		"term before start":    {func(c *Correction) { c.TermEndsOn = d(2024, 12, 31) }, "echeance"},
		"no designation":       {func(c *Correction) { c.Designation = "" }, "designation"},
		"half a name":          {func(c *Correction) { c.First = "Alix" }, "nom"},
	} {
		bad := c
		test.change(&bad)
		wantProblem(t, name, w.s.CorrectMandate(t.Context(), team, bad), problem.Invalid, test.field)
	}
	alternate := w.mandate(seat, "Adjoint", d(2025, 8, 1))
	if _, err := w.s.DesignateAlternate(t.Context(), team, alternate); err != nil {
		t.Fatal(err)
	}
	late := Correction{ID: second.Mandate, Version: 1, From: d(2025, 9, 1), Designation: "Élection"}
	wantProblem(t, "an alternate would lose the titular", w.s.CorrectMandate(t.Context(), team, late), problem.Invalid, "debut")
}

// Two people give the same seat at once: one wins, the other is told.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for round := range 10 {
		seat, err := postgres.Value[SeatID](t.Context(), w.db, `SELECT id FROM seat WHERE kind = 'mayor' ORDER BY id OFFSET $1 LIMIT 1`, round)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i := range errs {
			wg.Go(func() { _, errs[i] = w.s.StartMandate(t.Context(), team, w.mandate(seat, "Ensemble", d(2025, 1, 1))) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			switch p, ok := errors.AsType[*problem.Error](err); {
			case err == nil:
				won++
			case !ok || (p.Kind != problem.Conflict && p.Kind != problem.Invalid):
				t.Errorf("the loser got %v, wanted a refusal", err)
			}
		}
		if won != 1 {
			t.Fatalf("%d won, wanted 1: %v", won, errs)
		}
	}
}
