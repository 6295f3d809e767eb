package governance

import (
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/web/ui"
)

const (
	homeTitle     = "L’inclusion numérique dans la métropole bordelaise"
	sectionBodies = "Instances"
	levelTop      = "Niveau politique et stratégique"
	levelBase     = "Niveau opérationnel"
	source        = "Bordeaux Métropole, délibération n° 2024-677 du 6 décembre 2024"
)

var crumbBodies = []ui.Crumb{{Label: "Les quatre instances", Href: "/instances"}}

// wording is what pages say of a body besides its data.
type wording struct {
	role    string // what it does, plainly
	chair   string
	chairs  string // who presides, after a name
	feeds   string // what it sends to the CMTIN
	meeting string // what its meetings are called
	meets   string // plural
	they    string // « Il siège… »
	level   string
}

var names = map[governance.BodyCode]wording{
	governance.CMTIN: {
		role:  "Partage la stratégie, suit les projets, examine les nouveaux besoins et valide les actions de l’année suivante.",
		chair: "Présidé par la Présidente de Bordeaux Métropole", chairs: "Présidente de Bordeaux Métropole", meeting: "séance", meets: "séances", they: "Le comité", level: levelTop,
	},
	governance.Partners: {
		role:  "Coordonne les actions, suit les projets des partenaires et réfléchit aux financements à long terme.",
		chair: "Présidé par la conseillère métropolitaine au numérique", chairs: "conseillère métropolitaine au numérique", feeds: "tous ses membres", meeting: "réunion", meets: "réunions", they: "Le groupe", level: levelBase,
	},
	governance.GNI: {
		role:  "Réunit les structures de terrain, pilote les initiatives locales et désigne dix représentants.",
		chair: "Animé par les équipes de la Métropole", feeds: "10 représentants", meeting: "réunion", meets: "réunions", they: "Le groupe", level: levelBase,
	},
	governance.Communes: {
		role:  "Partage les avancées des communes et trouve des solutions adaptées aux besoins locaux.",
		chair: "Présidé par la conseillère métropolitaine au numérique", chairs: "conseillère métropolitaine au numérique", feeds: "les 28 maires", meeting: "réunion", meets: "réunions", they: "Le comité", level: levelBase,
	},
}

// meetingHref is the public page of a meeting.
func meetingHref(id governance.MeetingID) string {
	return "/reunions/" + strconv.FormatInt(int64(id), 10)
}

func bodyHref(code governance.BodyCode) string { return "/instances/" + string(code) }

// StateKind gives a seat's state its icon and colour.
func StateKind(s governance.SeatState) ui.Kind {
	switch s {
	case governance.InOffice:
		return ui.OK
	case governance.EndsSoon, governance.CarriedOver:
		return ui.Warn
	}
	return ui.Neutral
}

// cadenceState says in two words where a body stands in its year.
func cadenceState(c governance.Cadence) (ui.Kind, string) {
	switch {
	case c.Late:
		return ui.Err, "En retard"
	case c.Missing > 0:
		return ui.Warn, "Date à fixer"
	case c.Held >= c.Owed:
		return ui.OK, "À jour"
	}
	return ui.Info, "Date fixée"
}

// cadenceSentence says the same in full: « 3 réunions dues en 2026 : 2 tenues,
// 1 prévue. »
func cadenceSentence(c governance.Cadence, year int) string {
	n := names[c.Body]
	var b strings.Builder
	b.WriteString(french.Count(c.Owed, n.meeting+" due", n.meets+" dues") + " en " + strconv.Itoa(year) + " : ")
	if c.Held == 0 {
		b.WriteString("aucune tenue")
	} else {
		b.WriteString(french.Count(c.Held, "tenue", "tenues"))
	}
	if c.Planned > 0 {
		b.WriteString(", " + french.Count(c.Planned, "prévue", "prévues"))
	}
	b.WriteByte('.')
	if c.Missing > 0 {
		b.WriteString(" Il en manque " + french.Number(c.Missing))
		if c.Late {
			b.WriteString(" : le dernier jour pour convoquer, le " + french.LongDate(c.LatestConvene) + ", est passé.")
		} else {
			b.WriteString(", à convoquer au plus tard le " + french.LongDate(c.LatestConvene) + ".")
		}
	}
	return b.String()
}

// counted tells whether the year owes the body's rhythm: the deliberation came in
// the last weeks of 2024.
func counted(year int) bool { return year > governance.Founded.Year() }

func meetingKind(s governance.MeetingState) ui.Kind {
	switch s {
	case governance.Held, governance.Published:
		return ui.OK
	case governance.Convened, governance.InProgress, governance.Draft:
		return ui.Info
	}
	return ui.Neutral
}

// markState gives a meeting its shape on the timeline.
func markState(s governance.MeetingState) ui.MarkState {
	switch s {
	case governance.Held, governance.Published:
		return ui.MarkHeld
	case governance.Postponed:
		return ui.MarkPostponed
	case governance.Cancelled:
		return ui.MarkCancelled
	}
	return ui.MarkPlanned
}

// held tells whether a meeting took place.
func held(m governance.MeetingMark) bool {
	return m.State == governance.Held || m.State == governance.Published
}

// when says a meeting in words: « jeudi 26 novembre 2026, de 14 h à 16 h 30, hôtel
// de Bordeaux Métropole ».
func when(m governance.MeetingMark) string {
	s := french.Date(m.Day()) + ", " + french.ClockRange(m.StartsAt, m.EndsAt)
	if m.Place != "" {
		s += ", " + m.Place
	}
	return s
}

// seats says how many seats there are and how many are vacant.
func seats(code governance.BodyCode, n governance.Counts) string {
	s := french.Count(n.Seats, "siège", "sièges")
	if code == governance.GNI {
		s = french.Count(n.Seats, "structure", "structures")
	}
	if n.Vacant > 0 {
		s += ", dont " + french.Number(n.Vacant) + " à pourvoir"
	}
	return s
}

// counts is the words of a group in a sum: singular, plural.
var counts = map[string][2]string{
	"Présidence": {"siège de présidence", "sièges de présidence"},
	"Conseillère métropolitaine au numérique": {"conseillère métropolitaine au numérique", "conseillères métropolitaines au numérique"},
	"Partenaires institutionnels":             {"partenaire institutionnel", "partenaires institutionnels"},
	"Maires":                                  {"maire", "maires"},
	"Communes":                                {"commune", "communes"},
	"Représentants du GNI":                    {"représentant du GNI", "représentants du GNI"},
	"Structures":                              {"structure", "structures"},
}

func groupCount(n int, group string) string {
	if w, ok := counts[group]; ok {
		return french.Count(n, w[0], w[1])
	}
	return french.Number(n) + " " + strings.ToLower(group)
}

// orToday writes a day the way an address does, "" for today.
func orToday(d, today day.Day) string {
	if d == today {
		return ""
	}
	return d.String()
}
