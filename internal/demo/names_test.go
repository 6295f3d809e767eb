package demo

import "testing"

func TestNamesDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	var n namer
	for i := range 500 {
		first, last := n.next()
		if at, ok := seen[first+last]; ok {
			t.Fatalf("person %d is person %d again: %s %s", i, at, first, last)
		}
		seen[first+last] = i
	}
	structures := map[string]int{}
	for i := 1; i <= 160; i++ {
		name := structureName(i)
		if at, ok := structures[name]; ok {
			t.Fatalf("structure %d is structure %d again: %s", i, at, name)
		}
		structures[name] = i
	}
}
