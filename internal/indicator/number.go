package indicator

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/french"
)

// Number is a value of an indicator, exact to four decimals: a whole number of
// ten-thousandths.
type Number int64

// one is how many ten-thousandths make 1.
const one = 10_000

// Greatest is the greatest absolute value, in units: the column holds no more.
const Greatest = 99_999_999_999

// Whole is the number n.
func Whole(n int) Number { return Number(n) * one }

var errNumber = errors.New("not a number as written in French")

// A number as French people type it: groups of three figures, or none; a comma or
// a dot before the decimals.
var frenchNumber = regexp.MustCompile(`^([-\x{2212}]?)([0-9]{1,3}(?: [0-9]{3})+|[0-9]+)(?:([.,])([0-9]{1,4}))?$`)

// oneSpace makes any of the spaces that part thousands an ordinary one.
var oneSpace = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2009", " ")

// ParseNumber reads « 12 000,5 », « 12000,5 », « −3 », « 0.25 ». A dot before three
// figures is refused: « 60.000 » is sixty thousand to some and sixty to others.
func ParseNumber(s string) (Number, error) {
	m := frenchNumber.FindStringSubmatch(strings.TrimSpace(oneSpace.Replace(s)))
	if m == nil || m[3] == "." && len(m[4]) == 3 {
		return 0, errNumber
	}
	whole, err := strconv.ParseInt(strings.ReplaceAll(m[2], " ", ""), 10, 64)
	if err != nil || whole > Greatest {
		return 0, errNumber
	}
	parts, _ := strconv.ParseInt((m[4] + "0000")[:4], 10, 64)
	n := Number(whole*one + parts)
	if m[1] != "" {
		n = -n
	}
	return n, nil
}

// String writes the number as it is printed in French: « 12 000,5 ».
func (n Number) String() string {
	sign, v := "", int64(n)
	if v < 0 {
		sign, v = "\u2212", -v
	}
	out := sign + french.Number(v/one)
	if parts := v % one; parts != 0 {
		out += "," + strings.TrimRight(strconv.FormatInt(one+parts, 10)[1:], "0")
	}
	return out
}

// About is the number as it is said when it was computed and not counted: whole from
// ten on, to the tenth below.
func (n Number) About() Number {
	unit := int64(one / 10)
	if n >= 10*one || n <= -10*one {
		unit = one
	}
	half := unit / 2
	if n < 0 {
		half = -half
	}
	return Number((int64(n) + half) / unit * unit)
}

// Float is the number for a drawing or a spreadsheet.
func (n Number) Float() float64 { return float64(n) / one }

// MarshalText lets the journal hold the number as people read it.
func (n Number) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// plural tells whether French puts what is counted in the plural: from two on.
func (n Number) plural() bool { return n >= 2*one || n <= -2*one }
