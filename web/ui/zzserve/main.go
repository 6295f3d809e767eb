package main

import (
	"net/http"
	"os"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/web/static"
	"bordeaux-metropole.fr/portal/web/ui"
)

func main() {
	nav := []ui.NavItem{{"Accueil", "/"}, {"Instances", "/instances"}, {"Réunions", "/reunions"}, {"Feuille de route", "/feuille-de-route"}, {"Structures", "/structures"}, {"Élections", "/elections"}, {"Aide", "/aide"}}
	http.Handle("/static/", static.Handler())
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		c := ui.Chrome{Title: "Composants", Section: "Aide", Crumbs: []ui.Crumb{{"Aide", "/aide"}}, Path: "/aide/composants", Nav: nav, Demo: true}
		if r.URL.Query().Has("in") {
			m := access.Capacity{Role: access.Mayor, Organisation: 3, OrganisationName: "Bègles"}
			c.Actor = access.Actor{Account: 1, Name: "Camille Exemple", Acting: m, Capacities: []access.Capacity{m, {Role: access.Chair}}}
			c.Flash = "Le point de Bègles est enregistré."
			c.Warning = "Votre session se termine à 18 h 10."
			c.SessionEnd = time.Now().Add(4 * time.Minute)
		}
		if r.URL.Query().Has("err") {
			_ = ui.ErrorPage(c, ui.ErrorView{Status: 404, SearchBox: true}).Render(r.Context(), w)
			return
		}
		_ = ui.Gallery(c).Render(r.Context(), w)
	})
	_ = http.ListenAndServe(os.Args[1], nil)
}
