package meeting

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/problem"
)

func TestAnswerByLink(t *testing.T) {
	t.Parallel()
	w := newConveneWorld(t, 3)
	w.convene()
	all := w.recipients()
	token := w.token(all[0].ID)

	p, err := w.s.PersonalByLink(t.Context(), token)
	if err != nil || len(p.Seats) != 1 || p.Seats[0].ID != all[0].ID || len(p.Items) != 1 || len(p.Seats[0].Candidates) != 2 {
		t.Fatalf("page %+v, %v", p, err)
	}
	if w.recipients()[0].OpenedAt != nil {
		t.Error("reading the page recorded an opening: a mail scanner would")
	}
	for range 2 {
		if err := w.s.MarkOpened(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	opened := w.recipients()[0].OpenedAt
	if opened == nil {
		t.Fatal("the opening is not recorded")
	}
	if err := w.s.AnswerByLink(t.Context(), access.Actor{}, token, AnswerInput{Answer: WillCome, Version: 1}); err != nil {
		t.Fatal(err)
	}
	r := w.recipients()[0]
	if r.Answer != WillCome || r.AnsweredBy != "link" || r.AnsweredAt == nil || !r.OpenedAt.Equal(*opened) {
		t.Errorf("saved %+v", r)
	}
	// The page of before is out of date; the meeting has no video link, the seat no
	// alternate.
	err = w.s.AnswerByLink(t.Context(), access.Actor{}, token, AnswerInput{Answer: Excused, Version: 1})
	refused(t, "from an old page", err, problem.Conflict)
	for _, a := range []Answer{WillBeRemote, Represented, "peut-être", ""} {
		refused(t, "answer "+string(a), w.answer(all[0].ID, AnswerInput{Answer: a}), problem.Invalid)
	}
	if err := w.answer(all[0].ID, AnswerInput{Answer: Excused, Note: "<b>Congé</b>"}); err != nil {
		t.Fatal(err)
	}
	if n := w.count(`SELECT count(*) FROM audit_entry WHERE action = 'convocation.answer' AND actor = 'Alix N001 (lien personnel)'`); n != 2 {
		t.Errorf("%d entries of the journal", n)
	}
	for _, wrong := range []string{"", "x", token[:len(token)-1], token + "A"} {
		_, err := w.s.PersonalByLink(t.Context(), wrong)
		refused(t, "a wrong link", err, problem.NotFound)
		refused(t, "opening a wrong link", w.s.MarkOpened(t.Context(), wrong), problem.NotFound)
	}
	if err := w.s.CloseLinks(t.Context(), conveneTeam, w.id, all[0].ID); err != nil {
		t.Fatal(err)
	}
	_, err = w.s.PersonalByLink(t.Context(), token)
	refused(t, "a closed link", err, problem.Gone)
	refused(t, "an answer by a closed link", w.answer(all[0].ID, AnswerInput{Answer: WillCome}), problem.Gone)
}

func TestAnswersCloseWhenTheMeetingStarts(t *testing.T) {
	t.Parallel()
	w := newConveneWorld(t, 1)
	w.convene()
	r := w.recipients()[0]
	for _, try := range []struct {
		set  string
		want Closing
	}{
		{`UPDATE meeting SET starts_at = now() - interval '1 second', ends_at = now() + interval '1 hour', state = 'convened'`, ClosedStarted},
		{`UPDATE meeting SET starts_at = now() + interval '1 hour', ends_at = now() + interval '2 hours', state = 'in_progress'`, ClosedStarted},
		{`UPDATE meeting SET state = 'held'`, ClosedHeld},
		{`UPDATE meeting SET state = 'postponed'`, ClosedPostponed},
		{`UPDATE meeting SET state = 'cancelled'`, ClosedCancelled},
		{`UPDATE meeting SET state = 'convened'`, NotClosed},
	} {
		w.exec(try.set)
		p, err := w.s.PersonalByLink(t.Context(), w.token(r.ID))
		if err != nil || p.Meeting.AnswersClosed(p.Now) != try.want {
			t.Errorf("%s: closed %q, %v", try.set, p.Meeting.AnswersClosed(p.Now), err)
		}
		err = w.answer(r.ID, AnswerInput{Answer: WillCome})
		if try.want == NotClosed && err != nil {
			t.Errorf("%s: %v", try.set, err)
		} else if try.want != NotClosed {
			refused(t, try.set, err, problem.Conflict)
		}
	}
}

func TestAnswerByAccount(t *testing.T) {
	t.Parallel()
	w := newConveneWorld(t, 3)
	w.exec(`INSERT INTO mandate (seat_id, person_id, kind, during, designation)
		SELECT (SELECT id FROM seat WHERE label = 'Partenaire 001'), id, 'alternate', daterange(paris_today() - 10, NULL), 'Test' FROM person WHERE last_name = 'N002'`)
	w.convene()
	all := w.recipients()
	w.exec(`WITH p AS (INSERT INTO person (first_name, last_name) VALUES ('Dany', 'Déléguée') RETURNING id)
		INSERT INTO membership (person_id, organisation_id, during) SELECT id, $1, daterange(paris_today() - 5, NULL) FROM p`, all[2].Organisation)
	person := func(last string) access.Actor {
		return access.Actor{Account: 9, Person: access.PersonID(w.count(`SELECT id FROM person WHERE last_name = $1`, last)), Name: last, Acting: access.Capacity{Role: access.Partner}}
	}
	for _, try := range []struct {
		last string
		want []ConvocationID
	}{{"N001", []ConvocationID{all[0].ID}}, {"N002", []ConvocationID{all[0].ID, all[1].ID}}, {"Déléguée", []ConvocationID{all[2].ID}}} {
		p, err := w.s.PersonalByAccount(t.Context(), person(try.last), w.id)
		var got []ConvocationID
		for _, s := range p.Seats {
			got = append(got, s.ID)
		}
		if err != nil || !slices.Equal(got, try.want) {
			t.Errorf("%s answers for %v, want %v (%v)", try.last, got, try.want, err)
		}
		for _, r := range all {
			err := w.s.AnswerByAccount(t.Context(), person(try.last), w.id, r.ID, AnswerInput{Answer: WillCome, Version: w.count(`SELECT version FROM convocation WHERE id = $1`, r.ID)})
			if mine := slices.Contains(try.want, r.ID); mine != (err == nil) {
				t.Errorf("%s for %s: %v", try.last, r.Name, err)
			} else if !mine {
				refused(t, "for somebody else", err, problem.NotFound)
			}
		}
	}
	_, err := w.s.PersonalByAccount(t.Context(), conveneTeam, w.id)
	refused(t, "the team is not convened", err, problem.NotFound)
	refused(t, "a member as the team", w.s.AnswerAsTeam(t.Context(), person("N001"), w.id, all[0].ID, AnswerInput{}), problem.Forbidden)
	// The alternate learns that they are to sit.
	if err := w.answer(all[0].ID, AnswerInput{Answer: Represented}); err != nil {
		t.Fatal(err)
	}
	if n := w.count(`SELECT count(*) FROM mail WHERE kind = 'meeting_change' AND to_address = 'membre-2@example.org'`); n != 1 {
		t.Errorf("the alternate was told %d times", n)
	}
}

func TestProxyLimits(t *testing.T) {
	t.Parallel()
	w := newConveneWorld(t, 4)
	w.exec(`INSERT INTO meeting_guest (meeting_id, role, name, email) VALUES ($1, 'expert', 'Sacha Experte', 'experte@example.org')`, w.id)
	w.convene()
	all := w.recipients()
	guest := all[4]
	give := func(from, to Recipient) error {
		return w.answer(from.ID, AnswerInput{Answer: ProxyGiven, ProxyTo: to.ID})
	}
	for what, err := range map[string]error{
		"to oneself": give(all[0], all[0]), "to a guest": give(all[0], guest), "by a guest": give(guest, all[0]),
		"to nobody": give(all[0], Recipient{}), "to a stranger": give(all[0], Recipient{ID: 999999}),
	} {
		refused(t, what, err, problem.Invalid)
	}
	if err := give(all[0], all[1]); err != nil {
		t.Fatal(err)
	}
	refused(t, "a second proxy to the same holder (one each, by the settings)", give(all[2], all[1]), problem.Invalid)
	refused(t, "to who has given theirs", give(all[2], all[0]), problem.Invalid)
	if err := give(all[0], all[1]); err != nil {
		t.Errorf("the same proxy, saved again: %v", err)
	}
	// The holder withdraws: the giver is told once, by a link, and the team sees it.
	for range 2 {
		if err := w.answer(all[1].ID, AnswerInput{Answer: Excused}); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.count(`SELECT count(*) FROM mail WHERE kind = 'meeting_change' AND to_address = 'membre-1@example.org' AND secret_link <> ''`); n != 1 {
		t.Errorf("the giver was told %d times", n)
	}
	v, err := w.s.Convening(t.Context(), conveneTeam, w.id, "", 1)
	if err != nil || len(v.Broken) != 1 || v.Broken[0].Holder != "Alix N002" {
		t.Errorf("broken proxies %+v, %v", v.Broken, err)
	}
	refused(t, "to who is excused", give(all[2], all[1]), problem.Invalid)
	w.exec(`UPDATE body_setting SET value = 0, source_kind = 'internal_rules' WHERE body = 'partenaires' AND key = 'proxies_per_holder'`)
	refused(t, "no proxy at all", give(all[2], all[3]), problem.Invalid)
}

// However many give at once to one holder, the limit holds.
func TestProxiesAtOnce(t *testing.T) {
	t.Parallel()
	w := newConveneWorld(t, 7)
	w.exec(`UPDATE body_setting SET value = 2, source_kind = 'internal_rules' WHERE body = 'partenaires' AND key = 'proxies_per_holder'`)
	w.convene()
	all := w.recipients()
	tokens := make([]string, len(all))
	for i, r := range all {
		tokens[i] = w.token(r.ID)
	}
	var wg sync.WaitGroup
	var passed atomic.Int64
	for i := 1; i < len(all); i++ {
		wg.Go(func() {
			err := w.s.AnswerByLink(context.Background(), access.Actor{}, tokens[i], AnswerInput{Answer: ProxyGiven, ProxyTo: all[0].ID, Version: 1})
			switch {
			case err == nil:
				passed.Add(1)
			case problem.KindOf(err) != problem.Invalid:
				t.Errorf("proxy %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if n := w.count(`SELECT count(*) FROM convocation WHERE proxy_to_id = $1`, all[0].ID); n != 2 || passed.Load() != 2 {
		t.Errorf("%d proxies held, %d accepted, want 2", n, passed.Load())
	}
}

func TestRemind(t *testing.T) {
	t.Parallel()
	w := newConveneWorld(t, 3)
	w.exec(`UPDATE person SET email = '' WHERE last_name = 'N003'`)
	w.convene()
	all := w.recipients()
	if err := w.answer(all[0].ID, AnswerInput{Answer: WillCome}); err != nil {
		t.Fatal(err)
	}
	done, err := w.s.Remind(t.Context(), conveneTeam, w.id)
	if err != nil || done != (SentTo{Recipients: 1, Mails: 1}) {
		t.Errorf("reminded %+v, %v", done, err)
	}
	if n := w.count(`SELECT count(*) FROM mail WHERE kind = 'meeting_reminder' AND to_address = 'membre-2@example.org'`); n != 1 {
		t.Errorf("the silent got %d reminders", n)
	}
	_, err = w.s.Remind(t.Context(), conveneTeam, w.id)
	refused(t, "twice a day", err, problem.Conflict)
	_, err = w.s.Remind(t.Context(), access.Actor{}, w.id)
	refused(t, "by nobody", err, problem.Forbidden)
}

func TestRemindDueOnceWithTwoInstances(t *testing.T) {
	t.Parallel()
	w := newConveneWorld(t, 3)
	w.exec(`UPDATE body_setting SET value = 3, source_kind = 'internal_rules' WHERE body = 'partenaires' AND key = 'reminder_days'`)
	w.convene()
	due := func(want int, when string) {
		t.Helper()
		if n, err := w.s.RemindDue(t.Context()); err != nil || n != want {
			t.Errorf("%s: %d meetings reminded, %v", when, n, err)
		}
	}
	due(0, "ten days before")
	w.exec(`UPDATE meeting SET starts_at = now() + interval '47 hours', ends_at = now() + interval '48 hours'`)
	due(0, "on the day of convening")
	w.exec(`UPDATE meeting SET convened_at = now() - interval '2 days'`)
	var wg sync.WaitGroup
	var sent atomic.Int64
	for range 3 {
		wg.Go(func() {
			n, err := w.s.RemindDue(context.Background())
			if err != nil {
				t.Error(err)
			}
			sent.Add(int64(n))
		})
	}
	wg.Wait()
	if n := w.count(`SELECT count(*) FROM mail WHERE kind = 'meeting_reminder'`); n != 3 || sent.Load() != 1 {
		t.Errorf("%d reminders by %d instances, want 3 by one", n, sent.Load())
	}
	due(0, "afterwards")
}
