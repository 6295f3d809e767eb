package minutes

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Twenty decisions of two meetings of one body at once, some refused half way: the
// numbers of the year are 1 to as many as were written.
func TestNumbersHaveNoGapAndNoDouble(t *testing.T) {
	t.Parallel()
	w := newRegWorld(t)
	year := w.today.AddDays(-3).Year()
	a, itemA := w.meeting(governance.GNI, 3)
	b, _ := w.meeting(governance.GNI, 3)
	_, foreign := w.meeting(governance.Communes, 3)
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() {
			id, item := a, itemA
			if i%2 == 0 {
				id, item = b, 0
			}
			if i%5 == 0 {
				item = foreign // refused after the meeting was locked
			}
			_, errs[i] = w.s.RecordDecision(t.Context(), regTeam, id, item, regInput("Décision"))
		})
	}
	wg.Wait()
	written := 0
	for i, err := range errs {
		if i%5 == 0 {
			regRefused(t, "point of another meeting", err, problem.NotFound, "")
		} else if err != nil {
			t.Errorf("decision %d: %v", i, err)
		} else {
			written++
		}
	}
	numbers := regValue[[]int](w, `SELECT array_agg(number ORDER BY number) FROM decision WHERE body = 'gni' AND year = $1`, year)
	for i, n := range numbers {
		if n != i+1 {
			t.Fatalf("numbers of the year: %v", numbers)
		}
	}
	if len(numbers) != written || written != 16 {
		t.Errorf("%d written, numbers %v", written, numbers)
	}
	opinion := regInput("Avis")
	opinion.Kind, opinion.Outcome = KindOpinion, Reserved
	if d := w.decide(a, itemA, opinion); !strings.HasPrefix(d.Reference, "GNI ") || !strings.HasSuffix(d.Reference, "-A1") {
		t.Errorf("an opinion has a register of its own: %s", d.Reference)
	}
}

func TestOnlyTheLastNumberIsGivenBack(t *testing.T) {
	t.Parallel()
	w := newRegWorld(t)
	id, item := w.meeting(governance.GNI, 1)
	first, second := w.decide(id, item, regInput("Une")), w.decide(id, item, regInput("Deux"))
	_, err := w.s.DeleteDecision(t.Context(), regTeam, first.ID, 1)
	regRefused(t, "delete the first of two", err, problem.Invalid, "")
	if _, err := w.s.DeleteDecision(t.Context(), regTeam, second.ID, 1); err != nil {
		t.Fatalf("delete the last: %v", err)
	}
	if again := w.decide(id, item, regInput("Trois")); again.Reference != second.Reference {
		t.Errorf("the number given back is given again: got %s, wanted %s", again.Reference, second.Reference)
	}
	w.publish(id)
	_, err = w.s.DeleteDecision(t.Context(), regTeam, first.ID, 1)
	regRefused(t, "delete what is published", err, problem.Conflict, "")
	_, err = w.s.RecordDecision(t.Context(), regTeam, id, item, regInput("Quatre"))
	regRefused(t, "add to what is published", err, problem.Conflict, "")
}

// TestWhatTheRoadmapCitesStays: a decision that an action is linked with, or that
// validated the programme of a year, is not taken off.
func TestWhatTheRoadmapCitesStays(t *testing.T) {
	t.Parallel()
	w := newRegWorld(t)
	id, item := w.meeting(governance.CMTIN, 1)
	d := w.decide(id, item, regInput("Programme"))
	refused := func(step, sentence string) {
		t.Helper()
		_, err := w.s.DeleteDecision(t.Context(), regTeam, d.ID, 1)
		regRefused(t, step, err, problem.Invalid, "")
		if !strings.Contains(err.Error(), sentence) {
			t.Errorf("%s: %v", step, err)
		}
	}
	w.exec(`WITH x AS (INSERT INTO axis (position, title, colour, pattern) VALUES (1, 'Axe', 1, 1) RETURNING id),
		a AS (INSERT INTO roadmap_action (number, axis_id, title, body) SELECT 1, id, 'Action', 'cmtin' FROM x RETURNING id)
		INSERT INTO action_decision (action_id, decision_id) SELECT id, $1 FROM a`, d.ID)
	refused("linked with an action", "retirez d’abord le lien")
	w.exec(`DELETE FROM action_decision`)
	w.exec(`INSERT INTO edition (year, meeting_id, decision_id) VALUES (2027, $1, $2)`, id, d.ID)
	refused("cited by a programme", "programme annuel")
	w.exec(`DELETE FROM edition`)
	if _, err := w.s.DeleteDecision(t.Context(), regTeam, d.ID, 1); err != nil {
		t.Errorf("cited by nothing any more: %v", err)
	}
}

func TestSupersedeKeepsTheOld(t *testing.T) {
	t.Parallel()
	w := newRegWorld(t)
	id, item := w.meeting(governance.GNI, 10)
	d := w.decide(id, item, regInput("Cartographie"))
	changed := regInput("Cartographie des lieux")
	_, err := w.s.Supersede(t.Context(), regTeam, d.ID, 1, changed, "Erreur de date")
	regRefused(t, "rectify what is not published", err, problem.Conflict, "")
	if _, err := w.s.UpdateDecision(t.Context(), regTeam, d.ID, 1, changed); err != nil {
		t.Fatalf("update: %v", err)
	}
	_, err = w.s.UpdateDecision(t.Context(), regTeam, d.ID, 1, changed)
	regRefused(t, "update an old version", err, problem.Conflict, "")
	w.publish(id)
	_, err = w.s.UpdateDecision(t.Context(), regTeam, d.ID, 2, changed)
	regRefused(t, "update what is published", err, problem.Conflict, "")
	if err := w.s.SetFollowUp(t.Context(), regTeam, d.ID, 2, FollowInProgress, "Premier relevé fait"); err != nil {
		t.Fatal(err)
	}
	changed.Text = "La cartographie est tenue à jour chaque mois."
	_, err = w.s.Supersede(t.Context(), regTeam, d.ID, 3, changed, " ")
	regRefused(t, "rectify without a reason", err, problem.Invalid, "motif")
	fresh, err := w.s.Supersede(t.Context(), regTeam, d.ID, 3, changed, "Le rythme adopté est mensuel.")
	if err != nil {
		t.Fatalf("supersede: %v", err)
	}
	if fresh.Reference != d.Reference || fresh.ID == d.ID {
		t.Errorf("rectified as %s (%d), was %s (%d)", fresh.Reference, fresh.ID, d.Reference, d.ID)
	}
	_, err = w.s.Supersede(t.Context(), regTeam, d.ID, 4, changed, "Encore")
	regRefused(t, "rectify what was rectified", err, problem.Conflict, "")
	p, err := w.s.DecisionByID(t.Context(), access.Actor{}, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	if p.InForce != fresh.ID || len(p.Versions) != 2 || p.Text != regInput("").Text || p.Versions[1].Rectification != "Le rythme adopté est mensuel." {
		t.Errorf("the old one: %+v", p)
	}
	p, err = w.s.DecisionByID(t.Context(), access.Actor{}, fresh.ID)
	if err != nil {
		t.Fatal(err)
	}
	if p.FollowUp != FollowInProgress || len(p.Steps) != 1 || p.Steps[0].Note != "Premier relevé fait" {
		t.Errorf("what became of it is kept: %+v", p)
	}
	list, paging, _, err := w.s.Decisions(t.Context(), RegisterFilter{}, 1)
	if err != nil || len(list) != 1 || list[0].ID != fresh.ID || paging.Total != 1 {
		t.Errorf("the register has the one in force: %v %v %v", list, paging, err)
	}
}

func TestVotes(t *testing.T) {
	t.Parallel()
	w := newRegWorld(t)
	id, item := w.meeting(governance.Communes, 2)
	vote := func(outcome Outcome, m Method, n ...*int) DecisionInput {
		in := regInput("Vote")
		in.Outcome, in.Method, in.For, in.Against, in.Abstentions = outcome, m, n[0], n[1], n[2]
		return in
	}
	for _, c := range []struct {
		doing, field string
		in           DecisionInput
	}{
		{"vote without abstentions", "abstentions", vote(Adopted, Vote, ptr(3), ptr(0), nil)},
		{"negative votes", "contre", vote(Adopted, Vote, ptr(3), ptr(-1), ptr(0))},
		{"nobody voted", "pour", vote(Adopted, Vote, ptr(0), ptr(0), ptr(0))},
		{"votes by consensus", "pour", vote(Adopted, Consensus, ptr(3), nil, nil)},
		{"outcome of an opinion", "resultat", vote(Favourable, Consensus, nil, nil, nil)},
		{"unknown method", "mode", vote(Adopted, "hasard", nil, nil, nil)},
		{"no title", "titre", DecisionInput{Kind: KindDecision, Text: "x", Outcome: Adopted, Method: Consensus}},
	} {
		_, err := w.s.RecordDecision(t.Context(), regTeam, id, item, c.in)
		regRefused(t, c.doing, err, problem.Invalid, c.field)
	}
	in := vote(Adopted, Vote, ptr(3), ptr(1), ptr(0))
	if d := w.decide(id, item, in); d.Warning != "" {
		t.Errorf("without a roll there is nothing to compare: %s", d.Warning)
	}
	// Three members have a voice; the fourth is excused, the guest has none.
	w.exec(`INSERT INTO convocation (meeting_id, kind, seat_id, name, seat_label, group_name)
		SELECT $1, 'convocation', id, 'Membre', label, 'Communes' FROM seat WHERE kind = 'mayor' ORDER BY id LIMIT 4`, id)
	w.recipient(id, w.person("Invitée", ""), "Alix Invitée")
	w.exec(`INSERT INTO attendance (convocation_id, meeting_id, status, source)
		SELECT id, $1, CASE WHEN kind = 'invitation' THEN 'present' ELSE (ARRAY['present', 'remote', 'represented', 'excused'])[row_number() OVER (PARTITION BY kind ORDER BY id)] END, 'team'
		FROM convocation WHERE meeting_id = $1`, id)
	if d := w.decide(id, item, in); !strings.Contains(d.Warning, "4 voix pour 3 membres") {
		t.Errorf("four votes of three voices: %q", d.Warning)
	}
	in.Against = ptr(0)
	if d := w.decide(id, item, in); d.Warning != "" {
		t.Errorf("three votes of three voices: %q", d.Warning)
	}
}

func TestWhoAndWhenMayDecide(t *testing.T) {
	t.Parallel()
	w := newRegWorld(t)
	id, item := w.meeting(governance.GNI, 1)
	later, _ := w.meeting(governance.GNI, -5)
	d := w.decide(id, item, regInput("Une"))
	mayor := access.Actor{Account: 2, Person: 2, Acting: access.Capacity{Role: access.Mayor}}
	_, err := w.s.RecordDecision(t.Context(), mayor, id, item, regInput("Une"))
	regRefused(t, "a mayor records", err, problem.Forbidden, "")
	regRefused(t, "a mayor follows", w.s.SetFollowUp(t.Context(), mayor, d.ID, 1, FollowDone, ""), problem.Forbidden, "")
	_, err = w.s.SaveNotes(t.Context(), mayor, id, []NoteInput{{Item: item, Text: "x"}})
	regRefused(t, "a mayor notes", err, problem.Forbidden, "")
	_, err = w.s.RecordDecision(t.Context(), regTeam, later, 0, regInput("Une"))
	regRefused(t, "before the day", err, problem.Invalid, "")
	_, err = w.s.RecordDecision(t.Context(), regTeam, 999_999, 0, regInput("Une"))
	regRefused(t, "no such meeting", err, problem.NotFound, "")
	regRefused(t, "dropped without a word", w.s.SetFollowUp(t.Context(), regTeam, d.ID, 1, FollowDropped, ""), problem.Invalid, "note")
}

// Nothing of a meeting shows before its minutes are out, by any way.
func TestUnpublishedDoesNotExist(t *testing.T) {
	t.Parallel()
	w := newRegWorld(t)
	id, item := w.meeting(governance.CMTIN, 4)
	d := w.decide(id, item, regInput("Ressourcerie numérique"))
	p, _, err := w.s.RecordPosition(t.Context(), regTeam, id, item, PositionInput{KindRequest, "Ressourcerie pour tous", "Nous demandons.", "Le ministère"})
	if err != nil {
		t.Fatal(err)
	}
	public := access.Actor{}
	see := func() (seen []string) {
		if _, err := w.s.DecisionByID(t.Context(), public, d.ID); err == nil {
			seen = append(seen, "decision")
		}
		if _, err := w.s.PositionByID(t.Context(), public, p); err == nil {
			seen = append(seen, "position")
		}
		for _, page := range []int{1, postgres.AllPages} {
			if l, _, _, err := w.s.Decisions(t.Context(), RegisterFilter{Q: "ressourcerie"}, page); err != nil || len(l) > 0 {
				seen = append(seen, "decisions")
			}
			if l, _, years, err := w.s.Positions(t.Context(), RegisterFilter{}, page); err != nil || len(l)+len(years) > 0 {
				seen = append(seen, "positions")
			}
		}
		for _, q := range []string{"ressourcerie", "resourcerie", d.Reference} {
			var (
				hits []RegisterHit
				b    postgres.Batch
			)
			AddSearch(&b, &hits, q)
			if err := b.Run(t.Context(), w.db); err != nil || len(hits) > 0 {
				seen = append(seen, "search "+q)
			}
		}
		return seen
	}
	if seen := see(); len(seen) > 0 {
		t.Errorf("before publication: %v", seen)
	}
	if _, err := w.s.DecisionByID(t.Context(), regTeam, d.ID); err != nil {
		t.Errorf("the team sees it before: %v", err)
	}
	w.publish(id)
	if seen := see(); len(seen) != 9 {
		t.Errorf("after publication: %v", seen)
	}
}

func TestRegisterFilters(t *testing.T) {
	t.Parallel()
	w := newRegWorld(t)
	titles := func(f RegisterFilter, page int) []string {
		t.Helper()
		l, _, _, err := w.s.Decisions(t.Context(), f, page)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, d := range l {
			out = append(out, d.Title)
		}
		return out
	}
	var ids []meeting.ID
	record := func(body governance.BodyCode, ago int, in DecisionInput) RecordedDecision {
		id, item := w.meeting(body, ago)
		ids = append(ids, id)
		return w.decide(id, item, in)
	}
	old := record(governance.GNI, 800, regInput("Ancienne à 100 %"))
	opinion := regInput("Avis récent")
	opinion.Kind, opinion.Outcome = KindOpinion, Favourable
	record(governance.GNI, 5, opinion)
	record(governance.Communes, 2, regInput("Communes"))
	for _, id := range ids {
		w.publish(id)
	}
	if err := w.s.SetFollowUp(t.Context(), regTeam, old.ID, 1, FollowDone, ""); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		f    RegisterFilter
		want []string
	}{
		{RegisterFilter{}, []string{"Communes", "Avis récent", "Ancienne à 100 %"}},
		{RegisterFilter{Body: governance.GNI}, []string{"Avis récent", "Ancienne à 100 %"}},
		{RegisterFilter{State: string(FollowDone)}, []string{"Ancienne à 100 %"}},
		{RegisterFilter{Kind: string(KindOpinion)}, []string{"Avis récent"}},
		{RegisterFilter{Year: w.today.AddDays(-800).Year()}, []string{"Ancienne à 100 %"}},
		{RegisterFilter{Q: "RECENT"}, []string{"Avis récent"}},
		{RegisterFilter{Q: "%"}, []string{"Ancienne à 100 %"}},
		{RegisterFilter{Q: old.Reference}, []string{"Ancienne à 100 %"}},
		{RegisterFilter{Q: "introuvable"}, nil},
	} {
		if got := titles(c.f, 1); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %q, wanted %q", c.f, got, c.want)
		}
	}
	if got := titles(RegisterFilter{}, 2); got != nil {
		t.Errorf("past the last page: %q", got)
	}
}
