// Package paper is the documents a person keeps: convocation, émargement sheet,
// minutes, relevé de décisions. A Document is the same in a browser, as a PDF and in
// an archive, and this package alone makes it: nobody can serve one whose style the
// browser refuses.
package paper

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/printing"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/static"
)

// Document is a document made to be kept or printed.
type Document struct {
	Name      string // of its file, without extension: see Name
	Title     string // the h1
	About     string // what it is about, in the title that software shows: « séance du CMTIN du 10 décembre 2026 »
	Lead      string // the line under the title
	Landscape bool
	Body      templ.Component
}

// Back is the link by which a reader leaves a document open in a browser.
type Back struct{ Label, Href string }

// Name is the name of the file of a document of a meeting:
// « compte-rendu-cmtin-2026-12-10 ».
func Name(kind string, m meeting.Meeting) string {
	return kind + "-" + string(m.Body) + "-" + m.Day().String()
}

// About names the meeting a document is about.
func About(m meeting.Meeting) string {
	title := m.Title()
	_, n := utf8.DecodeRuneInString(title)
	return strings.ToLower(title[:n]) + title[n:] + " du " + french.LongDate(m.Day())
}

func (d Document) heading() string {
	if d.About == "" {
		return d.Title
	}
	return d.Title + french.NBSP + ": " + d.About
}

func (d Document) html(ctx context.Context, back Back) ([]byte, error) {
	var b bytes.Buffer
	err := layout(d, back).Render(ctx, &b)
	return b.Bytes(), err
}

// sheetHash lets a browser apply the one style sheet that a document holds inside,
// and no other.
var sheetHash = func() string {
	h := sha256.Sum256([]byte(static.PrintSheet()))
	return "'sha256-" + base64.StdEncoding.EncodeToString(h[:]) + "'"
}()

// Show answers the document as a page, for whoever prints from a browser.
func Show(w http.ResponseWriter, r *http.Request, d Document, back Back) error {
	b, err := d.html(r.Context(), back)
	if err != nil {
		return err
	}
	const policy, own = "Content-Security-Policy", "style-src 'self'"
	h := w.Header()
	h.Set(policy, strings.Replace(h.Get(policy), own, own+" "+sheetHash, 1))
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(b))) // the compression layer takes it off
	h.Set("Cache-Control", "private, no-store")
	_, _ = w.Write(b) // the reader left: nothing to tell it
	return nil
}

// ErrNoPrinter answers who asks for a PDF where none can be made.
var ErrNoPrinter = problem.New(problem.Unavailable, "Ce serveur ne fabrique pas de PDF. Ouvrez la page du document, "+
	"imprimez-la depuis votre navigateur (Ctrl\u00a0+\u00a0P, ou Cmd\u00a0+\u00a0P sur Mac), puis choisissez «\u00a0Enregistrer au format PDF\u00a0» comme imprimante.")

func (d Document) pdf(ctx context.Context, printer *printing.Printer) ([]byte, error) {
	b, err := d.html(ctx, Back{})
	if err != nil {
		return nil, err
	}
	return printer.PDF(ctx, printing.Page{HTML: string(b), Landscape: d.Landscape})
}

// SendPDF prints the document and sends it as a file. Without Chromium it answers
// ErrNoPrinter, whose page tells to print from the browser.
func SendPDF(w http.ResponseWriter, r *http.Request, printer *printing.Printer, d Document) error {
	b, err := d.pdf(r.Context(), printer)
	switch {
	case errors.Is(err, printing.ErrNoBrowser):
		return ErrNoPrinter
	case err != nil:
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", export.Disposition(d.Name+".pdf"))
	h.Set("Content-Length", strconv.Itoa(len(b)))
	h.Set("Cache-Control", "private, no-store")
	_, _ = w.Write(b) // the reader left: nothing to tell it
	return nil
}

// Files makes the documents into files of an archive: PDF, or where none can be made
// pages that hold all they need and open anywhere.
func Files(ctx context.Context, printer *printing.Printer, all []Document) ([]meeting.ZipFile, error) {
	var out []meeting.ZipFile
	for _, d := range all {
		name, content := d.Name+".pdf", []byte(nil)
		err := error(printing.ErrNoBrowser)
		if printer != nil {
			content, err = d.pdf(ctx, printer)
		}
		if errors.Is(err, printing.ErrNoBrowser) {
			name = d.Name + ".html"
			content, err = d.html(ctx, Back{})
		}
		if err != nil {
			return nil, err
		}
		out = append(out, meeting.ZipFile{Name: name, Content: content})
	}
	return out, nil
}
