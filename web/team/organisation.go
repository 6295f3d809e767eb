package team

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// organisationView is what the pages about one organisation show.
type organisationView struct {
	Organisation governance.OrganisationPage
	Meanwhile    bool
	Versions     []ui.Version
	Key          string
}

// Renamable tells whether the name may be corrected here: a commune's is official,
// a structure's is on its sheet in the register.
func (v organisationView) Renamable() bool {
	return v.Organisation.Kind != governance.CommuneOrganisation && !v.Registered()
}

// Registered tells whether the organisation has a sheet in the register of
// structures, where it is renamed and leaves.
func (v organisationView) Registered() bool { return v.Organisation.Kind == governance.LocalStructure }

// HasPeople tells whether people may be added here: the team's are accounts.
func (v organisationView) HasPeople() bool {
	return v.Organisation.Kind != governance.MetropoleOrganisation
}

// Leaves tells whether the organisation may leave its body.
func (v organisationView) Leaves() bool {
	if v.Organisation.Kind != governance.PartnerOrganisation {
		return false
	}
	s := v.Organisation.OpenSeat()
	return s != nil && s.Until.IsZero()
}

func (p *Pages) organisation(r *http.Request) (organisationView, error) {
	o, err := p.organisationOf(r)
	return organisationView{Organisation: o, Key: page.NewKey()}, err
}

// ShowOrganisation shows /equipe/organisations/{id}.
func (p *Pages) ShowOrganisation(w http.ResponseWriter, r *http.Request) error {
	v, err := p.organisation(r)
	if err != nil {
		return err
	}
	c := chrome(v.Organisation.Name, crumbOrganisations)
	return p.Kit.Show(w, r, http.StatusOK, organisationPage(p.Kit.Chrome(r, c), v))
}

func crumbOrganisation(v organisationView) ui.Crumb {
	return ui.Crumb{Label: v.Organisation.Name, Href: organisationPath(v.Organisation.ID)}
}

// ShowRename shows /equipe/organisations/{id}/correction.
func (p *Pages) ShowRename(w http.ResponseWriter, r *http.Request) error {
	v, err := p.organisation(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("nom_organisation", v.Organisation.Name)
	f.Set("categorie", v.Organisation.Category)
	return p.showRename(w, r, v, f, nil)
}

func (p *Pages) showRename(w http.ResponseWriter, r *http.Request, v organisationView, f *form.Form, refusal error) error {
	if problem.KindOf(refusal) == problem.Conflict {
		v.Meanwhile = true
		v.Versions = []ui.Version{{Label: "Nom", Theirs: v.Organisation.Name, Yours: f.Value("nom_organisation")}, {Label: "Catégorie", Theirs: v.Organisation.Category, Yours: f.Value("categorie")}}
	}
	c := chrome("Corriger le nom ou la catégorie", crumbOrganisations, crumbOrganisation(v))
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), renamePage(p.Kit.FormChrome(r, c, f), v, f))
}

// Rename answers POST /equipe/organisations/{id}/correction.
func (p *Pages) Rename(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	in := governance.OrganisationName{
		Version:  f.Int("version", "", 0, 1<<30),
		Name:     f.Line("nom_organisation", "Saisissez le nom de l’organisation.", 200),
		Category: f.Line("categorie", "", 100),
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.organisation(r)
	if err != nil {
		return err
	}
	in.ID = v.Organisation.ID
	var refusal error
	if f.OK() {
		err := p.Governance.RenameOrganisation(r.Context(), page.Actor(r), in)
		if err == nil {
			return p.Kit.Done(w, r, organisationPath(in.ID), "La correction est enregistrée : l’organisation s’appelle « "+in.Name+" », partout.")
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	return p.showRename(w, r, v, f, refusal)
}

// ShowLeave shows /equipe/organisations/{id}/depart.
func (p *Pages) ShowLeave(w http.ResponseWriter, r *http.Request) error {
	v, err := p.organisation(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("fin", french.NumericDate(v.Organisation.Today))
	return p.showLeave(w, r, v, f, nil)
}

func (p *Pages) showLeave(w http.ResponseWriter, r *http.Request, v organisationView, f *form.Form, refusal error) error {
	v.Meanwhile = problem.KindOf(refusal) == problem.Conflict
	c := chrome(french.Capital(v.Organisation.Name)+" quitte le groupe des partenaires", crumbOrganisations, crumbOrganisation(v))
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), leavePage(p.Kit.FormChrome(r, c, f), v, f))
}

// Leave answers POST /equipe/organisations/{id}/depart.
func (p *Pages) Leave(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	in := governance.Departure{
		Version: f.Int("version", "", 0, 1<<30),
		On:      f.Date("fin", "Saisissez la date de départ."),
		Reason:  f.Text("motif", "", 300),
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.organisation(r)
	if err != nil {
		return err
	}
	in.Organisation = v.Organisation.ID
	var refusal error
	if f.OK() {
		err := p.Governance.PartnerLeaves(r.Context(), page.Actor(r), in)
		if err == nil {
			return p.Kit.Done(w, r, organisationPath(in.Organisation), v.Organisation.Name+" quitte le groupe des partenaires"+
				" le "+french.LongDate(in.On)+". Son siège ferme et ses mandats finissent ce jour-là.")
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	return p.showLeave(w, r, v, f, refusal)
}
