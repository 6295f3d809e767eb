package ui

import (
	"strconv"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
)

func (r SummaryRow) label() string {
	if r.ActionLabel == "" {
		return "Modifier"
	}
	return r.ActionLabel
}

func (r SummaryRow) hidden() string {
	if r.ActionHidden == "" {
		return r.Key
	}
	return french.Typo(r.ActionHidden)
}

func leafDay(d day.Day) string {
	if d.Date() == 1 {
		return "1er"
	}
	return strconv.Itoa(d.Date())
}

func leafMonth(d day.Day) string {
	return french.ShortMonth(d.Month()) + " " + strconv.Itoa(d.Year())
}
