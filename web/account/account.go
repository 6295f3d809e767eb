// Package account is the pages where people sign in and look after their account,
// and the administrators' pages for all accounts (internal/account has the rules).
//
// No page here tells whether an address is that of an account; no link sent by
// mail is used up by opening it; every change that bears on signing in asks for
// the current password.
package account

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/account"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages are the handlers of this area.
type Pages struct {
	Kit      *page.Kit
	Service  *account.Service
	Sessions *Sessions
}

const (
	homePath      = "/tableau-de-bord"
	signInPath    = "/connexion"
	codePath      = "/connexion/code"
	enrolPath     = "/connexion/second-facteur"
	accountPath   = "/mon-compte"
	identityPath  = accountPath + "/identite"
	passwordPath  = accountPath + "/mot-de-passe"
	devicesPath   = accountPath + "/appareils"
	factorPath    = accountPath + "/second-facteur"
	calendarPath  = accountPath + "/agenda"    // web/preferences
	mailPath      = accountPath + "/courriels" // web/preferences
	keptPath      = "/reprise"
	accountsPath  = "/administration/comptes"
	invitePath    = accountsPath + "/inviter"
	mine          = "Mon compte"
	adminSection  = "Administration"
	passwordField = "mot_de_passe"
	currentField  = "mot_de_passe_actuel"
)

// visitor says where a request comes from.
func (p *Pages) visitor(r *http.Request) account.Visitor {
	address := middleware.GetClientIP(r.Context())
	if address == "" {
		address, _, _ = net.SplitHostPort(r.RemoteAddr)
	}
	return account.Visitor{Address: address, Browser: p.Sessions.cookies.get(r, browserCookie)}
}

// myChrome describes a page under « Mon compte ».
func myChrome(title string) ui.Chrome {
	return ui.Chrome{Title: title, Section: mine, Crumbs: []ui.Crumb{{Label: mine, Href: accountPath}}}
}

func adminChrome(title string) ui.Chrome {
	return ui.Chrome{Title: title, Section: adminSection, Crumbs: []ui.Crumb{{Label: "Comptes", Href: accountsPath}}}
}

// withSuite adds to a path where to go afterwards.
func withSuite(path, suite string) string {
	if suite == "" {
		return path
	}
	return path + "?suite=" + url.QueryEscape(suite)
}

// read reads a form, and refuses fields that ask did not ask for.
func read(r *http.Request, ask func(f *form.Form)) (*form.Form, error) {
	f, err := form.Read(r)
	if err != nil {
		return nil, err
	}
	ask(f)
	return f, f.Unknown()
}

// takes records on the form what the person can put right, too many tries
// included, and returns the status of the page to show again; 0 if err is not of
// that kind.
func takes(w http.ResponseWriter, f *form.Form, err error) int {
	if problem.KindOf(err) == problem.TooMany {
		p, _ := errors.AsType[*problem.Error](err)
		f.Fail("", p.Message)
		w.Header().Set("Retry-After", "300")
		return http.StatusTooManyRequests
	}
	if f.Takes(err) {
		return http.StatusUnprocessableEntity
	}
	return 0
}

// accountOf reads the account of an administrator's route.
func accountOf(r *http.Request) (access.AccountID, error) {
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil {
		return 0, page.ErrNotFound
	}
	return access.AccountID(id), nil
}
