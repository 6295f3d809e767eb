package belenios

import (
	"cmp"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"math/big"
	"slices"
	"strings"
)

// base58 are the digits of identifiers and codes: neither 0, O, I nor l.
const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

const (
	uuidLength = 14

	// A code of ours has 22 digits d1…d22, the last one such that Σ i·d_i ≡ 0 modulo
	// 59. Since 59 is a prime above every digit and every place, one wrong digit
	// or two swapped ones are always detected. 21 digits are 123 bits.
	codeLength  = 22
	codeModulus = 59
	codeGroup   = 4

	// A code of belenios-tool 2.0 has 14 digits of a number v, and the digit 53 − v
	// modulo 53.
	toolLength  = 15
	toolModulus = 53
	toolGroup   = 3

	// codeRounds is the number of rounds of PBKDF2.
	codeRounds = 1000

	mostTypedCode       = 200
	mostCredentialsSize = 64 << 20
)

// randomDigits returns uniform base-58 digits.
func randomDigits(n int) []byte {
	digits := make([]byte, 0, n)
	var buffer [32]byte
	for len(digits) < n {
		rand.Read(buffer[:])
		for _, b := range buffer {
			if b < 4*58 && len(digits) < n {
				digits = append(digits, base58[b%58])
			}
		}
	}
	return digits
}

// NewUUID returns a random identifier of an election, as belenios-tool makes them.
func NewUUID() string { return string(randomDigits(uuidLength)) }

// NewCode returns a new private code of a voter: 22 base-58 digits, the last of which
// checks the others, as XXXX-XXXX-XXXX-XXXX-XXXX-XX.
func NewCode() string {
	for {
		digits := string(randomDigits(codeLength - 1))
		for _, last := range base58 {
			if code := digits + string(last); rightCode(code) {
				return grouped(code, codeGroup)
			}
		}
		// The last digit would have to be 58, which there is not.
	}
}

func grouped(digits string, size int) string {
	var groups []string
	for part := range slices.Chunk([]byte(digits), size) {
		groups = append(groups, string(part))
	}
	return strings.Join(groups, "-")
}

// rightCode checks the sum Σ i·d_i of a code of ours.
func rightCode(digits string) bool {
	sum := 0
	for i, d := range []byte(digits) {
		sum += (i + 1) * strings.IndexByte(base58, d)
	}
	return sum%codeModulus == 0
}

// rightToolCode checks the last digit of a code of belenios-tool.
func rightToolCode(digits string) bool {
	v := 0
	for _, d := range []byte(digits[:toolLength-1]) {
		v = (v*58 + strings.IndexByte(base58, d)) % toolModulus
	}
	return strings.IndexByte(base58, digits[toolLength-1]) == toolModulus-v
}

// free are the spaces and dashes that may be typed anywhere in a code.
const free = " \t\n\v\f\r\u00a0\u2007\u2009\u200a\u200b\u202f\ufeff" + "-\u00ad\u2010\u2011\u2012\u2013\u2014\u2212"

// CleanCode puts a typed code in its form (case is kept: digits are base 58; spaces and
// dashes are free), or says that it was mistyped. Codes of 22 digits are ours, those of
// 15 belenios-tool's.
func CleanCode(typed string) (string, error) {
	if err := bounded("a code", []byte(typed), mostTypedCode); err != nil {
		return "", refuse(BadCode, "the code is too long")
	}
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(free, r) {
			return -1
		}
		return r
	}, typed)
	if wrong := strings.Trim(digits, base58); wrong != "" {
		return "", refuse(BadCode, "the code holds a character that codes never have")
	}
	switch len(digits) {
	case codeLength:
		if rightCode(digits) {
			return grouped(digits, codeGroup), nil
		}
	case toolLength:
		if rightToolCode(digits) {
			return grouped(digits, toolGroup), nil
		}
	default:
		return "", refuse(BadCode, "the code has %d digits instead of %d", len(digits), codeLength)
	}
	return "", refuse(BadCode, "the code was mistyped: its last digit does not check")
}

// codeSecret is s = PBKDF2-HMAC-SHA256(code with its dashes, uuid, 1000, 32 bytes)
// modulo q.
func codeSecret(code, uuid string) *big.Int {
	secret, err := pbkdf2.Key(sha256.New, code, []byte(uuid), codeRounds, 32)
	if err != nil {
		panic("belenios: PBKDF2: " + err.Error()) // only for lengths it never has
	}
	return mod(new(big.Int).SetBytes(secret))
}

// PublicCredential is the public part of a code for one election, in base 10: g^s. The
// code is in the form that NewCode and CleanCode return.
func PublicCredential(code, uuid string) string {
	return publicCredential(codeSecret(code, uuid))
}

func publicCredential(secret *big.Int) string {
	var public element
	s := toScalar(secret)
	generator().secret.secretPower(&public, &s)
	return public.decimal()
}

// byNumber orders canonical numbers by their value.
func byNumber(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// CredentialsJSON returns public credentials sorted by their value, as they are in an
// archive (and as belenios-tool sorts them): the order says nothing of the voters.
func CredentialsJSON(credentials []string) []byte {
	sorted := slices.Clone(credentials)
	slices.SortFunc(sorted, byNumber)
	return appendList(nil, sorted, appendString)
}

// ParseCredentials reads public credentials and checks that each is in the group, that
// they are sorted and distinct.
func ParseCredentials(raw []byte) ([]string, error) {
	if err := bounded("the list of credentials", raw, mostCredentialsSize); err != nil {
		return nil, err
	}
	var list []string
	if err := read("the list of credentials", raw, &list); err != nil {
		return nil, err
	}
	if len(list) > mostVoters {
		return nil, refuse(TooLarge, "a list of %d credentials", len(list))
	}
	for i, c := range list {
		if i == 0 {
			continue
		}
		switch order := byNumber(list[i-1], c); {
		case order == 0:
			return nil, refuse(BadCredentials, "a credential is twice on the list")
		case order > 0:
			return nil, refuse(BadCredentials, "the list of credentials is not sorted")
		}
	}
	if err := canonical("the list of credentials", raw, CredentialsJSON(list)); err != nil {
		return nil, err
	}
	return list, inParallel(len(list), func(i int) error {
		_, err := parseElement(list[i])
		return err
	})
}
