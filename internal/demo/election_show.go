package demo

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Code is the code of a structure in an election of the demonstration, and an account
// of it.
type Code struct {
	Structure access.OrganisationID `db:"structure_id"`
	Name      string                `db:"name"`
	College   governance.College    `db:"college"`
	UUID      string                `db:"uuid"`
	Email     string                `db:"email"`
	Voted     bool                  `db:"voted"`
	Code      string                `db:"-"`
}

// Codes returns the codes of an election that Load made: those who have not voted
// first. Nothing for another election: its codes are nowhere in the portal.
func Codes(ctx context.Context, db postgres.DB, id election.ID) ([]Code, error) {
	list, err := postgres.List[Code](ctx, db, `
		SELECT m.structure_id, r.name, r.college, b.uuid, m.voted, coalesce((
			SELECT min(a.email) FROM membership n JOIN account a ON a.person_id = n.person_id
			WHERE n.organisation_id = m.structure_id AND n.during @> paris_today() AND a.email LIKE 'structure-%'), '') AS email
		FROM emargement m JOIN ballot_box b ON b.id = m.box_id JOIN election_roll r ON r.election_id = b.election_id AND r.structure_id = m.structure_id
		WHERE b.election_id = $1 AND NOT b.rehearsal ORDER BY m.voted, m.structure_id`, id)
	if err != nil || len(list) == 0 {
		return nil, postgres.Wrap(err, "codes of election %d", id)
	}
	e, err := election.Load(ctx, db, actor, id)
	if err != nil || list[0].UUID != uuidOf(e.Title, governance.SocialAction) && list[0].UUID != uuidOf(e.Title, governance.DigitalMediation) {
		return nil, err
	}
	for i := range list {
		list[i].Code = VoteCode(list[i].UUID, list[i].Structure)
	}
	return list, nil
}

// KeyFile is the file of the private key of a scrutineer of the demonstration, as
// belenios-tool writes it; nil for an election that Load did not make.
func KeyFile(ctx context.Context, db postgres.DB, id election.ID, owner int) ([]byte, error) {
	e, err := election.Load(ctx, db, actor, id)
	if err != nil {
		return nil, err
	}
	raw, err := postgres.Value[string](ctx, db, `SELECT public_key FROM election_trustee WHERE election_id = $1 AND owner = $2`, id, owner)
	if postgres.IsNoRows(err) || raw == "" {
		return nil, nil
	}
	if err != nil {
		return nil, postgres.Wrap(err, "key of election %d", id)
	}
	key := PrivateKey(e.Title, owner)
	kept, err := belenios.ParseTrustee([]byte(raw))
	if err != nil || kept.PublicKey.String() != key.Public().String() {
		return nil, err
	}
	return key.Raw(), nil
}
