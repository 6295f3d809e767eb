package imports

import (
	"net/http"

	"github.com/a-h/templ"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure/imports"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Of each list, the page shows the first lines.
const (
	maxCells = 100
	maxLines = 50
)

// previewView is the page of what an import would do.
type previewView struct {
	Import imports.Import
	Plan   imports.Plan
	Key    string
	Moved  bool // it is no longer what was shown
}

// near returns the new lines that look like a structure.
func (v previewView) near() []imports.Line {
	var out []imports.Line
	for _, l := range v.Plan.Of(imports.KindNew) {
		if len(l.Near) > 0 {
			out = append(out, l)
		}
	}
	return out
}

// byName returns the lines that only a name tied to a structure.
func (v previewView) byName() []imports.Line {
	var out []imports.Line
	for _, l := range v.Plan.Lines {
		if l.ByName && l.Kind == imports.KindChanged {
			out = append(out, l)
		}
	}
	return out
}

func first[T any](list []T, n int) []T { return list[:min(len(list), n)] }

// ShowPreview shows /equipe/structures/import/{id}/apercu.
func (p *Pages) ShowPreview(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[imports.ID](r, "id")
	if err != nil {
		return err
	}
	i, plan, err := p.Imports.Preview(r.Context(), page.Actor(r), id)
	switch {
	case problem.KindOf(err) == problem.Conflict:
		http.Redirect(w, r, importPath(id), http.StatusSeeOther)
		return nil
	case err != nil:
		return err
	case i.AppliedAt != nil:
		http.Redirect(w, r, importPath(id)+"/bilan", http.StatusSeeOther)
		return nil
	}
	return p.showPreview(w, r, http.StatusOK, previewView{Import: i, Plan: plan}, form.New())
}

func (p *Pages) showPreview(w http.ResponseWriter, r *http.Request, code int, v previewView, f *form.Form) error {
	v.Key = page.NewKey()
	return p.Kit.Show(w, r, code, previewPage(p.Kit.FormChrome(r, chrome("Aperçu de l’import"), f), v, f))
}

// Apply answers POST /equipe/structures/import/{id}/apercu: it does what was shown.
func (p *Pages) Apply(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := page.PathID[imports.ID](r, "id")
	if err != nil {
		return err
	}
	choice := imports.Choice{Seen: f.Line("vu", "", 64), GoodOnly: f.Choice("choix", "", "tout", "correctes") == "correctes"}
	if err := f.Unknown(); err != nil {
		return err
	}
	if f.Review() || len(f.Errors()) > 0 {
		return p.again(w, r, id, f)
	}
	i, plan, err := p.Imports.Apply(r.Context(), page.Actor(r), id, choice)
	switch {
	case err == nil:
		return p.Kit.Done(w, r, importPath(id)+"/bilan", done(plan))
	case i.AppliedAt != nil:
		http.Redirect(w, r, importPath(id)+"/bilan", http.StatusSeeOther)
		return nil
	case i.ID == 0 || !page.Takes(f, err):
		return err
	}
	v := previewView{Import: i, Plan: plan, Moved: problem.KindOf(err) == problem.Conflict}
	return p.showPreview(w, r, page.RefusalStatus(f, err), v, f)
}

// again shows a form that came back from a lost session.
func (p *Pages) again(w http.ResponseWriter, r *http.Request, id imports.ID, f *form.Form) error {
	i, plan, err := p.Imports.Preview(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	return p.showPreview(w, r, page.FormStatus(f), previewView{Import: i, Plan: plan}, f)
}

func done(plan imports.Plan) string {
	return "Import enregistré : " + french.Count(plan.New, "nouvelle structure", "nouvelles structures") + ", " +
		french.Count(plan.Changed, "fiche modifiée", "fiches modifiées") + "."
}

// ErrorsFile answers /equipe/structures/import/{id}/erreurs.csv: every cell that is
// wrong.
func (p *Pages) ErrorsFile(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[imports.ID](r, "id")
	if err != nil {
		return err
	}
	i, plan, err := p.Imports.Preview(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	on := day.Today()
	t := export.Table{Title: "Cases en erreur de " + i.FileName, Name: "import-erreurs-" + page.IDText(id), Date: on,
		Source: "Portail de la gouvernance de l’inclusion numérique, Bordeaux Métropole",
		Columns: []export.Column{{Key: "ligne", Heading: "Ligne", Kind: export.NumberKind}, {Key: "colonne", Heading: "Colonne"},
			{Key: "valeur", Heading: "Valeur"}, {Key: "erreur", Heading: "Ce qui ne va pas", Width: 60}}}
	for _, c := range plan.Cells {
		t.Rows = append(t.Rows, []export.Cell{export.Int(c.Line), export.Text(c.Column), export.Text(c.Value), export.Text(french.Typo(c.Message))})
	}
	return export.Send(w, export.CSV, t)
}

// ShowReport shows /equipe/structures/import/{id}/bilan.
func (p *Pages) ShowReport(w http.ResponseWriter, r *http.Request) error {
	i, err := p.load(r)
	switch {
	case err != nil:
		return err
	case i.Outcome == nil:
		http.Redirect(w, r, importPath(i.ID), http.StatusSeeOther)
		return nil
	}
	return p.Kit.Show(w, r, http.StatusOK, reportPage(p.Kit.Chrome(r, chrome("Bilan de l’import")), i))
}

// sheetPath is where the team reads a structure.
func sheetPath[T ~int64](id T) templ.SafeURL {
	return templ.SafeURL("/equipe/organisations/" + page.IDText(id))
}

// reportRows says what an import did.
func reportRows(i imports.Import) []ui.SummaryRow {
	state := "à examiner"
	if i.Outcome.Member {
		state = "membres du Groupe Numérique Inclusif (GNI) depuis le " + french.LongDate(i.Outcome.From)
	}
	rows := []ui.SummaryRow{
		{Key: "Fichier", Value: i.FileName},
		{Key: "Enregistré par", Value: i.AppliedBy + ", le " + french.DateTime(*i.AppliedAt)},
		{Key: "Nouvelles structures", Value: french.Number(i.Outcome.New)},
		{Key: "Fiches modifiées", Value: french.Number(i.Outcome.Changed)},
		{Key: "Lignes sans changement", Value: french.Number(i.Outcome.Unchanged)},
		{Key: "Lignes en erreur, laissées de côté", Value: french.Number(i.Outcome.Wrong)},
	}
	if i.Outcome.New > 0 {
		rows[2].Value += ", " + state
	}
	return rows
}
