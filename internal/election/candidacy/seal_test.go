package candidacy_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/candidacy"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Any seed orders all the candidacies, each once, the same way whatever their order.
func TestOrderIsAPermutation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.String().Draw(t, "seed")
		ids := rapid.SliceOfDistinct(rapid.Map(rapid.Int64Range(1, 1<<40), func(n int64) candidacy.ID { return candidacy.ID(n) }), rapid.ID).Draw(t, "ids")
		drawn := candidacy.Order(seed, ids)
		shuffled := rapid.Permutation(ids).Draw(t, "shuffled")
		if !slices.Equal(drawn, candidacy.Order(seed, shuffled)) {
			t.Fatal("the order depends on the order given")
		}
		var got []candidacy.ID
		for i, d := range drawn {
			if got = append(got, d.ID); d.Place != i+1 || i > 0 && drawn[i-1].Hash >= d.Hash {
				t.Fatalf("place %d of %+v", i, d)
			}
		}
		slices.Sort(got)
		want := slices.Sorted(slices.Values(ids))
		if !slices.Equal(got, want) {
			t.Fatalf("%v of %v", got, want)
		}
	})
}

// The hashes are those of: printf '%s' '12 décembre : 3 9 21|7' | sha256sum.
func TestOrderIsWhatAnybodyComputes(t *testing.T) {
	t.Parallel()
	want := []candidacy.Drawn{
		{ID: 12, Text: "12 décembre : 3 9 21|12", Hash: "08c7309ae3ecc514e50d44bed852d1fab59215329507c649cf2db63da994ae2d", Place: 1},
		{ID: 40, Text: "12 décembre : 3 9 21|40", Hash: "8be4f6f9b74ad259ee5a0459bd44f80d34b5e89c7af84344541b5dfa7cfd45ab", Place: 2},
		{ID: 7, Text: "12 décembre : 3 9 21|7", Hash: "98f1b55d646d6b1f586a47ba75f40907ca6f8ce68368591afc07c8c5572de792", Place: 3},
	}
	if got := candidacy.Order("12 décembre : 3 9 21", []candidacy.ID{7, 12, 40}); !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestSeal(t *testing.T) {
	t.Parallel()
	v := newScene(t, election.Candidacies)
	ctx := t.Context()
	var want []candidacy.ID
	for i, who := range []*electiontest.Voter{v.Voters[0], v.Voters[1], v.Voters[2], v.Voters[6], v.Voters[7]} {
		c := v.stand(who, content(fmt.Sprint(i)))
		if i != 1 {
			v.accept(c)
			want = append(want, c.ID)
		}
	}
	v.Exec(`INSERT INTO election_claim (election_id, structure_id, kind, text) VALUES ($1, $2, 'name', 'À revoir')`, v.ID, v.Voters[3].ID)
	d, err := v.s.Desk(ctx, v.Team, v.ID)
	v.must(err)
	var left []string
	for _, c := range d.Checks() {
		if !c.OK {
			left = append(left, c.Name)
		}
	}
	if !slices.Equal(left, []string{"claims", "examined", "dates", "seed"}) {
		t.Errorf("left to do: %v", left)
	}
	v.refused(v.s.Seal(ctx, v.Team, v.ID, v.Load().Version), problem.Conflict, "")
	v.Exec(`UPDATE election_claim SET state = 'refused', answer = 'Non.'`)
	v.over()
	v.Exec(`UPDATE election SET order_seed = 'Loto du 12 décembre : 3 9 21' WHERE id = $1`, v.ID)
	second := *v.mine(v.Voters[1]).Candidacy
	v.must(v.s.Decide(ctx, v.Team, v.ID, second.ID, second.Version, candidacy.Decision{State: candidacy.Refused, Reason: "Hors délai."}))

	// The register moved since the roll was refreshed: it is refreshed first.
	v.Exec(`UPDATE structure SET state = 'left' WHERE organisation_id = $1`, v.Voters[11].ID)
	v.refused(v.s.Seal(ctx, v.Team, v.ID, v.Load().Version), problem.Conflict, "")
	_, err = v.roll.Refresh(ctx, v.Team, v.ID)
	v.must(err)
	v.refused(v.s.Seal(ctx, v.Mayor, v.ID, v.Load().Version), problem.NotFound, "")
	v.refused(v.s.Seal(ctx, v.Team, v.ID, v.Load().Version+1), problem.Conflict, "")
	v.must(v.s.Seal(ctx, v.Team, v.ID, v.Load().Version))

	p, err := v.s.Published(ctx, access.Actor{}, v.ID)
	v.must(err)
	var got []candidacy.ID
	for _, college := range governance.Colleges {
		for i, c := range p.Lists[college] {
			got = append(got, c.ID)
			if c.Place != i+1 || p.Draws[college][i].ID != c.ID || c.College != college || c.Commune != "Bègles" {
				t.Errorf("%+v", c)
			}
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) || len(p.Lists[governance.DigitalMediation]) != 2 {
		t.Errorf("%v on the ballot, wanted %v", got, want)
	}
	boxes := v.Boxes()
	if len(boxes) != 2 || boxes[0].Seats != 5 || boxes[0].UUID == boxes[1].UUID || *boxes[0].College != governance.SocialAction {
		t.Fatalf("%+v", boxes)
	}
	for i, n := range []int{6, 5} {
		if got := electiontest.Value[int](v.World, `SELECT count(*)::int FROM emargement WHERE box_id = $1 AND NOT voted`, boxes[i].ID); got != n {
			t.Errorf("%d structures vote in box %d, wanted %d", got, i, n)
		}
	}
	v.refused(v.s.Seal(ctx, v.Team, v.ID, v.Load().Version), problem.Conflict, "")

	// The colleges are frozen with the lists.
	sheet, err := v.reg.SheetForTeam(ctx, v.Team, v.Voters[4].ID)
	v.must(err)
	v.refused(v.reg.ChangeCollege(ctx, v.Team, sheet.ID, sheet.Version, "Erreur."), problem.Conflict, "")
	_, err = v.s.SaveDraft(ctx, v.Voters[5].Member, v.ID, candidacy.Saving{Content: content("9")})
	v.refused(err, problem.Conflict, "")

	// Withdrawn late: still on the ballot, and marked.
	c := v.mine(v.Voters[0]).Candidacy
	if late, err := v.s.Withdraw(ctx, v.Voters[0].Member, v.ID, c.Version); err != nil || !late {
		t.Fatal(late, err)
	}
	list, err := election.Candidates(ctx, v.DB, v.ID)
	v.must(err)
	if len(list) != 4 || slices.IndexFunc(list, func(x election.Candidate) bool { return x.WithdrawnLate && x.ID == c.ID }) < 0 {
		t.Errorf("%+v", list)
	}
	if before, err := candidacy.Fingerprint(ctx, v.DB, v.ID); err != nil || electiontest.Value[int](v.World,
		`SELECT count(*)::int FROM audit_entry WHERE action = 'election.seal' AND after->>'empreinte' = $1`, before) != 1 {
		t.Errorf("the journal does not keep the fingerprint of the lists: %v", err)
	}
}

func TestOneBoxForAllAndComplementary(t *testing.T) {
	t.Parallel()
	v := newScene(t, election.Draft)
	rules := election.DefaultRules()
	rules.Voters = "all"
	v.Exec(`UPDATE election SET rules = $2 WHERE id = $1`, v.ID, rules.Text())
	v.To(election.Candidacies)
	_, err := v.roll.Refresh(t.Context(), v.Team, v.ID)
	v.must(err)
	v.accept(v.stand(v.Voters[0], content("1")))
	v.accept(v.stand(v.Voters[6], content("2")))
	v.over()
	v.Exec(`UPDATE election SET order_seed = 'x' WHERE id = $1`, v.ID)
	v.must(v.s.Seal(t.Context(), v.Team, v.ID, v.Load().Version))
	boxes := v.Boxes()
	if len(boxes) != 1 || boxes[0].College != nil || boxes[0].Seats != 10 ||
		electiontest.Value[int](v.World, `SELECT count(*)::int FROM emargement WHERE box_id = $1`, boxes[0].ID) != 12 {
		t.Fatalf("%+v", boxes)
	}

	// A complementary election fills the seats that are empty, and no other.
	v.Exec(`UPDATE college_freeze SET ended_at = now()`)
	first := v.ID
	v.ID = electiontest.Value[election.ID](v.World, `INSERT INTO election (title, rules, complements) VALUES ('Élection complémentaire', $1, $2) RETURNING id`, election.DefaultRules().Text(), first)
	v.To(election.Candidacies)
	_, err = v.roll.Refresh(t.Context(), v.Team, v.ID)
	v.must(err)
	v.Exec(`DELETE FROM mandate WHERE seat_id IN (SELECT id FROM seat WHERE kind = 'gni_representative')`)
	v.Exec(`INSERT INTO mandate (seat_id, person_id, kind, during, designation) SELECT id, $1, 'titular', daterange(paris_today(), NULL), 'Élection' FROM seat
		WHERE kind = 'gni_representative' AND (college = 'action_sociale' OR rank <= 3)`, v.Chair.Person)
	n, err := v.s.SaveDraft(t.Context(), v.Voters[0].Member, v.ID, candidacy.Saving{Content: content("1")})
	v.must(err)
	v.refused(v.s.Submit(t.Context(), v.Voters[0].Member, v.ID, n), problem.Conflict, "")
	v.accept(v.stand(v.Voters[6], content("2")))
	v.over()
	v.Exec(`UPDATE election SET order_seed = 'y' WHERE id = $1`, v.ID)
	v.must(v.s.Seal(t.Context(), v.Team, v.ID, v.Load().Version))
	if boxes = v.Boxes(); len(boxes) != 1 || *boxes[0].College != governance.DigitalMediation || boxes[0].Seats != 2 {
		t.Errorf("%+v", boxes)
	}
}

func TestOpenAndExtend(t *testing.T) {
	t.Parallel()
	v := newScene(t, election.Roll)
	ctx := t.Context()
	now := v.Load().Now
	dates := candidacy.Dates{From: now, Until: now.AddDate(0, 0, 15), Withdraw: now.AddDate(0, 0, 16)}
	for field, d := range map[string]candidacy.Dates{
		"candidacies_until": {From: dates.Until, Until: dates.From, Withdraw: dates.Withdraw},
		"withdraw_until":    {From: dates.From, Until: dates.Until, Withdraw: dates.From},
	} {
		v.refused(v.s.OpenCandidacies(ctx, v.Team, v.ID, v.Load().Version, d), problem.Invalid, field)
	}
	v.must(v.s.OpenCandidacies(ctx, v.Team, v.ID, v.Load().Version, dates))
	if e := v.Load(); !e.Standing() || v.mails("candidacy_open", "") != len(v.Voters) {
		t.Errorf("%+v, %d mails", e.Phase, v.mails("candidacy_open", ""))
	}
	// Too few: seven days more, once; the vote moves only when it must.
	v.Exec(`UPDATE election SET opens_at = withdraw_until + interval '2 days', closes_at = withdraw_until + interval '12 days' WHERE id = $1`, v.ID)
	before := v.Load()
	x := candidacy.ExtensionOf(before)
	v.must(v.s.Extend(ctx, v.Team, v.ID, before.Version))
	after := v.Load()
	if !after.CandidaciesUntil.Equal(x.Until) || after.CandidaciesUntil.Sub(*before.CandidaciesUntil).Round(24*time.Hour) != 7*24*time.Hour || !after.OpensAt.After(*after.WithdrawUntil) ||
		after.ClosesAt.Sub(*after.OpensAt).Round(24*time.Hour) != 10*24*time.Hour {
		t.Errorf("from %v to %v", before, after)
	}
	v.refused(v.s.Extend(ctx, v.Team, v.ID, after.Version), problem.Conflict, "")
	if _, err := v.roll.OpenRoll(ctx, v.Team, v.ID, after.Version); problem.KindOf(err) != problem.Conflict {
		t.Errorf("the roll is shown twice: %v", err)
	}
}
