// Package notify sends mail. A mail is a row of the outbox, written with its job
// in the transaction of the act that causes it: an act that rolls back sends
// nothing, and a mail queued is sent or seen to have failed.
//
// Outbox queues; the worker of NewClient sends; Desk shows the outbox to the
// team. Nothing here writes an address or a body to the log.
package notify

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/mail"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// What stands in a body for what only its reader may know.
const (
	LinkMark = "{{lien}}" // where the personal link goes
	CodeMark = "{{code}}" // where the one-time code goes; write it in a paragraph
)

// Mail is one message to one person, in plain French.
type Mail struct {
	Kind      string // « invitation »: what the team filters on; see NameKinds
	ToAddress string
	ToName    string
	Subject   string
	// Paragraphs are the body, plain text, one subject each.
	Paragraphs []string
	// News follow the paragraphs in a digest, each with its own link.
	News []News
	// Action labels the one button of the mail; it leads to Link. "" for none.
	Action string
	// Link is an absolute URL. When Secret is set it gives access to an account:
	// it is kept apart from the bodies and erased once the mail is sent.
	Link   string
	Secret bool
	// Code is a one-time code, kept apart and erased as a secret link is: the team
	// that reads the outbox must not read it. A paragraph holds CodeMark for it.
	Code string
	// Why says why the person receives this mail, one sentence. "" for the usual
	// one.
	Why string
	// Reusable says of a Secret link that it works more than once.
	Reusable bool
	// Calendar is the .ics text that goes with the mail (internal/calendar), ""
	// for none.
	Calendar string
}

// News is one piece of news of a digest.
type News struct {
	Title string
	Text  string
	Link  string // absolute, not secret; "" for none
}

// SendArgs is the river job that sends one mail of the outbox.
type SendArgs struct {
	MailID string `json:"mail_id"`
}

// Kind names the job for river.
func (SendArgs) Kind() string { return "send_mail" }

// queueName is the river queue of mails: its workers are counted apart, so that a
// slow mail server holds up no other job.
const queueName = "mail"

// InsertOpts spreads the tries over 24 hours (see retryDelays).
func (SendArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: len(retryDelays) + 1, Queue: queueName}
}

// Outbox queues mails.
type Outbox struct {
	jobs *river.Client[pgx.Tx]
}

// NewOutbox returns an outbox that enqueues its jobs with the client (which may
// be insert-only, see NewInserter).
func NewOutbox(jobs *river.Client[pgx.Tx]) *Outbox { return &Outbox{jobs: jobs} }

// Queue writes the mail and its job in the transaction tx. It refuses an address
// that is not one, a mail without subject, a link that is not absolute. Control
// characters in the subject and the name become spaces: none reaches a header.
func (o *Outbox) Queue(ctx context.Context, tx pgx.Tx, m Mail) error {
	_, err := o.QueueMany(ctx, tx, []Mail{m})
	return err
}

// QueueMany is Queue for many mails, in two statements whatever their number. It
// returns the id of each (mail.id), in order; one bad mail refuses them all.
func (o *Outbox) QueueMany(ctx context.Context, tx pgx.Tx, mails []Mail) ([]string, error) {
	if len(mails) == 0 {
		return nil, nil
	}
	ids := make([]string, len(mails))
	jobs := make([]river.InsertManyParams, len(mails))
	for i := range mails {
		m := &mails[i]
		m.Subject, m.ToName = oneLine(m.Subject), oneLine(m.ToName)
		if err := m.check(); err != nil {
			return nil, fmt.Errorf("queue mail %s: %w", m.Kind, err)
		}
		ids[i] = newID()
		jobs[i] = river.InsertManyParams{Args: SendArgs{MailID: ids[i]}}
	}
	inserted, err := o.jobs.InsertManyTx(ctx, tx, jobs)
	if err != nil {
		return nil, fmt.Errorf("queue jobs of mails: %w", err)
	}
	cols := newColumns(len(mails))
	for i, m := range mails {
		cols.add(m, inserted[i].Job.ID)
	}
	_, err = postgres.Exec(ctx, tx, `
		INSERT INTO mail (id, kind, to_address, to_name, subject, text_body, html_body, secret_link, job_id, calendar)
		SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::text[])`,
		ids, cols.kind, cols.address, cols.name, cols.subject, cols.text, cols.html, cols.secret, cols.job, cols.calendar)
	return ids, postgres.Wrap(err, "queue mails")
}

// columns are the rows of mail, column by column, as unnest takes them.
type columns struct {
	kind, address, name, subject, text, html, secret, calendar []string
	job                                                        []int64
}

func newColumns(n int) *columns {
	c := &columns{job: make([]int64, 0, n)}
	for _, s := range []*[]string{&c.kind, &c.address, &c.name, &c.subject, &c.text, &c.html, &c.secret, &c.calendar} {
		*s = make([]string, 0, n)
	}
	return c
}

func (c *columns) add(m Mail, job int64) {
	text, html := m.render()
	secret := m.Code
	if m.Secret {
		secret = m.Link
	}
	c.kind, c.address, c.name, c.subject = append(c.kind, m.Kind), append(c.address, m.ToAddress), append(c.name, m.ToName), append(c.subject, m.Subject)
	c.text, c.html, c.secret, c.calendar = append(c.text, text), append(c.html, html), append(c.secret, secret), append(c.calendar, m.Calendar)
	c.job = append(c.job, job)
}

// Deliverable tells whether the outbox takes the address: it refuses every mail of a
// sending for one that is none.
func Deliverable(address string) bool {
	a, err := mail.ParseAddress(address)
	return err == nil && a.Address == address && len(address) <= 254 && !strings.ContainsFunc(address, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`<>,"`, r)
	})
}

// check refuses what no mail server could deliver.
func (m Mail) check() error {
	if !Deliverable(m.ToAddress) {
		return fmt.Errorf("the recipient's address is not one")
	}
	switch {
	case m.Kind == "":
		return fmt.Errorf("no kind")
	case m.Subject == "":
		return fmt.Errorf("no subject")
	case m.Link == "" && (m.Action != "" || m.Secret):
		return fmt.Errorf("a button without a link")
	case m.Code != "" && (m.Secret || !strings.Contains(strings.Join(m.Paragraphs, ""), CodeMark)):
		return fmt.Errorf("a code goes with no secret link, and in a paragraph")
	}
	for _, n := range m.News {
		if err := checkLink(n.Link); err != nil {
			return err
		}
	}
	return checkLink(m.Link)
}

// checkLink refuses what is no absolute address; "" is none.
func checkLink(link string) error {
	switch {
	case link != "" && !strings.HasPrefix(link, "https://") && !strings.HasPrefix(link, "http://"):
		return fmt.Errorf("the link is not absolute")
	case strings.ContainsFunc(link, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return fmt.Errorf("the link holds a space")
	}
	return nil
}

// oneLine makes control characters and line separators spaces, and trims.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "")))
}

// newID returns a random UUID (version 4).
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
