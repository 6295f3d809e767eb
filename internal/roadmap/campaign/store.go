package campaign

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// ErrNotFound says that a campaign does not exist, or not for who asks.
var ErrNotFound = problem.New(problem.NotFound, "Cette campagne n’existe pas.")

var (
	errStale    = problem.New(problem.Conflict, "Quelqu’un d’autre a modifié cette campagne pendant votre saisie : relisez-la, puis recommencez.")
	errOpened   = problem.New(problem.Conflict, "Cette campagne est déjà ouverte : seule sa date de clôture change encore.")
	errNotOpen  = problem.New(problem.Conflict, "Cette campagne n’est pas ouverte.")
	errClosed   = problem.New(problem.Conflict, "Cette campagne est déjà close : son dossier ne change plus.")
	errTwoOpen  = problem.New(problem.Conflict, "Une autre campagne est ouverte : faites d’abord son dossier, qui la clôt.")
	errNotOver  = problem.New(problem.Conflict, "Cette campagne n’est pas close : son dossier n’est pas encore fait.")
	errNobody   = problem.New(problem.Conflict, "Aucune des actions choisies ne concerne une commune : modifiez la campagne.")
	errDeadline = problem.OnField("jour", "La clôture est déjà passée : choisissez une date à venir.")
)

// columns are those of a Campaign c in tables. A draft counts what it would ask.
const columns = `
	c.id, c.title, coalesce(c.meeting_id, 0) AS meeting_id, coalesce(m.body, '') AS meeting_body, m.starts_at AS meeting_at,
	coalesce(m.theme, '') AS meeting_theme, coalesce(m.state IN ('draft', 'convened', 'in_progress'), false) AS meeting_open,
	c.message, c.opened_at, c.closes_at, c.closed_at, now() >= c.closes_at AS over, c.version, n.communes, n.actions, n.asked, n.answered
	FROM campaign c LEFT JOIN meeting m ON m.id = c.meeting_id
	CROSS JOIN LATERAL (
		SELECT count(DISTINCT q.organisation_id)::int AS communes, count(DISTINCT q.action_id)::int AS actions, count(*)::int AS asked,
		       count(DISTINCT r.organisation_id)::int AS answered
		FROM campaign_question q LEFT JOIN (SELECT * FROM progress_report WHERE campaign_id = c.id AND state <> 'replaced' OFFSET 0) r
		     ON r.action_id = q.action_id AND r.organisation_id = q.organisation_id
		WHERE q.campaign_id = c.id) n`

func addCampaign(b *postgres.Batch, dst *[]Campaign, id ID) {
	postgres.AddList(b, dst, `SELECT `+columns+` WHERE c.id = $1`, id)
}

// only is the campaign a batch found.
func only(found []Campaign) (Campaign, error) {
	if len(found) == 0 {
		return Campaign{}, ErrNotFound
	}
	return found[0], nil
}

func load(ctx context.Context, q postgres.Querier, id ID) (Campaign, error) {
	c, err := postgres.One[Campaign](ctx, q, `SELECT `+columns+` WHERE c.id = $1`, id)
	if postgres.IsNoRows(err) {
		return c, ErrNotFound
	}
	return c, postgres.Wrap(err, "load campaign %d", id)
}

// lock keeps others from the campaign until the transaction ends; errStale when it is no
// longer at the version the form showed (0: any).
func lock(ctx context.Context, tx pgx.Tx, id ID, version int) (Campaign, error) {
	if _, err := postgres.Exec(ctx, tx, `SELECT 1 FROM campaign WHERE id = $1 FOR UPDATE`, id); err != nil {
		return Campaign{}, postgres.Wrap(err, "lock campaign %d", id)
	}
	c, err := load(ctx, tx, id)
	if err == nil && version != 0 && c.Version != version {
		return c, errStale
	}
	return c, err
}

func record(ctx context.Context, tx pgx.Tx, by access.Actor, act string, c Campaign, before, after any) error {
	return audit.Record(ctx, tx, by, audit.Entry{Action: "roadmap." + act, Object: "campaign", ID: int64(c.ID), Label: c.label(), Before: before, After: after})
}

// answerSQL is the questions of campaign $1 with their answers; a WHERE may follow.
// What was said before is the last report before the campaign opened: what replaced
// another came after it.
const answerSQL = `
	SELECT q.organisation_id, o.name AS commune, coalesce(k.insee, '') AS insee, q.action_id, a.number, a.title, a.axis_id, x.title AS axis,
	       coalesce(r.id, 0) AS report_id, coalesce(r.state, '') AS state, coalesce(r.situation, '') AS situation, r.percent,
	       coalesce(r.nothing_new, false) AS nothing_new, coalesce(r.fall_reason, '') AS fall_reason, coalesce(r.done, '') AS done,
	       coalesce(r.difficulty, '') AS difficulty, coalesce(r.need_kind, '') AS need_kind, coalesce(r.need, '') AS need,
	       coalesce(r.next_step, '') AS next_step, coalesce(r.good_practice, false) AS good_practice, coalesce(r.by_name, '') AS by_name, r.at,
	       coalesce(p.situation, '') AS before_situation, p.percent AS before_percent, p.at AS before_at
	FROM campaign_question q JOIN campaign c ON c.id = q.campaign_id
	JOIN organisation o ON o.id = q.organisation_id LEFT JOIN commune k ON k.organisation_id = o.id
	JOIN roadmap_action a ON a.id = q.action_id JOIN axis x ON x.id = a.axis_id
	LEFT JOIN ` + reportsOf + ` r ON r.action_id = q.action_id AND r.organisation_id = q.organisation_id
	LEFT JOIN LATERAL (SELECT p.situation, p.percent, p.at FROM progress_report p
	     WHERE p.organisation_id = q.organisation_id AND p.action_id = q.action_id AND p.at < c.opened_at AND p.campaign_id IS DISTINCT FROM c.id
	     ORDER BY p.at DESC, p.id DESC LIMIT 1) p ON true
	WHERE q.campaign_id = $1`

// plainSQL is Answer.Plain, of answerSQL.
const plainSQL = `
	r.state = 'sent' AND r.difficulty = '' AND r.fall_reason = '' AND r.situation NOT IN ('late', 'abandoned')
	AND NOT coalesce(r.percent < p.percent, false)`

// peopleSQL is who is written to for the communes $1: the mayor in office and the
// delegates, each once.
const peopleSQL = `
	SELECT h.organisation_id, p.id AS person_id, p.first_name || ' ' || p.last_name AS name, p.email
	FROM (SELECT s.organisation_id, m.person_id FROM seat s JOIN mandate m ON m.seat_id = s.id AND m.kind = 'titular' AND m.during @> paris_today()
	      WHERE s.kind = 'mayor' AND s.during @> paris_today() AND s.organisation_id = ANY ($1)
	      UNION SELECT n.organisation_id, n.person_id FROM membership n WHERE n.organisation_id = ANY ($1) AND n.during @> paris_today()) h
	JOIN person p ON p.id = h.person_id ORDER BY h.organisation_id, p.id`

func people(ctx context.Context, q postgres.Querier, communes []CommuneLine) (map[CommuneID][]Person, error) {
	ids := make([]CommuneID, len(communes))
	for i, c := range communes {
		ids[i] = c.ID
	}
	list, err := postgres.List[Person](ctx, q, peopleSQL, ids)
	out := map[CommuneID][]Person{}
	for _, p := range list {
		out[p.Commune] = append(out[p.Commune], p)
	}
	return out, postgres.Wrap(err, "people of communes")
}
