package meeting

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// rollPersonView is the details of one person of the roll.
type rollPersonView struct {
	Meeting meeting.Meeting
	Row     meeting.RollRow
	Holders []ui.Option
	Items   []ui.Option
	Refused []meeting.RollRefusal
	Key     string
}

// rollPerson loads the person of the address.
func (p *Pages) rollPerson(r *http.Request) (rollPersonView, error) {
	id, err := meetingID(r)
	if err != nil {
		return rollPersonView{}, err
	}
	row, err := page.PathID[meeting.ConvocationID](r, "ligne")
	if err != nil {
		return rollPersonView{}, err
	}
	roll, err := p.Meetings.RollOf(r.Context(), page.Actor(r), id, meeting.RollFilter{})
	if err != nil {
		return rollPersonView{}, err
	}
	v := rollPersonView{Meeting: roll.Meeting, Key: page.NewKey()}
	var ok bool
	if v.Row, ok = roll.Row(row); !ok || !roll.Open() {
		return rollPersonView{}, page.ErrNotFound
	}
	v.Holders = holderOptions(roll, v.Row)
	items, err := p.Meetings.Items(r.Context(), p.DB, id)
	if err != nil {
		return rollPersonView{}, err
	}
	for _, i := range items {
		v.Items = append(v.Items, ui.Option{Value: page.IDText(i.ID), Label: i.Number + ". " + i.Title})
	}
	return v, nil
}

// ShowRollPerson shows /equipe/reunions/{id}/emargement/personnes/{ligne}: proxy,
// representative, late arrival, early leaving, and taking the mark off.
func (p *Pages) ShowRollPerson(w http.ResponseWriter, r *http.Request) error {
	v, err := p.rollPerson(r)
	if err != nil {
		return err
	}
	f, row := form.New(), v.Row
	f.Set("presence", string(row.Mark))
	f.Set("represente_par", row.RepresentedBy)
	if row.RepresentedBy == "" {
		f.Set("represente_par", row.Alternate)
	}
	if row.ProxyTo != 0 {
		f.Set("pouvoir", page.IDText(row.ProxyTo))
	} else if row.AnswerProxy != 0 {
		f.Set("pouvoir", page.IDText(row.AnswerProxy))
	}
	if row.ArrivedItem != 0 {
		f.Set("arrivee", page.IDText(row.ArrivedItem))
	}
	if row.LeftItem != 0 {
		f.Set("depart", page.IDText(row.LeftItem))
	}
	return p.showRollPerson(w, r, v, f)
}

func (p *Pages) showRollPerson(w http.ResponseWriter, r *http.Request, v rollPersonView, f *form.Form) error {
	c := p.Kit.FormChrome(r, rollChrome(v.Meeting, v.Row.Name), f)
	return p.Kit.Show(w, r, refusedStatus(f, v.Refused), rollPersonPage(c, v, f))
}

// SaveRollPerson answers POST /equipe/reunions/{id}/emargement/personnes/{ligne}.
func (p *Pages) SaveRollPerson(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.rollPerson(r)
	if err != nil {
		return err
	}
	k := meeting.Mark{Convocation: v.Row.ID, Precise: true,
		Status:        meeting.Status(f.Choice("presence", "", statusWords(v.Row.Statuses())...)),
		RepresentedBy: f.Line("represente_par", "", 160),
		ProxyTo:       meeting.ConvocationID(f.ID("pouvoir", "")),
		ArrivedItem:   meeting.ItemID(f.ID("arrivee", "")),
		LeftItem:      meeting.ItemID(f.ID("depart", "")),
		Version:       f.Int("version", "", 0, 1<<30),
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	if f.OK() {
		done, err := p.Meetings.MarkRoll(r.Context(), page.Actor(r), v.Meeting.ID, []meeting.Mark{k})
		switch {
		case err != nil && !page.Takes(f, err):
			return err
		case err == nil && len(done.Refused) == 0:
			return p.Kit.Done(w, r, rollAddress(v.Meeting.ID, ""), v.Row.Name+"\u00a0: "+savedWords(done.Saved))
		}
		for _, x := range done.Refused {
			v.Row, v.Refused = x.Row, done.Refused
			page.Takes(f, refusalOf(x))
		}
	}
	return p.showRollPerson(w, r, v, f)
}
