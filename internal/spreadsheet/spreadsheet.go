// Package spreadsheet reads the tables that people send: CSV as Excel or others
// write it, in UTF-8, UTF-16 or Windows-1252, and XLSX. It gives text: what a cell
// means is for the area that asked. A formula is text too, and nothing runs it.
package spreadsheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/unicode/norm"

	"bordeaux-metropole.fr/portal/internal/problem"
)

// Limits bound what is read of a file, so that none fills the memory.
type Limits struct {
	Bytes    int64 // of the file
	Unzipped int64 // of an XLSX once unfolded
	Rows     int   // blank ones between others included
	Columns  int
	Runes    int // of a cell
}

// Usual is what a file of the portal's may hold.
var Usual = Limits{Bytes: 10 << 20, Unzipped: 120 << 20, Rows: 50_000, Columns: 200, Runes: 10_000}

// Table is a table of text. A row has at most as many cells as the header; a blank
// row is kept, empty, so that lines are numbered as the person sees them.
type Table struct {
	Header    []string
	Rows      [][]string
	FirstLine int // the line of Rows[0], as a spreadsheet numbers it
}

// Line returns the number of the line of a row, as a spreadsheet shows it.
func (t Table) Line(row int) int { return t.FirstLine + row }

// Cell returns a cell, "" when the row is shorter.
func (t Table) Cell(row, column int) string {
	if column < 0 || column >= len(t.Rows[row]) {
		return ""
	}
	return t.Rows[row][column]
}

// Blank tells whether a row holds nothing.
func (t Table) Blank(row int) bool {
	for _, c := range t.Rows[row] {
		if c != "" {
			return false
		}
	}
	return true
}

// Field is the form field that refusals of Read are about.
const Field = "fichier"

func refuse(format string, args ...any) error {
	return problem.OnField(Field, fmt.Sprintf(format, args...))
}

// Read reads the table of a file: a CSV, or the first sheet of an XLSX. The first
// row that is not blank is the header. A refusal is Invalid, on the field fichier;
// past Limits.Bytes it is TooLarge.
func Read(name string, r io.Reader, limits Limits) (Table, error) {
	b, err := io.ReadAll(io.LimitReader(r, limits.Bytes+1))
	switch {
	case err != nil:
		return Table{}, &problem.Error{Kind: problem.BadRequest, Field: Field, Message: "Le fichier n’a pas pu être lu.", Err: err}
	case int64(len(b)) > limits.Bytes:
		return Table{}, &problem.Error{Kind: problem.TooLarge, Field: Field,
			Message: fmt.Sprintf("Ce fichier dépasse %d Mo : gardez seulement la feuille utile, ou coupez-le en plusieurs fichiers.", limits.Bytes>>20)}
	}
	g := &gatherer{limits: limits}
	switch {
	case len(bytes.TrimSpace(b)) == 0:
		return Table{}, refuse("Ce fichier est vide.")
	case bytes.HasPrefix(b, []byte("PK\x03\x04")):
		err = readXLSX(b, g)
	case bytes.HasPrefix(b, []byte("\xd0\xcf\x11\xe0")):
		err = refuse("Ce fichier est au format d’un ancien tableur ou protégé par un mot de passe : enregistrez-le au format XLSX ou CSV.")
	default:
		err = readCSV(b, g)
	}
	switch {
	case errors.Is(err, errNeither):
		return Table{}, refuse("%s n’est ni un CSV ni un XLSX : dans le tableur, choisissez « Enregistrer sous », puis l’un de ces formats.", called(name))
	case err != nil:
		return Table{}, err
	}
	return g.table()
}

// errNeither says that a file is no table.
var errNeither = errors.New("neither CSV nor XLSX")

// called names a file in a refusal.
func called(name string) string {
	if name = clean(name); name == "" || len([]rune(name)) > 80 {
		return "Ce fichier"
	}
	return "Le fichier « " + name + " »"
}

// gatherer puts rows together and refuses what passes the limits.
type gatherer struct {
	limits Limits
	rows   [][]string
	first  int // line of the first row that is not blank
	line   int // of the last row given
	width  int
	blank  int // rows not given yet, because nothing came after them
}

// add takes the next row of the file.
func (g *gatherer) add(cells []string) error {
	g.line++
	for i, c := range cells {
		if len(c) > g.limits.Runes && len([]rune(c)) > g.limits.Runes {
			return refuse("Ligne %d, colonne %d : cette case dépasse %d caractères. Vérifiez les guillemets, ou coupez ce texte.", g.line, i+1, g.limits.Runes)
		}
		cells[i] = clean(c)
	}
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	switch {
	case len(cells) == 0:
		g.blank++
		return nil
	case len(cells) > g.limits.Columns:
		return refuse("Ligne %d : ce tableau a plus de %d colonnes. Supprimez celles qui ne servent pas.", g.line, g.limits.Columns)
	}
	if g.first == 0 {
		g.first, g.blank = g.line, 0
	}
	if len(g.rows)+g.blank > g.limits.Rows { // the header is one of them
		return refuse("Ce tableau a plus de %d lignes : coupez-le en plusieurs fichiers.", g.limits.Rows)
	}
	for ; g.blank > 0; g.blank-- {
		g.rows = append(g.rows, nil)
	}
	g.rows, g.width = append(g.rows, cells), max(g.width, len(cells))
	return nil
}

// skip takes n blank rows.
func (g *gatherer) skip(n int) { g.line, g.blank = g.line+n, g.blank+n }

func (g *gatherer) table() (Table, error) {
	switch {
	case len(g.rows) == 0:
		return Table{}, refuse("Ce fichier est vide.")
	case len(g.rows) == 1:
		return Table{}, refuse("Ce fichier n’a qu’une ligne : la première donne les titres des colonnes, il en faut au moins une autre.")
	}
	header := g.rows[0]
	for len(header) < g.width {
		header = append(header, "") // a column without a title is shown, and ignored
	}
	return Table{Header: header, Rows: g.rows[1:], FirstLine: g.first + 1}, nil
}

// clean gives the text of a cell: composed accents, line ends made \n, no control
// character, no blanks around; and without the apostrophe that exports put before
// what a spreadsheet would take for a formula.
func clean(s string) string {
	if s == "" {
		return s
	}
	if !plain(s) {
		s = strings.ReplaceAll(strings.ReplaceAll(norm.NFC.String(strings.ToValidUTF8(s, "�")), "\r\n", "\n"), "\r", "\n")
		s = strings.Map(func(r rune) rune {
			switch {
			case r == '\n' || r == '\t':
				return r
			case r < 0x20 || r == 0x7f || r == '\ufeff' || r == '\u200b':
				return -1
			}
			return r
		}, s)
	}
	s = strings.TrimSpace(s)
	if len(s) > 1 && s[0] == '\'' && strings.ContainsRune("=+-@", rune(s[1])) {
		return s[1:]
	}
	return s
}

// plain tells whether a text is printable ASCII, which needs nothing done to it.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}
