package minutes

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Note is what was noted of one point during the meeting.
type Note struct {
	Item      meeting.ItemID `db:"item_id"`
	Text      string         `db:"text"`
	UpdatedAt time.Time      `db:"updated_at"`
	UpdatedBy string         `db:"updated_by"`
	Version   int            `db:"version"`
}

// NoteInput is the text of a note as somebody typed it over a version; 0 when the
// point had none.
type NoteInput struct {
	Item    meeting.ItemID
	Text    string
	Version int
}

const maxNote = 20_000

// SaveNotes writes the notes of several points. A note that somebody else wrote
// meanwhile is left as it is and returned, with their text; the others are saved.
func (s *Service) SaveNotes(ctx context.Context, by access.Actor, id meeting.ID, notes []NoteInput) ([]Note, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return nil, err
	}
	for _, n := range notes {
		if utf8.RuneCountInString(n.Text) > maxNote {
			return nil, problem.New(problem.Invalid, "Une note compte 20 000 caractères au plus.")
		}
	}
	if len(notes) == 0 {
		return nil, nil
	}
	var theirs []Note
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := hostFor(ctx, tx, by, id)
		switch {
		case err != nil:
			return err
		case m.State == governance.Published:
			return errOut
		case m.State == governance.Postponed, m.State == governance.Cancelled:
			return problem.New(problem.Invalid, "Cette réunion n’a pas eu lieu : rien ne peut y être noté.")
		}
		saved, err := writeNotes(ctx, tx, by, id, notes)
		if err != nil {
			return err
		}
		if theirs, err = conflicting(ctx, tx, id, notes, saved); err != nil {
			return err
		}
		if len(saved) == 0 {
			return nil
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "item_note.save", Object: "meeting", ID: int64(id),
			Label: french.Count(len(saved), "note de séance", "notes de séance") + ", " + m.Body.Label(), After: map[string]any{"points": saved}})
	})
	return theirs, err
}

// writeNotes writes those whose version is still the one they were typed over. The
// version of a new row is one more than that: on conflict it tells what was read.
func writeNotes(ctx context.Context, tx pgx.Tx, by access.Actor, id meeting.ID, notes []NoteInput) ([]meeting.ItemID, error) {
	var (
		items    []meeting.ItemID
		texts    []string
		versions []int
	)
	for _, n := range notes {
		items, texts, versions = append(items, n.Item), append(texts, n.Text), append(versions, n.Version)
	}
	v, err := postgres.Values[meeting.ItemID](ctx, tx, `
		INSERT INTO item_note AS n (item_id, meeting_id, text, updated_by, version)
		SELECT i.id, $1, x.text, $5, x.version + 1
		FROM unnest($2::bigint[], $3::text[], $4::int[]) AS x(item, text, version)
		JOIN agenda_item i ON i.id = x.item AND i.meeting_id = $1
		ORDER BY i.id
		ON CONFLICT (item_id) DO UPDATE SET text = excluded.text, updated_at = now(), updated_by = excluded.updated_by, version = excluded.version
		WHERE n.version = excluded.version - 1
		RETURNING item_id`, id, items, texts, versions, by.Name)
	return v, postgres.Wrap(err, "save notes")
}

// conflicting returns, of the notes that were not saved, those whose text is not
// what somebody else wrote.
func conflicting(ctx context.Context, tx pgx.Tx, id meeting.ID, notes []NoteInput, saved []meeting.ItemID) ([]Note, error) {
	mine := map[meeting.ItemID]string{}
	var left []meeting.ItemID
	for _, n := range notes {
		if !slices.Contains(saved, n.Item) {
			mine[n.Item], left = n.Text, append(left, n.Item)
		}
	}
	if len(left) == 0 {
		return nil, nil
	}
	theirs, err := postgres.List[Note](ctx, tx, `
		SELECT item_id, text, updated_at, updated_by, version FROM item_note WHERE meeting_id = $1 AND item_id = ANY($2) ORDER BY item_id`, id, left)
	switch {
	case err != nil:
		return nil, postgres.Wrap(err, "read conflicting notes")
	case len(theirs) < len(left):
		return nil, problem.New(problem.Conflict, "Un point noté n’est plus à l’ordre du jour : rechargez la page avant de continuer.")
	}
	return slices.DeleteFunc(theirs, func(n Note) bool { return n.Text == mine[n.Item] }), nil
}
