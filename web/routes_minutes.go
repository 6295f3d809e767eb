package web

import "bordeaux-metropole.fr/portal/web/minutes"

// minutesTable is the minutes, from draft to publication.
func (p pages) minutesTable() []Route {
	const (
		public = "/reunions/{id:[0-9]+}"
		link   = "/reunions/reponse/{token}"
		team   = "/equipe/reunions/{id:[0-9]+}/compte-rendu"
	)
	return []Route{
		{Method: get, Pattern: public + "/compte-rendu", Who: anyone, Handle: p.minutes.ShowPublished, Cached: true},
		{Method: get, Pattern: public + "/compte-rendu.pdf", Who: anyone, Handle: p.minutes.PublishedPDF},
		{Method: get, Pattern: public + "/compte-rendu/{n:[0-9]+}", Who: anyone, Handle: p.minutes.ShowPublication, Cached: true},
		{Method: get, Pattern: link + "/compte-rendu", Who: anyone, Handle: p.minutes.ShowReviewByLink},
		{Method: post, Pattern: link + "/correction", Who: anyone, Handle: p.minutes.AskByLink},
		{Method: get, Pattern: public + "/relecture", Who: signedIn, Handle: p.minutes.ShowReview},
		{Method: post, Pattern: public + "/relecture", Who: signedIn, Handle: p.minutes.Ask},
		{Method: get, Pattern: public + "/validation", Who: signedIn, Handle: p.minutes.ShowValidation},
		{Method: post, Pattern: public + "/validation", Who: signedIn, Handle: p.minutes.Validate},
		{Method: get, Pattern: team, Who: teamOnly, Handle: p.minutes.ShowEditor},
		{Method: post, Pattern: team, Who: teamOnly, Handle: p.minutes.SaveText, MaxBody: minutes.MaxEditorBody},
		{Method: post, Pattern: team + "/debut", Who: teamOnly, Handle: p.minutes.StartText},
		{Method: post, Pattern: team + "/brouillon", Who: teamOnly, Handle: p.minutes.KeepDraft, MaxBody: minutes.MaxEditorBody},
		{Method: post, Pattern: team + "/brouillon/abandon", Who: teamOnly, Handle: p.minutes.DropDraft},
		{Method: get, Pattern: team + "/reprise", Who: teamOnly, Handle: p.minutes.ShowAgain},
		{Method: post, Pattern: team + "/reprise", Who: teamOnly, Handle: p.minutes.TakeAgain},
		{Method: get, Pattern: team + "/revisions", Who: teamOnly, Handle: p.minutes.ListRevisions},
		{Method: get, Pattern: team + "/revisions/{n:[0-9]+}", Who: teamOnly, Handle: p.minutes.ShowRevision},
		{Method: post, Pattern: team + "/revisions/{n:[0-9]+}", Who: teamOnly, Handle: p.minutes.RestoreRevision},
		{Method: get, Pattern: team + "/relecture", Who: teamOnly, Handle: p.minutes.ShowSendForReview},
		{Method: post, Pattern: team + "/relecture", Who: teamOnly, Handle: p.minutes.SendForReview},
		{Method: get, Pattern: team + "/corrections", Who: teamOnly, Handle: p.minutes.ListCorrections},
		{Method: post, Pattern: team + "/corrections", Who: teamOnly, Handle: p.minutes.AnswerCorrection},
		{Method: get, Pattern: team + "/publication", Who: teamOnly, Handle: p.minutes.ShowPublish},
		{Method: post, Pattern: team + "/publication", Who: teamOnly, Handle: p.minutes.Publish},
	}
}
