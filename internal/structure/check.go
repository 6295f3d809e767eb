package structure

import (
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure/national"
)

// communeCodes are the INSEE codes of the 28 communes of the metropole (a test
// compares them with the table).
var communeCodes = []string{"33003", "33004", "33013", "33032", "33039", "33056", "33063", "33065", "33069", "33075", "33096", "33119", "33162",
	"33167", "33192", "33200", "33249", "33273", "33281", "33312", "33318", "33376", "33434", "33449", "33487", "33519", "33522", "33550"}

var (
	rnaShape    = regexp.MustCompile(`^W[0-9A-Z]{9}$`)
	postalShape = regexp.MustCompile(`^[0-9]{5}$`)
	phoneShape  = regexp.MustCompile(`^(\+33[1-9][0-9]{8}|\+(?:[124-9]|3[0-24-9])[0-9]{5,13})$`)
)

const notInList = "Choisissez parmi les réponses proposées."

// checker gathers what is wrong, field by field: the first message of a field stays.
type checker struct{ found []*problem.Error }

func (c *checker) when(wrong bool, field, message string) {
	if wrong && !slices.ContainsFunc(c.found, func(p *problem.Error) bool { return p.Field == field }) {
		c.found = append(c.found, problem.OnField(field, message))
	}
}

// Check returns what is wrong in a section of the sheet, in the order of its fields.
// It reads the sheet as Clean leaves it. Fields are named as the pages name them
// (web/structure): nom_organisation, siret, commune, services…
func (s Sheet) Check(section Section) []*problem.Error {
	c := &checker{}
	switch section {
	case Identity:
		s.checkIdentity(c)
	case Place:
		s.checkPlace(c)
	case ByCollege:
		c.when(!slices.Contains(governance.Colleges, s.College), "college", "Choisissez le collège de votre structure.")
	case Offer:
		c.when(len(s.Services) == 0, "services", "Cochez au moins un service.")
		c.list("services", s.Services, national.Services)
		c.list("accompagnement", s.SupportModes, national.SupportModes)
		c.list("publics", s.Audiences, national.Audiences)
		c.list("prise_en_charge", s.SpecialCare, national.SpecialCare)
		c.list("frais", s.Fees, national.Fees)
	case Welcome:
		s.checkWelcome(c)
	case Networks:
		s.checkNetworks(c)
	case Consents:
		c.when(s.PublishContacts && !s.PublishSheet, "publier_coordonnees",
			"Les coordonnées ne se publient qu’avec la fiche : cochez aussi la publication de la fiche, ou décochez cette case.")
	}
	return c.found
}

func (s Sheet) checkIdentity(c *checker) {
	if s.SIRET != "" {
		digits, ok := national.SIRET(s.SIRET)
		c.when(len(digits) != 14 || strings.Trim(digits, "0123456789") != "", "siret", "Saisissez un SIRET de 14 chiffres.")
		c.when(!ok || digits != s.SIRET, "siret", "Ce SIRET n’est pas valide : vérifiez chacun de ses 14 chiffres.")
	}
	c.when(s.RNA != "" && !rnaShape.MatchString(s.RNA), "rna", "Un numéro RNA commence par W, suivi de 9 chiffres ou lettres.")
	c.when(s.Name == "", "nom_organisation", "Saisissez le nom de la structure.")
	c.line("nom_organisation", s.Name, 200)
	c.when(len(s.Typology) == 0, "type", "Choisissez le type de la structure.")
	c.list("type", s.Typology, national.Typologies)
	c.when(len(s.Typology) > 5, "type", "Gardez 5 types au plus.")
}

func (s Sheet) checkPlace(c *checker) {
	c.when(s.INSEE == "", "commune", "Choisissez la commune.")
	c.when(s.INSEE != "" && !slices.Contains(communeCodes, s.INSEE), "commune", "Choisissez une des 28 communes de la métropole.")
	c.line("adresse", s.Address, 200)
	c.line("complement", s.AddressMore, 200)
	c.when(s.PostalCode != "" && !postalShape.MatchString(s.PostalCode), "code_postal", "Un code postal compte 5 chiffres.")
	c.list("itinerance", s.Mobility, national.Mobility)
}

// closed says that nobody is received, which going there contradicts.
const closed, goThere = "Ce lieu n'accueille pas de public", "Se présenter"

func (s Sheet) checkWelcome(c *checker) {
	c.line("presentation", s.Summary, 280)
	c.text("detail", s.Detail, 2000)
	c.text("horaires", s.HoursText, 500)
	c.when(utf8.RuneCountInString(s.Hours) > 500, "horaires", "Ces horaires sont trop longs : résumez-les.")
	c.list("acces", s.AccessModes, national.AccessModes)
	c.when(slices.Contains(s.AccessModes, closed) && slices.Contains(s.AccessModes, goThere), "acces",
		"Un lieu qui n’accueille pas de public ne peut pas proposer de se présenter : gardez l’une des deux réponses.")
	c.when(s.Phone != "" && !phoneShape.MatchString(s.Phone), "telephone", "Saisissez un numéro de téléphone complet, par exemple 05 56 00 00 00.")
	c.when(len(s.Emails) > 5, "courriels", "Gardez 5 adresses électroniques au plus.")
	for _, e := range s.Emails {
		c.when(!emailAddress(e), "courriels", fmt.Sprintf("« %s » n’est pas une adresse électronique complète, par exemple contact@exemple.fr.", short(e)))
	}
	c.when(len(s.Websites) > 5, "sites", "Gardez 5 sites au plus.")
	for _, w := range s.Websites {
		c.link("sites", w)
	}
	c.link("rdv", s.AppointmentURL)
	c.link("acces_libre", s.AccessibilityURL)
}

func (s Sheet) checkNetworks(c *checker) {
	c.when(s.Aladdin != "" && !slices.Contains(AladdinRoles, s.Aladdin), "aladdin", notInList)
	c.list("programmes", s.Programmes, national.Programmes)
	c.when(s.AdviserPosts < 0 || s.AdviserPosts > 200, "postes", "Saisissez un nombre de postes entre 0 et 200.")
	c.when(s.AdviserPosts > 0 && !slices.Contains(s.Programmes, national.Advisers), "programmes",
		"Une structure qui a des postes de conseiller numérique est du programme « Conseillers numériques ».")
	c.list("labels", s.Labels, national.Labels)
	c.when(len(s.OtherLabels) > 20, "autres_labels", "Gardez 20 labels au plus.")
	for _, l := range s.OtherLabels {
		c.line("autres_labels", l, 100)
		c.when(strings.Contains(l, "|"), "autres_labels", "N’employez pas le signe | dans le nom d’un label.")
	}
}

// list refuses what a closed list does not have.
func (c *checker) list(field string, values []string, list national.Vocabulary) {
	for _, v := range values {
		c.when(!list.Has(v), field, notInList)
	}
}

// line refuses what does not read on one line as it is written.
func (c *checker) line(field, s string, most int) {
	c.when(strings.ContainsFunc(s, func(r rune) bool { return r == '\n' }), field, "Écrivez ce texte sur une seule ligne.")
	c.text(field, s, most)
}

// text refuses what is too long, what turns the reading (Unicode TR 36), and what a
// spreadsheet would take for a formula: exports put it out of harm, but others copy.
func (c *checker) text(field, s string, most int) {
	n := utf8.RuneCountInString(s)
	c.when(n > most, field, fmt.Sprintf("Ce texte compte %d caractères : gardez-en %d au plus.", n, most))
	c.when(!utf8.ValidString(s) || strings.ContainsFunc(s, hidden), field,
		"Ce texte contient un caractère invisible ou illisible : saisissez-le de nouveau.")
	c.when(formula(s), field, "Un tableur lirait ce texte comme une formule : commencez-le par une lettre ou un chiffre.")
}

func hidden(r rune) bool {
	return unicode.IsControl(r) && r != '\n' || r == unicode.ReplacementChar || r == 0x2028 || r == 0x2029 || unicode.Is(unicode.Bidi_Control, r)
}

// formula tells a text that begins as a formula does. « - un atelier » and « + de
// soixante ans » are French.
func formula(s string) bool {
	switch {
	case s == "":
		return false
	case s[0] == '=' || s[0] == '@':
		return true
	}
	return (s[0] == '+' || s[0] == '-') && !strings.HasPrefix(s[1:], " ")
}

// link refuses what is not the public address of a page.
func (c *checker) link(field, s string) {
	if s == "" {
		return
	}
	u, err := url.Parse(s)
	ok := err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.User == nil && u.Opaque == "" &&
		strings.Contains(strings.Trim(u.Hostname(), "."), ".") && !strings.ContainsFunc(s, outOfLink)
	c.when(!ok, field, fmt.Sprintf("« %s » n’est pas l’adresse d’une page, par exemple https://www.exemple.fr.", short(s)))
	c.when(utf8.RuneCountInString(s) > 300, field, "Cette adresse est trop longue : gardez 300 caractères au plus.")
}

// outOfLink tells what no address holds; | parts the values of the national file.
func outOfLink(r rune) bool {
	return unicode.IsSpace(r) || hidden(r) || strings.ContainsRune("|\"<>\\^`{}", r)
}

func emailAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= 254 && !strings.ContainsAny(s, "|\"") &&
		strings.Contains(s[strings.LastIndex(s, "@"):], ".")
}

// short keeps a message short whatever was typed.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
