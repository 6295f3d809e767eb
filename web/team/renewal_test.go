package team

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

// csvFile is a file of two right rows, in UTF-8.
const csvFile = "insee;commune;prenom;nom;courriel\n33039;Bègles;Zoé;Lefèvre;zoe@exemple.fr\n33004;Ambès;Inès;Ünal;\n"

// latin writes a text in Windows-1252, as old spreadsheets do.
func latin(s string) []byte {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r)) // é, è, Ü are the same in Latin-1
	}
	return b
}

func (s *site) verify(v url.Values, file []byte) answer {
	s.t.Helper()
	v.Set("acte", "verifier")
	return s.unwritten(func() answer { return s.upload(renewalPath, v, file) })
}

func TestFileFillsTheSheet(t *testing.T) {
	t.Parallel()
	utf16 := bytes.ReplaceAll([]byte(csvFile), []byte("e"), []byte("e\x00"))
	tests := map[string]struct {
		file   []byte
		status int
		says   string
		filled bool
	}{
		"UTF-8":             {[]byte(csvFile), 200, "2 lignes remplies", true},
		"with a mark":       {[]byte("\ufeff" + csvFile), 200, "2 lignes remplies", true},
		"Windows-1252":      {latin(csvFile), 200, "2 lignes remplies", true},
		"commas":            {[]byte(strings.ReplaceAll(csvFile, ";", ",")), 200, "2 lignes remplies", true},
		"names of communes": {[]byte("commune;prenom;nom;courriel\nBègles;Zoé;Lefèvre;zoe@exemple.fr\nAmbes;Inès;Ünal;\n"), 200, "2 lignes remplies", true},
		"no file":           {nil, 422, "Choisissez un fichier CSV", false},
		"empty":             {[]byte(" "), 422, "Le fichier est vide", false},
		"missing columns":   {[]byte("insee;prenom\n33039;Zoé\n"), 422, "il manque la colonne « nom »", false},
		"an unknown INSEE":  {[]byte(csvFile + "99999;;A;B;\n"), 422, "ligne 4, colonne commune : « 99999 » n’est ni le code INSEE", true},
		"a bad address":     {[]byte(csvFile + "33063;;A;B;a@b\n"), 422, "ligne 4, colonne courriel", true},
		"a commune twice":   {[]byte(csvFile + "33039;;A;B;\n"), 422, "cette commune est déjà à la ligne 2", true},
		"NUL bytes":         {utf16, 422, "Ce fichier n’est pas un CSV", false},
		"over 1 MB":         {bytes.Repeat([]byte("33039;A;B;C;D\n"), 1<<20/14+100), 422, "dépasse 1 Mo", false},
		"10 MB":             {bytes.Repeat([]byte("a"), 10<<20), 413, "trop volumineux", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := siteOn(t, pgtest.Pool(t))
			v := s.fields(renewalPath, "debut", "27/3/2026", "prenom_33318", "Déjà", "nom_33318", "Saisi")
			a := s.verify(v, tt.file).status(tt.status).has(tt.says)
			if tt.status == 413 {
				return
			}
			a.keeps("debut", "27/3/2026").keeps("prenom_33318", "Déjà").keeps("nom_33318", "Saisi")
			if tt.status == 422 {
				a.link("fichier")
			}
			if tt.filled {
				a.keeps("prenom_33039", "Zoé").keeps("nom_33039", "Lefèvre").keeps("courriel_33039", "zoe@exemple.fr").keeps("nom_33004", "Ünal")
			}
		})
	}
}

// The file fills the screen; the screen, once read, is what is saved.
func TestRenewalFromFile(t *testing.T) {
	t.Parallel()
	s := siteOn(t, pgtest.Pool(t))
	s.hold(s.mayorOf("33039"), governance.Titular, "Alix", "Sortant")
	s.hold(s.mayorOf("33063"), governance.Titular, "Camille", "Durand")
	file := csvFile + "33063;Bordeaux;Camille;DURAND;\n"
	a := s.verify(s.fields(renewalPath, "debut", "27/3/2026", "echeance", "27/3/2032"), []byte(file)).status(200).keeps("meme_33063", "oui")
	a = s.upload(renewalPath, formOf(a.body), nil).status(303)
	if a.to != renewalPath {
		t.Errorf("led to %s", a.to)
	}
	s.get(renewalPath).status(200).has("3 maires sont enregistrés à partir du 27 mars 2026", "Zoé Lefèvre", "Inès Ünal", "Camille Durand depuis le 27 mars 2026")
	if got := strings.Join(s.invited, " "); !strings.Contains(got, "zoe@exemple.fr") || len(s.invited) != 2 {
		t.Errorf("invited %s", got)
	}
	if n := s.number(`SELECT count(*) FROM person WHERE last_name = 'Durand'`); n != 1 {
		t.Errorf("%d people for one mayor elected again", n)
	}
}

func TestRenewalIsRefused(t *testing.T) {
	t.Parallel()
	right := []string{"debut", "27/3/2026", "prenom_33004", "Inès", "nom_33004", "Ünal"}
	tests := map[string]struct {
		change []string
		status int
		says   string
		field  string
	}{
		"no date":             {[]string{"debut", ""}, 422, "Saisissez la date d’élection", "debut"},
		"a date too early":    {[]string{"debut", "1/1/2020"}, 422, "Ce siège existe depuis", "debut"},
		"a date that is none": {[]string{"debut", "30/2/2026"}, 422, "une date qui existe", "debut"},
		"a term before":       {[]string{"echeance", "1/1/2026"}, 422, "L’échéance doit venir après", "echeance"},
		"a first name alone":  {[]string{"prenom_33318", "Nour"}, 422, "Pessac – Saisissez le nom.", "nom_33318"},
		"a bad address":       {[]string{"prenom_33318", "Nour", "nom_33318", "N", "courriel_33318", "nour@"}, 422, "Pessac – Saisissez une adresse électronique complète", "courriel_33318"},
		"both same and new":   {[]string{"meme_33039", "oui", "prenom_33039", "A", "nom_33039", "B"}, 422, "Bègles – Choisissez", "meme_33039"},
		"before the last one": {[]string{"debut", "1/1/2025", "meme_33039", "oui"}, 422, "Bègles – ", "debut_33039"},
		"nothing at all":      {[]string{"prenom_33004", "", "nom_33004", ""}, 422, "Aucune commune n’est remplie", ""},
		"another commune":     {[]string{"prenom_99999", "A"}, 400, "un champ que cette page ne connaît pas", ""},
		"a NUL byte":          {[]string{"nom_33004", "Ü\x00"}, 400, "ne peuvent pas être lus", ""},
		"a field of 2 MB":     {[]string{"nom_33004", strings.Repeat("a", 2<<20)}, 413, "trop volumineux", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := siteOn(t, pgtest.Pool(t))
			s.hold(s.mayorOf("33039"), governance.Titular, "Alix", "Sortant")
			v := s.fields(renewalPath, append(append([]string{}, right...), tt.change...)...)
			a := s.unwritten(func() answer { return s.upload(renewalPath, v, nil) }).status(tt.status).has(tt.says)
			if tt.status == 422 {
				a.keeps("debut", v.Get("debut")).keeps("prenom_33004", v.Get("prenom_33004")).keeps("nom_33318", v.Get("nom_33318"))
			}
			if tt.field != "" {
				a.link(tt.field)
			}
		})
	}
}

func TestRenewalInPart(t *testing.T) {
	t.Parallel()
	s := siteOn(t, pgtest.Pool(t))
	v := s.fields(renewalPath, "debut", "27/3/2026", "prenom_33004", "Inès", "nom_33004", "Ünal",
		"prenom_33318", "Nour", "prenom_33039", "Zoé", "nom_33039", "Lefèvre", "courriel_33039", "zoe@")
	a := s.unwritten(func() answer { return s.upload(renewalPath, v, nil) }).status(422).
		has("Rien n’a été enregistré", "Enregistrer les lignes correctes").link("nom_33318").link("courriel_33039")
	v = formOf(a.body)
	v.Set("acte", "partiel")
	a = s.upload(renewalPath, v, nil).status(422).has("1 commune est enregistrée", "Enregistré", "Inès Ünal").
		keeps("nom_33004", "").keeps("prenom_33318", "Nour").keeps("courriel_33039", "zoe@")
	v = formOf(a.body)
	v.Set("nom_33318", "Nouvelle")
	v.Set("courriel_33039", "")
	s.upload(renewalPath, v, nil).status(303)
	if n := s.number(`SELECT count(*) FROM mandate`); n != 3 {
		t.Errorf("%d mandates, want 3", n)
	}
}

func TestStaleRenewal(t *testing.T) {
	t.Parallel()
	s := siteOn(t, pgtest.Pool(t))
	v := s.fields(renewalPath, "debut", "27/3/2026", "prenom_33004", "Inès", "nom_33004", "Ünal", "prenom_33039", "Zoé", "nom_33039", "Lefèvre")
	s.hold(s.mayorOf("33039"), governance.Titular, "Alix", "Autre")
	a := s.unwritten(func() answer { return s.upload(renewalPath, v, nil) }).status(409).
		has("1 commune a changé pendant votre saisie", "Alix Autre", "Changé").link("ligne_33039").
		keeps("prenom_33039", "Zoé").keeps("nom_33039", "Lefèvre").keeps("nom_33004", "Ünal")
	s.upload(renewalPath, formOf(a.body), nil).status(303)
	if got := s.text(`SELECT string_agg(last_name, ' ' ORDER BY lower(m.during)) FROM mandate m JOIN person p ON p.id = person_id WHERE seat_id = $1`, s.mayorOf("33039")); !strings.HasSuffix(got, "Autre Lefèvre") {
		t.Errorf("in Bègles: %s", got)
	}
}

// The model comes back as it went out: nobody, since its columns are empty.
func TestRenewalModel(t *testing.T) {
	t.Parallel()
	s := siteOn(t, pgtest.Pool(t))
	s.hold(s.mayorOf("33039"), governance.Titular, "Alix", "Sortant")
	if _, err := s.db.Exec(t.Context(), `UPDATE person SET first_name = '=Alix', last_name = 'D;rand'`); err != nil {
		t.Fatal(err)
	}
	a := s.get(renewalPath + ".csv").status(200)
	if !strings.HasPrefix(a.body, "\ufeffinsee;commune;") || strings.Count(a.body, "\r\n") != 29 {
		t.Errorf("model:\n%s", a.body)
	}
	if !strings.Contains(a.body, `33039;Bègles;"'=Alix D;rand";`) {
		t.Errorf("a formula, or a separator, gets through:\n%s", a.body)
	}
	rows, cells := governance.ParseRenewalCSV(strings.NewReader(a.body))
	if len(rows) != 0 || len(cells) != 1 {
		t.Errorf("read again: %v, %v", rows, cells)
	}
	filled := strings.Replace(a.body, "33004;Ambès;;;;;", "33004;Ambès;;;Inès;Ünal;", 1)
	if rows, cells = governance.ParseRenewalCSV(strings.NewReader(filled)); len(rows) != 1 || len(cells) != 0 {
		t.Errorf("filled: %v, %v", rows, cells)
	}
}
