// Package nationaltest runs the official tools of the national standard on our files,
// for tests: the npm library, the Table Schema, the opening hours of OpenStreetMap.
package nationaltest

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// folder is the one of the package national, wherever the test runs.
func folder(t testing.TB) string {
	t.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		t.Fatal("where is this file?")
	}
	return filepath.Dir(filepath.Dir(file))
}

// Tools says where the official tools are installed. Without them the test fails: they
// are all that shows that others can read our file.
func Tools(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("needs node and the official tools")
	}
	dir := filepath.Join(folder(t), "../../../.local/national/node_modules")
	for _, name := range []string{"@gouvfr-anct/lieux-de-mediation-numerique", "tableschema", "opening_hours"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Fatalf("%v: run .ci/install-tools test", err)
		}
	}
	return dir
}

// Judged runs the official tools on a JSON and a CSV file and returns what they say:
// « json 160, csv 160 » when they read as many places and refuse nothing.
func Judged(t testing.TB, asJSON, asCSV []byte) string {
	t.Helper()
	modules, dir, data := Tools(t), t.TempDir(), filepath.Join(folder(t), "testdata")
	reference, err := os.ReadFile(filepath.Join(data, "reference.json"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"places.json": asJSON, "places.csv": asCSV, "reference.json": reference} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.CommandContext(t.Context(), "node", filepath.Join(data, "check.cjs"), modules, dir).CombinedOutput()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, out)
	}
	said := strings.TrimSpace(string(out))
	if len(said) > 4000 {
		said = said[:4000] + "…"
	}
	return said
}
