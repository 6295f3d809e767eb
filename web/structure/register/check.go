package register

import (
	"net/http"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	sheet "bordeaux-metropole.fr/portal/web/structure"
	"bordeaux-metropole.fr/portal/web/ui"
)

// otherField is the box that says the structures with a close name are others.
const otherField = "autre"

func sameAddress(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// ShowCheck shows /structures/inscription/{token}/verification.
func (p *Pages) ShowCheck(w http.ResponseWriter, r *http.Request) error {
	v, err := p.draft(r)
	switch {
	case err != nil:
		return p.gone(w, r, err)
	case v.Sent != 0:
		return p.Kit.Done(w, r, v.at("envoyee"), "")
	}
	return p.showCheck(w, r, v, form.New(), nil)
}

func (p *Pages) showCheck(w http.ResponseWriter, r *http.Request, v draftView, f *form.Form, refusal error) error {
	var alike []structure.LookAlike
	if len(v.missing()) == 0 {
		var err error
		if alike, err = p.Structures.LookAlikes(r.Context(), v.sheet.Name, v.sheet.INSEE, v.sheet.SIRET); err != nil {
			return err
		}
	}
	c := p.Kit.FormChrome(r, ui.Chrome{Title: "Vérifier et envoyer", Section: rubric, Crumbs: v.crumbs()}, f)
	return p.Kit.Show(w, r, statusOf(w, f, refusal), checkPage(c, v, f, alike))
}

// Submit answers POST /structures/inscription/{token}/verification.
func (p *Pages) Submit(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	version, notThem := f.Int("version", "Rechargez cette page, puis envoyez.", 0, 1<<30), f.Bool(otherField)
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.draft(r)
	switch {
	case err != nil:
		return p.gone(w, r, err)
	case v.Sent != 0:
		return p.Kit.Done(w, r, v.at("envoyee"), "")
	}
	for _, s := range v.missing() {
		f.Fail("rubrique-"+string(s.Section), french.Typo("Complétez la rubrique «\u00a0"+s.Label()+"\u00a0»."))
	}
	var refusal error
	if f.OK() {
		refusal = p.Structures.Submit(r.Context(), page.Actor(r), v.token, structure.Submission{
			Sheet: v.sheet, People: v.people, Version: version, NotThem: notThem})
		if refusal == nil {
			return p.Kit.Done(w, r, v.at("envoyee"), "")
		}
		if !takes(f, refusal) {
			return p.gone(w, r, refusal)
		}
		if v, err = p.draft(r); err != nil { // another tab may have changed it
			return p.gone(w, r, err)
		}
	}
	return p.showCheck(w, r, v, f, refusal)
}

// checked is what the page of check shows of every section.
func (v draftView) checked() []ui.CheckSection {
	out := make([]ui.CheckSection, len(v.sections))
	for i, s := range v.sections {
		rows := sheet.Rows(s.Section, v.sheet)
		switch {
		case s.Section == structure.People:
			rows = peopleRows(v.people)
		case s.status == skippable || s.status == toDo:
			rows = nil
		}
		if len(rows) == 0 {
			rows = []ui.SummaryRow{{Key: "Vos réponses"}}
		}
		sheet.Changeable(rows, v.at(string(s.Section)), s.Label())
		out[i] = ui.CheckSection{Title: french.Typo(s.Label()), Rows: rows}
	}
	return out
}

// blocked tells whether a structure that looks like this one keeps it from being
// sent: the same SIRET does, a close name does not.
func blocked(alike []structure.LookAlike) bool {
	for _, l := range alike {
		if l.SameSIRET {
			return true
		}
	}
	return false
}

func accessPath(id structure.ID) string { return directoryPath + "/" + page.IDText(id) + "/acces" }

func versionText(v draftView) string { return strconv.Itoa(v.Version) }
