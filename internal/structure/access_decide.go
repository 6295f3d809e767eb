package structure

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// AccessPath begins the addresses of the access requests of a structure.
const AccessPath = SpacePath + "/acces"

// AccessID identifies an access request.
type AccessID int64

// AccessState is where an access request stands.
type AccessState string

// The closed set of states (constraint access_request_state_check).
const (
	AccessWaiting AccessState = "waiting"
	AccessGranted AccessState = "granted"
	AccessRefused AccessState = "refused"
)

// Label returns the French name of the state.
func (s AccessState) Label() string {
	switch s {
	case AccessWaiting:
		return "À traiter"
	case AccessGranted:
		return "Acceptée"
	case AccessRefused:
		return "Refusée"
	}
	return string(s)
}

// AccessRequest is somebody who says to be of a structure that is registered.
type AccessRequest struct {
	ID            AccessID    `db:"id"`
	Structure     ID          `db:"structure_id"`
	StructureName string      `db:"structure_name"`
	First         string      `db:"first_name"`
	Last          string      `db:"last_name"`
	Email         string      `db:"email"`
	Title         string      `db:"title"`
	Message       string      `db:"message"`
	State         AccessState `db:"state"`
	Reason        string      `db:"reason"`
	CreatedAt     time.Time   `db:"created_at"`
	DecidedAt     *time.Time  `db:"decided_at"`
	DecidedBy     string      `db:"decided_by"`
}

// Name returns « Camille Exemple ».
func (r AccessRequest) Name() string { return r.First + " " + r.Last }

const accessSQL = `
	SELECT r.id, r.structure_id, o.name AS structure_name, r.first_name, r.last_name, r.email, r.title, r.message, r.state,
	       r.reason, r.created_at, r.decided_at, r.decided_by
	FROM access_request r JOIN organisation o ON o.id = r.structure_id `

var (
	_             = notify.NameKinds(map[string]string{"structure_access_answer": "Réponse à une demande d’accès"})
	errAccessGone = problem.New(problem.NotFound, "Cette demande d’accès n’existe pas.")
)

// addWaitingAccess asks for the requests that wait, the oldest first; the caller has
// checked the right.
func addWaitingAccess(b *postgres.Batch, dst *[]AccessRequest, id ID) {
	postgres.AddList(b, dst, accessSQL+`WHERE r.structure_id = $1 AND r.state = 'waiting' ORDER BY r.created_at, r.id LIMIT 200`, id)
}

// AccessRequests returns the requests of a structure that wait, for its managers and
// the team.
func (s *Service) AccessRequests(ctx context.Context, by access.Actor, id ID) ([]AccessRequest, error) {
	if _, err := require(ctx, s.db, by, id, Manager); err != nil {
		return nil, err
	}
	var v []AccessRequest
	var b postgres.Batch
	addWaitingAccess(&b, &v, id)
	return v, postgres.Wrap(b.Run(ctx, s.db), "access requests of structure %d", id)
}

// AccessRequest returns a request, answered or not, for the managers of its structure
// and the team.
func (s *Service) AccessRequest(ctx context.Context, by access.Actor, id AccessID) (AccessRequest, error) {
	r, err := postgres.One[AccessRequest](ctx, s.db, accessSQL+`WHERE r.id = $1`, id)
	switch {
	case postgres.IsNoRows(err):
		return r, errAccessGone
	case err != nil:
		return r, postgres.Wrap(err, "access request %d", id)
	}
	if _, err := require(ctx, s.db, by, r.Structure, Manager); err != nil {
		return AccessRequest{}, hideAccess(err)
	}
	return r, nil
}

// hideAccess says of a request of another structure that it does not exist.
func hideAccess(err error) error {
	if problem.KindOf(err) == problem.NotFound {
		return errAccessGone
	}
	return err
}

// DecideAccess answers an access request: granted, the person acts for the structure
// from today, as a manager if said so; refused, for a reason or none. Who comes second
// is told. Field: motif.
func (s *Service) DecideAccess(ctx context.Context, by access.Actor, id AccessID, grant, manager bool, reason string) error {
	if utf8.RuneCountInString(reason) > 1000 {
		return problem.OnField("motif", "Gardez 1 000 caractères au plus.")
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		r, err := lockAccess(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if grant {
			err = s.grantAccess(ctx, tx, by, r, manager)
		} else {
			err = s.refuseAccess(ctx, tx, by, r, reason)
		}
		if err != nil {
			return err
		}
		state := AccessRefused
		if grant {
			state, reason = AccessGranted, ""
		}
		_, err = postgres.Exec(ctx, tx, `
			UPDATE access_request SET state = $2, reason = $3, decided_at = now(), decided_by = $4 WHERE id = $1`, id, string(state), reason, by.Name)
		return postgres.Wrap(err, "decide access request %d", id)
	})
}

// lockAccess locks a request that waits, for who may answer it.
func lockAccess(ctx context.Context, tx pgx.Tx, by access.Actor, id AccessID) (AccessRequest, error) {
	r, err := postgres.One[AccessRequest](ctx, tx, accessSQL+`WHERE r.id = $1 FOR UPDATE OF r`, id)
	switch {
	case postgres.IsNoRows(err):
		return r, errAccessGone
	case err != nil:
		return r, postgres.Wrap(err, "lock access request %d", id)
	}
	if _, err := require(ctx, tx, by, r.Structure, Manager); err != nil {
		return r, hideAccess(err)
	}
	if r.State != AccessWaiting {
		who := r.DecidedBy
		if who == "" {
			who = "quelqu’un d’autre"
		}
		return r, problem.New(problem.Conflict, "Entre-temps, "+who+" a répondu à cette demande : il n’y a plus rien à faire.")
	}
	return r, nil
}

// grantAccess brings the person into the structure; one who acts for it already is
// left as they are.
func (s *Service) grantAccess(ctx context.Context, tx pgx.Tx, by access.Actor, r AccessRequest, manager bool) error {
	a, err := openPeople(ctx, tx, by, r.Structure)
	if err != nil {
		return err
	}
	c := Contact{First: r.First, Last: r.Last, Email: r.Email, Title: r.Title, Manager: manager}
	if _, err := s.bring(ctx, tx, a, c); err != nil {
		return err
	}
	return record(ctx, tx, by, "grant", a.sheet, nil, map[string]any{"courriel": r.Email, "gestionnaire": manager})
}

// refuseAccess tells the person.
func (s *Service) refuseAccess(ctx context.Context, tx pgx.Tx, by access.Actor, r AccessRequest, reason string) error {
	text := []string{french.Typo("Votre demande d’accès à la structure « " + r.StructureName + " » n’a pas été acceptée.")}
	if reason != "" {
		text = append(text, french.Typo("Voici pourquoi : « "+reason+" »"))
	}
	text = append(text, french.Typo("Si c’est une erreur, adressez-vous à la personne référente de la structure, ou répondez à ce message : l’équipe vous aidera."))
	err := s.outbox.Queue(ctx, tx, notify.Mail{Kind: "structure_access_answer", ToAddress: r.Email, ToName: r.Name(),
		Subject: french.Typo("Votre demande d’accès – " + r.StructureName), Paragraphs: text,
		Why: "Vous recevez ce message parce que cette adresse a servi à demander un accès à une structure."})
	if err != nil {
		return err
	}
	return record(ctx, tx, by, "deny", Sheet{ID: r.Structure, Name: r.StructureName}, nil, map[string]any{"courriel": r.Email, "motif": reason})
}
