package count_test

import (
	"bytes"
	"errors"
	"os/exec"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/election/count"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// TestCount takes an election from its close to its result.
func TestCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.vote()
	if err := w.s.Prepare(t.Context(), w.Team, w.ID); problem.KindOf(err) != problem.Conflict {
		t.Fatalf("the sum of an open election: %v", err)
	}
	w.Close()
	if err := w.s.Prepare(t.Context(), w.Team, w.ID); problem.KindOf(err) != problem.Conflict {
		t.Fatalf("the sum before two people decided: %v", err)
	}
	w.decide("count")
	w.must(w.s.PrepareDue(t.Context()))
	w.must(w.s.Prepare(t.Context(), w.Team, w.ID)) // again: nothing
	if n := electiontest.Value[int](w.World, `SELECT count(*)::int FROM mail WHERE kind = 'election_open_sums'`); n != 3 {
		t.Errorf("%d key holders were asked", n)
	}
	w.refusedPartials()
	for i, k := range w.Keepers {
		for _, by := range []access.Actor{{}, w.Team, w.Chair, k} {
			if _, err := w.s.Result(t.Context(), by, w.ID); !errors.Is(err, election.ErrNotFound) {
				t.Fatalf("a result before the last key, for %q: %v", by.Role(), err)
			}
		}
		given := w.partials(i)
		for range 2 { // the same again: well
			counted, err := w.s.Open(t.Context(), k, w.ID, given)
			if i == 2 && problem.KindOf(err) == problem.Conflict {
				break // opened by the first of the two
			}
			w.must(err)
			if counted != (i == 2) {
				t.Fatalf("after key %d: counted is %v", i+1, counted)
			}
		}
	}
	w.checkResult()
	w.checkArchives()
}

// refusedPartials gives what is not a partial decryption of its key.
func (w *world) refusedPartials() {
	w.T.Helper()
	other := w.partials(1)
	if _, err := w.s.Open(w.T.Context(), w.Keepers[0], w.ID, other); problem.KindOf(err) != problem.Invalid {
		w.T.Fatalf("the opening of another key: %v", err)
	}
	for box, raw := range w.partials(0) {
		for _, bad := range [][]byte{nil, []byte("{}"), bytes.Repeat([]byte("9"), 100_000), append([]byte(" "), raw[:len(raw)-2]...)} {
			all := w.partials(0)
			all[box] = bad
			if _, err := w.s.Open(w.T.Context(), w.Keepers[0], w.ID, all); problem.KindOf(err) != problem.Invalid {
				w.T.Fatalf("a bad opening of %d bytes: %v", len(bad), err)
			}
		}
	}
	stranger := w.Person("Autre", "Scrutateur", access.Scrutineer, 0)
	if _, err := w.s.Open(w.T.Context(), stranger, w.ID, other); !errors.Is(err, election.ErrNotFound) {
		w.T.Fatalf("a scrutineer without a key: %v", err)
	}
	team := w.Keepers[0]
	team.Acting = access.Capacity{Role: access.Team}
	if _, err := w.s.Open(w.T.Context(), team, w.ID, w.partials(0)); problem.KindOf(err) != problem.Forbidden {
		w.T.Fatalf("a key holder acting as the team: %v", err)
	}
}

func (w *world) checkResult() {
	w.T.Helper()
	r := w.result()
	if r.Election.Phase != election.Counted || len(r.Colleges) != 2 {
		w.T.Fatalf("phase %s, %d colleges", r.Election.Phase, len(r.Colleges))
	}
	for i, want := range []count.CollegeResult{{Seats: 5, Registered: 6, Voted: 4, Tallied: 4, Blank: 1, Expressed: 3}, {Seats: 5, Registered: 6, Voted: 3, Tallied: 3, Blank: 1, Expressed: 2}} {
		c := r.Colleges[i]
		if c.Seats != want.Seats || c.Registered != want.Registered || c.Voted != want.Voted || c.Tallied != want.Tallied || c.Blank != want.Blank || c.Expressed != want.Expressed {
			w.T.Errorf("%s: %+v", c.College, c)
		}
		votes := [][]int{{3, 2, 1}, {2, 1, 1}}[i]
		for j, l := range c.Lines {
			if l.Standing.Votes != votes[j] || !l.Standing.Elected {
				w.T.Errorf("%s, rank %d: %+v", c.College, j+1, l.Standing)
			}
		}
		if c.Outcome.Vacant != 2 || c.Outcome.DrawNeeded {
			w.T.Errorf("%s: %+v", c.College, c.Outcome)
		}
	}
	if n := electiontest.Value[int](w.World, `SELECT count(*)::int FROM candidacy_result WHERE elected`); n != 6 {
		w.T.Errorf("%d candidacies are kept as elected", n)
	}
}

// checkArchives has our verifier and belenios-tool read the ended archives.
func (w *world) checkArchives() {
	w.T.Helper()
	for _, b := range w.Boxes() {
		records, err := election.Records(w.T.Context(), w.DB, b.ID)
		w.must(err)
		report, err := belenios.VerifyRecords(w.T.Context(), records)
		w.must(err)
		if report.Partials != 3 || len(report.Counts) != 1 || !bytes.Equal(b.Head, report.Heads[len(report.Heads)-1][:]) {
			w.T.Errorf("box %d: %+v", b.ID, report)
		}
		tool, err := exec.LookPath("belenios-tool")
		if err != nil {
			w.T.Fatalf("belenios-tool is needed (apt-get install belenios-tool): %v", err)
		}
		dir := w.T.TempDir()
		file := create(w.T, dir+"/"+b.UUID+".bel")
		w.must(belenios.WriteArchive(file, *b.Stamp, records))
		w.must(file.Close())
		cmd := exec.CommandContext(w.T.Context(), tool, "election", "verify", "--dir", dir)
		if out, err := cmd.CombinedOutput(); err != nil {
			w.T.Errorf("belenios-tool: %v\n%s", err, out)
		}
	}
}
