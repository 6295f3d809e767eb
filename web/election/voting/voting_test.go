package voting

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/election/voting"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/web/page/pagetest"
)

// world is an election and the pages where one votes.
type world struct {
	*electiontest.World
	*pagetest.Site
	t    testing.TB
	vote string
	find string
	desk string
}

func newWorld(t testing.TB, phase election.Phase) *world {
	t.Helper()
	w := &world{World: electiontest.New(t, phase), Site: pagetest.New(t), t: t}
	w.serve(w.DB)
	return w
}

func (w *world) serve(db postgres.DB) {
	w.t.Helper()
	jobs, err := notify.NewInserter(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	p := &Pages{Kit: w.Kit, Service: voting.New(db, notify.NewOutbox(jobs), "https://portail.example.org"), BaseURL: "https://portail.example.org", Contact: "gni@example.org"}
	w.vote, w.find, w.desk = votePath(w.ID), findPath(w.ID), deskPath(w.ID)
	w.Handle(http.MethodGet, "/elections/{id:[0-9]+}/vote", p.ShowVote)
	w.Handle(http.MethodPost, "/elections/{id:[0-9]+}/vote", p.Vote)
	w.Handle(http.MethodPost, "/expire/elections/{id:[0-9]+}/vote", p.Expired)
	w.Handle(http.MethodGet, "/elections/{id:[0-9]+}/verifier", p.ShowFind)
	w.Handle(http.MethodGet, "/equipe/elections/{id:[0-9]+}/bureau-de-vote", p.ShowDesk)
	w.Handle(http.MethodPost, "/equipe/elections/{id:[0-9]+}/bureau-de-vote", p.Desk)
}

var plainSpaces = strings.NewReplacer("\u00a0", " ", "\u202f", " ")

func (w *world) get(path string, status int) string {
	w.t.Helper()
	return plainSpaces.Replace(w.Get(path, status))
}

func (w *world) post(path string, status int, pairs ...string) string {
	w.t.Helper()
	return plainSpaces.Replace(w.Post(path, status, pairs...))
}

var trackerParts = regexp.MustCompile(`<span>([A-Za-z0-9+/]{3,4})</span>`)

// trackerIn reads the tracker that a page shows by four.
func trackerIn(body string) string {
	var out strings.Builder
	for _, m := range trackerParts.FindAllStringSubmatch(body, -1) {
		out.WriteString(m[1])
	}
	return out.String()
}

// A whole vote without script: four pages, three buttons, as ux.md counts them (two
// minutes: at most four pages and ten gestures after signing in).
func TestVoteWithoutScript(t *testing.T) {
	t.Parallel()
	w := newWorld(t, election.Open)
	v := w.Voters[0]
	w.Actor = v.Member
	body := w.get(w.vote, 200)
	w.Holds(body, v.Name, "Action sociale", "De 1 à 3 noms, ou un vote blanc", "Ouvrir le bulletin", "Jamais son choix", "/elections/secret-du-vote")
	body = w.get(w.vote+"?etape=bulletin", 200)
	w.Holds(body, "Choisissez 3 personnes au plus", "Vote blanc", "Nous voulons aller vers les habitants.", "<noscript>", `data-empreinte="`, "/election.json", "c’est le serveur qui chiffre")
	w.Lacks(body, `name="_cle"`)

	for _, wrong := range []struct {
		words string
		boxes []string
	}{{"Choisissez au moins une personne", nil}, {"gardez l’un ou l’autre", []string{"0", "1"}}, {"Choisissez parmi les noms", []string{"9"}}, {"Choisissez parmi les noms", []string{strings.Repeat("9", 100_000)}}, {"Choisissez parmi les noms", []string{"-1"}}} {
		pairs := []string{"etape", "relire", "bulletin", "", "code", ""}
		for _, b := range wrong.boxes {
			pairs = append(pairs, "choix_0", b)
		}
		w.Holds(w.post(w.vote, 422, pairs...), wrong.words)
	}
	body = w.post(w.vote, 200, "etape", "relire", "bulletin", "", "code", "", "choix_0", "1", "choix_0", "3")
	w.Holds(body, "Candidate Exemple1, ", "Candidate Exemple3, ", "Voter définitivement", `name="choix_0" value="1"`)
	w.Lacks(body, "Candidate Exemple2, ")
	body = w.post(w.vote, 422, "etape", "voter", "choix_0", "1", "choix_0", "3", "code", v.Code[:10])
	w.Holds(body, "Ce code est mal recopié : vérifiez-le signe par signe.", `name="choix_0" value="3"`, "Candidate Exemple3, ")
	w.Lacks(body, v.Code[:10])
	w.Holds(w.post(w.vote, 422, "etape", "voter", "choix_0", "1", "code", w.Voters[6].Code), "n’ouvre pas l’urne de votre collège", `name="choix_0" value="1"`)

	body = w.post(w.vote, 200, "etape", "voter", "choix_0", "1", "choix_0", "3", "code", v.Code)
	w.Holds(body, "Votre vote est enregistré", "Chiffré par le serveur", "<svg", "Vérifier mon bulletin")
	w.Lacks(body, "Candidate Exemple1", v.Code)
	number := trackerIn(body)
	if len(number) != voting.TrackerLength {
		t.Fatalf("the receipt shows %q", number)
	}
	// Sent again after a lost answer, encrypted anew: one ballot, and its tracker.
	body = w.post(w.vote, 409, "etape", "voter", "choix_0", "1", "choix_0", "3", "code", v.Code)
	w.Holds(body, "Votre structure a déjà voté")
	if trackerIn(body) != number {
		t.Errorf("the second sending shows %q and not %q", trackerIn(body), number)
	}
	w.Holds(w.get(w.vote, 200), "Votre structure a voté")
	w.Lacks(w.get(w.vote+"?etape=bulletin", 200), "Voter définitivement")
	w.Actor = access.Actor{}
	for _, typed := range []string{number, number[:8], strings.Join(groups(number), " ")} {
		w.Holds(w.get(w.find+"?numero="+url.QueryEscape(typed), 200), "Présent")
	}
	w.Holds(w.get(w.find+"?numero="+strings.Repeat("A", 43), 200), "Absent")
	for _, typed := range []string{"", "abc", "<script>1234567", strings.Repeat("A", 150)} {
		w.get(w.find+"?numero="+url.QueryEscape(typed), 422)
	}
}

func TestVoteWithScript(t *testing.T) {
	t.Parallel()
	w := newWorld(t, election.Open)
	v := w.Voters[7]
	w.Actor = v.Member
	raw := string(w.Ballot(v, 2))
	first := w.post(w.vote, 200, "bulletin", raw)
	w.Holds(first, "Votre vote est enregistré", "Chiffré par votre navigateur")
	again := w.post(w.vote, 200, "bulletin", raw) // a double click, or the page loaded again
	w.Holds(again, "Votre bulletin était déjà reçu")
	if trackerIn(first) == "" || trackerIn(first) != trackerIn(again) {
		t.Error("the same ballot has two trackers")
	}
	w.Holds(w.post(w.vote, 409, "bulletin", string(w.Ballot(v, 1))), "Votre structure a déjà voté")
	w.Actor = w.Voters[8].Member
	w.Holds(w.post(w.vote, 409, "bulletin", string(w.Ballot(w.Voters[0], 1))), "autre élection ou un autre collège")
	w.Holds(w.post(w.vote, 409, "bulletin", strings.Repeat("x", 100_000)), "n’est pas lisible")
	stolen := *w.Voters[8]
	stolen.Code = v.Code
	w.Holds(w.post(w.vote, 422, "bulletin", string(w.Ballot(&stolen, 1))), "Vos choix étaient chiffrés", "data-vote-choix")
	w.post(w.vote, 400, "bulletin", raw, "inconnu", "1")
	w.Exec(`UPDATE election SET closes_at = clock_timestamp() WHERE id = $1`, w.ID)
	w.Holds(w.post(w.vote, 410, "bulletin", string(w.Ballot(w.Voters[8], 1))), "ne sera pas compté")
	w.Holds(w.post(w.vote, 410, "etape", "relire", "choix_0", "1"), "ne sera pas compté")
	w.Holds(w.get(w.vote, 200), "Le vote est clos")
}

func TestBeforeTheVote(t *testing.T) {
	t.Parallel()
	w := newWorld(t, election.Sealed)
	w.Actor = w.Voters[0].Member
	w.Holds(w.get(w.vote, 200), "Le vote n’est pas encore ouvert", w.Voters[0].Name)
	w.Holds(w.post(w.vote, 409, "etape", "relire", "choix_0", "1"), "pas encore ouvert")
	w.Actor = w.Person("Hors", "Liste", access.Structure, electiontest.Value[access.OrganisationID](w.World, `INSERT INTO organisation (kind, name) VALUES ('structure', 'Hors liste') RETURNING id`))
	w.Holds(w.get(w.vote, 200), "n’est pas sur la liste électorale", "gni@example.org", "/liste")
	w.Actor = access.Actor{}
	w.Holds(w.get(w.find, 200), "l’urne est vide")
	w.Get(strings.Replace(w.find, "/elections/", "/elections/9", 1), 404)
}

// Who sends a ballot after the end of their session finds it in the page, and nowhere
// else.
func TestExpiredSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, election.Open)
	path := "/expire" + w.vote
	body := w.post(path, 403, "etape", "voter", "choix_0", "1", "choix_0", "3", "code", "CeCodeSecret")
	w.Holds(body, `name="choix_0" value="1"`, `name="choix_0" value="3"`, `name="etape" value="relire"`, "/connexion?suite=", "Reprendre mon vote")
	w.Lacks(body, "CeCodeSecret", `value="voter"`)
	body = w.post(path, 403, "bulletin", `{"encrypted":1}`)
	w.Holds(body, `{"encrypted":1}`)
	w.Lacks(body, "relire")
	if to := w.Post(path, 303); !strings.HasPrefix(to, "/connexion?suite=") {
		t.Errorf("nothing sent leads to %q", to)
	}
	if n := electiontest.Value[int](w.World, `SELECT (SELECT count(*) FROM kept_form) + (SELECT count(*) FROM submission)`); n != 0 {
		t.Errorf("%d forms or keys were kept", n)
	}
}

func TestDesk(t *testing.T) {
	t.Parallel()
	w := newWorld(t, election.Open)
	v := w.Voters[3]
	id := fmt.Sprint(v.ID)
	w.Actor = w.Keepers[0]
	w.Lacks(w.get(w.desk, 200), "Ouvrir le bureau de vote</button>")
	w.post(w.desk, 403, "acte", "ouvrir", "lieu", "Salle")
	w.Actor = w.Team
	w.post(w.desk, 422, "acte", "ouvrir", "lieu", "")
	w.Post(w.desk, 303, "acte", "ouvrir", "lieu", "Réunion du GNI")
	w.post(w.desk, 409, "acte", "ouvrir", "lieu", "Une autre salle")
	w.post(w.desk, 409, "acte", "choisir", "structure", id, "identite", "oui")
	desk := fmt.Sprint(electiontest.Value[int](w.World, `SELECT id FROM voting_desk WHERE election_id = $1`, w.ID))
	w.post(w.desk, 403, "acte", "confirmer", "bureau", desk)
	w.Actor = w.Keepers[0]
	w.Holds(w.get(w.desk, 200), "Confirmer le bureau de vote")
	w.Post(w.desk, 303, "acte", "confirmer", "bureau", desk)
	w.Actor = w.Team
	w.Holds(w.get(w.desk, 200), v.Name, "vérifiée")
	w.Holds(w.post(w.desk, 422, "acte", "choisir", "structure", id), "Vérifiez l’identité")
	w.Holds(w.post(w.desk, 200, "acte", "choisir", "structure", id, "identite", "oui"), "Bulletin de « "+v.Name, `name="structure" value="`+id)
	w.Holds(w.post(w.desk, 200, "acte", "voter", "structure", id, "identite", "oui", "etape", "relire", "choix_0", "0"), "Vote blanc", "Voter définitivement")
	w.Holds(w.post(w.desk, 200, "acte", "voter", "structure", id, "identite", "oui", "etape", "voter", "choix_0", "0", "code", v.Code), "Votre vote est enregistré", "Revenir au bureau de vote")
	if via := electiontest.Value[string](w.World, `SELECT via FROM ballot_index`); via != "desk" {
		t.Errorf("counted as %s", via)
	}
	// Nothing of the list changes with a vote, or who reads it would know whose ballot came.
	w.Holds(w.get(w.desk, 200), `value="`+id+`"`)
	w.Holds(w.post(w.desk, 409, "acte", "choisir", "structure", id, "identite", "oui"), "déjà voté")
	w.Post(w.desk, 303, "acte", "fermer", "bureau", desk)
	w.post(w.desk, 409, "acte", "voter", "structure", id, "identite", "oui", "bulletin", "x")
	w.Actor = w.Voters[0].Member
	w.Get(w.desk, 403)
}

// away is a database that is gone for every transaction.
type away struct{ postgres.DB }

func (away) Begin(context.Context) (pgx.Tx, error) {
	return nil, &pgconn.PgError{Code: "57P01", Message: "terminating connection"}
}

// The database goes away while a ballot is received: the page holds it, encrypted, and
// sending it again is enough.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, election.Open)
	whole := w.DB
	v := w.Voters[0]
	w.Actor = v.Member
	w.Site = pagetest.New(t)
	w.Actor = v.Member
	w.serve(away{whole})
	body := w.Post(w.vote, http.StatusServiceUnavailable, "etape", "voter", "choix_0", "2", "code", v.Code)
	w.Lacks(body, v.Code, "choix_0", "Candidate")
	raw := regexp.MustCompile(`name="bulletin" value="([^<]*)"/?>`).FindStringSubmatch(body)
	if raw == nil {
		t.Fatalf("the page does not hold the ballot\n%s", body)
	}
	w.Holds(body, `name="chiffrement" value="serveur"`)
	w.Site = pagetest.New(t)
	w.Actor = v.Member
	w.serve(whole)
	w.Holds(w.post(w.vote, 200, "bulletin", raw[1], "chiffrement", "serveur"), "Votre vote est enregistré", "Chiffré par le serveur")
}

// No answer to a ballot may be kept by a cache, nor lead to an address with a tracker.
func TestReceiptIsKeptByNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, election.Open)
	v := w.Voters[0]
	w.Actor = v.Member
	r := httptest.NewRequest(http.MethodPost, w.vote, strings.NewReader(url.Values{"bulletin": {string(w.Ballot(v, 1))}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a := w.Do(r)
	if a.Code != http.StatusOK || a.Header().Get("Cache-Control") != "no-store" || a.Header().Get("Location") != "" {
		t.Errorf("%d %v", a.Code, a.Header())
	}
}

// A tracker is in the address of a search: the page read next must not be told.
func TestSearchTellsNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, election.Open)
	a := w.Do(httptest.NewRequest(http.MethodGet, w.find+"?numero=abcdefgh", nil))
	if a.Code != http.StatusOK || a.Header().Get("Referrer-Policy") != "no-referrer" || a.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", a.Code, a.Header())
	}
}
