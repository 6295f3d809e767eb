package web_test

import (
	"encoding/csv"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// filled is the form of a page that is sent to action, with what it holds and what
// somebody writes in it.
func (b *browser) filled(page, action string, written url.Values) url.Values {
	b.t.Helper()
	a := b.get(page)
	at := strings.Index(a.body, `action="`+action+`"`)
	if a.status != http.StatusOK || at < 0 {
		b.t.Fatalf("%s: status %d, no form to %s\n%s", page, a.status, action, a.text())
	}
	from := strings.LastIndex(a.body[:at], "<form")
	v := formOf(b.t, a.body[from:at+strings.Index(a.body[at:], "</form>")]+"</form>")
	for name, values := range written {
		v[name] = values
	}
	return v
}

// submits sends the form of a page twice, as a double click does: both are led to the
// same place.
func (b *browser) submits(page, action string, written url.Values) string {
	b.t.Helper()
	v := b.filled(page, action, written)
	first, second := b.post(action, v), b.post(action, v)
	if first.status != http.StatusSeeOther || second.status != first.status || second.location() != first.location() {
		b.t.Fatalf("%s: %d to %q, then %d to %q\n%s", action, first.status, first.location(), second.status, second.location(), first.text())
	}
	return first.location()
}

// reads fails the test unless the page answers so and says the words.
func (a answer) reads(t testing.TB, status int, words ...string) answer {
	t.Helper()
	text := plainSpaces(html.UnescapeString(tagsOf.ReplaceAllString(a.body, " ")))
	if a.status != status {
		t.Errorf("status %d, want %d\n%s", a.status, status, a.text())
	}
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("the page does not say « %s »\n%s", w, a.text())
		}
	}
	return a
}

var tagsOf = regexp.MustCompile(`<[^>]*>`)

// college is where a structure sits in the public composition of the GNI on a day, ""
// when it does not.
func (s *site) college(t testing.TB, name string, on day.Day) string {
	t.Helper()
	a := s.browser(t).get("/instances/gni.csv?le=" + on.String())
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\ufeff")))
	r.Comma = ';'
	lines, err := r.ReadAll()
	if err != nil || a.status != http.StatusOK || len(lines) < 100 {
		t.Fatalf("the composition on %s: status %d, %d lines, %v", on, a.status, len(lines), err)
	}
	column := slices.Index(lines[0], "Collège")
	for _, l := range lines[1:] {
		if plainSpaces(l[1]) == plainSpaces(name) {
			return l[column]
		}
	}
	return ""
}

// listed tells whether the public directory shows a structure.
func (s *site) listed(t testing.TB, name string, id int) bool {
	t.Helper()
	a := s.browser(t).get("/structures?q=" + url.QueryEscape(name))
	return strings.Contains(a.body, fmt.Sprintf(`href="/structures/%d"`, id))
}

// postbox is the mails that were queued.
type postbox struct {
	site *site
	seen map[string]bool
}

// mailed returns what was queued since it was last asked, « kind address ».
func (p *postbox) mailed(t testing.TB) []string {
	t.Helper()
	type mail struct {
		ID string `db:"id"`
		To string `db:"told"`
	}
	all, err := postgres.List[mail](t.Context(), p.site.pool, `SELECT id::text, kind || ' ' || to_address AS told FROM mail ORDER BY 2`)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range all {
		if !p.seen[m.ID] {
			p.seen[m.ID] = true
			out = append(out, m.To)
		}
	}
	return out
}

// told fails the test unless exactly these mails left since it was last asked.
func (p *postbox) told(t testing.TB, want ...string) {
	t.Helper()
	slices.Sort(want)
	if got := p.mailed(t); !slices.Equal(got, want) {
		t.Errorf("mails %q, want %q", got, want)
	}
}

// member is a structure of the demonstration that is a member, by its account.
type member struct {
	id    int
	name  string
	email string
}

func (s *site) member(t testing.TB, n int) member {
	t.Helper()
	m := member{email: fmt.Sprintf("structure-%03d@example.org", n)}
	if err := s.pool.QueryRow(t.Context(), `
		SELECT o.id, o.name FROM person p JOIN mandate m ON m.person_id = p.id AND m.during @> paris_today()
		JOIN seat s ON s.id = m.seat_id AND s.kind = 'structure' JOIN organisation o ON o.id = s.organisation_id WHERE p.email = $1`, m.email).Scan(&m.id, &m.name); err != nil {
		t.Fatal(err)
	}
	if s.college(t, m.name, demoDay.AddDays(-1)) == "" {
		t.Fatalf("« %s » was no member yesterday", m.name)
	}
	return m
}

func (m member) page(part string) string { return fmt.Sprintf("/equipe/structures/%d%s", m.id, part) }

// TestJourneyExamine: the team accepts several structures at once, changes a college,
// freezes them, suspends, brings back, merges. After each act the composition of the
// days around, the directory and the mails say the same.
func TestJourneyExamine(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	team, mails := s.signIn(t, "equipe@example.org"), &postbox{s, map[string]bool{}}
	yesterday, today, tomorrow := demoDay.AddDays(-1), demoDay, demoDay.AddDays(1)
	sits := func(what string, name, before, now string) {
		t.Helper()
		for on, want := range map[day.Day]string{yesterday: before, today: now, tomorrow: now} {
			if got := s.college(t, name, on); got != want {
				t.Errorf("%s: on %s « %s » sits in %q, want %q", what, on, name, got, want)
			}
		}
	}
	mails.mailed(t)

	for _, path := range []string{"nouvelle", "import", "gel", "communes", "conseillers-numeriques"} {
		if !strings.Contains(team.get("/equipe/structures").body, `href="/equipe/structures/`+path+`"`) {
			t.Errorf("the register does not lead to %s", path)
		}
	}
	acceptTogether(t, s, team, mails, sits)

	one := s.member(t, 2)
	was := s.college(t, one.name, today)
	other := map[string]string{"Action sociale": "Médiation numérique", "Médiation numérique": "Action sociale"}[was]
	team.submits(one.page("/college"), one.page("/college"), url.Values{"motif": {"Son activité a changé."}})
	sits("change of college", one.name, was, other)
	mails.told(t, "structure_college "+one.email)

	two := s.member(t, 3)
	team.submits("/equipe/structures/gel", "/equipe/structures/gel", url.Values{"motif": {"Liste électorale arrêtée."}})
	v := team.filled(two.page("/college"), two.page("/college"), url.Values{"motif": {"Trop tard."}})
	team.post(two.page("/college"), v).reads(t, http.StatusConflict, "figés", "Trop tard.")
	was = s.college(t, two.name, yesterday)
	sits("frozen", two.name, was, was)
	mails.told(t)
	team.submits("/equipe/structures/gel", "/equipe/structures/gel", nil)

	team.submits(two.page("/suspension"), two.page("/suspension"), url.Values{"motif": {"Fermée pour travaux."}})
	sits("suspended", two.name, was, "")
	mails.told(t, "structure_suspended "+two.email)
	if s.listed(t, two.name, two.id) {
		t.Error("a suspended structure is in the directory")
	}
	s.browser(t).get(fmt.Sprintf("/structures/%d", two.id)).reads(t, http.StatusNotFound)
	team.submits(two.page("/retour"), two.page("/retour"), nil)
	sits("back", two.name, was, was)
	mails.told(t, "structure_returned "+two.email)
	if !s.listed(t, two.name, two.id) {
		t.Error("a structure that is back is not in the directory")
	}

	three := s.member(t, 4)
	was, kept := s.college(t, three.name, today), s.college(t, two.name, today)
	into := url.Values{"autre": {strconv.Itoa(two.id)}}
	if to := team.submits(three.page("/fusion?")+into.Encode(), three.page("/fusion"), nil); to != two.page("") {
		t.Errorf("after the union the team is led to %s", to)
	}
	sits("merged, the one that goes", three.name, was, "")
	sits("merged, the one that stays", two.name, kept, kept)
	mails.told(t, "structure_merged "+three.email)
	if a := s.browser(t).get(fmt.Sprintf("/structures/%d", three.id)); a.location() != fmt.Sprintf("/structures/%d", two.id) {
		t.Errorf("the sheet that went: status %d to %q", a.status, a.location())
	}
	if s.listed(t, three.name, three.id) {
		t.Error("the sheet that went is in the directory")
	}

	var asked member
	if err := s.pool.QueryRow(t.Context(), `SELECT s.organisation_id, c.email FROM structure s JOIN structure_contact c ON c.structure_id = s.organisation_id AND c.in_charge
		WHERE s.state = 'more_asked' LIMIT 1`).Scan(&asked.id, &asked.email); err != nil {
		t.Fatal(err)
	}
	team.submits(asked.page("/fusion?")+into.Encode(), asked.page("/fusion"), nil)
	mails.told(t, "structure_merged "+asked.email)
	if n := s.count(t, `SELECT count(*) FROM mail WHERE to_address = $1 AND text_body LIKE '%demandez l’accès%'`, asked.email); n != 1 {
		t.Error("who asked for a structure that is a member is not told how to act for it")
	}
	s.signIn(t, three.email).get("/ma-structure").reads(t, http.StatusOK, plainSpaces(two.name))
}

// acceptTogether accepts all that waits, and looks at who was told what.
func acceptTogether(t *testing.T, s *site, team *browser, mails *postbox, sits func(what, name, before, now string)) {
	t.Helper()
	const page = "/equipe/structures/acceptation"
	type request struct {
		ID      int      `db:"id"`
		Name    string   `db:"name"`
		College string   `db:"college"`
		Charge  string   `db:"charge"`
		Invited []string `db:"invited"`
	}
	waiting, err := postgres.List[request](t.Context(), s.pool, `
		SELECT o.id, o.name, CASE s.college WHEN 'action_sociale' THEN 'Action sociale' ELSE 'Médiation numérique' END AS college,
		       (SELECT email FROM structure_contact WHERE structure_id = o.id AND in_charge) AS charge,
		       ARRAY(SELECT email FROM structure_contact WHERE structure_id = o.id) AS invited
		FROM structure s JOIN organisation o ON o.id = s.organisation_id WHERE s.state = 'submitted' ORDER BY o.id`)
	if err != nil || len(waiting) < 3 {
		t.Fatalf("%d requests wait, %v", len(waiting), err)
	}
	chosen, before, queue := url.Values{}, len(waiting), team.get("/equipe/structures").body
	var want []string
	for _, r := range waiting {
		if !strings.Contains(queue, fmt.Sprintf(`name="structure" value="%d"`, r.ID)) {
			t.Errorf("« %s » cannot be chosen in the queue", r.Name)
		}
		chosen.Add("structure", strconv.Itoa(r.ID))
		want = append(want, "structure_accepted "+r.Charge)
		for _, email := range r.Invited {
			want = append(want, "invitation "+email)
		}
		sits("before", r.Name, "", "")
	}
	mails.told(t) // the page of check told nobody
	team.submits(page+"?"+chosen.Encode(), page, nil)
	for _, r := range waiting {
		sits("accepted", r.Name, "", r.College)
		if !s.listed(t, r.Name, r.ID) {
			t.Errorf("« %s » is not in the directory", r.Name)
		}
	}
	mails.told(t, want...)
	if n := s.count(t, `SELECT count(*) FROM structure WHERE state = 'submitted'`); n != 0 {
		t.Errorf("%d of %d requests still wait", n, before)
	}
}
