// Package info holds the pages about the portal itself: help, legal notice,
// accessibility, personal data, site map, and the small files robots read.
package info

import (
	"fmt"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for the pages about the portal.
type Pages struct {
	Kit         *page.Kit
	Contact     string // address people write to, shown on every legal page
	BaseURL     string
	Declaration Declaration
	// SiteMap gives the pages the actor may open, from the route table.
	SiteMap func(access.Actor) []Entry
}

// Entry is one line of the site map.
type Entry struct{ Label, Href, Group string }

func (p *Pages) show(title, section string, body func(ui.Chrome) templ.Component) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		c := p.Kit.Chrome(r, ui.Chrome{Title: title, Section: section})
		return p.Kit.Show(w, r, http.StatusOK, body(c))
	}
}

// Help shows /aide.
func (p *Pages) Help() page.Handler {
	return p.show("Aide", "", func(c ui.Chrome) templ.Component { return helpPage(c, p.Contact) })
}

// Legal shows /mentions-legales.
func (p *Pages) Legal() page.Handler {
	return p.show("Mentions légales", "", func(c ui.Chrome) templ.Component { return legalPage(c, p.Contact) })
}

// Privacy shows /donnees-personnelles.
func (p *Pages) Privacy() page.Handler {
	return p.show("Données personnelles et cookies", "", func(c ui.Chrome) templ.Component {
		return privacyPage(c, p.Contact)
	})
}

// Accessibility shows /accessibilite.
func (p *Pages) Accessibility() page.Handler {
	return p.show("Accessibilité", "", func(c ui.Chrome) templ.Component {
		return accessibilityPage(c, p.Declaration, p.Contact, day.In(time.Now()))
	})
}

// OpenData shows /donnees-ouvertes: what can be downloaded, in which formats.
func (p *Pages) OpenData() page.Handler {
	return p.show("Données ouvertes", "", func(c ui.Chrome) templ.Component { return openDataPage(c, datasets) })
}

// dataset is one file the public may take, in three formats.
type dataset struct{ Name, Contents, Page, Path string }

// nationalFile is in the two formats that its standard has.
const nationalFile = "/structures/lieux-mediation-numerique"

// comes tells whether the file comes in a format.
func (d dataset) comes(ext string) bool { return d.Path != nationalFile || ext != "xlsx" }

// formats are what each file comes in.
var formats = []struct{ ext, name string }{{"csv", "CSV"}, {"xlsx", "Excel"}, {"json", "JSON"}}

// datasets are the public lists; each file is what its page shows.
var datasets = []dataset{
	{"Composition du CMTIN", "Un siège par ligne, son titulaire, ses dates, sa source", "/instances/cmtin", "/instances/cmtin"},
	{"Composition du groupe des partenaires institutionnels", "Un siège par ligne, son titulaire, ses dates, sa source", "/instances/partenaires", "/instances/partenaires"},
	{"Composition du GNI", "Une structure par ligne, son collège, sa personne référente", "/instances/gni", "/instances/gni"},
	{"Composition du Comité des communes", "Un siège par ligne, son titulaire, ses dates, sa source", "/instances/communes", "/instances/communes"},
	{"Annuaire des structures", "Une structure par ligne, ce qu’elle accepte de publier", "/structures", "/structures"},
	{"Réunions", "Instance, dates, lieu, thème, état", "/reunions", "/reunions"},
	{"Décisions et avis", "Numéro, texte, votes, suites données", "/decisions", "/decisions"},
	{"Prises de position et demandes", "Numéro, texte, destinataire, réponse", "/positions", "/positions"},
	{"Feuille de route", "Une action par ligne, son axe, son état, son avancement, ses dates", "/feuille-de-route", "/feuille-de-route"},
	{"Indicateurs de l’observatoire", "Un chiffre par ligne, sa date, sa source, sa méthode", "/indicateurs", "/indicateurs"},
	{"Membres du réseau Aladdin", "Les structures qui publient leur fiche, leur rôle, leur commune", "/reseaux/aladdin", "/reseaux/aladdin"},
	{"Les 28 communes", "Code Insee, population, siège de maire", "/communes", "/communes"},
	{"Lieux de médiation numérique", "Standard national, les structures du GNI qui y consentent", "/structures", nationalFile},
}

// SiteMapPage shows /plan-du-site: only what the reader may open.
func (p *Pages) SiteMapPage() page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		c := p.Kit.Chrome(r, ui.Chrome{Title: "Plan du site"})
		return p.Kit.Show(w, r, http.StatusOK, siteMapPage(c, byGroup(p.SiteMap(c.Actor))))
	}
}

// Gallery shows /aide/composants: every component of the design system.
func (p *Pages) Gallery() page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		c := p.Kit.Chrome(r, ui.Chrome{Title: "Composants", Section: "Aide", Style: "figures.css", Crumbs: []ui.Crumb{{Label: "Aide", Href: "/aide"}}})
		return p.Kit.Show(w, r, http.StatusOK, ui.Gallery(c))
	}
}

// SecurityTxt answers /.well-known/security.txt (RFC 9116).
func (p *Pages) SecurityTxt(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	expires := day.In(time.Now()).AddYears(1).At(0, 0).UTC().Format(time.RFC3339)
	fmt.Fprintf(w, "Contact: mailto:%s\nExpires: %s\nPreferred-Languages: fr, en\nCanonical: %s/.well-known/security.txt\n",
		p.Contact, expires, p.BaseURL)
	return nil
}

// Robots answers /robots.txt: what needs an account is not worth a visit.
func (p *Pages) Robots(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("User-agent: *\nDisallow: /connexion\nDisallow: /mon-compte\nDisallow: /equipe\nDisallow: /administration\nDisallow: /tableau-de-bord\nDisallow: /mes-reunions\nDisallow: /reunions/reponse\nDisallow: /reunions/sondage\nDisallow: /pointage\nDisallow: /ma-structure\nDisallow: /mes-actions\nDisallow: /financements\nDisallow: /notes\nDisallow: /feuille-de-route/proposer\nDisallow: /feuille-de-route/propositions\nDisallow: /structures/inscription/\nDisallow: /structures/confirmation\nDisallow: /structures/demande\nDisallow: /structures/a-jour\n"))
	return nil
}

// group is the entries of the site map under one heading.
type group struct {
	Name    string
	Entries []Entry
}

// byGroup gathers entries by group, both in the order given.
func byGroup(entries []Entry) []group {
	var out []group
	at := map[string]int{}
	for _, e := range entries {
		i, ok := at[e.Group]
		if !ok {
			i = len(out)
			at[e.Group] = i
			out = append(out, group{Name: e.Group})
		}
		out[i].Entries = append(out[i].Entries, e)
	}
	return out
}
