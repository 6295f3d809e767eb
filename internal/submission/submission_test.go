package submission_test

import (
	"sync"
	"testing"

	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/submission"
)

func TestTwoAtOnceOneTreats(t *testing.T) {
	t.Parallel()
	db, ctx := pgtest.Pool(t), t.Context()
	var wg sync.WaitGroup
	var mu sync.Mutex
	treated := 0
	for range 20 {
		wg.Go(func() {
			done, mine, err := submission.Claim(ctx, db, "k", 7)
			if err != nil || done != nil {
				t.Errorf("claim: %v, %v", done, err)
			}
			if mine {
				mu.Lock()
				treated++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if treated != 1 {
		t.Fatalf("%d of 20 requests with one key were let through, want 1", treated)
	}
}

func TestSecondIsLedWhereTheFirstWent(t *testing.T) {
	t.Parallel()
	db, ctx := pgtest.Tx(t), t.Context()
	if _, mine, err := submission.Claim(ctx, db, "k", 7); err != nil || !mine {
		t.Fatalf("first claim: mine = %v, %v", mine, err)
	}
	want := submission.Outcome{Location: "/equipe/sieges/3", Flash: "Fait."}
	if err := submission.Finish(ctx, db, "k", 7, want); err != nil {
		t.Fatal(err)
	}
	done, mine, err := submission.Claim(ctx, db, "k", 7)
	if err != nil || mine || done == nil || *done != want {
		t.Fatalf("second claim = %v, mine %v, %v; want %v", done, mine, err, want)
	}
	if done, mine, err := submission.Claim(ctx, db, "k", 8); err != nil || !mine || done != nil {
		t.Errorf("somebody else's same key: %v, mine %v, %v; want theirs", done, mine, err)
	}
}

func TestReleasedKeyIsFree(t *testing.T) {
	t.Parallel()
	db, ctx := pgtest.Tx(t), t.Context()
	for range 2 {
		if _, mine, err := submission.Claim(ctx, db, "k", 0); err != nil || !mine {
			t.Fatalf("claim after release: mine = %v, %v", mine, err)
		}
		if err := submission.Release(ctx, db, "k", 0); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAbandonedSubmissionIsTakenOver(t *testing.T) {
	t.Parallel()
	db, ctx := pgtest.Tx(t), t.Context()
	if _, _, err := submission.Claim(ctx, db, "k", 0); err != nil {
		t.Fatal(err)
	}
	if _, mine, err := submission.Claim(ctx, db, "k", 0); err != nil || mine {
		t.Fatalf("claim while being treated: mine = %v, %v", mine, err)
	}
	if _, err := db.Exec(ctx, `UPDATE submission SET started_at = started_at - interval '31 seconds'`); err != nil {
		t.Fatal(err)
	}
	if _, mine, err := submission.Claim(ctx, db, "k", 0); err != nil || !mine {
		t.Errorf("claim after the process died: mine = %v, %v", mine, err)
	}
}
