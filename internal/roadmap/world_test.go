package roadmap_test

import (
	"testing"

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
