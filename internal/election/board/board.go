// Package board is what everybody may check of an election: the turnout, the trackers,
// the heads of the chain published every hour, the archive itself, and the checks of
// `portal verify`.
//
// What is public during the vote is what the last published head covers: a page that
// changed with each ballot would tell, to whoever watches it beside the list of who
// voted, which ballot came from whom. After the close everything is public. For the
// same reason trackers are listed by their signs and not by their age, and are not
// searched here: an address that holds a tracker would be written in the access log,
// beside who asks. « Vérifier mon bulletin » takes it in the body of a form.
package board

import (
	"context"
	"sync"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Service is the use cases of the board.
type Service struct {
	db      postgres.DB
	outbox  *notify.Outbox
	baseURL string

	adding sync.Mutex // one sum is computed at a time: it takes every processor
	sums   map[[32]byte]Sum
}

// New returns the service. baseURL is the public address of the portal, without a
// slash at its end.
func New(db postgres.DB, outbox *notify.Outbox, baseURL string) *Service {
	return &Service{db: db, outbox: outbox, baseURL: baseURL, sums: map[[32]byte]Sum{}}
}

// Box is a ballot box as the public sees it.
type Box struct {
	ID         election.BoxID      `db:"id"`
	Name       string              `db:"name"`
	College    *governance.College `db:"college"`
	UUID       string              `db:"uuid"`
	Registered int                 `db:"registered"` // structures on its roll
	// What the last published head covers; the whole box once the vote is closed.
	PublishedAt *time.Time `db:"published_at"`
	Height      *int       `db:"height"`
	Head        []byte     `db:"head"`
	Voted       int        `db:"voted"` // distinct structures that voted
	// The chain's first event, read aloud at the ceremony; nil before it.
	Setup []byte `db:"setup"`
	// How the ballots that count came, once the vote is closed.
	Browser int `db:"browser"`
	Server  int `db:"server"`
	Desk    int `db:"desk"`
}

// CollegeLabel is the French name of who votes in the box.
func (b Box) CollegeLabel() string { return election.Box{College: b.College}.CollegeLabel() }

// Turnout is how many structures of a college voted.
type Turnout struct {
	College    governance.College `db:"college"`
	Registered int                `db:"registered"`
	Voted      int                `db:"voted"`
}

// Publication is a head that was published.
type Publication struct {
	Box     election.BoxID `db:"box_id"`
	At      time.Time      `db:"published_at"`
	Height  int            `db:"height"`
	Head    []byte         `db:"head"`
	Ballots int            `db:"ballots"`
}

// Incident is a line of the incident log.
type Incident struct {
	At   time.Time `db:"at"`
	Text string    `db:"text"`
}

// Tracker is a ballot as the public list shows it.
type Tracker struct {
	Box     election.BoxID `db:"box_id"`
	Tracker string         `db:"tracker"`
}

// View is the public page of the boxes.
type View struct {
	Election     election.Election
	Boxes        []Box
	Colleges     []Turnout     // of a box of both colleges, once closed
	Incidents    []Incident    // the last ones
	Publications []Publication // a page of them, the last first
	Trackers     []Tracker     // a page of them
	Paging       postgres.Paging
}

// List is what a page of the board lists.
type List int

// The lists of the board.
const (
	NoList List = iota
	Trackers
	Publications
)

// incidentsShown bounds a log nobody expects to be long.
const incidentsShown = 200

// errNotSet says that there is no box to look at yet.
var errNotSet = problem.New(problem.NotFound, "L’urne de cette élection n’est pas encore en place.")

const boxesQuery = `
	SELECT b.id, b.name, b.college, b.uuid, p.published_at, p.height, p.head,
	       (SELECT count(*)::int FROM emargement m WHERE m.box_id = b.id) AS registered, v.voted, s.hash AS setup,
	       CASE WHEN $2 THEN v.browser ELSE 0 END AS browser, CASE WHEN $2 THEN v.server ELSE 0 END AS server, CASE WHEN $2 THEN v.desk ELSE 0 END AS desk
	FROM ballot_box b
	LEFT JOIN LATERAL (SELECT published_at, height, head FROM head_publication h WHERE h.box_id = b.id ORDER BY height DESC, published_at LIMIT 1) p ON true
	CROSS JOIN LATERAL (
		SELECT count(*)::int AS voted, count(*) FILTER (WHERE via = 'browser')::int AS browser,
		       count(*) FILTER (WHERE via = 'server')::int AS server, count(*) FILTER (WHERE via = 'desk')::int AS desk
		FROM (SELECT DISTINCT ON (credential) via FROM ballot_index i
		      WHERE i.box_id = b.id AND ($2 OR i.height <= p.height) ORDER BY credential, height DESC) kept) v
	LEFT JOIN LATERAL (SELECT hash FROM board_record r WHERE r.box_id = b.id AND kind = 'event' ORDER BY seq LIMIT 1) s ON true
	WHERE b.election_id = $1 AND NOT b.rehearsal ORDER BY b.college, b.id`

// keptBallots are the ballots that count, the last one of each credential, to the last
// published head or ($2) all of them.
const keptBallots = `
	SELECT DISTINCT ON (i.box_id, i.credential) i.box_id, i.tracker
	FROM ballot_index i JOIN ballot_box b ON b.id = i.box_id
	WHERE b.election_id = $1 AND NOT b.rehearsal
	  AND ($2 OR i.height <= (SELECT max(height) FROM head_publication h WHERE h.box_id = i.box_id))
	ORDER BY i.box_id, i.credential, i.height DESC`

// Board returns the public page of the boxes, with a page of one of its lists; NotFound
// before the lists are sealed.
func (s *Service) Board(ctx context.Context, by access.Actor, id election.ID, list List, page int) (View, error) {
	e, err := election.Load(ctx, s.db, by, id)
	if err != nil {
		return View{}, err
	}
	if !e.Phase.Reached(election.Sealed) {
		return View{}, errNotSet
	}
	v := View{Election: e}
	var total int
	var b postgres.Batch
	closed := e.Phase.Reached(election.Closed)
	postgres.AddList(&b, &v.Boxes, boxesQuery, id, closed)
	switch list {
	case Trackers:
		postgres.AddList(&b, &v.Trackers, `SELECT box_id, tracker FROM (`+keptBallots+`) k ORDER BY tracker COLLATE "C" LIMIT $3 OFFSET $4`,
			id, closed, postgres.PageLength, postgres.Offset(page))
		postgres.AddValue(&b, &total, `SELECT count(*)::int FROM (`+keptBallots+`) k`, id, closed)
	case Publications:
		postgres.AddList(&b, &v.Publications, `
			SELECT h.box_id, h.published_at, h.height, h.head, h.ballots FROM head_publication h JOIN ballot_box b ON b.id = h.box_id
			WHERE b.election_id = $1 AND NOT b.rehearsal ORDER BY h.published_at DESC, h.box_id LIMIT $2 OFFSET $3`, id, postgres.PageLength, postgres.Offset(page))
		postgres.AddValue(&b, &total, `
			SELECT count(*)::int FROM head_publication h JOIN ballot_box b ON b.id = h.box_id WHERE b.election_id = $1 AND NOT b.rehearsal`, id)
	case NoList:
		postgres.AddList(&b, &v.Incidents, `SELECT at, text FROM election_incident WHERE election_id = $1 ORDER BY at DESC, id DESC LIMIT $2`, id, incidentsShown)
		// Of one box for both colleges nothing says, during the vote, of which college a
		// ballot is: the list of who voted does, and it is not published by the hour.
		postgres.AddList(&b, &v.Colleges, `
			SELECT r.college, count(*)::int AS registered, count(*) FILTER (WHERE m.voted)::int AS voted
			FROM emargement m JOIN ballot_box b ON b.id = m.box_id JOIN election_roll r ON r.election_id = b.election_id AND r.structure_id = m.structure_id
			WHERE b.election_id = $1 AND NOT b.rehearsal AND b.college IS NULL AND $2 GROUP BY r.college ORDER BY r.college`, id, closed)
	}
	if err := b.Run(ctx, s.db); err != nil {
		return View{}, postgres.Wrap(err, "board of election %d", id)
	}
	v.Paging = postgres.PagingOf(page, total)
	return v, nil
}

// Site is the public address of the portal, for those who copy a command.
func (s *Service) Site() string { return s.baseURL }
