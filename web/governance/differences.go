package governance

import (
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/ui"
)

// differencesView is what changed in a body between two days.
type differencesView struct {
	Body, Href string
	Lead       string
	From, To   string // in words
	Form       *form.Form
	Count      string
	Lists      []changes
}

// changes is one kind of change.
type changes struct {
	Title string
	Kind  ui.Kind
	Word  string
	Lines []changeLine
}

type changeLine struct{ Seat, Text string }

func newDifferencesView(d governance.Differences, f *form.Form) differencesView {
	for name, v := range map[string]day.Day{"du": d.From, "au": d.To} {
		if f.Error(name) == "" {
			f.Set(name, french.NumericDate(v))
		}
	}
	v := differencesView{Body: d.Body.Full(), Href: bodyHref(d.Body), Form: f,
		From: french.LongDate(d.From), To: french.LongDate(d.To)}
	v.add("Arrivées", ui.OK, "Arrivée", d.Entered, func(l governance.Line) string {
		if l.Kind == governance.Structure {
			return "La structure siège, représentée depuis le " + french.LongDate(l.Since) + "."
		}
		return l.Name() + " occupe le siège depuis le " + french.LongDate(l.Since) + "."
	})
	v.addChanges("Remplacements", ui.Info, "Remplacement", d.Replaced, func(c governance.Change) string {
		if c.After.Kind == governance.Structure {
			return "Une autre personne représente la structure depuis le " + french.LongDate(c.After.Since) + "."
		}
		return c.After.Name() + " remplace " + c.Before.Name() + " depuis le " + french.LongDate(c.After.Since) + "."
	})
	v.add("Sièges devenus vacants", ui.Warn, "Siège à pourvoir", d.Vacated, func(l governance.Line) string {
		if l.Kind == governance.Structure {
			return "Personne ne représente plus la structure : le siège est à pourvoir."
		}
		return l.Name() + " n’y siège plus ; le siège est à pourvoir."
	})
	v.add("Départs", ui.Neutral, "Départ", d.Left, func(l governance.Line) string {
		if l.Person == 0 {
			return "Le siège, qui était vacant, n’existe plus."
		}
		if l.Kind == governance.Structure {
			return "La structure n’y siège plus."
		}
		return l.Name() + " n’y siège plus ; le siège n’existe plus."
	})
	v.add("Nouveaux sièges à pourvoir", ui.Neutral, "Nouveau siège", d.Opened, func(governance.Line) string {
		return "Le siège vient d’être créé et attend son titulaire."
	})
	v.addChanges("Suppléances", ui.Info, "Suppléance", d.Alternates, alternateChange)
	n := 0
	for _, l := range v.Lists {
		n += len(l.Lines)
	}
	v.Count = french.Capital(french.Count(n, "changement", "changements")) + " entre le " + v.From + " et le " + v.To + "."
	if d.From.Before(governance.Founded) {
		v.Lead = "Avant le 6 décembre 2024, l’instance n’existait pas : tout ce qui suit est nouveau."
	}
	return v
}

func alternateChange(c governance.Change) string {
	if c.After.Kind == governance.Structure {
		return "La suppléance de la structure a changé."
	}
	switch before, after := c.Before.Alternate, c.After.Alternate; {
	case before == "":
		return after + " assure désormais la suppléance du siège."
	case after == "":
		return before + " n’assure plus la suppléance du siège."
	default:
		return after + " remplace " + before + " à la suppléance du siège."
	}
}

func (v *differencesView) add(title string, kind ui.Kind, word string, lines []governance.Line, say func(governance.Line) string) {
	c := changes{Title: title, Kind: kind, Word: word}
	for _, l := range lines {
		c.Lines = append(c.Lines, changeLine{seatName(&l), say(l)})
	}
	v.append(c)
}

func (v *differencesView) addChanges(title string, kind ui.Kind, word string, lines []governance.Change, say func(governance.Change) string) {
	c := changes{Title: title, Kind: kind, Word: word}
	for _, l := range lines {
		c.Lines = append(c.Lines, changeLine{seatName(&l.After), say(l)})
	}
	v.append(c)
}

func (v *differencesView) append(c changes) {
	if len(c.Lines) > 0 {
		v.Lists = append(v.Lists, c)
	}
}
