package watch_test

import (
	"fmt"
	"net/http"
	"testing"

	"bordeaux-metropole.fr/portal/internal/roadmap/roadmaptest"
	"bordeaux-metropole.fr/portal/internal/roadmap/watch"
	"bordeaux-metropole.fr/portal/web/page/pagetest"
	pages "bordeaux-metropole.fr/portal/web/roadmap/watch"
)

// TestAlertsComeAndGo: each alert appears with its cause and disappears with its
// remedy; only the team reads them.
func TestAlertsComeAndGo(t *testing.T) {
	t.Parallel()
	w := roadmaptest.New(t)
	s := pagetest.New(t)
	service := watch.New(w.DB, nil, "https://portail.example.org")
	s.Handle(http.MethodGet, "/equipe/alertes", (&pages.Pages{Kit: s.Kit, Watch: service}).List)
	s.Actor = w.Team
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := w.DB.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	of := func() map[watch.Kind]int {
		t.Helper()
		p, err := service.List(t.Context(), w.Team, watch.Filter{Page: 1})
		if err != nil {
			t.Fatal(err)
		}
		out := map[watch.Kind]int{}
		for _, k := range watch.Kinds {
			out[k] = p.Of(k)
		}
		return out
	}
	// As the world begins: Local late, Shared and Local silent, a line of Shared without funder.
	exec(`UPDATE roadmap_action SET last_news_at = now()`)
	exec(`UPDATE roadmap_action SET ends_on = paris_today() + 10 WHERE id = $1`, w.Local)
	exec(`UPDATE budget_line SET funder = 'Mécénat' WHERE funder_id IS NULL`)
	for _, n := range of() {
		if n != 0 {
			t.Fatalf("something is wrong already: %v", of())
		}
	}
	s.Holds(s.Get("/equipe/alertes", http.StatusOK), "Aucune alerte.")
	meeting := 0
	if err := w.DB.QueryRow(t.Context(), `INSERT INTO meeting (body, starts_at, ends_at, state, announced) VALUES ('cmtin', now() - interval '100 days', now() - interval '100 days' + interval '2 hours', 'held', true) RETURNING id`).Scan(&meeting); err != nil {
		t.Fatal(err)
	}
	team := fmt.Sprintf("/equipe/feuille-de-route/actions/%d", w.Shared)
	for _, x := range []struct {
		kind                     watch.Kind
		wrong, right, says, link string
		decision                 bool
	}{
		{watch.Late, `UPDATE roadmap_action SET ends_on = paris_today() - 100, starts_on = paris_today() - 200 WHERE id = $1`, `UPDATE roadmap_action SET ends_on = paris_today() WHERE id = $1`, "Elle devait être terminée le", team + "/etat", false},
		{watch.Milestone, `UPDATE action_step SET due_on = paris_today() - 20 WHERE action_id = $1 AND milestone`, `UPDATE action_step SET done_on = paris_today() WHERE action_id = $1 AND milestone`, "Le jalon «\u00a0Ouvrir les vingt-huit permanences\u00a0»", team + "/etapes", false},
		{watch.OffPath, `INSERT INTO indicator_reading (indicator_id, on_day, value, source) SELECT id, paris_today() - 1, 0, 'Relevé' FROM action_indicator WHERE action_id = $1`,
			`INSERT INTO indicator_reading (indicator_id, on_day, value, source) SELECT id, paris_today(), 28, 'Relevé' FROM action_indicator WHERE action_id = $1`, "«\u00a0Permanences ouvertes\u00a0»\u00a0: 0 le", "/valeurs", false},
		{watch.Silent, `UPDATE roadmap_action SET last_news_at = now() - interval '91 days' WHERE id = $1`, `UPDATE roadmap_action SET last_news_at = now() - interval '89 days' WHERE id = $1`, "Aucune nouvelle depuis le", team, false},
		{watch.Unfunded, `UPDATE budget_line SET funder = '' WHERE action_id = $1 AND funder_id IS NULL`, `UPDATE budget_line SET funder = 'Mécénat' WHERE action_id = $1 AND funder_id IS NULL`, "Aucun financeur pour 10\u202f000\u202f€", team + "/budget", false},
		{watch.Decision, `INSERT INTO decision (kind, meeting_id, body, year, number, title, text, outcome, method) VALUES ('decision', $1, 'cmtin', 2026, 77, 'Ouvrir le samedi', 'Texte', 'adopted', 'consensus')`,
			`INSERT INTO action_decision (action_id, decision_id) SELECT (SELECT min(id) FROM roadmap_action), id FROM decision WHERE number = 77 AND meeting_id = $1`, "Ouvrir le samedi", "/suivi", true},
	} {
		var about any = w.Shared
		if x.decision {
			about = meeting
		}
		exec(x.wrong, about)
		if got := of(); got[x.kind] != 1 {
			t.Errorf("%s: %v", x.kind, got)
		}
		body := s.Get("/equipe/alertes?type="+x.kind.Slug(), http.StatusOK)
		s.Holds(body, x.kind.Label(), x.says, x.link)
		s.Holds(s.Get(fmt.Sprintf("/equipe/alertes?axe=%d&type=%s", w.Axes[2], x.kind.Slug()), http.StatusOK), "Aucune alerte ne correspond.")
		exec(x.right, about)
		if got := of(); got[x.kind] != 0 {
			t.Errorf("%s stays: %v", x.kind, got)
		}
	}
	s.Get("/equipe/alertes?page=99999999999&axe=zéro&type=inconnu", http.StatusOK)
	s.Actor = w.MayorBegles
	s.Get("/equipe/alertes", http.StatusForbidden)
}
