package web_test

import (
	"context"
	_ "embed"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

//go:embed testdata/grow_roadmap.sql
var growRoadmapSQL string

//go:embed testdata/grow_campaign.sql
var growCampaignSQL string

// smallRoadmap is the demonstration with a campaign that is open.
func smallRoadmap(t testing.TB) string { return grownWith(t, "small-roadmap", growCampaignSQL) }

// grownRoadmap is the demonstration with a hundred times its actions: some 3,000, with
// 100,000 reports and 30,000 budget lines, and a campaign of 2,800 questions.
func grownRoadmap(t testing.TB) string {
	return grownWith(t, "grown-roadmap", growRoadmapSQL+growCampaignSQL)
}

func grownWith(t testing.TB, name, sql string) string {
	t.Helper()
	return pgtest.NewFrom(t, name+"-"+demoDay.String()+"-"+program(), func(ctx context.Context, dbURL string) error {
		if err := loadDemo(ctx, dbURL); err != nil {
			return err
		}
		conn, err := pgx.Connect(ctx, dbURL)
		if err != nil {
			return err
		}
		defer conn.Close(context.WithoutCancel(ctx))
		if _, err := conn.Exec(ctx, "BEGIN;"+sql+";COMMIT"); err != nil {
			return err
		}
		_, err = conn.Exec(ctx, "VACUUM ANALYZE") // what index-only reads need, and the server does by itself
		return err
	})
}

// What the pages of the roadmap are about, and the last page that is full.
const (
	anActionInCourse  = `SELECT min(id) FROM roadmap_action WHERE status = 'in_progress' AND all_communes`
	theCampaign       = `SELECT max(id) FROM campaign`
	lastOfRoadmap     = `SELECT greatest(count(*) / 50, 1) FROM roadmap_action WHERE validated_on IS NOT NULL`
	lastOfTeamRoadmap = `SELECT greatest(count(*) / 50, 1) FROM roadmap_action`
)

func roadmapBenchPages() []registerPage {
	const team, mayor, partner = "equipe@example.org", "maire-begles@example.org", "partenaire-01@example.org"
	return []registerPage{
		{name: "roadmap", path: "/feuille-de-route", list: true},
		{name: "roadmap, from memory", path: "/feuille-de-route", cached: true},
		{name: "roadmap, three filters", path: "/feuille-de-route?axe=2&etat=en-cours&annee=2026", list: true},
		{name: "roadmap, a commune", path: "/feuille-de-route?commune=33039", list: true},
		{name: "roadmap, words", path: "/feuille-de-route?q=permanences", list: true},
		{name: "roadmap, by news", path: "/feuille-de-route?tri=nouvelles", list: true},
		{name: "roadmap, last page", path: "/feuille-de-route?page=%d", list: true, target: []string{lastOfRoadmap}},
		{name: "roadmap, by title, last page", path: "/feuille-de-route?tri=titre&page=%d", list: true, target: []string{lastOfRoadmap}},
		{name: "action", path: "/feuille-de-route/actions/%d", list: true, target: []string{anActionInCourse}},
		{name: "action, from memory", path: "/feuille-de-route/actions/%d", cached: true, target: []string{anActionInCourse}},
		{name: "calendar", path: "/feuille-de-route/calendrier", list: true},
		{name: "editions", path: "/feuille-de-route/editions", list: true},
		{name: "commune", path: "/communes/33039", list: true},
		{name: "home", path: "/", list: true},
		{name: "home, from memory", path: "/", cached: true},
		{name: "search", path: "/recherche?q=permanences", list: true},
		{name: "search, rare words", path: "/recherche?q=reconditionn%C3%A9", list: true},
		{name: "team roadmap", path: "/equipe/feuille-de-route", email: team, list: true},
		{name: "team roadmap, last page", path: "/equipe/feuille-de-route?page=%d", email: team, list: true, target: []string{lastOfTeamRoadmap}},
		{name: "team roadmap, words", path: "/equipe/feuille-de-route?q=permanences", email: team, list: true},
		{name: "alerts", path: "/equipe/alertes", email: team, list: true},
		{name: "campaign desk", path: "/equipe/campagnes/%d", email: team, list: true, target: []string{theCampaign}},
		{name: "campaigns", path: "/equipe/campagnes", email: team, list: true},
		{name: "team programmes", path: "/equipe/programmes", email: team, list: true},
		{name: "funding", path: "/financements", email: partner, list: true},
		{name: "team dashboard", path: "/tableau-de-bord", email: team, list: true},
		{name: "mayor's home", path: "/tableau-de-bord", email: mayor, list: true},
		{name: "my actions", path: "/mes-actions", email: mayor, list: true},
	}
}

// BenchmarkRoadmapPages measures the pages of the roadmap as BenchmarkPages does, on the
// demonstration and with a hundred times its actions.
func BenchmarkRoadmapPages(b *testing.B) {
	for _, size := range []struct {
		name     string
		database func(testing.TB) string
	}{{"demo", smallRoadmap}, {"x100", grownRoadmap}} {
		for _, p := range roadmapBenchPages() {
			b.Run(p.name+"/"+size.name, func(b *testing.B) {
				benchPage(b, size.database(b), p.path, p.email, p.cached, p.target...)
			})
		}
	}
}

// BenchmarkRoadmapGrowth asks for each page, at 30 and at 3,000 actions by turns, as
// BenchmarkRegisterGrowth does.
func BenchmarkRoadmapGrowth(b *testing.B) {
	const turns = 60
	for _, p := range roadmapBenchPages() {
		if !p.list {
			continue
		}
		b.Run(p.name, func(b *testing.B) {
			var asks [2]func() time.Duration
			for i, database := range []string{smallRoadmap(b), grownRoadmap(b)} {
				asks[i] = registerAsker(b, database, p, false)
			}
			var took [2][]time.Duration
			for b.Loop() {
				for range turns {
					for i, ask := range asks {
						took[i] = append(took[i], ask())
					}
				}
			}
			var ms [2]float64
			for i := range took {
				slices.Sort(took[i])
				ms[i] = float64(took[i][len(took[i])/10].Microseconds()) / 1000
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(ms[0], "ms-at-30")
			b.ReportMetric(ms[1], "ms-at-3000")
			b.ReportMetric(ms[1]/ms[0], "ratio")
		})
	}
}
