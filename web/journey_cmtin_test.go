package web_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/web"
	"bordeaux-metropole.fr/portal/web/browsertest"
)

// session is one session of the CMTIN, lived by those who make it.
type session struct {
	t    *testing.T
	site *site
	box  *mailbox
	id   int
	on   day.Day // the day it is planned for
	team *visitor
	uid  string // of the event in calendars
	sent []letter

	decision, position string // their numbers, as the notes show them
}

// TestJourneyCMTIN: a session of the CMTIN from its plan to the public register, by
// the team (two people), the chair, a mayor, a partner and the State, with mails read
// from a real SMTP server.
func TestJourneyCMTIN(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	s := newSite(t)
	j := &session{t: t, site: s, box: s.deliverBySMTP(t), on: demoDay.AddDays(2), team: s.open(t, browsertest.Options{})}
	j.team.signsIn("equipe@example.org")
	for _, step := range []struct {
		name string
		live func()
	}{
		{"plan", j.plan}, {"agenda", j.agenda}, {"convene", j.convene}, {"answers", j.answers}, {"complement", j.complete}, {"change", j.change},
		{"reminder", j.remind}, {"the day", j.theDay}, {"notes", j.notes}, {"closing", j.close}, {"minutes", j.write}, {"review", j.review},
		{"publication", j.publish}, {"what everybody reads", j.everybodyReads},
	} {
		began := time.Now()
		step.live()
		t.Logf("%s: %s", step.name, time.Since(began).Round(10*time.Millisecond))
	}
}

// at goes to a part of the meeting, "" for its overview.
func (j *session) at(v *visitor, part string) {
	j.t.Helper()
	v.at(fmt.Sprintf("/equipe/reunions/%d%s", j.id, part))
}

func (j *session) plan() {
	v := j.team
	v.follow("Conduire")
	v.follow("Planifier une réunion")
	v.tick("CMTIN")
	v.write("Date", french.NumericDate(j.on))
	v.write("Heure de début", "14h")
	v.write("Heure de fin", "16:30")
	v.write("Lieu", "Hôtel de Bordeaux Métropole, salle Garonne")
	v.write("Lien de visioconférence", "https://visio.example.org/cmtin")
	v.write("Thème", "Inclusion numérique des aînés")
	v.write("Nom de l’expert", "Maëlys Œillet-Brémontier")
	v.write("Organisme", "Agence nationale fictive")
	v.write("Adresse électronique", "experte@example.org")
	v.sends("Planifier la réunion")
	v.reads("c’est planifié.", "Dernier jour pour convoquer", "Inclusion numérique des aînés", "Le délai de convocation est dépassé")
	var err error
	if j.id, err = strconv.Atoi(strings.TrimPrefix(v.path(), "/equipe/reunions/")); err != nil {
		j.t.Fatal(err)
	}
}

// agenda adds the standing points and two others, one with its document.
func (j *session) agenda() {
	v := j.team
	j.at(v, "/ordre-du-jour")
	v.reads("1. Accueil et approbation du compte rendu précédent", "2. Suivi des décisions") // the standing points are there
	for _, p := range []struct{ title, kind, minutes string }{{"Carte des lieux d’accueil", "Décision", "40"}, {"Dialogue avec l’expertise nationale", "Échange", "30"}} {
		v.write("Intitulé", p.title)
		v.tick(p.kind)
		v.write("Durée", p.minutes)
		v.write("Présenté par", "L’équipe métropolitaine")
		v.sends("Ajouter le point")
		v.reads(p.title)
	}
	j.at(v, "/convocation")
	v.reads("À vérifier", "Sans document : point")
	j.at(v, "/documents")
	file := filepath.Join(j.t.TempDir(), "carte.pdf")
	if err := os.WriteFile(file, []byte("%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"), 0o600); err != nil {
		j.t.Fatal(err)
	}
	v.Upload("#fichiers", file)
	v.write("Titre", "Carte des lieux, projet")
	point := browsertest.Eval[string](v.Tab, `[...document.querySelectorAll("#point option")].find(o => o.text.includes("Carte des lieux d’accueil")).value`)
	v.Choose("#point", point)
	v.tick("Tout le monde")
	v.sends("Joindre à la réunion")
	v.reads("Carte des lieux, projet", "PDF")
}

// convene checks, previews as one recipient, says why it convenes late, and sends.
func (j *session) convene() {
	v := j.team
	j.at(v, "/convocation")
	v.reads("La représentation de l’État est invitée", "il fallait convoquer au plus tard le", "pour décision.")
	v.readsNot("Sans document")
	v.follow("Voir ce que reçoit une personne")
	begles := browsertest.Eval[string](v.Tab, `[...document.querySelectorAll("#destinataire option")].find(o => o.text.includes("Bègles"))?.value ?? ""`)
	v.Choose("#destinataire", begles)
	v.sends("Filtrer")
	v.reads("Bègles", "Convocation : séance du CMTIN", "Carte des lieux, projet", "le lien personnel de cette personne")
	j.at(v, "/convocation")
	v.write("Pourquoi convoquer malgré", "La Présidente a demandé une séance avant la fin du mois.")
	v.sends("Relire avant l’envoi")
	v.reads("La Présidente a demandé une séance avant la fin du mois.", "Cet envoi ne peut pas être annulé.")
	v.clean(browsertest.Options{})
	v.sends("Envoyer 55 convocations")
	v.reads("55 convocations", "Suivre les réponses")
	j.sent = j.box.wait(j.t, "séance du CMTIN, "+french.Date(j.on), 55)
	once(j.t, j.sent)
	mayor := letterTo(j.t, j.sent, "maire-begles@example.org")
	if want := "Convocation : séance du CMTIN, " + french.Date(j.on); plainSpaces(mayor.Subject) != plainSpaces(want) {
		j.t.Errorf("the mayor reads the subject %q, want %q", mayor.Subject, want)
	}
	mayor.says(j.t, "vous convoque à la séance du CMTIN", "de 14 h à 16 h 30", "salle Garonne", "https://visio.example.org/cmtin",
		"3. Carte des lieux d’accueil (décision, 40 min)", "Dites si vous viendrez")
	// 0 was what calendars read before the session was convened.
	j.uid = j.checkEvent(mayor, 1, j.on.At(14, 0))
	state := letterTo(j.t, j.sent, "prefecture@example.org")
	state.says(j.t, "vous invite à la séance du CMTIN")
	if !strings.HasPrefix(state.Subject, "Invitation") {
		j.t.Errorf("the State reads %q", state.Subject)
	}
}

// checkEvent reads the file that came with a letter and returns its UID.
func (j *session) checkEvent(l letter, sequence int, start time.Time) string {
	j.t.Helper()
	e := l.event(j.t)
	uid, err := e.Props.Text(ical.PropUID)
	if err != nil || uid == "" || j.uid != "" && uid != j.uid {
		j.t.Errorf("UID %q, %v; was %q", uid, err, j.uid)
	}
	if p := e.Props.Get(ical.PropSequence); p == nil || p.Value != strconv.Itoa(sequence) {
		j.t.Errorf("SEQUENCE %+v, want %d", p, sequence)
	}
	p := e.Props.Get(ical.PropDateTimeStart)
	if p == nil || p.Params.Get("TZID") != "Europe/Paris" {
		j.t.Fatalf("DTSTART %+v, want an hour of Paris", p)
	}
	if at, err := p.DateTime(day.Paris); err != nil || !at.Equal(start) {
		j.t.Errorf("DTSTART %s, %v; want %s", at, err, start)
	}
	return uid
}

// answers: two mayors by their mailed links, a partner and the State signed in.
func (j *session) answers() {
	t, o := j.t, browsertest.Options{}
	begles := j.site.open(t, o)
	begles.at(letterTo(t, j.sent, "maire-begles@example.org").link(t))
	begles.reads("Nino Saintebrume, Maire de Bègles", "Carte des lieux, projet", "Carte des lieux d’accueil")
	begles.tick("Je viens sur place")
	begles.write("Un mot pour l’équipe", "J’arriverai en tram.")
	begles.sends("Enregistrer la réponse")
	begles.reads("Votre réponse est enregistrée : Sur place.")
	begles.clean(o)

	bordeaux := j.site.open(t, browsertest.Options{NoScript: true})
	bordeaux.at(letterTo(t, j.sent, "maire-bordeaux@example.org").link(t))
	bordeaux.tick("Je donne pouvoir à un autre membre")
	bordeaux.Choose("#pouvoir", browsertest.Eval[string](bordeaux.Tab, `[...document.querySelectorAll("#pouvoir option")].find(o => o.text.includes("Saintebrume")).value`))
	bordeaux.sends("Enregistrer la réponse")
	bordeaux.reads("Votre réponse est enregistrée : Pouvoir donné.", "Nino Saintebrume")

	partner := j.site.open(t, o)
	partner.signsIn("partenaire-01@example.org")
	partner.follow("Mes réunions")
	partner.follow("Séance du CMTIN")
	partner.reads("Leïla Ormevert")
	partner.tick("Je ne viens pas")
	partner.sends("Enregistrer la réponse")
	partner.reads("Votre réponse est enregistrée : Excusé.")

	state := j.site.open(t, o)
	state.signsIn("prefecture@example.org")
	state.at(fmt.Sprintf("/mes-reunions/%d", j.id))
	state.reads("Représentation de l’État", "Hôtel de Bordeaux Métropole, salle Garonne", "Dialogue avec l’expertise nationale")
	state.tick("Je viens sur place")
	state.sends("Enregistrer la réponse")
	state.follow("La convocation, à lire ou à imprimer")
	state.reads("Clémence Courtepaille", "invite")

	j.at(j.team, "/convocation")
	j.team.reads("4 sur 55", "Sans réponse")
	j.team.follow("Pouvoir donné")
	j.team.reads("à Nino Saintebrume")
}

// complete: another of the team adds a point, and says only that.
func (j *session) complete() {
	t, v := j.t, j.site.open(j.t, browsertest.Options{})
	v.signsIn("equipe2@example.org")
	j.at(v, "/ordre-du-jour")
	v.write("Intitulé", "Matériel reconditionné")
	v.tick("Information")
	v.write("Durée", "10")
	v.sends("Ajouter le point")
	j.at(v, "/convocation")
	v.follow("Envoyer un complément")
	v.reads("Matériel reconditionné", "55 destinataires")
	v.write("Votre texte", "Un point de dix minutes s’ajoute.")
	v.sends("Envoyer le complément")
	v.reads("Le complément part à 55 destinataires.")
	got := j.box.wait(t, "Complément : séance du CMTIN, "+french.Date(j.on), 55)
	once(t, got)
	l := letterTo(t, got, "maire-cenon@example.org")
	l.says(t, "Le reste ne change pas.", "Un point de dix minutes s’ajoute.", "Matériel reconditionné")
	if strings.Contains(l.Text, "Carte des lieux") {
		t.Error("the complement says again what was known")
	}
}

// change: an hour later; everybody is told once, and calendars follow.
func (j *session) change() {
	t, v := j.t, j.team
	j.at(v, "")
	v.follow("Modifier la date, le lieu ou le thème")
	v.write("Heure de début", "15 h")
	v.write("Heure de fin", "17 h 30")
	v.sends("Enregistrer les changements")
	v.reads("de 14 h à 16 h 30", "de 15 h à 17 h 30", "55")
	v.sends("Modifier et prévenir")
	got := j.box.wait(t, "Changement : séance du CMTIN du "+french.LongDate(j.on), 55)
	once(t, got)
	l := letterTo(t, got, "maire-begles@example.org")
	l.says(t, "de 15 h à 17 h 30")
	j.checkEvent(l, 2, j.on.At(15, 0))
	public := j.site.browser(t).get("/instances/cmtin/agenda.ics")
	if !strings.Contains(public.body, j.uid) {
		t.Error("the public calendar lacks the session")
	}
}

// remind: the days before, only the silent are reminded, once.
func (j *session) remind() {
	t := j.t
	j.site.exec(t, `UPDATE meeting SET convened_at = convened_at - interval '1 day' WHERE id = $1`, j.id)
	c := testConfig(j.site.URL)
	areas, err := web.NewAreas(j.site.pool, c)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := areas.Meetings.RemindDue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	got := j.box.wait(t, "Rappel : votre réponse pour la séance du CMTIN, "+french.Date(j.on), 51)
	once(t, got)
	for _, l := range got {
		switch l.To {
		case "maire-begles@example.org", "maire-bordeaux@example.org", "partenaire-01@example.org", "prefecture@example.org":
			t.Errorf("%s answered, and is reminded", l.To)
		}
	}
	v := j.team
	j.at(v, "/convocation")
	v.reads("Rappel automatique", "51 courriels")
	v.follow("Relancer les personnes sans réponse")
	if status := v.push("Envoyer le rappel"); status != http.StatusConflict {
		t.Errorf("a second reminder the same day: status %d", status)
	}
	v.reads("Un rappel est déjà parti aujourd’hui")
	j.at(v, "/convocation/preuves")
	v.reads("Solène Petitpont", "Convocation", "Complément", "Changement", "Rappel")
	if n := len(j.box.about("Rappel : votre réponse pour la séance du CMTIN, " + french.Date(j.on))); n != 51 {
		t.Errorf("%d reminders, want 51", n)
	}
}
