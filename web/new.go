package web

import (
	"context"
	"slices"
	"strings"

	"bordeaux-metropole.fr/portal/internal/access"
	accounts "bordeaux-metropole.fr/portal/internal/account"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/web/account"
	"bordeaux-metropole.fr/portal/web/cache"
	"bordeaux-metropole.fr/portal/web/dashboard"
	elboard "bordeaux-metropole.fr/portal/web/election/board"
	elcandidacy "bordeaux-metropole.fr/portal/web/election/candidacy"
	elceremony "bordeaux-metropole.fr/portal/web/election/ceremony"
	elcount "bordeaux-metropole.fr/portal/web/election/count"
	eldesk "bordeaux-metropole.fr/portal/web/election/desk"
	elroll "bordeaux-metropole.fr/portal/web/election/roll"
	"bordeaux-metropole.fr/portal/web/election/showcase"
	elvoting "bordeaux-metropole.fr/portal/web/election/voting"
	"bordeaux-metropole.fr/portal/web/governance"
	"bordeaux-metropole.fr/portal/web/indicator"
	"bordeaux-metropole.fr/portal/web/info"
	"bordeaux-metropole.fr/portal/web/journal"
	"bordeaux-metropole.fr/portal/web/meeting"
	"bordeaux-metropole.fr/portal/web/minutes"
	"bordeaux-metropole.fr/portal/web/outbox"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/preferences"
	rmboard "bordeaux-metropole.fr/portal/web/roadmap/board"
	rmcampaign "bordeaux-metropole.fr/portal/web/roadmap/campaign"
	rmdetails "bordeaux-metropole.fr/portal/web/roadmap/details"
	rmedition "bordeaux-metropole.fr/portal/web/roadmap/edition"
	rmfunding "bordeaux-metropole.fr/portal/web/roadmap/funding"
	rmreport "bordeaux-metropole.fr/portal/web/roadmap/report"
	rmsheet "bordeaux-metropole.fr/portal/web/roadmap/sheet"
	rmsheetfile "bordeaux-metropole.fr/portal/web/roadmap/sheetfile"
	rmwatch "bordeaux-metropole.fr/portal/web/roadmap/watch"
	"bordeaux-metropole.fr/portal/web/static"
	"bordeaux-metropole.fr/portal/web/structure/directory"
	"bordeaux-metropole.fr/portal/web/structure/examine"
	"bordeaux-metropole.fr/portal/web/structure/imports"
	"bordeaux-metropole.fr/portal/web/structure/register"
	"bordeaux-metropole.fr/portal/web/structure/space"
	"bordeaux-metropole.fr/portal/web/team"
	"bordeaux-metropole.fr/portal/web/ui"
)

// New returns the portal as a handler. It keeps no public page in memory until
// ListenForChanges runs.
func New(c Config, a *Areas) (*Server, error) {
	s := &Server{
		pool: a.Pool, cache: cache.New(), metrics: newMetrics(a.Pool),
		baseURL: c.BaseURL, demo: c.Demo, metricsToken: c.MetricsToken, deadline: requestTimeout,
	}
	declaration := info.Declaration{}
	if err := declaration.Check(); err != nil {
		return nil, err
	}
	var menu map[access.Role][]ui.NavItem
	s.kit = &page.Kit{Demo: c.Demo, Nav: func(a access.Actor) []ui.NavItem { return menu[a.Role()] }, Accessibility: declaration.State(day.Today())}
	sessions := account.NewSessions(a.Pool, c.BaseURL.Scheme == "https", s.kit.Fail)
	s.kit.Sessions, s.kit.SessionEnd = sessions, sessions.SessionEnd
	s.sessions, s.cookie = sessions.Middleware, sessions.CookieName()
	p := pages{
		gov:     &governance.Pages{Kit: s.kit, Governance: a.Governance, DB: a.Pool},
		account: &account.Pages{Kit: s.kit, Service: a.Accounts, Sessions: sessions},
		home: &dashboard.Pages{Kit: s.kit, Governance: a.Governance, Mails: a.Mails, DB: a.Pool, Contact: c.Contact,
			Portal: portalCounts(a.Accounts)},
		meetings: &meeting.Pages{Kit: s.kit, DB: a.Pool, Governance: a.Governance, Meetings: a.Meetings, Minutes: a.Minutes,
			Printer: a.Printer, BaseURL: c.BaseURL},
		minutes:           &minutes.Pages{Kit: s.kit, Governance: a.Governance, Meetings: a.Meetings, Minutes: a.Minutes, Roadmap: a.Roadmap, Printer: a.Printer},
		prefs:             &preferences.Pages{Kit: s.kit, DB: a.Pool, Meetings: a.Meetings, BaseURL: c.BaseURL},
		register:          &register.Pages{Kit: s.kit, Structures: a.Structures, Governance: a.Governance},
		examine:           &examine.Pages{Kit: s.kit, Structures: a.Structures, Governance: a.Governance},
		space:             &space.Pages{Kit: s.kit, Structures: a.Structures, Contact: c.Contact},
		directory:         &directory.Pages{Kit: s.kit, Directory: a.Directory, Structures: a.Structures, Governance: a.Governance},
		actions:           &rmsheet.Pages{Kit: s.kit, Roadmap: a.Roadmap, Governance: a.Governance},
		details:           &rmdetails.Pages{Kit: s.kit, Roadmap: a.Roadmap},
		funding:           &rmfunding.Pages{Kit: s.kit, Roadmap: a.Roadmap, Funding: a.Funding},
		reports:           &rmreport.Pages{Kit: s.kit, Progress: a.Progress},
		campaigns:         &rmcampaign.Pages{Kit: s.kit, Campaigns: a.Campaigns, Printer: a.Printer},
		editions:          &rmedition.Pages{Kit: s.kit, Editions: a.Editions, Printer: a.Printer},
		board:             &rmboard.Pages{Kit: s.kit, Board: a.Board},
		watch:             &rmwatch.Pages{Kit: s.kit, Watch: a.Watch},
		roadmapFiles:      &rmsheetfile.Pages{Kit: s.kit, Files: a.RoadmapFiles},
		electionDesk:      &eldesk.Pages{Kit: s.kit, Elections: a.Elections},
		electionRoll:      &elroll.Pages{Kit: s.kit, Service: a.ElectionRoll, Contact: c.Contact},
		electionCandidacy: &elcandidacy.Pages{Kit: s.kit, Service: a.Candidacies, Contact: c.Contact},
		electionCeremony:  &elceremony.Pages{Kit: s.kit, Service: a.Ceremony, Printer: a.Printer, Script: func() string { return static.Digest("vote.js") }},
		electionVoting:    &elvoting.Pages{Kit: s.kit, Service: a.Voting, BaseURL: c.BaseURL.String(), Contact: c.Contact},
		electionBoard:     &elboard.Pages{Kit: s.kit, Service: a.ElectionBoard},
		electionCount:     &elcount.Pages{Kit: s.kit, Service: a.Count, Printer: a.Printer},
		showcase:          &showcase.Pages{Kit: s.kit, DB: a.Pool},
		imports:           &imports.Pages{Kit: s.kit, Imports: a.Imports, Structures: a.Structures},
		figures:           &indicator.Pages{Kit: s.kit, Indicators: a.Indicators, Network: a.Network},
		team:              &team.Pages{Kit: s.kit, Governance: a.Governance},
		mails:             &outbox.Pages{Kit: s.kit, Desk: a.Mails},
		journal:           &journal.Pages{Kit: s.kit, Journal: a.Journal},
		info:              &info.Pages{Kit: s.kit, Contact: c.Contact, BaseURL: c.BaseURL.String(), Declaration: declaration, SiteMap: s.siteMap},
	}
	p.meetings.Left = p.minutes.Left
	s.keepForm = p.account.KeepForm
	s.routes = p.table(c.Demo)
	mustDeclare(s.routes)
	menu = menus(s.routes)
	return s, s.build(c.TrustedProxies)
}

// portalCounts gives the dashboard what administrators look at first.
func portalCounts(accounts *accounts.Service) func(context.Context, access.Actor) (dashboard.PortalCounts, error) {
	return func(ctx context.Context, by access.Actor) (dashboard.PortalCounts, error) {
		o, err := accounts.Overview(ctx, by)
		if err != nil {
			return dashboard.PortalCounts{}, err
		}
		c := dashboard.PortalCounts{Active: o.Active, Invited: o.Invited, Disabled: o.Disabled, Entries: o.Entries}
		if o.LastEntry != nil {
			c.LastEntry = *o.LastEntry
		}
		return c, nil
	}
}

// ListenForChanges keeps public pages in memory for as long as the database tells
// of changes, until ctx ends.
func (s *Server) ListenForChanges(ctx context.Context) { s.cache.Listen(ctx, s.pool) }

// menuOrder is the order of the main navigation, where it is not that of the table.
var menuOrder = []string{"/tableau-de-bord", "/ma-structure", "/mes-actions", "/", "/instances", "/reunions", "/decisions", "/feuille-de-route", "/structures", "/elections", "/communes", "/indicateurs", "/deliberation"}

// visitorsOnly are left out of the navigation of who is signed in, which must hold on
// one line of a desk screen: the logo leads to the first, the foot of pages to the others.
var visitorsOnly = []string{"/", "/communes", "/indicateurs", "/deliberation"}

// menuRank is the place of an address in the main navigation.
func menuRank(item ui.NavItem) int {
	if i := slices.Index(menuOrder, item.Href); i >= 0 {
		return i
	}
	return len(menuOrder)
}

// menus computes the main navigation of each role once: the entries of the table
// whose rule admits it.
func menus(routes []Route) map[access.Role][]ui.NavItem {
	out := map[access.Role][]ui.NavItem{}
	for _, role := range append([]access.Role{noRole}, access.Roles...) {
		a := access.Actor{Acting: access.Capacity{Role: role}}
		if role != access.Public {
			a.Account = 1
		}
		for _, r := range routes {
			if r.Menu == "" || !r.Who.Admits(a) || role != access.Public && slices.Contains(visitorsOnly, r.Pattern) {
				continue
			}
			out[role] = append(out[role], ui.NavItem{Label: r.Menu, Href: r.Pattern, Work: r.Group == teamPages || r.Group == adminPages})
		}
		slices.SortStableFunc(out[role], func(a, b ui.NavItem) int { return menuRank(a) - menuRank(b) })
	}
	return out
}

// noRole is a person signed in who holds nothing any more.
const noRole access.Role = ""

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
