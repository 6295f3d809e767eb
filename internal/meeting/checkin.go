package meeting

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// CheckIn is what the code shown in the room leads to.
type CheckIn struct {
	Meeting  ID                  `db:"id"`
	Body     governance.BodyCode `db:"body"`
	Kind     Kind                `db:"kind"`
	StartsAt time.Time           `db:"starts_at"`
	Place    string              `db:"place"`
	Mine     bool                `db:"mine"`   // who is signed in was convened or invited
	Marked   bool                `db:"marked"` // and is on the roll already
}

// Title names the meeting.
func (c CheckIn) Title() string { return Meeting{Kind: c.Kind, Body: c.Body}.Title() }

// ErrCheckInClosed says that a code leads nowhere: the meeting is closed, or the
// code was renewed, or it never was.
var ErrCheckInClosed = problem.New(problem.Gone,
	"Ce code ne sert plus : la réunion est close, ou un nouveau code est affiché dans la salle. Scannez le code affiché, ou signalez-vous à l’équipe, qui notera votre présence.")

// CheckInBy returns the meeting in progress of a code, and whether who is signed in
// is of it.
func (s *Service) CheckInBy(ctx context.Context, by access.Actor, code string) (CheckIn, error) {
	v, err := postgres.One[CheckIn](ctx, s.db, `
		SELECT m.id, m.body, m.kind, m.starts_at, m.place, c.n > 0 AS mine, c.marked > 0 AS marked
		FROM meeting m CROSS JOIN LATERAL (
			SELECT count(*) AS n, count(a.convocation_id) AS marked
			FROM convocation c LEFT JOIN attendance a ON a.convocation_id = c.id
			WHERE c.meeting_id = m.id AND $2 <> 0 AND c.person_id = $2
		) c
		WHERE m.check_in_code = $1 AND m.state = 'in_progress'`, code, by.Person)
	if postgres.IsNoRows(err) {
		return CheckIn{}, ErrCheckInClosed
	}
	return v, postgres.Wrap(err, "check-in")
}

// CheckInHere notes that somebody says they are in the room: who is signed in and
// convened, or else whoever was convened at the address. It tells nobody whether
// the address is known, writes over no mark, and waits for the team's word. One
// mark a recipient is all it can ever write.
func (s *Service) CheckInHere(ctx context.Context, by access.Actor, code, email string) error {
	type marked struct {
		Meeting ID     `db:"meeting_id"`
		Name    string `db:"name"`
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		// FOR SHARE: a meeting being closed is waited for, and is then closed.
		id, err := postgres.Value[ID](ctx, tx, `SELECT id FROM meeting WHERE check_in_code = $1 AND state = 'in_progress' FOR SHARE`, code)
		if postgres.IsNoRows(err) {
			return ErrCheckInClosed
		}
		if err != nil {
			return postgres.Wrap(err, "check-in")
		}
		person := by.Person
		if email != "" {
			person = 0
		}
		done, err := postgres.List[marked](ctx, tx, `
			WITH done AS (
				INSERT INTO attendance (convocation_id, meeting_id, status, source)
				SELECT c.id, c.meeting_id, 'present', 'self' FROM convocation c
				WHERE c.meeting_id = $1 AND (($2 <> '' AND c.email = $2) OR ($3 <> 0 AND c.person_id = $3))
				ON CONFLICT (convocation_id) DO NOTHING RETURNING convocation_id
			)
			SELECT c.meeting_id, c.name FROM done JOIN convocation c ON c.id = done.convocation_id ORDER BY c.id`, id, strings.ToLower(email), person)
		if err != nil || len(done) == 0 {
			return postgres.Wrap(err, "check in at %d", id)
		}
		entries := make([]rollEntry, 0, len(done))
		for _, d := range done {
			entries = append(entries, rollEntry{d.Name, StatusPresent, "se dit présent"})
		}
		if !by.SignedIn() {
			by.Name = "Pointage en salle"
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "roll.self", Object: "meeting", ID: int64(id), Label: "Pointage en salle", After: entries})
	})
}
