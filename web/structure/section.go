package structure

import (
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/national"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Choices is what the fields of a section offer that the database knows.
type Choices struct {
	Communes []ui.Option // value: INSEE code
}

// NewChoices makes them of the communes of structure.Service.Communes.
func NewChoices(communes []structure.CommuneChoice) Choices {
	var c Choices
	for _, x := range communes {
		c.Communes = append(c.Communes, ui.Option{Value: x.INSEE, Label: french.Typo(x.Name)})
	}
	return c
}

// shownField carries structure.Sheet.Stamp, so that two people may change two
// sections of a sheet at the same time.
const shownField = "vue"

// maxStamp is past the length of any structure.Sheet.Stamp.
const maxStamp = 100

// Answers to « Comment votre structure est-elle immatriculée ? ».
const (
	hasSIRET = "siret"
	hasRNA   = "association"
	hasNone  = "collectif"
)

// Fill gives the fields of a section what the sheet says.
func Fill(f *form.Form, section structure.Section, s structure.Sheet) {
	if s.ID != 0 {
		f.Set(shownField, s.Stamp(section))
	}
	switch section {
	case structure.Identity:
		fillIdentity(f, s)
	case structure.Place:
		f.Set("commune", s.INSEE)
		f.Set("adresse", s.Address)
		f.Set("complement", s.AddressMore)
		f.Set("code_postal", s.PostalCode)
		f.Set("itinerance", s.Mobility...)
		fillBool(f, "toute_la_metropole", s.MetropoleWide)
	case structure.ByCollege:
		f.Set("college", string(s.College))
	case structure.Offer:
		f.Set("services", s.Services...)
		f.Set("accompagnement", s.SupportModes...)
		f.Set("publics", s.Audiences...)
		f.Set("prise_en_charge", s.SpecialCare...)
		f.Set("frais", s.Fees...)
	case structure.Welcome:
		fillWelcome(f, s)
	case structure.Networks:
		f.Set("aladdin", string(s.Aladdin))
		f.Set("programmes", s.Programmes...)
		if s.AdviserPosts > 0 {
			f.Set("postes", strconv.Itoa(s.AdviserPosts))
		}
		f.Set("labels", s.Labels...)
		f.Set("autres_labels", strings.Join(s.OtherLabels, "\n"))
	case structure.Consents:
		fillBool(f, "publier_fiche", s.PublishSheet)
		fillBool(f, "publier_coordonnees", s.PublishContacts)
		fillBool(f, "partage_national", s.ShareNational)
	}
}

func fillBool(f *form.Form, name string, v bool) {
	if v {
		f.Set(name, "oui")
	}
}

func fillIdentity(f *form.Form, s structure.Sheet) {
	answer := hasSIRET
	switch {
	case s.SIRET != "":
	case s.RNA != "":
		answer = hasRNA
	case s.Origin == structure.FromRegistration || s.Origin == structure.FromTeam:
		answer = hasNone // who registers answers: they have none
	}
	f.Set("identifiant", answer)
	f.Set("siret", spacedSIRET(s.SIRET))
	f.Set("rna", s.RNA)
	f.Set("nom_organisation", s.Name)
	if len(s.Typology) > 0 {
		f.Set("type", s.Typology[0])
	}
	if len(s.Typology) > 1 {
		f.Set("autre_type", s.Typology[1])
	}
}

func fillWelcome(f *form.Form, s structure.Sheet) {
	f.Set("presentation", s.Summary)
	f.Set("detail", s.Detail)
	f.Set("horaires", hoursTyped(s))
	f.Set("acces", s.AccessModes...)
	f.Set("telephone", national.PhoneLabel(s.Phone))
	f.Set("courriels", strings.Join(s.Emails, "\n"))
	f.Set("sites", strings.Join(s.Websites, "\n"))
	f.Set("rdv", s.AppointmentURL)
	f.Set("acces_libre", s.AccessibilityURL)
}

// Read reads the fields of a section into the sheet, with a message on each field
// that is wrong: what a form can tell, then what structure.Sheet.Check says. The
// sheet comes back as Sheet.Clean leaves it; its other sections are not touched.
func Read(f *form.Form, section structure.Section, s *structure.Sheet) {
	if s.Shown = f.Raw(shownField); len(s.Shown) > maxStamp {
		f.Fail("", "Votre envoi n’a pas pu être lu"+french.NBSP+": rechargez la page, puis recommencez.")
	}
	switch section {
	case structure.Identity:
		readIdentity(f, s)
	case structure.Place:
		s.INSEE, s.Address, s.AddressMore, s.PostalCode = f.Raw("commune"), f.Raw("adresse"), f.Raw("complement"), f.Raw("code_postal")
		s.Mobility, s.MetropoleWide = all(f, "itinerance"), f.Bool("toute_la_metropole")
	case structure.ByCollege:
		s.College = governance.College(f.Raw("college"))
	case structure.Offer:
		s.Services, s.SupportModes, s.Audiences = all(f, "services"), all(f, "accompagnement"), all(f, "publics")
		s.SpecialCare, s.Fees = all(f, "prise_en_charge"), all(f, "frais")
	case structure.Welcome:
		s.Summary, s.Detail, s.HoursText, s.Hours = f.Raw("presentation"), f.Raw("detail"), f.Raw("horaires"), ""
		s.AccessModes, s.Phone = all(f, "acces"), f.Raw("telephone")
		s.Emails, s.Websites = split(f, "courriels", " ,;\n"), split(f, "sites", " ,;\n")
		s.AppointmentURL, s.AccessibilityURL = f.Raw("rdv"), f.Raw("acces_libre")
	case structure.Networks:
		s.Aladdin, s.Programmes = structure.AladdinRole(f.Raw("aladdin")), all(f, "programmes")
		s.AdviserPosts = f.Int("postes", "", 0, 200)
		s.Labels, s.OtherLabels = all(f, "labels"), split(f, "autres_labels", "\n")
	case structure.Consents:
		s.PublishSheet, s.PublishContacts = f.Bool("publier_fiche"), f.Bool("publier_coordonnees")
		s.ShareNational = f.Bool("partage_national")
	}
	*s = s.Clean(section)
	for _, p := range s.Check(section) {
		f.Fail(p.Field, french.Typo(p.Message))
	}
}

// readIdentity keeps of the two numbers the one that the answer names; the kinds past
// the second, which a file may have brought, stay.
func readIdentity(f *form.Form, s *structure.Sheet) {
	s.Name = f.Raw("nom_organisation") // read in the order of the page, as the summary of errors is
	answer := f.Choice("identifiant", "Dites si votre structure a un numéro SIRET.", hasSIRET, hasRNA, hasNone)
	siret, rna := strings.TrimSpace(f.Raw("siret")), strings.TrimSpace(f.Raw("rna"))
	s.SIRET, s.RNA = "", ""
	switch answer {
	case hasSIRET:
		if s.SIRET, s.RNA = siret, rna; siret == "" {
			f.Fail("siret", "Saisissez le numéro SIRET, ou choisissez une autre réponse à la question précédente.")
		}
	case hasRNA:
		if s.RNA = rna; rna == "" {
			f.Fail("rna", "Saisissez le numéro RNA de l’association.")
		}
	}
	if answer != hasSIRET && answer != "" && siret != "" {
		f.Fail("siret", "Vous avez saisi un SIRET : effacez-le, ou répondez que votre structure en a un.")
	}
	kinds := []string{f.Raw("type"), f.Raw("autre_type")}
	if kinds[0] == "" {
		f.Fail("type", "Choisissez le type de la structure.")
	}
	s.Typology = append(kinds, s.Typology[min(2, len(s.Typology)):]...)
}

// all returns the boxes that were ticked.
func all(f *form.Form, name string) []string {
	f.Raw(name)
	return append([]string(nil), f.Values(name)...)
}

// split reads several values typed in one field.
func split(f *form.Form, name, separators string) []string {
	return strings.FieldsFunc(strings.ReplaceAll(f.Raw(name), "\r", "\n"), func(r rune) bool { return strings.ContainsRune(separators, r) })
}
