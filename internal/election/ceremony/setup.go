package ceremony

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// MaySetUp says what is missing before the boxes are set up; nil: nothing.
func (v State) MaySetUp() error {
	switch {
	case v.Election.Phase != election.Sealed:
		return errNotSealed
	case v.IsSetUp():
		return errSetUp
	case len(v.Boxes) == 0:
		return problem.New(problem.Conflict, "Cette élection n’a pas d’urne.")
	case !v.HasKeys():
		return problem.New(problem.Conflict, "Il manque des clés.")
	case v.Authority == nil || len(v.Codeless()) > 0:
		return problem.New(problem.Conflict, "Il manque des codes.")
	case len(v.Rehearsal) > 0:
		return errRehearsing
	case !v.Done(StepRehearsal):
		return problem.New(problem.Conflict, "La répétition n’a pas été menée à bout avec les clés déposées.")
	}
	return nil
}

// SetUp makes the boxes final: candidates, keys and codes enter the first event of each
// archive, which our verifier then reads whole. It is not taken back.
func (s *Service) SetUp(ctx context.Context, by access.Actor, id election.ID, p Program) (Evidence, error) {
	var evidence Evidence
	err := s.act(ctx, by, id, team, func(tx pgx.Tx, e election.Election) error {
		v, err := load(ctx, tx, e)
		if err != nil {
			return err
		}
		if err := v.MaySetUp(); err != nil {
			return err
		}
		trustees, err := v.trustees()
		if err != nil {
			return err
		}
		candidates, err := election.Candidates(ctx, tx, id)
		if err != nil {
			return err
		}
		evidence = v.evidence()
		evidence.Program = p
		for _, b := range v.Boxes { // one or two
			x, err := setUp(ctx, tx, e, b, trustees, candidates)
			if err != nil {
				return err
			}
			evidence.Boxes = append(evidence.Boxes, x)
		}
		if err := record(ctx, tx, by, e, StepCodes, codesEvidence(v).text()); err != nil {
			return err
		}
		return record(ctx, tx, by, e, StepSetUp, evidence.text())
	})
	return evidence, err
}

// codesEvidence is what is kept of the codes as they were uploaded.
func codesEvidence(v State) Evidence {
	out := Evidence{Note: v.Authority.Name + ", " + v.Authority.Quality}
	for _, b := range v.Boxes {
		out.Boxes = append(out.Boxes, BoxEvidence{Name: b.Name, UUID: b.UUID, Codes: b.Codes, CodesHash: hex.EncodeToString(b.CodesHash)})
	}
	return out
}

func setUp(ctx context.Context, tx pgx.Tx, e election.Election, b Box, trustees []belenios.Trustee, candidates []election.Candidate) (BoxEvidence, error) {
	x := BoxEvidence{Name: b.Name, UUID: b.UUID}
	questions, err := questionsOf(e, b, candidates)
	if err != nil {
		return x, err
	}
	raw, err := belenios.NewElection(b.UUID, b.Name, "", trustees, questions)
	if err != nil {
		return x, fmt.Errorf("set up box %d: %w", b.ID, err)
	}
	body, err := postgres.Value[[]byte](ctx, tx, `DELETE FROM election_codes WHERE box_id = $1 RETURNING body`, b.ID)
	if err != nil {
		return x, postgres.Wrap(err, "codes of box %d", b.ID)
	}
	codes, err := belenios.ParseCredentials(body)
	switch {
	case err != nil:
		return x, fmt.Errorf("codes of box %d: %w", b.ID, err)
	case len(codes) != b.Voters:
		return x, problem.New(problem.Conflict, "Le nombre de codes n’est pas celui de la liste électorale de l’urne « "+b.Name+" ».")
	}
	if _, err := postgres.Exec(ctx, tx, `INSERT INTO public_credential (box_id, credential) SELECT $1, unnest($2::text[])`, b.ID, codes); err != nil {
		return x, postgres.Wrap(err, "codes of box %d", b.ID)
	}
	if _, err := postgres.Exec(ctx, tx, `UPDATE ballot_box SET election_json = $2, public_credentials = $3, stamp = $4 WHERE id = $1`,
		b.ID, raw.Raw, len(codes), midnight(e)); err != nil {
		return x, postgres.Wrap(err, "set up box %d", b.ID)
	}
	box, err := election.LockBox(ctx, tx, b.ID)
	if err != nil {
		return x, err
	}
	chain := election.ChainOf(box)
	records, err := chain.Setup(raw, trustees, body)
	if err != nil {
		return x, fmt.Errorf("set up box %d: %w", b.ID, err)
	}
	if _, err = election.Append(ctx, tx, box, chain, records, 0); err != nil {
		return x, err
	}
	return look(ctx, tx, b.ID)
}

// look verifies the archive of a box as the database keeps it, and says what it holds.
func look(ctx context.Context, tx pgx.Tx, id election.BoxID) (BoxEvidence, error) {
	b, err := election.LockBox(ctx, tx, id)
	if err != nil {
		return BoxEvidence{}, err
	}
	x := BoxEvidence{Name: b.Name, UUID: b.UUID, Head: hex.EncodeToString(b.Head), Height: b.NextHeight - 1, Codes: b.Codes, Ballots: b.Ballots}
	records, err := election.Records(ctx, tx, id)
	if err != nil {
		return x, err
	}
	report, err := belenios.VerifyRecords(ctx, records)
	if err != nil {
		return x, fmt.Errorf("archive of box %d: %w", id, err)
	}
	x.Fingerprint, x.SetUp = report.Fingerprint, hex.EncodeToString(report.Setup[:])
	last := report.Heads[len(report.Heads)-1]
	if report.Ballots != b.Ballots || report.Credentials != b.Codes || hex.EncodeToString(last[:]) != x.Head {
		return x, fmt.Errorf("box %d is not its archive", id)
	}
	return x, nil
}

// ShowEmpty looks into each box before the key holders, and records what it saw: no
// ballot, nobody on the list of who voted, the head that every later one follows.
func (s *Service) ShowEmpty(ctx context.Context, by access.Actor, id election.ID) error {
	return s.act(ctx, by, id, team, func(tx pgx.Tx, e election.Election) error {
		v, err := load(ctx, tx, e)
		if err != nil {
			return err
		}
		if !v.IsSetUp() {
			return errNotSetUp
		}
		evidence := v.evidence()
		for _, b := range v.Boxes {
			x, err := lookEmpty(ctx, tx, b)
			if err != nil {
				return err
			}
			evidence.Boxes = append(evidence.Boxes, x)
		}
		if err := record(ctx, tx, by, e, StepEmpty, evidence.text()); err != nil {
			return err
		}
		return s.tell(ctx, tx, e, "Constatez que l’urne est vide", "Les urnes de « "+e.Title+" » sont prêtes et vides. Relevez leurs empreintes, puis dites que vous l’avez constaté.", "Constater")
	})
}

func lookEmpty(ctx context.Context, tx pgx.Tx, b Box) (BoxEvidence, error) {
	x, err := look(ctx, tx, b.ID)
	if err != nil {
		return x, err
	}
	voted, err := postgres.Value[int](ctx, tx, `SELECT count(*) FROM emargement WHERE box_id = $1 AND voted`, b.ID)
	switch {
	case err != nil:
		return x, postgres.Wrap(err, "list of who voted of box %d", b.ID)
	case voted != 0 || x.Ballots != 0 || x.Height != 0:
		return x, problem.New(problem.Conflict, "L’urne « "+b.Name+" » n’est pas vide.")
	}
	return x, nil
}

// SeenEmpty sums up what was shown of the empty boxes, so that a signature is for what
// the page showed.
func (v State) SeenEmpty() string {
	s := ""
	for _, b := range v.Boxes {
		s += hex.EncodeToString(b.Head)[:min(16, 2*len(b.Head))]
	}
	return s
}

// Sign records that a key holder saw the boxes empty, with the fingerprints that the page
// showed.
func (s *Service) Sign(ctx context.Context, by access.Actor, id election.ID, seen string) error {
	return s.act(ctx, by, id, keeper, func(tx pgx.Tx, e election.Election) error {
		v, err := load(ctx, tx, e)
		if err != nil {
			return err
		}
		h, ok := v.Of(by)
		switch {
		case !ok:
			return errNoKeeper
		case !v.Done(StepEmpty):
			return problem.New(problem.Conflict, "L’équipe n’a pas encore montré l’urne vide.")
		case v.SeenEmpty() != seen:
			return election.ErrStale
		case v.Done(signature(h.Owner)):
			return problem.New(problem.Conflict, "Vous avez déjà signé ce constat.")
		}
		return record(ctx, tx, by, e, signature(h.Owner), v.Steps[StepEmpty].Evidence)
	})
}

// MayFinish says what is missing before the boxes are sealed; nil: nothing.
func (v State) MayFinish() error {
	switch {
	case v.Election.Phase != election.Sealed:
		return errNotSealed
	case !v.IsSetUp():
		return errNotSetUp
	case !v.Done(StepEmpty):
		return problem.New(problem.Conflict, "L’urne n’a pas encore été montrée vide.")
	case len(v.Unsigned()) > 0:
		return problem.New(problem.Conflict, "Il manque le constat de "+names(v.Unsigned())+".")
	}
	return nil
}

// Finish ends the ceremony: the boxes are looked into once more, and the election can be
// opened by two people.
func (s *Service) Finish(ctx context.Context, by access.Actor, id election.ID) error {
	return s.act(ctx, by, id, team, func(tx pgx.Tx, e election.Election) error {
		v, err := load(ctx, tx, e)
		if err != nil {
			return err
		}
		if err := v.MayFinish(); err != nil {
			return err
		}
		evidence := v.evidence()
		for _, b := range v.Boxes {
			x, err := lookEmpty(ctx, tx, b)
			if err != nil {
				return err
			}
			evidence.Boxes = append(evidence.Boxes, x)
		}
		if err := record(ctx, tx, by, e, StepReady, evidence.text()); err != nil {
			return err
		}
		return election.SetPhase(ctx, tx, by, e, election.Ready)
	})
}
