package candidacy

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Dates are those of the candidacies: received in [From, Until), withdrawn and completed
// before Withdraw.
type Dates struct{ From, Until, Withdraw time.Time }

// check refuses dates that contradict each other, or the vote. Fields: the names of the
// columns.
func (d Dates) check(e election.Election) error {
	switch {
	case !d.From.Before(d.Until):
		return problem.OnField("candidacies_until", "Le dépôt des candidatures se termine après son début.")
	case !e.Now.Before(d.Until):
		return problem.OnField("candidacies_until", "Cette date est passée : choisissez-en une à venir.")
	case d.Withdraw.Before(d.Until):
		return problem.OnField("withdraw_until", "Une candidature peut être retirée au moins jusqu’à la fin du dépôt.")
	case e.ClaimsUntil != nil && d.Withdraw.Before(*e.ClaimsUntil):
		return problem.OnField("withdraw_until", "Les réclamations sur la liste se terminent le "+french.DateTime(*e.ClaimsUntil)+" : les listes sont arrêtées ensuite.")
	case e.OpensAt != nil && !d.Withdraw.Before(*e.OpensAt):
		return problem.OnField("withdraw_until", "Le vote s’ouvre le "+french.DateTime(*e.OpensAt)+" : le dernier moment des retraits est avant.")
	case d.Withdraw.After(e.Now.AddDate(10, 0, 0)):
		return problem.OnField("withdraw_until", "Choisissez une date dans les dix ans.")
	}
	return nil
}

// OpenCandidacies lets the structures of the roll stand, between the dates. Every
// structure is told. Fields: candidacies_until, withdraw_until.
func (s *Service) OpenCandidacies(ctx context.Context, by access.Actor, id election.ID, version int, d Dates) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := lockForTeam(ctx, tx, by, id)
		switch {
		case err != nil:
			return err
		case e.Phase == election.Draft || e.Phase == election.Published:
			return problem.New(problem.Conflict, "Montrez d’abord la liste électorale provisoire.")
		case e.Phase != election.Roll:
			return problem.New(problem.Conflict, "Le dépôt des candidatures est déjà ouvert.")
		case e.Version != version:
			return election.ErrStale
		}
		if err := d.check(e); err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `
			UPDATE election SET candidacies_from = $2, candidacies_until = $3, withdraw_until = $4 WHERE id = $1`, id, d.From, d.Until, d.Withdraw); err != nil {
			return postgres.Wrap(err, "dates of candidacies of election %d", id)
		}
		if err := election.SetPhase(ctx, tx, by, e, election.Candidacies); err != nil {
			return err
		}
		return s.tellRoll(ctx, tx, e, "Portez-vous candidat : "+e.Title,
			"Les structures du Groupe Numérique Inclusif (GNI) peuvent se porter candidates pour le représenter, du "+french.DateTime(d.From)+" au "+french.DateTime(d.Until)+
				". Une candidature nomme une personne titulaire et une suppléante, et tient en une profession de foi de 1 500 caractères.")
	})
}

// tellRoll tells the people of every structure of the roll, by the rhythm they chose.
func (s *Service) tellRoll(ctx context.Context, tx pgx.Tx, e election.Election, subject, text string) error {
	ids, err := postgres.Values[access.OrganisationID](ctx, tx, `SELECT structure_id FROM election_roll WHERE election_id = $1`, e.ID)
	if err != nil {
		return postgres.Wrap(err, "roll of election %d", e.ID)
	}
	to, err := election.ContactsOf(ctx, tx, ids)
	if err != nil {
		return err
	}
	var notices []notify.Notice
	for _, c := range election.OnePerPerson(to) {
		notices = append(notices, notify.Notice{Person: c.Person, Address: c.Email, Name: c.Name, Kind: kindOpen, Subject: french.Typo(subject), Text: french.Typo(text),
			Action: "Déposer une candidature", Link: address(s.baseURL, e.ID) + "/ma-candidature"})
	}
	return s.outbox.Tell(ctx, tx, notices)
}

// extension is how long the rules let the deadline move, once.
const extension = 7

// Extension is what granting seven days would change.
type Extension struct {
	Until, Withdraw time.Time
	// The vote moves with them when it would open before the last moment to withdraw.
	OpensAt, ClosesAt *time.Time
}

// ExtensionOf returns the dates seven days later, in Paris: of the deadline, or of now
// when it has passed; the vote follows when it must.
func ExtensionOf(e election.Election) Extension {
	from := *e.CandidaciesUntil
	gap := e.WithdrawUntil.Sub(from)
	for from.Before(e.Now) {
		from = from.In(day.Paris).AddDate(0, 0, 1)
	}
	x := Extension{Until: from.In(day.Paris).AddDate(0, 0, extension)}
	x.Withdraw = x.Until.Add(gap)
	if e.OpensAt != nil && !x.Withdraw.Before(*e.OpensAt) {
		days := day.In(*e.WithdrawUntil).DaysUntil(day.In(x.Withdraw))
		opens := e.OpensAt.In(day.Paris).AddDate(0, 0, days)
		x.OpensAt = &opens
		if e.ClosesAt != nil {
			closes := e.ClosesAt.In(day.Paris).AddDate(0, 0, days)
			x.ClosesAt = &closes
		}
	}
	return x
}

// mayExtend refuses the seven days that the rules do not give.
func mayExtend(d Desk) error {
	if err := inCandidacies(d.Election); err != nil {
		return err
	}
	switch {
	case d.Election.Rules.Shortage != "extend":
		return problem.New(problem.Conflict, "Le règlement ne prévoit pas de prolonger le dépôt des candidatures.")
	case d.Extended:
		return problem.New(problem.Conflict, "Le dépôt des candidatures a déjà été prolongé une fois.")
	case len(d.Short()) == 0:
		return problem.New(problem.Conflict, "Il y a assez de candidatures dans chaque collège : le règlement ne permet pas de prolonger.")
	}
	return nil
}

// MayExtend tells whether the rules let the deadline move now.
func (d Desk) MayExtend() bool { return mayExtend(d) == nil }

// Extend gives seven days more to stand, once, when a college has fewer candidacies than
// seats and the rules say so. Every structure is told.
func (s *Service) Extend(ctx context.Context, by access.Actor, id election.ID, version int) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := lockForTeam(ctx, tx, by, id)
		if err != nil {
			return err
		}
		d, err := desk(ctx, tx, e)
		if err != nil {
			return err
		}
		if err := mayExtend(d); err != nil {
			return err
		}
		if e.Version != version {
			return election.ErrStale
		}
		x := ExtensionOf(e)
		if _, err := postgres.Exec(ctx, tx, `
			UPDATE election SET candidacies_until = $2, withdraw_until = $3, opens_at = coalesce($4, opens_at), closes_at = coalesce($5, closes_at),
				candidacies_extended_at = clock_timestamp(), version = version + 1 WHERE id = $1`, id, x.Until, x.Withdraw, x.OpensAt, x.ClosesAt); err != nil {
			return postgres.Wrap(err, "extend candidacies of election %d", id)
		}
		if err := election.Record(ctx, tx, by, "change", e, map[string]any{"candidacies_until": e.CandidaciesUntil}, x); err != nil {
			return err
		}
		text := "Il y a moins de candidatures que de sièges : comme le prévoit le règlement, le dépôt est prolongé jusqu’au " + french.DateTime(x.Until) + "."
		if x.OpensAt != nil && x.ClosesAt != nil {
			text += " Le vote aura lieu du " + french.DateTime(*x.OpensAt) + " au " + french.DateTime(*x.ClosesAt) + "."
		}
		return s.tellRoll(ctx, tx, e, "Encore sept jours pour être candidat : "+e.Title, text)
	})
}
