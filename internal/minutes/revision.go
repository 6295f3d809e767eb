package minutes

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Revision is one saved text of minutes.
type Revision struct {
	Number     int       `db:"number"`
	Author     string    `db:"author"`
	SavedAt    time.Time `db:"saved_at"`
	Characters int       `db:"characters"`
	Text       string    `db:"text"`   // "" in a list
	Before     string    `db:"before"` // text of the revision before it, "" for the first
	Last       int       `db:"last"`   // number of the last revision
}

// revise keeps the text; the meeting is locked.
func revise(ctx context.Context, tx pgx.Tx, by access.Actor, id meeting.ID, document string) error {
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO minutes_revision (meeting_id, number, text, author)
		SELECT $1, coalesce(max(number), 0) + 1, $2, $3 FROM minutes_revision WHERE meeting_id = $1`, id, document, by.Name)
	return postgres.Wrap(err, "keep revision of minutes")
}

// revisionsShown is how many revisions the list holds, the last first.
const revisionsShown = 200

// Revisions lists the saved texts, the last first, for the team.
func (s *Service) Revisions(ctx context.Context, by access.Actor, id meeting.ID) ([]Revision, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return nil, err
	}
	v, err := postgres.List[Revision](ctx, s.db, `
		SELECT number, author, saved_at, length(text) AS characters, '' AS text, '' AS before, max(number) OVER () AS last
		FROM minutes_revision WHERE meeting_id = $1 ORDER BY number DESC LIMIT $2`, id, revisionsShown)
	return v, postgres.Wrap(err, "list revisions")
}

var errNoRevision = problem.New(problem.NotFound, "Cette version du compte rendu n’existe pas.")

// Revision returns one saved text and the one before it.
func (s *Service) Revision(ctx context.Context, by access.Actor, id meeting.ID, number int) (Revision, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Revision{}, err
	}
	return revision(ctx, s.db, id, number)
}

func revision(ctx context.Context, q postgres.Querier, id meeting.ID, number int) (Revision, error) {
	v, err := postgres.One[Revision](ctx, q, `
		SELECT r.number, r.author, r.saved_at, length(r.text) AS characters, r.text, coalesce(p.text, '') AS before,
		       (SELECT max(number) FROM minutes_revision WHERE meeting_id = $1) AS last
		FROM minutes_revision r LEFT JOIN minutes_revision p ON p.meeting_id = r.meeting_id AND p.number = r.number - 1
		WHERE r.meeting_id = $1 AND r.number = $2`, id, number)
	if postgres.IsNoRows(err) {
		return Revision{}, errNoRevision
	}
	return v, postgres.Wrap(err, "read revision %d", number)
}

// Restore makes an old text the text again, as a new revision: nothing is lost.
func (s *Service) Restore(ctx context.Context, by access.Actor, id meeting.ID, version, number int) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := by.Require(by.RunsBodies()); err != nil {
			return err
		}
		old, err := revision(ctx, tx, id, number)
		if err != nil {
			return err
		}
		text, expert := parts(old.Text)
		return save(ctx, tx, by, id, version, text, expert, "restore")
	})
}
