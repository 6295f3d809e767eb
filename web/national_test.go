package web_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/structure/national/nationaltest"
)

const nationalFile = "/structures/lieux-mediation-numerique"

// TestNationalFile: the national file of the demonstration, as the portal serves it, is
// read whole by the official tools; it holds who agreed, but for those that the team
// is told of.
func TestNationalFile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	exec := func(sql string) {
		t.Helper()
		if _, err := s.pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	agreed := func() int {
		t.Helper()
		n, err := postgres.Value[int](t.Context(), s.pool, `SELECT count(*)::int FROM structure WHERE state = 'accepted' AND publish_sheet AND share_national`)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	public := s.signIn(t, "")
	file := func() (asJSON, asCSV answer) {
		return public.get(nationalFile + ".json"), public.get(nationalFile + ".csv")
	}
	first := agreed()
	asJSON, asCSV := file()
	if got, want := nationaltest.Judged(t, []byte(asJSON.body), []byte(asCSV.body)), fmt.Sprintf("json %d, csv %d", first, first); first < 100 || got != want {
		t.Errorf("the official tools say:\n%s\nwant %s", got, want)
	}
	// All agree; one has no service, another no SIRET: both stay out, and the team reads why.
	exec(`UPDATE structure SET publish_sheet = true, share_national = true, publish_contacts = true WHERE state = 'accepted'`)
	exec(`UPDATE structure SET services = '{}' WHERE organisation_id = (SELECT min(organisation_id) FROM structure WHERE state = 'accepted')`)
	exec(`UPDATE structure SET siret = '' WHERE organisation_id = (SELECT max(organisation_id) FROM structure WHERE state = 'accepted')`)
	if n := agreed(); n != 160 {
		t.Fatalf("%d structures agree", n)
	}
	asJSON, asCSV = file()
	if got := nationaltest.Judged(t, []byte(asJSON.body), []byte(asCSV.body)); got != "json 158, csv 158" {
		t.Errorf("the official tools say:\n%s", got)
	}
	told := s.signIn(t, "equipe@example.org").get("/equipe/structures/fichier-national")
	for _, want := range []string{"158\u00a0structures", "2\u00a0structures ont donné leur accord mais", "Aucun service", "Ni SIRET ni RNA"} {
		if !strings.Contains(told.body, want) {
			t.Errorf("the team does not read %q:\n%s", want, told.text())
		}
	}
	// Who withdraws is out at once, whatever a reader kept.
	tag := asCSV.header.Get("Etag")
	r := public.request(http.MethodGet, nationalFile+".csv", nil)
	r.Header.Set("If-None-Match", tag)
	if a := public.do(r); tag == "" || a.status != http.StatusNotModified || a.body != "" {
		t.Errorf("asked again with %s: status %d", tag, a.status)
	}
	exec(`UPDATE structure SET share_national = false WHERE organisation_id = (SELECT min(organisation_id) + 1 FROM structure WHERE state = 'accepted')`)
	r = public.request(http.MethodGet, nationalFile+".csv", nil)
	r.Header.Set("If-None-Match", tag)
	if a := public.do(r); a.status != http.StatusOK || strings.Count(a.body, "bordeaux-metropole-") != 157 {
		t.Errorf("after a withdrawal: status %d", a.status)
	}
}

// TestListsComeBack: what the portal gives of its structures, imported again, changes
// nothing.
func TestListsComeBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	team := s.signIn(t, "equipe@example.org")
	for _, path := range []string{nationalFile + ".csv", "/equipe/structures.xlsx?etat=toutes", "/equipe/structures.csv?etat=membres", "/structures.xlsx",
		"/structures.csv", "/reseaux/aladdin.csv", "/equipe/structures/conseillers-numeriques.xlsx"} {
		preview := team.importAgain(path)
		if !strings.Contains(preview, "Ce fichier ne change rien") {
			t.Errorf("%s changes the register:\n%s", path, preview)
		}
	}
}

var columnSelect = regexp.MustCompile(`(?s)<select[^>]* name="(colonne_\d+)".*?</select>`)

var chosenOption = regexp.MustCompile(`<option value="([^"]*)" selected`)

// importAgain imports a file of the portal, with the columns as they are recognised,
// and returns the page of the preview.
func (b *browser) importAgain(path string) string {
	b.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	name, _, _ := strings.Cut(path[strings.LastIndex(path, "/")+1:], "?")
	part, err := m.CreateFormFile("fichier", name)
	if err == nil {
		_, err = part.Write([]byte(b.get(path).body))
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+"/equipe/structures/import", &body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	to := b.do(r)
	if to.status != http.StatusSeeOther {
		b.t.Fatalf("%s: status %d\n%s", path, to.status, to.text())
	}
	form := url.Values{"version": {"1"}, "college": {"action_sociale"}, "etat": {"examiner"}, "debut": {""}}
	for _, c := range columnSelect.FindAllStringSubmatch(b.get(to.location()).body, -1) {
		form.Set(c[1], "")
		if o := chosenOption.FindStringSubmatch(c[0]); o != nil {
			form.Set(c[1], o[1])
		}
	}
	if a := b.post(to.location(), form); a.status != http.StatusSeeOther {
		b.t.Fatalf("%s: columns: status %d\n%s", path, a.status, a.text())
	}
	a := b.get(to.location() + "/apercu")
	return a.body[max(0, strings.Index(a.body, "<main")):]
}
