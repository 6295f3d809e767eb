package examine

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	sheets "bordeaux-metropole.fr/portal/web/structure"
	"bordeaux-metropole.fr/portal/web/ui"
)

// newSections are what the team fills to record a structure itself; its people
// complete the rest.
var newSections = []structure.Section{structure.Identity, structure.Place, structure.ByCollege, structure.Offer}

// newView is the page that records a structure.
type newView struct {
	Choices sheets.Choices
	Form    *form.Form
	Key     string
}

const newPath = registerPath + "/nouvelle"

// ShowNew shows /equipe/structures/nouvelle.
func (p *Pages) ShowNew(w http.ResponseWriter, r *http.Request) error {
	return p.showNew(w, r, form.New(), nil)
}

func (p *Pages) showNew(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	communes, err := p.Structures.Communes(r.Context())
	if err != nil {
		return err
	}
	c := chrome("Créer la fiche d’une structure", crumbRegister)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), newPage(p.Kit.FormChrome(r, c, f), newView{sheets.NewChoices(communes), f, page.NewKey()}))
}

// Create answers POST /equipe/structures/nouvelle.
func (p *Pages) Create(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	var n structure.NewRecord
	for _, s := range newSections {
		sheets.Read(f, s, &n.Sheet)
	}
	who := structure.Contact{InCharge: true, Manager: true, First: f.Line("prenom", "Saisissez le prénom de la personne référente.", 80),
		Last: f.Line("nom", "Saisissez le nom de la personne référente.", 80), Title: f.Line("fonction", "", 120),
		Email: f.Email("courriel", "Saisissez l’adresse électronique de la personne référente.")}
	n.People = []structure.Contact{who}
	if f.Choice("entree", "Dites si la structure est déjà membre du GNI.", "examiner", "membre") == "membre" {
		n.From, n.Invite = f.Date("debut", "Saisissez la date d’entrée dans le GNI."), true
	}
	f.Raw("debut")
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		id, err := p.Structures.Record(r.Context(), page.Actor(r), n)
		if err == nil {
			return p.Kit.Done(w, r, structurePath(id), "La fiche est créée.")
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	return p.showNew(w, r, f, refusal)
}

var entryOptions = []ui.Option{
	{Value: "examiner", Label: "Non, sa demande est à examiner"},
	{Value: "membre", Label: "Oui, depuis le", Hint: "La personne référente est invitée à créer un compte."},
}
