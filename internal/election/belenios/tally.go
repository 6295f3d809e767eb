package belenios

import (
	"bytes"
	"math/big"
	"slices"
	"strconv"
)

const mostTallySize = 32 << 20

// last are the ballots that count: the last one of each credential, in order.
func last(ballots []*Ballot) []*Ballot {
	place := make(map[string]int, len(ballots))
	for i, b := range ballots {
		place[b.Credential] = i
	}
	var kept []*Ballot
	for i, b := range ballots {
		if place[b.Credential] == i {
			kept = append(kept, b)
		}
	}
	return kept
}

// Tally adds up ballots, the last one of each credential: the product of their
// ciphertexts, cell by cell.
func (e *Election) Tally(ballots []*Ballot) Tally {
	total := make([][]cipher, len(e.Questions))
	for i, q := range e.Questions {
		total[i] = slices.Repeat([]cipher{{one, one}}, q.Cells())
	}
	for _, b := range last(ballots) {
		for i := range total {
			for j := range total[i] {
				total[i][j].mul(&total[i][j], &b.answers[i][j])
			}
		}
	}
	tally := make(Tally, len(total))
	for i := range total {
		for j := range total[i] {
			c := &total[i][j]
			tally[i] = append(tally[i], Ciphertext{c.alpha.number(), c.beta.number()})
		}
	}
	return tally
}

// Raw is the sum as JSON, as it is in an archive.
func (t Tally) Raw() []byte { return appendLists(nil, t, appendCiphertext) }

// ParseTally reads what Raw writes. It does not compare with any ballot.
func (e *Election) ParseTally(raw []byte) (Tally, error) {
	if err := bounded("a tally", raw, mostTallySize); err != nil {
		return nil, err
	}
	var t Tally
	if err := read("the tally", raw, &t); err != nil {
		return nil, err
	}
	if err := canonical("the tally", raw, t.Raw()); err != nil {
		return nil, err
	}
	_, err := e.ciphers(t)
	return t, err
}

// ciphers are the cells of a tally, as many as the questions have.
func (e *Election) ciphers(t Tally) ([][]cipher, error) {
	if len(t) != len(e.Questions) {
		return nil, refuse(WrongShape, "the tally is of %d questions of %d", len(t), len(e.Questions))
	}
	all := make([][]cipher, len(t))
	for i, q := range e.Questions {
		if len(t[i]) != q.Cells() {
			return nil, refuse(WrongShape, "the tally has %d cells of %d", len(t[i]), q.Cells())
		}
		all[i] = make([]cipher, len(t[i]))
		for j, c := range t[i] {
			var err error
			if all[i][j].alpha, err = parseElement(c.Alpha.String()); err != nil {
				return nil, err
			}
			if all[i][j].beta, err = parseElement(c.Beta.String()); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

func (p *Partial) raw() []byte {
	b := appendLists([]byte(`{"decryption_factors":`), p.Factors, appendNumber)
	return append(appendLists(append(b, `,"decryption_proofs":`...), p.Proofs, appendProof), '}')
}

// decryptionPrefix is what the proof of a partial decryption by X is about.
func (e *Election) decryptionPrefix(publicKey string) string {
	return "decrypt|" + e.fingerprint + "|" + publicKey + "|"
}

// Decrypt makes the partial decryption of a trustee, as JSON: F = α^x for each cell, and
// the proof that it is with the x of X = g^x: A = g^w, B = α^w,
// challenge = H("decrypt|φ|X|"; A,B), response = w − x·challenge.
func (e *Election) Decrypt(t Tally, key PrivateKey) ([]byte, error) {
	cells, err := e.ciphers(t)
	if err != nil {
		return nil, err
	}
	if key.X.Sign() <= 0 || key.X.Cmp(groupQ) >= 0 {
		return nil, refuse(OutOfRange, "a private key is not between 0 and q")
	}
	prefix := e.decryptionPrefix(key.Public().String())
	p := &Partial{Factors: make([][]Number, len(cells)), Proofs: make([][]Proof, len(cells))}
	for i := range cells {
		for j := range cells[i] {
			factor, proof := decryptCell(&cells[i][j].alpha, &key.X.Int, prefix)
			p.Factors[i] = append(p.Factors[i], factor)
			p.Proofs[i] = append(p.Proofs[i], proof)
		}
	}
	return p.raw(), nil
}

func decryptCell(alpha *element, x *big.Int, prefix string) (Number, Proof) {
	factor := secretPower(alpha, x)
	w := randomScalar()
	s := toScalar(w)
	var a element
	generator().secret.secretPower(&a, &s)
	b := secretPower(alpha, w)
	c := challenge(prefix, []string{a.decimal(), b.decimal()})
	r := new(big.Int).Mul(x, c)
	return factor.number(), Proof{Number{*c}, Number{*mod(r.Sub(w, r))}}
}

// CleanPartial is the partial decryption in what somebody pastes: the first line, since
// belenios-tool prints a second one, which tells the owner.
func CleanPartial(typed []byte) []byte {
	first, _, _ := bytes.Cut(bytes.TrimSpace(typed), []byte("\n"))
	return bytes.TrimSpace(first)
}

// CheckPartial reads a partial decryption and checks its proofs for a trustee:
// A = g^response·X^challenge, B = α^response·F^challenge hash to challenge. It reads
// nothing but what the archive will hold: see CleanPartial.
func (e *Election) CheckPartial(t Tally, by Trustee, raw []byte) (*Partial, error) {
	if err := bounded("a partial decryption", raw, mostTallySize); err != nil {
		return nil, err
	}
	var p Partial
	if err := read("the partial decryption", raw, &p); err != nil {
		return nil, err
	}
	if err := canonical("the partial decryption", raw, p.raw()); err != nil {
		return nil, err
	}
	cells, err := e.ciphers(t)
	if err != nil {
		return nil, err
	}
	right := len(p.Factors) == len(cells) && len(p.Proofs) == len(cells)
	for i := 0; right && i < len(cells); i++ {
		right = len(p.Factors[i]) == len(cells[i]) && len(p.Proofs[i]) == len(cells[i])
	}
	if !right {
		return nil, refuse(WrongShape, "the partial decryption has not the cells of the tally")
	}
	digits := by.PublicKey.String()
	public, err := parseElement(digits)
	if err != nil {
		return nil, err
	}
	return &p, p.check(cells, &public, e.decryptionPrefix(digits))
}

func (p *Partial) check(cells [][]cipher, public *element, prefix string) error {
	for i := range cells {
		err := inParallel(len(cells[i]), func(j int) error {
			factor, err := parseResidue(p.Factors[i][j].String())
			if err != nil {
				return err
			}
			proof, err := p.Proofs[i][j].parsed()
			if err != nil {
				return err
			}
			a, b, power := one, one, one
			generator().public.mulPower(&a, &proof.response)
			mulPowers([]*element{&a}, public, &proof.challenge)
			mulPowers([]*element{&b}, &cells[i][j].alpha, &proof.response)
			mulPowers([]*element{&b, &power}, &factor, &proof.challenge, &order)
			if !power.equal(&one) {
				return refuse(OutsideGroup, "a decryption factor is outside the group")
			}
			if toScalar(challenge(prefix, []string{a.decimal(), b.decimal()})) != proof.challenge {
				return refuse(WrongPartial, "the proof of a partial decryption is wrong")
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Result opens the sum with the partial decryptions of all trustees: the counts of each
// cell, at most ballots. v is such that g^v = β/∏F.
func (e *Election) Result(t Tally, partials []*Partial, ballots int) ([][]int, error) {
	cells, err := e.ciphers(t)
	if err != nil {
		return nil, err
	}
	powers := make(map[element]int, ballots+1)
	var g element
	g.set(groupG)
	power := one
	for v := 0; v <= min(ballots, mostVoters); v++ {
		powers[power] = v
		power.mul(&power, &g)
	}
	counts := make([][]int, len(cells))
	for i := range cells {
		for j := range cells[i] {
			product := one
			for _, p := range partials {
				if len(p.Factors) != len(cells) || len(p.Factors[i]) != len(cells[i]) {
					return nil, refuse(WrongShape, "a partial decryption has not the cells of the tally")
				}
				factor, err := parseResidue(p.Factors[i][j].String())
				if err != nil {
					return nil, err
				}
				product.mul(&product, &factor)
			}
			product.invert(&product)
			product.mul(&product, &cells[i][j].beta)
			v, ok := powers[product]
			if !ok {
				return nil, refuse(WrongResult, "the sum does not open to a number of at most %d votes", ballots)
			}
			counts[i] = append(counts[i], v)
		}
	}
	return counts, nil
}

// resultJSON is {"result":[[…],…]}.
func resultJSON(counts [][]int) []byte {
	return append(appendLists([]byte(`{"result":`), counts, func(b []byte, v int) []byte {
		return strconv.AppendInt(b, int64(v), 10)
	}), '}')
}
