package team

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
)

// newOrganisationPath is the address of the form that adds an organisation.
const newOrganisationPath = organisationsPath + "/nouvelle"

// ShowNewOrganisation shows /equipe/organisations/nouvelle: a partner, or with
// ?type=etat a service of the State.
func (p *Pages) ShowNewOrganisation(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("designation", "désignation par l’organisme")
	f.Set("invitation", "oui")
	return p.showNewOrganisation(w, r, q.Get("type") == "etat", f, nil)
}

func (p *Pages) showNewOrganisation(w http.ResponseWriter, r *http.Request, state bool, f *form.Form, refusal error) error {
	if state {
		c := chrome("Ajouter un service de l’État", crumbOrganisations)
		return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), newStatePage(p.Kit.FormChrome(r, c, f), f, page.NewKey()))
	}
	c := chrome("Ajouter un partenaire", crumbOrganisations)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), newPartnerPage(p.Kit.FormChrome(r, c, f), f, page.NewKey()))
}

// AddOrganisation answers POST /equipe/organisations/nouvelle.
func (p *Pages) AddOrganisation(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	state := f.Choice("type", "Choisissez le type d’organisation.", "partenaire", "etat") == "etat"
	if state {
		return p.addState(w, r, f)
	}
	in := readPartner(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	if f.OK() {
		done, err := p.Governance.AddPartner(r.Context(), page.Actor(r), in)
		if err == nil {
			return p.Kit.Done(w, r, organisationPath(done.Organisation), joined(in, done))
		}
		if !page.Takes(f, err) {
			return err
		}
	}
	return p.showNewOrganisation(w, r, false, f, nil)
}

func readPartner(f *form.Form) governance.NewPartner {
	in := governance.NewPartner{
		Name:        f.Line("nom_organisation", "Saisissez le nom du partenaire.", 200),
		Category:    f.Line("categorie", "", 100),
		From:        f.Date("debut", "Saisissez la date d’entrée du partenaire."),
		Titular:     readPrefixed(f, "titulaire_"),
		Alternate:   readPrefixed(f, "suppleant_"),
		Designation: f.Line("designation", "Dites comment les personnes ont été désignées.", 200),
		Reference:   f.Line("reference", "", 300),
	}
	// Whoever has no address is not invited: each person has their own answer, so
	// an invitation is asked only when all those named can receive one.
	in.Invite = f.Bool("invitation") && invitable(in.Titular) && invitable(in.Alternate)
	if in.Alternate != nil && in.Titular == nil {
		f.Fail("titulaire_prenom", "Désignez d’abord un titulaire : un suppléant ne siège pas seul.")
	}
	return in
}

func invitable(in *governance.PersonInput) bool { return in == nil || in.Email != "" }

// readPrefixed reads somebody new whose three fields may be left empty together.
func readPrefixed(f *form.Form, prefix string) *governance.PersonInput {
	in := governance.PersonInput{First: f.Line(prefix+"prenom", "", 80), Last: f.Line(prefix+"nom", "", 80),
		Email: f.Email(prefix+"courriel", "")}
	switch {
	case in == governance.PersonInput{}:
		return nil
	case in.First == "":
		f.Fail(prefix+"prenom", "Saisissez le prénom, ou videz les trois cases.")
	case in.Last == "":
		f.Fail(prefix+"nom", "Saisissez le nom, ou videz les trois cases.")
	}
	return &in
}

// joined says what happened and what follows.
func joined(in governance.NewPartner, done governance.Joined) string {
	s := in.Name + " rejoint le groupe des partenaires institutionnels et le CMTIN à partir du " + french.LongDate(in.From) + "."
	switch {
	case len(done.People) == 0:
		s += " Son siège est à pourvoir."
	case in.Invite:
		s += " Une invitation part à chaque personne qui n’a pas encore de compte."
	}
	return s
}

func (p *Pages) addState(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	name := f.Line("nom_organisation", "Saisissez le nom du service.", 200)
	category := f.Line("categorie", "", 100)
	if err := f.Unknown(); err != nil {
		return err
	}
	if f.OK() {
		id, err := p.Governance.AddStateService(r.Context(), page.Actor(r), name, category)
		if err == nil {
			return p.Kit.Done(w, r, organisationPath(id), name+" est enregistré. Ajoutez maintenant la personne qui le représente.")
		}
		if !page.Takes(f, err) {
			return err
		}
	}
	return p.showNewOrganisation(w, r, true, f, nil)
}

// organisationOf loads the organisation of the address.
func (p *Pages) organisationOf(r *http.Request) (governance.OrganisationPage, error) {
	id, err := page.PathID[access.OrganisationID](r, "id")
	if err != nil {
		return governance.OrganisationPage{}, err
	}
	return p.Governance.OrganisationPage(r.Context(), page.Actor(r), id)
}
