package election

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// RiskQuestion is a question of the CNIL's grid (délibération n° 2019-053 of 25 April
// 2019): each answer leads to a level, and the highest level is that of the vote.
type RiskQuestion struct {
	Name     string
	Question string
	Options  []RiskOption
}

// RiskOption is an answer and the level it leads to.
type RiskOption struct {
	Value string
	Label string
	Level int
}

// RiskQuestions are the questions in their order.
var RiskQuestions = []RiskQuestion{
	{"voters", "Combien de structures votent ?", []RiskOption{
		{"few", "Peu, et elles se connaissent", 1}, {"many", "Beaucoup : elles ne se connaissent pas toutes", 2}, {"mass", "Un très grand nombre, à l’échelle du pays", 3}}},
	{"stake", "Quel pouvoir donne l’élection ?", []RiskOption{
		{"low", "Peu de pouvoir : un avis, un rôle symbolique", 1}, {"real", "Un enjeu réel pour les structures : représenter, orienter des financements", 2},
		{"high", "Un enjeu très élevé", 3}}},
	{"climate", "Le climat est-il conflictuel ?", []RiskOption{
		{"calm", "Non", 1}, {"tense", "Des désaccords, sans conflit ouvert", 2}, {"conflict", "Oui, ou il peut le devenir", 3}}},
	{"attackers", "Qui pourrait vouloir fausser le vote, et avec quels moyens ?", []RiskOption{
		{"weak", "Personne de motivé, et peu de moyens", 1}, {"medium", "Une motivation ou des moyens moyens", 2}, {"strong", "De fortes motivations, ou de grands moyens", 3}}},
	{"operators", "Les personnes qui administrent le portail sont-elles neutres ?", []RiskOption{
		{"neutral", "Oui : ni électrices, ni candidates, et reconnues neutres par tous", 1}, {"interested", "Non, ou pas pour tout le monde : leur institution a un intérêt au résultat", 2},
		{"contested", "Non : leur neutralité est contestée", 3}}},
}

// Risk is the grid as it was filled; it goes in the procès-verbal.
type Risk struct {
	Answers map[string]string `json:"answers"` // by name of question
	Level   int               `json:"level"`   // 1 to 3
	At      time.Time         `json:"at"`
	By      string            `json:"by"`
}

// RiskLevel is the level that answers lead to, or the question that lacks one. Fields:
// the names of the questions.
func RiskLevel(answers map[string]string) (int, error) {
	level := 1
	for _, q := range RiskQuestions {
		o, ok := q.option(answers[q.Name])
		if !ok {
			return 0, problem.OnField(q.Name, "Choisissez une réponse.")
		}
		level = max(level, o.Level)
	}
	return level, nil
}

func (q RiskQuestion) option(value string) (RiskOption, bool) {
	for _, o := range q.Options {
		if o.Value == value {
			return o, true
		}
	}
	return RiskOption{}, false
}

// Answer is the French text of an answer to the question.
func (q RiskQuestion) Answer(value string) string {
	o, _ := q.option(value)
	return o.Label
}

// RiskMeaning says what a level asks of a vote, and what this one gives.
func RiskMeaning(level int) string {
	switch level {
	case 1:
		return "Niveau 1 : peu de menaces. Le portail en fait davantage que la CNIL ne le demande."
	case 2:
		return "Niveau 2 : menaces moyennes. Le portail est fait pour ce niveau : bulletins chiffrés dont aucun n’est ouvert seul, clés partagées, urne que chacun peut contrôler."
	case 3:
		return "Niveau 3 : fortes menaces. Le portail donne la transparence de l’urne demandée à ce niveau ; faites expertiser le reste par un tiers indépendant avant d’ouvrir le vote."
	}
	return strconv.Itoa(level)
}

// RiskOf returns the grid of an election, nil until it is filled.
func RiskOf(ctx context.Context, q postgres.Querier, id ID) (*Risk, error) {
	raw, err := postgres.Value[[]byte](ctx, q, `SELECT risk::text::bytea FROM election WHERE id = $1`, id)
	if err != nil {
		return nil, postgres.Wrap(err, "risk of election %d", id)
	}
	return readRisk(raw)
}

func readRisk(raw []byte) (*Risk, error) {
	if raw == nil {
		return nil, nil
	}
	var r Risk
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, postgres.Wrap(err, "read a risk grid")
	}
	return &r, nil
}

// SetRisk keeps the answers to the grid, until the count. Fields: the names of
// RiskQuestions.
func (s *Service) SetRisk(ctx context.Context, by access.Actor, id ID, version int, answers map[string]string) (level int, err error) {
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := lockForTeam(ctx, tx, by, id)
		switch {
		case err != nil:
			return err
		case e.Phase == Cancelled || e.Phase.Reached(Counted):
			return problem.New(problem.Conflict, "La grille se remplit avant le dépouillement : elle est dans le procès-verbal.")
		case e.Version != version:
			return ErrStale
		}
		if level, err = RiskLevel(answers); err != nil {
			return err
		}
		r := Risk{Answers: map[string]string{}, Level: level, At: e.Now, By: by.Name}
		for _, q := range RiskQuestions {
			r.Answers[q.Name] = answers[q.Name]
		}
		raw, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `UPDATE election SET risk = $2::jsonb, version = version + 1 WHERE id = $1`, id, string(raw)); err != nil {
			return postgres.Wrap(err, "risk of election %d", id)
		}
		return Record(ctx, tx, by, "risk", e, nil, r)
	})
	return level, err
}
