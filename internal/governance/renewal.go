package governance

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// RenewalLine is a commune on the screen of the general renewal: who is mayor
// today, and what the form must send back to prove it saw it.
type RenewalLine struct {
	INSEE        string                `db:"insee"`
	Name         string                `db:"name"`
	Organisation access.OrganisationID `db:"organisation_id"`
	Seat         SeatID                `db:"seat_id"`
	Mandate      MandateID             `db:"mandate_id"` // 0: vacant
	Version      int                   `db:"version"`    // of the mandate
	First        string                `db:"first_name"`
	Last         string                `db:"last_name"`
	Email        string                `db:"email"`
	Since        day.Day               `db:"since"`
	TermEndsOn   day.Day               `db:"term_ends_on"`
}

// RenewalSheet returns the 28 communes by name.
func (s *Service) RenewalSheet(ctx context.Context, by access.Actor) ([]RenewalLine, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return nil, err
	}
	v, err := renewalLines(ctx, s.db)
	return v, postgres.Wrap(err, "renewal sheet")
}

// renewalLines gives, for each commune, the last mandate of its mayor that is not
// over: the one in course, or the one already planned.
func renewalLines(ctx context.Context, q postgres.Querier) ([]RenewalLine, error) {
	return postgres.List[RenewalLine](ctx, q, `
		SELECT c.insee, o.name, o.id AS organisation_id, s.id AS seat_id, coalesce(m.id, 0) AS mandate_id,
		       coalesce(m.version, 0) AS version, coalesce(p.first_name, '') AS first_name,
		       coalesce(p.last_name, '') AS last_name, coalesce(p.email, '') AS email, lower(m.during) AS since, m.term_ends_on
		FROM commune c JOIN organisation o ON o.id = c.organisation_id
		JOIN seat s ON s.organisation_id = o.id AND s.kind = 'mayor' AND s.during @> paris_today()
		LEFT JOIN LATERAL (
			SELECT m.id, m.version, m.person_id, m.during, m.term_ends_on FROM mandate m
			WHERE m.seat_id = s.id AND m.kind = 'titular' AND (upper_inf(m.during) OR upper(m.during) > paris_today())
			ORDER BY lower(m.during) DESC LIMIT 1) m ON true
		LEFT JOIN person p ON p.id = m.person_id
		ORDER BY fold(o.name)`)
}

// RenewalRow is what the screen, or a CSV file, says of one commune. A row
// without name and without SameMayor is left as it is.
type RenewalRow struct {
	INSEE   string
	Seen    MandateID // the mandate the screen showed; 0: vacant
	Version int       // its version
	// SameMayor: the mayor was elected again; a new mandate begins all the same.
	SameMayor   bool
	First, Last string
	Email       string
	Invite      bool
}

func (r RenewalRow) empty() bool {
	return !r.SameMayor && strings.TrimSpace(r.First+r.Last+r.Email) == ""
}

// Renewal is the general renewal of the communes, after municipal elections.
type Renewal struct {
	Day         day.Day // the new mandates begin
	TermEndsOn  day.Day // zero: not known
	Designation string  // « Élection du maire par le conseil municipal » when empty
	Reference   string
	Rows        []RenewalRow
	// PartialOK saves the rows that are right and gives back the others; else
	// one wrong row saves nothing.
	PartialOK bool
}

// Renewed tells what Renew did.
type Renewed struct {
	Saved     []string         // INSEE codes
	Untouched []string         // rows left empty
	Errors    []*problem.Error // Field is « prenom_33039 »; Conflict for a row somebody else changed
}

const defaultDesignation = "Élection du maire par le conseil municipal"

var errWrongRows = errors.New("wrong rows")

// Renew starts the new mandates of mayors, in one transaction; alternates and
// delegates stay. The error is about the whole form (fields debut, echeance,
// designation, reference) or an incident; what is wrong in a row comes in
// Renewed.Errors, with fields prenom_, nom_, courriel_, meme_ or debut_ followed
// by the INSEE code.
func (s *Service) Renew(ctx context.Context, by access.Actor, r Renewal) (Renewed, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Renewed{}, err
	}
	if r.Designation == "" {
		r.Designation = defaultDesignation
	}
	if err := checkWords(r.Designation, r.Reference); err != nil {
		return Renewed{}, err
	}
	var done Renewed
	err := s.write(ctx, func(tx pgx.Tx) error {
		today, err := postgres.Value[day.Day](ctx, tx, `SELECT paris_today()`)
		if err != nil {
			return postgres.Wrap(err, "today")
		}
		if err := checkDates(place{From: Founded, Today: today}, r.Day, day.Day{}, r.TermEndsOn); err != nil {
			return err
		}
		done, err = s.renewRows(ctx, tx, by, r)
		if err == nil && len(done.Errors) > 0 && !r.PartialOK {
			return errWrongRows // rolls back
		}
		return err
	})
	if errors.Is(err, errWrongRows) {
		return Renewed{Errors: done.Errors, Untouched: done.Untouched}, nil
	}
	if err != nil {
		return Renewed{}, err
	}
	return done, nil
}

func (s *Service) renewRows(ctx context.Context, tx pgx.Tx, by access.Actor, r Renewal) (Renewed, error) {
	lines, err := renewalLines(ctx, tx)
	if err != nil {
		return Renewed{}, postgres.Wrap(err, "renewal sheet")
	}
	known := make(map[string]RenewalLine, len(lines))
	for _, l := range lines {
		known[l.INSEE] = l
	}
	var done Renewed
	for _, row := range r.Rows {
		if row.empty() {
			done.Untouched = append(done.Untouched, row.INSEE)
			continue
		}
		line, ok := known[row.INSEE]
		if !ok {
			done.Errors = append(done.Errors, problem.OnField("nom_"+row.INSEE, "Le code INSEE « "+row.INSEE+" » n’est pas celui d’une des 28 communes."))
			continue
		}
		// Each row in a savepoint: what a wrong one began is undone.
		err := s.inSavepoint(ctx, tx, func(tx pgx.Tx) error { return s.renewRow(ctx, tx, by, r, row, line) })
		if p, ok := errors.AsType[*problem.Error](err); ok {
			done.Errors = append(done.Errors, rowProblem(p, row.INSEE))
			continue
		}
		if err != nil {
			return Renewed{}, err
		}
		done.Saved = append(done.Saved, row.INSEE)
	}
	return done, nil
}

func (s *Service) inSavepoint(ctx context.Context, tx pgx.Tx, f func(tx pgx.Tx) error) error {
	return postgres.InTx(ctx, tx, func(tx pgx.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		return settle(ctx, tx)
	})
}

func rowProblem(p *problem.Error, insee string) *problem.Error {
	q := *p
	if q.Field == "" || q.Field == "personne" || q.Field == "siege" {
		q.Field = "nom"
	}
	q.Field += "_" + insee
	return &q
}

func (s *Service) renewRow(ctx context.Context, tx pgx.Tx, by access.Actor, r Renewal, row RenewalRow, line RenewalLine) error {
	if line.Mandate != row.Seen || line.Version != row.Version {
		who := "le siège est devenu vacant"
		if line.Mandate != 0 {
			who = line.First + " " + line.Last + " est inscrit depuis le " + french.Date(line.Since)
		}
		return problem.New(problem.Conflict, french.Capital(line.Name)+" a changé pendant votre saisie ("+who+") : relisez cette ligne.")
	}
	person := PersonInput{First: row.First, Last: row.Last, Email: row.Email}
	if row.SameMayor {
		if line.Mandate == 0 {
			return problem.OnField("meme", "Ce siège est vacant : saisissez le nom du maire.")
		}
		if strings.TrimSpace(row.First+row.Last) != "" {
			return problem.OnField("meme", "Choisissez : le maire est reconduit, ou un nouveau nom est saisi.")
		}
	} else if line.isMayor(row) {
		row.SameMayor = true
	}
	switch {
	case row.SameMayor:
		id, err := postgres.Value[access.PersonID](ctx, tx, `SELECT person_id FROM mandate WHERE id = $1`, line.Mandate)
		if err != nil {
			return postgres.Wrap(err, "mayor of %s", row.INSEE)
		}
		person = PersonInput{ID: id}
	default:
		if err := namesake(ctx, tx, &person); err != nil {
			return err
		}
	}
	_, err := s.startMandate(ctx, tx, by, NewMandate{Seat: line.Seat, Person: person, Kind: Titular, From: r.Day,
		TermEndsOn: r.TermEndsOn, Designation: r.Designation, Reference: r.Reference, ReplacesCurrent: true, Invite: row.Invite})
	return err
}

// isMayor tells whether the row names who is already mayor: the same name, and
// no other address.
func (l RenewalLine) isMayor(r RenewalRow) bool {
	email := strings.ToLower(strings.TrimSpace(r.Email))
	return l.Mandate != 0 && foldText(r.First+" "+r.Last) == foldText(l.First+" "+l.Last) &&
		(email == "" || email == l.Email)
}

// namesake chooses the person already recorded with that very name and address:
// a deputy who becomes mayor is not refused for being known.
func namesake(ctx context.Context, tx pgx.Tx, in *PersonInput) error {
	if err := in.clean(); err != nil {
		return err
	}
	if in.Email == "" {
		return nil
	}
	id, err := postgres.Value[access.PersonID](ctx, tx, `
		SELECT id FROM person WHERE email = $1 AND fold(first_name) = fold($2) AND fold(last_name) = fold($3)`, in.Email, in.First, in.Last)
	switch {
	case postgres.IsNoRows(err):
		return nil
	case err != nil:
		return postgres.Wrap(err, "look for a namesake")
	}
	*in = PersonInput{ID: id}
	return nil
}
