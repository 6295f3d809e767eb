package dashboard

import (
	"time"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/web/ui"
)

// The views below are all a page knows: values, no service and no request.

// bodyView is one body as a home shows it.
type bodyView struct {
	Code    governance.BodyCode
	Name    string
	Quality string // what the reader is to it, a sentence; "" for nothing to say
	Cadence governance.Cadence
	Next    *governance.MeetingMark // nil: no date
}

// link leads to another page.
type link struct{ Label, Href, Hint string }

// personView is somebody who acts beside the reader.
type personView struct {
	Name  string // "" for a vacant seat
	Role  string // « maire », « référente numérique »
	IsYou bool
}

// memberView is the home of who sits or acts in the governance: mayor, delegate,
// structure, partner, State.
type memberView struct {
	Lead  string
	Today day.Day
	// Alert is what must be known first; no alert when its Title is "".
	Alert alert

	Meetings    []governance.MeetingMark // to come, of the bodies below
	Bodies      []bodyView
	BodiesTitle string

	FactsTitle string
	Facts      []ui.SummaryRow

	Role        string   // title of what follows
	RoleTexts   []string // what the reader is for, in sentences
	People      []personView
	PeopleTitle string
	PeopleNone  string // said when there is nobody
	Seats       []seatView
	SeatsTitle  string
	SeatsLead   string
	Links       []link
}

// alert is a notice at the head of a home.
type alert struct {
	Kind  ui.Kind
	Title string
	Text  string
}

// seatView is a seat and its holder.
type seatView struct {
	Label  string
	Holder string // "" when vacant
	Detail string
	State  governance.SeatState
}

// teamView is the home of the metropole's team.
type teamView struct {
	Today    day.Day
	Tasks    []task
	Timeline ui.Timeline
	Meetings []governance.MeetingMark
}

// chairView is the home of who presides one body or several.
type chairView struct {
	Lead     string
	Today    day.Day
	Alert    alert
	Timeline ui.Timeline
	Meetings []governance.MeetingMark
	Bodies   []chairedView
	Facts    []ui.SummaryRow
}

// chairedView is a body seen by who presides it.
type chairedView struct {
	bodyView
	governance.Counts
	EndsSoon    int
	CarriedOver int
}

// complete tells whether nothing has to be seen to in the composition.
func (b chairedView) complete() bool { return b.Vacant+b.EndsSoon+b.CarriedOver == 0 }

// adminView is the home of an administrator of the portal.
type adminView struct {
	Accounts *accountCounts
	Mails    notify.Counts
	Journal  *journalHead
}

// accountCounts is how many accounts are in each state.
type accountCounts struct{ Active, Invited, Disabled int }

// journalHead is how long the journal is, and when it last grew.
type journalHead struct {
	Entries int64
	Last    time.Time // zero: the journal is empty
}

// alert tells an administrator what does not work.
func (v adminView) alert() alert {
	if v.Mails.Failed == 0 {
		return alert{}
	}
	return alert{ui.Err, failedMails(v.Mails.Failed), "Voyez pourquoi, puis renvoyez-les."}
}

// formerView is the home of a person who holds nothing any more.
type formerView struct {
	Past    []pastView
	Contact string
}

// pastView is a mandate or a membership that ended.
type pastView struct {
	Label       string
	From, Until day.Day
}
