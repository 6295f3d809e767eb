package main

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/web"
)

// choreEvery is how often each chore is done.
const choreEvery = time.Hour

// Reminders leave in the hours people work.
const (
	remindFrom  = 8
	remindUntil = 19
)

// choreArgs is the periodic job that does one chore.
type choreArgs struct {
	Name string `json:"name"`
}

// Kind names the job for river.
func (choreArgs) Kind() string { return "chore" }

// choreWorker does the chores of the areas, by name. Each may be done twice or late
// without harm.
type choreWorker struct {
	river.WorkerDefaults[choreArgs]
	chores map[string]func(context.Context) error
}

// Work does the chore of the job.
func (w *choreWorker) Work(ctx context.Context, job *river.Job[choreArgs]) error {
	do, ok := w.chores[job.Args.Name]
	if !ok {
		return river.JobCancel(fmt.Errorf("no chore is named %q", job.Args.Name))
	}
	return do(ctx)
}

// chores is what is done every hour: deleting what has expired, reminding people.
func chores(areas *web.Areas) map[string]func(context.Context) error {
	inWorkHours := func(remind func(context.Context) (int, error)) func(context.Context) error {
		return func(ctx context.Context) error {
			if h := time.Now().In(day.Paris).Hour(); h < remindFrom || h >= remindUntil {
				return nil
			}
			return counted(remind)(ctx)
		}
	}
	return map[string]func(context.Context) error{
		"prune_accounts":      areas.Accounts.Prune,
		"prune_prints":        func(ctx context.Context) error { _, err := areas.Printer.Prune(ctx); return err },
		"prune_imports":       counted(areas.Imports.Prune),
		"prune_roadmap_files": counted(areas.RoadmapFiles.Prune),
		"prune_drafts":        areas.Progress.PruneDrafts,
		"prune_registrations": counted(areas.Structures.PruneRegistrations),
		"remind_structures":   inWorkHours(areas.Structures.RemindStale),
		"remind_meetings":     inWorkHours(areas.Meetings.RemindDue),
		"remind_actions":      inWorkHours(areas.Minutes.RemindDue),
		"digest_roadmap":      areas.Watch.SendDigest, // says itself when
		"close_campaigns":     areas.Campaigns.CloseDue,
		// Each says itself when.
		"close_elections":   areas.Elections.CloseDue,
		"tell_open_votes":   counted(areas.Voting.TellOpen),
		"remind_voters":     inWorkHours(areas.Voting.RemindVoters),
		"tell_voted":        counted(areas.Voting.TellVoted),
		"publish_heads":     counted(areas.ElectionBoard.PublishHeads),
		"prepare_counts":    areas.Count.PrepareDue,
		"archive_elections": areas.Count.ArchiveDue,
	}
}

// counted is a chore that tells how much it did, which nobody reads here.
func counted(do func(context.Context) (int, error)) func(context.Context) error {
	return func(ctx context.Context) error { _, err := do(ctx); return err }
}

// jobs is how the queue of this portal is set up.
func (c config) jobs(areas *web.Areas) notify.Options {
	digest := notify.NewDigest(areas.Pool, areas.Outbox, c.baseURL.String())
	todo := chores(areas)
	periodic := []*river.PeriodicJob{digest.Periodic()}
	for name := range todo {
		periodic = append(periodic, river.NewPeriodicJob(river.PeriodicInterval(choreEvery),
			func() (river.JobArgs, *river.InsertOpts) { return choreArgs{Name: name}, nil },
			&river.PeriodicJobOpts{ID: name, RunOnStart: true}))
	}
	return notify.Options{
		SMTPURL: c.smtpURL, From: c.mailFrom, ReplyTo: c.contact, BaseURL: c.baseURL.String(),
		Register: func(w *river.Workers) {
			digest.Register(w)
			river.AddWorker(w, &choreWorker{chores: todo})
		},
		Periodic: periodic,
	}
}
