package voting

import (
	"context"
	"sync"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/problem"
)

const (
	// mostWaiting is how many ballots of one sender wait for their turn: a double click,
	// a browser that tries again.
	mostWaiting = 50
	// mostChecks is how many ballots of one sender are checked or made in a quarter of an
	// hour: some ten seconds of a processor. An honest vote takes three.
	mostChecks   = 100
	checksWithin = 15 * time.Minute
)

var errTooMany = problem.New(problem.TooMany, "Trop de bulletins ont été envoyés depuis ce compte : celui-ci n’a pas été reçu. Attendez un quart d’heure, puis recommencez.")

// sender is who sends ballots: somebody, for a structure.
type sender struct {
	person    access.PersonID
	structure access.OrganisationID
}

// turns has the ballots of each sender looked at one at a time, so that who sends the
// same one twenty times has it checked once and keeps one processor busy at most. It is
// in memory alone, a table would tell who votes when; and it keeps no time of a sender.
type turns struct {
	mu     sync.Mutex
	lines  map[sender]*line
	window int64
	checks map[sender]int // since the window began
}

type line struct {
	busy  chan struct{}
	users int
}

func newTurns() *turns { return &turns{lines: map[sender]*line{}, checks: map[sender]int{}} }

// take waits for the turn of a sender; done ends it.
func (t *turns) take(ctx context.Context, of sender) (done func(), err error) {
	t.mu.Lock()
	l := t.lines[of]
	if l == nil {
		l = &line{busy: make(chan struct{}, 1)}
		t.lines[of] = l
	}
	if l.users >= mostWaiting {
		t.mu.Unlock()
		return nil, errTooMany
	}
	l.users++
	t.mu.Unlock()
	select {
	case l.busy <- struct{}{}:
		return func() { <-l.busy; t.leave(of, l) }, nil
	case <-ctx.Done():
		t.leave(of, l)
		return nil, ctx.Err()
	}
}

func (t *turns) leave(of sender, l *line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.users--; l.users == 0 {
		delete(t.lines, of)
	}
}

// spend counts a ballot that is about to be checked or made.
func (t *turns) spend(of sender, now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if w := now.Unix() / int64(checksWithin/time.Second); w != t.window {
		t.window = w
		clear(t.checks)
	}
	if t.checks[of] >= mostChecks {
		return errTooMany
	}
	t.checks[of]++
	return nil
}
