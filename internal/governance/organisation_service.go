package governance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// NewPartner is an institution joining « les principaux acteurs locaux
// institutionnels », with its people.
type NewPartner struct {
	Name        string
	Category    string  // « Caisse de sécurité sociale », « Bailleur »…
	From        day.Day // the seat opens
	Titular     *PersonInput
	Alternate   *PersonInput // refused without a titular
	Designation string
	Reference   string
	Invite      bool
}

// Joined tells what AddPartner made.
type Joined struct {
	Organisation access.OrganisationID
	Seat         SeatID
	People       []PersonRef // titular, then alternate
}

// AddPartner records a partner with its seat and its people in one act. Fields:
// nom_organisation, categorie, debut, designation, reference, and those of the
// people prefixed: titulaire_prenom, suppleant_courriel…
func (s *Service) AddPartner(ctx context.Context, by access.Actor, n NewPartner) (Joined, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Joined{}, err
	}
	switch {
	case n.From.IsZero():
		return Joined{}, problem.OnField("debut", "Saisissez la date d’entrée.")
	case n.From.Before(Founded):
		return Joined{}, problem.OnField("debut", "La gouvernance existe depuis le "+french.Date(Founded)+" : choisissez une date à partir de ce jour.")
	case n.Alternate != nil && n.Titular == nil:
		return Joined{}, problem.OnField("titulaire_nom", "Désignez d’abord un titulaire : un suppléant ne siège pas seul.")
	}
	var done Joined
	err := s.write(ctx, func(tx pgx.Tx) error {
		var err error
		if done.Organisation, err = createOrganisation(ctx, tx, by, PartnerOrganisation, n.Name, n.Category); err != nil {
			return err
		}
		if done.Seat, err = openSeat(ctx, tx, by, Partner, done.Organisation, "", strings.TrimSpace(n.Name), n.From); err != nil {
			return err
		}
		for _, p := range []struct {
			in     *PersonInput
			kind   MandateKind
			prefix string
		}{{n.Titular, Titular, "titulaire_"}, {n.Alternate, Alternate, "suppleant_"}} {
			if p.in == nil {
				continue
			}
			started, err := s.startMandate(ctx, tx, by, NewMandate{Seat: done.Seat, Person: *p.in, Kind: p.kind, From: n.From,
				Designation: n.Designation, Reference: n.Reference, Invite: n.Invite})
			if err != nil {
				return prefixed(err, p.prefix, "personne", "prenom", "nom", "courriel")
			}
			done.People = append(done.People, started.Person)
		}
		return nil
	})
	return done, err
}

// prefixed renames the field of a refusal when it is one of the named ones, for
// a form that has several people.
func prefixed(err error, prefix string, fields ...string) error {
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || !slices.Contains(fields, p.Field) {
		return err
	}
	renamed := *p
	renamed.Field = prefix + p.Field
	return &renamed
}

type organisationRecord struct {
	Kind     OrganisationKind `json:"type" db:"kind"`
	Name     string           `json:"nom" db:"name"`
	Category string           `json:"categorie" db:"category"`
	Version  int              `json:"-" db:"version"`
}

func createOrganisation(ctx context.Context, tx pgx.Tx, by access.Actor, kind OrganisationKind, name, category string) (access.OrganisationID, error) {
	name, category = strings.TrimSpace(name), strings.TrimSpace(category)
	if err := checkOrganisation(name, category); err != nil {
		return 0, err
	}
	id, err := postgres.Value[access.OrganisationID](ctx, tx, `
		INSERT INTO organisation (kind, name, category) VALUES ($1, $2, $3) RETURNING id`, kind, name, category)
	if err != nil {
		return 0, organisationProblem(err, name, "insert organisation")
	}
	return id, audit.Record(ctx, tx, by, audit.Entry{Action: "organisation.create", Object: "organisation", ID: int64(id),
		Label: name, After: organisationRecord{Kind: kind, Name: name, Category: category}})
}

func checkOrganisation(name, category string) error {
	switch {
	case name == "" || len([]rune(name)) > 200 || !oneLine(name):
		return problem.OnField("nom_organisation", "Saisissez le nom de l’organisation, en 200 caractères au plus.")
	case len([]rune(category)) > 100 || !oneLine(category):
		return problem.OnField("categorie", "Gardez 100 caractères au plus.")
	}
	return nil
}

func organisationProblem(err error, name, doing string) error {
	if postgres.Violates(err, "organisation_name_once") {
		return problem.OnField("nom_organisation", fmt.Sprintf("Une organisation de ce type s’appelle déjà « %s ».", name))
	}
	return postgres.Wrap(err, "%s", doing)
}

func openSeat(ctx context.Context, tx pgx.Tx, by access.Actor, kind SeatKind, org access.OrganisationID, college College, label string, from day.Day) (SeatID, error) {
	id, err := postgres.Value[SeatID](ctx, tx, `
		INSERT INTO seat (kind, organisation_id, college, label, during)
		VALUES ($1, $2, nullif($3, ''), $4, daterange($5, NULL)) RETURNING id`, kind, org, string(college), label, from)
	if err != nil {
		return 0, postgres.Wrap(err, "open seat of organisation %d", org)
	}
	return id, audit.Record(ctx, tx, by, audit.Entry{Action: "seat.open", Object: "seat", ID: int64(id), Label: label,
		After: map[string]any{"type": kind, "college": college, "debut": from}})
}

// OrganisationName is a correction of an organisation's name or category.
type OrganisationName struct {
	ID       access.OrganisationID
	Version  int
	Name     string
	Category string
}

// RenameOrganisation corrects a name, and the label of the seats that carry it.
// The communes keep theirs, which is the official geographic code's. Fields:
// nom_organisation, categorie.
func (s *Service) RenameOrganisation(ctx context.Context, by access.Actor, n OrganisationName) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	n.Name, n.Category = strings.TrimSpace(n.Name), strings.TrimSpace(n.Category)
	if err := checkOrganisation(n.Name, n.Category); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		old, err := lockOrganisation(ctx, tx, n.ID, n.Version)
		if err != nil {
			return err
		}
		if old.Kind == LocalStructure {
			return problem.OnField("nom_organisation", "Le nom d’une structure se corrige sur sa fiche, dans le registre des structures.")
		}
		if old.Kind == CommuneOrganisation {
			return problem.OnField("nom_organisation", "Le nom d’une commune vient du code officiel géographique et ne se corrige pas ici.")
		}
		return renameOrganisation(ctx, tx, by, n.ID, old, n.Name, n.Category)
	})
}

func lockOrganisation(ctx context.Context, tx pgx.Tx, id access.OrganisationID, version int) (organisationRecord, error) {
	o, err := postgres.One[organisationRecord](ctx, tx, `SELECT kind, name, category, version FROM organisation WHERE id = $1 FOR UPDATE`, id)
	if err != nil {
		return o, orNotFound(err, errOrganisationNotFound, "lock organisation")
	}
	if o.Version != version {
		return o, errStale
	}
	return o, nil
}

// Departure is an organisation leaving its body.
type Departure struct {
	Organisation access.OrganisationID
	Version      int // of the organisation, as the form showed it
	On           day.Day
	Reason       string
}

// PartnerLeaves closes the seat of a partner on a day, and ends its mandates. What
// was remains in the compositions of the past. Structures leave through their
// register (Unseat). Fields: fin, motif.
func (s *Service) PartnerLeaves(ctx context.Context, by access.Actor, d Departure) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	if d.On.IsZero() {
		return problem.OnField("fin", "Saisissez la date de départ.")
	}
	if len([]rune(d.Reason)) > 300 {
		return problem.OnField("motif", "Gardez 300 caractères au plus.")
	}
	return s.write(ctx, func(tx pgx.Tx) error {
		o, err := lockOrganisation(ctx, tx, d.Organisation, d.Version)
		if err != nil {
			return err
		}
		if o.Kind != PartnerOrganisation {
			return problem.New(problem.Invalid, "Seul un partenaire quitte la gouvernance ici.")
		}
		if err := leaveSeat(ctx, tx, by, d); err != nil {
			return err
		}
		_, err = postgres.Exec(ctx, tx, `UPDATE organisation SET version = version + 1 WHERE id = $1`, d.Organisation)
		return postgres.Wrap(err, "organisation %d leaves", d.Organisation)
	})
}

func closeSeat(ctx context.Context, tx pgx.Tx, by access.Actor, id SeatID, d Departure) error {
	p, err := lockSeat(ctx, tx, id)
	if err != nil {
		return err
	}
	if !d.On.After(p.From) {
		return problem.OnField("fin", "Ce siège est ouvert depuis le "+french.Date(p.From)+" : le départ doit venir après.")
	}
	held, err := tenuresOf(ctx, tx, id)
	if err != nil {
		return err
	}
	for _, t := range held {
		switch {
		case !t.From.Before(d.On):
			err = dropTenure(ctx, tx, by, p, t, "départ de l’organisation")
		case t.Until.IsZero() || t.Until.After(d.On):
			err = endTenure(ctx, tx, by, p, t, d.On, "départ de l’organisation")
		}
		if err != nil {
			return err
		}
	}
	if _, err := postgres.Exec(ctx, tx, `
		UPDATE seat SET during = daterange(lower(during), $2), version = version + 1 WHERE id = $1`, id, d.On); err != nil {
		return postgres.Wrap(err, "close seat %d", id)
	}
	return audit.Record(ctx, tx, by, audit.Entry{Action: "seat.close", Object: "seat", ID: int64(id), Label: p.Label,
		Before: map[string]any{"fin": p.Until}, After: map[string]any{"fin": d.On, "motif": d.Reason}})
}
