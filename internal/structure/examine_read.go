package structure

import (
	"context"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Examination is all that the team's page of a structure shows.
type Examination struct {
	Sheet    Sheet
	Contacts []Contact // named in the request, until it is accepted
	Acting   []ActingPerson
	Consents []ConsentLine
	Twins    []TwinSheet
	Story    []Step // with the team's notes
	Accesses []WaitingAccess
	Frozen   bool // the colleges are frozen: a vote is under way
}

// ActingPerson is somebody who acts for a structure today.
type ActingPerson struct {
	Person   access.PersonID `db:"person_id"`
	Name     string          `db:"name"`
	Email    string          `db:"email"`
	Title    string          `db:"title"`
	InCharge bool            `db:"in_charge"` // holds its seat
	Manager  bool            `db:"manager"`
	From     day.Day         `db:"from_day"`
}

// ConsentLine is one answer to a use of a structure's data.
type ConsentLine struct {
	Use     Use       `db:"use"`
	Given   bool      `db:"given"`
	Wording string    `db:"wording"`
	By      string    `db:"by_name"`
	At      time.Time `db:"at"`
}

// WaitingAccess is somebody who asks to act for a structure.
type WaitingAccess struct {
	ID      int64     `db:"id"`
	Name    string    `db:"name"`
	Email   string    `db:"email"`
	Title   string    `db:"title"`
	Message string    `db:"message"`
	At      time.Time `db:"created_at"`
}

// TwinSheet is a structure that looks like another, with what tells whether they are
// the same.
type TwinSheet struct {
	Of         ID                 `db:"of_id"` // the structure it looks like
	ID         ID                 `db:"organisation_id"`
	Name       string             `db:"name"`
	SIRET      string             `db:"siret"`
	RNA        string             `db:"rna"`
	Commune    string             `db:"commune"`
	Address    string             `db:"address"`
	PostalCode string             `db:"postal_code"`
	Phone      string             `db:"phone"`
	Emails     []string           `db:"emails"`
	Websites   []string           `db:"websites"`
	College    governance.College `db:"college"`
	State      State              `db:"state"`
	CreatedAt  time.Time          `db:"created_at"`
	SameID     bool               `db:"same_id"`
	Likeness   int                `db:"likeness"`
}

// Words names the twin in a line: « Même SIRET que Les Tilleuls (Membre du GNI) ».
func (t TwinSheet) Words() string {
	why := "Nom proche, même commune : "
	if t.SameID {
		why = "Même SIRET : "
	}
	return why + t.Name + " (" + t.State.Label() + ")"
}

// twinsSQL finds, for each structure of $1, those with its SIRET or a name close to
// its own in its commune. Unlike near, it shows the team who was refused or left: a
// structure may come again. Merged and lapsed records are nobody.
const twinsSQL = `
	SELECT a.organisation_id AS of_id, x.organisation_id, o.name, x.siret, x.rna, coalesce(c.name, '') AS commune, x.address,
	       x.postal_code, x.phone, x.emails, x.websites, x.college, x.state, x.created_at, t.same_id, t.likeness
	FROM structure a
	CROSS JOIN LATERAL (
	    SELECT id, bool_or(same) AS same_id, max(likeness) AS likeness FROM (
	        SELECT organisation_id AS id, true AS same, (similarity(sort_name, a.sort_name) * 100)::int AS likeness
	        FROM structure WHERE a.siret <> '' AND siret = a.siret AND siret <> '' AND organisation_id <> a.organisation_id
	        UNION ALL
	        SELECT organisation_id, false, (similarity(sort_name, a.sort_name) * 100)::int
	        FROM structure WHERE insee = a.insee AND organisation_id <> a.organisation_id AND similarity(sort_name, a.sort_name) >= $2) n
	    GROUP BY id ORDER BY same_id DESC, likeness DESC, id LIMIT 10) t
	JOIN structure x ON x.organisation_id = t.id AND x.state NOT IN ('merged', 'lapsed')
	JOIN organisation o ON o.id = x.organisation_id
	LEFT JOIN commune k ON k.insee = x.insee LEFT JOIN organisation c ON c.id = k.organisation_id
	WHERE a.organisation_id = ANY ($1)
	ORDER BY a.organisation_id, t.same_id DESC, t.likeness DESC, x.organisation_id`

// Examine returns the page of a structure for the team, in one round trip.
func (s *Service) Examine(ctx context.Context, by access.Actor, id ID) (Examination, error) {
	var v Examination
	if err := by.Require(by.RunsBodies()); err != nil {
		return v, err
	}
	var b postgres.Batch
	postgres.AddOne(&b, &v.Sheet, sheetSQL+` WHERE s.organisation_id = $1`, id)
	addContactsOf(&b, &v.Contacts, id)
	postgres.AddList(&b, &v.Acting, `
		SELECT p.id AS person_id, p.first_name || ' ' || p.last_name AS name, p.email, a.title, a.in_charge, a.manager, a.from_day
		FROM (SELECT m.person_id, 'Personne référente' AS title, true AS in_charge, true AS manager, lower(m.during) AS from_day
		      FROM seat s JOIN mandate m ON m.seat_id = s.id
		      WHERE s.organisation_id = $1 AND s.kind = 'structure' AND m.kind = 'titular' AND m.during @> paris_today()
		      UNION ALL SELECT n.person_id, n.title, false, n.manager, lower(n.during)
		      FROM membership n WHERE n.organisation_id = $1 AND n.during @> paris_today()) a
		JOIN person p ON p.id = a.person_id ORDER BY a.in_charge DESC, fold(p.last_name), p.id LIMIT 100`, id)
	postgres.AddList(&b, &v.Consents, `
		SELECT use, given, wording, by_name, at FROM structure_consent WHERE structure_id = $1 ORDER BY id DESC LIMIT 50`, id)
	postgres.AddList(&b, &v.Twins, twinsSQL, []ID{id}, nearEnough)
	postgres.AddList(&b, &v.Story, storySQL, id, true)
	postgres.AddList(&b, &v.Accesses, `
		SELECT id, first_name || ' ' || last_name AS name, email, title, message, created_at
		FROM access_request WHERE structure_id = $1 AND state = 'waiting' ORDER BY created_at LIMIT 50`, id)
	postgres.AddValue(&b, &v.Frozen, `SELECT EXISTS (SELECT FROM college_freeze WHERE ended_at IS NULL)`)
	if err := b.Run(ctx, s.db); err != nil {
		if postgres.IsNoRows(err) {
			return v, ErrNotFound
		}
		return v, postgres.Wrap(err, "examine structure %d", id)
	}
	return v, nil
}

// addContactsOf asks for the people named in a request, who is in charge first.
func addContactsOf(b *postgres.Batch, dst *[]Contact, id ID) {
	postgres.AddList(b, dst, `
		SELECT first_name, last_name, email, title, in_charge, manager FROM structure_contact
		WHERE structure_id = $1 ORDER BY in_charge DESC, id`, id)
}

// NextToExamine returns the request that comes after this one in the queue, then the
// oldest one; 0 when nothing waits.
func (s *Service) NextToExamine(ctx context.Context, by access.Actor, after ID) (ID, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return 0, err
	}
	next, err := postgres.Value[ID](ctx, s.db, `
		SELECT q.organisation_id FROM structure q
		LEFT JOIN structure s ON s.organisation_id = $1
		WHERE q.state = 'submitted' AND q.organisation_id <> $1
		ORDER BY coalesce((q.submitted_at, q.organisation_id) <= (s.submitted_at, s.organisation_id), false), q.submitted_at, q.organisation_id
		LIMIT 1`, after)
	if postgres.IsNoRows(err) {
		return 0, nil
	}
	return next, postgres.Wrap(err, "next structure of the queue")
}
