package notify

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

// mailbox is a real SMTP server for the test: it keeps what it accepts and
// answers as told.
type mailbox struct {
	addr string

	mu       sync.Mutex
	received []received
	users    []string                     // who signed in
	answer   func(to string, n int) error // n-th RCPT of the box, from 1; nil error accepts
	hangup   bool                         // close the connection after accepting a message
	rcpts    int
	server   *smtp.Server
}

type received struct{ From, To, Data string }

func newMailbox(t testing.TB) *mailbox {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &mailbox{addr: l.Addr().String()}
	b.serve(t, l)
	return b
}

func (b *mailbox) serve(t testing.TB, l net.Listener) {
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{box: b, conn: c}, nil }))
	s.Domain, s.AllowInsecureAuth = "boite.example.org", true
	s.ErrorLog = discard{}
	b.server = s
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
}

type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}

func (b *mailbox) url() string { return "smtp://" + b.addr }

func (b *mailbox) mails() []received {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]received(nil), b.received...)
}

type session struct {
	box      *mailbox
	conn     *smtp.Conn
	from, to string
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != "juste" {
			return smtp.ErrAuthFailed
		}
		s.box.mu.Lock()
		defer s.box.mu.Unlock()
		s.box.users = append(s.box.users, user)
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error { s.from = from; return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.to = to
	s.box.rcpts++
	if s.box.answer == nil {
		return nil
	}
	return s.box.answer(to, s.box.rcpts)
}

func (s *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.received = append(s.box.received, received{s.from, s.to, string(data)})
	if s.box.hangup {
		time.AfterFunc(20*time.Millisecond, func() { _ = s.conn.Close() })
	}
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func refusal(code int, message string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: message}
}

// world is a database, acting in the application role as the portal does, and its
// outbox.
type world struct {
	t      testing.TB
	pool   *pgxpool.Pool
	outbox *Outbox
	log    *strings.Builder // what the log was told
	mu     sync.Mutex
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return newWorldAt(t, pgtest.New(t))
}

func newWorldAt(t testing.TB, dbURL string) *world {
	t.Helper()
	pool, err := postgres.Open(t.Context(), dbURL, postgres.Options{MaxConns: 24})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	jobs, err := NewInserter(pool)
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, pool: pool, outbox: NewOutbox(jobs), log: &strings.Builder{}}
}

// Write takes the log.
func (w *world) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(p)
}

func (w *world) logged() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.String()
}

// start starts a client sending to smtpURL, stopped at the end of the test.
func (w *world) start(smtpURL string, change ...func(*Options)) *river.Client[pgx.Tx] {
	w.t.Helper()
	o := Options{
		SMTPURL: smtpURL, From: &mail.Address{Name: "Inclusion numérique", Address: "portail@example.org"},
		ReplyTo: &mail.Address{Address: "equipe@example.org"}, BaseURL: "https://portail.example.org",
		Log: slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelInfo})),
	}
	for _, c := range change {
		c(&o)
	}
	client, err := NewClient(w.pool, o)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := client.Start(context.WithoutCancel(w.t.Context())); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := client.StopAndCancel(ctx); err != nil {
			w.t.Errorf("stop the client: %v", err)
		}
	})
	return client
}

func (w *world) queue(m Mail) string {
	w.t.Helper()
	err := postgres.InTx(w.t.Context(), w.pool, func(tx pgx.Tx) error { return w.outbox.Queue(w.t.Context(), tx, m) })
	if err != nil {
		w.t.Fatalf("queue: %v", err)
	}
	id, err := postgres.Value[string](w.t.Context(), w.pool, `SELECT id::text FROM mail ORDER BY created_at DESC, job_id DESC LIMIT 1`)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

type stored struct {
	State      State
	Attempts   int
	LastError  string
	SecretLink string
	JobState   string
}

func (w *world) stored(id string) stored {
	w.t.Helper()
	s, err := postgres.One[stored](w.t.Context(), w.pool, `
		SELECT m.state, m.attempts, m.last_error, m.secret_link, coalesce(j.state::text, '') AS job_state
		FROM mail m LEFT JOIN river_job j ON j.id = m.job_id WHERE m.id = $1`, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// until waits for the mail to be as wanted.
func (w *world) until(id string, want func(stored) bool) stored {
	w.t.Helper()
	var s stored
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if s = w.stored(id); want(s) {
			return s
		}
	}
	w.t.Fatalf("mail is %+v, not as wanted; log:\n%s", s, w.logged())
	return s
}

// retryNow makes the waiting job of the mail due.
func (w *world) retryNow(id string) {
	w.t.Helper()
	_, err := w.pool.Exec(w.t.Context(), `
		UPDATE river_job SET state = 'available', scheduled_at = now()
		WHERE id = (SELECT job_id FROM mail WHERE id = $1) AND state IN ('retryable', 'scheduled')`, id)
	if err != nil {
		w.t.Fatal(err)
	}
}

func is(state State, job string) func(stored) bool {
	return func(s stored) bool { return s.State == state && (job == "" || s.JobState == job) }
}

func invitation() Mail {
	return Mail{
		Kind: "invitation", ToAddress: "camille@example.org", ToName: "Camille Œuvrard",
		Subject: "Votre accès au portail : bienvenue à l’équipe", Paragraphs: []string{"Un compte vous attend & <voilà>."},
		Action: "Choisir mon mot de passe", Link: "https://portail.example.org/invitation/SECRET?a=1&b=2", Secret: true,
	}
}

var errUndo = errors.New("undo")
