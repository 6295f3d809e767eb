package account

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/throttle"
)

// Each test here is an attack that once went through.

// Whoever knew the password asks for their own address; the holder is told, and
// does what the notice says: changes the password. The link must then be dead.
func TestNewPasswordStopsAChangeOfAddress(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*world, holder) error{
		"changed": func(w *world, h holder) error {
			return w.ChangePassword(w.t.Context(), w.by(h), goodPassword, "six girafes bleues")
		},
		"reset": func(w *world, h holder) error {
			if err := w.RequestReset(w.t.Context(), h.Email, home); err != nil {
				return err
			}
			return w.ResetPassword(w.t.Context(), w.lastLink(h.Email), "six girafes bleues", home)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := inTx(t, Options{})
			h := w.account()
			thief := unique("voleur") + "@example.org"
			if err := w.RequestEmailChange(t.Context(), w.by(h), thief, goodPassword); err != nil {
				t.Fatal(err)
			}
			link := w.lastLink(thief)
			if err := change(w, h); err != nil {
				t.Fatal(err)
			}
			if err := w.ConfirmEmail(t.Context(), link); problem.KindOf(err) != problem.Gone {
				t.Errorf("the link asked for under the old password: %v, want Gone", err)
			}
			if got := w.holder(h.ID).Email; got != h.Email {
				t.Errorf("the account is now that of %s", got)
			}
		})
	}
}

// The team may correct anybody's address and have anybody invited for a mandate: it
// must not receive so the invitation of an administrator who has not come yet.
func TestInvitationOfAnAdministratorIsNotDiverted(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{})
	ctx, admin, team := t.Context(), w.by(w.account(access.Administrator)), w.by(w.account(access.Team))
	p := Person{FirstName: "Alix", LastName: "Exemple", Email: unique("alix") + "@example.org"}
	id, err := w.InvitePerson(ctx, admin, p, []access.Role{access.Administrator})
	if err != nil {
		t.Fatal(err)
	}
	person := w.holder(id).PersonID
	thief := unique("voleur") + "@example.org"
	w.exec(`UPDATE person SET email = $2 WHERE id = $1`, person, thief)
	err = w.tx(func(tx pgx.Tx) error {
		_, err := w.Invite(ctx, tx, team, InviteRequest{PersonID: person})
		return err
	})
	if problem.KindOf(err) != problem.Conflict {
		t.Errorf("invited at the address the team chose: %v, want Conflict", err)
	}
	if err := w.Reinvite(ctx, admin, id); problem.KindOf(err) != problem.Conflict {
		t.Errorf("an administrator unaware of the change: %v, want Conflict", err)
	}
	if n := w.mails(thief, "invitation"); n != 0 {
		t.Errorf("%d invitations left for the wrong address", n)
	}
	if got := w.holder(id).Email; got != p.Email {
		t.Errorf("the account is now that of %s", got)
	}
	// Knowingly, it can be done: without the role, the account follows the address.
	if err := w.EndRole(ctx, admin, id, access.Administrator); err != nil {
		t.Fatal(err)
	}
	if err := w.Reinvite(ctx, admin, id); err != nil || w.mails(thief, "invitation") != 1 {
		t.Errorf("once the role is taken back: %v", err)
	}
}

// A hundred failures behind the address of a town hall keep nobody away who signed
// in from there before.
func TestKnownBrowserIsNotKeptAwayByItsNeighbours(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{})
	h := w.account()
	out, err := w.SignIn(t.Context(), h.Email, goodPassword, home)
	if err != nil {
		t.Fatal(err)
	}
	full := limitAddress.On(throttle.Place(home.Address))
	for range limitAddress.Max {
		if err := throttle.Count(t.Context(), w.db, full); err != nil {
			t.Fatal(err)
		}
	}
	before := value[int](w, `SELECT count(*) FROM throttle`)
	for i := range 3 {
		_, err := w.SignIn(t.Context(), fmt.Sprintf("inconnue-%d@example.org", i), "non", home)
		if problem.KindOf(err) != problem.TooMany {
			t.Errorf("past the limit of the address: %v", err)
		}
	}
	if after := value[int](w, `SELECT count(*) FROM throttle`); after != before {
		t.Errorf("refused tries wrote %d rows", after-before)
	}
	mine := Visitor{Address: home.Address, Browser: out.SignedIn.Browser}
	if _, err := w.SignIn(t.Context(), h.Email, goodPassword, mine); err != nil {
		t.Errorf("a known browser behind the same address: %v", err)
	}
}

// Where second factors are asked, a session opened without one gains no role that
// demands it.
func TestGrantedRoleAsksForTheSecondFactorAtOnce(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{RequireSecondFactor: true})
	admin := w.by(w.account(access.Administrator))
	for role, ends := range map[access.Role]bool{access.Team: true, access.Administrator: true, access.Scrutineer: false} {
		h := w.account()
		hash := w.open(h)
		if err := w.Grant(t.Context(), admin, h.ID, role); err != nil {
			t.Fatal(err)
		}
		if _, v, found := w.visit(hash); found == ends {
			t.Errorf("%s: the session of one factor acts as %q", role, v.Actor.Role())
		}
	}
	h := w.account()
	w.exec(`UPDATE account SET totp_secret = $2 WHERE id = $1`, h.ID, NewTOTPSecret())
	hash := w.open(h)
	if err := w.Grant(t.Context(), admin, h.ID, access.Team); err != nil {
		t.Fatal(err)
	}
	if _, _, found := w.visit(hash); !found {
		t.Error("a session opened with the application was ended")
	}
}

// The cookie of a session long revoked fills no disk.
func TestKeptFormsAreFew(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{})
	h := w.account()
	hash := w.open(h)
	w.exec(`UPDATE session SET revoked_at = now() WHERE token_hash = $1`, hash)
	f := KeptForm{Path: "/x", Fields: url.Values{"texte": {"a"}}}
	for i := range keptForms + 1 {
		token, err := w.Keep(t.Context(), hash, f)
		if err != nil || (token != "") != (i < keptForms) {
			t.Fatalf("form %d: kept %v, %v", i+1, token != "", err)
		}
	}
	other := w.account()
	if token, err := w.Keep(t.Context(), w.open(other), f); token == "" || err != nil {
		t.Errorf("somebody else's form: %q, %v", token, err)
	}
}

// What is typed in the address of the list is looked for, or finds nothing.
func TestListTakesAnyAddress(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{})
	by := w.by(w.account(access.Administrator))
	for _, f := range []Filter{{Search: "a\x00b"}, {Search: "\xff"}, {Search: `\%_`}, {After: 1 << 40}, {After: 1<<63 - 1}} {
		if _, _, err := w.List(t.Context(), by, f); err != nil {
			t.Errorf("%+v: %v", f, err)
		}
	}
}

// A partner leaves: its people who hold no mandate lose their access with it, on
// that very day.
func TestAccessFallsWithTheOrganisation(t *testing.T) {
	t.Parallel()
	for kind, seat := range map[string]string{"partner": "partner", "structure": "structure"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := inTx(t, Options{})
			h := w.account()
			org := value[access.OrganisationID](w, `INSERT INTO organisation (kind, name) VALUES ($1, $2) RETURNING id`, kind, unique("Organisation"))
			w.exec(`INSERT INTO seat (kind, organisation_id, college, label, during)
			        VALUES ($1, $2, CASE $1 WHEN 'structure' THEN 'action_sociale' END, 'Siège', daterange(paris_today() - 30, NULL))`, seat, org)
			w.exec(`INSERT INTO membership (person_id, organisation_id, during) VALUES ($1, $2, daterange(paris_today() - 9, NULL))`, h.PersonID, org)
			hash := w.open(h)
			acts := func() bool {
				_, v, found := w.visit(hash)
				if !found {
					t.Fatal("the session is over")
				}
				d, err := w.Details(t.Context(), access.System("test"), h.ID)
				if err != nil {
					t.Fatal(err)
				}
				if (len(d.Sources) == 1) != v.Actor.ActsFor(org) {
					t.Errorf("administrators are shown %+v for %+v", d.Sources, v.Actor.Acting)
				}
				return v.Actor.ActsFor(org)
			}
			if !acts() {
				t.Error("does not act for a partner that is there")
			}
			w.exec(`UPDATE seat SET during = daterange(lower(during), paris_today() + 1) WHERE organisation_id = $1`, org)
			if !acts() {
				t.Error("the partner leaves tomorrow and is out already")
			}
			w.exec(`UPDATE seat SET during = daterange(lower(during), paris_today()) WHERE organisation_id = $1`, org)
			if acts() {
				t.Error("the partner has left and is still acted for")
			}
		})
	}
}

// « Sign out everywhere » also makes the stolen device unknown: its browser would
// otherwise be spared the mailed code for six months.
func TestSigningOutEverywhereForgetsBrowsers(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{})
	admin := w.by(w.account(access.Administrator))
	for name, act := range map[string]func(by access.Actor) error{
		"others": func(by access.Actor) error {
			return w.SignOut(t.Context(), by, SignOutScope{Others: true}, goodPassword)
		},
		"all":           func(by access.Actor) error { return w.SignOut(t.Context(), by, SignOutScope{}, goodPassword) },
		"administrator": func(by access.Actor) error { return w.EndSessions(t.Context(), admin, by.Account) },
	} {
		h := w.account()
		out, err := w.SignIn(t.Context(), h.Email, goodPassword, home)
		if err != nil {
			t.Fatal(err)
		}
		if err := act(w.by(h)); err != nil {
			t.Fatal(err)
		}
		if known, err := w.knownBrowser(t.Context(), h.Email, out.SignedIn.Browser); known || err != nil {
			t.Errorf("%s: the browser is still known (%v)", name, err)
		}
	}
}
