package governance

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

func words[T ~string](set []T) []string {
	out := make([]string, len(set))
	for i, v := range set {
		out[i] = string(v)
	}
	return out
}

func labels[T interface {
	~string
	Label() string
}](t *testing.T, set []T) []string {
	t.Helper()
	for _, v := range set {
		if l := v.Label(); l == "" || l == string(v) {
			t.Errorf("%q has no French label", v)
		}
	}
	if l := T("inconnu").Label(); l != "inconnu" {
		t.Errorf("label of an unknown value: got %q, wanted it unchanged", l)
	}
	return words(set)
}

// Each closed set in Go is the one its CHECK constraint knows.
func TestClosedSets(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	quoted := regexp.MustCompile(`'([a-z_]+)'::text`)
	for constraint, got := range map[string][]string{
		"body_code_check":           labels(t, BodyCodes),
		"seat_kind_check":           labels(t, SeatKinds),
		"seat_college_check":        labels(t, Colleges),
		"mandate_kind_check":        labels(t, MandateKinds),
		"organisation_kind_check":   labels(t, OrganisationKinds),
		"meeting_state_check":       labels(t, MeetingStates),
		"body_setting_key_check":    labels(t, SettingKeys),
		"body_setting_source_check": labels(t, SourceKinds),
	} {
		def, err := postgres.Value[string](t.Context(), tx, `SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1`, constraint)
		if err != nil {
			t.Errorf("%s: %v", constraint, err)
			continue
		}
		var want []string
		for _, m := range quoted.FindAllStringSubmatch(def, -1) {
			want = append(want, m[1])
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, slices.Compact(want)) {
			t.Errorf("%s: Go has %q, the schema %q", constraint, got, want)
		}
	}
	labels(t, []Tense{Past, Current, Future})
	got := labels(t, SeatStates)
	def, err := postgres.Value[string](t.Context(), tx, `SELECT prosrc FROM pg_proc WHERE proname = 'composition'`)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range got {
		if !strings.Contains(def, "'"+s+"'") {
			t.Errorf("the SQL function composition never says %q", s)
		}
	}
}

// The words quoted are the deliberation's, apostrophes and non-breaking spaces
// apart.
func TestQuotesAreVerbatim(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/deliberation-2024-677.txt")
	if err != nil {
		t.Fatal(err)
	}
	typeset := strings.NewReplacer("'", "’", "\u00a0", " ", "\u202f", " ")
	text := typeset.Replace(string(b))
	check := func(key, quote string) {
		if quote == "" || !strings.Contains(text, typeset.Replace(quote)) {
			t.Errorf("%s is not in the deliberation: %q", key, quote)
		}
	}
	for _, code := range BodyCodes {
		f := FoundingOf(code)
		check(string(code), f.Level)
		for _, s := range slices.Concat(f.Mission, f.Who, []Sentence{f.Cadence}) {
			check(s.Key, s.Text)
		}
	}
	keys := map[string]bool{}
	for _, c := range commitments(facts{}) {
		check(c.Key, c.Quote)
		if keys[c.Key] || c.Title == "" || c.Where == "" {
			t.Errorf("commitment %q: twice, or incomplete", c.Key)
		}
		keys[c.Key] = true
	}
	sources, err := postgres.Values[string](t.Context(), pgtest.Tx(t), `SELECT source FROM composition_rule`)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sources {
		check("composition_rule", s)
	}
}

func TestCommuneNamesAreTheTables(t *testing.T) {
	t.Parallel()
	type row struct {
		INSEE string `db:"insee"`
		Name  string `db:"name"`
	}
	rows, err := postgres.List[row](t.Context(), pgtest.Tx(t), `
		SELECT c.insee, o.name FROM commune c JOIN organisation o ON o.id = c.organisation_id ORDER BY c.insee`)
	if err != nil {
		t.Fatal(err)
	}
	var got []row
	for _, c := range communeNames {
		got = append(got, row{c.insee, c.name})
	}
	slices.SortFunc(got, func(a, b row) int { return strings.Compare(a.INSEE, b.INSEE) })
	if !slices.Equal(got, rows) {
		t.Errorf("Go knows %v\nthe table %v", got, rows)
	}
}

func TestEveryActionHasALabel(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	action := regexp.MustCompile(`"((?:mandate|person|seat|organisation|membership|setting|meeting)\.[a-z]+)"`)
	found := 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		b, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range action.FindAllStringSubmatch(string(b), -1) {
			found++
			if ActionLabel(m[1]) == m[1] {
				t.Errorf("%s: the act %s has no French label", f.Name(), m[1])
			}
		}
	}
	if found == 0 {
		t.Error("no act found in the sources")
	}
}
