package notify

import (
	"errors"
	"fmt"
	"net/mail"
	"net/textproto"
	"strings"
	"testing"
)

func TestServerURL(t *testing.T) {
	t.Parallel()
	from := &mail.Address{Address: "portail@example.org"}
	for url, ok := range map[string]bool{
		"smtp://mail.example.org": true, "smtp://mail.example.org:2525": true, "smtps://u:p@mail.example.org": true,
		"smtp://u:p%40ss@mail.example.org:587": true, "smtp://[::1]:25": true,
		"mail.example.org:25": false, "http://mail.example.org": false, "smtp://": false, "smtp://:25": false,
		"smtp://u:hunter2@mail.example.org:99999": false, "smtp://u:hunter2@mail.example.org:x": false,
	} {
		_, err := newServer(url, from, nil, "example.org")
		if (err == nil) != ok {
			t.Errorf("SMTP_URL=%s: %v, want accepted %v", url, err, ok)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("SMTP_URL=%s: the error tells the password: %v", url, err)
		}
	}
	if _, err := newServer("smtp://mail.example.org", nil, nil, "example.org"); err == nil {
		t.Error("no sender: accepted")
	}
}

// TestSignsIn tries credentials on the loopback: right ones, and wrong ones, which
// are the operator's to mend and so fail no mail for good.
func TestSignsIn(t *testing.T) {
	t.Parallel()
	box := newMailbox(t)
	m := message{ID: newID(), ToAddress: "a@example.org", Subject: "Objet", TextBody: "t", HTMLBody: "h"}
	try := func(password string) *failure {
		s, err := newServer(fmt.Sprintf("smtp://portail:%s@%s", password, box.addr), &mail.Address{Address: "p@example.org"}, nil, "example.org")
		if err != nil {
			t.Fatal(err)
		}
		return s.send(t.Context(), m)
	}
	if f := try("juste"); f != nil {
		t.Errorf("right password: %v (%s)", f, f.detail)
	}
	if f := try("faux"); f == nil || f.permanent || strings.Contains(f.detail, "faux") {
		t.Errorf("wrong password: %+v, want a failure for now, without the password", f)
	}
	if fmt.Sprint(box.users) != "[portail]" || len(box.mails()) != 1 {
		t.Errorf("signed in %v, %d mails; want portail, 1", box.users, len(box.mails()))
	}
}

// TestCredentialsNeedEncryption: off the loopback a password never leaves in clear.
func TestCredentialsNeedEncryption(t *testing.T) {
	t.Parallel()
	box := newMailbox(t) // offers no STARTTLS
	s, err := newServer("smtp://portail:juste@"+box.addr, &mail.Address{Address: "p@example.org"}, nil, "example.org")
	if err != nil {
		t.Fatal(err)
	}
	far, err := newServer("smtp://portail:juste@mail.example.org:"+box.addr[strings.LastIndex(box.addr, ":")+1:],
		&mail.Address{Address: "p@example.org"}, nil, "example.org")
	if err != nil {
		t.Fatal(err)
	}
	s.options = far.options // as for a far host, though it is here
	f := s.send(t.Context(), message{ID: newID(), ToAddress: "a@example.org", Subject: "Objet"})
	if f == nil || f.permanent || len(box.users) != 0 {
		t.Errorf("password over a clear connection: %+v, signed in %v; want a failure", f, box.users)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	f := explain(fmt.Errorf("dial: %w", &textproto.Error{Code: 554, Msg: "no"}))
	if f.permanent || f.code != 554 {
		t.Errorf("a server that greets with 554: %+v, want for now", f)
	}
	f = explain(errors.New(strings.Repeat("é", 500) + "\r\n"))
	if n := len([]rune(f.detail)); n != 300 || f.Error() == "" {
		t.Errorf("a long error keeps %d characters, want 300", n)
	}
}

func TestIDDomain(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://portail.example.org/x": "portail.example.org", "http://127.0.0.1:8080": "127.0.0.1",
		"http://[::1]:8080": "[IPv6:::1]", "": "localhost", ":": "localhost",
	} {
		if got := idDomain(url); got != want {
			t.Errorf("idDomain(%q) = %q, want %q", url, got, want)
		}
	}
}
