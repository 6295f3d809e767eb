package election

import (
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// ActID identifies an act of two people (election_act.id).
type ActID int64

// ActKind is what two people decide: one proposes, another confirms.
type ActKind string

// The closed set of acts (constraint election_act_check).
const (
	ActOpen    ActKind = "open"
	ActExtend  ActKind = "extend"
	ActClose   ActKind = "close"
	ActCount   ActKind = "count"
	ActDestroy ActKind = "destroy"
)

// ActKinds lists the acts in the order of an election.
var ActKinds = []ActKind{ActOpen, ActExtend, ActClose, ActCount, ActDestroy}

// Label is the act in French, as a title.
func (k ActKind) Label() string {
	switch k {
	case ActOpen:
		return "Ouvrir le vote"
	case ActExtend:
		return "Prolonger le vote"
	case ActClose:
		return "Clore le vote avant l’heure"
	case ActCount:
		return "Décider le dépouillement"
	case ActDestroy:
		return "Détruire les bulletins et les listes"
	}
	return string(k)
}

// Slug names the act in addresses.
func (k ActKind) Slug() string {
	switch k {
	case ActOpen:
		return "ouverture"
	case ActExtend:
		return "prolongation"
	case ActClose:
		return "cloture"
	case ActCount:
		return "depouillement"
	case ActDestroy:
		return "destruction"
	}
	return string(k)
}

// Effect says what follows when the act is confirmed.
func (k ActKind) Effect() string {
	switch k {
	case ActOpen:
		return "Les structures peuvent voter à partir de l’heure d’ouverture, et aussitôt si elle est passée."
	case ActExtend:
		return "Le vote se clôt à la nouvelle heure. Toutes les structures en sont averties par courriel."
	case ActClose:
		return "L’urne se ferme aussitôt : plus aucun bulletin n’y entre. Cela ne se défait pas."
	case ActCount:
		return "Les porteurs de clés peuvent déchiffrer la somme des bulletins. Aucun bulletin n’est déchiffré seul."
	case ActDestroy:
		return "Les bulletins chiffrés, les listes d’émargement et les données des candidatures sont effacés. Le procès-verbal est gardé. Cela ne se défait pas."
	}
	return ""
}

// NeedsKeeper tells whether one of the two people at least is a scrutineer: the team
// alone closes early, and nothing else.
func (k ActKind) NeedsKeeper() bool { return k != ActClose }

// NeedsReason tells whether the act is to be explained.
func (k ActKind) NeedsReason() bool { return k == ActClose || k == ActExtend }

// Act is an act of two people.
type Act struct {
	ID          ActID
	Kind        ActKind
	Reason      string
	ClosesAt    *time.Time // of an extension: the new hour
	ProposedBy  access.PersonID
	Proposer    string
	ProposedAs  access.Role
	ProposedAt  time.Time
	Confirmer   string // "" until confirmed
	ConfirmedAs access.Role
	ConfirmedAt *time.Time
	WithdrawnAt *time.Time
	// Moved is set when the election is no longer what it was when the act was
	// proposed: it can only be withdrawn.
	Moved bool
}

// Pending tells whether the act waits for its second person.
func (a Act) Pending() bool { return a.ConfirmedAt == nil && a.WithdrawnAt == nil }

// actState is what an act was proposed upon; it is kept with it, and compared when it
// is confirmed.
type actState struct {
	Phase    Phase      `json:"phase"`
	OpensAt  *time.Time `json:"opens_at"`
	Was      *time.Time `json:"was"`                 // closing then
	ClosesAt *time.Time `json:"closes_at,omitempty"` // extension: the new closing
}

func (e Election) actState(to *time.Time) actState {
	return actState{Phase: e.Phase, OpensAt: e.OpensAt, Was: e.ClosesAt, ClosesAt: to}
}

// moved tells whether the election left the state an act was proposed upon.
func (s actState) moved(e Election) bool {
	return s.Phase != e.Phase || !sameTime(s.OpensAt, e.OpensAt) || !sameTime(s.Was, e.ClosesAt)
}

func sameTime(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// IsBoard tells whether the actor may propose and confirm acts: a person of the team or
// a scrutineer, never a job.
func IsBoard(by access.Actor) bool {
	return !by.IsSystem() && by.Person != 0 && by.Is(access.Team, access.Scrutineer)
}

// Refuses says why the act is not possible now, nil when it is. to is the new closing of
// an extension, nil where it is not known yet; counting, whether the count was decided.
func (e Election) Refuses(kind ActKind, to *time.Time, counting bool) error {
	switch kind {
	case ActOpen:
		return e.refusesOpen()
	case ActExtend:
		return e.refusesExtend(to)
	case ActClose:
		if e.Phase != Open {
			return problem.New(problem.Conflict, "Le vote n’est pas ouvert.")
		}
		if e.ClosesAt != nil && !e.Now.Before(*e.ClosesAt) {
			return problem.New(problem.Conflict, "Le vote est terminé : il se clôt de lui-même.")
		}
		return nil
	case ActCount:
		switch {
		case e.Phase != Closed:
			return problem.New(problem.Conflict, "Le dépouillement se décide après la clôture, une seule fois.")
		case counting:
			return problem.New(problem.Conflict, "Le dépouillement est déjà décidé.")
		}
		return nil
	case ActDestroy:
		until := e.RetainUntil()
		switch {
		case e.Phase != Archived || until == nil:
			return problem.New(problem.Conflict, "La destruction se décide quand l’élection est archivée.")
		case e.Now.Before(*until):
			return problem.New(problem.Conflict, "Les bulletins se gardent jusqu’au "+french.DateTime(*until)+", comme le dit le règlement.")
		}
		return nil
	}
	return problem.New(problem.BadRequest, "Cet acte n’existe pas.")
}

func (e Election) refusesOpen() error {
	switch {
	case e.Phase == Open || e.Phase.Reached(Open):
		return problem.New(problem.Conflict, "Le vote est déjà ouvert.")
	case e.Phase != Ready:
		return problem.New(problem.Conflict, "L’urne n’est pas scellée : terminez d’abord la cérémonie des clés.")
	case e.OpensAt == nil || e.ClosesAt == nil:
		return problem.New(problem.Conflict, "Les dates du vote ne sont pas fixées.")
	case e.TieSource == "":
		return problem.New(problem.Conflict, "Nommez d’abord le tirage au sort qui départagera une égalité : personne ne doit le choisir après le vote.")
	case !e.Now.Before(*e.ClosesAt):
		return problem.New(problem.Conflict, "L’heure de clôture est passée : prolongez d’abord le vote.")
	}
	return nil
}

// refusesExtend: before the closing, to a later hour. An election whose closing passed
// before its vote was ever opened is extended too, else it could only be given up.
func (e Election) refusesExtend(to *time.Time) error {
	switch {
	case e.Phase != Sealed && e.Phase != Ready && e.Phase != Open || e.ClosesAt == nil:
		return problem.New(problem.Conflict, "Un vote se prolonge entre l’arrêt des listes et sa clôture.")
	case e.Phase == Open && !e.Now.Before(*e.ClosesAt):
		return problem.New(problem.Conflict, "Le vote est clos : il ne se prolonge plus.")
	case to == nil:
		return nil
	case !to.After(*e.ClosesAt) || !to.After(e.Now):
		return problem.OnField("closes_at", "Choisissez une clôture plus tardive que celle d’aujourd’hui.")
	case to.After(e.Now.Add(366 * 24 * time.Hour)):
		return problem.OnField("closes_at", "Choisissez une clôture dans l’année.")
	}
	return nil
}
