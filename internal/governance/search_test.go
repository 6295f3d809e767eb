package governance_test

import (
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	db := pgtest.Tx(t)
	tests := map[string]struct{ query, first string }{
		"a commune":                {"Bègles", "Bègles"},
		"without accents or case":  {"begles", "Bègles"},
		"with a typing error":      {"merrignac", "Mérignac"},
		"words in any order":       {"orgueilleux", ""},
		"a body by its short name": {"cmtin", "Comité métropolitain territorial pour l’inclusion numérique"},
		"several words":            {"saint médard", "Saint-Médard-en-Jalles"},
		"spaces around":            {"  talence  ", "Talence"},
		"nothing":                  {"   ", ""},
		"pattern signs":            {"%_'\\", ""},
		"very long":                {strings.Repeat("a", 100_000), ""},
	}
	for name, tt := range tests {
		var (
			hits []governance.Hit
			b    postgres.Batch
		)
		governance.AddSearch(&b, &hits, tt.query)
		err := b.Run(t.Context(), db)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := ""
		if len(hits) > 0 {
			got = hits[0].Label
		}
		if got != tt.first {
			t.Errorf("%s: %.30q finds %q first, want %q", name, tt.query, got, tt.first)
		}
	}
}
