package sheetfile

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/spreadsheet"
)

// Import is a file on its way into the roadmap.
type Import struct {
	ID       ID
	FileName string
	Table    spreadsheet.Table
	Dotted   bool // its numbers bear a dot
	Lines    int
	MadeBy   string
	MadeAt   time.Time
	Outcome  *Outcome // nil until it is done
	Digest   string   // SHA-256 of the content, for the journal
}

// row is an import as stored.
type row struct {
	ID       ID        `db:"id"`
	FileName string    `db:"file_name"`
	Content  []byte    `db:"content"`
	Dotted   bool      `db:"dotted"`
	Lines    int       `db:"line_count"`
	MadeBy   string    `db:"made_by"`
	MadeAt   time.Time `db:"made_at"`
	Outcome  *Outcome  `db:"outcome"`
}

func load(ctx context.Context, q postgres.Querier, id ID) (Import, error) {
	r, err := postgres.One[row](ctx, q, `
		SELECT id, file_name, content, dotted, line_count, made_by, made_at, outcome FROM roadmap_import WHERE id = $1`, id)
	if postgres.IsNoRows(err) {
		return Import{}, errNotFound
	}
	if err != nil {
		return Import{}, postgres.Wrap(err, "read import %d of the roadmap", id)
	}
	digest := sha256.Sum256(r.Content)
	i := Import{ID: r.ID, FileName: r.FileName, Dotted: r.Dotted, Lines: r.Lines, MadeBy: r.MadeBy, MadeAt: r.MadeAt, Outcome: r.Outcome,
		Digest: hex.EncodeToString(digest[:])}
	i.Table, err = unpack(r.Content)
	return i, postgres.Wrap(err, "read the table of import %d of the roadmap", id)
}

// pack and unpack keep a table small: a spreadsheet repeats itself.
func pack(t spreadsheet.Table) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := json.NewEncoder(z).Encode(t); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func unpack(content []byte) (t spreadsheet.Table, err error) {
	z, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return t, err
	}
	return t, json.NewDecoder(z).Decode(&t)
}

// filled counts the rows that hold something.
func filled(t spreadsheet.Table) int {
	n := 0
	for i := range t.Rows {
		if !t.Blank(i) {
			n++
		}
	}
	return n
}

// fileName keeps of a file's name what can be shown.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if name = clip(strings.TrimSpace(name), 199); name == "" {
		return "Fichier sans nom"
	}
	return name
}

// start keeps the first bytes of a file: a workbook is a ZIP.
type start []byte

// Write keeps the first bytes of what is read.
func (s *start) Write(p []byte) (int, error) {
	if need := 4 - len(*s); need > 0 {
		*s = append(*s, p[:min(need, len(p))]...)
	}
	return len(p), nil
}

func (s start) zipped() bool { return bytes.HasPrefix(s, []byte("PK\x03\x04")) }
