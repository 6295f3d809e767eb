package ceremony

import (
	"encoding/hex"

	"bordeaux-metropole.fr/portal/internal/election/ceremony"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/web/ui"
)

// boxRows are what the page says of a box.
func boxRows(v ceremony.State, b ceremony.Box) []ui.SummaryRow {
	rows := []ui.SummaryRow{
		{Key: "Liste électorale", Value: count(b.Voters, "structure", "structures")},
		{Key: "Candidatures", Value: count(b.Candidates, "candidature", "candidatures")},
	}
	rows = append(rows, codeRows(b)...)
	if s, ok := v.Steps[ceremony.StepSetUp]; ok {
		for _, x := range s.Read().Boxes {
			if x.UUID == b.UUID {
				rows = append(rows, ui.SummaryRow{Key: "Empreinte de l’urne", Content: printed(grouped(x.Fingerprint))},
					ui.SummaryRow{Key: "Empreinte de mise en place", Content: printed(grouped(x.SetUp))})
			}
		}
	}
	if s, ok := v.Steps[ceremony.StepEmpty]; ok {
		for _, x := range s.Read().Boxes {
			if x.UUID == b.UUID {
				rows = append(rows, ui.SummaryRow{Key: "Urne vide", Value: count(x.Ballots, "bulletin", "bulletins") + ", montrée le " + french.DateTime(s.At)},
					ui.SummaryRow{Key: "Tête de la chaîne", Content: printed(grouped(x.Head))})
			}
		}
	}
	return rows
}

func codeRows(b ceremony.Box) []ui.SummaryRow {
	row := ui.SummaryRow{Key: "Codes publics", Value: "Pas encore déposés"}
	if b.Codes == 0 {
		return []ui.SummaryRow{row}
	}
	row.Value = count(b.Codes, "code", "codes")
	if b.CodesAt == nil {
		return []ui.SummaryRow{row}
	}
	row.Value += ", déposés le " + french.DateTime(*b.CodesAt)
	return []ui.SummaryRow{row, {Key: "Empreinte du fichier", Content: printed(grouped(hex.EncodeToString(b.CodesHash)))}}
}

func programRows(p ceremony.Program) []ui.SummaryRow {
	build := p.Build
	if build == "" {
		build = "Inconnue : programme construit hors du dépôt"
	}
	rows := []ui.SummaryRow{{Key: "Version du programme", Value: build}}
	if p.Script != "" {
		rows = append(rows, ui.SummaryRow{Key: "Empreinte de vote.js", Content: printed(grouped(p.Script))})
	}
	return rows
}
