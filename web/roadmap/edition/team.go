package edition

import (
	"context"
	"net/http"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/edition"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// TeamList shows /equipe/programmes.
func (p *Pages) TeamList(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Editions.List(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, teamListPage(p.Kit.Chrome(r, teamChrome("Préparer les programmes annuels")), all))
}

// ShowNew shows /equipe/programmes/nouveau.
func (p *Pages) ShowNew(w http.ResponseWriter, r *http.Request) error {
	return p.showNew(w, r, form.New(), nil)
}

func (p *Pages) showNew(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, teamChrome("Ouvrir un programme annuel", crumbTeam), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), newPage(c, page.NewKey(), f))
}

// Start answers POST /equipe/programmes/nouveau.
func (p *Pages) Start(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	year := f.Int("annee", "Saisissez l’année du programme.", 2025, 2100)
	last := f.Date("fin", "Saisissez le dernier jour pour proposer.")
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Editions.Start(r.Context(), page.Actor(r), year, last); refusal == nil {
			return p.Kit.Done(w, r, teamPath(year), "Le programme "+strconv.Itoa(year)+" est ouvert aux propositions.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showNew(w, r, f, refusal)
}

// boardView is what the page of a programme shows the team.
type boardView struct {
	edition.Board
	Filters *form.Form
	Address string
	Key     string
}

func (v boardView) pager() ui.Pager {
	return page.Pager(v.Paging, v.Address, len(v.Lines), "ligne", "lignes")
}

func (v boardView) reset() string {
	if v.Address == teamPath(v.Year) {
		return ""
	}
	return teamPath(v.Year)
}

// ShowBoard shows /equipe/programmes/{annee}.
func (p *Pages) ShowBoard(w http.ResponseWriter, r *http.Request) error {
	year, err := yearOf(r)
	if err != nil {
		return err
	}
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	f := page.FilterForm(q, "etat", "origine", "axe")
	in := edition.Filter{Page: page.Number(q), Axis: roadmap.AxisID(f.ID("axe", ""))}
	if word := q.Get("etat"); word != "" {
		if in.Outcome = keyOf(outcomeSlugs, word); in.Outcome == "" {
			f.Fail("etat", "Choisissez une des réponses proposées.")
		}
	}
	if word := q.Get("origine"); word != "" {
		if in.Origin = keyOf(originSlugs, word); in.Origin == "" {
			f.Fail("origine", "Choisissez une des réponses proposées.")
		}
	}
	b, err := p.Editions.Board(r.Context(), page.Actor(r), year, in)
	if err != nil {
		return err
	}
	v := boardView{b, f, page.Address(teamPath(year), "etat", q.Get("etat"), "origine", q.Get("origine"), "axe", q.Get("axe")), page.NewKey()}
	c := p.Kit.FormChrome(r, teamChrome("Programme "+strconv.Itoa(year), crumbTeam), f)
	return p.Kit.Show(w, r, page.FilterStatus(f), boardPage(c, v))
}

// ShowExamine shows /equipe/programmes/{annee}/examen.
func (p *Pages) ShowExamine(w http.ResponseWriter, r *http.Request) error {
	year, err := yearOf(r)
	if err != nil {
		return err
	}
	b, err := p.Editions.Board(r.Context(), page.Actor(r), year, edition.Filter{})
	if err != nil {
		return err
	}
	c := p.Kit.Chrome(r, teamChrome("Fermer les propositions", crumbTeam, teamCrumb(year)))
	return p.Kit.Show(w, r, http.StatusOK, examinePage(c, b, page.NewKey()))
}

// Examine answers POST /equipe/programmes/{annee}/examen.
func (p *Pages) Examine(w http.ResponseWriter, r *http.Request) error {
	return p.simple(w, r, p.Editions.Examine, "Les propositions sont fermées : le programme est en examen.")
}

// TakeLate answers POST /equipe/programmes/{annee}/propositions-en-attente.
func (p *Pages) TakeLate(w http.ResponseWriter, r *http.Request) error {
	return p.simple(w, r, p.Editions.TakeLate, "Les actions qui attendaient sont ajoutées au programme.")
}

// simple answers an act on a programme that takes nothing but its version.
func (p *Pages) simple(w http.ResponseWriter, r *http.Request, act func(context.Context, access.Actor, int, int) error, message string) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	year, err := yearOf(r)
	if err != nil {
		return err
	}
	version := f.Int("version", "Rechargez la page, puis recommencez.", 1, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	if !f.OK() {
		return roadmap.ErrStale
	}
	if err := act(r.Context(), page.Actor(r), year, version); err != nil {
		return err
	}
	return p.Kit.Done(w, r, teamPath(year), message)
}

func (p *Pages) desk(r *http.Request) (edition.Desk, error) {
	year, err := yearOf(r)
	if err != nil {
		return edition.Desk{}, err
	}
	id, err := page.PathID[roadmap.ID](r, "id")
	if err != nil {
		return edition.Desk{}, err
	}
	return p.Editions.Desk(r.Context(), page.Actor(r), year, id)
}

// ShowLine shows /equipe/programmes/{annee}/lignes/{id}.
func (p *Pages) ShowLine(w http.ResponseWriter, r *http.Request) error {
	v, err := p.desk(r)
	if err != nil {
		return err
	}
	return p.showLine(w, r, v, form.New(), nil)
}

func (p *Pages) showLine(w http.ResponseWriter, r *http.Request, v edition.Desk, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, teamChrome("Examiner « "+v.Whole.Title+" »", crumbTeam, teamCrumb(v.Year)), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), linePage(c, v, page.NewKey(), f))
}

// AnswerLine answers POST /equipe/programmes/{annee}/lignes/{id}.
func (p *Pages) AnswerLine(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.desk(r)
	if err != nil {
		return err
	}
	in := edition.Answer{Year: v.Year, Action: v.Whole.ID, Version: f.Int("version", "Rechargez la page, puis recommencez.", 1, 1<<30)}
	act := f.Choice("reponse", "Choisissez votre réponse.", "retenir", "ecarter", "demander")
	in.Outcome = map[string]edition.Outcome{"retenir": edition.Retained, "ecarter": edition.SetAside, "demander": edition.Waiting}[act]
	in.Reason = f.Text("motif", "", 1000)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Editions.Answer(r.Context(), page.Actor(r), in); refusal == nil {
			return p.Kit.Done(w, r, teamPath(v.Year), map[string]string{"retenir": "La proposition est retenue pour le vote.",
				"ecarter": "La proposition est écartée. Son auteur en reçoit le motif.", "demander": "Votre question est envoyée."}[act])
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showLine(w, r, v, f, refusal)
}

// ShowCarry shows /equipe/programmes/{annee}/reconductions.
func (p *Pages) ShowCarry(w http.ResponseWriter, r *http.Request) error {
	return p.showCarry(w, r, nil, nil)
}

func (p *Pages) showCarry(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	year, err := yearOf(r)
	if err != nil {
		return err
	}
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	v, err := p.Editions.Carried(r.Context(), page.Actor(r), year, page.Number(q))
	if err != nil {
		return err
	}
	if f == nil {
		f = form.New()
		for _, l := range v.Lines {
			f.Set(edition.ReasonField(l.ID), l.Reason)
		}
	}
	c := p.Kit.FormChrome(r, teamChrome("Actions à reconduire", crumbTeam, teamCrumb(year)), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), carryPage(c, v, page.NewKey(), f))
}

// CarryOver answers POST /equipe/programmes/{annee}/reconductions: the reasons of one
// page of the list.
func (p *Pages) CarryOver(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	year, err := yearOf(r)
	if err != nil {
		return err
	}
	all := make([]edition.Carry, 0, 50)
	for _, id := range ids[roadmap.ID](f, "action") {
		all = append(all, edition.Carry{Action: id, Version: f.Int("version_"+page.IDText(id), "", 0, 1<<30), Reason: f.Text(edition.ReasonField(id), "", 1000)})
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Editions.CarryOver(r.Context(), page.Actor(r), year, all); refusal == nil {
			return p.Kit.Done(w, r, teamPath(year), "Les motifs de reconduction sont enregistrés.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showCarry(w, r, f, refusal)
}
