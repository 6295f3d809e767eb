package election

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

const (
	kindRules     = "election_rules"
	kindDates     = "election_dates"
	kindCancelled = "election_cancelled"
	kindAct       = "election_act"
	kindIncident  = "election_incident"
)

var _ = notify.NameKinds(map[string]string{
	kindRules:     "Règlement d’une élection publié",
	kindDates:     "Nouvelle date dans une élection",
	kindCancelled: "Élection abandonnée",
	kindAct:       "Acte à deux d’une élection",
	kindIncident:  "Incident d’une élection",
})

// Contact is somebody who is written to about an election.
type Contact struct {
	Structure access.OrganisationID `db:"structure_id"` // they act for; 0: nobody's
	Person    access.PersonID       `db:"person_id"`
	Name      string                `db:"name"`
	Email     string                `db:"email"`
}

// Contacts returns who is written to for all the structures of the GNI, each person once.
func Contacts(ctx context.Context, q postgres.Querier) ([]Contact, error) {
	ids, err := postgres.Values[access.OrganisationID](ctx, q, `SELECT organisation_id FROM structure WHERE state = 'accepted'`)
	if err != nil {
		return nil, postgres.Wrap(err, "structures of the GNI")
	}
	list, err := ContactsOf(ctx, q, ids)
	return OnePerPerson(list), err
}

// ContactsOf returns who is written to about structures: who holds their seats and who
// manages them, with an address that takes mail, each once for each structure.
func ContactsOf(ctx context.Context, q postgres.Querier, ids []access.OrganisationID) ([]Contact, error) {
	list, err := postgres.List[Contact](ctx, q, `
		SELECT h.organisation_id AS structure_id, p.id AS person_id, p.first_name || ' ' || p.last_name AS name, p.email
		FROM (SELECT s.organisation_id, m.person_id FROM seat s JOIN mandate m ON m.seat_id = s.id
		      WHERE s.organisation_id = ANY ($1) AND s.kind = 'structure' AND m.kind = 'titular' AND m.during @> paris_today()
		      UNION SELECT n.organisation_id, n.person_id FROM membership n
		      WHERE n.organisation_id = ANY ($1) AND n.manager AND n.during @> paris_today()) h
		JOIN person p ON p.id = h.person_id ORDER BY h.organisation_id, p.id`, ids)
	return deliverable(list), postgres.Wrap(err, "contacts of structures")
}

// OnePerPerson keeps one line of each person: for a mail that names no structure.
func OnePerPerson(list []Contact) []Contact {
	seen := map[access.PersonID]bool{}
	var out []Contact
	for _, c := range list {
		if !seen[c.Person] {
			seen[c.Person] = true
			out = append(out, c)
		}
	}
	return out
}

// Staff returns the people with an open account in one of the roles granted by hand:
// team, scrutineer.
func Staff(ctx context.Context, q postgres.Querier, roles ...access.Role) ([]Contact, error) {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	list, err := postgres.List[Contact](ctx, q, `
		SELECT 0::bigint AS structure_id, p.id AS person_id, p.first_name || ' ' || p.last_name AS name, min(a.email) AS email
		FROM role_grant g JOIN account a ON a.id = g.account_id JOIN person p ON p.id = a.person_id
		WHERE g.role = ANY ($1) AND g.ended_at IS NULL AND a.disabled_at IS NULL GROUP BY p.id ORDER BY p.id`, names)
	return deliverable(list), postgres.Wrap(err, "people of %v", roles)
}

// deliverable leaves out addresses that the outbox would refuse, and all mails with them.
func deliverable(list []Contact) []Contact {
	var out []Contact
	for _, c := range list {
		if notify.Deliverable(c.Email) {
			out = append(out, c)
		}
	}
	return out
}

// Address is the public page of an election, for mails.
func Address(baseURL string, id ID) string {
	return baseURL + "/elections/" + strconv.FormatInt(int64(id), 10)
}

// tellStructures tells every structure of the GNI, by the rhythm each person chose.
func (s *Service) tellStructures(ctx context.Context, tx pgx.Tx, e Election, kind, subject, text string) (int, error) {
	to, err := Contacts(ctx, tx)
	if err != nil {
		return 0, err
	}
	notices := make([]notify.Notice, len(to))
	for i, c := range to {
		notices[i] = notify.Notice{Person: c.Person, Address: c.Email, Name: c.Name, Kind: kind, Subject: subject, Text: text,
			Action: "Voir l’élection", Link: Address(s.baseURL, e.ID)}
	}
	return len(to), s.outbox.Tell(ctx, tx, notices)
}

func (s *Service) tellPublished(ctx context.Context, tx pgx.Tx, e Election) (int, error) {
	return s.tellStructures(ctx, tx, e, kindRules, french.Typo("Le règlement est publié : "+e.Title),
		french.Typo("Les structures du Groupe Numérique Inclusif (GNI) vont élire leurs représentants. Le règlement et le calendrier sont publiés. "+
			"Candidatures : du "+french.DateTime(*e.CandidaciesFrom)+" au "+french.DateTime(*e.CandidaciesUntil)+". Vote : du "+
			french.DateTime(*e.OpensAt)+" au "+french.DateTime(*e.ClosesAt)+". La liste électorale sera montrée avant, pour que chaque structure vérifie son inscription."))
}

func (s *Service) tellDates(ctx context.Context, tx pgx.Tx, e Election, to Dates, names []string) error {
	text := "Le calendrier de l’élection change."
	for _, n := range names {
		for _, f := range DateFields {
			if f.Name == n {
				text += " " + f.Label + " : " + french.DateTime(**to.Of(n)) + "."
			}
		}
	}
	_, err := s.tellStructures(ctx, tx, e, kindDates, french.Typo("Nouvelle date : "+e.Title), french.Typo(text))
	return err
}

func (s *Service) tellExtended(ctx context.Context, tx pgx.Tx, e Election, to time.Time, reason string) error {
	_, err := s.tellStructures(ctx, tx, e, kindDates, french.Typo("Le vote est prolongé : "+e.Title),
		french.Typo("Le vote se clôt le "+french.DateTime(to)+", et non plus le "+french.DateTime(*e.ClosesAt)+". Raison : "+reason))
	return err
}

func (s *Service) tellCancelled(ctx context.Context, tx pgx.Tx, e Election, reason string) error {
	_, err := s.tellStructures(ctx, tx, e, kindCancelled, french.Typo("L’élection est abandonnée : "+e.Title), french.Typo("Raison : "+reason))
	return err
}

// tellBoard writes at once to those who run and watch the election, but one.
func (s *Service) tellBoard(ctx context.Context, tx pgx.Tx, but access.PersonID, m notify.Mail, roles ...access.Role) error {
	return TellBoard(ctx, tx, s.outbox, but, m, roles...)
}

// TellBoard queues a mail to everybody with an open account in one of the roles, but
// one person: who does an act needs not be told of it.
func TellBoard(ctx context.Context, tx pgx.Tx, outbox *notify.Outbox, but access.PersonID, m notify.Mail, roles ...access.Role) error {
	to, err := Staff(ctx, tx, roles...)
	if err != nil {
		return err
	}
	var mails []notify.Mail
	for _, c := range to {
		if c.Person != but {
			m.ToAddress, m.ToName = c.Email, c.Name
			mails = append(mails, m)
		}
	}
	_, err = outbox.QueueMany(ctx, tx, mails)
	return err
}
