package web

// agendaTable is agendas, standing points, proposals and contributions.
func (p pages) agendaTable() []Route {
	const (
		agenda   = "/equipe/reunions/{id:[0-9]+}/ordre-du-jour"
		point    = agenda + "/{point:[0-9]+}"
		standing = "/equipe/instances/{code:[a-z]+}/points-permanents"
		desk     = "/equipe/propositions"
		mine     = "/mes-reunions/propositions"
		workshop = "/equipe/reunions/{id:[0-9]+}/contributions"
		bring    = "/mes-reunions/{id:[0-9]+}/contribution"
	)
	return []Route{
		{Method: get, Pattern: agenda, Who: teamOnly, Handle: p.meetings.ShowAgenda},
		{Method: post, Pattern: agenda, Who: teamOnly, Handle: p.meetings.ChangeAgenda},
		{Method: get, Pattern: point, Who: teamOnly, Handle: p.meetings.ShowItem},
		{Method: post, Pattern: point, Who: teamOnly, Handle: p.meetings.ChangeItem},
		{Method: get, Pattern: point + "/suppression", Who: teamOnly, Handle: p.meetings.ShowRemoveItem},
		{Method: post, Pattern: point + "/suppression", Who: teamOnly, Handle: p.meetings.RemoveItem},
		{Method: get, Pattern: point + "/deplacement", Who: teamOnly, Handle: p.meetings.ShowPostponeItem},
		{Method: post, Pattern: point + "/deplacement", Who: teamOnly, Handle: p.meetings.PostponeItem},
		{Method: get, Pattern: point + "/transmission", Who: teamOnly, Handle: p.meetings.ShowPushItem},
		{Method: post, Pattern: point + "/transmission", Who: teamOnly, Handle: p.meetings.PushItem},
		{Method: get, Pattern: standing, Who: teamOnly, Handle: p.meetings.ShowStanding},
		{Method: post, Pattern: standing, Who: teamOnly, Handle: p.meetings.ChangeStanding},
		{Method: get, Pattern: standing + "/{point:[0-9]+}", Who: teamOnly, Handle: p.meetings.ShowStandingItem},
		{Method: post, Pattern: standing + "/{point:[0-9]+}", Who: teamOnly, Handle: p.meetings.ChangeStandingItem},
		{Method: get, Pattern: desk, Who: teamOnly, Handle: p.meetings.ListProposals, Label: "Propositions de points", Group: teamPages},
		{Method: get, Pattern: desk + "/{id:[0-9]+}", Who: teamOnly, Handle: p.meetings.ShowProposal},
		{Method: post, Pattern: desk + "/{id:[0-9]+}", Who: teamOnly, Handle: p.meetings.DecideProposal},
		{Method: get, Pattern: mine, Who: signedIn, Handle: p.meetings.ShowMyProposals, Label: "Mes propositions de points", Group: myPages},
		{Method: post, Pattern: mine, Who: signedIn, Handle: p.meetings.ChangeMyProposals},
		{Method: get, Pattern: workshop, Who: teamOnly, Handle: p.meetings.ShowContributions},
		{Method: post, Pattern: workshop, Who: teamOnly, Handle: p.meetings.SortContribution},
		{Method: get, Pattern: bring, Who: signedIn, Handle: p.meetings.ShowMyContribution},
		{Method: post, Pattern: bring, Who: signedIn, Handle: p.meetings.SendMyContribution},
	}
}
