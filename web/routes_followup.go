package web

import (
	"bordeaux-metropole.fr/portal/internal/minutes"
	webminutes "bordeaux-metropole.fr/portal/web/minutes"
)

// followUpTable is notes, decisions, positions and asked actions, and their registers.
func (p pages) followUpTable() []Route {
	const (
		held     = "/equipe/reunions/{id:[0-9]+}/seance"
		point    = held + "/{point:[0-9]+}"
		decision = "/equipe/decisions/{id:[0-9]+}"
		position = "/equipe/positions/{id:[0-9]+}"
		asked    = "/equipe/actions-demandees/{id:[0-9]+}"
	)
	m := p.minutes
	return []Route{
		{Method: get, Pattern: "/decisions", Who: anyone, Handle: m.ListDecisions, Cached: true, Label: "Décisions et avis", Group: publicPages, Menu: "Décisions"},
		{Method: get, Pattern: "/decisions.{ext:(csv|xlsx|json)}", Who: anyone, Handle: m.DecisionsFile},
		{Method: get, Pattern: "/decisions/{id:[0-9]+}", Who: anyone, Handle: m.ShowDecision, Cached: true},
		{Method: get, Pattern: "/positions", Who: anyone, Handle: m.ListPositions, Cached: true, Label: "Prises de position et demandes", Group: publicPages},
		{Method: get, Pattern: "/positions.{ext:(csv|xlsx|json)}", Who: anyone, Handle: m.PositionsFile},
		{Method: get, Pattern: "/positions/{id:[0-9]+}", Who: anyone, Handle: m.ShowPosition, Cached: true},
		{Method: get, Pattern: "/reunions/{id:[0-9]+}/releve", Who: anyone, Handle: m.ShowReleve, Cached: true},
		{Method: get, Pattern: "/reunions/{id:[0-9]+}/releve.pdf", Who: anyone, Handle: m.RelevePDF},
		{Method: get, Pattern: minutes.MyActionsPath, Who: signedIn, Handle: m.ShowMyActions, Label: "Les actions qui me sont demandées", Group: myPages},
		{Method: post, Pattern: minutes.MyActionsPath, Who: signedIn, Handle: m.SettleMyAction},
		{Method: get, Pattern: "/equipe/suivi", Who: teamOnly, Handle: m.ShowFollowUp, Label: "Suivi des décisions, des actions et des positions", Group: teamPages, Menu: "Suivi"},
		{Method: get, Pattern: "/equipe/suivi.{ext:(csv|xlsx)}", Who: teamOnly, Handle: m.FollowUpFile},
		{Method: get, Pattern: held, Who: teamOnly, Handle: m.ShowNotes},
		{Method: post, Pattern: held, Who: teamOnly, Handle: m.SaveNotes, MaxBody: webminutes.MaxNotesBody},
		{Method: get, Pattern: point + "/{nature:(decision|avis)}", Who: teamOnly, Handle: m.ShowNewDecision},
		{Method: post, Pattern: point + "/{nature:(decision|avis)}", Who: teamOnly, Handle: m.AddDecision},
		{Method: get, Pattern: point + "/position", Who: teamOnly, Handle: m.ShowNewPosition},
		{Method: post, Pattern: point + "/position", Who: teamOnly, Handle: m.AddPosition},
		{Method: get, Pattern: point + "/action", Who: teamOnly, Handle: m.ShowNewAction},
		{Method: post, Pattern: point + "/action", Who: teamOnly, Handle: m.AddAction},
		{Method: get, Pattern: decision + "/correction", Who: teamOnly, Handle: m.ShowDecisionEdit},
		{Method: post, Pattern: decision + "/correction", Who: teamOnly, Handle: m.EditDecision},
		{Method: get, Pattern: decision + "/suppression", Who: teamOnly, Handle: m.ShowDecisionDelete},
		{Method: post, Pattern: decision + "/suppression", Who: teamOnly, Handle: m.DeleteDecision},
		{Method: get, Pattern: decision + "/suivi", Who: teamOnly, Handle: m.ShowDecisionFollow},
		{Method: post, Pattern: decision + "/suivi", Who: teamOnly, Handle: m.FollowDecision},
		{Method: get, Pattern: position + "/correction", Who: teamOnly, Handle: m.ShowPositionEdit},
		{Method: post, Pattern: position + "/correction", Who: teamOnly, Handle: m.EditPosition},
		{Method: get, Pattern: position + "/suppression", Who: teamOnly, Handle: m.ShowPositionDelete},
		{Method: post, Pattern: position + "/suppression", Who: teamOnly, Handle: m.DeletePosition},
		{Method: get, Pattern: position + "/suivi", Who: teamOnly, Handle: m.ShowPositionFollow},
		{Method: post, Pattern: position + "/suivi", Who: teamOnly, Handle: m.FollowPosition},
		{Method: get, Pattern: asked + "/correction", Who: teamOnly, Handle: m.ShowActionEdit},
		{Method: post, Pattern: asked + "/correction", Who: teamOnly, Handle: m.EditAction},
		{Method: get, Pattern: asked + "/suppression", Who: teamOnly, Handle: m.ShowActionDelete},
		{Method: post, Pattern: asked + "/suppression", Who: teamOnly, Handle: m.DeleteAction},
		{Method: get, Pattern: asked + "/etat", Who: teamOnly, Handle: m.ShowActionState},
		{Method: post, Pattern: asked + "/etat", Who: teamOnly, Handle: m.SetActionState},
	}
}
