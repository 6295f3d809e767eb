package sheetfile

import (
	"fmt"
	"slices"
	"strings"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// Cell is one value of the table. The zero Cell is empty.
type Cell struct {
	Kind   Kind
	Filled bool
	Text   string
	Day    day.Day
	Number float64 // at most fifteen figures, four decimals: exact once written
}

func text(s string) Cell { return Cell{Kind: TextKind, Filled: s != "", Text: guard(s)} }
func date(d day.Day) Cell {
	return Cell{Kind: DayKind, Filled: !d.IsZero(), Day: d}
}
func number(v float64) Cell { return Cell{Kind: NumberKind, Filled: true, Number: v} }

// guard doubles the apostrophe a text begins with: readers take off the one that
// exports put before what looks like a formula. See unguard.
func guard(s string) string {
	if strings.HasPrefix(s, "'") {
		return "'" + s
	}
	return s
}

// unguard gives back the text that guard or an export wrote.
func unguard(s string) string {
	switch rest, ok := strings.CutPrefix(s, "'"); {
	case !ok || rest == "":
		return s
	case rest[0] == '\'':
		return rest
	case strings.ContainsAny(string([]rune(rest)[:1]), "＝＋－＠"):
		return rest
	}
	return s
}

// Rows is the roadmap as a table: the axes, then each action with its lines below it.
// ambiguous tells which names several organisations or people bear.
func rows(axes []roadmap.Axis, all []roadmap.Whole, names names) [][]Cell {
	var out [][]Cell
	add := func(t Type, a roadmap.Whole, cells map[int]Cell) {
		row := make([]Cell, columnCount)
		row[cType] = text(string(t))
		if a.Number > 0 {
			row[cNumber] = number(float64(a.Number))
		}
		for i, c := range cells {
			row[i] = c
		}
		out = append(out, row)
	}
	for _, a := range axes {
		add(AxisLine, roadmap.Whole{}, map[int]Cell{cAxis: text(a.Title), cText: text(a.Strategy)})
	}
	for _, a := range all {
		add(ActionLine, a, actionCells(a, names))
		for _, s := range a.Steps {
			add(StepLine, a, map[int]Cell{cTitle: text(s.Title), cMilestone: text(yesNo(s.Milestone)), cDue: date(s.DueOn), cDone: date(s.DoneOn)})
		}
		for _, l := range a.Budget {
			add(BudgetLine, a, budgetCells(l, names))
		}
		for _, i := range a.Indicators {
			add(IndicatorLine, a, indicatorCells(i))
			for _, t := range i.Targets {
				add(TargetLine, a, map[int]Cell{cTitle: text(i.Name), cYear: number(float64(t.Year)), cValue: number(t.Value.Float())})
			}
			for _, r := range i.Readings {
				add(ReadingLine, a, map[int]Cell{cTitle: text(i.Name), cDate: date(r.On), cValue: number(r.Value.Float()), cSource: text(r.Source)})
			}
		}
	}
	return out
}

func actionCells(a roadmap.Whole, names names) map[int]Cell {
	cells := map[int]Cell{
		cAxis: text(a.Axis), cTitle: text(a.Title), cText: text(a.Objective), cPilot: text(names.organisation(a.PilotID, a.Pilot)),
		cPerson: text(names.person(a.PilotPersonID, a.PilotPerson)), cBody: text(a.Body.Label()), cStatus: text(a.Status.Label()),
		cReason: text(a.StatusReason), cSince: date(a.StatusSince), cStart: date(a.StartsOn), cEnd: date(a.EndsOn), cPriority: text(a.Priority.Label()),
		cCommunes: text(communesCell(a)), cAudience: text(a.Audience), cFNE: text(a.FNE), cValidatedOn: date(a.ValidatedOn),
		cValidation: text(a.Validation), cProposer: text(names.organisation(a.ProposerID, a.Proposer)),
	}
	if a.ProposedBy != "" {
		cells[cProposedBy] = text(a.ProposedBy.Label())
	}
	if a.Confidence != "" {
		cells[cConfidence] = text(a.Confidence.Label())
	}
	if a.Percent != nil {
		cells[cPercent] = number(float64(*a.Percent))
	}
	list, parts := make([]string, len(a.Partners)), make([]string, len(a.Partners))
	for i, p := range a.Partners {
		list[i], parts[i] = names.organisation(p.ID, p.Name), p.Part
	}
	cells[cPartners] = text(join(list))
	if slices.ContainsFunc(parts, func(s string) bool { return s != "" }) {
		cells[cParts] = text(join(parts))
	}
	return cells
}

// allCommunes is the word of an action that concerns the 28 communes.
const allCommunes = "toutes"

func communesCell(a roadmap.Whole) string {
	if a.AllCommunes {
		return allCommunes
	}
	list := make([]string, len(a.Communes))
	for i, c := range a.Communes {
		list[i] = c.Name
	}
	return join(list)
}

func budgetCells(l roadmap.Line, names names) map[int]Cell {
	cells := map[int]Cell{cYear: number(float64(l.Year)), cNature: text(l.Nature.Label()), cPlanned: number(l.Planned.Float()),
		cObtained: number(l.Obtained.Float()), cSpent: number(l.Spent.Float()), cText: text(l.Note)}
	if l.FunderID != 0 {
		cells[cFunder] = text(names.organisation(l.FunderID, l.FunderName))
	} else {
		cells[cOtherFunder] = text(l.FunderName)
	}
	return cells
}

func indicatorCells(i roadmap.Indicator) map[int]Cell {
	cells := map[int]Cell{cTitle: text(i.Name), cText: text(i.Method), cUnit: text(i.Unit), cDirection: text(i.Direction.Label()),
		cByCommune: text(yesNo(i.ByCommune)), cDate: date(i.BaselineOn)}
	if i.Baseline != nil {
		cells[cValue] = number(i.Baseline.Float())
	}
	return cells
}

func yesNo(b bool) string {
	if b {
		return "oui"
	}
	return "non"
}

// join puts names in a cell: « A ; B ». A semicolon that belongs to a name is doubled.
func join(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.ReplaceAll(s, ";", ";;")
	}
	return strings.Join(out, " ; ")
}

// split reads what join wrote, and « A;B » as people type it.
func split(cell string) []string {
	if cell == "" {
		return nil
	}
	const mark = "\x00"
	parts := strings.Split(strings.ReplaceAll(cell, ";;", mark), ";")
	for i, p := range parts {
		parts[i] = strings.TrimSpace(strings.ReplaceAll(p, mark, ";"))
	}
	return parts
}

// names tells which names need their identifier to say one organisation or person.
type names struct {
	organisations map[roadmap.OrganisationID]bool
	people        map[access.PersonID]bool
}

func (n names) organisation(id roadmap.OrganisationID, name string) string {
	if n.organisations[id] {
		return numbered(name, int64(id))
	}
	return name
}

func (n names) person(id access.PersonID, name string) string {
	if n.people[id] {
		return numbered(name, int64(id))
	}
	return name
}

func numbered(name string, id int64) string { return fmt.Sprintf("%s [n° %d]", name, id) }
