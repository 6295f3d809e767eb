package dashboard

import (
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/web/ui"
)

// title is the full name of a body, with its initials when it goes by them.
func title(c governance.BodyCode, name string) string {
	if c == governance.CMTIN || c == governance.GNI {
		return name + " (" + c.Label() + ")"
	}
	return name
}

func bodyHref(c governance.BodyCode) string { return "/instances/" + string(c) }

// meeting names what a body holds: a « séance » for the CMTIN.
func meeting(c governance.BodyCode, n int) string {
	if c == governance.CMTIN {
		return french.Plural(n, "séance", "séances")
	}
	return french.Plural(n, "réunion", "réunions")
}

// times says how often a body meets: « une fois par an ».
func times(n int) string {
	words := []string{"", "une", "deux", "trois", "quatre", "cinq", "six"}
	if n > 0 && n < len(words) {
		return words[n] + " fois par an"
	}
	return strconv.Itoa(n) + " fois par an"
}

// rhythms says how often each body meets, in one sentence.
func rhythms(bodies []bodyView) string {
	parts := make([]string, len(bodies))
	for i, b := range bodies {
		parts[i] = b.Code.The() + " se réunit " + times(b.Cadence.Owed)
	}
	if len(parts) == 0 {
		return ""
	}
	return french.Capital(french.List(parts)) + "."
}

// yearSoFar says where a body stands in its year: « En 2026 : 2 réunions tenues
// sur 3, 1 prévue. »
func yearSoFar(c governance.Cadence, year int) string {
	in := "En " + strconv.Itoa(year) + french.NBSP + ": "
	if c.Owed == 1 {
		one := "la " + meeting(c.Body, 1) + " annuelle "
		switch {
		case c.Held > 0:
			return in + one + "a été tenue."
		case c.Planned > 0:
			return in + one + "est prévue."
		}
		return in + one + "n’a pas encore de date."
	}
	s := "aucune réunion tenue"
	if c.Held > 0 {
		s = french.Count(c.Held, "réunion tenue", "réunions tenues")
	}
	s = in + s + " sur " + strconv.Itoa(c.Owed)
	if c.Planned > 0 {
		s += ", " + french.Count(c.Planned, "prévue", "prévues")
	}
	if c.Missing > 0 {
		s += ", " + french.Number(c.Missing) + " sans date"
	}
	return s + "."
}

// missing names the meetings without a date: « 2e et 3e réunions », « séance
// annuelle » of a body that owes only one.
func missing(c governance.Cadence) string {
	if c.Owed == 1 {
		return meeting(c.Body, 1) + " annuelle"
	}
	var ranks []string
	for n := c.Owed - c.Missing + 1; n <= c.Owed; n++ {
		ranks = append(ranks, french.Ordinal(n, true))
	}
	return french.List(ranks) + french.NBSP + meeting(c.Body, c.Missing)
}

// toConvene says what is still to be convened and until when; "" when nothing is
// missing.
func toConvene(c governance.Cadence) string {
	switch {
	case c.Missing == 0:
		return ""
	case c.Late:
		return french.Capital(missing(c)) + french.NBSP + ": il fallait convoquer au plus tard le " + french.LongDate(c.LatestConvene) + "."
	}
	return french.Capital(missing(c)) + " à convoquer au plus tard le " + french.LongDate(c.LatestConvene) + "."
}

// hours says when and where a meeting takes place: « jeudi 26 novembre 2026, de
// 14 h à 16 h 30, Hôtel de Métropole ».
func hours(m governance.MeetingMark) string {
	s := french.Date(m.Day()) + ", " + french.ClockRange(m.StartsAt, m.EndsAt)
	if m.Place != "" {
		s += ", " + french.Typo(m.Place)
	}
	if m.Theme != "" {
		s += ". " + french.Typo(m.Theme)
	}
	return s
}

// agenda lists meetings, each leading to its page, which the team opens from
// behind.
func agenda(marks []governance.MeetingMark, address func(governance.MeetingID) string) []ui.AgendaItem {
	items := make([]ui.AgendaItem, len(marks))
	for i, m := range marks {
		items[i] = ui.AgendaItem{Day: m.Day(), Title: m.Body.Full(),
			Href: address(m.ID), Meta: french.Capital(hours(m)), Kind: ui.Info, Status: m.State.Label()}
		if m.State == governance.Draft {
			items[i].Kind = ui.Neutral
		}
	}
	return items
}

// soonest puts the meetings of several bodies in order, four at most.
func soonest(marks []governance.MeetingMark) []governance.MeetingMark {
	out := slices.Clone(marks)
	slices.SortStableFunc(out, func(a, b governance.MeetingMark) int { return a.StartsAt.Compare(b.StartsAt) })
	return out[:min(len(out), 4)]
}

// since says from when: « depuis le 28 mars 2026 (il y a 7 mois) ».
func since(d, today day.Day) string {
	return "depuis le " + french.LongDate(d) + " (" + french.Ago(d, today) + ")"
}

// lower puts the first letter in lower case, for a name inside a sentence.
func lower(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

// quoted sets a name apart in a sentence, where its article is not known.
func quoted(name string) string { return "«" + french.NBSP + name + french.NBSP + "»" }

// capped writes a count that stops at notify.CountCap.
func capped(n int) string {
	if n >= notify.CountCap {
		return french.Number(n) + french.NBSP + "ou plus"
	}
	return french.Number(n)
}

// failedMails says how many mails could not be sent.
func failedMails(n int) string {
	return french.Count(n, "courriel n’a pas pu être envoyé", "courriels n’ont pas pu être envoyés")
}

// journalLine tells how long the journal is and when it last grew.
func journalLine(c PortalCounts) string {
	s := french.Count(c.Entries, "écriture", "écritures")
	if !c.LastEntry.IsZero() {
		s += ", la dernière le " + french.DateTime(c.LastEntry)
	}
	return s + "."
}
