package belenios

import "math/big"

// Encrypt makes a ballot: the choices of each question, its cells in order (0 or 1,
// the blank cell first when there is one), encrypted, proved and signed with the code.
// Powers with secret exponents take the same time whatever they are.
func (e *Election) Encrypt(code string, choices [][]int) ([]byte, error) {
	if len(choices) != len(e.Questions) {
		return nil, refuse(BadChoices, "choices for %d questions of %d", len(choices), len(e.Questions))
	}
	code, err := CleanCode(code)
	if err != nil {
		return nil, err
	}
	for i, q := range e.Questions {
		if err := q.checkChoices(choices[i]); err != nil {
			return nil, err
		}
	}
	secret := codeSecret(code, e.UUID)
	j := &ballotJSON{
		ElectionUUID: e.UUID, ElectionHash: e.fingerprint, Credential: publicCredential(secret),
		Answers: make([]answerJSON, len(choices)),
	}
	for i, q := range e.Questions {
		j.Answers[i] = e.answer(q, choices[i], e.fingerprint+"|"+j.Credential)
	}
	unsigned := j.unsigned()
	j.Signature.Hash = digest(unsigned)
	j.Signature.Proof = prove(secret, signaturePrefix(j.Signature.Hash)).json()
	return j.signed(unsigned), nil
}

func (p Proof) json() proofJSON { return proofJSON{p.Challenge.String(), p.Response.String()} }

// answer encrypts and proves the choices of one question; s0 is φ|C.
func (e *Election) answer(q Question, cells []int, s0 string) answerJSON {
	a := answerJSON{
		Choices:          make([]cipherJSON, len(cells)),
		IndividualProofs: make([][]proofJSON, len(cells)),
	}
	ciphers := make([]cipher, len(cells))
	secrets := make([]*big.Int, len(cells))
	names, namesSecret := 0, new(big.Int)
	for i, m := range cells {
		secrets[i] = randomScalar()
		ciphers[i] = e.encrypt(secrets[i], m)
		a.Choices[i] = cipherJSON{ciphers[i].alpha.decimal(), ciphers[i].beta.decimal()}
		if i > 0 || !q.Blank {
			names += m
			namesSecret.Add(namesSecret, secrets[i])
		}
	}
	for i, m := range cells {
		prefix := "prove|" + s0 + "|" + a.Choices[i].Alpha + "," + a.Choices[i].Beta + "|"
		a.IndividualProofs[i] = e.disjunction(prefix, []branch{
			{cipher: &ciphers[i], value: 0, secret: secrets[i], holds: m},
			{cipher: &ciphers[i], value: 1, secret: secrets[i], holds: m},
		})
	}
	s := s0 + "|" + joined(a.Choices)
	prefix, branches, blank := overall(q, ciphers, s)
	for _, list := range [][]branch{branches, blank} {
		for i := range list {
			list[i].secret, list[i].holds = mod(namesSecret), names
			if q.Blank && list[i].cipher == &ciphers[0] {
				list[i].secret, list[i].holds = secrets[0], cells[0]
			}
		}
	}
	a.OverallProof = e.disjunction(prefix, branches)
	if q.Blank {
		a.BlankProof = e.disjunction("bproof0|"+s+"|", blank)
	}
	return a
}

// encrypt is α = g^r, β = y^r·g^m.
func (e *Election) encrypt(r *big.Int, m int) (c cipher) {
	return e.commit(r, big.NewInt(int64(m)))
}

// commit is (g^r, y^r·g^u).
func (e *Election) commit(r, u *big.Int) (c cipher) {
	s, shift := toScalar(r), toScalar(u)
	var factor element
	generator().secret.secretPower(&c.alpha, &s)
	e.y().secret.secretPower(&c.beta, &s)
	generator().secret.secretPower(&factor, &shift)
	c.beta.mul(&c.beta, &factor)
	return c
}

// disjunction proves that one of the branches holds its value. A branch that does not
// is simulated: with challenge and response drawn, and since α = g^r, β = y^r·g^m,
//
//	A = g^response·α^challenge         = g^(response + r·challenge)
//	B = y^response·(β/g^M)^challenge   = y^(response + r·challenge)·g^((m−M)·challenge)
//
// so that every branch costs the same. For the one that holds, A = g^w, B = y^w,
// challenge = H(prefix; A0,B0,…) − Σ of the others, response = w − r·challenge.
func (e *Election) disjunction(prefix string, branches []branch) []proofJSON {
	holds := -1
	decimals := make([]string, 0, 2*len(branches))
	challenges, responses := make([]*big.Int, len(branches)), make([]*big.Int, len(branches))
	others := new(big.Int)
	for i, b := range branches {
		exponent, shift := randomScalar(), new(big.Int)
		responses[i] = new(big.Int).Set(exponent)
		if holds < 0 && b.holds == b.value {
			holds = i // the response is w for now
		} else {
			challenges[i] = randomScalar()
			others.Add(others, challenges[i])
			exponent = mod(exponent.Add(exponent, new(big.Int).Mul(b.secret, challenges[i])))
			shift = mod(shift.Mul(big.NewInt(int64(b.holds-b.value)), challenges[i]))
		}
		c := e.commit(exponent, shift)
		decimals = append(decimals, c.alpha.decimal(), c.beta.decimal())
	}
	own := challenge(prefix, decimals)
	challenges[holds] = mod(own.Sub(own, others))
	spent := new(big.Int).Mul(branches[holds].secret, challenges[holds])
	responses[holds] = mod(spent.Sub(responses[holds], spent))
	proofs := make([]proofJSON, len(branches))
	for i := range proofs {
		proofs[i] = proofJSON{challenges[i].Text(10), responses[i].Text(10)}
	}
	return proofs
}
