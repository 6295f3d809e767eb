package document

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

// noise is content that no two pieces of look alike.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b) // it never fails
	return b
}

func save(t testing.TB, tx pgx.Tx, content []byte) File {
	t.Helper()
	f, err := Save(t.Context(), tx, Upload{Name: "a/../note.pdf", MediaType: "application/pdf", Content: bytes.NewReader(content)}, "Camille")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestSaveAndOpen(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	for _, size := range []int{1, chunkSize - 1, chunkSize, chunkSize + 1, perInsert * chunkSize, perInsert*chunkSize + 7, 3*perInsert*chunkSize + 1} {
		content := noise(size)
		f := save(t, tx, content)
		if f.Name != "note.pdf" || f.Size != int64(size) || len(f.ID) != 36 {
			t.Fatalf("saved %+v", f)
		}
		g, r, err := Open(t.Context(), tx, f.ID)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(content); !bytes.Equal(g.SHA256, sum[:]) || !g.CreatedAt.Equal(f.CreatedAt) {
			t.Errorf("opened %+v", g)
		}
		if back, err := io.ReadAll(r); err != nil || !bytes.Equal(back, content) {
			t.Errorf("%d bytes came back as %d: %v", size, len(back), err)
		}
		if size > chunkSize+1 {
			continue // what follows reads byte by byte
		}
		if err := iotest.TestReader(NewReader(t.Context(), tx, g), content); err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	if report, err := Verify(t.Context(), tx); err != nil || report.Documents != 7 {
		t.Errorf("verify: %+v, %v", report, err)
	}
}

func TestOpenUnknown(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	for _, id := range []ID{"", "1", "6f9619ff-8b86-4011-b42d-00c04fc964ff"} {
		if _, _, err := Open(t.Context(), tx, id); !errors.Is(err, pgx.ErrNoRows) {
			t.Errorf("open %q: %v", id, err)
		}
	}
}

func TestSaveHoldsLittle(t *testing.T) {
	tx := pgtest.Tx(t)
	content := noise(MaxSize)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f := save(t, tx, content)
	_, r, err := Open(t.Context(), tx, f.ID)
	if err == nil {
		_, err = io.Copy(io.Discard, r)
	}
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	// What stays once the file went in and out: a piece, not the file.
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > MaxSize/2 {
		t.Errorf("%d bytes stay in memory", grown)
	}
	runtime.KeepAlive(content)
}

func TestVerifyNamesTheBadOne(t *testing.T) {
	t.Parallel()
	for what, harm := range map[string]string{
		"changed byte": `UPDATE document_chunk SET bytes = set_byte(bytes, 5, 255 - get_byte(bytes, 5)) WHERE n = 1`,
		"lost piece":   `DELETE FROM document_chunk WHERE n = 1`,
		"cut piece":    `UPDATE document_chunk SET bytes = substring(bytes FROM 1 FOR 9) WHERE n = 0`,
		"added piece":  `INSERT INTO document_chunk SELECT document_id, 2, 'x' FROM document_chunk WHERE n = 0 AND (SELECT count(*) FROM document_chunk d WHERE d.document_id = document_chunk.document_id) = 2`,
	} {
		tx := pgtest.Tx(t)
		save(t, tx, noise(10))
		bad := save(t, tx, noise(chunkSize+10))
		if what == "cut piece" {
			harm += ` AND document_id = '` + string(bad.ID) + `'`
		}
		if _, err := tx.Exec(t.Context(), harm); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if _, err := Verify(t.Context(), tx); err == nil || !strings.Contains(err.Error(), string(bad.ID)) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
