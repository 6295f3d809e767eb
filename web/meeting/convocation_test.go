package meeting

import (
	"context"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/printing"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// conveneSite is the pages of the convocation over a database of their own.
type conveneSite struct {
	t      testing.TB
	db     *pgxpool.Pool
	id     string
	router chi.Router
	actor  access.Actor
	flash  string
}

func (s *conveneSite) PutFlash(_ context.Context, m string) { s.flash = m }
func (s *conveneSite) PopFlash(context.Context) string      { m := s.flash; s.flash = ""; return m }
func (s *conveneSite) PeekFlash(context.Context) string     { return s.flash }

var conveneTeam = access.Actor{Account: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}}

func newConveneSite(t testing.TB) *conveneSite {
	t.Helper()
	s := &conveneSite{t: t, db: pgtest.Pool(t), actor: conveneTeam, router: chi.NewRouter()}
	jobs, err := notify.NewInserter(s.db)
	if err != nil {
		t.Fatal(err)
	}
	kit := &page.Kit{Sessions: s, Nav: func(access.Actor) []ui.NavItem { return nil }}
	outbox := notify.NewOutbox(jobs)
	meetings := meeting.New(s.db, outbox, "http://portail.example.org")
	p := &Pages{Kit: kit, DB: s.db, Meetings: meetings, Minutes: minutes.New(s.db, meetings, outbox, "http://portail.example.org"), Printer: printing.New(s.db)}
	const one, link = "/equipe/reunions/{id:[0-9]+}/convocation", "/reunions/reponse/{token}"
	const person, mine = one + "/destinataires/{destinataire:[0-9]+}", "/mes-reunions/{id:[0-9]+}"
	for pattern, pair := range map[string][2]page.Handler{
		one: {p.ShowConvocation, p.Convene}, one + "/verification": {nil, p.CheckConvocation}, one + "/envoi": {p.ShowSent, nil},
		one + "/apercu": {p.ShowPreview, nil}, one + "/preuves": {p.ShowProof, nil}, one + "/preuves.{ext}": {p.ProofFile, nil},
		one + "/document": {p.ShowPaper, nil}, one + "/complement": {p.ShowAddition, p.SendAddition}, one + "/nouveaux": {p.ShowNewcomers, p.ConveneNewcomers},
		one + "/rappel": {p.ShowReminder, p.SendReminder}, person: {p.ShowRecipient, p.AnswerForRecipient}, person + "/liens": {nil, p.CloseLinks},
		link: {p.ShowAnswer, p.Answer}, link + "/ouverture": {nil, p.MarkOpened}, link + "/convocation": {p.ShowLinkPaper, nil},
		mine: {p.ShowMyAnswer, p.AnswerMine}, mine + "/convocation": {p.ShowMyPaper, nil},
	} {
		for i, h := range pair {
			if h != nil {
				s.router.Method([]string{"GET", "POST"}[i], pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if err := h(w, r); err != nil {
						kit.Fail(w, r, err)
					}
				}))
			}
		}
	}
	s.exec(`WITH o AS (INSERT INTO organisation (kind, name) SELECT 'partner', 'Partenaire <b>' || i FROM generate_series(1, 3) i RETURNING id, name),
		p AS (INSERT INTO person (first_name, last_name, email) SELECT 'Alix', '<i>N' || i, 'membre-' || i || '@example.org' FROM generate_series(1, 3) i RETURNING id, last_name),
		s AS (INSERT INTO seat (kind, organisation_id, label, during) SELECT 'partner', id, name, daterange(paris_today() - 400, NULL) FROM o RETURNING id, label)
		INSERT INTO mandate (seat_id, person_id, kind, during, designation)
		SELECT s.id, p.id, 'titular', daterange(paris_today() - 300, NULL), 'Test' FROM s JOIN p ON right(s.label, 1) = right(p.last_name, 1)`)
	s.id = s.value(`INSERT INTO meeting (body, starts_at, ends_at, place, theme, state)
		VALUES ('partenaires', now() + interval '10 days', now() + interval '10 days 1 hour', 'Salle <u>Garonne', '<s>Thème', 'draft') RETURNING id::text`)
	s.exec(`INSERT INTO agenda_item (meeting_id, position, title, kind, rapporteur, text) VALUES ($1, 1, '<s>Point', 'decision', '<s>Rapporteur', '<s>Texte')`, s.id)
	return s
}

func (s *conveneSite) exec(sql string, args ...any) {
	s.t.Helper()
	if _, err := s.db.Exec(s.t.Context(), sql, args...); err != nil {
		s.t.Fatal(err)
	}
}

func (s *conveneSite) value(sql string, args ...any) string {
	s.t.Helper()
	var v string
	if err := s.db.QueryRow(s.t.Context(), sql, args...).Scan(&v); err != nil {
		s.t.Fatal(err)
	}
	return v
}

// token returns the newest personal link of the member.
func (s *conveneSite) token(email string) string {
	s.t.Helper()
	return strings.TrimPrefix(s.value(`SELECT secret_link FROM mail WHERE to_address = $1 ORDER BY created_at DESC LIMIT 1`, email), "http://portail.example.org")
}

// do asks for a page; nothing anybody typed may be read as HTML, and typography is
// that of a printer.
func (s *conveneSite) do(method, path string, form url.Values, status int, says ...string) string {
	s.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	s.router.ServeHTTP(w, r.WithContext(page.WithActor(s.t.Context(), s.actor)))
	body := w.Body.String()
	if w.Code != status {
		s.t.Fatalf("%s %s: status %d, want %d\n%s", method, path, w.Code, status, body)
	}
	if status != http.StatusSeeOther && strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		s.check(path, body)
	}
	spaces := strings.NewReplacer("\u00a0", " ", "\u202f", " ")
	text := spaces.Replace(html.UnescapeString(tags.ReplaceAllString(body, "")))
	for _, want := range says {
		if !strings.Contains(text, want) {
			s.t.Errorf("%s %s does not say %q:\n%s", method, path, want, text)
		}
	}
	if status == http.StatusSeeOther {
		return w.Header().Get("Location")
	}
	return body
}

var (
	tags      = regexp.MustCompile(`<[^>]*>`)
	typedTags = regexp.MustCompile(`<(s|u|i|b)>`)
	loose     = regexp.MustCompile(`[\pL»] [:;!?](\s|$)|« | »|\pL'\pL`)
)

func (s *conveneSite) check(path, body string) {
	s.t.Helper()
	if m := typedTags.FindString(body); m != "" {
		s.t.Errorf("%s: %s is read as HTML", path, m)
	}
	_, main, _ := strings.Cut(body, "<main")
	if m := loose.FindString(html.UnescapeString(tags.ReplaceAllString(main, ""))); m != "" {
		s.t.Errorf("%s: typography of %q", path, m)
	}
	if n := strings.Count(body, "<h1"); n != 1 {
		s.t.Errorf("%s: %d h1", path, n)
	}
}

func TestConveneJourney(t *testing.T) {
	t.Parallel()
	s := newConveneSite(t)
	base := "/equipe/reunions/" + s.id + "/convocation"
	s.do("GET", base, nil, 200, "À vérifier avant l’envoi", "3 destinataires", "Sans document : point 1.", "Pourquoi convoquer")
	s.do("GET", base+"/apercu", nil, 200, "Objet : Convocation", "Je donne pouvoir à un autre membre")
	s.do("GET", base+"/apercu?destinataire=siege-999999", nil, 404)
	s.do("GET", base+"/envoi", nil, 303)
	sent := url.Values{"version": {"1"}, "message": {"Venez <s>nombreux, merci"}, "motif": {""}}
	s.do("POST", base+"/verification", sent, 422, "Dites pourquoi vous convoquez", "Venez")
	s.do("POST", base, url.Values{"version": {"1"}, "champ": {"x"}}, 400)
	sent.Set("motif", "La note arrive demain.")
	s.do("POST", base+"/verification", sent, 200, "Envoyer 3 convocations", "Venez <s>nombreux", "La note arrive demain.")
	stale := url.Values{"version": {"9"}, "message": {"x"}, "motif": {"y"}}
	s.do("POST", base+"/verification", stale, 409)
	s.do("POST", base, stale, 409)
	if to := s.do("POST", base, sent, 303); to != base+"/envoi" {
		t.Errorf("led to %s", to)
	}
	s.do("GET", base+"/envoi", nil, 200, "3 convocations en cours d’envoi")
	s.do("POST", base, sent, 303) // a second click: nothing more leaves
	if n := s.value(`SELECT count(*)::text FROM mail`); n != "3" {
		t.Errorf("%s mails", n)
	}
	s.do("GET", base, nil, 200, "0 sur 3", "Sans réponse", "Relancer les personnes sans réponse")
	s.do("GET", base+"?reponse=sans-reponse&page=7", nil, 200)
	s.do("GET", base+"/document", nil, 200, "Bordeaux Métropole vous convoque")
	for _, later := range []string{"/complement", "/nouveaux"} {
		s.do("GET", base+later, nil, 200, "Rien à envoyer")
		s.do("POST", base+later, url.Values{"message": {""}}, 409)
	}
	s.do("GET", base+"/rappel", nil, 200, "Recevront le rappel")
	s.do("POST", base+"/rappel", url.Values{}, 303)
	s.do("POST", base+"/rappel", url.Values{}, 409, "Un rappel est déjà parti aujourd’hui")
	s.do("GET", base+"/preuves", nil, 200, "6 envois", "Rappel", "En attente")
	if csv := s.do("GET", base+"/preuves.csv", nil, 200); strings.Count(csv, "\n") != 7 {
		t.Errorf("the file has other lines than the page:\n%s", csv)
	}
	who := s.value(`SELECT id::text FROM convocation WHERE email = 'membre-1@example.org'`)
	s.do("GET", base+"/destinataires/"+who, nil, 200, "Répondre pour cette personne")
	s.do("POST", base+"/destinataires/"+who, url.Values{"reponse": {"excused"}, "note": {"<s>Congé"}, "pouvoir": {""}, "version": {"1"}}, 303)
	s.do("GET", base+"?reponse=excused", nil, 200, "<s>Congé")
	s.do("POST", base+"/destinataires/"+who+"/liens", url.Values{}, 303)
	s.do("GET", s.token("membre-1@example.org"), nil, 410, "Ce lien a été fermé")
	s.do("GET", base+"/destinataires/999999", nil, 404)
}

func TestAnswerJourney(t *testing.T) {
	t.Parallel()
	s := newConveneSite(t)
	s.do("POST", "/equipe/reunions/"+s.id+"/convocation", url.Values{"version": {"1"}, "message": {""}, "motif": {"Essai"}}, 303)
	s.actor = access.Actor{}
	link := s.token("membre-1@example.org")
	if body := s.do("GET", link, nil, 200, "Serez-vous là ?", "Je viens sur place", "Peut-on répondre depuis son calendrier ?"); !strings.Contains(body, `data-opening="`+link+`/ouverture"`) {
		t.Error("the page does not tell where its opening goes")
	}
	opened := func() string { return s.value(`SELECT count(opened_at)::text FROM convocation`) }
	if opened() != "0" {
		t.Error("reading recorded an opening")
	}
	s.do("POST", link+"/ouverture", nil, 204)
	if opened() != "1" {
		t.Error("the opening is not recorded")
	}
	s.do("GET", link+"/convocation", nil, 200, "À l’attention de Alix <i>N1")
	say := func(pairs ...string) url.Values {
		v := url.Values{"version": {"1"}, "note": {""}, "pouvoir": {""}}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
	s.do("POST", link, say(), 422, "Dites si vous viendrez.")
	s.do("POST", link, say("reponse", "proxy"), 422, "Choisissez à qui vous donnez pouvoir.")
	s.do("POST", link, say("reponse", "present", "note", strings.Repeat("x", 501)), 422, "gardez-en 500")
	s.do("POST", link, say("reponse", "present", "admin", "1"), 400)
	if to := s.do("POST", link, say("reponse", "present"), 303); to != link {
		t.Errorf("led to %s", to)
	}
	s.do("POST", link, say("reponse", "excused"), 409, "Une autre réponse a été enregistrée")
	s.do("GET", link, nil, 200, "Sur place, le ")
	for _, wrong := range []string{"/reunions/reponse/x", link + "A"} {
		s.do("GET", wrong, nil, 404, "Ce lien ne mène à aucune réunion")
		s.do("POST", wrong, say("reponse", "present"), 404)
		s.do("POST", wrong+"/ouverture", nil, 404)
	}
	for state, words := range map[string]string{"in_progress": "La réunion a commencé", "held": "Cette réunion a eu lieu", "postponed": "Cette réunion est reportée", "cancelled": "Cette réunion est annulée"} {
		s.exec(`UPDATE meeting SET state = $1, call_off_reason = '<s>Grève'`, state)
		s.do("GET", link, nil, 200, words)
		s.do("POST", link, say("reponse", "excused", "version", "2"), 409, "Les réponses sont closes")
	}
	s.exec(`UPDATE meeting SET state = 'convened'`)
	person, err := postgres.Value[access.PersonID](t.Context(), s.db, `SELECT id FROM person WHERE email = 'membre-2@example.org'`)
	if err != nil {
		t.Fatal(err)
	}
	who := s.value(`SELECT id::text FROM convocation WHERE email = 'membre-2@example.org'`)
	s.do("GET", "/mes-reunions/"+s.id, nil, 404)
	s.actor = access.Actor{Account: 4, Person: person, Name: "Alix", Acting: access.Capacity{Role: access.Partner}}
	s.do("GET", "/mes-reunions/"+s.id, nil, 200, "Serez-vous là ?")
	s.do("GET", "/mes-reunions/"+s.id+"/convocation", nil, 200, "Alix <i>N2")
	s.do("POST", "/mes-reunions/"+s.id, say("reponse", "present", "pour", who), 303)
	s.do("POST", "/mes-reunions/"+s.id, say("reponse", "present", "pour", "999999"), 404)
}

// SessionEnd completes the session of the kit.
func (s *conveneSite) SessionEnd(context.Context) time.Time { return time.Time{} }
