package structure_test

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// pastGNI is the composition of the GNI on days that are past, names apart: a
// structure keeps its place under the name it takes.
const pastGNI = `SELECT string_agg(md5(x::text), '') FROM (
	SELECT d, c.seat_id, c.organisation_id, c.college, c.person_id FROM unnest('{2025-01-31,2025-09-30}'::date[] || (paris_today() - 1)) AS d,
	LATERAL composition('gni', d) c ORDER BY 1, 2, 5) x`

// stormStory is what happened to a structure, and its seats.
const stormStory = `SELECT concat_ws(' | ', (SELECT string_agg(kind, ' ' ORDER BY id) FROM structure_step WHERE structure_id = $1),
	(SELECT string_agg(college || ' ' || during, ' ' ORDER BY id) FROM seat WHERE organisation_id = $1))`

// TestAnySequenceOfActs does acts at random on a few structures, right ones and wrong
// ones: each is done or refused in words, the register and the governance stay tied,
// the past does not move, and the journal's chain holds.
func TestAnySequenceOfActs(t *testing.T) {
	t.Parallel()
	w := newStorm(t)
	var ids []structure.ID
	for range 3 {
		ids = append(ids, w.member(day.Of(2025, 1, 15)).ID, w.request().ID)
	}
	past := w.value(pastGNI)
	done := map[string]int{}
	rapid.Check(t, func(r *rapid.T) {
		for range 3 {
			id, other := rapid.SampledFrom(ids).Draw(r, "structure"), rapid.SampledFrom(ids).Draw(r, "other")
			name := rapid.SampledFrom(stormNames).Draw(r, "act")
			version := w.load(id).Version
			if rapid.IntRange(0, 9).Draw(r, "stale") == 0 {
				version--
			}
			err := w.random(name, id, other, version, &ids)
			if err == nil {
				done[name]++
			} else if _, ok := errors.AsType[*problem.Error](err); !ok {
				r.Fatalf("%s: %v", name, err)
			}
			if err := errors.Join(w.s.CheckInvariants(t.Context()), w.gov.CheckInvariants(t.Context())); err != nil {
				r.Fatalf("after %s of %d (%d): %v\n%s", name, id, other, err, w.value(stormStory, id))
			}
			if w.value(pastGNI) != past {
				r.Fatalf("%s of %d changed the past", name, id)
			}
		}
	})
	if v, err := audit.Verify(t.Context(), w.pool); err != nil || !v.OK() {
		t.Errorf("journal: %+v, %v", v, err)
	}
	if len(done) < len(stormNames)/2 {
		t.Errorf("only %v were done: the test looks at little", done)
	}
	t.Logf("done: %v", done)
}

var stormNames = []string{"record", "accept", "accept tomorrow", "ask", "refuse", "reopen", "suspend", "return", "leave", "leave in a month",
	"college", "merge", "freeze", "unfreeze", "consents", "rename", "add", "remove", "hand over", "ask access", "grant", "up to date", "remind", "prune"}

// random does an act on a structure, as the team.
func (w *storm) random(name string, id, other structure.ID, version int, ids *[]structure.ID) error {
	ctx, today := w.t.Context(), day.Today()
	change := func(section structure.Section, f func(*structure.Sheet)) error {
		sheet := w.load(id)
		f(&sheet)
		return w.s.UpdateSection(ctx, stormTeam, sheet, section)
	}
	switch name {
	case "record":
		*ids = append(*ids, w.request().ID)
		return nil
	case "accept":
		return w.s.Accept(ctx, stormTeam, id, version, today)
	case "accept tomorrow":
		return w.s.Accept(ctx, stormTeam, id, version, today.AddDays(1))
	case "ask":
		return w.s.Ask(ctx, stormTeam, id, version, "Quels services ?")
	case "refuse":
		return w.s.Refuse(ctx, stormTeam, id, version, "Hors du territoire")
	case "reopen":
		return w.s.Reopen(ctx, stormTeam, id, version, "Nouvel examen")
	case "suspend":
		return w.s.Suspend(ctx, stormTeam, id, version, "Sans nouvelles")
	case "return":
		return w.s.Return(ctx, stormTeam, id, version)
	case "leave":
		return w.s.Leave(ctx, stormTeam, id, version, today, "")
	case "leave in a month":
		return w.s.Leave(ctx, stormTeam, id, version, today.AddDays(30), "Déménagement")
	case "college":
		return w.s.ChangeCollege(ctx, stormTeam, id, version, "Erreur de saisie")
	case "merge":
		return w.s.Merge(ctx, stormTeam, id, other, version, w.load(other).Version)
	case "freeze":
		return w.s.FreezeColleges(ctx, stormTeam, "Liste arrêtée")
	case "unfreeze":
		return w.s.UnfreezeColleges(ctx, stormTeam)
	case "consents":
		return change(structure.Consents, func(s *structure.Sheet) { s.PublishSheet, s.PublishContacts = !s.PublishSheet, false })
	case "rename":
		return change(structure.Identity, func(s *structure.Sheet) { s.Name = fmt.Sprintf("Maison %d v%d", id, version) })
	case "remind":
		_, err := w.s.RemindStale(ctx)
		return err
	case "prune":
		_, err := w.s.PruneRegistrations(ctx)
		return err
	case "up to date":
		return w.s.ConfirmUpToDate(ctx, stormTeam, id)
	}
	return w.people(name, id)
}

// people does an act on the people of a structure.
func (w *storm) people(name string, id structure.ID) error {
	ctx := w.t.Context()
	v, err := w.s.People(ctx, stormTeam, id)
	if err != nil {
		return err
	}
	w.made++
	switch name {
	case "add":
		return w.s.AddPerson(ctx, stormTeam, id, structure.Contact{First: "Sacha", Last: "Ajout", Email: fmt.Sprintf("sacha%d@example.org", w.made), Manager: w.made%2 == 0})
	case "ask access":
		return w.s.RequestAccess(ctx, access.Actor{}, id, structure.AccessInput{First: "Lou", Last: "Demande", Email: fmt.Sprintf("lou%d@example.org", w.made%7)},
			fmt.Sprintf("198.51.100.%d", w.made%250))
	case "grant":
		if len(v.Requests) == 0 {
			return problem.New(problem.NotFound, "Aucune demande.")
		}
		return w.s.DecideAccess(ctx, stormTeam, v.Requests[0].ID, w.made%3 > 0, w.made%2 == 0, "")
	}
	for _, p := range v.People {
		switch {
		case p.Membership == 0:
		case name == "remove":
			return w.s.RemovePerson(ctx, stormTeam, id, p.Membership)
		case v.InCharge() != nil:
			return w.s.HandOver(ctx, stormTeam, id, structure.Handover{Member: p.Membership, Seen: v.InCharge().Mandate})
		default:
			return w.s.HandOver(ctx, stormTeam, id, structure.Handover{Member: p.Membership})
		}
	}
	return problem.New(problem.NotFound, "Personne.")
}
