package board

import (
	"strings"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// HitKind says what of the roadmap a search found.
type HitKind string

// The closed set of what is searched: what the public pages show.
const (
	ActionHit    HitKind = "action"
	AxisHit      HitKind = "axis"
	ReportHit    HitKind = "report"    // what was done or comes next, in an accepted report
	StepHit      HitKind = "step"      // its title
	IndicatorHit HitKind = "indicator" // its name
)

// Label returns the French name of the kind.
func (k HitKind) Label() string {
	switch k {
	case ActionHit:
		return "Action de la feuille de route"
	case AxisHit:
		return "Axe de la feuille de route"
	case ReportHit:
		return "Point d’avancement"
	case StepHit:
		return "Étape d’une action"
	case IndicatorHit:
		return "Indicateur d’une action"
	}
	return string(k)
}

// Hit is something found.
type Hit struct {
	Kind   HitKind    `db:"kind"`
	Action roadmap.ID `db:"action_id"` // 0 for an axis
	Number int        `db:"number"`    // of the action, or position of the axis
	Title  string     `db:"title"`     // of the action or of the axis
	Detail string     `db:"detail"`    // the words found, when they are not the title
}

// MaxHits is how many hits of the roadmap a search shows: the list has the others.
const MaxHits = 20

const maxSearch = 100 // characters looked at

// AddSearch looks, within the batch of a page, for words in what is public of the
// roadmap, in French: accents, case and plurals forgiven. Actions come first, then what
// hangs on them, an action being named once for its reports. An empty query finds
// nothing. Each part stops early, so that a common word costs no more than a rare one.
func AddSearch(b *postgres.Batch, dst *[]Hit, query string) {
	query = strings.Join(strings.Fields(query), " ")
	if r := []rune(query); len(r) > maxSearch {
		query = string(r[:maxSearch])
	}
	if query == "" {
		return
	}
	postgres.AddList(b, dst, `
		WITH wanted AS MATERIALIZED (SELECT plainto_tsquery('french', fold($1)) AS q),
		found AS (
			(SELECT 'action' AS kind, a.id AS action_id, a.number, a.title, '' AS detail, 1 AS rank
			 FROM roadmap_action a WHERE a.validated_on IS NOT NULL
			   AND (a.words @@ plainto_tsquery('french', fold($1)) OR fold(a.title) LIKE fold($2)) LIMIT 200)
			UNION ALL
			SELECT 'axis', 0, x.position, x.title, '', 0 FROM axis x, wanted
			WHERE to_tsvector('french', fold(x.title || ' ' || x.strategy)) @@ wanted.q
			UNION ALL
			(SELECT 'step', a.id, a.number, a.title, t.title, 3 FROM action_step t JOIN roadmap_action a ON a.id = t.action_id
			 WHERE to_tsvector('french', fold(t.title)) @@ plainto_tsquery('french', fold($1)) AND a.validated_on IS NOT NULL LIMIT 50)
			UNION ALL
			(SELECT 'indicator', a.id, a.number, a.title, i.name, 2 FROM action_indicator i JOIN roadmap_action a ON a.id = i.action_id
			 WHERE to_tsvector('french', fold(i.name)) @@ plainto_tsquery('french', fold($1)) AND a.validated_on IS NOT NULL LIMIT 50)
			UNION ALL
			SELECT * FROM (
				SELECT DISTINCT ON (a.id) 'report' AS kind, a.id, a.number, a.title,
				       CASE WHEN to_tsvector('french', fold(r.done)) @@ wanted.q THEN r.done
				            WHEN to_tsvector('french', fold(r.next_step)) @@ wanted.q THEN r.next_step ELSE r.done || ' ' || r.next_step END AS detail, 4
				FROM (SELECT action_id, done, next_step, at FROM progress_report
				      WHERE state = 'accepted' AND to_tsvector('french', fold(done || ' ' || next_step)) @@ plainto_tsquery('french', fold($1)) LIMIT 100) r
				JOIN roadmap_action a ON a.id = r.action_id, wanted
				WHERE a.validated_on IS NOT NULL ORDER BY a.id, r.at DESC) s
		)
		SELECT kind, action_id, number, title, detail FROM found
		ORDER BY rank, strpos(fold(title || ' ' || detail), fold($1)) = 0, number, detail LIMIT $3`, query, likeWords(query), MaxHits)
}
