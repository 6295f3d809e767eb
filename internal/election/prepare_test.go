package election_test

import (
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// TestPrepare leads an election from its creation to the publication of its rules.
func TestPrepare(t *testing.T) {
	t.Parallel()
	w := newWorld(t, election.Draft)
	ctx := t.Context()
	r := election.DefaultRules()
	_, err := w.s.Create(ctx, w.Chair, election.Plan{Title: "A", Rules: r})
	w.want(err, problem.Forbidden, "")
	_, err = w.s.Create(ctx, w.Team, election.Plan{Rules: r})
	w.want(err, problem.Invalid, "titre")
	_, err = w.s.Create(ctx, w.Team, election.Plan{Title: "A", Rules: r, Complements: &w.ID})
	w.want(err, problem.Invalid, "complete")
	id, err := w.s.Create(ctx, w.Team, election.Plan{Title: "Élection des représentants", Rules: r})
	w.must(err)

	// A draft is known to the team and to the key holders alone.
	_, err = w.s.Show(ctx, access.Actor{}, id)
	w.want(err, problem.NotFound, "")
	_, err = w.s.Show(ctx, w.Voters[0].Member, id)
	w.want(err, problem.NotFound, "")
	_, err = w.s.Show(ctx, w.Keepers[0], id)
	w.must(err)
	w.want(w.s.ChangeRules(ctx, w.Voters[0].Member, id, 1, "A", r), problem.NotFound, "")
	w.want(w.s.ChangeRules(ctx, w.Keepers[0], id, 1, "A", r), problem.Forbidden, "")

	r.MaxChoices, r.Seats = 5, 3
	w.want(w.s.ChangeRules(ctx, w.Team, id, 1, "A", r), problem.Invalid, "max_choices")
	r.MaxChoices = 3
	w.must(w.s.ChangeRules(ctx, w.Team, id, 1, "Élection de 2026", r))
	w.want(w.s.ChangeRules(ctx, w.Team2, id, 1, "A", r), problem.Conflict, "")

	_, err = w.s.Publish(ctx, w.Team, id, 2)
	w.want(err, problem.Invalid, "claims_until")
	d := w.dates()
	d.ClosesAt = d.OpensAt
	w.want(w.s.ChangeDates(ctx, w.Team, id, 2, d), problem.Invalid, "closes_at")
	d.ClosesAt = w.at(47) // 8 days on which one votes, for 10 promised
	w.must(w.s.ChangeDates(ctx, w.Team, id, 2, d))
	_, err = w.s.Publish(ctx, w.Team, id, 3)
	w.want(err, problem.Invalid, "closes_at")
	d = w.dates()
	d.ClaimsUntil = w.at(5)
	w.must(w.s.ChangeDates(ctx, w.Team, id, 3, d))
	_, err = w.s.Publish(ctx, w.Team, id, 4)
	w.want(err, problem.Invalid, "claims_until")
	w.must(w.s.ChangeDates(ctx, w.Team, id, 4, w.dates()))
	_, err = w.s.Publish(ctx, w.Team2, id, 3)
	w.want(err, problem.Conflict, "")
	told, err := w.s.Publish(ctx, w.Team2, id, 5)
	w.must(err)
	if told != len(w.Voters) || w.mails("election_rules") != told {
		t.Errorf("%d told, %d mails, for %d structures", told, w.mails("election_rules"), len(w.Voters))
	}

	// What was hashed is what is kept, and it changes no more.
	p, err := w.s.Show(ctx, access.Actor{}, id)
	w.must(err)
	e := p.Election
	sum := sha256.Sum256([]byte(e.RulesText))
	if string(sum[:]) != string(e.RulesSHA256) || e.Phase != election.Published || e.Rules != r {
		t.Errorf("published: %+v", e)
	}
	w.want(w.s.ChangeRules(ctx, w.Team, id, e.Version, "A", r), problem.Conflict, "")
	_, err = w.s.Publish(ctx, w.Team, id, e.Version)
	w.want(err, problem.Conflict, "")
}

// TestDatesOnceAnnounced: dates to come move and are told, those past stay, and none moves
// once the lists are sealed.
func TestDatesOnceAnnounced(t *testing.T) {
	t.Parallel()
	w := newWorld(t, election.Draft)
	ctx := t.Context()
	w.must(w.s.ChangeDates(ctx, w.Team, w.ID, 1, w.dates()))
	_, err := w.s.Publish(ctx, w.Team, w.ID, 2)
	w.must(err)
	e := w.Load()
	d := e.Dates()
	w.must(w.s.ChangeDates(ctx, w.Team, w.ID, e.Version, d)) // nothing changes: nothing is told
	if n := w.mails("election_dates"); n != 0 || w.Load().Version != e.Version {
		t.Errorf("a change that is none told %d people", n)
	}
	d.OpensAt, d.ClosesAt = w.at(42), w.at(52)
	w.must(w.s.ChangeDates(ctx, w.Team, w.ID, e.Version, d))
	if n := w.mails("election_dates"); n != len(w.Voters) {
		t.Errorf("%d people were told of a new date, wanted %d", n, len(w.Voters))
	}
	w.want(w.s.ChangeDates(ctx, w.Team, w.ID, e.Version, d), problem.Conflict, "")
	d.ClosesAt = nil
	w.want(w.s.ChangeDates(ctx, w.Team, w.ID, e.Version+1, d), problem.Invalid, "closes_at")
	w.Exec(`UPDATE election SET claims_until = now() - interval '1 minute' WHERE id = $1`, w.ID)
	e = w.Load()
	d = e.Dates()
	d.ClaimsUntil = w.at(13)
	w.want(w.s.ChangeDates(ctx, w.Team, w.ID, e.Version, d), problem.Invalid, "claims_until")
	d = e.Dates()
	d.CandidaciesFrom = w.at(-1)
	w.want(w.s.ChangeDates(ctx, w.Team, w.ID, e.Version, d), problem.Invalid, "candidacies_from")
}

// TestSealedDatesAndCancel: after the lists are sealed no date moves by one hand; an
// election that is given up lets the colleges go.
func TestSealedDatesAndCancel(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	sealed := jump(t, election.Sealed)
	e := sealed.Load()
	d := e.Dates()
	d.ClosesAt = sealed.at(20)
	sealed.want(sealed.s.ChangeDates(ctx, sealed.Team, sealed.ID, e.Version, d), problem.Conflict, "")
	sealed.Exec(`INSERT INTO college_freeze (reason, started_by) VALUES ('Liste arrêtée', 'Équipe')`)
	sealed.want(sealed.s.Cancel(ctx, sealed.Team, sealed.ID, e.Version, ""), problem.Invalid, "motif")
	sealed.want(sealed.s.Cancel(ctx, sealed.Team, sealed.ID, e.Version, strings.Repeat("é", 501)), problem.Invalid, "motif")
	sealed.must(sealed.s.Cancel(ctx, sealed.Team, sealed.ID, e.Version, "Trop peu de candidatures."))
	if n := electiontest.Value[int](sealed.World, `SELECT count(*)::int FROM college_freeze WHERE ended_at IS NULL`); n != 0 || sealed.mails("election_cancelled") == 0 {
		t.Errorf("after cancelling: %d freeze in force, %d told", n, sealed.mails("election_cancelled"))
	}
	sealed.want(sealed.s.Cancel(ctx, sealed.Team, sealed.ID, e.Version+1, "Encore"), problem.Conflict, "")
}

// TestNames: what the draws are made from is named before anybody can know what it gives.
func TestNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t, election.Candidacies)
	ctx := t.Context()
	v := w.Load().Version
	w.want(w.s.Name(ctx, w.Team, w.ID, v, election.Named{OrderSeed: strings.Repeat("x", 201)}), problem.Invalid, "order_seed")
	w.must(w.s.Name(ctx, w.Team, w.ID, v, election.Named{OrderSeed: "Loto du 5 décembre 2026 : 1 2 3"}))
	w.want(w.s.Name(ctx, w.Team, w.ID, v, election.Named{}), problem.Conflict, "")
	w.want(w.s.Name(ctx, w.Team, w.ID, v+1, election.Named{OrderSeed: "autre"}), problem.Invalid, "order_seed")
	n := election.Named{OrderSeed: "Loto du 5 décembre 2026 : 1 2 3", TieSource: "Loto du 19 décembre 2026, six numéros"}
	w.must(w.s.Name(ctx, w.Team, w.ID, v+1, n))

	w.Exec(`UPDATE election SET phase = 'sealed', sealed_at = now(), opens_at = now() - interval '2 hours', closes_at = now() - interval '1 minute',
		withdraw_until = now() - interval '3 hours', candidacies_until = now() - interval '3 hours', candidacies_from = now() - interval '4 hours' WHERE id = $1`, w.ID)
	n.TieSource = "Un tirage que je connais déjà"
	w.want(w.s.Name(ctx, w.Team, w.ID, v+2, n), problem.Invalid, "tie_source")
}

// TestDaysAcrossClockChanges: deadlines are days and hours of Paris, whatever the clocks
// do meanwhile.
func TestDaysAcrossClockChanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		opens, closes time.Time
		days          int
	}{
		{day.Of(2026, time.October, 20).At(9, 0), day.Of(2026, time.October, 29).At(18, 0), 10}, // a day of 25 hours
		{day.Of(2027, time.March, 20).At(9, 0), day.Of(2027, time.March, 29).At(18, 0), 10},     // a day of 23 hours
		{day.Of(2027, time.March, 28).At(0, 0), day.Of(2027, time.March, 29).At(0, 0), 1},       // closing at midnight takes no day more
		{day.Of(2026, time.October, 25).At(0, 0), day.Of(2026, time.October, 26).At(0, 1), 2},
	} {
		if got := election.VotingDays(c.opens, c.closes); got != c.days {
			t.Errorf("from %s to %s: %d days, wanted %d", c.opens, c.closes, got, c.days)
		}
		for _, b := range []struct {
			now  time.Time
			open bool
		}{{c.opens.Add(-time.Nanosecond), false}, {c.opens, true}, {c.closes.Add(-time.Nanosecond), true}, {c.closes, false}} {
			e := election.Election{Phase: election.Open, OpensAt: &c.opens, ClosesAt: &c.closes, Now: b.now}
			if e.Voting() != b.open || e.Due() != (b.now == c.closes) {
				t.Errorf("at %s: voting %v, due %v", b.now, e.Voting(), e.Due())
			}
		}
	}
	contest := day.Of(2026, time.October, 20).At(18, 0)
	e := election.Election{Rules: election.Rules{RetentionDays: 10}, ContestUntil: &contest}
	if got := e.RetainUntil(); !got.Equal(day.Of(2026, time.October, 30).At(18, 0)) {
		t.Errorf("kept until %s, wanted the same hour ten days later", got)
	}
}
