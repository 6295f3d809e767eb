package imports

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"html"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/imports"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// site is these pages over a database of their own.
type site struct {
	t      testing.TB
	db     *pgxpool.Pool
	router chi.Router
	actor  access.Actor
	flash  string
}

func (s *site) PutFlash(_ context.Context, m string) { s.flash = m }
func (s *site) PopFlash(context.Context) string      { m := s.flash; s.flash = ""; return m }
func (s *site) PeekFlash(context.Context) string     { return s.flash }

func newSite(t testing.TB) *site {
	t.Helper()
	s := &site{t: t, db: pgtest.Pool(t), router: chi.NewRouter(), actor: access.Actor{Account: 1, Person: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}}}
	gov := governance.New(s.db, func(context.Context, pgx.Tx, access.Actor, governance.PersonRef) error { return nil })
	structures := structure.New(s.db, gov, (*notify.Outbox)(nil), "http://portail.example.org")
	kit := &page.Kit{Sessions: s, Nav: func(access.Actor) []ui.NavItem { return nil }}
	p := &Pages{Kit: kit, Imports: imports.New(s.db, structures), Structures: structures}
	const one = path + "/{id:[0-9]+}"
	for _, r := range []struct {
		method, pattern string
		handle          page.Handler
		max             int64
	}{
		{"GET", path, p.ShowUpload, 0}, {"POST", path, p.Upload, MaxUploadBody}, {"GET", path + "/modele.csv", p.ModelFile, 0},
		{"GET", one, p.ShowMapping, 0}, {"POST", one, p.Map, MaxActBody}, {"GET", one + "/apercu", p.ShowPreview, 0}, {"POST", one + "/apercu", p.Apply, MaxActBody},
		{"GET", one + "/erreurs.csv", p.ErrorsFile, 0}, {"GET", one + "/bilan", p.ShowReport, 0},
		{"GET", "/structures/lieux-mediation-numerique.{ext}", p.NationalFile, 0},
	} {
		s.router.Method(r.method, r.pattern, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			req.Body = http.MaxBytesReader(w, req.Body, max(r.max, 256<<10))
			if err := r.handle(w, req); err != nil {
				kit.Fail(w, req, err)
			}
		}))
	}
	return s
}

type answer struct {
	t    testing.TB
	code int
	body string
	to   string
}

func (s *site) do(r *http.Request) answer {
	s.t.Helper()
	w := httptest.NewRecorder()
	s.router.ServeHTTP(w, r.WithContext(page.WithActor(s.t.Context(), s.actor)))
	return answer{s.t, w.Code, w.Body.String(), w.Header().Get("Location")}
}

func (s *site) get(path string) answer { return s.do(httptest.NewRequest("GET", path, nil)) }

func (s *site) post(path string, v url.Values) answer {
	r := httptest.NewRequest("POST", path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.do(r)
}

func (s *site) upload(name string, file []byte) answer {
	s.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("fichier", name)
	if err == nil {
		_, err = part.Write(file)
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	r := httptest.NewRequest("POST", path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return s.do(r)
}

func (a answer) status(want int) answer {
	a.t.Helper()
	if a.code != want {
		a.t.Fatalf("status %d, want %d\n%s", a.code, want, text(a.body))
	}
	return a
}

func (a answer) has(texts ...string) answer {
	a.t.Helper()
	for _, want := range texts {
		if !strings.Contains(text(a.body), plain(want)) {
			a.t.Errorf("the page does not say %q:\n%s", want, text(a.body))
		}
	}
	return a
}

var tags = regexp.MustCompile(`<[^>]*>`)

func text(page string) string { return plain(html.UnescapeString(tags.ReplaceAllString(page, " "))) }

func plain(s string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(s)), " ")
}

var seenField = regexp.MustCompile(`name="vu" value="([^"]*)"`)

const fields = "colonne_1=nom_organisation&colonne_2=siret&colonne_3=commune&colonne_4=&college=action_sociale&etat=%s&debut=%s&version=%d"

func (s *site) mapped(path, state, since string, version int) answer {
	s.t.Helper()
	v, err := url.ParseQuery(fmt.Sprintf(fields, state, url.QueryEscape(since), version))
	if err != nil {
		s.t.Fatal(err)
	}
	return s.post(path, v)
}

func TestImportFromFileToReport(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get(path).status(200).has("Importer des structures", "Étape 1 sur 4")
	to := s.upload("liste.csv", []byte("Nom;SIRET;Ville;Remarque\n<b>Exemple</b>;;Bègles;x\nAutre exemple;12;Paris;=1+1\n")).status(303).to
	s.get(to).status(200).has("Étape 2 sur 4", "liste.csv", "2 lignes", "Remarque", "Par exemple « <b>Exemple</b> »", "Ignorer cette colonne")
	s.get(to + "/apercu").status(303)
	s.get(to + "/bilan").status(303)
	if to2 := s.mapped(to, "membres", "15/1/2025", 1).status(303).to; to2 != to+"/apercu" {
		t.Fatalf("led to %s", to2)
	}
	s.mapped(to, "membres", "15/1/2025", 1).status(409).has("Quelqu’un d’autre a dit")
	p := s.get(to+"/apercu").status(200).has("Nouvelle structure 1", "Ligne en erreur 1", "2 cases sont en erreur", "Ce n’est pas une des 28 communes", "membres du Groupe Numérique Inclusif (GNI)")
	if strings.Contains(p.body, "<b>Exemple") {
		t.Error("HTML of a file is let through")
	}
	seen := seenField.FindStringSubmatch(p.body)
	if seen == nil {
		t.Fatal("no stamp in the form")
	}
	s.post(to+"/apercu", url.Values{"vu": {seen[1]}, "choix": {"tout"}}).status(422).has("lignes en erreur")
	s.post(to+"/apercu", url.Values{"vu": {"autre"}, "choix": {"correctes"}}).status(409).has("Le registre a changé")
	s.post(to+"/apercu", url.Values{"vu": {seen[1]}, "choix": {"correctes"}, "admin": {"1"}}).status(400)
	if got := s.post(to+"/apercu", url.Values{"vu": {seen[1]}, "choix": {"correctes"}}).status(303).to; got != to+"/bilan" {
		t.Fatalf("led to %s", got)
	}
	if s.flash == "" {
		t.Error("no message")
	}
	s.get(to+"/bilan").status(200).has("Étape 4 sur 4", "Nouvelles structures", "<b>Exemple</b>", "Camille Équipe")
	s.post(to+"/apercu", url.Values{"vu": {seen[1]}, "choix": {"correctes"}}).status(303)
	s.get(path).has("liste.csv", "Enregistré")
}

func TestBadFiles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name, c := range map[string]struct {
		file, says string
		code       int
	}{
		"empty": {"", "est vide", 422}, "headers": {"Nom;SIRET\n", "qu’une ligne", 422}, "a PDF": {"%PDF-1.7 x", "ni un CSV ni un XLSX", 422},
		"too large": {strings.Repeat("a;b\n", 5<<20), "trop volumineux", 413},
	} {
		t.Run(name, func(t *testing.T) { s.upload("x.csv", []byte(c.file)).status(c.code).has(c.says) })
	}
	s.post(path, url.Values{}).status(422).has("Choisissez un fichier")
	s.get(path + "/999").status(404)
	s.get(path + "/999/apercu").status(404)
	s.actor = access.Actor{Account: 2, Acting: access.Capacity{Role: access.Structure}}
	s.upload("x.csv", []byte("Nom;Commune\nA;Bègles\n")).status(403)
}

// Ten thousand wrong cells: the page shows the first hundred, the file all of them.
func TestManyWrongCells(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	to := s.upload("faux.csv", []byte("Nom;SIRET;Ville;Remarque\n"+strings.Repeat("=1+1;12;Paris;\n", 3400))).status(303).to
	s.mapped(to, "examiner", "", 1).status(303)
	p := s.get(to+"/apercu").status(200).has("10 200 cases sont en erreur, dont voici les 100 premières", "Aucune ligne ne peut être importée")
	if n := strings.Count(p.body, `data-label="Ce qui ne va pas"`); n != 100 {
		t.Errorf("%d cells shown", n)
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(s.get(to+"/erreurs.csv").status(200).body, "\ufeff")))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil || len(rows) != 10_201 {
		t.Fatalf("%d lines, %v", len(rows), err)
	}
	if rows[1][2] != "'=1+1" || rows[1][0] != "2" {
		t.Errorf("first line %q", rows[1])
	}
}

func TestMappingErrorsKeepWhatWasChosen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	to := s.upload("x.csv", []byte("Nom;SIRET;Ville;Remarque\nA;;Bègles;x\n")).status(303).to
	a := s.mapped(to, "membres", "1/1/2020", 1).status(422).has("La gouvernance existe depuis le")
	if !strings.Contains(a.body, `value="1/1/2020"`) {
		t.Error("the date typed is lost")
	}
	s.mapped(to, "membres", "", 1).status(422).has("Saisissez la date")
	s.mapped(to, "peut-être", "", 1).status(422)
}

func TestModelIsImportable(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	model := s.get(path + "/modele.csv").status(200).body
	to := s.upload("modele.csv", []byte(model)).status(303).to
	v := url.Values{"college": {""}, "etat": {"examiner"}, "debut": {""}, "version": {"1"}}
	for i, c := range modelColumns {
		field := imports.Guess([]string{c[0]}).Columns[0]
		if field == imports.Ignored {
			t.Errorf("« %s » is not recognised", c[0])
		}
		v.Set(imports.ColumnName(i), string(field))
	}
	s.post(to, v).status(303)
	s.get(to+"/apercu").status(200).has("Nouvelle structure 1", "Ligne en erreur 0")
}

func TestNationalFileIsPublic(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.actor = access.Actor{}
	if _, err := s.db.Exec(t.Context(), `WITH o AS (INSERT INTO organisation (kind, name) SELECT 'structure', 'Exemple ' || n FROM generate_series(1, 3) n RETURNING id, name)
		INSERT INTO structure (organisation_id, state, origin, college, siret, insee, address, postal_code, services, phone, publish_sheet, share_national, publish_contacts)
		SELECT id, 'accepted', 'team', 'action_sociale', CASE name WHEN 'Exemple 1' THEN '00000000000018' WHEN 'Exemple 2' THEN '00000000000026' ELSE '' END, '33039',
		       '1 rue de l’Exemple', '33130', ARRAY['Aide aux démarches administratives'], '+33556000001', name <> 'Exemple 2', true, false FROM o`); err != nil {
		t.Fatal(err)
	}
	for _, ext := range []string{"csv", "json"} {
		a := s.get("/structures/lieux-mediation-numerique." + ext).status(200)
		if !strings.Contains(a.body, "Exemple 1") || strings.Contains(a.body, "Exemple 2") || strings.Contains(a.body, "+33556") || !strings.Contains(a.body, "Bordeaux Métropole") {
			t.Errorf("%s: %s", ext, a.body)
		}
	}
	s.get("/structures/lieux-mediation-numerique.xlsx").status(404)
}
