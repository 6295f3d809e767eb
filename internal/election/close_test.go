package election_test

import (
	"strings"
	"sync"
	"testing"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
)

// TestCloseOnce: the chore of several instances and pages opened late close the boxes
// together, and each archive gets one closing event.
func TestCloseOnce(t *testing.T) {
	t.Parallel()
	w := worldOf(t, electiontest.OnPool(t, election.Open, 3))
	w.Exec(`UPDATE election SET closes_at = clock_timestamp() WHERE id = $1`, w.ID)
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			var err error
			if i%2 == 0 {
				err = w.s.CloseDue(t.Context())
			} else {
				_, err = w.s.Show(t.Context(), w.Team, w.ID)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if w.phase() != election.Closed {
		t.Errorf("phase %s", w.phase())
	}
	for _, b := range w.Boxes() {
		records, err := election.Records(t.Context(), w.DB, b.ID)
		w.must(err)
		ends := 0
		for _, r := range records {
			ends += strings.Count(string(r.Body), `"EndBallots"`)
		}
		if ends != 1 {
			t.Errorf("box %s: %d closing events", b.Name, ends)
		}
	}
	if n := w.mails("election_act"); n != 5 {
		t.Errorf("%d mails, wanted one for each of five people", n)
	}
}
