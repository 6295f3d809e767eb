package board

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/election/board"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	pages "bordeaux-metropole.fr/portal/web/election"
	"bordeaux-metropole.fr/portal/web/page/pagetest"
	"bordeaux-metropole.fr/portal/web/static"
)

// site is the pages of the board of an election, read by the public.
type site struct {
	*pagetest.Site
	world   *electiontest.World
	service *board.Service
}

func newSite(t *testing.T, phase election.Phase) site {
	t.Helper()
	jobs, err := notify.NewInserter(pgtest.Pool(t))
	if err != nil {
		t.Fatal(err)
	}
	w := electiontest.On(t, pgtest.Tx(t), phase, 3)
	s := pagetest.New(t)
	p := &Pages{Kit: s.Kit, Service: board.New(w.DB, notify.NewOutbox(jobs), "https://portail.example.org")}
	const one = "/elections/{id:[0-9]+}"
	s.Handle("GET", pages.SecretPath, p.SecretHelp)
	s.Handle("GET", one+"/urne", p.Board)
	s.Handle("GET", one+"/urne/{box:[0-9]+}/election.json", p.ElectionFile)
	s.Handle("GET", one+"/urne/{box:[0-9]+}/somme.json", p.Sum)
	s.Handle("GET", one+"/archive", p.Archive)
	return site{s, w, p.Service}
}

func (s site) publish() {
	s.T.Helper()
	if _, err := s.service.PublishHeads(s.T.Context()); err != nil {
		s.T.Fatal(err)
	}
}

// fetch reads a file, with the tag the reader has.
func (s site) fetch(path, tag string, status int) *httptest.ResponseRecorder {
	s.T.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if tag != "" {
		r.Header.Set("If-None-Match", tag)
	}
	w := s.Do(r)
	if w.Code != status {
		s.T.Fatalf("GET %s: %d instead of %d", path, w.Code, status)
	}
	return w
}

// download saves the archive of the first box in a directory of its own, and has
// belenios-tool and the portal verify it.
func (s site) download(name string) (dir string, report *belenios.Report) {
	s.T.Helper()
	w := s.fetch(archiveOf(s.world.Boxes()[0]), "", 200)
	dir = filepath.Join(s.T.TempDir(), name)
	_, file, _ := strings.Cut(w.Header().Get("Content-Disposition"), `filename="`)
	if err := os.Mkdir(dir, 0o700); err != nil {
		s.T.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, strings.TrimSuffix(file, `"`)), w.Body.Bytes(), 0o600); err != nil {
		s.T.Fatal(err)
	}
	report, err := belenios.Verify(s.T.Context(), w.Body)
	if err != nil {
		s.T.Fatalf("%s: %v", name, err)
	}
	s.tool(true, "election", "verify", "--dir", dir)
	return dir, report
}

// tool runs belenios-tool, which must accept or refuse.
func (s site) tool(accepts bool, args ...string) {
	s.T.Helper()
	if out, err := exec.Command("belenios-tool", args...).CombinedOutput(); (err == nil) != accepts {
		s.T.Errorf("belenios-tool %v: %v\n%s", args, err, out)
	}
}

// TestArchivesAreThoseOfBeleniosTool: what is downloaded during the vote, after it and
// after the count is verified by the independent program, each as what follows the one
// before.
func TestArchivesAreThoseOfBeleniosTool(t *testing.T) {
	t.Parallel()
	s := newSite(t, election.Open)
	w := s.world
	voters := w.Of(governance.SocialAction)
	empty, report := s.download("empty")
	if report.Posted != 0 || report.Closed {
		t.Errorf("empty: %+v", report)
	}
	w.Cast(voters[0], 1, 2)
	s.publish()
	during, report := s.download("during")
	if report.Posted != 1 {
		t.Errorf("during the vote: %d ballots", report.Posted)
	}
	w.Cast(voters[1], 3)
	if _, report = s.download("hidden"); report.Posted != 1 {
		t.Errorf("before its head: %d ballots", report.Posted)
	}
	w.Close()
	closed, report := s.download("closed")
	if report.Posted != 2 || !report.Closed {
		t.Errorf("closed: %+v", report)
	}
	w.Count(func(q postgres.Querier, b election.Box) (belenios.Tally, int, error) {
		return board.TallyOf(t.Context(), q, b)
	})
	counted, report := s.download("counted")
	if len(report.Counts) != 1 || report.Counts[0][1] != 1 || report.Counts[0][3] != 1 {
		t.Errorf("counted: %v", report.Counts)
	}
	before := empty
	for _, dir := range []string{during, during, closed, counted} {
		s.tool(true, "election", "verify-diff", "--dir1", before, "--dir2", dir)
		before = dir
	}
	s.tool(false, "election", "verify-diff", "--dir1", closed, "--dir2", during)
}

// TestArchiveAddresses: one box or two, tags, what is not there.
func TestArchiveAddresses(t *testing.T) {
	t.Parallel()
	s := newSite(t, election.Open)
	id := s.world.ID
	list := s.Get(archivePath(id), 200)
	for _, b := range s.world.Boxes() {
		s.Holds(list, archiveOf(b))
		raw := s.fetch(pages.BoxFile(id, b.ID, "election.json"), "", 200)
		if raw.Body.String() != string(b.Raw) || !strings.Contains(raw.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("election.json: %v, %d bytes of %d", raw.Header(), raw.Body.Len(), len(b.Raw))
		}
		s.fetch(pages.BoxFile(id, b.ID, "election.json"), raw.Header().Get("Etag"), 304)
		s.fetch(pages.BoxFile(id, b.ID, "somme.json"), "", 404)
	}
	file := archiveOf(s.world.Boxes()[0])
	tag := s.fetch(file, "", 200).Header().Get("Etag")
	if w := s.fetch(file, `"x", W/`+tag, 304); w.Body.Len() != 0 {
		t.Errorf("%d bytes for who has them", w.Body.Len())
	}
	s.world.Cast(s.world.Of(governance.SocialAction)[0], 1)
	s.fetch(file, tag, 304) // not before the head that covers it
	s.publish()
	if next := s.fetch(file, tag, 200).Header().Get("Etag"); next == tag {
		t.Error("the tag is that of another file")
	}
	for _, path := range []string{archivePath(id) + "?college=autre", archivePath(id + 1), pages.BoxFile(id, 999999, "election.json"), pages.BoxFile(id, 999999, "somme.json"),
		pages.Board(id + 1), pages.Board(id) + "?liste=autre", "/elections/99999999999999999999/urne", "/elections/99999999999999999999/archive"} {
		s.Get(path, 404)
	}
	// One box for both colleges is the file itself.
	s.world.Exec(`UPDATE ballot_box SET college = NULL WHERE id = $1`, s.world.Boxes()[0].ID)
	if got := s.fetch(archivePath(id), "", 200).Header().Get("Content-Type"); got != "application/octet-stream" {
		t.Errorf("one box: %s", got)
	}
	s.world.Exec(`UPDATE election SET phase = 'destroyed'`)
	s.Get(archivePath(id), 410)
	s.Holds(s.Get(pages.Board(id), 200), "procès-verbal")
}

// TestBoard: the page says at each moment what is public, to everybody alike.
func TestBoard(t *testing.T) {
	t.Parallel()
	s := newSite(t, election.Open)
	w := s.world
	at := pages.Board(w.ID)
	numbers, heads := at+"?liste=numeros", at+"?liste=empreintes"
	w.Exec(`INSERT INTO election_incident (election_id, text) VALUES ($1, 'Coupure de dix minutes.')`, w.ID)
	voter := w.Of(governance.SocialAction)[0]
	w.Cast(voter, 1)
	s.Lacks(s.Get(at, 200), "1\u00a0structure")
	s.Holds(s.Get(numbers, 200), "Aucun numéro de suivi")
	s.Holds(s.Get(heads, 200), "Aucune empreinte publiée")
	s.publish()
	tracker := electiontest.Value[string](w, `SELECT tracker FROM ballot_index`)
	head := electiontest.Value[string](w, `SELECT encode(head, 'hex') FROM ballot_box WHERE ballots = 1`)
	page := s.Get(at, 200)
	s.Holds(page, "1\u00a0structure sur 3", head, static.Digest("vote.js"), "belenios-tool election verify", "portal election verify "+w.Boxes()[0].UUID+".bel "+head,
		"Coupure de dix minutes", "verify-diff", "https://portail.example.org"+archiveOf(w.Boxes()[0]))
	s.Lacks(page, tracker, voter.Name, "Chiffrés par le serveur")
	s.Holds(s.Get(numbers, 200), tracker, "1\u00a0numéro de suivi")
	s.Holds(s.Get(heads, 200), head)
	s.Get(numbers+"&page=999999", 200)
	s.Actor = w.Team // sees no more than the public
	s.Lacks(s.Get(at, 200), tracker, voter.Name, "Chiffrés par le serveur")
	w.Close()
	s.Holds(s.Get(at, 200), "Chiffrés par le serveur", "Au poste de vote", "plus aucun bulletin")
}

// TestSecretPage: the page says what is not protected too.
func TestSecretPage(t *testing.T) {
	t.Parallel()
	s := newSite(t, election.Published)
	s.Holds(s.Get(pages.SecretPath, 200), "Ce qui n’est pas protégé", "appareil infecté", "porteurs de clés", "Sans JavaScript", "Émargement")
	s.Get(pages.Board(s.world.ID), 404)
	s.Get(archivePath(s.world.ID), 404)
	s.world.Exec(`UPDATE election SET phase = 'sealed' WHERE id = $1`, s.world.ID)
	s.Holds(s.Get(pages.Board(s.world.ID), 200), "sera scellée")
	s.Get(archivePath(s.world.ID), 404)
}

// TestMonitor: the program of the page runs, and refuses a box that was rewritten.
func TestMonitor(t *testing.T) {
	t.Parallel()
	s := newSite(t, election.Open)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := s.fetch(r.URL.RequestURI(), "", 200)
		_, _ = w.Write(a.Body.Bytes())
	}))
	defer server.Close()
	v, err := s.service.Board(t.Context(), s.Actor, s.world.ID, board.NoList, 1)
	if err != nil {
		t.Fatal(err)
	}
	program := boardView{View: v, Site: server.URL}.monitor()
	home := t.TempDir()
	run := func(accepts bool) {
		t.Helper()
		cmd := exec.Command("sh", "-c", program)
		cmd.Env = append(os.Environ(), "HOME="+home)
		if out, err := cmd.CombinedOutput(); (err == nil) != accepts {
			t.Fatalf("the monitor: %v\n%s", err, out)
		}
	}
	run(true)
	s.world.Cast(s.world.Of(governance.SocialAction)[0], 1)
	s.publish()
	run(true)
	run(true)
	// The box goes back to what it was before the ballot.
	s.world.Exec(`SET LOCAL session_replication_role = replica`)
	s.world.Exec(`DELETE FROM head_publication`)
	run(false)
}
