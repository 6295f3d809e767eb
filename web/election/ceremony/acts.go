package ceremony

import (
	"context"
	"net/http"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/ceremony"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// check shows the page that is read before an act: what it does, on what. stop says what
// is missing; the page then has no button.
type check struct {
	ceremony.State
	Title, Lead, Part string
	Rows              []ui.SummaryRow
	Warning, Submit   string
	Stop              error
	Key               string
}

func (v check) why() string {
	if v.Stop == nil {
		return ""
	}
	return french.Typo(v.Stop.Error())
}

func (p *Pages) showCheck(w http.ResponseWriter, r *http.Request, v check, f *form.Form, refusal error) error {
	v.Key = page.NewKey()
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), checkPage(p.Kit.FormChrome(r, chrome(v.State, v.Title, true), f), v, f))
}

// do answers the POST of a check page: the act of the service, then a message; a refusal
// shows the page again, with what now is.
func (p *Pages) do(w http.ResponseWriter, r *http.Request, shown func(ceremony.State) check, act func(context.Context, access.Actor, election.ID) error, to, message string) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	f.Raw("acte") // which of two acts, where a page has two
	if err := f.Unknown(); err != nil {
		return err
	}
	id, err := page.PathID[election.ID](r, "id")
	if err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = act(r.Context(), page.Actor(r), id); refusal == nil {
			return p.Kit.Done(w, r, address(id, to), message)
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	v, err := p.ours(r)
	if err != nil {
		return err
	}
	return p.showCheck(w, r, shown(v), f, refusal)
}

func setUpCheck(v ceremony.State) check {
	c := check{State: v, Title: "Mettre les urnes en place", Part: "/mise-en-place", Stop: v.MaySetUp(), Submit: "Mettre les urnes en place",
		Lead:    "Les candidatures, les clés et les codes entrent dans le premier enregistrement de chaque urne.",
		Warning: "Ensuite, ni les clés ni les codes ne changent : un code perdu ne pourra plus être refait."}
	for _, h := range v.Holders {
		c.Rows = append(c.Rows, ui.SummaryRow{Key: "Clé " + page.IDText(h.Owner), Value: h.Name + ", empreinte " + h.Fingerprint()})
	}
	for _, b := range v.Boxes {
		c.Rows = append(c.Rows, ui.SummaryRow{Key: b.Name, Value: count(b.Codes, "code", "codes") + " pour " + count(b.Voters, "structure", "structures") + ", " + count(b.Candidates, "candidature", "candidatures")})
	}
	return c
}

// ShowSetUp shows /equipe/elections/{id}/ceremonie/mise-en-place.
func (p *Pages) ShowSetUp(w http.ResponseWriter, r *http.Request) error {
	return p.showAct(w, r, setUpCheck)
}

func (p *Pages) showAct(w http.ResponseWriter, r *http.Request, shown func(ceremony.State) check) error {
	v, err := p.ours(r)
	if err != nil {
		return err
	}
	return p.showCheck(w, r, shown(v), form.New(), nil)
}

// SetUp answers POST /equipe/elections/{id}/ceremonie/mise-en-place.
func (p *Pages) SetUp(w http.ResponseWriter, r *http.Request) error {
	act := func(ctx context.Context, by access.Actor, id election.ID) error {
		_, err := p.Service.SetUp(ctx, by, id, p.program())
		return err
	}
	return p.do(w, r, setUpCheck, act, "", "Les urnes sont en place. Lisez leurs empreintes à voix haute, puis montrez-les vides.")
}

func emptyCheck(v ceremony.State) check {
	c := check{State: v, Title: "Montrer les urnes vides", Part: "/urne-vide", Submit: "Vérifier et enregistrer",
		Lead: "Le portail relit chaque urne devant vous et enregistre ce qu’il y trouve. Chaque porteur de clé le constate ensuite avec son compte."}
	if !v.IsSetUp() {
		c.Stop = problem.New(problem.Conflict, "Les urnes ne sont pas encore mises en place.")
	}
	for _, b := range v.Boxes {
		if b.Raw != nil {
			c.Rows = append(c.Rows, ui.SummaryRow{Key: b.Name, Value: count(b.Ballots, "bulletin", "bulletins") + ", hauteur " + page.IDText(b.NextHeight-1)},
				ui.SummaryRow{Key: "Tête de la chaîne, " + b.Name, Content: printed(head(b))})
		}
	}
	return c
}

// ShowEmpty shows /equipe/elections/{id}/ceremonie/urne-vide.
func (p *Pages) ShowEmpty(w http.ResponseWriter, r *http.Request) error {
	return p.showAct(w, r, emptyCheck)
}

// RecordEmpty answers POST /equipe/elections/{id}/ceremonie/urne-vide.
func (p *Pages) RecordEmpty(w http.ResponseWriter, r *http.Request) error {
	return p.do(w, r, emptyCheck, p.Service.ShowEmpty, "", "Les urnes sont vides : c’est enregistré. Les porteurs de clés peuvent le constater.")
}

func finishCheck(v ceremony.State) check {
	return check{State: v, Title: "Clore la cérémonie", Part: "/fin", Stop: v.MayFinish(), Submit: "Clore la cérémonie",
		Lead: "Les urnes sont relues une dernière fois. Ensuite, deux personnes, dont une personne qui porte une clé, ouvrent le vote.",
		Rows: []ui.SummaryRow{{Key: "Constats signés", Value: count(len(v.Holders)-len(v.Unsigned()), "constat", "constats") + " sur " + page.IDText(len(v.Holders))}}}
}

// ShowFinish shows /equipe/elections/{id}/ceremonie/fin.
func (p *Pages) ShowFinish(w http.ResponseWriter, r *http.Request) error {
	return p.showAct(w, r, finishCheck)
}

// Finish answers POST /equipe/elections/{id}/ceremonie/fin.
func (p *Pages) Finish(w http.ResponseWriter, r *http.Request) error {
	return p.do(w, r, finishCheck, p.Service.Finish, "", "La cérémonie est close. Le vote peut être ouvert par deux personnes.")
}

func rehearsalCheck(v ceremony.State) check {
	c := check{State: v, Title: "Répéter le dépouillement", Part: "/repetition", Submit: "Commencer la répétition",
		Lead: "Répétition : le portail fabrique des urnes d’essai avec trois bulletins connus par urne. Chaque porteur les ouvre avec son fichier de clé. Le résultat est comparé, puis tout est effacé.",
		Stop: v.MayRehearse()}
	if len(v.Rehearsal) > 0 {
		c.Submit, c.Stop = "Abandonner la répétition", nil
		c.Lead = "Répétition en cours. Il manque l’ouverture par " + holderNames(v.Unopened()) + "."
		c.Warning = "Abandonner efface les urnes d’essai. Vous pourrez recommencer."
	}
	if s, ok := v.Steps[ceremony.StepRehearsal]; ok {
		c.Rows = append(c.Rows, ui.SummaryRow{Key: "Dernière répétition", Value: "Réussie le " + french.DateTime(s.At) + french.NBSP + ": ce que les clés ont ouvert est ce qui avait été mis dans les urnes d’essai."})
	}
	return c
}

// ShowRehearsal shows /equipe/elections/{id}/ceremonie/repetition.
func (p *Pages) ShowRehearsal(w http.ResponseWriter, r *http.Request) error {
	return p.showAct(w, r, rehearsalCheck)
}

// Rehearse answers POST /equipe/elections/{id}/ceremonie/repetition: the rehearsal begins,
// or the one in course is given up, as the page that was read said.
func (p *Pages) Rehearse(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	if f.Raw("acte") == "abandonner" {
		return p.do(w, r, rehearsalCheck, p.Service.AbandonRehearsal, "/repetition", "La répétition est effacée.")
	}
	return p.do(w, r, rehearsalCheck, p.Service.StartRehearsal, "", "La répétition commence. Un message part à chaque porteur de clé.")
}
