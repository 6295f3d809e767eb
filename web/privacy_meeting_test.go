package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// column returns the values of a query that has one column.
func (s *site) column(t testing.TB, sql string, args ...any) []string {
	t.Helper()
	rows, err := s.pool.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// conveneByHand convenes a draft of the body by the page, and returns its id.
func (s *site) conveneByHand(t testing.TB, team *browser, body string) int {
	t.Helper()
	id := s.count(t, `INSERT INTO meeting (body, starts_at, ends_at, place, video_url, theme, state, announced)
		VALUES ($1, now() + interval '40 days', now() + interval '40 days 2 hours', 'Salle Garonne', 'https://visio.example.org/secret-de-la-salle', 'Médiation', 'draft', true)
		RETURNING id::int`, body)
	s.count(t, `WITH i AS (INSERT INTO agenda_item (meeting_id, position, title, kind) VALUES ($1, 1, 'Feuille de route', 'discussion') RETURNING 1) SELECT count(*)::int FROM i`, id)
	path := fmt.Sprintf("/equipe/reunions/%d/convocation", id)
	v := url.Values{"version": {"1"}, "motif": {"Le calendrier l’impose."}, "message": {""}}
	if a := team.post(path, v); a.status != http.StatusSeeOther {
		t.Fatalf("convene: status %d\n%s", a.status, a.text())
	}
	return id
}

// linkOf is the personal page of the first recipient of a meeting that has an address.
func (s *site) linkOf(t testing.TB, id int) string {
	t.Helper()
	return s.column(t, `SELECT substring(m.secret_link FROM '/reunions/reponse/.*') FROM sending_to x JOIN mail m ON m.id = x.mail_id
		JOIN convocation c ON c.id = x.convocation_id WHERE c.meeting_id = $1 ORDER BY c.id LIMIT 1`, id)[0]
}

// TestPublicMeetingsTellNothingOfWhoCame: what the public reads of meetings names
// nobody of a structure, gives no address and no video link, whatever the page, the
// file or the calendar, and whoever read it before.
func TestPublicMeetingsTellNothingOfWhoCame(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	team := s.signIn(t, "equipe@example.org")
	convened := s.conveneByHand(t, team, "gni")
	names := s.column(t, `
		SELECT p.first_name || ' ' || p.last_name FROM person p
		WHERE EXISTS (SELECT FROM mandate m JOIN seat s ON s.id = m.seat_id WHERE m.person_id = p.id AND s.kind = 'structure')
		  AND NOT EXISTS (SELECT FROM mandate m JOIN seat s ON s.id = m.seat_id WHERE m.person_id = p.id AND s.kind <> 'structure')`)
	if len(names) < 100 {
		t.Fatalf("only %d people to look for", len(names))
	}
	paths := []string{"/reunions", "/reunions?page=2", "/reunions.csv", "/reunions.json", "/agenda.ics", "/instances/gni/agenda.ics", "/instances/cmtin/agenda.ics",
		"/decisions", "/decisions.csv", "/decisions.json", "/positions", "/positions.csv", "/positions.json", "/plan-du-site", "/recherche?q=atelier", "/recherche?q=visio.example.org"}
	for _, id := range s.column(t, `SELECT id::text FROM meeting WHERE announced ORDER BY id`) {
		paths = append(paths, "/reunions/"+id, "/reunions/"+id+".ics")
	}
	for _, id := range s.column(t, `SELECT id::text FROM meeting WHERE state = 'published' ORDER BY id`) {
		paths = append(paths, "/reunions/"+id+"/releve", "/reunions/"+id+"/compte-rendu", "/reunions/"+id+"/compte-rendu/1")
	}
	for _, table := range []struct{ name, path string }{{"decision", "/decisions/"}, {"position_taken", "/positions/"}} {
		paths = append(paths, s.column(t, `SELECT $1 || d.id::text FROM `+table.name+` d JOIN meeting m ON m.id = d.meeting_id WHERE m.state = 'published'`, table.path)...)
	}
	s.remember(t)
	member := s.signIn(t, "structure-002@example.org")
	if a := member.get(fmt.Sprintf("/reunions/%d", convened)); !strings.Contains(a.body, "secret-de-la-salle") {
		t.Error("a member does not see the video link: the test proves nothing")
	}
	b := s.browser(t)
	for _, path := range paths {
		for _, who := range []*browser{team, b} { // the page of the team is in nobody's memory
			a := who.get(path)
			if a.status != http.StatusOK {
				t.Errorf("%s: status %d", path, a.status)
			}
			if who == team {
				continue
			}
			body, _, _ := strings.Cut(a.body, "<footer")
			for _, name := range names {
				if strings.Contains(body, name) {
					t.Errorf("%s names %s", path, name)
				}
			}
			if strings.Contains(body, "@example.org") || !strings.HasPrefix(path, "/recherche") && strings.Contains(body, "visio.example.org") {
				t.Errorf("%s gives an address or a video link", path)
			}
		}
	}
}

// TestUnpublishedDoesNotExistForOthers: a meeting that is not announced, and what a
// meeting left whose minutes are not out, are a 404 to everybody but the team, and
// stand in no list, search, calendar or file.
func TestUnpublishedDoesNotExistForOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	secret := s.count(t, `INSERT INTO meeting (body, starts_at, ends_at, place, theme, state) VALUES ('gni', now() + interval '50 days', now() + interval '50 days 1 hour', 'Salle Mystère', 'Zygomatique', 'draft') RETURNING id::int`)
	held := s.count(t, `INSERT INTO meeting (body, starts_at, ends_at, place, theme, state, announced, convened_at) VALUES ('gni', now() - interval '3 days', now() - interval '3 days' + interval '1 hour', 'Salle', 'Tenue', 'held', true, now() - interval '9 days') RETURNING id::int`)
	decision := s.count(t, `INSERT INTO decision (kind, meeting_id, body, year, number, title, text, outcome, method) VALUES ('decision', $1, 'gni', 2099, 901, 'Zygomatique décidée', 'Texte zygomatique', 'adopted', 'consensus') RETURNING id::int`, held)
	position := s.count(t, `INSERT INTO position_taken (kind, meeting_id, body, year, number, title, text, addressee) VALUES ('position', $1, 'gni', 2099, 901, 'Zygomatique prise', 'Texte zygomatique', 'État') RETURNING id::int`, held)
	s.count(t, `WITH m AS (INSERT INTO minutes (meeting_id, text, state) VALUES ($1, 'Brouillon zygomatique', 'draft') RETURNING 1) SELECT count(*)::int FROM m`, held)
	item := s.count(t, `INSERT INTO agenda_item (meeting_id, position, title, kind) VALUES ($1, 1, 'Zygomatique à l’étude', 'discussion') RETURNING id::int`, secret)
	doc := s.count(t, `WITH f AS (INSERT INTO document (name, media_type, size, sha256) VALUES ('zygomatique.pdf', 'application/pdf', 4, sha256('x')) RETURNING id)
		INSERT INTO meeting_document (meeting_id, item_id, document_id, title, audience) SELECT $1, $2, id, 'Zygomatique', 'public' FROM f RETURNING id::int`, secret, item)
	team := s.signIn(t, "equipe@example.org")
	gone := []string{
		fmt.Sprintf("/reunions/%d", secret), fmt.Sprintf("/reunions/%d.ics", secret), fmt.Sprintf("/reunions/%d/dossier.zip", secret),
		fmt.Sprintf("/reunions/%d/releve", secret), fmt.Sprintf("/reunions/%d/documents/%d", secret, doc), fmt.Sprintf("/mes-reunions/%d", secret),
		fmt.Sprintf("/mes-reunions/%d/convocation", secret), fmt.Sprintf("/mes-reunions/%d/contribution", secret),
		fmt.Sprintf("/reunions/%d/compte-rendu", held), fmt.Sprintf("/reunions/%d/compte-rendu/1", held), fmt.Sprintf("/reunions/%d/compte-rendu.pdf", held),
		fmt.Sprintf("/reunions/%d/relecture", held), fmt.Sprintf("/reunions/%d/validation", held),
		fmt.Sprintf("/decisions/%d", decision), fmt.Sprintf("/positions/%d", position),
	}
	lists := []string{"/", "/reunions", "/reunions.csv", "/reunions.json", "/agenda.ics", "/instances/gni/agenda.ics", "/instances/gni", "/decisions", "/decisions.csv",
		"/decisions.json", "/positions", "/positions.json", "/recherche?q=zygomatique", "/recherche?q=GNI+2099-901", "/plan-du-site", fmt.Sprintf("/reunions/%d", held)}
	for name, who := range map[string]*browser{"nobody": s.browser(t), "a member": s.signIn(t, "structure-002@example.org"), "a mayor": s.signIn(t, "maire-cenon@example.org"), "an administrator": s.signIn(t, "admin@example.org")} {
		for _, path := range gone {
			a := who.get(path)
			if name == "nobody" && strings.HasPrefix(a.location(), "/connexion") {
				continue
			}
			if a.status != http.StatusNotFound || strings.Contains(a.body, "ygomatique") {
				t.Errorf("%s as %s: status %d", path, name, a.status)
			}
		}
		for _, path := range append(slices.Clone(lists), "/mes-reunions") {
			a := who.get(path)
			body, _, _ := strings.Cut(a.body, "<footer")
			// With its capital: a search says back the words typed.
			if strings.Contains(body, "Zygomatique") || strings.Contains(body, "2099-901") && !strings.Contains(path, "2099-901") {
				t.Errorf("%s as %s tells of what is not published", path, name)
			}
		}
	}
	for _, path := range []string{gone[0], gone[1], gone[13], gone[14]} {
		if a := team.get(path); a.status != http.StatusOK {
			t.Errorf("%s: status %d for the team: the test looks at nothing", path, a.status)
		}
	}
}

// TestMemoryForgetsWhatIsCalledOff: a page kept for everybody follows the meeting.
func TestMemoryForgetsWhatIsCalledOff(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.remember(t)
	b := s.browser(t)
	id := s.count(t, `INSERT INTO meeting (body, starts_at, ends_at, place, state, announced) VALUES ('gni', now() + interval '50 days', now() + interval '50 days 1 hour', 'Salle', 'draft', true) RETURNING id::int`)
	path := fmt.Sprintf("/reunions/%d", id)
	eventually(t, 5*time.Second, "the page is kept", func() bool { return s.fromMemory(b, path) })
	for _, try := range []struct{ set, want string }{
		{`state = 'convened', convened_at = now(), theme = 'Ressourceries'`, "Ressourceries"},
		{`state = 'cancelled', call_off_reason = 'Salle inondée'`, "Salle inondée"},
	} {
		if _, err := s.pool.Exec(t.Context(), `UPDATE meeting SET `+try.set+` WHERE id = $1`, id); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{path, path + ".ics", "/agenda.ics"} {
			eventually(t, time.Second, path+" says "+try.want, func() bool {
				return strings.Contains(strings.ReplaceAll(b.get(path).body, "\r\n ", ""), try.want) // a calendar folds its lines
			})
		}
	}
	if _, err := s.pool.Exec(t.Context(), `UPDATE meeting SET announced = false WHERE id = $1`, id); err != nil {
		t.Fatal(err)
	}
	eventually(t, time.Second, "the page is gone", func() bool { return b.get(path).status == 404 })
}

// TestIdentifiersOfAnotherMeeting: an address that joins a meeting to a point, a
// recipient, a person of the roll or a document of another leads nowhere, and the
// form of the right address sent to it changes nothing.
func TestIdentifiersOfAnotherMeeting(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	team := s.signIn(t, "equipe@example.org")
	one, other := s.conveneByHand(t, team, "gni"), s.conveneByHand(t, team, "communes")
	first := func(sql string) string { t.Helper(); return s.column(t, sql, one)[0] }
	s.count(t, `WITH f AS (INSERT INTO document (name, media_type, size, sha256) VALUES ('note.pdf', 'application/pdf', 4, sha256('x')) RETURNING id)
		INSERT INTO meeting_document (meeting_id, document_id, title, audience) SELECT $1, id, 'Note', 'public' FROM f RETURNING id::int`, one)
	who := first(`SELECT id::text FROM convocation WHERE meeting_id = $1 ORDER BY id LIMIT 1`)
	replace := strings.NewReplacer("{point:[0-9]+}", first(`SELECT id::text FROM agenda_item WHERE meeting_id = $1`), "{ligne:[0-9]+}", who, "{destinataire:[0-9]+}", who,
		"{doc:[0-9]+}", first(`SELECT id::text FROM meeting_document WHERE meeting_id = $1`), "{nature:(decision|avis)}", "decision")
	const at = "reunions/{id:[0-9]+}"
	tried := 0
	for _, r := range s.portal.Routes() {
		if !strings.Contains(r.Pattern, at) || strings.Count(r.Pattern, "{") < 2 || strings.Contains(r.Pattern, "{n:") || strings.Contains(r.Pattern, "{invite") || strings.Contains(r.Pattern, "{ext") {
			continue
		}
		p := replace.Replace(r.Pattern)
		right, wrong := strings.Replace(p, "{id:[0-9]+}", fmt.Sprint(one), 1), strings.Replace(p, "{id:[0-9]+}", fmt.Sprint(other), 1)
		tried++
		if r.Method == http.MethodGet {
			if a := team.get(wrong); a.status != http.StatusNotFound {
				t.Errorf("%s: status %d, want 404\n%s", wrong, a.status, a.text())
			}
			continue
		}
		v := formOf(t, team.get(right).body)
		v.Del("_cle")
		before := s.rows(t)
		if a := team.post(wrong, v); a.status < 400 || a.status >= 500 || s.rows(t) != before {
			t.Errorf("the form of %s sent to %s: status %d", right, wrong, a.status)
		}
	}
	if tried < 15 {
		t.Errorf("only %d addresses tried", tried)
	}
	// Standing points have a body in place of a meeting.
	standing := s.count(t, `SELECT min(id)::int FROM standing_item WHERE body = 'gni'`)
	team.get(fmt.Sprintf("/equipe/instances/cmtin/points-permanents/%d", standing)).french(t, "a standing point of another body", 404)
	// A member names a recipient who is not theirs.
	member := s.signIn(t, "structure-002@example.org")
	mine := fmt.Sprintf("/mes-reunions/%d", one)
	theirs := s.count(t, `SELECT c.id::int FROM convocation c WHERE c.meeting_id = $1 AND c.person_id <> (SELECT person_id FROM account WHERE email = 'structure-002@example.org') ORDER BY c.id DESC LIMIT 1`, one)
	if a := member.get(mine); a.status != http.StatusOK {
		t.Fatalf("%s: status %d", mine, a.status)
	}
	member.get(fmt.Sprintf("%s?pour=%d", mine, theirs)).french(t, "the page of another recipient", 404)
	if a := member.post(mine, url.Values{"reponse": {"excused"}, "version": {"1"}, "pour": {fmt.Sprint(theirs)}}); a.status != http.StatusNotFound {
		t.Errorf("an answer for another: status %d", a.status)
	}
	if n := s.count(t, `SELECT count(*)::int FROM convocation WHERE meeting_id = $1 AND answer IS NOT NULL`, one); n != 0 {
		t.Errorf("%d answers written", n)
	}
}

// TestPersonalLinks: the pages of a personal link are in nobody's cache and tell
// their address to no other site, a link closed says so, reading one changes
// nothing, and what a double click sends is done once.
func TestPersonalLinks(t *testing.T) {
	l := captureLog(t)
	s := newSite(t)
	team := s.signIn(t, "equipe@example.org")
	id := s.conveneByHand(t, team, "gni")
	link := s.linkOf(t, id)
	token := strings.TrimPrefix(link, "/reunions/reponse/")
	nobody := s.browser(t)
	state := func() string {
		return s.column(t, `SELECT json_agg(c ORDER BY c.id)::text || (SELECT count(*) FROM audit_entry)::text FROM convocation c WHERE meeting_id = $1`, id)[0]
	}
	before := state()
	for _, path := range []string{link, link + "/convocation", link + "/compte-rendu", link + "/documents/1", "/pointage/inconnu", "/reunions/sondage/inconnu", "/agenda/inconnu.ics"} {
		for _, method := range []string{"GET", "HEAD"} {
			a := nobody.with(method, path)
			if a.status >= 500 || !strings.Contains(a.header.Get("Cache-Control"), "no-store") {
				t.Errorf("%s %s: status %d, Cache-Control %q", method, path, a.status, a.header.Get("Cache-Control"))
			}
			if p := a.header.Get("Referrer-Policy"); p != "same-origin" && !strings.HasPrefix(path, "/agenda/") {
				t.Errorf("%s: Referrer-Policy %q; « no-referrer » would make old browsers post as another site", path, p)
			}
		}
	}
	if state() != before {
		t.Error("reading a personal link changed something")
	}
	if a := nobody.with("POST", link, "Origin", "https://autre.example", "Sec-Fetch-Site", "cross-site", "Content-Type", "application/x-www-form-urlencoded"); a.status != http.StatusForbidden {
		t.Errorf("an answer from another site: status %d", a.status)
	}
	v := url.Values{"reponse": {"excused"}, "note": {"Congé"}, "version": {"1"}}
	for i := range 2 {
		if a := nobody.post(link, v); a.status != http.StatusSeeOther {
			t.Errorf("answer, click %d: status %d\n%s", i+1, a.status, a.text())
		}
	}
	if n := s.count(t, `SELECT count(*)::int FROM audit_entry WHERE action = 'convocation.answer'`); n != 1 {
		t.Errorf("%d answers of a double click", n)
	}
	v.Set("note", "Autre chose")
	nobody.post(link, v).french(t, "from an old page", 409)
	for what, v := range map[string]url.Values{
		"an unknown answer": {"reponse": {"peut-etre"}, "version": {"2"}}, "a proxy to a stranger": {"reponse": {"proxy"}, "pouvoir": {"999999999"}, "version": {"2"}},
		"a long note": {"reponse": {"excused"}, "note": {strings.Repeat("x", 501)}, "version": {"2"}}, "a wrong version": {"reponse": {"excused"}, "version": {"x"}},
	} {
		nobody.post(link, v).french(t, what, 422)
	}
	nobody.post(link, url.Values{"reponse": {"a\x00b"}}).french(t, "NUL", 400)
	nobody.post(link, url.Values{"reponse": {"excused"}, "administrateur": {"1"}}).french(t, "an unknown field", 400)
	nobody.post(link, url.Values{"note": {strings.Repeat("x", 300<<10)}}).french(t, "300 KB", 413)
	if _, err := postgres.Exec(t.Context(), s.pool, `UPDATE convocation_link SET revoked_at = now()`); err != nil {
		t.Fatal(err)
	}
	nobody.get(link).french(t, "a closed link", 410)
	nobody.post(link, v).french(t, "an answer by a closed link", 410)
	for _, path := range []string{"/convocation", "/convocation.pdf", "/compte-rendu", "/documents/1"} {
		if a := nobody.get(link + path); a.status != 410 && a.status != 404 {
			t.Errorf("%s by a closed link: status %d", path, a.status)
		}
	}
	for _, path := range []string{"/contribution", "/correction", "/ouverture"} {
		if a := nobody.post(link+path, url.Values{"contribution": {"x"}}); a.status != 410 && a.status != 404 {
			t.Errorf("%s by a closed link: status %d", path, a.status)
		}
	}
	if strings.Contains(l.String(), token) {
		t.Error("the log holds the token of a personal link")
	}
}
