// Package day is a calendar day without hour or zone: what a mandate starts on,
// what a body's composition is asked for. A time.Time at midnight would shift by
// one day for every reader west of the server.
package day

import (
	"fmt"
	"time"
	_ "time/tzdata" // Europe/Paris on machines without a zone database

	"github.com/jackc/pgx/v5/pgtype"
)

// Paris is the zone in which the days of the governance begin and end.
var Paris = mustLoad("Europe/Paris")

func mustLoad(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(fmt.Sprintf("day: zone %s: %v", name, err)) // tzdata is embedded
	}
	return loc
}

// Day is a day of the Gregorian calendar. The zero value is "no day".
type Day struct {
	t time.Time // midnight UTC, or zero
}

// Of returns the day of the given year, month and day of month, normalised as
// time.Date does.
func Of(year int, month time.Month, dayOfMonth int) Day {
	return Day{time.Date(year, month, dayOfMonth, 0, 0, 0, 0, time.UTC)}
}

// In returns the day it is at t in Paris.
func In(t time.Time) Day {
	y, m, d := t.In(Paris).Date()
	return Of(y, m, d)
}

// ParseISO reads "2026-11-23"; it accepts no other form and no impossible day.
func ParseISO(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Day{}, fmt.Errorf("day %q: %w", s, err)
	}
	return Day{t}, nil
}

// String returns the ISO form, "" for no day.
func (d Day) String() string {
	if d.IsZero() {
		return ""
	}
	return d.t.Format(time.DateOnly)
}

// IsZero tells whether d is no day.
func (d Day) IsZero() bool { return d.t.IsZero() }

// Year, Month and Date return the parts of d.
func (d Day) Year() int { return d.t.Year() }

// Month returns the month of d.
func (d Day) Month() time.Month { return d.t.Month() }

// Date returns the day of the month of d.
func (d Day) Date() int { return d.t.Day() }

// Weekday returns the day of the week of d.
func (d Day) Weekday() time.Weekday { return d.t.Weekday() }

// YearDay returns the day of the year, 1 for 1 January.
func (d Day) YearDay() int { return d.t.YearDay() }

// AddDays returns the day n days after d (before, if n is negative).
func (d Day) AddDays(n int) Day { return Day{d.t.AddDate(0, 0, n)} }

// AddYears returns the same day n years later; 29 February becomes 1 March.
func (d Day) AddYears(n int) Day { return Day{d.t.AddDate(n, 0, 0)} }

// Before tells whether d is strictly before e.
func (d Day) Before(e Day) bool { return d.t.Before(e.t) }

// After tells whether d is strictly after e.
func (d Day) After(e Day) bool { return d.t.After(e.t) }

// DaysUntil returns the number of days from d to e, negative if e is before.
func (d Day) DaysUntil(e Day) int { return int(e.t.Sub(d.t) / (24 * time.Hour)) }

// At returns the instant of hour:minute on that day in Paris.
func (d Day) At(hour, minute int) time.Time {
	return time.Date(d.Year(), d.Month(), d.Date(), hour, minute, 0, 0, Paris)
}

// ScanDate implements pgtype.DateScanner: a NULL date is no day.
func (d *Day) ScanDate(v pgtype.Date) error {
	switch {
	case !v.Valid:
		*d = Day{}
	case v.InfinityModifier != pgtype.Finite:
		return fmt.Errorf("scan date: infinity is not a day")
	default:
		y, m, dd := v.Time.Date()
		*d = Of(y, m, dd)
	}
	return nil
}

// DateValue implements pgtype.DateValuer: no day is NULL.
func (d Day) DateValue() (pgtype.Date, error) {
	return pgtype.Date{Time: d.t, Valid: !d.IsZero()}, nil
}

// MarshalText writes the ISO form, so that a Day reads well in JSON.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the ISO form; empty is no day.
func (d *Day) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Day{}
		return nil
	}
	v, err := ParseISO(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}

var (
	_ pgtype.DateScanner = (*Day)(nil)
	_ pgtype.DateValuer  = Day{}
)

// Today returns the day it is in Paris by this machine's clock: for demo data
// and pages' wording. Deadlines and mandates are judged by the database's.
func Today() Day { return In(time.Now()) }
