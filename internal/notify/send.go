package notify

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// retryDelays are the waits between tries: quick at first, for a server that
// restarts or a greylist, 24 hours in all.
var retryDelays = [...]time.Duration{
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 4 * time.Hour, 6 * time.Hour, 7*time.Hour + 12*time.Minute,
}

// commitDelays are the waits before writing again that a mail was sent, when the
// database does not answer: giving up early would send the mail twice.
var commitDelays = [...]time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second}

// sendWorker sends one mail of the outbox.
//
// A mail has one job at a time (mail.job_id): a job that finds the mail sent, or
// given to another job, does nothing. That the mail was sent and that its job is
// done are committed together; only a crash between the server's answer and that
// commit sends a mail twice, with the same Message-ID.
type sendWorker struct {
	river.WorkerDefaults[SendArgs]
	db     *pgxpool.Pool
	server *server // nil: no mail server, mails are kept
	log    *slog.Logger
}

// NextRetry spreads the tries over 24 hours.
func (w *sendWorker) NextRetry(job *river.Job[SendArgs]) time.Time {
	i := min(max(job.Attempt, 1), len(retryDelays)) - 1
	return time.Now().Add(retryDelays[i])
}

// Work sends the mail and writes what became of it.
func (w *sendWorker) Work(ctx context.Context, job *river.Job[SendArgs]) error {
	m, err := postgres.One[message](ctx, w.db, `
		SELECT id::text, to_address, to_name, subject, text_body, html_body, secret_link, calendar
		FROM mail WHERE id = $1 AND job_id = $2 AND state = 'queued'`, job.Args.MailID, job.ID)
	switch {
	case postgres.IsNoRows(err): // sent, given up, or another job's by now
		return nil
	case err != nil:
		return postgres.Wrap(err, "read mail %s", job.Args.MailID)
	}
	if w.server == nil {
		return w.settle(ctx, job, Kept)
	}
	f := w.server.send(ctx, m)
	if f == nil {
		w.log.InfoContext(ctx, "mail sent", "mail", m.ID, "try", job.Attempt)
		return w.settle(ctx, job, Sent)
	}
	return w.missed(ctx, job, f)
}

// settle commits the last state of the mail, Sent or Kept, and the end of its job
// together.
func (w *sendWorker) settle(ctx context.Context, job *river.Job[SendArgs], to State) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute) // a stop must not lose it
	defer cancel()
	var err error
	for _, wait := range commitDelays {
		time.Sleep(wait)
		err = postgres.InTx(ctx, w.db, func(tx pgx.Tx) error {
			_, err := postgres.Exec(ctx, tx, `
				UPDATE mail SET state = $3, last_error = '',
				       sent_at = CASE WHEN $3 = 'sent' THEN clock_timestamp() END,
				       attempts = attempts + (CASE WHEN $3 = 'sent' THEN 1 ELSE 0 END),
				       secret_link = CASE WHEN $3 = 'sent' THEN '' ELSE secret_link END
				WHERE id = $1 AND job_id = $2 AND state = 'queued'`, job.Args.MailID, job.ID, string(to))
			if err != nil {
				return err
			}
			_, err = river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job)
			if errors.Is(err, rivertype.ErrNotFound) { // rescued meanwhile: the mail's state rules
				return nil
			}
			return err
		})
		if err == nil {
			return nil
		}
		w.log.WarnContext(ctx, "what became of a mail could not be written", "mail", job.Args.MailID, "error", err)
	}
	return postgres.Wrap(err, "write what became of mail %s", job.Args.MailID)
}

// missed writes a failed try, the last one when the refusal is for good or the
// tries are used up.
func (w *sendWorker) missed(ctx context.Context, job *river.Job[SendArgs], f *failure) error {
	last := f.permanent || job.Attempt >= job.MaxAttempts
	w.log.WarnContext(ctx, "mail not sent", "mail", job.Args.MailID, "try", job.Attempt, "given_up", last, "error", f)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_, err := postgres.Exec(ctx, w.db, `
		UPDATE mail SET attempts = attempts + 1, last_error = $3,
		       state = CASE WHEN $4 THEN 'failed' ELSE state END,
		       secret_link = CASE WHEN $4 THEN '' ELSE secret_link END
		WHERE id = $1 AND job_id = $2 AND state = 'queued'`, job.Args.MailID, job.ID, f.detail, last)
	if err != nil {
		return postgres.Wrap(err, "write the failure of mail %s", job.Args.MailID)
	}
	if last {
		return river.JobCancel(f)
	}
	return f
}

// sweepArgs is the periodic job that gives up mails whose job died without a
// word: a process killed during the last try.
type sweepArgs struct{}

// Kind names the job for river.
func (sweepArgs) Kind() string { return "sweep_mail" }

// InsertOpts keeps the sweep out of the way of mails.
func (sweepArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 1} }

type sweepWorker struct {
	river.WorkerDefaults[sweepArgs]
	db *pgxpool.Pool
}

// Work marks the mails that nobody is to send any more.
func (w *sweepWorker) Work(ctx context.Context, _ *river.Job[sweepArgs]) error {
	_, err := postgres.Exec(ctx, w.db, `
		UPDATE mail m SET state = 'failed', secret_link = '',
		       last_error = 'L’envoi a été interrompu au dernier essai.'
		WHERE m.state = 'queued' AND NOT EXISTS (
			SELECT FROM river_job j WHERE j.id = m.job_id AND j.state NOT IN ('cancelled', 'discarded', 'completed'))`)
	return postgres.Wrap(err, "sweep the outbox")
}
