package ui

import (
	"math"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
)

// TrendView is one or several lines over time, drawn by the server. At most three
// lines: a fourth could not be told from the others without colour.
type TrendView struct {
	ID    string // unique in the page
	Title string // what is counted: « Structures membres du GNI »
	Lines []TrendLine
	Axis  bool // the large drawing, with its scales; else a small one without words
}

// TrendLine is one line, its points from the oldest.
type TrendLine struct {
	Name   string // « Action sociale »; "" when there is one line only
	Points []TrendPoint
}

// TrendPoint is a value on a day.
type TrendPoint struct {
	Day   day.Day
	Value float64
	Text  string // as printed: « près de 3 000 »
	Label string // what it is of, when a day is not enough: « année 2025 »
	Short string // under the axis, when a month would mislead: « 2025 »
}

// Size of the drawings, in the units of their viewBox.
const (
	trendSmallW, trendSmallH = 320, 80
	trendLargeW, trendLargeH = 640, 300
	trendLeft, trendBelow    = 64, 34 // room of the scales
	trendPad                 = 10     // so that marks are not cut
)

// Drawn tells whether there is a trend to draw: two days at least.
func (v TrendView) Drawn() bool {
	first, last := v.days()
	return first.Before(last)
}

// Summary says in words what the drawing shows.
func (v TrendView) Summary() string {
	var parts []string
	for _, l := range v.Lines {
		if s := l.summary(); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " ")
}

func (l TrendLine) summary() string {
	n := len(l.Points)
	if n == 0 {
		return ""
	}
	first, last := l.Points[0], l.Points[n-1]
	name := ""
	if l.Name != "" {
		name = l.Name + french.NBSP + ": "
	}
	if n == 1 {
		return name + last.Text + ", " + last.when() + "."
	}
	s := name + french.Count(n, "valeur", "valeurs") + ", de " + first.Text + " (" + first.when() + ") à " + last.Text + " (" + last.when() + ")" +
		", " + direction(first.Value, last.Value) + "."
	if top := l.top(); top.Value > first.Value && top.Value > last.Value {
		s += " Le plus haut" + french.NBSP + ": " + top.Text + " (" + top.when() + ")."
	}
	return s
}

func (l TrendLine) top() TrendPoint {
	top := l.Points[0]
	for _, p := range l.Points {
		if p.Value > top.Value {
			top = p
		}
	}
	return top
}

func direction(first, last float64) string {
	switch {
	case last > first:
		return "en hausse"
	case last < first:
		return "en baisse"
	}
	return "sans changement"
}

func (p TrendPoint) when() string {
	if p.Label != "" {
		return p.Label
	}
	return "au " + french.LongDate(p.Day)
}

// days returns the first and the last day of all lines.
func (v TrendView) days() (first, last day.Day) {
	for _, l := range v.Lines {
		for _, p := range l.Points {
			if first.IsZero() || p.Day.Before(first) {
				first = p.Day
			}
			if p.Day.After(last) {
				last = p.Day
			}
		}
	}
	return first, last
}

// bounds returns the scale of the values: it holds zero, so that a small change
// never looks like a great one.
func (v TrendView) bounds() (low, high float64) {
	for _, l := range v.Lines {
		for _, p := range l.Points {
			low, high = math.Min(low, p.Value), math.Max(high, p.Value)
		}
	}
	if low == 0 && high == 0 {
		high = 1
	}
	return low, high
}

func (v TrendView) size() (width, height, left, below int) {
	if v.Axis {
		return trendLargeW, trendLargeH, trendLeft, trendBelow
	}
	return trendSmallW, trendSmallH, trendPad, trendPad
}

func (v TrendView) viewBox() string {
	w, h, _, _ := v.size()
	return "0 0 " + strconv.Itoa(w) + " " + strconv.Itoa(h)
}

func (v TrendView) x(d day.Day) float64 {
	w, _, left, _ := v.size()
	first, last := v.days()
	room := float64(w - left - 2*trendPad)
	return float64(left) + room*float64(first.DaysUntil(d))/float64(max(first.DaysUntil(last), 1))
}

func (v TrendView) y(value float64) float64 {
	_, h, _, below := v.size()
	low, high := v.scale()
	return float64(trendPad) + float64(h-below-trendPad)*(high-value)/(high-low)
}

// scale is bounds, widened to the marks of the axis.
func (v TrendView) scale() (low, high float64) {
	low, high = v.bounds()
	if !v.Axis {
		return low, high
	}
	step := v.step()
	return math.Floor(low/step) * step, math.Ceil(high/step) * step
}

// step is the round distance between two marks: 1, 2 or 5 times a power of ten, for
// at most six marks.
func (v TrendView) step() float64 {
	low, high := v.bounds()
	power := math.Pow(10, math.Floor(math.Log10((high-low)/5)))
	for _, n := range []float64{1, 2, 5} {
		if (high-low)/(n*power) <= 5 {
			return n * power
		}
	}
	return 10 * power
}

// trendMark is a mark of an axis.
type trendMark struct {
	At    float64
	Label string
}

func (v TrendView) valueMarks() []trendMark {
	var out []trendMark
	low, high := v.scale()
	step := v.step()
	for n := 0; n <= 12 && low+float64(n)*step <= high+step/2; n++ {
		value := low + float64(n)*step
		out = append(out, trendMark{v.y(value), french.Decimal(value, 4)})
	}
	return out
}

// dayMarks names the first day, the last and what has room between them.
func (v TrendView) dayMarks() []trendMark {
	first, last := v.days()
	out := []trendMark{{v.x(first), v.dayName(first)}}
	for year := first.Year(); year <= last.Year(); year++ {
		d := day.Of(year, 12, 31)
		if x := v.x(d); d.Before(last) && x-out[len(out)-1].At > 100 && v.x(last)-x > 100 {
			out = append(out, trendMark{x, v.dayName(d)})
		}
	}
	return append(out, trendMark{v.x(last), v.dayName(last)})
}

// dayName is what stands under the axis for a day.
func (v TrendView) dayName(d day.Day) string {
	for _, l := range v.Lines {
		for _, p := range l.Points {
			if p.Day == d && p.Short != "" {
				return p.Short
			}
		}
	}
	return shortMonth(d)
}

func shortMonth(d day.Day) string { return french.ShortMonth(d.Month()) + " " + strconv.Itoa(d.Year()) }

// anchor keeps the first and the last words of an axis inside the drawing.
func anchor(i, n int) string {
	switch i {
	case 0:
		return "start"
	case n - 1:
		return "end"
	}
	return "middle"
}

// path is the line, from point to point.
func (v TrendView) path(l TrendLine) string {
	var b strings.Builder
	for i, p := range l.Points {
		if i == 0 {
			b.WriteByte('M')
		} else {
			b.WriteByte('L')
		}
		b.WriteString(units(v.x(p.Day)) + " " + units(v.y(p.Value)))
	}
	return b.String()
}

// shape is the mark of a point, one per line: a disc, a square, a lozenge.
func (v TrendView) shape(n int, p TrendPoint) string {
	x, y := v.x(p.Day), v.y(p.Value)
	switch n % 3 {
	case 1:
		return "M" + units(x-4) + " " + units(y-4) + "h8v8h-8z"
	case 2:
		return "M" + units(x) + " " + units(y-6) + "l6 6l-6 6l-6 -6z"
	}
	return "M" + units(x-4.5) + " " + units(y) + "a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z"
}

// dashes is how the nth line is drawn.
func dashes(n int) string { return [...]string{"none", "8 5", "2 4"}[n%3] }

// strokes is how the nth line looks in words, for the legend.
func strokes(n int) string {
	return [...]string{"trait plein, ronds", "tirets, carrés", "pointillés, losanges"}[n%3]
}

func units(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

// rows are the days of all lines in order, for the table.
func (v TrendView) rows() []trendRow {
	var out []trendRow
	for n, l := range v.Lines {
		for _, p := range l.Points {
			i := 0
			for i < len(out) && (out[i].day.Before(p.Day) || out[i].day == p.Day && out[i].when != p.when()) {
				i++
			}
			if i == len(out) || out[i].day != p.Day || out[i].when != p.when() {
				out = append(out[:i:i], append([]trendRow{{p.Day, p.when(), make([]string, len(v.Lines))}}, out[i:]...)...)
			}
			out[i].cells[n] = p.Text
		}
	}
	return out
}

type trendRow struct {
	day   day.Day
	when  string
	cells []string
}
