package structure

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

// TestCheckInvariants breaks each rule behind the portal's back: it must be named.
func TestCheckInvariants(t *testing.T) {
	t.Parallel()
	db := pgtest.Pool(t)
	s := New(db, governance.New(db, nil), nil, "")
	team := access.Actor{Account: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}}
	var ids [2]ID
	for i := range ids {
		id, err := s.Record(t.Context(), team, NewRecord{From: day.Of(2025, 1, 15),
			Sheet: Sheet{Name: "Maison " + string(rune('A'+i)), College: governance.SocialAction, INSEE: "33063", Typology: []string{"ASSO"},
				Services: []string{"Aide aux démarches administratives"}, PublishSheet: true},
			People: []Contact{{First: "Alix", Last: "Exemple", Email: "alix" + string(rune('a'+i)) + "@example.org", InCharge: true}}})
		if err != nil {
			t.Fatal(err)
		}
		ids[i] = id
	}
	if err := s.CheckInvariants(t.Context()); err != nil {
		t.Fatalf("a sound register: %v", err)
	}
	for rule, change := range map[string]string{
		"Chaque structure du GNI a une fiche":  `DELETE FROM structure WHERE organisation_id = $1`,
		"si, et seulement si":                  `UPDATE structure SET state = 'refused' WHERE organisation_id = $1`,
		"est celui de son siège":               `UPDATE structure SET college = 'mediation_numerique' WHERE organisation_id = $1`,
		"sont ceux de leur historique":         `UPDATE structure SET publish_sheet = false WHERE organisation_id = $1`,
		"mène à une fiche qui ne l’est pas":    `UPDATE structure SET state = 'merged', merged_into = (SELECT t.organisation_id FROM structure t WHERE t.organisation_id <> structure.organisation_id) WHERE $1 > 0`,
		"Les noms des personnes d’une demande": `INSERT INTO structure_contact (structure_id, first_name, last_name, email) VALUES ($1, 'A', 'B', 'c@example.org')`,
	} {
		breaks(t, db, rule, change, ids[0])
	}
}

// breaks makes the change in a transaction of its own, rolled back, and checks that
// the rule is named.
func breaks(t *testing.T, db postgres.DB, rule, change string, id ID) {
	t.Helper()
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	if strings.HasPrefix(change, "DELETE") {
		mustExec(t, tx, `DELETE FROM structure_step`)
		mustExec(t, tx, `DELETE FROM structure_consent`)
	}
	mustExec(t, tx, change, id)
	if err := New(tx, nil, nil, "").CheckInvariants(t.Context()); err == nil || !strings.Contains(err.Error(), rule) {
		t.Errorf("%s: got %v", rule, err)
	}
}

func mustExec(t *testing.T, tx pgx.Tx, sql string, args ...any) {
	t.Helper()
	if _, err := tx.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}
