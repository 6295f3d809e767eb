package notify

import (
	"fmt"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

var (
	team  = access.Actor{Account: 3, Name: "Équipe", Acting: access.Capacity{Role: access.Team}}
	admin = access.Actor{Account: 4, Name: "Admin", Acting: access.Capacity{Role: access.Administrator}}
)

func TestDeskReaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := NewDesk(w.pool, w.outbox, true)
	id := w.queue(invitation())
	for _, role := range access.Roles {
		by := access.Actor{Account: 9, Name: "x", Acting: access.Capacity{Role: role}}
		if role == access.Public {
			by = access.Actor{}
		}
		_, list := d.List(t.Context(), by, Filter{}, "")
		_, show := d.Show(t.Context(), by, id)
		_, counts := d.Counts(t.Context(), by)
		resend := d.Resend(t.Context(), by, id)
		may := role == access.Team || role == access.Administrator
		for name, err := range map[string]error{"List": list, "Show": show, "Counts": counts, "Resend": resend} {
			if (err == nil) != may || !may && problem.KindOf(err) != problem.Forbidden {
				t.Errorf("%s by %s: %v", name, role, err)
			}
		}
	}
}

func TestDeskList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := NewDesk(w.pool, w.outbox, false)
	w.queue(invitation())
	m := invitation()
	m.Kind, m.Subject, m.ToAddress, m.ToName = "password_reset", "Nouveau mot de passe", "dominique_x@example.org", "Élodie"
	id := w.queue(m)
	if _, err := w.pool.Exec(t.Context(), `UPDATE mail SET state = 'kept' WHERE id = $1`, id); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		filter Filter
		want   int
	}{
		"all":                 {Filter{}, 2},
		"kept":                {Filter{State: Kept}, 1},
		"failed":              {Filter{State: Failed}, 0},
		"a kind":              {Filter{Kind: "invitation"}, 1},
		"subject, no accents": {Filter{Q: "EQUIPE"}, 1},
		"name":                {Filter{Q: "elodie"}, 1},
		"address":             {Filter{Q: "dominique_x@"}, 1},
		"no wild card":        {Filter{Q: "camill_"}, 0},
		"NUL":                 {Filter{Q: "elo\x00die"}, 0},
	} {
		p, err := d.List(t.Context(), team, test.filter, "")
		if err != nil || len(p.Rows) != test.want || p.Older != "" {
			t.Errorf("%s: %d mails, older %q, %v; want %d", name, len(p.Rows), p.Older, err, test.want)
		}
	}
	c, err := d.Counts(t.Context(), team)
	if err != nil || c != (Counts{Queued: 1, Kept: 1}) {
		t.Errorf("counts %+v, %v; want one queued, one kept", c, err)
	}
}

func TestDeskPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := NewDesk(w.pool, w.outbox, false)
	_, err := w.pool.Exec(t.Context(), `
		INSERT INTO mail (kind, to_address, subject, text_body, html_body, job_id, created_at)
		SELECT 'x', 'a@example.org', 'Objet ' || n, '', '', n, now() + (n / 3) * interval '1 microsecond'
		FROM generate_series(1, $1) n`, 2*PageSize+1)
	if err != nil {
		t.Fatal(err)
	}
	seen, sizes := map[string]bool{}, []int{}
	for cursor, more := "", true; more; {
		p, err := d.List(t.Context(), team, Filter{}, cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Rows {
			if seen[r.ID] {
				t.Errorf("mail %s on two pages", r.ID)
			}
			seen[r.ID] = true
		}
		sizes = append(sizes, len(p.Rows))
		cursor, more = p.Older, p.Older != ""
	}
	if fmt.Sprint(sizes) != "[50 50 1]" {
		t.Errorf("pages of %v, want [50 50 1]", sizes)
	}
	for _, cursor := range []string{"x", "_", "2026-01-01T00:00:00Z_x", "2026_" + newID(), "2026-01-01T00:00:00Z_" + strings.ToUpper(newID())[:35] + "G"} {
		if _, err := d.List(t.Context(), team, Filter{}, cursor); problem.KindOf(err) != problem.BadRequest {
			t.Errorf("cursor %q: %v, want a bad request", cursor, err)
		}
	}
}

// TestLinkIsMasked: the personal link is read in demo, kept, and nowhere else.
func TestLinkIsMasked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.queue(invitation())
	for _, demo := range []bool{false, true} {
		for _, state := range []State{Queued, Kept} {
			if _, err := w.pool.Exec(t.Context(), `UPDATE mail SET state = $2 WHERE id = $1`, id, string(state)); err != nil {
				t.Fatal(err)
			}
			v, err := NewDesk(w.pool, w.outbox, demo).Show(t.Context(), admin, id)
			if err != nil {
				t.Fatal(err)
			}
			want := demo && state == Kept
			if got := strings.Contains(v.Text+v.Link, "SECRET"); got != want || v.Erased {
				t.Errorf("demo %v, %s: link readable %v, erased %v; want %v, false", demo, state, got, v.Erased, want)
			}
			if !want && !strings.Contains(v.Text, MaskedLink) {
				t.Errorf("demo %v, %s: no mask in %q", demo, state, v.Text)
			}
			if (v.NextTry != nil) != (state == Queued) {
				t.Errorf("%s: next try %v", state, v.NextTry)
			}
		}
	}
	for _, other := range []string{newID(), "x", "", strings.Repeat("'", 36)} {
		if _, err := NewDesk(w.pool, w.outbox, true).Show(t.Context(), admin, other); problem.KindOf(err) != problem.NotFound {
			t.Errorf("mail %q: %v, want not found", other, err)
		}
		if err := NewDesk(w.pool, w.outbox, true).Resend(t.Context(), admin, other); problem.KindOf(err) != problem.NotFound {
			t.Errorf("resend mail %q: %v, want not found", other, err)
		}
	}
}

func TestResend(t *testing.T) {
	t.Parallel()
	w, box := newWorld(t), newMailbox(t)
	refuse := true
	box.answer = func(string, int) error {
		if refuse {
			return refusal(550, "boîte pleine")
		}
		return nil
	}
	w.start(box.url())
	d := NewDesk(w.pool, w.outbox, false)

	secret := w.queue(invitation())
	w.until(secret, is(Failed, "cancelled"))
	err := d.Resend(t.Context(), team, secret)
	if problem.KindOf(err) != problem.Conflict || !strings.Contains(err.Error(), "nouvelle invitation") {
		t.Errorf("resend without its link: %v, want to be told to invite again", err)
	}

	m := invitation()
	m.Secret = false
	plain := w.queue(m)
	w.until(plain, is(Failed, "cancelled"))
	box.mu.Lock()
	refuse = false
	box.mu.Unlock()
	for try := 1; try <= 2; try++ { // failed, then sent already
		if err := d.Resend(t.Context(), team, plain); err != nil {
			t.Fatal(err)
		}
		w.until(plain, is(Sent, "completed"))
		mails := box.mails()
		if len(mails) != try || !strings.Contains(mails[try-1].Data, "<"+plain+"@portail.example.org>") {
			t.Errorf("resend %d: %d mails received, want %d, the same Message-ID", try, len(mails), try)
		}
	}
	n, err := postgres.Value[int](t.Context(), w.pool, `
		SELECT count(*) FROM audit_entry WHERE action = 'mail.resend' AND account_id = 3 AND after->>'mail' = $1`, plain)
	if err != nil || n != 2 {
		t.Errorf("%d entries in the journal, %v; want 2", n, err)
	}
}

// TestResendQueued takes back the waiting job: the mail still leaves once.
func TestResendQueued(t *testing.T) {
	t.Parallel()
	w, box := newWorld(t), newMailbox(t)
	d := NewDesk(w.pool, w.outbox, false)
	id := w.queue(invitation())
	for range 3 {
		if err := d.Resend(t.Context(), admin, id); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.pool.Exec(t.Context(), `UPDATE river_job SET state = 'running', attempted_at = now()`); err != nil {
		t.Fatal(err)
	}
	if err := d.Resend(t.Context(), admin, id); problem.KindOf(err) != problem.Conflict {
		t.Errorf("resend while being sent: %v, want a conflict", err)
	}
	if _, err := w.pool.Exec(t.Context(), `UPDATE river_job SET state = 'available'`); err != nil {
		t.Fatal(err)
	}
	// An old job that comes back from the dead finds that the mail is not its own.
	if _, err := w.outbox.jobs.Insert(t.Context(), SendArgs{MailID: id}, nil); err != nil {
		t.Fatal(err)
	}
	w.start(box.url())
	w.until(id, is(Sent, "completed"))
	last := invitation()
	w.until(w.queue(last), is(Sent, "completed"))
	if n := len(box.mails()); n != 2 {
		t.Errorf("received %d mails, want each once", n)
	}
}

// TestCodeIsMasked: a mailed code is a secret as a link is.
func TestCodeIsMasked(t *testing.T) {
	t.Parallel()
	w, box := newWorld(t), newMailbox(t)
	d := NewDesk(w.pool, w.outbox, true)
	id := w.queue(Mail{Kind: "sign_in_code", ToAddress: "a@example.org", Subject: "Votre code", Code: "493817",
		Paragraphs: []string{"Saisissez ce code : " + CodeMark + "."}})
	v, err := d.Show(t.Context(), team, id)
	if err != nil || strings.Contains(v.Text, "493817") || !strings.Contains(v.Text, MaskedCode) || !v.Masked {
		t.Errorf("queued: %q, %v; want the code masked", v.Text, err)
	}
	w.start(box.url())
	if s := w.until(id, is(Sent, "completed")); s.SecretLink != "" {
		t.Errorf("sent: %+v, want the code erased", s)
	}
	_, parts := parse(t, box.mails()[0])
	for kind, body := range parts {
		if !strings.Contains(body, "code : 493817.") {
			t.Errorf("%s lacks the code:\n%s", kind, body)
		}
	}
	if err := d.Resend(t.Context(), team, id); problem.KindOf(err) != problem.Conflict {
		t.Errorf("resend a code: %v, want a conflict", err)
	}
}
