package structure

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/throttle"
)

// A registration is written without an account, by whoever holds its link: the
// token is in the address, its hash in the database. What was typed is kept as it
// was typed, section by section, right or wrong: no work is lost.

// RegistrationPath is where a structure registers; after it, the token of the request
// that is written.
const RegistrationPath = "/structures/inscription"

// maxAnswers is how much one section may hold, in bytes of JSON: the longest text
// it asks for has 2,000 characters.
const maxAnswers = 48 << 10

var (
	limitRegistrationStart   = throttle.Limit{Name: "registration", Max: 30}         // drafts begun from one address of the network
	limitRegistrationMail    = throttle.Limit{Name: "registration_mail", Max: 6}     // mails to one mailbox
	limitRegistrationMailing = throttle.Limit{Name: "registration_mailing", Max: 20} // mails asked from one address of the network
)

var (
	errRegistrationGone = problem.New(problem.Gone, "Cette inscription n’existe plus : une inscription commencée est gardée 30 jours après sa dernière modification.")
	errRegistrationSent = problem.New(problem.Conflict, "Cette demande est déjà envoyée : elle ne se modifie plus ici.")
)

// Answers are what was typed in the sections that were opened.
type Answers map[Section]url.Values

// Registration is a request being written.
type Registration struct {
	Answers   Answers   `db:"answers"`
	Sent      ID        `db:"structure_id"` // 0: not sent yet
	KeptUntil time.Time `db:"kept_until"`
	Version   int       `db:"version"`
}

const registrationColumns = `answers, coalesce(structure_id, 0) AS structure_id, changed_at + interval '30 days' AS kept_until, version`

// StartRegistration begins a request and returns its token. from is the address of
// the network it is asked from.
func (s *Service) StartRegistration(ctx context.Context, from string) (string, error) {
	if err := throttle.Count(ctx, s.db, limitRegistrationStart.On(throttle.Place(from))); err != nil {
		return "", err
	}
	token := newToken()
	_, err := postgres.Exec(ctx, s.db, `INSERT INTO registration (token_hash) VALUES ($1)`, tokenHash(token))
	return token, postgres.Wrap(err, "start a registration")
}

// Registration returns a request being written and the communes to choose among, in
// one round trip; Gone when the token is not one or the draft was erased.
func (s *Service) Registration(ctx context.Context, token string) (Registration, []CommuneChoice, error) {
	var found []Registration
	var communes []CommuneChoice
	var b postgres.Batch
	postgres.AddList(&b, &found, `SELECT `+registrationColumns+` FROM registration
		WHERE token_hash = $1 AND changed_at > now() - interval '30 days'`, tokenHash(token))
	AddCommuneChoices(&b, &communes)
	if err := b.Run(ctx, s.db); err != nil {
		return Registration{}, nil, postgres.Wrap(err, "read a registration")
	}
	if len(found) == 0 {
		return Registration{}, nil, errRegistrationGone
	}
	return found[0], communes, nil
}

// SaveSection keeps what was typed in a section, right or wrong, and returns the
// request as it is then. Other sections are left as they are: two tabs on one draft
// lose nothing of each other.
func (s *Service) SaveSection(ctx context.Context, token string, section Section, typed url.Values) (Registration, error) {
	text, err := json.Marshal(typed)
	switch {
	case err != nil:
		return Registration{}, postgres.Wrap(err, "write the answers of section %s", section)
	case len(text) > maxAnswers:
		return Registration{}, problem.New(problem.TooLarge, "Ce que vous avez saisi sur cette page est trop long.")
	}
	r, err := postgres.One[Registration](ctx, s.db, `
		UPDATE registration SET answers = jsonb_set(answers, ARRAY[$2], $3::jsonb), changed_at = now(), version = version + 1
		WHERE token_hash = $1 AND structure_id IS NULL AND changed_at > now() - interval '30 days'
		RETURNING `+registrationColumns, tokenHash(token), string(section), string(text))
	if postgres.IsNoRows(err) {
		return Registration{}, s.whyNotSaved(ctx, token)
	}
	return r, postgres.Wrap(err, "save section %s", section)
}

// whyNotSaved tells a draft that was sent from one that is gone.
func (s *Service) whyNotSaved(ctx context.Context, token string) error {
	r, _, err := s.Registration(ctx, token)
	switch {
	case err != nil:
		return err
	case r.Sent != 0:
		return errRegistrationSent
	}
	return errRegistrationGone
}

// LookAlike is a structure that may be the one that registers. Of one that is not a
// member of the GNI, nothing is told but that a request is under way.
type LookAlike struct {
	ID        ID     // 0: not a member
	Name      string // "": not a member
	Commune   string
	SameSIRET bool
}

// Member tells whether it is in the composition of the GNI, which is public.
func (l LookAlike) Member() bool { return l.ID != 0 }

// LookAlikes returns the structures that have the SIRET, or a close name in the same
// commune.
func (s *Service) LookAlikes(ctx context.Context, name, insee, siret string) ([]LookAlike, error) {
	return lookAlikes(ctx, s.db, name, insee, siret)
}

// lookAlikes leaves out who left, who may register again, and what nobody confirmed
// within a day, which gives way to another request.
func lookAlikes(ctx context.Context, q postgres.Querier, name, insee, siret string) ([]LookAlike, error) {
	twins, err := near(ctx, q, name, insee, siret, 0)
	if err != nil {
		return nil, err
	}
	var doubtful []int64
	for _, t := range twins {
		if t.State == Unconfirmed {
			doubtful = append(doubtful, int64(t.ID))
		}
	}
	gives := map[ID]bool{}
	if len(doubtful) > 0 {
		old, err := postgres.Values[ID](ctx, q, `
			SELECT organisation_id FROM structure WHERE organisation_id = ANY ($1) AND created_at < now() - interval '1 day'`, doubtful)
		if err != nil {
			return nil, postgres.Wrap(err, "requests that give way")
		}
		for _, id := range old {
			gives[id] = true
		}
	}
	var out []LookAlike
	for _, t := range twins {
		switch {
		case t.State == Left || gives[t.ID]:
		case t.State == Accepted:
			out = append(out, LookAlike{ID: t.ID, Name: t.Name, Commune: t.Commune, SameSIRET: t.SameID})
		default:
			out = append(out, LookAlike{SameSIRET: t.SameID})
		}
	}
	return out, nil
}
