package meeting

import (
	"fmt"
	"time"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
)

// CheckLevel says what a line of the checklist found.
type CheckLevel int

// The closed set of levels, from the least.
const (
	CheckOK       CheckLevel = iota
	CheckWarning             // the team may convene all the same, and says why
	CheckBlocking            // there is nothing to send, or no time left
)

// ConveneCheck is one line of the checklist before convening.
type ConveneCheck struct {
	Key    string // date, notice, place, agenda, duration, documents, recipients, addresses, chair, state
	Level  CheckLevel
	Label  string // what is checked
	Detail string // what was found, and what to do
}

// ConveneFacts are what the checklist judges.
type ConveneFacts struct {
	Meeting   Meeting
	Now       time.Time // of the database
	Items     []Item
	Documents []Document // of recipients
	Planned   []Recipient
	Vacant    []VacantSeat
}

// Checklist judges a meeting before it is convened: whether it may be, and what the
// team should know before it decides. It is pure.
func Checklist(f ConveneFacts) []ConveneCheck {
	checks := []ConveneCheck{f.date(), f.notice(), f.place(), f.agenda(), f.durations(), f.documents(), f.recipients(), f.addresses()}
	if c, has := f.chair(); has {
		checks = append(checks, c)
	}
	if f.Meeting.NeedsChairAndState && f.Meeting.Kind == Session {
		checks = append(checks, f.state())
	}
	return checks
}

// Warnings counts the lines the team must answer for; blocked is the first line
// that forbids to convene, if any.
func Warnings(checks []ConveneCheck) (warnings int, blocked *ConveneCheck) {
	for i, c := range checks {
		switch {
		case c.Level == CheckWarning:
			warnings++
		case c.Level == CheckBlocking && blocked == nil:
			blocked = &checks[i]
		}
	}
	return warnings, blocked
}

func (f ConveneFacts) date() ConveneCheck {
	c := ConveneCheck{Key: "date", Label: "La date est à venir", Detail: french.DateTime(f.Meeting.StartsAt)}
	if !f.Meeting.StartsAt.After(f.Now) {
		c.Level, c.Detail = CheckBlocking, "Cette date est passée : choisissez-en une autre."
	}
	return c
}

func (f ConveneFacts) notice() ConveneCheck {
	c := ConveneCheck{Key: "notice", Label: "Le délai de convocation est respecté"}
	today, n := day.In(f.Now), f.Meeting.NoticeDays
	switch {
	case n == 0:
		c.Detail = "Aucun délai n’est fixé pour cette instance."
	case today.After(f.Meeting.LatestConvene()):
		c.Level = CheckWarning
		c.Detail = fmt.Sprintf("La réunion est %s. Le délai est de %s : il fallait convoquer au plus tard le %s.",
			french.Until(f.Meeting.Day(), today), french.Count(n, "jour", "jours"), french.LongDate(f.Meeting.LatestConvene()))
	default:
		c.Detail = fmt.Sprintf("Le délai est de %s : convoquez au plus tard le %s.", french.Count(n, "jour", "jours"), french.LongDate(f.Meeting.LatestConvene()))
	}
	return c
}

func (f ConveneFacts) place() ConveneCheck {
	c := ConveneCheck{Key: "place", Label: "Le lieu ou le lien de visioconférence est indiqué", Detail: f.Meeting.Place}
	switch {
	case f.Meeting.Place == "" && f.Meeting.VideoURL == "":
		c.Level, c.Detail = CheckWarning, "Ni lieu ni lien : personne ne saura où aller."
	case f.Meeting.Place == "":
		c.Detail = "À distance seulement."
	}
	return c
}

func (f ConveneFacts) agenda() ConveneCheck {
	n := 0
	for _, i := range f.Items {
		if i.Parent == 0 && !i.Moved() {
			n++
		}
	}
	c := ConveneCheck{Key: "agenda", Label: "L’ordre du jour est prêt", Detail: french.Count(n, "point", "points") + "."}
	if n == 0 {
		c.Level, c.Detail = CheckBlocking, "L’ordre du jour est vide : ajoutez au moins un point."
	}
	return c
}

func (f ConveneFacts) durations() ConveneCheck {
	c := ConveneCheck{Key: "duration", Label: "Les durées tiennent dans la réunion"}
	asked, has := Planned(Timetable(f.Items, f.Meeting.StartsAt)), int(f.Meeting.EndsAt.Sub(f.Meeting.StartsAt).Minutes())
	switch {
	case asked == 0:
		c.Detail = "Les points n’ont pas de durée."
	case asked > has:
		c.Level = CheckWarning
		c.Detail = fmt.Sprintf("Les points durent %d minutes, la réunion %d.", asked, has)
	default:
		c.Detail = fmt.Sprintf("%d minutes sur %d.", asked, has)
	}
	return c
}

// documents leaves standing points aside: what they decide (the minutes of the meeting
// before) is on the portal, and a warning that never ends is read by nobody.
func (f ConveneFacts) documents() ConveneCheck {
	c := ConveneCheck{Key: "documents", Label: "Chaque point pour décision a un document"}
	var bare []string
	decisions := 0
	for _, i := range f.Items {
		if i.Kind != ForDecision || i.Moved() || i.Origin == "standing" {
			continue
		}
		decisions++
		if len(DocumentsOfItem(f.Documents, i.ID)) == 0 {
			bare = append(bare, i.Number)
		}
	}
	switch {
	case decisions == 0:
		c.Detail = "Aucun point n’appelle de décision."
	case len(bare) > 0:
		c.Level = CheckWarning
		c.Detail = "Sans document : " + french.Plural(len(bare), "point ", "points ") + french.List(bare) + "."
	default:
		c.Detail = french.Count(decisions, "point", "points") + " pour décision."
	}
	return c
}

func (f ConveneFacts) recipients() ConveneCheck {
	c := ConveneCheck{Key: "recipients", Label: "Il y a des destinataires", Detail: french.Count(len(f.Planned), "destinataire", "destinataires") + "."}
	if len(f.Planned) == 0 {
		c.Level, c.Detail = CheckBlocking, "Personne n’est à convoquer : tous les sièges sont à pourvoir et personne n’est invité."
	}
	return c
}

func (f ConveneFacts) addresses() ConveneCheck {
	c := ConveneCheck{Key: "addresses", Label: "Chaque destinataire a une adresse électronique", Detail: "Toutes sont connues."}
	if n := len(Unreachable(f.Planned)); n > 0 {
		c.Level, c.Detail = CheckWarning, french.Count(n, "destinataire", "destinataires")+" sans adresse : complétez, ou prévenez autrement."
	}
	return c
}

// chair tells whether the seat that chairs is filled; has is false for a body
// without one (the GNI).
func (f ConveneFacts) chair() (c ConveneCheck, has bool) {
	c = ConveneCheck{Key: "chair", Label: "La présidence est pourvue"}
	for _, v := range f.Vacant {
		if v.Chairs {
			c.Level, c.Detail = CheckWarning, "Siège à pourvoir : "+v.SeatLabel+"."
			return c, true
		}
	}
	for _, r := range f.Planned {
		if r.Chairs {
			c.Detail = r.Name + "."
			return c, true
		}
	}
	return c, false
}

// state checks the rule of the CMTIN. D: « en présence du représentant de l’Etat ».
func (f ConveneFacts) state() ConveneCheck {
	c := ConveneCheck{Key: "state", Label: "La représentation de l’État est invitée"}
	for _, r := range f.Planned {
		if r.GuestRole == StateGuest {
			c.Detail = r.Name + "."
			return c
		}
	}
	c.Level, c.Detail = CheckWarning, "Personne n’est invité pour l’État : sans sa présence, la séance ne comptera pas."
	return c
}

// Unreachable returns the recipients to whom no mail can be sent.
func Unreachable(all []Recipient) []Recipient {
	var out []Recipient
	for _, r := range all {
		if !r.Reachable() {
			out = append(out, r)
		}
	}
	return out
}

// VacantSeat is a seat of the body that nobody holds: it is listed, not convened.
type VacantSeat struct {
	Seat      governance.SeatID `db:"seat_id"`
	SeatLabel string            `db:"seat_label"`
	Group     string            `db:"group_name"`
	Chairs    bool              `db:"chairs"`
}
