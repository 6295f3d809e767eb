package count_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/count"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

var program = count.Program{Commit: "0123abc", VoteJS: strings.Repeat("a", 64)}

// representatives are those of the CMTIN's page.
func (w *world) representatives() (names []string, vacant int) {
	w.T.Helper()
	lines, err := w.gov.CompositionRows(w.T.Context(), governance.CMTIN, governance.BodyQuery{})
	w.must(err)
	for _, l := range lines {
		switch {
		case l.Kind != governance.GNIRepresentative:
		case l.Name() == "":
			vacant++
		default:
			names = append(names, l.Name())
		}
	}
	return names, vacant
}

// former gives seat 5 of action sociale to somebody, with an alternate.
func (w *world) former() {
	w.T.Helper()
	w.must(postgres.InTx(w.T.Context(), w.DB, func(tx pgx.Tx) error {
		seat := electiontest.Value[governance.SeatID](w.World, `SELECT id FROM seat WHERE kind = 'gni_representative' AND college = 'action_sociale' AND rank = 5`)
		for _, kind := range governance.MandateKinds {
			if _, err := w.gov.Appoint(w.T.Context(), tx, w.Team, governance.NewMandate{Seat: seat, Kind: kind, Person: governance.PersonInput{First: "Ancien", Last: "Élu " + string(kind)},
				From: day.Today().AddDays(-30), Designation: "Désignation"}); err != nil {
				return err
			}
		}
		return nil
	}))
}

// TestProclaim settles a tie, signs, proclaims, and follows the seats to their end.
func TestProclaim(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.former()
	// Two seats a college: the third of action sociale is a runner-up, and the second
	// and third of médiation numérique are tied at the last seat.
	w.Exec(`UPDATE ballot_box SET seats = 2 WHERE election_id = $1`, w.ID)
	w.vote()
	w.counted()
	w.settle()
	w.sign()
	w.proclaim()
	w.succeed()
	w.complement()
	w.end()
}

func (w *world) settle() {
	w.T.Helper()
	ctx := w.T.Context()
	r := w.result()
	if !r.DrawNeeded() || r.Vacant() != 1 {
		w.T.Fatalf("a tie at the last seat: draw needed %v, vacant %d", r.DrawNeeded(), r.Vacant())
	}
	if _, err := w.s.MakePV(ctx, w.Team, w.ID, program); problem.KindOf(err) != problem.Conflict {
		w.T.Fatalf("a procès-verbal before the draw: %v", err)
	}
	w.must(w.s.ProposeDraw(ctx, w.Team, w.ID, 0, "4 8  15"))
	if err := w.s.ProposeDraw(ctx, w.Team2, w.ID, 0, "9"); problem.KindOf(err) != problem.Conflict {
		w.T.Fatalf("a value over one not seen: %v", err)
	}
	if err := w.s.ConfirmDraw(ctx, w.Team, w.ID, 1); problem.KindOf(err) != problem.Conflict {
		w.T.Fatalf("one person alone: %v", err)
	}
	if err := w.s.ConfirmDraw(ctx, w.Team2, w.ID, 1); problem.KindOf(err) != problem.Conflict {
		w.T.Errorf("two people of the team choose who is elected: %v", err)
	}
	w.must(w.s.ConfirmDraw(ctx, w.Keepers[1], w.ID, 1))
	r = w.result()
	tie := r.Colleges[1].Outcome.Ties
	if r.DrawNeeded() || r.Vacant() != 0 || len(tie) != 1 || !tie[0].Decisive || tie[0].Picks[0].Hash != count.DrawHash("4 8 15"+r.Colleges[1].Head, tie[0].Picks[0].ID) || tie[0].Picks[0].Hash > tie[0].Picks[1].Hash {
		w.T.Fatalf("the tie after the draw: %+v", tie)
	}
	if elected := electiontest.Value[election.CandidacyID](w.World, `SELECT candidacy_id FROM candidacy_result WHERE elected AND tied`); elected != tie[0].Picks[0].ID {
		w.T.Errorf("%d is kept as elected", elected)
	}
}

func (w *world) sign() {
	w.T.Helper()
	ctx := w.T.Context()
	w.Exec(`INSERT INTO election_incident (election_id, text) VALUES ($1, 'Une coupure de dix minutes.')`, w.ID)
	version, err := w.s.MakePV(ctx, w.Keepers[2], w.ID, program)
	w.must(err)
	v, err := w.s.PV(ctx, w.Keepers[0], w.ID, 0)
	w.must(err)
	if version != 1 || v.Version != 1 || len(v.SHA256) != 64 || len(v.Incidents) != 1 || len(v.Acts) != 1 || len(v.Boxes) != 2 || v.Draw.Value != "4 8 15" || v.Program.VoteJS != program.VoteJS || v.Signs == "" {
		w.T.Fatalf("the procès-verbal: %+v", v)
	}
	if err := w.s.Sign(ctx, w.Keepers[0], w.ID, 1, "other"); problem.KindOf(err) != problem.Conflict {
		w.T.Fatalf("signing what was not shown: %v", err)
	}
	w.must(w.s.Sign(ctx, w.Keepers[0], w.ID, 1, v.SHA256))
	if err := w.s.Sign(ctx, w.Keepers[0], w.ID, 1, v.SHA256); problem.KindOf(err) != problem.Conflict {
		w.T.Fatalf("signing twice: %v", err)
	}
	if err := w.s.Sign(ctx, w.Team, w.ID, 1, v.SHA256); problem.KindOf(err) != problem.Forbidden {
		w.T.Fatalf("the team signing: %v", err)
	}
}

func (w *world) proclaim() {
	w.T.Helper()
	ctx := w.T.Context()
	p, err := w.s.Proclamation(ctx, w.Chair, w.ID)
	w.must(err)
	if err := p.Refusal(); err != nil || len(p.Seats) != 10 || len(p.Unsigned) != 2 {
		w.T.Fatalf("before proclaiming: %v, %d seats, %d unsigned", err, len(p.Seats), len(p.Unsigned))
	}
	if err := w.s.Proclaim(ctx, w.Team, w.ID, p.PV.SHA256); problem.KindOf(err) != problem.Forbidden {
		w.T.Fatalf("the team proclaiming: %v", err)
	}
	w.must(w.s.Proclaim(ctx, w.Chair, w.ID, p.PV.SHA256))
	if err := w.s.Proclaim(ctx, w.Chair, w.ID, p.PV.SHA256); problem.KindOf(err) != problem.Conflict {
		w.T.Fatalf("proclaiming twice: %v", err)
	}
	names, vacant := w.representatives()
	if len(names) != 4 || vacant != 6 || strings.Contains(strings.Join(names, " "), "Ancien") {
		w.T.Errorf("the CMTIN's page: %v, %d vacant", names, vacant)
	}
	v, err := w.s.PV(ctx, access.Actor{}, w.ID, 0)
	w.must(err)
	if v.Version != 2 || v.Proclaimed == nil || len(v.Previous.Signatures) != 1 || len(v.Signatures) != 1 || v.Signatures[0].Quality != "Présidence" {
		w.T.Errorf("the procès-verbal once proclaimed: %+v", v)
	}
	if n := electiontest.Value[int](w.World, `SELECT count(*)::int FROM membership m JOIN person p ON p.id = m.person_id WHERE p.first_name IN ('Candidate', 'Suppléant') AND m.during @> paris_today()`); n != 8 {
		w.T.Errorf("%d of the elected and of their alternates act for their structure", n)
	}
	if n := electiontest.Value[int](w.World, `SELECT count(*)::int FROM mail WHERE kind = 'election_result'`); n != 6 {
		w.T.Errorf("%d candidates were written to", n)
	}
	if e := w.Load(); !e.Contesting() || e.ContestUntil.Sub(e.Now).Hours() < 5*24 || e.ContestUntil.Sub(e.Now).Hours() > 6*24+1 {
		w.T.Errorf("contest until %v", e.ContestUntil)
	}
}

// succeed has the first seat of action sociale pass to the alternate, then to the next
// of the list, then to nobody.
func (w *world) succeed() {
	w.T.Helper()
	ctx := w.T.Context()
	for i, want := range []count.Way{count.ByAlternate, count.ByNext, count.ByAlternate, count.ByElection} {
		f, err := w.s.Following(ctx, w.Team, w.ID)
		w.must(err)
		s := f.States[0]
		if s.Way != want {
			w.T.Fatalf("step %d: %s, wanted %s", i+1, s.Way, want)
		}
		if want == count.ByElection {
			break
		}
		who, err := w.s.Person(ctx, w.Team, s)
		w.must(err)
		if who.Email == "" {
			who.Email = strings.Repeat("x", i+1) + "@example.org"
		}
		in := count.Succession{Seat: s.Seat, Way: s.Way, Candidacy: s.Next.ID, Reason: "Démission", Person: who}
		if who.ID == 0 && want == count.ByAlternate && i == 0 {
			in.Way = count.ByNext
			if err := w.s.Succeed(ctx, w.Team, w.ID, in); problem.KindOf(err) != problem.Conflict {
				w.T.Fatalf("a way that is not the one shown: %v", err)
			}
			in.Way = s.Way
		}
		w.must(w.s.Succeed(ctx, w.Team, w.ID, in))
		f, err = w.s.Following(ctx, w.Team, w.ID)
		w.must(err)
		if got := f.States[0]; got.Holder != who.First+" "+who.Last || got.Structure.ID != in.Candidacy {
			w.T.Fatalf("step %d: %+v", i+1, got)
		}
	}
}

func (w *world) complement() {
	w.T.Helper()
	id, err := w.s.Complement(w.T.Context(), w.Team, w.ID)
	w.must(err)
	e, err := election.Load(w.T.Context(), w.DB, w.Team, id)
	w.must(err)
	if e.Phase != election.Draft || *e.Complements != w.ID {
		w.T.Errorf("the complementary election: %+v", e)
	}
	if _, err := w.s.Complement(w.T.Context(), w.Team, w.ID); problem.KindOf(err) != problem.Conflict {
		w.T.Errorf("two complementary elections: %v", err)
	}
}

// end archives the election and destroys its ballots.
func (w *world) end() {
	w.T.Helper()
	ctx := w.T.Context()
	w.must(w.s.ArchiveDue(ctx))
	if e := w.Load(); e.Phase != election.Proclaimed {
		w.T.Fatalf("archived during the contest period: %s", e.Phase)
	}
	w.Exec(`INSERT INTO college_freeze (reason, started_by, started_at) SELECT 'Élection', 'Équipe', sealed_at FROM election WHERE id = $1`, w.ID)
	w.Exec(`UPDATE election SET contest_until = clock_timestamp() WHERE id = $1`, w.ID)
	w.must(w.s.ArchiveDue(ctx))
	w.must(w.s.ArchiveDue(ctx)) // again: nothing
	if e := w.Load(); e.Phase != election.Archived {
		w.T.Fatalf("not archived: %s", e.Phase)
	}
	if electiontest.Value[bool](w.World, `SELECT EXISTS (SELECT FROM college_freeze WHERE ended_at IS NULL)`) {
		w.T.Error("colleges are still frozen")
	}
}
