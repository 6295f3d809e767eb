package web

import (
	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/web/roadmap/report"
)

// reportTable is the point d’avancement: one action, one page, two minutes.
func (p pages) reportTable() []Route {
	const (
		mine = "/mes-actions"
		one  = mine + "/{id:[0-9]+}"
		file = "/points/{point:[0-9]+}/documents/{document:[0-9a-f-]{36}}"
	)
	var (
		reporters = access.Only(access.Mayor, access.Delegate, access.Partner, access.Structure, access.State)
		writers   = access.Only(access.Mayor, access.Delegate, access.Partner, access.Structure, access.State, access.Team)
		members   = access.Only(access.Mayor, access.Delegate, access.Partner, access.Structure, access.State, access.Team, access.Chair)
		x         = p.reports
	)
	return []Route{
		{Method: get, Pattern: mine, Who: reporters, Handle: x.ShowMine, Label: "Mes actions", Group: myPages, Menu: "Mes actions"},
		{Method: get, Pattern: mine + "/rien-de-nouveau", Who: reporters, Handle: x.ShowAll},
		{Method: post, Pattern: mine + "/rien-de-nouveau", Who: reporters, Handle: x.All},
		{Method: post, Pattern: one + "/rien-de-nouveau", Who: reporters, Handle: x.NothingNew},
		{Method: get, Pattern: one + "/point", Who: writers, Handle: x.Show},
		{Method: post, Pattern: one + "/point", Who: writers, Handle: x.Send, MaxBody: report.MaxBody},
		{Method: get, Pattern: one + "/point/merci", Who: writers, Handle: x.ShowThanks},
		{Method: post, Pattern: one + "/brouillon", Who: writers, Handle: x.KeepDraft},
		{Method: post, Pattern: one + "/brouillon/abandon", Who: writers, Handle: x.DropDraft},
		{Method: get, Pattern: one + "/points", Who: writers, Handle: x.ShowHistory},
		{Method: get, Pattern: one + file, Who: members, Handle: x.Download},
		{Method: get, Pattern: "/feuille-de-route/actions/{id:[0-9]+}" + file, Who: anyone, Handle: x.Download},
	}
}
