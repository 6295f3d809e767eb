package web

import "bordeaux-metropole.fr/portal/internal/access"

// campaignTable is the campaigns of the team and the pack of the meeting.
func (p pages) campaignTable() []Route {
	const (
		list  = "/equipe/campagnes"
		one   = list + "/{id:[0-9]+}"
		point = one + "/points/{point:[0-9]+}"
		pack  = "/campagnes/{id:[0-9]+}"
	)
	x := p.campaigns
	members := access.Only(access.Team, access.Chair, access.Mayor, access.Delegate, access.Structure, access.Partner, access.State)
	return []Route{
		{Method: get, Pattern: list, Who: teamOnly, Handle: x.List, Label: "Campagnes d’avancement", Group: teamPages},
		{Method: get, Pattern: "/equipe/points", Who: teamOnly, Handle: x.ShowLooseReports, Label: "Points d’avancement à relire", Group: teamPages},
		{Method: get, Pattern: "/equipe/points/{point:[0-9]+}", Who: teamOnly, Handle: x.ShowLooseReport},
		{Method: post, Pattern: "/equipe/points/{point:[0-9]+}/acceptation", Who: teamOnly, Handle: x.AcceptLoose},
		{Method: post, Pattern: "/equipe/points/{point:[0-9]+}/precision", Who: teamOnly, Handle: x.AskLoose},
		{Method: get, Pattern: list + "/nouvelle", Who: teamOnly, Handle: x.ShowNew, Label: "Préparer une campagne d’avancement", Group: teamPages},
		{Method: post, Pattern: list + "/nouvelle", Who: teamOnly, Handle: x.Add},
		{Method: get, Pattern: one, Who: teamOnly, Handle: x.Show},
		{Method: get, Pattern: one + "/modification", Who: teamOnly, Handle: x.ShowChange},
		{Method: post, Pattern: one + "/modification", Who: teamOnly, Handle: x.Change},
		{Method: get, Pattern: one + "/ouverture", Who: teamOnly, Handle: x.ShowOpening},
		{Method: post, Pattern: one + "/ouverture", Who: teamOnly, Handle: x.Open},
		{Method: get, Pattern: one + "/echeance", Who: teamOnly, Handle: x.ShowExtend},
		{Method: post, Pattern: one + "/echeance", Who: teamOnly, Handle: x.Extend},
		{Method: get, Pattern: one + "/communes/{insee:[0-9AB]{5}}", Who: teamOnly, Handle: x.Commune},
		{Method: get, Pattern: point, Who: teamOnly, Handle: x.ShowPoint},
		{Method: post, Pattern: point + "/acceptation", Who: teamOnly, Handle: x.Accept},
		{Method: post, Pattern: point + "/precision", Who: teamOnly, Handle: x.AskBack},
		{Method: get, Pattern: point + "/correction", Who: teamOnly, Handle: x.ShowCorrection},
		{Method: post, Pattern: point + "/correction", Who: teamOnly, Handle: x.Correct},
		{Method: get, Pattern: one + "/acceptation", Who: teamOnly, Handle: x.ShowPlain},
		{Method: post, Pattern: one + "/acceptation", Who: teamOnly, Handle: x.AcceptPlain},
		{Method: get, Pattern: one + "/relance", Who: teamOnly, Handle: x.ShowReminder},
		{Method: post, Pattern: one + "/relance", Who: teamOnly, Handle: x.Remind},
		{Method: get, Pattern: one + "/cloture", Who: teamOnly, Handle: x.ShowClosing},
		{Method: post, Pattern: one + "/cloture", Who: teamOnly, Handle: x.Close},
		{Method: get, Pattern: one + "/dossier", Who: teamOnly, Handle: x.TeamPack},
		{Method: get, Pattern: one + "/dossier.{ext:(csv|xlsx|pdf)}", Who: teamOnly, Handle: x.PackFile},
		{Method: post, Pattern: one + "/dossier/reunion", Who: teamOnly, Handle: x.Attach},
		{Method: get, Pattern: pack, Who: members, Handle: x.Pack},
		{Method: get, Pattern: pack + ".{ext:(csv|xlsx|pdf)}", Who: members, Handle: x.PackFile},
	}
}
