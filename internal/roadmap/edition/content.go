package edition

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// Content is a programme as it was voted: what is public of it, and no name of a
// person. Its fields are only ever added to: editions frozen long ago are read by it.
type Content struct {
	Format       string          `json:"format"` // « programme-annuel/1 »
	Year         int             `json:"annee"`
	Title        string          `json:"titre"`
	Deliberation string          `json:"deliberation"`
	Decision     ContentDecision `json:"decision"`
	Previous     int             `json:"programme_precedent,omitzero"` // 0: this is the first
	Axes         []ContentAxis   `json:"axes"`
	Actions      []ContentAction `json:"actions"`                   // in the order of the axes, then of their numbers
	Stopped      []ContentEnd    `json:"non_reconduites"`           // unfinished, refused by the meeting
	Closed       []ContentEnd    `json:"terminees_depuis"`          // of the programme before, over since
	SetAside     int             `json:"propositions_non_retenues"` // proposals set aside or refused: they are not public
	Totals       []ContentYear   `json:"budget"`
}

// ContentDecision is the decision that adopted the programme.
type ContentDecision struct {
	Reference   string  `json:"reference"` // « CMTIN 2026-3 »
	Title       string  `json:"titre"`
	Body        string  `json:"instance"`
	Day         day.Day `json:"date"` // of the meeting
	Method      string  `json:"mode"`
	For         *int    `json:"pour,omitempty"`
	Against     *int    `json:"contre,omitempty"`
	Abstentions *int    `json:"abstentions,omitempty"`
}

// ContentAxis is an axis with its strategy.
type ContentAxis struct {
	Title    string `json:"titre"`
	Strategy string `json:"strategie,omitempty"`
}

// ContentYear is what a year costs, in cents of euro.
type ContentYear struct {
	Year     int           `json:"annee"`
	Planned  roadmap.Cents `json:"prevu_centimes"`
	Obtained roadmap.Cents `json:"obtenu_centimes"`
	Spent    roadmap.Cents `json:"depense_centimes"`
}

// ContentEnd is an action that left the programme, and why.
type ContentEnd struct {
	Number int            `json:"numero"`
	Title  string         `json:"titre"`
	Axis   string         `json:"axe"`
	Status roadmap.Status `json:"etat"`
	Reason string         `json:"motif,omitempty"`
}

// ContentParty is a partner and its part.
type ContentParty struct {
	Name string `json:"nom"`
	Part string `json:"role,omitempty"`
}

// ContentStep is a step or a milestone.
type ContentStep struct {
	Title     string  `json:"titre"`
	Milestone bool    `json:"jalon"`
	Due       day.Day `json:"echeance,omitzero"`
	Done      day.Day `json:"fait_le,omitzero"`
}

// ContentTarget is what an indicator should reach in a year.
type ContentTarget struct {
	Year  int    `json:"annee"`
	Value string `json:"valeur"`
}

// ContentIndicator is what an action measures.
type ContentIndicator struct {
	Name       string          `json:"nom"`
	Unit       string          `json:"unite,omitempty"`
	Baseline   string          `json:"depart,omitempty"`
	BaselineOn day.Day         `json:"depart_le,omitzero"`
	Targets    []ContentTarget `json:"cibles"`
	Last       string          `json:"derniere_valeur,omitempty"`
	LastOn     day.Day         `json:"derniere_valeur_le,omitzero"`
	Source     string          `json:"source,omitempty"`
}

// ContentAction is an adopted action.
type ContentAction struct {
	Number      int                 `json:"numero"`
	Axis        string              `json:"axe"`
	Title       string              `json:"titre"`
	Objective   string              `json:"objectif"`
	Origin      Origin              `json:"origine"`
	Reason      string              `json:"motif_reconduction,omitempty"`
	Pilot       string              `json:"pilote,omitempty"`
	Body        governance.BodyCode `json:"instance"`
	ProposedBy  governance.BodyCode `json:"proposee_par,omitempty"`
	Audience    string              `json:"public,omitempty"`
	Starts      day.Day             `json:"debut,omitzero"`
	Ends        day.Day             `json:"fin,omitzero"`
	Priority    roadmap.Priority    `json:"priorite"`
	FNE         string              `json:"objectif_fne,omitempty"`
	Status      roadmap.Status      `json:"etat"`
	Confidence  roadmap.Confidence  `json:"confiance,omitempty"`
	Percent     *int                `json:"avancement,omitempty"`
	AllCommunes bool                `json:"toutes_les_communes"`
	Communes    []string            `json:"communes"` // empty when it concerns all of them
	Partners    []ContentParty      `json:"partenaires"`
	Steps       []ContentStep       `json:"etapes"`
	Indicators  []ContentIndicator  `json:"indicateurs"`
	Budget      []ContentYear       `json:"budget"`
}

// Planned is what the action costs in all, as planned.
func (a ContentAction) Planned() (sum roadmap.Cents) {
	for _, y := range a.Budget {
		sum += y.Planned
	}
	return sum
}

// bytes is the canonical form: UTF-8, keys in the order of the types above, no space.
func (c Content) bytes() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(c)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// content writes what was voted; what left the programme before is added by compose.
func (b Ballot) content(v Vote, d minutes.RecordedDecision, whole []roadmap.Whole, axes []roadmap.Axis) Content {
	c := Content{Format: "programme-annuel/1", Year: b.Year, Title: title(b.Year), Deliberation: "2024-677",
		Decision: ContentDecision{Reference: d.Reference, Title: title(b.Year), Body: governance.CMTIN.Label(), Method: v.Method.Label(),
			For: v.For, Against: v.Against, Abstentions: v.Abstentions},
		Axes: []ContentAxis{}, Actions: []ContentAction{}, Stopped: []ContentEnd{}, Closed: []ContentEnd{}}
	for _, a := range axes {
		c.Axes = append(c.Axes, ContentAxis{a.Title, a.Strategy})
	}
	sheets := make(map[roadmap.ID]roadmap.Whole, len(whole))
	for _, w := range whole {
		sheets[w.ID] = w
	}
	var lines []roadmap.Line
	for _, l := range b.Lines {
		switch choice := v.Choices[l.ID]; {
		case choice.Adopted:
			w := sheets[l.ID]
			c.Actions = append(c.Actions, contentAction(l, w))
			lines = append(lines, w.Budget...)
		case l.Carried():
			c.Stopped = append(c.Stopped, ContentEnd{l.Number, l.Title, l.Axis, choice.Fate, choice.Reason})
		default:
			c.SetAside++
		}
	}
	c.Totals = byYear(lines)
	return c
}

func contentAction(l Line, w roadmap.Whole) ContentAction {
	a := ContentAction{Number: w.Number, Axis: w.Axis, Title: w.Title, Objective: w.Objective, Origin: l.Origin, Pilot: w.Pilot, Body: w.Body,
		ProposedBy: w.ProposedBy, Audience: w.Audience, Starts: w.StartsOn, Ends: w.EndsOn, Priority: w.Priority, FNE: w.FNE, Status: w.Status,
		Confidence: w.Confidence, Percent: w.Percent, AllCommunes: w.AllCommunes, Communes: []string{}, Partners: []ContentParty{},
		Steps: []ContentStep{}, Indicators: []ContentIndicator{}, Budget: byYear(w.Budget)}
	if l.Origin == CarriedOver {
		a.Reason = l.Reason
	}
	for _, p := range w.Communes {
		if !w.AllCommunes {
			a.Communes = append(a.Communes, p.Name)
		}
	}
	for _, p := range w.Partners {
		a.Partners = append(a.Partners, ContentParty{p.Name, p.Part})
	}
	for _, s := range w.Steps {
		a.Steps = append(a.Steps, ContentStep{s.Title, s.Milestone, s.DueOn, s.DoneOn})
	}
	for _, i := range w.Indicators {
		a.Indicators = append(a.Indicators, contentIndicator(i))
	}
	return a
}

func contentIndicator(i roadmap.Indicator) ContentIndicator {
	c := ContentIndicator{Name: i.Name, Unit: i.Unit, BaselineOn: i.BaselineOn, Targets: []ContentTarget{}}
	if i.Baseline != nil {
		c.Baseline = i.Baseline.String()
	}
	for _, t := range i.Targets {
		c.Targets = append(c.Targets, ContentTarget{t.Year, t.Value.String()})
	}
	if n := len(i.Readings); n > 0 {
		last := i.Readings[n-1]
		c.Last, c.LastOn, c.Source = last.Value.String(), last.On, last.Source
	}
	return c
}

// byYear adds budget lines up by year: who funds what is not public.
func byYear(lines []roadmap.Line) []ContentYear {
	sums := map[int]ContentYear{}
	for _, l := range lines {
		y := sums[l.Year]
		sums[l.Year] = ContentYear{l.Year, y.Planned + l.Planned, y.Obtained + l.Obtained, y.Spent + l.Spent}
	}
	out := make([]ContentYear, 0, len(sums))
	for _, y := range sums {
		out = append(out, y)
	}
	slices.SortFunc(out, func(a, b ContentYear) int { return a.Year - b.Year })
	return out
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hexOf(sum[:])
}

// endRow is an action over, as it is read.
type endRow struct {
	Number int            `db:"number"`
	Title  string         `db:"title"`
	Axis   string         `db:"axis"`
	Status roadmap.Status `db:"status"`
	Reason string         `db:"reason"`
}

func (r endRow) end() ContentEnd { return ContentEnd(r) }

func dayWords(d day.Day) string {
	if d.IsZero() {
		return ""
	}
	return french.Date(d)
}
