// Package document keeps files: what people upload, checked by content, and what
// the portal prints. The bytes live in the database by pieces, so that one backup
// has all. It knows nothing of who may read: the area that attached the file asks
// that before it opens one.
//
//	check.go   what a file is, by its content
//	name.go    the name under which it is kept
//	store.go   its bytes, in and out, and their verification
package document

import (
	"io"
	"time"
)

// MaxSize is the greatest size of a file, in bytes: 20 MB.
const MaxSize = 20 << 20

// ID is a document.id, a UUID in text.
type ID string

// File is a stored file, without its bytes.
type File struct {
	ID        ID        `db:"file_id"`
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
