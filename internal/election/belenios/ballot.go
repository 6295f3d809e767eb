package belenios

import (
	"math/big"
	"slices"
	"strings"
)

// mostBallotSize bounds a ballot: one of 20 questions with 500 answers is never met.
const mostBallotSize = 8 << 20

// ballotJSON is a ballot as it is written. Numbers stay as their digits, which hashes
// need.
type ballotJSON struct {
	ElectionUUID string        `json:"election_uuid"`
	ElectionHash string        `json:"election_hash"`
	Credential   string        `json:"credential"`
	Answers      []answerJSON  `json:"answers"`
	Signature    signatureJSON `json:"signature"`
}

type answerJSON struct {
	Choices          []cipherJSON  `json:"choices"`
	IndividualProofs [][]proofJSON `json:"individual_proofs"`
	OverallProof     []proofJSON   `json:"overall_proof"`
	BlankProof       []proofJSON   `json:"blank_proof"`
}

type cipherJSON struct {
	Alpha string `json:"alpha"`
	Beta  string `json:"beta"`
}

type proofJSON struct {
	Challenge string `json:"challenge"`
	Response  string `json:"response"`
}

type signatureJSON struct {
	Hash  string    `json:"hash"`
	Proof proofJSON `json:"proof"`
}

func appendCipherJSON(b []byte, c cipherJSON) []byte {
	b = appendString(append(b, `{"alpha":`...), c.Alpha)
	return append(appendString(append(b, `,"beta":`...), c.Beta), '}')
}

func appendProofJSON(b []byte, p proofJSON) []byte {
	b = appendString(append(b, `{"challenge":`...), p.Challenge)
	return append(appendString(append(b, `,"response":`...), p.Response), '}')
}

func appendAnswer(b []byte, a answerJSON) []byte {
	b = appendList(append(b, `{"choices":`...), a.Choices, appendCipherJSON)
	b = appendLists(append(b, `,"individual_proofs":`...), a.IndividualProofs, appendProofJSON)
	b = appendList(append(b, `,"overall_proof":`...), a.OverallProof, appendProofJSON)
	if a.BlankProof != nil {
		b = appendList(append(b, `,"blank_proof":`...), a.BlankProof, appendProofJSON)
	}
	return append(b, '}')
}

// unsigned is the ballot without its signature, which the signature is about.
func (j *ballotJSON) unsigned() []byte {
	b := appendString([]byte(`{"election_uuid":`), j.ElectionUUID)
	b = appendString(append(b, `,"election_hash":`...), j.ElectionHash)
	b = appendString(append(b, `,"credential":`...), j.Credential)
	return append(appendList(append(b, `,"answers":`...), j.Answers, appendAnswer), '}')
}

// signed adds the signature to what unsigned returned.
func (j *ballotJSON) signed(unsigned []byte) []byte {
	b := append(slices.Clone(unsigned[:len(unsigned)-1]), `,"signature":{"hash":`...)
	b = appendString(b, j.Signature.Hash)
	return append(appendProofJSON(append(b, `,"proof":`...), j.Signature.Proof), "}}"...)
}

// A cipher is a Ciphertext that was read.
type cipher struct{ alpha, beta element }

func (c *cipher) mul(x, y *cipher) {
	c.alpha.mul(&x.alpha, &y.alpha)
	c.beta.mul(&x.beta, &y.beta)
}

// sum is the product of ciphers: the cipher of the sum.
func sum(ciphers []cipher) cipher {
	total := cipher{one, one}
	for i := range ciphers {
		total.mul(&total, &ciphers[i])
	}
	return total
}

func (a *answerJSON) ciphers() ([]cipher, error) {
	ciphers := make([]cipher, len(a.Choices))
	for i, choice := range a.Choices {
		var err error
		if ciphers[i].alpha, err = parseResidue(choice.Alpha); err != nil {
			return nil, err
		}
		if ciphers[i].beta, err = parseResidue(choice.Beta); err != nil {
			return nil, err
		}
	}
	return ciphers, nil
}

// readBallot reads the form of a ballot, and the part of it that is signed.
func (e *Election) readBallot(raw []byte) (*ballotJSON, []byte, error) {
	if err := bounded("a ballot", raw, mostBallotSize); err != nil {
		return nil, nil, err
	}
	var j ballotJSON
	if err := read("the ballot", raw, &j); err != nil {
		return nil, nil, err
	}
	unsigned := j.unsigned()
	if err := canonical("the ballot", raw, j.signed(unsigned)); err != nil {
		return nil, nil, err
	}
	if j.ElectionUUID != e.UUID || j.ElectionHash != e.fingerprint {
		return nil, nil, refuse(WrongElection, "the ballot is for another election")
	}
	return &j, unsigned, e.checkShape(&j)
}

// checkShape counts the answers, cells and proofs.
func (e *Election) checkShape(j *ballotJSON) error {
	if len(j.Answers) != len(e.Questions) {
		return refuse(WrongShape, "the ballot answers %d questions of %d", len(j.Answers), len(e.Questions))
	}
	for i, q := range e.Questions {
		a := &j.Answers[i]
		blank := 0
		if q.Blank {
			blank = 2
		}
		right := len(a.Choices) == q.Cells() && len(a.IndividualProofs) == q.Cells() &&
			len(a.OverallProof) == q.overall() &&
			len(a.BlankProof) == blank && (a.BlankProof != nil) == q.Blank
		for _, proofs := range a.IndividualProofs {
			right = right && len(proofs) == 2
		}
		if !right {
			return refuse(WrongShape, "answer %d has not the cells and proofs of its question", i+1)
		}
	}
	return nil
}

// CheckBallot reads a ballot and checks everything that needs no other ballot: canonical
// form, election, subgroup, proofs, signature. It does not look whether the credential
// is on the list.
func (e *Election) CheckBallot(raw []byte) (*Ballot, error) {
	j, unsigned, err := e.readBallot(raw)
	if err != nil {
		return nil, err
	}
	if err := j.checkSignature(unsigned); err != nil {
		return nil, err
	}
	b := &Ballot{Credential: j.Credential, Tracker: digest(raw), Raw: raw}
	for i, q := range e.Questions {
		ciphers, err := e.checkAnswer(q, &j.Answers[i], e.fingerprint+"|"+j.Credential)
		if err != nil {
			return nil, err
		}
		b.answers = append(b.answers, ciphers)
	}
	return b, nil
}

// checkSignature checks A = g^response·C^challenge, challenge = H("sig|h|"; A), with h
// the digest of what is signed.
func (j *ballotJSON) checkSignature(unsigned []byte) error {
	credential, err := parseResidue(j.Credential)
	if err != nil {
		return err
	}
	p, err := parseProof(j.Signature.Proof.Challenge, j.Signature.Proof.Response)
	if err != nil {
		return err
	}
	hash := digest(unsigned)
	valid, member := known(&credential, &p, signaturePrefix(hash))
	switch {
	case !member:
		return refuse(OutsideGroup, "the credential of the ballot is outside the group")
	case !valid || hash != j.Signature.Hash:
		return refuse(WrongSignature, "the signature of the ballot is wrong")
	}
	return nil
}

func signaturePrefix(hash string) string { return "sig|" + hash + "|" }

// checkAnswer checks the proofs of one question; s0 is φ|C.
func (e *Election) checkAnswer(q Question, a *answerJSON, s0 string) ([]cipher, error) {
	ciphers, err := a.ciphers()
	if err != nil {
		return nil, err
	}
	for i := range ciphers {
		branches := []branch{{cipher: &ciphers[i], value: 0}, {cipher: &ciphers[i], value: 1}}
		if err := parseBranches(branches, a.IndividualProofs[i]); err != nil {
			return nil, err
		}
		prefix := "prove|" + s0 + "|" + a.Choices[i].Alpha + "," + a.Choices[i].Beta + "|"
		valid, member := e.checkDisjunction(prefix, branches, true)
		switch {
		case !member:
			return nil, refuse(OutsideGroup, "a cell of the ballot is outside the group")
		case !valid:
			return nil, refuse(WrongProof, "the proof that a cell holds 0 or 1 is wrong")
		}
	}
	return ciphers, e.checkOverall(q, a, ciphers, s0+"|"+joined(a.Choices))
}

// joined is α1,β1,…,αn,βn.
func joined(choices []cipherJSON) string {
	var digits []string
	for _, c := range choices {
		digits = append(digits, c.Alpha, c.Beta)
	}
	return strings.Join(digits, ",")
}

// checkOverall checks what is proved of the sum of an answer.
func (e *Election) checkOverall(q Question, a *answerJSON, ciphers []cipher, s string) error {
	prefix, branches, blank := overall(q, ciphers, s)
	if err := parseBranches(branches, a.OverallProof); err != nil {
		return err
	}
	if valid, _ := e.checkDisjunction(prefix, branches, false); !valid {
		return refuse(WrongProof, "the proof of the number of choices is wrong")
	}
	if !q.Blank {
		return nil
	}
	if err := parseBranches(blank, a.BlankProof); err != nil {
		return err
	}
	if valid, _ := e.checkDisjunction("bproof0|"+s+"|", blank, false); !valid {
		return refuse(WrongProof, "the proof that blank goes with no name is wrong")
	}
	return nil
}

// overall returns the branches of the overall proof and of the proof of a blank vote.
// Without a blank cell: Σ ∈ min..max. With one, and Σ that of the other cells:
// m0=1 ∨ Σ∈min..max, and m0=0 ∨ Σ=0.
func overall(q Question, ciphers []cipher, s string) (prefix string, branches, blank []branch) {
	names := ciphers
	if q.Blank {
		names = ciphers[1:]
	}
	total := sum(names)
	if q.Blank {
		prefix = "bproof1|" + s + "|"
		branches = append(branches, branch{cipher: &ciphers[0], value: 1})
		blank = []branch{{cipher: &ciphers[0], value: 0}, {cipher: &total, value: 0}}
	} else {
		prefix = "prove|" + s + "|" + total.alpha.decimal() + "," + total.beta.decimal() + "|"
	}
	for value := q.Min; value <= q.Max; value++ {
		branches = append(branches, branch{cipher: &total, value: value})
	}
	return prefix, branches, blank
}

// A branch is one side of a disjunction: cipher is that of value.
type branch struct {
	cipher *cipher
	value  int
	proof  proof
	secret *big.Int // r such that α = g^r, for who encrypts
	holds  int      // what the cipher holds, for who encrypts
}

func parseBranches(branches []branch, proofs []proofJSON) (err error) {
	for i, p := range proofs {
		if branches[i].proof, err = parseProof(p.Challenge, p.Response); err != nil {
			return err
		}
	}
	return nil
}

// checkDisjunction checks that Σ challenge_j = H(prefix; A0,B0,…,Ak,Bk), where
// A_j = g^response_j·α^challenge_j and B_j = y^response_j·(β/g^value)^challenge_j.
// When asked, it says too whether the cipher of the branches, then the same one, is in
// the group: the squarings are those of the proofs.
func (e *Election) checkDisjunction(prefix string, branches []branch, membership bool) (valid, member bool) {
	commitments := make([]cipher, len(branches))
	total := new(big.Int)
	for i := range branches {
		b, c := &branches[i], &commitments[i]
		*c = cipher{one, one}
		generator().public.mulPower(&c.alpha, &b.proof.response)
		e.y().public.mulPower(&c.beta, &b.proof.response)
		drawn := b.proof.challenge.big()
		total.Add(total, drawn)
		if b.value != 0 {
			drawn.Mul(drawn, big.NewInt(int64(-b.value)))
			s := toScalar(mod(drawn))
			generator().public.mulPower(&c.beta, &s)
		}
	}
	member = true
	for from := 0; from < len(branches); {
		to := from + 1
		for to < len(branches) && branches[to].cipher == branches[from].cipher {
			to++
		}
		member = raise(branches[from:to], commitments[from:to], membership) && member
		from = to
	}
	decimals := make([]string, 0, 2*len(branches))
	for i := range commitments {
		decimals = append(decimals, commitments[i].alpha.decimal(), commitments[i].beta.decimal())
	}
	return mod(total).Cmp(challenge(prefix, decimals)) == 0, member
}

// raise multiplies commitments by α^challenge and β^challenge, for branches of one
// cipher.
func raise(branches []branch, commitments []cipher, membership bool) (member bool) {
	var alphas, betas []*element
	var exponents []*scalar
	for i := range branches {
		alphas = append(alphas, &commitments[i].alpha)
		betas = append(betas, &commitments[i].beta)
		exponents = append(exponents, &branches[i].proof.challenge)
	}
	powers := cipher{one, one}
	if membership {
		alphas, betas = append(alphas, &powers.alpha), append(betas, &powers.beta)
		exponents = append(exponents, &order)
	}
	c := branches[0].cipher
	mulPowers(alphas, &c.alpha, exponents...)
	mulPowers(betas, &c.beta, exponents...)
	return powers.alpha.equal(&one) && powers.beta.equal(&one)
}
