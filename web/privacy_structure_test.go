package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web"
)

var registerTeam = access.Actor{Account: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}, RequestID: "test"}

// register is what the pages of the register stand on.
func (s *site) register(t testing.TB) *structure.Service {
	t.Helper()
	areas, err := web.NewAreas(s.pool, testConfig(s.URL))
	if err != nil {
		t.Fatal(err)
	}
	return areas.Structures
}

func (s *site) sheetOf(t testing.TB, id structure.ID) structure.Sheet {
	t.Helper()
	v, err := s.register(t).SheetForTeam(t.Context(), registerTeam, id)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// plant records a structure whose every word but its name is a secret: « Xylo… ».
// from, if set, makes it a member.
func (s *site) plant(t testing.TB, name string, n int, from day.Day, change func(*structure.Sheet)) structure.ID {
	t.Helper()
	sheet := structure.Sheet{Name: name, College: governance.SocialAction, INSEE: "33039", Typology: []string{"ASSO"},
		Address: "Xyloallée des Secrets", AddressMore: "Xyloétage", PostalCode: "33130", Summary: "Xyloprésentation", Detail: "Xylodétail", HoursText: "Xylohoraires",
		Services: []string{"Loisirs et créations numériques"}, Phone: fmt.Sprintf("+335009900%02d", n), Emails: []string{fmt.Sprintf("xylo-%d@example.org", n)},
		Websites: []string{"https://xylo.example.org"}, AppointmentURL: "https://xylo.example.org/rdv", OtherLabels: []string{"Xylolabel"}, Aladdin: structure.AladdinRelay}
	if change != nil {
		change(&sheet)
	}
	id, err := s.register(t).Record(t.Context(), registerTeam, structure.NewRecord{Sheet: sheet, From: from, People: []structure.Contact{
		{First: "Xylophène", Last: "Référente", Email: fmt.Sprintf("xylo-charge-%d@example.org", n), InCharge: true, Title: "Xylofonction"},
		{First: "Xyloé", Last: "Membre", Email: fmt.Sprintf("xylo-membre-%d@example.org", n)}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.register(t).Note(t.Context(), registerTeam, id, "Xylonote de l’équipe"); err != nil {
		t.Fatal(err)
	}
	return id
}

// secrets plants structures in every state that is not public, and members that agreed
// to little: no word « Xylo » of theirs is anybody's but the team's.
func (s *site) secrets(t testing.TB) (hidden, members []structure.ID) {
	t.Helper()
	ctx, r, since := t.Context(), s.register(t), day.Of(2025, 1, 15)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	version := func(id structure.ID) int { return s.sheetOf(t, id).Version }
	asked, refused := s.plant(t, "Xylodemande", 1, day.Day{}, nil), s.plant(t, "Xylorefusée", 2, day.Day{}, nil)
	must(r.Ask(ctx, registerTeam, asked, version(asked), "Xyloquestion"))
	must(r.Refuse(ctx, registerTeam, refused, version(refused), "Xylorefus"))
	waiting := s.plant(t, "Xyloattente", 3, day.Day{}, nil)
	merged := s.plant(t, "Xylofusion", 4, day.Day{}, nil)
	must(r.Merge(ctx, registerTeam, merged, waiting, version(merged), version(waiting)))
	hidden = append(hidden, asked, refused, waiting)
	// What was a member keeps its name in the compositions of the past.
	suspended := s.plant(t, "Maison du Hautbois", 5, since, func(x *structure.Sheet) { x.PublishSheet, x.PublishContacts = true, true })
	must(r.Suspend(ctx, registerTeam, suspended, version(suspended), "Xylosuspension"))
	left := s.plant(t, "Maison du Basson", 6, since, func(x *structure.Sheet) { x.PublishSheet, x.PublishContacts, x.ShareNational = true, true, true })
	must(r.Leave(ctx, registerTeam, left, version(left), day.Today(), "Xylodépart"))
	hidden = append(hidden, suspended, left)
	silent := s.plant(t, "Maison de la Harpe", 7, since, func(x *structure.Sheet) { x.ShareNational = true })
	discreet := s.plant(t, "Maison du Célesta", 8, since, func(x *structure.Sheet) { // its sheet, not its contacts
		*x = structure.Sheet{Name: x.Name, College: x.College, INSEE: x.INSEE, Typology: x.Typology, Services: x.Services, Phone: x.Phone, Emails: x.Emails,
			PublishSheet: true, ShareNational: true}
	})
	must(r.RequestAccess(ctx, access.Actor{}, discreet, structure.AccessInput{First: "Xylou", Last: "Demande", Email: "xylou@example.org", Message: "Xylomessage"}, "198.51.100.3"))
	return hidden, append(members, silent, discreet)
}

// TestARegisterOfSecrets reads every page, file and search there is as everybody but
// the team, and for each structure that keeps something to itself: nothing of it is said.
func TestARegisterOfSecrets(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	hidden, members := s.secrets(t)
	address := s.paths(t)
	paths := []string{"/structures?q=XYLO", "/structures?q=hautbois", "/structures.csv?q=XYLO", "/structures.json", "/structures.json?q=celesta", "/recherche?q=XYLO",
		"/recherche?q=XYLO-8@EXAMPLE.ORG", "/structures?reseau=aladdin", "/structures?service=loisirs-et-creations-numeriques&commune=33039", "/communes/33039",
		"/instances/gni?q=XYLO", "/instances/gni?le=2026-01-01", "/instances/gni/differences?du=2025-01-01", "/reseaux/aladdin.json",
		"/structures/lieux-mediation-numerique.csv", "/structures/lieux-mediation-numerique.json"}
	for _, r := range s.portal.Routes() {
		if r.Method != http.MethodGet {
			continue
		}
		paths = append(paths, address(r.Pattern))
		if strings.Contains(r.Pattern, "/structures/{id:[0-9]+}") {
			for _, id := range append(hidden, members...) {
				paths = append(paths, address(strings.Replace(r.Pattern, "{id:[0-9]+}", fmt.Sprint(id), 1)))
			}
		}
	}
	team := s.signIn(t, accountOf[access.Team])
	if a := team.get(fmt.Sprintf("/equipe/structures/%d", hidden[0])); !strings.Contains(a.body, "Xyloquestion") || !strings.Contains(a.body, "Xylonote") {
		t.Fatal("the team does not read the secrets: the test looks at nothing")
	}
	for _, role := range []access.Role{access.Public, access.Structure, access.Mayor, access.Delegate, access.Partner, access.State, access.Chair, access.Scrutineer} {
		b := s.signIn(t, accountOf[role]).bare()
		for _, path := range paths {
			if strings.HasPrefix(path, "/deconnexion") {
				continue
			}
			a := b.get(path)
			for _, secret := range []string{"Xylo", "xylo-", "xylo.example", "Xylou", "+3350099", "05\u00a000\u00a099"} {
				if i := strings.Index(a.body, secret); i >= 0 {
					t.Errorf("%s tells %s (%d): …%s…", path, role, a.status, a.body[max(0, i-120):min(len(a.body), i+60)])
				}
			}
			if a.status >= 500 {
				t.Errorf("%s as %s: status %d", path, role, a.status)
			}
		}
	}
	nobody := s.browser(t)
	for _, part := range []string{"", "/acces"} { // it does not exist, no more than what never did
		never := nobody.get("/structures/99999999" + part)
		for _, id := range hidden {
			a := nobody.get(fmt.Sprintf("/structures/%d%s", id, part))
			if a.status != never.status || len(a.body) != len(never.body)-len("99999999")*strings.Count(never.body, "99999999")+len(fmt.Sprint(id))*strings.Count(a.body, fmt.Sprint(id)) {
				t.Errorf("the page of structure %d%s is not that of one that never was: %d, %d bytes and %d\n%s", id, part, a.status, len(a.body), len(never.body), a.text())
			}
		}
	}
}

// TestAnotherStructuresIdentifiers: a manager sends to their own pages the ids of
// another structure's people and requests, and a member the forms of a manager.
func TestAnotherStructuresIdentifiers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, members := s.secrets(t)
	other := members[1]
	manager, member := s.signIn(t, "structure-001@example.org"), s.signIn(t, "structure-001-equipe@example.org")
	theirs := s.count(t, `SELECT id::int FROM membership WHERE organisation_id = $1 LIMIT 1`, other)
	request := s.count(t, `SELECT id::int FROM access_request WHERE structure_id = $1`, other)
	own := s.count(t, `SELECT n.id::int FROM membership n JOIN account a ON a.person_id = n.person_id WHERE a.email = 'structure-001-equipe@example.org'`)
	people := func(id int) map[string]url.Values {
		return map[string]url.Values{
			fmt.Sprintf("/ma-structure/personnes/%d/droits", id):  {"droit": {"gestion"}},
			fmt.Sprintf("/ma-structure/personnes/%d/retrait", id): {},
		}
	}
	before := s.rows(t)
	for path, v := range people(theirs) {
		if get, post := manager.get(path), manager.post(path, v); get.status != 404 || post.status != 404 {
			t.Errorf("%s: %d, then %d", path, get.status, post.status)
		}
	}
	path := fmt.Sprintf("/ma-structure/acces/%d", request)
	if get, post := manager.get(path), manager.post(path, url.Values{"reponse": {"accepter"}, "gestionnaire": {"oui"}}); get.status != 404 || post.status != 404 {
		t.Errorf("the request of another structure: %d, then %d", get.status, post.status)
	}
	if a := manager.post("/ma-structure/personnes/referente", url.Values{"membre": {fmt.Sprint(theirs)}, "mandat": {"1"}, "verifie": {"oui"}}); a.status != 422 || strings.Contains(a.body, "Xylo") {
		t.Errorf("somebody of another structure in charge: %d\n%s", a.status, a.text())
	}
	for _, field := range []string{"id", "structure", "organisation"} {
		if a := manager.post("/ma-structure/a-jour", url.Values{field: {fmt.Sprint(other)}}); a.status != 400 {
			t.Errorf("a field %s is let through: %d", field, a.status)
		}
	}
	team := s.signIn(t, accountOf[access.Team])
	if a := team.post(fmt.Sprintf("/equipe/structures/%d/acces/%d", members[0], request), url.Values{"reponse": {"accepter"}}); a.status != 404 {
		t.Errorf("the team, by the address of another structure: %d", a.status)
	}
	forms := people(own)
	for _, section := range structure.SheetSections {
		forms["/ma-structure/fiche/"+string(section)] = formOf(t, manager.get("/ma-structure/fiche/"+string(section)).body)
	}
	forms["/ma-structure/personnes/nouvelle"] = url.Values{"prenom": {"A"}, "nom": {"B"}, "courriel": {"complice@example.org"}, "gestionnaire": {"oui"}}
	forms["/ma-structure/personnes/referente"] = url.Values{"membre": {fmt.Sprint(own)}, "mandat": {fmt.Sprint(s.count(t, `
		SELECT m.id::int FROM mandate m JOIN person p ON p.id = m.person_id WHERE p.email = 'structure-001@example.org' AND m.during @> paris_today() LIMIT 1`))}, "verifie": {"oui"}}
	forms["/ma-structure/depart"] = url.Values{"fin": {day.Today().String()}, "verifie": {"oui"}}
	for path, v := range forms {
		if a := member.post(path, v); a.status != 403 && a.status != 400 {
			t.Errorf("%s by who does not manage: %d\n%s", path, a.status, a.text())
		}
		if a := member.get(path); a.status != 403 {
			t.Errorf("the form %s is shown to who does not manage: %d", path, a.status)
		}
	}
	if a := member.get("/ma-structure/acces"); a.status != 403 {
		t.Errorf("the requests for access are shown to who does not manage: %d", a.status)
	}
	if s.rows(t) != before {
		t.Error("something was written")
	}
	// The delegate of Bègles acts for both, one at a time.
	delegate := s.signIn(t, "agent-begles@example.org")
	if a := delegate.get("/ma-structure"); a.status != 403 {
		t.Errorf("the space, acting in another capacity: %d", a.status)
	}
}

// TestTheDoorCloses: who was removed, and everybody of a structure that is suspended,
// has left or was merged, is out at the next request.
func TestTheDoorCloses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := s.register(t)
	org := func(n string) structure.Sheet {
		return s.sheetOf(t, structure.ID(s.count(t, `SELECT s.organisation_id::int FROM seat s JOIN mandate m ON m.seat_id = s.id JOIN person p ON p.id = m.person_id
			WHERE p.email = $1 AND s.kind = 'structure' AND m.during @> paris_today()`, "structure-"+n+"@example.org")))
	}
	into := org("009")
	for n, act := range map[string]func(structure.Sheet) error{
		"003": func(x structure.Sheet) error { return r.Suspend(t.Context(), registerTeam, x.ID, x.Version, "Motif") },
		"004": func(x structure.Sheet) error {
			return r.Leave(t.Context(), registerTeam, x.ID, x.Version, day.Today(), "")
		},
	} {
		b := s.signIn(t, "structure-"+n+"@example.org")
		if a := b.get("/ma-structure"); a.status != 200 {
			t.Fatalf("structure %s: %d", n, a.status)
		}
		if err := act(org(n)); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/ma-structure", "/ma-structure/personnes", "/ma-structure/fiche/services"} {
			if a := b.get(path); a.status != 403 && a.status != 404 {
				t.Errorf("%s of structure %s once out: %d", path, n, a.status)
			}
		}
		if a := b.post("/ma-structure/a-jour", url.Values{}); a.status != 403 && a.status != 404 {
			t.Errorf("structure %s still says its sheet is right: %d", n, a.status)
		}
	}
	from := org("006")
	b := s.signIn(t, "structure-006@example.org")
	if err := r.Merge(t.Context(), registerTeam, from.ID, into.ID, from.Version, into.Version); err != nil {
		t.Fatal(err)
	}
	if a := b.get("/ma-structure"); a.status == 200 && strings.Contains(a.body, "<h1>"+from.Name) {
		t.Error("the space of a merged record is open")
	}
	manager, member := s.signIn(t, "structure-001@example.org"), s.signIn(t, "structure-001-equipe@example.org")
	own := s.count(t, `SELECT n.id::int FROM membership n JOIN account a ON a.person_id = n.person_id WHERE a.email = 'structure-001-equipe@example.org'`)
	if a := manager.post(fmt.Sprintf("/ma-structure/personnes/%d/retrait", own), url.Values{}); a.status != 303 {
		t.Fatalf("remove: %d\n%s", a.status, a.text())
	}
	if a := member.get("/ma-structure"); a.status != 403 {
		t.Errorf("the space of who was removed: %d", a.status)
	}
}

// TestConsentWithdrawnIsSeenWithinASecond, on every page and file that showed the sheet.
func TestConsentWithdrawnIsSeenWithinASecond(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.plant(t, "Maison du Triangle", 9, day.Of(2025, 1, 15), func(x *structure.Sheet) {
		x.RNA, x.PublishSheet, x.PublishContacts, x.ShareNational = "W332012345", true, true, true
	})
	s.remember(t)
	b := s.browser(t)
	sheet := fmt.Sprintf("/structures/%d", id)
	eventually(t, 5*time.Second, "the sheet is kept", func() bool { return s.fromMemory(b, sheet) })
	paths := []string{sheet, "/structures/lieux-mediation-numerique.csv", "/structures/lieux-mediation-numerique.json"}
	for _, path := range paths {
		if a := b.get(path); !strings.Contains(a.body, "Xylo") {
			t.Fatalf("%s does not show the sheet: the test looks at nothing (%d)\n%s", path, a.status, a.text())
		}
	}
	x := s.sheetOf(t, id)
	x.PublishSheet, x.PublishContacts, x.ShareNational = false, false, false
	if err := s.register(t).UpdateSection(t.Context(), registerTeam, x, structure.Consents); err != nil {
		t.Fatal(err)
	}
	for _, path := range append(paths, "/structures?q=triangle", "/structures.csv", "/structures.json", "/recherche?q=triangle", "/reseaux/aladdin.csv") {
		eventually(t, time.Second, path+" is silent", func() bool { a := b.get(path); return a.status == 200 && !strings.Contains(a.body, "Xylo") })
	}
}
