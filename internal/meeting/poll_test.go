package meeting

import (
	"strings"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// pollToken is the secret of the last link sent to an address.
func (w *planWorld) pollToken(email string) string {
	w.t.Helper()
	link, err := postgres.Value[string](w.t.Context(), w.db, `SELECT secret_link FROM mail WHERE to_address = $1 ORDER BY created_at DESC, id LIMIT 1`, email)
	if err != nil {
		w.t.Fatal(err)
	}
	_, token, ok := strings.Cut(link, PollPath)
	if !ok {
		w.t.Fatalf("no link to the poll: %s", link)
	}
	return token
}

func TestPoll(t *testing.T) {
	t.Parallel()
	w := newPlanWorld(t)
	m := w.create(w.plan(governance.Partners, 60))
	in := PollInput{Dates: []Slot{w.slot(50), w.slot(51)}, Closes: w.today.AddDays(10)}
	if err := w.s.OpenPoll(t.Context(), planTeam, m.ID, in); err != nil {
		t.Fatal(err)
	}
	if err := w.s.OpenPoll(t.Context(), planTeam, m.ID, in); problem.KindOf(err) != problem.Conflict {
		t.Errorf("a second poll: %v", err)
	}
	if n := w.number(`SELECT count(*) FROM mail WHERE kind = 'poll_open'`); n != 2 {
		t.Fatalf("%d mails, want 2: one voter has no address", n)
	}
	ana := w.pollToken("ana@example.org")
	v, err := w.s.Voter(t.Context(), ana)
	if err != nil || !v.Open || len(v.Dates) != 2 {
		t.Fatalf("voter: %+v, %v", v, err)
	}
	one, two := v.Dates[0].ID, v.Dates[1].ID
	if err := w.s.AnswerPoll(t.Context(), ana, map[OptionID]PollAnswer{one: PollYes}, ""); problem.KindOf(err) != problem.Invalid {
		t.Errorf("half an answer: %v", err)
	}
	for _, a := range []PollAnswer{PollNo, PollYes} { // the second replaces the first
		if err := w.s.AnswerPoll(t.Context(), ana, map[OptionID]PollAnswer{one: PollIfNeeded, two: a}, "Plutôt l’après-midi"); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := w.s.RemindPoll(t.Context(), planTeam, m.ID); err != nil || n != 1 {
		t.Fatalf("reminded %d, %v: want the one silent voter with an address", n, err)
	}
	if n := w.number(`SELECT count(*) FROM mail WHERE kind = 'poll_reminder' AND to_address = 'bo@example.org'`); n != 1 {
		t.Errorf("%d reminders to the silent", n)
	}
	page, err := w.s.PollPage(t.Context(), planTeam, m.ID)
	if err != nil || page.Poll.Answered != 1 || page.Dates[1].Yes != 1 || page.Dates[1].No != 0 || !page.Dates[1].Best || page.Dates[0].Best || len(page.Silent()) != 2 {
		t.Fatalf("page: %+v, %v", page, err)
	}
	if err := w.s.ChooseDate(t.Context(), planTeam, m.ID, m.Version+7, two); problem.KindOf(err) != problem.Conflict {
		t.Errorf("a stale choice: %v", err)
	}
	if err := w.s.ChooseDate(t.Context(), planTeam, m.ID, m.Version, two); err != nil {
		t.Fatal(err)
	}
	if got := w.load(m.ID); !got.StartsAt.Equal(in.Dates[1].StartsAt) || got.State != governance.Draft {
		t.Errorf("the meeting is on %v", got.StartsAt)
	}
	err = w.s.AnswerPoll(t.Context(), ana, map[OptionID]PollAnswer{one: PollYes, two: PollYes}, "")
	if problem.KindOf(err) != problem.Gone || !strings.Contains(err.Error(), "La date est choisie") {
		t.Errorf("an answer after the choice: %v", err)
	}
	if _, err := w.s.Voter(t.Context(), "inconnu"); problem.KindOf(err) != problem.NotFound {
		t.Errorf("an unknown link: %v", err)
	}
}

func TestPollClosesByTheClockOfTheDatabase(t *testing.T) {
	t.Parallel()
	w := newPlanWorld(t)
	m := w.create(w.plan(governance.Partners, 60))
	if err := w.s.OpenPoll(t.Context(), planTeam, m.ID, PollInput{Dates: []Slot{w.slot(50), w.slot(51)}, Closes: w.today.AddDays(10)}); err != nil {
		t.Fatal(err)
	}
	token := w.pollToken("bo@example.org")
	v, _ := w.s.Voter(t.Context(), token)
	w.exec(`UPDATE date_poll SET closes_at = now() - interval '1 second'`)
	err := w.s.AnswerPoll(t.Context(), token, map[OptionID]PollAnswer{v.Dates[0].ID: PollYes, v.Dates[1].ID: PollYes}, "")
	if problem.KindOf(err) != problem.Gone {
		t.Errorf("an answer after the delay: %v", err)
	}
	if n := w.number(`SELECT count(*) FROM poll_answer`); n != 0 {
		t.Errorf("%d answers written", n)
	}
}

func TestPollRefusals(t *testing.T) {
	t.Parallel()
	w := newPlanWorld(t)
	now := w.today.At(12, 0)
	good := func() PollInput {
		return PollInput{Dates: []Slot{w.slot(20), w.slot(21)}, Closes: w.today.AddDays(5)}
	}
	for name, c := range map[string]struct {
		field  string
		change func(*PollInput)
	}{
		"one date":    {"date_1", func(p *PollInput) { p.Dates = p.Dates[:1] }},
		"twice":       {"date_2", func(p *PollInput) { p.Dates[1] = p.Dates[0] }},
		"past":        {"date_2", func(p *PollInput) { p.Dates[1] = w.slot(-2) }},
		"end first":   {"fin_1", func(p *PollInput) { p.Dates[0].EndsAt = p.Dates[0].StartsAt.Add(-time.Hour) }},
		"closes late": {"cloture", func(p *PollInput) { p.Closes = w.today.AddDays(20) }},
		"closed":      {"cloture", func(p *PollInput) { p.Closes = w.today.AddDays(-1) }},
	} {
		p := good()
		c.change(&p)
		if e, ok := p.check(now).(*problem.Error); !ok || e.Field != c.field {
			t.Errorf("%s: %v, want a refusal on %s", name, e, c.field)
		}
	}
	if err := good().check(now); err != nil {
		t.Error(err)
	}
}
