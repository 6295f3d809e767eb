package election

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// ChainOf is the chain of a locked box, to make its next records.
func ChainOf(b Box) *belenios.Chain {
	c := &belenios.Chain{Next: b.NextHeight}
	copy(c.Head[:], b.Head)
	return c
}

// Append writes records that a chain made at the end of a locked box, and returns the
// box as it then is. ballots is how many of the events are ballots.
func Append(ctx context.Context, tx pgx.Tx, b Box, c *belenios.Chain, records []belenios.Record, ballots int) (Box, error) {
	kinds, bodies := make([]string, len(records)), make([][]byte, len(records))
	for i, r := range records {
		kinds[i], bodies[i] = string(r.Kind), r.Body
	}
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO board_record (box_id, seq, kind, hash, body)
		SELECT $1, $2::int + n - 1, k, sha256(b), b FROM unnest($3::text[], $4::bytea[]) WITH ORDINALITY AS x (k, b, n)`, b.ID, b.NextSeq, kinds, bodies)
	if err != nil {
		return b, postgres.Wrap(err, "append to box %d", b.ID)
	}
	b.NextSeq += len(records)
	b.NextHeight, b.Head = c.Next, c.Head[:]
	b.Ballots += ballots
	_, err = postgres.Exec(ctx, tx, `UPDATE ballot_box SET next_seq = $2, next_height = $3, head = $4, ballots = $5 WHERE id = $1`,
		b.ID, b.NextSeq, b.NextHeight, b.Head, b.Ballots)
	return b, postgres.Wrap(err, "head of box %d", b.ID)
}

// Records returns the whole archive of a box, in order.
func Records(ctx context.Context, q postgres.Querier, id BoxID) ([]belenios.Record, error) {
	type record struct {
		Kind string
		Body []byte
	}
	list, err := postgres.List[record](ctx, q, `SELECT kind, body FROM board_record WHERE box_id = $1 ORDER BY seq`, id)
	if err != nil {
		return nil, postgres.Wrap(err, "records of box %d", id)
	}
	out := make([]belenios.Record, len(list))
	for i, r := range list {
		out[i] = belenios.Record{Kind: belenios.RecordKind(r.Kind), Body: r.Body}
	}
	return out, nil
}

// EndBallots closes the boxes of a locked election that is open: nothing enters them
// after. It takes the same lock on each box as a vote does, so none is half in.
func EndBallots(ctx context.Context, tx pgx.Tx, by access.Actor, e Election) error {
	boxes, err := Boxes(ctx, tx, e.ID, false)
	if err != nil {
		return err
	}
	for _, b := range boxes { // one or two
		if b, err = LockBox(ctx, tx, b.ID); err != nil {
			return err
		}
		c := ChainOf(b)
		if _, err := Append(ctx, tx, b, c, c.EndBallots(), 0); err != nil {
			return err
		}
	}
	return SetPhase(ctx, tx, by, e, Closed)
}
