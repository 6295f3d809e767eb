// Package indicator is the observatory's figures (deliberation 2024-677: « Un
// observatoire des inégalités numériques a été mis en place »): each dated, with its
// source and its method. What is entered is here; what the register counts of
// itself comes from internal/structure, in the same shape (Figure).
//
// Files: number (values as typed and printed), service (the team's acts), read (what
// pages show).
package indicator

import (
	"regexp"
	"strings"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Service is the use cases of the observatory.
type Service struct {
	db postgres.DB
}

// New returns the service.
func New(db postgres.DB) *Service { return &Service{db: db} }

// The acts of this area, as the journal shows them.
var _ = audit.Name(map[string]string{
	"indicator.add":     "Indicateur ajouté",
	"indicator.change":  "Indicateur modifié",
	"indicator.order":   "Ordre des indicateurs",
	"indicator.value":   "Valeur d’un indicateur ajoutée",
	"indicator.correct": "Valeur d’un indicateur corrigée",
	"indicator.remove":  "Valeur d’un indicateur retirée",
})

// ErrNotFound says that an indicator does not exist, or is not for who asks.
var ErrNotFound = problem.New(problem.NotFound, "Cet indicateur n’existe pas.")

var (
	errNoValue = problem.New(problem.NotFound, "Cette valeur n’existe pas, ou a été retirée.")
	errStale   = problem.New(problem.Conflict, "Quelqu’un d’autre a fait une modification pendant votre saisie : relisez, puis recommencez.")
	errTwice   = problem.OnField("fin", "Une valeur existe déjà pour cette date ou cette période : corrigez-la.")
)

// ID identifies an indicator, ValueID one of its values.
type (
	ID      int64
	ValueID int64
)

// Direction says which way the figure should go.
type Direction string

// The closed set of directions (constraint indicator_direction_check).
const (
	Neutral Direction = "neutral"
	Up      Direction = "up"
	Down    Direction = "down"
)

// Directions lists them in display order.
var Directions = []Direction{Neutral, Up, Down}

// Label returns the French words.
func (d Direction) Label() string {
	switch d {
	case Neutral:
		return "Sans sens attendu"
	case Up:
		return "Une hausse est souhaitée"
	case Down:
		return "Une baisse est souhaitée"
	}
	return string(d)
}

// Qualifier says how near a value is told.
type Qualifier string

// The closed set of qualifiers (constraint indicator_value_qualifier_check).
const (
	Exactly Qualifier = ""
	Nearly  Qualifier = "nearly"
	Over    Qualifier = "over"
)

// Qualifiers lists them in display order.
var Qualifiers = []Qualifier{Exactly, Nearly, Over}

// Label returns the French words: « près de »; for Exactly, « valeur exacte ».
func (q Qualifier) Label() string {
	switch q {
	case Exactly:
		return "valeur exacte"
	case Nearly:
		return "près de"
	case Over:
		return "plus de"
	}
	return string(q)
}

// Indicator is what is measured. Its page is /indicateurs/{slug}.
type Indicator struct {
	ID        ID        `json:"-" db:"id"`
	Slug      string    `json:"adresse" db:"slug"`
	Name      string    `json:"nom" db:"name"`
	Unit      string    `json:"unite" db:"unit"`        // « personnes »
	UnitOne   string    `json:"unite_un" db:"unit_one"` // « personne »
	Meaning   string    `json:"explication" db:"meaning"`
	Method    string    `json:"methode" db:"method"`
	Source    string    `json:"source" db:"source"` // proposed for a new value
	Direction Direction `json:"sens" db:"direction"`
	Position  int       `json:"-" db:"position"`
	Published bool      `json:"publie" db:"published"`
	Version   int       `json:"-" db:"version"`
}

// Say writes a value with its unit: « près de 3 000 personnes ».
func (i Indicator) Say(v Value) string {
	unit := i.UnitOne
	if v.Number.plural() {
		unit = i.Unit
	}
	space := french.NBSP
	if unit == "%" {
		space = french.Narrow
	}
	return v.Said() + space + unit
}

// Value is one figure: of a day (From is no day), or of a period.
type Value struct {
	ID        ValueID   `json:"-" db:"id"`
	Indicator ID        `json:"-" db:"indicator_id"`
	From      day.Day   `json:"debut" db:"starts_on"`
	To        day.Day   `json:"fin" db:"ends_on"`
	Number    Number    `json:"valeur" db:"value"`
	Qualifier Qualifier `json:"precision" db:"qualifier"`
	Source    string    `json:"source" db:"source"`
	Link      string    `json:"lien" db:"link"`
	Note      string    `json:"note" db:"note"`
	EnteredBy string    `json:"-" db:"entered_by"`
	EnteredAt time.Time `json:"-" db:"entered_at"`
	Version   int       `json:"-" db:"version"`
}

// Said writes the value without unit: « près de 3 000 ».
func (v Value) Said() string {
	if v.Qualifier == Exactly {
		return v.Number.String()
	}
	return v.Qualifier.Label() + " " + v.Number.String()
}

// When writes what the value is of: « au 6 décembre 2024 », « année 2025 », « du
// 1er mars au 30 juin 2025 ».
func (v Value) When() string {
	switch {
	case v.From.IsZero():
		return "au " + french.LongDate(v.To)
	case v.From == day.Of(v.To.Year(), time.January, 1) && v.To == day.Of(v.From.Year(), time.December, 31):
		return "année " + v.From.String()[:4]
	}
	return "du " + french.LongDate(v.From) + " au " + french.LongDate(v.To)
}

// Figure is an indicator with its values, the oldest first.
type Figure struct {
	Indicator
	Values []Value
}

// Last returns the latest value; false when there is none.
func (f Figure) Last() (Value, bool) {
	if len(f.Values) == 0 {
		return Value{}, false
	}
	return f.Values[len(f.Values)-1], true
}

// RegisterPrefix begins the slug of the figures that the register counts: no
// indicator that is entered may take one.
const RegisterPrefix = "registre-"

var notInSlug = regexp.MustCompile(`[^a-z0-9]+`)

// slugOf makes an address of a name: « Personnes formées » gives personnes-formees.
func slugOf(name string) string {
	s := strings.Trim(notInSlug.ReplaceAllString(unaccented(name), "-"), "-")
	if len(s) > 80 {
		s = strings.Trim(s[:80], "-")
	}
	return s
}

var accents = strings.NewReplacer("à", "a", "â", "a", "ä", "a", "é", "e", "è", "e", "ê", "e", "ë", "e", "î", "i", "ï", "i",
	"ô", "o", "ö", "o", "ù", "u", "û", "u", "ü", "u", "ç", "c", "œ", "oe", "æ", "ae")

func unaccented(s string) string { return accents.Replace(strings.ToLower(s)) }

// check refuses what the schema would refuse, on its field.
func (i Indicator) check() error {
	for _, x := range []struct {
		field, value string
		least, most  int
	}{{"nom", i.Name, 1, 150}, {"unite", i.Unit, 1, 40}, {"unite_un", i.UnitOne, 1, 40}, {"explication", i.Meaning, 1, 500},
		{"methode", i.Method, 1, 1000}, {"source", i.Source, 0, 600}} {
		if err := checkLength(x.field, x.value, x.least, x.most); err != nil {
			return err
		}
	}
	switch {
	case i.Direction != Neutral && i.Direction != Up && i.Direction != Down:
		return problem.OnField("sens", "Choisissez le sens attendu.")
	case i.Slug == "":
		return problem.OnField("nom", "Donnez un nom qui contient des lettres ou des chiffres.")
	case strings.HasPrefix(i.Slug, RegisterPrefix):
		return problem.OnField("nom", "Choisissez un nom qui ne commence pas par « Registre » : ces chiffres sont comptés par le portail.")
	}
	return nil
}

func checkLength(field, value string, least, most int) error {
	switch n := len([]rune(value)); {
	case n < least:
		return problem.OnField(field, "Remplissez ce champ.")
	case n > most:
		return problem.OnField(field, "Gardez "+french.Count(most, "caractère", "caractères")+" au plus.")
	}
	return nil
}

var webAddress = regexp.MustCompile(`^(https?://[^\s]+|/[a-z][^\s]*)$`)

// check refuses what the schema would refuse, on its field.
func (v Value) check(today day.Day) error {
	for _, x := range []struct {
		field, value string
		least, most  int
	}{{"source", v.Source, 1, 600}, {"lien", v.Link, 0, 300}, {"note", v.Note, 0, 1000}} {
		if err := checkLength(x.field, x.value, x.least, x.most); err != nil {
			return err
		}
	}
	switch {
	case v.To.IsZero():
		return problem.OnField("fin", "Saisissez la date du chiffre, ou la fin de la période.")
	case v.To.Year() < 1990:
		return problem.OnField("fin", "Saisissez une date à partir de 1990.")
	case v.To.After(today):
		return problem.OnField("fin", "Cette date n’est pas encore passée : un chiffre ne se publie pas d’avance.")
	case !v.From.IsZero() && !v.From.Before(v.To):
		return problem.OnField("debut", "La période doit commencer avant sa fin.")
	case v.Qualifier != Exactly && v.Qualifier != Nearly && v.Qualifier != Over:
		return problem.OnField("precision", "Choisissez une des réponses proposées.")
	case v.Link != "" && !webAddress.MatchString(v.Link):
		return problem.OnField("lien", "Saisissez une adresse complète, par exemple https://www.exemple.fr/rapport.")
	case v.Number > (Greatest+1)*one-1 || v.Number < -((Greatest+1)*one-1):
		return problem.OnField("valeur", "Ce nombre est trop grand.")
	}
	return nil
}

// record is a value as the journal keeps it.
type record struct {
	Value
	Said   string `json:"chiffre"`
	Reason string `json:"motif,omitempty"`
}

func recordOf(i Indicator, v Value, reason string) record { return record{v, i.Say(v), reason} }

func entry(i Indicator, action, label string, before, after any) audit.Entry {
	return audit.Entry{Action: "indicator." + action, Object: "indicator", ID: int64(i.ID), Label: label, Before: before, After: after}
}

// team asks that the actor be of the team.
func team(by access.Actor) error { return by.Require(by.RunsBodies()) }
