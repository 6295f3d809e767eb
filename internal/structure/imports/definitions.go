package imports

import (
	"strconv"

	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/national"
)

// Short names for the table below.
type (
	sheet = structure.Sheet
	place = national.Place
)

// definitions is every field. The first heading is the column of the national file,
// where there is one; the others are what people write.
var definitions = []definition{
	{field: Name, label: "Nom de la structure", headings: []string{"nom", "structure", "nom structure", "denomination", "raison sociale", "organisation", "nom usuel"},
		section: structure.Identity, show: func(s sheet) string { return s.Name }},
	{field: SIRET, label: "SIRET", headings: []string{"pivot", "numero siret", "n siret", "no siret", "siret ou rna"},
		section: structure.Identity, show: func(s sheet) string {
			if s.SIRET == "" {
				return s.RNA
			}
			return s.SIRET
		}},
	{field: CollegeField, label: "Collège", headings: []string{"college du gni"}, section: structure.ByCollege, show: func(s sheet) string { return s.College.Label() }},
	{field: Commune, label: "Commune", headings: []string{"ville", "nom commune", "nom de la commune", "localite"}, section: structure.Place,
		show: func(s sheet) string { return s.INSEE }},
	{field: INSEE, label: "Code Insee de la commune", headings: []string{"code insee", "insee", "code commune", "codeinsee"}, section: structure.Place,
		show: func(s sheet) string { return s.INSEE }},
	{field: "adresse", label: "Adresse", headings: []string{"numero et rue", "rue", "voie", "adresse postale"}, column: "adresse", section: structure.Place,
		take: func(s *sheet, p place) { s.Address = p.Address }, show: func(s sheet) string { return s.Address }},
	{field: "complement", label: "Complément d’adresse", headings: []string{"complement adresse", "complement"}, column: "complement_adresse", section: structure.Place,
		take: func(s *sheet, p place) { s.AddressMore = p.AddressMore }, show: func(s sheet) string { return s.AddressMore }},
	{field: PostalCode, label: "Code postal", headings: []string{"cp", "codepostal"}, column: "code_postal", section: structure.Place,
		take: func(s *sheet, p place) { s.PostalCode = p.PostalCode }, show: func(s sheet) string { return s.PostalCode }},
	{field: "latitude", label: "Latitude", headings: []string{"lat"}, column: "latitude",
		take: func(s *sheet, p place) { s.Latitude = p.Latitude }, show: func(s sheet) string { return degrees(s.Latitude) }},
	{field: "longitude", label: "Longitude", headings: []string{"lon", "lng"}, column: "longitude",
		take: func(s *sheet, p place) { s.Longitude = p.Longitude }, show: func(s sheet) string { return degrees(s.Longitude) }},
	{field: "toute_la_metropole", label: "Agit dans toute la métropole", headings: []string{"toute la metropole"}, read: readWide, section: structure.Place,
		show: func(s sheet) string { return yesNo(s.MetropoleWide) }},
	{field: "itinerance", label: "Itinérance", headings: []string{"fixe ou itinerant"}, column: "itinerance", section: structure.Place,
		take: func(s *sheet, p place) { s.Mobility = p.Mobility }, show: func(s sheet) string { return listOf(s.Mobility) }},
	{field: "type", label: "Type de structure", headings: []string{"typologie", "type", "categorie"}, column: "typologie", section: structure.Identity,
		take: func(s *sheet, p place) { s.Typology = p.Typology }, show: func(s sheet) string { return listOf(s.Typology) }},
	{field: "telephone", label: "Téléphone", headings: []string{"tel", "numero de telephone", "telephone de la structure"}, column: "telephone", section: structure.Welcome,
		take: func(s *sheet, p place) { s.Phone = p.Phone }, show: func(s sheet) string { return s.Phone }},
	{field: "courriels", label: "Adresses électroniques", headings: []string{"courriels", "courriel", "email", "emails", "e mail", "mail", "mel", "adresse electronique", "adresse mail"},
		column: "courriels", section: structure.Welcome,
		take: func(s *sheet, p place) { s.Emails = p.Emails }, show: func(s sheet) string { return listOf(s.Emails) }},
	{field: "sites", label: "Sites web", headings: []string{"site web", "site", "site internet", "url", "sites"}, column: "site_web", section: structure.Welcome,
		take: func(s *sheet, p place) { s.Websites = p.Websites }, show: func(s sheet) string { return listOf(s.Websites) }},
	{field: "horaires_osm", label: "Horaires, syntaxe OpenStreetMap", headings: []string{"horaires"}, column: "horaires", section: structure.Welcome,
		take: func(s *sheet, p place) {
			if s.Hours != p.Hours {
				s.Hours, s.HoursText = p.Hours, "" // the words were those of the old hours
			}
		}, show: func(s sheet) string { return s.Hours }},
	{field: "horaires", label: "Horaires d’ouverture, en clair", headings: []string{"horaires en clair", "horaires d ouverture"}, read: readHours, section: structure.Welcome,
		show: func(s sheet) string { return s.HoursText }},
	{field: "presentation", label: "Présentation courte", headings: []string{"presentation resume", "presentation", "resume"}, column: "presentation_resume", section: structure.Welcome,
		take: func(s *sheet, p place) { s.Summary = p.Summary }, show: func(s sheet) string { return s.Summary }},
	{field: "detail", label: "Présentation détaillée", headings: []string{"presentation detail", "description", "detail"}, column: "presentation_detail", section: structure.Welcome,
		take: func(s *sheet, p place) { s.Detail = p.Detail }, show: func(s sheet) string { return s.Detail }},
	{field: "services", label: "Services", headings: []string{"services rendus"}, column: "services", section: structure.Offer,
		take: func(s *sheet, p place) { s.Services = p.Services }, show: func(s sheet) string { return listOf(s.Services) }},
	{field: "publics", label: "Publics spécifiquement adressés", headings: []string{"publics specifiquement adresses", "publics", "public"}, column: "publics_specifiquement_adresses", section: structure.Offer,
		take: func(s *sheet, p place) { s.Audiences = p.Audiences }, show: func(s sheet) string { return listOf(s.Audiences) }},
	{field: "prise_en_charge", label: "Prise en charge spécifique", headings: []string{"prise en charge specifique", "prises en charge"}, column: "prise_en_charge_specifique", section: structure.Offer,
		take: func(s *sheet, p place) { s.SpecialCare = p.SpecialCare }, show: func(s sheet) string { return listOf(s.SpecialCare) }},
	{field: "frais", label: "Frais à charge", headings: []string{"frais a charge", "frais", "tarifs"}, column: "frais_a_charge", section: structure.Offer,
		take: func(s *sheet, p place) { s.Fees = p.Fees }, show: func(s sheet) string { return listOf(s.Fees) }},
	{field: "accompagnement", label: "Modalités d’accompagnement", headings: []string{"modalites accompagnement", "accompagnement"}, column: "modalites_accompagnement", section: structure.Offer,
		take: func(s *sheet, p place) { s.SupportModes = p.SupportModes }, show: func(s sheet) string { return listOf(s.SupportModes) }},
	{field: "acces", label: "Modalités d’accès", headings: []string{"modalites acces", "acces", "pour venir ou ecrire"}, column: "modalites_acces", section: structure.Welcome,
		take: func(s *sheet, p place) { s.AccessModes = p.AccessModes }, show: func(s sheet) string { return listOf(s.AccessModes) }},
	{field: "rdv", label: "Prise de rendez-vous en ligne", headings: []string{"prise rdv", "rdv", "prise de rendez vous"}, column: "prise_rdv", section: structure.Welcome,
		take: func(s *sheet, p place) { s.AppointmentURL = p.AppointmentURL }, show: func(s sheet) string { return s.AppointmentURL }},
	{field: "acces_libre", label: "Fiche Acceslibre", headings: []string{"fiche acces libre", "acces libre"}, column: "fiche_acces_libre", section: structure.Welcome,
		take: func(s *sheet, p place) { s.AccessibilityURL = p.AccessibilityURL }, show: func(s sheet) string { return s.AccessibilityURL }},
	{field: "programmes", label: "Dispositifs et programmes nationaux", headings: []string{"dispositif programmes nationaux", "programmes", "dispositifs"}, column: "dispositif_programmes_nationaux", section: structure.Networks,
		take: func(s *sheet, p place) { s.Programmes = p.Programmes }, show: func(s sheet) string { return listOf(s.Programmes) }},
	{field: "labels", label: "Formations et labels", headings: []string{"formations labels", "labels"}, column: "formations_labels", section: structure.Networks,
		take: func(s *sheet, p place) { s.Labels = p.Labels }, show: func(s sheet) string { return listOf(s.Labels) }},
	{field: "autres_labels", label: "Autres formations et labels", headings: []string{"autres formations labels", "autres labels"}, column: "autres_formations_labels", section: structure.Networks,
		take: func(s *sheet, p place) { s.OtherLabels = p.OtherLabels }, show: func(s sheet) string { return listOf(s.OtherLabels) }},
	{field: "aladdin", label: "Rôle dans le réseau Aladdin", headings: []string{"aladdin", "reseau aladdin"}, read: readAladdin, section: structure.Networks,
		show: func(s sheet) string { return s.Aladdin.Label() }},
	{field: "postes", label: "Postes de conseillers numériques", headings: []string{"postes conseillers", "conseillers numeriques", "postes", "postes declares", "nombre de conseillers numeriques"}, read: readPosts, section: structure.Networks,
		show: func(s sheet) string { return strconv.Itoa(s.AdviserPosts) }},
	{field: "structure_parente", label: "Structure parente", headings: []string{"structure parente", "structure mere"},
		read: readShort(func(s *sheet, v string) { s.Parent = v }), show: func(s sheet) string { return s.Parent }},
	{field: "source", label: "Source de la fiche", headings: []string{"source"},
		read: readShort(func(s *sheet, v string) {
			if fold(v) != fold(structure.NationalSource) { // ours: it came from here
				s.Source = v
			}
		}), show: func(s sheet) string { return s.Source }},
	{field: "date_maj", label: "Date de mise à jour", headings: []string{"date maj", "mise a jour", "maj", "verifiee le"}, column: "date_maj",
		take: func(s *sheet, p place) {
			if s.ID == 0 { // of a member, only itself says that it is up to date
				s.UpToDateAt = p.UpdatedOn
			}
		}, show: func(sheet) string { return "" }},
	{field: NationalID, label: "Identifiant du fichier national", headings: []string{"id", "identifiant national", "id national"},
		show: func(s sheet) string { return s.NationalID }},
	{field: OwnID, label: "Identifiant du portail", headings: []string{"numero du portail", "id portail", "identifiant"}, show: func(s sheet) string { return strconv.FormatInt(int64(s.ID), 10) }},
}
