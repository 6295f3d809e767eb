package examine

import (
	"context"
	"net/http"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// lifeAct is an act of the team on a member, on its own page that says what it does
// before it is done.
type lifeAct struct {
	word    string   // of the address
	title   string   // h1
	effects []string // what follows
	submit  string
	danger  bool
	dated   bool   // asks for a day
	reason  string // label of the reason; "": none asked
	states  []structure.State
	do      func(ctx context.Context, s *structure.Service, by access.Actor, id structure.ID, version int, on day.Day, reason string) error
	done    string
}

var lifeActs = map[string]lifeAct{
	"college": {
		word: "college", title: "Changer de collège", submit: "Changer de collège", reason: "Motif",
		effects: []string{"La structure passe dans l’autre collège aujourd’hui.", "Elle vote désormais pour les cinq représentants de ce collège.",
			"Les compositions des jours passés ne changent pas.", "La structure reçoit le motif par courriel."},
		states: []structure.State{structure.Submitted, structure.MoreAsked, structure.Accepted},
		do: func(ctx context.Context, s *structure.Service, by access.Actor, id structure.ID, version int, _ day.Day, reason string) error {
			return s.ChangeCollege(ctx, by, id, version, reason)
		},
		done: "La structure a changé de collège.",
	},
	"suspension": {
		word: "suspension", title: "Suspendre la structure", submit: "Suspendre la structure", danger: true, reason: "Motif",
		effects: []string{"Son siège ferme aujourd’hui : elle n’est plus convoquée et ne vote plus.", "Ses personnes n’agissent plus pour elle.",
			"Elle n’est plus dans l’annuaire. Sa fiche et son histoire sont gardées.", "La structure reçoit le motif par courriel."},
		states: []structure.State{structure.Accepted},
		do: func(ctx context.Context, s *structure.Service, by access.Actor, id structure.ID, version int, _ day.Day, reason string) error {
			return s.Suspend(ctx, by, id, version, reason)
		},
		done: "La structure est suspendue.",
	},
	"retour": {
		word: "retour", title: "Enregistrer le retour", submit: "Enregistrer le retour",
		effects: []string{"Son siège s’ouvre de nouveau aujourd’hui, dans son collège.", "Les personnes qui agissaient pour elle le font de nouveau.",
			"Elle revient dans l’annuaire."},
		states: []structure.State{structure.Suspended, structure.Left},
		do: func(ctx context.Context, s *structure.Service, by access.Actor, id structure.ID, version int, _ day.Day, _ string) error {
			return s.Return(ctx, by, id, version)
		},
		done: "La structure est de nouveau membre du GNI.",
	},
	"depart": {
		word: "depart", title: "Enregistrer le départ", submit: "Enregistrer le départ", danger: true, dated: true, reason: "Motif (facultatif)",
		effects: []string{"Son siège ferme ce jour-là : elle n’est plus convoquée et ne vote plus.", "Les compositions des jours passés ne changent pas.",
			"Elle pourra revenir."},
		states: []structure.State{structure.Accepted, structure.Suspended},
		do: func(ctx context.Context, s *structure.Service, by access.Actor, id structure.ID, version int, on day.Day, reason string) error {
			return s.Leave(ctx, by, id, version, on, reason)
		},
		done: "Le départ est enregistré.",
	},
}

// lifeView is the page of an act.
type lifeView struct {
	Act   lifeAct
	Sheet structure.Sheet
	Form  *form.Form
	Key   string
}

// Possible tells whether the act may be done of a structure in this state.
func (v lifeView) Possible() bool {
	for _, s := range v.Act.states {
		if s == v.Sheet.State {
			return true
		}
	}
	return false
}

func (v lifeView) rows() []ui.SummaryRow {
	return []ui.SummaryRow{
		{Key: "Structure", Value: v.Sheet.Name}, {Key: "Commune", Value: v.Sheet.Commune},
		{Key: "Collège", Value: v.Sheet.College.Label()}, {Key: "État", Content: ui.Tag(stateKind(v.Sheet.State), v.Sheet.State.Label())},
	}
}

// ShowLife returns the page of an act: /equipe/structures/{id}/{word}.
func (p *Pages) ShowLife(word string) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f := form.New()
		f.Set("fin", french.NumericDate(day.Today()))
		return p.showLife(w, r, lifeActs[word], f, nil)
	}
}

func (p *Pages) showLife(w http.ResponseWriter, r *http.Request, act lifeAct, f *form.Form, refusal error) error {
	id, err := page.PathID[structure.ID](r, "id")
	if err != nil {
		return err
	}
	sheet, err := p.Structures.SheetForTeam(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	c := chrome(act.title, crumbRegister, ui.Crumb{Label: sheet.Name, Href: structurePath(id)})
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), lifePage(p.Kit.FormChrome(r, c, f), lifeView{act, sheet, f, page.NewKey()}))
}

// Live returns what answers POST /equipe/structures/{id}/{word}.
func (p *Pages) Live(word string) page.Handler {
	act := lifeActs[word]
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := page.PathID[structure.ID](r, "id")
		if err != nil {
			return err
		}
		f, err := form.Read(r)
		if err != nil {
			return err
		}
		version := f.Int("version", "", 0, 1<<30)
		var on day.Day
		if act.dated {
			on = f.Date("fin", "Saisissez le jour du départ.")
		}
		reason := ""
		if act.reason != "" {
			reason = f.Text("motif", "", structure.MaxLifeText)
		}
		if err := f.Unknown(); err != nil {
			return err
		}
		var refusal error
		if f.OK() {
			if refusal = act.do(r.Context(), p.Structures, page.Actor(r), id, version, on, reason); refusal == nil {
				return p.Kit.Done(w, r, structurePath(id), act.done)
			}
			if !page.Takes(f, refusal) {
				return refusal
			}
		}
		return p.showLife(w, r, act, f, refusal)
	}
}

// freezeView is the page of freezes.
type freezeView struct {
	List []structure.Freeze
	Form *form.Form
	Key  string
}

// Current is the freeze in force, nil if none.
func (v freezeView) Current() *structure.Freeze {
	if len(v.List) > 0 && v.List[0].EndedAt == nil {
		return &v.List[0]
	}
	return nil
}

// ShowFreeze shows /equipe/structures/gel.
func (p *Pages) ShowFreeze(w http.ResponseWriter, r *http.Request) error {
	return p.showFreeze(w, r, form.New(), nil)
}

func (p *Pages) showFreeze(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	list, err := p.Structures.Freezes(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	c := chrome("Figer les collèges", crumbRegister)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), freezePage(p.Kit.FormChrome(r, c, f), freezeView{list, f, page.NewKey()}))
}

// ChangeFreeze answers POST /equipe/structures/gel: begins a freeze or ends it.
func (p *Pages) ChangeFreeze(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	reason := f.Text("motif", "", structure.MaxLifeText)
	act := f.Choice("acte", "Choisissez une action.", "figer", "finir")
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		done := "Les collèges sont figés" + french.NBSP + ": aucune structure membre n’en change."
		if act == "figer" {
			refusal = p.Structures.FreezeColleges(r.Context(), page.Actor(r), reason)
		} else {
			done = "Le gel est terminé" + french.NBSP + ": les structures peuvent de nouveau changer de collège."
			refusal = p.Structures.UnfreezeColleges(r.Context(), page.Actor(r))
		}
		if refusal == nil {
			return p.Kit.Done(w, r, freezePath, done)
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showFreeze(w, r, f, refusal)
}

const freezePath = registerPath + "/gel"

// mergeView is the page that checks the union of two records.
type mergeView struct {
	Sheet  structure.Sheet // the record of the address, which goes
	Twins  []ui.Option     // which may be kept
	Merger *structure.Merger
	Form   *form.Form
	Key    string
}

// ShowMerge shows /equipe/structures/{id}/fusion: which record to keep, then
// (?autre=) what comes of it.
func (p *Pages) ShowMerge(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	f := page.FilterForm(q, "autre")
	return p.showMerge(w, r, f, nil)
}

func (p *Pages) showMerge(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	id, err := page.PathID[structure.ID](r, "id")
	if err != nil {
		return err
	}
	ctx, by := r.Context(), page.Actor(r)
	x, err := p.Structures.Examine(ctx, by, id)
	if err != nil {
		return err
	}
	v := mergeView{Sheet: x.Sheet, Form: f, Key: page.NewKey()}
	for _, t := range x.Twins {
		v.Twins = append(v.Twins, ui.Option{Value: page.IDText(t.ID), Label: french.Typo(t.Name), Hint: likeness(t) + ", " + t.State.Label()})
	}
	status := page.RefusalStatus(f, refusal)
	if other := f.ID("autre", ""); other != 0 {
		m, err := p.Structures.MergeOf(ctx, by, id, structure.ID(other))
		switch {
		case problem.KindOf(err) == problem.NotFound:
			f.Fail("autre", "Aucune fiche ne porte ce numéro.")
		case err != nil:
			return err
		case m.Refusal != "" && refusal == nil:
			f.Fail("autre", french.Typo(m.Refusal))
		case m.Refusal == "":
			v.Merger = &m
		}
	}
	if len(f.Errors()) > 0 && status == http.StatusOK {
		status = http.StatusUnprocessableEntity
	}
	c := chrome("Fusionner deux fiches", crumbRegister, ui.Crumb{Label: x.Sheet.Name, Href: structurePath(id)})
	return p.Kit.Show(w, r, status, mergePage(p.Kit.FormChrome(r, c, f), v))
}

// Merge answers POST /equipe/structures/{id}/fusion.
func (p *Pages) Merge(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[structure.ID](r, "id")
	if err != nil {
		return err
	}
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	into := structure.ID(f.ID("autre", "Choisissez la fiche à garder."))
	version, other := f.Int("version", "", 0, 1<<30), f.Int("version_autre", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Structures.Merge(r.Context(), page.Actor(r), id, into, version, other); refusal == nil {
			return p.Kit.Done(w, r, structurePath(into), "Les deux fiches n’en font plus qu’une, celle-ci. Les deux histoires sont gardées.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showMerge(w, r, f, refusal)
}
