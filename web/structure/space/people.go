package space

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// peopleView is the people of a structure, and one of them when the page is about one.
type peopleView struct {
	structure.SpacePeople
	ID     structure.ID
	Person structure.SpacePerson
	Key    string
}

// Manages tells whether the reader may change the people.
func (v peopleView) Manages() bool { return v.Right >= structure.Manager }

func personPath(p structure.SpacePerson) string { return peoplePath + "/" + page.IDText(p.Membership) }

// people reads the people of the structure acted for.
func (p *Pages) people(r *http.Request, needed structure.Right) (peopleView, error) {
	id, err := own(r)
	if err != nil {
		return peopleView{}, err
	}
	v := peopleView{ID: id, Key: page.NewKey()}
	v.SpacePeople, err = p.Structures.People(r.Context(), page.Actor(r), id)
	if err == nil && v.Right < needed {
		err = problem.New(problem.Forbidden, "Seules les personnes qui gèrent la structure peuvent faire cela.")
	}
	return v, err
}

// person reads one of the people, named in the address.
func (p *Pages) person(r *http.Request) (peopleView, error) {
	v, err := p.people(r, structure.Manager)
	if err != nil {
		return v, err
	}
	id, err := page.PathID[governance.MembershipID](r, "membre")
	if err != nil {
		return v, err
	}
	m := v.Member(id)
	if m == nil {
		return v, page.ErrNotFound
	}
	v.Person = *m
	return v, nil
}

// ShowPeople shows /ma-structure/personnes.
func (p *Pages) ShowPeople(w http.ResponseWriter, r *http.Request) error {
	v, err := p.people(r, structure.Member)
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, peoplePage(p.Kit.Chrome(r, chrome("Les personnes")), v))
}

// ShowNewPerson shows /ma-structure/personnes/nouvelle.
func (p *Pages) ShowNewPerson(w http.ResponseWriter, r *http.Request) error {
	v, err := p.people(r, structure.Manager)
	if err != nil {
		return err
	}
	return p.showNewPerson(w, r, v, form.New(), nil)
}

func (p *Pages) showNewPerson(w http.ResponseWriter, r *http.Request, v peopleView, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, chrome("Ajouter une personne", crumbPeople), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), newPersonPage(c, v, f))
}

// AddPerson answers POST /ma-structure/personnes/nouvelle.
func (p *Pages) AddPerson(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	in := structure.Contact{
		First:   f.Line("prenom", "Saisissez le prénom.", 80),
		Last:    f.Line("nom", "Saisissez le nom.", 80),
		Email:   f.Email("courriel", "Saisissez l’adresse électronique."),
		Title:   f.Line("fonction", "", 120),
		Manager: f.Bool("gestionnaire"),
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	id, err := own(r)
	if err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		err := p.Structures.AddPerson(r.Context(), page.Actor(r), id, in)
		if err == nil {
			return p.Kit.Done(w, r, peoplePath, french.Typo("La personne à l’adresse "+in.Email+" agit maintenant pour votre structure. Un message lui est envoyé."))
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	v, err := p.people(r, structure.Manager)
	if err != nil {
		return err
	}
	return p.showNewPerson(w, r, v, f, refusal)
}

// ShowRights shows /ma-structure/personnes/{membre}/droits.
func (p *Pages) ShowRights(w http.ResponseWriter, r *http.Request) error {
	v, err := p.person(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("droit", rightWord(v.Person.Manager))
	return p.showRights(w, r, v, f, nil)
}

// Answers to « Que peut faire cette personne ? ».
const (
	asManager = "gestion"
	asMember  = "participation"
)

func rightWord(manager bool) string {
	if manager {
		return asManager
	}
	return asMember
}

func (p *Pages) showRights(w http.ResponseWriter, r *http.Request, v peopleView, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, chrome("Les droits "+french.De(v.Person.Name), crumbPeople), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), rightsPage(c, v, f))
}

// SetRights answers POST /ma-structure/personnes/{membre}/droits.
func (p *Pages) SetRights(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	manager := f.Choice("droit", "Choisissez ce que la personne peut faire.", asManager, asMember) == asManager
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.person(r)
	if err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		err := p.Structures.SetManager(r.Context(), page.Actor(r), v.ID, v.Person.Membership, manager)
		if err == nil {
			message := v.Person.Name + " gère maintenant la fiche et les accès."
			if !manager {
				message = v.Person.Name + " agit pour la structure, sans gérer la fiche ni les accès."
			}
			return p.Kit.Done(w, r, peoplePath, message)
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	return p.showRights(w, r, v, f, refusal)
}

// ShowRemoval shows /ma-structure/personnes/{membre}/retrait.
func (p *Pages) ShowRemoval(w http.ResponseWriter, r *http.Request) error {
	v, err := p.person(r)
	if err != nil {
		return err
	}
	return p.showRemoval(w, r, v, form.New(), nil)
}

func (p *Pages) showRemoval(w http.ResponseWriter, r *http.Request, v peopleView, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, chrome("Retirer "+v.Person.Name, crumbPeople), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), removalPage(c, v, f))
}

// Remove answers POST /ma-structure/personnes/{membre}/retrait.
func (p *Pages) Remove(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.person(r)
	if err != nil {
		return err
	}
	err = p.Structures.RemovePerson(r.Context(), page.Actor(r), v.ID, v.Person.Membership)
	switch {
	case err == nil && v.Person.Person == page.Actor(r).Person:
		return p.Kit.Done(w, r, "/tableau-de-bord", french.Typo("Vous n’agissez plus pour « "+v.Name+" »."))
	case err == nil:
		return p.Kit.Done(w, r, peoplePath, v.Person.Name+" n’agit plus pour votre structure. Son accès est fermé.")
	case !page.Takes(f, err):
		return err
	}
	return p.showRemoval(w, r, v, f, err)
}

// handoverView is the change of the person in charge: a choice, then a check.
type handoverView struct {
	peopleView
	To *structure.SpacePerson // chosen, to check; nil: to choose
}

func (v handoverView) options() []ui.Option {
	var out []ui.Option
	for _, p := range v.Candidates() {
		out = append(out, ui.Option{Value: page.IDText(p.Membership), Label: p.Name, Hint: p.Title})
	}
	return out
}

// seen is the mandate the page shows as the one in course.
func (v handoverView) seen() governance.MandateID {
	if c := v.InCharge(); c != nil {
		return c.Mandate
	}
	return 0
}

// rows is what the check page says of the change.
func (v handoverView) rows() []ui.SummaryRow {
	rows := []ui.SummaryRow{{Key: "Nouvelle personne référente", Value: v.To.Name}}
	if c := v.InCharge(); c != nil {
		rows = append(rows, ui.SummaryRow{Key: "À la place de", Value: c.Name + ", qui continue à gérer la fiche et les accès"})
	}
	when := "Dès aujourd’hui, le " + french.LongDate(v.Today)
	if d := v.HandoverDay(); d != v.Today {
		when = "Le " + french.LongDate(d) + " : " + v.InCharge().Name + " n’est la personne référente que depuis aujourd’hui"
	}
	return append(rows, ui.SummaryRow{Key: "À partir de quand", Value: when})
}

// ShowHandover shows /ma-structure/personnes/referente.
func (p *Pages) ShowHandover(w http.ResponseWriter, r *http.Request) error {
	v, err := p.people(r, structure.Manager)
	if err != nil {
		return err
	}
	return p.showHandover(w, r, handoverView{peopleView: v}, form.New(), nil)
}

func (p *Pages) showHandover(w http.ResponseWriter, r *http.Request, v handoverView, f *form.Form, refusal error) error {
	title := "Changer de personne référente"
	if v.To != nil {
		title = "Vérifiez avant de changer de personne référente"
	}
	c := p.Kit.FormChrome(r, chrome(title, crumbPeople), f)
	status := page.RefusalStatus(f, refusal)
	if v.To != nil && refusal == nil {
		status = http.StatusOK // chosen, and to be checked
	}
	return p.Kit.Show(w, r, status, handoverPage(c, v, f))
}

// HandOver answers POST /ma-structure/personnes/referente: first the choice, which
// shows the page of check, then the confirmation.
func (p *Pages) HandOver(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	in := structure.Handover{
		Member: governance.MembershipID(f.ID("membre", "Choisissez la personne.")),
		Seen:   governance.MandateID(f.ID("mandat", "")),
	}
	confirmed := f.Bool("verifie")
	if err := f.Unknown(); err != nil {
		return err
	}
	people, err := p.people(r, structure.Manager)
	if err != nil {
		return err
	}
	v := handoverView{peopleView: people}
	var refusal error
	switch to := v.Member(in.Member); {
	case !f.OK():
	case to == nil:
		f.Fail("membre", "Choisissez une personne de la liste.")
	case !confirmed:
		v.To = to
	default:
		if refusal = p.Structures.HandOver(r.Context(), page.Actor(r), v.ID, in); refusal == nil {
			return p.Kit.Done(w, r, peoplePath, to.Name+" est la personne référente de votre structure à partir du "+french.LongDate(v.HandoverDay())+".")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showHandover(w, r, v, f, refusal)
}
