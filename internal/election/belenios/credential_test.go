package belenios

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestCodes: a code survives being typed anyhow; one wrong digit, or two swapped, never
// makes another code.
func TestCodes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		code := NewCode()
		digits := strings.ReplaceAll(code, "-", "")
		typed := rapid.SliceOfN(rapid.SampledFrom([]string{"", "", "-", " ", "\u00a0", "\u202f–", "\t"}), len(digits), len(digits)).Draw(t, "between")
		var anyhow strings.Builder
		for i, between := range typed {
			anyhow.WriteString(digits[i:i+1] + between)
		}
		if got, err := CleanCode(anyhow.String()); err != nil || got != code {
			t.Fatalf("%q: %q %v, want %s", anyhow.String(), got, err, code)
		}
		for i := range digits {
			for _, wrong := range []byte(base58) {
				mistyped := digits[:i] + string(wrong) + digits[i+1:]
				if _, err := CleanCode(mistyped); (err == nil) != (mistyped == digits) {
					t.Fatalf("%s for %s: %v", mistyped, digits, err)
				}
			}
			for j := range i {
				b := []byte(digits)
				b[i], b[j] = b[j], b[i]
				if _, err := CleanCode(string(b)); (err == nil) != (string(b) == digits) {
					t.Fatalf("%s for %s: %v", b, digits, err)
				}
			}
		}
	})
}

// TestTypedCodes: the two forms, fixed examples that the browser shares, and what is
// refused.
func TestTypedCodes(t *testing.T) {
	t.Parallel()
	const uuid = "76Z6e2BuXjexmt"
	for _, c := range []struct{ typed, code, credential string }{
		{"Gc1A4HPeYsz6TjE", "Gc1-A4H-PeY-sz6-TjE", "13916388126992504302"},
		{" Gc1-A4H-PeY-sz6-TjE\n", "Gc1-A4H-PeY-sz6-TjE", "13916388126992504302"},
		{"Ee2SbRdZdA7BQ6wSAsNKBs", "Ee2S-bRdZ-dA7B-Q6wS-AsNK-Bs", "10125888107717883945"},
		{"XSHA Jyk6 evcS ZFrk 2zFo Lk", "XSHA-Jyk6-evcS-ZFrk-2zFo-Lk", "38922696572204901875"},
	} {
		code, err := CleanCode(c.typed)
		if err != nil || code != c.code {
			t.Errorf("%q: %q %v", c.typed, code, err)
			continue
		}
		if got := PublicCredential(code, uuid); !strings.HasPrefix(got, c.credential) {
			t.Errorf("%s: credential %s", code, got)
		}
	}
	for _, typed := range []string{
		"", "-", "Gc1-A4H-PeY-sz6-TjF", "Gc1-A4H-PeY-sz6-Tj", "Gc1-A4H-PeY-sz6-TjEE", "gc1-a4h-pey-sz6-tje",
		"Ee2S-bRdZ-dA7B-Q6wS-AsNK-B0", "Ee2S-bRdZ-dA7B-Q6wS-AsNK-Bé", "Ee2S-bRdZ-dA7B-Q6wS-AsNK-sB", "\xff",
		strings.Repeat("1", 1000),
	} {
		if code, err := CleanCode(typed); FaultOf(err) != BadCode {
			t.Errorf("%.40q is read as %q: %v", typed, code, err)
		}
	}
}

// TestRoundTrip: any valid choices come out of encrypt, tally and decrypt as they went
// in, whatever the order of the ballots; a later ballot of a voter takes the place of
// the earlier one.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	worlds := []*world{
		newWorld(t, 1, 4, question(3, 2, true)),
		newWorld(t, 2, 4, question(3, 3, false), question(1, 1, true)),
	}
	draws := 0
	rapid.Check(t, func(t *rapid.T) {
		which := rapid.IntRange(0, len(worlds)-1).Draw(t, "election")
		if draws++; draws > 10 {
			return // each takes too long for the hundred that rapid makes
		}
		roundTrip(t, worlds[which])
	})
}

func roundTrip(t *rapid.T, w *world) {
	e := w.election
	want := make([][]int, len(e.Questions))
	for i, q := range e.Questions {
		want[i] = make([]int, q.Cells())
	}
	voters := rapid.IntRange(0, len(w.codes)).Draw(t, "voters")
	var ballots []*Ballot
	for voter := range voters {
		var choices [][]int
		for i, q := range e.Questions {
			cells := validChoices(q).Draw(t, "choices")
			choices = append(choices, cells)
			for j, m := range cells {
				want[i][j] += m
			}
		}
		raw, err := e.Encrypt(w.codes[voter], choices)
		if err != nil {
			t.Fatal(err)
		}
		b, err := e.CheckBallot(raw)
		if err != nil {
			t.Fatal(err)
		}
		ballots = append(ballots, b)
	}
	tally := e.Tally(ballots)
	if shuffled := e.Tally(rapid.Permutation(ballots).Draw(t, "order")); !bytes.Equal(shuffled.Raw(), tally.Raw()) {
		t.Fatal("the sum depends on the order")
	}
	if twice := e.Tally(append(ballots[:len(ballots):len(ballots)], ballots...)); !bytes.Equal(twice.Raw(), tally.Raw()) {
		t.Fatal("a ballot counts twice")
	}
	var partials []*Partial
	for i, key := range w.keys {
		raw, err := e.Decrypt(tally, key)
		if err != nil {
			t.Fatal(err)
		}
		partial, err := e.CheckPartial(tally, w.trustees[i], raw)
		if err != nil {
			t.Fatal(err)
		}
		partials = append(partials, partial)
	}
	counts, err := e.Result(tally, partials, voters)
	if err != nil || !bytes.Equal(resultJSON(counts), resultJSON(want)) {
		t.Fatalf("%v %v, want %v", counts, err, want)
	}
	if _, err := e.Result(tally, partials[1:], voters); voters > 0 && FaultOf(err) != WrongResult {
		t.Fatalf("opened without a trustee: %v", err)
	}
}

// validChoices draws what a voter may answer.
func validChoices(q Question) *rapid.Generator[[]int] {
	return rapid.Custom(func(t *rapid.T) []int {
		cells := make([]int, q.Cells())
		if q.Blank && rapid.Bool().Draw(t, "blank") {
			cells[0] = 1
			return cells
		}
		first := len(cells) - len(q.Answers)
		names := rapid.Permutation(makeRange(first, len(cells))).Draw(t, "names")
		for _, i := range names[:rapid.IntRange(q.Min, q.Max).Draw(t, "number")] {
			cells[i] = 1
		}
		return cells
	})
}

func makeRange(from, to int) (all []int) {
	for i := from; i < to; i++ {
		all = append(all, i)
	}
	return all
}

// TestRefusedChoices: what a voter may not answer is not encrypted.
func TestRefusedChoices(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 1, question(3, 2, true))
	for _, choices := range [][][]int{
		nil, {nil}, {{0, 1, 0}}, {{0, 0, 0, 0}}, {{0, 1, 1, 1}}, {{1, 1, 0, 0}}, {{0, 2, 0, 0}}, {{0, -1, 1, 1}}, {{1, 0, 0, 0}, {1, 0, 0, 0}},
	} {
		if _, err := w.election.Encrypt(w.codes[0], choices); FaultOf(err) != BadChoices {
			t.Errorf("%v: %v", choices, err)
		}
	}
	if _, err := w.election.Encrypt("1234", [][]int{{1, 0, 0, 0}}); FaultOf(err) != BadCode {
		t.Errorf("a wrong code: %v", err)
	}
	for name, q := range map[string]Question{
		"no answer": {Max: 1}, "min over max": {Answers: []string{"A", "B"}, Min: 2, Max: 1},
		"max over answers": {Answers: []string{"A"}, Max: 2}, "a negative min": {Answers: []string{"A"}, Min: -1, Max: 1},
	} {
		if _, err := NewElection(NewUUID(), "", "", w.trustees, []Question{q}); FaultOf(err) != WrongParameters {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewElection("a b", "", "", w.trustees, w.election.Questions); FaultOf(err) != WrongParameters {
		t.Errorf("an identifier with a space: %v", err)
	}
	if _, err := w.chain.Setup(w.election, w.trustees, w.credentials); FaultOf(err) != WrongOrder {
		t.Errorf("set up twice: %v", err)
	}
}

// FuzzParse: nothing that is read makes a panic, and what is accepted is written as it
// was read.
func FuzzParse(f *testing.F) {
	w := complete(f)
	partial := w.steps(f)[6].data[0]
	raw := w.ballots[0].Raw
	key := w.keys[0].Raw()
	for _, seed := range [][]byte{
		raw, w.election.Raw, w.credentials, w.trustees[0].Raw(), partial, key, w.tally.Raw(), trusteesJSON(w.trustees),
		bytes.Replace(raw, []byte(`"alpha":"`), []byte(`"alpha":"-`), 1), raw[:len(raw)/2],
		[]byte("null"), []byte("[]"), []byte("{}"), []byte(`""`), []byte(`"0"`), []byte(`["1","1"]`), []byte("[[]]"), []byte(`[["Single"]]`),
		[]byte(`[null]`), []byte("[[null]]"), []byte(`{"decryption_factors":[[]],"decryption_proofs":[[]]}`), []byte("\xff"),
		w.archive(f), make([]byte, 512), []byte(strings.Repeat("[", 20000)), []byte(`"` + strings.Repeat("9", 5000) + `"`),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		e := w.election
		if b, err := e.CheckBallot(raw); err == nil && !bytes.Equal(b.Raw, raw) {
			t.Error("a ballot changed")
		}
		if got, err := ParseElection(raw); err == nil && !bytes.Equal(got.Raw, raw) {
			t.Error("an election changed")
		}
		if list, err := ParseCredentials(raw); err == nil && !bytes.Equal(CredentialsJSON(list), raw) {
			t.Error("credentials changed")
		}
		if trustee, err := ParseTrustee(raw); err == nil && !bytes.Equal(trustee.Raw(), bytes.TrimSpace(raw)) {
			t.Error("a public key changed")
		}
		if tally, err := e.ParseTally(raw); err == nil && !bytes.Equal(tally.Raw(), raw) {
			t.Error("a sum changed")
		}
		ParsePrivateKey(raw)
		parseTrustees(raw, e)
		e.CheckPartial(w.tally, w.trustees[0], raw)
		CleanCode(string(raw))
		Verify(context.Background(), bytes.NewReader(raw))
	})
}
