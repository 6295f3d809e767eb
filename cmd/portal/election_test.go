package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/election/belenios"
)

// smallElection is the archive of a whole election, and its heads.
func smallElection(t *testing.T) []belenios.Record {
	t.Helper()
	key, trustee, err := belenios.NewTrustee()
	if err != nil {
		t.Fatal(err)
	}
	trustees := []belenios.Trustee{trustee}
	e, err := belenios.NewElection(belenios.NewUUID(), "Essai", "", trustees,
		[]belenios.Question{{Answers: []string{"Une", "Deux"}, Blank: true, Min: 1, Max: 1, Question: "Qui ?"}})
	if err != nil {
		t.Fatal(err)
	}
	code := belenios.NewCode()
	var chain belenios.Chain
	records, err := chain.Setup(e, trustees, belenios.CredentialsJSON([]string{belenios.PublicCredential(code, e.UUID)}))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := e.Encrypt(code, [][]int{{0, 0, 1}})
	if err != nil {
		t.Fatal(err)
	}
	ballot, err := e.CheckBallot(raw)
	if err != nil {
		t.Fatal(err)
	}
	sum := e.Tally([]*belenios.Ballot{ballot})
	partial, err := e.Decrypt(sum, key)
	if err != nil {
		t.Fatal(err)
	}
	for _, more := range [][]belenios.Record{
		chain.Ballot(raw), chain.EndBallots(), chain.EncryptedTally(sum, 1),
		chain.PartialDecryption(1, partial), chain.Result([][]int{{0, 0, 1}}),
	} {
		records = append(records, more...)
	}
	return records
}

// TestElectionVerify: what the command says of a right box, of one not closed yet, of a
// head that is not there, and of a wrong box.
func TestElectionVerify(t *testing.T) {
	t.Parallel()
	c := newCheckout(t)
	records := smallElection(t)
	write := func(name string, records []belenios.Record) string {
		t.Helper()
		var file bytes.Buffer
		if err := belenios.WriteArchive(&file, 1, records); err != nil {
			t.Fatal(err)
		}
		name = filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(name, file.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	whole := write("whole.bel", records)
	forged := write("forged.bel", append(records[:len(records)-2:len(records)-2],
		belenios.Record{Kind: belenios.DataRecord, Body: []byte(`{"result":[[0,1,0]]}`)}, records[len(records)-1]))
	opened := write("open.bel", records[:7])
	head := fmt.Sprintf("%x", records[6].Hash())
	for _, test := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{whole}, 0, "1  Deux"},
		{[]string{whole}, 0, "1 bulletin compté"},
		{[]string{whole, head}, 0, "elle est dans l’urne"},
		{[]string{whole, strings.Repeat("0", 64)}, 1, "a été réécrite"},
		{[]string{opened}, 0, "n’est pas clos"},
		{[]string{forged}, 1, "(événement n° 5)"},
		{[]string{os.Args[0]}, 1, "n’est pas une urne"},
		{[]string{"nowhere.bel"}, 1, "nowhere.bel"},
		{[]string{whole, "head"}, 2, "portal election verify"},
		{nil, 2, "portal election verify"},
	} {
		status, out, errs := c.run(append([]string{"election", "verify"}, test.args...)...)
		said := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(out + errs)
		if status != test.status || !strings.Contains(said, test.says) {
			t.Errorf("%v: status %d, want %d and %q:\n%s", test.args, status, test.status, test.says, said)
		}
	}
}

// A file of somebody else does not command the terminal of who checks it.
func TestReadable(t *testing.T) {
	t.Parallel()
	if got, want := readable("Élection\u00a0: \x1b[2Jtout\u202eest juste\n"), "Élection\u00a0: \ufffd[2Jtout\ufffdest juste\ufffd"; got != want {
		t.Errorf("%q, wanted %q", got, want)
	}
}
