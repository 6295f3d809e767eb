package web

import "bordeaux-metropole.fr/portal/web/meeting"

// documentTable is the files of meetings.
func (p pages) documentTable() []Route {
	const (
		public = "/reunions/{id:[0-9]+}"
		team   = "/equipe/reunions/{id:[0-9]+}"
		one    = team + "/documents/{doc:[0-9]+}"
	)
	return []Route{
		{Method: get, Pattern: public + "/documents/{doc:[0-9]+}", Who: anyone, Handle: p.meetings.Download},
		{Method: get, Pattern: public + "/dossier.zip", Who: anyone, Handle: p.meetings.ShowDossier},
		{Method: get, Pattern: "/reunions/reponse/{token}/documents/{doc:[0-9]+}", Who: anyone, Handle: p.meetings.DownloadByToken},
		{Method: get, Pattern: team + "/documents", Who: teamOnly, Handle: p.meetings.ShowDocuments},
		{Method: post, Pattern: team + "/documents", Who: teamOnly, Handle: p.meetings.AddDocuments, MaxBody: meeting.MaxUploadBody},
		{Method: get, Pattern: one + "/modification", Who: teamOnly, Handle: p.meetings.ShowDocumentChange},
		{Method: post, Pattern: one + "/modification", Who: teamOnly, Handle: p.meetings.ChangeDocument},
		{Method: get, Pattern: one + "/retrait", Who: teamOnly, Handle: p.meetings.ShowDocumentRemoval},
		{Method: post, Pattern: one + "/retrait", Who: teamOnly, Handle: p.meetings.RemoveDocument},
		{Method: get, Pattern: team + "/dossier.zip", Who: teamOnly, Handle: p.meetings.ShowDossier},
	}
}
