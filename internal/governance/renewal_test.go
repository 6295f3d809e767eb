package governance

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/problem"
)

func (w *world) sheet() map[string]RenewalLine {
	w.t.Helper()
	lines, err := w.s.RenewalSheet(w.t.Context(), team)
	if err != nil {
		w.t.Fatal(err)
	}
	if len(lines) != 28 {
		w.t.Fatalf("the sheet has %d communes, wanted 28", len(lines))
	}
	m := map[string]RenewalLine{}
	for _, l := range lines {
		m[l.INSEE] = l
	}
	return m
}

func TestRenewTheCommunes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	election := d(2026, 3, 28)
	begles, bordeaux, cenon := w.sheet()["33039"], w.sheet()["33063"], w.sheet()["33119"]
	before := w.start(w.mandate(begles.Seat, "Sortant", d(2025, 1, 1)))
	w.start(w.mandate(bordeaux.Seat, "Reconduit", d(2025, 1, 1)))
	seen := w.sheet()
	rows := []RenewalRow{
		{INSEE: "33039", Seen: seen["33039"].Mandate, Version: seen["33039"].Version, First: "Nour", Last: "Nouvelle", Email: "Nour@exemple.fr", Invite: true},
		{INSEE: "33063", Seen: seen["33063"].Mandate, Version: seen["33063"].Version, SameMayor: true},
		{INSEE: "33119", First: "Nour", Last: "", Email: "x"},
		{INSEE: "33318"},
		{INSEE: "99999", First: "A", Last: "B"},
		{INSEE: "33522", Seen: before.Mandate, Version: 1, First: "A", Last: "B"},
		{INSEE: "33281", SameMayor: true},
		{INSEE: "33192", First: "Alix", Last: "Autre", Email: "equipe@exemple.fr"},
		{INSEE: "33013", First: "Alix", Last: "Sans", Invite: true},
	}
	in := Renewal{Day: election, TermEndsOn: d(2032, 3, 20), Rows: rows}
	got, err := w.s.Renew(t.Context(), team, in)
	if err != nil || len(got.Saved) != 0 {
		t.Fatalf("one wrong row saves nothing: %+v, %v", got, err)
	}
	if l := w.sheet()["33039"]; l.Last != "Sortant" {
		t.Fatalf("after a refused renewal: %+v", l)
	}
	w.invited = nil
	in.PartialOK = true
	got, err = w.s.Renew(t.Context(), team, in)
	if err != nil {
		t.Fatal(err)
	}
	var fields []string
	for _, p := range got.Errors {
		fields = append(fields, p.Field)
		if p.Message == "" || (p.Kind == problem.Conflict) != (p.Field == "nom_33522") {
			t.Errorf("row error %+v", p)
		}
	}
	if diff := cmp.Diff([]string{"nom_33119", "nom_99999", "nom_33522", "meme_33281", "courriel_33192", "courriel_33013"}, fields); diff != "" {
		t.Errorf("fields of the errors (-want +got):\n%s", diff)
	}
	if !slices.Equal(got.Saved, []string{"33039", "33063"}) || !slices.Equal(got.Untouched, []string{"33318"}) {
		t.Errorf("saved %v, untouched %v", got.Saved, got.Untouched)
	}
	if len(w.invited) != 1 || w.invited[0].Email != "nour@exemple.fr" {
		t.Errorf("invited %v", w.invited)
	}
	now := w.composition(Communes, w.today)
	if l := now[begles.Seat]; l.Last != "Nouvelle" || l.Since != election || l.TermEndsOn != d(2032, 3, 20) {
		t.Errorf("Bègles: %+v", l)
	}
	if l := now[bordeaux.Seat]; l.Last != "Reconduit" || l.Since != election {
		t.Errorf("a mayor elected again has a new mandate: %+v", l)
	}
	if l := now[cenon.Seat]; l.State != Vacant {
		t.Errorf("Cenon: %+v", l)
	}
	got, err = w.s.Renew(t.Context(), team, in)
	if err != nil || len(got.Saved) != 0 {
		t.Errorf("the same form sent twice saved %v, %v", got.Saved, err)
	}
	_, err = w.s.Renew(t.Context(), team, Renewal{Rows: rows})
	wantProblem(t, "no date", err, problem.Invalid, "debut")
	_, err = w.s.Renew(t.Context(), team, Renewal{Day: election, TermEndsOn: election, Rows: rows})
	wantProblem(t, "a term that ends at once", err, problem.Invalid, "echeance")
	_, err = w.s.Renew(t.Context(), access.Actor{}, in)
	wantProblem(t, "the public", err, problem.Forbidden, "")
}

// A file names the mayor in place, or somebody already known: nobody is twice.
func TestRenewKnowsPeople(t *testing.T) {
	t.Parallel()
	w := setup(t)
	seat := w.sheet()["33039"].Seat
	m := w.mandate(seat, "Éluard", d(2025, 1, 1))
	m.Person.Email = "e@exemple.fr"
	held := w.start(m)
	deputy := w.mandate(seat, "Adjoint", d(2025, 1, 1))
	deputy.Person.Email = "adjoint@exemple.fr"
	alternate, err := w.s.DesignateAlternate(t.Context(), team, deputy)
	if err != nil {
		t.Fatal(err)
	}
	renew := func(on day.Day, first, last, email string) Line {
		l := w.sheet()["33039"]
		got, err := w.s.Renew(t.Context(), team, Renewal{Day: on, Rows: []RenewalRow{{INSEE: "33039", Seen: l.Mandate, Version: l.Version, First: first, Last: last, Email: email}}})
		if err != nil || len(got.Errors) > 0 {
			t.Fatalf("renewal: %+v, %v", got, err)
		}
		return w.composition(Communes, on)[seat]
	}
	if l := renew(d(2025, 6, 1), "ALIX", "ELUARD", ""); l.Person != held.Person.ID {
		t.Errorf("the mayor in place: %+v", l)
	}
	if l := renew(d(2025, 7, 1), "Alix", "Adjoint", "adjoint@exemple.fr"); l.Person != alternate.Person.ID || l.AlternatePerson != 0 {
		t.Errorf("the alternate becomes mayor: %+v", l)
	}
}

func TestParseRenewalCSV(t *testing.T) {
	t.Parallel()
	want := []RenewalRow{
		{INSEE: "33039", First: "Zoé", Last: "D’Arc", Email: "zoe@exemple.fr"},
		{INSEE: "33519", First: "Jean-Luc", Last: "Petit;Grand"},
	}
	good := "Code INSEE;Prénom;Nom;Mél\r\n33039;Zoé;D’Arc;ZOE@exemple.fr\r\n\"le taillan medoc\";Jean-Luc;\"Petit;Grand\";\r\n33063;;;\r\n"
	windows, err := charmap.Windows1252.NewEncoder().String(good)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		file string
		rows []RenewalRow
		errs []string
	}{
		"UTF-8":                {good, want, nil},
		"with a mark":          {"\xef\xbb\xbf" + good, want, nil},
		"Windows-1252":         {windows, want, nil},
		"tabulations":          {"commune\tprenom\tnom\te-mail\nBègles\tZoé\tD’Arc\tzoe@exemple.fr", want[:1], nil},
		"commas, other order":  {"email,nom,prénom,insee,autre\nzoe@exemple.fr,D’Arc,Zoé,33039,x\n", want[:1], nil},
		"a short line":         {"insee;prénom;nom;courriel\n33039;Zoé", []RenewalRow{{INSEE: "33039", First: "Zoé"}}, []string{"ligne 2, colonne nom : cette case est vide."}},
		"missing columns":      {"insee;nom\n33039;X", nil, []string{"ligne 1 : il manque la colonne « prénom ».", "ligne 1 : il manque la colonne « courriel »."}},
		"no commune column":    {"prénom;nom;courriel\n", nil, []string{"ligne 1 : il manque la colonne « insee (ou commune) »."}},
		"unknown code":         {"insee;prénom;nom;courriel\n75056;A;B;", nil, []string{"ligne 2, colonne commune : « 75056 » n’est ni le code INSEE ni le nom d’une des 28 communes."}},
		"no code":              {"insee;prénom;nom;courriel\n;A;B;", nil, []string{"ligne 2, colonne commune : le code INSEE manque."}},
		"a bad address":        {"insee;prénom;nom;courriel\n\n\n33039;A;B;a@b", []RenewalRow{{INSEE: "33039", First: "A", Last: "B", Email: "a@b"}}, []string{"ligne 4, colonne courriel : « a@b » n’est pas une adresse électronique complète."}},
		"a commune twice":      {"insee;prénom;nom;courriel\n33039;A;B;\nBegles;A;B;", []RenewalRow{{INSEE: "33039", First: "A", Last: "B"}}, []string{"ligne 3, colonne commune : cette commune est déjà à la ligne 2."}},
		"a name too long":      {"insee;prénom;nom;courriel\n33039;A;" + strings.Repeat("b", 81) + ";", []RenewalRow{{INSEE: "33039", First: "A", Last: strings.Repeat("b", 81)}}, []string{"ligne 2, colonne nom : gardez 80 caractères au plus, sur une ligne."}},
		"NUL bytes":            {"insee;pr\x00nom", nil, []string{"Ce fichier n’est pas un CSV : dans le tableur, choisissez « Enregistrer sous », format CSV UTF-8."}},
		"empty":                {" \n", nil, []string{"Le fichier est vide."}},
		"header alone":         {"insee;prénom;nom;courriel\n", nil, []string{"Le fichier ne contient aucun nom de maire."}},
		"too big":              {strings.Repeat("a", maxCSVBytes+1), nil, []string{"Le fichier dépasse 1 Mo : enregistrez seulement la feuille des communes."}},
		"too many lines":       {"insee;prénom;nom;courriel\n" + strings.Repeat("33039;;;\n", 201), nil, []string{"Le fichier compte plus de 200 lignes : gardez une ligne par commune."}},
		"a quote never closed": {"insee;prénom;nom;courriel\n33039;A;\"B;\n33063;C;D;", nil, nil},
	}
	for name, test := range tests {
		rows, errs := ParseRenewalCSV(strings.NewReader(test.file))
		if test.errs == nil && name == "a quote never closed" {
			if len(errs) == 0 {
				t.Errorf("%s: no error, rows %v", name, rows)
			}
			continue
		}
		var said []string
		for _, e := range errs {
			said = append(said, e.String())
		}
		if diff := cmp.Diff(test.rows, rows); diff != "" {
			t.Errorf("%s: rows (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(test.errs, said); diff != "" {
			t.Errorf("%s: errors (-want +got):\n%s", name, diff)
		}
	}
}

func FuzzParseRenewalCSV(f *testing.F) {
	f.Add("insee;prénom;nom;courriel\n33039;Zoé;Arc;z@exemple.fr\n")
	f.Add("\xef\xbb\xbfcommune\tnom\tprenom\tmail\nB\xe8gles\t\"a\"\"\tb\t")
	f.Add("insee,prenom,nom,email\n\"")
	f.Fuzz(func(t *testing.T, file string) {
		rows, errs := ParseRenewalCSV(strings.NewReader(file))
		if len(rows) > 28 {
			t.Errorf("%d rows for 28 communes", len(rows))
		}
		if len(rows) == 0 && len(errs) == 0 {
			t.Error("neither a row nor an error")
		}
		for _, r := range rows {
			if inseeOf(r.INSEE) != r.INSEE || r.INSEE == "" {
				t.Errorf("a row of no commune: %+v", r)
			}
			in := PersonInput{First: r.First, Last: r.Last, Email: r.Email}
			if err := in.clean(); err != nil && len(errs) == 0 {
				t.Errorf("a row that no form would accept, and no cell is named: %+v (%v)", r, err)
			}
		}
		for _, e := range errs {
			if e.Message == "" || len(e.Message) > 400 || strings.ContainsRune(e.String(), 0) {
				t.Errorf("error %q", e.String())
			}
		}
	})
}
