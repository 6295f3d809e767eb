package access

import (
	"slices"
	"strings"
)

// Rule says who may reach a route. The zero Rule admits nobody: a route that
// declares nothing is closed, and a test fails on it.
type Rule struct {
	public   bool
	signedIn bool
	roles    []Role
}

// The rules of the route table.
var (
	// Anyone admits everybody, signed in or not.
	Anyone = Rule{public: true}
	// SignedIn admits whoever is signed in, in whatever role, including a person
	// whose last mandate ended: they keep their own account page.
	SignedIn = Rule{signedIn: true}
)

// Only admits the actors acting in one of the roles.
func Only(roles ...Role) Rule { return Rule{roles: roles} }

// Admits tells whether the rule lets the actor through.
func (r Rule) Admits(a Actor) bool {
	switch {
	case r.public:
		return true
	case !a.SignedIn():
		return false
	case r.signedIn:
		return true
	}
	return slices.Contains(r.roles, a.Role())
}

// IsPublic tells whether the rule admits somebody who is not signed in.
func (r Rule) IsPublic() bool { return r.public }

// Declared tells whether the rule admits anyone at all.
func (r Rule) Declared() bool { return r.public || r.signedIn || len(r.roles) > 0 }

// String names the rule for the tests' table and for the page of a 403.
func (r Rule) String() string {
	switch {
	case r.public:
		return "tout le monde"
	case r.signedIn:
		return "toute personne connectée"
	}
	names := make([]string, len(r.roles))
	for i, role := range r.roles {
		names[i] = role.Label()
	}
	return strings.Join(names, ", ")
}
