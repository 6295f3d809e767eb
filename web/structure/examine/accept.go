package examine

import (
	"net/http"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// acceptanceView is the page that checks an acceptance of several structures.
type acceptanceView struct {
	Enter []structure.Candidate // they still wait
	Stay  []structure.Candidate // they do not
	Form  *form.Form
	Key   string
}

// ShowAcceptance shows /equipe/structures/acceptation?structure=…: who would enter.
func (p *Pages) ShowAcceptance(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	ids, err := chosenIDs(q["structure"])
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("debut", french.NumericDate(day.Today()))
	return p.showAcceptance(w, r, ids, f, nil)
}

// chosenIDs reads the boxes that were ticked.
func chosenIDs(values []string) ([]structure.ID, error) {
	ids := make([]structure.ID, 0, len(values))
	for _, v := range values {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || n <= 0 {
			return nil, problem.New(problem.BadRequest, "Cette adresse n’a pas pu être lue.")
		}
		ids = append(ids, structure.ID(n))
	}
	return ids, nil
}

func (p *Pages) showAcceptance(w http.ResponseWriter, r *http.Request, ids []structure.ID, f *form.Form, refusal error) error {
	v := acceptanceView{Form: f, Key: page.NewKey()}
	list, err := p.Structures.Candidates(r.Context(), page.Actor(r), ids)
	status := page.RefusalStatus(f, refusal)
	switch {
	case len(ids) == 0: // the page says where to choose
	case problem.KindOf(err) == problem.Invalid:
		status = http.StatusUnprocessableEntity
		f.Fail("", "Choisissez "+french.Count(structure.MaxAccepted, "structure", "structures")+" au plus à la fois.")
	case err != nil:
		return err
	}
	for _, c := range list {
		if c.State == structure.Submitted {
			v.Enter = append(v.Enter, c)
		} else {
			v.Stay = append(v.Stay, c)
		}
	}
	title := "Accepter plusieurs structures"
	if len(v.Enter) > 0 {
		title = "Accepter " + french.Count(len(v.Enter), "structure", "structures")
	}
	c := chrome(title, crumbRegister)
	return p.Kit.Show(w, r, status, acceptancePage(p.Kit.FormChrome(r, c, f), v))
}

// AcceptMany answers POST /equipe/structures/acceptation.
func (p *Pages) AcceptMany(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	f.Raw("structure")
	on := f.Date("debut", "Saisissez la date d’entrée dans le GNI.")
	if err := f.Unknown(); err != nil {
		return err
	}
	ids, err := chosenIDs(f.Values("structure"))
	if err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		done, err := p.Structures.AcceptMany(r.Context(), page.Actor(r), ids, on)
		if err == nil {
			return p.Kit.Done(w, r, registerPath, acceptedWords(done))
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	return p.showAcceptance(w, r, ids, f, refusal)
}

// acceptedWords says what became of each.
func acceptedWords(done structure.AcceptedMany) string {
	n := len(done.Accepted)
	s := "Aucune structure n’a été acceptée."
	if n > 0 {
		s = french.Count(n, "structure rejoint", "structures rejoignent") + " le GNI. Un message part à chaque personne référente."
	}
	for _, c := range done.Left {
		s += " " + leftAlone(c)
	}
	return french.Typo(s)
}

// leftAlone says why a structure was not accepted with the others.
func leftAlone(c structure.Candidate) string {
	s := "« " + c.Name + " » n’attend plus de décision : " + c.State.Label()
	if c.Last != "" {
		s += " (" + c.Last + ")"
	}
	return s + "."
}


func invitedRows(c structure.Candidate) []ui.SummaryRow {
	return []ui.SummaryRow{
		{Key: "Commune", Value: c.Commune}, {Key: "Collège", Value: c.College.Label()},
		{Key: "Invitations", Value: french.List(c.Invited)},
	}
}
