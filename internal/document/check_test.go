package document

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"bordeaux-metropole.fr/portal/internal/problem"
)

// entry is a file of an archive made for a test.
type entry struct{ name, text string }

func zipped(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		method := zip.Deflate
		if e.name == "mimetype" {
			method = zip.Store
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: e.name, Method: method})
		if err == nil {
			_, err = io.WriteString(w, e.text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func docx(t testing.TB, more ...entry) []byte {
	t.Helper()
	return zipped(t, append([]entry{{"[Content_Types].xml", "<Types/>"}, {"_rels/.rels", "<a/>"}, {"word/document.xml", "<w:document/>"}}, more...)...)
}

func odf(t testing.TB, kind string, more ...entry) []byte {
	t.Helper()
	return zipped(t, append([]entry{{"mimetype", "application/vnd.oasis.opendocument." + kind}, {"content.xml", "<a/>"}}, more...)...)
}

func xlsx(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	f := excelize.NewFile()
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// hugePNG claims a size that it does not have.
func hugePNG(t testing.TB) []byte {
	t.Helper()
	b := pngOf(t, 1, 1)
	binary.BigEndian.PutUint32(b[16:], 60_000)
	binary.BigEndian.PutUint32(b[20:], 60_000)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

var pdf = []byte("%PDF-1.7\n1 0 obj\n<</Encrypt 2 0 R>>\nendobj\n%%EOF\n")

func TestCheckAccepts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"note.pdf":             {pdf, "application/pdf"},
		"NOTE.PDF":             {pdf, "application/pdf"},
		"note.docx":            {docx(t), Kinds[2].MediaType},
		"note.odt":             {odf(t, "text"), Kinds[1].MediaType},
		"note.ods":             {odf(t, "spreadsheet"), Kinds[3].MediaType},
		"note.xlsx":            {xlsx(t), Kinds[4].MediaType},
		"plan.png":             {pngOf(t, 3, 2), "image/png"},
		"photo.jpg":            {jpegOf(t), "image/jpeg"},
		"photo.jpeg":           {jpegOf(t), "image/jpeg"},
		"unicode.csv":          {[]byte("commune;élus\r\nBègles;2\r\n"), "text/csv"},
		"bom.csv":              {[]byte("\ufeffcommune;élus\n"), "text/csv"},
		"windows.csv":          {[]byte("commune;\xe9lus \x80\nB\xe8gles;2\n"), "text/csv"},
		"one.csv":              {[]byte("x"), "text/csv"},
		"../../etc/passwd.csv": {[]byte("a;b\n"), "text/csv"},
	} {
		u, err := Check(name, bytes.NewReader(c.content))
		if err != nil || u.MediaType != c.want || u.Size != int64(len(c.content)) {
			t.Errorf("%s: %+v, %v", name, u, err)
			continue
		}
		if back, err := io.ReadAll(u.Content); err != nil || !bytes.Equal(back, c.content) {
			t.Errorf("%s: the content is not rewound: %d bytes, %v", name, len(back), err)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	many := make([]entry, maxEntries)
	for i := range many {
		many[i].name = "word/" + strconv.Itoa(i)
	}
	manyMore := make([]entry, 20_000) // its directory alone is past the budget
	for i := range manyMore {
		manyMore[i].name = "word/" + strings.Repeat("x", 200) + strconv.Itoa(i)
	}
	zeros := strings.Repeat("\x00", 10<<20)
	for what, c := range map[string]struct {
		name    string
		content []byte
		kind    problem.Kind
		says    string
	}{
		"empty":             {"vide.pdf", nil, problem.Invalid, "vide"},
		"too large":         {"gros.pdf", append(pdf[:len(pdf):len(pdf)], make([]byte, MaxSize)...), problem.TooLarge, "20 Mo"},
		"program":           {"outil.exe", []byte("MZ\x90\x00"), problem.Invalid, accepted},
		"no extension":      {"note", pdf, problem.Invalid, accepted},
		"two extensions":    {"note.pdf.exe", pdf, problem.Invalid, accepted},
		"page as pdf":       {"note.pdf", []byte("<html><script>alert(1)</script>"), problem.Invalid, "contenu"},
		"page as csv":       {"note.csv", []byte("<!doctype html><script>alert(1)</script>"), problem.Invalid, "contenu"},
		"picture as svg":    {"plan.svg", []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), problem.Invalid, accepted},
		"svg as csv":        {"plan.csv", []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), problem.Invalid, "contenu"},
		"pdf as csv":        {"note.csv", pdf, problem.Invalid, "contenu"},
		"docx as odt":       {"note.odt", docx(t), problem.Invalid, "contenu"},
		"odt as docx":       {"note.docx", odf(t, "text"), problem.Invalid, "contenu"},
		"ods as odt":        {"note.odt", odf(t, "spreadsheet"), problem.Invalid, "contenu"},
		"any archive":       {"note.docx", zipped(t, entry{"lisezmoi.txt", "x"}), problem.Invalid, "contenu"},
		"cut archive":       {"note.docx", docx(t)[:150], problem.Invalid, "abîmé"},
		"bomb":              {"note.docx", docx(t, entry{"word/media/a", zeros}), problem.Invalid, "mesure"},
		"many entries":      {"note.docx", docx(t, many...), problem.Invalid, "mesure"},
		"endless directory": {"note.docx", docx(t, manyMore...), problem.Invalid, "mesure"},
		"climbs":            {"note.docx", docx(t, entry{"../../a", "x"}), problem.Invalid, "chemins"},
		"climbs, Windows":   {"note.docx", docx(t, entry{`word\..\a`, "x"}), problem.Invalid, "chemins"},
		"absolute":          {"note.docx", docx(t, entry{"/etc/a", "x"}), problem.Invalid, "chemins"},
		"macros":            {"note.docx", docx(t, entry{"word/vbaProject.bin", "x"}), problem.Invalid, "macros"},
		"macros, ODF":       {"note.odt", odf(t, "text", entry{"Basic/Standard/script-lb.xml", "x"}), problem.Invalid, "macros"},
		"huge picture":      {"plan.png", hugePNG(t), problem.Invalid, "millions de points"},
		"cut picture":       {"plan.png", pngOf(t, 2, 2)[:20], problem.Invalid, "abîmée"},
		"bytes in csv":      {"a.csv", append(bytes.Repeat([]byte("a;b\n"), 2000), 0), problem.Invalid, "contenu"},
		"no Windows letter": {"a.csv", []byte("a;\xe9\x81\n"), problem.Invalid, "contenu"},
	} {
		_, err := Check(c.name, bytes.NewReader(c.content))
		if problem.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestSafeName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Compte rendu – Bègles (v2).pdf": "Compte rendu – Bègles (v2).pdf",
		`C:\Users\alix\note.pdf`:         "note.pdf",
		"../../etc/passwd":               "passwd",
		"a\r\nContent-Type: x.pdf":       "a Content-Type- x.pdf",
		"facture\u202efdp.exe":           "facturefdp.exe",
		"\u200bnote\u2066.pdf":           "note.pdf",
		"CON.pdf":                        "_CON.pdf",
		"lpt1.tar.pdf":                   "_lpt1.tar.pdf",
		"...":                            "document",
		"":                               "document",
		".pdf":                           "document.pdf",
		"note.pdf. . ":                   "note.pdf",
		"  a   b .pdf":                   "a b.pdf",
		`a<b>"c|d?e*.csv`:                "a-b--c-d-e-.csv",
		"e\u0301tude.odt":                "étude.odt",
		"a\xff\xfeb.pdf":                 "ab.pdf",
	} {
		if got := SafeName(in); got != want {
			t.Errorf("SafeName(%q) = %q, want %q", in, got, want)
		}
	}
	long := SafeName(strings.Repeat("é", 300) + ".docx")
	if len(long) > 200 || !strings.HasPrefix(long, "ééé") || !strings.HasSuffix(long, ".docx") {
		t.Errorf("a long name: %q", long)
	}
	if Stem("Note de cadrage.pdf") != "Note de cadrage" || Stem("sans") != "sans" {
		t.Error("stem of a name")
	}
}

func FuzzSafeName(f *testing.F) {
	for _, s := range []string{"a.pdf", "../x", "CON", "\u202e.exe", "a\x00b", "é.é", ". .", "LPT¹"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := SafeName(in)
		if got == "" || len(got) > 200 || !utf8.ValidString(got) || strings.ContainsAny(got, `/\:*?"<>|`) ||
			strings.HasPrefix(got, ".") || strings.HasSuffix(got, ".") || strings.TrimSpace(got) != got || reserved(got) {
			t.Fatalf("SafeName(%q) = %q", in, got)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
			t.Fatalf("SafeName(%q) = %q shows nothing somewhere", in, got)
		}
		if again := SafeName(got); again != got {
			t.Fatalf("SafeName(%q) = %q, then %q", in, got, again)
		}
	})
}

func FuzzCheck(f *testing.F) {
	for name, b := range map[string][]byte{"a.pdf": pdf, "a.docx": docx(f), "a.odt": odf(f, "text"), "a.xlsx": xlsx(f),
		"a.png": pngOf(f, 2, 2), "a.jpg": jpegOf(f), "a.csv": []byte("a;\xe9")} {
		f.Add(name, b)
	}
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		u, err := Check(name, bytes.NewReader(content))
		if err != nil {
			if k := problem.KindOf(err); k != problem.Invalid && k != problem.TooLarge {
				t.Fatalf("Check(%q): %v is no word for a person", name, err)
			}
			return
		}
		if k := kindOf(u.Name); k == nil || k.MediaType != u.MediaType || u.Size != int64(len(content)) || u.Size == 0 {
			t.Fatalf("Check(%q) = %+v", name, u)
		}
	})
}
