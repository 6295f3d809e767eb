package report

import (
	"context"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/klauspost/compress/gzhttp"

	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/web/meeting"
	"bordeaux-metropole.fr/portal/web/page"
)

// downloadWithin is how long a file may take to leave: 20 MB at 300 kbit/s.
const downloadWithin = 10 * time.Minute

// Download answers GET …/points/{point}/documents/{document}, for members below
// /mes-actions and for everybody below /feuille-de-route. Each request asks the rights
// again. A photo, which we wrote ourselves, is shown in the page; anything else is
// saved and never run.
func (p *Pages) Download(w http.ResponseWriter, r *http.Request) error {
	action, err := page.PathID[roadmap.ID](r, "id")
	if err != nil {
		return err
	}
	report, err := page.PathID[progress.ReportID](r, "point")
	if err != nil {
		return err
	}
	// Where the deadline cannot be moved, as in a test, there is none.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(downloadWithin))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), downloadWithin)
	defer cancel()
	d, public, content, err := p.Progress.OpenDocument(ctx, page.Actor(r), action, report, document.ID(chi.URLParam(r, "document")))
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", d.MediaType)
	h.Set("Content-Disposition", meeting.Attachment(d.Name))
	if progress.IsPhoto(d.MediaType) {
		h.Set("Content-Disposition", strings.Replace(meeting.Attachment(d.Name), "attachment", "inline", 1))
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set(gzhttp.HeaderNoCompression, "1")
	h.Set("Cache-Control", "private, no-store")
	if public {
		h.Set("Cache-Control", "no-cache") // kept, and asked again each time
	}
	h.Set("ETag", `"`+hex.EncodeToString(d.SHA256)+`"`)
	http.ServeContent(w, r, "", d.CreatedAt, content)
	return nil
}
