// Package board is what everybody may check of an election: the turnout, the trackers,
// the heads of the chain published every hour, the archive itself, and the checks of
// `portal verify`.
//
// What is public during the vote is what the last published head covers: a page that
// changed with each ballot would tell, to whoever watches it beside the list of who
// voted, which ballot came from whom. After the close everything is public.
package board

import (
	"context"
	"strings"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Service is the use cases of the board.
type Service struct {
	db      postgres.DB
	outbox  *notify.Outbox
	baseURL string
}

// New returns the service. baseURL is the public address of the portal, without a
// slash at its end.
func New(db postgres.DB, outbox *notify.Outbox, baseURL string) *Service {
	return &Service{db: db, outbox: outbox, baseURL: baseURL}
}

// Box is a ballot box as the public sees it.
type Box struct {
	ID         election.BoxID `db:"id"`
	Name       string         `db:"name"`
	College    *string        `db:"college"`
	UUID       string         `db:"uuid"`
	Seats      int            `db:"seats"`
	Registered int            `db:"registered"` // structures on its roll
	// What the last published head covers.
	PublishedAt *time.Time `db:"published_at"`
	Height      *int       `db:"height"`
	Head        []byte     `db:"head"`
	Voted       int        `db:"voted"` // distinct structures that voted, to that head
	// The chain's first event, read aloud at the ceremony; nil before it.
	Setup []byte `db:"setup"`
	// How the ballots came, once the vote is closed.
	Browser int `db:"browser"`
	Server  int `db:"server"`
	Desk    int `db:"desk"`
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
	Publications []Publication // the last ones
	Incidents    []Incident
	Trackers     []Tracker
	Paging       postgres.Paging
}

// Filter says which trackers are listed.
type Filter struct {
	Search string // first signs of a tracker
	Box    election.BoxID
	Page   int
}

// publicationsShown is how many heads the page lists: two days of them.
const publicationsShown = 48

// errNotSet says that there is no box to look at yet.
var errNotSet = problem.New(problem.NotFound, "L’urne de cette élection n’est pas encore en place.")

// Board returns the public page of the boxes; NotFound before the boxes are set up.
func (s *Service) Board(ctx context.Context, by access.Actor, id election.ID, f Filter) (View, error) {
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
	like := strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(f.Search) + "%"
	postgres.AddList(&b, &v.Boxes, `
		SELECT b.id, b.name, b.college, b.uuid, b.seats, p.published_at, p.height, p.head,
		       (SELECT count(*)::int FROM emargement m WHERE m.box_id = b.id) AS registered,
		       coalesce(v.voted, 0) AS voted, s.hash AS setup,
		       CASE WHEN $2 THEN coalesce(v.browser, 0) ELSE 0 END AS browser, CASE WHEN $2 THEN coalesce(v.server, 0) ELSE 0 END AS server,
		       CASE WHEN $2 THEN coalesce(v.desk, 0) ELSE 0 END AS desk
		FROM ballot_box b
		LEFT JOIN LATERAL (SELECT published_at, height, head FROM head_publication h WHERE h.box_id = b.id ORDER BY published_at DESC LIMIT 1) p ON true
		LEFT JOIN LATERAL (
			SELECT count(DISTINCT credential)::int AS voted, count(*) FILTER (WHERE via = 'browser')::int AS browser,
			       count(*) FILTER (WHERE via = 'server')::int AS server, count(*) FILTER (WHERE via = 'desk')::int AS desk
			FROM ballot_index i WHERE i.box_id = b.id AND ($2 OR i.height <= p.height)) v ON true
		LEFT JOIN LATERAL (SELECT hash FROM board_record r WHERE r.box_id = b.id AND kind = 'event' ORDER BY seq LIMIT 1) s ON true
		WHERE b.election_id = $1 AND NOT b.rehearsal ORDER BY b.college, b.id`, id, closed)
	postgres.AddList(&b, &v.Publications, `
		SELECT h.box_id, h.published_at, h.height, h.head, h.ballots FROM head_publication h JOIN ballot_box b ON b.id = h.box_id
		WHERE b.election_id = $1 AND NOT b.rehearsal ORDER BY h.published_at DESC, h.box_id LIMIT $2`, id, publicationsShown)
	postgres.AddList(&b, &v.Incidents, `SELECT at, text FROM election_incident WHERE election_id = $1 ORDER BY at DESC, id DESC LIMIT 50`, id)
	postgres.AddList(&b, &v.Trackers, `
		SELECT i.box_id, i.tracker FROM ballot_index i JOIN ballot_box b ON b.id = i.box_id
		WHERE b.election_id = $1 AND NOT b.rehearsal AND ($4::bigint = 0 OR b.id = $4) AND i.tracker LIKE $5
		  AND ($6 OR i.height <= (SELECT max(height) FROM head_publication h WHERE h.box_id = i.box_id))
		ORDER BY i.tracker COLLATE "C" LIMIT $2 OFFSET $3`, id, postgres.PageLength, postgres.Offset(f.Page), int64(f.Box), like, closed)
	postgres.AddValue(&b, &total, `
		SELECT count(*)::int FROM ballot_index i JOIN ballot_box b ON b.id = i.box_id
		WHERE b.election_id = $1 AND NOT b.rehearsal AND ($2::bigint = 0 OR b.id = $2) AND i.tracker LIKE $3
		  AND ($4 OR i.height <= (SELECT max(height) FROM head_publication h WHERE h.box_id = i.box_id))`, id, int64(f.Box), like, closed)
	if err := b.Run(ctx, s.db); err != nil {
		return View{}, postgres.Wrap(err, "board of election %d", id)
	}
	v.Paging = postgres.PagingOf(f.Page, total)
	return v, nil
}
