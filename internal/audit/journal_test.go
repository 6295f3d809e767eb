package audit

import (
	"fmt"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

func TestSearchFilters(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	j := NewJournal(tx)
	mustRecord(t, tx, camille, Entry{Action: "seat.start", Object: "seat", ID: 1, Label: "Siège de Bègles"})
	mustRecord(t, tx, access.System("rappels"), Entry{Action: "seat.end", Object: "seat", ID: 2, Label: "Siège de Talence"})
	mustRecord(t, tx, camille, Entry{Action: "body.edit", Object: "body", ID: 1, Label: "100 % du GNI_2"})
	seal(t, tx)
	first, err := j.Search(t.Context(), camille, Filter{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	today := day.In(first.Rows[0].At)
	tests := map[string]struct {
		filter Filter
		want   []string // labels, newest first
	}{
		"all":                      {Filter{}, []string{"100 % du GNI_2", "Siège de Talence", "Siège de Bègles"}},
		"text without its accents": {Filter{Q: " begles "}, []string{"Siège de Bègles"}},
		"text in capitals":         {Filter{Q: "SIÈGE"}, []string{"Siège de Talence", "Siège de Bègles"}},
		"the actor's name":         {Filter{Q: "rappels"}, []string{"Siège de Talence"}},
		"a per cent is itself":     {Filter{Q: "0 %"}, []string{"100 % du GNI_2"}},
		"an underscore too":        {Filter{Q: "i_2"}, []string{"100 % du GNI_2"}},
		"a wild card finds itself": {Filter{Q: "S%"}, nil},
		"a NUL is dropped":         {Filter{Q: "beg\x00les\xff"}, []string{"Siège de Bègles"}},
		"an action":                {Filter{Action: "seat.end"}, []string{"Siège de Talence"}},
		"a kind of object":         {Filter{Object: "seat"}, []string{"Siège de Talence", "Siège de Bègles"}},
		"one object":               {Filter{Object: "seat", ObjectID: 1}, []string{"Siège de Bègles"}},
		"an account":               {Filter{Account: 7}, []string{"100 % du GNI_2", "Siège de Bègles"}},
		"from today to today":      {Filter{From: today, To: today}, []string{"100 % du GNI_2", "Siège de Talence", "Siège de Bègles"}},
		"until yesterday":          {Filter{To: today.AddDays(-1)}, nil},
		"from tomorrow":            {Filter{From: today.AddDays(1)}, nil},
	}
	for name, test := range tests {
		p, err := j.Search(t.Context(), camille, test.filter, 0)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got []string
		for _, r := range p.Rows {
			got = append(got, r.Label)
		}
		if fmt.Sprint(got) != fmt.Sprint(test.want) || p.Older != 0 {
			t.Errorf("%s: %v, older %d; want %v", name, got, p.Older, test.want)
		}
	}
	if r := first.Rows[1]; r.Role() != "Portail" || r.Account() != 0 {
		t.Errorf("role of a job = %q, account %d; want Portail, 0", r.Role(), r.Account())
	}
	if r := first.Rows[0]; r.Role() != "Administration du portail" || r.Account() != 7 || r.ActionLabel() != "Body edit" {
		t.Errorf("row %+v: role %q, action %q", r, r.Role(), r.ActionLabel())
	}
}

func TestSearchPages(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	j := NewJournal(tx)
	mustExec(t, tx, `
		INSERT INTO audit_entry (actor, capacity, action, object, object_id, label)
		SELECT 'x', '', 'a.b', 'c', n, 'd' FROM generate_series(1, $1) n`, 2*PageSize+1)
	seen := map[int64]bool{}
	sizes := []int{}
	for before, more := int64(0), true; more; {
		p, err := j.Search(t.Context(), camille, Filter{}, before)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Rows {
			if seen[r.ID] {
				t.Errorf("entry %d on two pages", r.ID)
			}
			seen[r.ID] = true
		}
		sizes = append(sizes, len(p.Rows))
		before, more = p.Older, p.Older != 0
	}
	if fmt.Sprint(sizes) != "[50 50 1]" {
		t.Errorf("pages of %v, want [50 50 1]", sizes)
	}
}

func TestAdministratorsOnly(t *testing.T) {
	t.Parallel()
	j := NewJournal(pgtest.Tx(t))
	for _, role := range access.Roles {
		by := access.Actor{Account: 9, Acting: access.Capacity{Role: role}}
		if role == access.Public {
			by = access.Actor{}
		}
		_, search := j.Search(t.Context(), by, Filter{}, 0)
		_, show := j.Show(t.Context(), by, 1)
		_, status := j.Status(t.Context(), by)
		_, check := j.Check(t.Context(), by)
		for name, err := range map[string]error{"Search": search, "Show": show, "Status": status, "Check": check} {
			refused := problem.KindOf(err) == problem.Forbidden
			if refused == (role == access.Administrator) {
				t.Errorf("%s by %s: %v", name, role, err)
			}
		}
	}
}

func TestShow(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	j := NewJournal(tx)
	ids := fiveEntries(t, tx)
	mustRecord(t, tx, camille, Entry{Action: "seat.edit", Object: "seat", ID: 3, Label: "Siège",
		Before: map[string]any{"note": `a\b`}, After: map[string]any{"note": "é"}})
	seal(t, tx)
	head := mustVerify(t, tx).Head
	p, err := j.Search(t.Context(), camille, Filter{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	e, err := j.Show(t.Context(), camille, p.Rows[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if e.Seal != head || len(e.Prev) != 64 || e.RequestID != "r-1" {
		t.Errorf("seal %v after %q, request %q; want %v", e.Seal, e.Prev, e.RequestID, head)
	}
	want := Change{Field: "note", Label: "Note", Before: `a\b`, After: "é", Changed: true}
	if len(e.Changes) != 1 || e.Changes[0] != want {
		t.Errorf("changes %v, want %v", e.Changes, want)
	}
	if _, err := j.Show(t.Context(), camille, 1<<60); problem.KindOf(err) != problem.NotFound {
		t.Errorf("an entry that does not exist: %v, want not found", err)
	}
	history, err := ObjectHistory(t.Context(), tx, "seat", 3)
	if err != nil || len(history) != 2 || history[1].ID != ids[3] || history[0].Changes[0] != want {
		t.Errorf("history of seat 3: %+v, %v; want the edit, then entry %d", history, err, ids[3])
	}
}

func TestCheckIsJournalled(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	j := NewJournal(tx)
	fiveEntries(t, tx)
	c, err := j.Status(t.Context(), camille)
	if err != nil || c.Last != nil || c.Head.Seq != 5 {
		t.Fatalf("before: %+v, %v; want head 5 and no verification", c, err)
	}
	r, err := j.Check(t.Context(), camille, c.Head)
	if err != nil || !r.OK() || r.Entries != 5 {
		t.Fatalf("check: %+v, %v; want 5 entries and no fault", r, err)
	}
	seal(t, tx)
	c, err = j.Status(t.Context(), camille)
	if err != nil || c.Last == nil || c.Last.Actor != camille.Name || !c.Last.OK || c.Last.Entries != 5 || c.Head.Seq != 6 {
		t.Fatalf("after: %+v, %v; want head 6 and Camille's verification", c, err)
	}
}

func TestCheckFindsFault(t *testing.T) {
	t.Parallel()
	pool := tamperable(t)
	j := NewJournal(pool)
	mustExec(t, pool, `UPDATE audit_entry SET actor = 'x' WHERE id = 2`)
	r, err := j.Check(t.Context(), camille)
	if err != nil || r.OK() || r.Fault.Seq != 2 {
		t.Fatalf("tampered: %+v, %v; want a fault at seal 2", r, err)
	}
	if c, err := j.Status(t.Context(), camille); err != nil || c.Last == nil || c.Last.OK || c.Last.Fault != r.Fault.Message() {
		t.Errorf("after a fault: %+v, %v; want the fault in the journal", c.Last, err)
	}
}
