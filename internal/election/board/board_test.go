package board_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/election/board"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

var public access.Actor

// trackersOf is what the public list shows.
func trackersOf(t *testing.T, w *electiontest.World, s *board.Service) []string {
	t.Helper()
	v, err := s.Board(t.Context(), public, w.ID, board.Trackers, 1)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, x := range v.Trackers {
		out = append(out, x.Tracker)
	}
	if v.Paging.Total != len(out) {
		t.Errorf("%d trackers listed of %d", len(out), v.Paging.Total)
	}
	return out
}

// turnoutOf is what the public page says of each box: how many voted.
func turnoutOf(t *testing.T, w *electiontest.World, s *board.Service) string {
	t.Helper()
	v, err := s.Board(t.Context(), public, w.ID, board.NoList, 1)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, b := range v.Boxes {
		out = append(out, fmt.Sprintf("%d/%d (%d+%d+%d)", b.Voted, b.Registered, b.Browser, b.Server, b.Desk))
	}
	return strings.Join(out, " ")
}

// archive is the file of a box as it is downloaded now.
func archive(t *testing.T, w *electiontest.World, s *board.Service, box election.BoxID) []byte {
	t.Helper()
	a, err := s.Archive(t.Context(), public, w.ID, box)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := a.WriteTo(t.Context(), &file); err != nil {
		t.Fatal(err)
	}
	if int64(file.Len()) != a.Size {
		t.Errorf("the archive has %d bytes, %d were announced", file.Len(), a.Size)
	}
	return file.Bytes()
}

// later lets an hour pass for the published heads, as their owner may.
func later(w *electiontest.World) {
	w.T.Helper()
	w.Exec(`SET LOCAL session_replication_role = replica`)
	w.Exec(`UPDATE head_publication SET published_at = published_at - interval '1 hour'`)
	w.Exec(`SET LOCAL session_replication_role = origin`)
}

func mails(w *electiontest.World) int {
	return electiontest.Value[int](w, `SELECT count(*)::int FROM mail WHERE kind = 'election.head'`)
}

// TestWhatIsPublicFollowsTheHeads: turnout, trackers and archive show no ballot before
// the head that covers it, and everything once the vote is closed.
func TestWhatIsPublicFollowsTheHeads(t *testing.T) {
	t.Parallel()
	w, s := world(t) // a ballot in each box
	ctx := t.Context()
	box := w.Boxes()[0].ID
	publish := func(want int) {
		t.Helper()
		if n, err := s.PublishHeads(ctx); err != nil || n != want {
			t.Fatalf("published %d heads instead of %d, %v", n, want, err)
		}
	}
	if got := turnoutOf(t, w, s); got != "0/3 (0+0+0) 0/3 (0+0+0)" || len(trackersOf(t, w, s)) != 0 {
		t.Errorf("before any head: %s", got)
	}
	report, err := belenios.Verify(ctx, bytes.NewReader(archive(t, w, s, box)))
	if err != nil || report.Posted != 0 {
		t.Fatalf("archive before any head: %+v, %v", report, err)
	}
	publish(2)
	publish(0)
	if got := turnoutOf(t, w, s); got != "1/3 (0+0+0) 1/3 (0+0+0)" || len(trackersOf(t, w, s)) != 2 {
		t.Errorf("at the head: %s", got)
	}
	if got := mails(w); got != 6 {
		t.Errorf("%d mails to three key holders for two boxes", got)
	}
	before := archive(t, w, s, box)
	w.Cast(w.Of(governance.SocialAction)[1], 3)
	publish(0) // not within the hour
	if got := turnoutOf(t, w, s); got != "1/3 (0+0+0) 1/3 (0+0+0)" || len(trackersOf(t, w, s)) != 2 {
		t.Errorf("a ballot shows before its head: %s", got)
	}
	if !bytes.Equal(archive(t, w, s, box), before) {
		t.Error("the archive shows a ballot before its head")
	}
	later(w)
	publish(1) // the other box did not change
	after := archive(t, w, s, box)
	if !bytes.HasPrefix(after, before) || len(after) == len(before) {
		t.Error("the archive does not continue the one before")
	}
	if done, err := s.Check(ctx); err != nil || done.Ballots != 3 {
		t.Errorf("checked %+v, %v", done, err)
	}
	w.Cast(w.Of(governance.SocialAction)[2])
	w.Close()
	if got := turnoutOf(t, w, s); got != "3/3 (3+0+0) 1/3 (1+0+0)" {
		t.Errorf("closed: %s", got)
	}
	report, err = belenios.Verify(ctx, bytes.NewReader(archive(t, w, s, box)))
	if err != nil || report.Ballots != 3 {
		t.Fatalf("closed archive: %+v, %v", report, err)
	}
	// Once counted, the result is that of the archive, or the check names it.
	w.Count(func(q postgres.Querier, b election.Box) (belenios.Tally, int, error) { return board.TallyOf(ctx, q, b) })
	if done, err := s.Check(ctx); err != nil || done.Ballots != 4 {
		t.Errorf("counted: %+v, %v", done, err)
	}
	w.Exec(`UPDATE candidacy_result SET votes = votes + 1 WHERE candidacy_id = (SELECT max(candidacy_id) FROM candidacy_result)`)
	var bad *governance.BrokenInvariant
	if _, err := s.Check(ctx); !errors.As(err, &bad) || !strings.Contains(bad.Rule, "Le résultat est celui") {
		t.Errorf("a vote more: %v", err)
	}
	list := trackersOf(t, w, s)
	if !slices.IsSorted(list) || len(list) != 4 {
		t.Errorf("trackers %v", list)
	}
	for _, tracker := range report.Trackers {
		if !slices.Contains(list, tracker) {
			t.Errorf("%s is not listed", tracker)
		}
	}
}

// TestRevote: a ballot that another one replaced is not listed, and its structure
// counted once.
func TestRevote(t *testing.T) {
	t.Parallel()
	w, s := world(t)
	w.Cast(w.Of(governance.SocialAction)[0], 3)
	if n, err := s.PublishHeads(t.Context()); err != nil || n != 2 {
		t.Fatalf("published %d heads, %v", n, err)
	}
	if got := turnoutOf(t, w, s); got != "1/3 (0+0+0) 1/3 (0+0+0)" {
		t.Errorf("turnout %s", got)
	}
	if list := trackersOf(t, w, s); len(list) != 2 {
		t.Errorf("trackers %v", list)
	}
	if done, err := s.Check(t.Context()); err != nil || done.Ballots != 3 {
		t.Errorf("checked %+v, %v", done, err)
	}
}

// TestSum: the sum is the archive's, byte for byte, and nobody has it before two people
// decided the count.
func TestSum(t *testing.T) {
	t.Parallel()
	w, s := world(t)
	ctx := t.Context()
	b := w.Boxes()[0]
	refused := func(when string) {
		t.Helper()
		for _, by := range []access.Actor{public, w.Team, w.Keepers[0]} {
			if _, err := s.Sum(ctx, by, w.ID, b.ID); problem.KindOf(err) != problem.NotFound {
				t.Errorf("%s: %v", when, err)
			}
		}
	}
	refused("open")
	w.Exec(`UPDATE election SET phase = 'closed'`)
	refused("closed")
	w.Exec(`INSERT INTO election_act (election_id, act, proposed_by) VALUES ($1, 'count', $2)`, w.ID, w.Team.Person)
	refused("proposed")
	w.Exec(`UPDATE election_act SET confirmed_by = $1, confirmed_at = now()`, w.Keepers[0].Person)
	sum, err := s.Sum(ctx, public, w.ID, b.ID)
	if err != nil {
		t.Fatal(err)
	}
	tally, ballots, err := board.TallyOf(ctx, w.DB, b)
	if err != nil {
		t.Fatal(err)
	}
	var c belenios.Chain
	record := c.EncryptedTally(tally, ballots)[0]
	if !bytes.Equal(sum.Body, record.Body) || sum.SHA256 != fmt.Sprintf("%x", record.Hash()) || sum.Ballots != 1 {
		t.Errorf("the sum is not the record: %d bytes and %d, %d ballots", len(sum.Body), len(record.Body), sum.Ballots)
	}
	again, err := s.Sum(ctx, public, w.ID, b.ID)
	if err != nil || !bytes.Equal(again.Body, sum.Body) {
		t.Errorf("asked again: %v", err)
	}
	w.Exec(`UPDATE election SET phase = 'destroyed'`)
	refused("destroyed")
	if _, err := s.Archive(ctx, public, w.ID, b.ID); problem.KindOf(err) != problem.NotFound {
		t.Errorf("archive once destroyed: %v", err)
	}
}
