package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
)

// planted is an action of each kind with words that are somebody's only: what begins by
// « Zqpublic » is every member's, what begins by « Zqequipe » is the team's (or of who
// wrote it). Bègles wrote all of it.
type planted struct {
	open, idea, refused                  int // a public action, a proposed one, one that was refused
	told, waiting, back                  int // reports on the public one: accepted, not read, asked back
	file, secret                         int // documents of the public one, for members; of the proposed one
	photo                                string
	meeting, decision, campaign, edition int
}

// plantRoadmap writes straight in the tables: what is read is what matters here.
func (s *site) plantRoadmap(t testing.TB) (p planted) {
	t.Helper()
	var text string
	if err := s.pool.QueryRow(t.Context(), `
		WITH begles AS (SELECT organisation_id AS id FROM commune WHERE slug = 'begles'),
		pessac AS (SELECT organisation_id AS id FROM commune WHERE slug = 'pessac'),
		partner AS (SELECT n.organisation_id AS id FROM membership n JOIN account c ON c.person_id = n.person_id WHERE c.email = 'partenaire-01@example.org'
		            UNION SELECT min(id) FROM organisation WHERE kind = 'partner' LIMIT 1),
		who AS (INSERT INTO person (first_name, last_name, email) VALUES ('Zqpublicprénom', 'Zqpublicnom', 'zq@example.org') RETURNING id),
		open AS (INSERT INTO roadmap_action (number, axis_id, title, objective, pilot_id, pilot_person_id, body, status, starts_on, ends_on, percent, validated_on, validation)
			SELECT 9001, (SELECT min(id) FROM axis), 'Basson <img src=x onerror=alert(1)> ouvert', '=HYPERLINK("x")', begles.id, who.id, 'communes', 'in_progress',
			       paris_today() - 90, paris_today() + 90, 40, paris_today() - 90, 'Délibération' FROM begles, who RETURNING id),
		idea AS (INSERT INTO roadmap_action (number, axis_id, title, objective, audience, pilot_id, body, proposed_by, proposer_id, status)
			SELECT 9002, (SELECT min(id) FROM axis), 'Zqequipetitre', 'Zqequipeobjectif', 'Zqequipepublic', begles.id, 'communes', 'communes', begles.id, 'proposed' FROM begles RETURNING id),
		refused AS (INSERT INTO roadmap_action (number, axis_id, title, objective, pilot_id, body, proposed_by, proposer_id, status, status_reason)
			SELECT 9003, (SELECT min(id) FROM axis), 'Zqequiperefus', 'Zqequipevoeu', begles.id, 'communes', 'communes', begles.id, 'abandoned', 'Zqequipemotif' FROM begles RETURNING id),
		places AS (INSERT INTO action_commune (action_id, organisation_id) SELECT a.id, c.id FROM (TABLE open UNION TABLE idea UNION TABLE refused) a CROSS JOIN (TABLE begles UNION TABLE pessac) c),
		parties AS (INSERT INTO action_partner (action_id, organisation_id, part) SELECT idea.id, partner.id, 'Zqequiperole' FROM idea, partner),
		steps AS (INSERT INTO action_step (action_id, position, title, milestone, due_on) SELECT id, 1, 'Zqequipeétape', true, paris_today() + 30 FROM idea),
		measures AS (INSERT INTO action_indicator (action_id, position, name) SELECT id, 1, 'Zqequipeindicateur' FROM idea),
		money AS (INSERT INTO budget_line (action_id, year, funder, nature, planned_cents, obtained_cents, note)
			SELECT open.id, extract(year FROM paris_today()), f, 'running', c, c, n FROM open,
			       (VALUES ('Zqpublicfinanceur', 765432100, 'Zqpublicnote'), ('', 12300, '')) v(f, c, n)
			UNION ALL SELECT idea.id, extract(year FROM paris_today()), 'Zqequipefinanceur', 'running', 876543200, 0, '' FROM idea),
		told AS (INSERT INTO progress_report (action_id, organisation_id, person_id, by_name, situation, percent, fall_reason, done, difficulty, need_kind, need, next_step, state,
			       review_note, reviewed_by, at)
			SELECT open.id, begles.id, who.id, 'Zqpublicauteur', 'late', 40, 'Zqpublicbaisse', 'Basson livré <img src=x onerror=alert(1)>', 'Zqpublicdifficulté', 'people', 'Zqpublicbesoin',
			       'Basson accordé', 'accepted', 'Zqpublicrevue', 'Zqpublicrelecteur', now() - interval '3 days' FROM open, begles, who RETURNING id),
		waiting AS (INSERT INTO progress_report (action_id, organisation_id, person_id, by_name, situation, percent, done, difficulty, next_step, state, at)
			SELECT open.id, begles.id, who.id, 'Zqpublicauteur', 'abandoned', 30, 'Zqequipefait', 'Zqequipeennui', 'Zqequipesuite', 'sent', now() - interval '1 day' FROM open, begles, who RETURNING id),
		back AS (INSERT INTO progress_report (action_id, organisation_id, by_name, situation, done, state, review_note, at)
			SELECT open.id, begles.id, 'Zqpublicauteur', 'to_come', 'Zqequipeautre', 'asked_back', 'Zqequipequestion', now() - interval '5 days' FROM open, begles RETURNING id),
		gone AS (INSERT INTO progress_report (action_id, organisation_id, by_name, situation, done, state, at)
			SELECT open.id, begles.id, 'Zqpublicauteur', 'done', 'Zqequiperemplacé', 'replaced', now() - interval '6 days' FROM open, begles),
		doc AS (SELECT id FROM document ORDER BY id LIMIT 1),
		photos AS (INSERT INTO report_document (report_id, document_id, caption) SELECT waiting.id, doc.id, 'Zqequipelégende' FROM waiting, doc),
		file AS (INSERT INTO action_document (action_id, document_id, title) SELECT open.id, doc.id, 'Zqpublicpièce' FROM open, doc RETURNING id),
		secret AS (INSERT INTO action_document (action_id, document_id, title, public) SELECT idea.id, doc.id, 'Zqequipepièce', true FROM idea, doc RETURNING id),
		meeting AS (SELECT m.id FROM meeting m JOIN decision d ON d.meeting_id = m.id WHERE m.state = 'published' ORDER BY m.id LIMIT 1),
		decision AS (SELECT min(d.id) AS id FROM decision d JOIN meeting ON meeting.id = d.meeting_id),
		at_meeting AS (INSERT INTO action_meeting (action_id, meeting_id) SELECT a.id, meeting.id FROM (TABLE idea UNION TABLE refused UNION TABLE open) a, meeting),
		by_decision AS (INSERT INTO action_decision (action_id, decision_id) SELECT a.id, decision.id FROM (TABLE idea UNION TABLE refused UNION TABLE open) a, decision),
		proposal AS (INSERT INTO action_proposal (action_id, person_id, question) SELECT idea.id, who.id, 'Zqequipeprécision' FROM idea, who UNION ALL SELECT refused.id, who.id, '' FROM refused, who),
		line AS (INSERT INTO edition_line (year, action_id, origin) SELECT e.year, idea.id, 'new' FROM edition e, idea WHERE e.state <> 'frozen'),
		campaign AS (INSERT INTO campaign (title, message, opened_at, closes_at, closed_at, pack)
			SELECT 'Zqpubliccampagne', 'Zqpublicmessage', now() - interval '30 days', now() - interval '20 days', now() - interval '19 days',
			       '{"title": "Zqpublicdossier", "lines": []}' RETURNING id),
		note AS (INSERT INTO governance_note (since, subject, text, sent_by, recipients) VALUES (paris_today() - 5, 'Zqpublicobjet', 'Zqpublictexte', 'Zqpublicenvoyeur', 3))
		SELECT json_build_object('open', (SELECT id FROM open), 'idea', (SELECT id FROM idea), 'refused', (SELECT id FROM refused), 'told', (SELECT id FROM told),
			'waiting', (SELECT id FROM waiting), 'back', (SELECT id FROM back), 'file', (SELECT id FROM file), 'secret', (SELECT id FROM secret), 'meeting', (SELECT id FROM meeting),
			'decision', (SELECT id FROM decision), 'campaign', (SELECT id FROM campaign), 'photo', (SELECT id::text FROM doc))::text`).Scan(&text); err != nil {
		t.Fatal(err)
	}
	var ids map[string]any
	if err := json.Unmarshal([]byte(text), &ids); err != nil {
		t.Fatal(err)
	}
	n := func(name string) int { v, _ := ids[name].(float64); return int(v) }
	p = planted{open: n("open"), idea: n("idea"), refused: n("refused"), told: n("told"), waiting: n("waiting"), back: n("back"), file: n("file"), secret: n("secret"),
		meeting: n("meeting"), decision: n("decision"), campaign: n("campaign")}
	p.photo, _ = ids["photo"].(string)
	p.edition = s.count(t, `SELECT coalesce(max(year) FILTER (WHERE state = 'frozen'), 2026)::int FROM edition`)
	return p
}

// roadmapPattern tells whether a route belongs to the roadmap.
func roadmapPattern(pattern string) bool {
	for _, part := range []string{"feuille-de-route", "/mes-actions", "/financements", "/notes", "/equipe/note", "/campagnes", "/programmes", "/equipe/alertes"} {
		if strings.Contains(pattern, part) {
			return true
		}
	}
	return false
}

var placeholder = regexp.MustCompile(`\{([a-z]+)(?::(?:[^{}]|\{[0-9]+\})*)?\}`)

// addresses are those of a route of the roadmap, for everything that was planted.
func (p planted) addresses(pattern string) []string {
	ids := []int{p.open, p.idea, p.refused}
	switch {
	case strings.Contains(pattern, "/campagnes/"):
		ids = []int{p.campaign}
	case strings.Contains(pattern, "/notes/"), strings.Contains(pattern, "/note/"), strings.Contains(pattern, "/import/"), strings.Contains(pattern, "/axes/"):
		ids = []int{1}
	case strings.Contains(pattern, "/organisations/"):
		ids = []int{1, 2, 3, 4, 5, 6}
	case !strings.Contains(pattern, "{id"):
		ids = ids[:1]
	}
	var out []string
	for _, id := range ids {
		for _, file := range []int{p.file, p.secret} {
			for _, report := range []int{p.told, p.waiting, p.back} {
				a := placeholder.ReplaceAllStringFunc(pattern, func(m string) string {
					switch name := placeholder.FindStringSubmatch(m)[1]; name {
					case "id":
						return strconv.Itoa(id)
					case "document":
						if strings.Contains(pattern, "/points/") {
							return p.photo
						}
						return strconv.Itoa(file)
					case "point":
						return strconv.Itoa(report)
					case "annee":
						return strconv.Itoa(p.edition)
					case "ext":
						return "csv"
					case "insee":
						return "33039"
					}
					return "1"
				})
				if len(out) == 0 || out[len(out)-1] != a {
					out = append(out, a)
				}
			}
		}
	}
	return out
}

// TestARoadmapOfSecrets reads every page, file and search there is as the public, a
// structure, a mayor of another commune and others: nobody learns what is not theirs.
func TestARoadmapOfSecrets(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.plantRoadmap(t)
	paths := []string{"/", "/plan-du-site", "/tableau-de-bord", "/aide", "/communes/33039", "/communes/33318", "/recherche?q=ZQEQUIPE", "/recherche?q=basson", "/recherche?q=ZQPUBLIC",
		"/recherche?q=zqequipetitre", "/recherche?q=zqpublicdifficulte", "/recherche?q=zqequipefait",
		"/feuille-de-route?q=ZQ", "/feuille-de-route.csv?q=ZQEQUIPETITRE", "/feuille-de-route.json", "/feuille-de-route?q=basson&commune=33318", "/feuille-de-route.json?q=basson",
		"/feuille-de-route/calendrier?axe=1", "/financements?tri=prevu", "/financements.csv", "/mes-actions", "/calendrier", "/decisions",
		fmt.Sprintf("/reunions/%d", p.meeting), fmt.Sprintf("/decisions/%d", p.decision), fmt.Sprintf("/mes-actions/%d/point?pour=%d", p.open, 1)}
	for _, r := range s.portal.Routes() {
		if r.Method == http.MethodGet && roadmapPattern(r.Pattern) && !strings.HasSuffix(r.Pattern, ".pdf") {
			paths = append(paths, p.addresses(r.Pattern)...)
		}
	}
	team := s.signIn(t, accountOf[access.Team])
	for path, words := range map[string][]string{fmt.Sprintf("/feuille-de-route/actions/%d", p.open): {"Zqpublicdifficulté", "Zqpublicfinanceur", "Zqpublicnom", "&lt;img src=x", "Zqpublicpièce"},
		fmt.Sprintf("/equipe/feuille-de-route/actions/%d", p.open): {"Zqequipefait"}, fmt.Sprintf("/reunions/%d", p.meeting): {"Zqequipetitre"},
		fmt.Sprintf("/equipe/feuille-de-route/actions/%d", p.idea): {"Zqequipetitre"}} {
		for _, w := range words {
			if a := team.get(path); !strings.Contains(a.body, w) {
				t.Fatalf("%s says nothing of %s to the team (%d): the test looks at nothing\n%s", path, w, a.status, a.text())
			}
		}
	}
	spaces := strings.NewReplacer("\u202f", "", "\u00a0", "", "&nbsp;", "")
	for _, who := range []struct {
		email   string
		secrets []string
	}{
		{"", []string{"Zqequipe", "Zqpublic", "7654321", "8765432"}},
		{"scrutatrice@example.org", []string{"Zqequipe", "Zqpublic", "7654321", "8765432"}},
		{"maire-pessac@example.org", []string{"Zqequipe", "8765432"}},
		{accountOf[access.Structure], []string{"Zqequipe", "8765432"}},
		{accountOf[access.Partner], []string{"Zqequipe", "8765432"}},
		{accountOf[access.Chair], []string{"Zqequipe", "8765432"}},
	} {
		b := s.signIn(t, who.email).bare()
		for _, path := range paths {
			a := b.get(path)
			body := spaces.Replace(a.body)
			for _, secret := range who.secrets {
				if i := strings.Index(body, secret); i >= 0 {
					t.Errorf("%s tells %q (%d): …%s…", path, who.email, a.status, body[max(0, i-120):min(len(body), i+60)])
				}
			}
			kind := a.header.Get("Content-Type")
			if markup := strings.Contains(kind, "html") && strings.Contains(a.body, "<img src=x"); a.status >= 500 || markup {
				t.Errorf("%s as %q: status %d, markup %v\n%s", path, who.email, a.status, markup, a.text())
			}
			if strings.HasPrefix(kind, "text/csv") && regexp.MustCompile(`(?m)(^|[;,]|[;,]")[=@]`).MatchString(a.body) {
				t.Errorf("%s: a cell is a formula\n%.2000s", path, a.body)
			}
			// What a signed-in reader reads is kept by nobody else.
			if cc := a.header.Get("Cache-Control"); who.email != "" && a.status == 200 && strings.Contains(kind, "html") && !strings.Contains(cc, "no-store") && !strings.Contains(cc, "private") {
				t.Errorf("%s as %q: Cache-Control %q", path, who.email, cc)
			}
		}
	}
	nobody, pessac := s.browser(t), s.signIn(t, "maire-pessac@example.org")
	for _, path := range []string{fmt.Sprintf("/feuille-de-route/actions/%d", p.idea), fmt.Sprintf("/feuille-de-route/actions/%d", p.refused),
		fmt.Sprintf("/feuille-de-route/actions/%d/documents/%d", p.idea, p.secret), fmt.Sprintf("/feuille-de-route/actions/%d/documents/%d", p.open, p.secret),
		fmt.Sprintf("/feuille-de-route/actions/%d/points/%d/documents/%s", p.open, p.waiting, p.photo), fmt.Sprintf("/feuille-de-route/actions/%d/points/%d/documents/%s", p.open, p.told, p.photo)} {
		if a, b := nobody.get(path), pessac.get(path); a.status != 404 || b.status != 404 {
			t.Errorf("%s: %d for the public, %d for the mayor of Pessac", path, a.status, b.status)
		}
	}
	if a := nobody.get(fmt.Sprintf("/feuille-de-route/actions/%d/documents/%d", p.open, p.file)); a.status != 404 {
		t.Errorf("a document for members: %d for the public", a.status)
	}
}

// TestRoadmapFromMemory: what members read is never what the public is given, whoever
// came first, and what is no longer public leaves within a second.
func TestRoadmapFromMemory(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.plantRoadmap(t)
	s.remember(t)
	nobody, mayor := s.browser(t), s.signIn(t, "maire-begles@example.org")
	path := fmt.Sprintf("/feuille-de-route/actions/%d", p.open)
	if a := mayor.get(path); !strings.Contains(a.body, "Zqpublicdifficulté") {
		t.Fatalf("the mayor does not read the difficulty: %d", a.status)
	}
	if !s.fromMemory(nobody, path) {
		t.Error("the public page is not kept")
	}
	if mayor.get(path); strings.Contains(nobody.get(path).body, "Zqpublic") || !strings.Contains(mayor.get(path).body, "Zqpublicbesoin") {
		t.Error("one is given the page of the other")
	}
	const told = "Basson livré"
	if !strings.Contains(nobody.get(path).body, told) {
		t.Fatal("the accepted report is not there: the test looks at nothing")
	}
	s.count(t, `WITH u AS (UPDATE progress_report SET state = 'replaced' WHERE id = $1 RETURNING 1) SELECT count(*)::int FROM u`, p.told)
	eventually(t, 5e9, "the report is gone", func() bool { return !strings.Contains(nobody.get(path).body, told) })
}
