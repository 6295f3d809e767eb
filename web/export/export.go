// Package export writes a table as a file people keep: CSV that Excel opens with
// a double click, XLSX, JSON. A table is typed: days stay days and numbers stay
// numbers in a spreadsheet; a text is never taken for a formula.
package export

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bordeaux-metropole.fr/portal/internal/day"
)

// The licence of all that is exported, as data.gouv.fr names it.
const (
	Licence    = "Licence Ouverte / Open Licence version 2.0"
	LicenceURL = "https://www.etalab.gouv.fr/licence-ouverte-open-licence"
)

// Format is a kind of file; its value is the extension.
type Format string

// The closed set of formats.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
	JSON Format = "json"
)

// ParseFormat reads an extension, without its dot.
func ParseFormat(ext string) (Format, bool) {
	f := Format(ext)
	return f, f == CSV || f == XLSX || f == JSON
}

// ContentType returns the media type of the format.
func (f Format) ContentType() string {
	switch f {
	case XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case JSON:
		return "application/json; charset=utf-8"
	}
	return "text/csv; charset=utf-8; header=present"
}

// Kind is what the cells of a column hold.
type Kind int

// The closed set of kinds.
const (
	TextKind Kind = iota
	NumberKind
	DayKind
	TimeKind
)

// Column is one column: its French heading, its name in JSON (snake_case).
type Column struct {
	Key     string
	Heading string
	Kind    Kind
	Width   float64 // in a spreadsheet, in characters; 0: usual for the kind
}

// Cell is one value. The zero Cell is empty.
type Cell struct {
	kind   Kind
	filled bool
	text   string
	number float64
	time   time.Time
}

// Text is a cell of text, empty when s is. Line ends become \n; the other control
// characters, which no file of the three kinds may hold, become spaces.
func Text(s string) Cell { return Cell{kind: TextKind, filled: s != "", text: clean(s)} }

// Int is a cell holding a whole number.
func Int[N ~int | ~int32 | ~int64](n N) Cell {
	return Cell{kind: NumberKind, filled: true, number: float64(n)}
}

// Number is a cell holding a number.
func Number(v float64) Cell { return Cell{kind: NumberKind, filled: true, number: v} }

// Day is a cell holding a day, empty for no day.
func Day(d day.Day) Cell {
	if d.IsZero() {
		return Cell{kind: DayKind}
	}
	// Midnight UTC: a spreadsheet has no zone.
	return Cell{kind: DayKind, filled: true, time: time.Date(d.Year(), d.Month(), d.Date(), 0, 0, 0, 0, time.UTC)}
}

// Time is a cell holding an instant, shown as the clock in Paris does; empty for
// the zero time.
func Time(t time.Time) Cell {
	if t.IsZero() {
		return Cell{kind: TimeKind}
	}
	return Cell{kind: TimeKind, filled: true, time: t.In(day.Paris)}
}

// String returns the cell as a text file writes it: days and instants in the ISO
// order, which a spreadsheet in French reads as dates.
func (c Cell) String() string {
	switch {
	case !c.filled:
		return ""
	case c.kind == NumberKind:
		return strconv.FormatFloat(c.number, 'f', -1, 64)
	case c.kind == DayKind:
		return c.time.Format(time.DateOnly)
	case c.kind == TimeKind:
		return c.time.Format("2006-01-02 15:04")
	}
	return c.text
}

// Table is what a file holds.
type Table struct {
	Title   string  // « Composition du GNI au 23 novembre 2026 »
	Name    string  // of the file, without extension; Title if empty
	Date    day.Day // the day the data tell of
	Source  string  // who publishes, after which act
	Columns []Column
	Rows    [][]Cell // as many cells as columns
}

// Send answers with the table as a file. The file is made before anything is
// sent, so that a failure shows as an error page.
func Send(w http.ResponseWriter, f Format, t Table) error {
	var b bytes.Buffer
	if err := Write(&b, f, t); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", f.ContentType())
	h.Set("Content-Disposition", Disposition(t.fileName(f)))
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	_, _ = w.Write(b.Bytes()) // the reader left: nothing to tell it
	return nil
}

// Write writes the table to b in the format.
func Write(b *bytes.Buffer, f Format, t Table) error {
	for i, row := range t.Rows {
		if len(row) != len(t.Columns) {
			return fmt.Errorf("export %s: row %d has %d cells for %d columns", t.Title, i, len(row), len(t.Columns))
		}
	}
	switch f {
	case CSV:
		return writeCSV(b, t)
	case XLSX:
		return writeXLSX(b, t)
	case JSON:
		return writeJSON(b, t)
	}
	return fmt.Errorf("export %s: unknown format %q", t.Title, f)
}

func (t Table) fileName(f Format) string {
	name := t.Name
	if name == "" {
		name = t.Title
	}
	return name + "." + string(f)
}

// Disposition returns the Content-Disposition of a file to keep: a name in ASCII
// for old readers, and the true one (RFC 6266, RFC 5987).
func Disposition(name string) string {
	return `attachment; filename="` + asciiName(name) + `"; filename*=UTF-8''` + extValue(name)
}

// asciiName folds a name to letters, digits, dots, dashes and underscores, so
// that nothing in it can end the quoted string or name another folder.
func asciiName(name string) string {
	var b strings.Builder
	for _, r := range name {
		switch s, folded := unaccented[unicode.ToLower(r)]; {
		case folded && unicode.IsUpper(r):
			b.WriteString(strings.ToUpper(s))
		case folded:
			b.WriteString(s)
		case r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)), r == '.', r == '_':
			b.WriteRune(r)
		default:
			b.WriteByte('-')
		}
	}
	s := b.String()
	for strings.Contains(s, "--") {
		s = strings.ReplaceAll(s, "--", "-")
	}
	if s = strings.Trim(s, "-."); s == "" {
		return "export"
	}
	return s
}

var unaccented = map[rune]string{
	'à': "a", 'â': "a", 'ä': "a", 'é': "e", 'è': "e", 'ê': "e", 'ë': "e", 'î': "i", 'ï': "i",
	'ô': "o", 'ö': "o", 'ù': "u", 'û': "u", 'ü': "u", 'ÿ': "y", 'ç': "c", 'œ': "oe", 'æ': "ae",
}

// extValue percent-encodes a name as RFC 5987 asks; slashes, line ends and other
// characters no file name may hold are taken out first.
func extValue(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || strings.ContainsRune(`/\:*?"<>|`, r) || r == utf8.RuneError {
			return '-'
		}
		return r
	}, name)
	// PathEscape leaves : @ & = + $ alone; attr-char has neither : @ nor =.
	return strings.NewReplacer(":", "%3A", "@", "%40", "=", "%3D", "'", "%27").Replace(url.PathEscape(name))
}

// clean makes a text one that CSV, XML and JSON all hold.
func clean(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return forbidden(r) || r == '\r' }) {
		return s
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.Map(func(r rune) rune {
		if forbidden(r) {
			if r == utf8.RuneError {
				return r
			}
			return ' '
		}
		return r
	}, s)
}

func forbidden(r rune) bool {
	return r < 0x20 && r != '\n' || r == 0x7f || r == utf8.RuneError || r == 0xfffe || r == 0xffff
}
