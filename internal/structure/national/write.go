package national

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// laPosteSteps is the label that the national library and the Table Schema spell
// differently (without its space in the latter): no spelling passes both, so it is
// written with the other labels.
const laPosteSteps = "Étapes numériques (La Poste)"

// What the national library accepts; it throws on anything else, and then takes no
// line of the file.
var (
	postalCodeForm = regexp.MustCompile(`^\d{5}$`)
	inseeForm      = regexp.MustCompile(`^([013-9]\d|2[AB1-9])\d{3}$`)
	communeForm    = regexp.MustCompile(`^[A-Za-z\dÀ-ÖØ-öø-ÿŒœŸ\-'’\s]+$`)
	addressForm    = regexp.MustCompile(`^[0-9A-Za-zÀ-ÖØ-öø-ÿŒœŸ\-,()°.&:+–|;'’/\s]+$`)
	phoneForm      = regexp.MustCompile(`^\+(33|262|269|508|590|594|596|681|687|689)([1-9]\d{8}|\d{6})$`)
	urlForm        = regexp.MustCompile(`^[A-Za-z]{3,9}:(//)?([;:&=+$,\w-]+@)?[A-Za-z0-9.-]+((/[+~,%@/.\w_-]*)?\??[-+=&;%@.\w_]*#?[.!/\\\w]*)?$`)
)

// Exportable returns why the place cannot be in the national file: nothing when it
// can. Without any service, the library would lose five of its fields.
func (p Place) Exportable() []CellError {
	var out []CellError
	check := func(ok bool, column, message string) {
		if !ok {
			out = append(out, CellError{Column: column, Message: message})
		}
	}
	check(p.ID != "", "id", "L’identifiant manque.")
	_, siret := SIRET(p.Pivot)
	_, rna := RNA(p.Pivot)
	check(siret || rna, "pivot", "Ni SIRET ni RNA\u00a0: le standard demande l’un des deux.")
	check(strings.TrimSpace(p.Name) != "", "nom", "Le nom manque.")
	check(communeForm.MatchString(p.Commune), "commune", "La commune manque, ou n’a pas la forme d’un nom de commune.")
	check(postalCodeForm.MatchString(p.PostalCode), "code_postal", "Le code postal manque, ou n’a pas cinq chiffres.")
	check(strings.TrimSpace(p.Address) != "", "adresse", "L’adresse manque.")
	check(p.Address == "" || addressForm.MatchString(p.Address), "adresse",
		"L’adresse a un signe que le standard refuse\u00a0: guillemets, dièse, point d’exclamation…")
	check(!p.UpdatedOn.IsZero(), "date_maj", "La date de mise à jour manque.")
	check(len(p.Services) > 0, "services", "Aucun service n’est indiqué\u00a0: ce n’est pas un lieu de médiation numérique.")
	return out
}

// Told is what is to be said of a place when the national file is made.
type Told struct {
	Place Place
	Out   bool // not in the file; else only that cell, or a value of it, is left out
	CellError
}

// Ready sorts out what goes in the national file: the places as the standard can
// hold them, and what is to be told: a place left out and why, a cell left empty.
func Ready(places []Place) (ready []Place, told []Told) {
	seen := map[string]bool{}
	for _, p := range places {
		reasons := p.Exportable()
		if p.ID != "" && seen[p.ID] {
			reasons = append(reasons, CellError{Column: "id", Message: "Une autre ligne a le même identifiant."})
		}
		seen[p.ID] = true
		for _, r := range reasons {
			told = append(told, Told{Place: p, Out: true, CellError: r})
		}
		if len(reasons) > 0 {
			continue
		}
		fit, left := p.fitting()
		for _, l := range left {
			told = append(told, Told{Place: p, CellError: l})
		}
		ready = append(ready, fit)
	}
	return ready, told
}

// fitting returns the place without what the standard cannot hold, and what that is.
func (p Place) fitting() (Place, []CellError) {
	var left []CellError
	leave := func(column, message string) { left = append(left, CellError{Column: column, Message: message}) }
	one := func(field *string, ok bool, column, message string) {
		if *field != "" && !ok {
			*field = ""
			leave(column, message)
		}
	}
	one(&p.INSEE, inseeForm.MatchString(p.INSEE), "code_insee", "Ce code INSEE n’a pas la forme voulue.")
	one(&p.Phone, phoneForm.MatchString(p.Phone), "telephone", "Le standard n’accepte que les numéros français.")
	one(&p.AccessibilityURL, urlForm.MatchString(p.AccessibilityURL), "fiche_acces_libre", "Le standard n’accepte pas cette adresse de page.")
	one(&p.AppointmentURL, urlForm.MatchString(p.AppointmentURL), "prise_rdv", "Le standard n’accepte pas cette adresse de page.")
	one(&p.Summary, utf8.RuneCountInString(p.Summary) <= 280, "presentation_resume", "Le résumé dépasse 280 caractères.")
	if p.Latitude == nil || p.Longitude == nil || !within(*p.Latitude, 90) || !within(*p.Longitude, 180) {
		if p.Latitude != nil || p.Longitude != nil {
			leave("latitude", "Ces coordonnées ne sont pas complètes.")
		}
		p.Latitude, p.Longitude = nil, nil
	}
	if i := slices.Index(p.Labels, laPosteSteps); i >= 0 {
		p.Labels = slices.Delete(slices.Clone(p.Labels), i, i+1)
		p.OtherLabels = append(slices.Clone(p.OtherLabels), laPosteSteps)
	}
	lists := p.lists()
	for _, column := range Columns {
		if field := lists[column]; field != nil {
			*field = kept(*field, closed[column].Has, func() { leave(column, "Une valeur n’est pas de la liste du standard.") })
		}
	}
	p.Emails = kept(p.Emails, Email, func() { leave("courriels", "Une adresse électronique n’est pas valide.") })
	single := func(s string) bool { return strings.TrimSpace(s) != "" && !strings.Contains(s, "|") }
	p.Websites = kept(p.Websites, single, func() { leave("site_web", "Une adresse de site a le signe « | », qui sépare les valeurs.") })
	p.OtherLabels = kept(p.OtherLabels, single, func() { leave("autres_formations_labels", "Un label a le signe « | », qui sépare les valeurs.") })
	return p, left
}

func within(v, most float64) bool { return v >= -most && v <= most }

// kept returns the values that may be, and calls dropped once if one may not.
func kept(values []string, may func(string) bool, dropped func()) []string {
	out := slices.DeleteFunc(slices.Clone(values), func(s string) bool { return !may(s) })
	if len(out) < len(values) {
		dropped()
	}
	return out
}

// cells returns the cells of a line, in the order of Columns.
func (p Place) cells() []string {
	list := func(values []string) string { return strings.Join(values, "|") }
	number := func(v *float64) string {
		if v == nil {
			return ""
		}
		return strconv.FormatFloat(*v, 'f', -1, 64)
	}
	return []string{
		p.ID, p.Pivot, p.Name, p.Commune, p.PostalCode, p.INSEE, p.Address, p.AddressMore,
		number(p.Latitude), number(p.Longitude), list(p.Typology), p.Phone, list(p.Emails), list(p.Websites), p.Hours,
		p.Summary, p.Detail, p.Source, list(p.Mobility), p.Parent,
		p.UpdatedOn.Format(time.DateOnly), list(p.Services), list(p.Audiences), list(p.SpecialCare),
		list(p.Fees), list(p.Programmes), list(p.Labels),
		list(p.OtherLabels), list(p.AccessModes), list(p.SupportModes),
		p.AccessibilityURL, p.AppointmentURL,
	}
}

// mustFit refuses a place that Ready would not have let through.
func mustFit(p Place) error {
	if reasons := p.Exportable(); len(reasons) > 0 {
		return fmt.Errorf("national file: place %q: %s: %s", p.ID, reasons[0].Column, reasons[0].Message)
	}
	return nil
}

// WriteCSV writes the national file: UTF-8 without a mark, commas, every column in
// order, several values joined by |. Texts are written as they are, formulas too
// (see Formula). It expects what Ready returned, and fails on what it would not.
func WriteCSV(w io.Writer, places []Place) error {
	out := csv.NewWriter(w)
	if err := out.Write(Columns); err != nil {
		return fmt.Errorf("national file: %w", err)
	}
	for _, p := range places {
		if err := mustFit(p); err != nil {
			return err
		}
		if err := out.Write(p.cells()); err != nil {
			return fmt.Errorf("national file: %w", err)
		}
	}
	out.Flush()
	return out.Error()
}

// WriteJSON writes the same as an array of objects, as the national library reads
// them: what is empty has no key, for it throws on empty texts. It expects what Ready
// returned, and fails on what it would not.
func WriteJSON(w io.Writer, places []Place) error {
	out := bufio.NewWriter(w)
	out.WriteString("[") //nolint:errcheck // told by Flush
	for i, p := range places {
		if err := mustFit(p); err != nil {
			return err
		}
		if i > 0 {
			out.WriteString(",") //nolint:errcheck // told by Flush
		}
		out.WriteString("\n") //nolint:errcheck // told by Flush
		if err := p.object(out); err != nil {
			return err
		}
	}
	out.WriteString("\n]\n") //nolint:errcheck // told by Flush
	return out.Flush()
}

// object writes a place as an object, its keys in the order of Columns.
func (p Place) object(w io.Writer) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	b.WriteByte('{')
	for i, cell := range p.cells() {
		if cell == "" {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Quote(Columns[i]) + ":")
		if Columns[i] == "latitude" || Columns[i] == "longitude" {
			b.WriteString(cell)
			continue
		}
		if err := encoder.Encode(cell); err != nil {
			return fmt.Errorf("national file: %w", err)
		}
		b.Truncate(b.Len() - 1) // the line feed of Encode
	}
	b.WriteByte('}')
	_, err := w.Write(b.Bytes())
	return err
}
