package meeting

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/static"
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
	roll, err := p.Meetings.RollOf(r.Context(), page.Actor(r), id, meeting.RollFilter{})
	if err != nil {
		return sheetView{}, err
	}
	if roll.Count.People == 0 {
		return sheetView{}, page.ErrNotFound
	}
	return sheetView{Roll: roll, Recorded: roll.Meeting.Past() && q.Get("vierge") == ""}, nil
}

// ShowSheet shows /equipe/reunions/{id}/emargement/feuille, made to be printed.
func (p *Pages) ShowSheet(w http.ResponseWriter, r *http.Request) error {
	v, err := p.sheet(r)
	if err != nil {
		return err
	}
	allowPrintSheet(w)
	w.Header().Set("Cache-Control", "private, no-store")
	return p.Kit.Show(w, r, http.StatusOK, sheetDocument(v))
}

// SheetPDF answers /equipe/reunions/{id}/emargement/feuille.pdf.
func (p *Pages) SheetPDF(w http.ResponseWriter, r *http.Request) error {
	v, err := p.sheet(r)
	if err != nil {
		return err
	}
	return p.showPDF(w, r, "emargement-"+string(v.Meeting.Body)+"-"+v.Meeting.Day().String(), true, sheetDocument(v))
}

// allowPrintSheet lets the browser apply the one style sheet that a document of
// ui.PrintLayout holds inside, and no other.
func allowPrintSheet(w http.ResponseWriter) {
	const header, own = "Content-Security-Policy", "style-src 'self'"
	policy := w.Header().Get(header)
	if policy == "" {
		return
	}
	w.Header().Set(header, strings.Replace(policy, own, own+" "+printSheetHash, 1))
}

var printSheetHash = func() string {
	h := sha256.Sum256([]byte(static.PrintSheet()))
	return "'sha256-" + base64.StdEncoding.EncodeToString(h[:]) + "'"
}()

// sheetTitle names the document.
func sheetTitle(v sheetView) string {
	if v.Recorded {
		return "Émargement de la réunion"
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
