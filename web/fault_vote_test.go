package web_test

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/account"
	"bordeaux-metropole.fr/portal/internal/demo"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/migrations"
	"bordeaux-metropole.fr/portal/web"
)

// Where the portal to kill finds its database, listens, and is known to be.
const (
	killDB   = "PORTAL_TEST_KILL_DB"
	killAddr = "PORTAL_TEST_KILL_ADDR"
	killBase = "PORTAL_TEST_KILL_BASE"
)

// TestPortalToKill is no test: it is the portal that TestKilledDuringTheVote kills.
func TestPortalToKill(t *testing.T) {
	if os.Getenv(killDB) == "" {
		t.Skip("run by TestKilledDuringTheVote")
	}
	pool, err := postgres.Open(t.Context(), os.Getenv(killDB), postgres.Options{MaxConns: 6})
	if err != nil {
		t.Fatal(err)
	}
	c := testConfig(os.Getenv(killBase))
	areas, err := web.NewAreas(pool, c)
	if err != nil {
		t.Fatal(err)
	}
	portal, err := web.New(c, areas)
	if err != nil {
		t.Fatal(err)
	}
	t.Fatal(http.ListenAndServe(os.Getenv(killAddr), portal)) // until kill -9
}

// pollingDay is a vote whose portal or database is killed: half of the structures are
// there at the first kill, half at the second.
type pollingDay struct {
	t       *testing.T
	s       *site // an instance in this process; the other is the one that is killed
	vote    string
	ballots map[*browser]url.Values
	mu      sync.Mutex
	shown   map[*browser]string // tracker of the receipt they saw
	other   map[int]int         // answers that are no receipt, by status; 0: none came
}

// TestKilledDuringTheVote kills -9 a portal, then Postgres, while structures vote:
// nothing that was acknowledged is lost, nothing is doubled, and who sends again what
// they sent has the same receipt.
func TestKilledDuringTheVote(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a Postgres and portals of its own")
	}
	p := startPostgres(t)
	if err := migrations.Apply(t.Context(), p.url); err != nil {
		t.Fatal(err)
	}
	s := siteAt(t, p.url)
	w := electiontest.On(t, s.pool, election.Open, 16)
	w.Exec(`UPDATE account SET password_hash = $1, password_changed_at = now()`, account.HashPassword(demo.Password))
	d := &pollingDay{t: t, s: s, vote: "/elections/" + strconv.FormatInt(int64(w.ID), 10) + "/vote",
		ballots: map[*browser]url.Values{}, shown: map[*browser]string{}, other: map[int]int{}}
	var people []*browser
	for _, v := range w.Voters {
		b := s.signIn(t, v.Member.Email)
		d.ballots[b] = url.Values{"bulletin": {string(w.Ballot(v, 1))}}
		people = append(people, b)
	}

	portal := startPortal(t, s)
	d.send(portal.base, people[:16], 5, portal.kill)
	if d.other[0] == 0 {
		t.Errorf("everybody was answered: the kill came at no time")
	}
	d.again(startPortal(t, s).base, people[:16])

	d.other = map[int]int{}
	d.send(s.URL, people[16:], 5, p.kill)
	if d.other[http.StatusServiceUnavailable] == 0 {
		t.Errorf("everybody was answered: Postgres was killed at no time")
	}
	p.start()
	eventually(t, 10*time.Second, "the portal is back", func() bool { return people[0].get(d.vote).status == http.StatusOK })
	d.again(s.URL, people[16:])

	ballots, voted := s.count(t, `SELECT count(*)::int FROM ballot_index`), s.count(t, `SELECT count(*)::int FROM emargement WHERE voted`)
	if ballots != len(people) || voted != len(people) {
		t.Errorf("%d ballots, %d structures that voted, want %d", ballots, voted, len(people))
	}
	areas, err := web.NewAreas(s.pool, testConfig(s.URL))
	if err != nil {
		t.Fatal(err)
	}
	if done, err := areas.ElectionBoard.Check(t.Context()); err != nil || done.Ballots != len(people) {
		t.Errorf("the boxes: %d ballots, %v", done.Ballots, err)
	}
}

// doomed is a portal in a process of its own.
type doomed struct {
	base string
	kill func()
}

func startPortal(t *testing.T, s *site) doomed {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close() // for the process to take
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run", "^TestPortalToKill$")
	cmd.Env = append(os.Environ(), killDB+"="+s.pool.Config().ConnString(), killAddr+"="+addr, killBase+"="+s.URL)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	end := sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed: that is an error
	})
	t.Cleanup(end)
	eventually(t, 30*time.Second, "the portal listens", func() bool {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	return doomed{base: "http://" + addr, kill: end}
}

// send has people vote, four at once, and calls kill when some have their receipt.
func (d *pollingDay) send(base string, people []*browser, receipts int, kill func()) {
	d.t.Helper()
	had := len(d.shown)
	once := sync.OnceFunc(kill)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for k := i; k < len(people); k += 4 {
				tracker, status := d.post(base, people[k])
				d.mu.Lock()
				if tracker != "" {
					d.shown[people[k]] = tracker
				} else {
					d.other[status]++
				}
				enough := len(d.shown)-had >= receipts
				d.mu.Unlock()
				if enough {
					once()
				}
			}
		})
	}
	wg.Wait()
	d.t.Logf("%d receipts, other answers by status (0: the connection was cut): %v", len(d.shown)-had, d.other)
	for status := range d.other {
		if status != 0 && status != http.StatusServiceUnavailable {
			d.t.Errorf("status %d while all is away", status)
		}
	}
}

// again sends everybody's ballot once more.
func (d *pollingDay) again(base string, people []*browser) {
	d.t.Helper()
	for i, b := range people {
		tracker, status := d.post(base, b)
		switch was := d.shown[b]; {
		case tracker == "":
			d.t.Errorf("person %d, sent again: status %d and no receipt", i, status)
		case was != "" && was != tracker:
			d.t.Errorf("person %d had receipt %s, then %s", i, was, tracker)
		}
	}
}

// post sends a ballot; status 0 when no answer came.
func (d *pollingDay) post(base string, b *browser) (tracker string, status int) {
	c := *b
	c.base = base
	r := c.request("POST", d.vote, d.ballots[b])
	r.Host = strings.TrimPrefix(d.s.URL, "http://")
	res, err := b.http.Do(r)
	if err != nil {
		return "", 0
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return "", 0
	}
	return trackerOn(answer{res.StatusCode, res.Header, string(body)}), res.StatusCode
}
