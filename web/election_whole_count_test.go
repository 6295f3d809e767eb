package web_test

import (
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"

	"bordeaux-metropole.fr/portal/internal/election"
)

// close ends the vote before its hour; a late ballot is told so.
func (x *wholeElection) close() {
	x.t.Helper()
	x.twoPeople("cloture", "Toutes les structures ont voté.", x.team, x.team2)
	x.phase(election.Closed)
	v := x.voters[0]
	late := v.browser.post(x.public+"/vote", url.Values{"bulletin": {v.wrong}})
	late.reads(x.t, 410, "clos")
	for _, path := range []string{"/resultats", "/resultats.json", "/proces-verbal"} {
		if a := x.team.get(x.public + path); a.status != 404 {
			x.t.Errorf("%s before the count: status %d", path, a.status)
		}
	}
}

// count decides the count, opens the sums with three keys, and compares the result with
// what the program chose.
func (x *wholeElection) count() {
	x.t.Helper()
	x.twoPeople("depouillement", "", x.team, x.keepers[1])
	x.team.submits(x.desk+"/depouillement", x.desk+"/depouillement/somme", nil)
	var ids []string
	for _, b := range x.boxes {
		ids = append(ids, fmt.Sprint(b.id))
	}
	slices.Sort(ids)
	for i, k := range x.keepers {
		if a := x.team.get(x.public + "/resultats"); a.status != 404 {
			x.t.Errorf("a result with %d keys: status %d", i, a.status)
		}
		x.does(k, x.public+"/depouillement", x.opening(k, i, x.public+"/urne/", ids))
	}
	x.phase(election.Counted)
	for college := range x.boxes {
		rows := x.s.column(x.t, `SELECT r.votes::text FROM candidacy_result r JOIN candidacy c ON c.id = r.candidacy_id WHERE c.election_id = $1 AND c.college = $2 ORDER BY c.place`, x.id, string(college))
		if got, want := strings.Join(rows, " "), wholeResult(); got != want {
			x.t.Errorf("%s: votes %s, the program chose %s", college, got, want)
		}
	}
}

// proclaim signs the procès-verbal and has the chair proclaim: the page of the CMTIN
// shows the ten.
func (x *wholeElection) proclaim() {
	x.t.Helper()
	x.team.submits(x.desk+"/depouillement", x.desk+"/depouillement/proces-verbal", nil)
	for _, k := range x.keepers {
		k.submits(x.public+"/proces-verbal/signature", x.public+"/proces-verbal/signature", nil)
	}
	x.does(x.chair, x.desk+"/proclamation", nil)
	x.phase(election.Proclaimed)
	anyone := x.s.browser(x.t)
	anyone.get(x.public+"/resultats").reads(x.t, 200, "Résultat proclamé le")
	anyone.get(x.public+"/proces-verbal").reads(x.t, 200, "Empreinte de vote.js", "Toutes les structures ont voté")
	page := html.UnescapeString(anyone.get("/instances/cmtin").body)
	elected := x.s.column(x.t, `SELECT c.titular_first || ' ' || c.titular_last FROM candidacy c JOIN candidacy_result r ON r.candidacy_id = c.id WHERE c.election_id = $1 AND r.elected`, x.id)
	if len(elected) != 10 {
		x.t.Errorf("%d elected", len(elected))
	}
	for _, name := range elected {
		if !strings.Contains(page, name) {
			x.t.Errorf("the page of the CMTIN does not show %s", name)
		}
	}
}
