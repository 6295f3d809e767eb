package campaign

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// Filter narrows the desk of a campaign.
type Filter struct {
	Communes string // "", « muettes », « incompletes », « completes », « attention »
	Axis     roadmap.AxisID
	Page     int // of the actions and of the reports to read
}

// CommuneFilters lists the values of Filter.Communes with what each means.
var CommuneFilters = [][2]string{{"muettes", "Sans aucune réponse"}, {"incompletes", "Réponses incomplètes"}, {"completes", "Tout est répondu"},
	{"attention", "Avec une difficulté ou un besoin"}}

func (f Filter) keeps(l CommuneLine) bool {
	switch f.Communes {
	case "muettes":
		return l.Silent()
	case "incompletes":
		return l.Partial()
	case "completes":
		return l.Answered == l.Asked
	case "attention":
		return l.Attention > 0
	}
	return true
}

// Desk is the follow-up of a campaign for the team.
type Desk struct {
	Campaign Campaign
	Communes []CommuneLine // all that were asked
	Shown    []CommuneLine // those the filter keeps
	Axes     []roadmap.Axis
	Actions  []ActionLine
	ActionsN int
	Waiting  []Answer // reports to read, the oldest first
	WaitingN int
	PlainN   int // of them, without difficulty nor fall
}

// attentionSQL tells what the team should look at of a report r.
const attentionSQL = `r.situation IN ('late', 'abandoned') OR r.fall_reason <> '' OR r.need <> '' OR r.difficulty <> ''`

const (
	// reportsOf are the reports of the campaign $1. OFFSET 0 has them read first, by
	// their index: a planner that knows not which campaign may read all reports instead.
	reportsOf = `(SELECT * FROM progress_report WHERE campaign_id = $1 AND state <> 'replaced' OFFSET 0)`

	communesSQL = `
	SELECT o.id AS organisation_id, o.name, k.insee, k.abbr, k.tile_row, k.tile_col, n.asked, n.answered, n.waiting, n.asked_back, n.attention,
	       n.last_at, t.reminded_at
	FROM (SELECT q.organisation_id, count(*)::int AS asked, count(r.id)::int AS answered, (count(*) FILTER (WHERE r.state = 'sent'))::int AS waiting,
	             (count(*) FILTER (WHERE r.state = 'asked_back'))::int AS asked_back, (count(*) FILTER (WHERE ` + attentionSQL + `))::int AS attention,
	             max(r.at) AS last_at
	      FROM campaign_question q LEFT JOIN ` + reportsOf + ` r ON r.action_id = q.action_id AND r.organisation_id = q.organisation_id
	      WHERE q.campaign_id = $1 GROUP BY q.organisation_id) n
	JOIN organisation o ON o.id = n.organisation_id JOIN commune k ON k.organisation_id = o.id
	LEFT JOIN campaign_target t ON t.campaign_id = $1 AND t.organisation_id = o.id ORDER BY fold(regexp_replace(o.name, '^Le ', ''))`
	deskActionsSQL = `
	SELECT a.id AS action_id, a.number, a.title, x.title AS axis, n.asked, n.answered, n.waiting, n.attention, n.last_at
	FROM (SELECT q.action_id, count(*)::int AS asked, count(r.id)::int AS answered, (count(*) FILTER (WHERE r.state = 'sent'))::int AS waiting,
	             (count(*) FILTER (WHERE ` + attentionSQL + `))::int AS attention, max(r.at) AS last_at
	      FROM campaign_question q LEFT JOIN ` + reportsOf + ` r ON r.action_id = q.action_id AND r.organisation_id = q.organisation_id
	      WHERE q.campaign_id = $1 GROUP BY q.action_id) n
	JOIN roadmap_action a ON a.id = n.action_id JOIN axis x ON x.id = a.axis_id
	WHERE $2 = 0 OR a.axis_id = $2 ORDER BY x.position, a.number LIMIT $3 OFFSET $4`
)

// Desk returns the follow-up of a campaign.
func (s *Service) Desk(ctx context.Context, by access.Actor, id ID, f Filter) (Desk, error) {
	if err := roadmap.RequireTeam(by); err != nil {
		return Desk{}, err
	}
	var (
		v     Desk
		found []Campaign
		b     postgres.Batch
	)
	addCampaign(&b, &found, id)
	postgres.AddList(&b, &v.Communes, communesSQL, id)
	roadmap.AddAxes(&b, &v.Axes)
	postgres.AddList(&b, &v.Actions, deskActionsSQL, id, int64(f.Axis), postgres.Limit(f.Page), postgres.Offset(f.Page))
	postgres.AddValue(&b, &v.ActionsN, `
		SELECT count(DISTINCT q.action_id)::int FROM campaign_question q JOIN roadmap_action a ON a.id = q.action_id
		WHERE q.campaign_id = $1 AND ($2 = 0 OR a.axis_id = $2)`, id, int64(f.Axis))
	postgres.AddList(&b, &v.Waiting, answerSQL+` AND r.state = 'sent' AND ($2 = 0 OR a.axis_id = $2) ORDER BY r.at, r.id LIMIT $3 OFFSET $4`,
		id, int64(f.Axis), postgres.Limit(f.Page), postgres.Offset(f.Page))
	postgres.AddValue(&b, &v.WaitingN, `
		SELECT count(*)::int FROM campaign_question q JOIN progress_report r USING (campaign_id, action_id, organisation_id)
		JOIN roadmap_action a ON a.id = q.action_id WHERE q.campaign_id = $1 AND r.state = 'sent' AND ($2 = 0 OR a.axis_id = $2)`, id, int64(f.Axis))
	postgres.AddValue(&b, &v.PlainN, `SELECT count(*)::int FROM (`+answerSQL+` AND `+plainSQL+`) w`, id)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "desk of a campaign")
	}
	var err error
	v.Campaign, err = only(found)
	for _, c := range v.Communes {
		if f.keeps(c) {
			v.Shown = append(v.Shown, c)
		}
	}
	return v, err
}

// CommunePage is all that a commune answers to a campaign.
type CommunePage struct {
	Campaign Campaign
	Commune  CommuneLine
	Answers  []Answer
	People   []Person
}

// Commune returns all that a commune answers to a campaign.
func (s *Service) Commune(ctx context.Context, by access.Actor, id ID, insee string) (CommunePage, error) {
	if err := roadmap.RequireTeam(by); err != nil {
		return CommunePage{}, err
	}
	var (
		v        CommunePage
		found    []Campaign
		communes []CommuneLine
		b        postgres.Batch
	)
	addCampaign(&b, &found, id)
	postgres.AddList(&b, &communes, `SELECT * FROM (`+communesSQL+`) l WHERE insee = $2`, id, insee)
	postgres.AddList(&b, &v.Answers, answerSQL+` AND k.insee = $2 ORDER BY x.position, a.number LIMIT 500`, id, insee)
	postgres.AddList(&b, &v.People, `SELECT * FROM (`+peopleByINSEE+`) p`, insee)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "commune of a campaign")
	}
	c, err := only(found)
	if err != nil {
		return v, err
	}
	if len(communes) == 0 {
		return v, ErrNotFound
	}
	v.Campaign, v.Commune = c, communes[0]
	return v, nil
}

const peopleByINSEE = `
	SELECT h.organisation_id, p.id AS person_id, p.first_name || ' ' || p.last_name AS name, p.email
	FROM commune k
	CROSS JOIN LATERAL (SELECT s.organisation_id, m.person_id FROM seat s JOIN mandate m ON m.seat_id = s.id AND m.kind = 'titular' AND m.during @> paris_today()
	      WHERE s.kind = 'mayor' AND s.during @> paris_today() AND s.organisation_id = k.organisation_id
	      UNION SELECT n.organisation_id, n.person_id FROM membership n WHERE n.organisation_id = k.organisation_id AND n.during @> paris_today()) h
	JOIN person p ON p.id = h.person_id WHERE k.insee = $1 ORDER BY p.last_name, p.first_name, p.id`
