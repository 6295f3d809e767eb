package roadmap_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/indicator"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

func TestCourse(t *testing.T) {
	t.Parallel()
	at := func(n int) *roadmap.Number { v := indicator.Whole(n); return &v }
	read := func(y int, m time.Month, d, n int) []roadmap.Reading {
		return []roadmap.Reading{{On: day.Of(y, m, d), Value: indicator.Whole(n)}}
	}
	aims := []roadmap.Target{{Year: 2027, Value: indicator.Whole(100)}, {Year: 2026, Value: indicator.Whole(50)}}
	start := day.Of(2025, 12, 31)
	for name, c := range map[string]struct {
		i        roadmap.Indicator
		state    roadmap.CourseState
		expected int
		gap      int
	}{
		"nothing read":         {roadmap.Indicator{Baseline: at(0), BaselineOn: start, Targets: aims}, roadmap.NoReading, 0, 0},
		"a reading to come":    {roadmap.Indicator{Targets: aims, Readings: read(2029, 1, 1, 60)}, roadmap.NoReading, 0, 0},
		"no target":            {roadmap.Indicator{Baseline: at(0), BaselineOn: start, Readings: read(2026, 1, 1, 60)}, roadmap.NoTarget, 0, 0},
		"no baseline, before":  {roadmap.Indicator{Targets: aims, Readings: read(2026, 12, 30, 60)}, roadmap.NoTarget, 0, 0},
		"on the day of target": {roadmap.Indicator{Targets: aims, Readings: read(2026, 12, 31, 50)}, roadmap.OnPath, 50, 0},
		"one day late":         {roadmap.Indicator{Baseline: at(0), BaselineOn: day.Of(2026, 12, 21), Targets: aims[1:], Readings: read(2026, 12, 23, 9)}, roadmap.OffPath, 10, -1},
		"reached early":        {roadmap.Indicator{Baseline: at(0), BaselineOn: start, Targets: aims, Readings: read(2025, 12, 31, 100)}, roadmap.Reached, 0, 100},
		"before the baseline":  {roadmap.Indicator{Baseline: at(7), BaselineOn: start, Targets: aims, Readings: read(2025, 1, 1, 7)}, roadmap.OnPath, 7, 0},
		"past targets are out": {roadmap.Indicator{Baseline: at(7), BaselineOn: day.Of(2028, 1, 1), Targets: aims, Readings: read(2028, 1, 1, 7)}, roadmap.NoTarget, 0, 0},
		"down, too high":       {roadmap.Indicator{Direction: roadmap.Down, Baseline: at(100), BaselineOn: start, Targets: aims[1:], Readings: read(2026, 12, 31, 51)}, roadmap.OffPath, 50, 1},
		"down, reached":        {roadmap.Indicator{Direction: roadmap.Down, Baseline: at(100), BaselineOn: start, Targets: aims[1:], Readings: read(2027, 6, 30, 50)}, roadmap.Reached, 50, 0},
	} {
		got := c.i.Path(day.Of(2028, 6, 1))
		if got.State != c.state || got.Expected != indicator.Whole(c.expected) || got.Gap != indicator.Whole(c.gap) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestCourseRules: whatever the path, what is expected stays between its points and is
// them on their days; a better reading never stands worse; mirrored values judged the
// other way stand the same.
func TestCourseRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Int64Range(-indicator.Greatest*10_000, indicator.Greatest*10_000)
		base := roadmap.Number(number.Draw(t, "base"))
		i := roadmap.Indicator{Direction: rapid.SampledFrom(roadmap.Directions).Draw(t, "way"), Baseline: &base,
			BaselineOn: day.Of(2019, 1, 1).AddDays(rapid.IntRange(0, 300).Draw(t, "from"))}
		least, most := base, base
		for _, y := range rapid.SliceOfNDistinct(rapid.IntRange(2020, 2100), 1, 6, rapid.ID[int]).Draw(t, "years") {
			v := roadmap.Number(number.Draw(t, "target"))
			i.Targets = append(i.Targets, roadmap.Target{Year: y, Value: v})
			least, most = min(least, v), max(most, v)
		}
		for _, target := range i.Targets {
			if v, ok := i.ExpectedOn(day.Of(target.Year, 12, 31)); !ok || v != target.Value {
				t.Fatalf("expected %v on the day of the target %v", v, target)
			}
		}
		on := day.Of(2019, 1, 1).AddDays(rapid.IntRange(0, 32_000).Draw(t, "on"))
		if v, ok := i.ExpectedOn(on); !ok || v < least || v > most {
			t.Fatalf("expected %v on %s, not between %v and %v", v, on, least, most)
		}
		value := roadmap.Number(number.Draw(t, "value"))
		better := value + roadmap.Number(rapid.Int64Range(0, 1e12).Draw(t, "better"))
		if i.Direction == roadmap.Down {
			value, better = better, value
		}
		course := func(i roadmap.Indicator, v roadmap.Number) roadmap.Course {
			i.Readings = []roadmap.Reading{{On: on, Value: v}}
			return i.Path(on)
		}
		rank := map[roadmap.CourseState]int{roadmap.OffPath: 0, roadmap.OnPath: 1, roadmap.Reached: 2}
		was, is := course(i, value), course(i, better)
		if rank[is.State] < rank[was.State] || was.Gap != value-was.Expected {
			t.Fatalf("%+v, then %+v with a better reading", was, is)
		}
		if m := course(mirrored(i), -value); m.State != was.State || m.Expected != -was.Expected || m.Gap != -was.Gap {
			t.Fatalf("%+v, mirrored %+v", was, m)
		}
	})
}

func mirrored(i roadmap.Indicator) roadmap.Indicator {
	base := -*i.Baseline
	i.Baseline, i.Targets = &base, append([]roadmap.Target(nil), i.Targets...)
	for n := range i.Targets {
		i.Targets[n].Value *= -1
	}
	if i.Direction == roadmap.Down {
		i.Direction = roadmap.Up
	} else {
		i.Direction = roadmap.Down
	}
	return i
}
