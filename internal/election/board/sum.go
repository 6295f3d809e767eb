package board

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Sum is the encrypted sum of the ballots of a box, as the archive holds it.
type Sum struct {
	Body    []byte // the record: what key holders open
	Ballots int
	SHA256  string // hexadecimal
}

// errNotCounted says that a sum is not to be opened yet.
var errNotCounted = problem.New(problem.NotFound, "La somme des bulletins sera disponible au dépouillement, après la clôture du vote.")

// Sum returns the encrypted sum of a box, from the moment two people decided the
// count. NotFound before: there is nothing to open while ballots are taken.
func (s *Service) Sum(ctx context.Context, by access.Actor, id election.ID, box election.BoxID) (Sum, error) {
	e, err := election.Load(ctx, s.db, by, id)
	if err != nil {
		return Sum{}, err
	}
	b, err := election.LoadBox(ctx, s.db, id, box)
	if err != nil {
		return Sum{}, err
	}
	if b.Raw == nil || b.NextHeight == 0 {
		return Sum{}, errNotSet
	}
	decided, err := postgres.Value[bool](ctx, s.db, `SELECT EXISTS (SELECT FROM election_act WHERE election_id = $1 AND act = 'count' AND confirmed_at IS NOT NULL)`, id)
	if err != nil {
		return Sum{}, postgres.Wrap(err, "count of election %d", id)
	}
	if !b.Rehearsal && (!decided || !e.Phase.Reached(election.Closed)) || e.Phase == election.Destroyed {
		return Sum{}, errNotCounted
	}
	// Everybody may ask: what costs seconds is computed once for a head.
	s.adding.Lock()
	defer s.adding.Unlock()
	key := [32]byte(b.Head)
	sum, known := s.sums[key]
	if !known {
		if sum, err = SumOf(ctx, s.db, b); err != nil {
			return Sum{}, err
		}
		if len(s.sums) >= mostSums {
			clear(s.sums)
		}
		s.sums[key] = sum
	}
	return sum, nil
}

// mostSums is how many sums are kept: those of the elections of a year, many times over.
const mostSums = 16

// SumOf computes the encrypted sum of a box from its records: the last ballot of each
// credential, cell by cell. The caller asked whether it may be known.
func SumOf(ctx context.Context, q postgres.Querier, b election.Box) (Sum, error) {
	tally, ballots, err := TallyOf(ctx, q, b)
	if err != nil {
		return Sum{}, err
	}
	body := tally.Raw() // what Chain.EncryptedTally writes
	hash := sha256.Sum256(body)
	return Sum{Body: body, Ballots: ballots, SHA256: hex.EncodeToString(hash[:])}, nil
}

// TallyOf is SumOf as the protocol computes with it: the sum, and how many ballots
// count.
func TallyOf(ctx context.Context, q postgres.Querier, b election.Box) (belenios.Tally, int, error) {
	e, err := belenios.ParseElection(b.Raw)
	if err != nil {
		return nil, 0, err
	}
	records, err := election.Records(ctx, q, b.ID)
	if err != nil {
		return nil, 0, err
	}
	raw := ballotRecords(records)
	ballots := make([]*belenios.Ballot, len(raw))
	last := map[string]bool{}
	for i, r := range raw {
		if ballots[i], err = e.CheckBallot(r.Body); err != nil {
			return nil, 0, err
		}
		last[ballots[i].Credential] = true
	}
	return e.Tally(ballots), len(last), nil
}
