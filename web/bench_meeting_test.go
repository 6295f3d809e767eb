package web_test

import (
	"context"
	_ "embed"
	"testing"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

//go:embed testdata/grow.sql
var growSQL string

// grownDatabase is the demonstration with a hundred times its meetings: some 1,300 of
// them, 110,000 people convened and as many on the rolls, in the years before.
func grownDatabase(t testing.TB) string {
	t.Helper()
	return pgtest.NewFrom(t, "grown-"+demoDay.String()+"-"+program(), func(ctx context.Context, dbURL string) error {
		if err := loadDemo(ctx, dbURL); err != nil {
			return err
		}
		conn, err := pgx.Connect(ctx, dbURL)
		if err != nil {
			return err
		}
		defer conn.Close(context.WithoutCancel(ctx))
		if _, err := conn.Exec(ctx, "BEGIN;"+growSQL+";COMMIT"); err != nil {
			return err
		}
		_, err = conn.Exec(ctx, "VACUUM ANALYZE") // what index-only reads need, and the server does by itself
		return err
	})
}

// What the pages of a meeting are about.
const (
	aMeetingThatDecided = `SELECT m.id FROM meeting m WHERE m.state = 'published' AND m.body = 'cmtin'
		AND EXISTS (SELECT FROM decision d WHERE d.meeting_id = m.id) ORDER BY m.starts_at DESC, m.id LIMIT 1`
	aMeetingOfTheGNI = `SELECT m.id FROM meeting m WHERE m.state = 'published' AND m.body = 'gni' AND m.kind = 'session' ORDER BY m.starts_at DESC, m.id LIMIT 1`
)

// BenchmarkMeetingPages measures the pages of meetings as BenchmarkPages does, on the
// demonstration and with a hundred times its meetings.
func BenchmarkMeetingPages(b *testing.B) {
	const team, mayor = "equipe@example.org", "maire-begles@example.org"
	for _, size := range []struct {
		name     string
		database func(testing.TB) string
	}{{"demo", demoDatabase}, {"x100", grownDatabase}} {
		for _, p := range []struct {
			name, path, email string
			cached            bool
			target            []string
		}{
			{name: "meeting page", path: "/reunions/%d", target: []string{aMeetingThatDecided}},
			{name: "meeting page, from memory", path: "/reunions/%d", cached: true, target: []string{aMeetingThatDecided}},
			{name: "meetings", path: "/reunions"},
			{name: "meetings, from memory", path: "/reunions", cached: true},
			{name: "register of decisions", path: "/decisions"},
			{name: "register of decisions, from memory", path: "/decisions", cached: true},
			{name: "words in the register", path: "/decisions?q=mandat"},
			{name: "search", path: "/recherche?q=mandat"},
			{name: "calendar", path: "/agenda.ics"},
			{name: "calendar, from memory", path: "/agenda.ics", cached: true},
			{name: "calendar of the GNI", path: "/instances/gni/agenda.ics"},
			{name: "hub of a meeting", path: "/equipe/reunions/%d", email: team, target: []string{aMeetingThatDecided}},
			{name: "roll of the GNI", path: "/equipe/reunions/%d/emargement", email: team, target: []string{aMeetingOfTheGNI}},
			{name: "convocation of the GNI", path: "/equipe/reunions/%d/convocation", email: team, target: []string{aMeetingOfTheGNI}},
			{name: "meetings of the team", path: "/equipe/reunions", email: team},
			{name: "follow-up", path: "/equipe/suivi", email: team},
			{name: "proposals", path: "/equipe/propositions", email: team},
			{name: "attendance", path: "/equipe/presences?par=organisation", email: team},
			{name: "team dashboard", path: "/tableau-de-bord", email: team},
			{name: "mayor's home", path: "/tableau-de-bord", email: mayor},
			{name: "mayor's meetings", path: "/mes-reunions", email: mayor},
		} {
			b.Run(p.name+"/"+size.name, func(b *testing.B) {
				benchPage(b, size.database(b), p.path, p.email, p.cached, p.target...)
			})
		}
	}
}
