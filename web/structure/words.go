package structure

import (
	"slices"
	"strings"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/national"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Rows says a section in words, for a page of check or a sheet.
func Rows(section structure.Section, s structure.Sheet) []ui.SummaryRow {
	switch section {
	case structure.Identity:
		return identityRows(s)
	case structure.Place:
		return placeRows(s)
	case structure.ByCollege:
		return []ui.SummaryRow{{Key: "Collège", Value: s.College.Label()}}
	case structure.Offer:
		return []ui.SummaryRow{
			bullets("Services", s.Services, national.Services),
			{Key: "Accompagnement", Value: words(s.SupportModes, national.SupportModes)},
			{Key: "Publics particulièrement accueillis", Value: words(s.Audiences, national.Audiences)},
			{Key: "Besoins pris en charge", Value: words(s.SpecialCare, national.SpecialCare)},
			{Key: "Frais pour le public", Value: words(s.Fees, national.Fees)},
		}
	case structure.Welcome:
		return welcomeRows(s)
	case structure.Networks:
		return networkRows(s)
	case structure.Consents:
		return []ui.SummaryRow{
			{Key: "Fiche dans l’annuaire public", Value: yes(s.PublishSheet)},
			{Key: "Téléphone et adresses dans l’annuaire", Value: yes(s.PublishContacts)},
			{Key: "Fichier national des lieux", Value: yes(s.ShareNational)},
		}
	}
	return nil
}

func identityRows(s structure.Sheet) []ui.SummaryRow {
	id := ui.SummaryRow{Key: "SIRET", Value: spacedSIRET(s.SIRET)}
	if s.SIRET == "" && s.RNA == "" && s.Name != "" {
		id.Value = "Aucun"
	}
	rows := []ui.SummaryRow{{Key: "Nom", Value: s.Name}, id}
	if s.RNA != "" {
		rows = append(rows, ui.SummaryRow{Key: "Numéro RNA", Value: s.RNA})
	}
	return append(rows, ui.SummaryRow{Key: "Type", Value: words(s.Typology, national.Typologies)})
}

func placeRows(s structure.Sheet) []ui.SummaryRow {
	where := s.Commune
	if where == "" {
		where = s.INSEE
	}
	rows := []ui.SummaryRow{
		{Key: "Commune", Value: where},
		{Key: "Adresse", Value: addressText(s)},
		{Key: "Itinérant ou fixe", Value: words(s.Mobility, national.Mobility)},
	}
	if s.MetropoleWide {
		rows = append(rows, ui.SummaryRow{Key: "Étendue", Value: "Intervient dans toute la métropole"})
	}
	return rows
}

func welcomeRows(s structure.Sheet) []ui.SummaryRow {
	rows := []ui.SummaryRow{{Key: "Présentation", Value: s.Summary}}
	if s.Detail != "" {
		rows = append(rows, ui.SummaryRow{Key: "Présentation détaillée", Content: ui.Lines(s.Detail)})
	}
	rows = append(rows, hoursRow(s),
		ui.SummaryRow{Key: "Pour venir ou écrire", Value: words(s.AccessModes, national.AccessModes)},
		ui.SummaryRow{Key: "Téléphone", Content: phoneLink(s.Phone)},
		ui.SummaryRow{Key: "Adresses électroniques", Content: emailLinks(s.Emails)},
		ui.SummaryRow{Key: "Sites internet", Content: siteLinks(s.Websites)},
		ui.SummaryRow{Key: "Rendez-vous en ligne", Content: siteLinks(some(s.AppointmentURL))},
		ui.SummaryRow{Key: "Fiche Acceslibre", Content: siteLinks(some(s.AccessibilityURL))})
	return rows
}

func hoursRow(s structure.Sheet) ui.SummaryRow {
	if s.HoursText == "" && s.Hours == "" {
		return ui.SummaryRow{Key: "Horaires"}
	}
	return ui.SummaryRow{Key: "Horaires", Content: hoursView(s)}
}

func networkRows(s structure.Sheet) []ui.SummaryRow {
	rows := []ui.SummaryRow{
		{Key: "Réseau Aladdin", Value: s.Aladdin.Label()},
		{Key: "Programmes nationaux", Value: words(s.Programmes, national.Programmes)},
	}
	if s.AdviserPosts > 0 {
		rows = append(rows, ui.SummaryRow{Key: "Conseillers numériques", Value: french.Count(s.AdviserPosts, "poste", "postes")})
	}
	return append(rows, ui.SummaryRow{Key: "Formations et labels", Value: words(append(slices.Clone(s.Labels), s.OtherLabels...), national.Labels)})
}

// words lists values of a closed list as a page shows them.
func words(values []string, list national.Vocabulary) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = list.Label(v)
	}
	return strings.Join(out, ", ")
}

func yes(v bool) string {
	if v {
		return "Oui"
	}
	return "Non"
}

func some(v string) []string {
	if v == "" {
		return nil
	}
	return []string{v}
}

// spacedSIRET is easier to read: « 000 000 000 00018 ».
func spacedSIRET(s string) string {
	if len(s) != 14 {
		return s
	}
	return s[:3] + french.NBSP + s[3:6] + french.NBSP + s[6:9] + french.NBSP + s[9:]
}

// addressText is the address on one line, "" when none was given.
func addressText(s structure.Sheet) string {
	if s.Address == "" && s.AddressMore == "" && s.PostalCode == "" {
		return ""
	}
	var parts []string
	for _, p := range []string{s.Address, s.AddressMore, strings.TrimSpace(s.PostalCode + " " + s.Commune)} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ", ")
}

// siteText is an address as people read it, without scheme.
func siteText(url string) string {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	return strings.TrimSuffix(strings.TrimPrefix(rest, "www."), "/")
}

// hoursLines is the opening hours in French lines: as they were understood, else as
// they were typed.
func hoursLines(s structure.Sheet) []string {
	if lines, ok := national.HoursFrench(s.Hours); ok && s.Hours != "" {
		return lines
	}
	if s.HoursText != "" {
		return strings.Split(s.HoursText, "\n")
	}
	return some(s.Hours)
}

// hoursTyped is the hours as a form shows them: a sheet that came from a file has
// them in OpenStreetMap syntax only, said in French when that reads back the same.
func hoursTyped(s structure.Sheet) string {
	if s.HoursText != "" {
		return s.HoursText
	}
	lines := strings.Join(hoursLines(s), "\n")
	if back, _ := national.Hours(lines); back != s.Hours {
		return s.Hours
	}
	return lines
}

// hoursRead says how hours that are being typed are understood, nil when they are not.
func hoursRead(typed string) []string {
	osm, ok := national.Hours(typed)
	if !ok {
		return nil
	}
	lines, _ := national.HoursFrench(osm)
	return lines
}

// bullets lists values one under the other, when there are several.
func bullets(key string, values []string, list national.Vocabulary) ui.SummaryRow {
	if len(values) < 2 {
		return ui.SummaryRow{Key: key, Value: words(values, list)}
	}
	return ui.SummaryRow{Key: key, Content: wordList(values, list)}
}

// Changeable makes the first of the rows of a section lead to where it is changed.
func Changeable(rows []ui.SummaryRow, href, section string) {
	if len(rows) > 0 {
		rows[0].ActionHref, rows[0].ActionHidden = href, section
	}
}
