package account

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/problem"
)

func TestInvite(t *testing.T) {
	t.Parallel()
	w := inPool(t, Options{})
	ctx, by := t.Context(), access.System("test")
	invite := func(id access.PersonID) (r InviteResult, err error) {
		err = w.tx(func(tx pgx.Tx) error { r, err = w.Invite(ctx, tx, by, InviteRequest{PersonID: id}); return err })
		return r, err
	}
	p := w.person()
	first, err := invite(p.ID)
	if err != nil || !first.Sent || !strings.HasPrefix(first.Link, "http://portal.test/invitation/") {
		t.Fatalf("%+v, %v", first, err)
	}
	// The address was mistyped: it is put right, and the person invited again.
	w.exec(`UPDATE person SET email = 'juste-' || email WHERE id = $1`, p.ID)
	second, err := invite(p.ID)
	if err != nil || second.Account != first.Account || w.mails("juste-"+p.Email, "invitation") != 1 {
		t.Fatalf("%+v, %v", second, err)
	}
	old, token := first.Link[len("http://portal.test/invitation/"):], second.Link[len("http://portal.test/invitation/"):]
	if _, err := w.AcceptInvitation(ctx, old, goodPassword, home); !errors.Is(err, ErrLinkGone) {
		t.Errorf("the replaced invitation: %v", err)
	}
	errs := atOnce(2, func(int) error { _, err := w.AcceptInvitation(ctx, token, goodPassword, home); return err })
	if n := succeeded(errs); n != 1 {
		t.Errorf("an invitation served %d times", n)
	}
	if third, err := invite(p.ID); err != nil || third.Sent {
		t.Errorf("somebody who has a password: %+v, %v", third, err)
	}
	silent := w.person()
	w.exec(`UPDATE person SET email = '' WHERE id = $1`, silent.ID)
	if _, err := invite(silent.ID); problem.KindOf(err) != problem.Invalid {
		t.Errorf("without an address: %v", err)
	}
	if _, err := invite(987654321); problem.KindOf(err) != problem.NotFound {
		t.Errorf("nobody: %v", err)
	}
	thief := w.person()
	w.exec(`UPDATE account SET email = $2 WHERE id = $1`, first.Account, "prise@example.org")
	w.exec(`UPDATE person SET email = 'prise@example.org' WHERE id = $1`, thief.ID)
	if _, err := invite(thief.ID); problem.KindOf(err) != problem.Invalid {
		t.Errorf("the address of another account: %v", err)
	}
	w.exec(`UPDATE account SET disabled_at = now() WHERE id = $1`, first.Account)
	if _, err := invite(p.ID); problem.KindOf(err) != problem.Conflict {
		t.Errorf("a disabled account: %v", err)
	}
}

func TestCreateAdministrator(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{})
	link, err := w.CreateAdministrator(t.Context(), " Premiere@Example.org ", "Première", "Personne")
	if err != nil || !strings.Contains(link, "/invitation/") {
		t.Fatalf("%q, %v", link, err)
	}
	out, err := w.AcceptInvitation(t.Context(), link[strings.LastIndex(link, "/")+1:], goodPassword, home)
	if err != nil || out.SignedIn == nil {
		t.Fatalf("%+v, %v", out, err)
	}
	if _, v, _ := w.visit(w.open(w.holder(out.SignedIn.Account))); !v.Actor.RunsPortal() {
		t.Errorf("acts as %q", v.Actor.Role())
	}
}

func TestSeed(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{Demo: true})
	p := w.person()
	if n, err := w.SeedAccounts(t.Context(), w.db.(pgx.Tx), goodHash()); err != nil || n < 1 {
		t.Fatalf("%d, %v", n, err)
	}
	if err := w.SeedPassword(t.Context(), w.db.(pgx.Tx), goodHash(), []string{p.Email}); err != nil {
		t.Fatal(err)
	}
	id, err := w.AccountID(t.Context(), w.db, p.Email)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := w.SignIn(t.Context(), p.Email, goodPassword, home); err != nil || out.SignedIn.Account != id {
		t.Errorf("%+v, %v", out, err)
	}
	if _, err := w.SeedAccounts(t.Context(), w.db.(pgx.Tx), "plain"); err == nil {
		t.Error("a password that is no hash was seeded")
	}
	w.opt.Demo = false
	if _, err := w.SeedAccounts(t.Context(), w.db.(pgx.Tx), goodHash()); !errors.Is(err, errNotDemo) {
		t.Errorf("in production: %v", err)
	}
	if err := w.SeedPassword(t.Context(), w.db.(pgx.Tx), goodHash(), nil); !errors.Is(err, errNotDemo) {
		t.Errorf("in production: %v", err)
	}
}
