package document

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of a name, in bytes: file systems and archives take 255, and a prefix may
// be put before it.
const (
	maxStem = 150
	maxExt  = 10
)

// SafeName makes a file name of whatever a browser sent: its last part only,
// without what is invisible, turns the text round or means something to a file
// system; never empty, its extension kept. A name that is safe comes back as it is.
func SafeName(name string) string {
	name = strings.ToValidUTF8(name, "")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Join(strings.Fields(strings.Map(printable, norm.NFC.String(name))), " ")
	name = strings.TrimRight(name, " .")
	stem, ext := name, ""
	if i := strings.LastIndexByte(name, '.'); i >= 0 && plainExtension(name[i+1:]) {
		stem, ext = name[:i], name[i:]
	}
	stem = strings.Trim(cut(stem, maxStem), " .")
	switch {
	case stem == "" && ext == "":
		return "document"
	case stem == "":
		stem = "document"
	case reserved(stem):
		stem = "_" + stem
	}
	return stem + ext
}

// Stem returns the name without its extension: what a file is called by people.
func Stem(name string) string {
	if i := strings.LastIndexByte(name, '.'); i > 0 && plainExtension(name[i+1:]) {
		return name[:i]
	}
	return name
}

// printable drops what does not show and replaces what file systems refuse.
func printable(r rune) rune {
	switch {
	case strings.ContainsRune(`<>:"|?*`, r):
		return '-'
	case unicode.IsSpace(r):
		return ' '
	case unicode.IsPrint(r):
		return r
	}
	return -1 // control, format (marks of direction, zero width), private, unassigned
}

func plainExtension(s string) bool {
	if s == "" || len(s) > maxExt {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return false
		}
	}
	return true
}

// cut keeps at most n bytes, whole characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// reserved tells the names that Windows gives to devices, whatever follows a dot.
func reserved(stem string) bool {
	first, _, _ := strings.Cut(strings.ToUpper(stem), ".")
	first = strings.TrimRight(first, " ")
	switch first {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	n, ok := strings.CutPrefix(first, "COM")
	if !ok {
		n, ok = strings.CutPrefix(first, "LPT")
	}
	return ok && len([]rune(n)) == 1 && strings.ContainsAny(n, "0123456789¹²³")
}
