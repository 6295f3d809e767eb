package minutes

import (
	"strings"
	"sync"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/problem"
)

func TestNotesOfTwoPeople(t *testing.T) {
	t.Parallel()
	w := newRegWorld(t)
	id, item := w.meeting(governance.GNI, 0)
	second := regValue[meeting.ItemID](w, `INSERT INTO agenda_item (meeting_id, position, title, kind) VALUES ($1, 2, 'Divers', 'discussion') RETURNING id`, id)
	save := func(notes ...NoteInput) []Note {
		t.Helper()
		theirs, err := w.s.SaveNotes(t.Context(), regTeam, id, notes)
		if err != nil {
			t.Fatal(err)
		}
		return theirs
	}
	two := NoteInput{second, "Fin à 16 h", 0}
	if c := save(NoteInput{item, "Première", 0}); len(c) > 0 {
		t.Fatalf("first save: %v", c)
	}
	// The other typed over the empty page: their point 1 conflicts, their point 2 is kept.
	c := save(NoteInput{item, "La mienne", 0}, two)
	if len(c) != 1 || c[0].Item != item || c[0].Text != "Première" || c[0].Version != 1 || c[0].UpdatedBy != regTeam.Name {
		t.Fatalf("conflict: %+v", c)
	}
	if got := regValue[string](w, `SELECT text FROM item_note WHERE item_id = $1`, second); got != "Fin à 16 h" {
		t.Errorf("the other note: %q", got)
	}
	if c := save(NoteInput{item, "Première", 0}); len(c) > 0 {
		t.Errorf("the same words are no conflict: %v", c)
	}
	if c := save(NoteInput{item, "La mienne", 1}); len(c) > 0 {
		t.Errorf("over the version seen: %v", c)
	}
	r, err := w.s.SessionOf(t.Context(), regTeam, id)
	if err != nil || len(r.Notes) != 2 || r.ForItem(item).Notes[0].Text != "La mienne" || r.ForItem(item).Notes[0].Version != 2 {
		t.Errorf("record: %+v %v", r, err)
	}
	_, err = w.s.SaveNotes(t.Context(), regTeam, id, []NoteInput{{999_999, "x", 0}})
	regRefused(t, "point of nowhere", err, problem.Conflict, "")
	w.publish(id)
	_, err = w.s.SaveNotes(t.Context(), regTeam, id, []NoteInput{{item, "Après", 2}})
	regRefused(t, "after publication", err, problem.Conflict, "")
}

func TestPositionsOfTheCMTIN(t *testing.T) {
	t.Parallel()
	w := newRegWorld(t)
	gni, _ := w.meeting(governance.GNI, 30)
	id, item := w.meeting(governance.CMTIN, 30)
	in := PositionInput{KindPosition, "Financement pérenne", "Le CMTIN prend position.", "L’État"}
	_, _, err := w.s.RecordPosition(t.Context(), regTeam, gni, 0, in)
	regRefused(t, "position of the GNI", err, problem.Invalid, "")
	p, ref, err := w.s.RecordPosition(t.Context(), regTeam, id, item, in)
	if err != nil || !strings.HasSuffix(ref, "-P1") {
		t.Fatalf("record: %s %v", ref, err)
	}
	d := func(n int) PositionStep {
		return PositionStep{State: PositionAnswered, On: w.today.AddDays(n), Answer: "Entendu."}
	}
	regRefused(t, "answer before sending", w.s.Step(t.Context(), regTeam, p, 1, d(-1)), problem.Invalid, "etape")
	regRefused(t, "sent before adopted", w.s.MarkSent(t.Context(), regTeam, p, 1, w.today.AddDays(-31)), problem.Invalid, "date")
	regRefused(t, "sent tomorrow", w.s.MarkSent(t.Context(), regTeam, p, 1, w.today.AddDays(1)), problem.Invalid, "date")
	w.publish(id)
	regRefused(t, "change what is published", w.s.UpdatePosition(t.Context(), regTeam, p, 1, in), problem.Conflict, "")
	if err := w.s.MarkSent(t.Context(), regTeam, p, 1, w.today.AddDays(-20)); err != nil {
		t.Fatal(err)
	}
	regRefused(t, "stale", w.s.MarkSent(t.Context(), regTeam, p, 1, w.today), problem.Conflict, "")
	regRefused(t, "answered before sent", w.s.Step(t.Context(), regTeam, p, 2, d(-25)), problem.Invalid, "date")
	if err := w.s.Step(t.Context(), regTeam, p, 2, PositionStep{State: PositionClosed, On: w.today.AddDays(-5)}); err != nil {
		t.Fatal(err)
	}
	if err := w.s.RecordAnswer(t.Context(), regTeam, p, 3, "Entendu.", w.today); err != nil {
		t.Fatalf("an answer that comes late reopens: %v", err)
	}
	v, err := w.s.PositionByID(t.Context(), access.Actor{}, p)
	if err != nil || v.State != PositionAnswered || v.Answer != "Entendu." || !v.ClosedOn.IsZero() || v.SentOn != w.today.AddDays(-20) {
		t.Errorf("position: %+v %v", v, err)
	}
	regRefused(t, "close what is answered", w.s.Step(t.Context(), regTeam, p, 4, PositionStep{State: PositionClosed, On: w.today}), problem.Invalid, "etape")
}

func TestActionsAndTheirOwner(t *testing.T) {
	t.Parallel()
	w := newRegWorld(t)
	id, item := w.meeting(governance.GNI, 20)
	alix := w.person("Moreau", "alix.moreau@example.org")
	who := w.recipient(id, alix, "Alix Moreau")
	elsewhere, _ := w.meeting(governance.GNI, 20)
	due := w.today.AddDays(-1)
	_, err := w.s.RecordAction(t.Context(), regTeam, elsewhere, 0, ActionInput{What: "x", Recipient: who, DueOn: due})
	regRefused(t, "recipient of another meeting", err, problem.Invalid, "destinataire")
	_, err = w.s.RecordAction(t.Context(), regTeam, id, item, ActionInput{What: "x", DueOn: due})
	regRefused(t, "nobody asked", err, problem.Invalid, "responsable")
	a, err := w.s.RecordAction(t.Context(), regTeam, id, item, ActionInput{What: "Transmettre la liste", Recipient: who, DueOn: due})
	if err != nil {
		t.Fatal(err)
	}
	owner := access.Actor{Account: 5, Person: alix, Name: "Alix Moreau", Acting: access.Capacity{Role: access.Structure}}
	stranger := access.Actor{Account: 6, Person: alix + 1, Name: "Sacha", Acting: access.Capacity{Role: access.Structure}}
	if l, err := w.s.MyActions(t.Context(), stranger); err != nil || len(l) != 0 {
		t.Errorf("actions of a stranger: %v %v", l, err)
	}
	if l, err := w.s.MyActions(t.Context(), owner); err != nil || len(l) != 1 || !l[0].Late(w.today) || l[0].Owner != "Alix Moreau" {
		t.Errorf("my actions: %+v %v", l, err)
	}
	regRefused(t, "a stranger settles", w.s.SettleAction(t.Context(), stranger, a, 1, ActionDone, ""), problem.NotFound, "")
	regRefused(t, "nobody settles", w.s.SettleAction(t.Context(), access.Actor{}, a, 1, ActionDone, ""), problem.NotFound, "")
	regRefused(t, "dropped without a word", w.s.SettleAction(t.Context(), owner, a, 1, ActionDropped, " "), problem.Invalid, "note")
	regRefused(t, "the owner rewrites", w.s.UpdateAction(t.Context(), owner, a, 1, ActionInput{What: "Rien", Owner: "x", DueOn: due}), problem.Forbidden, "")
	if err := w.s.SettleAction(t.Context(), owner, a, 1, ActionDone, "Envoyée mardi"); err != nil {
		t.Fatal(err)
	}
	regRefused(t, "stale", w.s.SettleAction(t.Context(), regTeam, a, 1, ActionOpen, ""), problem.Conflict, "")
	if err := w.s.SettleAction(t.Context(), regTeam, a, 2, ActionOpen, "La liste est incomplète"); err != nil {
		t.Fatal(err)
	}
	if got := regValue[string](w, `SELECT state FROM asked_action WHERE id = $1 AND settled_at IS NULL`, a); got != "open" {
		t.Errorf("reopened: %s", got)
	}
}

// Two portals run the reminders at once: each owner is told once before the date and
// once after it, in one message whatever the number of actions.
func TestRemindersLeaveOnce(t *testing.T) {
	t.Parallel()
	w := newRegWorld(t)
	id, item := w.meeting(governance.GNI, 60)
	alix, mute := w.person("Moreau", "alix.moreau@example.org"), w.person("Muette", "")
	record := func(person access.PersonID, name string, in int) ActionID {
		t.Helper()
		a, err := w.s.RecordAction(t.Context(), regTeam, id, item, ActionInput{What: "Action à " + name, Recipient: w.recipient(id, person, name), DueOn: w.today.AddDays(in)})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	near := record(alix, "Alix un", 7)
	record(alix, "Alix deux", 0)
	record(alix, "Alix trop tôt", 8)
	record(mute, "Muette", 1)
	run := func() int {
		t.Helper()
		var (
			wg   sync.WaitGroup
			told [2]int
			errs [2]error
		)
		for i := range told {
			wg.Go(func() { told[i], errs[i] = w.s.RemindDue(t.Context()) })
		}
		wg.Wait()
		for _, err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
		return told[0] + told[1]
	}
	waiting := func() int {
		return regValue[int](w, `SELECT (SELECT count(*) FROM mail WHERE kind = 'asked_action') + (SELECT count(*) FROM digest_item WHERE kind = 'asked_action')`)
	}
	if n := run(); n != 0 {
		t.Errorf("what was asked today is fresh: %d told", n)
	}
	w.exec(`UPDATE asked_action SET created_at = now() - interval '60 days'`)
	if n := run(); n != 1 || waiting() != 1 {
		t.Errorf("%d messages", waiting())
	}
	before := waiting()
	if n := run(); n != 0 || waiting() != before {
		t.Errorf("told again: %d", n)
	}
	if marked := regValue[int](w, `SELECT count(*) FROM asked_action WHERE reminded_before_at IS NOT NULL AND reminded_after_at IS NULL`); marked != 2 {
		t.Errorf("%d actions marked, wanted two", marked)
	}
	w.exec(`UPDATE asked_action SET due_on = paris_today() - 1 WHERE id = $1`, near)
	if n := run(); n != 1 || waiting() != before+1 {
		t.Errorf("the day after: %d told, %d messages", n, waiting())
	}
	if n := run(); n != 0 {
		t.Errorf("the day after, again: %d told", n)
	}
	w.exec(`UPDATE asked_action SET due_on = paris_today() - 2, reminded_after_at = NULL, reminded_before_at = NULL, state = 'done', settled_at = now() WHERE id = $1`, near)
	if n := run(); n != 0 {
		t.Errorf("what is done is not asked again: %d told", n)
	}
}

func TestFollowUpOfTheTeam(t *testing.T) {
	t.Parallel()
	w := newRegWorld(t)
	id, item := w.meeting(governance.CMTIN, 40)
	w.decide(id, item, regInput("Ouverte"))
	rejected := regInput("Rejetée")
	rejected.Outcome = Rejected
	w.decide(id, item, rejected)
	if _, _, err := w.s.RecordPosition(t.Context(), regTeam, id, item, PositionInput{KindRequest, "Demande", "Texte", "L’État"}); err != nil {
		t.Fatal(err)
	}
	for _, in := range []int{-3, 2, 40} {
		if _, err := w.s.RecordAction(t.Context(), regTeam, id, item, ActionInput{What: "x", Owner: "Les communes", DueOn: w.today.AddDays(in)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		f    FollowUpFilter
		want int
	}{
		{FollowUpFilter{}, 1}, {FollowUpFilter{Body: governance.GNI}, 0}, {FollowUpFilter{View: ViewActions}, 3},
		{FollowUpFilter{View: ViewActions, When: Late}, 1}, {FollowUpFilter{View: ViewActions, When: Soon}, 1}, {FollowUpFilter{View: ViewPositions}, 1},
	} {
		v, err := w.s.FollowUp(t.Context(), regTeam, c.f, 1)
		if n := len(v.Decisions) + len(v.Actions) + len(v.Positions); err != nil || n != c.want || v.Paging.Total != c.want {
			t.Errorf("%+v: %d lines of %d, %v", c.f, n, v.Paging.Total, err)
		}
		if v.Counts != (OpenCount{1, 3, 1, 1}) {
			t.Errorf("counts: %+v", v.Counts)
		}
	}
	_, err := w.s.FollowUp(t.Context(), access.Actor{}, FollowUpFilter{}, 1)
	regRefused(t, "the public follows up", err, problem.Forbidden, "")
	v, err := w.s.SessionOf(t.Context(), regTeam, id)
	if err != nil || len(v.Points) != 1 || len(v.Actions) != 3 || len(v.Decisions) != 2 || v.Body != governance.CMTIN {
		t.Errorf("session: %+v %v", v, err)
	}
}
