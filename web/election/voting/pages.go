// Package voting is the journey of who votes: what to know before, the ballot, the
// receipt; the search of a tracker; and the assisted desk of a meeting. Nothing of what
// is sent here is kept anywhere but in the page that answers: no address, no message,
// no session holds a choice, a code or a tracker of somebody.
package voting

import (
	"errors"
	"net/http"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/voting"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
	elections "bordeaux-metropole.fr/portal/web/election"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// MaxBody is what a ballot may weigh once it is in a form.
const MaxBody = 1 << 20

// Pages are the handlers.
type Pages struct {
	Kit     *page.Kit
	Service *voting.Service
	BaseURL string // of the portal, for the code to scan on a receipt
	Contact string // whom to call
}

func votePath(id election.ID) string { return elections.Address(id) + "/vote" }
func findPath(id election.ID) string { return elections.Address(id) + "/verifier" }
func deskPath(id election.ID) string { return elections.Desk(id) + "/bureau-de-vote" }

// ballot is a ballot being made: by whom, what was sent, where it goes.
type ballot struct {
	voting.View
	Form    *form.Form
	Action  string // where it is posted
	Contact string
	Hidden  []ui.HiddenField // of the desk
	Desk    bool
}

// chosen are the numbers ticked for a question.
func (b ballot) chosen(q int) []int {
	var out []int
	for _, v := range b.Form.Values(choiceField(q)) {
		if n, err := strconv.Atoi(v); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// names are the words of what was ticked for a question.
func (b ballot) names(q int) []string {
	var out []string
	for _, n := range b.chosen(q) {
		if n == 0 {
			out = append(out, "Vote blanc")
		} else if n <= len(b.Questions[q].Candidates) {
			out = append(out, b.Questions[q].Candidates[n-1].Answer())
		}
	}
	return out
}

func choiceField(q int) string { return "choix_" + strconv.Itoa(q) }

// optionID is the id of a box; the first of a question bears the name of the field, so
// that the error summary leads to it.
func optionID(q, cell int) string {
	if cell == 1 {
		return choiceField(q)
	}
	return choiceField(q) + "_" + strconv.Itoa(cell)
}

// people counts names on a ballot.
func people(n int) string { return french.Count(n, "personne", "personnes") }

// chrome is that of the pages of an election.
func chrome(e election.Election, title string) ui.Chrome {
	return ui.Chrome{Title: title, Section: "Élections", Style: "vote.css",
		Crumbs: []ui.Crumb{{Label: "Élections", Href: "/elections"}, {Label: e.Title, Href: elections.Address(e.ID)}}}
}

// ShowVote is GET /elections/{id}/vote: what to know, then the ballot.
func (p *Pages) ShowVote(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[election.ID](r, "id")
	if err != nil {
		return err
	}
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	v, err := p.Service.Ballot(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	b := p.mine(v, form.New())
	if q.Get("etape") == "bulletin" && v.MayVote() {
		return p.showBallot(w, r, b, http.StatusOK)
	}
	return p.showBefore(w, r, b, nil)
}

// mine is the ballot of the structure signed in.
func (p *Pages) mine(v voting.View, f *form.Form) ballot {
	return ballot{View: v, Form: f, Action: votePath(v.Election.ID), Contact: p.Contact}
}

// showBefore is the page before the ballot, or what stops a ballot that was sent.
func (p *Pages) showBefore(w http.ResponseWriter, r *http.Request, b ballot, refusal error) error {
	status := http.StatusOK
	if refusal != nil {
		status = page.StatusOf(refusal)
	}
	title := "Voter pour les représentants du GNI"
	if b.Voted {
		title = "Votre structure a voté"
	}
	return p.Kit.Show(w, r, status, beforePage(p.Kit.Chrome(r, chrome(b.Election, title)), b, refusalOf(refusal)))
}

// stop is what a page says of a ballot that was refused.
type stop struct {
	Message string
	Tracker string // of the ballot that counts, for who has its code
}

func refusalOf(err error) *stop {
	if err == nil {
		return nil
	}
	s := &stop{}
	if p, ok := errors.AsType[*problem.Error](err); ok {
		s.Message = french.Typo(p.Message)
	}
	if a, ok := errors.AsType[voting.AlreadyVoted](err); ok {
		s.Tracker = a.Tracker
	}
	return s
}

// showBallot is the ballot, with what was ticked.
func (p *Pages) showBallot(w http.ResponseWriter, r *http.Request, b ballot, status int) error {
	c := chrome(b.Election, "Votre bulletin")
	c.Script = "vote.js"
	return p.Kit.Show(w, r, status, ballotPage(p.Kit.FormChrome(r, c, b.Form), b))
}

// showRecap is what a voter without script reads again before the code.
func (p *Pages) showRecap(w http.ResponseWriter, r *http.Request, b ballot, status int) error {
	return p.Kit.Show(w, r, status, recapPage(p.Kit.FormChrome(r, chrome(b.Election, "Vérifiez et votez"), b.Form), b))
}

// ShowFind is GET /elections/{id}/verifier: is a ballot in the box?
func (p *Pages) ShowFind(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[election.ID](r, "id")
	if err != nil {
		return err
	}
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	f, asked := form.New(), ""
	if q.Has("numero") { // a tracker in the address: no page that is read next is told
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("Cache-Control", "no-store")
		f.Set("numero", q.Get("numero"))
		f.Raw("numero")
		if asked, err = voting.CleanTracker(q.Get("numero")); err != nil && !page.Takes(f, err) {
			return err
		}
	}
	found, err := p.Service.Find(r.Context(), page.Actor(r), id, asked)
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, page.FilterStatus(f), findPage(p.Kit.FormChrome(r, chrome(found.Election, "Vérifier mon bulletin"), f), found, f))
}
