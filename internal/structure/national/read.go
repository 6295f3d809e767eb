package national

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// rowReader reads the cells of a line and gathers what is wrong in them.
type rowReader struct {
	row    map[string]string
	place  Place
	errors []CellError
}

// ReadRow reads a line of a file: its cells by column of the standard (Column finds
// the column of a header). It returns the place, and every cell that is wrong, in the
// order of the columns; a wrong cell leaves its field empty. What is empty but
// required is told apart (Missing), for the register can do without some.
func ReadRow(row map[string]string) (Place, []CellError) {
	r := rowReader{row: row}
	r.texts()
	r.pivot()
	r.address()
	r.contacts()
	r.date()
	lists := r.place.lists()
	for _, column := range Columns {
		if field := lists[column]; field != nil {
			*field = r.closedList(column)
		}
	}
	r.place.OtherLabels = r.otherLabels()
	slices.SortStableFunc(r.errors, func(a, b CellError) int {
		return slices.Index(Columns, a.Column) - slices.Index(Columns, b.Column)
	})
	return r.place, r.errors
}

func (r *rowReader) cell(column string) string {
	return strings.TrimSpace(strings.ReplaceAll(r.row[column], "\u00a0", " "))
}

func (r *rowReader) wrong(column, message string) {
	r.errors = append(r.errors, CellError{Column: column, Message: message})
}

func (r *rowReader) missing(column, message string) {
	r.errors = append(r.errors, CellError{Column: column, Message: message, Missing: true})
}

// longestTexts is how many characters a cell may have here.
var longestTexts = map[string]int{"presentation_resume": 280, "presentation_detail": 2000, "source": 100, "structure_parente": 100}

func (r *rowReader) texts() {
	if r.place.ID = r.cell("id"); r.place.ID == "" {
		r.missing("id", "L’identifiant manque.")
	} else if utf8.RuneCountInString(r.place.ID) > 100 {
		r.place.ID = ""
		r.wrong("id", "Cet identifiant dépasse 100 caractères.")
	}
	for column, field := range r.place.texts() {
		most := longestTexts[column]
		if most == 0 {
			most = 200
		}
		switch text := r.cell(column); {
		case text == "":
		case Formula(text):
			r.wrong(column, "Ce texte commence par "+firstSign(text)+"\u00a0: un tableur le prendrait pour une formule.")
		case utf8.RuneCountInString(text) > most:
			r.wrong(column, "Ce texte dépasse "+strconv.Itoa(most)+" caractères.")
		default:
			*field = text
		}
	}
	for column, message := range map[string]string{"nom": "Le nom manque.", "commune": "La commune manque.", "adresse": "L’adresse manque."} {
		if r.cell(column) == "" {
			r.missing(column, message)
		}
	}
}

func firstSign(text string) string { return "«\u00a0" + text[:1] + "\u00a0»" }

// pivot reads a SIRET or an RNA. Seven lines of the national file in ten have only
// zeros, for unknown.
func (r *rowReader) pivot() {
	typed := r.cell("pivot")
	if strings.Trim(typed, "0 ") == "" {
		r.missing("pivot", "Le SIRET, ou à défaut le RNA, manque.")
		return
	}
	if number, ok := RNA(typed); ok {
		r.place.Pivot = number
		return
	}
	digits, ok := SIRET(typed)
	if !ok {
		r.wrong("pivot", SIRETAdvice(typed))
		return
	}
	r.place.Pivot = digits
}

func (r *rowReader) address() {
	if typed := padded(r.cell("code_postal")); typed == "" {
		r.missing("code_postal", "Le code postal manque.")
	} else if r.place.PostalCode = typed; !postalCodeForm.MatchString(typed) {
		r.place.PostalCode = ""
		r.wrong("code_postal", "Un code postal a cinq chiffres.")
	}
	if typed := padded(strings.ToUpper(r.cell("code_insee"))); inseeForm.MatchString(typed) {
		r.place.INSEE = typed
	} else if typed != "" {
		r.wrong("code_insee", "Un code INSEE de commune a cinq signes, par exemple 33063.")
	}
	latitude, longitude := r.cell("latitude"), r.cell("longitude")
	if latitude == "" && longitude == "" {
		return
	}
	lat, latOK := coordinate(latitude, 90)
	lon, lonOK := coordinate(longitude, 180)
	if !latOK {
		r.wrong("latitude", "La latitude est un nombre entre −90 et 90, avec la longitude.")
	}
	if !lonOK {
		r.wrong("longitude", "La longitude est un nombre entre −180 et 180, avec la latitude.")
	}
	if latOK && lonOK {
		r.place.Latitude, r.place.Longitude = &lat, &lon
	}
}

// padded gives back the zero that spreadsheets take from 01000.
func padded(code string) string {
	if len(code) == 4 && strings.Trim(code, asciiDigits) == "" {
		return "0" + code
	}
	return code
}

func coordinate(typed string, most float64) (float64, bool) {
	v, err := strconv.ParseFloat(strings.ReplaceAll(strings.ReplaceAll(typed, ",", "."), "−", "-"), 64)
	return v, err == nil && !math.IsNaN(v) && within(v, most)
}

func (r *rowReader) contacts() {
	for _, typed := range pieces(r.cell("telephone"), "|;\n") {
		number, ok := Phone(typed)
		if !ok {
			r.wrong("telephone", "Ce numéro de téléphone n’est pas complet\u00a0: "+quoted(typed)+".")
			break
		}
		if r.place.Phone == "" {
			r.place.Phone = number // the register keeps one
		}
	}
	for _, typed := range pieces(r.cell("courriels"), "|;, \n") {
		if !Email(typed) {
			r.wrong("courriels", "Cette adresse électronique n’est pas valide\u00a0: "+quoted(typed)+".")
			continue
		}
		r.place.Emails = append(r.place.Emails, typed)
	}
	for _, typed := range pieces(r.cell("site_web"), "|; \n") {
		if address, ok := r.web("site_web", typed); ok {
			r.place.Websites = append(r.place.Websites, address)
		}
	}
	r.place.AccessibilityURL, _ = r.web("fiche_acces_libre", r.cell("fiche_acces_libre"))
	r.place.AppointmentURL, _ = r.web("prise_rdv", r.cell("prise_rdv"))
	if typed := r.cell("horaires"); typed != "" {
		hours, ok := Hours(typed)
		if r.place.Hours = hours; !ok {
			r.wrong("horaires", "Ces horaires ne sont pas compris. Exemple\u00a0: du lundi au vendredi de 9 h à 12 h, ou Mo-Fr 09:00-12:00.")
		}
	}
}

func (r *rowReader) web(column, typed string) (string, bool) {
	if typed == "" {
		return "", false
	}
	address, ok := WebURL(typed)
	if !ok {
		r.wrong(column, "Cette adresse de site n’est pas valide\u00a0: "+quoted(typed)+".")
		return "", false
	}
	return address, true
}

func (r *rowReader) date() {
	typed := r.cell("date_maj")
	if typed == "" || strings.HasPrefix(typed, "1970-01-01") { // what the national file has for unknown
		r.missing("date_maj", "La date de mise à jour manque.")
		return
	}
	day, _, _ := strings.Cut(typed, "T")
	day, _, _ = strings.Cut(day, " ")
	for _, layout := range []string{time.DateOnly, "02/01/2006", "2/1/2006"} {
		if d, err := time.Parse(layout, day); err == nil && d.Year() > 1970 && d.Year() < 2200 {
			r.place.UpdatedOn = d
			return
		}
	}
	r.wrong("date_maj", "Cette date n’est pas valide\u00a0: écrivez-la 2026-03-31 ou 31/03/2026.")
}

// closedList reads values of a closed list: separated by | or ; or, in older files,
// by commas.
func (r *rowReader) closedList(column string) []string {
	var out []string
	add := func(value string) {
		if !slices.Contains(out, value) {
			out = append(out, value)
		}
	}
	list := closed[column]
	for _, piece := range pieces(r.cell(column), "|;\n") {
		if value, ok := list.Match(piece); ok {
			add(value)
			continue
		}
		for _, part := range pieces(piece, ",") {
			value, ok := list.Match(part)
			if !ok {
				r.wrong(column, "Cette valeur n’est pas dans la liste du standard\u00a0: "+quoted(part)+".")
				continue
			}
			add(value)
		}
	}
	return out
}

func (r *rowReader) otherLabels() []string {
	labels := pieces(r.cell("autres_formations_labels"), "|;\n")
	for _, l := range labels {
		if Formula(l) {
			r.wrong("autres_formations_labels", "Ce texte commence par "+firstSign(l)+"\u00a0: un tableur le prendrait pour une formule.")
			return nil
		}
	}
	if len(labels) > 20 {
		r.wrong("autres_formations_labels", "Il y a plus de 20 labels.")
		return nil
	}
	return labels
}

// pieces cuts at any of the separators, and leaves out what is empty.
func pieces(s, separators string) []string {
	var out []string
	for _, p := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// quoted shows what was typed, cut when long.
func quoted(s string) string {
	if utf8.RuneCountInString(s) > 60 {
		s = string([]rune(s)[:60]) + "…"
	}
	return "«\u00a0" + s + "\u00a0»"
}
