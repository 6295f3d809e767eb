package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"mime"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"bordeaux-metropole.fr/portal/internal/day"
)

func table(rows ...[]Cell) Table {
	return Table{
		Title: "Composition du GNI au 23 novembre 2026", Date: day.Of(2026, time.November, 23),
		Source: "Bordeaux Métropole, délibération n° 2024-677",
		Columns: []Column{
			{Key: "siege", Heading: "Siège"}, {Key: "population", Heading: "Population", Kind: NumberKind},
			{Key: "depuis", Heading: "Depuis le", Kind: DayKind}, {Key: "debut", Heading: "Début", Kind: TimeKind},
		},
		Rows: rows,
	}
}

func full(text string) []Cell {
	return []Cell{Text(text), Int(30968), Day(day.Of(2026, time.March, 28)),
		Time(time.Date(2026, time.November, 26, 13, 30, 0, 0, time.UTC))}
}

func write(t testing.TB, f Format, tab Table) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, f, tab); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCSVIsWhatExcelInFrenchOpens(t *testing.T) {
	got := string(write(t, CSV, table(full("Maire de Bègles ; « à pourvoir »"), []Cell{{}, {}, {}, {}})))
	want := "\ufeffSiège;Population;Depuis le;Début\r\n" +
		"\"Maire de Bègles ; « à pourvoir »\";30968;2026-03-28;2026-11-26 14:30\r\n" +
		";;;\r\n"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := csvCell(Number(-12.5)); got != "-12,5" {
		t.Errorf("a number is %q", got)
	}
}

func TestNoTextIsAFormula(t *testing.T) {
	for _, s := range []string{
		"=1+1", "+33 5 56", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "=cmd|' /C calc'!A0",
		"\u200b=1", "＝1", "＋1", "\x00=1", "\x01\x02=1", "=HYPERLINK(\"https://exemple.org\";\"x\")",
	} {
		r := read(t, write(t, CSV, table([]Cell{Text(s), {}, {}, {}})))
		if got := r[1][0]; !strings.HasPrefix(got, "'") {
			t.Errorf("%q is written %q", s, got)
		}
		f := open(t, write(t, XLSX, table([]Cell{Text(s), {}, {}, {}})))
		if formula, err := f.GetCellFormula(dataSheet, "A2"); err != nil || formula != "" {
			t.Errorf("%q is the formula %q (%v)", s, formula, err)
		}
		if kind, err := f.GetCellType(dataSheet, "A2"); err != nil || kind != excelize.CellTypeInlineString {
			t.Errorf("%q is a cell of type %v (%v)", s, kind, err)
		}
	}
	for _, s := range []string{"Bègles", "", "a=b", "2-3", "« - »", "l’@"} {
		if got := Neutral(s); got != s {
			t.Errorf("%q is changed to %q", s, got)
		}
	}
}

func read(t testing.TB, b []byte) [][]string {
	t.Helper()
	b, ok := bytes.CutPrefix(b, []byte("\ufeff"))
	if !ok {
		t.Fatal("no byte order mark")
	}
	r := csv.NewReader(bytes.NewReader(b))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatalf("%v in %q", err, b)
	}
	return rows
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{"=1", "a;b", "a\"b", "a\r\nb", "\r", "\t", "+", "é", "\x00", "\xff", "'", "\ufeff", "\u2028"} {
		f.Add(s, "b")
		f.Add("b", s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		tab := Table{Columns: []Column{{Key: "a", Heading: "A"}, {Key: "b", Heading: "B"}}, Rows: [][]Cell{{Text(a), Text(b)}, {Text("z"), Text("z")}}}
		rows := read(t, write(t, CSV, tab))
		if len(rows) != 3 || len(rows[1]) != 2 || rows[2][0] != "z" {
			t.Fatalf("%q, %q gave %q", a, b, rows)
		}
		for i, s := range []string{a, b} {
			got := rows[1][i]
			if got != Neutral(clean(s)) {
				t.Errorf("%q came back %q", s, got)
			}
			if !utf8.ValidString(got) {
				t.Errorf("%q is not UTF-8", got)
			}
			if got != "" && strings.ContainsRune("=+-@\t\r", rune(got[0])) {
				t.Errorf("%q begins a formula", got)
			}
		}
	})
}

func TestJSONKeepsOrderAndTypes(t *testing.T) {
	b := write(t, JSON, table(full("</script>\" \\"), []Cell{{}, {}, {}, {}}))
	var v struct {
		Titre, Date, Source, Licence string
		LicenceURL                   string `json:"licence_url"`
		Nombre                       int
		Donnees                      []map[string]any
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	if v.Date != "2026-11-23" || v.Nombre != 2 || !strings.Contains(v.Licence, "2.0") || v.LicenceURL == "" || v.Titre == "" || v.Source == "" {
		t.Errorf("metadata %+v", v)
	}
	row := v.Donnees[0]
	if row["siege"] != "</script>\" \\" || row["population"] != 30968.0 || row["depuis"] != "2026-03-28" || row["debut"] != "2026-11-26T14:30:00+01:00" {
		t.Errorf("row %v", row)
	}
	for k, x := range v.Donnees[1] {
		if x != nil {
			t.Errorf("empty %s is %v", k, x)
		}
	}
	if s := string(b); strings.Index(s, "siege") > strings.Index(s, "population") || strings.Contains(s, "</script") {
		t.Errorf("order or escape: %s", s)
	}
	if empty := write(t, JSON, table()); !json.Valid(empty) || !bytes.Contains(empty, []byte(`"donnees": []`)) {
		t.Errorf("empty table: %s", empty)
	}
}

func open(t testing.TB, b []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestWorkbookHasTrueDatesAndNumbers(t *testing.T) {
	f := open(t, write(t, XLSX, table(full("Maire de Bègles"))))
	raw := func(cell string) string {
		v, err := f.GetCellValue(dataSheet, cell, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for cell, want := range map[string]string{"A1": "Siège", "A2": "Maire de Bègles", "B2": "30968", "C2": "46109", "D2": "46352.604166666664"} {
		if got := raw(cell); got != want {
			t.Errorf("%s holds %q, want %q", cell, got, want)
		}
	}
	for cell, want := range map[string]string{"C2": "28/03/2026", "D2": "26/11/2026 14:30"} {
		if got, _ := f.GetCellValue(dataSheet, cell); got != want {
			t.Errorf("%s shows %q, want %q", cell, got, want)
		}
	}
	p, err := f.GetDocProps()
	if err != nil || p.Title != "Composition du GNI au 23 novembre 2026" || p.Language != "fr-FR" {
		t.Errorf("properties %+v (%v)", p, err)
	}
	if got, _ := f.GetCellValue("À propos", "B4"); got != Licence {
		t.Errorf("licence %q", got)
	}
	if id, _ := f.GetCellStyle(dataSheet, "A1"); id == 0 {
		t.Error("the heading has no style")
	}
}

func TestLongTextFitsACell(t *testing.T) {
	f := open(t, write(t, XLSX, table([]Cell{Text(strings.Repeat("é", 40000)), {}, {}, {}})))
	if v, err := f.GetCellValue(dataSheet, "A2"); err != nil || len([]rune(v)) > excelize.TotalCellChars || !utf8.ValidString(v) {
		t.Errorf("%d characters (%v)", len([]rune(v)), err)
	}
}

func TestDispositionCannotBeBroken(t *testing.T) {
	for _, name := range []string{
		"composition-gni-2026-11-23.csv", "Été à Bègles.csv", "a\"; filename=evil.exe", "a\r\nSet-Cookie: x=1", "../../etc/passwd",
		"..", "", "日本.csv", "a%00b\x00.csv", "œuvre’s (1).csv", "\xff.csv",
	} {
		d := Disposition(name)
		kind, params, err := mime.ParseMediaType(d)
		if err != nil || kind != "attachment" || len(params) != 1 {
			t.Errorf("%q gives %q: %v %v", name, d, params, err)
			continue
		}
		if strings.ContainsAny(params["filename"], "/\\\"\r\n\x00") || strings.ContainsAny(d, "\r\n") {
			t.Errorf("%q gives %q", name, d)
		}
		for _, r := range d {
			if r < 0x20 || r > 0x7e {
				t.Errorf("%q is not ASCII", d)
			}
		}
	}
	if got := Disposition("Été.csv"); got != `attachment; filename="Ete.csv"; filename*=UTF-8''%C3%89t%C3%A9.csv` {
		t.Errorf("got %s", got)
	}
}

func TestSend(t *testing.T) {
	for _, f := range []Format{CSV, XLSX, JSON} {
		w := httptest.NewRecorder()
		if err := Send(w, f, table(full("Bègles"))); err != nil {
			t.Fatal(err)
		}
		if got := w.Header().Get("Content-Type"); got != f.ContentType() || got == "" {
			t.Errorf("%s: %s", f, got)
		}
		if got := w.Header().Get("Content-Disposition"); !strings.HasSuffix(got, "."+string(f)) || !strings.HasPrefix(got, "attachment") {
			t.Errorf("%s: %s", f, got)
		}
	}
	w := httptest.NewRecorder()
	if err := Send(w, CSV, table([]Cell{Text("une seule")})); err == nil || w.Body.Len() > 0 || len(w.Header()) > 0 {
		t.Errorf("a crooked table: %v, %d bytes", err, w.Body.Len())
	}
	if err := Send(w, JSON, table([]Cell{{}, Number(math.Inf(1)), {}, {}})); err == nil {
		t.Error("an infinity was written")
	}
	if _, ok := ParseFormat("pdf"); ok {
		t.Error("pdf is a format")
	}
	if f, ok := ParseFormat("xlsx"); !ok || f != XLSX {
		t.Error("xlsx is no format")
	}
}
