package structure

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// UpdateSection writes one section of the sheet of a structure; for who manages it,
// and for the team. Only that section's fields are taken from sheet.
//
// Two people may change two sections at the same time, not the same one: a sheet
// that is not at the version the form showed is a Conflict, unless the section is
// still as the form showed it (Sheet.Shown, see Sheet.Stamp). What is typed as it was
// changes nothing and is told to nobody. Fields: those of Sheet.Check.
func (s *Service) UpdateSection(ctx context.Context, by access.Actor, sheet Sheet, section Section) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := require(ctx, tx, by, sheet.ID, Manager); err != nil {
			return err
		}
		old, err := lock(ctx, tx, sheet.ID, 0)
		if err != nil {
			return err
		}
		if !slices.Contains(SheetSections, section) {
			return problem.New(problem.Conflict, "Cette partie de la fiche ne se change pas ici.")
		}
		return s.updateSection(ctx, tx, by, old, sheet, section)
	})
}

// updateSection is UpdateSection once the right is known and the structure locked:
// the person who follows a request by link uses it too, and may change the college
// until the request is decided.
func (s *Service) updateSection(ctx context.Context, tx pgx.Tx, by access.Actor, old, sheet Sheet, section Section) error {
	if err := mayChange(old, sheet, section); err != nil {
		return err
	}
	next := old.with(section, sheet).Clean(section)
	if found := next.Check(section); len(found) > 0 {
		return found[0]
	}
	before, after := changes(old.values(section), next.values(section))
	if len(after) == 0 {
		return nil
	}
	if section == Place && changesPlace(old, next) {
		next.Latitude, next.Longitude = nil, nil // they were those of the old address
	}
	if err := s.writeSection(ctx, tx, by, old, next, section); err != nil {
		return err
	}
	if err := tellChange(ctx, tx, by, old.ID, section); err != nil {
		return err
	}
	return record(ctx, tx, by, "change", next, before, after)
}

// mayChange says whether the structure may still change, and is as the form showed it.
func mayChange(old, sheet Sheet, section Section) error {
	switch {
	case old.State == Merged || old.State == Lapsed:
		return problem.New(problem.Conflict, "Cette fiche ne peut plus changer : elle n’est plus celle d’une structure inscrite.")
	case section == ByCollege && !old.State.Waiting() && old.State != Unconfirmed:
		return problem.New(problem.Conflict, "La demande est déjà examinée : pour changer de collège, écrivez à l’équipe.")
	case sheet.Version != 0 && sheet.Version != old.Version && (sheet.Shown == "" || sheet.Shown != old.Stamp(section)):
		return errStale
	}
	return nil
}

func changesPlace(old, next Sheet) bool {
	return old.Address != next.Address || old.PostalCode != next.PostalCode || old.INSEE != next.INSEE
}

// writeSection writes the sheet and what depends on it: the name of the organisation
// and of its seat, the log of consents, the day somebody of it last looked at it.
func (s *Service) writeSection(ctx context.Context, tx pgx.Tx, by access.Actor, old, next Sheet, section Section) error {
	if section == Identity {
		if err := s.governance.RenameStructure(ctx, tx, by, next.ID, next.Name, category(next)); err != nil {
			return err
		}
	}
	if err := write(ctx, tx, next); err != nil {
		return err
	}
	if section == Consents {
		if err := logConsents(ctx, tx, by, &old, next); err != nil {
			return err
		}
	}
	_, err := postgres.Exec(ctx, tx, `
		UPDATE structure SET college = $2,
		       up_to_date_at = CASE WHEN $3 THEN up_to_date_at ELSE now() END,
		       reminders = CASE WHEN $3 THEN reminders ELSE 0 END
		WHERE organisation_id = $1`, next.ID, string(next.College), by.RunsBodies())
	return postgres.Wrap(err, "date the change of structure %d", next.ID)
}

// tellChange writes a line of the story: one an hour for a person, with the sections
// they changed.
func tellChange(ctx context.Context, tx pgx.Tx, by access.Actor, id ID, section Section) error {
	_, err := postgres.Exec(ctx, tx, `
		WITH recent AS (
		    SELECT id FROM structure_step
		    WHERE structure_id = $1 AND kind = 'changed' AND by_name = $3 AND at > now() - interval '1 hour'
		    ORDER BY id DESC LIMIT 1
		), told AS (
		    UPDATE structure_step t SET note = t.note || ', ' || $2
		    FROM recent r WHERE t.id = r.id AND position($2 IN t.note) = 0
		)
		INSERT INTO structure_step (structure_id, kind, note, by_name, by_team)
		SELECT $1, 'changed', $2, $3, $4 WHERE NOT EXISTS (SELECT FROM recent)`,
		id, section.subject(), by.Name, by.RunsBodies())
	return postgres.Wrap(err, "tell the change of structure %d", id)
}

// subject names a section in a line of the story.
func (s Section) subject() string {
	switch s {
	case Identity:
		return "nom et identité"
	case Place:
		return "adresse"
	case ByCollege:
		return "collège"
	case Offer:
		return "services"
	case Welcome:
		return "accueil du public"
	case Networks:
		return "réseaux et programmes"
	case Consents:
		return "accords"
	}
	return string(s)
}

// Stamp is a short word for what a section says, kept in its form: while it does not
// change nobody else changed the section.
func (s Sheet) Stamp(section Section) string {
	b, err := json.Marshal(s.values(section))
	if err != nil {
		panic(err) // strings, numbers and booleans
	}
	h := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(h[:12])
}

// changes returns what differs between two states of a section, before and after.
func changes(old, next map[string]any) (before, after map[string]any) {
	before, after = map[string]any{}, map[string]any{}
	for _, k := range slices.Sorted(maps.Keys(next)) {
		a, errA := json.Marshal(old[k])
		b, errB := json.Marshal(next[k])
		if errors.Join(errA, errB) != nil || string(a) != string(b) {
			before[k], after[k] = old[k], next[k]
		}
	}
	return before, after
}
