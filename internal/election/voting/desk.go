package voting

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// The journal says when a desk was open, and by whom; nothing of who voted at it.
var _ = audit.Name(map[string]string{
	"election.desk_open":    "Bureau de vote assisté ouvert",
	"election.desk_confirm": "Bureau de vote assisté confirmé",
	"election.desk_close":   "Bureau de vote assisté fermé",
})

// DeskHours is how long a desk stays open at most.
const DeskHours = 12 * time.Hour

// DeskID identifies a desk (voting_desk.id).
type DeskID int64

// Desk is an assisted desk that is not closed.
type Desk struct {
	ID        DeskID          `db:"id"`
	Place     string          `db:"place"`
	OpenedBy  access.PersonID `db:"opened_by"`
	Opener    string          `db:"opener"`
	Confirmer string          `db:"confirmer"` // "": a scrutineer has still to confirm
	Until     time.Time       `db:"until"`
}

// Confirmed tells whether ballots may be taken at the desk.
func (d Desk) Confirmed() bool { return d.Confirmer != "" }

// DeskVoter is a structure of the roll.
type DeskVoter struct {
	ID      access.OrganisationID `db:"id"`
	Name    string                `db:"name"`
	Commune string                `db:"commune"`
	College governance.College    `db:"college"`
}

// DeskView is the page of the desk.
type DeskView struct {
	Election election.Election
	Desk     *Desk // nil: none is open
	Voters   []DeskVoter
}

// Ready tells whether somebody may vote at the desk now.
func (v DeskView) Ready() bool { return v.Election.Voting() && v.Desk != nil && v.Desk.Confirmed() }

// MayConfirm tells whether the actor is the second person that the desk waits for.
func (v DeskView) MayConfirm(by access.Actor) bool {
	return v.Desk != nil && !v.Desk.Confirmed() && by.Is(access.Scrutineer) && by.Person != v.Desk.OpenedBy
}

var errDesk = problem.New(problem.Conflict, "Le bureau de vote n’est pas ouvert : un membre de l’équipe l’ouvre, puis un scrutateur présent le confirme.")

// keepsDesk tells who may see and hold the desk.
func keepsDesk(by access.Actor) bool { return by.Is(access.Team, access.Scrutineer) }

const deskSQL = `
	SELECT d.id, d.place, d.opened_by, o.first_name || ' ' || o.last_name AS opener, coalesce(c.first_name || ' ' || c.last_name, '') AS confirmer, d.until
	FROM voting_desk d JOIN person o ON o.id = d.opened_by LEFT JOIN person c ON c.id = d.confirmed_by
	WHERE d.election_id = $1 AND d.closed_at IS NULL AND d.until > clock_timestamp()`

// ShowDesk reads the desk of an election and, for the choice of who votes, the roll:
// all of it, whoever voted. A list of those who have not, read again and again beside
// the archive, whose order is that of the votes, would tell whose each ballot is.
func (s *Service) ShowDesk(ctx context.Context, by access.Actor, id election.ID) (DeskView, error) {
	if err := by.Require(keepsDesk(by)); err != nil {
		return DeskView{}, err
	}
	e, err := election.Load(ctx, s.db, by, id)
	if err != nil {
		return DeskView{}, err
	}
	v := DeskView{Election: e}
	var b postgres.Batch
	var desks []Desk
	postgres.AddList(&b, &desks, deskSQL, id)
	postgres.AddList(&b, &v.Voters, `
		SELECT r.structure_id AS id, r.name, r.commune, r.college
		FROM election_roll r WHERE r.election_id = $1
		  AND EXISTS (SELECT FROM emargement m JOIN ballot_box b ON b.id = m.box_id WHERE m.structure_id = r.structure_id AND b.election_id = r.election_id AND NOT b.rehearsal)
		ORDER BY fold(r.name), r.structure_id`, id)
	if err := b.Run(ctx, s.db); err != nil {
		return DeskView{}, postgres.Wrap(err, "desk of election %d", id)
	}
	if len(desks) > 0 {
		v.Desk = &desks[0]
	}
	return v, nil
}

// OpenDesk has the team open a desk, which waits for a scrutineer. Fields: lieu.
func (s *Service) OpenDesk(ctx context.Context, by access.Actor, id election.ID, place string) error {
	place = strings.TrimSpace(place)
	if n := utf8.RuneCountInString(place); n == 0 || n > 200 {
		return problem.OnField("lieu", "Dites où se tient le bureau de vote, en 200 caractères au plus.")
	}
	if err := by.Require(by.Is(access.Team)); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := election.Hold(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if !e.Voting() {
			return problem.New(problem.Conflict, "Le bureau de vote ne s’ouvre que pendant le vote.")
		}
		if err := endForgotten(ctx, tx, id); err != nil {
			return err
		}
		_, err = postgres.Exec(ctx, tx, `INSERT INTO voting_desk (election_id, place, opened_by, until) VALUES ($1, $2, $3, least($4, clock_timestamp() + $5::interval))`,
			id, place, by.Person, e.ClosesAt, DeskHours)
		if postgres.Violates(err, "voting_desk_one") {
			return problem.New(problem.Conflict, "Un bureau de vote est déjà ouvert pour cette élection.")
		}
		if err != nil {
			return postgres.Wrap(err, "open desk of election %d", id)
		}
		return election.Record(ctx, tx, by, "desk_open", e, nil, map[string]any{"lieu": place})
	})
}

// endForgotten closes the desks whose time is over.
func endForgotten(ctx context.Context, tx pgx.Tx, id election.ID) error {
	_, err := postgres.Exec(ctx, tx, `UPDATE voting_desk SET closed_at = until WHERE election_id = $1 AND closed_at IS NULL AND until <= clock_timestamp()`, id)
	return postgres.Wrap(err, "end desks of election %d", id)
}

// ConfirmDesk has a scrutineer who is there confirm the desk: another person than who
// opened it.
func (s *Service) ConfirmDesk(ctx context.Context, by access.Actor, id election.ID, desk DeskID) error {
	if err := by.Require(by.Is(access.Scrutineer)); err != nil {
		return err
	}
	return s.changeDesk(ctx, by, id, "desk_confirm", func(tx pgx.Tx) (int64, error) {
		return postgres.Exec(ctx, tx, `UPDATE voting_desk SET confirmed_by = $3, confirmed_at = now()
			WHERE id = $2 AND election_id = $1 AND closed_at IS NULL AND until > clock_timestamp() AND confirmed_by IS NULL AND opened_by <> $3`, id, desk, by.Person)
	})
}

// CloseDesk ends a desk.
func (s *Service) CloseDesk(ctx context.Context, by access.Actor, id election.ID, desk DeskID) error {
	if err := by.Require(keepsDesk(by)); err != nil {
		return err
	}
	return s.changeDesk(ctx, by, id, "desk_close", func(tx pgx.Tx) (int64, error) {
		return postgres.Exec(ctx, tx, `UPDATE voting_desk SET closed_at = now() WHERE id = $2 AND election_id = $1 AND closed_at IS NULL`, id, desk)
	})
}

func (s *Service) changeDesk(ctx context.Context, by access.Actor, id election.ID, act string, change func(pgx.Tx) (int64, error)) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := election.Hold(ctx, tx, by, id)
		if err != nil {
			return err
		}
		n, err := change(tx)
		if err != nil {
			return postgres.Wrap(err, "%s of election %d", act, id)
		}
		if n == 0 {
			return problem.New(problem.Conflict, "Ce bureau de vote a changé entre-temps : relisez la page.")
		}
		return election.Record(ctx, tx, by, act, e, nil, nil)
	})
}

// DeskBallot is the ballot of a structure at a desk that is open.
func (s *Service) DeskBallot(ctx context.Context, by access.Actor, id election.ID, structure access.OrganisationID) (View, error) {
	if err := s.atDesk(ctx, by, id); err != nil {
		return View{}, err
	}
	return s.view(ctx, by, id, structure)
}

// CastAtDesk receives a ballot at a desk that is open. Nothing of the desk, of the
// people who hold it or of the device goes with it but that it came from a desk.
func (s *Service) CastAtDesk(ctx context.Context, by access.Actor, id election.ID, structure access.OrganisationID, raw []byte) (Receipt, error) {
	if err := s.atDesk(ctx, by, id); err != nil {
		return Receipt{}, err
	}
	return s.cast(ctx, by, id, structure, raw, AtDesk)
}

func (s *Service) atDesk(ctx context.Context, by access.Actor, id election.ID) error {
	if err := by.Require(keepsDesk(by)); err != nil {
		return err
	}
	d, err := postgres.One[Desk](ctx, s.db, deskSQL, id)
	switch {
	case postgres.IsNoRows(err) || err == nil && !d.Confirmed():
		return errDesk
	case err != nil:
		return postgres.Wrap(err, "desk of election %d", id)
	}
	return nil
}
