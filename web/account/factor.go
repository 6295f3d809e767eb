package account

import (
	"context"
	"net/http"
	"strings"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/account"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
)

// factorKey is a key as the page shows it: to scan, or to type.
type factorKey struct {
	QR    account.QR
	Typed string // in groups of four
}

func keyView(email, secret string) (factorKey, error) {
	qr, err := account.QRCode(account.OTPAuthURL(email, secret))
	if err != nil {
		return factorKey{}, err
	}
	var groups []string
	for s := secret; s != ""; {
		n := min(4, len(s))
		groups, s = append(groups, s[:n]), s[n:]
	}
	return factorKey{QR: qr, Typed: strings.Join(groups, " ")}, nil
}

// ShowFactor is GET /mon-compte/second-facteur.
func (p *Pages) ShowFactor(w http.ResponseWriter, r *http.Request) error {
	return p.factorPage(w, r, http.StatusOK, form.New())
}

func (p *Pages) factorPage(w http.ResponseWriter, r *http.Request, status int, f *form.Form) error {
	c := p.Kit.FormChrome(r, myChrome("Double vérification"), f)
	if !p.Service.SecondFactorRequired() {
		return p.Kit.Show(w, r, status, factorNonePage(c))
	}
	profile, err := p.Service.Profile(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	if profile.SecondFactor {
		return p.Kit.Show(w, r, status, factorOnPage(c, profile.RecoveryCodesLeft, mustKeep(page.Actor(r))))
	}
	key, err := keyView(profile.Person.Email, p.Sessions.pendingKeyOf(r.Context()))
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, status, factorOffPage(c, f, key))
}

// mustKeep tells whether the person may not stop the second factor; the service
// decides.
func mustKeep(a access.Actor) bool {
	for _, c := range a.Capacities {
		if c.Role == access.Administrator || c.Role == access.Team {
			return true
		}
	}
	return false
}

// EnableFactor is POST /mon-compte/second-facteur.
func (p *Pages) EnableFactor(w http.ResponseWriter, r *http.Request) error {
	code, password, f, err := readFactor(r)
	if err != nil {
		return err
	}
	if !p.Service.SecondFactorRequired() || !f.OK() {
		return p.factorPage(w, r, page.FormStatus(f), f)
	}
	ctx := r.Context()
	codes, err := p.Service.EnableSecondFactor(ctx, page.Actor(r), p.Sessions.pendingKeyOf(ctx), code, password)
	if err != nil {
		if status := takes(w, f, err); status != 0 {
			return p.factorPage(w, r, status, f)
		}
		return err
	}
	p.Sessions.dropPendingKey(ctx)
	if err := p.Sessions.rotate(ctx, ""); err != nil {
		return err
	}
	return p.recoveryPage(w, r, codes, accountPath)
}

func readFactor(r *http.Request) (code, password string, f *form.Form, err error) {
	f, err = read(r, func(f *form.Form) {
		code = f.Secret("code", "Saisissez le code.")
		password = f.Secret(currentField, "Saisissez votre mot de passe actuel.")
	})
	return code, password, f, err
}

// ShowRenewCodes is GET /mon-compte/second-facteur/codes.
func (p *Pages) ShowRenewCodes(w http.ResponseWriter, r *http.Request) error {
	return p.renewPage(w, r, http.StatusOK, form.New())
}

func (p *Pages) renewPage(w http.ResponseWriter, r *http.Request, status int, f *form.Form) error {
	return p.Kit.Show(w, r, status, renewCodesPage(p.Kit.FormChrome(r, myChrome("Nouveaux codes de secours"), f), f))
}

// RenewCodes is POST /mon-compte/second-facteur/codes.
func (p *Pages) RenewCodes(w http.ResponseWriter, r *http.Request) error {
	var codes []string
	f, status, err := p.actOnFactor(w, r, func(ctx context.Context, by access.Actor, code, password string) (err error) {
		codes, err = p.Service.RenewRecoveryCodes(ctx, by, code, password)
		return err
	})
	switch {
	case err != nil:
		return err
	case status != 0:
		return p.renewPage(w, r, status, f)
	}
	return p.recoveryPage(w, r, codes, accountPath)
}

// ShowDisableFactor is GET /mon-compte/second-facteur/arret.
func (p *Pages) ShowDisableFactor(w http.ResponseWriter, r *http.Request) error {
	return p.disablePage(w, r, http.StatusOK, form.New())
}

func (p *Pages) disablePage(w http.ResponseWriter, r *http.Request, status int, f *form.Form) error {
	return p.Kit.Show(w, r, status, disableFactorPage(p.Kit.FormChrome(r, myChrome("Arrêter la double vérification"), f), f))
}

// DisableFactor is POST /mon-compte/second-facteur/arret.
func (p *Pages) DisableFactor(w http.ResponseWriter, r *http.Request) error {
	f, status, err := p.actOnFactor(w, r, p.Service.DisableSecondFactor)
	switch {
	case err != nil:
		return err
	case status != 0:
		return p.disablePage(w, r, status, f)
	}
	return p.Kit.Done(w, r, accountPath, "La double vérification est arrêtée.")
}

// actOnFactor reads a code and the password and acts. A status that is not 0 asks
// for the form to be shown again.
func (p *Pages) actOnFactor(w http.ResponseWriter, r *http.Request, act func(context.Context, access.Actor, string, string) error) (*form.Form, int, error) {
	code, password, f, err := readFactor(r)
	if err != nil {
		return nil, 0, err
	}
	if !f.OK() {
		return f, page.FormStatus(f), nil
	}
	if err := act(r.Context(), page.Actor(r), code, password); err != nil {
		if status := takes(w, f, err); status != 0 {
			return f, status, nil
		}
		return nil, 0, err
	}
	return f, 0, nil
}
