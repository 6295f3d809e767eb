package edition_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"pgregory.net/rapid"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/edition"
	"bordeaux-metropole.fr/portal/internal/roadmap/roadmaptest"
)

// scene is a roadmap, a CMTIN that is held, and the programme of next year.
type scene struct {
	*roadmaptest.World
	s     *edition.Service
	year  int
	cmtin governance.MeetingID
}

// failer is what a property test and a test share.
type failer interface {
	Helper()
	Fatal(...any)
}

func service(t testing.TB, db postgres.DB) *edition.Service {
	t.Helper()
	jobs, err := notify.NewInserter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return edition.New(db, nil, notify.NewOutbox(jobs), "https://portail.example.org")
}

func newScene(t testing.TB, w *roadmaptest.World) *scene {
	t.Helper()
	v := &scene{World: w, s: service(t, w.DB), year: w.Today.Year() + 1}
	if err := w.DB.QueryRow(t.Context(), `INSERT INTO meeting (body, starts_at, ends_at, state, announced, convened_at)
		VALUES ('cmtin', now() - interval '1 day', now() - interval '22 hours', 'held', true, now() - interval '10 days') RETURNING id`).Scan(&v.cmtin); err != nil {
		t.Fatal(err)
	}
	return v
}

func must(t failer, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// carryAll gives every action of the list a reason.
func (v *scene) carryAll(t failer, year int) {
	t.Helper()
	b, err := v.s.Carried(context.Background(), v.Team, year, 1)
	must(t, err)
	var all []edition.Carry
	for _, l := range b.Lines {
		all = append(all, edition.Carry{Action: l.ID, Version: l.LineVersion, Reason: "Le travail continue."})
	}
	must(t, v.s.CarryOver(context.Background(), v.Team, year, all))
}

// examine closes the proposals and retains each.
func (v *scene) examine(t failer, year int) {
	t.Helper()
	ctx := context.Background()
	must(t, v.s.Examine(ctx, v.Team, year, 0))
	b, err := v.s.Board(ctx, v.Team, year, edition.Filter{Outcome: edition.Waiting, Origin: edition.Fresh})
	must(t, err)
	for _, l := range b.Lines {
		must(t, v.s.Answer(ctx, v.Team, edition.Answer{Year: year, Action: l.ID, Version: l.LineVersion, Outcome: edition.Retained}))
	}
}

// vote adopts the whole list.
func (v *scene) vote(t failer, year int) edition.Vote {
	t.Helper()
	b, err := v.s.Ballot(context.Background(), v.Team, year)
	must(t, err)
	vote := edition.Vote{Year: year, Version: b.Version, Seen: b.Seen(), Meeting: v.cmtin, Method: minutes.Consensus, Choices: map[roadmap.ID]edition.Choice{}}
	for _, l := range b.Lines {
		vote.Choices[l.ID] = edition.Choice{Adopted: true}
	}
	return vote
}

func (v *scene) idea() edition.Idea {
	return edition.Idea{Axis: v.Axes[0], Title: "Créer un bus numérique", Objective: "Aller vers les habitants isolés.", Body: governance.Communes,
		Pilot: v.Begles, Communes: []roadmap.OrganisationID{v.Begles}, Cost: 12_000_50, CostYear: v.year}
}

// TestYear goes from proposals to the frozen edition, then to the next one.
func TestYear(t *testing.T) {
	t.Parallel()
	v, ctx := newScene(t, roadmaptest.New(t)), t.Context()
	if err := v.s.Start(ctx, v.MayorBegles, v.year, v.Today); problem.KindOf(err) != problem.Forbidden {
		t.Errorf("a mayor opens a programme: %v", err)
	}
	must(t, v.s.Start(ctx, v.Team, v.year, v.Today))
	if err := v.s.Start(ctx, v.Team, v.year+1, v.Today); problem.KindOf(err) != problem.Invalid {
		t.Errorf("two programmes at once: %v", err)
	}
	bad := v.idea()
	bad.Body = governance.GNI
	if _, err := v.s.Propose(ctx, v.MayorBegles, bad); problem.KindOf(err) != problem.Invalid {
		t.Errorf("a mayor proposes for the GNI: %v", err)
	}
	bus, err := v.s.Propose(ctx, v.MayorBegles, v.idea())
	must(t, err)
	v.proposal(bus)
	v.refusedFreezes()
	// Another proposal is refused by the meeting, an action carried over is suspended.
	vote := v.vote(t, v.year)
	vote.Choices[v.Idea] = edition.Choice{Reason: "Trop cher."}
	if _, err := v.s.Freeze(ctx, v.Team, func() edition.Vote {
		x := v.vote(t, v.year)
		x.Choices[v.Local] = edition.Choice{Reason: "Non."}
		return x
	}()); problem.KindOf(err) != problem.Invalid {
		t.Errorf("an action carried over is refused without a fate: %v", err)
	}
	vote.Choices[v.Local] = edition.Choice{Reason: "À revoir.", Fate: roadmap.Suspended}
	decision, err := v.s.Freeze(ctx, v.Team, vote)
	must(t, err)
	if _, err := v.s.Freeze(ctx, v.Team, vote); problem.KindOf(err) != problem.Conflict {
		t.Errorf("a second freeze: %v", err)
	}
	v.afterVote(bus, decision)
	v.immutable()
	v.nextYear(bus)
}

// proposal follows a proposal: who reads it, who changes it.
func (v *scene) proposal(bus roadmap.ID) {
	t, ctx := v.T, v.T.Context()
	if a := v.Whole(bus); a.Public() || a.Status != roadmap.Proposed || a.Budget[0].Planned != 12_000_50 || a.ProposerID != v.Begles {
		t.Errorf("proposed %+v", a.Action)
	}
	if _, err := v.s.Own(ctx, v.MayorPessac, bus); problem.KindOf(err) != problem.NotFound {
		t.Errorf("another commune reads a proposal: %v", err)
	}
	in := v.idea()
	in.Title, in.Version, in.Cost = "Créer deux bus numériques", 99, 0
	if err := v.s.Change(ctx, v.DelegateBegles, bus, in); !errors.Is(err, roadmap.ErrStale) {
		t.Errorf("a stale change: %v", err)
	}
	in.Version = v.Whole(bus).Version
	must(t, v.s.Change(ctx, v.DelegateBegles, bus, in))
	if a := v.Whole(bus); a.Title != in.Title || len(a.Budget) != 0 {
		t.Errorf("changed %+v", a)
	}
	extra, err := v.s.Propose(ctx, v.MayorPessac, v.idea())
	must(t, err)
	must(t, v.s.Withdraw(ctx, v.MayorPessac, extra, v.Whole(extra).Version, ""))
	if o, err := v.s.Own(ctx, v.MayorPessac, extra); err != nil || o.Outcome != edition.Withdrawn || o.Mine.Open() {
		t.Errorf("withdrawn %+v %v", o.Mine, err)
	}
}

// refusedFreezes tries to vote too early, and ends with a list that is ready.
func (v *scene) refusedFreezes() {
	t, ctx := v.T, v.T.Context()
	refused := func(why string) {
		t.Helper()
		if _, err := v.s.Freeze(ctx, v.Team, v.vote(t, v.year)); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("freeze: %v, wanted %q", err, why)
		}
	}
	refused("Fermez d’abord")
	must(t, v.s.Examine(ctx, v.Team, v.year, 0))
	refused("restent à examiner")
	b, err := v.s.Board(ctx, v.Team, v.year, edition.Filter{Outcome: edition.Waiting, Origin: edition.Fresh})
	must(t, err)
	if len(b.Lines) != 2 || b.Unsaid != 3 {
		t.Errorf("to examine: %d lines, %d unsaid", len(b.Lines), b.Unsaid)
	}
	for _, l := range b.Lines {
		in := edition.Answer{Year: v.year, Action: l.ID, Version: l.LineVersion, Outcome: edition.SetAside}
		if err := v.s.Answer(ctx, v.Team, in); problem.KindOf(err) != problem.Invalid {
			t.Errorf("set aside without a reason: %v", err)
		}
		in.Outcome = edition.Retained
		must(t, v.s.Answer(ctx, v.Team, in))
		if err := v.s.Answer(ctx, v.Team, in); !errors.Is(err, roadmap.ErrStale) {
			t.Errorf("two answers: %v", err)
		}
	}
	refused("motif de reconduction")
	v.carryAll(t, v.year)
	stale := v.vote(t, v.year)
	stale.Seen = "autre"
	if _, err := v.s.Freeze(ctx, v.Team, stale); !errors.Is(err, roadmap.ErrStale) {
		t.Errorf("another list: %v", err)
	}
	none := v.vote(t, v.year)
	none.Meeting = 0
	if _, err := v.s.Freeze(ctx, v.Team, none); problem.KindOf(err) != problem.Invalid {
		t.Errorf("no meeting: %v", err)
	}
}

func (v *scene) afterVote(bus roadmap.ID, d minutes.RecordedDecision) {
	t, ctx := v.T, v.T.Context()
	if a := v.Whole(bus); a.Status != roadmap.Validated || !a.Public() || !strings.HasPrefix(a.Validation, "Décision CMTIN n° ") || len(a.Decisions) != 1 {
		t.Errorf("adopted %+v", a)
	}
	if a := v.Whole(v.Idea); a.Status != roadmap.Abandoned || a.Public() || a.StatusReason != "Trop cher." {
		t.Errorf("refused %+v", a.Action)
	}
	if a := v.Whole(v.Local); a.Status != roadmap.Suspended || a.StatusReason != "À revoir." {
		t.Errorf("suspended %+v", a.Action)
	}
	p, err := v.s.Published(ctx, v.year)
	must(t, err)
	if len(p.Actions) != 3 || len(p.Stopped) != 1 || p.SetAside != 1 || p.Decision.Reference != d.Reference || p.Totals[0].Planned != 20_000_00 {
		t.Errorf("content %+v", p.Content)
	}
	for _, secret := range []string{"Former les agents", "Trop cher", "Camille", "Maire"} {
		if strings.Contains(p.Bytes, secret) {
			t.Errorf("the edition says %q", secret)
		}
	}
	must(t, v.s.CheckInvariants(ctx))
}

// immutable tries to change what is frozen, as its owner and as the portal.
func (v *scene) immutable() {
	t := v.T
	for _, role := range []string{`RESET ROLE`, `SET LOCAL ROLE portal_app`} {
		if _, err := v.DB.Exec(t.Context(), role); err != nil {
			t.Fatal(err)
		}
		for _, sql := range []string{`UPDATE edition SET content = '{}', sha256 = sha256('{}')`, `UPDATE edition SET state = 'examination'`, `DELETE FROM edition`,
			`UPDATE edition_line SET reason = 'x'`, `DELETE FROM edition_line`, `TRUNCATE edition_line`, `TRUNCATE edition CASCADE`,
			`INSERT INTO edition_line (year, action_id, origin) SELECT l.year, a.id, 'new' FROM roadmap_action a, edition_line l LIMIT 1`} {
			err := pgx.BeginFunc(t.Context(), v.DB, func(tx pgx.Tx) error { _, err := tx.Exec(t.Context(), sql); return err })
			if pg, ok := errors.AsType[*pgconn.PgError](err); !ok || pg.Code != "42501" {
				t.Errorf("%s, %s: %v", role, sql, err)
			}
		}
	}
	if _, err := v.DB.Exec(t.Context(), `RESET ROLE`); err != nil {
		t.Fatal(err)
	}
}

// nextYear makes the programme that follows, and compares the two.
func (v *scene) nextYear(bus roadmap.ID) {
	t, ctx := v.T, v.T.Context()
	if _, err := roadmap.SetStatus(ctx, v.DB, v.Whole(bus).Action, roadmap.Done, "", ""); err != nil {
		t.Fatal(err)
	}
	must(t, v.s.Start(ctx, v.Team, v.year+1, v.Today))
	v.carryAll(t, v.year+1)
	v.examine(t, v.year+1)
	if _, err := v.s.Freeze(ctx, v.Team, v.vote(t, v.year+1)); err != nil {
		t.Fatal(err)
	}
	must(t, v.s.CheckInvariants(ctx))
	c, err := v.s.Compare(ctx, v.year, v.year+1)
	must(t, err)
	if len(c.Done) != 1 || c.Done[0].Number != v.Whole(bus).Number || len(c.Kept) != 2 || len(c.Fresh) != 1 || c.Kept[0].Reason == "" {
		t.Errorf("compared %+v", c)
	}
	if _, err := v.s.Compare(ctx, v.year+1, v.year); problem.KindOf(err) != problem.Invalid {
		t.Errorf("compared backwards: %v", err)
	}
}

// TestFrozenStays does anything to the actions of a frozen edition: the same bytes come
// back; and whatever happened, the next programme loses none of its actions.
func TestFrozenStays(t *testing.T) {
	t.Parallel()
	w := roadmaptest.New(t)
	rapid.Check(t, func(r *rapid.T) {
		tx, err := w.DB.Begin(t.Context())
		must(r, err)
		defer func() { _ = tx.Rollback(context.Background()) }()
		mine := *w
		mine.DB = tx
		v := newScene(t, &mine)
		must(r, v.s.Start(t.Context(), v.Team, v.year, v.Today))
		v.carryAll(r, v.year)
		v.examine(r, v.year)
		_, err = v.s.Freeze(t.Context(), v.Team, v.vote(r, v.year))
		must(r, err)
		first, err := v.s.Published(t.Context(), v.year)
		must(r, err)
		for range rapid.IntRange(1, 6).Draw(r, "acts") {
			v.act(r)
		}
		must(r, v.s.Start(t.Context(), v.Team, v.year+1, v.Today))
		v.carryAll(r, v.year+1)
		v.act(r)
		b, err := v.s.Ballot(t.Context(), v.Team, v.year+1)
		must(r, err)
		if len(b.Unsaid) > 0 { // taken up again meanwhile
			v.carryAll(r, v.year+1)
		}
		v.examine(r, v.year+1)
		vote := v.vote(r, v.year+1)
		if len(vote.Choices) > 0 {
			_, err = v.s.Freeze(t.Context(), v.Team, vote)
			must(r, err)
		}
		must(r, v.s.CheckInvariants(t.Context()))
		again, err := v.s.Published(t.Context(), v.year)
		must(r, err)
		if again.Bytes != first.Bytes || again.Hash != first.Hash {
			r.Fatal("a frozen edition changed")
		}
	})
}

// act does something to an action that a programme holds.
func (v *scene) act(r *rapid.T) {
	ctx := context.Background()
	id := rapid.SampledFrom([]roadmap.ID{v.Shared, v.Local, v.Coming, v.Idea}).Draw(r, "action")
	a, err := roadmap.Load(ctx, v.DB, id)
	must(r, err)
	switch rapid.SampledFrom([]string{"status", "title", "budget"}).Draw(r, "act") {
	case "status":
		to := rapid.SampledFrom(slices.DeleteFunc(slices.Clone(roadmap.Statuses), func(s roadmap.Status) bool { return s == roadmap.Proposed })).Draw(r, "to")
		_, err = roadmap.SetStatus(ctx, v.DB, a, to, "Parce que.", "")
	case "title":
		a.Title = rapid.StringMatching(`[a-zé]{1,20}`).Draw(r, "title")
		err = roadmap.Write(ctx, v.DB, a)
	default:
		_, err = v.DB.Exec(ctx, `INSERT INTO budget_line (action_id, year, nature, planned_cents) VALUES ($1, 2030, 'running', $2)
			ON CONFLICT ON CONSTRAINT budget_line_once DO UPDATE SET planned_cents = excluded.planned_cents`, id, rapid.IntRange(0, 1_000_000).Draw(r, "cents"))
	}
	must(r, err)
}

// TestTwoVotes lets two people freeze the same programme at once: one decision is written.
func TestTwoVotes(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	tx, err := pool.Begin(t.Context())
	must(t, err)
	defer func() { _ = tx.Rollback(context.Background()) }()
	v := newScene(t, roadmaptest.On(t, tx))
	must(t, v.s.Start(t.Context(), v.Team, v.year, v.Today))
	v.carryAll(t, v.year)
	v.examine(t, v.year)
	vote := v.vote(t, v.year)
	must(t, tx.Commit(t.Context()))
	s := service(t, pool)
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		wg.Go(func() { _, errs[i] = s.Freeze(t.Context(), v.Team, vote) })
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || problem.KindOf(errors.Join(errs...)) != problem.Conflict {
		t.Errorf("two votes: %v", errs)
	}
	if n, err := postgres.Value[int](t.Context(), pool, `SELECT count(*)::int FROM decision`); err != nil || n != 1 {
		t.Errorf("%d decisions, %v", n, err)
	}
}
