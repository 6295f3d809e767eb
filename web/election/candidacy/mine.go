package candidacy

import (
	"net/http"
	"strings"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/candidacy"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/photo"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// What a photo may weigh when it is sent, and the greatest side of what is kept.
const (
	maxPhoto = 12 << 20
	// MaxBody is what the form of a candidacy may weigh.
	MaxBody   = maxPhoto + 256<<10
	photoSide = 480
)

// mineView is a page of a structure about its candidacy.
type mineView struct {
	candidacy.Mine
	Key       string
	Contact   string
	Versions  []ui.Version
	PhotoLost bool   // a file was chosen, and must be chosen again
	Seen      string // version of the draft that the form shows
	Base      string
}

// ShowMine shows /elections/{id}/ma-candidature.
func (p *Pages) ShowMine(w http.ResponseWriter, r *http.Request) error {
	m, err := p.mine(r)
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, minePage(p.Kit.Chrome(r, chrome(m.Election, "La candidature de votre structure")), mineView{Mine: m, Contact: p.Contact, Key: page.NewKey()}))
}

func (p *Pages) mine(r *http.Request) (candidacy.Mine, error) {
	id, err := electionID(r)
	if err != nil {
		return candidacy.Mine{}, err
	}
	return p.Service.Mine(r.Context(), page.Actor(r), id)
}

// filled is the form as the draft has it, or the candidacy that is to be changed.
func filled(m candidacy.Mine) *form.Form {
	f := form.New()
	fill(f, theirs(m))
	return f
}

func fill(f *form.Form, c candidacy.Content) {
	for prefix, p := range map[string]candidacy.Person{"titulaire_": c.Titular, "suppleant_": c.Alternate} {
		f.Set(prefix+"prenom", p.First)
		f.Set(prefix+"nom", p.Last)
		f.Set(prefix+"fonction", p.Function)
		f.Set(prefix+"courriel", p.Email)
		f.Set(prefix+"genre", p.Gender)
	}
	f.Set("profession", c.Statement)
	f.Set("photo_texte", c.PhotoAlt)
	if c.Consent {
		f.Set("consentement", "oui")
	}
}

// ShowForm shows /elections/{id}/ma-candidature/saisie.
func (p *Pages) ShowForm(w http.ResponseWriter, r *http.Request) error {
	m, err := p.mine(r)
	if err != nil {
		return err
	}
	return p.showForm(w, r, mineView{Mine: m}, filled(m), nil)
}

func (p *Pages) showForm(w http.ResponseWriter, r *http.Request, v mineView, f *form.Form, refusal error) error {
	v.Key, v.Contact = page.NewKey(), p.Contact
	v.Seen, v.Base = "0", page.IDText(v.Version())
	if v.Draft != nil {
		v.Seen = page.IDText(v.Draft.Version)
	}
	if len(v.Versions) == 0 && f.Submitted() { // what the person was reading
		v.Seen, v.Base = f.Value("version"), f.Value("base")
	}
	if len(v.Versions) == 0 && !f.Submitted() && v.Stale() && v.Candidacy != nil {
		v.Versions = versions(v.Candidacy.Content, f)
	}
	c := chrome(v.Election, "Votre candidature", ui.Crumb{Label: "La candidature de votre structure", Href: ownPath(v.Election.ID)})
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), formPage(p.Kit.FormChrome(r, c, f), v, f))
}

// read reads what was typed. Nothing is missing from a draft.
func read(f *form.Form) candidacy.Content {
	person := func(prefix string) candidacy.Person {
		return candidacy.Person{First: f.Line(prefix+"prenom", "", candidacy.MaxName), Last: f.Line(prefix+"nom", "", candidacy.MaxName),
			Function: f.Line(prefix+"fonction", "", candidacy.MaxFunction), Email: f.Email(prefix+"courriel", ""), Gender: f.Choice(prefix+"genre", "", "f", "m", "x")}
	}
	return candidacy.Content{Titular: person("titulaire_"), Alternate: person("suppleant_"),
		Statement: f.Text("profession", "", candidacy.MaxStatement), PhotoAlt: f.Line("photo_texte", "", candidacy.MaxAlt), Consent: f.Bool("consentement")}
}

// Save answers POST /elections/{id}/ma-candidature/saisie: it keeps the draft, and leads
// to the check page unless it is only to be kept.
func (p *Pages) Save(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	m, err := p.mine(r)
	if err != nil {
		return err
	}
	in := candidacy.Saving{Content: read(f), DropPhoto: f.Bool("photo_retiree"), Version: f.Int("version", "", 0, 1<<30), Base: f.Int("base", "", 0, 1<<30)}
	f.Raw("photo") // empty when the browser has no file to send
	only := f.Choice("acte", "", "brouillon") != ""
	if err := f.Unknown(); err != nil {
		return err
	}
	chosen, refusal := attach(r, f, &in)
	if refusal != nil && !page.Takes(f, refusal) {
		return refusal
	}
	has := in.Photo != nil || !in.DropPhoto && hasPhoto(m)
	if !only && !f.Review() { // everything at once, with what could not be read
		for _, wrong := range in.Content.Check(m.Election.Rules, has) {
			page.Takes(f, wrong)
		}
	}
	if f.OK() {
		if _, refusal = p.Service.SaveDraft(r.Context(), page.Actor(r), m.Election.ID, in); refusal == nil {
			if only {
				return p.Kit.Done(w, r, ownPath(m.Election.ID)+"/saisie", "Le brouillon est gardé. Il n’est pas encore envoyé.")
			}
			return p.Kit.Done(w, r, ownPath(m.Election.ID)+"/verification", "")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	v := mineView{Mine: m, PhotoLost: chosen}
	if refusal == election.ErrStale {
		if v.Mine, err = p.mine(r); err != nil {
			return err
		}
		v.Versions = versions(theirs(v.Mine), f)
	}
	return p.showForm(w, r, v, f, refusal)
}

func hasPhoto(m candidacy.Mine) bool {
	if m.Draft != nil {
		return m.Draft.HasPhoto
	}
	return m.Candidacy != nil && m.Candidacy.HasPhoto
}

// theirs is what the structure has now: the draft, or what it sent.
func theirs(m candidacy.Mine) candidacy.Content {
	switch {
	case m.Draft != nil:
		return m.Draft.Content
	case m.Candidacy != nil:
		return m.Candidacy.Content
	}
	return candidacy.Content{}
}

// attach reads the photo of the form once the rest is right.
func attach(r *http.Request, f *form.Form, in *candidacy.Saving) (chosen bool, err error) {
	if r.MultipartForm == nil {
		return false, nil
	}
	heads := r.MultipartForm.File["photo"]
	if len(r.MultipartForm.File) > 1 || len(r.MultipartForm.File) == 1 && heads == nil || len(heads) > 1 {
		return false, problem.New(problem.BadRequest, "Votre envoi contient un champ que cette page ne connaît pas.")
	}
	if len(heads) == 0 || heads[0].Filename == "" && heads[0].Size == 0 {
		return false, nil
	}
	if heads[0].Size > maxPhoto {
		return true, problem.OnField("photo", "Cette photo dépasse 12 Mo : choisissez-en une plus légère.")
	}
	if !f.OK() {
		return true, nil
	}
	file, err := heads[0].Open()
	if err != nil {
		return true, err
	}
	defer func() { _ = file.Close() }() // it was only read
	in.Photo, err = photo.Clean(r.Context(), file, photoSide)
	return true, err
}

// versions sets what a colleague saved beside what was typed.
func versions(theirs candidacy.Content, f *form.Form) []ui.Version {
	var out []ui.Version
	for _, x := range []struct {
		prefix, who string
		p           candidacy.Person
	}{{"titulaire_", "Titulaire", theirs.Titular}, {"suppleant_", "Suppléant", theirs.Alternate}} {
		out = append(out,
			ui.Version{Label: x.who + ", nom", Theirs: x.p.Name(), Yours: strings.TrimSpace(f.Value(x.prefix+"prenom") + " " + f.Value(x.prefix+"nom"))},
			ui.Version{Label: x.who + ", fonction", Theirs: x.p.Function, Yours: f.Value(x.prefix + "fonction")},
			ui.Version{Label: x.who + ", adresse", Theirs: x.p.Email, Yours: f.Value(x.prefix + "courriel")})
	}
	return append(out, ui.Version{Label: "Profession de foi", Theirs: theirs.Statement, Yours: f.Value("profession")})
}

// ShowCheck shows /elections/{id}/ma-candidature/verification.
func (p *Pages) ShowCheck(w http.ResponseWriter, r *http.Request) error {
	m, err := p.mine(r)
	if err != nil {
		return err
	}
	if m.Draft == nil || !m.Manager {
		return p.Kit.Done(w, r, ownPath(m.Election.ID), "")
	}
	return p.showCheck(w, r, m, form.New(), nil)
}

func (p *Pages) showCheck(w http.ResponseWriter, r *http.Request, m candidacy.Mine, f *form.Form, refusal error) error {
	v := mineView{Mine: m, Key: page.NewKey(), Contact: p.Contact, Seen: "0"}
	if m.Draft != nil {
		v.Seen = page.IDText(m.Draft.Version)
	}
	c := chrome(m.Election, "Vérifiez votre candidature", ui.Crumb{Label: "La candidature de votre structure", Href: ownPath(m.Election.ID)})
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), checkPage(p.Kit.FormChrome(r, c, f), v, f))
}

// Submit answers POST /elections/{id}/ma-candidature/verification.
func (p *Pages) Submit(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := electionID(r)
	if err != nil {
		return err
	}
	draft := f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Service.Submit(r.Context(), page.Actor(r), id, draft); refusal == nil {
			return p.Kit.Done(w, r, ownPath(id), "Votre candidature est envoyée. Un accusé de réception part aux personnes qu’elle nomme.")
		}
	}
	m, err := p.Service.Mine(r.Context(), page.Actor(r), id)
	switch {
	case err != nil:
		return err
	case refusal != nil && problem.KindOf(refusal) == problem.Invalid && m.Draft != nil: // a field of the form, which is on the page before
		back := form.New()
		fill(back, m.Draft.Content)
		page.Takes(back, refusal)
		return p.showFailed(w, r, mineView{Mine: m}, back)
	case refusal != nil && !page.Takes(f, refusal):
		return refusal
	case m.Draft == nil:
		return p.Kit.Done(w, r, ownPath(id), "Cette candidature est déjà envoyée, ou son brouillon a été effacé.")
	}
	return p.showCheck(w, r, m, f, refusal)
}

// showFailed shows the form again with what is wrong in the draft.
func (p *Pages) showFailed(w http.ResponseWriter, r *http.Request, v mineView, f *form.Form) error {
	v.Key, v.Contact, v.Seen, v.Base = page.NewKey(), p.Contact, page.IDText(v.Draft.Version), page.IDText(v.Version())
	c := chrome(v.Election, "Votre candidature", ui.Crumb{Label: "La candidature de votre structure", Href: ownPath(v.Election.ID)})
	return p.Kit.Show(w, r, http.StatusUnprocessableEntity, formPage(p.Kit.FormChrome(r, c, f), v, f))
}

// Drop answers POST /elections/{id}/ma-candidature/brouillon: it forgets the draft.
func (p *Pages) Drop(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := electionID(r)
	if err != nil {
		return err
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	if f.OK() {
		if err := p.Service.DropDraft(r.Context(), page.Actor(r), id); err != nil {
			return err
		}
		return p.Kit.Done(w, r, ownPath(id), "Le brouillon est effacé.")
	}
	return p.ShowMine(w, r)
}

// ShowWithdrawal shows /elections/{id}/ma-candidature/retrait.
func (p *Pages) ShowWithdrawal(w http.ResponseWriter, r *http.Request) error {
	m, err := p.mine(r)
	if err != nil {
		return err
	}
	return p.showWithdrawal(w, r, m, form.New(), nil)
}

func (p *Pages) showWithdrawal(w http.ResponseWriter, r *http.Request, m candidacy.Mine, f *form.Form, refusal error) error {
	if m.Candidacy == nil || !m.Manager {
		return page.ErrNotFound
	}
	c := chrome(m.Election, "Retirer la candidature", ui.Crumb{Label: "La candidature de votre structure", Href: ownPath(m.Election.ID)})
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), withdrawalPage(p.Kit.FormChrome(r, c, f), mineView{Mine: m, Key: page.NewKey(), Contact: p.Contact}, f))
}

// Withdraw answers POST /elections/{id}/ma-candidature/retrait.
func (p *Pages) Withdraw(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := electionID(r)
	if err != nil {
		return err
	}
	version := f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if _, refusal = p.Service.Withdraw(r.Context(), page.Actor(r), id, version); refusal == nil {
			return p.Kit.Done(w, r, ownPath(id), "La candidature est retirée.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	m, err := p.Service.Mine(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	if m.Candidacy == nil {
		return p.Kit.Done(w, r, ownPath(id), "La candidature est déjà retirée.")
	}
	return p.showWithdrawal(w, r, m, f, refusal)
}

// state says where the candidacy stands, in one sentence.
func (v mineView) state() string {
	e := v.Election
	switch {
	case v.Candidacy != nil:
		return ""
	case v.Roll == nil && e.Phase.Reached(election.Roll):
		return "Votre structure n’est pas sur la liste électorale : elle ne peut pas se porter candidate."
	case v.Seats == 0 && v.Roll != nil:
		return "Aucun siège n’est à pourvoir dans le collège de votre structure."
	case e.Standing():
		return "Votre structure n’a pas déposé de candidature."
	case e.CandidaciesFrom != nil && e.Now.Before(*e.CandidaciesFrom):
		return "Le dépôt des candidatures ouvre le " + french.DateTime(*e.CandidaciesFrom) + "."
	case e.CandidaciesUntil != nil && !e.Now.Before(*e.CandidaciesUntil):
		return "Le dépôt des candidatures est clos depuis le " + french.DateTime(*e.CandidaciesUntil) + " : votre structure n’a pas de candidature."
	}
	return "Le dépôt des candidatures n’est pas encore ouvert."
}

func rows(c candidacy.Content, r election.Rules) []ui.SummaryRow {
	out := []ui.SummaryRow{}
	person := func(who string, p candidacy.Person, gender bool) {
		out = append(out, ui.SummaryRow{Key: who, Value: withFunction(p.Name(), p.Function)}, ui.SummaryRow{Key: who + ", adresse (non publiée)", Value: p.Email})
		if gender {
			out = append(out, ui.SummaryRow{Key: who + ", genre (non publié)", Value: candidacy.GenderLabel(p.Gender)})
		}
	}
	person("Titulaire", c.Titular, candidacy.NeedsGender(r))
	if !c.Alternate.Empty() {
		person("Suppléant", c.Alternate, r.Gender == "pair")
	}
	return out
}
