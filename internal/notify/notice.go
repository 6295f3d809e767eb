package notify

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Notice is news that may wait: minutes published, a proposal answered, an action
// due. A person gets it at once, or in a digest, as they chose (see Rhythm). What
// calls for an answer by a personal link is a Mail, and never waits.
type Notice struct {
	Person  access.PersonID // 0: somebody without an account, told at once
	Address string          // "" tells nobody: the notice is dropped
	Name    string
	Kind    string // as Mail.Kind
	Subject string
	Text    string // one or a few sentences, plain text
	Action  string // label of the button when it is mailed alone
	Link    string // absolute, not secret
}

func (n Notice) mail() Mail {
	return Mail{Kind: n.Kind, ToAddress: n.Address, ToName: n.Name, Subject: n.Subject, Paragraphs: []string{n.Text}, Action: n.Action, Link: n.Link}
}

// Tell queues each notice by the rhythm of its person, in the transaction: a mail
// now, or a line of the next digest. Four statements at most, whatever the number
// of notices.
func (o *Outbox) Tell(ctx context.Context, tx pgx.Tx, notices []Notice) error {
	waits, err := waiting(ctx, tx, notices)
	if err != nil {
		return err
	}
	var mails []Mail
	var later []Notice
	for _, n := range notices {
		switch {
		case n.Address == "":
		case waits[n.Person]:
			later = append(later, n)
		default:
			mails = append(mails, n.mail())
		}
	}
	if _, err := o.QueueMany(ctx, tx, mails); err != nil {
		return err
	}
	return keep(ctx, tx, later)
}

// waiting tells who, of the people of the notices, reads a digest.
func waiting(ctx context.Context, q postgres.Querier, notices []Notice) (map[access.PersonID]bool, error) {
	people := make([]int64, 0, len(notices))
	for _, n := range notices {
		if n.Person != 0 {
			people = append(people, int64(n.Person))
		}
	}
	if len(people) == 0 {
		return nil, nil
	}
	later, err := postgres.Values[access.PersonID](ctx, q, `SELECT person_id FROM mail_rhythm WHERE person_id = ANY ($1) AND rhythm <> 'each'`, people)
	waits := map[access.PersonID]bool{}
	for _, p := range later {
		waits[p] = true
	}
	return waits, postgres.Wrap(err, "read rhythms of mails")
}

// keep writes the lines of the next digests.
func keep(ctx context.Context, tx pgx.Tx, notices []Notice) error {
	if len(notices) == 0 {
		return nil
	}
	n := len(notices)
	people, kind, subject, text, link := make([]int64, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i, v := range notices {
		people[i], kind[i], subject[i], text[i], link[i] = int64(v.Person), v.Kind, oneLine(v.Subject), plain(v.Text), v.Link
		m := v.mail()
		m.Subject = subject[i]
		if err := m.check(); err != nil { // now, with the act, and not when the digest leaves
			return fmt.Errorf("keep notice %s: %w", v.Kind, err)
		}
	}
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO digest_item (person_id, kind, subject, text, link)
		SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[])`, people, kind, subject, text, link)
	return postgres.Wrap(err, "keep notices for a digest")
}
