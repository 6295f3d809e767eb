package meeting

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// rollTurn is one of the three acts that change where the meeting stands.
type rollTurn struct {
	part, title string
	view        func(meeting.Roll) ui.ConfirmView
	from        func(meeting.Roll) bool
	act         func(p *Pages, r *http.Request, id meeting.ID, version int, fate meeting.CheckInFate) error
	done        string
}

var (
	rollOpening = rollTurn{part: "ouverture", title: "Ouvrir la réunion", done: "La réunion est ouverte : vous pouvez faire l’appel.",
		from: func(v meeting.Roll) bool { return v.Meeting.State == governance.Convened },
		view: func(v meeting.Roll) ui.ConfirmView {
			c := ui.ConfirmView{Lead: "L’émargement s’ouvre, et un code de pointage peut s’afficher dans la salle.", Submit: "Ouvrir la réunion"}
			if !v.Started {
				c.Warning = french.Typo("L’heure de la réunion n’est pas encore venue : elle commence le " + french.DateTime(v.Meeting.StartsAt) + ".")
			}
			return c
		},
		act: func(p *Pages, r *http.Request, id meeting.ID, version int, _ meeting.CheckInFate) error {
			return p.Meetings.OpenDay(r.Context(), page.Actor(r), id, version)
		}}
	rollClosing = rollTurn{part: "cloture", title: "Clore la réunion", done: "La réunion est close. L’émargement reste modifiable jusqu’à la publication du compte rendu.",
		from: func(v meeting.Roll) bool {
			return v.Meeting.State == governance.InProgress || v.Meeting.State == governance.Convened && v.Started
		},
		view: closingView,
		act: func(p *Pages, r *http.Request, id meeting.ID, version int, fate meeting.CheckInFate) error {
			return p.Meetings.CloseDay(r.Context(), page.Actor(r), id, version, fate)
		}}
	rollReopening = rollTurn{part: "reouverture", title: "Rouvrir la réunion", done: "La réunion est de nouveau en cours.",
		from: func(v meeting.Roll) bool { return v.Meeting.State == governance.Held },
		view: func(meeting.Roll) ui.ConfirmView {
			return ui.ConfirmView{Lead: "La réunion sera de nouveau en cours, avec un nouveau code de pointage. Vous la clorez ensuite de nouveau.", Submit: "Rouvrir la réunion"}
		},
		act: func(p *Pages, r *http.Request, id meeting.ID, version int, _ meeting.CheckInFate) error {
			return p.Meetings.ReopenDay(r.Context(), page.Actor(r), id, version)
		}}
)

// closingView tells what the closing leaves, and what the cadence will make of it.
func closingView(v meeting.Roll) ui.ConfirmView {
	c := ui.ConfirmView{Lead: "La réunion est dite tenue. Le code de pointage ne sert plus.", Submit: "Clore la réunion", Rows: []ui.SummaryRow{
		{Key: "Émargement", Value: countWords(v.Count)},
		{Key: "Quorum", Value: quorumWords(v.Quorum)},
	}}
	m := v.Meeting
	if m.NeedsChairAndState {
		c.Rows = append(c.Rows, ui.SummaryRow{Key: "Présidence", Value: noted(m.ChairPresent)},
			ui.SummaryRow{Key: "Représentation de l’État", Value: noted(m.StatePresent)})
		if !m.ChairPresent || !m.StatePresent {
			c.Warning = "Sans la présence notée de la présidence et de la représentation de l’État, cette séance ne compte pas dans le rythme annuel. L’émargement se complète aussi après la clôture."
		}
	}
	return c
}

func noted(present bool) string {
	if present {
		return "Présence notée"
	}
	return "Présence non notée"
}

// ShowOpening and the five after it open, close and reopen a meeting, each behind a
// page that asks.
func (p *Pages) ShowOpening(w http.ResponseWriter, r *http.Request) error {
	return p.showTurn(w, r, rollOpening, form.New())
}

// OpenMeeting answers POST /equipe/reunions/{id}/emargement/ouverture.
func (p *Pages) OpenMeeting(w http.ResponseWriter, r *http.Request) error {
	return p.turn(w, r, rollOpening)
}

// ShowClosing shows /equipe/reunions/{id}/emargement/cloture.
func (p *Pages) ShowClosing(w http.ResponseWriter, r *http.Request) error {
	return p.showTurn(w, r, rollClosing, form.New())
}

// CloseMeeting answers POST /equipe/reunions/{id}/emargement/cloture.
func (p *Pages) CloseMeeting(w http.ResponseWriter, r *http.Request) error {
	return p.turn(w, r, rollClosing)
}

// ShowReopening shows /equipe/reunions/{id}/emargement/reouverture.
func (p *Pages) ShowReopening(w http.ResponseWriter, r *http.Request) error {
	return p.showTurn(w, r, rollReopening, form.New())
}

// ReopenMeeting answers POST /equipe/reunions/{id}/emargement/reouverture.
func (p *Pages) ReopenMeeting(w http.ResponseWriter, r *http.Request) error {
	return p.turn(w, r, rollReopening)
}

func (p *Pages) showTurn(w http.ResponseWriter, r *http.Request, t rollTurn, f *form.Form) error {
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	roll, err := p.Meetings.RollOf(r.Context(), page.Actor(r), id, meeting.RollFilter{})
	if err != nil {
		return err
	}
	if !f.Submitted() && !t.from(roll) {
		return p.Kit.Done(w, r, rollAddress(id, ""), "La réunion est «\u00a0"+lower(roll.Meeting.State.Label())+"\u00a0»\u00a0: cet acte ne se fait pas maintenant.")
	}
	v := t.view(roll)
	v.Action, v.Key, v.Cancel = rollAddress(id, t.part), page.NewKey(), rollAddress(id, "")
	v.Hidden = []ui.HiddenField{{Name: "version", Value: page.IDText(roll.Meeting.Version)}}
	waiting := 0
	if t.part == rollClosing.part {
		waiting = roll.Count.Waiting
	}
	status := page.FormStatus(f)
	if f.Error("") != "" {
		status = http.StatusConflict
	}
	c := p.Kit.FormChrome(r, rollChrome(roll.Meeting, t.title), f)
	return p.Kit.Show(w, r, status, rollTurnPage(c, v, waiting, f))
}

func (p *Pages) turn(w http.ResponseWriter, r *http.Request, t rollTurn) error {
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	version := f.Int("version", "Rechargez la page.", 1, 1<<30)
	fate := f.Choice("pointages", "", string(meeting.KeepCheckIns), string(meeting.DropCheckIns))
	if err := f.Unknown(); err != nil {
		return err
	}
	if f.OK() {
		err := t.act(p, r, id, version, meeting.CheckInFate(fate))
		if err == nil {
			return p.Kit.Done(w, r, rollAddress(id, ""), french.Typo(t.done))
		}
		if !page.Takes(f, err) {
			return err
		}
	}
	return p.showTurn(w, r, t, f)
}

// ShowWalkIn shows /equipe/reunions/{id}/emargement/invites/nouveau.
func (p *Pages) ShowWalkIn(w http.ResponseWriter, r *http.Request) error {
	f := form.New()
	f.Set("role", string(meeting.OtherGuest))
	return p.showWalkIn(w, r, f, nil)
}

func (p *Pages) showWalkIn(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	m, sight, err := p.Meetings.Load(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	if sight != meeting.Backstage {
		return page.ErrNotFound
	}
	c := p.Kit.FormChrome(r, rollChrome(m, "Ajouter une personne présente"), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), walkInPage(c, m, page.NewKey(), f))
}

// AddWalkIn answers POST /equipe/reunions/{id}/emargement/invites/nouveau.
func (p *Pages) AddWalkIn(w http.ResponseWriter, r *http.Request) error {
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	roles := make([]string, len(meeting.GuestRoles))
	for i, role := range meeting.GuestRoles {
		roles[i] = string(role)
	}
	in := meeting.WalkIn{
		Name: f.Line("nom", "Saisissez le nom de la personne.", 160), Organisation: f.Line("organisation", "", 200),
		Role:  meeting.GuestRole(f.Choice("role", "Choisissez à quel titre la personne est là.", roles...)),
		Email: f.Email("courriel", ""), Remote: f.Bool("a_distance"),
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		refusal = p.Meetings.AddWalkIn(r.Context(), page.Actor(r), id, in)
		if refusal == nil {
			return p.Kit.Done(w, r, rollAddress(id, ""), in.Name+" est sur l’émargement.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showWalkIn(w, r, f, refusal)
}

func guestRoleOptions() []ui.Option {
	out := make([]ui.Option, 0, len(meeting.GuestRoles))
	for _, role := range meeting.GuestRoles {
		out = append(out, ui.Option{Value: string(role), Label: role.Label()})
	}
	return out
}
