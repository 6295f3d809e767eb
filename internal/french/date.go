package french

import (
	"strconv"
	"time"

	"bordeaux-metropole.fr/portal/internal/day"
)

var (
	weekdays = [...]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"}
	months   = [...]string{"", "janvier", "février", "mars", "avril", "mai", "juin", "juillet",
		"août", "septembre", "octobre", "novembre", "décembre"}
	shortMonths = [...]string{"", "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.",
		"août", "sept.", "oct.", "nov.", "déc."}
)

// Month returns the name of a month: « novembre ».
func Month(m time.Month) string { return months[m] }

// ShortMonth returns the short name of a month: « nov. ».
func ShortMonth(m time.Month) string { return shortMonths[m] }

// Weekday returns the name of a day of the week: « jeudi ».
func Weekday(w time.Weekday) string { return weekdays[w] }

func dayOfMonth(n int) string {
	if n == 1 {
		return "1er"
	}
	return strconv.Itoa(n)
}

// Date writes a day in full: « jeudi 26 novembre 2026 »; "" for no day.
func Date(d day.Day) string {
	if d.IsZero() {
		return ""
	}
	return weekdays[d.Weekday()] + " " + LongDate(d)
}

// LongDate writes a day without its weekday: « 26 novembre 2026 ».
func LongDate(d day.Day) string {
	if d.IsZero() {
		return ""
	}
	return dayOfMonth(d.Date()) + " " + months[d.Month()] + " " + strconv.Itoa(d.Year())
}

// DateNoYear writes « jeudi 26 novembre ».
func DateNoYear(d day.Day) string {
	if d.IsZero() {
		return ""
	}
	return weekdays[d.Weekday()] + " " + dayOfMonth(d.Date()) + " " + months[d.Month()]
}

// ShortDate writes « 26 nov. 2026 », for tables.
func ShortDate(d day.Day) string {
	if d.IsZero() {
		return ""
	}
	return dayOfMonth(d.Date()) + " " + shortMonths[d.Month()] + " " + strconv.Itoa(d.Year())
}

// MonthYear writes « novembre 2026 », for the headings of a calendar.
func MonthYear(d day.Day) string {
	if d.IsZero() {
		return ""
	}
	return months[d.Month()] + " " + strconv.Itoa(d.Year())
}

// NumericDate writes « 26/11/2026 », the way a date is typed in a form.
func NumericDate(d day.Day) string {
	if d.IsZero() {
		return ""
	}
	return two(d.Date()) + "/" + two(int(d.Month())) + "/" + strconv.Itoa(d.Year())
}

func two(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// Clock writes the hour it is in Paris: « 14 h », « 14 h 30 », « 9 h 05 ».
func Clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	h, m, _ := t.In(day.Paris).Clock()
	if m == 0 {
		return strconv.Itoa(h) + NBSP + "h"
	}
	return strconv.Itoa(h) + NBSP + "h" + NBSP + two(m)
}

// ClockRange writes « de 14 h à 16 h 30 », or « à 14 h » without an end.
func ClockRange(from, to time.Time) string {
	if to.IsZero() {
		return "à " + Clock(from)
	}
	return "de " + Clock(from) + " à " + Clock(to)
}

// DateTime writes « jeudi 26 novembre 2026 à 14 h 30 », in Paris.
func DateTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return Date(day.In(t)) + " à " + Clock(t)
}

// ShortDateTime writes « 26 nov. 2026, 14 h 30 », for tables.
func ShortDateTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return ShortDate(day.In(t)) + ", " + Clock(t)
}

// Ago says how long ago a day was: « aujourd’hui », « hier », « il y a 3 jours »,
// « il y a 2 mois ». A day to come is told by Until.
func Ago(d, today day.Day) string {
	n := d.DaysUntil(today)
	switch {
	case d.IsZero():
		return ""
	case n < 0:
		return Until(d, today)
	case n == 0:
		return "aujourd’hui"
	case n == 1:
		return "hier"
	case n == 2:
		return "avant-hier"
	}
	return "il y a " + span(n)
}

// Until says in how long a day comes: « aujourd’hui », « demain », « dans
// 3 jours ». A day gone by is told by Ago.
func Until(d, today day.Day) string {
	n := today.DaysUntil(d)
	switch {
	case d.IsZero():
		return ""
	case n < 0:
		return Ago(d, today)
	case n == 0:
		return "aujourd’hui"
	case n == 1:
		return "demain"
	case n == 2:
		return "après-demain"
	}
	return "dans " + span(n)
}

// span rounds a number of days down to the unit people speak in.
func span(days int) string {
	switch {
	case days < 21:
		return Count(days, "jour", "jours")
	case days < 61:
		return Count(days/7, "semaine", "semaines")
	case days < 730:
		return Count(days*12/365, "mois", "mois")
	}
	return Count(days*4/1461, "an", "ans")
}

// Since says how long before now an instant was, to the minute for the last hour:
// « à l’instant », « il y a 12 minutes », « il y a 3 heures », then as Ago.
func Since(t, now time.Time) string {
	d := now.Sub(t)
	switch {
	case t.IsZero():
		return ""
	case d < 0:
		return DateTime(t)
	case d < time.Minute:
		return "à l’instant"
	case d < time.Hour:
		return "il y a " + Count(int(d/time.Minute), "minute", "minutes")
	case d < 12*time.Hour:
		return "il y a " + Count(int(d/time.Hour), "heure", "heures")
	}
	if day.In(t) == day.In(now) {
		return "aujourd’hui à " + Clock(t)
	}
	return Ago(day.In(t), day.In(now))
}
