package national

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Hours returns opening hours in OpenStreetMap syntax from what people type in
// French (« du lundi au vendredi de 9h à 12h »), or typed in that syntax; "" and
// false when it is not sure to have understood everything: a wrong guess sends
// somebody to a closed door.
func Hours(text string) (osm string, ok bool) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > 500 {
		return "", false
	}
	if wideOSM(text) {
		return text, true
	}
	w, ok := parseOSM(text)
	if !ok {
		w, ok = parseFrench(text)
	}
	if !ok {
		return "", false
	}
	osm = w.osm()
	return osm, osm != "" && len(osm) <= 500
}

// HoursFrench returns hours in OpenStreetMap syntax as lines in French (« Du lundi au
// vendredi : 9 h – 12 h et 14 h – 17 h 30 »); false when they use more of the syntax
// than days and hours.
func HoursFrench(osm string) (lines []string, ok bool) {
	if strings.TrimSpace(osm) == "24/7" {
		return []string{"Tous les jours, 24\u00a0heures sur\u00a024"}, true
	}
	w, ok := parseOSM(osm)
	if !ok {
		return nil, false
	}
	for _, g := range w.groups() {
		spans := make([]string, len(g.spans))
		for i, s := range g.spans {
			spans[i] = frenchClock(s.from) + "\u00a0– " + frenchClock(s.to)
		}
		lines = append(lines, capital(frenchDays(g.days))+"\u00a0: "+enumerate(spans))
	}
	if closed := w.closedDays(); len(closed) > 0 {
		lines = append(lines, "Fermé "+closedFrench(closed))
	}
	return lines, len(lines) > 0
}

// holiday is the day of the week that a public holiday is, here.
const holiday = 7

var (
	osmDays     = []string{"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "PH"}
	frenchNames = []string{"lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"}
)

// span is opening hours in a day, in minutes since midnight.
type span struct{ from, to int }

// week is what is open each day, and what was said to be closed.
type week struct {
	open   [7][]span
	closed [8]bool
}

// group is days with the same hours.
type group struct {
	days  []int
	spans []span
}

// groups puts together the days with the same hours, in order of their first day.
func (w week) groups() []group {
	var out []group
	for d, spans := range w.open {
		if len(spans) == 0 {
			continue
		}
		if i := slices.IndexFunc(out, func(g group) bool { return slices.Equal(g.spans, spans) }); i >= 0 {
			out[i].days = append(out[i].days, d)
			continue
		}
		out = append(out, group{days: []int{d}, spans: spans})
	}
	return out
}

func (w week) closedDays() []int {
	var out []int
	for d, closed := range w.closed {
		if closed {
			out = append(out, d)
		}
	}
	return out
}

// osm writes the week: Mo-Fr 09:00-12:00,14:00-17:30; Sa 09:00-12:00; PH off.
func (w week) osm() string {
	var rules []string
	for _, g := range w.groups() {
		spans := make([]string, len(g.spans))
		for i, s := range g.spans {
			spans[i] = osmClock(s.from) + "-" + osmClock(s.to)
		}
		rules = append(rules, osmSelector(g.days)+" "+strings.Join(spans, ","))
	}
	if closed := w.closedDays(); len(closed) > 0 {
		rules = append(rules, osmSelector(closed)+" off")
	}
	return strings.Join(rules, "; ")
}

// runs cuts sorted days into runs of days that follow each other; a public holiday
// follows none.
func runs(days []int) [][]int {
	var out [][]int
	for i, d := range days {
		if i > 0 && d == days[i-1]+1 && d != holiday {
			out[len(out)-1] = append(out[len(out)-1], d)
			continue
		}
		out = append(out, []int{d})
	}
	return out
}

func osmSelector(days []int) string {
	var parts []string
	for _, run := range runs(days) {
		if len(run) > 2 {
			parts = append(parts, osmDays[run[0]]+"-"+osmDays[run[len(run)-1]])
			continue
		}
		for _, d := range run {
			parts = append(parts, osmDays[d])
		}
	}
	return strings.Join(parts, ",")
}

func osmClock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// frenchDays writes « du lundi au vendredi », « lundi et mardi », « tous les jours ».
func frenchDays(days []int) string {
	if len(days) == 7 {
		return "tous les jours"
	}
	var parts []string
	for _, run := range runs(days) {
		if len(run) > 2 {
			parts = append(parts, "du "+frenchNames[run[0]]+" au "+frenchNames[run[len(run)-1]])
			continue
		}
		for _, d := range run {
			parts = append(parts, frenchNames[d])
		}
	}
	return enumerate(parts)
}

func closedFrench(days []int) string {
	parts := make([]string, len(days))
	for i, d := range days {
		if parts[i] = "les jours fériés"; d != holiday {
			parts[i] = "le " + frenchNames[d]
		}
	}
	return enumerate(parts)
}

// frenchClock writes 9 h, 17 h 30, minuit, with spaces that do not break.
func frenchClock(minutes int) string {
	if minutes == 24*60 {
		return "minuit"
	}
	s := strconv.Itoa(minutes/60) + "\u00a0h"
	if minutes%60 != 0 {
		s += fmt.Sprintf("\u00a0%02d", minutes%60)
	}
	return s
}

func enumerate(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " et " + parts[last]
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// tidy puts spans in order; false when two of them overlap, or one is no span.
func tidy(spans []span) ([]span, bool) {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	for i, s := range spans {
		if s.from < 0 || s.from >= s.to || s.to > 24*60 || i > 0 && s.from < spans[i-1].to {
			return nil, false
		}
	}
	return spans, true
}

var (
	osmRule = regexp.MustCompile(`^((?:(?:Mo|Tu|We|Th|Fr|Sa|Su)(?:-(?:Mo|Tu|We|Th|Fr|Sa|Su))?|PH)(?:, ?(?:(?:Mo|Tu|We|Th|Fr|Sa|Su)(?:-(?:Mo|Tu|We|Th|Fr|Sa|Su))?|PH))*) (off|closed|[0-9:, -]+)$`)
	osmSpan = regexp.MustCompile(`^([01]?\d|2[0-4]):([0-5]\d) ?- ?([01]?\d|2[0-4]):([0-5]\d)$`)
)

// parseOSM reads the part of the syntax that is days and hours; a later rule
// replaces what an earlier one said of a day, as the syntax has it.
func parseOSM(text string) (w week, ok bool) {
	for rule := range strings.SplitSeq(strings.TrimSuffix(strings.TrimSpace(text), ";"), ";") {
		m := osmRule.FindStringSubmatch(strings.TrimSpace(rule))
		if m == nil {
			return week{}, false
		}
		days, spans := selected(m[1]), []span(nil)
		off := m[2] == "off" || m[2] == "closed"
		if !off {
			if spans, ok = osmSpans(m[2]); !ok {
				return week{}, false
			}
		}
		for _, d := range days {
			if d == holiday && !off {
				return week{}, false // hours of public holidays: more than the week
			}
			if w.closed[d] = off; d != holiday {
				w.open[d] = spans
			}
		}
	}
	return w, true
}

func osmSpans(list string) ([]span, bool) {
	var spans []span
	for one := range strings.SplitSeq(list, ",") {
		m := osmSpan.FindStringSubmatch(strings.TrimSpace(one))
		if m == nil {
			return nil, false
		}
		n := make([]int, 4)
		for i := range n {
			n[i], _ = strconv.Atoi(m[i+1])
		}
		spans = append(spans, span{n[0]*60 + n[1], n[2]*60 + n[3]})
	}
	return tidy(spans)
}

// selected returns the days of a selector: Mo-Fr,Su; a range may go round the week.
func selected(selector string) []int {
	var days []int
	for part := range strings.SplitSeq(selector, ",") {
		first, last, found := strings.Cut(strings.TrimSpace(part), "-")
		from := slices.Index(osmDays, first)
		if !found {
			days = append(days, from)
			continue
		}
		days = append(days, between(from, slices.Index(osmDays, last))...)
	}
	return days
}

// between returns the days of a week from one to another, going round if needed.
func between(from, to int) []int {
	days := []int{from}
	for d := from; d != to; {
		d = (d + 1) % 7
		days = append(days, d)
	}
	return days
}

// What else of the syntax is met in files of the standard: school and public
// holidays, months, dates, weeks, the first Monday of the month, a comment. It is kept as
// it is, without being read.
var osmWide = func() *regexp.Regexp {
	const (
		day    = `(?:(?:Mo|Tu|We|Th|Fr|Sa|Su)(?:\[-?[1-5](?:,-?[1-5])*\])?(?:-(?:Mo|Tu|We|Th|Fr|Sa|Su))?|PH|SH)`
		days   = day + `(?:,` + day + `)*`
		month  = `(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)`
		date   = month + `(?: (?:0[1-9]|[12]\d|3[01]))?`
		dates  = date + `(?:-` + date + `)?(?:,` + date + `(?:-` + date + `)?)*`
		week   = `week (?:0?[1-9]|[1-4]\d|5[0-3])(?:-(?:0?[1-9]|[1-4]\d|5[0-3])(?:/[2-9])?)?`
		clock  = `(?:[01]\d|2[0-3]):[0-5]\d-(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)`
		clocks = clock + `(?:,` + clock + `)*`
		state  = `(?:off|closed)`
		rule   = `(?:` + dates + ` |` + week + ` )?` + days + ` (?:` + clocks + `|` + state + `)(?: "[^"|]{1,100}")?`
		season = dates + ` ` + state
	)
	return regexp.MustCompile(`^(?:24/7|(?:` + rule + `|` + season + `)(?:; ?(?:` + rule + `|` + season + `))*)$`)
}()

var osmRange = regexp.MustCompile(`(\d\d:\d\d)-(\d\d:\d\d)`)

// wideOSM tells whether the text is of the syntax, and no day ends before it begins.
func wideOSM(text string) bool {
	if !osmWide.MatchString(text) {
		return false
	}
	var rule []span
	for part := range strings.SplitSeq(text, ";") {
		rule = rule[:0]
		for _, m := range osmRange.FindAllStringSubmatch(part, -1) {
			from, _ := clockOf(m[1])
			to, _ := clockOf(m[2])
			rule = append(rule, span{from, to})
		}
		if _, ok := tidy(rule); !ok {
			return false
		}
	}
	return true
}
