package ceremony_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/web/browsertest"
	"bordeaux-metropole.fr/portal/web/static"
)

func TestMain(m *testing.M) { os.Exit(browsertest.Main(m)) }

// served is the site on a socket, for a browser that acts for its Actor, under the CSP of
// the portal. It keeps what the browser sent.
func (s *site) served(t *testing.T) (base string, sent func() string) {
	var mu sync.Mutex
	var all strings.Builder
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/static/") {
			static.Handler().ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; worker-src 'self'")
		mu.Lock()
		defer mu.Unlock()
		_ = r.ParseForm() // a body that does not parse is refused by the page
		fmt.Fprintln(&all, r.URL, r.Form)
		answer := s.Do(r)
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	}))
	t.Cleanup(server.Close)
	return server.URL, func() string { mu.Lock(); defer mu.Unlock(); return all.String() }
}

// A key holder makes a key in a narrow browser, then opens the rehearsal with the file:
// the key itself never leaves.
func TestHolderInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t, electiontest.OnPool(t, election.Sealed, 4))
	s.as(s.w.Team)
	s.Post(s.desk+"/porteurs", 303, s.holders(s.hidden(s.Get(s.desk+"/porteurs", 200), "vu"))...)
	for _, k := range s.w.Keepers[1:] {
		_, public, err := belenios.NewTrustee()
		if err != nil {
			t.Fatal(err)
		}
		s.as(k).Post(s.key, 303, "cle_publique", string(public.Raw()), "gardee", "oui", "vue", "")
	}
	s.as(s.w.Keepers[0])
	base, sent := s.served(t)
	tab := browsertest.Open(t, browsertest.Options{Width: 360, Height: 1600})
	wait := func(expression string) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); !browsertest.Eval[bool](tab, expression); {
			if time.Now().After(end) {
				t.Fatalf("never: %s\n%s", expression, tab.Text("main"))
			}
		}
	}
	tab.Go(base + s.key)
	// The CSP lets no script fetch the file that is offered: it is caught as it is made.
	browsertest.Eval[bool](tab, `URL.createObjectURL = (make => blob => { window.made = blob; return make.call(URL, blob) })(URL.createObjectURL), true`)
	tab.Click("[data-cle-nouvelle]")
	wait(`document.querySelector("[data-cle-etat]").textContent.startsWith("Votre clé est créée")`)
	secret := browsertest.Eval[string](tab, `window.made.text()`)
	browsertest.NoViolation(t, tab.Axe())
	print := tab.Text("[data-cle-empreinte]")
	tab.Click("#gardee")
	tab.Submit("[data-cle-creer] button:not([type=button])")
	if said := tab.Text("main"); !strings.Contains(said, print) || !strings.Contains(said, "Remplacer ma clé") {
		t.Fatalf("after the key %s was given:\n%s", print, said)
	}
	s.as(s.w.Team).Post(s.desk+"/repetition", 303)
	s.as(s.w.Keepers[0])
	file := filepath.Join(t.TempDir(), "cle-privee.json")
	if err := os.WriteFile(file, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	tab.Go(base + s.key)
	if n := tab.Overflow(); n > 0 {
		t.Errorf("the page is %d pixels wider than the window", n)
	}
	tab.Upload("#fichier", file)
	wait(`[...document.querySelectorAll("[data-ouverture]")].every(x => x.value.length > 100)`)
	browsertest.NoViolation(t, tab.Axe())
	if path := os.Getenv("PORTAL_SHOT"); path != "" {
		tab.Screenshot(path)
	}
	tab.Submit("[data-cle-ouvrir] button")
	if said := tab.Text("main"); !strings.Contains(said, "Il manque encore l’ouverture par") {
		t.Fatalf("after opening:\n%s", said)
	}
	s.as(s.w.Team)
	tab.Go(base + s.desk)
	if n := tab.Overflow(); n > 0 {
		t.Errorf("the page of the team is %d pixels wider than the window", n)
	}
	browsertest.NoViolation(t, tab.Axe())
	if path := os.Getenv("PORTAL_SHOT"); path != "" {
		tab.Screenshot(path + "-desk.png")
	}
	if digits := strings.Trim(secret, "\"\n"); len(digits) < 60 || strings.Contains(sent(), digits) {
		t.Error("the private key left the browser")
	}
	if errs := tab.ConsoleErrors(); len(errs) > 0 {
		t.Errorf("console: %v", errs)
	}
}
