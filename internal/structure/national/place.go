package national

import (
	"strings"
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
	Missing bool   // nothing is wrong but that a required cell is empty
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

// lists returns the fields of the place that hold values of a closed list, by column.
func (p *Place) lists() map[string]*[]string {
	return map[string]*[]string{
		"typologie": &p.Typology, "itinerance": &p.Mobility, "services": &p.Services,
		"publics_specifiquement_adresses": &p.Audiences, "prise_en_charge_specifique": &p.SpecialCare,
		"frais_a_charge": &p.Fees, "dispositif_programmes_nationaux": &p.Programmes,
		"formations_labels": &p.Labels, "modalites_acces": &p.AccessModes, "modalites_accompagnement": &p.SupportModes,
	}
}

// texts returns the fields of free text, by column.
func (p *Place) texts() map[string]*string {
	return map[string]*string{
		"nom": &p.Name, "commune": &p.Commune, "adresse": &p.Address, "complement_adresse": &p.AddressMore,
		"presentation_resume": &p.Summary, "presentation_detail": &p.Detail, "source": &p.Source, "structure_parente": &p.Parent,
	}
}

// closed is the closed list of each column that has one.
var closed = map[string]Vocabulary{
	"typologie": Typologies, "itinerance": Mobility, "services": Services, "publics_specifiquement_adresses": Audiences,
	"prise_en_charge_specifique": SpecialCare, "frais_a_charge": Fees, "dispositif_programmes_nationaux": Programmes,
	"formations_labels": Labels, "modalites_acces": AccessModes, "modalites_accompagnement": SupportModes,
}

// Formula tells whether a spreadsheet would run the text as a formula. It is refused
// where it is typed: the national file has no way to disarm it that would not alter
// the text for those who read it otherwise.
func Formula(text string) bool {
	return text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0]))
}
