package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/election/ceremony"
	"bordeaux-metropole.fr/portal/internal/election/count"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// stageCeremony writes what the ceremony left, and the heads that were published.
func (w *world) stageCeremony(tx pgx.Tx, p *poll) error {
	boxes, err := election.Boxes(w.ctx, tx, p.id, false)
	if err != nil {
		return err
	}
	var codes, empty ceremony.Evidence
	var keys []string
	for _, k := range p.trustees {
		keys = append(keys, k.Fingerprint())
	}
	for _, b := range boxes {
		be, err := belenios.ParseElection(b.Raw)
		if err != nil {
			return err
		}
		setup, err := postgres.Value[[]byte](w.ctx, tx, `SELECT hash FROM board_record WHERE box_id = $1 AND kind = 'event' ORDER BY seq LIMIT 1`, b.ID)
		if err != nil {
			return err
		}
		codes.Boxes = append(codes.Boxes, ceremony.BoxEvidence{Name: b.Name, UUID: b.UUID, Codes: b.Codes})
		empty.Boxes = append(empty.Boxes, ceremony.BoxEvidence{Name: b.Name, UUID: b.UUID, Fingerprint: be.Fingerprint(), SetUp: hex.EncodeToString(setup), Head: hex.EncodeToString(setup), Codes: b.Codes})
	}
	day := p.opens.AddDays(-3)
	for i, step := range []struct {
		name     string
		evidence ceremony.Evidence
	}{
		{ceremony.StepHolders, ceremony.Evidence{Keys: keys}}, {ceremony.StepCodes, codes},
		{ceremony.StepRehearsal, ceremony.Evidence{Note: "Les trois clés ont ouvert les urnes d’essai."}},
		{ceremony.StepSetUp, empty}, {ceremony.StepEmpty, empty}, {"sign-1", empty}, {"sign-2", empty}, {"sign-3", empty}, {ceremony.StepReady, ceremony.Evidence{}},
	} {
		text, err := json.Marshal(step.evidence)
		if err != nil {
			return err
		}
		by := p.keyHolders[max(i-5, 0)%len(p.keyHolders)]
		if _, err := postgres.Exec(w.ctx, tx, `INSERT INTO ceremony_step (election_id, step, done_by, done_at, evidence) VALUES ($1, $2, $3, $4, $5)`,
			p.id, step.name, by, day.At(14, 5*i), string(text)); err != nil {
			return err
		}
	}
	_, err = postgres.Exec(w.ctx, tx, `
		INSERT INTO election_act (election_id, act, proposed_by, proposed_as, proposed_at, confirmed_by, confirmed_as, confirmed_at)
		SELECT $1, 'open', t.id, 'team', $2, $3, 'scrutineer', $2 FROM person t WHERE t.email = 'equipe@example.org'`, p.id, p.opens.At(8, 30), p.keyHolders[0])
	if err != nil {
		return err
	}
	risk, err := json.Marshal(election.Risk{Answers: map[string]string{"voters": "many", "stake": "real", "climate": "calm", "attackers": "medium", "operators": "interested"},
		Level: 2, At: p.opens.AddDays(-40).At(15, 0), By: "Équipe métropolitaine"})
	if err != nil {
		return err
	}
	_, err = postgres.Exec(w.ctx, tx, `UPDATE election SET risk = $2 WHERE id = $1`, p.id, string(risk))
	return err
}

// stageHeads publishes the heads of the days of the vote: at noon, as if ballots had
// come evenly.
func (w *world) stageHeads(tx pgx.Tx, p *poll) error {
	last := p.closes
	if w.today.Before(last) {
		last = w.today.AddDays(-1)
	}
	days := p.opens.DaysUntil(last)
	_, err := postgres.Exec(w.ctx, tx, `
		INSERT INTO head_publication (box_id, published_at, height, head, ballots)
		SELECT b.id, $2::timestamptz + make_interval(days => d), e.height, e.hash, e.height
		FROM ballot_box b CROSS JOIN generate_series(0, $3) d
		JOIN LATERAL (SELECT hash, (row_number() OVER (ORDER BY seq) - 1)::int AS height FROM board_record r WHERE r.box_id = b.id AND kind = 'event') e
			ON e.height = CASE WHEN $3 = 0 THEN b.ballots ELSE b.ballots * d / $3 END
		WHERE b.election_id = $1`, p.id, p.opens.At(12, 0), max(days, 0))
	return err
}

// finish closes, counts and archives an election, in the past.
func (w *world) finish(p *poll) error {
	err := postgres.InTx(w.ctx, w.DB, func(tx pgx.Tx) error {
		e, err := election.Lock(w.ctx, tx, actor, p.id)
		if err != nil {
			return err
		}
		if err := election.EndBallots(w.ctx, tx, actor, e); err != nil {
			return err
		}
		_, err = postgres.Exec(w.ctx, tx, `
			WITH act AS (
				INSERT INTO election_act (election_id, act, proposed_by, proposed_as, proposed_at, confirmed_by, confirmed_as, confirmed_at)
				SELECT $1, 'count', t.id, 'team', $2, $3, 'scrutineer', $2 FROM person t WHERE t.email = 'equipe@example.org')
			INSERT INTO election_incident (election_id, at, text)
			VALUES ($1, $4, 'Portail indisponible pendant quatre minutes, le temps d’un redémarrage. Aucun bulletin n’a été perdu : l’empreinte de l’urne est la même avant et après.')`,
			p.id, p.closes.At(12, 10), p.keyHolders[0], p.opens.AddDays(2).At(10, 42))
		return err
	})
	if err != nil {
		return err
	}
	if err := w.Count.Prepare(w.ctx, actor, p.id); err != nil {
		return err
	}
	if err := w.openSums(p); err != nil {
		return err
	}
	return postgres.InTx(w.ctx, w.DB, func(tx pgx.Tx) error { return w.conclude(tx, p) })
}

// openSums has each key holder open the sums.
func (w *world) openSums(p *poll) error {
	boxes, err := election.Boxes(w.ctx, w.DB, p.id, false)
	if err != nil {
		return err
	}
	for i, person := range p.keyHolders {
		raws := map[election.BoxID][]byte{}
		for _, b := range boxes {
			be, err := belenios.ParseElection(b.Raw)
			if err != nil {
				return err
			}
			sum, err := election.SumOf(w.ctx, w.DB, b.ID)
			if err != nil {
				return err
			}
			tally, err := be.ParseTally(sum.Raw)
			if err != nil {
				return err
			}
			if raws[b.ID], err = be.Decrypt(tally, p.privateKeys[i]); err != nil {
				return err
			}
		}
		holder := actor
		holder.Person, holder.Acting = person, access.Capacity{Role: access.Scrutineer}
		if _, err := w.Count.Open(w.ctx, holder, p.id, raws); err != nil {
			return fmt.Errorf("key %d: %w", i+1, err)
		}
	}
	return nil
}

// conclude puts the acts of the end on their days, writes the procès-verbal of that day
// and ties the elected to the seats that representatives hold.
func (w *world) conclude(tx pgx.Tx, p *poll) error {
	_, err := postgres.Exec(w.ctx, tx, `UPDATE election SET closed_at = closes_at, counted_at = $2 WHERE id = $1`, p.id, p.closes.At(14, 30))
	if err != nil {
		return err
	}
	text, err := w.pastPV(tx, p)
	if err != nil {
		return err
	}
	hash := sha256.Sum256([]byte(text))
	_, err = postgres.Exec(w.ctx, tx, `
		WITH pv AS (
			INSERT INTO election_pv (election_id, version, content, sha256, made_at) VALUES ($1, 1, $2, $3, $4) RETURNING version
		), signed AS (
			INSERT INTO election_signature (election_id, version, person_id, quality, signed_at)
			SELECT $1, pv.version, t.person_id, t.quality, $4::timestamptz + make_interval(mins => 5 * t.owner) FROM pv, election_trustee t WHERE t.election_id = $1
		), seated AS (
			UPDATE candidacy_result r SET seat_id = s.id
			FROM candidacy c JOIN candidacy_result x ON x.candidacy_id = c.id JOIN mandate m ON m.reference = '' AND m.person_id = (
				SELECT n.person_id FROM seat o JOIN mandate n ON n.seat_id = o.id AND n.kind = 'titular' WHERE o.organisation_id = c.structure_id AND o.kind = 'structure' ORDER BY n.id LIMIT 1)
			JOIN seat s ON s.id = m.seat_id AND s.kind = 'gni_representative'
			WHERE r.candidacy_id = c.id AND c.election_id = $1 AND x.elected
		)
		UPDATE election SET phase = 'archived', proclaimed_at = $5, contest_until = $6, archived_at = $6 WHERE id = $1`,
		p.id, text, hash[:], p.closes.At(15, 0), p.closes.At(18, 0), p.closes.AddDays(5).At(18, 0))
	return err
}

// pastPV is the procès-verbal as it would have been written that day.
func (w *world) pastPV(tx pgx.Tx, p *poll) (string, error) {
	var text string
	undone := errors.New("read, not kept")
	err := pgx.BeginFunc(w.ctx, tx, func(inner pgx.Tx) error {
		version, err := count.New(inner, w.Governance, w.Structures, nil, "").MakePV(w.ctx, actor, p.id, count.Program{})
		if err != nil {
			return err
		}
		text, err = postgres.Value[string](w.ctx, inner, `SELECT content FROM election_pv WHERE election_id = $1 AND version = $2`, p.id, version)
		return errors.Join(undone, err)
	})
	if !errors.Is(err, undone) {
		return "", err
	}
	v, err := count.ParsePV(text)
	if err != nil {
		return "", err
	}
	v.MadeAt = p.closes.At(15, 0).UTC()
	return v.Text()
}

// ranks are the candidates, in the order in which they win, whom eight voters choose:
// nobody ties, whatever multiple of eight votes.
var ranks = [8][]int{{0}, {0, 1}, {0, 1, 2}, {0, 1, 2, 3}, {0, 1, 2, 3, 4}, {0, 1, 2, 3, 5}, {0, 1, 2, 4, 6}, {0, 1, 3, 4, 5}}

// choicesOf is what the nth voter chooses: more often those who will be elected, and
// sometimes nobody.
func choicesOf(lines []election.Candidate, n int) []int {
	choices := make([]int, len(lines)+1)
	if n%16 == 15 {
		choices[0] = 1
		return choices
	}
	for i, c := range lines {
		rank := 0 // candidates were written in the order in which they win
		for _, d := range lines {
			if d.ID < c.ID {
				rank++
			}
		}
		for _, r := range ranks[n%8] {
			if r == rank {
				choices[i+1] = 1
			}
		}
	}
	return choices
}
