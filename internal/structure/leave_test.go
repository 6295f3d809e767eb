package structure

import (
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

func TestLeave(t *testing.T) {
	t.Parallel()
	w := newSpace(t, 30)
	on := w.today.AddDays(10)
	leave := func(by access.Actor, version int, on day.Day, reason string) error {
		return w.s.Leave(t.Context(), by, w.id, version, on, reason)
	}
	sheet, err := load(t.Context(), w.db, w.id)
	if err != nil {
		t.Fatal(err)
	}
	spaceRefused(t, "without a day", leave(w.charge, 0, day.Day{}, ""), problem.Invalid, "fin")
	spaceRefused(t, "a past day", leave(w.charge, 0, w.today.AddDays(-1), ""), problem.Invalid, "fin")
	spaceRefused(t, "too far ahead", leave(w.charge, 0, w.today.AddDays(LeaveWithin+1), ""), problem.Invalid, "fin")
	spaceRefused(t, "a page out of date", leave(w.charge, sheet.Version+1, on, ""), problem.Conflict, "")
	if err := leave(w.manager, sheet.Version, on, "Fin de l’activité"); err != nil {
		t.Fatal(err)
	}
	if !w.seated(w.today) || !w.seated(on.AddDays(-1)) || w.seated(on) || w.seated(on.AddDays(1)) {
		t.Error("the composition of the days around is not right")
	}
	if w.state() != Left {
		t.Errorf("it is %s", w.state())
	}
	if n := w.count(`SELECT count(*) FROM mail WHERE kind = 'structure_left' AND text_body LIKE '%ferme le%'`); n != 2 {
		t.Errorf("%d managers told, want 2", n)
	}
	if n := w.count(`SELECT count(*) FROM membership WHERE organisation_id = $1 AND during @> $2::date`, w.id, on); n != 0 {
		t.Errorf("%d people still act on the day", n)
	}
	steps, err := storyOf(t.Context(), w.db, w.id, false)
	if err != nil || steps[0].Kind != StepLeft || steps[0].By != w.manager.Name {
		t.Errorf("its story begins with %+v, %v", steps[0], err)
	}
	spaceRefused(t, "leaving twice", leave(w.charge, 0, on, ""), problem.Conflict, "")
	spaceRefused(t, "confirming afterwards", w.s.ConfirmUpToDate(t.Context(), w.member, w.id), problem.Conflict, "")
	spaceRefused(t, "adding somebody afterwards", w.s.AddPerson(t.Context(), w.charge, w.id, Contact{First: "A", Last: "B", Email: "ab@example.org"}), problem.Conflict, "")
}

func TestTheTeamRecordsALeavingOfThePast(t *testing.T) {
	t.Parallel()
	w := newSpace(t, 30)
	on := w.today.AddDays(-5)
	if err := w.s.Leave(t.Context(), spaceTeam, w.id, 0, on, ""); err != nil {
		t.Fatal(err)
	}
	if !w.seated(on.AddDays(-1)) || w.seated(on) {
		t.Error("the composition of the days around is not right")
	}
}

func TestLeaveOnTheDayTheSeatOpened(t *testing.T) {
	t.Parallel()
	w := newSpace(t, 0)
	if err := w.s.Leave(t.Context(), w.charge, w.id, 0, w.today, ""); err != nil {
		t.Fatal(err)
	}
	if !w.seated(w.today) || w.seated(w.today.AddDays(1)) {
		t.Error("the seat is not open for its one day")
	}
}

func TestASuspendedStructureLeaves(t *testing.T) {
	t.Parallel()
	w := newSpace(t, 30)
	tx, err := w.db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.gov.Unseat(t.Context(), tx, spaceTeam, governance.Departure{Organisation: w.id, On: w.today}); err != nil {
		t.Fatal(err)
	}
	if err := setState(t.Context(), tx, w.id, Suspended); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.s.Leave(t.Context(), spaceTeam, w.id, 0, w.today, ""); err != nil || w.state() != Left {
		t.Errorf("%v: it is %s", err, w.state())
	}
}

func TestSpace(t *testing.T) {
	t.Parallel()
	w := newSpace(t, 30)
	w.request("alix@example.org")
	w.exec(`INSERT INTO mandate (seat_id, person_id, kind, during, designation)
		SELECT min(id), $1, 'titular', daterange(paris_today() - 5, NULL), 'Désignation' FROM seat WHERE kind = 'gni_representative' AND college = 'action_sociale'`, w.member.Person)
	tx, err := w.db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := step(t.Context(), tx, spaceTeam, w.id, StepNote, "Entre nous."); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	also := 0
	v, err := w.s.Space(t.Context(), w.member, func(b *postgres.Batch) { postgres.AddValue(b, &also, `SELECT 7`) })
	if err != nil {
		t.Fatal(err)
	}
	if v.Right != Member || v.Sheet.Name != "Atelier du Lac" || len(v.People) != 3 || v.Waiting != 1 || also != 7 {
		t.Errorf("the space is %+v", v)
	}
	if v.Today != w.today || v.SeatFrom != w.today.AddDays(-30) || !v.SeatUntil.IsZero() {
		t.Errorf("its seat is open from %s to %s", v.SeatFrom, v.SeatUntil)
	}
	if len(v.Representatives) != 5 || !v.Representatives[0].Ours || v.Representatives[1].Ours || v.Representatives[1].Holder != "" {
		t.Errorf("its representatives are %+v", v.Representatives)
	}
	if len(v.Consents) != len(Uses) {
		t.Errorf("%d consents", len(v.Consents))
	}
	for _, s := range v.Steps {
		if s.Kind == StepNote {
			t.Error("a note of the team is shown")
		}
	}
	if v, err := w.s.Space(t.Context(), w.charge, nil); err != nil || v.Right != Manager {
		t.Errorf("who is in charge has right %d, %v", v.Right, err)
	}
	for _, by := range []access.Actor{{}, spaceTeam, {Account: 3, Acting: access.Capacity{Role: access.Structure}},
		{Account: 3, Acting: access.Capacity{Role: access.Mayor, Organisation: w.id}}} {
		_, err := w.s.Space(t.Context(), by, nil)
		spaceRefused(t, "a space of nobody's", err, problem.NotFound, "")
	}
}

func TestGapsOfASheet(t *testing.T) {
	t.Parallel()
	whole := Sheet{INSEE: "33039", Services: []string{"x"}, SIRET: "00000000000000", Address: "1 place", Summary: "x", HoursText: "x", Phone: "+33", PublishSheet: true}
	if g := whole.Gaps(); len(g) != 0 {
		t.Errorf("a whole sheet lacks %+v", g)
	}
	closed := whole
	closed.Address, closed.HoursText, closed.AccessModes = "", "", []string{"Ce lieu n'accueille pas de public"}
	if g := closed.Gaps(); len(g) != 0 {
		t.Errorf("a place without public lacks %+v", g)
	}
	empty := (Sheet{}).Gaps()
	if len(empty) != 8 || empty[0].Section != Place {
		t.Errorf("an empty sheet lacks %+v", empty)
	}
}

func TestStructureTodo(t *testing.T) {
	t.Parallel()
	w := newSpace(t, 30)
	w.request("alix@example.org")
	w.age(w.id, "13 months")
	w.exec(`UPDATE structure SET services = '{}' WHERE organisation_id = $1`, w.id)
	ask := func(id ID, person access.PersonID) (v StructureTodo) {
		t.Helper()
		var b postgres.Batch
		AddStructureTodo(&b, &v, id, person)
		if err := b.Run(t.Context(), w.db); err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := ask(w.id, w.charge.Person); !v.Stale || v.Since.IsZero() || !v.Manager || v.Waiting != 1 || v.NoCommune || !v.NoService {
		t.Errorf("who is in charge has %+v to do", v)
	}
	if v := ask(w.id, w.member.Person); !v.Stale || v.Manager || v.Waiting != 0 {
		t.Errorf("a member has %+v to do", v)
	}
	if v := ask(99999, w.member.Person); v != (StructureTodo{}) {
		t.Errorf("nobody has %+v to do", v)
	}
}
