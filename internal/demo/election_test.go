package demo_test

import (
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/demo"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/election/board"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

func TestElectionsAreRealOnes(t *testing.T) {
	t.Parallel()
	db := loadWith(t, day.Today(), true)
	ctx := t.Context()
	if done, err := board.New(db, nil, "").Check(ctx); err != nil || done.Boxes != 4 || done.Ballots != 32 {
		t.Fatalf("archives: %+v, %v", done, err)
	}
	past, err := election.Load(ctx, db, access.Actor{}, 1)
	if err != nil || past.Phase != election.Archived {
		t.Fatalf("the first one: %s, %v", past.Phase, err)
	}
	now, err := election.Load(ctx, db, access.Actor{}, 2)
	if err != nil || !now.Voting() {
		t.Fatalf("the second one: %s, %v", now.Phase, err)
	}
	seated, err := postgres.Value[int](ctx, db, `
		SELECT count(*)::int FROM candidacy_result r JOIN candidacy c ON c.id = r.candidacy_id JOIN seat s ON s.id = r.seat_id
		JOIN mandate m ON m.seat_id = s.id JOIN person p ON p.id = m.person_id
		WHERE r.elected AND s.college = c.college AND p.first_name = c.titular_first AND p.last_name = c.titular_last`)
	if err != nil || seated != 10 {
		t.Errorf("%d of the elected hold the seat they won, %v", seated, err)
	}
	codes, err := demo.Codes(ctx, db, 2)
	if err != nil || len(codes) != 160 || codes[0].Voted || codes[0].Email == "" {
		t.Fatalf("codes: %d, %v", len(codes), err)
	}
	listed, err := postgres.Value[bool](ctx, db, `SELECT EXISTS (SELECT FROM public_credential WHERE credential = $1)`, belenios.PublicCredential(codes[0].Code, codes[0].UUID))
	if err != nil || !listed {
		t.Errorf("the code of %s is not one of its box, %v", codes[0].Name, err)
	}
	raw, err := demo.KeyFile(ctx, db, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := belenios.ParsePrivateKey(raw); err != nil {
		t.Errorf("key of the first scrutineer: %v", err)
	}
}
