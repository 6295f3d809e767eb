package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/web/browsertest"
)

// A vote on a phone, with script and without: what is tapped and typed is counted, by
// ux.md's figures (2.6 and 5): at most four pages and ten taps, and two minutes at one
// tap in two seconds and one sign of a code a second, once signed in.
func TestJourneyVote(t *testing.T) {
	inTwoWays(t, func(t *testing.T, o browsertest.Options) {
		s := newSite(t)
		w := electiontest.On(t, s.pool, election.Open, 3)
		box, voter := w.Boxes()[0], w.Voters[0]
		// The public files of the box, for a portal that has no page of the box.
		file := fmt.Sprintf("/elections/%d/urne/%d/election.json", w.ID, box.ID)
		s.Server.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == file {
				rw.Header().Set("Content-Type", "application/json")
				_, _ = rw.Write(box.Raw)
				return
			}
			s.portal.ServeHTTP(rw, r)
		})
		w.Exec(`UPDATE account SET (password_hash, password_changed_at) = (SELECT password_hash, password_changed_at FROM account WHERE email = 'structure-002@example.org') WHERE id = $1`, voter.Member.Account)
		o.Width, o.Height = 360, 740
		u := &thumb{visitor: s.open(t, o)}
		u.sit(s.signIn(t, voter.Member.Email))
		vote := fmt.Sprintf("/elections/%d/vote", w.ID)

		sound := func() { // axe-core needs script
			t.Helper()
			if !o.NoScript {
				browsertest.NoViolation(t, u.Axe())
			}
		}
		u.at(vote)
		u.fits("what to know before voting")
		sound()
		u.opens("Ouvrir le bulletin")
		u.fits("the ballot")
		sound()
		for _, n := range []string{"1", "3"} {
			u.picks("Candidate Exemple" + n)
		}
		via := "browser"
		if o.NoScript {
			via = "server"
			u.reads("Sans JavaScript, c’est le serveur qui chiffre votre bulletin.")
			u.presses("Vérifier mon bulletin")
		} else {
			until(t, "the counter", func() bool { return u.shows("2 personnes sur 3") })
			u.taps++
			u.mark("button", "button", "Vérifier mon bulletin", "e => e")
			u.Click(found)
			until(t, "the recap", func() bool { return u.shows("Vérifiez et votez") })
		}
		u.reads("Candidate Exemple1", "Candidate Exemple3")
		u.readsNot("Candidate Exemple2")
		u.fits("the recap")
		u.says("Code de vote", strings.ToLower(voter.Code[:4])+"-"+"faux")
		u.mark("button", "button", "Voter définitivement", "e => e")
		if o.NoScript {
			u.Submit(found)
		} else {
			u.Click(found)
		}
		until(t, "the mistyped code", func() bool { return u.shows("Ce code est mal recopié") })
		u.letters = 0
		u.says("Code de vote", voter.Code)
		u.presses("Voter définitivement")
		u.reads("Votre vote est enregistré", "Votre numéro de suivi")
		u.readsNot("Candidate")
		u.fits("the receipt")
		sound()
		if got := electiontest.Value[string](w, `SELECT via FROM ballot_index WHERE box_id = $1`, box.ID); got != via {
			t.Errorf("counted as %s, wanted %s", got, via)
		}
		if seconds := 2*u.taps + u.letters; u.taps > 10 || seconds > 120 {
			t.Errorf("%d taps and %d signs, about %d s", u.taps, u.letters, seconds)
		} else {
			t.Logf("%d taps and %d signs", u.taps, u.letters)
		}
		u.opens("Vérifier mon bulletin")
		u.reads("Présent")
		u.fits("the search of a tracker")
		sound()
	})
}
