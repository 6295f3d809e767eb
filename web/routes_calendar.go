package web

// calendarTable is calendars, and how a person wants mail.
func (p pages) calendarTable() []Route {
	return []Route{
		{Method: get, Pattern: "/agenda.ics", Who: anyone, Handle: p.meetings.Agenda, Cached: true},
		{Method: get, Pattern: "/instances/{code:[a-z]+}/agenda.ics", Who: anyone, Handle: p.meetings.BodyAgenda, Cached: true},
		{Method: get, Pattern: "/reunions/{id:[0-9]+}.ics", Who: anyone, Handle: p.meetings.MeetingCalendar},
		{Method: get, Pattern: "/agenda/{token}", Who: anyone, Handle: p.meetings.MyAgenda}, // with « .ics »: the pattern masks it in logs
		{Method: get, Pattern: "/mon-compte/agenda", Who: signedIn, Handle: p.prefs.ShowCalendar, Label: "Mon agenda", Group: myPages},
		{Method: post, Pattern: "/mon-compte/agenda", Who: signedIn, Handle: p.prefs.ChangeCalendar},
		{Method: get, Pattern: "/mon-compte/courriels", Who: signedIn, Handle: p.prefs.ShowMail, Label: "Mes courriels", Group: myPages},
		{Method: post, Pattern: "/mon-compte/courriels", Who: signedIn, Handle: p.prefs.ChooseRhythm},
	}
}
