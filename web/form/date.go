package form

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"bordeaux-metropole.fr/portal/internal/day"
)

var (
	errDate   = errors.New("not a date")
	isoDate   = regexp.MustCompile(`^(\d{4})-(\d{1,2})-(\d{1,2})$`)
	frDate    = regexp.MustCompile(`^(\d{1,2})(?:er)?[\s/.\-]+(\d{1,2}|\p{L}+\.?)[\s/.\-]+(\d{4}|\d{2})$`)
	weekdays  = regexp.MustCompile(`^(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\s+`)
	monthName = []string{"janv", "fevr", "mars", "avr", "mai", "juin", "juil", "aout", "sept", "oct", "nov", "dec"}
	unaccent  = strings.NewReplacer("é", "e", "è", "e", "û", "u", "\u00a0", " ", "\u202f", " ")
)

// ParseDate reads a day as French people type it. Two figures of a year mean
// this century. It refuses a day that does not exist and a year outside
// 1900–2200.
func ParseDate(s string) (day.Day, error) {
	s = unaccent.Replace(strings.ToLower(strings.TrimSpace(s)))
	s = weekdays.ReplaceAllString(s, "")
	if m := isoDate.FindStringSubmatch(s); m != nil {
		return build(m[1], m[2], m[3])
	}
	if m := frDate.FindStringSubmatch(s); m != nil {
		return build(m[3], m[2], m[1])
	}
	return day.Day{}, errDate
}

func build(year, month, date string) (day.Day, error) {
	y, _ := strconv.Atoi(year)
	if len(year) == 2 {
		y += 2000
	}
	d, _ := strconv.Atoi(date)
	m, err := strconv.Atoi(month)
	if err != nil {
		m = monthNumber(month)
	}
	v := day.Of(y, time.Month(m), d)
	if m < 1 || m > 12 || v.Date() != d || y < 1900 || y > 2200 {
		return day.Day{}, errDate
	}
	return v, nil
}

// monthNumber accepts the full name and the usual abbreviation; 0 if neither.
func monthNumber(name string) int {
	full := []string{"janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet",
		"aout", "septembre", "octobre", "novembre", "decembre"}
	name = strings.TrimSuffix(name, ".")
	for i := range full {
		if name == full[i] || name == monthName[i] {
			return i + 1
		}
	}
	return 0
}
