package structure

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// CommuneChoice is a commune of the metropole, as a form offers it.
type CommuneChoice struct {
	INSEE string `db:"insee"`
	Name  string `db:"name"`
}

// Communes returns the 28 communes by name.
func (s *Service) Communes(ctx context.Context) ([]CommuneChoice, error) {
	var v []CommuneChoice
	var b postgres.Batch
	AddCommuneChoices(&b, &v)
	err := b.Run(ctx, s.db)
	return v, postgres.Wrap(err, "communes to choose from")
}

// AddCommuneChoices asks for them in a batch.
func AddCommuneChoices(b *postgres.Batch, dst *[]CommuneChoice) {
	postgres.AddList(b, dst, `
		SELECT c.insee, o.name FROM commune c JOIN organisation o ON o.id = c.organisation_id ORDER BY fold(o.name)`)
}

// PublicSheet returns what the public reads of a structure: of a member of the GNI
// only what it agreed to show; of one whose departure is recorded, until its seat
// closes, what the composition of the GNI says. One that was merged says into which (State, MergedInto
// and nothing else); for any other ErrNotFound.
func (s *Service) PublicSheet(ctx context.Context, id ID) (Sheet, error) {
	sheet, err := load(ctx, s.db, id)
	switch {
	case err != nil:
		return Sheet{}, err
	case sheet.State == Merged:
		return Sheet{ID: id, State: Merged, MergedInto: sheet.MergedInto}, nil
	case sheet.State == Left:
		sits, err := postgres.Value[bool](ctx, s.db, `SELECT EXISTS (SELECT FROM seat WHERE organisation_id = $1 AND during @> paris_today())`, id)
		switch {
		case err != nil:
			return Sheet{}, postgres.Wrap(err, "seat of structure %d", id)
		case !sits:
			return Sheet{}, ErrNotFound
		}
		sheet.PublishSheet = false
	case sheet.State != Accepted:
		return Sheet{}, ErrNotFound
	}
	return sheet.Public(), nil
}
