package funding

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

const noteKind = "governance_note"

var _ = notify.NameKinds(map[string]string{noteKind: "Note à la gouvernance"})

// NoteID identifies a note that was sent.
type NoteID int64

// Lengths of a note (constraints governance_note_subject_check, …_text_check).
const (
	MaxSubject  = 200
	MaxNoteText = 20_000
)

// Note is a note as it was sent to every member of the governance.
type Note struct {
	ID         NoteID    `db:"id"`
	Since      day.Day   `db:"since"` // it tells what changed from that day on
	Subject    string    `db:"subject"`
	Text       string    `db:"text"`
	SentAt     time.Time `db:"sent_at"`
	SentBy     string    `db:"sent_by"`
	Recipients int       `db:"recipients"`
}

// Reach is how many people a note goes to.
type Reach struct {
	Reached int `db:"reached"`
	Silent  int `db:"silent"` // who sit and have no address
}

// members are the people who sit today in one of the four bodies, once each: the same
// rules as a convocation's.
const members = `
	SELECT DISTINCT p.id, p.first_name || ' ' || p.last_name AS name, p.email
	FROM body b CROSS JOIN LATERAL composition(b.code, paris_today()) c JOIN person p ON p.id = c.person_id`

const reachSQL = `SELECT count(*) FILTER (WHERE email <> '')::int AS reached, count(*) FILTER (WHERE email = '')::int AS silent FROM (` + members + `) m`

var (
	errNoNote    = problem.New(problem.NotFound, "Cette note n’existe pas.")
	errNoteTwice = problem.New(problem.Conflict, "Cette note est déjà partie : rien n’a été envoyé une seconde fois.")
	errNobody    = problem.New(problem.Conflict, "Aucun membre de la gouvernance n’a d’adresse électronique : rien n’est parti.")
)

// check refuses what may not be sent. Fields: depuis, objet, texte.
func (n Note) check() error {
	switch {
	case n.Since.IsZero():
		return problem.OnField("depuis", "Saisissez la date depuis laquelle la note raconte.")
	case strings.TrimSpace(n.Subject) == "" || len([]rune(n.Subject)) > MaxSubject:
		return problem.OnField("objet", "Donnez à la note un objet de 200 caractères au plus.")
	case strings.TrimSpace(n.Text) == "" || len([]rune(n.Text)) > MaxNoteText:
		return problem.OnField("texte", "Écrivez le texte de la note, de 20 000 caractères au plus.")
	}
	return nil
}

// Paragraphs are the paragraphs of the text: what empty lines part.
func (n Note) Paragraphs() []string {
	var out []string
	for p := range strings.SplitSeq(strings.ReplaceAll(n.Text, "\r\n", "\n"), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

type member struct {
	Person access.PersonID `db:"id"`
	Name   string          `db:"name"`
	Email  string          `db:"email"`
}

// Send writes the note to everyone who sits today, one mail each, and keeps it. It
// leaves once: the same subject and text again is a Conflict.
func (s *Service) Send(ctx context.Context, by access.Actor, n Note) (Note, error) {
	if err := roadmap.RequireTeam(by); err != nil {
		return n, err
	}
	if err := n.check(); err != nil {
		return n, err
	}
	n.SentBy = by.Name
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		to, err := postgres.List[member](ctx, tx, `SELECT * FROM (`+members+`) m WHERE email <> '' ORDER BY id`)
		if err != nil {
			return postgres.Wrap(err, "members of the governance")
		}
		mails := s.noteMails(n, to)
		if n.Recipients = len(mails); n.Recipients == 0 {
			return errNobody
		}
		n.ID, err = postgres.Value[NoteID](ctx, tx, `
			INSERT INTO governance_note (since, subject, text, sent_by, recipients) VALUES ($1, $2, $3, $4, $5) RETURNING id`,
			n.Since, n.Subject, n.Text, n.SentBy, n.Recipients)
		if postgres.Violates(err, "governance_note_once") {
			return errNoteTwice
		}
		if err != nil {
			return postgres.Wrap(err, "keep a note")
		}
		if _, err := s.outbox.QueueMany(ctx, tx, mails); err != nil {
			return err
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "roadmap.note", Object: "governance_note", ID: int64(n.ID), Label: n.Subject,
			After: map[string]any{"objet": n.Subject, "depuis": n.Since, "destinataires": n.Recipients}})
	})
	return n, err
}

// noteMails writes the mails; an address the outbox would refuse stops no other.
func (s *Service) noteMails(n Note, to []member) []notify.Mail {
	mails := make([]notify.Mail, 0, len(to))
	for _, m := range to {
		if notify.Deliverable(m.Email) {
			mails = append(mails, notify.Mail{Kind: noteKind, ToAddress: m.Email, ToName: m.Name, Subject: n.Subject, Paragraphs: n.Paragraphs(),
				Action: "Voir la feuille de route", Link: s.baseURL + "/feuille-de-route",
				Why: "Vous recevez cette note parce que vous siégez dans une instance de la gouvernance de l’inclusion numérique de Bordeaux Métropole."})
		}
	}
	return mails
}

// reads tells whether the actor reads the notes that were sent: whoever is of the
// governance.
func reads(by access.Actor) bool { return roadmap.SightOf(by) >= roadmap.MemberSight }

// Notes returns a page of the notes that were sent, the latest first.
func (s *Service) Notes(ctx context.Context, by access.Actor, page int) ([]Note, postgres.Paging, error) {
	if err := by.Require(reads(by)); err != nil {
		return nil, postgres.Paging{}, err
	}
	var (
		b     postgres.Batch
		notes []Note
		total int
	)
	postgres.AddList(&b, &notes, noteSQL+` ORDER BY sent_at DESC, id DESC LIMIT $1 OFFSET $2`, postgres.Limit(page), postgres.Offset(page))
	postgres.AddValue(&b, &total, `SELECT count(*)::int FROM governance_note`)
	err := b.Run(ctx, s.db)
	return notes, postgres.PagingOf(page, total), postgres.Wrap(err, "notes")
}

const noteSQL = `SELECT id, since, subject, text, sent_at, sent_by, recipients FROM governance_note`

// Note returns a note that was sent.
func (s *Service) Note(ctx context.Context, by access.Actor, id NoteID) (Note, error) {
	if err := by.Require(reads(by)); err != nil {
		return Note{}, err
	}
	n, err := postgres.One[Note](ctx, s.db, noteSQL+` WHERE id = $1`, id)
	if postgres.IsNoRows(err) {
		return n, errNoNote
	}
	return n, postgres.Wrap(err, "note %d", id)
}
