package national

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bordeaux-metropole.fr/portal/internal/structure/national/nationaltest"
)

func TestHours(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"du lundi au vendredi de 9h à 12h et de 14h à 17h30, le samedi matin de 9 h à 12 h": "Mo-Fr 09:00-12:00,14:00-17:30; Sa 09:00-12:00",
		"Lundi, mercredi : 9h-12h":                                  "Mo,We 09:00-12:00",
		"lun-ven 9:00-12:00 / 14:00-17:00":                          "Mo-Fr 09:00-12:00,14:00-17:00",
		"Lun. au ven. 9h/12h - 14h/17h":                             "Mo-Fr 09:00-12:00,14:00-17:00",
		"lundi - 9h-12h 14h-17h":                                    "Mo 09:00-12:00,14:00-17:00",
		"Les mardis et jeudis de 14 heures à 18 heures":             "Tu,Th 14:00-18:00",
		"9h-12h du lundi au vendredi":                               "Mo-Fr 09:00-12:00",
		"Ouvert tous les jours sauf le dimanche de 9h à midi":       "Mo-Sa 09:00-12:00; Su off",
		"7j/7 : 10h-19h":                                            "Mo-Su 10:00-19:00",
		"fermé le mercredi":                                         "We off",
		"Fermé le dimanche et les jours fériés":                     "Su,PH off",
		"du lundi au vendredi 9h-12h, fermé le mercredi":            "Mo,Tu,Th,Fr 09:00-12:00; We off",
		"lundi : fermé, mardi 9-12h":                                "Tu 09:00-12:00; Mo off",
		"Lundi 9h-12h, mardi 14h-17h":                               "Mo 09:00-12:00; Tu 14:00-17:00",
		"Lundi 9h-12h.\nMardi\u00a0: 14\u00a0h\u00a030 – 17\u00a0h": "Mo 09:00-12:00; Tu 14:30-17:00",
		"du vendredi au lundi 10h-18h":                              "Mo,Fr-Su 10:00-18:00",
		"lundi matin 9h-12h et après-midi 14h-17h":                  "Mo 09:00-12:00,14:00-17:00",
		"le mercredi de 18h à minuit":                               "We 18:00-24:00",
		"Mo-Fr 9:00-12:00":                                          "Mo-Fr 09:00-12:00",
		"Mo-Fr 09:00-12:00; SH off":                                 "Mo-Fr 09:00-12:00; SH off",
		"We[1] 10:00-12:00":                                         "We[1] 10:00-12:00",
		"24/7":                                                      "24/7",
	} {
		if got, ok := Hours(text); got != want || !ok {
			t.Errorf("Hours(%q) = %q, %v, want %q", text, got, ok, want)
		}
	}
}

// TestHoursNotGuessed is about what could mean two things, or says more than hours.
func TestHoursNotGuessed(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "sur rendez-vous", "lundi 9h-12h sur rendez-vous", "du lundi au vendredi de 9h à 12h sauf vacances scolaires",
		"le premier lundi du mois 9h-12h", "un lundi sur deux 9h-12h", "semaines paires : lundi 9h-12h", "le mardi 12 mars 9h-12h",
		"9h-12h", "lundi", "lundi matin", "lundi 9h", "lundi à partir de 9h", "lundi 12h-9h", "lundi 25h-26h", "lundi 9h70-12h",
		"lundi de 2h à 5h", "lundi-mercredi-vendredi 9h-12h", "lundi 9h-12h-14h-17h", "lundi 9h-12h, 11h-15h",
		"lundi matin et mercredi après-midi 9h-12h et 14h-17h", "lundi matin et mercredi 9h-12h", "lundi après-midi 9h-12h",
		"lundi au vendredi 9h-12h, mercredi 14h-17h", "lundi au vendredi 9h-12h sauf le mercredi matin", "fermé",
		"fermé le lundi, mardi 9h-12h", "Fermé le lundi. Lundi 9h-12h", "lundi 9h-12h, mardi", "été : lundi 9h-12h",
		"Mo 12:00-09:00", "Mo 09:00-25:00", "Mo-Fr 09:00-12:00,11:00-13:00", "=1+1", "<b>lundi</b> 9h-12h", strings.Repeat("lundi 9h-12h ", 50),
	} {
		if got, ok := Hours(text); got != "" || ok {
			t.Errorf("Hours(%q) = %q, %v: it is not sure", text, got, ok)
		}
	}
}

func TestHoursFrench(t *testing.T) {
	t.Parallel()
	for osm, want := range map[string]string{
		"Mo-Fr 09:00-12:00,14:00-17:30; Sa 09:00-12:00": "Du lundi au vendredi : 9_h_– 12_h et 14_h_– 17_h_30|Samedi : 9_h_– 12_h",
		"Mo,We 09:00-12:00; PH off":                     "Lundi et mercredi : 9_h_– 12_h|Fermé les jours fériés",
		"Mo-Fr 09:00-12:00; We 14:00-24:00":             "Lundi, mardi, jeudi et vendredi : 9_h_– 12_h|Mercredi : 14_h_– minuit",
		"Mo-Su 10:00-19:00":                             "Tous les jours : 10_h_– 19_h",
		"We off":                                        "Fermé le mercredi",
		"24/7":                                          "Tous les jours, 24_heures sur_24",
	} {
		want = strings.NewReplacer("_", "\u00a0", " :", "\u00a0:").Replace(want)
		if got, ok := HoursFrench(osm); !ok || strings.Join(got, "|") != want {
			t.Errorf("HoursFrench(%q) = %q, %v, want %q", osm, got, ok, want)
		}
	}
	for _, osm := range []string{"", "We[1] 10:00-12:00", "Mo-Fr 09:00-12:00; SH off", "PH 10:00-12:00", "n’importe quoi", "Mo 12:00-10:00"} {
		if got, ok := HoursFrench(osm); ok {
			t.Errorf("HoursFrench(%q) = %q: more than days and hours", osm, got)
		}
	}
}

// anyWeek draws a week that people may have: from 5 h, in order.
func anyWeek(t *rapid.T) week {
	var w week
	kinds := make([][]span, rapid.IntRange(1, 3).Draw(t, "kinds"))
	for i := range kinds {
		at := 5 * 60
		for range rapid.IntRange(1, 3).Draw(t, "spans") {
			from := at + rapid.IntRange(1, 200).Draw(t, "from")
			at = from + rapid.IntRange(1, 160).Draw(t, "long")
			kinds[i] = append(kinds[i], span{from, at})
		}
	}
	for d := range 7 {
		switch n := rapid.IntRange(-2, len(kinds)-1).Draw(t, "day"); n {
		case -2:
		case -1:
			w.closed[d] = true
		default:
			w.open[d] = kinds[n]
		}
	}
	w.closed[holiday] = rapid.Bool().Draw(t, "holiday")
	return w
}

func TestHoursRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		osm := anyWeek(t).osm()
		if osm == "" {
			return
		}
		if got, ok := Hours(osm); !ok || got != osm {
			t.Fatalf("Hours(%q) = %q, %v", osm, got, ok)
		}
		lines, ok := HoursFrench(osm)
		if !ok {
			t.Fatalf("HoursFrench(%q): not understood", osm)
		}
		for _, between := range []string{"\n", "; ", ". "} {
			if got, ok := Hours(strings.Join(lines, between)); !ok || got != osm {
				t.Fatalf("%q: in French %q, back %q, %v", osm, lines, got, ok)
			}
		}
	})
}

// TestHoursAreOfTheSyntax gives what Hours writes to the library of OpenStreetMap.
func TestHoursAreOfTheSyntax(t *testing.T) {
	t.Parallel()
	places, _ := Ready(manyPlaces(100))
	weeks := rapid.Custom(anyWeek)
	for i := range places {
		places[i].Hours = weeks.Example(i).osm()
	}
	asJSON, asCSV := written(t, places)
	if got := nationaltest.Judged(t, asJSON, asCSV); got != "json 100, csv 100" {
		t.Errorf("the official tools say:\n%s", got)
	}
	asJSON = bytes.ReplaceAll(asJSON, []byte("Mo"), []byte("Xx"))
	if got := nationaltest.Judged(t, asJSON, asCSV); !strings.Contains(got, "horaires Xx") {
		t.Errorf("hours on no day pass:\n%s", got)
	}
}

func FuzzHours(f *testing.F) {
	for _, s := range []string{"du lundi au vendredi de 9h à 12h", "Mo-Fr 09:00-12:00; PH off", "lun. 9h/12h - 14h/17h", "fermé le mercredi", "\xff9h", "tous les jours sauf"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		osm, ok := Hours(text)
		if ok == (osm == "") {
			t.Fatalf("Hours(%q) = %q, %v", text, osm, ok)
		}
		if !ok {
			return
		}
		if again, ok := Hours(osm); !ok || again != osm {
			t.Fatalf("Hours(%q) = %q, then %q, %v", text, osm, again, ok)
		}
		if lines, ok := HoursFrench(osm); ok && (len(lines) == 0 || slices.Contains(lines, "")) {
			t.Fatalf("HoursFrench(%q) = %q", osm, lines)
		}
	})
}
