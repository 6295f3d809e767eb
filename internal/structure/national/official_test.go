package national

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/structure/national/nationaltest"
)

// some returns a few values of a list, in its order: the library does not sort.
func some(r *rand.Rand, values []string) []string {
	var out []string
	for _, v := range values {
		if r.IntN(3) == 0 {
			out = append(out, v)
		}
	}
	return out
}

// fictional returns the SIRET of nobody: 000, a number, and its key.
func fictional(n int) string {
	for key := range 10 {
		if s, ok := SIRET(fmt.Sprintf("000%010d%d", n+1, key)); ok {
			return s
		}
	}
	panic("no key")
}

// manyPlaces returns places that use all of the standard, each list in turn.
func manyPlaces(n int) []Place {
	r := rand.New(rand.NewPCG(1, 2))
	hours := []string{"", "Mo-Fr 09:00-12:00,14:00-17:30; Sa 09:00-12:00", "Tu,Th 14:00-18:00; PH off", "24/7",
		"We[1] 10:00-12:00", "Mo-Fr 09:00-12:00; Jul-Aug off", "week 01-53/2 We 09:00-12:00", `Mo-Sa 10:00-19:00 "accueil au fond de la cour"`}
	streets := []string{"12 bis rue de l’Exemple", "1, place d'Armes (bât. C)", "Allée n° 3 – Hall B", "Cours de l’Île & du Marché"}
	out := make([]Place, n)
	for i := range out {
		lat, lon := 44.84+r.Float64()/10, -0.58-r.Float64()/10
		p := Place{
			ID: fmt.Sprintf("gni-%d", i+1), Pivot: fictional(i), Name: fmt.Sprintf(`Structure « %d », dite "l’Œuvre", <b>d’ici</b>`, i+1),
			Commune: []string{"Bordeaux", "Le Haillan", "Saint-Médard-en-Jalles", "Bègles", "L’Exemple-sur-Œil"}[i%5], PostalCode: "33000", INSEE: "33063",
			Address: streets[i%len(streets)], AddressMore: []string{"", "2ᵉ étage\nporte 4"}[i%2],
			Typology: some(r, Typologies.Values()), Phone: []string{"", "+33556000000", "+33756000000"}[i%3],
			Emails: some(r, []string{"contact@example.org", "accueil@example.org"}), Websites: some(r, []string{"https://www.example.org/", "https://example.org/?a=1&b=é"}),
			Hours: hours[i%len(hours)], Summary: []string{"", strings.Repeat("é", 280)}[i%2], Detail: []string{"", "Une ligne,\nune autre ; « et \"la\" fin »"}[i/2%2],
			Source: "Bordeaux Métropole", Mobility: some(r, Mobility.Values()), Parent: []string{"", "Ville fictive"}[i%2],
			UpdatedOn: time.Date(2026, 1, 1+i%300, 0, 0, 0, 0, time.UTC), Services: append([]string{Services[i%len(Services)].Value}, some(r, Services.Values()[:i%len(Services)])...),
			Audiences: some(r, Audiences.Values()), SpecialCare: some(r, SpecialCare.Values()), Fees: some(r, Fees.Values()),
			Programmes: some(r, Programmes.Values()), Labels: some(r, Labels.Values()), OtherLabels: some(r, []string{"Label et la bête", "Un autre"}),
			AccessModes: some(r, AccessModes.Values()[:5]), SupportModes: some(r, SupportModes.Values()),
			AccessibilityURL: []string{"", "https://acceslibre.example.org/erp/lieu-13/"}[i%2], AppointmentURL: []string{"", "https://rdv.example.org/?lieu=4"}[i/2%2],
		}
		if i%4 > 0 {
			p.Latitude, p.Longitude = &lat, &lon
		}
		if i%10 == 9 {
			p.Pivot = fmt.Sprintf("W33%07d", i)
		}
		out[i] = p
	}
	return out
}

func written(t *testing.T, places []Place) (asJSON, asCSV []byte) {
	t.Helper()
	var j, c bytes.Buffer
	if err := WriteJSON(&j, places); err != nil {
		t.Fatal(err)
	}
	if err := WriteCSV(&c, places); err != nil {
		t.Fatal(err)
	}
	return j.Bytes(), c.Bytes()
}

// TestOfficialLibrary reads 160 places with the official library and checks them by
// the Table Schema: none is refused, nothing of them is lost.
func TestOfficialLibrary(t *testing.T) {
	t.Parallel()
	ready, told := Ready(manyPlaces(160))
	if len(ready) != 160 || len(told) != 0 {
		t.Fatalf("ready: %d places, told %v", len(ready), told)
	}
	asJSON, asCSV := written(t, ready)
	if got := nationaltest.Judged(t, asJSON, asCSV); got != "json 160, csv 160" {
		t.Errorf("the official tools say:\n%s", got)
	}
}

// TestOfficialLibraryRefuses shows that the check can fail.
func TestOfficialLibraryRefuses(t *testing.T) {
	t.Parallel()
	asJSON, asCSV := written(t, manyPlaces(3))
	for what, spoil := range map[string]func([]byte) []byte{
		"a value of no list": func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("Aide aux"), []byte("Aide pour")) },
		"a telephone":        func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("+33556000000"), []byte("12")) },
	} {
		got := nationaltest.Judged(t, spoil(asJSON), spoil(asCSV))
		if !strings.Contains(got, "the library throws") || !strings.Contains(got, "csv line") {
			t.Errorf("%s: the official tools say:\n%s", what, got)
		}
	}
}
