package governance

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.db.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
}

func (w *world) meeting(body BodyCode, on day.Day, state MeetingState, chairAndState bool) MeetingID {
	w.t.Helper()
	id, err := postgres.Value[MeetingID](w.t.Context(), w.db, `
		INSERT INTO meeting (body, starts_at, ends_at, place, theme, state, chair_present, state_present, announced)
		VALUES ($1, $2, $3, 'Hôtel de métropole', 'Thème', $4, $5, $5, true) RETURNING id`, body, on.At(10, 0), on.At(12, 0), state, chairAndState)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func TestHomeAndBodies(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.partner("Bailleur", d(2025, 1, 1), "")
	chair := w.start(w.mandate(w.seat(President), "Présidente", d(2025, 1, 1)))
	both := w.mandate(w.seat(Councillor), "", d(2025, 1, 1))
	both.Person = PersonInput{ID: chair.Person.ID} // one person, two seats of the CMTIN
	w.start(both)
	year := w.today.Year()
	w.meeting(CMTIN, day.Of(year, 1, 15), Held, false) // does not count: nobody recorded present
	w.meeting(GNI, day.Of(year, 1, 16), Published, false)
	w.meeting(GNI, day.Of(year, 1, 17), Cancelled, false)
	w.meeting(GNI, day.Of(year-1, 12, 31), Held, false)
	w.meeting(Communes, w.today.AddDays(1), Draft, false)
	w.meeting(CMTIN, w.today.AddDays(2), Convened, false)
	w.meeting(GNI, w.today.AddDays(3), Convened, false)
	w.meeting(Partners, w.today.AddDays(400), Convened, false)

	home, err := w.s.Home(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if home.Today != w.today || len(home.Bodies) != 4 || len(home.Next) != 3 {
		t.Fatalf("home: %+v", home)
	}
	cmtin := home.Bodies[0]
	if cmtin.Code != CMTIN || cmtin.Counts != (Counts{Seats: 41, Vacant: 38, Persons: 2}) || cmtin.Cadence.Held != 0 {
		t.Errorf("CMTIN: %+v", cmtin)
	}
	if gni := home.Bodies[2]; gni.Cadence.Held != 1 || gni.Cadence.Owed != 3 {
		t.Errorf("GNI: %+v", gni)
	}
	if n := home.Next[0]; n.Body != Communes || n.Place != "" || n.Theme != "" || !n.Planned() || n.Day() != w.today.AddDays(1) {
		t.Errorf("a draft shows neither place nor theme: %+v", n)
	}
	for _, m := range home.Marks {
		if m.Day().Year() != year || m.Counts != (m.Body == GNI && m.State == Published) {
			t.Errorf("mark %+v", m)
		}
	}
	bodies, err := w.s.Bodies(t.Context())
	if err != nil || len(bodies) != 4 {
		t.Fatalf("bodies: %+v, %v", bodies, err)
	}
	if b := bodies[0]; b.Chair.Name() != "Alix Présidente" || b.Last == nil || b.Next == nil || b.Counts != cmtin.Counts {
		t.Errorf("CMTIN in the list: %+v", b)
	}
	if b := bodies[2]; b.Chair != nil || b.Last == nil || b.Last.State != Published {
		t.Errorf("GNI in the list: %+v", b)
	}
}

func TestBodyPage(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for i := range 60 {
		college := Colleges[i%2]
		if _, err := w.s.addStructure(t.Context(), college, NewPartner{
			Name: fmt.Sprintf("Médiathèque %02d", i), From: d(2025, 1, 1), Designation: "Inscription",
			Titular: &PersonInput{First: "Alix", Last: fmt.Sprintf("Structure %02d", i)}}); err != nil {
			t.Fatal(err)
		}
	}
	page := func(q BodyQuery) BodyPage {
		t.Helper()
		p, err := w.s.BodyPage(t.Context(), GNI, q)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := page(BodyQuery{})
	if p.On != w.today || p.Persons != 60 || len(p.Groups) != 1 || len(p.Groups[0].Lines) != 50 || p.Paging != (postgres.Paging{Page: 1, Pages: 2, Total: 60}) {
		t.Errorf("first page: %d persons, %d groups, %+v", p.Persons, len(p.Groups), p.Paging)
	}
	if p.Chair != nil || len(p.Settings) != 5 || p.Settings[0].Say() != "5\u00a0jours" || p.Settings[1].Say() != "sans objet" || p.Founding.Cadence.Text == "" {
		t.Errorf("chair %+v, settings %+v", p.Chair, p.Settings)
	}
	p = page(BodyQuery{Page: 2})
	if l := p.Groups[0].Lines; len(l) != 10 || l[0].OrganisationName != "Médiathèque 50" {
		t.Errorf("second page: %d lines", len(l))
	}
	p = page(BodyQuery{College: DigitalMediation, Q: "MEDIATHEQUE 0"})
	if l := p.Groups[0].Lines; len(l) != 5 || l[0].College != DigitalMediation || p.Paging.Total != 5 || p.Persons != 60 || !p.Filtered() {
		t.Errorf("filtered: %+v", l)
	}
	if p = page(BodyQuery{Page: 1 << 40}); len(p.Groups[0].Lines) != 0 {
		t.Errorf("an absurd page has %d lines", len(p.Groups[0].Lines))
	}
	if p = page(BodyQuery{On: d(2024, 12, 5)}); !p.BeforeFounding || len(p.Groups) != 0 || p.Seats != 0 {
		t.Errorf("the day before: %+v", p)
	}
	if p = page(BodyQuery{On: d(2024, 12, 6)}); p.BeforeFounding || len(p.Groups) != 1 || p.Groups[0].Seats != 0 {
		t.Errorf("the day itself: %+v", p)
	}
	if len(page(BodyQuery{}).Colleges) != 2 {
		t.Error("colleges are not counted")
	}
	cmtin, err := w.s.BodyPage(t.Context(), CMTIN, BodyQuery{})
	if err != nil || cmtin.Chair == nil || cmtin.Chair.State != Vacant || len(cmtin.Groups) != 5 || cmtin.Groups[2].Seats != 0 {
		t.Errorf("CMTIN: %+v, %v", cmtin, err)
	}
	for _, f := range []func() error{
		func() error { _, err := w.s.BodyPage(t.Context(), "bureau", BodyQuery{}); return err },
		func() error { _, err := w.s.CompositionRows(t.Context(), "bureau", BodyQuery{}); return err },
		func() error { _, err := w.s.Differences(t.Context(), "bureau", day.Day{}, day.Day{}); return err },
	} {
		wantProblem(t, "an unknown body", f(), problem.NotFound, "")
	}
}

func TestCommunePages(t *testing.T) {
	t.Parallel()
	w := setup(t)
	seat := w.sheet()["33039"].Seat
	w.start(w.mandate(seat, "Premier", d(2025, 1, 1)))
	m := w.mandate(seat, "Second", d(2026, 3, 28))
	m.ReplacesCurrent, m.TermEndsOn = true, w.today
	w.start(m)
	tiles, err := w.s.Communes(t.Context())
	if err != nil || len(tiles) != 28 || tiles[0].Name != "Ambarès-et-Lagrave" {
		t.Fatalf("communes: %+v, %v", tiles, err)
	}
	for _, c := range tiles {
		if (c.INSEE == "33039") != (c.State == CarriedOver) || (c.Mayor == "") != (c.State == Vacant) {
			t.Errorf("tile %+v", c)
		}
	}
	p, err := w.s.CommunePage(t.Context(), "33039")
	if err != nil || p.Name != "Bègles" || p.Mayor.Name() != "Alix Second" || len(p.Past) != 1 || p.Past[0].Until != d(2026, 3, 28) {
		t.Errorf("Bègles: %+v, %v", p, err)
	}
	_, err = w.s.CommunePage(t.Context(), "75056")
	wantProblem(t, "an unknown code", err, problem.NotFound, "")
}

func TestSeats(t *testing.T) {
	t.Parallel()
	w := setup(t)
	j := w.partner("Énergie", d(2025, 1, 1), "Suppléante")
	list := func(f SeatFilter, page int) ([]SeatLine, postgres.Paging) {
		t.Helper()
		l, p, err := w.s.Seats(t.Context(), team, f, page)
		if err != nil {
			t.Fatal(err)
		}
		return l, p
	}
	if l, p := list(SeatFilter{}, 0); len(l) != 41 || p != (postgres.Paging{Page: 1, Pages: 1, Total: 41}) || l[0].Kind != President {
		t.Errorf("all seats: %d, %+v", len(l), p)
	}
	if l, _ := list(SeatFilter{Q: "suppleante"}, 1); len(l) != 1 || l[0].ID != j.Seat || l[0].State != InOffice {
		t.Errorf("by alternate: %+v", l)
	}
	if l, _ := list(SeatFilter{Kind: Mayor, State: Vacant, Q: "begles"}, 1); len(l) != 1 {
		t.Errorf("by all: %+v", l)
	}
	p, err := w.s.SeatPage(t.Context(), team, j.Seat)
	if err != nil || p.Holder(Titular) == nil || p.Holder(Titular).Name() != "Dominique Énergie" || p.Holder(Alternate) == nil ||
		len(p.Bodies) != 2 || p.State != InOffice || p.Version != 1 {
		t.Errorf("page: %+v, %v", p, err)
	}
	if len(p.History) != 3 || p.History[2].ActionLabel() != "Ouverture d’un siège" || p.History[0].Actor != team.Name {
		t.Errorf("history: %+v", p.History)
	}
	if p, err = w.s.SeatPage(t.Context(), team, w.seat(GNIRepresentative)); err != nil || p.TermYears != 3 || p.State != Vacant {
		t.Errorf("a representative's seat: %+v, %v", p, err)
	}
	_, err = w.s.SeatPage(t.Context(), team, 9999)
	wantProblem(t, "an unknown seat", err, problem.NotFound, "")
}

func TestSettings(t *testing.T) {
	t.Parallel()
	w := setup(t)
	all, err := w.s.Settings(t.Context(), team)
	if err != nil || len(all) != 17 {
		t.Fatalf("%d settings, %v", len(all), err)
	}
	n := func(v int) *int { return &v }
	good := Setting{Body: CMTIN, Key: QuorumPercent, Value: n(50), Source: FromInternalRules, Note: "article 4", Version: 1}
	for name, test := range map[string]struct {
		change func(*Setting)
		kind   problem.Kind
		field  string
	}{
		"out of bounds":          {func(g *Setting) { g.Value = n(101) }, problem.Invalid, "valeur"},
		"no value":               {func(g *Setting) { g.Value = nil }, problem.Invalid, "valeur"},
		"a value and no source":  {func(g *Setting) { g.Source = NotSet }, problem.Invalid, "valeur"},
		"an unknown source":      {func(g *Setting) { g.Source = "ouï-dire" }, problem.Invalid, "source"},
		"no article":             {func(g *Setting) { g.Note = "" }, problem.Invalid, "note"},
		"an endless note":        {func(g *Setting) { g.Note = strings.Repeat("x", 301) }, problem.Invalid, "note"},
		"an unknown key":         {func(g *Setting) { g.Key = "buffet" }, problem.NotFound, ""},
		"not of this body":       {func(g *Setting) { g.Key, g.Value = MandateYears, n(3) }, problem.NotFound, ""},
		"somebody else was here": {func(g *Setting) { g.Version = 2 }, problem.Conflict, ""},
	} {
		bad := good
		test.change(&bad)
		wantProblem(t, name, w.s.SetSetting(t.Context(), team, bad), test.kind, test.field)
	}
	if err := w.s.SetSetting(t.Context(), team, good); err != nil {
		t.Fatal(err)
	}
	for _, g := range all {
		least, greatest := g.Key.Bounds()
		if g.Value != nil && (*g.Value < least || *g.Value > greatest) || g.Say() == "" {
			t.Errorf("default out of bounds: %+v", g)
		}
	}
	if w.acts("setting.change") != 1 {
		t.Error("the change is not in the journal")
	}
}

func TestDashboard(t *testing.T) {
	t.Parallel()
	w := setup(t)
	j := w.partner("Bailleur", d(2025, 1, 1), "")
	m := w.mandate(w.seat(President), "Bientôt", d(2025, 1, 1))
	m.TermEndsOn = w.today.AddDays(90)
	w.start(m)
	m = w.mandate(w.seat(Councillor), "Prolongée", d(2025, 1, 1))
	m.TermEndsOn = w.today
	m.Person.Email = "p@exemple.fr"
	prolonged := w.start(m)
	w.meeting(GNI, w.today.AddDays(-3), Convened, false)
	w.exec(`INSERT INTO account (person_id, email) VALUES ($1, 'p@exemple.fr')`, prolonged.Person.ID)
	w.exec(`INSERT INTO account_link (token_hash, account_id, purpose, created_at, expires_at)
		SELECT '\x01', id, 'invitation', now() - interval '15 days', now() FROM account`)
	w.exec(`INSERT INTO mail (kind, to_address, subject, text_body, html_body, state, job_id) VALUES ('invitation', 'a@b.fr', 's', 't', 'h', 'failed', 1)`)
	got, err := w.s.Dashboard(t.Context(), team)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Seats) != 5 || got.Vacant() != 38 || len(got.Cadences) != 4 || len(got.Missing()) != 4 {
		t.Errorf("seats %+v, cadences %+v", got.Seats, got.Cadences)
	}
	if len(got.Ending) != 1 || got.Ending[0].Name != "Alix Bientôt" || got.Ending[0].On != w.today.AddDays(90) {
		t.Errorf("ending: %+v", got.Ending)
	}
	if len(got.CarriedOver) != 1 || got.CarriedOver[0].Name != "Alix Prolongée" {
		t.Errorf("carried over: %+v", got.CarriedOver)
	}
	if len(got.Unrecorded) != 1 || got.MailsFailed != 1 || got.MailsQueued != 0 {
		t.Errorf("unrecorded %+v, mails %d", got.Unrecorded, got.MailsFailed)
	}
	if got.NoEmail.Count != 2 || got.NoAccount.Count != 2 || got.Invited.Count != 1 || got.Invited.First[0].ID != prolonged.Person.ID {
		t.Errorf("people: %+v %+v %+v (partner %v)", got.NoEmail, got.NoAccount, got.Invited, j.People)
	}
	_, err = w.s.Dashboard(t.Context(), access.Actor{})
	wantProblem(t, "the public", err, problem.Forbidden, "")
}

func TestMyHome(t *testing.T) {
	t.Parallel()
	w := setup(t)
	begles := w.sheet()["33039"]
	mayor := w.start(w.mandate(begles.Seat, "Maire", d(2025, 1, 1)))
	if _, err := w.s.AddMembership(t.Context(), team, NewMembership{Organisation: begles.Organisation,
		Person: PersonInput{First: "Sam", Last: "Agent"}, Title: "Chargé de mission", From: d(2025, 1, 1)}); err != nil {
		t.Fatal(err)
	}
	councillor := w.start(w.mandate(w.seat(Councillor), "Conseillère", d(2025, 1, 1)))
	w.meeting(Communes, w.today.AddDays(10), Convened, false)
	home := func(role access.Role, org access.OrganisationID, person access.PersonID) MyHome {
		t.Helper()
		h, err := w.s.MyHome(t.Context(), access.Actor{Account: 5, Person: person, Acting: access.Capacity{Role: role, Organisation: org}})
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	h := home(access.Mayor, begles.Organisation, mayor.Person.ID)
	if len(h.Seats) != 1 || h.Seats[0].Mine != Titular || len(h.Bodies) != 2 || len(h.Bodies[1].Next) != 1 ||
		len(h.Colleagues) != 1 || h.Colleagues[0].Title != "Chargé de mission" {
		t.Errorf("mayor: %+v", h)
	}
	h = home(access.Delegate, begles.Organisation, 9999)
	if len(h.Seats) != 1 || h.Seats[0].Mine != "" || h.Seats[0].Holder != "Alix Maire" || len(h.Colleagues) != 2 {
		t.Errorf("delegate: %+v", h)
	}
	h = home(access.Chair, 0, councillor.Person.ID)
	if len(h.Seats) != 1 || len(h.Bodies) != 3 || h.Bodies[0].Chaired || !h.Bodies[1].Chaired || !h.Bodies[2].Chaired {
		t.Errorf("chair: %+v", h)
	}
	if h = home(access.State, 9999, 9999); len(h.Bodies) != 1 || h.Bodies[0].Code != CMTIN || len(h.Seats) != 0 {
		t.Errorf("State: %+v", h)
	}
	if h = home(access.Team, 0, mayor.Person.ID); len(h.Bodies) != 0 {
		t.Errorf("team: %+v", h)
	}
	_, err := w.s.MyHome(t.Context(), access.Actor{})
	wantProblem(t, "the public", err, problem.Forbidden, "")
}

func TestTraceability(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.start(w.mandate(w.seat(Mayor), "Maire", d(2025, 1, 1)))
	w.meeting(GNI, day.Of(w.today.Year(), 1, 16), Held, false)
	got, err := w.s.Traceability(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n, err := postgres.Value[int](t.Context(), w.db, `SELECT count(DISTINCT indicator_id)::int FROM indicator_value JOIN indicator i ON i.id = indicator_id WHERE i.published`)
	if err != nil {
		t.Fatal(err)
	}
	figures := fmt.Sprintf("%d indicateurs publiés", n)
	states := map[string]string{}
	for _, c := range got.Commitments {
		states[c.Key] = strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(c.State)
	}
	for key, want := range map[string]string{
		"cmtin-maires":       "1 siège de maire pourvu sur 28",
		"gni-rythme":         fmt.Sprintf("1 réunion tenue sur 3 en %d", w.today.Year()),
		"gni-action-sociale": "0 siège pourvu sur 5",
		// Nothing is in the register yet; the figures are those of migration 00015.
		"inclusion-aladdin":      "0 structure membre",
		"inclusion-observatoire": figures,
		"inclusion-conseillers":  "0 poste déclaré",
	} {
		if states[key] != want {
			t.Errorf("%s: %q, wanted %q", key, states[key], want)
		}
	}
}

// Rows that only somebody with the owner's rights could write are named. The
// deferred checks of the schema do not fire in a transaction never committed.
func TestCheckInvariants(t *testing.T) {
	w := worldOn(t, pgtest.Tx(t))
	if err := w.s.CheckInvariants(t.Context()); err != nil {
		t.Fatalf("the bare schema: %v", err)
	}
	mayor := w.seat(Mayor)
	for name, test := range map[string]struct{ sql, says string }{
		"outside the seat":  {`INSERT INTO mandate (seat_id, person_id, kind, during, designation) SELECT $1, min(id), 'titular', '[2020-01-01,)', 'x' FROM person`, "durée de vie"},
		"alternate alone":   {`INSERT INTO mandate (seat_id, person_id, kind, during, designation) SELECT $1, min(id), 'alternate', '[2025-01-01,)', 'x' FROM person`, "suppléant"},
		"no mayor's seat":   {`DELETE FROM seat WHERE id = $1`, "28 sièges"},
		"a seat too early":  {`UPDATE seat SET during = '[2024-01-01,)' WHERE id = $1`, "2024-01-01"},
		"wrong owner":       {`UPDATE seat SET kind = 'partner' WHERE id = $1`, "28 sièges"},
		"president is gone": {`DELETE FROM seat WHERE kind = 'president' AND $1::bigint > 0`, "présidente"},
	} {
		err := postgres.InTx(t.Context(), w.db, func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), test.sql, mayor); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return New(tx, nil).CheckInvariants(t.Context())
		})
		bad, ok := errors.AsType[*BrokenInvariant](err)
		if !ok || !strings.Contains(bad.Error(), test.says) {
			t.Errorf("%s: got %v, wanted it to say %q", name, err, test.says)
		}
	}
}
