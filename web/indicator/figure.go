package indicator

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/indicator"
	"bordeaux-metropole.fr/portal/internal/structure/network"
	"bordeaux-metropole.fr/portal/web/ui"
)

// registerSource is the source of all that the register counts.
const registerSource = "Registre du GNI"

const (
	everyQuarter = "Compté par le portail à la fin de chaque trimestre depuis janvier 2025, et aujourd’hui. "
	todayOnly    = "Compté par le portail aujourd’hui, sur les fiches des structures acceptées. "
	seatsOfDay   = "Une structure compte si son siège au GNI est ouvert ce jour-là, que sa personne référente soit nommée ou non."
)

// counted begins a figure that the register counts.
func counted(slug, name, one, many, meaning, method string, direction indicator.Direction) indicator.Figure {
	return indicator.Figure{Indicator: indicator.Indicator{Slug: indicator.RegisterPrefix + slug, Name: name, Unit: many, UnitOne: one,
		Meaning: meaning, Method: method, Source: registerSource, Direction: direction, Published: true}}
}

// valueOn is a value the register counts.
func valueOn(on day.Day, n indicator.Number) indicator.Value {
	return indicator.Value{To: on, Number: n, Source: registerSource}
}

// registerFigures are the figures that the register counts, in the shape of those
// that are entered. Nobody types them.
func registerFigures(o network.OverTime) []indicator.Figure {
	return append(overTimeFigures(o), todayFigures(o)...)
}

func overTimeFigures(o network.OverTime) []indicator.Figure {
	const byAddress = " La commune est celle de la fiche d’aujourd’hui : les anciennes adresses ne sont pas gardées."
	all := counted("structures", "Structures membres du GNI", "structure", "structures",
		"Le nombre de structures locales acceptées dans le Groupe Numérique Inclusif (GNI).", everyQuarter+seatsOfDay, indicator.Neutral)
	social := counted("action-sociale", "Structures du collège de l’action sociale", "structure", "structures",
		"Le nombre de structures du GNI qui appartiennent au collège de l’action sociale.", everyQuarter+seatsOfDay, indicator.Neutral)
	mediation := counted("mediation-numerique", "Structures du collège de la médiation numérique", "structure", "structures",
		"Le nombre de structures du GNI qui appartiennent au collège de la médiation numérique.", everyQuarter+seatsOfDay, indicator.Neutral)
	without := counted("communes-sans-structure", "Communes sans structure du GNI", "commune", "communes",
		"Le nombre de communes de la métropole où aucune structure du GNI n’a son adresse.", everyQuarter+seatsOfDay+french.Typo(byAddress), indicator.Down)
	for _, on := range o.Days {
		all.Values = append(all.Values, valueOn(on, indicator.Whole(o.Count(on, "", ""))))
		social.Values = append(social.Values, valueOn(on, indicator.Whole(o.Count(on, governance.SocialAction, ""))))
		mediation.Values = append(mediation.Values, valueOn(on, indicator.Whole(o.Count(on, governance.DigitalMediation, ""))))
		without.Values = append(without.Values, valueOn(on, indicator.Whole(len(o.Without(on)))))
	}
	return []indicator.Figure{all, social, mediation, without}
}

func todayFigures(o network.OverTime) []indicator.Figure {
	now, on := o.Now, o.Today()
	figures := []indicator.Figure{
		counted("conseillers-numeriques", "Postes de conseillers numériques", "poste", "postes",
			"Le nombre de postes de conseillers numériques que déclarent les structures du GNI.", todayOnly+"C’est la somme des postes déclarés par les structures.", indicator.Up),
		counted("aladdin-mediation", "Lieux de médiation du réseau Aladdin", "structure", "structures",
			"Le nombre de structures du GNI qui forment des personnes dans le réseau Aladdin.", todayOnly+"C’est le rôle que déclare chaque structure.", indicator.Up),
		counted("aladdin-prescripteurs", "Prescripteurs du réseau Aladdin", "structure", "structures",
			"Le nombre de structures du GNI qui orientent des personnes vers une formation du réseau Aladdin.", todayOnly+"C’est le rôle que déclare chaque structure.", indicator.Up),
		counted("aladdin-relais", "Relais du réseau Aladdin", "structure", "structures",
			"Le nombre de structures du GNI qui font connaître le réseau Aladdin.", todayOnly+"C’est le rôle que déclare chaque structure.", indicator.Up),
	}
	for i, n := range []int{now.Advisers, now.Mediation, now.Prescribers, now.Relays} {
		figures[i].Values = []indicator.Value{valueOn(on, indicator.Whole(n))}
	}
	fresh := counted("fiches-a-jour", "Fiches à jour", "%", "%",
		"La part des structures du GNI qui ont confirmé leur fiche depuis moins de douze mois.",
		todayOnly+"C’est le nombre de fiches confirmées depuis moins de douze mois, divisé par le nombre de structures acceptées, arrondi au dixième.", indicator.Up)
	if now.Accepted > 0 {
		tenths := math.Round(1000 * float64(now.UpToDate) / float64(now.Accepted))
		fresh.Values = []indicator.Value{valueOn(on, indicator.Number(tenths)*indicator.Whole(1)/10)}
	}
	return append(figures, fresh)
}

// shortSource is a source without the words it quotes, for the cards of the list: the
// page of the figure has them.
func shortSource(source string) string {
	short, _, _ := strings.Cut(french.Typo(source), french.NBSP+": «")
	return short
}

// trendOf draws a figure.
func trendOf(f indicator.Figure, large bool) ui.TrendView {
	return ui.TrendView{ID: "t-" + f.Slug, Title: french.Typo(f.Name), Axis: large, Lines: []ui.TrendLine{{Points: points(f)}}}
}

func points(f indicator.Figure) []ui.TrendPoint {
	out := make([]ui.TrendPoint, 0, len(f.Values))
	for _, v := range f.Values {
		p := ui.TrendPoint{Day: v.To, Value: v.Number.Float(), Text: f.Say(v)}
		if !v.From.IsZero() {
			p.Label = v.When()
		}
		if v.From == day.Of(v.To.Year(), 1, 1) && v.To == day.Of(v.To.Year(), 12, 31) {
			p.Short = strconv.Itoa(v.To.Year()) // the whole year, which « déc. 2025 » does not say
		}
		out = append(out, p)
	}
	return out
}

// collegesTrend draws the two colleges together.
func collegesTrend(o network.OverTime) ui.TrendView {
	v := ui.TrendView{ID: "colleges", Title: "Structures du GNI, par collège", Axis: true}
	for _, c := range governance.Colleges {
		l := ui.TrendLine{Name: c.Label()}
		for _, on := range o.Days {
			n := o.Count(on, c, "")
			l.Points = append(l.Points, ui.TrendPoint{Day: on, Value: float64(n), Text: french.Number(n)})
		}
		v.Lines = append(v.Lines, l)
	}
	return v
}

// mapOf shows how many structures each commune has today.
func mapOf(o network.OverTime) ui.TileMapView {
	v := ui.TileMapView{Title: "Structures du GNI, commune par commune"}
	most := 0
	for _, c := range o.Communes {
		most = max(most, o.Count(o.Today(), "", c.INSEE))
	}
	v.Legend = legend(most)
	for _, c := range o.Communes {
		n := o.Count(o.Today(), "", c.INSEE)
		v.Tiles = append(v.Tiles, ui.Tile{Name: c.Name, Abbr: c.Abbr, Row: c.Row, Col: c.Col, Href: communePath(c.INSEE),
			Step: depth(n, most), Value: french.Number(n), Label: french.Count(n, "structure", "structures")})
	}
	return v
}

// depth is the colour of a commune that has n structures, the greatest having most:
// 0 for none, then quarters of the greatest.
func depth(n, most int) int {
	if n == 0 {
		return 0
	}
	return slices.Max([]int{1, (4*n + most - 1) / most})
}

// legend says what each depth means.
func legend(most int) []string {
	out := []string{"aucune structure"}
	from := 1
	for step := 1; step <= 4 && most > 0; step++ {
		upTo := most * step / 4
		switch {
		case upTo < from:
			out = append(out, "sans objet")
		case upTo == from:
			out = append(out, french.Count(from, "structure", "structures"))
		default:
			out = append(out, french.Number(from)+" à "+french.Count(upTo, "structure", "structures"))
		}
		from = max(from, upTo+1)
	}
	return out
}

// perTenThousand is how many structures a commune has for 10 000 inhabitants.
func perTenThousand(n, population int) float64 {
	return math.Round(100*10_000*float64(n)/float64(max(population, 1))) / 100
}
