package roadmap

import (
	"cmp"
	"slices"
	"time"

	"bordeaux-metropole.fr/portal/internal/day"
)

// CourseState says whether an indicator is where it should be.
type CourseState int

// The closed set of states.
const (
	NoReading CourseState = iota // nothing was read yet
	NoTarget                     // nothing says what was expected that day
	OnPath
	OffPath
	Reached // the last target already is
)

// Label says the state in words.
func (s CourseState) Label() string {
	switch s {
	case NoReading:
		return "Pas encore de valeur"
	case NoTarget:
		return "Pas de trajectoire"
	case OnPath:
		return "Sur sa trajectoire"
	case OffPath:
		return "Hors de sa trajectoire"
	case Reached:
		return "Cible atteinte"
	}
	return ""
}

// Course is where an indicator stands on its path: the last reading compared with what
// was expected the day it was read.
type Course struct {
	State    CourseState
	Reading  Reading // zero when NoReading
	Expected Number  // at the day of the reading; zero when NoReading or NoTarget
	Gap      Number  // Reading minus Expected; which sign is good, the direction tells
}

// pathPoint is a value expected on a day.
type pathPoint struct {
	on    day.Day
	value Number
}

// path returns the points of the path in the order of their days: the baseline on its
// day, each later target on 31 December of its year.
func (i Indicator) path() (points []pathPoint, targets int) {
	for _, t := range i.Targets {
		on := day.Of(t.Year, time.December, 31)
		if i.Baseline == nil || on.After(i.BaselineOn) {
			points = append(points, pathPoint{on, t.Value})
		}
	}
	targets = len(points)
	if i.Baseline != nil {
		points = append(points, pathPoint{i.BaselineOn, *i.Baseline})
	}
	slices.SortFunc(points, func(a, b pathPoint) int { return cmp.Compare(a.on.String(), b.on.String()) })
	return points, targets
}

// ExpectedOn returns what the path of the indicator expects on a day: straight between
// its points, level before the baseline and after the last target. False when nothing
// tells: no target, or a day before the first one without a baseline.
func (i Indicator) ExpectedOn(on day.Day) (Number, bool) {
	points, targets := i.path()
	if targets == 0 || i.Baseline == nil && on.Before(points[0].on) {
		return 0, false
	}
	next := slices.IndexFunc(points, func(p pathPoint) bool { return on.Before(p.on) })
	switch next {
	case 0:
		return points[0].value, true
	case -1:
		return points[len(points)-1].value, true
	}
	from, to := points[next-1], points[next]
	rise, span, gone := int64(to.value-from.value), int64(from.on.DaysUntil(to.on)), int64(from.on.DaysUntil(on))
	// In two parts: the product of a great value and of days would not hold.
	return from.value + Number(rise/span*gone+rise%span*gone/span), true
}

// Path tells where the indicator stands on a day: its last reading by then.
func (i Indicator) Path(on day.Day) Course {
	var (
		c    Course
		read bool
	)
	for _, r := range i.Readings {
		if !r.On.After(on) && (!read || !r.On.Before(c.Reading.On)) {
			c.Reading, read = r, true
		}
	}
	if !read {
		return c
	}
	expected, known := i.ExpectedOn(c.Reading.On)
	if !known {
		c.State = NoTarget
		return c
	}
	c.Expected, c.Gap = expected, c.Reading.Value-expected
	points, _ := i.path()
	switch {
	case !i.meets(c.Reading.Value, expected):
		c.State = OffPath
	case i.meets(c.Reading.Value, points[len(points)-1].value):
		c.State = Reached
	default:
		c.State = OnPath
	}
	return c
}

// meets tells whether a value is at least as good as the other.
func (i Indicator) meets(value, wanted Number) bool {
	if i.Direction == Down {
		return value <= wanted
	}
	return value >= wanted
}
