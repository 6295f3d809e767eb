package count

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

var errNotDecided = refuse("Le dépouillement doit d’abord être décidé par deux personnes.")

// Prepare computes the encrypted sum of each box, once two people decided to count, and
// asks the key holders by mail to open them. Doing it again changes nothing.
//
// The archive is verified whole before: a ballot put in by another way than a vote must
// never be part of what key holders open.
func (s *Service) Prepare(ctx context.Context, by access.Actor, id election.ID) error {
	if err := by.Require(by.RunsBodies() || by.Is(access.Scrutineer)); err != nil {
		return err
	}
	c, err := s.load(ctx, s.db, by, id)
	switch {
	case err != nil:
		return err
	case !c.Decided || c.Election.Phase != election.Closed:
		return errNotDecided
	case c.Summed():
		return nil
	}
	boxes := c.Boxes
	sums := make([]election.Sum, len(boxes))
	for i, b := range boxes { // one or two
		if sums[i], err = s.sum(ctx, b); err != nil {
			return err
		}
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error { return s.keepSums(ctx, tx, by, id, sums, c.Holders) })
}

// sum verifies the archive of a closed box and adds up its ballots.
func (s *Service) sum(ctx context.Context, b election.Box) (election.Sum, error) {
	records, err := election.Records(ctx, s.db, b.ID)
	if err != nil {
		return election.Sum{}, err
	}
	report, err := belenios.VerifyRecords(ctx, records)
	if err != nil {
		return election.Sum{}, postgres.Wrap(err, "verify box %d before its count", b.ID)
	}
	return election.Sum{Box: b.ID, Raw: report.Sum().Raw(), CloseHead: b.Head, Tallied: report.Ballots}, nil
}

// keepSums writes the sums with what their boxes hold, and tells the key holders.
func (s *Service) keepSums(ctx context.Context, tx pgx.Tx, by access.Actor, id election.ID, sums []election.Sum, holders []KeyHolder) error {
	e, err := election.Lock(ctx, tx, by, id)
	if err != nil {
		return err
	}
	boxes, raws, heads, tallied := make([]int64, len(sums)), make([][]byte, len(sums)), make([][]byte, len(sums)), make([]int, len(sums))
	for i, v := range sums {
		boxes[i], raws[i], heads[i], tallied[i] = int64(v.Box), v.Raw, v.CloseHead, v.Tallied
	}
	written, err := postgres.Exec(ctx, tx, `
		INSERT INTO box_count (box_id, encrypted, sha256, close_head, tallied, registered, voted, browser, server, desk)
		SELECT x.box, x.raw, sha256(x.raw), x.head, x.tallied, v.registered, v.voted, i.browser, i.server, i.desk
		FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::int[]) AS x (box, raw, head, tallied)
		CROSS JOIN LATERAL (SELECT count(*) AS registered, count(*) FILTER (WHERE voted) AS voted FROM emargement WHERE box_id = x.box) v
		CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE via = 'browser') AS browser, count(*) FILTER (WHERE via = 'server') AS server,
		                           count(*) FILTER (WHERE via = 'desk') AS desk FROM ballot_index WHERE box_id = x.box) i
		ON CONFLICT DO NOTHING`, boxes, raws, heads, tallied)
	if err != nil || written == 0 { // somebody did it meanwhile
		return postgres.Wrap(err, "sums of election %d", id)
	}
	var notices []notify.Notice
	for _, k := range holders {
		notices = append(notices, notify.Notice{Person: k.Person, Address: k.Email, Name: k.Name, Kind: "election_open_sums", Subject: "Dépouillement : ouvrez les sommes avec votre clé",
			Text:   "Le vote « " + e.Title + " » est clos et la somme chiffrée de ses bulletins est prête. Le résultat sera connu quand chaque porteur de clé l’aura ouverte avec la sienne.",
			Action: "Ouvrir les sommes", Link: s.link(id, "/depouillement")})
	}
	return s.outbox.Tell(ctx, tx, notices)
}

// PrepareDue computes the sums that are due, for the chore of the portal.
func (s *Service) PrepareDue(ctx context.Context) error {
	due, err := postgres.Values[election.ID](ctx, s.db, `
		SELECT e.id FROM election e WHERE e.phase = 'closed'
		  AND EXISTS (SELECT FROM election_act a WHERE a.election_id = e.id AND a.act = 'count' AND a.confirmed_at IS NOT NULL)
		  AND NOT EXISTS (SELECT FROM box_count c JOIN ballot_box b ON b.id = c.box_id WHERE b.election_id = e.id) ORDER BY e.id`)
	if err != nil {
		return postgres.Wrap(err, "elections to count")
	}
	for _, id := range due {
		if err := s.Prepare(ctx, access.System("dépouillement"), id); err != nil {
			return err
		}
	}
	return nil
}
