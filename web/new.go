package web

import (
	"context"
	"slices"
	"strings"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/web/account"
	"bordeaux-metropole.fr/portal/web/cache"
	"bordeaux-metropole.fr/portal/web/dashboard"
	governance "bordeaux-metropole.fr/portal/web/governance"
	"bordeaux-metropole.fr/portal/web/info"
	"bordeaux-metropole.fr/portal/web/journal"
	"bordeaux-metropole.fr/portal/web/outbox"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/team"
	"bordeaux-metropole.fr/portal/web/ui"
)

// New returns the portal as a handler. It keeps no public page in memory until
// ListenForChanges runs.
func New(c Config, a *Areas) (*Server, error) {
	s := &Server{
		db: a.Pool, pool: a.Pool, cache: cache.New(), metrics: newMetrics(a.Pool),
		baseURL: c.BaseURL, demo: c.Demo, metricsToken: c.MetricsToken,
	}
	declaration := info.Declaration{}
	if err := declaration.Check(); err != nil {
		return nil, err
	}
	s.kit = &page.Kit{Demo: c.Demo, Nav: s.navigation, Accessibility: declaration.State(day.Today())}
	sessions := account.NewSessions(a.Pool, c.BaseURL.Scheme == "https", s.kit.Fail)
	s.kit.Sessions = sessions
	s.sessions, s.cookie = sessions.Middleware, sessions.CookieName()
	p := pages{
		gov:     &governance.Pages{Kit: s.kit, Governance: a.Governance},
		account: &account.Pages{Kit: s.kit, Service: a.Accounts, Sessions: sessions},
		home:    &dashboard.Pages{Kit: s.kit, Governance: a.Governance},
		team:    &team.Pages{Kit: s.kit, Governance: a.Governance},
		mails:   &outbox.Pages{Kit: s.kit, Desk: a.Mails},
		journal: &journal.Pages{Kit: s.kit, Journal: a.Journal},
		info:    &info.Pages{Kit: s.kit, Contact: c.Contact, BaseURL: c.BaseURL.String(), Declaration: declaration, SiteMap: s.siteMap},
	}
	s.keepForm = p.account.KeepForm
	s.routes = p.table(c.Demo)
	mustDeclare(s.routes)
	return s, s.build(c.TrustedProxies)
}

// ListenForChanges keeps public pages in memory for as long as the database tells
// of changes, until ctx ends.
func (s *Server) ListenForChanges(ctx context.Context) { s.cache.Listen(ctx, s.pool) }

// navigation returns the main navigation of the actor: the entries of the table
// whose rule lets them through, the dashboard first.
func (s *Server) navigation(a access.Actor) []ui.NavItem {
	var items []ui.NavItem
	for _, r := range s.routes {
		if r.Menu != "" && r.Who.Admits(a) {
			items = append(items, ui.NavItem{Label: r.Menu, Href: r.Pattern})
		}
	}
	if i := slices.IndexFunc(items, func(n ui.NavItem) bool { return n.Href == "/tableau-de-bord" }); i > 0 {
		dashboard := items[i]
		items = slices.Insert(slices.Delete(items, i, i+1), 0, dashboard)
	}
	return items
}

// siteMap returns the pages of the table that the actor may open.
func (s *Server) siteMap(a access.Actor) []info.Entry {
	var entries []info.Entry
	for _, r := range s.routes {
		if r.Label != "" && r.Who.Admits(a) && !strings.Contains(r.Pattern, "{") {
			entries = append(entries, info.Entry{Label: r.Label, Href: r.Pattern, Group: r.Group})
		}
	}
	return entries
}
