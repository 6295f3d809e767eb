package directory

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/directory"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
	"bordeaux-metropole.fr/portal/web/ui/uitest"
)

// listSite is the directory over a database of its own, and how often it was asked.
type listSite struct {
	t      testing.TB
	router chi.Router
	trips  int
}

// counting counts round trips.
type counting struct {
	postgres.DB
	trips *int
}

func (c counting) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	*c.trips++
	return c.DB.Query(ctx, sql, args...)
}

func (c counting) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	*c.trips++
	return c.DB.SendBatch(ctx, b)
}

// newListSite has sixty structures with a sheet and some that publish none.
func newListSite(t testing.TB) *listSite {
	t.Helper()
	pool := pgtest.Pool(t)
	s := &listSite{t: t, router: chi.NewRouter()}
	for _, sql := range []string{
		`INSERT INTO organisation (kind, name) SELECT 'structure', 'Médiathèque n° ' || lpad(i::text, 3, '0') FROM generate_series(1, 60) AS i`,
		`INSERT INTO organisation (kind, name) VALUES ('structure', '=Discrète <b>'), ('structure', 'Refusée')`,
		`INSERT INTO structure (organisation_id, state, origin, college, insee, publish_sheet, services, programmes, aladdin, access_modes, summary)
		 SELECT id, 'accepted', 'team', CASE WHEN id % 2 = 0 THEN 'action_sociale' ELSE 'mediation_numerique' END,
		        CASE WHEN name ~ '0$' THEN '33039' ELSE '33063' END, name LIKE 'Méd%',
		        '{Loisirs et créations numériques,Aide aux démarches administratives,Compréhension du monde numérique}', '{Point d''accès numérique CAF}',
		        'relay', '{Téléphoner}', 'Texte secret' FROM organisation WHERE kind = 'structure'`,
		`UPDATE structure SET state = 'refused' WHERE sort_name = 'refusee'`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	p := &Pages{Kit: &page.Kit{Sessions: noSession{}, Nav: func(access.Actor) []ui.NavItem { return []ui.NavItem{{Label: "Structures", Href: listPath}} }},
		Directory: directory.New(counting{pool, &s.trips}), Structures: structure.New(counting{pool, &s.trips}, nil, nil, "")}
	for pattern, handle := range map[string]page.Handler{"/structures": p.List, "/structures.{ext:(csv|xlsx|json)}": p.ListFile} {
		s.router.Get(pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := handle(w, r); err != nil {
				p.Kit.Fail(w, r, err)
			}
		})
	}
	return s
}

func (s *listSite) get(path string, status int) string {
	s.t.Helper()
	w := httptest.NewRecorder()
	s.router.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	if w.Code != status {
		s.t.Fatalf("GET %s: status %d, wanted %d", path, w.Code, status)
	}
	return html.UnescapeString(w.Body.String())
}

func TestTheListAnswersItsAddress(t *testing.T) {
	t.Parallel()
	s := newListSite(t)
	for path, want := range map[string][]string{
		"/structures":                                 {"1 à 50 sur 61\u00a0structures", "Discrète <b>", "Bègles (6)", "Loisirs et créations numériques, Aide aux démarches administratives et 1\u00a0autre", "Non publiée"},
		"/structures?page=2":                          {"51 à 61 sur 61\u00a0structures", "Médiathèque n° 060"},
		"/structures?page=99":                         {"51 à 61 sur 61\u00a0structures"},
		"/structures?q=mediateque":                    {"60\u00a0structures répondent", "Effacer les filtres"},
		"/structures?q=introuvable":                   {"Aucune structure ne correspond", "Voir toutes les structures"},
		"/structures?commune=33039&tri=commune":       {"6\u00a0structures répondent", "/structures?commune=33063&tri=commune"},
		"/structures?commune=99999":                   {"Aucune structure ne correspond"},
		"/structures?reseau=aladdin&acces=telephoner": {"60\u00a0structures répondent", "Point d’accès numérique CAF (60)"},
		// What no page of ours writes is left out.
		"/structures?service=inconnu&college=tous&commune=%27&tri=DROP&page=-1": {"1 à 50 sur 61\u00a0structures"},
	} {
		body := s.get(path, http.StatusOK)
		for _, w := range want {
			if !strings.Contains(body, w) && !strings.Contains(body, html.EscapeString(w)) {
				t.Errorf("%s does not say %q", path, w)
			}
		}
		for _, never := range []string{"Texte secret", "Refusée"} {
			if strings.Contains(body, never) {
				t.Errorf("%s shows %q", path, never)
			}
		}
	}
	s.get("/structures?q=%00", http.StatusBadRequest)
	s.get("/structures?q=%ff", http.StatusBadRequest)
}

func TestTheListIsSoundHTML(t *testing.T) {
	t.Parallel()
	s := newListSite(t)
	for _, path := range []string{"/structures", "/structures?q=introuvable", "/structures?commune=33063&service=loisirs-et-creations-numeriques&page=2"} {
		w := httptest.NewRecorder()
		s.router.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if problems := uitest.Problems(w.Body); len(problems) > 0 {
			t.Errorf("%s: %v", path, problems)
		}
	}
}

func TestAPageAsksTwice(t *testing.T) {
	t.Parallel()
	s := newListSite(t)
	for _, path := range []string{"/structures", "/structures?page=2", "/structures?q=mediateque+begles&commune=33039", "/structures.csv"} {
		s.trips = 0
		s.get(path, http.StatusOK)
		if s.trips != 2 {
			t.Errorf("%s asks %d times", path, s.trips)
		}
	}
}

var listed = regexp.MustCompile(`<a href="/structures/[0-9]+">([^<]*)</a>`)

func TestFilesAreTheListOnScreen(t *testing.T) {
	t.Parallel()
	s := newListSite(t)
	for _, query := range []string{"", "?college=action_sociale&tri=commune", "?q=mediatheque&service=loisirs-et-creations-numeriques&tri=fraicheur", "?q=introuvable"} {
		var shown []string
		for _, n := range []string{"1", "2"} {
			sep := "?"
			if query != "" {
				sep = "&"
			}
			if n == "2" && len(shown) < 50 {
				break
			}
			w := httptest.NewRecorder()
			s.router.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/structures"+query+sep+"page="+n, nil))
			for _, m := range listed.FindAllStringSubmatch(w.Body.String(), -1) {
				shown = append(shown, html.UnescapeString(m[1]))
			}
		}
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(html.UnescapeString(s.get("/structures.csv"+query, http.StatusOK)), "\ufeff")))
		r.Comma = ';'
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		var written []string
		for _, row := range rows[1:] {
			name := strings.TrimPrefix(row[1], "'") // what a spreadsheet would run
			if strings.HasPrefix(row[1], "=") {
				t.Errorf("%q is a formula", row[1])
			}
			written = append(written, name)
			if row[5] == "non" && strings.Join(row[6:], "") != "" {
				t.Errorf("the file says %q of a structure that publishes no sheet", row[6:])
			}
		}
		if !slices.Equal(shown, written) {
			t.Errorf("%q: the page lists %d structures and the file %d, or in another order", query, len(shown), len(written))
		}
		var file map[string]any
		if err := json.Unmarshal([]byte(s.raw("/structures.json"+query)), &file); err != nil {
			t.Errorf("%q: %v", query, err)
		}
		if !strings.HasPrefix(s.raw("/structures.xlsx"+query), "PK") {
			t.Errorf("%q: no spreadsheet", query)
		}
	}
	s.get("/structures.pdf", http.StatusNotFound)
}

func (s *listSite) raw(path string) string {
	w := httptest.NewRecorder()
	s.router.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Body.String()
}

func TestDepthsOfTheMap(t *testing.T) {
	for most, want := range map[int][]int{0: nil, 1: {1}, 2: {1, 2}, 3: {1, 2, 3}, 4: {1, 2, 3, 4}, 10: {3, 5, 8, 10}, 571: {143, 286, 429, 571}} {
		if got := depths(most); !slices.Equal(got, want) {
			t.Errorf("depths(%d) = %v, wanted %v", most, got, want)
		}
	}
}
