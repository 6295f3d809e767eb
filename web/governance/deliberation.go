package governance

import (
	"strings"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/web/ui"
)

// deliberationView goes through the deliberation, part by part.
type deliberationView struct {
	Lead  string
	Parts []deliberationPart
}

type deliberationPart struct {
	ID, Title   string
	Commitments []commitmentRow
}

type commitmentRow struct {
	ID, Title, Quote, Where string
	Path, PathLabel         string
	Kind                    ui.Kind
	Tag, State              string
}

// parts names the parts of the page by the beginning of a commitment's key.
var parts = map[string]string{
	"creation":    "La création de la gouvernance",
	"inclusion":   "L’inclusion numérique, déjà à l’œuvre",
	"cmtin":       "Le Comité métropolitain territorial pour l’inclusion numérique (CMTIN)",
	"partenaires": "Le Groupe des partenaires institutionnels",
	"gni":         "Le Groupe Numérique Inclusif (GNI)",
	"communes":    "Le Comité des communes",
	"feuille":     "La feuille de route",
}

func newDeliberationView(t governance.Traced) deliberationView {
	var v deliberationView
	followed := 0
	for _, c := range t.Commitments {
		id, _, _ := strings.Cut(c.Key, "-")
		if n := len(v.Parts); n == 0 || v.Parts[n-1].ID != id {
			title := parts[id]
			if title == "" {
				title = c.Title
			}
			v.Parts = append(v.Parts, deliberationPart{ID: id, Title: title})
		}
		row := newCommitmentRow(c)
		if row.Kind == ui.OK {
			followed++
		}
		last := &v.Parts[len(v.Parts)-1]
		last.Commitments = append(last.Commitments, row)
	}
	v.Lead = "Ce que le Conseil de Bordeaux Métropole a décidé le 6 décembre 2024, phrase par phrase, et où le portail en rend compte. Au " +
		french.LongDate(t.Today) + ", " + french.Count(followed, "engagement", "engagements") +
		" sur " + french.Number(len(t.Commitments)) + french.NBSP + french.Plural(followed, "est suivi.", "sont suivis.")
	return v
}

func newCommitmentRow(c governance.Commitment) commitmentRow {
	row := commitmentRow{ID: c.Key, Title: c.Title, Quote: c.Quote, Where: c.Where, Path: c.Path, State: c.State}
	row.PathLabel = "Voir où c’est appliqué"
	for code := range names {
		if c.Path == bodyHref(code) {
			row.PathLabel = "Voir la page " + code.Of()
		}
	}
	if c.Path == "/instances" {
		row.PathLabel = "Voir les quatre instances"
	}
	switch {
	case c.Path == "":
		row.Kind, row.Tag = ui.Neutral, "Pas encore dans le portail"
	case c.State == "":
		row.Kind, row.Tag = ui.Info, "Rappelé dans le portail"
	default:
		row.Kind, row.Tag = ui.OK, "Suivi dans le portail"
	}
	return row
}
