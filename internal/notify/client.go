package notify

import (
	"fmt"
	"log/slog"
	"net/mail"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// Options say how the portal sends, and what else its job queue does.
type Options struct {
	SMTPURL string        // "": no server, mails are kept in the outbox
	From    *mail.Address // required with SMTPURL
	ReplyTo *mail.Address // nil for none
	BaseURL string        // PORTAL_BASE_URL; its host ends Message-ID
	Log     *slog.Logger  // nil: slog.Default

	// Register adds the workers of other areas (river.AddWorker); nil for none.
	// Their jobs run in river's default queue, one minute at most.
	Register func(*river.Workers)
	// Periodic adds periodic jobs of other areas.
	Periodic []*river.PeriodicJob
}

const (
	mailWorkers  = 4 // connections an instance opens at once to the mail server
	otherWorkers = 2
	jobTimeout   = time.Minute
	// A job whose process was killed is given to another after rescueAfter.
	rescueAfter = 3 * time.Minute
	sweepEvery  = 10 * time.Minute
)

// NewClient returns the job queue of a serving portal: it sends mails and runs
// the jobs given in o, once Start is called. Several instances share the work.
// It needs two connections of the pool beyond those of its jobs (LISTEN, leader).
func NewClient(pool *pgxpool.Pool, o Options) (*river.Client[pgx.Tx], error) {
	log := o.Log
	if log == nil {
		log = slog.Default()
	}
	send := &sendWorker{db: pool, log: log}
	if o.SMTPURL != "" {
		s, err := newServer(o.SMTPURL, o.From, o.ReplyTo, idDomain(o.BaseURL))
		if err != nil {
			return nil, err
		}
		send.server = s
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, send)
	river.AddWorker(workers, &sweepWorker{db: pool})
	if o.Register != nil {
		o.Register(workers)
	}
	sweep := river.NewPeriodicJob(river.PeriodicInterval(sweepEvery),
		func() (river.JobArgs, *river.InsertOpts) { return sweepArgs{}, nil },
		&river.PeriodicJobOpts{ID: "sweep_mail", RunOnStart: true})
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Logger:  log,
		Workers: workers,
		Queues: map[string]river.QueueConfig{
			queueName:          {MaxWorkers: mailWorkers},
			river.QueueDefault: {MaxWorkers: otherWorkers},
		},
		PeriodicJobs:         append([]*river.PeriodicJob{sweep}, o.Periodic...),
		JobTimeout:           jobTimeout,
		RescueStuckJobsAfter: rescueAfter,
		SoftStopTimeout:      10 * time.Second,
		// Only the owner of a table may rebuild its indexes, and the portal does not
		// act as the owner: river's nightly attempt would fail every night.
		ReindexerSchedule: river.NeverSchedule(),
	})
	if err != nil {
		return nil, fmt.Errorf("job queue: %w", err)
	}
	return client, nil
}

// NewInserter returns a client that only enqueues, for commands and for the
// Outbox of the server: whoever serves does the work. The pool may be nil when
// every Queue is given a transaction.
func NewInserter(pool *pgxpool.Pool) (*river.Client[pgx.Tx], error) {
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{})
	if err != nil {
		return nil, fmt.Errorf("job queue: %w", err)
	}
	return client, nil
}
