package election

import (
	"context"
	"time"
	"unicode/utf8"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"

	"github.com/jackc/pgx/v5"
)

// Incident is a line of the incident log, which everybody reads and nobody changes.
type Incident struct {
	ID   int64     `db:"id"`
	At   time.Time `db:"at"`
	Text string    `db:"text"`
}

// Incidents returns the incident log, the oldest first: the procès-verbal copies it.
func Incidents(ctx context.Context, q postgres.Querier, id ID) ([]Incident, error) {
	list, err := postgres.List[Incident](ctx, q, incidentSQL+` ORDER BY at, id`, id)
	return list, postgres.Wrap(err, "incidents of election %d", id)
}

const incidentSQL = `SELECT id, at, text FROM election_incident WHERE election_id = $1`

// Report writes an incident and tells the key holders and the team. Field: texte.
func (s *Service) Report(ctx context.Context, by access.Actor, id ID, text string) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := Hold(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if err := by.Require(IsBoard(by)); err != nil {
			return err
		}
		switch {
		case !e.TakesIncidents():
			return problem.New(problem.Conflict, "Le journal des incidents se tient de la publication du règlement à l’archivage.")
		case text == "":
			return problem.OnField("texte", "Dites ce qui s’est passé.")
		case utf8.RuneCountInString(text) > 1000:
			return problem.OnField("texte", "Gardez 1 000 caractères au plus.")
		}
		if _, err := postgres.Exec(ctx, tx, `INSERT INTO election_incident (election_id, text, by_person) VALUES ($1, $2, $3)`, id, text, by.Person); err != nil {
			return postgres.Wrap(err, "incident of election %d", id)
		}
		if err := Record(ctx, tx, by, "incident", e, nil, map[string]any{"text": text}); err != nil {
			return err
		}
		return s.tellBoard(ctx, tx, by.Person, notify.Mail{Kind: kindIncident, Subject: french.Typo("Incident consigné : " + e.Title),
			Paragraphs: []string{french.Typo(by.Name + " a consigné un incident :"), french.Typo(text)}, Action: "Voir l’élection", Link: Address(s.baseURL, id),
			Why: "Vous recevez ce message parce que vous organisez ou surveillez cette élection."}, access.Scrutineer, access.Team)
	})
}

// TakesIncidents tells whether the incident log is kept: while something can happen.
func (e Election) TakesIncidents() bool {
	return e.Phase.Reached(Published) && !e.Phase.Reached(Archived)
}
