// Package ceremony makes the keys and the codes of an election, between the sealing of
// its lists and the opening of its vote: who holds a key, their public keys, the public
// parts of the codes that a third person made, a rehearsal that proves the key files
// work, the boxes set up, shown empty and signed for. The portal never has a private
// key nor a private code.
package ceremony

import (
	"context"
	"runtime/debug"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Service is the use cases of the ceremony.
type Service struct {
	db      postgres.DB
	outbox  *notify.Outbox
	baseURL string
}

// New returns the service. baseURL is the public address of the portal, without a
// slash at its end.
func New(db postgres.DB, outbox *notify.Outbox, baseURL string) *Service {
	return &Service{db: db, outbox: outbox, baseURL: baseURL}
}

var _ = notify.NameKinds(map[string]string{"election_key": "Clé d’une élection"})

// What the ceremony refuses for its moment and not for what was typed.
var (
	errNotSealed  = problem.New(problem.Conflict, "La cérémonie se tient entre l’arrêt des listes et l’ouverture du vote.")
	errSetUp      = problem.New(problem.Conflict, "Les urnes sont mises en place : ni les clés ni les codes ne changent plus.")
	errNotSetUp   = problem.New(problem.Conflict, "Les urnes ne sont pas encore mises en place.")
	errRehearsing = problem.New(problem.Conflict, "Une répétition est en cours : menez-la à bout, ou abandonnez-la.")
)

// The steps of the ceremony, as ceremony_step keeps them. That of a signature is
// « sign-1 », « sign-2 »… by owner of a key.
const (
	StepHolders   = "holders"
	StepCodes     = "codes"
	StepRehearsal = "rehearsal"
	StepSetUp     = "setup"
	StepEmpty     = "empty"
	StepReady     = "ready"
)

// Program says which program runs: what is read aloud and kept with the set-up.
type Program struct {
	Script string `json:"vote_js_sha256"` // hexadecimal SHA-256 of vote.js
	Build  string `json:"commit"`         // "" when the program does not know
}

// BuildCommit is the commit this program was built from, followed by « + » when its
// sources were changed since; "" when it was built outside the repository.
func BuildCommit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	commit, changed := "", ""
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value
		case "vcs.modified":
			if s.Value == "true" {
				changed = "+"
			}
		}
	}
	if commit == "" {
		return ""
	}
	return commit + changed
}

// act runs f on a sealed election, locked, for somebody the rule admits: acts of one
// ceremony take turns. Who may not act there is told that it does not exist.
func (s *Service) act(ctx context.Context, by access.Actor, id election.ID, admits func(access.Actor) bool, f func(pgx.Tx, election.Election) error) error {
	if !admits(by) {
		return election.ErrNotFound
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := election.Lock(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if e.Phase != election.Sealed {
			return errNotSealed
		}
		return f(tx, e)
	})
}

func team(by access.Actor) bool   { return by.RunsBodies() }
func keeper(by access.Actor) bool { return by.Is(access.Scrutineer) }
func either(by access.Actor) bool { return team(by) || keeper(by) }

// record writes a step with its evidence over what it was, and journals it.
func record(ctx context.Context, tx pgx.Tx, by access.Actor, e election.Election, step, evidence string) error {
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO ceremony_step (election_id, step, done_by, evidence) VALUES ($1, $2, nullif($3, 0), $4)
		ON CONFLICT (election_id, step) DO UPDATE SET done_by = excluded.done_by, done_at = now(), evidence = excluded.evidence`,
		e.ID, step, int64(by.Person), evidence)
	if err != nil {
		return postgres.Wrap(err, "step %s of election %d", step, e.ID)
	}
	return election.Record(ctx, tx, by, "ceremony", e, nil, map[string]any{"étape": step, "preuve": evidence})
}

// notSetUp refuses once a box was set up.
func notSetUp(ctx context.Context, tx pgx.Tx, e election.Election) error {
	done, err := postgres.Value[bool](ctx, tx, `SELECT EXISTS (SELECT FROM ballot_box WHERE election_id = $1 AND NOT rehearsal AND election_json IS NOT NULL)`, e.ID)
	switch {
	case err != nil:
		return postgres.Wrap(err, "set-up of election %d", e.ID)
	case done:
		return errSetUp
	}
	return nil
}

// tell writes to the key holders that they have something to do.
func (s *Service) tell(ctx context.Context, tx pgx.Tx, e election.Election, subject, text, action string) error {
	people, err := postgres.List[struct {
		ID    access.PersonID
		Name  string
		Email string
	}](ctx, tx, `
		SELECT p.id, p.first_name || ' ' || p.last_name AS name, coalesce(p.email, '') AS email
		FROM election_trustee t JOIN person p ON p.id = t.person_id WHERE t.election_id = $1 ORDER BY t.owner`, e.ID)
	if err != nil {
		return postgres.Wrap(err, "key holders of election %d", e.ID)
	}
	var notices []notify.Notice
	for _, p := range people {
		notices = append(notices, notify.Notice{Person: p.ID, Address: p.Email, Name: p.Name, Kind: "election_key", Subject: subject, Text: text,
			Action: action, Link: s.baseURL + "/elections/" + idText(e.ID) + "/cle"})
	}
	return s.outbox.Tell(ctx, tx, notices)
}
