package edition

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/edition"
	"bordeaux-metropole.fr/portal/internal/roadmap/roadmaptest"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/page/pagetest"
)

// TestSite goes through every page of a programme, as each role reads it.
func TestSite(t *testing.T) {
	t.Parallel()
	w := roadmaptest.New(t)
	jobs, err := notify.NewInserter(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := pagetest.New(t)
	p := &Pages{Kit: s.Kit, Editions: edition.New(w.DB, nil, notify.NewOutbox(jobs), "https://portail.example.org")}
	serve(s, p)
	year := w.Today.Year() + 1
	y, today := strconv.Itoa(year), dateField(w.Today)
	if _, err := w.DB.Exec(t.Context(), `INSERT INTO meeting (body, starts_at, ends_at, state, announced, convened_at)
		VALUES ('cmtin', now() - interval '1 day', now() - interval '22 hours', 'held', true, now() - interval '10 days')`); err != nil {
		t.Fatal(err)
	}
	s.Get("/feuille-de-route/editions/"+y, http.StatusNotFound)
	s.Holds(s.Get("/feuille-de-route/editions", 200), "Aucun programme adopté")
	s.Actor = w.MayorBegles
	s.Get("/equipe/programmes", http.StatusForbidden)
	s.Actor = w.Team
	s.Get("/equipe/programmes/nouveau", 200)
	s.Holds(s.Post("/equipe/programmes/nouveau", 422, "annee", "1999", "fin", "hier"), "Saisissez une date qui existe")
	s.Post("/equipe/programmes/nouveau", 303, "annee", y, "fin", today)
	proposed(t, s, w)
	examined(s, w, y)
	voted(t, s, w, y)
	s.Actor = w.Team
	s.Holds(s.Get("/equipe/programmes/"+y, 200), "Voir le programme publié")
	s.Post("/equipe/programmes/"+y+"/examen", 409, "version", "1")
}

func serve(s *pagetest.Site, p *Pages) {
	const year = "/equipe/programmes/{annee:[0-9]{4}}"
	for pattern, h := range map[string][2]page.Handler{
		"/feuille-de-route/proposer":           {p.ShowPropose, p.Propose},
		minePath:                               {p.ShowMine},
		minePath + "/{id:[0-9]+}":              {p.ShowOwn},
		minePath + "/{id:[0-9]+}/modification": {p.ShowChange, p.Change},
		minePath + "/{id:[0-9]+}/retrait":      {p.ShowWithdraw, p.Withdraw},
		teamList:                               {p.TeamList},
		teamList + "/nouveau":                  {p.ShowNew, p.Start},
		year:                                   {p.ShowBoard},
		year + "/examen":                       {p.ShowExamine, p.Examine},
		year + "/lignes/{id:[0-9]+}":           {p.ShowLine, p.AnswerLine},
		year + "/reconductions":                {p.ShowCarry, p.CarryOver},
		year + "/vote":                         {p.ShowVote, p.Vote},
		"/feuille-de-route/editions":           {p.List},
		comparePath:                            {p.Compare},
		"/feuille-de-route/editions/{annee:[0-9]{4}}":           {p.Show},
		"/feuille-de-route/editions/{annee:[0-9]{4}}.json":      {p.JSON},
		"/feuille-de-route/editions/{annee:[0-9]{4}}.{ext:csv}": {p.File},
	} {
		s.Handle(http.MethodGet, pattern, h[0])
		if h[1] != nil {
			s.Handle(http.MethodPost, pattern, h[1])
		}
	}
}

func proposed(t *testing.T, s *pagetest.Site, w *roadmaptest.World) {
	s.Actor = w.MayorBegles
	s.Holds(s.Get("/feuille-de-route/proposer", 200), "inclus", "Comité des communes")
	idea := []string{"titre", "Créer un bus numérique", "objectif", "Aller vers les habitants isolés.", "axe", page.IDText(w.Axes[0]), "instance", "communes",
		"pilote", page.IDText(w.Begles), "territoire", "certaines", "communes", page.IDText(w.Begles), "cout", "12 000,50 €", "annee", "2027"}
	s.Holds(s.Post("/feuille-de-route/proposer", 422, "titre", "Créer", "cout", "beaucoup", "communes", "x", "objectif", strings.Repeat("a", 100_000)), "Saisissez un montant", "Choisissez un axe")
	own := s.Post("/feuille-de-route/proposer", 303, idea...)
	s.Holds(s.Get(own, 200), "12\u202f000,50", "À examiner")
	s.Holds(s.Get(minePath, 200), "Créer un bus numérique")
	s.Holds(s.Get(own+"/modification", 200), "000,50")
	s.Holds(s.Post(own+"/modification", 409, append(idea, "version", "99")...), "Créer un bus numérique")
	s.Get(own+"/retrait", 200)
	s.Actor = w.MayorPessac
	s.Get(own, http.StatusNotFound)
	if _, err := w.DB.Exec(t.Context(), `UPDATE action_proposal SET question = 'Combien d’habitants ?'`); err != nil {
		t.Fatal(err)
	}
	s.Actor = w.DelegateBegles
	s.Holds(s.Get(own, 200), "vous demande", "Combien d’habitants")
}

func examined(s *pagetest.Site, w *roadmaptest.World, y string) {
	s.Actor = w.Team
	base := "/equipe/programmes/" + y
	s.Holds(s.Get("/equipe/programmes", 200), "Programme "+y)
	s.Holds(s.Get(base+"?etat=a-examiner&origine=nouvelle", 200), "bus numérique")
	s.Get(base+"?etat=quoi", 422)
	s.Get(base+"/examen", 200)
	s.Holds(s.Get(base+"/vote", 200), "Fermez d’abord les propositions")
	s.Post(base+"/examen", 303, "version", "1")
	carry := []string{}
	for _, id := range []roadmap.ID{w.Shared, w.Local, w.Coming} {
		carry = append(carry, "action", page.IDText(id), "version_"+page.IDText(id), "1", "motif_"+page.IDText(id), "Le travail continue.")
	}
	s.Holds(s.Get(base+"/reconductions", 200), "Motif de reconduction", "40")
	s.Post(base+"/reconductions", 303, carry...)
	carry[5] = "Autre motif."
	s.Holds(s.Post(base+"/reconductions", 409, carry...), "Autre motif.")
	line := base + "/lignes/" + page.IDText(w.Idea)
	s.Holds(s.Post(line, 422, "version", "1", "reponse", "ecarter", "motif", ""), "Dites pourquoi")
	s.Holds(s.Get(line, 200), "Former les agents")
	s.Post(line, 303, "version", "1", "reponse", "demander", "motif", "Combien ?")
	s.Post(line, 303, "version", "2", "reponse", "ecarter", "motif", "Trop tôt.")
}

func voted(t *testing.T, s *pagetest.Site, w *roadmaptest.World, y string) {
	base := "/equipe/programmes/" + y
	var bus roadmap.ID
	if err := w.DB.QueryRow(t.Context(), `SELECT id FROM roadmap_action WHERE title LIKE '%bus numérique'`).Scan(&bus); err != nil {
		t.Fatal(err)
	}
	s.Post(base+"/lignes/"+page.IDText(bus), 303, "version", "1", "reponse", "retenir")
	s.Holds(s.Get(base+"/vote", 200), "Vérifier avant de figer")
	year, _ := strconv.Atoi(y)
	b, err := edition.New(w.DB, nil, nil, "").Ballot(t.Context(), w.Team, year)
	if err != nil {
		t.Fatal(err)
	}
	vote := []string{"acte", "verifier", "version", page.IDText(b.Version), "vu", b.Seen(), "reunion", page.IDText(b.Meetings[0].ID), "mode", "vote", "pour", "20", "contre", "1", "abstentions", "0"}
	for _, l := range b.Lines {
		vote = append(vote, edition.ChoiceField(l.ID), map[bool]string{true: "suspendue", false: "adoptee"}[l.ID == w.Coming], edition.ReasonField(l.ID), "")
	}
	s.Holds(s.Post(base+"/vote", 422, vote...), "Dites pourquoi cette action est refusée")
	for i := range vote {
		if vote[i] == edition.ReasonField(w.Coming) {
			vote[i+1] = "Pas de lieu."
		}
	}
	s.Holds(s.Post(base+"/vote", 200, vote...), "Inscrire la décision et figer", "Pas de lieu.", "20 pour")
	vote[1] = "corriger"
	s.Holds(s.Post(base+"/vote", 200, vote...), "Vérifier avant de figer", "Pas de lieu.")
	vote[1] = "figer"
	public := s.Post(base+"/vote", 303, vote...)
	s.Holds(s.Post(base+"/vote", 409, vote...), "adopté et figé")
	s.Actor.Account = 0
	body := s.Get(public, 200)
	s.Holds(body, "bus numérique", "CMTIN", "Pas de lieu.", "SHA-256", "Le travail continue.")
	s.Lacks(body, "Former les agents", "Maire", "Caisse Exemple : ")
	if got := s.Get(public+".json", 200); !strings.HasPrefix(got, `{"format":"programme-annuel/1"`) {
		t.Errorf("json %.80s", got)
	}
	s.Holds(s.Get(public+".csv", 200), "bus numérique")
	s.Holds(s.Get("/feuille-de-route/editions", 200), "Programme "+y)
	s.Get(comparePath, 200)
	s.Get(comparePath+"?de=2099&a=2030", 422)
	s.Get(comparePath+"?de=2030&a=2031", 404)
}
