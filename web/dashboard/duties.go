package dashboard

import (
	"strconv"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	gatherings "bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
)

func publicMeeting(id governance.MeetingID) string {
	return "/reunions/" + strconv.FormatInt(int64(id), 10)
}

func teamMeeting(id governance.MeetingID) string { return "/equipe" + publicMeeting(id) }

func myMeeting(id governance.MeetingID) string {
	return "/mes-reunions/" + strconv.FormatInt(int64(id), 10)
}

// named names the meeting of a duty: « la séance du CMTIN du jeudi 10 décembre ».
func (d dutyOf) named() string {
	if d.Kind == gatherings.Workshop {
		return "l’atelier de concertation " + d.Body.Of() + " du " + french.LongDate(d.Day())
	}
	return "la " + meeting(d.Body, 1) + " " + d.Body.Of() + " du " + french.LongDate(d.Day())
}

// dutyOf adds words to a duty.
type dutyOf struct{ minutes.Duty }

// dutiesOf is what meetings ask of a member.
func dutiesOf(t minutes.Todo) []task {
	var out []task
	for _, d := range t.Answer {
		out = append(out, task{Urgency: coming, Due: d.Day(), Href: myMeeting(d.Meeting), Label: "Dire si vous serez à " + dutyOf{d}.named()})
	}
	for _, d := range t.Validate {
		out = append(out, task{Urgency: vacant, Status: "À valider", Href: publicMeeting(d.Meeting) + "/validation", Label: "Valider le compte rendu de " + dutyOf{d}.named()})
	}
	for _, d := range t.Review {
		out = append(out, task{Urgency: coming, Due: d.Until, Href: publicMeeting(d.Meeting) + "/relecture", Label: "Relire le compte rendu de " + dutyOf{d}.named()})
	}
	if t.Actions > 0 {
		a := task{Urgency: someday, Status: "En cours", Href: "/mes-reunions/actions", Label: french.Count(t.Actions, "action vous est demandée", "actions vous sont demandées")}
		if t.Late > 0 {
			a.Urgency, a.Status = overdue, "En retard"
		}
		out = append(out, a)
	}
	return byUrgency(out)
}

// teamDuties is what meetings ask of the team.
func teamDuties(t minutes.TeamTodo) []task {
	var out []task
	for _, d := range t.Convene {
		out = append(out, task{Urgency: coming, Due: d.Until, Href: teamMeeting(d.Meeting) + "/convocation", Label: "Convoquer " + dutyOf{d}.named(),
			Hint: "Dernier jour pour laisser le délai de convocation" + french.NBSP + ": " + french.LongDate(d.Until) + "."})
	}
	for _, d := range t.Minutes {
		out = append(out, minutesTask(d))
	}
	if t.Proposals > 0 {
		out = append(out, task{Urgency: vacant, Status: "À examiner", Href: proposalsPath, Label: french.Count(t.Proposals, "point proposé attend", "points proposés attendent") + " une réponse"})
	}
	if t.Corrections > 0 {
		out = append(out, task{Urgency: vacant, Status: "À examiner", Href: "/equipe/reunions?etape=compte-rendu", Label: french.Count(t.Corrections, "correction demandée attend", "corrections demandées attendent") + " une réponse"})
	}
	if t.LateActions > 0 {
		out = append(out, task{Urgency: overdue, Status: "En retard", Href: followUpPath, Label: french.Count(t.LateActions, "action demandée a dépassé sa date", "actions demandées ont dépassé leur date")})
	}
	return out
}

// minutesTask is the next step of minutes that are not out.
func minutesTask(d minutes.Duty) task {
	t := task{Urgency: vacant, Href: teamMeeting(d.Meeting) + "/compte-rendu"}
	name := dutyOf{d}.named()
	switch d.State {
	case "":
		t.Label, t.Status = "Rédiger le compte rendu de "+name, "À rédiger"
	case "review":
		t.Urgency, t.Label, t.Status = someday, "Suivre la relecture du compte rendu de "+name, "En relecture"
	case "validated":
		t.Label, t.Status = "Publier le compte rendu de "+name, "À publier"
	default:
		t.Label, t.Status = "Terminer le compte rendu de "+name, "En rédaction"
	}
	return t
}
