// Package campaign asks the communes for their reports before their committee: who is
// asked what, who answered, what the team does of the answers, and the pack of the
// meeting (domain.md, « Progress campaign »).
package campaign

import (
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Service is the use cases of this room.
type Service struct {
	db       postgres.DB
	meetings *meeting.Service
	outbox   *notify.Outbox
	baseURL  string
}

// New returns the service.
func New(db postgres.DB, meetings *meeting.Service, outbox *notify.Outbox, baseURL string) *Service {
	return &Service{db: db, meetings: meetings, outbox: outbox, baseURL: baseURL}
}
