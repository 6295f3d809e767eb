package count

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/election/count"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/page/pagetest"
)

// site is an election where two structures of action sociale voted, closed, and the
// pages of its count.
type site struct {
	*electiontest.World
	*pagetest.Site
	public, desk string
}

func newSite(t testing.TB) *site {
	t.Helper()
	w := &site{World: electiontest.New(t, election.Open), Site: pagetest.New(t)}
	jobs, err := notify.NewInserter(nil)
	if err != nil {
		t.Fatal(err)
	}
	outbox := notify.NewOutbox(jobs)
	gov := governance.New(w.DB, nil)
	p := &Pages{Kit: w.Kit, Service: count.New(w.DB, gov, structure.New(w.DB, gov, outbox, "https://portail.example.org"), outbox, "https://portail.example.org")}
	id := strconv.FormatInt(int64(w.ID), 10)
	w.public, w.desk = "/elections/"+id, "/equipe/elections/"+id
	const one, desk = "/elections/{id:[0-9]+}", "/equipe/elections/{id:[0-9]+}"
	for pattern, h := range map[string]page.Handler{
		"GET " + one + "/depouillement": p.ShowOpening, "POST " + one + "/depouillement": p.Open, "GET " + one + "/resultats": p.Result, "GET " + one + "/resultats.{ext}": p.ResultFile,
		"GET " + one + "/proces-verbal": p.PV, "GET " + one + "/proces-verbal.{ext}": p.PVFile, "GET " + one + "/proces-verbal/signature": p.ShowSign, "POST " + one + "/proces-verbal/signature": p.Sign,
		"GET " + desk + "/depouillement": p.ShowCount, "POST " + desk + "/depouillement/somme": p.Prepare, "POST " + desk + "/depouillement/tirage": p.ProposeDraw,
		"POST " + desk + "/depouillement/tirage/confirmation": p.ConfirmDraw, "POST " + desk + "/depouillement/proces-verbal": p.MakePV, "GET " + desk + "/proclamation": p.ShowProclamation,
		"POST " + desk + "/proclamation": p.Proclaim, "GET " + desk + "/suites": p.ShowFollowing, "GET " + desk + "/suites/{siege:[0-9]+}": p.ShowSuccession, "POST " + desk + "/suites/{siege:[0-9]+}": p.Succeed,
		"POST " + desk + "/suites/complementaire": p.Complement,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		w.Handle(method, path, h)
	}
	w.Exec(`UPDATE ballot_box SET seats = 2 WHERE election_id = $1`, w.ID)
	w.Cast(w.Voters[0], 1, 2)
	w.Cast(w.Voters[1], 1, 3)
	w.Close()
	return w
}

func (w *site) as(a access.Actor) { w.Actor = a }

// TestPagesOfTheCount goes from the close to a seat that falls vacant, by the pages.
func TestPagesOfTheCount(t *testing.T) {
	t.Parallel()
	w := newSite(t)
	w.Get(w.public+"/resultats", http.StatusNotFound)
	w.Get(w.public+"/resultats.csv", http.StatusNotFound)
	w.Get(w.public+"/proces-verbal", http.StatusNotFound)
	w.as(w.Team)
	w.Post(w.desk+"/depouillement/somme", http.StatusConflict)
	w.Exec(`INSERT INTO election_act (election_id, act, proposed_by, confirmed_by, confirmed_at) VALUES ($1, 'count', $2, $3, clock_timestamp())`, w.ID, w.Team.Person, w.Keepers[0].Person)
	w.Holds(w.Get(w.desk+"/depouillement", http.StatusOK), "Vérifier les urnes et calculer les sommes")
	w.Post(w.desk+"/depouillement/somme", http.StatusSeeOther)
	w.Holds(w.Get(w.desk+"/depouillement", http.StatusOK), "Attendue", "Empreinte de la somme")
	w.open()
	w.settle()
	w.proclaim()
	w.follow()
}

func (w *site) open() {
	w.World.T.Helper()
	for i, k := range w.Keepers {
		w.as(k)
		w.Holds(w.Get(w.public+"/depouillement", http.StatusOK), "data-cle-ouvrir", "Empreinte de la somme", w.Trustees[i].Fingerprint())
		var pairs []string
		for _, b := range w.Boxes() {
			e, err := belenios.ParseElection(b.Raw)
			if err != nil {
				w.World.T.Fatal(err)
			}
			sum, err := election.SumOf(w.World.T.Context(), w.DB, b.ID)
			if err != nil {
				w.World.T.Fatal(err)
			}
			tally, err := e.ParseTally(sum.Raw)
			if err != nil {
				w.World.T.Fatal(err)
			}
			raw, err := e.Decrypt(tally, w.Keys[i])
			if err != nil {
				w.World.T.Fatal(err)
			}
			pairs = append(pairs, count.Field(b.ID), string(raw))
		}
		w.Holds(w.Post(w.public+"/depouillement", http.StatusUnprocessableEntity, pairs[0], pairs[1]), "Ouvrez la somme de l’urne")
		w.Get(w.public+"/resultats", http.StatusNotFound)
		w.Post(w.public+"/depouillement", http.StatusSeeOther, pairs...)
	}
	w.as(access.Actor{})
	w.Holds(w.Get(w.public+"/resultats", http.StatusOK), "Égalité", "À départager", "Suffrages exprimés", "pas encore proclamé")
	if csv := w.Get(w.public+"/resultats.csv", http.StatusOK); strings.Count(csv, "\n") != 7 {
		w.World.T.Errorf("the file of results:\n%s", csv)
	}
}

func (w *site) settle() {
	w.World.T.Helper()
	w.as(w.Team)
	w.Holds(w.Post(w.desk+"/depouillement/tirage", http.StatusUnprocessableEntity, "valeur", "", "version", "0"), "Écrivez ce que le tirage a donné")
	w.Post(w.desk+"/depouillement/tirage", http.StatusSeeOther, "valeur", "4 8 15", "version", "0")
	w.Post(w.desk+"/depouillement/tirage/confirmation", http.StatusConflict, "version", "1")
	w.as(w.Team2) // two of the team do not suffice
	w.Lacks(w.Get(w.desk+"/depouillement", http.StatusOK), "Confirmer cette valeur")
	w.Post(w.desk+"/depouillement/tirage/confirmation", http.StatusConflict, "version", "1")
	w.as(w.Keepers[0])
	w.Holds(w.Get(w.desk+"/depouillement", http.StatusOK), "4 8 15", "Camille Équipe", "Confirmer cette valeur")
	w.Post(w.desk+"/depouillement/tirage/confirmation", http.StatusSeeOther, "version", "1")
	w.as(w.Team)
	w.Post(w.desk+"/depouillement/proces-verbal", http.StatusSeeOther)
	w.as(access.Actor{})
	w.Holds(w.Get(w.public+"/resultats", http.StatusOK), "sha256sum", "4 8 15")
	w.Holds(w.Get(w.public+"/proces-verbal", http.StatusOK), "Empreinte de vote.js", "Vérification du portail", "Cette version n’est pas encore signée", "sha256sum")
	w.Holds(w.Get(w.public+"/proces-verbal.json", http.StatusOK), `"vote_js_sha256"`)
	w.as(w.Keepers[0])
	body := w.Get(w.public+"/proces-verbal/signature", http.StatusOK)
	w.Holds(body, "porteur de la clé")
	w.Post(w.public+"/proces-verbal/signature", http.StatusConflict, "version", "1", "empreinte", strings.Repeat("0", 64))
	w.Post(w.public+"/proces-verbal/signature", http.StatusSeeOther, "version", "1", "empreinte", hidden(w.World.T, body, "empreinte"))
}

func (w *site) proclaim() {
	w.World.T.Helper()
	w.as(w.Chair)
	body := w.Get(w.desk+"/proclamation", http.StatusOK)
	w.Holds(body, "Proclamer le résultat", "N’ont pas encore signé")
	w.Post(w.desk+"/proclamation", http.StatusSeeOther, "empreinte", hidden(w.World.T, body, "empreinte"))
	w.as(access.Actor{})
	w.Holds(w.Get(w.public+"/resultats", http.StatusOK), "Résultat proclamé le", "contesté")
	w.Holds(w.Get(w.public+"/proces-verbal", http.StatusOK), "Dominique Présidence", "Toutes les versions")
	w.Get(w.public+"/proces-verbal?version=9", http.StatusNotFound)
}

func (w *site) follow() {
	w.World.T.Helper()
	w.as(w.Team)
	body := w.Get(w.desk+"/suites", http.StatusOK)
	w.Holds(body, "suppléant de la même structure", "Préparer une élection complémentaire")
	_, rest, _ := strings.Cut(body, w.desk+"/suites/")
	seat, _, _ := strings.Cut(rest, `"`)
	body = w.Get(w.desk+"/suites/"+seat, http.StatusOK)
	w.Holds(w.Post(w.desk+"/suites/"+seat, http.StatusUnprocessableEntity, "ordre", "alternate", "candidature", hidden(w.World.T, body, "candidature"), "motif", "", "prenom", "Suppléant", "nom", "Exemple1", "courriel", "s@example.org"), "pourquoi ce siège est vacant")
	w.Post(w.desk+"/suites/"+seat, http.StatusSeeOther, "ordre", "alternate", "candidature", hidden(w.World.T, body, "candidature"), "motif", "Démission", "prenom", "Suppléant", "nom", "Exemple1", "courriel", "s@example.org")
	w.Post(w.desk+"/suites/complementaire", http.StatusSeeOther)
	w.Holds(w.Get(w.desk+"/suites", http.StatusOK), "Suivre l’élection complémentaire")
}

// hidden is the value of a hidden field of a page.
func hidden(t testing.TB, body, name string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, `name="`+name+`" value="`)
	if !ok {
		t.Fatalf("no field %s", name)
	}
	v, _, _ := strings.Cut(rest, `"`)
	return v
}
