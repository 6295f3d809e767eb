package sheetfile

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Kind is what the cells of a column hold.
type Kind int

// The closed set of kinds.
const (
	TextKind Kind = iota
	DayKind
	NumberKind
)

// Column is a column of the table; its heading is the contract with the files people
// keep.
type Column struct {
	Key     string
	Heading string
	Kind    Kind
	Width   float64
}

// The columns, by their place in Columns.
const (
	cType = iota
	cNumber
	cAxis
	cTitle
	cText
	cPilot
	cPerson
	cBody
	cStatus
	cReason
	cSince
	cStart
	cEnd
	cPriority
	cConfidence
	cPercent
	cCommunes
	cPartners
	cParts
	cAudience
	cFNE
	cValidatedOn
	cValidation
	cProposedBy
	cProposer
	cMilestone
	cDue
	cDone
	cYear
	cNature
	cFunder
	cOtherFunder
	cPlanned
	cObtained
	cSpent
	cUnit
	cDirection
	cByCommune
	cValue
	cDate
	cSource
	columnCount
)

// Columns is the table, in order: one line a thing, whatever it is; each kind of line
// fills its own columns.
var Columns = [columnCount]Column{
	cType:        {"type", "Type de ligne", TextKind, 14},
	cNumber:      {"numero", "N° de l’action", NumberKind, 10},
	cAxis:        {"axe", "Axe", TextKind, 30},
	cTitle:       {"titre", "Titre", TextKind, 45},
	cText:        {"texte", "Texte", TextKind, 60},
	cPilot:       {"pilote", "Pilote", TextKind, 28},
	cPerson:      {"personne", "Personne pilote", TextKind, 24},
	cBody:        {"instance", "Instance de suivi", TextKind, 22},
	cStatus:      {"etat", "État", TextKind, 14},
	cReason:      {"motif", "Motif de l’état", TextKind, 30},
	cSince:       {"etat_depuis", "État depuis le", DayKind, 13},
	cStart:       {"debut", "Début", DayKind, 13},
	cEnd:         {"fin", "Fin", DayKind, 13},
	cPriority:    {"priorite", "Priorité", TextKind, 12},
	cConfidence:  {"confiance", "Confiance", TextKind, 20},
	cPercent:     {"avancement", "Avancement (%)", NumberKind, 12},
	cCommunes:    {"communes", "Communes", TextKind, 40},
	cPartners:    {"partenaires", "Partenaires", TextKind, 40},
	cParts:       {"roles", "Rôle des partenaires", TextKind, 40},
	cAudience:    {"public", "Public", TextKind, 30},
	cFNE:         {"objectif_fne", "Objectif France Numérique Ensemble", TextKind, 30},
	cValidatedOn: {"validee_le", "Validée le", DayKind, 13},
	cValidation:  {"validee_par", "Validée par", TextKind, 30},
	cProposedBy:  {"proposee_par", "Proposée au titre de", TextKind, 22},
	cProposer:    {"proposant", "Organisation qui propose", TextKind, 28},
	cMilestone:   {"jalon", "Jalon", TextKind, 8},
	cDue:         {"echeance", "Échéance", DayKind, 13},
	cDone:        {"faite_le", "Faite le", DayKind, 13},
	cYear:        {"annee", "Année", NumberKind, 8},
	cNature:      {"nature", "Nature", TextKind, 16},
	cFunder:      {"financeur", "Financeur", TextKind, 28},
	cOtherFunder: {"autre_financeur", "Autre financeur", TextKind, 28},
	cPlanned:     {"prevu", "Prévu (€)", NumberKind, 14},
	cObtained:    {"obtenu", "Obtenu (€)", NumberKind, 14},
	cSpent:       {"depense", "Dépensé (€)", NumberKind, 14},
	cUnit:        {"unite", "Unité", TextKind, 16},
	cDirection:   {"sens", "Sens", TextKind, 16},
	cByCommune:   {"par_commune", "Demandé à chaque commune", TextKind, 14},
	cValue:       {"valeur", "Valeur", NumberKind, 14},
	cDate:        {"date", "Date", DayKind, 13},
	cSource:      {"source", "Source", TextKind, 30},
}

// Type is what a line of the table is.
type Type string

// The closed set of types; their values are the words of the first column.
const (
	AxisLine      Type = "axe"
	ActionLine    Type = "action"
	StepLine      Type = "étape"
	BudgetLine    Type = "budget"
	IndicatorLine Type = "indicateur"
	TargetLine    Type = "cible"
	ReadingLine   Type = "valeur"
	TotalLine     Type = "total" // checked against the sum of the budget lines, never kept
)

// Types lists the types in the order they are explained.
var Types = []Type{AxisLine, ActionLine, StepLine, BudgetLine, IndicatorLine, TargetLine, ReadingLine, TotalLine}

// uses is the columns each type of line fills; what stands in another is told.
var uses = map[Type][]int{
	AxisLine: {cType, cAxis, cText},
	ActionLine: {cType, cNumber, cAxis, cTitle, cText, cPilot, cPerson, cBody, cStatus, cReason, cSince, cStart, cEnd, cPriority, cConfidence,
		cPercent, cCommunes, cPartners, cParts, cAudience, cFNE, cValidatedOn, cValidation, cProposedBy, cProposer},
	StepLine:      {cType, cNumber, cTitle, cMilestone, cDue, cDone},
	BudgetLine:    {cType, cNumber, cYear, cNature, cFunder, cOtherFunder, cPlanned, cObtained, cSpent, cText},
	IndicatorLine: {cType, cNumber, cTitle, cText, cUnit, cDirection, cByCommune, cValue, cDate},
	TargetLine:    {cType, cNumber, cTitle, cYear, cValue},
	ReadingLine:   {cType, cNumber, cTitle, cValue, cDate, cSource},
	TotalLine:     {cType, cNumber, cYear, cPlanned, cObtained, cSpent},
}

// fold forgives accents, case, punctuation and blanks.
func fold(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		switch r {
		case 'œ':
			b.WriteString("oe")
		case 'æ':
			b.WriteString("ae")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
