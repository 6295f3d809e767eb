package web_test

import (
	"bytes"
	"cmp"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/funding"
)

// formTo is the last form of a page to an address.
func (a answer) formTo(t testing.TB, action string) url.Values {
	t.Helper()
	at := strings.LastIndex(a.body, `action="`+action+`"`)
	if at < 0 {
		t.Fatalf("no form to %s: status %d\n%s", action, a.status, a.text())
	}
	return formOf(t, a.body[strings.LastIndex(a.body[:at], "<form"):at+strings.Index(a.body[at:], "</form>")]+"</form>")
}

// posts sends the form of a page once, and returns the page it answers.
func (b *browser) posts(page, action string, written url.Values) answer {
	b.t.Helper()
	return b.post(action, b.filled(page, action, written))
}

// alerts is how many alerts of a kind the dashboard of the team counts.
func (b *browser) alerts(slug string) int {
	b.t.Helper()
	m := regexp.MustCompile(`/equipe/alertes\?type=` + slug + `">([0-9\x{202f}]+) `).FindStringSubmatch(plainSpaces(b.get("/tableau-de-bord").body))
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

// raises fails the test unless what was done changes the count of the alerts of a kind
// by so many.
func (b *browser) raises(slug string, by int, done func()) {
	b.t.Helper()
	before := b.alerts(slug)
	done()
	if got := b.alerts(slug); got != before+by {
		b.t.Errorf("%d alerts « %s », then %d: want %+d", before, slug, got, by)
	}
}

// TestJourneyRoadmap: the team makes an action out of a decision and gives it a budget,
// steps and an indicator; each alert appears, and its remedy removes it; a partner reads
// the money; the note leaves once.
func TestJourneyRoadmap(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	team := s.signIn(t, "equipe@example.org")
	action := s.fromDecision(t, team)
	s.budgeted(t, team, action)
	s.measured(t, team, action)
	s.fundings(t, team, action)
	s.noted(t, team)
}

// fromDecision makes an action out of a decision that none carries, and validates it.
func (s *site) fromDecision(t *testing.T, team *browser) (action string) {
	t.Helper()
	decision := s.count(t, `SELECT id::int FROM decision d WHERE kind = 'decision' AND outcome = 'adopted' AND superseded_by IS NULL
		AND NOT EXISTS (SELECT FROM edition e WHERE e.decision_id = d.id) ORDER BY id DESC LIMIT 1`)
	s.exec(t, `DELETE FROM action_decision WHERE decision_id = $1`, decision)
	s.exec(t, `UPDATE decision SET follow_up = 'open' WHERE id = $1`, decision)
	team.get("/equipe/alertes?type=decision").reads(t, http.StatusOK, "Décider de la suite")
	link := "/equipe/feuille-de-route/actions/nouvelle?decision=" + strconv.Itoa(decision)
	if a := team.get("/decisions/" + strconv.Itoa(decision)); !strings.Contains(a.body, `href="`+link+`"`) {
		t.Fatalf("the decision does not lead to a new action\n%s", a.text())
	}
	const form = "/equipe/feuille-de-route/actions/nouvelle"
	team.get(link).reads(t, http.StatusOK, "L’action portera une décision.")
	axis := strconv.Itoa(s.count(t, `SELECT id::int FROM axis ORDER BY position LIMIT 1`))
	typed := team.filled(link, form, url.Values{"axe": {axis}, "debut": {french.NumericDate(demoDay.AddDays(-100))}, "fin": {french.NumericDate(demoDay.AddDays(-101))}, "perimetre": {"toutes"}})
	wrong := team.post(form, typed).reads(t, http.StatusUnprocessableEntity, "L’action portera une décision.")
	typed = wrong.formTo(t, form)
	typed.Set("titre", "Tenir une carte; à jour « chaque mois »")
	typed.Set("fin", french.NumericDate(demoDay.AddDays(200)))
	team.raises("decision", -1, func() {
		first, second := team.post(form, typed), team.post(form, typed)
		if action = first.location(); first.status != http.StatusSeeOther || second.location() != action {
			t.Fatalf("created twice: %d to %q, then %q\n%s", first.status, action, second.location(), first.text())
		}
	})
	id := strings.TrimPrefix(action, "/equipe/feuille-de-route/actions/")
	if n := s.count(t, `SELECT count(*)::int FROM action_decision WHERE decision_id = $1 AND action_id = $2::bigint`, decision, id); n != 1 {
		t.Errorf("the action carries %d decision, want one", n)
	}
	team.get("/decisions/"+strconv.Itoa(decision)).reads(t, http.StatusOK, "Tenir une carte")
	for _, unknown := range []string{"0", "abc", "999999999"} {
		if a := team.get(form + "?decision=" + unknown); a.status != http.StatusNotFound {
			t.Errorf("an action out of decision %s: status %d", unknown, a.status)
		}
	}
	public := s.browser(t)
	if a := public.get("/feuille-de-route/actions/" + id); a.status != http.StatusNotFound {
		t.Errorf("a proposed action, to the public: status %d", a.status)
	}
	check := team.posts(action+"/etat", action+"/etat", url.Values{"etat": {roadmap.Validated.Slug()}, "decision": {strconv.Itoa(decision)}})
	check.reads(t, http.StatusOK, "Une action publiée le reste")
	if a := team.post(action+"/etat", check.formTo(t, action+"/etat")); a.status != http.StatusSeeOther {
		t.Fatalf("validate: status %d\n%s", a.status, a.text())
	}
	team.submits(action+"/etat", action+"/etat", url.Values{"etat": {roadmap.InProgress.Slug()}})
	public.get("/feuille-de-route/actions/"+id).reads(t, http.StatusOK, "Tenir une carte")
	return action
}

// budgeted adds a line without funder, typed as people type, then finds one.
func (s *site) budgeted(t *testing.T, team *browser, action string) {
	t.Helper()
	year := strconv.Itoa(demoDay.Year())
	line := url.Values{"annee": {year}, "nature": {"fonctionnement"}, "prevu": {"12 000,50 €"}}
	for _, bad := range []string{"12 000,505 €", "douze mille", "1e9", "-4", "9999999999999"} {
		if a := team.posts(action+"/budget/nouvelle", action+"/budget/nouvelle", url.Values{"nature": {"fonctionnement"}, "prevu": {bad}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, bad) {
			t.Errorf("an amount of %q: status %d", bad, a.status)
		}
	}
	team.raises("sans-financeur", 1, func() { team.submits(action+"/budget/nouvelle", action+"/budget/nouvelle", line) })
	team.get(action+"/budget").reads(t, http.StatusOK, "12 000,50")
	team.get("/equipe/alertes?type=sans-financeur").reads(t, http.StatusOK, "Aucun financeur pour 12 000,50 €", "Compléter le budget")
	funder := s.count(t, `SELECT id::int FROM organisation WHERE kind = 'partner' ORDER BY id LIMIT 1`)
	change := fmt.Sprintf("%s/budget/%d/modification", action, s.count(t, `SELECT max(id)::int FROM budget_line`))
	line = url.Values{"financeur": {strconv.Itoa(funder)}, "obtenu": {"13 000"}}
	doubt := team.posts(change, change, line) // more than planned: told once, then kept
	doubt.reads(t, http.StatusOK, "dépasse")
	team.raises("sans-financeur", -1, func() {
		if a := team.post(change, doubt.formTo(t, change)); a.status != http.StatusSeeOther {
			t.Fatalf("sums that do not match, confirmed: status %d\n%s", a.status, a.text())
		}
	})
}

// measured adds steps, an indicator with a target, a value off its path, and corrects it.
func (s *site) measured(t *testing.T, team *browser, action string) {
	t.Helper()
	step := action + "/etapes/nouvelle"
	team.submits(step, step, url.Values{"titre": {"Choisir l’outil"}, "echeance": {french.NumericDate(demoDay.AddDays(40))}})
	team.raises("jalon", 1, func() {
		team.submits(step, step, url.Values{"titre": {"Première carte"}, "echeance": {french.NumericDate(demoDay.AddDays(-3))}, "jalon": {"oui"}})
	})
	done := fmt.Sprintf("%s/etapes/%d/realisation", action, s.count(t, `SELECT max(id)::int FROM action_step`))
	team.get("/equipe/alertes?type=jalon").reads(t, http.StatusOK, "« Première carte »")
	team.raises("jalon", -1, func() {
		team.submits(done, done, url.Values{"etat": {"faite"}, "faite_le": {french.NumericDate(demoDay.AddDays(-2))}})
	})

	add := action + "/indicateurs/nouveau"
	targets := team.submits(add, add, url.Values{"nom": {"Lieux à jour"}, "unite": {"lieux"}, "sens": {"hausse"}, "reference": {"0"}, "reference_le": {french.NumericDate(demoDay.AddDays(-100))}})
	values := team.submits(targets, targets, url.Values{roadmap.TargetField(demoDay.Year()): {"1 000,5"}, roadmap.TargetField(demoDay.Year() + 1): {"2000"}})
	team.raises("trajectoire", 1, func() {
		team.submits(values+"/nouvelle", values+"/nouvelle", url.Values{"valeur": {"12,25"}, "jour": {french.NumericDate(demoDay)}, "source": {"Relevé de l’équipe"}})
	})
	if a := team.get("/equipe/alertes?type=trajectoire").reads(t, http.StatusOK, "« Lieux à jour » : 12,25"); !strings.Contains(a.body, `href="`+values+`"`) {
		t.Errorf("the alert does not lead to %s", values)
	}
	correct := fmt.Sprintf("%s/%d/correction", values, s.count(t, `SELECT max(id)::int FROM indicator_reading`))
	team.raises("trajectoire", -1, func() {
		team.submits(correct, correct, url.Values{"valeur": {"1 200"}, "motif": {"Une commune manquait."}})
	})
}

var (
	budgetYear = regexp.MustCompile(`<th scope="row">(\d{4})</th>((?:<td data-label="[^"]+" class="num">[^<]*</td>){4})`)
	amountCell = regexp.MustCompile(`class="num">([^<]*)</td>`)
	factCell   = regexp.MustCompile(`<dt>(Prévu|Obtenu|Dépensé)</dt><dd>([^<]*)</dd>`)
)

func cents(t *testing.T, text string) roadmap.Cents {
	t.Helper()
	c, err := roadmap.ParseCents(text)
	if err != nil {
		t.Fatalf("amount %q: %v", text, err)
	}
	return c
}

// fundings: a partner reads totals that are those of the budget pages, action by action.
func (s *site) fundings(t *testing.T, team *browser, action string) {
	t.Helper()
	partner := s.signIn(t, "partenaire-01@example.org")
	shown := partner.get("/financements").reads(t, http.StatusOK, "Tous les financeurs")
	got := map[string]roadmap.Cents{}
	for _, m := range factCell.FindAllStringSubmatch(shown.body, -1) {
		got[m[1]] = cents(t, m[2])
	}
	want := map[string]roadmap.Cents{"Prévu": 0, "Obtenu": 0, "Dépensé": 0}
	first := demoDay.Year()
	for _, id := range s.column(t, `SELECT id::text FROM roadmap_action WHERE validated_on IS NOT NULL AND status <> 'abandoned' ORDER BY id`) {
		page := team.get("/equipe/feuille-de-route/actions/" + id + "/budget")
		for _, y := range budgetYear.FindAllStringSubmatch(page.body, -1) {
			if year, err := strconv.Atoi(y[1]); err != nil || year < first || year >= first+funding.Horizon {
				continue
			}
			for i, m := range amountCell.FindAllStringSubmatch(y[2], 3) {
				want[[]string{"Prévu", "Obtenu", "Dépensé"}[i]] += cents(t, m[1])
			}
		}
	}
	abandoned := s.count(t, `SELECT coalesce(sum(l.planned_cents), 0)::int FROM budget_line l JOIN roadmap_action a ON a.id = l.action_id
		WHERE a.validated_on IS NOT NULL AND a.status = 'abandoned' AND l.year BETWEEN $1 AND extract(year FROM a.status_since)`, first)
	want["Prévu"] += roadmap.Cents(abandoned)
	if got["Prévu"] != want["Prévu"] || abandoned == 0 && fmt.Sprint(got) != fmt.Sprint(want) || got["Prévu"] == 0 {
		t.Errorf("the partner reads %v, the budgets sum to %v", got, want)
	}
	if a := partner.get("/financements.csv"); a.status != http.StatusOK || !strings.Contains(a.body, "12000,5") {
		t.Errorf("the file of the fundings: status %d\n%s", a.status, a.text())
	}
	if a := partner.get(action + "/budget"); a.status != http.StatusNotFound && a.status != http.StatusForbidden {
		t.Errorf("a partner opens the team's budget: status %d", a.status)
	}
}

// noted: the note to the whole governance, checked, and sent once on a double click.
func (s *site) noted(t *testing.T, team *browser) {
	t.Helper()
	const note, send = "/equipe/note", "/equipe/note/envoi"
	typed := team.get(note).formTo(t, note)
	typed.Set("objet", "Où en est la carte")
	if text := typed.Get("texte"); !strings.Contains(text, "Tenir une carte") {
		t.Errorf("the note does not tell of the new action:\n%s", text)
	}
	check := team.post(note, typed).reads(t, http.StatusOK, "Rien n’est encore parti.", "Où en est la carte")
	form := check.formTo(t, send)
	got := together(func() answer { return team.post(send, form) }, func() answer { return team.post(send, form) })
	if got[0].location() == "" || got[0].location() != got[1].location() {
		t.Fatalf("sent twice at once: %d to %q, %d to %q\n%s", got[0].status, got[0].location(), got[1].status, got[1].location(), got[0].text())
	}
	if n := s.count(t, `SELECT count(*)::int FROM mail WHERE subject = 'Où en est la carte'`); n == 0 || n != s.count(t, `SELECT count(DISTINCT to_address)::int FROM mail WHERE subject = 'Où en est la carte'`) {
		t.Errorf("%d mails, none, or two to one address", n)
	}
	s.signIn(t, "maire-begles@example.org").get(strings.Replace(got[0].location(), "/equipe/note/", "/notes/", 1)).reads(t, http.StatusOK, "Où en est la carte", "Tenir une carte")
}

// TestRoadmapToAnotherPortal: the roadmap leaves as a spreadsheet, CSV or XLSX, and
// enters a portal without any by its pages: exported from there, not a byte differs.
func TestRoadmapToAnotherPortal(t *testing.T) {
	t.Parallel()
	const export, list = "/equipe/feuille-de-route/export", "/equipe/feuille-de-route/import"
	here, there := newSite(t), newSite(t)
	team := here.signIn(t, "equipe@example.org")
	want := team.get(export + ".csv")
	if want.status != http.StatusOK || strings.Count(want.body, "\n") < 200 {
		t.Fatalf("export: status %d, %d bytes", want.status, len(want.body))
	}
	owner, err := pgx.Connect(t.Context(), there.pool.Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = owner.Close(t.Context()) }()
	other := there.signIn(t, "equipe@example.org")
	for _, ext := range []string{".csv", ".xlsx"} {
		// What is frozen stays even against its owner, short of this.
		if _, err := owner.Exec(t.Context(), `SET session_replication_role = replica; TRUNCATE axis, roadmap_action, edition RESTART IDENTITY CASCADE`); err != nil {
			t.Fatal(err)
		}
		if a := other.get(export + ".csv"); a.status != http.StatusOK || strings.Count(a.body, "\n") > 2 {
			t.Fatalf("the other portal is not empty\n%s", a.text())
		}
		at := other.sheet(list, "feuille-de-route"+ext, []byte(team.get(export+ext).body))
		other.get(at).reads(t, http.StatusOK, "Rien n’est encore enregistré.", "Actions à ajouter")
		if to := other.submits(at, at, nil); to != at+"/bilan" {
			t.Fatalf("%s: applied, and led to %s", ext, to)
		}
		if got := other.get(export + ".csv"); got.body != want.body {
			t.Errorf("%s: what comes back differs: %s", ext, firstDifference(want.body, got.body))
		}
		again := other.sheet(list, "feuille-de-route"+ext, []byte(team.get(export+ext).body))
		other.get(again).reads(t, http.StatusOK, "Ce fichier n’ajoute rien")
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d\n-%s\n+%s", i+1, w[i], g[i])
		}
	}
	return fmt.Sprintf("%d lines, then %d", len(w), len(g))
}

// sheet uploads a spreadsheet and returns the page of what it would do.
func (b *browser) sheet(path, name string, content []byte) string {
	b.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	part, err := m.CreateFormFile("fichier", name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err = cmp.Or(err, m.Close()); err != nil {
		b.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+path, &body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	a := b.do(r)
	if a.status != http.StatusSeeOther {
		b.t.Fatalf("%s: status %d\n%s", name, a.status, a.text())
	}
	return a.location()
}
