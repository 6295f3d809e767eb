package directory

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/structure/directory"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// BenchmarkList times whole pages of the directory, drawn, with 160 members of the
// GNI and with a hundred times as many, by turns in one run: it reports the first
// deciles, what a page costs when nothing else takes the processor, and their ratio. internal/structure times what they read.
func BenchmarkList(b *testing.B) {
	var sites [2]*Pages
	for i, n := range []int{160, 16000} {
		sites[i] = benchSite(b, n)
	}
	for _, p := range []struct{ name, path string }{
		{"first page", "/structures"}, {"third page", "/structures?page=3"}, {"last page", "/structures?page=1000"},
		{"filtered", "/structures?college=action_sociale"},
		{"filtered by three", "/structures?college=action_sociale&service=comprehension-du-monde-numerique&acces=telephoner"},
		{"search", "/structures?q=mediateque"},
	} {
		b.Run(p.name, func(b *testing.B) {
			var took [2][]float64
			for b.Loop() {
				for i, site := range sites {
					start := time.Now()
					w := httptest.NewRecorder()
					if err := site.List(w, httptest.NewRequest(http.MethodGet, p.path, nil)); err != nil || w.Code != http.StatusOK {
						b.Fatal(w.Code, err)
					}
					took[i] = append(took[i], time.Since(start).Seconds()*1000)
				}
			}
			for i := range took {
				slices.Sort(took[i])
			}
			few, many := took[0][len(took[0])/10], took[1][len(took[1])/10]
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(few, "ms-at-160")
			b.ReportMetric(many, "ms-at-16000")
			b.ReportMetric(many/few, "ratio")
		})
	}
}

// benchSite is the directory with n structures.
func benchSite(b *testing.B, n int) *Pages {
	b.Helper()
	pool := pgtest.Pool(b)
	for _, sql := range []string{
		fmt.Sprintf(`INSERT INTO organisation (kind, name) SELECT 'structure', (ARRAY['Médiathèque', 'Centre social', 'Atelier'])[1 + i %% 3] || ' ' || md5(i::text)
			FROM generate_series(1, %d) AS i`, n),
		`WITH place AS (SELECT array_agg(insee ORDER BY insee) AS codes FROM commune)
		 INSERT INTO structure (organisation_id, state, origin, college, insee, publish_sheet, services, access_modes)
		 SELECT id, 'accepted', 'import', CASE WHEN id % 2 = 0 THEN 'action_sociale' ELSE 'mediation_numerique' END, codes[1 + id % 28], id % 8 > 0,
		        CASE WHEN id % 3 = 0 THEN '{Loisirs et créations numériques}' ELSE '{Aide aux démarches administratives,Compréhension du monde numérique}' END::text[],
		        '{Téléphoner}' FROM organisation, place WHERE kind = 'structure'`,
		`VACUUM ANALYZE`,
	} {
		if _, err := pool.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	return &Pages{Kit: &page.Kit{Sessions: noSession{}, Nav: func(access.Actor) []ui.NavItem { return nil }}, Directory: directory.New(pool)}
}
