package printing

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// printer is one with a Chromium of its own, told by the directory of its profiles.
func printer(t *testing.T) (*Printer, string) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	if findBrowser() == "" {
		if os.Getenv("PORTAL_BROWSER") == "required" {
			t.Fatal("no Chromium found and PORTAL_BROWSER=required")
		}
		t.Skip("no Chromium found")
	}
	dir, err := os.MkdirTemp("", "prt") // short: Chromium puts a socket in it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	t.Setenv("TMPDIR", dir)
	return New(pgtest.Pool(t)), dir
}

// left fails the test when something of Chromium remains.
func left(t *testing.T, dir string) {
	t.Helper()
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("left in the temporary directory: %v, %v", files, err)
	}
	processes, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range processes {
		if line, err := os.ReadFile(p); err == nil && bytes.Contains(line, []byte(dir)) {
			t.Errorf("left running: %s", line)
		}
	}
	// A zombie has no command line, but a parent: us.
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	mine := regexp.MustCompile(`\(chrom[^)]*\) Z ` + regexp.QuoteMeta(strconv.Itoa(os.Getpid())) + ` `)
	for _, p := range stats {
		if s, err := os.ReadFile(p); err == nil && mine.Match(s) {
			t.Errorf("left a zombie: %s", s)
		}
	}
}

const head = `<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>Compte rendu de la séance – Portail</title></head><body>`

func TestPDF(t *testing.T) {
	p, dir := printer(t)
	html := head + `<h1>Séance du CMTIN</h1><h2>Décisions</h2><table><tr><th scope="col">N°</th></tr><tr><td>2026-03</td></tr></table></body></html>`
	pdf, err := p.PDF(t.Context(), Page{HTML: html})
	if err != nil {
		t.Fatal(err)
	}
	left(t, dir)
	for _, want := range []string{"%PDF-1.", "/StructTreeRoot", "/Lang (fr", "/Marked true", "/Outlines"} {
		if !bytes.Contains(pdf, []byte(want)) {
			t.Errorf("the PDF has no %s", want)
		}
	}
	if w, h := box(t, pdf); w < 590 || w > 600 || h < 836 || h > 846 {
		t.Errorf("a page of %v × %v points, want A4", w, h)
	}
	wide, err := p.PDF(t.Context(), Page{HTML: html, Landscape: true})
	if err != nil {
		t.Fatal(err)
	}
	if w, h := box(t, wide); w < 836 || h > 600 {
		t.Errorf("a page of %v × %v points, want A4 landscape", w, h)
	}
	said := read(t, pdf)
	for _, want := range []string{"Séance du CMTIN", "2026-03", "Page 1 sur 1"} {
		if said != "" && !strings.Contains(said, want) {
			t.Errorf("the PDF does not say %q:\n%s", want, said)
		}
	}
	if info := run(t, pdf, "pdfinfo", "-"); info != "" && !strings.Contains(info, "Compte rendu de la séance – Portail") {
		t.Errorf("the PDF has another title:\n%s", info)
	}

	// The second time it comes from the database: there is no Chromium any more.
	p.find = func() string { return "" }
	again, err := p.PDF(t.Context(), Page{HTML: html})
	if err != nil || !bytes.Equal(again, pdf) {
		t.Errorf("the same page again: %d bytes, %v", len(again), err)
	}
	if _, err := p.PDF(t.Context(), Page{HTML: html + " "}); !errors.Is(err, ErrNoBrowser) {
		t.Errorf("another page without Chromium: %v", err)
	}
}

// TestPDFReachesNothing: the page is text, whoever wrote into it.
func TestPDFReachesNothing(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret.html")
	if err := os.WriteFile(secret, []byte("mot de passe en clair"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, dir := printer(t)
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer server.Close()
	html := strings.NewReplacer("URL", server.URL, "FILE", "file://"+secret).Replace(head + `
		<link rel="stylesheet" href="URL/a.css"><meta http-equiv="refresh" content="0;url=URL/refresh">
		<style>@import "URL/b.css"; @font-face { font-family: x; src: url(URL/c.woff2) } body { font-family: x; background: url(URL/d.png) }</style>
		<h1 id="x">Intacte</h1><script>document.getElementById("x").textContent = "Script"; fetch("URL/e")</script>
		<img src="URL/f.png" onerror="document.body.textContent='Script'"><iframe src="URL/g"></iframe><iframe src="FILE"></iframe><iframe src="file:///etc/passwd"></iframe>
		<object data="FILE"></object><svg><image href="URL/h.svg"/><script>document.title = "Script"</script></svg>
		<a href="javascript:alert(1)">lien</a><form action="URL/i" id="f"><button>b</button></form><base href="URL/">
		<iframe srcdoc="<img src=URL/j.png>"></iframe><p>Fin</body></html>`)
	started := time.Now()
	pdf, err := p.PDF(t.Context(), Page{HTML: html})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("printed in %s", time.Since(started))
	left(t, dir)
	if n := asked.Load(); n > 0 {
		t.Errorf("%d requests left Chromium", n)
	}
	said := read(t, pdf)
	if said == "" {
		t.Skip("no pdftotext here: the requests alone were judged")
	}
	if !strings.Contains(said, "Intacte") || !strings.Contains(said, "Fin") || strings.Contains(said, "Script") ||
		strings.Contains(said, "mot de passe") || strings.Contains(said, "root:") {
		t.Errorf("the PDF says:\n%s", said)
	}
}

func TestPDFCancelled(t *testing.T) {
	p, dir := printer(t)
	for _, after := range []time.Duration{0, 50 * time.Millisecond, 200 * time.Millisecond, 400 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		_, err := p.print(ctx, findBrowser(), Page{HTML: head + strings.Repeat("<p>Une longue page.", 20_000)})
		cancel()
		if err == nil {
			t.Errorf("printed within %s", after)
		}
		left(t, dir)
	}
	if len(p.turn) != 0 {
		t.Error("the turn is not given back")
	}
}

func TestPDFWaitsItsTurn(t *testing.T) {
	t.Parallel()
	p := New(pgtest.Pool(t))
	p.wait = 20 * time.Millisecond
	p.find = func() string { return "chromium" }
	running, finish, printed := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	p.print = func(context.Context, string, Page) ([]byte, error) {
		close(running)
		<-finish
		return []byte("%PDF"), nil
	}
	go func() {
		_, err := p.PDF(context.WithoutCancel(t.Context()), Page{HTML: "a"})
		printed <- err
	}()
	<-running
	if _, err := p.PDF(t.Context(), Page{HTML: "b"}); problem.KindOf(err) != problem.Unavailable {
		t.Errorf("while another prints: %v", err)
	}
	p.wait = time.Minute
	same := make(chan []byte, 1)
	go func() {
		pdf, err := p.PDF(context.WithoutCancel(t.Context()), Page{HTML: "a"})
		if err != nil {
			t.Error(err)
		}
		same <- pdf
	}()
	close(finish)
	if err := <-printed; err != nil {
		t.Error(err)
	}
	// A second print would close running again, and panic.
	if pdf := <-same; string(pdf) != "%PDF" {
		t.Errorf("the same page at once: %q", pdf)
	}
}

func TestPrune(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	p := New(pool)
	p.find = func() string { return "chromium" }
	p.print = func(_ context.Context, _ string, page Page) ([]byte, error) { return []byte(page.HTML), nil }
	for _, html := range []string{"old", "new"} {
		if _, err := p.PDF(t.Context(), Page{HTML: html}); err != nil {
			t.Fatal(err)
		}
	}
	age := func(html, interval string) {
		if _, err := pool.Exec(t.Context(), `UPDATE printed SET read_at = now() - $2::interval WHERE digest = $1`, Page{HTML: html}.digest(), interval); err != nil {
			t.Fatal(err)
		}
	}
	age("old", "31 days")
	age("new", "29 days")
	if n, err := p.Prune(t.Context()); n != 1 || err != nil {
		t.Errorf("pruned %d, %v", n, err)
	}
	if report, err := document.Verify(t.Context(), pool); err != nil || report.Documents != 1 {
		t.Errorf("kept %+v, %v", report, err)
	}
	// Reading gives it thirty days more.
	if _, err := p.PDF(t.Context(), Page{HTML: "new"}); err != nil {
		t.Fatal(err)
	}
	var fresh bool
	if err := pool.QueryRow(t.Context(), `SELECT read_at > now() - interval '1 minute' FROM printed`).Scan(&fresh); err != nil || !fresh {
		t.Errorf("a read leaves no trace: %v", err)
	}
}

var mediaBox = regexp.MustCompile(`/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]`)

func box(t *testing.T, pdf []byte) (w, h float64) {
	t.Helper()
	m := mediaBox.FindSubmatch(pdf)
	if m == nil {
		t.Fatal("the PDF has no page")
	}
	return number(t, m[1]), number(t, m[2])
}

// read returns the text of the PDF, "" where poppler is not installed.
func read(t *testing.T, pdf []byte) string {
	t.Helper()
	return strings.ReplaceAll(run(t, pdf, "pdftotext", "-layout", "-", "-"), "\u00a0", " ")
}

func run(t *testing.T, in []byte, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(out)
}

func number(t *testing.T, b []byte) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
