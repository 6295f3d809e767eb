package minutes

import (
	"errors"
	"regexp"
	"slices"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

var regTeam = access.Actor{Account: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}, RequestID: "test"}

// regWorld is a database of its own with the service of what meetings leave.
type regWorld struct {
	t     testing.TB
	db    postgres.DB
	s     *Service
	today day.Day
}

func newRegWorld(t testing.TB) *regWorld {
	t.Helper()
	pool := pgtest.Pool(t)
	jobs, err := notify.NewInserter(pool)
	if err != nil {
		t.Fatal(err)
	}
	outbox := notify.NewOutbox(jobs)
	const base = "https://portail.example.org"
	w := &regWorld{t: t, db: pool, s: New(pool, meeting.New(pool, outbox, base), outbox, base)}
	w.today = regValue[day.Day](w, `SELECT paris_today()`)
	return w
}

func regValue[T any](w *regWorld, sql string, args ...any) T {
	w.t.Helper()
	var v T
	if err := w.db.QueryRow(w.t.Context(), sql, args...).Scan(&v); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func (w *regWorld) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.db.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
}

// meeting is a meeting held some days ago (in some days when negative), with a point.
func (w *regWorld) meeting(body governance.BodyCode, daysAgo int) (meeting.ID, meeting.ItemID) {
	w.t.Helper()
	at := w.today.AddDays(-daysAgo).At(14, 0)
	state := governance.Held
	if daysAgo < 0 {
		state = governance.Convened
	}
	id := regValue[meeting.ID](w, `INSERT INTO meeting (body, starts_at, ends_at, state, announced) VALUES ($1, $2, $3, $4, true) RETURNING id`,
		body, at, at.Add(7_200e9), state)
	item := regValue[meeting.ItemID](w, `INSERT INTO agenda_item (meeting_id, position, title, kind) VALUES ($1, 1, 'Cartographie des lieux', 'decision') RETURNING id`, id)
	return id, item
}

func (w *regWorld) publish(id meeting.ID) {
	w.t.Helper()
	w.exec(`UPDATE meeting SET state = 'published' WHERE id = $1`, id)
}

func regInput(title string) DecisionInput {
	return DecisionInput{Kind: KindDecision, Title: title, Text: "La cartographie est tenue à jour chaque trimestre.", Outcome: Adopted, Method: Consensus}
}

func (w *regWorld) decide(id meeting.ID, item meeting.ItemID, in DecisionInput) RecordedDecision {
	w.t.Helper()
	d, err := w.s.RecordDecision(w.t.Context(), regTeam, id, item, in)
	if err != nil {
		w.t.Fatalf("record %+v: %v", in, err)
	}
	return d
}

func (w *regWorld) person(last, email string) access.PersonID {
	w.t.Helper()
	return regValue[access.PersonID](w, `INSERT INTO person (first_name, last_name, email) VALUES ('Alix', $1, $2) RETURNING id`, last, email)
}

// recipient convenes a person as a guest who is known, or as a member.
func (w *regWorld) recipient(id meeting.ID, person access.PersonID, name string) meeting.ConvocationID {
	w.t.Helper()
	return regValue[meeting.ConvocationID](w, `
		WITH g AS (INSERT INTO meeting_guest (meeting_id, role, person_id, name) VALUES ($1, 'guest', $2, $3) RETURNING id)
		INSERT INTO convocation (meeting_id, kind, guest_id, person_id, name, seat_label, group_name)
		SELECT $1, 'invitation', g.id, $2, $3, 'Invitée', 'Personnes invitées' FROM g RETURNING id`, id, person, name)
}

func regRefused(t testing.TB, doing string, err error, kind problem.Kind, field string) {
	t.Helper()
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Kind != kind || p.Field != field || p.Message == "" {
		t.Errorf("%s: got %v, wanted a problem of kind %d on field %q", doing, err, kind, field)
	}
}

func ptr(n int) *int { return &n }

func regLabels[T interface {
	~string
	Label() string
}](t *testing.T, set []T) []string {
	t.Helper()
	var out []string
	for _, v := range set {
		if l := v.Label(); l == "" || l == string(v) {
			t.Errorf("%q has no French label", v)
		}
		out = append(out, string(v))
	}
	if l := T("inconnu").Label(); l != "inconnu" {
		t.Errorf("label of an unknown value: got %q, wanted it unchanged", l)
	}
	return out
}

// Each closed set in Go is the one its CHECK constraint knows.
func TestRegisterClosedSets(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	quoted := regexp.MustCompile(`'([a-z_]+)'::text`)
	var registers []string
	for _, k := range DecisionKinds {
		registers = append(registers, string(k))
	}
	for constraint, got := range map[string][]string{
		"decision_kind_check":      regLabels(t, DecisionKinds),
		"decision_outcome_check":   regLabels(t, Outcomes),
		"decision_method_check":    regLabels(t, Methods),
		"decision_follow_up_check": regLabels(t, FollowUpStates),
		"position_kind_check":      regLabels(t, PositionKinds),
		"asked_action_state_check": regLabels(t, ActionStates),
		"register_number_check":    append(registers, "position"),
	} {
		def, err := postgres.Value[string](t.Context(), tx, `SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1`, constraint)
		if err != nil {
			t.Errorf("%s: %v", constraint, err)
			continue
		}
		var want []string
		for _, m := range quoted.FindAllStringSubmatch(def, -1) {
			want = append(want, m[1])
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, slices.Compact(want)) {
			t.Errorf("%s: Go has %q, the schema %q", constraint, got, want)
		}
	}
	regLabels(t, PositionStates)
	regLabels(t, FollowUpViews)
	if got := slices.Concat(KindDecision.Outcomes(), KindOpinion.Outcomes()); !slices.Equal(got, Outcomes) {
		t.Errorf("outcomes of both kinds: %v, all: %v", got, Outcomes)
	}
}
