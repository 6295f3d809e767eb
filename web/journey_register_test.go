package web_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"bordeaux-metropole.fr/portal/web/browsertest"
)

// typist is somebody who has a keyboard and nothing else, no script, and a narrow
// window. What they do is counted.
type typist struct {
	*visitor
	keys, choices, pages int
	words                int           // of the pages they were shown
	took                 time.Duration // of the machine, pages included
}

// phone is the window of the journey.
var phone = browsertest.Options{Width: 360, Height: 740, NoScript: true}

// The keystroke-level model (Card, Moran and Newell, 1980): a key of somebody who
// types fairly, a decision. It leaves reading out: pages are read at the pace of
// silent reading in French (Brysbaert, 2019), and of a page that is visited 28 % of
// the words at most (Nielsen, 2008).
const (
	keyTime      = 280 * time.Millisecond
	decisionTime = 1350 * time.Millisecond
	wordsAMinute = 214
	wordsRead    = 28 // of a hundred
)

// human is how long a person would take: the hand alone, then the eyes too.
func (y *typist) human() (hand, whole time.Duration) {
	hand = time.Duration(y.keys)*keyTime + time.Duration(y.choices)*decisionTime
	return hand, hand + time.Duration(y.words*wordsRead)*time.Minute/(100*wordsAMinute)
}

// wordsShown counts the words of the page, without what is searched and not read: the
// options of lists, tables, what is folded.
const wordsShown = `(() => {
	let n = 0;
	for (const walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT); walk.nextNode();) {
		const e = walk.currentNode.parentElement;
		if (!e.closest("select, table, .tilemap, .sr, details:not([open]) > :not(summary)") && e.checkVisibility()) n += walk.currentNode.data.split(/[\s\u00a0\u202f]+/).filter(w => /\p{L}|\d/u.test(w)).length;
	}
	return n;
})()`

// arrives reads the new page, and skips to its content.
func (y *typist) arrives() {
	y.t.Helper()
	y.pages++
	y.words += browsertest.Eval[int](y.Tab, wordsShown)
	if n := y.Overflow(); n > 0 {
		y.t.Errorf("%s is %d pixels too wide at 360", y.path(), n)
	}
	y.keys += 2
	if p := y.tab(); p.Label != "Aller au contenu" {
		y.t.Fatalf("%s: the first stop is %q", y.path(), p.Label)
	}
	y.jump()
	until(y.t, "the skip link leads to the content", func() bool {
		return browsertest.Eval[bool](y.Tab, `location.hash === "#contenu"`)
	})
}

// reach presses Tab until the focus is on what bears the words.
func (y *typist) reach(words string) {
	y.t.Helper()
	y.choices++
	for range 80 {
		y.keys++
		if p := y.tab(); strings.HasPrefix(p.Label, words) {
			return
		}
	}
	y.t.Fatalf("the keyboard does not lead to « %s » on %s", words, y.main())
}

// opens follows a link or presses a button, and reads the page it leads to.
func (y *typist) opens(words string) {
	y.t.Helper()
	y.reach(words)
	y.keys++
	if status := y.enter(); status != http.StatusOK {
		y.t.Fatalf("« %s »: status %d\n%s", words, status, y.main())
	}
	y.arrives()
}

// says types in a field.
func (y *typist) says(label, text string) {
	y.t.Helper()
	y.reach(label)
	y.keys += utf8.RuneCountInString(text)
	y.Press(text)
	if got := browsertest.Eval[string](y.Tab, `document.activeElement.value`); got != text {
		y.t.Fatalf("« %s » holds %q, typed %q", label, got, text)
	}
}

// picks types the first letters of an option of a list.
func (y *typist) picks(label, letters, option string) {
	y.t.Helper()
	y.reach(label)
	y.keys += len(letters)
	y.Press(letters)
	if got := browsertest.Eval[string](y.Tab, `document.activeElement.selectedOptions[0].text`); got != option {
		y.t.Fatalf("« %s » shows %q, want %q", label, got, option)
	}
}

// ticks reaches a box or a radio and presses Space.
func (y *typist) ticks(label string) {
	y.t.Helper()
	y.reach(label)
	y.keys++
	y.Press(" ")
	if !browsertest.Eval[bool](y.Tab, `document.activeElement.checked`) {
		y.t.Fatalf("« %s » is not ticked", label)
	}
}

// landing is the path a link of the letter leads to.
func (l letter) landing(t testing.TB, path string) string {
	t.Helper()
	m := regexp.MustCompile(regexp.QuoteMeta(path) + `[A-Z2-7a-z0-9_-]+`).FindString(l.Text)
	if m == "" {
		t.Fatalf("no link to %s in « %s »:\n%s", path, l.Subject, l.Text)
	}
	return m
}

// registration is a structure that joins the GNI, and those who make it join.
type registration struct {
	t    *testing.T
	site *site
	box  *mailbox
	me   *typist
	team *visitor
	id   int
}

const (
	newName    = "Relais fictif des Marronniers"
	newSIRET   = "99900000100001"
	newInBoss  = "alix.exemple@example.org"
	newInTeam  = "sacha.modele@example.org"
	newSummary = "Aide aux démarches en ligne pour tous."
)

// TestJourneyRegister: somebody registers a structure with the keyboard alone, on a
// phone's width, without script; the team examines it; the structure lives.
func TestJourneyRegister(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	s := newSite(t)
	j := &registration{t: t, site: s, box: s.deliverBySMTP(t), me: &typist{visitor: s.open(t, phone)}, team: s.open(t, browsertest.Options{})}
	j.team.sit(s.signIn(t, "equipe@example.org"))
	for _, path := range []string{"/", "/instances/gni", "/structures", "/connexion", "/aide"} {
		if !strings.Contains(s.browser(t).get(path).body, `href="/structures/inscription"`) {
			t.Errorf("%s does not lead to the registration", path)
		}
	}
	for _, step := range []struct {
		name string
		live func()
	}{
		{"write", j.write}, {"come back elsewhere", j.comeBack}, {"send", j.send}, {"confirm", j.confirm}, {"question", j.question},
		{"acceptance", j.accept}, {"first day", j.firstDay}, {"what the public reads", j.publish},
	} {
		began := time.Now()
		step.live()
		t.Logf("%s: %s", step.name, time.Since(began).Round(10*time.Millisecond))
	}
}

// write begins, as somebody who looks for their structure in the directory.
func (j *registration) write() {
	y := j.me
	began := time.Now()
	defer func() { y.took += time.Since(began) }()
	y.at("/structures")
	y.arrives()
	y.opens("Inscrire ma structure")
	y.opens("Commencer l’inscription")
	y.opens("Commencer")
	y.says("Nom de la structure", newName)
	y.says("Numéro SIRET", newSIRET)
	y.picks("Type de structure", "asso", "Associations")
	y.opens("Enregistrer et continuer")
	y.picks("Commune", "cenon", "Cenon")
	y.opens("Enregistrer et continuer")
}

// comeBack leaves half-way and goes on in another browser: nothing is lost. It is not
// counted.
func (j *registration) comeBack() {
	t, aside := j.t, &typist{visitor: j.me.visitor}
	aside.at(strings.TrimSuffix(aside.path(), "/college"))
	aside.arrives()
	aside.says("Adresse électronique", newInBoss)
	aside.opens("Recevoir le lien pour revenir plus tard")
	aside.reads("Le message part à l’adresse que vous avez donnée.")
	link := letterTo(t, j.box.wait(t, "Reprendre votre inscription", 1), newInBoss).landing(t, "/structures/inscription/")

	j.me.visitor = j.site.open(t, phone)
	j.me.at(link)
	j.me.reads("4 rubriques restent à remplir")
	for field, want := range map[string]string{"/structure": newName, "/adresse": "33119"} {
		j.me.at(link + field)
		if !browsertest.Eval[bool](j.me.Tab, fmt.Sprintf(`[...document.querySelectorAll("main input, main select")].some(e => e.value === %q)`, want)) {
			t.Errorf("%s was lost from %s", want, field)
		}
	}
	aside = &typist{visitor: j.me.visitor}
	aside.at(link)
	aside.arrives()
	aside.opens("Continuer")
}

// send goes on to the end.
func (j *registration) send() {
	y := j.me
	began := time.Now()
	y.ticks("L’action sociale")
	y.opens("Enregistrer et continuer")
	y.ticks("Aide aux démarches administratives")
	y.opens("Enregistrer et continuer")
	y.says("Présentation courte", newSummary)
	y.says("Horaires d’ouverture", "du lundi au vendredi de 9 h à 12 h")
	y.opens("Enregistrer et continuer")
	y.opens("Passer cette étape")
	y.says("Prénom", "Alix")
	y.says("Nom", "Exemple")
	y.says("Adresse électronique", newInBoss)
	y.opens("Enregistrer et continuer")
	y.opens("Enregistrer et continuer") // no consent: nothing is published
	y.reads("Relisez vos réponses", "999 000 001 00001", "Cenon", "Alix Exemple", newSummary)
	y.opens("Envoyer la demande")
	y.reads("Demande envoyée", newInBoss, "confirmez votre adresse")
	y.took += time.Since(began)
	hand, whole := y.human()
	j.t.Logf("registration: %d pages, %d keys, %d decisions, %d words shown; %s of the machine; a person: %s, %s with reading",
		y.pages, y.keys, y.choices, y.words, y.took.Round(100*time.Millisecond), hand.Round(time.Second), whole.Round(time.Second))
	if whole > 5*time.Minute {
		j.t.Errorf("a person would take %s, more than five minutes", whole)
	}
}

// confirm opens the mail. Until then the team sees nothing.
func (j *registration) confirm() {
	t, y := j.t, j.me
	j.team.at("/equipe/structures")
	j.team.readsNot(newName)
	l := letterTo(t, j.box.wait(t, "Confirmez votre adresse", 1), newInBoss)
	if strings.Contains(l.Text, newName) {
		t.Error("a mail to an unconfirmed address repeats what was typed")
	}
	link := l.landing(t, "/structures/confirmation/")
	for range 2 { // a mail scanner reads the link before its owner
		if a := j.site.browser(t).get(link); a.status != http.StatusOK {
			t.Fatalf("the link read by a machine: status %d", a.status)
		}
	}
	y.at(link)
	y.arrives()
	y.opens("Confirmer mon adresse")
	y.reads("Votre adresse est confirmée", newName)
	y.answers(link, http.StatusGone)
	y.reads("déjà confirmée")
	letterTo(t, j.box.wait(t, "Votre demande est bien arrivée", 1), newInBoss).says(t, newName, "Suivre ma demande")
}

// question: the team asks, the structure answers by its link.
func (j *registration) question() {
	t, v, y := j.t, j.team, j.me
	v.at("/equipe/structures")
	v.follow(newName)
	if _, err := fmt.Sscanf(v.path(), "/equipe/structures/%d", &j.id); err != nil {
		t.Fatal(err)
	}
	v.clean(browsertest.Options{})
	v.tick("Demander une précision")
	v.write("Si vous demandez une précision", "Recevez-vous sans rendez-vous ?")
	v.sends("Enregistrer la décision")
	v.reads("La question est envoyée à la structure.")
	l := letterTo(t, j.box.wait(t, "Une précision sur la demande", 1), newInBoss)
	l.says(t, "Recevez-vous sans rendez-vous ?")
	y.at(l.landing(t, "/structures/demande/"))
	y.reads("Recevez-vous sans rendez-vous ?")
	y.arrives()
	y.says("Votre réponse", "Oui, tous les matins.")
	y.opens("Envoyer ma réponse")
	y.readsNot("Envoyer ma réponse")
	y.reads("Oui, tous les matins.")
}

func (j *registration) accept() {
	v := j.team
	v.at("/equipe/structures")
	v.follow(newName)
	v.reads("Oui, tous les matins.")
	v.tick("Accepter")
	v.sends("Enregistrer la décision")
	v.reads("La structure rejoint le GNI.")
	letterTo(j.t, j.box.wait(j.t, "Votre structure a rejoint le GNI", 1), newInBoss).says(j.t, newName, "Action sociale", "Bonjour Alix Exemple, "+newName)
}

// firstDay: the person in charge opens their account, says that all is up to date and
// adds somebody.
func (j *registration) firstDay() {
	t, y := j.t, j.me
	y.at(letterTo(t, j.box.wait(t, "Votre accès au portail", 1), newInBoss).landing(t, "/invitation/"))
	y.arrives()
	y.says("Nouveau mot de passe", passphrase)
	y.opens("Ouvrir mon compte")
	y.reads(newName)
	y.at("/ma-structure")
	y.arrives()
	y.opens("Tout est à jour")
	y.reads("Votre fiche est-elle complète")
	y.opens("Voir les personnes et leurs droits")
	y.opens("Ajouter une personne")
	y.says("Prénom", "Sacha")
	y.says("Nom", "Modèle")
	y.says("Adresse électronique", newInTeam)
	y.opens("Ajouter la personne")
	y.reads("Sacha Modèle", "pas encore de compte")
	j.box.wait(t, "Votre accès au portail", 2)
}

// publish: the directory shows the name, then the sheet once it is agreed.
func (j *registration) publish() {
	t, y, public := j.t, j.me, j.site.open(j.t, browsertest.Options{})
	sheet := fmt.Sprintf("/structures/%d", j.id)
	public.at("/structures?q=marroniers") // mistyped
	public.follow(newName)
	if got := public.path(); got != sheet {
		t.Errorf("the directory leads to %s, want %s", got, sheet)
	}
	public.reads("Cenon", "n’a pas publié sa fiche")
	public.readsNot(newSummary, newInBoss, "Alix Exemple")
	y.at("/ma-structure/fiche/accords")
	y.arrives()
	y.ticks("Publier la fiche de la structure")
	y.opens("Enregistrer")
	public.at(sheet)
	public.reads(newSummary)
	public.readsNot(newInBoss, "Alix Exemple")
	for _, l := range [][]letter{j.box.about("précision sur la demande"), j.box.about("rejoint le GNI"), j.box.about("est bien arrivée")} {
		once(t, l)
	}
}
