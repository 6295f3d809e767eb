package structure

import (
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/national"
	"bordeaux-metropole.fr/portal/web/ui"
)

// cardParts cuts a sheet in parts, and drops what was not answered.
func cardParts(s structure.Sheet) []ui.CheckSection {
	parts := []ui.CheckSection{
		{Title: "Ce que la structure propose", Rows: append(Rows(structure.Offer, s), ui.SummaryRow{Key: "Type", Value: words(s.Typology, national.Typologies)})},
		{Title: "Venir, appeler, écrire", Rows: contactRows(s)},
		{Title: "Réseaux et programmes", Rows: cardNetworks(s)},
	}
	var out []ui.CheckSection
	for _, p := range parts {
		var rows []ui.SummaryRow
		for _, r := range p.Rows {
			if r.Value != "" || r.Content != nil {
				rows = append(rows, r)
			}
		}
		if len(rows) > 0 {
			out = append(out, ui.CheckSection{Title: p.Title, Rows: rows})
		}
	}
	return out
}

// contactRows is what one needs to come: links only where there is something.
func contactRows(s structure.Sheet) []ui.SummaryRow {
	rows := []ui.SummaryRow{{Key: "Adresse", Value: addressText(s)}}
	if s.MetropoleWide {
		rows = append(rows, ui.SummaryRow{Key: "Étendue", Value: "Toute la métropole"})
	}
	rows = append(rows, ui.SummaryRow{Key: "Accueil", Value: words(s.Mobility, national.Mobility)}, hoursRow(s),
		ui.SummaryRow{Key: "Pour venir ou écrire", Value: words(s.AccessModes, national.AccessModes)})
	if s.Phone != "" {
		rows = append(rows, ui.SummaryRow{Key: "Téléphone", Content: phoneLink(s.Phone)})
	}
	if len(s.Emails) > 0 {
		rows = append(rows, ui.SummaryRow{Key: "Adresse électronique", Content: emailLinks(s.Emails)})
	}
	for _, l := range []struct {
		key  string
		urls []string
	}{{"Site internet", s.Websites}, {"Rendez-vous en ligne", some(s.AppointmentURL)}, {"Accessibilité du lieu", some(s.AccessibilityURL)}} {
		if len(l.urls) > 0 {
			rows = append(rows, ui.SummaryRow{Key: l.key, Content: siteLinks(l.urls)})
		}
	}
	return rows
}

func cardNetworks(s structure.Sheet) []ui.SummaryRow {
	rows := networkRows(s)
	if s.Aladdin == "" {
		rows = rows[1:]
	}
	return rows
}
