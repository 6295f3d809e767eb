package ceremony

import (
	"context"
	"fmt"
	"reflect"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// rehearsed is a box of the rehearsal before it is written: other uuid, codes made in
// memory and forgotten, a few ballots with known choices, closed and summed.
type rehearsed struct {
	of      Box
	raw     *belenios.Election
	chain   belenios.Chain
	records []belenios.Record
}

// StartRehearsal makes the boxes of the rehearsal, apart, closed and ready to be opened
// by the real key holders: it proves that the file each of them keeps works, before
// anything depends on it. Not possible once the boxes are set up.
func (s *Service) StartRehearsal(ctx context.Context, by access.Actor, id election.ID) error {
	if !team(by) {
		return election.ErrNotFound
	}
	v, err := s.Load(ctx, by, id)
	if err != nil {
		return err
	}
	if err := v.MayRehearse(); err != nil {
		return err
	}
	candidates, err := election.Candidates(ctx, s.db, id)
	if err != nil {
		return err
	}
	var made []rehearsed
	for _, b := range v.Boxes { // one or two; encrypted before the transaction
		r, err := v.rehearse(b, candidates)
		if err != nil {
			return err
		}
		made = append(made, r)
	}
	return s.act(ctx, by, id, team, func(tx pgx.Tx, e election.Election) error {
		now, err := load(ctx, tx, e)
		if err != nil {
			return err
		}
		if err := now.MayRehearse(); err != nil {
			return err
		}
		if !reflect.DeepEqual(now.keyTexts(), v.keyTexts()) {
			return election.ErrStale
		}
		if err := dropRehearsal(ctx, tx, e); err != nil {
			return err
		}
		for _, r := range made {
			if err := r.write(ctx, tx, e); err != nil {
				return err
			}
		}
		if err := election.Record(ctx, tx, by, "ceremony", e, nil, map[string]any{"étape": "répétition commencée"}); err != nil {
			return err
		}
		return s.tell(ctx, tx, e, "Répétition du dépouillement", "Une répétition de « "+e.Title+" » vous attend : ouvrez les urnes d’essai avec votre fichier de clé privée. "+
			"Cela prouve que votre fichier est bon, avant que l’urne véritable en dépende.", "Ouvrir les urnes d’essai")
	})
}

// MayRehearse says why no rehearsal can begin; nil: it can.
func (v State) MayRehearse() error {
	switch {
	case v.Election.Phase != election.Sealed:
		return errNotSealed
	case v.IsSetUp():
		return errSetUp
	case len(v.Rehearsal) > 0:
		return errRehearsing
	case !v.HasKeys():
		return problem.New(problem.Conflict, "Il manque des clés : la répétition les demande toutes.")
	}
	return nil
}

func (v State) keyTexts() []string {
	out := make([]string, len(v.Holders))
	for i, h := range v.Holders {
		out[i] = h.PublicKey
	}
	return out
}

func (v State) trustees() ([]belenios.Trustee, error) {
	var out []belenios.Trustee
	for _, h := range v.Holders {
		t, err := h.Trustee()
		if err != nil {
			return nil, fmt.Errorf("key %d of election %d: %w", h.Owner, v.Election.ID, err)
		}
		out = append(out, t)
	}
	return out, nil
}

// rehearsalBallots is how many ballots a box of the rehearsal holds: the first name, a
// blank ballot, as many names as allowed.
const rehearsalBallots = 3

// choices are those of ballot n of the rehearsal.
func choices(questions []belenios.Question, n int) [][]int {
	var out [][]int
	for _, q := range questions {
		cells := make([]int, q.Cells())
		switch n {
		case 0:
			cells[1] = 1
		case 1:
			cells[0] = 1
		default:
			for i := 1; i <= q.Max; i++ {
				cells[i] = 1
			}
		}
		out = append(out, cells)
	}
	return out
}

// put is what the ballots of the rehearsal add up to.
func put(questions []belenios.Question) [][]int {
	sum := choices(questions, 0)
	for n := 1; n < rehearsalBallots; n++ {
		for i, cells := range choices(questions, n) {
			for j, c := range cells {
				sum[i][j] += c
			}
		}
	}
	return sum
}

func (v State) rehearse(b Box, candidates []election.Candidate) (rehearsed, error) {
	r := rehearsed{of: b}
	trustees, err := v.trustees()
	if err != nil {
		return r, err
	}
	questions, err := questionsOf(v.Election, b, candidates)
	if err != nil {
		return r, err
	}
	if r.raw, err = belenios.NewElection(belenios.NewUUID(), b.Name+" (répétition)", "", trustees, questions); err != nil {
		return r, fmt.Errorf("rehearsal of box %d: %w", b.ID, err)
	}
	codes, public := make([]string, rehearsalBallots), make([]string, rehearsalBallots)
	for i := range codes {
		codes[i] = belenios.NewCode()
		public[i] = belenios.PublicCredential(codes[i], r.raw.UUID)
	}
	if r.records, err = r.chain.Setup(r.raw, trustees, belenios.CredentialsJSON(public)); err != nil {
		return r, fmt.Errorf("rehearsal of box %d: %w", b.ID, err)
	}
	var ballots []*belenios.Ballot
	for i, code := range codes {
		raw, err := r.raw.Encrypt(code, choices(questions, i))
		if err != nil {
			return r, fmt.Errorf("ballot of the rehearsal of box %d: %w", b.ID, err)
		}
		ballot, err := r.raw.CheckBallot(raw)
		if err != nil {
			return r, fmt.Errorf("ballot of the rehearsal of box %d: %w", b.ID, err)
		}
		ballots = append(ballots, ballot)
		r.records = append(r.records, r.chain.Ballot(raw)...)
	}
	r.records = append(r.records, r.chain.EndBallots()...)
	r.records = append(r.records, r.chain.EncryptedTally(r.raw.Tally(ballots), len(ballots))...)
	return r, nil
}

// questionsOf are the questions of a box, each with somebody to choose.
func questionsOf(e election.Election, b Box, candidates []election.Candidate) ([]belenios.Question, error) {
	questions := election.Questions(e, b.Box, candidates)
	for _, q := range questions {
		if len(q.Answers) == 0 {
			return nil, problem.New(problem.Conflict, "Un collège de l’urne « "+b.Name+" » n’a aucune candidature : cette urne ne peut pas être préparée.")
		}
	}
	return questions, nil
}

func (r rehearsed) write(ctx context.Context, tx pgx.Tx, e election.Election) error {
	id, err := postgres.Value[election.BoxID](ctx, tx, `
		INSERT INTO ballot_box (election_id, rehearsal, college, uuid, name, seats, stamp, election_json, public_credentials)
		VALUES ($1, true, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
		e.ID, r.of.College, r.raw.UUID, r.raw.Name, r.of.Seats, midnight(e), r.raw.Raw, rehearsalBallots)
	if err != nil {
		return postgres.Wrap(err, "rehearsal of box %d", r.of.ID)
	}
	b, err := election.LockBox(ctx, tx, id)
	if err != nil {
		return err
	}
	_, err = election.Append(ctx, tx, b, &r.chain, r.records, rehearsalBallots)
	return err
}

// midnight is the beginning of the day, in Paris, of the database clock: the timestamp of
// every record of an archive, which tells of no vote when it came.
func midnight(e election.Election) int64 { return day.In(e.Now).At(0, 0).Unix() }

// AbandonRehearsal erases the rehearsal in course.
func (s *Service) AbandonRehearsal(ctx context.Context, by access.Actor, id election.ID) error {
	return s.act(ctx, by, id, team, func(tx pgx.Tx, e election.Election) error {
		if err := dropBoxes(ctx, tx, e); err != nil {
			return err
		}
		return election.Record(ctx, tx, by, "ceremony", e, nil, map[string]any{"étape": "répétition abandonnée"})
	})
}

// dropRehearsal erases the boxes of the rehearsal and what it proved: it was about other
// keys.
func dropRehearsal(ctx context.Context, tx pgx.Tx, e election.Election) error {
	if err := dropBoxes(ctx, tx, e); err != nil {
		return err
	}
	_, err := postgres.Exec(ctx, tx, `DELETE FROM ceremony_step WHERE election_id = $1 AND step = $2`, e.ID, StepRehearsal)
	return postgres.Wrap(err, "rehearsal of election %d", e.ID)
}

func dropBoxes(ctx context.Context, tx pgx.Tx, e election.Election) error {
	boxes, err := postgres.Values[int64](ctx, tx, `SELECT id FROM ballot_box WHERE election_id = $1 AND rehearsal`, e.ID)
	if err != nil || len(boxes) == 0 {
		return postgres.Wrap(err, "rehearsal of election %d", e.ID)
	}
	if _, err := postgres.Exec(ctx, tx, `DELETE FROM partial_decryption WHERE box_id = ANY ($1)`, boxes); err != nil {
		return postgres.Wrap(err, "erase the rehearsal of election %d", e.ID)
	}
	if _, err := postgres.Exec(ctx, tx, `DELETE FROM board_record WHERE box_id = ANY ($1)`, boxes); err != nil {
		return postgres.Wrap(err, "erase the rehearsal of election %d", e.ID)
	}
	_, err = postgres.Exec(ctx, tx, `DELETE FROM ballot_box WHERE id = ANY ($1) AND rehearsal`, boxes)
	return postgres.Wrap(err, "erase the rehearsal of election %d", e.ID)
}
