package structure

import (
	"bytes"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/ui"
	"bordeaux-metropole.fr/portal/web/ui/uitest"
)

var choices = NewChoices([]structure.CommuneChoice{{INSEE: "33063", Name: "Bordeaux"}, {INSEE: "33550", Name: "Villenave-d'Ornon"}})

// asked are the sections that have fields.
var asked = []structure.Section{structure.Identity, structure.Place, structure.ByCollege, structure.Offer, structure.Welcome, structure.Networks, structure.Consents}

func fullSheet() structure.Sheet {
	return structure.Sheet{
		ID: 7, Name: "Atelier des Exemples", SIRET: "00000000100016", RNA: "W332000001", Typology: []string{"TIERS_LIEUX", "ASSO", "FABLAB"},
		State: structure.Accepted, Origin: structure.FromRegistration, Commune: "Bordeaux",
		INSEE: "33063", Address: "12 rue des Exemples", AddressMore: "Bâtiment B", PostalCode: "33000", Mobility: []string{"Itinérant", "Fixe"}, MetropoleWide: true,
		College:  governance.DigitalMediation,
		Services: []string{"Aide aux démarches administratives", "Utilisation sécurisée du numérique"}, SupportModes: []string{"En autonomie", "À distance"},
		Audiences: []string{"Jeunes", "Seniors"}, SpecialCare: []string{"Surdité", "Illettrisme"}, Fees: []string{"Gratuit"},
		Summary: "Nous aidons chacun à se servir du numérique.", Detail: "Des ateliers :\n\n- le lundi\n- le jeudi",
		HoursText: "Du lundi au vendredi de 9h à 12h", AccessModes: []string{"Se présenter", "Téléphoner"}, Phone: "+33556000000",
		Emails: []string{"contact@example.org", "accueil@example.org"}, Websites: []string{"https://www.example.org/atelier"},
		AppointmentURL: "https://rdv.example.org/prendre", AccessibilityURL: "https://acceslibre.example.org/lieu",
		Aladdin: structure.AladdinMediation, Programmes: []string{"Conseillers numériques", "Point d'accès numérique CAF"}, AdviserPosts: 2,
		Labels: []string{"ORDI 3.0", "SUD LABS (PACA)"}, OtherLabels: []string{"Label local"}, PublishSheet: true, PublishContacts: true, ShareNational: true,
		Freshness: structure.Recent,
	}
}

// send posts what a form shows, as a browser would; change alters it first.
func send(t testing.TB, shown *form.Form, change func(url.Values)) *form.Form {
	t.Helper()
	values := url.Values{}
	for k, v := range shown.All() {
		values[k] = append([]string(nil), v...)
	}
	if change != nil {
		change(values)
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	f, err := form.Read(r)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func draw(t testing.TB, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// page sets a component in a whole page, for the checks of HTML.
func page(c templ.Component, t testing.TB) string {
	t.Helper()
	chrome := ui.Chrome{Title: "Essai", Path: "/essai", Nav: []ui.NavItem{{Label: "Accueil", Href: "/"}}}
	var b bytes.Buffer
	ctx := templ.WithChildren(t.Context(), templ.Join(ui.PageTitle(chrome, ""), c))
	if err := ui.Layout(chrome).Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestSectionComesBackAsItWas shows a sheet, sends it unchanged and reads it.
func TestSectionComesBackAsItWas(t *testing.T) {
	t.Parallel()
	for _, section := range asked {
		t.Run(string(section), func(t *testing.T) {
			t.Parallel()
			s := fullSheet()
			shown := form.New()
			Fill(shown, section, s)
			f := send(t, shown, nil)
			got := s
			Read(f, section, &got)
			if !f.OK() || f.Unknown() != nil {
				t.Fatalf("refused: %v, %v", f.Errors(), f.Unknown())
			}
			got.Hours, got.Shown = s.Hours, ""
			if !reflect.DeepEqual(got, s) {
				t.Errorf("read back:\n%+v\nwant:\n%+v", got, s)
			}
		})
	}
}

var fieldNames = regexp.MustCompile(`<(?:input|select|textarea)[^>]* name="([^"]+)"`)

// TestReadAsksForEveryField: what Fields draws is what Read and Fill know.
func TestReadAsksForEveryField(t *testing.T) {
	t.Parallel()
	for _, section := range asked {
		shown := form.New()
		Fill(shown, section, fullSheet())
		f := send(t, shown, nil)
		Read(f, section, &structure.Sheet{})
		html := draw(t, Fields(shown, section, choices))
		names := fieldNames.FindAllStringSubmatch(html, -1)
		for _, m := range names {
			if !f.Asked(m[1]) {
				t.Errorf("%s: nobody reads the field %s", section, m[1])
			}
		}
		for name := range shown.All() {
			if !strings.Contains(html, ` name="`+name+`"`) {
				t.Errorf("%s: no field shows %s", section, name)
			}
		}
		if len(names) == 0 {
			t.Errorf("%s has no field", section)
		}
	}
}

// TestErrorsKeepWhatWasTyped sends answers that are wrong: each has its message, and
// all comes back as typed.
func TestErrorsKeepWhatWasTyped(t *testing.T) {
	t.Parallel()
	for section, typed := range map[structure.Section]url.Values{
		structure.Identity:  {"siret": {"000 000 001 0001X"}, "rna": {"332"}, "nom_organisation": {"=1+1"}, "type": {""}},
		structure.Place:     {"commune": {""}, "adresse": {"=rue"}, "complement": {"@fond"}, "code_postal": {"33 00"}},
		structure.ByCollege: {"college": {""}},
		structure.Offer:     {"services": nil, "frais": {"Cher"}},
		structure.Welcome: {"presentation": {strings.Repeat("très ", 60)}, "horaires": {"@ la porte"}, "telephone": {"05 56"}, "courriels": {"contact\r\nb@example.org"},
			"sites": {"ftp://example.org"}, "rdv": {"http://a b"}, "acces_libre": {"intranet"}, "detail": {"=x"}},
		structure.Networks: {"postes": {"mille"}, "autres_labels": {"=label"}, "aladdin": {"lampe"}},
		structure.Consents: {"publier_fiche": nil, "publier_coordonnees": {"oui"}},
	} {
		t.Run(string(section), func(t *testing.T) {
			t.Parallel()
			shown := form.New()
			Fill(shown, section, fullSheet())
			f := send(t, shown, func(v url.Values) {
				for k, x := range typed {
					v[k] = x
				}
			})
			s := fullSheet()
			Read(f, section, &s)
			out := draw(t, Fields(f, section, choices))
			for name, values := range typed {
				if section == structure.Consents && name == "publier_fiche" {
					continue // its absence is what makes the other wrong
				}
				if f.Error(name) == "" {
					t.Errorf("%s: no message", name)
				}
				if !strings.Contains(out, `id="`+name+`-erreur"`) {
					t.Errorf("%s: its message is not drawn", name)
				}
				for _, v := range values {
					unlisted := v == "" || name == "frais" || name == "aladdin"
					if !unlisted && !strings.Contains(html.UnescapeString(strings.ReplaceAll(out, "\r\n", "\n")), strings.ReplaceAll(v, "\r\n", "\n")) {
						t.Errorf("%s: %q does not come back", name, v)
					}
				}
			}
			for _, e := range f.Errors() {
				if _, ok := typed[e.Field]; !ok {
					t.Errorf("%s: a message about what is right: %s", e.Field, e.Message)
				}
			}
		})
	}
}

func TestIdentityAnswers(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		typed      url.Values
		field      string
		siret, rna string
	}{
		"a SIRET":                {url.Values{"identifiant": {"siret"}, "siret": {"000 000 001 00016"}}, "", "00000000100016", ""},
		"a SIRET not given":      {url.Values{"identifiant": {"siret"}}, "siret", "", ""},
		"an association":         {url.Values{"identifiant": {"association"}, "rna": {"w332000001"}}, "", "", "W332000001"},
		"an association unnamed": {url.Values{"identifiant": {"association"}}, "rna", "", ""},
		"a group":                {url.Values{"identifiant": {"collectif"}}, "", "", ""},
		"a group with a SIRET":   {url.Values{"identifiant": {"collectif"}, "siret": {"1"}}, "siret", "", ""},
		"no answer":              {url.Values{}, "identifiant", "", ""},
		"another answer":         {url.Values{"identifiant": {"autre"}}, "identifiant", "", ""},
	} {
		x.typed.Set("nom_organisation", "Collectif des Exemples")
		x.typed.Set("type", "ASSO")
		f := send(t, form.New(), func(v url.Values) {
			for k, y := range x.typed {
				v[k] = y
			}
		})
		s := structure.Sheet{SIRET: "old", RNA: "old"}
		Read(f, structure.Identity, &s)
		got := ""
		if len(f.Errors()) > 0 {
			got = f.Errors()[0].Field
		}
		if got != x.field || x.field == "" && (s.SIRET != x.siret || s.RNA != x.rna) {
			t.Errorf("%s: message on %q, SIRET %q, RNA %q", name, got, s.SIRET, s.RNA)
		}
	}
}

// TestKindsOfAFileStay: the form has two kinds, a file may have given more.
func TestKindsOfAFileStay(t *testing.T) {
	t.Parallel()
	s := fullSheet()
	shown := form.New()
	Fill(shown, structure.Identity, s)
	Read(send(t, shown, func(v url.Values) { v.Set("type", "BIB"); v.Set("autre_type", "") }), structure.Identity, &s)
	if want := []string{"BIB", "FABLAB"}; !reflect.DeepEqual(s.Typology, want) {
		t.Errorf("kinds %q, want %q", s.Typology, want)
	}
}

func TestEveryKindIsOfferedOnce(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for i, o := range kindOptions {
		seen[o.Value]++
		if i > 0 && o.Group != kindOptions[i-1].Group && i != len(usualKinds)+1 {
			t.Errorf("%s begins a group", o.Value)
		}
	}
	for _, v := range usualKinds {
		if seen[v] != 1 {
			t.Errorf("%s is not one of the kinds, or is offered twice", v)
		}
	}
	if len(seen) != len(kindOptions) {
		t.Error("a kind is offered twice")
	}
}

// TestHTML checks the pages by the rules of all pages: labels, typography, ids.
func TestHTML(t *testing.T) {
	t.Parallel()
	empty, full := form.New(), form.New()
	for _, section := range asked {
		Fill(full, section, fullSheet())
	}
	for _, section := range asked {
		for name, f := range map[string]*form.Form{"empty": empty, "full": full} {
			if p := uitest.Problems(strings.NewReader(page(Fields(f, section, choices), t))); len(p) > 0 {
				t.Errorf("%s, %s: %q", section, name, p)
			}
		}
		for _, s := range []structure.Sheet{fullSheet(), {}} {
			if p := uitest.Problems(strings.NewReader(page(ui.SummaryList(Rows(section, s)), t))); len(p) > 0 {
				t.Errorf("rows of %s: %q", section, p)
			}
		}
	}
	for _, s := range []structure.Sheet{fullSheet(), {Name: "Rien de plus"}} {
		if p := uitest.Problems(strings.NewReader(page(Card(s), t))); len(p) > 0 {
			t.Errorf("card: %q", p)
		}
	}
}

// TestRowsTellEveryAnswer finds each answer of a section in its words.
func TestRowsTellEveryAnswer(t *testing.T) {
	t.Parallel()
	for section, told := range map[structure.Section][]string{
		structure.Identity:  {"Atelier des Exemples", "000\u00a0000\u00a0001\u00a000016", "W332000001", "Tiers lieu", "Associations", "Fablab"},
		structure.Place:     {"Bordeaux", "12 rue des Exemples, Bâtiment B, 33000 Bordeaux", "Itinérant, Fixe", "toute la métropole"},
		structure.ByCollege: {"Médiation numérique"},
		structure.Offer:     {"Aide aux démarches", "sécurisée", "En autonomie", "Jeunes", "Surdité", "Gratuit"},
		structure.Welcome: {"se servir du numérique", "le jeudi", "lundi", "Se présenter", "tel:+33556000000", "05\u00a056\u00a000\u00a000\u00a000", "mailto:contact@example.org",
			"accueil@example.org", "example.org/atelier", "https://rdv.example.org/prendre", "https://acceslibre.example.org/lieu"},
		structure.Networks: {"Lieu de médiation", "Point d’accès numérique CAF", "2\u00a0postes", "ORDI 3.0", "SUD LABS", "Label local"},
		structure.Consents: {"Oui"},
	} {
		out := html.UnescapeString(draw(t, ui.SummaryList(Rows(section, fullSheet()))))
		for _, x := range told {
			if !strings.Contains(out, x) {
				t.Errorf("%s does not tell %q", section, x)
			}
		}
	}
}

// TestCardOfAnUnpublishedSheet shows nothing of what the structure keeps.
func TestCardOfAnUnpublishedSheet(t *testing.T) {
	t.Parallel()
	s := fullSheet()
	s.PublishSheet = false
	if out := strings.TrimSpace(draw(t, Card(s.Public()))); out != "" {
		t.Errorf("an unpublished sheet shows %s", out)
	}
	s.PublishSheet, s.PublishContacts = true, false
	if out := draw(t, Card(s.Public())); strings.Contains(out, "tel:") || strings.Contains(out, "mailto:") || !strings.Contains(out, "rue des Exemples") {
		t.Errorf("a sheet without contacts shows %s", out)
	}
}
