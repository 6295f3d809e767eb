package dashboard

import (
	"slices"
	"testing"

	"bordeaux-metropole.fr/portal/internal/structure"
)

func TestWhatTheRegisterAsksOfAStructure(t *testing.T) {
	t.Parallel()
	everything := structure.StructureTodo{Stale: true, Manager: true, Waiting: 2, NoCommune: true, NoService: true}
	member := everything
	member.Manager, member.Waiting = false, 0
	for _, c := range []struct {
		todo structure.StructureTodo
		want []string
	}{
		{structure.StructureTodo{}, nil},
		{everything, []string{"/ma-structure", "/ma-structure/acces", "/ma-structure/fiche/adresse", "/ma-structure/fiche/services"}},
		{member, []string{"/ma-structure"}},
	} {
		var got []string
		for _, d := range structureDuties(c.todo) {
			got = append(got, d.Href)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v leads to %v, want %v", c.todo, got, c.want)
		}
	}
}
