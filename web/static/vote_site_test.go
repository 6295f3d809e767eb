package static_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"bordeaux-metropole.fr/portal/web/browsertest"
	"bordeaux-metropole.fr/portal/web/static"
)

func TestMain(m *testing.M) { os.Exit(browsertest.Main(m)) }

// electionCSP is what the portal sends on the pages of elections (web/middleware.go).
const electionCSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; worker-src "

// officialTool is belenios-tool, in a directory of its own: an election made by others.
type officialTool struct {
	t   testing.TB
	dir string
}

func newTool(t testing.TB) officialTool {
	t.Helper()
	if _, err := exec.LookPath("belenios-tool"); err != nil {
		if os.Getenv("CI") != "" || os.Getenv("PORTAL_BROWSER") == "required" {
			t.Fatal("belenios-tool is not installed: apt-get install belenios-tool")
		}
		t.Skip("needs belenios-tool")
	}
	return officialTool{t, t.TempDir()}
}

// run runs a command with a standard input and returns what it prints.
func (b officialTool) run(in string, args ...string) string {
	b.t.Helper()
	cmd := exec.CommandContext(b.t.Context(), "belenios-tool", args...)
	cmd.Dir, cmd.Stdin = b.dir, strings.NewReader(in)
	var problems strings.Builder
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		b.t.Fatalf("belenios-tool %s: %v\n%s", strings.Join(args, " "), err, problems.String())
	}
	if len(out) == 0 {
		return problems.String() // what a check says
	}
	return string(out)
}

func (b officialTool) write(name, content string) string {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return path
}

// read returns the one file whose name matches.
func (b officialTool) read(pattern string) string {
	b.t.Helper()
	names, err := filepath.Glob(filepath.Join(b.dir, pattern))
	if err != nil || len(names) != 1 {
		b.t.Fatalf("%s: %v %v", pattern, names, err)
	}
	s, err := os.ReadFile(names[0])
	if err != nil {
		b.t.Fatal(err)
	}
	return string(s)
}

// add adds an event to the archive.
func (b officialTool) add(kind, payload string) {
	b.t.Helper()
	b.run(payload, "archive", "add-event", "--type="+kind)
}

// sent is what the site received.
type sent struct{ method, path, body string }

// booth is a small site with the three pages of js-contract.md under the real CSP.
type booth struct {
	*httptest.Server
	workers  string // worker-src
	election string // election.json, as served
	print    string // its fingerprint, as the page gives it
	question []question
	sum      string // somme.json
	sumPrint string
	holder   string // public key expected, base 10
	bulletin string // a ballot that came back

	mu       sync.Mutex
	received []sent
}

type question struct {
	Answers []string `json:"answers"`
	Blank   bool     `json:"blank,omitempty"`
	Min     int      `json:"min"`
	Max     int      `json:"max"`
	Text    string   `json:"question"`
}

func newBooth(t testing.TB, election string) *booth {
	b := &booth{workers: "'self'", election: election}
	var e struct{ Questions []question }
	if err := json.Unmarshal([]byte(election), &e); err != nil {
		t.Fatal(err)
	}
	b.question = e.Questions
	mux := http.NewServeMux()
	mux.Handle("/static/", static.Handler())
	text := func(s *string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, *s) }
	}
	mux.HandleFunc("/elections/1/urne/1/election.json", text(&b.election))
	mux.HandleFunc("/elections/1/urne/1/somme.json", text(&b.sum))
	mux.HandleFunc("/elections/1/vote", b.page(b.voting))
	mux.HandleFunc("/elections/1/cle", b.page(b.making))
	mux.HandleFunc("/elections/1/depouillement", b.page(b.opening))
	mux.HandleFunc("/favicon.ico", http.NotFound)
	b.Server = httptest.NewServer(b.record(mux))
	t.Cleanup(b.Close)
	return b
}

// record keeps every request, whole.
func (b *booth) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		b.mu.Lock()
		b.received = append(b.received, sent{r.Method, r.URL.RequestURI(), r.PostForm.Encode()})
		b.mu.Unlock()
		w.Header().Set("Content-Security-Policy", electionCSP+b.workers)
		next.ServeHTTP(w, r)
	})
}

// posts returns the forms received, and forgets everything received.
func (b *booth) posts(t testing.TB) []url.Values {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	var forms []url.Values
	for _, s := range b.received {
		if s.method == http.MethodPost {
			v, err := url.ParseQuery(s.body)
			if err != nil {
				t.Fatal(err)
			}
			forms = append(forms, v)
		}
	}
	b.received = nil
	return forms
}

// leaks looks for a text in everything that was received so far.
func (b *booth) leaks(text string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.received {
		plain, _ := url.QueryUnescape(s.path + " " + s.body)
		if strings.Contains(plain, text) {
			return true
		}
	}
	return false
}

func (b *booth) page(form func() string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		body := `<h1>Reçu</h1>`
		if r.Method == http.MethodGet {
			body = `<h1>Élection</h1>` + form()
		}
		_, _ = fmt.Fprintf(w, `<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>Élection</title><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" type="image/svg+xml" href="%s"><link rel="stylesheet" href="%s"><link rel="stylesheet" href="%s">
<script type="module" src="%s"></script><script type="module" src="%s"></script></head><body><main id="contenu" class="page">%s</main></body></html>`,
			static.Path("favicon.svg"), static.Path("app.css"), static.Path("vote.css"), static.Path("portal.js"), static.Path("vote.js"), body)
	}
}

func (b *booth) voting() string {
	var s strings.Builder
	fmt.Fprintf(&s, `<form method="post" action="/elections/1/vote" novalidate autocomplete="off" data-form data-vote="/elections/1/urne/1/election.json" data-empreinte="%s" data-unite="structure" data-unites="structures">
<input type="hidden" name="_cle" value="k1"><input type="hidden" name="bulletin" value='%s'>
<p class="notice info vote-wait" data-vote-attente>Chargement du chiffrement…</p><div data-vote-choix>`, b.print, b.bulletin)
	for i, q := range b.question {
		fmt.Fprintf(&s, `<fieldset class="field vote-list" data-question="%d" id="q%[1]d"><legend class="big">%s</legend>`, i, q.Text)
		for j, a := range q.Answers {
			fmt.Fprintf(&s, `<div class="vote-candidate"><input type="checkbox" id="c%d-%d" name="choix" value="%[2]d"><label for="c%[1]d-%[2]d">%[3]s</label>
<p class="hint">Bègles</p><details><summary>Profession de foi de %[3]s</summary><p>Pour tout le monde.</p></details></div>`, i, j+1, a)
		}
		if q.Blank {
			fmt.Fprintf(&s, `<div class="vote-candidate vote-blank"><input type="checkbox" id="c%d-0" name="choix" value="0"><label for="c%[1]d-0">Vote blanc</label></div>`, i)
		}
		fmt.Fprintf(&s, `</fieldset><p class="vote-count" role="status" data-vote-compte="%d"></p>`, i)
	}
	s.WriteString(`<div class="actions"><button type="button" class="btn" data-vote-relire hidden>Vérifier mon bulletin</button></div></div>
<section data-vote-confirmer aria-labelledby="relire"><h2 id="relire" tabindex="-1">Vérifiez et votez</h2>
<div class="vote-recap" data-vote-recap hidden></div>
<p><button type="button" class="as-link" data-vote-modifier hidden>Modifier mes choix</button></p>
<div class="field"><label for="code">Code de vote</label><p class="hint" id="code-aide">Sur votre lettre.</p>
<input type="text" id="code" name="code" class="vote-code" autocomplete="off" autocapitalize="off" spellcheck="false" aria-describedby="code-aide"></div>
<p class="vote-state" role="status" data-vote-etat></p>
<div class="notice warn" data-vote-panne hidden><p data-vote-panne-motif></p><p><button type="button" class="btn second" data-vote-reessayer>Réessayer</button></p>
<div class="choice"><input type="checkbox" id="serveur" name="chiffrement" value="serveur" data-vote-serveur><label for="serveur">J’accepte que le serveur chiffre mon bulletin à sa réception.</label></div></div>
<div class="actions"><noscript><button class="btn">Voter définitivement</button></noscript>
<button class="btn" data-vote-envoyer disabled hidden>Voter définitivement</button></div></section></form>`)
	return s.String()
}

func (b *booth) making() string {
	return `<form method="post" action="/elections/1/cle" novalidate data-form data-cle-creer><div data-cle-navigateur hidden>
<p><button type="button" class="btn" data-cle-nouvelle>Créer ma clé</button></p><p role="status" class="vote-state" data-cle-etat></p>
<p data-cle-enregistrer hidden><a data-cle-fichier>Enregistrer mon fichier de clé privée</a></p>
<div class="field" data-cle-controle hidden><label for="relu">Vérifier le fichier enregistré</label><input type="file" id="relu" data-cle-relire></div></div>
<div class="field"><label for="cle_publique">Clé publique</label><textarea id="cle_publique" name="cle_publique" rows="6"></textarea></div>
<p>Empreinte : <code class="vote-print" data-cle-empreinte></code></p><button class="btn">Déposer</button></form>`
}

func (b *booth) opening() string {
	return fmt.Sprintf(`<form method="post" action="/elections/1/depouillement" novalidate data-form data-cle-ouvrir><div data-cle-navigateur hidden>
<div class="field"><label for="fichier">Votre fichier de clé privée</label><input type="file" id="fichier" data-cle-privee></div>
<p role="status" class="vote-state" data-cle-etat></p></div>
<section data-boite="GNI" data-election="/elections/1/urne/1/election.json" data-empreinte="%s" data-somme="/elections/1/urne/1/somme.json" data-bulletins="4" data-somme-empreinte="%s" data-cle-publique="%s">
<p>Empreinte de la somme : <code class="vote-print" data-somme-lue></code></p><label for="o">Ouverture</label><textarea id="o" name="ouverture_1" data-ouverture rows="6"></textarea></section><button class="btn">Envoyer</button></form>`,
		b.print, b.sumPrint, b.holder)
}
