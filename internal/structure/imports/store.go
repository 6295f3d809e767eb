package imports

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/spreadsheet"
)

// Import is a file on its way into the register.
type Import struct {
	ID        ID
	FileName  string
	Lines     int
	Table     spreadsheet.Table
	Mapping   *Mapping // nil until it is said
	MadeBy    string
	MadeAt    time.Time
	Outcome   *Outcome // nil until it is done
	AppliedBy string
	AppliedAt *time.Time
	Version   int
	Digest    string // SHA-256 of the content, for the journal
}

// Known returns what the columns mean: what was said, or what their headings say.
func (i Import) Known() Mapping {
	if i.Mapping != nil {
		return *i.Mapping
	}
	return Guess(i.Table.Header)
}

// row is an import as stored.
type row struct {
	ID        ID         `db:"id"`
	FileName  string     `db:"file_name"`
	Content   []byte     `db:"content"`
	Lines     int        `db:"line_count"`
	Mapping   *Mapping   `db:"mapping"`
	MadeBy    string     `db:"made_by"`
	MadeAt    time.Time  `db:"made_at"`
	Outcome   *Outcome   `db:"outcome"`
	AppliedBy string     `db:"applied_by"`
	AppliedAt *time.Time `db:"applied_at"`
	Version   int        `db:"version"`
}

const rowSelect = `
	SELECT id, file_name, content, line_count, mapping, made_by, made_at, outcome, applied_by, applied_at, version
	FROM structure_import WHERE id = $1`

func addImport(b *postgres.Batch, dst *[]row, id ID) { postgres.AddList(b, dst, rowSelect, id) }

func load(ctx context.Context, q postgres.Querier, id ID) (Import, error) {
	rows, err := postgres.List[row](ctx, q, rowSelect, id)
	if err != nil {
		return Import{}, postgres.Wrap(err, "read import %d", id)
	}
	return only(rows)
}

// lock keeps others from changing the import until the transaction ends.
func lock(ctx context.Context, tx pgx.Tx, id ID) (Import, error) {
	rows, err := postgres.List[row](ctx, tx, rowSelect+` FOR UPDATE`, id)
	if err != nil {
		return Import{}, postgres.Wrap(err, "lock import %d", id)
	}
	return only(rows)
}

func only(rows []row) (Import, error) {
	if len(rows) == 0 {
		return Import{}, errNotFound
	}
	r := rows[0]
	digest := sha256.Sum256(r.Content)
	i := Import{ID: r.ID, FileName: r.FileName, Lines: r.Lines, Mapping: r.Mapping, MadeBy: r.MadeBy, MadeAt: r.MadeAt, Outcome: r.Outcome,
		AppliedBy: r.AppliedBy, AppliedAt: r.AppliedAt, Version: r.Version, Digest: hex.EncodeToString(digest[:])}
	var err error
	i.Table, err = unpack(r.Content)
	return i, postgres.Wrap(err, "read the table of import %d", r.ID)
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

// fileName keeps of a file's name what can be shown.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if name = clip(strings.TrimSpace(name)); name == "" {
		return "Fichier sans nom"
	}
	return name
}

// Recent is an import in the list of the last ones.
type Recent struct {
	ID        ID         `db:"id"`
	FileName  string     `db:"file_name"`
	Lines     int        `db:"line_count"`
	Mapped    bool       `db:"mapped"`
	MadeBy    string     `db:"made_by"`
	MadeAt    time.Time  `db:"made_at"`
	AppliedAt *time.Time `db:"applied_at"`
}

// Recent returns the imports of the last seven days, the latest first, 20 at most.
func (s *Service) Recent(ctx context.Context, by access.Actor) ([]Recent, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return nil, err
	}
	list, err := postgres.List[Recent](ctx, s.db, `
		SELECT id, file_name, line_count, mapping IS NOT NULL AS mapped, made_by, made_at, applied_at
		FROM structure_import WHERE made_at > now() - $1::interval ORDER BY made_at DESC, id DESC LIMIT 20`, keptFor)
	return list, postgres.Wrap(err, "list imports")
}
