package web_test

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/governance"
)

// wholeVoter is a structure that votes: its nth in its college.
type wholeVoter struct {
	email, code, uuid string
	college           governance.College
	n                 int
	browser           *browser
	ballot, spare     string // of one device, and of another: the same choices
	wrong             string // made with a code that opens nothing

	mu       sync.Mutex
	trackers map[string]bool // of the receipts that were shown
}

// places are the candidates a voter chooses, from 1 in the order drawn; none: a blank
// ballot. No two candidates have as many votes.
func places(n int) []int {
	if n < 15 {
		return []int{2, 3, 4, 5, 6}
	}
	var out []int
	for p := 1; p <= 5 && n < 75-10*p; p++ {
		out = append(out, p)
	}
	return out
}

// wholeResult is what 80 such voters choose.
func wholeResult() string {
	var votes [standing]int
	for n := range 80 {
		for _, p := range places(n) {
			votes[p-1]++
		}
	}
	return strings.Trim(fmt.Sprint(votes), "[]")
}

// cells are the places as a ballot holds them.
func cells(n int) []int {
	out := make([]int, standing+1)
	for _, p := range places(n) {
		out[p] = 1
	}
	if len(places(n)) == 0 {
		out[0] = 1
	}
	return out
}

// crowd is the structures that send twenty times to each instance at once; the others
// send a few times.
func (v *wholeVoter) crowd() bool { return v.n%40 == 0 }

// ready signs everybody in, and makes the ballots as browsers do.
func (x *wholeElection) ready() {
	x.t.Helper()
	for _, v := range x.voters { // one after the other: who signs in too fast waits
		v.trackers, v.browser = map[string]bool{}, x.s.signIn(x.t, v.email).bare()
	}
	inPar(len(x.voters), func(i int) {
		v := x.voters[i]
		e := x.boxes[v.college].election
		make := func(code string) string {
			raw, err := e.Encrypt(code, [][]int{cells(v.n)})
			if err != nil {
				x.t.Error(err)
			}
			return string(raw)
		}
		v.ballot = make(v.code)
		if v.crowd() {
			v.spare = make(v.code)
			v.wrong = make(belenios.NewCode())
		}
	})
}

// sendings are what the people of a structure send, to one instance and the other in turn.
func (x *wholeElection) sendings(v *wholeVoter) []url.Values {
	browserOf := func(raw string) url.Values { return url.Values{"bulletin": {raw}, "_cle": {"cle-" + v.email}} }
	if !v.crowd() {
		if v.n%20 == 7 { // without script: ticked, read again, then the server encrypts
			return []url.Values{x.ticked(v, "voter", v.code)}
		}
		return []url.Values{browserOf(v.ballot), browserOf(v.ballot)}
	}
	var out []url.Values
	for i := range 40 {
		switch {
		case i%10 == 9: // a code mistyped, and one that opens another box
			out = append(out, url.Values{"bulletin": {v.wrong}}, x.ticked(v, "voter", v.code+"x"))
		case i%10 == 8: // the structure of the other college lent its code
			out = append(out, x.ticked(v, "voter", x.stranger(v).code), url.Values{"bulletin": {x.stranger(v).ballot}})
		case i%4 < 2:
			out = append(out, browserOf(v.ballot))
		default:
			out = append(out, url.Values{"bulletin": {v.spare}})
		}
	}
	return out[:40]
}

// stranger is a voter of the other college.
func (x *wholeElection) stranger(v *wholeVoter) *wholeVoter {
	i := slices.IndexFunc(x.voters, func(o *wholeVoter) bool { return o.college != v.college && o.n == v.n })
	return x.voters[i]
}

func (x *wholeElection) ticked(v *wholeVoter, step, code string) url.Values {
	form := url.Values{"etape": {step}, "code": {code}}
	for cell, on := range cells(v.n) {
		if on == 1 {
			form.Add("choix_0", fmt.Sprint(cell))
		}
	}
	return form
}

// votes is one sending to an instance; what it answers is kept when it is a receipt.
func (x *wholeElection) votes(v *wholeVoter, to *site, form url.Values) answer {
	r := v.browser.at(to).request("POST", x.public+"/vote", form)
	r.Host = strings.TrimPrefix(x.s.URL, "http://")
	a := v.browser.do(r)
	if number := trackerOn(a); number != "" {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.trackers[number] = true
	}
	return a
}

// trackerOn is the tracker of a receipt, "" for another page.
func trackerOn(a answer) string {
	if a.status != http.StatusOK {
		return ""
	}
	number := ""
	for _, m := range receiptParts.FindAllStringSubmatch(html.UnescapeString(a.body), -1) {
		number += m[1]
	}
	if len(number) != 43 {
		return ""
	}
	return number
}

// vote has every structure vote on both instances, and returns the archives as they
// were meanwhile.
func (x *wholeElection) vote() map[governance.College][]byte {
	x.t.Helper()
	x.ready()
	half := len(x.voters) / 2
	slices.SortFunc(x.voters, func(a, b *wholeVoter) int { return a.n - b.n })
	statuses := x.send(x.voters[:half])
	if _, err := x.areas.ElectionBoard.PublishHeads(x.t.Context()); err != nil {
		x.t.Fatal(err)
	}
	during := map[governance.College][]byte{}
	for college := range x.boxes {
		during[college] = x.archive(college)
	}
	for status, n := range x.send(x.voters[half:]) {
		statuses[status] += n
	}
	x.t.Logf("answers to the votes, by status: %v", statuses)
	if statuses[http.StatusConflict] == 0 || statuses[http.StatusUnprocessableEntity] == 0 {
		x.t.Errorf("nothing was refused: %v", statuses)
	}
	x.oneBallotEach()
	for college := range x.boxes { // nothing says more than the head that was published
		if again := x.archive(college); !bytes.Equal(again, during[college]) {
			x.t.Errorf("%s: the archive grew between two heads", college)
		}
	}
	return during
}

// send has structures vote, twenty sendings at once to each instance.
func (x *wholeElection) send(voters []*wholeVoter) map[int]int {
	x.t.Helper()
	type one struct {
		v    *wholeVoter
		to   *site
		form url.Values
	}
	jobs := make(chan one)
	var wg sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for range 40 {
		wg.Go(func() {
			for j := range jobs {
				a := x.votes(j.v, j.to, j.form)
				if a.status >= 500 {
					x.t.Errorf("status %d\n%s", a.status, a.text())
				}
				mu.Lock()
				statuses[a.status]++
				mu.Unlock()
			}
		})
	}
	for _, v := range voters {
		for i, form := range x.sendings(v) {
			jobs <- one{v, []*site{x.s, x.other}[i%2], form}
		}
	}
	close(jobs)
	wg.Wait()
	return statuses
}

// oneBallotEach checks that the box has what was acknowledged, once.
func (x *wholeElection) oneBallotEach() {
	x.t.Helper()
	in := map[string]bool{}
	for _, tracker := range x.s.column(x.t, `SELECT tracker FROM ballot_index i JOIN ballot_box b ON b.id = i.box_id WHERE b.election_id = $1`, x.id) {
		in[tracker] = true
	}
	voted := x.s.count(x.t, `SELECT count(*)::int FROM emargement m JOIN ballot_box b ON b.id = m.box_id WHERE b.election_id = $1 AND m.voted`, x.id)
	if len(in) != len(x.voters) || voted != len(x.voters) {
		x.t.Fatalf("%d ballots, %d structures that voted, want %d", len(in), voted, len(x.voters))
	}
	for _, v := range x.voters {
		if len(v.trackers) != 1 {
			x.t.Errorf("%s has receipts of %d ballots", v.email, len(v.trackers))
		}
		for tracker := range v.trackers {
			if !in[tracker] {
				x.t.Errorf("%s has a receipt for a ballot that is not there", v.email)
			}
		}
	}
	v := x.voters[1] // it did not crowd: its ballot is the one it has
	if a := x.votes(v, x.other, url.Values{"bulletin": {v.ballot}}); a.status != 200 || len(v.trackers) != 1 {
		x.t.Errorf("sent again: status %d, %d receipts\n%s", a.status, len(v.trackers), a.text())
	}
}

// archive downloads the archive of a college as anybody.
func (x *wholeElection) archive(college governance.College) []byte {
	x.t.Helper()
	a := x.s.browser(x.t).bare().get(x.public + "/archive?college=" + string(college))
	if a.status != http.StatusOK {
		x.t.Fatalf("archive: status %d\n%s", a.status, a.text())
	}
	return []byte(a.body)
}

// anybodyVerifies has belenios-tool, which nobody here wrote, and ours verify what is
// downloaded: whole, and grown from what it was during the vote.
func (x *wholeElection) anybodyVerifies(during map[governance.College][]byte) {
	x.t.Helper()
	for college, box := range x.boxes {
		dirs := [2]string{x.t.TempDir(), x.t.TempDir()}
		for i, raw := range [][]byte{during[college], x.archive(college)} {
			if err := os.WriteFile(filepath.Join(dirs[i], box.election.UUID+".bel"), raw, 0o600); err != nil {
				x.t.Fatal(err)
			}
		}
		for _, args := range [][]string{{"election", "verify", "--dir", dirs[1]}, {"election", "verify-diff", "--dir1", dirs[0], "--dir2", dirs[1]}} {
			if out, err := exec.CommandContext(x.t.Context(), "belenios-tool", args...).CombinedOutput(); err != nil {
				x.t.Errorf("belenios-tool %v: %v\n%s", args, err, out)
			}
		}
	}
	// Ours finds what the program chose; Check does it for every box, with the tables.
	raw := x.archive(governance.SocialAction)
	report, err := belenios.Verify(x.t.Context(), bytes.NewReader(raw))
	if err != nil {
		x.t.Fatal(err)
	}
	counts := strings.Trim(fmt.Sprint(report.Counts[0][1:]), "[]")
	if report.Ballots != 80 || report.Posted != 80 || report.Credentials != 80 || counts != wholeResult() {
		x.t.Errorf("%d ballots of %d, %d codes, votes %s, want %s", report.Ballots, report.Posted, report.Credentials, counts, wholeResult())
	}
	done, err := x.areas.ElectionBoard.Check(x.t.Context())
	if err != nil {
		x.t.Error(err)
	}
	x.t.Logf("portal verify: %d boxes, %d ballots", done.Boxes, done.Ballots)
}
