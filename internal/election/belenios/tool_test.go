package belenios

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
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
	report, err := Verify(context.Background(), bytes.NewReader(w.archive(t)))
	must(t, err)
	if report.Ballots != 2 || report.Posted != 3 || len(report.Trackers) != 2 {
		t.Errorf("report of %d ballots of %d, %d trackers", report.Ballots, report.Posted, len(report.Trackers))
	}
}

// TestOursVerifiesTools: a whole election set up by the tool, with ballots and partial
// decryptions of both, verifies with the tool and with ours.
func TestOursVerifiesTools(t *testing.T) {
	t.Parallel()
	b := newTool(t)
	uuid := strings.TrimSpace(b.run("", "setup", "generate-token"))
	b.write("voters.txt", "a@example.org,a\nb@example.org,b\nc@example.org,c\n")
	b.run("", "setup", "generate-credentials", "--uuid", uuid, "--group", groupName, "--file", "voters.txt")
	found := func(pattern string) []string {
		names, err := filepath.Glob(filepath.Join(b.dir, pattern))
		must(t, err)
		if len(names) == 0 {
			t.Fatalf("the tool made no %s", pattern)
		}
		return names
	}
	rename := func(pattern, name string) {
		must(t, os.Rename(found(pattern)[0], filepath.Join(b.dir, name)))
	}
	rename("*.pubcreds", "public_creds.json")
	rename("*.privcreds", "private_creds.txt")
	var codes []string
	for line := range strings.Lines(string(b.read("private_creds.txt"))) {
		_, code, _ := strings.Cut(strings.TrimSpace(line), " ")
		codes = append(codes, code)
	}
	b.run("", "setup", "generate-trustee-key", "--group", groupName)
	theirs := strings.TrimSuffix(filepath.Base(found("*.privkey")[0]), ".privkey")
	trustee, err := ParseTrustee(b.read(theirs + ".pubkey"))
	must(t, err)
	key, mine, err := NewTrustee()
	must(t, err)
	if named := strings.ToUpper(strings.ReplaceAll(trustee.Fingerprint(), " ", "")); !strings.HasPrefix(named, theirs) {
		t.Errorf("fingerprint %s of the key that the tool calls %s", named, theirs)
	}
	b.write("public_keys.jsons", string(trustee.Raw())+"\n"+string(mine.Raw())+"\n")
	b.run("", "setup", "make-trustees")
	b.write("template.json", `{"description":"D","name":"É \"a\" <&>","questions":[`+
		`{"answers":["A","B"],"blank":true,"min":1,"max":2,"question":"1"},{"answers":["C"],"min":0,"max":1,"question":"2"}]}`)
	b.run("", "setup", "make-election", "--uuid", uuid, "--group", groupName, "--template", "template.json")
	e, err := ParseElection(bytes.TrimSpace(b.read("election.json")))
	must(t, err)
	b.run("", "archive", "init")
	for _, name := range []string{"election.json", "trustees.json", "public_creds.json"} {
		must(t, os.Remove(filepath.Join(b.dir, name)))
	}
	verified := func() *Report {
		t.Helper()
		b.run("", "election", "verify")
		report, err := Verify(context.Background(), bytes.NewReader(b.read(uuid+".bel")))
		must(t, err)
		return report
	}
	verified()

	b.write("code", codes[0])
	b.write("choices", "[[0,1,1],[0]]")
	raw := b.run("", "election", "generate-ballot", "--privcred", "code", "--ballot", "choices")
	if _, err := e.CheckBallot([]byte(strings.TrimSpace(raw))); err != nil {
		t.Errorf("a ballot of the tool: %v", err)
	}
	b.event("Ballot", raw)
	for _, vote := range []struct {
		code    string
		choices [][]int
	}{{codes[1], [][]int{{1, 0, 0}, {1}}}, {codes[2], [][]int{{0, 1, 0}, {1}}}, {codes[0], [][]int{{0, 0, 1}, {1}}}} {
		raw, err := e.Encrypt(vote.code, vote.choices)
		must(t, err)
		b.event("Ballot", string(raw))
	}
	if report := verified(); report.Ballots != 3 || report.Posted != 4 || report.Credentials != 3 {
		t.Errorf("%d ballots of %d", report.Ballots, report.Posted)
	}
	b.event("EndBallots", "")
	b.event("EncryptedTally", b.run("", "election", "compute-encrypted-tally"))
	verified()
	tally, err := e.ParseTally(tallyOf(t, b.read(uuid+".bel")))
	must(t, err)
	printed := b.run("", "election", "decrypt", "--privkey", theirs+".privkey", "--trustee-id", "1")
	if _, err := e.CheckPartial(tally, trustee, CleanPartial([]byte(printed))); err != nil {
		t.Errorf("a partial decryption of the tool: %v", err)
	}
	b.event("PartialDecryption", printed)
	partial, err := e.Decrypt(tally, key)
	must(t, err)
	b.event("PartialDecryption", owned(2, partial))
	b.event("Result", b.run("", "election", "compute-result"))
	if got := fmt.Sprint(verified().Counts); got != "[[1 1 1] [3]]" {
		t.Errorf("result %v", got)
	}
}

// owned is how the tool takes a partial decryption.
func owned(owner int, raw []byte) string {
	return string(raw) + "\n" + string(ownedJSON{owner, hashOf(raw)}.raw()) + "\n"
}

// tallyOf finds the recorded sum in an archive.
func tallyOf(t *testing.T, file []byte) []byte {
	t.Helper()
	records, _, err := ReadArchive(bytes.NewReader(file))
	must(t, err)
	events, err := readChain(records)
	must(t, err)
	for _, e := range events {
		if e.kind == tallyEvent {
			return e.data[0]
		}
	}
	t.Fatal("no sum in the archive")
	return nil
}

// TestReference: the election of the reference (made by belenios-tool 2.0) verifies, and
// written again it is the same file.
func TestReference(t *testing.T) {
	t.Parallel()
	file := reference(t)
	report, err := Verify(context.Background(), bytes.NewReader(file))
	must(t, err)
	if got := fmt.Sprint(report.Counts); got != "[[2 2 1 0 1 0 1 2] [1 2 3 1 2 2 3 2]]" {
		t.Errorf("result %v", got)
	}
	if report.Trackers[0] != "rXTG8qHQ1BCNTNWpCtbMIAgrLKoW+QUUX4X0Z7tcLZQ" || report.Fingerprint != "V9vX6yLgvZCl9u4eXd97UHRKJA5SbODwBd7raGmlfmA" {
		t.Errorf("fingerprint %s, trackers %v", report.Fingerprint, report.Trackers)
	}
	records, timestamp, err := ReadArchive(bytes.NewReader(file))
	must(t, err)
	var again bytes.Buffer
	must(t, WriteArchive(&again, timestamp, records))
	if !bytes.Equal(again.Bytes(), file) {
		t.Error("the archive written again differs")
	}
}

func reference(t testing.TB) []byte {
	t.Helper()
	file, err := os.ReadFile("testdata/reference.bel")
	must(t, err)
	return file
}
