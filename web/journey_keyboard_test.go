package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/demo"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/web/browsertest"
)

// stop is where the focus stands after a Tab.
type stop struct {
	What    string // the element, for messages
	Label   string // its words
	Page    bool   // no element: the focus left the page
	Ring    bool   // something drawn tells that it has the focus
	Shown   bool   // it is in the window and nothing lies over it
	Top     float64
	Visited bool
}

const whereAmI = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body || e === document.documentElement) return {Page: true};
	const c = getComputedStyle(e), r = (e.getClientRects()[0] ?? e.getBoundingClientRect());
	const drawn = s => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 && !/, 0\)$/.test(s.outlineColor);
	// A browser brings the caret of a text of several lines into view, not its last line.
	const height = e.matches("textarea") ? Math.min(r.height, 28) : r.height, bottom = r.top + height;
	const over = document.elementFromPoint(r.left + Math.min(r.width / 2, 20), r.top + height / 2);
	const visited = e.hasAttribute("data-visited");
	e.setAttribute("data-visited", "");
	return {
		What: e.outerHTML.slice(0, 120),
		Label: [...(e.labels ?? [])].map(l => l.textContent).join(" ").replace(/[\s\u00a0\u202f]+/g, " ").trim() || e.textContent.replace(/[\s\u00a0\u202f]+/g, " ").trim(),
		Ring: drawn(c),
		Shown: r.width > 0 && (r.top >= 0 && bottom <= innerHeight + 1 || r.height > innerHeight / 2 && r.top < innerHeight && r.bottom > 0) && (r.height > innerHeight / 2 || e === over || e.contains(over) || !!over?.contains(e)),
		Top: r.top + scrollY, Visited: visited,
	};
})()`

// tab presses Tab and checks the stop.
func (v *visitor) tab() stop {
	v.t.Helper()
	v.Press("\t")
	p := browsertest.Eval[stop](v.Tab, whereAmI)
	if p.Page {
		return p
	}
	if !p.Ring {
		v.t.Errorf("%s: the focus cannot be seen on %s", v.path(), p.What)
	}
	if !p.Shown {
		v.t.Errorf("%s: the focus is out of sight on %s", v.path(), p.What)
	}
	return p
}

// tabTo presses Tab until the focus is on what bears the words.
func (v *visitor) tabTo(words string) stop {
	v.t.Helper()
	for range 150 {
		if p := v.tab(); strings.HasPrefix(p.Label, words) {
			return p
		}
	}
	v.t.Fatalf("the keyboard does not lead to « %s » on %s", words, v.main())
	return stop{}
}

// types goes to a field with the keyboard and replaces what it holds.
func (v *visitor) types(label, text string) {
	v.t.Helper()
	v.tabTo(label) // Tab selects what a field holds
	v.Press(text)
	if got := browsertest.Eval[string](v.Tab, `document.activeElement.value`); got != text {
		v.t.Errorf("« %s » holds %q, typed %q", label, got, text)
	}
}

// enter presses Enter on what has the focus and waits for the page it leads to.
func (v *visitor) enter() int {
	v.t.Helper()
	r, err := chromedp.RunResponse(v.Context(), chromedp.KeyEvent("\r"))
	if err != nil || r == nil {
		v.t.Fatalf("Enter leads nowhere: %v", err)
	}
	return int(r.Status)
}

// jump presses Enter on a link to a place in the page. Chromium gives the character
// of a key to no field when a link took the key; the driver would, and send the form.
func (v *visitor) jump() {
	v.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		p := input.DispatchKeyEventParams{Type: kind, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13}
		if _, err := chromedp.Call(v.Context(), input.DispatchKeyEvent, p); err != nil {
			v.t.Fatalf("press Enter: %v", err)
		}
	}
}

// TestKeyboardJourney signs in and designates somebody with the keyboard alone.
func TestKeyboardJourney(t *testing.T) {
	inTwoWays(t, func(t *testing.T, o browsertest.Options) {
		s := newSite(t)
		v := s.open(t, o)
		v.at("/connexion")
		if p := v.tab(); p.Label != "Aller au contenu" {
			t.Errorf("the first stop is %q", p.Label)
		}
		v.jump()
		until(t, "the skip link leads to the content", func() bool {
			return browsertest.Eval[bool](v.Tab, `location.hash === "#contenu" && document.activeElement.id === "contenu"`)
		})
		v.types("Adresse électronique", "equipe@example.org")
		v.types("Mot de passe", demo.Password)
		v.tabTo("Se connecter")
		if status := v.enter(); status != http.StatusOK || v.path() != "/tableau-de-bord" {
			t.Fatalf("signed in with the keyboard: status %d on %s", status, v.path())
		}

		form := s.seat(t, vacantSeat) + "/mandats/nouveau"
		v.at(form)
		v.tabTo("Enregistrer la désignation")
		if status := v.enter(); status != http.StatusUnprocessableEntity {
			t.Fatalf("an empty form: status %d", status)
		}
		if o.NoScript {
			// Nothing can move the focus: the summary is read before the title and the form.
			if !browsertest.Eval[bool](v.Tab, `(() => { const s = document.querySelector("main .summary-err"), after = [...document.querySelectorAll("main h1, main form")];
				return !!s && after.length > 1 && after.every(e => s.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING) })()`) {
				t.Error("the summary of errors does not come first")
			}
		} else if !browsertest.Eval[bool](v.Tab, `document.activeElement.classList.contains("summary-err")`) {
			t.Error("the focus is not on the summary of errors")
		}
		if title := browsertest.Eval[string](v.Tab, `document.title`); !strings.HasPrefix(title, "Erreur") {
			t.Errorf("the title %q does not tell of an error", title)
		}
		v.tabTo("Saisissez le prénom")
		v.jump()
		until(t, "the error leads to its field", func() bool {
			return browsertest.Eval[string](v.Tab, `document.activeElement.id`) == "prenom"
		})
		v.Press("Maëlle")
		v.types("Nom", "Journet-Lasserre")
		v.types("Adresse électronique", newcomer)
		v.types("Début", french.NumericDate(day.Today()))
		v.tabTo("Enregistrer la désignation")
		if status := v.enter(); status != http.StatusOK {
			t.Fatalf("the form filled: status %d\n%s", status, v.main())
		}
		v.reads("Maëlle Journet-Lasserre occupe ce siège")
	})
}

// TestKeyboardReachesAll goes through whole pages with Tab: every link, button and
// field that is shown is reached once, in an order that follows the page, and the
// focus leaves at the end.
func TestKeyboardReachesAll(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	s := newSite(t)
	v := s.open(t, browsertest.Options{})
	v.sit(s.signIn(t, "equipe@example.org"))
	for _, path := range []string{"/", "/instances/gni", s.seat(t, vacantSeat) + "/mandats/nouveau", "/mon-compte/appareils"} {
		v.at(path)
		left := false
		for range 400 {
			p := v.tab()
			if p.Page || p.Visited {
				left = true
				break
			}
		}
		if !left {
			t.Errorf("%s: Tab never comes to an end", path)
		}
		for _, missed := range browsertest.Eval[[]string](v.Tab, `(() => {
			const groups = new Set();
			return [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")].filter(e => {
				if (!e.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true}) || e.disabled || e.hasAttribute("data-visited") || e.closest("details:not([open])") && !e.matches("details > summary")) return false;
				if (e.type === "radio") {
					const group = [...document.getElementsByName(e.name)];
					return !group.some(r => r.hasAttribute("data-visited"));
				}
				return true;
			}).map(e => e.outerHTML.slice(0, 120));
		})()`) {
			t.Errorf("%s: the keyboard does not reach %s", path, missed)
		}
	}
}

// styled adds a style sheet of the reader's own, as the extensions that change
// spacing do.
func (v *visitor) styled(css string) {
	v.t.Helper()
	browsertest.Eval[bool](v.Tab, fmt.Sprintf(`(() => { const s = new CSSStyleSheet(); s.replaceSync(%q); document.adoptedStyleSheets = [s]; return true })()`, css))
}

// cut names what shows less text than it holds.
const cut = `[...document.querySelectorAll("body *")].filter(e => {
	const c = getComputedStyle(e);
	if (!e.checkVisibility() || e.closest(".sr, svg, .skip") || e.matches("textarea, select, input, html, body")) return false;
	const hides = v => v === "hidden" || v === "clip";
	return hides(c.overflowX) && e.scrollWidth > e.clientWidth + 1 || hides(c.overflowY) && e.scrollHeight > e.clientHeight + 1;
}).map(e => e.outerHTML.slice(0, 120))`

// TestAxeReadersStyle: text twice as large, or spaced as WCAG 1.4.12 asks, loses
// nothing and does not make the page scroll sideways.
func TestAxeReadersStyle(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	s := newSite(t)
	v := s.open(t, browsertest.Options{})
	v.sit(s.signIn(t, "equipe@example.org"))
	for _, path := range []string{"/", "/tableau-de-bord", s.seat(t, vacantSeat) + "/mandats/nouveau"} {
		for name, css := range map[string]string{
			"text at 200 %": "html { font-size: 200% !important }",
			"text spaced":   "* { letter-spacing: .12em !important; word-spacing: .16em !important; line-height: 1.5 !important } p { margin-bottom: 2em !important }",
		} {
			v.See(browsertest.Options{})
			v.at(path)
			before := browsertest.Eval[float64](v.Tab, `document.querySelector("main").getBoundingClientRect().height`)
			v.styled(css)
			if after := browsertest.Eval[float64](v.Tab, `document.querySelector("main").getBoundingClientRect().height`); after <= before {
				t.Errorf("%s, %s: the text did not grow (%.0f, then %.0f)", path, name, before, after)
			}
			if n := v.Overflow(); n > 0 {
				t.Errorf("%s, %s: %d pixels too wide: %s", path, name, n, browsertest.Eval[[]string](v.Tab, tooWide))
			}
			for _, what := range browsertest.Eval[[]string](v.Tab, cut) {
				t.Errorf("%s, %s: text is cut in %s", path, name, what)
			}
		}
	}
}

// moving lists what moves on the page, or would at the next one.
const moving = `(() => {
	const some = s => s.split(",").some(x => parseFloat(x) > 0);
	const rules = list => [...list].flatMap(r => r.cssRules && (!r.media || matchMedia(r.media.mediaText).matches) ? [r, ...rules(r.cssRules)] : r.cssRules ? [] : [r]);
	return [...document.querySelectorAll("*")].filter(e => {
		const c = getComputedStyle(e);
		return c.animationName !== "none" && some(c.animationDuration) || some(c.transitionDuration) || c.scrollBehavior === "smooth";
	}).map(e => e.outerHTML.slice(0, 120))
		.concat([...document.styleSheets].flatMap(s => rules(s.cssRules)).filter(r => r instanceof CSSViewTransitionRule && r.navigation === "auto").map(r => r.cssText))
		.concat(document.getAnimations().map(a => "an animation of " + a.effect?.target?.outerHTML.slice(0, 120)));
})()`

// TestAxeMotionAndPrint: who asks for no motion gets none; on paper the navigation
// goes and what was folded shows.
func TestAxeMotionAndPrint(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	s := newSite(t)
	v := s.open(t, browsertest.Options{Motion: true})
	v.at("/")
	if got := browsertest.Eval[[]string](v.Tab, moving); len(got) == 0 {
		t.Error("nothing moves for who accepts motion: the test below would see nothing")
	}
	v.See(browsertest.Options{})
	for _, path := range []string{"/", "/communes", "/aide/composants"} {
		v.at(path)
		for _, what := range browsertest.Eval[[]string](v.Tab, moving) {
			t.Errorf("%s: without motion, it moves: %s", path, what)
		}
	}

	const shown = `[...document.querySelectorAll(%q)].filter(e => e.checkVisibility({contentVisibilityAuto: true}) && e.getBoundingClientRect().height > 0).length`
	for _, path := range []string{"/", "/instances/cmtin"} {
		v.See(browsertest.Options{})
		v.at(path)
		const folded = "main details:not([open]) table"
		if n := browsertest.Eval[int](v.Tab, fmt.Sprintf(shown, folded)); n != 0 {
			t.Errorf("%s: %d folded tables show on screen", path, n)
		}
		v.See(browsertest.Options{Print: true})
		for _, gone := range []string{".menu", ".crumbs", ".skip", ".filters", ".signin", ".site-foot nav", "main form button"} {
			if n := browsertest.Eval[int](v.Tab, fmt.Sprintf(shown, gone)); n != 0 {
				t.Errorf("%s: %s shows on paper", path, gone)
			}
		}
		if n := browsertest.Eval[int](v.Tab, fmt.Sprintf(shown, folded)); n == 0 {
			t.Errorf("%s: folded tables do not show on paper", path)
		}
	}
}
