package meeting

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

var conveneTeam = access.Actor{Account: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}, RequestID: "test"}

// conveneWorld is the partners' group with n members, and a meeting in ten days.
type conveneWorld struct {
	t    testing.TB
	pool *pgxpool.Pool
	s    *Service
	id   ID
	asks atomic.Int64 // statements sent
}

func (w *conveneWorld) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	w.asks.Add(1)
	return ctx
}
func (w *conveneWorld) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func newConveneWorld(t testing.TB, n int) *conveneWorld {
	t.Helper()
	w := &conveneWorld{t: t}
	c, err := pgxpool.ParseConfig(pgtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	c.MaxConns, c.ConnConfig.Tracer = 4, w
	if w.pool, err = pgxpool.NewWithConfig(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.pool.Close)
	jobs, err := notify.NewInserter(w.pool)
	if err != nil {
		t.Fatal(err)
	}
	w.s = New(w.pool, notify.NewOutbox(jobs), "https://portail.example.org")
	w.exec(`WITH o AS (INSERT INTO organisation (kind, name) SELECT 'partner', 'Partenaire ' || lpad(i::text, 3, '0') FROM generate_series(1, $1) i RETURNING id, name),
		p AS (INSERT INTO person (first_name, last_name, email) SELECT 'Alix', 'N' || lpad(i::text, 3, '0'), 'membre-' || i || '@example.org' FROM generate_series(1, $1) i RETURNING id, last_name),
		s AS (INSERT INTO seat (kind, organisation_id, label, during) SELECT 'partner', id, name, daterange(paris_today() - 400, NULL) FROM o RETURNING id, label)
		INSERT INTO mandate (seat_id, person_id, kind, during, designation)
		SELECT s.id, p.id, 'titular', daterange(paris_today() - 300, NULL), 'Désignation de test' FROM s JOIN p ON right(s.label, 3) = right(p.last_name, 3)`, n)
	w.id = w.meeting("draft", 10)
	w.exec(`INSERT INTO agenda_item (meeting_id, position, title, kind) VALUES ($1, 1, 'Feuille de route', 'discussion')`, w.id)
	return w
}

func (w *conveneWorld) meeting(state string, inDays int) ID {
	w.t.Helper()
	id, err := postgres.Value[ID](w.t.Context(), w.pool, `
		INSERT INTO meeting (body, starts_at, ends_at, place, state) VALUES ('partenaires', now() + $2 * interval '1 day', now() + $2 * interval '1 day 1 hour', 'Salle Garonne', $1)
		RETURNING id`, state, inDays)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *conveneWorld) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.pool.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *conveneWorld) count(sql string, args ...any) int {
	w.t.Helper()
	var n int
	if err := w.pool.QueryRow(w.t.Context(), sql, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *conveneWorld) convene() SentTo {
	w.t.Helper()
	done, err := w.s.Convene(w.t.Context(), conveneTeam, w.id, 1, "La présidence sera pourvue avant la réunion.", "Merci de répondre.")
	if err != nil {
		w.t.Fatal(err)
	}
	return done
}

func (w *conveneWorld) recipients() []Recipient {
	w.t.Helper()
	all, err := w.s.Recipients(w.t.Context(), w.pool, w.id)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// token returns the newest personal link of the recipient, as their mail bears it.
func (w *conveneWorld) token(r ConvocationID) string {
	w.t.Helper()
	link, err := postgres.Value[string](w.t.Context(), w.pool, `
		SELECT m.secret_link FROM sending_to t JOIN mail m ON m.id = t.mail_id WHERE t.convocation_id = $1 ORDER BY t.sending_id DESC LIMIT 1`, r)
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.TrimPrefix(link, "https://portail.example.org"+AnswerPath)
}

// answer answers for the recipient by their link, from the page as it is now.
func (w *conveneWorld) answer(r ConvocationID, in AnswerInput) error {
	w.t.Helper()
	in.Version = w.count(`SELECT version FROM convocation WHERE id = $1`, r)
	return w.s.AnswerByLink(w.t.Context(), access.Actor{}, w.token(r), in)
}

func refused(t testing.TB, doing string, err error, kind problem.Kind) {
	t.Helper()
	if err == nil || problem.KindOf(err) != kind {
		t.Errorf("%s: %v, want a problem of kind %d", doing, err, kind)
	}
}

func TestConveneTakesASnapshot(t *testing.T) {
	t.Parallel()
	w := newConveneWorld(t, 5)
	w.exec(`UPDATE person SET email = '' WHERE last_name = 'N002'`)
	w.exec(`UPDATE person SET email = 'pas une adresse' WHERE last_name = 'N003'`)
	w.exec(`INSERT INTO meeting_guest (meeting_id, role, name, email, on_the_spot) VALUES ($1, 'state', 'Préfecture Exemple', 'etat@example.org', false),
		($1, 'guest', 'Déjà Membre', 'membre-1@example.org', false), ($1, 'guest', 'Venu Sur Place', '', true)`, w.id)
	if _, err := w.s.Convene(t.Context(), access.Actor{}, w.id, 1, "x", ""); problem.KindOf(err) != problem.Forbidden {
		t.Errorf("convened by nobody: %v", err)
	}
	_, err := w.s.Convene(t.Context(), conveneTeam, w.id, 1, "", "")
	refused(t, "warnings without a reason", err, problem.Invalid)
	_, err = w.s.Convene(t.Context(), conveneTeam, w.id, 7, "x", "")
	refused(t, "from an old page", err, problem.Conflict)

	// The chair is vacant, two members cannot be mailed; the guest who is a member
	// is convened once, the one of the spot not at all.
	if done := w.convene(); done != (SentTo{Recipients: 6, Mails: 4, NoAddress: 2}) {
		t.Errorf("sent %+v", done)
	}
	all := w.recipients()
	last := all[len(all)-1]
	if len(all) != 6 || all[0].Kind != Convocation || all[0].Group != "Partenaires institutionnels" || last.Kind != Invitation || last.SeatLabel != "Représentation de l’État" {
		t.Errorf("recipients %+v", all)
	}
	m, _, err := w.s.Load(t.Context(), conveneTeam, w.id)
	if err != nil || m.State != governance.Convened || !m.Announced || m.ConvenedAt == nil || m.Sequence != 1 || m.Version != 2 || m.ConveneReason == "" {
		t.Errorf("the meeting is %+v, %v", m, err)
	}
	if n := w.count(`SELECT count(*) FROM mail m JOIN river_job j ON j.id = m.job_id WHERE m.state = 'queued' AND m.kind = 'meeting_convocation'`); n != 4 {
		t.Errorf("%d mails with their job, want 4", n)
	}
	_, err = w.s.Convene(t.Context(), conveneTeam, w.id, 2, "x", "")
	refused(t, "a second click", err, problem.Conflict)
	if n := w.count(`SELECT count(*) FROM mail`); n != 4 {
		t.Errorf("a second click left %d mails", n)
	}
}

// A convening that does not commit leaves nothing: a kill -9 in the middle of it is
// a roll-back. One that commits leaves every mail with the job that sends it.
func TestConveneRolledBackLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newConveneWorld(t, 3)
	tx, err := w.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }() // a failed test must give its connection back
	inside := New(tx, w.s.outbox, w.s.baseURL)
	if _, err := inside.Convene(t.Context(), conveneTeam, w.id, 1, "Essai", ""); err != nil {
		t.Fatal(err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"convocation", "sending", "mail", "river_job", "convocation_link", "audit_entry"} {
		if n := w.count(`SELECT count(*) FROM ` + table); n != 0 {
			t.Errorf("%d rows left in %s", n, table)
		}
	}
}

func TestConveneTwoPeopleAtOnce(t *testing.T) {
	t.Parallel()
	w := newConveneWorld(t, 3)
	var wg sync.WaitGroup
	var done atomic.Int64
	for range 3 {
		wg.Go(func() {
			_, err := w.s.Convene(context.Background(), conveneTeam, w.id, 1, "Essai", "")
			switch {
			case err == nil:
				done.Add(1)
			case problem.KindOf(err) != problem.Conflict:
				t.Errorf("the other one: %v", err)
			}
		})
	}
	wg.Wait()
	if n := w.count(`SELECT count(*) FROM mail`); done.Load() != 1 || n != 3 {
		t.Errorf("%d sendings, %d mails", done.Load(), n)
	}
}

// Three hundred recipients take as many statements as three, and less than a second.
func TestConveneThreeHundred(t *testing.T) {
	t.Parallel()
	asks := map[int]int64{}
	for _, n := range []int{3, 300} {
		w := newConveneWorld(t, n)
		before, begin := w.asks.Load(), time.Now()
		if done := w.convene(); done.Mails != n {
			t.Fatalf("%d mails for %d", done.Mails, n)
		}
		asks[n] = w.asks.Load() - before
		t.Logf("%d recipients: %d statements, %s", n, asks[n], time.Since(begin))
	}
	if asks[3] != asks[300] {
		t.Errorf("statements: %v", asks)
	}
}

func TestSnapshotDifferencesAndNewcomers(t *testing.T) {
	t.Parallel()
	w := newConveneWorld(t, 4)
	w.exec(`UPDATE person SET email = '' WHERE last_name = 'N004'`)
	w.convene()
	all := w.recipients()
	if err := w.answer(all[0].ID, AnswerInput{Answer: WillCome}); err != nil {
		t.Fatal(err)
	}
	if err := w.answer(all[2].ID, AnswerInput{Answer: ProxyGiven, ProxyTo: all[0].ID}); err != nil {
		t.Fatal(err)
	}
	old := w.token(all[0].ID)
	// N001 is replaced, N002 leaves, N004 gives an address, a guest is added.
	w.exec(`UPDATE mandate SET during = daterange(lower(during), paris_today()) WHERE seat_id IN ($1, $2)`, all[0].Seat, all[1].Seat)
	w.exec(`WITH p AS (INSERT INTO person (first_name, last_name, email) VALUES ('Noa', 'Relève', 'releve@example.org') RETURNING id)
		INSERT INTO mandate (seat_id, person_id, kind, during, designation) SELECT $1, id, 'titular', daterange(paris_today(), NULL), 'Test' FROM p`, all[0].Seat)
	w.exec(`UPDATE person SET email = 'enfin@example.org' WHERE last_name = 'N004'`)
	w.exec(`INSERT INTO meeting_guest (meeting_id, role, name, email) VALUES ($1, 'expert', 'Sacha Experte', 'experte@example.org')`, w.id)

	v, err := w.s.Convening(t.Context(), conveneTeam, w.id, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, d := range v.Differences {
		got[d.Name] = d.Change
	}
	want := map[string]string{"Noa Relève": "replaced", "Alix N002": "left", "Alix N004": "address", "Sacha Experte": "new"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("differences %v, want %v", got, want)
	}
	done, err := w.s.ConveneNew(t.Context(), conveneTeam, w.id, "")
	if err != nil || done.Mails != 3 {
		t.Fatalf("convened %+v, %v", done, err)
	}
	// The seat has a new holder and no answer; the old link is closed; the proxy is to
	// be given again and its giver knows.
	after := w.recipients()
	if after[0].ID != all[0].ID || after[0].Name != "Noa Relève" || after[0].Answer != "" || after[2].Answer != "" || after[1].Name != "Alix N002" {
		t.Errorf("after: %+v", after)
	}
	_, err = w.s.PersonalByLink(t.Context(), old)
	refused(t, "the link of who left the seat", err, problem.Gone)
	if n := w.count(`SELECT count(*) FROM mail WHERE kind = 'meeting_change' AND to_address = 'membre-3@example.org'`); n != 1 {
		t.Errorf("the giver was told %d times", n)
	}
	_, err = w.s.ConveneNew(t.Context(), conveneTeam, w.id, "")
	refused(t, "a second time", err, problem.Conflict)
	// The proof keeps that the first mail of the seat went to somebody else.
	_, lines, err := w.s.Proof(t.Context(), conveneTeam, w.id, 1)
	if err != nil || lines[0].Name != "Noa Relève" || lines[0].ToName != "Alix N001" {
		t.Errorf("proof %+v, %v", lines[0], err)
	}
}

func TestAdditionSaysOnlyWhatIsNew(t *testing.T) {
	t.Parallel()
	w := newConveneWorld(t, 2)
	w.convene()
	_, err := w.s.SendAddition(t.Context(), conveneTeam, w.id, "")
	refused(t, "nothing added", err, problem.Conflict)
	w.exec(`INSERT INTO agenda_item (meeting_id, position, title, kind) VALUES ($1, 2, 'Budget <b>2027</b>', 'decision')`, w.id)
	w.exec(`WITH d AS (INSERT INTO document (name, media_type, size, sha256) VALUES ('note.pdf', 'application/pdf', 10, sha256('x')) RETURNING id)
		INSERT INTO meeting_document (meeting_id, document_id, title, audience) SELECT $1, d.id, a || ' document', a FROM d, unnest(ARRAY['members', 'team']) a`, w.id)
	done, err := w.s.SendAddition(t.Context(), conveneTeam, w.id, "Deux pièces s’ajoutent.")
	if err != nil || done.Mails != 2 {
		t.Fatalf("sent %+v, %v", done, err)
	}
	var text, html string
	if err := w.pool.QueryRow(t.Context(), `SELECT text_body, html_body FROM mail WHERE kind = 'meeting_addition' LIMIT 1`).Scan(&text, &html); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text, "Budget <b>2027</b>") || !strings.Contains(text, "members document") || strings.Contains(text, "Feuille de route") || strings.Contains(text, "team document") {
		t.Errorf("the mail says\n%s", text)
	}
	if strings.Contains(html, "<b>2027") {
		t.Errorf("a title is read as HTML\n%s", html)
	}
	_, err = w.s.SendAddition(t.Context(), conveneTeam, w.id, "")
	refused(t, "sent already", err, problem.Conflict)
}

func TestConvocationMailIsSafe(t *testing.T) {
	t.Parallel()
	w := newConveneWorld(t, 1)
	w.exec(`UPDATE person SET first_name = E'Alix\r\nBcc: x@example.org', last_name = '<script>alert(1)</script>'`)
	w.exec(`UPDATE meeting SET theme = '<i>Thème</i>'`)
	w.convene()
	var name, subject, html string
	err := w.pool.QueryRow(t.Context(), `SELECT to_name, subject, html_body FROM mail`).Scan(&name, &subject, &html)
	if err != nil || strings.ContainsAny(name+subject, "\r\n") || strings.Contains(html, "<script>") || strings.Contains(html, "<i>Thème") {
		t.Errorf("%v %q %q\n%s", err, name, subject, html)
	}
}

func TestChecklist(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	right := func() ConveneFacts {
		return ConveneFacts{
			Now: now, Meeting: Meeting{Body: governance.CMTIN, Kind: Session, StartsAt: now.AddDate(0, 0, 20), EndsAt: now.AddDate(0, 0, 20).Add(time.Hour),
				Place: "Salle", NoticeDays: 5, NeedsChairAndState: true},
			Items:     []Item{{ID: 1, Number: "1", Kind: ForDecision, Minutes: 20}, {ID: 2, Parent: 1, Minutes: 40}, {ID: 3, Kind: ForDecision, Minutes: 500, MovedTo: 9}},
			Documents: []Document{{ID: 1, Item: 1}},
			Planned:   []Recipient{{Name: "A", Chairs: true, Email: "a@example.org", Seat: 1}, {Name: "B", GuestRole: StateGuest, Email: "b@example.org", Guest: 1}},
		}
	}
	if n, blocked := Warnings(Checklist(right())); n != 0 || blocked != nil {
		t.Fatalf("a meeting in order: %+v", Checklist(right()))
	}
	for _, try := range []struct {
		key    string
		level  CheckLevel
		break_ func(*ConveneFacts)
	}{
		{"date", CheckBlocking, func(f *ConveneFacts) { f.Meeting.StartsAt = f.Now }},
		{"notice", CheckWarning, func(f *ConveneFacts) {
			f.Meeting.StartsAt = f.Now.AddDate(0, 0, 4)
			f.Meeting.EndsAt = f.Meeting.StartsAt.Add(time.Hour)
		}},
		{"notice", CheckOK, func(f *ConveneFacts) {
			f.Meeting.StartsAt = f.Now.AddDate(0, 0, 5)
			f.Meeting.EndsAt = f.Meeting.StartsAt.Add(time.Hour)
		}},
		{"place", CheckWarning, func(f *ConveneFacts) { f.Meeting.Place = "" }},
		{"place", CheckOK, func(f *ConveneFacts) { f.Meeting.Place, f.Meeting.VideoURL = "", "https://visio.example.org" }},
		{"agenda", CheckBlocking, func(f *ConveneFacts) { f.Items = f.Items[2:] }},
		{"duration", CheckWarning, func(f *ConveneFacts) { f.Items[1].Minutes = 41 }},
		{"documents", CheckWarning, func(f *ConveneFacts) { f.Documents[0].Item = 0 }},
		{"documents", CheckOK, func(f *ConveneFacts) { f.Documents[0].Item, f.Items[0].Origin = 0, "standing" }},
		{"recipients", CheckBlocking, func(f *ConveneFacts) { f.Planned = nil }},
		{"addresses", CheckWarning, func(f *ConveneFacts) { f.Planned[0].Email = "" }},
		{"chair", CheckWarning, func(f *ConveneFacts) {
			f.Planned = f.Planned[1:]
			f.Vacant = []VacantSeat{{SeatLabel: "Présidence", Chairs: true}}
		}},
		{"state", CheckWarning, func(f *ConveneFacts) { f.Planned = f.Planned[:1] }},
	} {
		f := right()
		try.break_(&f)
		checks := Checklist(f)
		i := slices.IndexFunc(checks, func(c ConveneCheck) bool { return c.Key == try.key })
		if i < 0 || checks[i].Level != try.level || checks[i].Detail == "" {
			t.Errorf("%s: %+v", try.key, checks)
		}
	}
	gni := right()
	gni.Meeting.Body, gni.Meeting.NeedsChairAndState, gni.Planned[0].Chairs = governance.GNI, false, false
	for _, c := range Checklist(gni) {
		if c.Key == "chair" || c.Key == "state" {
			t.Errorf("the GNI has no chair and owes no presence of the State: %+v", c)
		}
	}
}
