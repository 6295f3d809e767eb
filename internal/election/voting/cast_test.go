package voting_test

import (
	"bytes"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/election/voting"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

func TestCastIsDoneOnce(t *testing.T) {
	t.Parallel()
	w := electiontest.New(t, election.Open)
	s := service(t, w.DB)
	cast := func(v *electiontest.Voter, raw []byte) (voting.Receipt, error) {
		return s.Cast(t.Context(), v.Member, w.ID, raw, voting.Browser)
	}
	social, digital := w.Of(governance.SocialAction), w.Of(governance.DigitalMediation)
	first, second := social[0], social[1]
	raw := w.Ballot(first, 1, 3)
	r, err := cast(first, raw)
	if err != nil || r.Already || len(r.Tracker) != voting.TrackerLength || r.College != first.College.Label() || r.On.IsZero() {
		t.Fatalf("the first ballot: %+v, %v", r, err)
	}
	again, err := cast(first, raw)
	if err != nil || !again.Already || again.Tracker != r.Tracker || again.Replaced {
		t.Errorf("the same ballot again: %+v, %v", again, err)
	}
	colleague := w.Person("Autre", "Collègue", access.Structure, first.ID)
	_, err = s.Cast(t.Context(), colleague, w.ID, w.Ballot(first, 2), voting.Browser)
	if refusal, ok := errors.AsType[voting.AlreadyVoted](err); !ok || refusal.Tracker != r.Tracker || problem.KindOf(err) != problem.Conflict {
		t.Errorf("a colleague of who voted: %v", err)
	}
	stranger := w.Person("Hors", "Liste", access.Structure, electiontest.Value[access.OrganisationID](w, `INSERT INTO organisation (kind, name) VALUES ('structure', 'Hors liste') RETURNING id`))
	unlisted := *second
	unlisted.Code = belenios.NewCode()
	spaced := append(slices.Clone(w.Ballot(second, 1)), ' ')
	for name, tt := range map[string]struct {
		by   access.Actor
		raw  []byte
		want error
	}{
		"the ballot of another college":          {digital[0].Member, w.Ballot(second, 1), voting.ErrOther},
		"the ballot of another structure, again": {second.Member, raw, voting.ErrCodeTaken},
		"a new ballot with a code that was used": {second.Member, w.Ballot(first, 1), voting.ErrCodeTaken},
		"a code of no list":                      {second.Member, w.Ballot(&unlisted, 1), voting.ErrCodeUnknown},
		"a structure of no list":                 {stranger, w.Ballot(second, 1), voting.ErrNotOnRoll},
		"not canonical":                          {second.Member, spaced, voting.ErrMalformed},
		"a proof altered":                        {second.Member, altered(t, w.Ballot(second, 1)), voting.ErrMalformed},
		"nothing":                                {second.Member, nil, voting.ErrMalformed},
		"noise":                                  {second.Member, []byte(`{"credential":12}`), voting.ErrMalformed},
		"too much":                               {second.Member, bytes.Repeat([]byte("9"), voting.MaxBallot+1), voting.ErrMalformed},
	} {
		_, err := s.Cast(t.Context(), tt.by, w.ID, tt.raw, voting.Browser)
		want, _ := errors.AsType[*problem.Error](tt.want)
		if got, ok := errors.AsType[*problem.Error](err); !ok || got.Message != want.Message {
			t.Errorf("%s: got %v, wanted %v", name, err, tt.want)
		}
	}
	for _, by := range []access.Actor{w.Team, w.Keepers[0], w.Mayor, {}} {
		if _, err := s.Cast(t.Context(), by, w.ID, w.Ballot(second, 1), voting.Browser); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("a %s voting: %v", by.Role(), err)
		}
	}
	if _, err := cast(second, w.Ballot(second)); err != nil { // blank
		t.Error(err)
	}
	if n := sound(t, w); n != 2 {
		t.Errorf("%d ballots, wanted 2", n)
	}
}

// altered changes a digit of the first response of a ballot.
func altered(t *testing.T, raw []byte) []byte {
	t.Helper()
	out := slices.Clone(raw)
	i := bytes.Index(out, []byte(`"response":"`)) + len(`"response":"`) + 5
	out[i] = '0' + (out[i]-'0'+1)%10
	return out
}

func TestHoursAreThoseOfTheDatabase(t *testing.T) {
	t.Parallel()
	w := electiontest.New(t, election.Open)
	s := service(t, w.DB)
	v, late := w.Voters[0], w.Voters[1]
	raw := w.Ballot(v, 1)
	try := func(by *electiontest.Voter, want error) {
		t.Helper()
		ballot := raw
		if by != v {
			ballot = w.Ballot(by, 1)
		}
		if _, err := s.Cast(t.Context(), by.Member, w.ID, ballot, voting.Browser); !errors.Is(err, want) {
			t.Errorf("got %v, wanted %v", err, want)
		}
	}
	w.Exec(`UPDATE election SET opens_at = clock_timestamp() + interval '1 minute' WHERE id = $1`, w.ID)
	try(v, voting.ErrNotYet)
	w.Exec(`UPDATE election SET opens_at = clock_timestamp() - interval '1 hour', phase = 'ready' WHERE id = $1`, w.ID)
	try(v, voting.ErrNotYet) // two people did not open it
	w.Exec(`UPDATE election SET phase = 'open' WHERE id = $1`, w.ID)
	try(v, nil)
	// The first instant that is too late is that of the close.
	w.Exec(`UPDATE election SET closes_at = clock_timestamp() WHERE id = $1`, w.ID)
	try(late, voting.ErrClosed)
	try(v, nil) // its receipt, though the vote is over
	w.Exec(`UPDATE election SET phase = 'closed', closes_at = clock_timestamp() + interval '1 day' WHERE id = $1`, w.ID)
	try(late, voting.ErrClosed) // closed early
	if n := sound(t, w); n != 1 {
		t.Errorf("%d ballots, wanted 1", n)
	}
}

func TestTheLastBallotCounts(t *testing.T) {
	t.Parallel()
	w := electiontest.New(t, election.Open)
	revote(w)
	s := service(t, w.DB)
	v, other := w.Voters[0], w.Voters[1]
	one, two := w.Ballot(v, 1), w.Ballot(v, 2)
	var last voting.Receipt
	for _, raw := range [][]byte{one, two} {
		r, err := s.Cast(t.Context(), v.Member, w.ID, raw, voting.Browser)
		if err != nil || r.Already {
			t.Fatalf("%+v, %v", r, err)
		}
		last = r
	}
	if r, err := s.Cast(t.Context(), v.Member, w.ID, one, voting.Browser); err != nil || !r.Already || !r.Replaced {
		t.Errorf("the ballot that was replaced, again: %+v, %v", r, err)
	}
	// A structure that voted may not use the code of one that did not.
	borrowed := *v
	borrowed.Code = other.Code
	if _, err := s.Cast(t.Context(), v.Member, w.ID, w.Ballot(&borrowed, 1), voting.Browser); !errors.Is(err, voting.ErrCodeChanged) {
		t.Errorf("another code: %v", err)
	}
	borrowed = *other
	borrowed.Code = v.Code
	if _, err := s.Cast(t.Context(), other.Member, w.ID, w.Ballot(&borrowed, 1), voting.Browser); !errors.Is(err, voting.ErrCodeTaken) {
		t.Errorf("the code of who voted: %v", err)
	}
	if n := sound(t, w); n != 1 {
		t.Errorf("%d ballots tallied, wanted 1", n)
	}
	found, err := s.Find(t.Context(), access.Actor{}, w.ID, last.Tracker[:voting.ShortTracker])
	if err != nil || len(found.Ballots) != 1 || found.Ballots[0].Tracker != last.Tracker || found.Ballots[0].Replaced {
		t.Errorf("the ballot that counts: %+v, %v", found.Ballots, err)
	}
}

func TestServerEncrypts(t *testing.T) {
	t.Parallel()
	w := electiontest.New(t, election.Open)
	s := service(t, w.DB)
	v := w.Voters[0]
	begun := time.Now()
	raw, err := s.Encrypt(t.Context(), v.Member, w.ID, 0, " "+v.Code+" ", [][]int{{0, 1, 0, 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("encrypted by the server in %s", time.Since(begun))
	r, err := s.Cast(t.Context(), v.Member, w.ID, raw, voting.Server)
	if err != nil {
		t.Fatal(err)
	}
	if via := electiontest.Value[string](w, `SELECT via FROM ballot_index WHERE tracker = $1`, r.Tracker); via != "server" {
		t.Errorf("counted as %s", via)
	}
	_, err = s.Encrypt(t.Context(), v.Member, w.ID, 0, v.Code, [][]int{{0, 1, 0, 1}})
	if refusal, ok := errors.AsType[voting.AlreadyVoted](err); !ok || refusal.Tracker != r.Tracker {
		t.Errorf("sent again after a lost answer: %v", err)
	}
	next := w.Voters[1]
	wrong := []byte(next.Code)
	wrong[0] = map[bool]byte{true: '2', false: '3'}[wrong[0] != '2']
	for typed, want := range map[string]error{"": voting.ErrCodeMissing, string(wrong): voting.ErrCodeTyped, "0OIl": voting.ErrCodeTyped,
		belenios.NewCode(): voting.ErrCodeUnknown, v.Code: voting.ErrCodeTaken, w.Voters[7].Code: voting.ErrCodeUnknown} {
		if _, err := s.Encrypt(t.Context(), next.Member, w.ID, 0, typed, [][]int{{1, 0, 0, 0}}); !errors.Is(err, want) {
			t.Errorf("got %v, wanted %v", err, want)
		}
	}
}

// Invariants 4, 5 and 7 of election.md: many at once, two instances, a close that races.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	w := electiontest.On(t, pool, election.Open, 4)
	instances := []*voting.Service{service(t, pool), service(t, pool)}
	const devices = 3
	early, racing := w.Voters[:4], w.Voters[4:]
	var took atomic.Int64
	send := func(v *electiontest.Voter, ballots [][]byte, allowed ...error) {
		var all sync.WaitGroup
		for i := range devices {
			all.Go(func() {
				_, err := instances[i%2].Cast(t.Context(), v.Member, w.ID, ballots[i], voting.Browser)
				if _, already := errors.AsType[voting.AlreadyVoted](err); err == nil {
					took.Add(1)
				} else if !already && !slices.ContainsFunc(allowed, func(a error) bool { return errors.Is(err, a) }) {
					t.Errorf("%s: %v", v.Name, err)
				}
			})
		}
		all.Wait()
	}
	ballots := map[*electiontest.Voter][][]byte{}
	for _, v := range w.Voters {
		for range devices {
			ballots[v] = append(ballots[v], w.Ballot(v, 1))
		}
	}
	var all sync.WaitGroup
	for _, v := range early {
		all.Go(func() { send(v, ballots[v]) })
	}
	all.Wait()
	if took.Load() != int64(len(early)) || sound(t, w) != len(early) {
		t.Fatalf("%d ballots taken for %d structures", took.Load(), len(early))
	}
	nothingJoins(t, w)
	for _, v := range racing {
		all.Go(func() { send(v, ballots[v], voting.ErrClosed) })
	}
	all.Go(func() {
		err := postgres.InTx(t.Context(), pool, func(tx pgx.Tx) error {
			e, err := election.Lock(t.Context(), tx, w.Team, w.ID)
			if err != nil {
				return err
			}
			return election.EndBallots(t.Context(), tx, w.Team, e)
		})
		if err != nil {
			t.Error(err)
		}
	})
	all.Wait()
	if n := sound(t, w); int64(n) != took.Load() { // VerifyRecords refuses a ballot after the end
		t.Errorf("%d ballots in the boxes, %d taken", n, took.Load())
	}
}

// nothingJoins is what someone who holds the whole database looks at: no version of a
// line of the list of who voted was written by the transaction of one ballot, and no
// choice is anywhere.
func nothingJoins(t *testing.T, w *electiontest.World) {
	t.Helper()
	// Every line of a box bears the same transaction: that of the last vote, whoever it was.
	if n := electiontest.Value[int](w, `SELECT max(n) FROM (SELECT count(DISTINCT xmin::text) AS n FROM emargement GROUP BY box_id) x`); n != 1 {
		t.Errorf("the lines of a box bear %d transactions", n)
	}
	distinguished := electiontest.Value[int](w, `
		SELECT count(*) FROM board_record r JOIN emargement m ON m.box_id = r.box_id AND m.xmin = r.xmin
		WHERE (SELECT count(*) FROM emargement o WHERE o.box_id = m.box_id AND o.xmin = m.xmin) < (SELECT count(*) FROM emargement o WHERE o.box_id = m.box_id)`)
	if distinguished != 0 {
		t.Errorf("%d records of the archive share a transaction with some lines and not others", distinguished)
	}
	// Beside the lines that are kept, the former versions have the same transactions too:
	// the order of the lines on disk is that of the roll, and not of the votes.
	if n := electiontest.Value[int](w, `SELECT count(*) FROM (SELECT structure_id, lag(structure_id) OVER (PARTITION BY box_id ORDER BY ctid) AS before FROM emargement) x WHERE before > structure_id`); n != 0 {
		t.Errorf("%d lines stand in another order than that of the roll", n)
	}
	if n := electiontest.Value[int](w, `SELECT count(*) FROM mail`) + electiontest.Value[int](w, `SELECT count(*) FROM audit_entry WHERE action LIKE 'election.%'`) +
		electiontest.Value[int](w, `SELECT count(*) FROM submission`); n != 0 {
		t.Errorf("%d mails, journal entries or keys of forms were written by votes", n)
	}
}

func TestAnswerLostAfterCommit(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	w := electiontest.On(t, pool, election.Open, 3)
	for cuts := 1; cuts <= 4; cuts++ {
		v := w.Voters[cuts-1]
		db := &cutter{DB: pool, cuts: cuts}
		raw := w.Ballot(v, 1)
		r, err := service(t, db).Cast(t.Context(), v.Member, w.ID, raw, voting.Server)
		if err != nil || r.Already {
			t.Errorf("%d answers lost: %+v, %v", cuts, r, err)
		}
		if again, err := service(t, pool).Cast(t.Context(), v.Member, w.ID, raw, voting.Server); err != nil || again.Tracker != r.Tracker || !again.Already {
			t.Errorf("%d answers lost, sent again: %+v, %v", cuts, again, err)
		}
	}
	if n := sound(t, w); n != 4 {
		t.Errorf("%d ballots, wanted 4", n)
	}
}

// Invariant 10: the connection breaks before each statement in turn, the COMMIT included.
func TestCutBetweenAnyTwoStatements(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	w := electiontest.On(t, pool, election.Open, 3)
	v := w.Voters[0]
	raw := w.Ballot(v, 1)
	const all = `SELECT (SELECT count(*) FROM emargement WHERE voted) + (SELECT count(*) FROM ballot_index) + (SELECT count(*) FROM board_record) + (SELECT sum(ballots + next_height + next_seq) FROM ballot_box)`
	before := electiontest.Value[int](w, all)
	for nth := 1; ; nth++ {
		_, err := service(t, &cutter{DB: pool, nth: nth}).Cast(t.Context(), v.Member, w.ID, raw, voting.Browser)
		if err == nil {
			if nth < 8 { // lock, state, list, records, head, index, COMMIT
				t.Errorf("a vote takes %d statements", nth-1)
			}
			break
		}
		if !postgres.IsUnavailable(err) {
			t.Errorf("cut before statement %d: %v", nth, err)
		}
		if after := electiontest.Value[int](w, all); after != before {
			t.Fatalf("cut before statement %d: half a vote is written", nth)
		}
	}
	if n := sound(t, w); n != 1 {
		t.Errorf("%d ballots, wanted 1", n)
	}
}
