package governance

import (
	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
)

// PersonInput is somebody as a form gives them: a person chosen (ID), or a new
// one (First, Last, Email).
type PersonInput struct {
	ID    access.PersonID
	First string
	Last  string
	Email string
}

// NewMandate is what it takes to give a seat to somebody.
type NewMandate struct {
	Seat        SeatID
	Person      PersonInput
	Kind        MandateKind
	From        day.Day
	TermEndsOn  day.Day // zero: no term known
	Designation string  // how the person was designated
	Reference   string  // the act: « délibération du 28 mars 2026 »; optional
	// ReplacesCurrent ends the mandate in course of the same kind on From, in the
	// same transaction.
	ReplacesCurrent bool
	// Seen is the mandate the form showed as the one in course; when another one
	// took its place meanwhile, the act is refused. Zero: nothing was shown.
	Seen   MandateID
	Invite bool // queue an invitation if the person has no account
}

// Started tells what StartMandate did.
type Started struct {
	Mandate  MandateID
	Person   PersonRef
	Replaced string // the name of who left the seat; "" if nobody
	// Promoted: the new titular was the alternate, whose mandate as such ended.
	Promoted bool
}

// EndOfMandate is what it takes to end a mandate.
type EndOfMandate struct {
	ID      MandateID
	Version int
	On      day.Day // no longer in office on that day
	Reason  string  // kept in the journal; optional
	// ConfirmVacant says that leaving a chair's seat empty is meant.
	ConfirmVacant bool
}

// Ended tells what EndMandate did.
type Ended struct {
	Seat      SeatID
	Person    string
	Alternate string // the alternate whose mandate ended with it; "" if none
}

// Correction puts right what was typed wrong in a mandate. It is not a new
// mandate, and the journal tells the two apart.
type Correction struct {
	ID          MandateID
	Version     int
	From        day.Day
	Until       day.Day // zero: open
	TermEndsOn  day.Day
	Designation string
	Reference   string
	// First and Last correct the person's name, everywhere it shows; both ""
	// leave it. PersonVersion is then required.
	First, Last   string
	PersonVersion int
}

// tenure is a mandate as the rules see it.
type tenure struct {
	ID          MandateID       `db:"id"`
	Seat        SeatID          `db:"seat_id"`
	Person      access.PersonID `db:"person_id"`
	First       string          `db:"first_name"`
	Last        string          `db:"last_name"`
	Kind        MandateKind     `db:"kind"`
	From        day.Day         `db:"from_day"`
	Until       day.Day         `db:"until_day"` // zero: open
	TermEndsOn  day.Day         `db:"term_ends_on"`
	Designation string          `db:"designation"`
	Reference   string          `db:"reference"`
	Version     int             `db:"version"`
}

func (t tenure) name() string { return t.First + " " + t.Last }

// covers tells whether the mandate is in office on the day.
func (t tenure) covers(d day.Day) bool {
	return !d.Before(t.From) && (t.Until.IsZero() || d.Before(t.Until))
}

// record is a mandate as the journal keeps it.
type record struct {
	Mandate     MandateID   `json:"mandat"`
	Person      string      `json:"personne"`
	Kind        MandateKind `json:"qualite"`
	From        day.Day     `json:"debut"`
	Until       day.Day     `json:"fin"`
	TermEndsOn  day.Day     `json:"echeance"`
	Designation string      `json:"designation"`
	Reference   string      `json:"reference"`
	Reason      string      `json:"motif,omitempty"`
}

func (t tenure) record() record {
	return record{t.ID, t.name(), t.Kind, t.From, t.Until, t.TermEndsOn, t.Designation, t.Reference, ""}
}

// place is a seat under lock.
type place struct {
	ID    SeatID   `db:"id"`
	Kind  SeatKind `db:"kind"`
	Label string   `db:"label"`
	From  day.Day  `db:"from_day"`
	Until day.Day  `db:"until_day"`
	Today day.Day  `db:"today"`
}
