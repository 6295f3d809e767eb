package export

import (
	"bytes"
	"encoding/csv"
	"strings"
)

// writeCSV writes for Excel in French: a byte order mark so that accents are
// read, semicolons, CRLF.
func writeCSV(b *bytes.Buffer, t Table) error {
	b.WriteString("\ufeff")
	w := csv.NewWriter(b)
	w.Comma = ';'
	w.UseCRLF = true
	record := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		record[i] = Neutral(clean(c.Heading))
	}
	if err := w.Write(record); err != nil {
		return err
	}
	for _, row := range t.Rows {
		for i, c := range row {
			record[i] = csvCell(c)
		}
		if err := w.Write(record); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

func csvCell(c Cell) string {
	switch {
	case c.kind == TextKind:
		return Neutral(c.text)
	case c.kind == NumberKind:
		return strings.Replace(c.String(), ".", ",", 1)
	}
	return c.String()
}

// Neutral puts an apostrophe before a text a spreadsheet would run: one whose
// first character, blanks apart, begins a formula (OWASP, CSV injection; the wide
// forms count for Asian editions of Excel).
func Neutral(s string) string {
	first := strings.TrimLeft(s, " \t\r\n\u00a0\u202f\ufeff\u200b")
	if s != "" && strings.ContainsRune("\t\r", rune(s[0])) {
		return "'" + s
	}
	for _, p := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(first, p) {
			return "'" + s
		}
	}
	return s
}
