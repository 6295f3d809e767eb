package notify

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// sample is a calendar as internal/calendar writes it, which this package may not
// import: folded, escaped, with letters beyond ASCII.
const sample = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//FR\r\nMETHOD:PUBLISH\r\nBEGIN:VEVENT\r\nUID:u@example.org\r\n" +
	"DTSTAMP:20261102T083000Z\r\nDTSTART:20261126T130000Z\r\nSUMMARY:Séance du CMTIN\\, à l’Hôtel de Bordeaux Métropole où l’on écrit de l\r\n" +
	" ongues lignes\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

// TestCalendarAttached sends a convocation through a real SMTP server and reads the
// file that arrives with another library.
func TestCalendarAttached(t *testing.T) {
	t.Parallel()
	w, box := newWorld(t), newMailbox(t)
	w.start(box.url())
	m := invitation()
	m.Calendar, m.Reusable = sample, true
	w.until(w.queue(m), is(Sent, "completed"))
	got, err := mail.ReadMessage(strings.NewReader(box.mails()[0].Data))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/mixed" {
		t.Fatalf("content type %s, %v; want multipart/mixed", kind, err)
	}
	var kinds []string
	for parts := multipart.NewReader(got.Body, params["boundary"]); ; {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, params, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, kind)
		if kind == "text/calendar" {
			checkCalendar(t, p, params)
		}
	}
	if fmt.Sprint(kinds) != "[multipart/alternative text/calendar]" {
		t.Errorf("parts %v, want the text and the file", kinds)
	}
}

func checkCalendar(t *testing.T, p *multipart.Part, params map[string]string) {
	t.Helper()
	if !strings.EqualFold(params["charset"], "utf-8") || params["method"] != "PUBLISH" || p.FileName() != "reunion.ics" ||
		!strings.HasPrefix(p.Header.Get("Content-Disposition"), "attachment") || p.Header.Get("Content-Transfer-Encoding") != "base64" {
		t.Errorf("the file arrives as %v", p.Header)
	}
	raw, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, p))
	if err != nil || string(raw) != sample {
		t.Fatalf("%v, the file changed on the way: %q", err, raw)
	}
	c, err := ical.NewDecoder(strings.NewReader(string(raw))).Decode()
	if err != nil || len(c.Events()) != 1 {
		t.Fatalf("the file does not decode: %v", err)
	}
	if s, err := c.Events()[0].Props.Text("SUMMARY"); err != nil || s != "Séance du CMTIN, à l’Hôtel de Bordeaux Métropole où l’on écrit de longues lignes" {
		t.Errorf("summary %q, %v", s, err)
	}
}

// TestReusableLink: a link that works until the meeting must not be said to work
// once.
func TestReusableLink(t *testing.T) {
	t.Parallel()
	once, many := invitation(), invitation()
	many.Reusable = true
	for _, c := range []struct {
		m          Mail
		want, lack string
	}{{once, secretNote, reusableNote}, {many, reusableNote, secretNote}} {
		text, page := c.m.render()
		for _, part := range []string{text, page} {
			if !strings.Contains(part, c.want) || strings.Contains(part, c.lack) {
				t.Errorf("reusable %v: want the note %q in:\n%s", c.m.Reusable, c.want, part)
			}
		}
	}
}

// counted counts the statements of a transaction.
type counted struct {
	pgx.Tx
	n *int
}

func (c counted) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	*c.n++
	return c.Tx.Exec(ctx, sql, args...)
}

func (c counted) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	*c.n++
	return c.Tx.Query(ctx, sql, args...)
}

func (c counted) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	*c.n++
	return c.Tx.QueryRow(ctx, sql, args...)
}

func (c counted) Begin(ctx context.Context) (pgx.Tx, error) {
	*c.n++
	tx, err := c.Tx.Begin(ctx)
	return counted{tx, c.n}, err
}

// many is n convocations, each with its calendar.
func many(n int) []Mail {
	mails := make([]Mail, n)
	for i := range mails {
		mails[i] = invitation()
		mails[i].ToAddress, mails[i].Calendar, mails[i].Reusable = fmt.Sprintf("structure-%03d@example.org", i), sample, true
	}
	return mails
}

func TestQueueManyStatements(t *testing.T) {
	t.Parallel()
	w, n := newWorld(t), 0
	start := time.Now()
	err := postgres.InTx(t.Context(), w.pool, func(tx pgx.Tx) error {
		ids, err := w.outbox.QueueMany(t.Context(), counted{tx, &n}, many(300))
		if len(ids) != 300 {
			t.Errorf("%d ids", len(ids))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); n == 0 || n > 4 || took > 2*time.Second {
		t.Errorf("300 mails: %d statements in %v, want 4 at most and under 2 s", n, took)
	}
	queued, err := postgres.Value[int](t.Context(), w.pool, `SELECT count(*) FROM mail m JOIN river_job j ON j.id = m.job_id WHERE m.calendar <> ''`)
	if err != nil || queued != 300 {
		t.Errorf("%d mails have a job and a calendar, %v", queued, err)
	}
}

func BenchmarkQueueMany(b *testing.B) {
	w, mails := newWorld(b), many(300)
	for b.Loop() {
		err := postgres.InTx(b.Context(), w.pool, func(tx pgx.Tx) error {
			_, err := w.outbox.QueueMany(b.Context(), tx, mails)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
