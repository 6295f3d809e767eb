package web_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/web/browsertest"
)

// registerPages are the pages of the register behind personal links, and those of
// imports, in every state: no link of the portal leads to them.
type registerPages struct {
	empty                                         string   // a registration just begun
	open                                          []string // 200 to whoever has the link
	gone                                          string   // a link that leads nowhere
	near                                          string   // the check page, « Est-ce vous ? »
	asked                                         string   // a request the team has a question about
	mapping, preview                              string   // imports: columns to name, a preview with errors
	team                                          []string
	sheet, unpublished, queue, suspended, refused string // numbers of structures
}

// yearlyFigure is a figure of the observatory with its curve.
const yearlyFigure = "/indicateurs/personnes-formees-par-an"

var (
	hiddenVersion = regexp.MustCompile(`name="version" value="([0-9]+)"`)
	hiddenSeen    = regexp.MustCompile(`name="vu" value="([^"]*)"`)
)

// text returns one value of the database.
func (s *site) text(t testing.TB, sql string, args ...any) string {
	t.Helper()
	var v string
	if err := s.pool.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// goes posts a form that must be accepted, and returns where it leads.
func (b *browser) goes(path string, form url.Values) string {
	b.t.Helper()
	a := b.post(path, form)
	if a.status != http.StatusSeeOther {
		b.t.Fatalf("POST %s: status %d\n%s", path, a.status, a.text())
	}
	return strings.TrimPrefix(a.location(), b.base)
}

// draft begins a registration with the fewest answers and returns its address.
func (b *browser) draft(name, siret, email string) string {
	b.t.Helper()
	at := b.goes("/structures/inscription", nil)
	for section, v := range map[string]url.Values{
		"structure": {"nom_organisation": {name}, "identifiant": {"siret"}, "siret": {siret}, "rna": {""}, "type": {"ASSO"}, "autre_type": {""}},
		"adresse":   {"commune": {"33039"}, "adresse": {""}, "complement": {""}, "code_postal": {""}},
		"college":   {"college": {"action_sociale"}},
		"services":  {"services": {"Aide aux démarches administratives"}},
		"personnes": {"prenom": {"Alix"}, "nom": {"Exemple"}, "fonction": {""}, "courriel": {email}},
		"accords":   {},
	} {
		b.goes(at+"/"+section, v)
	}
	return at
}

// registerPages makes the states.
func (s *site) registerPages(t *testing.T) registerPages {
	t.Helper()
	b, team := s.browser(t), s.signIn(t, accountOf[access.Team])
	number := func(where string) string {
		return s.text(t, `SELECT min(s.organisation_id)::text FROM structure s WHERE `+where)
	}
	p := registerPages{
		sheet: number(`state = 'accepted' AND publish_sheet`), unpublished: number(`state = 'accepted' AND NOT publish_sheet`),
		queue: number(`state = 'submitted'`), suspended: number(`state = 'suspended'`),
		gone: "/structures/inscription/" + strings.Repeat("A", 26),
	}
	p.empty = b.goes("/structures/inscription", nil)
	ready := b.draft("Atelier des Exemples", "00000000000018", "alix@example.org")
	same := b.draft("Autre nom", s.text(t, `SELECT siret FROM structure WHERE organisation_id = $1`, p.sheet), "bo@example.org")
	near := b.draft(s.text(t, `SELECT o.name FROM structure s JOIN organisation o ON o.id = s.organisation_id
		WHERE s.insee = '33039' AND s.state = 'accepted' ORDER BY o.id LIMIT 1`), "00000000000026", "cy@example.org")
	sent := b.draft("Maison du Fleuve", "00000000000034", "dom@example.org")
	b.goes(sent+"/verification", url.Values{"version": {hiddenVersion.FindStringSubmatch(b.get(sent + "/verification").body)[1]}})

	p.near, p.asked = near+"/verification", s.link(t, "structure_asked", "")
	p.refused = s.text(t, `SELECT max(organisation_id)::text FROM structure WHERE state = 'submitted'`)
	team.goes("/equipe/structures/"+p.refused+"/decision", url.Values{"decision": {"refuser"}, "motif": {"Ce n’est pas une structure du territoire."}, "debut": {""}, "question": {""},
		"version": {s.text(t, `SELECT version::text FROM structure WHERE organisation_id = $1`, p.refused)}})
	const fresh = "AAAAAAAAAAAAAAAAAAAAAAAAA2"
	s.text(t, `INSERT INTO structure_link (token_hash, structure_id, purpose, name, expires_at)
		VALUES (sha256(convert_to($1, 'UTF8')), $2, 'freshness', 'Alix', now() + interval '1 day') RETURNING name`, fresh, p.sheet)
	p.open = []string{
		p.empty, p.empty + "/structure", p.empty + "/accueil", p.empty + "/reseaux", p.empty + "/verification", ready, ready + "/personnes", ready + "/accords",
		ready + "/verification", same + "/verification", p.near, sent + "/envoyee", s.link(t, "registration_confirm", "dom@example.org"),
		p.asked, p.asked + "/retrait", p.asked + "/accueil", s.link(t, "structure_refused", ""), "/structures/a-jour/" + fresh,
		"/structures/" + p.sheet, "/structures/" + p.unpublished, "/structures/" + p.sheet + "/acces",
		"/structures?q=introuvable", "/structures?q=atelier&commune=33039", yearlyFigure, "/indicateurs/registre-structures",
	}

	p.mapping, p.preview = team.imports(), team.imports()
	done := team.imports()
	for _, at := range []string{p.preview, done} {
		team.goes(at, url.Values{"colonne_1": {"nom_organisation"}, "colonne_2": {"siret"}, "colonne_3": {"commune"}, "colonne_4": {""},
			"college": {"action_sociale"}, "etat": {"membres"}, "debut": {"15/1/2025"}, "version": {"1"}})
	}
	team.goes(done+"/apercu", url.Values{"vu": {hiddenSeen.FindStringSubmatch(team.get(done + "/apercu").body)[1]}, "choix": {"correctes"}})
	p.preview += "/apercu"
	p.team = []string{p.mapping, p.preview, done + "/bilan", "/equipe/structures/" + p.queue, "/equipe/structures/" + p.suspended, "/equipe/structures/" + p.refused,
		"/equipe/structures?q=introuvable", "/equipe/structures/acceptation?structure=" + p.queue}
	return p
}

// link returns the path of the last mail of a kind, to an address if one is given:
// mails of the demonstration carry another host.
func (s *site) link(t testing.TB, kind, to string) string {
	t.Helper()
	u, err := url.Parse(s.text(t, `SELECT secret_link FROM mail WHERE kind = $1 AND ($2 = '' OR to_address = $2) ORDER BY created_at DESC LIMIT 1`, kind, to))
	if err != nil {
		t.Fatal(err)
	}
	return u.Path
}

// imports sends a list of three structures, two of them wrong, and returns where its
// columns are named.
func (b *browser) imports() string {
	b.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	part, err := m.CreateFormFile("fichier", "liste.csv")
	if err == nil {
		_, err = part.Write([]byte("Nom;SIRET;Ville;Remarque\nExemple du Nord;;Bègles;x\nAutre exemple;12;Paris;=1+1\nTroisième;99900;Bordeaux;\n"))
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	r := b.request(http.MethodPost, "/equipe/structures/import", nil)
	r.Body, r.ContentLength, r.GetBody = io.NopCloser(&body), int64(body.Len()), nil
	r.Header.Set("Content-Type", m.FormDataContentType())
	a := b.do(r)
	if a.status != http.StatusSeeOther {
		b.t.Fatalf("import: status %d\n%s", a.status, a.text())
	}
	return a.location()
}

// stale sends the form of a page as if somebody else had written meanwhile.
func stale(action string) func(*visitor) int {
	return func(v *visitor) int {
		v.t.Helper()
		v.mark("form", `main form[method=post][action^="`+action+`"] button[type=submit]`, "Enregistrer", "e => { for (const n of ['version', 'vue']) if (e.form.elements[n]) e.form.elements[n].value = n === 'vue' ? 'x' : '999'; return e }")
		return v.Submit(found)
	}
}

// registerLooks are these pages, and their forms sent empty or too late.
func (s *site) registerLooks(t *testing.T) map[access.Role][]look {
	t.Helper()
	p := s.registerPages(t)
	at := func(paths ...string) (out []look) {
		for _, path := range paths {
			out = append(out, look{path: path})
		}
		return out
	}
	public := append(at(p.open...), look{path: p.gone, want: http.StatusGone},
		form422(p.empty+"/structure"), form422(p.empty+"/adresse"), form422(p.empty+"/college"), form422(p.empty+"/services"), form422(p.empty+"/personnes"),
		form422(p.asked), look{path: p.asked + "/structure", do: stale(p.asked + "/structure"), want: http.StatusConflict}, form422("/structures/"+p.sheet+"/acces"))
	team := append(at(p.team...), form422(p.mapping), form422("/equipe/structures/nouvelle"), form422("/equipe/structures/gel"), form422("/equipe/indicateurs/nouveau"),
		look{path: "/equipe/structures/" + p.queue, do: emptied("/equipe/structures/" + p.queue + "/decision"), want: http.StatusUnprocessableEntity},
		form422("/equipe/structures/"+p.sheet+"/suspension"), form422("/equipe/structures/"+p.sheet+"/fiche/structure"))
	return map[access.Role][]look{access.Public: public, access.Team: team,
		access.Structure: {form422("/ma-structure/personnes/nouvelle"), form422("/ma-structure/fiche/structure"),
			{path: "/ma-structure/fiche/accueil", do: stale("/ma-structure/fiche/accueil"), want: http.StatusConflict}}}
}

// TestMenuOnOneLine: what each role may open stands on one line of a desk screen, the
// pages of work of the team on a second; no two links bear the same words.
func TestMenuOnOneLine(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	s := newSite(t)
	for _, role := range crawlOrder {
		v := s.open(t, browsertest.Options{})
		v.sit(s.signIn(t, accountOf[role]))
		v.at("/structures")
		for _, lines := range browsertest.Eval[[]int](v.Tab, `[...document.querySelectorAll("#menu ul")].map(l => new Set([...l.children].map(e => e.offsetTop)).size)`) {
			if lines != 1 {
				t.Errorf("%s: the menu takes %d lines: %s", role, lines, v.Text("#menu"))
			}
		}
		words := browsertest.Eval[[]string](v.Tab, `[...document.querySelectorAll("#menu a")].map(e => e.textContent)`)
		slices.Sort(words)
		if n := len(slices.Compact(slices.Clone(words))); n != len(words) || n < 5 {
			t.Errorf("%s: %d different words for %d links of the menu: %v", role, n, len(words), words)
		}
	}
}
