package notify

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
)

// Notice is news that may wait: minutes published, a proposal answered, an action
// due. A person gets it at once, or in a digest, as they chose (see Rhythm). What
// calls for an answer by a personal link is a Mail, and never waits.
type Notice struct {
	Person  access.PersonID
	Address string // "" tells nobody: the notice is dropped
	Name    string
	Kind    string // as Mail.Kind
	Subject string
	Text    string // one or a few sentences, plain text
	Action  string // label of the button when it is mailed alone
	Link    string // absolute, not secret
}

// Tell queues each notice by the rhythm of its person, in the transaction: a mail
// now, or a line of the next digest.
func (o *Outbox) Tell(ctx context.Context, tx pgx.Tx, notices []Notice) error {
	mails := make([]Mail, 0, len(notices))
	for _, n := range notices {
		if n.Address != "" {
			mails = append(mails, Mail{Kind: n.Kind, ToAddress: n.Address, ToName: n.Name, Subject: n.Subject, Paragraphs: []string{n.Text}, Action: n.Action, Link: n.Link})
		}
	}
	_, err := o.QueueMany(ctx, tx, mails)
	return err
}
