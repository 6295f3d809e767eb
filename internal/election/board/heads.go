package board

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

var _ = notify.NameKinds(map[string]string{"election.head": "Empreinte de l’urne"})

// PublishHeads publishes the head of each box in use that grew since it was last
// published, and mails it to the key holders: whoever keeps one can tell later that
// nothing before it was changed or taken away. It is a chore of every hour; done twice
// within the hour it does nothing more. It returns how many heads it published.
func (s *Service) PublishHeads(ctx context.Context) (int, error) {
	type published struct {
		Box      election.BoxID `db:"box_id"`
		Election election.ID    `db:"election_id"`
		Title    string
		Name     string
		Height   int
		Head     []byte
		Ballots  int
	}
	n := 0
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		// The lock waits for a ballot that is entering, since a head is that of a whole box,
		// and for another portal that publishes. Boxes are taken in the order of those that
		// close them (election.EndBallots).
		if _, err := postgres.Exec(ctx, tx, `SELECT id FROM ballot_box WHERE NOT rehearsal AND next_height > 0 ORDER BY election_id, college, id FOR UPDATE`); err != nil {
			return postgres.Wrap(err, "wait for ballots")
		}
		list, err := postgres.List[published](ctx, tx, `
			WITH new AS (
				INSERT INTO head_publication (box_id, published_at, height, head, ballots)
				SELECT b.id, clock_timestamp(), b.next_height - 1, b.head, b.ballots
				FROM ballot_box b JOIN election e ON e.id = b.election_id
				LEFT JOIN LATERAL (SELECT published_at, height FROM head_publication h WHERE h.box_id = b.id ORDER BY published_at DESC LIMIT 1) p ON true
				WHERE NOT b.rehearsal AND b.next_height > 0 AND e.phase IN ('ready', 'open', 'closed', 'counted', 'proclaimed')
				  AND (p.height IS NULL OR p.height < b.next_height - 1 AND (e.phase <> 'open' OR p.published_at <= clock_timestamp() - interval '50 minutes'))
				RETURNING box_id, height, head, ballots)
			SELECT new.*, b.election_id, b.name, e.title FROM new JOIN ballot_box b ON b.id = new.box_id JOIN election e ON e.id = b.election_id ORDER BY new.box_id`)
		if err != nil {
			return postgres.Wrap(err, "publish heads")
		}
		n = len(list)
		var mails []notify.Mail
		for _, p := range list { // two a vote
			holders, err := s.holders(ctx, tx, p.Election)
			if err != nil {
				return err
			}
			for _, h := range holders {
				mails = append(mails, notify.Mail{Kind: "election.head", ToAddress: h.Address, ToName: h.Name, Subject: "Empreinte de l’urne : " + p.Name,
					Paragraphs: []string{"Conservez ce message : il permet de prouver plus tard que rien n’a été retiré de l’urne ni changé.",
						fmt.Sprintf("Urne : %s. Événement n° %d, %d bulletins.", p.Name, p.Height, p.Ballots), fmt.Sprintf("Empreinte : %x", p.Head)},
					Action: "Voir l’urne", Link: fmt.Sprintf("%s/elections/%d/urne", s.baseURL, p.Election)})
			}
		}
		_, err = s.outbox.QueueMany(ctx, tx, mails)
		return err
	})
	return n, err
}

type holder struct{ Name, Address string }

func (s *Service) holders(ctx context.Context, tx pgx.Tx, id election.ID) ([]holder, error) {
	list, err := postgres.List[holder](ctx, tx, `
		SELECT p.first_name || ' ' || p.last_name AS name, p.email AS address
		FROM election_trustee t JOIN person p ON p.id = t.person_id WHERE t.election_id = $1 AND p.email IS NOT NULL ORDER BY t.owner`, id)
	return list, postgres.Wrap(err, "key holders of election %d", id)
}
