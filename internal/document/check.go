package document

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // the size of a photograph
	_ "image/png"  // the size of a picture
	"io"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"

	"bordeaux-metropole.fr/portal/internal/problem"
)

// Kind is a kind of file that is accepted.
type Kind struct {
	Label     string // « PDF »
	MediaType string
	Ext       []string // lower case, without the dot
}

// Kinds lists the kinds accepted, in the order they are named.
var Kinds = []Kind{
	{"PDF", "application/pdf", []string{"pdf"}},
	{"ODT", "application/vnd.oasis.opendocument.text", []string{"odt"}},
	{"DOCX", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", []string{"docx"}},
	{"ODS", "application/vnd.oasis.opendocument.spreadsheet", []string{"ods"}},
	{"XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", []string{"xlsx"}},
	{"PNG", "image/png", []string{"png"}},
	{"JPG", "image/jpeg", []string{"jpg", "jpeg"}},
	{"CSV", "text/csv", []string{"csv"}},
}

// Accept is the list of extensions for a field that asks for a file.
const Accept = ".pdf,.odt,.docx,.ods,.xlsx,.png,.jpg,.jpeg,.csv"

// Label names the kind of a stored file in a word: « PDF ».
func (f File) Label() string {
	for _, k := range Kinds {
		if k.MediaType == f.MediaType {
			return k.Label
		}
	}
	return "Fichier"
}

const (
	maxEntries    = 2000
	maxUnpacked   = 200 << 20
	maxRatio      = 100
	maxDirectory  = 4 << 20 // bytes of an archive that are read at most
	maxMegapixels = 50
	accepted      = "PDF, ODT, DOCX, ODS, XLSX, PNG, JPG ou CSV"
)

func refuse(format string, args ...any) error {
	return problem.New(problem.Invalid, fmt.Sprintf(format, args...))
}

// Check reads a file as it came and tells what it is by its content. It refuses,
// with a French message on no field: an empty file, one over MaxSize, one of another
// kind than pdf, odt, docx, ods, xlsx, png, jpg, csv, one whose content is not what
// its name says, an archive that would swell beyond reason. It unpacks nothing.
func Check(name string, content io.ReadSeeker) (Upload, error) {
	name = SafeName(name)
	size, err := content.Seek(0, io.SeekEnd)
	switch {
	case err != nil:
		return Upload{}, fmt.Errorf("measure a file: %w", err)
	case size == 0:
		return Upload{}, refuse("Le fichier « %s » est vide : choisissez-en un autre.", name)
	case size > MaxSize:
		return Upload{}, problem.New(problem.TooLarge, "Le fichier « "+name+" » dépasse 20 Mo : allégez-le ou partagez-le en plusieurs.")
	}
	claimed := kindOf(name)
	if claimed == nil {
		return Upload{}, refuse("Le fichier « %s » n’est pas d’un genre accepté : choisissez un fichier %s.", name, accepted)
	}
	found, err := sniff(*claimed, content, size)
	if err != nil {
		if _, ok := errors.AsType[*problem.Error](err); ok {
			return Upload{}, err
		}
		return Upload{}, fmt.Errorf("check a file: %w", err)
	}
	if found != claimed.MediaType {
		return Upload{}, refuse("Le contenu du fichier « %s » n’est pas celui d’un fichier %s : enregistrez-le de nouveau dans ce format, ou choisissez un fichier %s.",
			name, claimed.Label, accepted)
	}
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return Upload{}, fmt.Errorf("rewind a file: %w", err)
	}
	return Upload{Name: name, MediaType: found, Size: size, Content: content}, nil
}

// kindOf returns the kind that the extension of a name claims, nil for none.
func kindOf(name string) *Kind {
	ext := strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
	for i, k := range Kinds {
		for _, e := range k.Ext {
			if e == ext {
				return &Kinds[i]
			}
		}
	}
	return nil
}

// sniff returns the media type of the content, "" when it is none of ours.
func sniff(claimed Kind, content io.ReadSeeker, size int64) (string, error) {
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	m, err := mimetype.DetectReader(content)
	if err != nil {
		return "", err
	}
	switch {
	case under(m, "application/zip"):
		return archive(content, size)
	case m.Is("application/pdf"):
		return "application/pdf", nil
	case m.Is("image/png"), m.Is("image/jpeg"):
		return picture(content)
	case claimed.MediaType == "text/csv" && (m.Is("text/plain") || m.Is("text/csv") || m.Is("text/tab-separated-values")):
		return table(content)
	}
	return "", nil
}

// under tells whether m is the type or a kind of it.
func under(m *mimetype.MIME, kind string) bool {
	for ; m != nil; m = m.Parent() {
		if m.Is(kind) {
			return true
		}
	}
	return false
}

// picture reads the head of a picture, and refuses one that would fill the memory
// of whoever opens it.
func picture(content io.ReadSeeker) (string, error) {
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	c, format, err := image.DecodeConfig(bufio.NewReader(content))
	switch {
	case err != nil || c.Width <= 0 || c.Height <= 0:
		return "", refuse("Cette image est abîmée : enregistrez-la de nouveau.")
	case int64(c.Width)*int64(c.Height) > maxMegapixels*1_000_000:
		return "", refuse("Cette image est trop grande : gardez-la sous %d millions de points.", maxMegapixels)
	}
	return "image/" + format, nil
}

// table reads a whole CSV: text in UTF-8 or in the alphabet of Windows.
func table(content io.ReadSeeker) (string, error) {
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	var (
		r       = bufio.NewReaderSize(content, 64<<10)
		unicode = true // so far
		windows = true
	)
	for unicode || windows {
		c, n, err := r.ReadRune()
		if err == io.EOF {
			return "text/csv", nil
		}
		if err != nil {
			return "", err
		}
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' || c == 0x7f {
			return "", nil
		}
		if c != utf8.RuneError || n != 1 {
			continue // any byte of a well-formed character is a character of Windows, or nearly
		}
		unicode = false
		if err := r.UnreadRune(); err != nil {
			return "", err
		}
		b, err := r.ReadByte()
		if err != nil {
			return "", err
		}
		windows = !strings.ContainsRune("\u0081\u008d\u008f\u0090\u009d", rune(b)) // no character there
	}
	return "", nil
}

// budget reads at most so many bytes of an archive: its list of entries, never
// what they hold.
type budget struct {
	r    io.ReadSeeker
	left int
}

var errBudget = errors.New("the directory of the archive is too long")

// ReadAt reads at an offset, from a file that only knows how to seek.
func (b *budget) ReadAt(p []byte, off int64) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errBudget
	}
	if _, err := b.r.Seek(off, io.SeekStart); err != nil {
		return 0, err
	}
	n, err := io.ReadFull(b.r, p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

// archive tells which office document an archive is, from its list of entries.
func archive(content io.ReadSeeker, size int64) (string, error) {
	z, err := zip.NewReader(&budget{content, maxDirectory}, size)
	switch {
	case errors.Is(err, errBudget):
		return "", errSwollen
	case err != nil && !errors.Is(err, zip.ErrInsecurePath):
		return "", refuse("Ce fichier est abîmé : ouvrez-le, enregistrez-le de nouveau, puis joignez-le.")
	case err != nil:
		return "", errTricked
	}
	if err := sound(z.File, size); err != nil {
		return "", err
	}
	names := make(map[string]*zip.File, len(z.File))
	for _, f := range z.File {
		names[f.Name] = f
	}
	switch {
	case names["[Content_Types].xml"] != nil && names["word/document.xml"] != nil:
		return Kinds[2].MediaType, nil
	case names["[Content_Types].xml"] != nil && names["xl/workbook.xml"] != nil:
		return Kinds[4].MediaType, nil
	case names["content.xml"] != nil && names["mimetype"] != nil:
		return openDocument(names["mimetype"]), nil
	}
	return "", nil
}

var (
	errSwollen = refuse("Ce fichier se déplierait au-delà de toute mesure : enregistrez-le de nouveau, puis joignez-le.")
	errTricked = refuse("Ce fichier contient des chemins interdits : ouvrez-le, enregistrez-le de nouveau, puis joignez-le.")
	errMacro   = refuse("Ce fichier contient des macros : enregistrez-le sans elles, puis joignez-le.")
)

// sound refuses an archive that swells, climbs out of its folder or runs programs.
func sound(files []*zip.File, size int64) error {
	if len(files) > maxEntries {
		return errSwollen
	}
	var unpacked uint64
	for _, f := range files {
		if f.UncompressedSize64 > maxUnpacked {
			return errSwollen
		}
		unpacked += f.UncompressedSize64
		lower := strings.ToLower(f.Name)
		switch {
		case strings.ContainsAny(f.Name, "\\\x00") || strings.HasPrefix(f.Name, "/") || strings.Contains("/"+f.Name+"/", "/../"):
			return errTricked
		case strings.HasSuffix(lower, "vbaproject.bin"), strings.HasPrefix(lower, "basic/"), strings.HasPrefix(lower, "scripts/"):
			return errMacro
		}
	}
	// The ratio is that of the whole: a sheet of zeros alone in a large document is
	// nothing to fear.
	if unpacked > maxUnpacked || unpacked > maxRatio*uint64(size) {
		return errSwollen
	}
	return nil
}

// openDocument reads the entry in which an ODF file says what it is.
func openDocument(f *zip.File) string {
	if f.UncompressedSize64 > 100 {
		return ""
	}
	r, err := f.Open()
	if err != nil {
		return ""
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, 100))
	if err != nil {
		return ""
	}
	for _, k := range []Kind{Kinds[1], Kinds[3]} {
		if k.MediaType == strings.TrimSpace(string(b)) {
			return k.MediaType
		}
	}
	return ""
}
