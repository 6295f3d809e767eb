package meeting

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawTree is an agenda of up to eight points with up to three sub-points each.
func drawTree(t *rapid.T) []branch {
	var out []branch
	next := ItemID(1)
	for range rapid.IntRange(0, 8).Draw(t, "points") {
		b := branch{item: next}
		next++
		for range rapid.IntRange(0, 3).Draw(t, "subs") {
			b.subs = append(b.subs, next)
			next++
		}
		out = append(out, b)
	}
	return out
}

func treeIDs(t []branch) []ItemID {
	var out []ItemID
	for _, p := range placesOf(t) {
		out = append(out, p.Item)
	}
	slices.Sort(out)
	return out
}

// Whatever the steps, no point is lost or doubled and none is deeper than one level.
func TestStepsKeepEveryPoint(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tree := drawTree(t)
		want := treeIDs(tree)
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			id := ItemID(rapid.IntRange(0, len(want)+1).Draw(t, "point"))
			step := rapid.SampledFrom([]Step{StepUp, StepDown, StepIn, StepOut, "sideways"}).Draw(t, "step")
			before := placesOf(tree)
			after, moved := stepped(tree, id, step)
			if !slices.Equal(before, placesOf(tree)) {
				t.Fatal("a step changed the tree it was given")
			}
			if moved == slices.Equal(before, placesOf(after)) {
				t.Fatalf("step %s of %d: moved = %v, from %v to %v", step, id, moved, before, placesOf(after))
			}
			tree = after
		}
		if got := treeIDs(tree); !slices.Equal(got, want) {
			t.Fatalf("points %v, want %v", got, want)
		}
		back, ok := treeFrom(placesOf(tree))
		if !ok || !slices.Equal(placesOf(back), placesOf(tree)) {
			t.Fatalf("the order %v does not read back", placesOf(tree))
		}
	})
}

func TestUpUndoesDown(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tree := drawTree(t)
		all := treeIDs(tree)
		if len(all) == 0 {
			return
		}
		id := rapid.SampledFrom(all).Draw(t, "point")
		for _, pair := range [][2]Step{{StepDown, StepUp}, {StepUp, StepDown}} {
			there, moved := stepped(tree, id, pair[0])
			if !moved {
				continue
			}
			if back, _ := stepped(there, id, pair[1]); !slices.Equal(placesOf(back), placesOf(tree)) {
				t.Fatalf("%s then %s of %d: %v became %v", pair[0], pair[1], id, placesOf(tree), placesOf(back))
			}
		}
	})
}

func TestOrdersThatAreNone(t *testing.T) {
	t.Parallel()
	for name, order := range map[string][]ItemPlace{
		"twice":                {{1, 0}, {1, 0}},
		"before its point":     {{2, 1}, {1, 0}},
		"two levels":           {{1, 0}, {2, 1}, {3, 2}},
		"in itself":            {{1, 1}},
		"twice, as sub-points": {{1, 0}, {2, 1}, {2, 1}},
	} {
		if _, ok := treeFrom(order); ok {
			t.Errorf("%s: %v is taken for an order", name, order)
		}
	}
}

func TestTimetable(t *testing.T) {
	t.Parallel()
	starts := time.Date(2026, 11, 26, 13, 0, 0, 0, time.UTC)
	slots := Timetable([]Item{
		{ID: 1, Minutes: 10}, {ID: 2, Minutes: 5}, {ID: 3, Parent: 2, Minutes: 20}, {ID: 4, Parent: 2, Minutes: 15},
		{ID: 5, Minutes: 60, MovedTo: 99}, {ID: 6, Parent: 5, Minutes: 30}, {ID: 7, Minutes: 30},
	}, starts)
	if got := Planned(slots); got != 80 {
		t.Errorf("%d minutes planned, want 80: what is moved away takes none", got)
	}
	at := func(s TimedItem) int { return int(s.Starts.Sub(starts).Minutes()) }
	if len(slots) != 4 || at(slots[1]) != 10 || slots[1].Total != 40 || at(slots[1].Subs[0]) != 15 || at(slots[1].Subs[1]) != 35 || at(slots[3]) != 50 {
		t.Errorf("timetable: %+v", slots)
	}
}
