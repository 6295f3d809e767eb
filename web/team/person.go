package team

import (
	"net/http"
	"net/url"
	"strings"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// personView is what the page that corrects a person shows.
type personView struct {
	Person   governance.PersonRecord
	Back     string // the page one came from, in the team's screens
	Versions []ui.Version
	Key      string
}

// personPath is the address of a person's correction, which leads back after.
func personPath(id access.PersonID, back string) string {
	return "/equipe/personnes/" + page.IDText(id) + "?retour=" + url.QueryEscape(back)
}

// backTo accepts a page of the team and nothing else: never another site.
func backTo(path string) string {
	if strings.HasPrefix(path, "/equipe/") && !strings.ContainsAny(path, "\\\r\n\t") && !strings.Contains(path, "//") {
		return path
	}
	return seatsPath
}

func (p *Pages) person(r *http.Request, back string) (personView, error) {
	id, err := page.PathID[access.PersonID](r, "id")
	if err != nil {
		return personView{}, err
	}
	person, err := p.Governance.Person(r.Context(), page.Actor(r), id)
	return personView{Person: person, Back: backTo(back), Key: page.NewKey()}, err
}

// ShowPerson shows /equipe/personnes/{id}: the correction of a name or address.
func (p *Pages) ShowPerson(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	v, err := p.person(r, q.Get("retour"))
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("prenom", v.Person.First)
	f.Set("nom", v.Person.Last)
	f.Set("courriel", v.Person.Email)
	return p.showPerson(w, r, v, f, nil)
}

func (p *Pages) showPerson(w http.ResponseWriter, r *http.Request, v personView, f *form.Form, refusal error) error {
	if problem.KindOf(refusal) == problem.Conflict {
		v.Versions = []ui.Version{{Label: "Prénom", Theirs: v.Person.First, Yours: f.Value("prenom")}, {Label: "Nom", Theirs: v.Person.Last, Yours: f.Value("nom")},
			{Label: "Adresse électronique", Theirs: v.Person.Email, Yours: f.Value("courriel")}}
	}
	c := chrome("Corriger "+v.Person.First+" "+v.Person.Last, crumbSeats)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), personPage(p.Kit.FormChrome(r, c, f), v, f))
}

// CorrectPerson answers POST /equipe/personnes/{id}.
func (p *Pages) CorrectPerson(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	back := f.Line("retour", "", page.MaxQuery)
	in := governance.PersonRecord{
		Version: f.Int("version", "", 0, 1<<30),
		First:   f.Line("prenom", "Saisissez le prénom.", 80),
		Last:    f.Line("nom", "Saisissez le nom.", 80),
		Email:   f.Email("courriel", ""),
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.person(r, back)
	if err != nil {
		return err
	}
	in.ID = v.Person.ID
	var refusal error
	if f.OK() {
		err := p.Governance.CorrectPerson(r.Context(), page.Actor(r), in)
		if err == nil {
			return p.Kit.Done(w, r, v.Back, "La correction est enregistrée : "+in.First+" "+in.Last+" apparaît ainsi partout.")
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	return p.showPerson(w, r, v, f, refusal)
}
