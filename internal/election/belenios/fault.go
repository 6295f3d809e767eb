package belenios

import (
	"errors"
	"fmt"
)

// Fault is the kind of an Error: what was refused.
type Fault string

// What may be wrong with what was read.
const (
	Malformed         Fault = "malformed"          // not the JSON, the number or the file expected
	NotCanonical      Fault = "not-canonical"      // the same value has another, prescribed form
	TooLarge          Fault = "too-large"          // beyond the bounds of this package
	OutsideGroup      Fault = "outside-group"      // not 0 < x < p with x^q = 1
	OutOfRange        Fault = "out-of-range"       // a challenge or response that is not below q
	WrongParameters   Fault = "wrong-parameters"   // version, group, questions or key of an election
	WrongPossession   Fault = "wrong-possession"   // a trustee's proof of possession
	BadCode           Fault = "bad-code"           // a mistyped private code
	BadChoices        Fault = "bad-choices"        // choices that the question does not allow
	BadCredentials    Fault = "bad-credentials"    // a list not sorted, or with one twice
	WrongElection     Fault = "wrong-election"     // a ballot for another election
	WrongShape        Fault = "wrong-shape"        // not the number of cells, proofs, owners expected
	WrongProof        Fault = "wrong-proof"        // of a choice or of a sum
	WrongSignature    Fault = "wrong-signature"    // of a ballot
	UnknownCredential Fault = "unknown-credential" // not on the list
	DuplicateBallot   Fault = "duplicate-ballot"   // the same ballot twice
	WrongChain        Fault = "wrong-chain"        // parent, height or payload of an event
	WrongOrder        Fault = "wrong-order"        // an event that may not come there
	WrongTally        Fault = "wrong-tally"        // the recorded sum is not that of the ballots
	WrongPartial      Fault = "wrong-partial"      // the proof of a partial decryption
	WrongResult       Fault = "wrong-result"       // not what the sum opens to
)

// NoHeight is the Height of an error that is about no event of an archive.
const NoHeight = -1

// Error says what was refused, in English; callers choose their own words by Fault.
type Error struct {
	Fault  Fault
	Height int // of the event in the archive, or NoHeight
	Detail string
}

// Error is the message.
func (e *Error) Error() string {
	if e.Height == NoHeight {
		return "belenios: " + e.Detail
	}
	return fmt.Sprintf("belenios: event %d: %s", e.Height, e.Detail)
}

// FaultOf is the fault of an error of this package, or "".
func FaultOf(err error) Fault {
	var e *Error
	if errors.As(err, &e) {
		return e.Fault
	}
	return ""
}

func refuse(fault Fault, format string, args ...any) *Error {
	return &Error{fault, NoHeight, fmt.Sprintf(format, args...)}
}

// atHeight adds to an error the event it is about.
func atHeight(height int, err error) error {
	var e *Error
	if errors.As(err, &e) && e.Height == NoHeight {
		return &Error{e.Fault, height, e.Detail}
	}
	return err
}
