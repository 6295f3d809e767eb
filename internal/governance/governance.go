// Package governance holds the bodies of the deliberation n° 2024-677, their
// seats, the mandates of the people who hold them, the organisations they come
// from, and the composition of a body on any day.
//
// The deliberation, part « Un document cadre… », founds « une structuration sur
// deux niveaux »: the CMTIN, political and strategic, and three operational
// bodies. Composition is a rule, never a list: a seat belongs to a function, a
// commune, an organisation or a college; a person holds it for a time.
//
// Glossary: instance = Body, siège = Seat, mandat = Mandate, titulaire and
// suppléant = Titular and Alternate, collège = College, composition = Line…
//
// Days are half-open: a mandate that ends on a day is no longer in office on it.
// "Today" is always the database's, in Paris.
package governance

import (
	"fmt"
	"strings"
)

// Ids of what this area owns. People and organisations have theirs in access.
type (
	SeatID       int64 // seat.id
	MandateID    int64 // mandate.id
	MembershipID int64 // membership.id
	MeetingID    int64 // meeting.id
)

// BodyCode names one of the four bodies, as in the public URLs.
type BodyCode string

// The four bodies of the deliberation, part 2.
const (
	CMTIN    BodyCode = "cmtin"       // Comité métropolitain territorial pour l’inclusion numérique
	Partners BodyCode = "partenaires" // Groupe des partenaires institutionnels
	GNI      BodyCode = "gni"         // Groupe Numérique Inclusif
	Communes BodyCode = "communes"    // Comité des communes
)

// BodyCodes lists the bodies in display order.
var BodyCodes = []BodyCode{CMTIN, Partners, GNI, Communes}

// Label returns the short French name of the body.
func (c BodyCode) Label() string {
	switch c {
	case CMTIN:
		return "CMTIN"
	case Partners:
		return "Partenaires institutionnels"
	case GNI:
		return "GNI"
	case Communes:
		return "Comité des communes"
	}
	return string(c)
}

// Short returns the name of the body in a word, as references and timelines bear it.
func (c BodyCode) Short() string {
	switch c {
	case Partners:
		return "Partenaires"
	case Communes:
		return "Communes"
	}
	return c.Label()
}

// Full returns the name of the body with its initials, for a first use.
func (c BodyCode) Full() string {
	switch c {
	case CMTIN:
		return "Comité métropolitain territorial pour l’inclusion numérique (CMTIN)"
	case Partners:
		return "Groupe des partenaires institutionnels"
	case GNI:
		return "Groupe Numérique Inclusif (GNI)"
	}
	return c.Label()
}

// Reference names for good what a body decided or asked: « GNI 2026-3 », « GNI
// 2026-A2 ». letter is A for an opinion, P for a position, none for a decision.
func (c BodyCode) Reference(year int, letter string, number int) string {
	return fmt.Sprintf("%s %d-%s%d", c.Short(), year, letter, number)
}

// The names the body with its article: « le CMTIN ».
func (c BodyCode) The() string {
	if c == Partners {
		return "le groupe des partenaires institutionnels"
	}
	return "le " + c.Label()
}

// Of names the body after « de »: « du CMTIN ».
func (c BodyCode) Of() string { return "du " + strings.TrimPrefix(c.The(), "le ") }

// SeatKind says what a seat is owned by.
type SeatKind string

// The closed set of seats, from the sentences of the deliberation on who sits.
const (
	President         SeatKind = "president"          // the Présidente of Bordeaux Métropole
	Councillor        SeatKind = "councillor"         // the conseillère métropolitaine au numérique
	Mayor             SeatKind = "mayor"              // « les Maires des 28 communes »
	Partner           SeatKind = "partner"            // a main local institutional actor
	GNIRepresentative SeatKind = "gni_representative" // one of the ten, by college and rank
	Structure         SeatKind = "structure"          // one of the « quelques 160 structures locales »
)

// SeatKinds lists the kinds in display order.
var SeatKinds = []SeatKind{President, Councillor, Mayor, Partner, GNIRepresentative, Structure}

// Label returns the French name of the kind.
func (k SeatKind) Label() string {
	switch k {
	case President:
		return "Présidente de Bordeaux Métropole"
	case Councillor:
		return "Conseillère métropolitaine au numérique"
	case Mayor:
		return "Maire"
	case Partner:
		return "Partenaire institutionnel"
	case GNIRepresentative:
		return "Représentant du GNI"
	case Structure:
		return "Structure du GNI"
	}
	return string(k)
}

// Chairs tells whether the seat presides a body: replacing its holder is one act
// (ReplaceChair), and leaving it empty must be confirmed.
func (k SeatKind) Chairs() bool { return k == President || k == Councillor }

// College is one of the two colleges of the GNI.
type College string

// « 5 représentants de l’action sociale et 5 représentants de la médiation numérique »
const (
	SocialAction     College = "action_sociale"
	DigitalMediation College = "mediation_numerique"
)

// Colleges lists the colleges in the order of the deliberation.
var Colleges = []College{SocialAction, DigitalMediation}

// Label returns the French name of the college.
func (c College) Label() string {
	switch c {
	case SocialAction:
		return "Action sociale"
	case DigitalMediation:
		return "Médiation numérique"
	}
	return string(c)
}

// MandateKind says in which quality a person holds a seat.
type MandateKind string

// The closed set of qualities.
const (
	Titular   MandateKind = "titular"
	Alternate MandateKind = "alternate" // only while the seat has a titular
)

// MandateKinds lists the qualities in display order.
var MandateKinds = []MandateKind{Titular, Alternate}

// Label returns the French name of the quality.
func (k MandateKind) Label() string {
	switch k {
	case Titular:
		return "Titulaire"
	case Alternate:
		return "Suppléant"
	}
	return string(k)
}

// SeatState is what everyone sees of a seat on a day.
type SeatState string

// The closed set of states, computed by the SQL function composition.
const (
	Vacant      SeatState = "vacant"
	InOffice    SeatState = "in_office"
	EndsSoon    SeatState = "ends_soon"    // within 90 days
	CarriedOver SeatState = "carried_over" // past its term and not replaced
)

// SeatStates lists the states in display order.
var SeatStates = []SeatState{InOffice, EndsSoon, CarriedOver, Vacant}

// Label returns the French name of the state.
func (s SeatState) Label() string {
	switch s {
	case Vacant:
		return "Siège à pourvoir"
	case InOffice:
		return "En fonction"
	case EndsSoon:
		return "Fin proche"
	case CarriedOver:
		return "Prolongé"
	}
	return string(s)
}

// OrganisationKind says what an organisation is to the governance.
type OrganisationKind string

// The closed set of kinds of organisations.
const (
	MetropoleOrganisation OrganisationKind = "metropole"
	CommuneOrganisation   OrganisationKind = "commune"
	StateService          OrganisationKind = "state_service"
	PartnerOrganisation   OrganisationKind = "partner"
	LocalStructure        OrganisationKind = "structure"
)

// OrganisationKinds lists the kinds in display order.
var OrganisationKinds = []OrganisationKind{
	MetropoleOrganisation, CommuneOrganisation, StateService, PartnerOrganisation, LocalStructure,
}

// Label returns the French name of the kind.
func (k OrganisationKind) Label() string {
	switch k {
	case MetropoleOrganisation:
		return "Métropole"
	case CommuneOrganisation:
		return "Commune"
	case StateService:
		return "Service de l’État"
	case PartnerOrganisation:
		return "Partenaire institutionnel"
	case LocalStructure:
		return "Structure du GNI"
	}
	return string(k)
}

// MeetingState is where a meeting stands. Only the cadence of the year uses it
// for now.
type MeetingState string

// The closed set of states of a meeting.
const (
	Draft      MeetingState = "draft"
	Convened   MeetingState = "convened"
	InProgress MeetingState = "in_progress"
	Held       MeetingState = "held"
	Published  MeetingState = "published"
	Postponed  MeetingState = "postponed"
	Cancelled  MeetingState = "cancelled"
)

// MeetingStates lists the states in the order of a meeting's life.
var MeetingStates = []MeetingState{Draft, Convened, InProgress, Held, Published, Postponed, Cancelled}

// Label returns the French name of the state.
func (s MeetingState) Label() string {
	switch s {
	case Draft:
		return "Prévue"
	case Convened:
		return "Convoquée"
	case InProgress:
		return "En cours"
	case Held:
		return "Tenue"
	case Published:
		return "Compte rendu publié"
	case Postponed:
		return "Reportée"
	case Cancelled:
		return "Annulée"
	}
	return string(s)
}
