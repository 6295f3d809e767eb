package meeting

import (
	"context"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/klauspost/compress/gzhttp"
	"golang.org/x/text/unicode/norm"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/paper"
)

// downloadWithin is how long a file may take to leave: 20 MB at 300 kbit/s.
const downloadWithin = 10 * time.Minute

// Attachment is the Content-Disposition of a file that is saved and never shown:
// a name in ASCII for old clients, the true one beside it (RFC 6266, RFC 8187).
func Attachment(name string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1 // the accent that NFD took off its letter
		case r < 0x20 || r > 0x7e || strings.ContainsRune(`"\%;/`, r):
			return '_'
		}
		return r
	}, norm.NFD.String(name))
	var b strings.Builder
	const hexDigits = "0123456789ABCDEF"
	for _, c := range []byte(name) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("!#$&+-.^_`|~", c) >= 0 {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hexDigits[c>>4], hexDigits[c&15]})
		}
	}
	return `attachment; filename="` + plain + `"; filename*=UTF-8''` + b.String()
}

// Unhurried gives a long answer its time: pages have seconds, files minutes. A
// reader who leaves makes the write fail.
func Unhurried(w http.ResponseWriter, r *http.Request) (context.Context, context.CancelFunc) {
	// Where the deadline cannot be moved, as in a test, there is none.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(downloadWithin))
	return context.WithTimeout(context.WithoutCancel(r.Context()), downloadWithin)
}

// inert marks what people uploaded: saved, never run, never compressed by the layer
// around, which would lose ranges.
func inert(w http.ResponseWriter, name, mediaType string) {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Disposition", Attachment(name))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set(gzhttp.HeaderNoCompression, "1")
}

// Download answers GET /reunions/{id}/documents/{doc}. Each request asks the rights
// again, that of a piece of the file included.
func (p *Pages) Download(w http.ResponseWriter, r *http.Request) error {
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	doc, err := page.PathID[meeting.DocumentID](r, "doc")
	if err != nil {
		return err
	}
	ctx, cancel := Unhurried(w, r)
	defer cancel()
	d, content, err := p.Meetings.OpenDocument(ctx, page.Actor(r), id, doc)
	if err != nil {
		return err
	}
	return sendDocument(w, r, d, content)
}

// DownloadByToken answers GET /reunions/reponse/{token}/documents/{doc}.
func (p *Pages) DownloadByToken(w http.ResponseWriter, r *http.Request) error {
	doc, err := page.PathID[meeting.DocumentID](r, "doc")
	if err != nil {
		return err
	}
	ctx, cancel := Unhurried(w, r)
	defer cancel()
	d, content, err := p.Meetings.OpenDocumentByToken(ctx, chi.URLParam(r, "token"), doc)
	if err != nil {
		return err
	}
	return sendDocument(w, r, d, content)
}

func sendDocument(w http.ResponseWriter, r *http.Request, d meeting.Document, content io.ReadSeeker) error {
	SendFile(w, r, d.File, d.Audience == meeting.ForPublic, content)
	return nil
}

// SendFile answers with a file people uploaded, saved and never run. One that is not
// public is kept nowhere.
func SendFile(w http.ResponseWriter, r *http.Request, f document.File, public bool, content io.ReadSeeker) {
	inert(w, f.Name, f.MediaType)
	w.Header().Set("Cache-Control", "private, no-store")
	if public {
		w.Header().Set("Cache-Control", "no-cache") // kept, and asked again each time
	}
	w.Header().Set("ETag", `"`+hex.EncodeToString(f.SHA256)+`"`)
	http.ServeContent(w, r, "", f.CreatedAt, content)
}

// ShowDossier answers GET /reunions/{id}/dossier.zip and, for the team, GET
// /equipe/reunions/{id}/dossier.zip: each gets what they may read, what is printed
// first.
func (p *Pages) ShowDossier(w http.ResponseWriter, r *http.Request) error {
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	ctx, cancel := Unhurried(w, r)
	defer cancel()
	by := page.Actor(r)
	papers, err := p.papers(ctx, by, id)
	if err != nil {
		return err
	}
	extra, err := paper.Files(ctx, p.Printer, papers)
	if err != nil {
		return err
	}
	d, err := p.Meetings.Dossier(ctx, by, id, extra)
	if err != nil {
		return err
	}
	inert(w, d.Name+".zip", "application/zip")
	w.Header().Set("Cache-Control", "private, no-store")
	if r.Method == http.MethodHead {
		return nil
	}
	if err := d.Write(ctx, w); err != nil {
		slog.WarnContext(ctx, "an archive broke", "request_id", middleware.GetReqID(r.Context()), "error", err)
		panic(http.ErrAbortHandler) // half of it has left: the reader must see that it broke
	}
	return nil
}

// papers are the documents of a meeting that the portal makes and the actor may read:
// the convocation, to everybody for the team and one's own for who was convened; the
// émargement for the team; then what the meeting left.
func (p *Pages) papers(ctx context.Context, by access.Actor, id meeting.ID) ([]paper.Document, error) {
	m, sight, err := p.Meetings.Load(ctx, by, id)
	if err != nil {
		return nil, err
	}
	var out []paper.Document
	switch {
	case m.ConvenedAt == nil:
	case sight == meeting.Backstage:
		v, err := p.teamPaper(ctx, by, id)
		if err != nil {
			return nil, err
		}
		out = append(out, v.document())
		sheet, err := p.sheetOf(ctx, by, id)
		switch {
		case err == nil:
			out = append(out, sheet.document())
		case problem.KindOf(err) != problem.NotFound: // nobody to tick
			return nil, err
		}
	case sight >= meeting.Inside:
		v, err := p.Meetings.PersonalByAccount(ctx, by, id)
		if err != nil && problem.KindOf(err) != problem.NotFound { // of the body, and not convened
			return nil, err
		}
		for _, seat := range v.Seats {
			out = append(out, paperOf(answerView{Personal: v, Seat: seat}, "", "").document())
		}
	}
	if p.Left == nil {
		return out, nil
	}
	left, err := p.Left(ctx, by, id)
	return append(out, left...), err
}
