package notify

import (
	"context"
	"errors"
	"net/mail"
)

// Direct sends mails one by one to the mail server, by no outbox: what it sends is in no
// database. It is for what must never be in the portal's (the codes of an election).
type Direct struct{ server *server }

// NewDirect reads SMTP_URL as the outbox does.
func NewDirect(smtpURL string, from, replyTo *mail.Address, baseURL string) (*Direct, error) {
	s, err := newServer(smtpURL, from, replyTo, idDomain(baseURL))
	if err != nil {
		return nil, err
	}
	return &Direct{server: s}, nil
}

// Send delivers one mail; nil means that the mail server took charge of it. Its error
// holds neither the address nor the text.
func (d *Direct) Send(ctx context.Context, m Mail) error {
	if m.Secret || m.Code != "" {
		return errors.New("a mail sent directly holds no personal link of the portal")
	}
	m.Subject, m.ToName = oneLine(m.Subject), oneLine(m.ToName)
	if err := m.check(); err != nil {
		return err
	}
	text, html := m.render()
	if f := d.server.send(ctx, message{ID: newID(), ToAddress: m.ToAddress, ToName: m.ToName, Subject: m.Subject, TextBody: text, HTMLBody: html}); f != nil {
		return f
	}
	return nil
}
