package web

import rmdetails "bordeaux-metropole.fr/portal/web/roadmap/details"

// actionLineTable is what hangs on a sheet: steps, indicators, documents, decisions and meetings.
func (p pages) actionLineTable() []Route {
	const (
		action    = "/equipe/feuille-de-route/actions/{id:[0-9]+}"
		steps     = action + "/etapes"
		step      = steps + "/{etape:[0-9]+}"
		measures  = action + "/indicateurs"
		measure   = measures + "/{indicateur:[0-9]+}"
		value     = measure + "/valeurs/{valeur:[0-9]+}"
		documents = action + "/documents"
		file      = documents + "/{document:[0-9]+}"
		links     = action + "/liens"
	)
	d := p.details
	return []Route{
		{Method: get, Pattern: "/feuille-de-route/actions/{id:[0-9]+}/documents/{document:[0-9]+}", Who: anyone, Handle: d.Download},

		{Method: get, Pattern: steps, Who: teamOnly, Handle: d.ShowSteps},
		{Method: get, Pattern: steps + "/nouvelle", Who: teamOnly, Handle: d.ShowNewStep},
		{Method: post, Pattern: steps + "/nouvelle", Who: teamOnly, Handle: d.AddStep},
		{Method: get, Pattern: step + "/modification", Who: teamOnly, Handle: d.ShowStepChange},
		{Method: post, Pattern: step + "/modification", Who: teamOnly, Handle: d.ChangeStep},
		{Method: get, Pattern: step + "/realisation", Who: teamOnly, Handle: d.ShowStepDone},
		{Method: post, Pattern: step + "/realisation", Who: teamOnly, Handle: d.SetStepDone},
		{Method: post, Pattern: step + "/ordre", Who: teamOnly, Handle: d.MoveStep},
		{Method: get, Pattern: step + "/retrait", Who: teamOnly, Handle: d.ShowStepRemoval},
		{Method: post, Pattern: step + "/retrait", Who: teamOnly, Handle: d.RemoveStep},

		{Method: get, Pattern: measures, Who: teamOnly, Handle: d.ShowIndicators},
		{Method: get, Pattern: measures + "/nouveau", Who: teamOnly, Handle: d.ShowNewIndicator},
		{Method: post, Pattern: measures + "/nouveau", Who: teamOnly, Handle: d.AddIndicator},
		{Method: get, Pattern: measure + "/modification", Who: teamOnly, Handle: d.ShowIndicatorChange},
		{Method: post, Pattern: measure + "/modification", Who: teamOnly, Handle: d.ChangeIndicator},
		{Method: get, Pattern: measure + "/cibles", Who: teamOnly, Handle: d.ShowTargets},
		{Method: post, Pattern: measure + "/cibles", Who: teamOnly, Handle: d.SetTargets},
		{Method: post, Pattern: measure + "/ordre", Who: teamOnly, Handle: d.MoveIndicator},
		{Method: get, Pattern: measure + "/retrait", Who: teamOnly, Handle: d.ShowIndicatorRemoval},
		{Method: post, Pattern: measure + "/retrait", Who: teamOnly, Handle: d.RemoveIndicator},
		{Method: get, Pattern: measure + "/valeurs", Who: teamOnly, Handle: d.ShowReadings},
		{Method: get, Pattern: measure + "/valeurs/nouvelle", Who: teamOnly, Handle: d.ShowNewReading},
		{Method: post, Pattern: measure + "/valeurs/nouvelle", Who: teamOnly, Handle: d.AddReading},
		{Method: get, Pattern: value + "/correction", Who: teamOnly, Handle: d.ShowCorrection},
		{Method: post, Pattern: value + "/correction", Who: teamOnly, Handle: d.CorrectReading},
		{Method: get, Pattern: value + "/retrait", Who: teamOnly, Handle: d.ShowReadingRemoval},
		{Method: post, Pattern: value + "/retrait", Who: teamOnly, Handle: d.RemoveReading},

		{Method: get, Pattern: documents, Who: teamOnly, Handle: d.ShowDocuments},
		{Method: post, Pattern: documents, Who: teamOnly, Handle: d.AddDocument, MaxBody: rmdetails.MaxUploadBody},
		{Method: get, Pattern: file + "/modification", Who: teamOnly, Handle: d.ShowDocumentChange},
		{Method: post, Pattern: file + "/modification", Who: teamOnly, Handle: d.ChangeDocument},
		{Method: get, Pattern: file + "/retrait", Who: teamOnly, Handle: d.ShowDocumentRemoval},
		{Method: post, Pattern: file + "/retrait", Who: teamOnly, Handle: d.RemoveDocument},

		{Method: get, Pattern: links, Who: teamOnly, Handle: d.ShowLinks},
		{Method: get, Pattern: links + "/decisions", Who: teamOnly, Handle: d.SearchDecisions},
		{Method: post, Pattern: links + "/decisions", Who: teamOnly, Handle: d.LinkDecision},
		{Method: post, Pattern: links + "/decisions/retrait", Who: teamOnly, Handle: d.UnlinkDecision},
		{Method: get, Pattern: links + "/reunions", Who: teamOnly, Handle: d.SearchMeetings},
		{Method: post, Pattern: links + "/reunions", Who: teamOnly, Handle: d.LinkMeeting},
		{Method: post, Pattern: links + "/reunions/retrait", Who: teamOnly, Handle: d.UnlinkMeeting},
	}
}
