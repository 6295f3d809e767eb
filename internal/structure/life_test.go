package structure

import (
	"errors"
	"slices"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// member is an accepted structure, since long.
func (d *desk) member(name string) Sheet {
	d.t.Helper()
	r := d.request(d.sheet(name))
	d.must(d.s.Accept(d.t.Context(), deskTeam, r.ID, r.Version, day.Of(2025, 1, 15)))
	return d.load(r.ID)
}

// seated tells in which college a structure sits on a day, "" when it does not.
func (d *desk) seated(id ID, on day.Day) governance.College {
	d.t.Helper()
	c, err := postgres.Value[string](d.t.Context(), d.db, `SELECT coalesce(min(college), '') FROM composition('gni', $1) WHERE organisation_id = $2`, on, id)
	d.must(err)
	return governance.College(c)
}

// acting lists the addresses of who acts for a structure today.
func (d *desk) acting(id ID) []string {
	d.t.Helper()
	list, err := postgres.Values[string](d.t.Context(), d.db, `
		SELECT p.email FROM person p WHERE p.id IN (
		    SELECT m.person_id FROM seat s JOIN mandate m ON m.seat_id = s.id WHERE s.organisation_id = $1 AND m.during @> paris_today()
		    UNION SELECT person_id FROM membership WHERE organisation_id = $1 AND during @> paris_today()) ORDER BY 1`, id)
	d.must(err)
	return list
}

func TestSuspendAndReturn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.member("Maison du Lac")
	people := d.acting(s.ID)
	today := day.Today()
	d.refused(d.s.Suspend(t.Context(), deskTeam, s.ID, s.Version, ""), problem.Invalid, "motif")
	d.must(d.s.Suspend(t.Context(), deskTeam, s.ID, s.Version, "Sans nouvelles depuis un an"))
	if got := d.seated(s.ID, today); got != "" || len(d.acting(s.ID)) != 0 {
		t.Errorf("suspended, it sits in %q with %v", got, d.acting(s.ID))
	}
	if got := d.seated(s.ID, today.AddDays(-1)); got != governance.SocialAction {
		t.Errorf("yesterday it sat in %q", got)
	}
	if n := d.mails("structure_suspended", "alix1@example.org"); n != 1 {
		t.Errorf("%d mails told the suspension", n)
	}
	stale := s.Version
	d.refused(d.s.Return(t.Context(), deskTeam, s.ID, stale), problem.Conflict, "")
	s = d.load(s.ID)
	d.must(d.s.Return(t.Context(), deskTeam, s.ID, s.Version))
	if got := d.seated(s.ID, today); got != governance.SocialAction || !slices.Equal(d.acting(s.ID), people) {
		t.Errorf("back, it sits in %q with %v, wanted %v", got, d.acting(s.ID), people)
	}
	if n := d.mails("structure_returned", "alix1@example.org"); n != 1 {
		t.Errorf("%d mails told the return", n)
	}
	s = d.load(s.ID)
	d.refused(d.s.Return(t.Context(), deskTeam, s.ID, s.Version), problem.Conflict, "")
	// It opened today: it cannot close before tomorrow, and comes back the day it closes.
	d.must(d.s.Suspend(t.Context(), deskTeam, s.ID, s.Version, "Encore"))
	s = d.load(s.ID)
	d.must(d.s.Return(t.Context(), deskTeam, s.ID, s.Version))
	if got := d.seated(s.ID, today.AddDays(1)); got != governance.SocialAction {
		t.Errorf("the day after a day of changes it sits in %q", got)
	}
	d.must(d.s.CheckInvariants(t.Context()))
}

func TestChangeCollegeUnlessFrozen(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.member("Maison du Lac")
	today := day.Today()
	d.must(d.s.FreezeColleges(t.Context(), deskTeam, "Liste arrêtée"))
	d.refused(d.s.FreezeColleges(t.Context(), deskSecond, "Encore"), problem.Conflict, "")
	d.refused(d.s.ChangeCollege(t.Context(), deskTeam, s.ID, s.Version, "Erreur de saisie"), problem.Conflict, "")
	if got := d.seated(s.ID, today); got != governance.SocialAction {
		t.Errorf("frozen, it moved to %q", got)
	}
	d.must(d.s.UnfreezeColleges(t.Context(), deskTeam))
	d.refused(d.s.UnfreezeColleges(t.Context(), deskTeam), problem.Conflict, "")
	d.must(d.s.ChangeCollege(t.Context(), deskTeam, s.ID, s.Version, "Erreur de saisie"))
	if now, before := d.seated(s.ID, today), d.seated(s.ID, today.AddDays(-1)); now != governance.DigitalMediation || before != governance.SocialAction {
		t.Errorf("it sits in %q, sat in %q", now, before)
	}
	if n := d.mails("structure_college", "alix1@example.org"); n != 1 || d.acts("structure.college", s.ID) != 1 {
		t.Errorf("%d mails, %d entries of the journal", n, d.acts("structure.college", s.ID))
	}
	if list, err := d.s.Freezes(t.Context(), deskTeam); err != nil || len(list) != 1 || list[0].EndedAt == nil {
		t.Errorf("freezes: %+v, %v", list, err)
	}
	d.must(d.s.CheckInvariants(t.Context()))
}

// TestNoCollegeChangeBetweenTwoSeats: a structure that was to leave and comes back has
// two seats; the register and the seat of today must name one college.
func TestNoCollegeChangeBetweenTwoSeats(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.member("Maison du Lac")
	d.must(d.s.Leave(t.Context(), deskTeam, s.ID, s.Version, day.Today().AddDays(30), ""))
	s = d.load(s.ID)
	d.must(d.s.Return(t.Context(), deskTeam, s.ID, s.Version))
	s = d.load(s.ID)
	d.refused(d.s.ChangeCollege(t.Context(), deskTeam, s.ID, s.Version, "Erreur de saisie"), problem.Conflict, "")
	d.must(d.s.CheckInvariants(t.Context()))
}

// TestFreezeWaitsForChanges: once a freeze is in force no change of college that
// began before it is still to be written.
func TestFreezeWaitsForChanges(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.member("Maison du Lac")
	changed := make(chan error, 1)
	go func() { changed <- d.s.ChangeCollege(t.Context(), deskTeam, s.ID, s.Version, "Erreur de saisie") }()
	d.must(d.s.FreezeColleges(t.Context(), deskSecond, "Liste arrêtée"))
	frozen := d.seated(s.ID, day.Today())
	err := <-changed
	if p, ok := errors.AsType[*problem.Error](err); err != nil && (!ok || p.Kind != problem.Conflict) {
		t.Fatal(err)
	}
	if now := d.seated(s.ID, day.Today()); now != frozen {
		t.Errorf("the college became %q after the freeze found %q", now, frozen)
	}
}

func TestMergeKeepsBothStories(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	kept, twin := d.member("Maison du Lac"), d.sheet("Maison le Lac")
	twin.SIRET, twin.Phone = "99900000100019", "+33556000000"
	gone := d.request(twin)
	merger, err := d.s.MergeOf(t.Context(), deskTeam, gone.ID, kept.ID)
	if err != nil || merger.Refusal != "" || !slices.Equal(merger.Filled, []string{"SIRET", "téléphone"}) {
		t.Fatalf("what would come of it: %+v, %v", merger, err)
	}
	if m, err := d.s.MergeOf(t.Context(), deskTeam, kept.ID, gone.ID); err != nil || m.Refusal == "" {
		t.Errorf("a member would go into a request: %+v, %v", m, err)
	}
	d.refused(d.s.Merge(t.Context(), deskTeam, kept.ID, gone.ID, kept.Version, gone.Version), problem.Invalid, "autre")
	d.refused(d.s.Merge(t.Context(), deskTeam, gone.ID, kept.ID, gone.Version, kept.Version-1), problem.Conflict, "")
	d.must(d.s.Merge(t.Context(), deskTeam, gone.ID, kept.ID, gone.Version, kept.Version))
	gone, kept = d.load(gone.ID), d.load(kept.ID)
	if gone.State != Merged || gone.MergedInto != kept.ID || kept.SIRET != twin.SIRET || kept.Phone != twin.Phone || kept.Name != "Maison du Lac" {
		t.Errorf("merged %+v into %+v", gone, kept)
	}
	story, err := storyOf(t.Context(), d.db, kept.ID, true)
	d.must(err)
	var kinds []StepKind
	for _, s := range story {
		kinds = append(kinds, s.Kind)
	}
	for _, want := range []StepKind{StepAbsorbed, StepMerged, StepAccepted, StepRecorded} {
		if !slices.Contains(kinds, want) {
			t.Errorf("the story lacks %q: %v", want, kinds)
		}
	}
	d.refused(d.s.Merge(t.Context(), deskTeam, gone.ID, kept.ID, gone.Version, kept.Version), problem.Invalid, "autre")
	d.must(d.s.CheckInvariants(t.Context()))
}

func TestMergeOfTwoMembersMovesThePeople(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	kept, gone := d.member("Maison du Lac"), d.member("Maison le Lac")
	everybody := append(d.acting(kept.ID), d.acting(gone.ID)...)
	slices.Sort(everybody)
	d.must(d.s.Merge(t.Context(), deskTeam, gone.ID, kept.ID, gone.Version, kept.Version))
	if got := d.acting(kept.ID); !slices.Equal(got, everybody) {
		t.Errorf("after the merger %v act, wanted %v", got, everybody)
	}
	if got := d.seated(gone.ID, day.Today()); got != "" {
		t.Errorf("the merged one still sits in %q", got)
	}
	d.must(d.s.CheckInvariants(t.Context()))
}

func TestLifeIsTheTeamsAlone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s := d.member("Maison du Lac")
	mayor := access.Actor{Account: 3, Acting: access.Capacity{Role: access.Mayor}}
	for name, err := range map[string]error{
		"suspend": d.s.Suspend(t.Context(), mayor, s.ID, s.Version, "x"), "return": d.s.Return(t.Context(), mayor, s.ID, s.Version),
		"college": d.s.ChangeCollege(t.Context(), mayor, s.ID, s.Version, "x"), "freeze": d.s.FreezeColleges(t.Context(), mayor, "x"),
		"unfreeze": d.s.UnfreezeColleges(t.Context(), mayor), "merge": d.s.Merge(t.Context(), mayor, s.ID, s.ID, s.Version, s.Version),
	} {
		if problem.KindOf(err) != problem.Forbidden {
			t.Errorf("%s by a mayor: %v", name, err)
		}
	}
}
