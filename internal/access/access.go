// Package access says who may do what. It is pure: it knows no database, no
// request. The web layer asks a Rule before a handler runs (one choke point, see
// web/routes.go); an area asks the Actor again where it loads the object.
//
// Rights come from mandates and memberships, read at every request: nothing here
// is remembered between two requests.
package access

import (
	"slices"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/problem"
)

// Role is what a person is to the governance when acting in one capacity.
type Role string

// The closed set of roles. Public is nobody signed in.
const (
	Public        Role = "public"
	Administrator Role = "administrator" // runs the portal: people, roles, journal
	Team          Role = "team"          // metropole staff running the bodies
	Chair         Role = "chair"         // Présidente, conseillère métropolitaine au numérique
	Mayor         Role = "mayor"         // holds the seat of a commune
	Delegate      Role = "delegate"      // answers for a commune beside its mayor
	Structure     Role = "structure"     // acts for a structure of the GNI
	Partner       Role = "partner"       // acts for an institutional partner
	State         Role = "state"         // represents the State
	Scrutineer    Role = "scrutineer"    // keeps a key of an election
)

// Roles lists every role in display order, Public first.
var Roles = []Role{
	Public, Administrator, Team, Chair, Mayor, Delegate, Structure, Partner, State, Scrutineer,
}

// Label returns the French name of the role.
func (r Role) Label() string {
	switch r {
	case Public:
		return "Public"
	case Administrator:
		return "Administration du portail"
	case Team:
		return "Équipe métropolitaine"
	case Chair:
		return "Présidence"
	case Mayor:
		return "Maire"
	case Delegate:
		return "Référent communal"
	case Structure:
		return "Structure du GNI"
	case Partner:
		return "Partenaire institutionnel"
	case State:
		return "Représentant de l’État"
	case Scrutineer:
		return "Scrutateur"
	}
	return string(r)
}

// Ids of what an actor is and acts for. They are defined here because every
// area needs them in a signature and none may import the other.
type (
	AccountID      int64 // account.id
	PersonID       int64 // person.id
	OrganisationID int64 // organisation.id, 0 for none
	SessionID      int64 // session.id
)

// Capacity is one way a person may act: a role, on behalf of an organisation
// (none for administrators, team, chairs and scrutineers).
type Capacity struct {
	Role             Role
	Organisation     OrganisationID
	OrganisationName string // shown beside the role; "" when Organisation is 0
}

// Key names the capacity in a form or a session: "mayor:12". It grants nothing:
// it is only ever compared with the capacities the database gives.
func (c Capacity) Key() string {
	return string(c.Role) + ":" + strconv.FormatInt(int64(c.Organisation), 10)
}

// Label returns what the switcher shows: « Maire, Bègles ».
func (c Capacity) Label() string {
	if c.OrganisationName == "" {
		return c.Role.Label()
	}
	return c.Role.Label() + ", " + c.OrganisationName
}

// Actor is who makes a request and in which capacity. The zero value is the
// public. It is passed explicitly to every use case, never read from a context
// below the handler.
type Actor struct {
	Account    AccountID
	Person     PersonID
	Session    SessionID
	Name       string // « Camille Exemple »
	Email      string
	Acting     Capacity   // the capacity chosen among Capacities
	Capacities []Capacity // all that the database gives today, in display order
	RequestID  string     // for the journal
}

// System is the actor of a job or a command: it has no account and every right
// that Require asks of the team. What it did is journalled under its name.
func System(name string) Actor {
	return Actor{Name: name, Acting: Capacity{Role: Administrator}, Account: systemAccount}
}

// systemAccount marks System actors; it is never the id of a row.
const systemAccount AccountID = -1

// IsSystem tells whether the actor is a job or a command.
func (a Actor) IsSystem() bool { return a.Account == systemAccount }

// SignedIn tells whether somebody is signed in.
func (a Actor) SignedIn() bool { return a.Account != 0 }

// Role returns the role acted in, Public when nobody is signed in. A person who
// is signed in and holds nothing any more (a mandate ended) acts in no role: "".
func (a Actor) Role() Role {
	if !a.SignedIn() {
		return Public
	}
	return a.Acting.Role
}

// Is tells whether the actor acts in one of the roles.
func (a Actor) Is(roles ...Role) bool { return slices.Contains(roles, a.Role()) }

// RunsBodies tells whether the actor runs the governance day to day: the
// metropole team. (Administrators run the portal, not the governance.)
func (a Actor) RunsBodies() bool { return a.IsSystem() || a.Is(Team) }

// RunsPortal tells whether the actor administers accounts and reads the journal.
func (a Actor) RunsPortal() bool { return a.IsSystem() || a.Is(Administrator) }

// ActsFor tells whether the actor acts on behalf of the organisation.
func (a Actor) ActsFor(id OrganisationID) bool {
	return a.SignedIn() && id != 0 && a.Acting.Organisation == id
}

// Require returns nil when ok, else a Forbidden problem. It is the first line of
// a use case: by.Require(by.RunsBodies()).
func (a Actor) Require(ok bool) error {
	if ok {
		return nil
	}
	return problem.New(problem.Forbidden, "Votre rôle ne permet pas cette action.")
}
