package web_test

import (
	"archive/zip"
	"net/http"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// dossier lists the files of an archive by their last name.
func (b *browser) dossier(address string) []string {
	b.t.Helper()
	a := b.get(address)
	if a.status != http.StatusOK {
		b.t.Fatalf("%s: status %d\n%s", address, a.status, a.text())
	}
	z, err := zip.NewReader(strings.NewReader(a.body), int64(len(a.body)))
	if err != nil {
		b.t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, path.Base(f.Name))
	}
	return names
}

// TestWholeFileWithoutChromium: each finds in the whole file of a meeting what they
// may read and no more, as pages where no PDF can be made; and who asks for a PDF is
// told how to print.
func TestWholeFileWithoutChromium(t *testing.T) {
	s := newSite(t)
	t.Setenv("PATH", t.TempDir())
	t.Setenv("CHROMIUM_PATH", "/nowhere/chromium")
	public, team, mayor := s.browser(t), s.signIn(t, "equipe@example.org"), s.signIn(t, "maire-begles@example.org")
	meeting := func(where string) (id, day string) {
		t.Helper()
		err := s.pool.QueryRow(t.Context(), `SELECT id::text, (starts_at AT TIME ZONE 'Europe/Paris')::date::text FROM meeting
			WHERE body = 'cmtin' AND `+where+` ORDER BY starts_at LIMIT 1`).Scan(&id, &day)
		if err != nil {
			t.Fatal(err)
		}
		return id, day
	}
	held, on := meeting(`state = 'published'`)
	left := []string{"compte-rendu-cmtin-" + on + ".html", "releve-de-decisions-cmtin-" + on + ".html"}
	programme, money := "Projet de programme d’actions.pdf", "Financement prévisionnel du programme.csv"
	if diff := cmp.Diff(append(left, programme), public.dossier("/reunions/"+held+"/dossier.zip")); diff != "" {
		t.Errorf("for the public (-want +got):\n%s", diff)
	}
	all := append([]string{"convocation-cmtin-" + on + ".html", "emargement-cmtin-" + on + ".html"}, left...)
	all = append(all, "Déroulé de la séance.pdf", programme, money)
	for _, address := range []string{"/reunions/", "/equipe/reunions/"} {
		if diff := cmp.Diff(all, team.dossier(address+held+"/dossier.zip")); diff != "" {
			t.Errorf("for the team, %s (-want +got):\n%s", address, diff)
		}
	}
	if a := public.get("/reunions/" + held + "/compte-rendu.pdf"); a.status != http.StatusServiceUnavailable || !strings.Contains(a.body, "imprimez-la depuis votre navigateur") {
		t.Errorf("a PDF: status %d\n%s", a.status, a.text())
	}

	// Held and not published: what was decided is not for everybody yet.
	if _, err := s.pool.Exec(t.Context(), `DELETE FROM minutes_publication WHERE meeting_id = $1::text::bigint`, held); err == nil {
		t.Error("a publication can be deleted")
	}
	if _, err := s.pool.Exec(t.Context(), `UPDATE meeting SET state = 'held' WHERE id = $1::text::bigint`, held); err != nil {
		t.Fatal(err)
	}
	for _, name := range public.dossier("/reunions/" + held + "/dossier.zip") {
		if strings.Contains(name, "releve") || strings.Contains(name, "convocation") || strings.Contains(name, "emargement") {
			t.Errorf("%s is for the public of a meeting that is not published", name)
		}
	}

	// To come: whoever is convened has their own convocation.
	next, on := meeting(`state = 'convened'`)
	if diff := cmp.Diff([]string{"convocation-cmtin-" + on + ".html", programme, money}, mayor.dossier("/reunions/"+next+"/dossier.zip")); diff != "" {
		t.Errorf("for a mayor (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{programme}, public.dossier("/reunions/"+next+"/dossier.zip")); diff != "" {
		t.Errorf("for the public, to come (-want +got):\n%s", diff)
	}
}
