package structure

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/throttle"
)

// ConfirmationPath is where an address is confirmed, RequestPath where a request is
// followed and where its applicant answers the team; a token comes after.
const (
	ConfirmationPath = "/structures/confirmation/"
	RequestPath      = "/structures/demande/"
)

// ErrConfirmed says that a link to confirm an address was used: the request is with
// the team.
var ErrConfirmed = problem.New(problem.Gone, "Votre adresse est déjà confirmée.")

// Confirmation returns the name of the structure whose address a link confirms. It
// changes nothing: mail scanners open links before their readers do. ErrConfirmed
// when that is done, Gone when the link is out of date.
func (s *Service) Confirmation(ctx context.Context, token string) (string, error) {
	l, err := readLink(ctx, s.db, ForConfirmation, token)
	if err != nil {
		return "", err
	}
	sheet, err := load(ctx, s.db, l.Structure)
	switch {
	case err != nil:
		return "", err
	case sheet.State == Lapsed:
		return "", errGone
	case l.UsedAt != nil || sheet.State != Unconfirmed:
		return "", ErrConfirmed
	}
	return sheet.Name, nil
}

// ConfirmRegistration confirms the address of a request, which then waits for the
// team, and returns the token of the link that follows it, mailed too.
func (s *Service) ConfirmRegistration(ctx context.Context, by access.Actor, token string) (string, error) {
	var follow string
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		l, err := readLink(ctx, tx, ForConfirmation, token)
		if err != nil {
			return err
		}
		sheet, err := lock(ctx, tx, l.Structure, 0) // before the link: a double click waits here
		switch {
		case err != nil:
			return err
		case sheet.State == Lapsed:
			return errGone
		case sheet.State != Unconfirmed:
			return ErrConfirmed
		}
		if l, err = useLink(ctx, tx, ForConfirmation, token); errors.Is(err, errGone) {
			return ErrConfirmed
		} else if err != nil {
			return err
		}
		follow, err = s.confirm(ctx, tx, access.Actor{Name: l.Name, RequestID: by.RequestID}, sheet)
		return err
	})
	return follow, err
}

// confirm puts a request in the queue of the team.
func (s *Service) confirm(ctx context.Context, tx pgx.Tx, by access.Actor, sheet Sheet) (string, error) {
	if err := setState(ctx, tx, sheet.ID, Submitted); err != nil {
		return "", err
	}
	if err := step(ctx, tx, by, sheet.ID, StepConfirmed, ""); err != nil {
		return "", err
	}
	if err := record(ctx, tx, by, "confirm", sheet, nil, nil); err != nil {
		return "", err
	}
	// The draft has served: what it holds of people is not kept twice.
	if _, err := postgres.Exec(ctx, tx, `UPDATE registration SET answers = '{}' WHERE structure_id = $1`, sheet.ID); err != nil {
		return "", postgres.Wrap(err, "empty the draft of structure %d", sheet.ID)
	}
	people, err := applicants(ctx, tx, sheet.ID)
	if err != nil {
		return "", err
	}
	follow, err := newLink(ctx, tx, sheet.ID, ForApplication, by.Name)
	if err != nil {
		return "", err
	}
	mails := make([]notify.Mail, 0, len(people))
	for _, p := range people {
		mails = append(mails, registrationFollowMail(p, sheet.Name, s.baseURL+RequestPath+follow))
	}
	_, err = s.outbox.QueueMany(ctx, tx, mails)
	return follow, err
}

// MailRegistrationLink mails the link that leads back to a draft.
func (s *Service) MailRegistrationLink(ctx context.Context, token, email, from string) error {
	if !contactAddress(email) {
		return errAddress
	}
	r, _, err := s.Registration(ctx, token)
	switch {
	case err != nil:
		return err
	case r.Sent != 0:
		return errRegistrationSent
	}
	if err := throttle.Count(ctx, s.db, limitRegistrationMailing.On(throttle.Place(from)), limitRegistrationMail.On(email)); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		return s.outbox.Queue(ctx, tx, registrationDraftMail(email, s.baseURL+RegistrationPath+"/"+token))
	})
}

// PruneRegistrations erases what is out of date: drafts that nobody touched for
// thirty days, links that no longer work, and the people of requests that nobody
// confirmed in time, which lapse. It returns how many it erased.
func (s *Service) PruneRegistrations(ctx context.Context) (int, error) {
	total := 0
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		lapsed, err := lapseRequests(ctx, tx, access.System("Portail"), "")
		if err != nil {
			return err
		}
		drafts, err := postgres.Exec(ctx, tx, `DELETE FROM registration WHERE changed_at <= now() - interval '30 days'`)
		if err != nil {
			return postgres.Wrap(err, "erase old registrations")
		}
		links, err := postgres.Exec(ctx, tx, `DELETE FROM structure_link WHERE expires_at <= now()`)
		total = lapsed + int(drafts) + int(links)
		return postgres.Wrap(err, "erase old links")
	})
	return total, err
}

// lapseRequests ends requests whose address nobody confirmed, and erases their people: with
// a SIRET, those that hold it for over a day, so that nobody reserves a number
// without a mailbox; with none, all those whose last link is out of date.
func lapseRequests(ctx context.Context, tx pgx.Tx, by access.Actor, siret string) (int, error) {
	type ended struct {
		ID   ID     `db:"organisation_id"`
		Name string `db:"name"`
	}
	gone, err := postgres.List[ended](ctx, tx, `
		WITH gone AS (
			UPDATE structure s SET state = 'lapsed', version = version + 1
			WHERE s.state = 'unconfirmed'
			  AND CASE WHEN $1 = '' THEN s.created_at <= now() - interval '7 days' AND NOT EXISTS (
			               SELECT FROM structure_link l WHERE l.structure_id = s.organisation_id AND l.purpose = 'confirm' AND l.expires_at > now())
			           ELSE s.siret = $1 AND s.created_at < now() - interval '1 day' END
			RETURNING s.organisation_id),
		unnamed AS (DELETE FROM structure_contact c USING gone g WHERE c.structure_id = g.organisation_id),
		emptied AS (UPDATE registration r SET answers = '{}' FROM gone g WHERE r.structure_id = g.organisation_id),
		told AS (INSERT INTO structure_step (structure_id, kind) SELECT organisation_id, 'lapsed' FROM gone)
		SELECT g.organisation_id, o.name FROM gone g JOIN organisation o ON o.id = g.organisation_id ORDER BY g.organisation_id`, siret)
	if err != nil {
		return 0, postgres.Wrap(err, "end requests that nobody confirmed")
	}
	entries := make([]audit.Entry, len(gone))
	for i, g := range gone {
		entries[i] = audit.Entry{Action: "structure.lapse", Object: "structure", ID: int64(g.ID), Label: g.Name}
	}
	return len(gone), audit.RecordMany(ctx, tx, by, entries)
}
