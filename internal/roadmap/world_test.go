package roadmap_test

import (
	"errors"
	"testing"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/roadmaptest"
)

// TestLateIsDerived reads the four actions of the test world as they stand today.
func TestLateIsDerived(t *testing.T) {
	t.Parallel()
	w := roadmaptest.New(t)
	for id, late := range map[roadmap.ID]bool{w.Shared: false, w.Local: true, w.Coming: false, w.Idea: false} {
		if a := w.Whole(id); a.Late != late || a.Public() == (id == w.Idea) {
			t.Errorf("%s: late %t, public %t", a.Label(), a.Late, a.Public())
		}
	}
}

// TestInvariantsNameTheBadRow breaks what the schema alone does not hold.
func TestInvariantsNameTheBadRow(t *testing.T) {
	t.Parallel()
	w := roadmaptest.New(t)
	s := roadmap.New(w.DB)
	if err := s.CheckInvariants(t.Context()); err != nil {
		t.Fatalf("a sound roadmap: %v", err)
	}
	if _, err := w.DB.Exec(t.Context(), `DELETE FROM action_commune WHERE action_id = $1 AND organisation_id = $2`, w.Shared, w.Begles); err != nil {
		t.Fatal(err)
	}
	var broken *governance.BrokenInvariant
	if err := s.CheckInvariants(t.Context()); !errors.As(err, &broken) || broken.Detail != "action 1" {
		t.Errorf("a commune is missing: %v", err)
	}
}
