package governance

import (
	"context"
	"encoding/json"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// SeatFilter narrows the team's list of seats; zero fields do not.
type SeatFilter struct {
	Kind  SeatKind
	State SeatState
	Q     string // in the seat, the organisation or the holder, accents forgiven
}

// SeatLine is a seat in the team's list, as it stands today.
type SeatLine struct {
	ID               SeatID          `db:"id"`
	Kind             SeatKind        `db:"kind"`
	Label            string          `db:"label"`
	College          College         `db:"college"`
	OrganisationName string          `db:"organisation_name"`
	Mandate          MandateID       `db:"mandate_id"`
	Person           access.PersonID `db:"person_id"` // 0: vacant
	Holder           string          `db:"holder"`
	Since            day.Day         `db:"since"`
	EndsOn           day.Day         `db:"ends_on"`
	TermEndsOn       day.Day         `db:"term_ends_on"`
	Alternate        string          `db:"alternate"`
	State            SeatState       `db:"state"`
	Total            int             `db:"total"`
}

// Seats returns one page of the seats open today, in the order of kinds then
// names, with how many answer the filter; page postgres.AllPages returns them all.
func (s *Service) Seats(ctx context.Context, by access.Actor, f SeatFilter, page int) ([]SeatLine, postgres.Paging, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return nil, postgres.Paging{}, err
	}
	rows, err := postgres.List[SeatLine](ctx, s.db, `
		WITH line AS (
			SELECT s.id, s.kind, s.label, coalesce(s.college, '') AS college, s.rank,
			       coalesce(o.name, '') AS organisation_name,
			       coalesce(m.id, 0) AS mandate_id, coalesce(p.id, 0) AS person_id,
			       coalesce(p.first_name || ' ' || p.last_name, '') AS holder,
			       lower(m.during) AS since, upper(m.during) AS ends_on, m.term_ends_on,
			       coalesce(ap.first_name || ' ' || ap.last_name, '') AS alternate,
			       CASE WHEN m.id IS NULL THEN 'vacant'
			            WHEN m.term_ends_on <= paris_today() THEN 'carried_over'
			            WHEN least(m.term_ends_on, upper(m.during)) <= paris_today() + 90 THEN 'ends_soon'
			            ELSE 'in_office' END AS state
			FROM seat s
			LEFT JOIN organisation o ON o.id = s.organisation_id
			LEFT JOIN mandate m ON m.seat_id = s.id AND m.kind = 'titular' AND lower(m.during) <= paris_today() AND coalesce(upper(m.during) > paris_today(), true)
			LEFT JOIN person p ON p.id = m.person_id
			LEFT JOIN mandate a ON a.seat_id = s.id AND a.kind = 'alternate' AND lower(a.during) <= paris_today() AND coalesce(upper(a.during) > paris_today(), true)
			LEFT JOIN person ap ON ap.id = a.person_id
			WHERE s.during @> paris_today() AND ($1 = '' OR s.kind = $1)
		)
		SELECT id, kind, label, college, organisation_name, mandate_id, person_id, holder, since, ends_on,
		       term_ends_on, alternate, state, count(*) OVER ()::int AS total
		FROM line
		WHERE ($2 = '' OR state = $2)
		  AND ($3 = '' OR strpos(fold(label || ' ' || organisation_name || ' ' || holder || ' ' || alternate), fold($3)) > 0)
		ORDER BY array_position(ARRAY['president','councillor','mayor','partner','gni_representative','structure'], kind),
		         CASE WHEN kind = 'gni_representative' THEN college END, rank, fold(CASE WHEN organisation_name = '' THEN label ELSE organisation_name END), id
		LIMIT $5 OFFSET $4`, string(f.Kind), string(f.State), f.Q, postgres.Offset(page), postgres.Limit(page))
	if err != nil {
		return nil, postgres.Paging{}, postgres.Wrap(err, "list seats")
	}
	total := 0
	if len(rows) > 0 {
		total = rows[0].Total
	}
	return rows, postgres.PagingOf(page, total), nil
}

// Tense places a mandate relative to today.
type Tense string

// The three tenses.
const (
	Past    Tense = "past"
	Current Tense = "current"
	Future  Tense = "future"
)

// Label returns the French name of the tense.
func (t Tense) Label() string {
	switch t {
	case Past:
		return "Terminé"
	case Current:
		return "En cours"
	case Future:
		return "À venir"
	}
	return string(t)
}

// MandateLine is a mandate on the page of its seat.
type MandateLine struct {
	ID            MandateID       `json:"id"`
	Kind          MandateKind     `json:"kind"`
	Person        access.PersonID `json:"person_id"`
	First         string          `json:"first_name"`
	Last          string          `json:"last_name"`
	Email         string          `json:"email"`
	PersonVersion int             `json:"person_version"`
	HasAccount    bool            `json:"has_account"`
	From          day.Day         `json:"from"`
	Until         day.Day         `json:"until"` // zero: open
	TermEndsOn    day.Day         `json:"term_ends_on"`
	Designation   string          `json:"designation"`
	Reference     string          `json:"reference"`
	Version       int             `json:"version"`
	Tense         Tense           `json:"tense"`
}

// Name returns the holder's name.
func (m MandateLine) Name() string { return m.First + " " + m.Last }

// HistoryEntry is what the journal keeps of an act on a seat or an organisation.
type HistoryEntry struct {
	ID     int64           `json:"id"`
	At     time.Time       `json:"at"`
	Actor  string          `json:"actor"`
	Action string          `json:"action"`
	Label  string          `json:"label"`
	Before json.RawMessage `json:"before"`
	After  json.RawMessage `json:"after"`
}

// ActionLabel returns the act in French: a correction is never called a change.
func (h HistoryEntry) ActionLabel() string { return ActionLabel(h.Action) }

// acts names in French the acts this area writes in the journal.
var acts = map[string]string{
	"mandate.start":        "Début de mandat",
	"mandate.end":          "Fin de mandat",
	"mandate.correct":      "Correction d’un mandat",
	"mandate.cancel":       "Annulation d’un mandat à venir",
	"person.create":        "Ajout d’une personne",
	"person.correct":       "Correction d’une personne",
	"seat.open":            "Ouverture d’un siège",
	"seat.close":           "Fermeture d’un siège",
	"seat.college":         "Correction du collège d’un siège",
	"organisation.create":  "Ajout d’une organisation",
	"organisation.correct": "Correction d’une organisation",
	"membership.start":     "Ajout d’une personne dans l’organisation",
	"membership.end":       "Départ d’une personne de l’organisation",
	"setting.change":       "Changement d’un réglage",
}

var _ = audit.Name(acts)

// ActionLabel names in French an act this area writes in the journal.
func ActionLabel(action string) string {
	if label, ok := acts[action]; ok {
		return label
	}
	return action
}

// SeatPage is a seat with all its mandates and its history.
type SeatPage struct {
	ID               SeatID                `json:"id"`
	Kind             SeatKind              `json:"kind"`
	Label            string                `json:"label"`
	College          College               `json:"college"`
	Organisation     access.OrganisationID `json:"organisation_id"`
	OrganisationName string                `json:"organisation_name"`
	From             day.Day               `json:"from"`
	Until            day.Day               `json:"until"` // zero: open
	Version          int                   `json:"version"`
	Today            day.Day               `json:"today"`
	State            SeatState             `json:"state"`
	Bodies           []BodyCode            `json:"bodies"`
	// TermYears is the usual length of a term on this seat, 0 when not set.
	TermYears int            `json:"term_years"`
	Mandates  []MandateLine  `json:"mandates"` // the latest first
	History   []HistoryEntry `json:"history"`  // the latest first, 50 at most
}

// Holder returns the mandate in course of the kind, nil if none.
func (p SeatPage) Holder(kind MandateKind) *MandateLine {
	for i := range p.Mandates {
		if m := &p.Mandates[i]; m.Kind == kind && m.Tense == Current {
			return m
		}
	}
	return nil
}

// SeatPage returns a seat for the team, in one round trip.
func (s *Service) SeatPage(ctx context.Context, by access.Actor, id SeatID) (SeatPage, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return SeatPage{}, err
	}
	v, err := postgres.Value[SeatPage](ctx, s.db, `
		SELECT json_build_object('id', s.id, 'kind', s.kind, 'label', s.label, 'college', s.college,
			'organisation_id', s.organisation_id, 'organisation_name', o.name,
			'from', lower(s.during), 'until', upper(s.during), 'version', s.version, 'today', paris_today(),
			'state', (SELECT CASE WHEN count(*) = 0 THEN 'vacant'
			                 WHEN bool_or(m.term_ends_on <= paris_today()) THEN 'carried_over'
			                 WHEN bool_or(least(m.term_ends_on, upper(m.during)) <= paris_today() + 90) THEN 'ends_soon'
			                 ELSE 'in_office' END
			          FROM mandate m WHERE m.seat_id = s.id AND m.kind = 'titular' AND m.during @> paris_today()),
			'bodies', (SELECT json_agg(r.body ORDER BY b.position) FROM composition_rule r JOIN body b ON b.code = r.body WHERE r.seat_kind = s.kind),
			'term_years', CASE WHEN s.kind = 'gni_representative' THEN
			                  (SELECT g.value FROM body_setting g WHERE g.body = 'gni' AND g.key = 'mandate_years') END,
			'mandates', (SELECT json_agg(json_build_object('id', m.id, 'kind', m.kind, 'person_id', p.id, 'first_name', p.first_name,
			                 'last_name', p.last_name, 'email', p.email, 'person_version', p.version,
			                 'has_account', EXISTS (SELECT FROM account a WHERE a.person_id = p.id),
			                 'from', lower(m.during), 'until', upper(m.during), 'term_ends_on', m.term_ends_on,
			                 'designation', m.designation, 'reference', m.reference, 'version', m.version,
			                 'tense', CASE WHEN upper(m.during) <= paris_today() THEN 'past'
			                               WHEN lower(m.during) > paris_today() THEN 'future' ELSE 'current' END)
			             ORDER BY lower(m.during) DESC, m.kind DESC, m.id DESC)
			             FROM mandate m JOIN person p ON p.id = m.person_id WHERE m.seat_id = s.id),
			'history', (SELECT json_agg(h ORDER BY h.id DESC) FROM (
			                SELECT e.id, e.at, e.actor, e.action, e.label, e.before, e.after FROM audit_entry e
			                WHERE e.object = 'seat' AND e.object_id = s.id ORDER BY e.id DESC LIMIT 50) h))
		FROM seat s LEFT JOIN organisation o ON o.id = s.organisation_id WHERE s.id = $1`, id)
	return v, orNotFound(err, errSeatNotFound, "page of seat")
}
