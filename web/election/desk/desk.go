package desk

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/french"
	web "bordeaux-metropole.fr/portal/web/election"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Desk shows /equipe/elections/{id}.
func (p *Pages) Desk(w http.ResponseWriter, r *http.Request) error {
	v, err := p.load(r)
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, deskPage(p.Kit.Chrome(r, teamChrome(v.Election, "")), v))
}

// state is the tag of a line of the desk.
func state(done bool, todo string) (ui.Kind, string) {
	if done {
		return ui.OK, "Fait"
	}
	return ui.Warn, todo
}

// checklist is what the team has to do or to look at, at this phase.
func checklist(v election.Page) []ui.Task {
	e, f, here := v.Election, v.Facts, web.Desk(v.Election.ID)
	var out []ui.Task
	add := func(when bool, label, path, hint string, done bool, todo string) {
		if when {
			kind, status := state(done, todo)
			out = append(out, ui.Task{Label: label, Href: here + path, Hint: french.Typo(hint), Kind: kind, Status: status})
		}
	}
	draft, cancelled := e.Phase == election.Draft, e.Phase == election.Cancelled
	d := e.Dates()
	dated := true
	for _, x := range election.DateFields {
		dated = dated && *d.Of(x.Name) != nil
	}
	add(draft, "Les règles", "/reglement", "Chaque point a une réponse par défaut et sa raison.", true, "")
	add(!cancelled && !e.Phase.Reached(election.Sealed), "Les dates", "/dates", votingWords(e), dated, "À fixer")
	add(draft, "Publier le règlement", "/publication", "Il est figé avec son empreinte, et les structures sont averties.", false, "À faire")
	add(!cancelled && !e.Phase.Reached(election.Closed), "Les tirages au sort", "/tirages", "De quoi l’ordre des candidatures est tiré ; ce qui départage une égalité.", e.OrderSeed != "" && e.TieSource != "", "À nommer")
	add(!cancelled && !e.Phase.Reached(election.Counted), "La grille de risque de la CNIL", "/risque", "Son résultat et sa date vont au procès-verbal.", v.Risk != nil, "À remplir")
	add(e.Phase.Reached(election.Published) && !e.Phase.Reached(election.Destroyed), "La liste électorale", "/liste",
		french.Count(f.OnRoll, "structure", "structures")+", "+french.Count(f.Claims, "réclamation à traiter", "réclamations à traiter"), e.Phase.Reached(election.Sealed), "À suivre")
	add(e.Phase.Reached(election.Candidacies) && !e.Phase.Reached(election.Destroyed), "Les candidatures", "/candidatures",
		french.Count(f.Accepted, "acceptée", "acceptées")+", "+french.Count(f.ToExamine, "à examiner", "à examiner"), e.Phase.Reached(election.Sealed), "À suivre")
	add(e.Phase.Reached(election.Sealed) && !e.Phase.Reached(election.Destroyed), "La cérémonie des clés", "/ceremonie",
		french.Number(f.Keys)+" clés publiques sur "+french.Number(e.Rules.Trustees), e.Phase.Reached(election.Ready), "À faire")
	add(e.Phase == election.Open, "Le poste de vote d’une réunion du GNI", "/bureau-de-vote", "Pour une structure sans équipement.", false, "Ouvert")
	add(e.Phase.Reached(election.Closed) && !e.Phase.Reached(election.Destroyed), "Le dépouillement", "/depouillement",
		french.Number(f.Partials)+" déchiffrements partiels sur "+french.Number(f.PartialsDue()), e.Phase.Reached(election.Counted), "À suivre")
	add(e.Phase.Reached(election.Proclaimed), "Les suites : sièges, suivants de liste, élection complémentaire", "/suites", "", e.Phase.Reached(election.Destroyed), "À suivre")
	return out
}

// ShowPublication shows /equipe/elections/{id}/publication.
func (p *Pages) ShowPublication(w http.ResponseWriter, r *http.Request) error {
	v, err := p.load(r)
	if err != nil {
		return err
	}
	return p.showPublication(w, r, v, form.New(), nil)
}

func (p *Pages) showPublication(w http.ResponseWriter, r *http.Request, v election.Page, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, teamChrome(v.Election, "Publier le règlement"), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), publicationPage(c, sheetOf(v, f, nil)))
}

// Publish answers POST /equipe/elections/{id}/publication.
func (p *Pages) Publish(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.load(r)
	if err != nil {
		return err
	}
	seen := version(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		var told int
		if told, refusal = p.Elections.Publish(r.Context(), page.Actor(r), v.Election.ID, seen); refusal == nil {
			return p.Kit.Done(w, r, web.Desk(v.Election.ID), "Le règlement est publié. "+french.Capital(french.Count(told, "personne est avertie", "personnes sont averties"))+".")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showPublication(w, r, v, f, refusal)
}

// ShowCancel shows /equipe/elections/{id}/abandon.
func (p *Pages) ShowCancel(w http.ResponseWriter, r *http.Request) error {
	v, err := p.load(r)
	if err != nil {
		return err
	}
	return p.showCancel(w, r, v, form.New(), nil)
}

func (p *Pages) showCancel(w http.ResponseWriter, r *http.Request, v election.Page, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, teamChrome(v.Election, "Abandonner l’élection"), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), cancelPage(c, sheetOf(v, f, nil)))
}

// Cancel answers POST /equipe/elections/{id}/abandon.
func (p *Pages) Cancel(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.load(r)
	if err != nil {
		return err
	}
	reason, seen := f.Text("motif", "Dites pourquoi, en une ou deux phrases.", 500), version(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Elections.Cancel(r.Context(), page.Actor(r), v.Election.ID, seen, reason); refusal == nil {
			return p.Kit.Done(w, r, web.Desk(v.Election.ID), "L’élection est abandonnée.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showCancel(w, r, v, f, refusal)
}
