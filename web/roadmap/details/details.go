// Package details is the pages of what hangs on a sheet: steps, indicators, documents, decisions and meetings.
package details

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/indicator"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	rmweb "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for them.
type Pages struct {
	Kit     *page.Kit
	Roadmap *roadmap.Service
}

// Parts of the address, below that of the action.
const (
	partSteps      = "etapes"
	partIndicators = "indicateurs"
	partDocuments  = "documents"
	partLinks      = "liens"
)

// partPath is a page of what hangs on an action.
func partPath(id roadmap.ID, part string) string { return rmweb.TeamPath(id) + "/" + part }

// linePath is a page about one line of a part.
func linePath[T ~int64](id roadmap.ID, part string, line T, act string) string {
	return partPath(id, part) + "/" + page.IDText(line) + "/" + act
}

// view is what the pages about an action's lines show.
type view struct {
	roadmap.Desk
	Key      string
	Versions []ui.Version // both of them, when somebody else changed the line meanwhile
}

// desk loads the action of the address, for the team.
func (p *Pages) desk(r *http.Request) (view, error) {
	id, err := page.PathID[roadmap.ID](r, "id")
	if err != nil {
		return view{}, err
	}
	d, err := p.Roadmap.Desk(r.Context(), page.Actor(r), id)
	return view{Desk: d, Key: page.NewKey()}, err
}

// chrome describes a page below that of the action.
func (v view) chrome(title string, under ...ui.Crumb) ui.Chrome {
	return chromeOf(v.Action, title, under...)
}

func chromeOf(a roadmap.Action, title string, under ...ui.Crumb) ui.Chrome {
	return ui.Chrome{Title: title, Section: "Feuille de route", Crumbs: rmweb.TeamCrumbs(append([]ui.Crumb{{Label: french.Typo(a.Title), Href: rmweb.TeamPath(a.ID)}}, under...)...)}
}

// tabs lead to the other parts.
func (v view) tabs(current string) []ui.Tab {
	out := make([]ui.Tab, 0, 5)
	for _, t := range []struct {
		part, label string
		n           int
	}{{partSteps, "Étapes", len(v.Steps)}, {partIndicators, "Indicateurs", len(v.Indicators)}, {partDocuments, "Documents", len(v.Documents)},
		{partLinks, "Décisions et réunions", len(v.Decisions) + len(v.Meetings)}, {"budget", "Budget", len(v.Budget)}} {
		out = append(out, ui.Tab{Label: t.label, Href: partPath(v.ID, t.part), Current: t.part == current, Count: french.Number(t.n)})
	}
	return out
}

// version is the one the form bears.
func (v view) version(f *form.Form, now int) string { return page.SeenVersion(f, now, v.Versions) }

func readVersion(f *form.Form) int {
	return f.Int("version", "Rechargez la page, puis recommencez.", 1, 1<<30)
}

// act does what a form asks and leads to a page with a message; a refusal comes back
// through again, with the form.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, f *form.Form, to, message string, do func() error, again func(refusal error) error) error {
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = do(); refusal == nil {
			return p.Kit.Done(w, r, to, french.Typo(message))
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return again(refusal)
}

func conflict(refusal error) bool { return problem.KindOf(refusal) == problem.Conflict }

// moved reads which way a line goes.
func moved(r *http.Request) (up bool, err error) {
	f, err := form.Read(r)
	if err != nil {
		return false, err
	}
	way := f.Choice("sens", "Choisissez monter ou descendre.", "haut", "bas")
	if err := f.Unknown(); err != nil {
		return false, err
	}
	if !f.OK() {
		return false, problem.New(problem.BadRequest, "Cet ordre n’a pas pu être lu.")
	}
	return way == "haut", nil
}

// readNumber reads a number as French people type it; nil when there is none.
func readNumber(f *form.Form, name, missing string) *roadmap.Number {
	s := f.Line(name, missing, 40)
	if s == "" || f.Error(name) != "" {
		return nil
	}
	n, err := indicator.ParseNumber(s)
	if err != nil {
		f.Fail(name, "Saisissez un nombre, par exemple "+indicator.Number(120_005_000).String()+
			". Écrivez les milliers avec un espace ou sans rien, et les décimales après une virgule, quatre au plus.")
		return nil
	}
	return &n
}

func numberText(n *roadmap.Number) string {
	if n == nil {
		return ""
	}
	return n.String()
}

func yesNo(b bool) string {
	if b {
		return "Oui"
	}
	return "Non"
}
