// Package directory is the public directory of the members of the GNI: a list that
// is searched and filtered, with counts of what each filter would answer, and the
// structures of the portal's search. It only reads, and only what the public may.
//
// Who answers what is kept ready as sets of bits (table structure_facet,
// 00013_directory.sql): a page costs the same for a hundred times as many members.
package directory

import (
	"context"
	"time"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/sets"
)

// Service reads the directory.
type Service struct{ db postgres.DB }

// New returns the service.
func New(db postgres.DB) *Service { return &Service{db: db} }

// Facet is what the directory can be filtered by.
type Facet string

// The closed set of facets (function structure_facets).
const (
	FacetCommune Facet = "commune" // values are INSEE codes
	FacetCollege Facet = "college"
	FacetService Facet = "service" // values are those of structure/national
	FacetNetwork Facet = "network" // a national programme, or AladdinNetwork
	FacetAccess  Facet = "access"
)

// Facets lists them in display order.
var Facets = []Facet{FacetCommune, FacetCollege, FacetService, FacetNetwork, FacetAccess}

// AladdinNetwork is the value of FacetNetwork for the members of the network
// Aladdin, whatever their part in it.
const AladdinNetwork = "Aladdin"

// Sort is an order of the directory.
type Sort string

// The closed set of orders.
const (
	ByName      Sort = "nom"
	ByCommune   Sort = "commune"
	ByFreshness Sort = "fraicheur" // the latest first, then the sheets that are not published
)

// Filter is what the directory is asked for.
type Filter struct {
	Q    string           // words, all of them wanted
	With map[Facet]string // one value a facet
	Sort Sort             // "" is ByName
	Page int              // from 1, or postgres.AllPages
}

// Empty tells whether every member of the GNI answers.
func (f Filter) Empty() bool { return len(f.With) == 0 && len(sets.Words(f.Q)) == 0 }

// Entry is one line of the directory: what the public may read of a structure.
type Entry struct {
	ID         structure.ID          `db:"organisation_id"`
	Name       string                `db:"name"`
	INSEE      string                `db:"insee"` // "": recorded before this register
	Commune    string                `db:"-"`
	College    governance.College    `db:"college"`
	Published  bool                  `db:"publish_sheet"` // the rest is empty when it is not
	Services   []string              `db:"services"`
	Programmes []string              `db:"programmes"`
	Aladdin    structure.AladdinRole `db:"aladdin"`
	Access     []string              `db:"access_modes"`
	UpToDateAt *time.Time            `db:"up_to_date_at"`
	Freshness  structure.Freshness   `db:"freshness"`
}

// CommuneTile is a commune of the map; what it counts is in Page.Counts.
type CommuneTile struct {
	INSEE string `db:"insee"`
	Name  string `db:"name"`
	Abbr  string `db:"abbr"`
	Row   int    `db:"tile_row"`
	Col   int    `db:"tile_col"`
}

// Page is a page of the directory.
type Page struct {
	Entries  []Entry
	Paging   postgres.Paging
	Communes []CommuneTile // the 28, in alphabetical order, « Le » ignored
	// Counts is how many structures answer each value of a facet beside the words
	// and the other facets that are asked for.
	Counts map[Facet]map[string]int
}

// Page returns a page of the directory: the last one when the page asked for
// is past it. Anybody may read it. It asks twice, whatever is asked for and however
// many answer: what is counted, then the lines.
func (s *Service) Page(ctx context.Context, f Filter) (Page, error) {
	var (
		d    Page
		rows []sets.Row
		b    postgres.Batch
	)
	addFacets(&b, &rows, f)
	postgres.AddList(&b, &d.Communes, `
		SELECT c.insee, o.name, c.abbr, c.tile_row, c.tile_col FROM commune c JOIN organisation o ON o.id = c.organisation_id
		ORDER BY regexp_replace(fold(o.name), '^(le|la|les) ', '')`)
	if err := b.Run(ctx, s.db); err != nil {
		return d, postgres.Wrap(err, "count the directory")
	}
	found, total := d.count(rows)
	d.Paging = postgres.PagingOf(f.Page, total)
	if d.Paging.Page > d.Paging.Pages {
		d.Paging.Page = d.Paging.Pages
	}
	if f.Page == postgres.AllPages {
		d.Paging.Page, d.Paging.Pages = 1, 1
	}
	if total == 0 {
		return d, nil
	}
	var err error
	d.Entries, err = entries(ctx, s.db, found, f, d.Paging)
	d.nameCommunes()
	return d, postgres.Wrap(err, "list the directory")
}

// nameCommunes gives each line the name of its commune, which is known already.
func (d *Page) nameCommunes() {
	names := make(map[string]string, len(d.Communes))
	for _, c := range d.Communes {
		names[c.INSEE] = c.Name
	}
	for i := range d.Entries {
		d.Entries[i].Commune = names[d.Entries[i].INSEE]
	}
}

// count reads the counts, and returns who answers everything.
func (d *Page) count(rows []sets.Row) (found sets.Set, total int) {
	d.Counts = make(map[Facet]map[string]int, len(Facets))
	for _, f := range Facets {
		d.Counts[f] = map[string]int{}
	}
	found = sets.Set{}
	for _, r := range rows {
		if r.Facet == "" {
			found[r.Chunk] = r.Members.Bytes
			total += r.Total
			continue
		}
		d.Counts[Facet(r.Facet)][r.Value] = r.Total
	}
	return found, total
}

// addFacets asks who answers the filter, and how many would answer each value of a
// facet with the rest of it: within holds, for each facet, who answers the others.
func addFacets(b *postgres.Batch, dst *[]sets.Row, f Filter) {
	facets, values := []string{""}, []string{""}
	for _, facet := range Facets {
		if v := f.With[facet]; v != "" {
			facets, values = append(facets, string(facet)), append(values, v)
		}
	}
	postgres.AddList(b, dst, `
		WITH asked AS (
			SELECT t.facet, t.chunk, t.members
			FROM structure_facet t JOIN unnest($1::text[], $2::text[]) AS a(facet, value) USING (facet, value)
			UNION ALL
			SELECT 'words', h.chunk, h.members FROM structure_found($3) AS h
		), within AS (
			SELECT f.facet, a.chunk, bit_and(a.members) AS members
			FROM unnest(ARRAY['', 'commune', 'college', 'service', 'network', 'access']) AS f(facet)
			JOIN asked a ON a.facet = '' OR a.facet <> f.facet
			GROUP BY 1, 2
			HAVING count(*) = (SELECT count(*) FROM unnest($1::text[]) AS g WHERE g = '' OR g <> f.facet)
			                + CASE WHEN cardinality($3::text[]) > 0 THEN 1 ELSE 0 END
		)
		SELECT t.facet, t.value, 0::bigint AS chunk, sum(bit_count(t.members & w.members))::int AS total, NULL::bit(8192) AS members
		FROM structure_facet t JOIN within w USING (facet, chunk) WHERE t.facet <> '' GROUP BY 1, 2
		UNION ALL
		SELECT '', '', w.chunk, bit_count(w.members)::int, w.members FROM within w WHERE w.facet = ''`,
		facets, values, sets.Words(f.Q))
}
