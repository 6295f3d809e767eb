package structure

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/throttle"
)

// AccessInput is what somebody says who asks to act for a member of the GNI.
type AccessInput struct {
	First, Last, Email string
	Title              string // "": not told
	Message            string // "": none
}

var (
	limitAccessFrom = throttle.Limit{Name: "structure_access_from", Max: 10} // asked from one address of the network
	limitAccessMail = throttle.Limit{Name: "structure_access_mail", Max: 5}  // with one mailbox
	limitAccessOf   = throttle.Limit{Name: "structure_access_of", Max: 20}   // to one structure, by anybody
)

// AccessTarget returns the member of the GNI that access is asked to, as the public
// reads it; ErrNotFound for any other structure.
func (s *Service) AccessTarget(ctx context.Context, id ID) (Sheet, error) {
	sheet, err := load(ctx, s.db, id)
	if err == nil && sheet.State != Accepted {
		err = ErrNotFound
	}
	return sheet.Public(), err
}

func (in AccessInput) check() error {
	switch {
	case !contactWords(in.First, 80):
		return problem.OnField("prenom", "Saisissez votre prénom, en 80 caractères au plus.")
	case !contactWords(in.Last, 80):
		return problem.OnField("nom", "Saisissez votre nom, en 80 caractères au plus.")
	case in.Title != "" && !contactWords(in.Title, 120):
		return errTitle
	case !contactAddress(in.Email):
		return errAddress
	case utf8.RuneCountInString(in.Message) > 1000 || strings.ContainsFunc(in.Message, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }):
		return problem.OnField("message", "Gardez 1 000 caractères au plus.")
	}
	return nil
}

// RequestAccess keeps the request and tells those who manage the structure, or the
// team when nobody of it can be written to. Its answer never tells whether the
// address is known: who has access already learns it in their mailbox.
func (s *Service) RequestAccess(ctx context.Context, by access.Actor, id ID, in AccessInput, from string) error {
	if err := in.check(); err != nil {
		return err
	}
	target, err := s.AccessTarget(ctx, id)
	if err != nil {
		return err
	}
	if err := throttle.Count(ctx, s.db, limitAccessFrom.On(throttle.Place(from)), limitAccessMail.On(in.Email), limitAccessOf.On(fmt.Sprint(id))); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		known, err := addressActsFor(ctx, tx, id, in.Email)
		switch {
		case err != nil:
			return err
		case known:
			return s.outbox.Queue(ctx, tx, accessKnownMail(in.Email, s.baseURL+"/connexion"))
		}
		n, err := postgres.Exec(ctx, tx, `
			INSERT INTO access_request (structure_id, first_name, last_name, email, title, message) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (structure_id, email) WHERE state = 'waiting' DO NOTHING`, id, in.First, in.Last, in.Email, in.Title, in.Message)
		if err != nil || n == 0 { // asked already: whoever decides knows
			return postgres.Wrap(err, "request access to structure %d", id)
		}
		actor := access.Actor{Name: in.First + " " + in.Last, RequestID: by.RequestID}
		if err := record(ctx, tx, actor, "access", target, nil, nil); err != nil {
			return err
		}
		return s.tellAccess(ctx, tx, target, actor.Name)
	})
}

// addressActsFor tells whether somebody with the address holds the seat of the structure or
// acts for it today.
func addressActsFor(ctx context.Context, q postgres.Querier, id ID, email string) (bool, error) {
	known, err := postgres.Value[bool](ctx, q, `
		SELECT EXISTS (SELECT FROM person p WHERE p.email = $2 AND (
		    EXISTS (SELECT FROM seat s JOIN mandate m ON m.seat_id = s.id
		            WHERE s.organisation_id = $1 AND m.person_id = p.id AND m.during @> paris_today())
		    OR EXISTS (SELECT FROM membership n WHERE n.organisation_id = $1 AND n.person_id = p.id AND n.during @> paris_today())))`, id, email)
	return known, postgres.Wrap(err, "who acts for structure %d", id)
}

// tellAccess writes to who decides.
func (s *Service) tellAccess(ctx context.Context, tx pgx.Tx, target Sheet, name string) error {
	to, err := managers(ctx, tx, target.ID)
	if err != nil {
		return err
	}
	link, action, whose := s.baseURL+"/ma-structure/acces", "Voir la demande", "votre structure"
	if len(to) == 0 {
		if to, err = registerTeam(ctx, tx); err != nil {
			return err
		}
		link, whose = fmt.Sprintf("%s/equipe/structures/%d", s.baseURL, target.ID), "une structure qui n’a personne à prévenir"
	}
	notices := make([]notify.Notice, len(to))
	for i, p := range to {
		notices[i] = notify.Notice{Person: p.Person, Address: p.Email, Name: p.Name, Kind: "access_request",
			Subject: "Une personne demande l’accès à " + whose,
			Text:    name + " demande à agir pour « " + target.Name + " » sur le portail. N’acceptez que si vous connaissez cette personne.",
			Action:  action, Link: link}
	}
	return s.outbox.Tell(ctx, tx, notices)
}

// registerTeam returns the metropole's team: whoever has an open account in it.
func registerTeam(ctx context.Context, q postgres.Querier) ([]recipient, error) {
	r, err := postgres.List[recipient](ctx, q, `
		SELECT p.id AS person_id, p.first_name || ' ' || p.last_name AS name, a.email
		FROM role_grant r JOIN account a ON a.id = r.account_id JOIN person p ON p.id = a.person_id
		WHERE r.role = 'team' AND r.ended_at IS NULL AND a.disabled_at IS NULL ORDER BY p.id`)
	return r, postgres.Wrap(err, "list the team")
}
