package form_test

import (
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/web/form"
)

func TestParseClock(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]time.Duration{
		"14:00": 14 * time.Hour, "14h": 14 * time.Hour, "14 h": 14 * time.Hour, "14 h 30": 14*time.Hour + 30*time.Minute, "14h30": 14*time.Hour + 30*time.Minute,
		"14\u00a0h\u00a030": 14*time.Hour + 30*time.Minute, "9 heures": 9 * time.Hour, "09:05": 9*time.Hour + 5*time.Minute, " 9 ": 9 * time.Hour, "Midi": 12 * time.Hour,
		"0h": 0, "23H59": 23*time.Hour + 59*time.Minute,
	} {
		if got, err := form.ParseClock(in); err != nil || got != want {
			t.Errorf("%q: %v, %v, want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "24h", "14h60", "14h3", "h30", "-1", "14:30:00", "2 h du matin", "1430", "９h"} {
		if got, err := form.ParseClock(in); err == nil {
			t.Errorf("%q is read as %v", in, got)
		}
	}
}
