package election_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

func destroyed(t *testing.T, w *electiontest.World) error {
	t.Helper()
	return postgres.InTx(t.Context(), w.DB, func(tx pgx.Tx) error {
		e, err := election.Lock(t.Context(), tx, w.Team, w.ID)
		if err != nil {
			return err
		}
		return election.Destroy(t.Context(), tx, w.Team, e)
	})
}

// TestDestroyLeavesOnlyWhatMayBeKept erases an archived election and looks at every
// table for what is left of it.
func TestDestroyLeavesOnlyWhatMayBeKept(t *testing.T) {
	t.Parallel()
	w := electiontest.New(t, election.Open)
	w.Exec(`INSERT INTO election_claim (election_id, kind, text) VALUES ($1, 'add', 'Notre structure manque.')`, w.ID)
	w.Exec(`INSERT INTO head_publication (box_id, height, head, ballots) SELECT id, 0, head, 0 FROM ballot_box WHERE election_id = $1`, w.ID)
	w.Exec(`INSERT INTO partial_decryption (box_id, owner, body) SELECT id, 1, 'x' FROM ballot_box WHERE election_id = $1`, w.ID)
	w.Exec(`INSERT INTO box_count (box_id, encrypted, sha256, close_head, tallied, registered, voted, browser, server, desk, counts)
		SELECT id, '[[]]', sha256('[[]]'), head, 0, 6, 0, 0, 0, 0, '[[0,0,0,0]]' FROM ballot_box WHERE election_id = $1`, w.ID)
	w.Exec(`INSERT INTO ballot_box (election_id, rehearsal, uuid, name, seats) VALUES ($1, true, 'Rehearsal12345', 'Répétition', 5)`, w.ID)
	w.Exec(`INSERT INTO election_incident (election_id, text) VALUES ($1, 'Une coupure.')`, w.ID)
	w.Exec(`UPDATE candidacy SET photo = 'x', photo_alt = 'Portrait' WHERE election_id = $1`, w.ID)
	w.Exec(`INSERT INTO candidacy_result (candidacy_id, votes, rank, elected) SELECT id, 4 - place, place, place = 1 FROM candidacy WHERE election_id = $1`, w.ID)
	w.Exec(`UPDATE election SET phase = 'proclaimed', contest_until = clock_timestamp() - interval '59 days' WHERE id = $1`, w.ID)

	if err := destroyed(t, w); problem.KindOf(err) != problem.Conflict {
		t.Fatalf("before it is archived: %v", err)
	}
	w.Exec(`UPDATE election SET phase = 'archived' WHERE id = $1`, w.ID)
	if err := destroyed(t, w); problem.KindOf(err) != problem.Conflict {
		t.Fatalf("too soon: %v", err)
	}
	w.Exec(`UPDATE election SET contest_until = clock_timestamp() - interval '61 days' WHERE id = $1`, w.ID)
	if err := destroyed(t, w); problem.KindOf(err) != problem.Conflict {
		t.Fatalf("without two people: %v", err)
	}
	w.Exec(`INSERT INTO election_act (election_id, act, proposed_by, confirmed_by, confirmed_at) VALUES ($1, 'destroy', $2, $3, clock_timestamp())`, w.ID, w.Team.Person, w.Keepers[0].Person)
	if err := destroyed(t, w); err != nil {
		t.Fatal(err)
	}
	if e := w.Load(); e.Phase != election.Destroyed || e.DestroyedAt == nil {
		t.Errorf("phase %s", e.Phase)
	}
	for query, want := range map[string]int{
		`SELECT count(*) FROM board_record`: 0, `SELECT count(*) FROM ballot_index`: 0, `SELECT count(*) FROM public_credential`: 0, `SELECT count(*) FROM emargement`: 0,
		`SELECT count(*) FROM head_publication`: 0, `SELECT count(*) FROM partial_decryption`: 0, `SELECT count(*) FROM election_roll`: 0, `SELECT count(*) FROM election_claim`: 0,
		`SELECT count(*) FROM ballot_box WHERE rehearsal OR election_json IS NOT NULL`: 0, `SELECT count(*) FROM box_count WHERE encrypted IS NOT NULL`: 0,
		`SELECT count(*) FROM candidacy WHERE titular_email <> '' OR photo IS NOT NULL OR photo_alt <> '' OR titular_gender <> '' OR length(statement) > 1`:                0,
		`SELECT count(*) FROM candidacy c JOIN candidacy_result r ON r.candidacy_id = c.id WHERE NOT r.elected AND (titular_last LIKE 'Exemple%' OR alternate_last <> '')`: 0,
		`SELECT count(*) FROM candidacy WHERE titular_last LIKE 'Exemple%'`:                                                                                                2, // the elected, one a college
		`SELECT count(*) FROM candidacy_result`: 6, `SELECT count(*) FROM box_count WHERE counts IS NOT NULL`: 2, `SELECT count(*) FROM election_incident`: 1,
	} {
		if n := electiontest.Value[int](w, query); n != want {
			t.Errorf("%s: %d, wanted %d", query, n, want)
		}
	}
	text := electiontest.Value[string](w, `SELECT content FROM election_pv`)
	for _, word := range []string{`"kind": "destruction"`, `"voter_list_lines": 12`, `"public_codes": 12`, `"candidacies_not_elected": 4`, "Camille Équipe", "Clé1 Exemple"} {
		if !strings.Contains(text, word) {
			t.Errorf("the record of the destruction lacks %s:\n%s", word, text)
		}
	}
}
