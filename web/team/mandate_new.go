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

// newPerson is the answer « une nouvelle personne » among the people found.
const newPerson = "nouvelle"

// designationView is what the page that gives a seat to somebody shows.
type designationView struct {
	Seat    governance.SeatPage
	Kind    governance.MandateKind
	Current *governance.MandateLine // replaced by the new mandate
	Search  string
	People  []governance.PersonMatch
	// Meanwhile: somebody else changed the holder since the form was shown.
	Meanwhile bool
	Key       string
}

// Chairs tells whether the designation gives the chair of a body: it is verified
// on a page of its own before it is done.
func (v designationView) Chairs() bool { return v.Seat.Kind.Chairs() && v.Kind == governance.Titular }

// Seen is the mandate the page shows as the one in course.
func (v designationView) Seen() governance.MandateID {
	if v.Current == nil {
		return 0
	}
	return v.Current.ID
}

func (v designationView) title() string {
	switch {
	case v.Current != nil && v.Kind == governance.Titular:
		return "Remplacer " + v.Current.Name()
	case v.Current != nil:
		return "Remplacer " + v.Current.Name() + ", suppléance"
	case v.Kind == governance.Alternate:
		return "Désigner un suppléant"
	}
	return "Désigner un titulaire"
}

func (v designationView) submit() string {
	switch {
	case v.Chairs():
		return "Vérifier avant d’enregistrer"
	case v.Meanwhile && v.Current != nil:
		return "Remplacer " + v.Current.Name() + " quand même"
	case v.Current != nil:
		return "Enregistrer le remplacement"
	}
	return "Enregistrer la désignation"
}

// designationHint is how each kind of seat is usually filled: what is proposed,
// and what is told under the field.
func designationHint(k governance.SeatKind) (usual, hint string) {
	switch k {
	case governance.President:
		return "élection par le conseil métropolitain", "Par exemple « élection par le conseil métropolitain »."
	case governance.Councillor:
		return "délégation de la Présidente", "Par exemple « délégation de la Présidente », « désignation par le conseil métropolitain »."
	case governance.Mayor:
		return "élection par le conseil municipal", "Par exemple « élection par le conseil municipal », « suppléance du maire empêché »."
	case governance.GNIRepresentative:
		return "élection par le collège", "Par exemple « élection par le collège », « remplacement par le suivant de liste »."
	}
	return "désignation par l’organisme", "Par exemple « désignation par l’organisme », « lettre de la direction »."
}

// designation prepares the view of a designation: seat, quality, people found.
func (p *Pages) designation(r *http.Request, kind governance.MandateKind, search string) (designationView, error) {
	s, err := p.seatOf(r)
	if err != nil {
		return designationView{}, err
	}
	v := designationView{Seat: s, Kind: kind, Current: s.Holder(kind), Search: search, Key: page.NewKey()}
	if search != "" {
		v.People, err = p.Governance.SearchPeople(r.Context(), page.Actor(r), search)
	}
	return v, err
}

func kindOf(word string) governance.MandateKind {
	if word == "suppleant" {
		return governance.Alternate
	}
	return governance.Titular
}

// ShowDesignation shows /equipe/sieges/{id}/mandats/nouveau.
func (p *Pages) ShowDesignation(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	v, err := p.designation(r, kindOf(q.Get("qualite")), q.Get("personne"))
	if err != nil {
		return err
	}
	f := form.New()
	usual, _ := designationHint(v.Seat.Kind)
	f.Set("designation", usual)
	f.Set("debut", french.NumericDate(v.Seat.Today))
	f.Set("invitation", "oui")
	if v.Seat.TermYears > 0 && v.Kind == governance.Titular {
		f.Set("echeance", french.NumericDate(v.Seat.Today.AddYears(v.Seat.TermYears)))
	}
	f.Set("personne", proposed(v.People))
	return p.showDesignation(w, r, v, f, nil)
}

func (p *Pages) showDesignation(w http.ResponseWriter, r *http.Request, v designationView, f *form.Form, refusal error) error {
	if problem.KindOf(refusal) == problem.Conflict {
		v.Meanwhile = true
	}
	c := chrome(v.title(), crumbSeats, ui.Crumb{Label: v.Seat.Label, Href: seatPath(v.Seat.ID)})
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), designationPage(p.Kit.FormChrome(r, c, f), v, f))
}

// designationInput is the form of a designation, read.
type designationInput struct {
	mandate governance.NewMandate
	search  string
	invite  bool
	sure    bool // verified on the page before
	again   bool // from the verification, back to the form
}

func readDesignation(f *form.Form) designationInput {
	in := designationInput{search: f.Line("recherche", "", page.MaxQuery)}
	m := &in.mandate
	m.Kind = kindOf(f.Choice("qualite", "Choisissez titulaire ou suppléant.", "titulaire", "suppleant"))
	m.Seen = governance.MandateID(f.ID("vu", ""))
	m.Person = readPerson(f)
	m.From = f.Date("debut", "Saisissez la date de début du mandat.")
	m.TermEndsOn = f.Date("echeance", "")
	m.Designation = f.Line("designation", "Dites comment la personne a été désignée, par exemple « élection par le conseil municipal ».", 200)
	m.Reference = f.Line("reference", "", 300)
	in.invite = f.Bool("invitation")
	in.sure = f.Bool("verifie")
	in.again = f.Choice("acte", "", "modifier") != ""
	m.ReplacesCurrent = m.Seen != 0
	return in
}

// Designate answers POST /equipe/sieges/{id}/mandats/nouveau.
func (p *Pages) Designate(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	in := readDesignation(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.designation(r, in.mandate.Kind, in.search)
	if err != nil {
		return err
	}
	in.mandate.Seat = v.Seat.ID
	if in.again {
		c := chrome(v.title(), crumbSeats, ui.Crumb{Label: v.Seat.Label, Href: seatPath(v.Seat.ID)})
		return p.Kit.Show(w, r, http.StatusOK, designationPage(p.Kit.Chrome(r, c), v, f))
	}
	if f.OK() && v.Chairs() && !in.sure && in.mandate.Seen == v.Seen() {
		return p.verifyChair(w, r, v, in, f)
	}
	var refusal error
	if f.OK() {
		done, err := p.designate(r, v, in)
		if err == nil {
			return p.Kit.Done(w, r, seatPath(v.Seat.ID), designated(v, in, done))
		}
		err = tooEarly(v, in, err)
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
		if v.Current != nil && in.mandate.Seen == 0 && f.Error("debut") != "" {
			// The seat was shown empty: somebody filled it meanwhile.
			refusal = problem.New(problem.Conflict, "")
		}
	}
	return p.showDesignation(w, r, v, f, refusal)
}

// tooEarly tells a date before the mandate in course from a seat that changed:
// when the form showed what is still so, the date is at fault.
func tooEarly(v designationView, in designationInput, err error) error {
	if problem.KindOf(err) != problem.Conflict || v.Current == nil || in.mandate.Seen != v.Seen() || in.mandate.From.After(v.Current.From) {
		return err
	}
	return problem.OnField("debut", "Le mandat "+french.De(v.Current.Name())+" commence le "+french.Date(v.Current.From)+
		" : le remplacement doit commencer après.")
}

func (p *Pages) designate(r *http.Request, v designationView, in designationInput) (governance.Started, error) {
	by, m := page.Actor(r), in.mandate
	if in.invite {
		invite, err := p.hasEmail(r, m.Person)
		if err != nil {
			return governance.Started{}, err
		}
		m.Invite = invite
	}
	if v.Chairs() && m.ReplacesCurrent {
		return p.Governance.ReplaceChair(r.Context(), by, m)
	}
	return p.Governance.StartMandate(r.Context(), by, m)
}

// designated says what happened and what follows.
func designated(v designationView, in designationInput, done governance.Started) string {
	s := done.Person.Name() + " occupe ce siège à partir du " + french.LongDate(in.mandate.From) + "."
	if v.Kind == governance.Alternate {
		s = done.Person.Name() + " supplée sur ce siège à partir du " + french.LongDate(in.mandate.From) + "."
	}
	if done.Replaced != "" {
		s += " Le mandat " + french.De(done.Replaced) + " finit ce jour-là."
	}
	if done.Promoted {
		s += " Sa suppléance finit ce jour-là."
	}
	if in.invite && done.Person.Email != "" {
		s += " Une invitation part à " + done.Person.Email + ", sauf si cette personne a déjà un compte."
	}
	return s
}

// verifyChair asks before the chair of a body changes hands.
func (p *Pages) verifyChair(w http.ResponseWriter, r *http.Request, v designationView, in designationInput, f *form.Form) error {
	name, err := p.nameOf(r, in.mandate.Person)
	if err != nil {
		return err
	}
	title := "Vérifiez avant d’enregistrer"
	c := p.Kit.Chrome(r, chrome(title, crumbSeats, ui.Crumb{Label: v.Seat.Label, Href: seatPath(v.Seat.ID)}))
	rows := []ui.SummaryRow{
		{Key: "Siège", Value: v.Seat.Label},
		{Key: "Nouvelle personne", Value: name},
		{Key: "À partir du", Value: french.Date(in.mandate.From)},
		{Key: "Désignation", Value: in.mandate.Designation},
	}
	warning := "Les droits de présidence s’ouvrent pour " + name + " le " + french.LongDate(in.mandate.From) + "."
	if v.Current != nil {
		rows = append(rows, ui.SummaryRow{Key: "Personne remplacée", Value: v.Current.Name()})
		warning = "Le mandat " + french.De(v.Current.Name()) + " finit ce jour-là et ses droits de présidence se ferment aussitôt. " + warning
	}
	return p.Kit.Show(w, r, http.StatusOK, chairPage(c, ui.ConfirmView{
		Lead: "La présidence d’une instance change de mains.", Rows: rows, Warning: warning,
		Action: newMandatePath(v.Seat.ID, v.Kind), Key: page.NewKey(), Hidden: hidden(f, "verifie", "oui"),
		Submit: "Enregistrer la nouvelle présidence", Cancel: seatPath(v.Seat.ID),
	}))
}
