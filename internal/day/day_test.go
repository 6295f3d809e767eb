package day_test

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"bordeaux-metropole.fr/portal/internal/day"
)

func TestDayInParis(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		at   time.Time
		want string
	}{
		"an hour before midnight UTC, summer": {time.Date(2026, 6, 30, 22, 30, 0, 0, time.UTC), "2026-07-01"},
		"an hour before midnight UTC, winter": {time.Date(2026, 1, 31, 22, 59, 0, 0, time.UTC), "2026-01-31"},
		"the night clocks go back":            {time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC), "2026-10-25"},
		"new year":                            {time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC), "2027-01-01"},
	}
	for name, tt := range tests {
		if got := day.In(tt.at).String(); got != tt.want {
			t.Errorf("%s: day in Paris at %s = %s, want %s", name, tt.at, got, tt.want)
		}
	}
}

func TestParseISORefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "2026-02-30", "26-02-01", "2026-2-1", "2026-02-01T00:00", "hier"} {
		if d, err := day.ParseISO(s); err == nil {
			t.Errorf("ParseISO(%q) = %s, want an error", s, d)
		}
	}
}

func TestDayArithmetic(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := day.Of(rapid.IntRange(1900, 2200).Draw(t, "year"), time.January, rapid.IntRange(1, 366).Draw(t, "day"))
		n := rapid.IntRange(-5000, 5000).Draw(t, "n")
		if got := d.DaysUntil(d.AddDays(n)); got != n {
			t.Fatalf("%s to %s = %d days, want %d", d, d.AddDays(n), got, n)
		}
		back, err := day.ParseISO(d.String())
		if err != nil || back != d {
			t.Fatalf("ParseISO(%s) = %s, %v", d, back, err)
		}
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var j day.Day
		if err := json.Unmarshal(b, &j); err != nil || j != d {
			t.Fatalf("JSON %s gave %s, %v", b, j, err)
		}
	})
}
