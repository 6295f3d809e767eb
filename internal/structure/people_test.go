package structure

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
)

func TestWhoMayDoWhatInASpace(t *testing.T) {
	t.Parallel()
	w := newSpace(t, 30)
	other := w.structure("Fabrique du Port", "autre", w.today.AddDays(-30))
	stranger := w.actor(other, "autrecharge")
	mayor := access.Actor{Account: 9, Person: w.charge.Person, Acting: access.Capacity{Role: access.Mayor, Organisation: w.id}}
	former := access.Actor{Account: 10, Person: w.charge.Person}
	req := w.request("alix@example.org")
	for _, c := range []struct {
		who         string
		by          access.Actor
		read, write problem.Kind // Internal: allowed
	}{
		{"nobody", access.Actor{}, problem.NotFound, problem.NotFound},
		{"another structure", stranger, problem.NotFound, problem.NotFound},
		{"the same person in another role", mayor, problem.NotFound, problem.NotFound},
		{"somebody who acts no more", former, problem.NotFound, problem.NotFound},
		{"a member", w.member, problem.Internal, problem.Forbidden},
	} {
		check := func(doing string, err error, want problem.Kind) {
			t.Helper()
			if want == problem.Internal && err != nil || want != problem.Internal && problem.KindOf(err) != want {
				t.Errorf("%s %s: %v, want kind %d", c.who, doing, err, want)
			}
		}
		_, err := w.s.People(t.Context(), c.by, w.id)
		check("reads the people", err, c.read)
		check("confirms", w.s.ConfirmUpToDate(t.Context(), c.by, w.id), c.read)
		_, err = w.s.AccessRequests(t.Context(), c.by, w.id)
		check("reads the requests", err, c.write)
		_, err = w.s.AccessRequest(t.Context(), c.by, req)
		check("reads a request", err, c.write)
		check("decides a request", w.s.DecideAccess(t.Context(), c.by, req, true, false, ""), c.write)
		check("adds", w.s.AddPerson(t.Context(), c.by, w.id, Contact{First: "A", Last: "B", Email: "ab@example.org"}), c.write)
		check("removes", w.s.RemovePerson(t.Context(), c.by, w.id, w.of("membre").Membership), c.write)
		check("gives rights", w.s.SetManager(t.Context(), c.by, w.id, w.of("membre").Membership, true), c.write)
		check("hands over", w.s.HandOver(t.Context(), c.by, w.id, Handover{Member: w.of("membre").Membership}), c.write)
		check("leaves", w.s.Leave(t.Context(), c.by, w.id, 0, w.today, ""), c.write)
	}
	if v, err := w.s.People(t.Context(), w.member, w.id); err != nil || len(v.Requests) != 0 || v.Right != Member {
		t.Errorf("a member reads %d requests with right %d, %v", len(v.Requests), v.Right, err)
	}
	if v, err := w.s.People(t.Context(), w.manager, w.id); err != nil || len(v.Requests) != 1 || v.Right != Manager {
		t.Errorf("a manager reads %d requests with right %d, %v", len(v.Requests), v.Right, err)
	}
	if got := w.names(); got != "!charge *gestion membre" {
		t.Errorf("after the refusals: %s", got)
	}
}

func TestAddAndRemovePeople(t *testing.T) {
	t.Parallel()
	w := newSpace(t, 30)
	add := func(c Contact) error { return w.s.AddPerson(t.Context(), w.manager, w.id, c) }
	if err := add(Contact{First: "Noa", Last: "Neuf", Email: "noa@example.org", Title: "Accueil"}); err != nil {
		t.Fatal(err)
	}
	spaceRefused(t, "twice", add(Contact{First: "Noa", Last: "Neuf", Email: "noa@example.org"}), problem.Invalid, "courriel")
	spaceRefused(t, "the person in charge", add(Contact{First: "X", Last: "Y", Email: "charge@example.org"}), problem.Invalid, "courriel")
	if !slices.Equal(w.invited, []string{"noa@example.org"}) {
		t.Errorf("invited %v", w.invited)
	}
	// Known of the portal: that person, under their own name, told and not invited.
	w.exec(`WITH p AS (INSERT INTO person (first_name, last_name, email) VALUES ('Lou', 'Connue', 'lou@example.org') RETURNING id)
		INSERT INTO account (person_id, email, password_hash) SELECT id, 'lou@example.org', 'x' FROM p`)
	if err := add(Contact{First: "Autre", Last: "Nom", Email: "lou@example.org", Manager: true}); err != nil {
		t.Fatal(err)
	}
	if p := w.of("lou"); p.Name != "Lou Connue" || !p.Manager || p.From != w.today {
		t.Errorf("the known person is %+v", p)
	}
	if n := w.count(`SELECT count(*) FROM mail WHERE kind = 'structure_joined' AND to_address = 'lou@example.org'`); n != 1 || len(w.invited) != 1 {
		t.Errorf("%d mails, invited %v", n, w.invited)
	}
	// Added today and removed today: as if it had never been.
	noa := w.of("noa").Membership
	if err := w.s.RemovePerson(t.Context(), w.charge, w.id, noa); err != nil {
		t.Fatal(err)
	}
	spaceRefused(t, "removed twice", w.s.RemovePerson(t.Context(), w.charge, w.id, noa), problem.Conflict, "")
	if err := w.s.RemovePerson(t.Context(), w.manager, w.id, w.of("membre").Membership); err != nil {
		t.Fatal(err)
	}
	if got := w.names(); got != "!charge *lou *gestion" && got != "!charge *gestion *lou" {
		t.Errorf("in the end: %s", got)
	}
	if n := w.count(`SELECT count(*) FROM audit_entry WHERE action IN ('structure.join', 'structure.unjoin')`); n != 4 {
		t.Errorf("%d acts in the journal, want 4", n)
	}
}

func TestTheLastManagerStays(t *testing.T) {
	t.Parallel()
	w := newSpace(t, 30)
	// With somebody in charge, the others may go and lose their rights.
	gestion := w.of("gestion").Membership
	if err := w.s.SetManager(t.Context(), w.manager, w.id, gestion, false); err != nil {
		t.Fatal(err)
	}
	if err := w.s.SetManager(t.Context(), w.charge, w.id, gestion, true); err != nil {
		t.Fatal(err)
	}
	// With the seat vacant, the last one stays, by their own hand too.
	w.exec(`UPDATE mandate SET during = daterange(lower(during), paris_today()) WHERE person_id = $1`, w.charge.Person)
	spaceRefused(t, "removing oneself", w.s.RemovePerson(t.Context(), w.manager, w.id, gestion), problem.Conflict, "")
	spaceRefused(t, "giving one's right up", w.s.SetManager(t.Context(), w.manager, w.id, gestion, false), problem.Conflict, "")
	spaceRefused(t, "by the team", w.s.RemovePerson(t.Context(), spaceTeam, w.id, gestion), problem.Conflict, "")

	// Two managers who remove each other at once: one of them stays.
	membre := w.of("membre").Membership
	if err := w.s.SetManager(t.Context(), w.manager, w.id, membre, true); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var done atomic.Int64
	for _, c := range []struct {
		by     access.Actor
		target governance.MembershipID
	}{{w.manager, membre}, {w.member, gestion}} {
		wg.Go(func() {
			if w.s.RemovePerson(t.Context(), c.by, w.id, c.target) == nil {
				done.Add(1)
			}
		})
	}
	wg.Wait()
	if n := countManagers(w.people().People); n != 1 || done.Load() != 1 {
		t.Errorf("%d managers left after %d removals: %s", n, done.Load(), w.names())
	}
}

func TestHandOver(t *testing.T) {
	t.Parallel()
	w := newSpace(t, 30)
	seen := w.of("charge").Mandate
	to := w.of("membre").Membership
	spaceRefused(t, "a page out of date", w.s.HandOver(t.Context(), w.manager, w.id, Handover{to, seen + 1000}), problem.Conflict, "")
	spaceRefused(t, "nobody of the structure", w.s.HandOver(t.Context(), w.manager, w.id, Handover{99999, seen}), problem.Conflict, "")
	if err := w.s.HandOver(t.Context(), w.manager, w.id, Handover{to, seen}); err != nil {
		t.Fatal(err)
	}
	if got := w.names(); got != "!membre *charge *gestion" {
		t.Errorf("after: %s", got)
	}
	if n := w.count(`SELECT count(*) FROM mail WHERE kind = 'structure_in_charge'`); n != 2 {
		t.Errorf("%d people told, want both", n)
	}
	if n := w.count(`SELECT count(*) FROM mandate m JOIN seat s ON s.id = m.seat_id WHERE s.organisation_id = $1 AND m.during @> (paris_today() - 1) AND m.person_id = $2`,
		w.id, w.charge.Person); n != 1 {
		t.Error("yesterday's composition changed")
	}
	// Back again, the same day: from tomorrow, and once.
	back := Handover{w.of("charge").Membership, w.of("membre").Mandate}
	if d := w.people().HandoverDay(); d != w.today.AddDays(1) {
		t.Errorf("the day after is %s", d)
	}
	if err := w.s.HandOver(t.Context(), w.manager, w.id, back); err != nil {
		t.Fatal(err)
	}
	v := w.people()
	if v.Next == nil || v.Next.Name != "Camille Charge" || v.Next.From != w.today.AddDays(1) || w.of("membre").InCharge == false {
		t.Errorf("planned %+v, in charge today %+v", v.Next, v.InCharge())
	}
	spaceRefused(t, "a second change planned", w.s.HandOver(t.Context(), w.manager, w.id, Handover{w.of("gestion").Membership, w.of("membre").Mandate}), problem.Conflict, "")
}

func TestHandOverAVacantSeat(t *testing.T) {
	t.Parallel()
	w := newSpace(t, 30)
	w.exec(`UPDATE mandate SET during = daterange(lower(during), paris_today()) WHERE person_id = $1`, w.charge.Person)
	if err := w.s.HandOver(t.Context(), w.manager, w.id, Handover{Member: w.of("membre").Membership}); err != nil {
		t.Fatal(err)
	}
	if got := w.names(); got != "!membre *gestion" {
		t.Errorf("after: %s", got)
	}
}

func TestDecideAccess(t *testing.T) {
	t.Parallel()
	w := newSpace(t, 30)
	alix, bo, known := w.request("alix@example.org"), w.request("bo@example.org"), w.request("membre@example.org")
	decide := func(by access.Actor, id AccessID, grant, manager bool, reason string) error {
		return w.s.DecideAccess(t.Context(), by, id, grant, manager, reason)
	}
	if err := decide(w.manager, alix, true, false, ""); err != nil {
		t.Fatal(err)
	}
	if p := w.of("alix"); p.Membership == 0 || p.Manager || p.Title != "Accueil" || !slices.Equal(w.invited, []string{"alix@example.org"}) {
		t.Errorf("granted: %+v, invited %v", p, w.invited)
	}
	spaceRefused(t, "decided twice", decide(w.charge, alix, false, false, "Non"), problem.Conflict, "")
	spaceRefused(t, "a request that is not", decide(w.charge, 99999, true, false, ""), problem.NotFound, "")
	if err := decide(spaceTeam, bo, false, false, "Nous ne vous connaissons pas."); err != nil {
		t.Fatal(err)
	}
	if n := w.count(`SELECT count(*) FROM mail WHERE to_address = 'bo@example.org' AND text_body LIKE '%ne vous connaissons pas%'`); n != 1 {
		t.Errorf("%d mails of refusal", n)
	}
	if err := decide(w.charge, known, true, true, ""); err != nil {
		t.Errorf("somebody who is of it already: %v", err)
	}
	if w.of("membre").Manager {
		t.Error("a request changed the rights of somebody who had joined meanwhile")
	}
	if got := w.count(`SELECT count(*) FROM access_request WHERE state = 'waiting' OR decided_by = ''`); got != 0 {
		t.Errorf("%d requests left", got)
	}
}

func TestTwoPeopleDecideAtOnce(t *testing.T) {
	t.Parallel()
	w := newSpace(t, 30)
	id := w.request("alix@example.org")
	var wg sync.WaitGroup
	var told, done atomic.Int64
	for i, by := range []access.Actor{w.charge, w.manager, spaceTeam} {
		wg.Go(func() {
			switch err := w.s.DecideAccess(t.Context(), by, id, i != 1, false, ""); {
			case err == nil:
				done.Add(1)
			case problem.KindOf(err) == problem.Conflict:
				told.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if done.Load() != 1 || told.Load() != 2 {
		t.Errorf("%d decided, %d told", done.Load(), told.Load())
	}
}
