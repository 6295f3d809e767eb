package structure

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/structure/national"
)

// fullSheet is a sheet with every answer, as Clean leaves it.
func fullSheet() Sheet {
	return Sheet{
		Name: "Atelier des Exemples", SIRET: "00000000100016", RNA: "W332000001", Typology: []string{"TIERS_LIEUX", "ASSO"},
		INSEE: "33063", Address: "12 rue des Exemples", AddressMore: "Bâtiment B", PostalCode: "33000", Mobility: []string{"Itinérant", "Fixe"}, MetropoleWide: true,
		College:  governance.DigitalMediation,
		Services: []string{"Aide aux démarches administratives", "Utilisation sécurisée du numérique"}, SupportModes: []string{"En autonomie", "À distance"},
		Audiences: []string{"Jeunes", "Seniors"}, SpecialCare: []string{"Surdité", "Illettrisme"}, Fees: []string{"Gratuit"},
		Summary: "Nous aidons chacun à se servir du numérique.", Detail: "Des ateliers :\n\n- le lundi\n- le jeudi",
		HoursText: "Du lundi au vendredi de 9h à 12h", AccessModes: []string{"Se présenter", "Téléphoner"}, Phone: "+33556000000",
		Emails: []string{"contact@example.org", "accueil@example.org"}, Websites: []string{"https://www.example.org/atelier"},
		AppointmentURL: "https://rdv.example.org", AccessibilityURL: "https://acceslibre.example.org/lieu",
		Aladdin: AladdinMediation, Programmes: []string{"Conseillers numériques", "France Services"}, AdviserPosts: 2,
		Labels: []string{"ORDI 3.0"}, OtherLabels: []string{"Label local"}, PublishSheet: true, PublishContacts: true, ShareNational: true,
	}
}

func cleanAll(s Sheet) Sheet {
	for _, section := range Sections {
		s = s.Clean(section)
	}
	return s
}

// wrong lists the fields that Check finds wrong in all sections.
func wrong(s Sheet) []string {
	var out []string
	for _, section := range Sections {
		for _, p := range s.Check(section) {
			out = append(out, p.Field)
		}
	}
	return out
}

func TestFullSheetIsRight(t *testing.T) {
	t.Parallel()
	s := cleanAll(fullSheet())
	if w := wrong(s); len(w) > 0 {
		t.Errorf("a right sheet is refused: %v", w)
	}
	want := fullSheet()
	want.Hours = s.Hours // what was understood is national's to test
	if !reflect.DeepEqual(s, want) {
		t.Errorf("Clean changed a sheet that was clean:\n%+v\n%+v", s, want)
	}
}

func TestSheetNeedsLittle(t *testing.T) {
	t.Parallel()
	s := Sheet{Name: "Collectif", INSEE: "33063", College: governance.SocialAction, Typology: []string{"Autre"}, Services: []string{"Aide aux démarches administratives"}}
	if w := wrong(cleanAll(s)); len(w) > 0 {
		t.Errorf("the least sheet is refused: %v", w)
	}
	if got, want := wrong(Sheet{}), []string{"nom_organisation", "type", "commune", "college", "services"}; !slices.Equal(got, want) {
		t.Errorf("an empty sheet misses %v, want %v", got, want)
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	read := func(change func(*Sheet)) Sheet {
		s := fullSheet()
		change(&s)
		return cleanAll(s)
	}
	for in, want := range map[string]string{
		"05 56 00 00 00": "+33556000000", "05.56.00.00.00": "+33556000000", "05-56-00-00-00": "+33556000000", "+33 (0)5 56 00 00 00": "+33556000000",
		"0033556000000": "+33556000000", "+33 5\u00a056\u202f00 00 00": "+33556000000", "33556000000": "+33556000000", "+32 2 000 00 00": "+3220000000", "": "",
	} {
		if got := read(func(s *Sheet) { s.Phone = in }).Phone; got != want {
			t.Errorf("telephone %q is kept as %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"www.Example.org": "https://www.example.org", " HTTP://Example.ORG/Page ": "http://example.org/Page", "example.org/a?u=http://B": "https://example.org/a?u=http://B", "": "",
	} {
		if got := read(func(s *Sheet) { s.AppointmentURL = in }).AppointmentURL; got != want {
			t.Errorf("address %q is kept as %q, want %q", in, got, want)
		}
	}
	if got := read(func(s *Sheet) { s.SIRET = "000 000 001\u00a000016" }).SIRET; got != "00000000100016" {
		t.Errorf("SIRET kept as %q", got)
	}
	if got := read(func(s *Sheet) { s.RNA = " w 332000001 " }).RNA; got != "W332000001" {
		t.Errorf("RNA kept as %q", got)
	}
	if got := read(func(s *Sheet) { s.Name = "  Le\u202fLieu \n dit " }).Name; got != "Le Lieu dit" {
		t.Errorf("name kept as %q", got)
	}
	if got := read(func(s *Sheet) { s.Detail = "\r\n a \r\n\r\n\r\n\r\nb\r\n" }).Detail; got != "a\n\nb" {
		t.Errorf("text kept as %q", got)
	}
	if got := read(func(s *Sheet) { s.Emails = []string{" A@Example.org", "", "a@example.org"} }).Emails; !slices.Equal(got, []string{"a@example.org"}) {
		t.Errorf("addresses kept as %q", got)
	}
	if got := read(func(s *Sheet) { s.Programmes, s.AdviserPosts = nil, 1 }).Programmes; !slices.Equal(got, []string{national.Advisers}) {
		t.Errorf("a post of adviser leaves the programmes %q", got)
	}
	if got := read(func(s *Sheet) { s.Services = []string{"Autre chose", national.Services[3].Value, national.Services[0].Value} }).Services; got[0] != national.Services[0].Value || got[2] != "Autre chose" {
		t.Errorf("services kept as %q", got)
	}
}

// TestCheckRefuses changes one answer of a right sheet, and expects a message there.
func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		field  string
		change func(*Sheet)
	}{
		"a SIRET too short":              {"siret", func(s *Sheet) { s.SIRET = "0000000010001" }},
		"a SIRET whose key is wrong":     {"siret", func(s *Sheet) { s.SIRET = "00000000100017" }},
		"letters as SIRET":               {"siret", func(s *Sheet) { s.SIRET = "FR12345678901X" }},
		"an RNA of another shape":        {"rna", func(s *Sheet) { s.RNA = "332000001" }},
		"no name":                        {"nom_organisation", func(s *Sheet) { s.Name = " \u00a0" }},
		"a long name":                    {"nom_organisation", func(s *Sheet) { s.Name = strings.Repeat("é", 201) }},
		"a formula as name":              {"nom_organisation", func(s *Sheet) { s.Name = "=HYPERLINK(1)" }},
		"a formula by sign":              {"adresse", func(s *Sheet) { s.Address = "+1+1" }},
		"a formula by at":                {"presentation", func(s *Sheet) { s.Summary = "@SUM(1)" }},
		"a name that reads backwards":    {"nom_organisation", func(s *Sheet) { s.Name = "Ana\u202eeriaM" }},
		"a control character":            {"detail", func(s *Sheet) { s.Detail = "a\u0007b" }},
		"no kind":                        {"type", func(s *Sheet) { s.Typology = nil }},
		"an unknown kind":                {"type", func(s *Sheet) { s.Typology = []string{"ASSO", "SECTE"} }},
		"no commune":                     {"commune", func(s *Sheet) { s.INSEE = "" }},
		"a commune of elsewhere":         {"commune", func(s *Sheet) { s.INSEE = "75056" }},
		"a postal code of four digits":   {"code_postal", func(s *Sheet) { s.PostalCode = "3300" }},
		"no college":                     {"college", func(s *Sheet) { s.College = "" }},
		"no service":                     {"services", func(s *Sheet) { s.Services = nil }},
		"an unknown service":             {"services", func(s *Sheet) { s.Services = []string{"Massage"} }},
		"an unknown audience":            {"publics", func(s *Sheet) { s.Audiences = []string{"Chats"} }},
		"an unknown support":             {"accompagnement", func(s *Sheet) { s.SupportModes = []string{"x"} }},
		"an unknown need":                {"prise_en_charge", func(s *Sheet) { s.SpecialCare = []string{"x"} }},
		"unknown fees":                   {"frais", func(s *Sheet) { s.Fees = []string{"Cher"} }},
		"a long summary":                 {"presentation", func(s *Sheet) { s.Summary = strings.Repeat("a", 281) }},
		"a long text":                    {"detail", func(s *Sheet) { s.Detail = strings.Repeat("a", 2001) }},
		"long hours":                     {"horaires", func(s *Sheet) { s.HoursText = strings.Repeat("a", 501) }},
		"closed, but come":               {"acces", func(s *Sheet) { s.AccessModes = []string{closed, goThere} }},
		"a short telephone":              {"telephone", func(s *Sheet) { s.Phone = "05 56" }},
		"words as telephone":             {"telephone", func(s *Sheet) { s.Phone = "demandez à l’accueil" }},
		"an address without domain":      {"courriels", func(s *Sheet) { s.Emails = []string{"contact"} }},
		"six addresses":                  {"courriels", func(s *Sheet) { s.Emails = strings.Split("a@x.fr b@x.fr c@x.fr d@x.fr e@x.fr f@x.fr", " ") }},
		"a script as site":               {"sites", func(s *Sheet) { s.Websites = []string{"javascript:alert(1)"} }},
		"a script with host":             {"sites", func(s *Sheet) { s.Websites = []string{"javascript://example.org/%0aalert(1)"} }},
		"a password in a site":           {"sites", func(s *Sheet) { s.Websites = []string{"https://a:b@example.org"} }},
		"a site without domain":          {"rdv", func(s *Sheet) { s.AppointmentURL = "https://intranet" }},
		"a bar in a site":                {"acces_libre", func(s *Sheet) { s.AccessibilityURL = "https://example.org/a|b" }},
		"an unknown role":                {"aladdin", func(s *Sheet) { s.Aladdin = "genie" }},
		"an unknown programme":           {"programmes", func(s *Sheet) { s.Programmes = []string{"x"} }},
		"posts past any number":          {"postes", func(s *Sheet) { s.AdviserPosts = 201 }},
		"a bar in a label":               {"autres_labels", func(s *Sheet) { s.OtherLabels = []string{"a|b"} }},
		"contacts of an unshown sheet":   {"publier_coordonnees", func(s *Sheet) { s.PublishSheet = false }},
		"an unknown label":               {"labels", func(s *Sheet) { s.Labels = []string{"x"} }},
		"an unknown way":                 {"itinerance", func(s *Sheet) { s.Mobility = []string{"Volant"} }},
		"an address of several messages": {"courriels", func(s *Sheet) { s.Emails = []string{"Nom <a@example.org>"} }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := fullSheet()
			x.change(&s)
			if got := wrong(cleanAll(s)); !slices.Equal(got, []string{x.field}) {
				t.Errorf("wrong fields: %v, want %s alone", got, x.field)
			}
		})
	}
}

func TestFrenchListsAreNoFormulas(t *testing.T) {
	t.Parallel()
	s := fullSheet()
	s.Summary, s.Detail = "+ de 60 ans : bienvenue", "- le lundi\n- le jeudi"
	if w := wrong(cleanAll(s)); len(w) > 0 {
		t.Errorf("refused: %v", w)
	}
}

// drawn is a sheet of anything people and files may bring.
func drawn(t *rapid.T) Sheet {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"05 56 00 00 00", "+330 556", "0000330", "http://A.B/C", "a:b", "//x", "33 0 5", "\u00a0w1", "é\r\né", "A@B.FR"}),
		rapid.StringMatching(`[+0-9 ().-]{0,18}`), rapid.StringMatching(`[a-zA-Z:/.?=]{0,12}`))
	list := rapid.SliceOfN(rapid.OneOf(text, rapid.SampledFrom(append(national.Services.Values(), national.Programmes.Values()...))), 0, 4)
	var s Sheet
	v := reflect.ValueOf(&s).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); {
		case f.Kind() == reflect.String:
			f.SetString(text.Draw(t, v.Type().Field(i).Name))
		case f.Type() == reflect.TypeFor[[]string]():
			f.Set(reflect.ValueOf(list.Draw(t, v.Type().Field(i).Name)))
		}
	}
	s.AdviserPosts = rapid.IntRange(-1, 300).Draw(t, "posts")
	return s
}

func TestCleanTwiceIsCleanOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		once := cleanAll(drawn(t))
		if twice := cleanAll(once); !reflect.DeepEqual(once, twice) {
			t.Fatalf("cleaned once:\n%#v\ntwice:\n%#v", once, twice)
		}
		_ = wrong(once) // whatever it is, it is judged
	})
}

// TestRightSheetsAreWritten writes what Check lets through: the schema refuses none.
func TestRightSheetsAreWritten(t *testing.T) {
	t.Parallel()
	w := newSheetWorld(t)
	for i, change := range []func(*Sheet){
		func(*Sheet) {},
		func(s *Sheet) { s.Name = strings.Repeat("é", 200) },
		func(s *Sheet) { s.Summary, s.Detail, s.HoursText = strings.Repeat("é", 280), strings.Repeat("é", 2000), strings.Repeat("é", 500) },
		func(s *Sheet) { s.Phone, s.SIRET, s.RNA, s.AdviserPosts = "+4412345678", "", "", 200 },
		func(s *Sheet) { s.Typology = national.Typologies.Values()[:5] },
		func(s *Sheet) {
			s.Services, s.Audiences, s.SpecialCare = national.Services.Values(), national.Audiences.Values(), national.SpecialCare.Values()
			s.Fees, s.Programmes, s.Labels, s.SupportModes = national.Fees.Values(), national.Programmes.Values(), national.Labels.Values(), national.SupportModes.Values()
		},
		func(s *Sheet) { s.AppointmentURL = "https://example.org/" + strings.Repeat("a", 280) },
	} {
		s := fullSheet()
		change(&s)
		if s = cleanAll(s); len(wrong(s)) > 0 {
			t.Fatalf("sheet %d is refused: %v", i, wrong(s))
		}
		s.ID = w.id
		if err := write(t.Context(), w.db, s); err != nil {
			t.Errorf("sheet %d: %v", i, err)
		}
	}
}

func TestCommuneCodesAreTheTable(t *testing.T) {
	t.Parallel()
	codes, err := postgres.Values[string](t.Context(), pgtest.Tx(t), `SELECT insee FROM commune ORDER BY insee`)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(codes, communeCodes) {
		t.Errorf("communes %v, want %v", communeCodes, codes)
	}
}

// TestSectionsHoldEveryAnswer finds each field of a sheet that people answer in one
// section, taken by with and told by values.
func TestSectionsHoldEveryAnswer(t *testing.T) {
	t.Parallel()
	kept := map[string]bool{"ID": true, "State": true, "Origin": true, "MergedInto": true, "NationalID": true, "Source": true, "Parent": true, "Commune": true,
		"Latitude": true, "Longitude": true, "CreatedAt": true, "SubmittedAt": true, "DecidedAt": true, "UpToDateAt": true, "ChangedAt": true,
		"Freshness": true, "Version": true, "Shown": true}
	full := fullSheet()
	full.Hours = "Mo-Fr 09:00-12:00"
	all, told := Sheet{}, 0
	for _, section := range Sections {
		part := Sheet{}.with(section, full)
		if section != People && reflect.DeepEqual(part, Sheet{}) {
			t.Errorf("section %s holds nothing", section)
		}
		all, told = all.with(section, full), told+len(full.values(section))
		for k, v := range part.values(section) {
			if reflect.DeepEqual(v, Sheet{}.values(section)[k]) {
				t.Errorf("section %s: %s is told and not taken", section, k)
			}
		}
	}
	v, answers := reflect.ValueOf(all), 0
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		if !kept[name] {
			answers++
		}
		if v.Field(i).IsZero() != kept[name] {
			t.Errorf("field %s: taken by no section, or one that no section may take", name)
		}
	}
	if told != answers {
		t.Errorf("%d values are told of %d answers", told, answers)
	}
}
