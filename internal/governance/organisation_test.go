package governance

import (
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

func TestAddPartner(t *testing.T) {
	t.Parallel()
	w := setup(t)
	j := w.partner("Caisse d’allocations", d(2025, 1, 1), "Suppléante")
	if len(j.People) != 2 {
		t.Errorf("joined: %+v", j)
	}
	good := NewPartner{Name: "Autre", From: d(2025, 1, 1), Designation: "Lettre", Titular: &PersonInput{First: "A", Last: "B"}}
	for name, test := range map[string]struct {
		change func(*NewPartner)
		field  string
	}{
		"a name twice, accents and case apart": {func(n *NewPartner) { n.Name = "CAISSE D’ALLOCATIONS" }, "nom_organisation"},
		"no name":                              {func(n *NewPartner) { n.Name = " " }, "nom_organisation"},
		"an endless name":                      {func(n *NewPartner) { n.Name = strings.Repeat("é", 201) }, "nom_organisation"},
		"an endless category":                  {func(n *NewPartner) { n.Category = strings.Repeat("é", 101) }, "categorie"},
		"no date":                              {func(n *NewPartner) { n.From = day.Day{} }, "debut"},
		"before the deliberation":              {func(n *NewPartner) { n.From = d(2024, 12, 5) }, "debut"},
		"an alternate alone":                   {func(n *NewPartner) { n.Alternate, n.Titular = n.Titular, nil }, "titulaire_nom"},
		"no name for the titular":              {func(n *NewPartner) { n.Titular.Last = "" }, "titulaire_nom"},
		"a bad address for the alternate": {func(n *NewPartner) { n.Alternate = &PersonInput{First: "A", Last: "C", Email: "x"} },
			"suppleant_courriel"},
		"no designation": {func(n *NewPartner) { n.Designation = "" }, "designation"},
	} {
		n, titular := good, *good.Titular
		n.Titular = &titular
		test.change(&n)
		_, err := w.s.AddPartner(t.Context(), team, n)
		wantProblem(t, name, err, problem.Invalid, test.field)
	}
	_, err := w.s.AddPartner(t.Context(), access.Actor{Account: 3, Acting: access.Capacity{Role: access.Mayor}}, good)
	wantProblem(t, "a mayor", err, problem.Forbidden, "")
	n, err := postgres.Value[int](t.Context(), w.db, `SELECT count(*)::int FROM organisation WHERE kind = 'partner'`)
	if err != nil || n != 1 {
		t.Errorf("%d partners (%v), wanted 1: nothing half-written", n, err)
	}
	if l := w.composition(CMTIN, d(2025, 1, 1))[j.Seat]; l.Group != "Partenaires institutionnels" || l.Alternate != "Sacha Suppléante" {
		t.Errorf("a partner sits in the CMTIN at once: %+v", l)
	}
}

func TestPartnerLeavesAndRename(t *testing.T) {
	t.Parallel()
	w := setup(t)
	j := w.partner("Opérateur", d(2025, 1, 1), "Suppléante")
	page, err := w.s.OrganisationPage(t.Context(), team, j.Organisation)
	if err != nil || page.OpenSeat() == nil || page.OpenSeat().Holder != "Dominique Opérateur" {
		t.Fatalf("page: %+v, %v", page, err)
	}
	rename := OrganisationName{ID: j.Organisation, Version: page.Version, Name: "Opérateur public", Category: "Énergie"}
	if err := w.s.RenameOrganisation(t.Context(), team, rename); err != nil {
		t.Fatal(err)
	}
	wantProblem(t, "stale", w.s.RenameOrganisation(t.Context(), team, rename), problem.Conflict, "")
	commune := w.sheet()["33039"].Organisation
	wantProblem(t, "a commune", w.s.RenameOrganisation(t.Context(), team, OrganisationName{ID: commune, Version: 1, Name: "Begle"}), problem.Invalid, "nom_organisation")
	leave := func(org access.OrganisationID, version int, on day.Day) error {
		return w.s.PartnerLeaves(t.Context(), team, Departure{Organisation: org, Version: version, On: on, Reason: "fusion"})
	}
	wantProblem(t, "no date", leave(j.Organisation, 2, day.Day{}), problem.Invalid, "fin")
	wantProblem(t, "stale", leave(j.Organisation, 1, d(2025, 6, 1)), problem.Conflict, "")
	wantProblem(t, "before it came", leave(j.Organisation, 2, d(2025, 1, 1)), problem.Invalid, "fin")
	wantProblem(t, "a commune", leave(commune, 1, d(2025, 6, 1)), problem.Invalid, "")
	wantProblem(t, "nobody", leave(9999, 1, d(2025, 6, 1)), problem.NotFound, "")
	if err := leave(j.Organisation, 2, d(2025, 6, 1)); err != nil {
		t.Fatal(err)
	}
	wantProblem(t, "twice", leave(j.Organisation, 3, d(2025, 7, 1)), problem.Conflict, "")
	diff, err := w.s.Differences(t.Context(), CMTIN, d(2025, 5, 31), d(2025, 6, 1))
	if err != nil || len(diff.Left) != 1 || diff.Left[0].SeatLabel != "Opérateur public" {
		t.Errorf("differences: %+v, %v", diff, err)
	}
	list, paging, err := w.s.Organisations(t.Context(), team, OrganisationFilter{Kind: PartnerOrganisation, Q: "energie"}, 1)
	if err != nil || len(list) != 1 || paging.Total != 1 || list[0].Seat != 0 {
		t.Errorf("list: %+v %+v %v", list, paging, err)
	}
	if _, err := w.s.OrganisationPage(t.Context(), team, 9999); problem.KindOf(err) != problem.NotFound {
		t.Errorf("an unknown organisation: %v", err)
	}
}

func TestMemberships(t *testing.T) {
	t.Parallel()
	w := setup(t)
	state, err := w.s.AddStateService(t.Context(), team, "Préfecture", "État")
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.s.AddStateService(t.Context(), team, "prefecture", "État")
	wantProblem(t, "a name twice", err, problem.Invalid, "nom_organisation")
	n := NewMembership{Organisation: state, Person: PersonInput{First: "Paul", Last: "Préfet", Email: "p@exemple.fr"}, Title: "Sous-préfet", From: d(2025, 1, 1), Invite: true}
	id, err := w.s.AddMembership(t.Context(), team, n)
	if err != nil || len(w.invited) != 1 {
		t.Fatalf("%v, invited %v", err, w.invited)
	}
	n.Person = PersonInput{ID: w.invited[0].ID}
	for name, test := range map[string]struct {
		change func(*NewMembership)
		kind   problem.Kind
		field  string
	}{
		"twice":            {func(*NewMembership) {}, problem.Invalid, "personne"},
		"no date":          {func(n *NewMembership) { n.From = day.Day{} }, problem.Invalid, "debut"},
		"an endless title": {func(n *NewMembership) { n.Title = strings.Repeat("x", 121) }, problem.Invalid, "fonction"},
		"nowhere":          {func(n *NewMembership) { n.Organisation = 9999 }, problem.NotFound, ""},
		"the metropole":    {func(n *NewMembership) { n.Organisation = 1 }, problem.Invalid, ""},
		"no address":       {func(n *NewMembership) { n.Person = PersonInput{First: "A", Last: "B"} }, problem.Invalid, "courriel"},
	} {
		bad := n
		test.change(&bad)
		_, err := w.s.AddMembership(t.Context(), team, bad)
		wantProblem(t, name, err, test.kind, test.field)
	}
	end := func(version int, on day.Day) error { return w.s.EndMembership(t.Context(), team, id, version, on) }
	wantProblem(t, "no end", end(1, day.Day{}), problem.Invalid, "fin")
	wantProblem(t, "end before start", end(1, d(2025, 1, 1)), problem.Invalid, "fin")
	wantProblem(t, "stale", end(4, d(2025, 6, 1)), problem.Conflict, "")
	if err := end(1, d(2025, 6, 1)); err != nil {
		t.Fatal(err)
	}
	wantProblem(t, "longer than it was", end(2, d(2025, 7, 1)), problem.Invalid, "fin")
	wantProblem(t, "unknown", w.s.EndMembership(t.Context(), team, 9999, 1, d(2025, 6, 1)), problem.NotFound, "")
	page, err := w.s.OrganisationPage(t.Context(), team, state)
	if err != nil || len(page.Members) != 1 || page.Members[0].Current || len(page.History) != 3 {
		t.Errorf("page: %+v, %v", page, err)
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.partner("Bailleur", d(2025, 1, 1), "")
	for _, q := range []string{"equipe", "CAMILLE", "camile", "équipe@exemple"} {
		got, err := w.s.SearchPeople(t.Context(), team, q)
		if err != nil || len(got) == 0 || got[0].Last != "Équipe" {
			t.Errorf("search %q: %+v, %v", q, got, err)
		}
	}
	for _, q := range []string{"", "  ", "%", "_", `\`, "zzzzzz"} {
		if got, err := w.s.SearchPeople(t.Context(), team, q); err != nil || len(got) != 0 {
			t.Errorf("search %q: %+v, %v, wanted nobody", q, got, err)
		}
	}
	got, err := w.s.SearchPeople(t.Context(), team, "bailleur")
	if err != nil || len(got) != 1 || got[0].Holds != "Bailleur" {
		t.Fatalf("search: %+v, %v", got, err)
	}
	p, err := w.s.Person(t.Context(), team, got[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	p.Email = "equipe@exemple.fr"
	wantProblem(t, "somebody else's address", w.s.CorrectPerson(t.Context(), team, p), problem.Invalid, "courriel")
	p.Email = "Neuve@Exemple.fr"
	if err := w.s.CorrectPerson(t.Context(), team, p); err != nil {
		t.Fatal(err)
	}
	wantProblem(t, "stale", w.s.CorrectPerson(t.Context(), team, p), problem.Conflict, "")
	p.ID = 9999
	wantProblem(t, "unknown", w.s.CorrectPerson(t.Context(), team, p), problem.NotFound, "")
	if _, err := w.s.Person(t.Context(), team, 9999); problem.KindOf(err) != problem.NotFound {
		t.Errorf("an unknown person: %v", err)
	}
}

// Whoever acts for an organisation stops acting for it on the day it leaves.
func TestPartnerLeavesWithItsPeople(t *testing.T) {
	t.Parallel()
	w := setup(t)
	j := w.partner("Opérateur", d(2025, 1, 1), "")
	for i, from := range []day.Day{d(2025, 2, 1), d(2025, 7, 1)} {
		_, err := w.s.AddMembership(t.Context(), team, NewMembership{
			Organisation: j.Organisation, From: from,
			Person: PersonInput{First: "Claude", Last: []string{"Présente", "Future"}[i]},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	page, err := w.s.OrganisationPage(t.Context(), team, j.Organisation)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.s.PartnerLeaves(t.Context(), team, Departure{Organisation: j.Organisation, Version: page.Version, On: d(2025, 6, 1)}); err != nil {
		t.Fatal(err)
	}
	got, err := postgres.Values[string](t.Context(), w.db, `
		SELECT p.last_name || ' ' || n.during FROM membership n JOIN person p ON p.id = n.person_id WHERE n.organisation_id = $1`, j.Organisation)
	if err != nil || len(got) != 1 || got[0] != "Présente [2025-02-01,2025-06-01)" {
		t.Errorf("memberships left: %v, %v", got, err)
	}
	ends, err := postgres.Value[int](t.Context(), w.db, `SELECT count(*)::int FROM audit_entry WHERE action = 'membership.end' AND object_id = $1`, j.Organisation)
	if err != nil || ends != 2 {
		t.Errorf("%d ends in the journal (%v), want 2", ends, err)
	}
}
