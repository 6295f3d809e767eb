package count

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Field is the name of the form field of the partial decryption of a box.
func Field(b election.BoxID) string { return "ouverture_" + strconv.FormatInt(int64(b), 10) }

// Open takes the partial decryptions of one key holder, one for each box, checks them
// and keeps them; the last one of all opens the sums. It says whether it did. A partial
// decryption once taken is never replaced. Fields: those of Field.
func (s *Service) Open(ctx context.Context, by access.Actor, id election.ID, raws map[election.BoxID][]byte) (counted bool, err error) {
	if err := by.Require(by.Is(access.Scrutineer)); err != nil {
		return false, err
	}
	c, err := s.load(ctx, s.db, by, id)
	if err != nil {
		return false, err
	}
	me, err := c.Holder(by)
	if err != nil {
		return false, err
	}
	if err := c.openable(); err != nil {
		return false, err
	}
	clean, err := c.check(me, raws)
	if err != nil {
		return false, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := election.Lock(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if e.Phase != election.Closed {
			return errOpened
		}
		if err := keepPartials(ctx, tx, me.Owner, clean); err != nil {
			return err
		}
		if err := election.Record(ctx, tx, by, "partial", e, nil, map[string]any{"porteur": me.Owner, "urnes": len(clean)}); err != nil {
			return err
		}
		counted, err = s.finish(ctx, tx, by, e, c)
		return err
	})
	return counted, err
}

var errOpened = refuse("Les sommes sont déjà ouvertes : le résultat est connu.")

// Holder is the key holder that the actor is.
func (c Closing) Holder(by access.Actor) (KeyHolder, error) {
	for _, k := range c.Holders {
		if k.Person == by.Person && by.Is(access.Scrutineer) {
			return k, nil
		}
	}
	return KeyHolder{}, election.ErrNotFound
}

func (c Closing) openable() error {
	switch {
	case c.Election.Phase.Reached(election.Counted):
		return errOpened
	case c.Election.Phase != election.Closed:
		return refuse("Le vote n’est pas clos.")
	case !c.Decided:
		return errNotDecided
	case !c.Summed():
		return refuse("La somme chiffrée des bulletins n’est pas encore calculée.")
	}
	return nil
}

// check checks a partial decryption for each box.
func (c Closing) check(me KeyHolder, raws map[election.BoxID][]byte) (map[election.BoxID][]byte, error) {
	trustee, err := me.Trustee()
	if err != nil {
		return nil, postgres.Wrap(err, "key %d", me.Owner)
	}
	out := map[election.BoxID][]byte{}
	for _, b := range c.Boxes {
		raw := belenios.CleanPartial(raws[b.ID])
		if len(raw) == 0 {
			return nil, problem.OnField(Field(b.ID), "Ouvrez la somme de l’urne « "+b.CollegeLabel()+" » avec votre clé.")
		}
		e, tally, err := c.tally(b)
		if err != nil {
			return nil, err
		}
		if _, err := e.CheckPartial(tally, trustee, raw); err != nil {
			return nil, &problem.Error{Kind: problem.Invalid, Field: Field(b.ID), Err: err,
				Message: "Cette ouverture n’est pas celle de votre clé pour l’urne « " + b.CollegeLabel() + " » : choisissez le fichier de la clé dont l’empreinte est celle de la cérémonie."}
		}
		out[b.ID] = raw
	}
	return out, nil
}

func (c Closing) tally(b election.Box) (*belenios.Election, belenios.Tally, error) {
	e, err := belenios.ParseElection(b.Raw)
	if err != nil {
		return nil, nil, fmt.Errorf("election of box %d: %w", b.ID, err)
	}
	t, err := e.ParseTally(c.sum(b.ID).Raw)
	if err != nil {
		return nil, nil, fmt.Errorf("sum of box %d: %w", b.ID, err)
	}
	return e, t, nil
}

// keepPartials writes what a key holder gave. The same given again is well; another is
// refused.
func keepPartials(ctx context.Context, tx pgx.Tx, owner int, raws map[election.BoxID][]byte) error {
	boxes, bodies := []int64{}, [][]byte{}
	for id, raw := range raws {
		boxes, bodies = append(boxes, int64(id)), append(bodies, raw)
	}
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO partial_decryption (box_id, owner, body) SELECT b, $1, r FROM unnest($2::bigint[], $3::bytea[]) AS x (b, r) ON CONFLICT DO NOTHING`, owner, boxes, bodies)
	if err != nil {
		return postgres.Wrap(err, "keep partial decryptions of key %d", owner)
	}
	others, err := postgres.Value[int](ctx, tx, `
		SELECT count(*)::int FROM partial_decryption d JOIN unnest($2::bigint[], $3::bytea[]) AS x (b, r) ON x.b = d.box_id
		WHERE d.owner = $1 AND d.body <> x.r`, owner, boxes, bodies)
	if err == nil && others > 0 {
		return refuse("Vous avez déjà ouvert ces sommes avec votre clé : ce qui a été déposé ne change plus.")
	}
	return postgres.Wrap(err, "compare partial decryptions of key %d", owner)
}

type partial struct {
	Box   election.BoxID `db:"box_id"`
	Owner int            `db:"owner"`
	Body  []byte         `db:"body"`
}

// finish opens the sums when every key holder gave a partial decryption for every box:
// the archive gets its last events, and the result is known, in one transaction.
func (s *Service) finish(ctx context.Context, tx pgx.Tx, by access.Actor, e election.Election, c Closing) (bool, error) {
	list, err := postgres.List[partial](ctx, tx, `
		SELECT d.box_id, d.owner, d.body FROM partial_decryption d JOIN ballot_box b ON b.id = d.box_id
		WHERE b.election_id = $1 AND NOT b.rehearsal ORDER BY d.box_id, d.owner`, e.ID)
	if err != nil {
		return false, postgres.Wrap(err, "partial decryptions of election %d", e.ID)
	}
	if len(list) < len(c.Holders)*len(c.Boxes) {
		return false, nil
	}
	if e.Phase != election.Closed {
		return false, errOpened
	}
	for _, b := range c.Boxes { // one or two
		var mine []partial
		for _, p := range list {
			if p.Box == b.ID {
				mine = append(mine, p)
			}
		}
		counts, err := c.openBox(ctx, tx, b, mine)
		if err != nil {
			return false, err
		}
		c.sum(b.ID).Counts = counts
	}
	if err := s.rankAll(ctx, tx, c); err != nil {
		return false, err
	}
	if err := election.Record(ctx, tx, by, "count", e, nil, map[string]any{"urnes": len(c.Boxes)}); err != nil {
		return false, err
	}
	if err := election.SetPhase(ctx, tx, by, e, election.Counted); err != nil {
		return false, err
	}
	return true, s.tellCounted(ctx, tx, e)
}

// openBox opens the sum of a box, ends its archive and keeps the counts.
func (c Closing) openBox(ctx context.Context, tx pgx.Tx, b election.Box, given []partial) ([][]int, error) {
	e, tally, err := c.tally(b)
	if err != nil {
		return nil, err
	}
	locked, err := election.LockBox(ctx, tx, b.ID)
	if err != nil {
		return nil, err
	}
	sum := c.sum(b.ID)
	chain := election.ChainOf(locked)
	records := chain.EncryptedTally(tally, sum.Tallied)
	var partials []*belenios.Partial
	for i, p := range given {
		if p.Owner != c.Holders[i].Owner {
			return nil, fmt.Errorf("partial decryption of key %d in the place of key %d", p.Owner, c.Holders[i].Owner)
		}
		trustee, err := c.Holders[i].Trustee()
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", p.Owner, err)
		}
		one, err := e.CheckPartial(tally, trustee, p.Body)
		if err != nil {
			return nil, fmt.Errorf("partial decryption of key %d: %w", p.Owner, err)
		}
		partials = append(partials, one)
		records = append(records, chain.PartialDecryption(p.Owner, p.Body)...)
	}
	counts, err := e.Result(tally, partials, sum.Tallied)
	if err != nil {
		return nil, fmt.Errorf("result of box %d: %w", b.ID, err)
	}
	if _, err := election.Append(ctx, tx, locked, chain, append(records, chain.Result(counts)...), 0); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(counts)
	if err != nil {
		return nil, err
	}
	n, err := postgres.Exec(ctx, tx, `UPDATE box_count SET counts = $2 WHERE box_id = $1 AND counts IS NULL`, b.ID, raw)
	if err == nil && n != 1 {
		err = errors.New("its counts are known already")
	}
	return counts, postgres.Wrap(err, "counts of box %d", b.ID)
}

// tellCounted writes to the team, to the chair and to the key holders.
func (s *Service) tellCounted(ctx context.Context, tx pgx.Tx, e election.Election) error {
	type reader struct {
		ID    access.PersonID
		Name  string
		Email string
	}
	list, err := postgres.List[reader](ctx, tx, `
		SELECT p.id, p.first_name || ' ' || p.last_name AS name, p.email FROM person p
		WHERE p.email <> '' AND (EXISTS (SELECT FROM account a JOIN capacity c ON c.account_id = a.id WHERE a.person_id = p.id AND c.role IN ('team', 'chair'))
		   OR EXISTS (SELECT FROM election_trustee t WHERE t.election_id = $1 AND t.person_id = p.id)) ORDER BY p.id`, e.ID)
	if err != nil {
		return postgres.Wrap(err, "readers of the result of election %d", e.ID)
	}
	var notices []notify.Notice
	for _, r := range list {
		notices = append(notices, notify.Notice{Person: r.ID, Address: r.Email, Name: r.Name, Kind: "election_counted", Subject: "Dépouillement terminé : " + e.Title,
			Text:   "Tous les porteurs de clés ont ouvert les sommes : le résultat est connu. Le procès-verbal est à établir et à signer, puis la présidence proclame le résultat.",
			Action: "Voir le résultat", Link: s.link(e.ID, "/resultats")})
	}
	return s.outbox.Tell(ctx, tx, notices)
}

func (s *Service) link(id election.ID, rest string) string {
	return s.baseURL + "/elections/" + strconv.FormatInt(int64(id), 10) + rest
}
