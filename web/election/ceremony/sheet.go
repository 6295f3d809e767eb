package ceremony

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/election/ceremony"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/paper"
)

// document is the sheet of the ceremony: what is read aloud, and signed on paper by who
// was there.
func document(v ceremony.State) paper.Document {
	return paper.Document{Name: "ceremonie-des-cles-" + page.IDText(v.Election.ID), Title: "Cérémonie des clés", About: v.Election.Title,
		Lead: french.Typo("Désignation des représentants du Groupe Numérique Inclusif (GNI) au Comité métropolitain territorial pour l’inclusion numérique (CMTIN). " + v.Election.Title + "."), Body: sheetBody(v)}
}

// Sheet shows /equipe/elections/{id}/ceremonie/fiche, made to be printed.
func (p *Pages) Sheet(w http.ResponseWriter, r *http.Request) error {
	v, err := p.load(r)
	if err != nil {
		return err
	}
	return paper.Show(w, r, document(v), paper.Back{Label: "Retour à la cérémonie des clés", Href: address(v.Election.ID, "")})
}

// SheetPDF answers /equipe/elections/{id}/ceremonie/fiche.pdf.
func (p *Pages) SheetPDF(w http.ResponseWriter, r *http.Request) error {
	v, err := p.load(r)
	if err != nil {
		return err
	}
	return paper.SendPDF(w, r, p.Printer, document(v))
}

// stepLine says who did a step and when.
func stepLine(v ceremony.State, step string) string {
	s, ok := v.Steps[step]
	if !ok {
		return "À faire"
	}
	if s.By == "" {
		return french.DateTime(s.At)
	}
	return french.DateTime(s.At) + ", " + s.By
}
