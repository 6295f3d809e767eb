// Package national is the national standard of places of digital mediation
// (standard-mediation-num 1.0.2, library @gouvfr-anct/lieux-de-mediation-numerique
// 2.3.0, Etalab 2.0): its closed lists, its identifiers, its file. It is pure: it
// knows no database and nothing of ours.
package national

import (
	"slices"
	"strings"
)

// Standard is the version of the standard that our file follows.
const Standard = "1.0.2"

// Term is one value of a closed list.
type Term struct {
	Value string // as files of the standard write it, and as the database keeps it
	Slug  string // in our addresses
	Label string // as a page shows it, in French typography
}

// Vocabulary is a closed list, in the order of the standard.
type Vocabulary []Term

// Has tells whether the value is one of the list.
func (v Vocabulary) Has(value string) bool {
	return slices.ContainsFunc(v, func(t Term) bool { return t.Value == value })
}

// Values returns the values of the list.
func (v Vocabulary) Values() []string {
	out := make([]string, len(v))
	for i, t := range v {
		out[i] = t.Value
	}
	return out
}

// Label returns how a page shows the value; an unknown one is shown as it is.
func (v Vocabulary) Label(value string) string {
	for _, t := range v {
		if t.Value == value {
			return t.Label
		}
	}
	return value
}

// BySlug returns the value that an address names, "" when none.
func (v Vocabulary) BySlug(slug string) string {
	for _, t := range v {
		if t.Slug == slug && slug != "" {
			return t.Value
		}
	}
	return ""
}

// Advisers is the programme of the conseillers numériques, whose posts are counted.
const Advisers = "Conseillers numériques"

// laPoste is the SIREN of La Poste, whose establishments' numbers do not end by a
// Luhn key: the sum of their digits is a multiple of five (INSEE).
const laPoste = "356000000"

// SIRET returns the 14 digits of a SIRET as people type it (spaces, points
// and hyphens accepted) and whether it is one: 14 digits whose Luhn sum is a multiple of ten, or
// for La Poste whose sum is a multiple of five.
func SIRET(typed string) (digits string, ok bool) {
	digits = without(typed, " .-\u00a0\u202f\t\r\n")
	if len(digits) != 14 || strings.Trim(digits, "0123456789") != "" || strings.Trim(digits, "0") == "" {
		return digits, false
	}
	if luhn(digits)%10 == 0 {
		return digits, true
	}
	return digits, digits[:9] == laPoste && sum(digits)%5 == 0
}

// luhn is the sum of the digits, every second one from the right doubled.
func luhn(digits string) int {
	total := 0
	for i := range len(digits) {
		n := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		total += n
	}
	return total
}

func sum(digits string) int {
	total := 0
	for _, d := range digits {
		total += int(d - '0')
	}
	return total
}
