package team

import (
	"net/url"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/governance"
)

// Each refusal has its status, a clear message, what was typed, and writes
// nothing.
func TestDesignationIsRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		quality string
		held    bool
		change  []string
		status  int
		says    string
		field   string
	}{
		"a day that does not exist":       {"titulaire", false, []string{"debut", "31/2/2026"}, 422, "Saisissez une date qui existe", "debut"},
		"before the seat":                 {"titulaire", false, []string{"debut", "1/1/2020"}, 422, "Ce siège existe depuis le", "debut"},
		"a term before the start":         {"titulaire", false, []string{"debut", "27/3/2026", "echeance", "26/3/2026"}, 422, "L’échéance doit venir après le début", "echeance"},
		"nobody":                          {"titulaire", false, []string{"prenom", "", "nom", ""}, 422, "Saisissez le nom", "nom"},
		"an address that is none":         {"titulaire", false, []string{"courriel", "nour@"}, 422, "Saisissez une adresse électronique complète", "courriel"},
		"no designation":                  {"titulaire", false, []string{"designation", ""}, 422, "Dites comment la personne a été désignée", "designation"},
		"too long":                        {"titulaire", false, []string{"reference", strings.Repeat("é", 301)}, 422, "Ce texte compte 301 caractères", "reference"},
		"an alternate without a titular":  {"suppleant", false, nil, 422, "Désignez d’abord un titulaire", "debut"},
		"a start before the current one":  {"titulaire", true, []string{"debut", "1/1/2025"}, 422, "le remplacement doit commencer après", "debut"},
		"an overlap, the seat shown free": {"titulaire", true, []string{"vu", ""}, 409, "occupe ce siège depuis le", "debut"},
		"a stale form":                    {"titulaire", true, []string{"vu", "999999"}, 409, "Votre saisie est ci-dessous, intacte", ""},
		"somebody who does not exist":     {"titulaire", false, []string{"personne", "999999", "prenom", "", "nom", "", "courriel", ""}, 422, "Choisissez une personne de la liste", ""},
		"an unknown field":                {"titulaire", false, []string{"admin", "oui"}, 400, "un champ que cette page ne connaît pas", ""},
		"a NUL byte":                      {"titulaire", false, []string{"nom", "Nou\x00r"}, 400, "des caractères qui ne peuvent pas être lus", ""},
		"invalid UTF-8":                   {"titulaire", false, []string{"nom", "No\xffur"}, 400, "des caractères qui ne peuvent pas être lus", ""},
		"a field of 1 MB":                 {"titulaire", false, []string{"nom", strings.Repeat("a", 1<<20)}, 413, "trop volumineux", ""},
		"two lines in a name":             {"titulaire", false, []string{"nom", "Nour\nBcc: x"}, 422, "sur une seule ligne", "nom"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			seat := s.mayorOf("33039")
			if tt.held {
				s.hold(seat, governance.Titular, "Alix", "Sortant")
			}
			path := seatPath(seat) + "/mandats/nouveau?qualite=" + tt.quality
			v := s.fields(path, append([]string{"prenom", "Nour", "nom", "Nouvelle", "courriel", "nour.refus@exemple.fr"}, tt.change...)...)
			a := s.unwritten(func() answer { return s.post(path, v) }).status(tt.status).has(tt.says)
			if tt.status == 422 || tt.status == 409 {
				for _, field := range []string{"prenom", "nom", "courriel", "debut", "designation"} {
					if !strings.Contains(v.Get(field), "\n") {
						a.keeps(field, v.Get(field))
					}
				}
				if !strings.Contains(a.body, "<title>Erreur\u00a0: ") {
					t.Error("the title does not say « Erreur »")
				}
			}
			if tt.field != "" {
				a.link(tt.field)
			}
			if len(s.invited) > 0 {
				t.Errorf("invited %v", s.invited)
			}
		})
	}
}

func TestStaleDesignationIsSentAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	seat := s.mayorOf("33039")
	path := newMandatePath(seat, governance.Titular)
	v := s.fields(path, "prenom", "Nour", "nom", "Nouvelle")
	s.hold(seat, governance.Titular, "Alix", "Autre")
	a := s.post(path, v).status(409).has("Le siège a changé pendant votre saisie", "Alix Autre", "Remplacer Alix Autre quand même")
	s.post(path, formOf(a.body)).status(303)
	if got := s.text(`SELECT string_agg(last_name, ' ' ORDER BY m.id) FROM mandate m JOIN person p ON p.id = person_id WHERE seat_id = $1`, seat); got != "Autre Nouvelle" {
		t.Errorf("on the seat: %s", got)
	}
}

func TestEndIsRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		kind   governance.SeatKind
		change []string
		status int
		says   string
	}{
		"before the start":             {governance.Mayor, []string{"fin", "1/1/2025"}, 422, "il ne peut pas finir avant"},
		"no day":                       {governance.Mayor, []string{"fin", ""}, 422, "Saisissez la date de fin"},
		"a chair removed":              {governance.President, nil, 422, "remplacez-la en une fois, ou confirmez"},
		"a stale form":                 {governance.Mayor, []string{"version", "7"}, 409, "Quelqu’un d’autre a modifié cette fiche"},
		"a stale form without version": {governance.Mayor, []string{"version", ""}, 409, ""},
		"a reason of too many letters": {governance.Mayor, []string{"motif", strings.Repeat("a", 301)}, 422, "gardez-en 300 au plus"},
		"an unknown field":             {governance.Mayor, []string{"x", "y"}, 400, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			done := s.hold(s.seat(tt.kind), governance.Titular, "Alix", "Sortant")
			path := mandatePath(s.seat(tt.kind), done.Mandate, "fin")
			v := s.fields(path, append([]string{"motif", "Démission"}, tt.change...)...)
			a := s.unwritten(func() answer { return s.post(path, v) }).status(tt.status).has(tt.says)
			if tt.status != 400 {
				a.keeps("motif", v.Get("motif")).keeps("fin", v.Get("fin")).keeps("version", "1")
			}
		})
	}
}

func TestCorrectionShowsBothVersions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	seat := s.mayorOf("33063")
	done := s.hold(seat, governance.Titular, "Alix", "Martin")
	path := mandatePath(seat, done.Mandate, "correction")
	mine := s.fields(path, "designation", "Ma désignation", "nom", "Martine")
	theirs := s.fields(path, "designation", "Leur désignation")
	s.post(path, theirs).status(303)
	a := s.unwritten(func() answer { return s.post(path, mine) }).status(409).
		has("Enregistré maintenant", "Votre saisie", "Leur désignation", "Ma désignation", "Différent", "Identique").
		keeps("designation", "Ma désignation").keeps("nom", "Martine").keeps("version", "2")
	s.post(path, formOf(a.body)).status(303)
	s.get(seatPath(seat)).status(200).has("Ma désignation", "Alix Martine", "Correction", "Changement")
	if n := s.number(`SELECT count(*) FROM mandate WHERE seat_id = $1`, seat); n != 1 {
		t.Errorf("a correction left %d mandates", n)
	}
}

func TestSettingShowsBothVersions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	path := "/equipe/instances/gni/reglages/delai-convocation"
	mine := s.fields(path, "valeur", "10", "source", "reglement", "note", "Article 4")
	s.post(path, s.fields(path, "valeur", "7", "source", "analogie", "note", "Usage")).status(303)
	a := s.unwritten(func() answer { return s.post(path, mine) }).status(409).
		has("7 jours", "10 jours", "Usage", "Article 4", "Enregistrer ma version").keeps("valeur", "10").keeps("note", "Article 4")
	v := formOf(a.body)
	if v.Get("source") != "reglement" {
		t.Errorf("the source comes back as %q", v.Get("source"))
	}
	if a := s.post(path, v).status(303); a.to != "/equipe/instances/gni/reglages" {
		t.Errorf("led to %s", a.to)
	}
	s.get("/equipe/instances/gni/reglages").status(200).has("10 jours", "Règlement intérieur", "Article 4")
}

func TestSettingIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	path := "/equipe/instances/cmtin/reglages/quorum"
	for name, tt := range map[string]struct {
		v    url.Values
		says string
	}{
		"a value without source": {s.fields(path, "valeur", "50"), "Laissez la valeur vide"},
		"a source without value": {s.fields(path, "source", "deliberation"), "Saisissez une valeur"},
		"out of bounds":          {s.fields(path, "valeur", "101", "source", "analogie"), "entre 1 et 100"},
		"not a number":           {s.fields(path, "valeur", "la moitié", "source", "analogie"), "entre 1 et 100"},
		"rules without article":  {s.fields(path, "valeur", "50", "source", "reglement"), "Citez l’article"},
	} {
		a := s.unwritten(func() answer { return s.post(path, tt.v) }).status(422).has(tt.says).keeps("valeur", tt.v.Get("valeur"))
		if t.Failed() {
			t.Fatal(name, text(a.body))
		}
	}
	s.get("/equipe/instances/cmtin/reglages/inconnu").status(404)
	s.get("/equipe/instances/inconnue/reglages").status(404)
}
