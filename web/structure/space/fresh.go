package space

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// freshView is the page of the link of a reminder.
type freshView struct {
	structure.FreshnessLink
	Action string
}

// ShowFresh shows /structures/a-jour/{token}. It changes nothing: mail scanners open
// links before their readers do.
func (p *Pages) ShowFresh(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	token := chi.URLParam(r, "token")
	l, err := p.Structures.FreshnessLink(r.Context(), token)
	switch {
	case problem.KindOf(err) == problem.Gone:
		return p.showExpired(w, r)
	case err != nil:
		return err
	}
	c := ui.Chrome{Title: "Vos informations sont-elles à jour" + french.Narrow + "?", Section: "Structures"}
	return p.Kit.Show(w, r, http.StatusOK, freshPage(p.Kit.Chrome(r, c), freshView{l, structure.FreshnessPath + token}))
}

// showExpired says kindly that a link is out of date, and what to do instead.
func (p *Pages) showExpired(w http.ResponseWriter, r *http.Request) error {
	c := ui.Chrome{Title: "Ce lien n’est plus valable", Section: "Structures"}
	return p.Kit.Show(w, r, http.StatusGone, expiredPage(p.Kit.Chrome(r, c)))
}

// ConfirmFresh answers POST /structures/a-jour/{token}.
func (p *Pages) ConfirmFresh(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	f, err := readForm(r)
	if err != nil {
		return err
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	token := chi.URLParam(r, "token")
	err = p.Structures.ConfirmByLink(r.Context(), page.Actor(r), token)
	if err != nil {
		// A second click finds its work done: the page says so.
		if l, again := p.Structures.FreshnessLink(r.Context(), token); again != nil || l.Used == nil {
			if problem.KindOf(err) == problem.Gone {
				return p.showExpired(w, r)
			}
			return err
		}
	}
	return p.Kit.Done(w, r, structure.FreshnessPath+token, "")
}
