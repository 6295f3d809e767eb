package sheetfile

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/indicator"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// Issue is what is wrong, or surprising, in a cell: what it is and what to type.
type Issue struct {
	Line    int
	Column  string // its heading; "" for the whole line
	Value   string
	Message string
}

// line is a row of the file with its cells in their columns.
type line struct {
	Number int // as the spreadsheet numbers it
	cells  [columnCount]string
	typ    Type
	dotted bool
	plan   *Plan
	bad    bool
}

// fail says what is wrong in a cell.
func (l *line) fail(column int, message string) {
	l.bad = true
	heading, value := "", ""
	if column >= 0 {
		heading, value = Columns[column].Heading, clip(l.cells[column], 120)
	}
	l.plan.Errors = append(l.plan.Errors, Issue{l.Number, heading, value, message})
}

func (l *line) warn(column int, message string) {
	l.plan.Warnings = append(l.plan.Warnings, Issue{l.Number, Columns[column].Heading, clip(l.cells[column], 120), message})
}

// text reads a text of most characters; one that is missing is told when there is a
// message for it.
func (l *line) text(column, most int, missing string) string {
	s := l.cells[column]
	switch {
	case s == "" && missing != "":
		l.fail(column, missing)
	case utf8.RuneCountInString(s) > most:
		l.fail(column, "Ce texte est trop long : "+strconv.Itoa(most)+" caractères au plus.")
		return ""
	}
	return s
}

var (
	frenchDate = regexp.MustCompile(`^([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4})$`)
	isoDate    = regexp.MustCompile(`^([0-9]{4})-([0-9]{2})-([0-9]{2})(?: 00:00(?::00)?)?$`)
)

// parseDate reads « 31/12/2026 », and 2026-12-31 as spreadsheets keep it.
func parseDate(s string) (day.Day, bool) {
	m := frenchDate.FindStringSubmatch(s)
	if m == nil {
		if m = isoDate.FindStringSubmatch(s); m == nil {
			return day.Day{}, false
		}
		m[1], m[3] = m[3], m[1]
	}
	d, _ := strconv.Atoi(m[1])
	month, _ := strconv.Atoi(m[2])
	year, _ := strconv.Atoi(m[3])
	if month < 1 || month > 12 || d < 1 || year < 1900 || year > 2200 {
		return day.Day{}, false
	}
	out := day.Of(year, time.Month(month), d)
	return out, out.Date() == d // the 31st of April would be the 1st of May
}

func (l *line) day(column int) day.Day {
	s := l.cells[column]
	if s == "" {
		return day.Day{}
	}
	d, ok := parseDate(s)
	if !ok {
		l.fail(column, "Ce n’est pas une date qui existe : écrivez-la comme 31/12/2026.")
	}
	return d
}

// dot is a number as a workbook keeps it.
var dot = regexp.MustCompile(`^-?[0-9]+\.[0-9]+$`)

// figure gives a number as the French write it: a workbook keeps a dot.
func (l *line) figure(column int) string {
	s := l.cells[column]
	if l.dotted && dot.MatchString(s) {
		return strings.Replace(s, ".", ",", 1)
	}
	return s
}

func (l *line) cents(column int) roadmap.Cents {
	s := l.figure(column)
	if s == "" {
		return 0
	}
	c, err := roadmap.ParseCents(s)
	if err != nil {
		l.fail(column, "Ce n’est pas un montant en euros : écrivez-le comme 12 000,50, sans signe moins.")
	}
	return c
}

// greatest is what the columns of values hold: numeric(14, 4).
const greatest roadmap.Number = 9_999_999_999_9999

func (l *line) number(column int, missing string) *roadmap.Number {
	s := strings.TrimSpace(l.figure(column))
	if s == "" {
		if missing != "" {
			l.fail(column, missing)
		}
		return nil
	}
	n, err := indicator.ParseNumber(s)
	if err != nil || n > greatest || n < -greatest {
		l.fail(column, "Ce n’est pas un nombre lisible : écrivez-le comme 1 250,5, quatre décimales au plus.")
		return nil
	}
	return &n
}

// whole reads a whole number from low to high; 0 when the cell is empty.
func (l *line) whole(column, low, high int, wrong string) int {
	s := strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(l.cells[column]), "action "), "n°"))
	s = strings.TrimSpace(strings.TrimSuffix(strings.NewReplacer("\u00a0", "", "\u202f", "").Replace(s), "%"))
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		l.fail(column, wrong)
		return 0
	}
	return n
}

func (l *line) year() int {
	n := l.whole(cYear, 2020, 2100, "Écrivez une année, de 2020 à 2100.")
	if n == 0 && l.cells[cYear] == "" {
		l.fail(cYear, "L’année manque : écrivez-la comme 2027.")
	}
	return n
}

func (l *line) yes(column int) bool {
	switch fold(l.cells[column]) {
	case "", "non", "n", "no", "0", "faux":
		return false
	case "oui", "o", "x", "1", "vrai", "yes":
		return true
	}
	l.fail(column, "Écrivez oui ou non.")
	return false
}

// labelled is a closed set of the roadmap.
type labelled interface {
	~string
	Label() string
}

// choice reads a word of a closed set, by its French name.
func choice[T labelled](l *line, column int, all []T) T {
	var none T
	s := fold(l.cells[column])
	if s == "" {
		return none
	}
	labels := make([]string, len(all))
	for i, v := range all {
		if fold(v.Label()) == s || string(v) == s {
			return v
		}
		labels[i] = v.Label()
	}
	l.fail(column, "Écrivez "+french.Either(labels)+".")
	return none
}

// clip shortens what is shown of a cell.
func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
