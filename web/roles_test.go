package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/web"
)

// paths gives a real address to each pattern that has parameters.
func (s *site) paths(t testing.TB) func(pattern string) string {
	t.Helper()
	ctx := t.Context()
	id := func(sql string) string {
		var v string
		if err := s.pool.QueryRow(ctx, sql).Scan(&v); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return v
	}
	seat := id(`SELECT s.id::text FROM seat s JOIN commune c ON c.organisation_id = s.organisation_id WHERE c.slug = 'begles'`)
	mandate := id(`SELECT m.id::text FROM mandate m JOIN seat s ON s.id = m.seat_id JOIN commune c ON c.organisation_id = s.organisation_id
		WHERE c.slug = 'begles' AND m.during @> paris_today()`)
	organisation := id(`SELECT min(id)::text FROM organisation WHERE kind = 'partner'`)
	member := id(`SELECT n.id::text FROM membership n JOIN organisation o ON o.id = n.organisation_id WHERE o.kind = 'commune' LIMIT 1`)
	commune := id(`SELECT n.organisation_id::text FROM membership n JOIN organisation o ON o.id = n.organisation_id WHERE o.kind = 'commune' LIMIT 1`)
	mail := id(`SELECT min(id::text) FROM mail`)
	entry := id(`SELECT min(id)::text FROM audit_entry`)
	account := id(`SELECT id::text FROM account WHERE email = 'maire-cenon@example.org'`)
	person := id(`SELECT id::text FROM person WHERE email = 'maire-cenon@example.org'`)
	meeting := id(`SELECT id::text FROM meeting WHERE state = 'convened' ORDER BY starts_at LIMIT 1`)
	held := id(`SELECT id::text FROM meeting WHERE state = 'held' LIMIT 1`)
	published := id(`SELECT m.id::text FROM meeting m JOIN decision d ON d.meeting_id = m.id WHERE m.state = 'published' ORDER BY m.starts_at DESC LIMIT 1`)
	convened := id(`SELECT id::text FROM convocation WHERE meeting_id = ` + meeting + ` ORDER BY id LIMIT 1`)
	item := id(`SELECT id::text FROM agenda_item WHERE meeting_id = ` + meeting + ` ORDER BY id LIMIT 1`)
	guest := id(`SELECT coalesce(min(id), 1)::text FROM meeting_guest`)
	standing := id(`SELECT min(id)::text FROM standing_item WHERE body = 'cmtin'`)
	proposal := id(`SELECT min(id)::text FROM agenda_proposal`)
	decision := id(`SELECT min(d.id)::text FROM decision d JOIN meeting m ON m.id = d.meeting_id WHERE m.state = 'published'`)
	position := id(`SELECT min(d.id)::text FROM position_taken d JOIN meeting m ON m.id = d.meeting_id WHERE m.state = 'published'`)
	asked := id(`SELECT min(id)::text FROM asked_action`)
	sheet := id(`SELECT min(organisation_id)::text FROM structure WHERE state = 'accepted'`)
	request := id(`SELECT min(id)::text FROM access_request`)
	roadmap, election := s.roadmapPaths(t), s.electionPaths(t)
	return func(pattern string) string {
		replace := append(append(roadmap(pattern), election(pattern)...), // first: their parameters are their own
			"{code:[a-z]+}", "cmtin", "{code}", "cmtin", "{insee:[0-9AB]{5}}", "33039", "{ext:(csv|xlsx|json)}", "csv", "{ext:(csv|xlsx)}", "xlsx",
			"{token}", "jeton-inconnu", "{mandat:[0-9]+}", mandate, "{membre:[0-9]+}", member, "{reglage:[a-z-]+}", "delai-convocation")
		replace = append(replace, "{ligne:[0-9]+}", convened, "{destinataire:[0-9]+}", convened, "{invite:[0-9]+}", guest, "{n:[0-9]+}", "1", "{doc:[0-9]+}", "1",
			"{nature:(decision|avis)}", "decision")
		replace = append(replace, "{demande:[0-9]+}", request, "{etape:(structure|adresse|college|services|accueil|reseaux|personnes|accords)}", "structure", "{section:[a-z]+}", "services",
			"{slug:[a-z0-9-]+}", "personnes-formees", "{valeur:[0-9]+}", "1", "{ext:(csv|json)}", "json")
		at := meeting
		switch {
		case strings.Contains(pattern, "/ma-structure/"):
			replace = append(replace, "{membre:[0-9]+}", member)
		case strings.Contains(pattern, "/indicateurs/"), strings.Contains(pattern, "/import/"):
			replace = append(replace, "{id:[0-9]+}", "1")
		case strings.Contains(pattern, "/structures/"):
			replace = append(replace, "{id:[0-9]+}", sheet)
		case strings.Contains(pattern, "/points-permanents/"):
			replace = append(replace, "{point:[0-9]+}", standing)
		case strings.Contains(pattern, "/propositions/"):
			replace = append(replace, "{id:[0-9]+}", proposal)
		case strings.Contains(pattern, "/decisions/"):
			replace = append(replace, "{id:[0-9]+}", decision)
		case strings.Contains(pattern, "/positions/"):
			replace = append(replace, "{id:[0-9]+}", position)
		case strings.Contains(pattern, "/actions-demandees/"):
			replace = append(replace, "{id:[0-9]+}", asked)
		case strings.Contains(pattern, "reunions/"):
			switch {
			case strings.Contains(pattern, "/equipe/") && strings.Contains(pattern, "/compte-rendu"), strings.Contains(pattern, "/seance"):
				at = held
			case strings.Contains(pattern, "/compte-rendu"), strings.Contains(pattern, "/releve"):
				at = published
			}
			replace = append(replace, "{id:[0-9]+}", at, "{point:[0-9]+}", item)
			if at == held {
				replace[len(replace)-1] = "0" // outside the agenda
			}
		case strings.Contains(pattern, "/sieges/"):
			replace = append(replace, "{id:[0-9]+}", seat)
		case strings.Contains(pattern, "{membre"):
			replace = append(replace, "{id:[0-9]+}", commune)
		case strings.Contains(pattern, "/organisations/"):
			replace = append(replace, "{id:[0-9]+}", organisation)
		case strings.Contains(pattern, "/personnes/"):
			replace = append(replace, "{id:[0-9]+}", person)
		case strings.Contains(pattern, "/comptes/"):
			replace = append(replace, "{id:[0-9]+}", account)
		case strings.Contains(pattern, "/journal/"):
			replace = append(replace, "{id:[0-9]+}", entry)
		case strings.Contains(pattern, "/courriels/"):
			i, j := strings.Index(pattern, "{id"), strings.LastIndex(pattern, "}")
			if i >= 0 {
				replace = append(replace, pattern[i:j+1], mail)
			}
		}
		p := strings.NewReplacer(replace...).Replace(pattern)
		if strings.Contains(p, "{") {
			t.Fatalf("no address for %s: give its parameters in paths", pattern)
		}
		return p
	}
}

// TestEveryRouteIsDeclared walks what chi really serves: nothing is there that the
// table does not name, and every line of the table says who may.
func TestEveryRouteIsDeclared(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	declared := map[string]bool{
		"GET /healthz": true, "GET /readyz": true, "GET /metrics": true,
	}
	for _, r := range s.portal.Routes() {
		if !r.Who.Declared() {
			t.Errorf("%s %s says nothing of who may", r.Method, r.Pattern)
		}
		key := r.Method + " " + r.Pattern
		if declared[key] {
			t.Errorf("%s stands twice in the table", key)
		}
		declared[key] = true
	}
	walked := 0
	err := chi.Walk(s.portal.Router(), func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		walked++
		if !declared[method+" "+route] && !strings.HasPrefix(route, "/static/") {
			t.Errorf("%s %s is served and not in the table", method, route)
		}
		return nil
	})
	if err != nil || walked < len(s.portal.Routes()) {
		t.Errorf("walked %d routes of %d, %v", walked, len(s.portal.Routes()), err)
	}
}

// TestRoleTable asks every route as every role and as nobody: who is let in is
// what the table says, and nobody ever gets a 500.
func TestRoleTable(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	address := s.paths(t)
	for _, role := range access.Roles {
		t.Run(string(role), func(t *testing.T) {
			b := s.signIn(t, accountOf[role]).bare()
			actor := access.Actor{Acting: access.Capacity{Role: role}}
			if role != access.Public {
				actor.Account = 1
			}
			for _, route := range s.portal.Routes() {
				if route.Pattern == "/deconnexion" || route.Pattern == "/mon-compte/appareils" && route.Method == http.MethodPost {
					continue // they end the session that asks; tested with the accounts
				}
				checkRight(t, b, route, address(route.Pattern), route.Who.Admits(actor), role != access.Public)
			}
		})
	}
}

func checkRight(t *testing.T, b *browser, route web.Route, path string, admitted, signedIn bool) {
	t.Helper()
	var a answer
	if route.Method == http.MethodPost {
		a = b.post(path, url.Values{})
	} else {
		a = b.get(path)
	}
	toSignIn := a.status == http.StatusSeeOther && strings.HasPrefix(a.location(), "/connexion?suite=")
	switch {
	case a.status >= 500:
		t.Errorf("%s %s: status %d\n%s", route.Method, path, a.status, a.text())
	case admitted && (a.status == http.StatusForbidden || toSignIn):
		t.Errorf("%s %s: refused (%d %s) to a role the table admits", route.Method, path, a.status, a.location())
	case !admitted && signedIn && a.status != http.StatusForbidden:
		t.Errorf("%s %s: status %d for a role the table does not admit, want 403", route.Method, path, a.status)
	case !admitted && !signedIn && !toSignIn:
		t.Errorf("%s %s: status %d %s for nobody, want a redirection to /connexion", route.Method, path, a.status, a.location())
	}
}

// TestRightsFallWithTheMandate: a mandate that ends closes the door at the next
// request, without signing out.
func TestRightsFallWithTheMandate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	team := s.signIn(t, "equipe@example.org")
	if a := team.get("/equipe/sieges"); a.status != http.StatusOK {
		t.Fatalf("team: status %d", a.status)
	}
	if _, err := postgres.Exec(t.Context(), s.pool, `
		UPDATE role_grant SET ended_at = clock_timestamp() WHERE account_id = (SELECT id FROM account WHERE email = 'equipe@example.org')`); err != nil {
		t.Fatal(err)
	}
	if a := team.get("/equipe/sieges"); a.status != http.StatusForbidden {
		t.Errorf("after the role ended: status %d, want 403", a.status)
	}
	if a := team.get("/mon-compte"); a.status != http.StatusOK {
		t.Errorf("their own account page: status %d, want 200", a.status)
	}

	mayor := s.signIn(t, "maire-cenon@example.org")
	if a := mayor.get("/tableau-de-bord"); a.status != http.StatusOK || !strings.Contains(a.body, "Cenon") {
		t.Fatalf("mayor's home: status %d\n%s", a.status, a.text())
	}
	if _, err := postgres.Exec(t.Context(), s.pool, `
		UPDATE mandate m SET during = daterange(lower(during), paris_today())
		FROM person p WHERE p.id = m.person_id AND p.email = 'maire-cenon@example.org' AND m.during @> paris_today()`); err != nil {
		t.Fatal(err)
	}
	if a := mayor.get("/tableau-de-bord"); a.status != http.StatusOK || !strings.Contains(a.body, "Vous n’avez plus de mandat") {
		t.Errorf("after the mandate ended the home still is a mayor's: status %d\n%s", a.status, a.text())
	}
}

// TestListsAsFiles: a list's file holds what is on screen, all pages.
func TestListsAsFiles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	team := s.signIn(t, "equipe@example.org")
	for path, want := range map[string]int{
		"/equipe/sieges.csv":                        214 + 1, // and the headings
		"/equipe/sieges.csv?type=partenaire":        14 + 1,
		"/equipe/sieges.csv?q=begles&type=maire":    1 + 1,
		"/equipe/organisations.csv?type=commune":    28 + 1,
		"/equipe/organisations.csv?q=introuvable":   0 + 1,
		"/instances/gni.csv":                        160 + 1,
		"/instances/gni.csv?college=action_sociale": 80 + 1,
		"/instances/gni.csv?q=EPICERIE":             10 + 1, // as the page: accents and case forgiven
		"/instances/cmtin.csv":                      54 + 1,
		"/communes.csv":                             28 + 1,
	} {
		a := team.get(path)
		if got := strings.Count(strings.TrimSpace(a.body), "\n") + 1; a.status != http.StatusOK || got != want {
			t.Errorf("%s: status %d, %d lines, want %d", path, a.status, got, want)
		}
	}
}
