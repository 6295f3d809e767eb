package web_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"bordeaux-metropole.fr/portal/web/browsertest"
)

// rollOfSixty convenes sixty structures to a meeting of the GNI that is open, and
// returns the address of its roll.
func rollOfSixty(t testing.TB, s *site) string {
	t.Helper()
	id := s.count(t, `INSERT INTO meeting (body, starts_at, ends_at, place, state, announced, convened_at, opened_at, check_in_code)
		VALUES ('gni', now(), now() + interval '2 hours', 'Salle Garonne', 'in_progress', true, now(), now(), 'CODEDELASALLE') RETURNING id::int`)
	s.count(t, `WITH c AS (
		INSERT INTO convocation (meeting_id, kind, seat_id, organisation_id, name, seat_label, group_position, group_name, organisation_name, email)
		SELECT $1, 'convocation', s.id, s.organisation_id, 'Personne ' || n, 'Structure', 1, 'Structures', o.name, 'p' || n || '@example.org'
		FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM seat WHERE kind = 'structure') s
		JOIN organisation o ON o.id = s.organisation_id WHERE n <= 60 RETURNING id)
		SELECT count(*)::int FROM c`, id)
	return fmt.Sprintf("/equipe/reunions/%d/emargement", id)
}

// A roll of sixty is called in less than two minutes by keyboard: one key for who is
// present, and arrows for the others.
func TestRollOfSixtyByKeyboard(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	s := newSite(t)
	address := rollOfSixty(t, s)
	v := s.open(t, browsertest.Options{})
	v.sit(s.signIn(t, "equipe@example.org"))
	v.at(address)
	began, keys := time.Now(), 0
	press := func(key string) {
		v.Press(key)
		keys++
	}
	browsertest.Eval[bool](v.Tab, `document.querySelector(".who input").focus() ?? true`)
	for i := range 60 {
		if i%10 == 9 { // present, remote, represented, proxy, excused
			for range 4 {
				press(kb.ArrowDown) // down
			}
		}
		press("\r")
	}
	took := time.Since(began)
	until(t, "the marks are written", func() bool {
		return s.count(t, `SELECT count(*)::int FROM attendance WHERE meeting_id = (SELECT max(meeting_id) FROM attendance) AND status = 'present'`) == 54 &&
			s.count(t, `SELECT count(*)::int FROM attendance WHERE meeting_id = (SELECT max(meeting_id) FROM attendance) AND status = 'excused'`) == 6
	})
	t.Logf("%d keys, %s by a machine; at two keys a second %d s", keys, took.Round(time.Millisecond), keys/2)
	if keys > 120 {
		t.Errorf("%d keys", keys)
	}
	until(t, "the screen says so", func() bool { return v.shows("54 présents et 6 excusés") && v.shows("Enregistré") })
	if n := s.count(t, `SELECT count(*)::int FROM attendance WHERE version > 1 AND meeting_id = (SELECT max(meeting_id) FROM attendance)`); n > 0 {
		t.Errorf("%d people were written twice: arrows pass over marks", n)
	}
	browsertest.NoViolation(t, v.Axe())
}

// Two screens show the same roll; what is marked without network is kept, said, and
// sent when it is back.
func TestRollOnTwoScreens(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	s := newSite(t)
	address := rollOfSixty(t, s)
	one, two := s.open(t, browsertest.Options{}), s.open(t, browsertest.Options{})
	one.sit(s.signIn(t, "equipe@example.org"))
	two.sit(s.signIn(t, "equipe2@example.org"))
	one.at(address)
	two.at(address)
	one.Click(`.who:nth-of-type(2) input[value=remote]`)
	until(t, "the other screen shows the mark", func() bool {
		return browsertest.Eval[bool](two.Tab, `document.querySelector(".who:nth-of-type(2) input[value=remote]").checked`)
	})
	for _, path := range []string{address, address + "/pointage", address + "/invites/nouveau", address + "/cloture", "/equipe/presences"} {
		for _, width := range []int64{320, 1200} {
			two.See(browsertest.Options{Width: width})
			two.at(path)
			if n := two.Overflow(); n > 0 {
				t.Errorf("%s at %d: %d pixels too wide", path, width, n)
			}
			if path != "/equipe/presences" { // whose empty list ui.Empty draws as everywhere
				browsertest.NoViolation(t, two.Axe())
			}
			if dir := os.Getenv("SHOTS"); dir != "" {
				two.Screenshot(fmt.Sprintf("%s/%d%s.png", dir, width, slashless(path)))
			}
		}
	}
}

// The sheet to sign keeps its style in the browser, whose policy allows no other, and
// its head on each page.
func TestRollSheetInTheBrowser(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	s := newSite(t)
	address := rollOfSixty(t, s)
	v := &visitor{t: t, Tab: browsertest.Open(t, browsertest.Options{}), site: s}
	v.sit(s.signIn(t, "equipe@example.org"))
	v.at(address + "/feuille")
	if got := browsertest.Eval[string](v.Tab, `getComputedStyle(document.querySelector("table")).borderCollapse`); got != "collapse" {
		t.Errorf("the style of the sheet is not applied: %s", got)
	}
	for _, e := range v.ConsoleErrors() {
		if !strings.Contains(e, "favicon") { // a document printed alone has none
			t.Errorf("console: %s", e)
		}
	}
	browsertest.NoViolation(t, v.Axe())
	if dir := os.Getenv("SHOTS"); dir != "" {
		v.PDF(dir + "/feuille.pdf")
	}
}

func slashless(path string) string {
	out := []rune(path)
	for i, r := range out {
		if r == '/' {
			out[i] = '-'
		}
	}
	return string(out)
}
