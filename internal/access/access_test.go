package access_test

import (
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/problem"
)

func as(role access.Role) access.Actor {
	if role == access.Public {
		return access.Actor{}
	}
	return access.Actor{Account: 1, Acting: access.Capacity{Role: role, Organisation: 7}}
}

func TestZeroRuleAdmitsNobody(t *testing.T) {
	t.Parallel()
	var zero access.Rule
	if zero.Declared() {
		t.Error("the zero rule counts as declared")
	}
	for _, role := range access.Roles {
		if zero.Admits(as(role)) {
			t.Errorf("the zero rule admits %s", role)
		}
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	for _, role := range access.Roles {
		a := as(role)
		if !access.Anyone.Admits(a) {
			t.Errorf("Anyone refuses %s", role)
		}
		if got, want := access.SignedIn.Admits(a), role != access.Public; got != want {
			t.Errorf("SignedIn admits %s = %v, want %v", role, got, want)
		}
		if got, want := access.Only(access.Team, access.Chair).Admits(a), role == access.Team || role == access.Chair; got != want {
			t.Errorf("Only(team, chair) admits %s = %v, want %v", role, got, want)
		}
		if role.Label() == string(role) && role != "" {
			t.Errorf("%s has no French name", role)
		}
	}
}

func TestPersonWithoutAnyCapacityKeepsTheirAccountPageOnly(t *testing.T) {
	t.Parallel()
	a := access.Actor{Account: 3}
	if !access.SignedIn.Admits(a) {
		t.Error("SignedIn refuses a person whose last mandate ended")
	}
	for _, role := range access.Roles {
		if access.Only(role).Admits(a) {
			t.Errorf("a person without capacity passes as %q", role)
		}
	}
}

func TestRequireAndActsFor(t *testing.T) {
	t.Parallel()
	mayor := as(access.Mayor)
	if err := mayor.Require(mayor.RunsBodies()); problem.KindOf(err) != problem.Forbidden {
		t.Errorf("a mayor running the bodies: %v, want forbidden", err)
	}
	if err := access.System("test").Require(access.System("test").RunsBodies()); err != nil {
		t.Errorf("the system running the bodies: %v", err)
	}
	if !mayor.ActsFor(7) || mayor.ActsFor(8) || as(access.Public).ActsFor(7) || (access.Actor{}).ActsFor(0) {
		t.Error("ActsFor must hold for the organisation acted for and no other")
	}
}
