// Package imports is the pages of imports and of the national file.
//
// An import goes through four pages, each an address one can come back to: the file,
// what its columns mean, what it would do, what it did.
package imports

import (
	"errors"
	"net/http"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/spreadsheet"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/imports"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for imports.
type Pages struct {
	Kit        *page.Kit
	Imports    *imports.Service
	Structures *structure.Service
}

// Address of the imports.
const path = "/equipe/structures/import"

// What the bodies of the forms may weigh. Past MaxUploadBody the answer is a 413. The
// others are small, but a body over the usual says that the act takes time.
const (
	MaxUploadBody = 10<<20 + 64<<10
	MaxActBody    = 512 << 10
)

// The steps of an import.
var steps = []string{"Le fichier", "Les colonnes", "L’aperçu", "Le bilan"}

func chrome(title string) ui.Chrome {
	return ui.Chrome{Title: title, Section: "Équipe", Crumbs: []ui.Crumb{
		{Label: "Tableau de bord", Href: "/tableau-de-bord"}, {Label: "Importer des structures", Href: path}}}
}

func importPath(id imports.ID) string { return path + "/" + page.IDText(id) }

// uploadView is the page of the file.
type uploadView struct {
	Recent []imports.Recent
	Key    string
}

// ShowUpload shows /equipe/structures/import.
func (p *Pages) ShowUpload(w http.ResponseWriter, r *http.Request) error {
	return p.showUpload(w, r, http.StatusOK, form.New())
}

func (p *Pages) showUpload(w http.ResponseWriter, r *http.Request, code int, f *form.Form) error {
	recent, err := p.Imports.Recent(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	c := ui.Chrome{Title: "Importer des structures", Section: "Équipe", Crumbs: []ui.Crumb{{Label: "Tableau de bord", Href: "/tableau-de-bord"}}}
	return p.Kit.Show(w, r, code, uploadPage(p.Kit.FormChrome(r, c, f), uploadView{Recent: recent, Key: page.NewKey()}, f))
}

// Upload answers POST /equipe/structures/import: it reads the file and keeps it.
func (p *Pages) Upload(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	f.Raw(spreadsheet.Field) // a file field left empty comes as a value
	if err := f.Unknown(); err != nil {
		return err
	}
	file, header, err := r.FormFile(spreadsheet.Field)
	switch {
	case errors.Is(err, http.ErrMissingFile), errors.Is(err, http.ErrNotMultipart):
		f.Fail(spreadsheet.Field, "Choisissez un fichier CSV ou XLSX.")
		return p.showUpload(w, r, http.StatusUnprocessableEntity, f)
	case err != nil:
		return &problem.Error{Kind: problem.BadRequest, Message: "Votre fichier n’a pas pu être lu.", Err: err}
	}
	defer func() { _ = file.Close() }() // it was read
	id, err := p.Imports.Upload(r.Context(), page.Actor(r), header.Filename, file)
	switch {
	case err == nil:
		return p.Kit.Done(w, r, importPath(id), "")
	case page.Takes(f, err):
		return p.showUpload(w, r, http.StatusUnprocessableEntity, f)
	}
	return err
}

// mappingView is the page of the columns.
type mappingView struct {
	Import    imports.Import
	Key       string
	Meanwhile bool // somebody else said what the columns mean
	Said      imports.Mapping
}

// ShowMapping shows /equipe/structures/import/{id}.
func (p *Pages) ShowMapping(w http.ResponseWriter, r *http.Request) error {
	i, err := p.load(r)
	if err != nil {
		return err
	}
	if i.AppliedAt != nil {
		http.Redirect(w, r, importPath(i.ID)+"/bilan", http.StatusSeeOther)
		return nil
	}
	f := form.New()
	m := i.Known()
	for n, field := range m.Columns {
		f.Set(imports.ColumnName(n), string(field))
	}
	f.Set("college", string(m.College))
	f.Set("etat", "examiner")
	if !m.From.IsZero() {
		f.Set("etat", "membres")
		f.Set("debut", french.NumericDate(m.From))
	}
	return p.showMapping(w, r, http.StatusOK, mappingView{Import: i}, f)
}

func (p *Pages) showMapping(w http.ResponseWriter, r *http.Request, code int, v mappingView, f *form.Form) error {
	v.Key, v.Said = page.NewKey(), v.Import.Known()
	c := chrome("Sens des colonnes")
	return p.Kit.Show(w, r, code, mappingPage(p.Kit.FormChrome(r, c, f), v, f))
}

func (p *Pages) load(r *http.Request) (imports.Import, error) {
	id, err := page.PathID[imports.ID](r, "id")
	if err != nil {
		return imports.Import{}, err
	}
	return p.Imports.Show(r.Context(), page.Actor(r), id)
}

// Map answers POST /equipe/structures/import/{id}: what the columns mean.
func (p *Pages) Map(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	i, err := p.load(r)
	if err != nil {
		return err
	}
	m, version := readMapping(f, len(i.Table.Header))
	if err := f.Unknown(); err != nil {
		return err
	}
	if f.Review() || len(f.Errors()) > 0 {
		return p.showMapping(w, r, page.FormStatus(f), mappingView{Import: i}, f)
	}
	wrong, err := p.Imports.SetMapping(r.Context(), page.Actor(r), i.ID, version, m)
	switch {
	case err == nil && len(wrong) == 0:
		return p.Kit.Done(w, r, importPath(i.ID)+"/apercu", "")
	case err != nil && !page.Takes(f, err):
		return err
	}
	for _, e := range wrong {
		page.Takes(f, e)
	}
	v := mappingView{Import: i, Meanwhile: problem.KindOf(err) == problem.Conflict && i.AppliedAt == nil}
	return p.showMapping(w, r, page.RefusalStatus(f, err), v, f)
}

func readMapping(f *form.Form, columns int) (m imports.Mapping, version int) {
	fields := []string{string(imports.Ignored)}
	for _, field := range imports.Fields() {
		fields = append(fields, string(field))
	}
	m.Columns = make([]imports.Field, columns)
	for n := range m.Columns {
		m.Columns[n] = imports.Field(f.Choice(imports.ColumnName(n), "", fields...))
	}
	m.College = governance.College(f.Choice("college", "", string(governance.SocialAction), string(governance.DigitalMediation)))
	if f.Choice("etat", "Dites ce que deviennent les nouvelles structures.", "examiner", "membres") == "membres" {
		m.From = f.Date("debut", "Saisissez la date depuis laquelle elles sont membres.")
	} else {
		f.Raw("debut") // shown all the same: what was typed comes back
	}
	version, err := strconv.Atoi(f.Raw("version"))
	if err != nil {
		version = 0 // no page of ours: stale
	}
	return m, version
}

// fieldOptions is what a column may mean.
func fieldOptions() []ui.Option {
	out := []ui.Option{}
	for _, field := range imports.Fields() {
		out = append(out, ui.Option{Value: string(field), Label: field.Label()})
	}
	return out
}

// example shows the first values of a column, so that one knows what it holds.
func example(t spreadsheet.Table, column int) string {
	for row := range min(len(t.Rows), 50) {
		if v := t.Cell(row, column); v != "" {
			return shorten(v)
		}
	}
	return ""
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
