package journal

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

var admin = access.Actor{Account: 4, Name: "Camille Exemple", RequestID: "req-1",
	Acting: access.Capacity{Role: access.Administrator}}

// flash is the sessions of one browser: its last message.
type flash struct{ message string }

func (f *flash) PutFlash(_ context.Context, m string) { f.message = m }
func (f *flash) PeekFlash(context.Context) string     { return f.message }
func (f *flash) PopFlash(context.Context) string      { return f.message }

// site serves the pages over a database of its own.
type site struct {
	t     *testing.T
	pool  *pgxpool.Pool
	flash *flash
	mux   chi.Router
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, pool: pgtest.Pool(t), flash: &flash{}, mux: chi.NewRouter()}
	kit := &page.Kit{Sessions: s.flash, Nav: func(access.Actor) []ui.NavItem { return nil }}
	p := Pages{Kit: kit, Journal: audit.NewJournal(s.pool)}
	handle := func(h page.Handler) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if err := h(w, r); err != nil {
				kit.Fail(w, r, err)
			}
		}
	}
	s.mux.Get(listPath, handle(p.List))
	s.mux.Get(listPath+"/{id}", handle(p.Show))
	s.mux.Post(checkPath, handle(p.Check))
	return s
}

func (s *site) record(e audit.Entry) {
	s.t.Helper()
	if err := audit.Record(context.Background(), s.pool, admin, e); err != nil {
		s.t.Fatal(err)
	}
}

// ask makes a request as somebody and returns the status, the page and where it
// leads.
func (s *site) ask(by access.Actor, method, target string, fields url.Values) (int, string, string) {
	s.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(fields.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, r.WithContext(page.WithActor(r.Context(), by)))
	return w.Code, plainSpaces(w.Body.String()), w.Header().Get("Location")
}

// plainSpaces lets a test be typed: unbreakable spaces are spaces.
func plainSpaces(s string) string {
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(s)
}

func (s *site) want(status int, target string, parts ...string) {
	s.t.Helper()
	code, body, _ := s.ask(admin, http.MethodGet, target, nil)
	if code != status {
		s.t.Errorf("GET %s: %d, want %d", target, code, status)
	}
	for _, part := range parts {
		if !strings.Contains(body, part) {
			s.t.Errorf("GET %s lacks %q:\n%s", target, part, body)
		}
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.want(200, listPath, "Le journal est vide.", "Jamais", "Vérifier la chaîne")
	s.record(audit.Entry{Action: "seat.start", Object: "seat", ID: 12, Label: "Siège de <Bègles>",
		Before: map[string]any{"note": "<b>avant</b>"}, After: map[string]any{"note": "après"}})
	s.record(audit.Entry{Action: "body.edit", Object: "body", ID: 1, Label: "GNI"})
	s.want(200, listPath, "Siège de &lt;Bègles&gt;", "GNI", "N° 1", `href="/administration/journal/1"`, "Camille Exemple (Administration du portail)")
	s.want(200, listPath+"?q=begles", "Bègles", "Effacer les filtres", `value="begles"`)
	s.want(200, listPath+"?q=rien", "Aucune écriture ne correspond.")
	s.want(200, listPath+"?objet=seat&numero=12&compte=4", "du compte n° 4", "de l’objet « seat » n° 12", `name="compte" value="4"`, "Bègles")
	s.want(422, listPath+"?du=31/02/2026", "Saisissez une date qui existe", "Erreur")
	s.want(422, listPath+"?du=2/1/2026&au=1/1/2026", "doit suivre")
	s.want(400, listPath+"?avant=x")
	s.want(400, listPath+"?compte=-1")
	s.want(200, listPath+"?q=%00%ff")
	s.want(200, listPath+"/1", "Siège de &lt;Bègles&gt;", "&lt;b&gt;avant&lt;/b&gt;", "après", "Modifié", "Empreinte précédente", "00000000 ",
		"req-1", `href="/administration/journal?numero=12&amp;objet=seat"`, `href="/administration/journal?compte=4"`)
	s.want(200, listPath+"/2", "n’a pas de contenu")
	for _, target := range []string{"/3", "/0", "/-1", "/x", "/99999999999999999999"} {
		s.want(404, listPath+target)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, err := s.pool.Exec(t.Context(), `
		INSERT INTO audit_entry (actor, capacity, action, object, object_id, label)
		SELECT 'x', '', 'a.b', 'c', n, 'Objet ' || n FROM generate_series(1, 60) n`)
	if err != nil {
		t.Fatal(err)
	}
	s.want(200, listPath+"?objet=c", "Objet 60<", "Objet 11<", `href="/administration/journal?avant=11&amp;objet=c"`)
	s.want(200, listPath+"?objet=c&avant=11", "Objet 10<", "Objet 1<", `href="/administration/journal?objet=c">Revenir`)
}

func TestCheck(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.record(audit.Entry{Action: "a.b", Object: "c", ID: 1, Label: "d"})
	code, _, to := s.ask(admin, http.MethodPost, checkPath, nil)
	if code != http.StatusSeeOther || to != listPath+"#verification" || !strings.Contains(plainSpaces(s.flash.message), "1 écriture, aucune anomalie") {
		t.Fatalf("check: %d to %q, « %s »", code, to, plainSpaces(s.flash.message))
	}
	s.want(200, listPath, "par Camille Exemple : 1 écriture, aucune anomalie")
	head, err := audit.Head(t.Context(), s.pool)
	if err != nil {
		t.Fatal(err)
	}
	noted := url.Values{"sceau": {fmt.Sprint(head.Seq)}, "empreinte": {" " + strings.ToUpper(head.Hex()[:32]) + " " + head.Hex()[32:]}}
	if code, body, _ := s.ask(admin, http.MethodPost, checkPath, noted); code != http.StatusSeeOther {
		t.Errorf("with the noted seal: %d\n%s", code, body)
	}
	for name, fields := range map[string]url.Values{
		"a short hash":     {"sceau": {"2"}, "empreinte": {"abc"}},
		"no number":        {"empreinte": {head.Hex()}},
		"no hash":          {"sceau": {"2"}},
		"a hash of no hex": {"sceau": {"2"}, "empreinte": {strings.Repeat("z", 64)}},
	} {
		code, body, _ := s.ask(admin, http.MethodPost, checkPath, fields)
		if code != http.StatusUnprocessableEntity || !strings.Contains(body, "Saisissez") {
			t.Errorf("%s: %d, want 422 and what to type", name, code)
		}
	}
	if code, _, _ := s.ask(admin, http.MethodPost, checkPath, url.Values{"autre": {"x"}}); code != http.StatusBadRequest {
		t.Errorf("an unknown field: %d, want 400", code)
	}
	if _, err := s.pool.Exec(t.Context(), `ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_append_only`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.pool.Exec(t.Context(), `UPDATE audit_entry SET label = 'autre' WHERE id = 1`); err != nil {
		t.Fatal(err)
	}
	code, _, _ = s.ask(admin, http.MethodPost, checkPath, nil)
	if code != http.StatusSeeOther || !strings.Contains(plainSpaces(s.flash.message), "L’écriture 1, scellée sous le numéro 1, a été modifiée.") {
		t.Errorf("tampered: %d, « %s »", code, plainSpaces(s.flash.message))
	}
	s.want(200, listPath, "Le journal a été modifié hors du portail", "une anomalie")
}

func TestOthersAreRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.record(audit.Entry{Action: "a.b", Object: "c", ID: 1, Label: "Secret"})
	team := access.Actor{Account: 3, Acting: access.Capacity{Role: access.Team}}
	for _, target := range []string{listPath, listPath + "/1"} {
		if code, body, _ := s.ask(team, http.MethodGet, target, nil); code != http.StatusForbidden || strings.Contains(body, "Secret") {
			t.Errorf("the team at %s: %d, want 403", target, code)
		}
	}
	if code, _, _ := s.ask(team, http.MethodPost, checkPath, nil); code != http.StatusForbidden {
		t.Errorf("the team verifies: %d, want 403", code)
	}
}
