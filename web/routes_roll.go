package web

import "bordeaux-metropole.fr/portal/web/meeting"

// rollTable is the roll call, the check-in and the attendance over time.
func (p pages) rollTable() []Route {
	const (
		roll   = "/equipe/reunions/{id:[0-9]+}/emargement"
		person = roll + "/personnes/{ligne:[0-9]+}"
	)
	return []Route{
		{Method: get, Pattern: roll, Who: teamOnly, Handle: p.meetings.ShowRoll},
		{Method: post, Pattern: roll, Who: teamOnly, Handle: p.meetings.SaveRoll, MaxBody: meeting.MaxRollBody},
		{Method: get, Pattern: roll + "/etat", Who: teamOnly, Handle: p.meetings.RollState},
		{Method: get, Pattern: person, Who: teamOnly, Handle: p.meetings.ShowRollPerson},
		{Method: post, Pattern: person, Who: teamOnly, Handle: p.meetings.SaveRollPerson},
		{Method: get, Pattern: roll + "/invites/nouveau", Who: teamOnly, Handle: p.meetings.ShowWalkIn},
		{Method: post, Pattern: roll + "/invites/nouveau", Who: teamOnly, Handle: p.meetings.AddWalkIn},
		{Method: get, Pattern: roll + "/ouverture", Who: teamOnly, Handle: p.meetings.ShowOpening},
		{Method: post, Pattern: roll + "/ouverture", Who: teamOnly, Handle: p.meetings.OpenMeeting},
		{Method: get, Pattern: roll + "/cloture", Who: teamOnly, Handle: p.meetings.ShowClosing},
		{Method: post, Pattern: roll + "/cloture", Who: teamOnly, Handle: p.meetings.CloseMeeting},
		{Method: get, Pattern: roll + "/reouverture", Who: teamOnly, Handle: p.meetings.ShowReopening},
		{Method: post, Pattern: roll + "/reouverture", Who: teamOnly, Handle: p.meetings.ReopenMeeting},
		{Method: get, Pattern: roll + "/pointage", Who: teamOnly, Handle: p.meetings.ShowCode},
		{Method: post, Pattern: roll + "/pointage", Who: teamOnly, Handle: p.meetings.RenewCode},
		{Method: get, Pattern: roll + "/feuille", Who: teamOnly, Handle: p.meetings.ShowSheet},
		{Method: get, Pattern: roll + "/feuille.pdf", Who: teamOnly, Handle: p.meetings.SheetPDF},
		{Method: get, Pattern: "/equipe/presences", Who: teamOnly, Handle: p.meetings.ShowAttendance, Label: "Présences aux réunions", Group: teamPages},
		{Method: get, Pattern: "/equipe/presences.{ext:(csv|xlsx)}", Who: teamOnly, Handle: p.meetings.AttendanceFile},
		{Method: get, Pattern: "/pointage/{token}", Who: anyone, Handle: p.meetings.ShowCheckIn},
		{Method: post, Pattern: "/pointage/{token}", Who: anyone, Handle: p.meetings.CheckInHere, MaxBody: meeting.MaxCheckInBody},
	}
}
