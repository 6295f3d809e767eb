package team

import (
	"net/http"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// readPerson reads a person chosen among those found, or a new one.
func readPerson(f *form.Form) governance.PersonInput {
	chosen := f.Line("personne", "", 20)
	in := governance.PersonInput{
		First: f.Line("prenom", "", 80), Last: f.Line("nom", "", 80), Email: f.Email("courriel", "")}
	if chosen == "" && in == (governance.PersonInput{}) {
		f.Fail("personne", "Choisissez une personne de la liste, ou saisissez une nouvelle personne.")
		return in
	}
	if chosen == "" || chosen == newPerson {
		if in.First == "" {
			f.Fail("prenom", "Saisissez le prénom, ou cherchez une personne déjà connue.")
		}
		if in.Last == "" {
			f.Fail("nom", "Saisissez le nom.")
		}
		return in
	}
	id, err := strconv.ParseInt(chosen, 10, 64)
	if err != nil || id <= 0 {
		f.Fail("personne", "Choisissez une personne de la liste, ou une nouvelle personne.")
		return in
	}
	if in.First != "" || in.Last != "" || in.Email != "" {
		f.Fail("personne", "Vous avez choisi une personne de la liste et saisi un nouveau nom : gardez l’un ou l’autre.")
	}
	return governance.PersonInput{ID: access.PersonID(id)}
}

// hasEmail tells whether an invitation can be sent to the person: « si une
// adresse est connue ».
func (p *Pages) hasEmail(r *http.Request, in governance.PersonInput) (bool, error) {
	if in.ID == 0 {
		return in.Email != "", nil
	}
	person, err := p.Governance.Person(r.Context(), page.Actor(r), in.ID)
	if problem.KindOf(err) == problem.NotFound {
		return false, nil // StartMandate says it on the field
	}
	return person.Email != "", err
}

// nameOf returns the name of the person chosen or typed.
func (p *Pages) nameOf(r *http.Request, in governance.PersonInput) (string, error) {
	if in.ID == 0 {
		return in.First + " " + in.Last, nil
	}
	person, err := p.Governance.Person(r.Context(), page.Actor(r), in.ID)
	return person.First + " " + person.Last, err
}

// hidden carries all that was typed to the next page, and one more value.
func hidden(f *form.Form, name, value string) []ui.HiddenField {
	out := []ui.HiddenField{{Name: name, Value: value}}
	for _, n := range formNames(f) {
		if n == form.KeyField || n == form.ReviewField || n == name {
			continue
		}
		for _, v := range f.Values(n) {
			out = append(out, ui.HiddenField{Name: n, Value: v})
		}
	}
	return out
}
