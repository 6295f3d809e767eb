package belenios

import (
	"bytes"
	"encoding/json"
	"math/big"
	"unicode/utf8"
)

// Lengths of the largest numbers in base 10.
const (
	elementDigits = 617 // p
	scalarDigits  = 77  // q
)

// String is the number in base 10.
func (n Number) String() string { return n.Text(10) }

// Text is the number in that base.
func (n Number) Text(base int) string { return n.Int.Text(base) }

// MarshalJSON writes a string of base-10 digits.
func (n Number) MarshalJSON() ([]byte, error) {
	return append(n.Append([]byte{'"'}, 10), '"'), nil
}

// UnmarshalJSON reads a string of base-10 digits: no sign, no leading zero, no more
// digits than p has.
func (n *Number) UnmarshalJSON(raw []byte) error {
	if len(raw) < 2 || raw[0] != '"' || raw[len(raw)-1] != '"' {
		return refuse(Malformed, "a number is a string of digits")
	}
	x, err := parseNumber(string(raw[1:len(raw)-1]), elementDigits)
	if err != nil {
		return err
	}
	n.Int = *x
	return nil
}

// parseNumber reads canonical base 10. Its length is looked at first.
func parseNumber(digits string, most int) (*big.Int, error) {
	if len(digits) == 0 {
		return nil, refuse(Malformed, "a number has no digit")
	}
	if len(digits) > most {
		return nil, refuse(OutOfRange, "a number has %d digits, more than %d", len(digits), most)
	}
	for _, d := range []byte(digits) {
		if d < '0' || d > '9' {
			return nil, refuse(Malformed, "a number holds something else than digits")
		}
	}
	if digits[0] == '0' && len(digits) > 1 {
		return nil, refuse(NotCanonical, "a number begins with a zero")
	}
	x, _ := new(big.Int).SetString(digits, 10)
	return x, nil
}

// parseScalar reads a challenge or a response: 0 ≤ x < q.
func parseScalar(digits string) (scalar, error) {
	x, err := parseNumber(digits, scalarDigits)
	if err != nil {
		return scalar{}, err
	}
	if x.Cmp(groupQ) >= 0 {
		return scalar{}, refuse(OutOfRange, "a challenge or response is not below q")
	}
	return toScalar(x), nil
}

// parseResidue reads a number that may be an element: 0 < x < p. That it is in the
// group is left to inGroup.
func parseResidue(digits string) (z element, err error) {
	x, err := parseNumber(digits, elementDigits)
	if FaultOf(err) == OutOfRange {
		return z, refuse(OutsideGroup, "an element is not below p")
	}
	if err != nil {
		return z, err
	}
	if x.Sign() == 0 || x.Cmp(groupP) >= 0 {
		return z, refuse(OutsideGroup, "an element is not between 0 and p")
	}
	z.set(x)
	return z, nil
}

// parseElement reads an element of the group.
func parseElement(digits string) (element, error) {
	z, err := parseResidue(digits)
	if err == nil && !inGroup(&z) {
		err = refuse(OutsideGroup, "an element is outside the group")
	}
	return z, err
}

// bounded says whether raw is too long to be read.
func bounded(what string, raw []byte, most int) error {
	if len(raw) > most {
		return refuse(TooLarge, "%s of %d bytes, more than %d", what, len(raw), most)
	}
	return nil
}

// read decodes JSON into value. What it tolerates (other members, spaces, order) is
// refused by canonical afterwards.
func read(what string, raw []byte, value any) error {
	if !utf8.Valid(raw) {
		return refuse(Malformed, "%s is not UTF-8", what)
	}
	if err := json.Unmarshal(raw, value); err != nil {
		if FaultOf(err) != "" {
			return err
		}
		return refuse(Malformed, "%s cannot be read: %v", what, err)
	}
	return nil
}

// canonical tells that raw is how what was read from it is written.
func canonical(what string, raw, written []byte) error {
	if !bytes.Equal(raw, written) {
		return refuse(NotCanonical, "%s is not in its canonical form", what)
	}
	return nil
}

// appendString writes a JSON string as belenios-tool does: nothing is escaped but what
// must be, and DEL.
func appendString(b []byte, s string) []byte {
	const hexadecimal = "0123456789abcdef"
	b = append(b, '"')
	for _, c := range []byte(s) {
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\b':
			b = append(b, `\b`...)
		case c == '\f':
			b = append(b, `\f`...)
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\r':
			b = append(b, `\r`...)
		case c == '\t':
			b = append(b, `\t`...)
		case c < 0x20 || c == 0x7f:
			b = append(b, '\\', 'u', '0', '0', hexadecimal[c>>4], hexadecimal[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// appendList writes a JSON array.
func appendList[T any](b []byte, list []T, one func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, x := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(b, x)
	}
	return append(b, ']')
}

func appendLists[T any](b []byte, lists [][]T, one func([]byte, T) []byte) []byte {
	return appendList(b, lists, func(b []byte, list []T) []byte { return appendList(b, list, one) })
}

func appendNumber(b []byte, n Number) []byte { return append(n.Append(append(b, '"'), 10), '"') }

func appendProof(b []byte, p Proof) []byte {
	b = appendNumber(append(b, `{"challenge":`...), p.Challenge)
	b = appendNumber(append(b, `,"response":`...), p.Response)
	return append(b, '}')
}

func appendCiphertext(b []byte, c Ciphertext) []byte {
	b = appendNumber(append(b, `{"alpha":`...), c.Alpha)
	b = appendNumber(append(b, `,"beta":`...), c.Beta)
	return append(b, '}')
}
