package governance

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// NewMembership says who acts for an organisation without holding its seat: a
// commune's delegate, a partner's or a structure's people, the State's
// representative.
type NewMembership struct {
	Organisation access.OrganisationID
	Person       PersonInput
	Title        string // « Directrice des services »; optional
	Manager      bool   // may bring in others for the organisation
	From         day.Day
	Invite       bool
}

type membershipRecord struct {
	Person  string  `json:"personne"`
	Title   string  `json:"fonction"`
	Manager bool    `json:"gestionnaire"`
	From    day.Day `json:"debut"`
	Until   day.Day `json:"fin"`
}

// AddMembership records it. Fields: personne, prenom, nom, courriel, fonction,
// debut.
func (s *Service) AddMembership(ctx context.Context, by access.Actor, n NewMembership) (MembershipID, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return 0, err
	}
	n.Title = strings.TrimSpace(n.Title)
	if err := checkMembership(n); err != nil {
		return 0, err
	}
	var id MembershipID
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) (err error) {
		id, err = s.addMembership(ctx, tx, by, n)
		return err
	})
	return id, err
}

func (s *Service) addMembership(ctx context.Context, tx pgx.Tx, by access.Actor, n NewMembership) (MembershipID, error) {
	o, err := postgres.One[organisationRecord](ctx, tx, `SELECT kind, name, category, version FROM organisation WHERE id = $1 FOR SHARE`, n.Organisation)
	if err != nil {
		return 0, orNotFound(err, errOrganisationNotFound, "organisation")
	}
	if o.Kind == MetropoleOrganisation {
		return 0, problem.New(problem.Invalid, "L’équipe de la métropole se gère dans les comptes et les rôles.")
	}
	person, err := resolvePerson(ctx, tx, by, n.Person)
	if err != nil {
		return 0, err
	}
	id, err := postgres.Value[MembershipID](ctx, tx, `
		INSERT INTO membership (person_id, organisation_id, title, manager, during)
		VALUES ($1, $2, $3, $4, daterange($5, NULL)) RETURNING id`, person.ID, n.Organisation, n.Title, n.Manager, n.From)
	switch {
	case postgres.Violates(err, "membership_once"):
		return 0, problem.OnField("personne", person.Name()+" agit déjà pour cette organisation à cette date.")
	case err != nil:
		return 0, postgres.Wrap(err, "insert membership")
	}
	if err := audit.Record(ctx, tx, by, audit.Entry{Action: "membership.start", Object: "organisation", ID: int64(n.Organisation),
		Label: o.Name + " : " + person.Name(), After: membershipRecord{person.Name(), n.Title, n.Manager, n.From, day.Day{}}}); err != nil {
		return 0, err
	}
	if !n.Invite {
		return id, nil
	}
	if person.Email == "" {
		return 0, problem.OnField("courriel", "Saisissez une adresse pour envoyer l’invitation.")
	}
	return id, s.invite(ctx, tx, by, person)
}

// EndMembership ends it on a day: the person no longer acts for the organisation
// on it. Field: fin.
func (s *Service) EndMembership(ctx context.Context, by access.Actor, id MembershipID, version int, on day.Day) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	if on.IsZero() {
		return problem.OnField("fin", "Saisissez la date de fin.")
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := lockMembership(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case m.Version != version:
			return errStale
		case !on.After(m.From):
			return problem.OnField("fin", "La personne agit depuis le "+french.Date(m.From)+" : la fin doit venir après.")
		}
		return endMembership(ctx, tx, by, id, m, on)
	})
}

// endMemberships ends those of an organisation that leaves, on the day it leaves;
// one that was to begin later never does.
func endMemberships(ctx context.Context, tx pgx.Tx, by access.Actor, d Departure) error {
	type row struct {
		Name    string  `db:"name"`
		Person  string  `db:"person"`
		Title   string  `db:"title"`
		Manager bool    `db:"manager"`
		From    day.Day `db:"from_day"`
		Until   day.Day `db:"until_day"`
	}
	ended, err := postgres.List[row](ctx, tx, `
		WITH open AS MATERIALIZED (
			SELECT id, during FROM membership
			WHERE organisation_id = $1 AND (upper_inf(during) OR upper(during) > $2) FOR UPDATE
		), gone AS (
			DELETE FROM membership n USING open o WHERE n.id = o.id AND lower(o.during) >= $2
			RETURNING n.organisation_id, n.person_id, n.title, n.manager, o.during
		), ended AS (
			UPDATE membership n SET during = daterange(lower(o.during), $2), version = n.version + 1
			FROM open o WHERE n.id = o.id AND lower(o.during) < $2
			RETURNING n.organisation_id, n.person_id, n.title, n.manager, o.during
		)
		SELECT o.name, p.first_name || ' ' || p.last_name AS person, e.title, e.manager,
		       lower(e.during) AS from_day, upper(e.during) AS until_day
		FROM (SELECT * FROM gone UNION ALL SELECT * FROM ended) e
		JOIN organisation o ON o.id = e.organisation_id JOIN person p ON p.id = e.person_id
		ORDER BY e.person_id`, d.Organisation, d.On)
	if err != nil {
		return postgres.Wrap(err, "end memberships of %d", d.Organisation)
	}
	for _, m := range ended {
		err := audit.Record(ctx, tx, by, audit.Entry{Action: "membership.end", Object: "organisation", ID: int64(d.Organisation),
			Label:  m.Name + " : " + m.Person,
			Before: membershipRecord{m.Person, m.Title, m.Manager, m.From, m.Until},
			After:  membershipRecord{m.Person, m.Title, m.Manager, m.From, d.On}})
		if err != nil {
			return err
		}
	}
	return nil
}

// AddStateService records a service of the State. It holds no seat: the CMTIN
// meets « en présence du représentant de l’Etat ». Its people are memberships.
// Fields: nom_organisation, categorie.
func (s *Service) AddStateService(ctx context.Context, by access.Actor, name, category string) (access.OrganisationID, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return 0, err
	}
	var id access.OrganisationID
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) (err error) {
		id, err = createOrganisation(ctx, tx, by, StateService, name, category)
		return err
	})
	return id, err
}
