package sheetfile

import (
	"slices"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// sheet reads the line of an action.
func (p *planner) sheet(l *line, a *NewAction) {
	a.Axis = p.axisOf(l)
	a.Title = l.text(cTitle, 200, "Le titre de l’action manque.")
	a.Objective = l.text(cText, 2000, "")
	a.PilotID, a.Pilot = l.organisation(cPilot, p.known), l.cells[cPilot]
	a.PilotPersonID, a.PilotPerson = l.person(cPerson, p.known), l.cells[cPerson]
	a.Body = choice(l, cBody, governance.BodyCodes)
	if l.cells[cBody] == "" {
		l.fail(cBody, "Dites quelle instance suit l’action : CMTIN, Partenaires institutionnels, GNI ou Comité des communes.")
	}
	a.ProposedBy = choice(l, cProposedBy, governance.BodyCodes)
	a.ProposerID = l.organisation(cProposer, p.known)
	a.Audience = l.text(cAudience, 500, "")
	a.FNE = l.text(cFNE, 300, "")
	a.StartsOn, a.EndsOn = l.day(cStart), l.day(cEnd)
	if !a.StartsOn.IsZero() && !a.EndsOn.IsZero() && a.EndsOn.Before(a.StartsOn) {
		l.fail(cEnd, "La fin doit suivre le début.")
	}
	a.Priority = choice(l, cPriority, roadmap.Priorities)
	a.Confidence = choice(l, cConfidence, roadmap.Confidences)
	p.standing(l, a)
	p.communes(l, a)
	p.partners(l, a)
}

func (p *planner) axisOf(l *line) string {
	title, ok := p.axes[fold(l.cells[cAxis])]
	switch {
	case l.cells[cAxis] == "":
		l.fail(cAxis, "L’axe de l’action manque.")
	case !ok:
		l.fail(cAxis, "Cet axe n’existe pas : écrivez le titre d’un axe, ou ajoutez une ligne « axe ».")
	}
	return title
}

// standing reads where the action stands, as the schema keeps it consistent.
func (p *planner) standing(l *line, a *NewAction) {
	a.Status = choice(l, cStatus, roadmap.Statuses)
	if a.Status == "" {
		a.Status = roadmap.Proposed
	}
	a.StatusReason = l.text(cReason, 1000, "")
	a.StatusSince = l.day(cSince)
	a.ValidatedOn, a.Validation = l.day(cValidatedOn), l.text(cValidation, 200, "")
	switch {
	case a.Status == roadmap.Proposed && l.cells[cValidatedOn] != "":
		l.fail(cValidatedOn, "Une action proposée n’est pas encore validée : effacez cette date, ou changez l’état.")
	case a.Status != roadmap.Proposed && a.Status != roadmap.Abandoned && l.cells[cValidatedOn] == "":
		l.fail(cValidatedOn, "Dites quand l’action a été validée, ou laissez l’état « Proposée ».")
	case a.Status.NeedsReason() && a.StatusReason == "":
		l.fail(cReason, "Dites pourquoi l’action est "+lowerLabel(a.Status)+".")
	}
	if l.cells[cPercent] == "" {
		return
	}
	n := l.whole(cPercent, 0, 100, "Écrivez un avancement de 0 à 100, par dizaine.")
	switch {
	case n%10 != 0:
		l.fail(cPercent, "Écrivez un avancement de 0 à 100, par dizaine.")
	case a.Status == roadmap.Done && n != 100:
		l.fail(cPercent, "Une action réalisée est à 100 %, ou n’a pas d’avancement.")
	default:
		a.Percent = &n
	}
}

func lowerLabel(s roadmap.Status) string {
	if s == roadmap.Suspended {
		return "suspendue"
	}
	return "abandonnée"
}

func (p *planner) communes(l *line, a *NewAction) {
	if w := fold(l.cells[cCommunes]); w == allCommunes || w == "tout" || w == "toutes les communes" {
		a.AllCommunes = true
		return
	}
	for _, name := range split(l.cells[cCommunes]) {
		if name == "" {
			continue
		}
		t, ok := p.known.towns[townKey(name)]
		if !ok {
			l.fail(cCommunes, "« "+clip(name, 60)+" » n’est pas une des 28 communes : écrivez leurs noms séparés par « ; », ou « toutes ».")
			continue
		}
		if !slices.ContainsFunc(a.Communes, func(c roadmap.Party) bool { return c.ID == t.ID }) {
			a.Communes = append(a.Communes, roadmap.Party{ID: t.ID, Name: t.Name, INSEE: t.INSEE})
		}
	}
}

func (p *planner) partners(l *line, a *NewAction) {
	parts := split(l.cells[cParts])
	list := split(l.cells[cPartners])
	if len(parts) > len(list) {
		l.fail(cParts, "Il y a plus de rôles que de partenaires : un rôle par partenaire, dans le même ordre, séparés par « ; ».")
	}
	for i, name := range list {
		id := roadmap.OrganisationID(l.one(cPartners, name, p.known.organisations))
		if id == 0 {
			continue
		}
		if slices.ContainsFunc(a.Partners, func(o roadmap.Party) bool { return o.ID == id }) {
			l.fail(cPartners, "« "+clip(name, 60)+" » est écrit deux fois.")
			continue
		}
		part := ""
		if i < len(parts) {
			part = parts[i]
		}
		if len([]rune(part)) > 200 {
			l.fail(cParts, "Un rôle est trop long : 200 caractères au plus.")
		}
		a.Partners = append(a.Partners, roadmap.Party{ID: id, Name: name, Part: part})
	}
}

// detail reads a line of an action.
func (p *planner) detail(l *line, a *NewAction) {
	switch l.typ {
	case StepLine:
		s := roadmap.Step{Title: l.text(cTitle, 200, "Le titre de l’étape manque."), Milestone: l.yes(cMilestone), DueOn: l.day(cDue), DoneOn: l.day(cDone)}
		if s.Milestone && l.cells[cDue] == "" {
			l.fail(cDue, "Un jalon a une échéance : écrivez-la comme 31/12/2026.")
		}
		a.Steps = append(a.Steps, s)
	case BudgetLine:
		p.budget(l, a)
	case IndicatorLine:
		l.indicator(a)
	case TargetLine:
		l.target(a)
	case ReadingLine:
		l.reading(a)
	case TotalLine:
		a.declared = append(a.declared, total{l, l.whole(cYear, 2020, 2100, "Écrivez une année, de 2020 à 2100, ou laissez la case vide.")})
	}
}

func (p *planner) budget(l *line, a *NewAction) {
	b := roadmap.Line{Year: l.year(), Nature: choice(l, cNature, roadmap.Natures), FunderID: l.organisation(cFunder, p.known),
		Planned: l.cents(cPlanned), Obtained: l.cents(cObtained), Spent: l.cents(cSpent), Note: l.text(cText, 300, "")}
	if b.FunderID == 0 {
		b.FunderName = l.text(cOtherFunder, 200, "")
	}
	switch {
	case l.cells[cNature] == "":
		l.fail(cNature, "Dites la nature de la dépense : Investissement ou Fonctionnement.")
	case l.cells[cFunder] != "" && l.cells[cOtherFunder] != "":
		l.fail(cOtherFunder, "Une ligne a un seul financeur : remplissez « Financeur » (une organisation du portail) ou « Autre financeur ».")
	case slices.ContainsFunc(a.Budget, func(o roadmap.Line) bool {
		return o.Year == b.Year && o.FunderID == b.FunderID && o.FunderName == b.FunderName && o.Nature == b.Nature
	}):
		l.fail(cFunder, "Une autre ligne dit déjà cette année, ce financeur et cette nature : réunissez-les.")
	}
	if b.Obtained > b.Planned {
		l.warn(cObtained, "Le montant obtenu dépasse le montant prévu.")
	}
	if b.Spent > b.Obtained {
		l.warn(cSpent, "Le montant dépensé dépasse le montant obtenu.")
	}
	a.Budget = append(a.Budget, b)
}

func (l *line) indicator(a *NewAction) {
	i := roadmap.Indicator{Name: l.text(cTitle, 200, "Le nom de l’indicateur manque."), Unit: l.text(cUnit, 60, ""), Method: l.text(cText, 1000, ""),
		Direction: choice(l, cDirection, roadmap.Directions), ByCommune: l.yes(cByCommune), Baseline: l.number(cValue, ""), BaselineOn: l.day(cDate)}
	if i.Direction == "" {
		i.Direction = roadmap.Up
	}
	switch {
	case l.cells[cValue] != "" && l.cells[cDate] == "":
		l.fail(cDate, "La valeur de départ a une date : écrivez-la comme 31/12/2026.")
	case l.cells[cValue] == "" && l.cells[cDate] != "":
		l.fail(cValue, "La date est celle de la valeur de départ : écrivez cette valeur, ou effacez la date.")
	}
	a.Indicators = append(a.Indicators, i)
}

// measured returns the indicator a target or a value is of: the last above that bears
// its name, or the last above when the line names none.
func (l *line) measured(a *NewAction) *roadmap.Indicator {
	name := fold(l.cells[cTitle])
	for i := len(a.Indicators) - 1; i >= 0; i-- {
		if name == "" || fold(a.Indicators[i].Name) == name {
			return &a.Indicators[i]
		}
	}
	l.fail(cTitle, "Aucune ligne « indicateur » au-dessus ne porte ce nom, dans cette action.")
	return nil
}

func (l *line) target(a *NewAction) {
	i, year, v := l.measured(a), l.year(), l.number(cValue, "La valeur à atteindre manque.")
	if i == nil || v == nil {
		return
	}
	if slices.ContainsFunc(i.Targets, func(t roadmap.Target) bool { return t.Year == year }) {
		l.fail(cYear, "Une autre ligne donne déjà la cible de cette année.")
	}
	i.Targets = append(i.Targets, roadmap.Target{Year: year, Value: *v})
}

func (l *line) reading(a *NewAction) {
	i, on, v := l.measured(a), l.day(cDate), l.number(cValue, "La valeur manque.")
	source := l.text(cSource, 500, "La source de la valeur manque : dites d’où elle vient.")
	if l.cells[cDate] == "" {
		l.fail(cDate, "La date de la valeur manque : écrivez-la comme 31/12/2026.")
	}
	if i == nil || v == nil {
		return
	}
	if slices.ContainsFunc(i.Readings, func(r roadmap.Reading) bool { return r.On == on }) {
		l.fail(cDate, "Une autre ligne donne déjà la valeur de ce jour.")
	}
	i.Readings = append(i.Readings, roadmap.Reading{On: on, Value: *v, Source: source})
}

// total is a line that says what a budget adds up to, for a year or for all.
type total struct {
	*line
	year int
}

// reckon tells the totals of the file that are not the sum of its lines.
func (a *NewAction) reckon() {
	for _, t := range a.declared {
		var lines []roadmap.Line
		for _, b := range a.Budget {
			if t.year == 0 || b.Year == t.year {
				lines = append(lines, b)
			}
		}
		sum := roadmap.Sum(lines)
		for _, x := range []struct {
			column int
			sum    roadmap.Cents
		}{{cPlanned, sum.Planned}, {cObtained, sum.Obtained}, {cSpent, sum.Spent}} {
			said, err := roadmap.ParseCents(t.figure(x.column))
			if t.cells[x.column] != "" && (err != nil || said != x.sum) {
				t.warn(x.column, "Ce total ne concorde pas : les lignes de budget de cette action font "+x.sum.String()+".")
			}
		}
	}
}
