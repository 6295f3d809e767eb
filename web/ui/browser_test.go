package ui_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/a-h/templ"

	"bordeaux-metropole.fr/portal/web/browsertest"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/static"
	"bordeaux-metropole.fr/portal/web/ui"
)

// serve shows the gallery and an error page under the CSP of the portal.
func serve(t *testing.T) string {
	mux := http.NewServeMux()
	mux.Handle("/static/", static.Handler())
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; "+
			"script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		page := ui.Gallery(signedIn(chrome("Composants")))
		ctx := r.Context()
		switch r.URL.Path {
		case "/formulaire":
			page = ui.Layout(signedIn(chrome("Composants")))
			ctx = templ.WithChildren(ctx, templ.Join(ui.ErrorSummary(failed()), writing()))
		case "/erreur":
			page = ui.ErrorPage(chrome(""), ui.ErrorView{Status: 404, SearchBox: true})
		}
		if err := page.Render(ctx, w); err != nil {
			t.Error(err)
		}
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

// failed is a form with one error.
func failed() *form.Form {
	f := form.New()
	f.Fail("bilan", "Dites ce qui a avancé.")
	return f
}

// writing is a form with a text to write.
func writing() templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		area := ui.Textarea(failed(), ui.Field{Name: "bilan", Label: "Ce qui a avancé", Max: 500})
		return ui.Form("/").Render(templ.WithChildren(ctx, area), w)
	})
}

// Axe finds nothing, and nothing overflows, however the page is seen.
func TestGalleryInBrowser(t *testing.T) {
	t.Parallel()
	tab := browsertest.Open(t, browsertest.Options{})
	url := serve(t)
	for _, path := range []string{"/", "/erreur"} {
		if status := tab.Go(url + path); status != http.StatusOK {
			t.Fatalf("%s: %d", path, status)
		}
		for name, o := range map[string]browsertest.Options{
			"light": {}, "dark": {Dark: true}, "320 px": {Width: 320}, "320 px, dark": {Width: 320, Dark: true},
			"forced colours": {ForcedColors: true},
		} {
			tab.See(o)
			if n := tab.Overflow(); n > 0 {
				t.Errorf("%s, %s: %d pixels too wide", path, name, n)
			}
			for _, v := range tab.Axe() {
				t.Errorf("%s, %s: %s", path, name, v)
			}
		}
	}
	for _, e := range tab.ConsoleErrors() {
		t.Errorf("console: %s", e)
	}
}

// The script puts the focus on the errors, counts, warns of the end of the
// session and closes the account menu.
func TestScript(t *testing.T) {
	t.Parallel()
	tab := browsertest.Open(t, browsertest.Options{})
	tab.Go(serve(t) + "/formulaire")
	const leaves = `dispatchEvent(new Event("beforeunload", {cancelable: true}))`
	if !browsertest.Eval[bool](tab, leaves) {
		t.Error("leaving an untouched form is not free")
	}
	if !browsertest.Eval[bool](tab, `document.activeElement.className === "summary-err"`) {
		t.Error("the focus is not on the summary of errors")
	}
	tab.Fill("#bilan", "Dix signes.")
	if got := tab.Text("#bilan-compte"); got != "489 caractères restants." {
		t.Errorf("count: %q", got)
	}
	if browsertest.Eval[bool](tab, `document.getElementById("session").hidden`) {
		t.Error("no warning four minutes before the end of the session")
	}
	tab.Click(".account summary")
	tab.Press("\x1b")
	if browsertest.Eval[bool](tab, `document.querySelector(".account").open`) {
		t.Error("Escape leaves the account menu open")
	}
	// What was typed above must not be lost without a word.
	if browsertest.Eval[bool](tab, leaves) {
		t.Error("leaving a filled form says nothing")
	}
}

// Without script the menu opens on a phone, and stands open on a desk screen.
func TestMenuWithoutScript(t *testing.T) {
	t.Parallel()
	tab := browsertest.Open(t, browsertest.Options{Width: 320, NoScript: true})
	tab.Go(serve(t) + "/")
	const shown = `document.querySelector('.menu a[href="/aide"]').checkVisibility({contentVisibilityAuto: true, visibilityProperty: true}) && document.querySelector('.menu a[href="/aide"]').getBoundingClientRect().height > 0`
	if browsertest.Eval[bool](tab, shown) {
		t.Error("at 320 px the menu is open from the start")
	}
	tab.Click(".menu summary")
	if !browsertest.Eval[bool](tab, shown) {
		t.Error("at 320 px the menu does not open")
	}
	tab.Click(".menu summary")
	tab.See(browsertest.Options{NoScript: true})
	if !browsertest.Eval[bool](tab, shown) {
		t.Error("on a desk screen the menu is closed")
	}
}
