package dashboard

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

type noSessions struct{}

func (noSessions) PutFlash(context.Context, string) {}
func (noSessions) PopFlash(context.Context) string  { return "" }
func (noSessions) PeekFlash(context.Context) string { return "" }

type roundTrips struct{ n atomic.Int64 }

func (r *roundTrips) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	r.n.Add(1)
	return ctx
}
func (*roundTrips) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// world is a governance of its own with its pages.
type world struct {
	t     *testing.T
	s     *governance.Service
	db    postgres.DB
	pages *Pages
	trips *roundTrips
	today day.Day
}

var team = access.Actor{Account: 1, Person: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}, RequestID: "test"}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, trips: &roundTrips{}}
	pool, err := postgres.Open(t.Context(), pgtest.New(t), postgres.Options{MaxConns: 4, Tracer: w.trips})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	w.db, w.s = pool, governance.New(pool, nil)
	kit := &page.Kit{Sessions: noSessions{}, Nav: func(access.Actor) []ui.NavItem { return nil }}
	w.pages = &Pages{Kit: kit, Governance: w.s, Mails: notify.NewDesk(pool, nil, true), DB: pool, Contact: "inclusion@example.org"}
	if w.today, err = postgres.Value[day.Day](t.Context(), pool, `SELECT paris_today()`); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.db.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

// seat returns the first seat of a kind, or the one of an organisation.
func (w *world) seat(kind governance.SeatKind, org access.OrganisationID) governance.SeatID {
	w.t.Helper()
	id, err := postgres.Value[governance.SeatID](w.t.Context(), w.db,
		`SELECT min(id) FROM seat WHERE kind = $1 AND ($2 = 0 OR organisation_id = $2)`, kind, org)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// start gives a seat to Alix <last>, who has an address, for good or until a term.
func (w *world) start(seat governance.SeatID, kind governance.MandateKind, last string, term day.Day) access.PersonID {
	w.t.Helper()
	done, err := w.s.StartMandate(w.t.Context(), team, governance.NewMandate{Seat: seat, Kind: kind, From: day.Of(2025, 1, 1), TermEndsOn: term,
		Person: governance.PersonInput{First: "Alix", Last: last, Email: strings.ToLower(last) + "@exemple.fr"}, Designation: "Désignation de test"})
	if err != nil {
		w.t.Fatalf("start %s: %v", last, err)
	}
	return done.Person.ID
}

func (w *world) join(org access.OrganisationID, last string) access.PersonID {
	w.t.Helper()
	if _, err := w.s.AddMembership(w.t.Context(), team, governance.NewMembership{Organisation: org, From: day.Of(2025, 1, 1), Title: "Référente numérique",
		Person: governance.PersonInput{First: "Sam", Last: last}}); err != nil {
		w.t.Fatal(err)
	}
	id, err := postgres.Value[access.PersonID](w.t.Context(), w.db, `SELECT max(id) FROM person`)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) meeting(body governance.BodyCode, on day.Day, state governance.MeetingState) {
	w.t.Helper()
	if _, err := postgres.Exec(w.t.Context(), w.db, `INSERT INTO meeting (body, starts_at, ends_at, state, announced) VALUES ($1, $2, $3, $4, true)`,
		body, on.At(14, 0), on.At(16, 0), state); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) commune(insee string) access.OrganisationID {
	w.t.Helper()
	id, err := postgres.Value[access.OrganisationID](w.t.Context(), w.db, `SELECT organisation_id FROM commune WHERE insee = $1`, insee)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func acting(role access.Role, person access.PersonID, org access.OrganisationID, name string) access.Actor {
	c := access.Capacity{Role: role, Organisation: org, OrganisationName: name}
	return access.Actor{Account: 9, Person: person, Name: "Alix Exemple", Acting: c, Capacities: []access.Capacity{c}}
}

// show opens the home of the actor, which must take at most two round trips, and
// checks that it says what is wanted.
func (w *world) show(by access.Actor, want ...string) string {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/tableau-de-bord", nil)
	r = r.WithContext(page.WithActor(w.t.Context(), by))
	rec := httptest.NewRecorder()
	before := w.trips.n.Load()
	if err := w.pages.Show(rec, r); err != nil {
		w.t.Fatalf("%s: %v", by.Role(), err)
	}
	if n := w.trips.n.Load() - before; n > 2 {
		w.t.Errorf("the home of %q takes %d round trips, 2 at most beside the session", by.Role(), n)
	}
	if rec.Code != http.StatusOK {
		w.t.Fatalf("%s: status %d", by.Role(), rec.Code)
	}
	body := strings.NewReplacer(french.NBSP, " ", french.Narrow, " ").Replace(rec.Body.String())
	for _, s := range want {
		if !strings.Contains(body, s) {
			w.t.Errorf("the home of %q does not say %q:\n%s", by.Role(), s, body[strings.Index(body, "<main"):])
		}
	}
	return body
}

func TestTeamHome(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.start(w.seat(governance.President, 0), governance.Titular, "Bientôt", w.today.AddDays(30))
	w.start(w.seat(governance.Mayor, w.commune("33039")), governance.Titular, "Prolongée", w.today)
	w.join(w.commune("33039"), "Injoignable")
	w.meeting(governance.GNI, w.today.AddDays(-3), governance.Convened)
	w.meeting(governance.Communes, w.today.AddDays(10), governance.Convened)
	w.exec(`INSERT INTO mail (kind, to_address, subject, text_body, html_body, state, job_id) VALUES ('invitation', 'a@b.fr', 's', 't', 'h', 'failed', 1)`)
	body := w.show(team,
		"1 courriel n’a pas pu être envoyé", `href="/equipe/courriels?etat=failed"`,
		"Le siège de la conseillère métropolitaine au numérique est vacant",
		"27 sièges de maire sont vacants", `href="/equipe/renouvellement-communes"`,
		"10 sièges de représentant du GNI sont vacants", `href="/equipe/sieges?type=representant&amp;etat=a-pourvoir"`,
		"Le mandat d’Alix Bientôt prend fin le "+french.LongDate(w.today.AddDays(30)),
		"L’échéance du mandat d’Alix Prolongée est passée depuis le "+french.LongDate(w.today),
		"rien ne dit si elle s’est tenue", "1re et 2e réunions du groupe des partenaires institutionnels",
		"Sam Injoignable n’a pas d’adresse électronique", "n’a pas de compte", ">Comité des communes</a>")
	if strings.Contains(body, "Rien à faire") {
		t.Error("there is something to do")
	}
}

func TestMemberHomes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	begles := w.commune("33039")
	seat := w.seat(governance.Mayor, begles)
	mayor := w.start(seat, governance.Titular, "Maire", day.Of(2032, 3, 31))
	alternate := w.start(seat, governance.Alternate, "Adjointe", day.Day{})
	agent := w.join(begles, "Agent")
	w.meeting(governance.Communes, w.today.AddDays(10), governance.Convened)
	w.show(acting(access.Mayor, mayor, begles, "Bègles"), "Vous êtes maire de Bègles depuis le 1er janvier 2025.", "Sam Agent", "Référente numérique",
		`href="/communes/33039"`, french.LongDate(w.today.AddDays(10)), "Alix Adjointe", "31 mars 2032")
	w.show(acting(access.Delegate, alternate, begles, "Bègles"), "Vous suppléez Alix Maire, maire de Bègles.", "Alix Adjointe (vous)")
	w.show(acting(access.Delegate, agent, begles, "Bègles"), "Vous agissez pour Bègles, aux côtés d’Alix Maire, maire de Bègles.")
	cenon := w.commune("33119")
	w.show(acting(access.Delegate, w.join(cenon, "Seule"), cenon, "Cenon"), "dont le siège de maire est à pourvoir.", "Siège à pourvoir")

	joined, err := w.s.AddPartner(t.Context(), team, governance.NewPartner{Name: "Caisse fictive", Category: "Caisse", From: day.Of(2025, 2, 1),
		Titular: &governance.PersonInput{First: "Lou", Last: "Titulaire"}, Designation: "Désignation par le partenaire"})
	if err != nil {
		t.Fatal(err)
	}
	lou, err := postgres.Value[access.PersonID](t.Context(), w.db, `SELECT id FROM person WHERE last_name = 'Titulaire'`)
	if err != nil {
		t.Fatal(err)
	}
	w.show(acting(access.Partner, lou, joined.Organisation, "Caisse fictive"), "Vous représentez l’organisation « Caisse fictive » depuis le 1er février 2025.",
		"Groupe des partenaires institutionnels", "(CMTIN)")

	w.exec(`WITH o AS (INSERT INTO organisation (kind, name) VALUES ('structure', 'Les Fictifs du clavier') RETURNING id)
		INSERT INTO seat (kind, organisation_id, college, label, during) SELECT 'structure', id, 'action_sociale', 'Les Fictifs du clavier', '[2025-01-01,)' FROM o`)
	structure, err := postgres.Value[access.OrganisationID](t.Context(), w.db, `SELECT id FROM organisation WHERE kind = 'structure'`)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := postgres.Value[governance.SeatID](t.Context(), w.db, `SELECT id FROM seat WHERE college = 'action_sociale' AND kind = 'gni_representative' AND rank = 2`)
	if err != nil {
		t.Fatal(err)
	}
	w.start(rep, governance.Titular, "Élue", day.Day{})
	w.show(acting(access.Structure, 0, structure, "Les Fictifs du clavier"), "Votre collège : action sociale", "Alix Élue", "Siège 5", "Se réunit trois fois par an.")

	w.show(acting(access.State, 0, 9999, "Préfecture fictive"), "Vous représentez l’État : Préfecture fictive.", "la séance annuelle n’a pas encore de date.")
}

func TestChairHome(t *testing.T) {
	t.Parallel()
	w := setup(t)
	president := w.start(w.seat(governance.President, 0), governance.Titular, "Présidente", day.Day{})
	councillor := w.start(w.seat(governance.Councillor, 0), governance.Titular, "Conseillère", day.Day{})
	w.start(w.seat(governance.Mayor, w.commune("33119")), governance.Titular, "Sortante", w.today.AddDays(20))
	w.meeting(governance.CMTIN, w.today.AddDays(5), governance.Draft)
	w.show(acting(access.Chair, president, 0, ""), "Vous présidez le comité métropolitain territorial pour l’inclusion numérique (CMTIN).",
		"Prochaine séance", "Voir la composition du CMTIN", "Maire de Cenon, Alix Sortante", "autres sièges")
	body := w.show(acting(access.Chair, councillor, 0, ""), "Vous présidez le groupe des partenaires institutionnels", "et le comité des communes",
		"Vous siégez aussi", "Vous y siégez comme conseillère métropolitaine au numérique.", "Maire de Cenon, Alix Sortante")
	if strings.Contains(body, "Représentant du GNI") {
		t.Error("the councillor does not preside the representatives of the GNI")
	}
}

func TestOtherHomes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	admin := acting(access.Administrator, 0, 0, "")
	w.show(admin, "Inviter une personne", "courriel en échec")
	w.pages.Portal = func(context.Context, access.Actor) (PortalCounts, error) {
		return PortalCounts{Active: 3, Invited: 1, Entries: 12, LastEntry: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}, nil
	}
	w.show(admin, "comptes actifs", "invitation en attente", "12 écritures, la dernière le lundi 23 novembre 2026 à 9 h.")
	w.show(acting(access.Scrutineer, 0, 0, ""), "Aucune élection n’est en cours.")
	w.show(access.Actor{Account: 9, Name: "Alix Sortie"}, "Vous n’avez plus de mandat ni de rôle dans la gouvernance.", "mailto:inclusion@example.org")
}

func TestAFailureIsToldNotDrawn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, role := range access.Roles {
		if role == access.Scrutineer || role == access.Public {
			continue // their homes ask nothing
		}
		r := httptest.NewRequest(http.MethodGet, "/tableau-de-bord", nil)
		r = r.WithContext(page.WithActor(ctx, acting(role, 1, 1, "Bègles")))
		rec := httptest.NewRecorder()
		if err := w.pages.Show(rec, r); err == nil || rec.Body.Len() > 0 {
			t.Errorf("%s: error %v, %d bytes written", role, err, rec.Body.Len())
		}
	}
}

// The bodies somebody presides, and which seats are theirs, are rules of the
// schema: the copy kept here must be the same.
func TestPresidedIsTheRuleOfTheSchema(t *testing.T) {
	t.Parallel()
	w := setup(t)
	type rule struct {
		Body  governance.BodyCode   `db:"body"`
		Kinds []governance.SeatKind `db:"kinds"`
	}
	rules, err := postgres.List[rule](t.Context(), w.db, `
		SELECT body, array_agg(seat_kind ORDER BY position) AS kinds FROM composition_rule GROUP BY body HAVING bool_or(chairs)`)
	if err != nil {
		t.Fatal(err)
	}
	if len(rules) != len(presided) {
		t.Errorf("%d bodies are presided, %d here", len(rules), len(presided))
	}
	for _, r := range rules {
		if !slices.Equal(r.Kinds, presided[r.Body]) {
			t.Errorf("%s: %v, here %v", r.Body, r.Kinds, presided[r.Body])
		}
	}
}
