package belenios_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/election/belenios"
)

const toolName = "belenios-tool"

// A tool runs belenios-tool in a directory.
type tool struct {
	t   testing.TB
	dir string
}

// newTool fails without the tool: .ci/install-tools test installs it, and nobody else's
// program would check ours otherwise.
func newTool(t testing.TB) tool {
	t.Helper()
	if _, err := exec.LookPath(toolName); err != nil {
		t.Fatal("belenios-tool is missing: .ci/install-tools test, or apt-get install belenios-tool")
	}
	return tool{t, t.TempDir()}
}

func (b tool) command(args ...string) *exec.Cmd {
	cmd := exec.Command(toolName, args...)
	cmd.Dir = b.dir
	return cmd
}

// run returns what the tool prints.
func (b tool) run(input string, args ...string) string {
	b.t.Helper()
	cmd := b.command(args...)
	cmd.Stdin = strings.NewReader(input)
	var errors bytes.Buffer
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if err != nil {
		b.t.Fatalf("%s %s: %v\n%s%s", toolName, strings.Join(args, " "), err, out, errors.Bytes())
	}
	return string(out)
}

func (b tool) write(name, content string) string {
	b.t.Helper()
	must(b.t, os.WriteFile(filepath.Join(b.dir, name), []byte(content), 0o600))
	return name
}

func (b tool) read(name string) []byte {
	b.t.Helper()
	raw, err := os.ReadFile(filepath.Join(b.dir, name))
	must(b.t, err)
	return raw
}

// event adds an event whose payload the tool printed.
func (b tool) event(kind, payload string) {
	b.t.Helper()
	b.run(payload, "archive", "add-event", "--type="+kind)
}

// TestToolVerifiesOurs: the tool accepts our archive at each step.
func TestToolVerifiesOurs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, 3, question(3, 2, true), question(2, 1, false))
	b := newTool(t)
	verify := func() {
		t.Helper()
		b.write(w.election.UUID+".bel", string(w.archive(t)))
		b.run("", "election", "verify")
	}
	verify()
	w.vote(t, 0, []int{0, 1, 1, 0}, []int{1, 0})
	w.vote(t, 1, []int{1, 0, 0, 0}, []int{0, 1})
	verify()
	w.vote(t, 0, []int{0, 0, 1, 1}, []int{0, 1}) // again
	w.close(t)
	verify()
	if got := w.open(t); fmt.Sprint(got) != "[[1 0 1 1] [0 2]]" {
		t.Errorf("result %v", got)
	}
	verify()
	report, err := belenios.Verify(context.Background(), bytes.NewReader(w.archive(t)))
	must(t, err)
	if report.Ballots != 2 || report.Posted != 3 || len(report.Trackers) != 2 {
		t.Errorf("report of %d ballots of %d, %d trackers", report.Ballots, report.Posted, len(report.Trackers))
	}
}
