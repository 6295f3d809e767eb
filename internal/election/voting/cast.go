package voting

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Via is how a ballot came; the procès-verbal counts each.
type Via string

// The closed set (constraint ballot_index_via_check).
const (
	Browser Via = "browser" // encrypted by the browser of the voter
	Server  Via = "server"  // encrypted by the server when it received the choices
	AtDesk  Via = "desk"    // on the portal's device, at a meeting
)

// MaxBallot is what a ballot may weigh: two questions of 150 names.
const MaxBallot = 700 << 10

// Receipt is what a voter keeps.
type Receipt struct {
	Tracker  string
	College  string  // whose box it is in
	On       day.Day // the day of this answer
	Already  bool    // received by an earlier sending of the same ballot
	Replaced bool    // a later ballot of the same structure counts instead
}

// Cast receives the ballot of the structure the actor acts for. Everything that takes
// time is checked before the transaction, which is that of election.md, §7.3. The same
// bytes sent again give the same receipt. Errors: those of this package.
func (s *Service) Cast(ctx context.Context, by access.Actor, id election.ID, raw []byte, via Via) (Receipt, error) {
	if err := by.Require(by.Is(access.Structure) && by.Acting.Organisation != 0 && (via == Browser || via == Server)); err != nil {
		return Receipt{}, err
	}
	return s.cast(ctx, by, id, by.Acting.Organisation, raw, via)
}

// tries is how many times a ballot is offered to a database that goes away: who
// encrypted on the server cannot send the same bytes again.
const tries = 3

// cast tries again when the answer of the database was lost: the ballot is then there
// already, or not at all.
func (s *Service) cast(ctx context.Context, by access.Actor, id election.ID, structure access.OrganisationID, raw []byte, via Via) (Receipt, error) {
	of := sender{by.Person, structure}
	done, err := s.turns.take(ctx, of)
	if err != nil {
		return Receipt{}, err
	}
	defer done()
	for n := 1; ; n++ {
		r, err := s.castOnce(ctx, id, of, raw, via)
		if err == nil {
			r.Already = r.Already && n == 1 // the sender sees one sending
			return r, nil
		}
		if n == tries || !postgres.IsUnavailable(err) || ctx.Err() != nil {
			return Receipt{}, err
		}
	}
}

func (s *Service) castOnce(ctx context.Context, id election.ID, of sender, raw []byte, via Via) (Receipt, error) {
	tracker := trackerOf(raw)
	ballot, box, out, err := s.before(ctx, id, of, tracker, raw)
	if ballot == nil || err != nil {
		return out, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		b, err := election.LockBox(ctx, tx, box)
		if err != nil {
			return err
		}
		// The clock is read again, under the lock that the closing takes too.
		locked, err := read(ctx, tx, id, of.structure, tracker, ballot.Credential)
		if err != nil {
			return err
		}
		r, done, err := locked.judge(tracker, true)
		if done || err != nil {
			out = r
			return err
		}
		out = locked.receipt(tracker)
		return receive(ctx, tx, b, of.structure, ballot, via)
	})
	if err != nil {
		return Receipt{}, err
	}
	return out, nil
}

// before does what takes time before the transaction. No ballot and no error: it is in
// the box already.
func (s *Service) before(ctx context.Context, id election.ID, of sender, tracker string, raw []byte) (*belenios.Ballot, election.BoxID, Receipt, error) {
	if len(raw) == 0 || len(raw) > MaxBallot {
		return nil, 0, Receipt{}, ErrMalformed
	}
	now, err := read(ctx, s.db, id, of.structure, tracker, credentialOf(raw))
	if err != nil {
		return nil, 0, Receipt{}, err
	}
	r, done, early := now.judge(tracker, false)
	_, voted := errors.AsType[AlreadyVoted](early)
	if done || early != nil && !voted {
		return nil, 0, r, early
	}
	ballot, err := s.check(ctx, of, now, raw)
	switch {
	case voted && err == nil:
		_, _, err = now.judge(tracker, true)
	case voted: // whatever is wrong with a ballot that would not be taken
		err = early
	}
	return ballot, *now.Box, Receipt{}, err
}

// check reads a ballot and looks for its credential on the list of the box.
func (s *Service) check(ctx context.Context, of sender, now state, raw []byte) (*belenios.Ballot, error) {
	e, err := s.electionOf(*now.Box, now.Raw)
	if err != nil {
		return nil, err
	}
	var b *belenios.Ballot
	err = s.work(ctx, of, func() error {
		b, err = e.CheckBallot(raw)
		return err
	})
	if err != nil {
		return nil, refused(err)
	}
	if !now.Listed {
		return nil, ErrCodeUnknown
	}
	return b, nil
}

// receive writes the vote: all the lines of the list of who voted, in one statement,
// so that none stands out; then the ballot.
func receive(ctx context.Context, tx pgx.Tx, box election.Box, structure access.OrganisationID, b *belenios.Ballot, via Via) error {
	n, err := postgres.Exec(ctx, tx, `UPDATE emargement SET voted = voted OR structure_id = $2 WHERE box_id = $1`, box.ID, structure)
	if err != nil || n == 0 {
		return postgres.Wrap(err, "mark votes of box %d", box.ID)
	}
	c := election.ChainOf(box)
	height := c.Next
	if _, err := election.Append(ctx, tx, box, c, c.Ballot(b.Raw), 1); err != nil {
		return err
	}
	_, err = postgres.Exec(ctx, tx, `INSERT INTO ballot_index (box_id, height, credential, tracker, via) VALUES ($1, $2, $3, $4, $5)`,
		box.ID, height, b.Credential, b.Tracker, string(via))
	return postgres.Wrap(err, "index ballot of box %d", box.ID)
}

// state is where an election and its box are for a structure, a ballot and a code.
type state struct {
	Phase   election.Phase
	Revote  string
	Early   bool
	Late    bool
	Today   day.Day
	Box     *election.BoxID // nil: not on the roll of a sealed election
	College *governance.College
	Raw     []byte
	Voted   bool
	Known   bool   // the ballot is in the box
	Listed  bool   // the credential is on the list of the box
	Last    string // tracker of the last ballot of the credential, "" for none
}

// read asks the clock of the database: clock_timestamp(), and not the beginning of the
// transaction, which may have waited for the box.
func read(ctx context.Context, q postgres.Querier, id election.ID, structure access.OrganisationID, tracker, credential string) (state, error) {
	st, err := postgres.One[state](ctx, q, `
		SELECT e.phase, e.rules::jsonb ->> 'revote' AS revote, coalesce(c.at < e.opens_at, true) AS early, coalesce(c.at >= e.closes_at, false) AS late,
		       (c.at AT TIME ZONE 'Europe/Paris')::date AS today, b.id AS box, b.college, b.election_json AS raw, coalesce(m.voted, false) AS voted,
		       EXISTS (SELECT FROM ballot_index i WHERE i.box_id = b.id AND i.tracker = $3) AS known,
		       EXISTS (SELECT FROM public_credential p WHERE p.box_id = b.id AND p.credential = $4) AS listed,
		       coalesce((SELECT i.tracker FROM ballot_index i WHERE i.box_id = b.id AND i.credential = $4 ORDER BY i.height DESC LIMIT 1), '') AS last
		FROM election e CROSS JOIN (SELECT clock_timestamp() AS at) c
		LEFT JOIN (ballot_box b JOIN emargement m ON m.box_id = b.id AND m.structure_id = $2) ON b.election_id = e.id AND NOT b.rehearsal
		WHERE e.id = $1 AND e.phase <> 'draft'`, id, structure, tracker, credential)
	if postgres.IsNoRows(err) {
		return st, election.ErrNotFound
	}
	return st, postgres.Wrap(err, "state of the vote of election %d", id)
}

// judge tells whether a ballot may enter; done is true when it is there already. What
// was received with a code is told to who proved to have it (proved) and to nobody else:
// the list of codes is public, and who asks again and again would learn the minute of
// each vote, between two heads.
func (st state) judge(tracker string, proved bool) (r Receipt, done bool, err error) {
	if st.Voted && st.Known { // before the hours: a receipt is due after the close too
		r = st.receipt(tracker)
		r.Already, r.Replaced = true, st.Last != "" && st.Last != tracker
		return r, true, nil
	}
	switch {
	case st.Phase.Reached(election.Closed) || st.Phase == election.Open && st.Late:
		return r, false, ErrClosed
	case st.Phase != election.Open || st.Early:
		return r, false, ErrNotYet
	case st.Box == nil:
		return r, false, ErrNotOnRoll
	case st.Raw == nil:
		return r, false, ErrNoBox
	case st.Voted && st.Revote != "last" && !proved:
		return r, false, AlreadyVoted{}
	case st.Voted && st.Revote != "last":
		return r, false, AlreadyVoted{Tracker: st.Last}
	case !proved:
	case !st.Voted && st.Last != "":
		return r, false, ErrCodeTaken
	case st.Voted && st.Last == "" && st.Listed:
		return r, false, ErrCodeChanged
	}
	return r, false, nil
}

func (st state) receipt(tracker string) Receipt {
	r := Receipt{Tracker: tracker, On: st.Today}
	if st.College != nil {
		r.College = st.College.Label()
	}
	return r
}

// trackerOf is the tracker of the bytes of a ballot, whatever they are.
func trackerOf(raw []byte) string {
	h := sha256.Sum256(raw)
	return base64.RawStdEncoding.EncodeToString(h[:])
}

// credentialOf reads the credential of a ballot that was not checked, to look at the
// box before the checks that take time; "" when there is none.
func credentialOf(raw []byte) string {
	var b struct {
		Credential string `json:"credential"`
	}
	if err := json.Unmarshal(raw, &b); err != nil || len(b.Credential) > maxNumber {
		return ""
	}
	return b.Credential
}

// maxNumber is the digits of a number of 2,048 bits.
const maxNumber = 617

// Encrypt makes the ballot of choices that came in clear, for who votes without script:
// the code and the choices are forgotten when it returns. The result is for Cast.
// structure is that of the actor, or 0. Choices: the cells of each question.
func (s *Service) Encrypt(ctx context.Context, by access.Actor, id election.ID, structure access.OrganisationID, typed string, choices [][]int) ([]byte, error) {
	if structure == 0 || by.Is(access.Structure) {
		structure = by.Acting.Organisation
	}
	if err := by.Require(structure != 0 && by.Is(access.Structure, access.Team, access.Scrutineer)); err != nil {
		return nil, err
	}
	code, err := CleanCode(typed)
	if err != nil {
		return nil, err
	}
	now, err := read(ctx, s.db, id, structure, "", "")
	if err != nil {
		return nil, err
	}
	if now.Box == nil || now.Raw == nil {
		_, _, err := now.judge("", false)
		return nil, err
	}
	e, err := s.electionOf(*now.Box, now.Raw)
	if err != nil {
		return nil, err
	}
	of := sender{by.Person, structure}
	done, err := s.turns.take(ctx, of)
	if err != nil {
		return nil, err
	}
	defer done()
	credential := ""
	if err := s.work(ctx, of, func() error { credential = belenios.PublicCredential(code, e.UUID); return nil }); err != nil {
		return nil, err
	}
	if now, err = read(ctx, s.db, id, structure, "", credential); err != nil {
		return nil, err
	}
	if _, _, err := now.judge("", true); err != nil {
		return nil, err
	}
	if !now.Listed {
		return nil, ErrCodeUnknown
	}
	var raw []byte
	err = s.work(ctx, of, func() error {
		raw, err = e.Encrypt(code, choices)
		return err
	})
	if err != nil {
		return nil, refused(err)
	}
	return raw, nil
}

// CleanCode puts a typed code in its form, or refuses it with the words of the page.
func CleanCode(typed string) (string, error) {
	if typed == "" {
		return "", ErrCodeMissing
	}
	code, err := belenios.CleanCode(typed)
	if err != nil {
		return "", ErrCodeTyped
	}
	return code, nil
}
