package meeting

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// standingView is what the pages of the standing points of a body show.
type standingView struct {
	Body     governance.BodyCode
	Items    []meeting.StandingItem
	Item     meeting.StandingItem // the one being changed
	Versions []itemVersion
	Key      string
}

func standingPath(c governance.BodyCode) string {
	return "/equipe/instances/" + string(c) + "/points-permanents"
}

func standingItemPath(i meeting.StandingItem) string {
	return standingPath(i.Body) + "/" + page.IDText(i.ID)
}

var crumbBodies = ui.Crumb{Label: "Réglages des instances", Href: "/equipe/instances"}

// MayMove tells whether a standing point has a neighbour of its place on that side.
func (v standingView) MayMove(i, by int) bool {
	j := i + by
	return j >= 0 && j < len(v.Items) && v.Items[j].Place == v.Items[i].Place
}

var placeSlugs = map[string]meeting.StandingPlace{"debut": meeting.PlaceFirst, "fin": meeting.PlaceLast}

func placeWord(p meeting.StandingPlace) string {
	if p == meeting.PlaceLast {
		return "fin"
	}
	return "debut"
}

func (p *Pages) standing(r *http.Request) (standingView, error) {
	code := governance.BodyCode(chi.URLParam(r, "code"))
	if !slices.Contains(governance.BodyCodes, code) {
		return standingView{}, page.ErrNotFound
	}
	items, err := p.Meetings.Standing(r.Context(), page.Actor(r), code)
	return standingView{Body: code, Items: items, Key: page.NewKey()}, err
}

// ShowStanding shows /equipe/instances/{code}/points-permanents.
func (p *Pages) ShowStanding(w http.ResponseWriter, r *http.Request) error {
	v, err := p.standing(r)
	if err != nil {
		return err
	}
	return p.showStanding(w, r, v, form.New(), nil)
}

func (p *Pages) showStanding(w http.ResponseWriter, r *http.Request, v standingView, f *form.Form, refusal error) error {
	c := ui.Chrome{Title: "Points permanents\u00a0: " + v.Body.Label(), Section: section, Crumbs: []ui.Crumb{crumbHome, crumbBodies}}
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), standingPage(p.Kit.FormChrome(r, c, f), v, f))
}

// standingInput reads the fields of a standing point.
func standingInput(f *form.Form) meeting.StandingItem {
	return meeting.StandingItem{
		Title:   f.Line("titre", "Saisissez l’intitulé du point.", 200),
		Kind:    itemKindOf(f.Choice("nature", "Choisissez ce que la réunion est appelée à faire.", itemKindWords()...)),
		Minutes: f.Int("duree", "", 0, 600),
		Place:   placeSlugs[f.Choice("place", "Choisissez où le point se place.", "debut", "fin")],
	}
}

// ChangeStanding answers POST /equipe/instances/{code}/points-permanents: a point
// added, removed, or moved by one.
func (p *Pages) ChangeStanding(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.standing(r)
	if err != nil {
		return err
	}
	act := f.Choice("acte", "Choisissez ce que vous voulez faire.", "ajouter", "monter", "descendre", "retirer")
	message := "Les points permanents sont dans leur nouvel ordre."
	by, ctx := page.Actor(r), r.Context()
	var do func() error
	if act == "ajouter" {
		in := standingInput(f)
		in.Body = v.Body
		message = "Le point permanent est ajouté\u00a0: " + in.Title + "."
		do = func() error { return p.Meetings.AddStanding(ctx, by, in) }
	} else {
		id := meeting.StandingID(f.ID("point", "Choisissez un point."))
		do = func() error { return p.Meetings.MoveStanding(ctx, by, v.Body, id, agendaSteps[act]) }
		if act == "retirer" {
			message = "Le point permanent est retiré. Les ordres du jour déjà faits le gardent."
			do = func() error { return p.Meetings.RemoveStanding(ctx, by, v.Body, id) }
		}
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = do(); refusal == nil {
			return p.Kit.Done(w, r, standingPath(v.Body), message)
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showStanding(w, r, v, f, refusal)
}

func (p *Pages) standingItem(r *http.Request) (standingView, error) {
	v, err := p.standing(r)
	if err != nil {
		return v, err
	}
	id, err := page.PathID[meeting.StandingID](r, "point")
	if err != nil {
		return v, err
	}
	i := slices.IndexFunc(v.Items, func(x meeting.StandingItem) bool { return x.ID == id })
	if i < 0 {
		return v, page.ErrNotFound
	}
	v.Item = v.Items[i]
	return v, nil
}

// ShowStandingItem shows /equipe/instances/{code}/points-permanents/{point}.
func (p *Pages) ShowStandingItem(w http.ResponseWriter, r *http.Request) error {
	v, err := p.standingItem(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("titre", v.Item.Title)
	f.Set("nature", itemKindWord(v.Item.Kind))
	f.Set("duree", strconv.Itoa(v.Item.Minutes))
	f.Set("place", placeWord(v.Item.Place))
	return p.showStandingItem(w, r, v, f, nil)
}

func (p *Pages) showStandingItem(w http.ResponseWriter, r *http.Request, v standingView, f *form.Form, refusal error) error {
	if problem.KindOf(refusal) == problem.Conflict {
		v.Versions = []itemVersion{
			{"Intitulé", v.Item.Title, f.Value("titre")},
			{"Nature", v.Item.Kind.Label(), itemKindOf(f.Value("nature")).Label()},
			{"Durée", strconv.Itoa(v.Item.Minutes) + " minutes", f.Value("duree") + " minutes"},
			{"Place", v.Item.Place.Label(), placeSlugs[f.Value("place")].Label()},
		}
	}
	c := ui.Chrome{Title: "Modifier un point permanent", Section: section,
		Crumbs: []ui.Crumb{crumbHome, crumbBodies, {Label: "Points permanents\u00a0: " + v.Body.Label(), Href: standingPath(v.Body)}}}
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), standingItemPage(p.Kit.FormChrome(r, c, f), v, f))
}

// ChangeStandingItem answers POST /equipe/instances/{code}/points-permanents/{point}.
func (p *Pages) ChangeStandingItem(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.standingItem(r)
	if err != nil {
		return err
	}
	in := standingInput(f)
	in.ID, in.Body, in.Version = v.Item.ID, v.Body, f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Meetings.UpdateStanding(r.Context(), page.Actor(r), in); refusal == nil {
			return p.Kit.Done(w, r, standingPath(v.Body), "Le point permanent est modifié\u00a0: "+in.Title+".")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showStandingItem(w, r, v, f, refusal)
}
