package candidacy

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// Draft is what a structure typed and has not sent.
type Draft struct {
	Content  Content
	HasPhoto bool
	Base     int    // version of the candidacy it changes, 0 for a new one
	SavedBy  string // name
	SavedAt  time.Time
	Version  int
}

type draftRow struct {
	Content  []byte    `db:"content"`
	HasPhoto bool      `db:"has_photo"`
	Base     int       `db:"base"`
	SavedBy  string    `db:"saved_by"`
	SavedAt  time.Time `db:"saved_at"`
	Version  int       `db:"version"`
}

const draftSQL = `
	SELECT d.content, d.photo IS NOT NULL AS has_photo, d.base, coalesce(p.first_name || ' ' || p.last_name, '') AS saved_by, d.saved_at, d.version
	FROM candidacy_draft d LEFT JOIN person p ON p.id = d.saved_by WHERE d.election_id = $1 AND d.structure_id = $2`

func onlyDraft(rows []draftRow) (*Draft, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	r := rows[0]
	d := Draft{HasPhoto: r.HasPhoto, Base: r.Base, SavedBy: r.SavedBy, SavedAt: r.SavedAt, Version: r.Version}
	return &d, json.Unmarshal(r.Content, &d.Content)
}

// Place is how a structure stands on the roll.
type Place struct {
	Name    string             `db:"name"`
	Commune string             `db:"commune"`
	College governance.College `db:"college"`
}

// Mine is what a structure reads of its candidacy.
type Mine struct {
	Election  election.Election
	Manager   bool
	Roll      *Place     // nil: not on the roll
	Candidacy *Candidacy // nil: none in force
	Draft     *Draft     // nil: none
	Seats     int        // to fill in its college
}

// MayEdit tells whether the reader may write the candidacy now.
func (m Mine) MayEdit() bool {
	return m.Manager && m.Roll != nil && m.Seats > 0 && Edit(m.Election, m.Candidacy)
}

// Stale tells whether the candidacy changed since the draft was begun.
func (m Mine) Stale() bool { return m.Draft != nil && m.Draft.Base != m.version() }

func (m Mine) version() int {
	if m.Candidacy == nil {
		return 0
	}
	return m.Candidacy.Version
}

// Version is that of the candidacy in force, 0 for none.
func (m Mine) Version() int { return m.version() }

// own returns the structure the actor acts for.
func own(by access.Actor) (access.OrganisationID, error) {
	if !by.Is(access.Structure) || by.Acting.Organisation == 0 {
		return 0, election.ErrNotFound
	}
	return by.Acting.Organisation, nil
}

// Mine returns the candidacy of the structure acted for, in two round trips.
func (s *Service) Mine(ctx context.Context, by access.Actor, id election.ID) (Mine, error) {
	org, err := own(by)
	if err != nil {
		return Mine{}, err
	}
	e, err := election.Load(ctx, s.db, by, id)
	if err != nil {
		return Mine{}, err
	}
	m := Mine{Election: e}
	var rows []row
	var drafts []draftRow
	var places []Place
	var empty []election.CollegeSeats
	var b postgres.Batch
	structure.AddManager(&b, &m.Manager, org, by.Person)
	postgres.AddList(&b, &places, placeSQL, id, org)
	postgres.AddList(&b, &rows, currentSQL, id, org)
	postgres.AddList(&b, &drafts, draftSQL, id, org)
	election.AddEmptySeats(&b, &empty)
	if err := b.Run(ctx, s.db); err != nil {
		return m, postgres.Wrap(err, "candidacy of a structure in election %d", id)
	}
	m.Candidacy = inForce(rows)
	if len(places) > 0 {
		m.Roll = &places[0]
		m.Seats = e.SeatsOf(empty)[m.Roll.College]
	}
	m.Draft, err = onlyDraft(drafts)
	return m, postgres.Wrap(err, "draft of a candidacy")
}

const placeSQL = `SELECT name, commune, college FROM election_roll WHERE election_id = $1 AND structure_id = $2`

// Saving is a draft as it is typed. Version is that of the draft the form showed (0 for
// none), Base that of the candidacy.
type Saving struct {
	Content       Content
	Photo         []byte // a new one, cleaned; nil: as it was
	DropPhoto     bool
	Version, Base int
}

// limits refuses what the draft has no room for: a draft may lack anything, but holds
// nothing endless.
func (c Content) limits() error {
	for _, s := range []string{c.Titular.First, c.Titular.Last, c.Titular.Function, c.Titular.Email, c.Alternate.First, c.Alternate.Last,
		c.Alternate.Function, c.Alternate.Email, c.PhotoAlt} {
		if len(s) > 1200 {
			return problem.New(problem.Invalid, "Un des textes est trop long : raccourcissez-le.")
		}
	}
	if len(c.Statement) > 4*MaxStatement+4000 {
		return problem.OnField("profession", "Gardez 1 500 caractères au plus.")
	}
	return nil
}

// SaveDraft keeps what was typed for the structure acted for, for any of the people who
// manage it. ErrStale when somebody else of it saved meanwhile.
func (s *Service) SaveDraft(ctx context.Context, by access.Actor, id election.ID, in Saving) (version int, err error) {
	org, err := own(by)
	if err != nil {
		return 0, err
	}
	if err := in.Content.limits(); err != nil {
		return 0, err
	}
	content, err := json.Marshal(in.Content)
	if err != nil {
		return 0, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := election.Hold(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if err := structure.RequireManager(ctx, tx, by, org); err != nil {
			return err
		}
		c, err := current(ctx, tx, id, org)
		if err != nil {
			return err
		}
		if err := mayEdit(e, c); err != nil {
			return err
		}
		version, err = writeDraft(ctx, tx, by, id, org, in, content)
		return err
	})
	return version, err
}

// mayEdit refuses what is written before the candidacies open, or after they close.
func mayEdit(e election.Election, c *Candidacy) error {
	if Edit(e, c) {
		return nil
	}
	switch err := inCandidacies(e); {
	case err != nil:
		return err
	case e.CandidaciesFrom != nil && e.Now.Before(*e.CandidaciesFrom):
		return errNotYet
	case c != nil && c.State == Asked:
		return problem.New(problem.Conflict, "Le délai pour compléter la candidature est passé. Votre texte est gardé ici : écrivez à l’équipe métropolitaine.")
	}
	return problem.New(problem.Conflict, "Le dépôt des candidatures est clos. Votre texte est gardé ici : l’équipe métropolitaine peut vous dire ce qu’il est encore possible de faire.")
}

// writeDraft writes the draft over the version that was shown. A first draft of a
// candidacy that exists begins with its photo.
func writeDraft(ctx context.Context, tx pgx.Tx, by access.Actor, id election.ID, org access.OrganisationID, in Saving, content []byte) (int, error) {
	var version int
	var err error
	if in.Version == 0 {
		version, err = postgres.Value[int](ctx, tx, `
			INSERT INTO candidacy_draft (election_id, structure_id, content, photo, base, saved_by)
			SELECT $1, $2, $3, CASE WHEN $5 THEN NULL ELSE coalesce($4, (SELECT photo FROM candidacy c
			       WHERE c.election_id = $1 AND c.structure_id = $2 AND c.state <> 'withdrawn')) END, $6, $7
			ON CONFLICT DO NOTHING RETURNING version`, id, org, content, in.Photo, in.DropPhoto && in.Photo == nil, in.Base, by.Person)
	} else {
		version, err = postgres.Value[int](ctx, tx, `
			UPDATE candidacy_draft SET content = $3, photo = CASE WHEN $5 THEN NULL ELSE coalesce($4, photo) END, base = $6, saved_by = $7,
				saved_at = clock_timestamp(), version = version + 1
			WHERE election_id = $1 AND structure_id = $2 AND version = $8 RETURNING version`,
			id, org, content, in.Photo, in.DropPhoto && in.Photo == nil, in.Base, by.Person, in.Version)
	}
	if postgres.IsNoRows(err) {
		return 0, election.ErrStale
	}
	return version, postgres.Wrap(err, "draft of a candidacy")
}

// DropDraft forgets what was typed and not sent.
func (s *Service) DropDraft(ctx context.Context, by access.Actor, id election.ID) error {
	org, err := own(by)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := election.Hold(ctx, tx, by, id); err != nil {
			return err
		}
		if err := structure.RequireManager(ctx, tx, by, org); err != nil {
			return err
		}
		return eraseDraft(ctx, tx, id, org)
	})
}

func eraseDraft(ctx context.Context, tx pgx.Tx, id election.ID, org access.OrganisationID) error {
	_, err := postgres.Exec(ctx, tx, `DELETE FROM candidacy_draft WHERE election_id = $1 AND structure_id = $2`, id, org)
	return postgres.Wrap(err, "erase a draft")
}
