package account

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/problem"
)

func TestHash(t *testing.T) {
	t.Parallel()
	h := newHasher(1)
	phc, err := h.hash(t.Context(), "été à Bègles, demain")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash is %q", phc)
	}
	for password, want := range map[string]bool{
		"été à Bègles, demain":                         true,
		"e\u0301te\u0301 a\u0300 Be\u0300gles, demain": true, // the same, decomposed
		"Été à Bègles, demain":                         false,
		"été à Bègles, demain ":                        false,
		"":                                             false,
	} {
		if got, err := h.verify(t.Context(), phc, password); err != nil || got != want {
			t.Errorf("verify %q = %v, %v; want %v", password, got, err, want)
		}
	}
	if again := HashPassword("été à Bègles, demain"); again == phc {
		t.Error("two hashes of one password are the same: no salt")
	}
	if ok, err := h.verify(t.Context(), dummyHash, "x"); ok || err != nil {
		t.Errorf("the dummy hash answers %v, %v", ok, err)
	}
}

func TestParsePHCRefuses(t *testing.T) {
	t.Parallel()
	good := goodHash()
	for name, phc := range map[string]string{
		"empty":             "",
		"another function":  strings.Replace(good, "argon2id", "argon2i", 1),
		"another version":   strings.Replace(good, "v=19", "v=16", 1),
		"too much memory":   strings.Replace(good, "m=19456", "m=4294967295", 1),
		"too long":          strings.Replace(good, "t=2", "t=4000", 1),
		"no pass":           strings.Replace(good, "t=2", "t=0", 1),
		"a salt not base64": strings.Replace(good, "p=1$", "p=1$!!", 1),
		"no key":            good[:strings.LastIndex(good, "$")+1],
	} {
		if _, err := parsePHC(phc); err == nil {
			t.Errorf("%s: accepted %q", name, phc)
		}
	}
}

func TestHashesAreFewAtOnce(t *testing.T) {
	t.Parallel()
	h := newHasher(1)
	h.wait = 20 * time.Millisecond
	if err := h.acquire(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.hash(t.Context(), "x"); problem.KindOf(err) != problem.TooMany {
		t.Errorf("all slots taken: %v, want TooMany", err)
	}
	if _, err := h.verify(t.Context(), dummyHash, "x"); problem.KindOf(err) != problem.TooMany {
		t.Errorf("all slots taken: %v, want TooMany", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.acquire(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("reader gone: %v", err)
	}
	h.release()
	if _, err := h.hash(t.Context(), "x"); err != nil {
		t.Errorf("slot given back: %v", err)
	}
	if n := cap(newHasher(0).slots); n < 1 {
		t.Errorf("%d slots by default", n)
	}
}

func TestCheckPassword(t *testing.T) {
	t.Parallel()
	who := Person{FirstName: "Éléonore", LastName: "Grandjean", Email: "eleonore.grandjean@mairie-begles.fr"}
	tests := map[string]struct {
		password string
		ok       bool
	}{
		"four words":                    {"quatre chevaux verts", true},
		"lower case only":               {"lesnuagespassentvite", true},
		"figures only, no order":        {"840275193648", true},
		"emoji count as characters":     {"🐴🐴🚲🌳🌧️🏠🎈🎁🐟🐝🍎🍐", true},
		"eleven characters":             {"onze lettre", false},
		"twelve characters":             {"douze lettrz", true},
		"128 characters":                {strings.Repeat("abcdefg7", 15) + "hijklmno", true},
		"129 characters":                {strings.Repeat("x1y2z3w4", 16) + "p", false},
		"commonest":                     {"qwerty123456", false},
		"commonest, in capitals":        {"QWERTY123456", false},
		"commonest and a year":          {"azertyuiop2026!!", false},
		"one character repeated":        {"aaaaaaaaaaaaaa", false},
		"a word repeated":               {"chatchatchatchat", false},
		"a run":                         {"abcdefghijklmnop", false},
		"a run down":                    {"9876543210987", false},
		"name and year":                 {"Grandjean2026!", false},
		"first name without accents":    {"eleonore-1984", false},
		"the portal's words":            {"inclusion-numerique", false},
		"the metropole":                 {"BordeauxMétropole33", false},
		"a word of ours among others":   {"une mairie bleue et trois canards", true},
		"own address":                   {"eleonore.grandjean@mairie", false},
		"bytes that are no text":        {"\xff\xfe\xfd\xfc\xff\xfe\xfd\xfc\xff\xfe\xfd\xfc", false},
		"pasted, with spaces around it": {"  h7Rk-pq2T-zz9L  ", true},
	}
	for name, tt := range tests {
		err := CheckPassword("mot_de_passe", tt.password, who)
		if (err == nil) != tt.ok {
			t.Errorf("%s: %v, want accepted %v", name, err, tt.ok)
		}
		if p, ok := errors.AsType[*problem.Error](err); ok && (p.Field != "mot_de_passe" || p.Kind != problem.Invalid) {
			t.Errorf("%s: on field %q", name, p.Field)
		}
	}
}

// ASVS 6.2.4 asks for 3,000 passwords that match the policy.
func TestCommonPasswords(t *testing.T) {
	t.Parallel()
	if n := len(common()); n < 3000 {
		t.Errorf("%d common passwords, want 3,000", n)
	}
	for p := range common() {
		if CheckPassword("", p, Person{}) == nil {
			t.Errorf("%q is common and accepted", p)
		}
	}
}
