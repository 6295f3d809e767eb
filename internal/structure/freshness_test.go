package structure

import (
	"cmp"
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// age makes the sheet confirmed so long ago.
func (w *spaceWorld) age(id ID, ago string) {
	w.t.Helper()
	w.exec(`UPDATE structure SET up_to_date_at = now() - $2::text::interval WHERE organisation_id = $1`, id, ago)
}

func (w *spaceWorld) remind(want int, when string) {
	w.t.Helper()
	if n, err := w.s.RemindStale(w.t.Context()); err != nil || n != want {
		w.t.Errorf("%s: %d structures reminded, %v, want %d", when, n, err, want)
	}
}

func (w *spaceWorld) reminders() int {
	w.t.Helper()
	return w.count(`SELECT count(*) FROM mail WHERE kind = 'structure_freshness'`)
}

func TestOnlyTheStaleAreReminded(t *testing.T) {
	t.Parallel()
	w := newSpace(t, 30)
	left := w.structure("Partie depuis", "parti", w.today.AddDays(-30))
	mute := w.structure("Sans adresse", "muet", w.today.AddDays(-30))
	w.exec(`UPDATE person SET email = '' WHERE email LIKE 'muet%'`)
	w.age(w.id, "11 months 28 days")
	w.age(left, "2 years")
	w.age(mute, "2 years")
	if err := w.s.Leave(t.Context(), spaceTeam, left, 0, w.today, ""); err != nil {
		t.Fatal(err)
	}
	w.remind(0, "before a year")
	w.age(w.id, "12 months 1 day")
	w.remind(1, "after a year")
	w.remind(0, "again at once")
	if n := w.reminders(); n != 2 {
		t.Errorf("%d mails, want one to each manager", n)
	}
	later := func() {
		w.exec(`UPDATE structure SET reminded_at = reminded_at - interval '60 days' WHERE reminded_at IS NOT NULL`)
	}
	for i, want := range []int{1, 1, 0, 0} {
		later()
		w.remind(want, "after another "+strings.Repeat("sixty days ", i+1))
	}
	if n := w.reminders(); n != 6 {
		t.Errorf("%d mails in the period, want three times two", n)
	}
	var b postgres.Batch
	var c FreshnessCounts
	AddFreshnessCounts(&b, &c)
	if err := b.Run(t.Context(), w.db); err != nil || c != (FreshnessCounts{Stale: 2, Unreachable: 1, Silent: 1}) {
		t.Errorf("the team reads %+v, %v", c, err)
	}
	for f, want := range map[Freshness]ID{Unreachable: mute, Silent: w.id} {
		list, err := w.s.Register(t.Context(), spaceTeam, RegisterFilter{Freshness: f}, 1)
		if err != nil || list.Paging.Total != 1 || len(list.Lines) != 1 || list.Lines[0].ID != want {
			t.Errorf("%s: the team's list has %+v, %v", f, list.Lines, err)
		}
	}
	// Confirmed, then stale again: a new period begins.
	if err := w.s.ConfirmUpToDate(t.Context(), w.member, w.id); err != nil {
		t.Fatal(err)
	}
	w.remind(0, "just confirmed")
	w.age(w.id, "13 months")
	w.remind(1, "a year later")
	if n := w.count(`SELECT count(*) FROM structure_step WHERE structure_id = $1 AND kind = 'reminded'`, w.id); n != 4 {
		t.Errorf("%d reminders in its story, want 4", n)
	}
}

func TestTwoInstancesRemindOnce(t *testing.T) {
	t.Parallel()
	w := newSpace(t, 30)
	for _, p := range []string{"a", "b", "c"} {
		w.age(w.structure("Lieu "+p, p, w.today.AddDays(-30)), "13 months")
	}
	w.age(w.id, "3 years")
	var wg sync.WaitGroup
	var told atomic.Int64
	for range 3 {
		wg.Go(func() {
			n, err := w.s.RemindStale(context.Background())
			if err != nil {
				t.Error(err)
			}
			told.Add(int64(n))
		})
	}
	wg.Wait()
	if n := w.reminders(); n != 8 || told.Load() != 4 {
		t.Errorf("%d mails for %d reminders, want 8 for 4", n, told.Load())
	}
}

// freshToken returns the token of the latest reminder of somebody.
func (w *spaceWorld) freshToken(who string) string {
	w.t.Helper()
	link, err := postgres.Value[string](w.t.Context(), w.db, `
		SELECT secret_link FROM mail WHERE kind = 'structure_freshness' AND to_address = $1 ORDER BY created_at DESC, id LIMIT 1`, who+"@example.org")
	if err != nil {
		w.t.Fatal(err)
	}
	return link[strings.LastIndex(link, "/")+1:]
}

func TestConfirmByLink(t *testing.T) {
	t.Parallel()
	w := newSpace(t, 30)
	w.exec(`UPDATE structure SET publish_sheet = true, phone = '+33556000000' WHERE organisation_id = $1`, w.id)
	w.age(w.id, "19 months")
	w.remind(1, "stale")
	token, other := w.freshToken("charge"), w.freshToken("gestion")
	v, err := w.s.FreshnessLink(t.Context(), token)
	if err != nil || v.Used != nil || v.Name != "Camille Charge" || v.Sheet.Freshness != Expired || v.Sheet.Phone != "" {
		t.Fatalf("the link shows %+v, %v", v, err)
	}
	if err := w.s.ConfirmByLink(t.Context(), access.Actor{}, token); err != nil {
		t.Fatal(err)
	}
	spaceRefused(t, "used twice", w.s.ConfirmByLink(t.Context(), access.Actor{}, token), problem.Gone, "")
	if v, err := w.s.FreshnessLink(t.Context(), token); err != nil || v.Used == nil || v.Sheet.Freshness != Fresh {
		t.Errorf("who comes back reads %+v, %v", v, err)
	}
	by, err := postgres.Value[string](t.Context(), w.db, `SELECT by_name FROM structure_step WHERE structure_id = $1 AND kind = 'up_to_date'`, w.id)
	if err != nil || by != "Camille Charge" {
		t.Errorf("its story says %q, %v", by, err)
	}
	if n := w.count(`SELECT count(*) FROM audit_entry WHERE action = 'structure.confirm_sheet'`); n != 1 {
		t.Errorf("%d lines in the journal", n)
	}
	_, err = w.s.FreshnessLink(t.Context(), "AAAAAAAAAAAAAAAAAAAAAAAAAA")
	spaceRefused(t, "a link that is not ours", err, problem.Gone, "")
	if err := w.s.Leave(t.Context(), w.charge, w.id, 0, w.today, ""); err != nil {
		t.Fatal(err)
	}
	_, err = w.s.FreshnessLink(t.Context(), other)
	spaceRefused(t, "the link of one that left", err, problem.Gone, "")
	spaceRefused(t, "used after leaving", w.s.ConfirmByLink(t.Context(), access.Actor{}, other), problem.Gone, "")
}

// TestFreshnessTurnsAtTheMonth: each threshold is met at its instant, by the clock of
// the database.
func TestFreshnessTurnsAtTheMonth(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	for age, want := range map[string]Freshness{
		"0": Fresh, "6 months - 1 second": Fresh, "6 months": Recent, "12 months - 1 second": Recent, "12 months": Ageing,
		"18 months - 1 second": Ageing, "18 months": Expired, "10 years": Expired, "-1 day": Fresh,
	} {
		more, less, _ := strings.Cut(age, " - ")
		got, err := postgres.Value[Freshness](t.Context(), tx, `SELECT freshness(now() - $1::text::interval + $2::text::interval)`, more, cmp.Or(less, "0"))
		if err != nil || got != want {
			t.Errorf("%s: %s (%v), want %s", age, got, err, want)
		}
	}
}
