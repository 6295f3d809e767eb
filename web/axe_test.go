package web_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/pquerna/otp/totp"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/web"
	"bordeaux-metropole.fr/portal/web/browsertest"
)

// look is one page to look at: an address, what to do there, and the status of
// what is then shown.
type look struct {
	path string
	do   func(*visitor) int // nil: nothing
	want int                // 0: 200
}

// String names the look in messages.
func (l look) String() string {
	if l.do != nil {
		return "form of " + l.path
	}
	return l.path
}

// kind is what makes two addresses the same page to look at: the route that
// answers, the body for the pages of the four bodies, the role for the home of
// each and for error pages.
func (s *site) kind(path string, role access.Role) string {
	base, _, _ := strings.Cut(path, "?")
	c := chi.NewRouteContext()
	if !s.portal.Router().Match(c, http.MethodGet, base) {
		return ""
	}
	pattern := c.RoutePattern()
	switch {
	case strings.HasPrefix(pattern, "/instances/{code"):
		return pattern + " " + base
	case pattern == "/tableau-de-bord":
		return pattern + " " + string(role)
	}
	return pattern
}

// kinds crawls from the start of a role and returns one address of each kind of
// page that seen does not have yet.
func (s *site) kinds(t *testing.T, b *browser, role access.Role, seen map[string]bool) []look {
	t.Helper()
	queue := []string{"/"}
	if role != access.Public {
		queue = []string{"/tableau-de-bord", "/plan-du-site"}
	}
	asked := map[string]bool{}
	var out []look
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		kind := s.kind(path, role)
		if kind == "" || asked[kind] {
			continue
		}
		asked[kind] = true
		a := b.get(path)
		if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			continue
		}
		if !seen[kind] {
			seen[kind] = true
			out = append(out, look{path: path})
		}
		for _, m := range internalLink.FindAllStringSubmatch(a.body, -1) {
			queue = append(queue, strings.ReplaceAll(m[1], "&amp;", "&"))
		}
	}
	return out
}

// emptied sends the form of a page with nothing in it: what comes back is the page
// with its errors.
func emptied(action string) func(*visitor) int {
	return func(v *visitor) int {
		v.t.Helper()
		const empty = `(form => {
			for (const e of form?.elements ?? []) {
				if (e.type === "radio" || e.type === "checkbox") e.checked = false;
				else if (e.type !== "hidden" && e.tagName !== "BUTTON") e.value = "";
			}
			document.querySelectorAll("[data-found]").forEach(e => e.removeAttribute("data-found"));
			(form?.querySelector("button[type=submit]:not([name])") ?? form?.querySelector("button[type=submit]"))?.setAttribute("data-found", "");
			return !!form;
		})`
		if !browsertest.Eval[bool](v.Tab, fmt.Sprintf(`%s(document.querySelector('main form[method=post][action^=%q]'))`, empty, action)) {
			v.t.Fatalf("no form to %s on %s", action, v.main())
		}
		return v.Submit(found)
	}
}

// form is the page of a form sent empty.
func form422(path string) look {
	base, _, _ := strings.Cut(path, "?")
	return look{path: path, do: emptied(base), want: http.StatusUnprocessableEntity}
}

// looks are the states of pages that no link leads to.
func (s *site) looks(t *testing.T) map[access.Role][]look {
	t.Helper()
	address := s.paths(t)
	const seat = "/equipe/sieges/{id:[0-9]+}"
	vacant := s.seat(t, "Représentant du GNI, médiation numérique, siège 5")
	chair := s.seat(t, "Présidente de Bordeaux Métropole")
	of := func(status int, paths ...string) []look {
		var out []look
		for _, p := range paths {
			out = append(out, look{path: p, want: status})
		}
		return out
	}
	out := map[access.Role][]look{
		access.Public: slices.Concat(
			of(http.StatusOK, "/instances/cmtin?le=2025-01-01", "/instances/gni?le=2020-01-01", "/instances/gni?q=introuvable",
				"/instances/cmtin/differences?du=2025-01-01&au=2026-06-01", "/connexion?suite=/equipe/sieges"),
			of(http.StatusNotFound, "/page-inconnue"),
			of(http.StatusUnprocessableEntity, "/instances/cmtin?le=hier", "/instances/gni/differences?du=hier&au=demain"),
			[]look{form422("/connexion"), form422("/mot-de-passe-oublie")}),
		access.Delegate: slices.Concat(
			of(http.StatusForbidden, "/equipe/sieges"),
			of(http.StatusNotFound, "/page-inconnue"),
			[]look{form422("/mon-compte/identite"), form422("/mon-compte/mot-de-passe"), form422("/mon-compte/appareils")}),
		access.Administrator: slices.Concat(
			of(http.StatusForbidden, "/equipe/sieges"),
			of(http.StatusOK, "/administration/comptes?q=introuvable", "/administration/journal?q=introuvable", address("/administration/comptes/{id:[0-9]+}")),
			of(http.StatusUnprocessableEntity, "/administration/journal?du=hier", "/equipe/courriels?etat=inconnu"),
			[]look{form422("/administration/comptes/inviter")}),
		access.Team: slices.Concat(
			of(http.StatusForbidden, "/administration/comptes"),
			of(http.StatusNotFound, "/equipe/sieges/999999"),
			of(http.StatusOK, "/equipe/sieges?q=introuvable", "/equipe/courriels?q=introuvable", vacant, chair,
				vacant+"/mandats/nouveau?personne=introuvable", vacant+"/mandats/nouveau?personne=maire-begles",
				address(seat+"/mandats/nouveau")+"?qualite=suppleant"),
			[]look{
				form422(vacant + "/mandats/nouveau"), form422(address(seat + "/mandats/{mandat:[0-9]+}/fin")),
				form422(address(seat + "/mandats/{mandat:[0-9]+}/correction")),
				form422("/equipe/organisations/nouvelle"), form422(address("/equipe/organisations/{id:[0-9]+}/depart")),
				form422(address("/equipe/organisations/{id:[0-9]+}/correction")),
				form422(address("/equipe/organisations/{id:[0-9]+}/personnes/nouvelle")),
				form422(address("/equipe/organisations/{id:[0-9]+}/personnes/{membre:[0-9]+}/fin")),
				form422(address("/equipe/personnes/{id:[0-9]+}")),
				form422("/equipe/instances/cmtin/reglages/delai-convocation"),
			}),
	}
	if s.kind("/equipe/renouvellement-communes", access.Team) != "" {
		out[access.Team] = append(out[access.Team], form422("/equipe/renouvellement-communes"))
	}
	return out
}

// crawlOrder begins with who sees most of the pages that all may see: the delegate
// of Bègles has several capacities, so that forms to change them are looked at.
var crawlOrder = []access.Role{
	access.Public, access.Delegate, access.Team, access.Administrator, access.Chair, access.Mayor,
	access.Structure, access.Partner, access.State, access.Scrutineer,
}

// TestAxe looks, in Chromium, at each kind of page of the portal as each role:
// every rule of axe-core, no page wider than a phone, nothing said on the console.
// Pages that are the same for all roles are looked at once.
func TestAxe(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	for _, role := range access.Roles {
		if !slices.Contains(crawlOrder, role) {
			t.Errorf("role %s is not crawled", role)
		}
	}
	s := newSite(t)
	s.deliver(t)
	seen, more, total := map[string]bool{}, s.looks(t), 0
	for role, list := range s.registerLooks(t) {
		more[role] = append(more[role], list...)
	}
	for _, role := range crawlOrder {
		b := s.signIn(t, accountOf[role])
		list := append(s.kinds(t, b, role, seen), more[role]...)
		total += len(list)
		t.Run(string(role), func(t *testing.T) {
			t.Parallel()
			v := s.open(t, browsertest.Options{})
			v.sit(b)
			for _, l := range list {
				v.lookAt(l)
				v.clean(browsertest.Options{})
			}
		})
	}
	for _, r := range s.portal.Routes() {
		if r.Label != "" && !seen[s.kind(r.Pattern, access.Team)] {
			t.Errorf("%s is in the site map and was not looked at", r.Pattern)
		}
	}
	if total < 80 {
		t.Errorf("only %d pages were looked at", total)
	}
}

func (v *visitor) lookAt(l look) {
	v.t.Helper()
	want := l.want
	if want == 0 || l.do != nil {
		want = http.StatusOK
	}
	if status := v.Go(v.site.URL + l.path); status != want {
		v.t.Errorf("%s: status %d, want %d\n%s", l.path, status, want, v.main())
	}
	if l.do != nil {
		if status := l.do(v); status != l.want {
			v.t.Errorf("%s: status %d, want %d", l, status, l.want)
		}
	}
}

// TestAxeDark looks at pages of each make in the dark theme, and at three of them
// in forced colours.
func TestAxeDark(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	s := newSite(t)
	vacant := s.seat(t, "Représentant du GNI, médiation numérique, siège 5")
	v := s.open(t, browsertest.Options{Dark: true})
	v.sit(s.signIn(t, accountOf[access.Team]))
	register := s.registerPages(t)
	for _, l := range []look{
		{path: "/structures"}, {path: "/structures/" + register.sheet}, form422(register.empty + "/structure"), {path: register.near}, {path: register.preview},
		{path: "/equipe/structures/" + register.queue}, {path: yearlyFigure}, {path: "/equipe/structures/communes"},
		{path: "/"}, {path: "/instances/gni"}, {path: "/communes/33039"}, {path: "/deliberation"}, {path: "/tableau-de-bord"},
		{path: "/equipe/sieges"}, {path: vacant}, form422(vacant + "/mandats/nouveau"), {path: "/page-inconnue", want: http.StatusNotFound},
	} {
		v.lookAt(l)
		if !browsertest.Eval[bool](v.Tab, `matchMedia("(prefers-color-scheme: dark)").matches`) {
			t.Fatal("the page is not seen in the dark")
		}
		v.clean(browsertest.Options{Dark: true})
	}
	for _, l := range []look{{path: "/"}, {path: "/tableau-de-bord"}, form422(vacant + "/mandats/nouveau"), {path: register.near}, {path: yearlyFigure}} {
		v.lookAt(l)
		o := browsertest.Options{ForcedColors: true}
		v.clean(o)
		v.See(o)
		// Where colours are the reader's own, what is drawn by a ground alone is lost.
		for _, what := range browsertest.Eval[[]string](v.Tab, `[...document.querySelectorAll("main .btn, main .notice, main .card, main .tag, main input:not([type=hidden], [type=checkbox], [type=radio]), main select")]
			.filter(e => e.checkVisibility()).filter(e => { const c = getComputedStyle(e); return c.borderTopStyle === "none" || parseFloat(c.borderTopWidth) === 0 })
			.map(e => e.outerHTML.slice(0, 120))`) {
			t.Errorf("%s, forced colours: no border on %s", l, what)
		}
	}
}

// TestAxeSecondFactor looks at what a site in production shows and a demonstration
// does not: the second factor of the team, the mailed code of the others.
func TestAxeSecondFactor(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	s := newSite(t, func(c *web.Config) { c.Demo = false })
	v := s.open(t, browsertest.Options{})
	v.signsIn("equipe@example.org")
	if got := v.path(); got != "/connexion/second-facteur" {
		t.Fatalf("the team is led to %s, want to set its application", got)
	}
	v.clean(browsertest.Options{})
	if status := v.push("Activer et se connecter"); status != http.StatusUnprocessableEntity {
		t.Errorf("no code: status %d", status)
	}
	v.clean(browsertest.Options{})
	v.write("Code affiché par l’application", totpNow(t, v))
	v.sends("Activer et se connecter")
	v.reads("Ces codes ne seront plus affichés.")
	v.clean(browsertest.Options{})
	v.follow("J’ai gardé mes codes, continuer")
	for _, path := range []string{"/mon-compte", "/mon-compte/second-facteur", "/mon-compte/second-facteur/codes"} {
		v.at(path)
		v.clean(browsertest.Options{})
	}

	other := s.open(t, browsertest.Options{})
	other.signsIn("maire-begles@example.org")
	if got := other.path(); got != "/connexion/code" {
		t.Fatalf("a mayor on an unknown browser is led to %s, want the mailed code", got)
	}
	other.clean(browsertest.Options{})
}

// totpNow reads the key on the page that asks to set an application, as somebody
// who cannot scan would, and returns its code.
func totpNow(t *testing.T, v *visitor) string {
	t.Helper()
	key := strings.ReplaceAll(v.Text("main ol code"), " ", "")
	code, err := totp.GenerateCode(key, time.Now())
	if err != nil {
		t.Fatalf("the key %q of the page: %v", key, err)
	}
	return code
}
