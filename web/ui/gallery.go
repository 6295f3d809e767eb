package ui

import (
	"time"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/web/form"
)

// What the gallery shows. All of it is invented, except the names and places of
// the communes.

func galleryTiles() TileMapView {
	v := TileMapView{
		Title:  "Part des actions réalisées, par commune",
		Legend: []string{"rien", "1 à 25\u202f%", "26 à 50\u202f%", "51 à 75\u202f%", "76 à 100\u202f%"},
	}
	for _, t := range []struct {
		name, abbr, slug string
		row, col, step   int
	}{
		{"Ambès", "AMS", "33004", 1, 4, 2},
		{"Saint-Vincent-de-Paul", "SVP", "33487", 1, 5, 1},
		{"Parempuyre", "PAR", "33312", 2, 3, 3},
		{"Saint-Louis-de-Montferrand", "SLM", "33434", 2, 4, 4},
		{"Ambarès-et-Lagrave", "AMB", "33003", 2, 5, 0},
		{"Saint-Aubin-de-Médoc", "SAM", "33376", 3, 1, 0},
		{"Le Taillan-Médoc", "TAI", "33519", 3, 2, 4},
		{"Blanquefort", "BLA", "33056", 3, 3, 3},
		{"Bassens", "BAS", "33032", 3, 4, 0},
		{"Carbon-Blanc", "CAR", "33096", 3, 5, 2},
		{"Saint-Médard-en-Jalles", "SMJ", "33449", 4, 1, 3},
		{"Le Haillan", "HAI", "33200", 4, 2, 0},
		{"Eysines", "EYS", "33162", 4, 3, 3},
		{"Bruges", "BRU", "33075", 4, 4, 1},
		{"Lormont", "LOR", "33249", 4, 5, 0},
		{"Martignas-sur-Jalle", "MAR", "33273", 5, 1, 0},
		{"Mérignac", "MÉR", "33281", 5, 2, 3},
		{"Le Bouscat", "BOU", "33069", 5, 3, 3},
		{"Bordeaux", "BOR", "33063", 5, 4, 4},
		{"Cenon", "CEN", "33119", 5, 5, 1},
		{"Artigues-près-Bordeaux", "ART", "33013", 5, 6, 0},
		{"Pessac", "PES", "33318", 6, 2, 3},
		{"Talence", "TAL", "33522", 6, 3, 3},
		{"Bègles", "BÈG", "33039", 6, 4, 1},
		{"Floirac", "FLO", "33167", 6, 5, 4},
		{"Bouliac", "BLC", "33065", 6, 6, 3},
		{"Gradignan", "GRA", "33192", 7, 3, 0},
		{"Villenave-d’Ornon", "VIL", "33550", 7, 4, 1},
	} {
		v.Tiles = append(v.Tiles, Tile{Name: t.name, Abbr: t.abbr, Row: t.row, Col: t.col,
			Href: "/communes/" + t.slug, Step: t.step, Value: french.Percent(t.step * 20)})
	}
	return v
}

func galleryTrend(large bool) TrendView {
	v := TrendView{ID: "evolution", Title: "Structures du GNI, par collège", Axis: large}
	if !large {
		v.ID = "evolution-petite"
	}
	for n, name := range []string{"Action sociale", "Médiation numérique"} {
		l := TrendLine{Name: name}
		for i, value := range []int{40, 62, 71, 70, 78 + 2*n} {
			value += 6 * n
			l.Points = append(l.Points, TrendPoint{Day: day.Of(2025, time.Month(4+3*i), 0), Value: float64(value), Text: french.Number(value)})
		}
		v.Lines = append(v.Lines, l)
	}
	return v
}

func galleryTimeline() Timeline {
	d := func(m time.Month, n int) day.Day { return day.Of(2026, m, n) }
	return Timeline{Year: 2026, Today: d(time.November, 23), Rows: []TimelineRow{
		{Code: "cmtin", Label: "CMTIN", Owed: 1, Planned: 1, ConveneBy: d(time.December, 26),
			Marks: []TimelineMark{{Day: d(time.December, 10), State: MarkPlanned, Label: "CMTIN, séance annuelle", Href: "/instances/cmtin"}}},
		{Code: "partenaires", Label: "Partenaires", Owed: 2, Held: 1, Late: 1, Marks: []TimelineMark{
			{Day: d(time.March, 17), State: MarkHeld, Label: "Partenaires, 1re réunion", Href: "/instances/partenaires"},
			{Day: d(time.June, 30), State: MarkOverdue, Label: "Partenaires, 2e réunion"}}},
		{Code: "gni", Label: "GNI", Owed: 3, Held: 2, Planned: 1, Marks: []TimelineMark{
			{Day: d(time.February, 12), State: MarkHeld, Label: "GNI, 1re réunion", Href: "/instances/gni"},
			{Day: d(time.May, 28), State: MarkPostponed, Label: "GNI, 2e réunion"},
			{Day: d(time.June, 18), State: MarkHeld, Label: "GNI, 2e réunion", Href: "/instances/gni"},
			{Day: d(time.November, 26), State: MarkPlanned, Label: "GNI, 3e réunion", Href: "/instances/gni"}}},
		{Code: "communes", Label: "Communes", Owed: 1, Held: 1, Marks: []TimelineMark{
			{Day: d(time.April, 9), State: MarkCancelled, Label: "Communes, réunion annuelle"},
			{Day: d(time.September, 22), State: MarkHeld, Label: "Communes, réunion annuelle", Href: "/instances/communes"}}},
	}}
}

func galleryGovernance() Governance {
	return Governance{
		Top: GovernanceBody{Code: "cmtin", Name: "Comité métropolitain territorial pour l’inclusion numérique", Href: "/instances/cmtin",
			Level: "Niveau politique et stratégique", Role: "Partage la stratégie, suit les projets et valide les actions de l’année suivante.",
			Chair: "Présidé par la Présidente de Bordeaux Métropole", Members: "53 membres", Rhythm: "1 séance par an", Owed: 1, Next: "jeudi 10 décembre 2026"},
		Base: []GovernanceBody{
			{Code: "partenaires", Name: "Groupe des partenaires institutionnels", Href: "/instances/partenaires", Level: "Niveau opérationnel",
				Role: "Coordonne les actions et informe toute la gouvernance de leur avancement.", Chair: "Présidé par la conseillère métropolitaine au numérique",
				Members: "14 partenaires", Rhythm: "2 réunions par an", Owed: 2, Held: 1, Feeds: "tous ses membres"},
			{Code: "gni", Name: "Groupe Numérique Inclusif", Href: "/instances/gni", Level: "Niveau opérationnel",
				Role: "Pilote les initiatives locales et désigne ses représentants.", Chair: "Animé par les équipes de la Métropole",
				Members: "160 structures", Rhythm: "3 réunions par an", Owed: 3, Held: 2, Next: "jeudi 26 novembre 2026", Feeds: "10 représentants"},
			{Code: "communes", Name: "Comité des communes", Href: "/instances/communes", Level: "Niveau opérationnel",
				Role: "Partage l’avancement et trouve des réponses adaptées à chaque commune.", Chair: "Présidé par la conseillère métropolitaine au numérique",
				Members: "28 communes", Rhythm: "1 réunion par an", Owed: 1, Held: 1, Next: "mardi 9 mars 2027", Feeds: "les 28 maires"},
		},
	}
}

// galleryForm is a form shown again with its errors.
func galleryForm() *form.Form {
	f := form.New()
	f.Set("date", "31/2/2027")
	f.Set("heure", "14 h 30")
	f.Set("budget", "12500")
	f.Set("bilan", "Quatre ateliers ont eu lieu à la médiathèque.")
	f.Set("services", "demarches", "pret")
	f.Fail("nom", "Saisissez le nom de la structure.")
	f.Fail("date", "Saisissez une date qui existe, par exemple 27/3/2027.")
	f.Fail("etat", "Choisissez un état.")
	f.Fail("accord", "Cochez la case pour déposer la candidature.")
	f.Fail("", "La réunion a déjà été convoquée par une autre personne.")
	return f
}

func galleryStates() []Option {
	return []Option{
		{Value: "rien", Label: "Rien de nouveau"},
		{Value: "cours", Label: "En cours", Hint: "Au moins une étape a commencé."},
		{Value: "realisee", Label: "Réalisée"},
		{Value: "retard", Label: "En retard", Hint: "Dites en une phrase pourquoi."},
	}
}

func galleryAxes() []galleryAxis {
	p := func(done, now, next, late int) []BarPart {
		return []BarPart{{OK, done, "réalisées"}, {Info, now, "en cours"}, {Neutral, next, "à venir"}, {Err, late, "en retard"}}
	}
	return []galleryAxis{
		{"Connaître les besoins", p(7, 2, 1, 0)},
		{"Outiller les aidants", p(4, 5, 2, 1)},
		{"Former les habitants", p(6, 3, 3, 0)},
		{"Équiper et reconditionner", p(2, 2, 4, 1)},
	}
}

type galleryAxis struct {
	name  string
	parts []BarPart
}
