package board

import (
	"cmp"
	"slices"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// valueText is a value with its unit.
func valueText(i roadmap.Indicator, n roadmap.Number) string {
	text := french.Decimal(n.Float(), 4)
	if i.Unit == "" {
		return text
	}
	if i.Unit == "%" {
		return text + french.Narrow + "%"
	}
	return text + french.NBSP + i.Unit
}

// curve draws the values of an indicator, from its baseline, and its targets.
func curve(i roadmap.Indicator) ui.TrendView {
	v := ui.TrendView{ID: "indicateur-" + page.IDText(i.ID), Title: typeset(i.Name), Axis: true}
	values, targets := ui.TrendLine{Name: "Valeur"}, ui.TrendLine{Name: "Cible"}
	for _, r := range valueRows(i) {
		p := ui.TrendPoint{Day: r.on, Value: r.value.Float(), Text: valueText(i, r.value), Label: r.short}
		if r.target {
			p.Short = strconv.Itoa(r.on.Year())
			targets.Points = append(targets.Points, p)
		} else {
			values.Points = append(values.Points, p)
		}
	}
	for _, l := range []ui.TrendLine{values, targets} {
		if len(l.Points) > 0 {
			v.Lines = append(v.Lines, l)
		}
	}
	return v
}

// valueRow is a line of the table of an indicator.
type valueRow struct {
	on     day.Day
	value  roadmap.Number
	target bool
	when   string // in the table
	short  string // in a sentence
	source string
}

// valueRows are the baseline, the readings and the targets in order.
func valueRows(i roadmap.Indicator) []valueRow {
	var out []valueRow
	if i.Baseline != nil {
		out = append(out, valueRow{on: i.BaselineOn, value: *i.Baseline, when: french.LongDate(i.BaselineOn), short: "au départ, le " + french.LongDate(i.BaselineOn),
			source: "Valeur de départ"})
	}
	for _, r := range i.Readings {
		out = append(out, valueRow{on: r.On, value: r.Value, when: french.LongDate(r.On), short: "le " + french.LongDate(r.On), source: typeset(r.Source)})
	}
	for _, t := range i.Targets {
		year := strconv.Itoa(t.Year)
		out = append(out, valueRow{on: day.Of(t.Year, 12, 31), value: t.Value, target: true, when: "Fin " + year, short: "fin " + year, source: "Cible"})
	}
	slices.SortStableFunc(out, func(a, b valueRow) int { return cmp.Compare(b.on.DaysUntil(a.on), 0) })
	return out
}

// standing says where an indicator stands before its next target.
func standing(i roadmap.Indicator) string {
	if len(i.Readings) == 0 {
		s := "Aucune valeur n’est encore relevée."
		if n := len(i.Targets); n > 0 {
			t := i.Targets[0]
			s += " La cible de la fin " + strconv.Itoa(t.Year) + " est de " + valueText(i, t.Value) + "."
		}
		return s
	}
	last := i.Readings[len(i.Readings)-1]
	s := "Dernière valeur" + french.NBSP + ": " + valueText(i, last.Value) + ", le " + french.LongDate(last.On) + "."
	if len(i.Targets) == 0 {
		return s + " Aucune cible n’est fixée."
	}
	next := i.Targets[len(i.Targets)-1]
	for _, t := range slices.Backward(i.Targets) {
		if t.Year >= last.On.Year() {
			next = t
		}
	}
	goal := "la cible de la fin " + strconv.Itoa(next.Year) + " (" + valueText(i, next.Value) + ")"
	gap := next.Value - last.Value
	if i.Direction == roadmap.Down {
		gap = -gap
	}
	if gap <= 0 {
		return s + " " + french.Capital(goal) + " est atteinte."
	}
	return s + " Il reste " + valueText(i, gap) + " pour atteindre " + goal + "."
}
