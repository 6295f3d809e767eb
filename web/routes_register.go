package web

import "bordeaux-metropole.fr/portal/web/structure/register"

// registerTable is how a structure registers, and how somebody asks to act for one.
func (p pages) registerTable() []Route {
	const (
		start   = "/structures/inscription"
		draft   = start + "/{token}"
		section = draft + "/{etape:(structure|adresse|college|services|accueil|reseaux|personnes|accords)}"
		confirm = "/structures/confirmation/{token}"
		acces   = "/structures/{id:[0-9]+}/acces"
		large   = register.MaxBody
	)
	return []Route{
		{Method: get, Pattern: start, Who: anyone, Handle: p.register.ShowStart, Cached: true, Label: "Inscrire une structure au GNI", Group: publicPages},
		{Method: post, Pattern: start, Who: anyone, Handle: p.register.Start},
		{Method: get, Pattern: draft, Who: anyone, Handle: p.register.ShowDraft},
		{Method: post, Pattern: draft + "/lien", Who: anyone, Handle: p.register.MailLink, MaxBody: large},
		{Method: get, Pattern: draft + "/verification", Who: anyone, Handle: p.register.ShowCheck},
		{Method: post, Pattern: draft + "/verification", Who: anyone, Handle: p.register.Submit, MaxBody: large},
		{Method: get, Pattern: draft + "/envoyee", Who: anyone, Handle: p.register.ShowSent},
		{Method: post, Pattern: draft + "/envoyee", Who: anyone, Handle: p.register.Resend, MaxBody: large},
		{Method: get, Pattern: section, Who: anyone, Handle: p.register.ShowSection},
		{Method: post, Pattern: section, Who: anyone, Handle: p.register.SaveSection, MaxBody: large},
		{Method: get, Pattern: confirm, Who: anyone, Handle: p.register.ShowConfirmation},
		{Method: post, Pattern: confirm, Who: anyone, Handle: p.register.Confirm, MaxBody: large},
		{Method: get, Pattern: acces, Who: anyone, Handle: p.register.ShowAccess},
		{Method: post, Pattern: acces, Who: anyone, Handle: p.register.RequestAccess},
	}
}
