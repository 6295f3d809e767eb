// Package meeting is the pages of meetings: what the public reads, what the team
// does from planning to the roll, and the personal pages of whoever is convened.
package meeting

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/printing"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for meetings.
type Pages struct {
	Kit        *page.Kit
	DB         postgres.DB // documents are streamed from it
	Governance *governance.Service
	Meetings   *meeting.Service
	Minutes    *minutes.Service
	Printer    *printing.Printer
	BaseURL    *url.URL
}

const section = "Réunions"

// Addresses.
const (
	publicPath = "/reunions"
	teamPath   = "/equipe/reunions"
)

var (
	crumbPublic = ui.Crumb{Label: "Réunions", Href: publicPath}
	crumbHome   = ui.Crumb{Label: "Tableau de bord", Href: "/tableau-de-bord"}
	crumbTeam   = ui.Crumb{Label: "Réunions à conduire", Href: teamPath}
)

// meetingID reads the meeting of the address; what is no identifier is no page.
func meetingID(r *http.Request) (meeting.ID, error) { return page.PathID[meeting.ID](r, "id") }

// publicAddress is the page of a meeting that everybody may open.
func publicAddress(id meeting.ID) string { return publicPath + "/" + page.IDText(id) }

// teamAddress is a page of the team about a meeting: "" for its hub, or
// « ordre-du-jour », « convocation », « emargement », « documents », « seance »,
// « compte-rendu ».
func teamAddress(id meeting.ID, part string) string {
	a := teamPath + "/" + page.IDText(id)
	if part != "" {
		a += "/" + part
	}
	return a
}

// showPDF prints a document and sends it as an attachment. Without Chromium it
// answers the problem, whose page tells to print the HTML one.
func (p *Pages) showPDF(w http.ResponseWriter, r *http.Request, name string, landscape bool, doc templ.Component) error {
	return SendPDF(w, r, p.Printer, name, landscape, doc)
}

// SendPDF prints doc, a whole document made by ui.PrintLayout, and sends it under
// name (without « .pdf »).
func SendPDF(w http.ResponseWriter, r *http.Request, printer *printing.Printer, name string, landscape bool, doc templ.Component) error {
	var b bytes.Buffer
	if err := doc.Render(r.Context(), &b); err != nil {
		return err
	}
	pdf, err := printer.PDF(r.Context(), printing.Page{HTML: b.String(), Landscape: landscape})
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", `attachment; filename="`+name+`.pdf"`)
	h.Set("Content-Length", strconv.Itoa(len(pdf)))
	h.Set("Cache-Control", "private, no-store")
	_, _ = w.Write(pdf) // the reader left: nothing to tell it
	return nil
}

var _ document.ID // documents are served by this package
