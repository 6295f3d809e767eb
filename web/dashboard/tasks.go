package dashboard

import (
	"slices"
	"strings"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/web/ui"
)

// urgency says why a task waits, the most pressing first.
type urgency int

const (
	stopped urgency = iota // something does not work until it is done
	overdue                // its day is past
	vacant                 // wrong since no known day
	coming                 // its day comes
	someday                // nothing breaks meanwhile
)

// task is one thing that waits for the team.
type task struct {
	Urgency           urgency
	Label, Href, Hint string
	Due               day.Day // when it was, or will be, too late; zero: no day
	Status            string  // "" for how soon it is due
}

// byUrgency puts first what stops something, then what is overdue, then what is
// vacant, then what comes due, then the rest; within each the oldest day first.
func byUrgency(tasks []task) []task {
	out := slices.Clone(tasks)
	slices.SortStableFunc(out, func(a, b task) int {
		if a.Urgency != b.Urgency {
			return int(a.Urgency) - int(b.Urgency)
		}
		return strings.Compare(a.Due.String(), b.Due.String())
	})
	return out
}

// taskLines shows tasks with where each stands or how soon it is due.
func taskLines(tasks []task, today day.Day) []ui.Task {
	out := make([]ui.Task, len(tasks))
	for i, t := range tasks {
		out[i] = ui.Task{Label: t.Label, Href: t.Href, Hint: t.Hint, Status: t.Status}
		switch t.Urgency {
		case stopped, overdue:
			out[i].Kind = ui.Err
		case coming:
			out[i].Kind, out[i].Status = ui.Neutral, french.Capital(french.Until(t.Due, today))
			if today.DaysUntil(t.Due) <= 30 {
				out[i].Kind = ui.Warn
			}
		case vacant:
			out[i].Kind = ui.Warn
		default:
			out[i].Kind = ui.Neutral
		}
	}
	return out
}
