package web_test

import (
	"strings"
	"testing"
)

// electionPaths gives real addresses to the patterns of the elections: the one that is
// over where there must be a result, the one where people vote otherwise.
func (s *site) electionPaths(t testing.TB) func(pattern string) []string {
	t.Helper()
	var (
		over = s.text(t, `SELECT min(id)::text FROM election`)
		open = s.text(t, `SELECT max(id)::text FROM election`)
		box  = func(id string) string {
			return s.text(t, `SELECT min(id)::text FROM ballot_box WHERE election_id = $1::bigint`, id)
		}
		who = func(id string) string {
			return s.text(t, `SELECT min(id)::text FROM candidacy WHERE election_id = $1::bigint`, id)
		}
		claim = s.text(t, `SELECT coalesce(min(id), 0)::text FROM election_claim WHERE election_id = $1::bigint`, open)
		past  = []string{"{id:[0-9]+}", over, "{box:[0-9]+}", box(over), "{c:[0-9]+}", who(over), "{siege:[0-9]+}", "1", "{ext:(json|pdf)}", "json"}
		now   = []string{"{id:[0-9]+}", open, "{box:[0-9]+}", box(open), "{c:[0-9]+}", who(open), "{owner:[0-9]}", "1", "{siege:[0-9]+}", "1", "{reclamation:[0-9]+}", claim, "{ext:(json|pdf)}", "json", "{acte:(?:ouverture|prolongation|cloture|depouillement|destruction)}", "cloture", "{acte:[0-9]+}", "1"}
	)
	return func(pattern string) []string {
		if !strings.HasPrefix(pattern, "/elections/") && !strings.HasPrefix(pattern, "/equipe/elections/") {
			return nil
		}
		for _, part := range []string{"/resultats", "/proces-verbal", "/somme.json", "/suites", "/destruction"} {
			if strings.Contains(pattern, part) {
				return past
			}
		}
		return now
	}
}
