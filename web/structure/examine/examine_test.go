package examine

import (
	"encoding/csv"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/page"
)

func (s *site) version(id structure.ID) string {
	s.t.Helper()
	return s.text(`SELECT version::text FROM structure WHERE organisation_id = $1`, id)
}

func (s *site) state(id structure.ID) string {
	s.t.Helper()
	return s.text(`SELECT state FROM structure WHERE organisation_id = $1`, id)
}

var today = french.NumericDate(day.Today())

func TestQueueThenRegister(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get(registerPath).status(200).has("aucune demande à examiner", "Aucune structure dans cet état")
	s.get(registerPath + "?etat=a-examiner").status(200).has("Aucune structure à examiner")
	a, b := s.request("Les <b>Tilleuls</b>"), s.request("Atelier du Lac")
	if _, err := s.db.Exec(t.Context(), `UPDATE structure SET submitted_at = now() - interval '12 days' WHERE organisation_id = $1`, b); err != nil {
		t.Fatal(err)
	}
	got := s.get(registerPath).status(200).has("2 demandes à examiner", "il y a 12 jours", "Bègles", "Action sociale", "<b>Tilleuls</b>")
	if i, j := strings.Index(got.body, structurePath(b)+`"`), strings.Index(got.body, structurePath(a)+`"`); i < 0 || j < i {
		t.Error("the oldest request does not come first")
	}
	s.get(registerPath + "?q=tileuls").status(200).has("Tilleuls").lacks("Atelier du Lac")
	s.get(registerPath + "?etat=toutes&commune=a-completer").status(200).has("Aucune structure ne correspond")
	s.get(registerPath + "?etat=toutes&page=9").status(200).has("Cette page de la liste est vide")
	s.get(registerPath + "?etat=inconnu&college=x&fraicheur=y").status(200)
	s.post(structurePath(a)+"/decision", "version", s.version(a), "decision", "accepter", "debut", today).status(303)
	s.post(structurePath(b)+"/decision", "version", s.version(b), "decision", "refuser", "motif", "Hors du territoire.").status(303)
	s.get(registerPath).status(200).has("aucune demande à examiner", "Membre du GNI", "Refusée")
	s.get(registerPath + "?etat=a-examiner").status(200).has("La dernière a été acceptée le " + french.LongDate(day.Today()))
}

func TestRegisterFileHasNoFormula(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	// No form lets such a name in; one that was recorded before this register might.
	if _, err := s.db.Exec(t.Context(), `UPDATE organisation SET name = '=HYPERLINK("https://mal.example.org")' WHERE id = $1`, s.request("Ancienne")); err != nil {
		t.Fatal(err)
	}
	body := strings.TrimPrefix(s.get(registerPath+".csv?etat=a-examiner").status(200).body, "\ufeff")
	r := csv.NewReader(strings.NewReader(body))
	r.Comma = ';'
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if last := rows[len(rows)-1]; len(last) != len(registerColumns) || strings.HasPrefix(last[1], "=") || last[2] != "À examiner" {
		t.Errorf("%q", last)
	}
	if x := s.get(registerPath + ".xlsx").status(200); !strings.HasPrefix(x.body, "PK") {
		t.Error("no spreadsheet")
	}
}

func TestDecisionOpensTheNext(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a, b := s.request("Première"), s.request("Seconde au nom bien distinct")
	path := structurePath(a) + "/decision"
	s.post(path, "version", s.version(a)).status(422).has("Choisissez une décision.")
	s.post(path, "version", s.version(a), "decision", "refuser", "question", "Gardée ?").status(422).has("Écrivez le motif du refus", "Gardée ?")
	s.post(path, "version", s.version(a), "decision", "accepter", "debut", "31/2/2026").status(422).has("Saisissez une date qui existe")
	s.post(path, "version", s.version(a), "decision", "accepter", "debut", "1/1/2020").status(422).has("La gouvernance existe depuis")
	s.post(path, "version", s.version(a), "decision", "accepter", "debut", today, "autre", "x").status(400)
	s.post(structurePath(999)+"/decision", "version", "1", "decision", "accepter", "debut", today).status(404)
	version := s.version(a)
	if got := s.post(path, "version", version, "decision", "accepter", "debut", today).status(303); got.to != structurePath(b) {
		t.Errorf("opens %s, wanted the next request", got.to)
	}
	s.get(structurePath(b)).status(200).has("La structure rejoint le GNI. Voici la demande suivante.")
	s.actor.Name = "Sacha Équipe"
	s.post(path, "version", version, "decision", "refuser", "motif", "Mon long motif.").status(409).
		has("Acceptée dans le GNI", "par Camille Équipe", "Ce que vous aviez écrit", "Mon long motif.")
	got := s.post(structurePath(b)+"/decision", "version", s.version(b), "decision", "preciser", "question", "Qui ?").status(303)
	if got.to != registerPath || !strings.Contains(s.flash, "Plus aucune demande") {
		t.Errorf("after the last: %s, %q", got.to, s.flash)
	}
}

func TestStructurePage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get(structurePath(1)).status(404)
	a := s.request("Centre social du Lac")
	b := s.request("Centre social le Lac")
	if _, err := s.db.Exec(t.Context(), `INSERT INTO access_request (structure_id, first_name, last_name, email) VALUES ($1, 'Noa', 'Demandeuse', 'noa@example.org')`, a); err != nil {
		t.Fatal(err)
	}
	s.post(structurePath(a)+"/note", "note", "").status(422).has("Écrivez la note.")
	s.post(structurePath(a)+"/note", "note", "Appelée mardi.").status(303)
	s.get(structurePath(a)).status(200).has("Doublons possibles", "Centre social le Lac", "identique", "différent", "Nom proche à",
		"Noa Demandeuse", "Alix Référente", "Accord refusé", "Appelée mardi.", "Aide aux démarches administratives", "Changer de collège")
	s.get(registerPath + "?etat=acces").status(200).has("Centre social du Lac").lacks("Centre social le Lac")
	s.post(structurePath(b)+"/decision", "version", s.version(b), "decision", "refuser", "motif", "Doublon.").status(303)
	s.get(structurePath(b)).status(200).has("Rouvrir la demande", "Doublon.")
	s.post(structurePath(b)+"/reouverture", "version", "1").status(409)
	s.post(structurePath(b)+"/reouverture", "version", s.version(b), "mot", "Erreur de notre part.").status(303)
	if got := s.state(b); got != "submitted" {
		t.Errorf("reopened: %s", got)
	}
}

func TestAcceptSeveral(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get(acceptancePath).status(200).has("Aucune structure à accepter")
	s.get(acceptancePath + "?structure=x").status(400)
	a, b, c := s.request("Alpha du Lac"), s.request("Bravo des Dunes"), s.request("Charlie du Port")
	q := url.Values{"structure": {page.IDText(a), page.IDText(b), page.IDText(c)}}
	s.get(acceptancePath+"?"+q.Encode()).status(200).has("Accepter 3 structures", "alix1@example.org", "Bègles", "Action sociale")
	q.Set("debut", "")
	s.postForm(acceptancePath, q).status(422).has("Saisissez la date d’entrée")
	s.post(structurePath(c)+"/decision", "version", s.version(c), "decision", "refuser", "motif", "Non.").status(303)
	q.Set("debut", today)
	s.postForm(acceptancePath, q).status(303)
	for _, said := range []string{"2 structures rejoignent le GNI", "Charlie du Port", "Refusée", "Camille Équipe"} {
		if !strings.Contains(plain(s.flash), said) {
			t.Errorf("%q does not say %q", s.flash, said)
		}
	}
	if s.state(a) != "accepted" || s.state(b) != "accepted" || s.state(c) != "refused" {
		t.Error("not the states that were told")
	}
	many := url.Values{}
	for i := range structure.MaxAccepted + 1 {
		many.Add("structure", fmt.Sprint(i+1))
	}
	s.get(acceptancePath + "?" + many.Encode()).status(422)
}

func TestApplicantFollowsAndAnswers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.request("Le Fil des Dunes")
	other := s.request("Le Fil de la Dune")
	if err := s.gni.Note(t.Context(), teamActor, id, "Note que la structure ne lit pas."); err != nil {
		t.Fatal(err)
	}
	path := s.link(id)
	s.actor = access.Actor{}
	got := s.get(path).status(200).has("Recevez-vous du public ?", "vous demande une précision", "Aide aux démarches administratives", "Modifier")
	got.lacks("Note que la structure", "Le Fil de la Dune", page.IDText(other)+`"`)
	if got.head.Get("Cache-Control") != "no-store" {
		t.Error("a personal page may be kept by a cache")
	}
	s.post(path, "reponse", "").status(422).has("Écrivez votre réponse.")
	s.post(path, "reponse", "Oui, le mardi.").status(303)
	s.post(path, "reponse", "Oui, le mardi.").status(303)
	s.get(path).status(200).has("attend sa réponse", "Oui, le mardi.")
	s.get("/structures/demande/" + strings.Repeat("A", 26)).status(410)
	s.get(path + "/personnes").status(404)
	s.get(path + "/nimporte").status(404)
}

func TestApplicantChangesASection(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.request("Le Fil des Dunes")
	path := s.link(id)
	s.actor = access.Actor{}
	for _, section := range structure.ApplicationSections {
		s.get(path + "/" + string(section)).status(200)
	}
	form := hiddenOf(s.get(path + "/college").body)
	form.Set("college", "mediation_numerique")
	s.postForm(path+"/college", form).status(303)
	if got := s.text(`SELECT college FROM structure WHERE organisation_id = $1`, id); got != "mediation_numerique" {
		t.Errorf("college %s", got)
	}
	form.Set("college", "action_sociale") // from a page that is out of date
	s.postForm(path+"/college", form).status(409).has("Ce qui est enregistré maintenant", "Médiation numérique")
	form = hiddenOf(s.get(path + "/services").body)
	s.postForm(path+"/services", form).status(422).has("Cochez au moins un service.")
	form.Set("intrus", "x")
	s.postForm(path+"/services", form).status(400)
	s.get(path + "/retrait").status(200).has("Retirer ma demande")
	s.post(path + "/retrait").status(303)
	if s.state(id) != "lapsed" {
		t.Error("not withdrawn")
	}
	s.get(path).status(200).has("sans suite").lacks("Modifier", "alix1@example.org")
	if got := s.get(path + "/services").status(303); got.to != path {
		t.Errorf("leads to %s", got.to)
	}
	s.post(path+"/college", "college", "action_sociale").status(409)
}

func TestApplicantAfterTheDecision(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	in, out := s.request("Entrée du Port"), s.request("Refusée des Collines")
	inPath, outPath := s.link(in), s.link(out)
	s.post(structurePath(in)+"/decision", "version", s.version(in), "decision", "accepter", "debut", today).status(303)
	s.post(structurePath(out)+"/decision", "version", s.version(out), "decision", "refuser", "motif", "Hors sujet.").status(303)
	s.actor = access.Actor{}
	s.get(inPath).status(200).has("est membre du Groupe Numérique Inclusif (GNI)", "Connectez-vous").lacks("Retirer ma demande")
	s.get(outPath).status(200).has("Hors sujet.", "tribunal administratif de Bordeaux", "inscrire de nouveau")
	s.post(outPath, "reponse", "Mais si.").status(409)
}

// hiddenOf reads the hidden fields of the form of a page.
func hiddenOf(body string) url.Values {
	v := url.Values{}
	for _, part := range strings.Split(body, `<input type="hidden" name="`)[1:] {
		name, rest, _ := strings.Cut(part, `"`)
		_, rest, _ = strings.Cut(rest, `value="`)
		value, _, _ := strings.Cut(rest, `"`)
		v.Set(html.UnescapeString(name), html.UnescapeString(value))
	}
	return v
}

// The list and the page of a structure ask the database as often at any size.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.request("Première demande")
	path := s.link(id)
	count := func() map[string]int64 {
		out := map[string]int64{}
		for name, address := range map[string]string{"queue": registerPath, "all": registerPath + "?etat=toutes", "search": registerPath + "?q=premiere",
			"page": structurePath(id), "application": path} {
			s.get(address).status(200) // statements are prepared once
			before := s.queries.Load()
			s.get(address).status(200)
			out[name] = s.queries.Load() - before
		}
		return out
	}
	small := count()
	if _, err := s.db.Exec(t.Context(), `
		WITH made AS (INSERT INTO organisation (kind, name) SELECT 'structure', 'Structure ' || i FROM generate_series(1, 300) i RETURNING id)
		INSERT INTO structure (organisation_id, state, origin, college, insee, submitted_at)
		SELECT id, CASE WHEN id % 2 = 0 THEN 'submitted' ELSE 'accepted' END, 'import', 'action_sociale', '33039', now() FROM made`); err != nil {
		t.Fatal(err)
	}
	for name, n := range count() {
		if n != small[name] || n > 2 {
			t.Errorf("%s: %d round trips, %d with one structure, 2 at most", name, n, small[name])
		}
	}
}
