package space

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
)

// leaveView is the departure of a structure.
type leaveView struct {
	structure.Space
	Contact string
	Key     string
	On      day.Day // to check; zero: to choose
}

// Leaves tells whether the structure may leave.
func (v leaveView) Leaves() bool { return v.Sheet.State == structure.Accepted }

func (p *Pages) leave(r *http.Request) (leaveView, error) {
	v := leaveView{Contact: p.Contact, Key: page.NewKey()}
	var err error
	v.Space, err = p.Structures.Space(r.Context(), page.Actor(r), nil)
	if err == nil && v.Right < structure.Manager {
		err = problem.New(problem.Forbidden, "Seules les personnes qui gèrent la structure peuvent faire cela.")
	}
	return v, err
}

// ShowLeave shows /ma-structure/depart.
func (p *Pages) ShowLeave(w http.ResponseWriter, r *http.Request) error {
	v, err := p.leave(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("fin", french.NumericDate(v.DepartureDay()))
	return p.showLeave(w, r, v, f, nil)
}

func (p *Pages) showLeave(w http.ResponseWriter, r *http.Request, v leaveView, f *form.Form, refusal error) error {
	title := "Quitter le GNI"
	if !v.On.IsZero() {
		title = "Vérifiez avant de quitter le GNI"
	}
	status := page.RefusalStatus(f, refusal)
	if !v.On.IsZero() {
		status = http.StatusOK
	}
	return p.Kit.Show(w, r, status, leavePage(p.Kit.FormChrome(r, chrome(title), f), v, f))
}

// Leave answers POST /ma-structure/depart: first the day, which shows the page of
// check, then the confirmation.
func (p *Pages) Leave(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	number := f.Int("version", "", 0, 1<<30)
	on := f.Date("fin", "Saisissez le jour du départ.")
	reason := f.Text("motif", "", 300)
	confirmed := f.Bool("verifie")
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.leave(r)
	if err != nil {
		return err
	}
	if !on.IsZero() && on.Before(v.DepartureDay()) && !on.Before(v.Today) {
		on = v.DepartureDay() // the seat opened today
	}
	if f.OK() && on.Before(v.Today) {
		f.Fail("fin", "Choisissez aujourd’hui ou un jour à venir.")
	}
	if f.OK() && on.After(v.Today.AddDays(structure.LeaveWithin)) {
		f.Fail("fin", "Choisissez un jour dans les trois mois à venir.")
	}
	var refusal error
	if f.OK() && v.Leaves() {
		if !confirmed {
			v.On = on
			return p.showLeave(w, r, v, f, nil)
		}
		if refusal = p.Structures.Leave(r.Context(), page.Actor(r), v.Sheet.ID, number, on, reason); refusal == nil {
			to := homePath
			if !on.After(v.Today) {
				to = "/tableau-de-bord" // the space closes with the seat
			}
			return p.Kit.Done(w, r, to, "Votre structure quitte le GNI le "+french.LongDate(on)+". Merci pour ce qu’elle y a apporté.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
		if v, err = p.leave(r); err != nil { // as it is now
			return err
		}
	}
	return p.showLeave(w, r, v, f, refusal)
}
