package minutes

import (
	"fmt"
	"slices"
	"strings"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
)

// colon is the French one.
const colon = french.NBSP + ":"

// compose writes Markdown out of what a meeting left. What stands on one line is
// escaped; notes and the texts of decisions are Markdown already.
func compose(m mat) string {
	var w sheetWriter
	w.heading(m.Meeting)
	w.roll(m)
	for _, p := range m.Points {
		w.point(m, p)
	}
	w.rest(m)
	return w.text()
}

// sheetWriter gathers blocks, which an empty line keeps apart.
type sheetWriter struct{ blocks []string }

func (w *sheetWriter) add(format string, args ...any) {
	w.blocks = append(w.blocks, fmt.Sprintf(format, args...))
}

func (w *sheetWriter) text() string { return strings.Join(w.blocks, "\n\n") }

func (w *sheetWriter) heading(g matMeeting) {
	lines := []string{"- **Date**" + colon + " " + french.Date(day.In(g.StartsAt)) + ", " + french.ClockRange(g.StartsAt, g.EndsAt)}
	switch {
	case g.Place != "" && g.Remote:
		lines = append(lines, "- **Lieu**"+colon+" "+plain(g.Place)+", et à distance")
	case g.Place != "":
		lines = append(lines, "- **Lieu**"+colon+" "+plain(g.Place))
	case g.Remote:
		lines = append(lines, "- **Lieu**"+colon+" à distance")
	}
	if g.Theme != "" {
		lines = append(lines, "- **Thème**"+colon+" "+plain(g.Theme))
	}
	if g.OpenedAt != nil {
		lines = append(lines, "- **Ouverture**"+colon+" "+french.Clock(*g.OpenedAt))
	}
	if g.ClosedAt != nil {
		lines = append(lines, "- **Clôture**"+colon+" "+french.Clock(*g.ClosedAt))
	}
	w.blocks = append(w.blocks, strings.Join(lines, "\n"))
}

// roll tells numbers by group, never who.
func (w *sheetWriter) roll(m mat) {
	if len(m.Groups) == 0 && !m.Meeting.NeedsChairAndState {
		return
	}
	w.add("# Participation")
	if m.Meeting.NeedsChairAndState {
		w.add("- Présidence%s %s\n- Représentation de l’État%s %s", colon, presence(m.Meeting.ChairPresent), colon, presence(m.Meeting.StatePresent))
	}
	if len(m.Groups) == 0 {
		return
	}
	columns := rollColumns(m.Groups)
	head, rule := "| Groupe", "|---"
	for _, c := range columns {
		head, rule = head+" | "+c.name, rule+"|---"
	}
	rows := []string{head + " |", rule + "|"}
	// Members count; where all come by invitation, as to a workshop, everybody does.
	open := !slices.ContainsFunc(m.Groups, func(g matGroup) bool { return !g.Guests })
	here, of := 0, 0
	for _, g := range m.Groups {
		if open || !g.Guests {
			here, of = here+g.Present+g.Remote, of+g.Total
		}
		row := "| " + plain(g.Name)
		for _, c := range columns {
			row += " | " + french.Number(c.count(g))
		}
		rows = append(rows, row+" |")
	}
	one, many := french.NBSP+"membre sur %s a participé", french.NBSP+"membres sur %s ont participé"
	if open {
		one, many = french.NBSP+"personne sur %s a participé", french.NBSP+"personnes sur %s ont participé"
	}
	w.add(french.Number(here)+french.Plural(here, one, many)+", sur place ou à distance.", french.Number(of))
	w.blocks = append(w.blocks, strings.Join(rows, "\n"))
}

// rollColumn is one figure of the roll.
type rollColumn struct {
	name   string
	count  func(matGroup) int
	always bool // shown even when it is zero everywhere
}

// rollColumns are the figures worth a column: a table with fewer holds on a phone.
func rollColumns(groups []matGroup) []rollColumn {
	all := []rollColumn{
		{"Conviés", func(g matGroup) int { return g.Total }, true},
		{"Sur place", func(g matGroup) int { return g.Present }, true},
		{"À distance", func(g matGroup) int { return g.Remote }, false},
		{"Représentés", func(g matGroup) int { return g.Represented }, false},
		{"Pouvoirs", func(g matGroup) int { return g.Proxies }, false},
		{"Excusés", func(g matGroup) int { return g.Excused }, true},
		{"Absents", func(g matGroup) int { return g.Absent }, true},
	}
	return slices.DeleteFunc(all, func(c rollColumn) bool {
		return !c.always && !slices.ContainsFunc(groups, func(g matGroup) bool { return c.count(g) > 0 })
	})
}

func presence(there bool) string {
	if there {
		return "présente"
	}
	return "absente"
}

func (w *sheetWriter) point(m mat, p meeting.Item) {
	left, marks := m.ForItem(p.ID), "#"
	if p.Parent != 0 {
		marks = "##"
	}
	w.add("%s %s. %s", marks, p.Number, plain(p.Title))
	if p.Rapporteur != "" {
		w.add("*Présenté par %s.*", plain(p.Rapporteur))
	}
	if p.Moved() {
		w.add("*Ce point est renvoyé à une autre réunion.*")
	}
	for _, n := range left.Notes {
		if text := strings.TrimSpace(n.Text); text != "" {
			w.add("%s", text)
		}
	}
	w.outcome(left)
}

// outcome writes what was decided, said and asked on a point, or on none.
func (w *sheetWriter) outcome(left Record) {
	for _, d := range left.Decisions {
		w.add("**%s %s**%s %s", d.Kind.Label(), d.Reference(), colon, plain(d.Title))
		w.quote(d.Text)
		w.add("%s %s.", outcome(d), manner(d))
	}
	for _, p := range left.Positions {
		w.add("**%s %s**%s %s", p.Kind.Label(), p.Reference(), colon, plain(p.Title))
		w.quote(p.Text)
		w.add("Destinataire%s %s.", colon, strings.TrimSuffix(plain(p.Addressee), "."))
	}
	var asked []string
	for _, a := range left.Actions {
		asked = append(asked, "- "+plain(a.What)+" – "+plain(a.Owner)+", avant le "+french.LongDate(a.DueOn))
	}
	if len(asked) > 0 {
		w.add("**Actions demandées**%s", colon)
		w.blocks = append(w.blocks, strings.Join(asked, "\n"))
	}
}

// rest writes what was decided outside any point.
func (w *sheetWriter) rest(m mat) {
	var tail sheetWriter
	tail.outcome(m.ForItem(0))
	if len(tail.blocks) > 0 {
		w.add("# Autres décisions et demandes")
		w.blocks = append(w.blocks, tail.blocks...)
	}
}

// quote writes a text as a quotation, line by line.
func (w *sheetWriter) quote(s string) {
	w.blocks = append(w.blocks, "> "+strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n> "))
}

// outcome says what the meeting did: « Adoptée », « Avis favorable ».
func outcome(d Decision) string {
	if d.Kind == KindOpinion {
		return "Avis " + strings.ToLower(d.Outcome.Label())
	}
	return d.Outcome.Label()
}

// manner tells how it was taken: « par 12 voix pour, 2 contre et 1 abstention ».
func manner(d Decision) string {
	if d.Cast() == 0 {
		return "par consensus"
	}
	return "par " + french.Number(*d.For) + " voix pour, " + french.Number(*d.Against) + " contre et " +
		french.Count(*d.Abstentions, "abstention", "abstentions")
}

// marks are the characters Markdown would read in a line of text.
var marks = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "|", `\|`, "~", `\~`, "&", `\&`, "\n", " ")

// plain writes a line so that Markdown reads it as it is.
func plain(s string) string {
	s = marks.Replace(strings.TrimSpace(s))
	if strings.HasPrefix(s, "#") || strings.HasPrefix(s, "-") || strings.HasPrefix(s, "+") {
		s = `\` + s
	}
	return s
}
