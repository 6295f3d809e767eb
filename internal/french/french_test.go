package french_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
)

// show makes the spaces of a failure visible.
func show(s string) string {
	return strings.NewReplacer(french.NBSP, "~", french.Narrow, "^").Replace(s)
}

func equal(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got %q, want %q", show(got), show(want))
	}
}

func TestDates(t *testing.T) {
	d := day.Of(2026, time.November, 26)
	equal(t, french.Date(d), "jeudi 26 novembre 2026")
	equal(t, french.LongDate(d), "26 novembre 2026")
	equal(t, french.DateNoYear(d), "jeudi 26 novembre")
	equal(t, french.ShortDate(d), "26 nov. 2026")
	equal(t, french.MonthYear(d), "novembre 2026")
	equal(t, french.NumericDate(d), "26/11/2026")
	first := day.Of(2027, time.January, 1)
	equal(t, french.Date(first), "vendredi 1er janvier 2027")
	equal(t, french.ShortDate(first), "1er janv. 2027")
	for _, f := range []func(day.Day) string{french.Date, french.LongDate, french.DateNoYear, french.ShortDate, french.MonthYear, french.NumericDate} {
		equal(t, f(day.Day{}), "")
	}
}

func TestClockIsThatOfParis(t *testing.T) {
	d := day.Of(2026, time.July, 14)
	equal(t, french.Clock(d.At(14, 0)), "14\u00a0h")
	equal(t, french.Clock(d.At(9, 5).UTC()), "9\u00a0h\u00a005")
	equal(t, french.ClockRange(d.At(14, 0), d.At(16, 30)), "de 14\u00a0h à 16\u00a0h\u00a030")
	equal(t, french.ClockRange(d.At(14, 0), time.Time{}), "à 14\u00a0h")
	equal(t, french.DateTime(time.Date(2026, 7, 13, 22, 30, 0, 0, time.UTC)), "mardi 14 juillet 2026 à 0\u00a0h\u00a030")
	equal(t, french.ShortDateTime(d.At(8, 0)), "14 juil. 2026, 8\u00a0h")
	equal(t, french.DateTime(time.Time{}), "")
}

func TestAgoAndUntil(t *testing.T) {
	today := day.Of(2026, time.November, 23)
	for n, want := range map[int]string{0: "aujourd’hui", 1: "hier", 2: "avant-hier", 3: "il y a 3\u00a0jours", 21: "il y a 3\u00a0semaines",
		70: "il y a 2\u00a0mois", 365: "il y a 12\u00a0mois", 731: "il y a 2\u00a0ans", -1: "demain", -3: "dans 3\u00a0jours"} {
		equal(t, french.Ago(today.AddDays(-n), today), want)
	}
	for n, want := range map[int]string{0: "aujourd’hui", 1: "demain", 2: "après-demain", 20: "dans 20\u00a0jours", -1: "hier"} {
		equal(t, french.Until(today.AddDays(n), today), want)
	}
	now := today.At(15, 0)
	for ago, want := range map[time.Duration]string{time.Second: "à l’instant", time.Minute: "il y a 1\u00a0minute", 3 * time.Hour: "il y a 3\u00a0heures",
		14 * time.Hour: "aujourd’hui à 1\u00a0h", 20 * time.Hour: "hier"} {
		equal(t, french.Since(now.Add(-ago), now), want)
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1\u202f000", 1234567: "1\u202f234\u202f567", -7: "\u22127", -1234: "\u22121\u202f234"} {
		equal(t, french.Number(n), want)
	}
	for n, want := range map[int]string{0: "0\u00a0réunion", 1: "1\u00a0réunion", 2: "2\u00a0réunions", -1: "\u22121\u00a0réunion"} {
		equal(t, french.Count(n, "réunion", "réunions"), want)
	}
	equal(t, french.Percent(59), "59\u202f%")
	equal(t, french.Percent(62.5), "62,5\u202f%")
	equal(t, french.Euros(12500), "12\u202f500\u202f€")
	equal(t, french.Decimal(1234.5, 2), "1\u202f234,5")
	equal(t, french.Decimal(-0.25, 2), "\u22120,25")
	equal(t, french.Decimal(3, 1), "3")
	equal(t, french.Ordinal(1, true), "1re")
	equal(t, french.Ordinal(1, false), "1er")
	equal(t, french.Ordinal(3, true), "3e")
}

// A share never rounds something to nothing, nor a part to the whole.
func TestShare(t *testing.T) {
	equal(t, french.Share(94, 160), "59\u202f%")
	equal(t, french.Share(1, 1000), "1\u202f%")
	equal(t, french.Share(999, 1000), "99\u202f%")
	equal(t, french.Share(1000, 1000), "100\u202f%")
	equal(t, french.Share(0, 10), "0\u202f%")
	equal(t, french.Share(0, 0), "–")
}

func TestNumberReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		s := strings.NewReplacer(french.Narrow, "", "\u2212", "-").Replace(french.Number(n))
		if back, err := strconv.ParseInt(s, 10, 64); err != nil || back != n {
			t.Fatalf("%d written %q", n, show(french.Number(n)))
		}
	})
}

func TestList(t *testing.T) {
	equal(t, french.List(nil), "")
	equal(t, french.List([]string{"a"}), "a")
	equal(t, french.List([]string{"a", "b"}), "a et b")
	equal(t, french.List([]string{"a", "b", "c"}), "a, b et c")
	equal(t, french.Either([]string{"a", "b", "c"}), "a, b ou c")
}

// De and à before the name of each commune.
func TestCommuneNames(t *testing.T) {
	for name, want := range map[string][2]string{
		"Ambarès-et-Lagrave":     {"d’Ambarès-et-Lagrave", "à Ambarès-et-Lagrave"},
		"Ambès":                  {"d’Ambès", "à Ambès"},
		"Artigues-près-Bordeaux": {"d’Artigues-près-Bordeaux", "à Artigues-près-Bordeaux"},
		"Bègles":                 {"de Bègles", "à Bègles"},
		"Eysines":                {"d’Eysines", "à Eysines"},
		"Le Bouscat":             {"du Bouscat", "au Bouscat"},
		"Le Haillan":             {"du Haillan", "au Haillan"},
		"Le Taillan-Médoc":       {"du Taillan-Médoc", "au Taillan-Médoc"},
		"Villenave-d’Ornon":      {"de Villenave-d’Ornon", "à Villenave-d’Ornon"},
		"La Brède":               {"de La Brède", "à La Brède"},
		"Les Billaux":            {"des Billaux", "aux Billaux"},
		"Hourtin":                {"de Hourtin", "à Hourtin"},
	} {
		equal(t, french.De(name), want[0])
		equal(t, french.A(name), want[1])
	}
}

func TestElide(t *testing.T) {
	for _, c := range [][3]string{
		{"de", "État", "d’État"}, {"le", "organisme", "l’organisme"}, {"que", "Inès", "qu’Inès"}, {"De", "Le Haillan", "Du Haillan"},
		{"de", "hôpital", "d’hôpital"}, {"de", "onze", "de onze"}, {"de", "Yvrac", "d’Yvrac"}, {"de", "yaourt", "de yaourt"}, {"de", "", "de "},
	} {
		equal(t, french.Elide(c[0], c[1]), c[2])
	}
}

func TestTypo(t *testing.T) {
	for in, want := range map[string]string{
		"":                            "",
		"L'ordre du jour : 3 points":  "L’ordre du jour~: 3 points",
		"Qui vote?":                   "Qui vote^?",
		"Quoi ?!":                     "Quoi^?!",
		"« oui »":                     "«~oui~»",
		"«oui»":                       "«~oui~»",
		"12 % et 3%":                  "12^% et 3^%",
		"voir https://a.fr/?q=a;b":    "voir https://a.fr/?q=a;b",
		"à 14:30":                     "à 14:30",
		"n° 2024-677":                 "n°~2024-677",
		"Attendez...":                 "Attendez…",
		"a@b.fr":                      "a@b.fr",
		"un; deux ; trois":            "un^; deux^; trois",
		"6 pieds 2'":                  "6 pieds 2'",
		"Titre :\nsuite":              "Titre~:\nsuite",
		"rock 'n' roll":               "rock 'n' roll",
		"« Qui ? »":                   "«~Qui^?~»",
		"Je dis (vraiment !) que oui": "Je dis (vraiment^!) que oui",
	} {
		if got := show(french.Typo(in)); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// Typo changes only spaces, apostrophes and points, and a second pass nothing.
func FuzzTypo(f *testing.F) {
	for _, s := range []string{"L'eau : « oui » ?!", "a%  %", "« » «", "n° 3...", "http://x/?a ; b", " : ", "....", "'a'b'"} {
		f.Add(s)
	}
	bare := strings.NewReplacer(" ", "", french.NBSP, "", french.Narrow, "", "\t", "", "’", "'", "…", "...")
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "")
		once := french.Typo(s)
		if twice := french.Typo(once); twice != once {
			t.Errorf("%q: %q then %q", s, show(once), show(twice))
		}
		if bare.Replace(once) != bare.Replace(s) {
			t.Errorf("%q became %q", s, show(once))
		}
	})
}

func TestSortKey(t *testing.T) {
	for name, want := range map[string]string{"Le Haillan": "haillan", "Bègles": "begles", "L’Atelier": "atelier", "Élan": "elan", "Lormont": "lormont"} {
		equal(t, french.SortKey(name), want)
	}
}

func TestCapital(t *testing.T) {
	equal(t, french.Capital("état"), "État")
	equal(t, french.Capital(""), "")
}
