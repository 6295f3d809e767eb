package meeting

import (
	"net/http"
	"strings"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

const minePath = "/mes-reunions"

// ShowMine shows /mes-reunions.
func (p *Pages) ShowMine(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	l, err := p.Meetings.Mine(r.Context(), page.Actor(r), page.Number(q))
	if err != nil {
		return err
	}
	c := p.Kit.Chrome(r, ui.Chrome{Title: "Mes réunions", Crumbs: []ui.Crumb{crumbHome}})
	return p.Kit.Show(w, r, http.StatusOK, minePage(c, newList(l, q, minePath)))
}

// mineLines keeps what is to come, or what is past.
func mineLines(lines []meeting.MyLine, toCome bool) []meeting.MyLine {
	var out []meeting.MyLine
	for _, l := range lines {
		if l.ToCome == toCome {
			out = append(out, l)
		}
	}
	return out
}

// mineAnswer says what was answered, or what is asked.
func mineAnswer(l meeting.MyLine) string {
	switch {
	case l.Asks():
		return "Votre réponse est attendue"
	case l.Convocation == 0:
		return "Convocation à venir"
	case l.Alternate && l.Answer == meeting.Represented:
		return "Vous représentez le titulaire"
	case l.Alternate:
		return "Suppléance"
	case l.Answer == "" && l.State == governance.Convened:
		return "Sans réponse"
	case l.Answer == "":
		return "–"
	}
	return french.Capital(strings.ToLower(l.Answer.Label()))
}

// mineAddress is where the line leads: to one's own page once convened.
func mineAddress(l meeting.MyLine) string {
	if l.Convocation != 0 && l.ToCome && l.State == governance.Convened {
		return myAddress(l.ID)
	}
	return publicAddress(l.ID)
}
