package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"bordeaux-metropole.fr/portal/internal/demo"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/web/browsertest"
)

// patience is how long something that happens by itself (a mail treated, a right
// that falls) may take on a slow machine.
const patience = 20 * time.Second

// visitor is somebody at Chromium. What the visitor does, they do as a person
// would: by the words on links, buttons and labels. At the end of the test the
// console of the browser must be empty.
type visitor struct {
	t testing.TB
	*browsertest.Tab
	site *site
}

// open starts a browser of its own on the site. It skips the test under -short.
func (s *site) open(t testing.TB, o browsertest.Options) *visitor {
	t.Helper()
	v := &visitor{t: t, Tab: browsertest.Open(t, o), site: s}
	t.Cleanup(func() {
		for _, e := range v.ConsoleErrors() {
			if !answered(e) {
				t.Errorf("console: %s", e)
			}
		}
	})
	return v
}

// refusal is what Chromium says of a page that answers 4xx. Files of /static/ must
// all be there.
var refusal = regexp.MustCompile(`Failed to load resource: the server responded with a status of 4\d\d`)

func answered(message string) bool {
	return refusal.MatchString(message) && !strings.Contains(message, "/static/") && !strings.Contains(message, "favicon")
}

// inTwoWays runs a journey in a browser with script, then in one without.
func inTwoWays(t *testing.T, journey func(t *testing.T, o browsertest.Options)) {
	t.Helper()
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	for name, o := range map[string]browsertest.Options{"with script": {}, "without script": {NoScript: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			journey(t, o)
		})
	}
}

// deliver runs the job queue of the site until the end of the test. Without a mail
// server, which change may give, mails are kept and shown to the team.
func (s *site) deliver(t testing.TB, change ...func(*notify.Options)) {
	t.Helper()
	o := notify.Options{BaseURL: s.URL}
	for _, f := range change {
		f(&o)
	}
	jobs, err := notify.NewClient(s.pool, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := jobs.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := jobs.StopAndCancel(ctx); err != nil {
			t.Errorf("stop the job queue: %v", err)
		}
	})
}

// until asks again and again, and fails the test when the answer is still no.
func until(t testing.TB, what string, yes func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for !yes() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("still not after %s: %s", patience, what)
		}
	}
}

// sit gives the browser the session of b.
func (v *visitor) sit(b *browser) {
	v.t.Helper()
	u, err := url.Parse(v.site.URL)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, c := range b.http.Jar.Cookies(u) {
		p := network.SetCookieParams{Name: c.Name, Value: c.Value, URL: v.site.URL}
		if _, err := chromedp.Call(v.Context(), network.SetCookie, p); err != nil {
			v.t.Fatalf("set cookie %s: %v", c.Name, err)
		}
	}
}

// at goes to a page that must answer 200.
func (v *visitor) at(path string) {
	v.t.Helper()
	v.answers(path, http.StatusOK)
}

func (v *visitor) answers(path string, want int) {
	v.t.Helper()
	if status := v.Go(v.site.URL + path); status != want {
		v.t.Fatalf("%s: status %d, want %d\n%s", path, status, want, v.main())
	}
}

// path is the address of the page, without the host.
func (v *visitor) path() string {
	return browsertest.Eval[string](v.Tab, `location.pathname + location.search`)
}

// main is what the page shows, for messages of failed tests.
func (v *visitor) main() string {
	s := browsertest.Eval[string](v.Tab, `location.pathname + "\n" + (document.querySelector("main") ?? document.body).innerText`)
	return s[:min(len(s), 1200)]
}

// find marks what a person would recognise by its words among what is shown, and
// returns its selector. The whole text first, then its beginning, then any part.
const find = `((selector, words, pick) => {
	const plain = s => s.replace(/[\s\u00a0\u202f]+/g, " ").trim();
	document.querySelectorAll("[data-found]").forEach(e => e.removeAttribute("data-found"));
	const shown = [...document.querySelectorAll(selector)].filter(e => e.checkVisibility());
	const hit = shown.find(e => plain(e.textContent) === words) ?? shown.find(e => plain(e.textContent).startsWith(words)) ?? shown.find(e => plain(e.textContent).includes(words));
	const found = hit && pick(hit);
	found?.setAttribute("data-found", "");
	return !!found;
})`

const found = "[data-found]"

func (v *visitor) mark(what, selector, words, pick string) {
	v.t.Helper()
	quoted, err := json.Marshal(words)
	if err != nil {
		v.t.Fatal(err)
	}
	if !browsertest.Eval[bool](v.Tab, fmt.Sprintf(`%s(%q, %s, %s)`, find, selector, quoted, pick)) {
		v.t.Fatalf("no %s « %s » on %s", what, words, v.main())
	}
}

// follow clicks on a link and expects its page to answer 200.
func (v *visitor) follow(link string) {
	v.t.Helper()
	v.mark("link", "a[href]", link, "e => e")
	if status := v.Submit(found); status != http.StatusOK {
		v.t.Fatalf("link « %s »: status %d\n%s", link, status, v.main())
	}
}

// push presses a button and returns the status of the page it leads to.
func (v *visitor) push(button string) int {
	v.t.Helper()
	v.mark("button", "button", button, "e => e")
	return v.Submit(found)
}

// sends presses a button that must be accepted.
func (v *visitor) sends(button string) {
	v.t.Helper()
	if status := v.push(button); status != http.StatusOK {
		v.t.Fatalf("button « %s »: status %d\n%s", button, status, v.main())
	}
}

// write fills the field that has the label.
func (v *visitor) write(label, text string) {
	v.t.Helper()
	v.mark("field", "label", label, "e => e.control")
	v.Fill(found, text)
	if got := browsertest.Eval[string](v.Tab, `document.querySelector("[data-found]").value`); got != text {
		v.t.Fatalf("field « %s » holds %q, typed %q", label, got, text)
	}
}

// tick chooses a radio or ticks a box.
func (v *visitor) tick(label string) {
	v.t.Helper()
	v.mark("choice", "label", label, "e => e.control")
	v.Click(found)
	if !browsertest.Eval[bool](v.Tab, `document.querySelector("[data-found]").checked`) {
		v.t.Fatalf("choice « %s » is not ticked", label)
	}
}

// holds returns the value of the field that has the label.
func (v *visitor) holds(label string) string {
	v.t.Helper()
	v.mark("field", "label", label, "e => e.control")
	return browsertest.Eval[string](v.Tab, `document.querySelector("[data-found]").value`)
}

// shows tells whether the words can be read on the page.
func (v *visitor) shows(words string) bool {
	v.t.Helper()
	quoted, err := json.Marshal(words)
	if err != nil {
		v.t.Fatal(err)
	}
	return browsertest.Eval[bool](v.Tab, fmt.Sprintf(`document.body.innerText.replace(/[\s\u00a0\u202f]+/g, " ").includes(%s)`, quoted))
}

func (v *visitor) reads(words ...string) {
	v.t.Helper()
	for _, w := range words {
		if !v.shows(w) {
			v.t.Errorf("« %s » cannot be read on %s", w, v.main())
		}
	}
}

func (v *visitor) readsNot(words ...string) {
	v.t.Helper()
	for _, w := range words {
		if v.shows(w) {
			v.t.Errorf("« %s » can be read on %s", w, v.main())
		}
	}
}

// signsIn goes through the page of sign in, with the password of the demonstration.
func (v *visitor) signsIn(email string) {
	v.t.Helper()
	v.at("/connexion")
	v.signsInWith(email, demo.Password)
}

// signsInWith fills the page of sign in that is shown.
func (v *visitor) signsInWith(email, password string) {
	v.t.Helper()
	v.write("Adresse électronique", email)
	v.write("Mot de passe", password)
	v.sends("Se connecter")
}

// clean fails the test on what axe-core finds, and on a page wider than a phone.
func (v *visitor) clean(o browsertest.Options) {
	v.t.Helper()
	if o.NoScript {
		return // the page is the same with script, where axe can run
	}
	v.See(o)
	for _, x := range v.Axe() {
		v.t.Errorf("axe on %s: %s", v.path(), x)
	}
	o.Width = 320
	v.See(o)
	if n := v.Overflow(); n > 0 {
		v.t.Errorf("%s is %d pixels too wide at 320: %s", v.path(), n, browsertest.Eval[[]string](v.Tab, tooWide))
	}
	o.Width = 0
	v.See(o)
}

// tooWide names what goes past the right edge outside a box that scrolls.
const tooWide = `[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 0.5 && !e.parentElement.closest(".scroll"))
	.slice(0, 5).map(e => e.outerHTML.slice(0, 120))`

// mailTo opens, as the team or an administrator, the last mail to an address.
func (v *visitor) mailTo(address string) {
	v.t.Helper()
	v.at("/equipe/courriels?q=" + url.QueryEscape(address))
	v.mark("mail", "tbody th a", address, "e => e")
	if status := v.Submit(found); status != http.StatusOK {
		v.t.Fatalf("mail to %s: status %d", address, status)
	}
}

// personalLink returns the link of the mail that is shown, once it was treated.
func (v *visitor) personalLink() string {
	v.t.Helper()
	mail := v.path()
	until(v.t, "the mail shows its personal link", func() bool {
		if v.shows("Ouvrir le lien personnel") {
			return true
		}
		v.at(mail)
		return false
	})
	v.mark("link", "main a[href]", "Ouvrir le lien personnel", "e => e")
	link := browsertest.Eval[string](v.Tab, `document.querySelector("[data-found]").href`)
	path, ok := strings.CutPrefix(link, v.site.URL)
	if !ok {
		// Mails made with the demo data carry the address of that run.
		v.t.Fatalf("the personal link %q does not lead to %s", link, v.site.URL)
	}
	return path
}

// count returns a number the database gives.
func (s *site) count(t testing.TB, sql string, args ...any) int {
	t.Helper()
	var n int
	if err := s.pool.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// seat returns the address of the team's page of a seat.
func (s *site) seat(t testing.TB, label string) string {
	t.Helper()
	return "/equipe/sieges/" + strconv.Itoa(s.count(t, `SELECT id FROM seat WHERE label = $1`, label))
}
