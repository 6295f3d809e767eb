// Package cache keeps in memory the pages that everybody sees alike, and throws
// them all away when anything they show changes. It is never the truth: it is
// empty while the database does not tell it of changes.
package cache

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/klauspost/compress/gzip"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/web/static"
)

const (
	channel    = "public_change" // migrations/00001_foundation.sql
	maxEntries = 512             // pages kept; past it the cache starts afresh
	maxAge     = time.Minute     // of an entry, for what changes with the hour
	retryEvery = time.Second     // between two tries to listen again
	pingEvery  = 15 * time.Second

	worthSqueezing = 1024 // bytes of a body
)

type entry struct {
	header     http.Header
	body, gzip []byte
	etag       string
	until      time.Time
}

// Pages is the cache of one instance of the portal.
type Pages struct {
	mu         sync.RWMutex
	entries    map[string]*entry
	listening  bool
	generation uint64
}

// New returns a cache that keeps nothing until Listen runs.
func New() *Pages { return &Pages{entries: map[string]*entry{}} }

// Listen empties the cache at every change the database tells of, until ctx
// ends. While the connection is lost nothing is kept.
func (p *Pages) Listen(ctx context.Context, pool *pgxpool.Pool) {
	for ctx.Err() == nil {
		err := p.listenOnce(ctx, pool)
		p.reset(false)
		if ctx.Err() != nil {
			return
		}
		slog.WarnContext(ctx, "public pages are not cached: the database does not tell of changes", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(retryEvery):
		}
	}
}

func (p *Pages) listenOnce(ctx context.Context, pool *pgxpool.Pool) error {
	// A connection of its own: it waits without the statement timeout of pages.
	conn, err := pgx.ConnectConfig(ctx, pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return err
	}
	p.reset(true)
	for {
		told, err := waitOrPing(ctx, conn)
		if err != nil {
			return err
		}
		if told {
			p.reset(true)
		}
	}
}

// waitOrPing waits for a change; after a while of silence it asks whether the
// connection still lives, since a dead network says nothing.
func waitOrPing(ctx context.Context, conn *pgx.Conn) (told bool, err error) {
	wait, cancel := context.WithTimeout(ctx, pingEvery)
	defer cancel()
	if _, err = conn.WaitForNotification(wait); err == nil {
		return true, nil
	}
	if ctx.Err() != nil || wait.Err() == nil {
		return false, err
	}
	ping, cancel := context.WithTimeout(ctx, retryEvery)
	defer cancel()
	return false, conn.Ping(ping)
}

func (p *Pages) reset(listening bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listening = listening
	p.generation++
	clear(p.entries)
}

// Serve answers from memory when it can, and tells whether it did. The reader
// must be nobody in particular: no session cookie.
func (p *Pages) Serve(w http.ResponseWriter, r *http.Request) bool {
	p.mu.RLock()
	e := p.entries[r.URL.RequestURI()]
	p.mu.RUnlock()
	if e == nil || time.Now().After(e.until) {
		return false
	}
	e.write(w, r)
	return true
}

func (e *entry) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	for k, v := range e.header {
		h[k] = v
	}
	if matches(r.Header.Get("If-None-Match"), e.etag) {
		h.Del("Content-Type")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := e.body
	if e.gzip != nil && static.AcceptsGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		body = e.gzip
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// matches reads If-None-Match, which compares weakly (RFC 9110, 13.1.2).
func matches(header, etag string) bool {
	for tag := range strings.SplitSeq(header, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}

// Keep runs next, answers with what it wrote and keeps it when it is a page (200)
// and nothing changed meanwhile. It answers nothing when next returns an error.
func (p *Pages) Keep(w http.ResponseWriter, r *http.Request, next func(http.ResponseWriter, *http.Request) error) error {
	p.mu.RLock()
	before, on := p.generation, p.listening
	p.mu.RUnlock()
	if !on {
		return next(w, r)
	}
	rec := &recorder{header: http.Header{}, status: http.StatusOK}
	began := time.Now() // what a page begun before midnight says is yesterday's
	if err := next(rec, unconditional(r)); err != nil {
		return err
	}
	if rec.status != http.StatusOK || rec.header.Get("Set-Cookie") != "" {
		rec.replay(w)
		return nil
	}
	e := newEntry(rec, began)
	p.store(r.URL.RequestURI(), e, before)
	e.write(w, r)
	return nil
}

// unconditional asks for the whole answer, which is what can be kept: write reads
// the condition.
func unconditional(r *http.Request) *http.Request {
	if r.Header.Get("If-None-Match") == "" {
		return r
	}
	whole := r.WithContext(r.Context())
	whole.Header = r.Header.Clone()
	whole.Header.Del("If-None-Match")
	return whole
}

func newEntry(rec *recorder, began time.Time) *entry {
	sum := sha256.Sum256(rec.body.Bytes())
	e := &entry{header: rec.header, body: rec.body.Bytes(), until: validUntil(began)}
	e.header.Del("Content-Length") // write knows which of the two bodies it sends
	e.etag = `W/"` + hex.EncodeToString(sum[:12]) + `"`
	e.header.Set("Etag", e.etag)
	if e.header.Get("Cache-Control") == "" { // a calendar says how long others may keep it
		e.header.Set("Cache-Control", "no-cache")
	}
	e.header.Set("Vary", "Accept-Encoding, Cookie")
	if len(e.body) < worthSqueezing {
		return e
	}
	var z bytes.Buffer
	zw, _ := gzip.NewWriterLevel(&z, gzip.BestCompression) // the level is a valid constant
	_, _ = zw.Write(e.body)
	_ = zw.Close() // a bytes.Buffer takes everything
	e.gzip = z.Bytes()
	return e
}

// validUntil is in a minute, or at midnight in Paris if that is sooner: pages
// say what is true today.
func validUntil(now time.Time) time.Time {
	midnight := day.In(now).AddDays(1).At(0, 0)
	if until := now.Add(maxAge); until.Before(midnight) {
		return until
	}
	return midnight
}

func (p *Pages) store(key string, e *entry, generation uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.generation != generation || !p.listening {
		return
	}
	if len(p.entries) >= maxEntries {
		clear(p.entries)
	}
	p.entries[key] = e
}

// recorder holds an answer while it is made.
type recorder struct {
	header http.Header
	body   bytes.Buffer
	status int
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

func (r *recorder) replay(w http.ResponseWriter) {
	for k, v := range r.header {
		w.Header()[k] = v
	}
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body.Bytes())
}
