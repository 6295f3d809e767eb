package structure

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// The acts of this area, as the journal shows them.
var _ = audit.Name(map[string]string{
	"structure.record":        "Création de la fiche d’une structure",
	"structure.send":          "Demande d’inscription d’une structure",
	"structure.confirm":       "Adresse d’une demande confirmée",
	"structure.ask":           "Précision demandée à une structure",
	"structure.answer":        "Réponse d’une structure à l’équipe",
	"structure.accept":        "Structure acceptée dans le GNI",
	"structure.refuse":        "Demande d’une structure refusée",
	"structure.reopen":        "Demande d’une structure rouverte",
	"structure.college":       "Changement de collège d’une structure",
	"structure.suspend":       "Suspension d’une structure",
	"structure.return":        "Retour d’une structure",
	"structure.leave":         "Départ d’une structure",
	"structure.merge":         "Fusion de deux structures",
	"structure.change":        "Modification de la fiche d’une structure",
	"structure.confirm_sheet": "Fiche d’une structure confirmée à jour",
	"structure.note":          "Note sur une structure",
	"structure.import":        "Import de structures",
	"structure.lapse":         "Demandes sans suite effacées",
	"structure.freeze":        "Collèges figés",
	"structure.unfreeze":      "Fin du gel des collèges",
	"structure.join":          "Personne ajoutée par une structure",
	"structure.unjoin":        "Personne retirée par une structure",
	"structure.manage":        "Droits d’une personne dans une structure",
	"structure.in_charge":     "Changement de la personne référente d’une structure",
	"structure.access":        "Demande d’accès à une structure",
	"structure.grant":         "Demande d’accès acceptée",
	"structure.deny":          "Demande d’accès refusée",
})

// enter makes a structure a member of the GNI from a day on: its seat opens, the
// person in charge holds it, the others named in the request act for it, and their
// rows go. invite sends each who has no account the way to make one.
func (s *Service) enter(ctx context.Context, tx pgx.Tx, by access.Actor, sheet Sheet, on day.Day, invite bool) error {
	if err := setState(ctx, tx, sheet.ID, Accepted); err != nil {
		return err
	}
	if _, err := postgres.Exec(ctx, tx, `UPDATE structure SET up_to_date_at = now(), reminders = 0 WHERE organisation_id = $1`, sheet.ID); err != nil {
		return postgres.Wrap(err, "structure %d enters", sheet.ID)
	}
	seat, err := s.governance.SeatStructure(ctx, tx, by, sheet.ID, sheet.College, sheet.Name, on)
	if err != nil {
		return err
	}
	people, err := takeContacts(ctx, tx, sheet.ID)
	if err != nil {
		return err
	}
	for _, p := range people {
		if err := s.place(ctx, tx, by, sheet.ID, seat, p, on, invite); err != nil {
			return err
		}
	}
	return nil
}

// namedPerson is a contact, and the person of the portal who has its address.
type namedPerson struct {
	Contact
	Person access.PersonID `db:"person_id"` // 0: nobody yet
}

// takeContacts empties the rows of the people of a request, who is in charge first.
func takeContacts(ctx context.Context, tx pgx.Tx, id ID) ([]namedPerson, error) {
	people, err := postgres.List[namedPerson](ctx, tx, `
		WITH gone AS (DELETE FROM structure_contact WHERE structure_id = $1 RETURNING *)
		SELECT g.first_name, g.last_name, g.email, g.title, g.in_charge, g.manager, coalesce(p.id, 0) AS person_id
		FROM gone g LEFT JOIN person p ON p.email = g.email ORDER BY g.in_charge DESC, g.id`, id)
	return people, postgres.Wrap(err, "contacts of structure %d", id)
}

// input names the person to the governance.
func (p namedPerson) input() governance.PersonInput {
	if p.Person != 0 {
		return governance.PersonInput{ID: p.Person}
	}
	return governance.PersonInput{First: p.First, Last: p.Last, Email: p.Email}
}

// place gives somebody the seat of a structure, or a part in it.
func (s *Service) place(ctx context.Context, tx pgx.Tx, by access.Actor, id ID, seat governance.SeatID, p namedPerson, on day.Day, invite bool) error {
	if p.InCharge {
		_, err := s.governance.Appoint(ctx, tx, by, governance.NewMandate{Seat: seat, Person: p.input(), Kind: governance.Titular,
			From: on, Designation: "Personne référente de la structure", Invite: invite})
		return err
	}
	_, err := s.governance.Join(ctx, tx, by, governance.NewMembership{Organisation: id, Person: p.input(), Title: p.Title,
		Manager: p.Manager, From: on, Invite: invite})
	return err
}
