package election_test

import (
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// TestOpenExtendClose leads the acts of two people from the sealed box to the count.
func TestOpenExtendClose(t *testing.T) {
	t.Parallel()
	w := jump(t, election.Ready)
	ctx := t.Context()
	propose := func(by access.Actor, kind election.ActKind, reason string, to *time.Time) election.ActID {
		t.Helper()
		id, err := w.s.Propose(ctx, by, w.ID, kind, reason, to)
		w.must(err)
		return id
	}
	refused := func(by access.Actor, kind election.ActKind, reason string, to *time.Time, as problem.Kind, field string) {
		t.Helper()
		_, err := w.s.Propose(ctx, by, w.ID, kind, reason, to)
		w.want(err, as, field)
	}

	// No tie source, then who may not.
	refused(w.Team, election.ActOpen, "", nil, problem.Conflict, "")
	w.must(w.s.Name(ctx, w.Team, w.ID, w.Load().Version, election.Named{TieSource: "Loto du 19 décembre 2026, six numéros"}))
	refused(w.Chair, election.ActOpen, "", nil, problem.Forbidden, "")
	refused(w.Voters[0].Member, election.ActOpen, "", nil, problem.Forbidden, "")
	refused(access.System("essai"), election.ActOpen, "", nil, problem.Forbidden, "")
	refused(w.Team, election.ActOpen, "", w.at(20), problem.BadRequest, "")
	refused(w.Team, "nothing", "", nil, problem.BadRequest, "")

	// The same person confirms nothing, in whatever role; nor do two of the team.
	act := propose(w.Team, election.ActOpen, "", nil)
	refused(w.Keepers[0], election.ActOpen, "", nil, problem.Conflict, "")
	twice := w.Team
	twice.Acting, twice.Account = access.Capacity{Role: access.Scrutineer}, w.Team2.Account
	w.want(w.s.Confirm(ctx, w.Team, w.ID, act), problem.Conflict, "")
	w.want(w.s.Confirm(ctx, twice, w.ID, act), problem.Conflict, "")
	w.want(w.s.Confirm(ctx, w.Team2, w.ID, act), problem.Conflict, "")
	w.want(w.s.Confirm(ctx, w.Chair, w.ID, act), problem.Forbidden, "")
	w.want(w.s.Confirm(ctx, w.Keepers[0], w.ID, act+1000), problem.NotFound, "")
	if w.phase() != election.Ready || w.mails("election_act") != 4 { // Team2 and three keepers
		t.Errorf("a proposal alone: phase %s, %d mails", w.phase(), w.mails("election_act"))
	}

	// The dates moved meanwhile: the proposal no longer holds, and gives way.
	w.Exec(`UPDATE election SET opens_at = opens_at + interval '1 minute' WHERE id = $1`, w.ID)
	w.want(w.s.Confirm(ctx, w.Keepers[0], w.ID, act), problem.Conflict, "")
	act = propose(w.Keepers[1], election.ActOpen, "", nil)
	w.must(w.s.Confirm(ctx, w.Team, w.ID, act))
	if w.phase() != election.Open {
		t.Fatalf("confirmed: phase %s", w.phase())
	}
	w.want(w.s.Confirm(ctx, w.Keepers[0], w.ID, act), problem.Conflict, "")
	refused(w.Team, election.ActOpen, "", nil, problem.Conflict, "")
	w.want(w.s.Cancel(ctx, w.Team, w.ID, w.Load().Version, "Trop tard"), problem.Conflict, "")

	// Extend: later than the closing, by a scrutineer among two.
	refused(w.Team, election.ActExtend, "", w.at(12), problem.Invalid, "motif")
	refused(w.Team, election.ActExtend, "Panne", nil, problem.Invalid, "closes_at")
	refused(w.Team, election.ActExtend, "Panne", w.at(3), problem.Invalid, "closes_at")
	refused(w.Team, election.ActExtend, "Panne", w.at(3000), problem.Invalid, "closes_at")
	to := w.at(12)
	act = propose(w.Team, election.ActExtend, "Le portail a été coupé une journée.", to)
	w.want(w.s.Confirm(ctx, w.Team2, w.ID, act), problem.Conflict, "")
	w.must(w.s.Confirm(ctx, w.Keepers[0], w.ID, act))
	if e := w.Load(); !e.ClosesAt.Equal(*to) || w.mails("election_dates") != len(w.Voters) {
		t.Errorf("extended to %s, %d told", e.ClosesAt, w.mails("election_dates"))
	}

	// Close early: a reason; withdrawn, then proposed anew and done by two of the team.
	refused(w.Team, election.ActClose, "", nil, problem.Invalid, "motif")
	act = propose(w.Team, election.ActClose, "Toutes les structures ont voté.", nil)
	w.must(w.s.Withdraw(ctx, w.Keepers[2], w.ID, act))
	w.want(w.s.Confirm(ctx, w.Team2, w.ID, act), problem.Conflict, "")
	w.want(w.s.Withdraw(ctx, w.Team, w.ID, act), problem.Conflict, "")
	act = propose(w.Team, election.ActClose, "Toutes les structures ont voté.", nil)
	w.must(w.s.Confirm(ctx, w.Team2, w.ID, act))
	refused(w.Team, election.ActExtend, "Panne", w.at(20), problem.Conflict, "")

	act = propose(w.Keepers[0], election.ActCount, "", nil)
	w.must(w.s.Confirm(ctx, w.Keepers[1], w.ID, act))
	refused(w.Keepers[0], election.ActCount, "", nil, problem.Conflict, "")
	if p, err := w.s.Show(ctx, w.Team, w.ID); err != nil || !p.Facts.CountDecided || p.Election.Phase != election.Closed || len(p.Acts) != 6 {
		t.Errorf("after the decision to count: %v %+v", err, p)
	}
	// The public reads what was decided, and by nobody's name.
	p, err := w.s.Show(ctx, access.Actor{}, w.ID)
	w.must(err)
	for _, a := range p.Acts {
		if a.ConfirmedAt == nil || a.Proposer != "" || a.Confirmer != "" || a.ProposedBy != 0 {
			t.Errorf("the public reads %+v", a)
		}
	}
	if len(p.Acts) != 4 || p.Risk != nil {
		t.Errorf("the public reads %d acts", len(p.Acts))
	}
}

// TestDestroyWaits: nothing is destroyed before the rules say so.
func TestDestroyWaits(t *testing.T) {
	t.Parallel()
	w := jump(t, election.Archived)
	w.Exec(`UPDATE election SET contest_until = now() - interval '59 days' WHERE id = $1`, w.ID)
	_, err := w.s.Propose(t.Context(), w.Keepers[0], w.ID, election.ActDestroy, "", nil)
	w.want(err, problem.Conflict, "")
	w.Exec(`UPDATE election SET contest_until = now() - interval '61 days' WHERE id = $1`, w.ID)
	_, err = w.s.Propose(t.Context(), w.Keepers[0], w.ID, election.ActDestroy, "", nil)
	w.must(err)
}

// TestCloseDue: the vote closes by the clock of the database, by the chore or by the
// first page opened late, once.
func TestCloseDue(t *testing.T) {
	t.Parallel()
	w := jump(t, election.Open)
	ctx := t.Context()
	w.must(w.s.CloseDue(ctx))
	if w.phase() != election.Open {
		t.Fatal("closed before its hour")
	}
	w.Exec(`UPDATE election SET closes_at = clock_timestamp() WHERE id = $1`, w.ID)
	p, err := w.s.Show(ctx, access.Actor{}, w.ID)
	w.must(err)
	if p.Election.Phase != election.Closed || p.Election.ClosedAt == nil {
		t.Errorf("a page opened late shows %s", p.Election.Phase)
	}
	w.must(w.s.CloseDue(ctx))
	if n := w.mails("election_act"); n != 5 {
		t.Errorf("%d mails, wanted one for each of five people", n)
	}

	w.Exec(`UPDATE election SET phase = 'open' WHERE id = $1`, w.ID)
	w.must(w.s.CloseDue(ctx))
	if w.phase() != election.Closed {
		t.Error("the chore leaves open a vote past its hour")
	}
}

// TestIncidentsAndRisk: the log is public, written by the board, and never changes; the
// grid gives the level of the most demanding answer.
func TestIncidentsAndRisk(t *testing.T) {
	t.Parallel()
	w := jump(t, election.Open)
	ctx := t.Context()
	w.want(w.s.Report(ctx, w.Voters[0].Member, w.ID, "x"), problem.Forbidden, "")
	w.want(w.s.Report(ctx, w.Team, w.ID, ""), problem.Invalid, "texte")
	w.must(w.s.Report(ctx, w.Keepers[0], w.ID, "Le portail a été coupé de 10 h à 11 h."))
	list, err := election.Incidents(ctx, w.DB, w.ID)
	w.must(err)
	if len(list) != 1 || w.mails("election_incident") != 4 {
		t.Errorf("%d incidents, %d mails", len(list), w.mails("election_incident"))
	}

	answers := map[string]string{}
	for _, q := range election.RiskQuestions {
		answers[q.Name] = q.Options[0].Value
	}
	v := w.Load().Version
	level, err := w.s.SetRisk(ctx, w.Team, w.ID, v, answers)
	w.must(err)
	if level != 1 {
		t.Errorf("the lowest answers give level %d", level)
	}
	for i, q := range election.RiskQuestions {
		for _, o := range q.Options {
			answers[q.Name] = o.Value
			if got, err := election.RiskLevel(answers); err != nil || got != o.Level {
				t.Errorf("question %d, %s: level %d (%v), wanted %d", i, o.Value, got, err, o.Level)
			}
		}
		answers[q.Name] = q.Options[0].Value
	}
	answers["stake"] = "other"
	_, err = w.s.SetRisk(ctx, w.Team, w.ID, v+1, answers)
	w.want(err, problem.Invalid, "stake")
	answers["stake"] = "real"
	_, err = w.s.SetRisk(ctx, w.Team, w.ID, v, answers)
	w.want(err, problem.Conflict, "")
	_, err = w.s.SetRisk(ctx, w.Team, w.ID, v+1, answers)
	w.must(err)
	if r, err := election.RiskOf(ctx, w.DB, w.ID); err != nil || r == nil || r.Level != 2 || r.By != w.Team.Name {
		t.Errorf("kept: %+v (%v)", r, err)
	}
	if got := electiontest.Value[int](w.World, `SELECT count(*)::int FROM audit_entry WHERE object = 'election' AND object_id = $1`, w.ID); got != 3 {
		t.Errorf("%d journal entries, wanted 3", got)
	}
}
