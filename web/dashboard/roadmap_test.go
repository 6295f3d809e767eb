package dashboard

import (
	"context"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/roadmap/roadmaptest"
)

// TestRoadmapOnHomes: what the roadmap says to each role, without one more round trip
// (show counts them).
func TestRoadmapOnHomes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	tx, err := w.db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }() // when a step stops the test
	r := roadmaptest.On(t, tx)
	for _, sql := range []string{
		`INSERT INTO campaign (title, opened_at, closes_at) VALUES ('Automne', now() - interval '1 day', now() + interval '9 days')`,
		`INSERT INTO campaign_target (campaign_id, organisation_id) SELECT c.id, k.organisation_id FROM campaign c, commune k`,
		`INSERT INTO campaign_question (campaign_id, organisation_id, action_id) SELECT c.id, a.organisation_id, a.action_id
		 FROM campaign c, action_commune a JOIN roadmap_action r ON r.id = a.action_id WHERE r.status = 'in_progress'`,
		`INSERT INTO progress_report (action_id, organisation_id, campaign_id, situation, state, review_note)
		 SELECT a.id, k.organisation_id, c.id, 'in_progress', 'asked_back', 'Précisez.' FROM campaign c, commune k, roadmap_action a WHERE k.slug = 'begles' AND a.all_communes`,
		`INSERT INTO edition (year) VALUES (2027)`,
	} {
		if _, err := tx.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.show(team, "1 action en retard", `href="/equipe/alertes?type=retard"`, "1 ligne de budget sans financeur", "Campagne « Automne » : 1 sur 28 communes ont répondu", "Programme 2027 en préparation")
	w.show(r.MayorBegles, "2 actions de la feuille de route concernent votre organisation.", "Faire le point sur 1 action", "1 point d’avancement à préciser", `href="/mes-actions"`)
	w.show(acting(access.Delegate, 0, r.Bordeaux, "Bordeaux"), "2 actions de la feuille de route concernent", "Faire le point sur 1 action")
	w.show(r.PartnerPerson, "2 actions de la feuille de route concernent", `href="/financements"`)
	w.show(r.Chair, "En retard", `href="/feuille-de-route"`)
}
