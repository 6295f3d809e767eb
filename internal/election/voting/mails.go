package voting

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

var _ = notify.NameKinds(map[string]string{
	"election_vote_open":     "Ouverture d’un vote",
	"election_vote_reminder": "Rappel de vote",
	"election_voted":         "Votre structure a voté",
})

// Mails « votre structure a voté » leave at these hours of Paris, and never for fewer
// structures of a box than this, but once the vote is closed: the hour of a mail tells
// nothing of the hour of a vote.
const fewestTold = 3

var toldAt = []int{9, 13, 18}

// contact is somebody who acts for a structure of the roll.
type contact struct {
	Structure string `db:"structure"`
	Name      string `db:"name"`
	Email     string `db:"email"`
}

// calling is an election whose mails may be due.
type calling struct {
	ID       election.ID
	Title    string
	ClosesAt time.Time
	Now      time.Time
	Open     bool // in the hours of the vote
}

// each runs f in a transaction for each election whose vote is open, or is over with
// structures still to tell. There is one at a time but by accident.
func (s *Service) each(ctx context.Context, f func(tx pgx.Tx, e calling) (int, error)) (sent int, err error) {
	list, err := postgres.List[calling](ctx, s.db, `
		SELECT id, title, closes_at, clock_timestamp() AS now, phase = 'open' AND clock_timestamp() >= opens_at AND clock_timestamp() < closes_at AS open
		FROM election WHERE phase IN ('open', 'closed', 'counted', 'proclaimed') AND opens_at <= clock_timestamp() ORDER BY id`)
	if err != nil {
		return 0, postgres.Wrap(err, "elections to write about")
	}
	for _, e := range list {
		err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
			n, err := f(tx, e)
			sent += n
			return err
		})
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// once marks a batch as left; false when it already was.
func once(ctx context.Context, tx pgx.Tx, id election.ID, kind string, due time.Time) (bool, error) {
	n, err := postgres.Exec(ctx, tx, `INSERT INTO election_mailing (election_id, kind, due) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, id, kind, due)
	return n == 1, postgres.Wrap(err, "mark mails %s of election %d", kind, id)
}

// contacts are everybody who acts for structures of the roll, with an address: who
// holds the seat, and its members. In the order of the register.
func contacts(ctx context.Context, tx pgx.Tx, id election.ID, only []access.OrganisationID) ([]contact, error) {
	list, err := postgres.List[contact](ctx, tx, `
		SELECT r.name AS structure, p.first_name || ' ' || p.last_name AS name, p.email
		FROM election_roll r
		JOIN LATERAL (SELECT m.person_id FROM seat s JOIN mandate m ON m.seat_id = s.id AND m.during @> paris_today()
		              WHERE s.organisation_id = r.structure_id AND s.kind = 'structure'
		              UNION SELECT n.person_id FROM membership n WHERE n.organisation_id = r.structure_id AND n.during @> paris_today()) w ON true
		JOIN person p ON p.id = w.person_id AND p.email <> ''
		WHERE r.election_id = $1 AND r.structure_id = ANY ($2) ORDER BY r.structure_id, p.id`, id, only)
	return list, postgres.Wrap(err, "contacts of election %d", id)
}

// write queues one mail to each contact of the structures.
func (s *Service) write(ctx context.Context, tx pgx.Tx, e calling, only []access.OrganisationID, letter func(contact) notify.Mail) (int, error) {
	to, err := contacts(ctx, tx, e.ID, only)
	if err != nil {
		return 0, err
	}
	mails := make([]notify.Mail, len(to))
	for i, c := range to {
		m := letter(c)
		m.ToAddress, m.ToName = c.Email, c.Name
		m.Why = french.Typo("Vous recevez ce message parce que vous agissez pour « " + c.Structure + " », inscrite sur la liste électorale.")
		mails[i] = m
	}
	_, err = s.outbox.QueueMany(ctx, tx, mails)
	return len(mails), err
}

// waiting are the structures of an election that have not voted.
func waiting(ctx context.Context, tx pgx.Tx, id election.ID) ([]access.OrganisationID, error) {
	list, err := postgres.Values[access.OrganisationID](ctx, tx, `
		SELECT m.structure_id FROM emargement m JOIN ballot_box b ON b.id = m.box_id WHERE b.election_id = $1 AND NOT b.rehearsal AND NOT m.voted`, id)
	return list, postgres.Wrap(err, "who has not voted in election %d", id)
}

func (s *Service) address(e calling) string {
	return s.baseURL + "/elections/" + strconv.FormatInt(int64(e.ID), 10)
}

// TellOpen writes once to everybody who acts for a structure of the roll that the vote
// is open. The mail leads to the portal: never a code, never a link that votes. A
// chore; it returns how many mails left.
func (s *Service) TellOpen(ctx context.Context) (int, error) {
	return s.each(ctx, func(tx pgx.Tx, e calling) (int, error) {
		if !e.Open {
			return 0, nil
		}
		if first, err := once(ctx, tx, e.ID, "open", time.Unix(0, 0)); err != nil || !first {
			return 0, err
		}
		only, err := waiting(ctx, tx, e.ID)
		if err != nil {
			return 0, err
		}
		return s.write(ctx, tx, e, only, func(c contact) notify.Mail { return s.openMail(e, c) })
	})
}

func (s *Service) openMail(e calling, c contact) notify.Mail {
	return notify.Mail{Kind: "election_vote_open", Subject: "Le vote est ouvert : " + e.Title, Action: "Aller voter", Link: s.address(e) + "/vote",
		Paragraphs: []string{
			french.Typo("Le vote pour désigner les représentants du Groupe Numérique Inclusif (GNI) est ouvert jusqu’au " + french.DateTime(e.ClosesAt) + "."),
			french.Typo("« " + c.Structure + " » a une voix, quelle que soit la personne qui se connecte en son nom. Préparez le code de vote reçu par ailleurs : il n’est jamais envoyé par ce portail avec un lien."),
		}}
}

// RemindVoters writes to the structures that have not voted, three days before the
// close and the day before, all in one batch. A vote stops it. A chore.
func (s *Service) RemindVoters(ctx context.Context) (int, error) {
	return s.each(ctx, func(tx pgx.Tx, e calling) (int, error) {
		kind := reminderDue(e.Now, e.ClosesAt)
		if !e.Open || kind == "" {
			return 0, nil
		}
		if first, err := once(ctx, tx, e.ID, kind, e.ClosesAt); err != nil || !first {
			return 0, err
		}
		only, err := waiting(ctx, tx, e.ID)
		if err != nil {
			return 0, err
		}
		return s.write(ctx, tx, e, only, func(c contact) notify.Mail { return s.reminderMail(e, c) })
	})
}

// reminderDue is the reminder that is due, counted in days of Paris: an hour lost or
// won by the clocks changes nothing.
func reminderDue(now, closes time.Time) string {
	local := closes.In(day.Paris)
	switch {
	case !now.Before(closes):
		return ""
	case !now.Before(local.AddDate(0, 0, -1)):
		return "remind_1"
	case !now.Before(local.AddDate(0, 0, -3)):
		return "remind_3"
	}
	return ""
}

func (s *Service) reminderMail(e calling, c contact) notify.Mail {
	return notify.Mail{Kind: "election_vote_reminder", Subject: "Votre structure n’a pas encore voté", Action: "Aller voter", Link: s.address(e) + "/vote",
		Paragraphs: []string{
			french.Typo("« " + c.Structure + " » n’a pas encore voté pour désigner les représentants du Groupe Numérique Inclusif (GNI). Le vote se termine le " + french.DateTime(e.ClosesAt) + "."),
			"Il faut environ deux minutes et le code de vote de votre structure. Si elle a voté depuis l’envoi de ce message, n’en tenez pas compte.",
		}}
}

// TellVoted writes « votre structure a voté » to everybody who acts for it: who did not
// vote in its name learns that somebody did. In batches, see toldAt; the mails hold
// neither hour nor tracker. A chore.
func (s *Service) TellVoted(ctx context.Context) (int, error) {
	return s.each(ctx, func(tx pgx.Tx, e calling) (int, error) { return s.tellVoted(ctx, tx, e) })
}

// tellVoted sends the batch of an election that is due, if one is.
func (s *Service) tellVoted(ctx context.Context, tx pgx.Tx, e calling) (int, error) {
	due, ok := batchDue(e.Now)
	if !e.Open {
		due, ok = e.ClosesAt, true
	}
	if !ok {
		return 0, nil
	}
	if first, err := once(ctx, tx, e.ID, "voted", due); err != nil || !first {
		return 0, err
	}
	boxes, err := election.Boxes(ctx, tx, e.ID, false)
	if err != nil {
		return 0, err
	}
	var told []access.OrganisationID
	for _, b := range boxes { // one or two
		list, err := s.tell(ctx, tx, b.ID, e.Open)
		if err != nil {
			return 0, err
		}
		told = append(told, list...)
	}
	return s.write(ctx, tx, e, told, func(c contact) notify.Mail { return s.votedMail(e, c) })
}

// batchDue is the hour of the batch that may leave now.
func batchDue(now time.Time) (time.Time, bool) {
	local := now.In(day.Paris)
	for _, h := range toldAt {
		if local.Hour() == h {
			return time.Date(local.Year(), local.Month(), local.Day(), h, 0, 0, 0, day.Paris), true
		}
	}
	return time.Time{}, false
}

// tell marks as told, in one statement on all the lines of a box, who voted since the
// last batch; nobody when they are too few and the vote goes on.
func (s *Service) tell(ctx context.Context, tx pgx.Tx, box election.BoxID, open bool) ([]access.OrganisationID, error) {
	if _, err := election.LockBox(ctx, tx, box); err != nil { // no vote between the two statements
		return nil, err
	}
	list, err := postgres.Values[access.OrganisationID](ctx, tx, `SELECT structure_id FROM emargement WHERE box_id = $1 AND voted AND NOT told ORDER BY structure_id`, box)
	if err != nil {
		return nil, postgres.Wrap(err, "who is to be told of box %d", box)
	}
	if len(list) == 0 || open && len(list) < fewestTold {
		return nil, nil
	}
	_, err = postgres.Exec(ctx, tx, `UPDATE emargement SET told = voted WHERE box_id = $1`, box)
	return list, postgres.Wrap(err, "mark who was told of box %d", box)
}

func (s *Service) votedMail(e calling, c contact) notify.Mail {
	return notify.Mail{Kind: "election_voted", Subject: "Votre structure a voté", Action: "Voir l’élection", Link: s.address(e),
		Paragraphs: []string{
			french.Typo("« " + c.Structure + " » a voté pour désigner les représentants du Groupe Numérique Inclusif (GNI). Ni l’heure du vote, ni la personne, ni le choix ne sont connus : ce message part à heure fixe, avec ceux d’autres structures."),
			"Si personne n’a voté au nom de votre structure, prévenez l’équipe du Groupe Numérique Inclusif sans attendre.",
		}}
}
