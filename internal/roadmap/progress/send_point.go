package progress

import (
	"context"
	"net/url"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// Point is what the page of a report shows: the action, in whose name one reports,
// what was said last, what is asked.
type Point struct {
	Action     roadmap.Action
	Standing   Standing
	Open       Open   // the open campaign, when it asks this action of the organisation
	Last       Report // zero: the first report; else with its figures and documents
	Indicators []roadmap.Indicator
	Draft      url.Values // nil: none
	DraftAt    time.Time
	asTeam     bool
}

// Standing is what an organisation is to an action.
type Standing struct {
	Organisation roadmap.OrganisationID `db:"id"`
	Name         string                 `db:"name"`
	INSEE        string                 `db:"insee"` // "" when it is no commune
	Metropole    bool                   `db:"metropole"`
	Answers      bool                   `db:"answers"`  // it is a commune, a partner or the pilot of the action
	Asked        bool                   `db:"asked"`    // by the open campaign
	ReplyTo      CampaignID             `db:"reply_to"` // campaign of a report asked back, that the team has not closed
}

// Campaign is the campaign a report sent now belongs to; 0: none. A question of the
// team is answered in its campaign until the team closes it, even after its last day.
func (p Point) Campaign() CampaignID {
	if p.Open.ID != 0 {
		return p.Open.ID
	}
	return p.Standing.ReplyTo
}

// Replacing tells whether a report sent now takes the place of the last one: that of
// the campaign in course, or one the team asked to complete.
func (p Point) Replacing() bool {
	return p.Last.ID != 0 && (p.Last.State == AskedBack || p.Last.Campaign != 0 && p.Last.Campaign == p.Campaign())
}

// ByTeam tells whether the metropole's team writes in the name of the organisation.
func (p Point) ByTeam() bool { return p.asTeam }

var errOver = problem.New(problem.Conflict, "Cette action est terminée : elle n’attend plus de point d’avancement.")

const (
	standingSQL = `
		SELECT o.id, o.name, coalesce(k.insee, '') AS insee, o.kind = 'metropole' AS metropole,
		       EXISTS (SELECT FROM action_answerer v WHERE v.action_id = $1 AND v.organisation_id = o.id) AS answers,
		       EXISTS (SELECT FROM campaign_question q JOIN campaign c ON c.id = q.campaign_id
		               WHERE q.action_id = $1 AND q.organisation_id = o.id
		                 AND c.opened_at <= now() AND c.closed_at IS NULL AND c.closes_at > now()) AS asked,
		       coalesce((SELECT r.campaign_id FROM progress_report r JOIN campaign c ON c.id = r.campaign_id AND c.closed_at IS NULL
		                 WHERE r.action_id = $1 AND r.organisation_id = o.id AND r.state = 'asked_back' ORDER BY r.at DESC LIMIT 1), 0) AS reply_to
		FROM organisation o LEFT JOIN commune k ON k.organisation_id = o.id WHERE o.id = $2`

	lastSQL = `SELECT ` + Columns + Tables + `
		WHERE r.action_id = $1 AND r.organisation_id = $2 AND r.state <> 'replaced' ORDER BY r.at DESC, r.id DESC LIMIT 1`

	// lastID is the report of lastSQL, for what hangs on it.
	lastID = `(SELECT r.id FROM progress_report r WHERE r.action_id = $1 AND r.organisation_id = $2 AND r.state <> 'replaced'
		ORDER BY r.at DESC, r.id DESC LIMIT 1)`

	documentColumns = `d.report_id, d.caption, f.id::text AS file_id, f.name, f.media_type, f.size, f.sha256, f.created_at
		FROM report_document d JOIN document f ON f.id = d.document_id`

	// askedFigures: communes give the figures of communes, the pilot the others.
	askedFigures = `
		SELECT i.id, i.action_id, i.position, i.name, i.unit, i.direction, i.by_commune, i.method, (i.baseline * 10000)::bigint AS baseline, i.baseline_on, i.version
		FROM action_indicator i JOIN roadmap_action a ON a.id = i.action_id
		WHERE i.action_id = $1 AND CASE WHEN i.by_commune THEN EXISTS (SELECT FROM commune k WHERE k.organisation_id = $2) ELSE a.pilot_id = $2 END
		ORDER BY i.position`
)

// AddDocuments asks in a batch for the documents of a report.
func AddDocuments(b *postgres.Batch, dst *[]Document, id ReportID) {
	postgres.AddList(b, dst, `SELECT `+documentColumns+` WHERE d.report_id = $1 ORDER BY f.created_at, f.id`, id)
}

// who is the organisation in whose name somebody reports: the one they act for, or for
// the team the one chosen, Bordeaux Métropole by default.
func who(ctx context.Context, q postgres.Querier, by access.Actor, chosen roadmap.OrganisationID) (roadmap.OrganisationID, error) {
	switch {
	case !by.RunsBodies():
		return organisationOf(by)
	case chosen != 0:
		return chosen, nil
	}
	id, err := postgres.Value[roadmap.OrganisationID](ctx, q, `SELECT id FROM organisation WHERE kind = 'metropole' ORDER BY id LIMIT 1`)
	if postgres.IsNoRows(err) {
		return 0, roadmap.ErrNotFound
	}
	return id, postgres.Wrap(err, "find the metropole")
}

type drafted struct {
	Fields  url.Values `db:"fields"`
	SavedAt time.Time  `db:"saved_at"`
}

// readPoint reads everything of the page at once. What the actor may not report on
// does not exist.
func readPoint(ctx context.Context, db postgres.DB, by access.Actor, action roadmap.ID, org roadmap.OrganisationID) (Point, error) {
	var (
		b       postgres.Batch
		p       = Point{asTeam: by.RunsBodies()}
		actions []roadmap.Action
		stands  []Standing
		opens   []Open
		last    []Report
		drafts  []drafted
		figures []Figure
		files   []Document
	)
	postgres.AddList(&b, &actions, `SELECT `+roadmap.Columns+roadmap.Tables+` WHERE a.id = $1`, action)
	postgres.AddList(&b, &stands, standingSQL, action, org)
	postgres.AddList(&b, &opens, openSQL)
	postgres.AddList(&b, &last, lastSQL, action, org)
	postgres.AddList(&b, &figures, `
		SELECT f.report_id, f.indicator_id, i.name, i.unit, (f.value * 10000)::bigint AS value
		FROM report_figure f JOIN action_indicator i ON i.id = f.indicator_id WHERE f.report_id = `+lastID+` ORDER BY i.position`, action, org)
	postgres.AddList(&b, &files, `SELECT `+documentColumns+` WHERE d.report_id = `+lastID+` ORDER BY f.created_at, f.id`, action, org)
	postgres.AddList(&b, &p.Indicators, askedFigures, action, org)
	postgres.AddList(&b, &drafts, `SELECT fields, saved_at FROM report_draft WHERE account_id = $3 AND action_id = $1 AND organisation_id = $2`, action, org, by.Account)
	if err := b.Run(ctx, db); err != nil {
		return p, postgres.Wrap(err, "read the report of %d on action %d", org, action)
	}
	if len(actions) == 0 || len(stands) == 0 {
		return p, roadmap.ErrNotFound
	}
	p.Action, p.Standing = actions[0], stands[0]
	if len(opens) > 0 && p.Standing.Asked {
		p.Open = opens[0]
	}
	if len(last) > 0 {
		p.Last = last[0]
		p.Last.Figures, p.Last.Documents = figures, files
	}
	if len(drafts) > 0 {
		p.Draft, p.DraftAt = drafts[0].Fields, drafts[0].SavedAt
	}
	return p, p.allowed()
}

// allowed refuses an action that is not the organisation's, as if it did not exist.
func (p Point) allowed() error {
	concerned := p.Standing.Answers || p.Standing.Asked || p.Standing.ReplyTo != 0 || p.asTeam && p.Standing.Metropole
	known := p.asTeam || p.Action.Public() || p.Action.ProposerID == p.Standing.Organisation
	if !concerned || !known {
		return roadmap.ErrNotFound
	}
	return nil
}

// reportable refuses an action that is over and of which nothing is asked.
func (p Point) reportable() error {
	if p.Action.Status.Over() && p.Campaign() == 0 {
		return errOver
	}
	return nil
}

// Point returns what the page of a report shows, in two round trips at most; chosen is
// the organisation the team writes for (0: Bordeaux Métropole), ignored for others.
func (s *Service) Point(ctx context.Context, by access.Actor, action roadmap.ID, chosen roadmap.OrganisationID) (Point, error) {
	org, err := who(ctx, s.db, by, chosen)
	if err != nil {
		return Point{}, err
	}
	p, err := readPoint(ctx, s.db, by, action, org)
	if err != nil {
		return p, err
	}
	return p, p.reportable()
}
