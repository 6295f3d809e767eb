package structure

// with returns the sheet with the fields of a section as another says them.
func (s Sheet) with(section Section, from Sheet) Sheet {
	switch section {
	case Identity:
		s.SIRET, s.RNA, s.Name, s.Typology = from.SIRET, from.RNA, from.Name, from.Typology
	case Place:
		s.INSEE, s.Address, s.AddressMore, s.PostalCode = from.INSEE, from.Address, from.AddressMore, from.PostalCode
		s.Mobility, s.MetropoleWide = from.Mobility, from.MetropoleWide
	case ByCollege:
		s.College = from.College
	case Offer:
		s.Services, s.SupportModes, s.Audiences = from.Services, from.SupportModes, from.Audiences
		s.SpecialCare, s.Fees = from.SpecialCare, from.Fees
	case Welcome:
		s.Summary, s.Detail, s.HoursText, s.Hours = from.Summary, from.Detail, from.HoursText, from.Hours
		s.AccessModes, s.Phone, s.Emails, s.Websites = from.AccessModes, from.Phone, from.Emails, from.Websites
		s.AppointmentURL, s.AccessibilityURL = from.AppointmentURL, from.AccessibilityURL
	case Networks:
		s.Aladdin, s.Programmes, s.AdviserPosts = from.Aladdin, from.Programmes, from.AdviserPosts
		s.Labels, s.OtherLabels = from.Labels, from.OtherLabels
	case Consents:
		s.PublishSheet, s.PublishContacts, s.ShareNational = from.PublishSheet, from.PublishContacts, from.ShareNational
	}
	return s
}

// values is what a section says, by the names of the JSON of a Sheet: the journal
// shows it.
func (s Sheet) values(section Section) map[string]any {
	switch section {
	case Identity:
		return map[string]any{"siret": s.SIRET, "rna": s.RNA, "nom": s.Name, "typologie": listed(s.Typology)}
	case Place:
		return map[string]any{"code_insee": s.INSEE, "adresse": s.Address, "complement_adresse": s.AddressMore, "code_postal": s.PostalCode,
			"itinerance": listed(s.Mobility), "toute_la_metropole": s.MetropoleWide}
	case ByCollege:
		return map[string]any{"college": s.College}
	case Offer:
		return map[string]any{"services": listed(s.Services), "modalites_accompagnement": listed(s.SupportModes), "publics": listed(s.Audiences),
			"prises_en_charge": listed(s.SpecialCare), "frais": listed(s.Fees)}
	case Welcome:
		return map[string]any{"presentation_resume": s.Summary, "presentation_detail": s.Detail, "horaires_en_clair": s.HoursText,
			"horaires": s.Hours, "modalites_acces": listed(s.AccessModes), "telephone": s.Phone, "courriels": listed(s.Emails),
			"sites_web": listed(s.Websites), "prise_rdv": s.AppointmentURL, "fiche_acces_libre": s.AccessibilityURL}
	case Networks:
		return map[string]any{"aladdin": s.Aladdin, "programmes": listed(s.Programmes), "postes_conseillers": s.AdviserPosts,
			"labels": listed(s.Labels), "autres_labels": listed(s.OtherLabels)}
	case Consents:
		return map[string]any{"fiche_publiee": s.PublishSheet, "coordonnees_publiees": s.PublishContacts, "partage_national": s.ShareNational}
	}
	return map[string]any{}
}

// listed makes no list and an empty one the same.
func listed(values []string) []string {
	if values == nil {
		return []string{}
	}
	return values
}
