package structure

import (
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
)

func TestMistypedAddressIsCorrected(t *testing.T) {
	t.Parallel()
	w := newRegistrationWorld(t)
	in := request()
	token, id := w.sent(in)
	old := w.linkOf("registration_confirm", in.People[0].Email)
	resend := func(email string) error {
		return w.s.ResendConfirmation(t.Context(), access.Actor{}, token, email, "198.51.100.7")
	}
	if err := resend(in.People[0].Email); err != nil || w.mails("registration_confirm", in.People[0].Email) != 2 {
		t.Fatalf("the same address once more: %v", err)
	}
	registrationRefused(t, "the address of another", resend(in.People[1].Email), problem.Invalid, "courriel")
	registrationRefused(t, "no address", resend("alix"), problem.Invalid, "courriel")
	if err := resend("juste@example.org"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.Confirmation(t.Context(), old); problem.KindOf(err) != problem.Gone {
		t.Errorf("the link sent to the wrong mailbox still works: %v", err)
	}
	if _, err := w.s.ConfirmRegistration(t.Context(), access.Actor{}, w.linkOf("registration_confirm", "juste@example.org")); err != nil || w.state(id) != Submitted {
		t.Errorf("confirm at the right address: %v", err)
	}
	draft := w.start()
	if err := w.s.ResendConfirmation(t.Context(), access.Actor{}, draft, "juste@example.org", "198.51.100.7"); problem.KindOf(err) != problem.NotFound {
		t.Errorf("resend for a draft: %v", err)
	}
}

func TestLinkBackToADraft(t *testing.T) {
	t.Parallel()
	w := newRegistrationWorld(t)
	token := w.start()
	mail := func(token, email, from string) error {
		return w.s.MailRegistrationLink(t.Context(), token, email, from)
	}
	for i := range limitRegistrationMail.Max {
		if err := mail(token, "alix@example.org", "198.51.100.1"); err != nil {
			t.Fatalf("mail %d: %v", i+1, err)
		}
	}
	if got := w.linkOf("registration_link", "alix@example.org"); got != token {
		t.Errorf("the mail leads to %q", got)
	}
	if kept := w.count(`SELECT count(*) FROM mail WHERE text_body LIKE '%' || $1 || '%'`, token); kept != 0 {
		t.Error("the body of a mail, which the team reads, holds the token")
	}
	registrationRefused(t, "one mailbox too often", mail(token, "alix@example.org", "198.51.100.2"), problem.TooMany, "")
	var err error
	for range limitRegistrationMailing.Max {
		if err = mail(token, request().People[0].Email, "198.51.100.1"); err != nil {
			break
		}
	}
	registrationRefused(t, "one address of the network too often", err, problem.TooMany, "")
	registrationRefused(t, "no address", mail(token, "x", "198.51.100.3"), problem.Invalid, "courriel")
	registrationRefused(t, "a forged token", mail(strings.Repeat("A", 26), "b@example.org", "198.51.100.3"), problem.Gone, "")
	sent, _ := w.sent(request())
	registrationRefused(t, "a request that was sent", mail(sent, "c@example.org", "198.51.100.3"), problem.Conflict, "")
}

func TestDraftsAreCountedPerAddress(t *testing.T) {
	t.Parallel()
	w := newRegistrationWorld(t)
	for range limitRegistrationStart.Max {
		if _, err := w.s.StartRegistration(t.Context(), "203.0.113.5"); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.s.StartRegistration(t.Context(), "203.0.113.5")
	registrationRefused(t, "one more draft", err, problem.TooMany, "")
	if _, err := w.s.StartRegistration(t.Context(), "203.0.113.6"); err != nil {
		t.Errorf("from elsewhere: %v", err)
	}
}

func TestRefusedSubmissionsTakeNoMail(t *testing.T) {
	t.Parallel()
	w := newRegistrationWorld(t)
	taken := request()
	w.confirmed(taken)
	in := request()
	right := in.Sheet.SIRET
	in.Sheet.SIRET = taken.Sheet.SIRET
	for range limitRegistrationMail.Max + 2 {
		_, err := w.submit(in)
		registrationRefused(t, "a SIRET that is taken", err, problem.Conflict, "")
	}
	in.Sheet.SIRET = right
	w.sent(in)
}

func TestPruneRegistrations(t *testing.T) {
	t.Parallel()
	w := newRegistrationWorld(t)
	old, kept := w.start(), w.start()
	w.exec(`UPDATE registration SET changed_at = now() - interval '30 days' WHERE token_hash = $1`, tokenHash(old))
	if _, _, err := w.s.Registration(t.Context(), old); problem.KindOf(err) != problem.Gone {
		t.Errorf("a draft of thirty days, not erased yet: %v", err)
	}
	_, late := w.sent(request())
	again := request()
	resent, waiting := w.sent(again)
	confirmed := w.confirmed(request())
	w.exec(`UPDATE structure SET created_at = now() - interval '8 days' WHERE organisation_id = ANY ($1)`, []int64{int64(late), int64(waiting), int64(confirmed)})
	w.exec(`UPDATE structure_link SET expires_at = now() - interval '1 day' WHERE purpose = 'confirm'`)
	if err := w.s.ResendConfirmation(t.Context(), access.Actor{}, resent, again.People[0].Email, "198.51.100.4"); err != nil {
		t.Fatal(err)
	}
	n, err := w.s.PruneRegistrations(t.Context())
	if err != nil || n != 1+1+3 { // a draft, a request, three links
		t.Errorf("erased %d, %v", n, err)
	}
	for id, want := range map[ID]State{late: Lapsed, waiting: Unconfirmed, confirmed: Submitted} {
		if got := w.state(id); got != want {
			t.Errorf("structure %d is %s, wanted %s", id, got, want)
		}
	}
	if n := w.count(`SELECT count(DISTINCT structure_id) FROM structure_contact`); n != 2 {
		t.Errorf("%d requests keep their people, wanted those that live", n)
	}
	if n := w.count(`SELECT count(*) FROM audit_entry WHERE action = 'structure.lapse' AND object_id = $1`, late); n != 1 {
		t.Errorf("%d entries of the journal", n)
	}
	if n, err := w.s.PruneRegistrations(t.Context()); err != nil || n != 0 {
		t.Errorf("once more: %d, %v", n, err)
	}
	if _, _, err := w.s.Registration(t.Context(), kept); err != nil {
		t.Errorf("a fresh draft: %v", err)
	}
}

func TestRequestAccess(t *testing.T) {
	t.Parallel()
	w := newRegistrationWorld(t)
	member := request()
	member.People[1].Manager = true
	id := w.accepted(member)
	ask := func(id ID, email string) error {
		return w.s.RequestAccess(t.Context(), access.Actor{}, id, AccessInput{First: "Sacha", Last: "<b>Nouveau</b>", Email: email, Message: "=1+1"}, "198.51.100.8")
	}
	for range 2 { // twice is once
		if err := ask(id, "sacha@example.org"); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.count(`SELECT count(*) FROM access_request WHERE structure_id = $1 AND state = 'waiting'`, id); n != 1 {
		t.Errorf("%d requests", n)
	}
	for _, p := range member.People {
		if n := w.mails("access_request", p.Email); n != 1 {
			t.Errorf("%d mails to %s", n, p.Email)
		}
	}
	if body := w.text(`SELECT text_body FROM mail WHERE kind = 'access_request' LIMIT 1`); !strings.Contains(body, "/ma-structure/acces") || strings.Contains(body, "=1+1") {
		t.Errorf("mail: %s", body)
	}
	// Who acts for it already gets the same answer, and learns it by mail.
	if err := ask(id, member.People[1].Email); err != nil || w.mails("access_known", member.People[1].Email) != 1 {
		t.Errorf("somebody of the structure: %v", err)
	}
	if n := w.count(`SELECT count(*) FROM access_request`); n != 1 {
		t.Errorf("%d requests", n)
	}
	registrationRefused(t, "no address", ask(id, "sacha"), problem.Invalid, "courriel")
	waiting := w.confirmed(request())
	for name, id := range map[string]ID{"a request": waiting, "nothing": 999_999} {
		if err := ask(id, "sacha@example.org"); problem.KindOf(err) != problem.NotFound {
			t.Errorf("access to %s: %v", name, err)
		}
	}
	var err error
	for range limitAccessFrom.Max {
		if err = ask(id, request().People[0].Email); err != nil {
			break
		}
	}
	registrationRefused(t, "too many requests", err, problem.TooMany, "")
}

func TestAccessWithoutAManagerIsTheTeams(t *testing.T) {
	t.Parallel()
	w := newRegistrationWorld(t)
	w.exec(`WITH p AS (INSERT INTO person (first_name, last_name, email) VALUES ('Camille', 'Équipe', 'equipe@example.org') RETURNING id),
		a AS (INSERT INTO account (person_id, email) SELECT id, 'equipe@example.org' FROM p RETURNING id)
		INSERT INTO role_grant (account_id, role) SELECT id, 'team' FROM a`)
	alone := request()
	id, err := w.s.Record(t.Context(), registrationTeam, NewRecord{Sheet: alone.Sheet, From: governance.Founded})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.s.RequestAccess(t.Context(), access.Actor{}, id, AccessInput{First: "Sacha", Last: "Nouveau", Email: "sacha@example.org"}, "198.51.100.8"); err != nil {
		t.Fatal(err)
	}
	if body := w.text(`SELECT text_body FROM mail WHERE kind = 'access_request' AND to_address = 'equipe@example.org'`); !strings.Contains(body, "/equipe/structures/") {
		t.Errorf("mail to the team: %s", body)
	}
}
