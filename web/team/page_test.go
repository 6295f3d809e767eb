package team

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"

	"github.com/a-h/templ"
)

// states are pages in states no journey leads to easily, drawn from values alone.
func states() map[string]templ.Component {
	today := day.Of(2026, 11, 23)
	mandate := governance.MandateLine{ID: 4, Kind: governance.Titular, Person: 2, First: "Alix", Last: "Martin", From: day.Of(2025, 1, 1),
		TermEndsOn: day.Of(2026, 1, 1), Designation: "élection", Version: 1, PersonVersion: 1, Tense: governance.Current}
	future := mandate
	future.ID, future.Tense, future.From = 5, governance.Future, day.Of(2027, 1, 1)
	past := mandate
	past.ID, past.Tense, past.Until, past.Reference = 6, governance.Past, day.Of(2026, 1, 1), "délibération du 28 mars 2026"
	seat := governance.SeatPage{ID: 3, Kind: governance.President, Label: "Présidente", Today: today, From: day.Of(2024, 12, 6),
		State: governance.CarriedOver, Bodies: []governance.BodyCode{governance.CMTIN}, Mandates: []governance.MandateLine{mandate, future, past}}
	vacant := seat
	vacant.Mandates, vacant.State, vacant.Kind, vacant.Organisation, vacant.OrganisationName = nil, governance.Vacant, governance.Mayor, 7, "Bègles"
	shut := seat
	shut.Until = day.Of(2026, 10, 1)
	closing := vacant
	closing.Until = day.Of(2027, 10, 1)
	f := form.New()
	wrong := form.New()
	wrong.Fail("debut", "Saisissez une date qui existe, par exemple 27/3/2027.")
	wrong.Fail("", "Une raison générale.")
	c := ui.Chrome{Title: "Titre", Section: section, Path: "/equipe/x", Actor: access.Actor{Account: 1, Name: "Alix"}}
	line := governance.RenewalLine{INSEE: "33039", Name: "Bègles", Seat: 3, Mandate: 4, Version: 1, First: "Alix", Last: "Martin", Since: today, TermEndsOn: today.AddYears(6)}
	rows := form.New()
	for _, name := range rowFields {
		rows.Fail(field(name, "33039"), "Bègles – "+name)
	}
	rows.Fail("debut_33039", "Bègles – debut")
	rows.Fail("fichier", "Fichier refusé.")
	org := organisationView{Organisation: governance.OrganisationPage{ID: 7, Kind: governance.CommuneOrganisation, Name: "Bègles", INSEE: "33039", Today: today}, Key: "k"}
	metropole := organisationView{Organisation: governance.OrganisationPage{ID: 1, Kind: governance.MetropoleOrganisation, Name: "Bordeaux Métropole", Today: today}, Key: "k"}
	v := designationView{Seat: seat, Kind: governance.Titular, Current: &mandate, Key: "k"}
	meanwhile := v
	meanwhile.Meanwhile = true
	emptied := meanwhile
	emptied.Current = nil
	found := v
	found.Search, found.People = "alix", []governance.PersonMatch{{ID: 1, First: "Alix", Last: "Un", Holds: "Maire de Bègles"}, {ID: 2, First: "Alix", Last: "Deux", Email: "a@exemple.fr"}}
	alternate := designationView{Seat: vacant, Kind: governance.Alternate, Key: "k"}
	end := endView{Seat: seat, Mandate: mandate, Key: "k", Meanwhile: true}
	return map[string]templ.Component{
		"a seat carried over":          seatPage(c, seat),
		"a vacant seat":                seatPage(c, vacant),
		"a closed seat":                seatPage(c, shut),
		"a seat that will close":       seatPage(c, closing),
		"a replacement":                designationPage(c, v, f),
		"a replacement, errors":        designationPage(c, v, wrong),
		"a replacement, changed":       designationPage(c, meanwhile, f),
		"a replacement, left meantime": designationPage(c, emptied, f),
		"a replacement, people found":  designationPage(c, found, f),
		"an alternate alone":           designationPage(c, alternate, f),
		"on a closed seat":             designationPage(c, designationView{Seat: shut, Kind: governance.Titular, Key: "k"}, f),
		"the end of a chair":           endPage(c, end, wrong),
		"the end of a past mandate":    endPage(c, endView{Seat: seat, Mandate: past, Key: "k"}, f),
		"a cancellation":               cancelPage(c, endView{Seat: seat, Mandate: future, Key: "k"}, f),
		"a renewal, all wrong":         renewalPage(c, renewalView{Lines: []governance.RenewalLine{line}, Stale: []string{"33039"}, Partial: true, Key: "k", File: "f.csv", Cells: []governance.CellError{{Line: 2, Column: "nom", Message: "cette case est vide."}, {Message: "Autre."}}}, rows),
		"a renewal, saved":             renewalPage(c, renewalView{Lines: []governance.RenewalLine{line}, Saved: []string{"33039"}, Key: "k"}, f),
		"a commune":                    organisationPage(c, org),
		"a commune's name":             renamePage(c, org, f),
		"a commune does not leave":     leavePage(c, org, f),
		"the metropole":                organisationPage(c, metropole),
		"the metropole's people":       newMemberPage(c, memberView{organisationView: metropole}, f),
	}
}

func TestStates(t *testing.T) {
	t.Parallel()
	for name, page := range states() {
		var b strings.Builder
		if err := page.Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		sound(t, name, b.String())
	}
}

func TestPagesAreSound(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	seat := s.mayorOf("33039")
	done := s.hold(seat, governance.Titular, "Alix", "Martin")
	for _, path := range []string{seatsPath, seatsPath + "?q=x", seatPath(seat), newMandatePath(seat, governance.Titular) + "&personne=alix",
		newMandatePath(seat, governance.Alternate), mandatePath(seat, done.Mandate, "fin"), mandatePath(seat, done.Mandate, "correction"),
		mandatePath(seat, done.Mandate, "annulation"), organisationsPath, newOrganisationPath, newOrganisationPath + "?type=etat",
		organisationPath(2), newMemberPath(2), personPath(done.Person.ID, seatPath(seat)), renewalPath, bodiesPath,
		settingsPath(governance.GNI), "/equipe/instances/gni/reglages/duree-mandat"} {
		sound(t, path, s.get(path).status(200).body)
	}
}

var (
	ids      = regexp.MustCompile(` id="([^"]*)"`)
	points   = regexp.MustCompile(` (?:for|aria-describedby|aria-labelledby)="([^"]*)"`)
	fieldID  = regexp.MustCompile(`<(?:input type="(?:text|email|search|file|checkbox|radio)"|select|textarea)\s+id="([^"]*)"`)
	badTypo  = regexp.MustCompile(`[\p{L}»)] [:;!?%](?:\s|$)|[\p{L}»)][!?;](?:\s|$)|« | »|\p{L}'\p{L}|\.\.\.`)
	mainPart = regexp.MustCompile(`(?s)<main.*</main>`)
)

// sound checks what every page must hold, whatever it says.
func sound(t *testing.T, name, body string) {
	t.Helper()
	if n := strings.Count(body, "<h1"); n != 1 {
		t.Errorf("%s: %d h1", name, n)
	}
	if !strings.Contains(body, " – Équipe – ") {
		t.Errorf("%s: the title does not name the section", name)
	}
	known := map[string]bool{}
	for _, m := range ids.FindAllStringSubmatch(body, -1) {
		if known[m[1]] {
			t.Errorf("%s: the id %s comes twice", name, m[1])
		}
		known[m[1]] = true
	}
	for _, m := range points.FindAllStringSubmatch(body, -1) {
		for id := range strings.FieldsSeq(m[1]) {
			if !known[id] {
				t.Errorf("%s: nothing has the id %s", name, id)
			}
		}
	}
	for _, m := range fieldID.FindAllStringSubmatch(body, -1) {
		if !strings.Contains(body, `for="`+m[1]+`"`) {
			t.Errorf("%s: the field %s has no label", name, m[1])
		}
	}
	main := mainPart.FindString(body)
	for _, part := range strings.Split(main, `<form method="post"`)[1:] {
		if !strings.Contains(part, `name="`+form.KeyField+`"`) {
			t.Errorf("%s: a form has no key", name)
		}
	}
	for _, m := range badTypo.FindAllString(html.UnescapeString(tags.ReplaceAllString(main, "\n")), -1) {
		t.Errorf("%s: typography: %q", name, m)
	}
}

func TestFillKeepsTheMayor(t *testing.T) {
	t.Parallel()
	lines := []governance.RenewalLine{{INSEE: "33039", Name: "Bègles", Mandate: 4, First: "Zoé", Last: "Lefèvre", Email: "zoe@exemple.fr"}}
	for _, tt := range []struct {
		row  governance.RenewalRow
		same bool
	}{
		{governance.RenewalRow{INSEE: "33039", First: "ZOE", Last: "Lefevre"}, true},
		{governance.RenewalRow{INSEE: "33039", First: "Zoé", Last: "Lefèvre", Email: "zoe@exemple.fr"}, true},
		{governance.RenewalRow{INSEE: "33039", First: "Zoé", Last: "Lefèvre", Email: "autre@exemple.fr"}, false},
		{governance.RenewalRow{INSEE: "33039", First: "Nour", Last: "Autre"}, false},
	} {
		f := form.New()
		if !fill(f, lines, tt.row) || (f.Value("meme_33039") != "") != tt.same || (f.Value("nom_33039") == "") != tt.same {
			t.Errorf("%+v: same %q, name %q", tt.row, f.Value("meme_33039"), f.Value("nom_33039"))
		}
	}
	if fill(form.New(), lines, governance.RenewalRow{INSEE: "99999"}) {
		t.Error("filled an unknown commune")
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	if got := page.RefusalStatus(form.New(), nil); got != 200 {
		t.Errorf("first display: %d", got)
	}
	if got := page.RefusalStatus(form.New(), problem.New(problem.Conflict, "")); got != 409 {
		t.Errorf("conflict: %d", got)
	}
}
