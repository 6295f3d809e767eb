package board

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Archive is the .bel file of a box, as it may be downloaded now.
type Archive struct {
	Box     election.Box
	Tag     string // changes when the file does: the head that it ends with
	records []belenios.Record
}

// Name is the name of the file, the one belenios-tool gives it.
func (a Archive) Name() string { return a.Box.UUID + ".bel" }

// WriteTo writes the file.
func (a Archive) WriteTo(w io.Writer) (int64, error) {
	return 0, belenios.WriteArchive(w, *a.Box.Stamp, a.records)
}

// Archive returns the archive of a box: to the last published head while the vote
// goes on, whole after it. NotFound before the ceremony and after the destruction.
func (s *Service) Archive(ctx context.Context, by access.Actor, id election.ID, box election.BoxID) (Archive, error) {
	e, err := election.Load(ctx, s.db, by, id)
	if err != nil {
		return Archive{}, err
	}
	b, err := election.LoadBox(ctx, s.db, id, box)
	if err != nil {
		return Archive{}, err
	}
	if b.Stamp == nil || b.Raw == nil || b.Rehearsal || e.Phase == election.Destroyed {
		return Archive{}, errNotSet
	}
	type record struct {
		Kind string
		Body []byte
	}
	// Up to the event of the published height: the setup alone before the first head.
	list, err := postgres.List[record](ctx, s.db, `
		SELECT kind, body FROM board_record WHERE box_id = $1 AND ($2 OR seq <= (
			SELECT seq FROM board_record WHERE box_id = $1 AND kind = 'event' ORDER BY seq
			OFFSET coalesce((SELECT max(height) FROM head_publication WHERE box_id = $1), 0) LIMIT 1))
		ORDER BY seq`, box, e.Phase.Reached(election.Closed))
	if err != nil {
		return Archive{}, postgres.Wrap(err, "archive of box %d", box)
	}
	a := Archive{Box: b}
	for _, r := range list {
		a.records = append(a.records, belenios.Record{Kind: belenios.RecordKind(r.Kind), Body: r.Body})
	}
	if len(a.records) == 0 {
		return Archive{}, errNotSet
	}
	head := sha256.Sum256(a.records[len(a.records)-1].Body)
	a.Tag = hex.EncodeToString(head[:])
	return a, nil
}

// ElectionFile is the election.json of a box, of a rehearsal too: what a ballot is
// made from. It never changes.
func (s *Service) ElectionFile(ctx context.Context, by access.Actor, id election.ID, box election.BoxID) ([]byte, error) {
	if _, err := election.Load(ctx, s.db, by, id); err != nil {
		return nil, err
	}
	b, err := election.LoadBox(ctx, s.db, id, box)
	if err == nil && b.Raw == nil {
		err = errNotSet
	}
	return b.Raw, err
}

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
	decided, err := postgres.Value[bool](ctx, s.db, `SELECT EXISTS (SELECT FROM election_act WHERE election_id = $1 AND act = 'count' AND confirmed_at IS NOT NULL)`, id)
	if err != nil {
		return Sum{}, postgres.Wrap(err, "count of election %d", id)
	}
	if !b.Rehearsal && (!decided || !e.Phase.Reached(election.Closed)) || e.Phase == election.Destroyed {
		return Sum{}, errNotCounted
	}
	return SumOf(ctx, s.db, b)
}

// SumOf computes the encrypted sum of a box from its records: the last ballot of each
// credential, cell by cell. The caller asked whether it may be known.
func SumOf(ctx context.Context, q postgres.Querier, b election.Box) (Sum, error) {
	tally, ballots, err := TallyOf(ctx, q, b)
	if err != nil {
		return Sum{}, err
	}
	body, err := json.Marshal(tally)
	if err != nil {
		return Sum{}, err
	}
	hash := sha256.Sum256(body)
	return Sum{Body: body, Ballots: ballots, SHA256: hex.EncodeToString(hash[:])}, nil
}

// TallyOf is SumOf as the protocol computes with it.
func TallyOf(ctx context.Context, q postgres.Querier, b election.Box) (belenios.Tally, int, error) {
	e, err := belenios.ParseElection(b.Raw)
	if err != nil {
		return nil, 0, err
	}
	// The record of data before each event of a ballot is the ballot.
	raw, err := postgres.Values[[]byte](ctx, q, `
		SELECT body FROM (SELECT seq, kind, body, lead(body) OVER (ORDER BY seq) AS next FROM board_record WHERE box_id = $1) r
		WHERE kind = 'data' AND convert_from(next, 'UTF8')::jsonb ->> 'type' = 'Ballot' ORDER BY seq`, b.ID)
	if err != nil {
		return nil, 0, postgres.Wrap(err, "ballots of box %d", b.ID)
	}
	ballots := make([]*belenios.Ballot, len(raw))
	last := map[string]bool{}
	for i, r := range raw {
		if ballots[i], err = e.CheckBallot(r); err != nil {
			return nil, 0, err
		}
		last[ballots[i].Credential] = true
	}
	return e.Tally(ballots), len(last), nil
}
