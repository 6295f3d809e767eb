package structure

import (
	"fmt"
	"testing"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

func TestRegisterFilters(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	begles := d.sheet("Médiathèque des Échoppes")
	begles.SIRET = "99900000000003"
	first := d.request(begles)
	cenon := d.sheet("Atelier 100 % solidaire")
	cenon.INSEE, cenon.College = "33119", governance.DigitalMediation
	second := d.request(cenon)
	member := d.request(d.sheet("Maison du vélo"))
	d.must(d.s.Accept(ctx, deskTeam, member.ID, member.Version, day.Today()))
	asked := d.request(d.sheet("Régie des Tilleuls"))
	d.must(d.s.Ask(ctx, deskTeam, asked.ID, asked.Version, "Quand ?"))
	_, err := d.db.Exec(ctx, `UPDATE structure SET up_to_date_at = now() - interval '13 months' WHERE organisation_id = $1`, member.ID)
	d.must(err)

	for name, c := range map[string]struct {
		f    RegisterFilter
		want []ID
	}{
		"all, by name":          {RegisterFilter{}, []ID{second.ID, member.ID, first.ID, asked.ID}},
		"queue, oldest first":   {RegisterFilter{State: Submitted}, []ID{first.ID, second.ID}},
		"asked":                 {RegisterFilter{State: MoreAsked}, []ID{asked.ID}},
		"commune":               {RegisterFilter{INSEE: "33119"}, []ID{second.ID}},
		"no commune":            {RegisterFilter{INSEE: NoCommune}, nil},
		"college":               {RegisterFilter{College: governance.DigitalMediation}, []ID{second.ID}},
		"freshness":             {RegisterFilter{Freshness: Ageing}, []ID{member.ID}},
		"no accents":            {RegisterFilter{Q: "mediatheque echoppes"}, []ID{first.ID}},
		"a typing error":        {RegisterFilter{Q: "mediatéque"}, []ID{first.ID}},
		"words in any order":    {RegisterFilter{Q: "echoppes begles"}, []ID{first.ID}},
		"by commune":            {RegisterFilter{Q: "Cenon"}, []ID{second.ID}},
		"SIRET with spaces":     {RegisterFilter{Q: "999 000 000 00003"}, []ID{first.ID}},
		"beginning of a SIRET":  {RegisterFilter{Q: "999000"}, []ID{first.ID}},
		"a sign of LIKE":        {RegisterFilter{Q: "100 %"}, []ID{second.ID}},
		"words and a state":     {RegisterFilter{Q: "maison", State: Submitted}, nil},
		"nothing of the sort":   {RegisterFilter{Q: "xyzzy"}, nil},
		"a state that is quiet": {RegisterFilter{State: Refused}, nil},
	} {
		got, err := d.s.Register(ctx, deskTeam, c.f, 1)
		d.must(err)
		var ids []ID
		for _, l := range got.Lines {
			ids = append(ids, l.ID)
		}
		if fmt.Sprint(ids) != fmt.Sprint(c.want) || got.Paging.Total != len(c.want) || len(got.Communes) != 28 {
			t.Errorf("%s: %v of %d, wanted %v", name, ids, got.Paging.Total, c.want)
		}
	}
}

func TestRegisterPages(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	fillRegister(t, d, 120)
	for page, want := range map[int]int{1: 50, 3: 20, 4: 0, postgres.AllPages: 120} {
		got, err := d.s.Register(t.Context(), deskTeam, RegisterFilter{}, page)
		if d.must(err); len(got.Lines) != want || got.Paging.Total != 120 {
			t.Errorf("page %d: %d lines of %d, wanted %d", page, len(got.Lines), got.Paging.Total, want)
		}
	}
}

// fillRegister writes n members in one statement, as an import would leave them.
func fillRegister(t testing.TB, d *desk, n int) {
	t.Helper()
	_, err := d.db.Exec(t.Context(), `
		WITH made AS (
		    INSERT INTO organisation (kind, name) SELECT 'structure', 'Structure ' || md5(i::text) FROM generate_series(1, $1) i RETURNING id)
		INSERT INTO structure (organisation_id, state, origin, college, insee, submitted_at)
		SELECT m.id, CASE WHEN m.id % 40 = 0 THEN 'submitted' ELSE 'accepted' END, 'import', 'action_sociale', k.codes[1 + m.id % 28], now()
		FROM made m, (SELECT array_agg(insee) AS codes FROM commune) k`, n)
	d.must(err)
}

func TestCodeOf(t *testing.T) {
	t.Parallel()
	for q, want := range map[string]string{
		"999 000 000 00003": "99900000000003", "99900": "99900", "1234": "", "104 logements": "", "": "", "999.000-00": "99900000", "123456789012345": "",
	} {
		if got := codeOf(q); got != want {
			t.Errorf("codeOf(%q) = %q, wanted %q", q, got, want)
		}
	}
}
