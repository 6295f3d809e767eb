package main

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"bordeaux-metropole.fr/portal/internal/account"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/meeting"
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

// remindEvery is how often automatic reminders are looked for. They leave in the
// hours people work.
const (
	remindEvery = time.Hour
	remindFrom  = 8
	remindUntil = 19
)

// remindArgs is the job that sends the automatic reminders of meetings.
type remindArgs struct{}

// Kind names the job for river.
func (remindArgs) Kind() string { return "remind_meetings" }

type remindWorker struct {
	river.WorkerDefaults[remindArgs]
	meetings *meeting.Service
}

// Work reminds the silent of the meetings that are due.
func (w *remindWorker) Work(ctx context.Context, _ *river.Job[remindArgs]) error {
	if h := time.Now().In(day.Paris).Hour(); h < remindFrom || h >= remindUntil {
		return nil
	}
	_, err := w.meetings.RemindDue(ctx)
	return err
}

// jobs is how the queue of this portal is set up.
func (c config) jobs(areas *web.Areas) notify.Options {
	digest := notify.NewDigest(areas.Pool, areas.Outbox, c.baseURL.String())
	return notify.Options{
		SMTPURL: c.smtpURL, From: c.mailFrom, ReplyTo: c.contact, BaseURL: c.baseURL.String(),
		Register: func(w *river.Workers) {
			river.AddWorker(w, &pruneWorker{accounts: areas.Accounts})
			digest.Register(w)
			river.AddWorker(w, &remindWorker{meetings: areas.Meetings})
		},
		Periodic: []*river.PeriodicJob{digest.Periodic(), river.NewPeriodicJob(river.PeriodicInterval(pruneEvery),
			func() (river.JobArgs, *river.InsertOpts) { return pruneArgs{}, nil },
			&river.PeriodicJobOpts{ID: "prune_accounts"}),
			river.NewPeriodicJob(river.PeriodicInterval(remindEvery),
				func() (river.JobArgs, *river.InsertOpts) { return remindArgs{}, nil },
				&river.PeriodicJobOpts{ID: "remind_meetings", RunOnStart: true})},
	}
}
