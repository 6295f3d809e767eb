package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// What can be wrong with the chain. The French sentence is Fault.Message.
const (
	FaultGap        = "gap"          // a seal is missing
	FaultEntryLost  = "entry_lost"   // a seal whose entry is gone
	FaultPrevious   = "previous"     // a seal that does not follow the one before
	FaultContent    = "content"      // an entry that is not what was sealed
	FaultUnsealed   = "unsealed"     // an entry without a seal
	FaultNotAsNoted = "not_as_noted" // a seal noted earlier is not in the chain
)

// Fault is the first bad row of the journal.
type Fault struct {
	Kind  string
	Seq   int64 // 0 for an entry without a seal
	Entry int64 // 0 when only the seal is at fault
}

// Message says in French what is wrong and where.
func (f Fault) Message() string {
	switch f.Kind {
	case FaultGap:
		return fmt.Sprintf("Le sceau %d manque : une écriture a été retirée.", f.Seq)
	case FaultEntryLost:
		return fmt.Sprintf("L’écriture %d, scellée sous le numéro %d, a été retirée.", f.Entry, f.Seq)
	case FaultPrevious:
		return fmt.Sprintf("Le sceau %d (écriture %d) ne suit pas le précédent : la chaîne a été modifiée.", f.Seq, f.Entry)
	case FaultContent:
		return fmt.Sprintf("L’écriture %d, scellée sous le numéro %d, a été modifiée.", f.Entry, f.Seq)
	case FaultUnsealed:
		return fmt.Sprintf("L’écriture %d n’est pas scellée : elle a été ajoutée hors du portail.", f.Entry)
	case FaultNotAsNoted:
		return fmt.Sprintf("Le sceau %d n’est pas celui qui avait été noté : la chaîne a été réécrite ou raccourcie.", f.Seq)
	}
	return f.Kind
}

// Error makes a fault usable where `portal verify` reports errors.
func (f Fault) Error() string { return "journal: " + f.Message() }

// Report is the outcome of a verification.
type Report struct {
	Entries int64         // entries found as they were sealed
	Head    Seal          // the last good seal
	Fault   *Fault        // nil when all is well
	Took    time.Duration // how long it took
}

// OK tells whether the journal is whole.
func (r Report) OK() bool { return r.Fault == nil }

// errStop ends a chunk at the first fault.
var errStop = errors.New("stop")

// chunk bounds both the time of a statement and the rows in flight.
const chunk = 2000

// Verify reads the whole journal, computes every hash again and names the first
// row that is not what was sealed. Seals must be gapless, each chained to the one
// before and made of its entry; every entry must have one. known are seals noted
// earlier: without one, a journal whose tail was cut off, or wholly rewritten by
// the owner of the database, cannot be told from a whole one.
//
// It reads by chunks, so that no statement is long and memory stays level. Called
// in a transaction that wrote entries, it finds them unsealed: seals come with
// the commit. An error means that the verification could not be made.
func Verify(ctx context.Context, q postgres.Querier, known ...Seal) (Report, error) {
	start := time.Now()
	v := verifier{noted: map[int64]Seal{}}
	for _, s := range known {
		v.noted[s.Seq] = s
	}
	err := v.seals(ctx, q)
	if err == nil && v.fault == nil {
		err = v.unsealed(ctx, q)
	}
	for seq := range v.noted { // what is left was not met
		if err == nil && v.fault == nil && seq > 0 {
			v.fault = &Fault{Kind: FaultNotAsNoted, Seq: seq}
		}
	}
	r := Report{Entries: v.head.Seq, Head: v.head, Fault: v.fault, Took: time.Since(start)}
	return r, postgres.Wrap(err, "verify the journal after seal %d", v.head.Seq)
}

// verifier walks the chain.
type verifier struct {
	head  Seal
	noted map[int64]Seal // not met yet
	fault *Fault
}

// link is one seal and its entry, if there is one.
type link struct {
	seq, entryID int64
	prev, hash   []byte
	found        bool
	entry        sealed
}

func (v *verifier) seals(ctx context.Context, q postgres.Querier) error {
	for {
		n := 0
		err := postgres.Rows(ctx, q, `
			SELECT s.seq, s.entry_id, s.prev_hash, s.hash, e.id IS NOT NULL,
			       coalesce(e.id, 0), e.at, e.account_id, coalesce(e.actor, ''), coalesce(e.capacity, ''),
			       coalesce(e.action, ''), coalesce(e.object, ''), coalesce(e.object_id, 0),
			       coalesce(e.label, ''), e.before::text, e.after::text, coalesce(e.request_id, '')
			FROM audit_seal s LEFT JOIN audit_entry e ON e.id = s.entry_id
			WHERE s.seq > $1 ORDER BY s.seq LIMIT $2`,
			[]any{v.head.Seq, chunk}, func(rows pgx.Rows) error {
				n++
				l, err := scanLink(rows)
				if err != nil {
					return err
				}
				if v.fault = v.check(l); v.fault != nil {
					return errStop
				}
				return nil
			})
		switch {
		case errors.Is(err, errStop):
			return nil
		case err != nil:
			return err
		case n < chunk:
			return nil
		}
	}
}

func scanLink(rows pgx.Rows) (*link, error) {
	var l link
	e := &l.entry
	e.at = pgtype.Timestamptz{}
	err := rows.Scan(&l.seq, &l.entryID, &l.prev, &l.hash, &l.found,
		&e.id, &e.at, &e.accountID, &e.actor, &e.capacity,
		&e.action, &e.object, &e.objectID, &e.label, &e.before, &e.after, &e.requestID)
	return &l, err
}

// check compares one link with the head and moves the head to it.
func (v *verifier) check(l *link) *Fault {
	switch {
	case l.seq != v.head.Seq+1:
		return &Fault{Kind: FaultGap, Seq: v.head.Seq + 1}
	case !bytes.Equal(l.prev, v.head.Hash[:]):
		return &Fault{Kind: FaultPrevious, Seq: l.seq, Entry: l.entryID}
	case !l.found:
		return &Fault{Kind: FaultEntryLost, Seq: l.seq, Entry: l.entryID}
	}
	h := l.entry.hash(l.prev)
	if !l.entry.timeIsPlain() || !bytes.Equal(h[:], l.hash) {
		return &Fault{Kind: FaultContent, Seq: l.seq, Entry: l.entryID}
	}
	v.head = Seal{Seq: l.seq, Hash: h}
	if s, ok := v.noted[l.seq]; ok {
		if s.Hash != h {
			return &Fault{Kind: FaultNotAsNoted, Seq: l.seq, Entry: l.entryID}
		}
		delete(v.noted, l.seq)
	}
	return nil
}

// unsealed looks for an entry without a seal, by chunks of the primary key.
func (v *verifier) unsealed(ctx context.Context, q postgres.Querier) error {
	type span struct {
		Last  *int64
		First *int64
	}
	for after := int64(-1 << 62); ; {
		s, err := postgres.One[span](ctx, q, `
			WITH part AS (SELECT id FROM audit_entry WHERE id > $1 ORDER BY id LIMIT $2)
			SELECT max(p.id) AS last, min(p.id) FILTER (WHERE s.seq IS NULL) AS first
			FROM part p LEFT JOIN audit_seal s ON s.entry_id = p.id`, after, 10*chunk)
		if err != nil {
			return err
		}
		if s.First != nil {
			v.fault = &Fault{Kind: FaultUnsealed, Entry: *s.First}
			return nil
		}
		if s.Last == nil {
			return nil
		}
		after = *s.Last
	}
}

// Head returns the last seal, the zero Seal of an empty journal. It checks
// nothing.
func Head(ctx context.Context, q postgres.Querier) (Seal, error) {
	type row struct {
		Seq  int64
		Hash []byte
	}
	rows, err := postgres.List[row](ctx, q, `SELECT seq, hash FROM audit_seal ORDER BY seq DESC LIMIT 1`)
	if err != nil || len(rows) == 0 {
		return Seal{}, postgres.Wrap(err, "read the head of the journal")
	}
	s := Seal{Seq: rows[0].Seq}
	if copy(s.Hash[:], rows[0].Hash) != sha256.Size {
		return Seal{}, fmt.Errorf("head of the journal: hash of %d bytes", len(rows[0].Hash))
	}
	return s, nil
}
