// Package review draws what a participant sees of minutes in review. It stands
// apart so that the personal page of a meeting (web/meeting) may hold it too.
package review

import (
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Panel is the minutes in review for one participant.
type Panel struct {
	Review minutes.Review
	Form   *form.Form // fields passage, correction
	Action string     // where a correction is posted
	Read   string     // page that shows the text; "" when the panel stands under it
	Public string     // page of the published minutes
	Key    string     // ui.FormKey, "" for none
}

func kind(c minutes.Correction) ui.Kind {
	switch c.State {
	case minutes.CorrectionAccepted:
		return ui.OK
	case minutes.CorrectionRefused:
		return ui.Neutral
	}
	return ui.Info
}

// closed says why nothing can be asked any more, and what to do.
func closed(r minutes.Review) string {
	const write = " Écrivez à l’équipe métropolitaine si quelque chose doit être corrigé."
	if r.State == minutes.StateReview {
		return "Les corrections pouvaient être demandées jusqu’au " + french.LongDate(r.Until) + "." + write
	}
	return "Ce compte rendu ne reçoit plus de corrections." + write
}
