package meeting

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

var _ = audit.Name(map[string]string{
	"meeting_document.add":    "Document ajouté à une réunion",
	"meeting_document.change": "Document d’une réunion modifié",
	"meeting_document.remove": "Document retiré d’une réunion",
})

// ErrNoDocument says that a document does not exist, was removed, or is not for who
// asks.
var ErrNoDocument = problem.New(problem.NotFound, "Ce document n’existe pas ou n’est plus disponible.")

// Document is a file of a meeting, or of a point of its agenda.
type Document struct {
	ID            DocumentID `db:"id" json:"id"`
	Meeting       ID         `db:"meeting_id" json:"-"`
	Item          ItemID     `db:"item_id" json:"item,omitempty"` // 0: of the meeting as a whole
	ItemNumber    string     `db:"item_number" json:"-"`          // « 3.2 », "" for none
	ItemTitle     string     `db:"item_title" json:"-"`
	Title         string     `db:"title" json:"title"`
	Audience      Audience   `db:"audience" json:"audience"`
	AddedAt       time.Time  `db:"added_at" json:"-"`
	AddedBy       string     `db:"added_by" json:"-"` // for the team
	Version       int        `db:"version" json:"-"`
	document.File `json:"-"`
}

// selectDocuments lists those of meeting $1 whose audience is one of $2: before the
// meeting is convened, or recorded once held, there is nobody to read them but the
// team ($3). $4 is one document, 0 for all.
const selectDocuments = `
	SELECT d.id, d.meeting_id, coalesce(d.item_id, 0) AS item_id,
	       CASE WHEN i.id IS NULL THEN '' WHEN p.id IS NULL THEN i.position::text ELSE p.position || '.' || i.position END AS item_number,
	       coalesce(i.title, '') AS item_title, d.title, d.audience, d.added_at, d.added_by, d.version,
	       f.id::text AS file_id, f.name, f.media_type, f.size, f.sha256, f.created_at
	FROM meeting_document d
	JOIN meeting m ON m.id = d.meeting_id
	JOIN document f ON f.id = d.document_id
	LEFT JOIN agenda_item i ON i.id = d.item_id
	LEFT JOIN agenda_item p ON p.id = i.parent_id
	WHERE d.meeting_id = $1 AND d.removed_at IS NULL AND d.audience = ANY($2::text[]) AND ($3 OR m.convened_at IS NOT NULL OR m.state IN ('held', 'published')) AND ($4::bigint = 0 OR d.id = $4)
	ORDER BY coalesce(p.position, i.position) NULLS FIRST, p.id IS NOT NULL, i.position, d.id`

// audiences lists what the sight gives to read.
func (s Sight) audiences() []string {
	out := []string{}
	for _, a := range Audiences {
		if s.Sees(a) {
			out = append(out, string(a))
		}
	}
	return out
}

// DocumentsOf returns the documents of a meeting that the sight gives to see, those
// of the meeting first, then in the order of the agenda. The caller has checked the
// right: sight is what Load answered, or Inside for the holder of a personal link.
func (s *Service) DocumentsOf(ctx context.Context, q postgres.Querier, id ID, sight Sight) ([]Document, error) {
	v, err := postgres.List[Document](ctx, q, selectDocuments, id, sight.audiences(), sight == Backstage, DocumentID(0))
	return v, postgres.Wrap(err, "list documents")
}

// addDocuments is DocumentsOf within the batch of a page.
func addDocuments(b *postgres.Batch, dst *[]Document, id ID, sight Sight) {
	postgres.AddList(b, dst, selectDocuments, id, sight.audiences(), sight == Backstage, DocumentID(0))
}

// DocumentsOfItem keeps the documents of one point; 0: those of the whole meeting.
func DocumentsOfItem(all []Document, item ItemID) []Document {
	var out []Document
	for _, d := range all {
		if d.Item == item {
			out = append(out, d)
		}
	}
	return out
}

// DocumentDesk is what the team's page about documents shows.
type DocumentDesk struct {
	Meeting   Meeting
	Documents []Document
	Points    []Item
}

// Document returns one of the desk's documents.
func (d DocumentDesk) Document(id DocumentID) (Document, bool) {
	i := slices.IndexFunc(d.Documents, func(x Document) bool { return x.ID == id })
	if i < 0 {
		return Document{}, false
	}
	return d.Documents[i], true
}

// DocumentDesk returns the documents of a meeting and its points, for the team.
func (s *Service) DocumentDesk(ctx context.Context, by access.Actor, id ID) (DocumentDesk, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return DocumentDesk{}, err
	}
	m, _, err := load(ctx, s.db, by, id)
	if err != nil {
		return DocumentDesk{}, err
	}
	var (
		d = DocumentDesk{Meeting: m}
		b postgres.Batch
	)
	addDocuments(&b, &d.Documents, id, Backstage)
	AddItems(&b, &d.Points, id, Backstage)
	err = b.Run(ctx, s.db)
	return d, postgres.Wrap(err, "documents of a meeting")
}

// AddDocument attaches a file to a meeting, or to a point of it (item 0: to the
// meeting). An empty title takes the name of the file. See AddDocuments.
func (s *Service) AddDocument(ctx context.Context, by access.Actor, id ID, item ItemID, title string, audience Audience, u document.Upload) (DocumentID, error) {
	ids, err := s.AddDocuments(ctx, by, id, item, title, audience, []document.Upload{u})
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// AddDocuments attaches files, all or none. A title is that of a single file; more
// than one take their own names (fields titre, point, diffusion, fichiers).
func (s *Service) AddDocuments(ctx context.Context, by access.Actor, id ID, item ItemID, title string, audience Audience, uploads []document.Upload) ([]DocumentID, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return nil, err
	}
	switch {
	case len(uploads) == 0:
		return nil, problem.OnField("fichiers", "Choisissez un fichier.")
	case len(uploads) > 1 && title != "":
		return nil, problem.OnField("titre", "Laissez le titre vide quand vous joignez plusieurs fichiers : chacun prend son nom.")
	}
	if err := checkDocument(titleOf(title, uploads[0]), audience); err != nil {
		return nil, err
	}
	var ids []DocumentID
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := own(ctx, tx, by, id, 0)
		if err != nil {
			return err
		}
		if err := ofMeeting(ctx, tx, id, item); err != nil {
			return err
		}
		for _, u := range uploads { // each is many statements by itself: its bytes
			added, err := addDocument(ctx, tx, by, m, item, titleOf(title, u), audience, u)
			if err != nil {
				return err
			}
			ids = append(ids, added)
		}
		return nil
	})
	return ids, err
}

// titleOf is the title asked for, else the name of the file without its extension.
func titleOf(title string, u document.Upload) string {
	if title != "" {
		return title
	}
	return document.Stem(document.SafeName(u.Name))
}

func addDocument(ctx context.Context, tx pgx.Tx, by access.Actor, m Meeting, item ItemID, title string, audience Audience, u document.Upload) (DocumentID, error) {
	f, err := document.Save(ctx, tx, u, by.Name)
	if err != nil {
		return 0, err
	}
	d := Document{Meeting: m.ID, Item: item, Title: title, Audience: audience}
	d.ID, err = postgres.Value[DocumentID](ctx, tx, `
		INSERT INTO meeting_document (meeting_id, item_id, document_id, title, audience, added_by)
		VALUES ($1, nullif($2::bigint, 0), $3::uuid, $4, $5, $6) RETURNING id`, m.ID, item, string(f.ID), title, string(audience), by.Name)
	if err != nil {
		return 0, postgres.Wrap(err, "attach a document")
	}
	return d.ID, audit.Record(ctx, tx, by, audit.Entry{Action: "meeting_document.add", Object: "meeting", ID: int64(m.ID),
		Label: title + ", " + m.Title(), After: d})
}

// checkDocument refuses a title or an audience that cannot be.
func checkDocument(title string, audience Audience) error {
	n := utf8.RuneCountInString(title)
	switch {
	case n == 0:
		return problem.OnField("titre", "Donnez un titre au document.")
	case n > 200:
		return problem.OnField("titre", "Gardez 200 caractères au plus.")
	case !slices.Contains(Audiences, audience):
		return problem.OnField("diffusion", "Choisissez qui peut lire ce document.")
	}
	return nil
}

// ofMeeting refuses a point of another meeting.
func ofMeeting(ctx context.Context, q postgres.Querier, id ID, item ItemID) error {
	if item == 0 {
		return nil
	}
	there, err := postgres.Value[bool](ctx, q, `SELECT EXISTS (SELECT FROM agenda_item WHERE id = $1 AND meeting_id = $2)`, item, id)
	if err == nil && !there {
		return problem.OnField("point", "Ce point n’est plus à l’ordre du jour : choisissez-en un autre.")
	}
	return postgres.Wrap(err, "find a point")
}

// DocumentChange is what may be changed of a document: not its file.
type DocumentChange struct {
	Meeting  ID
	ID       DocumentID
	Version  int
	Item     ItemID
	Title    string
	Audience Audience
}

// ChangeDocument changes the title, the point or the audience of a document.
func (s *Service) ChangeDocument(ctx context.Context, by access.Actor, c DocumentChange) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	if err := checkDocument(c.Title, c.Audience); err != nil {
		return err
	}
	return s.onDocument(ctx, by, c.Meeting, c.ID, c.Version, func(tx pgx.Tx, m Meeting, old Document) error {
		if err := ofMeeting(ctx, tx, c.Meeting, c.Item); err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `
			UPDATE meeting_document SET title = $2, audience = $3, item_id = nullif($4::bigint, 0), version = version + 1
			WHERE id = $1`, c.ID, c.Title, string(c.Audience), c.Item); err != nil {
			return postgres.Wrap(err, "change document")
		}
		after := old
		after.Title, after.Audience, after.Item = c.Title, c.Audience, c.Item
		return audit.Record(ctx, tx, by, audit.Entry{Action: "meeting_document.change", Object: "meeting", ID: int64(m.ID),
			Label: c.Title + ", " + m.Title(), Before: old, After: after})
	})
}

// RemoveDocument withdraws a document from everybody, the team included. The file is
// kept: the journal tells that it was there, and what was sent with it stays true.
func (s *Service) RemoveDocument(ctx context.Context, by access.Actor, meeting ID, id DocumentID, version int) error {
	return s.onDocument(ctx, by, meeting, id, version, func(tx pgx.Tx, m Meeting, old Document) error {
		if _, err := postgres.Exec(ctx, tx, `UPDATE meeting_document SET removed_at = now(), version = version + 1 WHERE id = $1`, id); err != nil {
			return postgres.Wrap(err, "remove document")
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "meeting_document.remove", Object: "meeting", ID: int64(m.ID),
			Label: old.Title + ", " + m.Title(), Before: old})
	})
}

// onDocument runs f on a document of a meeting that the team owns, locked.
func (s *Service) onDocument(ctx context.Context, by access.Actor, meeting ID, id DocumentID, version int, f func(pgx.Tx, Meeting, Document) error) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := own(ctx, tx, by, meeting, 0)
		if err != nil {
			return err
		}
		// The meeting is locked: nobody else touches its documents.
		d, err := one(ctx, tx, meeting, id, Backstage)
		switch {
		case err != nil:
			return err
		case d.Version != version:
			return errStale
		}
		return f(tx, m, d)
	})
}

// one returns a document that the sight gives to see, else ErrNoDocument.
func one(ctx context.Context, q postgres.Querier, meeting ID, id DocumentID, sight Sight) (Document, error) {
	d, err := postgres.One[Document](ctx, q, selectDocuments, meeting, sight.audiences(), sight == Backstage, id)
	if postgres.IsNoRows(err) {
		return Document{}, ErrNoDocument
	}
	return d, postgres.Wrap(err, "find document")
}

// OpenDocument returns a document and its bytes, which it asks the database for as
// they are read. What the actor may not read does not exist.
func (s *Service) OpenDocument(ctx context.Context, by access.Actor, meeting ID, id DocumentID) (Document, io.ReadSeeker, error) {
	_, sight, err := load(ctx, s.db, by, meeting)
	if err != nil {
		return Document{}, nil, err
	}
	return s.open(ctx, meeting, id, sight)
}

// OpenDocumentByToken is OpenDocument for the holder of a personal link.
func (s *Service) OpenDocumentByToken(ctx context.Context, token string, id DocumentID) (Document, io.ReadSeeker, error) {
	_, meeting, err := recipientByToken(ctx, s.db, token)
	switch {
	case postgres.IsNoRows(err):
		return Document{}, nil, ErrNoDocument
	case err != nil:
		return Document{}, nil, postgres.Wrap(err, "read a personal link")
	}
	return s.open(ctx, meeting, id, Inside)
}

func (s *Service) open(ctx context.Context, meeting ID, id DocumentID, sight Sight) (Document, io.ReadSeeker, error) {
	d, err := one(ctx, s.db, meeting, id, sight)
	if err != nil {
		return Document{}, nil, err
	}
	return d, document.NewReader(ctx, s.db, d.File), nil
}

// slashes keeps a title whole where document.SafeName would take its last part.
var slashes = strings.NewReplacer("/", "-", `\`, "-")
