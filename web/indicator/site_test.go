package indicator

import (
	"context"
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/indicator"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/structure/network"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
	"bordeaux-metropole.fr/portal/web/ui/uitest"
)

// site is the observatory over a database of its own.
type site struct {
	t      testing.TB
	db     postgres.DB
	pages  *Pages
	router chi.Router
	actor  access.Actor
	flash  string
}

// PutFlash, PopFlash and PeekFlash make site the session of the kit.
func (s *site) PutFlash(_ context.Context, m string) { s.flash = m }
func (s *site) PopFlash(context.Context) string      { m := s.flash; s.flash = ""; return m }
func (s *site) PeekFlash(context.Context) string     { return s.flash }

var camille = access.Actor{Account: 1, Person: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team},
	Capacities: []access.Capacity{{Role: access.Team}}}

func newSite(t testing.TB) *site {
	t.Helper()
	db := pgtest.Tx(t)
	s := &site{t: t, db: db, actor: camille, router: chi.NewRouter()}
	kit := &page.Kit{Sessions: s, Nav: func(access.Actor) []ui.NavItem { return []ui.NavItem{{Label: "Accueil", Href: "/"}} }, SessionEnd: func(context.Context) time.Time { return time.Time{} }}
	p := &Pages{Kit: kit, Indicators: indicator.New(db), Network: network.New(db)}
	s.pages = p
	const one = "/equipe/indicateurs/{id:[0-9]+}"
	for pattern, handle := range map[string]page.Handler{
		"GET /indicateurs": p.List, "GET /indicateurs.{ext}": p.ListFile, "GET /indicateurs/{slug:[a-z0-9-]+}": p.Show, "GET /indicateurs/{slug:[a-z0-9-]+}.{ext}": p.File,
		"GET /reseaux/aladdin": p.Aladdin, "GET /reseaux/aladdin.{ext}": p.AladdinFile,
		"GET " + advisersPath: p.Advisers, "GET " + advisersPath + ".{ext}": p.AdvisersFile, "GET " + communesPath: p.Communes, "GET " + communesPath + ".{ext}": p.CommunesFile,
		"GET /equipe/indicateurs": p.TeamList, "GET " + newPath: p.ShowNew, "POST " + newPath: p.Add, "GET " + one: p.TeamShow,
		"GET " + one + "/modification": p.ShowChange, "POST " + one + "/modification": p.Change, "POST " + one + "/ordre": p.Move,
		"GET " + one + "/valeurs/nouvelle": p.ShowNewValue, "POST " + one + "/valeurs/nouvelle": p.AddValue,
		"GET " + one + "/valeurs/{valeur:[0-9]+}/correction": p.ShowCorrection, "POST " + one + "/valeurs/{valeur:[0-9]+}/correction": p.Correct,
		"GET " + one + "/valeurs/{valeur:[0-9]+}/retrait": p.ShowRemoval, "POST " + one + "/valeurs/{valeur:[0-9]+}/retrait": p.Remove,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		s.router.Method(method, path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := handle(w, r); err != nil {
				kit.Fail(w, r, err)
			}
		}))
	}
	return s
}

func (s *site) do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.router.ServeHTTP(w, r.WithContext(page.WithActor(s.t.Context(), s.actor)))
	return w
}

// get reads a page, which must be sound.
func (s *site) get(path string, status int) string {
	s.t.Helper()
	w := s.do(httptest.NewRequest("GET", path, nil))
	if w.Code != status {
		s.t.Fatalf("GET %s: got %d, wanted %d\n%s", path, w.Code, status, w.Body)
	}
	return s.sound(path, w)
}

func (s *site) sound(path string, w *httptest.ResponseRecorder) string {
	s.t.Helper()
	body := w.Body.String()
	if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		for _, p := range uitest.Problems(strings.NewReader(body)) {
			s.t.Errorf("%s: %s", path, p)
		}
		return html.UnescapeString(body)
	}
	return body
}

func (s *site) post(path string, status int, pairs ...string) string {
	s.t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := s.do(r)
	if w.Code != status {
		s.t.Fatalf("POST %s %v: got %d, wanted %d\n%s", path, pairs, w.Code, status, w.Body)
	}
	if status == http.StatusSeeOther {
		return w.Header().Get("Location")
	}
	return s.sound(path, w)
}

func (s *site) holds(body string, wants ...string) {
	s.t.Helper()
	for _, w := range wants {
		if !strings.Contains(body, w) {
			s.t.Errorf("the page lacks %q", w)
		}
	}
}

// An indicator from its creation to the removal of its value, as the team does it.
func TestAnIndicatorFromEndToEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.holds(s.post(newPath, 422, "nom", "Ateliers", "sens", "hausse"), "Expliquez le chiffre", `value="Ateliers"`)
	sheet := s.post(newPath, 303, "nom", "Ateliers <b>menés</b>", "unite", "ateliers", "unite_un", "atelier", "explication", "Le nombre d'ateliers : menés.",
		"methode", "Compté à la main.", "source", "Rapport", "sens", "hausse", "publie", "oui")
	add := sheet + "/valeurs/nouvelle"
	s.holds(s.get(add, 200), "Rapport", "12\u202f000,5")
	s.holds(s.post(add, 422, "valeur", "60.000", "precision", "exacte", "fin", "31/12/2024", "source", "Rapport"), "Saisissez un nombre", `value="60.000"`)
	s.holds(s.post(add, 422, "valeur", "3", "precision", "exacte", "fin", day.Today().AddDays(2).String(), "source", "Rapport"), "n’est pas encore passée")
	s.post(add, 400, "valeur", "3", "autre", "x")
	first := []string{"valeur", "12 000,5", "precision", "pres", "fin", "31/12/2024", "source", "Rapport annuel", "lien", "https://exemple.fr/r"}
	s.post(add, 303, first...)
	s.post(add, 422, first...) // the same day again
	s.post(add, 303, "valeur", "13000", "precision", "exacte", "debut", "1/1/2025", "fin", "31 décembre 2025", "source", "Rapport annuel", "note", "Provisoire")
	public := s.get("/indicateurs/ateliers-b-menes-b", 200)
	s.holds(public, "Ateliers <b>menés</b>", "près de 12\u202f000,5\u00a0ateliers", "année 2025", "Provisoire", `href="https://exemple.fr/r"`,
		"2\u00a0valeurs, de près de 12\u202f000,5\u00a0ateliers (au 31 décembre 2024) à 13\u202f000\u00a0ateliers (année 2025), en hausse.")
	s.holds(s.get("/indicateurs/ateliers-b-menes-b.csv", 200), "2024-12-31;près de;12000,5;ateliers")

	value := s.valueOf(sheet)
	correct := sheet + "/valeurs/" + value + "/correction"
	s.holds(s.get(correct, 200), `value="12`+"\u202f"+`000,5"`, `value="31/12/2024"`)
	correction := []string{"valeur", "12100", "precision", "exacte", "fin", "31/12/2024", "source", "Rapport corrigé", "motif", "Erreur de saisie", "version", "1"}
	s.post(correct, 303, correction...)
	s.holds(s.post(correct, 409, correction...), "Quelqu’un d’autre", "Les deux versions", `value="12100"`)
	s.holds(s.get(sheet, 200), "Valeur d’un indicateur corrigée", "Erreur de saisie", "près de 12\u202f000,5", "12\u202f100\u00a0ateliers")
	remove := sheet + "/valeurs/" + value + "/retrait"
	s.get(remove, 200)
	s.holds(s.post(remove, 422, "version", "2"), "Dites pourquoi")
	s.post(remove, 409, "version", "1", "motif", "Faux")
	s.post(remove, 303, "version", "2", "motif", "Faux")
	s.get(remove, 404)
	change := sheet + "/modification"
	fields := []string{"nom", "Ateliers", "unite", "ateliers", "unite_un", "atelier", "explication", "Les ateliers.", "methode", "À la main.", "sens", "neutre", "version", "1"}
	s.get(change, 200)
	s.post(change, 303, fields...)
	s.holds(s.post(change, 409, fields...), "Les deux versions")
	s.get("/indicateurs/ateliers-b-menes-b", 404)
	s.post(sheet+"/ordre", 303, "sens", "haut")
	s.get(teamPath, 200)
}

// valueOf returns the first value of the indicator of a sheet.
func (s *site) valueOf(sheet string) string {
	s.t.Helper()
	_, rest, ok := strings.Cut(s.get(sheet, 200), sheet+"/valeurs/nouvelle")
	if !ok {
		s.t.Fatal("the sheet has no link to add a value")
	}
	_, rest, _ = strings.Cut(rest, sheet+"/valeurs/")
	id, _, _ := strings.Cut(rest, "/")
	return id
}

// fill puts two structures in the register: one that publishes its sheet, one not.
func (s *site) fill() {
	s.t.Helper()
	_, err := postgres.Exec(s.t.Context(), s.db, `
		WITH o AS (INSERT INTO organisation (kind, name) VALUES ('structure', 'Atelier public, exemple'), ('structure', 'Atelier discret, exemple') RETURNING id, name),
		     g AS (INSERT INTO seat (kind, organisation_id, college, label, during)
		           SELECT 'structure', id, 'action_sociale', name, daterange('2025-02-01', NULL) FROM o)
		INSERT INTO structure (organisation_id, state, origin, college, insee, aladdin, publish_sheet, programmes, adviser_posts)
		SELECT id, 'accepted', 'before', 'action_sociale', '33063', 'mediation', name LIKE '%public%', ARRAY['Conseillers numériques'],
		       CASE WHEN name LIKE '%public%' THEN 2 ELSE 0 END FROM o`)
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestPublicPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fill()
	s.actor = access.Actor{}
	list := s.get(listPath, 200)
	s.holds(list, "près de 3\u202f000\u00a0personnes", "plus de 60\u202f000\u00a0actions", "2\u00a0structures", "Registre du GNI", `role="img"`, "Bordeaux", "27\u00a0communes")
	s.holds(s.get("/indicateurs/registre-structures", 200), "Au 31 mars 2025", "2\u00a0structures", "Comment ce chiffre est établi")
	s.holds(s.get("/indicateurs/personnes-formees-par-an", 200), "Aucune valeur n’est encore publiée")
	s.get("/indicateurs/registre-rien", 404)
	s.get("/indicateurs/rien", 404)
	s.get("/indicateurs.pdf", 404)
	network := s.get(aladdinPath, 200)
	s.holds(network, "Atelier public, exemple", "1\u00a0autre structure est membre", "Aucun chiffre par année")
	for _, p := range []string{network, list, s.get("/reseaux/aladdin.csv", 200), s.get("/reseaux/aladdin.json", 200), s.get("/reseaux/aladdin?page=9", 200)} {
		if strings.Contains(p, "discret") {
			t.Error("a structure that did not agree is named")
		}
	}
	var file struct {
		Rows []struct {
			Slug  string  `json:"indicateur"`
			Where string  `json:"territoire"`
			Value float64 `json:"valeur"`
		} `json:"donnees"`
	}
	if err := json.Unmarshal([]byte(s.get("/indicateurs.json", 200)), &file); err != nil {
		t.Fatal(err)
	}
	found := map[string]float64{}
	for _, r := range file.Rows {
		found[r.Slug+" "+r.Where] = r.Value
	}
	for key, want := range map[string]float64{"personnes-formees Bordeaux Métropole": 3000, "registre-structures-par-commune Bordeaux": 2, "registre-structures-par-commune Pessac": 0,
		"registre-conseillers-numeriques Bordeaux Métropole": 2, "registre-fiches-a-jour Bordeaux Métropole": 100, "registre-communes-sans-structure Bordeaux Métropole": 27} {
		if got, ok := found[key]; !ok || got != want {
			t.Errorf("%s: got %v (%v), wanted %v", key, got, ok, want)
		}
	}
}

func TestTeamPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get(advisersPath, 200)
	s.get(communesPath, 200)
	s.fill()
	s.holds(s.get(advisersPath, 200), "Atelier public, exemple", "Structures sans poste déclaré", "Atelier discret, exemple")
	s.holds(s.get(advisersPath+".csv", 200), "Atelier public, exemple;Bordeaux;33063;2")
	s.holds(s.get(communesPath, 200), "27\u00a0communes n’ont aucune structure du GNI", "Dans le temps, par collège", "trait plein, ronds", "30 juin 2025")
	s.holds(s.get(communesPath+".csv", 200), ";Bordeaux;33063;", "2025-03-31;")
	for path := range map[string]bool{advisersPath: true, communesPath: true, teamPath: true, communesPath + ".csv": true} {
		s.actor = access.Actor{Account: 2, Acting: access.Capacity{Role: access.Mayor, Organisation: 1}}
		if w := s.do(httptest.NewRequest("GET", path, nil)); w.Code != http.StatusForbidden && w.Code != http.StatusNotFound {
			t.Errorf("%s shown to a mayor: %d", path, w.Code)
		}
	}
}

func TestDepthsAndLegendAgree(t *testing.T) {
	t.Parallel()
	for most := 1; most <= 40; most++ {
		words := legend(most)
		if len(words) != 5 {
			t.Fatalf("most %d: %d words", most, len(words))
		}
		for n := 1; n <= most; n++ {
			if d := depth(n, most); d < 1 || d > 4 || words[d] == "sans objet" {
				t.Errorf("%d of %d: depth %d, which means %q", n, most, depth(n, most), words[d])
			}
		}
	}
}
