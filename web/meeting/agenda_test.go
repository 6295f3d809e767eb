package meeting

import (
	"context"
	"fmt"
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
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// agendaSite is the pages of agendas over a database of their own.
type agendaSite struct {
	t      testing.TB
	db     *pgxpool.Pool
	s      *meeting.Service
	router chi.Router
	actor  access.Actor
	flash  string
}

func (s *agendaSite) PutFlash(_ context.Context, m string) { s.flash = m }
func (s *agendaSite) PopFlash(context.Context) string      { m := s.flash; s.flash = ""; return m }
func (s *agendaSite) PeekFlash(context.Context) string     { return s.flash }

var agendaTeam = access.Actor{Account: 1, Person: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}}

func newAgendaSite(t testing.TB) *agendaSite {
	t.Helper()
	db := pgtest.Pool(t)
	jobs, err := notify.NewInserter(db)
	if err != nil {
		t.Fatal(err)
	}
	s := &agendaSite{t: t, db: db, s: meeting.New(db, notify.NewOutbox(jobs), "https://portail.example.org"), router: chi.NewRouter(), actor: agendaTeam}
	kit := &page.Kit{Sessions: s, Nav: func(access.Actor) []ui.NavItem { return nil }}
	p := &Pages{Kit: kit, DB: db, Meetings: s.s}
	const agenda, standing = "/equipe/reunions/{id}/ordre-du-jour", "/equipe/instances/{code}/points-permanents"
	for pattern, both := range map[string][2]page.Handler{
		agenda: {p.ShowAgenda, p.ChangeAgenda}, agenda + "/{point}": {p.ShowItem, p.ChangeItem},
		agenda + "/{point}/suppression": {p.ShowRemoveItem, p.RemoveItem}, agenda + "/{point}/deplacement": {p.ShowPostponeItem, p.PostponeItem},
		agenda + "/{point}/transmission": {p.ShowPushItem, p.PushItem}, standing: {p.ShowStanding, p.ChangeStanding},
		standing + "/{point}": {p.ShowStandingItem, p.ChangeStandingItem}, "/equipe/propositions/{id}": {p.ShowProposal, p.DecideProposal},
		"/mes-reunions/propositions": {p.ShowMyProposals, p.ChangeMyProposals}, "/equipe/propositions": {p.ListProposals, p.ListProposals},
		"/equipe/reunions/{id}/contributions": {p.ShowContributions, p.SortContribution}, "/mes-reunions/{id}/contribution": {p.ShowMyContribution, p.SendMyContribution},
	} {
		for i, method := range []string{"GET", "POST"} {
			s.router.Method(method, pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if err := both[i](w, r); err != nil {
					kit.Fail(w, r, err)
				}
			}))
		}
	}
	return s
}

func (s *agendaSite) id(sql string, args ...any) (v int64) {
	s.t.Helper()
	if err := s.db.QueryRow(s.t.Context(), sql, args...).Scan(&v); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

var agendaTags, agendaBlanks = regexp.MustCompile(`(?s)<svg.*?</svg>|<head.*?</head>|<[^>]*>`), regexp.MustCompile(`[\s\x{a0}\x{202f}]+`)

var agendaTypo = regexp.MustCompile(`\pL [:;?!»]|« `)

// ask makes a request, checks its status and that the page says each text; it
// returns where it leads, or the page. A nil form is a GET.
func (s *agendaSite) ask(path string, form url.Values, status int, says ...string) string {
	s.t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	if form != nil {
		r = httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	s.router.ServeHTTP(w, r.WithContext(page.WithActor(s.t.Context(), s.actor)))
	body := w.Body.String()
	said := agendaBlanks.ReplaceAllString(html.UnescapeString(agendaTags.ReplaceAllString(body, " ")), " ")
	if w.Code != status {
		s.t.Fatalf("%s: status %d, want %d\n%s", path, w.Code, status, said)
	}
	if m := agendaTypo.FindString(html.UnescapeString(agendaTags.ReplaceAllString(body, ""))); m != "" {
		s.t.Errorf("%s: an ordinary space beside a mark: %q", path, m)
	}
	for _, want := range says {
		if !strings.Contains(said+s.flash, want) {
			s.t.Errorf("%s does not say %q:\n%s%s", path, want, said, s.flash)
		}
	}
	if status == http.StatusSeeOther {
		return w.Header().Get("Location")
	}
	return body
}

func (s *agendaSite) meeting(body, kind, state string, days int) int64 {
	return s.id(`INSERT INTO meeting (body, kind, starts_at, ends_at, state, announced) SELECT $1, $2, d, d + interval '2 hours', $3, true
		FROM (SELECT (paris_today() + $4::integer + time '14:00') AT TIME ZONE 'Europe/Paris' AS d) x RETURNING id`, body, kind, state, days)
}

func vals(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func TestAgendaByHand(t *testing.T) {
	t.Parallel()
	s := newAgendaSite(t)
	m := s.meeting("gni", "session", "draft", 20)
	at := fmt.Sprintf("/equipe/reunions/%d/ordre-du-jour", m)
	s.ask(at, nil, 200, "L’ordre du jour est vide.", "Reprendre les points permanents")
	s.ask(at, vals("acte", "permanents"), 303)
	s.ask(at, vals("acte", "ajouter", "titre", "", "duree", "deux heures", "rapporteur", "Sacha"), 422, "Saisissez l’intitulé du point.", "entre 0 et 600", "Choisissez ce que")
	s.ask(at, vals("acte", "ajouter", "titre", "<b>Médiation</b>", "nature", "decision", "duree", "20"), 303)
	to := s.ask(at, vals("acte", "ajouter", "titre", "Bilan", "nature", "avis", "duree", "90"), 303)
	point := to[strings.LastIndex(to, "-")+1:]
	if to != at+"#point-"+point {
		t.Errorf("after adding a point: led to %s", to)
	}
	body := s.ask(at, nil, 200, "4. Bilan", "14 h 45 · 1 h 30 · Avis", "2 h 25 prévues sur 2 h : l’ordre du jour dépasse la réunion de 25 min.", "L’ordre du jour est plus long", "Aucune décision n’attend")
	if strings.Contains(body, "<b>Médiation") {
		t.Error("HTML of a title is not escaped")
	}
	if to := s.ask(at, vals("acte", "monter", "point", point), 303, "Le point 4 est maintenant le point 3."); to != at+"#point-"+point {
		t.Errorf("after a move: led to %s", to)
	}
	s.ask(at, vals("acte", "dedans", "point", point), 303, "Le point 3 est maintenant le point 2.1.")
	s.ask(at, vals("acte", "monter", "point", point), 303, "reste à sa place")
	s.ask(at, vals("acte", "monter", "point", "999999"), 404)
	s.ask(at, vals("acte", "voler", "point", point), 400)
	s.ask(at, vals("acte", "monter", "point", point, "intrus", "1"), 400)
	s.ask(at, vals("acte", "ordre", "point", point, "vu", "vieux", "ordre", point+":0"), 409, "Quelqu’un d’autre a changé l’ordre du jour")
	s.ask(at, vals("acte", "ordre", "point", point, "vu", "vieux", "ordre", "x"), 400)
	s.ask(at+"/"+point, vals("titre", "Mon bilan", "nature", "avis", "duree", "30", "version", "7"), 409, "Les deux versions", "Mon bilan", "90 minutes")
	s.ask(at+"/"+point, vals("titre", "Mon bilan", "nature", "avis", "duree", "30", "version", "1"), 303)
	s.ask(at+"/"+point+"/deplacement", nil, 200, "Aucune réunion plus tard")
	next := s.meeting("gni", "session", "draft", 60)
	s.ask(at+"/"+point+"/deplacement", vals("reunion", "424242"), 422, "Choisissez une réunion de la liste.")
	s.ask(at+"/"+point+"/transmission", vals(), 303, "transmis au CMTIN")
	s.ask(at+"/"+point+"/deplacement", vals("reunion", fmt.Sprint(next)), 303)
	s.ask(at, nil, 200, "Déplacé à une autre réunion", "Transmis au CMTIN.")
	s.ask(fmt.Sprintf("/equipe/reunions/%d/ordre-du-jour", next), nil, 200, "1. Mon bilan", "Point reporté d’une réunion précédente : GNI du", "point 2.1")
	s.ask(at+"/"+point+"/suppression", nil, 200, "ne peut pas être retiré")
	s.actor = access.Actor{Account: 9, Person: 9, Acting: access.Capacity{Role: access.Mayor}}
	s.ask(at, nil, 404)
}

func TestStandingPointsByHand(t *testing.T) {
	t.Parallel()
	s := newAgendaSite(t)
	const at = "/equipe/instances/gni/points-permanents"
	s.ask(at, vals("acte", "ajouter", "titre", "Tour de table", "nature", "echange", "duree", "15", "place", "debut"), 303)
	s.ask(at, vals("acte", "ajouter", "titre", "tour de TABLE", "nature", "echange", "place", "fin"), 422, "déjà un point permanent de ce nom")
	id := fmt.Sprint(s.id(`SELECT id FROM standing_item WHERE title = 'Tour de table'`))
	s.ask(at, vals("acte", "monter", "point", id), 303)
	if n := s.id(`SELECT position FROM standing_item WHERE id = $1`, id); n != 2 {
		t.Errorf("after one step up: position %d, want 2", n)
	}
	s.ask(at+"/"+id, vals("titre", "Tour", "nature", "echange", "duree", "5", "place", "fin", "version", "1"), 303)
	s.ask(at+"/"+id, vals("titre", "Tour", "nature", "echange", "duree", "6", "place", "fin", "version", "1"), 409, "Les deux versions")
	s.ask(at, nil, 200, "Tour", "À la fin", "5 min")
	s.ask(at, vals("acte", "retirer", "point", id), 303)
	s.ask(at+"/"+id, nil, 404)
	s.ask("/equipe/instances/autre/points-permanents", nil, 404)
}

// member gives a person with an account a mandate, an alternate's place or an
// organisation that sits, and acts as them.
func (s *agendaSite) member(last string) access.Actor {
	id := s.id(`INSERT INTO person (first_name, last_name, email) VALUES ('Dominique', $1, lower($1) || '@example.org') RETURNING id`, last)
	return access.Actor{Account: access.AccountID(id), Person: access.PersonID(id), Name: "Dominique " + last, Acting: access.Capacity{Role: access.Mayor}}
}

func TestProposalsByHand(t *testing.T) {
	t.Parallel()
	s := newAgendaSite(t)
	s.id(`INSERT INTO person (first_name, last_name) VALUES ('Camille', 'Équipe') RETURNING id`)
	mayor, stranger, state := s.member("Maire"), s.member("Passant"), s.member("Etat")
	s.id(`INSERT INTO mandate (seat_id, person_id, kind, during, designation)
		SELECT min(id), $1, 'titular', daterange(paris_today() - 10, NULL), 'Élection' FROM seat WHERE kind = 'mayor' RETURNING id`, mayor.Person)
	s.id(`INSERT INTO membership (person_id, organisation_id, during)
		VALUES ($1, $2, daterange(paris_today() - 10, NULL)) RETURNING id`, state.Person,
		s.id(`INSERT INTO organisation (kind, name) VALUES ('state_service', 'Préfecture') RETURNING id`))
	const mine, desk = "/mes-reunions/propositions", "/equipe/propositions"
	s.actor = stranger
	s.ask(mine, nil, 200, "Vous ne siégez dans aucune instance aujourd’hui.")
	s.ask(mine, vals("acte", "proposer", "instance", "communes", "titre", "Intrus"), 422, "Choisissez une instance où vous siégez.")
	s.actor = state
	s.ask(mine, vals("acte", "proposer", "instance", "cmtin", "titre", "Parole de l’État"), 303)
	s.actor = mayor
	s.ask(mine, vals("acte", "proposer", "instance", "gni", "titre", "Ailleurs"), 422, "Choisissez une instance où vous siégez.")
	for _, title := range []string{"Un", "Deux", "Trois"} {
		s.ask(mine, vals("acte", "proposer", "instance", "communes", "titre", title, "pourquoi", "Parce que."), 303)
	}
	of := func(title string) string {
		return fmt.Sprint(s.id(`SELECT id FROM agenda_proposal WHERE title = $1`, title))
	}
	s.actor = stranger
	s.ask(mine, vals("acte", "retirer", "proposition", of("Un")), 404)
	m := s.meeting("communes", "session", "draft", 30)
	s.actor = agendaTeam
	s.ask(desk, nil, 200, "4 propositions attendent une réponse.", "Dominique Maire, Maire")
	s.ask(desk+"?instance=zzz", nil, 422)
	s.ask(desk+"?instance=cmtin&etat=en-attente", nil, 200, "Parole de l’État", "1 proposition")
	s.ask(desk+"/"+of("Un"), vals("acte", "refuser", "version", "1", "motif", ""), 422, "Écrivez le motif")
	s.ask(desk+"/"+of("Un"), vals("acte", "refuser", "version", "1", "motif", "Hors sujet."), 303)
	s.ask(desk+"/"+of("Un"), vals("acte", "inscrire", "version", "2", "reunion", fmt.Sprint(m), "nature", "avis"), 409, "a déjà sa réponse")
	s.ask(desk+"/"+of("Deux"), vals("acte", "differer", "version", "1", "mot", "Après l’été."), 303)
	to := s.ask(desk+"/"+of("Deux"), vals("acte", "inscrire", "version", "2", "reunion", fmt.Sprint(m), "nature", "avis", "duree", "10"), 303)
	s.ask(desk+"/"+of("Deux"), nil, 200, "Inscrite à l’ordre du jour")
	s.ask(strings.Split(to, "#")[0], nil, 200, "1. Deux", "Proposé par Dominique Maire, Maire.")
	s.actor = mayor
	s.ask(mine, vals("acte", "retirer", "proposition", of("Deux")), 409)
	s.ask(mine, vals("acte", "retirer", "proposition", of("Trois")), 303)
	s.ask(mine, nil, 200, "Hors sujet.", "Refusée", "Inscrite à l’ordre du jour", "Retirée")
	if n := s.id(`SELECT count(*) FROM mail WHERE kind = 'proposal_answer' AND to_address = 'maire@example.org'`); n != 3 {
		t.Errorf("%d answers told to the proposer, want 3", n)
	}
}

func TestContributionsToAWorkshop(t *testing.T) {
	t.Parallel()
	s := newAgendaSite(t)
	invited, stranger := s.member("Invite"), s.member("Passant")
	w, plain := s.meeting("gni", "workshop", "convened", 10), s.meeting("gni", "session", "convened", 10)
	for _, m := range []int64{w, plain} {
		s.id(`WITH g AS (INSERT INTO meeting_guest (meeting_id, role, name, person_id) VALUES ($1, 'guest', 'Dominique Invite', $2) RETURNING id)
			INSERT INTO convocation (meeting_id, kind, guest_id, person_id, name, seat_label, group_name)
			SELECT $1, 'invitation', g.id, $2, 'Dominique Invite', 'Association', 'Personnes invitées' FROM g RETURNING id`, m, invited.Person)
	}
	mine, team := fmt.Sprintf("/mes-reunions/%d/contribution", w), fmt.Sprintf("/equipe/reunions/%d/contributions", w)
	s.actor = stranger
	s.ask(mine, vals("contribution", "Bonjour"), 404)
	s.actor = invited
	s.ask(fmt.Sprintf("/mes-reunions/%d/contribution", plain), nil, 404)
	s.ask(mine, vals("contribution", " "), 422, "Écrivez votre contribution.")
	for _, text := range []string{"Des bornes en mairie", "Hors sujet"} {
		s.ask(mine, vals("contribution", text), 303)
	}
	of := func(text string) string { return fmt.Sprint(s.id(`SELECT id FROM contribution WHERE text = $1`, text)) }
	s.actor = agendaTeam
	s.ask(team, nil, 200, "2 contributions reçues, dont 2 à trier.")
	s.ask(team, vals("acte", "retenir", "contribution", of("Des bornes en mairie"), "version", "1", "motif", ""), 303)
	s.ask(team, vals("acte", "ecarter", "contribution", of("Hors sujet"), "version", "1", "motif", ""), 422, "Écrivez pourquoi")
	s.ask(team, vals("acte", "ecarter", "contribution", of("Hors sujet"), "version", "1", "motif", "Autre thème"), 303)
	s.ask(team, vals("acte", "retenir", "contribution", of("Hors sujet"), "version", "1", "motif", ""), 409)
	kept := func() int {
		v, err := s.s.Read(t.Context(), agendaTeam, meeting.ID(w), nil)
		if err != nil {
			t.Fatal(err)
		}
		return len(v.Kept)
	}
	if n := kept(); n != 0 {
		t.Errorf("%d contributions public before the workshop is held", n)
	}
	s.id(`UPDATE meeting SET state = 'held' WHERE id = $1 RETURNING id`, w)
	if n := kept(); n != 1 {
		t.Errorf("%d contributions public once it is held, want 1", n)
	}
	s.actor = invited
	s.ask(mine, nil, 200, "ne reçoit pas de contributions", "Autre thème")
	s.ask(mine, vals("contribution", "Trop tard"), 422, "ne reçoit plus")
}

func TestAgendaView(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	items := []meeting.Item{{ID: 1, Number: "1", Title: "Suivi", Kind: meeting.FollowUp, Minutes: 10},
		{ID: 2, Number: "2", Title: "Parti", Kind: meeting.ForOpinion, Minutes: 50, MovedTo: 9, Origin: "proposal", OriginWords: "Dominique Secret"},
		{ID: 3, Number: "3", Title: "Charte", Kind: meeting.ForDecision, Origin: "pushed", OriginWords: "GNI du 11 juin 2026, point 3"},
		{ID: 4, Parent: 3, Number: "3.1", Title: "Vote", Kind: meeting.ForDecision, Minutes: 5}}
	follow := []meeting.Following{{Kind: "decision", Body: governance.GNI, Year: 2026, Number: 3, Title: "Ouvrir un lieu", State: "open", StartsAt: time.Date(2026, 6, 11, 12, 0, 0, 0, time.UTC)}}
	v := agendaView{Meeting: meeting.Meeting{State: governance.Convened, StartsAt: time.Date(2026, 11, 26, 13, 0, 0, 0, time.UTC)}, Items: items, Following: follow}
	if err := AgendaView(v).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	said := agendaBlanks.ReplaceAllString(agendaTags.ReplaceAllString(b.String(), " "), " ")
	for _, want := range []string{"14 h · 10 min · Suivi des décisions", "GNI 2026-3, Ouvrir un lieu (À engager, réunion du 11 juin 2026)", "Point reporté à une autre réunion.",
		"Point transmis par une instance : GNI du 11 juin 2026, point 3.", "3.1 Vote 14 h 10 · 5 min · Décision"} {
		if !strings.Contains(said, want) {
			t.Errorf("the agenda does not say %q:\n%s", want, said)
		}
	}
	if strings.Contains(said, "Secret") {
		t.Error("the public agenda names who proposed a point")
	}
}
