package board

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Archive is the .bel file of a box, as it may be downloaded now.
type Archive struct {
	Box  election.Box
	Tag  string // changes when the file does: the head that it ends with
	Size int64  // bytes of the file

	records int
	db      postgres.Querier
}

// Name is the name of the file, the one belenios-tool gives it.
func (a Archive) Name() string { return a.Box.UUID + ".bel" }

// atATime is how many records are held at once: a ballot is some 100 KB.
const atATime = 64

// WriteTo writes the file, a few records at a time: no connection of the database waits
// for a slow reader, and the file is never whole in memory.
func (a Archive) WriteTo(ctx context.Context, w io.Writer) error {
	if err := belenios.WriteArchive(w, *a.Box.Stamp, nil); err != nil {
		return err
	}
	for from := 0; from < a.records; from += atATime {
		until := min(from+atATime, a.records)
		records, err := recordsOf(ctx, a.db, a.Box.ID, from, until)
		if err != nil {
			return err
		}
		if len(records) != until-from { // destroyed meanwhile
			return fmt.Errorf("records %d to %d of box %d: %d are there", from, until, a.Box.ID, len(records))
		}
		if err := belenios.AppendArchive(w, *a.Box.Stamp, records); err != nil {
			return err
		}
	}
	return nil
}

// recordsOf returns the records of a box whose seq is in [from, until).
func recordsOf(ctx context.Context, q postgres.Querier, box election.BoxID, from, until int) ([]belenios.Record, error) {
	type record struct {
		Kind string
		Body []byte
	}
	list, err := postgres.List[record](ctx, q, `SELECT kind, body FROM board_record WHERE box_id = $1 AND seq >= $2 AND seq < $3 ORDER BY seq`, box, from, until)
	out := make([]belenios.Record, len(list))
	for i, r := range list {
		out[i] = belenios.Record{Kind: belenios.RecordKind(r.Kind), Body: r.Body}
	}
	return out, postgres.Wrap(err, "records of box %d", box)
}

// headerSize is that of what comes before the records: a header, a body.
const headerSize = 1024

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
	type extent struct {
		Records int
		Size    int64
		Head    []byte
	}
	// Up to the event of the published height: the setup alone before the first head.
	x, err := postgres.One[extent](ctx, s.db, `
		SELECT count(*)::int AS records, coalesce(sum(512 + (octet_length(body) + 511) / 512 * 512), 0)::bigint AS size,
		       (array_agg(hash ORDER BY seq DESC))[1] AS head
		FROM board_record WHERE box_id = $1 AND ($2 OR seq <= (
			SELECT seq FROM board_record WHERE box_id = $1 AND kind = 'event' ORDER BY seq
			OFFSET coalesce((SELECT max(height) FROM head_publication WHERE box_id = $1), 0) LIMIT 1))`, box, e.Phase.Reached(election.Closed))
	if err != nil {
		return Archive{}, postgres.Wrap(err, "archive of box %d", box)
	}
	if x.Records == 0 {
		return Archive{}, errNotSet
	}
	return Archive{Box: b, Tag: hex.EncodeToString(x.Head), Size: headerSize + x.Size, records: x.Records, db: s.db}, nil
}

// ArchiveBoxes returns the boxes whose archive may be downloaded, action sociale first.
func (s *Service) ArchiveBoxes(ctx context.Context, by access.Actor, id election.ID) (election.Election, []election.Box, error) {
	e, err := election.Load(ctx, s.db, by, id)
	if err != nil {
		return e, nil, err
	}
	list, err := election.Boxes(ctx, s.db, id, false)
	if err != nil {
		return e, nil, err
	}
	for _, b := range list {
		if b.Stamp == nil || b.Raw == nil {
			return e, nil, errNotSet
		}
	}
	if e.Phase == election.Destroyed {
		return e, nil, problem.New(problem.Gone, "Les bulletins de cette élection ont été détruits. Le procès-verbal reste.")
	}
	if len(list) == 0 {
		return e, nil, errNotSet
	}
	return e, list, nil
}

// ElectionFile is the election.json of a box, of a rehearsal too: what a ballot is
// made from. final tells that it never changes any more.
func (s *Service) ElectionFile(ctx context.Context, by access.Actor, id election.ID, box election.BoxID) (raw []byte, final bool, err error) {
	e, err := election.Load(ctx, s.db, by, id)
	if err != nil {
		return nil, false, err
	}
	b, err := election.LoadBox(ctx, s.db, id, box)
	if err == nil && b.Raw == nil {
		err = errNotSet
	}
	return b.Raw, e.Phase.Reached(election.Ready) && !b.Rehearsal, err
}
