package belenios

import (
	"bytes"
	"fmt"
	"testing"
)

// A world is an election with everybody's secrets.
type world struct {
	election    *Election
	keys        []PrivateKey
	trustees    []Trustee
	codes       []string
	credentials []byte
	chain       Chain
	records     []Record
	ballots     []*Ballot
	tally       Tally
	partials    []*Partial
}

func question(names, most int, blank bool) Question {
	q := Question{Blank: blank, Min: 1, Max: most, Question: "Médiation \"numérique\" <&>\u2028/\\"}
	for i := range names {
		q.Answers = append(q.Answers, fmt.Sprintf("Structure n°\u00a0%d", i+1))
	}
	return q
}

// newWorld makes an election and its Setup.
func newWorld(t testing.TB, trustees, voters int, questions ...Question) *world {
	t.Helper()
	w := new(world)
	for range trustees {
		key, trustee, err := NewTrustee()
		must(t, err)
		w.keys, w.trustees = append(w.keys, key), append(w.trustees, trustee)
	}
	uuid := NewUUID()
	var err error
	w.election, err = NewElection(uuid, "Essai", "Élection d’essai\t\x7f", w.trustees, questions)
	must(t, err)
	var credentials []string
	for range voters {
		code := NewCode()
		w.codes = append(w.codes, code)
		credentials = append(credentials, PublicCredential(code, uuid))
	}
	w.credentials = CredentialsJSON(credentials)
	w.add(t)(w.chain.Setup(w.election, w.trustees, w.credentials))
	return w
}

func (w *world) add(t testing.TB) func([]Record, error) {
	return func(records []Record, err error) {
		t.Helper()
		must(t, err)
		w.records = append(w.records, records...)
	}
}

// vote encrypts, checks and adds a ballot.
func (w *world) vote(t testing.TB, voter int, choices ...[]int) []byte {
	t.Helper()
	raw, err := w.election.Encrypt(w.codes[voter], choices)
	must(t, err)
	w.cast(t, raw)
	return raw
}

func (w *world) cast(t testing.TB, raw []byte) {
	t.Helper()
	b, err := w.election.CheckBallot(raw)
	must(t, err)
	w.ballots = append(w.ballots, b)
	w.add(t)(w.chain.Ballot(raw), nil)
}

// close ends the vote and records the sum.
func (w *world) close(t testing.TB) {
	t.Helper()
	voters := make(map[string]bool)
	for _, b := range w.ballots {
		voters[b.Credential] = true
	}
	w.tally = w.election.Tally(w.ballots)
	w.add(t)(w.chain.EndBallots(), nil)
	w.add(t)(w.chain.EncryptedTally(w.tally, len(voters)), nil)
}

// open has every trustee decrypt, and records the result.
func (w *world) open(t testing.TB) [][]int {
	t.Helper()
	for i, key := range w.keys {
		raw, err := w.election.Decrypt(w.tally, key)
		must(t, err)
		partial, err := w.election.CheckPartial(w.tally, w.trustees[i], raw)
		must(t, err)
		w.partials = append(w.partials, partial)
		w.add(t)(w.chain.PartialDecryption(i+1, raw), nil)
	}
	counts, err := w.election.Result(w.tally, w.partials, len(w.ballots))
	must(t, err)
	w.add(t)(w.chain.Result(counts), nil)
	return counts
}

func (w *world) archive(t testing.TB) []byte {
	t.Helper()
	var file bytes.Buffer
	must(t, WriteArchive(&file, 1795426622, w.records))
	return file.Bytes()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
