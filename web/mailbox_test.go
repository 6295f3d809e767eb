package web_test

import (
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-ical"
	"github.com/emersion/go-smtp"

	"bordeaux-metropole.fr/portal/internal/notify"
)

// mailbox is a real SMTP server on loopback: it accepts every mail and keeps it.
type mailbox struct {
	addr string

	mu      sync.Mutex
	letters []letter
}

// letter is a mail as a mail program reads it.
type letter struct {
	To, ID, Subject, Text string
	Calendar              string // the file attached, "" for none
}

// deliverBySMTP sends the mails of the site to a server of its own until the end of
// the test.
func (s *site) deliverBySMTP(t testing.TB) *mailbox {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &mailbox{addr: l.Addr().String()}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &postman{t: t, box: b}, nil }))
	server.Domain, server.ErrorLog = "boite.example.org", quiet{}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	s.deliver(t, func(o *notify.Options) {
		o.SMTPURL, o.From = "smtp://"+b.addr, &mail.Address{Name: "Inclusion numérique", Address: "portail@example.org"}
	})
	return b
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// postman is one connection to the mailbox.
type postman struct {
	t   testing.TB
	box *mailbox
	to  string
}

func (p *postman) Mail(string, *smtp.MailOptions) error { return nil }
func (p *postman) Reset()                               {}
func (p *postman) Logout() error                        { return nil }

func (p *postman) Rcpt(to string, _ *smtp.RcptOptions) error {
	p.to = to
	return nil
}

func (p *postman) Data(r io.Reader) error {
	l, err := readLetter(p.to, r)
	if err != nil {
		p.t.Errorf("a mail to %s cannot be read: %v", p.to, err)
		return &smtp.SMTPError{Code: 554, Message: "illisible"}
	}
	p.box.mu.Lock()
	defer p.box.mu.Unlock()
	p.box.letters = append(p.box.letters, l)
	return nil
}

func readLetter(to string, r io.Reader) (letter, error) {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return letter{}, err
	}
	l := letter{To: to, ID: m.Header.Get("Message-ID")}
	if l.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return letter{}, err
	}
	return l, l.open(m.Header.Get("Content-Type"), m.Body)
}

// open reads a part, and those in it.
func (l *letter) open(contentType string, r io.Reader) error {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return err
	}
	if strings.HasPrefix(kind, "multipart/") {
		for parts := multipart.NewReader(r, params["boundary"]); ; {
			p, err := parts.NextPart() // decodes quoted-printable
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			var body io.Reader = p
			if p.Header.Get("Content-Transfer-Encoding") == "base64" {
				body = base64.NewDecoder(base64.StdEncoding, p)
			}
			if err := l.open(p.Header.Get("Content-Type"), body); err != nil {
				return err
			}
		}
	}
	body, err := io.ReadAll(r)
	switch kind {
	case "text/plain":
		l.Text = string(body)
	case "text/calendar":
		l.Calendar = string(body)
	}
	return err
}

// about returns the letters whose subject holds the words, in order of arrival;
// spaces of typography count as spaces.
func (b *mailbox) about(words string) []letter {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []letter
	for _, l := range b.letters {
		if strings.Contains(plainSpaces(l.Subject), plainSpaces(words)) {
			out = append(out, l)
		}
	}
	return out
}

// wait returns the letters about the words once there are n.
func (b *mailbox) wait(t testing.TB, words string, n int) []letter {
	t.Helper()
	until(t, "the mails « "+words+" » arrive", func() bool { return len(b.about(words)) >= n })
	return b.about(words)
}

// of returns the one letter to an address.
func letterTo(t testing.TB, letters []letter, address string) letter {
	t.Helper()
	var found []letter
	for _, l := range letters {
		if l.To == address {
			found = append(found, l)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d letters to %s among %d, want one", len(found), address, len(letters))
	}
	return found[0]
}

// once fails the test when somebody got two of the letters.
func once(t testing.TB, letters []letter) {
	t.Helper()
	seen := map[string]bool{}
	for _, l := range letters {
		if seen[l.To] {
			t.Errorf("%s received « %s » twice", l.To, l.Subject)
		}
		seen[l.To] = true
	}
}

// says fails the test on words the letter lacks.
func (l letter) says(t testing.TB, words ...string) {
	t.Helper()
	text := plainSpaces(l.Text)
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("the letter « %s » lacks « %s »:\n%s", l.Subject, w, text)
		}
	}
}

var personal = regexp.MustCompile(`/reunions/reponse/[A-Za-z0-9_-]+(/compte-rendu)?`)

// link returns the path of the personal link of the letter.
func (l letter) link(t testing.TB) string {
	t.Helper()
	p := personal.FindString(l.Text)
	if p == "" {
		t.Fatalf("no personal link in « %s »:\n%s", l.Subject, l.Text)
	}
	return p
}

// event returns the one event of the attached file, read by another library than
// the one that wrote it.
func (l letter) event(t testing.TB) ical.Event {
	t.Helper()
	return onlyEvent(t, l.Calendar)
}

func onlyEvent(t testing.TB, file string) ical.Event {
	t.Helper()
	c, err := ical.NewDecoder(strings.NewReader(file)).Decode()
	if err != nil || len(c.Events()) != 1 {
		t.Fatalf("the calendar does not hold one event: %v\n%s", err, file)
	}
	return c.Events()[0]
}

var spaces = regexp.MustCompile(`[\s\x{a0}\x{202f}]+`)

func plainSpaces(s string) string { return spaces.ReplaceAllString(s, " ") }
