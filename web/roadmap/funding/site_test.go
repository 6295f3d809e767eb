package funding_test

import (
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/funding"
	"bordeaux-metropole.fr/portal/internal/roadmap/roadmaptest"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/page/pagetest"
	pages "bordeaux-metropole.fr/portal/web/roadmap/funding"
)

func newSite(t *testing.T) (*pagetest.Site, *roadmaptest.World) {
	t.Helper()
	pool := pgtest.Pool(t)
	jobs, err := notify.NewInserter(pool)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback(t.Context()) })
	w, s := roadmaptest.On(t, tx), pagetest.New(t)
	p := &pages.Pages{Kit: s.Kit, Roadmap: roadmap.New(tx), Funding: funding.New(tx, notify.NewOutbox(jobs), "https://portail.example.org")}
	const budget = "/equipe/feuille-de-route/actions/{id}/budget"
	for pattern, h := range map[string]page.Handler{
		"GET /financements": p.List, "GET /financements.{ext}": p.ListFile, "GET /financements/organisations/{id}": p.ShowOrganisation,
		"GET " + budget: p.ShowBudget, "GET " + budget + "/nouvelle": p.ShowNewLine, "POST " + budget + "/nouvelle": p.AddLine,
		"GET " + budget + "/{ligne}/modification": p.ShowLine, "POST " + budget + "/{ligne}/modification": p.ChangeLine,
		"GET " + budget + "/{ligne}/retrait": p.ShowRemoval, "POST " + budget + "/{ligne}/retrait": p.RemoveLine,
		"GET /equipe/note": p.ShowDraft, "POST /equipe/note": p.CheckNote, "POST /equipe/note/envoi": p.SendNote, "GET /equipe/note/{id}": p.ShowNote,
		"GET /notes": p.Notes, "GET /notes/{id}": p.ShowNote,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		s.Handle(method, path, h)
	}
	return s, w
}

// TestPartnerReadsTheMoney: from the view a partner finds its own page at once, and the
// files; a structure reads none of it.
func TestPartnerReadsTheMoney(t *testing.T) {
	t.Parallel()
	s, w := newSite(t)
	year := strconv.Itoa(w.Today.Year())
	s.Actor = w.PartnerPerson
	mine := "/financements/organisations/" + page.IDText(w.Partner)
	body := s.Get("/financements", 200)
	s.Holds(body, "Ce qui concerne votre organisation", `href="`+mine+`"`, "Financeur à trouver", "30\u202f000\u202f€", "5\u202f000,50",
		`/financements?annee=`+year+`&financeur=`+page.IDText(w.Partner)+`#actions`, "Prévu et obtenu par année")
	s.Lacks(body, "Former les agents")
	body = s.Get("/financements?annee="+year+"&financeur=a-trouver", 200)
	s.Holds(body, "Aucune action ne correspond", "Effacer les filtres")
	s.Holds(s.Get("/financements?financeur=nom%3APersonne", 200), "Aucune ligne de budget ne correspond")
	s.Holds(s.Get("/financements?annee=2021&nature=fonctionnement&tri=ecart", 200), "de 2021 à 2025")
	for _, bad := range []string{"?annee=1789", "?axe=x", "?nature=autre", "?financeur=%27drop", "?annee=99999999999999999999"} {
		s.Holds(s.Get("/financements"+bad, 422), "Il y a un point à corriger")
	}
	s.Holds(s.Get("/financements?depuis=99999999999999999999", 200), "de "+year+" à ")
	body = s.Get(mine, 200)
	s.Holds(body, "Caisse Exemple\u00a0: actions et financements", "Partenaire et financeur", "Finance les permanences", "Pilote", "20\u202f000")
	s.Get("/financements/organisations/999999999", 404)
	file := csv.NewReader(strings.NewReader(s.Get("/financements.csv?nature=fonctionnement", 200)))
	file.Comma = ';'
	rows, err := file.ReadAll()
	if err != nil || len(rows) != 2 || rows[1][1] != "Caisse Exemple" {
		t.Errorf("file: %v, %v", rows, err)
	}
	s.Get("/financements.xlsx", 200)
	s.Get("/financements.exe", 404)
	s.Actor = access.Actor{Account: 9, Person: 9, Name: "Noa Structure", Acting: access.Capacity{Role: access.Structure, Organisation: 9}}
	for _, path := range []string{"/financements", "/financements.csv", mine, "/equipe/note", "/equipe/feuille-de-route/actions/" + page.IDText(w.Shared) + "/budget"} {
		if r := s.Do(httptest.NewRequest(http.MethodGet, path, nil)); r.Code != 403 {
			t.Errorf("a structure reads %s: %d", path, r.Code)
		}
	}
}

// TestTeamKeepsABudget: typed as French people do, warned of what does not match, told
// of what somebody else changed.
func TestTeamKeepsABudget(t *testing.T) {
	t.Parallel()
	s, w := newSite(t)
	s.Actor = w.Team
	base := "/equipe/feuille-de-route/actions/" + page.IDText(w.Local) + "/budget"
	s.Holds(s.Get(base, 200), "Aucune ligne de budget")
	s.Holds(s.Get(base+"/nouvelle", 200), "Pas encore trouvé", "Partenaires institutionnels")
	typed := []string{"annee", "2027", "financeur", page.IDText(w.Partner), "financeur_nom", "", "nature", "investissement", "prevu", "12 000,50 €", "obtenu", "13 000", "depense", "", "note", "Convention"}
	wrong := append([]string{}, typed...)
	wrong[9], wrong[11], wrong[1] = "douze mille", strings.Repeat("9", 100_000), "-4"
	s.Holds(s.Post(base+"/nouvelle", 422, wrong...), "par exemple 12\u202f000,50\u202f€", "douze mille", "3\u00a0points à corriger")
	s.Holds(s.Post(base+"/nouvelle", 200, typed...), "Des montants ne concordent pas", "dépasse le montant prévu", "Enregistrer ces montants", `value="12 000,50 €"`)
	if to := s.Post(base+"/nouvelle", 303, append(typed, "confirme", "1200050-1300000-0")...); to != base {
		t.Errorf("led to %s", to)
	}
	body := s.Get(base, 200)
	s.Holds(body, "12\u202f000,50", "Des montants ne concordent pas", "Convention")
	s.Holds(s.Post(base+"/nouvelle", 422, append(typed, "confirme", "1200050-1300000-0")...), "Une ligne existe déjà")
	line := base + "/" + page.IDText(w.Whole(w.Local).Budget[0].ID)
	s.Holds(s.Get(line+"/modification", 200), `value="12`+"\u202f"+`000,50"`)
	change := append(append([]string{}, typed...), "version", "1")
	change[11] = "1 000"
	s.Post(line+"/modification", 303, change...)
	change[9] = "99"
	change[11] = "9"
	s.Holds(s.Post(line+"/modification", 409, change...), "12\u202f000,50", "99")
	s.Holds(s.Get(line+"/retrait", 200), "Retirer la ligne")
	s.Post(line+"/retrait", 409, "version", "1")
	s.Post(line+"/retrait", 303, "version", "2")
	s.Get(line+"/modification", 404)
	s.Post(base+"/nouvelle", 400, append(typed, "inconnu", "1")...)
	s.Get("/equipe/feuille-de-route/actions/999999999/budget", 404)
}

// TestNoteIsCheckedThenSentOnce from the page, and read again by a member.
func TestNoteIsCheckedThenSentOnce(t *testing.T) {
	t.Parallel()
	s, w := newSite(t)
	s.Actor = w.Team
	if _, err := w.DB.Exec(t.Context(), `
		INSERT INTO mandate (seat_id, person_id, kind, during, designation)
		SELECT id, $2, 'titular', daterange(paris_today() - 10, NULL), 'Élection' FROM seat WHERE kind = 'mayor' AND organisation_id = $1`, w.Begles, w.MayorBegles.Person); err != nil {
		t.Fatal(err)
	}
	s.Holds(s.Get("/equipe/note", 200), "Aucune réunion du Groupe des partenaires", "Voici ce qui a changé")
	s.Holds(s.Get("/equipe/note?depuis=hier", 422), "Saisissez une date qui existe")
	note := []string{"depuis", "1/1/2026", "objet", "Où en est la feuille de route ?", "texte", "Bonjour à toutes et tous.\r\n\r\nCe qui avance :\r\n- une action\r\n- deux autres\r\nMerci."}
	s.Holds(s.Post("/equipe/note", 200, note...), "Rien n’est encore parti", "1\u00a0membre des quatre instances", "<li>deux autres</li>", "<p>Merci.</p>")
	s.Holds(s.Post("/equipe/note", 200, append(note, "etape", "modifier")...), "Ce qui avance", "Vérifier avant l’envoi")
	s.Holds(s.Post("/equipe/note", 422, "depuis", "1/1/2026", "objet", "", "texte", strings.Repeat("a", 100_000)), "Donnez un objet", "gardez-en 20")
	to := s.Post("/equipe/note/envoi", 303, note...)
	s.Holds(s.Post("/equipe/note/envoi", 409, note...), "Cette note est déjà partie")
	var mails int
	if err := w.DB.QueryRow(t.Context(), `SELECT count(*) FROM mail WHERE kind = 'governance_note'`).Scan(&mails); err != nil || mails != 1 {
		t.Errorf("%d mails, %v", mails, err)
	}
	s.Holds(s.Get(to, 200), "Envoyée par Camille Équipe")
	s.Actor = w.DelegateBegles
	s.Holds(s.Get("/notes", 200), "Où en est la feuille de route")
	body := s.Get(strings.Replace(to, "/equipe/note", "/notes", 1), 200)
	s.Holds(body, "<li>une action</li>")
	s.Lacks(body, "Camille")
	s.Get("/notes/999999999", 404)
	s.Actor = access.Actor{}
	s.Get("/notes", 403)
}
