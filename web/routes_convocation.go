package web

// convocationTable is convening, and answering by a personal link.
func (p pages) convocationTable() []Route {
	const (
		one    = "/equipe/reunions/{id:[0-9]+}/convocation"
		person = one + "/destinataires/{destinataire:[0-9]+}"
		link   = "/reunions/reponse/{token}"
		mine   = "/mes-reunions/{id:[0-9]+}"
	)
	return []Route{
		{Method: get, Pattern: one, Who: teamOnly, Handle: p.meetings.ShowConvocation},
		{Method: post, Pattern: one, Who: teamOnly, Handle: p.meetings.Convene},
		{Method: post, Pattern: one + "/verification", Who: teamOnly, Handle: p.meetings.CheckConvocation},
		{Method: get, Pattern: one + "/envoi", Who: teamOnly, Handle: p.meetings.ShowSent},
		{Method: get, Pattern: one + "/apercu", Who: teamOnly, Handle: p.meetings.ShowPreview},
		{Method: get, Pattern: one + "/preuves", Who: teamOnly, Handle: p.meetings.ShowProof},
		{Method: get, Pattern: one + "/preuves.{ext:(csv|xlsx)}", Who: teamOnly, Handle: p.meetings.ProofFile},
		{Method: get, Pattern: one + "/document", Who: teamOnly, Handle: p.meetings.ShowPaper},
		{Method: get, Pattern: one + ".pdf", Who: teamOnly, Handle: p.meetings.PrintPaper},
		{Method: get, Pattern: one + "/complement", Who: teamOnly, Handle: p.meetings.ShowAddition},
		{Method: post, Pattern: one + "/complement", Who: teamOnly, Handle: p.meetings.SendAddition},
		{Method: get, Pattern: one + "/nouveaux", Who: teamOnly, Handle: p.meetings.ShowNewcomers},
		{Method: post, Pattern: one + "/nouveaux", Who: teamOnly, Handle: p.meetings.ConveneNewcomers},
		{Method: get, Pattern: one + "/rappel", Who: teamOnly, Handle: p.meetings.ShowReminder},
		{Method: post, Pattern: one + "/rappel", Who: teamOnly, Handle: p.meetings.SendReminder},
		{Method: get, Pattern: person, Who: teamOnly, Handle: p.meetings.ShowRecipient},
		{Method: post, Pattern: person, Who: teamOnly, Handle: p.meetings.AnswerForRecipient},
		{Method: post, Pattern: person + "/liens", Who: teamOnly, Handle: p.meetings.CloseLinks},

		{Method: get, Pattern: link, Who: anyone, Handle: p.meetings.ShowAnswer},
		{Method: post, Pattern: link, Who: anyone, Handle: p.meetings.Answer},
		{Method: post, Pattern: link + "/ouverture", Who: anyone, Handle: p.meetings.MarkOpened},
		{Method: post, Pattern: link + "/contribution", Who: anyone, Handle: p.meetings.ContributeByLink},
		{Method: get, Pattern: link + "/convocation", Who: anyone, Handle: p.meetings.ShowLinkPaper},
		{Method: get, Pattern: link + "/convocation.pdf", Who: anyone, Handle: p.meetings.PrintLinkPaper},
		{Method: get, Pattern: mine, Who: signedIn, Handle: p.meetings.ShowMyAnswer},
		{Method: post, Pattern: mine, Who: signedIn, Handle: p.meetings.AnswerMine},
		{Method: get, Pattern: mine + "/convocation", Who: signedIn, Handle: p.meetings.ShowMyPaper},
		{Method: get, Pattern: mine + "/convocation.pdf", Who: signedIn, Handle: p.meetings.PrintMyPaper},
	}
}
