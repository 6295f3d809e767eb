package governance

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/ui"
)

var today = day.Of(2026, time.November, 23)

func render(t testing.TB, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// contains checks that a page says each of the words, entities undone.
func contains(t testing.TB, html string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(html, w) {
			t.Errorf("the page does not say %q", w)
		}
	}
}

func line(i int, state governance.SeatState) governance.Line {
	l := governance.Line{Kind: governance.Structure, SeatLabel: fmt.Sprint("Siège ", i), OrganisationName: fmt.Sprintf("Association de l’Étoile %d", i),
		College: governance.Colleges[i%2], State: state}
	if state != governance.Vacant {
		l.Person, l.First, l.Last, l.Since, l.Counted = 7, "Maïwenn", fmt.Sprint("Le Goff-Étchegaray ", i), day.Of(2025, time.March, 1), true
		l.Alternate = "Sacha Exemple"
	}
	if state == governance.EndsSoon || state == governance.CarriedOver {
		l.TermEndsOn = day.Of(2026, time.December, 13)
	}
	return l
}

// gniPage is a page of 50 structures, in all states.
func gniPage() governance.BodyPage {
	b := governance.BodyPage{Code: governance.GNI, Name: "Groupe Numérique Inclusif", ShortName: "GNI", On: today, Today: today,
		Founding: governance.FoundingOf(governance.GNI), Counts: governance.Counts{Seats: 160, Vacant: 40, Persons: 120},
		Cadence:  governance.Cadence{Body: governance.GNI, Owed: 3, Held: 2, Missing: 1, LatestConvene: day.Of(2026, time.December, 26)},
		Matching: 160, Paging: postgres.Paging{Page: 2, Pages: 4, Total: 160}, Query: governance.BodyQuery{Page: 2},
	}
	g := governance.Group{Name: "Structures", Source: "quelques 160 structures locales", Counts: b.Counts}
	for i := range 50 {
		g.Lines = append(g.Lines, line(i, governance.SeatStates[i%4]))
	}
	b.Groups = []governance.Group{g}
	five := 5
	for _, k := range governance.SettingKeys {
		b.Settings = append(b.Settings, governance.Setting{Key: k, Value: &five, Source: governance.ByAnalogy, Note: "Délai des commissions consultatives"})
	}
	b.Settings[1].Value, b.Settings[1].Source, b.Settings[1].Note = nil, governance.NotSet, ""
	for i := range 3 {
		at := day.Of(2026, time.Month(2+4*i), 12).At(14, 0)
		b.Marks = append(b.Marks, governance.MeetingMark{Body: governance.GNI, StartsAt: at, EndsAt: at.Add(2 * time.Hour), State: governance.Held, Counts: true, Place: "hôtel de Bordeaux Métropole"})
	}
	return b
}

var chrome = ui.Chrome{Title: "Groupe Numérique Inclusif", Section: sectionBodies, Crumbs: crumbBodies, Path: "/instances/gni",
	Nav: []ui.NavItem{{Label: "Accueil", Href: "/"}, {Label: "Instances", Href: "/instances"}, {Label: "Communes", Href: "/communes"}, {Label: "Délibération", Href: "/deliberation"}, {Label: "Aide", Href: "/aide"}}}

func TestListPageIsLight(t *testing.T) {
	c := bodyPage(chrome, newBodyView(gniPage(), form.New()))
	html := render(t, c)
	t.Logf("50 rows: %d bytes", len(html))
	if len(html) >= 60_000 {
		t.Errorf("the page weighs %d bytes", len(html))
	}
	if n := strings.Count(html, `<tr><th scope="row">`); n != 50 {
		t.Errorf("%d rows", n)
	}
	contains(t, html, "51 à 100 sur 160", "?page=3", "échéance le", "Siège à pourvoir", "sans objet", "120 + 40 = 160")
}

// raced is set under the race detector, where a sync.Pool forgets on purpose.
var raced bool

func TestListPageAllocates(t *testing.T) {
	if raced {
		t.Skip("not measured under the race detector")
	}
	page, ctx := gniPage(), context.Background()
	v := newBodyView(page, form.New())
	rendered := testing.AllocsPerRun(100, func() {
		if err := bodyPage(chrome, v).Render(ctx, io.Discard); err != nil {
			t.Fatal(err)
		}
	})
	built := testing.AllocsPerRun(100, func() { newBodyView(page, form.New()) })
	t.Logf("50 rows: %.0f allocations to render, %.0f to make the view", rendered, built)
	if rendered > 150 {
		t.Errorf("rendering allocates %.0f times", rendered)
	}
}

func TestRowsEscape(t *testing.T) {
	for _, s := range []string{"", "Bègles", `<script>alert("x")</script>`, "a & b", "l'été", "<", "&amp;", "\u202f\u00a0", "\xff"} {
		if got, want := string(appendEscaped(nil, s)), templ.EscapeString(s); got != want {
			t.Errorf("%q gives %q, want %q", s, got, want)
		}
	}
	l := line(1, governance.InOffice)
	evil := `"><img src=x onerror=alert(1)>`
	l.OrganisationName, l.First, l.Last, l.Alternate, l.SeatLabel, l.INSEE = evil, evil, evil, evil, evil, evil
	g := groupView{Name: evil, Lines: []governance.Line{l}}
	if html := render(t, structuresTable(g)) + render(t, seatsTable(g)); strings.Contains(html, "<img") {
		t.Errorf("not escaped: %s", html)
	}
}

// The tags of the lean rows are those of the design system.
func TestRowsLookLikeTheDesignSystem(t *testing.T) {
	squeeze := func(s string) string { return strings.ReplaceAll(s, " ", "") }
	for _, s := range governance.SeatStates {
		want := squeeze(render(t, ui.Tag(StateKind(s), s.Label())))
		if got := squeeze(string(appendState(nil, &governance.Line{State: s}))); !strings.Contains(got, want) {
			t.Errorf("%s: got %s, want %s", s, got, want)
		}
	}
	v := bodyView{Export: "/instances/gni?q=a&le=2026-01-01", Facts: []fact{{Key: "A<", Value: "b&"}}}
	if got, want := squeeze(render(t, files(v))), squeeze(render(t, ui.ExportLinks(v.Export, "csv", "xlsx", "json"))); !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := squeeze(render(t, facts(v))), squeeze(render(t, ui.SummaryList([]ui.SummaryRow{{Key: "A<", Value: "b&"}}))); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, p := range []pagerView{{}, {1, 1, "/a?page=", "x"}, {2, 4, "/a?b=c&page=", "x < y"}, {1, 12, "/a?page=", "x"}, {6, 12, "/a?page=", "x"}, {12, 12, "/a?page=", "x"}} {
		want := squeeze(render(t, ui.Pagination(ui.Pager{Current: p.Current, Last: p.Last, Base: p.Base, Summary: p.Summary})))
		if got := squeeze(render(t, pager(p))); got != want && p.Summary != "" && p.Last > 1 {
			t.Errorf("%+v: got %s, want %s", p, got, want)
		}
	}
	for _, k := range []ui.Kind{ui.OK, ui.Warn, ui.Err, ui.Info, ui.Neutral} {
		if got, want := squeeze(string(appendTag(nil, k, "a<b"))), squeeze(render(t, ui.Tag(k, "a<b"))); got != want {
			t.Errorf("%s: got %s, want %s", k, got, want)
		}
	}
	for _, d := range []day.Day{today, day.Of(2026, time.May, 1)} {
		if got := strings.ReplaceAll(string(appendDay(nil, d)), french.NBSP, " "); got != french.ShortDate(d) {
			t.Errorf("got %s", got)
		}
	}
}

func cmtinPage() governance.BodyPage {
	b := governance.BodyPage{Code: governance.CMTIN, Name: "Comité métropolitain territorial pour l’inclusion numérique", On: today, Today: today,
		Founding: governance.FoundingOf(governance.CMTIN), Counts: governance.Counts{Seats: 4, Vacant: 1, Persons: 2},
		Cadence: governance.Cadence{Body: governance.CMTIN, Owed: 1, Missing: 1, Late: true, LatestConvene: day.Of(2026, time.November, 1)}}
	mayor := governance.Line{Kind: governance.Mayor, SeatLabel: "Maire de Bègles", INSEE: "33039", Person: 9, First: "Alix", Last: "Exemple",
		Since: day.Of(2026, time.March, 28), State: governance.CarriedOver, TermEndsOn: day.Of(2026, time.October, 1), Counted: true}
	again := mayor
	again.Kind, again.SeatLabel, again.INSEE, again.Counted = governance.Partner, "", "", false
	again.OrganisationName = strings.Repeat("Très longue dénomination ", 8)
	b.Chair = &governance.Line{Kind: governance.President, SeatLabel: "Présidente de Bordeaux Métropole", State: governance.Vacant}
	b.Groups = []governance.Group{
		{Name: "Présidence", Source: "présidé par", Chairs: true, Counts: governance.Counts{Seats: 1, Vacant: 1}, Lines: []governance.Line{*b.Chair}},
		{Name: "Maires", Source: "les Maires", Counts: governance.Counts{Seats: 2, Persons: 2}, Lines: []governance.Line{mayor, mayor}},
		{Name: "Partenaires institutionnels", Source: "les membres", Counts: governance.Counts{Seats: 1}, CountedAbove: 1, Lines: []governance.Line{again}},
		{Name: "Représentants du GNI", Source: "dix représentants"},
	}
	at := day.Of(2026, time.June, 2).At(9, 30)
	b.Marks = []governance.MeetingMark{{Body: governance.CMTIN, StartsAt: at, EndsAt: at.Add(time.Hour), State: governance.Held}}
	return b
}

func TestEveryStateIsSaid(t *testing.T) {
	html := render(t, bodyPage(chrome, newBodyView(cmtinPage(), form.New())))
	contains(t, html, "Siège à pourvoir", "Prolongé", "échéance le 1er\u00a0oct.\u00a02026", "(déjà comptée)",
		"2 + 1 + 1 = 4", "1\u00a0siège de présidence, 2\u00a0maires, 1\u00a0partenaire institutionnel et 0\u00a0représentant du GNI",
		"En retard", "le dernier jour pour convoquer, le 1er novembre 2026, est passé", "Ne compte pas", "Aucun siège dans ce groupe",
		`href="/communes/33039"`, "Aucune date fixée", "/deliberation#cmtin", "Très longue")
}

func TestAnotherDay(t *testing.T) {
	b := gniPage()
	b.On = day.Of(2025, time.March, 6)
	b.Query = governance.BodyQuery{On: b.On, Q: "l’étoile & co", College: governance.SocialAction, Page: 2}
	html := render(t, bodyPage(chrome, newBodyView(b, form.New())))
	contains(t, html, "Composition au jeudi 6 mars 2025", `value="06/03/2025"`, "/instances/gni.csv?college=action_sociale&amp;le=2025-03-06&amp;q=l%E2%80%99%C3%A9toile+%26+co",
		"&amp;page=3", `href="/instances/gni?le=2025-03-06"`, "/differences?du=2025-03-06")
	b.Groups[0].Lines, b.Paging, b.Matching = nil, postgres.Paging{Page: 1, Pages: 1}, 0
	contains(t, render(t, bodyPage(chrome, newBodyView(b, form.New()))), "Aucune structure ne répond à ces critères", "Effacer les filtres")
	b.On = day.Of(2024, time.December, 6)
	contains(t, render(t, bodyPage(chrome, newBodyView(b, form.New()))), "le rythme annuel se compte à partir de 2025")
}

func TestBeforeFounding(t *testing.T) {
	b := governance.BodyPage{Code: governance.Communes, Name: "Comité des communes", On: day.Of(2024, time.March, 3), Today: today, BeforeFounding: true,
		Founding: governance.FoundingOf(governance.Communes)}
	contains(t, render(t, beforePage(chrome, newBodyView(b, form.New()))), "Le 3 mars 2024, cette instance n’existait pas encore", "/instances/communes?le=2024-12-06")
}

func tiles() []governance.CommuneTile {
	return []governance.CommuneTile{
		{INSEE: "33487", Name: "Saint-Vincent-de-Paul", Abbr: "SVP", Row: 1, Col: 5, Population: 1016, State: governance.Vacant},
		{INSEE: "33069", Name: "Le Bouscat", Abbr: "BOU", Row: 5, Col: 3, Population: 24262, Mayor: "Alix <b>Exemple</b>", State: governance.EndsSoon},
		{INSEE: "33075", Name: "Bruges", Abbr: "BRU", Row: 4, Col: 4, Population: 20382, Mayor: "Dominique Exemple", State: governance.InOffice},
		{INSEE: "33004", Name: "Ambès", Abbr: "AMS", Row: 1, Col: 4, Population: 3291, Mayor: "Sacha Exemple", State: governance.CarriedOver},
	}
}

func homeValues() governance.Home {
	h := governance.Home{Today: today}
	for i, code := range governance.BodyCodes {
		h.Bodies = append(h.Bodies, governance.HomeBody{Code: code, Name: "Instance " + code.Label(), ShortName: code.Label(),
			Counts: governance.Counts{Seats: 10 * (i + 1), Vacant: i}, Cadence: governance.Cadence{Body: code, Owed: i + 1, Held: i, Missing: 1,
				Late: i == 1, LatestConvene: day.Of(2026, time.November, 20+i)}})
	}
	at := day.Of(2026, time.November, 26).At(14, 0)
	m := governance.MeetingMark{ID: 8, Body: governance.GNI, StartsAt: at, EndsAt: at.Add(150 * time.Minute), Place: "hôtel", State: governance.Convened}
	h.Marks, h.Next = []governance.MeetingMark{m}, []governance.MeetingMark{m}
	return h
}

func TestHome(t *testing.T) {
	html := render(t, homePage(ui.Chrome{Title: homeTitle, Path: "/"}, newHomeView(homeValues(), tiles())))
	contains(t, html, "En retard", "Date à fixer", "jeudi 26 novembre 2026, de 14\u00a0h à 16\u00a0h\u00a030, hôtel", `href="/instances/gni"`, `href="/reunions/8"`,
		`href="/communes/33069"`, "Alix &lt;b&gt;Exemple&lt;/b&gt;", "à convoquer au plus tard le 22 novembre 2026")
	h := homeValues()
	h.Marks, h.Next = nil, nil
	contains(t, render(t, homePage(chrome, newHomeView(h, nil))), "Aucune date n’est fixée")
}

func TestCommunesAreSortedAsAFrenchReaderLooks(t *testing.T) {
	v := newCommunesView(tiles())
	var got []string
	for _, r := range v.Rows {
		got = append(got, r.Name)
	}
	if s := strings.Join(got, ", "); s != "Ambès, Le Bouscat, Bruges, Saint-Vincent-de-Paul" {
		t.Error(s)
	}
	if v.Map.Tiles[0].Name != "Ambès" || v.Map.Tiles[1].Name != "Saint-Vincent-de-Paul" {
		t.Error("the map is not in the order of reading")
	}
	contains(t, render(t, communesPage(chrome, v)), "3\u00a0sièges sont pourvus, 1\u00a0reste à pourvoir", "Aucun titulaire", "/communes.csv")
}

func TestCommune(t *testing.T) {
	c := governance.CommunePage{INSEE: "33069", Name: "Le Bouscat", Population: 24262, SIREN: "213300692", Today: today, Delegates: 2,
		Mayor: &governance.Line{SeatLabel: "Maire du Bouscat", State: governance.Vacant},
		Past:  []governance.PastMandate{{Kind: governance.Alternate, From: day.Of(2025, time.March, 1), Until: day.Of(2026, time.March, 28), Designation: "Élue"}}}
	html := render(t, communePage(chrome, newCommuneView(c)))
	contains(t, html, "Maire du Bouscat", "Siège à pourvoir", "2\u00a0personnes sont désignées", "27 mars 2026", "suppléance", "213\u202f300\u202f692")
	c.Past, c.Mayor.Person, c.Mayor.First, c.Mayor.Last, c.Mayor.State = nil, 4, "Alix", "Exemple", governance.InOffice
	contains(t, render(t, communePage(chrome, newCommuneView(c))), "Alix Exemple", "En cours")
	c.Mayor = nil
	contains(t, render(t, communePage(chrome, newCommuneView(c))), "Siège fermé", "Aucun mandat n’est enregistré")
}

func TestDifferences(t *testing.T) {
	partner := func(i int, state governance.SeatState) governance.Line {
		l := line(i, state)
		l.Kind = governance.Partner
		return l
	}
	before, after := partner(1, governance.InOffice), partner(1, governance.InOffice)
	after.First, after.Alternate = "Noa", ""
	d := governance.Differences{Body: governance.CMTIN, From: day.Of(2024, time.January, 1), To: today,
		Entered: []governance.Line{after}, Vacated: []governance.Line{before}, Left: []governance.Line{before, partner(2, governance.Vacant)},
		Opened: []governance.Line{partner(3, governance.Vacant)}, Replaced: []governance.Change{{Before: before, After: after}},
		Alternates: []governance.Change{{Before: before, After: after}, {Before: after, After: before}, {Before: before, After: before}}}
	html := render(t, differencesPage(chrome, newDifferencesView(d, form.New())))
	contains(t, html, "9\u00a0changements", "Noa Le Goff", "remplace Maïwenn", "n’assure plus la suppléance", "assure désormais la suppléance",
		"à la suppléance du siège", "attend son titulaire", "qui était vacant", "n’existait pas", `value="23/11/2026"`)
	// For the GNI the public is told which structures, not who speaks for them.
	a, b := line(1, governance.InOffice), line(1, governance.InOffice)
	d = governance.Differences{Body: governance.GNI, From: today.AddDays(-9), To: today, Entered: []governance.Line{a}, Vacated: []governance.Line{a},
		Left: []governance.Line{a}, Replaced: []governance.Change{{Before: a, After: b}}, Alternates: []governance.Change{{Before: a, After: b}}}
	html = render(t, differencesPage(chrome, newDifferencesView(d, form.New())))
	contains(t, html, "La structure siège", "Une autre personne représente", "le siège est à pourvoir", "n’y siège plus", "La suppléance de la structure")
	if strings.Contains(html, "Le Goff") {
		t.Error("the differences of the GNI name a structure's person")
	}
	d = governance.Differences{Body: governance.GNI, From: today.AddDays(-1), To: today}
	contains(t, render(t, differencesPage(chrome, newDifferencesView(d, form.New()))), "Rien n’a changé entre le 22 novembre 2026 et le 23 novembre 2026")
}

func TestDeliberation(t *testing.T) {
	traced := governance.Traced{Today: today, Commitments: []governance.Commitment{
		{Key: "creation", Title: "Créer", Quote: "D’autoriser", Where: "Là.", Path: "/instances", State: "4 instances"},
		{Key: "gni-rythme", Title: "Réunir", Quote: "3 fois", Where: "Ici.", Path: "/instances/gni", State: "2 sur 3"},
		{Key: "gni-autre", Title: "Autre", Quote: "Autre", Where: "Rappel.", Path: "/instances/gni"},
		{Key: "nouvelle", Title: "Nouvelle partie", Quote: "Plus tard", Where: "Pas encore."}}}
	html := render(t, deliberationPage(chrome, newDeliberationView(traced)))
	contains(t, html, `id="gni"`, `id="gni-rythme"`, "Pas encore dans le portail", "Rappelé", "2\u00a0engagements sur 4", "Nouvelle partie")
}

// Every page we write keeps French typography: no mark after a breaking space, no
// typewriter apostrophe, no address of another site.
func TestTypography(t *testing.T) {
	pages := map[string]string{
		"home":         render(t, homePage(chrome, newHomeView(homeValues(), tiles()))),
		"gni":          render(t, bodyPage(chrome, newBodyView(gniPage(), form.New()))),
		"cmtin":        render(t, bodyPage(chrome, newBodyView(cmtinPage(), form.New()))),
		"before":       render(t, beforePage(chrome, newBodyView(governance.BodyPage{Code: governance.GNI, BeforeFounding: true, On: today}, form.New()))),
		"bodies":       render(t, bodiesPage(chrome, newBodyCards(summaries()))),
		"communes":     render(t, communesPage(chrome, newCommunesView(tiles()))),
		"commune":      render(t, communePage(chrome, newCommuneView(governance.CommunePage{Name: "Bègles"}))),
		"differences":  render(t, differencesPage(chrome, newDifferencesView(governance.Differences{Body: governance.GNI, From: today, To: today}, form.New()))),
		"deliberation": render(t, deliberationPage(chrome, newDeliberationView(governance.Traced{Today: today, Commitments: []governance.Commitment{{Key: "creation", Quote: "x"}}}))),
	}
	tags := regexp.MustCompile(`<[^>]*>`)
	bad := regexp.MustCompile(`.{0,20}(?: [:;!?%»]|« |[a-zé](?:'|&#39;)[a-zé]|\.\.\.|n° ).{0,20}`)
	for name, html := range pages {
		html, _, _ = strings.Cut(html, `<footer class="site-foot">`) // the layout has its own tests
		if m := bad.FindString(tags.ReplaceAllString(html, "")); m != "" {
			t.Errorf("%s: %q", name, m)
		}
		if strings.Count(html, "<h1") != 1 {
			t.Errorf("%s: %d h1", name, strings.Count(html, "<h1"))
		}
		if strings.Contains(html, "style=") || strings.Contains(html, "https://") {
			t.Errorf("%s: inline style or foreign address", name)
		}
		ids := map[string]bool{}
		for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(html, -1) {
			if ids[m[1]] {
				t.Errorf("%s: id %q twice", name, m[1])
			}
			ids[m[1]] = true
		}
	}
}

func summaries() []governance.BodySummary {
	var out []governance.BodySummary
	for i, code := range governance.BodyCodes {
		b := governance.BodySummary{Code: code, Counts: governance.Counts{Seats: 3, Vacant: 1}, Cadence: governance.Cadence{Body: code, Owed: 1, Held: i % 2}}
		if code != governance.GNI {
			b.Chair = &governance.Chairman{}
		}
		out = append(out, b)
	}
	return out
}

func TestBodies(t *testing.T) {
	s := summaries()
	at := day.Of(2026, time.December, 10).At(9, 30)
	s[0].Chair = &governance.Chairman{Person: 1, First: "Alix", Last: "Exemple"}
	s[0].Next = &governance.MeetingMark{Body: governance.CMTIN, StartsAt: at, EndsAt: at.Add(time.Hour)}
	s[1].Last = s[0].Next
	s[2].Cadence.Missing, s[2].Cadence.LatestConvene = 1, day.Of(2026, time.December, 26)
	contains(t, render(t, bodiesPage(chrome, newBodyCards(s))), "Alix Exemple", "siège à pourvoir", "jeudi 10 décembre 2026, de 9\u00a0h\u00a030 à 10\u00a0h\u00a030",
		"Aucune encore tenue", "Aucune date fixée", "À jour", "Date à fixer", "en 2026")
}
