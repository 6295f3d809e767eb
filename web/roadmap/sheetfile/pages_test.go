package sheetfile_test

import (
	"bytes"
	"cmp"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/roadmaptest"
	"bordeaux-metropole.fr/portal/internal/roadmap/sheetfile"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/page/pagetest"
	pages "bordeaux-metropole.fr/portal/web/roadmap/sheetfile"
)

const list = "/equipe/feuille-de-route"

// site is these pages over a small roadmap.
type site struct {
	*pagetest.Site
	w *roadmaptest.World
	s *sheetfile.Service
}

func newSite(t *testing.T) *site {
	t.Helper()
	w := roadmaptest.New(t)
	s := &site{pagetest.New(t), w, sheetfile.New(w.DB)}
	s.Actor = w.Team
	p := &pages.Pages{Kit: s.Kit, Files: s.s}
	const one = list + "/import/{id:[0-9]+}"
	s.Handle(http.MethodGet, list+"/export.{ext:(csv|xlsx)}", p.ExportFile)
	s.Handle(http.MethodGet, list+"/modele.xlsx", p.ModelFile)
	s.Handle(http.MethodGet, list+"/import", p.ShowUpload)
	s.Handle(http.MethodPost, list+"/import", p.Upload)
	s.Handle(http.MethodGet, one, p.ShowPreview)
	s.Handle(http.MethodPost, one, p.Apply)
	s.Handle(http.MethodGet, one+"/bilan", p.ShowReport)
	return s
}

// send uploads a file and returns where it leads, or the page.
func (s *site) send(name, content string, status int) string {
	s.T.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	f, err := m.CreateFormFile("fichier", name)
	if err == nil {
		_, err = f.Write([]byte(content))
	}
	if err = cmp.Or(err, m.Close()); err != nil {
		s.T.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, list+"/import", &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	w := s.Do(r)
	if w.Code != status {
		s.T.Fatalf("upload: %d, wanted %d\n%s", w.Code, status, w.Body)
	}
	if status == http.StatusSeeOther {
		return w.Header().Get("Location")
	}
	return w.Body.String()
}

var seen = regexp.MustCompile(`name="vu" value="([0-9a-f]{64})"`)

func stamp(t testing.TB, body string) string {
	t.Helper()
	m := seen.FindStringSubmatch(body)
	if m == nil {
		t.Fatal("the preview has no stamp")
	}
	return m[1]
}

const head = "Type de ligne;N° de l’action;Axe;Titre;Texte;Pilote;Instance de suivi;Communes;Partenaires;Début;Fin;Année;Nature;Prévu (€);Obtenu (€);Dépensé (€);Valeur;Date;Source;Inconnue\n"

// row is a line of a file, by the headings of its columns.
func row(pairs ...string) string {
	cells := strings.Split(strings.TrimSpace(head), ";")
	for i, h := range cells {
		cells[i] = ""
		for n := 0; n < len(pairs); n += 2 {
			if pairs[n] == h {
				cells[i] = `"` + pairs[n+1] + `"`
			}
		}
	}
	return strings.Join(cells, ";")
}

// TestImportByHand takes a file with a good action, one with errors and one the
// roadmap holds already: each cell is told, the good one goes in alone, once.
func TestImportByHand(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	file := head + strings.Join([]string{
		row("Type de ligne", "axe", "Axe", "Coopérer", "Texte", "Un texte", "Inconnue", "x"),
		row("Type de ligne", "action", "N° de l’action", "90", "Axe", "Coopérer", "Titre", "Partager les salles", "Pilote", "Caisse Exemple", "Instance de suivi", "GNI",
			"Communes", "Begles ; pessac", "Partenaires", "Bordeaux Métropole", "Début", "01/02/2027", "Fin", "31/12/2027"),
		row("Type de ligne", "budget", "Année", "2027", "Nature", "Fonctionnement", "Prévu (€)", "12 000,50 €", "Obtenu (€)", "13000"),
		row("Type de ligne", "total", "Prévu (€)", "12 000"),
		row("Type de ligne", "indicateur", "N° de l’action", "90", "Titre", "Salles", "Valeur", "1,25", "Date", "31/12/2026"),
		row("Type de ligne", "cible", "N° de l’action", "90", "Titre", "Salles", "Année", "2027", "Valeur", "12,5"),
		row("Type de ligne", "valeur", "N° de l’action", "n° 90", "Valeur", "3", "Date", "31/03/2027", "Source", "Relevé"),
		row("Type de ligne", "action", "N° de l’action", "1", "Axe", "Coopérer", "Titre", "Autre titre", "Instance de suivi", "GNI"),
		row("Type de ligne", "étape", "N° de l’action", "1", "Titre", "Une étape"),
		row("Type de ligne", "action", "N° de l’action", "91", "Axe", "Nulle part", "Titre", "Fausse", "Pilote", "Caisse Exempl", "Instance de suivi", "Parlement",
			"Communes", "Paris", "Début", "31/12/2027", "Fin", "01/01/2027"),
		row("Type de ligne", "tarte"), row("Type de ligne", "étape", "N° de l’action", "777", "Titre", "Perdue")}, "\n")
	to := s.send("plan.csv", file, http.StatusSeeOther)
	body := s.Get(to, http.StatusOK)
	s.Holds(body, "Rien n’est encore enregistré.", "Cet axe n’existe pas", "n’est pas dans le portail. Est-ce «\u00a0Caisse Exemple\u00a0»", "Écrivez CMTIN", "«\u00a0Paris\u00a0»",
		"La fin doit suivre le début.", "dépasse le montant prévu", "Ce total ne concorde pas", "12\u202f000,50", "Dites ce qu’est cette ligne", "Aucune ligne «\u00a0action\u00a0» de ce fichier",
		"Cette colonne n’est pas du modèle", "Action n°\u00a01\u00a0:", "Sera ajoutée", "En erreur", "Ligne 11")
	s.Holds(s.Post(to, http.StatusUnprocessableEntity, "vu", stamp(t, body), "choix", "tout"), "Le fichier contient des erreurs")
	s.Post(to, http.StatusUnprocessableEntity, "vu", stamp(t, body))
	s.Post(to, http.StatusConflict, "vu", strings.Repeat("0", 64), "choix", "correctes")
	if report := s.Post(to, http.StatusSeeOther, "vu", stamp(t, body), "choix", "correctes"); report != to+"/bilan" {
		t.Fatalf("leads to %s", report)
	}
	s.Holds(s.Get(to+"/bilan", http.StatusOK), "Partager les salles")
	id, err := postgres.Value[roadmap.ID](t.Context(), s.w.DB, `SELECT id FROM roadmap_action WHERE number = 90`)
	if err != nil {
		t.Fatal(err)
	}
	a := s.w.Whole(id)
	if a.Axis != "Coopérer" || len(a.Communes) != 2 || a.Partners[0].Name != "Bordeaux Métropole" || a.Budget[0].Planned != 12_000_50 ||
		*a.Indicators[0].Baseline != 1_2500 || a.Indicators[0].Targets[0].Value != 12_5000 || a.Indicators[0].Readings[0].Source != "Relevé" || a.Status != roadmap.Proposed {
		t.Errorf("written: %+v", a)
	}
	// Twice is once: the page of the import leads to what it did, the file again adds nothing.
	if again := s.Post(to, http.StatusSeeOther, "vu", stamp(t, body), "choix", "correctes"); again != to+"/bilan" {
		t.Errorf("applied again: %s", again)
	}
	again := s.Get(s.send("plan.csv", strings.Split(file, `"action";"91"`)[0], http.StatusSeeOther), http.StatusOK)
	s.Holds(again, "tout est déjà dans la feuille de route")

	s.Actor = s.w.MayorBegles
	s.Get(to, http.StatusForbidden)
	s.Get(list+"/export.csv", http.StatusForbidden)
}

// TestBadFiles are refused on the page of the file; the model imports nothing.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for content, want := range map[string]string{"": "vide", "a;b\n1;2\n": "Type de ligne", "%PDF-1.7": "ni un CSV"} {
		if body := s.send("f", content, http.StatusUnprocessableEntity); !strings.Contains(body, want) {
			t.Errorf("%q: the page lacks %q", content, want)
		}
	}
	s.send("f", strings.Repeat("x", 11<<20), http.StatusRequestEntityTooLarge)
	s.Holds(s.Post(list+"/import", http.StatusUnprocessableEntity), "Choisissez un fichier")
	s.Get(list+"/import/424242", http.StatusNotFound)
	s.Get(list+"/export.json", http.StatusNotFound)
	model := s.Do(httptest.NewRequest(http.MethodGet, list+"/modele.xlsx", nil))
	body := s.Get(s.send("modele.xlsx", model.Body.String(), http.StatusSeeOther), http.StatusOK)
	s.Holds(body, "7\u00a0lignes d’exemple ne sont pas lues", "Ce fichier n’ajoute rien")
	s.Holds(s.Get(list+"/import", http.StatusOK), "Exporter la feuille de route")
	if _, err := s.w.DB.Exec(t.Context(), `UPDATE roadmap_import SET made_at = now() - interval '25 hours'`); err != nil {
		t.Fatal(err)
	}
	if n, err := s.s.Prune(t.Context()); err != nil || n != 1 {
		t.Error(n, err)
	}
}

// bring exports, empties and imports a roadmap.
func bring(t testing.TB, s *sheetfile.Service, db postgres.DB, by access.Actor, format export.Format) {
	t.Helper()
	var b bytes.Buffer
	rows, err := s.Export(t.Context(), by)
	if err == nil {
		err = export.Write(&b, format, pages.Table(format, "Essai", rows))
	}
	if err != nil {
		t.Fatal(err)
	}
	empty(t, db)
	id, err := s.Upload(t.Context(), by, "f", &b)
	if err != nil {
		t.Fatal(err)
	}
	_, p, err := s.Preview(t.Context(), by, id)
	if err != nil || len(p.Errors) > 0 {
		t.Fatalf("%v %+v", err, p.Errors)
	}
	if _, _, err := s.Apply(t.Context(), by, id, sheetfile.Choice{Seen: p.Stamp}); err != nil {
		t.Fatal(err)
	}
}

func empty(t testing.TB, db postgres.DB) {
	t.Helper()
	for _, sql := range []string{`DELETE FROM roadmap_action`, `DELETE FROM axis`} {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
}

// wholes reads the roadmap without what no file carries: ids, versions, instants.
func wholes(t testing.TB, db postgres.DB) []roadmap.Whole {
	t.Helper()
	ids, err := postgres.Values[roadmap.ID](t.Context(), db, `SELECT id FROM roadmap_action`)
	if err != nil {
		t.Fatal(err)
	}
	all, err := roadmap.ReadWhole(t.Context(), db, ids)
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		a := &all[i]
		a.ID, a.AxisID, a.ChangedAt, a.Version, a.LastNewsAt = 0, 0, time.Time{}, 0, nil
		for j := range a.Communes {
			a.Communes[j].Action = 0
		}
		for j := range a.Partners {
			a.Partners[j].Action = 0
		}
		for j := range a.Steps {
			a.Steps[j].ID, a.Steps[j].Action = 0, 0
		}
		for j := range a.Budget {
			a.Budget[j].ID, a.Budget[j].Action = 0, 0
		}
		// Two lines that sort alike come in the order of their ids.
		slices.SortFunc(a.Budget, func(x, y roadmap.Line) int { return cmp.Compare(fmt.Sprint(x), fmt.Sprint(y)) })
		for j := range a.Indicators {
			in := &a.Indicators[j]
			in.ID, in.Action = 0, 0
			for k := range in.Targets {
				in.Targets[k].Indicator = 0
			}
			for k := range in.Readings {
				in.Readings[k].ID, in.Readings[k].Indicator, in.Readings[k].By = 0, 0, ""
			}
		}
	}
	return all
}

// TestRoundTrip: what is exported and imported elsewhere is what it was.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	w := roadmaptest.New(t)
	// Two organisations of one name, and two people.
	var orgs []roadmap.OrganisationID
	var people []access.PersonID
	for _, name := range []string{"Les Homonymes", "Les homonymes", "=Somme ; et points", "'Guillemet"} {
		id, err := postgres.Value[roadmap.OrganisationID](t.Context(), w.DB, `INSERT INTO organisation (kind, name) VALUES ('structure', $1) RETURNING id`, name)
		if err != nil {
			t.Fatal(err)
		}
		orgs = append(orgs, id)
	}
	for range 2 {
		id, err := postgres.Value[access.PersonID](t.Context(), w.DB, `INSERT INTO person (first_name, last_name) VALUES ('Sacha', 'Homonyme') RETURNING id`)
		if err != nil {
			t.Fatal(err)
		}
		people = append(people, id)
	}
	orgs = append(orgs, w.Partner, w.Metropole, w.Begles)
	towns := []roadmap.OrganisationID{w.Begles, w.Pessac, w.Bordeaux}
	service := sheetfile.New(w.DB)
	rapid.Check(t, func(rt *rapid.T) {
		empty(t, w.DB)
		g := generator{rt, orgs, towns, people}
		titles := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"Accompagner", "Équiper", "=1+1", "Outiller ; former"}), 1, 3, rapid.ID).Draw(rt, "axes")
		axes := make([]roadmap.Axis, len(titles))
		for i, title := range titles {
			axes[i] = roadmap.Axis{Title: title, Strategy: g.text("strategy")}
		}
		ids, err := roadmap.InsertAxes(t.Context(), w.DB, axes)
		if err != nil {
			t.Fatal(err)
		}
		var all []roadmap.Whole
		for i := range rapid.IntRange(1, 4).Draw(rt, "actions") {
			a := g.whole(ids)
			if g.yes("numbered") {
				a.Number = 1000 + i*7
			}
			all = append(all, a)
		}
		if _, err := roadmap.Insert(t.Context(), w.DB, w.Team, all); err != nil {
			t.Fatalf("%v %+v", err, all)
		}
		before := wholes(t, w.DB)
		bring(t, service, w.DB, w.Team, rapid.SampledFrom([]export.Format{export.CSV, export.XLSX}).Draw(rt, "format"))
		after := wholes(t, w.DB)
		if !reflect.DeepEqual(before, after) {
			rt.Fatalf("was\n%+v\nis\n%+v", before, after)
		}
	})
}

// generator makes actions that the schema takes, of texts that files find hard.
type generator struct {
	*rapid.T
	orgs, towns []roadmap.OrganisationID
	people      []access.PersonID
}

func (g generator) yes(name string) bool { return rapid.Bool().Draw(g.T, name) }

func (g generator) text(name string) string {
	return rapid.SampledFrom([]string{"", "Un texte", "=1+1", "'=x", "''", "-2", "+33 5", "@a", "a;b", "a ;; b;", "« guillemets » \"droits\"", "deux\nlignes", "12", "1.250",
		"31/12/2026", "oui", "＝x", "'＋", "toutes", "Éà œ — …"}).Draw(g.T, name)
}

func (g generator) some(name string) string {
	if s := g.text(name); s != "" {
		return s
	}
	return "Quelque chose"
}

func (g generator) day(name string) day.Day {
	return day.Of(2024, 1, 1).AddDays(rapid.IntRange(0, 2000).Draw(g.T, name))
}

func (g generator) number(name string) roadmap.Number {
	return roadmap.Number(rapid.Int64Range(-9_999_999_999_9999, 9_999_999_999_9999).Draw(g.T, name))
}

func (g generator) cents(name string) roadmap.Cents {
	return roadmap.Cents(rapid.Int64Range(0, int64(roadmap.MaxAmount)).Draw(g.T, name))
}

func (g generator) whole(axes []roadmap.AxisID) roadmap.Whole {
	w := roadmap.Whole{Action: roadmap.Action{AxisID: rapid.SampledFrom(axes).Draw(g.T, "axis"), Title: g.some("title"), Objective: g.text("objective"),
		Body: rapid.SampledFrom(governance.BodyCodes).Draw(g.T, "body"), Audience: g.text("audience"), FNE: g.text("fne"),
		Priority: rapid.SampledFrom(roadmap.Priorities).Draw(g.T, "priority"), Status: rapid.SampledFrom(roadmap.Statuses).Draw(g.T, "status"),
		StatusReason: g.some("reason"), StatusSince: g.day("since"), Validation: g.text("validation"), AllCommunes: g.yes("all")}}
	if g.yes("pilot") {
		w.PilotID = rapid.SampledFrom(g.orgs).Draw(g.T, "pilot of")
		w.PilotPersonID = rapid.SampledFrom(g.people).Draw(g.T, "person")
	}
	if g.yes("proposed") {
		w.ProposedBy, w.ProposerID = governance.GNI, rapid.SampledFrom(g.orgs).Draw(g.T, "proposer")
	}
	if g.yes("confidence") {
		w.Confidence = rapid.SampledFrom(roadmap.Confidences).Draw(g.T, "level")
	}
	if g.yes("dates") {
		w.StartsOn = g.day("start")
		w.EndsOn = w.StartsOn.AddDays(rapid.IntRange(0, 900).Draw(g.T, "length"))
	}
	if w.Status != roadmap.Proposed && (w.Status != roadmap.Abandoned || g.yes("validated")) {
		w.ValidatedOn = g.day("validated on")
	}
	if g.yes("percent") {
		n := rapid.IntRange(0, 10).Draw(g.T, "tens") * 10
		if w.Status == roadmap.Done {
			n = 100
		}
		w.Percent = &n
	}
	if !w.AllCommunes {
		for _, id := range rapid.SliceOfDistinct(rapid.SampledFrom(g.towns), rapid.ID).Draw(g.T, "communes") {
			w.Communes = append(w.Communes, roadmap.Party{ID: id})
		}
	}
	for _, id := range rapid.SliceOfDistinct(rapid.SampledFrom(g.orgs), rapid.ID).Draw(g.T, "partners") {
		w.Partners = append(w.Partners, roadmap.Party{ID: id, Part: g.text("part")})
	}
	g.lines(&w)
	return w
}

func (g generator) lines(w *roadmap.Whole) {
	for range rapid.IntRange(0, 3).Draw(g.T, "steps") {
		s := roadmap.Step{Title: g.some("step"), Milestone: g.yes("milestone")}
		if s.Milestone || g.yes("due") {
			s.DueOn = g.day("due on")
		}
		if g.yes("done") {
			s.DoneOn = g.day("done on")
		}
		w.Steps = append(w.Steps, s)
	}
	for _, year := range rapid.SliceOfNDistinct(rapid.IntRange(2020, 2100), 0, 3, rapid.ID).Draw(g.T, "years") {
		l := roadmap.Line{Year: year, Nature: rapid.SampledFrom(roadmap.Natures).Draw(g.T, "nature"), Planned: g.cents("planned"), Obtained: g.cents("obtained"),
			Spent: g.cents("spent"), Note: g.text("note"), FunderName: g.text("funder")}
		if g.yes("known funder") {
			l.FunderName, l.FunderID = "", rapid.SampledFrom(g.orgs).Draw(g.T, "funder of")
		}
		w.Budget = append(w.Budget, l)
	}
	for range rapid.IntRange(0, 3).Draw(g.T, "indicators") {
		in := roadmap.Indicator{Name: g.some("indicator"), Unit: g.text("unit"), Method: g.text("method"), Direction: rapid.SampledFrom(roadmap.Directions).Draw(g.T, "direction"), ByCommune: g.yes("by commune")}
		if g.yes("baseline") {
			n := g.number("base")
			in.Baseline, in.BaselineOn = &n, g.day("base on")
		}
		for _, year := range rapid.SliceOfNDistinct(rapid.IntRange(2020, 2100), 0, 3, rapid.ID).Draw(g.T, "targets") {
			in.Targets = append(in.Targets, roadmap.Target{Year: year, Value: g.number("target")})
		}
		for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 900), 0, 3, rapid.ID).Draw(g.T, "readings") {
			in.Readings = append(in.Readings, roadmap.Reading{On: day.Of(2025, 1, 1).AddDays(n), Value: g.number("reading"), Source: g.some("source")})
		}
		w.Indicators = append(w.Indicators, in)
	}
}

// BenchmarkImport3000 exports and imports 3,000 actions with all their lines.
func BenchmarkImport3000(b *testing.B) {
	w := roadmaptest.New(b)
	base := roadmap.Number(0)
	all := make([]roadmap.Whole, 3000)
	for i := range all {
		all[i] = roadmap.Whole{Action: roadmap.Action{AxisID: w.Axes[i%3], Title: fmt.Sprintf("Action %d", i), Body: governance.GNI, PilotID: w.Partner, AllCommunes: i%5 == 0},
			Communes: []roadmap.Party{{ID: w.Begles}}, Partners: []roadmap.Party{{ID: w.Metropole}}}
		for n := range 4 {
			all[i].Steps = append(all[i].Steps, roadmap.Step{Title: "Étape"})
			all[i].Budget = append(all[i].Budget, roadmap.Line{Year: 2026 + n, Nature: roadmap.Running, FunderID: w.Partner, Planned: 1_000_00})
		}
		all[i].Indicators = []roadmap.Indicator{{Name: "Nombre", Direction: roadmap.Up, Baseline: &base, BaselineOn: w.Today, Targets: []roadmap.Target{{Year: 2027, Value: 10_0000}},
			Readings: []roadmap.Reading{{On: w.Today, Value: 1_0000, Source: "Relevé"}}}}
		if all[i].AllCommunes {
			all[i].Communes = nil
		}
	}
	empty(b, w.DB)
	axes, err := roadmap.InsertAxes(b.Context(), w.DB, []roadmap.Axis{{Title: "Un"}, {Title: "Deux"}, {Title: "Trois"}})
	if err != nil {
		b.Fatal(err)
	}
	for i := range all {
		all[i].AxisID = axes[i%3]
	}
	if _, err := roadmap.Insert(b.Context(), w.DB, w.Team, all); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		bring(b, sheetfile.New(w.DB), w.DB, w.Team, export.XLSX)
	}
}
