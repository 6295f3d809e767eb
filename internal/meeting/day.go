package meeting

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Refusals of the day.
var (
	errNotToOpen   = problem.New(problem.Conflict, "Seule une réunion convoquée peut s’ouvrir.")
	errNotToClose  = problem.New(problem.Conflict, "Seule une réunion en cours, ou convoquée et passée, peut se clore.")
	errNotToReopen = problem.New(problem.Conflict, "Seule une réunion close, dont le compte rendu n’est pas publié, peut se rouvrir.")
	errNoCheckIn   = problem.New(problem.Conflict, "Le pointage en salle n’existe que pendant la réunion.")
)

// CheckInFate says what becomes, at the closing, of the check-ins that the team has
// not confirmed.
type CheckInFate string

// The closed set of fates.
const (
	KeepCheckIns CheckInFate = "confirm" // those people are marked present
	DropCheckIns CheckInFate = "drop"    // nothing says that they were there
)

// OpenDay opens a convened meeting: it is in progress, and people may check in.
// version is the one the page showed.
func (s *Service) OpenDay(ctx context.Context, by access.Actor, id ID, version int) error {
	return s.turn(ctx, by, id, version, "roll.open", func(tx pgx.Tx, m Meeting) error {
		if m.State != governance.Convened {
			return errNotToOpen
		}
		token, _ := newToken()
		_, err := postgres.Exec(ctx, tx, `
			UPDATE meeting SET state = 'in_progress', opened_at = coalesce(opened_at, now()), check_in_code = $2, version = version + 1
			WHERE id = $1`, id, token)
		return postgres.Wrap(err, "open meeting %d", id)
	})
}

// CloseDay closes a meeting in progress, or says that a meeting convened and past
// was held: its roll is then entered from paper. No code leads to it any more, and
// no check-in is left unsettled.
func (s *Service) CloseDay(ctx context.Context, by access.Actor, id ID, version int, fate CheckInFate) error {
	return s.turn(ctx, by, id, version, "roll.close", func(tx pgx.Tx, m Meeting) error {
		now, err := postgres.One[rollDay](ctx, tx, rollDayOf, id)
		if err != nil {
			return postgres.Wrap(err, "hour of meeting %d", id)
		}
		if m.State != governance.InProgress && (m.State != governance.Convened || !now.Started) {
			return errNotToClose
		}
		if err := settleCheckIns(ctx, tx, by, m, fate); err != nil {
			return err
		}
		if err := tellPresence(ctx, tx, m); err != nil {
			return err
		}
		_, err = postgres.Exec(ctx, tx, `
			UPDATE meeting SET state = 'held', closed_at = now(), check_in_code = NULL, version = version + 1 WHERE id = $1`, id)
		return postgres.Wrap(err, "close meeting %d", id)
	})
}

// settleCheckIns confirms or takes off the check-ins that wait; with neither asked
// and some waiting, it asks (field pointages).
func settleCheckIns(ctx context.Context, tx pgx.Tx, by access.Actor, m Meeting, fate CheckInFate) error {
	var err error
	switch fate {
	case KeepCheckIns:
		_, err = postgres.Exec(ctx, tx, `
			UPDATE attendance SET source = 'team', marked_by = $2, version = version + 1 WHERE meeting_id = $1 AND source = 'self'`, m.ID, by.Name)
	case DropCheckIns:
		_, err = postgres.Exec(ctx, tx, `DELETE FROM attendance WHERE meeting_id = $1 AND source = 'self'`, m.ID)
	default:
		var waiting bool
		waiting, err = postgres.Value[bool](ctx, tx, `SELECT EXISTS (SELECT FROM attendance WHERE meeting_id = $1 AND source = 'self')`, m.ID)
		if waiting {
			return problem.OnField("pointages", "Des personnes se sont pointées : choisissez ce que devient leur pointage.")
		}
	}
	return postgres.Wrap(err, "settle the check-ins of %d", m.ID)
}

// ReopenDay takes a closed meeting back in progress, with a new code, as long as its
// minutes are not published.
func (s *Service) ReopenDay(ctx context.Context, by access.Actor, id ID, version int) error {
	return s.turn(ctx, by, id, version, "roll.reopen", func(tx pgx.Tx, m Meeting) error {
		if m.State != governance.Held {
			return errNotToReopen
		}
		token, _ := newToken()
		_, err := postgres.Exec(ctx, tx, `
			UPDATE meeting SET state = 'in_progress', opened_at = coalesce(opened_at, now()), closed_at = NULL, check_in_code = $2, version = version + 1
			WHERE id = $1`, id, token)
		return postgres.Wrap(err, "reopen meeting %d", id)
	})
}

// RenewCheckIn makes a new code; the one shown before leads nowhere any more.
func (s *Service) RenewCheckIn(ctx context.Context, by access.Actor, id ID) error {
	return s.turn(ctx, by, id, 0, "roll.code", func(tx pgx.Tx, m Meeting) error {
		if m.State != governance.InProgress {
			return errNoCheckIn
		}
		token, _ := newToken()
		_, err := postgres.Exec(ctx, tx, `UPDATE meeting SET check_in_code = $2 WHERE id = $1`, id, token)
		return postgres.Wrap(err, "renew the code of %d", id)
	})
}

// turn runs an act on a meeting of the team's and journals the state it leaves.
func (s *Service) turn(ctx context.Context, by access.Actor, id ID, version int, action string, f func(tx pgx.Tx, m Meeting) error) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		before, err := own(ctx, tx, by, id, version)
		if err != nil {
			return err
		}
		if err := f(tx, before); err != nil {
			return err
		}
		after, _, err := load(ctx, tx, by, id)
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: action, Object: "meeting", ID: int64(id), Label: before.Title(), Before: before, After: after})
	})
}

// WalkIn is somebody who is there and whom nobody invited.
type WalkIn struct {
	Name         string
	Organisation string
	Role         GuestRole
	Email        string // "": unknown
	Remote       bool
}

// check refuses what cannot be written (fields nom, role, courriel).
func (n WalkIn) check() error {
	switch {
	case strings.TrimSpace(n.Name) == "":
		return problem.OnField("nom", "Saisissez le nom de la personne.")
	case len([]rune(n.Name)) > 160:
		return problem.OnField("nom", "Gardez 160 caractères au plus.")
	case len([]rune(n.Organisation)) > 200:
		return problem.OnField("organisation", "Gardez 200 caractères au plus.")
	case n.Role != StateGuest && n.Role != ExpertGuest && n.Role != OtherGuest:
		return problem.OnField("role", "Choisissez à quel titre la personne est là.")
	}
	return nil
}

// AddWalkIn adds somebody to the roll, present: an invitation made on the spot, for
// which nothing is sent.
func (s *Service) AddWalkIn(ctx context.Context, by access.Actor, id ID, n WalkIn) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	if err := n.check(); err != nil {
		return err
	}
	status := StatusPresent
	if n.Remote {
		status = StatusRemote
	}
	return s.inRoll(ctx, by, id, func(tx pgx.Tx, m Meeting, _ []RollRow) error {
		taken, err := postgres.Value[bool](ctx, tx, `
			SELECT $2 <> '' AND EXISTS (SELECT FROM convocation WHERE meeting_id = $1 AND email = $2
			                            UNION ALL SELECT FROM meeting_guest WHERE meeting_id = $1 AND email = $2)`, id, n.Email)
		if err != nil {
			return postgres.Wrap(err, "look for a guest of %d", id)
		}
		if taken {
			return problem.OnField("courriel", "Cette adresse est celle d’une personne déjà sur la liste : cherchez-la dans l’émargement.")
		}
		_, err = postgres.Exec(ctx, tx, `
			WITH g AS (
				INSERT INTO meeting_guest (meeting_id, role, name, organisation, email, on_the_spot) VALUES ($1, $2, $3, $4, $5, true) RETURNING id
			), c AS (
				INSERT INTO convocation (meeting_id, kind, guest_id, name, seat_label, group_name, organisation_name, email)
				SELECT $1, 'invitation', g.id, $3, $6, 'Personnes invitées', $4, $5 FROM g RETURNING id
			)
			INSERT INTO attendance (convocation_id, meeting_id, status, source, marked_by) SELECT c.id, $1, $7, $8, $9 FROM c`,
			id, n.Role, n.Name, n.Organisation, n.Email, n.Role.Label(), string(status), rollSource(m), by.Name)
		if err != nil {
			return postgres.Wrap(err, "add a guest to %d", id)
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "roll.guest", Object: "meeting", ID: int64(id), Label: m.Title(),
			After: rollEntry{n.Name, status, n.Role.Label()}})
	})
}
