package roadmap_test

import (
	"errors"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/roadmaptest"
)

func onField(t *testing.T, what string, err error, field string) {
	t.Helper()
	if p, ok := errors.AsType[*problem.Error](err); !ok || p.Field != field || p.Kind != problem.Invalid {
		t.Errorf("%s: %v, wanted a refusal on %q", what, err, field)
	}
}

// TestSheetIsWrittenWithItsHistory adds an action, changes it and reads what the
// journal keeps; a stale form and a person of another organisation are refused.
func TestSheetIsWrittenWithItsHistory(t *testing.T) {
	t.Parallel()
	w := roadmaptest.New(t)
	s, ctx := roadmap.New(w.DB), t.Context()
	in := roadmap.Whole{Action: roadmap.Action{AxisID: w.Axes[0], Title: "Prêter des téléphones", Body: governance.GNI, PilotID: w.Partner, PilotPersonID: w.PartnerPerson.Person},
		Communes: []roadmap.Party{{ID: w.Begles}}, Partners: []roadmap.Party{{ID: w.Pessac, Part: "prête des salles"}}}
	if _, err := s.AddAction(ctx, w.MayorBegles, in); problem.KindOf(err) != problem.Forbidden {
		t.Errorf("a mayor adds an action: %v", err)
	}
	id, err := s.AddAction(ctx, w.Team, in)
	if err != nil {
		t.Fatal(err)
	}
	got := w.Whole(id)
	if got.Status != roadmap.Proposed || got.Public() || got.PilotPerson == "" || len(got.Communes) != 1 || got.Partners[0].Part == "" {
		t.Errorf("added %+v", got)
	}
	wrong := got
	wrong.PilotID = w.Metropole
	onField(t, "the person of another organisation", s.ChangeAction(ctx, w.Team, wrong), "personne")
	wrong = got
	wrong.Communes = []roadmap.Party{{ID: w.Partner}}
	onField(t, "a partner as a commune", s.ChangeAction(ctx, w.Team, wrong), "communes")
	wrong = got
	wrong.Partners = []roadmap.Party{{ID: w.Pessac}, {ID: w.Pessac}}
	onField(t, "a partner twice", s.ChangeAction(ctx, w.Team, wrong), "partenaires")
	changed := got
	changed.Title, changed.AllCommunes, changed.Partners = "Prêter des tablettes", true, nil
	if err := s.ChangeAction(ctx, w.Team, changed); err != nil {
		t.Fatal(err)
	}
	if err := s.ChangeAction(ctx, w.Team, changed); !errors.Is(err, roadmap.ErrStale) {
		t.Errorf("the second of two forms: %v", err)
	}
	if got = w.Whole(id); got.Title != changed.Title || len(got.Communes) != 28 || len(got.Partners) != 0 {
		t.Errorf("changed %+v", got)
	}
	_, events, err := s.ActionHistory(ctx, w.Team, id)
	if err != nil || len(events) != 2 {
		t.Fatal(len(events), err)
	}
	said := ""
	for _, c := range events[0].Changes {
		said += c.Field + ": " + c.Before + " > " + c.After + "\n"
	}
	for _, want := range []string{"titre: Prêter des téléphones > Prêter des tablettes", "communes: Bègles > Les 28 communes", "partenaires: Pessac (prête des salles) > \n"} {
		if !strings.Contains(said, want) {
			t.Errorf("the journal lacks %q:\n%s", want, said)
		}
	}
	if _, _, err := s.ActionHistory(ctx, w.MayorBegles, id); problem.KindOf(err) != problem.Forbidden {
		t.Errorf("a mayor reads the history: %v", err)
	}
}

// TestStatusesFollowEachOther walks an action through its statuses: only those that may
// follow, a reason where one is due, and nothing published without what validates it.
func TestStatusesFollowEachOther(t *testing.T) {
	t.Parallel()
	w := roadmaptest.New(t)
	s, ctx := roadmap.New(w.DB), t.Context()
	to := func(id roadmap.ID, st roadmap.Status, c roadmap.StatusChange) error {
		c.Action, c.To, c.Version = id, st, w.Whole(id).Version
		_, err := s.ChangeStatus(ctx, w.Team, c)
		return err
	}
	onField(t, "done before being validated", to(w.Idea, roadmap.Done, roadmap.StatusChange{Validation: "Décision"}), "etat")
	onField(t, "validated by nothing", to(w.Idea, roadmap.Validated, roadmap.StatusChange{}), "validation")
	onField(t, "validated by no decision", to(w.Idea, roadmap.Validated, roadmap.StatusChange{Decision: 1 << 40}), "decision")
	onField(t, "abandoned without reason", to(w.Idea, roadmap.Abandoned, roadmap.StatusChange{Reason: " "}), "motif")
	if err := to(w.Idea, roadmap.Abandoned, roadmap.StatusChange{Reason: "Doublon"}); err != nil || w.Whole(w.Idea).Public() {
		t.Errorf("refused: %v, public %t", err, w.Whole(w.Idea).Public())
	}
	onField(t, "taken up again without validation", to(w.Idea, roadmap.InProgress, roadmap.StatusChange{}), "validation")
	if err := to(w.Idea, roadmap.InProgress, roadmap.StatusChange{Validation: "Délibération n° 2026-12"}); err != nil {
		t.Fatal(err)
	}
	if a := w.Whole(w.Idea); !a.Public() || a.Validation != "Délibération n° 2026-12" || a.StatusReason != "" {
		t.Errorf("taken up again: %+v", a.Action)
	}
	if err := to(w.Shared, roadmap.Done, roadmap.StatusChange{Validation: "Autre texte"}); err != nil {
		t.Fatal(err)
	}
	if a := w.Whole(w.Shared); *a.Percent != 100 || a.Validation != "Délibération n° 2024-677" {
		t.Errorf("done: %d %%, validated by %q", *a.Percent, a.Validation)
	}
	if _, err := s.ChangeStatus(ctx, w.Team, roadmap.StatusChange{Action: w.Local, Version: 99, To: roadmap.Done}); !errors.Is(err, roadmap.ErrStale) {
		t.Errorf("a stale status: %v", err)
	}
	if err := s.ChangeConfidence(ctx, w.Team, w.Local, w.Whole(w.Local).Version, roadmap.Compromised); err != nil || w.Whole(w.Local).Confidence != roadmap.Compromised {
		t.Errorf("confidence: %v", err)
	}
	onField(t, "a level that is none", s.ChangeConfidence(ctx, w.Team, w.Local, 0, "great"), "confiance")
}

// TestADecisionValidates validates an action by a decision, which is then linked.
func TestADecisionValidates(t *testing.T) {
	t.Parallel()
	w := roadmaptest.New(t)
	s, ctx := roadmap.New(w.DB), t.Context()
	id, err := postgres.Value[roadmap.DecisionID](ctx, w.DB, `
		WITH m AS (INSERT INTO meeting (body, starts_at, ends_at, place, theme, state, announced) VALUES ('cmtin', now() - interval '3 days', now() - interval '2 days', 'Lieu', 'Thème', 'held', true) RETURNING id)
		INSERT INTO decision (kind, meeting_id, body, year, number, title, text, outcome, method)
		SELECT 'decision', m.id, 'cmtin', 2099, 7, 'Programme', 'Le programme est adopté.', 'adopted', 'consensus' FROM m RETURNING id`)
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.StatusForm(ctx, w.Team, w.Idea)
	if err != nil || len(v.Decisions) == 0 || v.Decisions[0].ID != id {
		t.Fatalf("decisions offered: %+v, %v", v.Decisions, err)
	}
	now, err := s.ChangeStatus(ctx, w.Team, roadmap.StatusChange{Action: w.Idea, Version: v.Version, To: roadmap.Validated, Decision: id})
	if err != nil || !now.Public() || now.Validation != "Décision CMTIN 2099-7" {
		t.Errorf("validated by %q, public %t, %v", now.Validation, now.Public(), err)
	}
	if d := w.Whole(w.Idea).Decisions; len(d) != 1 || d[0].Reference() != "CMTIN 2099-7" {
		t.Errorf("linked with %+v", d)
	}
}

// TestAxesKeepTheirOrder adds, changes, moves and removes axes, eight at most.
func TestAxesKeepTheirOrder(t *testing.T) {
	t.Parallel()
	w := roadmaptest.New(t)
	s, ctx := roadmap.New(w.DB), t.Context()
	desk := func() roadmap.AxisDesk {
		d, err := s.AxisDesk(ctx, w.Team)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for n := len(desk()); n < roadmap.MaxAxes; n++ {
		if _, err := s.AddAxis(ctx, w.Team, roadmap.Axis{Title: "Axe"}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.AddAxis(ctx, w.Team, roadmap.Axis{Title: "Le neuvième"})
	onField(t, "a ninth axis", err, "axe")
	first := desk()[0]
	change := first.Axis
	change.Title, change.Colour, change.Pattern = "Autre titre", 2, 2
	onField(t, "the mark of another", s.ChangeAxis(ctx, w.Team, change), "marque")
	change.Colour = 3
	onField(t, "a colour without its pattern", s.ChangeAxis(ctx, w.Team, change), "marque")
	change.Colour, change.Pattern = first.Colour, first.Pattern
	if err := s.ChangeAxis(ctx, w.Team, change); err != nil {
		t.Fatal(err)
	}
	if err := s.ChangeAxis(ctx, w.Team, change); !errors.Is(err, roadmap.ErrStale) {
		t.Errorf("the second of two forms: %v", err)
	}
	if err := errors.Join(s.MoveAxis(ctx, w.Team, first.ID, true), s.MoveAxis(ctx, w.Team, first.ID, false)); err != nil {
		t.Fatal(err)
	}
	d := desk()
	if d[1].ID != first.ID || d[1].Title != "Autre titre" || len(d.FreeMarks(0)) != 0 || len(d.FreeMarks(first.ID)) != 1 {
		t.Errorf("after moving: %+v", d)
	}
	onField(t, "removing an axis that has actions", s.RemoveAxis(ctx, w.Team, w.Axes[1], d[0].Version), "")
	last := d[len(d)-1]
	if err := s.RemoveAxis(ctx, w.Team, last.ID, last.Version); err != nil || len(desk()) != len(d)-1 {
		t.Errorf("removing an empty axis: %v", err)
	}
}

// TestTeamListFindsInFrench filters the list: words in French, numbers, states.
func TestTeamListFindsInFrench(t *testing.T) {
	t.Parallel()
	w := roadmaptest.New(t)
	s := roadmap.New(w.DB)
	number, err := postgres.Value[string](t.Context(), w.DB, `SELECT number::text FROM roadmap_action WHERE id = $1`, w.Local)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		f    roadmap.ActionFilter
		want []roadmap.ID
	}{
		"all":             {roadmap.ActionFilter{}, []roadmap.ID{w.Shared, w.Local, w.Coming, w.Idea}},
		"singular":        {roadmap.ActionFilter{Q: "PERMANENCE DEMARCHE"}, []roadmap.ID{w.Shared}},
		"accents":         {roadmap.ActionFilter{Q: "écolé"}, []roadmap.ID{w.Local}},
		"part of a word":  {roadmap.ActionFilter{Q: "réemp"}, []roadmap.ID{w.Coming}},
		"number":          {roadmap.ActionFilter{Q: "n° " + number}, []roadmap.ID{w.Local}},
		"signs":           {roadmap.ActionFilter{Q: `100 % _ \ " ( & !`}, nil},
		"late":            {roadmap.ActionFilter{Late: true}, []roadmap.ID{w.Local}},
		"pilot":           {roadmap.ActionFilter{Pilot: w.Metropole}, []roadmap.ID{w.Shared}},
		"axis and status": {roadmap.ActionFilter{Axis: w.Axes[1], Status: roadmap.Validated}, []roadmap.ID{w.Coming}},
		"body":            {roadmap.ActionFilter{Body: governance.GNI}, []roadmap.ID{w.Coming}},
		"not judged":      {roadmap.ActionFilter{Confidence: roadmap.NotJudged, Late: true}, []roadmap.ID{w.Local}},
		"incomplete":      {roadmap.ActionFilter{Incomplete: true, Q: "agents"}, []roadmap.ID{w.Idea}},
		"by title down":   {roadmap.ActionFilter{Sort: roadmap.ByTitle, Descending: true}, []roadmap.ID{w.Local, w.Coming, w.Shared, w.Idea}},
		"by end":          {roadmap.ActionFilter{Sort: roadmap.ByEnd}, []roadmap.ID{w.Local, w.Coming, w.Shared, w.Idea}},
	} {
		l, err := s.TeamList(t.Context(), w.Team, c.f, 1)
		if err != nil {
			t.Fatal(name, err)
		}
		same := len(l.Lines) == len(c.want) && l.Paging.Total == len(c.want)
		for i := range l.Lines {
			same = same && l.Lines[i].ID == c.want[i]
		}
		if name != "by end" && !same || len(l.Lines) != len(c.want) || len(c.want) > 0 && l.Lines[0].ID != c.want[0] {
			t.Errorf("%s: got %d lines, wanted %v", name, len(l.Lines), c.want)
		}
	}
	if _, err := s.TeamList(t.Context(), w.Chair, roadmap.ActionFilter{}, 1); problem.KindOf(err) != problem.Forbidden {
		t.Errorf("the chair reads the team's list: %v", err)
	}
}
