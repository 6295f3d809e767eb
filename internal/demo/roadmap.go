package demo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/indicator"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
)

// sides are the organisations of the roadmap by their name or, for a commune, its slug.
type sides map[string]roadmap.OrganisationID

// roadmap writes the five axes and the actions with all their lines.
func (w *world) roadmap() error {
	type org struct {
		ID   roadmap.OrganisationID `db:"id"`
		Name string                 `db:"name"`
	}
	orgs, err := postgres.List[org](w.ctx, w.DB, `
		SELECT o.id, coalesce(k.slug, CASE o.kind WHEN 'metropole' THEN '' ELSE o.name END) AS name
		FROM organisation o LEFT JOIN commune k ON k.organisation_id = o.id WHERE o.kind IN ('metropole', 'commune', 'partner')`)
	if err != nil {
		return err
	}
	of := sides{}
	for _, o := range orgs {
		of[o.Name] = o.ID
	}
	return postgres.InTx(w.ctx, w.DB, func(tx pgx.Tx) error {
		ids, err := roadmap.InsertAxes(w.ctx, tx, axes)
		if err != nil {
			return err
		}
		all := make([]roadmap.Whole, len(outlines))
		for i, o := range outlines {
			if all[i], err = w.action(o, ids, of); err != nil {
				return fmt.Errorf("action %q: %w", o.title, err)
			}
		}
		w.actions, err = roadmap.Insert(w.ctx, tx, actor, all)
		return err
	})
}

// month is the first day of the nth month from January of the current year.
func (w *world) month(n int) day.Day { return day.Of(w.today.Year(), time.Month(1+n), 1) }

func (w *world) action(o outline, axes []roadmap.AxisID, of sides) (roadmap.Whole, error) {
	pilot, ok := of[o.pilot]
	if !ok {
		return roadmap.Whole{}, fmt.Errorf("no organisation %q", o.pilot)
	}
	a := roadmap.Whole{Action: roadmap.Action{AxisID: axes[o.axis-1], Title: o.title, Objective: o.objective, PilotID: pilot,
		Body: governance.BodyCode(o.body), ProposedBy: governance.BodyCode(o.by), Audience: o.audience, StartsOn: w.month(o.from), EndsOn: w.month(o.to + 1).AddDays(-1),
		Status: o.status, StatusReason: o.reason, Confidence: o.confidence, AllCommunes: o.where == "*"}}
	if o.percent >= 0 {
		a.Percent = &o.percent
	}
	a.ValidatedOn, a.Validation = founded, "Délibération n° 2024-677, article 2"
	if o.from >= -3 {
		a.ValidatedOn, a.Validation = day.Of(w.today.Year()-1, 12, 10), "Programme d’actions adopté par le CMTIN"
	}
	switch o.status {
	case roadmap.InProgress:
		a.StatusSince = a.StartsOn
	case roadmap.Done:
		a.StatusSince = a.EndsOn
	default:
		a.StatusSince = w.today.AddDays(-70)
	}
	if a.StatusSince.After(w.today) {
		a.StatusSince = w.today
	}
	if o.axis%2 == 1 || o.confidence == roadmap.NeedsSupport {
		a.Priority = roadmap.High
	}
	for _, slug := range strings.Fields(o.where) {
		if slug != "*" {
			a.Communes = append(a.Communes, roadmap.Party{ID: of[slug]})
		}
	}
	for _, n := range o.with {
		a.Partners = append(a.Partners, roadmap.Party{ID: of[partners[n-1].name]})
	}
	a.Steps, a.Budget = w.stepsOf(o), w.budgetOf(o, of)
	var err error
	a.Indicators, err = w.indicatorsOf(o)
	return a, err
}

// stepsOf reads « !title>month; »: « ! » is done, a month makes a milestone.
func (w *world) stepsOf(o outline) []roadmap.Step {
	var steps []roadmap.Step
	for s := range strings.SplitSeq(o.steps, ";") {
		title, month, dated := strings.Cut(strings.TrimSpace(s), ">")
		title, done := strings.CutPrefix(title, "!")
		step := roadmap.Step{Title: title, Milestone: dated}
		if n, err := strconv.Atoi(month); err == nil {
			step.DueOn = w.month(n + 1).AddDays(-1)
		}
		if done {
			step.DoneOn = step.DueOn.AddDays(-8)
			if step.DoneOn.After(w.today) {
				step.DoneOn = w.today.AddDays(-3)
			}
		}
		steps = append(steps, step)
	}
	return steps
}

// budgetOf spreads what is planned over the years the action lasts, from the last to
// the next but one; what is far is not obtained yet, and has not always a funder.
func (w *world) budgetOf(o outline, of sides) []roadmap.Line {
	var lines []roadmap.Line
	year := w.today.Year()
	first, last := w.month(o.from).Year(), w.month(o.to).Year()
	for y := max(first, year-1); y <= min(last, year+2); y++ {
		for i, euros := range o.euros {
			if euros == 0 {
				continue
			}
			l := roadmap.Line{Year: y, FunderID: of[""], Nature: roadmap.Running, Planned: roadmap.Cents(euros) * 100}
			if i > 0 {
				l.FunderID = of[partners[o.with[i-1]-1].name]
			}
			if o.axis == 3 && i == 0 {
				l.Nature = roadmap.Investment
			}
			switch {
			case y < year:
				l.Obtained, l.Spent = l.Planned, l.Planned/10*9+l.Planned/33
			case y == year:
				l.Obtained = l.Planned / 10 * roadmap.Cents(10-3*min(i, 1))
				l.Spent = l.Obtained / 100 * roadmap.Cents(max(o.percent, 0))
			case i > 0 && y > year+1:
				l.FunderID, l.Note = 0, "Financeur à trouver au-delà de la convention en cours"
			}
			lines = append(lines, l)
		}
	}
	return merged(lines)
}

// merged keeps one line for a year, a funder and a nature.
func merged(lines []roadmap.Line) []roadmap.Line {
	var out []roadmap.Line
	for _, l := range lines {
		i := slices.IndexFunc(out, func(o roadmap.Line) bool { return o.Year == l.Year && o.FunderID == l.FunderID && o.Nature == l.Nature })
		if i < 0 {
			out = append(out, l)
			continue
		}
		out[i].Planned, out[i].Obtained, out[i].Spent = out[i].Planned+l.Planned, out[i].Obtained+l.Obtained, out[i].Spent+l.Spent
	}
	return out
}

// indicatorsOf reads « name|unit|baseline|target|target of the next year|reading ».
func (w *world) indicatorsOf(o outline) ([]roadmap.Indicator, error) {
	if o.indicator == "" {
		return nil, nil
	}
	f := strings.Split(o.indicator, "|")
	if len(f) != 6 {
		return nil, fmt.Errorf("indicator %q", o.indicator)
	}
	number := func(s string) roadmap.Number { n, _ := strconv.Atoi(s); return indicator.Whole(n) }
	base, year := number(f[2]), w.today.Year()
	i := roadmap.Indicator{Name: f[0], Unit: f[1], Direction: roadmap.Up, Baseline: &base, BaselineOn: day.Of(year-1, 12, 31),
		Method:    "Compté par les personnes qui mènent l’action, à la fin de chaque trimestre. Chiffre de démonstration.",
		ByCommune: o.body == "communes" && o.where != "",
		Targets:   []roadmap.Target{{Year: year, Value: number(f[3])}}}
	if f[4] != "" {
		i.Targets = append(i.Targets, roadmap.Target{Year: year + 1, Value: number(f[4])})
	}
	last := number(f[5])
	for q := 1; q <= 3; q++ {
		on := day.Of(year, time.Month(3*q+1), 1).AddDays(-1)
		if on.After(w.today) {
			break
		}
		value := base + (last-base)*roadmap.Number(q)/3
		i.Readings = append(i.Readings, roadmap.Reading{On: on, Value: value - value%10_000, Source: "Suivi de l’action, données de démonstration"})
	}
	return []roadmap.Indicator{i}, nil
}

// linkDecisions ties to the decisions of the meetings the actions they ask for.
func (w *world) linkDecisions(tx pgx.Tx) error {
	of := map[string]string{
		"Accueil itinérant dans les communes sans agent dédié": "Programme d’actions", "Essai de présence sur deux marchés": "Présence sur les marchés",
		"Filière locale de matériel reconditionné": "Deux projets communs", "Modèle de mandat des aidants": "Modèle de mandat des aidants",
		"Premier examen d’accessibilité des sites communaux": "Appui à l’accessibilité", "Calendrier commun des appels à projets": "Calendrier partagé",
		"Un référent numérique par commune": "Désignation d’un référent communal"}
	var ids []roadmap.ID
	var titles []string
	for i, o := range outlines {
		if title, ok := of[o.title]; ok {
			ids, titles = append(ids, w.actions[i]), append(titles, title)
		}
	}
	_, err := postgres.Exec(w.ctx, tx, `
		INSERT INTO action_decision (action_id, decision_id)
		SELECT DISTINCT ON (l.action) l.action, d.id
		FROM unnest($1::bigint[], $2::text[]) AS l(action, title) JOIN decision d ON d.title = l.title AND d.superseded_by IS NULL
		ORDER BY l.action, d.id`, ids, titles)
	return postgres.Wrap(err, "link decisions")
}

// words of the reports: what a commune did, what stops it, what it does next.
var (
	didWords   = []string{"Deux permanences de plus, le mardi et le samedi matin.", "Les agents d’accueil ont été formés en juin.", "Le matériel est livré et installé dans le hall.", "Quarante personnes accueillies depuis l’été.", "Convention signée avec la médiathèque.", "Une page du bulletin municipal présente l’action."}
	stopWords  = []string{"Le poste d’agent est vacant depuis septembre.", "La salle n’est plus disponible le mercredi.", "Peu d’habitants connaissent l’action."}
	pilotWords = []string{"Le comité de suivi a fait le point avec les partenaires.", "Les conventions de l’année sont signées.", "Le bilan de l’été est partagé avec les communes."}
	nextWords  = []string{"Ouvrir un second lieu au printemps.", "Faire connaître l’action auprès des associations.", "Former deux agents de plus."}
	needWords  = []struct {
		kind progress.NeedKind
		text string
	}{{progress.People, "Partager un agent avec une commune voisine."}, {progress.Premises, "Une salle au rez-de-chaussée, le mercredi."}, {progress.Communication, "Une affiche commune à toutes les communes."}}
)

// reports are what communes said of the actions in progress, one to two a commune; a few
// never said anything.
func (w *world) reports(tx pgx.Tx, campaign progress.CampaignID) error {
	whole, err := roadmap.ReadWhole(w.ctx, tx, w.actions)
	if err != nil {
		return err
	}
	for n, a := range whole {
		if a.Status != roadmap.InProgress || a.Percent == nil {
			continue
		}
		if n%3 != 0 && a.PilotID != 0 {
			r := progress.Report{Action: a.ID, Organisation: a.PilotID, Situation: progress.InProgress, Percent: a.Percent, Done: pilotWords[n%len(pilotWords)],
				At: w.today.AddDays(-15-n%50).At(14, 5*(n%12))}
			if _, err := progress.Insert(w.ctx, tx, actor, r); err != nil {
				return fmt.Errorf("pilot of %q: %w", a.Title, err)
			}
		}
		for c, commune := range a.Communes {
			if commune.ID == a.PilotID {
				continue
			}
			if (n*7+c*5)%11 < 7 && a.AllCommunes { // a third of the communes or so
				continue
			}
			if err := w.report(tx, a, commune, n+c, campaign); err != nil {
				return fmt.Errorf("report on %q: %w", a.Title, err)
			}
		}
	}
	return nil
}

func (w *world) report(tx pgx.Tx, a roadmap.Whole, commune roadmap.Party, n int, campaign progress.CampaignID) error {
	percent := min(max(*a.Percent+10*(n%5-2), 0), 100)
	r := progress.Report{Action: a.ID, Organisation: commune.ID, Campaign: campaign, Situation: progress.InProgress, Percent: &percent, Done: didWords[n%len(didWords)],
		GoodPractice: n%9 == 0, At: w.today.AddDays(-190+n%40).At(9+n%8, 10*(n%6))}
	switch {
	case percent == 0:
		r.Situation, r.Done = progress.ToCome, ""
	case percent == 100:
		r.Situation = progress.Done
	case n%4 == 1:
		r.Situation, r.Difficulty = progress.Late, stopWords[n%len(stopWords)]
		need := needWords[n%len(needWords)]
		r.NeedKind, r.Need = need.kind, need.text
	case n%3 == 0:
		r.NextStep = nextWords[n%len(nextWords)]
	}
	if err := r.Check(nil); err != nil {
		return err
	}
	_, err := progress.Insert(w.ctx, tx, actor, r)
	return err
}
