package web_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestNationalFileOfTheDemo gives the official tools the files that the portal itself
// serves of its 160 structures: none is refused, nothing of them is lost, and there
// are as many as agreed to it.
func TestNationalFileOfTheDemo(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs node and the official tools")
	}
	s := newSite(t)
	dir, b := t.TempDir(), s.browser(t)
	for _, ext := range []string{"json", "csv"} {
		a := b.get("/structures/lieux-mediation-numerique." + ext)
		if a.status != 200 {
			t.Fatalf("%s: status %d", ext, a.status)
		}
		if err := os.WriteFile(filepath.Join(dir, "places."+ext), []byte(a.body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const national = "../internal/structure/national/testdata/"
	reference, err := os.ReadFile(national + "reference.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "reference.json"), reference, 0o600); err != nil {
		t.Fatal(err)
	}
	modules, err := filepath.Abs("../.local/national/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("node", national+"check.cjs", modules, dir).CombinedOutput()
	if err != nil {
		t.Fatalf("node (run .ci/install-tools test): %v\n%s", err, out)
	}
	var agreed int
	err = s.pool.QueryRow(t.Context(), `SELECT count(*) FROM structure WHERE state = 'accepted' AND publish_sheet AND share_national`).Scan(&agreed)
	if err != nil || agreed < 100 {
		t.Fatalf("%d structures agreed, %v", agreed, err)
	}
	if got, want := strings.TrimSpace(string(out)), fmt.Sprintf("json %d, csv %d", agreed, agreed); got != want {
		t.Errorf("the official tools say:\n%s\nwanted %s", got, want)
	}
}
