package notify

import (
	"context"
	"fmt"
	"log/slog"
	"net/mail"
	"os"
	"os/exec"
	"regexp"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

// Where the process to kill finds its database and its mail server.
const (
	killDB   = "PORTAL_TEST_KILL_DB"
	killSMTP = "PORTAL_TEST_KILL_SMTP"
)

// TestSenderToKill is no test: it is the process that TestKilledWhileSending kills.
func TestSenderToKill(t *testing.T) {
	if os.Getenv(killDB) == "" {
		t.Skip("run by TestKilledWhileSending")
	}
	pool, err := postgres.Open(t.Context(), os.Getenv(killDB), postgres.Options{MaxConns: 12})
	if err != nil {
		t.Fatal(err)
	}
	client, err := NewClient(pool, Options{SMTPURL: os.Getenv(killSMTP), From: &mail.Address{Address: "portail@example.org"},
		BaseURL: "https://portail.example.org", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	select {} // until kill -9
}

var messageID = regexp.MustCompile(`(?im)^Message-ID: *(\S+)`)

// TestKilledWhileSending kills -9 a portal that is sending 300 convocations, twice: no
// recipient is forgotten, and none is mailed twice but those whose mail the server
// took while the killed process had not yet written it, with the same Message-ID.
func TestKilledWhileSending(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("runs processes")
	}
	dbURL := pgtest.New(t)
	w := newWorldAt(t, dbURL)
	box := newMailbox(t)
	box.answer = func(string, int) error { time.Sleep(2 * time.Millisecond); return nil } // as far as a server goes
	const many = 300
	mails := make([]Mail, many)
	for i := range mails {
		mails[i] = invitation()
		mails[i].ToAddress = fmt.Sprintf("membre-%03d@example.org", i)
	}
	if err := postgres.InTx(t.Context(), w.pool, func(tx pgx.Tx) error {
		_, err := w.outbox.QueueMany(t.Context(), tx, mails)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, after := range []int{60, 160} {
		killSenderAfter(t, box, dbURL, after)
		if n := len(box.mails()); n >= many {
			t.Fatalf("all %d mails had left before the kill: this proves nothing", n)
		}
		// Three minutes later: what the dead process held is another's to take.
		if _, err := w.pool.Exec(t.Context(), `UPDATE river_job SET attempted_at = now() - interval '1 hour' WHERE state = 'running'`); err != nil {
			t.Fatal(err)
		}
	}
	w.start(box.url())
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		// Rescued jobs wait a minute before their next try; not here.
		if _, err := w.pool.Exec(t.Context(), `UPDATE river_job SET state = 'available', scheduled_at = now() WHERE state = 'retryable'`); err != nil {
			t.Fatal(err)
		}
		left, err := postgres.Value[int](t.Context(), w.pool, `SELECT count(*) FROM mail WHERE state <> 'sent'`)
		if err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d mails are still not sent; log:\n%s", left, w.logged())
		}
	}
	ids, times := map[string]string{}, map[string]int{}
	for _, m := range box.mails() {
		id := messageID.FindStringSubmatch(m.Data)
		if id == nil {
			t.Fatalf("no Message-ID in\n%s", m.Data)
		}
		if was, ok := ids[m.To]; ok && was != id[1] {
			t.Errorf("%s received %s and %s", m.To, was, id[1])
		}
		ids[m.To] = id[1]
		times[m.To]++
	}
	twice := 0
	for _, n := range times {
		twice += n - 1
	}
	t.Logf("%d recipients, %d mailed twice", len(times), twice)
	if len(times) != many {
		t.Errorf("%d recipients have their mail, want %d", len(times), many)
	}
	if twice > 2*mailWorkers {
		t.Errorf("%d mails left twice; two kills lose at most %d answers", twice, 2*mailWorkers)
	}
}

// killSenderAfter starts a sender and kills it once the server has so many mails.
func killSenderAfter(t *testing.T, box *mailbox, dbURL string, mails int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run", "^TestSenderToKill$")
	cmd.Env = append(os.Environ(), killDB+"="+dbURL, killSMTP+"="+box.url())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	end := time.Now().Add(time.Minute)
	for len(box.mails()) < mails && time.Now().Before(end) {
		time.Sleep(time.Millisecond)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // killed: that is an error
	if n := len(box.mails()); n < mails {
		t.Fatalf("%d mails in a minute, want %d", n, mails)
	}
}
