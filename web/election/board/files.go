package board

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/problem"
	pages "bordeaux-metropole.fr/portal/web/election"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// downloadWithin is how long an archive may take to leave: 20 MB at 300 kbit/s.
const downloadWithin = 10 * time.Minute

// archivePath is the address of the archives of an election.
func archivePath(id election.ID) string { return pages.Address(id) + "/archive" }

// archiveOf is the address of the archive of a box.
func archiveOf(b election.Box) string {
	if b.College == nil {
		return archivePath(b.Election)
	}
	return page.Address(archivePath(b.Election), "college", string(*b.College))
}

// Archive answers /elections/{id}/archive: the .bel file where there is one box, or with
// ?college=; else a page that leads to each.
func (p *Pages) Archive(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[election.ID](r, "id")
	if err != nil {
		return election.ErrNotFound
	}
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	e, boxes, err := p.Service.ArchiveBoxes(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	college := q.Get("college")
	for _, b := range boxes {
		if b.College == nil && college == "" || b.College != nil && string(*b.College) == college {
			return p.sendArchive(w, r, b)
		}
	}
	if college != "" {
		return problem.New(problem.NotFound, "Aucune urne de cette élection n’est celle de ce collège.")
	}
	c := ui.Chrome{Title: "Télécharger les urnes", Section: section, Crumbs: append(crumbsOf(e), ui.Crumb{Label: "L’urne", Href: pages.Board(id)})}
	return p.Kit.Show(w, r, http.StatusOK, archivesPage(p.Kit.Chrome(r, c), e, boxes))
}

// sendArchive streams an archive. Its tag is the head it ends with.
func (p *Pages) sendArchive(w http.ResponseWriter, r *http.Request, b election.Box) error {
	// Where the deadline cannot be moved, as in a test, there is none.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(downloadWithin))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), downloadWithin)
	defer cancel()
	a, err := p.Service.Archive(ctx, page.Actor(r), b.Election, b.ID)
	if err != nil {
		return err
	}
	if same(w, r, a.Tag) {
		return nil
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", `attachment; filename="`+a.Name()+`"`)
	h.Set("Content-Length", strconv.FormatInt(a.Size, 10))
	h.Set(gzhttp.HeaderNoCompression, "1") // numbers drawn at random: nothing to gain
	if r.Method == http.MethodHead {
		return nil
	}
	if err := a.WriteTo(ctx, w); err != nil {
		// The file has begun: only a cut connection says that it is not whole.
		panic(http.ErrAbortHandler)
	}
	return nil
}

// same sets the tag of an answer, and answers 304 when the reader has it already.
func same(w http.ResponseWriter, r *http.Request, tag string) bool {
	h := w.Header()
	h.Set("Etag", `"`+tag+`"`)
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-cache") // kept, and asked again each time
	}
	for known := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		known = strings.TrimPrefix(strings.TrimSpace(known), "W/")
		if known == "*" || known == `"`+tag+`"` {
			w.WriteHeader(http.StatusNotModified)
			return true
		}
	}
	return false
}

// boxOf reads which box of which election is asked.
func boxOf(r *http.Request) (election.ID, election.BoxID, error) {
	id, err := page.PathID[election.ID](r, "id")
	if err != nil {
		return 0, 0, election.ErrNotFound
	}
	box, err := page.PathID[election.BoxID](r, "box")
	return id, box, err
}

// ElectionFile answers /elections/{id}/urne/{box}/election.json: the raw bytes that are
// hashed in every ballot.
func (p *Pages) ElectionFile(w http.ResponseWriter, r *http.Request) error {
	id, box, err := boxOf(r)
	if err != nil {
		return err
	}
	raw, final, err := p.Service.ElectionFile(r.Context(), page.Actor(r), id, box)
	if err != nil {
		return err
	}
	if final {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	return sendJSON(w, r, raw)
}

// Sum answers /elections/{id}/urne/{box}/somme.json: the bytes of the archive's
// encrypted_tally, once two people decided the count.
func (p *Pages) Sum(w http.ResponseWriter, r *http.Request) error {
	id, box, err := boxOf(r)
	if err != nil {
		return err
	}
	sum, err := p.Service.Sum(r.Context(), page.Actor(r), id, box)
	if err != nil {
		return err
	}
	return sendJSON(w, r, sum.Body)
}

func sendJSON(w http.ResponseWriter, r *http.Request, raw []byte) error {
	if same(w, r, hashOf(raw)) {
		return nil
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(raw)))
	_, _ = w.Write(raw) // the reader left: nothing to tell it
	return nil
}
