package page

import (
	"net/http"
	"regexp"
)

var ballotPaths = regexp.MustCompile(`^(?:/elections/[0-9]+/(?:vote|verifier)|/equipe/elections/[0-9]+/bureau-de-vote)$`)

// TakesBallot tells whether a request is for a page where people vote, or look for their
// ballot, as they do the moment after: when it came is noted nowhere, neither in the
// log, but to the hour, nor in the session. It is judged by the address, before the
// request is routed.
func TakesBallot(r *http.Request) bool { return ballotPaths.MatchString(r.URL.Path) }
