package meeting

import (
	"fmt"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

var rollTeam = access.Actor{Account: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}, RequestID: "test"}

// rollWorld is a convened meeting and who was convened to it.
type rollWorld struct {
	t       testing.TB
	db      postgres.DB
	s       *Service
	meeting ID
	mayors  []ConvocationID
	chair   ConvocationID
	state   ConvocationID // the State's representative, invited
}

// newRoll convenes n mayors, the chair and the State's representative to a CMTIN
// that begins at the instant, in the words of Postgres.
func newRoll(t testing.TB, db postgres.DB, n int, starts string) *rollWorld {
	t.Helper()
	w := &rollWorld{t: t, db: db, s: New(db, nil, "https://portail.example.org")}
	w.meeting = ID(w.number(`
		INSERT INTO meeting (body, starts_at, ends_at, state, announced, convened_at)
		VALUES ('cmtin', $1::timestamptz, $1::timestamptz + interval '2 hours', 'convened', true, now()) RETURNING id`, starts))
	w.chair = ConvocationID(w.number(`
		INSERT INTO convocation (meeting_id, kind, seat_id, name, seat_label, group_position, group_name, chairs, email, alternate_name)
		SELECT $1, 'convocation', id, 'Dominique Présidence', label, 1, 'Présidence', true, 'presidence@example.org', 'Sacha Suppléance'
		FROM seat WHERE kind = 'president' RETURNING id`, w.meeting))
	for i := range n {
		w.mayors = append(w.mayors, ConvocationID(w.number(`
			INSERT INTO convocation (meeting_id, kind, seat_id, organisation_id, name, seat_label, group_position, group_name, email)
			SELECT $1, 'convocation', id, organisation_id, $2, label, 4, 'Maires', $3
			FROM seat WHERE kind = 'mayor' ORDER BY id OFFSET $4 LIMIT 1 RETURNING id`,
			w.meeting, fmt.Sprintf("Maire %02d", i), fmt.Sprintf("maire%d@example.org", i), i)))
	}
	w.state = ConvocationID(w.number(`
		WITH g AS (INSERT INTO meeting_guest (meeting_id, role, name) VALUES ($1, 'state', 'Claude État') RETURNING id)
		INSERT INTO convocation (meeting_id, kind, guest_id, name, seat_label, group_name)
		SELECT $1, 'invitation', id, 'Claude État', 'Représentation de l’État', 'Personnes invitées' FROM g RETURNING id`, w.meeting))
	return w
}

// today is a roll of n mayors, opened.
func today(t testing.TB, n int) *rollWorld {
	t.Helper()
	w := newRoll(t, pgtest.Tx(t), n, "now")
	w.ok(w.s.OpenDay(t.Context(), rollTeam, w.meeting, 0))
	return w
}

func (w *rollWorld) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *rollWorld) number(sql string, args ...any) (v int64) {
	w.t.Helper()
	w.ok(w.db.QueryRow(w.t.Context(), sql, args...).Scan(&v))
	return v
}

func (w *rollWorld) word(sql string, args ...any) (v string) {
	w.t.Helper()
	w.ok(w.db.QueryRow(w.t.Context(), sql, args...).Scan(&v))
	return v
}

// mark marks and returns what became of it.
func (w *rollWorld) mark(marks ...Mark) Marked {
	w.t.Helper()
	done, err := w.s.MarkRoll(w.t.Context(), rollTeam, w.meeting, marks)
	w.ok(err)
	return done
}

func (w *rollWorld) row(id ConvocationID) RollRow {
	w.t.Helper()
	roll, err := w.s.RollOf(w.t.Context(), rollTeam, w.meeting, RollFilter{})
	w.ok(err)
	r, ok := roll.Row(id)
	if !ok {
		w.t.Fatalf("%d is not on the roll", id)
	}
	return r
}

// saved fails the test unless all of them were written.
func (w *rollWorld) saved(marks ...Mark) {
	w.t.Helper()
	if done := w.mark(marks...); done.Saved != len(marks) || len(done.Refused) > 0 {
		w.t.Fatalf("saved %d of %d, refused %+v", done.Saved, len(marks), done.Refused)
	}
}

// refused fails the test unless the mark alone was refused, for that reason.
func (w *rollWorld) refused(says string, k Mark) {
	w.t.Helper()
	before := w.row(k.Convocation)
	done := w.mark(k)
	if done.Saved != 0 || len(done.Refused) != 1 || done.Refused[0].Message != says {
		w.t.Errorf("got %+v, want a refusal: %s", done, says)
	}
	if after := w.row(k.Convocation); after.Mark != before.Mark || after.Version != before.Version {
		w.t.Errorf("a refused mark was written: %+v", after)
	}
}

func (w *rollWorld) wantKind(doing string, err error, kind problem.Kind) {
	w.t.Helper()
	if problem.KindOf(err) != kind {
		w.t.Errorf("%s: got %v, want a problem of kind %d", doing, err, kind)
	}
}
