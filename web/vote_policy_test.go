package web_test

import (
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/web/static"
)

// The pages of elections alone may start a Worker: the one that encrypts ballots.
func TestWorkersOfElections(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser(t)
	for path, want := range map[string]string{
		"/elections/1/vote": "'self'", "/elections/1/cle": "'self'", "/elections/1/depouillement": "'self'", "/equipe/elections/1/bureau-de-vote": "'self'",
		"/": "'none'", "/connexion": "'none'", "/elections": "'none'", static.Path("vote.js"): "'none'",
	} {
		if csp := b.get(path).header.Get("Content-Security-Policy"); !strings.HasSuffix(csp, "; worker-src "+want) {
			t.Errorf("%s: policy %q, want worker-src %s", path, csp, want)
		}
	}
}
