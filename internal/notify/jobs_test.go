package notify

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// TestManyByTwo queues 300 mails in one transaction; two instances deliver each
// of them once.
func TestManyByTwo(t *testing.T) {
	t.Parallel()
	w, box := newWorld(t), newMailbox(t)
	w.start(box.url())
	w.start(box.url())
	const many = 300
	start := time.Now()
	err := postgres.InTx(t.Context(), w.pool, func(tx pgx.Tx) error {
		for i := range many {
			m := invitation()
			m.ToAddress = fmt.Sprintf("structure-%03d@example.org", i)
			if err := w.outbox.Queue(t.Context(), tx, m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	queued := time.Since(start)
	if queued > time.Second {
		t.Errorf("queueing %d mails took %v, want under 1 s", many, queued)
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		left, err := postgres.Value[int](t.Context(), w.pool, `SELECT count(*) FROM mail WHERE state <> 'sent'`)
		if err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			break
		}
	}
	t.Logf("%d mails queued in %v, delivered in %v", many, queued, time.Since(start))
	seen := map[string]int{}
	for _, m := range box.mails() {
		seen[m.To]++
	}
	for to, n := range seen {
		if n != 1 {
			t.Errorf("%s received %d mails, want 1", to, n)
		}
	}
	if len(seen) != many {
		t.Errorf("%d people received a mail, want %d", len(seen), many)
	}
}

// TestKilled leaves a job as a killed process does: running, nobody at it.
func TestKilled(t *testing.T) {
	t.Parallel()
	w, box := newWorld(t), newMailbox(t)
	id := w.queue(invitation())
	_, err := w.pool.Exec(t.Context(), `
		UPDATE river_job SET state = 'running', attempt = 1, attempted_at = now() - interval '1 hour', attempted_by = '{gone}'`)
	if err != nil {
		t.Fatal(err)
	}
	w.start(box.url())
	w.until(id, is(Queued, "retryable")) // rescued
	w.retryNow(id)
	w.until(id, is(Sent, "completed"))
}

// TestSweep gives up the mail whose job died at its last try.
func TestSweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, waiting := w.queue(invitation()), w.queue(invitation())
	_, err := w.pool.Exec(t.Context(), `
		UPDATE river_job SET state = 'discarded', finalized_at = now() WHERE id = (SELECT job_id FROM mail WHERE id = $1)`, id)
	if err != nil {
		t.Fatal(err)
	}
	if err := (&sweepWorker{db: w.pool}).Work(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if s := w.stored(id); s.State != Failed || s.SecretLink != "" || s.LastError == "" {
		t.Errorf("the dead mail: %+v, want failed", s)
	}
	if s := w.stored(waiting); s.State != Queued {
		t.Errorf("the waiting mail: %+v, want queued", s)
	}
}

func TestRetriesLastADay(t *testing.T) {
	t.Parallel()
	w := &sendWorker{}
	var total time.Duration
	for attempt := 1; attempt <= len(retryDelays); attempt++ {
		next := w.NextRetry(&river.Job[SendArgs]{JobRow: &rivertype.JobRow{Attempt: attempt}})
		total += time.Until(next).Round(time.Second)
	}
	if total != 24*time.Hour {
		t.Errorf("tries spread over %v, want 24 h", total)
	}
	if got := (SendArgs{}).InsertOpts().MaxAttempts; got != len(retryDelays)+1 {
		t.Errorf("%d tries, want %d", got, len(retryDelays)+1)
	}
}

// TestOtherJobs runs the workers and periodic jobs of other areas.
func TestOtherJobs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ran := make(chan struct{}, 1)
	w.start("", func(o *Options) {
		o.Register = func(ws *river.Workers) { river.AddWorker(ws, &pruneWorker{ran: ran}) }
		o.Periodic = []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(time.Hour),
			func() (river.JobArgs, *river.InsertOpts) { return pruneArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true})}
	})
	select {
	case <-ran:
	case <-time.After(20 * time.Second):
		t.Fatalf("the periodic job did not run; log:\n%s", w.logged())
	}
	for _, level := range []string{"level=ERROR", "level=WARN", "permission denied"} {
		if strings.Contains(w.logged(), level) {
			t.Errorf("the queue complains in the application role:\n%s", w.logged())
		}
	}
	role, err := postgres.Value[string](t.Context(), w.pool, `SELECT current_user::text`)
	if err != nil || role != postgres.AppRole {
		t.Errorf("acting as %q, %v; want %s: this test proves nothing", role, err, postgres.AppRole)
	}
	leader, err := postgres.Value[int](t.Context(), w.pool, `SELECT count(*) FROM river_leader`)
	if err != nil || leader != 1 {
		t.Errorf("%d leaders, %v; want 1", leader, err)
	}
}

type pruneArgs struct{}

func (pruneArgs) Kind() string { return "prune_test" }

type pruneWorker struct {
	river.WorkerDefaults[pruneArgs]
	ran chan struct{}
}

func (w *pruneWorker) Work(context.Context, *river.Job[pruneArgs]) error {
	w.ran <- struct{}{}
	return nil
}
