package election

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Destruction is the record of what was erased, and of what was kept: the procès-verbal
// of the destruction.
type Destruction struct {
	At          time.Time `json:"at" db:"at"`
	Proposed    string    `json:"proposed_by" db:"proposed"`
	Confirmed   string    `json:"confirmed_by" db:"confirmed"`
	Reason      string    `json:"reason,omitempty" db:"reason"`
	Records     int       `json:"archive_records" db:"records"`
	Ballots     int       `json:"ballots" db:"ballots"`
	Credentials int       `json:"public_codes" db:"credentials"`
	Voters      int       `json:"voter_list_lines" db:"voters"`
	Roll        int       `json:"roll_lines" db:"roll"`
	Claims      int       `json:"claims" db:"claims"`
	Heads       int       `json:"published_heads" db:"heads"`
	Partials    int       `json:"partial_decryptions" db:"partials"`
	Candidacies int       `json:"candidacies_not_elected" db:"candidacies"`
}

// DestroyableFrom is when ballots and lists may be erased: the days of the règlement
// after the end of the contest period. Nil before the election is archived.
func (e Election) DestroyableFrom() *time.Time {
	if e.Phase != Archived || e.ContestUntil == nil {
		return nil
	}
	at := e.ContestUntil.AddDate(0, 0, e.Rules.RetentionDays)
	return &at
}

// destroy erases what must not be kept once two people decided it, in the transaction
// of their act. What the CNIL asks to destroy once the result can no longer be
// contested (délibération 2019-053) goes: ballots, who voted, public codes, roll,
// claims, published heads, drafts, names of who was not elected, statements, photos and
// addresses. What is kept is public and final: règlement, votes of each candidacy,
// procès-verbal, incident log, acts of two people. A table added later is in one of the
// two lists, or a test says so.
func destroy(ctx context.Context, tx pgx.Tx, by access.Actor, e Election) error {
	from := e.DestroyableFrom()
	switch {
	case from == nil:
		return problem.New(problem.Conflict, "Les bulletins d’une élection ne sont détruits qu’une fois l’élection archivée.")
	case e.Now.Before(*from):
		return problem.New(problem.Conflict, "Le règlement fait garder les bulletins encore quelque temps : il est trop tôt pour les détruire.")
	}
	done, err := destruction(ctx, tx, e)
	if err != nil {
		return err
	}
	for _, erase := range erasures(e.ID) { // a fixed list of statements
		if err := erase(ctx, tx); err != nil {
			return postgres.Wrap(err, "destroy election %d", e.ID)
		}
	}
	if err := keepDestruction(ctx, tx, e, done); err != nil {
		return err
	}
	if err := Record(ctx, tx, by, "destroy", e, nil, done); err != nil {
		return err
	}
	return SetPhase(ctx, tx, by, e, Destroyed)
}

// destruction counts what goes, before it does.
func destruction(ctx context.Context, tx pgx.Tx, e Election) (Destruction, error) {
	d, err := postgres.One[Destruction](ctx, tx, `
		WITH box AS (SELECT id FROM ballot_box WHERE election_id = $1),
		act AS (SELECT p.first_name || ' ' || p.last_name AS proposed, q.first_name || ' ' || q.last_name AS confirmed, a.reason
		        FROM election_act a JOIN person p ON p.id = a.proposed_by JOIN person q ON q.id = a.confirmed_by
		        WHERE a.election_id = $1 AND a.act = 'destroy' AND a.confirmed_at IS NOT NULL ORDER BY a.id DESC LIMIT 1)
		SELECT clock_timestamp() AS at, act.proposed, act.confirmed, act.reason,
			(SELECT count(*) FROM board_record WHERE box_id IN (TABLE box))::int AS records,
			(SELECT count(*) FROM ballot_index WHERE box_id IN (TABLE box))::int AS ballots,
			(SELECT count(*) FROM public_credential WHERE box_id IN (TABLE box))::int AS credentials,
			(SELECT count(*) FROM emargement WHERE box_id IN (TABLE box))::int AS voters,
			(SELECT count(*) FROM election_roll WHERE election_id = $1)::int AS roll,
			(SELECT count(*) FROM election_claim WHERE election_id = $1)::int AS claims,
			(SELECT count(*) FROM head_publication WHERE box_id IN (TABLE box))::int AS heads,
			(SELECT count(*) FROM partial_decryption WHERE box_id IN (TABLE box))::int AS partials,
			(SELECT count(*) FROM candidacy c LEFT JOIN candidacy_result r ON r.candidacy_id = c.id
			 WHERE c.election_id = $1 AND r.elected IS NOT TRUE AND r.seat_id IS NULL)::int AS candidacies
		FROM act`, e.ID)
	if postgres.IsNoRows(err) {
		return d, problem.New(problem.Conflict, "La destruction doit être décidée par deux personnes.")
	}
	return d, postgres.Wrap(err, "count what is destroyed of election %d", e.ID)
}

// erasures are the statements that erase, in the order that keys between tables ask.
func erasures(id ID) []func(context.Context, pgx.Tx) error {
	const boxes = `(SELECT id FROM ballot_box WHERE election_id = $1)`
	return []func(context.Context, pgx.Tx) error{
		func(ctx context.Context, tx pgx.Tx) error {
			_, err := postgres.Exec(ctx, tx, `
				WITH a AS (DELETE FROM ballot_index WHERE box_id IN `+boxes+`),
				b AS (DELETE FROM board_record WHERE box_id IN `+boxes+`),
				c AS (DELETE FROM emargement WHERE box_id IN `+boxes+`),
				d AS (DELETE FROM head_publication WHERE box_id IN `+boxes+`),
				e AS (DELETE FROM partial_decryption WHERE box_id IN `+boxes+`),
				f AS (DELETE FROM election_codes WHERE box_id IN `+boxes+`),
				g AS (DELETE FROM election_roll WHERE election_id = $1),
				h AS (DELETE FROM election_claim WHERE election_id = $1),
				i AS (DELETE FROM candidacy_draft WHERE election_id = $1),
				j AS (DELETE FROM election_mailing WHERE election_id = $1)
				DELETE FROM election_authority WHERE election_id = $1`, id) // its name is in the procès-verbal
			return err
		},
		func(ctx context.Context, tx pgx.Tx) error {
			_, err := postgres.Exec(ctx, tx, `DELETE FROM public_credential WHERE box_id IN `+boxes, id)
			return err
		},
		func(ctx context.Context, tx pgx.Tx) error {
			_, err := postgres.Exec(ctx, tx, `DELETE FROM ballot_box WHERE election_id = $1 AND rehearsal`, id)
			return err
		},
		func(ctx context.Context, tx pgx.Tx) error { // election.json names the candidates
			_, err := postgres.Exec(ctx, tx, `
				WITH sums AS (UPDATE box_count SET encrypted = NULL WHERE box_id IN `+boxes+`)
				UPDATE ballot_box SET election_json = NULL WHERE election_id = $1`, id)
			return err
		},
		func(ctx context.Context, tx pgx.Tx) error { // who never stood on the ballot
			_, err := postgres.Exec(ctx, tx, `DELETE FROM candidacy c WHERE c.election_id = $1 AND c.place IS NULL AND NOT EXISTS (SELECT FROM candidacy_result r WHERE r.candidacy_id = c.id)`, id)
			return err
		},
		func(ctx context.Context, tx pgx.Tx) error {
			_, err := postgres.Exec(ctx, tx, `
				UPDATE candidacy c SET statement = '—', photo = NULL, photo_alt = '', titular_email = '', alternate_email = '', titular_gender = '', alternate_gender = '', reason = '', consent = '', submitted_by = NULL,
					titular_first     = CASE WHEN k.kept THEN c.titular_first ELSE 'Nom' END,
					titular_last      = CASE WHEN k.kept THEN c.titular_last ELSE 'effacé' END,
					titular_function  = CASE WHEN k.kept THEN c.titular_function ELSE '' END,
					alternate_first   = CASE WHEN k.kept THEN c.alternate_first ELSE '' END,
					alternate_last    = CASE WHEN k.kept THEN c.alternate_last ELSE '' END,
					alternate_function = CASE WHEN k.kept THEN c.alternate_function ELSE '' END,
					version = c.version + 1
				FROM (SELECT c.id, r.elected IS TRUE OR r.seat_id IS NOT NULL AS kept
				      FROM candidacy c LEFT JOIN candidacy_result r ON r.candidacy_id = c.id WHERE c.election_id = $1) k
				WHERE k.id = c.id`, id)
			return err
		},
	}
}

// keepDestruction writes the procès-verbal of the destruction, the last version.
func keepDestruction(ctx context.Context, tx pgx.Tx, e Election, d Destruction) error {
	version, err := postgres.Value[int](ctx, tx, `SELECT coalesce(max(version), 0) + 1 FROM election_pv WHERE election_id = $1`, e.ID)
	if err != nil {
		return postgres.Wrap(err, "versions of the procès-verbal of election %d", e.ID)
	}
	raw, err := json.MarshalIndent(struct {
		Kind        string      `json:"kind"`
		Election    ID          `json:"election"`
		Title       string      `json:"title"`
		Version     int         `json:"version"`
		MadeAt      time.Time   `json:"made_at"`
		Destruction Destruction `json:"destruction"`
	}{"destruction", e.ID, e.Title, version, d.At.UTC(), d}, "", "  ")
	if err != nil {
		return err
	}
	_, err = postgres.Exec(ctx, tx, `INSERT INTO election_pv (election_id, version, content, sha256) VALUES ($1, $2, $3, sha256(convert_to($3, 'UTF8')))`, e.ID, version, string(raw)+"\n")
	return postgres.Wrap(err, "keep the procès-verbal of the destruction of election %d", e.ID)
}
