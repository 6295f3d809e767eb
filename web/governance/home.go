package governance

import (
	"strconv"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/roadmap/board"
	"bordeaux-metropole.fr/portal/web/ui"
)

// homeView is what the home shows.
type homeView struct {
	Year     string
	Picture  ui.Governance
	Next     []ui.AgendaItem
	Timeline ui.Timeline
	Cadence  []ui.Task // the year, body by body, in words
	Communes communesView
	Axes     []board.AxisProgress // of the roadmap
}

func newHomeView(h governance.Home, communes []governance.CommuneTile) homeView {
	v := homeView{
		Year: strconv.Itoa(h.Today.Year()), Communes: newCommunesView(communes),
		Timeline: ui.Timeline{Year: h.Today.Year(), Today: h.Today},
	}
	for _, b := range h.Bodies {
		card := pictured(b, h.Next)
		if b.Code == governance.CMTIN {
			v.Picture.Top = card
		} else {
			v.Picture.Base = append(v.Picture.Base, card)
		}
		v.Timeline.Rows = append(v.Timeline.Rows, yearOf(b, h.Marks))
		kind, status := cadenceState(b.Cadence)
		v.Cadence = append(v.Cadence, ui.Task{Label: b.Name, Href: bodyHref(b.Code),
			Hint: cadenceSentence(b.Cadence, h.Today.Year()), Kind: kind, Status: status})
	}
	for _, m := range h.Next {
		v.Next = append(v.Next, ui.AgendaItem{Day: m.Day(), Title: m.Body.Full(), Href: meetingHref(m.ID),
			Meta: when(m), Kind: meetingKind(m.State), Status: m.State.Label()})
	}
	return v
}

// pictured is a body of the picture of the governance.
func pictured(b governance.HomeBody, next []governance.MeetingMark) ui.GovernanceBody {
	n := names[b.Code]
	card := ui.GovernanceBody{
		Code: string(b.Code), Name: b.Name, Href: bodyHref(b.Code), Level: n.level, Role: n.role, Chair: n.chair,
		Members: seats(b.Code, b.Counts), Rhythm: french.Count(b.Cadence.Owed, n.meeting, n.meets) + " par an",
		Owed: b.Cadence.Owed, Held: b.Cadence.Held, Feeds: n.feeds,
	}
	if b.Code == governance.CMTIN || b.Code == governance.GNI {
		card.Name += " (" + b.ShortName + ")"
	}
	for _, m := range next {
		if m.Body == b.Code {
			card.Next = french.Date(m.Day())
			break
		}
	}
	return card
}

// yearOf is the line of a body on the timeline.
func yearOf(b governance.HomeBody, marks []governance.MeetingMark) ui.TimelineRow {
	row := ui.TimelineRow{Code: string(b.Code), Label: b.Code.Short(),
		Owed: b.Cadence.Owed, Held: b.Cadence.Held, Planned: b.Cadence.Planned}
	for _, m := range marks {
		if m.Body == b.Code {
			row.Marks = append(row.Marks, ui.TimelineMark{Day: m.Day(), State: markState(m.State), Label: b.ShortName})
		}
	}
	switch {
	case b.Cadence.Late:
		row.Late = b.Cadence.Missing
		row.Marks = append(row.Marks, ui.TimelineMark{Day: b.Cadence.LatestConvene, State: ui.MarkOverdue, Label: b.ShortName})
	case b.Cadence.Missing > 0:
		row.ConveneBy = b.Cadence.LatestConvene
	}
	return row
}
