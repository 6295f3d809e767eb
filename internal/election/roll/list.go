package roll

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Entry is a structure of the roll, with what everybody may read of it.
type Entry struct {
	Structure access.OrganisationID `db:"structure_id"`
	Name      string                `db:"name"`
	Commune   string                `db:"commune"` // "": not known
	College   governance.College    `db:"college"`
	InSheet   bool                  `db:"in_sheet"` // has a page in the directory
}

// Query is what a reader asks of the roll.
type Query struct {
	Text    string             // part of a name or of a commune
	College governance.College // "": both
	Page    int                // from 1; postgres.AllPages for a file
}

// Counts is how many structures the roll has.
type Counts struct {
	All              int `db:"registered"`
	SocialAction     int `db:"social_action"`
	DigitalMediation int `db:"digital_mediation"`
}

// Of is the count of a college.
func (c Counts) Of(college governance.College) int {
	if college == governance.SocialAction {
		return c.SocialAction
	}
	return c.DigitalMediation
}

// List is a page of the roll. Nothing is shown before the provisional roll is.
type List struct {
	Election election.Election
	Entries  []Entry
	Counts   Counts
	Paging   postgres.Paging
}

// Shown tells whether there is a roll to read.
func (l List) Shown() bool { return l.Election.Phase.Reached(election.Roll) }

// Final tells whether the roll is sealed.
func (l List) Final() bool { return l.Election.Phase.Reached(election.Sealed) }

const countsSQL = `
	SELECT count(*)::int AS registered, (count(*) FILTER (WHERE college = 'action_sociale'))::int AS social_action,
	       (count(*) FILTER (WHERE college = 'mediation_numerique'))::int AS digital_mediation
	FROM election_roll WHERE election_id = $1`

// List returns a page of the roll, for everybody who may know of the election, in two
// round trips.
func (s *Service) List(ctx context.Context, by access.Actor, id election.ID, q Query) (List, error) {
	e, err := election.Load(ctx, s.db, by, id)
	if err != nil {
		return List{}, err
	}
	l := List{Election: e, Paging: postgres.PagingOf(1, 0)}
	if !l.Shown() {
		return l, nil
	}
	var total int
	var b postgres.Batch
	postgres.AddOne(&b, &l.Counts, countsSQL, id)
	postgres.AddValue(&b, &total, `SELECT count(*)::int FROM election_roll r WHERE `+matches, id, q.Text, string(q.College))
	postgres.AddList(&b, &l.Entries, `
		SELECT r.structure_id, r.name, r.commune, r.college, coalesce(t.state = 'accepted', false) AS in_sheet
		FROM election_roll r LEFT JOIN structure t ON t.organisation_id = r.structure_id
		WHERE `+matches+` ORDER BY fold(r.name), r.structure_id LIMIT $4 OFFSET $5`,
		id, q.Text, string(q.College), postgres.Limit(q.Page), postgres.Offset(q.Page))
	err = b.Run(ctx, s.db)
	l.Paging = postgres.PagingOf(q.Page, total)
	return l, postgres.Wrap(err, "roll of election %d", id)
}

const matches = `r.election_id = $1 AND ($3 = '' OR r.college = $3)
	AND ($2 = '' OR position(fold($2) IN fold(r.name || ' ' || r.commune)) > 0)`

// Change is one difference between the register and the roll.
type Change struct {
	Structure  access.OrganisationID `db:"structure_id"`
	Kind       string                `db:"kind"` // add, remove, change
	Name       string                `db:"name"` // as the roll says it; as the register does when it is to be added
	Commune    string                `db:"commune"`
	College    governance.College    `db:"college"`
	NewName    string                `db:"new_name"` // as the register says it
	NewCommune string                `db:"new_commune"`
	NewCollege governance.College    `db:"new_college"`
}

// targetSQL is the roll of election $1 as it should be: the members of the GNI in the
// register, but those that an accepted claim took off since.
const targetSQL = `
	SELECT t.organisation_id AS structure_id, o.name, coalesce(c.name, '') AS commune, t.college,
	       CASE WHEN last.kind = 'add' THEN 'claim' ELSE 'register' END AS origin
	FROM structure t JOIN organisation o ON o.id = t.organisation_id
	LEFT JOIN commune k ON k.insee = t.insee LEFT JOIN organisation c ON c.id = k.organisation_id
	LEFT JOIN LATERAL (
	    SELECT x.kind FROM election_claim x WHERE x.election_id = $1 AND x.structure_id = t.organisation_id
	      AND x.state = 'accepted' AND x.kind IN ('add', 'remove')
	    ORDER BY x.decided_at DESC, x.id DESC LIMIT 1) last ON true
	WHERE t.state = 'accepted' AND last.kind IS DISTINCT FROM 'remove'`

const changesSQL = `
	SELECT coalesce(r.structure_id, n.structure_id) AS structure_id,
	       CASE WHEN r.structure_id IS NULL THEN 'add' WHEN n.structure_id IS NULL THEN 'remove' ELSE 'change' END AS kind,
	       coalesce(r.name, n.name) AS name, coalesce(r.commune, n.commune) AS commune, coalesce(r.college, n.college) AS college,
	       coalesce(n.name, r.name) AS new_name, coalesce(n.commune, r.commune) AS new_commune, coalesce(n.college, r.college) AS new_college
	FROM (SELECT * FROM election_roll WHERE election_id = $1) r FULL JOIN (` + targetSQL + `) n ON n.structure_id = r.structure_id
	WHERE (r.name, r.commune, r.college) IS DISTINCT FROM (n.name, n.commune, n.college)
	ORDER BY 2, fold(coalesce(r.name, n.name)), 1`

// AddChanges asks in a batch for what refreshing the roll would change. The caller has
// checked that the reader runs the bodies.
func AddChanges(b *postgres.Batch, dst *[]Change, id election.ID) {
	postgres.AddList(b, dst, changesSQL, id)
}

// Changes returns what refreshing the roll would change.
func Changes(ctx context.Context, q postgres.Querier, id election.ID) ([]Change, error) {
	list, err := postgres.List[Change](ctx, q, changesSQL, id)
	return list, postgres.Wrap(err, "compare the roll of election %d with the register", id)
}

// follow makes the roll say what the register does, in one statement.
func follow(ctx context.Context, tx pgx.Tx, id election.ID) error {
	_, err := postgres.Exec(ctx, tx, `
		WITH target AS (`+targetSQL+`),
		gone AS (DELETE FROM election_roll r WHERE r.election_id = $1 AND NOT EXISTS (SELECT FROM target n WHERE n.structure_id = r.structure_id))
		INSERT INTO election_roll (election_id, structure_id, name, commune, college, origin)
		SELECT $1, structure_id, name, commune, college, origin FROM target
		ON CONFLICT (election_id, structure_id) DO UPDATE SET name = excluded.name, commune = excluded.commune, college = excluded.college, origin = excluded.origin
		WHERE (election_roll.name, election_roll.commune, election_roll.college, election_roll.origin)
		   IS DISTINCT FROM (excluded.name, excluded.commune, excluded.college, excluded.origin)`, id)
	return postgres.Wrap(err, "follow the register in election %d", id)
}

// AddChangeCount asks in a batch how many differences there are between the roll and the
// register.
func AddChangeCount(b *postgres.Batch, dst *int, id election.ID) {
	postgres.AddValue(b, dst, `SELECT count(*)::int FROM (`+changesSQL+`) d`, id)
}
