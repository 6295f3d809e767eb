package campaign

import (
	"context"
	"path"
	"strings"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// PointTitle is the point of agenda that a campaign prepares.
const PointTitle = "Avancement des actions dans les communes"

// point returns the point of agenda of the meeting, added unless it is there.
func (s *Service) point(ctx context.Context, tx pgx.Tx, by access.Actor, c Campaign, p Pack) (meeting.ItemID, error) {
	there, err := postgres.Values[meeting.ItemID](ctx, tx, `
		SELECT id FROM agenda_item WHERE meeting_id = $1 AND title = $2 AND moved_to_id IS NULL ORDER BY id LIMIT 1`, c.MeetingID, PointTitle)
	if err != nil {
		return 0, postgres.Wrap(err, "point of agenda")
	}
	if len(there) > 0 {
		return there[0], nil
	}
	asked, answered := p.Communes()
	item, err := meeting.New(tx, s.outbox, s.baseURL).AddItem(ctx, by, c.MeetingID, meeting.ItemInput{Title: PointTitle, Kind: meeting.ForDiscussion, Minutes: 30,
		Text: c.label() + " : " + french.Count(answered, "commune a répondu", "communes ont répondu") + " sur " + french.Number(asked) + ". Le dossier est joint à ce point."})
	return item.ID, err
}

// Attach puts the pack, printed and in a spreadsheet, with the point of agenda of the
// meeting, for its members. What is attached already is not attached twice: it returns
// how many files were.
func (s *Service) Attach(ctx context.Context, by access.Actor, id ID, files []document.Upload) (attached int, err error) {
	if err := roadmap.RequireTeam(by); err != nil {
		return 0, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		c, err := lock(ctx, tx, id, 0)
		switch {
		case err != nil:
			return err
		case c.ClosedAt == nil:
			return errNotOver
		case !c.MeetingOpen:
			return errNoMeeting
		}
		_, p, err := New(tx, s.meetings, s.outbox, s.baseURL).Pack(ctx, by, id)
		if err != nil {
			return err
		}
		item, err := s.point(ctx, tx, by, c, p)
		if err != nil {
			return err
		}
		names, err := postgres.Values[string](ctx, tx, `
			SELECT f.name FROM meeting_document d JOIN document f ON f.id = d.document_id WHERE d.meeting_id = $1 AND d.removed_at IS NULL`, c.MeetingID)
		if err != nil {
			return postgres.Wrap(err, "documents of the meeting")
		}
		there := map[string]bool{}
		for _, n := range names {
			there[n] = true
		}
		var missing []document.Upload
		for _, f := range files {
			if !there[document.SafeName(f.Name)] {
				missing = append(missing, f)
			}
		}
		for _, f := range missing { // two: each is many statements by itself, its bytes
			title := "Dossier d’avancement des communes (" + strings.ToUpper(strings.TrimPrefix(path.Ext(f.Name), ".")) + ")"
			if _, err := meeting.New(tx, s.outbox, s.baseURL).AddDocument(ctx, by, c.MeetingID, item, title, meeting.ForMembers, f); err != nil {
				return err
			}
		}
		attached = len(missing)
		return nil
	})
	return attached, err
}
