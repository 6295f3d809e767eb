package web_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/web/browsertest"
)

const (
	vacantSeat = "Représentant du GNI, médiation numérique, siège 5"
	newcomer   = "nouvelle.venue@example.org"
	passphrase = "tramway cannelé horizon 33"
)

// designates fills the form of a designation that is shown with a new person.
func (v *visitor) designates(from day.Day) {
	v.t.Helper()
	v.write("Prénom", "Maëlle")
	v.write("Nom", "Journet-Lasserre")
	v.write("Adresse électronique", newcomer)
	v.write("Début", french.NumericDate(from))
}

// TestJourneyMandate follows a seat from vacant to vacant: the team designates
// somebody new, who is invited, comes in, and is out the moment the mandate ends;
// the journal tells it all and its chain holds.
func TestJourneyMandate(t *testing.T) {
	inTwoWays(t, func(t *testing.T, o browsertest.Options) {
		s := newSite(t)
		s.deliver(t)
		team := s.open(t, o)
		team.signsIn("equipe@example.org")
		if got := team.path(); got != "/tableau-de-bord" {
			t.Fatalf("the team lands on %s", got)
		}
		team.follow("1 siège de représentant du GNI est vacant")
		team.follow(vacantSeat)
		seat := team.path()
		team.follow("Désigner un titulaire")
		team.designates(day.Today().AddDays(-10))
		team.sends("Enregistrer la désignation")
		team.reads("Maëlle Journet-Lasserre occupe ce siège", "Une invitation part à "+newcomer)

		team.mailTo(newcomer)
		link := team.personalLink()
		team.clean(o)
		for range 2 { // a mail scanner reads the link before its owner
			if a := s.browser(t).get(link); a.status != http.StatusOK {
				t.Fatalf("the link read by a machine: status %d", a.status)
			}
		}
		person := s.open(t, o)
		person.at(link)
		person.reads("Bienvenue, Maëlle Journet-Lasserre")
		person.clean(o)
		person.write("Nouveau mot de passe", "court")
		if status := person.push("Ouvrir mon compte"); status != http.StatusUnprocessableEntity {
			t.Errorf("a short password: status %d", status)
		}
		person.clean(o)
		person.write("Nouveau mot de passe", passphrase)
		person.sends("Ouvrir mon compte")
		if got := person.path(); got != "/tableau-de-bord" {
			t.Errorf("the new person lands on %s", got)
		}
		person.reads("Maëlle Journet-Lasserre", vacantSeat)
		person.readsNot("Vous n’avez plus de mandat")
		person.answers(link, http.StatusGone)
		person.clean(o)

		team.at(seat)
		team.follow("Mettre fin au mandat")
		team.write("Date de fin", french.NumericDate(day.Today()))
		team.sends("Mettre fin au mandat")
		person.at("/tableau-de-bord") // the next page, at once
		person.reads("Vous n’avez plus de mandat ni de rôle dans la gouvernance.")
		person.clean(o)

		admin := s.open(t, o)
		admin.signsIn("admin@example.org")
		admin.follow("Lire le journal")
		admin.reads("Début de mandat", "Fin de mandat", "Ajout d’une personne", "Ouverture d’un compte")
		admin.write("Nom ou objet", vacantSeat)
		admin.sends("Filtrer")
		admin.follow("N°")
		admin.reads("Fin de mandat", vacantSeat, "Avant et après")
		admin.clean(o)
		admin.follow("Journal")
		admin.sends("Vérifier la chaîne")
		admin.reads("aucune anomalie")
		admin.clean(o)
	})
}

// TestJourneyLostSession: a session ends while a form is filled; nothing of what
// was typed is lost, and nothing is done twice.
func TestJourneyLostSession(t *testing.T) {
	inTwoWays(t, func(t *testing.T, o browsertest.Options) {
		s := newSite(t)
		v := s.open(t, o)
		v.signsIn("equipe@example.org")
		v.at(s.seat(t, vacantSeat) + "/mandats/nouveau")
		v.designates(day.Today())
		v.write("Référence de l’acte", "procès-verbal du 12 novembre")
		if _, err := postgres.Exec(t.Context(), s.pool, `UPDATE session SET revoked_at = now()`); err != nil {
			t.Fatal(err)
		}
		v.sends("Enregistrer la désignation")
		v.reads("Votre session avait expiré.", "Ce que vous aviez saisi est gardé")
		v.clean(o)
		v.signsInWith("equipe@example.org", "demo-inclusion-2026")
		v.reads("Votre saisie a été gardée")
		v.clean(o)
		v.sends("Retrouver ma saisie")
		for label, want := range map[string]string{
			"Prénom": "Maëlle", "Nom": "Journet-Lasserre", "Adresse électronique": newcomer, "Début": french.NumericDate(day.Today()),
			"Référence de l’acte": "procès-verbal du 12 novembre",
		} {
			if got := v.holds(label); got != want {
				t.Errorf("« %s » came back as %q, typed %q", label, got, want)
			}
		}
		v.clean(o)
		const mandates = `SELECT count(*) FROM mandate m JOIN person p ON p.id = m.person_id WHERE p.email = $1`
		if n := s.count(t, mandates, newcomer); n != 0 {
			t.Errorf("%d mandates before anything was sent again", n)
		}
		v.sends("Enregistrer la désignation")
		v.reads("Maëlle Journet-Lasserre occupe ce siège")
		if n := s.count(t, mandates, newcomer); n != 1 {
			t.Errorf("%d mandates, want 1", n)
		}
	})
}

// TestJourneyDoubleClick: an impatient hand gives one mandate and the page of a
// mandate that is made. Chromium sends a double click once; a browser that would
// send it twice gets the same answer twice.
func TestJourneyDoubleClick(t *testing.T) {
	inTwoWays(t, func(t *testing.T, o browsertest.Options) {
		s := newSite(t)
		b := s.signIn(t, "equipe@example.org")
		v := s.open(t, o)
		v.sit(b)
		seat := s.seat(t, vacantSeat)
		v.at(seat + "/mandats/nouveau")
		v.designates(day.Today())
		v.mark("button", "button", "Enregistrer la désignation", "e => e")
		typed, err := url.ParseQuery(browsertest.Eval[string](v.Tab, `new URLSearchParams(new FormData(document.querySelector("[data-found]").form)).toString()`))
		if err != nil {
			t.Fatal(err)
		}
		if err := chromedp.Do(v.Context(), chromedp.DoubleClick(chromedp.CSS(found))); err != nil {
			t.Fatal(err)
		}
		until(t, "the page of the seat", func() bool {
			return browsertest.Eval[bool](v.Tab, `document.readyState === "complete" && location.pathname === "`+seat+`"`)
		})
		v.reads("Maëlle Journet-Lasserre occupe ce siège")
		if a := b.post(seat+"/mandats/nouveau", typed); a.status != http.StatusSeeOther || a.location() != seat {
			t.Errorf("the same form again: status %d to %q, want to be led where the first was\n%s", a.status, a.location(), a.text())
		}
		if n := s.count(t, `SELECT count(*) FROM mandate m JOIN person p ON p.id = m.person_id WHERE p.email = $1`, newcomer); n != 1 {
			t.Errorf("%d mandates, want 1", n)
		}
	})
}
