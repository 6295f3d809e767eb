package campaign

import (
	"cmp"
	"slices"
	"time"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
)

// Pack is the dossier of a campaign as it was when it closed. Everything it shows is
// computed from its lines and its figures, so that no total can differ from what it adds.
type Pack struct {
	Title    string              `json:"title"`
	OpenedAt time.Time           `json:"opened_at"`
	ClosedAt time.Time           `json:"closed_at"`
	Meeting  meeting.ID          `json:"meeting,omitempty"`
	Body     governance.BodyCode `json:"body,omitempty"`
	At       *time.Time          `json:"meeting_at,omitempty"`
	Lines    []Answer            `json:"lines"`
	Figures  []Sum               `json:"figures,omitempty"`
}

// Sum is what the communes that gave the figure of an indicator make together.
type Sum struct {
	Indicator roadmap.IndicatorID `json:"indicator" db:"indicator_id"`
	Action    roadmap.ID          `json:"action" db:"action_id"`
	Number    int                 `json:"number" db:"number"`
	Title     string              `json:"title" db:"title"`
	Name      string              `json:"name" db:"name"`
	Unit      string              `json:"unit" db:"unit"`
	Value     int64               `json:"value" db:"value"` // ten-thousandths: Number writes itself as a text
	Communes  int                 `json:"communes" db:"communes"`
}

// Total returns the value of the sum.
func (s Sum) Total() roadmap.Number { return roadmap.Number(s.Value) }

// Total is what a group of questions says.
type Total struct {
	Key        int64 // of the group: a commune, an action, an axis
	Label      string
	Asked      int
	Answered   int
	Accepted   int
	Moved      int
	Rose, Fell int
	Needs      int
	Good       int
	Situations map[progress.Situation]int
	PercentSum int // of the answers that give one
	PercentN   int
}

// Average is the mean percent of the answers that give one; false for none.
func (t Total) Average() (float64, bool) {
	if t.PercentN == 0 {
		return 0, false
	}
	return float64(t.PercentSum) / float64(t.PercentN), true
}

func (t *Total) add(a Answer) {
	t.Asked++
	if a.Report == 0 {
		return
	}
	t.Answered++
	t.Situations[a.Situation]++
	for _, c := range []struct {
		n    *int
		that bool
	}{{&t.Accepted, a.State == progress.Accepted}, {&t.Moved, a.Moved()}, {&t.Rose, a.Rose()}, {&t.Fell, a.Fell()}, {&t.Needs, a.Need != ""}, {&t.Good, a.GoodPractice}} {
		if c.that {
			*c.n++
		}
	}
	if a.Percent != nil {
		t.PercentSum, t.PercentN = t.PercentSum+*a.Percent, t.PercentN+1
	}
}

// Plus is two groups as one.
func (t Total) Plus(o Total) Total {
	sum := Total{Situations: map[progress.Situation]int{}, Asked: t.Asked + o.Asked, Answered: t.Answered + o.Answered, Accepted: t.Accepted + o.Accepted,
		Moved: t.Moved + o.Moved, Rose: t.Rose + o.Rose, Fell: t.Fell + o.Fell, Needs: t.Needs + o.Needs, Good: t.Good + o.Good,
		PercentSum: t.PercentSum + o.PercentSum, PercentN: t.PercentN + o.PercentN}
	for _, x := range []Total{t, o} {
		for s, n := range x.Situations {
			sum.Situations[s] += n
		}
	}
	return sum
}

// groups adds lines up by a key, in the order of the first line of each.
func groups(lines []Answer, key func(Answer) (int64, string)) []Total {
	var out []Total
	at := map[int64]int{}
	for _, l := range lines {
		k, label := key(l)
		i, known := at[k]
		if !known {
			i = len(out)
			at[k] = i
			out = append(out, Total{Key: k, Label: label, Situations: map[progress.Situation]int{}})
		}
		out[i].add(l)
	}
	return out
}

// Whole is the total of the campaign.
func (p Pack) Whole() Total {
	all := groups(p.Lines, func(Answer) (int64, string) { return 0, "" })
	if len(all) == 0 {
		return Total{Situations: map[progress.Situation]int{}}
	}
	return all[0]
}

// ByCommune, ByAction and ByAxis are the totals of each.
func (p Pack) ByCommune() []Total {
	return groups(p.sorted(byName), func(a Answer) (int64, string) { return int64(a.Commune), a.CommuneName })
}

// ByAction is the totals of each action, in the order of their numbers.
func (p Pack) ByAction() []Total {
	return groups(p.Lines, func(a Answer) (int64, string) { return int64(a.Action), a.Title })
}

// ByAxis is the totals of each axis, in the order of the roadmap.
func (p Pack) ByAxis() []Total {
	return groups(p.Lines, func(a Answer) (int64, string) { return int64(a.AxisID), a.Axis })
}

// Communes counts those that were asked, and those that gave one answer at least.
func (p Pack) Communes() (asked, answered int) {
	for _, t := range p.ByCommune() {
		asked++
		if t.Answered > 0 {
			answered++
		}
	}
	return asked, answered
}

// Silent lists the communes that said nothing.
func (p Pack) Silent() []string {
	var out []string
	for _, t := range p.ByCommune() {
		if t.Answered == 0 {
			out = append(out, t.Label)
		}
	}
	return out
}

func (p Pack) where(keep func(Answer) bool) []Answer {
	var out []Answer
	for _, l := range p.Lines {
		if l.Report != 0 && keep(l) {
			out = append(out, l)
		}
	}
	return out
}

// Moves lists what is not as it was said before.
func (p Pack) Moves() []Answer { return p.where(Answer.Moved) }

// GoodPractices lists what communes are ready to share.
func (p Pack) GoodPractices() []Answer { return p.where(func(a Answer) bool { return a.GoodPractice }) }

// Unread lists the answers that the team did not accept before the closing.
func (p Pack) Unread() []Answer {
	return p.where(func(a Answer) bool { return a.State != progress.Accepted })
}

// Needs is what communes need of one kind.
type Needs struct {
	Kind  progress.NeedKind
	Lines []Answer
}

// Needs groups what communes need by kind, the most asked first.
func (p Pack) Needs() []Needs {
	var out []Needs
	for _, k := range progress.NeedKinds {
		if lines := p.where(func(a Answer) bool { return a.Need != "" && a.NeedKind == k }); len(lines) > 0 {
			out = append(out, Needs{k, lines})
		}
	}
	slices.SortStableFunc(out, func(a, b Needs) int { return cmp.Compare(len(b.Lines), len(a.Lines)) })
	return out
}

func (p Pack) sorted(by func(a, b Answer) int) []Answer {
	return slices.SortedStableFunc(slices.Values(p.Lines), by)
}

func byName(a, b Answer) int {
	return cmp.Compare(french.SortKey(a.CommuneName), french.SortKey(b.CommuneName))
}
