// Package voting takes the ballots of an election: what a structure must be told before
// it votes, the one transaction that receives a ballot, the assisted desk of a meeting,
// the mails around the vote, and the search of a tracker.
//
// Nothing here joins a structure to a ballot: no log, no journal entry, no mail, no
// time. Receiving a ballot writes every line of the list of who voted (election.md,
// §7.3), so that nothing the database keeps of a line tells when its structure voted.
package voting

import (
	"bytes"
	"context"
	"runtime"
	"sync"
	"time"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Service is the use cases of the room.
type Service struct {
	db      postgres.DB
	outbox  *notify.Outbox
	baseURL string

	mu      sync.Mutex
	parsed  map[election.BoxID]*belenios.Election // election.json never changes once a box has ballots
	working chan struct{}                         // one ballot a processor is checked or made at once
	turns   *turns
}

// New returns the service. baseURL is the public address of the portal, without a
// slash at its end.
func New(db postgres.DB, outbox *notify.Outbox, baseURL string) *Service {
	return &Service{db: db, outbox: outbox, baseURL: baseURL,
		parsed: map[election.BoxID]*belenios.Election{}, working: make(chan struct{}, runtime.GOMAXPROCS(0)), turns: newTurns()}
}

// mostParsed bounds the boxes kept in memory: two an election, and a few elections.
const mostParsed = 16

// electionOf is the election of a box, parsed once.
func (s *Service) electionOf(id election.BoxID, raw []byte) (*belenios.Election, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.parsed[id]; e != nil && bytes.Equal(e.Raw, raw) {
		return e, nil
	}
	e, err := belenios.ParseElection(raw)
	if err != nil {
		return nil, postgres.Wrap(err, "election of box %d", id)
	}
	if len(s.parsed) >= mostParsed {
		clear(s.parsed)
	}
	s.parsed[id] = e
	return e, nil
}

// work runs f, which keeps a processor busy for a sender, when one is free.
func (s *Service) work(ctx context.Context, of sender, f func() error) error {
	if err := s.turns.spend(of, time.Now()); err != nil {
		return err
	}
	select {
	case s.working <- struct{}{}:
		defer func() { <-s.working }()
		return f()
	case <-ctx.Done():
		return ctx.Err()
	}
}
