package minutes

import (
	"context"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/printing"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
	"bordeaux-metropole.fr/portal/web/ui/uitest"

	"github.com/jackc/pgx/v5/pgxpool"
)

// regSite is the pages of what meetings leave, over a database of their own, with a
// session of the CMTIN held yesterday and one point.
type regSite struct {
	t       testing.TB
	db      *pgxpool.Pool
	s       *minutes.Service
	router  chi.Router
	actor   access.Actor
	flash   string
	meeting meeting.ID
	item    meeting.ItemID
}

func (s *regSite) PutFlash(_ context.Context, m string) { s.flash = m }
func (s *regSite) PopFlash(context.Context) string      { m := s.flash; s.flash = ""; return m }
func (s *regSite) PeekFlash(context.Context) string     { return s.flash }

var (
	regTeam  = access.Actor{Account: 1, Person: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}}
	regMayor = access.Actor{Account: 2, Person: 2, Name: "Alix Maire", Acting: access.Capacity{Role: access.Mayor}}
)

func newRegSite(t testing.TB) *regSite {
	t.Helper()
	pool := pgtest.Pool(t)
	jobs, err := notify.NewInserter(pool)
	if err != nil {
		t.Fatal(err)
	}
	outbox := notify.NewOutbox(jobs)
	const base = "https://portail.example.org"
	meetings := meeting.New(pool, outbox, base)
	s := &regSite{t: t, db: pool, s: minutes.New(pool, meetings, outbox, base), router: chi.NewRouter(), actor: regTeam}
	kit := &page.Kit{Sessions: s, Nav: func(access.Actor) []ui.NavItem { return []ui.NavItem{{Label: "Accueil", Href: "/"}} }}
	p := &Pages{Kit: kit, Meetings: meetings, Minutes: s.s, Printer: printing.New(pool), Roadmap: roadmap.New(pool)}
	for pattern, h := range map[string][2]page.Handler{
		"/decisions": {p.ListDecisions}, "/decisions.{ext}": {p.DecisionsFile}, "/decisions/{id}": {p.ShowDecision},
		"/positions": {p.ListPositions}, "/positions.{ext}": {p.PositionsFile}, "/positions/{id}": {p.ShowPosition},
		"/reunions/{id}/releve": {p.ShowReleve}, "/reunions/{id}/releve.pdf": {p.RelevePDF},
		"/mes-reunions/actions": {p.ShowMyActions, p.SettleMyAction}, "/equipe/suivi": {p.ShowFollowUp}, "/equipe/suivi.{ext}": {p.FollowUpFile},
		"/equipe/reunions/{id}/seance":                                  {p.ShowNotes, p.SaveNotes},
		"/equipe/reunions/{id}/seance/{point}/{nature:(decision|avis)}": {p.ShowNewDecision, p.AddDecision},
		"/equipe/reunions/{id}/seance/{point}/position":                 {p.ShowNewPosition, p.AddPosition},
		"/equipe/reunions/{id}/seance/{point}/action":                   {p.ShowNewAction, p.AddAction},
		"/equipe/decisions/{id}/correction":                             {p.ShowDecisionEdit, p.EditDecision},
		"/equipe/decisions/{id}/suppression":                            {p.ShowDecisionDelete, p.DeleteDecision},
		"/equipe/decisions/{id}/suivi":                                  {p.ShowDecisionFollow, p.FollowDecision},
		"/equipe/positions/{id}/correction":                             {p.ShowPositionEdit, p.EditPosition},
		"/equipe/positions/{id}/suppression":                            {p.ShowPositionDelete, p.DeletePosition},
		"/equipe/positions/{id}/suivi":                                  {p.ShowPositionFollow, p.FollowPosition},
		"/equipe/actions-demandees/{id}/correction":                     {p.ShowActionEdit, p.EditAction},
		"/equipe/actions-demandees/{id}/suppression":                    {p.ShowActionDelete, p.DeleteAction},
		"/equipe/actions-demandees/{id}/etat":                           {p.ShowActionState, p.SetActionState},
	} {
		for i, method := range []string{"GET", "POST"} {
			if h[i] != nil {
				s.router.Method(method, pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if err := h[i](w, r); err != nil {
						kit.Fail(w, r, err)
					}
				}))
			}
		}
	}
	at := day.Today().AddDays(-1).At(14, 0)
	s.scan(&s.meeting, `INSERT INTO meeting (body, starts_at, ends_at, state, announced, place) VALUES ('cmtin', $1, $2, 'held', true, 'Hôtel de Métropole') RETURNING id`, at, at.Add(2*time.Hour))
	s.scan(&s.item, `INSERT INTO agenda_item (meeting_id, position, title, kind) VALUES ($1, 1, 'Lieux d''accueil', 'decision') RETURNING id`, s.meeting)
	return s
}

func (s *regSite) scan(to any, sql string, args ...any) {
	s.t.Helper()
	if err := s.db.QueryRow(s.t.Context(), sql, args...).Scan(to); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
}

// regAnswer is what a request got.
type regAnswer struct {
	t    testing.TB
	code int
	body string
	to   string
}

// ask sends a request and wants a status; a page must pass uitest.
func (s *regSite) ask(method, path string, v url.Values, status int) regAnswer {
	s.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(v.Encode()))
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	s.router.ServeHTTP(w, r.WithContext(page.WithActor(s.t.Context(), s.actor)))
	a := regAnswer{s.t, w.Code, w.Body.String(), w.Header().Get("Location")}
	if a.code != status {
		s.t.Fatalf("%s %s: status %d, wanted %d\n%s", method, path, a.code, status, a.text())
	}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		for _, fault := range uitest.Problems(strings.NewReader(a.body)) {
			s.t.Errorf("%s %s: %s", method, path, fault)
		}
	}
	return a
}

func (s *regSite) get(path string, status int) regAnswer {
	s.t.Helper()
	return s.ask("GET", path, nil, status)
}

func (s *regSite) post(path string, v url.Values, status int) regAnswer {
	s.t.Helper()
	return s.ask("POST", path, v, status)
}

var (
	regTags   = regexp.MustCompile(`(?s)<svg.*?</svg>|<head.*?</head>|<[^>]*>`)
	regBlanks = regexp.MustCompile(`\s+`)
	regInputs = regexp.MustCompile(`(?s)<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"|<textarea[^>]*name="([^"]*)"[^>]*>([^<]*)</textarea>`)
)

func regPlain(s string) string {
	return regBlanks.ReplaceAllString(strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(s), " ")
}

func (a regAnswer) text() string {
	return regPlain(html.UnescapeString(regTags.ReplaceAllString(a.body, " ")))
}

func (a regAnswer) has(texts ...string) regAnswer {
	a.t.Helper()
	for _, want := range texts {
		if !strings.Contains(a.text(), want) {
			a.t.Errorf("the page does not say %q:\n%s", want, a.text())
		}
	}
	return a
}

// fields returns the fields whose value the page carries.
func (a regAnswer) fields() url.Values {
	v := url.Values{}
	for _, m := range regInputs.FindAllStringSubmatch(a.body, -1) {
		v.Set(m[1]+m[3], html.UnescapeString(m[2]+m[4]))
	}
	return v
}

func regForm(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func regID[T ~int64](id T) string { return strconv.FormatInt(int64(id), 10) }

var regDecision = regForm("titre", "Lieux d’accueil", "texte", "Les lieux d’accueil sont recensés.", "resultat", "adoptee", "mode", "consensus")

// From the notes to the register: nothing shows before publication, and a
// rectification keeps what it corrects.
func TestADecisionFromTheMeetingToTheRegister(t *testing.T) {
	t.Parallel()
	s := newRegSite(t)
	notes := notesPath(s.meeting, 0)
	s.get(notes, 200).has("1. Lieux d’accueil", "Ajouter une décision", "Ajouter une position")
	add := addPath(s.meeting, s.item, "decision")
	s.get(add, 200)
	if to := s.post(add, regDecision, 303).to; to != notesPath(s.meeting, s.item) {
		t.Errorf("led to %s", to)
	}
	bad := regForm("titre", "", "texte", "<b>gras</b>", "resultat", "adoptee", "mode", "vote", "pour", "beaucoup")
	s.post(add, bad, 422).has("<b>gras</b>", "Donnez un titre", "Saisissez un nombre entier")
	s.post(add, regForm("titre", "x", "autre", "1"), 400)
	s.post(addPath(s.meeting, 0, "position"), regForm("nature", "demande", "destinataire", "L’État", "titre", "Moyens", "texte", "Nous demandons."), 303)
	s.post(addPath(s.meeting, s.item, "action"), regForm("action", "Écrire", "responsable", "Les communes", "echeance", "27/3/2099"), 303)
	var id minutes.DecisionID
	s.scan(&id, `SELECT id FROM decision`)
	s.get(notes, 200).has("CMTIN", "Adoptée", "Action demandée : Écrire", "Moyens")
	s.get(teamDecision(id, "correction"), 200)
	s.get(teamDecision(id, "suppression"), 200)

	public := []string{decisionPath(id), positionsPath + "/1", meetingPath(s.meeting) + "/releve", meetingPath(s.meeting) + "/releve.pdf"}
	for _, who := range []access.Actor{{}, regMayor} {
		s.actor = who
		for _, path := range public {
			s.get(path, 404)
		}
		for _, path := range []string{"/decisions", "/decisions.csv", "/decisions.json", "/positions", "/positions.json"} {
			if body := s.get(path, 200).body; strings.Contains(body, "recensés") || strings.Contains(body, "Moyens") {
				t.Errorf("%s tells what is not published", path)
			}
		}
	}
	s.actor = regTeam
	s.get(meetingPath(s.meeting)+"/releve", 200).has("Projet", "recensés")
	s.post(teamDecision(id, "suivi"), regForm("etat", "en-cours", "note", "Premiers relevés", "version", "1"), 303)
	if _, err := s.db.Exec(t.Context(), `UPDATE meeting SET state = 'published'`); err != nil {
		t.Fatal(err)
	}
	s.get(notes, 200).has("Le compte rendu est publié", "Rectifier")
	fix := teamDecision(id, "correction")
	v := regForm("version", "2", "motif", "Mot oublié")
	for k := range regDecision {
		v.Set(k, regDecision.Get(k))
	}
	v.Set("texte", "Tous les lieux d’accueil sont recensés.")
	check := s.post(fix, v, 200).has("Publier la rectification", "Mot oublié")
	to := s.post(fix, check.fields(), 303).to
	s.actor = access.Actor{}
	s.get(to, 200).has("Tous les lieux", "Mot oublié", "Version adoptée", "Premiers relevés", "En cours")
	s.get(decisionPath(id), 200).has("Cette version a été rectifiée")
	s.get("/decisions?q=lieux&instance=cmtin&etat=en-cours&nature=decision", 200).has("CMTIN")
	s.get("/decisions?page=9", 200).has("Cette page de la liste est vide")
	if body := s.get("/decisions.csv?q=lieux", 200).body; !strings.Contains(body, "Tous les lieux") || strings.Contains(body, ";Les lieux d’accueil sont") {
		t.Errorf("the file: %s", body)
	}
	s.get("/decisions.xlsx", 200)
	s.get("/positions.csv", 200)
	s.get("/positions?q=moyens", 200).has("À envoyer")
	s.get(meetingPath(s.meeting)+"/releve", 200).has("Relevé de décisions", "Tous les lieux")
	s.get(teamDecision(id, "correction"), 404)
}

// Two people note at once: the one who saves last sees both texts, and their other
// notes are kept.
func TestNotesConflictShowsBothTexts(t *testing.T) {
	t.Parallel()
	s := newRegSite(t)
	var second meeting.ItemID
	s.scan(&second, `INSERT INTO agenda_item (meeting_id, position, title, kind) VALUES ($1, 2, 'Divers', 'discussion') RETURNING id`, s.meeting)
	path := notesPath(s.meeting, 0)
	mine, theirs := s.get(path, 200).fields(), s.get(path, 200).fields()
	mine.Del("point")
	theirs.Del("point")
	theirs.Set(noteField(s.item), "Leur texte")
	s.post(path, theirs, 303)
	mine.Set(noteField(s.item), "Mon texte")
	mine.Set(noteField(second), "Autre point")
	mine.Set("point", regID(second))
	conflict := s.post(path, mine, 409).has("Leur texte", "Mon texte", "Texte enregistré par Camille Équipe", "Autre point")
	again := conflict.fields()
	again.Set("point", regID(second))
	if to := s.post(path, again, 303).to; to != notesPath(s.meeting, second) {
		t.Errorf("led to %s", to)
	}
	var kept []string
	s.scan(&kept, `SELECT array_agg(text ORDER BY item_id) FROM item_note`)
	if len(kept) != 2 || kept[0] != "Mon texte" || kept[1] != "Autre point" {
		t.Errorf("notes: %q", kept)
	}
	// What I left untouched is not sent over what they write meanwhile.
	mine = s.get(path, 200).fields()
	mine.Del("point")
	if _, err := s.s.SaveNotes(t.Context(), regTeam, s.meeting, []minutes.NoteInput{{Item: second, Text: "Plus tard", Version: 1}}); err != nil {
		t.Fatal(err)
	}
	mine.Set(noteField(s.item), "Mon texte, complété")
	s.post(path, mine, 303)
	s.get(path, 200).has("Mon texte, complété", "Plus tard")
	mine.Set(noteField(s.item), strings.Repeat("a", maxNoteText+1))
	s.post(path, mine, 422)
}

func TestOwnersSettleTheirActions(t *testing.T) {
	t.Parallel()
	s := newRegSite(t)
	var person access.PersonID
	s.scan(&person, `INSERT INTO person (first_name, last_name, email) VALUES ('Alix', 'Moreau', 'alix@example.org') RETURNING id`)
	var id minutes.ActionID
	s.scan(&id, `INSERT INTO asked_action (meeting_id, item_id, what, owner, owner_person_id, due_on) VALUES ($1, $2, 'Transmettre la liste', 'Alix Moreau', $3, paris_today() - 1) RETURNING id`, s.meeting, s.item, person)
	s.get("/equipe/suivi?vue=actions&echeance=en-retard", 200).has("Transmettre la liste", "En retard")
	s.get("/equipe/suivi", 200).has("Rien n’est en attente")
	s.get("/equipe/suivi.csv?vue=actions", 200)
	s.get(teamAction(id, "etat"), 200)
	s.get(teamAction(id, "correction"), 200)
	s.get(teamAction(id, "suppression"), 200)
	s.actor = regMayor
	settle := regForm("demande", regID(id), "version", "1", "etat", "abandonnee", myNote(id), "")
	settle.Set("etat", "realisee")
	s.post("/mes-reunions/actions", settle, 404)
	settle.Set("etat", "abandonnee")
	s.get("/mes-reunions/actions", 200).has("Rien ne vous est demandé")
	s.actor = access.Actor{Account: 3, Person: person, Name: "Alix Moreau", Acting: access.Capacity{Role: access.Mayor}}
	s.get("/mes-reunions/actions", 200).has("Transmettre la liste", "En retard")
	s.post("/mes-reunions/actions", settle, 422).has("Dites pourquoi l’action est abandonnée")
	settle.Set("etat", "realisee")
	settle.Set(myNote(id), "Envoyée")
	s.post("/mes-reunions/actions", settle, 303)
	s.get("/mes-reunions/actions", 200).has("réglé depuis un an", "Envoyée")
	s.post("/mes-reunions/actions", settle, 409)
	s.actor = regTeam
	s.post(teamAction(id, "etat"), regForm("etat", "a-faire", "note", "Incomplète", "version", "2"), 303)
}

func TestPositionFollowUp(t *testing.T) {
	t.Parallel()
	s := newRegSite(t)
	id, _, err := s.s.RecordPosition(t.Context(), regTeam, s.meeting, s.item, minutes.PositionInput{Kind: minutes.KindRequest, Title: "Moyens", Text: "Nous demandons.", Addressee: "L’État"})
	if err != nil {
		t.Fatal(err)
	}
	path, on := teamPosition(id, "suivi"), day.Today().String()
	s.get("/equipe/suivi?vue=positions", 200).has("Moyens", "À envoyer")
	s.get(path, 200)
	s.get(teamPosition(id, "correction"), 200)
	s.get(teamPosition(id, "suppression"), 200)
	s.post(path, regForm("etape", "repondue", "date", on, "reponse", "Entendu", "version", "1"), 422).has("Inscrivez d’abord la date d’envoi")
	s.post(path, regForm("etape", "envoyee", "date", on, "reponse", "", "version", "1"), 303)
	s.post(path, regForm("etape", "repondue", "date", on, "reponse", "Entendu", "version", "1"), 409)
	s.post(path, regForm("etape", "repondue", "date", on, "reponse", "Entendu", "version", "2"), 303)
	s.get(positionPath(id), 200).has("Réponse reçue", "Entendu")
	if _, err := s.db.Exec(t.Context(), `UPDATE meeting SET body = $1 WHERE id = $2`, governance.GNI, s.meeting); err != nil {
		t.Fatal(err)
	}
	s.get(addPath(s.meeting, s.item, "position"), 404)
}
