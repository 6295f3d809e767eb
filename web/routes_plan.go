package web

// planTable is the dates of meetings: what the public reads, and what the team plans.
func (p pages) planTable() []Route {
	const one = "/equipe/reunions/{id:[0-9]+}"
	m := p.meetings
	return []Route{
		{Method: get, Pattern: "/reunions", Who: anyone, Handle: m.ShowMeetings, Cached: true, Label: "Réunions", Group: publicPages, Menu: "Réunions"},
		{Method: get, Pattern: "/reunions.{ext:(csv|xlsx|json)}", Who: anyone, Handle: m.MeetingsFile},
		{Method: get, Pattern: "/reunions/{id:[0-9]+}", Who: anyone, Handle: m.ShowMeeting, Cached: true},
		{Method: get, Pattern: "/reunions/sondage/{token}", Who: anyone, Handle: m.ShowVote},
		{Method: post, Pattern: "/reunions/sondage/{token}", Who: anyone, Handle: m.Vote},
		{Method: get, Pattern: "/mes-reunions", Who: signedIn, Handle: m.ShowMine, Label: "Mes réunions", Group: myPages},

		{Method: get, Pattern: "/equipe/reunions", Who: teamOnly, Handle: m.ListTeam, Label: "Réunions à conduire", Group: teamPages, Menu: "Conduire les réunions"},
		{Method: get, Pattern: "/equipe/reunions.{ext:(csv|xlsx)}", Who: teamOnly, Handle: m.TeamFile},
		{Method: get, Pattern: "/equipe/reunions/nouvelle", Who: teamOnly, Handle: m.ShowNew, Label: "Planifier une réunion", Group: teamPages},
		{Method: post, Pattern: "/equipe/reunions/nouvelle", Who: teamOnly, Handle: m.Create},
		{Method: get, Pattern: one, Who: teamOnly, Handle: m.ShowHub},
		{Method: post, Pattern: one + "/annonce", Who: teamOnly, Handle: m.Announce},
		{Method: get, Pattern: one + "/modification", Who: teamOnly, Handle: m.ShowChange},
		{Method: post, Pattern: one + "/modification", Who: teamOnly, Handle: m.Change},
		{Method: get, Pattern: one + "/report", Who: teamOnly, Handle: m.ShowPostpone},
		{Method: post, Pattern: one + "/report", Who: teamOnly, Handle: m.Postpone},
		{Method: get, Pattern: one + "/annulation", Who: teamOnly, Handle: m.ShowCancel},
		{Method: post, Pattern: one + "/annulation", Who: teamOnly, Handle: m.Cancel},
		{Method: get, Pattern: one + "/invites", Who: teamOnly, Handle: m.ShowGuests},
		{Method: post, Pattern: one + "/invites", Who: teamOnly, Handle: m.AddGuest},
		{Method: post, Pattern: one + "/invites/{invite:[0-9]+}/retrait", Who: teamOnly, Handle: m.RemoveGuest},
		{Method: get, Pattern: one + "/sondage", Who: teamOnly, Handle: m.ShowPoll},
		{Method: post, Pattern: one + "/sondage", Who: teamOnly, Handle: m.OpenPoll},
		{Method: post, Pattern: one + "/sondage/rappel", Who: teamOnly, Handle: m.RemindPoll},
		{Method: post, Pattern: one + "/sondage/choix", Who: teamOnly, Handle: m.ChooseDate},
	}
}
