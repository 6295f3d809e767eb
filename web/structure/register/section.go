package register

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// sectionOf reads which section the address names.
func sectionOf(r *http.Request) (structure.Section, error) {
	s := structure.Section(chi.URLParam(r, "etape"))
	if !slices.Contains(structure.Sections, s) {
		return "", page.ErrNotFound
	}
	return s, nil
}

func (p *Pages) showSection(w http.ResponseWriter, r *http.Request, v draftView, s structure.Section, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, ui.Chrome{Title: s.Label(), Section: rubric, Crumbs: v.crumbs()}, f)
	return p.Kit.Show(w, r, statusOf(w, f, refusal), sectionPage(c, v, s, f))
}

func (v draftView) crumbs() []ui.Crumb {
	return []ui.Crumb{crumbDirectory, {Label: "Votre inscription", Href: v.path()}}
}

// stepWords says which page of how many this is.
func stepWords(s structure.Section) string {
	return "Étape " + strconv.Itoa(slices.Index(structure.Sections, s)+1) + " sur " + strconv.Itoa(len(structure.Sections))
}

// sectionLead introduces a section in one sentence.
func sectionLead(s structure.Section) string {
	if s.Optional() {
		return "Ces réponses sont facultatives\u00a0: vous pourrez les donner plus tard, depuis l’espace de votre structure."
	}
	switch s {
	case structure.People:
		return "La personne référente reçoit les messages et représente la structure au Groupe Numérique Inclusif (GNI)."
	case structure.Consents:
		return "Rien n’est obligatoire\u00a0: vous pourrez changer d’avis à tout moment."
	}
	return ""
}

// maxPeople is how many people a request names: who is in charge and three others.
const maxPeople = 4

// personField is the name of a field of the nth person: who is in charge is the
// first, and their fields bear no number.
func personField(name string, n int) string {
	if n == 1 {
		return name
	}
	return name + "_" + strconv.Itoa(n)
}

// readPeople reads the people of a request: one in charge, and up to three others,
// each whole or left out.
func readPeople(f *form.Form) []structure.Contact {
	people := []structure.Contact{{
		First: f.Line("prenom", "Saisissez votre prénom.", 80), Last: f.Line("nom", "Saisissez votre nom.", 80),
		Title: f.Line("fonction", "", 120), Email: f.Email("courriel", "Saisissez votre adresse électronique."), InCharge: true, Manager: true,
	}}
	for n := 2; n <= maxPeople; n++ {
		if c, ok := readOther(f, n); ok {
			people = append(people, c)
		}
	}
	seen := map[string]bool{}
	for n := 1; n <= maxPeople; n++ {
		name := personField("courriel", n)
		email := f.Value(name)
		if email != "" && f.Error(name) == "" && seen[sameAddress(email)] {
			f.Fail(name, "Une autre personne a déjà cette adresse électronique\u00a0: donnez à chacune la sienne.")
		}
		seen[sameAddress(email)] = true
	}
	return people
}

// readOther reads a person who is not in charge; not ok when nothing is typed.
func readOther(f *form.Form, n int) (structure.Contact, bool) {
	first, last, title, email := personField("prenom", n), personField("nom", n), personField("fonction", n), personField("courriel", n)
	manager := f.Bool(personField("gestion", n))
	var missing [3]string
	if f.Value(first)+f.Value(last)+f.Value(title)+f.Value(email) != "" || manager {
		who := " de " + personWords(n)
		missing = [3]string{"Saisissez le prénom" + who + ", ou effacez toutes ses réponses.", "Saisissez le nom" + who + ".", "Saisissez l’adresse électronique" + who + "."}
	}
	c := structure.Contact{First: f.Line(first, missing[0], 80), Last: f.Line(last, missing[1], 80), Title: f.Line(title, "", 120),
		Email: f.Email(email, missing[2]), Manager: manager}
	return c, missing[0] != ""
}

// namesOthers tells whether the form names somebody beside who is in charge: their
// fields are then open.
func namesOthers(f *form.Form) bool {
	for n := 2; n <= maxPeople; n++ {
		for _, name := range []string{"prenom", "nom", "fonction", "courriel", "gestion"} {
			if f.Value(personField(name, n)) != "" {
				return true
			}
		}
	}
	return false
}

// personWords names the nth person.
func personWords(n int) string {
	return [...]string{"", "la personne référente", "la deuxième personne", "la troisième personne", "la quatrième personne"}[n]
}

// peopleRows says the people in words.
func peopleRows(people []structure.Contact) []ui.SummaryRow {
	var rows []ui.SummaryRow
	for i, c := range people {
		value := c.Name()
		if c.Title != "" {
			value += ", " + c.Title
		}
		value += ", " + c.Email
		if c.Manager && !c.InCharge {
			value += ", peut modifier la fiche"
		}
		rows = append(rows, ui.SummaryRow{Key: french.Capital(personWords(i + 1)[len("la "):]), Value: value})
	}
	return rows
}
