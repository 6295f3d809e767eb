package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// answersOf are the answers of somebody who registers a structure, page by page.
func answersOf(name, siret, email string) map[string]url.Values {
	return map[string]url.Values{
		"structure": {"nom_organisation": {name}, "siret": {siret}, "type": {"ASSO"}},
		"adresse":   {"commune": {"33119"}},
		"college":   {"college": {"action_sociale"}},
		"services":  {"services": {"Aide aux démarches administratives"}},
		"personnes": {"prenom": {"Alix"}, "nom": {"Exemple"}, "courriel": {email}},
		"accords":   {},
	}
}

// drafts fills a registration through its pages and returns its address.
func (b *browser) drafts(name, siret, email string) string {
	b.t.Helper()
	const start = "/structures/inscription"
	draft := b.post(start, b.filled(start, start, nil)).location()
	if !strings.HasPrefix(draft, start+"/") {
		b.t.Fatalf("begin: %q", draft)
	}
	for section, v := range answersOf(name, siret, email) {
		if a := b.post(draft+"/"+section, b.filled(draft+"/"+section, draft+"/"+section, v)); a.status != http.StatusSeeOther {
			b.t.Fatalf("%s: status %d\n%s", section, a.status, a.text())
		}
	}
	return draft
}

// together sends forms at the same time.
func together(posts ...func() answer) []answer {
	out := make([]answer, len(posts))
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i, post := range posts {
		wg.Go(func() {
			<-begin
			out[i] = post()
		})
	}
	close(begin)
	wg.Wait()
	return out
}

// confirmed confirms the address of a registration by its mailed link and returns the
// team's page of it.
func (s *site) confirmed(t testing.TB, email string) string {
	t.Helper()
	var link string
	if err := s.pool.QueryRow(t.Context(), `SELECT secret_link FROM mail WHERE kind = 'registration_confirm' AND to_address = $1 ORDER BY created_at DESC LIMIT 1`, email).Scan(&link); err != nil {
		t.Fatal(err)
	}
	link = strings.TrimPrefix(link, s.URL)
	b := s.browser(t)
	if a := b.post(link, b.filled(link, link, nil)); a.status != http.StatusSeeOther {
		t.Fatalf("confirm: status %d\n%s", a.status, a.text())
	}
	return fmt.Sprintf("/equipe/structures/%d", s.count(t, `SELECT structure_id FROM structure_contact WHERE email = $1 ORDER BY structure_id DESC LIMIT 1`, email))
}

const confirmations = `SELECT count(*) FROM mail WHERE kind = 'registration_confirm' AND to_address = ANY ($1)`

// TestRegisterAtTheSameSecond: two people send the same SIRET at once: one record, the
// other is told kindly and loses nothing.
func TestRegisterAtTheSameSecond(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for n, siret := range []string{"99900000100001", "99900000200009", "99900000300007"} {
		emails := []string{fmt.Sprintf("premiere-%d@example.org", n), fmt.Sprintf("seconde-%d@example.org", n)}
		names := [][]string{{"Relais Alpha", "Comptoir Zoulou"}, {"Fabrique du Fleuve", "Kiosque Jaune"}, {"Maison Violette", "Permis d’apprendre"}}[n]
		var drafts []string
		var posts []func() answer
		for i := range 2 {
			b := s.browser(t)
			draft := b.drafts(names[i], siret, emails[i])
			v := b.filled(draft+"/verification", draft+"/verification", nil)
			drafts, posts = append(drafts, draft), append(posts, func() answer { return b.post(draft+"/verification", v) })
		}
		got := together(posts...)
		first := 0
		if got[0].status != http.StatusSeeOther {
			first = 1
		}
		if to := got[first].location(); to != drafts[first]+"/envoyee" {
			t.Fatalf("the first: status %d to %q\n%s", got[first].status, to, got[first].text())
		}
		got[1-first].reads(t, http.StatusConflict, "Une demande vient d’être envoyée pour ce SIRET", "Vos réponses restent gardées", names[1-first])
		s.browser(t).get(drafts[1-first]+"/verification").reads(t, http.StatusOK, names[1-first], emails[1-first], "Est-ce vous ?")
		if n := s.count(t, `SELECT count(*) FROM structure WHERE siret = $1`, siret); n != 1 {
			t.Errorf("%d records", n)
		}
		if n := s.count(t, confirmations, emails); n != 1 {
			t.Errorf("%d mails", n)
		}
		// Once the number is put right, it leaves.
		b := s.browser(t)
		at := drafts[1-first] + "/structure"
		b.post(at, b.filled(at, at, url.Values{"identifiant": {"collectif"}, "siret": {""}})).reads(t, http.StatusSeeOther)
		at = drafts[1-first] + "/verification"
		b.post(at, b.filled(at, at, nil)).reads(t, http.StatusSeeOther)
	}
}

// TestSendTwiceInTwoTabs: one draft, clicked five times at once from two tabs, is one
// request and one mail; a tab that did not see the last change is told.
func TestSendTwiceInTwoTabs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	const email = "alix.exemple@example.org"
	draft := b.drafts("Relais Alpha", "99900000100001", email)
	at := func(part string) string { return draft + "/" + part }

	// Two pages shown, then saved one after the other: both are kept.
	place, offer := b.filled(at("adresse"), at("adresse"), url.Values{"adresse": {"3 rue des Exemples"}}),
		b.filled(at("services"), at("services"), url.Values{"services": {"Maîtrise des outils numériques du quotidien"}})
	early := b.filled(at("verification"), at("verification"), nil)
	for _, a := range together(func() answer { return b.post(at("adresse"), place) }, func() answer { return b.post(at("services"), offer) }) {
		a.reads(t, http.StatusSeeOther)
	}
	late := b.post(at("verification"), early)
	late.reads(t, http.StatusConflict, "Vos réponses ont changé", "3 rue des Exemples", "Maîtrise des outils numériques du quotidien")

	v := b.filled(at("verification"), at("verification"), nil)
	send := func() answer { return b.post(at("verification"), v) }
	for _, a := range together(send, send, send, send, send) {
		if a.status != http.StatusSeeOther || a.location() != at("envoyee") {
			t.Errorf("status %d to %q\n%s", a.status, a.location(), a.text())
		}
	}
	if n := s.count(t, confirmations, []string{email}); n != 1 {
		t.Errorf("%d mails, want 1", n)
	}
	if n := s.count(t, `SELECT count(*) FROM structure WHERE siret = '99900000100001'`); n != 1 {
		t.Errorf("%d records, want 1", n)
	}
	// The other tab, left open on a section, is led to what became of it.
	if a := b.post(at("adresse"), place); a.location() != at("envoyee") {
		t.Errorf("a section after the sending: status %d to %q", a.status, a.location())
	}
}

// TestRegisterAgain: a structure that was refused registers again; the refused request
// can then not be opened again beside it. A draft that is too old says what to do.
func TestRegisterAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	team, b := s.signIn(t, "equipe@example.org"), s.browser(t)
	const siret, email = "99900000100001", "alix.exemple@example.org"
	register := func(name string) string {
		draft := b.drafts(name, siret, email)
		b.post(draft+"/verification", b.filled(draft+"/verification", draft+"/verification", nil)).reads(t, http.StatusSeeOther)
		return s.confirmed(t, email)
	}
	first := register("Relais Alpha")
	team.submits(first, first+"/decision", url.Values{"decision": {"refuser"}, "motif": {"Votre activité est hors de la métropole."}})
	second := register("Relais Alpha")
	if first == second {
		t.Fatalf("both are %s", first)
	}
	team.get("/equipe/structures").reads(t, http.StatusOK, "Relais Alpha")
	team.get(second).reads(t, http.StatusOK, "Doublons possibles", "Refusée")
	v := team.filled(first, first+"/reouverture", nil)
	team.post(first+"/reouverture", v).reads(t, http.StatusConflict, "s’est inscrite de nouveau")
	team.submits(second, second+"/decision", url.Values{"decision": {"accepter"}})
	if s.college(t, "Relais Alpha", demoDay) == "" {
		t.Error("the structure that registered again is no member")
	}

	old := b.drafts("Comptoir Zoulou", "99900000200009", email)
	s.exec(t, `UPDATE registration SET changed_at = now() - interval '31 days' WHERE structure_id IS NULL`)
	saved := url.Values{"commune": {"33119"}}
	for _, a := range []answer{b.get(old), b.get(old + "/adresse"), b.get(old + "/verification"), b.get(old + "/envoyee"), b.post(old+"/adresse", saved)} {
		a.reads(t, http.StatusGone, "30 jours", "Inscrire votre structure")
	}
}
