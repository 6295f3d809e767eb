package ceremony

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// errNoRehearsal answers about a rehearsal that is over, or was given up.
var errNoRehearsal = problem.New(problem.Conflict, "Il n’y a pas de répétition en cours.")

// RehearsalFile returns election.json and the sum of a box of the rehearsal, as the page
// of a key holder reads them.
func (s *Service) RehearsalFile(ctx context.Context, by access.Actor, id election.ID, box election.BoxID) (raw, sum []byte, err error) {
	if !keeper(by) {
		return nil, nil, election.ErrNotFound
	}
	if _, err := election.Load(ctx, s.db, by, id); err != nil {
		return nil, nil, err
	}
	b, err := election.LoadBox(ctx, s.db, id, box)
	if err != nil {
		return nil, nil, err
	}
	if !b.Rehearsal {
		return nil, nil, election.ErrNotFound
	}
	records, err := election.Records(ctx, s.db, box)
	if err != nil {
		return nil, nil, err
	}
	sum, err = sumOf(records)
	return b.Raw, sum, err
}

// sumOf is the encrypted tally of an archive: the record two before its event.
func sumOf(records []belenios.Record) ([]byte, error) {
	for i, r := range records {
		if r.Kind == belenios.EventRecord && bytes.Contains(r.Body, []byte(`"type":"EncryptedTally"`)) && i >= 2 {
			return records[i-2].Body, nil
		}
	}
	return nil, errNoRehearsal
}

// opening is a box of the rehearsal with what is needed to check what opens it.
type opening struct {
	box     Box
	raw     *belenios.Election
	tally   belenios.Tally
	records []belenios.Record
}

func openings(ctx context.Context, q postgres.Querier, v State) ([]opening, error) {
	var out []opening
	for _, b := range v.Rehearsal { // one or two
		o := opening{box: b}
		var err error
		if o.raw, err = belenios.ParseElection(b.Raw); err != nil {
			return nil, fmt.Errorf("rehearsal %d: %w", b.ID, err)
		}
		if o.records, err = election.Records(ctx, q, b.ID); err != nil {
			return nil, err
		}
		sum, err := sumOf(o.records)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(sum, &o.tally); err != nil {
			return nil, fmt.Errorf("sum of rehearsal %d: %w", b.ID, err)
		}
		out = append(out, o)
	}
	return out, nil
}

// Open receives what a key holder gives to open the boxes of the rehearsal, all of them
// at once. The last of the holders ends it: the sums are opened and compared with what
// was put in, the archives verified, then everything of the rehearsal is erased but its
// evidence. done tells that it ended. Fields: ouverture_N, N being the box.
func (s *Service) Open(ctx context.Context, by access.Actor, id election.ID, partials map[election.BoxID]string) (done bool, err error) {
	err = s.act(ctx, by, id, keeper, func(tx pgx.Tx, e election.Election) error {
		v, err := load(ctx, tx, e)
		if err != nil {
			return err
		}
		h, ok := v.Of(by)
		switch {
		case !ok:
			return errNoKeeper
		case len(v.Rehearsal) == 0:
			return errNoRehearsal
		case v.HasOpened(h.Owner):
			return problem.New(problem.Conflict, "Vous avez déjà ouvert les urnes d’essai avec votre clé.")
		}
		all, err := openings(ctx, tx, v)
		if err != nil {
			return err
		}
		if err := receive(ctx, tx, all, h, partials); err != nil {
			return err
		}
		if err := election.Record(ctx, tx, by, "partial", e, nil, map[string]any{"clé": h.Owner, "urne": "répétition"}); err != nil {
			return err
		}
		if done = len(v.Unopened()) == 1; !done {
			return nil
		}
		return finishRehearsal(ctx, tx, by, v, all)
	})
	return done && err == nil, err
}

// receive checks and keeps the partial decryptions of a holder.
func receive(ctx context.Context, tx pgx.Tx, all []opening, h Holder, partials map[election.BoxID]string) error {
	t, err := h.Trustee()
	if err != nil {
		return fmt.Errorf("key %d: %w", h.Owner, err)
	}
	boxes, bodies := make([]int64, len(all)), make([][]byte, len(all))
	for i, o := range all {
		field, raw := fmt.Sprintf("ouverture_%d", o.box.ID), strings.TrimSpace(partials[o.box.ID])
		if raw == "" {
			return problem.OnField(field, "Choisissez votre fichier de clé privée, ou collez votre déchiffrement partiel de cette urne.")
		}
		if _, err := o.raw.CheckPartial(o.tally, t, []byte(raw)); err != nil {
			return problem.OnField(field, "Ce déchiffrement partiel n’ouvre pas cette urne avec votre clé : le fichier choisi n’est sans doute pas celui de la clé publique que vous avez déposée.")
		}
		boxes[i], bodies[i] = int64(o.box.ID), []byte(raw)
	}
	_, err = postgres.Exec(ctx, tx, `
		INSERT INTO partial_decryption (box_id, owner, body) SELECT b, $1, p FROM unnest($2::bigint[], $3::bytea[]) AS x (b, p)`, h.Owner, boxes, bodies)
	return postgres.Wrap(err, "partial decryptions of the rehearsal, key %d", h.Owner)
}

// finishRehearsal opens the sums with all keys.
func finishRehearsal(ctx context.Context, tx pgx.Tx, by access.Actor, v State, all []opening) error {
	evidence := v.evidence()
	for _, o := range all {
		counts, head, err := o.count(ctx, tx, v)
		if err != nil {
			return err
		}
		want := put(o.raw.Questions)
		if !reflect.DeepEqual(counts, want) {
			return fmt.Errorf("rehearsal of box %s: put %v, found %v", o.box.Name, want, counts)
		}
		evidence.Boxes = append(evidence.Boxes, BoxEvidence{Name: o.box.Name, UUID: o.box.UUID, Fingerprint: o.raw.Fingerprint(), Head: head,
			Ballots: rehearsalBallots, Put: want, Found: counts})
	}
	if err := record(ctx, tx, by, v.Election, StepRehearsal, evidence.text()); err != nil {
		return err
	}
	return dropBoxes(ctx, tx, v.Election)
}

// count opens one box of the rehearsal and verifies its whole archive.
func (o opening) count(ctx context.Context, tx pgx.Tx, v State) ([][]int, string, error) {
	bodies, err := postgres.Values[[]byte](ctx, tx, `SELECT body FROM partial_decryption WHERE box_id = $1 ORDER BY owner`, o.box.ID)
	if err != nil {
		return nil, "", postgres.Wrap(err, "partial decryptions of box %d", o.box.ID)
	}
	if len(bodies) != len(v.Holders) {
		return nil, "", fmt.Errorf("box %d has %d partial decryptions for %d keys", o.box.ID, len(bodies), len(v.Holders))
	}
	chain := election.ChainOf(o.box.Box)
	records := o.records
	var partials []*belenios.Partial
	for i, raw := range bodies {
		t, err := v.Holders[i].Trustee()
		if err != nil {
			return nil, "", err
		}
		p, err := o.raw.CheckPartial(o.tally, t, raw)
		if err != nil {
			return nil, "", fmt.Errorf("partial decryption %d of box %d: %w", i+1, o.box.ID, err)
		}
		partials = append(partials, p)
		records = append(records, chain.PartialDecryption(i+1, raw)...)
	}
	counts, err := o.raw.Result(o.tally, partials, rehearsalBallots)
	if err != nil {
		return nil, "", fmt.Errorf("result of rehearsal %d: %w", o.box.ID, err)
	}
	records = append(records, chain.Result(counts)...)
	if _, err := belenios.VerifyRecords(ctx, records); err != nil {
		return nil, "", fmt.Errorf("archive of rehearsal %d: %w", o.box.ID, err)
	}
	return counts, hex.EncodeToString(chain.Head[:]), nil
}

// evidence begins that of a step, with the keys as they are.
func (v State) evidence() Evidence {
	var e Evidence
	for _, h := range v.Holders {
		e.Keys = append(e.Keys, h.Fingerprint())
	}
	return e
}
