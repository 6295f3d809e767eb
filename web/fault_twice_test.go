package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/web"
)

// twin is a second instance of the portal on the same database.
func (s *site) twin(t testing.TB) *site {
	t.Helper()
	pool, err := postgres.Open(t.Context(), s.pool.Config().ConnString(), postgres.Options{MaxConns: 6})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	c := testConfig(s.URL)
	areas, err := web.NewAreas(pool, c)
	if err != nil {
		t.Fatal(err)
	}
	other := &site{pool: pool}
	if other.portal, err = web.New(c, areas); err != nil {
		t.Fatal(err)
	}
	other.Server = httptest.NewServer(other.portal)
	t.Cleanup(other.Server.Close)
	return other
}

// at is the same person, cookies included, on another instance.
func (b *browser) at(s *site) *browser {
	c := *b
	c.base = s.URL
	return &c
}

func (s *site) mandatesOf(t testing.TB, last string) int64 {
	t.Helper()
	n, err := postgres.Value[int64](t.Context(), s.pool,
		`SELECT count(*) FROM mandate m JOIN person p ON p.id = m.person_id WHERE p.last_name = $1`, last)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestSentTwentyTimes: one form, twenty sendings at once to two instances, one
// mandate, and everybody is led to the same place.
func TestSentTwentyTimes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	other := s.twin(t)
	b := s.signIn(t, "equipe@example.org")
	path := s.vacantSeat(t)
	v := formOf(t, b.get(path).body)
	if v.Get("_cle") == "" {
		t.Fatalf("the form has no key: %v", v)
	}
	v.Set("prenom", "Unique")
	v.Set("nom", "Vingtfois")

	answers := make([]answer, 20)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() {
			from := b
			if i%2 == 1 {
				from = b.at(other)
			}
			r := from.request("POST", path, v)
			r.Host = strings.TrimPrefix(s.URL, "http://")
			answers[i] = from.do(r)
		})
	}
	wg.Wait()
	for i, a := range answers {
		if a.status != 303 || a.location() != answers[0].location() || a.location() == "" {
			t.Errorf("sending %d: status %d to %q, want 303 to %q\n%s", i, a.status, a.location(), answers[0].location(), a.text())
		}
	}
	if n := s.mandatesOf(t, "Vingtfois"); n != 1 {
		t.Errorf("%d mandates, want 1", n)
	}
	if a := b.get(answers[0].location()); !strings.Contains(a.body, "Unique Vingtfois") {
		t.Errorf("the page they are led to\n%s", a.text())
	}
	// Somebody else's same key is another form.
	second := s.signIn(t, "equipe2@example.org")
	if a := second.post(path, v); a.status == 303 {
		t.Error("another person's sending was taken for this one's")
	}
}

// TestCorrectedWithTheSameKey: a form shown again for correction is sent again
// with the key it had.
func TestCorrectedWithTheSameKey(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.signIn(t, "equipe@example.org")
	path := s.vacantSeat(t)
	v := formOf(t, b.get(path).body)
	v.Set("nom", "Corrigée")
	for range 2 {
		if a := b.post(path, v); a.status != 422 || !strings.Contains(a.body, "Corrigée") {
			t.Fatalf("without first name: status %d\n%s", a.status, a.text())
		}
	}
	v.Set("prenom", "Camille")
	first := b.post(path, v)
	again := b.post(path, v)
	if first.status != 303 || again.status != 303 || first.location() != again.location() {
		t.Errorf("corrected: %d %s, then %d %s", first.status, first.location(), again.status, again.location())
	}
	if n := s.mandatesOf(t, "Corrigée"); n != 1 {
		t.Errorf("%d mandates, want 1", n)
	}
	if a := b.get(again.location()); !strings.Contains(a.body, "Camille Corrigée occupe ce siège") {
		t.Errorf("the second sending is not told what was done\n%s", a.text())
	}
}

// TestDoubleClick: a browser that sends a second time drops the first request.
// Whatever point that one had reached, the act is done once and the second is led
// to it; a panic gives the key back too.
func TestDoubleClick(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var mu sync.Mutex
	done, inside := 0, make(chan struct{}, 10)
	release := make(chan struct{})
	err := s.portal.AddRoutes(0,
		// It does its work, then sees its reader leave before it has answered.
		web.Route{Method: "POST", Pattern: "/fait", Who: access.Anyone, Handle: func(w http.ResponseWriter, r *http.Request) error {
			mu.Lock()
			done++
			mu.Unlock()
			inside <- struct{}{}
			<-release
			http.Redirect(w, r, "/fini", http.StatusSeeOther)
			return nil
		}},
		// It is cut short by its reader leaving, the first time.
		web.Route{Method: "POST", Pattern: "/coupe", Who: access.Anyone, Handle: func(w http.ResponseWriter, r *http.Request) error {
			inside <- struct{}{}
			if r.PostForm.Get("n") == "1" {
				<-r.Context().Done()
				return r.Context().Err()
			}
			http.Redirect(w, r, "/fini", http.StatusSeeOther)
			return nil
		}},
		web.Route{Method: "POST", Pattern: "/panique", Who: access.Anyone, Handle: func(w http.ResponseWriter, r *http.Request) error {
			if r.PostForm.Get("n") == "1" {
				panic("boum")
			}
			http.Redirect(w, r, "/fini", http.StatusSeeOther)
			return nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	b := s.signIn(t, "equipe@example.org") // nobody's form has a key
	drop := func(path string) {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			res, err := b.http.Do(b.request("POST", path, url.Values{"_cle": {"k" + path}, "n": {"1"}}).WithContext(ctx))
			if err == nil {
				res.Body.Close()
			}
		}()
		<-inside
		cancel()
		<-ended
	}
	want303 := func(path string) {
		t.Helper()
		start := time.Now()
		a := b.post(path, url.Values{"_cle": {"k" + path}, "n": {"2"}})
		if a.status != 303 || a.location() != "/fini" || time.Since(start) > 3*time.Second {
			t.Errorf("second click on %s: %d %q after %s\n%s", path, a.status, a.location(), time.Since(start), a.text())
		}
	}
	drop("/fait")
	close(release)
	want303("/fait")
	if mu.Lock(); done != 1 {
		t.Errorf("done %d times, want once", done)
	}
	mu.Unlock()
	drop("/coupe")
	want303("/coupe")
	if a := b.post("/panique", url.Values{"_cle": {"k/panique"}, "n": {"1"}}); a.status != 500 {
		t.Errorf("panic: status %d", a.status)
	}
	want303("/panique")
}
