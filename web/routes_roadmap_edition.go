package web

import (
	"bordeaux-metropole.fr/portal/internal/access"
	rmedition "bordeaux-metropole.fr/portal/web/roadmap/edition"
)

// editionTable is the programme of a year, from proposals to the frozen edition.
func (p pages) editionTable() []Route {
	const (
		public = "/feuille-de-route/editions"
		frozen = public + "/{annee:[0-9]{4}}"
		mine   = "/feuille-de-route/propositions"
		own    = mine + "/{id:[0-9]+}"
		team   = "/equipe/programmes"
		year   = team + "/{annee:[0-9]{4}}"
		line   = year + "/lignes/{id:[0-9]+}"
	)
	x := p.editions
	who := access.Only(access.Chair, access.Mayor, access.Delegate, access.Partner, access.Structure, access.State, access.Team)
	return []Route{
		{Method: get, Pattern: public, Who: anyone, Handle: x.List, Cached: true, Label: "Programmes annuels adoptés", Group: publicPages},
		{Method: get, Pattern: public + "/comparaison", Who: anyone, Handle: x.Compare, Cached: true, Label: "Comparer deux programmes annuels", Group: publicPages},
		{Method: get, Pattern: frozen, Who: anyone, Handle: x.Show, Cached: true},
		{Method: get, Pattern: frozen + ".json", Who: anyone, Handle: x.JSON},
		{Method: get, Pattern: frozen + ".{ext:(csv|xlsx)}", Who: anyone, Handle: x.File},
		{Method: get, Pattern: frozen + ".pdf", Who: anyone, Handle: x.PDF},

		{Method: get, Pattern: "/feuille-de-route/proposer", Who: who, Handle: x.ShowPropose, Label: "Proposer une action", Group: myPages},
		{Method: post, Pattern: "/feuille-de-route/proposer", Who: who, Handle: x.Propose},
		{Method: get, Pattern: mine, Who: who, Handle: x.ShowMine, Label: "Mes propositions d’actions", Group: myPages},
		{Method: get, Pattern: own, Who: who, Handle: x.ShowOwn},
		{Method: get, Pattern: own + "/modification", Who: who, Handle: x.ShowChange},
		{Method: post, Pattern: own + "/modification", Who: who, Handle: x.Change},
		{Method: get, Pattern: own + "/retrait", Who: who, Handle: x.ShowWithdraw},
		{Method: post, Pattern: own + "/retrait", Who: who, Handle: x.Withdraw},

		{Method: get, Pattern: team, Who: teamOnly, Handle: x.TeamList, Label: "Programmes annuels", Group: teamPages},
		{Method: get, Pattern: team + "/nouveau", Who: teamOnly, Handle: x.ShowNew, Label: "Ouvrir un programme annuel", Group: teamPages},
		{Method: post, Pattern: team + "/nouveau", Who: teamOnly, Handle: x.Start},
		{Method: get, Pattern: year, Who: teamOnly, Handle: x.ShowBoard},
		{Method: get, Pattern: year + "/examen", Who: teamOnly, Handle: x.ShowExamine},
		{Method: post, Pattern: year + "/examen", Who: teamOnly, Handle: x.Examine},
		{Method: post, Pattern: year + "/propositions-en-attente", Who: teamOnly, Handle: x.TakeLate},
		{Method: get, Pattern: line, Who: teamOnly, Handle: x.ShowLine},
		{Method: post, Pattern: line, Who: teamOnly, Handle: x.AnswerLine},
		{Method: get, Pattern: year + "/reconductions", Who: teamOnly, Handle: x.ShowCarry},
		{Method: post, Pattern: year + "/reconductions", Who: teamOnly, Handle: x.CarryOver, MaxBody: 1 << 20},
		{Method: get, Pattern: year + "/vote", Who: teamOnly, Handle: x.ShowVote},
		{Method: post, Pattern: year + "/vote", Who: teamOnly, Handle: x.Vote, MaxBody: rmedition.MaxVoteBody},
	}
}
