package meeting

import "time"

// TimedItem is a point with its place in time. A point moved away takes none.
type TimedItem struct {
	Item
	Starts time.Time
	Total  int // minutes, its sub-points included
	Subs   []TimedItem
}

// Timetable lays the points of an agenda one after the other from the beginning of
// the meeting. A point takes its own minutes, then those of its sub-points.
func Timetable(items []Item, starts time.Time) []TimedItem {
	var out []TimedItem
	at := starts
	for _, i := range items {
		s := TimedItem{Item: i, Starts: at}
		gone := i.MovedTo != 0
		if !gone {
			s.Total = i.Minutes
		}
		if n := len(out) - 1; i.Parent != 0 && n >= 0 {
			if out[n].MovedTo != 0 {
				s.Total = 0
			}
			out[n].Subs = append(out[n].Subs, s)
			out[n].Total += s.Total
		} else {
			out = append(out, s)
		}
		at = at.Add(time.Duration(s.Total) * time.Minute)
	}
	return out
}

// Planned sums the minutes of an agenda.
func Planned(slots []TimedItem) int {
	n := 0
	for _, s := range slots {
		n += s.Total
	}
	return n
}
