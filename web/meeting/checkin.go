package meeting

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/account"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// MaxCheckInBody is what the form of a check-in may weigh: an address.
const MaxCheckInBody = 4 << 10

// ShowCode shows /equipe/reunions/{id}/emargement/pointage: the code to show in the
// room.
func (p *Pages) ShowCode(w http.ResponseWriter, r *http.Request) error {
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	roll, err := p.Meetings.RollOf(r.Context(), page.Actor(r), id, meeting.RollFilter{})
	if err != nil {
		return err
	}
	if roll.Meeting.State != governance.InProgress || roll.Code == "" {
		return p.Kit.Done(w, r, rollAddress(id, ""), "Le code de pointage existe pendant la réunion\u00a0: ouvrez-la d’abord.")
	}
	to := p.BaseURL.JoinPath(meeting.CheckInPath, roll.Code).String()
	code, err := account.QRCode(to)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	c := p.Kit.Chrome(r, rollChrome(roll.Meeting, "Pointage en salle"))
	return p.Kit.Show(w, r, http.StatusOK, codePage(c, roll.Meeting, to, code, page.NewKey()))
}

// RenewCode answers POST /equipe/reunions/{id}/emargement/pointage.
func (p *Pages) RenewCode(w http.ResponseWriter, r *http.Request) error {
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	if err := p.Meetings.RenewCheckIn(r.Context(), page.Actor(r), id); err != nil {
		return err
	}
	return p.Kit.Done(w, r, rollAddress(id, "pointage"), "Voici le nouveau code. L’ancien ne sert plus.")
}

// ShowCheckIn shows /pointage/{token}, where the code of the room leads.
func (p *Pages) ShowCheckIn(w http.ResponseWriter, r *http.Request) error {
	return p.showCheckIn(w, r, form.New(), false)
}

func (p *Pages) showCheckIn(w http.ResponseWriter, r *http.Request, f *form.Form, done bool) error {
	token := chi.URLParam(r, "token")
	v, err := p.Meetings.CheckInBy(r.Context(), page.Actor(r), token)
	if err != nil {
		return err
	}
	c := p.Kit.FormChrome(r, ui.Chrome{Title: "Je suis là", Section: section, Style: "meeting.css"}, f)
	return p.Kit.Show(w, r, page.FormStatus(f), checkInPage(c, v, meeting.CheckInPath+token, f, done))
}

// CheckInHere answers POST /pointage/{token}. The answer is the same whether the
// address is known or not.
func (p *Pages) CheckInHere(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	token, by := chi.URLParam(r, "token"), page.Actor(r)
	v, err := p.Meetings.CheckInBy(r.Context(), by, token)
	if err != nil {
		return err
	}
	missing := "Saisissez l’adresse électronique qui a reçu la convocation."
	if v.Mine {
		missing = ""
	}
	email := f.Email("courriel", missing)
	if err := f.Unknown(); err != nil {
		return err
	}
	if !f.OK() {
		return p.showCheckIn(w, r, f, false)
	}
	if err := p.Meetings.CheckInHere(r.Context(), by, token, email); err != nil {
		return err
	}
	return p.showCheckIn(w, r, form.New(), true)
}
