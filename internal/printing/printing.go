// Package printing turns a page into an accessible PDF (tagged, with language and
// title) by a headless Chromium, which no Go library equals. The page is given as
// text: Chromium reads no network, no file and runs no script.
//
// A page printed once is kept: what has not changed is not printed again.
package printing

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// ErrNoBrowser says that Chromium is not installed here: pages then offer to print
// from the reader's own browser.
var ErrNoBrowser = problem.New(problem.Unavailable, "Ce serveur ne sait pas fabriquer de PDF : ouvrez la page et imprimez-la depuis votre navigateur.")

var errBusy = problem.New(problem.Unavailable, "Plusieurs documents se préparent en ce moment : réessayez dans quelques secondes.")

// waitTurn is how long a print waits for the one before it.
const waitTurn = 10 * time.Second

// keepWithin is how long keeping a print may take.
const keepWithin = 5 * time.Second

// keepUnread is how long a print is kept that nobody asks for.
const keepUnread = "30 days"

// layout names how pages are laid out: it changes with the options of print, so
// that what was printed otherwise is printed again.
const layout = "1"

// Page is what is printed.
type Page struct {
	HTML      string // a whole document, its style sheet inside
	Landscape bool   // A4 landscape, else portrait
}

func (p Page) digest() []byte {
	h := sha256.New()
	_, _ = io.WriteString(h, layout+"\x00"+strconv.FormatBool(p.Landscape)+"\x00"+p.HTML) // a hash never fails
	return h.Sum(nil)
}

// Printer prints. One per process: at most one Chromium runs at a time.
type Printer struct {
	pool  *pgxpool.Pool
	turn  chan struct{} // holds one token while Chromium runs
	wait  time.Duration
	find  func() string
	print func(ctx context.Context, path string, p Page) ([]byte, error)
}

// New returns a printer that keeps what it printed in the database.
func New(pool *pgxpool.Pool) *Printer {
	return &Printer{pool: pool, turn: make(chan struct{}, 1), wait: waitTurn, find: findBrowser, print: printAlone}
}

// Available tells whether Chromium is installed.
func (p *Printer) Available() bool { return p.find() != "" }

// PDF returns the page as a PDF, from what was kept when the same page was printed
// before. ErrNoBrowser without Chromium; an Unavailable problem when the queue is
// too long.
func (p *Printer) PDF(ctx context.Context, page Page) ([]byte, error) {
	digest := page.digest()
	if pdf, err := p.kept(ctx, digest); err != nil || pdf != nil {
		return pdf, err
	}
	path := p.find()
	if path == "" {
		return nil, ErrNoBrowser
	}
	if err := p.takeTurn(ctx); err != nil {
		return nil, err
	}
	defer func() { <-p.turn }()
	// The one before may have printed the same page.
	if pdf, err := p.kept(ctx, digest); err != nil || pdf != nil {
		return pdf, err
	}
	pdf, err := p.print(ctx, path, page)
	if err != nil {
		return nil, err
	}
	if err := p.keep(ctx, digest, pdf); err != nil {
		slog.WarnContext(ctx, "a printed page is not kept", "error", err) // the reader has it all the same
	}
	return pdf, nil
}

func (p *Printer) takeTurn(ctx context.Context) error {
	timer := time.NewTimer(p.wait)
	defer timer.Stop()
	select {
	case p.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return errBusy
	}
}

// kept returns what was printed before, nil when it was not. The day of reading is
// written once a day.
func (p *Printer) kept(ctx context.Context, digest []byte) ([]byte, error) {
	f, err := postgres.One[document.File](ctx, p.pool, `
		WITH touched AS (UPDATE printed SET read_at = now() WHERE digest = $1 AND read_at < now() - interval '1 day')
		SELECT d.id::text AS file_id, d.name, d.media_type, d.size, d.sha256, d.created_at
		FROM printed x JOIN document d ON d.id = x.document_id WHERE x.digest = $1`, digest)
	switch {
	case postgres.IsNoRows(err):
		return nil, nil
	case err != nil:
		return nil, postgres.Wrap(err, "look for a printed page")
	}
	pdf := make([]byte, f.Size)
	_, err = io.ReadFull(document.NewReader(ctx, p.pool, f), pdf)
	switch {
	case postgres.IsNoRows(err):
		return nil, nil // pruned in between
	case err != nil:
		return nil, postgres.Wrap(err, "read a printed page")
	}
	return pdf, nil
}

var errKept = errors.New("another process printed the same page")

func (p *Printer) keep(ctx context.Context, digest, pdf []byte) error {
	// The reader may have left: the next one is spared the wait all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepWithin)
	defer cancel()
	err := postgres.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		f, err := document.Save(ctx, tx, document.Upload{Name: "impression.pdf", MediaType: "application/pdf", Content: bytes.NewReader(pdf)}, "Portail")
		if err != nil {
			return err
		}
		n, err := postgres.Exec(ctx, tx, `INSERT INTO printed (digest, document_id) VALUES ($1, $2::uuid) ON CONFLICT DO NOTHING`, digest, string(f.ID))
		if err == nil && n == 0 {
			err = errKept // and the copy goes with the transaction
		}
		return postgres.Wrap(err, "keep a printed page")
	})
	if errors.Is(err, errKept) {
		return nil
	}
	return err
}

// Prune deletes the prints that nobody asked for in thirty days, and returns how
// many. They are printed again when somebody does.
func (p *Printer) Prune(ctx context.Context) (int64, error) {
	n, err := postgres.Exec(ctx, p.pool, `
		WITH gone AS (DELETE FROM printed WHERE read_at < now() - interval '`+keepUnread+`' RETURNING document_id)
		DELETE FROM document d USING gone WHERE d.id = gone.document_id`)
	return n, postgres.Wrap(err, "prune printed pages")
}
