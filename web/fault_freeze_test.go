package web_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/edition"
	"bordeaux-metropole.fr/portal/web"
)

// TestFreezeMeetsOthers: while the programme is frozen, others change the status of its
// actions and report on them. Nobody waits for ever, no list is frozen that was not
// voted, and what was frozen is what the actions then were.
func TestFreezeMeetsOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	areas, err := web.NewAreas(s.pool, testConfig(s.URL))
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	year := s.count(t, `
		WITH shut AS (UPDATE edition SET state = 'examination' WHERE state = 'proposals' RETURNING year),
		new AS (INSERT INTO edition (year, state) SELECT coalesce(max(year), 2029) + 1, 'examination' FROM edition HAVING NOT EXISTS (SELECT FROM edition WHERE state <> 'frozen') RETURNING year)
		SELECT coalesce((SELECT year FROM new), (SELECT year FROM shut), (SELECT year FROM edition WHERE state <> 'frozen'))::int`)
	s.count(t, `
		WITH lines AS (INSERT INTO edition_line (year, action_id, origin, outcome, reason) SELECT $1, id, 'carried_over', 'retained', 'Elle continue' FROM roadmap_action
		               WHERE status IN ('validated', 'in_progress', 'suspended') ON CONFLICT (year, action_id) DO UPDATE SET outcome = 'retained', reason = 'Elle continue' RETURNING 1),
		asides AS (UPDATE edition_line SET outcome = 'set_aside', reason = 'Hors sujet' WHERE year = $1 AND origin = 'new' AND outcome = 'proposed' RETURNING 1)
		SELECT (SELECT count(*) FROM lines)::int`, year)
	meeting := s.count(t, `SELECT id::int FROM meeting WHERE body = 'cmtin' AND state IN ('held', 'in_progress') UNION ALL
		(WITH u AS (SELECT id FROM meeting WHERE body = 'cmtin' AND state = 'published' ORDER BY starts_at DESC LIMIT 1) SELECT id::int FROM u) LIMIT 1`)
	s.count(t, `WITH u AS (UPDATE meeting SET state = 'held' WHERE id = $1 AND state <> 'held' RETURNING 1) SELECT count(*)::int FROM u`, meeting)
	b, err := areas.Editions.Ballot(ctx, registerTeam, year)
	if err != nil {
		t.Fatal(err)
	}
	var (
		mu    sync.Mutex
		fates = map[string]int{}
		wg    sync.WaitGroup
	)
	told := func(what string, err error) {
		mu.Lock()
		defer mu.Unlock()
		p, known := errors.AsType[*problem.Error](err)
		switch {
		case err == nil:
			fates[what]++
		case !known || p.Kind == problem.Internal || p.Kind == problem.Unavailable:
			t.Errorf("%s: %v", what, err)
		}
	}
	for round := 0; round < 4 && fates["frozen"] == 0; round++ {
		if b, err = areas.Editions.Ballot(ctx, registerTeam, year); err != nil {
			t.Fatal(err)
		}
		vote := edition.Vote{Year: year, Version: b.Version, Seen: b.Seen(), Method: minutes.Consensus, Choices: map[roadmap.ID]edition.Choice{}}
		vote.Meeting = b.Meetings[slices.IndexFunc(b.Meetings, func(m edition.Host) bool { return int(m.ID) == meeting })].ID
		for _, l := range b.Lines {
			vote.Choices[l.ID] = edition.Choice{Adopted: true}
		}
		wg.Go(func() { _, err := areas.Editions.Freeze(ctx, registerTeam, vote); told("frozen", err) })
		for i := range 4 {
			l := b.Lines[(i+round)%len(b.Lines)]
			wg.Go(func() {
				to := roadmap.StatusChange{Action: l.ID, Version: l.Version, To: roadmap.Suspended, Reason: "En pause"}
				if l.Status == roadmap.Suspended {
					to.To = roadmap.InProgress
				}
				_, err := areas.Roadmap.ChangeStatus(ctx, registerTeam, to)
				told("status", err)
			})
		}
		wg.Wait()
	}
	if fates["frozen"] > 1 || fates["status"] == 0 {
		t.Errorf("what happened: %v", fates)
	}
	if fates["frozen"] == 0 { // each time somebody was before: alone, it goes
		if b, err = areas.Editions.Ballot(ctx, registerTeam, year); err != nil || b.Ready() != nil {
			t.Fatal(err, b.Ready())
		}
	}
	if err := areas.Editions.CheckInvariants(ctx); err != nil {
		t.Error(err)
	}
}
