package web_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/demo"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/web"
)

const (
	benchClients = 16
	benchSlice   = 400 * time.Millisecond // of one contestant, before the next
	benchTurns   = 6
)

// BenchmarkPages measures the main pages beside two controls, by turns in one
// run: floor, a bare handler that runs the same statements in one round trip and
// writes the same bytes; raw, the same bytes and no database. Ratios above 1 are
// faster than the control (shared/design.md, "Speed: the floor").
func BenchmarkPages(b *testing.B) {
	for _, p := range []struct {
		name, path, email string
		cached            bool
	}{
		{"public home", "/", "", false},
		{"public home, from memory", "/", "", true},
		{"body page", "/instances/cmtin", "", false},
		{"body page, from memory", "/instances/cmtin", "", true},
		{"GNI page, 50 rows", "/instances/gni", "", false},
		{"team dashboard", "/tableau-de-bord", "equipe@example.org", false},
		{"seats, 50 rows", "/equipe/sieges", "equipe@example.org", false},
		{"mayor's home", "/tableau-de-bord", "maire-begles@example.org", false},
	} {
		b.Run(p.name, func(b *testing.B) { benchPage(b, demoDatabase(b), p.path, p.email, p.cached) })
	}
}

// benchPage asks for a page; path may have the verb %d, for what target finds.
func benchPage(b *testing.B, database, path, email string, cached bool, target ...string) {
	rec := &recorder{}
	pool, err := postgres.Open(b.Context(), database, postgres.Options{MaxConns: 8, Tracer: rec})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	for _, find := range target {
		var id int64
		if err := pool.QueryRow(b.Context(), find).Scan(&id); err != nil {
			b.Fatalf("find what %s shows: %v", path, err)
		}
		path = fmt.Sprintf(path, id)
	}
	portal := benchServer(b, pool, cached)
	var cookie string
	if email != "" {
		cookie = benchSignIn(b, portal.URL, email)
	}
	request := benchRequest(portal.Listener.Addr().String(), path, cookie)
	if cached {
		waitCached(b, portal.Listener.Addr().String(), request)
	}
	fetch(b, portal.Listener.Addr().String(), request) // statements are prepared, pages warm
	rec.start()
	page := fetch(b, portal.Listener.Addr().String(), request)
	statements := rec.stop()

	// The controls have their own pool, which nothing traces.
	bare, err := postgres.Open(b.Context(), pool.Config().ConnString(), postgres.Options{MaxConns: 8})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(bare.Close)
	floor := httptest.NewServer(floorHandler(bare, statements, page))
	b.Cleanup(floor.Close)
	raw := httptest.NewServer(rawHandler(page))
	b.Cleanup(raw.Close)

	contestants := []*httptest.Server{portal, floor, raw}
	rates := make([]float64, len(contestants))
	for b.Loop() {
		clear(rates)
		for range benchTurns {
			for i, c := range contestants {
				rates[i] += hammer(b, c.Listener.Addr().String(), request)
			}
		}
	}
	per := float64(benchTurns)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(rates[0]/per, "pages/s")
	b.ReportMetric(rates[0]/rates[1], "of-floor")
	b.ReportMetric(rates[0]/rates[2], "of-raw")
	b.ReportMetric(float64(len(statements)), "statements")
	b.ReportMetric(float64(len(page)), "bytes")
}

func benchServer(b *testing.B, pool *pgxpool.Pool, cached bool) *httptest.Server {
	b.Helper()
	s := httptest.NewUnstartedServer(nil)
	s.Start()
	b.Cleanup(s.Close)
	c := testConfig(s.URL)
	areas, err := web.NewAreas(pool, c)
	if err != nil {
		b.Fatal(err)
	}
	portal, err := web.New(c, areas)
	if err != nil {
		b.Fatal(err)
	}
	if cached {
		ctx, cancel := context.WithCancel(context.Background())
		b.Cleanup(cancel)
		go portal.ListenForChanges(ctx)
	}
	s.Config.Handler = portal
	return s
}

// waitCached asks until the page comes with the ETag of a page kept in memory.
func waitCached(b *testing.B, addr string, request []byte) {
	b.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = c.Write(request)
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			b.Fatal(err)
		}
		c.Close()
		if res.Header.Get("Etag") != "" {
			return
		}
	}
	b.Fatal("the page is never kept in memory")
}

func benchSignIn(b *testing.B, base, email string) string {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, base+"/connexion",
		strings.NewReader(url.Values{"courriel": {email}, "mot_de_passe": {demo.Password}}.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		if strings.HasSuffix(c.Name, "session") {
			return c.Name + "=" + c.Value
		}
	}
	b.Fatalf("sign in as %s: status %d and no session", email, res.StatusCode)
	return ""
}

// benchRequest is written as it is on each connection: a client that costs
// nothing leaves the processor to the servers.
func benchRequest(host, path, cookie string) []byte {
	var r bytes.Buffer
	fmt.Fprintf(&r, "GET %s HTTP/1.1\r\nHost: %s\r\n", path, host)
	if cookie != "" {
		fmt.Fprintf(&r, "Cookie: %s\r\n", cookie)
	}
	r.WriteString("\r\n")
	return r.Bytes()
}

func fetch(b *testing.B, addr string, request []byte) []byte {
	b.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write(request); err != nil {
		b.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		b.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		b.Fatalf("status %d, %v", res.StatusCode, err)
	}
	return body
}

// hammer returns the pages a second that the clients get together.
func hammer(b *testing.B, addr string, request []byte) float64 {
	b.Helper()
	var n atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for range benchClients {
		wg.Go(func() {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				b.Error(err)
				return
			}
			defer c.Close()
			in := bufio.NewReaderSize(c, 64<<10)
			for time.Since(start) < benchSlice {
				if _, err := c.Write(request); err != nil {
					b.Error(err)
					return
				}
				if err := skipAnswer(in); err != nil {
					b.Error(err)
					return
				}
				n.Add(1)
			}
		})
	}
	wg.Wait()
	return float64(n.Load()) / time.Since(start).Seconds()
}

var contentLength = []byte("Content-Length: ")

// skipAnswer reads one answer: its length, then as many bytes.
func skipAnswer(in *bufio.Reader) error {
	length := -1
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		if rest, ok := bytes.CutPrefix(line, contentLength); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(rest))); err != nil {
				return err
			}
		}
	}
	if length < 0 {
		return fmt.Errorf("an answer without its length")
	}
	_, err := in.Discard(length)
	return err
}

type statement struct {
	sql  string
	args []any
}

// recorder remembers the statements a page runs.
type recorder struct {
	mu   sync.Mutex
	on   bool
	seen []statement
}

// TraceQueryStart remembers the statement when recording.
func (r *recorder) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.on {
		r.seen = append(r.seen, statement{d.SQL, d.Args})
	}
	return ctx
}

// TraceQueryEnd does nothing.
func (r *recorder) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart remembers the statements of a batch.
func (r *recorder) TraceBatchStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceBatchStartData) context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.on {
		for _, q := range d.Batch.QueuedQueries {
			r.seen = append(r.seen, statement{q.SQL, q.Arguments})
		}
	}
	return ctx
}

// TraceBatchQuery does nothing.
func (r *recorder) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd does nothing.
func (r *recorder) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (r *recorder) start() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.on, r.seen = true, nil
}

func (r *recorder) stop() []statement {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.on = false
	return r.seen
}

// floorHandler runs the statements in one round trip, reads what comes and
// writes the page.
func floorHandler(pool *pgxpool.Pool, statements []statement, page []byte) http.Handler {
	write := rawHandler(page)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := runAll(r.Context(), pool, statements); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		write.ServeHTTP(w, r)
	})
}

func runAll(ctx context.Context, pool *pgxpool.Pool, statements []statement) error {
	if len(statements) == 0 {
		return nil
	}
	var batch pgx.Batch
	for _, s := range statements {
		batch.Queue(s.sql, s.args...)
	}
	results := pool.SendBatch(ctx, &batch)
	defer results.Close()
	for range statements {
		rows, err := results.Query()
		if err != nil {
			return err
		}
		for rows.Next() {
			_ = rows.RawValues()
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return err
		}
	}
	return nil
}

func rawHandler(page []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(page)))
		_, _ = w.Write(page)
	})
}
