package web_test

import (
	"bufio"
	"context"
	_ "embed"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

//go:embed testdata/grow_register.sql
var growRegisterSQL string

// grownRegister is the demonstration with a hundred times its structures: 16,000
// members, 600 requests in the queue.
func grownRegister(t testing.TB) string {
	t.Helper()
	return pgtest.NewFrom(t, "grown-register-"+demoDay.String()+"-"+program(), func(ctx context.Context, dbURL string) error {
		if err := loadDemo(ctx, dbURL); err != nil {
			return err
		}
		conn, err := pgx.Connect(ctx, dbURL)
		if err != nil {
			return err
		}
		defer conn.Close(context.WithoutCancel(ctx))
		if _, err := conn.Exec(ctx, "BEGIN;"+growRegisterSQL+";COMMIT"); err != nil {
			return err
		}
		_, err = conn.Exec(ctx, "VACUUM ANALYZE") // what index-only reads need, and the server does by itself
		return err
	})
}

// registerPage is a page of the register; a list is a page that grows with it.
type registerPage struct {
	name, path, email string
	cached, list      bool
	target            []string
	small             string // makes the small database comparable: as many lines on the page
}

// The last page that is full, of a list that has so many lines.
const (
	lastOfDirectory = `SELECT count(*) / 50 FROM structure WHERE state = 'accepted'`
	lastOfRegister  = `SELECT count(*) / 50 FROM structure`
)

const aMemberOfTheGNI = `SELECT organisation_id FROM structure WHERE state = 'accepted' AND publish_sheet ORDER BY sort_name, organisation_id LIMIT 1`

func registerBenchPages() []registerPage {
	const team, member = "equipe@example.org", "structure-001@example.org"
	return []registerPage{
		{name: "directory", path: "/structures", list: true},
		{name: "directory, from memory", path: "/structures", cached: true},
		{name: "directory, a college", path: "/structures?college=action_sociale", list: true},
		{name: "directory, three filters", path: "/structures?college=action_sociale&service=aide-aux-demarches-administratives&acces=telephoner", list: true},
		{name: "directory, last page", path: "/structures?page=%d", list: true, target: []string{lastOfDirectory}},
		{name: "directory, by commune, last page", path: "/structures?tri=commune&page=%d", list: true, target: []string{lastOfDirectory}},
		{name: "directory, search", path: "/structures?q=mediateque", list: true},
		{name: "directory, search that many answer", path: "/structures?q=ateliers+demarches", list: true},
		{name: "search of the portal", path: "/recherche?q=mediateque", list: true},
		{name: "sheet", path: "/structures/%d", target: []string{aMemberOfTheGNI}},
		{name: "sheet, from memory", path: "/structures/%d", cached: true, target: []string{aMemberOfTheGNI}},
		{name: "observatory", path: "/indicateurs"},
		{name: "observatory, from memory", path: "/indicateurs", cached: true},
		{name: "Aladdin", path: "/reseaux/aladdin", list: true},
		{name: "registration", path: "/structures/inscription"},
		{name: "registration, from memory", path: "/structures/inscription", cached: true},
		{name: "queue", path: "/equipe/structures", email: team, list: true, small: `
			UPDATE structure SET state = 'submitted', submitted_at = created_at
			WHERE organisation_id IN (SELECT organisation_id FROM structure WHERE state = 'accepted' ORDER BY 1 LIMIT 60)`},
		{name: "register", path: "/equipe/structures?etat=toutes", email: team, list: true},
		{name: "register, members of a college", path: "/equipe/structures?etat=membres&college=action_sociale", email: team, list: true},
		{name: "register, stale members", path: "/equipe/structures?etat=membres&fraicheur=plus-de-18-mois", email: team, list: true},
		{name: "register, last page", path: "/equipe/structures?etat=toutes&page=%d", email: team, list: true,
			target: []string{lastOfRegister}},
		{name: "register, search", path: "/equipe/structures?q=mediatheque", email: team, list: true},
		{name: "register, search with a typing error", path: "/equipe/structures?q=mediateque", email: team, list: true},
		{name: "register, search of a SIRET", path: "/equipe/structures?q=99900000", email: team, list: true},
		{name: "examination", path: "/equipe/structures/%d", email: team, target: []string{`SELECT min(organisation_id) FROM structure WHERE state = 'submitted'`}},
		{name: "my structure", path: "/ma-structure", email: member},
	}
}

// BenchmarkRegisterPages measures the pages of the register as BenchmarkPages does, on
// the demonstration and with a hundred times its structures.
func BenchmarkRegisterPages(b *testing.B) {
	for _, size := range []struct {
		name     string
		database func(testing.TB) string
	}{{"demo", demoDatabase}, {"x100", grownRegister}} {
		for _, p := range registerBenchPages() {
			b.Run(p.name+"/"+size.name, func(b *testing.B) {
				benchPage(b, size.database(b), p.path, p.email, p.cached, p.target...)
			})
		}
	}
}

// BenchmarkRegisterGrowth asks for each list, one page at a time, at 160 and at 16,000
// members by turns, and reports what the quickest tenth took: what a page costs when
// nothing else takes the processor.
func BenchmarkRegisterGrowth(b *testing.B) {
	const turns = 150
	for _, p := range registerBenchPages() {
		if !p.list {
			continue
		}
		b.Run(p.name, func(b *testing.B) {
			var asks [2]func() time.Duration
			for i, database := range []string{demoDatabase(b), grownRegister(b)} {
				asks[i] = registerAsker(b, database, p, i == 0)
			}
			var took [2][]time.Duration
			for b.Loop() {
				for range turns {
					for i, ask := range asks {
						took[i] = append(took[i], ask())
					}
				}
			}
			var ms [2]float64
			for i := range took {
				slices.Sort(took[i])
				ms[i] = float64(took[i][len(took[i])/10].Microseconds()) / 1000
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(ms[0], "ms-at-160")
			b.ReportMetric(ms[1], "ms-at-16000")
			b.ReportMetric(ms[1]/ms[0], "ratio")
		})
	}
}

// registerAsker returns what asks for the page once and times it, after some for
// nothing: statements are prepared, pages warm.
func registerAsker(b *testing.B, database string, p registerPage, small bool) func() time.Duration {
	b.Helper()
	pool, err := postgres.Open(b.Context(), database, postgres.Options{MaxConns: 2})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	if small && p.small != "" {
		if _, err := pool.Exec(b.Context(), p.small); err != nil {
			b.Fatal(err)
		}
	}
	path := p.path
	for _, find := range p.target {
		id, err := foundID(b.Context(), pool, find)
		if err != nil {
			b.Fatal(err)
		}
		path = strings.Replace(path, "%d", id, 1)
	}
	portal := benchServer(b, pool, false)
	cookie := ""
	if p.email != "" {
		cookie = benchSignIn(b, portal.URL, p.email)
	}
	addr := portal.Listener.Addr().String()
	request := benchRequest(addr, path, cookie)
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	in := bufio.NewReaderSize(conn, 64<<10)
	ask := func() time.Duration {
		start := time.Now()
		if _, err := conn.Write(request); err != nil {
			b.Fatal(err)
		}
		res, err := http.ReadResponse(in, nil)
		if err != nil || res.StatusCode != http.StatusOK {
			b.Fatal(path, res, err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		return time.Since(start)
	}
	for range 20 {
		ask()
	}
	return ask
}

func foundID(ctx context.Context, db postgres.DB, find string) (s string, err error) {
	err = db.QueryRow(ctx, `SELECT (`+find+`)::text`).Scan(&s)
	return s, err
}
