// Package calendar writes meetings for calendar programs (RFC 5545): stable UIDs,
// SEQUENCE, CANCELLED, and a VTIMEZONE for Europe/Paris, right across both clock
// changes.
//
// The method is PUBLISH, never REQUEST: a calendar would offer to answer by mail to
// the organiser, and the portal cannot soundly read such an answer. The sender of a
// mail can be forged, and nobody's attendance may rest on that. The answer goes by
// the personal link.
package calendar

import (
	"net/url"
	"strings"
	"time"
	"unicode"

	ics "github.com/arran4/golang-ical"

	"bordeaux-metropole.fr/portal/internal/day"
)

// Event is a meeting as calendars show it.
type Event struct {
	UID         string // stable for the life of the meeting
	Sequence    int
	Start, End  time.Time
	Changed     time.Time // DTSTAMP and LAST-MODIFIED
	Summary     string
	Location    string
	Description string
	URL         string // page of the meeting
	Cancelled   bool
	Tentative   bool // announced, not convened yet
}

const (
	product = "-//Bordeaux Métropole//Gouvernance de l’inclusion numérique//FR"
	zone    = "Europe/Paris"
	// refresh is how often a calendar program is asked to read again.
	refresh = "PT4H"
	// cancelled begins the title of what is called off: many programs ignore STATUS.
	cancelled = "Annulé\u00a0: "

	localTime = "20060102T150405"
)

// Write returns a calendar holding the events, named name (X-WR-CALNAME). The same
// events give the same bytes. Whatever people typed stays within its property.
func Write(name string, events []Event) string {
	c := ics.NewCalendar()
	c.SetProductId(product)
	c.SetCalscale("GREGORIAN")
	c.SetMethod(ics.MethodPublish)
	c.SetXWRCalName(oneLine(name))
	c.SetXWRTimezone(zone)
	c.SetRefreshInterval(refresh) // the library adds VALUE=DURATION
	c.SetXPublishedTTL(refresh)
	c.AddVTimezone(paris())
	for _, e := range events {
		c.AddVEvent(e.component())
	}
	return c.Serialize(ics.WithNewLine("\r\n"))
}

func (e Event) component() *ics.VEvent {
	v := ics.NewEvent(oneLine(e.UID))
	v.SetSequence(max(e.Sequence, 0))
	v.SetDtStampTime(e.Changed)
	v.SetLastModifiedAt(e.Changed)
	setTime(v, ics.ComponentPropertyDtStart, e.Start)
	setTime(v, ics.ComponentPropertyDtEnd, e.End)
	summary, status, busy := oneLine(e.Summary), ics.ObjectStatusConfirmed, "BUSY"
	switch {
	case e.Cancelled:
		summary, status, busy = cancelled+summary, ics.ObjectStatusCancelled, "FREE"
		v.SetTimeTransparency(ics.TransparencyTransparent) // the time is free again
	case e.Tentative:
		status, busy = ics.ObjectStatusTentative, "TENTATIVE"
	}
	v.SetStatus(status)
	v.SetProperty("X-MICROSOFT-CDO-BUSYSTATUS", busy) // Outlook reads it, not STATUS
	v.SetSummary(summary)
	setText(v, ics.ComponentPropertyLocation, oneLine(e.Location))
	setText(v, ics.ComponentPropertyDescription, text(e.Description))
	setText(v, ics.ComponentPropertyUrl, address(e.URL))
	return v
}

func setText(v *ics.VEvent, p ics.ComponentProperty, value string) {
	if value != "" {
		v.SetProperty(p, value)
	}
}

// setTime writes the hour of Paris, which is what people read. The hour that comes
// twice in October is written in universal time: an hour of Paris would not say
// which of the two it is.
func setTime(v *ics.VEvent, p ics.ComponentProperty, t time.Time) {
	local := t.In(day.Paris).Format(localTime)
	if t.Add(-time.Hour).In(day.Paris).Format(localTime) == local || t.Add(time.Hour).In(day.Paris).Format(localTime) == local {
		v.SetProperty(p, t.UTC().Format(localTime)+"Z")
		return
	}
	v.SetProperty(p, local, ics.WithTZID(zone))
}

// paris is the zone with the rule the Union keeps since 1996: last Sundays of March
// and October, at 1 h universal time.
func paris() *ics.VTimezone {
	z := ics.NewTimezone(zone)
	z.Components = []ics.Component{
		&ics.Daylight{ComponentBase: change("19700329T020000", "+0100", "+0200", "CEST", "3")},
		&ics.Standard{ComponentBase: change("19701025T030000", "+0200", "+0100", "CET", "10")},
	}
	return z
}

func change(start, from, to, name, month string) ics.ComponentBase {
	var b ics.ComponentBase
	b.SetProperty(ics.ComponentPropertyDtStart, start)
	b.SetProperty(ics.ComponentProperty(ics.PropertyTzoffsetfrom), from)
	b.SetProperty(ics.ComponentProperty(ics.PropertyTzoffsetto), to)
	b.SetProperty(ics.ComponentProperty(ics.PropertyTzname), name)
	b.SetProperty(ics.ComponentProperty(ics.PropertyRrule), "FREQ=YEARLY;BYMONTH="+month+";BYDAY=-1SU")
	return b
}

// text keeps lines and drops what a text value cannot hold: other control
// characters and bytes that are no UTF-8. The library escapes the rest.
func text(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(strings.ToValidUTF8(s, ""))
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// oneLine is text for what calendars show on one line.
func oneLine(s string) string { return strings.ReplaceAll(text(s), "\n", " ") }

// address returns an absolute http address as it stands in a URL property, which
// the library does not escape; "" for anything else.
func address(s string) string {
	u, err := url.Parse(strings.ToValidUTF8(s, ""))
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return u.String()
}
