// Package minutes is what a meeting leaves: notes per point, decisions and opinions,
// positions and requests, actions asked, and the minutes (« compte rendu ») with
// their corrections, validation and publication.
//
// Words of the house: compte rendu is kept by these bodies; the relevé de décisions
// is its list of decisions; procès-verbal is kept for the election.
package minutes

import (
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Ids of what a meeting leaves.
type (
	DecisionID   int64 // decision.id
	PositionID   int64 // position_taken.id
	ActionID     int64 // asked_action.id
	CorrectionID int64 // correction.id
)

// Service is the use cases of minutes. What is not published exists for the team
// and the participants only.
type Service struct {
	db       postgres.DB
	meetings *meeting.Service
	outbox   *notify.Outbox
	baseURL  string
}

// New returns the service; see meeting.New for baseURL.
func New(db postgres.DB, meetings *meeting.Service, outbox *notify.Outbox, baseURL string) *Service {
	return &Service{db: db, meetings: meetings, outbox: outbox, baseURL: baseURL}
}

// errStale says that somebody else wrote first.
var errStale = problem.New(problem.Conflict, "Quelqu’un d’autre a modifié cette page pendant votre saisie : relisez-la, puis recommencez.")
