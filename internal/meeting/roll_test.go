package meeting

import (
	"fmt"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// D: the CMTIN counts with its chair and « en présence du représentant de l’Etat ».
func TestCadenceCountsCMTINWithChairAndState(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		chair, state Status
		counts       int64
	}{
		{"both", StatusPresent, StatusRemote, 1},
		{"the chair's alternate", StatusRepresented, StatusPresent, 1},
		{"no chair", StatusExcused, StatusPresent, 0},
		{"no State", StatusPresent, StatusAbsent, 0},
		{"nobody marked the State", StatusRemote, "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := today(t, 2)
			w.saved(Mark{Convocation: w.chair, Status: c.chair})
			w.mark(Mark{Convocation: w.state, Status: c.state})
			w.ok(w.s.CloseDay(t.Context(), rollTeam, w.meeting, 0, ""))
			held := func() int64 {
				return w.number(`SELECT held FROM cadence(extract(year FROM (now() AT TIME ZONE 'Europe/Paris'))::int, paris_today()) WHERE body = 'cmtin'`)
			}
			if n := held(); n != c.counts {
				t.Errorf("the cadence holds %d", n)
			}
			// The roll can be put right after the closing: the cadence follows.
			w.mark(Mark{Convocation: w.chair, Status: StatusPresent, Was: c.chair}, Mark{Convocation: w.state, Status: StatusPresent, Was: c.state})
			if n := held(); n != 1 {
				t.Errorf("with both the cadence holds %d", n)
			}
			w.saved(Mark{Convocation: w.state, Status: "", Was: StatusPresent})
			if n := held(); n != 0 {
				t.Errorf("without the State any more the cadence holds %d", n)
			}
		})
	}
}

func TestProxies(t *testing.T) {
	t.Parallel()
	w := today(t, 4)
	a, b, c := w.mayors[0], w.mayors[1], w.mayors[2]
	w.refused(saysWho, Mark{Convocation: a, Status: StatusProxy})
	w.refused(saysWho, Mark{Convocation: a, Status: StatusProxy, ProxyTo: a})
	w.refused(saysThere, Mark{Convocation: a, Status: StatusProxy, ProxyTo: b})
	w.refused(saysNoGuest, Mark{Convocation: w.state, Status: StatusProxy, ProxyTo: b})
	w.saved(Mark{Convocation: w.chair, Status: StatusPresent})
	w.refused(saysGroup, Mark{Convocation: a, Status: StatusProxy, ProxyTo: w.chair})
	// The holder may be marked by the same form.
	w.saved(Mark{Convocation: a, Status: StatusProxy, ProxyTo: b}, Mark{Convocation: b, Status: StatusPresent})
	w.refused(saysLimit, Mark{Convocation: c, Status: StatusProxy, ProxyTo: b})
	w.refused(saysHolds, Mark{Convocation: b, Status: StatusAbsent, Was: StatusPresent})
	w.refused(saysHolds, Mark{Convocation: b, Status: "", Was: StatusPresent})
	if r := w.row(a); r.ProxyToName != w.row(b).Name {
		t.Errorf("the proxy is held by %q", r.ProxyToName)
	}
	w.ok(func() error {
		_, err := w.db.Exec(t.Context(), `UPDATE body_setting SET value = NULL, source_kind = 'not_set' WHERE body = 'cmtin' AND key = 'proxies_per_holder'`)
		return err
	}())
	w.saved(Mark{Convocation: c, Status: StatusProxy, ProxyTo: b})
	if n := w.number(`SELECT count(*) FROM audit_entry WHERE action = 'roll.mark' AND object_id = $1`, w.meeting); n != 3 {
		t.Errorf("%d entries in the journal for 3 writes", n)
	}
}

func TestConflictStopsOneRowOnly(t *testing.T) {
	t.Parallel()
	w := today(t, 3)
	w.saved(Mark{Convocation: w.mayors[0], Status: StatusExcused}, Mark{Convocation: w.mayors[1], Status: StatusPresent})
	// Somebody whose page showed three rows unmarked.
	done := w.mark(Mark{Convocation: w.mayors[0], Status: StatusPresent}, Mark{Convocation: w.mayors[1], Status: StatusPresent},
		Mark{Convocation: w.mayors[2], Status: StatusRemote})
	if done.Saved != 1 || len(done.Refused) != 1 || done.Refused[0].Kind != problem.Conflict || done.Refused[0].Row.Mark != StatusExcused ||
		done.Refused[0].Mine.Status != StatusPresent || done.Refused[0].Row.MarkedBy != rollTeam.Name {
		t.Errorf("got %+v", done)
	}
	if w.row(w.mayors[0]).Mark != StatusExcused || w.row(w.mayors[1]).Version != 1 || w.row(w.mayors[2]).Mark != StatusRemote {
		t.Error("the wrong rows were written")
	}
	// Having seen the other's value, one may write over it.
	w.saved(Mark{Convocation: w.mayors[0], Status: StatusPresent, Was: StatusExcused})
	// With the details, the version says what was seen.
	w.refused(saysElse, Mark{Convocation: w.mayors[0], Status: StatusRepresented, RepresentedBy: "Alix", Precise: true, Version: 1})
	w.saved(Mark{Convocation: w.mayors[0], Status: StatusRepresented, RepresentedBy: "Alix", Precise: true, Version: 2})
}

func TestDetailsFollowTheStatus(t *testing.T) {
	t.Parallel()
	w := today(t, 1)
	item := ItemID(w.number(`INSERT INTO agenda_item (meeting_id, position, title, kind) VALUES ($1, 1, 'Point', 'discussion') RETURNING id`, w.meeting))
	other := newRoll(t, w.db, 0, "now")
	elsewhere := ItemID(w.number(`INSERT INTO agenda_item (meeting_id, position, title, kind) VALUES ($1, 1, 'Ailleurs', 'discussion') RETURNING id`, other.meeting))
	who := w.mayors[0]
	w.saved(Mark{Convocation: who, Status: StatusPresent, ArrivedItem: item, LeftItem: elsewhere, Precise: true})
	if r := w.row(who); r.ArrivedNumber != "1" || r.LeftItem != 0 {
		t.Errorf("arrived at %q, left at %d", r.ArrivedNumber, r.LeftItem)
	}
	w.saved(Mark{Convocation: who, Status: StatusRemote, Was: StatusPresent})
	if r := w.row(who); r.ArrivedItem != item {
		t.Error("the point of arrival is lost when the person goes on at a distance")
	}
	w.saved(Mark{Convocation: who, Status: StatusAbsent, Was: StatusRemote})
	if r := w.row(who); r.ArrivedItem != 0 {
		t.Error("somebody absent arrived")
	}
	w.saved(Mark{Convocation: w.chair, Status: StatusRepresented})
	if r := w.row(w.chair); r.RepresentedBy != "Sacha Suppléance" {
		t.Errorf("represented by %q", r.RepresentedBy)
	}
	if done := w.mark(Mark{Convocation: other.chair, Status: StatusPresent}); done.Saved != 0 || len(done.Refused) != 0 {
		t.Errorf("somebody of another meeting: %+v", done)
	}
}

func TestLifeOfTheDay(t *testing.T) {
	t.Parallel()
	w := newRoll(t, pgtest.Tx(t), 1, "tomorrow")
	ctx, mark := t.Context(), Mark{Status: StatusPresent}
	mark.Convocation = w.mayors[0]
	_, err := w.s.MarkRoll(ctx, rollTeam, w.meeting, []Mark{mark})
	w.wantKind("mark before the hour", err, problem.Conflict)
	w.wantKind("close before the hour", w.s.CloseDay(ctx, rollTeam, w.meeting, 0, ""), problem.Conflict)
	w.wantKind("reopen what was never open", w.s.ReopenDay(ctx, rollTeam, w.meeting, 0), problem.Conflict)
	w.wantKind("a code before the opening", w.s.RenewCheckIn(ctx, rollTeam, w.meeting), problem.Conflict)
	w.wantKind("an old page", w.s.OpenDay(ctx, rollTeam, w.meeting, 9), problem.Conflict)
	w.ok(w.s.OpenDay(ctx, rollTeam, w.meeting, 1))
	w.wantKind("open twice", w.s.OpenDay(ctx, rollTeam, w.meeting, 0), problem.Conflict)
	w.saved(mark)
	w.ok(w.s.CloseDay(ctx, rollTeam, w.meeting, 0, ""))
	if s := w.word(`SELECT state || (closed_at IS NOT NULL) || (check_in_code IS NULL) FROM meeting WHERE id = $1`, w.meeting); s != "heldtruetrue" {
		t.Errorf("closed: %s", s)
	}
	w.ok(w.s.ReopenDay(ctx, rollTeam, w.meeting, 0))
	w.ok(w.s.CloseDay(ctx, rollTeam, w.meeting, 0, ""))
	w.ok(exec(w, `UPDATE meeting SET state = 'published' WHERE id = $1`, w.meeting))
	w.wantKind("reopen with minutes out", w.s.ReopenDay(ctx, rollTeam, w.meeting, 0), problem.Conflict)
	_, err = w.s.MarkRoll(ctx, rollTeam, w.meeting, []Mark{{Convocation: w.mayors[0], Status: StatusAbsent, Was: StatusPresent}})
	w.wantKind("mark with minutes out", err, problem.Conflict)
	mayor := access.Actor{Account: 2, Person: 2, Acting: access.Capacity{Role: access.Mayor}}
	_, err = w.s.RollOf(ctx, mayor, w.meeting, RollFilter{})
	w.wantKind("a mayor reads the roll", err, problem.Forbidden)
	_, err = w.s.MarkRoll(ctx, mayor, w.meeting, []Mark{mark})
	w.wantKind("a mayor marks", err, problem.Forbidden)
}

func exec(w *rollWorld, sql string, args ...any) error {
	_, err := w.db.Exec(w.t.Context(), sql, args...)
	return err
}

func TestFromPaper(t *testing.T) {
	t.Parallel()
	w := newRoll(t, pgtest.Tx(t), 1, "yesterday")
	w.saved(Mark{Convocation: w.mayors[0], Status: StatusPresent})
	w.ok(w.s.AddWalkIn(t.Context(), rollTeam, w.meeting, WalkIn{Name: "Morgan Passage", Organisation: "Association", Role: OtherGuest, Email: "morgan@example.org"}))
	err := w.s.AddWalkIn(t.Context(), rollTeam, w.meeting, WalkIn{Name: "Morgan Encore", Role: OtherGuest, Email: "morgan@example.org"})
	w.wantKind("the same address twice", err, problem.Invalid)
	w.ok(w.s.CloseDay(t.Context(), rollTeam, w.meeting, 0, ""))
	if s := w.word(`SELECT state || ' ' || string_agg(DISTINCT a.source, ',') || ' ' || count(*) FROM attendance a JOIN meeting m ON m.id = a.meeting_id
		WHERE m.id = $1 GROUP BY m.state`, w.meeting); s != "held paper 2" {
		t.Errorf("recorded from paper: %s", s)
	}
	roll, err := w.s.RollOf(t.Context(), rollTeam, w.meeting, RollFilter{Q: "PASSAGE"})
	w.ok(err)
	if len(roll.Rows) != 1 || !roll.Rows[0].OnTheSpot || len(roll.All) != 4 {
		t.Errorf("the filter found %+v", roll.Rows)
	}
}

func TestAnswersAreProposedNotStored(t *testing.T) {
	t.Parallel()
	w := today(t, 3)
	w.ok(exec(w, `UPDATE convocation SET answer = 'present', answered_at = now() WHERE meeting_id = $1 AND kind = 'convocation'`, w.meeting))
	w.saved(Mark{Convocation: w.mayors[0], Status: StatusExcused})
	roll, err := w.s.RollOf(t.Context(), rollTeam, w.meeting, RollFilter{})
	w.ok(err)
	if roll.Answered != 3 || roll.Count.Present != 0 || roll.Count.Unmarked != 4 {
		t.Errorf("%d answered, %+v", roll.Answered, roll.Count)
	}
	n, err := w.s.MarkAnswered(t.Context(), rollTeam, w.meeting)
	if err != nil || n != 3 || w.row(w.mayors[0]).Mark != StatusExcused || w.row(w.state).Mark != "" {
		t.Errorf("marked %d, %v", n, err)
	}
}

// Two people take the roll at once: what the first to write wrote stays unless the
// second saw it, every tick is written or told refused, none is lost.
func TestTwoPeopleAtOnceLoseNoTick(t *testing.T) {
	t.Parallel()
	const people = 12
	pool := pgtest.Pool(t)
	w := newRoll(t, pool, people, "now")
	w.ok(w.s.OpenDay(t.Context(), rollTeam, w.meeting, 0))
	choices := []Status{StatusPresent, StatusRemote, StatusExcused, StatusAbsent}
	rapid.Check(t, func(rt *rapid.T) {
		w.ok(exec(w, `DELETE FROM attendance WHERE meeting_id = $1`, w.meeting))
		var batches [2][]Mark
		for i := range batches {
			for j, who := range w.mayors {
				if rapid.Bool().Draw(rt, fmt.Sprintf("ticks %d %d", i, j)) {
					batches[i] = append(batches[i], Mark{Convocation: who, Status: rapid.SampledFrom(choices).Draw(rt, "status")})
				}
			}
		}
		var done [2]Marked
		var errs [2]error
		var wg sync.WaitGroup
		for i := range batches {
			by := rollTeam
			by.Name = fmt.Sprintf("Équipe %d", i)
			wg.Go(func() { done[i], errs[i] = w.s.MarkRoll(t.Context(), by, w.meeting, batches[i]) })
		}
		wg.Wait()
		roll, err := w.s.RollOf(t.Context(), rollTeam, w.meeting, RollFilter{})
		if err != nil || errs[0] != nil || errs[1] != nil {
			rt.Fatal(err, errs)
		}
		for i, marks := range batches {
			refused := map[ConvocationID]bool{}
			for _, x := range done[i].Refused {
				refused[x.Row.ID] = true
			}
			for _, k := range marks {
				row, _ := roll.Row(k.Convocation)
				if row.Mark == "" || row.Version != 1 {
					rt.Fatalf("%s: %q, version %d", row.Name, row.Mark, row.Version)
				}
				if (row.Mark == k.Status) == refused[k.Convocation] {
					rt.Fatalf("%s: asked %s, written %s, refused %v", row.Name, k.Status, row.Mark, refused[k.Convocation])
				}
			}
		}
	})
}

// Whatever is asked of a roll, the roll that follows keeps the rules of proxies.
func TestSettledRollKeepsTheRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const n = 8
		rows := make([]RollRow, n)
		for i := range rows {
			rows[i] = RollRow{ID: ConvocationID(i + 1), Kind: Convocation, Group: []string{"A", "B"}[i%2]}
		}
		rows[n-1].Kind = Invitation
		var most *int
		if rapid.Bool().Draw(t, "limited") {
			v := rapid.IntRange(0, 2).Draw(t, "limit")
			most = &v
		}
		for range 6 {
			var marks []Mark
			for range rapid.IntRange(1, n).Draw(t, "marks") {
				i := rapid.IntRange(0, n-1).Draw(t, "who")
				marks = append(marks, Mark{Convocation: rows[i].ID, Was: rows[i].Mark,
					Status:  rapid.SampledFrom(append([]Status{""}, Statuses...)).Draw(t, "status"),
					ProxyTo: ConvocationID(rapid.IntRange(0, n+1).Draw(t, "holder"))})
			}
			write, _ := settleRoll(rows, marks, most)
			by := map[ConvocationID]Mark{}
			for _, k := range write {
				by[k.Convocation] = k
			}
			rows = applied(rows, by)
			for _, r := range rows {
				if r.Mark != StatusProxy {
					continue
				}
				h := rows[r.ProxyTo-1]
				if !r.Member() || !h.Member() || h.Group != r.Group || !h.Mark.there() || most != nil && held(rows, h.ID) > *most {
					t.Fatalf("%d gave a proxy to %+v", r.ID, h)
				}
			}
		}
	})
}

func TestQuorum(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		percent := rapid.IntRange(1, 100).Draw(t, "percent")
		var c Count
		sitting := 0
		for range rapid.IntRange(1, 200).Draw(t, "people") {
			s := rapid.SampledFrom(append([]Status{""}, Statuses...)).Draw(t, "status")
			kind := rapid.SampledFrom([]ConvocationKind{Convocation, Invitation}).Draw(t, "kind")
			c.add(RollRow{Kind: kind, Mark: s})
			if kind == Convocation && s != "" && s != StatusExcused && s != StatusAbsent {
				sitting++
			}
		}
		q := QuorumOf(&percent, c)
		// Without division: the share reached is at least that asked.
		if want := c.Members > 0 && sitting*100 >= percent*c.Members; q.Met() != want || q.Sitting != sitting {
			t.Fatalf("%d of %d at %d%%: %+v", sitting, c.Members, percent, q)
		}
		if c.Present+c.Remote+c.Represented+c.Proxies+c.Excused+c.Absent+c.Unmarked != c.People {
			t.Fatalf("the count does not add up: %+v", c)
		}
	})
	if q := QuorumOf(nil, Count{}); q.Set() || q.Met() {
		t.Error("a body without a quorum has one")
	}
}

func TestSelfCheckInWaitsForTheTeam(t *testing.T) {
	t.Parallel()
	w := today(t, 3)
	ctx := t.Context()
	code := w.word(`SELECT check_in_code FROM meeting WHERE id = $1`, w.meeting)
	w.saved(Mark{Convocation: w.mayors[1], Status: StatusExcused})
	for _, address := range []string{"MAIRE0@example.org", "maire0@example.org", "maire1@example.org", "inconnu@example.org"} {
		w.ok(w.s.CheckInHere(ctx, access.Actor{}, code, address))
	}
	if r := w.row(w.mayors[0]); r.Mark != "" || !r.CheckedIn {
		t.Errorf("checked in: %+v", r)
	}
	if r := w.row(w.mayors[1]); r.Mark != StatusExcused || r.CheckedIn {
		t.Errorf("a check-in wrote over the team: %+v", r)
	}
	if n := w.number(`SELECT count(*) FROM attendance WHERE meeting_id = $1`, w.meeting); n != 2 {
		t.Errorf("%d rows", n)
	}
	if w.word(`SELECT chair_present::text FROM meeting WHERE id = $1`, w.meeting) != "false" {
		t.Error("nobody confirmed the chair")
	}
	w.ok(w.s.CheckInHere(ctx, access.Actor{}, code, "presidence@example.org"))
	w.wantKind("close with check-ins waiting", w.s.CloseDay(ctx, rollTeam, w.meeting, 0, ""), problem.Invalid)
	w.saved(Mark{Convocation: w.mayors[0], Status: StatusRemote}) // the team says otherwise
	w.ok(w.s.RenewCheckIn(ctx, rollTeam, w.meeting))
	w.wantKind("an old code", w.s.CheckInHere(ctx, access.Actor{}, code, "maire2@example.org"), problem.Gone)
	code = w.word(`SELECT check_in_code FROM meeting WHERE id = $1`, w.meeting)
	w.ok(w.s.CloseDay(ctx, rollTeam, w.meeting, 0, KeepCheckIns))
	if r := w.row(w.chair); r.Mark != StatusPresent || r.MarkedBy != rollTeam.Name {
		t.Errorf("confirmed at the closing: %+v", r)
	}
	if w.word(`SELECT chair_present::text FROM meeting WHERE id = $1`, w.meeting) != "true" {
		t.Error("the chair's presence was confirmed")
	}
	_, err := w.s.CheckInBy(ctx, access.Actor{}, code)
	w.wantKind("a closed code", err, problem.Gone)
	w.wantKind("check in once closed", w.s.CheckInHere(ctx, access.Actor{}, code, "maire2@example.org"), problem.Gone)
}

func TestAttendanceStatistics(t *testing.T) {
	t.Parallel()
	w := today(t, 4)
	w.ok(exec(w, `UPDATE meeting SET starts_at = '2025-12-31 23:30Z', ends_at = '2026-01-01 01:00Z' WHERE id = $1`, w.meeting))
	w.saved(Mark{Convocation: w.mayors[0], Status: StatusPresent}, Mark{Convocation: w.mayors[1], Status: StatusRemote},
		Mark{Convocation: w.mayors[2], Status: StatusExcused}, Mark{Convocation: w.state, Status: StatusPresent})
	at := func(f AttendanceFilter) []AttendanceLine {
		lines, err := w.s.Attendance(t.Context(), rollTeam, f)
		w.ok(err)
		return lines
	}
	if n := len(at(AttendanceFilter{By: ByBody, Page: 1})); n != 0 {
		t.Errorf("%d lines while the meeting goes on", n)
	}
	w.ok(w.s.CloseDay(t.Context(), rollTeam, w.meeting, 0, ""))
	newRoll(t, w.db, 3, "2026-05-05 10:00Z") // nobody called its roll
	w.ok(exec(w, `UPDATE meeting SET state = 'held' WHERE state = 'convened'`))
	// In Paris it was in 2026 already; guests are counted nowhere.
	want := AttendanceLine{Name: w.word(`SELECT name FROM body WHERE code = 'cmtin'`), Body: governance.CMTIN, Year: 2026, Meetings: 1, Convened: 5,
		Present: 1, Remote: 1, Excused: 1, Absent: 2, Total: 1}
	if got := at(AttendanceFilter{By: ByBody, Body: governance.CMTIN, Year: 2026, Page: 1}); len(got) != 1 || got[0] != want {
		t.Errorf("by body: %+v", got)
	}
	if got := at(AttendanceFilter{By: ByCommune}); len(got) != 4 || got[0].Convened != 1 {
		t.Errorf("by commune: %+v", got)
	}
	for _, f := range []AttendanceFilter{{By: ByBody, Year: 2025}, {By: ByBody, Body: governance.GNI}, {By: ByOrganisation}, {By: ByCommune, Page: 2}} {
		if got := at(f); len(got) != 0 {
			t.Errorf("%+v: %+v", f, got)
		}
	}
	_, err := w.s.Attendance(t.Context(), access.Actor{}, AttendanceFilter{})
	w.wantKind("the public", err, problem.Forbidden)
}

// Counts tell of the whole roll, whatever the page.
func TestRollIsPagedAndCountedWhole(t *testing.T) {
	t.Parallel()
	r := Roll{}
	for i := range 130 {
		r.All = append(r.All, RollRow{ID: ConvocationID(i + 1), Kind: Convocation, GroupPosition: 1 + i/100, Mark: StatusPresent, Found: true})
	}
	r.sum()
	r.cut(3)
	if r.Pages != 3 || len(r.Rows) != 10 || r.Count.Present != 130 || len(r.Groups) != 2 || r.Groups[1].Count.People != 30 {
		t.Errorf("%d pages, %d rows, %+v", r.Pages, len(r.Rows), r.Groups)
	}
	r.cut(99)
	if r.Page != 3 {
		t.Errorf("page %d of 3", r.Page)
	}
}
