package web

import "bordeaux-metropole.fr/portal/web/roadmap/sheetfile"

// roadmapFileTable is the roadmap in and out of a spreadsheet.
func (p pages) roadmapFileTable() []Route {
	const (
		list = "/equipe/feuille-de-route"
		all  = list + "/import"
		one  = all + "/{id:[0-9]+}"
	)
	return []Route{
		{Method: get, Pattern: list + "/export.{ext:(csv|xlsx)}", Who: teamOnly, Handle: p.roadmapFiles.ExportFile},
		{Method: get, Pattern: list + "/modele.xlsx", Who: teamOnly, Handle: p.roadmapFiles.ModelFile},
		{Method: get, Pattern: all, Who: teamOnly, Handle: p.roadmapFiles.ShowUpload, Label: "Importer la feuille de route", Group: teamPages},
		{Method: post, Pattern: all, Who: teamOnly, Handle: p.roadmapFiles.Upload, MaxBody: sheetfile.MaxUploadBody},
		{Method: get, Pattern: one, Who: teamOnly, Handle: p.roadmapFiles.ShowPreview},
		{Method: post, Pattern: one, Who: teamOnly, Handle: p.roadmapFiles.Apply},
		{Method: get, Pattern: one + "/bilan", Who: teamOnly, Handle: p.roadmapFiles.ShowReport},
	}
}
