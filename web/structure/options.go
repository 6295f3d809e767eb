package structure

import (
	"slices"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/national"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/ui"
)

// usualKinds are the kinds most structures of the metropole are: they come first.
var usualKinds = []string{"ASSO", "BIB", "CCAS", "CS", "CSC", "EVS", "EPN", "FABLAB", "FT", "MDS", "MJC", "MQ", "ML", "MUNI", "OF", "PIMMS", "RFS", "TIERS_LIEUX"}

// kindOptions are the kinds of structures, the usual first, then « Autre », then all
// others by name.
var kindOptions = func() []ui.Option {
	const usual, other = "Les plus courants", "Les autres"
	var first, rest []ui.Option
	for _, t := range national.Typologies {
		o := ui.Option{Value: t.Value, Label: french.Typo(t.Label)}
		switch {
		case t.Value == "Autre":
			continue
		case slices.Contains(usualKinds, t.Value):
			o.Group = usual
			first = append(first, o)
		default:
			o.Group = other
			rest = append(rest, o)
		}
	}
	byName(first)
	byName(rest)
	first = append(first, ui.Option{Value: "Autre", Label: "Autre", Group: usual})
	return append(first, rest...)
}()

func byName(options []ui.Option) {
	slices.SortStableFunc(options, func(a, b ui.Option) int {
		switch x, y := french.SortKey(a.Label), french.SortKey(b.Label); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
}

func vocabularyOptions(list national.Vocabulary) []ui.Option {
	out := make([]ui.Option, len(list))
	for i, t := range list {
		out[i] = ui.Option{Value: t.Value, Label: t.Label}
	}
	return out
}

// elsewhere are labels of other regions: offered only to who has one already.
var elsewhere = []string{"Arnia/MedNum BFC (Bourgogne-Franche-Comté)", "Collectif ressources et acteurs réemploi (Normandie)",
	"Les Éclaireurs du numérique (Drôme)", "Mes Papiers (Métropole de Lyon)", "SUD LABS (PACA)"}

func labelOptions(f *form.Form) []ui.Option {
	return slices.DeleteFunc(vocabularyOptions(national.Labels), func(o ui.Option) bool {
		return slices.Contains(elsewhere, o.Value) && !f.Checked("labels", o.Value)
	})
}

func wording(u structure.Use) string { return french.Typo(u.Wording()) }

// hoursRead says how hours were understood, nil when they were not.
func hoursRead(string) []string { return nil }
