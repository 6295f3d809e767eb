package candidacy

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// Candidate is a candidacy as everybody reads it.
type Candidate struct {
	election.Candidate
	TitularFunction   string `db:"titular_function"`
	AlternateFunction string `db:"alternate_function"`
	PhotoAlt          string `db:"photo_alt"`
	InSheet           bool   `db:"in_sheet"` // its structure has a page in the directory
}

// Published is the candidates of an election in the order drawn, college by college.
type Published struct {
	Election election.Election
	Lists    map[governance.College][]Candidate
	Draws    map[governance.College][]Drawn
	Seats    map[governance.College]int
}

// Sealed tells whether there are candidates to read.
func (p Published) Sealed() bool { return p.Election.Phase.Reached(election.Sealed) }

// Published returns the candidates for everybody who may know of the election, in two
// round trips: none before the lists are sealed.
func (s *Service) Published(ctx context.Context, by access.Actor, id election.ID) (Published, error) {
	e, err := election.Load(ctx, s.db, by, id)
	if err != nil {
		return Published{}, err
	}
	p := Published{Election: e, Lists: map[governance.College][]Candidate{}, Draws: map[governance.College][]Drawn{}, Seats: e.SeatsOf(nil)}
	if !p.Sealed() {
		return p, nil
	}
	var all []Candidate
	var boxes []election.CollegeSeats
	var b postgres.Batch
	postgres.AddList(&b, &all, `
		SELECT c.id, c.structure_id, c.college, c.structure_name, c.commune, c.titular_first || ' ' || c.titular_last AS titular,
		       CASE WHEN c.alternate_last = '' THEN '' ELSE c.alternate_first || ' ' || c.alternate_last END AS alternate,
		       c.statement, c.place, c.photo IS NOT NULL AS has_photo, c.withdrawn_late, c.titular_function, c.alternate_function, c.photo_alt,
		       coalesce(t.state = 'accepted', false) AS in_sheet
		FROM candidacy c LEFT JOIN structure t ON t.organisation_id = c.structure_id
		WHERE c.election_id = $1 AND c.place IS NOT NULL ORDER BY c.college, c.place`, id)
	postgres.AddList(&b, &boxes, `SELECT college, seats AS n FROM ballot_box WHERE election_id = $1 AND NOT rehearsal AND college IS NOT NULL`, id)
	if err := b.Run(ctx, s.db); err != nil {
		return p, postgres.Wrap(err, "candidates of election %d", id)
	}
	ids := map[governance.College][]ID{}
	for _, c := range all {
		p.Lists[c.College] = append(p.Lists[c.College], c)
		ids[c.College] = append(ids[c.College], c.ID)
	}
	for college, in := range ids {
		p.Draws[college] = Order(e.OrderSeed, in)
	}
	for _, x := range boxes {
		p.Seats[x.College] = x.N
	}
	return p, nil
}

// Photo returns the photo of a candidate of a sealed list: as the list, it is no longer
// shown when the election is given up.
func (s *Service) Photo(ctx context.Context, by access.Actor, id election.ID, candidacy ID) ([]byte, error) {
	e, err := election.Load(ctx, s.db, by, id)
	if err != nil {
		return nil, err
	}
	if !e.Phase.Reached(election.Sealed) {
		return nil, errNotFound
	}
	return photo(postgres.Value[[]byte](ctx, s.db, `
		SELECT photo FROM candidacy WHERE election_id = $1 AND id = $2 AND place IS NOT NULL AND photo IS NOT NULL`, id, candidacy))
}

// PhotoForTeam returns the photo of a candidacy to examine.
func (s *Service) PhotoForTeam(ctx context.Context, by access.Actor, id election.ID, candidacy ID) ([]byte, error) {
	if !by.RunsBodies() {
		return nil, election.ErrNotFound
	}
	return photo(postgres.Value[[]byte](ctx, s.db, `SELECT photo FROM candidacy WHERE election_id = $1 AND id = $2 AND photo IS NOT NULL`, id, candidacy))
}

// OwnPhoto returns the photo that the structure acted for is about to send, or sent.
func (s *Service) OwnPhoto(ctx context.Context, by access.Actor, id election.ID, draft bool) ([]byte, error) {
	org, err := own(by)
	if err != nil {
		return nil, err
	}
	if !draft {
		return photo(postgres.Value[[]byte](ctx, s.db, `
			SELECT photo FROM candidacy WHERE election_id = $1 AND structure_id = $2 AND photo IS NOT NULL ORDER BY id DESC LIMIT 1`, id, org))
	}
	manager := false
	var found []struct{ Photo []byte }
	var b postgres.Batch
	structure.AddManager(&b, &manager, org, by.Person)
	postgres.AddList(&b, &found, `SELECT photo FROM candidacy_draft WHERE election_id = $1 AND structure_id = $2 AND photo IS NOT NULL`, id, org)
	if err := b.Run(ctx, s.db); err != nil {
		return nil, postgres.Wrap(err, "photo of a draft")
	}
	if !manager || len(found) == 0 {
		return nil, errNotFound
	}
	return found[0].Photo, nil
}

func photo(b []byte, err error) ([]byte, error) {
	if postgres.IsNoRows(err) {
		return nil, errNotFound
	}
	return b, postgres.Wrap(err, "photo of a candidacy")
}
