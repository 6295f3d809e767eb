package static_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/web/browsertest"
	"bordeaux-metropole.fr/portal/web/static"
)

// aBooth is an election of ours: questions of so many candidates, one to five of
// them, or a blank vote.
func aBooth(t *testing.T, candidates ...int) (*booth, *belenios.Election) {
	t.Helper()
	_, trustee, err := belenios.NewTrustee()
	if err != nil {
		t.Fatal(err)
	}
	var questions []belenios.Question
	for i, n := range candidates {
		q := belenios.Question{Blank: true, Min: 1, Max: min(5, n), Question: fmt.Sprintf("Collège %d", i+1)}
		for j := range n {
			q.Answers = append(q.Answers, fmt.Sprintf("Structure %d", j+1))
		}
		questions = append(questions, q)
	}
	e, err := belenios.NewElection(belenios.NewUUID(), "GNI", "", []belenios.Trustee{trustee}, questions)
	if err != nil {
		t.Fatal(err)
	}
	b := newBooth(t, string(e.Raw))
	b.print = e.Fingerprint()
	return b, e
}

func quiet(t *testing.T, tab *browsertest.Tab) {
	t.Helper()
	if c := tab.ConsoleErrors(); len(c) > 0 {
		t.Errorf("console: %v", c)
	}
}

// What a person does at the voting page, with its mistakes; one ballot leaves, the
// right one, whatever is pressed.
func TestVotingPage(t *testing.T) {
	t.Parallel()
	b, election := aBooth(t, 30, 30)
	tab := browsertest.Open(t, browsertest.Options{Width: 360})
	tab.Go(b.URL + "/elections/1/vote")
	text := func(selector, want string) {
		t.Helper()
		wait(t, tab, fmt.Sprintf(`document.querySelector(%q)?.textContent.replace(/[\u00a0\u202f]/g, " ") === %q`, selector, want))
	}
	shown := func(selector string, want bool) {
		t.Helper()
		if browsertest.Eval[bool](tab, fmt.Sprintf(`document.querySelector(%q).checkVisibility()`, selector)) != want {
			t.Errorf("%s: shown %v", selector, !want)
		}
	}
	count := `[data-vote-compte="0"]`
	text(count, "0 structure sur 5")
	shown("[data-vote-attente]", false)
	shown("#code", false)
	browsertest.NoViolation(t, tab.Axe())
	for i := range 6 {
		tab.Click(fmt.Sprintf("#c0-%d", i+1))
	}
	text(count, "6 structures sur 5 : retirez-en 1")
	tab.Click("[data-vote-relire]")
	text("#q0-erreur", "Erreur : Vous avez choisi 6 structures. Gardez-en 5 au plus.")
	text(".summary-err a[href='#c1-1']", "Choisissez au moins une structure, ou le vote blanc.")
	browsertest.NoViolation(t, tab.Axe())
	tab.Click("#c0-0") // blank clears the names…
	text(count, "Vote blanc")
	tab.Click("#c0-2") // … and a name the blank vote
	tab.Click("#c0-30")
	text(count, "2 structures sur 5")
	tab.Click("#c1-0")
	tab.Press("\r") // Enter in a box reads again, it does not vote
	wait(t, tab, `document.activeElement.id === "relire"`)
	text("[data-vote-recap]", "Collège 1Structure 2Structure 30Collège 2Vote blanc")
	tab.Click("[data-vote-modifier]")
	tab.Click("#c0-30")
	tab.Click("#c0-29")
	tab.Click("[data-vote-relire]")
	text("[data-vote-recap]", "Collège 1Structure 2Structure 29Collège 2Vote blanc")
	if n := tab.Overflow(); n > 0 {
		t.Errorf("%d pixels too wide", n)
	}

	code := belenios.NewCode()
	tab.Click("[data-vote-envoyer]")
	text("#code-erreur", "Erreur : Saisissez le code de vote de votre structure.")
	wrong := strings.Replace(code, code[:1], otherDigit(code[0]), 1)
	tab.Fill("#code", wrong)
	tab.Press("\r")
	text("#code-erreur", "Erreur : Ce code est mal recopié : vérifiez-le signe par signe. Les majuscules et les minuscules comptent.")
	wait(t, tab, `document.activeElement.className === "summary-err" && document.title.startsWith("Erreur")`)
	browsertest.NoViolation(t, tab.Axe())

	if n := len(b.posts(t)); n > 0 {
		t.Fatalf("%d forms were sent before the vote", n)
	}
	tab.Fill("#code", strings.ReplaceAll(code, "-", ""))
	// Three clicks, and how long it took before the form left.
	browsertest.Eval[bool](tab, `(() => { const f = document.querySelector("form"), began = performance.now(), submit = HTMLFormElement.prototype.submit;
		HTMLFormElement.prototype.submit = function () { sessionStorage.took = Math.round(performance.now() - began); submit.call(this); };
		const b = document.querySelector("[data-vote-envoyer]"); b.click(); b.click(); setTimeout(() => b.click(), 30); return true })()`)
	wait(t, tab, `document.querySelector("h1")?.textContent === "Reçu"`)
	took := browsertest.Eval[string](tab, `sessionStorage.took`)
	t.Logf("2 × 30 candidates and blank: encrypted in %s ms", took)
	for _, secret := range []string{code, strings.ReplaceAll(code, "-", ""), wrong, "choix"} {
		if b.leaks(secret) {
			t.Errorf("%q left the browser", secret)
		}
	}
	forms := b.posts(t)
	if len(forms) != 1 || len(forms[0]) != 2 {
		t.Fatalf("%d forms were sent, want one with the ballot and the key of the form", len(forms))
	}
	ballot, err := election.CheckBallot([]byte(forms[0].Get("bulletin")))
	if err != nil {
		t.Fatal(err)
	}
	if ballot.Credential != belenios.PublicCredential(code, election.UUID) {
		t.Error("the ballot has another credential")
	}
	quiet(t, tab)

	// The session had ended: the encrypted ballot is all that comes back.
	b.bulletin = forms[0].Get("bulletin")
	tab.Go(b.URL + "/elections/1/vote")
	text("[data-vote-etat]", "Votre bulletin est déjà chiffré : il ne reste qu’à l’envoyer.")
	shown("#code", false)
	tab.Submit("[data-vote-envoyer]")
	if forms := b.posts(t); len(forms) != 1 || forms[0].Get("bulletin") != b.bulletin || len(forms[0]) != 2 {
		t.Errorf("%d forms were sent, want the same ballot", len(forms))
	}
}

func otherDigit(c byte) string {
	if c == 'Z' {
		return "Y"
	}
	return "Z"
}

// A browser that cannot encrypt sends nothing, until the person asks the server to.
func TestVotingPageThatCannotEncrypt(t *testing.T) {
	t.Parallel()
	b, election := aBooth(t, 2)
	code := belenios.NewCode()
	vote := func(o browsertest.Options) *browsertest.Tab {
		tab := browsertest.Open(t, o)
		tab.Go(b.URL + "/elections/1/vote")
		tab.Click("#c0-2")
		if !o.NoScript {
			tab.Click("[data-vote-relire]")
			wait(t, tab, `!document.querySelector("[data-vote-confirmer]").hidden`)
		}
		tab.Fill("#code", code)
		return tab
	}
	b.workers = "'none'" // no Worker starts
	tab := vote(browsertest.Options{})
	tab.Click("[data-vote-envoyer]")
	failed := `document.querySelector("[data-vote-panne]").checkVisibility() && document.querySelector("[data-vote-etat]").textContent.endsWith("Rien n’a été envoyé.")`
	wait(t, tab, failed)
	browsertest.NoViolation(t, tab.Axe())
	tab.Click("[data-vote-reessayer]")
	wait(t, tab, failed)
	if forms := b.posts(t); len(forms) > 0 {
		t.Fatalf("sent without being asked to: %v", forms)
	}
	tab.Click("#serveur")
	tab.Submit("[data-vote-envoyer]")
	if forms := b.posts(t); len(forms) != 1 || forms[0].Get("chiffrement") != "serveur" || forms[0].Get("choix") != "2" || forms[0].Get("code") != code || forms[0].Get("bulletin") != "" {
		t.Errorf("received %v", forms)
	}

	// Another election.json than that of the page: the browser stops.
	b.workers, b.print = "'self'", "A"+election.Fingerprint()[1:]
	tab = vote(browsertest.Options{})
	tab.Press("\r")
	wait(t, tab, failed)
	if forms := b.posts(t); len(forms) > 0 {
		t.Errorf("sent for another election: %v", forms)
	}
	quiet(t, tab)

	// Without script, the form is a form.
	tab = vote(browsertest.Options{NoScript: true, Width: 320})
	if n := tab.Overflow(); n > 0 {
		t.Errorf("%d pixels too wide", n)
	}
	tab.Submit("noscript button")
	if forms := b.posts(t); len(forms) != 1 || forms[0].Get("choix") != "2" || forms[0].Get("code") != code || forms[0].Has("chiffrement") {
		t.Errorf("received %v", forms)
	}
}

// The script that did not come leaves no way to send choices in clear.
func TestVotingPageWithoutItsScript(t *testing.T) {
	t.Parallel()
	b, _ := aBooth(t, 2)
	page := strings.ReplaceAll(b.voting(), "data-vote=", "data-lost=") // vote.js does nothing
	tab := browsertest.Open(t, browsertest.Options{})
	b.Config.Handler = b.record(b.page(func() string { return page }))
	tab.Go(b.URL + "/elections/1/vote")
	tab.Click("#c0-2")
	tab.Fill("#code", belenios.NewCode())
	tab.Press("\r")
	tab.Click("#c0-1")
	tab.Press("\r")
	if !browsertest.Eval[bool](tab, `document.querySelector("[data-vote-attente]").checkVisibility() && document.querySelector("h1").textContent === "Élection"`) {
		t.Error("the page does not say that it waits for its script")
	}
	if forms := b.posts(t); len(forms) > 0 {
		t.Errorf("received %v", forms)
	}
}

// Go and JavaScript read codes alike: ours, those of belenios-tool, and mistakes.
func TestCodesInBrowser(t *testing.T) {
	t.Parallel()
	b, _ := aBooth(t, 1)
	tab := browsertest.Open(t, browsertest.Options{})
	tab.Go(b.URL + "/elections/1/cle")
	typed := []string{"", "-", "Gc1-A4H-PeY-sz6-TjE", " Gc1A4H\u202fPeYsz6\u2011TjE\t", "Gc1-A4H-PeY-sz6-TjF", "gc1-a4h-pey-sz6-tje", "Gc1-A4H-PeY-sz6-TjÉ", strings.Repeat(" ", 300) + "Gc1-A4H-PeY-sz6-TjE"}
	source := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // mistakes, not secrets
	for range 200 {
		code := belenios.NewCode()
		r := []rune(code)
		i, j := source.IntN(len(r)), source.IntN(len(r))
		r[i], r[j] = r[j], r[i]
		swapped := string(r)
		r = []rune(code)
		r[i] = []rune("019OIlAZaz-é ")[source.IntN(13)]
		typed = append(typed, code, strings.ReplaceAll(code, "-", " – "), swapped, string(r), code[:len(code)-1])
	}
	want := make([]string, len(typed))
	accepted := 0
	for i, s := range typed {
		if c, err := belenios.CleanCode(s); err == nil {
			want[i] = c
			accepted++
		}
	}
	if accepted < 402 || accepted > 900 {
		t.Fatalf("%d codes of %d are right", accepted, len(typed))
	}
	list, err := json.Marshal(typed)
	if err != nil {
		t.Fatal(err)
	}
	got := browsertest.Eval[[]string](tab, fmt.Sprintf("(() => { %s\nreturn %s.map(cleanCode) })()", script(t), list))
	for i := range typed {
		if got[i] != want[i] {
			t.Errorf("%q: %q in the browser, %q in Go", typed[i], got[i], want[i])
		}
	}
}

func script(t *testing.T) string {
	t.Helper()
	body, err := io.ReadAll(get(t, http.MethodGet, static.Path("vote.js"), nil).Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// The digest that is published is that of the bytes served, which are those of the
// parts one after the other: anybody finds it again.
func TestDigest(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("vote/*.js")
	if err != nil || len(names) < 2 {
		t.Fatal(names, err)
	}
	slices.Sort(names)
	var whole []byte
	for _, name := range names {
		part, err := os.ReadFile(filepath.Clean(name))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(part), "\n"); n > 400 {
			t.Errorf("%s: %d lines", name, n)
		}
		whole = append(whole, part...)
	}
	sum := sha256.Sum256([]byte(script(t)))
	if got := hex.EncodeToString(sum[:]); got != static.Digest("vote.js") || string(whole) != script(t) {
		t.Errorf("vote.js: %s is served, %s is published", got, static.Digest("vote.js"))
	}
	for name, limit := range map[string]int{"vote.js": 12 << 10, "vote.css": 2 << 10} {
		if n := static.Size(name); n > limit {
			t.Errorf("%s: %d bytes compressed, at most %d", name, n, limit)
		}
	}
	for _, s := range []string{"localStorage", "sessionStorage", "indexedDB", "innerHTML", "eval(", "Math.random", "console."} {
		if strings.Contains(script(t), s) {
			t.Errorf("vote.js holds %s", s)
		}
	}
}
