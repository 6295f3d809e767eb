package notify

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/rivertype"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// PageSize is how many mails a page of the outbox holds.
const PageSize = 50

// CountCap is where counting stops: beyond, the team reads « plus de 1 000 ».
const CountCap = 1000

// What stands for a secret wherever it must not be read.
const (
	MaskedLink = "[Lien personnel masqué]"
	MaskedCode = "[Code masqué]"
)

// Desk is the outbox as the team sees it.
type Desk struct {
	db     postgres.DB
	outbox *Outbox
	demo   bool
}

// NewDesk returns the desk over the outbox kept in db. demo lets the personal
// link of a kept mail be read: that is how one tries invitations without a mail
// server, and never done in production.
func NewDesk(db postgres.DB, outbox *Outbox, demo bool) *Desk {
	return &Desk{db: db, outbox: outbox, demo: demo}
}

// mayRead admits the team and administrators.
func mayRead(by access.Actor) bool { return by.RunsBodies() || by.RunsPortal() }

// Row is a mail as listed.
type Row struct {
	ID        string
	Kind      string
	ToAddress string
	ToName    string
	Subject   string
	State     State
	Attempts  int
	LastError string
	CreatedAt time.Time
	SentAt    *time.Time
}

// Filter narrows the outbox; zero fields do not.
type Filter struct {
	State State
	Kind  string
	Q     string // in the subject, the name or the address
}

// Page is one page of the outbox, newest first.
type Page struct {
	Rows  []Row
	Older string // cursor of the next page, "" on the last one
}

// List returns the mails that pass the filter, older than the cursor ("": from
// the newest). Team and administrators only; a cursor that is not one is a bad
// request.
func (d *Desk) List(ctx context.Context, by access.Actor, f Filter, cursor string) (Page, error) {
	if err := by.Require(mayRead(by)); err != nil {
		return Page{}, err
	}
	var at *time.Time
	var id *string
	if cursor != "" {
		a, i, err := readCursor(cursor)
		if err != nil {
			return Page{}, err
		}
		at, id = &a, &i
	}
	rows, err := postgres.List[Row](ctx, d.db, `
		SELECT id::text, kind, to_address, to_name, subject, state, attempts, last_error, created_at, sent_at
		FROM mail
		WHERE ($1::timestamptz IS NULL OR (created_at, id) < ($1, $2::uuid))
		  AND ($3 = '' OR state = $3)
		  AND ($4 = '' OR kind = $4)
		  AND ($5 = '' OR fold(subject || ' ' || to_name || ' ' || to_address) LIKE fold($5))
		ORDER BY created_at DESC, id DESC LIMIT $6`,
		pgx.QueryExecModeCacheDescribe, // planned for the filters at hand
		at, id, string(f.State), f.Kind, likePattern(f.Q), PageSize+1)
	if err != nil {
		return Page{}, postgres.Wrap(err, "list the outbox")
	}
	p := Page{Rows: rows}
	if len(rows) > PageSize {
		p.Rows = rows[:PageSize]
		last := p.Rows[PageSize-1]
		p.Older = last.CreatedAt.UTC().Format(time.RFC3339Nano) + "_" + last.ID
	}
	return p, nil
}

func readCursor(cursor string) (time.Time, string, error) {
	at, id, _ := strings.Cut(cursor, "_")
	t, err := time.Parse(time.RFC3339Nano, at)
	if err != nil || !isID(id) {
		return t, "", problem.New(problem.BadRequest, "Cette adresse de page n’est pas valable : revenez au début de la liste.")
	}
	return t, id, nil
}

// isID tells whether s has the form of a mail's id.
func isID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, r := range []byte(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (r == '-') || !dash && !strings.ContainsRune("0123456789abcdef", rune(r)) {
			return false
		}
	}
	return true
}

// likePattern finds q anywhere, its own signs taken literally; "" for no search.
func likePattern(q string) string {
	q = oneLine(q)
	if q == "" {
		return ""
	}
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(q) + "%"
}

// Detail is one mail in full.
type Detail struct {
	Row
	// Text is the text part, the personal link or code masked or, in demo only, readable.
	Text string
	// NextTry is when a queued mail is tried next, nil if no try is planned.
	NextTry *time.Time
	// Erased tells that the personal link is gone: the mail cannot be sent again.
	Erased bool
	// Link is the personal link, in demo and while the mail is kept; else "".
	Link string
	// Masked tells that Text hides a link or a code.
	Masked bool
}

// Show returns one mail in full. Team and administrators only.
func (d *Desk) Show(ctx context.Context, by access.Actor, id string) (Detail, error) {
	if err := by.Require(mayRead(by)); err != nil {
		return Detail{}, err
	}
	type row struct {
		Row
		TextBody   string
		SecretLink string
		NextTry    *time.Time
	}
	if !isID(id) {
		return Detail{}, errNoMail
	}
	r, err := postgres.One[row](ctx, d.db, `
		SELECT m.id::text, m.kind, m.to_address, m.to_name, m.subject, m.state, m.attempts, m.last_error,
		       m.created_at, m.sent_at, m.text_body, m.secret_link, j.scheduled_at AS next_try
		FROM mail m LEFT JOIN river_job j ON j.id = m.job_id AND m.state = 'queued'
		     AND j.state IN ('available', 'retryable', 'scheduled')
		WHERE m.id = $1`, id)
	switch {
	case postgres.IsNoRows(err):
		return Detail{}, errNoMail
	case err != nil:
		return Detail{}, postgres.Wrap(err, "read mail %s", id)
	}
	v := Detail{Row: r.Row, NextTry: r.NextTry, Erased: erased(r.TextBody, r.SecretLink)}
	if d.demo && r.State == Kept && r.SecretLink != "" {
		if strings.Contains(r.TextBody, LinkMark) {
			v.Link = r.SecretLink
		}
		v.Text = fillMarks(r.TextBody, r.SecretLink)
		return v, nil
	}
	v.Masked = hasMark(r.TextBody)
	v.Text = strings.NewReplacer(LinkMark, MaskedLink, CodeMark, MaskedCode).Replace(r.TextBody)
	return v, nil
}

func erased(text, secret string) bool { return secret == "" && hasMark(text) }

var (
	errNoMail = problem.New(problem.NotFound, "Ce courriel n’existe pas.")
	errErased = problem.New(problem.Conflict, "Le lien ou le code personnel de ce courriel a été effacé : envoyez une nouvelle invitation, ou demandez à la personne de passer par « Mot de passe oublié ».")
	errBusy   = problem.New(problem.Conflict, "Ce courriel est en cours d’envoi : attendez une minute et regardez son état.")
)

// Resend sends a mail again, at once: same message, same Message-ID, tries
// counted from zero. Team and administrators only; journalled. It refuses a mail
// whose personal link was erased, and one that is being sent.
func (d *Desk) Resend(ctx context.Context, by access.Actor, id string) error {
	if err := by.Require(mayRead(by)); err != nil {
		return err
	}
	if !isID(id) {
		return errNoMail
	}
	return postgres.InTx(ctx, d.db, func(tx pgx.Tx) error {
		type row struct {
			State      State
			Kind       string
			Subject    string
			TextBody   string
			SecretLink string
			JobID      int64
		}
		m, err := postgres.One[row](ctx, tx, `
			SELECT state, kind, subject, text_body, secret_link, job_id FROM mail WHERE id = $1 FOR UPDATE`, id)
		switch {
		case postgres.IsNoRows(err):
			return errNoMail
		case err != nil:
			return postgres.Wrap(err, "read mail %s", id)
		case erased(m.TextBody, m.SecretLink):
			return errErased
		}
		if m.State == Queued { // its next try is replaced, unless it is going on
			_, err := d.outbox.jobs.JobDeleteTx(ctx, tx, m.JobID)
			switch {
			case errors.Is(err, rivertype.ErrJobRunning):
				return errBusy
			case err != nil && !errors.Is(err, rivertype.ErrNotFound):
				return postgres.Wrap(err, "take back the job of mail %s", id)
			}
		}
		job, err := d.outbox.jobs.InsertTx(ctx, tx, SendArgs{MailID: id}, nil)
		if err != nil {
			return postgres.Wrap(err, "queue mail %s again", id)
		}
		_, err = postgres.Exec(ctx, tx, `
			UPDATE mail SET state = 'queued', sent_at = NULL, attempts = 0, last_error = '', job_id = $2
			WHERE id = $1`, id, job.Job.ID)
		if err != nil {
			return postgres.Wrap(err, "queue mail %s again", id)
		}
		return audit.Record(ctx, tx, by, audit.Entry{
			Action: "mail.resend", Object: "mail", ID: job.Job.ID, Label: m.Subject,
			Before: map[string]any{"state": m.State}, After: map[string]any{"state": Queued, "mail": id, "kind": m.Kind},
		})
	})
}

// Counts tells how many mails call for a look; each stops at CountCap.
type Counts struct {
	Queued, Failed, Kept int
}

// Counts returns the counts of the team's board. Team and administrators only.
func (d *Desk) Counts(ctx context.Context, by access.Actor) (Counts, error) {
	if err := by.Require(mayRead(by)); err != nil {
		return Counts{}, err
	}
	c, err := postgres.One[Counts](ctx, d.db, `
		SELECT (SELECT count(*) FROM (SELECT FROM mail WHERE state = 'queued' LIMIT $1) q) AS queued,
		       (SELECT count(*) FROM (SELECT FROM mail WHERE state = 'failed' LIMIT $1) f) AS failed,
		       (SELECT count(*) FROM (SELECT FROM mail WHERE state = 'kept' LIMIT $1) k) AS kept`, CountCap)
	return c, postgres.Wrap(err, "count the outbox")
}
