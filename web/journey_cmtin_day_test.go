package web_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/web/browsertest"
)

// exec writes to the database what a test cannot wait for, such as the day that comes.
func (s *site) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := s.pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// theDay: the team opens the session, a mayor checks in by the code of the room, and
// the roll is called by keyboard.
func (j *session) theDay() {
	t, v := j.t, j.team
	v.at("/equipe/instances/cmtin/reglages")
	v.follow("Modifier : Quorum")
	v.write("Valeur", "50")
	v.tick("Règlement intérieur")
	v.write("Note", "article 7")
	v.sends("Enregistrer le réglage")
	j.site.exec(t, `UPDATE meeting SET starts_at = now() - interval '5 minutes', ends_at = now() + interval '2 hours' WHERE id = $1`, j.id)
	j.at(v, "/emargement")
	v.reads("55 non pointés")
	v.follow("Ouvrir la réunion")
	v.sends("Ouvrir la réunion")
	v.reads("La réunion est ouverte")
	v.follow("Afficher le code de pointage")
	room := strings.TrimPrefix(browsertest.Eval[string](v.Tab, `document.querySelector("main a[href*='/pointage/']").href`), j.site.URL)

	phone := j.site.open(t, browsertest.Options{Width: 320})
	phone.at(room)
	phone.reads("Séance du CMTIN")
	phone.write("Adresse électronique", "maire-begles@example.org")
	phone.sends("Je suis là")
	phone.reads("C’est noté")

	j.at(v, "/emargement")
	v.reads("Pointage à confirmer")
	v.sends("Confirmer 1 personne qui s’est pointée")
	v.reads("1 présent", "non atteint")
	j.call(map[string]string{"Leïla Ormevert": "excused", "Violette Quatrevents": "absent", "Maëlys Œillet-Brémontier": "remote", "Omar Blanchecombe": "proxy"})
	v.reads("51 présents, 1 à distance, 1 pouvoir, 1 excusé et 1 absent")
	v.readsNot("non atteint")
	if n := j.site.count(t, `SELECT count(*)::int FROM attendance WHERE meeting_id = $1 AND status = 'present'`, j.id); n != 51 {
		t.Errorf("%d people are written present, want 51", n)
	}
}

// call calls the roll by keyboard: a key for who is present, arrows for the others.
func (j *session) call(others map[string]string) {
	t, v := j.t, j.team
	browsertest.Eval[bool](v.Tab, `document.querySelector(".who input").focus() ?? true`)
	const focused = `(() => { const e = document.activeElement, r = e.closest(".who"); return [r?.querySelector("strong").textContent ?? "", e.value ?? "", r?.dataset.row ?? ""] })()`
	last := ""
	for range 60 {
		at := browsertest.Eval[[]string](v.Tab, focused)
		if at[2] == last {
			break
		}
		last = at[2]
		for want := others[at[0]]; want != "" && at[1] != want; at = browsertest.Eval[[]string](v.Tab, focused) {
			v.Press(kb.ArrowDown)
		}
		v.Press("\r")
	}
	until(t, "every mark is written", func() bool {
		return !v.shows("non pointé") && v.shows("Enregistré")
	})
}

// notes: what is said, decided, asked of a ministry and of a member.
func (j *session) notes() {
	v := j.team
	j.at(v, "/seance")
	v.write("Notes du point 3", "Les communes demandent une carte tenue à jour chaque mois.")
	v.sends("Enregistrer toutes les notes")
	v.follow("Ajouter une décision au point 3")
	v.write("Titre", "Une carte commune des lieux d’accueil")
	v.write("Texte adopté", "Le CMTIN adopte la carte commune des lieux d’accueil, mise à jour chaque mois.")
	v.tick("Adoptée")
	v.tick("Par un vote")
	v.write("Voix pour", "47")
	v.write("Voix contre", "1")
	v.write("Abstentions", "2")
	v.sends("Inscrire la décision")
	v.reads("Une carte commune des lieux d’accueil", "47")
	j.decision = j.numbered("Décision")
	v.follow("Ajouter une position ou une demande au point 4")
	v.tick("Demande")
	v.write("Destinataire", "Le ministère chargé du numérique")
	v.write("Titre", "Financement des conseillers numériques")
	v.write("Texte adopté", "Le CMTIN demande que le financement soit garanti pour trois ans.")
	v.sends("Enregistrer le texte")
	v.reads("Financement des conseillers numériques", "Le ministère chargé du numérique")
	j.position = j.numbered("Demande")
	v.follow("Ajouter une action demandée au point 3")
	v.write("Ce qui est demandé", "Transmettre la liste des lieux de Bègles")
	v.Choose("#destinataire", browsertest.Eval[string](v.Tab, `[...document.querySelectorAll("#destinataire option")].find(o => o.text.includes("Saintebrume") && o.text.includes("Bègles")).value`))
	v.write("Pour le", french.NumericDate(day.Today().AddDays(30)))
	v.sends("Enregistrer l’action demandée")
	v.reads("Transmettre la liste des lieux de Bègles", "Nino Saintebrume")
}

// numbered returns the number the notes show of what was just written.
func (j *session) numbered(kind string) string {
	j.t.Helper()
	m := regexp.MustCompile(kind + ` (CMTIN \d{4}-P?\d+) :`).FindStringSubmatch(plainSpaces(browsertest.Eval[string](j.team.Tab, `document.querySelector("main").innerText`)))
	if m == nil {
		j.t.Fatalf("no number of a %s on %s", kind, j.team.main())
	}
	return m[1]
}

var heldCount = regexp.MustCompile(`(\d+) séances? tenues?`)

// held is how many sessions the cadence counts.
func (j *session) held() string {
	j.t.Helper()
	j.team.at("/equipe/reunions/nouvelle")
	m := heldCount.FindStringSubmatch(plainSpaces(browsertest.Eval[string](j.team.Tab, `document.querySelector("main").innerText`)))
	if m == nil {
		j.t.Fatalf("no count of sessions on %s", j.team.main())
	}
	return m[1]
}

// close ends the session, which then counts in the year.
func (j *session) close() {
	t, v := j.t, j.team
	before := j.held()
	j.at(v, "/emargement")
	v.follow("Clore la réunion")
	v.reads("Présence notée", "atteint")
	v.readsNot("Présence non notée")
	v.sends("Clore la réunion")
	v.reads("La réunion est close.")
	var n int
	if _, err := fmt.Sscan(before, &n); err != nil {
		t.Fatal(err)
	}
	if got := j.held(); got != fmt.Sprint(n+1) {
		t.Errorf("%s sessions held, want one more than %d", got, n)
	}
}

// write assembles the minutes, and completes them.
func (j *session) write() {
	v := j.team
	j.at(v, "/compte-rendu")
	v.sends("Commencer le compte rendu")
	text := v.holds("Texte du compte rendu")
	for _, want := range []string{"Les communes demandent une carte", "Une carte commune des lieux d’accueil", "47", "Financement des conseillers numériques", "Transmettre la liste"} {
		if !strings.Contains(plainSpaces(text), want) {
			j.t.Errorf("the assembled minutes lack « %s »:\n%s", want, text)
		}
	}
	browsertest.Eval[bool](v.Tab, `(() => { const e = document.querySelector("#texte"); e.focus(); e.setSelectionRange(e.value.length, e.value.length); return true })()`)
	v.Press("\n\n# Clôture\n\nLa séance est levée à dix-sept heure.\n")
	v.write("Dialogue avec l’expertise nationale", "L’experte souligne l’accueil des aînés.")
	v.sends("Enregistrer")
	v.reads("enregistré")
	v.sends("Voir l’aperçu")
	v.reads("La séance est levée à dix-sept heure.", "L’experte souligne l’accueil des aînés.")
	v.clean(browsertest.Options{})
	j.at(v, "/compte-rendu")
}

// review: everybody reads; a mayor asks a correction by the mailed link.
func (j *session) review() {
	t, v := j.t, j.team
	v.follow("Envoyer en relecture")
	v.write("Dernier jour pour demander des corrections", french.NumericDate(day.Today().AddDays(7)))
	v.sends("Envoyer en relecture")
	got := j.box.wait(t, "À relire", 55)
	once(t, got)
	mayor := j.site.open(t, browsertest.Options{})
	mayor.at(letterTo(t, got, "maire-begles@example.org").link(t))
	if !strings.HasSuffix(mayor.path(), "/compte-rendu") {
		mayor.follow("Lire le compte rendu à relire")
	}
	mayor.reads("Ce compte rendu est en relecture.", "La séance est levée à dix-sept heure.")
	mayor.write("Passage à corriger", "dix-sept heure")
	mayor.write("Correction demandée", "dix-sept heures")
	mayor.sends("Demander cette correction")
	mayor.reads("En attente")
	mayor.clean(browsertest.Options{})
	public := j.site.browser(t)
	for _, path := range []string{"compte-rendu", "compte-rendu.pdf", "releve"} {
		if status := public.get(fmt.Sprintf("/reunions/%d/%s", j.id, path)).status; status != http.StatusNotFound {
			t.Errorf("%s in review, to the public: status %d", path, status)
		}
	}
	for _, path := range []string{"/decisions", "/decisions.csv", "/positions", "/recherche?q=carte+commune"} {
		if a := public.get(path); a.status != http.StatusOK || strings.Contains(a.body, "Une carte commune") || strings.Contains(a.body, "Financement des conseillers") {
			t.Errorf("%s tells before the publication what was decided: status %d", path, a.status)
		}
	}

	j.at(v, "/compte-rendu/corrections")
	v.reads("Nino Saintebrume", "dix-sept heures")
	v.follow("Modifier le texte")
	browsertest.Eval[bool](v.Tab, `(() => { const e = document.querySelector("#texte"), i = e.value.indexOf("dix-sept heure") + "dix-sept heure".length; e.focus(); e.setSelectionRange(i, i); return true })()`)
	v.Press("s")
	v.sends("Enregistrer")
	j.at(v, "/compte-rendu/corrections")
	v.write("Votre réponse", "Merci, c’est corrigé.")
	v.sends("Retenir la correction")
	letterTo(t, j.box.wait(t, "Votre demande de correction : retenue", 1), "maire-begles@example.org").says(t, "Merci, c’est corrigé.")
}

// publish: the chair validates, the team publishes.
func (j *session) publish() {
	t := j.t
	chair := j.site.open(t, browsertest.Options{})
	chair.signsIn("presidente@example.org")
	chair.follow("Valider") // among what awaits her
	chair.reads("La séance est levée à dix-sept heures.")
	chair.tick("Je le valide")
	chair.sends("Enregistrer ma décision")
	chair.reads("Le compte rendu est validé.")
	chair.clean(browsertest.Options{})
	v := j.team
	j.at(v, "/compte-rendu/publication")
	v.sends("Publier le compte rendu")
	v.reads("publié")
	told := j.box.wait(t, "Publié : compte rendu", 55)
	once(t, told)
	letterTo(t, told, "partenaire-01@example.org")
}

// everybodyReads: signed out, the minutes, the registers, the calendar.
func (j *session) everybodyReads() {
	t, v := j.t, j.site.open(j.t, browsertest.Options{})
	v.at("/reunions")
	v.at(fmt.Sprintf("/reunions/%d", j.id))
	v.follow("Lire le compte rendu")
	v.reads("Compte rendu", "La séance est levée à dix-sept heures.", "L’experte souligne l’accueil des aînés.", "47")
	v.readsNot("Ormevert") // who was there, or not, is nobody's business
	if sum := browsertest.Eval[string](v.Tab, `[...document.querySelectorAll("dd")].at(-1).innerText`); !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(sum) {
		t.Errorf("the sum of the text copies as %q", sum)
	}
	v.clean(browsertest.Options{})
	v.at("/decisions")
	v.reads("Une carte commune des lieux d’accueil")
	v.follow(j.decision)
	v.reads(j.decision, "Une carte commune des lieux d’accueil", "mise à jour chaque mois", "47")
	v.at("/positions")
	v.reads("Financement des conseillers numériques")
	v.follow(j.position)
	v.reads("Le ministère chargé du numérique", "garanti pour trois ans")
	v.at("/instances/cmtin")
	if body := j.site.browser(t).get("/agenda.ics").body; !strings.Contains(body, j.uid) {
		t.Error("the public calendar lacks the session")
	}
}
