package info

import (
	"fmt"

	"bordeaux-metropole.fr/portal/internal/day"
)

// Declaration is the declaration of accessibility as data the program checks,
// not a text somebody edits (RGAA 4.1.2; law 2005-102, article 47).
type Declaration struct {
	AuditedOn     day.Day // none: never audited
	Auditor       string
	Rate          int // criteria met ÷ criteria applicable, in per cent
	Nonconforming []Nonconformity
	PlanURL       string // multi-year plan of the métropole; "" is said as such
}

// Nonconformity is a criterion known not to be met.
type Nonconformity struct{ Criterion, Text string }

// auditYears is how long an audit speaks for the site: a declaration is redone
// three years after its date.
const auditYears = 3

// State returns the legal mention on the given day: « totalement conforme » needs
// 100 % and an audit, « partiellement conforme » 50 % and an audit; no audit, or
// one older than three years, is « non conforme ».
func (d Declaration) State(today day.Day) string {
	switch {
	case d.AuditedOn.IsZero(), !today.Before(d.AuditedOn.AddYears(auditYears)):
		return "non conforme"
	case d.Rate == 100:
		return "totalement conforme"
	case d.Rate >= 50:
		return "partiellement conforme"
	}
	return "non conforme"
}

// Check refuses a declaration that contradicts itself.
func (d Declaration) Check() error {
	switch {
	case d.Rate < 0 || d.Rate > 100:
		return fmt.Errorf("declaration of accessibility: rate of %d %%", d.Rate)
	case d.AuditedOn.IsZero() && d.Rate != 0:
		return fmt.Errorf("declaration of accessibility: a rate without an audit")
	case d.Rate == 100 && len(d.Nonconforming) > 0:
		return fmt.Errorf("declaration of accessibility: 100 %% with %d criteria not met", len(d.Nonconforming))
	}
	return nil
}
