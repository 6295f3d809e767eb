package election

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"bordeaux-metropole.fr/portal/internal/problem"
)

// Rules are the points that the deliberation leaves open and that the règlement
// settles (election.md, §6). Each has a default and its reason in Points. They are
// frozen, with their hash, when they are published.
type Rules struct {
	Voters     string `json:"voters"`      // colleges, all
	Seats      int    `json:"seats"`       // by college
	MaxChoices int    `json:"max_choices"` // a ballot has 1 to that many names, or is blank
	Quorum     int    `json:"quorum"`      // percent of the roll, 0: none
	Tie        string `json:"tie"`         // draw, commune, gender
	Gender     string `json:"gender"`      // none, pair, minimum
	Shortage   string `json:"shortage"`    // extend, vote, unopposed
	Succession string `json:"succession"`  // alternate, next, election
	Dissolved  string `json:"dissolved"`   // loses, keeps
	TermYears  int    `json:"term_years"`
	Revote     string `json:"revote"` // none, last
	VoteDays   int    `json:"vote_days"`
	ClaimDays  int    `json:"claim_days"`
	// Days after the proclamation during which the result can be contested, then days
	// before ballots and lists are destroyed.
	ContestDays   int `json:"contest_days"`
	RetentionDays int `json:"retention_days"`
	Trustees      int `json:"trustees"`
}

// Option is one answer to a point.
type Option struct {
	Value string
	Label string
}

// Point is one question that the règlement settles.
type Point struct {
	Name     string   // the field of Rules, as in JSON and in forms
	Question string   // in French
	Options  []Option // none: a whole number between Min and Max
	Min, Max int
	Unit     string // of a number
	Why      string // why the default
}

// Points are the points of the règlement, in their order. The defaults are those of
// DefaultRules.
var Points = []Point{
	{Name: "voters", Question: "Qui vote pour qui ?", Options: []Option{{"colleges", "Chaque collège élit ses cinq représentants"}, {"all", "Toutes les structures élisent les dix représentants"}},
		Why: "La délibération demande cinq représentants de l’action sociale et cinq de la médiation numérique, sans dire qui les désigne : chaque collège choisit les siens."},
	{Name: "seats", Question: "Combien de sièges par collège ?", Min: 1, Max: 5, Unit: "sièges", Why: "La délibération 2024-677 : « 5 représentants de l’action sociale et 5 représentants de la médiation numérique »."},
	{Name: "max_choices", Question: "Combien de noms au plus sur un bulletin ?", Min: 1, Max: 5, Unit: "noms", Why: "Autant que de sièges. Le vote blanc est un choix à part."},
	{Name: "quorum", Question: "Faut-il une participation minimale ?", Min: 0, Max: 100, Unit: "% des inscrits (0 : aucune)", Why: "Aucun texte ne l’impose : la participation est publiée."},
	{Name: "tie", Question: "Comment départager une égalité ?", Options: []Option{{"draw", "Tirage au sort public, que chacun peut refaire"}, {"commune", "La commune la moins représentée, puis le tirage au sort"}, {"gender", "Le genre le moins représenté, puis le tirage au sort"}},
		Why: "Entre structures, l’âge n’a pas de sens. La source du tirage est nommée avant la clôture et n’est connue qu’après."},
	{Name: "gender", Question: "Quelle règle de parité ?", Options: []Option{{"pair", "Titulaire et suppléant de genres différents"}, {"minimum", "Deux élus de chaque genre au moins par collège"}, {"none", "Aucune"}},
		Why: "Le binôme est simple à comprendre et ne change pas l’ordre des voix."},
	{Name: "shortage", Question: "Moins de candidatures que de sièges ?", Options: []Option{{"extend", "Prolonger une fois de sept jours, puis voter"}, {"vote", "Voter quand même"}, {"unopposed", "Élire sans vote"}},
		Why: "On laisse une seconde chance, puis le vote a lieu ; les sièges restés vides font l’objet d’une élection complémentaire."},
	{Name: "succession", Question: "Un siège devient vacant : qui remplace ?", Options: []Option{{"alternate", "Le suppléant, puis le suivant de la liste du collège, puis une élection"}, {"next", "Le suivant de la liste du collège, puis une élection"}, {"election", "Une élection complémentaire"}},
		Why: "La cascade habituelle des conseils d’administration publics."},
	{Name: "dissolved", Question: "Une structure élue quitte le GNI ou change de collège ?", Options: []Option{{"loses", "Elle perd son siège à la réunion suivante du GNI"}, {"keeps", "Elle le garde jusqu’au terme"}},
		Why: "Le siège représente un collège : il suit la structure qui en fait partie."},
	{Name: "term_years", Question: "Combien d’années dure le mandat ?", Min: 1, Max: 6, Unit: "ans", Why: "La délibération ne le dit pas : trois ans, le temps de la feuille de route."},
	{Name: "revote", Question: "Peut-on voter de nouveau ?", Options: []Option{{"none", "Non : le vote est définitif"}, {"last", "Oui : le dernier bulletin compte"}},
		Why: "L’usage en France est le vote définitif. Revoter protège mieux des pressions dans la structure."},
	{Name: "vote_days", Question: "Combien de jours dure le vote ?", Min: 1, Max: 31, Unit: "jours", Why: "Dix jours laissent passer une réunion du GNI, où un poste de vote est tenu."},
	{Name: "claim_days", Question: "Combien de jours pour contester la liste électorale ?", Min: 3, Max: 31, Unit: "jours", Why: "Une semaine et un week-end, pour qu’une structure tenue par des bénévoles ait le temps."},
	{Name: "contest_days", Question: "Combien de jours pour contester le résultat ?", Min: 5, Max: 60, Unit: "jours", Why: "Cinq jours, comme pour les élections municipales (code électoral, article R. 119)."},
	{Name: "retention_days", Question: "Combien de jours garder les bulletins chiffrés après ce délai ?", Min: 0, Max: 365, Unit: "jours", Why: "Le temps d’un contrôle ; ensuite ils sont détruits (CNIL, délibération 2019-053)."},
	{Name: "trustees", Question: "Combien de porteurs de clés ?", Min: 3, Max: 5, Unit: "personnes", Why: "Une personne du bureau et une par collège : aucune ne peut rien seule, et toutes sont nécessaires."},
}

// DefaultRules are the rules proposed to begin with.
func DefaultRules() Rules {
	return Rules{Voters: "colleges", Seats: 5, MaxChoices: 5, Quorum: 0, Tie: "draw", Gender: "pair", Shortage: "extend", Succession: "alternate",
		Dissolved: "loses", TermYears: 3, Revote: "none", VoteDays: 10, ClaimDays: 10, ContestDays: 5, RetentionDays: 60, Trustees: 3}
}

// Values returns the rules by name of point.
func (r Rules) Values() map[string]string {
	raw, err := json.Marshal(r)
	if err != nil {
		panic(err) // a struct of strings and integers
	}
	var any map[string]any
	if err := json.Unmarshal(raw, &any); err != nil {
		panic(err)
	}
	out := map[string]string{}
	for name, v := range any {
		out[name] = fmt.Sprint(v)
	}
	return out
}

// Text is the rules as they are hashed and published: JSON, two spaces, a line feed.
func (r Rules) Text() string {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		panic(err) // a struct of strings and integers
	}
	return string(raw) + "\n"
}

// RulesHash is the SHA-256 of a text of rules.
func RulesHash(text string) [32]byte { return sha256.Sum256([]byte(text)) }

// parseRules reads what Text wrote.
func parseRules(text string) (Rules, error) {
	var r Rules
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return r, fmt.Errorf("rules of an election: %w", err)
	}
	return r, nil
}

// Check refuses rules outside the points. Fields: the names of the points.
func (r Rules) Check() error {
	values := r.Values()
	for _, p := range Points {
		if !p.takes(values[p.Name]) {
			return problem.OnField(p.Name, "Choisissez une réponse parmi celles proposées.")
		}
	}
	if r.MaxChoices > r.Seats {
		return problem.OnField("max_choices", "Un bulletin ne porte pas plus de noms que de sièges.")
	}
	return nil
}

func (p Point) takes(value string) bool {
	if p.Options == nil {
		var n int
		_, err := fmt.Sscanf(value, "%d", &n)
		return err == nil && n >= p.Min && n <= p.Max
	}
	for _, o := range p.Options {
		if o.Value == value {
			return true
		}
	}
	return false
}

// Answer is the French text of a value of the point.
func (p Point) Answer(value string) string {
	for _, o := range p.Options {
		if o.Value == value {
			return o.Label
		}
	}
	return value + "\u00a0" + p.Unit
}
