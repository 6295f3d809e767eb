package space

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// site is the space over a database of its own, with one structure of three people.
type site struct {
	t      testing.TB
	db     *pgxpool.Pool
	s      *structure.Service
	id     structure.ID
	actor  access.Actor
	router chi.Router
	flash  string
}

func (s *site) PutFlash(_ context.Context, m string) { s.flash = m }
func (s *site) PopFlash(context.Context) string      { m := s.flash; s.flash = ""; return m }
func (s *site) PeekFlash(context.Context) string     { return s.flash }
func (s *site) SessionEnd(context.Context) time.Time { return time.Time{} }

var teamActor = access.Actor{Account: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}}

func newSite(t testing.TB) *site {
	t.Helper()
	s := &site{t: t, db: pgtest.Pool(t), router: chi.NewRouter()}
	jobs, err := notify.NewInserter(s.db)
	if err != nil {
		t.Fatal(err)
	}
	gov := governance.New(s.db, func(context.Context, pgx.Tx, access.Actor, governance.PersonRef) error { return nil })
	s.s = structure.New(s.db, gov, notify.NewOutbox(jobs), "https://portail.example.org")
	s.id, err = s.s.Record(t.Context(), teamActor, structure.NewRecord{
		Sheet: structure.Sheet{Name: "Atelier <du> Lac", College: governance.SocialAction, INSEE: "33039", Typology: []string{"ASSO"}, Services: []string{"Aide aux démarches administratives"}},
		People: []structure.Contact{{First: "Camille", Last: "Charge", Email: "charge@example.org", InCharge: true},
			{First: "Dominique", Last: "Gestion", Email: "gestion@example.org", Manager: true},
			{First: "Sacha", Last: "Membre", Email: "membre@example.org"}}, From: governance.Founded})
	if err != nil {
		t.Fatal(err)
	}
	s.as("gestion")
	kit := &page.Kit{Sessions: s, Nav: func(access.Actor) []ui.NavItem { return nil }}
	p := &Pages{Kit: kit, Structures: s.s, Contact: "equipe@example.org"}
	both := func(pattern string, show, act page.Handler) {
		for method, handle := range map[string]page.Handler{"GET": show, "POST": act} {
			if handle == nil {
				continue
			}
			s.router.Method(method, pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if err := handle(w, r); err != nil {
					kit.Fail(w, r, err)
				}
			}))
		}
	}
	both(homePath, p.ShowHome, nil)
	both(freshPath, nil, p.Confirm)
	both(sheetPath+"{section}", p.ShowSection, p.ChangeSection)
	both(peoplePath, p.ShowPeople, nil)
	both(peoplePath+"/nouvelle", p.ShowNewPerson, p.AddPerson)
	both(peoplePath+"/referente", p.ShowHandover, p.HandOver)
	both(peoplePath+"/{membre:[0-9]+}/droits", p.ShowRights, p.SetRights)
	both(peoplePath+"/{membre:[0-9]+}/retrait", p.ShowRemoval, p.Remove)
	both(accessPath, p.ShowAccessList, nil)
	both(accessPath+"/{demande:[0-9]+}", p.ShowAccess, p.DecideAccess)
	both("/equipe/structures/{id:[0-9]+}/acces/{demande:[0-9]+}", p.ShowTeamAccess, p.DecideTeamAccess)
	both(leavePath, p.ShowLeave, p.Leave)
	both(structure.FreshnessPath+"{token}", p.ShowFresh, p.ConfirmFresh)
	return s
}

// as acts as one of the people, by the beginning of their address.
func (s *site) as(who string) {
	s.t.Helper()
	p, err := postgres.Value[access.PersonID](s.t.Context(), s.db, `SELECT id FROM person WHERE email = $1`, who+"@example.org")
	if err != nil {
		s.t.Fatal(err)
	}
	s.actor = access.Actor{Account: 7, Person: p, Name: "Personne " + who,
		Acting: access.Capacity{Role: access.Structure, Organisation: s.id, OrganisationName: "Atelier"}}
}

type reply struct {
	status int
	body   string
	to     string
}

func (s *site) do(method, path string, values url.Values) reply {
	s.t.Helper()
	r := httptest.NewRequestWithContext(page.WithActor(s.t.Context(), s.actor), method, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.router.ServeHTTP(w, r)
	return reply{w.Code, w.Body.String(), w.Header().Get("Location")}
}

// want fails unless the page has the status and holds the words.
func (s *site) want(doing string, r reply, status int, words ...string) reply {
	s.t.Helper()
	if r.status != status {
		s.t.Fatalf("%s: status %d, want %d\n%s", doing, r.status, status, r.body)
	}
	text := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(r.body)
	for _, w := range words {
		if !strings.Contains(text, w) {
			s.t.Errorf("%s: the page does not say %q\n%s", doing, w, text)
		}
	}
	return r
}

func (s *site) count(sql string, args ...any) (n int) {
	s.t.Helper()
	if err := s.db.QueryRow(s.t.Context(), sql, args...).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *site) membership(who string) string {
	s.t.Helper()
	return page.IDText(s.count(`SELECT n.id FROM membership n JOIN person p ON p.id = n.person_id WHERE p.email = $1`, who+"@example.org"))
}

// hidden returns the value of a hidden field of the page.
func hidden(body, name string) string {
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(body)
	if m == nil {
		return ""
	}
	return m[1]
}

func TestHomeOfASpace(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	home := s.want("a manager", s.do("GET", homePath, nil), 200, "Atelier &lt;du&gt; Lac", "À jour depuis moins de 6 mois", "Modifier", "equipe@example.org",
		"cinq sièges de représentants de l’action sociale", "informations manquent", "Quitter le GNI")
	if strings.Contains(home.body, "<du>") {
		t.Error("a name is not escaped")
	}
	s.as("membre")
	if r := s.want("a member", s.do("GET", homePath, nil), 200, "Tout est à jour"); strings.Contains(r.body, sheetPath) || strings.Contains(r.body, leavePath) {
		t.Error("a member is led to what they may not do")
	}
	s.want("confirm", s.do("POST", freshPath, url.Values{}), 303)
	if n := s.count(`SELECT count(*) FROM structure_step WHERE kind = 'up_to_date'`); n != 1 {
		t.Errorf("%d confirmations", n)
	}
	for _, path := range []string{sheetPath + "services", peoplePath + "/nouvelle", peoplePath + "/referente", accessPath, leavePath,
		peoplePath + "/" + s.membership("gestion") + "/retrait"} {
		s.want("a member at "+path, s.do("GET", path, nil), 403)
	}
	s.actor = access.Actor{Account: 4, Acting: access.Capacity{Role: access.Structure}}
	s.want("nobody's space", s.do("GET", homePath, nil), 404)
	s.want("nobody's people", s.do("GET", peoplePath, nil), 404)
}

func TestChangeASection(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, section := range structure.SheetSections {
		s.want(string(section), s.do("GET", sheetPath+string(section), nil), 200, "Enregistrer", section.Label())
	}
	s.want("the college", s.do("GET", sheetPath+"college", nil), 404)
	s.want("no section", s.do("GET", sheetPath+"autre", nil), 404)
	first := s.do("GET", sheetPath+"services", nil)
	form := func(page reply, services ...string) url.Values {
		return url.Values{"version": {hidden(page.body, "version")}, "vue": {hidden(page.body, "vue")}, "services": services}
	}
	s.want("a field of no page", s.do("POST", sheetPath+"services", url.Values{"pirate": {"1"}}), 400)
	s.want("the first", s.do("POST", sheetPath+"services", form(first, "Utilisation sécurisée du numérique")), 303)
	s.want("the second", s.do("POST", sheetPath+"services", form(first, "Étudiants", "Compréhension du monde numérique")), 422)
	second := s.want("the second, right", s.do("POST", sheetPath+"services", form(first, "Compréhension du monde numérique")), 409,
		"Utilisation sécurisée du numérique", "Compréhension du monde numérique", "Enregistrer ma version")
	s.want("after reading both", s.do("POST", sheetPath+"services", form(second, "Compréhension du monde numérique")), 303)
	if n := s.count(`SELECT count(*) FROM structure WHERE services = '{Compréhension du monde numérique}'`); n != 1 {
		t.Error("the second version is not recorded")
	}
}

func TestPeoplePages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.want("people", s.do("GET", peoplePath, nil), 200, "Camille Charge", "Personne référente", "Sacha Membre", "(vous)")
	s.want("somebody without a name", s.do("POST", peoplePath+"/nouvelle", url.Values{"courriel": {"x"}}), 422, "Saisissez le prénom.", "adresse électronique complète")
	noa := url.Values{"prenom": {"Noa"}, "nom": {"Neuf"}, "courriel": {"noa@example.org"}}
	s.want("add", s.do("POST", peoplePath+"/nouvelle", noa), 303)
	s.want("add again", s.do("POST", peoplePath+"/nouvelle", noa), 422, "agit déjà pour votre structure", `value="Noa"`)
	member := peoplePath + "/" + s.membership("membre")
	s.want("rights", s.do("GET", member+"/droits", nil), 200, "Gérer la structure")
	s.want("give a right", s.do("POST", member+"/droits", url.Values{"droit": {asManager}}), 303)
	s.want("no right", s.do("POST", member+"/droits", url.Values{"droit": {"tout"}}), 422)
	s.want("check a removal", s.do("GET", member+"/retrait", nil), 200, "Retirer la personne")
	s.want("remove", s.do("POST", member+"/retrait", url.Values{}), 303)
	s.want("remove again", s.do("POST", member+"/retrait", url.Values{}), 404)

	choose := s.want("choose", s.do("GET", peoplePath+"/referente", nil), 200, "Noa Neuf")
	s.want("nobody chosen", s.do("POST", peoplePath+"/referente", url.Values{}), 422, "Choisissez la personne.")
	v := url.Values{"membre": {s.membership("gestion")}, "mandat": {hidden(choose.body, "mandat")}}
	s.want("check", s.do("POST", peoplePath+"/referente", v), 200, "Confirmer le changement", "Camille Charge, qui continue")
	v.Set("verifie", "oui")
	stale := url.Values{"membre": v["membre"], "mandat": {"99999"}, "verifie": {"oui"}}
	s.want("somebody else changed it", s.do("POST", peoplePath+"/referente", stale), 409, "a changé")
	s.want("hand over", s.do("POST", peoplePath+"/referente", v), 303)
	s.as("charge")
	s.want("who left the charge still manages", s.do("GET", peoplePath+"/nouvelle", nil), 200)
	if r := s.want("remove oneself", s.do("POST", peoplePath+"/"+s.membership("charge")+"/retrait", url.Values{}), 303); r.to != "/tableau-de-bord" {
		t.Errorf("led to %s", r.to)
	}
}

func TestAccessPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ask := func(email string) string {
		return page.IDText(s.count(`INSERT INTO access_request (structure_id, first_name, last_name, email, message)
			VALUES ($1, 'Alix', 'Demande', $2, '<b>Bonjour</b>') RETURNING id`, s.id, email))
	}
	one, two := ask("alix@example.org"), ask("bo@example.org")
	s.want("list", s.do("GET", accessPath, nil), 200, "Alix Demande")
	s.want("read", s.do("GET", accessPath+"/"+one, nil), 200, "&lt;b&gt;Bonjour", "N’acceptez que si")
	s.want("no answer", s.do("POST", accessPath+"/"+one, url.Values{"motif": {"Bof"}}), 422, "Choisissez votre réponse.", "Bof")
	s.want("accept", s.do("POST", accessPath+"/"+one, url.Values{"reponse": {grantAccess}}), 303)
	s.want("too late", s.do("POST", accessPath+"/"+one, url.Values{"reponse": {refuseAccess}}), 409, "Personne gestion a répondu", "déjà reçu une réponse")
	s.want("none", s.do("GET", accessPath+"/99999", nil), 404)
	team := "/equipe/structures/" + page.IDText(s.id) + "/acces/"
	s.actor = teamActor
	s.want("the team reads", s.do("GET", team+two, nil), 200, "Alix Demande")
	s.want("under another structure", s.do("GET", "/equipe/structures/99999/acces/"+two, nil), 404)
	s.want("the team refuses", s.do("POST", team+two, url.Values{"reponse": {refuseAccess}}), 303)
}

func TestLeavePages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.want("choose", s.do("GET", leavePath, nil), 200, "Ce que cela change")
	v := url.Values{"version": {hidden(first.body, "version")}, "fin": {"1/1/2025"}, "motif": {"Fin"}}
	s.want("a past day", s.do("POST", leavePath, v), 422, "Choisissez aujourd’hui ou un jour à venir.")
	v.Set("fin", hidden(first.body, "fin"))
	today := regexp.MustCompile(`name="fin"[^>]*value="([^"]*)"`).FindStringSubmatch(first.body)
	if today == nil {
		today = regexp.MustCompile(`value="([0-9/]+)"[^>]*name="fin"`).FindStringSubmatch(first.body)
	}
	v.Set("fin", today[1])
	s.want("check", s.do("POST", leavePath, v), 200, "Vérifiez avant de quitter le GNI", "Siège fermé")
	v.Set("verifie", "oui")
	v.Set("version", "99")
	s.want("somebody else changed the sheet", s.do("POST", leavePath, v), 409)
	v.Set("version", hidden(first.body, "version"))
	s.want("leave", s.do("POST", leavePath, v), 303)
	if n := s.count(`SELECT count(*) FROM structure WHERE state = 'left'`); n != 1 {
		t.Error("it has not left")
	}
}

func TestTheLinkOfAReminder(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.count(`WITH x AS (UPDATE structure SET up_to_date_at = now() - interval '2 years' RETURNING 1) SELECT count(*) FROM x`)
	if n, err := s.s.RemindStale(t.Context()); err != nil || n != 1 {
		t.Fatalf("%d reminded, %v", n, err)
	}
	link, err := postgres.Value[string](t.Context(), s.db, `SELECT secret_link FROM mail WHERE to_address = 'charge@example.org'`)
	if err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(link, "https://portail.example.org")
	s.actor = access.Actor{}
	s.want("read", s.do("GET", path, nil), 200, "Tout est à jour", "n’est pas publié", "Connectez-vous")
	s.want("read again, unused", s.do("GET", path, nil), 200, "Tout est à jour")
	if r := s.want("confirm", s.do("POST", path, url.Values{}), 303); r.to != path {
		t.Errorf("led to %s", r.to)
	}
	s.want("a second click", s.do("POST", path, url.Values{}), 303)
	if r := s.want("come back", s.do("GET", path, nil), 200, "C’est fait", "rien d’autre à faire"); strings.Contains(r.body, `action="`+path) {
		t.Error("the button is still there")
	}
	s.want("no link", s.do("GET", structure.FreshnessPath+"AAAAAAAAAAAAAAAAAAAAAAAAAA", nil), 410, "n’est plus valable", "connectez-vous")
	s.want("no link posted", s.do("POST", structure.FreshnessPath+"AAAAAAAAAAAAAAAAAAAAAAAAAA", url.Values{}), 410)
}
