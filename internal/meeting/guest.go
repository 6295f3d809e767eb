package meeting

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// GuestInput is somebody to invite: a person the portal knows, or what is typed.
type GuestInput struct {
	Person       access.PersonID `json:"personne"` // 0: the fields below
	Name         string          `json:"nom"`
	Organisation string          `json:"organisation"`
	Email        string          `json:"courriel"`
}

func (g GuestInput) empty() bool {
	return g.Person == 0 && g.Name == "" && g.Organisation == "" && g.Email == ""
}

// Guest is somebody who is no member and is invited to a meeting.
type Guest struct {
	ID           GuestID   `json:"id" db:"id"`
	Role         GuestRole `json:"role" db:"role"`
	Name         string    `json:"nom" db:"name"`
	Organisation string    `json:"organisation" db:"organisation"`
	Email        string    `json:"-" db:"email"`
	OnTheSpot    bool      `json:"sur_place" db:"on_the_spot"`
	Invited      bool      `json:"invitee" db:"invited"` // the invitation left
}

// Guests returns whom the team invites beside the members, for the team.
func (s *Service) Guests(ctx context.Context, by access.Actor, id ID) (Meeting, []Guest, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Meeting{}, nil, err
	}
	m, _, err := load(ctx, s.db, by, id)
	if err != nil {
		return Meeting{}, nil, err
	}
	v, err := postgres.List[Guest](ctx, s.db, `
		SELECT g.id, g.role, g.name, g.organisation, g.email, g.on_the_spot, c.id IS NOT NULL AS invited
		FROM meeting_guest g LEFT JOIN convocation c ON c.guest_id = g.id
		WHERE g.meeting_id = $1
		ORDER BY array_position(ARRAY['state', 'expert', 'guest'], g.role), fold(g.name), g.id`, id)
	return m, v, postgres.Wrap(err, "guests")
}

// AddGuest puts somebody on the list of who is invited. It sends nothing: convening
// does, or a further sending. Fields: role, nom, organisation, courriel.
func (s *Service) AddGuest(ctx context.Context, by access.Actor, id ID, role GuestRole, in GuestInput) (GuestID, error) {
	var guest GuestID
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := own(ctx, tx, by, id, 0)
		switch {
		case err != nil:
			return err
		case !m.Open():
			return errClosed(m)
		case !slices.Contains(GuestRoles, role):
			return problem.OnField("role", "Choisissez à quel titre cette personne est invitée.")
		}
		if guest, err = addGuest(ctx, tx, id, role, in, "nom"); err != nil {
			return err
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "meeting.guest_add", Object: "meeting", ID: int64(id), Label: m.label() + ", " + in.Name, After: in})
	})
	return guest, err
}

// addGuest writes a guest; field is the one a fault is told on.
func addGuest(ctx context.Context, tx pgx.Tx, id ID, role GuestRole, in GuestInput, field string) (GuestID, error) {
	prefix := strings.TrimSuffix(field, "nom")
	switch {
	case in.Person == 0 && in.Name == "":
		return 0, problem.OnField(field, "Saisissez le nom de la personne invitée.")
	case len([]rune(in.Name)) > 160:
		return 0, problem.OnField(field, "Gardez 160 caractères au plus.")
	case len([]rune(in.Organisation)) > 200:
		return 0, problem.OnField(prefix+"organisation", "Gardez 200 caractères au plus.")
	case in.Email != "" && !notify.Deliverable(in.Email):
		return 0, problem.OnField(prefix+"courriel", "Saisissez une adresse électronique complète, par exemple prenom.nom@exemple.fr.")
	}
	guest, err := postgres.Value[GuestID](ctx, tx, `
		INSERT INTO meeting_guest (meeting_id, role, person_id, name, organisation, email)
		SELECT $1, $2, p.id, CASE WHEN $3::bigint <> 0 THEN p.first_name || ' ' || p.last_name ELSE $4 END,
		       CASE WHEN $5 <> '' THEN $5 ELSE coalesce((SELECT o.name FROM membership s JOIN organisation o ON o.id = s.organisation_id
		            WHERE s.person_id = p.id AND s.during @> paris_today() ORDER BY o.kind = 'state_service' DESC, o.id LIMIT 1), '') END,
		       CASE WHEN $3::bigint <> 0 THEN p.email ELSE $6 END
		FROM (SELECT) one LEFT JOIN person p ON CASE WHEN $3::bigint <> 0 THEN p.id = $3 ELSE $6 <> '' AND p.email = $6 END
		WHERE $3::bigint = 0 OR p.id IS NOT NULL
		RETURNING id`, id, role, int64(in.Person), in.Name, in.Organisation, strings.ToLower(in.Email))
	switch {
	case postgres.IsNoRows(err):
		return 0, problem.OnField(field, "Choisissez une personne de la liste.")
	case postgres.Violates(err, "meeting_guest_email_once"):
		return 0, problem.OnField(prefix+"courriel", "Cette adresse est déjà celle d’une personne invitée à cette réunion.")
	}
	return guest, postgres.Wrap(err, "insert guest")
}

// RemoveGuest takes somebody off the list, as long as no invitation left.
func (s *Service) RemoveGuest(ctx context.Context, by access.Actor, id ID, guest GuestID) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := own(ctx, tx, by, id, 0)
		if err != nil {
			return err
		}
		g, err := postgres.One[Guest](ctx, tx, `
			SELECT g.id, g.role, g.name, g.organisation, g.email, g.on_the_spot, c.id IS NOT NULL AS invited
			FROM meeting_guest g LEFT JOIN convocation c ON c.guest_id = g.id
			WHERE g.id = $1 AND g.meeting_id = $2`, guest, id)
		switch {
		case postgres.IsNoRows(err):
			return problem.New(problem.NotFound, "Cette personne n’est pas ou plus invitée.")
		case err != nil:
			return postgres.Wrap(err, "load guest")
		case g.Invited:
			return problem.New(problem.Invalid, "L’invitation est déjà partie : elle reste au dossier de la réunion. Prévenez cette personne directement.")
		}
		if _, err := postgres.Exec(ctx, tx, `DELETE FROM meeting_guest WHERE id = $1`, guest); err != nil {
			return postgres.Wrap(err, "remove guest")
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "meeting.guest_remove", Object: "meeting", ID: int64(id), Label: m.label() + ", " + g.Name, Before: g})
	})
}
