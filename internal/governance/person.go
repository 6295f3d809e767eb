package governance

import (
	"context"
	"fmt"
	"net/mail"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// PersonMatch is a person found by the team, with what tells namesakes apart.
type PersonMatch struct {
	ID      access.PersonID `db:"id"`
	First   string          `db:"first_name"`
	Last    string          `db:"last_name"`
	Email   string          `db:"email"`
	Version int             `db:"version"`
	// Holds names the seats and organisations of today, "" if none.
	Holds string `db:"holds"`
}

// Name returns « Camille Exemple ».
func (p PersonMatch) Name() string { return p.First + " " + p.Last }

// SearchPeople finds people by name or address, accents and small slips
// forgiven, the closest first, 20 at most. An empty search finds nobody.
func (s *Service) SearchPeople(ctx context.Context, by access.Actor, q string) ([]PersonMatch, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return nil, err
	}
	q = strings.TrimSpace(q)
	if q == "" {
		return nil, nil
	}
	v, err := postgres.List[PersonMatch](ctx, s.db, `
		WITH hit AS (
			SELECT p.id, p.first_name, p.last_name, p.email, p.version,
			       word_similarity(fold($1), fold(p.first_name || ' ' || p.last_name || ' ' || p.email)) AS near
			FROM person p
			WHERE fold(p.first_name || ' ' || p.last_name || ' ' || p.email) LIKE '%' || replace(replace(replace(fold($1), '\', '\\'), '%', '\%'), '_', '\_') || '%'
			   OR fold($1) <% fold(p.first_name || ' ' || p.last_name || ' ' || p.email)
			ORDER BY near DESC, fold(p.last_name), fold(p.first_name), p.id LIMIT 20
		)
		SELECT h.id, h.first_name, h.last_name, h.email, h.version,
		       coalesce((SELECT string_agg(label, ', ' ORDER BY label) FROM (
		           SELECT s.label FROM mandate m JOIN seat s ON s.id = m.seat_id WHERE m.person_id = h.id AND m.during @> paris_today()
		           UNION
		           SELECT o.name FROM membership n JOIN organisation o ON o.id = n.organisation_id WHERE n.person_id = h.id AND n.during @> paris_today()) x), '') AS holds
		FROM hit h ORDER BY h.near DESC, fold(h.last_name), fold(h.first_name), h.id`, q)
	return v, postgres.Wrap(err, "search people")
}

// PersonRecord is a person as CorrectPerson takes them.
type PersonRecord struct {
	ID      access.PersonID `json:"-" db:"id"`
	First   string          `json:"prenom" db:"first_name"`
	Last    string          `json:"nom" db:"last_name"`
	Email   string          `json:"courriel" db:"email"`
	Version int             `json:"-" db:"version"`
}

// Person returns a person for the team's correction form.
func (s *Service) Person(ctx context.Context, by access.Actor, id access.PersonID) (PersonRecord, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return PersonRecord{}, err
	}
	v, err := postgres.One[PersonRecord](ctx, s.db, `SELECT id, first_name, last_name, email, version FROM person WHERE id = $1`, id)
	return v, orNotFound(err, errPersonNotFound, "person")
}

// CorrectPerson puts right a name or the address the governance writes to. (The
// address somebody signs in with is their account's.) Fields: prenom, nom,
// courriel.
func (s *Service) CorrectPerson(ctx context.Context, by access.Actor, p PersonRecord) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error { return correctPerson(ctx, tx, by, p) })
}

var errPersonNotFound = problem.New(problem.NotFound, "Cette personne n’existe pas.")

func correctPerson(ctx context.Context, tx pgx.Tx, by access.Actor, p PersonRecord) error {
	in := PersonInput{First: p.First, Last: p.Last, Email: p.Email}
	if err := in.clean(); err != nil {
		return err
	}
	p.First, p.Last, p.Email = in.First, in.Last, in.Email
	old, err := postgres.One[PersonRecord](ctx, tx, `SELECT id, first_name, last_name, email, version FROM person WHERE id = $1 FOR UPDATE`, p.ID)
	if err != nil {
		return orNotFound(err, errPersonNotFound, "lock person")
	}
	if old.Version != p.Version {
		return errStale
	}
	if err := refuseKnownEmail(ctx, tx, in.Email, p.ID); err != nil {
		return err
	}
	_, err = postgres.Exec(ctx, tx, `
		UPDATE person SET first_name = $2, last_name = $3, email = $4, version = version + 1 WHERE id = $1`, p.ID, p.First, p.Last, p.Email)
	if err := personProblem(err, "correct person"); err != nil {
		return err
	}
	return audit.Record(ctx, tx, by, audit.Entry{Action: "person.correct", Object: "person", ID: int64(p.ID),
		Label: p.First + " " + p.Last, Before: old, After: p})
}

// correctName corrects the name alone, for CorrectMandate.
func correctName(ctx context.Context, tx pgx.Tx, by access.Actor, id access.PersonID, c Correction) (PersonRecord, error) {
	email, err := postgres.Value[string](ctx, tx, `SELECT email FROM person WHERE id = $1`, id)
	if err != nil {
		return PersonRecord{}, orNotFound(err, errPersonNotFound, "person")
	}
	p := PersonRecord{ID: id, First: strings.TrimSpace(c.First), Last: strings.TrimSpace(c.Last), Email: email, Version: c.PersonVersion}
	return p, correctPerson(ctx, tx, by, p)
}

// resolvePerson returns the person chosen, or records the new one. An address
// that is already somebody's is refused with their name.
func resolvePerson(ctx context.Context, tx pgx.Tx, by access.Actor, in PersonInput) (PersonRef, error) {
	if in.ID != 0 {
		p, err := postgres.One[PersonRecord](ctx, tx, `SELECT id, first_name, last_name, email, version FROM person WHERE id = $1 FOR SHARE`, in.ID)
		if err != nil {
			return PersonRef{}, orNotFound(err, problem.OnField("personne", "Choisissez une personne de la liste."), "person")
		}
		return PersonRef{p.ID, p.First, p.Last, p.Email}, nil
	}
	if err := in.clean(); err != nil {
		return PersonRef{}, err
	}
	if err := refuseKnownEmail(ctx, tx, in.Email, 0); err != nil {
		return PersonRef{}, err
	}
	id, err := postgres.Value[access.PersonID](ctx, tx, `
		INSERT INTO person (first_name, last_name, email) VALUES ($1, $2, $3) RETURNING id`, in.First, in.Last, in.Email)
	if err := personProblem(err, "insert person"); err != nil {
		return PersonRef{}, err
	}
	p := PersonRef{id, in.First, in.Last, in.Email}
	return p, audit.Record(ctx, tx, by, audit.Entry{Action: "person.create", Object: "person", ID: int64(id),
		Label: p.Name(), After: PersonRecord{First: p.First, Last: p.Last, Email: p.Email}})
}

// refuseKnownEmail refuses an address that belongs to somebody else than id.
func refuseKnownEmail(ctx context.Context, q postgres.Querier, email string, id access.PersonID) error {
	if email == "" {
		return nil
	}
	name, err := postgres.Value[string](ctx, q, `SELECT first_name || ' ' || last_name FROM person WHERE email = $1 AND id <> $2`, email, id)
	switch {
	case postgres.IsNoRows(err):
		return nil
	case err != nil:
		return postgres.Wrap(err, "look for an address")
	}
	return problem.OnField("courriel", fmt.Sprintf("Cette adresse est déjà celle de %s : choisissez cette personne.", name))
}

func personProblem(err error, doing string) error {
	switch {
	case postgres.Violates(err, "person_email_once"):
		return problem.OnField("courriel", "Cette adresse est déjà celle d’une autre personne : choisissez cette personne.")
	case postgres.Violates(err, "person_email_check"):
		return problem.OnField("courriel", msgEmail)
	case postgres.Violates(err, "person_first_name_check"):
		return problem.OnField("prenom", "Saisissez le prénom, en 80 caractères au plus.")
	case postgres.Violates(err, "person_last_name_check"):
		return problem.OnField("nom", "Saisissez le nom, en 80 caractères au plus.")
	}
	return postgres.Wrap(err, "%s", doing)
}

const msgEmail = "Saisissez une adresse électronique complète, par exemple prenom.nom@exemple.fr."

// clean trims and checks a new person. Fields: prenom, nom, courriel.
func (in *PersonInput) clean() error {
	in.First, in.Last = strings.TrimSpace(in.First), strings.TrimSpace(in.Last)
	in.Email = strings.ToLower(strings.TrimSpace(in.Email))
	switch {
	case in.First == "" || len([]rune(in.First)) > 80 || !oneLine(in.First):
		return problem.OnField("prenom", "Saisissez le prénom, en 80 caractères au plus.")
	case in.Last == "" || len([]rune(in.Last)) > 80 || !oneLine(in.Last):
		return problem.OnField("nom", "Saisissez le nom, en 80 caractères au plus.")
	case !validEmail(in.Email):
		return problem.OnField("courriel", msgEmail)
	}
	return nil
}

// validEmail accepts "" and one bare address with a domain of two parts.
func validEmail(s string) bool {
	if s == "" {
		return true
	}
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= 254 && oneLine(s) && strings.Contains(s[strings.LastIndex(s, "@"):], ".")
}

// oneLine refuses control characters and invalid UTF-8.
func oneLine(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == unicode.ReplacementChar || r == 0x2028 || r == 0x2029 ||
			unicode.Is(unicode.Bidi_Control, r) // a name must read as it is written
	})
}
