package directory

import (
	"testing"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// seed writes n members of the GNI by sets: seven in eight publish their
// sheet, in every commune and college, with services, networks and ways in that vary.
func seed(t testing.TB, db postgres.DB, n int) {
	t.Helper()
	for _, sql := range []string{`
		INSERT INTO organisation (kind, name)
		SELECT 'structure', (ARRAY['Médiathèque', 'Centre social', 'Maison de quartier', 'Atelier numérique', 'Espace public', 'Association', 'Point relais', 'Mission locale'])[1 + i % 8]
		       || ' ' || (ARRAY['du Lac', 'de l’Estran', 'des Tilleuls', 'Simone', 'du Grand Parc', 'des Échoppes', 'Mistral'])[1 + i % 7]
		       || ' ' || (ARRAY['Héron', 'Vigne', 'Pin', 'Étoile', 'Garonne', 'Marée', 'Chêne', 'Ormeau', 'Platane', 'Genêt', 'Écluse'])[1 + i % 11] || ' ' || i
		FROM generate_series(1, $1::int) AS i`, `
		WITH place AS (SELECT array_agg(insee ORDER BY insee) AS codes FROM commune),
		s AS (SELECT id, row_number() OVER (ORDER BY id) AS i FROM organisation WHERE kind = 'structure')
		INSERT INTO structure (organisation_id, state, origin, college, insee, publish_sheet, services, programmes, aladdin, access_modes, summary, up_to_date_at)
		SELECT s.id, 'accepted', 'import', CASE WHEN i / 8 % 2 = 0 THEN 'action_sociale' ELSE 'mediation_numerique' END,
		       place.codes[1 + i / 16 % 28], i % 8 <> 3,
		       CASE i % 3 WHEN 0 THEN ARRAY['Aide aux démarches administratives', 'Loisirs et créations numériques']
		                  WHEN 1 THEN ARRAY['Aide aux démarches administratives'] ELSE ARRAY['Compréhension du monde numérique'] END,
		       CASE i % 5 WHEN 0 THEN ARRAY['France Services'] WHEN 1 THEN ARRAY['Aidants Connect', 'Promeneurs du net'] ELSE '{}'::text[] END,
		       CASE WHEN i % 9 = 0 THEN 'relay' ELSE '' END,
		       CASE i % 2 WHEN 0 THEN ARRAY['Se présenter', 'Téléphoner'] ELSE ARRAY['Prendre un RDV en ligne'] END,
		       'Accueil, ordinateurs et ateliers pour apprendre à son rythme, groupe ' || i % 40,
		       now() - (i % 700) * interval '1 day'
		FROM s, place WHERE $1 > 0`} {
		if _, err := db.Exec(t.Context(), sql, n); err != nil {
			t.Fatal(err)
		}
	}
}
