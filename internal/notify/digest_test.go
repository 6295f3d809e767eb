package notify

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// reader is a person who reads mails.
type reader struct {
	access.Actor
	w *world
}

func (w *world) reader(name string, r Rhythm) reader {
	w.t.Helper()
	email := strings.ToLower(name) + "@example.org"
	id, err := postgres.Value[access.PersonID](w.t.Context(), w.pool, `
		INSERT INTO person (first_name, last_name, email) VALUES ($1, 'Exemple', $2) RETURNING id`, name, email)
	if err != nil {
		w.t.Fatal(err)
	}
	p := reader{access.Actor{Account: access.AccountID(id), Person: id, Name: name, Email: email}, w}
	if _, err := w.pool.Exec(w.t.Context(), `INSERT INTO account (id, person_id, email) OVERRIDING SYSTEM VALUE VALUES ($1, $1, $2)`, id, email); err != nil {
		w.t.Fatal(err)
	}
	p.choose(r)
	return p
}

func (p reader) choose(r Rhythm) {
	p.w.t.Helper()
	if err := SetRhythm(p.w.t.Context(), p.w.pool, p.Actor, r); err != nil {
		p.w.t.Fatal(err)
	}
}

func (p reader) notice(subject string) Notice {
	return Notice{Person: p.Person, Address: p.Email, Name: p.Name, Kind: "minutes", Subject: subject, Text: "Le compte rendu est en ligne.",
		Action: "Le lire", Link: "https://portail.example.org/reunions/12"}
}

func (w *world) tell(n ...Notice) {
	w.t.Helper()
	if err := postgres.InTx(w.t.Context(), w.pool, func(tx pgx.Tx) error { return w.outbox.Tell(w.t.Context(), tx, n) }); err != nil {
		w.t.Fatal(err)
	}
}

// told moves what waits to the moment it would have been told.
func (w *world) told(at time.Time) {
	w.t.Helper()
	if _, err := w.pool.Exec(w.t.Context(), `UPDATE digest_item SET created_at = $1 WHERE mail_id IS NULL`, at); err != nil {
		w.t.Fatal(err)
	}
}

// subjects lists the mails by address, in order.
func (w *world) subjects() string {
	w.t.Helper()
	v, err := postgres.Values[string](w.t.Context(), w.pool, `SELECT split_part(to_address, '@', 1) || ': ' || subject FROM mail ORDER BY created_at, to_address`)
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Join(v, "; ")
}

func (w *world) digest() *Digest {
	d := NewDigest(w.pool, w.outbox, "https://portail.example.org")
	d.log = slog.New(slog.NewTextHandler(w, nil))
	return d
}

func (w *world) run(at time.Time) int {
	w.t.Helper()
	n, err := w.digest().run(w.t.Context(), &at)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func TestTellHonoursRhythm(t *testing.T) {
	t.Parallel()
	w, n := newWorld(t), 0
	each, daily, weekly := w.reader("Each", Each), w.reader("Daily", Daily), w.reader("Weekly", Weekly)
	var notices []Notice
	for range 50 {
		notices = append(notices, each.notice("A"), daily.notice("B\r\nC"), weekly.notice("C"))
	}
	nobody, stranger := daily.notice("D"), Notice{Address: "externe@example.org", Kind: "minutes", Subject: "E", Text: "x"}
	nobody.Address = ""
	err := postgres.InTx(t.Context(), w.pool, func(tx pgx.Tx) error {
		return w.outbox.Tell(t.Context(), counted{tx, &n}, append(notices, nobody, stranger))
	})
	if err != nil || n > 6 {
		t.Fatalf("152 notices: %v, %d statements", err, n)
	}
	rows, err := postgres.Values[string](t.Context(), w.pool, `
		SELECT to_address || ' ' || count(*) FROM mail GROUP BY to_address
		UNION ALL SELECT p.first_name || ' ' || i.subject || ' ' || count(*) FROM digest_item i JOIN person p ON p.id = i.person_id GROUP BY p.first_name, i.subject ORDER BY 1`)
	if want := "[Daily B  C 50 Weekly C 50 each@example.org 50 externe@example.org 1]"; err != nil || fmt.Sprint(rows) != want {
		t.Errorf("told %v, %v; want %s", rows, err, want)
	}
}

// TestDigestMoments: 7 h in Paris, every day or on Monday, winter and summer, late
// rather than never, once.
func TestDigestMoments(t *testing.T) {
	t.Parallel()
	thursday := day.Of(2026, time.November, 26)
	monday, summer, clocks := day.Of(2026, time.November, 30), day.Of(2026, time.July, 14), day.Of(2026, time.March, 29)
	for name, c := range map[string]struct {
		rhythm    Rhythm
		told, run time.Time
		want      int
	}{
		"the same evening":           {Daily, thursday.At(15, 0), thursday.At(22, 0), 0},
		"before 7 h":                 {Daily, thursday.At(15, 0), thursday.AddDays(1).At(6, 59), 0},
		"at 7 h":                     {Daily, thursday.At(15, 0), thursday.AddDays(1).At(7, 0), 1},
		"told in the night":          {Daily, thursday.At(2, 0), thursday.At(7, 5), 1},
		"the portal was down":        {Daily, thursday.At(15, 0), thursday.AddDays(4).At(3, 0), 1},
		"at 7 h in summer":           {Daily, summer.At(6, 0), summer.At(7, 0), 1},
		"before 7 h in summer":       {Daily, summer.At(6, 0), summer.At(6, 59), 0},
		"the day clocks change":      {Daily, clocks.At(1, 0), clocks.At(7, 0), 1},
		"before, the day they do":    {Daily, clocks.At(1, 0), clocks.At(6, 59), 0},
		"weekly, the next day":       {Weekly, thursday.At(15, 0), thursday.AddDays(1).At(7, 0), 0},
		"weekly, Monday before 7 h":  {Weekly, thursday.At(15, 0), monday.At(6, 59), 0},
		"weekly, Monday at 7 h":      {Weekly, thursday.At(15, 0), monday.At(7, 0), 1},
		"weekly, told on Monday 8 h": {Weekly, monday.At(8, 0), monday.AddDays(6).At(23, 0), 0},
		"weekly, down on Monday":     {Weekly, thursday.At(15, 0), monday.AddDays(1).At(12, 0), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.reader("Alix", c.rhythm)
			w.tell(p.notice("Compte rendu du GNI"))
			w.told(c.told)
			if n := w.run(c.run); n != c.want {
				t.Errorf("%d mails, want %d", n, c.want)
			}
			if n := w.run(c.run); n != 0 {
				t.Errorf("run again: %d mails more", n)
			}
		})
	}
}

func TestDigestMail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.reader("Personne", Daily) // for whom nothing waits
	p, back := w.reader("Alix", Daily), w.reader("Sacha", Weekly)
	p2 := p.notice("Votre <proposition> est retenue")
	p2.Link = "https://portail.example.org/propositions?a=1&b=2"
	w.tell(p.notice("Compte rendu du GNI"), p2, back.notice("Compte rendu du GNI"))
	back.choose(Each)
	if n, err := w.digest().Run(t.Context()); err != nil || n != 1 {
		t.Fatalf("%d mails, %v: who goes back to one by one gets what waits", n, err)
	}
	w.told(day.Of(2026, 1, 1).At(12, 0))
	if n := w.run(day.Of(2026, 1, 2).At(7, 0)); n != 1 {
		t.Fatalf("%d mails, want one for two pieces of news", n)
	}
	if got, want := w.subjects(), "sacha: Compte rendu du GNI; alix: 2\u00a0nouvelles de la gouvernance de l’inclusion numérique"; got != want {
		t.Errorf("sent %q, want %q", got, want)
	}
	type bodies struct{ TextBody, HTMLBody string }
	m, err := postgres.One[bodies](t.Context(), w.pool, `SELECT text_body, html_body AS htmlbody FROM mail WHERE to_address = 'alix@example.org'`)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Compte rendu du GNI\nLe compte rendu est en ligne.\nhttps://portail.example.org/reunions/12\n", "Votre <proposition>", "une fois par jour", "https://portail.example.org/mon-compte/courriels"} {
		if !strings.Contains(m.TextBody, want) {
			t.Errorf("text lacks %q:\n%s", want, m.TextBody)
		}
	}
	for _, want := range []string{`<a href="https://portail.example.org/reunions/12">Compte rendu du GNI</a>`, `?a=1&amp;b=2">Votre &lt;proposition&gt; est retenue</a>`} {
		if !strings.Contains(m.HTMLBody, want) {
			t.Errorf("HTML lacks %q:\n%s", want, m.HTMLBody)
		}
	}
	left, err := postgres.Value[int](t.Context(), w.pool, `SELECT count(*) FROM digest_item i LEFT JOIN mail m ON m.id = i.mail_id WHERE m.id IS NULL`)
	if err != nil || left != 0 {
		t.Errorf("%d lines left, %v", left, err)
	}
}

// TestDigestOnce: many people in small batches, four instances at once, a crash in
// the middle: each gets one mail.
func TestDigestOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const people = 23
	for i := range people {
		p := w.reader(fmt.Sprintf("P%02d", i), Weekly)
		w.tell(p.notice("A"), p.notice("B"))
		switch i {
		case 5: // moved away since: no address
			p.exec(`UPDATE person SET email = '' WHERE id = $1`)
		case 6: // an address no mail goes to must not stop the others
			p.exec(`UPDATE person SET email = 'pas une adresse' WHERE id = $1`)
		}
	}
	w.told(day.Of(2026, 1, 1).At(12, 0))
	at := day.Of(2026, 2, 1).At(12, 0)
	d := w.digest()
	d.batch = 4
	err := postgres.InTx(t.Context(), w.pool, func(tx pgx.Tx) error {
		if n, _, err := d.sendBatch(t.Context(), tx, &at, 0); err != nil || n != 4 {
			t.Errorf("batch of %d, %v", n, err)
		}
		return errUndo // the process dies before the commit
	})
	if !errors.Is(err, errUndo) || w.subjects() != "" {
		t.Fatalf("%v; sent %s", err, w.subjects())
	}
	var together sync.WaitGroup
	for range 4 {
		together.Go(func() {
			if _, err := d.run(t.Context(), &at); err != nil {
				t.Error(err)
			}
		})
	}
	together.Wait()
	w.digest().run(t.Context(), &at) // the next quarter of an hour
	rows, err := postgres.Values[int](t.Context(), w.pool, `SELECT count(*) FROM mail GROUP BY to_address`)
	if err != nil || len(rows) != people-2 {
		t.Errorf("%d people told, %v; want %d", len(rows), err, people-2)
	}
	for _, n := range rows {
		if n != 1 {
			t.Errorf("somebody got %d digests", n)
		}
	}
	if left, err := postgres.Value[int](t.Context(), w.pool, `SELECT count(*) FROM digest_item WHERE mail_id IS NULL`); err != nil || left != 4 {
		t.Errorf("%d lines wait, %v; want those of the two without an address", left, err)
	}
}

func (p reader) exec(sql string) {
	p.w.t.Helper()
	if _, err := p.w.pool.Exec(p.w.t.Context(), sql, p.Person); err != nil {
		p.w.t.Fatal(err)
	}
}

// TestDigestJob: the job queue of a serving portal runs the digests by itself, and
// the mail leaves.
func TestDigestJob(t *testing.T) {
	t.Parallel()
	w, box := newWorld(t), newMailbox(t)
	p := w.reader("Alix", Daily)
	w.tell(p.notice("A"), p.notice("B"))
	w.told(time.Now().Add(-48 * time.Hour))
	w.start(box.url(), func(o *Options) {
		d := w.digest()
		o.Register, o.Periodic = d.Register, []*river.PeriodicJob{d.Periodic()}
	})
	for end := time.Now().Add(20 * time.Second); len(box.mails()) == 0 && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
	}
	if got := box.mails(); len(got) != 1 || got[0].To != "alix@example.org" {
		t.Errorf("received %+v; log:\n%s", got, w.logged())
	}
}

func TestRhythm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.reader("Alix", Each)
	rhythm := func() Rhythm {
		r, err := RhythmOf(t.Context(), w.pool, p.Actor)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if rhythm() != Each {
		t.Errorf("at first: %s", rhythm())
	}
	p.choose(Weekly)
	p.choose(Weekly)
	if rhythm() != Weekly {
		t.Errorf("chose weekly: %s", rhythm())
	}
	if n, err := postgres.Value[int](t.Context(), w.pool, `SELECT count(*) FROM audit_entry WHERE action = 'mail.rhythm'`); err != nil || n != 1 {
		t.Errorf("%d entries of the journal, %v; want 1", n, err)
	}
	if err := SetRhythm(t.Context(), w.pool, p.Actor, "hourly"); problem.KindOf(err) != problem.Invalid {
		t.Errorf("an unknown rhythm: %v", err)
	}
	if err := SetRhythm(t.Context(), w.pool, access.Actor{}, Daily); problem.KindOf(err) != problem.Forbidden {
		t.Errorf("nobody: %v", err)
	}
	for _, r := range Rhythms {
		if _, err := w.pool.Exec(t.Context(), `UPDATE mail_rhythm SET rhythm = $1`, r); err != nil || r.Label() == string(r) {
			t.Errorf("%s: %v, label %q", r, err, r.Label())
		}
	}
}

func TestBadNotice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.reader("Alix", Daily)
	n := p.notice("A")
	n.Link = "/reunions/12"
	err := postgres.InTx(t.Context(), w.pool, func(tx pgx.Tx) error { return w.outbox.Tell(t.Context(), tx, []Notice{n}) })
	if err == nil {
		t.Error("a link that leads nowhere was kept for a digest")
	}
}
