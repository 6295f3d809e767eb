package national

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSIRET(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]bool{
		"00000000000018":               true, // fictional, with its key
		"000 000 000 00018":            true,
		"000.000.000-00018":            true,
		"\u00a0000\u202f000 000 00018": true,
		"35600000000048":               true, // La Poste, by Luhn
		"35600000049837":               true, // La Poste, by the sum of its digits
		"35600000049838":               false,
		"00000000000000":               false,
		"00000000000019":               false,
		"0000000000001":                false,
		"000000000000018":              false,
		"0000000000001O":               false,
		"٠٠٠٠٠٠٠٠٠٠٠٠١٨":               false,
		"":                             false,
	} {
		if digits, ok := SIRET(typed); ok != want {
			t.Errorf("SIRET(%q) = %q, %v", typed, digits, ok)
		}
		if advice := SIRETAdvice(typed); (advice == "") != want {
			t.Errorf("SIRETAdvice(%q) = %q", typed, advice)
		}
	}
}

func TestSIRETAdvice(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"":                  "Saisissez un SIRET de 14 chiffres.",
		"000 000 000 000":   "Ce SIRET n’est pas valide\u00a0: il n’a que des zéros.",
		"000000000012":      "Saisissez un SIRET de 14 chiffres\u00a0: il en manque 2.",
		"000000000000187":   "Saisissez un SIRET de 14 chiffres\u00a0: il y en a 1 de trop.",
		"000 000 018":       "C’est un SIREN (9 chiffres)\u00a0: saisissez le SIRET de l’établissement, 14 chiffres.",
		"000 000 019":       "Saisissez un SIRET de 14 chiffres\u00a0: il en manque 5.",
		"000 000 018 00019": "Ce SIRET n’est pas valide\u00a0: vérifiez les cinq derniers chiffres.",
		"000 000 017 00018": "Ce SIRET n’est pas valide\u00a0: vérifiez les neuf premiers chiffres.",
		"FR12000000018":     "C’est un numéro de TVA\u00a0: saisissez le SIRET de l’établissement, 14 chiffres.",
		"W331234567":        "C’est un numéro RNA d’association\u00a0: saisissez le SIRET de l’établissement, 14 chiffres.",
		"BE0123456789":      "Ce numéro ne semble pas français\u00a0: un SIRET n’a que 14 chiffres, sans lettre.",
		"0000000000001O":    "Un SIRET n’a que des chiffres\u00a0: retirez les lettres et les signes.",
		"4,3493E+13":        "Le tableur a abrégé ce numéro\u00a0: mettez la cellule au format texte et saisissez les 14 chiffres du SIRET.",
	} {
		if got := SIRETAdvice(typed); got != want {
			t.Errorf("SIRETAdvice(%q) = %q, want %q", typed, got, want)
		}
	}
}

// TestSIRETSeesSlips: the key is there to see a wrong digit and two digits exchanged.
func TestSIRETSeesSlips(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		good := []byte(fictional(rapid.IntRange(0, 9_999_999).Draw(t, "n")))
		at, by := rapid.IntRange(0, 13).Draw(t, "at"), rapid.IntRange(1, 9).Draw(t, "by")
		bad := append([]byte(nil), good...)
		bad[at] = '0' + (bad[at]-'0'+byte(by))%10
		if _, ok := SIRET(string(bad)); ok {
			t.Fatalf("%s passes, %s too", good, bad)
		}
	})
}

func FuzzSIRET(f *testing.F) {
	for _, s := range []string{"000 000 000 00018", "35600000049837", "W331234567", "FR", "E+", "\xff", "é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		digits, ok := SIRET(typed)
		if ok != (SIRETAdvice(typed) == "") {
			t.Fatalf("%q: %v, advice %q", typed, ok, SIRETAdvice(typed))
		}
		if !ok {
			return
		}
		if len(digits) != 14 || strings.Trim(digits, "0123456789") != "" {
			t.Fatalf("SIRET(%q) = %q", typed, digits)
		}
		if luhn(digits)%10 != 0 && (digits[:9] != laPoste || sum(digits)%5 != 0) {
			t.Fatalf("SIRET(%q) = %q has no key", typed, digits)
		}
		if again, ok := SIRET(" " + digits[:3] + " " + digits[3:9] + "\u00a0" + digits[9:]); !ok || again != digits {
			t.Fatalf("%q with spaces: %q, %v", digits, again, ok)
		}
	})
}

func TestRNA(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{"w 331 234 567": "W331234567", "W9R1234567": "W9R1234567", "W33123456": "", "X331234567": "", "W33123456é": "", "": ""} {
		if got, ok := RNA(typed); ok != (want != "") || ok && got != want {
			t.Errorf("RNA(%q) = %q, %v", typed, got, ok)
		}
	}
}

func TestPhone(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"05 56 00 00 00": "+33556000000", "05.56.00.00.00": "+33556000000", "+33 5 56 00 00 00": "+33556000000",
		"0033 5 56 00 00 00": "+33556000000", "+33 (0)5-56-00-00-00": "+33556000000", "+330556000000": "+33556000000",
		"05\u00a056\u202f00 00 00": "+33556000000", "+34 912 000 000": "+34912000000", "0034912000000": "+34912000000",
		"05 56 00 00": "", "05 56 00 00 00 00": "", "3949": "", "0": "", "00": "", "+": "", "+33": "", "": "", "poste 12": "",
		"+0556000000": "", "+33 0 0 56 00 00 0": "", "=05560000": "", "+1234567890123456": "",
	} {
		if got, ok := Phone(typed); ok != (want != "") || ok && got != want {
			t.Errorf("Phone(%q) = %q, %v, want %q", typed, got, ok, want)
		}
	}
	for number, want := range map[string]string{"+33556000000": "05\u00a056\u00a000\u00a000\u00a000", "+34912000000": "+34912000000", "": "", "+33é56000000": "+33é56000000"} {
		if got := PhoneLabel(number); got != want {
			t.Errorf("PhoneLabel(%q) = %q", number, got)
		}
	}
}

func TestEmail(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"contact@example.org": true, "a.b+c@sous.example.org": true, "o'neil@example.org": true, "_x@example.org": true,
		"": false, "contact": false, "contact@": false, "@example.org": false, "contact@example": false, "a@b@example.org": false,
		"contact@example..org": false, "contact@-example.org": false, "con tact@example.org": false, "a|b@example.org": false,
		"=1@example.org": false, ".a@example.org": false, "a.@example.org": false, "a..b@example.org": false, "a@1.2": false,
		"é@example.org": false, "a@example.org\n": false, strings.Repeat("a", 65) + "@example.org": false,
	} {
		if got := Email(address); got != want {
			t.Errorf("Email(%q) = %v", address, got)
		}
	}
}

func TestWebURL(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"www.example.org": "https://www.example.org", " HTTPS://Example.org/Page ": "https://example.org/Page", "http://example.org/?a=1#b": "http://example.org/?a=1#b",
		"//example.org": "https://example.org", "example.org:8080/a": "https://example.org:8080/a", "médiathèque.example.org": "https://médiathèque.example.org",
		"": "", "exemple": "", "javascript:alert(1)": "", "javascript://example.org": "", "ftp://example.org": "", "contact@example.org": "",
		"https://a:b@example.org": "", "https://example": "", "https://exa mple.org": "", "https://example.org/a|b": "", "https://example.org/\"": "",
		"https://.org": "", "https://127.0.0.1": "", "https://example.org/" + strings.Repeat("a", 300): "", "mailto:contact@example.org": "",
	} {
		if got, ok := WebURL(typed); ok != (want != "") || ok && got != want {
			t.Errorf("WebURL(%q) = %q, %v, want %q", typed, got, ok, want)
		}
	}
}
