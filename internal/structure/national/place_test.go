package national

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// rowOf reads back the line of a CSV file.
func rowOf(t *testing.T, asCSV []byte, line int) map[string]string {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(asCSV)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	row := map[string]string{}
	for i, column := range records[0] {
		row[column] = records[line+1][i]
	}
	return row
}

// TestReadBack: what is written reads back as it was, and has nothing wrong.
func TestReadBack(t *testing.T) {
	t.Parallel()
	ready, _ := Ready(manyPlaces(40))
	_, asCSV := written(t, ready)
	if bytes.HasPrefix(asCSV, []byte("\xef\xbb\xbf")) || bytes.Contains(asCSV, []byte("\r")) || !bytes.HasPrefix(asCSV, []byte("id,pivot,nom,")) {
		t.Errorf("the file begins with %q", asCSV[:20])
	}
	for i, want := range ready {
		got, wrong := ReadRow(rowOf(t, asCSV, i))
		if len(wrong) > 0 {
			t.Errorf("%s: %v", want.ID, wrong)
		}
		for j, w := range want.Websites { // é is written %C3%A9
			want.Websites[j], _ = WebURL(w)
		}
		if a, b := got.cells(), want.cells(); !slices.Equal(a, b) {
			t.Errorf("read %q, written %q", a, b)
		}
	}
}

// TestEveryFieldIsWritten fails when a field of Place is in no column.
func TestEveryFieldIsWritten(t *testing.T) {
	t.Parallel()
	full := Place{UpdatedOn: time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC)}
	v := reflect.ValueOf(&full).Elem()
	if v.NumField() != len(Columns) || len(full.cells()) != len(Columns) {
		t.Fatalf("%d fields, %d cells, %d columns", v.NumField(), len(full.cells()), len(Columns))
	}
	for i := range v.NumField() {
		before := slices.Clone(full.cells())
		switch f := v.Field(i); f.Kind() {
		case reflect.String:
			f.SetString("x")
		case reflect.Slice:
			f.Set(reflect.ValueOf([]string{"x", "y"}))
		case reflect.Pointer:
			n := -0.5
			f.Set(reflect.ValueOf(&n))
		case reflect.Struct:
			f.Set(reflect.ValueOf(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)))
		}
		if after := full.cells(); before[i] == after[i] || after[i] == "" {
			t.Errorf("%s is not in column %s", v.Type().Field(i).Name, Columns[i])
		}
	}
}

func TestJSONHasNoEmptyText(t *testing.T) {
	t.Parallel()
	p := manyPlaces(1)[0]
	bare := Place{ID: p.ID, Pivot: p.Pivot, Name: p.Name, Commune: p.Commune, PostalCode: p.PostalCode, Address: p.Address, UpdatedOn: p.UpdatedOn, Services: p.Services}
	asJSON, _ := written(t, []Place{bare})
	var objects []map[string]any
	if err := json.Unmarshal(asJSON, &objects); err != nil {
		t.Fatal(err)
	}
	if len(objects) != 1 || len(objects[0]) != 8 {
		t.Errorf("written %s", asJSON)
	}
	if asJSON, _ = written(t, nil); strings.TrimSpace(string(asJSON)) != "[\n]" {
		t.Errorf("no place is written %q", asJSON)
	}
}

func TestReadyTells(t *testing.T) {
	t.Parallel()
	spoiled := func(spoil func(*Place)) Place {
		p := manyPlaces(6)[5]
		spoil(&p)
		return p
	}
	for column, p := range map[string]Place{
		"id": spoiled(func(p *Place) { p.ID = "" }), "pivot": spoiled(func(p *Place) { p.Pivot = "00000000000019" }),
		"nom": spoiled(func(p *Place) { p.Name = " " }), "commune": spoiled(func(p *Place) { p.Commune = "" }),
		"code_postal": spoiled(func(p *Place) { p.PostalCode = "3300" }), "adresse": spoiled(func(p *Place) { p.Address = "3 rue « X »" }),
		"date_maj": spoiled(func(p *Place) { p.UpdatedOn = time.Time{} }), "services": spoiled(func(p *Place) { p.Services = nil }),
	} {
		ready, told := Ready([]Place{p})
		if len(ready) != 0 || len(told) != 1 || !told[0].Out || told[0].Column != column || told[0].Message == "" {
			t.Errorf("%s: ready %d, told %+v", column, len(ready), told)
		}
		if err := WriteCSV(&bytes.Buffer{}, []Place{p}); err == nil {
			t.Errorf("%s: written in CSV", column)
		}
		if err := WriteJSON(&bytes.Buffer{}, []Place{p}); err == nil {
			t.Errorf("%s: written in JSON", column)
		}
	}
	for column, p := range map[string]Place{
		"telephone": spoiled(func(p *Place) { p.Phone = "+34912000000" }), "latitude": spoiled(func(p *Place) { p.Longitude = nil }),
		"fiche_acces_libre": spoiled(func(p *Place) { p.AccessibilityURL = "https://example.org/é" }), "courriels": spoiled(func(p *Place) { p.Emails = []string{"x"} }),
		"prise_rdv": spoiled(func(p *Place) { p.AppointmentURL = "https://example.org/(a)" }), "code_insee": spoiled(func(p *Place) { p.INSEE = "33" }),
		"site_web": spoiled(func(p *Place) { p.Websites = []string{"a|b"} }), "autres_formations_labels": spoiled(func(p *Place) { p.OtherLabels = []string{"a|b"} }),
		"presentation_resume": spoiled(func(p *Place) { p.Summary = strings.Repeat("é", 281) }), "frais_a_charge": spoiled(func(p *Place) { p.Fees = []string{"Cher"} }),
	} {
		ready, told := Ready([]Place{p})
		if len(ready) != 1 || len(told) != 1 || told[0].Out || told[0].Column != column {
			t.Errorf("%s: ready %d, told %+v", column, len(ready), told)
		}
		if i := slices.Index(Columns, column); len(ready) == 1 && ready[0].cells()[i] != "" {
			t.Errorf("%s is written %q", column, ready[0].cells()[i])
		}
	}
	if ready, told := Ready([]Place{manyPlaces(1)[0], manyPlaces(1)[0]}); len(ready) != 1 || len(told) != 1 || told[0].Column != "id" {
		t.Errorf("twice the same: ready %d, told %v", len(ready), told)
	}
}

// TestLaPosteGoesToOtherLabels, and the place given is left as it was.
func TestLaPosteGoesToOtherLabels(t *testing.T) {
	t.Parallel()
	p := manyPlaces(1)[0]
	p.Labels, p.OtherLabels = []string{laPosteSteps, "ORDI 3.0"}, []string{"Un label"}
	ready, told := Ready([]Place{p})
	if len(ready) != 1 || len(told) != 0 || !slices.Equal(ready[0].Labels, []string{"ORDI 3.0"}) || !slices.Equal(ready[0].OtherLabels, []string{"Un label", laPosteSteps}) {
		t.Errorf("ready %+v, told %v", ready, told)
	}
	if len(p.Labels) != 2 || len(p.OtherLabels) != 1 {
		t.Errorf("the place was changed: %+v", p)
	}
}

func goodRow() map[string]string {
	return map[string]string{"id": "a", "pivot": "000 000 000 00018", "nom": "Le lieu", "commune": "Bordeaux", "code_postal": "33000",
		"adresse": "1 rue de l’Exemple", "date_maj": "31/03/2026"}
}

func TestReadRow(t *testing.T) {
	t.Parallel()
	row := goodRow()
	row["services"] = "aide aux demarches administratives;Prendre en main un ordinateur| Aide aux démarches administratives"
	row["typologie"] = "TIERS_LIEUX,ASSO"
	row["horaires"] = "du lundi au vendredi de 9h à 12h"
	row["telephone"], row["courriels"], row["site_web"] = "05 56 00 00 00", "a@example.org, b@example.org", "www.example.org"
	row["latitude"], row["longitude"], row["code_insee"] = "44,84", "-0,58", "1004"
	p, wrong := ReadRow(row)
	if len(wrong) != 0 {
		t.Fatalf("wrong: %v", wrong)
	}
	want := []string{"a", "00000000000018", "Le lieu", "Bordeaux", "33000", "01004", "1 rue de l’Exemple", "", "44.84", "-0.58", "TIERS_LIEUX|ASSO", "+33556000000",
		"a@example.org|b@example.org", "https://www.example.org", "Mo-Fr 09:00-12:00", "", "", "", "", "", "2026-03-31",
		"Aide aux démarches administratives|Maîtrise des outils numériques du quotidien", "", "", "", "", "", "", "", "", "", ""}
	if got := p.cells(); !slices.Equal(got, want) {
		t.Errorf("read %q", got)
	}
}

func TestReadRowTells(t *testing.T) {
	t.Parallel()
	for column, bad := range map[string]string{
		"id": strings.Repeat("x", 101), "pivot": "00000000000019", "nom": "=1+1", "commune": "@Bordeaux", "code_postal": "33 000 B", "code_insee": "333",
		"adresse": "+33", "complement_adresse": "-2+3", "telephone": "05 56", "courriels": "a@example.org|b|c", "site_web": "javascript:alert(1)",
		"horaires": "sur rendez-vous", "presentation_resume": strings.Repeat("é", 281), "presentation_detail": "=cmd|' /C calc'!A0", "source": strings.Repeat("x", 101),
		"itinerance": "Volant", "structure_parente": "=A1", "date_maj": "2026-02-30", "services": "Aide aux démarches administratives|Jonglage|Poterie, chant", "publics_specifiquement_adresses": "Chats",
		"prise_en_charge_specifique": "x", "frais_a_charge": "Cher", "dispositif_programmes_nationaux": "x", "formations_labels": "x", "autres_formations_labels": "bon|=1",
		"modalites_acces": "x", "modalites_accompagnement": "x", "fiche_acces_libre": "x y", "prise_rdv": "x",
	} {
		row := goodRow()
		row[column] = bad
		if _, wrong := ReadRow(row); len(wrong) != 1 || wrong[0].Column != column || wrong[0].Missing || !strings.HasSuffix(wrong[0].Message, ".") {
			t.Errorf("%s %q: %+v", column, bad, wrong)
		}
	}
	for _, latitude := range []string{"91", "nord", "NaN", "Inf", ""} {
		row := goodRow()
		row["latitude"], row["longitude"] = latitude, "-0.58"
		if p, wrong := ReadRow(row); len(wrong) != 1 || wrong[0].Column != "latitude" || p.Latitude != nil || p.Longitude != nil {
			t.Errorf("latitude %q: %+v", latitude, wrong)
		}
	}
	_, wrong := ReadRow(map[string]string{"pivot": "00000000000000", "date_maj": "1970-01-01"}) // unknown, in the national file
	var missing []string
	for _, w := range wrong {
		if w.Missing {
			missing = append(missing, w.Column)
		}
	}
	if want := []string{"id", "pivot", "nom", "commune", "code_postal", "adresse", "date_maj"}; !slices.Equal(missing, want) || len(wrong) != len(want) {
		t.Errorf("an empty row: %v", wrong)
	}
}

// FuzzReadRow: nothing typed panics, and what is taken can be written.
func FuzzReadRow(f *testing.F) {
	f.Add("05 56 00 00 00", "services;autres", "lundi 9h-12h")
	f.Add("=1+1", "|;|", "\xff")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		row := goodRow()
		for i, column := range Columns {
			if _, good := row[column]; !good {
				row[column] = []string{a, b, c}[i%3]
			}
		}
		row["services"] = Services[0].Value
		p, _ := ReadRow(row)
		ready, told := Ready([]Place{p})
		if len(ready) != 1 {
			t.Fatalf("%q: %+v", row, told)
		}
		if err := WriteJSON(&bytes.Buffer{}, ready); err != nil {
			t.Fatal(err)
		}
		for _, v := range p.OtherLabels {
			if Formula(v) {
				t.Fatalf("formula %q", v)
			}
		}
	})
}
