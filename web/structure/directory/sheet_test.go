package directory

import (
	"context"
	"html"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
	"bordeaux-metropole.fr/portal/web/ui/uitest"
)

// sheetSite is the page of a sheet over a database of its own.
type sheetSite struct {
	t      testing.TB
	db     pgx.Tx
	id     structure.ID
	router chi.Router
}

type noSession struct{}

func (noSession) PutFlash(context.Context, string)     {}
func (noSession) PopFlash(context.Context) string      { return "" }
func (noSession) PeekFlash(context.Context) string     { return "" }
func (noSession) SessionEnd(context.Context) time.Time { return time.Time{} }

var sheetTeam = access.Actor{Account: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}}

func newSheetSite(t testing.TB) *sheetSite {
	t.Helper()
	s := &sheetSite{t: t, db: pgtest.Tx(t), router: chi.NewRouter()}
	gov := governance.New(s.db, func(context.Context, pgx.Tx, access.Actor, governance.PersonRef) error { return nil })
	service := structure.New(s.db, gov, nil, "https://portail.example.org")
	today, err := postgres.Value[day.Day](t.Context(), s.db, `SELECT paris_today()`)
	if err != nil {
		t.Fatal(err)
	}
	s.id, err = service.Record(t.Context(), sheetTeam, structure.NewRecord{From: today, Sheet: structure.Sheet{
		Name: "Atelier de l'Étoile", SIRET: "00000000100016", RNA: "W332000001", Typology: []string{"FABLAB"}, INSEE: "33063", College: governance.SocialAction,
		Address: "12 rue des Exemples", AddressMore: "Escalier violet", PostalCode: "33999", MetropoleWide: true, Mobility: []string{"Itinérant"},
		Services: []string{"Loisirs et créations numériques"}, SupportModes: []string{"En autonomie"}, Audiences: []string{"Seniors"}, SpecialCare: []string{"Surdité"}, Fees: []string{"Payant"},
		Summary: "Une présentation <b>courte</b>", Detail: "Un texte détaillé", HoursText: "Du lundi au mardi de 9h à 12h", AccessModes: []string{"Prendre un RDV en ligne"}, Phone: "+33556000000",
		Emails: []string{"contact@example.org"}, Websites: []string{"https://site.example.org"}, AppointmentURL: "https://rdv.example.org/x", AccessibilityURL: "https://acces.example.org/x",
		Aladdin: structure.AladdinRelay, Programmes: []string{"Conseillers numériques", "France Services"}, AdviserPosts: 3, Labels: []string{"ORDI 3.0"}, OtherLabels: []string{"Label violet"},
		PublishSheet: true, PublishContacts: true, ShareNational: true,
	}, People: []structure.Contact{{First: "Alex", Last: "Référent", Email: "alex.prive@example.org", InCharge: true}}})
	if err != nil {
		t.Fatal(err)
	}
	kit := &page.Kit{Sessions: noSession{}, Nav: func(access.Actor) []ui.NavItem { return []ui.NavItem{{Label: "Accueil", Href: "/"}} }}
	pages := &Pages{Kit: kit, Structures: service, Governance: gov}
	s.router.Get("/structures/{id:[0-9]+}", func(w http.ResponseWriter, r *http.Request) {
		if err := pages.ShowSheet(w, r); err != nil {
			kit.Fail(w, r, err)
		}
	})
	return s
}

func (s *sheetSite) exec(sql string, args ...any) {
	s.t.Helper()
	if _, err := s.db.Exec(s.t.Context(), sql, append([]any{s.id}, args...)...); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sheetSite) get(path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.router.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func (s *sheetSite) sheet(status int) string {
	s.t.Helper()
	w := s.get("/structures/" + strconv.FormatInt(int64(s.id), 10))
	if w.Code != status {
		s.t.Fatalf("status %d, want %d", w.Code, status)
	}
	return w.Body.String()
}

// Words of the sheet by what the structure agrees to.
var (
	sheetAlways   = []string{"Atelier de l’Étoile", "Bordeaux", "/communes/33063", "action sociale", "Groupe Numérique Inclusif (GNI)"}
	sheetAgreed   = []string{"Fablab", "12 rue des Exemples", "Escalier violet", "33999", "Itinérant", "Loisirs et créations", "En autonomie", "Seniors", "Surdité", "Payant", "<b>courte</b>", "détaillé", "Lundi", "RDV en ligne", "site.example.org", "rdv.example.org", "acces.example.org", "Relais d’information", "France Services", "3\u00a0postes", "ORDI 3.0", "Label violet"}
	sheetContacts = []string{"05\u00a056\u00a000\u00a000\u00a000", "+33556000000", "contact@example.org"}
	sheetNever    = []string{"alex.prive", "Référent", "00000000100016", "W332000001", "<b>"}
)

// TestPublicSheetShowsWhatWasAgreed reads the page under each agreement.
func TestPublicSheetShowsWhatWasAgreed(t *testing.T) {
	t.Parallel()
	s := newSheetSite(t)
	for _, agreed := range []struct{ sheet, contacts bool }{{true, true}, {true, false}, {false, false}, {false, true}} {
		s.exec(`UPDATE structure SET publish_sheet = $2, publish_contacts = $3 WHERE organisation_id = $1`, agreed.sheet, agreed.contacts)
		raw := s.sheet(http.StatusOK)
		text := html.UnescapeString(raw)
		for _, part := range []struct {
			words []string
			shown bool
		}{{sheetAlways, true}, {sheetAgreed, agreed.sheet}, {sheetContacts, agreed.sheet && agreed.contacts}} {
			for _, w := range part.words {
				if strings.Contains(text, w) != part.shown {
					t.Errorf("sheet %v, contacts %v: %q shown %v", agreed.sheet, agreed.contacts, w, !part.shown)
				}
			}
		}
		for _, w := range sheetNever {
			if strings.Contains(raw, w) {
				t.Errorf("%q is shown", w)
			}
		}
		if p := uitest.Problems(strings.NewReader(raw)); len(p) > 0 {
			t.Errorf("sheet %v, contacts %v: %q", agreed.sheet, agreed.contacts, p)
		}
	}
}

func TestSheetOfWhoIsNoMember(t *testing.T) {
	t.Parallel()
	s := newSheetSite(t)
	for _, state := range structure.States {
		if state == structure.Accepted || state == structure.Merged {
			continue
		}
		s.exec(`UPDATE structure SET state = $2, submitted_at = now() WHERE organisation_id = $1`, string(state))
		if state == structure.Left { // its seat is still open: the composition of the GNI names it
			if body := s.sheet(http.StatusOK); strings.Contains(body, "Aide aux démarches") {
				t.Error("the sheet of a structure that is leaving is still shown")
			}
			s.exec(`DELETE FROM mandate WHERE seat_id IN (SELECT id FROM seat WHERE organisation_id = $1)`)
			s.exec(`DELETE FROM seat WHERE organisation_id = $1`)
		}
		if body := s.sheet(http.StatusNotFound); strings.Contains(body, "Atelier") {
			t.Errorf("%s: the page names the structure", state)
		}
	}
	into, err := postgres.Value[int64](t.Context(), s.db, `
		WITH o AS (INSERT INTO organisation (kind, name) VALUES ('structure', 'Autre') RETURNING id)
		INSERT INTO structure (organisation_id, state, origin, college) SELECT id, 'accepted', 'before', 'action_sociale' FROM o RETURNING organisation_id`)
	if err != nil {
		t.Fatal(err)
	}
	s.exec(`UPDATE structure SET state = 'merged', merged_into = $2 WHERE organisation_id = $1`, into)
	w := s.get("/structures/" + strconv.FormatInt(int64(s.id), 10))
	if want := "/structures/" + strconv.FormatInt(into, 10); w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != want {
		t.Errorf("merged: %d to %s, want %s", w.Code, w.Header().Get("Location"), want)
	}
	for _, path := range []string{"/structures/0", "/structures/999999", "/structures/99999999999999999999"} {
		if w := s.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}
