package dashboard

import (
	"slices"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Screens of the team that a task leads to.
const (
	seatsPath   = "/equipe/sieges"
	renewalPath = "/equipe/renouvellement-communes"
	mailsPath   = "/equipe/courriels"

	newMeetingPath = "/equipe/reunions/nouvelle"
	proposalsPath  = "/equipe/propositions"
	followUpPath   = "/equipe/suivi"
)

// newTeamView shows what waits for the team: of the governance, of its meetings, and
// more of other areas.
func newTeamView(d governance.Dashboard, todo minutes.TeamTodo, more ...task) teamView {
	tasks := append(append(tasksOf(d), teamDuties(todo)...), more...)
	v := teamView{Today: d.Today, Tasks: byUrgency(tasks), Timeline: timelineOf(d)}
	for _, m := range d.Marks {
		if m.Planned() && !m.Day().Before(d.Today) {
			v.Meetings = append(v.Meetings, m)
		}
	}
	v.Meetings = soonest(v.Meetings)
	return v
}

// tasksOf is what waits for the team, the most urgent first.
func tasksOf(d governance.Dashboard) []task {
	var out []task
	if d.MailsFailed > 0 {
		out = append(out, task{Urgency: stopped, Label: failedMails(d.MailsFailed), Href: mailsPath + "?etat=failed", Status: "En échec"})
	}
	out = append(out, vacancies(d.Seats)...)
	out = append(out, mandates(d.CarriedOver, overdue)...)
	out = append(out, mandates(d.Ending, coming)...)
	out = append(out, unrecorded(d.Unrecorded)...)
	for _, c := range d.Missing() {
		t := task{Urgency: coming, Label: french.Capital(missing(c)) + " " + c.Body.Of() + french.NBSP + ": à convoquer au plus tard le " + french.LongDate(c.LatestConvene),
			Href: newMeetingPath + "?instance=" + string(c.Body), Hint: owes(c, d.Today.Year()), Due: c.LatestConvene}
		if c.Late {
			t.Urgency, t.Status = overdue, "En retard"
			t.Label = french.Capital(missing(c)) + " " + c.Body.Of() + french.NBSP + ": il fallait convoquer au plus tard le " + french.LongDate(c.LatestConvene)
		}
		out = append(out, t)
	}
	return byUrgency(append(out, people(d)...))
}

// owes recalls what a body owes: « 1 tenue sur 2 dues en 2026. »
func owes(c governance.Cadence, year int) string {
	held := "Aucune tenue"
	if c.Held > 0 {
		held = french.Count(c.Held, "tenue", "tenues")
	}
	s := held + " sur " + french.Count(c.Owed, "due", "dues") + " en " + strconv.Itoa(year)
	if c.Planned > 0 {
		s += ", " + french.Count(c.Planned, "prévue", "prévues")
	}
	return s + "."
}

// vacancies tells which seats nobody holds: a body without its chair first.
func vacancies(kinds []governance.KindCount) []task {
	var out []task
	for _, k := range kinds {
		if k.Vacant == 0 {
			continue
		}
		t := task{Urgency: vacant, Status: "À pourvoir", Href: seatsPath + "?type=" + seatSlug(k.Kind) + "&etat=a-pourvoir"}
		switch k.Kind {
		case governance.President:
			t.Urgency, t.Label = stopped, "Le siège de la Présidente de Bordeaux Métropole est vacant"
			t.Hint = "Le CMTIN n’a personne pour le présider."
		case governance.Councillor:
			t.Urgency, t.Label = stopped, "Le siège de la conseillère métropolitaine au numérique est vacant"
			t.Hint = "Le groupe des partenaires et le Comité des communes n’ont personne pour les présider."
		case governance.Mayor:
			t.Label = vacantSeats(k.Vacant, "de maire")
			if k.Vacant > 3 {
				t.Href = renewalPath
			}
		case governance.Partner:
			t.Label = vacantSeats(k.Vacant, "de partenaire")
		case governance.GNIRepresentative:
			t.Label = vacantSeats(k.Vacant, "de représentant du GNI")
		case governance.Structure:
			t.Label = vacantSeats(k.Vacant, "de structure du GNI")
		}
		out = append(out, t)
	}
	return out
}

func vacantSeats(n int, of string) string {
	return french.Count(n, "siège", "sièges") + " " + of + " " + french.Plural(n, "est vacant", "sont vacants")
}

// seatSlug is the word of a kind in the filter of /equipe/sieges.
func seatSlug(k governance.SeatKind) string {
	switch k {
	case governance.President:
		return "presidente"
	case governance.Councillor:
		return "conseillere"
	case governance.Mayor:
		return "maire"
	case governance.Partner:
		return "partenaire"
	case governance.GNIRepresentative:
		return "representant"
	}
	return "structure"
}

// dueListed is how many mandates governance.Dashboard names at most.
const dueListed = 20

// mandates tells which mandates end or ended; those of one kind that end the same
// day make one line when there are more than two.
func mandates(due []governance.DueMandate, u urgency) []task {
	type run struct {
		kind governance.SeatKind
		on   day.Day
	}
	same := map[run]int{}
	for _, m := range due {
		same[run{m.Kind, m.On}]++
	}
	var out []task
	for _, m := range due {
		r := run{m.Kind, m.On}
		n := same[r]
		switch {
		case n < 0: // already in a line
		case n > 2:
			same[r] = -1
			out = append(out, manyMandates(m, n, len(due) == dueListed, u))
		default:
			t := task{Urgency: u, Due: m.On, Href: seatsPath + "/" + strconv.FormatInt(int64(m.Seat), 10), Hint: m.SeatLabel + "."}
			t.Label = "Le mandat " + french.De(m.Name) + " prend fin le " + french.LongDate(m.On)
			if u == overdue {
				t.Label = "L’échéance du mandat " + french.De(m.Name) + " est passée depuis le " + french.LongDate(m.On)
				t.Status = "À renouveler"
			}
			out = append(out, t)
		}
	}
	return out
}

func manyMandates(m governance.DueMandate, n int, cut bool, u urgency) task {
	count := french.Count(n, "mandat", "mandats")
	if cut {
		count = "Au moins " + count
	}
	count += " " + kindWords(m.Kind)
	t := task{Urgency: u, Due: m.On, Label: count + " prennent fin le " + french.LongDate(m.On), Href: seatsPath + "?type=" + seatSlug(m.Kind) + "&etat=bientot"}
	if u == overdue {
		t.Label, t.Status = count+" sont échus depuis le "+french.LongDate(m.On), "À renouveler"
		t.Href = seatsPath + "?type=" + seatSlug(m.Kind) + "&etat=prolonge"
	}
	if m.Kind == governance.Mayor {
		t.Href = renewalPath
	}
	return t
}

func kindWords(k governance.SeatKind) string {
	switch k {
	case governance.Mayor:
		return "de maire"
	case governance.Partner:
		return "de partenaire"
	case governance.GNIRepresentative:
		return "de représentant du GNI"
	case governance.Structure:
		return "de structure du GNI"
	}
	return "de présidence"
}

// unrecorded tells which meetings are past and still said to come.
func unrecorded(marks []governance.MeetingMark) []task {
	out := make([]task, len(marks))
	for i, m := range marks {
		out[i] = task{Urgency: overdue, Due: m.Day(), Href: teamMeeting(m.ID), Status: "À vérifier",
			Label: french.Capital(meeting(m.Body, 1)) + " " + m.Body.Of() + " du " + french.LongDate(m.Day()) + french.NBSP + ": rien ne dit si elle s’est tenue",
			Hint:  "Elle compte encore comme prévue."}
	}
	return out
}

// people tells who cannot be reached.
func people(d governance.Dashboard) []task {
	out := peopleTasks(d.NoEmail, "n’a pas d’adresse électronique", "personnes en fonction n’ont pas d’adresse électronique",
		"Elles ne reçoivent ni invitation ni convocation.")
	out = append(out, peopleTasks(d.Invited, "n’a pas ouvert son compte depuis plus de 14 jours",
		"personnes invitées n’ont pas ouvert leur compte depuis plus de 14 jours", "")...)
	return append(out, peopleTasks(without(d.NoAccount, d.NoEmail), "n’a pas de compte", "personnes en fonction n’ont pas de compte",
		"Invitez-les quand vous désignez quelqu’un ou complétez une organisation.")...)
}

// peopleTasks makes one line a person for three people at most, else one for all.
func peopleTasks(p governance.People, one, many, why string) []task {
	if p.Count > 3 || p.Count != len(p.First) {
		if p.Count == 0 {
			return nil
		}
		return []task{{Urgency: someday, Href: seatsPath, Label: french.Number(p.Count) + french.NBSP + many, Hint: strings.TrimSpace(named(p) + " " + why)}}
	}
	out := make([]task, len(p.First))
	for i, n := range p.First {
		out[i] = task{Urgency: someday, Href: "/equipe/personnes/" + strconv.FormatInt(int64(n.ID), 10), Label: n.Name + " " + one}
	}
	return out
}

// without takes from p the people already named in other, when both are complete.
func without(p, other governance.People) governance.People {
	if p.Count != len(p.First) || other.Count != len(other.First) {
		return p
	}
	p.First = slices.DeleteFunc(slices.Clone(p.First), func(n governance.NamedPerson) bool { return slices.Contains(other.First, n) })
	p.Count = len(p.First)
	return p
}

// named lists the first people concerned.
func named(p governance.People) string {
	var names []string
	for _, n := range p.First {
		names = append(names, n.Name)
	}
	if rest := p.Count - len(names); rest > 0 {
		return strings.Join(names, ", ") + " et " + french.Count(rest, "autre", "autres") + "."
	}
	return french.List(names) + "."
}

// timelineOf is the year of the four bodies.
func timelineOf(d governance.Dashboard) ui.Timeline {
	t := ui.Timeline{Year: d.Today.Year(), Today: d.Today}
	for _, c := range d.Cadences {
		row := ui.TimelineRow{Code: string(c.Body), Label: c.Body.Short(), Owed: c.Owed, Held: c.Held, Planned: c.Planned}
		for _, m := range d.Marks {
			if m.Body == c.Body {
				row.Marks = append(row.Marks, ui.TimelineMark{Day: m.Day(), State: markState(m, d.Today), Label: c.Body.Label(), Href: bodyHref(c.Body)})
			}
		}
		if c.Late {
			row.Late = c.Missing
			row.Marks = append(row.Marks, ui.TimelineMark{Day: c.LatestConvene, State: ui.MarkOverdue, Label: c.Body.Label(), Href: bodyHref(c.Body)})
		} else {
			row.ConveneBy = c.LatestConvene
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func markState(m governance.MeetingMark, today day.Day) ui.MarkState {
	switch m.State {
	case governance.Held, governance.Published:
		return ui.MarkHeld
	case governance.Postponed:
		return ui.MarkPostponed
	case governance.Cancelled:
		return ui.MarkCancelled
	}
	if m.Day().Before(today) {
		return ui.MarkOverdue
	}
	return ui.MarkPlanned
}
