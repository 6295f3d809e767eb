package voting

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/account"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/voting"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
)

// Vote is POST /elections/{id}/vote: a ballot that the browser encrypted, or choices to
// read again, or choices and a code for the server to encrypt. The receipt is the
// answer: sent again, the same ballot has the same one, and its tracker is in no
// address.
func (p *Pages) Vote(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[election.ID](r, "id")
	if err != nil {
		return err
	}
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.Service.Ballot(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	return p.receive(w, r, p.mine(v, f))
}

// sent is what came with a ballot.
type sent struct {
	step    string // relire, voter; "" with a script
	ballot  string // encrypted, "" when choices came in clear
	server  bool   // encrypted by the server, now or at an earlier sending
	code    string
	choices [][]int
}

func (b ballot) read() (sent, error) {
	f := b.Form
	in := sent{step: f.Raw("etape"), ballot: f.Raw("bulletin"), server: f.Raw("chiffrement") == "serveur", code: f.Secret("code", "")}
	for i := range max(len(b.Questions), 2) { // those of a page shown before a change of boxes, too
		f.Raw(choiceField(i))
	}
	for i, q := range b.Questions {
		in.choices = append(in.choices, q.Cells(b.chosen(i)))
	}
	f.Raw("acte")
	f.Raw("structure")
	f.Raw("identite")
	return in, f.Unknown()
}

// checkChoices puts on each question what is wrong with what was ticked. The words are
// those of vote.js.
func (b ballot) checkChoices() {
	for i, q := range b.Questions {
		n, blank := 0, false
		for _, v := range slices.Compact(slices.Sorted(slices.Values(b.Form.Values(choiceField(i))))) {
			cell, err := strconv.Atoi(v)
			if err != nil || cell < 0 || cell > len(q.Candidates) {
				b.Form.Fail(choiceField(i), "Choisissez parmi les noms de la liste.")
			}
			blank = blank || cell == 0
			n++
		}
		switch {
		case n == 0:
			b.Form.Fail(choiceField(i), "Choisissez au moins une personne, ou le vote blanc.")
		case blank && n > 1:
			b.Form.Fail(choiceField(i), french.Typo("Vous avez coché des noms et le vote blanc : gardez l’un ou l’autre."))
		case n > q.Max:
			b.Form.Fail(choiceField(i), fmt.Sprintf("Vous avez choisi %s. Gardez-en %d au plus.", people(n), q.Max))
		}
	}
}

// receive does what was asked with a ballot.
func (p *Pages) receive(w http.ResponseWriter, r *http.Request, b ballot) error {
	in, err := b.read()
	if err != nil {
		return err
	}
	if in.ballot != "" {
		via := voting.Browser
		if in.server {
			via = voting.Server
		}
		return p.cast(w, r, b, []byte(in.ballot), via)
	}
	if b.Questions == nil {
		return p.showBefore(w, r, b, p.refusal(b))
	}
	if b.checkChoices(); len(b.Form.Errors()) > 0 {
		return p.showBallot(w, r, b, http.StatusUnprocessableEntity)
	}
	if in.step != "voter" && !in.server {
		if !b.MayVote() {
			return p.showBefore(w, r, b, p.refusal(b))
		}
		return p.showRecap(w, r, b, http.StatusOK)
	}
	raw, err := p.Service.Encrypt(r.Context(), page.Actor(r), b.Election.ID, b.Structure, in.code, in.choices)
	if err != nil {
		return p.refuse(w, r, b, err, false)
	}
	return p.cast(w, r, b, raw, voting.Server)
}

// refusal is why the structure may not vote now, told before anything is encrypted.
func (p *Pages) refusal(b ballot) error {
	e := b.Election
	switch {
	case e.Phase.Reached(election.Closed) || e.ClosesAt != nil && !e.Now.Before(*e.ClosesAt):
		return voting.ErrClosed
	case !e.Voting():
		return voting.ErrNotYet
	case !b.OnRoll():
		return voting.ErrNotOnRoll
	case b.Voted:
		return voting.AlreadyVoted{}
	}
	return voting.ErrNoBox
}

// cast offers a ballot to its box and shows the receipt.
func (p *Pages) cast(w http.ResponseWriter, r *http.Request, b ballot, raw []byte, via voting.Via) error {
	var got voting.Receipt
	var err error
	if b.Desk {
		got, err = p.Service.CastAtDesk(r.Context(), page.Actor(r), b.Election.ID, b.Structure, raw)
	} else {
		got, err = p.Service.Cast(r.Context(), page.Actor(r), b.Election.ID, raw, via)
	}
	switch {
	case postgres.IsUnavailable(err):
		// Received or not, nobody knows: the page holds the ballot, encrypted, and the
		// same bytes sent again have the same receipt.
		b.Form.Set("bulletin", string(raw))
		page.LogFailure(r, http.StatusServiceUnavailable, err)
		w.Header().Set("Retry-After", "5")
		c := chrome(b.Election, "Envoyez de nouveau votre bulletin")
		return p.Kit.Show(w, r, http.StatusServiceUnavailable, againPage(p.Kit.Chrome(r, c), b, again(b, raw, via)))
	case err != nil:
		return p.refuse(w, r, b, err, via == voting.Browser)
	}
	link := p.BaseURL + findPath(b.Election.ID) + "?numero=" + url.QueryEscape(got.Tracker)
	qr, err := account.QRCode(link)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	title := "Votre vote est enregistré"
	if got.Already {
		title = "Votre bulletin était déjà reçu"
	}
	return p.Kit.Show(w, r, http.StatusOK, receiptPage(p.Kit.Chrome(r, chrome(b.Election, title)), b, receipt{got, qr, via}))
}

// refuse shows why a ballot was not taken. Ticked in clear, choices come back with the
// code to type again; encrypted, they are lost, and the page says so.
func (p *Pages) refuse(w http.ResponseWriter, r *http.Request, b ballot, err error, encrypted bool) error {
	refusal, ok := problemOf(err)
	switch {
	case !ok || refusal.Kind == problem.Forbidden && b.OnRoll() || refusal.Kind == problem.NotFound:
		return err
	case refusal.Field == "code" && !encrypted && b.MayVote():
		page.Takes(b.Form, err)
		return p.showRecap(w, r, b, http.StatusUnprocessableEntity)
	case refusal.Field == "code" && b.MayVote():
		b.Form.Fail("", french.Typo(refusal.Message+" Vos choix étaient chiffrés, personne ne peut les relire : faites-les de nouveau."))
		return p.showBallot(w, r, b, http.StatusUnprocessableEntity)
	}
	return p.showBefore(w, r, b, err)
}

// Expired answers who sends a ballot when their session is over. Nothing is kept on our
// side: what was sent stays in the page, which sends it again once they have signed in.
// The code is not in it.
func (p *Pages) Expired(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	signIn := "/connexion?suite=" + url.QueryEscape(r.URL.Path)
	fields := carried(f)
	if fields == nil {
		http.Redirect(w, r, signIn, http.StatusSeeOther)
		return nil
	}
	w.Header().Set("Cache-Control", "no-store")
	c := p.Kit.Chrome(r, chromeOf("Votre session est terminée"))
	return p.Kit.Show(w, r, http.StatusForbidden, expiredPage(c, r.URL.Path, signIn, fields))
}

// mostCarried bounds what the page of a lost session carries.
const mostCarried = 400

// carried are the fields to send again: the encrypted ballot, or what was ticked, and
// the structure at a desk; nil when there is no ballot.
func carried(f *form.Form) []field {
	var out []field
	found := false
	for name, values := range f.All() {
		ticked := strings.HasPrefix(name, "choix_")
		if !ticked && !slices.Contains([]string{"bulletin", "chiffrement", "acte", "structure", "identite"}, name) {
			continue
		}
		for _, v := range values {
			if v == "" || len(out) >= mostCarried || ticked && len(v) > 4 {
				continue
			}
			found = found || ticked || name == "bulletin"
			out = append(out, field{Name: name, Value: v})
		}
	}
	if !found {
		return nil
	}
	slices.SortStableFunc(out, func(a, b field) int { return strings.Compare(a.Name, b.Name) })
	if f.Value("bulletin") == "" { // asked to be encrypted or not, it is read again
		out = slices.DeleteFunc(out, func(x field) bool { return x.Name == "chiffrement" })
		out = append(out, field{Name: "etape", Value: "relire"})
	}
	return out
}
