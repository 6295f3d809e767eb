package meeting

import (
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// holderAbsent tells whether the holder of the recipient's proxy said they will not
// be there: they are then no candidate any more.
func (v answerView) holderAbsent() bool {
	for _, c := range v.Seat.Candidates {
		if c.ID == v.Seat.ProxyTo {
			return false
		}
	}
	return len(v.Seats) > 0 && v.Closed() == meeting.NotClosed
}

func answerQuestion(v answerView) string {
	if v.ForTeam {
		return "Sa réponse"
	}
	return "Serez-vous là\u202f?"
}

// recipientRows are what the team knows of a recipient.
func recipientRows(v answerView) []ui.SummaryRow {
	s := v.Seat
	rows := []ui.SummaryRow{{Key: s.Kind.Label(), Value: v.Meeting.Title() + ", " + french.DateTime(v.Meeting.StartsAt)}}
	mail := ui.SummaryRow{Key: "Adresse", Value: s.Email}
	if s.Person != 0 {
		mail.ActionHref, mail.ActionLabel = "/equipe/personnes/"+page.IDText(s.Person), "Voir la fiche"
	}
	rows = append(rows, mail)
	if s.AlternateName != "" {
		rows = append(rows, ui.SummaryRow{Key: "Suppléance", Value: s.AlternateName})
	}
	opened := "Pas encore"
	if s.OpenedAt != nil {
		opened = french.DateTime(*s.OpenedAt)
	}
	rows = append(rows, ui.SummaryRow{Key: "Page ouverte", Value: opened})
	if s.AnswerNote != "" {
		rows = append(rows, ui.SummaryRow{Key: "Son mot", Value: french.Typo(s.AnswerNote)})
	}
	return rows
}
