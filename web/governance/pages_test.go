package governancepages

import (
	"context"
	"net/http"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

type noSessions struct{}

func (noSessions) PutFlash(context.Context, string) {}
func (noSessions) PopFlash(context.Context) string  { return "" }
func (noSessions) PeekFlash(context.Context) string { return "" }

// router serves the pages as web/routes.go does.
func router(s *governance.Service) http.Handler {
	kit := &page.Kit{Sessions: noSessions{}, Demo: true, Nav: func(access.Actor) []ui.NavItem {
		return []ui.NavItem{{Label: "Accueil", Href: "/"}, {Label: "Instances", Href: "/instances"}, {Label: "Communes", Href: "/communes"}, {Label: "Délibération", Href: "/deliberation"}}
	}}
	p := &Pages{Kit: kit, Governance: s}
	r := chi.NewRouter()
	for pattern, h := range map[string]page.Handler{
		"/": p.Home, "/instances": p.Bodies, "/instances/{code:[a-z]+}": p.Body,
		"/instances/{code:[a-z]+}.{ext:[a-z]+}": p.BodyFile, "/instances/{code:[a-z]+}/differences": p.Differences,
		"/communes": p.Communes, "/communes.{ext:[a-z]+}": p.CommunesFile, "/communes/{insee:[0-9AB]+}": p.Commune,
		"/deliberation": p.Deliberation,
	} {
		r.Get(pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := h(w, r); err != nil {
				kit.Fail(w, r, err)
			}
		})
	}
	return r
}
