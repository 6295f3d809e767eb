package voting_test

import (
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/election/voting"
)

func cast(t *testing.T, w *electiontest.World, s *voting.Service, voters ...*electiontest.Voter) {
	t.Helper()
	for _, v := range voters {
		if _, err := s.Cast(t.Context(), v.Member, w.ID, w.Ballot(v, 1), voting.Browser); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMailsOfTheVote(t *testing.T) {
	t.Parallel()
	w := electiontest.New(t, election.Open)
	s := service(t, w.DB)
	chore := func(name string, do func() (int, error), want int) {
		t.Helper()
		if n, err := do(); err != nil || n != want {
			t.Errorf("%s: %d mails, wanted %d, %v", name, n, want, err)
		}
	}
	tellOpen := func() (int, error) { return s.TellOpen(t.Context()) }
	remind := func() (int, error) { return s.RemindVoters(t.Context()) }
	told := func() (int, error) { return s.TellVoted(t.Context()) }
	chore("opening", tellOpen, 12)
	chore("opening, again", tellOpen, 0)
	chore("nine days before", remind, 0)
	cast(t, w, s, w.Voters[:4]...) // of one college
	w.Exec(`UPDATE election SET closes_at = clock_timestamp() + interval '2 days' WHERE id = $1`, w.ID)
	chore("two days before, who has not voted", remind, 8)
	chore("two days before, again", remind, 0)
	w.Exec(`UPDATE election SET closes_at = clock_timestamp() + interval '20 hours' WHERE id = $1`, w.ID)
	cast(t, w, s, w.Voters[6])
	chore("the last day, who has not voted", remind, 7)

	// After the close every structure that voted is told, once.
	w.Exec(`UPDATE election SET closes_at = clock_timestamp() WHERE id = $1`, w.ID)
	chore("over", remind, 0)
	chore("who voted", told, 5)
	chore("who voted, again", told, 0)
	if n := electiontest.Value[int](w, `SELECT count(*) FROM emargement WHERE told <> voted`); n != 0 {
		t.Errorf("%d lines are not as they should be", n)
	}
	if n := electiontest.Value[int](w, `SELECT count(*) FROM mail m JOIN ballot_index i ON m.text_body || m.html_body || m.subject LIKE '%' || i.tracker || '%' OR m.text_body LIKE '%' || left(i.tracker, 8) || '%'`); n != 0 {
		t.Errorf("%d mails hold a tracker", n)
	}
	for _, v := range w.Voters {
		if n := electiontest.Value[int](w, `SELECT count(*) FROM mail WHERE text_body || html_body LIKE '%' || $1 || '%'`, v.Code); n != 0 {
			t.Errorf("%d mails hold a code", n)
		}
	}
}

// While the vote goes on, mails wait for a fixed hour and for three structures of a box.
func TestFewAreNotTold(t *testing.T) {
	t.Parallel()
	w := electiontest.New(t, election.Open)
	s := service(t, w.DB)
	cast(t, w, s, w.Voters[0], w.Voters[1], w.Voters[6], w.Voters[7], w.Voters[8])
	at := func(hour int) time.Time {
		return time.Date(2026, 10, 25, hour, 20, 0, 0, time.FixedZone("", 3600)) // the day when clocks change
	}
	for _, hour := range []int{8, 10, 14, 20} {
		if n, err := voting.TellAt(t.Context(), s, w.ID, at(hour)); err != nil || n != 0 {
			t.Errorf("%d h: %d mails, %v", hour, n, err)
		}
	}
	if n, err := voting.TellAt(t.Context(), s, w.ID, at(9)); err != nil || n != 3 {
		t.Errorf("9 h: %d mails, wanted the three of one box, %v", n, err)
	}
	cast(t, w, s, w.Voters[2])
	if n, err := voting.TellAt(t.Context(), s, w.ID, at(9).Add(10*time.Minute)); err != nil || n != 0 {
		t.Errorf("the same hour again: %d mails, %v", n, err)
	}
	if n, err := voting.TellAt(t.Context(), s, w.ID, at(13)); err != nil || n != 3 {
		t.Errorf("13 h: %d mails, wanted the three of the other box, %v", n, err)
	}
}

// The last reminder is of the same hour the day before, though the day had 25 hours.
func TestReminderOnTheDayClocksChange(t *testing.T) {
	t.Parallel()
	closes := time.Date(2026, 10, 25, 17, 0, 0, 0, time.UTC) // 18 h in Paris, winter
	for _, tt := range []struct {
		now  time.Time
		want string
	}{
		{time.Date(2026, 10, 22, 15, 59, 59, 0, time.UTC), ""},
		{time.Date(2026, 10, 22, 16, 0, 0, 0, time.UTC), "remind_3"}, // 18 h in Paris, summer
		{time.Date(2026, 10, 24, 15, 59, 59, 0, time.UTC), "remind_3"},
		{time.Date(2026, 10, 24, 16, 0, 0, 0, time.UTC), "remind_1"},
		{closes.Add(-time.Second), "remind_1"},
		{closes, ""},
	} {
		if got := voting.ReminderDue(tt.now, closes); got != tt.want {
			t.Errorf("at %s: %q, wanted %q", tt.now, got, tt.want)
		}
	}
}
