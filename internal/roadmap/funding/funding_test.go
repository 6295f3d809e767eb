package funding_test

import (
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/funding"
	"bordeaux-metropole.fr/portal/internal/roadmap/roadmaptest"
)

// world is the roadmap of tests with a room for its money; all is rolled back.
func world(t *testing.T) (*roadmaptest.World, *funding.Service) {
	t.Helper()
	pool := pgtest.Pool(t)
	jobs, err := notify.NewInserter(pool)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback(t.Context()) })
	w := roadmaptest.On(t, tx)
	return w, funding.New(tx, notify.NewOutbox(jobs), "https://portail.example.org")
}

func structure() access.Actor {
	return access.Actor{Account: 9, Person: 9, Name: "Noa Structure", Acting: access.Capacity{Role: access.Structure, Organisation: 9}}
}

func add(t *testing.T, w *roadmaptest.World, lines ...roadmap.Line) {
	t.Helper()
	s := roadmap.New(w.DB)
	for _, l := range lines {
		if _, err := s.AddLine(t.Context(), w.Team, l); err != nil {
			t.Fatal(err)
		}
	}
}

// TestViewAddsUp: rows, columns, cells, the list of actions and the file all add up to
// the sum of the lines, whatever is asked.
func TestViewAddsUp(t *testing.T) {
	t.Parallel()
	w, s := world(t)
	year := w.Today.Year()
	var many []roadmap.Line
	for i := range 30 { // more funders than there are rows
		many = append(many, roadmap.Line{Action: w.Coming, Year: year + i%5, FunderName: "Fondation " + strings.Repeat("i", i+1), Nature: roadmap.Running,
			Planned: roadmap.Cents(1000_01 + i), Obtained: roadmap.Cents(i)})
	}
	add(t, w, append(many,
		roadmap.Line{Action: w.Local, Year: year, FunderID: w.Partner, Nature: roadmap.Investment, Planned: 33, Obtained: 11, Spent: 12},
		roadmap.Line{Action: w.Local, Year: year - 1, FunderID: w.Begles, Nature: roadmap.Investment, Planned: 7_00, Obtained: 7_00, Spent: 7_00},
		roadmap.Line{Action: w.Idea, Year: year, Nature: roadmap.Running, Planned: 999_999_00})...)
	for name, q := range map[string]funding.Query{
		"all": {}, "past": {Year: year - 1}, "from": {From: year - 1}, "year": {Year: year}, "axis": {Axis: w.Axes[1]}, "nature": {Nature: roadmap.Investment},
		"to find": {Funder: funding.ToFind}, "name": {Funder: "nom:Fondation ii"}, "sorted": {Sort: funding.ByGap},
		"outside": {From: year, Year: year - 1}, "nobody": {Funder: "nom:Personne"},
	} {
		v, err := s.View(t.Context(), w.PartnerPerson, q)
		if err != nil {
			t.Fatal(name, err)
		}
		check(t, name, v)
		file, err := s.FileLines(t.Context(), w.PartnerPerson, q)
		if err != nil {
			t.Fatal(name, err)
		}
		var sum funding.Sums
		for _, l := range file {
			sum.Planned, sum.Obtained, sum.Spent, sum.Lines = sum.Planned+l.Planned, sum.Obtained+l.Obtained, sum.Spent+l.Spent, sum.Lines+1
		}
		if sum != v.Asked {
			t.Errorf("%s: the file adds up to %+v, the page to %+v", name, sum, v.Asked)
		}
	}
	v, err := s.View(t.Context(), w.Team, funding.Query{})
	if err != nil {
		t.Fatal(err)
	}
	last, before := v.Rows[len(v.Rows)-1], v.Rows[len(v.Rows)-2]
	if v.First != year || last.Key != funding.ToFind || last.Name != roadmap.NoFunder || before.Key != funding.Others || v.Oldest != year-1 {
		t.Errorf("from %d, oldest %d, last rows %q %q", v.First, v.Oldest, before.Key, last.Key)
	}
	if v.Rows[0].ID != w.Partner || v.Rows[0].Years[0].Planned != 20_000_33 || v.Years[1].Planned < 10_000_00 {
		t.Errorf("the greatest funder first: %+v", v.Rows[0])
	}
}

func check(t *testing.T, name string, v funding.View) {
	t.Helper()
	var down, across, listed funding.Sums
	plus := func(a *funding.Sums, b funding.Sums) {
		a.Planned, a.Obtained, a.Spent, a.Lines = a.Planned+b.Planned, a.Obtained+b.Obtained, a.Spent+b.Spent, a.Lines+b.Lines
	}
	for _, r := range v.Rows {
		var row funding.Sums
		for _, c := range r.Years {
			plus(&row, c)
		}
		if row != r.Total {
			t.Errorf("%s: the row of %q: %+v, %+v", name, r.Name, row, r.Total)
		}
		plus(&down, r.Total)
	}
	for _, y := range v.Years {
		plus(&across, y)
	}
	for _, a := range v.Actions {
		plus(&listed, a.Sums)
	}
	if down != v.Total || across != v.Total || listed != v.Asked {
		t.Errorf("%s: rows %+v, columns %+v, total %+v; actions %+v, asked %+v", name, down, across, v.Total, listed, v.Asked)
	}
}

// TestAbandonedActionsStopCounting from the year after.
func TestAbandonedActionsStopCounting(t *testing.T) {
	t.Parallel()
	w, s := world(t)
	if _, err := roadmap.SetStatus(t.Context(), w.DB, w.Whole(w.Shared).Action, roadmap.Abandoned, "Faute de moyens", ""); err != nil {
		t.Fatal(err)
	}
	v, err := s.View(t.Context(), w.Chair, funding.Query{})
	if err != nil || v.Total.Planned != 20_000_00 || v.Years[1].Lines != 0 {
		t.Errorf("%+v, %v", v.Total, err)
	}
}

func TestWhoReadsTheMoney(t *testing.T) {
	t.Parallel()
	w, s := world(t)
	for name, by := range map[string]access.Actor{"structure": structure(), "delegate": w.DelegateBegles, "public": {}} {
		_, err := s.View(t.Context(), by, funding.Query{})
		_, ferr := s.FileLines(t.Context(), by, funding.Query{})
		_, oerr := s.Organisation(t.Context(), by, w.Partner, 1)
		if problem.KindOf(err) != problem.Forbidden || problem.KindOf(ferr) != problem.Forbidden || problem.KindOf(oerr) != problem.Forbidden {
			t.Errorf("%s: %v, %v, %v", name, err, ferr, oerr)
		}
	}
	o, err := s.Organisation(t.Context(), w.PartnerPerson, w.Partner, 1)
	if err != nil || len(o.Actions) != 2 || o.Total.Planned != 20_000_00 || o.Name != "Caisse Exemple" {
		t.Fatalf("%+v, %v", o, err)
	}
	if a, b := o.Actions[0], o.Actions[1]; a.ID != w.Shared || !a.Takes || a.Part != "Finance les permanences" || a.Pilots || !b.Pilots || b.Lines != 0 {
		t.Errorf("%+v, %+v", a, b)
	}
	if _, err := s.Organisation(t.Context(), w.PartnerPerson, 1<<40, 1); problem.KindOf(err) != problem.NotFound {
		t.Errorf("nobody: %v", err)
	}
}

// TestNote writes what changed since the last meeting of the partners, and sends it
// once to whoever sits.
func TestNote(t *testing.T) {
	t.Parallel()
	w, s := world(t)
	ctx := t.Context()
	_, err := w.DB.Exec(ctx, `
		WITH m AS (INSERT INTO meeting (body, starts_at, ends_at, state, announced, convened_at) SELECT 'partenaires', d, d + interval '2 hours', 'held', true, d
		    FROM (SELECT (paris_today() - 30 + time '10:00') AT TIME ZONE 'Europe/Paris' AS d) x),
		p AS (INSERT INTO person (first_name, last_name, email) VALUES ('Sam', 'Siège', 'sam@example.org'), ('Lou', 'Muette', '') RETURNING id, email),
		s AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM seat WHERE kind = 'mayor' AND organisation_id IN ($1, $2))
		INSERT INTO mandate (seat_id, person_id, kind, during, designation)
		SELECT s.id, p.id, 'titular', daterange(paris_today() - 10, NULL), 'Élection' FROM s JOIN (SELECT id, row_number() OVER (ORDER BY email) AS n FROM p) p USING (n)`,
		w.Begles, w.Pessac)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := roadmap.SetStatus(ctx, w.DB, w.Whole(w.Local).Action, roadmap.Suspended, "Le local est en travaux", ""); err != nil {
		t.Fatal(err)
	}
	d, err := s.Draft(ctx, w.Team, day.Day{})
	if err != nil {
		t.Fatal(err)
	}
	if d.Since != w.Today.AddDays(-30) || d.Meeting != d.Since || d.Reach.Reached != 1 || d.Reach.Silent != 1 {
		t.Errorf("since %v, meeting %v, reach %+v", d.Since, d.Meeting, d.Reach)
	}
	for _, want := range []string{"Actions validées (1)", "Action n°\u00a03, Ouvrir un atelier de réemploi", "Actions suspendues (1)", "Le local est en travaux",
		"30\u202f000\u202f€ prévus", "Aucun financeur n’est encore trouvé pour 10\u202f000\u202f€", "Aucun point d’avancement"} {
		if !strings.Contains(d.Text, want) {
			t.Errorf("the note lacks %q:\n%s", want, d.Text)
		}
	}
	if strings.Contains(d.Text, "Former les agents") {
		t.Error("the note tells of an action that was not validated")
	}
	if old, err := s.Draft(ctx, w.Team, w.Today.AddDays(-400)); err != nil || !strings.Contains(old.Text, "Actions validées (3)") {
		t.Errorf("another date: %v\n%s", err, old.Text)
	}
	n := funding.Note{Since: d.Since, Subject: d.Subject, Text: d.Text}
	if _, err := s.Send(ctx, w.MayorBegles, n); problem.KindOf(err) != problem.Forbidden {
		t.Errorf("a mayor sends: %v", err)
	}
	sent, err := s.Send(ctx, w.Team, n)
	if err != nil || sent.Recipients != 1 {
		t.Fatalf("%+v, %v", sent, err)
	}
	if _, err := s.Send(ctx, w.Team, n); problem.KindOf(err) != problem.Conflict {
		t.Errorf("sent twice: %v", err)
	}
	mails, err := postgres.Values[string](ctx, w.DB, `SELECT to_address FROM mail WHERE kind = 'governance_note'`)
	if err != nil || len(mails) != 1 || mails[0] != "sam@example.org" {
		t.Errorf("mails to %v, %v", mails, err)
	}
	again, err := s.Note(ctx, structure(), sent.ID)
	if err != nil || again.Text != d.Text || again.SentBy != w.Team.Name {
		t.Errorf("read again: %+v, %v", again, err)
	}
	if list, paging, err := s.Notes(ctx, w.PartnerPerson, 1); err != nil || len(list) != 1 || paging.Total != 1 {
		t.Errorf("list: %v %+v %v", list, paging, err)
	}
	if _, err := s.Note(ctx, access.Actor{}, sent.ID); problem.KindOf(err) != problem.Forbidden {
		t.Errorf("the public reads a note: %v", err)
	}
}
