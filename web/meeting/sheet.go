package meeting

import (
	"context"
	"net/http"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/paper"
)

// sheetView is the émargement sheet: to sign, or as the roll was recorded.
type sheetView struct {
	meeting.Roll
	Recorded bool
}

// sheet loads the sheet: recorded once the meeting is held, unless a blank one is
// asked (?vierge=oui).
func (p *Pages) sheet(r *http.Request) (sheetView, error) {
	id, err := meetingID(r)
	if err != nil {
		return sheetView{}, err
	}
	q, err := page.Query(r)
	if err != nil {
		return sheetView{}, err
	}
	v, err := p.sheetOf(r.Context(), page.Actor(r), id)
	v.Recorded = v.Recorded && q.Get("vierge") == ""
	return v, err
}

// sheetOf is the sheet as it stands, ErrNotFound when nobody is on the roll.
func (p *Pages) sheetOf(ctx context.Context, by access.Actor, id meeting.ID) (sheetView, error) {
	roll, err := p.Meetings.RollOf(ctx, by, id, meeting.RollFilter{})
	if err != nil {
		return sheetView{}, err
	}
	if roll.Count.People == 0 {
		return sheetView{}, page.ErrNotFound
	}
	return sheetView{Roll: roll, Recorded: roll.Meeting.Past()}, nil
}

// ShowSheet shows /equipe/reunions/{id}/emargement/feuille, made to be printed.
func (p *Pages) ShowSheet(w http.ResponseWriter, r *http.Request) error {
	v, err := p.sheet(r)
	if err != nil {
		return err
	}
	return paper.Show(w, r, v.document(), paper.Back{Label: "Retour à l’émargement", Href: teamAddress(v.Meeting.ID, PartRoll)})
}

// SheetPDF answers /equipe/reunions/{id}/emargement/feuille.pdf.
func (p *Pages) SheetPDF(w http.ResponseWriter, r *http.Request) error {
	v, err := p.sheet(r)
	if err != nil {
		return err
	}
	return paper.SendPDF(w, r, p.Printer, v.document())
}

// document is the sheet on paper, A4 landscape.
func (v sheetView) document() paper.Document {
	return paper.Document{Name: paper.Name("emargement", v.Meeting), Title: sheetTitle(v), About: paper.About(v.Meeting), Lead: sheetLead(v),
		Landscape: true, Body: sheetBody(v)}
}

// sheetTitle names the document.
func sheetTitle(v sheetView) string {
	if v.Recorded {
		return "Émargement"
	}
	return "Feuille d’émargement"
}

func sheetLead(v sheetView) string {
	s := rollLead(v.Meeting)
	if v.Meeting.Place != "" {
		s += ", " + v.Meeting.Place
	}
	return s
}

// sheetGroups cuts the roll into its groups.
func sheetGroups(rows []meeting.RollRow) [][]meeting.RollRow {
	var out [][]meeting.RollRow
	for i, r := range rows {
		if groupHead(rows, i) {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], r)
	}
	return out
}

// sheetCaption names a group and its size.
func sheetCaption(rows []meeting.RollRow) string {
	return rows[0].Group + " (" + french.Count(len(rows), "personne", "personnes") + ")"
}

// sheetProxy says who carries the proxy of a row, as far as it is known.
func sheetProxy(roll meeting.Roll, r meeting.RollRow) string {
	switch {
	case r.Mark == meeting.StatusProxy:
		return r.ProxyToName
	case r.Mark == "" && r.Answer == meeting.ProxyGiven:
		if h, ok := roll.Row(r.AnswerProxy); ok {
			return h.Name
		}
	}
	return ""
}

// sheetMark says what was recorded, with its details.
func sheetMark(r meeting.RollRow) string {
	s := r.Mark.Label()
	if n := rowNote(r); n != "" && r.Mark != "" && r.Mark != meeting.StatusProxy {
		s += " (" + lower(n) + ")"
	}
	return s
}

// sheetOrganisation is the organisation of a row, unless its seat says it already.
func sheetOrganisation(r meeting.RollRow) string {
	if r.Organisation == r.SeatLabel {
		return ""
	}
	return r.Organisation
}
