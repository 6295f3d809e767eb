package space

import (
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	webstructure "bordeaux-metropole.fr/portal/web/structure"
	"bordeaux-metropole.fr/portal/web/ui"
)

// sheetView is the page that changes one section of the sheet.
type sheetView struct {
	Section  structure.Section
	Now      structure.Sheet // as it is recorded
	Typed    structure.Sheet // as it was typed, when somebody else changed it meanwhile
	Conflict bool
	Choices  webstructure.Choices
	Key      string
	ForTeam  bool // changed by the metropole's team, on its own page
}

// shownField is where webstructure.Fields carries structure.Sheet.Stamp.
const shownField = "vue"

// home is where the page comes from and leads back to.
func (v sheetView) home() string {
	if v.ForTeam {
		return teamPath + page.IDText(v.Now.ID)
	}
	return homePath
}

func (v sheetView) address() string { return v.home() + "/fiche/" + string(v.Section) }

// back is the words of the link that leads there.
func (v sheetView) back() string {
	if v.ForTeam {
		return "Retour à la structure"
	}
	return "Retour à ma structure"
}

func (v sheetView) chrome() ui.Chrome {
	if !v.ForTeam {
		return chrome(v.Section.Label())
	}
	return ui.Chrome{Title: v.Section.Label(), Section: "Équipe", Crumbs: []ui.Crumb{crumbDashboard,
		{Label: "Structures du GNI", Href: "/equipe/structures"}, {Label: v.Now.Name, Href: v.home()}}}
}

func readForm(r *http.Request) (*form.Form, error) { return form.Read(r) }

// sheet reads the section of the address and the sheet it is of.
func (p *Pages) sheet(r *http.Request) (sheetView, error) {
	v := sheetView{Section: structure.Section(chi.URLParam(r, "section")), Key: page.NewKey()}
	if !slices.Contains(structure.SheetSections, v.Section) {
		return v, page.ErrNotFound
	}
	id, err := own(r)
	if chi.URLParam(r, "id") != "" {
		v.ForTeam = true
		id, err = page.PathID[structure.ID](r, "id")
	}
	if err != nil {
		return v, err
	}
	sheet, communes, err := p.Structures.SheetToChange(r.Context(), page.Actor(r), id)
	v.Now, v.Choices = sheet, webstructure.NewChoices(communes)
	return v, err
}

// ShowSection shows /ma-structure/fiche/{section}, and for the team
// /equipe/structures/{id}/fiche/{section}.
func (p *Pages) ShowSection(w http.ResponseWriter, r *http.Request) error {
	v, err := p.sheet(r)
	if err != nil {
		return err
	}
	f := form.New()
	webstructure.Fill(f, v.Section, v.Now)
	return p.showSection(w, r, v, f, nil)
}

func (p *Pages) showSection(w http.ResponseWriter, r *http.Request, v sheetView, f *form.Form, refusal error) error {
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), sectionPage(p.Kit.FormChrome(r, v.chrome(), f), v, f))
}

// ChangeSection answers POST of the same addresses.
func (p *Pages) ChangeSection(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	number := f.Int("version", "", 0, 1<<30)
	v, err := p.sheet(r)
	if err != nil {
		return err
	}
	typed := v.Now
	webstructure.Read(f, v.Section, &typed)
	if err := f.Unknown(); err != nil {
		return err
	}
	typed.Version = number
	var refusal error
	if f.OK() {
		err := p.Structures.UpdateSection(r.Context(), page.Actor(r), typed, v.Section)
		if err == nil {
			return p.Kit.Done(w, r, v.home(), "La fiche est enregistrée : « "+v.Section.Label()+" ».")
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	if problem.KindOf(refusal) == problem.Conflict {
		if v, err = p.sheet(r); err != nil { // as it is now
			return err
		}
		v.Conflict, v.Typed = true, typed
		// Sent again, the form is about what the page shows now.
		f.Set(shownField, v.Now.Stamp(v.Section))
	}
	return p.showSection(w, r, v, f, refusal)
}

// bothVersions pairs the rows of a section as recorded and as typed.
func (v sheetView) bothVersions() []versionRow {
	now, typed := webstructure.Rows(v.Section, v.Now), webstructure.Rows(v.Section, v.Typed)
	out := make([]versionRow, 0, len(now))
	for _, n := range now {
		row := versionRow{Key: n.Key, Now: n}
		for _, t := range typed {
			if t.Key == n.Key {
				row.Typed = t
			}
		}
		out = append(out, row)
	}
	for _, t := range typed {
		if !slices.ContainsFunc(now, func(n ui.SummaryRow) bool { return n.Key == t.Key }) {
			out = append(out, versionRow{Key: t.Key, Typed: t})
		}
	}
	return out
}

// versionRow is one fact of a section in both versions.
type versionRow struct {
	Key        string
	Now, Typed ui.SummaryRow
}
