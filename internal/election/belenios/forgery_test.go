package belenios

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
)

// A step is an event of an archive with its data, to be put again on a right chain.
type step struct {
	kind string
	data [][]byte
}

// steps takes an archive apart.
func (w *world) steps(t testing.TB) []step {
	t.Helper()
	events, err := readChain(w.records)
	must(t, err)
	var steps []step
	for _, e := range events {
		steps = append(steps, step{e.kind, slices.Clone(e.data)})
	}
	return steps
}

// chained makes the archive of steps: what somebody who holds the database would write.
func chained(steps []step) (records []Record) {
	var c Chain
	for _, s := range steps {
		records = append(records, c.add(s.kind, s.data...)...)
	}
	return records
}

// forge changes a ballot and signs it again with the code, as the voter could.
func (w *world) forge(t testing.TB, raw []byte, voter int, change func(*ballotJSON)) []byte {
	t.Helper()
	j, _, err := w.election.readBallot(raw)
	must(t, err)
	change(j)
	secret := codeSecret(w.codes[voter], w.election.UUID)
	unsigned := j.unsigned()
	j.Signature.Hash = digest(unsigned)
	j.Signature.Proof = prove(secret, signaturePrefix(j.Signature.Hash)).json()
	return j.signed(unsigned)
}

// over is p − x, which is outside the group when x is in it.
func over(digits string) string { return new(big.Int).Sub(groupP, parameter(digits)).Text(10) }

// plus adds to a number.
func plus(digits string, n *big.Int) string { return new(big.Int).Add(parameter(digits), n).Text(10) }

// times multiplies by g, and stays in the group.
func times(digits string) string {
	return residue(new(big.Int).Mul(parameter(digits), groupG)).Text(10)
}

// complete is an election of three ballots, two trustees, one question, with its
// result: heights 0 Setup, 1–3 Ballot, 4 EndBallots, 5 EncryptedTally, 6–7
// PartialDecryption, 8 Result.
func complete(t testing.TB) *world {
	t.Helper()
	w := newWorld(t, 2, 3, question(2, 2, true))
	w.vote(t, 0, []int{0, 1, 1})
	w.vote(t, 1, []int{0, 0, 1})
	w.vote(t, 2, []int{1, 0, 0})
	w.close(t)
	w.open(t)
	return w
}

func replaced(raw []byte, old, new string) []byte {
	return []byte(strings.Replace(string(raw), old, new, 1))
}

// TestForgeries: each is refused, for its reason, at its place.
func TestForgeries(t *testing.T) {
	t.Parallel()
	w := complete(t)
	other := newWorld(t, 2, 3, question(2, 2, true))
	stranger := NewCode()
	ballot := func(s []step, height int) []byte { return s[height].data[0] }
	first := func(j *ballotJSON) *answerJSON { return &j.Answers[0] }
	// voter returns a forgery of the ballot at height 2 by its voter.
	voter := func(change func(*ballotJSON)) func(*testing.T, []step) []step {
		return func(t *testing.T, s []step) []step {
			s[2].data[0] = w.forge(t, ballot(s, 2), 1, change)
			return s
		}
	}
	at := func(height int, change func([]byte) []byte) func(*testing.T, []step) []step {
		return func(_ *testing.T, s []step) []step {
			s[height].data[0] = change(slices.Clone(s[height].data[0]))
			if len(s[height].data) == 2 { // what names it follows
				old := hashOf(w.steps(t)[height].data[0])
				s[height].data[1] = replaced(s[height].data[1], old, hashOf(s[height].data[0]))
			}
			return s
		}
	}
	setup := func(election, keys, credentials func([]byte) []byte) func(*testing.T, []step) []step {
		return func(_ *testing.T, s []step) []step {
			d := s[0].data
			for i, change := range []func([]byte) []byte{election, keys, credentials} {
				if change != nil {
					d[i] = change(slices.Clone(d[i]))
				}
			}
			d[3] = setupJSON{hashOf(d[0]), hashOf(d[1]), hashOf(d[2])}.raw()
			return s
		}
	}
	partial := func(change func(*Partial)) func(*testing.T, []step) []step {
		return at(7, func(raw []byte) []byte {
			var p Partial
			must(t, read("p", raw, &p))
			change(&p)
			return p.raw()
		})
	}
	number := func(digits string) Number { return Number{*parameter(digits)} }
	for name, c := range map[string]struct {
		change func(*testing.T, []step) []step
		fault  Fault
		height int
	}{
		"a ballot altered": {at(2, func(raw []byte) []byte {
			j, _, err := w.election.readBallot(raw)
			must(t, err)
			proofs := first(j).OverallProof
			proofs[0], proofs[1] = proofs[1], proofs[0]
			return j.signed(j.unsigned())
		}), WrongSignature, 2},
		"a ballot removed": {func(_ *testing.T, s []step) []step { return slices.Delete(s, 2, 3) }, WrongTally, 4},
		"a ballot of another election": {func(t *testing.T, s []step) []step {
			raw, err := other.election.Encrypt(w.codes[1], [][]int{{0, 1, 0}})
			must(t, err)
			s[2].data[0] = raw
			return s
		}, WrongElection, 2},
		"a ballot whose credential is not listed": {func(t *testing.T, s []step) []step {
			raw, err := w.election.Encrypt(stranger, [][]int{{0, 1, 0}})
			must(t, err)
			return slices.Insert(s, 3, step{ballotEvent, [][]byte{raw}})
		}, UnknownCredential, 3},
		"a ballot twice": {func(_ *testing.T, s []step) []step { return slices.Insert(s, 4, s[2]) }, DuplicateBallot, 4},
		"a ballot after the close": {func(t *testing.T, s []step) []step {
			raw, err := w.election.Encrypt(w.codes[0], [][]int{{0, 1, 0}})
			must(t, err)
			return slices.Insert(s, 5, step{ballotEvent, [][]byte{raw}})
		}, WrongOrder, 5},
		"a ballot after the result":  {func(_ *testing.T, s []step) []step { return append(s, s[1]) }, WrongOrder, 9},
		"a ballot before the setup":  {func(_ *testing.T, s []step) []step { return s[1:] }, WrongOrder, 0},
		"two closes":                 {func(_ *testing.T, s []step) []step { return slices.Insert(s, 4, s[4]) }, WrongOrder, 5},
		"a sum before the close":     {func(_ *testing.T, s []step) []step { return slices.Delete(s, 4, 5) }, WrongOrder, 4},
		"a result without a trustee": {func(_ *testing.T, s []step) []step { return slices.Delete(s, 7, 8) }, WrongOrder, 7},
		"an event of no type":        {func(_ *testing.T, s []step) []step { s[4].kind = "Pause"; return s }, Malformed, 4},
		"too much data":              {func(_ *testing.T, s []step) []step { s[4].data = s[1].data; return s }, WrongOrder, 4},
		"choices copied from another voter": {func(t *testing.T, s []step) []step {
			source, _, err := w.election.readBallot(ballot(s, 1))
			must(t, err)
			return voter(func(j *ballotJSON) { j.Answers = source.Answers })(t, s)
		}, WrongProof, 2},
		"a vote worth two": {voter(func(j *ballotJSON) {
			first(j).Choices[1].Beta = times(times(first(j).Choices[1].Beta))
		}), WrongProof, 2},
		"a blank vote and a name": {voter(func(j *ballotJSON) {
			c := cipher{}
			c = w.election.encrypt(big.NewInt(5), 1)
			secret := []branch{{cipher: &c, value: 0, secret: big.NewInt(5), holds: 1}, {cipher: &c, value: 1, secret: big.NewInt(5), holds: 1}}
			first(j).Choices[0] = cipherJSON{c.alpha.decimal(), c.beta.decimal()}
			first(j).IndividualProofs[0] = w.election.disjunction("prove|"+w.election.fingerprint+"|"+j.Credential+"|"+
				c.alpha.decimal()+","+c.beta.decimal()+"|", secret)
		}), WrongProof, 2},
		"a blank proof from elsewhere": {voter(func(j *ballotJSON) { first(j).BlankProof = first(j).OverallProof[:2] }), WrongProof, 2},
		"no blank proof":               {voter(func(j *ballotJSON) { first(j).BlankProof = nil }), WrongShape, 2},
		"a cell less":                  {voter(func(j *ballotJSON) { first(j).Choices = first(j).Choices[1:] }), WrongShape, 2},
		"no answer":                    {voter(func(j *ballotJSON) { j.Answers = nil }), WrongShape, 2},
		"a cell outside the group": {voter(func(j *ballotJSON) {
			first(j).Choices[1].Beta = over(first(j).Choices[1].Beta)
		}), OutsideGroup, 2},
		"a cell of order 2": {voter(func(j *ballotJSON) { first(j).Choices[1].Alpha = over("1") }), OutsideGroup, 2},
		"a cell of 0":       {voter(func(j *ballotJSON) { first(j).Choices[1].Alpha = "0" }), OutsideGroup, 2},
		"a cell of p":       {voter(func(j *ballotJSON) { first(j).Choices[1].Alpha = groupP.Text(10) }), OutsideGroup, 2},
		"a cell of α + p":   {voter(func(j *ballotJSON) { first(j).Choices[1].Alpha = plus(first(j).Choices[1].Alpha, groupP) }), OutsideGroup, 2},
		"a challenge of q or more": {voter(func(j *ballotJSON) {
			p := &first(j).IndividualProofs[1][0]
			p.Challenge = plus(p.Challenge, groupQ)
		}), OutOfRange, 2},
		"a response of q or more": {voter(func(j *ballotJSON) {
			p := &first(j).OverallProof[0]
			p.Response = plus(p.Response, groupQ)
		}), OutOfRange, 2},
		"a leading zero": {voter(func(j *ballotJSON) {
			p := &first(j).BlankProof[0]
			p.Response = "0" + p.Response[1:]
		}), NotCanonical, 2},
		"a sign": {voter(func(j *ballotJSON) { first(j).Choices[0].Alpha = "-1" }), Malformed, 2},
		"the credential of another": {voter(func(j *ballotJSON) {
			j.Credential = PublicCredential(w.codes[0], w.election.UUID)
		}), WrongSignature, 2},
		"a credential outside the group": {voter(func(j *ballotJSON) { j.Credential = over(j.Credential) }), OutsideGroup, 2},
		"spaces in a ballot":             {at(2, func(raw []byte) []byte { return append([]byte(" "), raw...) }), NotCanonical, 2},
		"a member twice": {at(2, func(raw []byte) []byte {
			return replaced(raw, `{"election_uuid"`, `{"election_uuid":"","election_uuid"`)
		}), NotCanonical, 2},
		"an escaped digit": {at(2, func(raw []byte) []byte {
			const before = `"alpha":"`
			digit := raw[bytes.Index(raw, []byte(before))+len(before)]
			return replaced(raw, before+string(digit), before+fmt.Sprintf(`\u%04x`, digit))
		}), NotCanonical, 2},
		"no JSON": {at(2, func([]byte) []byte { return []byte("{") }), Malformed, 2},
		"the sum changed": {at(5, func(raw []byte) []byte {
			var tally Tally
			must(t, read("tally", raw, &tally))
			tally[0][1].Beta = number(times(tally[0][1].Beta.String()))
			return tally.Raw()
		}), WrongTally, 5},
		"the number of ballots changed": {func(_ *testing.T, s []step) []step {
			s[5].data[1] = replaced(s[5].data[1], `"num_tallied":3`, `"num_tallied":4`)
			return s
		}, WrongTally, 5},
		"a decryption forged": {partial(func(p *Partial) {
			p.Factors[0][1] = number(times(p.Factors[0][1].String()))
		}), WrongPartial, 7},
		"a decryption outside the group": {partial(func(p *Partial) {
			p.Factors[0][1] = number(over(p.Factors[0][1].String()))
		}), OutsideGroup, 7},
		"a decryption of fewer cells": {partial(func(p *Partial) { p.Factors[0] = p.Factors[0][1:] }), WrongShape, 7},
		"a decryption of q or more": {partial(func(p *Partial) {
			p.Proofs[0][0].Response = number(plus(p.Proofs[0][0].Response.String(), groupQ))
		}), OutOfRange, 7},
		"a decryption by another": {func(_ *testing.T, s []step) []step {
			s[6].data[1] = ownedJSON{2, hashOf(s[6].data[0])}.raw()
			return s
		}, WrongPartial, 6},
		"one trustee twice":         {func(_ *testing.T, s []step) []step { s[7] = s[6]; return s }, WrongShape, 7},
		"a trustee out of the list": {func(_ *testing.T, s []step) []step { s[7].data[1] = ownedJSON{3, hashOf(s[7].data[0])}.raw(); return s }, WrongShape, 7},
		"the result changed":        {at(8, func(raw []byte) []byte { return replaced(raw, "[1,1,2]", "[1,2,1]") }), WrongResult, 8},
		"a key without possession": {setup(nil, func([]byte) []byte {
			return trusteesJSON([]Trustee{{PublicKey: w.trustees[0].PublicKey}, w.trustees[1]})
		}, nil), WrongPossession, 0},
		"a key with another's proof": {setup(nil, func([]byte) []byte {
			return trusteesJSON([]Trustee{{w.trustees[1].PoK, w.trustees[0].PublicKey}, w.trustees[1]})
		}, nil), WrongPossession, 0},
		"a key twice":                  {setup(nil, func([]byte) []byte { return trusteesJSON([]Trustee{w.trustees[0], w.trustees[0]}) }, nil), WrongParameters, 0},
		"a trustee less":               {setup(nil, func([]byte) []byte { return trusteesJSON(w.trustees[:1]) }, nil), WrongParameters, 0},
		"a trustee who is one of some": {setup(nil, func(raw []byte) []byte { return replaced(raw, "Single", "Pedersen") }, nil), WrongParameters, 0},
		"another election":             {setup(func(raw []byte) []byte { return replaced(raw, "Essai", "Autre") }, nil, nil), WrongElection, 1},
		"an election of version 2":     {setup(func(raw []byte) []byte { return replaced(raw, `"version":1`, `"version":2`) }, nil, nil), WrongParameters, 0},
		"an election on another group": {setup(func(raw []byte) []byte { return replaced(raw, "BELENIOS-2048", "RFC-3526-2048") }, nil, nil), WrongParameters, 0},
		"an election with a space":     {setup(func(raw []byte) []byte { return append(raw, '\n') }, nil, nil), NotCanonical, 0},
		"a credential less": {setup(nil, nil, func(raw []byte) []byte {
			mine := PublicCredential(w.codes[1], w.election.UUID)
			list, err := ParseCredentials(raw)
			must(t, err)
			return CredentialsJSON(slices.DeleteFunc(list, func(c string) bool { return c == mine }))
		}), UnknownCredential, 2},
		"credentials not sorted": {setup(nil, nil, func(raw []byte) []byte {
			list, err := ParseCredentials(raw)
			must(t, err)
			slices.Reverse(list)
			return appendList(nil, list, appendString)
		}), BadCredentials, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			records := chained(c.change(t, w.steps(t)))
			_, err := VerifyRecords(context.Background(), records)
			refusedAs(t, err, c.fault, c.height)
		})
	}
	if _, err := VerifyRecords(context.Background(), chained(w.steps(t))); err != nil {
		t.Errorf("nothing forged: %v", err)
	}
}

func refusedAs(t *testing.T, err error, fault Fault, height int) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Fault != fault || e.Height != height {
		t.Errorf("%v (%s), want %s at %d", err, FaultOf(err), fault, height)
	}
}

// TestBrokenChain: whoever changes the file without making the chain again is found by
// the chain; whoever makes it again, by the head that was published.
func TestBrokenChain(t *testing.T) {
	t.Parallel()
	w := complete(t)
	whole, err := VerifyRecords(context.Background(), w.records)
	must(t, err)
	event := func(height int) int { // place of an event among the records
		for i, r := range w.records {
			if r.Kind == EventRecord {
				if height == 0 {
					return i
				}
				height--
			}
		}
		t.Fatal("no such event")
		return 0
	}
	for name, c := range map[string]struct {
		change func([]Record) []Record
		fault  Fault
		height int
	}{
		"a ballot removed": {func(r []Record) []Record { return slices.Delete(r, event(1)+1, event(2)+1) }, WrongChain, 2},
		"ballots swapped": {func(r []Record) []Record {
			a, b := event(1), event(2)
			r[a-1], r[a], r[b-1], r[b] = r[b-1], r[b], r[a-1], r[a]
			return r
		}, WrongChain, 1},
		"a ballot replaced":          {func(r []Record) []Record { r[event(1)-1] = r[event(2)-1]; return r }, WrongChain, 1},
		"data at the end":            {func(r []Record) []Record { return append(r, r[0]) }, WrongOrder, 9},
		"a record of another kind":   {func(r []Record) []Record { r[event(2)].Kind = "x"; return r }, Malformed, 2},
		"an event that is not JSON":  {func(r []Record) []Record { r[event(2)].Body = []byte("["); return r }, Malformed, 2},
		"an event with a space":      {func(r []Record) []Record { r[event(2)].Body = append(r[event(2)].Body, ' '); return r }, NotCanonical, 2},
		"an event of 5,000 bytes":    {func(r []Record) []Record { r[event(2)].Body = make([]byte, 5000); return r }, TooLarge, 2},
		"nothing":                    {func([]Record) []Record { return nil }, WrongOrder, NoHeight},
		"an older fault, then later": {func(r []Record) []Record { r[0].Body = []byte("{}"); return r[:event(3)+1] }, WrongChain, 0},
	} {
		t.Run(name, func(t *testing.T) {
			records := slices.Clone(w.records)
			for i := range records {
				records[i].Body = slices.Clone(records[i].Body)
			}
			_, err := VerifyRecords(context.Background(), c.change(records))
			refusedAs(t, err, c.fault, c.height)
		})
	}

	again := w.steps(t)[:4]
	again = slices.Delete(again, 2, 3) // an archive without that ballot, right in itself
	report, err := VerifyRecords(context.Background(), chained(again))
	must(t, err)
	if report.Contains(whole.Heads[2]) || !report.Contains(whole.Heads[1]) {
		t.Error("a rewritten chain holds a head it should not, or lacks one it shares")
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := VerifyRecords(done, w.records); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// TestFile: an archive whose bytes are not the prescribed ones is refused.
func TestFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 1, question(1, 1, false))
	file := w.archive(t)
	records, timestamp, err := ReadArchive(bytes.NewReader(file))
	must(t, err)
	if timestamp != 1795426622 || len(records) != len(w.records) {
		t.Errorf("%d records of second %d", len(records), timestamp)
	}
	second := 2 * blockSize // the header of the first record
	for name, c := range map[string]struct {
		change func([]byte) []byte
		fault  Fault
	}{
		"empty":                 {func([]byte) []byte { return nil }, Malformed},
		"cut in a header":       {func(f []byte) []byte { return f[:second+100] }, Malformed},
		"cut in a body":         {func(f []byte) []byte { return f[:second+blockSize+10] }, Malformed},
		"zeros at the end":      {func(f []byte) []byte { return append(f, make([]byte, 1024)...) }, Malformed},
		"another mode":          {func(f []byte) []byte { f[second+106] = '5'; return f }, NotCanonical},
		"another time":          {func(f []byte) []byte { f[second+146]++; return f }, NotCanonical},
		"something in the tail": {func(f []byte) []byte { f[second+400] = 1; return f }, NotCanonical},
		"something hidden":      {func(f []byte) []byte { f[len(f)-1] = 1; return f }, NotCanonical},
		"another name":          {func(f []byte) []byte { f[second] ^= 1; return f }, Malformed},
		"a body changed":        {func(f []byte) []byte { f[second+blockSize+2] ^= 1; return f }, Malformed},
		"an absurd size":        {func(f []byte) []byte { copy(f[second+124:], "77777777777"); return f }, TooLarge},
		"a size of no number":   {func(f []byte) []byte { copy(f[second+124:], "-0000000001"); return f }, Malformed},
		"no header":             {func(f []byte) []byte { return f[second:] }, Malformed},
		"another version":       {func(f []byte) []byte { return bytes.Replace(f, []byte(`"version":1,"t`), []byte(`"version":2,"t`), 1) }, Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := ReadArchive(bytes.NewReader(c.change(slices.Clone(file))))
			if FaultOf(err) != c.fault {
				t.Errorf("%v, want %s", err, c.fault)
			}
		})
	}
	if err := WriteArchive(new(bytes.Buffer), -1, nil); FaultOf(err) != Malformed {
		t.Errorf("a time before 1970: %v", err)
	}
}
