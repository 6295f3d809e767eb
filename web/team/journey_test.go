package team

import (
	"regexp"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

func TestDesignateSomebodyFound(t *testing.T) {
	t.Parallel()
	s := siteOn(t, pgtest.Pool(t))
	seat := s.mayorOf("33039")
	s.hold(seat, governance.Titular, "Alix", "Sortant")
	s.hold(s.mayorOf("33063"), governance.Titular, "Nour", "Connue")
	path := newMandatePath(seat, governance.Titular) + "&personne=connue"
	v := s.fields(path)
	if v.Get("personne") == newPerson || v.Get("invitation") != "oui" {
		t.Errorf("the only person found is not proposed: %v", v)
	}
	s.get(path).has("1 personne trouvée", "Nour Connue", "Maire de Bordeaux", "Alix Sortant occupe ce siège depuis le")
	s.get(newMandatePath(seat, governance.Titular) + "&personne=zzz").has("Personne ne correspond à « zzz »")
	a := s.post(path, v).status(303)
	s.get(a.to).status(200).has("Nour Connue occupe ce siège à partir du", "Le mandat d’Alix Sortant finit ce jour-là", "Une invitation part",
		"Terminé le", "Remplacer Nour Connue")
}

func TestChairIsVerified(t *testing.T) {
	t.Parallel()
	s := siteOn(t, pgtest.Pool(t))
	seat := s.seat(governance.President)
	s.hold(seat, governance.Titular, "Alix", "Sortante")
	path := newMandatePath(seat, governance.Titular)
	v := s.fields(path, "prenom", "Nour", "nom", "Nouvelle", "courriel", "nour@exemple.fr")
	a := s.unwritten(func() answer { return s.post(path, v) }).status(200).
		has("Vérifiez avant d’enregistrer", "Nour Nouvelle", "Le mandat d’Alix Sortante finit ce jour-là", "Enregistrer la nouvelle présidence")
	again := formOf(a.body)
	again.Set("acte", "modifier")
	s.unwritten(func() answer { return s.post(path, again) }).status(200).keeps("nom", "Nouvelle").keeps("courriel", "nour@exemple.fr").has("Vérifier avant d’enregistrer")
	a = s.post(path, formOf(a.body)).status(303)
	s.get(a.to).has("Nour Nouvelle occupe ce siège")
	if len(s.invited) != 1 {
		t.Errorf("invited %v", s.invited)
	}
	// A stale verification comes back as a 409, not as another chair.
	if a := s.post(path, func() map[string][]string { v.Set("verifie", "oui"); v.Set("courriel", "autre@exemple.fr"); return v }()); a.code != 409 {
		t.Errorf("status %d, want 409", a.code)
	}
}

func TestEndOfMandates(t *testing.T) {
	t.Parallel()
	s := siteOn(t, pgtest.Pool(t))
	seat := s.mayorOf("33039")
	done := s.hold(seat, governance.Titular, "Alix", "Sortant")
	s.hold(seat, governance.Alternate, "Nour", "Suppléante")
	path := mandatePath(seat, done.Mandate, "fin")
	s.get(path).status(200).has("Le siège devient vacant", "Le mandat de suppléance de Nour Suppléante finit le même jour", "se ferme aussitôt")
	a := s.post(path, s.fields(path, "motif", "Démission")).status(303)
	s.get(a.to).has("Le mandat d’Alix Sortant finit le", "La suppléance de Nour Suppléante finit avec lui", "Désigner un titulaire", "Siège à pourvoir", "Démission")
	s.get(path).status(200).has("Ce mandat est déjà terminé", "corrigez-la")

	chair := s.hold(s.seat(governance.President), governance.Titular, "Alix", "Présidente")
	path = mandatePath(s.seat(governance.President), chair.Mandate, "fin")
	s.post(path, s.fields(path)).status(422).link("confirmation")
	s.post(path, s.fields(path, "confirmation", "oui")).status(303)
	s.get(mandatePath(seat, chair.Mandate, "fin")).status(404) // of another seat
	s.get(mandatePath(seat, 999999, "fin")).status(404)
}

func TestCancelWhatHasNotBegun(t *testing.T) {
	t.Parallel()
	s := siteOn(t, pgtest.Pool(t))
	seat := s.mayorOf("33039")
	done, err := s.gov.StartMandate(t.Context(), teamActor, governance.NewMandate{Seat: seat, Kind: governance.Titular, From: s.today.AddDays(20),
		Person: governance.PersonInput{First: "Nour", Last: "Future"}, Designation: "Élection"})
	if err != nil {
		t.Fatal(err)
	}
	path := mandatePath(seat, done.Mandate, "annulation")
	s.get(seatPath(seat)).has("Mandats à venir", "Nour Future")
	s.post(path, s.fields(path, "version", "9")).status(409).keeps("version", "1")
	a := s.post(path, s.fields(path)).status(303)
	s.get(a.to).has("est annulé", "Annulation d’un mandat à venir")
}

func TestOrganisations(t *testing.T) {
	t.Parallel()
	s := siteOn(t, pgtest.Pool(t))
	v := s.fields(newOrganisationPath, "nom_organisation", "Caisse fictive", "debut", "27/3/2026",
		"titulaire_prenom", "Alix", "titulaire_nom", "Directeur", "titulaire_courriel", "alix@exemple.fr", "suppleant_prenom", "Nour", "suppleant_nom", "Adjointe", "suppleant_courriel", "nour@exemple.fr")
	a := s.post(newOrganisationPath, v).status(303)
	org := a.to
	s.get(org).status(200).has("Caisse fictive rejoint le groupe des partenaires", "Alix Directeur", "Nour Adjointe", "Ajout d’une organisation")
	if len(s.invited) != 2 {
		t.Errorf("invited %v", s.invited)
	}
	v.Set("titulaire_courriel", "")
	v.Set("suppleant_courriel", "")
	s.unwritten(func() answer { return s.post(newOrganisationPath, v) }).status(422).has("s’appelle déjà").link("nom_organisation").keeps("titulaire_nom", "Directeur")

	mine := s.fields(org+"/correction", "nom_organisation", "Caisse corrigée")
	s.post(org+"/correction", s.fields(org+"/correction", "categorie", "Caisse")).status(303)
	a = s.unwritten(func() answer { return s.post(org+"/correction", mine) }).status(409).has("Votre saisie", "Caisse corrigée").keeps("nom_organisation", "Caisse corrigée")
	s.post(org+"/correction", formOf(a.body)).status(303)
	s.get(org).has("Caisse corrigée", "Correction d’une organisation")

	leave := org + "/depart"
	s.get(leave).has("Alix Directeur et Nour Adjointe", "quitte le groupe des partenaires")
	s.unwritten(func() answer { return s.post(leave, s.fields(leave, "fin", "1/1/2026")) }).status(422).link("fin").keeps("fin", "1/1/2026")
	s.post(leave, s.fields(leave)).status(303)
	s.get(leave).status(200).has("n’a pas de siège qui puisse fermer")
	s.get(organisationsPath + "/999999").status(404)
}

func TestAlternateAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.fields(newOrganisationPath, "nom_organisation", "Caisse seule", "debut", "27/3/2026", "suppleant_prenom", "Nour", "suppleant_nom", "Adjointe")
	s.unwritten(func() answer { return s.post(newOrganisationPath, v) }).status(422).
		has("un suppléant ne siège pas seul").link("titulaire_prenom").keeps("suppleant_nom", "Adjointe")
}

func TestStateServiceAndItsPeople(t *testing.T) {
	t.Parallel()
	s := siteOn(t, pgtest.Pool(t))
	org := s.post(newOrganisationPath, s.fields(newOrganisationPath+"?type=etat", "nom_organisation", "Préfecture fictive")).status(303).to
	path := org + "/personnes/nouvelle"
	s.unwritten(func() answer {
		return s.post(path, s.fields(path, "prenom", "Alix", "nom", "Préfet", "debut", "hier"))
	}).status(422).link("debut").keeps("nom", "Préfet")
	a := s.post(path, s.fields(path, "prenom", "Alix", "nom", "Préfet", "courriel", "alix@exemple.fr", "fonction", "Sous-préfet", "debut", "27/3/2026")).status(303)
	page := s.get(a.to).has("Alix Préfet agit pour Préfecture fictive", "Sous-préfet")
	end := regexp.MustCompile(`/equipe/organisations/\d+/personnes/\d+/fin`).FindString(page.body)
	s.unwritten(func() answer { return s.post(end, s.fields(end, "version", "4")) }).status(409)
	s.post(end, s.fields(end)).status(303)
	if len(s.invited) != 1 {
		t.Errorf("invited %v", s.invited)
	}
}

func TestCorrectPerson(t *testing.T) {
	t.Parallel()
	s := siteOn(t, pgtest.Pool(t))
	seat := s.mayorOf("33039")
	done := s.hold(seat, governance.Titular, "Alix", "Martin")
	s.hold(s.mayorOf("33063"), governance.Titular, "Nour", "Autre")
	path := personPath(done.Person.ID, seatPath(seat))
	taken := s.text(`SELECT email FROM person WHERE last_name = 'Autre'`)
	s.unwritten(func() answer { return s.post(path, s.fields(path, "courriel", taken)) }).status(422).has("déjà celle de Nour Autre").link("courriel").keeps("courriel", taken)
	mine := s.fields(path, "nom", "Martine")
	a := s.post(path, s.fields(path, "nom", "Martini")).status(303)
	if a.to != seatPath(seat) {
		t.Errorf("led to %s", a.to)
	}
	a = s.unwritten(func() answer { return s.post(path, mine) }).status(409).has("Martini", "Martine")
	s.post(path, formOf(a.body)).status(303)
	for _, back := range []string{"https://exemple.org", "//exemple.org", "/equipe//exemple.org", `/equipe/\exemple.org`, "/deconnexion"} {
		if got := backTo(back); got != seatsPath {
			t.Errorf("back to %s", got)
		}
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.hold(s.mayorOf("33039"), governance.Titular, "Alix", "Martin")
	s.get(seatsPath+"?type=maire&etat=en-fonction").status(200).has("Maire de Bègles", "Alix Martin", "1 siège", "Effacer les filtres")
	s.get(seatsPath + "?q=begles").has("Maire de Bègles")
	s.get(seatsPath + "?q=introuvable").has("Aucun siège ne correspond")
	s.get(seatsPath+"?page=99").has("Cette page de la liste est vide", "Revenir à la première page")
	s.get(seatsPath + "?q=%00").status(400)
	s.get(seatsPath + "?q=%ff").status(400)
	s.get(seatsPath + "?q=" + strings.Repeat("a", 5000)).status(200)
	s.get(seatsPath + "?page=-1&type=inconnu").status(200).has("Présidente de Bordeaux Métropole")
	s.get(seatsPath + "/999999").status(404)
	s.get(organisationsPath+"?type=commune&q=bouscat").status(200).has("Le Bouscat", "À pourvoir")
	s.get(organisationsPath + "?q=introuvable").has("Aucune organisation ne correspond")
	s.get(bodiesPath).status(200).has("CMTIN", "Délai de convocation", "sans objet")
}

// The service refuses whoever does not run the bodies, chairs included, whatever
// the table of routes says.
func TestOnlyTheTeam(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, role := range access.Roles {
		if role == access.Team {
			continue
		}
		s.actor = access.Actor{Account: 1, Acting: access.Capacity{Role: role}}
		for _, path := range []string{seatsPath, seatPath(s.mayorOf("33039")), organisationsPath, organisationPath(1), renewalPath, renewalPath + ".csv",
			bodiesPath, settingsPath(governance.GNI), newMandatePath(s.mayorOf("33039"), governance.Titular)} {
			if a := s.get(path); a.code != 403 {
				t.Errorf("%s on %s: %d", role, path, a.code)
			}
		}
	}
}
