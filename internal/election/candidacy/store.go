package candidacy

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// row is what the statements below read. Until the lists are sealed the name, the
// commune and the college are those of the roll.
type row struct {
	ID            ID                    `db:"id"`
	Structure     access.OrganisationID `db:"structure_id"`
	StructureName string                `db:"structure_name"`
	Commune       string                `db:"commune"`
	College       governance.College    `db:"college"`
	TitularFirst  string                `db:"titular_first"`
	TitularLast   string                `db:"titular_last"`
	TitularTitle  string                `db:"titular_function"`
	TitularEmail  string                `db:"titular_email"`
	TitularGender string                `db:"titular_gender"`
	OtherFirst    string                `db:"alternate_first"`
	OtherLast     string                `db:"alternate_last"`
	OtherTitle    string                `db:"alternate_function"`
	OtherEmail    string                `db:"alternate_email"`
	OtherGender   string                `db:"alternate_gender"`
	Statement     string                `db:"statement"`
	PhotoAlt      string                `db:"photo_alt"`
	HasPhoto      bool                  `db:"has_photo"`
	State         State                 `db:"state"`
	Reason        string                `db:"reason"`
	WithdrawnLate bool                  `db:"withdrawn_late"`
	SubmittedAt   time.Time             `db:"submitted_at"`
	DecidedAt     *time.Time            `db:"decided_at"`
	Place         int                   `db:"place"`
	OnRoll        bool                  `db:"on_roll"`
	Version       int                   `db:"version"`
}

const rowSQL = `
	SELECT c.id, c.structure_id, coalesce(r.name, c.structure_name) AS structure_name, coalesce(r.commune, c.commune) AS commune,
	       coalesce(r.college, c.college) AS college, c.titular_first, c.titular_last, c.titular_function, c.titular_email, c.titular_gender,
	       c.alternate_first, c.alternate_last, c.alternate_function, c.alternate_email, c.alternate_gender, c.statement, c.photo_alt,
	       c.photo IS NOT NULL AS has_photo, c.state, c.reason, c.withdrawn_late, c.submitted_at, c.decided_at, coalesce(c.place, 0) AS place,
	       r.structure_id IS NOT NULL AS on_roll, c.version
	FROM candidacy c LEFT JOIN election_roll r ON r.election_id = c.election_id AND r.structure_id = c.structure_id
	WHERE c.election_id = $1`

func (r row) candidacy() Candidacy {
	return Candidacy{ID: r.ID, Structure: r.Structure, StructureName: r.StructureName, Commune: r.Commune, College: r.College,
		Content: Content{
			Titular:   Person{r.TitularFirst, r.TitularLast, r.TitularTitle, r.TitularEmail, r.TitularGender},
			Alternate: Person{r.OtherFirst, r.OtherLast, r.OtherTitle, r.OtherEmail, r.OtherGender},
			Statement: r.Statement, PhotoAlt: r.PhotoAlt, Consent: true,
		},
		HasPhoto: r.HasPhoto, State: r.State, Reason: r.Reason, WithdrawnLate: r.WithdrawnLate, SubmittedAt: r.SubmittedAt,
		DecidedAt: r.DecidedAt, Place: r.Place, OnRoll: r.OnRoll, Version: r.Version}
}

func candidacies(rows []row) []Candidacy {
	out := make([]Candidacy, len(rows))
	for i, r := range rows {
		out[i] = r.candidacy()
	}
	return out
}

// load returns a candidacy of an election.
func load(ctx context.Context, q postgres.Querier, e election.ID, id ID) (Candidacy, error) {
	r, err := postgres.One[row](ctx, q, rowSQL+` AND c.id = $2`, e, id)
	if postgres.IsNoRows(err) {
		return Candidacy{}, errNotFound
	}
	return r.candidacy(), postgres.Wrap(err, "candidacy %d", id)
}

// currentSQL is the candidacy of structure $2: the one that is not withdrawn, or the
// last one that is.
const currentSQL = rowSQL + ` AND c.structure_id = $2 ORDER BY c.state = 'withdrawn' AND NOT c.withdrawn_late, c.id DESC LIMIT 1`

// current returns the candidacy of a structure, nil when it has none in force.
func current(ctx context.Context, tx pgx.Tx, e election.ID, structure access.OrganisationID) (*Candidacy, error) {
	rows, err := postgres.List[row](ctx, tx, currentSQL, e, structure)
	if err != nil {
		return nil, postgres.Wrap(err, "candidacy of structure %d", structure)
	}
	return inForce(rows), nil
}

// inForce is the candidacy that currentSQL found, unless it was withdrawn in time.
func inForce(rows []row) *Candidacy {
	if len(rows) == 0 || rows[0].State == Withdrawn && !rows[0].WithdrawnLate {
		return nil
	}
	c := rows[0].candidacy()
	return &c
}
