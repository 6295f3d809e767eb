package governance

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// noSessions is nobody signed in: the kit asks for nothing else.
type noSessions struct{ page.Sessions }

func (noSessions) PopFlash(context.Context) string      { return "" }
func (noSessions) SessionEnd(context.Context) time.Time { return time.Time{} }

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

func get(t testing.TB, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

// site serves the pages on a database filled by seed.
func site(t testing.TB) (http.Handler, day.Day) {
	t.Helper()
	s, today := seed(t.Context(), t, pgtest.Tx(t))
	return router(s), today
}

func TestPagesAnswer(t *testing.T) {
	h, _ := site(t)
	for path, want := range map[string]struct {
		status int
		says   string
	}{
		"/":                       {200, "La gouvernance en une image"},
		"/instances":              {200, "Niveau opérationnel"},
		"/instances/cmtin":        {200, "Maïwenn Élue0"},
		"/instances/partenaires":  {200, "&lt;b&gt;Bailleur&lt;/b&gt;"},
		"/instances/gni":          {200, "1 à 50 sur 60"},
		"/instances/gni?page=2":   {200, "51 à 60 sur 60"},
		"/instances/gni?page=99":  {200, "51 à 60 sur 60"},
		"/instances/gni?page=-3":  {200, "1 à 50 sur 60"},
		"/instances/gni?page=zut": {200, "1 à 50 sur 60"},
		"/instances/gni?page=9999999999999999999":                     {200, "1 à 50 sur 60"},
		"/instances/gni?q=etoile":                                     {200, "60\u00a0structures répondent"},
		"/instances/gni?q=001":                                        {200, "1\u00a0structure répond"},
		"/instances/gni?q=introuvable":                                {200, "Aucune structure ne répond"},
		"/instances/gni?q=%00%ff":                                     {200, "1 à 50 sur 60"},
		"/instances/gni?college=action_sociale":                       {200, "1 à 30 sur 30"},
		"/instances/gni?college=autre":                                {200, "1 à 50 sur 60"},
		"/instances/communes":                                         {200, "Maire de Bègles"},
		"/instances/communes?le=2024-12-06":                           {200, "6 décembre 2024"},
		"/instances/communes?le=6+d%C3%A9cembre+2024":                 {200, "Composition au vendredi 6 décembre 2024"},
		"/instances/communes?le=2024-12-05":                           {200, "cette instance n’existait pas encore"},
		"/instances/communes?le=31/2/2026":                            {422, "Saisissez une date qui existe"},
		"/instances/communes?le=1e9":                                  {422, "Composition d’aujourd’hui"},
		"/instances/communes?le=2200-01-01":                           {200, "1er janvier 2200"},
		"/instances/autre":                                            {404, ""},
		"/instances/xgni":                                             {404, ""},
		"/instances/communes/differences":                             {200, "1\u00a0changement"},
		"/instances/communes/differences?du=x&au=y":                   {422, "Saisissez une date"},
		"/instances/communes/differences?du=2026-02-01&au=2026-01-01": {422, "La seconde date doit suivre la première"},
		"/instances/communes/differences?du=1/1/2024&au=1/2/2024":     {200, "Rien n’a changé"},
		"/instances/autre/differences":                                {404, ""},
		"/communes":                                                   {200, "Artigues-près-Bordeaux"},
		"/communes/33039":                                             {200, "Maire de Bègles"},
		"/communes/2A004":                                             {404, ""},
		"/communes/99999":                                             {404, ""},
		"/communes/330399":                                            {404, ""},
		"/deliberation":                                               {200, "engagement par engagement"},
		"/instances/gni.pdf":                                          {404, ""},
		"/instances/autre.csv":                                        {404, ""},
		"/instances/gni.csv?le=zut":                                   {422, ""},
		"/communes.pdf":                                               {404, ""},
	} {
		w := get(t, h, path)
		if w.Code != want.status || !strings.Contains(w.Body.String(), want.says) {
			t.Errorf("%s: status %d, does it say %q?", path, w.Code, want.says)
		}
		if w.Body.Len() >= 60_000 {
			t.Errorf("%s weighs %d bytes", path, w.Body.Len())
		}
	}
}

// A file holds what is on screen, filters and all pages included.
func TestFilesHoldWhatIsOnScreen(t *testing.T) {
	h, today := site(t)
	for path, rows := range map[string]int{
		"/instances/gni": 60, "/instances/gni?college=action_sociale": 30, "/instances/gni?q=ETOILE&page=2": 60, "/instances/gni?q=l%27etoile": 60,
		"/instances/gni?q=structure+n%C2%B0%C2%A0001": 1, "/instances/cmtin": 42, "/instances/gni?le=2024-01-01": 0, "/communes": 28,
	} {
		base, query, _ := strings.Cut(path, "?")
		w := get(t, h, base+".json?"+query)
		var v struct {
			Titre, Date string
			Donnees     []map[string]any
		}
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || w.Code != 200 || len(v.Donnees) != rows {
			t.Errorf("%s: %d rows, want %d (status %d, %v)", path, len(v.Donnees), rows, w.Code, err)
		}
		page := get(t, h, path).Body.String()
		for _, row := range v.Donnees {
			if name, _ := row["commune"].(string); name != "" && !strings.Contains(page, name) {
				t.Errorf("%s: %s is in the file and not on screen", path, name)
			}
		}
		for _, ext := range []string{".csv?", ".xlsx?"} {
			if w := get(t, h, base+ext+query); w.Code != 200 || !strings.Contains(w.Header().Get("Content-Disposition"), "filename") {
				t.Errorf("%s%s: %d", base, ext, w.Code)
			}
		}
	}
	w := get(t, h, "/instances/gni.csv")
	if got := w.Header().Get("Content-Disposition"); !strings.Contains(got, "composition-gni-"+today.String()+".csv") {
		t.Error(got)
	}
	if !strings.HasPrefix(w.Body.String(), "\ufeffGroupe;Siège;") {
		t.Errorf("%.60q", w.Body.String())
	}
}

// The page of a commune tells how many answer for it, never who.
func TestDelegatesAreNotNamed(t *testing.T) {
	db := pgtest.Tx(t)
	s, _ := seed(t.Context(), t, db)
	if _, err := db.Exec(t.Context(), `
		WITH p AS (INSERT INTO person (first_name, last_name, email) VALUES ('Camille', 'Discrète', 'camille@begles.example') RETURNING id)
		INSERT INTO membership (person_id, organisation_id, during)
		SELECT p.id, c.organisation_id, '[2025-01-01,)' FROM p, commune c WHERE c.insee = '33039'`); err != nil {
		t.Fatal(err)
	}
	html := get(t, router(s), "/communes/33039").Body.String()
	contains(t, html, "1\u00a0personne est désignée")
	if strings.Contains(html, "Discrète") || strings.Contains(html, "begles.example") {
		t.Error("a delegate is named")
	}
}
