package belenios

import (
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"strings"
)

// mostKeySize bounds the JSON of one key.
const mostKeySize = 4096

// proofPrefix is what the proof of possession of X is about.
func proofPrefix(publicKey string) string { return "pok|" + groupName + "|" + publicKey + "|" }

// NewTrustee makes a pair of keys: X = g^x, and the proof that x is known.
func NewTrustee() (PrivateKey, Trustee, error) {
	k := PrivateKey{Number{*randomScalar()}}
	return k, k.Trustee(), nil
}

// Trustee is the public part of k, with a new proof that it is known: A = g^w,
// challenge = H("pok|BELENIOS-2048|X|"; A), response = w − x·challenge.
func (k PrivateKey) Trustee() Trustee {
	public := k.Public()
	return Trustee{PoK: prove(&k.X.Int, proofPrefix(public.String())), PublicKey: public}
}

// prove is the Schnorr proof that x is known, on g.
func prove(x *big.Int, prefix string) Proof {
	w := randomScalar()
	var commitment element
	s := toScalar(w)
	generator().secret.secretPower(&commitment, &s)
	c := challenge(prefix, []string{commitment.decimal()})
	r := new(big.Int).Mul(x, c)
	return Proof{Number{*c}, Number{*mod(r.Sub(w, r))}}
}

// A proof is a Proof that was read: both numbers are below q.
type proof struct{ challenge, response scalar }

func parseProof(challenge, response string) (p proof, err error) {
	if p.challenge, err = parseScalar(challenge); err != nil {
		return p, err
	}
	p.response, err = parseScalar(response)
	return p, err
}

// parsed reads the numbers of a Proof.
func (p Proof) parsed() (proof, error) { return parseProof(p.Challenge.String(), p.Response.String()) }

// known checks a Schnorr proof on g: A = g^response·X^challenge hashes to challenge.
// It says too whether X is in the group.
func known(public *element, p *proof, prefix string) (valid, member bool) {
	commitment, power := one, one
	generator().public.mulPower(&commitment, &p.response)
	mulPowers([]*element{&commitment, &power}, public, &p.challenge, &order)
	c := toScalar(challenge(prefix, []string{commitment.decimal()}))
	return c == p.challenge, power.equal(&one)
}

// check verifies the form of a key and its proof of possession.
func (t Trustee) check() error {
	digits := t.PublicKey.String()
	public, err := parseResidue(digits)
	if err != nil {
		return err
	}
	p, err := t.PoK.parsed()
	if err != nil {
		return err
	}
	valid, member := known(&public, &p, proofPrefix(digits))
	switch {
	case !member:
		return refuse(OutsideGroup, "a trustee's key is outside the group")
	case public.equal(&one):
		return refuse(WrongParameters, "a trustee's key is 1")
	case !valid:
		return refuse(WrongPossession, "a trustee's proof of possession is wrong")
	}
	return nil
}

// checkTrustees checks each key, and that no two are the same: somebody would have
// copied the key and proof of another.
func checkTrustees(trustees []Trustee) error {
	if len(trustees) == 0 || len(trustees) > mostTrustees {
		return refuse(WrongParameters, "an election has %d trustees", len(trustees))
	}
	seen := make(map[string]bool)
	for _, t := range trustees {
		if err := t.check(); err != nil {
			return err
		}
		digits := t.PublicKey.String()
		if seen[digits] {
			return refuse(WrongParameters, "two trustees have the same key")
		}
		seen[digits] = true
	}
	return nil
}

// jointKey is y = ∏X.
func jointKey(trustees []Trustee) (element, error) {
	y := one
	for _, t := range trustees {
		x, err := parseResidue(t.PublicKey.String())
		if err != nil {
			return y, err
		}
		y.mul(&y, &x)
	}
	return y, nil
}

// ParseTrustee reads a public key and checks its proof of possession. A line break
// around it, as belenios-tool leaves one, is no part of it.
func ParseTrustee(raw []byte) (Trustee, error) {
	var t Trustee
	if err := bounded("a public key", raw, mostKeySize); err != nil {
		return t, err
	}
	raw = []byte(strings.TrimSpace(string(raw)))
	if err := read("the public key", raw, &t); err != nil {
		return Trustee{}, err
	}
	if err := canonical("the public key", raw, t.Raw()); err != nil {
		return Trustee{}, err
	}
	if err := t.check(); err != nil {
		return Trustee{}, err
	}
	return t, nil
}

// Raw is the public key as JSON, which ParseTrustee reads.
func (t Trustee) Raw() []byte { return appendTrustee(nil, t) }

func appendTrustee(b []byte, t Trustee) []byte {
	b = appendProof(append(b, `{"pok":`...), t.PoK)
	return append(appendNumber(append(b, `,"public_key":`...), t.PublicKey), '}')
}

// Fingerprint is the first twelve hexadecimal digits, in groups of four, of the SHA-256
// of the decimal public key: what is read aloud at the ceremony.
func (t Trustee) Fingerprint() string {
	sum := sha256.Sum256([]byte(t.PublicKey.String()))
	digits := hex.EncodeToString(sum[:6])
	return digits[:4] + " " + digits[4:8] + " " + digits[8:]
}

// trusteesJSON is the trustees.json: each of them mandatory.
func trusteesJSON(trustees []Trustee) []byte {
	return appendList(nil, trustees, func(b []byte, t Trustee) []byte {
		return append(appendTrustee(append(b, `["Single",`...), t), ']')
	})
}

// single is one line of a trustees.json.
type single struct{ Trustee }

// UnmarshalJSON reads ["Single",{…}].
func (s *single) UnmarshalJSON(raw []byte) error {
	var kind string
	pair := []any{&kind, &s.Trustee}
	if err := read("a trustee", raw, &pair); err != nil {
		return err
	}
	if len(pair) != 2 || kind != "Single" {
		return refuse(WrongParameters, "a trustee is not mandatory")
	}
	return nil
}

// parseTrustees reads a trustees.json and checks it against the key of the election.
func parseTrustees(raw []byte, e *Election) ([]Trustee, error) {
	if err := bounded("the trustees", raw, mostTrustees*mostKeySize); err != nil {
		return nil, err
	}
	var list []single
	if err := read("the trustees", raw, &list); err != nil {
		return nil, err
	}
	trustees := make([]Trustee, len(list))
	for i, s := range list {
		trustees[i] = s.Trustee
	}
	if err := canonical("the list of trustees", raw, trusteesJSON(trustees)); err != nil {
		return nil, err
	}
	return trustees, e.checkKey(trustees)
}

// checkKey verifies the trustees and that the key of the election is the product of
// theirs.
func (e *Election) checkKey(trustees []Trustee) error {
	if err := checkTrustees(trustees); err != nil {
		return err
	}
	y, err := jointKey(trustees)
	if err != nil {
		return err
	}
	if y.decimal() != e.PublicKey.String() {
		return refuse(WrongParameters, "the key of the election is not that of its trustees")
	}
	return nil
}

// ParsePrivateKey reads the secret of a trustee, spaces around it left aside.
func ParsePrivateKey(raw []byte) (PrivateKey, error) {
	if err := bounded("a private key", raw, mostKeySize); err != nil {
		return PrivateKey{}, err
	}
	var x Number
	if err := read("the private key", raw, &x); err != nil {
		return PrivateKey{}, err
	}
	if x.Sign() == 0 || x.Cmp(groupQ) >= 0 {
		return PrivateKey{}, refuse(OutOfRange, "a private key is not between 0 and q")
	}
	return PrivateKey{x}, nil
}

// Raw is the private key as JSON, which ParsePrivateKey reads.
func (k PrivateKey) Raw() []byte { return appendNumber(nil, k.X) }

// Public is the public key of k, without proof.
func (k PrivateKey) Public() Number {
	var public element
	s := toScalar(&k.X.Int)
	generator().secret.secretPower(&public, &s)
	return public.number()
}
