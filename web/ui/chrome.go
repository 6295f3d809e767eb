package ui

import (
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
)

// SiteName ends every page title and stands in the header.
const SiteName = "Gouvernance de l’inclusion numérique"

// Chrome is what the layout needs to know of a page besides its content.
type Chrome struct {
	Title   string // the h1, also first in <title>
	Section string // rubrique, second in <title>; "" on top-level pages
	Crumbs  []Crumb
	// Failed is set when a form of the page has errors: the title then begins
	// with « Erreur : » (RGAA 8.6, GOV.UK error summary).
	Failed bool
	// Wide asks for the full width: tables of the team's screens.
	Wide bool
	// Style and Script name a sheet and a script of web/static that this page needs
	// beside those of all pages; "" for none.
	Style, Script string

	// What follows is filled by page.Kit.Chrome.
	Path    string       // path of the request, marks the current entry
	Actor   access.Actor // who is signed in, for the header and the switcher
	Nav     []NavItem    // main navigation of the role
	Flash   string       // message of the act just done
	Demo    bool         // shows the banner of the demonstration
	Warning string       // a condition all pages tell: « Votre session se termine à 18 h 10. »
	// SessionEnd, if set, lets portal.js warn five minutes before the session ends.
	SessionEnd time.Time
	// Accessibility is the legal mention: « non conforme », « partiellement conforme »…
	Accessibility string
}

// Crumb is one step of the breadcrumb; the page itself is added by the layout.
type Crumb struct{ Label, Href string }

// NavItem is one entry of the main navigation.
type NavItem struct {
	Label, Href string
	Work        bool // a page of the team or of the administration: in a list of its own
}

// Current tells whether the entry leads to the page shown or to one above it.
func (n NavItem) Current(path string) bool {
	if n.Href == "/" {
		return path == "/"
	}
	return path == n.Href || len(path) > len(n.Href) && path[:len(n.Href)+1] == n.Href+"/"
}

// DocumentTitle returns the <title>: « Erreur : h1 – rubrique – site ».
func (c Chrome) DocumentTitle() string {
	t := french.Typo(c.Title)
	if c.Failed {
		t = "Erreur : " + t
	}
	if c.Section != "" && c.Section != c.Title {
		t += " – " + c.Section
	}
	return t + " – " + SiteName
}

// accessibility is « non conforme » unless an audit says better: the law's default.
func (c Chrome) accessibility() string {
	if c.Accessibility == "" {
		return "non conforme"
	}
	return c.Accessibility
}

// titled returns c with another title.
func (c Chrome) titled(title string) Chrome {
	c.Title = title
	return c
}
