package roll_test

import (
	"errors"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/election/roll"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// scene is an election and the services of the roll and of the register.
type scene struct {
	*electiontest.World
	s        *roll.Service
	register *structure.Service
}

func newScene(t *testing.T, phase election.Phase) *scene {
	t.Helper()
	w := electiontest.New(t, phase)
	jobs, err := notify.NewInserter(nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Exec(`UPDATE membership SET manager = true WHERE organisation_id IN (SELECT organisation_id FROM structure)`)
	gov, outbox := governance.New(w.DB, nil), notify.NewOutbox(jobs)
	return &scene{w, roll.New(w.DB, gov, outbox, "https://portail.example.org"), structure.New(w.DB, gov, outbox, "https://portail.example.org")}
}

func (v *scene) must(err error) {
	v.T.Helper()
	if err != nil {
		v.T.Fatal(err)
	}
}

// refused checks that a refusal is of the kind and on the field.
func (v *scene) refused(err error, kind problem.Kind, field string) {
	v.T.Helper()
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Kind != kind || p.Field != field {
		v.T.Errorf("got %v, wanted a refusal of kind %d on %q", err, kind, field)
	}
}

// open shows the roll of an election whose rules are published.
func (v *scene) open() {
	v.T.Helper()
	n, err := v.s.OpenRoll(v.T.Context(), v.Team, v.ID, v.Load().Version)
	v.must(err)
	if n != len(v.Voters) {
		v.T.Fatalf("%d structures on the roll, wanted %d", n, len(v.Voters))
	}
}

func (v *scene) line(id access.OrganisationID) (found *roll.Entry) {
	v.T.Helper()
	l, err := v.s.List(v.T.Context(), access.Actor{}, v.ID, roll.Query{Page: postgres.AllPages})
	v.must(err)
	for i := range l.Entries {
		if l.Entries[i].Structure == id {
			found = &l.Entries[i]
		}
	}
	return found
}

func (v *scene) mails(kind string) int {
	v.T.Helper()
	return electiontest.Value[int](v.World, `SELECT count(*)::int FROM mail WHERE kind = $1`, kind)
}

func (v *scene) waiting() roll.Claim {
	v.T.Helper()
	d, err := v.s.Desk(v.T.Context(), v.Team, v.ID)
	v.must(err)
	if len(d.Waiting) == 0 {
		v.T.Fatal("no claim waits")
	}
	return d.Waiting[0]
}

func TestRollFollowsTheRegister(t *testing.T) {
	t.Parallel()
	v := newScene(t, election.Published)
	ctx := t.Context()
	if l, err := v.s.List(ctx, access.Actor{}, v.ID, roll.Query{Page: 1}); err != nil || l.Shown() || len(l.Entries) > 0 {
		t.Errorf("before it is shown the roll says %+v, %v", l, err)
	}
	_, err := v.s.OpenRoll(ctx, v.Mayor, v.ID, v.Load().Version)
	v.refused(err, problem.NotFound, "")
	_, err = v.s.OpenRoll(ctx, v.Team, v.ID, v.Load().Version+1)
	v.refused(err, problem.Conflict, "")
	v.open()
	if e := v.Load(); e.Phase != election.Roll || !e.Claiming() || e.Now.AddDate(0, 0, e.Rules.ClaimDays).After(*e.ClaimsUntil) {
		t.Errorf("claims until %v at %v", e.ClaimsUntil, e.Now)
	}
	if got := v.mails("election_roll"); got != len(v.Voters) {
		t.Errorf("%d mails, wanted one a structure", got)
	}
	_, err = v.s.OpenRoll(ctx, v.Team, v.ID, v.Load().Version)
	v.refused(err, problem.Conflict, "")

	// One leaves, one changes its name; the roll says so once it is refreshed.
	gone, renamed := v.Voters[0], v.Voters[1]
	v.Exec(`UPDATE structure SET state = 'left' WHERE organisation_id = $1`, gone.ID)
	v.Exec(`UPDATE organisation SET name = 'Une structure renommée' WHERE id = $1`, renamed.ID)
	d, err := v.s.Desk(ctx, v.Team, v.ID)
	v.must(err)
	if len(d.Changes) != 2 || v.line(gone.ID) == nil {
		t.Fatalf("%+v", d.Changes)
	}
	changed, err := v.s.Refresh(ctx, v.Team, v.ID)
	v.must(err)
	if len(changed) != 2 || v.line(gone.ID) != nil || v.line(renamed.ID).Name != "Une structure renommée" || v.line(renamed.ID).Commune != "Bègles" {
		t.Errorf("%+v", changed)
	}
	v.Exec(`UPDATE structure SET state = 'accepted' WHERE organisation_id = $1`, gone.ID)
	before := v.mails("election_roll")
	_, err = v.s.Refresh(ctx, v.Team, v.ID)
	v.must(err)
	if v.line(gone.ID) == nil || v.mails("election_roll") != before+1 {
		t.Error("a structure that came back is not told")
	}
	l, err := v.s.List(ctx, access.Actor{}, v.ID, roll.Query{Text: "renommee", College: governance.SocialAction, Page: 1})
	v.must(err)
	if len(l.Entries) != 1 || l.Paging.Total != 1 || l.Counts.All != len(v.Voters) || l.Counts.Of(governance.DigitalMediation) != 6 || l.Final() {
		t.Errorf("%+v", l)
	}
	v.Exec(`UPDATE election SET sealed_at = now(), phase = 'sealed' WHERE id = $1`, v.ID)
	_, err = v.s.Refresh(ctx, v.Team, v.ID)
	v.refused(err, problem.Conflict, "")
}

func TestClaims(t *testing.T) {
	t.Parallel()
	v := newScene(t, election.Published)
	ctx := t.Context()
	me, other := v.Voters[0], v.Voters[7]
	v.refused(v.s.Claim(ctx, me.Member, v.ID, roll.Making{Kind: roll.College, Text: "?"}), problem.Conflict, "")
	v.open()
	v.refused(v.s.Claim(ctx, v.Mayor, v.ID, roll.Making{Kind: roll.College, Text: "?"}), problem.NotFound, "")
	v.refused(v.s.Claim(ctx, me.Member, v.ID, roll.Making{Kind: roll.Add, Text: "Nous y sommes."}), problem.Invalid, "objet")
	v.refused(v.s.Claim(ctx, me.Member, v.ID, roll.Making{Kind: roll.Remove, About: me.ID, Text: "Nous."}), problem.Invalid, "structure")
	v.refused(v.s.Claim(ctx, me.Member, v.ID, roll.Making{Kind: roll.Remove, About: 1 << 40, Text: "Qui ?"}), problem.Invalid, "structure")
	v.refused(v.s.Claim(ctx, me.Member, v.ID, roll.Making{Kind: "autre", Text: "?"}), problem.Invalid, "objet")
	v.refused(v.s.Claim(ctx, me.Member, v.ID, roll.Making{Kind: roll.Name}), problem.Invalid, "texte")
	v.refused(v.s.Claim(ctx, me.Member, v.ID, roll.Making{Kind: roll.Name, Text: strings.Repeat("a", roll.MaxText+1)}), problem.Invalid, "texte")

	// The college changes in the register, and the roll follows.
	v.must(v.s.Claim(ctx, me.Member, v.ID, roll.Making{Kind: roll.College, Text: "Nous faisons de la médiation."}))
	v.refused(v.s.Claim(ctx, me.Member, v.ID, roll.Making{Kind: roll.College, Text: "Encore."}), problem.Conflict, "")
	c := v.waiting()
	v.refused(v.s.Answer(ctx, v.Mayor, v.ID, c.ID, c.Version, roll.Answering{Accept: true, Text: "Oui."}), problem.NotFound, "")
	v.refused(v.s.Answer(ctx, v.Team, v.ID, c.ID, c.Version, roll.Answering{Accept: true}), problem.Invalid, "reponse")
	v.refused(v.s.Answer(ctx, v.Team, v.ID, c.ID, c.Version+1, roll.Answering{Text: "Non."}), problem.Conflict, "")
	v.refused(v.s.Answer(ctx, v.Team, v.ID, c.ID+9, 1, roll.Answering{Text: "Non."}), problem.NotFound, "")
	v.must(v.s.Answer(ctx, v.Team, v.ID, c.ID, c.Version, roll.Answering{Accept: true, Text: "Votre activité a changé."}))
	if v.line(me.ID).College != governance.DigitalMediation || v.mails("election_claim") != 1 {
		t.Errorf("%+v, %d mails", v.line(me.ID), v.mails("election_claim"))
	}
	if got := electiontest.Value[string](v.World, `SELECT college FROM seat WHERE organisation_id = $1 AND upper_inf(during)`, me.ID); got != "mediation_numerique" {
		t.Errorf("the seat is of %s", got)
	}
	v.refused(v.s.Answer(ctx, v.Team2, v.ID, c.ID, c.Version+1, roll.Answering{Text: "Non."}), problem.Conflict, "")

	// The name changes in the register too: a sheet that is not complete says so.
	v.must(v.s.Claim(ctx, me.Member, v.ID, roll.Making{Kind: roll.Name, Text: "Il manque un mot."}))
	c = v.waiting()
	v.refused(v.s.Answer(ctx, v.Team, v.ID, c.ID, c.Version, roll.Answering{Accept: true, Text: "Oui."}), problem.Invalid, "nom")
	v.refused(v.s.Answer(ctx, v.Team, v.ID, c.ID, c.Version, roll.Answering{Accept: true, Text: "Oui.", Name: "Le bon nom"}), problem.Conflict, "")
	v.Exec(`UPDATE structure SET typology = '{ASSO}' WHERE organisation_id = $1`, me.ID)
	v.must(v.s.Answer(ctx, v.Team, v.ID, c.ID, c.Version, roll.Answering{Accept: true, Text: "Oui.", Name: "Le bon nom"}))
	if v.line(me.ID).Name != "Le bon nom" {
		t.Errorf("%+v", v.line(me.ID))
	}

	// Another is taken off, and stays off whatever the register says; then put back.
	v.must(v.s.Claim(ctx, me.Member, v.ID, roll.Making{Kind: roll.Remove, About: other.ID, Text: "Elle a fermé."}))
	c = v.waiting()
	if c.ByName != "Le bon nom" || c.About != other.Name {
		t.Errorf("%+v", c)
	}
	v.must(v.s.Answer(ctx, v.Team, v.ID, c.ID, c.Version, roll.Answering{Accept: true, Text: "Elle a cessé son activité."}))
	_, err := v.s.Refresh(ctx, v.Team, v.ID)
	v.must(err)
	if v.line(other.ID) != nil {
		t.Error("a structure that was taken off came back")
	}
	if n := electiontest.Value[int](v.World, `SELECT count(*)::int FROM mail WHERE kind = 'election_claim' AND to_address = $1 AND text_body LIKE '%Membre Exemple01%' OR to_address = $1 AND text_body LIKE '%Le bon nom%'`, other.Member.Email); n != 0 {
		t.Error("who was taken off reads who asked for it")
	}
	v.must(v.s.ClaimFor(ctx, v.Team, v.ID, roll.Making{Kind: roll.Add, About: other.ID, Text: "Par téléphone : elle existe encore."}))
	c = v.waiting()
	before := v.mails("election_claim")
	v.must(v.s.Answer(ctx, v.Team, v.ID, c.ID, c.Version, roll.Answering{Accept: true, Text: "Vérifié sur place."}))
	if v.line(other.ID) == nil || v.mails("election_claim") != before+1 {
		t.Error("a structure put back on the roll is not there, or not told")
	}

	// A structure reads its own claims and no other's.
	m, err := v.s.Mine(ctx, other.Member, v.ID)
	v.must(err)
	if len(m.Claims) != 0 || m.Own == nil || len(m.Others) != len(v.Voters)-1 {
		t.Errorf("%d claims, own line %v, %d others", len(m.Claims), m.Own, len(m.Others))
	}
	if m, err = v.s.Mine(ctx, me.Member, v.ID); err != nil || len(m.Claims) != 3 {
		t.Errorf("%d claims, %v", len(m.Claims), err)
	}

	// Half-open: at the deadline it is too late, on paper it still may be put right.
	v.Exec(`UPDATE election SET claims_until = clock_timestamp() WHERE id = $1`, v.ID)
	v.refused(v.s.Claim(ctx, me.Member, v.ID, roll.Making{Kind: roll.College, Text: "Tard."}), problem.Conflict, "")
	v.must(v.s.ClaimFor(ctx, v.Team, v.ID, roll.Making{Kind: roll.College, About: me.ID, Text: "Par courrier."}))
	c = v.waiting()
	v.must(v.s.Answer(ctx, v.Team, v.ID, c.ID, c.Version, roll.Answering{Text: "Arrivé trop tard."}))
}
