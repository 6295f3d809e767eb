// Package french writes dates, numbers, lists and names as they are printed in
// French, and sets text by the rules of French typography. It is pure.
//
// Spaces: U+00A0 stands before « : », inside « » and in hours (14 h 30); U+202F,
// narrower, stands before ; ! ? % € and between thousands. Dates keep ordinary
// spaces.
package french

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The two spaces that do not break a line.
const (
	NBSP   = "\u00a0" // before : and inside « »
	Narrow = "\u202f" // before ; ! ? % € and between thousands
)

// Number writes a whole number with its thousands apart: 1 234.
func Number[N ~int | ~int32 | ~int64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	digits := strings.TrimPrefix(s, "-")
	if len(digits) <= 3 {
		return strings.Replace(s, "-", "\u2212", 1)
	}
	var b strings.Builder
	if n < 0 {
		b.WriteString("\u2212")
	}
	for i, c := range []byte(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(Narrow)
		}
		b.WriteByte(c)
	}
	return b.String()
}

// Decimal writes a number with at most the given number of decimals: 1 234,5.
func Decimal(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) || math.Abs(v) >= 1e15 {
		return "–"
	}
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	whole, frac, _ := strings.Cut(s, ".")
	frac = strings.TrimRight(frac, "0")
	n, _ := strconv.ParseInt(whole, 10, 64)
	out := Number(n)
	if n == 0 && frac != "" && strings.HasPrefix(whole, "-") {
		out = "\u22120"
	}
	if frac != "" {
		out += "," + frac
	}
	return out
}

// Count writes how many there are: « 0 réunion », « 1 réunion », « 2 réunions ».
// In French the plural begins at two.
func Count[N ~int | ~int32 | ~int64](n N, singular, plural string) string {
	return Number(n) + NBSP + Plural(n, singular, plural)
}

// Plural chooses the word that goes with n.
func Plural[N ~int | ~int32 | ~int64](n N, singular, plural string) string {
	if n > -2 && n < 2 {
		return singular
	}
	return plural
}

// Percent writes a percentage, with one decimal if it has one: 59 %, 62,5 %.
func Percent[N ~int | ~int32 | ~int64 | ~float64](n N) string {
	return Decimal(float64(n), 1) + Narrow + "%"
}

// Share writes part of whole as a percentage, rounded; but never 0 % for
// something nor 100 % for less than all. « – » when there is no whole.
func Share(part, whole int) string {
	if whole <= 0 {
		return "–"
	}
	p := int(math.Round(100 * float64(part) / float64(whole)))
	switch {
	case p == 0 && part > 0:
		p = 1
	case p == 100 && part < whole:
		p = 99
	}
	return Percent(p)
}

// Euros writes an amount in whole euros: 12 500 €.
func Euros[N ~int | ~int32 | ~int64](n N) string { return Number(n) + Narrow + "€" }

// Ordinal writes a rank in the feminine (la 1re réunion) or masculine (le 1er
// point), then 2e, 3e.
func Ordinal(n int, feminine bool) string {
	switch {
	case n == 1 && feminine:
		return "1re"
	case n == 1:
		return "1er"
	}
	return strconv.Itoa(n) + "e"
}

// List joins words: « a, b et c ».
func List(items []string) string { return join(items, " et ") }

// Either joins words: « a, b ou c ».
func Either(items []string) string { return join(items, " ou ") }

func join(items []string, last string) string {
	switch n := len(items); n {
	case 0:
		return ""
	case 1:
		return items[0]
	default:
		return strings.Join(items[:n-1], ", ") + last + items[n-1]
	}
}

// Capital puts the first letter in upper case, accent kept: « État ».
func Capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 || r == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// Small puts the first letter in lower case, for a label inside a sentence.
func Small(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 || r == utf8.RuneError {
		return s
	}
	return string(unicode.ToLower(r)) + s[n:]
}
