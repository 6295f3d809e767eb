package watch

import (
	"context"
	"strings"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/roadmap/roadmaptest"
)

// TestDigestOnceAWeek: on Monday from 7 h in Paris, once, and only when there is
// something to tell.
func TestDigestOnceAWeek(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	jobs, err := notify.NewInserter(pool)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	w := roadmaptest.On(t, tx)
	s := New(w.DB, notify.NewOutbox(jobs), "https://portail.example.org")
	if _, err := w.DB.Exec(t.Context(), `INSERT INTO role_grant (account_id, role) VALUES ($1, 'team')`, w.Team.Account); err != nil {
		t.Fatal(err)
	}
	mails := func() int {
		t.Helper()
		n, err := postgres.Value[int](t.Context(), w.DB, `SELECT count(*)::int FROM mail WHERE kind = 'roadmap_alerts'`)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, x := range []struct {
		at   string
		want int
	}{
		{"2026-11-22T12:00:00+01:00", 0}, // a Sunday
		{"2026-11-23T06:59:59+01:00", 0},
		{"2026-11-23T07:00:00+01:00", 1},
		{"2026-11-23T09:00:00+01:00", 1},
		{"2026-11-24T18:59:59+01:00", 1},
		{"2026-11-26T08:00:00+01:00", 1}, // too late for a week that had none
		{"2026-12-01T10:00:00+01:00", 2}, // down on Monday: told on Tuesday
		{"2026-12-03T10:00:00+01:00", 2},
	} {
		at, err := time.Parse(time.RFC3339, x.at)
		if err == nil {
			err = s.sendDigest(t.Context(), &at)
		}
		if n := mails(); err != nil || n != x.want {
			t.Errorf("%s: %d mails, wanted %d (%v)", x.at, n, x.want, err)
		}
	}
	body, err := postgres.Value[string](t.Context(), w.DB, `SELECT text_body FROM mail WHERE kind = 'roadmap_alerts' LIMIT 1`)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1\u00a0action en retard", "Prêter des ordinateurs aux écoles", "/etat", "?type=retard", "Aucun financeur", "https://portail.example.org/equipe/alertes"} {
		if !strings.Contains(body, want) {
			t.Errorf("the mail lacks %q:\n%s", want, body)
		}
	}
	// Nothing to tell: the week is written, nobody is.
	if _, err := w.DB.Exec(t.Context(), `DELETE FROM roadmap_action`); err != nil {
		t.Fatal(err)
	}
	monday := time.Date(2027, 1, 4, 9, 0, 0, 0, time.UTC)
	if err := s.sendDigest(t.Context(), &monday); err != nil || mails() != 2 {
		t.Error(mails(), err)
	}
}
