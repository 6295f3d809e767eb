package meeting

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/web/page"
)

// publicFor is how long others may keep a public calendar without asking again.
const publicFor = "public, max-age=300"

// Agenda is GET /agenda.ics: the meetings of all bodies.
func (p *Pages) Agenda(w http.ResponseWriter, r *http.Request) error {
	return p.publicCalendar(w, r, "", "agenda-gouvernance")
}

// BodyAgenda is GET /instances/{code}/agenda.ics.
func (p *Pages) BodyAgenda(w http.ResponseWriter, r *http.Request) error {
	code := chi.URLParam(r, "code")
	return p.publicCalendar(w, r, governance.BodyCode(code), "agenda-"+code)
}

func (p *Pages) publicCalendar(w http.ResponseWriter, r *http.Request, body governance.BodyCode, name string) error {
	text, err := p.Meetings.Calendar(r.Context(), body)
	if err != nil {
		return err
	}
	sendCalendar(w, r, text, "inline", name, publicFor)
	return nil
}

// MeetingCalendar is GET /reunions/{id}.ics: one meeting, with what the reader may
// see of it.
func (p *Pages) MeetingCalendar(w http.ResponseWriter, r *http.Request) error {
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	by := page.Actor(r)
	text, err := p.Meetings.OneCalendar(r.Context(), by, id)
	if err != nil {
		return err
	}
	keep := publicFor
	if by.SignedIn() {
		keep = "private, no-store"
	}
	w.Header().Add("Vary", "Cookie")
	sendCalendar(w, r, text, "attachment", "reunion-"+page.IDText(id), keep)
	return nil
}

// MyAgenda is GET /agenda/{token}.ics, read by a calendar program: the secret
// address says who reads. The pattern is « {token} » alone, so that logs mask it.
func (p *Pages) MyAgenda(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Cache-Control", "private, no-store")
	h.Set("Referrer-Policy", "no-referrer") // the address is a secret
	text, err := p.Meetings.CalendarOf(r.Context(), strings.TrimSuffix(chi.URLParam(r, "token"), ".ics"))
	if err != nil {
		return err
	}
	sendCalendar(w, r, text, "inline", "mes-reunions", "private, no-cache")
	return nil
}

// sendCalendar answers a calendar, or 304 when the reader has it already. The tag
// is that of web/cache, so that it stays the same whether a page is kept or not.
func sendCalendar(w http.ResponseWriter, r *http.Request, text, disposition, name, keep string) {
	sum := sha256.Sum256([]byte(text))
	tag := `W/"` + hex.EncodeToString(sum[:12]) + `"`
	h := w.Header()
	h.Set("Etag", tag)
	h.Set("Cache-Control", keep)
	for t := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if t = strings.TrimSpace(t); t == "*" || strings.TrimPrefix(t, "W/") == strings.TrimPrefix(tag, "W/") {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.Set("Content-Type", "text/calendar; charset=utf-8")
	h.Set("Content-Disposition", disposition+`; filename="`+name+`.ics"`)
	h.Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write([]byte(text)) // the reader left: nothing to tell it
}
