package form

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	errClock = errors.New("not an hour")
	frClock  = regexp.MustCompile(`^(\d{1,2})\s*(?:(?:h|heures?|:|\.)\s*(\d{2})?)?$`)
)

// ParseClock reads an hour of the day as French people type it: 14:00, 14h, 14 h 30,
// 14h30, 9 heures, midi. It returns the time since midnight.
func ParseClock(s string) (time.Duration, error) {
	s = unaccent.Replace(strings.ToLower(strings.TrimSpace(s)))
	if s == "midi" {
		return 12 * time.Hour, nil
	}
	m := frClock.FindStringSubmatch(s)
	if m == nil {
		return 0, errClock
	}
	h, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[2])
	if h > 23 || minute > 59 {
		return 0, errClock
	}
	return time.Duration(h)*time.Hour + time.Duration(minute)*time.Minute, nil
}

// Clock reads an hour of the day, as ParseClock; -1 when there is none.
func (f *Form) Clock(name, missing string) time.Duration {
	v := f.Line(name, missing, 20)
	if v == "" || f.Error(name) != "" {
		return -1
	}
	d, err := ParseClock(v)
	if err != nil {
		f.Fail(name, "Saisissez une heure, par exemple 14\u00a0h\u00a030.")
		return -1
	}
	return d
}
