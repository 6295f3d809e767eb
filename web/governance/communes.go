package governance

import (
	"cmp"
	"slices"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/roadmap/board"
	"bordeaux-metropole.fr/portal/web/ui"
)

// communesView is the communes as a map and as a table.
type communesView struct {
	Sentence string
	Figures  []figure
	Map      ui.TileMapView
	Rows     []communeRow // in alphabetical order, « Le » and accents ignored
}

// figure is a number and what it counts.
type figure struct{ Label, Value string }

type communeRow struct {
	Name, Href, Abbr, INSEE, Population, Mayor string
	Kind                                       ui.Kind
	State                                      string
}

// tileStep is one depth of colour of the map.
type tileStep struct {
	state         governance.SeatState
	word, meaning string
}

// tileSteps lists the states by depth of colour, with the word on the tile and
// what the legend says of it.
var tileSteps = []tileStep{
	{governance.Vacant, "libre", "libre : siège à pourvoir"},
	{governance.CarriedOver, "échu", "échu : échéance dépassée, mandat prolongé"},
	{governance.EndsSoon, "fin", "fin : mandat qui finit dans les trois mois"},
	{governance.InOffice, "tenu", "tenu : maire en fonction"},
}

func newCommunesView(communes []governance.CommuneTile) communesView {
	v := communesView{Map: ui.TileMapView{Title: "Siège du maire, commune par commune"}}
	for _, s := range tileSteps {
		v.Map.Legend = append(v.Map.Legend, s.meaning)
	}
	vacant, turning := 0, 0
	for _, c := range sortedCommunes(communes) {
		step := max(0, slices.IndexFunc(tileSteps, func(s tileStep) bool { return s.state == c.State }))
		switch c.State {
		case governance.Vacant:
			vacant++
		case governance.EndsSoon, governance.CarriedOver:
			turning++
		}
		href := "/communes/" + c.INSEE
		v.Map.Tiles = append(v.Map.Tiles, ui.Tile{Name: c.Name, Abbr: c.Abbr, Row: c.Row, Col: c.Col,
			Href: href, Step: step, Value: tileSteps[step].word})
		v.Rows = append(v.Rows, communeRow{Name: c.Name, Href: href, Abbr: c.Abbr, INSEE: c.INSEE,
			Population: french.Number(c.Population), Mayor: c.Mayor, Kind: StateKind(c.State), State: c.State.Label()})
	}
	// The table is read by name, the map row by row.
	slices.SortStableFunc(v.Map.Tiles, func(a, b ui.Tile) int { return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Col, b.Col)) })
	v.Sentence = mayorsSentence(len(communes), vacant)
	held := len(communes) - vacant
	v.Figures = []figure{
		{french.Plural(held, "siège de maire pourvu", "sièges de maire pourvus"), french.Number(held)},
		{french.Plural(vacant, "siège à pourvoir", "sièges à pourvoir"), french.Number(vacant)},
		{french.Plural(turning, "mandat proche ou au-delà de son échéance", "mandats proches ou au-delà de leur échéance"), french.Number(turning)},
	}
	return v
}

func mayorsSentence(all, vacant int) string {
	switch {
	case all == 0:
		return "Aucune commune n’est enregistrée."
	case vacant == 0:
		return "Chaque commune siège par son maire. Les " + french.Count(all, "siège est pourvu", "sièges sont pourvus") + "."
	}
	return "Chaque commune siège par son maire. " + french.Capital(french.Count(all-vacant, "siège est pourvu", "sièges sont pourvus")) +
		", " + french.Number(vacant) + french.NBSP + french.Plural(vacant, "reste", "restent") + " à pourvoir."
}

// sortedCommunes returns the communes in the order a French reader looks them up:
// « Le » and accents ignored.
func sortedCommunes(communes []governance.CommuneTile) []governance.CommuneTile {
	out := slices.Clone(communes)
	slices.SortStableFunc(out, func(a, b governance.CommuneTile) int {
		return cmp.Compare(french.SortKey(a.Name), french.SortKey(b.Name))
	})
	return out
}

// communeView is the page of a commune.
type communeView struct {
	Lead      string
	Seat      string // « Maire de Bègles »
	Mayor     string // "" when vacant
	Kind      ui.Kind
	State     string
	StateNote string // « jusqu’au 1er février 2027 »
	Since     string
	How       string
	Alternate string
	Delegates string
	Facts     []ui.SummaryRow
	Mandates  []mandateRow // the present one first
	// Structures are the first of the commune; All leads to the whole list when there
	// are others.
	Structures []governance.CommuneStructure
	All, Count string
	Today      day.Day
	Name       string
	INSEE      string
	Actions    board.CommuneActions // of the roadmap
	Next, Past []governance.MeetingMark
}

type mandateRow struct {
	Function, From, Until, How string
	Current                    bool
}

func newCommuneView(c governance.CommunePage) communeView {
	v := communeView{
		Lead:      "Commune de " + french.Count(c.Population, "habitant", "habitants") + ", membre du Comité des communes et du Comité métropolitain territorial pour l’inclusion numérique.",
		Seat:      "Maire " + french.De(c.Name),
		Delegates: delegates(c.Delegates),
		Facts: []ui.SummaryRow{
			{Key: "Population municipale", Value: french.Count(c.Population, "habitant", "habitants")},
			{Key: "Code officiel géographique", Value: c.INSEE},
			{Key: "SIREN", Value: spacedSIREN(c.SIREN)},
		},
		Today: c.Today, Name: c.Name, INSEE: c.INSEE,
	}
	for _, m := range c.Meetings {
		if m.Planned() {
			v.Next = append(v.Next, m)
		} else {
			v.Past = append(v.Past, m)
		}
	}
	v.Structures = c.Structures
	if c.StructureCount > len(c.Structures) {
		v.All, v.Count = "/structures?commune="+c.INSEE, french.Count(c.StructureCount, "structure", "structures")
	}
	if l := c.Mayor; l != nil {
		v.Seat, v.Mayor, v.Kind, v.State = l.SeatLabel, l.Name(), StateKind(l.State), l.State.Label()
		v.StateNote, v.Since, v.How, v.Alternate = stateNote(*l), french.LongDate(l.Since), l.Designation, l.Alternate
		if l.Person != 0 {
			v.Mandates = append(v.Mandates, mandateRow{Function: l.SeatLabel, From: french.LongDate(l.Since), Until: "En cours", How: l.Designation, Current: true})
		}
	} else {
		v.Kind, v.State = ui.Neutral, "Siège fermé"
	}
	for _, m := range c.Past {
		function := v.Seat
		if m.Kind == governance.Alternate {
			function += ", suppléance"
		}
		v.Mandates = append(v.Mandates, mandateRow{Function: function, From: french.LongDate(m.From),
			Until: french.LongDate(m.Until.AddDays(-1)), How: m.Designation})
	}
	return v
}

// stateNote completes a state with the day it turns on.
func stateNote(l governance.Line) string {
	switch end := soonest(l); {
	case end.IsZero():
		return ""
	case l.State == governance.EndsSoon:
		return "échéance le " + french.LongDate(end)
	case l.State == governance.CarriedOver:
		return "échéance passée le " + french.LongDate(l.TermEndsOn)
	}
	return ""
}

// soonest returns the first of the end and of the term of a mandate.
func soonest(l governance.Line) day.Day {
	if l.EndsOn.IsZero() || !l.TermEndsOn.IsZero() && l.TermEndsOn.Before(l.EndsOn) {
		return l.TermEndsOn
	}
	return l.EndsOn
}

// delegates counts without naming: a delegate is not an elected person.
func delegates(n int) string {
	if n == 0 {
		return "Aucune personne n’est désignée pour répondre au nom de la commune."
	}
	return french.Count(n, "personne est désignée", "personnes sont désignées") + " pour répondre au nom de la commune."
}

func spacedSIREN(s string) string {
	if len(s) != 9 {
		return s
	}
	return s[:3] + french.Narrow + s[3:6] + french.Narrow + s[6:]
}

// allActions leads to the list of the actions of a commune.
func allActions(n int, name string) string {
	if n == 1 {
		return "Voir l’action qui concerne " + name + " dans la feuille de route"
	}
	return "Voir les " + french.Number(n) + french.NBSP + "actions qui concernent " + name
}
