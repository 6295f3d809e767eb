package account

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// PageSize is how many accounts the administrators' list shows at once.
const PageSize = 50

// Filter narrows the list of accounts.
type Filter struct {
	Search string      // in the name or the address, whatever the accents
	Role   access.Role // "" for all
	State  State       // "" for all
	After  access.PersonID
}

// Row is one account of the list.
type Row struct {
	ID         access.AccountID
	PersonID   access.PersonID
	FirstName  string
	LastName   string
	Email      string
	State      State
	Roles      []string // of its capacities, no role twice
	LastSeenAt *time.Time
}

// Name returns « Exemple Camille », as lists are sorted.
func (r Row) Name() string { return r.LastName + " " + r.FirstName }

// RoleLabels returns the roles in French, in display order.
func (r Row) RoleLabels() []string {
	var out []string
	for _, role := range access.Roles {
		for _, have := range r.Roles {
			if string(role) == have {
				out = append(out, role.Label())
			}
		}
	}
	return out
}

// List returns a page of accounts by name, and the person to continue after (0 at
// the end). One query; it reads an index from where the last page stopped, so the
// last page costs what the first does.
func (s *Service) List(ctx context.Context, by access.Actor, f Filter) ([]Row, access.PersonID, error) {
	if err := by.Require(by.RunsPortal()); err != nil {
		return nil, 0, err
	}
	list, err := postgres.List[Row](ctx, s.db, `
		SELECT a.id, p.id AS person_id, p.first_name, p.last_name, a.email,
		       CASE WHEN a.disabled_at IS NOT NULL THEN 'disabled'
		            WHEN a.password_hash IS NULL THEN 'invited' ELSE 'active' END AS state,
		       array(SELECT DISTINCT c.role FROM capacity c WHERE c.account_id = a.id) AS roles,
		       (SELECT max(n.last_seen_at) FROM session n WHERE n.account_id = a.id) AS last_seen_at
		FROM person p JOIN account a ON a.person_id = p.id
		WHERE ($1 = '' OR fold(p.first_name || ' ' || p.last_name || ' ' || p.email) LIKE $1)
		  AND ($2 = '' OR EXISTS (SELECT FROM capacity c WHERE c.account_id = a.id AND c.role = $2))
		  AND CASE $3 WHEN '' THEN true
		       WHEN 'disabled' THEN a.disabled_at IS NOT NULL
		       WHEN 'invited' THEN a.disabled_at IS NULL AND a.password_hash IS NULL
		       ELSE a.disabled_at IS NULL AND a.password_hash IS NOT NULL END
		  AND ($4::bigint = 0 OR (fold(p.last_name), fold(p.first_name), p.id) >
		       (SELECT fold(l.last_name), fold(l.first_name), l.id FROM person l WHERE l.id = $4))
		ORDER BY fold(p.last_name), fold(p.first_name), p.id
		LIMIT $5`, likePattern(f.Search), string(f.Role), string(f.State), f.After, PageSize+1)
	if err != nil {
		return nil, 0, postgres.Wrap(err, "list accounts")
	}
	if len(list) <= PageSize {
		return list, 0, nil
	}
	return list[:PageSize], list[PageSize-1].PersonID, nil
}

// likePattern returns "" for no search; what is typed is never a pattern.
func likePattern(search string) string {
	search = strings.ToValidUTF8(strings.ReplaceAll(search, "\x00", ""), "")
	search = strings.Join(strings.Fields(folded(search)), " ")
	if search == "" {
		return ""
	}
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(search) + "%"
}

// Grant is a role granted by an administrator.
type Grant struct {
	Role      access.Role
	GrantedAt time.Time
}

// Source is a capacity and what gives it.
type Source struct {
	Role         access.Role
	Organisation string
	From         string // « Mandat », « Appartenance »…
	Since        time.Time
}

// Details is what an administrator sees of one account. It holds no secret.
type Details struct {
	ID           access.AccountID
	Person       Person
	State        State
	SecondFactor bool
	CreatedAt    time.Time
	Grants       []Grant
	Sources      []Source
	Sessions     []Device
	InvitedUntil *time.Time // end of the pending invitation
	ResetUntil   *time.Time // end of the pending link to reset
}

// Details returns one account.
func (s *Service) Details(ctx context.Context, by access.Actor, id access.AccountID) (Details, error) {
	if err := by.Require(by.RunsPortal()); err != nil {
		return Details{}, err
	}
	h, err := accountByID(ctx, s.db, id)
	if err != nil {
		return Details{}, err
	}
	d := Details{ID: id, Person: h.person(), State: h.state(), SecondFactor: h.TOTPSecret != nil}
	type dates struct {
		CreatedAt    time.Time
		InvitedUntil *time.Time
		ResetUntil   *time.Time
	}
	var at dates
	var b postgres.Batch
	postgres.AddOne(&b, &at, `
		SELECT created_at,
		       (SELECT max(expires_at) FROM account_link WHERE account_id = $1 AND purpose = 'invitation'
		           AND used_at IS NULL AND expires_at > now()) AS invited_until,
		       (SELECT max(expires_at) FROM account_link WHERE account_id = $1 AND purpose = 'password_reset'
		           AND used_at IS NULL AND expires_at > now()) AS reset_until
		FROM account WHERE id = $1`, id)
	postgres.AddList(&b, &d.Grants, `
		SELECT role, granted_at FROM role_grant WHERE account_id = $1 AND ended_at IS NULL
		ORDER BY granted_at`, id)
	addSources(&b, &d.Sources, h.PersonID)
	addOpenSessions(&b, &d.Sessions, id)
	if err := b.Run(ctx, s.db); err != nil {
		return Details{}, postgres.Wrap(err, "details of account %d", id)
	}
	d.CreatedAt, d.InvitedUntil, d.ResetUntil = at.CreatedAt, at.InvitedUntil, at.ResetUntil
	return d, nil
}

// addSources says what gives the capacities that come from the governance. The view
// `capacity` decides; this names its reasons.
func addSources(b *postgres.Batch, dst *[]Source, id access.PersonID) {
	postgres.AddList(b, dst, `
		SELECT CASE WHEN s.kind IN ('president', 'councillor') THEN 'chair'
		            WHEN s.kind = 'mayor' AND m.kind = 'titular' THEN 'mayor'
		            WHEN s.kind = 'mayor' THEN 'delegate'
		            WHEN s.kind = 'partner' THEN 'partner' ELSE 'structure' END AS role,
		       coalesce(o.name, '') AS organisation,
		       CASE m.kind WHEN 'titular' THEN 'Mandat : ' ELSE 'Suppléance : ' END || s.label AS "from",
		       lower(m.during)::timestamptz AS since
		FROM mandate m JOIN seat s ON s.id = m.seat_id AND s.kind <> 'gni_representative'
		LEFT JOIN organisation o ON o.id = s.organisation_id
		WHERE m.person_id = $1 AND m.during @> paris_today()
		  AND (m.kind = 'titular' OR s.kind NOT IN ('president', 'councillor'))
		UNION ALL
		SELECT CASE o.kind WHEN 'commune' THEN 'delegate' WHEN 'state_service' THEN 'state' ELSE o.kind END,
		       o.name, 'Appartenance' || CASE WHEN n.title = '' THEN '' ELSE ' : ' || n.title END,
		       lower(n.during)::timestamptz
		FROM membership n JOIN organisation o ON o.id = n.organisation_id AND o.kind <> 'metropole'
		WHERE n.person_id = $1 AND n.during @> paris_today()
		  AND (o.kind IN ('commune', 'state_service')
		       OR EXISTS (SELECT FROM seat s WHERE s.organisation_id = o.id AND s.during @> paris_today()))
		ORDER BY 1, 2`, id)
}

// InvitePerson makes a new person with an account, grants the roles, and mails the
// invitation. An address already that of a person is refused: that person is
// invited from the governance's screens, or from their own account's page.
func (s *Service) InvitePerson(ctx context.Context, by access.Actor, p Person, roles []access.Role) (access.AccountID, error) {
	if err := by.Require(by.RunsPortal()); err != nil {
		return 0, err
	}
	r, err := s.invitePerson(ctx, by, p, roles)
	return r.Account, err
}

func (s *Service) invitePerson(ctx context.Context, by access.Actor, p Person, roles []access.Role) (InviteResult, error) {
	var out InviteResult
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		id, err := insertPerson(ctx, tx, p)
		if err != nil {
			return err
		}
		if out, err = s.Invite(ctx, tx, by, InviteRequest{PersonID: id}); err != nil {
			return err
		}
		for _, role := range roles {
			if err := s.GrantRole(ctx, tx, by, out.Account, role); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}
