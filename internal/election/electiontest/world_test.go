package electiontest_test

import (
	"testing"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
)

func TestWorldStandsInTheHoursOfItsPhase(t *testing.T) {
	t.Parallel()
	w := electiontest.New(t, election.Candidacies)
	if e := w.Load(); !e.Standing() || !e.Claiming() || e.Voting() {
		t.Errorf("an election in its candidacies: %+v", e)
	}
}
