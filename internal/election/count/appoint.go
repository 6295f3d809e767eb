package count

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// appointment gives a seat to a structure: its titular, and its alternate if any.
type appointment struct {
	Seat          governance.SeatID
	Structure     access.OrganisationID
	StructureName string
	Titular       governance.PersonInput
	Alternate     governance.PersonInput // Last "": none
	From, Until   day.Day
	Designation   string
	Reference     string
}

// pair is who a candidacy presents.
type pair struct {
	Titular, Alternate governance.PersonInput
}

// contacts returns who candidacies present, each person found by their address when the
// portal knows it.
func contacts(ctx context.Context, q postgres.Querier, ids []int64) (map[election.CandidacyID]pair, error) {
	type row struct {
		ID                         election.CandidacyID
		TFirst, TLast, TMail       string
		AFirst, ALast, AMail       string
		TitularPerson, AlterPerson access.PersonID
	}
	list, err := postgres.List[row](ctx, q, `
		SELECT c.id, c.titular_first AS t_first, c.titular_last AS t_last, c.titular_email AS t_mail,
		       c.alternate_first AS a_first, c.alternate_last AS a_last, c.alternate_email AS a_mail,
		       coalesce(t.id, 0) AS titular_person, coalesce(a.id, 0) AS alter_person
		FROM candidacy c
		LEFT JOIN person t ON t.email = lower(trim(c.titular_email)) AND t.email <> ''
		LEFT JOIN person a ON a.email = lower(trim(c.alternate_email)) AND a.email <> ''
		WHERE c.id = ANY ($1)`, ids)
	out := map[election.CandidacyID]pair{}
	for _, r := range list {
		out[r.ID] = pair{
			Titular:   governance.PersonInput{ID: r.TitularPerson, First: r.TFirst, Last: r.TLast, Email: r.TMail},
			Alternate: governance.PersonInput{ID: r.AlterPerson, First: r.AFirst, Last: r.ALast, Email: r.AMail},
		}
	}
	return out, postgres.Wrap(err, "people of candidacies")
}

// seat gives the seat: mandates begin, people without an account are invited, and who
// does not act for the structure yet does from that day: a representative has no role of
// their own in the portal, they act as their structure.
func (s *Service) seat(ctx context.Context, tx pgx.Tx, by access.Actor, a appointment) error {
	titular, err := s.governance.Appoint(ctx, tx, by, a.mandate(governance.Titular, a.Titular))
	if err != nil {
		return err
	}
	if err := s.join(ctx, tx, by, a, titular.Person, "Représentant élu au CMTIN"); err != nil {
		return err
	}
	if a.Alternate.ID == 0 && a.Alternate.Last == "" {
		return nil
	}
	if a.Alternate.ID == titular.Person.ID || strings.EqualFold(strings.TrimSpace(a.Alternate.Email), titular.Person.Email) {
		a.Alternate.ID, a.Alternate.Email = 0, "" // one address for both: it is the titular's
	}
	alternate, err := s.governance.Appoint(ctx, tx, by, a.mandate(governance.Alternate, a.Alternate))
	if err != nil {
		return err
	}
	return s.join(ctx, tx, by, a, alternate.Person, "Suppléant élu au CMTIN")
}

func (a appointment) mandate(kind governance.MandateKind, who governance.PersonInput) governance.NewMandate {
	return governance.NewMandate{Seat: a.Seat, Person: who, Kind: kind, From: a.From, TermEndsOn: a.Until, Designation: a.Designation, Reference: a.Reference,
		ReplacesCurrent: kind == governance.Titular, Invite: strings.TrimSpace(who.Email) != ""}
}

// join lets somebody act for the structure, unless they do.
func (s *Service) join(ctx context.Context, tx pgx.Tx, by access.Actor, a appointment, who governance.PersonRef, title string) error {
	acts, err := postgres.Value[bool](ctx, tx, `
		SELECT EXISTS (SELECT FROM membership WHERE person_id = $1 AND organisation_id = $2 AND (during @> $3::date OR lower(during) > $3::date))
		    OR EXISTS (SELECT FROM mandate m JOIN seat s ON s.id = m.seat_id WHERE m.person_id = $1 AND s.organisation_id = $2 AND m.during @> $3::date)`,
		who.ID, a.Structure, a.From)
	if err != nil || acts {
		return postgres.Wrap(err, "who acts for structure %d", a.Structure)
	}
	_, err = s.governance.Join(ctx, tx, by, governance.NewMembership{Organisation: a.Structure, Person: governance.PersonInput{ID: who.ID}, Title: title, From: a.From})
	return err
}
