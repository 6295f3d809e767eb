// Package belenios is the ballot protocol of the election: Belenios version 1 on the
// group BELENIOS-2048, with trustees who are all mandatory. It is pure: no SQL, no
// HTTP, no clock, nothing of the portal. The formulas are those of
// ../shared/election.md, §2 and §3; Debian's belenios-tool reads what it writes, and
// it reads what the tool writes.
package belenios

import (
	"context"
	"io"
	"math/big"
)

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

// Cells is the number of cells of the choices to the question.
func (q Question) Cells() int { panic("belenios: Cells") }

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
}

// NewElection returns an election of those trustees, and its raw form.
func NewElection(uuid, name, description string, trustees []Trustee, questions []Question) (*Election, error) {
	panic("belenios: NewElection")
}

// ParseElection reads an election.json.
func ParseElection(raw []byte) (*Election, error) { panic("belenios: ParseElection") }

// Fingerprint is φ, the base64 of the SHA-256 of Raw, without padding.
func (e *Election) Fingerprint() string { panic("belenios: Fingerprint") }

// NewUUID returns a random identifier of an election, as belenios-tool makes them.
func NewUUID() string { panic("belenios: NewUUID") }

// Trustee is the public part of a key: the ID.pubkey file of belenios-tool.
type Trustee struct {
	PoK       Proof  `json:"pok"`
	PublicKey Number `json:"public_key"`
}

// PrivateKey is the secret of a trustee: the ID.privkey file. The portal never has one,
// but in tests and in the demonstration.
type PrivateKey struct{ X Number }

// NewTrustee makes a pair of keys.
func NewTrustee() (PrivateKey, Trustee, error) { panic("belenios: NewTrustee") }

// ParseTrustee reads a public key and checks its proof of possession.
func ParseTrustee(raw []byte) (Trustee, error) { panic("belenios: ParseTrustee") }

// Raw is the public key as JSON, which ParseTrustee reads.
func (t Trustee) Raw() []byte { panic("belenios: Raw") }

// Fingerprint is the first twelve hexadecimal digits, in groups of four, of the SHA-256
// of the decimal public key: what is read aloud at the ceremony.
func (t Trustee) Fingerprint() string { panic("belenios: Fingerprint") }

// ParsePrivateKey reads the secret of a trustee.
func ParsePrivateKey(raw []byte) (PrivateKey, error) { panic("belenios: ParsePrivateKey") }

// NewCode returns a new private code of a voter, in groups separated by dashes, with a
// checksum digit.
func NewCode() string { panic("belenios: NewCode") }

// CleanCode puts a typed code in its form (case is kept: digits are base 58; spaces and
// dashes are free), or says that it was mistyped.
func CleanCode(typed string) (string, error) { panic("belenios: CleanCode") }

// PublicCredential is the public part of a code for one election, in base 10.
func PublicCredential(code, uuid string) string { panic("belenios: PublicCredential") }

// CredentialsJSON returns public credentials sorted, as they are in an archive.
func CredentialsJSON(credentials []string) []byte { panic("belenios: CredentialsJSON") }

// ParseCredentials reads public credentials and checks that each is in the group, that
// they are sorted and distinct.
func ParseCredentials(raw []byte) ([]string, error) { panic("belenios: ParseCredentials") }

// Encrypt makes a ballot: the choices of each question, its cells in order (0 or 1,
// the blank cell first when there is one), encrypted, proved and signed with the code.
func (e *Election) Encrypt(code string, choices [][]int) ([]byte, error) {
	panic("belenios: Encrypt")
}

// Ballot is a ballot that was read.
type Ballot struct {
	Credential string // public credential, base 10
	Tracker    string // base64 of the SHA-256 of Raw, without padding: 43 characters
	Raw        []byte
	answers    [][]Ciphertext
}

// CheckBallot reads a ballot and checks everything that needs no other ballot: canonical
// form, election, subgroup, proofs, signature. It does not look whether the credential
// is on the list.
func (e *Election) CheckBallot(raw []byte) (*Ballot, error) { panic("belenios: CheckBallot") }

// Ciphertext is an ElGamal ciphertext.
type Ciphertext struct {
	Alpha Number `json:"alpha"`
	Beta  Number `json:"beta"`
}

// Tally is the product of ballots, cell by cell.
type Tally [][]Ciphertext

// Tally adds up ballots, the last one of each credential.
func (e *Election) Tally(ballots []*Ballot) Tally { panic("belenios: Tally") }

// Partial is what a trustee gives to open the sum.
type Partial struct {
	Factors [][]Number `json:"decryption_factors"`
	Proofs  [][]Proof  `json:"decryption_proofs"`
}

// Decrypt makes the partial decryption of a trustee, as JSON.
func (e *Election) Decrypt(t Tally, key PrivateKey) ([]byte, error) { panic("belenios: Decrypt") }

// CheckPartial reads a partial decryption and checks its proofs for a trustee.
func (e *Election) CheckPartial(t Tally, by Trustee, raw []byte) (*Partial, error) {
	panic("belenios: CheckPartial")
}

// Result opens the sum with the partial decryptions of all trustees: the counts of each
// cell, at most ballots.
func (e *Election) Result(t Tally, partials []*Partial, ballots int) ([][]int, error) {
	panic("belenios: Result")
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

// Hash is the SHA-256 of the body.
func (r Record) Hash() [32]byte { panic("belenios: Hash") }

// Chain makes the records of an archive, one event after the other. Its zero value is
// an archive with nothing; it can be restored from the height and head kept elsewhere.
type Chain struct {
	Next int      // height of the next event
	Head [32]byte // hash of the body of the last event
}

// Setup begins an archive: election, trustees in order, public credentials.
func (c *Chain) Setup(e *Election, trustees []Trustee, credentials []byte) ([]Record, error) {
	panic("belenios: Setup")
}

// Ballot adds a ballot that CheckBallot accepted.
func (c *Chain) Ballot(raw []byte) []Record { panic("belenios: Chain.Ballot") }

// EndBallots closes the box.
func (c *Chain) EndBallots() []Record { panic("belenios: EndBallots") }

// EncryptedTally adds the sum of ballots.
func (c *Chain) EncryptedTally(t Tally, ballots int) []Record { panic("belenios: EncryptedTally") }

// PartialDecryption adds the one of a trustee (owner counts from 1).
func (c *Chain) PartialDecryption(owner int, raw []byte) []Record {
	panic("belenios: PartialDecryption")
}

// Result adds the counts.
func (c *Chain) Result(counts [][]int) []Record { panic("belenios: Chain.Result") }

// WriteArchive writes a .bel file: timestamp (Unix seconds) is that of the header and of
// every record. Each of them is written as it comes.
func WriteArchive(w io.Writer, timestamp int64, records []Record) error {
	panic("belenios: WriteArchive")
}

// ReadArchive reads a .bel file whose bytes are what WriteArchive would write.
func ReadArchive(r io.Reader) (records []Record, timestamp int64, err error) {
	panic("belenios: ReadArchive")
}

// Report is what a verification found.
type Report struct {
	Election    *Election
	Trustees    []Trustee
	Fingerprint string // of the election
	Setup       [32]byte
	Heads       [][32]byte // hash of each event, by height
	Credentials int
	Ballots     int // tallied: the last one of each credential
	Trackers    []string
	Closed      bool
	Partials    int
	Counts      [][]int // nil: no result yet
}

// Verify re-checks a whole archive with nothing but its bytes: form, chain, keys,
// credentials, every ballot, the recorded sum, partial decryptions and the result.
// Its error names the first record that is wrong, by height.
func Verify(ctx context.Context, r io.Reader) (*Report, error) { panic("belenios: Verify") }

// VerifyRecords is Verify on records.
func VerifyRecords(ctx context.Context, records []Record) (*Report, error) {
	panic("belenios: VerifyRecords")
}
