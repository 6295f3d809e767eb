// Package sheetfile is the pages of the roadmap in and out of a spreadsheet.
//
// An import goes through three pages, each an address one can come back to: the file,
// what it would do, what it did.
package sheetfile

import (
	"errors"
	"net/http"
	"strings"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap/sheetfile"
	"bordeaux-metropole.fr/portal/internal/spreadsheet"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for them.
type Pages struct {
	Kit   *page.Kit
	Files *sheetfile.Service
}

// What the body of the upload may weigh; past it the answer is a 413.
const MaxUploadBody = spreadsheetBytes + 64<<10

const spreadsheetBytes = 10 << 20

// The steps of an import.
var steps = []string{"Le fichier", "L’aperçu", "Le bilan"}

// Of each list, the page shows the first lines.
const (
	maxIssues = 100
	maxLines  = 50
)

func crumbs(more ...ui.Crumb) []ui.Crumb {
	return roadmap.TeamCrumbs(more...)
}

var importCrumb = ui.Crumb{Label: "Importer la feuille de route", Href: roadmap.ImportPath}

func importPath(id sheetfile.ID) string { return roadmap.ImportPath + "/" + page.IDText(id) }

// ShowUpload shows /equipe/feuille-de-route/import.
func (p *Pages) ShowUpload(w http.ResponseWriter, r *http.Request) error {
	return p.showUpload(w, r, http.StatusOK, form.New())
}

func (p *Pages) showUpload(w http.ResponseWriter, r *http.Request, code int, f *form.Form) error {
	c := ui.Chrome{Title: "Importer la feuille de route", Section: "Équipe", Crumbs: crumbs()}
	return p.Kit.Show(w, r, code, uploadPage(p.Kit.FormChrome(r, c, f), page.NewKey(), f))
}

// Upload answers POST /equipe/feuille-de-route/import: it reads the file and keeps it.
func (p *Pages) Upload(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	f.Raw(spreadsheet.Field) // a file field left empty comes as a value
	if err := f.Unknown(); err != nil {
		return err
	}
	file, head, err := r.FormFile(spreadsheet.Field)
	switch {
	case errors.Is(err, http.ErrMissingFile), errors.Is(err, http.ErrNotMultipart):
		f.Fail(spreadsheet.Field, "Choisissez un fichier CSV ou XLSX.")
		return p.showUpload(w, r, http.StatusUnprocessableEntity, f)
	case err != nil:
		return &problem.Error{Kind: problem.BadRequest, Message: "Votre fichier n’a pas pu être lu.", Err: err}
	}
	defer func() { _ = file.Close() }() // it was read
	id, err := p.Files.Upload(r.Context(), page.Actor(r), head.Filename, file)
	switch {
	case err == nil:
		return p.Kit.Done(w, r, importPath(id), "")
	case page.Takes(f, err):
		return p.showUpload(w, r, page.RefusalStatus(f, err), f)
	}
	return err
}

// previewView is the page of what an import would do.
type previewView struct {
	Import sheetfile.Import
	Plan   sheetfile.Plan
	Key    string
}

// ShowPreview shows /equipe/feuille-de-route/import/{id}.
func (p *Pages) ShowPreview(w http.ResponseWriter, r *http.Request) error {
	return p.preview(w, r, form.New(), http.StatusOK)
}

func (p *Pages) preview(w http.ResponseWriter, r *http.Request, f *form.Form, code int) error {
	id, err := page.PathID[sheetfile.ID](r, "id")
	if err != nil {
		return err
	}
	i, plan, err := p.Files.Preview(r.Context(), page.Actor(r), id)
	switch {
	case err != nil:
		return err
	case i.Outcome != nil:
		http.Redirect(w, r, importPath(id)+"/bilan", http.StatusSeeOther)
		return nil
	}
	return p.showPreview(w, r, code, previewView{Import: i, Plan: plan}, f)
}

func (p *Pages) showPreview(w http.ResponseWriter, r *http.Request, code int, v previewView, f *form.Form) error {
	v.Key = page.NewKey()
	c := ui.Chrome{Title: "Aperçu de l’import", Section: "Équipe", Crumbs: crumbs(importCrumb)}
	return p.Kit.Show(w, r, code, previewPage(p.Kit.FormChrome(r, c, f), v, f))
}

// Apply answers POST /equipe/feuille-de-route/import/{id}: it does what was shown.
func (p *Pages) Apply(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := page.PathID[sheetfile.ID](r, "id")
	if err != nil {
		return err
	}
	choice := sheetfile.Choice{Seen: f.Line("vu", "", 64), GoodOnly: f.Choice("choix", "Dites que faire des erreurs.", "tout", "correctes") == "correctes"}
	if err := f.Unknown(); err != nil {
		return err
	}
	if f.Review() || len(f.Errors()) > 0 {
		return p.preview(w, r, f, page.FormStatus(f))
	}
	i, plan, err := p.Files.Apply(r.Context(), page.Actor(r), id, choice)
	switch {
	case err == nil:
		return p.Kit.Done(w, r, importPath(id)+"/bilan", "Import enregistré.")
	case i.Outcome != nil:
		http.Redirect(w, r, importPath(id)+"/bilan", http.StatusSeeOther)
		return nil
	case i.ID == 0 || !page.Takes(f, err):
		return err
	}
	return p.showPreview(w, r, page.RefusalStatus(f, err), previewView{Import: i, Plan: plan}, f)
}

// ShowReport shows /equipe/feuille-de-route/import/{id}/bilan.
func (p *Pages) ShowReport(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[sheetfile.ID](r, "id")
	if err != nil {
		return err
	}
	i, _, err := p.Files.Preview(r.Context(), page.Actor(r), id)
	switch {
	case err != nil:
		return err
	case i.Outcome == nil:
		http.Redirect(w, r, importPath(id), http.StatusSeeOther)
		return nil
	}
	c := ui.Chrome{Title: "Bilan de l’import", Section: "Équipe", Crumbs: crumbs(importCrumb)}
	return p.Kit.Show(w, r, http.StatusOK, reportPage(p.Kit.Chrome(r, c), i))
}

// reportRows says what an import did.
func reportRows(i sheetfile.Import) []ui.SummaryRow {
	return []ui.SummaryRow{
		{Key: "Fichier", Value: i.FileName},
		{Key: "Envoyé par", Value: i.MadeBy + ", le " + french.DateTime(i.MadeAt)},
		{Key: "Axes ajoutés", Value: french.Number(i.Outcome.Axes)},
		{Key: "Actions ajoutées", Value: french.Number(i.Outcome.Actions)},
		{Key: "Axes et actions déjà dans la feuille de route, laissés tels quels", Value: french.Number(i.Outcome.Known)},
		{Key: "Actions en erreur, laissées de côté", Value: french.Number(i.Outcome.Left)},
	}
}

// holds says what a new action brings: « 3 étapes, 2 lignes de budget ».
func holds(a *sheetfile.NewAction) string {
	values, targets := 0, 0
	for _, i := range a.Indicators {
		values, targets = values+len(i.Readings), targets+len(i.Targets)
	}
	var parts []string
	for _, x := range []struct {
		n         int
		one, many string
	}{
		{len(a.Steps), "étape", "étapes"}, {len(a.Budget), "ligne de budget", "lignes de budget"}, {len(a.Indicators), "indicateur", "indicateurs"},
		{targets, "cible", "cibles"}, {values, "valeur", "valeurs"},
	} {
		if x.n > 0 {
			parts = append(parts, french.Count(x.n, x.one, x.many))
		}
	}
	if len(parts) == 0 {
		return "Aucune ligne"
	}
	return strings.Join(parts, ", ")
}

func applyLabel(p sheetfile.Plan) string {
	good := french.Count(p.Good(), "action", "actions")
	if n := newAxes(p); n > 0 {
		return "Ajouter " + french.Count(n, "axe", "axes") + " et " + good
	}
	return "Ajouter " + good
}

func newAxes(p sheetfile.Plan) int {
	n := 0
	for _, a := range p.Axes {
		if !a.Bad {
			n++
		}
	}
	return n
}

func first[T any](list []T, n int) []T { return list[:min(len(list), n)] }

func orNone(s string) string {
	if s == "" {
		return "Case vide"
	}
	return s
}
