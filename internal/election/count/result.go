package count

import (
	"context"
	"encoding/hex"
	"slices"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Line is a candidate of a result, at their rank.
type Line struct {
	Candidate
	Standing
}

// CollegeResult is what the votes gave in one college.
type CollegeResult struct {
	College    governance.College
	Box        election.BoxID
	Seats      int
	Registered int // structures that could vote
	Voted      int
	Tallied    int // ballots added up
	Blank      int
	Expressed  int // that are not blank
	Head       string
	Lines      []Line // by rank
	Outcome    Outcome
}

// Of returns the line of a candidate.
func (c CollegeResult) Of(id election.CandidacyID) Line {
	for _, l := range c.Lines {
		if l.Candidate.ID == id {
			return l
		}
	}
	return Line{}
}

// Elected returns the lines of the elected, by rank.
func (c CollegeResult) Elected() []Line {
	var out []Line
	for _, l := range c.Lines {
		if l.Standing.Elected {
			out = append(out, l)
		}
	}
	return out
}

// results applies the rules to opened sums.
func (c Closing) results() []CollegeResult {
	lines := make([]election.Candidate, len(c.Candidates))
	for i, k := range c.Candidates {
		lines[i] = k.Candidate
	}
	var out []CollegeResult
	for _, b := range c.Boxes {
		sum := c.sum(b.ID)
		for i, college := range collegesOf(b) {
			question := b.In(lines)[i]
			r := CollegeResult{College: college, Box: b.ID, Seats: c.seats(b, college), Registered: sum.Registered, Voted: sum.Voted,
				Tallied: sum.Tallied, Head: hex.EncodeToString(sum.CloseHead)}
			if i < len(sum.Counts) && len(sum.Counts[i]) == len(question)+1 {
				r.Blank = sum.Counts[i][0]
				r.Expressed = r.Tallied - r.Blank
				r.rank(c.Election, question, sum.Counts[i][1:], c.Candidates)
			}
			out = append(out, r)
		}
	}
	return out
}

func collegesOf(b election.Box) []governance.College {
	if b.College != nil {
		return []governance.College{*b.College}
	}
	return governance.Colleges
}

// seats counts those a vote fills: when one box is for both colleges, a complementary
// election fills those that are empty, and once proclaimed those it filled.
func (c Closing) seats(b election.Box, college governance.College) int {
	switch {
	case b.College != nil:
		return b.Seats
	case c.Election.Complements == nil:
		return c.Election.Rules.Seats
	case !c.Election.Phase.Reached(election.Proclaimed):
		return c.Election.SeatsOf(c.Empty)[college]
	}
	n := 0
	for _, k := range c.Candidates {
		if k.Elected && k.College == college {
			n++
		}
	}
	return n
}

func (c *CollegeResult) rank(e election.Election, question []election.Candidate, votes []int, all []Candidate) {
	entries := make([]Entry, len(question))
	known := map[election.CandidacyID]Candidate{}
	for _, k := range all {
		known[k.ID] = k
	}
	for i, k := range question {
		entries[i] = Entry{ID: k.ID, Commune: k.Commune, Gender: known[k.ID].Gender, Votes: votes[i], Withdrawn: k.WithdrawnLate}
	}
	if e.Phase == election.Destroyed {
		c.recall(entries, known)
	} else {
		c.Outcome = Rank(entries, Poll{Rules: e.Rules, Seats: c.Seats, Registered: c.Registered, Voted: c.Voted, Value: e.TieSeed, Head: c.Head})
	}
	for _, s := range c.Outcome.Standings {
		c.Lines = append(c.Lines, Line{known[s.ID], s})
	}
}

// recall takes what was kept of a result whose inputs are erased: the steps of its ties
// are in the procès-verbal.
func (c *CollegeResult) recall(entries []Entry, known map[election.CandidacyID]Candidate) {
	c.Outcome = Outcome{QuorumMet: true, Vacant: c.Seats}
	for _, e := range entries {
		k := known[e.ID]
		c.Outcome.Standings = append(c.Outcome.Standings, Standing{ID: e.ID, Votes: e.Votes, Rank: k.Rank, Tied: k.Tied, Elected: k.Elected, Withdrawn: e.Withdrawn})
		if k.Elected {
			c.Outcome.Vacant--
		}
	}
	slices.SortFunc(c.Outcome.Standings, func(a, b Standing) int { return a.Rank - b.Rank })
}

// rankAll writes who is elected, from opened sums and from the draw as it is known.
func (s *Service) rankAll(ctx context.Context, tx pgx.Tx, c Closing) error {
	var ids, votes, ranks []int64
	var tied, elected, undecided []bool
	for _, r := range c.results() {
		for _, st := range r.Outcome.Standings {
			ids, votes, ranks = append(ids, int64(st.ID)), append(votes, int64(st.Votes)), append(ranks, int64(st.Rank))
			tied, elected, undecided = append(tied, st.Tied), append(elected, st.Elected), append(undecided, st.Undecided)
		}
	}
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO candidacy_result (candidacy_id, votes, rank, tied, elected, undecided)
		SELECT * FROM unnest($1::bigint[], $2::int[], $3::int[], $4::bool[], $5::bool[], $6::bool[])
		ON CONFLICT (candidacy_id) DO UPDATE SET votes = excluded.votes, rank = excluded.rank, tied = excluded.tied, elected = excluded.elected, undecided = excluded.undecided`,
		ids, votes, ranks, tied, elected, undecided)
	return postgres.Wrap(err, "write results of election %d", c.Election.ID)
}

// Result is an election that was counted.
type Result struct {
	Closing
	Colleges []CollegeResult
}

// DrawNeeded tells whether a tie waits for the outside draw.
func (r Result) DrawNeeded() bool {
	return slices.ContainsFunc(r.Colleges, func(c CollegeResult) bool { return c.Outcome.DrawNeeded })
}

// Vacant counts the seats nobody was elected to.
func (r Result) Vacant() int {
	n := 0
	for _, c := range r.Colleges {
		n += c.Outcome.Vacant
	}
	return n
}

// Counted is the result of what was read; it is empty before the sums are opened.
func (c Closing) Counted() Result {
	if !c.Election.Phase.Reached(election.Counted) {
		return Result{Closing: c}
	}
	return Result{Closing: c, Colleges: c.results()}
}

// Result returns the result of an election once it is counted. Before, there is none:
// ErrNotFound, to whoever asks.
func (s *Service) Result(ctx context.Context, by access.Actor, id election.ID) (Result, error) {
	return s.result(ctx, s.db, by, id)
}

func (s *Service) result(ctx context.Context, db postgres.DB, by access.Actor, id election.ID) (Result, error) {
	c, err := s.load(ctx, db, by, id)
	if err == nil && !c.Election.Phase.Reached(election.Counted) {
		err = election.ErrNotFound
	}
	if err != nil {
		return Result{}, err
	}
	return Result{Closing: c, Colleges: c.results()}, nil
}
