package account

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/account"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

const goodPassword = "quatre chevaux verts"

var goodHash = sync.OnceValue(func() string { return account.HashPassword(goodPassword) })

// site is a server with the routes of this area and one protected form.
type site struct {
	t      *testing.T
	pool   *pgxpool.Pool
	server *httptest.Server
}

func newSite(t *testing.T, opt account.Options) *site {
	t.Helper()
	pool := pgtest.Pool(t)
	jobs, err := notify.NewInserter(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, pool: pool}
	kit := &page.Kit{Demo: opt.Demo, Nav: func(access.Actor) []ui.NavItem { return nil }}
	var handler http.Handler
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(s.server.Close)
	opt.BaseURL, opt.Hashes, opt.Log = s.server.URL, 4, slog.New(slog.NewTextHandler(io.Discard, nil))
	sessions := NewSessions(pool, false, kit.Fail)
	kit.Sessions = sessions
	p := &Pages{Kit: kit, Service: account.New(pool, notify.NewOutbox(jobs), opt), Sessions: sessions}
	handler = sessions.Middleware(routesOf(p))
	return s
}

// route is a line of the portal's table.
type route struct {
	method, pattern string
	who             access.Rule
	handle          page.Handler
}

func table(p *Pages) []route {
	admin := access.Only(access.Administrator)
	return []route{
		{"GET", "/connexion", access.Anyone, p.ShowSignIn},
		{"POST", "/connexion", access.Anyone, p.SignIn},
		{"GET", "/connexion/code", access.Anyone, p.ShowCode},
		{"POST", "/connexion/code", access.Anyone, p.SendCode},
		{"GET", "/connexion/second-facteur", access.Anyone, p.ShowEnrolment},
		{"POST", "/connexion/second-facteur", access.Anyone, p.SendCode},
		{"POST", "/deconnexion", access.Anyone, p.SignOut},
		{"GET", "/mot-de-passe-oublie", access.Anyone, p.ShowForgotten},
		{"POST", "/mot-de-passe-oublie", access.Anyone, p.SendReset},
		{"GET", "/mot-de-passe/{token}", access.Anyone, p.ShowReset},
		{"POST", "/mot-de-passe/{token}", access.Anyone, p.ResetPassword},
		{"GET", "/invitation/{token}", access.Anyone, p.ShowInvitation},
		{"POST", "/invitation/{token}", access.Anyone, p.AcceptInvitation},
		{"GET", "/adresse/{token}", access.Anyone, p.ShowNewEmail},
		{"POST", "/adresse/{token}", access.Anyone, p.ConfirmEmail},
		{"GET", "/mon-compte", access.SignedIn, p.Show},
		{"POST", "/mon-compte/capacite", access.SignedIn, p.SwitchCapacity},
		{"GET", "/mon-compte/identite", access.SignedIn, p.ShowIdentity},
		{"POST", "/mon-compte/identite", access.SignedIn, p.UpdateIdentity},
		{"GET", "/mon-compte/mot-de-passe", access.SignedIn, p.ShowPassword},
		{"POST", "/mon-compte/mot-de-passe", access.SignedIn, p.ChangePassword},
		{"GET", "/mon-compte/appareils", access.SignedIn, p.ShowDevices},
		{"POST", "/mon-compte/appareils", access.SignedIn, p.SignOutDevices},
		{"GET", "/mon-compte/second-facteur", access.SignedIn, p.ShowFactor},
		{"POST", "/mon-compte/second-facteur", access.SignedIn, p.EnableFactor},
		{"GET", "/mon-compte/second-facteur/codes", access.SignedIn, p.ShowRenewCodes},
		{"POST", "/mon-compte/second-facteur/codes", access.SignedIn, p.RenewCodes},
		{"GET", "/mon-compte/second-facteur/arret", access.SignedIn, p.ShowDisableFactor},
		{"POST", "/mon-compte/second-facteur/arret", access.SignedIn, p.DisableFactor},
		{"GET", "/reprise", access.SignedIn, p.ShowKept},
		{"POST", "/reprise", access.SignedIn, p.ResumeKept},
		{"POST", "/reprise/abandon", access.SignedIn, p.DropKept},
		{"GET", "/administration/comptes", admin, p.List},
		{"GET", "/administration/comptes/inviter", admin, p.ShowInvite},
		{"POST", "/administration/comptes/inviter", admin, p.Invite},
		{"GET", "/administration/comptes/{id:[0-9]+}", admin, p.ShowAccount},
		{"POST", "/administration/comptes/{id:[0-9]+}/invitation", admin, p.Reinvite},
		{"POST", "/administration/comptes/{id:[0-9]+}/role", admin, p.GrantRole},
		{"POST", "/administration/comptes/{id:[0-9]+}/role/fin", admin, p.EndRole},
		{"POST", "/administration/comptes/{id:[0-9]+}/desactivation", admin, p.Disable},
		{"POST", "/administration/comptes/{id:[0-9]+}/activation", admin, p.Enable},
		{"POST", "/administration/comptes/{id:[0-9]+}/second-facteur", admin, p.ResetFactor},
		{"POST", "/administration/comptes/{id:[0-9]+}/deconnexion", admin, p.EndSessions},
	}
}

// routesOf guards the table as web.Server does, and adds a home and a form that
// tells what it was sent.
func routesOf(p *Pages) http.Handler {
	m := chi.NewRouter()
	all := append(table(p),
		route{"GET", "/tableau-de-bord", access.SignedIn, func(w http.ResponseWriter, r *http.Request) error {
			_, err := io.WriteString(w, "accueil de "+page.Actor(r).Acting.Label()+" "+p.Sessions.PopFlash(r.Context()))
			return err
		}},
		route{"POST", "/formulaire", access.SignedIn, func(w http.ResponseWriter, r *http.Request) error {
			f, err := form.Read(r)
			if err != nil {
				return err
			}
			_, err = io.WriteString(w, "revoir="+f.Value(form.ReviewField)+" texte="+f.Value("texte")+" secret="+f.Value("mot_de_passe"))
			return err
		}})
	for _, x := range all {
		m.MethodFunc(x.method, x.pattern, func(w http.ResponseWriter, r *http.Request) {
			by := page.Actor(r)
			var err error
			switch {
			case x.who.Admits(by):
				err = x.handle(w, r)
			case !by.SignedIn() && r.Method == http.MethodPost:
				err = p.KeepForm(w, r)
			case !by.SignedIn():
				http.Redirect(w, r, "/connexion?suite="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
			default:
				err = page.Refused{Rule: x.who}
			}
			if err != nil {
				p.Kit.Fail(w, r, err)
			}
		})
	}
	return m
}

func (s *site) exec(sql string, args ...any) {
	s.t.Helper()
	if _, err := s.pool.Exec(context.Background(), sql, args...); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
}

func value[T any](s *site, sql string, args ...any) T {
	s.t.Helper()
	var v T
	if err := s.pool.QueryRow(context.Background(), sql, args...).Scan(&v); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// account makes an active account with goodPassword and the roles.
func (s *site) account(email string, roles ...access.Role) access.AccountID {
	s.t.Helper()
	id := value[access.AccountID](s, `
		WITH p AS (INSERT INTO person (first_name, last_name, email) VALUES ('Camille', $1, $1) RETURNING id)
		INSERT INTO account (person_id, email, password_hash, password_changed_at)
		SELECT id, $1, $2, now() FROM p RETURNING id`, email, goodHash())
	for _, r := range roles {
		s.exec(`INSERT INTO role_grant (account_id, role) VALUES ($1, $2)`, id, r)
	}
	return id
}

// browser is somebody in front of the site.
type browser struct {
	*site
	client *http.Client
}

func (s *site) browser() *browser {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &browser{s, &http.Client{Jar: jar}}
}

// stay makes the browser show redirections instead of following them.
func (b *browser) stay() *browser {
	c := *b.client
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &browser{b.site, &c}
}

type answer struct {
	status int
	path   string // where the browser ended
	body   string
	header http.Header
}

func (b *browser) get(path string) answer {
	b.t.Helper()
	r, err := b.client.Get(b.server.URL + path)
	return b.answer(r, err)
}

func (b *browser) post(path string, pairs ...string) answer {
	b.t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	r, err := b.client.PostForm(b.server.URL+path, v)
	return b.answer(r, err)
}

func (b *browser) answer(r *http.Response, err error) answer {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{r.StatusCode, r.Request.URL.RequestURI(), string(body), r.Header}
}

func (b *browser) signIn(email string) answer {
	b.t.Helper()
	return b.post("/connexion", "courriel", email, "mot_de_passe", goodPassword)
}

// want checks a status and words of the page.
func (a answer) want(t *testing.T, status int, words ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("%s: status %d, want %d\n%s", a.path, a.status, status, main(a.body))
	}
	for _, w := range words {
		if !strings.Contains(a.body, w) {
			t.Errorf("%s: does not say %q\n%s", a.path, w, main(a.body))
		}
	}
}

func main(body string) string {
	if i := strings.Index(body, "<main"); i >= 0 {
		return body[i:]
	}
	return body
}

// link returns the path of the last link mailed.
func (s *site) link(to string) string {
	s.t.Helper()
	l := value[string](s, `SELECT secret_link FROM mail WHERE to_address = $1 AND secret_link <> '' ORDER BY created_at DESC LIMIT 1`, to)
	return strings.TrimPrefix(l, s.server.URL)
}
