package structure

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// desk is a register of its own, and the team that examines it.
type desk struct {
	t    testing.TB
	s    *Service
	db   *pgxpool.Pool
	made int

	mu      sync.Mutex
	invited []string
}

var (
	deskTeam   = access.Actor{Account: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}}
	deskSecond = access.Actor{Account: 2, Name: "Sacha Équipe", Acting: access.Capacity{Role: access.Team}}
)

func newDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{t: t, db: pgtest.Pool(t)}
	gov := governance.New(d.db, func(_ context.Context, _ pgx.Tx, _ access.Actor, p governance.PersonRef) error {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.invited = append(d.invited, p.Email)
		return nil
	})
	jobs, err := notify.NewInserter(d.db)
	if err != nil {
		t.Fatal(err)
	}
	d.s = New(d.db, gov, notify.NewOutbox(jobs), "https://gni.example.org")
	return d
}

// sheet is the sheet of a request that nothing is wrong with.
func (d *desk) sheet(name string) Sheet {
	return Sheet{Name: name, College: governance.SocialAction, INSEE: "33039", Typology: []string{"ASSO"},
		Services: []string{"Aide aux démarches administratives"}}
}

// request lays a request before the team, with its person in charge.
func (d *desk) request(sheet Sheet) Sheet {
	d.t.Helper()
	d.made++
	id, err := d.s.Record(d.t.Context(), deskTeam, NewRecord{Sheet: sheet, People: []Contact{
		{First: "Alix", Last: "Référente", Email: fmt.Sprintf("alix%d@example.org", d.made), InCharge: true, Manager: true},
		{First: "Noa", Last: "Collègue", Email: fmt.Sprintf("noa%d@example.org", d.made), Title: "Médiation"}}})
	if err != nil {
		d.t.Fatal(err)
	}
	return d.load(id)
}

func (d *desk) load(id ID) Sheet {
	d.t.Helper()
	s, err := load(d.t.Context(), d.db, id)
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// refused checks the kind and the field of a refusal, and returns its message.
func (d *desk) refused(err error, kind problem.Kind, field string) string {
	d.t.Helper()
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Kind != kind || p.Field != field {
		d.t.Fatalf("got %v, wanted a refusal of kind %d on field %q", err, kind, field)
	}
	return p.Message
}

// mails counts the mails of a kind to an address.
func (d *desk) mails(kind, to string) int {
	d.t.Helper()
	n, err := postgres.Value[int](d.t.Context(), d.db, `SELECT count(*)::int FROM mail WHERE kind = $1 AND to_address = $2`, kind, to)
	d.must(err)
	return n
}

func (d *desk) allMails() int {
	d.t.Helper()
	n, err := postgres.Value[int](d.t.Context(), d.db, `SELECT count(*)::int FROM mail`)
	d.must(err)
	return n
}

func (d *desk) acts(action string, id ID) int {
	d.t.Helper()
	n, err := postgres.Value[int](d.t.Context(), d.db, `SELECT count(*)::int FROM audit_entry WHERE action = $1 AND object_id = $2`, action, id)
	d.must(err)
	return n
}

var tokenOfLink = regexp.MustCompile(RequestPath + `([A-Z2-7]{26})$`)

// token is that of the last personal link mailed about anything.
func (d *desk) token() string {
	d.t.Helper()
	link, err := postgres.Value[string](d.t.Context(), d.db, `SELECT secret_link FROM mail WHERE secret_link <> '' ORDER BY created_at DESC, job_id DESC LIMIT 1`)
	d.must(err)
	m := tokenOfLink.FindStringSubmatch(link)
	if m == nil {
		d.t.Fatalf("%q is no personal link", link)
	}
	return m[1]
}

func TestAcceptMakesAMember(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	r := d.request(d.sheet("Atelier du Lac"))
	d.must(d.s.Accept(t.Context(), deskTeam, r.ID, r.Version, day.Today()))
	if got := d.load(r.ID); got.State != Accepted || got.DecidedAt == nil {
		t.Errorf("state %s, decided %v", got.State, got.DecidedAt)
	}
	seats, err := postgres.Value[int](t.Context(), d.db, `
		SELECT count(*)::int FROM seat s JOIN mandate m ON m.seat_id = s.id
		WHERE s.organisation_id = $1 AND s.college = 'action_sociale' AND m.kind = 'titular'`, r.ID)
	if d.must(err); seats != 1 {
		t.Errorf("%d seats held", seats)
	}
	if d.mails("structure_accepted", "alix1@example.org") != 1 || d.allMails() != 1 {
		t.Errorf("%d mails, wanted the one that tells the person in charge", d.allMails())
	}
	if len(d.invited) != 2 {
		t.Errorf("invited %v, wanted both people named", d.invited)
	}
	if d.acts("structure.accept", r.ID) != 1 {
		t.Error("the acceptance is not journalled once")
	}
}

func TestAcceptRefusesADayBeforeTheGovernance(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	r := d.request(d.sheet("Trop tôt"))
	d.refused(d.s.Accept(t.Context(), deskTeam, r.ID, r.Version, governance.Founded.AddDays(-1)), problem.Invalid, "debut")
	d.refused(d.s.Accept(t.Context(), deskTeam, r.ID, r.Version, day.Day{}), problem.Invalid, "debut")
	d.must(d.s.Accept(t.Context(), deskTeam, r.ID, r.Version, governance.Founded))
}

// Two members of the team decide on the same page at the same moment: one decision
// holds, the other is told whose it was.
func TestTwoDecisionsAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	r := d.request(d.sheet("Deux mains"))
	acts := []func() error{
		func() error { return d.s.Accept(t.Context(), deskTeam, r.ID, r.Version, day.Today()) },
		func() error { return d.s.Accept(t.Context(), deskSecond, r.ID, r.Version, day.Today()) },
	}
	errs := make([]error, len(acts))
	var all sync.WaitGroup
	for i, act := range acts {
		all.Go(func() { errs[i] = act() })
	}
	all.Wait()
	lost, winner := errs[1], deskTeam
	if errs[0] != nil {
		lost, winner = errs[0], deskSecond
	}
	if errs[0] != nil && errs[1] != nil {
		t.Fatalf("both failed: %v, %v", errs[0], errs[1])
	}
	message := d.refused(lost, problem.Conflict, "")
	if !strings.Contains(message, winner.Name) || !strings.Contains(message, StepAccepted.Label()) {
		t.Errorf("the second is not told what was done and by whom: %s", message)
	}
	if d.allMails() != 1 {
		t.Errorf("%d mails", d.allMails())
	}
	message = d.refused(d.s.Refuse(t.Context(), deskSecond, r.ID, r.Version, "Hors du territoire."), problem.Conflict, "")
	if !strings.Contains(message, winner.Name) || d.load(r.ID).State != Accepted {
		t.Errorf("a refusal after an acceptance: %s", message)
	}
}

func TestAskAnswerAndRefuse(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	r := d.request(d.sheet("Le Fil"))
	d.refused(d.s.Ask(ctx, deskTeam, r.ID, r.Version, ""), problem.Invalid, "question")
	d.refused(d.s.Refuse(ctx, deskTeam, r.ID, r.Version, ""), problem.Invalid, "motif")
	d.refused(d.s.Refuse(ctx, deskTeam, r.ID, r.Version, strings.Repeat("x", MaxDecisionText+1)), problem.Invalid, "motif")
	d.must(d.s.Ask(ctx, deskTeam, r.ID, r.Version, "Recevez-vous du public ?"))
	token := d.token()
	a, err := d.s.Application(ctx, token)
	d.must(err)
	if q := a.Question(); q == nil || q.Note != "Recevez-vous du public ?" || !a.Editable() {
		t.Fatalf("the applicant does not read the question: %+v", a)
	}
	d.must(d.s.AnswerTeam(ctx, access.Actor{}, token, "Oui, le mardi."))
	d.must(d.s.AnswerTeam(ctx, access.Actor{}, token, "Oui, le mardi.")) // a double click
	d.refused(d.s.AnswerTeam(ctx, access.Actor{}, token, "Et le jeudi."), problem.Conflict, "")
	now := d.load(r.ID)
	if now.State != Submitted || d.acts("structure.answer", r.ID) != 1 {
		t.Errorf("state %s, %d answers journalled", now.State, d.acts("structure.answer", r.ID))
	}
	d.must(d.s.Refuse(ctx, deskTeam, r.ID, now.Version, "Pas d’action dans la métropole."))
	if d.mails("structure_asked", "alix1@example.org") != 1 || d.mails("structure_refused", "alix1@example.org") != 1 || d.allMails() != 2 {
		t.Errorf("%d mails", d.allMails())
	}
	body, err := postgres.Value[string](ctx, d.db, `SELECT text_body FROM mail WHERE kind = 'structure_refused'`)
	d.must(err)
	for _, said := range []string{"Pas d’action dans la métropole.", "tribunal administratif de Bordeaux", "recours gracieux", "deux mois", RegistrationPath} {
		if !strings.Contains(body, said) {
			t.Errorf("the refusal does not say %q:\n%s", said, body)
		}
	}
	d.refused(d.s.AnswerTeam(ctx, access.Actor{}, token, "Pourtant si."), problem.Conflict, "")
}

func TestReopen(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	sheet := d.sheet("Revenante")
	sheet.SIRET = "99900000000003"
	first := d.request(sheet)
	d.must(d.s.Refuse(ctx, deskTeam, first.ID, first.Version, "Dossier vide."))
	first = d.load(first.ID)
	d.refused(d.s.Accept(ctx, deskTeam, first.ID, first.Version, day.Today()), problem.Conflict, "")

	again := d.request(sheet) // who was refused may register again
	d.refused(d.s.Reopen(ctx, deskTeam, first.ID, first.Version, ""), problem.Conflict, "")
	v, err := d.s.Examine(ctx, deskTeam, again.ID)
	d.must(err)
	if len(v.Twins) != 1 || v.Twins[0].ID != first.ID || !v.Twins[0].SameID || v.Twins[0].State != Refused {
		t.Errorf("the refused record is not shown beside the new one: %+v", v.Twins)
	}
	d.must(d.s.Refuse(ctx, deskTeam, again.ID, again.Version, "Doublon."))
	d.must(d.s.Reopen(ctx, deskTeam, first.ID, first.Version, "Pièces reçues."))
	if d.load(first.ID).State != Submitted || d.mails("structure_reopened", "alix1@example.org") != 1 {
		t.Error("the request is not in the queue again, or nobody was told")
	}
	d.refused(d.s.Reopen(ctx, deskTeam, first.ID, 0, ""), problem.Conflict, "")
}

// The team's notes are the team's: no applicant reads one, nor a word of another
// structure.
func TestApplicantReadsTheirOwnOnly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	other := d.sheet("Voisine du Fil")
	other.Summary = "Secret de la voisine"
	d.request(other)
	r := d.request(d.sheet("Voisine du fil"))
	d.must(d.s.Note(ctx, deskTeam, r.ID, "Avis réservé."))
	d.must(d.s.Ask(ctx, deskTeam, r.ID, d.load(r.ID).Version, "Pourquoi ?"))
	a, err := d.s.Application(ctx, d.token())
	d.must(err)
	if said := fmt.Sprintf("%+v", a); strings.Contains(said, "Avis réservé") || strings.Contains(said, "Secret de la voisine") {
		t.Errorf("the applicant reads what is not theirs: %s", said)
	}
	v, err := d.s.Examine(ctx, deskTeam, r.ID)
	d.must(err)
	if said := fmt.Sprintf("%+v", v.Story); !strings.Contains(said, "Avis réservé.") {
		t.Errorf("the team does not read its note: %s", said)
	}
	for _, by := range []access.Actor{
		{},
		{Account: 3, Acting: access.Capacity{Role: access.Structure, Organisation: r.ID}},
		{Account: 3, Acting: access.Capacity{Role: access.Mayor, Organisation: 1}},
		{Account: 3, Acting: access.Capacity{Role: access.Administrator}},
	} {
		_, errExamine := d.s.Examine(ctx, by, r.ID)
		_, errList := d.s.Register(ctx, by, RegisterFilter{}, 1)
		_, errMany := d.s.AcceptMany(ctx, by, []ID{r.ID}, day.Today())
		_, errChosen := d.s.Candidates(ctx, by, []ID{r.ID})
		_, errNext := d.s.NextToExamine(ctx, by, r.ID)
		for what, err := range map[string]error{
			"examine": errExamine, "register": errList, "accept many": errMany, "candidates": errChosen, "next": errNext,
			"accept": d.s.Accept(ctx, by, r.ID, 0, day.Today()), "ask": d.s.Ask(ctx, by, r.ID, 0, "?"), "refuse": d.s.Refuse(ctx, by, r.ID, 0, "non"),
			"reopen": d.s.Reopen(ctx, by, r.ID, 0, ""), "note": d.s.Note(ctx, by, r.ID, "x"),
		} {
			if problem.KindOf(err) != problem.Forbidden {
				t.Errorf("%s by %s: %v", what, by.Role(), err)
			}
		}
	}
}

func TestApplicationLinks(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	r := d.request(d.sheet("Liens"))
	d.must(d.s.Ask(ctx, deskTeam, r.ID, r.Version, "Où ?"))
	token := d.token()
	_, err := d.s.Application(ctx, strings.Repeat("A", 26))
	d.refused(err, problem.Gone, "")
	d.must(d.s.Withdraw(ctx, access.Actor{}, token))
	d.must(d.s.Withdraw(ctx, access.Actor{}, token)) // twice is once
	a, err := d.s.Application(ctx, token)
	d.must(err)
	if a.Sheet.State != Lapsed || len(a.Contacts) != 0 || a.Editable() || d.acts("structure.lapse", r.ID) != 1 {
		t.Errorf("after a withdrawal: %s, %d contacts, %d acts", a.Sheet.State, len(a.Contacts), d.acts("structure.lapse", r.ID))
	}
	d.refused(d.s.Refuse(ctx, deskTeam, r.ID, 0, "Trop tard."), problem.Conflict, "")
	_, err = d.db.Exec(ctx, `UPDATE structure_link SET expires_at = now() - interval '1 second'`)
	d.must(err)
	_, err = d.s.Application(ctx, token)
	d.refused(err, problem.Gone, "")
}

// TestOldLinksTellNothingOfAMember: the link of a request outlives it by months; who
// holds it may have left the structure since, or never have been of the one that the
// request was merged into.
func TestOldLinksTellNothingOfAMember(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	link := func(name string) (Sheet, string) {
		sheet := d.sheet(name)
		sheet.Summary = "Secret " + name
		r := d.request(sheet)
		d.must(d.s.Ask(ctx, deskTeam, r.ID, r.Version, "Question à "+name))
		token := d.token()
		d.must(d.s.AnswerTeam(ctx, access.Actor{}, token, "Réponse de "+name))
		return d.load(r.ID), token
	}
	said := func(token string) string {
		a, err := d.s.Application(ctx, token)
		d.must(err)
		return fmt.Sprintf("%+v", a)
	}
	a, tokenA := link("Un")
	b, tokenB := link("Deux")
	if !strings.Contains(said(tokenA), "Secret Un") || !strings.Contains(said(tokenA), "alix1@example.org") {
		t.Fatal("the applicant does not read their request: the test looks at nothing")
	}
	d.must(d.s.Merge(ctx, deskTeam, a.ID, b.ID, a.Version, b.Version))
	if s := said(tokenB); strings.Contains(s, "à Un") || strings.Contains(s, "de Un") || !strings.Contains(s, "Réponse de Deux") {
		t.Errorf("the applicant reads the story of the other: %s", s)
	}
	if s := said(tokenA); strings.Contains(s, "Deux") || strings.Contains(s, "Secret") || strings.Contains(s, "@") {
		t.Errorf("the link of a merged request tells %s", s)
	}
	d.must(d.s.Accept(ctx, deskTeam, b.ID, d.load(b.ID).Version, day.Of(2025, 1, 15)))
	changed := d.load(b.ID)
	changed.Detail = "Dit depuis"
	d.must(d.s.UpdateSection(ctx, deskTeam, changed, Welcome))
	if s := said(tokenB); strings.Contains(s, "Secret") || strings.Contains(s, "Dit depuis") || strings.Contains(s, "@") || strings.Contains(s, "Réponse") {
		t.Errorf("the link of an accepted request tells %s", s)
	}
	for _, act := range []error{
		d.s.AnswerTeam(ctx, access.Actor{}, tokenB, "Encore"), d.s.Withdraw(ctx, access.Actor{}, tokenB),
		d.s.ChangeApplication(ctx, access.Actor{}, tokenB, changed, Identity), d.s.AnswerTeam(ctx, access.Actor{}, tokenA, "Encore"),
	} {
		d.refused(act, problem.Conflict, "")
	}
	d.must(d.s.Suspend(ctx, deskTeam, b.ID, d.load(b.ID).Version, "Motif confidentiel"))
	_, err := d.s.Application(ctx, tokenB)
	d.refused(err, problem.Gone, "")
}

// TestMergeLeavesNoRequestBehind: somebody who asked both records for access asked once.
func TestMergeLeavesNoRequestBehind(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a, b := d.member("Un"), d.member("Deux")
	for _, of := range []struct {
		id  ID
		who string
	}{{a.ID, "lou"}, {b.ID, "lou"}, {a.ID, "sam"}} {
		d.must(d.s.RequestAccess(t.Context(), access.Actor{}, of.id, AccessInput{First: "Lou", Last: "Demande", Email: of.who + "@example.org"}, "198.51.100.4"))
	}
	d.must(d.s.Merge(t.Context(), deskTeam, a.ID, b.ID, a.Version, b.Version))
	left, err := d.s.AccessRequests(t.Context(), deskTeam, a.ID)
	d.must(err)
	kept, err := d.s.AccessRequests(t.Context(), deskTeam, b.ID)
	d.must(err)
	if len(left) != 0 || len(kept) != 2 {
		t.Errorf("%d requests stay with the record that is gone, %d with the other", len(left), len(kept))
	}
}

func TestAcceptMany(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	var ids []ID
	for i := range 4 {
		ids = append(ids, d.request(d.sheet(fmt.Sprintf("Groupe numéro %d de la rue %d", i, i*7))).ID)
	}
	d.must(d.s.Ask(ctx, deskTeam, ids[3], 0, "Qui ?"))
	before := d.allMails()
	list, err := d.s.Candidates(ctx, deskTeam, append(ids, 999_999))
	d.must(err)
	if len(list) != 4 || len(list[0].Invited) != 2 || len(list[0].Twins) == 0 {
		t.Errorf("the page that checks: %+v", list)
	}
	done, err := d.s.AcceptMany(ctx, deskTeam, append(ids, ids[0]), day.Today())
	d.must(err)
	if len(done.Accepted) != 3 || len(done.Left) != 1 || done.Left[0].ID != ids[3] || done.Left[0].Last != deskTeam.Name {
		t.Errorf("accepted %d, left %+v", len(done.Accepted), done.Left)
	}
	if got := d.allMails() - before; got != 3 {
		t.Errorf("%d mails, wanted one a structure accepted", got)
	}
	for _, id := range ids[:3] {
		if d.load(id).State != Accepted || d.acts("structure.accept", id) != 1 {
			t.Errorf("structure %d: %s, %d acts", id, d.load(id).State, d.acts("structure.accept", id))
		}
	}
	done, err = d.s.AcceptMany(ctx, deskSecond, ids, day.Today())
	if d.must(err); len(done.Accepted) != 0 || len(done.Left) != 4 {
		t.Errorf("accepted again: %+v", done.Accepted)
	}
	_, err = d.s.AcceptMany(ctx, deskTeam, nil, day.Today())
	d.refused(err, problem.Invalid, "structure")
	_, err = d.s.AcceptMany(ctx, deskTeam, make([]ID, MaxAccepted+1), day.Today())
	d.refused(err, problem.Invalid, "structure")
}

func TestNextToExamine(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	a, b, c := d.request(d.sheet("Premier")), d.request(d.sheet("Deuxième")), d.request(d.sheet("Troisième"))
	for after, want := range map[ID]ID{a.ID: b.ID, b.ID: c.ID, c.ID: a.ID} {
		next, err := d.s.NextToExamine(ctx, deskTeam, after)
		if d.must(err); next != want {
			t.Errorf("after %d comes %d, wanted %d", after, next, want)
		}
	}
	_, err := d.s.AcceptMany(ctx, deskTeam, []ID{a.ID, c.ID}, day.Today())
	d.must(err)
	if next, err := d.s.NextToExamine(ctx, deskTeam, b.ID); err != nil || next != 0 {
		t.Errorf("after the only one comes %d, %v", next, err)
	}
}

func TestTeamTodo(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.request(d.sheet("En attente"))
	in := d.request(d.sheet("Membre"))
	d.must(d.s.Accept(t.Context(), deskTeam, in.ID, in.Version, day.Today()))
	var todo TeamTodo
	var b postgres.Batch
	AddTeamTodo(&b, &todo)
	d.must(b.Run(t.Context(), d.db))
	if todo.Waiting != 1 || todo.Oldest == nil || todo.Accesses != 0 || len(todo.Bare) != 27 {
		t.Errorf("%+v", todo)
	}
}
