package meeting

import (
	"errors"
	"net/http"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// itemView is what the pages about one point show.
type itemView struct {
	Agenda   meeting.Agenda
	Item     meeting.Item
	Versions []itemVersion
	Refused  string // why the act cannot be done
	Key      string
}

// itemVersion is a field that two people changed: what is saved, what is typed.
type itemVersion struct{ Label, Saved, Typed string }

func (p *Pages) item(r *http.Request) (itemView, error) {
	of, err := meetingID(r)
	if err != nil {
		return itemView{}, err
	}
	id, err := page.PathID[meeting.ItemID](r, "point")
	if err != nil {
		return itemView{}, err
	}
	a, err := p.Meetings.AgendaItem(r.Context(), page.Actor(r), of, id)
	if err != nil {
		return itemView{}, err
	}
	i := a.Item(id)
	if i == nil {
		return itemView{}, page.ErrNotFound
	}
	return itemView{Agenda: a, Item: *i, Key: page.NewKey()}, nil
}

func (v itemView) chrome(title string) ui.Chrome {
	m := v.Agenda.Meeting
	return meetingChrome(m, title, ui.Crumb{Label: "Ordre du jour", Href: teamAddress(m.ID, PartAgenda)})
}

func (v itemView) back() string { return agendaAt(v.Item.Meeting, v.Item.ID) }

func (v itemView) name() string { return "Point " + v.Item.Number + ", " + v.Item.Title }

// ShowItem shows /equipe/reunions/{id}/ordre-du-jour/{point}.
func (p *Pages) ShowItem(w http.ResponseWriter, r *http.Request) error {
	v, err := p.item(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("titre", v.Item.Title)
	f.Set("nature", itemKindWord(v.Item.Kind))
	if v.Item.Minutes > 0 {
		f.Set("duree", strconv.Itoa(v.Item.Minutes))
	}
	f.Set("rapporteur", v.Item.Rapporteur)
	f.Set("texte", v.Item.Text)
	return p.showItem(w, r, v, f, nil)
}

func (p *Pages) showItem(w http.ResponseWriter, r *http.Request, v itemView, f *form.Form, refusal error) error {
	if problem.KindOf(refusal) == problem.Conflict {
		v.Versions = []itemVersion{
			{"Intitulé", v.Item.Title, f.Value("titre")},
			{"Nature", v.Item.Kind.Label(), itemKindOf(f.Value("nature")).Label()},
			{"Durée", strconv.Itoa(v.Item.Minutes) + " minutes", f.Value("duree") + " minutes"},
			{"Présenté par", v.Item.Rapporteur, f.Value("rapporteur")},
			{"Présentation", v.Item.Text, f.Value("texte")},
		}
	}
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), itemPage(p.Kit.FormChrome(r, v.chrome("Modifier le point "+v.Item.Number), f), v, f))
}

// ChangeItem answers POST /equipe/reunions/{id}/ordre-du-jour/{point}.
func (p *Pages) ChangeItem(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.item(r)
	if err != nil {
		return err
	}
	in := itemInput(f)
	in.Version = f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		refusal = p.Meetings.UpdateItem(r.Context(), page.Actor(r), v.Item.Meeting, v.Item.ID, in)
		if refusal == nil {
			return p.Kit.Done(w, r, v.back(), "Le point "+v.Item.Number+" est modifié.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showItem(w, r, v, f, refusal)
}

// ShowRemoveItem shows …/{point}/suppression.
func (p *Pages) ShowRemoveItem(w http.ResponseWriter, r *http.Request) error {
	v, err := p.item(r)
	if err != nil {
		return err
	}
	if said, ok := errors.AsType[*problem.Error](v.Agenda.Kept); ok {
		v.Refused = french.Typo(said.Message)
	}
	return p.showRemoveItem(w, r, v, form.New(), nil)
}

func (p *Pages) showRemoveItem(w http.ResponseWriter, r *http.Request, v itemView, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, v.chrome("Retirer le point "+v.Item.Number), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), removeItemPage(c, v, f))
}

// RemoveItem answers POST …/{point}/suppression.
func (p *Pages) RemoveItem(w http.ResponseWriter, r *http.Request) error {
	f, v, err := p.bareItem(r)
	if err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		refusal = p.Meetings.RemoveItem(r.Context(), page.Actor(r), v.Item.Meeting, v.Item.ID)
		if refusal == nil {
			return p.Kit.Done(w, r, teamAddress(v.Item.Meeting, PartAgenda), "Le point est retiré\u00a0: "+v.Item.Title+". Les suivants sont renumérotés.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showRemoveItem(w, r, v, f, refusal)
}

// bareItem reads a form that asks nothing, and the point it is about.
func (p *Pages) bareItem(r *http.Request) (*form.Form, itemView, error) {
	f, err := form.Read(r)
	if err != nil {
		return nil, itemView{}, err
	}
	if err := f.Unknown(); err != nil {
		return nil, itemView{}, err
	}
	v, err := p.item(r)
	return f, v, err
}

// ShowPostponeItem shows …/{point}/deplacement.
func (p *Pages) ShowPostponeItem(w http.ResponseWriter, r *http.Request) error {
	v, err := p.item(r)
	if err != nil {
		return err
	}
	return p.showPostponeItem(w, r, v, form.New(), nil)
}

func (p *Pages) showPostponeItem(w http.ResponseWriter, r *http.Request, v itemView, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, v.chrome("Déplacer le point "+v.Item.Number), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), postponeItemPage(c, v, f))
}

// PostponeItem answers POST …/{point}/deplacement.
func (p *Pages) PostponeItem(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	to := meeting.ID(f.ID("reunion", "Choisissez la réunion où le point sera traité."))
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.item(r)
	if err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		var moved meeting.Item
		moved, refusal = p.Meetings.MoveToNext(r.Context(), page.Actor(r), v.Item.Meeting, v.Item.ID, to)
		if refusal == nil {
			return p.Kit.Done(w, r, v.back(), v.name()+", est déplacé\u00a0: il devient le point "+moved.Number+" de l’autre réunion, avec ses documents.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showPostponeItem(w, r, v, f, refusal)
}

// ShowPushItem shows …/{point}/transmission.
func (p *Pages) ShowPushItem(w http.ResponseWriter, r *http.Request) error {
	v, err := p.item(r)
	if err != nil {
		return err
	}
	return p.showPushItem(w, r, v, form.New(), nil)
}

func (p *Pages) showPushItem(w http.ResponseWriter, r *http.Request, v itemView, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, v.chrome("Transmettre le point "+v.Item.Number+" au CMTIN"), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), pushItemPage(c, v, f))
}

// PushItem answers POST …/{point}/transmission.
func (p *Pages) PushItem(w http.ResponseWriter, r *http.Request) error {
	f, v, err := p.bareItem(r)
	if err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		_, refusal = p.Meetings.PushUp(r.Context(), page.Actor(r), v.Item.Meeting, v.Item.ID)
		if refusal == nil {
			return p.Kit.Done(w, r, v.back(), v.name()+", est transmis au CMTIN\u00a0: il attend parmi les propositions de points.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showPushItem(w, r, v, f, refusal)
}

// itemRows tell which point an act is about.
func itemRows(v itemView) []ui.SummaryRow {
	m := v.Agenda.Meeting
	return []ui.SummaryRow{
		{Key: "Point", Value: v.Item.Number + ". " + v.Item.Title},
		{Key: "Réunion", Value: m.Title() + ", " + french.Date(day.In(m.StartsAt))},
		{Key: "Nature", Value: v.Item.Kind.Label()},
	}
}
