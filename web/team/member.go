package team

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// memberView is what the pages about the people of an organisation show.
type memberView struct {
	organisationView
	Member governance.Member // of the page that ends
	Search string
	People []governance.PersonMatch
}

func newMemberPath(id access.OrganisationID) string {
	return organisationPath(id) + "/personnes/nouvelle"
}

func memberEndPath(id access.OrganisationID, m governance.MembershipID) string {
	return organisationPath(id) + "/personnes/" + page.IDText(m) + "/fin"
}

func (p *Pages) newMember(r *http.Request, search string) (memberView, error) {
	o, err := p.organisation(r)
	v := memberView{organisationView: o, Search: search}
	if err == nil && search != "" {
		v.People, err = p.Governance.SearchPeople(r.Context(), page.Actor(r), search)
	}
	return v, err
}

// ShowNewMember shows /equipe/organisations/{id}/personnes/nouvelle.
func (p *Pages) ShowNewMember(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	v, err := p.newMember(r, q.Get("personne"))
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("debut", french.NumericDate(v.Organisation.Today))
	f.Set("invitation", "oui")
	f.Set("personne", proposed(v.People))
	return p.showNewMember(w, r, v, f, nil)
}

func (p *Pages) showNewMember(w http.ResponseWriter, r *http.Request, v memberView, f *form.Form, refusal error) error {
	c := chrome("Ajouter une personne", crumbOrganisations, crumbOrganisation(v.organisationView))
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), newMemberPage(p.Kit.FormChrome(r, c, f), v, f))
}

// AddMember answers POST /equipe/organisations/{id}/personnes/nouvelle.
func (p *Pages) AddMember(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	search := f.Line("recherche", "", page.MaxQuery)
	in := governance.NewMembership{
		Person:  readPerson(f),
		Title:   f.Line("fonction", "", 120),
		Manager: f.Bool("gestionnaire"),
		From:    f.Date("debut", "Saisissez la date de début."),
	}
	invite := f.Bool("invitation")
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.newMember(r, search)
	if err != nil {
		return err
	}
	in.Organisation = v.Organisation.ID
	if f.OK() {
		if invite {
			if in.Invite, err = p.hasEmail(r, in.Person); err != nil {
				return err
			}
		}
		name, err := p.nameOf(r, in.Person)
		if err == nil {
			_, err = p.Governance.AddMembership(r.Context(), page.Actor(r), in)
		}
		if err == nil {
			message := name + " agit pour " + v.Organisation.Name + " à partir du " + french.LongDate(in.From) + "."
			if in.Invite {
				message += " Une invitation part, sauf si cette personne a déjà un compte."
			}
			return p.Kit.Done(w, r, organisationPath(in.Organisation), message)
		}
		if problem.KindOf(err) == problem.NotFound {
			err = problem.OnField("personne", "Choisissez une personne de la liste.")
		}
		if !page.Takes(f, err) {
			return err
		}
	}
	return p.showNewMember(w, r, v, f, nil)
}

func (p *Pages) member(r *http.Request) (memberView, error) {
	o, err := p.organisation(r)
	if err != nil {
		return memberView{}, err
	}
	id, err := page.PathID[governance.MembershipID](r, "membre")
	if err != nil {
		return memberView{}, err
	}
	for _, m := range o.Organisation.Members {
		if m.ID == id {
			return memberView{organisationView: o, Member: m}, nil
		}
	}
	return memberView{}, page.ErrNotFound
}

// ShowMemberEnd shows /equipe/organisations/{id}/personnes/{membre}/fin.
func (p *Pages) ShowMemberEnd(w http.ResponseWriter, r *http.Request) error {
	v, err := p.member(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("fin", french.NumericDate(v.Organisation.Today))
	return p.showMemberEnd(w, r, v, f, nil)
}

func (p *Pages) showMemberEnd(w http.ResponseWriter, r *http.Request, v memberView, f *form.Form, refusal error) error {
	v.Meanwhile = problem.KindOf(refusal) == problem.Conflict
	c := chrome("Départ "+french.De(v.Member.Name()), crumbOrganisations, crumbOrganisation(v.organisationView))
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), memberEndPage(p.Kit.FormChrome(r, c, f), v, f))
}

// EndMember answers POST /equipe/organisations/{id}/personnes/{membre}/fin.
func (p *Pages) EndMember(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	number := f.Int("version", "", 0, 1<<30)
	on := f.Date("fin", "Saisissez la date de fin.")
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.member(r)
	if err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		err := p.Governance.EndMembership(r.Context(), page.Actor(r), v.Member.ID, number, on)
		if err == nil {
			return p.Kit.Done(w, r, organisationPath(v.Organisation.ID), v.Member.Name()+" n’agit plus pour "+v.Organisation.Name+
				" à partir du "+french.LongDate(on)+". Son accès au nom de l’organisation se ferme ce jour-là.")
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	return p.showMemberEnd(w, r, v, f, refusal)
}

func memberTitle(m governance.Member) string {
	s := m.Title
	if m.Manager {
		if s != "" {
			s += ", "
		}
		s += "gère les accès"
	}
	return orNone(s)
}

func memberEmail(m governance.Member) string {
	switch {
	case m.Email == "":
		return "aucune adresse connue"
	case m.HasAccount:
		return m.Email
	}
	return m.Email + " (pas encore de compte)"
}

func memberPeriod(m governance.Member) string {
	s := "depuis le " + french.ShortDate(m.From)
	if !m.Until.IsZero() {
		s = "du " + french.ShortDate(m.From) + " au " + french.ShortDate(m.Until)
	}
	return s
}

// sheetPath is the page of a structure in the register of the GNI.
func sheetPath(id access.OrganisationID) string { return "/equipe/structures/" + page.IDText(id) }

// organisationRows are the facts of an organisation.
func organisationRows(v organisationView) []ui.SummaryRow {
	o := v.Organisation
	rows := []ui.SummaryRow{{Key: "Nom", Value: o.Name}}
	if v.Renamable() {
		rows[0].ActionHref, rows[0].ActionLabel, rows[0].ActionHidden = organisationPath(o.ID)+"/correction", "Corriger", "le nom ou la catégorie"
	}
	if v.Registered() {
		rows[0].ActionHref, rows[0].ActionLabel, rows[0].ActionHidden = sheetPath(o.ID), "Ouvrir", "sa fiche au registre des structures"
	}
	rows = append(rows, ui.SummaryRow{Key: "Type", Value: o.Kind.Label()})
	if o.Category != "" && o.Category != o.Kind.Label() {
		rows = append(rows, ui.SummaryRow{Key: "Catégorie", Value: o.Category})
	}
	if o.INSEE != "" {
		rows = append(rows, ui.SummaryRow{Key: "Code INSEE", Value: o.INSEE})
	}
	return rows
}

// seatLife says since when, and until when, a seat is open.
func seatLife(s governance.OrganisationSeat) string {
	if s.Until.IsZero() {
		return "depuis le " + french.ShortDate(s.From)
	}
	return "du " + french.ShortDate(s.From) + " au " + french.ShortDate(s.Until)
}
