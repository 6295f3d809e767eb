package election

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Sum is the encrypted sum of a closed box, computed when two people decided to count:
// what the key holders open. Everybody may read it: it is a record of the archive to
// come.
type Sum struct {
	Box       BoxID  `db:"box_id"`
	Raw       []byte `db:"encrypted"` // the bytes of the encrypted_tally record; nil once destroyed
	SHA256    []byte `db:"sha256"`    // its hash, as the event EncryptedTally names it
	CloseHead []byte `db:"close_head"`
	Tallied   int    `db:"tallied"` // ballots added up: the last one of each code
	// What the box held when it closed.
	Registered int `db:"registered"`
	Voted      int `db:"voted"`
	Browser    int `db:"browser"` // ballots received, by the way they came
	Server     int `db:"server"`
	Desk       int `db:"desk"`
	// Counts are the blank ballots then the votes of each candidate, a list for each
	// question; nil until every key holder opened the sum.
	Counts [][]int `db:"counts"`
}

const sumColumns = `c.box_id, c.encrypted, c.sha256, c.close_head, c.tallied, c.registered, c.voted, c.browser, c.server, c.desk, c.counts`

// AddSums queues the reading of the sums of the boxes of an election, by box.
func AddSums(b *postgres.Batch, dst *[]Sum, id ID) {
	postgres.AddList(b, dst, `SELECT `+sumColumns+` FROM box_count c JOIN ballot_box b ON b.id = c.box_id WHERE b.election_id = $1 AND NOT b.rehearsal ORDER BY b.college, b.id`, id)
}

// AddBoxes queues what Boxes reads, without the rehearsal.
func AddBoxes(b *postgres.Batch, dst *[]Box, id ID) {
	postgres.AddList(b, dst, `SELECT `+boxColumns+` FROM ballot_box WHERE election_id = $1 AND NOT rehearsal ORDER BY college, id`, id)
}

// SumOf returns the sum of a box; there is none before two people decided to count, nor
// once the ballots are destroyed.
func SumOf(ctx context.Context, q postgres.Querier, id BoxID) (Sum, error) {
	s, err := postgres.One[Sum](ctx, q, `SELECT `+sumColumns+` FROM box_count c WHERE c.box_id = $1 AND c.encrypted IS NOT NULL`, id)
	if postgres.IsNoRows(err) {
		return Sum{}, problem.New(problem.NotFound, "La somme des bulletins est disponible au dépouillement, après la clôture du vote.")
	}
	return s, postgres.Wrap(err, "sum of box %d", id)
}
