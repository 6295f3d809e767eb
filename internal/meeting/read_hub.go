package meeting

import (
	"context"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// HubView is where a meeting stands, counted in the database.
type HubView struct {
	Meeting
	Facts    HubFacts
	Guests   []Guest
	Clashes  []ListLine    // meetings of other bodies on the same day
	Replaced *OtherMeeting // the meeting it replaces
}

// HubFacts counts what was done of each step of a meeting's life.
type HubFacts struct {
	Today        day.Day    `db:"today"`
	Items        int        `db:"items"`
	OwnItems     int        `db:"own_items"` // that are no standing points
	ItemMinutes  int        `db:"item_minutes"`
	Documents    int        `db:"documents"`
	SentAt       *time.Time `db:"sent_at"` // of the first convocation
	Convened     int        `db:"convened"`
	Answered     int        `db:"answered"`
	Marked       int        `db:"marked"` // on the roll
	Notes        int        `db:"notes"`
	Decisions    int        `db:"decisions"`
	MinutesState string     `db:"minutes_state"` // "": not begun
	Publications int        `db:"publications"`
	PollOpen     bool       `db:"poll_open"`
	PollVoters   int        `db:"poll_voters"` // 0: no poll
	PollAnswered int        `db:"poll_answered"`
	PollChosen   bool       `db:"poll_chosen"`
	Proposals    int        `db:"proposals"` // waiting for this body's agenda
}

// Late tells whether convening today would not leave the notice period.
func (v HubView) Late() bool {
	return v.State == governance.Draft && v.Facts.Today.After(v.LatestConvene())
}

// LacksState tells whether the meeting will not count for want of a representative of
// the State among the guests.
func (v HubView) LacksState() bool {
	if !v.NeedsChairAndState || v.Kind != Session || !v.Open() {
		return false
	}
	for _, g := range v.Guests {
		if g.Role == StateGuest {
			return false
		}
	}
	return true
}

// Hub returns the overview of a meeting for the team, in two round trips.
func (s *Service) Hub(ctx context.Context, by access.Actor, id ID) (HubView, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return HubView{}, err
	}
	m, _, err := load(ctx, s.db, by, id)
	if err != nil {
		return HubView{}, err
	}
	v := HubView{Meeting: m}
	var others []OtherMeeting
	var b postgres.Batch
	postgres.AddOne(&b, &v.Facts, `
		SELECT paris_today() AS today, i.items, i.own_items, i.item_minutes,
		       (SELECT count(*) FROM meeting_document d WHERE d.meeting_id = m.id AND d.removed_at IS NULL)::int AS documents,
		       coalesce((SELECT min(s.created_at) FROM sending s WHERE s.meeting_id = m.id AND s.kind = 'convocation'), m.convened_at) AS sent_at,
		       c.convened, c.answered,
		       (SELECT count(*) FROM attendance a WHERE a.meeting_id = m.id)::int AS marked,
		       (SELECT count(*) FROM item_note n WHERE n.meeting_id = m.id AND n.text <> '')::int AS notes,
		       (SELECT count(*) FROM decision d WHERE d.meeting_id = m.id AND d.superseded_by IS NULL)::int AS decisions,
		       coalesce((SELECT x.state FROM minutes x WHERE x.meeting_id = m.id), '') AS minutes_state,
		       (SELECT count(*) FROM minutes_publication x WHERE x.meeting_id = m.id)::int AS publications,
		       coalesce(p.closed_at IS NULL AND p.closes_at > now() AND m.state = 'draft', false) AS poll_open,
		       (SELECT count(*) FROM poll_voter x WHERE x.poll_id = p.id)::int AS poll_voters,
		       (SELECT count(*) FROM poll_voter x WHERE x.poll_id = p.id AND x.answered_at IS NOT NULL)::int AS poll_answered,
		       EXISTS (SELECT FROM poll_option x WHERE x.poll_id = p.id AND x.chosen) AS poll_chosen,
		       (SELECT count(*) FROM agenda_proposal x WHERE x.body = m.body AND x.state = 'waiting')::int AS proposals
		FROM meeting m LEFT JOIN date_poll p ON p.meeting_id = m.id
		CROSS JOIN LATERAL (SELECT count(*)::int AS items, count(*) FILTER (WHERE origin <> 'standing')::int AS own_items,
		                           coalesce(sum(minutes), 0)::int AS item_minutes
		                    FROM agenda_item i WHERE i.meeting_id = m.id AND i.moved_to_id IS NULL) i
		CROSS JOIN LATERAL (SELECT count(*)::int AS convened, count(answer)::int AS answered FROM convocation c WHERE c.meeting_id = m.id) c
		WHERE m.id = $1`, id)
	postgres.AddList(&b, &v.Guests, `
		SELECT g.id, g.role, g.name, g.organisation, g.email, g.on_the_spot, c.id IS NOT NULL AS invited
		FROM meeting_guest g LEFT JOIN convocation c ON c.guest_id = g.id
		WHERE g.meeting_id = $1
		ORDER BY array_position(ARRAY['state', 'expert', 'guest'], g.role), fold(g.name), g.id`, id)
	postgres.AddList(&b, &v.Clashes, `
		SELECT o.id, o.body, o.kind, o.starts_at, o.ends_at, o.place, o.theme, o.state, o.ends_at > now() AS to_come
		FROM meeting m JOIN meeting o ON o.id <> m.id AND o.body <> m.body AND o.state IN ('draft', 'convened', 'in_progress')
		     AND o.starts_at >= date_trunc('day', m.starts_at, 'Europe/Paris') AND o.starts_at < date_trunc('day', m.starts_at, 'Europe/Paris') + interval '1 day'
		WHERE m.id = $1 AND m.state IN ('draft', 'convened') ORDER BY o.starts_at, o.id`, id)
	postgres.AddList(&b, &others, `SELECT id, starts_at FROM meeting WHERE id = $1`, m.ReplacesID)
	if err := b.Run(ctx, s.db); err != nil {
		return HubView{}, postgres.Wrap(err, "hub of a meeting")
	}
	if len(others) > 0 {
		v.Replaced = &others[0]
	}
	return v, nil
}
