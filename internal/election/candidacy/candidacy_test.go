package candidacy_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"slices"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/candidacy"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/election/roll"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/photo"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// scene is an election and the services of its lists.
type scene struct {
	*electiontest.World
	s    *candidacy.Service
	roll *roll.Service
	reg  *structure.Service
}

func newScene(t *testing.T, phase election.Phase) *scene {
	t.Helper()
	w := electiontest.New(t, phase)
	w.Exec(`UPDATE membership SET manager = true WHERE organisation_id IN (SELECT organisation_id FROM structure)`)
	jobs, err := notify.NewInserter(nil)
	if err != nil {
		t.Fatal(err)
	}
	gov, outbox := governance.New(w.DB, nil), notify.NewOutbox(jobs)
	const url = "https://portail.example.org"
	v := &scene{w, candidacy.New(w.DB, outbox, url), roll.New(w.DB, gov, outbox, url), structure.New(w.DB, gov, outbox, url)}
	if phase == election.Roll || phase == election.Candidacies {
		_, err := v.roll.Refresh(t.Context(), w.Team, w.ID)
		v.must(err)
	}
	return v
}

func (v *scene) must(err error) {
	v.T.Helper()
	if err != nil {
		v.T.Fatal(err)
	}
}

func (v *scene) refused(err error, kind problem.Kind, field string) {
	v.T.Helper()
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Kind != kind || p.Field != field {
		v.T.Errorf("got %v, wanted a refusal of kind %d on %q", err, kind, field)
	}
}

// content is a candidacy that the default rules allow.
func content(n string) candidacy.Content {
	return candidacy.Content{
		Titular:   candidacy.Person{First: "Camille", Last: "Titulaire" + n, Function: "Directrice", Email: "titulaire" + n + "@example.org", Gender: "f"},
		Alternate: candidacy.Person{First: "Sacha", Last: "Suppléant" + n, Email: "suppleant" + n + "@example.org", Gender: "m"},
		Statement: "Aller vers les habitants.", Consent: true,
	}
}

// stand has a structure stand, and returns its candidacy.
func (v *scene) stand(who *electiontest.Voter, c candidacy.Content) candidacy.Candidacy {
	v.T.Helper()
	ctx := v.T.Context()
	m := v.mine(who)
	n, err := v.s.SaveDraft(ctx, who.Member, v.ID, candidacy.Saving{Content: c, Base: m.Version()})
	v.must(err)
	v.must(v.s.Submit(ctx, who.Member, v.ID, n))
	return *v.mine(who).Candidacy
}

func (v *scene) mine(who *electiontest.Voter) candidacy.Mine {
	v.T.Helper()
	m, err := v.s.Mine(v.T.Context(), who.Member, v.ID)
	v.must(err)
	return m
}

func (v *scene) accept(c candidacy.Candidacy) {
	v.T.Helper()
	v.must(v.s.Decide(v.T.Context(), v.Team, v.ID, c.ID, c.Version, candidacy.Decision{State: candidacy.Accepted}))
}

func (v *scene) mails(kind, address string) int {
	v.T.Helper()
	return electiontest.Value[int](v.World, `SELECT count(*)::int FROM mail WHERE kind = $1 AND ($2 = '' OR to_address = $2)`, kind, address)
}

// over ends claims, candidacies and withdrawals.
func (v *scene) over() {
	v.T.Helper()
	v.Exec(`UPDATE election SET claims_until = now() - interval '1 hour', candidacies_from = now() - interval '9 days',
		candidacies_until = now() - interval '2 hours', withdraw_until = now() - interval '1 hour' WHERE id = $1`, v.ID)
}

func TestStanding(t *testing.T) {
	t.Parallel()
	v := newScene(t, election.Candidacies)
	ctx, who := t.Context(), v.Voters[0]

	// A draft lacks what it lacks; what is sent does not.
	n, err := v.s.SaveDraft(ctx, who.Member, v.ID, candidacy.Saving{Content: candidacy.Content{Statement: "Début"}})
	v.must(err)
	v.refused(v.s.Submit(ctx, who.Member, v.ID, n), problem.Invalid, "titulaire_prenom")
	_, err = v.s.SaveDraft(ctx, who.Member, v.ID, candidacy.Saving{Content: content("1")})
	v.refused(err, problem.Conflict, "") // somebody else's first draft
	m := v.mine(who)
	if m.Draft == nil || m.Draft.Content.Statement != "Début" || m.Draft.SavedBy != who.Member.Name || !m.MayEdit() {
		t.Fatalf("%+v", m)
	}
	var picture bytes.Buffer
	v.must(png.Encode(&picture, image.NewGray(image.Rect(0, 0, 900, 1200))))
	portrait, err := photo.Clean(ctx, bytes.NewReader(picture.Bytes()), 480)
	v.must(err)
	c := content("1")
	c.PhotoAlt = "Portrait de Camille Titulaire1"
	n, err = v.s.SaveDraft(ctx, who.Member, v.ID, candidacy.Saving{Content: c, Version: n, Photo: portrait})
	v.must(err)
	v.refused(v.s.Submit(ctx, who.Member, v.ID, n-1), problem.Conflict, "")
	v.must(v.s.Submit(ctx, who.Member, v.ID, n))
	v.refused(v.s.Submit(ctx, who.Member, v.ID, n), problem.Conflict, "")
	got := v.mine(who)
	if got.Draft != nil || got.Candidacy == nil || got.Candidacy.State != candidacy.Submitted || !got.Candidacy.HasPhoto || got.Candidacy.Content != c {
		t.Fatalf("%+v", got.Candidacy)
	}
	for _, a := range []string{c.Titular.Email, c.Alternate.Email, who.Member.Email} {
		if v.mails("candidacy_receipt", a) != 1 {
			t.Errorf("%s has no receipt", a)
		}
	}
	if words := electiontest.Value[string](v.World, `SELECT consent FROM candidacy WHERE id = $1`, got.Candidacy.ID); words != candidacy.Consent(v.Load()) {
		t.Errorf("the consent kept is %q", words)
	}
	if b, err := v.s.PhotoForTeam(ctx, v.Team, v.ID, got.Candidacy.ID); err != nil || !bytes.Equal(b, portrait) {
		t.Errorf("photo: %v", err)
	}
	_, err = v.s.Photo(ctx, access.Actor{}, v.ID, got.Candidacy.ID)
	v.refused(err, problem.NotFound, "") // nobody before the lists are sealed
	v.Exec(`UPDATE candidacy SET place = 1 WHERE id = $1`, got.Candidacy.ID)
	for _, phase := range []election.Phase{election.Cancelled, election.Candidacies} {
		v.Exec(`UPDATE election SET phase = $2, cancelled_reason = CASE WHEN $2 = 'cancelled' THEN 'x' ELSE '' END WHERE id = $1`, v.ID, string(phase))
		_, err = v.s.Photo(ctx, access.Actor{}, v.ID, got.Candidacy.ID)
		v.refused(err, problem.NotFound, "") // nor once the election is given up
	}
	v.Exec(`UPDATE election SET phase = 'candidacies', cancelled_reason = '' WHERE id = $1`, v.ID)
	v.Exec(`UPDATE candidacy SET place = NULL WHERE id = $1`, got.Candidacy.ID)

	// Two people of the structure change it at once; the team decided meanwhile.
	a, err := v.s.SaveDraft(ctx, who.Member, v.ID, candidacy.Saving{Content: c, Base: got.Version()})
	v.must(err)
	v.accept(*got.Candidacy)
	if !v.mine(who).Stale() {
		t.Error("a draft of another version is not told")
	}
	v.refused(v.s.Submit(ctx, who.Member, v.ID, a), problem.Conflict, "")
	a, err = v.s.SaveDraft(ctx, who.Member, v.ID, candidacy.Saving{Content: c, Version: a, Base: v.mine(who).Version(), DropPhoto: true})
	v.must(err)
	v.must(v.s.Submit(ctx, who.Member, v.ID, a))
	if c := v.mine(who).Candidacy; c.State != candidacy.Submitted || c.HasPhoto || c.Content.PhotoAlt != "" {
		t.Errorf("a candidacy that changed is examined again: %+v", c)
	}

	// The same titular stands for no other structure.
	n, err = v.s.SaveDraft(ctx, v.Voters[1].Member, v.ID, candidacy.Saving{Content: content("1")})
	v.must(err)
	v.refused(v.s.Submit(ctx, v.Voters[1].Member, v.ID, n), problem.Invalid, "titulaire_courriel")
	v.must(v.s.DropDraft(ctx, v.Voters[1].Member, v.ID))

	// Who is not on the roll, who does not manage the structure, who acts for none.
	v.Exec(`DELETE FROM election_roll WHERE structure_id = $1`, v.Voters[2].ID)
	n, err = v.s.SaveDraft(ctx, v.Voters[2].Member, v.ID, candidacy.Saving{Content: content("3")})
	v.must(err)
	v.refused(v.s.Submit(ctx, v.Voters[2].Member, v.ID, n), problem.Conflict, "")
	v.Exec(`UPDATE membership SET manager = false WHERE organisation_id = $1`, v.Voters[3].ID)
	_, err = v.s.SaveDraft(ctx, v.Voters[3].Member, v.ID, candidacy.Saving{Content: content("4")})
	v.refused(err, problem.Forbidden, "")
	_, err = v.s.Mine(ctx, v.Mayor, v.ID)
	v.refused(err, problem.NotFound, "")

	// Withdrawn, then another in its place.
	last := v.mine(who).Candidacy
	_, err = v.s.Withdraw(ctx, who.Member, v.ID, last.Version+1)
	v.refused(err, problem.Conflict, "")
	if late, err := v.s.Withdraw(ctx, who.Member, v.ID, last.Version); err != nil || late {
		t.Fatal(late, err)
	}
	if v.mine(who).Candidacy != nil {
		t.Error("a candidacy withdrawn in time is still in force")
	}
	v.stand(who, content("1"))

	// Half-open: at the deadline nothing more is received.
	v.Exec(`UPDATE election SET candidacies_until = clock_timestamp() WHERE id = $1`, v.ID)
	_, err = v.s.SaveDraft(ctx, v.Voters[4].Member, v.ID, candidacy.Saving{Content: content("5")})
	v.refused(err, problem.Conflict, "")
}

func TestExamination(t *testing.T) {
	t.Parallel()
	v := newScene(t, election.Candidacies)
	ctx, who := t.Context(), v.Voters[0]
	c := v.stand(who, content("1"))
	for d, field := range map[candidacy.Decision]string{{State: "autre"}: "decision", {State: candidacy.Asked}: "motif", {State: candidacy.Refused}: "motif",
		{State: candidacy.Refused, Reason: strings.Repeat("a", 1001)}: "motif"} {
		v.refused(v.s.Decide(ctx, v.Team, v.ID, c.ID, c.Version, d), problem.Invalid, field)
	}
	v.refused(v.s.Decide(ctx, who.Member, v.ID, c.ID, c.Version, candidacy.Decision{State: candidacy.Accepted}), problem.NotFound, "")
	v.must(v.s.Decide(ctx, v.Team, v.ID, c.ID, c.Version, candidacy.Decision{State: candidacy.Asked, Reason: "Quelle fonction ?"}))
	v.refused(v.s.Decide(ctx, v.Team2, v.ID, c.ID, c.Version, candidacy.Decision{State: candidacy.Accepted}), problem.Conflict, "")

	// The structure that was asked answers after the close, and no other does.
	v.Exec(`UPDATE election SET candidacies_until = clock_timestamp() WHERE id = $1`, v.ID)
	fixed := content("1")
	fixed.Alternate.Function = "Bénévole"
	c = v.stand(who, fixed)
	if c.State != candidacy.Submitted || c.Content.Alternate.Function != "Bénévole" {
		t.Errorf("%+v", c)
	}
	v.must(v.s.Decide(ctx, v.Team, v.ID, c.ID, c.Version, candidacy.Decision{State: candidacy.Refused, Reason: "La structure est portée par une autre."}))
	if v.mails("candidacy_examine", fixed.Titular.Email) != 2 {
		t.Error("the titular is not told")
	}
	if v.mine(who).MayEdit() {
		t.Error("a candidacy refused after the close may be changed")
	}

	// The titular of another structure with the same name is shown, not refused.
	v.Exec(`UPDATE election SET candidacies_until = now() + interval '1 day' WHERE id = $1`, v.ID)
	twin := content("1")
	twin.Titular.Email = "homonyme@example.org"
	second := v.stand(v.Voters[1], twin)
	third := content("1")
	third.Titular.Email, third.Alternate.Email = "autre@example.org", "encore@example.org"
	v.stand(v.Voters[2], third)
	x, err := v.s.Examine(ctx, v.Team, v.ID, second.ID)
	v.must(err)
	if !slices.Equal(x.Namesakes, []string{v.Voters[2].Name}) || len(x.Wrong()) != 0 {
		t.Errorf("%v, %v", x.Namesakes, x.Wrong())
	}
	v.Exec(`DELETE FROM election_roll WHERE structure_id = $1`, v.Voters[1].ID)
	v.refused(v.s.Decide(ctx, v.Team, v.ID, second.ID, second.Version, candidacy.Decision{State: candidacy.Accepted}), problem.Conflict, "")
}

func TestCheckFollowsTheRules(t *testing.T) {
	t.Parallel()
	rules := election.DefaultRules()
	none := rules
	none.Gender, none.Succession = "none", "next"
	for name, x := range map[string]struct {
		change func(*candidacy.Content)
		rules  election.Rules
		field  string
	}{
		"right":                          {func(*candidacy.Content) {}, rules, ""},
		"same gender":                    {func(c *candidacy.Content) { c.Alternate.Gender = "f" }, rules, "suppleant_genre"},
		"who does not say":               {func(c *candidacy.Content) { c.Titular.Gender, c.Alternate.Gender = "x", "x" }, rules, ""},
		"no gender":                      {func(c *candidacy.Content) { c.Titular.Gender = "" }, rules, "titulaire_genre"},
		"no gender where none is":        {func(c *candidacy.Content) { c.Titular.Gender, c.Alternate.Gender = "", "" }, none, ""},
		"no alternate":                   {func(c *candidacy.Content) { c.Alternate = candidacy.Person{} }, rules, "suppleant_prenom"},
		"no alternate where none is":     {func(c *candidacy.Content) { c.Alternate = candidacy.Person{} }, none, ""},
		"the same person":                {func(c *candidacy.Content) { c.Alternate.First, c.Alternate.Last = "CAMILLE", "titulaire1" }, rules, "suppleant_nom"},
		"the same address":               {func(c *candidacy.Content) { c.Alternate.Email = "Titulaire1@example.org" }, rules, "suppleant_courriel"},
		"no address":                     {func(c *candidacy.Content) { c.Titular.Email = "rien" }, rules, "titulaire_courriel"},
		"no statement":                   {func(c *candidacy.Content) { c.Statement = "" }, rules, "profession"},
		"1,500 characters":               {func(c *candidacy.Content) { c.Statement = strings.Repeat("é", 1500) }, rules, ""},
		"1,501 characters":               {func(c *candidacy.Content) { c.Statement = strings.Repeat("é", 1501) }, rules, "profession"},
		"no consent":                     {func(c *candidacy.Content) { c.Consent = false }, rules, "consentement"},
		"a name that reads otherwise":    {func(c *candidacy.Content) { c.Titular.Last = "a\u202eb" }, rules, "titulaire_nom"},
		"a name that looks like another": {func(c *candidacy.Content) { c.Titular.Last = "Mar\u200btin" }, rules, "titulaire_nom"},
		"a function of no width":         {func(c *candidacy.Content) { c.Alternate.Function = "Direc\ufeffteur" }, rules, "suppleant_fonction"},
		"a statement that turns":         {func(c *candidacy.Content) { c.Statement = "Votez \u2067pour" }, rules, "profession"},
		"a statement with an emoji":      {func(c *candidacy.Content) { c.Statement = "Ensemble 👩‍💻" }, rules, ""},
	} {
		c := content("1")
		x.change(&c)
		found := c.Check(x.rules, false)
		if (x.field == "") != (len(found) == 0) || len(found) > 0 && found[0].Field != x.field {
			t.Errorf("%s: %v, wanted %q", name, found, x.field)
		}
	}
	if found := content("1").Check(rules, true); len(found) != 1 || found[0].Field != "photo_texte" {
		t.Errorf("a photo without its text: %v", found)
	}
}
