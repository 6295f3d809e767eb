package meeting

import (
	"context"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// planSite is the pages of planning over a database of their own.
type planSite struct {
	t      testing.TB
	db     *pgxpool.Pool
	router chi.Router
	actor  access.Actor
	flash  string
	today  day.Day
}

// PutFlash, PopFlash and PeekFlash make planSite the session of the kit.
func (s *planSite) PutFlash(_ context.Context, m string) { s.flash = m }
func (s *planSite) PopFlash(context.Context) string      { m := s.flash; s.flash = ""; return m }
func (s *planSite) PeekFlash(context.Context) string     { return s.flash }

var planActor = access.Actor{Account: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}, Capacities: []access.Capacity{{Role: access.Team}}}

func newPlanSite(t testing.TB) *planSite {
	t.Helper()
	pool := pgtest.Pool(t)
	jobs, err := notify.NewInserter(pool)
	if err != nil {
		t.Fatal(err)
	}
	s := &planSite{t: t, db: pool, router: chi.NewRouter(), actor: planActor, today: day.Today()}
	base, _ := url.Parse("https://portail.example.org")
	p := &Pages{Kit: &page.Kit{Sessions: s, Nav: func(access.Actor) []ui.NavItem { return nil }}, DB: pool, BaseURL: base,
		Governance: governance.New(pool, nil), Meetings: meeting.New(pool, notify.NewOutbox(jobs), base.String())}
	const one = "/equipe/reunions/{id:[0-9]+}"
	for pattern, h := range map[string][2]page.Handler{
		"/reunions": {p.ShowMeetings}, "/reunions.{ext:(csv|xlsx|json)}": {p.MeetingsFile}, "/reunions/{id:[0-9]+}": {p.ShowMeeting},
		"/reunions/sondage/{token}": {p.ShowVote, p.Vote}, "/mes-reunions": {p.ShowMine}, "/equipe/reunions": {p.ListTeam},
		"/equipe/reunions.{ext:(csv|xlsx)}": {p.TeamFile}, "/equipe/reunions/nouvelle": {p.ShowNew, p.Create}, one: {p.ShowHub},
		one + "/annonce": {nil, p.Announce}, one + "/modification": {p.ShowChange, p.Change}, one + "/report": {p.ShowPostpone, p.Postpone},
		one + "/annulation": {p.ShowCancel, p.Cancel}, one + "/invites": {p.ShowGuests, p.AddGuest},
		one + "/invites/{invite:[0-9]+}/retrait": {nil, p.RemoveGuest}, one + "/sondage": {p.ShowPoll, p.OpenPoll},
		one + "/sondage/rappel": {nil, p.RemindPoll}, one + "/sondage/choix": {nil, p.ChooseDate},
	} {
		for i, method := range []string{"GET", "POST"} {
			if h[i] == nil {
				continue
			}
			s.router.Method(method, pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if err := h[i](w, r); err != nil {
					p.Kit.Fail(w, r, err)
				}
			}))
		}
	}
	s.exec(`INSERT INTO person (first_name, last_name, email) VALUES ('Ana', 'Un', 'ana@example.org'), ('Bo', 'Deux', 'bo@example.org')`)
	s.exec(`INSERT INTO organisation (kind, name) VALUES ('partner', 'Partenaire A'), ('partner', 'Partenaire B')`)
	s.exec(`INSERT INTO seat (kind, organisation_id, label, during) SELECT 'partner', id, 'Siège de ' || name, daterange('2020-01-01', NULL) FROM organisation WHERE name LIKE 'Partenaire _'`)
	s.exec(`INSERT INTO mandate (seat_id, person_id, kind, during, designation)
		SELECT s.id, p.id, 'titular', daterange('2020-01-01', NULL), 'Désignation' FROM seat s JOIN organisation o ON o.id = s.organisation_id
		JOIN person p ON (o.name, p.last_name) IN (('Partenaire A', 'Un'), ('Partenaire B', 'Deux'))`)
	return s
}

func (s *planSite) exec(sql string, args ...any) {
	s.t.Helper()
	if _, err := s.db.Exec(s.t.Context(), sql, args...); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
}

func (s *planSite) number(sql string, args ...any) (n int) {
	s.t.Helper()
	if err := s.db.QueryRow(s.t.Context(), sql, args...).Scan(&n); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// ask makes a request and checks its status; the page comes back as read text, and
// where it leads.
func (s *planSite) ask(status int, method, path string, pairs ...string) (text, to, raw string) {
	s.t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(method, path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.router.ServeHTTP(w, r.WithContext(page.WithActor(s.t.Context(), s.actor)))
	raw = w.Body.String()
	text = plainPage(raw)
	if w.Code != status {
		s.t.Fatalf("%s %s: status %d, want %d\n%s", method, path, w.Code, status, text)
	}
	if dir := os.Getenv("PLAN_PAGES"); dir != "" && method == "GET" { // to look at them
		_ = os.WriteFile(dir+"/"+strings.NewReplacer("/", "_", "?", "_").Replace(path)+".html", []byte(raw), 0o600)
	}
	return text, w.Header().Get("Location"), raw
}

var planTags = regexp.MustCompile(`(?s)<svg.*?</svg>|<head.*?</head>|<[^>]*>`)

func plainPage(s string) string {
	s = html.UnescapeString(planTags.ReplaceAllString(s, " "))
	return strings.Join(strings.Fields(strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(s)), " ")
}

func (s *planSite) says(text string, want ...string) {
	s.t.Helper()
	for _, x := range want {
		if !strings.Contains(text, x) {
			s.t.Errorf("the page does not say %q:\n%s", x, text)
		}
	}
}

func (s *planSite) version(id string) string {
	return strconv.Itoa(s.number(`SELECT version FROM meeting WHERE id = $1::text::bigint`, id))
}

// plan posts the form of a new meeting in so many days and returns its id.
func (s *planSite) plan(days int, pairs ...string) string {
	s.t.Helper()
	fields := append([]string{"instance", "partenaires", "nature", "reunion", "date", french.NumericDate(s.today.AddDays(days)), "debut", "14h", "fin", "16 h 30",
		"lieu", "Hôtel de Métropole", "visio", "", "theme", "Médiation", "etat", "", "expert_nom", "", "expert_organisation", "", "expert_courriel", ""}, pairs...)
	_, to, _ := s.ask(303, "POST", "/equipe/reunions/nouvelle", fields...)
	return strings.TrimPrefix(to, "/equipe/reunions/")
}

func TestPlanToPublicPage(t *testing.T) {
	t.Parallel()
	s := newPlanSite(t)
	text, _, _ := s.ask(200, "GET", "/equipe/reunions/nouvelle")
	s.says(text, "0 réunion tenue sur 2 dues en "+strconv.Itoa(s.today.Year()), "0 séance tenue sur 1 due")
	text, _, raw := s.ask(422, "POST", "/equipe/reunions/nouvelle", "instance", "gni", "nature", "atelier", "date", "30/2/2027", "debut", "25h", "fin", "16h", "lieu", "<b>Salle</b>", "theme", "Ici")
	s.says(text, "Saisissez une date qui existe", "Saisissez une heure, par exemple 14 h 30")
	if !strings.Contains(raw, `value="&lt;b&gt;Salle&lt;/b&gt;"`) || !strings.Contains(raw, `value="25h"`) {
		t.Error("what was typed does not come back")
	}
	s.ask(400, "POST", "/equipe/reunions/nouvelle", "intrus", "x")
	id := s.plan(40)
	text, _, _ = s.ask(200, "GET", "/equipe/reunions/"+id)
	s.says(text, "c’est planifié", "Dernier jour pour convoquer", "3 points, 35 min", "Pas encore annoncée", "Composer l’ordre du jour")
	s.actor = access.Actor{}
	s.ask(404, "GET", "/reunions/"+id)
	s.actor = planActor
	s.ask(303, "POST", "/equipe/reunions/"+id+"/annonce", "version", s.version(id))
	s.actor = access.Actor{}
	text, _, _ = s.ask(200, "GET", "/reunions/"+id)
	s.says(text, "Réunion du groupe des partenaires institutionnels", "de 14 h à 16 h 30", "L’ordre du jour est publié avec la convocation")
	if strings.Contains(text, "Hôtel de Métropole") || strings.Contains(text, "Conduire") {
		t.Error("the public reads more than the date")
	}
	text, _, _ = s.ask(200, "GET", "/reunions?instance=partenaires&etat=prevue")
	s.says(text, "À venir", french.Capital(french.MonthYear(s.today.AddDays(40))))
	s.ask(200, "GET", "/reunions?instance=gni")
	if text, _, _ = s.ask(200, "GET", "/reunions.csv?etat=prevue"); !strings.Contains(text, "/reunions/"+id) {
		t.Errorf("csv: %s", text)
	}
	s.actor = access.Actor{Account: 9, Person: access.PersonID(s.number(`SELECT id FROM person WHERE last_name = 'Un'`))}
	text, _, _ = s.ask(200, "GET", "/mes-reunions")
	s.says(text, "Convocation à venir")
	s.actor = planActor
	text, _, _ = s.ask(200, "GET", "/equipe/reunions?etape=a-preparer")
	s.says(text, "À convoquer au plus tard le")
	s.ask(200, "GET", "/equipe/reunions.xlsx")
	text, _, raw = s.ask(200, "GET", "/equipe/reunions/nouvelle?copie="+id)
	if s.says(text, "Copie de la réunion"); !strings.Contains(raw, `value="Hôtel de Métropole"`) {
		t.Error("the copy is not filled in")
	}
	s.ask(404, "GET", "/equipe/reunions/nouvelle?copie=999999")
}

func TestChangePageChecksThenTells(t *testing.T) {
	t.Parallel()
	s := newPlanSite(t)
	id := s.plan(40)
	s.exec(`INSERT INTO convocation (meeting_id, kind, seat_id, person_id, name, seat_label, group_name, email)
		SELECT m.id, 'convocation', c.seat_id, c.person_id, c.first_name, c.seat_label, c.group_name, p.email
		FROM meeting m, composition(m.body, paris_today()) c JOIN person p ON p.id = c.person_id WHERE m.id = $1::text::bigint`, id)
	s.exec(`UPDATE meeting SET state = 'convened', announced = true, convened_at = now(), version = version + 1 WHERE id = $1::text::bigint`, id)
	text, _, _ := s.ask(200, "GET", "/equipe/reunions/"+id+"/modification")
	s.says(text, "La convocation est partie.")
	fields := []string{"date", french.NumericDate(s.today.AddDays(47)), "debut", "9h", "fin", "11h", "lieu", "Rocher", "visio", "", "theme", "Médiation"}
	path := "/equipe/reunions/" + id + "/modification"
	old := append(fields, "version", "1")
	text, _, raw := s.ask(409, "POST", path, old...)
	if s.says(text, "Les deux versions", "Enregistré maintenant"); !strings.Contains(raw, `value="Rocher"`) {
		t.Error("what was typed is lost by a conflict")
	}
	good := append(fields, "version", s.version(id))
	text, _, _ = s.ask(200, "POST", path, good...)
	s.says(text, "Vérifier avant de prévenir", "Hôtel de Métropole", "Rocher", "Ce message part à 2 personnes, une fois.")
	if n := s.number(`SELECT count(*) FROM mail`); n != 0 {
		t.Fatalf("the check sent %d mails", n)
	}
	s.ask(303, "POST", path, append(good, "confirme", "oui")...)
	s.says(s.flash, "2")
	if n := s.number(`SELECT count(*) FROM mail`); n != 2 {
		t.Fatalf("%d mails, want 2", n)
	}
	path = "/equipe/reunions/" + id + "/report"
	s.ask(422, "POST", path, "version", s.version(id), "date", "", "debut", "9h", "fin", "11h", "motif", "")
	off := []string{"version", s.version(id), "date", french.NumericDate(s.today.AddDays(60)), "debut", "9h", "fin", "11h", "motif", "Salle <fermée>"}
	text, _, _ = s.ask(200, "POST", path, off...)
	s.says(text, "Rien n’est encore fait", "Salle <fermée>", "Nouvelle date")
	_, to, _ := s.ask(303, "POST", path, append(off, "confirme", "oui")...)
	text, _, _ = s.ask(200, "GET", to)
	s.says(text, "Elle remplace la réunion du")
	s.actor = access.Actor{}
	text, _, _ = s.ask(200, "GET", "/reunions/"+id)
	s.says(text, "Cette réunion est reportée à une autre date.", "Motif : Salle <fermée>", "Voir la réunion du")
	s.actor = planActor
	next := strings.TrimPrefix(to, "/equipe/reunions/")
	s.ask(303, "POST", "/equipe/reunions/"+next+"/annulation", "version", s.version(next), "motif", "Intempéries", "confirme", "oui")
	text, _, _ = s.ask(200, "GET", "/equipe/reunions/"+next)
	s.says(text, "Cette réunion est annulée.", "Motif : Intempéries", "Sans objet")
}

func TestPollPages(t *testing.T) {
	t.Parallel()
	s := newPlanSite(t)
	id := s.plan(60)
	path := "/equipe/reunions/" + id + "/sondage"
	s.ask(200, "GET", path)
	s.ask(422, "POST", path, "date_1", "3/3/2099", "debut_1", "", "fin_1", "", "cloture", "", "message", "")
	s.ask(303, "POST", path, "date_1", french.NumericDate(s.today.AddDays(30)), "debut_1", "9h", "fin_1", "11h", "date_2", french.NumericDate(s.today.AddDays(31)), "debut_2", "9h", "fin_2", "11h",
		"cloture", french.NumericDate(s.today.AddDays(9)), "message", "Merci !")
	var link string
	if err := s.db.QueryRow(t.Context(), `SELECT secret_link FROM mail WHERE to_address = 'ana@example.org'`).Scan(&link); err != nil {
		t.Fatal(err)
	}
	vote := strings.TrimPrefix(link, "https://portail.example.org")
	s.actor = access.Actor{}
	text, _, raw := s.ask(200, "GET", vote)
	s.says(text, "Réponses de Ana Un", "0 oui, 0 si besoin, 0 non", "Merci !")
	if s.number(`SELECT count(*) FROM poll_voter WHERE answered_at IS NOT NULL`) != 0 {
		t.Error("reading the page answers")
	}
	ids := regexp.MustCompile(`name="(date_\d+)"`).FindAllStringSubmatch(raw, -1)
	one, two := ids[0][1], ids[len(ids)-1][1]
	text, _, _ = s.ask(422, "POST", vote, one, "oui", "commentaire", "")
	s.says(text, "Répondez pour le")
	s.ask(303, "POST", vote, one, "oui", two, "si-besoin", "commentaire", "Plutôt le matin")
	s.ask(404, "GET", "/reunions/sondage/ABCDEF")
	s.actor = planActor
	text, _, _ = s.ask(200, "GET", path)
	s.says(text, "1 réponse sur 2 personnes", "La mieux placée", "Bo Deux", "Plutôt le matin")
	s.ask(303, "POST", path+"/rappel")
	s.says(s.flash, "1")
	s.ask(422, "POST", path+"/choix", "version", s.version(id))
	s.ask(303, "POST", path+"/choix", "version", s.version(id), "choix", strings.TrimPrefix(one, "date_"))
	s.actor = access.Actor{}
	text, _, _ = s.ask(200, "GET", vote)
	s.says(text, "La date est choisie")
	s.ask(410, "POST", vote, one, "oui", two, "oui", "commentaire", "")
}

func TestGuestPages(t *testing.T) {
	t.Parallel()
	s := newPlanSite(t)
	id := s.plan(40)
	path := "/equipe/reunions/" + id + "/invites"
	text, _, _ := s.ask(422, "POST", path, "role", "etat", "nom", "", "organisation", "", "courriel", "pas une adresse")
	s.says(text, "Saisissez le nom", "Saisissez une adresse électronique complète")
	s.ask(303, "POST", path, "role", "etat", "nom", "Eli Préfet", "organisation", "Préfecture", "courriel", "eli@example.org")
	text, _, _ = s.ask(200, "GET", path)
	s.says(text, "Eli Préfet", "Représentation de l’État", "Retirer")
	guest := strconv.Itoa(s.number(`SELECT id FROM meeting_guest`))
	s.ask(303, "POST", path+"/"+guest+"/retrait")
	s.ask(404, "POST", path+"/"+guest+"/retrait")
}
