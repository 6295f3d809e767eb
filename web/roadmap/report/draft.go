package report

import (
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
)

// indicatorID spares the pages a conversion at each figure.
type indicatorID = roadmap.IndicatorID

// kept are the fields a draft keeps, with the figures: the file is not among them, and
// the campaign is that of the day the draft comes back.
var kept = []string{"situation", "avancement", "pourquoi", "fait", "difficulte", "type_besoin", "besoin", "suite", "bonne_pratique", "legende", "garder", "vu"}

// names are those of the figures that were sent.
func names(f *form.Form) iter.Seq[string] {
	return func(yield func(string) bool) {
		for name := range f.All() {
			if strings.HasPrefix(name, "chiffre-") && !yield(name) {
				return
			}
		}
	}
}

// typed is what a draft keeps of a form, right or wrong.
func typed(f *form.Form) url.Values {
	out := url.Values{}
	for _, name := range kept {
		if v := f.Values(name); len(v) > 0 {
			out[name] = v
		}
	}
	for name := range names(f) {
		out[name] = f.Values(name)
	}
	return out
}

// keepAndShow keeps the draft of who has no script, and shows the page again.
func (p *Pages) keepAndShow(w http.ResponseWriter, r *http.Request, at place, f *form.Form) error {
	when, err := p.Progress.SaveDraft(r.Context(), page.Actor(r), at.action, at.pour, typed(f))
	if problem.KindOf(err) == problem.Conflict && page.Takes(f, err) { // sent meanwhile: what is typed stays on the page
		return p.again(w, r, at, f, err, false)
	}
	if err != nil {
		return err
	}
	return p.Kit.Done(w, r, address(at.action, "point", at.pour), savedWords+french.Clock(when)+".")
}

const savedWords = "Brouillon enregistré à "

// KeepDraft answers POST /mes-actions/{id}/brouillon, which report.js sends at each
// field, with one sentence.
func (p *Pages) KeepDraft(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	at, err := placeOf(r)
	if err != nil {
		return err
	}
	read(f, at)
	f.Raw("acte")
	f.Raw("photo")
	if err := f.Unknown(); err != nil {
		return err
	}
	if f.Review() { // kept by a session that was over: it comes back as the page
		return p.again(w, r, at, f, nil, false)
	}
	when, err := p.Progress.SaveDraft(r.Context(), page.Actor(r), at.action, at.pour, typed(f))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, savedWords+french.Clock(when)+".") // the reader left: nothing to tell it
	return nil
}

// DropDraft answers POST /mes-actions/{id}/brouillon/abandon.
func (p *Pages) DropDraft(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	at, err := placeOf(r)
	if err != nil {
		return err
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	if err := p.Progress.DropDraft(r.Context(), page.Actor(r), at.action, at.pour); err != nil {
		return err
	}
	return p.Kit.Done(w, r, address(at.action, "point", at.pour), "Le brouillon est effacé.")
}
