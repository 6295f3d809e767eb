// Package document keeps files: what people upload, checked by content, and what
// the portal prints. The bytes live in the database by pieces, so that one backup
// has all. It knows nothing of who may read: the area that attached the file asks
// that before it opens one.
package document

import (
	"context"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// MaxSize is the greatest size of a file, in bytes: 20 MB.
const MaxSize = 20 << 20

// ID is a document.id, a UUID in text.
type ID string

// File is a stored file, without its bytes.
type File struct {
	ID        ID        `db:"id"`
	Name      string    `db:"name"` // safe: no path, no control character
	MediaType string    `db:"media_type"`
	Size      int64     `db:"size"`
	SHA256    []byte    `db:"sha256"`
	CreatedAt time.Time `db:"created_at"`
}

// Upload is a file somebody sends, checked by Check.
type Upload struct {
	Name      string
	MediaType string
	Size      int64
	Content   io.ReadSeeker
}

// Check reads a file as it came and tells what it is by its content. It refuses,
// with a French message on no field: an empty file, one over MaxSize, one of another
// kind than pdf, odt, docx, ods, xlsx, png, jpg, csv, one whose content is not what
// its name says, an archive that would swell beyond reason.
func Check(name string, content io.ReadSeeker) (Upload, error) {
	return Upload{}, nil
}

// Save stores the file in the transaction.
func Save(ctx context.Context, tx pgx.Tx, u Upload, by string) (File, error) {
	return File{}, nil
}

// Open returns a file and a reader of its bytes that asks the database for one
// piece at a time. pgx.ErrNoRows when it does not exist.
func Open(ctx context.Context, db postgres.DB, id ID) (File, io.ReadSeeker, error) {
	return File{}, nil, nil
}
