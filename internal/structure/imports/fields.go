package imports

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/national"
)

// Field is what a column of a file may mean. Its value is the name of the field on
// the sheet's own pages, where it has one: structure.Sheet.Check speaks of it so.
type Field string

// The fields that are read apart: they say which structure a line is about, and
// where it is.
const (
	Ignored      Field = ""
	OwnID        Field = "identifiant"
	NationalID   Field = "identifiant_national"
	SIRET        Field = "siret"
	Name         Field = "nom_organisation"
	CollegeField Field = "college"
	Commune      Field = "commune"
	INSEE        Field = "code_insee"
	PostalCode   Field = "code_postal"
)

// definition is a field: how people call it, what it reads and what it shows.
type definition struct {
	field    Field
	label    string
	headings []string // folded, the column of the national file first where there is one
	column   string   // of the national file, read by national.ReadRow; "": read says
	take     func(s *structure.Sheet, p national.Place)
	read     func(s *structure.Sheet, typed string) (wrong string)
	show     func(s structure.Sheet) string
	section  structure.Section // whose Clean and Check settle it
}

// Fields lists what a column may mean, in the order the mapping offers.
func Fields() []Field {
	out := make([]Field, len(definitions))
	for i, d := range definitions {
		out[i] = d.field
	}
	return out
}

// Label returns the French name of the field.
func (f Field) Label() string {
	if d := find(f); d != nil {
		return d.label
	}
	return "Colonne ignorée"
}

func find(f Field) *definition {
	for i := range definitions {
		if definitions[i].field == f && f != Ignored {
			return &definitions[i]
		}
	}
	return nil
}

// recognise returns what a heading means, Ignored when it says nothing known.
func recognise(heading string) Field {
	h := fold(heading)
	for _, d := range definitions {
		if h != "" && (h == fold(d.label) || contains(d.headings, h)) {
			return d.field
		}
	}
	return Ignored
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// fold forgives accents, case, and whatever is neither letter nor figure.
func fold(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		switch r {
		case 'œ':
			b.WriteString("oe")
		case 'æ':
			b.WriteString("ae")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// collegeOf reads a college, "" when the text names none.
func collegeOf(typed string) governance.College {
	switch h := fold(typed); h {
	case "action sociale", "as", "social", "college action sociale":
		return governance.SocialAction
	case "mediation numerique", "mn", "mediation", "numerique", "college mediation numerique":
		return governance.DigitalMediation
	}
	return ""
}

func readAladdin(s *structure.Sheet, typed string) string {
	h := fold(typed)
	for _, r := range append([]structure.AladdinRole{""}, structure.AladdinRoles...) {
		if h == fold(r.Label()) || h == string(r) {
			s.Aladdin = r
			return ""
		}
	}
	switch h {
	case "mediation", "oui":
		s.Aladdin = structure.AladdinMediation
	case "relais":
		s.Aladdin = structure.AladdinRelay
	case "non":
		s.Aladdin = ""
	default:
		return "Écrivez Lieu de médiation, Prescripteur, Relais d’information ou Pas membre."
	}
	return ""
}

func readPosts(s *structure.Sheet, typed string) string {
	n, err := strconv.Atoi(strings.TrimSuffix(typed, ".0"))
	if err != nil || n < 0 || n > 200 {
		return "Écrivez un nombre entier entre 0 et 200."
	}
	s.AdviserPosts = n
	return ""
}

func readWide(s *structure.Sheet, typed string) string {
	switch fold(typed) {
	case "oui", "vrai", "true", "1", "x":
		s.MetropoleWide = true
	case "non", "faux", "false", "0":
		s.MetropoleWide = false
	default:
		return "Écrivez oui ou non."
	}
	return ""
}

func readHours(s *structure.Sheet, typed string) string {
	s.HoursText, s.Hours = typed, ""
	return ""
}

// readShort reads a text of at most 100 characters that no page of the sheet asks.
func readShort(set func(s *structure.Sheet, v string)) func(*structure.Sheet, string) string {
	return func(s *structure.Sheet, typed string) string {
		if len([]rune(typed)) > 100 || strings.ContainsAny(typed, "\n\t") {
			return "Gardez 100 caractères au plus, sur une ligne."
		}
		set(s, typed)
		return ""
	}
}

func listOf(values []string) string { return strings.Join(values, " | ") }

func degrees(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

func yesNo(v bool) string {
	if v {
		return "oui"
	}
	return "non"
}
