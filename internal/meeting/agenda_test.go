package meeting

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// agendaWorld is meetings of their own for one test.
type agendaWorld struct {
	t  testing.TB
	db *pgxpool.Pool
	s  *Service
}

var agendaTeam = access.Actor{Account: 1, Person: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}, RequestID: "test"}

func newAgendaWorld(t testing.TB) *agendaWorld {
	t.Helper()
	db := pgtest.Pool(t)
	jobs, err := notify.NewInserter(db)
	if err != nil {
		t.Fatal(err)
	}
	return &agendaWorld{t, db, New(db, notify.NewOutbox(jobs), "https://portail.example.org")}
}

// id runs a statement that returns one identifier.
func (w *agendaWorld) id(sql string, args ...any) (v int64) {
	w.t.Helper()
	if err := w.db.QueryRow(w.t.Context(), sql, args...).Scan(&v); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// meeting plans one days from now.
func (w *agendaWorld) meeting(body governance.BodyCode, days int, state governance.MeetingState) ID {
	w.t.Helper()
	return ID(w.id(`INSERT INTO meeting (body, starts_at, ends_at, state, announced)
		VALUES ($1, now() + make_interval(days => $2), now() + make_interval(days => $2, hours => 2), $3, true) RETURNING id`, body, days, state))
}

func (w *agendaWorld) add(m ID, titles ...string) []ItemID {
	w.t.Helper()
	var out []ItemID
	for _, title := range titles {
		i, err := w.s.AddItem(w.t.Context(), agendaTeam, m, ItemInput{Title: title, Kind: ForDiscussion, Minutes: 10})
		if err != nil {
			w.t.Fatalf("add %s: %v", title, err)
		}
		out = append(out, i.ID)
	}
	return out
}

func (w *agendaWorld) items(m ID) []Item {
	w.t.Helper()
	v, err := w.s.Items(w.t.Context(), w.db, m)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// lines writes an agenda as « 1 Accueil », « 1.1 … ».
func (w *agendaWorld) lines(m ID) []string {
	var out []string
	for _, i := range w.items(m) {
		out = append(out, i.Number+" "+i.Title)
	}
	return out
}

func (w *agendaWorld) want(m ID, lines ...string) {
	w.t.Helper()
	if got := w.lines(m); !slices.Equal(got, lines) {
		w.t.Errorf("agenda %q, want %q", got, lines)
	}
}

func refusedAs(t testing.TB, what string, err error, kind problem.Kind) {
	t.Helper()
	if err == nil || problem.KindOf(err) != kind {
		t.Errorf("%s: got %v, want kind %d", what, err, kind)
	}
}

func TestAgendaOfTheTeam(t *testing.T) {
	t.Parallel()
	w := newAgendaWorld(t)
	ctx := t.Context()
	m := w.meeting(governance.GNI, 20, governance.Draft)
	if n, err := w.s.TakeStanding(ctx, agendaTeam, m); n != 3 || err != nil {
		t.Fatalf("standing points: %d, %v", n, err)
	}
	a := w.add(m, "Alpha", "Beta")
	w.want(m, "1 Accueil et approbation du compte rendu précédent", "2 Suivi des décisions", "3 Alpha", "4 Beta", "5 Questions diverses")
	done, err := w.s.MoveItem(ctx, agendaTeam, m, a[1], StepIn)
	if err != nil || done.From != "4" || done.To != "3.1" {
		t.Errorf("indent: %+v, %v", done, err)
	}
	if done, err = w.s.MoveItem(ctx, agendaTeam, m, a[1], StepIn); err != nil || done.From != done.To {
		t.Errorf("a second level: %+v, %v", done, err)
	}
	refusedAs(t, "remove a point with sub-points", w.s.RemoveItem(ctx, agendaTeam, m, a[0]), problem.Invalid)
	if _, err = w.s.MoveItem(ctx, agendaTeam, m, a[1], StepOut); err != nil {
		t.Fatal(err)
	}
	if err := w.s.RemoveItem(ctx, agendaTeam, m, a[0]); err != nil {
		t.Fatal(err)
	}
	w.want(m, "1 Accueil et approbation du compte rendu précédent", "2 Suivi des décisions", "3 Beta", "4 Questions diverses")
	if n, err := w.s.TakeStanding(ctx, agendaTeam, m); n != 0 || err != nil {
		t.Errorf("standing points taken twice: %d, %v", n, err)
	}
	w.id(`INSERT INTO item_note (item_id, meeting_id, text) VALUES ($1, $2, 'Vu.') RETURNING item_id`, a[1], m)
	refusedAs(t, "remove a point with notes", w.s.RemoveItem(ctx, agendaTeam, m, a[1]), problem.Invalid)
	refusedAs(t, "update with an old version", w.s.UpdateItem(ctx, agendaTeam, m, a[1], ItemInput{Title: "B", Kind: ForOpinion, Version: 9}), problem.Conflict)
	if err := w.s.UpdateItem(ctx, agendaTeam, m, a[1], ItemInput{Title: "Bêta", Kind: ForOpinion, Minutes: 30, Version: 1}); err != nil {
		t.Error(err)
	}
	outsider := access.Actor{Account: 2, Person: 2, Acting: access.Capacity{Role: access.Mayor}}
	refusedAs(t, "a mayor removes", w.s.RemoveItem(ctx, outsider, m, a[1]), problem.Forbidden)
	_, err = w.s.Agenda(ctx, outsider, m)
	refusedAs(t, "a mayor reads the team's page", err, problem.NotFound)
	w.id(`UPDATE meeting SET state = 'held' WHERE id = $1 RETURNING id`, m)
	_, err = w.s.AddItem(ctx, agendaTeam, m, ItemInput{Title: "Trop tard", Kind: ForDiscussion})
	refusedAs(t, "add to a meeting held", err, problem.Invalid)
}

// Two people move points at once: every point stays, positions are 1 to n.
func TestConcurrentMovesLoseNothing(t *testing.T) {
	t.Parallel()
	w := newAgendaWorld(t)
	m := w.meeting(governance.GNI, 20, governance.Draft)
	all := w.add(m, "A", "B", "C", "D", "E", "F")
	var wg sync.WaitGroup
	steps := []Step{StepUp, StepDown, StepIn, StepOut}
	for p := range 3 {
		wg.Go(func() {
			for k := range 20 {
				if _, err := w.s.MoveItem(t.Context(), agendaTeam, m, all[(k*(p+1)+p)%len(all)], steps[(k+p)%4]); err != nil {
					t.Errorf("move: %v", err)
				}
			}
		})
	}
	wg.Wait()
	items := w.items(m)
	if len(items) != len(all) {
		t.Fatalf("%d points, want %d", len(items), len(all))
	}
	for i, s := range Timetable(items, time.Time{}) {
		if s.Position != i+1 {
			t.Errorf("%s stands at %d, want %d", s.Title, s.Position, i+1)
		}
		for j, sub := range s.Subs {
			if sub.Position != j+1 || sub.Parent != s.ID {
				t.Errorf("%s stands at %d of %d, want %d of %d", sub.Title, sub.Position, sub.Parent, j+1, s.ID)
			}
		}
	}
}

func TestReorderAsksForTheOrderSeen(t *testing.T) {
	t.Parallel()
	w := newAgendaWorld(t)
	ctx := t.Context()
	m, other := w.meeting(governance.GNI, 20, governance.Convened), w.meeting(governance.GNI, 40, governance.Draft)
	a, foreign := w.add(m, "A", "B", "C"), w.add(other, "Z")
	mark := OrderMark(w.items(m))
	order := []ItemPlace{{a[2], 0}, {a[0], 0}, {a[1], a[0]}}
	for name, bad := range map[string][]ItemPlace{"short": order[:2], "foreign": {{a[2], 0}, {a[0], 0}, {foreign[0], 0}}, "twice": {{a[0], 0}, {a[0], 0}, {a[1], 0}}} {
		_, err := w.s.Reorder(ctx, agendaTeam, m, mark, bad, a[0])
		refusedAs(t, name, err, problem.BadRequest)
	}
	done, err := w.s.Reorder(ctx, agendaTeam, m, mark, order, a[1])
	if err != nil || done.From != "2" || done.To != "2.1" {
		t.Fatalf("reorder: %+v, %v", done, err)
	}
	w.want(m, "1 C", "2 A", "2.1 B")
	_, err = w.s.Reorder(ctx, agendaTeam, m, mark, order, a[1])
	refusedAs(t, "with the order of before", err, problem.Conflict)
}

func TestMoveToNextKeepsTheOrigin(t *testing.T) {
	t.Parallel()
	w := newAgendaWorld(t)
	ctx := t.Context()
	m, next, far := w.meeting(governance.GNI, 20, governance.Convened), w.meeting(governance.GNI, 60, governance.Draft), w.meeting(governance.GNI, 90, governance.Draft)
	other := w.meeting(governance.Communes, 60, governance.Draft)
	if _, err := w.s.TakeStanding(ctx, agendaTeam, next); err != nil {
		t.Fatal(err)
	}
	a := w.add(m, "A", "B")
	sub, err := w.s.AddItem(ctx, agendaTeam, m, ItemInput{Title: "B bis", Kind: ForDecision, Parent: a[1]})
	if err != nil {
		t.Fatal(err)
	}
	w.id(`WITH d AS (INSERT INTO document (name, media_type, size, sha256) VALUES ('a.pdf', 'application/pdf', 3, sha256('abc')) RETURNING id)
		INSERT INTO meeting_document (meeting_id, item_id, document_id, title, audience) SELECT $1, $2, d.id, 'Note', 'members' FROM d RETURNING id`, m, sub.ID)
	_, err = w.s.MoveToNext(ctx, agendaTeam, m, a[1], other)
	refusedAs(t, "to another body", err, problem.Invalid)
	_, err = w.s.MoveToNext(ctx, agendaTeam, next, w.items(next)[0].ID, m)
	refusedAs(t, "to an earlier meeting", err, problem.Invalid)
	moved, err := w.s.MoveToNext(ctx, agendaTeam, m, a[1], next)
	if err != nil {
		t.Fatal(err)
	}
	w.want(next, "1 Accueil et approbation du compte rendu précédent", "2 Suivi des décisions", "3 B", "3.1 B bis", "4 Questions diverses")
	if moved.Origin != "moved" || moved.OriginItem != a[1] || moved.OriginMeeting != m {
		t.Errorf("origin of what moved: %+v", moved)
	}
	for _, i := range w.items(m)[1:] {
		if i.MovedToMeeting != next {
			t.Errorf("%s is not marked as moved: %+v", i.Title, i)
		}
	}
	if n := w.id(`SELECT count(*) FROM meeting_document d JOIN agenda_item i ON i.id = d.item_id WHERE d.meeting_id = $1 AND i.origin_id = $2`, next, sub.ID); n != 1 {
		t.Errorf("%d documents followed, want 1", n)
	}
	_, err = w.s.MoveToNext(ctx, agendaTeam, m, a[1], next)
	refusedAs(t, "twice", err, problem.Invalid)
	refusedAs(t, "change what left", w.s.UpdateItem(ctx, agendaTeam, m, a[1], ItemInput{Title: "B", Kind: ForOpinion, Version: 2}), problem.Invalid)
	// Moved again, it keeps the whole way back; taken off, it goes back where it was.
	again, err := w.s.MoveToNext(ctx, agendaTeam, next, moved.ID, far)
	if err != nil || again.OriginItem != moved.ID {
		t.Fatalf("moved again: %+v, %v", again, err)
	}
	for _, i := range slices.Backward(w.items(far)) {
		if err := w.s.RemoveItem(ctx, agendaTeam, far, i.ID); err != nil {
			t.Fatal(err)
		}
	}
	if i, _ := itemOf(w.items(next), moved.ID); i.MovedTo != 0 {
		t.Errorf("taken off the later agenda, the point is still marked as moved: %+v", i)
	}
}

func TestPushUpOnceAndTakeOnce(t *testing.T) {
	t.Parallel()
	w := newAgendaWorld(t)
	ctx := t.Context()
	m, cmtin := w.meeting(governance.GNI, 20, governance.Draft), w.meeting(governance.CMTIN, 60, governance.Draft)
	w.id(`UPDATE meeting SET starts_at = '2026-06-11 12:00Z', ends_at = '2026-06-11 15:00Z' WHERE id = $1 RETURNING id`, m)
	a := w.add(m, "A", "B", "C")
	p, err := w.s.PushUp(ctx, agendaTeam, m, a[2])
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.s.PushUp(ctx, agendaTeam, m, a[2])
	refusedAs(t, "pushed twice", err, problem.Invalid)
	refusedAs(t, "remove what is pushed", w.s.RemoveItem(ctx, agendaTeam, m, a[2]), problem.Invalid)
	_, err = w.s.TakeProposal(ctx, agendaTeam, Taking{Proposal: p, Version: 1, Meeting: m, Kind: ForDecision})
	refusedAs(t, "on the agenda of another body", err, problem.Invalid)
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = w.s.TakeProposal(ctx, agendaTeam, Taking{Proposal: p, Version: 1, Meeting: cmtin, Kind: ForDecision, Minutes: 20})
		})
	}
	wg.Wait()
	took := 0
	for _, err := range errs {
		if err == nil {
			took++
		} else {
			refusedAs(t, "taken by somebody else", err, problem.Conflict)
		}
	}
	items := w.items(cmtin)
	if took != 1 || len(items) != 1 {
		t.Fatalf("taken %d times, %d points", took, len(items))
	}
	if i := items[0]; i.Origin != "pushed" || i.OriginMeeting != m || i.OriginWords != "GNI du 11 juin 2026, point 3" {
		t.Errorf("origin of the point pushed up: %+v", i)
	}
	// Taken off the agenda, it waits again.
	if err := w.s.RemoveItem(ctx, agendaTeam, cmtin, items[0].ID); err != nil {
		t.Fatal(err)
	}
	if d, err := w.s.ProposalDesk(ctx, agendaTeam, p); err != nil || d.State != ProposalWaiting || d.From != "GNI du 11 juin 2026, point 3" || len(d.Meetings) != 1 {
		t.Errorf("proposal after its point was taken off: %+v, %v", d, err)
	}
}

func TestFollowUpFillsItself(t *testing.T) {
	t.Parallel()
	w := newAgendaWorld(t)
	past, draft, m := w.meeting(governance.GNI, -90, governance.Published), w.meeting(governance.GNI, -10, governance.Held), w.meeting(governance.GNI, 20, governance.Draft)
	later, other := w.meeting(governance.GNI, 60, governance.Draft), w.meeting(governance.Communes, -90, governance.Published)
	for i, d := range []struct {
		m     ID
		body  governance.BodyCode
		state string
	}{{past, "gni", "open"}, {past, "gni", "done"}, {draft, "gni", "in_progress"}, {later, "gni", "open"}, {other, "communes", "open"}} {
		w.id(`INSERT INTO decision (kind, meeting_id, body, year, number, title, text, outcome, method, follow_up)
			VALUES ('decision', $1, $2, 2026, $3, $4, 'Texte', 'adopted', 'consensus', $5) RETURNING id`, d.m, d.body, i+1, fmt.Sprint("D", i+1), d.state)
	}
	w.id(`INSERT INTO asked_action (meeting_id, what, owner, due_on) VALUES ($1, 'Écrire', 'La Maison', paris_today() - 1) RETURNING id`, past)
	w.id(`INSERT INTO asked_action (meeting_id, what, owner, due_on) VALUES ($1, 'Plus tard', 'La Maison', paris_today()) RETURNING id`, past)
	w.id(`INSERT INTO minutes (meeting_id, text) VALUES ($1, '') RETURNING meeting_id`, past)
	w.id(`INSERT INTO minutes_publication (meeting_id, number, text, sha256, published_by) VALUES ($1, 1, '', sha256(''), 'X') RETURNING meeting_id`, past)
	meeting, _, err := w.s.Load(t.Context(), agendaTeam, m)
	if err != nil {
		t.Fatal(err)
	}
	for sight, want := range map[Sight][]string{Inside: {"GNI 2026-1 D1", "GNI 2026-3 D3", " Écrire"}, Outside: {"GNI 2026-1 D1"}} {
		var (
			b   postgres.Batch
			got []Following
		)
		addFollowing(&b, &got, meeting, sight)
		if err := b.Run(t.Context(), w.db); err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, f := range got {
			lines = append(lines, f.Reference()+" "+f.Title)
		}
		if !slices.Equal(lines, want) {
			t.Errorf("sight %d: %q, want %q", sight, lines, want)
		}
	}
}
