package meeting

import (
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// planWorld is meetings of its own for one test, with two partners in office.
type planWorld struct {
	t     testing.TB
	s     *Service
	db    postgres.DB
	today day.Day
}

var planTeam = access.Actor{Account: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}, RequestID: "test"}

func newPlanWorld(t testing.TB) *planWorld {
	t.Helper()
	pool := pgtest.Pool(t)
	jobs, err := notify.NewInserter(pool)
	if err != nil {
		t.Fatal(err)
	}
	w := &planWorld{t: t, db: pool, s: New(pool, notify.NewOutbox(jobs), "https://portail.example.org")}
	w.exec(`INSERT INTO person (first_name, last_name, email) VALUES ('Ana', 'Un', 'ana@example.org'), ('Bo', 'Deux', 'bo@example.org'), ('Cé', 'Trois', '')`)
	w.exec(`INSERT INTO organisation (kind, name) VALUES ('partner', 'Partenaire A'), ('partner', 'Partenaire B'), ('partner', 'Partenaire C'), ('state_service', 'Préfecture test')`)
	w.exec(`INSERT INTO seat (kind, organisation_id, label, during) SELECT 'partner', id, 'Siège de ' || name, daterange('2020-01-01', NULL) FROM organisation WHERE name LIKE 'Partenaire _'`)
	w.exec(`INSERT INTO mandate (seat_id, person_id, kind, during, designation)
		SELECT s.id, p.id, 'titular', daterange('2020-01-01', NULL), 'Désignation' FROM seat s JOIN organisation o ON o.id = s.organisation_id
		JOIN person p ON (o.name, p.last_name) IN (('Partenaire A', 'Un'), ('Partenaire B', 'Deux'), ('Partenaire C', 'Trois'))`)
	w.today, err = postgres.Value[day.Day](t.Context(), pool, `SELECT paris_today()`)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *planWorld) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.db.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
}

func (w *planWorld) number(sql string, args ...any) (n int) {
	w.t.Helper()
	if err := w.db.QueryRow(w.t.Context(), sql, args...).Scan(&n); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func (w *planWorld) slot(days int) Slot {
	d := w.today.AddDays(days)
	return Slot{d.At(14, 0), d.At(16, 30)}
}

func (w *planWorld) plan(body governance.BodyCode, days int) Plan {
	return Plan{Body: body, Kind: Session, Slot: w.slot(days), Place: "Hôtel de Métropole", Theme: "Médiation"}
}

func (w *planWorld) create(p Plan) Meeting {
	w.t.Helper()
	id, err := w.s.Create(w.t.Context(), planTeam, p)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.load(id)
}

func (w *planWorld) load(id ID) Meeting {
	w.t.Helper()
	m, _, err := w.s.Load(w.t.Context(), planTeam, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

// convene makes the meeting one that was convened, with the people of its body.
func (w *planWorld) convene(id ID) {
	w.t.Helper()
	w.exec(`INSERT INTO convocation (meeting_id, kind, seat_id, person_id, name, seat_label, group_name, email)
		SELECT m.id, 'convocation', c.seat_id, c.person_id, c.first_name || ' ' || c.last_name, c.seat_label, c.group_name, p.email
		FROM meeting m, composition(m.body, paris_today()) c JOIN person p ON p.id = c.person_id WHERE m.id = $1 AND c.counted`, id)
	w.exec(`UPDATE meeting SET state = 'convened', announced = true, convened_at = now(), version = version + 1 WHERE id = $1`, id)
}

// TestPlanDates: a plan is accepted if and only if its slot is to come, ordered, and
// within one day of Paris.
func TestPlanDates(t *testing.T) {
	t.Parallel()
	now := day.Of(2026, 11, 23).At(12, 0)
	rapid.Check(t, func(t *rapid.T) {
		from := now.Add(time.Duration(rapid.IntRange(-60*24*200, 60*24*200).Draw(t, "from")) * time.Minute)
		to := from.Add(time.Duration(rapid.IntRange(-300, 1800).Draw(t, "minutes")) * time.Minute)
		p := Plan{Body: governance.GNI, Kind: Session, Slot: Slot{from, to}, Place: "Ici"}
		want := from.After(now) && to.After(from) && from.In(day.Paris).YearDay() == to.In(day.Paris).YearDay() && from.In(day.Paris).Year() == to.In(day.Paris).Year()
		if got := p.check(now, false) == nil; got != want {
			t.Fatalf("%v to %v: accepted %v, want %v", from, to, got, want)
		}
		if from.Before(now) && to.After(from) && day.In(from) == day.In(to) && p.check(now, true) != nil {
			t.Fatalf("a date already fixed is refused: %v", from)
		}
	})
}

func TestPlanRefusals(t *testing.T) {
	t.Parallel()
	now := day.Of(2026, 11, 23).At(12, 0)
	good := Plan{Body: governance.GNI, Kind: Session, Slot: Slot{now.Add(24 * time.Hour), now.Add(25 * time.Hour)}, Place: "Ici"}
	for name, c := range map[string]struct {
		field  string
		change func(*Plan)
	}{
		"body":           {"instance", func(p *Plan) { p.Body = "conseil" }},
		"kind":           {"nature", func(p *Plan) { p.Kind = "" }},
		"nowhere":        {"lieu", func(p *Plan) { p.Place = "" }},
		"http":           {"visio", func(p *Plan) { p.VideoURL = "http://visio.example.org/a" }},
		"script":         {"visio", func(p *Plan) { p.VideoURL = "javascript:alert(1)" }},
		"line in a link": {"visio", func(p *Plan) { p.VideoURL = "https://visio.example.org/a\r\nX: y" }},
		"no host":        {"visio", func(p *Plan) { p.VideoURL = "https:///a" }},
		"long theme":     {"theme", func(p *Plan) { p.Theme = strings.Repeat("é", 201) }},
		"no date":        {"date", func(p *Plan) { p.Slot = Slot{} }},
	} {
		p := good
		c.change(&p)
		e, ok := p.check(now, false).(*problem.Error)
		if !ok || e.Field != c.field {
			t.Errorf("%s: %v, want a refusal on %s", name, e, c.field)
		}
	}
	good.Place, good.VideoURL, good.Theme = "", "https://visio.example.org/salle?x=1", strings.Repeat("é", 200)
	if err := good.check(now, false); err != nil {
		t.Errorf("a meeting at a distance is refused: %v", err)
	}
}

func TestCreateBringsStandingPointsAndGuests(t *testing.T) {
	t.Parallel()
	w := newPlanWorld(t)
	w.exec(`INSERT INTO membership (person_id, organisation_id, during) SELECT p.id, o.id, daterange('2020-01-01', NULL) FROM person p, organisation o WHERE p.last_name = 'Deux' AND o.name = 'Préfecture test'`)
	choices, err := w.s.Choices(t.Context(), planTeam)
	if err != nil || len(choices.Bodies) != 4 || len(choices.State) != 1 {
		t.Fatalf("choices: %+v, %v", choices, err)
	}
	p := w.plan(governance.CMTIN, 40)
	p.State.Person = choices.State[0].ID
	p.Expert = GuestInput{Name: "Dominique Experte", Organisation: "ANCT", Email: "experte@example.org"}
	m := w.create(p)
	items, err := w.s.Items(t.Context(), w.db, m.ID)
	if err != nil || len(items) != 3 || items[0].Origin != "standing" || items[2].Title != "Questions diverses" {
		t.Fatalf("agenda: %+v, %v", items, err)
	}
	hub, err := w.s.Hub(t.Context(), planTeam, m.ID)
	if err != nil || len(hub.Guests) != 2 || hub.Guests[0].Name != "Bo Deux" || hub.Guests[0].Organisation != "Préfecture test" || hub.LacksState() {
		t.Fatalf("hub: %+v, %v", hub.Guests, err)
	}
	if err := w.s.RemoveGuest(t.Context(), planTeam, m.ID, hub.Guests[0].ID); err != nil {
		t.Fatal(err)
	}
	if hub, _ = w.s.Hub(t.Context(), planTeam, m.ID); !hub.LacksState() {
		t.Error("a CMTIN without the State raises no warning")
	}
	if _, err := w.s.AddGuest(t.Context(), planTeam, m.ID, OtherGuest, GuestInput{Name: "X", Email: "experte@example.org"}); problem.KindOf(err) != problem.Invalid {
		t.Errorf("an address invited twice: %v", err)
	}
	w.exec(`UPDATE agenda_item SET position = position + 1 WHERE meeting_id = $1 AND position = 3`, m.ID)
	w.exec(`INSERT INTO agenda_item (meeting_id, position, title, kind) VALUES ($1, 3, 'Feuille de route', 'decision')`, m.ID)
	w.exec(`INSERT INTO agenda_item (meeting_id, parent_id, position, title, kind) SELECT meeting_id, id, 1, 'Le budget', 'discussion' FROM agenda_item WHERE title = 'Feuille de route'`)
	copied, err := w.s.Duplicate(t.Context(), planTeam, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	copied.Slot = w.slot(80)
	items, err = w.s.Items(t.Context(), w.db, w.create(copied).ID)
	if err != nil || len(items) != 5 || items[3].Number != "3.1" || items[3].Title != "Le budget" || items[2].Origin != "" {
		t.Fatalf("copied agenda: %+v, %v", items, err)
	}
}

func TestOnlyTheTeamPlans(t *testing.T) {
	t.Parallel()
	w := newPlanWorld(t)
	m := w.create(w.plan(governance.GNI, 40))
	mayor := access.Actor{Account: 2, Person: 1, Acting: access.Capacity{Role: access.Mayor}}
	if _, err := w.s.Create(t.Context(), mayor, w.plan(governance.GNI, 41)); problem.KindOf(err) != problem.Forbidden {
		t.Errorf("a mayor plans: %v", err)
	}
	if _, err := w.s.Read(t.Context(), access.Actor{}, m.ID, nil); problem.KindOf(err) != problem.NotFound {
		t.Errorf("the public reads what nobody announced: %v", err)
	}
	if l, err := w.s.Public(t.Context(), ListFilter{}, 1); err != nil || l.Total != 0 {
		t.Errorf("public list: %+v, %v", l, err)
	}
	if err := w.s.Announce(t.Context(), planTeam, m.ID, m.Version); err != nil {
		t.Fatal(err)
	}
	v, err := w.s.Read(t.Context(), access.Actor{}, m.ID, nil)
	if err != nil || v.Place != "" || v.Theme != "" || len(v.Items) != 0 {
		t.Errorf("a date announced says too much: %+v, %v", v, err)
	}
}

// TestTwoPeopleUpdate: of two changes made from the same page, one is refused.
func TestTwoPeopleUpdate(t *testing.T) {
	t.Parallel()
	w := newPlanWorld(t)
	m := w.create(w.plan(governance.GNI, 40))
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i, theme := range []string{"Un", "Deux"} {
		p := w.plan(governance.GNI, 40)
		p.Theme = theme
		wg.Go(func() { errs[i] = w.s.Update(t.Context(), planTeam, m.ID, m.Version, p) })
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || problem.KindOf(errs[0]) != problem.Conflict && problem.KindOf(errs[1]) != problem.Conflict {
		t.Errorf("two updates: %v, want one accepted and one conflict", errs)
	}
}

func TestChangeOfAConvenedMeetingIsToldOnce(t *testing.T) {
	t.Parallel()
	w := newPlanWorld(t)
	m := w.create(w.plan(governance.Partners, 40))
	w.convene(m.ID)
	m = w.load(m.ID)
	p := w.plan(governance.Partners, 40)
	p.Theme = "Autre thème"
	if l, err := w.s.PreviewUpdate(t.Context(), planTeam, m.ID, m.Version, p); err != nil || len(l.Changes) != 0 {
		t.Fatalf("a theme is told: %+v, %v", l, err)
	}
	p.Place, p.Slot = "Rocher de Palmer", w.slot(47)
	l, err := w.s.PreviewUpdate(t.Context(), planTeam, m.ID, m.Version, p)
	if err != nil || len(l.Changes) != 2 || l.To != 2 || l.NoAddress != 1 {
		t.Fatalf("preview: %+v, %v", l, err)
	}
	if n := w.number(`SELECT count(*) FROM mail`); n != 0 {
		t.Fatalf("a preview sent %d mails", n)
	}
	if err := w.s.Update(t.Context(), planTeam, m.ID, m.Version, p); err != nil {
		t.Fatal(err)
	}
	after := w.load(m.ID)
	if after.Sequence != m.Sequence+1 || after.UID != m.UID || !after.ChangedAt.After(m.ChangedAt) {
		t.Errorf("calendar: %d → %d, uid %s → %s", m.Sequence, after.Sequence, m.UID, after.UID)
	}
	if n := w.number(`SELECT count(*) FROM mail WHERE kind = 'meeting_change' AND text_body LIKE '%Rocher de Palmer%' AND text_body LIKE '%Hôtel de Métropole%'`); n != 2 {
		t.Errorf("%d mails say the old and the new, want 2", n)
	}
	if n := w.number(`SELECT count(*) FROM sending_to t JOIN sending s ON s.id = t.sending_id WHERE s.kind = 'change'`); n != 3 {
		t.Errorf("%d lines of proof, want 3", n)
	}
}

func TestSearchAndLists(t *testing.T) {
	t.Parallel()
	w := newPlanWorld(t)
	m := w.create(w.plan(governance.Partners, 40))
	w.exec(`INSERT INTO agenda_item (meeting_id, position, title, kind) VALUES ($1, 9, 'Conseillers numériques', 'discussion')`, m.ID)
	if h, err := w.search("conseillers"); err != nil || len(h) != 0 {
		t.Fatalf("an agenda not convened is found: %+v, %v", h, err)
	}
	w.convene(m.ID)
	if h, err := w.search("CONSEILLERS numeriques"); err != nil || len(h) != 1 || h[0].Point != "Conseillers numériques" {
		t.Fatalf("search: %+v, %v", h, err)
	}
	ana := access.PersonID(w.number(`SELECT id FROM person WHERE last_name = 'Un'`))
	l, err := w.s.Mine(t.Context(), access.Actor{Account: 5, Person: ana}, 1)
	if err != nil || len(l.Lines) != 1 || !l.Lines[0].Asks() {
		t.Fatalf("mine: %+v, %v", l, err)
	}
	v, err := w.s.Read(t.Context(), access.Actor{Account: 5, Person: ana}, m.ID, nil)
	if err != nil || v.Sight != Inside || v.Own == nil || len(v.Items) != 4 {
		t.Fatalf("read: %+v, %v", v, err)
	}
	team, err := w.s.Team(t.Context(), planTeam, ListFilter{Phase: ToHold, Body: governance.Partners, Year: m.Day().Year()}, 1)
	if err != nil || len(team.Lines) != 1 || team.Lines[0].Convened != 3 {
		t.Fatalf("team: %+v, %v", team, err)
	}
}

// search looks for words in what the public may know.
func (w *planWorld) search(q string) ([]Hit, error) {
	var (
		hits []Hit
		b    postgres.Batch
	)
	AddSearch(&b, &hits, q)
	return hits, b.Run(w.t.Context(), w.s.db)
}
