package indicator

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseNumber(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Number{
		"12\u202f000,5": 120_005_000, "12 000,5": 120_005_000, "12000,5": 120_005_000, " 3\u00a0000 ": 30_000_000, "0": 0, "0,0001": 1,
		"-3": -30_000, "\u22123,25": -32_500, "12.5": 125_000, "1 234 567": 12_345_670_000, "99999999999,9999": 999_999_999_999_999,
	} {
		if got, err := ParseNumber(in); err != nil || got != want {
			t.Errorf("%q: got %d, %v, wanted %d", in, got, err, want)
		}
	}
	for _, in := range []string{"", "abc", "60.000", "1 2", "12 00", "1 23 456", "1,", ",5", "1,23456", "--1", "1e3", "100000000000", "9999999999999999999999",
		"1 000.000", "\u0663", "12 000,5 €", "NaN"} {
		if got, err := ParseNumber(in); err == nil {
			t.Errorf("%q: got %s, wanted a refusal", in, got)
		}
	}
}

// What is printed is read back the same, whatever space parts its thousands.
func TestNumberComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const most = (Greatest+1)*one - 1
		n := Number(rapid.Int64Range(-most, most).Draw(t, "n"))
		space := rapid.SampledFrom([]string{"", " ", "\u00a0", "\u202f"}).Draw(t, "space")
		typed := strings.ReplaceAll(n.String(), "\u202f", space)
		if got, err := ParseNumber(typed); err != nil || got != n {
			t.Fatalf("%q: got %d, %v, wanted %d", typed, got, err, n)
		}
	})
}

func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"12 000,5", "60.000", "-1", "", "9", "0,0000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseNumber(s)
		if err != nil {
			return
		}
		if again, err := ParseNumber(n.String()); err != nil || again != n {
			t.Errorf("%q reads as %s, which reads as %s, %v", s, n, again, err)
		}
	})
}

// A number computed is said whole from ten on, to the tenth below, on both sides of zero.
func TestAbout(t *testing.T) {
	t.Parallel()
	for n, want := range map[Number]string{2991780: "299", -2031780: "−203", 29_550: "3", -29_550: "−3", 25_400: "2,5", 0: "0", 99_700: "10", 1_005_000: "101"} {
		if got := n.About().String(); got != want {
			t.Errorf("%d is said %q, want %q", n, got, want)
		}
	}
}
