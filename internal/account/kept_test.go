package account

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPrune(t *testing.T) {
	t.Parallel()
	w := inPool(t, Options{})
	h := w.account()
	w.open(h)
	old := w.open(h)
	w.exec(`UPDATE session SET revoked_at = now() - interval '8 days' WHERE token_hash = $1`, old)
	w.exec(`INSERT INTO session (token_hash, data, expires_at) VALUES ('gone', '', now() - interval '1 day')`)
	w.exec(`INSERT INTO throttle VALUES ('k', now() - interval '2 hours', 1), ('l', now(), 1)`)
	w.exec(`INSERT INTO submission (key, started_at) VALUES ('k', now() - interval '2 days')`)
	w.exec(`INSERT INTO kept_form (token_hash, account_id, path, fields, expires_at) VALUES ('\x01', $1, '/x', '{}', now() - interval '1 day')`, h.ID)
	w.exec(`INSERT INTO account_link (token_hash, account_id, purpose, expires_at) VALUES ('\x01', $1, 'invitation', now() - interval '31 days')`, h.ID)
	w.exec(`INSERT INTO known_browser (token_hash, account_id, expires_at) VALUES ('\x01', $1, now() - interval '1 day')`, h.ID)
	w.exec(`INSERT INTO sign_in_step (token_hash, account_id, method, expires_at) VALUES ('\x01', $1, 'totp', now() - interval '1 day')`, h.ID)
	if err := w.Prune(t.Context()); err != nil {
		t.Fatal(err)
	}
	for table, want := range map[string]int{"session": 1, "throttle": 1, "submission": 0, "kept_form": 0, "account_link": 0, "known_browser": 0, "sign_in_step": 0} {
		if got := value[int](w, `SELECT count(*) FROM `+table); got != want {
			t.Errorf("%s: %d rows left, want %d", table, got, want)
		}
	}
}

func TestKeep(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{})
	h := w.account()
	by := w.by(h)
	hash := w.open(h)
	f := KeptForm{Path: "/reunions/3", Fields: url.Values{"texte": {"a", "b"}, "mot_de_passe_actuel": {"x"}, "code": {"1"}}}
	token, err := w.Keep(t.Context(), hash, f)
	if err != nil || token == "" {
		t.Fatalf("%q, %v", token, err)
	}
	got, ok, err := w.Kept(t.Context(), by, token)
	if err != nil || !ok || got.Path != f.Path || cmp.Diff(url.Values{"texte": {"a", "b"}}, got.Fields) != "" {
		t.Errorf("kept %+v, %v, %v", got, ok, err)
	}
	other := w.by(w.account())
	if _, ok, _ := w.Kept(t.Context(), other, token); ok {
		t.Error("somebody else reads the form")
	}
	if _, ok, _ := w.Resume(t.Context(), other, token); ok {
		t.Error("somebody else takes the form")
	}
	if path, ok, err := w.Resume(t.Context(), by, token); !ok || path != f.Path || err != nil {
		t.Errorf("resume: %q, %v, %v", path, ok, err)
	}
	if _, ok, _ := w.Resume(t.Context(), by, token); ok {
		t.Error("resumed twice")
	}
	if token, err := w.Keep(t.Context(), "no such session", f); token != "" || err != nil {
		t.Errorf("without a session: %q, %v", token, err)
	}
	f.Path = "//evil.example"
	if token, err := w.Keep(t.Context(), hash, f); token != "" || err != nil {
		t.Errorf("elsewhere: %q, %v", token, err)
	}
}

func FuzzSafePath(f *testing.F) {
	for _, s := range []string{
		"/", "/mon-compte", "/reunions?q=a&page=2", "//evil.example", "/\\evil.example", "\\\\evil", "https://evil.example", "javascript:alert(1)",
		"/\t/evil.example", "/%2f/evil.example", "/..//evil.example", "/connexion", "/connexion/code", "/deconnexion?x", "/a#b", "", "///x", "/é", "/\u00a0/x",
	} {
		f.Add(s)
	}
	base, _ := url.Parse("https://portal.test/connexion")
	f.Fuzz(func(t *testing.T, s string) {
		got := SafePath(s)
		if got == "" {
			return
		}
		if got != s || got[0] != '/' || strings.HasPrefix(got, "//") || strings.ContainsAny(got, "\\\x00\t\r\n ") {
			t.Fatalf("SafePath(%q) = %q", s, got)
		}
		to, err := base.Parse(got)
		if err != nil || to.Scheme != "https" || to.Host != "portal.test" || to.User != nil {
			t.Fatalf("SafePath(%q) leads to %v (%v)", s, to, err)
		}
		if strings.HasPrefix(to.Path, "/connexion") && (to.Path == "/connexion" || to.Path[len("/connexion")] == '/') {
			t.Fatalf("SafePath(%q) leads back to signing in", s)
		}
	})
}
