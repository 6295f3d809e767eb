package web

// examineTable is the examination of requests by the team, and the page where an
// applicant follows theirs.
func (p pages) examineTable() []Route {
	const (
		all  = "/equipe/structures"
		one  = all + "/{id:[0-9]+}"
		link = "/structures/demande/{token}"
	)
	return []Route{
		{Method: get, Pattern: all, Who: teamOnly, Handle: p.examine.ListRegister, Label: "Structures du GNI", Group: teamPages, Menu: "Registre"},
		{Method: get, Pattern: all + ".{ext:(csv|xlsx)}", Who: teamOnly, Handle: p.examine.RegisterFile},
		{Method: get, Pattern: all + "/acceptation", Who: teamOnly, Handle: p.examine.ShowAcceptance},
		{Method: post, Pattern: all + "/acceptation", Who: teamOnly, Handle: p.examine.AcceptMany},
		{Method: get, Pattern: one, Who: teamOnly, Handle: p.examine.ShowStructure},
		{Method: post, Pattern: one + "/decision", Who: teamOnly, Handle: p.examine.Decide},
		{Method: post, Pattern: one + "/reouverture", Who: teamOnly, Handle: p.examine.Reopen},
		{Method: post, Pattern: one + "/note", Who: teamOnly, Handle: p.examine.AddNote},

		{Method: get, Pattern: link, Who: anyone, Handle: p.examine.ShowApplication},
		{Method: post, Pattern: link, Who: anyone, Handle: p.examine.AnswerTeam},
		{Method: get, Pattern: link + "/retrait", Who: anyone, Handle: p.examine.ShowWithdrawal},
		{Method: post, Pattern: link + "/retrait", Who: anyone, Handle: p.examine.Withdraw},
		{Method: get, Pattern: link + "/{section:[a-z]+}", Who: anyone, Handle: p.examine.ShowApplicationSection},
		{Method: post, Pattern: link + "/{section:[a-z]+}", Who: anyone, Handle: p.examine.ChangeApplicationSection},
	}
}
