package ui_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/web/browsertest"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/ui"
	"bordeaux-metropole.fr/portal/web/ui/uitest"
)

func TestMain(m *testing.M) { os.Exit(browsertest.Main(m)) }

// chrome is what the kit fills on every page.
func chrome(title string) ui.Chrome {
	return ui.Chrome{
		Title: title, Section: "Aide", Crumbs: []ui.Crumb{{Label: "Aide", Href: "/aide"}}, Path: "/aide/composants",
		Nav: []ui.NavItem{{Label: "Accueil", Href: "/"}, {Label: "Instances", Href: "/instances"}, {Label: "Réunions", Href: "/reunions"},
			{Label: "Feuille de route", Href: "/feuille-de-route"}, {Label: "Structures", Href: "/structures"},
			{Label: "Élections", Href: "/elections"}, {Label: "Aide", Href: "/aide"}},
		Demo: true,
	}
}

// signedIn adds a person who may act in two capacities, and every message.
func signedIn(c ui.Chrome) ui.Chrome {
	mayor := access.Capacity{Role: access.Mayor, Organisation: 12, OrganisationName: "Bègles"}
	chair := access.Capacity{Role: access.Chair}
	c.Actor = access.Actor{Account: 1, Name: "Camille Exemple", Acting: mayor, Capacities: []access.Capacity{mayor, chair}}
	c.Flash = "Le point de Bègles est enregistré."
	c.Warning = "Votre session se termine à 18\u00a0h\u00a010."
	c.SessionEnd = time.Now().Add(4 * time.Minute)
	return c
}

// within puts a component inside a page.
func within(title string, content templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return ui.Layout(chrome(title)).Render(templ.WithChildren(ctx, content), w)
	})
}

func render(t testing.TB, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func contains(t *testing.T, page string, wants ...string) {
	t.Helper()
	for _, w := range wants {
		if !strings.Contains(page, w) {
			t.Errorf("the page lacks %s", w)
		}
	}
}

func lacks(t *testing.T, page string, unwanted ...string) {
	t.Helper()
	for _, w := range unwanted {
		if strings.Contains(page, w) {
			t.Errorf("the page holds %s", w)
		}
	}
}

// Every page these tests can build is right by uitest.
func TestPagesAreSound(t *testing.T) {
	pages := map[string]templ.Component{
		"gallery":            ui.Gallery(chrome("Composants")),
		"gallery, signed in": ui.Gallery(signedIn(chrome("Composants"))),
	}
	pages["confirm"] = within("Envoyer les convocations", ui.Confirm(chrome("Envoyer les convocations"), ui.ConfirmView{
		Lead: "160 personnes vont recevoir la convocation.", Rows: []ui.SummaryRow{{Key: "Date", Value: "jeudi 26 novembre 2026"}},
		Warning: "Cette action ne peut pas être annulée.", Action: "/x", Key: "k", Hidden: []ui.HiddenField{{Name: "v", Value: "3"}},
		Submit: "Envoyer 160 convocations", Danger: true, Cancel: "/y"}))
	pages["panel"] = within("Vote", ui.Panel("Votre vote est enregistré"))
	for _, status := range []int{400, 403, 404, 405, 409, 413, 422, 429, 500, 503} {
		e := ui.ErrorView{Status: status, Reference: "7F3A-21C9", Needs: "Équipe métropolitaine", SearchBox: status == 404,
			Kept: url.Values{"bilan": {"Quatre ateliers"}}, RetryPath: "/actions/3"}
		pages["error "+day.Of(status, 1, 1).String()[:4]] = ui.ErrorPage(signedIn(chrome("x")), e)
	}
	for name, p := range pages {
		for _, problem := range uitest.Problems(strings.NewReader(render(t, p))) {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

func TestLayout(t *testing.T) {
	t.Run("nobody signed in", func(t *testing.T) {
		page := render(t, ui.Layout(chrome("Composants")))
		contains(t, page, `<title>Composants – Aide – Gouvernance de l’inclusion numérique</title>`,
			`href="#contenu"`, `href="/connexion"`, "Démonstration", "Accessibilité\u00a0: non conforme",
			`<a href="/aide" aria-current="page">`, `<li aria-current="page">Composants</li>`)
		lacks(t, page, "/deconnexion", "capacite", `id="session"`, `class="banner warn"`)
	})
	t.Run("signed in", func(t *testing.T) {
		page := render(t, ui.Layout(signedIn(chrome("Composants"))))
		contains(t, page, "Camille Exemple", `action="/mon-compte/capacite"`, `name="capacite" value="chair:0"`,
			`action="/deconnexion"`, `role="status"`, "Le point de Bègles est enregistré.", `id="session"`)
		lacks(t, page, `value="mayor:12"`, "/connexion\"")
	})
	t.Run("home has no breadcrumb", func(t *testing.T) {
		c := chrome("Accueil")
		c.Path = "/"
		lacks(t, render(t, ui.Layout(c)), "Fil d’Ariane")
	})
	t.Run("text is escaped", func(t *testing.T) {
		c := signedIn(chrome("<b>titre</b>"))
		c.Actor.Name = `"><script>alert(1)</script>`
		lacks(t, render(t, ui.Layout(c)), "<b>titre", "<script>alert")
	})
}

func TestDocumentTitle(t *testing.T) {
	for _, c := range []struct {
		in   ui.Chrome
		want string
	}{
		{ui.Chrome{Title: "Bègles", Section: "Communes"}, "Bègles – Communes – " + ui.SiteName},
		{ui.Chrome{Title: "Communes", Section: "Communes"}, "Communes – " + ui.SiteName},
		{ui.Chrome{Title: "Inscription", Failed: true}, "Erreur\u00a0: Inscription – " + ui.SiteName},
	} {
		if got := c.in.DocumentTitle(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestNavItemCurrent(t *testing.T) {
	for _, c := range []struct {
		href, path string
		want       bool
	}{
		{"/", "/", true}, {"/", "/aide", false}, {"/aide", "/aide", true}, {"/aide", "/aide/x", true},
		{"/aide", "/aides", false}, {"/reunions", "/", false},
	} {
		if got := (ui.NavItem{Href: c.href}).Current(c.path); got != c.want {
			t.Errorf("%s on %s: %t", c.href, c.path, got)
		}
	}
}

func TestFieldsTieTheirNotes(t *testing.T) {
	f := form.New()
	f.Set("nom", `L'"Atelier" <b>`)
	f.Fail("nom", "Trop court.")
	page := render(t, ui.TextField(f, ui.Field{Name: "nom", Label: "Nom", Hint: "Celui de l’affiche.", Optional: true}))
	contains(t, page, `for="nom"`, `id="nom"`, `aria-describedby="nom-aide nom-erreur"`, `aria-invalid="true"`,
		"(facultatif)", "Trop court.", `value="L&#39;&#34;Atelier&#34; &lt;b&gt;"`)

	page = render(t, ui.Textarea(form.New(), ui.Field{Name: "bilan", Label: "Bilan", Max: 1500}))
	contains(t, page, `aria-describedby="bilan-compte"`, `data-max="1500"`, "1\u202f500\u00a0caractères au plus.")

	page = render(t, ui.Radios(form.New(), ui.Field{Name: "etat", Label: "État", ID: "e7"}, ui.Options("a", "A", "b", "B")))
	contains(t, page, `id="e7"`, `id="e7-2"`, `name="etat"`, "<legend>")
}

func TestPasswordIsNeverGivenBack(t *testing.T) {
	f := form.New()
	f.Set("mot_de_passe", "secret-1234")
	page := render(t, ui.PasswordField(f, ui.Field{Name: "mot_de_passe", Label: "Mot de passe", Autocomplete: "current-password"}))
	lacks(t, page, "secret-1234", "value=")
	contains(t, page, `autocomplete="current-password"`)
}

func TestErrorSummary(t *testing.T) {
	f := form.New()
	if got := render(t, ui.ErrorSummary(f)); got != "" {
		t.Errorf("a right form draws %q", got)
	}
	f.Fail("date", "Saisissez une date.")
	f.Fail("", "Déjà convoquée.")
	contains(t, render(t, ui.ErrorSummary(f)), `href="#date"`, "<li>Déjà convoquée.</li>", `tabindex="-1"`, "data-focus", "2\u00a0points")
}

// A form whose session was lost says so when it comes back.
func TestFormNotice(t *testing.T) {
	if got := render(t, ui.FormNotice(form.New())); got != "" {
		t.Errorf("a first display draws %q", got)
	}
	r, err := http.NewRequest(http.MethodPost, "/x", strings.NewReader(form.ReviewField+"=1"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	f, err := form.Read(r)
	if err != nil {
		t.Fatal(err)
	}
	contains(t, render(t, ui.FormNotice(f)), "Votre session avait expiré.")
}

func TestErrorPage(t *testing.T) {
	kept := url.Values{"bilan": {"Quatre ateliers"}, "choix": {"a", "b"}, form.ReviewField: {"1"}}
	page := render(t, ui.ErrorPage(chrome(""), ui.ErrorView{Status: 503, Kept: kept, RetryPath: "/actions/3", Posted: true}))
	contains(t, page, `<form method="post" action="/actions/3"`, `name="bilan" value="Quatre ateliers"`,
		`name="choix" value="a"`, `name="choix" value="b"`, "Réessayer", "gardées")
	lacks(t, page, form.ReviewField, "n’ont pas été enregistrées")

	page = render(t, ui.ErrorPage(chrome(""), ui.ErrorView{Status: 500, Posted: true, Reference: "7F3A"}))
	contains(t, page, "n’ont pas été enregistrées", "<code>7F3A</code>", "Erreur 500")

	page = render(t, ui.ErrorPage(signedIn(chrome("")), ui.ErrorView{Status: 403, Needs: "Équipe métropolitaine"}))
	contains(t, page, "Équipe métropolitaine", "changer de rôle")
}

func TestPagination(t *testing.T) {
	page := render(t, ui.Pagination(ui.Pager{Current: 5, Last: 12, Base: "/structures?q=a&page="}))
	contains(t, page, `href="/structures?q=a&amp;page=4"`, `href="/structures?q=a&amp;page=12"`, `aria-current="page"`)
	lacks(t, page, "page=8\"", "page=2\"")
	if got := render(t, ui.Pagination(ui.Pager{Current: 1, Last: 1, Base: "/x?page="})); got != "" {
		t.Errorf("one page draws %q", got)
	}
	contains(t, render(t, ui.Pagination(ui.Pager{Next: "/x?apres=12"})), `rel="next" href="/x?apres=12"`)
}

func TestExportLinksKeepTheFilters(t *testing.T) {
	contains(t, render(t, ui.ExportLinks("/structures?college=social", "csv", "xlsx")),
		`href="/structures.csv?college=social"`, `href="/structures.xlsx?college=social"`)
}

func TestTimelineSaysWhatItDraws(t *testing.T) {
	v := ui.Timeline{Year: 2026, Today: day.Of(2026, time.July, 1), Rows: []ui.TimelineRow{{Label: "GNI", Owed: 3, Held: 1, Planned: 1, Late: 1,
		Marks: []ui.TimelineMark{{Day: day.Of(2026, time.February, 12), State: ui.MarkHeld, Label: "GNI, 1re réunion", Href: "/reunions/1"}}}}}
	contains(t, render(t, ui.CadenceTimeline(v)), "GNI\u00a0: 1\u00a0tenue sur 3\u00a0dues, 1\u00a0prévue, 1 en retard.", `role="img"`, "Aujourd’hui")
	contains(t, render(t, ui.CadenceTable(v)), "12 févr. 2026", `href="/reunions/1"`, "Tenue")
}

func TestStackedBar(t *testing.T) {
	contains(t, render(t, ui.StackedBar([]ui.BarPart{{Kind: ui.OK, N: 7, Label: "réalisées"}, {Kind: ui.Err, Label: "en retard"}})),
		`aria-label="7 réalisées"`)
	contains(t, render(t, ui.StackedBar(nil)), `aria-label="Aucune"`)
	contains(t, render(t, ui.Meter(0, 0, "Personne n’a voté")), "(–)")
}
