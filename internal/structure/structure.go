// Package structure is the register of the Groupe Numérique Inclusif (deliberation
// 2024-677: « quelques 160 structures locales impliquées dans les actions de terrain
// pour l’inclusion numérique »): who registers, how the team examines it, what each
// structure tells the public, who acts for it, whether it is up to date.
//
// A structure is an organisation of the governance; being accepted opens its seat in
// the GNI, and leaving closes it: the composition on any day is governance's.
//
// Files: registration (a request being written, sent, confirmed), examine and life
// (the team's acts), space (the structure's people and their rights), freshness,
// directory (what the public reads), sheet and check (the record and its rules).
// The standard of the national file is in structure/national, imports in
// structure/imports.
package structure

import (
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
)

// ID identifies a structure: it is the id of its organisation.
type ID = access.OrganisationID

// State is where a structure stands.
type State string

// The closed set of states (constraint structure_state_check).
const (
	Unconfirmed State = "unconfirmed" // sent, its address not confirmed yet
	Submitted   State = "submitted"   // waits for the team
	MoreAsked   State = "more_asked"  // the team asked something, the structure is to answer
	Accepted    State = "accepted"    // member of the GNI: its seat is open
	Refused     State = "refused"
	Suspended   State = "suspended" // its seat is closed for a while
	Left        State = "left"
	Merged      State = "merged" // into another record
	Lapsed      State = "lapsed" // never confirmed
)

// States lists the states in display order.
var States = []State{Submitted, MoreAsked, Unconfirmed, Accepted, Suspended, Refused, Left, Merged, Lapsed}

// Label returns the French name of the state, of a structure.
func (s State) Label() string {
	switch s {
	case Unconfirmed:
		return "Adresse à confirmer"
	case Submitted:
		return "À examiner"
	case MoreAsked:
		return "Précision demandée"
	case Accepted:
		return "Membre du GNI"
	case Refused:
		return "Refusée"
	case Suspended:
		return "Suspendue"
	case Left:
		return "Partie"
	case Merged:
		return "Fusionnée"
	case Lapsed:
		return "Sans suite"
	}
	return string(s)
}

// Waiting tells whether the request waits for the team or for an answer to it.
func (s State) Waiting() bool { return s == Submitted || s == MoreAsked }

// Origin says how a record came.
type Origin string

// The closed set of origins (constraint structure_origin_check).
const (
	FromRegistration Origin = "registration"
	FromTeam         Origin = "team"
	FromImport       Origin = "import"
	FromBefore       Origin = "before" // recorded before this register
)

// AladdinRole is what a structure does in the network Aladdin, which the metropole
// runs (D: « 30 structures de médiation numérique, membres du réseau Aladdin »).
type AladdinRole string

// The closed set of roles (constraint structure_aladdin_check); "" is no member.
const (
	AladdinMediation  AladdinRole = "mediation"  // trains people
	AladdinPrescriber AladdinRole = "prescriber" // sends people to be trained
	AladdinRelay      AladdinRole = "relay"      // makes the network known
)

// AladdinRoles lists the roles in display order.
var AladdinRoles = []AladdinRole{AladdinMediation, AladdinPrescriber, AladdinRelay}

// Label returns the French name of the role.
func (r AladdinRole) Label() string {
	switch r {
	case AladdinMediation:
		return "Lieu de médiation"
	case AladdinPrescriber:
		return "Prescripteur"
	case AladdinRelay:
		return "Relais d’information"
	case "":
		return "Pas membre"
	}
	return string(r)
}

// Section is a subject of the sheet: a step of the registration, a page of the
// structure's space.
type Section string

// The closed set of sections, in the order of the registration.
const (
	Identity  Section = "structure" // name, SIRET, kind
	Place     Section = "adresse"
	ByCollege Section = "college"
	Offer     Section = "services"
	Welcome   Section = "accueil" // for the public: presentation, hours, access
	Networks  Section = "reseaux"
	People    Section = "personnes" // of a registration; then the page of people
	Consents  Section = "accords"
)

// Sections lists them in order.
var Sections = []Section{Identity, Place, ByCollege, Offer, Welcome, Networks, People, Consents}

// SheetSections are those that the sheet of an accepted structure has: its college
// is the team's to change, its people have their page.
var SheetSections = []Section{Identity, Place, Offer, Welcome, Networks, Consents}

// Label returns the French name of the section.
func (s Section) Label() string {
	switch s {
	case Identity:
		return "Votre structure"
	case Place:
		return "Où vous agissez"
	case ByCollege:
		return "Votre collège"
	case Offer:
		return "Ce que vous faites"
	case Welcome:
		return "Votre accueil du public"
	case Networks:
		return "Vos réseaux et programmes"
	case People:
		return "Les personnes"
	case Consents:
		return "Vos accords"
	}
	return string(s)
}

// Optional tells whether a registration may leave the section untouched.
func (s Section) Optional() bool { return s == Welcome || s == Networks }

// Sheet is what the register knows of a structure. Closed lists hold values of
// structure/national. Days and times are the database's.
type Sheet struct {
	ID               ID                 `json:"id" db:"organisation_id"`
	Name             string             `json:"nom" db:"name"`
	State            State              `json:"etat" db:"state"`
	Origin           Origin             `json:"-" db:"origin"`
	College          governance.College `json:"college" db:"college"`
	MergedInto       ID                 `json:"-" db:"merged_into"` // 0: none
	SIRET            string             `json:"siret" db:"siret"`   // "": none declared
	RNA              string             `json:"rna" db:"rna"`
	NationalID       string             `json:"identifiant_national" db:"national_id"` // of the national file, when it came from there
	Source           string             `json:"source" db:"source"`
	Parent           string             `json:"structure_parente" db:"parent"`
	INSEE            string             `json:"code_insee" db:"insee"` // "": recorded before this register
	Commune          string             `json:"commune" db:"commune"`
	Address          string             `json:"adresse" db:"address"`
	AddressMore      string             `json:"complement_adresse" db:"address_more"`
	PostalCode       string             `json:"code_postal" db:"postal_code"`
	Latitude         *float64           `json:"latitude" db:"latitude"`
	Longitude        *float64           `json:"longitude" db:"longitude"`
	MetropoleWide    bool               `json:"toute_la_metropole" db:"metropole_wide"`
	Typology         []string           `json:"typologie" db:"typology"`
	Services         []string           `json:"services" db:"services"`
	Audiences        []string           `json:"publics" db:"audiences"`
	SpecialCare      []string           `json:"prises_en_charge" db:"special_care"`
	Fees             []string           `json:"frais" db:"fees"`
	Programmes       []string           `json:"programmes" db:"programmes"`
	Labels           []string           `json:"labels" db:"labels"`
	OtherLabels      []string           `json:"autres_labels" db:"other_labels"`
	AccessModes      []string           `json:"modalites_acces" db:"access_modes"`
	SupportModes     []string           `json:"modalites_accompagnement" db:"support_modes"`
	Mobility         []string           `json:"itinerance" db:"mobility"`
	Summary          string             `json:"presentation_resume" db:"summary"`
	Detail           string             `json:"presentation_detail" db:"detail"`
	HoursText        string             `json:"horaires_en_clair" db:"hours_text"` // as typed
	Hours            string             `json:"horaires" db:"hours"`               // OpenStreetMap syntax, "" when not understood
	Phone            string             `json:"telephone" db:"phone"`              // +33…
	Emails           []string           `json:"courriels" db:"emails"`
	Websites         []string           `json:"sites_web" db:"websites"`
	AccessibilityURL string             `json:"fiche_acces_libre" db:"accessibility_url"`
	AppointmentURL   string             `json:"prise_rdv" db:"appointment_url"`
	Aladdin          AladdinRole        `json:"aladdin" db:"aladdin"`
	AdviserPosts     int                `json:"postes_conseillers" db:"adviser_posts"`
	PublishSheet     bool               `json:"fiche_publiee" db:"publish_sheet"`
	PublishContacts  bool               `json:"coordonnees_publiees" db:"publish_contacts"`
	ShareNational    bool               `json:"partage_national" db:"share_national"`
	CreatedAt        time.Time          `json:"-" db:"created_at"`
	SubmittedAt      *time.Time         `json:"-" db:"submitted_at"`
	DecidedAt        *time.Time         `json:"-" db:"decided_at"`
	UpToDateAt       time.Time          `json:"-" db:"up_to_date_at"`
	ChangedAt        time.Time          `json:"-" db:"changed_at"`
	Freshness        Freshness          `json:"-" db:"freshness"`
	Version          int                `json:"-" db:"version"`
	Shown            string             `json:"-" db:"-"` // Stamp of the section as a form showed it; "" out of forms
}

// Public returns what of the sheet the public may read: the name, the commune and
// the college of a member of the GNI are the composition's (D, part 2); the rest is
// what the structure agreed to show.
func (s Sheet) Public() Sheet {
	if !s.PublishSheet {
		return Sheet{ID: s.ID, Name: s.Name, State: s.State, College: s.College, INSEE: s.INSEE, Commune: s.Commune,
			UpToDateAt: s.UpToDateAt, Freshness: s.Freshness}
	}
	if !s.PublishContacts {
		s.Phone, s.Emails = "", nil
	}
	s.Origin, s.SubmittedAt, s.DecidedAt, s.Version = "", nil, nil, 0
	return s
}

// Contact is a person named in a request: one is in charge, the others are invited
// once the structure is accepted.
type Contact struct {
	First    string `json:"first_name" db:"first_name"`
	Last     string `json:"last_name" db:"last_name"`
	Email    string `json:"email" db:"email"`
	Title    string `json:"title" db:"title"`
	InCharge bool   `json:"in_charge" db:"in_charge"`
	Manager  bool   `json:"manager" db:"manager"` // may change the sheet and the people
}

// Name returns « Camille Exemple ».
func (c Contact) Name() string { return c.First + " " + c.Last }

// Freshness says how long ago somebody of the structure said its sheet was right.
type Freshness string

// The closed set, computed in SQL by freshness(up_to_date_at).
const (
	Fresh   Freshness = "fresh"   // under six months
	Recent  Freshness = "recent"  // six to twelve months
	Ageing  Freshness = "ageing"  // twelve to eighteen months
	Expired Freshness = "expired" // over eighteen months
)

// Freshnesses lists them in order.
var Freshnesses = []Freshness{Fresh, Recent, Ageing, Expired}

// Label returns the French words.
func (f Freshness) Label() string {
	switch f {
	case Fresh:
		return "À jour depuis moins de 6 mois"
	case Recent:
		return "À jour il y a 6 à 12 mois"
	case Ageing:
		return "À jour il y a 12 à 18 mois"
	case Expired:
		return "Pas mise à jour depuis plus de 18 mois"
	}
	return string(f)
}

// StepKind says what happened to a structure.
type StepKind string

// The closed set of kinds (constraint structure_step_kind_check).
const (
	StepRecorded  StepKind = "recorded" // by the team
	StepSent      StepKind = "sent"
	StepConfirmed StepKind = "confirmed"
	StepAsked     StepKind = "asked"
	StepAnswered  StepKind = "answered"
	StepAccepted  StepKind = "accepted"
	StepRefused   StepKind = "refused"
	StepReopened  StepKind = "reopened"
	StepCollege   StepKind = "college"
	StepSuspended StepKind = "suspended"
	StepReturned  StepKind = "returned"
	StepLeft      StepKind = "left"
	StepMerged    StepKind = "merged"   // into another
	StepAbsorbed  StepKind = "absorbed" // another one was merged into this
	StepChanged   StepKind = "changed"
	StepUpToDate  StepKind = "up_to_date"
	StepReminded  StepKind = "reminded"
	StepImported  StepKind = "imported"
	StepLapsed    StepKind = "lapsed"
	StepNote      StepKind = "note" // the team's own: never shown to the structure
)

// Label returns the French words.
func (k StepKind) Label() string {
	switch k {
	case StepRecorded:
		return "Fiche créée par l’équipe"
	case StepSent:
		return "Demande envoyée"
	case StepConfirmed:
		return "Adresse confirmée"
	case StepAsked:
		return "Précision demandée"
	case StepAnswered:
		return "Réponse de la structure"
	case StepAccepted:
		return "Acceptée dans le GNI"
	case StepRefused:
		return "Demande refusée"
	case StepReopened:
		return "Demande rouverte"
	case StepCollege:
		return "Changement de collège"
	case StepSuspended:
		return "Suspension"
	case StepReturned:
		return "Retour dans le GNI"
	case StepLeft:
		return "Départ du GNI"
	case StepMerged:
		return "Fusionnée dans une autre fiche"
	case StepAbsorbed:
		return "Une autre fiche y a été fusionnée"
	case StepChanged:
		return "Fiche modifiée"
	case StepUpToDate:
		return "Informations confirmées à jour"
	case StepReminded:
		return "Rappel envoyé"
	case StepImported:
		return "Importée d’un fichier"
	case StepLapsed:
		return "Demande sans suite"
	case StepNote:
		return "Note de l’équipe"
	}
	return string(k)
}

// Step is one line of the story of a structure.
type Step struct {
	Kind   StepKind  `json:"kind" db:"kind"`
	Note   string    `json:"note" db:"note"`
	By     string    `json:"by_name" db:"by_name"`
	ByTeam bool      `json:"by_team" db:"by_team"`
	At     time.Time `json:"at" db:"at"`
}
