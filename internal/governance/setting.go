package governance

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// SettingKey names what a body decides where the deliberation is silent.
type SettingKey string

// The closed set of settings.
const (
	NoticeDays       SettingKey = "notice_days"
	QuorumPercent    SettingKey = "quorum_percent"
	ProxiesPerHolder SettingKey = "proxies_per_holder"
	MandateYears     SettingKey = "mandate_years"
	ReminderDays     SettingKey = "reminder_days"
)

// SettingKeys lists the settings in display order.
var SettingKeys = []SettingKey{NoticeDays, QuorumPercent, ProxiesPerHolder, MandateYears, ReminderDays}

// Label returns the French name of the setting.
func (k SettingKey) Label() string {
	switch k {
	case NoticeDays:
		return "Délai de convocation"
	case QuorumPercent:
		return "Quorum"
	case ProxiesPerHolder:
		return "Pouvoirs par personne"
	case MandateYears:
		return "Durée du mandat des représentants"
	case ReminderDays:
		return "Rappel avant la réunion"
	}
	return string(k)
}

// Bounds returns the least and the greatest value the setting may take.
func (k SettingKey) Bounds() (least, greatest int) {
	switch k {
	case NoticeDays:
		return 0, 60
	case QuorumPercent:
		return 1, 100
	case ProxiesPerHolder:
		return 0, 5
	case MandateYears:
		return 1, 10
	case ReminderDays:
		return 1, 30
	}
	return 0, 0
}

// Say returns the value in words: « 5 jours francs » is never said, « 5 jours »
// is; « sans objet » when there is none.
func (k SettingKey) Say(value *int) string {
	if value == nil {
		return "sans objet"
	}
	switch k {
	case NoticeDays, ReminderDays:
		return french.Count(*value, "jour", "jours")
	case QuorumPercent:
		return french.Percent(*value) + " des membres"
	case ProxiesPerHolder:
		return french.Count(*value, "pouvoir", "pouvoirs")
	case MandateYears:
		return french.Count(*value, "an", "ans")
	}
	return strconv.Itoa(*value)
}

// SourceKind says where a setting comes from.
type SourceKind string

// The closed set of sources.
const (
	FromDeliberation  SourceKind = "deliberation"
	FromInternalRules SourceKind = "internal_rules"
	ByAnalogy         SourceKind = "analogy"
	NotSet            SourceKind = "not_set" // and then there is no value
)

// SourceKinds lists the sources, the strongest first.
var SourceKinds = []SourceKind{FromDeliberation, FromInternalRules, ByAnalogy, NotSet}

// Label returns the French name of the source.
func (k SourceKind) Label() string {
	switch k {
	case FromDeliberation:
		return "Délibération"
	case FromInternalRules:
		return "Règlement intérieur"
	case ByAnalogy:
		return "Par défaut, par analogie"
	case NotSet:
		return "Non fixé"
	}
	return string(k)
}

// Setting is one rule a body gave itself, or the default, with its source.
type Setting struct {
	Body    BodyCode   `json:"body" db:"body"`
	Key     SettingKey `json:"key" db:"key"`
	Value   *int       `json:"value" db:"value"` // nil: sans objet
	Source  SourceKind `json:"source_kind" db:"source_kind"`
	Note    string     `json:"source_note" db:"source_note"`
	Version int        `json:"version" db:"version"`
}

// Say returns the value in words.
func (s Setting) Say() string { return s.Key.Say(s.Value) }

// Settings returns the settings of every body, for the team.
func (s *Service) Settings(ctx context.Context, by access.Actor) ([]Setting, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return nil, err
	}
	v, err := postgres.List[Setting](ctx, s.db, `
		SELECT g.body, g.key, g.value, g.source_kind, g.source_note, g.version
		FROM body_setting g JOIN body b ON b.code = g.body
		ORDER BY b.position, array_position(ARRAY['notice_days','quorum_percent','proxies_per_holder','mandate_years','reminder_days'], g.key)`)
	return v, postgres.Wrap(err, "list settings")
}

// check refuses a value out of bounds, a value without source or a source
// without value (fields valeur, source, note).
func (g Setting) check() error {
	least, greatest := g.Key.Bounds()
	switch {
	case !slices.Contains(SettingKeys, g.Key):
		return problem.New(problem.NotFound, "Ce réglage n’existe pas.")
	case !slices.Contains(SourceKinds, g.Source):
		return problem.OnField("source", "Choisissez d’où vient ce réglage.")
	case g.Source == NotSet && g.Value != nil:
		return problem.OnField("valeur", "Laissez la valeur vide quand le réglage n’est pas fixé.")
	case g.Source != NotSet && g.Value == nil:
		return problem.OnField("valeur", "Saisissez une valeur, ou choisissez la source « non fixé ».")
	case g.Value != nil && (*g.Value < least || *g.Value > greatest):
		return problem.OnField("valeur", fmt.Sprintf("Saisissez un nombre entre %d et %d.", least, greatest))
	case len([]rune(g.Note)) > 300:
		return problem.OnField("note", "Gardez 300 caractères au plus.")
	case g.Source == FromInternalRules && g.Note == "":
		return problem.OnField("note", "Citez l’article du règlement intérieur.")
	}
	return nil
}

// SetSetting changes one setting; g.Version is the one the form showed.
func (s *Service) SetSetting(ctx context.Context, by access.Actor, g Setting) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	if err := g.check(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		old, err := postgres.One[Setting](ctx, tx, `
			SELECT body, key, value, source_kind, source_note, version
			FROM body_setting WHERE body = $1 AND key = $2 FOR UPDATE`, g.Body, g.Key)
		if err != nil {
			return orNotFound(err, problem.New(problem.NotFound, "Ce réglage n’existe pas pour cette instance."), "lock setting")
		}
		if old.Version != g.Version {
			return errStale
		}
		if _, err := postgres.Exec(ctx, tx, `
			UPDATE body_setting SET value = $3, source_kind = $4, source_note = $5, version = version + 1
			WHERE body = $1 AND key = $2`, g.Body, g.Key, g.Value, g.Source, g.Note); err != nil {
			return postgres.Wrap(err, "set %s of %s", g.Key, g.Body)
		}
		g.Version++
		position := int64(slices.Index(BodyCodes, g.Body) + 1)
		return audit.Record(ctx, tx, by, audit.Entry{Action: "setting.change", Object: "body", ID: position,
			Label: g.Key.Label() + ", " + g.Body.Label(), Before: old, After: g})
	})
}
