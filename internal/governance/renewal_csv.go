package governance

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// CellError is what is wrong in one cell of a CSV file, or in the whole file
// (Line 0) or line (Column "").
type CellError struct {
	Line    int // as a spreadsheet numbers it, the header being 1
	Column  string
	Message string
}

// String returns « ligne 4, colonne courriel : … ».
func (e CellError) String() string {
	switch {
	case e.Line == 0:
		return e.Message
	case e.Column == "":
		return fmt.Sprintf("ligne %d : %s", e.Line, e.Message)
	}
	return fmt.Sprintf("ligne %d, colonne %s : %s", e.Line, e.Column, e.Message)
}

const (
	maxCSVBytes = 1 << 20
	maxCSVLines = 200
)

// csvColumns are the columns of the file, and the headers that mean them, folded.
var csvColumns = []struct {
	name    string
	headers []string
}{
	{"commune", []string{"insee", "code insee", "code commune", "codeinsee", "code", "commune", "nom commune", "nom de la commune"}},
	{"prénom", []string{"prenom", "prenom du maire", "prenom maire"}},
	{"nom", []string{"nom", "nom du maire", "nom maire", "nom de famille"}},
	{"courriel", []string{"courriel", "email", "e-mail", "mail", "mel", "adresse electronique", "adresse mail"}},
}

const (
	colCommune = iota
	colFirst
	colLast
	colEmail
)

// ParseRenewalCSV reads the mayors of a general renewal from a spreadsheet saved
// as CSV: UTF-8 with or without mark, or Windows-1252; separated by ; , or
// tabulation; with a header. It returns the rows whose commune is known, wrong
// cells included, so that a screen filled with them loses nothing; and every cell
// that is wrong. A row whose name cells are all empty is skipped. It reads at
// most 1 MB and 200 lines.
func ParseRenewalCSV(r io.Reader) ([]RenewalRow, []CellError) {
	b, err := io.ReadAll(io.LimitReader(r, maxCSVBytes+1))
	switch {
	case err != nil:
		return nil, []CellError{{Message: "Le fichier n’a pas pu être lu."}}
	case len(b) > maxCSVBytes:
		return nil, []CellError{{Message: "Le fichier dépasse 1 Mo : enregistrez seulement la feuille des communes."}}
	case bytes.ContainsRune(b, 0):
		return nil, []CellError{{Message: "Ce fichier n’est pas un CSV : dans le tableur, choisissez « Enregistrer sous », format CSV UTF-8."}}
	}
	text := decodeCSV(b)
	if strings.TrimSpace(text) == "" {
		return nil, []CellError{{Message: "Le fichier est vide."}}
	}
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma = separator(text)
	reader.FieldsPerRecord = -1
	reader.LazyQuotes = true
	header, err := reader.Read()
	if err != nil {
		return nil, []CellError{{Line: 1, Message: "L’en-tête n’a pas pu être lu."}}
	}
	columns, errs := matchColumns(header)
	if len(errs) > 0 {
		return nil, errs
	}
	return parseLines(reader, columns)
}

// decodeCSV gives the text of a file in UTF-8 or, when it is not valid UTF-8, in
// Windows-1252, which every sequence of bytes is.
func decodeCSV(b []byte) string {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	if utf8.Valid(b) {
		return string(b)
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "�")
	}
	return string(out)
}

// separator is the most frequent of the three in the header line.
func separator(text string) rune {
	line, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n"), "\n")
	best, most := ';', strings.Count(line, ";")
	for _, c := range []rune{'\t', ','} {
		if n := strings.Count(line, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

func matchColumns(header []string) ([]int, []CellError) {
	columns := []int{-1, -1, -1, -1}
	for i, h := range header {
		h = foldText(h)
		for c, column := range csvColumns {
			for _, known := range column.headers {
				if h == known && columns[c] < 0 {
					columns[c] = i
				}
			}
		}
	}
	var errs []CellError
	for c, i := range columns {
		if i < 0 {
			name := csvColumns[c].name
			if c == colCommune {
				name = "insee (ou commune)"
			}
			errs = append(errs, CellError{Line: 1, Message: "il manque la colonne « " + name + " »."})
		}
	}
	return columns, errs
}

func parseLines(reader *csv.Reader, columns []int) ([]RenewalRow, []CellError) {
	var (
		rows []RenewalRow
		errs []CellError
		seen = map[string]int{}
	)
	for n := 0; ; n++ {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if n >= maxCSVLines {
			return rows, append(errs, CellError{Message: "Le fichier compte plus de 200 lignes : gardez une ligne par commune."})
		}
		if err != nil {
			line := 0
			if p, ok := errors.AsType[*csv.ParseError](err); ok {
				line = p.Line
			}
			return rows, append(errs, CellError{Line: line, Message: "cette ligne n’a pas pu être lue ; vérifiez les guillemets."})
		}
		line, _ := reader.FieldPos(0)
		row, cells := parseRecord(record, columns, line)
		if row.empty() && len(cells) == 0 {
			continue
		}
		first, twice := seen[row.INSEE]
		if twice && row.INSEE != "" {
			cells = append(cells, CellError{line, "commune", fmt.Sprintf("cette commune est déjà à la ligne %d.", first)})
		} else {
			seen[row.INSEE] = line
		}
		if row.INSEE != "" && !twice {
			rows = append(rows, row)
		}
		errs = append(errs, cells...)
	}
	if len(rows) == 0 && len(errs) == 0 {
		errs = []CellError{{Message: "Le fichier ne contient aucun nom de maire."}}
	}
	return rows, errs
}

func parseRecord(record []string, columns []int, line int) (RenewalRow, []CellError) {
	cell := func(c int) string {
		if columns[c] >= len(record) {
			return ""
		}
		return strings.TrimSpace(record[columns[c]])
	}
	row := RenewalRow{First: cell(colFirst), Last: cell(colLast), Email: strings.ToLower(cell(colEmail))}
	if row.empty() {
		return row, nil
	}
	var errs []CellError
	wrong := func(c int, message string) {
		errs = append(errs, CellError{line, csvColumns[c].name, message})
	}
	commune := cell(colCommune)
	switch row.INSEE = inseeOf(commune); {
	case commune == "":
		wrong(colCommune, "le code INSEE manque.")
	case row.INSEE == "":
		wrong(colCommune, fmt.Sprintf("« %s » n’est ni le code INSEE ni le nom d’une des 28 communes.", clip(commune)))
	}
	for i, v := range []string{row.First, row.Last} {
		c := colFirst + i
		switch {
		case v == "":
			wrong(c, "cette case est vide.")
		case len([]rune(v)) > 80 || !oneLine(v):
			wrong(c, "gardez 80 caractères au plus, sur une ligne.")
		}
	}
	if !validEmail(row.Email) {
		wrong(colEmail, fmt.Sprintf("« %s » n’est pas une adresse électronique complète.", clip(row.Email)))
	}
	return row, errs
}

func clip(s string) string {
	r := []rune(strings.ToValidUTF8(s, "�"))
	if len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return string(r)
}

// foldText forgives accents, case, apostrophes and hyphens.
func foldText(s string) string {
	out, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(nonSpacing{}), norm.NFC), s)
	if err != nil {
		out = s
	}
	out = strings.NewReplacer("’", " ", "'", " ", "_", " ", "\u00a0", " ").Replace(strings.ToLower(out))
	return strings.Join(strings.Fields(out), " ")
}

// nonSpacing is the set of combining accents.
type nonSpacing struct{}

// Contains tells whether r is one of the combining marks of Latin letters.
func (nonSpacing) Contains(r rune) bool { return r >= 0x300 && r <= 0x36f }

// inseeOf returns the code of the commune named by code or by name, "" if it is
// not one of the 28. A spreadsheet may write the code as a number.
func inseeOf(s string) string {
	if len(s) > 100 {
		return ""
	}
	return inseeByName()[strings.ReplaceAll(foldText(s), "-", " ")]
}

// inseeByName finds a code by itself and by the folded name.
var inseeByName = sync.OnceValue(func() map[string]string {
	m := make(map[string]string, 2*len(communeNames))
	for _, c := range communeNames {
		m[c.insee] = c.insee
		m[strings.ReplaceAll(foldText(c.name), "-", " ")] = c.insee
	}
	return m
})

// communeNames are the 28 communes of the official geographic code; a test
// compares them with the table.
var communeNames = []struct{ insee, name string }{
	{"33003", "Ambarès-et-Lagrave"}, {"33004", "Ambès"}, {"33013", "Artigues-près-Bordeaux"}, {"33032", "Bassens"},
	{"33039", "Bègles"}, {"33056", "Blanquefort"}, {"33063", "Bordeaux"}, {"33065", "Bouliac"}, {"33069", "Le Bouscat"},
	{"33075", "Bruges"}, {"33096", "Carbon-Blanc"}, {"33119", "Cenon"}, {"33162", "Eysines"}, {"33167", "Floirac"},
	{"33192", "Gradignan"}, {"33200", "Le Haillan"}, {"33249", "Lormont"}, {"33273", "Martignas-sur-Jalle"},
	{"33281", "Mérignac"}, {"33312", "Parempuyre"}, {"33318", "Pessac"}, {"33376", "Saint-Aubin-de-Médoc"},
	{"33434", "Saint-Louis-de-Montferrand"}, {"33449", "Saint-Médard-en-Jalles"}, {"33487", "Saint-Vincent-de-Paul"},
	{"33519", "Le Taillan-Médoc"}, {"33522", "Talence"}, {"33550", "Villenave-d’Ornon"},
}
