package paper

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/printing"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/ui"
)

var session = meeting.Meeting{Body: governance.CMTIN, Kind: meeting.Session, StartsAt: day.Of(2026, 12, 10).At(9, 0)}

func document() Document {
	return Document{Name: Name("convocation", session), Title: "Convocation <b>", About: About(session), Lead: "Salle", Body: ui.Lines("Corps du texte")}
}

func TestNamesTellTheMeeting(t *testing.T) {
	t.Parallel()
	if d := document(); d.Name != "convocation-cmtin-2026-12-10" || d.About != "séance du CMTIN du 10 décembre 2026" {
		t.Errorf("named %q, about %q", d.Name, d.About)
	}
}

// TestShowIsStyledUnderThePolicy: the policy names the very sheet that is inside.
func TestShowIsStyledUnderThePolicy(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'")
	if err := Show(w, httptest.NewRequest("GET", "/", nil), document(), Back{"Retour à la réunion", "/reunions/1"}); err != nil {
		t.Fatal(err)
	}
	body := w.Body.String()
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(body)
	if style == nil {
		t.Fatal("no style sheet inside")
	}
	sum := sha256.Sum256([]byte(style[1]))
	want := "default-src 'none'; style-src 'self' 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; img-src 'self'"
	if got := w.Header().Get("Content-Security-Policy"); got != want {
		t.Errorf("policy %q, want %q", got, want)
	}
	for _, s := range []string{`<html lang="fr">`, `<title>Convocation &lt;b&gt;` + "\u00a0" + `: séance du CMTIN du 10 décembre 2026 –`,
		`rel="icon"`, `<nav class="print-back"`, `href="/reunions/1">Retour à la réunion`, "Corps du texte"} {
		if !strings.Contains(body, s) {
			t.Errorf("no %q in the page", s)
		}
	}
	if !strings.Contains(style[1], "@media print{.print-back{display:none}}") {
		t.Error("the way back is printed")
	}
}

// TestWithoutChromium: the answer tells how to print, and the archive has pages.
func TestWithoutChromium(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("CHROMIUM_PATH", "/nowhere/chromium")
	printer := printing.New(pgtest.Pool(t))
	w := httptest.NewRecorder()
	err := SendPDF(w, httptest.NewRequest("GET", "/", nil), printer, document())
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Kind != problem.Unavailable || !strings.Contains(p.Message, "imprimez-la depuis votre navigateur") || w.Body.Len() > 0 {
		t.Errorf("answered %v, %d bytes", err, w.Body.Len())
	}
	files, err := Files(t.Context(), printer, []Document{document()})
	if err != nil || len(files) != 1 || files[0].Name != "convocation-cmtin-2026-12-10.html" {
		t.Fatalf("%v, %v", files, err)
	}
	page := string(files[0].Content)
	if strings.Contains(page, "href=") || strings.Contains(page, "src=") || !strings.Contains(page, "<style>") || !strings.Contains(page, "Corps du texte") {
		t.Errorf("the page needs something else, or lacks its text:\n%s", page)
	}
}
