// Package watch is what goes wrong in the roadmap: late, no news, off its path,
// without funder. Each alert names its remedy, and disappears with it.
//
// Files: alert (kinds and words), store (how they are found), digest (the Monday mail of the team).
package watch

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// Service is the use cases of this room.
type Service struct {
	db      postgres.DB
	outbox  *notify.Outbox
	baseURL string
}

// New returns the service.
func New(db postgres.DB, outbox *notify.Outbox, baseURL string) *Service {
	return &Service{db: db, outbox: outbox, baseURL: baseURL}
}

// Filter narrows the list of alerts.
type Filter struct {
	Kind Kind           // "": all
	Axis roadmap.AxisID // 0: all
	Page int
}

// Page is one page of alerts, the most serious first.
type Page struct {
	Alerts []Alert
	Counts []Tally // of the axis, whatever the kind
	Axes   []roadmap.Axis
	Paging postgres.Paging
}

// Of returns how many alerts there are of a kind.
func (p Page) Of(k Kind) int {
	n := 0
	for _, c := range p.Counts {
		if k == "" || c.Kind == k {
			n += c.Count
		}
	}
	return n
}

// List returns the alerts of the team, in one round trip.
func (s *Service) List(ctx context.Context, by access.Actor, f Filter) (Page, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Page{}, err
	}
	var (
		p Page
		b postgres.Batch
	)
	postgres.AddList(&b, &p.Counts, countSQL, int64(f.Axis))
	addPage(&b, &p.Alerts, f.Kind, f.Axis, f.Page)
	roadmap.AddAxes(&b, &p.Axes)
	if err := b.Run(ctx, s.db); err != nil {
		return p, postgres.Wrap(err, "alerts of the roadmap")
	}
	p.Paging = postgres.PagingOf(f.Page, p.Of(f.Kind))
	return p, nil
}
