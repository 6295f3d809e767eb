package main

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"bordeaux-metropole.fr/portal/internal/account"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/web"
)

// pruneEvery is how often what has expired is deleted.
const pruneEvery = time.Hour

// pruneArgs is the job that deletes expired sessions, links and kept forms.
type pruneArgs struct{}

// Kind names the job for river.
func (pruneArgs) Kind() string { return "prune_accounts" }

type pruneWorker struct {
	river.WorkerDefaults[pruneArgs]
	accounts *account.Service
}

// Work deletes what has expired.
func (w *pruneWorker) Work(ctx context.Context, _ *river.Job[pruneArgs]) error {
	return w.accounts.Prune(ctx)
}

// remindActionsEvery is how often owners of asked actions are reminded.
const remindActionsEvery = time.Hour

// remindActionsArgs is the job that reminds owners of asked actions.
type remindActionsArgs struct{}

// Kind names the job for river.
func (remindActionsArgs) Kind() string { return "remind_actions" }

type remindActionsWorker struct {
	river.WorkerDefaults[remindActionsArgs]
	minutes *minutes.Service
}

// Work reminds whoever is due, each once.
func (w *remindActionsWorker) Work(ctx context.Context, _ *river.Job[remindActionsArgs]) error {
	_, err := w.minutes.RemindDue(ctx)
	return err
}

// jobs is how the queue of this portal is set up.
func (c config) jobs(areas *web.Areas) notify.Options {
	return notify.Options{
		SMTPURL: c.smtpURL, From: c.mailFrom, ReplyTo: c.contact, BaseURL: c.baseURL.String(),
		Register: func(w *river.Workers) {
			river.AddWorker(w, &pruneWorker{accounts: areas.Accounts})
			river.AddWorker(w, &remindActionsWorker{minutes: areas.Minutes})
		},
		Periodic: []*river.PeriodicJob{
			river.NewPeriodicJob(river.PeriodicInterval(pruneEvery),
				func() (river.JobArgs, *river.InsertOpts) { return pruneArgs{}, nil },
				&river.PeriodicJobOpts{ID: "prune_accounts"}),
			river.NewPeriodicJob(river.PeriodicInterval(remindActionsEvery),
				func() (river.JobArgs, *river.InsertOpts) { return remindActionsArgs{}, nil },
				&river.PeriodicJobOpts{ID: "remind_actions"}),
		},
	}
}
