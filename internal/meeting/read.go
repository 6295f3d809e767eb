package meeting

import (
	"context"
	"slices"
	"strings"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// OtherMeeting is another meeting to lead to: the one that replaces, or is replaced.
type OtherMeeting struct {
	ID       ID        `db:"id"`
	StartsAt time.Time `db:"starts_at"`
}

// ReadView is a meeting as the public, or a participant, reads it.
type ReadView struct {
	Meeting
	Sight     Sight
	Items     []Item // once convened
	Following []Following
	Documents []Document     // those the reader may open
	Kept      []Contribution // of a workshop held, what the team kept
	Own       *MyAnswer
	Replaces  *OtherMeeting
	Replacing *OtherMeeting
}

// MyAnswer is what the reader was asked, and said.
type MyAnswer struct {
	Convocation ConvocationID `db:"id"`
	Answer      Answer        `db:"answer"`
	SeatLabel   string        `db:"seat_label"`
	Alternate   bool          `db:"alternate"`
}

// dateOnly is the contrary of disclosed, of the meeting m.
const dateOnly = `m.state = 'draft' OR (m.convened_at IS NULL AND m.state IN ('postponed', 'cancelled'))`

// disclosed tells whether the public may know more than the date: the meeting was
// convened, or recorded once over.
func (m Meeting) disclosed() bool {
	return m.State != governance.Draft && (!m.CalledOff() || m.ConvenedAt != nil)
}

// Read returns the page of a meeting, with no more than the actor may know, in two
// round trips. What nobody announced does not exist. also, if not nil, adds to the
// second what other areas show on the page.
func (s *Service) Read(ctx context.Context, by access.Actor, id ID, also func(*postgres.Batch, Meeting)) (ReadView, error) {
	m, sight, err := load(ctx, s.db, by, id)
	if err != nil {
		return ReadView{}, err
	}
	if sight < Inside && !m.disclosed() {
		m.Place, m.Theme = "", "" // not decided yet: only the date is announced
	}
	v := ReadView{Meeting: m, Sight: sight}
	var b postgres.Batch
	if m.disclosed() {
		AddItems(&b, &v.Items, id, sight)
		addFollowing(&b, &v.Following, m, sight)
		addDocuments(&b, &v.Documents, id, sight)
	}
	var own []MyAnswer
	if by.Person != 0 {
		postgres.AddList(&b, &own, `
			SELECT c.id, coalesce(c.answer, '') AS answer, c.seat_label, c.person_id IS DISTINCT FROM $2 AND coalesce(c.alternate_person_id = $2, false) AS alternate
			FROM convocation c
			WHERE c.meeting_id = $1 AND (c.person_id = $2 OR c.alternate_person_id = $2
			   OR c.organisation_id IN (SELECT s.organisation_id FROM membership s WHERE s.person_id = $2 AND s.during @> paris_today()))
			ORDER BY c.person_id IS DISTINCT FROM $2, c.id LIMIT 1`, id, by.Person)
	}
	if m.Kind == Workshop {
		addKept(&b, &v.Kept, id)
	}
	if also != nil {
		also(&b, m)
	}
	var others []OtherMeeting
	postgres.AddList(&b, &others, `SELECT id, starts_at FROM meeting WHERE id IN ($1, $2) AND (announced OR $3)`, m.ReplacesID, m.ReplacedByID, sight == Backstage)
	if err := b.Run(ctx, s.db); err != nil {
		return ReadView{}, postgres.Wrap(err, "read meeting")
	}
	if len(own) > 0 {
		v.Own = &own[0]
	}
	for i, o := range others {
		if o.ID == m.ReplacesID {
			v.Replaces = &others[i]
		} else {
			v.Replacing = &others[i]
		}
	}
	return v, nil
}

// Hit is a meeting found by a search.
type Hit struct {
	ListLine
	Point string `db:"point"` // title of the agenda's point that answers, "" when the meeting does
}

const maxMeetingHits = 10

// longestWord is the pattern of LIKE that holds the longest word of a search.
func longestWord(q string) string {
	longest := slices.MaxFunc(strings.Fields(q), func(a, b string) int { return len(a) - len(b) })
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(longest) + "%"
}

// AddSearch looks, within the batch of a page, for words in the announced meetings
// (theme, place, body) and in the agendas of those convened, accents, case and small
// typing errors forgiven; 10 at most, the closest then the latest first. An empty
// query finds nothing.
func AddSearch(b *postgres.Batch, dst *[]Hit, q string) {
	q = strings.Join(strings.Fields(q), " ")
	if r := []rune(q); len(r) > 100 {
		q = string(r[:100])
	}
	if q == "" {
		return
	}
	// Whoever has all the words has the longest: the indexes find it, or what is near.
	postgres.AddList(b, dst, `
		WITH wanted AS (SELECT fold($1) AS whole, string_to_array(fold($1), ' ') AS words),
		found AS (
			SELECT m.id, '' AS point, fold(b.name || ' ' || b.short_name || CASE WHEN `+dateOnly+` THEN '' ELSE ' ' || m.theme || ' ' || m.place END) AS hay, 1 AS rank
			FROM (SELECT * FROM meeting g WHERE g.announced AND (fold(g.theme || ' ' || g.place) LIKE fold($3) OR fold($1) <% fold(g.theme || ' ' || g.place))
			      UNION ALL
			      SELECT g.* FROM body x JOIN meeting g ON g.body = x.code AND g.announced
			      WHERE fold(x.name || ' ' || x.short_name) LIKE fold($3) OR fold($1) <% fold(x.name || ' ' || x.short_name)) m
			JOIN body b ON b.code = m.body
			UNION ALL
			SELECT m.id, i.title, fold(i.title), 2
			FROM agenda_item i JOIN meeting m ON m.id = i.meeting_id
			WHERE m.announced AND NOT (`+dateOnly+`) AND i.origin <> 'standing' AND i.moved_to_id IS NULL
			  AND (fold(i.title) LIKE fold($3) OR fold($1) <% fold(i.title))
		), best AS (
			SELECT DISTINCT ON (f.id) f.id, f.point, f.rank, word_similarity(w.whole, f.hay) AS near
			FROM found f, wanted w
			WHERE (SELECT bool_and(strpos(f.hay, x) > 0) FROM unnest(w.words) x) OR word_similarity(w.whole, f.hay) >= 0.6
			ORDER BY f.id, f.rank, word_similarity(w.whole, f.hay) DESC
		)
		SELECT m.id, m.body, m.kind, m.starts_at, m.ends_at, CASE WHEN `+dateOnly+` THEN '' ELSE m.place END AS place,
		       CASE WHEN `+dateOnly+` THEN '' ELSE m.theme END AS theme, m.state, m.state IN ('draft', 'convened', 'in_progress') AND m.ends_at > now() AS to_come, best.point
		FROM best JOIN meeting m ON m.id = best.id
		ORDER BY best.near DESC, best.rank, m.starts_at DESC, m.id LIMIT $2`, q, maxMeetingHits, longestWord(q))
}
