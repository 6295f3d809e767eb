package directory

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/structure"
)

func read(t testing.TB, db postgres.DB, f Filter) Page {
	t.Helper()
	d, err := New(db).Page(t.Context(), f)
	if err != nil {
		t.Fatalf("directory %+v: %v", f, err)
	}
	return d
}

// add writes a structure and returns its id.
func add(t testing.TB, db postgres.DB, name, state, insee string, published bool) structure.ID {
	t.Helper()
	id, err := postgres.Value[structure.ID](t.Context(), db, `
		WITH o AS (INSERT INTO organisation (kind, name) VALUES ('structure', $1) RETURNING id)
		SELECT id FROM o`, name)
	if err != nil {
		t.Fatal(err)
	}
	do(t, db, `
		INSERT INTO structure (organisation_id, state, origin, college, insee, publish_sheet, services, programmes, aladdin, access_modes, summary, submitted_at)
		VALUES ($1, $2, 'team', 'action_sociale', $3, $4, '{Loisirs et créations numériques}', '{France Services}', 'relay', '{Téléphoner}', 'Réparation de tablettes', now())`,
		id, state, insee, published)
	return id
}

func do(t testing.TB, db postgres.DB, sql string, args ...any) {
	t.Helper()
	if _, err := db.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func namesOf(d Page) []string {
	var out []string
	for _, e := range d.Entries {
		out = append(out, e.Name)
	}
	return out
}

func TestTheDirectoryFindsWhatPeopleMean(t *testing.T) {
	t.Parallel()
	db := pgtest.Pool(t)
	add(t, db, "Médiathèque du Héron", "accepted", "33039", true)
	add(t, db, "Centre social l’Estran", "accepted", "33063", true)
	add(t, db, "Cœur de Bastide", "accepted", "33063", false)
	add(t, db, "Médiathèque refusée", "refused", "33063", true)
	for q, want := range map[string][]string{
		"mediateque":            {"Médiathèque du Héron"},   // a letter forgotten, no accent
		"MÉDIATHÈQUE":           {"Médiathèque du Héron"},   // case
		"thèque":                {"Médiathèque du Héron"},   // a part of a word
		"heron mediatheque":     {"Médiathèque du Héron"},   // every word, in any order
		"médiathèque estran":    nil,                        // not some of the words
		"begles":                {"Médiathèque du Héron"},   // its commune
		"l'estran":              {"Centre social l’Estran"}, // another apostrophe
		"coeur":                 {"Cœur de Bastide"},        // œ
		"refusée":               nil,                        // no member
		"<script>alert(1)":      nil,                        // what is no word is no mark up
		"%":                     {"Centre social l’Estran", "Cœur de Bastide", "Médiathèque du Héron"},
		"qwxzkj":                nil,
		"reparation tablettes":  {"Centre social l’Estran", "Médiathèque du Héron"}, // what is published
		"france services heron": {"Médiathèque du Héron"},
	} {
		d := read(t, db, Filter{Q: q})
		if got := namesOf(d); !slices.Equal(got, want) || d.Paging.Total != len(want) {
			t.Errorf("%q finds %q (%d in all), wanted %q", q, got, d.Paging.Total, want)
		}
		var hits []Hit
		var b postgres.Batch
		AddSearch(&b, &hits, q)
		if err := b.Run(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		if q != "%" && len(hits) != len(want) {
			t.Errorf("the portal's search of %q finds %v, wanted %q", q, hits, want)
		}
	}
}

func TestTheDirectoryShowsOnlyWhatIsPublished(t *testing.T) {
	t.Parallel()
	db := pgtest.Pool(t)
	open := add(t, db, "Structure ouverte", "accepted", "33063", true)
	shut := add(t, db, "Structure discrète", "accepted", "33063", false)
	for _, state := range []string{"unconfirmed", "submitted", "more_asked", "refused", "suspended", "left", "lapsed"} {
		add(t, db, "Structure "+state, state, "33063", true)
	}
	d := read(t, db, Filter{})
	if len(d.Entries) != 2 || d.Entries[0].ID != shut || d.Entries[1].ID != open {
		t.Fatalf("the members are %+v", d.Entries)
	}
	e := d.Entries[0]
	if e.Name == "" || e.Commune != "Bordeaux" || e.College != governance.College("action_sociale") {
		t.Errorf("the composition says too little: %+v", e)
	}
	if e.Published || e.Services != nil || e.Programmes != nil || e.Aladdin != "" || e.Access != nil || e.UpToDateAt != nil || e.Freshness != "" {
		t.Errorf("more than the composition shows: %+v", e)
	}
	for facet, value := range map[Facet]string{FacetService: "Loisirs et créations numériques", FacetNetwork: "France Services", FacetAccess: "Téléphoner"} {
		if n := d.Counts[facet][value]; n != 1 {
			t.Errorf("%s counts %d structures, one publishes it", facet, n)
		}
		if got := read(t, db, Filter{With: map[Facet]string{facet: value}}); got.Paging.Total != 1 || got.Entries[0].ID != open {
			t.Errorf("%s answers %+v", facet, got.Entries)
		}
	}
	if n := read(t, db, Filter{With: map[Facet]string{FacetNetwork: AladdinNetwork}}).Paging.Total; n != 1 {
		t.Errorf("the network Aladdin shows %d members", n)
	}
	// Consent taken back: at once, and in the search too.
	do(t, db, `UPDATE structure SET publish_sheet = false WHERE organisation_id = $1`, open)
	if n := read(t, db, Filter{With: map[Facet]string{FacetAccess: "Téléphoner"}}).Paging.Total; n != 0 {
		t.Errorf("%d structures still answer after the consent is taken back", n)
	}
	if n := read(t, db, Filter{Q: "tablettes"}).Paging.Total; n != 0 {
		t.Errorf("%d structures are still found by what they no longer publish", n)
	}
}

func TestEachFacetCountsWithTheOthers(t *testing.T) {
	t.Parallel()
	db := pgtest.Pool(t)
	seed(t, db, 700)
	all := read(t, db, Filter{Page: postgres.AllPages}).Entries
	if len(all) != 700 {
		t.Fatalf("%d members", len(all))
	}
	for _, f := range []Filter{
		{},
		{With: map[Facet]string{FacetCollege: "action_sociale"}},
		{With: map[Facet]string{FacetCommune: "33063"}, Q: "mediateque"},
		{With: map[Facet]string{FacetService: "Aide aux démarches administratives", FacetNetwork: AladdinNetwork}},
		{With: map[Facet]string{FacetCollege: "mediation_numerique", FacetAccess: "Prendre un RDV en ligne", FacetNetwork: "Aidants Connect"}, Q: "centre"},
		{With: map[Facet]string{FacetService: "unknown"}},
	} {
		named := map[structure.ID]bool{}
		for _, e := range read(t, db, Filter{Q: f.Q, Page: postgres.AllPages}).Entries {
			named[e.ID] = true
		}
		d := read(t, db, f)
		want := 0
		for _, e := range all {
			if named[e.ID] && answers(e, f.With, "") {
				want++
			}
		}
		if d.Paging.Total != want {
			t.Errorf("%+v: %d answer, recounted %d", f, d.Paging.Total, want)
		}
		for _, facet := range Facets {
			recount := map[string]int{}
			for _, e := range all {
				if named[e.ID] && answers(e, f.With, facet) {
					for _, v := range valuesOf(e, facet) {
						recount[v]++
					}
				}
			}
			for v, n := range d.Counts[facet] {
				if recount[v] != n {
					t.Errorf("%+v: %s %q counts %d, recounted %d", f, facet, v, n, recount[v])
				}
				delete(recount, v)
			}
			for v, n := range recount {
				if n != 0 {
					t.Errorf("%+v: %s %q is not counted, %d answer", f, facet, v, n)
				}
			}
		}
	}
}

// valuesOf is what a line answers to in a facet.
func valuesOf(e Entry, f Facet) []string {
	switch f {
	case FacetCommune:
		return []string{e.INSEE}
	case FacetCollege:
		return []string{string(e.College)}
	case FacetService:
		return e.Services
	case FacetAccess:
		return e.Access
	}
	if e.Aladdin != "" {
		return append(slices.Clone(e.Programmes), AladdinNetwork)
	}
	return e.Programmes
}

// answers tells whether a line answers every value asked but that of a facet.
func answers(e Entry, with map[Facet]string, but Facet) bool {
	for f, v := range with {
		if f != but && !slices.Contains(valuesOf(e, f), v) {
			return false
		}
	}
	return true
}

func TestPagesOfTheDirectoryAreTheWholeListCut(t *testing.T) {
	t.Parallel()
	db := pgtest.Pool(t)
	seed(t, db, 930)
	for _, f := range []Filter{
		{Sort: ByName}, {Sort: ByCommune}, {Sort: ByFreshness}, {Sort: "unknown"},
		{Sort: ByCommune, With: map[Facet]string{FacetCollege: "action_sociale"}},
		{Sort: ByFreshness, With: map[Facet]string{FacetService: "Compréhension du monde numérique"}},
		{Q: "mediatheque"},
	} {
		whole := f
		whole.Page = postgres.AllPages
		all := read(t, db, whole)
		var cut []string
		for n := 1; n <= (all.Paging.Total+49)/50; n++ {
			f.Page = n
			d := read(t, db, f)
			if d.Paging.Page != n {
				t.Errorf("%+v shows page %d", f, d.Paging.Page)
			}
			cut = append(cut, namesOf(d)...)
		}
		if !slices.Equal(cut, namesOf(all)) || len(cut) != all.Paging.Total {
			t.Errorf("%+v: the pages are not the list cut (%d lines, %d in all)", f, len(cut), all.Paging.Total)
		}
		f.Page = 100000 // past the end: the last one
		if d := read(t, db, f); d.Paging.Page != d.Paging.Pages || len(d.Entries) == 0 || d.Entries[len(d.Entries)-1].Name != cut[len(cut)-1] {
			t.Errorf("%+v shows page %d of %d", f, d.Paging.Page, d.Paging.Pages)
		}
	}
	d := read(t, db, Filter{Sort: ByFreshness, Page: postgres.AllPages})
	for i := 1; i < len(d.Entries); i++ {
		if a, b := d.Entries[i-1].UpToDateAt, d.Entries[i].UpToDateAt; a == nil && b != nil || a != nil && b != nil && a.Before(*b) {
			t.Fatalf("line %d is fresher than the one before", i)
		}
	}
}

// miscounted compares the bits with the structures.
const miscounted = `
	WITH kept AS (
		SELECT t.facet, t.value, sum(bit_count(t.members))::int AS n FROM structure_facet t GROUP BY 1, 2
	), fact AS (
		SELECT f.facet, f.value, count(*)::int AS n
		FROM structure s, structure_facets(s.state, s.college, s.insee, s.publish_sheet, s.services, s.programmes, s.aladdin, s.access_modes) f GROUP BY 1, 2
	)
	SELECT count(*)::int FROM kept FULL JOIN fact USING (facet, value) WHERE coalesce(kept.n, 0) <> coalesce(fact.n, 0)`

func TestCountersAreNeverWrong(t *testing.T) {
	t.Parallel()
	db := pgtest.Pool(t)
	seed(t, db, 60)
	// Some are in other chunks of bits, the first and the last of one.
	do(t, db, `INSERT INTO organisation (id, kind, name) OVERRIDING SYSTEM VALUE
		SELECT i, 'structure', 'Loin ' || i FROM unnest('{8191,8192,24575,24576,90001}'::bigint[]) AS i`)
	do(t, db, `INSERT INTO structure (organisation_id, state, origin, college, insee, publish_sheet)
		SELECT id, 'accepted', 'team', 'action_sociale', '33063', true FROM organisation WHERE name LIKE 'Loin %'`)
	rapid.Check(t, func(r *rapid.T) {
		slice := rapid.IntRange(0, 6).Draw(r, "who")
		change := rapid.SampledFrom([]string{
			`UPDATE structure SET state = CASE WHEN state = 'accepted' THEN 'suspended' ELSE 'accepted' END WHERE organisation_id % 7 = $1`,
			`UPDATE structure SET state = CASE WHEN state = 'refused' THEN 'submitted' ELSE 'refused' END, submitted_at = now() WHERE organisation_id % 7 = $1`,
			`UPDATE structure SET insee = CASE insee WHEN '33063' THEN '33039' ELSE '33063' END WHERE organisation_id % 7 = $1`,
			`UPDATE structure SET college = CASE college WHEN 'action_sociale' THEN 'mediation_numerique' ELSE 'action_sociale' END WHERE organisation_id % 7 = $1`,
			`UPDATE structure SET publish_sheet = NOT publish_sheet WHERE organisation_id % 7 = $1`,
			`UPDATE structure SET services = CASE WHEN services = '{}' THEN '{Loisirs et créations numériques,Compréhension du monde numérique}'::text[] ELSE '{}' END WHERE organisation_id % 7 = $1`,
			`UPDATE structure SET programmes = CASE WHEN programmes = '{}' THEN '{France Services,France Services}'::text[] ELSE '{}' END WHERE organisation_id % 7 = $1`,
			`UPDATE structure SET aladdin = CASE aladdin WHEN '' THEN 'relay' WHEN 'relay' THEN 'mediation' ELSE '' END WHERE organisation_id % 7 = $1`,
			`UPDATE structure SET access_modes = CASE WHEN access_modes = '{}' THEN '{Téléphoner}'::text[] ELSE '{}' END WHERE organisation_id % 7 = $1`,
			`UPDATE structure SET version = version + 1 WHERE organisation_id % 7 = $1`,
			`UPDATE organisation SET name = 'Maison ' || (id * 3 + $1) % 11 WHERE kind = 'structure' AND id % 7 = $1`,
			`WITH o AS (INSERT INTO organisation (kind, name) VALUES ('structure', 'Nouvelle ' || $1::int) RETURNING id)
			 INSERT INTO structure (organisation_id, state, origin, college, insee) SELECT id, 'accepted', 'team', 'action_sociale', '33063' FROM o`,
			`DELETE FROM structure WHERE organisation_id = (SELECT max(organisation_id) FROM structure WHERE organisation_id % 7 = $1)`,
		}).Draw(r, "change")
		if _, err := db.Exec(t.Context(), change, slice); err != nil {
			r.Fatalf("%s: %v", change, err)
		}
		wrong, err := postgres.Value[int](t.Context(), db, miscounted)
		if err != nil || wrong != 0 {
			r.Fatalf("%d counters are wrong after %s (%v)", wrong, change, err)
		}
		if wrong, err = postgres.Value[int](t.Context(), db, spokenRecount); err != nil || wrong != 0 {
			r.Fatalf("%d words are wrong after %s (%v)", wrong, change, err)
		}
	})
	// The bits are those of the right structures, not only as many.
	shown := read(t, db, Filter{Page: postgres.AllPages})
	n, err := postgres.Value[int](t.Context(), db, `SELECT count(*)::int FROM structure WHERE state = 'accepted'`)
	if err != nil || len(shown.Entries) != n {
		t.Errorf("the directory lists %d of %d members (%v)", len(shown.Entries), n, err)
	}
}
