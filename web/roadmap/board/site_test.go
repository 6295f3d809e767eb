package board_test

import (
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	service "bordeaux-metropole.fr/portal/internal/roadmap/board"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/internal/roadmap/roadmaptest"
	"bordeaux-metropole.fr/portal/web/page/pagetest"
	roadmapweb "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/roadmap/board"
)

// site serves the board over a small roadmap.
func site(t *testing.T) (*pagetest.Site, *roadmaptest.World) {
	t.Helper()
	w := roadmaptest.New(t)
	s := pagetest.New(t)
	p := &board.Pages{Kit: s.Kit, Board: service.New(w.DB)}
	s.Handle("GET", "/feuille-de-route", p.List)
	s.Handle("GET", "/feuille-de-route.{ext:(csv|xlsx|json)}", p.File)
	s.Handle("GET", "/feuille-de-route/calendrier", p.Calendar)
	s.Handle("GET", "/feuille-de-route/actions/{id:[0-9]+}", p.Action)
	return s, w
}

// told writes a report of Bègles on the shared action, and settles it.
func told(t *testing.T, w *roadmaptest.World, to progress.State, done string) {
	t.Helper()
	fifty := 50
	r, err := progress.Insert(t.Context(), w.DB, w.MayorBegles, progress.Report{Action: w.Shared, Organisation: w.Begles, Situation: progress.InProgress,
		Percent: &fifty, Done: done, Difficulty: "Le local manque", NeedKind: progress.Premises, Need: "Une salle", NextStep: "Inaugurer les médiathèques"})
	if err != nil {
		t.Fatal(err)
	}
	if to != progress.Sent {
		if _, err := progress.Settle(t.Context(), w.DB, w.Team, r.ID, to, "Précisez"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestListFiltersAndTellsOnlyWhatIsPublic(t *testing.T) {
	t.Parallel()
	s, _ := site(t)
	all := s.Get("/feuille-de-route", 200)
	s.Holds(all, "Où en est chaque axe", "3\u00a0actions\u00a0: 1\u00a0en cours, 1\u00a0en retard, 1\u00a0à venir", "Les 3\u00a0actions de la feuille de route",
		"Personne ne reste seul", "Devait finir le", "Aucune action n’est encore terminée", "/feuille-de-route.csv")
	s.Lacks(all, "Former les agents d’accueil", "Effacer les filtres")

	const shared, local, coming = "Ouvrir des permanences", "Prêter des ordinateurs", "Ouvrir un atelier"
	for query, want := range map[string]string{
		"axe=2": local + "|" + coming, "etat=en-retard": local, "etat=a-venir": coming, "etat=en-cours": shared, "etat=realisee": "",
		"commune=33063": shared + "|" + coming, "instance=gni": coming, "confiance=bonne-voie": shared, "confiance=pas-encore-evaluee": local + "|" + coming,
		"q=permanence": shared, "q=demarche": shared, "q=ORDINATEUR+ecoles": local, "q=introuvable": "", "q=%25": "", "etat=n-importe&axe=x": shared + "|" + local + "|" + coming,
		"annee=2019": "", "tri=fin": shared + "|" + local + "|" + coming, "axe=2&q=atelier": coming,
	} {
		body := s.Get("/feuille-de-route?"+query, 200)
		_, body, _ = strings.Cut(body, `id="actions"`)
		for _, title := range []string{shared, local, coming} {
			if got := strings.Contains(body, title); got != strings.Contains(want, title) {
				t.Errorf("%s: %q shown: %v", query, title, got)
			}
		}
		if want == "" {
			s.Holds(body, "Aucune action ne correspond", "Effacer les filtres")
		}
		file := s.Get("/feuille-de-route.csv?"+query, 200)
		if n := strings.Count(file, "\r\n") - 1; want == "" && n != 0 || want != "" && n != strings.Count(want, "|")+1 {
			t.Errorf("%s: the file has %d lines", query, n)
		}
	}
	s.Get("/feuille-de-route.xlsx", 200)
	if json := s.Get("/feuille-de-route.json", 200); strings.Contains(json, "agents d’accueil") {
		t.Error("the file tells a proposal")
	}
	s.Holds(s.Get("/feuille-de-route?page=9", 200), "Cette page de la liste est vide")
}

func TestActionTellsEachReaderWhatIsTheirs(t *testing.T) {
	t.Parallel()
	s, w := site(t)
	told(t, w, progress.Accepted, "Trois permanences ouvertes")
	told(t, w, progress.AskedBack, "Brouillon à préciser")
	path := roadmapweb.ActionPath(w.Shared)
	const money = "Caisse Exemple"
	for _, x := range []struct {
		who          string
		actor        access.Actor
		knows, hides []string
	}{
		{"public", access.Actor{}, nil, []string{"Le local manque", "Une salle", "montants par financeur", "Modifier la fiche", "Maire Bègles"}},
		{"member", w.MayorPessac, []string{"Le local manque", "Une salle", "montants par financeur"}, []string{"Modifier la fiche"}},
		{"team", w.Team, []string{"Le local manque", "montants par financeur", roadmapweb.TeamPath(w.Shared)}, nil},
	} {
		s.Actor = x.actor
		body := s.Get(path, 200)
		s.Holds(body, "En cours", "Sur la bonne voie", "L’objectif sera atteint", money, "1\u00a0étape faite", "Permanences ouvertes", "30\u202f000\u202f€ prévus",
			"5\u202f000,50", "Trois permanences ouvertes", "Inaugurer les médiathèques", "28\u00a0communes sont concernées", "27\u00a0sans nouvelle", "La cible de la fin")
		s.Holds(body, x.knows...)
		s.Lacks(body, append(x.hides, "Brouillon à préciser", "Précisez")...)
	}
	s.Actor = access.Actor{}
	s.Get(roadmapweb.ActionPath(w.Idea), 404)
	s.Actor = w.MayorPessac
	s.Get(roadmapweb.ActionPath(w.Idea), 404)
	s.Actor = w.DelegateBegles
	s.Holds(s.Get(roadmapweb.ActionPath(w.Idea), 200), "Cette action est proposée")
	s.Actor = w.Team
	s.Get(roadmapweb.ActionPath(w.Idea), 200)
	s.Get("/feuille-de-route/actions/999999999", 404)
	s.Get("/feuille-de-route/actions/99999999999999999999", 404)
}

func TestStoryIsPaged(t *testing.T) {
	t.Parallel()
	s, w := site(t)
	for range service.StoryLength + 1 {
		told(t, w, progress.Accepted, "Une permanence de plus")
	}
	path := roadmapweb.ActionPath(w.Shared)
	first, second := s.Get(path, 200), s.Get(path+"?page=2", 200)
	if a, b := strings.Count(first, "Une permanence de plus"), strings.Count(second, "Une permanence de plus"); a != service.StoryLength || b != 1 {
		t.Errorf("%d reports on the first page, %d on the second", a, b)
	}
	s.Holds(s.Get(path+"?page=3", 200), "Cette page est vide")
}

func TestCalendar(t *testing.T) {
	t.Parallel()
	s, _ := site(t)
	body := s.Get("/feuille-de-route/calendrier", 200)
	s.Holds(body, `role="img"`, "Ouvrir des permanences d’aide aux démarches", "aujourd’hui", "barres, de janvier à décembre")
	s.Lacks(body, "Former les agents d’accueil")
	s.Holds(s.Get("/feuille-de-route/calendrier?annee=2011", 200), "Aucune action cette année-là")
	s.Lacks(s.Get("/feuille-de-route/calendrier?axe=1", 200), "Prêter des ordinateurs")
	s.Get("/feuille-de-route/calendrier?annee=999999999999&axe=-3&page=0", 200)
}

// The search finds, in French, what is public and nothing else.
func TestSearch(t *testing.T) {
	t.Parallel()
	_, w := site(t)
	told(t, w, progress.Accepted, "Les médiathèques sont équipées")
	told(t, w, progress.Sent, "Zanzibar")
	for q, want := range map[string]string{
		"permanences": "action,indicator,step,", "PERMANENCE": "action,indicator,step,", "mediatheque": "report,", "équipée": "report,", "équiper": "axis,",
		"zanzibar": "", "former agents": "", "seul": "axis,", "": "", "choix des lieux": "", "choisir les lieux": "step,",
	} {
		hits := search(t, w, q)
		var got strings.Builder
		last := service.HitKind("")
		for _, h := range hits {
			if h.Kind != last {
				got.WriteString(string(h.Kind) + ",")
			}
			last = h.Kind
		}
		if got.String() != want {
			t.Errorf("%q: got %s wanted %s (%+v)", q, got.String(), want, hits)
		}
	}
	var c service.CommuneActions
	run(t, w, func(b *postgres.Batch) { service.AddCommune(b, &c, "33039") })
	if c.Tally().Total() != 2 || len(c.First) != 2 || !c.First[0].Late || c.First[1].Situation != progress.InProgress || *c.First[1].Reported != 50 {
		t.Errorf("Bègles: %+v", c)
	}
}

func search(t *testing.T, w *roadmaptest.World, q string) []service.Hit {
	t.Helper()
	var hits []service.Hit
	run(t, w, func(b *postgres.Batch) { service.AddSearch(b, &hits, q) })
	return hits
}

func run(t *testing.T, w *roadmaptest.World, add func(*postgres.Batch)) {
	t.Helper()
	var b postgres.Batch
	add(&b)
	if err := b.Run(t.Context(), w.DB); err != nil {
		t.Fatal(err)
	}
}
