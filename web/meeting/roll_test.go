package meeting

import (
	"encoding/json"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
)

func TestRollWithoutScript(t *testing.T) {
	t.Parallel()
	s := newRollSite(t)
	s.get(s.base).want(200, "Ouvrir la réunion", "La réunion est passée")
	s.get(s.base+"/ouverture").want(200, "Ouvrir la réunion")
	s.open()
	a, b, c := s.who(1), s.who(2), s.who(3)
	s.post(s.base+"?q=maire", "p_"+a, "present", "p_"+b, "remote").want(303)
	if s.flash != "2\u00a0personnes enregistrées." {
		t.Errorf("flash %q", s.flash)
	}
	s.get(s.base+"?q=Maire+1").want(200, `name="vu_`+a+`" value="present"`, "1 présent, 1 à distance et 1 non pointé", "Quorum : sans objet")
	// A proxy without its holder comes back with the question, what was right is saved.
	s.post(s.base, "p_"+c, "proxy", "p_"+a, "present", "vu_"+a, "present", "p_"+b, "present", "vu_"+b, "remote").
		want(422, "Choisissez qui porte le pouvoir.", `<select id="pouvoir_`+c+`"`, `value="proxy" checked`)
	if s.marked(2) != "team present" || s.marked(3) != "" {
		t.Errorf("written: %q, %q", s.marked(2), s.marked(3))
	}
	s.post(s.base, "p_"+c, "proxy", "pouvoir_"+c, a).want(303)
	s.get(s.base+"/personnes/"+c).want(200, "Pouvoir porté par Maire 1")
	s.post(s.base+"/personnes/"+c, "version", "1", "presence", "", "represente_par", "", "pouvoir", "").want(303)
	if s.marked(3) != "" {
		t.Error("the mark was not taken off")
	}
	for _, bad := range [][]string{{"p_" + a, "ailleurs"}, {"p_" + a, "present", "pouvoir_" + a, "x"}} {
		s.post(s.base, bad...).want(422)
	}
	for _, bad := range [][]string{{"p_0", "present"}, {"p_x", "present"}, {"p_01", "present"}, {"inconnu", "1"}} {
		s.post(s.base, bad...).want(400)
	}
	s.get(s.base + "/personnes/999999999").want(404)
}

func TestRollConflictPage(t *testing.T) {
	t.Parallel()
	s := newRollSite(t)
	s.open()
	a, b := s.who(1), s.who(2)
	s.post(s.base, "p_"+a, "excused").want(303)
	page := s.post(s.base, "p_"+a, "present", "p_"+b, "present").want(409, "Ces personnes ont été notées autrement", "Maire 1 Camille Équipe Excusé Présent")
	if s.marked(1) != "team excused" || s.marked(2) != "team present" {
		t.Errorf("written: %q, %q", s.marked(1), s.marked(2))
	}
	page.want(409, `value="present" checked`, `name="vu_`+a+`" value="excused"`)
	s.post(s.base, "p_"+a, "present", "vu_"+a, "excused").want(303)
	if s.marked(1) != "team present" {
		t.Error("having seen the other's value, one cannot write over it")
	}
}

func TestRollForTheScript(t *testing.T) {
	t.Parallel()
	s := newRollSite(t)
	s.open()
	a, b := s.who(1), s.who(2)
	r := rollRequest(s.base, "p_"+a, "present")
	r.Header.Set("Accept", "application/json")
	var state rollState
	if err := json.Unmarshal([]byte(s.do(r).want(200).body), &state); err != nil || state.Rows[a].Mark != "present" || len(state.Refused) != 0 {
		t.Errorf("%v %+v", err, state)
	}
	first := s.get(s.base + "/etat").want(200)
	again := rollRequest(s.base+"/etat", "")
	again.Method = "GET"
	again.Header.Set("If-None-Match", first.head.Get("ETag"))
	s.do(again).want(304)
	s.post(s.base, "p_"+b, "absent").want(303)
	s.do(again).want(200)
	r = rollRequest(s.base, "p_"+b, "present")
	r.Header.Set("Accept", "application/json")
	state = rollState{}
	if err := json.Unmarshal([]byte(s.do(r).want(200).body), &state); err != nil || state.Rows[b].Mark != "absent" ||
		!strings.Contains(state.Refused[b], "Camille Équipe") {
		t.Errorf("%v %+v", err, state)
	}
}

// The answer to a check-in never tells whether an address is known.
func TestCheckInTellsNothing(t *testing.T) {
	t.Parallel()
	s := newRollSite(t)
	s.get(s.base + "/pointage").want(303)
	s.open()
	var code string
	s.one(&code, `SELECT check_in_code FROM meeting WHERE id = $1`, s.meeting)
	s.get(s.base+"/pointage").want(200, "<path d=", "https://portail.example.org/pointage/"+code)
	s.actor = access.Actor{}
	at := "/pointage/" + code
	s.get(at).want(200, "Je suis là", "Adresse électronique qui a reçu la convocation", "Réunion du Comité des communes")
	known := s.post(at, "courriel", "Maire1@example.org").want(200, "Si cette adresse est celle d’une personne convoquée")
	unknown := s.post(at, "courriel", "personne@example.org").want(200)
	if again := s.post(at, "courriel", "maire1@example.org"); known.body != unknown.body || again.body != unknown.body {
		t.Error("the answers differ")
	}
	if s.marked(1) != "self present" || s.marked(2) != "" {
		t.Errorf("written: %q, %q", s.marked(1), s.marked(2))
	}
	s.post(at, "courriel", "").want(422, "Saisissez l’adresse")
	s.post(at, "courriel", "pas une adresse").want(422)
	s.get("/pointage/INCONNU").want(410, "Ce code ne sert plus")
	s.actor = rollTeam
	s.get(s.base).want(200, "Pointage à confirmer", "Confirmer 1 personne qui s’est pointée")
	s.get(s.base+"/cloture").want(200, "1 pointage à confirmer")
	s.post(s.base+"/cloture", "version", "2").want(422, "choisissez ce que devient leur pointage")
	s.post(s.base, "aussi", "pointages").want(303)
	if s.marked(1) != "team present" {
		t.Errorf("confirmed: %q", s.marked(1))
	}
	s.post(s.base+"/cloture", "version", "1").want(409)
	s.post(s.base+"/cloture", "version", "2").want(303)
	s.actor = access.Actor{}
	s.post(at, "courriel", "maire2@example.org").want(410, "signalez-vous à l’équipe")
}

func TestCheckInSignedIn(t *testing.T) {
	t.Parallel()
	s := newRollSite(t)
	s.open()
	var code string
	s.one(&code, `SELECT check_in_code FROM meeting WHERE id = $1`, s.meeting)
	var person access.PersonID
	s.one(&person, `INSERT INTO person (first_name, last_name, email) VALUES ('Alix', 'Maire', 'alix@example.org') RETURNING id`)
	s.exec(`UPDATE convocation SET person_id = $2 WHERE id = $1::bigint`, s.who(2), person)
	s.actor = access.Actor{Account: 7, Person: person, Name: "Alix Maire", Acting: access.Capacity{Role: access.Mayor}}
	if page := s.get("/pointage/" + code).want(200); strings.Contains(page.body, "courriel") {
		t.Error("who is known is asked for an address")
	}
	s.post("/pointage/"+code).want(200, "Votre présence est notée.")
	if s.marked(2) != "self present" {
		t.Errorf("written: %q", s.marked(2))
	}
	s.get("/pointage/"+code).want(200, "Votre présence est déjà notée.")
}

func TestWalkInAndSheet(t *testing.T) {
	t.Parallel()
	s := newRollSite(t)
	s.open()
	s.get(s.base+"/invites/nouveau").want(200, "Rien ne lui est envoyé")
	s.post(s.base+"/invites/nouveau", "nom", "", "role", "state").want(422, "Saisissez le nom")
	s.post(s.base+"/invites/nouveau", "nom", `<b>Morgan</b>`, "organisation", "Préfecture", "role", "state").want(303)
	sheet := s.get(s.base+"/feuille").want(200, "Signature", "&lt;b&gt;Morgan", "Communes (3 personnes)")
	if csp := sheet.head.Get("Content-Security-Policy"); !strings.Contains(csp, "style-src 'self' 'sha256-") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q", csp)
	}
	s.post(s.base+"/cloture", "version", "2").want(303)
	s.get(s.base+"/feuille").want(200, "Présence", "1 présent et 3 non pointés")
	s.get(s.base+"/feuille?vierge=oui").want(200, "Signature")
	s.get(s.base+"/reouverture").want(200, "Rouvrir")
	s.get(s.base + "/ouverture").want(303)
	s.actor = access.Actor{Account: 2, Person: 2, Acting: access.Capacity{Role: access.Mayor}}
	for _, path := range []string{"", "/etat", "/feuille", "/feuille.pdf", "/pointage", "/cloture", "/invites/nouveau"} {
		if a := s.get(s.base + path); a.code != 403 && a.code != 404 {
			t.Errorf("%s: %d for a mayor", path, a.code)
		}
	}
}

func TestAttendancePage(t *testing.T) {
	t.Parallel()
	s := newRollSite(t)
	s.get("/equipe/presences").want(200, "Aucun émargement à compter")
	s.open()
	s.post(s.base, "p_"+s.who(1), "present").want(303)
	s.post(s.base+"/cloture", "version", "2").want(303)
	s.get("/equipe/presences").want(200, "33 %", "Comité des communes")
	s.get("/equipe/presences?par=commune&instance=communes").want(200, "Participation", "par=commune")
	s.get("/equipe/presences?par=commune&annee=1999").want(200, "Aucun émargement", "Effacer les filtres")
	s.get("/equipe/presences?par=x&instance=x&annee=x&page=9999999999").want(200)
	csv := s.get("/equipe/presences.csv?par=commune").want(200, "Participation (%)")
	if n := strings.Count(csv.body, "\r\n"); n != 4 {
		t.Errorf("%d lines in the file:\n%s", n, csv.body)
	}
}
