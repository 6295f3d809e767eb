package roadmap

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/french"
)

// Cents is an amount of money: an integer number of euro cents.
type Cents int64

// MaxAmount is the greatest amount that is read: a billion euros.
const MaxAmount Cents = 1_000_000_000_00

var (
	// ErrAmount says that a text is no amount of euros.
	ErrAmount = errors.New("not an amount of euros as written in French")
	// An amount as French people type it: groups of three figures, or none; a comma
	// or a dot before one or two decimals; the sign or the word for euro, or nothing.
	frenchAmount = regexp.MustCompile(`^([0-9]{1,3}(?: [0-9]{3})+|[0-9]+)(?:[.,]([0-9]{1,2}))?(?: ?(?:€|euros?|EUR))?$`)
	plainSpaces  = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2009", " ")
)

// ParseCents reads « 12 000,50 € », « 12000.5 », « 0 ». It refuses a negative amount,
// more than two decimals and what exceeds MaxAmount.
func ParseCents(s string) (Cents, error) {
	m := frenchAmount.FindStringSubmatch(strings.TrimSpace(plainSpaces.Replace(s)))
	if m == nil {
		return 0, ErrAmount
	}
	euros, err := strconv.ParseInt(strings.ReplaceAll(m[1], " ", ""), 10, 64)
	if err != nil || euros > int64(MaxAmount/100) {
		return 0, ErrAmount
	}
	cents, _ := strconv.ParseInt((m[2] + "00")[:2], 10, 64)
	if c := Cents(euros*100 + cents); c <= MaxAmount {
		return c, nil
	}
	return 0, ErrAmount
}

// String writes the amount as it is printed in French: « 12 000,50 € », without
// decimals when there are none.
func (c Cents) String() string { return c.Plain() + french.Narrow + "€" }

// Plain is String without the sign of the euro: for a form field and a table whose
// head bears it.
func (c Cents) Plain() string {
	sign, v := "", int64(c)
	if v < 0 {
		sign, v = "\u2212", -v
	}
	out := sign + french.Number(v/100)
	if v%100 != 0 {
		out += "," + strconv.FormatInt(100+v%100, 10)[1:]
	}
	return out
}

// Float is the amount in euros, for a drawing or a spreadsheet cell.
func (c Cents) Float() float64 { return float64(c) / 100 }
