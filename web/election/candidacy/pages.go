// Package candidacy is the pages of the candidacies: a structure's own, the team's
// examination, the candidates as everybody reads them.
package candidacy

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/candidacy"
	"bordeaux-metropole.fr/portal/internal/french"
	web "bordeaux-metropole.fr/portal/web/election"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages are the handlers.
type Pages struct {
	Kit     *page.Kit
	Service *candidacy.Service
	Contact string // address of the metropole's team
}

func listPath(id election.ID) string { return web.Address(id) + "/candidatures" }
func ownPath(id election.ID) string  { return web.Address(id) + "/ma-candidature" }
func deskPath(id election.ID) string { return web.Desk(id) + "/candidatures" }

func candidacyPath(id election.ID, c candidacy.ID) string { return deskPath(id) + "/" + page.IDText(c) }

func electionID(r *http.Request) (election.ID, error) { return page.PathID[election.ID](r, "id") }

// candidacyOf reads the election and the candidacy of the address.
func candidacyOf(r *http.Request) (election.ID, candidacy.ID, error) {
	id, err := electionID(r)
	if err != nil {
		return 0, 0, err
	}
	c, err := page.PathID[candidacy.ID](r, "c")
	return id, c, err
}

// chrome describes a page under the public page of an election.
func chrome(e election.Election, title string, crumbs ...ui.Crumb) ui.Chrome {
	return ui.Chrome{Title: title, Section: french.Typo(e.Title), Crumbs: append([]ui.Crumb{{Label: "Élections", Href: "/elections"},
		{Label: french.Typo(e.Title), Href: web.Address(e.ID)}}, crumbs...)}
}

// teamChrome describes a page under the team's page of an election.
func teamChrome(e election.Election, title string, crumbs ...ui.Crumb) ui.Chrome {
	return ui.Chrome{Title: title, Section: "Équipe métropolitaine", Crumbs: append([]ui.Crumb{{Label: "Tableau de bord", Href: "/tableau-de-bord"},
		{Label: "Élections", Href: "/equipe/elections"}, {Label: french.Typo(e.Title), Href: web.Desk(e.ID)}}, crumbs...)}
}

func stateKind(s candidacy.State) ui.Kind {
	switch s {
	case candidacy.Accepted:
		return ui.OK
	case candidacy.Submitted:
		return ui.Info
	case candidacy.Asked:
		return ui.Warn
	case candidacy.Refused:
		return ui.Err
	}
	return ui.Neutral
}

// sendPhoto answers with a JPEG; keep says who may keep it.
func sendPhoto(w http.ResponseWriter, r *http.Request, b []byte, keep string) error {
	sum := sha256.Sum256(b)
	h := w.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", keep)
	h.Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	if r.Header.Get("If-None-Match") == h.Get("ETag") {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	_, _ = w.Write(b) // the reader left: nothing to tell it
	return nil
}

const (
	keptByAll  = "public, max-age=3600"
	keptByNone = "private, no-store"
)

// Photo answers GET /elections/{id}/candidatures/{c}/photo, once the lists are sealed.
func (p *Pages) Photo(w http.ResponseWriter, r *http.Request) error {
	id, c, err := candidacyOf(r)
	if err != nil {
		return err
	}
	b, err := p.Service.Photo(r.Context(), page.Actor(r), id, c)
	if err != nil {
		return err
	}
	return sendPhoto(w, r, b, keptByAll)
}

// PhotoForTeam answers GET /equipe/elections/{id}/candidatures/{c}/photo.
func (p *Pages) PhotoForTeam(w http.ResponseWriter, r *http.Request) error {
	id, c, err := candidacyOf(r)
	if err != nil {
		return err
	}
	b, err := p.Service.PhotoForTeam(r.Context(), page.Actor(r), id, c)
	if err != nil {
		return err
	}
	return sendPhoto(w, r, b, keptByNone)
}

// OwnPhoto answers GET /elections/{id}/ma-candidature/photo, and its draft's.
func (p *Pages) OwnPhoto(draft bool) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := electionID(r)
		if err != nil {
			return err
		}
		b, err := p.Service.OwnPhoto(r.Context(), page.Actor(r), id, draft)
		if err != nil {
			return err
		}
		return sendPhoto(w, r, b, keptByNone)
	}
}
