package account

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// The closed sets of Go and of the schema are the same.
func TestEnums(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{})
	texts := func(list any) []string {
		b, _ := json.Marshal(list)
		var out []string
		_ = json.Unmarshal(b, &out)
		slices.Sort(out)
		return out
	}
	for constraint, list := range map[string]any{
		"account_link_purpose_check": Purposes,
		"sign_in_step_method_check":  Methods,
		"role_grant_role_check":      GrantedRoles,
	} {
		def := value[string](w, `SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1`, constraint)
		var got []string
		for _, m := range regexp.MustCompile(`'([a-z_]+)'`).FindAllStringSubmatch(def, -1) {
			got = append(got, m[1])
		}
		slices.Sort(got)
		if diff := cmp.Diff(texts(list), got); diff != "" {
			t.Errorf("%s (-Go +schema):\n%s", constraint, diff)
		}
	}
}

// Two administrators who remove each other at once: one of them stays.
func TestLastAdministrator(t *testing.T) {
	t.Parallel()
	acts := map[string]func(w *world, by access.Actor, id access.AccountID) error{
		"ending the role": func(w *world, by access.Actor, id access.AccountID) error {
			return w.EndRole(w.t.Context(), by, id, access.Administrator)
		},
		"disabling": func(w *world, by access.Actor, id access.AccountID) error { return w.Disable(w.t.Context(), by, id) },
	}
	for name, act := range acts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := inPool(t, Options{})
			a, b := w.account(access.Administrator), w.account(access.Administrator)
			by := []access.Actor{w.by(a), w.by(b)}
			ids := []access.AccountID{b.ID, a.ID}
			errs := atOnce(2, func(i int) error { return act(w, by[i], ids[i]) })
			if n := succeeded(errs); n != 1 {
				t.Errorf("%d removals went through: %v", n, errs)
			}
			for _, err := range errs {
				if err != nil && problem.KindOf(err) != problem.Conflict {
					t.Errorf("the other: %v, want Conflict", err)
				}
			}
		})
	}
}

func TestAdministration(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{})
	ctx := t.Context()
	by, h := w.by(w.account(access.Administrator)), w.account()
	hash := w.open(h)

	stranger := w.by(w.account(access.Team))
	for name, err := range map[string]error{
		"grant": w.Grant(ctx, stranger, h.ID, access.Team), "end": w.EndRole(ctx, stranger, h.ID, access.Team),
		"disable": w.Disable(ctx, stranger, h.ID), "enable": w.Enable(ctx, stranger, h.ID),
		"factor": w.ResetSecondFactor(ctx, stranger, h.ID), "sign out": w.EndSessions(ctx, stranger, h.ID), "invite": w.Reinvite(ctx, stranger, h.ID),
	} {
		if problem.KindOf(err) != problem.Forbidden {
			t.Errorf("%s by the team: %v, want Forbidden", name, err)
		}
	}
	if _, err := w.InvitePerson(ctx, stranger, Person{}, nil); problem.KindOf(err) != problem.Forbidden {
		t.Errorf("invite by the team: %v", err)
	}
	if _, _, err := w.List(ctx, stranger, Filter{}); problem.KindOf(err) != problem.Forbidden {
		t.Errorf("list by the team: %v", err)
	}
	if _, err := w.Details(ctx, stranger, h.ID); problem.KindOf(err) != problem.Forbidden {
		t.Errorf("details by the team: %v", err)
	}

	if err := w.Grant(ctx, by, h.ID, access.Team); err != nil {
		t.Fatal(err)
	}
	if err := w.Grant(ctx, by, h.ID, access.Team); err != nil {
		t.Errorf("granting twice: %v", err)
	}
	if err := w.Grant(ctx, by, h.ID, access.Mayor); problem.KindOf(err) != problem.Invalid {
		t.Errorf("granting a mandate: %v", err)
	}
	if err := w.Grant(ctx, by, 987654321, access.Team); problem.KindOf(err) != problem.NotFound {
		t.Errorf("granting to nobody: %v", err)
	}
	w.mayor(h.PersonID, "pessac")
	d, err := w.Details(ctx, by, h.ID)
	if err != nil || len(d.Grants) != 1 || len(d.Sessions) != 1 || d.State != Active {
		t.Fatalf("%+v, %v", d, err)
	}
	if len(d.Sources) != 1 || d.Sources[0].Role != access.Mayor || d.Sources[0].From != "Mandat\u00a0: Maire de Pessac" {
		t.Errorf("sources: %+v", d.Sources)
	}
	if err := w.Disable(ctx, by, by.Account); problem.KindOf(err) != problem.Conflict {
		t.Errorf("disabling oneself: %v", err)
	}
	if err := w.Disable(ctx, by, h.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, found := w.visit(hash); found {
		t.Error("disabled and still signed in")
	}
	if _, err := w.SignIn(ctx, h.Email, goodPassword, home); !errors.Is(err, ErrWrong) {
		t.Errorf("sign-in of a disabled account: %v", err)
	}
	if err := w.Enable(ctx, by, h.ID); err != nil {
		t.Fatal(err)
	}
	actions := value[[]string](w, `SELECT array_agg(action ORDER BY id) FROM audit_entry WHERE object = 'account' AND object_id = $1`, h.ID)
	if diff := cmp.Diff([]string{"account.role_grant", "account.disable", "account.enable"}, actions); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
}

func TestJournalHoldsNoSecret(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{RequireSecondFactor: true})
	h := w.account(access.Team)
	out, err := w.SignIn(t.Context(), h.Email, goodPassword, home)
	if err != nil {
		t.Fatal(err)
	}
	_, codes, err := w.FinishStep(t.Context(), out.Step.Token, w.codeAt(out.Step.Secret, 0), home)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.RequestReset(t.Context(), h.Email, home); err != nil {
		t.Fatal(err)
	}
	token := w.lastLink(h.Email)
	if err := w.ResetPassword(t.Context(), token, "cinq vélos rouges", home); err != nil {
		t.Fatal(err)
	}
	all := value[string](w, `SELECT string_agg(e::text, ' ') FROM audit_entry e WHERE object_id = $1`, h.ID)
	stored := value[string](w, `SELECT password_hash FROM account WHERE id = $1`, h.ID)
	for _, secret := range []string{out.Step.Secret, codes[0], token, stored, "vélos"} {
		if strings.Contains(all, secret) {
			t.Errorf("the journal holds %q", secret)
		}
	}
	tables := value[string](w, `SELECT (SELECT string_agg(l::text, ' ') FROM account_link l) || (SELECT string_agg(m.text_body || m.html_body, ' ') FROM mail m)`)
	if strings.Contains(tables, token) {
		t.Error("a link's token is stored in clear beside its mail")
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	w := inPool(t, Options{})
	by := w.by(w.account(access.Administrator))
	for i := range 70 {
		p := w.person()
		w.exec(`INSERT INTO account (person_id, email) VALUES ($1, $2)`, p.ID, p.Email)
		w.exec(`UPDATE person SET last_name = $2, first_name = 'Zoé' WHERE id = $1`, p.ID, fmt.Sprintf("Évrard %02d", i))
	}
	first, next, err := w.List(t.Context(), by, Filter{Search: "zoe EVRARD"})
	if err != nil || len(first) != PageSize || next == 0 {
		t.Fatalf("first page: %d rows, next %d, %v", len(first), next, err)
	}
	second, end, err := w.List(t.Context(), by, Filter{Search: "Zoé Évrard", After: next})
	if err != nil || len(second) != 20 || end != 0 {
		t.Fatalf("second page: %d rows, next %d, %v", len(second), end, err)
	}
	if first[0].LastName != "Évrard 00" || second[0].LastName != "Évrard 50" || second[19].LastName != "Évrard 69" {
		t.Errorf("pages do not follow: %s, %s, %s", first[0].Name(), second[0].Name(), second[19].Name())
	}
	for name, f := range map[string]Filter{
		"a joker is a letter": {Search: "%"}, "a role nobody has": {Role: access.State}, "disabled": {State: Disabled},
	} {
		if rows, _, err := w.List(t.Context(), by, f); err != nil || len(rows) != 0 {
			t.Errorf("%s: %d rows, %v", name, len(rows), err)
		}
	}
	rows, _, err := w.List(t.Context(), by, Filter{Role: access.Administrator, State: Active})
	if err != nil || len(rows) != 1 || rows[0].ID != by.Account || rows[0].LastSeenAt == nil {
		t.Errorf("administrators: %+v, %v", rows, err)
	}
	if diff := cmp.Diff([]string{"Administration du portail"}, rows[0].RoleLabels()); diff != "" {
		t.Error(diff)
	}
}
