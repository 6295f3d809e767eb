// Package belenios is the ballot protocol of the election: Belenios version 1 on the
// group BELENIOS-2048, with trustees who are all mandatory. It is pure: no SQL, no
// HTTP, no clock, nothing of the portal. The formulas are those of
// ../shared/election.md, §2 and §3; Debian's belenios-tool reads what it writes, and
// it reads what the tool writes.
package belenios

import "math/big"

// Number is an element or an exponent, a string of base-10 digits in JSON.
type Number struct{ big.Int }

// Proof is a Schnorr or Chaum-Pedersen proof.
type Proof struct {
	Challenge Number `json:"challenge"`
	Response  Number `json:"response"`
}

// Question is one question of a ballot. With Blank, the first cell of the choices and
// of the result is the blank vote.
type Question struct {
	Answers  []string `json:"answers"`
	Blank    bool     `json:"blank,omitempty"`
	Min      int      `json:"min"`
	Max      int      `json:"max"`
	Question string   `json:"question"`
}

// Election is what a ballot box is about: the questions and the public key. It is
// immutable; its raw bytes are hashed in every proof.
type Election struct {
	UUID        string
	Name        string
	Description string
	PublicKey   Number
	Questions   []Question
	// Raw is the election.json as it is in the archive.
	Raw []byte

	fingerprint string
	key         *key
}

// Trustee is the public part of a key: the ID.pubkey file of belenios-tool.
type Trustee struct {
	PoK       Proof  `json:"pok"`
	PublicKey Number `json:"public_key"`
}

// PrivateKey is the secret of a trustee: the ID.privkey file. The portal never has one,
// but in tests and in the demonstration.
type PrivateKey struct{ X Number }

// Ballot is a ballot that was read.
type Ballot struct {
	Credential string // public credential, base 10
	Tracker    string // base64 of the SHA-256 of Raw, without padding: 43 characters
	Raw        []byte
	answers    [][]cipher
}

// Ciphertext is an ElGamal ciphertext.
type Ciphertext struct {
	Alpha Number `json:"alpha"`
	Beta  Number `json:"beta"`
}

// Tally is the product of ballots, cell by cell.
type Tally [][]Ciphertext

// Partial is what a trustee gives to open the sum.
type Partial struct {
	Factors [][]Number `json:"decryption_factors"`
	Proofs  [][]Proof  `json:"decryption_proofs"`
}

// RecordKind is what an archive is made of.
type RecordKind string

// The two kinds of records.
const (
	DataRecord  RecordKind = "data"
	EventRecord RecordKind = "event"
)

// Record is one file of an archive.
type Record struct {
	Kind RecordKind
	Body []byte
}

// Chain makes the records of an archive, one event after the other. Its zero value is
// an archive with nothing; it can be restored from the height and head kept elsewhere.
type Chain struct {
	Next int      // height of the next event
	Head [32]byte // hash of the body of the last event
}

// Report is what a verification found.
type Report struct {
	Election    *Election
	Trustees    []Trustee
	Fingerprint string // of the election
	Setup       [32]byte
	Heads       [][32]byte // hash of each event, by height
	Credentials int
	Posted      int      // all ballots, with those another one replaced
	Ballots     int      // tallied: the last one of each credential
	Trackers    []string // of the tallied ones, in the order of the archive
	Closed      bool
	Partials    int
	Counts      [][]int // nil: no result yet

	ballots []*Ballot
}
