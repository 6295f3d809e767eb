package board_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/board"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

// world is an election in its voting phase, with a ballot in each box.
func world(t *testing.T) (*electiontest.World, *board.Service) {
	t.Helper()
	tx := pgtest.Tx(t)
	w := electiontest.On(t, tx, election.Open, 3)
	for _, college := range governance.Colleges {
		w.Cast(w.Of(college)[0], 1, 2)
	}
	return w, board.New(tx, outbox(t), "https://portail.example.org")
}

func outbox(t *testing.T) *notify.Outbox {
	t.Helper()
	jobs, err := notify.NewInserter(pgtest.Pool(t))
	if err != nil {
		t.Fatal(err)
	}
	return notify.NewOutbox(jobs)
}

func TestCheckNamesTheFirstBadRow(t *testing.T) {
	t.Parallel()
	w, s := world(t)
	ctx := t.Context()
	if n, err := s.PublishHeads(ctx); err != nil || n != 2 {
		t.Fatalf("published %d heads, %v", n, err)
	}
	if done, err := s.Check(ctx); err != nil || done.Boxes != 2 || done.Ballots != 2 {
		t.Fatalf("a sound election: %+v, %v", done, err)
	}
	// The owner of the tables does what the application may not.
	for name, c := range map[string]struct{ rule, sql string }{
		"a ballot changed":          {"L’archive de chaque urne se vérifie", `UPDATE board_record SET body = replace(convert_from(body, 'UTF8'), '1', '2')::bytea, hash = sha256(replace(convert_from(body, 'UTF8'), '1', '2')::bytea) WHERE seq = 5`},
		"a ballot taken away":       {"L’archive de chaque urne se vérifie", `DELETE FROM board_record WHERE seq = 5`},
		"another head":              {"L’empreinte d’une urne", `UPDATE ballot_box SET head = sha256('x')`},
		"a published head changed":  {"Chaque empreinte publiée", `UPDATE head_publication SET head = sha256('x')`},
		"another tracker":           {"L’index des bulletins", `UPDATE ballot_index SET tracker = 'x'`},
		"a line of the index gone":  {"L’index des bulletins", `DELETE FROM ballot_index`},
		"a voter without a ballot":  {"Autant d’émargements", `UPDATE emargement SET voted = true`},
		"a wrong number of ballots": {"Une urne compte", `UPDATE ballot_box SET ballots = ballots + 1`},
		"another count published":   {"Chaque empreinte publiée", `UPDATE head_publication SET ballots = ballots + 1`},
		"another election served":   {"Le bulletin servi", `UPDATE ballot_box SET election_json = election_json || ' '`},
		"a structure off the roll":  {"La liste d’émargement", `DELETE FROM election_roll WHERE structure_id = (SELECT max(structure_id) FROM election_roll)`},
		"one list for another":      {"La liste d’émargement", `UPDATE election_roll SET college = 'action_sociale'`},
		"a voter more":              {"La liste d’émargement", `INSERT INTO emargement (box_id, structure_id) SELECT min(b.id), max(r.structure_id) FROM ballot_box b, election_roll r`},
		"a code changed":            {"Les codes publics", `UPDATE public_credential SET credential = overlay(credential placing '1' from 2 for 1) || '' WHERE credential = (SELECT min(credential) FROM public_credential)`},
		"a key changed":             {"Les clés de l’archive", `UPDATE election_trustee SET public_key = (SELECT public_key FROM election_trustee WHERE owner = 2) WHERE owner = 1`},
		"a result before the count": {"Le résultat est", `INSERT INTO candidacy_result (candidacy_id, votes, rank, elected) SELECT id, 1, place, true FROM candidacy`},
		"a count without a result":  {"Le résultat est", `UPDATE election SET phase = 'counted'`},
		"another candidate's name":  {"Le bulletin porte", `UPDATE candidacy SET titular_last = 'Autre' WHERE place = 1`},
		"one box changed, not both": {"Autant d’émargements", `UPDATE emargement SET voted = true WHERE box_id = (SELECT max(id) FROM ballot_box)`},
	} {
		err := pgx.BeginFunc(ctx, w.DB, func(tx pgx.Tx) error {
			for _, sql := range []string{`SET LOCAL session_replication_role = replica`, c.sql} {
				if _, err := tx.Exec(ctx, sql); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			_, err := board.New(tx, nil, "").Check(ctx)
			return errors.Join(errBack, err)
		})
		var bad *governance.BrokenInvariant
		if !errors.As(err, &bad) || !strings.Contains(bad.Rule, c.rule) {
			t.Errorf("%s: %v, want « %s »", name, err, c.rule)
		}
	}
}

var errBack = errors.New("rolled back")
