package outbox

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

var team = access.Actor{Account: 3, Name: "Camille Exemple", Acting: access.Capacity{Role: access.Team}}

// flash is the sessions of one browser: its last message.
type flash struct{ message string }

func (f *flash) PutFlash(_ context.Context, m string) { f.message = m }
func (f *flash) PeekFlash(context.Context) string     { return f.message }
func (f *flash) PopFlash(context.Context) string      { return f.message }

// site serves the pages over a database of its own.
type site struct {
	t      *testing.T
	pool   *pgxpool.Pool
	outbox *notify.Outbox
	flash  *flash
	mux    chi.Router
}

func newSite(t *testing.T, demo bool) *site {
	t.Helper()
	s := &site{t: t, pool: pgtest.Pool(t), flash: &flash{}, mux: chi.NewRouter()}
	jobs, err := notify.NewInserter(s.pool)
	if err != nil {
		t.Fatal(err)
	}
	s.outbox = notify.NewOutbox(jobs)
	kit := &page.Kit{Sessions: s.flash, Nav: func(access.Actor) []ui.NavItem { return nil }}
	p := Pages{Kit: kit, Desk: notify.NewDesk(s.pool, s.outbox, demo)}
	handle := func(h page.Handler) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if err := h(w, r); err != nil {
				kit.Fail(w, r, err)
			}
		}
	}
	s.mux.Get(listPath, handle(p.List))
	s.mux.Get(listPath+"/{id}", handle(p.Show))
	s.mux.Post(listPath+"/{id}/renvoi", handle(p.Resend))
	return s
}

func (s *site) queue(m notify.Mail) string {
	s.t.Helper()
	err := postgres.InTx(s.t.Context(), s.pool, func(tx pgx.Tx) error { return s.outbox.Queue(s.t.Context(), tx, m) })
	if err != nil {
		s.t.Fatal(err)
	}
	id, err := postgres.Value[string](s.t.Context(), s.pool, `SELECT id::text FROM mail ORDER BY job_id DESC LIMIT 1`)
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

func (s *site) set(id, assignment string) {
	s.t.Helper()
	if _, err := s.pool.Exec(s.t.Context(), `UPDATE mail SET `+assignment+` WHERE id = $1`, id); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) ask(by access.Actor, method, target string) (int, string, string) {
	s.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(""))
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
	code, body, _ := s.ask(team, http.MethodGet, target)
	if code != status {
		s.t.Errorf("GET %s: %d, want %d", target, code, status)
	}
	for _, part := range parts {
		if !strings.Contains(body, part) {
			s.t.Errorf("GET %s lacks %q:\n%s", target, part, body)
		}
	}
}

func invitation() notify.Mail {
	return notify.Mail{Kind: "invitation", ToAddress: "dominique@example.org", ToName: "Dominique <D>", Subject: "Votre accès",
		Paragraphs: []string{"Bonjour <script>alert(1)</script>"}, Action: "Entrer", Link: "https://example.org/invitation/SECRET", Secret: true}
}

func TestList(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	s.want(200, listPath, "Aucun courriel pour l’instant.")
	s.want(200, listPath+"?etat=failed", "Aucun courriel n’a échoué.")
	s.want(200, listPath+"?etat=queued", "Aucun courriel n’attend.")
	id := s.queue(invitation())
	s.want(200, listPath, "Votre accès", "Dominique &lt;D&gt;, dominique@example.org", "Invitation", "En attente", `href="/equipe/courriels/`+id+`"`, `class="count-badge">1<`)
	s.want(200, listPath+"?q=dominique&nature=invitation&etat=queued", "Votre accès", "Effacer les filtres", `name="etat" value="queued"`)
	s.want(200, listPath+"?nature=autre", "Aucun courriel ne correspond.", `value="autre" selected`)
	s.want(422, listPath+"?etat=autre", "Choisissez une des réponses proposées.")
	s.want(400, listPath+"?avant=x")
	s.set(id, "attempts = 1, last_error = '451 plus tard'")
	s.want(200, listPath, "En attente d’un nouvel essai")
}

func TestPages(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	for i := range 51 {
		m := invitation()
		m.Subject = fmt.Sprintf("Objet %02d.", i)
		s.queue(m)
	}
	_, body, _ := s.ask(team, http.MethodGet, listPath+"?etat=queued")
	_, rest, ok := strings.Cut(body, `rel="next" href="`)
	if !ok || strings.Contains(body, "Objet 00.") {
		t.Fatalf("no next page:\n%s", body)
	}
	next, _, _ := strings.Cut(rest, `"`)
	s.want(200, strings.ReplaceAll(next, "&amp;", "&"), "Objet 00.", `href="/equipe/courriels?etat=queued">Revenir`)
}

func TestShow(t *testing.T) {
	t.Parallel()
	for _, demo := range []bool{false, true} {
		s := newSite(t, demo)
		id := s.queue(invitation())
		s.want(200, listPath+"/"+id, "&lt;script&gt;alert(1)", notify.MaskedLink, "Prochain essai", "Renvoyer ce courriel")
		s.set(id, "state = 'kept'")
		_, body, _ := s.ask(team, http.MethodGet, listPath+"/"+id)
		if strings.Contains(body, "SECRET") != demo || !strings.Contains(body, "aucun serveur de messagerie") {
			t.Errorf("kept, demo %v: link readable %v", demo, !demo)
		}
		s.set(id, "state = 'failed', secret_link = '', last_error = '550 inconnu', attempts = 1")
		s.want(200, listPath+"/"+id, "550 inconnu", "Échec", "a été effacé")
		s.want(404, listPath+"/x")
		s.want(404, listPath+"/00000000-0000-4000-8000-000000000000")
	}
}

func TestResend(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	m := invitation()
	m.Secret = false
	id := s.queue(m)
	s.set(id, "state = 'failed'")
	code, _, to := s.ask(team, http.MethodPost, listPath+"/"+id+"/renvoi")
	if code != http.StatusSeeOther || to != listPath+"/"+id || s.flash.message == "" {
		t.Errorf("resend: %d to %q, « %s »", code, to, plainSpaces(s.flash.message))
	}
	s.want(200, listPath+"/"+id, "En attente")
	secret := s.queue(invitation())
	s.set(secret, "state = 'failed', secret_link = ''")
	code, body, _ := s.ask(team, http.MethodPost, listPath+"/"+secret+"/renvoi")
	if code != http.StatusConflict || !strings.Contains(body, "envoyez une nouvelle invitation") {
		t.Errorf("resend without its link: %d, want 409 and what to do:\n%s", code, body)
	}
	if code, _, _ := s.ask(team, http.MethodPost, listPath+"/x/renvoi"); code != http.StatusNotFound {
		t.Errorf("resend nothing: %d, want 404", code)
	}
}

func TestOthersAreRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, true)
	id := s.queue(invitation())
	mayor := access.Actor{Account: 9, Acting: access.Capacity{Role: access.Mayor, Organisation: 1}}
	for _, target := range []string{listPath, listPath + "/" + id} {
		if code, body, _ := s.ask(mayor, http.MethodGet, target); code != http.StatusForbidden || strings.Contains(body, "dominique") {
			t.Errorf("a mayor at %s: %d, want 403", target, code)
		}
	}
	if code, _, _ := s.ask(mayor, http.MethodPost, listPath+"/"+url.PathEscape(id)+"/renvoi"); code != http.StatusForbidden {
		t.Errorf("a mayor resends: %d, want 403", code)
	}
}
