package national

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// plain removes accents and case, and writes apostrophes and odd spaces as on a
// keyboard.
func plain(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == '’' || r == '‘' || r == '`' || r == 'ʼ':
			b.WriteByte('\'')
		case r == 'œ' || r == 'Œ':
			b.WriteString("oe")
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// key is what two spellings of a value have in common: letters and digits without
// accents, words without the mark of their plural.
func key(s string) string {
	words := strings.FieldsFunc(plain(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		if len(w) > 4 {
			words[i] = strings.TrimSuffix(w, "s")
		}
	}
	return strings.Join(words, " ")
}

// keys is, by list, the value of each key; lists are told apart by their first term.
var keys sync.Map // *Term → map[string]string

func (v Vocabulary) keys() map[string]string {
	if known, ok := keys.Load(&v[0]); ok {
		return known.(map[string]string) //nolint:forcetypeassert // stored below only
	}
	made := map[string]string{}
	learn := func(spelling, value string) {
		if k := key(spelling); k != "" && made[k] == "" {
			made[k] = value
		}
	}
	for _, t := range v {
		learn(t.Value, t.Value)
	}
	for _, t := range v {
		learn(t.Label, t.Value)
		learn(t.Slug, t.Value)
		for _, old := range olderSpellings[t.Value] {
			learn(old, t.Value)
		}
	}
	keys.Store(&v[0], made)
	return made
}

// Match returns the value of the list that somebody typed: case, accents,
// apostrophes, spaces and older spellings are forgiven; so are the label, and an
// explanation after a colon, which files of version 0 have (« Gratuit : je peux… »).
func (v Vocabulary) Match(typed string) (value string, ok bool) {
	if v.Has(typed) {
		return typed, true
	}
	if len(v) == 0 || len(typed) > 300 {
		return "", false
	}
	known := v.keys()
	if value = known[key(typed)]; value != "" {
		return value, true
	}
	if head, _, explained := strings.Cut(typed, ":"); explained {
		value = known[key(head)]
	}
	return value, value != ""
}

// olderSpellings is how version 0 of the standard, and people, write a value.
var olderSpellings = map[string][]string{
	"Aide aux démarches administratives": {
		"Devenir autonome dans les démarches administratives",
		"Réaliser des démarches administratives avec un accompagnement",
		"Accompagner les démarches de santé", "Démarches administratives"},
	"Maîtrise des outils numériques du quotidien": {
		"Prendre en main un smartphone ou une tablette", "Prendre en main un ordinateur",
		"Utiliser le numérique au quotidien"},
	"Insertion professionnelle via le numérique": {"Favoriser mon insertion professionnelle"},
	"Parentalité et éducation avec le numérique": {"Soutenir la parentalité et l’éducation avec le numérique"},
	"Loisirs et créations numériques":            {"Créer et développer avec le numérique"},
	"Compréhension du monde numérique":           {"Approfondir ma culture numérique", "Promouvoir la citoyenneté numérique"},
	"Accès internet et matériel informatique":    {"Accéder à une connexion internet", "Accéder à du matériel"},
	"Acquisition de matériel informatique à prix solidaire": {
		"S’équiper en matériel informatique", "Acquérir du matériel informatique à prix solidaire"},
	"Familles et/ou enfants":              {"Familles/enfants", "Familles", "Familles et enfants"},
	"Seniors":                             {"Personnes âgées"},
	"Illettrisme":                         {"Illetrisme", "Personnes en situation d’illettrisme"},
	"Langues étrangères (anglais)":        {"Public langues étrangères (anglais)", "Anglais"},
	"Langues étrangères (autres)":         {"Public langues étrangères (autres)", "Autres langues étrangères"},
	"Conseillers numériques":              {"Conseillers numériques France Services", "CNFS"},
	"Point d'accès numérique CAF":         {"Point numérique CAF", "Point relais CAF"},
	"Relais numérique (Emmaüs Connect)":   {"Relais numérique"},
	"Certification PIX":                   {"PIX"},
	"La Croix Rouge":                      {"Croix-Rouge", "Croix-Rouge française"},
	"Formé à « DUPLEX » (illettrisme)":    {"Formé à « DUPLEX » (illetrisme)", "DUPLEX"},
	"Formé à « Mon Espace Santé »":        {"Mon Espace Santé"},
	"Étapes numériques (La Poste)":        {"Étapes numériques"},
	"SUD LABS (PACA)":                     {"SUD LABS"},
	"Les Éclaireurs du numérique (Drôme)": {"Les Éclaireurs du numérique"},
	"Contacter par mail":                  {"Envoyer un mail", "Par mail", "Contacter par courriel"},
	"Se présenter":                        {"Se présenter sur place", "Sans rendez-vous"},
	"Prendre un RDV en ligne":             {"Prendre rendez-vous en ligne", "Prendre un rendez-vous en ligne"},
	"Ce lieu n'accueille pas de public":   {"Pas de public"},
	"En autonomie":                        {"Seul", "Seul : j’ai accès à du matériel et une connexion"},
	"Accompagnement individuel": {
		"Avec de l’aide", "Avec de l’aide : je suis accompagné seul dans l’usage du numérique",
		"À ma place", "À ma place : une personne fait les démarches à ma place"},
	"Dans un atelier collectif": {"Dans un atelier", "Atelier collectif", "Dans un atelier : j’apprends collectivement à utiliser le numérique"},
	"Fixe":                      {"Lieu fixe"},
	"TIERS_LIEUX":               {"Tiers-lieu"},
	"BIB":                       {"Bibliothèque", "Médiathèque"},
	"CCAS":                      {"Centre communal d’action sociale"},
	"FT":                        {"Pôle emploi"},
	"MUNI":                      {"Mairie", "Commune"},
	"ASSO":                      {"Association"},
}
