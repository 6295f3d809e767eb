package roll

import (
	"net/http"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/election/roll"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/page/pagetest"
)

// world is an election and the pages of its roll.
type world struct {
	*electiontest.World
	*pagetest.Site
}

func newWorld(t *testing.T, phase election.Phase) *world {
	t.Helper()
	w := &world{electiontest.New(t, phase), pagetest.New(t)}
	jobs, err := notify.NewInserter(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &Pages{Kit: w.Kit, Contact: "equipe@example.org", Service: roll.New(w.DB, governance.New(w.DB, nil), notify.NewOutbox(jobs), "https://portail.example.org")}
	const list, claims, desk = "/elections/{id:[0-9]+}/liste", "/elections/{id:[0-9]+}/reclamations", "/equipe/elections/{id:[0-9]+}/liste"
	for pattern, h := range map[string]page.Handler{
		"GET " + list: p.Show, "GET " + list + ".{ext}": p.File, "GET " + claims: p.ShowClaims, "POST " + claims: p.Claim,
		"GET " + desk: p.ShowDesk, "GET " + desk + "/ouverture": p.ShowOpening, "POST " + desk + "/ouverture": p.Open, "POST " + desk + "/actualisation": p.Refresh,
		"GET " + desk + "/reclamation": p.ShowPaper, "POST " + desk + "/reclamation": p.AddPaper,
		"GET " + desk + "/reclamations/{reclamation:[0-9]+}": p.ShowAnswer, "POST " + desk + "/reclamations/{reclamation:[0-9]+}": p.Answer,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		w.Handle(method, path, h)
	}
	return w
}

func TestFromTheProvisionalRollToAnAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, election.Published)
	list, claims, desk := listPath(w.ID), claimsPath(w.ID), deskPath(w.ID)
	w.Holds(w.Get(list, http.StatusOK), "La liste électorale n’est pas encore publiée")
	w.Get(list+".csv", http.StatusNotFound)
	w.Get("/elections/99999999/liste", http.StatusNotFound)

	w.Actor = w.Team
	w.Holds(w.Get(desk, http.StatusOK), "Montrer la liste provisoire", "12\u00a0structures")
	w.Holds(w.Get(desk+"/ouverture", http.StatusOK), "Les messages partent aussitôt")
	w.Post(desk+"/ouverture", http.StatusConflict, "version", "99")
	w.Post(desk+"/ouverture", http.StatusSeeOther, "version", page.IDText(w.Load().Version))

	w.Actor = access.Actor{}
	body := w.Get(list, http.StatusOK)
	w.Holds(body, "Liste provisoire au", w.Voters[0].Name, "Bègles", "Faire une réclamation")
	w.Lacks(body, "Liste définitive")
	w.Holds(w.Get(list+"?q=exemple+03&college=action_sociale", http.StatusOK), "Action sociale Exemple 03")
	w.Get(list+"?college=autre", http.StatusUnprocessableEntity)
	w.Holds(w.Get(list+"?q=introuvable", http.StatusOK), "Aucune structure ne correspond")
	w.Holds(w.Get(list+".csv", http.StatusOK), "Structure;Commune", "provisoire")
	w.Get(list+".pdf", http.StatusNotFound)

	me := w.Voters[0]
	w.Actor = me.Member
	w.Holds(w.Get(claims, http.StatusOK), "mauvais collège", w.Voters[1].Name)
	w.Holds(w.Post(claims, http.StatusUnprocessableEntity, "objet", "remove", "texte", "Elle a fermé."), "Choisissez la structure.", "Elle a fermé.")
	w.Holds(w.Post(claims, http.StatusUnprocessableEntity, "objet", "college", "texte", strings.Repeat("é", 100_000)), "gardez-en 2000 au plus")
	w.Post(claims, http.StatusBadRequest, "autre", "1")
	w.Post(claims, http.StatusSeeOther, "objet", "college", "texte", "Nous faisons de la médiation.")
	w.Holds(w.Get(claims, http.StatusOK), "En attente de réponse", "Nous faisons de la médiation.")
	w.Actor = w.Voters[1].Member
	w.Lacks(w.Get(claims, http.StatusOK), "Nous faisons de la médiation.")

	w.Actor = w.Team
	id := page.IDText(electiontest.Value[int64](w.World, `SELECT max(id) FROM election_claim`))
	w.Holds(w.Get(desk, http.StatusOK), "Collège à changer", me.Name)
	w.Holds(w.Get(desk+"/reclamations/"+id, http.StatusOK), "Le collège change dans le registre")
	w.Get(desk+"/reclamations/99999999", http.StatusNotFound)
	w.Holds(w.Post(desk+"/reclamations/"+id, http.StatusUnprocessableEntity, "version", "1", "reponse", "Vu."), "Choisissez une décision.", "Vu.")
	w.Post(desk+"/reclamations/"+id, http.StatusConflict, "version", "7", "decision", "refuser", "reponse", "Non.")
	w.Post(desk+"/reclamations/"+id, http.StatusSeeOther, "version", "1", "decision", "accepter", "reponse", "Vérifié.")
	w.Holds(w.Post(desk+"/reclamations/"+id, http.StatusConflict, "version", "1", "decision", "refuser", "reponse", "Trop tard."), "Quelqu’un d’autre a déjà répondu", "Trop tard.")
	w.Holds(w.Get(desk, http.StatusOK), "Aucune réclamation n’attend", "Acceptée")
	w.Get(desk+"/reclamation", http.StatusOK)
	w.Post(desk+"/reclamation", http.StatusUnprocessableEntity, "objet", "name", "texte", "Par courrier")
	w.Post(desk+"/reclamation", http.StatusSeeOther, "objet", "name", "structure", page.IDText(me.ID), "texte", "Par courrier")

	// The register moves, the team sees how before the list follows.
	w.Exec(`UPDATE organisation SET name = 'Nom nouveau' WHERE id = $1`, w.Voters[2].ID)
	w.Holds(w.Get(desk, http.StatusOK), "À mettre à jour", "Nom nouveau")
	w.Post(desk+"/actualisation", http.StatusSeeOther)
	w.Holds(w.Get(list+"?q=nouveau", http.StatusOK), "Nom nouveau")

	// After the deadline a structure is told whom to call, and keeps its text.
	w.Exec(`UPDATE election SET claims_until = now() - interval '1 minute' WHERE id = $1`, w.ID)
	w.Actor = me.Member
	w.Holds(w.Get(claims, http.StatusOK), "Les réclamations sont closes depuis", "equipe@example.org")
	w.Holds(w.Post(claims, http.StatusConflict, "objet", "name", "texte", "Un mot manque."), "Les réclamations sont closes", "Un mot manque.")
	w.Exec(`UPDATE election SET phase = 'sealed', sealed_at = now() WHERE id = $1`, w.ID)
	w.Actor = access.Actor{}
	w.Holds(w.Get(list, http.StatusOK), "Liste définitive, arrêtée le")
}
