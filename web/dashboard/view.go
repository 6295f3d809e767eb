package dashboard

import (
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/roadmap/board"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/web/ui"
)

// The views are all a page knows: values, no service and no request.

// bodyView is one body as a home shows it.
type bodyView struct {
	Code    governance.BodyCode
	Name    string
	Quality string // what the reader is to it, a sentence; "" for nothing to say
	Cadence governance.Cadence
	Next    *governance.MeetingMark // nil: no date
}

// link leads to another page.
type link struct{ Label, Href string }

// personView is somebody who acts for the same organisation.
type personView struct {
	Name  string
	Title string // « Maire », « Référente numérique »
	IsYou bool
}

// alert is a notice at the head of a home; none when Title is "".
type alert struct {
	Kind        ui.Kind
	Title, Text string
}

// memberView is the home of who sits or acts in the governance: mayor, delegate,
// structure, partner, State. What is empty is not shown.
type memberView struct {
	Lead  string
	Today day.Day
	Alert alert
	Tasks []task // what meetings ask of the reader

	Meetings []governance.MeetingMark // to come, of the bodies below
	Bodies   []bodyView

	FactsTitle string
	Facts      []ui.SummaryRow

	RoleTitle string
	RoleTexts []string // what the reader is there for, in sentences

	PeopleTitle string
	People      []personView

	SeatsTitle string
	Seats      []seatView // representatives of the college

	Mine *progress.Mine // what the roadmap asks; nil for the State

	Links []link
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
	Roadmap  teamRoadmap
}

// chairView is the home of who presides one body or several.
type chairView struct {
	Lead     string
	Today    day.Day
	Alert    alert
	Tasks    []task // what meetings ask of the reader
	Meetings []governance.MeetingMark
	Chaired  []chairedView
	Others   []bodyView // where the reader sits without presiding
	Facts    []ui.SummaryRow
	Roadmap  board.Tally
}

// chairedView is a body seen by who presides it.
type chairedView struct {
	bodyView
	governance.Counts
	EndsSoon    int
	CarriedOver int
	Watch       []seatView // the seats to see to, the first six
}

// hidden is how many seats to see to are not listed.
func (b chairedView) hidden() int { return b.Vacant + b.EndsSoon + b.CarriedOver - len(b.Watch) }

// adminView is the home of an administrator of the portal.
type adminView struct {
	Mails  notify.Counts
	Portal *PortalCounts // nil: not counted
}

// alert tells an administrator what does not work.
func (v adminView) alert() alert {
	if v.Mails.Failed == 0 {
		return alert{}
	}
	return alert{ui.Err, failedMails(v.Mails.Failed), "Voyez pourquoi dans la liste des courriels, puis renvoyez-les."}
}

// formerView is the home of a person who may act for nobody.
type formerView struct {
	Now     []pastView // seats held that give no right by themselves
	Past    []pastView // none: not known
	Contact string
}

// pastView is a mandate or a membership that ended.
type pastView struct {
	Label       string
	From, Until day.Day
}
