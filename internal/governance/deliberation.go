package governance

import "bordeaux-metropole.fr/portal/internal/day"

// Founded is the day of the deliberation: no body exists before it.
var Founded = day.Of(2024, 12, 6)

// The deliberation, as pages cite it.
const (
	DeliberationNumber = "2024-677"
	DeliberationTitle  = "Délibération n° 2024-677 du Conseil de Bordeaux Métropole, séance du 6 décembre 2024"
)

// Sentence is words of the deliberation, verbatim (apostrophes and spaces apart,
// typeset as the portal does). A test compares them with the text.
type Sentence struct {
	Key  string // stable, names an anchor of the public page
	Text string
}

// Founding is what the deliberation says of one body.
type Founding struct {
	Level   string     // « Un niveau politique et stratégique »
	Mission []Sentence // what the body is for
	Who     []Sentence // who sits and who chairs
	Cadence Sentence   // how often it meets
}

// FoundingOf returns what the deliberation says of a body; the zero Founding for
// an unknown one.
func FoundingOf(code BodyCode) Founding { return foundings[code] }

var foundings = map[BodyCode]Founding{
	CMTIN: {
		Level:   "Un niveau politique et stratégique",
		Mission: []Sentence{{"cmtin-missions", "Ses principales missions consistent à partager avec l’ensemble des acteurs la stratégie d’inclusion, à suivre l’avancée des projets d’inclusion numérique en cours, examiner les nouveaux enjeux et besoins, valider les actions à mener pour l’année suivante, dialoguer avec un expert national sur une thématique d’importance, et émettre, si l’actualité et les dossiers le requièrent, des prises de position ou des demandes auprès d’autres territoires, mais aussi auprès des instances nationales ou européennes."}},
		Who: []Sentence{
			{"cmtin-presidence", "Un niveau politique et stratégique avec le Comité Métropolitain Territorial pour l’Inclusion Numérique (CMTIN), présidé par La Présidente de Bordeaux Métropole."},
			{"cmtin-membres", "Elle rassemble, les membres du groupe des partenaires institutionnels pour l’inclusion Numérique, les Maires des 28 communes du territoire, dix représentants du Groupe Numérique Inclusif ainsi que la conseillère métropolitaine au numérique."},
		},
		Cadence: Sentence{"cmtin-rythme", "Cette instance se réunit une fois par an, en présence du représentant de l’Etat."},
	},
	Partners: {
		Level:   "Un niveau plus opérationnel",
		Mission: []Sentence{{"partenaires-missions", "Il coordonne les actions, suit les projets impliquant ces partenaires et assure une réflexion sur les financements à long terme."}},
		Who:     []Sentence{{"partenaires-membres", "Présidé par la conseillère métropolitaine au numérique, il rassemble les principaux acteurs locaux institutionnels pour favoriser l’inclusion numérique."}},
		Cadence: Sentence{"partenaires-rythme", "Le groupe doit se réunir 2 fois par an pour échanger, partager des projets et informer la gouvernance globale sur les avancées en matière d’inclusion numérique."},
	},
	GNI: {
		Level:   "Un niveau plus opérationnel",
		Mission: []Sentence{{"gni-missions", "Animé par les équipes de la Métropole, le GNI assure le pilotage local des initiatives et désigne dix représentants au CMTIN (5 représentants de l’action sociale et 5 représentants de la médiation numérique)."}},
		Who:     []Sentence{{"gni-membres", "quelques 160 structures locales impliquées dans les actions de terrain pour l’inclusion numérique (ateliers, formations, événements, etc.)"}},
		Cadence: Sentence{"gni-rythme", "Il rassemble 3 fois par an quelques 160 structures locales"},
	},
	Communes: {
		Level:   "Un niveau plus opérationnel",
		Mission: []Sentence{{"communes-missions", "ce comité des communes leur permettra de partager leurs avancées lors de réunions annuelles, de créer une dynamique collective pour lutter contre l’exclusion numérique et de développer des solutions adaptées aux besoins locaux."}},
		Who:     []Sentence{{"communes-presidence", "Présidé par la conseillère métropolitaine au numérique"}},
		Cadence: Sentence{"communes-rythme", "réunions annuelles"},
	},
}
