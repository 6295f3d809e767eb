package national

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// SIRETAdvice says in French what is wrong with a SIRET as typed, "" when nothing.
func SIRETAdvice(typed string) string {
	digits, ok := SIRET(typed)
	if ok {
		return ""
	}
	if digits == "" {
		return "Saisissez un SIRET de 14 chiffres."
	}
	if strings.Trim(digits, "0123456789") != "" {
		return lettersAdvice(strings.ToUpper(digits))
	}
	switch n := len(digits); {
	case strings.Trim(digits, "0") == "":
		return "Ce SIRET n’est pas valide\u00a0: il n’a que des zéros."
	case n == 9 && luhn(digits)%10 == 0:
		return "C’est un SIREN (9 chiffres)\u00a0: saisissez le SIRET de l’établissement, 14 chiffres."
	case n < 14:
		return "Saisissez un SIRET de 14 chiffres\u00a0: il en manque " + strconv.Itoa(14-n) + "."
	case n > 14:
		return "Saisissez un SIRET de 14 chiffres\u00a0: il y en a " + strconv.Itoa(n-14) + " de trop."
	case luhn(digits[:9])%10 == 0: // the SIREN has a key of its own
		return "Ce SIRET n’est pas valide\u00a0: vérifiez les cinq derniers chiffres."
	}
	return "Ce SIRET n’est pas valide\u00a0: vérifiez les neuf premiers chiffres."
}

// lettersAdvice is about numbers that are not made of digits.
func lettersAdvice(number string) string {
	if _, rna := RNA(number); rna {
		return "C’est un numéro RNA d’association\u00a0: saisissez le SIRET de l’établissement, 14 chiffres."
	}
	rest, french := strings.CutPrefix(number, "FR")
	switch {
	case french && len(rest) == 11 && strings.Trim(rest, "0123456789") == "":
		return "C’est un numéro de TVA\u00a0: saisissez le SIRET de l’établissement, 14 chiffres."
	case strings.Contains(number, "E+"):
		return "Le tableur a abrégé ce numéro\u00a0: mettez la cellule au format texte et saisissez les 14 chiffres du SIRET."
	case len(number) > 2 && unicode.IsLetter(rune(number[0])) && unicode.IsLetter(rune(number[1])) && strings.ContainsAny(number, "0123456789"):
		return "Ce numéro ne semble pas français\u00a0: un SIRET n’a que 14 chiffres, sans lettre."
	}
	return "Un SIRET n’a que des chiffres\u00a0: retirez les lettres et les signes."
}

// RNA returns the number of an association in the national directory (W and nine
// digits, or letters overseas) as people type it, and whether it is one.
func RNA(typed string) (number string, ok bool) {
	number = strings.ToUpper(without(typed, " .-\u00a0\u202f\t\r\n"))
	if len(number) != 10 || number[0] != 'W' {
		return number, false
	}
	return number, strings.Trim(number[1:], "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func without(s, unwanted string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(unwanted, r) {
			return -1
		}
		return r
	}, s)
}

// Phone returns a telephone number as +33556000000 from what people type, and whether
// it is one: French by default, +NN or 00NN for elsewhere.
func Phone(typed string) (e164 string, ok bool) {
	s := without(strings.ReplaceAll(typed, "(0)", ""), " .-/()\u00a0\u202f\u2011\u2013\t\r\n")
	if rest, international := strings.CutPrefix(s, "00"); international {
		s = "+" + rest
	}
	switch {
	case strings.HasPrefix(s, "+33"):
		s = "+33" + strings.TrimPrefix(s[3:], "0")
	case strings.HasPrefix(s, "0"):
		s = "+33" + s[1:]
	}
	rest, plus := strings.CutPrefix(s, "+")
	if !plus || rest == "" || strings.Trim(rest, "0123456789") != "" || rest[0] == '0' {
		return typed, false
	}
	if strings.HasPrefix(rest, "33") {
		return s, len(rest) == 11 && rest[2] != '0'
	}
	return s, len(rest) >= 7 && len(rest) <= 15
}

// PhoneLabel shows a number by French pairs (05 56 00 00 00), with spaces that do not
// break; a foreign one as it is.
func PhoneLabel(e164 string) string {
	rest, french := strings.CutPrefix(e164, "+33")
	if !french || len(rest) != 9 || strings.Trim(rest, "0123456789") != "" {
		return e164
	}
	national := "0" + rest
	pairs := make([]string, 0, 5)
	for i := 0; i < len(national); i += 2 {
		pairs = append(pairs, national[i:i+2])
	}
	return strings.Join(pairs, "\u00a0")
}

const (
	asciiLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	asciiDigits  = "0123456789"
)

// Email tells whether the address can be written to, and be in the national file:
// the national library does not check it.
func Email(s string) bool {
	local, domain, found := strings.Cut(s, "@")
	if !found || len(s) > 254 || local == "" || len(local) > 64 ||
		strings.Trim(local[:1], asciiLetters+asciiDigits+"_") != "" || // nor a formula
		strings.Trim(local, asciiLetters+asciiDigits+"._%+'&=?^{}~!#$*/-") != "" ||
		strings.HasSuffix(local, ".") || strings.Contains(local, "..") {
		return false
	}
	return hostname(domain, false)
}

// hostname tells whether a name has a dot and only what names have.
func hostname(name string, international bool) bool {
	labels := strings.Split(name, ".")
	if len(labels) < 2 || len(name) > 253 {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
		for _, r := range label {
			if r != '-' && !strings.ContainsRune(asciiLetters+asciiDigits, r) && !(international && unicode.IsLetter(r)) {
				return false
			}
		}
	}
	last := labels[len(labels)-1]
	return len(last) >= 2 && strings.Trim(last, asciiDigits) == last && !strings.ContainsAny(last[:1], asciiDigits)
}

// longest is how long an address of the web may be here.
const longest = 300

// WebURL returns an address of the web, with https:// when it was not typed, and
// whether it is one: http or https, a name with a dot, nobody's password.
func WebURL(typed string) (address string, ok bool) {
	s := strings.TrimSpace(typed)
	if !strings.Contains(s, "://") {
		s = "https://" + strings.TrimPrefix(s, "//")
	}
	u, err := url.Parse(s)
	if err != nil || len(s) > longest || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("|<>\"\\`", r)
	}) {
		return typed, false
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if (u.Scheme != "https" && u.Scheme != "http") || u.User != nil || !hostname(u.Hostname(), true) {
		return typed, false
	}
	address = u.String()
	return address, len(address) <= longest
}
