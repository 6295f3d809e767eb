package candidacy

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Lengths of what is written.
const (
	MaxName      = 80
	MaxFunction  = 120
	MaxStatement = 1500
	MaxAlt       = 200
	MaxReason    = 1000
)

// Check returns what is wrong in a candidacy, in the order of its fields, named as in
// the form: titulaire_prenom, suppleant_nom, profession, consentement… The rules say
// what is asked.
func (c Content) Check(r election.Rules, photo bool) []*problem.Error {
	var found []*problem.Error
	when := func(wrong bool, field, message string) {
		if wrong {
			found = append(found, problem.OnField(field, message))
		}
	}
	c.Titular.check(when, "titulaire_", "titulaire", true, NeedsGender(r))
	named := !c.Alternate.Empty() || c.Alternate.Email != "" || c.Alternate.Function != ""
	if NeedsAlternate(r) || named {
		c.Alternate.check(when, "suppleant_", "suppléant", true, r.Gender == "pair")
		when(same(c.Titular.Name(), c.Alternate.Name()) && c.Titular.Name() != "", "suppleant_nom", "Le titulaire et le suppléant sont deux personnes différentes.")
		when(same(c.Titular.Email, c.Alternate.Email) && c.Titular.Email != "", "suppleant_courriel", "Donnez deux adresses différentes : chaque personne reçoit l’accusé de réception.")
	}
	when(r.Gender == "pair" && c.Titular.Gender != "" && c.Titular.Gender == c.Alternate.Gender && c.Titular.Gender != "x",
		"suppleant_genre", "Le règlement demande un titulaire et un suppléant de genres différents.")
	when(c.Statement == "", "profession", "Écrivez votre profession de foi : c’est ce que liront les structures qui votent.")
	when(utf8.RuneCountInString(c.Statement) > MaxStatement, "profession", "Gardez 1 500 caractères au plus.")
	when(invisible(c.Statement), "profession", "Ce texte contient un caractère invisible : saisissez-le de nouveau.")
	when(photo && c.PhotoAlt == "", "photo_texte", "Dites en quelques mots ce que montre la photo, pour les personnes qui ne la voient pas.")
	when(invisible(c.PhotoAlt), "photo_texte", "Ce texte contient un caractère invisible : saisissez-le de nouveau.")
	when(utf8.RuneCountInString(c.PhotoAlt) > MaxAlt, "photo_texte", "Gardez 200 caractères au plus.")
	when(!c.Consent, "consentement", "Sans cet accord, la candidature ne peut pas être publiée : cochez la case, ou renoncez.")
	return found
}

func (p Person) check(when func(bool, string, string), prefix, who string, wanted, gender bool) {
	when(wanted && p.First == "", prefix+"prenom", "Saisissez le prénom du "+who+".")
	when(wanted && p.Last == "", prefix+"nom", "Saisissez le nom du "+who+".")
	when(utf8.RuneCountInString(p.First) > MaxName, prefix+"prenom", "Gardez 80 caractères au plus.")
	when(utf8.RuneCountInString(p.Last) > MaxName, prefix+"nom", "Gardez 80 caractères au plus.")
	for _, x := range [][2]string{{p.First, "prenom"}, {p.Last, "nom"}, {p.Function, "fonction"}} {
		when(invisible(x[0]) || strings.ContainsFunc(x[0], unseen), prefix+x[1], "Ce texte contient un caractère invisible : saisissez-le de nouveau.")
	}
	when(utf8.RuneCountInString(p.Function) > MaxFunction, prefix+"fonction", "Gardez 120 caractères au plus.")
	when(!notify.Deliverable(p.Email), prefix+"courriel", "Saisissez l’adresse électronique du "+who+" : nous lui écrirons ce qui est décidé. Elle n’est pas publiée.")
	when(gender && GenderLabel(p.Gender) == "", prefix+"genre", "Choisissez une réponse : le règlement en a besoin. Elle n’est pas publiée.")
	when(p.Gender != "" && GenderLabel(p.Gender) == "", prefix+"genre", "Choisissez une réponse parmi celles proposées.")
}

// same compares as people read: case and spaces apart.
func same(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// invisible tells control and bidirectional characters, which make a text read otherwise
// than it is written.
func invisible(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\t' || r == 0x2028 || r == 0x2029 || unicode.Is(unicode.Bidi_Control, r)
	})
}

// unseen tells what a name must not hold either: lines, and characters of no width, with
// which two names look the same. A text may have them: emoji do.
func unseen(r rune) bool {
	return r == '\n' || r == '\t' || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || r == 0x115f || r == 0x3164 || r == 0xffa0
}
