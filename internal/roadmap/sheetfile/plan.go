package sheetfile

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/spreadsheet"
)

// Plan is what an import would do.
type Plan struct {
	Axes     []NewAxis
	Actions  []*NewAction // those of the file that are not in the roadmap yet
	Known    []Known      // already there: left alone
	Errors   []Issue
	Warnings []Issue
	Examples int    // lines of example, not read
	Stamp    string // changes with what the import would do
}

// NewAxis is an axis the import would add.
type NewAxis struct {
	Line int
	roadmap.Axis
	Bad bool
}

// NewAction is an action the import would add with its lines; Bad when one of them is
// wrong. Its axis is the one named, which may be new too.
type NewAction struct {
	Line int
	Bad  bool
	roadmap.Whole
	declared []total
}

// Known is a line about what the roadmap holds already.
type Known struct {
	Line   int
	Number int // of the action; 0 for an axis
	Title  string
}

// Good counts the actions that an import would write.
func (p Plan) Good() int {
	n := 0
	for _, a := range p.Actions {
		if !a.Bad {
			n++
		}
	}
	return n
}

// Empty tells whether there is nothing to write.
func (p Plan) Empty() bool { return p.Good() == 0 && len(p.goodAxes()) == 0 }

func (p Plan) goodAxes() []roadmap.Axis {
	var out []roadmap.Axis
	for _, a := range p.Axes {
		if !a.Bad {
			out = append(out, a.Axis)
		}
	}
	return out
}

// header finds the columns of the table by their headings. Without the first column
// nothing can be read.
func header(t spreadsheet.Table) (place [columnCount]int, unread []string, err error) {
	at := map[string]int{}
	for i, c := range Columns {
		place[i] = -1
		at[fold(c.Heading)] = i
	}
	for n, h := range t.Header {
		i, ok := at[fold(h)]
		switch {
		case ok && place[i] < 0:
			place[i] = n
		case h != "":
			unread = append(unread, h)
		}
	}
	if place[cType] < 0 {
		return place, unread, problem.OnField(spreadsheet.Field, "Ce tableau n’a pas de colonne « Type de ligne » : partez du modèle, ou d’un export de la feuille de route.")
	}
	return place, unread, nil
}

// lines reads the rows of a table in their columns; blank rows and examples are left.
func lines(t spreadsheet.Table, dotted bool, p *Plan) ([]*line, error) {
	place, unread, err := header(t)
	if err != nil {
		return nil, err
	}
	for _, h := range unread {
		p.Warnings = append(p.Warnings, Issue{t.FirstLine - 1, clip(h, 80), "", "Cette colonne n’est pas du modèle : elle n’est pas lue."})
	}
	var out []*line
	for r := range t.Rows {
		if t.Blank(r) {
			continue
		}
		l := &line{Number: t.Line(r), plan: p, dotted: dotted}
		for i, n := range place {
			l.cells[i] = unguard(t.Cell(r, n))
		}
		word := fold(l.cells[cType])
		if strings.HasPrefix(word, "exemple") {
			p.Examples++
			continue
		}
		for _, typ := range Types {
			if fold(string(typ)) == word {
				l.typ = typ
			}
		}
		out = append(out, l)
	}
	return out, nil
}

// named gathers the names of organisations and people that lines give.
func named(all []*line) (organisations, people []string) {
	add := func(to *[]string, name string) {
		if name, _ = bare(name); name != "" {
			*to = append(*to, name)
		}
	}
	for _, l := range all {
		add(&organisations, l.cells[cPilot])
		add(&organisations, l.cells[cProposer])
		add(&organisations, l.cells[cFunder])
		for _, s := range split(l.cells[cPartners]) {
			add(&organisations, s)
		}
		add(&people, l.cells[cPerson])
	}
	return organisations, people
}

// planner puts the lines of a file together.
type planner struct {
	*Plan
	known    known
	axes     map[string]string // folded title → title, of the portal and of the file
	byNumber map[int]*NewAction
	left     map[int]bool // numbers of the file that the roadmap holds already
	owner    map[*line]*NewAction
	dropped  map[*line]bool // its action is already there
}

// makePlan works out what an import would do. Axes and actions are read first, so that
// lines may come in any order.
func makePlan(plan *Plan, all []*line, k known) {
	p := &planner{Plan: plan, known: k, axes: map[string]string{}, byNumber: map[int]*NewAction{}, left: map[int]bool{},
		owner: map[*line]*NewAction{}, dropped: map[*line]bool{}}
	for _, a := range k.axes {
		p.axes[fold(a.Title)] = a.Title
	}
	for _, l := range all {
		l.strangers()
		if l.typ == AxisLine {
			p.axis(l)
		}
	}
	p.heads(all)
	for _, l := range all {
		if a := p.attach(l); a != nil {
			p.detail(l, a)
			a.Bad = a.Bad || l.bad
		}
	}
	for _, a := range p.Actions {
		a.reckon()
	}
	p.stamp()
}

// strangers tells the cells that the type of line has no use for.
func (l *line) strangers() {
	used, ok := uses[l.typ]
	if !ok {
		words := make([]string, len(Types))
		for i, t := range Types {
			words[i] = string(t)
		}
		l.fail(cType, "Dites ce qu’est cette ligne : "+french.Either(words)+".")
		return
	}
	var mine [columnCount]bool
	for _, c := range used {
		mine[c] = true
	}
	for c, s := range l.cells {
		if s != "" && !mine[c] {
			l.warn(c, "Une ligne « "+string(l.typ)+" » n’a pas cette colonne : la case n’est pas lue.")
		}
	}
}

// mostAxes is how many axes a roadmap has: each has its colour and its pattern.
const mostAxes = 8

func (p *planner) axis(l *line) {
	a := roadmap.Axis{Title: l.text(cAxis, 200, "Le titre de l’axe manque."), Strategy: l.text(cText, 4000, "")}
	key := fold(a.Title)
	switch title, ok := p.axes[key]; {
	case l.bad:
	case ok:
		p.Known = append(p.Known, Known{Line: l.Number, Title: title})
		return
	case len(p.axes) == mostAxes:
		l.fail(cAxis, "La feuille de route a huit axes au plus : rattachez les actions à un axe qui existe.")
	default:
		p.axes[key] = a.Title
	}
	p.Axes = append(p.Axes, NewAxis{l.Number, a, l.bad})
}

// heads reads the lines of actions, and gives each other line its action.
func (p *planner) heads(all []*line) {
	var last *NewAction
	gone := false // the action above is already in the roadmap
	for _, l := range all {
		switch l.typ {
		case ActionLine:
			last = p.action(l)
			gone = last == nil
		case "", AxisLine:
		default:
			if l.cells[cNumber] == "" {
				p.owner[l], p.dropped[l] = last, gone
			}
		}
	}
}

// action reads the line of an action; nil when the roadmap holds it already.
func (p *planner) action(l *line) *NewAction {
	n := l.whole(cNumber, 1, 1_000_000, "Écrivez le numéro de l’action, un nombre entier, ou laissez la case vide.")
	if there, ok := p.known.numbers[n]; ok && !l.bad {
		p.Known, p.left[n] = append(p.Known, Known{l.Number, n, there.Title}), true
		return nil
	}
	if there, ok := p.known.titles[titleKey(l.cells[cAxis], l.cells[cTitle])]; ok && n == 0 && !l.bad {
		p.Known = append(p.Known, Known{l.Number, there.Number, there.Title})
		return nil
	}
	a := &NewAction{Line: l.Number}
	a.Number = n
	if n > 0 {
		if first := p.byNumber[n]; first != nil {
			l.fail(cNumber, "La ligne "+strconv.Itoa(first.Line)+" porte déjà ce numéro : donnez-en un autre, ou laissez la case vide.")
		} else {
			p.byNumber[n] = a
		}
	}
	p.sheet(l, a)
	a.Bad = l.bad
	p.Actions = append(p.Actions, a)
	return a
}

// attach returns the action a line is of, nil when the line is not to be read.
func (p *planner) attach(l *line) *NewAction {
	switch l.typ {
	case "", AxisLine, ActionLine:
		return nil
	}
	if l.cells[cNumber] == "" {
		if p.owner[l] == nil && !p.dropped[l] {
			l.fail(cNumber, "Aucune ligne « action » au-dessus : donnez le numéro de l’action.")
		}
		return p.owner[l]
	}
	n := l.whole(cNumber, 1, 1_000_000, "Écrivez le numéro de l’action, un nombre entier.")
	a := p.byNumber[n]
	if _, there := p.known.numbers[n]; n > 0 && a == nil && !p.left[n] {
		if there {
			l.warn(cNumber, "Cette action est déjà dans la feuille de route : la ligne n’est pas lue. Modifiez-la sur sa fiche.")
		} else {
			l.fail(cNumber, "Aucune ligne « action » de ce fichier ne porte ce numéro.")
		}
	}
	return a
}

// stamp sums up what the import would do, so that nothing else is done.
func (p *planner) stamp() {
	h := sha256.New()
	e := json.NewEncoder(h)
	for _, a := range p.Actions {
		_ = e.Encode(a.Whole) // values only: it cannot fail
		_ = e.Encode(a.Bad)
	}
	_ = e.Encode(p.Axes)
	_ = e.Encode(p.Known)
	p.Stamp = hex.EncodeToString(h.Sum(nil))
}
