package election

import (
	"time"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Dates are the deadlines of an election, each the end or the start of a half-open
// interval; nil: not set yet.
type Dates struct {
	ClaimsUntil      *time.Time
	CandidaciesFrom  *time.Time
	CandidaciesUntil *time.Time
	WithdrawUntil    *time.Time
	OpensAt          *time.Time
	ClosesAt         *time.Time
}

// DateField names one of the dates: Name is its column, and its field in forms.
type DateField struct {
	Name  string
	Label string
}

// DateFields are the dates in their order.
var DateFields = []DateField{
	{"claims_until", "Fin des réclamations sur la liste électorale"},
	{"candidacies_from", "Début du dépôt des candidatures"},
	{"candidacies_until", "Fin du dépôt des candidatures"},
	{"withdraw_until", "Dernier moment pour retirer une candidature"},
	{"opens_at", "Ouverture du vote"},
	{"closes_at", "Clôture du vote"},
}

// Of returns where the date of that name is, nil for no such name.
func (d *Dates) Of(name string) **time.Time {
	switch name {
	case "claims_until":
		return &d.ClaimsUntil
	case "candidacies_from":
		return &d.CandidaciesFrom
	case "candidacies_until":
		return &d.CandidaciesUntil
	case "withdraw_until":
		return &d.WithdrawUntil
	case "opens_at":
		return &d.OpensAt
	case "closes_at":
		return &d.ClosesAt
	}
	return nil
}

// Dates returns the dates of the election.
func (e Election) Dates() Dates {
	return Dates{ClaimsUntil: e.ClaimsUntil, CandidaciesFrom: e.CandidaciesFrom, CandidaciesUntil: e.CandidaciesUntil,
		WithdrawUntil: e.WithdrawUntil, OpensAt: e.OpensAt, ClosesAt: e.ClosesAt}
}

// dateOrder says which date must not come before which: strictly after, unless same.
var dateOrder = []struct {
	first, then string
	same        bool
	message     string
}{
	{"candidacies_from", "candidacies_until", false, "Le dépôt des candidatures se termine après son début."},
	{"candidacies_until", "withdraw_until", true, "Une candidature peut être retirée au moins jusqu’à la fin du dépôt."},
	{"claims_until", "withdraw_until", true, "Les réclamations se terminent avant le dernier moment des retraits : les listes sont arrêtées ensuite."},
	{"withdraw_until", "opens_at", false, "Le vote s’ouvre après le dernier moment des retraits : il faut le temps de la cérémonie des clés."},
	{"opens_at", "closes_at", false, "Le vote se clôt après son ouverture."},
}

// farthest is past any election that is prepared.
const farthest = 10 * 366 * 24 * time.Hour

// order refuses dates that contradict each other. Fields: the names of the dates.
func (d Dates) order(now time.Time) error {
	for _, o := range dateOrder {
		a, b := *d.Of(o.first), *d.Of(o.then)
		if a == nil || b == nil || a.Before(*b) || o.same && a.Equal(*b) {
			continue
		}
		return problem.OnField(o.then, o.message)
	}
	for _, f := range DateFields {
		if t := *d.Of(f.Name); t != nil && t.After(now.Add(farthest)) {
			return problem.OnField(f.Name, "Choisissez une date dans les dix ans.")
		}
	}
	return nil
}

// complete refuses dates that are missing, or shorter than what the rules promise.
func (d Dates) complete(r Rules) error {
	for _, f := range DateFields {
		if *d.Of(f.Name) == nil {
			return problem.OnField(f.Name, "Saisissez cette date : le règlement l’annonce.")
		}
	}
	if votingDays(*d.OpensAt, *d.ClosesAt) < r.VoteDays {
		return problem.OnField("closes_at", "Le vote dure moins de jours que le règlement ne le dit.")
	}
	return nil
}

// votingDays counts the days, in Paris, on which one can vote: days and not hours, so
// that a change of clock takes nothing from anybody.
func votingDays(opens, closes time.Time) int {
	return day.In(opens).DaysUntil(day.In(closes.Add(-time.Nanosecond))) + 1
}

// publishable refuses dates that cannot be announced now.
func (d Dates) publishable(now time.Time, r Rules) error {
	if err := d.complete(r); err != nil {
		return err
	}
	for _, f := range DateFields {
		if !(*d.Of(f.Name)).After(now) {
			return problem.OnField(f.Name, "Cette date est passée : choisissez-en une à venir.")
		}
	}
	if day.In(now).DaysUntil(day.In(*d.ClaimsUntil)) < r.ClaimDays {
		return problem.OnField("claims_until", "Les réclamations durent moins de jours que le règlement ne le dit.")
	}
	return d.order(now)
}

// moved returns the names of the dates that differ, or refuses to move a date that is
// past, or to a time that is past: once announced, what is done is done.
func (d Dates) moved(to Dates, now time.Time) ([]string, error) {
	var names []string
	for _, f := range DateFields {
		was, is := *d.Of(f.Name), *to.Of(f.Name)
		switch {
		case was == nil && is == nil, was != nil && is != nil && was.Equal(*is):
			continue
		case was != nil && !was.After(now):
			return nil, problem.OnField(f.Name, "Cette date est passée : elle ne change plus.")
		case is == nil:
			return nil, problem.OnField(f.Name, "Saisissez cette date : elle a été annoncée.")
		case !is.After(now):
			return nil, problem.OnField(f.Name, "Choisissez une date à venir.")
		}
		names = append(names, f.Name)
	}
	return names, nil
}

// RetainUntil is from when the encrypted ballots and the lists may be destroyed: the
// days of the rules, in Paris, after the last moment to contest. Nil before the
// proclamation.
func (e Election) RetainUntil() *time.Time {
	if e.ContestUntil == nil {
		return nil
	}
	t := e.ContestUntil.In(day.Paris).AddDate(0, 0, e.Rules.RetentionDays)
	return &t
}
