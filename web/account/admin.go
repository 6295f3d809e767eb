package account

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/account"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// List is GET /administration/comptes.
func (p *Pages) List(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	filter := account.Filter{Search: q.Get("q"), Role: roleOf(q.Get("role")), State: stateOf(q.Get("etat"))}
	if after, err := strconv.ParseInt(q.Get("page"), 10, 64); err == nil && after > 0 {
		filter.After = access.PersonID(after)
	}
	rows, next, err := p.Service.List(r.Context(), page.Actor(r), filter)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("q", filter.Search)
	f.Set("role", string(filter.Role))
	f.Set("etat", string(filter.State))
	c := p.Kit.Chrome(r, ui.Chrome{Title: "Comptes", Section: adminSection, Wide: true})
	return p.Kit.Show(w, r, http.StatusOK, listPage(c, listView{
		Form: f, Rows: rows, Filtered: filter != account.Filter{After: filter.After}, Pager: pager(filter, next),
	}))
}

// listView is what the list shows.
type listView struct {
	Form     *form.Form
	Rows     []account.Row
	Filtered bool
	Pager    ui.Pager
}

// pager leads on by the last person shown: the list is read from there.
func pager(f account.Filter, next access.PersonID) ui.Pager {
	q := url.Values{}
	for name, v := range map[string]string{"q": f.Search, "role": string(f.Role), "etat": string(f.State)} {
		if v != "" {
			q.Set(name, v)
		}
	}
	var p ui.Pager
	if f.After != 0 {
		p.Prev = accountsPath + "?" + q.Encode()
	}
	if next != 0 {
		q.Set("page", strconv.FormatInt(int64(next), 10))
		p.Next = accountsPath + "?" + q.Encode()
	}
	return p
}

func roleOf(s string) access.Role {
	if slices.Contains(access.Roles, access.Role(s)) && access.Role(s) != access.Public {
		return access.Role(s)
	}
	return ""
}

func stateOf(s string) account.State {
	if slices.Contains(account.States, account.State(s)) {
		return account.State(s)
	}
	return ""
}

// ShowInvite is GET /administration/comptes/inviter.
func (p *Pages) ShowInvite(w http.ResponseWriter, r *http.Request) error {
	return p.invitePage(w, r, http.StatusOK, form.New())
}

func (p *Pages) invitePage(w http.ResponseWriter, r *http.Request, status int, f *form.Form) error {
	return p.Kit.Show(w, r, status, invitePage(p.Kit.FormChrome(r, adminChrome("Inviter une personne"), f), keyed(f)))
}

// Invite is POST /administration/comptes/inviter.
func (p *Pages) Invite(w http.ResponseWriter, r *http.Request) error {
	var who account.Person
	var roles []access.Role
	f, err := read(r, func(f *form.Form) {
		who.FirstName = f.Line("prenom", "Saisissez le prénom.", 80)
		who.LastName = f.Line("nom", "Saisissez le nom.", 80)
		who.Email = f.Email("courriel", "Saisissez l’adresse électronique.")
		f.Raw("roles")
		for _, v := range f.Values("roles") {
			if role := access.Role(v); slices.Contains(account.GrantedRoles, role) {
				roles = append(roles, role)
			} else {
				f.Fail("roles", "Choisissez parmi les rôles proposés.")
			}
		}
	})
	if err != nil {
		return err
	}
	if !f.OK() {
		return p.invitePage(w, r, page.FormStatus(f), f)
	}
	id, err := p.Service.InvitePerson(r.Context(), page.Actor(r), who, roles)
	if err != nil {
		if status := takes(w, f, err); status != 0 {
			return p.invitePage(w, r, status, f)
		}
		return err
	}
	return p.Kit.Done(w, r, accountAddress(id), "L’invitation est partie. Son lien marche quatorze jours.")
}

func accountAddress(id access.AccountID) string {
	return accountsPath + "/" + strconv.FormatInt(int64(id), 10)
}

// ShowAccount is GET /administration/comptes/{id}.
func (p *Pages) ShowAccount(w http.ResponseWriter, r *http.Request) error {
	id, err := accountOf(r)
	if err != nil {
		return err
	}
	return p.accountPage(w, r, http.StatusOK, id, form.New())
}

func (p *Pages) accountPage(w http.ResponseWriter, r *http.Request, status int, id access.AccountID, f *form.Form) error {
	by := page.Actor(r)
	d, err := p.Service.Details(r.Context(), by, id)
	if err != nil {
		return err
	}
	c := p.Kit.FormChrome(r, adminChrome(d.Person.Name()), f)
	return p.Kit.Show(w, r, status, accountPage(c, f, d, accountAddress(id), id == by.Account))
}

// act runs one act on an account and comes back to its page. What cannot be done
// is said there.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, done string, ask func(*form.Form), do func(context.Context, access.Actor, access.AccountID) error) error {
	id, err := accountOf(r)
	if err != nil {
		return err
	}
	f, err := read(r, ask)
	if err != nil {
		return err
	}
	if !f.OK() {
		return p.accountPage(w, r, page.FormStatus(f), id, f)
	}
	if err := do(r.Context(), page.Actor(r), id); err != nil {
		if f.Takes(err) {
			return p.accountPage(w, r, page.StatusOf(err), id, f)
		}
		return err
	}
	return p.Kit.Done(w, r, accountAddress(id), done)
}

func nothing(*form.Form) {}

// Reinvite is POST /administration/comptes/{id}/invitation.
func (p *Pages) Reinvite(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, "Une nouvelle invitation est partie ; l’ancien lien ne marche plus.", nothing, p.Service.Reinvite)
}

// GrantRole is POST /administration/comptes/{id}/role.
func (p *Pages) GrantRole(w http.ResponseWriter, r *http.Request) error {
	var role access.Role
	return p.act(w, r, "Le rôle est donné.", askRole(&role), func(ctx context.Context, by access.Actor, id access.AccountID) error {
		return p.Service.Grant(ctx, by, id, role)
	})
}

// EndRole is POST /administration/comptes/{id}/role/fin.
func (p *Pages) EndRole(w http.ResponseWriter, r *http.Request) error {
	var role access.Role
	return p.act(w, r, "Le rôle est retiré, avec effet immédiat.", askRole(&role), func(ctx context.Context, by access.Actor, id access.AccountID) error {
		return p.Service.EndRole(ctx, by, id, role)
	})
}

func askRole(role *access.Role) func(*form.Form) {
	return func(f *form.Form) {
		allowed := make([]string, len(account.GrantedRoles))
		for i, r := range account.GrantedRoles {
			allowed[i] = string(r)
		}
		*role = access.Role(f.Choice("role", "Choisissez un rôle.", allowed...))
	}
}

// Disable is POST /administration/comptes/{id}/desactivation.
func (p *Pages) Disable(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, "Le compte est désactivé et ses appareils sont déconnectés.", nothing, p.Service.Disable)
}

// Enable is POST /administration/comptes/{id}/activation.
func (p *Pages) Enable(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, "Le compte est réactivé.", nothing, p.Service.Enable)
}

// ResetFactor is POST /administration/comptes/{id}/second-facteur.
func (p *Pages) ResetFactor(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, "La double vérification est remise à zéro. La personne en est prévenue.", nothing, p.Service.ResetSecondFactor)
}

// EndSessions is POST /administration/comptes/{id}/deconnexion.
func (p *Pages) EndSessions(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, "Tous les appareils de ce compte sont déconnectés.", nothing, p.Service.EndSessions)
}
