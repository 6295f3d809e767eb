package static_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"

	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/web/browsertest"
)

// A whole election where the official tool does the setup, one ballot, one key out of
// two and every check, and the browser does the rest: a key, three ballots, an opening.
func TestVoteElection(t *testing.T) {
	t.Parallel()
	tool := newTool(t)
	uuid := strings.TrimSpace(tool.run("", "setup", "generate-token"))
	b := newBooth(t, `{"questions":[]}`)
	tab := browsertest.Open(t, browsertest.Options{Width: 360})

	public, keyFile := makeKeyInBrowser(t, b, tab)
	tool.run("", "setup", "generate-trustee-key", "--group=BELENIOS-2048")
	private := filepath.Join(tool.dir, "tool.key")
	if err := os.WriteFile(private, []byte(tool.read("*.privkey")), 0o600); err != nil {
		t.Fatal(err)
	}
	tool.write("public_keys.jsons", public+"\n"+tool.read("*.pubkey"))
	tool.run("", "setup", "make-trustees")
	tool.run("", "setup", "generate-credentials", "--uuid", uuid, "--group=BELENIOS-2048", "--count=4")
	codes := codesOf(tool.read("*.privcreds"))
	tool.write("public_creds.json", tool.read("*.pubcreds"))
	var many []string
	for i := range 30 {
		many = append(many, fmt.Sprintf("Structure « É%d »", i+1))
	}
	questions := []question{{many, true, 1, 5, "Médiation numérique"}, {[]string{"Oui", "Non", "Peut-être"}, false, 0, 2, "Action sociale"}}
	template, err := json.Marshal(map[string]any{"description": "", "name": "GNI", "questions": questions})
	if err != nil {
		t.Fatal(err)
	}
	tool.write("template.json", string(template))
	tool.run("", "setup", "make-election", "--uuid", uuid, "--group=BELENIOS-2048", "--template=template.json")
	b.election, b.question = strings.TrimSpace(tool.read("election.json")), questions
	b.print = printOf(b.election)
	tool.run("", "archive", "init")
	for _, name := range []string{"election.json", "trustees.json", "public_creds.json"} {
		_ = os.Remove(filepath.Join(tool.dir, name)) // they are in the archive
	}

	votes := [][][]int{{{1, 2, 30}, {1, 3}}, {{0}, {}}, {{2, 3, 4, 5, 6}, {2}}}
	election, err := belenios.ParseElection([]byte(b.election))
	if err != nil {
		t.Fatal(err)
	}
	for i, choices := range votes {
		ballot := voteInBrowser(t, b, tab, codes[i], choices)
		if i == 0 { // the official tool checks them all, below
			if _, err := election.CheckBallot([]byte(ballot)); err != nil {
				t.Errorf("ballot %d: %v", i, err)
			}
		}
		tool.add("Ballot", ballot)
	}
	cells := make([]int, 31)
	cells[30] = 1
	vector, _ := json.Marshal([][]int{cells, {0, 1, 0}})
	tool.add("Ballot", tool.run("", "election", "generate-ballot", "--privcred", tool.write("code", codes[3]), "--ballot", tool.write("choices", string(vector))))
	tool.add("EndBallots", "")
	tally := tool.run("", "election", "compute-encrypted-tally")
	tool.add("EncryptedTally", tally)

	b.sum, _, _ = strings.Cut(tally, "\n") // then comes the number of ballots
	opening := openInBrowser(t, b, tab, public, keyFile)
	digest := sha256.Sum256([]byte(opening))
	tool.add("PartialDecryption", opening+"\n"+fmt.Sprintf(`{"owner":1,"payload":"%x"}`, digest))
	tool.add("PartialDecryption", tool.run("", "election", "decrypt", "--privkey", private, "--trustee-id", "2"))
	result := tool.run("", "election", "compute-result")
	tool.add("Result", result)
	if said := tool.run("", "election", "verify"); !strings.Contains(said, "all checks passed") || strings.Contains(said, "W:") {
		t.Errorf("belenios-tool says: %s", said)
	}
	first := make([]int, 31)
	for _, c := range []int{0, 1, 2, 30, 2, 3, 4, 5, 6, 30} {
		first[c]++
	}
	want, _ := json.Marshal(map[string]any{"result": [][]int{first, {1, 2, 1}}})
	if strings.TrimSpace(result) != string(want) {
		t.Errorf("result %s, want %s", result, want)
	}
	if c := tab.ConsoleErrors(); len(c) > 0 {
		t.Errorf("console: %v", c)
	}
}

func printOf(election string) string {
	sum := sha256.Sum256([]byte(election))
	return base64.RawStdEncoding.EncodeToString(sum[:])
}

// makeKeyInBrowser returns a public key and the file where its private key was saved.
func makeKeyInBrowser(t *testing.T, b *booth, tab *browsertest.Tab) (public, file string) {
	t.Helper()
	dir := t.TempDir()
	if _, err := chromedp.CallBrowser(tab.Context(), browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir,
		BrowserContextID: chromedp.FromContext(tab.Context()).BrowserContextID,
	}); err != nil {
		t.Fatal(err)
	}
	tab.Go(b.URL + "/elections/1/cle")
	tab.Click("[data-cle-nouvelle]")
	wait(t, tab, `document.querySelector("[data-cle-etat]").textContent.startsWith("Votre clé est créée")`)
	browsertest.NoViolation(t, tab.Axe())
	name := browsertest.Eval[string](tab, `document.querySelector("[data-cle-fichier]").download`)
	file = filepath.Join(dir, name)
	until(t, "the private key is saved", func() bool { s, err := os.Stat(file); return err == nil && s.Size() > 0 })
	secret, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		t.Fatal(err)
	}
	tab.Upload("#relu", file)
	wait(t, tab, `document.querySelector("[data-cle-etat]").textContent === "Ce fichier est bien celui de cette clé."`)
	tab.Submit("form > button")
	if b.leaks(strings.Trim(string(secret), "\"\n")) {
		t.Error("the private key left the browser")
	}
	forms := b.posts(t)
	if len(forms) != 1 || len(forms[0]) != 1 {
		t.Fatalf("received %v, want the public key alone", forms)
	}
	key, err := belenios.ParseTrustee([]byte(forms[0].Get("cle_publique")))
	if err != nil {
		t.Fatal(err)
	}
	if want := "cle-privee-" + strings.ReplaceAll(key.Fingerprint(), " ", "-") + ".json"; name != want {
		t.Errorf("the file is %s, want %s", name, want)
	}
	b.holder = key.PublicKey.String()
	return forms[0].Get("cle_publique"), file
}

// voteInBrowser votes as a person does and returns the ballot. Nothing else may leave.
func voteInBrowser(t *testing.T, b *booth, tab *browsertest.Tab, code string, choices [][]int) string {
	t.Helper()
	b.posts(t)
	tab.Go(b.URL + "/elections/1/vote")
	for q, cells := range choices {
		for _, c := range cells {
			tab.Click(fmt.Sprintf("#c%d-%d", q, c))
		}
	}
	tab.Click("[data-vote-relire]")
	wait(t, tab, `!document.querySelector("[data-vote-confirmer]").hidden`)
	tab.Fill("#code", strings.ReplaceAll(code, "-", " "))
	start := time.Now()
	if status := tab.Submit("[data-vote-envoyer]"); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	t.Logf("encrypted and sent in %d ms", time.Since(start).Milliseconds())
	for _, secret := range []string{code, strings.ReplaceAll(code, "-", " "), strings.ReplaceAll(code, "-", ""), "choix="} {
		if b.leaks(secret) {
			t.Errorf("%q left the browser", secret)
		}
	}
	forms := b.posts(t)
	if len(forms) != 1 || len(forms[0]) != 2 || forms[0].Get("_cle") != "k1" {
		t.Fatalf("received %d forms, with more than the ballot", len(forms))
	}
	return forms[0].Get("bulletin")
}

// openInBrowser refuses a sum and a key that are not those announced, then opens.
func openInBrowser(t *testing.T, b *booth, tab *browsertest.Tab, public, file string) string {
	t.Helper()
	said := func(words string) {
		t.Helper()
		wait(t, tab, fmt.Sprintf(`document.querySelector("[data-cle-etat]").textContent.includes(%q)`, words))
	}
	right := b.holder
	for _, c := range []struct{ print, holder, file, words string }{
		{strings.Repeat("0", 64), right, file, "n’est pas ce qui était annoncé"},
		{"", "5", file, "n’est pas celle qui est attendue"},
		{"", right, write(t, "x.json", public), "n’est pas une clé privée"},
	} {
		b.sumPrint, b.holder = c.print, c.holder
		tab.Go(b.URL + "/elections/1/depouillement")
		tab.Upload("#fichier", c.file)
		said(c.words)
		if browsertest.Eval[string](tab, `document.querySelector("[data-ouverture]").value`) != "" {
			t.Errorf("%s: opened all the same", c.words)
		}
	}
	sum := sha256.Sum256([]byte(b.sum))
	b.sumPrint = hex.EncodeToString(sum[:])
	tab.Go(b.URL + "/elections/1/depouillement")
	b.posts(t)
	tab.Upload("#fichier", file)
	said("Votre part de l’ouverture est prête (GNI, somme de 4 bulletins)")
	if got := strings.ReplaceAll(tab.Text("[data-somme-lue]"), " ", ""); got != b.sumPrint {
		t.Errorf("fingerprint shown %s, want %s", got, b.sumPrint)
	}
	browsertest.NoViolation(t, tab.Axe())
	tab.Submit("form > button")
	secret, _ := os.ReadFile(filepath.Clean(file))
	if b.leaks(strings.Trim(string(secret), "\"\n")) {
		t.Error("the private key left the browser")
	}
	forms := b.posts(t)
	if len(forms) != 1 || len(forms[0]) != 1 {
		t.Fatalf("received %d forms", len(forms))
	}
	return forms[0].Get("ouverture_1")
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// wait asks the page until the answer is yes.
func wait(t *testing.T, tab *browsertest.Tab, condition string) {
	t.Helper()
	end := time.Now().Add(20 * time.Second)
	for !browsertest.Eval[bool](tab, condition) {
		if time.Now().After(end) {
			t.Fatalf("still not: %s\n%s", condition, tab.Text("main"))
		}
	}
}

func until(t *testing.T, what string, yes func() bool) {
	t.Helper()
	end := time.NewTimer(20 * time.Second)
	defer end.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !yes() {
		select {
		case <-tick.C:
		case <-end.C:
			t.Fatalf("still not: %s", what)
		}
	}
}

// codesOf reads the file of private codes, « voter code » on each line.
func codesOf(file string) []string {
	var codes []string
	for line := range strings.Lines(file) {
		fields := strings.Fields(line)
		codes = append(codes, fields[len(fields)-1])
	}
	return codes
}
