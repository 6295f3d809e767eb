package web_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/demo"
	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/web/browsertest"
)

type sentFile struct {
	name    string
	content []byte
}

// upload posts a multipart form: name, value… and files under « fichiers ».
func (b *browser) upload(path string, files []sentFile, pairs ...string) answer {
	b.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := m.WriteField(pairs[i], pairs[i+1]); err != nil {
			b.t.Fatal(err)
		}
	}
	for _, f := range files {
		w, err := m.CreateFormFile("fichiers", f.name)
		if err == nil {
			_, err = w.Write(f.content)
		}
		if err != nil {
			b.t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		b.t.Fatal(err)
	}
	r := b.request(http.MethodPost, path, nil)
	r.Body, r.ContentLength, r.GetBody = io.NopCloser(&body), int64(body.Len()), nil
	r.Header.Set("Content-Type", m.FormDataContentType())
	return b.do(r)
}

// newMeeting is a meeting of the GNI of its own, announced and not convened.
func (s *site) newMeeting(t *testing.T) string {
	t.Helper()
	var id int64
	if err := s.pool.QueryRow(t.Context(), `INSERT INTO meeting (body, starts_at, ends_at, place, theme, state, announced)
		VALUES ('gni', '2031-03-11 13:00+00', '2031-03-11 15:00+00', 'Salle A', '', 'draft', true) RETURNING id`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(id)
}

func (s *site) convene(t *testing.T, id string) {
	t.Helper()
	if _, err := s.pool.Exec(t.Context(), `UPDATE meeting SET state = 'convened', convened_at = now() WHERE id = $1::text::bigint`, id); err != nil {
		t.Fatal(err)
	}
}

var documentLink = regexp.MustCompile(`href="(/reunions/[0-9]+/documents/[0-9]+)" download`)

// TestDocumentsOfAMeeting: the team attaches, the public downloads.
func TestDocumentsOfAMeeting(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	team, public := s.signIn(t, "equipe@example.org"), s.browser(t)
	id := s.newMeeting(t)
	desk := "/equipe/reunions/" + id + "/documents"
	pdf := append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("0123456789"), 70_000)...)
	name := "Étude « aidants »\u202e.pdf"

	if a := team.upload(desk, []sentFile{{name, pdf}}, "titre", "Étude", "diffusion", "public", "_cle", "cle-1"); a.status != http.StatusSeeOther {
		t.Fatalf("status %d\n%s", a.status, a.text())
	}
	// The same form again, as a double click sends it, has one effect.
	if a := team.upload(desk, []sentFile{{name, pdf}}, "titre", "Étude", "diffusion", "public", "_cle", "cle-1"); a.status != http.StatusSeeOther {
		t.Errorf("again: status %d", a.status)
	}
	a := team.get(desk)
	links := documentLink.FindAllStringSubmatch(a.body, -1)
	if len(links) != 1 || !strings.Contains(a.body, "PDF, 700\u00a0ko") {
		t.Fatalf("listed %v\n%s", links, a.text())
	}
	link, dossier := links[0][1], "/reunions/"+id+"/dossier.zip"

	for _, path := range []string{link, dossier} {
		if a := public.get(path); a.status != http.StatusNotFound {
			t.Errorf("%s before convening: status %d", path, a.status)
		}
	}
	s.convene(t, id)
	a = public.get(link)
	if a.status != http.StatusOK || a.body != string(pdf) {
		t.Fatalf("status %d, %d bytes", a.status, len(a.body))
	}
	for header, want := range map[string]string{
		"Content-Type":            "application/pdf",
		"Content-Disposition":     `attachment; filename="Etude _ aidants _.pdf"; filename*=UTF-8''%C3%89tude%20%C2%AB%20aidants%20%C2%BB.pdf`,
		"X-Content-Type-Options":  "nosniff",
		"Content-Security-Policy": "sandbox; default-src 'none'",
		"Cache-Control":           "no-cache",
		"Content-Length":          fmt.Sprint(len(pdf)),
		"Accept-Ranges":           "bytes",
		"Content-Encoding":        "",
	} {
		if got := a.header.Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	if b := public.with(http.MethodGet, link, "If-None-Match", a.header.Get("ETag")); b.status != http.StatusNotModified {
		t.Errorf("the same file again: status %d", b.status)
	}
	if b := public.with(http.MethodGet, link, "Range", "bytes=262140-262150"); b.status != http.StatusPartialContent || b.body != string(pdf[262140:262151]) {
		t.Errorf("a piece: status %d, %q", b.status, b.body)
	}
	if b := public.do(public.request(http.MethodHead, link, nil)); b.status != http.StatusOK || b.body != "" || b.header.Get("Content-Length") != fmt.Sprint(len(pdf)) {
		t.Errorf("HEAD: status %d, %d bytes, %v", b.status, len(b.body), b.header)
	}
	a = public.get(dossier)
	if z, err := zip.NewReader(strings.NewReader(a.body), int64(len(a.body))); err != nil || len(z.File) != 1 ||
		z.File[0].Name != "2031-03-11 Réunion du GNI/Documents de la réunion/Étude.pdf" {
		t.Errorf("dossier: status %d, %v, %+v", a.status, err, z)
	}

	// Withdrawn, it answers nobody, a piece of it included.
	remove := strings.Replace(link, "/reunions/", "/equipe/reunions/", 1) + "/retrait"
	if a := team.post(remove, formOf(t, team.get(remove).body)); a.status != http.StatusSeeOther {
		t.Fatalf("removal: status %d\n%s", a.status, a.text())
	}
	for who, b := range map[string]*browser{"public": public, "team": team} {
		if a := b.with(http.MethodGet, link, "Range", "bytes=0-1"); a.status != http.StatusNotFound {
			t.Errorf("%s, removed: status %d", who, a.status)
		}
	}
}

// TestUploadRefused: the page comes back with what was typed, and nothing is left
// on the disk.
func TestUploadRefused(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	s := newSite(t)
	team := s.signIn(t, "equipe@example.org")
	desk := "/equipe/reunions/" + s.newMeeting(t) + "/documents"
	var before int // those of the demonstration
	if err := s.pool.QueryRow(t.Context(), `SELECT count(*) FROM document`).Scan(&before); err != nil {
		t.Fatal(err)
	}
	big := bytes.Repeat([]byte("%PDF-1.7\n"), document.MaxSize/9+100)
	for what, c := range map[string]struct {
		files  []sentFile
		status int
		says   string
	}{
		"none":       {nil, 422, "Choisissez au moins un fichier"},
		"empty":      {[]sentFile{{"a.pdf", nil}}, 422, "est vide"},
		"program":    {[]sentFile{{"a.exe", []byte("MZ")}}, 422, "PDF, ODT, DOCX"},
		"false":      {[]sentFile{{"a.pdf", []byte("<script>alert(1)</script>")}}, 422, "n’est pas celui d’un fichier PDF"},
		"too large":  {[]sentFile{{"a.pdf", big}}, 413, "dépasse 20"},
		"one of two": {[]sentFile{{"a.csv", []byte("a;b")}, {"<b>b.exe", []byte("MZ")}}, 422, "-b-b.exe"},
	} {
		a := team.upload(desk, c.files, "titre", "Titre <gardé>", "diffusion", "team", "_cle", "cle-"+what)
		if a.status != c.status || !strings.Contains(a.body, c.says) {
			t.Errorf("%s: status %d, want %d with %q\n%s", what, a.status, c.status, c.says, a.text())
		}
		if !strings.Contains(a.body, "Titre &lt;gardé&gt;") || !strings.Contains(a.body, "Choisissez de nouveau vos fichiers") {
			t.Errorf("%s: what was typed does not come back\n%s", what, a.text())
		}
	}
	if a := team.upload(desk, []sentFile{{"a.pdf", make([]byte, 2*document.MaxSize+350<<10)}}); a.status != 413 {
		t.Errorf("beyond all: status %d", a.status)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "multipart-*")); err != nil || len(left) > 0 {
		t.Errorf("left in the temporary directory: %v, %v", left, err)
	}
	var n int
	if err := s.pool.QueryRow(t.Context(), `SELECT count(*) FROM document`).Scan(&n); err != nil || n != before {
		t.Errorf("%d documents stored, %v", n-before, err)
	}
}

// TestDocumentsInABrowser: files are chosen, sent, modified and withdrawn by clicks,
// on a phone too, and axe has nothing to say.
func TestDocumentsInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	desk := s.URL + "/equipe/reunions/" + s.newMeeting(t) + "/documents"
	file := filepath.Join(t.TempDir(), "Note de travail.csv")
	if err := os.WriteFile(file, []byte("commune;élus\nBègles;2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tab := browsertest.Open(t, browsertest.Options{Width: 320})
	tab.Go(s.URL + "/connexion")
	tab.Fill("#courriel", "equipe@example.org")
	tab.Fill("#mot_de_passe", demo.Password)
	tab.Submit("form[action='/connexion'] button")
	judge := func(what string) {
		t.Helper()
		browsertest.NoViolation(t, tab.Axe())
		if n := tab.Overflow(); n > 0 {
			t.Errorf("%s is %d pixels too wide", what, n)
		}
	}
	tab.Go(desk)
	if status := tab.Submit("main form button[type=submit]"); status != http.StatusUnprocessableEntity {
		t.Errorf("without a file: status %d", status)
	}
	judge("the refusal")
	tab.Upload("#fichiers", file)
	if status := tab.Submit("main form button[type=submit]"); status != http.StatusOK || !strings.Contains(tab.Text("table"), "Note de travail") {
		t.Errorf("sent: status %d, %s", status, tab.Text("main"))
	}
	judge("the list")
	tab.Submit("a[href$='/modification']")
	judge("the change")
	tab.Fill("#titre", "Note corrigée")
	tab.Submit("main form button[type=submit]")
	tab.Submit("a[href$='/retrait']")
	judge("the removal")
	if status := tab.Submit("main form button[type=submit]"); status != http.StatusOK || !strings.Contains(tab.Text("main"), "Aucun document") {
		t.Errorf("removed: status %d, %s", status, tab.Text("main"))
	}
}
