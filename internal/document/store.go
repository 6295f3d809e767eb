package document

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

const (
	chunkSize = 256 << 10
	perInsert = 4 // pieces in one statement: a megabyte in memory, twenty statements at most
)

// Save stores the file in the transaction. It reads the content twice, to know its
// hash before its first piece, and holds a megabyte of it.
func Save(ctx context.Context, tx pgx.Tx, u Upload, by string) (File, error) {
	f := File{Name: SafeName(u.Name), MediaType: u.MediaType}
	h := sha256.New()
	if _, err := u.Content.Seek(0, io.SeekStart); err != nil {
		return File{}, fmt.Errorf("rewind a file: %w", err)
	}
	var err error
	if f.Size, err = io.Copy(h, io.LimitReader(u.Content, MaxSize+1)); err != nil {
		return File{}, fmt.Errorf("read a file: %w", err)
	}
	f.SHA256 = h.Sum(nil)
	row, err := postgres.One[File](ctx, tx, `
		INSERT INTO document (name, media_type, size, sha256, created_by) VALUES ($1, $2, $3, $4, $5)
		RETURNING id::text AS file_id, name, media_type, size, sha256, created_at`, f.Name, f.MediaType, f.Size, f.SHA256, by)
	if err != nil {
		return File{}, postgres.Wrap(err, "insert document")
	}
	if _, err := u.Content.Seek(0, io.SeekStart); err != nil {
		return File{}, fmt.Errorf("rewind a file: %w", err)
	}
	return row, saveChunks(ctx, tx, row, u.Content)
}

func saveChunks(ctx context.Context, tx pgx.Tx, f File, content io.Reader) error {
	buffer := make([]byte, perInsert*chunkSize)
	check := sha256.New()
	for n := 0; int64(n)*chunkSize < f.Size; n += perInsert {
		want := min(int64(len(buffer)), f.Size-int64(n)*chunkSize)
		b := buffer[:want]
		if _, err := io.ReadFull(content, b); err != nil {
			return fmt.Errorf("read a file again: %w", err)
		}
		_, _ = check.Write(b) // a hash never fails
		chunks := make([][]byte, 0, perInsert)
		for len(b) > 0 {
			size := min(len(b), chunkSize)
			chunks, b = append(chunks, b[:size]), b[size:]
		}
		if _, err := postgres.Exec(ctx, tx, `
			INSERT INTO document_chunk (document_id, n, bytes)
			SELECT $1::uuid, $2::integer + (x.n - 1)::integer, x.bytes FROM unnest($3::bytea[]) WITH ORDINALITY AS x(bytes, n)`,
			string(f.ID), n, chunks); err != nil {
			return postgres.Wrap(err, "insert pieces of a document")
		}
	}
	if !bytes.Equal(check.Sum(nil), f.SHA256) {
		return errors.New("a file changed while it was stored")
	}
	return nil
}

// Open returns a file and a reader of its bytes that asks the database for one
// piece at a time. pgx.ErrNoRows when it does not exist.
func Open(ctx context.Context, db postgres.DB, id ID) (File, io.ReadSeeker, error) {
	var u pgtype.UUID
	if u.Scan(string(id)) != nil {
		return File{}, nil, pgx.ErrNoRows
	}
	f, err := postgres.One[File](ctx, db, `
		SELECT id::text AS file_id, name, media_type, size, sha256, created_at FROM document WHERE id = $1`, u)
	if err != nil {
		return File{}, nil, postgres.Wrap(err, "open document")
	}
	return f, NewReader(ctx, db, f), nil
}

// NewReader reads the bytes of a file whose row the caller holds already.
func NewReader(ctx context.Context, db postgres.Querier, f File) io.ReadSeeker {
	return &reader{ctx: ctx, db: db, file: f, have: -1}
}

// reader asks for a piece when it is read, and keeps that one.
type reader struct {
	ctx   context.Context // of the request that reads
	db    postgres.Querier
	file  File
	off   int64
	have  int64 // number of the piece kept, -1 for none
	chunk []byte
}

// Read gives bytes of one piece.
func (r *reader) Read(p []byte) (int, error) {
	if r.off >= r.file.Size {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	if n := r.off / chunkSize; n != r.have {
		b, err := postgres.Value[[]byte](r.ctx, r.db, `SELECT bytes FROM document_chunk WHERE document_id = $1::uuid AND n = $2`, string(r.file.ID), n)
		if err != nil {
			return 0, postgres.Wrap(err, "read piece %d of document %s", n, r.file.ID)
		}
		if want := min(chunkSize, r.file.Size-n*chunkSize); int64(len(b)) != want {
			return 0, fmt.Errorf("piece %d of document %s has %d bytes instead of %d", n, r.file.ID, len(b), want)
		}
		r.have, r.chunk = n, b
	}
	n := copy(p, r.chunk[r.off%chunkSize:])
	r.off += int64(n)
	return n, nil
}

// Seek moves without asking anything.
func (r *reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.off
	case io.SeekEnd:
		offset += r.file.Size
	}
	if offset < 0 {
		return 0, errors.New("seek before the beginning of a document")
	}
	r.off = offset
	return offset, nil
}

// Report is what Verify found.
type Report struct {
	Documents int
	Bytes     int64
}

// verifyPage is how many documents are listed at a time.
const verifyPage = 200

type kept struct {
	File
	Pieces int64 `db:"pieces"`
}

// Verify reads every document again, a piece at a time, and returns an error that
// names the first whose bytes are not those that were stored.
func Verify(ctx context.Context, db postgres.DB) (Report, error) {
	var report Report
	last := "00000000-0000-0000-0000-000000000000"
	h := sha256.New()
	for {
		page, err := postgres.List[kept](ctx, db, `
			SELECT d.id::text AS file_id, d.name, d.media_type, d.size, d.sha256, d.created_at,
			       (SELECT count(*) FROM document_chunk c WHERE c.document_id = d.id) AS pieces
			FROM document d WHERE d.id > $1::uuid ORDER BY d.id LIMIT $2`, last, verifyPage)
		if err != nil {
			return report, postgres.Wrap(err, "list documents")
		}
		for _, k := range page {
			if err := verifyOne(ctx, db, h, k); err != nil {
				return report, err
			}
			report.Documents++
			report.Bytes += k.Size
			last = string(k.ID)
		}
		if len(page) < verifyPage {
			return report, nil
		}
	}
}

func verifyOne(ctx context.Context, db postgres.DB, h hash.Hash, k kept) error {
	h.Reset()
	_, err := io.Copy(h, NewReader(ctx, db, k.File))
	switch {
	case err != nil && postgres.IsUnavailable(err):
		return err
	case err == nil && bytes.Equal(h.Sum(nil), k.SHA256) && k.Pieces == (k.Size+chunkSize-1)/chunkSize:
		return nil
	}
	// A printed page that was pruned meanwhile is no fault.
	there, gone := postgres.Value[bool](ctx, db, `SELECT EXISTS (SELECT FROM document WHERE id = $1::uuid)`, string(k.ID))
	if gone != nil {
		return postgres.Wrap(gone, "look for document %s", k.ID)
	}
	if !there {
		return nil
	}
	if err == nil {
		err = errors.New("its bytes are not those that were stored")
	}
	return fmt.Errorf("document %s (%q): %w", k.ID, k.Name, err)
}
