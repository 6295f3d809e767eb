package web

// calendarTable is calendars, and how a person wants mail.
func (p pages) calendarTable() []Route {
	return []Route{}
}
