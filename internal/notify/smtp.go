package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// smtpTimeout bounds a connection to the mail server and each exchange on it.
const smtpTimeout = 20 * time.Second

// server is the mail server of SMTP_URL and what every message carries.
type server struct {
	host     string
	options  []gomail.Option
	from     *mail.Address
	replyTo  *mail.Address // nil for none
	idDomain string        // right part of Message-ID
}

// newServer reads SMTP_URL: smtp:// or smtps://, user and password if any, host,
// port if not the usual one. It never returns the URL in an error: it may hold a
// password.
//
// Encryption: smtps is TLS from the start. smtp with credentials demands STARTTLS
// and a valid certificate. smtp without takes STARTTLS when offered, whatever the
// certificate: one who could forge it could as well hide the offer. On the
// loopback nothing is demanded.
func newServer(smtpURL string, from, replyTo *mail.Address, idDomain string) (*server, error) {
	u, err := url.Parse(smtpURL)
	if err != nil || (u.Scheme != "smtp" && u.Scheme != "smtps") || u.Hostname() == "" {
		return nil, errors.New("SMTP_URL must read smtp://user:password@host:port or smtps://…")
	}
	if from == nil || from.Address == "" {
		return nil, errors.New("mails need the address they come from")
	}
	password, hasPassword := u.User.Password()
	credentials := u.User.Username() != "" && hasPassword
	port := 25
	switch {
	case u.Scheme == "smtps":
		port = 465
	case credentials:
		port = 587
	}
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil || port < 1 || port > 65535 {
			return nil, errors.New("SMTP_URL: the port is not one")
		}
	}
	s := &server{host: u.Hostname(), from: from, replyTo: replyTo, idDomain: idDomain}
	s.options = []gomail.Option{gomail.WithPort(port), gomail.WithTimeout(smtpTimeout), gomail.WithoutNoop()}
	if !strings.ContainsAny(idDomain, "[]:") {
		s.options = append(s.options, gomail.WithHELO(idDomain))
	}
	s.options = append(s.options, encryption(u, credentials)...)
	if credentials {
		s.options = append(s.options, gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	_, err = gomail.NewClient(s.host, s.options...)
	if err != nil {
		return nil, fmt.Errorf("SMTP_URL: %w", err)
	}
	return s, nil
}

func encryption(u *url.URL, credentials bool) []gomail.Option {
	checked := &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
	unchecked := &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12, InsecureSkipVerify: true} // opportunistic, see newServer
	auto := gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover)
	switch local := isLoopback(u.Hostname()); {
	case u.Scheme == "smtps" && credentials:
		return []gomail.Option{gomail.WithSSL(), gomail.WithTLSConfig(checked), auto}
	case u.Scheme == "smtps":
		return []gomail.Option{gomail.WithSSL(), gomail.WithTLSConfig(checked)}
	case credentials && !local:
		return []gomail.Option{gomail.WithTLSPolicy(gomail.TLSMandatory), gomail.WithTLSConfig(checked), auto}
	case credentials:
		return []gomail.Option{gomail.WithTLSPolicy(gomail.TLSOpportunistic), gomail.WithTLSConfig(unchecked),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc)}
	}
	return []gomail.Option{gomail.WithTLSPolicy(gomail.TLSOpportunistic), gomail.WithTLSConfig(unchecked)}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// idDomain is the right part of Message-ID: the host of the portal's address.
func idDomain(baseURL string) string {
	u, err := url.Parse(baseURL)
	if err != nil || u.Hostname() == "" {
		return "localhost"
	}
	if strings.Contains(u.Hostname(), ":") {
		return "[IPv6:" + u.Hostname() + "]"
	}
	return u.Hostname()
}

// message is a mail of the outbox as it is sent.
type message struct {
	ID         string
	ToAddress  string
	ToName     string
	Subject    string
	TextBody   string
	HTMLBody   string `db:"html_body"`
	SecretLink string
	Calendar   string
}

// compose builds the message; its Message-ID is the same at every try.
func (s *server) compose(m message) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(s.from)
	if s.replyTo != nil {
		msg.ReplyToMailAddress(s.replyTo)
	}
	if err := msg.EnvelopeFrom(s.from.Address); err != nil {
		return nil, fmt.Errorf("sender: %w", err)
	}
	msg.ToMailAddress(&mail.Address{Name: m.ToName, Address: m.ToAddress})
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(m.ID + "@" + s.idDomain)
	msg.SetDate()
	msg.SetGenHeader(gomail.Header("Auto-Submitted"), "auto-generated")
	msg.SetGenHeader(gomail.HeaderContentLang, "fr")
	text, htmlPart := withSecret(m.TextBody, m.HTMLBody, m.SecretLink)
	msg.SetBodyString(gomail.TypeTextPlain, text)
	msg.AddAlternativeString(gomail.TypeTextHTML, htmlPart)
	if m.Calendar != "" {
		// An attachment, not an alternative part: clients would take that for an
		// invitation to answer by mail (RFC 6047), which nobody reads.
		err := msg.AttachReader("reunion.ics", strings.NewReader(m.Calendar), gomail.WithFileContentType("text/calendar; charset=utf-8; method=PUBLISH"))
		if err != nil {
			return nil, fmt.Errorf("attach calendar: %w", err)
		}
	}
	return msg, nil
}

// failure is why a mail was not delivered, told twice: for the log, without any
// address or text of others, and for the team.
type failure struct {
	permanent bool
	code      int // answer of the mail server, 0 if it did not answer
	detail    string
}

// Error is the sentence for the log and for river.
func (f *failure) Error() string {
	switch {
	case f.code == 0:
		return "the mail server cannot be reached or asked"
	case f.permanent:
		return fmt.Sprintf("the mail server refused for good (%d)", f.code)
	}
	return fmt.Sprintf("the mail server refused for now (%d)", f.code)
}

// send delivers one mail; nil means that the server took charge of it.
func (s *server) send(ctx context.Context, m message) *failure {
	msg, err := s.compose(m)
	if err != nil {
		return &failure{permanent: true, detail: "Le message n’a pas pu être composé."}
	}
	client, err := gomail.NewClient(s.host, s.options...)
	if err != nil {
		return &failure{detail: "La configuration du serveur de messagerie est fausse."}
	}
	err = client.DialAndSendWithContext(ctx, msg)
	if err == nil || msg.IsDelivered() { // what fails after the answer changes nothing
		return nil
	}
	return explain(err)
}

// explain reads an error of go-mail. Only an answer 5xx about this very message
// (sender, recipient, content) is for good: a refused password or a greeting 554
// is the server's affair, and the operator may mend it.
func explain(err error) *failure {
	f := &failure{detail: short(err.Error())}
	if smtp, ok := errors.AsType[*textproto.Error](err); ok {
		f.code = smtp.Code
	}
	sent, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		return f
	}
	f.code = sent.ErrorCode()
	switch sent.Reason {
	case gomail.ErrSMTPMailFrom, gomail.ErrSMTPRcptTo, gomail.ErrSMTPData, gomail.ErrSMTPDataClose:
		f.permanent = f.code >= 500 && f.code < 600
	}
	return f
}

// short keeps what the team can read of an error.
func short(s string) string {
	s = oneLine(s)
	if r := []rune(s); len(r) > 300 {
		return string(r[:299]) + "…"
	}
	return s
}
