package election_test

import (
	"slices"
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

// kept are the tables of an election that hold rows once it is destroyed, and why.
var kept = map[string]string{
	"election":           "the règlement and the dates: public, final",
	"election_act":       "who decided what, two by two: in the procès-verbal",
	"election_incident":  "the incident log: public, in the procès-verbal",
	"election_trustee":   "key holders and their public keys: in the procès-verbal",
	"ceremony_step":      "the evidence of the ceremony: in the procès-verbal",
	"election_draw":      "what settled a tie: in the procès-verbal",
	"election_pv":        "the procès-verbal itself",
	"election_signature": "who signed it",
	"voting_desk":        "where a desk was held, opened by two people; not who voted at it",
	"ballot_box":         "how many ballots and which head, as published; not the names on the ballot",
	"box_count":          "what the sum opened to; not the sum",
	"candidacy":          "the elected by name, the others without theirs",
	"candidacy_result":   "votes and ranks: public, in the procès-verbal",
}

// tablesOf lists the tables that hold something of an election: those that say which, or
// refer to a table that does.
func tablesOf(w *electiontest.World) []string {
	w.T.Helper()
	tables := electiontest.Value[[]string](w, `
		WITH RECURSIVE of_election AS (
			SELECT 'election'::regclass::oid AS id
			UNION SELECT a.attrelid FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
			      WHERE a.attname IN ('election_id', 'box_id', 'candidacy_id') AND NOT a.attisdropped
			UNION SELECT k.conrelid FROM pg_constraint k JOIN of_election ON k.confrelid = of_election.id WHERE k.contype = 'f')
		SELECT array_agg(id::regclass::text ORDER BY id::regclass::text) FROM of_election`)
	for table := range kept {
		if !slices.Contains(tables, table) {
			w.T.Errorf("no table %s", table)
		}
	}
	return tables
}

// rowsOf counts the rows of a table whose text matches the pattern.
func rowsOf(w *electiontest.World, table, pattern string) int {
	w.T.Helper()
	return electiontest.Value[int](w, `SELECT count(*)::int FROM `+table+` AS r WHERE r::text ~ $1`, pattern)
}

// fill puts rows where an election that was run has some and the world has none.
func fill(w *electiontest.World) {
	w.T.Helper()
	w.Cast(w.Voters[0], 1)
	w.Exec(`INSERT INTO candidacy_draft (election_id, structure_id, content) VALUES ($1, $2, '{"statement": "Brouillon"}')`, w.ID, w.Voters[5].ID)
	w.Exec(`INSERT INTO election_authority (election_id, name, quality, email) VALUES ($1, 'Ariane Exemple', 'Déléguée à la protection des données', 'codes@example.org')`, w.ID)
	w.Exec(`INSERT INTO election_codes (box_id, body, codes) SELECT id, '["1"]', 1 FROM ballot_box WHERE election_id = $1`, w.ID)
	w.Exec(`INSERT INTO election_mailing (election_id, kind, due) VALUES ($1, 'voted', now())`, w.ID)
	w.Exec(`INSERT INTO voting_desk (election_id, place, opened_by, until) VALUES ($1, 'Maison de quartier', $2, now())`, w.ID, w.Team.Person)
	w.Exec(`INSERT INTO election_draw (election_id, value, proposed_by) VALUES ($1, '3 12 24 31 40', $2)`, w.ID, w.Team.Person)
	w.Exec(`INSERT INTO ceremony_step (election_id, step, evidence) VALUES ($1, 'rehearsal', 'Urnes d’essai ouvertes')`, w.ID)
	w.Exec(`INSERT INTO election_pv (election_id, version, content, sha256) VALUES ($1, 1, '{}', sha256('{}'))`, w.ID)
	w.Exec(`INSERT INTO election_signature (election_id, version, person_id, quality) VALUES ($1, 1, $2, 'Scrutatrice')`, w.ID, w.Keepers[0].Person)
}

// TestDestroyLeavesOnlyWhatMayBeKept erases an archived election and looks at every
// table for what is left of it.
func TestDestroyLeavesOnlyWhatMayBeKept(t *testing.T) {
	t.Parallel()
	w := electiontest.New(t, election.Open)
	fill(w)
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
	tables := tablesOf(w)
	for _, table := range tables {
		if rowsOf(w, table, "") == 0 {
			t.Errorf("the test puts nothing in %s: it cannot tell whether it is erased", table)
		}
	}
	if err := destroyed(t, w); err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		why, stays := kept[table]
		if n := rowsOf(w, table, ""); (n > 0) != stays {
			t.Errorf("%s holds %d rows once destroyed; kept: %q", table, n, why)
		}
		if n := rowsOf(w, table, `(@example\.org|habitants|Brouillon)`); n > 0 {
			t.Errorf("%s still holds what somebody typed, in %d rows", table, n)
		}
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
	text := electiontest.Value[string](w, `SELECT content FROM election_pv ORDER BY version DESC LIMIT 1`)
	for _, word := range []string{`"kind": "destruction"`, `"voter_list_lines": 12`, `"public_codes": 12`, `"candidacies_not_elected": 4`, "Camille Équipe", "Clé1 Exemple"} {
		if !strings.Contains(text, word) {
			t.Errorf("the record of the destruction lacks %s:\n%s", word, text)
		}
	}
}
