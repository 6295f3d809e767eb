package meeting

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// calendarWorld is a database with meetings written row by row: what a calendar shows does
// not depend on how the meeting came to be.
type calendarWorld struct {
	t  testing.TB
	db postgres.DB
	s  *Service
}

func newCalendarWorld(t testing.TB, db postgres.DB) *calendarWorld {
	return &calendarWorld{t, db, New(db, nil, "https://portail.example.org")}
}

// row inserts a row and returns its id.
func (a *calendarWorld) row(sql string, args ...any) int64 {
	a.t.Helper()
	var id int64
	if err := a.db.QueryRow(a.t.Context(), sql+" RETURNING id", args...).Scan(&id); err != nil {
		a.t.Fatalf("%s: %v", sql, err)
	}
	return id
}

// meeting inserts a meeting of the GNI in so many days.
func (a *calendarWorld) meeting(state governance.MeetingState, days int, announced bool) ID {
	a.t.Helper()
	convened := state != governance.Draft
	return ID(a.row(`
		INSERT INTO meeting (body, starts_at, ends_at, place, theme, state, announced, video_url, convened_at)
		VALUES ('gni', date_trunc('hour', now()) + make_interval(days => $1), date_trunc('hour', now()) + make_interval(days => $1, hours => 2),
		        'Salle Garonne', 'Santé ; bilan', $2, $3, 'https://visio.example.org/secret', CASE WHEN $4 THEN now() END)`,
		days, string(state), announced, convened))
}

func (a *calendarWorld) item(m ID, position int, title string) int64 {
	a.t.Helper()
	return a.row(`INSERT INTO agenda_item (meeting_id, position, title, kind) VALUES ($1, $2, $3, 'information')`, m, position, title)
}

// person is somebody with an account, acting in no role.
func (a *calendarWorld) person(name string) access.Actor {
	a.t.Helper()
	email := strings.ToLower(name) + "@example.org"
	p := a.row(`INSERT INTO person (first_name, last_name, email) VALUES ($1, 'Exemple', $2)`, name, email)
	account := a.row(`INSERT INTO account (person_id, email) VALUES ($1, $2)`, p, email)
	return access.Actor{Account: access.AccountID(account), Person: access.PersonID(p), Name: name, Email: email}
}

// convene makes the person a recipient, by a seat of their own.
func (a *calendarWorld) convene(m ID, by access.Actor, seat string) int64 {
	a.t.Helper()
	g := a.row(`INSERT INTO meeting_guest (meeting_id, role, name) VALUES ($1, 'guest', $2)`, m, by.Name)
	return a.row(`INSERT INTO convocation (meeting_id, kind, guest_id, person_id, name, seat_label, group_name)
		VALUES ($1, 'invitation', $2, $3, $4, $5, 'Personnes invitées')`, m, g, by.Person, by.Name, seat)
}

// events decodes a calendar by another library: its events by the meeting their
// URL leads to.
func (a *calendarWorld) events(text string, err error) map[ID]ical.Event {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
	c, err := ical.NewDecoder(strings.NewReader(text)).Decode()
	if err != nil {
		a.t.Fatalf("%v: %s", err, text)
	}
	found := map[ID]ical.Event{}
	for _, e := range c.Events() {
		var id ID
		if _, err := fmt.Sscanf(e.Props.Get("URL").Value, "https://portail.example.org/reunions/%d", &id); err != nil {
			a.t.Fatalf("URL %s: %v", e.Props.Get("URL").Value, err)
		}
		found[id] = e
	}
	return found
}

func icalText(e ical.Event, name string) string {
	s, _ := e.Props.Text(name)
	return s
}

func TestPublicCalendar(t *testing.T) {
	t.Parallel()
	a := newCalendarWorld(t, pgtest.Tx(t))
	if _, err := a.db.Exec(t.Context(), `DELETE FROM meeting`); err != nil {
		t.Fatal(err)
	}
	convened, draft := a.meeting(governance.Convened, 10, true), a.meeting(governance.Draft, 40, true)
	postponed, cancelled := a.meeting(governance.Postponed, 12, true), a.meeting(governance.Cancelled, 13, true)
	held, moved := a.meeting(governance.Published, -300, true), a.meeting(governance.Postponed, 14, true)
	hidden, old := a.meeting(governance.Draft, 20, false), a.meeting(governance.Published, -400, true)
	workshop := a.meeting(governance.Convened, 15, true)
	a.exec(`UPDATE meeting SET kind = 'workshop', body = 'communes' WHERE id = $1`, workshop)
	a.exec(`UPDATE meeting SET call_off_reason = 'Salle indisponible' WHERE id = $1`, cancelled)
	// The replacement takes the uid, as postponing to a date does.
	replacement := a.meeting(governance.Convened, 50, true)
	uid, err := postgres.Value[string](t.Context(), a.db, `SELECT uid::text FROM meeting WHERE id = $1`, moved)
	if err != nil {
		t.Fatal(err)
	}
	a.exec(`UPDATE meeting SET uid = gen_random_uuid() WHERE id = $1`, moved)
	a.exec(`UPDATE meeting SET replaces_id = $2, uid = $3, sequence = 1 WHERE id = $1`, replacement, moved, uid)
	point := a.item(convened, 1, "Accueil, suivi")
	a.exec(`INSERT INTO agenda_item (meeting_id, parent_id, position, title, kind) VALUES ($1, $2, 1, 'Sous-point', 'information')`, convened, point)
	a.exec(`INSERT INTO agenda_item (meeting_id, position, title, kind, moved_to_id) VALUES ($1, 2, 'Point reporté', 'information', $2)`, convened, a.item(replacement, 1, "Point reporté"))
	a.item(draft, 1, "Pas encore public")

	text, err := a.s.Calendar(t.Context(), "")
	got := a.events(text, err)
	if strings.Contains(text, "visio") || strings.Contains(text, "Pas encore public") {
		t.Errorf("the public reads what is not public:\n%s", text)
	}
	var ids []ID
	for id := range got {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	want := []ID{convened, draft, postponed, cancelled, held, workshop, replacement}
	if slices.Sort(want); !slices.Equal(ids, want) {
		t.Fatalf("meetings %v, want %v: not %d (moved), %d (hidden), %d (old)", ids, want, moved, hidden, old)
	}
	for id, w := range map[ID][4]string{
		convened:    {"CONFIRMED", "Réunion du GNI", "Salle Garonne", "Thème\u00a0: Santé\u202f; bilan\nOrdre du jour\u00a0:\n1. Accueil, suivi"},
		draft:       {"TENTATIVE", "Réunion du GNI", "", "Date annoncée\u00a0: la convocation n’est pas encore envoyée."},
		postponed:   {"CANCELLED", "Annulé\u00a0: Réunion du GNI", "Salle Garonne", "Cette réunion est reportée. La nouvelle date n’est pas encore fixée.\nThème\u00a0: Santé\u202f; bilan"},
		cancelled:   {"CANCELLED", "Annulé\u00a0: Réunion du GNI", "Salle Garonne", "Cette réunion est annulée.\nMotif\u00a0: Salle indisponible\nThème\u00a0: Santé\u202f; bilan"},
		workshop:    {"CONFIRMED", "Atelier de concertation du Comité des communes", "Salle Garonne", "Thème\u00a0: Santé\u202f; bilan"},
		replacement: {"CONFIRMED", "Réunion du GNI", "Salle Garonne", "Thème\u00a0: Santé\u202f; bilan\nOrdre du jour\u00a0:\n1. Point reporté"},
	} {
		e := got[id]
		if g := [4]string{icalText(e, "STATUS"), icalText(e, "SUMMARY"), icalText(e, "LOCATION"), icalText(e, "DESCRIPTION")}; g != w {
			t.Errorf("meeting %d:\n%q, want\n%q", id, g, w)
		}
	}
	if e := got[replacement]; icalText(e, "UID") != uid+"@portail.example.org" || e.Props.Get("SEQUENCE").Value != "1" {
		t.Errorf("the new date is %s, want the event %s to move", icalText(e, "UID"), uid)
	}
	if communes := a.events(a.s.Calendar(t.Context(), governance.Communes)); len(communes) != 1 || icalText(communes[workshop], "UID") == "" {
		t.Errorf("calendar of the communes: %v", communes)
	}
	if _, err := a.s.Calendar(t.Context(), "inconnue"); problem.KindOf(err) != problem.NotFound {
		t.Errorf("calendar of no body: %v", err)
	}
	if again, err := a.s.Calendar(t.Context(), ""); err != nil || again != text {
		t.Errorf("the same meetings give another text (%v): no tag could hold", err)
	}
}

func (a *calendarWorld) exec(sql string, args ...any) {
	a.t.Helper()
	if _, err := a.db.Exec(a.t.Context(), sql, args...); err != nil {
		a.t.Fatalf("%s: %v", sql, err)
	}
}

func TestOneCalendar(t *testing.T) {
	t.Parallel()
	a := newCalendarWorld(t, pgtest.Tx(t))
	m, hidden := a.meeting(governance.Convened, 10, true), a.meeting(governance.Draft, 10, false)
	a.item(m, 1, "Accueil")
	guest, other := a.person("Alix"), a.person("Sacha")
	a.convene(m, guest, "Experte")
	team := access.Actor{Account: 1, Person: 1, Acting: access.Capacity{Role: access.Team}}
	for name, c := range map[string]struct {
		by   access.Actor
		sees bool
	}{"public": {access.Actor{}, false}, "another": {other, false}, "guest": {guest, true}, "team": {team, true}} {
		text, err := a.s.OneCalendar(t.Context(), c.by, m)
		e := a.events(text, err)[m]
		if got := strings.Contains(icalText(e, "DESCRIPTION"), "https://visio.example.org/secret"); got != c.sees || !strings.Contains(icalText(e, "DESCRIPTION"), "1. Accueil") {
			t.Errorf("%s: video link %v, want %v: %q", name, got, c.sees, icalText(e, "DESCRIPTION"))
		}
		if _, err := a.s.OneCalendar(t.Context(), c.by, hidden); (problem.KindOf(err) == problem.NotFound) != (name != "team") {
			t.Errorf("%s, a meeting not announced: %v", name, err)
		}
	}
	a.exec(`UPDATE meeting SET place = '' WHERE id = $1`, m)
	if e := a.events(a.s.OneCalendar(t.Context(), guest, m))[m]; icalText(e, "LOCATION") != "https://visio.example.org/secret" {
		t.Errorf("a meeting by video is at %q", icalText(e, "LOCATION"))
	}
}

func TestPersonalCalendar(t *testing.T) {
	t.Parallel()
	a := newCalendarWorld(t, pgtest.Tx(t))
	ctx := t.Context()
	mine, other := a.meeting(governance.Convened, 10, true), a.meeting(governance.Convened, 11, true)
	off := a.meeting(governance.Cancelled, 12, true)
	by := a.person("Alix")
	c := a.convene(mine, by, "Maire")
	a.convene(off, by, "Maire")
	if link, err := a.s.MyCalendarLink(ctx, by); link != nil || err != nil {
		t.Errorf("a link before any was made: %v, %v", link, err)
	}
	address, err := a.s.RenewCalendarLink(ctx, by)
	if err != nil {
		t.Fatal(err)
	}
	read := func(address string) (string, error) {
		token, ok := strings.CutPrefix(address, "https://portail.example.org/agenda/")
		if !ok || !strings.HasSuffix(token, ".ics") {
			t.Fatalf("address %s", address)
		}
		return a.s.CalendarOf(ctx, strings.TrimSuffix(token, ".ics"))
	}
	got := a.events(read(address))
	if d := icalText(got[mine], "DESCRIPTION"); len(got) != 2 || !strings.Contains(d, "https://visio.example.org/secret") || !strings.Contains(d, "Votre réponse\u00a0: Sans réponse") {
		t.Errorf("my calendar: %d meetings, %q; want mine and the one called off, not %d", len(got), d, other)
	}
	if strings.Contains(icalText(got[off], "DESCRIPTION"), "visio") {
		t.Error("a meeting called off still gives its link")
	}
	a.exec(`UPDATE convocation SET answer = 'remote', answered_at = now() WHERE id = $1`, c)
	a.convene(mine, by, "Élue communautaire")
	if d := icalText(a.events(read(address))[mine], "DESCRIPTION"); !strings.Contains(d, "Votre réponse (Maire)\u00a0: À distance\nVotre réponse (Élue communautaire)\u00a0: Sans réponse") {
		t.Errorf("two seats: %q", d)
	}
	if link, err := a.s.MyCalendarLink(ctx, by); err != nil || link == nil || link.ReadAt == nil {
		t.Errorf("link %+v, %v; want it seen read", link, err)
	}
	// No longer of the meeting: no longer in the calendar, whatever the address was made for.
	a.exec(`UPDATE convocation SET person_id = NULL WHERE person_id = $1`, by.Person)
	if got := a.events(read(address)); len(got) != 0 {
		t.Errorf("who is of no meeting reads %d", len(got))
	}
	second, err := a.s.RenewCalendarLink(ctx, by)
	if err != nil || second == address {
		t.Fatalf("renewed %s, %v", second, err)
	}
	_, revoked := read(address)
	_, unknown := a.s.CalendarOf(ctx, "inconnu")
	for name, err := range map[string]error{"revoked": revoked, "unknown": unknown} {
		if problem.KindOf(err) != problem.NotFound || !strings.Contains(err.Error(), "Mon agenda") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := read(second); err != nil {
		t.Errorf("the new address: %v", err)
	}
	a.exec(`UPDATE account SET disabled_at = now() WHERE person_id = $1`, by.Person)
	if _, err := read(second); problem.KindOf(err) != problem.NotFound {
		t.Errorf("the address of who has no account any more: %v", err)
	}
	a.exec(`UPDATE account SET disabled_at = NULL WHERE person_id = $1`, by.Person)
	for range 2 {
		if err := a.s.RevokeCalendarLink(ctx, by); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := read(second); problem.KindOf(err) != problem.NotFound {
		t.Errorf("stopped: %v", err)
	}
	acts, err := postgres.Values[string](ctx, a.db, `SELECT action FROM audit_entry WHERE object = 'person' AND object_id = $1 ORDER BY id`, by.Person)
	if err != nil || fmt.Sprint(acts) != "[calendar.create calendar.renew calendar.revoke]" {
		t.Errorf("journal %v, %v", acts, err)
	}
	kept, err := postgres.Value[int](ctx, a.db, `SELECT count(*) FROM calendar_link WHERE encode(token_hash, 'escape') LIKE '%' || $1 || '%'`, address[len(address)-12:len(address)-4])
	if err != nil || kept != 0 {
		t.Errorf("the token itself is kept: %d, %v", kept, err)
	}
	for name, err := range map[string]error{
		"renew": func() error { _, err := a.s.RenewCalendarLink(ctx, access.Actor{}); return err }(), "revoke": a.s.RevokeCalendarLink(ctx, access.Actor{}),
	} {
		if problem.KindOf(err) != problem.Forbidden {
			t.Errorf("%s by nobody: %v", name, err)
		}
	}
}

// TestRenewTogether: two renewals at once leave one address in use.
func TestRenewTogether(t *testing.T) {
	t.Parallel()
	a := newCalendarWorld(t, pgtest.Pool(t))
	by := a.person("Alix")
	var together sync.WaitGroup
	for range 4 {
		together.Go(func() {
			if _, err := a.s.RenewCalendarLink(t.Context(), by); err != nil {
				t.Error(err)
			}
		})
	}
	together.Wait()
	n, err := postgres.Value[int](t.Context(), a.db, `SELECT count(*) FROM calendar_link WHERE revoked_at IS NULL`)
	if err != nil || n != 1 {
		t.Errorf("%d addresses in use, %v", n, err)
	}
}

// TestEventOf: what mails and pages share needs no database.
func TestEventOf(t *testing.T) {
	t.Parallel()
	s := New(nil, nil, "https://portail.example.org")
	start := day.Of(2026, time.December, 10).At(9, 0)
	m := Meeting{ID: 7, Body: governance.CMTIN, Kind: Session, StartsAt: start, EndsAt: start.Add(3 * time.Hour), Place: "Salle du Conseil", VideoURL: "https://visio.example.org/o'x",
		State: governance.Convened, UID: "u", Sequence: 2, ChangedAt: start}
	items := []Item{{ID: 1, Number: "1", Title: "Accueil"}, {ID: 2, Parent: 1, Number: "1.1", Title: "Mot"}, {ID: 3, Number: "2", Title: "Ailleurs", MovedTo: 9}}
	in, out := s.EventOf(m, true, items...), s.EventOf(m, false)
	if in.Description != "Visioconférence\u00a0: https://visio.example.org/o'x\nOrdre du jour\u00a0:\n1. Accueil" || out.Description != "" {
		t.Errorf("inside %q, outside %q", in.Description, out.Description)
	}
	if in.UID != "u@portail.example.org" || in.URL != "https://portail.example.org/reunions/7" || in.Summary != "Séance du CMTIN" || in.Sequence != 2 || in.Location != "Salle du Conseil" {
		t.Errorf("%+v", in)
	}
	m.State, m.ReplacedByID = governance.Postponed, 8
	if e := s.EventOf(m, true, items...); !e.Cancelled || e.Description != "Cette réunion est reportée à une autre date." || e.Location != "" {
		t.Errorf("put off before it was convened: %+v", e)
	}
}
