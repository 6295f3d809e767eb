package national

// SIRETAdvice says in French what is wrong with a SIRET as typed, "" when nothing.
func SIRETAdvice(typed string) string {
	if _, ok := SIRET(typed); ok {
		return ""
	}
	return "Ce SIRET n’est pas valide : vérifiez ses 14 chiffres."
}

// RNA returns the number of an association in the national directory (W and nine
// characters) as people type it, and whether it is one.
func RNA(typed string) (number string, ok bool) { return typed, false }

// Phone returns a telephone number as +33556000000 from what people type, and whether
// it is one: French by default, +NN or 00NN for elsewhere.
func Phone(typed string) (e164 string, ok bool) { return typed, false }

// PhoneLabel shows a number by French pairs (05 56 00 00 00), with spaces that do not
// break.
func PhoneLabel(e164 string) string { return e164 }

// Email tells whether the address can be written to, and be in the national file.
func Email(s string) bool { return false }

// WebURL returns an address of the web, with https:// when it was not typed, and
// whether it is one.
func WebURL(typed string) (address string, ok bool) { return typed, false }
