package register

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// Numbers that no establishment has, right by Luhn.
const siretA, siretB = "00000000000018", "00000000000026"

func TestJourneyOfNineAnswers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get(startPath).shows(200, "Groupe Numérique Inclusif (GNI)", "moins de cinq minutes", "Commencer l’inscription", "cherchez-la dans l’annuaire")
	draft := s.begin()
	s.get(draft).shows(200, "6 rubriques restent à remplir", "À faire", "Facultatif", "Commencer", "gardées jusqu’au")

	answers := rightAnswers("Atelier <b>des</b> Exemples", "000 000 000 00018", "alix@example.org")
	typed := 0
	for _, v := range answers {
		for name := range v {
			if v.Get(name) != "" && name != "identifiant" { // which is chosen beforehand
				typed++
			}
		}
	}
	if typed > 9 {
		t.Errorf("%d answers are needed", typed)
	}
	next := map[structure.Section]string{structure.Identity: "adresse", structure.Place: "college", structure.ByCollege: "services",
		structure.Offer: "accueil", structure.People: "accords", structure.Consents: "verification"}
	for _, section := range structure.Sections {
		at := draft + "/" + string(section)
		s.get(at).shows(200, section.Label(), "Étape", "sur 8")
		if v, ok := answers[section]; ok {
			s.post(at, v).leads(draft + "/" + next[section])
		} else {
			s.get(at).shows(200, "Passer cette étape")
		}
	}
	if page := s.get(draft + "/structure"); !strings.Contains(page.body, "000 000 000 00018") {
		t.Error("the section does not come back as it was typed")
	}
	s.get(draft).shows(200, "Vérifier et envoyer").hides("À faire")

	check := s.get(draft+"/verification").shows(200, "Atelier <b>des</b> Exemples", "Bègles", "Alix Exemple", "L’équipe examine chaque demande",
		"Modifier : Votre structure").hides("Est-ce vous", "10 jours")
	if strings.Contains(check.body, "<b>des</b>") {
		t.Error("HTML in a name is not text")
	}
	sent := draft + "/envoyee"
	for range 2 { // a double click
		s.post(draft+"/verification", url.Values{"version": {check.hidden("version")}}).leads(sent)
	}
	s.get(sent).shows(200, "confirmez votre adresse", "alix@example.org", "sept jours")
	s.get(draft).leads(sent)
	s.get(draft + "/structure").leads(sent)
	s.post(draft+"/structure", answers[structure.Identity]).leads(sent)

	link := s.linkOf("registration_confirm", "alix@example.org")
	s.get(link).shows(200, "Confirmer mon adresse", "Atelier <b>des</b> Exemples")
	if a := s.post(link, nil); a.code != 303 || a.to != s.linkOf("registration_follow", "alix@example.org") || !strings.HasPrefix(a.to, "/structures/demande/") {
		t.Errorf("confirm: %d %s", a.code, a.to)
	}
	s.get(link).shows(410, "Votre adresse est déjà confirmée")
	s.post(link, nil).shows(410, "Votre adresse est déjà confirmée")
	s.get(sent).shows(200, "Votre adresse est confirmée")
}

func TestNothingTypedIsLost(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	draft := s.begin()
	s.post(draft+"/structure", url.Values{"nom_organisation": {"Atelier =1+1"}, "identifiant": {"siret"}, "siret": {"123"}, "rna": {""}, "type": {""}, "autre_type": {""}}).
		shows(422, "SIRET", "Ce que vous avez saisi est gardé")
	s.get(draft).shows(200, "À corriger")
	again := s.get(draft+"/structure").shows(200, "SIRET")
	if !strings.Contains(again.body, `value="Atelier =1+1"`) || !strings.Contains(again.body, `value="123"`) {
		t.Error("what was typed is lost")
	}
	s.post(draft+"/adresse", url.Values{"commune": {"75056"}, "adresse": {"1 rue des Exemples"}, "complement": {""}, "code_postal": {""}}).shows(422)
	if page := s.get(draft + "/adresse"); !strings.Contains(page.body, "1 rue des Exemples") {
		t.Error("the address is lost")
	}
	s.get(draft+"/verification").shows(200, "Il manque des réponses").hides("Envoyer la demande")
	s.post(draft+"/verification", url.Values{"version": {"3"}}).shows(422, "Complétez la rubrique « Votre structure »")
}

func TestPeopleAreWholeOrLeftOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	draft := s.begin()
	at := draft + "/personnes"
	me := func(more ...string) url.Values {
		v := url.Values{"prenom": {"Alix"}, "nom": {"Exemple"}, "fonction": {"Direction"}, "courriel": {"alix@example.org"}}
		for i := 0; i+1 < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	s.post(at, url.Values{}).shows(422, "Saisissez votre prénom", "Saisissez votre nom", "Saisissez votre adresse électronique")
	if page := s.get(at); strings.Contains(page.body, `class="more" open`) {
		t.Error("the other people are open before anybody is named")
	}
	if page := s.post(at, me("nom_3", "Modèle")).shows(422, "Saisissez le prénom de la troisième personne", "Saisissez l’adresse électronique de la troisième personne"); !strings.Contains(page.body, `class="more" open`) {
		t.Error("the people named are hidden")
	}
	s.post(at, me("gestion_2", "oui")).shows(422, "deuxième personne")
	s.post(at, me("prenom_2", "Sacha", "nom_2", "Modèle", "courriel_2", "ALIX@example.org")).shows(422, "a déjà cette adresse")
	s.post(at, me("prenom", "Alix\nBcc: x")).shows(422, "une seule ligne")
	s.post(at, me("prenom_5", "Sacha")).shows(400)
	s.post(at, me("prenom_4", "Sacha", "nom_4", "Modèle", "courriel_4", "sacha@example.org", "gestion_4", "oui")).leads(draft + "/accords")
	s.get(draft+"/verification").shows(200, "Sacha Modèle, sacha@example.org, peut modifier la fiche", "Alix Exemple, Direction")
}

func TestSameSIRET(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, first := s.send("Atelier du Port", siretA, "alix@example.org")
	if first.code != 303 {
		t.Fatalf("first: %d", first.code)
	}
	// The second is told, and loses nothing.
	draft := s.begin()
	s.fill(draft, rightAnswers("Autre nom", siretA, "sacha@example.org"))
	s.get(draft+"/verification").shows(200, "Est-ce vous ?", "Une demande est déjà en cours pour ce SIRET").hides("Atelier du Port", "Envoyer la demande")
	version := s.text(`SELECT max(version)::text FROM registration`)
	s.post(draft+"/verification", url.Values{"version": {version}}).shows(409, "Une demande vient d’être envoyée pour ce SIRET", "Autre nom").hides("Atelier du Port")
	s.get(draft+"/verification").shows(200, "Autre nom", "sacha@example.org")
	// Once it is a member, it is named, and access may be asked for.
	id := s.text(`UPDATE structure SET state = 'accepted' RETURNING organisation_id::text`)
	s.get(draft+"/verification").shows(200, "Atelier du Port", "Demandez l’accès").hides("Envoyer la demande")
	s.post(draft+"/verification", url.Values{"version": {version}}).shows(409, "Une structure est déjà inscrite avec ce SIRET")
	s.get("/structures/"+id+"/acces").shows(200, "Demander l’accès à Atelier du Port")
}

func TestCloseName(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if _, a := s.send("Centre social du Lac", siretA, "alix@example.org"); a.code != 303 {
		t.Fatalf("first: %d", a.code)
	}
	draft, refused := s.send("Centre social le Lac", siretB, "sacha@example.org")
	refused.shows(422, "Est-ce vous ?", "au nom proche", "Ce n’est pas ma structure").hides("Centre social du Lac")
	s.post(draft+"/verification", url.Values{"version": {refused.hidden("version")}, "autre": {"oui"}}).leads(draft + "/envoyee")
}

func TestAnswersChangedInAnotherTab(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	draft := s.begin()
	answers := rightAnswers("Atelier du Port", siretA, "alix@example.org")
	s.fill(draft, answers)
	read := s.get(draft + "/verification").hidden("version")
	answers[structure.Identity].Set("nom_organisation", "Atelier du Pont")
	s.fill(draft, answers)
	again := s.post(draft+"/verification", url.Values{"version": {read}}).shows(409, "Vos réponses ont changé", "Atelier du Pont")
	s.post(draft+"/verification", url.Values{"version": {again.hidden("version")}}).leads(draft + "/envoyee")
}

func TestComeBackLater(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	draft := s.begin()
	s.post(draft+"/lien", url.Values{"courriel": {"alix"}}).shows(422, "adresse électronique complète", "Votre structure")
	s.post(draft+"/lien", url.Values{"courriel": {"Alix@example.org"}}).leads(draft + "?lien=envoye")
	s.get(draft+"?lien=envoye").shows(200, "Le message part")
	if got := s.linkOf("registration_link", "alix@example.org"); got != draft {
		t.Errorf("the mail leads to %s", got)
	}
	code := 0
	for range 7 {
		code = s.post(draft+"/lien", url.Values{"courriel": {"alix@example.org"}}).code
	}
	if code != 429 {
		t.Errorf("one mailbox too often: %d", code)
	}
}

func TestResend(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	draft, _ := s.send("Atelier du Port", siretA, "alxi@example.org")
	sent := draft + "/envoyee"
	s.post(sent, url.Values{"courriel": {""}}).shows(422, "Saisissez votre adresse")
	s.post(sent, url.Values{"courriel": {"alix@example.org"}}).leads(sent + "?message=renvoye")
	s.get(sent+"?message=renvoye").shows(200, "Le message part de nouveau", "alix@example.org")
	if a := s.post(s.linkOf("registration_confirm", "alix@example.org"), nil); a.code != 303 {
		t.Errorf("confirm: %d", a.code)
	}
}

func TestAddressesThatLeadNowhere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	draft := s.begin()
	forged := startPath + "/AAAAAAAAAAAAAAAAAAAAAAAAAA"
	for path, code := range map[string]int{
		draft + "/inconnue": 404, draft + "/envoyee": 404, "/structures/999999/acces": 404,
		forged: 410, forged + "/structure": 410, forged + "/verification": 410, forged + "/envoyee": 410, "/structures/confirmation/AAAA": 410,
	} {
		if a := s.get(path); a.code != code {
			t.Errorf("GET %s: %d, wanted %d", path, a.code, code)
		}
	}
	for path, v := range map[string]url.Values{
		forged + "/structure": rightAnswers("x", siretA, "a@example.org")[structure.Identity], forged + "/verification": {"version": {"1"}},
		forged + "/lien": {"courriel": {"a@example.org"}}, forged + "/envoyee": {"courriel": {"a@example.org"}}, "/structures/confirmation/AAAA": {},
	} {
		if a := s.post(path, v); a.code != 410 {
			t.Errorf("POST %s: %d, wanted 410", path, a.code)
		}
	}
	s.post(draft+"/inconnue", url.Values{}).shows(404)
	s.post(draft+"/services", url.Values{"services": {strings.Repeat("x", MaxBody)}}).shows(413)
	s.post(draft+"/accueil", url.Values{"detail": {strings.Repeat("x", MaxBody-1_000)}}).shows(413)
	s.post(draft+"/accueil", url.Values{"detail": {strings.Repeat("x", 2_001)}}).shows(422)
	s.post(draft+"/accueil", url.Values{"detail": {"a\x00b"}}).shows(400)
	s.post(draft+"/accueil", url.Values{"etat": {"accepted"}}).shows(400)
	s.post(draft+"/verification", url.Values{"version": {"x"}}).shows(422)
	s.post(startPath, url.Values{"nom": {"x"}}).shows(400)
}

func TestAskForAccess(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id, err := s.s.Record(t.Context(), teamActor, structure.NewRecord{From: governance.Founded,
		Sheet: structure.Sheet{Name: "Atelier du Port", SIRET: siretA, INSEE: "33039", College: governance.SocialAction, Typology: []string{"ASSO"},
			Services: []string{"Aide aux démarches administratives"}},
		People: []structure.Contact{{First: "Alix", Last: "Exemple", Email: "alix@example.org", InCharge: true, Manager: true}}})
	if err != nil {
		t.Fatal(err)
	}
	at := fmt.Sprintf("/structures/%d/acces", id)
	s.post(at, url.Values{"prenom": {""}, "nom": {"Nouveau"}, "courriel": {"x"}, "message": {"Bonjour <i>"}}).
		shows(422, "Saisissez votre prénom", "adresse électronique complète", "Bonjour <i>")
	for _, email := range []string{"sacha@example.org", "sacha@example.org", "alix@example.org"} { // asked twice, and known
		s.post(at, url.Values{"prenom": {"Sacha"}, "nom": {"Nouveau"}, "fonction": {""}, "courriel": {email}, "message": {""}}).leads(at + "?demande=envoyee")
	}
	s.get(at+"?demande=envoyee").shows(200, "Demande d’accès envoyée", "Atelier du Port")
	if n := s.text(`SELECT count(*)::text FROM access_request`); n != "1" {
		t.Errorf("%s requests", n)
	}
}
