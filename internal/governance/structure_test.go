package governance

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// gniLine is the line of the GNI's composition that a structure has on a day.
func (w *world) gniLine(org access.OrganisationID, on day.Day) (found Line, n int) {
	w.t.Helper()
	for _, l := range w.composition(GNI, on) {
		if l.Organisation == org {
			found, n = l, n+1
		}
	}
	return found, n
}

func (w *world) tx(f func(tx pgx.Tx) error) error { return postgres.InTx(w.t.Context(), w.db, f) }

func TestChangeCollegeKeepsThePast(t *testing.T) {
	t.Parallel()
	w := setup(t)
	j, err := w.s.addStructure(t.Context(), SocialAction, NewPartner{Name: "Maison", From: d(2025, 1, 10), Designation: "Inscription",
		Titular: &PersonInput{First: "Alix", Last: "Référente"}})
	if err != nil {
		t.Fatal(err)
	}
	move := func(to College, on day.Day) error {
		return w.tx(func(tx pgx.Tx) error {
			return w.s.ChangeCollege(t.Context(), tx, team, j.Organisation, to, on)
		})
	}
	if err := move(DigitalMediation, d(2025, 6, 1)); err != nil {
		t.Fatal(err)
	}
	for on, want := range map[day.Day]College{d(2025, 1, 10): SocialAction, d(2025, 5, 31): SocialAction, d(2025, 6, 1): DigitalMediation, w.today: DigitalMediation} {
		// The names of who sits for a structure are withheld from compositions.
		holder, err := postgres.Value[string](t.Context(), w.db, `SELECT last_name FROM composition('gni', $1) WHERE organisation_id = $2`, on, j.Organisation)
		if l, n := w.gniLine(j.Organisation, on); err != nil || n != 1 || l.College != want || holder != "Référente" {
			t.Errorf("on %s: %d lines, college %q held by %q (%v)", on, n, l.College, holder, err)
		}
	}
	if err := move(SocialAction, d(2025, 6, 1)); err != nil {
		t.Fatal(err)
	}
	if l, _ := w.gniLine(j.Organisation, w.today); l.College != SocialAction {
		t.Errorf("a change on the day the seat opened corrects it: %q", l.College)
	}
	if n := w.acts("seat.college"); n != 1 {
		t.Errorf("%d corrections journalled", n)
	}
}

func TestUnseatAndSeatAgain(t *testing.T) {
	t.Parallel()
	w := setup(t)
	j, err := w.s.addStructure(t.Context(), SocialAction, NewPartner{Name: "Maison", From: d(2025, 1, 10), Designation: "Inscription",
		Titular: &PersonInput{First: "Alix", Last: "Référente"}})
	if err != nil {
		t.Fatal(err)
	}
	leave := func(on day.Day) error {
		return w.tx(func(tx pgx.Tx) error {
			return w.s.Unseat(t.Context(), tx, team, Departure{Organisation: j.Organisation, On: on, Reason: "suspension"})
		})
	}
	wantProblem(t, "on its first day", leave(d(2025, 1, 10)), problem.Invalid, "fin")
	if err := leave(d(2025, 3, 1)); err != nil {
		t.Fatal(err)
	}
	wantProblem(t, "twice", leave(d(2025, 4, 1)), problem.Conflict, "")
	again := func(from day.Day) error {
		return w.tx(func(tx pgx.Tx) error {
			_, err := w.s.SeatStructure(t.Context(), tx, team, j.Organisation, SocialAction, "Maison", from)
			return err
		})
	}
	wantProblem(t, "while it had a seat", again(d(2025, 2, 1)), problem.Conflict, "")
	if err := again(d(2025, 5, 1)); err != nil {
		t.Fatal(err)
	}
	for on, want := range map[day.Day]int{d(2025, 2, 28): 1, d(2025, 3, 1): 0, d(2025, 4, 30): 0, d(2025, 5, 1): 1} {
		if _, n := w.gniLine(j.Organisation, on); n != want {
			t.Errorf("on %s: %d lines, wanted %d", on, n, want)
		}
	}
}

func TestUnjoin(t *testing.T) {
	t.Parallel()
	w := setup(t)
	j, err := w.s.addStructure(t.Context(), SocialAction, NewPartner{Name: "Maison", From: d(2025, 1, 10), Designation: "Inscription",
		Titular: &PersonInput{First: "Alix", Last: "Référente"}})
	if err != nil {
		t.Fatal(err)
	}
	join := func(last string, from day.Day) MembershipID {
		t.Helper()
		var id MembershipID
		err := w.tx(func(tx pgx.Tx) (err error) {
			id, err = w.s.Join(t.Context(), tx, team, NewMembership{Organisation: j.Organisation, Person: PersonInput{First: "Sacha", Last: last}, From: from})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	unjoin := func(id MembershipID) error {
		return w.tx(func(tx pgx.Tx) error { return w.s.Unjoin(t.Context(), tx, team, j.Organisation, id, w.today) })
	}
	old, fresh := join("Ancienne", d(2025, 2, 1)), join("Nouvelle", w.today)
	for _, id := range []MembershipID{old, fresh} {
		if err := unjoin(id); err != nil {
			t.Fatal(err)
		}
	}
	left, err := postgres.Values[MembershipID](t.Context(), w.db, `SELECT id FROM membership WHERE organisation_id = $1`, j.Organisation)
	if err != nil || len(left) != 1 || left[0] != old {
		t.Errorf("memberships left: %v (%v), wanted the past one only", left, err)
	}
	wantProblem(t, "another structure's", w.tx(func(tx pgx.Tx) error {
		return w.s.Unjoin(t.Context(), tx, team, j.Organisation+1, old, w.today)
	}), problem.NotFound, "")
	wantProblem(t, "unknown", unjoin(fresh), problem.NotFound, "")
}
