package web_test

import (
	"net/http"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/web/browsertest"
)

// roadmapLooks are the pages of the roadmap in their states, as who reads them: what
// the crawl of TestAxe does not see by following links, and the forms refused.
func (s *site) roadmapLooks(t *testing.T) map[access.Role][]look {
	t.Helper()
	at := func(paths ...string) (out []look) {
		for _, path := range paths {
			out = append(out, look{path: path})
		}
		return out
	}
	action := func(where string) string {
		return s.text(t, `SELECT min(id)::text FROM roadmap_action WHERE `+where)
	}
	done, stopped, left := action(`status = 'done'`), action(`status = 'suspended'`), action(`status = 'abandoned'`)
	everywhere := action(`all_communes AND status = 'in_progress'`)
	late := action(`status = 'in_progress' AND ends_on < current_date`)
	open := s.text(t, `SELECT max(id)::text FROM campaign WHERE opened_at IS NOT NULL AND closed_at IS NULL`)
	closed := s.text(t, `SELECT max(id)::text FROM campaign WHERE closed_at IS NOT NULL`)
	const actions = "/feuille-de-route/actions/"
	hub, camp := "/equipe"+actions+late, "/equipe/campagnes/"
	report := "/mes-actions/" + everywhere + "/point"
	return map[access.Role][]look{
		access.Public: at("/feuille-de-route", "/feuille-de-route?q=introuvable", "/feuille-de-route/calendrier", "/feuille-de-route/calendrier?annee=1999",
			actions+done, actions+stopped, actions+left, actions+everywhere, actions+late, "/feuille-de-route/editions", "/feuille-de-route/editions/comparaison", "/communes/33039"),
		access.Mayor: append(at("/mes-actions", report, "/mes-actions/"+everywhere+"/points", "/mes-actions/rien-de-nouveau", "/feuille-de-route/propositions"),
			form422(report), form422("/feuille-de-route/proposer")),
		access.Team: append(at("/equipe/feuille-de-route", "/equipe/feuille-de-route?q=introuvable", hub, hub+"/etapes", hub+"/indicateurs", hub+"/documents",
			hub+"/liens", hub+"/budget", hub+"/historique", "/equipe/feuille-de-route/axes", camp+open, camp+closed, camp+closed+"/dossier",
			camp+open+"/relance", camp+open+"/cloture", "/equipe/programmes", "/equipe/alertes", "/equipe/feuille-de-route/import", "/equipe/note", "/notes", "/financements"),
			form422("/equipe/feuille-de-route/actions/nouvelle"), form422("/equipe/feuille-de-route/axes/nouveau"), form422("/equipe/campagnes/nouvelle"),
			form422(hub+"/etat"), form422(hub+"/etapes/nouvelle"), form422(hub+"/indicateurs/nouveau"), form422(hub+"/budget/nouvelle"), form422("/equipe/programmes/nouveau"),
			look{path: hub + "/modification", do: stale(hub + "/modification"), want: http.StatusConflict}),
		access.Partner: at("/mes-actions", "/financements", "/notes"),
	}
}

// TestAxeRoadmap looks at these pages in light; at those that draw, and at the page of
// a report, in the dark and in the narrowest window too.
func TestAxeRoadmap(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	s := newSite(t)
	s.deliver(t)
	drawn := map[access.Role]int{access.Public: 4, access.Mayor: 2, access.Team: 3}
	for role, list := range s.roadmapLooks(t) {
		t.Run(string(role), func(t *testing.T) {
			t.Parallel()
			v := s.open(t, browsertest.Options{})
			if role != access.Public {
				v.sit(s.signIn(t, accountOf[role]))
			}
			for i, l := range list {
				v.See(browsertest.Options{})
				v.lookAt(l)
				v.clean(browsertest.Options{})
				if i < drawn[role] {
					for _, o := range []browsertest.Options{{Dark: true}, {Width: 320}} {
						v.See(o)
						v.clean(o)
					}
				}
			}
		})
	}
}
