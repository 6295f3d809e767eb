package meeting

import (
	"context"
	"crypto/rand"
	"crypto/sha256"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Service is the use cases of meetings. It asks the actor's right where it loads
// the object; what the actor may not know of does not exist for them.
type Service struct {
	db      postgres.DB
	outbox  *notify.Outbox
	baseURL string
}

// New returns the service. baseURL is the public address of the portal, without a
// slash at its end; links of mails begin with it.
func New(db postgres.DB, outbox *notify.Outbox, baseURL string) *Service {
	return &Service{db: db, outbox: outbox, baseURL: baseURL}
}

// ErrNotFound says that a meeting does not exist, or not for who asks.
var ErrNotFound = problem.New(problem.NotFound, "Cette réunion n’existe pas.")

// errStale says that somebody else wrote first.
var errStale = problem.New(problem.Conflict, "Quelqu’un d’autre a modifié cette page pendant votre saisie : relisez-la, puis recommencez.")

// Load returns a meeting and what the actor sees of it: ErrNotFound when nothing.
func (s *Service) Load(ctx context.Context, by access.Actor, id ID) (Meeting, Sight, error) {
	return load(ctx, s.db, by, id)
}

type seen struct {
	Meeting
	Party bool `db:"party"`
}

// load is Load within a transaction or not. It locks nothing.
func load(ctx context.Context, q postgres.Querier, by access.Actor, id ID) (Meeting, Sight, error) {
	v, err := postgres.One[seen](ctx, q, `
		SELECT m.id, m.body, m.kind, m.starts_at, m.ends_at, m.place, m.video_url, m.theme, m.state, m.announced,
		       m.uid::text AS uid, m.sequence, m.changed_at, m.convened_at, m.convene_reason, m.call_off_reason, m.called_off_at,
		       coalesce(m.replaces_id, 0) AS replaces_id,
		       coalesce((SELECT r.id FROM meeting r WHERE r.replaces_id = m.id), 0) AS replaced_by,
		       m.opened_at, m.closed_at, m.chair_present, m.state_present, b.needs_chair_and_state,
		       coalesce((SELECT value FROM body_setting g WHERE g.body = m.body AND g.key = 'notice_days'), 0) AS notice_days,
		       (SELECT value FROM body_setting g WHERE g.body = m.body AND g.key = 'quorum_percent') AS quorum,
		       (SELECT value FROM body_setting g WHERE g.body = m.body AND g.key = 'proxies_per_holder') AS proxies,
		       (SELECT value FROM body_setting g WHERE g.body = m.body AND g.key = 'reminder_days') AS reminder_days,
		       m.version, $2 <> 0 AND meeting_party(m.id, $2) AS party
		FROM meeting m JOIN body b ON b.code = m.body WHERE m.id = $1`, id, by.Person)
	switch {
	case postgres.IsNoRows(err):
		return Meeting{}, Nothing, ErrNotFound
	case err != nil:
		return Meeting{}, Nothing, postgres.Wrap(err, "load meeting")
	}
	sight := Nothing
	switch {
	case by.RunsBodies():
		sight = Backstage
	case v.Announced && v.Party:
		sight = Inside
	case v.Announced:
		sight = Outside
	}
	if sight == Nothing {
		return Meeting{}, Nothing, ErrNotFound
	}
	if sight < Inside {
		v.VideoURL, v.ConveneReason = "", ""
	}
	return v.Meeting, sight, nil
}

// own loads a meeting for the team and locks its row: whatever is decided of the
// meeting is decided one at a time. version 0 asks for no check; else errStale when
// somebody wrote since.
func own(ctx context.Context, tx pgx.Tx, by access.Actor, id ID, version int) (Meeting, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Meeting{}, err
	}
	if _, err := postgres.Value[ID](ctx, tx, `SELECT id FROM meeting WHERE id = $1 FOR UPDATE`, id); err != nil {
		if postgres.IsNoRows(err) {
			return Meeting{}, ErrNotFound
		}
		return Meeting{}, postgres.Wrap(err, "lock meeting")
	}
	m, _, err := load(ctx, tx, by, id)
	if err == nil && version != 0 && version != m.Version {
		err = errStale
	}
	return m, err
}

// newToken returns the secret of a personal link and the hash that is kept.
func newToken() (token string, hash []byte) {
	token = rand.Text() // 26 characters, 130 bits
	return token, hashToken(token)
}

func hashToken(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

// AnswerPath is where the personal link of a recipient leads.
const AnswerPath = "/reunions/reponse/"

// PollPath is where the personal link of a date poll leads.
const PollPath = "/reunions/sondage/"

// CheckInPath is what the QR code shown in the room leads to.
const CheckInPath = "/pointage/"
