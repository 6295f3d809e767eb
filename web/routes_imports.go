package web

import "bordeaux-metropole.fr/portal/web/structure/imports"

// importTable is imports and the national file.
func (p pages) importTable() []Route {
	const (
		all = "/equipe/structures/import"
		one = all + "/{id:[0-9]+}"
	)
	return []Route{
		{Method: get, Pattern: "/structures/lieux-mediation-numerique.{ext:(csv|json)}", Who: anyone, Handle: p.imports.NationalFile},
		{Method: get, Pattern: "/equipe/structures/fichier-national", Who: teamOnly, Handle: p.imports.ShowNational, Label: "Fichier national des lieux", Group: teamPages},
		{Method: get, Pattern: all, Who: teamOnly, Handle: p.imports.ShowUpload, Label: "Importer des structures", Group: teamPages},
		{Method: post, Pattern: all, Who: teamOnly, Handle: p.imports.Upload, MaxBody: imports.MaxUploadBody},
		{Method: get, Pattern: all + "/modele.csv", Who: teamOnly, Handle: p.imports.ModelFile},
		{Method: get, Pattern: one, Who: teamOnly, Handle: p.imports.ShowMapping},
		{Method: post, Pattern: one, Who: teamOnly, Handle: p.imports.Map, MaxBody: imports.MaxActBody},
		{Method: get, Pattern: one + "/apercu", Who: teamOnly, Handle: p.imports.ShowPreview},
		{Method: post, Pattern: one + "/apercu", Who: teamOnly, Handle: p.imports.Apply, MaxBody: imports.MaxActBody},
		{Method: get, Pattern: one + "/erreurs.csv", Who: teamOnly, Handle: p.imports.ErrorsFile},
		{Method: get, Pattern: one + "/bilan", Who: teamOnly, Handle: p.imports.ShowReport},
	}
}
