package electiontest

import (
	"errors"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// boxOf is the box of a voter, locked.
func (w *World) boxOf(tx pgx.Tx, v *Voter) (election.Box, error) {
	for _, b := range w.Boxes() {
		if b.College == nil || *b.College == v.College {
			return election.LockBox(w.T.Context(), tx, b.ID)
		}
	}
	return election.Box{}, errors.New("no box")
}

// Cast puts a ballot in the box of a voter, as voting does. The phase is not asked.
func (w *World) Cast(v *Voter, places ...int) {
	w.T.Helper()
	ctx := w.T.Context()
	raw := w.Ballot(v, places...)
	err := postgres.InTx(ctx, w.DB, func(tx pgx.Tx) error {
		b, err := w.boxOf(tx, v)
		if err != nil {
			return err
		}
		e, err := belenios.ParseElection(b.Raw)
		if err != nil {
			return err
		}
		ballot, err := e.CheckBallot(raw)
		if err != nil {
			return err
		}
		c := election.ChainOf(b)
		if _, err := tx.Exec(ctx, `INSERT INTO ballot_index (box_id, height, credential, tracker, via) VALUES ($1, $2, $3, $4, 'browser')`,
			b.ID, c.Next, ballot.Credential, ballot.Tracker); err != nil {
			return err
		}
		if _, err := election.Append(ctx, tx, b, c, c.Ballot(raw), 1); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE emargement SET voted = voted OR structure_id = $2 WHERE box_id = $1`, b.ID, v.ID)
		return err
	})
	if err != nil {
		w.T.Fatal(err)
	}
}

// Close ends the vote, as closing it does.
func (w *World) Close() {
	w.T.Helper()
	ctx := w.T.Context()
	err := postgres.InTx(ctx, w.DB, func(tx pgx.Tx) error {
		e, err := election.Lock(ctx, tx, w.Team, w.ID)
		if err != nil {
			return err
		}
		return election.EndBallots(ctx, tx, w.Team, e)
	})
	if err != nil {
		w.T.Fatal(err)
	}
}

// Count ends the archives of a closed election with the sum, what each key opens, and
// the result, which it writes for each candidate. sum is the encrypted sum of a box.
func (w *World) Count(sum func(postgres.Querier, election.Box) (belenios.Tally, int, error)) {
	w.T.Helper()
	ctx := w.T.Context()
	err := postgres.InTx(ctx, w.DB, func(tx pgx.Tx) error {
		for _, b := range w.Boxes() {
			b, err := election.LockBox(ctx, tx, b.ID)
			if err != nil {
				return err
			}
			if err := w.count(tx, b, sum); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.T.Fatal(err)
	}
	w.Exec(`UPDATE election SET phase = 'counted', counted_at = now() WHERE id = $1`, w.ID)
}

func (w *World) count(tx pgx.Tx, b election.Box, sum func(postgres.Querier, election.Box) (belenios.Tally, int, error)) error {
	ctx := w.T.Context()
	e, err := belenios.ParseElection(b.Raw)
	if err != nil {
		return err
	}
	tally, ballots, err := sum(tx, b)
	if err != nil {
		return err
	}
	c := election.ChainOf(b)
	records := c.EncryptedTally(tally, ballots)
	var partials []*belenios.Partial
	for i, key := range w.Keys {
		raw, err := e.Decrypt(tally, key)
		if err != nil {
			return err
		}
		p, err := e.CheckPartial(tally, w.Trustees[i], raw)
		if err != nil {
			return err
		}
		partials = append(partials, p)
		records = append(records, c.PartialDecryption(i+1, raw)...)
	}
	counts, err := e.Result(tally, partials, ballots)
	if err != nil {
		return err
	}
	if _, err := election.Append(ctx, tx, b, c, append(records, c.Result(counts)...), 0); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO candidacy_result (candidacy_id, votes, rank, elected)
		SELECT id, ($3::int[])[place + 1], place, true FROM candidacy WHERE election_id = $1 AND college = $2 AND place IS NOT NULL`, w.ID, b.College, counts[0])
	return err
}
