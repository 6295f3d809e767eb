package spreadsheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"bordeaux-metropole.fr/portal/internal/problem"
)

func read(t testing.TB, b []byte) Table {
	t.Helper()
	table, err := Read("essai.csv", bytes.NewReader(b), Usual)
	if err != nil {
		t.Fatalf("%q: %v", b[:min(len(b), 80)], err)
	}
	return table
}

func TestCSVAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	windows := func(s string) string {
		out, err := charmap.Windows1252.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	utf16 := func(order unicode.Endianness, s string) string {
		out, err := unicode.UTF16(order, unicode.UseBOM).NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	want := Table{Header: []string{"Nom", "Été"}, Rows: [][]string{{"L’étape – Bègles", "a;b"}}, FirstLine: 2}
	for name, in := range map[string]string{
		"semicolons":            "Nom;Été\nL’étape – Bègles;\"a;b\"\n",
		"commas, CRLF":          "Nom,Été\r\nL’étape – Bègles,a;b\r\n",
		"tabulations":           "Nom\tÉté\nL’étape – Bègles\ta;b",
		"byte order mark":       "\ufeffNom;Été\nL’étape – Bègles;\"a;b\"\n",
		"Windows-1252":          windows("Nom;Été\r\nL’étape – Bègles;\"a;b\"\r\n"),
		"UTF-16 little endian":  utf16(unicode.LittleEndian, "Nom\tÉté\r\nL’étape – Bègles\ta;b\r\n"),
		"UTF-16 big endian":     utf16(unicode.BigEndian, "Nom;Été\r\nL’étape – Bègles;\"a;b\"\r\n"),
		"accents in two runes":  "Nom;E\u0301te\u0301\nL’e\u0301tape – Be\u0300gles;\"a;b\"\n",
		"blanks around":         " Nom ;\u00a0Été\n  L’étape – Bègles\t;\" a;b \"\n",
		"empty columns at end":  "Nom;Été;;\nL’étape – Bègles;\"a;b\";;\n;;;\n",
		"line ends of old Macs": "Nom;Été\rL’étape – Bègles;\"a;b\"\r",
	} {
		if got := read(t, []byte(in)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestLinesAreNumberedAsASpreadsheetDoes(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{
		"blank lines":     "\n\nNom;Ville\nA;B\n\n\nC;D\n",
		"blank records":   ";\n;\nNom;Ville\nA;B\n;\n;\nC;D\n",
		"a first sep=":    "sep=;\n\nNom;Ville\nA;B\n\n\nC;D\n",
		"a cell of lines": "\n\"\n\"\nNom;Ville\n\"A\n\n2\";B\n\n\nC;D",
	} {
		table := read(t, []byte(in))
		if len(table.Rows) != 4 || table.FirstLine != 4 || table.Cell(3, 0) != "C" || table.Line(3) != 7 || !table.Blank(1) || table.Cell(1, 1) != "" {
			t.Errorf("%s: %q, first line %d", name, table.Rows, table.FirstLine)
		}
	}
}

func TestTextIsKeptAsText(t *testing.T) {
	t.Parallel()
	table := read(t, []byte("Nom;B\n=1+1;<b>x</b>\n'=1+1;'+33 5\n'autre;le \"Lac\" bleu\n"))
	want := [][]string{{"=1+1", "<b>x</b>"}, {"=1+1", "+33 5"}, {"'autre", "le \"Lac\" bleu"}}
	if !reflect.DeepEqual(table.Rows, want) {
		t.Errorf("%q", table.Rows)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	small := Limits{Bytes: 1000, Unzipped: 1 << 20, Rows: 3, Columns: 3, Runes: 20}
	for name, c := range map[string]struct {
		in, says string
		kind     problem.Kind
	}{
		"nothing":           {"", "est vide", problem.Invalid},
		"blanks":            {" \n\n\t", "est vide", problem.Invalid},
		"separators":        {";;;\n;;", "est vide", problem.Invalid},
		"header only":       {"Nom;Ville\n\n", "qu’une ligne", problem.Invalid},
		"a PDF":             {"%PDF-1.7\nx;y\n1;2", "ni un CSV ni un XLSX", problem.Invalid},
		"a page":            {"<html><table>\n<tr>", "ni un CSV ni un XLSX", problem.Invalid},
		"bytes":             {"a;b\n\x00\x01;2", "ni un CSV ni un XLSX", problem.Invalid},
		"an old workbook":   {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ancien tableur", problem.Invalid},
		"a zip of nothing":  {"PK\x03\x04zzzz", "ni un CSV ni un XLSX", problem.Invalid},
		"an open quote":     {"a;b\n\"c;d\ne;f\n", "Ligne 2 : un guillemet", problem.Invalid},
		"too many rows":     {"a\n1\n2\n3\n4\n", "plus de 3 lignes", problem.Invalid},
		"rows far below":    {"a\n1\n\n\n\n\n4\n", "plus de 3 lignes", problem.Invalid},
		"too many columns":  {"a;b;c;d\n1", "plus de 3 colonnes", problem.Invalid},
		"a cell too long":   {"a\n" + strings.Repeat("é", 21), "Ligne 2, colonne 1", problem.Invalid},
		"a file too large":  {strings.Repeat("a;b\n", 300), "dépasse", problem.TooLarge},
		"three rows are ok": {"a;b;c\n1;2;3\n1\n" + strings.Repeat("é", 20) + "\n\n\n\n", "", 0},
	} {
		_, err := Read("essai.csv", strings.NewReader(c.in), small)
		p, _ := errors.AsType[*problem.Error](err)
		switch {
		case c.says == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.says != "" && (p == nil || p.Kind != c.kind || p.Field != Field || !strings.Contains(p.Message, c.says)):
			t.Errorf("%s: %v", name, err)
		}
	}
}

// workbook makes an XLSX of cells.
func workbook(t testing.TB, fill func(f *excelize.File, sheet string)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f, "Sheet1")
	if _, err := f.NewSheet("Autre"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWorkbook(t *testing.T) {
	t.Parallel()
	b := workbook(t, func(f *excelize.File, sheet string) {
		day, postal, phone := "dd/mm/yyyy", "00000", `0#" "##" "##" "##" "##`
		for cell, v := range map[string]any{
			"A2": "Nom", "B2": "SIRET", "C2": "Le", "D2": "Code postal", "E2": "Tél", "F2": "Somme", "G2": "Part",
			"A3": "Bègles", "B3": 12345678901234, "C3": time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), "D3": 7000, "E3": 556000000, "G3": 0.5,
			"A5": "Après une ligne vide",
		} {
			if err := f.SetCellValue(sheet, cell, v); err != nil {
				t.Fatal(err)
			}
		}
		for cell, format := range map[string]*string{"C3": &day, "D3": &postal, "E3": &phone} {
			style, err := f.NewStyle(&excelize.Style{CustomNumFmt: format})
			if err == nil {
				err = f.SetCellStyle(sheet, cell, cell, style)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := f.SetCellFormula(sheet, "F3", "=HYPERLINK(\"https://example.org\")"); err != nil {
			t.Fatal(err)
		}
	})
	table := read(t, b)
	want := Table{
		Header:    []string{"Nom", "SIRET", "Le", "Code postal", "Tél", "Somme", "Part"},
		Rows:      [][]string{{"Bègles", "12345678901234", "2026-03-02", "07000", "05 56 00 00 00", "", "0.5"}, nil, {"Après une ligne vide"}},
		FirstLine: 3,
	}
	if !reflect.DeepEqual(table, want) {
		t.Errorf("got  %+v\nwant %+v", table, want)
	}
}

func TestWorkbookBomb(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	limits := Usual
	limits.Unzipped = 2 << 20
	if b.Len() > 1<<14 {
		t.Fatalf("%d bytes is no bomb", b.Len())
	}
	_, err := Read("bombe.xlsx", &b, limits)
	if p, ok := errors.AsType[*problem.Error](err); !ok || p.Kind != problem.Invalid || !strings.Contains(p.Message, "trop volumineux") {
		t.Errorf("got %v", err)
	}
	far := workbook(t, func(f *excelize.File, sheet string) {
		for _, cell := range []string{"A1", "A1048576"} {
			if err := f.SetCellValue(sheet, cell, "x"); err != nil {
				t.Fatal(err)
			}
		}
	})
	if table, err := Read("loin.xlsx", bytes.NewReader(far), Usual); err == nil {
		t.Errorf("a row a million below gave %d rows", len(table.Rows))
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"Nom;Ville\nA;B", "a,b\n\"1\n2\",3", "\ufeffa\tb\n1\t2", "\xff\xfea\x00;\x00b\x00\n\x00", "sep=,\na,b", "\"", "a\"b;c\n\"d\"e;f",
		"\r\r\n", "=1;'=1\n+1;-1", "PK\x03\x04", "\xe9t\xe9;x\n1;2", "a\n\n\n\nb", "\xfe\xff\xd8\x00",
	} {
		f.Add([]byte(s))
	}
	f.Add(workbook(f, func(w *excelize.File, sheet string) { _ = w.SetSheetRow(sheet, "A1", &[]any{"Nom", 12.5, true}) }))
	limits := Limits{Bytes: 1 << 16, Unzipped: 1 << 20, Rows: 50, Columns: 10, Runes: 100}
	f.Fuzz(func(t *testing.T, b []byte) {
		table, err := Read("f", bytes.NewReader(b), limits)
		if err != nil {
			if p, ok := errors.AsType[*problem.Error](err); !ok || p.Field != Field || p.Message == "" || p.Kind == problem.Internal {
				t.Fatalf("no refusal a person can read: %v", err)
			}
			return
		}
		if len(table.Rows) == 0 || len(table.Rows) > limits.Rows || len(table.Header) > limits.Columns || table.FirstLine < 2 {
			t.Fatalf("%d rows, %d columns, first line %d", len(table.Rows), len(table.Header), table.FirstLine)
		}
		for i := range table.Rows {
			if len(table.Rows[i]) > len(table.Header) {
				t.Fatalf("row %d is wider than the header", i)
			}
			for c := range table.Header {
				if v := table.Cell(i, c); !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
					t.Fatalf("cell %d,%d is %q", i, c, v)
				}
			}
		}
	})
}

func ExampleRead() {
	table, err := Read("feuille.csv", strings.NewReader("Action;Début\nAteliers;2027-01-04\n"), Usual)
	fmt.Println(table.Header, table.Rows, table.Line(0), err)
	// Output: [Action Début] [[Ateliers 2027-01-04]] 2 <nil>
}
