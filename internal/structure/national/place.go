package national

import (
	"io"
	"time"
)

// Place is a line of the national file: its fields are the columns of the standard,
// in their order. An empty field is an empty cell.
type Place struct {
	ID           string   // required, one of a kind in the file
	Pivot        string   // required: SIRET, or RNA of an association without one
	Name         string   // required
	Commune      string   // required
	PostalCode   string   // required
	INSEE        string   // code_insee
	Address      string   // required
	AddressMore  string   // complement_adresse
	Latitude     *float64 // with Longitude, or neither
	Longitude    *float64
	Typology     []string
	Phone        string // +33…
	Emails       []string
	Websites     []string
	Hours        string // OpenStreetMap syntax
	Summary      string // at most 280 characters
	Detail       string
	Source       string
	Mobility     []string  // itinerance
	Parent       string    // structure_parente
	UpdatedOn    time.Time // date_maj, required: a day, at midnight UTC
	Services     []string  // at least one, to be written
	Audiences    []string
	SpecialCare  []string
	Fees         []string
	Programmes   []string
	Labels       []string
	OtherLabels  []string
	AccessModes  []string
	SupportModes []string

	AccessibilityURL string // fiche_acces_libre
	AppointmentURL   string // prise_rdv
}

// CellError says what is wrong in a cell, to who typed it.
type CellError struct {
	Column  string // of the standard
	Message string // a sentence in French
}

// Columns is the columns of the standard, in order.
var Columns = []string{
	"id", "pivot", "nom", "commune", "code_postal", "code_insee", "adresse", "complement_adresse",
	"latitude", "longitude", "typologie", "telephone", "courriels", "site_web", "horaires",
	"presentation_resume", "presentation_detail", "source", "itinerance", "structure_parente",
	"date_maj", "services", "publics_specifiquement_adresses", "prise_en_charge_specifique",
	"frais_a_charge", "dispositif_programmes_nationaux", "formations_labels",
	"autres_formations_labels", "modalites_acces", "modalites_accompagnement",
	"fiche_acces_libre", "prise_rdv",
}

// Exportable returns why the place cannot be in the national file: nothing when it
// can.
func (p Place) Exportable() []CellError { return nil }

// Told is what is to be said of a place when the national file is made.
type Told struct {
	Place Place
	Out   bool // not in the file; else only that cell is left empty
	CellError
}

// Ready sorts out what goes in the national file: the places as the standard can
// hold them, and what is to be told: a place left out and why, a cell left empty.
func Ready(places []Place) (ready []Place, told []Told) { return places, nil }

// WriteCSV writes the national file: UTF-8, commas, every column in order, several
// values joined by |. It expects what Ready returned.
func WriteCSV(w io.Writer, places []Place) error { return nil }

// WriteJSON writes the same as an array of objects, as the national library reads
// them: what is empty has no key. It expects what Ready returned.
func WriteJSON(w io.Writer, places []Place) error { return nil }

// ReadRow reads a line of a file whose headers are the columns of the standard (Match
// them first): the place, and every cell that is wrong. A wrong cell leaves its field
// empty.
func ReadRow(row map[string]string) (Place, []CellError) { return Place{}, nil }

// Match returns the value of the list that somebody typed: case, accents,
// apostrophes, spaces and older spellings are forgiven; so is the label.
func (v Vocabulary) Match(typed string) (value string, ok bool) { return typed, v.Has(typed) }
