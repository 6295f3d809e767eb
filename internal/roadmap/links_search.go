package roadmap

import (
	"context"
	"regexp"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Name names a meeting: « Comité des communes, 12 mars 2026 ».
func (m MeetingRef) Name() string { return m.Body.Label() + ", " + french.LongDate(day.In(m.StartsAt)) }

// LinkChoice is a decision or a meeting that a search found to link with an action.
type (
	// DecisionChoice is a decision in force.
	DecisionChoice struct {
		DecisionRef
		Adopted bool `db:"adopted"` // it may give birth to an action
		Linked  bool `db:"linked"`  // with this action already
	}
	// MeetingChoice is a meeting of a body.
	MeetingChoice struct {
		MeetingRef
		Linked bool `db:"linked"`
	}
)

// LinkSearch is what is looked for: words, or a number as the registers write it.
type LinkSearch struct {
	Words string
	Body  governance.BodyCode // "" for all
}

// linkReference reads « CMTIN 2026-3 », « 2026-A2 », « n° 2026-3 ».
var linkReference = regexp.MustCompile(`(?i)^(?:n°\s*)?(?:(cmtin|gni|partenaires|communes)[\s\x{a0}]+)?(?:n°\s*)?(\d{4})-(a?)(\d{1,6})$`)

// maxLinkWords is how many characters of a search are looked at.
const maxLinkWords = 100

func (q LinkSearch) words() string {
	w := strings.Join(strings.Fields(q.Words), " ")
	if r := []rune(w); len(r) > maxLinkWords {
		w = string(r[:maxLinkWords])
	}
	return w
}

// linkLike is the pattern of LIKE that holds the words as they are; "" holds all.
func linkLike(words string) string {
	if words == "" {
		return ""
	}
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(words) + "%"
}

// linkDesk is the action a search is made for: it must exist, and the team asks.
func (s *Service) linkDesk(ctx context.Context, by access.Actor, b *postgres.Batch, id ID) (func() (Action, error), error) {
	if err := RequireTeam(by); err != nil {
		return nil, err
	}
	var found []Action
	postgres.AddList(b, &found, `SELECT `+Columns+Tables+` WHERE a.id = $1`, id)
	return func() (Action, error) {
		if err := b.Run(ctx, s.db); err != nil {
			return Action{}, postgres.Wrap(err, "search what to link with action %d", id)
		}
		if len(found) == 0 {
			return Action{}, ErrNotFound
		}
		return found[0], nil
	}, nil
}

// SearchDecisions returns a page of the decisions in force that match, the newest first,
// published or not: the team links before the minutes are out.
func (s *Service) SearchDecisions(ctx context.Context, by access.Actor, id ID, q LinkSearch, page int) (Action, []DecisionChoice, postgres.Paging, error) {
	var (
		b            postgres.Batch
		rows         []DecisionChoice
		total        int
		year, number int
		kind         string
		words        = q.words()
	)
	if m := linkReference.FindStringSubmatch(words); m != nil {
		if m[1] != "" {
			q.Body = governance.BodyCode(strings.ToLower(m[1]))
		}
		kind = map[bool]string{true: "opinion", false: "decision"}[m[3] != ""]
		year, _ = strconv.Atoi(m[2]) // figures, the expression says
		number, _ = strconv.Atoi(m[4])
		words = ""
	}
	run, err := s.linkDesk(ctx, by, &b, id)
	if err != nil {
		return Action{}, nil, postgres.Paging{}, err
	}
	const from = `
		FROM decision d JOIN meeting m ON m.id = d.meeting_id
		WHERE d.superseded_by IS NULL AND ($1 = '' OR d.body = $1) AND ($2 = 0 OR d.year = $2 AND d.number = $3 AND d.kind = $4)
		  AND ($5 = '' OR fold(d.title || ' ' || d.text) LIKE fold($5))`
	args := []any{string(q.Body), year, number, kind, linkLike(words)}
	postgres.AddValue(&b, &total, `SELECT count(*)::int`+from, args...)
	postgres.AddList(&b, &rows, `
		SELECT 0::bigint AS action_id, d.id, d.kind, d.body, d.year, d.number, d.title, d.meeting_id, m.state = 'published' AS public,
		       d.outcome IN ('adopted', 'favourable') AS adopted,
		       EXISTS (SELECT FROM action_decision l WHERE l.action_id = $6 AND l.decision_id = d.id) AS linked`+from+`
		ORDER BY m.starts_at DESC, d.kind, d.number DESC, d.id LIMIT $8 OFFSET $7`, append(args, id, postgres.Offset(page), postgres.Limit(page))...)
	a, err := run()
	return a, rows, postgres.PagingOf(page, total), err
}

// SearchMeetings is SearchDecisions for meetings: by words of the theme or the place, or
// by a date or a year in figures.
func (s *Service) SearchMeetings(ctx context.Context, by access.Actor, id ID, q LinkSearch, page int) (Action, []MeetingChoice, postgres.Paging, error) {
	var (
		b     postgres.Batch
		rows  []MeetingChoice
		total int
	)
	run, err := s.linkDesk(ctx, by, &b, id)
	if err != nil {
		return Action{}, nil, postgres.Paging{}, err
	}
	const from = `
		FROM meeting m
		WHERE ($1 = '' OR m.body = $1)
		  AND ($2 = '' OR fold(m.theme || ' ' || m.place || ' ' || to_char(m.starts_at AT TIME ZONE 'Europe/Paris', 'DD/MM/YYYY YYYY-MM-DD FMDD/FMMM/YYYY')) LIKE fold($2))`
	args := []any{string(q.Body), linkLike(q.words())}
	postgres.AddValue(&b, &total, `SELECT count(*)::int`+from, args...)
	postgres.AddList(&b, &rows, `
		SELECT 0::bigint AS action_id, m.id, m.body, m.starts_at, m.theme, m.announced AS public,
		       EXISTS (SELECT FROM action_meeting l WHERE l.action_id = $3 AND l.meeting_id = m.id) AS linked`+from+`
		ORDER BY m.starts_at DESC, m.id LIMIT $5 OFFSET $4`, append(args, id, postgres.Offset(page), postgres.Limit(page))...)
	a, err := run()
	return a, rows, postgres.PagingOf(page, total), err
}
