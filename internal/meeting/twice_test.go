package meeting

import (
	"context"
	"sync"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// A personal link is opened by nobody signed in: no key of a form tells a double
// click, and what is sent twice at once must have one effect by itself.
func TestLinkFormsSentTwice(t *testing.T) {
	t.Parallel()
	w := newConveneWorld(t, 2)
	w.exec(`UPDATE meeting SET kind = 'workshop' WHERE id = $1`, w.id)
	w.convene()
	r := w.recipients()[0]
	token := w.token(r.ID)
	atOnce := func(f func() error) {
		t.Helper()
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				if err := f(); err != nil {
					t.Errorf("one of several at once: %v", err)
				}
			})
		}
		wg.Wait()
	}
	ctx := context.Background()
	atOnce(func() error {
		return w.s.AnswerByLink(ctx, access.Actor{}, token, AnswerInput{Answer: Excused, Note: "Congé", Version: 1})
	})
	if n := w.count(`SELECT count(*) FROM audit_entry WHERE action = 'convocation.answer'`); n != 1 {
		t.Errorf("the answer stands %d times in the journal", n)
	}
	refused(t, "another answer from the same page", w.s.AnswerByLink(ctx, access.Actor{}, token, AnswerInput{Answer: WillCome, Version: 1}), problem.Conflict)
	atOnce(func() error { return w.s.Contribute(ctx, r.ID, "Des ateliers près des marchés.") })
	if n := w.count(`SELECT count(*) FROM contribution`); n != 1 {
		t.Errorf("%d contributions of one text sent six times", n)
	}
	for i := range maxContributions - 1 {
		if err := w.s.Contribute(ctx, r.ID, "Idée "+string(rune('A'+i))); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			refused(t, "one too many", w.s.Contribute(ctx, r.ID, "De trop "+string(rune('A'+i))), problem.Invalid)
		})
	}
	wg.Wait()
}

// Whoever holds a link may write to others by changing an answer: not without end.
func TestAnswersByOneLinkAreCounted(t *testing.T) {
	t.Parallel()
	w := newConveneWorld(t, 2)
	w.convene()
	r := w.recipients()[0]
	w.exec(`UPDATE convocation SET version = $2 WHERE id = $1`, r.ID, maxAnswers+1)
	refused(t, "the fifty-first change", w.answer(r.ID, AnswerInput{Answer: Excused}), problem.TooMany)
	in := AnswerInput{Answer: Excused, Version: maxAnswers + 1}
	if err := w.s.AnswerAsTeam(t.Context(), conveneTeam, w.id, r.ID, in); err != nil {
		t.Errorf("the team is told of it, and cannot note it: %v", err)
	}
}

// A voter changes their mind as they like, not without end.
func TestVotesByOneLinkAreCounted(t *testing.T) {
	t.Parallel()
	w := newPlanWorld(t)
	m := w.create(w.plan(governance.Partners, 60))
	in := PollInput{Closes: w.today.AddDays(10)}
	for i := range MaxDates {
		in.Dates = append(in.Dates, w.slot(40+i))
	}
	if err := w.s.OpenPoll(t.Context(), planTeam, m.ID, in); err != nil {
		t.Fatal(err)
	}
	token := w.pollToken("ana@example.org")
	v, err := w.s.Voter(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	answers := map[OptionID]PollAnswer{}
	for _, d := range v.Dates {
		answers[d.ID] = PollYes
	}
	for range maxAnswers {
		if err := w.s.AnswerPoll(t.Context(), token, answers, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.s.AnswerPoll(t.Context(), token, answers, ""); problem.KindOf(err) != problem.TooMany {
		t.Errorf("answers without end: %v", err)
	}
}
