package spreadsheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// readCSV reads text separated by ; , or tabulation. Quotes in the middle of a cell
// are let through; one that is never closed is refused, for it would swallow lines.
func readCSV(b []byte, g *gatherer) error {
	text, ok := decode(b)
	if !ok {
		return errNeither
	}
	text, comma := separator(text, g)
	begun := *g
	err := readRecords(text, comma, false, g)
	if p, ok := errors.AsType[*csv.ParseError](err); ok && errors.Is(p.Err, csv.ErrBareQuote) {
		*g = begun
		err = readRecords(text, comma, true, g)
	}
	if p, ok := errors.AsType[*csv.ParseError](err); ok {
		return refuse("Ligne %d : un guillemet n’est pas fermé, ou est suivi d’un texte. Corrigez cette ligne.", p.StartLine)
	}
	return err
}

func readRecords(text string, comma rune, lazy bool, g *gatherer) error {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = comma, -1, lazy
	last := 0 // line of the text where the last record ended
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		start, _ := r.FieldPos(0)
		g.skip(start - last - 1) // encoding/csv says nothing of blank lines
		end, _ := r.FieldPos(len(record) - 1)
		last = end + strings.Count(record[len(record)-1], "\n")
		if err := g.add(record); err != nil {
			return err
		}
	}
}

// decode gives the text of a file in UTF-8; false when it is no text.
func decode(b []byte) (string, bool) {
	var e encoding.Encoding
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		b = b[3:]
	case bytes.HasPrefix(b, []byte("\xff\xfe")), bytes.HasPrefix(b, []byte("\xfe\xff")):
		e = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
	}
	if e == nil && !utf8.Valid(b) {
		e = charmap.Windows1252
	}
	if e != nil {
		out, err := e.NewDecoder().Bytes(b)
		if err != nil {
			return "", false
		}
		b = out
	}
	for _, c := range b {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' {
			return "", false
		}
	}
	start := bytes.TrimLeft(b, " \t\r\n")
	if bytes.HasPrefix(start, []byte("%PDF")) || bytes.HasPrefix(start, []byte("<")) || bytes.HasPrefix(start, []byte("{")) {
		return "", false
	}
	text := string(b)
	if !strings.Contains(text, "\n") { // line ends of an old Mac
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	return text, true
}

// separator finds what separates the cells: what a first line « sep=; » of Excel
// says, which is then taken off, or the most frequent in the first line, quoted
// texts apart.
func separator(text string, g *gatherer) (rest string, comma rune) {
	line, after, _ := strings.Cut(text, "\n")
	if v, ok := strings.CutPrefix(strings.TrimRight(line, "\r"), "sep="); ok && len(v) == 1 && strings.ContainsAny(v, ";,\t") {
		g.skip(1)
		return after, rune(v[0])
	}
	counts, quoted := map[rune]int{}, false
	for _, r := range strings.TrimLeft(text, "\r\n") {
		if r == '"' {
			quoted = !quoted
		}
		if r == '\n' && !quoted {
			break
		}
		if !quoted {
			counts[r]++
		}
	}
	comma = ';'
	for _, r := range []rune{'\t', ','} {
		if counts[r] > counts[comma] {
			comma = r
		}
	}
	return text, comma
}
