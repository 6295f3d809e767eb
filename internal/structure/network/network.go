// Package network reads the GNI as a whole, for its indicators and its pages: the
// network Aladdin, the conseillers numériques, who sat when and in which commune. It
// writes nothing.
package network

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// Service reads the network.
type Service struct{ db postgres.DB }

// New returns the service.
func New(db postgres.DB) *Service { return &Service{db: db} }

// AladdinMember is a structure of the network that agreed to publish its sheet.
type AladdinMember struct {
	ID      structure.ID          `db:"organisation_id"`
	Name    string                `db:"name"`
	Role    structure.AladdinRole `db:"aladdin"`
	Commune string                `db:"commune"`
	INSEE   string                `db:"insee"`
}

// AladdinCount is how many structures play a role in the network.
type AladdinCount struct {
	Role  structure.AladdinRole `db:"aladdin"`
	All   int                   `db:"n"`
	Shown int                   `db:"shown"` // that agreed to publish their sheet
}

// Aladdin is the network Aladdin today: everyone counted, those who agreed named.
type Aladdin struct {
	Today   day.Day
	Counts  []AladdinCount // one per role, in the order of structure.AladdinRoles
	Members []AladdinMember
	Paging  postgres.Paging
}

// All is how many structures are members, Shown how many of them are named.
func (a Aladdin) All() (all, shown int) {
	for _, c := range a.Counts {
		all, shown = all+c.All, shown+c.Shown
	}
	return all, shown
}

// Aladdin returns a page of it by role, commune and name, in one round trip.
func (s *Service) Aladdin(ctx context.Context, page int) (Aladdin, error) {
	var (
		b postgres.Batch
		a Aladdin
	)
	postgres.AddValue(&b, &a.Today, `SELECT paris_today()`)
	postgres.AddList(&b, &a.Counts, `
		SELECT r.role AS aladdin, coalesce(s.n, 0)::int AS n, coalesce(s.shown, 0)::int AS shown
		FROM unnest(ARRAY['mediation', 'prescriber', 'relay']) WITH ORDINALITY AS r(role, rank)
		LEFT JOIN (SELECT aladdin, count(*) AS n, count(*) FILTER (WHERE publish_sheet) AS shown FROM structure
		           WHERE state = 'accepted' AND aladdin <> '' GROUP BY aladdin) AS s ON s.aladdin = r.role
		ORDER BY r.rank`)
	postgres.AddList(&b, &a.Members, `
		SELECT s.organisation_id, o.name, s.aladdin, coalesce(c.name, '') AS commune, coalesce(s.insee, '') AS insee
		FROM structure s JOIN organisation o ON o.id = s.organisation_id
		LEFT JOIN commune k ON k.insee = s.insee LEFT JOIN organisation c ON c.id = k.organisation_id
		WHERE s.state = 'accepted' AND s.aladdin <> '' AND s.publish_sheet
		ORDER BY s.aladdin, s.sort_commune = '', s.sort_commune, s.sort_name, s.organisation_id LIMIT $1 OFFSET $2`,
		postgres.Limit(page), postgres.Offset(page))
	if err := b.Run(ctx, s.db); err != nil {
		return a, postgres.Wrap(err, "network Aladdin")
	}
	_, shown := a.All()
	a.Paging = postgres.PagingOf(page, shown)
	return a, nil
}

// AdviserLine is a structure that takes part in the programme of the conseillers
// numériques.
type AdviserLine struct {
	ID      structure.ID `db:"organisation_id"`
	Name    string       `db:"name"`
	Commune string       `db:"commune"`
	INSEE   string       `db:"insee"`
	Posts   int          `db:"adviser_posts"` // 0: it is in the programme and declared no post
}

// AdviserTotal is what a commune has; INSEE "" gathers those whose commune is not
// known.
type AdviserTotal struct {
	INSEE      string `db:"insee"`
	Commune    string `db:"commune"`
	Structures int    `db:"structures"`
	Posts      int    `db:"posts"`
}

// Advisers is the coordination of the conseillers numériques today.
type Advisers struct {
	Today      day.Day
	Structures int // in the programme
	Posts      int
	Undeclared []AdviserLine  // at most a hundred
	Missing    int            // in the programme, without a post declared
	Communes   []AdviserTotal // those that have one, the most posts first
	Lines      []AdviserLine
	Paging     postgres.Paging
}

// Advisers returns them for the team, a page of its structures by commune and
// name, in one round trip.
func (s *Service) Advisers(ctx context.Context, by access.Actor, page int) (Advisers, error) {
	var (
		b postgres.Batch
		a Advisers
	)
	if err := by.Require(by.RunsBodies()); err != nil {
		return a, err
	}
	postgres.AddValue(&b, &a.Today, `SELECT paris_today()`)
	postgres.AddList(&b, &a.Communes, `
		SELECT coalesce(s.insee, '') AS insee, coalesce(c.name, '') AS commune, count(*)::int AS structures,
		       sum(s.adviser_posts)::int AS posts
		FROM structure s LEFT JOIN commune k ON k.insee = s.insee LEFT JOIN organisation c ON c.id = k.organisation_id
		WHERE s.state = 'accepted' AND s.programmes @> ARRAY['Conseillers numériques']
		GROUP BY s.insee, c.name ORDER BY posts DESC, fold(c.name) NULLS LAST`)
	postgres.AddValue(&b, &a.Missing, `
		SELECT count(*)::int FROM structure
		WHERE state = 'accepted' AND programmes @> ARRAY['Conseillers numériques'] AND adviser_posts = 0`)
	postgres.AddList(&b, &a.Undeclared, `
		SELECT s.organisation_id, o.name, coalesce(c.name, '') AS commune, coalesce(s.insee, '') AS insee, s.adviser_posts
		FROM structure s JOIN organisation o ON o.id = s.organisation_id
		LEFT JOIN commune k ON k.insee = s.insee LEFT JOIN organisation c ON c.id = k.organisation_id
		WHERE s.state = 'accepted' AND s.programmes @> ARRAY['Conseillers numériques'] AND s.adviser_posts = 0
		ORDER BY s.sort_name, s.organisation_id LIMIT 100`)
	postgres.AddList(&b, &a.Lines, `
		SELECT s.organisation_id, o.name, coalesce(c.name, '') AS commune, coalesce(s.insee, '') AS insee, s.adviser_posts
		FROM structure s JOIN organisation o ON o.id = s.organisation_id
		LEFT JOIN commune k ON k.insee = s.insee LEFT JOIN organisation c ON c.id = k.organisation_id
		WHERE s.state = 'accepted' AND s.programmes @> ARRAY['Conseillers numériques']
		ORDER BY s.sort_commune = '', s.sort_commune, s.sort_name, s.organisation_id LIMIT $1 OFFSET $2`,
		postgres.Limit(page), postgres.Offset(page))
	if err := b.Run(ctx, s.db); err != nil {
		return a, postgres.Wrap(err, "conseillers numériques")
	}
	for _, c := range a.Communes {
		a.Structures, a.Posts = a.Structures+c.Structures, a.Posts+c.Posts
	}
	a.Paging = postgres.PagingOf(page, a.Structures)
	return a, nil
}
