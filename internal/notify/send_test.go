package notify

import (
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// parse reads a received message and its parts by content type.
func parse(t *testing.T, r received) (*mail.Message, map[string]string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(r.Data))
	if err != nil {
		t.Fatalf("read message: %v\n%s", err, r.Data)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %q: %v; want multipart/alternative", kind, err)
	}
	parts := map[string]string{}
	order := []string{}
	for reader := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := reader.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if enc := p.Header.Get("Content-Transfer-Encoding"); enc != "quoted-printable" {
			t.Errorf("part encoded as %q", enc)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		kind, params, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if err != nil || !strings.EqualFold(params["charset"], "utf-8") {
			t.Errorf("part %s in %q: %v; want UTF-8", kind, params["charset"], err)
		}
		parts[kind] = strings.ReplaceAll(string(body), "\r\n", "\n")
		order = append(order, kind)
	}
	if fmt.Sprint(order) != "[text/plain text/html]" {
		t.Errorf("parts %v, want text then HTML", order)
	}
	return m, parts
}

func TestSend(t *testing.T) {
	t.Parallel()
	w, box := newWorld(t), newMailbox(t)
	w.start(box.url())
	id := w.queue(invitation())
	s := w.until(id, is(Sent, "completed"))
	if s.Attempts != 1 || s.SecretLink != "" || s.LastError != "" {
		t.Errorf("after sending: %+v; want one try and no link", s)
	}
	mails := box.mails()
	if len(mails) != 1 || mails[0].From != "portail@example.org" || mails[0].To != "camille@example.org" {
		t.Fatalf("received %+v, want one from portail to camille", mails)
	}
	m, parts := parse(t, mails[0])
	dec := new(mime.WordDecoder)
	subject, err := dec.DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != invitation().Subject {
		t.Errorf("subject %q, %v; want %q", subject, err, invitation().Subject)
	}
	to, err := mail.ParseAddress(m.Header.Get("To"))
	if err != nil || to.Name != "Camille Œuvrard" || to.Address != "camille@example.org" {
		t.Errorf("To %v, %v", to, err)
	}
	from, err := mail.ParseAddress(m.Header.Get("From"))
	if err != nil || from.Name != "Inclusion numérique" {
		t.Errorf("From %v, %v", from, err)
	}
	if when, err := m.Header.Date(); err != nil || time.Since(when).Abs() > time.Minute {
		t.Errorf("Date %v, %v", when, err)
	}
	for header, want := range map[string]string{
		"Message-Id": "<" + id + "@portail.example.org>", "Auto-Submitted": "auto-generated",
		"Reply-To": "<equipe@example.org>", "Mime-Version": "1.0", "X-Mailer": "", "User-Agent": "", "Bcc": "",
	} {
		if got := m.Header.Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	if !strings.Contains(parts["text/plain"], "\n"+invitation().Link+"\n") ||
		!strings.Contains(parts["text/html"], "SECRET?a=1&amp;b=2\"") || strings.Contains(mails[0].Data, LinkMark) {
		t.Errorf("the link is not in both parts:\n%s", mails[0].Data)
	}
	for _, secret := range []string{"camille@", "SECRET", "bienvenue", "voilà"} {
		if strings.Contains(w.logged(), secret) {
			t.Errorf("the log tells %q:\n%s", secret, w.logged())
		}
	}
}

func TestTemporaryThenSent(t *testing.T) {
	t.Parallel()
	w, box := newWorld(t), newMailbox(t)
	box.answer = func(_ string, n int) error {
		if n == 1 {
			return refusal(451, "camille@example.org: revenez plus tard")
		}
		return nil
	}
	w.start(box.url())
	id := w.queue(invitation())
	s := w.until(id, is(Queued, "retryable"))
	if s.Attempts != 1 || !strings.Contains(s.LastError, "revenez plus tard") || s.SecretLink == "" {
		t.Errorf("after a temporary refusal: %+v; want the reason and the link kept", s)
	}
	w.retryNow(id)
	if s := w.until(id, is(Sent, "completed")); s.Attempts != 2 || s.LastError != "" || s.SecretLink != "" {
		t.Errorf("after the second try: %+v", s)
	}
	if mails := box.mails(); len(mails) != 1 || !strings.Contains(mails[0].Data, "<"+id+"@portail.example.org>") {
		t.Errorf("received %d mails, want one with the id", len(mails))
	}
	if strings.Contains(w.logged(), "camille") || strings.Contains(w.logged(), "revenez") {
		t.Errorf("the log tells the server's answer:\n%s", w.logged())
	}
}

func TestPermanentRefusal(t *testing.T) {
	t.Parallel()
	w, box := newWorld(t), newMailbox(t)
	box.answer = func(string, int) error { return refusal(550, "adresse inconnue") }
	w.start(box.url())
	id := w.queue(invitation())
	s := w.until(id, is(Failed, "cancelled"))
	if s.Attempts != 1 || !strings.Contains(s.LastError, "adresse inconnue") || s.SecretLink != "" {
		t.Errorf("after a refusal for good: %+v; want failed at once, reason kept, link erased", s)
	}
}

func TestServerDownThenUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	w.start("smtp://" + addr)
	id := w.queue(invitation())
	if s := w.until(id, is(Queued, "retryable")); s.Attempts != 1 || s.LastError == "" {
		t.Errorf("server down: %+v", s)
	}
	if l, err = net.Listen("tcp", addr); err != nil {
		t.Skipf("somebody took the port: %v", err)
	}
	box := &mailbox{addr: addr}
	box.serve(t, l)
	w.retryNow(id)
	w.until(id, is(Sent, "completed"))
	if n := len(box.mails()); n != 1 {
		t.Errorf("received %d mails, want 1", n)
	}
}

func TestTriesUsedUp(t *testing.T) {
	t.Parallel()
	w, box := newWorld(t), newMailbox(t)
	box.answer = func(string, int) error { return refusal(421, "occupé") }
	w.start(box.url())
	id := w.queue(invitation())
	w.until(id, is(Queued, "retryable"))
	if _, err := w.pool.Exec(t.Context(), `UPDATE river_job SET attempt = max_attempts - 1`); err != nil {
		t.Fatal(err)
	}
	w.retryNow(id)
	if s := w.until(id, is(Failed, "cancelled")); s.SecretLink != "" || s.Attempts != 2 {
		t.Errorf("after the last try: %+v; want failed and the link erased", s)
	}
}

// TestHangUpAfterAccepting: what fails after the server took charge of the mail
// must not send it twice.
func TestHangUpAfterAccepting(t *testing.T) {
	t.Parallel()
	w, box := newWorld(t), newMailbox(t)
	box.hangup = true
	w.start(box.url())
	id := w.queue(invitation())
	w.until(id, is(Sent, "completed"))
	if n := len(box.mails()); n != 1 {
		t.Errorf("received %d mails, want 1", n)
	}
}

func TestNoServerKeeps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start("")
	id := w.queue(invitation())
	if s := w.until(id, is(Kept, "completed")); s.SecretLink != invitation().Link || s.Attempts != 0 {
		t.Errorf("without a server: %+v; want kept with its link", s)
	}
}

func TestRollbackSendsNothing(t *testing.T) {
	t.Parallel()
	w, box := newWorld(t), newMailbox(t)
	w.start(box.url())
	err := postgres.InTx(t.Context(), w.pool, func(tx pgx.Tx) error {
		if err := w.outbox.Queue(t.Context(), tx, invitation()); err != nil {
			return err
		}
		return errUndo
	})
	if err != errUndo {
		t.Fatal(err)
	}
	other := invitation()
	other.Subject = "Après"
	w.until(w.queue(other), is(Sent, "completed"))
	if mails := box.mails(); len(mails) != 1 || !strings.Contains(mails[0].Data, "=C3=A8s") {
		t.Errorf("received %d mails, want only the committed one", len(mails))
	}
}
