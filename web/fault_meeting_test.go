package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/demo"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/migrations"
	"bordeaux-metropole.fr/portal/web"
)

// TestConveneThreeHundred: the page answers at once whatever the number of people
// convened, because it only queues; two people who convene at once convene once.
func TestConveneThreeHundred(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	trips := func(n int, theme string) (int64, time.Duration) {
		t.Helper()
		id := s.count(t, `INSERT INTO meeting (body, kind, starts_at, ends_at, place, theme, state, announced)
			VALUES ('cmtin', 'workshop', now() + interval '40 days', now() + interval '40 days 2 hours', 'Salle', $1, 'draft', true) RETURNING id::int`, theme)
		s.count(t, `WITH g AS (INSERT INTO meeting_guest (meeting_id, role, name, email) SELECT $1, 'guest', 'Personne ' || i, 'invite-' || i || '@example.org' FROM generate_series(1, $2) i RETURNING 1),
			a AS (INSERT INTO agenda_item (meeting_id, position, title, kind) VALUES ($1, 1, 'Point', 'discussion') RETURNING 1) SELECT count(*)::int FROM g`, id, n)
		path := fmt.Sprintf("/equipe/reunions/%d/convocation", id)
		v := url.Values{"version": {"1"}, "motif": {"Le calendrier l’impose."}, "message": {"Merci de répondre."}}
		team := s.signIn(t, "equipe@example.org")
		before, start := s.queries.Load(), time.Now()
		if a := team.post(path, v); a.status != http.StatusSeeOther {
			t.Fatalf("convene: status %d\n%s", a.status, a.text())
		}
		took, asked := time.Since(start), s.queries.Load()-before
		if got := s.count(t, `SELECT count(*)::int FROM sending_to x JOIN convocation c ON c.id = x.convocation_id WHERE c.meeting_id = $1 AND x.mail_id IS NOT NULL`, id); got < n {
			t.Errorf("%d mails queued, want %d at least", got, n)
		}
		var wg sync.WaitGroup // once more, by two at once: nothing leaves
		for range 2 {
			wg.Go(func() { team.post(path, v) })
		}
		wg.Wait()
		if got := s.count(t, `SELECT count(*)::int FROM sending WHERE meeting_id = $1`, id); got != 1 {
			t.Errorf("%d sendings of one convocation", got)
		}
		return asked, took
	}
	few, _ := trips(3, "Peu")
	many, took := trips(300, "Beaucoup")
	t.Logf("300 people convened in %s and %d round trips", took, many)
	if many > few {
		t.Errorf("%d round trips for 300 people, %d for 3", many, few)
	}
	if took > 3*time.Second {
		t.Errorf("the page took %s", took)
	}
}

// TestCheckInByStrangers: whoever tries addresses with the code of the room learns
// nothing, writes nothing, and marks nobody twice.
func TestCheckInByStrangers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	rollOfSixty(t, s)
	b := s.browser(t)
	const path = "/pointage/CODEDELASALLE"
	size := func() int {
		return s.count(t, `SELECT (SELECT count(*) FROM audit_entry)::int + (SELECT count(*) FROM attendance)::int + (SELECT count(*) FROM session)::int + (SELECT count(*) FROM mail)::int`)
	}
	before := size()
	answers := map[string]bool{}
	for i := range 50 {
		a := b.post(path, url.Values{"courriel": {fmt.Sprintf("inconnu-%d@example.org", i)}})
		answers[fmt.Sprint(a.status)+a.text()] = true
	}
	if after := size(); after != before {
		t.Errorf("%d rows written by addresses nobody knows", after-before)
	}
	for range 2 {
		a := b.post(path, url.Values{"courriel": {"p7@example.org"}})
		answers[fmt.Sprint(a.status)+a.text()] = true
	}
	if len(answers) != 1 {
		t.Errorf("%d different answers: they tell whose address is known", len(answers))
	}
	if after := size(); after != before+2 { // one mark, one entry of the journal
		t.Errorf("%d rows written by one address known, want 2", after-before)
	}
	for what, v := range map[string]url.Values{"no address": {}, "no address at all": {"courriel": {"moi"}}, "two lines": {"courriel": {"a@example.org\r\nBcc: b@example.org"}}} {
		b.post(path, v).french(t, what, 422)
	}
	b.post(path, url.Values{"courriel": {strings.Repeat("a", 5<<10)}}).french(t, "5 KB", 413)
	b.post(path, url.Values{"courriel": {"a@example.org"}, "statut": {"present"}}).french(t, "an unknown field", 400)
	b.get("/pointage/%00").french(t, "NUL", 404)
}

// TestRefusalAfterALongForm: a route that takes long texts gives them time; the page
// that says what was wrong must have it too, and the message of the session with it.
func TestRefusalAfterALongForm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	team := s.signIn(t, "equipe@example.org")
	id := s.count(t, `SELECT g.id::int FROM meeting g WHERE g.state = 'held' LIMIT 1`)
	path := fmt.Sprintf("/equipe/reunions/%d/compte-rendu", id)
	if a := team.get(path); formOf(t, a.body).Get("texte") == "" {
		team.post(path+"/debut", url.Values{})
	}
	v := formOf(t, team.get(path).body)
	v.Del("_cle")
	v.Set("texte", v.Get("texte")+"\n\nUne ligne.")
	if a := team.post(path, v); a.status != http.StatusSeeOther { // leaves a message for the next page
		t.Fatalf("save: status %d\n%s", a.status, a.text())
	}
	team.post(path, url.Values{"texte": {"a\x00b"}}).french(t, "what cannot be read, after a message", 400)
}

// TestPostgresKilledDuringTheRoll kills the server while two people mark the roll: a
// mark that was answered for is there, one that was not may be sent again, and none
// stands twice.
func TestPostgresKilledDuringTheRoll(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a Postgres of its own")
	}
	p := startPostgres(t)
	if err := migrations.Apply(t.Context(), p.url); err != nil {
		t.Fatal(err)
	}
	s := siteAt(t, p.url)
	areas, err := web.NewAreas(s.pool, testConfig(s.URL))
	if err != nil {
		t.Fatal(err)
	}
	loader := demo.Loader{DB: s.pool, Governance: areas.Governance, Accounts: areas.Accounts, Meetings: areas.Meetings, Minutes: areas.Minutes, Structures: areas.Structures, Indicators: areas.Indicators,
		Progress: areas.Progress, Campaigns: areas.Campaigns, Editions: areas.Editions, Funding: areas.Funding}
	if err := loader.Load(t.Context(), demoDay); err != nil {
		t.Fatal(err)
	}
	address := rollOfSixty(t, s)
	people := s.column(t, `SELECT c.id::text FROM convocation c JOIN meeting m ON m.id = c.meeting_id WHERE m.check_in_code = 'CODEDELASALLE' ORDER BY c.id`)
	two := []*browser{s.signIn(t, "equipe@example.org"), s.signIn(t, "equipe2@example.org")}
	mark := func(b *browser, id string) int {
		return b.post(address, url.Values{"p_" + id: {"present"}, "vu_" + id: {""}}).status
	}
	var (
		wg       sync.WaitGroup
		mu       sync.Mutex
		answered []string
		refused  []string
		n        atomic.Int64
	)
	for i, b := range two {
		wg.Go(func() {
			for k := i; k < len(people); k += 2 {
				status := mark(b, people[k])
				mu.Lock()
				if status == http.StatusSeeOther {
					answered = append(answered, people[k])
				} else {
					refused = append(refused, people[k])
					if status != http.StatusServiceUnavailable {
						t.Errorf("a mark while Postgres is away: status %d", status)
					}
				}
				mu.Unlock()
				n.Add(1)
			}
		})
	}
	eventually(t, 20*time.Second, "some are marked", func() bool { return n.Load() >= 20 })
	p.kill()
	wg.Wait()
	p.start()
	eventually(t, 10*time.Second, "the portal is back", func() bool { return two[0].get(address).status == http.StatusOK })
	t.Logf("%d marks answered for, %d refused", len(answered), len(refused))
	if len(answered) < 20 || len(refused) == 0 {
		t.Errorf("%d answered, %d refused: the kill came at no time", len(answered), len(refused))
	}
	there, err := postgres.Values[string](context.Background(), s.pool, `SELECT convocation_id::text FROM attendance WHERE status = 'present'`)
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, id := range there {
		have[id] = true
	}
	for _, id := range answered {
		if !have[id] {
			t.Errorf("the mark of %s was answered for and is lost", id)
		}
	}
	for _, id := range refused {
		if status := mark(two[0], id); status != http.StatusSeeOther && !(have[id] && status == http.StatusConflict) {
			t.Errorf("the mark of %s, sent again: status %d", id, status)
		}
	}
	if got := s.count(t, `SELECT count(*)::int FROM attendance WHERE status = 'present'`); got < len(people) {
		t.Errorf("%d marked, want %d", got, len(people))
	}
}
