package dashboard

import (
	"slices"
	"strings"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/web/ui"
)

// task is one thing that waits for the team.
type task struct {
	Label, Href, Hint string
	// Due is when it was, or will be, too late; zero for what has no date.
	Due day.Day
	// Now marks what is wrong already, whatever the date; Status then says it.
	Now    bool
	Status string
}

// byUrgency puts first what is wrong already, the oldest before, then what comes
// due, the soonest before, then what has no date.
func byUrgency(tasks []task) []task {
	out := slices.Clone(tasks)
	slices.SortStableFunc(out, func(a, b task) int {
		if a.Now != b.Now {
			if a.Now {
				return -1
			}
			return 1
		}
		if a.Due.IsZero() != b.Due.IsZero() {
			if b.Due.IsZero() {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Due.String(), b.Due.String())
	})
	return out
}

// taskLines shows tasks with how soon each is due.
func taskLines(tasks []task, today day.Day) []ui.Task {
	out := make([]ui.Task, len(tasks))
	for i, t := range byUrgency(tasks) {
		out[i] = ui.Task{Label: t.Label, Href: t.Href, Hint: t.Hint, Status: t.Status}
		switch {
		case t.Now:
			out[i].Kind = ui.Err
		case t.Due.IsZero():
			out[i].Kind = ui.Neutral
		case today.DaysUntil(t.Due) <= 30:
			out[i].Kind, out[i].Status = ui.Warn, french.Capital(french.Until(t.Due, today))
		default:
			out[i].Kind, out[i].Status = ui.Neutral, french.Capital(french.Until(t.Due, today))
		}
	}
	return out
}
