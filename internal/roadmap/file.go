package roadmap

import (
	"context"
	"io"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// ErrNoFile says that a file does not exist, was removed, or is not for who asks.
var ErrNoFile = problem.New(problem.NotFound, "Ce document n’existe pas ou n’est plus disponible.")

func (d Document) fileWords() map[string]any {
	return map[string]any{"titre": d.Title, "fichier": d.File.Name, "public": d.Public}
}

func checkFileTitle(title string) error {
	switch n := utf8.RuneCountInString(title); {
	case n == 0:
		return problem.OnField("titre", "Donnez un titre au document.")
	case n > 200:
		return problem.OnField("titre", "Gardez 200 caractères au plus.")
	}
	return nil
}

// AddFile attaches a file to an action; without a title it takes the name of the file.
// Fields: titre, fichier.
func (s *Service) AddFile(ctx context.Context, by access.Actor, id ID, title string, public bool, u document.Upload) (DocumentID, error) {
	if title == "" {
		title = document.Stem(document.SafeName(u.Name))
	}
	if err := checkFileTitle(title); err != nil {
		return 0, err
	}
	d := Document{Action: id, Title: title, Public: public}
	err := s.hangOn(ctx, by, id, 0, func(tx pgx.Tx, a Action) (bool, error) {
		n, err := postgres.Value[int](ctx, tx, `SELECT count(*)::int FROM action_document WHERE action_id = $1 AND removed_at IS NULL`, id)
		switch {
		case err != nil:
			return false, postgres.Wrap(err, "count files")
		case n >= maxFiles:
			return false, problem.OnField("fichier", "Cette action compte déjà 100 documents : retirez-en avant d’en ajouter.")
		}
		if d.File, err = document.Save(ctx, tx, u, by.Name); err != nil {
			return false, err
		}
		d.Link, err = postgres.Value[DocumentID](ctx, tx, `
			INSERT INTO action_document (action_id, document_id, title, public) VALUES ($1, $2::uuid, $3, $4) RETURNING id`,
			id, string(d.File.ID), title, public)
		if err != nil {
			return false, postgres.Wrap(err, "attach a file to action %d", id)
		}
		return true, Record(ctx, tx, by, "document", a, nil, d.fileWords())
	})
	return d.Link, err
}

const fileColumns = `
	SELECT l.id, l.action_id, l.title, l.public, f.id::text AS file_id, f.name, f.media_type, f.size, f.sha256, f.created_at
	FROM action_document l JOIN document f ON f.id = l.document_id JOIN roadmap_action a ON a.id = l.action_id
	WHERE l.id = $1 AND l.action_id = $2 AND l.removed_at IS NULL`

// onFile runs an act on a file of the action, over the version of the action the form
// showed.
func (s *Service) onFile(ctx context.Context, by access.Actor, id ID, file DocumentID, version int, f func(tx pgx.Tx, a Action, old Document) error) error {
	return s.hangOn(ctx, by, id, 0, func(tx pgx.Tx, a Action) (bool, error) {
		old, err := postgres.One[Document](ctx, tx, fileColumns, file, id)
		switch {
		case postgres.IsNoRows(err):
			return false, ErrNoFile
		case err != nil:
			return false, postgres.Wrap(err, "find file %d", file)
		case version != 0 && a.Version != version:
			return false, ErrStale
		}
		return true, f(tx, a, old)
	})
}

// ChangeFile changes the title of a file, or who reads it. Field: titre.
func (s *Service) ChangeFile(ctx context.Context, by access.Actor, id ID, file DocumentID, title string, public bool, version int) error {
	if err := checkFileTitle(title); err != nil {
		return err
	}
	return s.onFile(ctx, by, id, file, version, func(tx pgx.Tx, a Action, old Document) error {
		if _, err := postgres.Exec(ctx, tx, `UPDATE action_document SET title = $2, public = $3 WHERE id = $1`, file, title, public); err != nil {
			return postgres.Wrap(err, "change file %d", file)
		}
		now := old
		now.Title, now.Public = title, public
		return Record(ctx, tx, by, "document", a, old.fileWords(), now.fileWords())
	})
}

// RemoveFile withdraws a file from everybody. Its bytes are kept: the journal tells that
// it was there.
func (s *Service) RemoveFile(ctx context.Context, by access.Actor, id ID, file DocumentID, version int) error {
	return s.onFile(ctx, by, id, file, version, func(tx pgx.Tx, a Action, old Document) error {
		if _, err := postgres.Exec(ctx, tx, `UPDATE action_document SET removed_at = now() WHERE id = $1`, file); err != nil {
			return postgres.Wrap(err, "remove file %d", file)
		}
		return Record(ctx, tx, by, "document", a, old.fileWords(), nil)
	})
}

// OpenFile returns a file of an action and its bytes, which it asks the database for as
// they are read: to everybody when the file and its action are public, to members when
// the action is, else to the team and to who proposed the action.
func (s *Service) OpenFile(ctx context.Context, by access.Actor, id ID, file DocumentID) (Document, io.ReadSeeker, error) {
	d, err := postgres.One[Document](ctx, s.db, fileColumns+` 
		AND (a.validated_on IS NOT NULL AND (l.public OR $3) OR $4 OR a.proposer_id = nullif($5, 0))`,
		file, id, SightOf(by) >= MemberSight, by.RunsBodies(), proposerOf(by))
	if postgres.IsNoRows(err) {
		return Document{}, nil, ErrNoFile
	}
	if err != nil {
		return Document{}, nil, postgres.Wrap(err, "open file %d", file)
	}
	return d, document.NewReader(ctx, s.db, d.File), nil
}
