package minutes

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// ListRevisions shows …/compte-rendu/revisions.
func (p *Pages) ListRevisions(w http.ResponseWriter, r *http.Request) error {
	v, err := p.begunText(r)
	if err != nil {
		return err
	}
	list, err := p.Minutes.Revisions(r.Context(), page.Actor(r), v.Meeting)
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, revisionsPage(p.Kit.Chrome(r, textChrome(v, "Versions du compte rendu")), v, list))
}

// begunText is ownText for the pages that need minutes already begun.
func (p *Pages) begunText(r *http.Request) (minutes.Sheet, error) {
	v, err := p.ownText(r)
	if err == nil && !v.Started() {
		err = page.ErrNotFound
	}
	return v, err
}

// revisionNumber reads the number of a revision or of a publication.
func revisionNumber(r *http.Request) (int, error) {
	n, err := strconv.ParseInt(chi.URLParam(r, "n"), 10, 32)
	if err != nil || n < 1 {
		return 0, page.ErrNotFound
	}
	return int(n), nil
}

// ShowRevision shows …/compte-rendu/revisions/{n}.
func (p *Pages) ShowRevision(w http.ResponseWriter, r *http.Request) error {
	return p.showRevision(w, r, form.New(), nil)
}

func (p *Pages) showRevision(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	v, err := p.begunText(r)
	if err != nil {
		return err
	}
	n, err := revisionNumber(r)
	if err != nil {
		return err
	}
	rev, err := p.Minutes.Revision(r.Context(), page.Actor(r), v.Meeting, n)
	if err != nil {
		return err
	}
	c := textChrome(v, "Version "+strconv.Itoa(n)+" du compte rendu")
	c.Crumbs = append(c.Crumbs, ui.Crumb{Label: "Versions", Href: editorPath(v.Meeting, "/revisions")})
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), revisionPage(p.Kit.FormChrome(r, c, f), v, rev, page.NewKey(), f))
}

// RestoreRevision answers POST …/compte-rendu/revisions/{n}.
func (p *Pages) RestoreRevision(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := textID(r)
	if err != nil {
		return err
	}
	n, err := revisionNumber(r)
	if err != nil {
		return err
	}
	version := f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		refusal = p.Minutes.Restore(r.Context(), page.Actor(r), id, version, n)
		if refusal == nil {
			return p.Kit.Done(w, r, editorPath(id, ""), "La version "+strconv.Itoa(n)+" est reprise.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showRevision(w, r, f, refusal)
}

// ShowAgain shows …/compte-rendu/reprise: what taking the notes again would change.
func (p *Pages) ShowAgain(w http.ResponseWriter, r *http.Request) error {
	return p.showAgain(w, r, form.New(), nil)
}

func (p *Pages) showAgain(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	v, err := p.begunText(r)
	if err != nil {
		return err
	}
	text, err := p.Minutes.Assemble(r.Context(), page.Actor(r), v.Meeting)
	if err != nil {
		return err
	}
	list := minutes.Excerpt(minutes.Differences(v.Text, text))
	c := textChrome(v, "Reprendre les notes")
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), againPage(p.Kit.FormChrome(r, c, f), v, list, page.NewKey(), f))
}

// TakeAgain answers POST …/compte-rendu/reprise.
func (p *Pages) TakeAgain(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.begunText(r)
	if err != nil {
		return err
	}
	version := f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		text, err := p.Minutes.Assemble(r.Context(), page.Actor(r), v.Meeting)
		if err != nil {
			return err
		}
		refusal = p.Minutes.Save(r.Context(), page.Actor(r), v.Meeting, version, text, v.Expert)
		if refusal == nil {
			return p.Kit.Done(w, r, editorPath(v.Meeting, ""), "Le texte est refait à partir des notes. L’ancien est dans la liste des versions.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showAgain(w, r, f, refusal)
}
