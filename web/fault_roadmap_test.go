package web_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/web/page"
)

// atOnce runs n acts together and returns their answers.
func atOnce(n int, act func(i int) answer) []answer {
	var wg sync.WaitGroup
	out := make([]answer, n)
	for i := range n {
		wg.Go(func() { out[i] = act(i) })
	}
	wg.Wait()
	return out
}

// oneTook fails unless one act was taken and the others met a conflict.
func oneTook(t *testing.T, what string, all []answer) {
	t.Helper()
	took := 0
	for _, a := range all {
		switch a.status {
		case http.StatusSeeOther:
			took++
		case http.StatusConflict, http.StatusUnprocessableEntity:
		default:
			t.Errorf("%s: status %d\n%s", what, a.status, a.text())
		}
	}
	if took != 1 {
		t.Errorf("%s: %d were taken, wanted one", what, took)
	}
}

// fresh is a form under a key of its own: not the same click twice.
func fresh(v url.Values) url.Values { return with(v, "_cle", page.NewKey()) }

// TestRoadmapRaces: what two people do at the same instant happens once, and what one
// was told is what the other finds.
func TestRoadmapRaces(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	team, other := s.signIn(t, "equipe@example.org"), s.signIn(t, "equipe@example.org")
	mayors := []*browser{s.signIn(t, "maire-begles@example.org"), s.signIn(t, "agent-begles@example.org"), s.signIn(t, "maire-pessac@example.org")}

	// Two campaigns opened at once: one is.
	s.count(t, `WITH u AS (UPDATE campaign SET closed_at = greatest(now(), opened_at), pack = '{"lines": []}' WHERE opened_at IS NOT NULL AND closed_at IS NULL RETURNING 1) SELECT count(*)::int FROM u`)
	action := s.count(t, `SELECT min(a.id)::int FROM roadmap_action a WHERE a.all_communes AND a.status = 'in_progress'`)
	var drafts []int
	for _, title := range []string{"Course A", "Course B"} {
		drafts = append(drafts, s.count(t, `
			WITH c AS (INSERT INTO campaign (title, closes_at) VALUES ($1, now() + interval '9 days') RETURNING id),
			q AS (INSERT INTO campaign_question SELECT c.id, k.organisation_id, k.action_id FROM c, action_commune k WHERE k.action_id = $2)
			SELECT id::int FROM c`, title, action))
	}
	opening := func(i int) string { return fmt.Sprintf("/equipe/campagnes/%d/ouverture", drafts[i%2]) }
	forms := []url.Values{formOf(t, team.get(opening(0)).body), formOf(t, team.get(opening(1)).body)}
	mails := s.count(t, `SELECT count(*)::int FROM mail WHERE kind = 'campaign_open'`)
	oneTook(t, "two openings", atOnce(4, func(i int) answer { return []*browser{team, other}[i%2].post(opening(i), fresh(forms[i%2])) }))
	campaign := s.count(t, `SELECT id::int FROM campaign WHERE opened_at IS NOT NULL AND closed_at IS NULL`)
	if n := s.count(t, `SELECT count(*)::int FROM mail WHERE kind = 'campaign_open'`) - mails; n == 0 || n > 70 {
		t.Errorf("%d mails left for 28 communes", n)
	}

	// Two delegates of a commune report at once: the second is shown the first.
	point := fmt.Sprintf("/mes-actions/%d/point", action)
	report := func(b *browser, words string) url.Values {
		v := formOf(t, b.get(point).body)
		v.Set("situation", "en-retard")
		v.Set("difficulte", words)
		v.Set("fait", words)
		v.Del("avancement")
		return v
	}
	typed := []url.Values{report(mayors[0], "Mot du maire"), report(mayors[1], "Mot de l’agent")}
	both := atOnce(4, func(i int) answer { return mayors[i%2].post(point, fresh(typed[i%2])) })
	oneTook(t, "two delegates", both)
	for _, a := range both {
		if a.status == 409 && (strings.Count(a.body, "Mot du maire")+strings.Count(a.body, "Mot de l’agent") < 2) {
			t.Errorf("the second does not see both\n%s", a.text())
		}
	}

	// A commune reports while the team closes, twice: the report is in the pack, or its
	// author is told that the campaign is closed.
	closing := fmt.Sprintf("/equipe/campagnes/%d/cloture", campaign)
	v, late := formOf(t, team.get(closing).body), report(mayors[2], "Mot de Pessac")
	all := atOnce(5, func(i int) answer {
		if i < 3 {
			return []*browser{team, other, team}[i].post(closing, fresh(v))
		}
		return mayors[2].post(point, fresh(late))
	})
	oneTook(t, "two closings", all[:3])
	if n := s.count(t, `SELECT count(*)::int FROM progress_report r JOIN campaign c ON c.id = r.campaign_id WHERE c.id = $1 AND r.state <> 'replaced'
		AND NOT EXISTS (SELECT FROM jsonb_array_elements(c.pack -> 'lines') l WHERE (l ->> 'Report')::bigint = r.id)`, campaign); n != 0 {
		t.Errorf("%d reports of the campaign are not in its pack", n)
	}
	in := s.count(t, `SELECT count(*)::int FROM progress_report WHERE campaign_id = $1 AND done = 'Mot de Pessac'`, campaign)
	for _, a := range all[3:] {
		if a.status != 303 && a.status != 409 || a.status == 409 && !strings.Contains(a.body, "Mot de Pessac") {
			t.Errorf("a report while the campaign closes: %d\n%s", a.status, a.text())
		}
	}
	if in > 1 || in == 1 != (all[3].status == 303 || all[4].status == 303) {
		t.Errorf("%d reports are in the campaign, the answers were %d and %d", in, all[3].status, all[4].status)
	}

	// The same note sent by two people leaves once to each.
	note := url.Values{"depuis": {"1/1/2026"}, "objet": {"Note de la course"}, "texte": {"Un paragraphe."}}
	oneTook(t, "two notes", atOnce(4, func(i int) answer { return []*browser{team, other}[i%2].post("/equipe/note/envoi", fresh(note)) }))
	if n := s.count(t, `SELECT count(*)::int - (SELECT recipients FROM governance_note WHERE subject = 'Note de la course') FROM mail WHERE subject = 'Note de la course'`); n != 0 {
		t.Errorf("%d mails too many of one note", n)
	}
}

// roadmapForms are the forms of the roadmap somebody sees, with their fields.
func (s *site) roadmapForms(t testing.TB, b *browser, p planted, team bool) map[string]url.Values {
	t.Helper()
	out := map[string]url.Values{}
	line := s.count(t, `SELECT id::int FROM budget_line WHERE action_id = $1 LIMIT 1`, p.open)
	open := s.count(t, `SELECT coalesce(max(id) FILTER (WHERE closed_at IS NULL), 1)::int FROM campaign`)
	answered := s.count(t, `SELECT coalesce(max(r.id), 1)::int FROM progress_report r WHERE r.campaign_id = $1 AND r.state IN ('sent', 'accepted')`, open)
	year := s.count(t, `SELECT coalesce(max(year), 2027)::int FROM edition WHERE state <> 'frozen'`)
	for _, r := range s.portal.Routes() {
		if r.Method != http.MethodPost || !roadmapPattern(r.Pattern) || team != strings.HasPrefix(r.Pattern, "/equipe") {
			continue
		}
		a := r.Pattern
		switch {
		case strings.Contains(a, "/campagnes/"):
			a = strings.NewReplacer("{id:[0-9]+}", fmt.Sprint(open), "{point:[0-9]+}", fmt.Sprint(answered)).Replace(a)
		case strings.Contains(a, "/programmes/"):
			a = strings.NewReplacer("{id:[0-9]+}", fmt.Sprint(p.idea), "{annee:[0-9]{4}}", fmt.Sprint(year)).Replace(a)
		case strings.Contains(a, "/budget/"):
			a = strings.Replace(a, "{ligne:[0-9]+}", fmt.Sprint(line), 1)
		case strings.Contains(a, "/propositions/"), strings.Contains(a, "/etapes/"):
			a = strings.Replace(a, "{id:[0-9]+}", fmt.Sprint(p.idea), 1)
			a = strings.Replace(a, "{etape:[0-9]+}", fmt.Sprint(s.count(t, `SELECT id::int FROM action_step WHERE action_id = $1`, p.idea)), 1)
		case strings.Contains(a, "/indicateurs/"):
			a = strings.Replace(a, "{id:[0-9]+}", fmt.Sprint(p.idea), 1)
			a = strings.Replace(a, "{indicateur:[0-9]+}", fmt.Sprint(s.count(t, `SELECT id::int FROM action_indicator WHERE action_id = $1`, p.idea)), 1)
		case strings.Contains(a, "/documents/"):
			a = strings.NewReplacer("{id:[0-9]+}", fmt.Sprint(p.open), "{document:[0-9]+}", fmt.Sprint(p.file)).Replace(a)
		}
		a = p.addresses(a)[0]
		shown := b.get(a)
		if shown.status != 200 { // answered from another page
			out[a] = url.Values{}
			continue
		}
		if out[a] = formOf(t, shown.body); out[a] == nil {
			out[a] = url.Values{}
		}
	}
	return out
}

// TestRoadmapHostileForms sends to each form of the roadmap, one field after another, what
// no page of ours sends: never an incident, never a page that is not ours.
func TestRoadmapHostileForms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.plantRoadmap(t)
	hostiles := map[string][]string{"NUL": {"a\x00b"}, "not UTF-8": {"a\xff\xfeb"}, "100 KB": {strings.Repeat("x", 100<<10)}, "negative": {"-1"}, "huge": {"99999999999999999999"},
		"past int64": {"9223372036854775808"}, "far": {"31/12/9999"}, "early": {"1/1/0001"}, "exponent": {"1e400"}, "repeated": {"1", "1", "2", "0", ""}, "mirror": {"a\u202eb"}, "year": {"0"}}
	for _, who := range []struct {
		email string
		team  bool
		least int
	}{{"maire-begles@example.org", false, 5}, {"equipe@example.org", true, 30}} {
		b := s.signIn(t, who.email).bare()
		forms := s.roadmapForms(t, b, p, who.team)
		fields, seen := 0, 0
		for path, v := range forms {
			if len(v) > 0 {
				seen++
			}
			for name := range v {
				if strings.HasPrefix(name, "_") {
					continue
				}
				fields++
				for what, values := range hostiles {
					sent := with(v, name, "")
					sent[name] = values
					sent.Set("_cle", page.NewKey())
					a := b.post(path, sent)
					if a.status >= 500 || strings.Contains(a.body, "SQLSTATE") {
						t.Errorf("%s, %s in %s: status %d\n%.600s", path, what, name, a.status, a.text())
					}
					if (what == "NUL" || what == "not UTF-8") && a.status != 400 {
						t.Errorf("%s, %s in %s: status %d, wanted 400", path, what, name, a.status)
					}
				}
			}
			if a := b.post(path, with(v, "administrateur", "1")); a.status != 400 && a.status != 403 && a.status != 404 && a.status != 409 && a.status != 422 {
				t.Errorf("%s, unknown field: status %d\n%.300s", path, a.status, a.text())
			}
		}
		if seen < who.least {
			t.Errorf("%s: only %d forms with fields of %d", who.email, seen, len(forms))
		}
		t.Logf("%s: %d forms, %d fields", who.email, seen, fields)
	}
	b := s.signIn(t, "maire-begles@example.org")
	const big = "99999999999999999999"
	for _, path := range []string{"/feuille-de-route?annee=" + big, "/feuille-de-route?annee=-1", "/feuille-de-route?axe=" + big, "/feuille-de-route?pilote=9223372036854775808", "/feuille-de-route?page=" + big,
		"/feuille-de-route/calendrier?annee=294277", "/feuille-de-route/calendrier?annee=0&axe=-3", "/feuille-de-route/editions/comparaison?de=99999&a=1", "/feuille-de-route/editions/comparaison?de=2026&a=2026",
		"/feuille-de-route/editions/0000", "/feuille-de-route/editions/9999.json", "/financements?annee=" + big, "/financements?financeur=nom:" + strings.Repeat("a", 4000), "/financements?financeur=" + big,
		"/financements?depuis=-1&tri=x", "/financements.csv?annee=0", "/financements/organisations/9223372036854775807", "/mes-actions?page=" + big, "/mes-actions/9223372036854775807/point",
		fmt.Sprintf("/mes-actions/%d/point?pour=-1", p.open), fmt.Sprintf("/mes-actions/%d/point?pour=%s", p.open, big), fmt.Sprintf("/feuille-de-route/actions/%d?page=%s", p.open, big),
		fmt.Sprintf("/feuille-de-route/actions/%d/points/%d/documents/------------------------------------", p.open, p.told), "/notes/" + big, "/campagnes/" + big + ".xlsx"} {
		if a := b.get(path); a.status >= 500 {
			t.Errorf("%s: status %d\n%.300s", path, a.status, a.text())
		}
	}
}

// TestRoadmapOfOthers: the ids of another, in the address or in a field, are nothing.
func TestRoadmapOfOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.plantRoadmap(t)
	s.count(t, `WITH d AS (DELETE FROM action_commune WHERE action_id = $1 AND organisation_id = (SELECT organisation_id FROM commune WHERE slug = 'pessac') RETURNING 1) SELECT count(*)::int FROM d`, p.open)
	begles, pessac := s.signIn(t, "maire-begles@example.org"), s.signIn(t, "maire-pessac@example.org")
	written := func() string {
		return s.column(t, `SELECT md5(concat((SELECT json_agg(x ORDER BY x.id) FROM progress_report x), (SELECT json_agg(x ORDER BY x.id) FROM roadmap_action x),
			(SELECT json_agg(x ORDER BY x.account_id, x.action_id) FROM report_draft x), (SELECT count(*) FROM audit_entry WHERE action LIKE 'roadmap%')))`)[0]
	}
	own := s.count(t, `SELECT organisation_id::int FROM commune WHERE slug = 'begles'`)
	before := written()
	report := url.Values{"situation": {"realisee"}, "avancement": {"100"}, "fait": {"Zut"}}
	for _, email := range []string{"maire-pessac@example.org", accountOf[access.Structure], accountOf[access.Partner], accountOf[access.Chair], accountOf[access.Scrutineer], ""} {
		b := s.signIn(t, email)
		for _, id := range []int{p.open, p.idea, p.refused} {
			one := fmt.Sprintf("/mes-actions/%d", id)
			for _, pour := range []string{"", fmt.Sprintf("?pour=%d", own)} {
				for path, v := range map[string]url.Values{one + "/point" + pour: report, one + "/rien-de-nouveau": {"vu": {fmt.Sprint(p.told)}}, one + "/brouillon" + pour: {"fait": {"Zut"}}, one + "/brouillon/abandon" + pour: {}} {
					if a := b.post(path, v); a.status != 404 && a.status != 403 && (email != "" || a.status != 303 || !strings.HasPrefix(a.location(), "/connexion")) && (email != "" || a.status != 401) {
						t.Errorf("POST %s as %q: %d %s", path, email, a.status, a.location())
					}
				}
				if a := b.get(one + "/points" + pour); a.status == 200 {
					t.Errorf("%s/points as %q: 200", one, email)
				}
			}
			mine := fmt.Sprintf("/feuille-de-route/propositions/%d", id)
			for path, v := range map[string]url.Values{mine + "/modification": {"titre": {"Zut"}, "version": {"1"}}, mine + "/retrait": {"version": {"1"}}} {
				if a := b.post(path, v); a.status != 404 && a.status != 403 && email != "" {
					t.Errorf("POST %s as %q: %d", path, email, a.status)
				}
			}
		}
	}
	if written() != before {
		t.Error("something of Bègles was written by others")
	}
	// What the form does not offer: the organisations nobody publishes, what is no commune.
	hidden := s.count(t, `WITH o AS (INSERT INTO organisation (kind, name) VALUES ('structure', 'Zqcachée') RETURNING id) SELECT id::int FROM o`)
	axis, partner := s.count(t, `SELECT min(id)::int FROM axis`), s.count(t, `SELECT min(id)::int FROM organisation WHERE kind = 'partner'`)
	idea := url.Values{"axe": {fmt.Sprint(axis)}, "titre": {"Notre idée"}, "objectif": {"Aider"}, "instance": {"communes"}, "territoire": {"certaines"}, "communes": {fmt.Sprint(own)}}
	for field, value := range map[string][]string{"pilote": {fmt.Sprint(hidden)}, "partenaires": {fmt.Sprint(partner), fmt.Sprint(hidden)}, "communes": {fmt.Sprint(partner)}, "axe": {"999999"}} {
		v := with(idea, "_cle", page.NewKey())
		v[field] = value
		if a := begles.post("/feuille-de-route/proposer", v); a.status != 422 || strings.Contains(a.body, "Zqcachée") {
			t.Errorf("%s = %v: %d\n%s", field, value, a.status, a.text())
		}
	}
	for _, field := range []string{"proposer", "status", "validated_on", "numero", "id"} { // not of the form
		if a := begles.post("/feuille-de-route/proposer", with(idea, field, "1")); a.status != 400 {
			t.Errorf("a field %s is let through: %d", field, a.status)
		}
	}
	twice := with(idea, "titre", "Deux fois le même")
	twice["partenaires"], twice["communes"] = []string{fmt.Sprint(partner), fmt.Sprint(partner)}, []string{fmt.Sprint(own), fmt.Sprint(own)}
	a := begles.post("/feuille-de-route/proposer", twice)
	if a.status != 303 || pessac.get(a.location()).status != 404 {
		t.Errorf("an id sent twice: %d\n%s", a.status, a.text())
	}
	// Who leaves an organisation leaves its proposals to it.
	s.count(t, `WITH u AS (UPDATE action_proposal SET person_id = (SELECT person_id FROM account WHERE email = 'maire-pessac@example.org') WHERE action_id = $1 RETURNING 1) SELECT count(*)::int FROM u`, p.idea)
	for _, path := range []string{fmt.Sprintf("/feuille-de-route/propositions/%d", p.idea), "/feuille-de-route/propositions"} {
		if a := pessac.get(path); strings.Contains(a.body, "Zqequipetitre") {
			t.Errorf("%s: who proposed it for another organisation still reads it (%d)", path, a.status)
		}
	}
	// « Rien de nouveau » over a report nobody accepted publishes nothing.
	point := fmt.Sprintf("/mes-actions/%d/point", p.open)
	v := formOf(t, begles.get(point).body)
	if a := begles.post(fmt.Sprintf("/mes-actions/%d/rien-de-nouveau", p.open), url.Values{"vu": v["vu"], "campagne": v["campagne"]}); a.status != 303 {
		t.Fatalf("nothing new: %d\n%s", a.status, a.text())
	}
	if n := s.count(t, `SELECT count(*)::int FROM progress_report WHERE action_id = $1 AND state = 'accepted'`, p.open); n != 1 {
		t.Errorf("%d accepted reports: one tap published what waited", n)
	}
	if n := s.count(t, `SELECT percent::int FROM roadmap_action WHERE id = $1`, p.open); n != 40 {
		t.Errorf("the action is at %d", n)
	}
	// A file with a name that is not one, and one of 21 MB.
	for _, f := range []struct {
		name, content string
		status        int
	}{{"a\r\nX-Injected: 1\".jpg", "pas une image", 422}, {"../../x.png", "\x89PNG\r\n\x1a\n", 422}, {"x.pdf", "%PDF-1.7 <script>", 303}, {"gros.jpg", strings.Repeat("x", 22<<20), 413}} {
		v := formOf(t, begles.get(point).body)
		v.Set("situation", "en-cours")
		v.Set("fait", "Avec un fichier "+f.name[:1])
		v.Set("legende", "Une salle")
		v.Set("pourquoi", "Une raison")
		v.Set("difficulte", "Rien")
		a := begles.photo(point, v, f.name, f.content)
		if a.status != f.status && (f.status != 303 || a.status != 422) || a.header.Get("X-Injected") != "" {
			t.Errorf("the file %.20q: %d, wanted %d\n%s", f.name, a.status, f.status, a.text())
		}
	}
}

// photo posts a report with a file.
func (b *browser) photo(path string, v url.Values, name, content string) answer {
	b.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for k, list := range v {
		for _, x := range list {
			if err := m.WriteField(k, x); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	f, err := m.CreateFormFile("photo", name)
	if err != nil {
		b.t.Fatal(err)
	}
	_, _ = io.WriteString(f, content) // a buffer takes all
	if err := m.Close(); err != nil {
		b.t.Fatal(err)
	}
	r := b.request(http.MethodPost, path, nil)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Body, r.ContentLength, r.GetBody = io.NopCloser(&body), int64(body.Len()), nil
	return b.do(r)
}
