package structure

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// MaxAccepted is how many structures one act accepts: a page of the queue.
const MaxAccepted = 50

// Candidate is a request among those the team is about to accept together.
type Candidate struct {
	ID      ID                 `db:"organisation_id"`
	Name    string             `db:"name"`
	Commune string             `db:"commune"`
	College governance.College `db:"college"`
	State   State              `db:"state"`
	Invited []string           `db:"invited"` // who is invited, the person in charge first
	Twins   []string           `db:"-"`       // structures that look like it, in words
	Last    string             `db:"last"`    // who did what last, when it no longer waits
}

// Candidates returns what the team chose in the queue, in the order it came; what
// does not exist is left out. Field: structure.
func (s *Service) Candidates(ctx context.Context, by access.Actor, ids []ID) ([]Candidate, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return nil, err
	}
	if err := checkChosen(ids); err != nil {
		return nil, err
	}
	var (
		list  []Candidate
		twins []TwinSheet
		b     postgres.Batch
	)
	postgres.AddList(&b, &list, candidatesSQL, ids)
	postgres.AddList(&b, &twins, twinsSQL, ids, nearEnough)
	if err := b.Run(ctx, s.db); err != nil {
		return nil, postgres.Wrap(err, "candidates of an acceptance")
	}
	for _, t := range twins {
		i := slices.IndexFunc(list, func(c Candidate) bool { return c.ID == t.Of })
		list[i].Twins = append(list[i].Twins, t.Words())
	}
	return list, nil
}

const candidatesSQL = `
	SELECT s.organisation_id, o.name, coalesce(c.name, '') AS commune, s.college, s.state,
	       ARRAY(SELECT p.first_name || ' ' || p.last_name || ' <' || p.email || '>' FROM structure_contact p
	             WHERE p.structure_id = s.organisation_id ORDER BY p.in_charge DESC, p.id) AS invited,
	       coalesce((SELECT t.by_name FROM structure_step t WHERE t.structure_id = s.organisation_id AND t.kind <> 'note'
	                 ORDER BY t.id DESC LIMIT 1), '') AS last
	FROM structure s JOIN organisation o ON o.id = s.organisation_id
	LEFT JOIN commune k ON k.insee = s.insee LEFT JOIN organisation c ON c.id = k.organisation_id
	WHERE s.organisation_id = ANY ($1) ORDER BY s.submitted_at, s.organisation_id`

func checkChosen(ids []ID) error {
	switch {
	case len(ids) == 0:
		return problem.OnField("structure", "Choisissez au moins une structure.")
	case len(ids) > MaxAccepted:
		return problem.OnField("structure", "Choisissez "+french.Count(MaxAccepted, "structure", "structures")+" au plus à la fois.")
	}
	return nil
}

// AcceptedMany is what became of structures accepted together.
type AcceptedMany struct {
	Accepted []Candidate
	Left     []Candidate // somebody decided before, or they are asked something: untouched
}

// AcceptMany accepts, in one act, those of the structures that still wait for the
// team; the others are left as they are and told. Fields: structure, debut.
func (s *Service) AcceptMany(ctx context.Context, by access.Actor, ids []ID, on day.Day) (AcceptedMany, error) {
	var done AcceptedMany
	if err := by.Require(by.RunsBodies()); err != nil {
		return done, err
	}
	if err := checkChosen(ids); err != nil {
		return done, err
	}
	if err := checkEntry(on); err != nil {
		return done, err
	}
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		// Always in the order of ids: two acts at once wait, neither stops the other.
		if _, err := postgres.Exec(ctx, tx, `
			SELECT 1 FROM structure WHERE organisation_id = ANY ($1) ORDER BY organisation_id FOR UPDATE`, ids); err != nil {
			return postgres.Wrap(err, "lock the structures of an acceptance")
		}
		list, err := postgres.List[Candidate](ctx, tx, candidatesSQL, ids)
		if err != nil {
			return postgres.Wrap(err, "read the structures of an acceptance")
		}
		done = AcceptedMany{}
		for _, c := range list {
			if c.State == Submitted {
				done.Accepted = append(done.Accepted, c)
			} else {
				done.Left = append(done.Left, c)
			}
		}
		return s.acceptAll(ctx, tx, by, done.Accepted, on)
	})
	return done, err
}

// acceptAll makes members of locked structures: each enters, then one statement
// writes the steps, one the journal, two the mails.
func (s *Service) acceptAll(ctx context.Context, tx pgx.Tx, by access.Actor, list []Candidate, on day.Day) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]ID, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	heads, err := applicantsOf(ctx, tx, ids)
	if err != nil {
		return err
	}
	var entries []audit.Entry
	var mails []notify.Mail
	for _, c := range list {
		sheet := Sheet{ID: c.ID, Name: c.Name, College: c.College, State: c.State}
		if err := s.enter(ctx, tx, by, sheet, on, true); err != nil {
			return namedRefusal(err, c.Name)
		}
		entries = append(entries, audit.Entry{Action: "structure.accept", Object: "structure", ID: int64(c.ID), Label: c.Name,
			Before: stateRecord{State: c.State}, After: stateRecord{State: Accepted, On: on}})
		mails = append(mails, s.acceptedMails(sheet, heads[c.ID], on)...)
	}
	if _, err := postgres.Exec(ctx, tx, `
		INSERT INTO structure_step (structure_id, kind, note, by_name, by_team) SELECT id, $2, $3, $4, true FROM unnest($1::bigint[]) AS id`,
		ids, string(StepAccepted), entryWords(on), by.Name); err != nil {
		return postgres.Wrap(err, "steps of an acceptance")
	}
	if err := audit.RecordMany(ctx, tx, by, entries); err != nil {
		return err
	}
	_, err = s.outbox.QueueMany(ctx, tx, mails)
	return err
}

// namedRefusal says of which structure a refusal is.
func namedRefusal(err error, name string) error {
	if k := problem.KindOf(err); k != problem.Invalid && k != problem.Conflict {
		return err
	}
	return &problem.Error{Kind: problem.Conflict, Message: "Rien n’a été enregistré. « " + name + " » ne peut pas entrer à cette date : " +
		"acceptez cette structure seule.", Err: err}
}

// applicantsOf is applicants, for several requests.
func applicantsOf(ctx context.Context, q postgres.Querier, ids []ID) (map[ID][]recipient, error) {
	type row struct {
		Structure ID `db:"structure_id"`
		recipient
	}
	rows, err := postgres.List[row](ctx, q, `
		SELECT structure_id, 0::bigint AS person_id, first_name || ' ' || last_name AS name, email
		FROM structure_contact WHERE structure_id = ANY ($1) AND in_charge`, ids)
	out := map[ID][]recipient{}
	for _, r := range rows {
		out[r.Structure] = append(out[r.Structure], r.recipient)
	}
	return out, postgres.Wrap(err, "applicants of several requests")
}
