package meeting

import (
	"strconv"
	"time"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// lasting writes a number of minutes: « 1 h 50 », « 2 h », « 10 min ».
func lasting(minutes int) string {
	h, m := minutes/60, minutes%60
	switch {
	case h == 0:
		return strconv.Itoa(m) + "\u00a0min"
	case m == 0:
		return strconv.Itoa(h) + "\u00a0h"
	case m < 10:
		return strconv.Itoa(h) + "\u00a0h\u00a00" + strconv.Itoa(m)
	}
	return strconv.Itoa(h) + "\u00a0h\u00a0" + strconv.Itoa(m)
}

func meetingMinutes(m meeting.Meeting) int { return int(m.EndsAt.Sub(m.StartsAt) / time.Minute) }

// plannedWords measures an agenda against its meeting: « 1 h 50 prévues sur 2 h. »
func plannedWords(m meeting.Meeting, slots []meeting.TimedItem) string {
	n, length := meeting.Planned(slots), meetingMinutes(m)
	switch {
	case n == 0:
		return "Aucune durée n’est prévue pour l’instant, sur " + lasting(length) + " de réunion."
	case n > length:
		return lasting(n) + " prévues sur " + lasting(length) + "\u00a0: l’ordre du jour dépasse la réunion de " + lasting(n-length) + "."
	case n == length:
		return lasting(n) + " prévues sur " + lasting(length) + "\u00a0: tout le temps est pris."
	}
	return lasting(n) + " prévues sur " + lasting(length) + "."
}

// agendaLead says which meeting this is.
func agendaLead(m meeting.Meeting) string {
	return m.Title() + ", " + french.Date(m.Day()) + ", " + french.ClockRange(m.StartsAt, m.EndsAt) + "."
}

// slotWords is the line under a point: « 14 h 10 · 20 min · Décision · Rapporteur : … ».
func slotWords(s meeting.TimedItem) string {
	out := s.Kind.Label()
	if s.MovedTo == 0 && s.Total > 0 {
		out = french.Clock(s.Starts) + " · " + lasting(s.Total) + " · " + out
	}
	if s.Rapporteur != "" {
		out += " · Présenté par\u00a0: " + s.Rapporteur
	}
	return out
}

// originWords says where a point comes from, for everybody.
func originWords(i meeting.Item) string {
	switch {
	case i.OriginWords == "":
		return ""
	case i.Origin == "moved":
		return "Point reporté d’une réunion précédente\u00a0: " + i.OriginWords + "."
	case i.Origin == "pushed":
		return "Point transmis par une instance\u00a0: " + i.OriginWords + "."
	}
	return ""
}

// backstageWords adds what the team alone reads: who proposed the point.
func backstageWords(i meeting.Item) string {
	switch {
	case i.Origin == "proposal" && i.OriginWords != "":
		return "Proposé par " + i.OriginWords + "."
	case i.Origin == "standing":
		return "Point permanent de l’instance."
	}
	return originWords(i)
}

// followWords is the line of a decision or of a late action.
func followWords(f meeting.Following) string {
	if f.Kind == "action" {
		return f.Title + "\u00a0: " + f.Owner + ", pour le " + french.LongDate(f.DueOn)
	}
	return f.Reference() + ", " + f.Title
}

// followState says where it stands, and of which meeting it is.
func followState(f meeting.Following) string {
	return f.StateLabel() + ", réunion du " + french.LongDate(day.In(f.StartsAt))
}

// itemKindOptions are the kinds of a point, as forms send them.
func itemKindOptions() []ui.Option {
	hints := map[meeting.ItemKind]string{
		meeting.ForInformation: "La réunion prend connaissance.", meeting.ForDiscussion: "La réunion débat, sans conclure.",
		meeting.ForDecision: "La réunion décide.", meeting.ForOpinion: "La réunion rend un avis.",
		meeting.FollowUp: "Le point se remplit seul avec les décisions encore ouvertes.",
	}
	out := make([]ui.Option, 0, len(meeting.ItemKinds))
	for _, k := range meeting.ItemKinds {
		out = append(out, ui.Option{Value: itemKindWord(k), Label: k.Label(), Hint: hints[k]})
	}
	return out
}

var itemKindSlugs = map[meeting.ItemKind]string{
	meeting.ForInformation: "information", meeting.ForDiscussion: "echange", meeting.ForDecision: "decision",
	meeting.ForOpinion: "avis", meeting.FollowUp: "suivi",
}

func itemKindWord(k meeting.ItemKind) string { return itemKindSlugs[k] }

func itemKindOf(word string) meeting.ItemKind {
	for k, w := range itemKindSlugs {
		if w == word {
			return k
		}
	}
	return ""
}

func itemKindWords() []string {
	out := make([]string, 0, len(meeting.ItemKinds))
	for _, k := range meeting.ItemKinds {
		out = append(out, itemKindWord(k))
	}
	return out
}

func itemAddress(i meeting.Item, part string) string {
	a := teamAddress(i.Meeting, PartAgenda) + "/" + page.IDText(i.ID)
	if part != "" {
		a += "/" + part
	}
	return a
}

func itemAnchor(id meeting.ItemID) string { return "point-" + page.IDText(id) }

// destinationOptions are the meetings a point may go to.
func destinationOptions(list []meeting.Destination) []ui.Option {
	out := make([]ui.Option, 0, len(list))
	for _, d := range list {
		label := french.Date(day.In(d.StartsAt)) + " à " + french.Clock(d.StartsAt)
		if d.Kind == meeting.Workshop {
			label += ", atelier"
		}
		if d.Theme != "" {
			label += "\u00a0: " + d.Theme
		}
		out = append(out, ui.Option{Value: page.IDText(d.ID), Label: label})
	}
	return out
}
