package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// register sends a request by the pages, and returns the path of its draft.
func (b *browser) registers(t testing.TB, answers map[string]url.Values) string {
	t.Helper()
	draft := b.post("/structures/inscription", url.Values{}).location()
	for section, v := range answers {
		if a := b.post(draft+"/"+section, v); a.status != http.StatusSeeOther {
			t.Fatalf("section %s: %d\n%s", section, a.status, a.text())
		}
	}
	v := formOf(t, b.get(draft+"/verification").body)
	v.Set("autre", "oui")
	if a := b.post(draft+"/verification", v); a.status != http.StatusSeeOther || !strings.HasSuffix(a.location(), "/envoyee") {
		t.Fatalf("send: %d %s\n%s", a.status, a.location(), a.text())
	}
	return draft
}

const tag = `<img src=x onerror=alert(1)>`

// hostileAnswers are right, and full of what a page, a mail or a spreadsheet must not
// take for its own.
func hostileAnswers() map[string]url.Values {
	return map[string]url.Values{
		"structure": {"identifiant": {"collectif"}, "nom_organisation": {`Zut ` + tag + ` "'`}, "type": {"ASSO"}},
		"adresse":   {"commune": {"33039"}, "adresse": {"1 rue " + tag}, "complement": {tag}},
		"college":   {"college": {"action_sociale"}},
		"services":  {"services": {"Aide aux démarches administratives"}},
		"accueil":   {"presentation": {"Présentation " + tag}, "detail": {"</p><script>alert(1)</script>"}, "horaires": {"quand " + tag}, "sites": {"https://exemple.example.org/?a=1&b=%22%3E"}, "courriels": {"a?bcc=b@example.org"}},
		"reseaux":   {"autres_labels": {"Label " + tag}},
		"personnes": {"prenom": {"Zoé " + tag}, "nom": {`=HYPERLINK("x")`}, "fonction": {tag}, "courriel": {"zoe@example.org"}},
		"accords":   {"publier_fiche": {"oui"}, "publier_coordonnees": {"oui"}},
	}
}

// TestHostileRegistration follows a structure whose every answer is an attack to the
// public sheet: each page, file and mail shows it as text.
func TestHostileRegistration(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	nobody, team := s.browser(t), s.signIn(t, "equipe@example.org")
	draft := nobody.registers(t, hostileAnswers())
	link := func(kind string) string {
		return strings.TrimPrefix(s.column(t, `SELECT secret_link FROM mail WHERE kind = $1 ORDER BY created_at DESC LIMIT 1`, kind)[0], s.URL)
	}
	confirm := link("registration_confirm")
	nobody.get(confirm).french(t, "the page of the link", 200)
	follow := nobody.post(confirm, url.Values{}).location()
	id := structure.ID(s.count(t, `SELECT max(organisation_id)::int FROM structure`))
	page := fmt.Sprintf("/equipe/structures/%d", id)
	harmless := func(b *browser, paths ...string) {
		t.Helper()
		for _, path := range paths {
			a := b.get(path)
			cell := strings.Contains(a.body, "\n=") || strings.Contains(a.body, ",=") || strings.Contains(a.body, ";=")
			markup := strings.Contains(a.header.Get("Content-Type"), "html") && (strings.Contains(a.body, "<img src=x") || strings.Contains(a.body, "<script>alert"))
			if a.status != 200 || markup || cell || strings.Contains(a.body, "mailto:a?") {
				t.Errorf("%s: %d, markup %v, formula %v\n%s", path, a.status, markup, cell, a.text())
			}
			if csp := a.header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
				t.Errorf("%s: policy %q", path, csp)
			}
		}
	}
	harmless(nobody, draft+"/envoyee", follow, follow+"/accueil", follow+"/retrait")
	harmless(team, "/equipe/structures", page, "/equipe/structures.csv", "/equipe/courriels", page+"/fusion", page+"/fiche/accueil")
	if err := s.register(t).Accept(t.Context(), registerTeam, id, s.sheetOf(t, id).Version, day.Today()); err != nil {
		t.Fatal(err)
	}
	sheet := fmt.Sprintf("/structures/%d", id)
	harmless(nobody, sheet, "/structures?q=zut", "/structures.csv", "/structures.json", "/recherche?q=zut", sheet+"/acces", "/instances/gni?q=zut", "/instances/gni.csv", "/communes/33039")
	harmless(team, "/equipe/organisations?q=zut", "/equipe/organisations.csv?q=zut", fmt.Sprintf("/equipe/organisations/%d", id), page)
	if a := nobody.get(sheet); !strings.Contains(a.body, "&lt;img src=x") {
		t.Errorf("the sheet does not say what was typed: the test looks at nothing\n%s", a.text())
	}
	// What the checks refuse is no link either, had it come to the database another way.
	s.count(t, `WITH u AS (UPDATE structure SET websites = '{javascript:alert(1)}', appointment_url = 'data:text/html,x', accessibility_url = 'vbscript:x'
		WHERE organisation_id = $1 RETURNING 1) SELECT count(*)::int FROM u`, id)
	if a := nobody.get(sheet); strings.Contains(a.body, `href="javascript:`) || strings.Contains(a.body, `href="data:`) || strings.Contains(a.body, `href="vbscript:`) {
		t.Error("a script is a link")
	}
}

// TestWhatADraftRefuses: what no browser of good faith sends to a draft.
func TestWhatADraftRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	draft := b.post("/structures/inscription", url.Values{}).location()
	for _, try := range []struct {
		section, field, value string
		status                int
	}{
		{"structure", "nom_organisation", "a\x00b", 400}, {"structure", "nom_organisation", "a\xffb", 400}, {"structure", "inconnu", "x", 400},
		{"structure", "nom_organisation", "a\u202eb", 422}, {"structure", "nom_organisation", "=1+1", 422}, {"structure", "nom_organisation", strings.Repeat("é", 201), 422},
		{"structure", "nom_organisation", strings.Repeat("x", 70<<10), 413},
		{"personnes", "prenom", "A\r\nBcc: x@example.org", 422}, {"personnes", "nom", "A\u2066B", 422}, {"personnes", "courriel", "a@example.org\nBcc: b@example.org", 422},
		{"personnes", "courriel", "a@example.org,b@example.org", 422},
		{"accueil", "sites", "javascript:alert(1)", 422}, {"accueil", "rdv", "JaVaScRiPt://example.org/%0aalert(1)", 422}, {"accueil", "rdv", "data:text/html,x", 422},
		{"accueil", "acces_libre", "https://a@example.org@autre.example", 422}, {"accueil", "telephone", "05;ext=1", 422}, {"accueil", "courriels", "a@example.org?bcc=b@example.org", 422},
		{"services", "services", "Inventé", 422}, {"adresse", "commune", "75056", 422}, {"college", "college", "elu", 422},
	} {
		a := b.post(draft+"/"+try.section, url.Values{try.field: {try.value}})
		a.french(t, fmt.Sprintf("%s = %.40q", try.field, try.value), try.status)
		if strings.Contains(a.body, `href="javascript:`) || strings.Contains(a.body, `href="JaVa`) {
			t.Errorf("%s = %q is a link", try.field, try.value)
		}
	}
}

// TestRegistrationThrottled: past the limits the answer is 429, says when to come back,
// and what was typed is on the page; whether an address is known never shows.
func TestRegistrationThrottled(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	path := fmt.Sprintf("/structures/%d/acces", s.count(t, `SELECT min(organisation_id)::int FROM structure WHERE state = 'accepted'`))
	ask := func(email string) answer {
		return b.post(path, url.Values{"prenom": {"Lou"}, "nom": {"Gardée"}, "courriel": {email}, "message": {"Mon message"}})
	}
	known, unknown := ask("structure-001@example.org"), ask("inconnue@example.org")
	if known.status != 303 || unknown.status != 303 || known.location() != unknown.location() || b.get(known.location()).body == "" {
		t.Errorf("an address that is known shows: %d %s, %d %s", known.status, known.location(), unknown.status, unknown.location())
	}
	limited := answer{}
	for i := 0; i < 15 && limited.status != 429; i++ {
		limited = ask(fmt.Sprintf("autre-%d@example.org", i))
	}
	limited.french(t, "too many requests for access", 429)
	if !strings.Contains(limited.body, "Mon message") || !strings.Contains(limited.body, `value="Gardée"`) || limited.header.Get("Retry-After") == "" {
		t.Errorf("what was typed is lost\n%s", limited.text())
	}
	for i := 0; i < 35 && limited.status != 303; i++ {
		if limited = b.post("/structures/inscription", url.Values{}); i < 30 && limited.status == 303 {
			limited.status = 0
		}
	}
	limited.french(t, "too many drafts", 429)
}

// TestLinksOfTheRegister: personal links change nothing when read, serve once however
// many use them at once, are in nobody's cache, log, journal or list of mails, and are
// not guessed.
func TestLinksOfTheRegister(t *testing.T) {
	l := captureLog(t)
	s := newSite(t)
	other := s.twin(t)
	s.remember(t)
	b, team, admin := s.browser(t), s.signIn(t, "equipe@example.org"), s.signIn(t, "admin@example.org")
	answers := hostileAnswers()
	draft := b.registers(t, answers)
	writing := b.post("/structures/inscription", url.Values{}).location()
	b.post(writing+"/lien", url.Values{"courriel": {"zoe@example.org"}})
	s.count(t, `WITH u AS (UPDATE structure SET up_to_date_at = now() - interval '13 months' WHERE organisation_id = (SELECT min(organisation_id) FROM structure WHERE state = 'accepted') RETURNING 1) SELECT count(*)::int FROM u`)
	if _, err := s.register(t).RemindStale(t.Context()); err != nil {
		t.Fatal(err)
	}
	link := func(kind string) string {
		t.Helper()
		return strings.TrimPrefix(s.column(t, `SELECT secret_link FROM mail WHERE kind = $1 AND secret_link <> '' ORDER BY created_at DESC LIMIT 1`, kind)[0], s.URL)
	}
	confirm, fresh := link("registration_confirm"), link("structure_freshness")
	written := func() string {
		return s.column(t, `SELECT md5(concat((SELECT json_agg(x ORDER BY x.token_hash) FROM structure_link x), (SELECT json_agg(x ORDER BY x.organisation_id) FROM structure x),
			(SELECT json_agg(x ORDER BY x.id) FROM registration x), (SELECT count(*) FROM audit_entry), (SELECT count(*) FROM mail)))`)[0]
	}
	read := func(paths ...string) {
		t.Helper()
		before := written()
		for _, path := range paths {
			for _, method := range []string{"GET", "HEAD"} {
				a := b.with(method, path)
				if a.status >= 400 || !strings.Contains(a.header.Get("Cache-Control"), "no-store") || a.header.Get("Referrer-Policy") != "same-origin" || a.header.Get("Etag") != "" {
					t.Errorf("%s %s: %d %v", method, path, a.status, a.header)
				}
			}
			for _, strange := range []string{path + "/", path + "/a/b/c", strings.Replace(path, "/structures/", "/structure/", 1)} { // never routed, logged all the same
				b.get(strange)
			}
			b.with("DELETE", path)
			forged := path[:strings.LastIndex(path, "/")+1] + strings.Repeat("A", 26)
			if a := b.get(forged); a.status != 410 && a.status != 404 || !strings.Contains(a.header.Get("Cache-Control"), "no-store") {
				t.Errorf("a forged token of %s: %d %v", path[:24], a.status, a.header)
			}
			if a := b.with("POST", path, "Origin", "https://autre.example", "Sec-Fetch-Site", "cross-site", "Content-Type", "application/x-www-form-urlencoded"); a.status != 403 {
				t.Errorf("POST %s from another site: %d", path[:24], a.status)
			}
		}
		if written() != before {
			t.Errorf("reading %d links changed something", len(paths))
		}
	}
	read(confirm, fresh, writing)
	if a := b.get(draft + "/structure"); a.status != 303 || strings.Contains(a.body, "Zut") {
		t.Errorf("the draft of a request that was sent: %d", a.status)
	}
	acts := func() int {
		return s.count(t, `SELECT (count(*) FILTER (WHERE action = 'structure.confirm') * 10 + count(*) FILTER (WHERE action = 'structure.confirm_sheet'))::int FROM audit_entry`)
	}
	served := acts()
	for _, path := range []string{confirm, fresh} { // ten clicks at once, on two instances
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				from := b
				if i%2 == 1 {
					from = b.at(other)
				}
				r := from.request("POST", path, url.Values{})
				r.Host = strings.TrimPrefix(s.URL, "http://")
				if a := from.do(r); a.status != 303 && a.status != 410 {
					t.Errorf("click %d: %d\n%s", i, a.status, a.text())
				}
			})
		}
		wg.Wait()
	}
	if n := acts() - served; n != 11 {
		t.Errorf("the two links served %d times (tens and units), want once each", n)
	}
	follow := link("registration_follow")
	read(follow)
	if s.fromMemory(b, follow) || s.fromMemory(b, fresh) || s.fromMemory(b, writing) {
		t.Error("the page of a personal link is kept for all")
	}
	journal := strings.Join(s.column(t, `SELECT e::text FROM audit_entry e`), "\n")
	mails := team.get("/equipe/courriels").body + admin.get("/administration/journal").body
	for _, id := range s.column(t, `SELECT id::text FROM mail WHERE secret_link <> '' ORDER BY created_at DESC LIMIT 8`) {
		mails += team.get("/equipe/courriels/" + id).body
	}
	for _, path := range []string{draft, writing, confirm, fresh, follow} {
		token := path[strings.LastIndex(path, "/")+1:]
		for where, text := range map[string]string{"the log": l.String(), "the journal": journal, "the list of mails": mails} {
			if strings.Contains(text, token) || strings.Contains(text, token[:16]) {
				i := strings.Index(text, token[:16])
				t.Errorf("%s holds the token of %s: …%s…", where, path[:24], text[max(0, i-300):min(len(text), i+60)])
			}
		}
	}
}

// TestRegisterFromAnotherSite: no form of the register is taken from another site,
// files included.
func TestRegisterFromAnotherSite(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	address, team := s.paths(t), s.signIn(t, "equipe@example.org")
	tried, before := 0, s.rows(t)
	for _, r := range s.portal.Routes() {
		if r.Method != http.MethodPost || !strings.Contains(r.Pattern, "structure") && !strings.Contains(r.Pattern, "indicateurs") {
			continue
		}
		tried++
		for _, kind := range []string{"application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"} {
			for _, from := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "", "Origin", "https://autre.example"}, {"Sec-Fetch-Site", "", "Origin", "null"}} {
				if a := team.with("POST", address(r.Pattern), append(from, "Content-Type", kind)...); a.status != 403 {
					t.Errorf("%s %v %s: %d", r.Pattern, from, kind, a.status)
				}
			}
		}
	}
	if tried < 30 || s.rows(t) != before {
		t.Errorf("%d forms tried", tried)
	}
}
