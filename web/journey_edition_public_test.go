package web_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/web/browsertest"
)

// tells waits for the one letter that says the words to an address: the demonstration
// has proposals of its own.
func (p *programme) tells(subject, to string, words ...string) {
	p.t.Helper()
	until(p.t, "« "+subject+" » to "+to, func() bool {
		n := 0
		for _, l := range p.box.about(subject) {
			text := plainSpaces(l.Text)
			if l.To == to && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
				n++
			}
		}
		return n == 1
	})
}

// told: authors know, actions are what the meeting made of them.
func (p *programme) told() {
	p.tells("Votre proposition d’action est adoptée", "maire-begles@example.org", loaned)
	p.tells("n’est pas adoptée", "maire-pessac@example.org", buses, "Le coût est trop élevé.")
	for id, want := range map[int]roadmap.Status{p.adopted: roadmap.Validated, p.refused: roadmap.Abandoned, p.aside: roadmap.Abandoned, p.stopped: roadmap.Suspended} {
		if got := p.site.column(p.t, `SELECT status FROM roadmap_action WHERE id = $1`, id)[0]; got != string(want) {
			p.t.Errorf("action %d is %s, want %s", id, got, want)
		}
	}
	if a := p.desk.post(p.path("/vote"), url.Values{}); a.status != http.StatusConflict && a.status != http.StatusUnprocessableEntity {
		p.t.Errorf("a vote on a frozen programme: status %d", a.status)
	}
	decision := p.site.count(p.t, `SELECT decision_id::int FROM edition WHERE year = $1`, p.year)
	v := p.team
	v.at(fmt.Sprintf("/decisions/%d", decision))
	v.reads("Actions de la feuille de route", loaned, "Le coût est trop élevé.")
	v.readsNot(posters)
	v.follow(fmt.Sprintf("Action n° %d, %s", p.number(p.adopted), loaned))
	v.reads(loaned, "Décision CMTIN n°")
}

var printedSum = regexp.MustCompile(`empreinte SHA-256 ([0-9a-f]{64})`)

// everybodyReads: the action, the programme, its bytes and its PDF, signed out.
func (p *programme) everybodyReads() {
	v := p.site.open(p.t, browsertest.Options{})
	v.at("/feuille-de-route")
	v.follow("Les programmes annuels")
	v.follow("Programme " + strconv.Itoa(p.year))
	v.reads(loaned, "12 000,50 €", "Actions non reconduites", "Le financement manque.", fmt.Sprintf("Le travail n° %d se poursuit.", p.carried[5]), "40 pour, 3 contre, 2 abstentions")
	v.readsNot(buses, posters, "Saintebrume")
	v.clean(browsertest.Options{})
	v.at(fmt.Sprintf("/feuille-de-route/actions/%d", p.adopted))
	v.reads(loaned)
	public := p.site.browser(p.t)
	for _, id := range []int{p.refused, p.aside} {
		if a := public.get(fmt.Sprintf("/feuille-de-route/actions/%d", id)); a.status != http.StatusNotFound {
			p.t.Errorf("action %d was never validated, and the public reads it: status %d", id, a.status)
		}
	}
	at := editionsPath + "/" + strconv.Itoa(p.year)
	shown := public.get(at)
	p.page = shown.body
	m := printedSum.FindStringSubmatch(plainSpaces(shown.body))
	if m == nil {
		p.t.Fatalf("no sum is printed: status %d\n%s", shown.status, shown.text())
	}
	sum := sha256.Sum256([]byte(public.get(at + ".json").body))
	if got := hex.EncodeToString(sum[:]); got != m[1] {
		p.t.Errorf("the bytes have the sum %s, the page prints %s", got, m[1])
	}
	if a := public.get(at + ".csv"); a.status != http.StatusOK || !strings.Contains(a.body, loaned) || strings.Contains(a.body, buses) {
		p.t.Errorf("the spreadsheet: status %d\n%s", a.status, a.text())
	}
	if a := public.get(at + ".pdf"); a.status == http.StatusOK && !strings.HasPrefix(a.body, "%PDF") || a.status != http.StatusOK && a.status != http.StatusServiceUnavailable {
		p.t.Errorf("the PDF: status %d\n%s", a.status, a.text())
	}
}

// kept: an action changes, the frozen page does not, to the last byte; nor do its rows.
func (p *programme) kept() {
	sheet := fmt.Sprintf("/equipe/feuille-de-route/actions/%d/modification", p.adopted)
	p.desk.submits(sheet, sheet, url.Values{"titre": {loaned + " et les mairies"}, "fin": {french.NumericDate(day.Of(p.year, 11, 30))}, "debut": {""}})
	p.site.browser(p.t).get(fmt.Sprintf("/feuille-de-route/actions/%d", p.adopted)).reads(p.t, http.StatusOK, "et les mairies")
	if a := p.site.browser(p.t).get(editionsPath + "/" + strconv.Itoa(p.year)); a.body != p.page {
		p.t.Errorf("the frozen page changed with an action: status %d, %d bytes then %d", a.status, len(p.page), len(a.body))
	}
	for _, sql := range []string{`UPDATE edition SET content = '{}' WHERE year = $1`, `DELETE FROM edition_line WHERE year = $1`, `UPDATE edition_line SET reason = 'x' WHERE year = $1`} {
		if _, err := p.site.pool.Exec(p.t.Context(), sql, p.year); err == nil {
			p.t.Errorf("%s: the database took it", sql)
		}
	}
}

// next: the programme that follows begins with every action that is not over.
func (p *programme) next() {
	year := strconv.Itoa(p.year + 1)
	const start = "/equipe/programmes/nouveau"
	if to := p.desk.submits(start, start, url.Values{"annee": {year}, "fin": {french.NumericDate(demoDay.AddDays(3))}}); to != "/equipe/programmes/"+year {
		p.t.Fatalf("the next programme leads to %s", to)
	}
	want := p.unfinished()
	if n := p.site.count(p.t, `SELECT count(*)::int FROM edition_line WHERE year = $1 AND origin = 'carried_over'`, p.year+1); n != len(want) || n < 10 {
		p.t.Errorf("%d actions are to be carried over, want %d", n, len(want))
	}
	if a := p.desk.post(start, p.desk.filled(start, start, url.Values{"annee": {strconv.Itoa(p.year + 2)}, "fin": {french.NumericDate(demoDay.AddDays(3))}})); a.status != http.StatusUnprocessableEntity {
		p.t.Errorf("two programmes at once: status %d", a.status)
	}
}

// compare: what the programme changes to that of the year before, from what was frozen
// alone.
func (p *programme) compare() {
	v := p.site.open(p.t, browsertest.Options{Width: 360})
	v.at(editionsPath)
	v.follow("Comparer deux programmes")
	v.reads("Actions nouvelles", loaned, "Actions reconduites", fmt.Sprintf("Motif : Le travail n° %d se poursuit.", p.carried[5]),
		"Actions réalisées depuis", fmt.Sprintf("Action n° %d,", p.over), "Actions suspendues", "Le financement manque.", fmt.Sprintf("Programme %d", p.year-1))
	v.readsNot(buses, posters)
	v.clean(browsertest.Options{Width: 360})
	v.answers(fmt.Sprintf("%s/comparaison?de=%d&a=%d", editionsPath, p.year, p.year-1), http.StatusUnprocessableEntity)
	v.reads("Choisissez un programme qui suit le premier.")
	if a := p.site.browser(p.t).get(fmt.Sprintf("%s/comparaison?de=%d&a=%d", editionsPath, p.year, p.year+5)); a.status != http.StatusNotFound {
		p.t.Errorf("compared with a programme that is not: status %d", a.status)
	}
}
