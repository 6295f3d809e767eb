package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/page/pagetest"
)

// world is an election and the pages of its organiser.
type world struct {
	*electiontest.World
	*pagetest.Site
	t testing.TB
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{World: electiontest.New(t, election.Draft), Site: pagetest.New(t), t: t}
	jobs, err := notify.NewInserter(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &Pages{Kit: w.Kit, Elections: election.New(w.DB, nil, notify.NewOutbox(jobs), "https://portail.example.org")}
	const (
		one  = listPath + "/{id:[0-9]+}"
		act  = one + "/bureau/{acte:(?:ouverture|prolongation|cloture|depouillement|destruction)}"
		desk = teamPath + "/{id:[0-9]+}"
	)
	for pattern, h := range map[string]page.Handler{
		"GET " + listPath: p.List, "GET " + one: p.Show, "GET " + one + "/reglement": p.Rules, "GET " + one + "/reglement.json": p.RulesFile,
		"GET " + one + "/bureau": p.Office, "GET " + one + "/bureau/incident": p.ShowIncident, "POST " + one + "/bureau/incident": p.AddIncident,
		"GET " + act: p.ShowProposal, "POST " + act: p.Propose, "GET " + one + "/bureau/actes/{acte:[0-9]+}": p.ShowConfirmation,
		"POST " + one + "/bureau/actes/{acte:[0-9]+}": p.Confirm, "POST " + one + "/bureau/actes/{acte:[0-9]+}/retrait": p.Withdraw,
		"GET " + teamPath: p.TeamList, "GET " + newPath: p.ShowNew, "POST " + newPath: p.Add, "GET " + desk: p.Desk,
		"GET " + desk + "/reglement": p.ShowRules, "POST " + desk + "/reglement": p.ChangeRules, "GET " + desk + "/dates": p.ShowDates, "POST " + desk + "/dates": p.ChangeDates,
		"GET " + desk + "/tirages": p.ShowDraws, "POST " + desk + "/tirages": p.NameDraws, "GET " + desk + "/risque": p.ShowRisk, "POST " + desk + "/risque": p.SetRisk,
		"GET " + desk + "/publication": p.ShowPublication, "POST " + desk + "/publication": p.Publish, "GET " + desk + "/abandon": p.ShowCancel, "POST " + desk + "/abandon": p.Cancel,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		w.Handle(method, path, h)
	}
	return w
}

var plainSpaces = strings.NewReplacer("\u00a0", " ", "\u202f", " ")

func (w *world) Get(path string, status int) string {
	w.t.Helper()
	return plainSpaces.Replace(w.Site.Get(path, status))
}

func (w *world) Post(path string, status int, pairs ...string) string {
	w.t.Helper()
	return plainSpaces.Replace(w.Site.Post(path, status, pairs...))
}

// rules are the fields of the form of rules, with changes.
func rules(pairs ...string) []string {
	var out []string
	values := election.DefaultRules().Values()
	values["titre"] = "Élection de 2026"
	for i := 0; i+1 < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	for n, v := range values {
		out = append(out, n, v)
	}
	return out
}

// dates are the fields of the form of dates.
func dates(days map[string]int, version string) []string {
	out := []string{"version", version}
	for n, d := range days {
		out = append(out, n, french.NumericDate(day.In(time.Now()).AddDays(d)), n+"_h", "18 h")
	}
	return out
}

var plan = map[string]int{"claims_until": 12, "candidacies_from": 14, "candidacies_until": 28, "withdraw_until": 30, "opens_at": 40, "closes_at": 50}

// TestPrepareAndOpen leads an election through the pages of the team and of a scrutineer.
func TestPrepareAndOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Actor = access.Actor{}
	w.Holds(w.Get(listPath, 200), "Aucune élection n’est annoncée", "sera annoncée ici")
	w.Get(here(w)+"/reglement", 404)
	w.Get(here(w), 404)

	w.Actor = w.Team
	w.Holds(w.Get(newPath, 200), "Par défaut : ")
	for _, bad := range [][]string{rules("seats", "9"), rules("seats", "99999999999999999999"), rules("tie", "oldest"), rules("max_choices", "5", "seats", "3"), rules("titre", strings.Repeat("a", 100_000))} {
		w.Post(newPath, 422, bad...)
	}
	w.Post(newPath, 400, rules("autre", "1")...)
	to := w.Post(newPath, 303, rules("seats", "5")...)
	desk := strings.TrimSuffix(to, "/dates")
	w.Holds(w.Get(teamPath, 200), "Élection de 2026", "publier le règlement")
	w.Holds(w.Get(desk, 200), "À fixer", "Publier le règlement", "Abandonner")

	w.Holds(w.Post(desk+"/publication", 422, "version", "1"), "Saisissez cette date")
	w.Get(to, 200)
	wrong := map[string]int{"candidacies_from": 20, "candidacies_until": 10}
	w.Holds(w.Post(to, 422, dates(wrong, "1")...), "se termine après son début")
	w.Post(to, 422, "version", "1", "opens_at", "99/99/9999", "opens_at_h", "27 h")
	w.Holds(w.Post(to, 422, "version", "1", "opens_at", "1/1/2027"), "Saisissez l’heure")
	w.Post(to, 303, dates(plan, "1")...)
	w.Holds(w.Post(to, 409, dates(wrong, "1")...), "Quelqu’un d’autre")
	w.Holds(w.Post(desk+"/reglement", 409, append(rules("vote_days", "5"), "version", "1")...), "Quelqu’un d’autre", "5 jours", "10 jours")
	w.Post(desk+"/reglement", 303, append(rules("vote_days", "8"), "version", "2")...)
	w.Get(desk+"/publication", 200)
	w.Post(desk+"/publication", 303, "version", "3")
	w.Get(desk+"/reglement", 200)
	w.Post(desk+"/reglement", 409, append(rules(), "version", "4")...)

	// What everybody reads, and the very bytes that were hashed.
	w.Actor = access.Actor{}
	here := strings.TrimPrefix(desk, "/equipe")
	body := w.Get(here, 200)
	w.Holds(body, "Règlement publié", "ontrer la liste électorale provisoire", "Chaque structure a une voix", "/reglement", "Aucun incident")
	w.Lacks(body, "/liste", "/urne", "/resultats", "/candidatures", "/vote")
	sum := sha256.Sum256([]byte(w.Site.Get(here+"/reglement.json", 200)))
	text := w.Get(here+"/reglement", 200)
	w.Holds(strings.ReplaceAll(text, " ", ""), hex.EncodeToString(sum[:]))
	w.Holds(text, "Le binôme est simple", "8 jours", "Réponse par défaut : 10 jours")
	w.Holds(w.Get(listPath, 200), "Élection de 2026")

	// A structure, through the phases: only links that exist.
	w.Actor = w.Voters[0].Member
	id := strings.TrimPrefix(here, listPath+"/")
	w.Exec(`INSERT INTO election_roll (election_id, structure_id, name, college) VALUES ($1::text::bigint, $2, 'A', 'action_sociale')`, id, w.Voters[0].ID)
	w.Exec(`UPDATE election SET phase = 'roll' WHERE id = $1::text::bigint`, id)
	w.Holds(w.Get(here, 200), here+"/reclamations", "Votre structure est inscrite", here+"/liste")
	w.Exec(`UPDATE election SET phase = 'candidacies', candidacies_from = now() - interval '1 hour' WHERE id = $1::text::bigint`, id)
	w.Holds(w.Get(here, 200), here+"/ma-candidature", "Déposer une candidature")
	w.Exec(`UPDATE election SET phase = 'ready', candidacies_from = now() - interval '5 hours', candidacies_until = now() - interval '4 hours', withdraw_until = now() - interval '3 hours',
		opens_at = now() - interval '1 hour', sealed_at = now(), ready_at = now() WHERE id = $1::text::bigint`, id)
	w.Lacks(w.Get(here, 200), here+"/vote", here+"/ma-candidature", "/bureau")

	// Two people open it.
	w.Actor = w.Team
	w.Holds(w.Get(here+"/bureau/ouverture", 200), "Nommez d’abord", "/tirages")
	w.Post(here+"/bureau/ouverture", 409, "motif", "")
	w.Post(desk+"/tirages", 422, "version", "4", "order_seed", strings.Repeat("x", 500))
	w.Post(desk+"/tirages", 409, "version", "1", "tie_source", "Loto")
	w.Post(desk+"/tirages", 303, "version", "4", "tie_source", "Loto du 19 décembre 2026, six numéros")
	w.Get(desk+"/tirages", 200)
	w.Get(desk+"/dates", 200)
	w.Post(here+"/bureau/ouverture", 303, "motif", "")
	acts := electiontest.Value[string](w.World, `SELECT max(id)::text FROM election_act`)
	w.Holds(w.Get(here+"/bureau", 200), "Vous l’avez proposé", "Prolonger le vote")
	w.Holds(w.Post(here+"/bureau/actes/"+acts, 409), "une autre personne le confirme")
	w.Actor = w.Keepers[0]
	w.Holds(w.Get(here, 200), "Confirmer 1 acte proposé")
	w.Holds(w.Get(here+"/bureau", 200), "Lire et confirmer")
	w.Holds(w.Get(here+"/bureau/actes/"+acts, 200), "Retirer cette proposition", w.Team.Name)
	w.Get(here+"/bureau/actes/999999", 404)
	w.Post(here+"/bureau/actes/"+acts, 303)
	w.Holds(w.Get(here+"/bureau/actes/"+acts, 200), "déjà confirmé ou retiré")
	w.Holds(w.Get(here+"/bureau/prolongation", 200), "Nouvelle clôture")
	w.Post(here+"/bureau/prolongation", 422, "motif", "", "closes_at", "", "closes_at_h", "")
	w.Holds(w.Post(here+"/bureau/prolongation", 422, "motif", "Panne", "closes_at", "1/1/2020", "closes_at_h", "18 h"), "Choisissez une clôture plus tardive")
	w.Get(here+"/bureau/incident", 200)
	w.Post(here+"/bureau/incident", 422, "texte", "")
	w.Post(here+"/bureau/incident", 303, "texte", "Le portail a été coupé une heure.")

	w.Actor = w.Voters[0].Member
	body = w.Get(here, 200)
	w.Holds(body, here+"/vote", "Voter au nom de votre structure", "Le portail a été coupé", "ouvrir le vote", here+"/urne", here+"/verifier")
	w.Lacks(body, w.Team.Name, w.Keepers[0].Name)

	w.Actor = w.Team
	w.Get(desk+"/risque", 200)
	w.Post(desk+"/risque", 422, "version", "1", "voters", "nobody")
	var grid []string
	for _, q := range election.RiskQuestions {
		grid = append(grid, q.Name, q.Options[1].Value)
	}
	v := electiontest.Value[string](w.World, `SELECT version::text FROM election WHERE id = $1::text::bigint`, id)
	w.Post(desk+"/risque", 303, append(grid, "version", v)...)
	w.Holds(w.Get(desk+"/risque", 200), "Niveau 2")
	w.Holds(w.Post(desk+"/risque", 409, append(grid, "version", v)...), "Quelqu’un d’autre")
	w.Post(desk+"/abandon", 409, "motif", "Trop tard", "version", v)
	w.Get(desk+"/abandon", 200)
	w.Holds(w.Get(desk, 200), "Le poste de vote", "Ce que le public voit")
}

func here(w *world) string { return listPath + "/" + page.IDText(w.ID) }
