package structure

import (
	"context"
	"errors"
	"slices"
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

// Submission is a request as it is sent to the team.
type Submission struct {
	Sheet  Sheet
	People []Contact // who is in charge first
	// Version is that of the draft whose answers the person read before sending.
	Version int
	// NotThem says that the structures with a close name, which were shown, are
	// others.
	NotThem bool
}

// maxOtherPeople is how many people a request may name beside who is in charge.
const maxOtherPeople = 3

var (
	errRegistrationMoved = problem.New(problem.Conflict, "Vos réponses ont changé depuis que cette page est affichée, dans un autre onglet ou sur un autre appareil : relisez-les, puis envoyez.")
	errAlreadyMember     = problem.New(problem.Conflict, "Une structure est déjà inscrite avec ce SIRET : demandez-lui l’accès, ou corrigez votre SIRET.")
	errAlreadyAsked      = problem.New(problem.Conflict, "Une demande vient d’être envoyée pour ce SIRET, ou l’équipe l’examine déjà. Vos réponses sont gardées.")
	errTitle             = problem.OnField("fonction", "Gardez 120 caractères au plus, sur une ligne.")
	errAddress           = problem.OnField("courriel", "Saisissez une adresse électronique complète, par exemple prenom.nom@exemple.fr.")
	errLooksLike         = problem.OnField("autre", "Dites si votre structure est une de celles qui lui ressemblent : si ce n’est pas le cas, cochez la case.")
)

// check refuses a request that is not whole. The pages check first: this is for
// what comes round them.
func (in Submission) check() error {
	for _, section := range Sections {
		if wrong := in.Sheet.Check(section); len(wrong) > 0 {
			return wrong[0]
		}
	}
	return CheckContacts(in.People)
}

// CheckContacts checks the people of a request: one in charge, first, and up to
// three others, each whole and each with an address of their own.
func CheckContacts(people []Contact) error {
	if len(people) == 0 || !people[0].InCharge {
		return problem.OnField("prenom", "Donnez la personne référente.")
	}
	if len(people) > 1+maxOtherPeople {
		return problem.OnField("prenom", "Donnez trois autres personnes au plus.")
	}
	seen := map[string]bool{}
	for i, p := range people {
		switch {
		case i > 0 && p.InCharge:
			return problem.OnField("prenom", "Une seule personne est référente.")
		case !contactWords(p.First, 80) || !contactWords(p.Last, 80):
			return problem.OnField("prenom", "Donnez le prénom et le nom de chaque personne, en 80 caractères au plus.")
		case p.Title != "" && !contactWords(p.Title, 120):
			return errTitle
		case !contactAddress(p.Email):
			return errAddress
		case seen[p.Email]:
			return problem.OnField("courriel", "Deux personnes ont la même adresse électronique : donnez à chacune la sienne.")
		}
		seen[p.Email] = true
	}
	return nil
}

// contactAddress tells whether mail may reach the address, written as it is kept.
func contactAddress(s string) bool { return notify.Deliverable(s) && s == strings.ToLower(s) }

// contactWords tells whether a name or a title is one, on one line.
func contactWords(s string, most int) bool {
	n := utf8.RuneCountInString(s)
	return n > 0 && n <= most && strings.TrimSpace(s) == s && !strings.ContainsFunc(s, unicode.IsControl)
}

// Submit sends a request: the structure, its people and what it agreed to are
// written, unconfirmed until its person in charge confirms their address by the link
// that is mailed. Sent twice, as a double click or two devices do, it is one request.
//
// by is who asks, usually nobody; the journal names the person in charge.
func (s *Service) Submit(ctx context.Context, by access.Actor, token string, in Submission) error {
	if err := in.check(); err != nil {
		return err
	}
	charge := in.People[0]
	actor := access.Actor{Name: charge.Name(), RequestID: by.RequestID}
	mailbox := limitRegistrationMail.On(charge.Email)
	if err := throttle.Count(ctx, s.db, mailbox); err != nil {
		return err
	}
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		r, err := lockRegistration(ctx, tx, token)
		switch {
		case err != nil:
			return err
		case r.Sent != 0:
			return nil
		case r.Version != in.Version:
			return errRegistrationMoved
		}
		if err := clearTheWay(ctx, tx, actor, in); err != nil {
			return err
		}
		return s.send(ctx, tx, actor, token, in)
	})
	if errors.Is(err, errSIRET) { // somebody wrote it between the look and the insert
		err = errAlreadyAsked
	}
	if err != nil { // nothing was mailed
		if refunded := throttle.Refund(ctx, s.db, mailbox); refunded != nil {
			return errors.Join(err, refunded)
		}
	}
	return err
}

func lockRegistration(ctx context.Context, tx pgx.Tx, token string) (Registration, error) {
	r, err := postgres.One[Registration](ctx, tx, `SELECT `+registrationColumns+` FROM registration
		WHERE token_hash = $1 AND changed_at > now() - interval '30 days' FOR UPDATE`, tokenHash(token))
	if postgres.IsNoRows(err) {
		return r, errRegistrationGone
	}
	return r, postgres.Wrap(err, "lock a registration")
}

// clearTheWay refuses a request for a structure that is registered. Requests of one
// commune are sent one after the other: of two with a close name at the same second,
// the second sees the first. (Of two with one SIRET, the index knows.)
func clearTheWay(ctx context.Context, tx pgx.Tx, by access.Actor, in Submission) error {
	if _, err := postgres.Exec(ctx, tx, `SELECT pg_advisory_xact_lock(hashtext('structure.submit'), hashtext($1))`, in.Sheet.INSEE); err != nil {
		return postgres.Wrap(err, "wait for other requests")
	}
	if in.Sheet.SIRET != "" {
		if _, err := lapseRequests(ctx, tx, by, in.Sheet.SIRET); err != nil {
			return err
		}
	}
	alike, err := lookAlikes(ctx, tx, in.Sheet.Name, in.Sheet.INSEE, in.Sheet.SIRET)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(alike, func(l LookAlike) bool { return l.SameSIRET }); i >= 0 {
		if alike[i].Member() {
			return errAlreadyMember
		}
		return errAlreadyAsked
	}
	if len(alike) > 0 && !in.NotThem {
		return errLooksLike
	}
	return nil
}

// send writes the request and mails the link that confirms the address.
func (s *Service) send(ctx context.Context, tx pgx.Tx, by access.Actor, token string, in Submission) error {
	sheet := in.Sheet
	sheet.State, sheet.Origin = Unconfirmed, FromRegistration
	people := slices.Clone(in.People)
	people[0].Manager = true
	id, err := s.createBy(ctx, tx, by, "send", sheet, people)
	if postgres.Violates(err, "structure_insee_fkey") {
		return problem.OnField("commune", "Choisissez une commune de la liste.")
	}
	if err != nil {
		return err
	}
	if err := step(ctx, tx, by, id, StepSent, ""); err != nil {
		return err
	}
	if _, err := postgres.Exec(ctx, tx, `UPDATE registration SET structure_id = $2, changed_at = now() WHERE token_hash = $1`, tokenHash(token), id); err != nil {
		return postgres.Wrap(err, "mark a registration as sent")
	}
	return s.mailConfirmation(ctx, tx, id, people[0])
}

// mailConfirmation mails a new link to confirm the address of who is in charge.
func (s *Service) mailConfirmation(ctx context.Context, tx pgx.Tx, id ID, to Contact) error {
	link, err := newLink(ctx, tx, id, ForConfirmation, to.Name())
	if err != nil {
		return err
	}
	return s.outbox.Queue(ctx, tx, registrationConfirmMail(to.Email, s.baseURL+ConfirmationPath+link))
}

// SentRegistration is what its page tells of a request that was sent.
type SentRegistration struct {
	Name  string `db:"name"`
	Email string `db:"email"` // of who is in charge; "" once accepted, refused for long, or lapsed
	State State  `db:"state"`
}

// SentRegistration returns it; ErrNotFound when the draft is not sent yet.
func (s *Service) SentRegistration(ctx context.Context, token string) (SentRegistration, error) {
	v, err := postgres.One[SentRegistration](ctx, s.db, `
		SELECT o.name, coalesce(c.email, '') AS email, s.state
		FROM registration r JOIN structure s ON s.organisation_id = r.structure_id JOIN organisation o ON o.id = s.organisation_id
		LEFT JOIN structure_contact c ON c.structure_id = s.organisation_id AND c.in_charge
		WHERE r.token_hash = $1`, tokenHash(token))
	if postgres.IsNoRows(err) {
		return v, s.whyNotSent(ctx, token)
	}
	return v, postgres.Wrap(err, "read a request")
}

// whyNotSent tells a draft that is still being written from one that is gone.
func (s *Service) whyNotSent(ctx context.Context, token string) error {
	if _, _, err := s.Registration(ctx, token); err != nil {
		return err
	}
	return ErrNotFound
}

// ResendConfirmation mails the link again, to the address of who is in charge or to
// the one that replaces it: a mistyped address is why most such mails are lost.
func (s *Service) ResendConfirmation(ctx context.Context, by access.Actor, token, email, from string) error {
	if !contactAddress(email) {
		return errAddress
	}
	if err := throttle.Count(ctx, s.db, limitRegistrationMailing.On(throttle.Place(from)), limitRegistrationMail.On(email)); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		r, err := lockRegistration(ctx, tx, token)
		switch {
		case err != nil:
			return err
		case r.Sent == 0:
			return ErrNotFound
		}
		sheet, err := lock(ctx, tx, r.Sent, 0)
		switch {
		case err != nil:
			return err
		case sheet.State == Lapsed:
			return problem.New(problem.Conflict, "Cette demande n’a pas été confirmée à temps : commencez une nouvelle inscription.")
		case sheet.State != Unconfirmed:
			return problem.New(problem.Conflict, "Votre adresse est déjà confirmée : il n’y a rien à renvoyer.")
		}
		to, err := postgres.One[Contact](ctx, tx, `
			SELECT first_name, last_name, email, title, in_charge, manager FROM structure_contact WHERE structure_id = $1 AND in_charge`, sheet.ID)
		if err != nil {
			return postgres.Wrap(err, "who is in charge of structure %d", sheet.ID)
		}
		if to.Email != email {
			if err := redirectConfirmation(ctx, tx, access.Actor{Name: to.Name(), RequestID: by.RequestID}, sheet, email); err != nil {
				return err
			}
			to.Email = email
		}
		return s.mailConfirmation(ctx, tx, sheet.ID, to)
	})
}

// redirectConfirmation corrects the address of who is in charge of a request that
// nobody confirmed; links sent to the former one no longer work.
func redirectConfirmation(ctx context.Context, tx pgx.Tx, by access.Actor, sheet Sheet, email string) error {
	_, err := postgres.Exec(ctx, tx, `UPDATE structure_contact SET email = $2 WHERE structure_id = $1 AND in_charge`, sheet.ID, email)
	if postgres.Violates(err, "structure_contact_once") {
		return problem.OnField("courriel", "Une autre personne de la demande a déjà cette adresse électronique.")
	}
	if err != nil {
		return postgres.Wrap(err, "correct the address of structure %d", sheet.ID)
	}
	if _, err := postgres.Exec(ctx, tx, `DELETE FROM structure_link WHERE structure_id = $1 AND purpose = 'confirm'`, sheet.ID); err != nil {
		return postgres.Wrap(err, "drop links of structure %d", sheet.ID)
	}
	return record(ctx, tx, by, "change", sheet, nil, map[string]string{"adresse de la personne référente": "corrigée"})
}
