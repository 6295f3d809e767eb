package edition

import (
	"net/http"
	"slices"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/edition"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	rm "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// formView is what the form of a proposal shows.
type formView struct {
	edition.Frame
	ID       roadmap.ID // 0: a new one
	Version  int
	Versions []ui.Version
	Key      string
}

func (v formView) action() string {
	if v.ID == 0 {
		return rm.ProposePath
	}
	return ownPath(v.ID) + "/modification"
}

func bodyOptions(codes []governance.BodyCode) []ui.Option {
	var out []ui.Option
	for _, c := range codes {
		out = append(out, ui.Option{Value: string(c), Label: c.Label()})
	}
	return out
}

func organisationOptions(all []edition.Organisation) []ui.Option {
	var out []ui.Option
	for _, o := range all {
		out = append(out, ui.Option{Value: page.IDText(o.ID), Label: french.Typo(o.Name), Group: o.Kind.Label()})
	}
	return out
}

// ShowPropose shows /feuille-de-route/proposer.
func (p *Pages) ShowPropose(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Editions.Frame(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	f := form.New()
	if len(v.Bodies) == 1 {
		f.Set("instance", string(v.Bodies[0]))
	}
	if org := page.Actor(r).Acting.Organisation; org != 0 {
		f.Set("pilote", page.IDText(org))
	}
	return p.showForm(w, r, "Proposer une action", formView{Frame: v}, f, nil)
}

func (p *Pages) showForm(w http.ResponseWriter, r *http.Request, title string, v formView, f *form.Form, refusal error) error {
	v.Key = page.NewKey()
	crumbs := []ui.Crumb{crumbRoadmap, crumbMine}
	c := p.Kit.FormChrome(r, ui.Chrome{Title: title, Section: section, Crumbs: crumbs}, f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), proposePage(c, v, f))
}

// Propose answers POST /feuille-de-route/proposer.
func (p *Pages) Propose(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	in := readIdea(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		var id roadmap.ID
		if id, refusal = p.Editions.Propose(r.Context(), page.Actor(r), in); refusal == nil {
			return p.Kit.Done(w, r, ownPath(id), "Votre proposition est reçue. Cette page vous dira ce qu’elle devient.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	v, err := p.Editions.Frame(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	return p.showForm(w, r, "Proposer une action", formView{Frame: v}, f, refusal)
}

func ids[T ~int64](f *form.Form, name string) []T {
	var out []T
	f.Raw(name)
	for _, s := range f.Values(name) {
		n, err := strconv.ParseInt(s, 10, 64)
		if s == "" {
			continue
		}
		if err != nil || n <= 0 || len(out) > 500 {
			f.Fail(name, "Choisissez parmi les réponses proposées.")
			return nil
		}
		if !slices.Contains(out, T(n)) {
			out = append(out, T(n))
		}
	}
	return out
}

func readIdea(f *form.Form) edition.Idea {
	var words []string
	for _, c := range governance.BodyCodes {
		words = append(words, string(c))
	}
	in := edition.Idea{
		Axis:      roadmap.AxisID(f.ID("axe", "Choisissez un axe.")),
		Title:     f.Line("titre", "Donnez un titre à l’action.", 200),
		Objective: f.Text("objectif", "Dites ce que l’action doit changer, en une phrase simple.", 2000),
		Body:      governance.BodyCode(f.Choice("instance", "Choisissez l’instance au nom de laquelle vous proposez.", words...)),
		Pilot:     roadmap.OrganisationID(f.ID("pilote", "")),
	}
	in.AllCommunes = f.Choice("territoire", "Dites si l’action concerne toutes les communes.", "toutes", "certaines") == "toutes"
	in.Communes = ids[roadmap.OrganisationID](f, "communes")
	in.Starts, in.Ends = f.Date("debut", ""), f.Date("fin", "")
	if s := f.Line("cout", "", 40); s != "" {
		c, err := roadmap.ParseCents(s)
		if err != nil {
			f.Fail("cout", "Saisissez un montant, par exemple 12"+french.Narrow+"000,50"+french.Narrow+"€.")
		}
		in.Cost = c
	}
	in.CostYear = f.Int("annee", "", 2020, 2100)
	in.Partners = ids[roadmap.OrganisationID](f, "partenaires")
	in.Version = f.Int("version", "", 0, 1<<30)
	return in
}

// ShowMine shows /feuille-de-route/propositions.
func (p *Pages) ShowMine(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	all, paging, err := p.Editions.Mine(r.Context(), page.Actor(r), page.Number(q))
	if err != nil {
		return err
	}
	c := ui.Chrome{Title: crumbMine.Label, Section: section, Crumbs: []ui.Crumb{crumbRoadmap}}
	return p.Kit.Show(w, r, http.StatusOK, minePage(p.Kit.Chrome(r, c), all, page.Pager(paging, minePath, len(all), "proposition", "propositions")))
}

func (p *Pages) own(r *http.Request) (edition.Own, error) {
	id, err := page.PathID[roadmap.ID](r, "id")
	if err != nil {
		return edition.Own{}, err
	}
	return p.Editions.Own(r.Context(), page.Actor(r), id)
}

// ShowOwn shows /feuille-de-route/propositions/{id}.
func (p *Pages) ShowOwn(w http.ResponseWriter, r *http.Request) error {
	v, err := p.own(r)
	if err != nil {
		return err
	}
	c := ui.Chrome{Title: v.Whole.Title, Section: section, Crumbs: []ui.Crumb{crumbRoadmap, crumbMine}}
	return p.Kit.Show(w, r, http.StatusOK, ownPage(p.Kit.Chrome(r, c), v))
}

// ShowChange shows /feuille-de-route/propositions/{id}/modification.
func (p *Pages) ShowChange(w http.ResponseWriter, r *http.Request) error {
	v, err := p.own(r)
	if err != nil {
		return err
	}
	if !v.Mine.Open() {
		return problem.New(problem.Conflict, "Cette proposition est examinée : elle ne change plus.")
	}
	f := form.New()
	fill(f, v.Whole)
	return p.showForm(w, r, "Modifier ma proposition", formView{Frame: v.Frame, ID: v.Whole.ID, Version: v.Whole.Version}, f, nil)
}

func fill(f *form.Form, w roadmap.Whole) {
	for name, value := range map[string]string{"axe": page.IDText(w.AxisID), "titre": w.Title, "objectif": w.Objective, "instance": string(w.ProposedBy),
		"territoire": "certaines", "debut": dateField(w.StartsOn), "fin": dateField(w.EndsOn)} {
		f.Set(name, value)
	}
	if w.PilotID != 0 {
		f.Set("pilote", page.IDText(w.PilotID))
	}
	if w.AllCommunes {
		f.Set("territoire", "toutes")
	} else {
		f.Set("communes", partyIDs(w.Communes)...)
	}
	f.Set("partenaires", partyIDs(w.Partners)...)
	if len(w.Budget) > 0 {
		f.Set("cout", w.Budget[0].Planned.Plain())
		f.Set("annee", strconv.Itoa(w.Budget[0].Year))
	}
}

func partyIDs(all []roadmap.Party) []string {
	out := make([]string, len(all))
	for i, p := range all {
		out[i] = page.IDText(p.ID)
	}
	return out
}

func dateField(d day.Day) string {
	if d.IsZero() {
		return ""
	}
	return french.NumericDate(d)
}

// Change answers POST /feuille-de-route/propositions/{id}/modification.
func (p *Pages) Change(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.own(r)
	if err != nil {
		return err
	}
	in := readIdea(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	shown := formView{Frame: v.Frame, ID: v.Whole.ID, Version: v.Whole.Version}
	var refusal error
	if f.OK() {
		if refusal = p.Editions.Change(r.Context(), page.Actor(r), v.Whole.ID, in); refusal == nil {
			return p.Kit.Done(w, r, ownPath(v.Whole.ID), "Votre proposition est modifiée.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
		if problem.KindOf(refusal) == problem.Conflict {
			a := v.Whole
			shown.Versions = []ui.Version{{Label: "Titre", Theirs: a.Title, Yours: in.Title}, {Label: "Objectif", Theirs: a.Objective, Yours: in.Objective},
				{Label: "Début", Theirs: dateField(a.StartsOn), Yours: dateField(in.Starts)}, {Label: "Fin", Theirs: dateField(a.EndsOn), Yours: dateField(in.Ends)}}
		}
	}
	return p.showForm(w, r, "Modifier ma proposition", shown, f, refusal)
}

// ShowWithdraw shows /feuille-de-route/propositions/{id}/retrait.
func (p *Pages) ShowWithdraw(w http.ResponseWriter, r *http.Request) error {
	v, err := p.own(r)
	if err != nil {
		return err
	}
	return p.showWithdraw(w, r, v, form.New(), nil)
}

func (p *Pages) showWithdraw(w http.ResponseWriter, r *http.Request, v edition.Own, f *form.Form, refusal error) error {
	c := ui.Chrome{Title: "Retirer ma proposition", Section: section, Crumbs: []ui.Crumb{crumbRoadmap, crumbMine, {Label: v.Whole.Title, Href: ownPath(v.Whole.ID)}}}
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), withdrawPage(p.Kit.FormChrome(r, c, f), v, page.NewKey(), f))
}

// Withdraw answers POST /feuille-de-route/propositions/{id}/retrait.
func (p *Pages) Withdraw(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.own(r)
	if err != nil {
		return err
	}
	version, reason := f.Int("version", "", 0, 1<<30), f.Text("motif", "", 500)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Editions.Withdraw(r.Context(), page.Actor(r), v.Whole.ID, version, reason); refusal == nil {
			return p.Kit.Done(w, r, minePath, "Votre proposition est retirée.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showWithdraw(w, r, v, f, refusal)
}
