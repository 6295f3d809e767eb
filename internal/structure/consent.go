package structure

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Use is a use of a structure's data that it agrees to or not. Being registered and
// convened is the metropole's mission of public interest (GDPR article 6.1.e) and
// asks for no agreement.
type Use string

// The closed set of uses (constraint structure_consent_use_check).
const (
	UseSheet    Use = "sheet"
	UseContacts Use = "contacts"
	UseNational Use = "national"
)

// Uses lists them in display order.
var Uses = []Use{UseSheet, UseContacts, UseNational}

// Wording is what is agreed to, in the words that are shown and kept.
func (u Use) Wording() string {
	switch u {
	case UseSheet:
		return "Publier la fiche de la structure dans l’annuaire public : ce qu’elle fait, pour qui, son adresse et ses horaires."
	case UseContacts:
		return "Publier aussi le téléphone et les adresses électroniques de la structure (jamais ceux des personnes)."
	case UseNational:
		return "Transmettre la fiche au fichier national des lieux de médiation numérique, que les cartes des lieux réutilisent."
	}
	return string(u)
}

// agreed returns whether the sheet agrees to the use.
func (s Sheet) agreed(u Use) bool {
	switch u {
	case UseSheet:
		return s.PublishSheet
	case UseContacts:
		return s.PublishContacts
	}
	return s.ShareNational
}

// logConsents keeps what changed between two states of a sheet, in its words; at
// the first one every answer is kept, refusals included.
func logConsents(ctx context.Context, tx pgx.Tx, by access.Actor, before *Sheet, after Sheet) error {
	var uses, wordings []string
	var given []bool
	for _, u := range Uses {
		if before == nil || before.agreed(u) != after.agreed(u) {
			uses, wordings, given = append(uses, string(u)), append(wordings, u.Wording()), append(given, after.agreed(u))
		}
	}
	if len(uses) == 0 {
		return nil
	}
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO structure_consent (structure_id, use, given, wording, by_name)
		SELECT $1, u.use, u.given, u.wording, $5 FROM unnest($2::text[], $3::boolean[], $4::text[]) AS u(use, given, wording)`,
		after.ID, uses, given, wordings, by.Name)
	return postgres.Wrap(err, "log consents of structure %d", after.ID)
}
