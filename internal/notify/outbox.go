// Package notify sends mail. A mail is a row of the outbox, written with its job
// in the transaction of the act that causes it: an act that rolls back sends
// nothing, and a mail queued is sent or seen to have failed.
package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// LinkMark stands in a body where the personal link goes.
const LinkMark = "{{lien}}"

// Mail is one message to one person, in plain French.
type Mail struct {
	Kind      string // « invitation »: what the team filters on
	ToAddress string
	ToName    string
	Subject   string
	// Paragraphs are the body, plain text, one subject each.
	Paragraphs []string
	// Action labels the one button of the mail; it leads to Link. "" for none.
	Action string
	// Link is an absolute URL. When Secret is set it gives access to an account:
	// it is kept apart from the bodies and erased once the mail is sent.
	Link   string
	Secret bool
}

// SendArgs is the river job that sends one mail of the outbox.
type SendArgs struct {
	MailID string `json:"mail_id"`
}

// Kind names the job for river.
func (SendArgs) Kind() string { return "send_mail" }

// InsertOpts spreads the tries over 24 hours (see retryDelay).
func (SendArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: maxAttempts} }

const (
	maxAttempts = 12
	retryFor    = 24 * time.Hour
)

// Outbox queues mails.
type Outbox struct {
	jobs *river.Client[pgx.Tx]
}

// NewOutbox returns an outbox that enqueues its jobs with the client (which may
// be insert-only).
func NewOutbox(jobs *river.Client[pgx.Tx]) *Outbox { return &Outbox{jobs: jobs} }

// Queue writes the mail and its job in the transaction tx.
func (o *Outbox) Queue(ctx context.Context, tx pgx.Tx, m Mail) error {
	text, html, err := m.render()
	if err != nil {
		return fmt.Errorf("render mail %s: %w", m.Kind, err)
	}
	var secret string
	if m.Secret {
		secret = m.Link
	}
	id, err := postgres.Value[string](ctx, tx, `
		INSERT INTO mail (kind, to_address, to_name, subject, text_body, html_body, secret_link)
		VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id::text`,
		m.Kind, m.ToAddress, m.ToName, m.Subject, text, html, secret)
	if err != nil {
		return fmt.Errorf("queue mail %s: %w", m.Kind, err)
	}
	if _, err := o.jobs.InsertTx(ctx, tx, SendArgs{MailID: id}, nil); err != nil {
		return fmt.Errorf("queue job of mail %s: %w", m.Kind, err)
	}
	return nil
}
