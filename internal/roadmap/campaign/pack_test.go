package campaign

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
)

func drawLines(t *rapid.T) []Answer {
	percent := rapid.Custom(func(t *rapid.T) *int {
		n := rapid.IntRange(-1, 10).Draw(t, "tens") * 10
		if n < 0 {
			return nil
		}
		return &n
	})
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Answer {
		a := Answer{Commune: roadmap.OrganisationID(rapid.IntRange(1, 28).Draw(t, "commune")), Action: roadmap.ID(rapid.IntRange(1, 9).Draw(t, "action"))}
		a.CommuneName, a.AxisID = fmt.Sprint("Commune ", a.Commune), roadmap.AxisID(1+a.Action%3)
		if rapid.Bool().Draw(t, "silent") {
			return a
		}
		a.Report, a.State = progress.ReportID(rapid.IntRange(1, 1000).Draw(t, "report")), rapid.SampledFrom(progress.States[:3]).Draw(t, "state")
		a.Situation, a.BeforeSituation = rapid.SampledFrom(progress.Situations).Draw(t, "situation"), rapid.SampledFrom(progress.Situations).Draw(t, "before")
		a.Percent, a.BeforePercent = percent.Draw(t, "percent"), percent.Draw(t, "percent before")
		a.GoodPractice = rapid.Bool().Draw(t, "good")
		if rapid.Bool().Draw(t, "need") {
			a.Need, a.NeedKind = "Un besoin", rapid.SampledFrom(progress.NeedKinds).Draw(t, "kind")
		}
		return a
	}), 0, 60).Draw(t, "lines")
}

// TestTotalsAreTheSumOfLines: whatever the grouping, groups add up to the whole, and
// what is listed is what is counted; freezing changes nothing.
func TestTotalsAreTheSumOfLines(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := Pack{Lines: drawLines(t)}
		whole := p.Whole()
		for name, groups := range map[string][]Total{"commune": p.ByCommune(), "action": p.ByAction(), "axis": p.ByAxis()} {
			sum := Total{Situations: map[progress.Situation]int{}}
			for _, g := range groups {
				sum = sum.Plus(g)
			}
			if !reflect.DeepEqual(sum, whole) {
				t.Fatalf("by %s: the groups make %+v, the whole is %+v", name, sum, whole)
			}
		}
		said, needs, distinct, silent := 0, 0, map[roadmap.OrganisationID]bool{}, map[roadmap.OrganisationID]bool{}
		for _, l := range p.Lines {
			silent[l.Commune] = true
			if l.Report != 0 {
				distinct[l.Commune] = true
			}
		}
		for _, n := range whole.Situations {
			said += n
		}
		for _, n := range p.Needs() {
			needs += len(n.Lines)
		}
		asked, answered := p.Communes()
		if whole.Asked != len(p.Lines) || said != whole.Answered || needs != whole.Needs || len(p.Moves()) != whole.Moved ||
			len(p.GoodPractices()) != whole.Good || len(p.Unread()) != whole.Answered-whole.Accepted || whole.Rose+whole.Fell > whole.Moved {
			t.Fatalf("lists and counts differ: %+v", whole)
		}
		if answered != len(distinct) || asked != len(silent) || len(p.Silent()) != asked-answered {
			t.Fatalf("%d/%d communes, %d distinct ones", answered, asked, len(distinct))
		}
		b, err := json.Marshal(p)
		var back Pack
		if err != nil || json.Unmarshal(b, &back) != nil || !reflect.DeepEqual(back.Whole(), whole) {
			t.Fatalf("frozen, the pack says something else: %v", err)
		}
	})
}
