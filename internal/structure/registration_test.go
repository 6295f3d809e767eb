package structure

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/problem"
)

func TestRegistrationIsWrittenSentAndConfirmed(t *testing.T) {
	t.Parallel()
	w := newRegistrationWorld(t)
	in := request()
	token, id := w.sent(in)

	if got := w.state(id); got != Unconfirmed {
		t.Errorf("once sent: %s", got)
	}
	if n := w.count(`SELECT count(*) FROM structure_contact WHERE structure_id = $1 AND (in_charge AND manager OR NOT in_charge AND NOT manager)`, id); n != 2 {
		t.Errorf("%d people as they were named, wanted 2", n)
	}
	if n := w.count(`SELECT count(*) FROM structure_consent WHERE structure_id = $1 AND given = (use = 'sheet')`, id); n != 3 {
		t.Errorf("%d answers to consents, wanted every one, refusals too", n)
	}
	if who := w.text(`SELECT actor FROM audit_entry WHERE action = 'structure.send' AND object_id = $1`, id); who != "Alix Exemple" {
		t.Errorf("the journal names %q", who)
	}
	body := w.text(`SELECT subject || text_body || to_name FROM mail WHERE kind = 'registration_confirm'`)
	if strings.Contains(body, in.Sheet.Name) || strings.Contains(body, "Alix") {
		t.Errorf("a mail to an address that nobody confirmed repeats what was typed: %s", body)
	}
	if got, err := w.s.SentRegistration(t.Context(), token); err != nil || got.Email != in.People[0].Email || got.Name != in.Sheet.Name {
		t.Errorf("page of the request: %+v, %v", got, err)
	}

	link := w.linkOf("registration_confirm", in.People[0].Email)
	for range 2 { // reading it changes nothing
		if name, err := w.s.Confirmation(t.Context(), link); err != nil || name != in.Sheet.Name || w.state(id) != Unconfirmed {
			t.Fatalf("reading the link: %q, %v", name, err)
		}
	}
	follow, err := w.s.ConfirmRegistration(t.Context(), access.Actor{}, link)
	if err != nil || follow != w.linkOf("registration_follow", in.People[0].Email) {
		t.Fatalf("confirm: %q, %v", follow, err)
	}
	if got := w.state(id); got != Submitted {
		t.Errorf("once confirmed: %s", got)
	}
	if r, _, err := w.s.Registration(t.Context(), token); err != nil || r.Sent != id || len(r.Answers) != 0 {
		t.Errorf("the draft keeps %v, %v", r.Answers, err)
	}
	if l, err := readLink(t.Context(), w.db, ForApplication, follow); err != nil || l.Structure != id || l.Name != "Alix Exemple" {
		t.Errorf("link to follow the request: %+v, %v", l, err)
	}
	if _, err := w.s.ConfirmRegistration(t.Context(), access.Actor{}, link); !errors.Is(err, ErrConfirmed) {
		t.Errorf("confirm twice: %v", err)
	}
	if _, err := w.s.Confirmation(t.Context(), link); !errors.Is(err, ErrConfirmed) {
		t.Errorf("read a used link: %v", err)
	}
	if steps := w.text(`SELECT string_agg(kind, ' ' ORDER BY id) FROM structure_step WHERE structure_id = $1`, id); steps != "sent confirmed" {
		t.Errorf("story: %s", steps)
	}
	if err := w.s.ResendConfirmation(t.Context(), access.Actor{}, token, in.People[0].Email, "198.51.100.1"); problem.KindOf(err) != problem.Conflict {
		t.Errorf("resend once confirmed: %v", err)
	}
}

func TestTwoPeopleRegisterAtTheSameSecond(t *testing.T) {
	t.Parallel()
	w := newRegistrationWorld(t)
	for _, c := range []struct {
		name string
		as   func(first, in *Submission)
		want problem.Kind
	}{
		{"one SIRET, one commune", func(first, in *Submission) { in.Sheet.SIRET = first.Sheet.SIRET }, problem.Conflict},
		{"one SIRET, two communes", func(first, in *Submission) {
			if in.Sheet.SIRET = first.Sheet.SIRET; registrationCount.Load()%4 < 2 {
				in.Sheet.INSEE = "33063"
			}
		}, problem.Conflict},
		{"one name, no SIRET", func(first, in *Submission) { in.Sheet.Name, in.Sheet.SIRET = first.Sheet.Name, "" }, problem.Invalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			first := request()
			before := w.count(`SELECT count(*) FROM structure`)
			errs := make([]error, 6)
			var wg sync.WaitGroup
			ready := make(chan struct{})
			for i := range errs {
				in := request()
				c.as(&first, &in)
				token := w.start()
				in.Version = 1
				wg.Go(func() { <-ready; errs[i] = w.s.Submit(t.Context(), access.Actor{}, token, in) })
			}
			close(ready)
			wg.Wait()
			won := 0
			for _, err := range errs {
				if err == nil {
					won++
				} else if problem.KindOf(err) != c.want {
					t.Errorf("one who comes second: %v", err)
				}
			}
			if won != 1 {
				t.Errorf("%d requests were sent: %v", won, errs)
			}
			if n := w.count(`SELECT count(*) FROM structure`) - before; n != 1 {
				t.Errorf("%d records", n)
			}
		})
	}
}

func TestOneDraftSentFromTwoDevices(t *testing.T) {
	t.Parallel()
	w := newRegistrationWorld(t)
	token, in := w.start(), request()
	in.Version = 1
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() { errs[i] = w.s.Submit(t.Context(), access.Actor{}, token, in) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if n := w.count(`SELECT count(*) FROM structure`); n != 1 {
		t.Errorf("%d records", n)
	}
	if n := w.mails("registration_confirm", in.People[0].Email); n != 1 {
		t.Errorf("%d mails", n)
	}
}

func TestTwoTabsOnOneDraft(t *testing.T) {
	t.Parallel()
	w := newRegistrationWorld(t)
	token := w.start()
	var wg sync.WaitGroup
	for _, s := range Sections {
		wg.Go(func() {
			for i := range 5 {
				if _, err := w.s.SaveSection(t.Context(), token, s, url.Values{"champ": {fmt.Sprint(s, i)}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	r, communes, err := w.s.Registration(t.Context(), token)
	if err != nil || len(communes) != 28 {
		t.Fatalf("%d communes, %v", len(communes), err)
	}
	for _, s := range Sections {
		if got := r.Answers[s].Get("champ"); got != fmt.Sprint(s, 4) {
			t.Errorf("section %s holds %q", s, got)
		}
	}
	if r.Version != 1+5*len(Sections) {
		t.Errorf("version %d", r.Version)
	}
}

func TestWhatASubmissionRefuses(t *testing.T) {
	t.Parallel()
	w := newRegistrationWorld(t)
	for name, c := range map[string]struct {
		change func(in *Submission)
		field  string
	}{
		"no name":               {func(in *Submission) { in.Sheet.Name = "" }, "nom_organisation"},
		"SIRET with a bad key":  {func(in *Submission) { in.Sheet.SIRET = "00000000000001" }, "siret"},
		"commune of elsewhere":  {func(in *Submission) { in.Sheet.INSEE = "75056" }, "commune"},
		"no college":            {func(in *Submission) { in.Sheet.College = "" }, "college"},
		"nobody in charge":      {func(in *Submission) { in.People[0].InCharge = false }, "prenom"},
		"two in charge":         {func(in *Submission) { in.People[1].InCharge = true }, "prenom"},
		"five people":           {func(in *Submission) { in.People = append(in.People, in.People[1], in.People[1], in.People[1]) }, "prenom"},
		"a name of spaces":      {func(in *Submission) { in.People[0].Last = " " }, "prenom"},
		"a name of 81 letters":  {func(in *Submission) { in.People[0].Last = strings.Repeat("é", 81) }, "prenom"},
		"a header in a name":    {func(in *Submission) { in.People[0].Last = "A\r\nBcc: x@example.org" }, "prenom"},
		"an address of nothing": {func(in *Submission) { in.People[0].Email = "alix" }, "courriel"},
		"an address in capital": {func(in *Submission) { in.People[0].Email = "Alix@example.org" }, "courriel"},
		"one address for two":   {func(in *Submission) { in.People[1].Email = in.People[0].Email }, "courriel"},
	} {
		t.Run(name, func(t *testing.T) {
			in := request()
			c.change(&in)
			_, err := w.submit(in)
			registrationRefused(t, name, err, problem.Invalid, c.field)
		})
	}
	if n := w.count(`SELECT count(*) FROM structure`) + w.count(`SELECT count(*) FROM mail`); n != 0 {
		t.Errorf("%d rows were written", n)
	}
	in := request()
	in.Sheet.Name = `<script>alert(1)</script> =1+1`
	in.Version = 1
	token := w.start()
	if _, err := w.s.SaveSection(t.Context(), token, Place, url.Values{"commune": {"33063"}}); err != nil {
		t.Fatal(err)
	}
	registrationRefused(t, "answers changed in another tab", w.s.Submit(t.Context(), access.Actor{}, token, in), problem.Conflict, "")
	_, err := w.s.SaveSection(t.Context(), token, Welcome, url.Values{"detail": {strings.Repeat("x", maxAnswers)}})
	registrationRefused(t, "a text too long", err, problem.TooLarge, "")
	_, err = w.s.SaveSection(t.Context(), "AAAAAAAAAAAAAAAAAAAAAAAAAA", Place, url.Values{})
	registrationRefused(t, "a forged token", err, problem.Gone, "")
	sent, _ := w.sent(request())
	_, err = w.s.SaveSection(t.Context(), sent, Place, url.Values{})
	registrationRefused(t, "a draft that was sent", err, problem.Conflict, "")
	if _, err := w.s.SentRegistration(t.Context(), token); !errors.Is(err, ErrNotFound) {
		t.Errorf("page of a request not sent: %v", err)
	}
}

func TestWhoMayRegisterAgain(t *testing.T) {
	t.Parallel()
	w := newRegistrationWorld(t)
	for state, again := range map[State]bool{Unconfirmed: false, Submitted: false, MoreAsked: false, Suspended: false, Accepted: false,
		Refused: true, Left: true, Lapsed: true} {
		t.Run(string(state), func(t *testing.T) {
			in := request()
			_, id := w.sent(in)
			w.exec(`UPDATE structure SET state = $2 WHERE organisation_id = $1`, id, string(state))
			_, err := w.submit(in)
			if again != (err == nil) || !again && problem.KindOf(err) != problem.Conflict {
				t.Errorf("again from %s: %v", state, err)
			}
			alike, err := w.s.LookAlikes(t.Context(), "", "", in.Sheet.SIRET)
			if err != nil || len(alike) != 1 {
				t.Fatalf("look-alikes: %+v, %v", alike, err)
			}
			if told := alike[0].Name != "" || alike[0].ID != 0; told != (state == Accepted) {
				t.Errorf("from %s the public learns %+v", state, alike[0])
			}
		})
	}
}

func TestCloseNameAsksOnce(t *testing.T) {
	t.Parallel()
	w := newRegistrationWorld(t)
	first := request()
	first.Sheet.Name = "Centre social du Lac"
	id := w.accepted(first)
	in := request()
	in.Sheet.Name = "Centre social le Lac"
	alike, err := w.s.LookAlikes(t.Context(), in.Sheet.Name, in.Sheet.INSEE, in.Sheet.SIRET)
	if err != nil || len(alike) != 1 || alike[0] != (LookAlike{ID: id, Name: first.Sheet.Name, Commune: "Bègles"}) {
		t.Fatalf("look-alikes: %+v, %v", alike, err)
	}
	_, err = w.submit(in)
	registrationRefused(t, "a close name", err, problem.Invalid, "autre")
	in.NotThem = true
	w.sent(in)
	elsewhere := request()
	elsewhere.Sheet.Name, elsewhere.Sheet.INSEE = "Centre social le Lac", "33063"
	w.sent(elsewhere)
}

func TestNobodyReservesASIRETWithoutAMailbox(t *testing.T) {
	t.Parallel()
	w := newRegistrationWorld(t)
	in := request()
	squatter, id := w.sent(in)
	link := w.linkOf("registration_confirm", in.People[0].Email)
	_, err := w.submit(in)
	registrationRefused(t, "within a day", err, problem.Conflict, "")
	w.exec(`UPDATE structure SET created_at = now() - interval '25 hours' WHERE organisation_id = $1`, id)
	if alike, err := w.s.LookAlikes(t.Context(), in.Sheet.Name, in.Sheet.INSEE, in.Sheet.SIRET); err != nil || len(alike) != 0 {
		t.Errorf("after a day it still shows: %+v, %v", alike, err)
	}
	_, next := w.sent(in)
	if w.state(id) != Lapsed || w.state(next) != Unconfirmed {
		t.Errorf("the old one is %s, the new one %s", w.state(id), w.state(next))
	}
	if n := w.count(`SELECT count(*) FROM structure_contact WHERE structure_id = $1`, id); n != 0 {
		t.Errorf("%d people of the lapsed request remain", n)
	}
	if n := w.count(`SELECT count(*) FROM registration WHERE structure_id = $1 AND answers = '{}'`, id); n != 1 {
		t.Error("the draft of the lapsed request keeps what was typed")
	}
	if _, err := w.s.ConfirmRegistration(t.Context(), access.Actor{}, link); problem.KindOf(err) != problem.Gone || errors.Is(err, ErrConfirmed) {
		t.Errorf("confirm a lapsed request: %v", err)
	}
	err = w.s.ResendConfirmation(t.Context(), access.Actor{}, squatter, "autre@example.org", "198.51.100.9")
	registrationRefused(t, "resend for a lapsed request", err, problem.Conflict, "")
	// What was confirmed in time is never pushed out.
	w.exec(`UPDATE structure SET state = 'submitted', created_at = now() - interval '25 hours' WHERE organisation_id = $1`, next)
	_, err = w.submit(in)
	registrationRefused(t, "one that waits for the team", err, problem.Conflict, "")
}
