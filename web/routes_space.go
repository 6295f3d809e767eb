package web

import "bordeaux-metropole.fr/portal/internal/access"

// spaceTable is the space of a structure.
func (p pages) spaceTable() []Route {
	const (
		home    = "/ma-structure"
		part    = home + "/fiche/{section:[a-z]+}"
		people  = home + "/personnes"
		person  = people + "/{membre:[0-9]+}"
		request = home + "/acces/{demande:[0-9]+}"
		ofTeam  = "/equipe/structures/{id:[0-9]+}/acces/{demande:[0-9]+}"
		partOf  = "/equipe/structures/{id:[0-9]+}/fiche/{section:[a-z]+}"
		fresh   = "/structures/a-jour/{token}"
	)
	s, structureOnly := p.space, access.Only(access.Structure)
	return []Route{
		{Method: get, Pattern: home, Who: structureOnly, Handle: s.ShowHome, Label: "Ma structure", Group: myPages, Menu: "Ma structure"},
		{Method: post, Pattern: home + "/a-jour", Who: structureOnly, Handle: s.Confirm},
		{Method: get, Pattern: part, Who: structureOnly, Handle: s.ShowSection},
		{Method: post, Pattern: part, Who: structureOnly, Handle: s.ChangeSection},
		{Method: get, Pattern: people, Who: structureOnly, Handle: s.ShowPeople, Label: "Les personnes de ma structure", Group: myPages},
		{Method: get, Pattern: people + "/nouvelle", Who: structureOnly, Handle: s.ShowNewPerson},
		{Method: post, Pattern: people + "/nouvelle", Who: structureOnly, Handle: s.AddPerson},
		{Method: get, Pattern: people + "/referente", Who: structureOnly, Handle: s.ShowHandover},
		{Method: post, Pattern: people + "/referente", Who: structureOnly, Handle: s.HandOver},
		{Method: get, Pattern: person + "/droits", Who: structureOnly, Handle: s.ShowRights},
		{Method: post, Pattern: person + "/droits", Who: structureOnly, Handle: s.SetRights},
		{Method: get, Pattern: person + "/retrait", Who: structureOnly, Handle: s.ShowRemoval},
		{Method: post, Pattern: person + "/retrait", Who: structureOnly, Handle: s.Remove},
		{Method: get, Pattern: home + "/acces", Who: structureOnly, Handle: s.ShowAccessList},
		{Method: get, Pattern: request, Who: structureOnly, Handle: s.ShowAccess},
		{Method: post, Pattern: request, Who: structureOnly, Handle: s.DecideAccess},
		{Method: get, Pattern: home + "/depart", Who: structureOnly, Handle: s.ShowLeave},
		{Method: post, Pattern: home + "/depart", Who: structureOnly, Handle: s.Leave},
		{Method: get, Pattern: ofTeam, Who: teamOnly, Handle: s.ShowTeamAccess},
		{Method: post, Pattern: ofTeam, Who: teamOnly, Handle: s.DecideTeamAccess},
		{Method: get, Pattern: partOf, Who: teamOnly, Handle: s.ShowSection},
		{Method: post, Pattern: partOf, Who: teamOnly, Handle: s.ChangeSection},
		{Method: get, Pattern: fresh, Who: anyone, Handle: s.ShowFresh},
		{Method: post, Pattern: fresh, Who: anyone, Handle: s.ConfirmFresh},
	}
}
