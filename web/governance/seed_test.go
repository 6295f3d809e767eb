package governance

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

var team = access.Actor{Account: 1, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}, RequestID: "test"}

// seed fills a database through the use cases of the governance: 60 structures,
// two partners, mayors, a chair, meetings. It returns the database's day.
func seed(ctx context.Context, t testing.TB, db postgres.DB) (*governance.Service, day.Day) {
	t.Helper()
	s := governance.New(db, nil)
	if _, err := db.Exec(ctx, `INSERT INTO person (first_name, last_name, email) VALUES ('Camille', 'Équipe', 'equipe@exemple.fr')`); err != nil {
		t.Fatal(err)
	}
	today, err := postgres.Value[day.Day](ctx, db, `SELECT paris_today()`)
	if err != nil {
		t.Fatal(err)
	}
	check := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	start := governance.Founded
	for i := range 60 {
		college := governance.Colleges[i%2]
		check(0, postgres.InTx(ctx, db, func(tx pgx.Tx) error {
			name := fmt.Sprintf("Structure n°\u00a0%03d de l’Étoile", i+1)
			id, err := s.RecordStructure(ctx, tx, team, name, "Association")
			if err != nil {
				return err
			}
			seat, err := s.SeatStructure(ctx, tx, team, id, college, name, start)
			if err != nil || i%5 == 0 {
				return err
			}
			appoint := func(kind governance.MandateKind, first, last string) error {
				_, err := s.Appoint(ctx, tx, team, governance.NewMandate{Seat: seat, Kind: kind, From: start, Designation: "Désignée par la structure",
					Person: governance.PersonInput{First: first, Last: last}})
				return err
			}
			if err := appoint(governance.Titular, "Dominique", fmt.Sprintf("Exemple%d", i)); err != nil || i%7 != 1 {
				return err
			}
			return appoint(governance.Alternate, "Sacha", fmt.Sprintf("Suppléant%d", i))
		}))
	}
	check(s.AddPartner(ctx, team, governance.NewPartner{Name: "Caisse d’allocations familiales", Category: "Sécurité sociale", From: start,
		Titular: &governance.PersonInput{First: "Alix", Last: "Caf"}, Designation: "Désignée par la direction"}))
	check(s.AddPartner(ctx, team, governance.NewPartner{Name: `<b>Bailleur</b> & "Cie"`, Category: "Bailleur", From: today.AddDays(-10),
		Designation: "Convention"}))
	seats, err := postgres.Values[governance.SeatID](ctx, db, `SELECT id FROM seat WHERE kind IN ('president', 'mayor') ORDER BY kind DESC, id`)
	check(nil, err)
	for i, seat := range seats {
		m := governance.NewMandate{Seat: seat, Kind: governance.Titular, From: start, Designation: "Élue par le conseil",
			Person: governance.PersonInput{First: "Maïwenn", Last: fmt.Sprintf("Élue%d", i)}}
		switch i % 9 {
		case 3:
			continue
		case 4:
			m.TermEndsOn = today.AddDays(20)
		case 5:
			m.TermEndsOn = today.AddDays(-20)
		}
		check(s.StartMandate(ctx, team, m))
		if i == 7 {
			m.From, m.ReplacesCurrent, m.Person.Last = today.AddDays(-30), true, "Remplaçante"
			check(s.StartMandate(ctx, team, m))
		}
	}
	for _, m := range []struct {
		body  governance.BodyCode
		on    day.Day
		state governance.MeetingState
	}{
		{governance.GNI, day.Of(today.Year(), time.February, 12), governance.Held},
		{governance.GNI, day.Of(today.Year(), time.June, 18), governance.Published},
		{governance.Partners, day.Of(today.Year(), time.March, 17), governance.Held},
		{governance.Communes, day.Of(today.Year(), time.May, 5), governance.Postponed},
		{governance.CMTIN, today.AddDays(7), governance.Convened},
	} {
		check(postgres.Value[governance.MeetingID](ctx, db, `
			INSERT INTO meeting (body, starts_at, ends_at, place, state, announced)
			VALUES ($1, $2, $3, 'hôtel de Bordeaux Métropole', $4, true) RETURNING id`, m.body, m.on.At(14, 0), m.on.At(16, 30), m.state))
	}
	return s, today
}
