package structure

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// FreshnessPath begins the personal address that says a sheet is up to date.
const FreshnessPath = "/structures/a-jour/"

var _ = notify.NameKinds(map[string]string{"structure_freshness": "Vos informations sont-elles à jour ?"})

// ConfirmUpToDate records that somebody of the structure says its sheet is right.
func (s *Service) ConfirmUpToDate(ctx context.Context, by access.Actor, id ID) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := require(ctx, tx, by, id, Member); err != nil {
			return err
		}
		sheet, err := lock(ctx, tx, id, 0)
		if err != nil {
			return err
		}
		if sheet.State != Accepted {
			return problem.New(problem.Conflict, "Votre structure n’est plus membre du GNI : il n’y a rien à confirmer.")
		}
		return freshen(ctx, tx, by, sheet)
	})
}

// freshen marks a sheet as right today, and forgets the reminders.
func freshen(ctx context.Context, tx pgx.Tx, by access.Actor, sheet Sheet) error {
	if _, err := postgres.Exec(ctx, tx, `
		UPDATE structure SET up_to_date_at = now(), reminders = 0, reminded_at = NULL WHERE organisation_id = $1`, sheet.ID); err != nil {
		return postgres.Wrap(err, "confirm sheet of structure %d", sheet.ID)
	}
	if err := step(ctx, tx, by, sheet.ID, StepUpToDate, ""); err != nil {
		return err
	}
	return record(ctx, tx, by, "confirm_sheet", sheet, map[string]any{"a_jour_le": sheet.UpToDateAt}, nil)
}

// FreshnessLink is what the link of a reminder shows to whoever opens it.
type FreshnessLink struct {
	Sheet Sheet // what the public may read
	Name  string
	Used  *time.Time // when this link served, nil if it did not
}

// FreshnessLink reads the link of a reminder; it changes nothing: mail scanners open
// links before their readers do. A Gone problem when it is out of date, or the
// structure is no longer a member.
func (s *Service) FreshnessLink(ctx context.Context, token string) (FreshnessLink, error) {
	l, err := readLink(ctx, s.db, ForFreshness, token)
	if err != nil {
		return FreshnessLink{}, err
	}
	sheet, err := load(ctx, s.db, l.Structure)
	if err != nil {
		return FreshnessLink{}, err
	}
	if sheet.State != Accepted {
		return FreshnessLink{}, errGone
	}
	return FreshnessLink{Sheet: sheet.Public(), Name: l.Name, Used: l.UsedAt}, nil
}

// ConfirmByLink says that a sheet is right, by the link of a reminder, once: a Gone
// problem afterwards.
func (s *Service) ConfirmByLink(ctx context.Context, by access.Actor, token string) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		l, err := useLink(ctx, tx, ForFreshness, token)
		if err != nil {
			return err
		}
		sheet, err := lock(ctx, tx, l.Structure, 0)
		if err != nil {
			return err
		}
		if sheet.State != Accepted {
			return errGone
		}
		// Whoever holds the link acts, in the name of whom it was sent to.
		return freshen(ctx, tx, access.Actor{Name: l.Name, RequestID: by.RequestID}, sheet)
	})
}

// Reminders of a sheet that is not up to date: three at most, sixty days apart.
const (
	mostReminders     = 3
	remindedTogether  = 200 // structures in one transaction
	remindAfterMonths = 12
)

// staleManager is one person to remind of one structure.
type staleManager struct {
	Structure ID        `db:"organisation_id"`
	Name      string    `db:"name"`
	Since     time.Time `db:"up_to_date_at"`
	Number    int       `db:"reminders"` // of this reminder, from 1
	Person    string    `db:"person"`
	Email     string    `db:"email"`
	First     bool      `db:"first"` // of the lines of its structure
}

// RemindStale asks the structures that said nothing for a year whether their sheet is
// right: at once, then every sixty days, three times at most; each of its managers
// has a personal link. It returns how many structures it reminded. Two portals running
// it at once remind nobody twice: each takes rows that the other has not locked.
func (s *Service) RemindStale(ctx context.Context) (int, error) {
	told := 0
	for {
		n := 0
		err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
			due, err := takeStale(ctx, tx)
			if err != nil {
				return err
			}
			for _, d := range due {
				if d.First {
					n++
				}
			}
			return s.mailStale(ctx, tx, due)
		})
		if err != nil {
			return told, err
		}
		if told += n; n < remindedTogether {
			return told, nil
		}
	}
}

// takeStale chooses the structures to remind, marks them, writes their story, and
// returns who is to be written to, in one statement.
func takeStale(ctx context.Context, tx pgx.Tx) ([]staleManager, error) {
	v, err := postgres.List[staleManager](ctx, tx, `
		WITH due AS (
			SELECT s.organisation_id FROM structure s
			WHERE s.state = 'accepted' AND s.up_to_date_at <= now() - make_interval(months => $3)
			  AND s.reminders < $2 AND (s.reminders = 0 OR s.reminded_at <= now() - interval '60 days')
			  AND `+staleReachable+`
			ORDER BY s.up_to_date_at, s.organisation_id LIMIT $1
			FOR UPDATE OF s SKIP LOCKED
		), marked AS (
			UPDATE structure s SET reminders = s.reminders + 1, reminded_at = now()
			FROM due WHERE s.organisation_id = due.organisation_id
			RETURNING s.organisation_id, s.up_to_date_at, s.reminders
		), told AS (
			INSERT INTO structure_step (structure_id, kind, by_name)
			SELECT organisation_id, 'reminded', 'Le portail' FROM marked
		)
		SELECT m.organisation_id, o.name, m.up_to_date_at, m.reminders, p.first_name || ' ' || p.last_name AS person, p.email,
		       row_number() OVER (PARTITION BY m.organisation_id ORDER BY p.id) = 1 AS first
		FROM marked m JOIN organisation o ON o.id = m.organisation_id
		JOIN LATERAL (`+staleManagersOf+` = m.organisation_id AND h.during @> paris_today()
		              UNION SELECT n.person_id FROM membership n WHERE n.organisation_id = m.organisation_id AND n.manager AND n.during @> paris_today()) w ON true
		JOIN person p ON p.id = w.person_id AND p.email <> ''
		ORDER BY m.organisation_id, p.id`, remindedTogether, mostReminders, remindAfterMonths)
	return v, postgres.Wrap(err, "take stale structures")
}

const (
	// staleManagersOf is completed by the structure: who holds its seat.
	staleManagersOf = `SELECT h.person_id FROM seat c JOIN mandate h ON h.seat_id = c.id AND h.kind = 'titular'
		WHERE c.kind = 'structure' AND c.organisation_id`
	// staleSince tells whether structure s said nothing for remindAfterMonths.
	staleSince = `s.up_to_date_at <= now() - interval '12 months'`
	// staleReachable tells whether structure s has a manager with an address.
	staleReachable = `EXISTS (SELECT FROM person p WHERE p.email <> '' AND p.id IN (
		` + staleManagersOf + ` = s.organisation_id AND h.during @> paris_today()
		UNION SELECT n.person_id FROM membership n WHERE n.organisation_id = s.organisation_id AND n.manager AND n.during @> paris_today()))`
)

// mailStale gives each person a link and writes to them.
func (s *Service) mailStale(ctx context.Context, tx pgx.Tx, due []staleManager) error {
	if len(due) == 0 {
		return nil
	}
	mails := make([]notify.Mail, len(due))
	hashes, ids, names := make([][]byte, len(due)), make([]int64, len(due)), make([]string, len(due))
	for i, d := range due {
		token := newToken()
		hashes[i], ids[i], names[i] = tokenHash(token), int64(d.Structure), d.Person
		mails[i] = freshnessMail(d, s.baseURL+FreshnessPath+token)
	}
	if _, err := postgres.Exec(ctx, tx, `
		INSERT INTO structure_link (token_hash, structure_id, purpose, name, expires_at)
		SELECT l.hash, l.id, 'freshness', l.name, now() + $4::interval
		FROM unnest($1::bytea[], $2::bigint[], $3::text[]) AS l(hash, id, name)`, hashes, ids, names, ForFreshness.life()); err != nil {
		return postgres.Wrap(err, "links of reminders")
	}
	_, err := s.outbox.QueueMany(ctx, tx, mails)
	return err
}

// freshnessMail is the reminder of one person.
func freshnessMail(d staleManager, link string) notify.Mail {
	last := "Si rien n’est fait, votre fiche reste visible avec la date de sa dernière confirmation ; nous vous écrirons de nouveau dans deux mois."
	if d.Number >= mostReminders {
		last = "C’est notre dernier rappel pour cette année. Votre fiche reste visible, avec la date de sa dernière confirmation."
	}
	return notify.Mail{
		Kind: "structure_freshness", ToAddress: d.Email, ToName: d.Person,
		Subject: french.Typo("Vos informations sont-elles à jour ? – " + d.Name),
		Paragraphs: []string{
			french.Typo("La fiche de « " + d.Name + " », membre du Groupe Numérique Inclusif (GNI), a été confirmée pour la dernière fois le " + confirmedWords(d.Since) + "."),
			french.Typo("Relisez-la : si tout est juste, un bouton suffit, sans mot de passe. Si quelque chose a changé, la même page vous mène à votre fiche."),
			french.Typo(last),
		},
		Action: "Relire la fiche", Link: link, Secret: true,
		Why: french.Typo("Vous recevez ce message parce que vous gérez la fiche de « " + d.Name + " » dans le portail de la gouvernance de l’inclusion numérique."),
	}
}

// FreshnessCounts is what the team looks at of the sheets that are not up to date:
// see AddFreshnessCounts.
type FreshnessCounts struct {
	Stale       int `json:"stale"`       // members of the GNI not confirmed for over a year
	Unreachable int `json:"unreachable"` // of which without a manager who has an address: nobody reminds them
	Silent      int `json:"silent"`      // of which reminded three times without an answer
}

// AddFreshnessCounts asks for them within the batch of a page of the team; the
// caller has checked that the actor runs the bodies.
func AddFreshnessCounts(b *postgres.Batch, dst *FreshnessCounts) {
	postgres.AddValue(b, dst, `
		SELECT json_build_object('stale', count(*), 'unreachable', count(*) FILTER (WHERE NOT `+staleReachable+`),
		                         'silent', count(*) FILTER (WHERE s.reminders >= $1))
		FROM structure s WHERE s.state = 'accepted' AND `+staleSince, mostReminders)
}
