package count

import (
	"context"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Closing is an election from its close on, as the database has it.
type Closing struct {
	Election   election.Election
	Boxes      []election.Box
	Sums       []election.Sum // of each box once two people decided to count
	Holders    []KeyHolder
	Candidates []Candidate // by college, then place
	Empty      []election.CollegeSeats
	Decided    bool  // two people decided to count
	Draw       *Draw // nil: nobody wrote its value
	PVs        []PVLine
	Signatures []Signature // of all versions
	Seats      []SeatPlan  // of the ten representatives, by college
	Today      day.Day
	TermEnds   day.Day     // of the mandates that the election gives
	lastPV     string      // the text of the last version
	pending    election.ID // complementary election under way, 0: none
}

// SeatPlan is a seat of a representative, who has it, and who would.
type SeatPlan struct {
	Seat    governance.SeatID  `db:"id"`
	College governance.College `db:"college"`
	Rank    int                `db:"rank"`
	Label   string             `db:"label"`
	Holder  string             `db:"holder"` // titular today, "" nobody
	Second  string             `db:"second"` // alternate today
	Line    *Line              `db:"-"`      // who is elected to it, nil: it stays empty
}

// KeyHolder is somebody who has a key of the election, and where they stand.
type KeyHolder struct {
	Owner      int             `db:"owner"`
	Person     access.PersonID `db:"person_id"`
	Name       string          `db:"name"`
	Email      string          `db:"email"`
	Quality    string          `db:"quality"`
	Key        string          `db:"public_key"`
	Opened     int             `db:"opened"` // boxes whose sum they opened
	OpenedLast *time.Time      `db:"opened_last"`
}

// Trustee is the public key, checked.
func (k KeyHolder) Trustee() (belenios.Trustee, error) { return belenios.ParseTrustee([]byte(k.Key)) }

// Candidate is a candidate with what the count needs and no public page shows.
type Candidate struct {
	election.Candidate
	Gender          string            `db:"gender"`
	Rank            int               `db:"rank"` // kept by the count; 0 before
	Elected         bool              `db:"elected"`
	Tied            bool              `db:"tied"`
	Seat            governance.SeatID `db:"seat"` // that they fill; 0: none
	Left            bool              `db:"left_seat"`
	AlternateCalled bool              `db:"alternate_called"`
	Votes           int               `db:"votes"`
	Member          bool              `db:"member"` // its structure is still in this college of the GNI
}

// Draw is what the outside draw gave, as somebody wrote it.
type Draw struct {
	Value       string          `db:"value"`
	By          access.PersonID `db:"proposed_by"`
	ByName      string          `db:"by_name"`
	At          time.Time       `db:"proposed_at"`
	Confirmed   *time.Time      `db:"confirmed_at"`
	ConfirmedBy string          `db:"confirmed_name"`
	Version     int             `db:"version"`
}

// PVLine is a version of the procès-verbal.
type PVLine struct {
	Version int       `db:"version"`
	SHA256  []byte    `db:"sha256"`
	MadeAt  time.Time `db:"made_at"`
}

// Signature is that of somebody on a version of the procès-verbal.
type Signature struct {
	Version int             `db:"version" json:"-"`
	Person  access.PersonID `db:"person_id" json:"-"`
	Name    string          `db:"name" json:"name"`
	Quality string          `db:"quality" json:"quality"`
	At      time.Time       `db:"signed_at" json:"at"`
}

// load reads all of it in two round trips.
func (s *Service) load(ctx context.Context, db postgres.DB, by access.Actor, id election.ID) (Closing, error) {
	e, err := election.Load(ctx, db, by, id)
	if err != nil {
		return Closing{}, err
	}
	return s.gather(ctx, db, e)
}

func (s *Service) gather(ctx context.Context, db postgres.DB, e election.Election) (Closing, error) {
	c := Closing{Election: e}
	var draws []Draw
	var b postgres.Batch
	election.AddBoxes(&b, &c.Boxes, e.ID)
	election.AddSums(&b, &c.Sums, e.ID)
	postgres.AddList(&b, &c.Holders, `
		SELECT t.owner, t.person_id, p.first_name || ' ' || p.last_name AS name, p.email, t.quality, t.public_key,
		       count(d.owner)::int AS opened, max(d.uploaded_at) AS opened_last
		FROM election_trustee t JOIN person p ON p.id = t.person_id
		LEFT JOIN ballot_box b ON b.election_id = t.election_id AND NOT b.rehearsal
		LEFT JOIN partial_decryption d ON d.box_id = b.id AND d.owner = t.owner
		WHERE t.election_id = $1 GROUP BY t.owner, t.person_id, p.id, t.quality, t.public_key ORDER BY t.owner`, e.ID)
	postgres.AddList(&b, &c.Candidates, `
		SELECT c.id, c.structure_id, c.college, c.structure_name, c.commune, c.titular_first || ' ' || c.titular_last AS titular,
		       CASE WHEN c.alternate_last = '' THEN '' ELSE c.alternate_first || ' ' || c.alternate_last END AS alternate,
		       c.statement, c.place, c.photo IS NOT NULL AS has_photo, c.withdrawn_late, c.titular_gender AS gender,
		       coalesce(r.rank, 0) AS rank, coalesce(r.tied, false) AS tied, coalesce(r.elected, false) AS elected,
		       coalesce(r.seat_id, 0) AS seat, r.left_on IS NOT NULL AS left_seat, coalesce(r.alternate_called, false) AS alternate_called,
		       coalesce(r.votes, 0) AS votes,
		       EXISTS (SELECT FROM seat s WHERE s.organisation_id = c.structure_id AND s.kind = 'structure' AND s.college = c.college AND s.during @> paris_today()) AS member
		FROM candidacy c LEFT JOIN candidacy_result r ON r.candidacy_id = c.id
		WHERE c.election_id = $1 AND c.place IS NOT NULL ORDER BY c.college, c.place`, e.ID)
	election.AddEmptySeats(&b, &c.Empty)
	postgres.AddValue(&b, &c.Decided, `SELECT EXISTS (SELECT FROM election_act WHERE election_id = $1 AND act = 'count' AND confirmed_at IS NOT NULL)`, e.ID)
	postgres.AddList(&b, &draws, `
		SELECT d.value, d.proposed_by, p.first_name || ' ' || p.last_name AS by_name, d.proposed_at, d.confirmed_at,
		       coalesce(q.first_name || ' ' || q.last_name, '') AS confirmed_name, d.version
		FROM election_draw d JOIN person p ON p.id = d.proposed_by LEFT JOIN person q ON q.id = d.confirmed_by WHERE d.election_id = $1`, e.ID)
	postgres.AddList(&b, &c.PVs, `SELECT version, sha256, made_at FROM election_pv WHERE election_id = $1 ORDER BY version DESC`, e.ID)
	postgres.AddList(&b, &c.Signatures, `
		SELECT s.version, s.person_id, p.first_name || ' ' || p.last_name AS name, s.quality, s.signed_at
		FROM election_signature s JOIN person p ON p.id = s.person_id WHERE s.election_id = $1 ORDER BY s.version, s.signed_at, s.person_id`, e.ID)
	postgres.AddValue(&b, &c.lastPV, `SELECT coalesce((SELECT content FROM election_pv WHERE election_id = $1 ORDER BY version DESC LIMIT 1), '')`, e.ID)
	postgres.AddValue(&b, &c.pending, `
		SELECT coalesce((SELECT max(id) FROM election WHERE complements = $1 AND phase NOT IN ('proclaimed', 'archived', 'destroyed', 'cancelled')), 0)`, e.ID)
	addSeats(&b, &c)
	err := b.Run(ctx, db)
	if len(draws) > 0 {
		c.Draw = &draws[0]
	}
	return c, postgres.Wrap(err, "closing of election %d", e.ID)
}

func addSeats(b *postgres.Batch, c *Closing) {
	postgres.AddList(b, &c.Seats, `
		SELECT s.id, s.college, s.rank::int AS rank, s.label, coalesce(p.first_name || ' ' || p.last_name, '') AS holder, coalesce(q.first_name || ' ' || q.last_name, '') AS second
		FROM seat s
		LEFT JOIN mandate m ON m.seat_id = s.id AND m.kind = 'titular' AND m.during @> paris_today() LEFT JOIN person p ON p.id = m.person_id
		LEFT JOIN mandate n ON n.seat_id = s.id AND n.kind = 'alternate' AND n.during @> paris_today() LEFT JOIN person q ON q.id = n.person_id
		WHERE s.kind = 'gni_representative' AND s.during @> paris_today() ORDER BY s.college, s.rank`)
	postgres.AddValue(b, &c.Today, `SELECT paris_today()`)
	// The term of a complementary election is what remains of the one it completes.
	postgres.AddValue(b, &c.TermEnds, `
		WITH RECURSIVE up AS (
			SELECT id, complements, rules, proclaimed_at FROM election WHERE id = $1
			UNION ALL SELECT e.id, e.complements, e.rules, e.proclaimed_at FROM election e JOIN up ON e.id = up.complements)
		SELECT (coalesce((proclaimed_at AT TIME ZONE 'Europe/Paris')::date, paris_today()) + make_interval(years => (rules::jsonb ->> 'term_years')::int))::date
		FROM up WHERE complements IS NULL`, c.Election.ID)
}

// sum is that of a box, an empty one when it is not computed.
func (c Closing) sum(id election.BoxID) *election.Sum {
	for i := range c.Sums {
		if c.Sums[i].Box == id {
			return &c.Sums[i]
		}
	}
	return &election.Sum{}
}

// SumOf is the sum of a box, an empty one when it is not computed.
func (c Closing) SumOf(id election.BoxID) election.Sum { return *c.sum(id) }

// Summed tells whether the encrypted sum of every box is computed.
func (c Closing) Summed() bool { return len(c.Boxes) > 0 && len(c.Sums) == len(c.Boxes) }

// Missing are the key holders who have not opened every sum.
func (c Closing) Missing() []KeyHolder {
	var out []KeyHolder
	for _, k := range c.Holders {
		if k.Opened < len(c.Boxes) {
			out = append(out, k)
		}
	}
	return out
}

// Closing returns an election from its close on, for those who follow the count.
func (s *Service) Closing(ctx context.Context, by access.Actor, id election.ID) (Closing, error) {
	if err := by.Require(counts(by)); err != nil {
		return Closing{}, err
	}
	return s.load(ctx, s.db, by, id)
}
