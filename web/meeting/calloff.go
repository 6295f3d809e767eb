package meeting

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// recipientWords says to how many a message will leave.
func recipientWords(l meeting.Letter) string {
	s := "Ce message part à " + french.Count(l.To, "personne", "personnes") + ", une fois."
	if l.NoAddress > 0 {
		s += " " + french.Count(l.NoAddress, "personne n’a pas d’adresse", "personnes n’ont pas d’adresse") + "."
	}
	return s
}

// orDash writes a dash for nothing.
func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// callOffView is what the pages that postpone or cancel show.
type callOffView struct {
	Meeting  meeting.Meeting
	Postpone bool
	Letter   meeting.Letter
	CallOff  meeting.CallOff
	Stale    bool
	Key      string
}

func (v callOffView) title() string {
	if v.Postpone {
		return "Reporter la réunion"
	}
	return "Annuler la réunion"
}

func (v callOffView) path() string {
	if v.Postpone {
		return teamAddress(v.Meeting.ID, "report")
	}
	return teamAddress(v.Meeting.ID, "annulation")
}

func (v callOffView) submit() string {
	switch {
	case !v.Letter.Told():
		return v.title()
	case v.Postpone:
		return "Reporter et prévenir"
	}
	return "Annuler la réunion et prévenir"
}

// rows are what is about to be done.
func (v callOffView) rows() []ui.SummaryRow {
	rows := []ui.SummaryRow{{Key: "Réunion", Value: v.Meeting.Title()},
		{Key: "Date", Value: meeting.Slot{StartsAt: v.Meeting.StartsAt, EndsAt: v.Meeting.EndsAt}.Say()}}
	if v.Postpone {
		to := "À fixer plus tard"
		if !v.CallOff.To.IsZero() {
			to = v.CallOff.To.Say()
		}
		rows = append(rows, ui.SummaryRow{Key: "Nouvelle date", Value: to})
	}
	return append(rows, ui.SummaryRow{Key: "Motif", Value: v.CallOff.Reason})
}

// ShowPostpone shows /equipe/reunions/{id}/report.
func (p *Pages) ShowPostpone(w http.ResponseWriter, r *http.Request) error {
	return p.startCallOff(w, r, true)
}

// ShowCancel shows /equipe/reunions/{id}/annulation.
func (p *Pages) ShowCancel(w http.ResponseWriter, r *http.Request) error {
	return p.startCallOff(w, r, false)
}

// Postpone answers POST /equipe/reunions/{id}/report.
func (p *Pages) Postpone(w http.ResponseWriter, r *http.Request) error {
	return p.callOff(w, r, true)
}

// Cancel answers POST /equipe/reunions/{id}/annulation.
func (p *Pages) Cancel(w http.ResponseWriter, r *http.Request) error { return p.callOff(w, r, false) }

func (p *Pages) startCallOff(w http.ResponseWriter, r *http.Request, postpone bool) error {
	m, err := p.teamMeeting(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("debut", french.Clock(m.StartsAt))
	f.Set("fin", french.Clock(m.EndsAt))
	f.Set("motif", m.CallOffReason)
	return p.showCallOff(w, r, callOffView{Meeting: m, Postpone: postpone, Key: page.NewKey()}, f, nil)
}

func (p *Pages) showCallOff(w http.ResponseWriter, r *http.Request, v callOffView, f *form.Form, refusal error) error {
	v.Stale = problem.KindOf(refusal) == problem.Conflict
	c := meetingChrome(v.Meeting, v.title())
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), callOffPage(p.Kit.FormChrome(r, c, f), v, f))
}

// callOff shows what is about to be told, then does it once confirmed.
func (p *Pages) callOff(w http.ResponseWriter, r *http.Request, postpone bool) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	in := meeting.CallOff{Version: f.Int("version", "", 0, 1<<30), Postpone: postpone}
	if postpone {
		in.To = readSlot(f, "date", "debut", "fin", false)
	}
	in.Reason = f.Text("motif", "Dites pourquoi : les personnes convoquées et le public le liront.", 1000)
	confirmed := f.Bool("confirme")
	if err := f.Unknown(); err != nil {
		return err
	}
	m, err := p.teamMeeting(r)
	if err != nil {
		return err
	}
	v := callOffView{Meeting: m, Postpone: postpone, CallOff: in, Key: page.NewKey()}
	if !f.OK() {
		return p.showCallOff(w, r, v, f, nil)
	}
	v.Letter, err = p.Meetings.PreviewCallOff(r.Context(), page.Actor(r), m.ID, in)
	if err == nil && !confirmed {
		return p.Kit.Show(w, r, http.StatusOK, callOffCheck(p.Kit.Chrome(r, meetingChrome(m, "Vérifier : "+v.title())), v, f))
	}
	var next meeting.ID
	if err == nil {
		next, err = p.Meetings.CallOff(r.Context(), page.Actor(r), m.ID, in)
	}
	if err != nil {
		if !page.Takes(f, err) {
			return err
		}
		return p.showCallOff(w, r, v, f, err)
	}
	return p.callOffDone(w, r, v, next)
}

func (p *Pages) callOffDone(w http.ResponseWriter, r *http.Request, v callOffView, next meeting.ID) error {
	done, to := "La réunion est annulée.", v.Meeting.ID
	switch {
	case next != 0:
		done, to = "La réunion est reportée : voici celle qui la remplace, avec son ordre du jour et ses documents.", next
	case v.Postpone:
		done = "La réunion est reportée, sans nouvelle date pour l’instant."
	}
	if v.Letter.Told() {
		done += " " + toldWords(v.Letter)
	}
	return p.Kit.Done(w, r, teamAddress(to, PartHub), french.Typo(done))
}

// callOffable tells whether the page has anything to do.
func (v callOffView) callOffable() bool {
	return v.Meeting.Open() || v.Postpone && v.Meeting.State == governance.Postponed && v.Meeting.ReplacedByID == 0
}
