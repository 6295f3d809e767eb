package meeting

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// PollAnswer is what somebody says of a date.
type PollAnswer string

// The closed set of answers (constraint poll_answer_check).
const (
	PollYes      PollAnswer = "yes"
	PollIfNeeded PollAnswer = "if_needed"
	PollNo       PollAnswer = "no"
)

// Label returns the French name of the answer.
func (a PollAnswer) Label() string {
	switch a {
	case PollYes:
		return "Oui"
	case PollIfNeeded:
		return "Si besoin"
	case PollNo:
		return "Non"
	}
	return string(a)
}

// A poll offers from MinDates to MaxDates dates.
const (
	MinDates = 2
	MaxDates = 10
)

// PollInput is a date poll to open.
type PollInput struct {
	Message string  `json:"message"`
	Closes  day.Day `json:"cloture"` // its last day
	Dates   []Slot  `json:"dates"`
}

// ClosesAt is the end of its last day.
func (p PollInput) ClosesAt() time.Time { return p.Closes.AddDays(1).At(0, 0) }

// check refuses a poll that nobody could answer. Fields: message, cloture, dates.
func (p PollInput) check(now time.Time) error {
	if len(p.Dates) < MinDates || len(p.Dates) > MaxDates {
		return problem.OnField("date_1", "Proposez de 2 à 10 dates.")
	}
	first := p.Dates[0].StartsAt
	for i, d := range p.Dates {
		n := french.Number(i + 1)
		if err := d.check(now, false, "date_"+n, "fin_"+n); err != nil {
			return err
		}
		if slices.IndexFunc(p.Dates, func(o Slot) bool { return o.StartsAt.Equal(d.StartsAt) }) != i {
			return problem.OnField("date_"+n, "Cette date est proposée deux fois.")
		}
		if d.StartsAt.Before(first) {
			first = d.StartsAt
		}
	}
	switch {
	case len([]rune(p.Message)) > 2000:
		return problem.OnField("message", "Gardez 2 000 caractères au plus.")
	case p.Closes.IsZero():
		return problem.OnField("cloture", "Saisissez le dernier jour pour répondre.")
	case !p.ClosesAt().After(now):
		return problem.OnField("cloture", "Ce jour est passé : laissez le temps de répondre.")
	case !p.Closes.Before(day.In(first)):
		return problem.OnField("cloture", "Choisissez un jour avant la première date proposée.")
	}
	return nil
}

// OpenPoll asks the people of the body, as it is composed today, which dates suit
// them, each by a personal link. Fields: message, cloture, date_N, fin_N.
func (s *Service) OpenPoll(ctx context.Context, by access.Actor, id ID, in PollInput) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := own(ctx, tx, by, id, 0)
		if err != nil {
			return err
		}
		if m.State != governance.Draft {
			return problem.New(problem.Invalid, "La date ne se demande plus : cette réunion est déjà convoquée, close ou annulée.")
		}
		now, err := databaseNow(ctx, tx)
		if err != nil {
			return err
		}
		if err := in.check(now); err != nil {
			return err
		}
		poll, err := insertPoll(ctx, tx, id, in)
		if err != nil {
			return err
		}
		voters, err := postgres.List[voter](ctx, tx, `
			WITH asked AS (
				INSERT INTO poll_voter (poll_id, person_id, name, seat_label)
				SELECT $1, person_id, first_name || ' ' || last_name, seat_label
				FROM composition($2, paris_today()) WHERE counted ORDER BY rule_position, seat_id
				RETURNING id, person_id, name, seat_label)
			SELECT a.id, a.name, a.seat_label, p.email FROM asked a JOIN person p ON p.id = a.person_id`, poll, m.Body)
		if err != nil {
			return postgres.Wrap(err, "insert voters")
		}
		if len(voters) == 0 {
			return problem.New(problem.Invalid, "Personne ne siège aujourd’hui dans cette instance : il n’y a personne à qui demander.")
		}
		if err := s.mailVoters(ctx, tx, m, in.Message, in.Closes, "Quelle date vous convient ?", "poll_open", voters); err != nil {
			return err
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "poll.open", Object: "meeting", ID: int64(id), Label: m.label(), After: in})
	})
}

func insertPoll(ctx context.Context, tx pgx.Tx, id ID, in PollInput) (int64, error) {
	poll, err := postgres.Value[int64](ctx, tx, `
		INSERT INTO date_poll (meeting_id, message, closes_at) VALUES ($1, $2, $3) RETURNING id`, id, in.Message, in.ClosesAt())
	if postgres.Violates(err, "date_poll_once") {
		return 0, problem.New(problem.Conflict, "Un sondage est déjà ouvert pour cette réunion.")
	}
	if err != nil {
		return 0, postgres.Wrap(err, "insert poll")
	}
	starts, ends := make([]time.Time, len(in.Dates)), make([]time.Time, len(in.Dates))
	for i, d := range in.Dates {
		starts[i], ends[i] = d.StartsAt, d.EndsAt
	}
	_, err = postgres.Exec(ctx, tx, `
		INSERT INTO poll_option (poll_id, starts_at, ends_at)
		SELECT $1, x.s, x.e FROM unnest($2::timestamptz[], $3::timestamptz[]) AS x(s, e) ORDER BY x.s`, poll, starts, ends)
	return poll, postgres.Wrap(err, "insert dates")
}

// voter is somebody to write to.
type voter struct {
	ID        VoterID `db:"id"`
	Name      string  `db:"name"`
	SeatLabel string  `db:"seat_label"`
	Email     string  `db:"email"`
}

var _ = notify.NameKinds(map[string]string{"poll_open": "Sondage de dates", "poll_reminder": "Rappel d’un sondage de dates"})

// mailVoters gives each voter that has an address a personal link of their own.
func (s *Service) mailVoters(ctx context.Context, tx pgx.Tx, m Meeting, message string, closes day.Day, subject, kind string, voters []voter) error {
	var (
		mails  []notify.Mail
		ids    []int64
		hashes [][]byte
	)
	lead := "L’équipe métropolitaine prépare la prochaine réunion " + m.Body.Of() + ". Dites quelles dates vous conviennent jusqu’au " + french.Date(closes) + " : vous pourrez changer vos réponses d’ici là."
	for _, v := range voters {
		if !notify.Deliverable(v.Email) { // one bad address must not stop the others
			continue
		}
		token, hash := newToken()
		ids, hashes = append(ids, int64(v.ID)), append(hashes, hash)
		paragraphs := []string{french.Typo(lead)}
		if message != "" {
			paragraphs = append(paragraphs, french.Typo(message))
		}
		mails = append(mails, notify.Mail{Kind: kind, ToAddress: v.Email, ToName: v.Name, Subject: french.Typo(subject) + " " + french.Capital(m.Title()),
			Paragraphs: paragraphs, Action: "Répondre au sondage", Link: s.baseURL + PollPath + token, Secret: true, Reusable: true,
			Why: "Vous recevez ce message parce que vous siégez dans cette instance : " + v.SeatLabel + "."})
	}
	sent, err := s.outbox.QueueMany(ctx, tx, mails)
	if err != nil {
		return err
	}
	_, err = postgres.Exec(ctx, tx, `
		WITH x AS (SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::uuid[]) AS x(hash, voter, mail)),
		     linked AS (INSERT INTO poll_link (token_hash, voter_id) SELECT hash, voter FROM x)
		UPDATE poll_voter v SET mail_id = x.mail FROM x WHERE v.id = x.voter`, hashes, ids, sent)
	return postgres.Wrap(err, "insert poll links")
}

// RemindPoll writes again to the silent, and to nobody else; it returns how many.
func (s *Service) RemindPoll(ctx context.Context, by access.Actor, id ID) (int, error) {
	n := 0
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := own(ctx, tx, by, id, 0)
		if err != nil {
			return err
		}
		p, err := loadPoll(ctx, tx, id)
		if err != nil {
			return err
		}
		if !p.Open {
			return problem.New(problem.Invalid, "Ce sondage est clos : il n’y a plus personne à relancer.")
		}
		silent, err := postgres.List[voter](ctx, tx, `
			SELECT v.id, v.name, v.seat_label, p.email FROM poll_voter v JOIN person p ON p.id = v.person_id
			WHERE v.poll_id = $1 AND v.answered_at IS NULL AND p.email <> '' ORDER BY v.id`, p.ID)
		if err != nil {
			return postgres.Wrap(err, "silent voters")
		}
		if n = len(silent); n == 0 {
			return problem.New(problem.Invalid, "Personne n’est à relancer : tous ceux qui ont une adresse ont répondu.")
		}
		if err := s.mailVoters(ctx, tx, m, p.Message, day.In(p.ClosesAt.Add(-time.Second)), "Votre réponse est attendue :", "poll_reminder", silent); err != nil {
			return err
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "poll.remind", Object: "meeting", ID: int64(id), Label: m.label(), After: map[string]int{"relances": n}})
	})
	return n, err
}

// ChooseDate closes the poll and gives the meeting the date chosen. It tells nobody:
// convening does.
func (s *Service) ChooseDate(ctx context.Context, by access.Actor, id ID, version int, option OptionID) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := own(ctx, tx, by, id, version)
		if err != nil {
			return err
		}
		p, err := loadPoll(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case m.State != governance.Draft:
			return problem.New(problem.Invalid, "Cette réunion est déjà convoquée, close ou annulée : changez sa date depuis sa page.")
		case p.Chosen != 0:
			return problem.New(problem.Conflict, "La date de cette réunion est déjà choisie.")
		}
		to, err := postgres.One[Slot](ctx, tx, `
			WITH chosen AS (UPDATE poll_option SET chosen = true WHERE id = $1 AND poll_id = $2 AND starts_at > now() RETURNING starts_at, ends_at),
			     shut AS (UPDATE date_poll SET closed_at = now() WHERE id = $2 AND EXISTS (SELECT FROM chosen))
			SELECT starts_at, ends_at FROM chosen`, option, p.ID)
		if postgres.IsNoRows(err) {
			return problem.OnField("date", "Choisissez une des dates proposées qui soit encore à venir.")
		}
		if err != nil {
			return postgres.Wrap(err, "choose date")
		}
		if _, err := postgres.Exec(ctx, tx, `
			UPDATE meeting SET starts_at = $2, ends_at = $3, sequence = sequence + 1, changed_at = now(), version = version + 1
			WHERE id = $1`, id, to.StartsAt, to.EndsAt); err != nil {
			return postgres.Wrap(err, "fix date")
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "poll.close", Object: "meeting", ID: int64(id), Label: m.label(), Before: Slot{m.StartsAt, m.EndsAt}, After: to})
	})
}
