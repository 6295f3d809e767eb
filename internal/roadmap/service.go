package roadmap

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Service is the use cases of the sheets of actions. Only the team writes them;
// others report (progress) and propose (edition).
type Service struct {
	db postgres.DB
}

// New returns the service.
func New(db postgres.DB) *Service { return &Service{db: db} }

// The acts of this area and of its rooms, as the journal shows them.
var _ = audit.Name(map[string]string{
	"roadmap.axis":            "Axe de la feuille de route",
	"roadmap.add":             "Action ajoutée à la feuille de route",
	"roadmap.change":          "Fiche d’une action modifiée",
	"roadmap.status":          "État d’une action",
	"roadmap.confidence":      "Niveau de confiance d’une action",
	"roadmap.step":            "Étapes d’une action",
	"roadmap.budget":          "Budget d’une action",
	"roadmap.indicator":       "Indicateur d’une action",
	"roadmap.target":          "Cibles d’un indicateur d’action",
	"roadmap.reading":         "Valeur d’un indicateur d’action",
	"roadmap.document":        "Documents d’une action",
	"roadmap.link":            "Liens d’une action avec les réunions et les décisions",
	"roadmap.import":          "Import de la feuille de route",
	"roadmap.propose":         "Action proposée pour un programme annuel",
	"roadmap.examine":         "Proposition d’action examinée",
	"roadmap.carry":           "Action reconduite",
	"roadmap.edition":         "Programme annuel",
	"roadmap.freeze":          "Programme annuel figé",
	"roadmap.report":          "Point d’avancement",
	"roadmap.report_replace":  "Point d’avancement remplacé",
	"roadmap.report_accept":   "Point d’avancement accepté",
	"roadmap.report_ask":      "Précision demandée sur un point d’avancement",
	"roadmap.report_correct":  "Point d’avancement corrigé par l’équipe",
	"roadmap.campaign":        "Campagne d’avancement",
	"roadmap.campaign_open":   "Campagne d’avancement ouverte",
	"roadmap.campaign_remind": "Relance d’une campagne d’avancement",
	"roadmap.campaign_close":  "Campagne d’avancement close",
	"roadmap.note":            "Note aux membres de la gouvernance",
})

// ErrNotFound says that an action does not exist, or not for who asks.
var ErrNotFound = problem.New(problem.NotFound, "Cette action n’existe pas.")

// ErrStale says that somebody changed the same thing meanwhile.
var ErrStale = problem.New(problem.Conflict, "Quelqu’un d’autre a fait une modification pendant votre saisie : relisez, puis recommencez.")

// Sight is how much of the roadmap somebody sees.
type Sight int

// The closed set, from the least.
const (
	PublicSight Sight = iota // validated actions; no names of people, no needs, no difficulties
	MemberSight              // whoever acts in the governance: everything but the team's desk
	TeamSight                // the metropole's team
)

// SightOf returns what the actor sees.
func SightOf(by access.Actor) Sight {
	switch {
	case by.RunsBodies():
		return TeamSight
	case by.Is(access.Chair, access.Mayor, access.Delegate, access.Structure, access.Partner, access.State):
		return MemberSight
	}
	return PublicSight
}

// RequireTeam refuses whoever does not run the bodies.
func RequireTeam(by access.Actor) error { return by.Require(by.RunsBodies()) }

// Record journals an act on an action, in its transaction: the history of the action
// is the journal's.
func Record(ctx context.Context, tx pgx.Tx, by access.Actor, act string, a Action, before, after any) error {
	return audit.Record(ctx, tx, by, audit.Entry{Action: "roadmap." + act, Object: "roadmap_action", ID: int64(a.ID), Label: a.Label(),
		Before: before, After: after})
}
