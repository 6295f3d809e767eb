package french

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Elide joins « de », « à », « le », « la », « que »… to a name as French does:
// « d’Ambès », « du Bouscat », « au Haillan », « de La Brède », « l’Eau ».
func Elide(word, name string) string {
	if rest, ok := article(name); ok {
		switch strings.ToLower(word) {
		case "de":
			return matchCase(word, "du ") + rest
		case "à", "a":
			return matchCase(word, "au ") + rest
		}
	}
	if rest, ok := strings.CutPrefix(name, "Les "); ok {
		switch strings.ToLower(word) {
		case "de":
			return matchCase(word, "des ") + rest
		case "à":
			return matchCase(word, "aux ") + rest
		}
	}
	if elides(word) && mute(name) {
		_, n := lastRune(word)
		return word[:len(word)-n] + "’" + name
	}
	return word + " " + name
}

// De returns « de Bègles », « d’Ambès », « du Bouscat ».
func De(name string) string { return Elide("de", name) }

// A returns « à Bègles », « au Haillan ».
func A(name string) string { return Elide("à", name) }

// article cuts the « Le » of a place name.
func article(name string) (string, bool) { return strings.CutPrefix(name, "Le ") }

// matchCase gives s the capital of model.
func matchCase(model, s string) string {
	if r, _ := utf8.DecodeRuneInString(model); unicode.IsUpper(r) {
		return Capital(s)
	}
	return s
}

func lastRune(s string) (rune, int) {
	r := []rune(s)
	l := r[len(r)-1]
	return l, len(string(l))
}

// elides tells whether a word loses its last vowel before another.
func elides(word string) bool {
	switch strings.ToLower(word) {
	case "de", "le", "la", "que", "ne", "se", "me", "te", "je", "ce", "jusque", "lorsque", "puisque", "quoique":
		return true
	}
	return false
}

// muteH lists the beginnings of the words whose h is silent and elides; before
// other h nothing is elided.
var muteH = []string{"hab", "harmoni", "hebdo", "herb", "heur", "histoir", "histor", "homm", "honn", "honor",
	"hôpit", "hopit", "horair", "horizon", "hôte", "hote", "huil", "humain", "human", "humeur", "hydr", "hygi", "hyper"}

// mute tells whether a name begins with a sound before which « de » becomes d’.
func mute(name string) bool {
	s := strings.ToLower(name)
	for _, p := range []string{"onz", "oui", "ouist", "yaourt", "yacht", "yoga"} {
		if strings.HasPrefix(s, p) {
			return false
		}
	}
	r := []rune(s)
	switch {
	case len(r) == 0:
		return false
	case strings.ContainsRune("aàâäæeéèêëiîïoôöœuùûü", r[0]):
		return true
	case r[0] == 'y':
		return len(r) > 1 && !strings.ContainsRune("aeiou", r[1])
	case r[0] == 'h':
		for _, p := range muteH {
			if strings.HasPrefix(s, p) {
				return true
			}
		}
	}
	return false
}

// Typo sets a text by the rules of French typography: ’ for ', … for ..., U+00A0
// before « : » and inside « », U+202F before ; ! ? and %. A word that holds a URL
// or an address is left alone. It is meant for text people type; the sources of
// the portal are written right. Typo(Typo(s)) == Typo(s).
func Typo(s string) string {
	if !strings.ContainsAny(s, "'’:;!?%«».°") {
		return s
	}
	r := []rune(s)
	b := make([]rune, 0, len(r)+8)
	for i := 0; i < len(r); i++ {
		next := at(r, i+1)
		switch c := r[i]; {
		case c == '\'' && unicode.IsLetter(at(b, len(b)-1)) && unicode.IsLetter(next):
			b = append(b, '’')
		case c == '.' && next == '.' && at(r, i+2) == '.' && at(r, i+3) != '.' && at(b, len(b)-1) != '.':
			b = append(b, '…')
			i += 2
		case c == '«':
			b = append(b, c)
			for isSpace(at(r, i+1)) {
				i++
			}
			if i+1 < len(r) {
				b = append(b, 0xa0)
			}
		case c == '»':
			b = beforeMark(b, 0xa0, c)
			b = append(b, c)
		case c == ':' && ends(next):
			b = append(beforeMark(b, 0xa0, c), c)
		case (c == ';' || c == '!' || c == '?') && ends(next):
			b = append(beforeMark(b, 0x202f, c), c)
		case c == '%' && unicode.IsDigit(lastMark(b)) && ends(next):
			b = append(beforeMark(b, 0x202f, c), c)
		case c == '°' && at(b, len(b)-1) == 'n' && isSpace(next):
			b = append(b, c, 0xa0)
			for isSpace(at(r, i+1)) {
				i++
			}
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

// beforeMark puts sp where a space stands, or is missing, before a mark. After
// another mark (« ?! »), an opening or nothing at all, it puts none.
func beforeMark(b []rune, sp, mark rune) []rune {
	n := len(b)
	for n > 0 && isSpace(b[n-1]) {
		n--
	}
	closing := mark == '»'
	switch last := at(b, n-1); {
	case n == 0, last == '\n', last == '«', !closing && strings.ContainsRune("!?;:(", last):
		return b
	case n == len(b) && urlLike(b):
		return b
	}
	return append(b[:n], sp)
}

// urlLike tells whether the word being written is an address.
func urlLike(b []rune) bool {
	start := len(b)
	for start > 0 && !unicode.IsSpace(b[start-1]) {
		start--
	}
	w := string(b[start:])
	return strings.Contains(w, "/") || strings.Contains(w, "@")
}

// lastMark returns the last rune that is not a space.
func lastMark(b []rune) rune {
	n := len(b)
	for n > 0 && isSpace(b[n-1]) {
		n--
	}
	return at(b, n-1)
}

func at(r []rune, i int) rune {
	if i < 0 || i >= len(r) {
		return 0
	}
	return r[i]
}

func isSpace(r rune) bool { return r == ' ' || r == 0xa0 || r == 0x202f || r == '\t' }

// ends tells whether what follows a mark ends its word.
func ends(r rune) bool {
	return r == 0 || unicode.IsSpace(r) || strings.ContainsRune("»)]!?.,;:…\"<", r)
}

var folding = strings.NewReplacer("à", "a", "â", "a", "ä", "a", "é", "e", "è", "e", "ê", "e", "ë", "e",
	"î", "i", "ï", "i", "ô", "o", "ö", "o", "ù", "u", "û", "u", "ü", "u", "ç", "c", "œ", "oe", "æ", "ae",
	"’", " ", "'", " ", "-", " ")

// SortKey returns what a name is sorted by: accents, case and a leading « Le »,
// « La », « Les », « L’ » are ignored.
func SortKey(name string) string {
	s := folding.Replace(strings.ToLower(name))
	for _, a := range []string{"le ", "la ", "les ", "l "} {
		if rest, ok := strings.CutPrefix(s, a); ok {
			return rest
		}
	}
	return s
}
