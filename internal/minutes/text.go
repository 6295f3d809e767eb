package minutes

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// State is where minutes stand.
type State string

// The closed set of states (constraint minutes_state_check); "" when nobody began.
const (
	StateDraft     State = "draft"
	StateReview    State = "review" // sent to participants for corrections
	StateValidated State = "validated"
	StatePublished State = "published"
)

// States lists the states in the order of the life of minutes.
var States = []State{StateDraft, StateReview, StateValidated, StatePublished}

// Label returns the French name of the state.
func (s State) Label() string {
	switch s {
	case StateDraft:
		return "En cours de rédaction"
	case StateReview:
		return "En relecture"
	case StateValidated:
		return "Validé"
	case StatePublished:
		return "Publié"
	case "":
		return "Pas commencé"
	}
	return string(s)
}

// How long the parts of minutes may be, in characters (constraints
// minutes_text_check, minutes_expert_check).
const (
	MaxText   = 180_000
	MaxExpert = 18_000 // both together stay under the constraint of a kept draft
)

// Sheet is the minutes of a meeting, with what their pages say of the meeting.
type Sheet struct {
	Meeting      meeting.ID              `db:"id"`
	Body         governance.BodyCode     `db:"body"`
	Kind         meeting.Kind            `db:"kind"`
	StartsAt     time.Time               `db:"starts_at"`
	EndsAt       time.Time               `db:"ends_at"`
	Place        string                  `db:"place"`
	Theme        string                  `db:"theme"`
	MeetingState governance.MeetingState `db:"meeting_state"`
	State        State                   `db:"state"` // "": nobody began
	Text         string                  `db:"text"`
	Expert       string                  `db:"expert"` // summary of the dialogue with the expert (CMTIN)
	ReviewUntil  day.Day                 `db:"review_until"`
	ReviewOpen   bool                    `db:"review_open"` // by the clock of the database
	ReviewedAt   *time.Time              `db:"reviewed_at"`
	ValidatedAt  *time.Time              `db:"validated_at"`
	ValidatedBy  string                  `db:"validated_by"`
	PublishedAt  *time.Time              `db:"published_at"`
	UpdatedAt    *time.Time              `db:"updated_at"`
	UpdatedBy    string                  `db:"updated_by"`
	Version      int                     `db:"version"`
	Revision     int                     `db:"revision"`    // number of the last revision
	Publications int                     `db:"publication"` // number of the last publication, 0: none
	Corrections  int                     `db:"corrections"`
	Waiting      int                     `db:"waiting"`   // corrections without an answer
	HasChair     bool                    `db:"has_chair"` // the GNI has none (D: animated by the metropole's teams)
	ByChair      bool                    `db:"by_chair"`  // who asks chairs the body
	SentBack     string                  `db:"sent_back"` // the chair's last word when asking for more work
	DraftText    string                  `db:"draft_text"`
	DraftAt      *time.Time              `db:"draft_at"` // nil: nothing kept for who asks
	DraftBase    int                     `db:"draft_base"`
	Today        day.Day                 `db:"today"`
}

// MeetingTitle names the meeting: « Séance du CMTIN ».
func (v Sheet) MeetingTitle() string { return meeting.Meeting{Body: v.Body, Kind: v.Kind}.Title() }

// Title names the minutes: « Compte rendu : séance du CMTIN du 10 décembre 2026 ».
func (v Sheet) Title() string {
	return "Compte rendu" + french.NBSP + ": " + lower(v.MeetingTitle()) + " du " + french.LongDate(day.In(v.StartsAt))
}

// Label names the minutes in the journal and in mails.
func (v Sheet) label() string { return v.Title() }

// Started tells whether somebody began the minutes.
func (v Sheet) Started() bool { return v.State != "" }

// CanStart tells whether the meeting is far enough for minutes.
func (v Sheet) CanStart() bool {
	return v.MeetingState == governance.InProgress || v.MeetingState == governance.Held || v.MeetingState == governance.Published
}

// HasExpert tells whether the minutes have a part on the dialogue with the national
// expert, which D gives to the CMTIN.
func (v Sheet) HasExpert() bool { return v.Body == governance.CMTIN || v.Expert != "" }

// Whole is the text as participants and the public read it.
func (v Sheet) Whole() string { return whole(v.Text, v.Expert) }

func lower(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return strings.ToLower(s[:n]) + s[n:]
}

// expertHeading begins the part on the dialogue with the expert. Text and part are
// written as one document wherever they are kept: revisions, drafts, publications.
const expertHeading = "# Dialogue avec l’expertise nationale"

// whole puts the parts together; parts takes them apart again.
func whole(text, expert string) string {
	switch {
	case expert == "":
		return text
	case text == "":
		return expertHeading + "\n\n" + expert
	}
	return text + "\n\n" + expertHeading + "\n\n" + expert
}

// parts finds the text and the part on the expert in a document.
func parts(document string) (text, expert string) {
	if rest, ok := strings.CutPrefix(document, expertHeading+"\n\n"); ok {
		return "", rest
	}
	if i := strings.LastIndex(document, "\n\n"+expertHeading+"\n\n"); i >= 0 {
		return document[:i], document[i+len("\n\n"+expertHeading+"\n\n"):]
	}
	return document, ""
}

// sheet reads the minutes of a meeting. It asks no right.
func sheet(ctx context.Context, q postgres.Querier, by access.Actor, id meeting.ID) (Sheet, error) {
	v, err := postgres.One[Sheet](ctx, q, `
		SELECT g.id, g.body, g.kind, g.starts_at, g.ends_at, g.place, g.theme, g.state AS meeting_state,
		       coalesce(m.state, '') AS state, coalesce(m.text, '') AS text, coalesce(m.expert, '') AS expert,
		       m.review_until, coalesce(m.state = 'review' AND paris_today() <= m.review_until, false) AS review_open,
		       m.reviewed_at, m.validated_at, coalesce(m.validated_by, '') AS validated_by, m.published_at,
		       m.updated_at, coalesce(m.updated_by, '') AS updated_by, coalesce(m.version, 0) AS version,
		       coalesce((SELECT max(r.number) FROM minutes_revision r WHERE r.meeting_id = g.id), 0) AS revision,
		       coalesce((SELECT max(p.number) FROM minutes_publication p WHERE p.meeting_id = g.id), 0) AS publication,
		       c.corrections, c.waiting,
		       EXISTS (SELECT FROM composition_rule r WHERE r.body = g.body AND r.chairs) AS has_chair,
		       $3 <> 0 AND (EXISTS (SELECT FROM convocation v WHERE v.meeting_id = g.id AND v.chairs AND v.person_id = $3)
		           OR EXISTS (SELECT FROM composition_rule r
		                      JOIN seat s ON s.kind = r.seat_kind AND s.during @> paris_today()
		                      JOIN mandate d ON d.seat_id = s.id AND d.kind = 'titular' AND d.during @> paris_today()
		                      WHERE r.body = g.body AND r.chairs AND d.person_id = $3)) AS by_chair,
		       CASE WHEN m.state = 'draft' THEN coalesce((SELECT a.after->>'reason' FROM audit_entry a
		           WHERE a.object = 'minutes' AND a.object_id = g.id AND a.action = 'minutes.send_back' ORDER BY a.id DESC LIMIT 1), '') ELSE '' END AS sent_back,
		       coalesce(w.text, '') AS draft_text, w.saved_at AS draft_at, coalesce(w.base_version, 0) AS draft_base,
		       paris_today() AS today
		FROM meeting g
		LEFT JOIN minutes m ON m.meeting_id = g.id
		LEFT JOIN minutes_draft w ON w.meeting_id = g.id AND w.account_id = $2
		CROSS JOIN LATERAL (SELECT count(*)::int AS corrections, (count(*) FILTER (WHERE c.state = 'waiting'))::int AS waiting
		                    FROM correction c WHERE c.meeting_id = g.id) c
		WHERE g.id = $1`, id, by.Account, by.Person)
	if postgres.IsNoRows(err) {
		return Sheet{}, meeting.ErrNotFound
	}
	return v, postgres.Wrap(err, "read minutes of %d", id)
}

// ownSheet is sheet for the team, which alone writes minutes, with the meeting
// locked: what becomes of minutes is decided one act at a time. version 0 asks for
// no check.
func ownSheet(ctx context.Context, tx pgx.Tx, by access.Actor, id meeting.ID, version int) (Sheet, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Sheet{}, err
	}
	return lockSheet(ctx, tx, by, id, version)
}

func lockSheet(ctx context.Context, tx pgx.Tx, by access.Actor, id meeting.ID, version int) (Sheet, error) {
	if _, err := postgres.Exec(ctx, tx, `SELECT FROM meeting WHERE id = $1 FOR UPDATE`, id); err != nil {
		return Sheet{}, postgres.Wrap(err, "lock meeting %d", id)
	}
	v, err := sheet(ctx, tx, by, id)
	if err == nil && version != 0 && version != v.Version {
		err = errStale
	}
	return v, err
}

// errNotStarted says that there is nothing to work on yet.
var errNotStarted = problem.New(problem.NotFound, "Le compte rendu de cette réunion n’est pas commencé.")

// Minutes returns the minutes of a meeting for the team, begun or not.
func (s *Service) Minutes(ctx context.Context, by access.Actor, id meeting.ID) (Sheet, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Sheet{}, err
	}
	return sheet(ctx, s.db, by, id)
}

// Pending counts what the team has to do with minutes.
type Pending struct {
	ToWrite   int `db:"to_write"`   // held, without minutes sent for review
	InReview  int `db:"in_review"`  // waiting for corrections or for the chair
	ToPublish int `db:"to_publish"` // validated
	ToAnswer  int `db:"to_answer"`  // corrections without an answer
}

// ToPublish counts what waits for the team, for its dashboard.
func (s *Service) ToPublish(ctx context.Context) (Pending, error) {
	v, err := postgres.One[Pending](ctx, s.db, `
		SELECT (count(*) FILTER (WHERE coalesce(m.state, 'draft') = 'draft'))::int AS to_write,
		       (count(*) FILTER (WHERE m.state = 'review'))::int AS in_review,
		       (count(*) FILTER (WHERE m.state = 'validated'))::int AS to_publish,
		       (SELECT count(*)::int FROM correction WHERE state = 'waiting') AS to_answer
		FROM meeting g LEFT JOIN minutes m ON m.meeting_id = g.id
		WHERE g.state = 'held' OR (g.state = 'published' AND m.state <> 'published')`)
	return v, postgres.Wrap(err, "count minutes")
}

var _ = audit.Name(map[string]string{
	"minutes.start": "Compte rendu commencé", "minutes.save": "Compte rendu enregistré", "minutes.restore": "Version du compte rendu reprise",
	"minutes.review": "Compte rendu envoyé en relecture", "minutes.correction": "Correction demandée", "minutes.answer": "Réponse à une correction",
	"minutes.validate": "Compte rendu validé", "minutes.send_back": "Reprise du compte rendu demandée",
	"minutes.publish": "Compte rendu publié", "minutes.rectify": "Compte rendu rectifié",
})

// record journals an act on minutes: never the text, which revisions keep.
func (v Sheet) record(ctx context.Context, tx pgx.Tx, by access.Actor, action string, before, after any) error {
	return audit.Record(ctx, tx, by, audit.Entry{Action: "minutes." + action, Object: "minutes", ID: int64(v.Meeting), Label: v.label(),
		Before: before, After: after})
}

// stateOf is what the journal says of minutes.
type stateOf struct {
	State      State `json:"state"`
	Version    int   `json:"version"`
	Characters int   `json:"caracteres"`
}

func (v Sheet) summary() stateOf {
	return stateOf{v.State, v.Version, utf8.RuneCountInString(v.Whole())}
}
