package progress

import (
	"context"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// Open is the campaign in course; the zero Open when there is none.
type Open struct {
	ID       CampaignID `db:"id"`
	Title    string     `db:"title"`
	Message  string     `db:"message"`
	ClosesAt time.Time  `db:"closes_at"`
}

// Mine says what an organisation owes, for a card of its home page.
type Mine struct {
	Campaign  CampaignID `db:"campaign_id"` // that is open and asks it something; 0: none
	Title     string     `db:"title"`
	Deadline  *time.Time `db:"closes_at"` // of that campaign
	Asked     int        `db:"asked"`
	Answered  int        `db:"answered"`
	Actions   int        `db:"actions"`    // validated and not over, that it answers for
	AskedBack int        `db:"asked_back"` // reports on which the team asks for more, in a campaign or not
}

// Remaining is how many actions of the campaign wait for their report.
func (m Mine) Remaining() int { return m.Asked - m.Answered }

// Item is an action an organisation answers for, and what it last said of it.
type Item struct {
	roadmap.Action
	Asked         bool       `db:"asked"` // by the open campaign
	Answered      bool       `db:"answered"`
	LastID        ReportID   `db:"last_id"` // 0: never reported
	LastAt        *time.Time `db:"last_at"`
	LastSituation Situation  `db:"last_situation"`
	LastPercent   *int       `db:"last_percent"`
	LastState     State      `db:"last_state"`
	LastNote      string     `db:"last_note"`
	Drafted       bool       `db:"drafted"` // by the reader
}

// Quick tells whether « rien de nouveau » may be said in one tap: there is an answer
// to repeat, nobody asked to complete it and it is not already that of the campaign.
func (i Item) Quick() bool {
	return i.LastID != 0 && i.LastState != AskedBack && !i.Answered
}

// Board is the page of the actions of an organisation.
type Board struct {
	Organisation roadmap.OrganisationID
	Name         string
	Open         Open // zero when no open campaign asks the organisation anything
	Mine         Mine
	Items        []Item
	Paging       postgres.Paging
}

const (
	// openSQL is the campaign in course, by the clock of the database: half-open.
	openSQL = `
		SELECT c.id, c.title, c.message, c.closes_at FROM campaign c
		WHERE c.opened_at <= now() AND c.closed_at IS NULL AND c.closes_at > now()`

	mineSQL = `
		WITH open AS (` + openSQL + `),
		asked AS (SELECT q.campaign_id, q.action_id,
		                 EXISTS (SELECT FROM progress_report r WHERE r.campaign_id = q.campaign_id AND r.action_id = q.action_id
		                         AND r.organisation_id = $1 AND r.state <> 'replaced') AS answered
		          FROM campaign_question q JOIN open ON open.id = q.campaign_id WHERE q.organisation_id = $1),
		sums AS (SELECT campaign_id, count(*)::int AS asked, (count(*) FILTER (WHERE answered))::int AS answered FROM asked GROUP BY campaign_id)
		SELECT coalesce(c.id, 0) AS campaign_id, coalesce(c.title, '') AS title, c.closes_at, coalesce(s.asked, 0) AS asked, coalesce(s.answered, 0) AS answered,
		       (SELECT count(*)::int FROM action_answerer w JOIN roadmap_action a ON a.id = w.action_id
		        WHERE w.organisation_id = $1 AND a.status IN ('validated', 'in_progress', 'suspended')) AS actions,
		       (SELECT count(*)::int FROM progress_report r WHERE r.organisation_id = $1 AND r.state = 'asked_back') AS asked_back
		FROM (VALUES (1)) one LEFT JOIN (sums s JOIN open c ON c.id = s.campaign_id) ON true`

	// itemsOf are the actions an organisation answers for: public, or that it proposed;
	// not over, unless the open campaign asks.
	itemsOf = `
		WITH open AS (` + openSQL + `),
		asked AS (SELECT q.action_id, q.campaign_id FROM campaign_question q JOIN open ON open.id = q.campaign_id WHERE q.organisation_id = $1),
		mine AS (SELECT action_id FROM action_answerer WHERE organisation_id = $1 UNION SELECT action_id FROM asked),
		duty AS (
			SELECT m.action_id, k.campaign_id FROM mine m JOIN roadmap_action a ON a.id = m.action_id LEFT JOIN asked k ON k.action_id = m.action_id
			WHERE (a.validated_on IS NOT NULL OR a.proposer_id = $1) AND (a.status NOT IN ('done', 'abandoned') OR k.action_id IS NOT NULL))`

	// itemOf goes with each its last report. Those that are asked or asked back come
	// first: what is not on the page is read no further than its last report.
	itemOf = itemsOf + `,
		item AS (
			SELECT m.action_id AS item_id, m.campaign_id IS NOT NULL AS asked, coalesce(l.campaign_id = m.campaign_id, false) AS answered,
			       coalesce(l.id, 0) AS last_id, l.at AS last_at, coalesce(l.situation, '') AS last_situation, l.percent AS last_percent,
			       coalesce(l.state, '') AS last_state, coalesce(l.review_note, '') AS last_note
			FROM duty m
			LEFT JOIN LATERAL (SELECT r.id, r.at, r.situation, r.percent, r.state, r.review_note, r.campaign_id FROM progress_report r
			                   WHERE r.action_id = m.action_id AND r.organisation_id = $1 AND r.state <> 'replaced'
			                   ORDER BY r.at DESC, r.id DESC LIMIT 1) l ON true)`

	itemsSQL = itemOf + `,
		page AS (
			SELECT i.*, a.number FROM item i JOIN roadmap_action a ON a.id = i.item_id WHERE NOT $3 OR i.asked AND NOT i.answered
			ORDER BY i.last_state = 'asked_back' DESC, i.asked DESC, i.answered, a.number LIMIT $4 OFFSET $5)
		SELECT ` + roadmap.Columns + `, i.asked, i.answered, i.last_id, i.last_at, i.last_situation, i.last_percent, i.last_state, i.last_note,
		       EXISTS (SELECT FROM report_draft d WHERE d.account_id = $2 AND d.action_id = a.id AND d.organisation_id = $1) AS drafted
		` + roadmap.Tables + ` JOIN page i ON i.item_id = a.id
		ORDER BY i.last_state = 'asked_back' DESC, i.asked DESC, i.answered, a.number`

	countItemsSQL = itemsOf + ` SELECT count(*)::int FROM duty`
)

// AddMine asks in a batch for what an organisation owes.
func AddMine(b *postgres.Batch, dst *Mine, org roadmap.OrganisationID) {
	postgres.AddOne(b, dst, mineSQL, org)
}

// reporters are the roles that report for the organisation they act for.
var reporters = []access.Role{access.Mayor, access.Delegate, access.Partner, access.Structure, access.State}

// organisationOf is the organisation a reporter acts for.
func organisationOf(by access.Actor) (roadmap.OrganisationID, error) {
	if !by.Is(reporters...) || by.Acting.Organisation == 0 {
		return 0, roadmap.ErrNotFound
	}
	return by.Acting.Organisation, nil
}

// Mine returns the actions the organisation acted for answers for, those the open
// campaign asks first. It is empty for who acts for no organisation.
func (s *Service) Mine(ctx context.Context, by access.Actor, page int) (Board, error) {
	if err := by.Require(by.Is(reporters...)); err != nil {
		return Board{}, err
	}
	if by.Acting.Organisation == 0 {
		return Board{Paging: postgres.PagingOf(1, 0)}, nil
	}
	return s.board(ctx, by, false, page)
}

// Remaining returns the actions the open campaign asks and that were not answered yet.
func (s *Service) Remaining(ctx context.Context, by access.Actor) (Board, error) {
	if _, err := organisationOf(by); err != nil {
		return Board{}, err
	}
	return s.board(ctx, by, true, postgres.AllPages)
}

func (s *Service) board(ctx context.Context, by access.Actor, remaining bool, page int) (Board, error) {
	v := Board{Organisation: by.Acting.Organisation, Name: by.Acting.OrganisationName}
	var (
		b     postgres.Batch
		open  []Open
		total int
	)
	AddMine(&b, &v.Mine, v.Organisation)
	postgres.AddList(&b, &open, openSQL)
	postgres.AddList(&b, &v.Items, itemsSQL, v.Organisation, by.Account, remaining, postgres.Limit(page), postgres.Offset(page))
	postgres.AddValue(&b, &total, countItemsSQL, v.Organisation)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "actions of organisation %d", v.Organisation)
	}
	v.Paging = postgres.PagingOf(page, total)
	if v.Mine.Campaign != 0 && len(open) > 0 {
		v.Open = open[0]
	}
	return v, nil
}
