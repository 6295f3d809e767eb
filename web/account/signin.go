package account

import (
	"errors"
	"net/http"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/account"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// ShowSignIn is GET /connexion.
func (p *Pages) ShowSignIn(w http.ResponseWriter, r *http.Request) error {
	suite := account.SafePath(r.URL.Query().Get("suite"))
	if page.Actor(r).SignedIn() {
		http.Redirect(w, r, orHome(suite), http.StatusSeeOther)
		return nil
	}
	f := form.New()
	f.Set("suite", suite)
	return p.signInPage(w, r, http.StatusOK, f)
}

func (p *Pages) signInPage(w http.ResponseWriter, r *http.Request, status int, f *form.Form) error {
	w.Header().Set("Cache-Control", "no-store")
	kept := p.Sessions.cookies.get(r, keptCookie) != ""
	return p.Kit.Show(w, r, status, signInPage(p.Kit.FormChrome(r, ui.Chrome{Title: "Se connecter"}, f), f, kept, p.Kit.Demo))
}

// SignIn is POST /connexion.
func (p *Pages) SignIn(w http.ResponseWriter, r *http.Request) error {
	var email, password, suite string
	f, err := read(r, func(f *form.Form) {
		email = f.Email("courriel", "Saisissez votre adresse électronique.")
		password = f.Secret(passwordField, "Saisissez votre mot de passe.")
		suite = account.SafePath(f.Raw("suite"))
	})
	if err != nil {
		return err
	}
	if !f.OK() {
		return p.signInPage(w, r, page.FormStatus(f), f)
	}
	out, err := p.Service.SignIn(r.Context(), email, password, p.visitor(r))
	if err != nil {
		if status := takes(w, f, err); status != 0 {
			return p.signInPage(w, r, status, f)
		}
		return err
	}
	return p.follow(w, r, out, suite)
}

// follow leads where a right password leads: in, or to the second step.
func (p *Pages) follow(w http.ResponseWriter, r *http.Request, out account.Outcome, suite string) error {
	if out.Step != nil {
		p.Sessions.cookies.set(w, stepCookie, out.Step.Token, account.StepLifetime)
		path := codePath
		if out.Step.Method == account.Enrolment {
			path = enrolPath
		}
		http.Redirect(w, r, withSuite(path, suite), http.StatusSeeOther)
		return nil
	}
	to, err := p.enter(w, r, out.SignedIn, suite)
	if err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// enter opens the session and returns where to go: the form that was kept for
// this person, the page they wanted, or their home.
func (p *Pages) enter(w http.ResponseWriter, r *http.Request, in *account.SignedIn, suite string) (string, error) {
	if err := p.Sessions.open(w, r, in); err != nil {
		return "", err
	}
	p.Sessions.cookies.clear(w, stepCookie)
	if token := p.Sessions.cookies.get(r, keptCookie); token != "" {
		_, ok, err := p.Service.Kept(r.Context(), access.Actor{Account: in.Account}, token)
		logged(r.Context(), "look for a kept form", err)
		if ok {
			return withSuite(keptPath, suite), nil
		}
		p.Sessions.cookies.clear(w, keptCookie)
	}
	return orHome(suite), nil
}

func orHome(suite string) string {
	if suite == "" {
		return homePath
	}
	return suite
}

// SignOut is POST /deconnexion. It works for whoever is not signed in any more.
func (p *Pages) SignOut(w http.ResponseWriter, r *http.Request) error {
	known := page.Actor(r).SignedIn()
	if err := p.Sessions.close(w, r); err != nil {
		return err
	}
	// ASVS 14.3.1: what the browser holds of the session goes too.
	w.Header().Set("Clear-Site-Data", `"cache"`)
	if !known { // a message would open a session for whoever asks, as often as they ask
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	return p.Kit.Done(w, r, "/", "Vous êtes déconnecté.")
}

// ShowCode is GET /connexion/code.
func (p *Pages) ShowCode(w http.ResponseWriter, r *http.Request) error {
	f := form.New()
	f.Set("suite", account.SafePath(r.URL.Query().Get("suite")))
	return p.stepPage(w, r, http.StatusOK, f)
}

// ShowEnrolment is GET /connexion/second-facteur: the application is set before
// the first session of the team and of administrators.
func (p *Pages) ShowEnrolment(w http.ResponseWriter, r *http.Request) error { return p.ShowCode(w, r) }

// stepPage shows the step the cookie names, whichever of the two addresses was
// asked for.
func (p *Pages) stepPage(w http.ResponseWriter, r *http.Request, status int, f *form.Form) error {
	w.Header().Set("Cache-Control", "no-store")
	step, err := p.Service.ReadStep(r.Context(), p.Sessions.cookies.get(r, stepCookie))
	if err != nil {
		return p.startOver(w, r, f.Value("suite"), err)
	}
	if step.Method != account.Enrolment {
		c := p.Kit.FormChrome(r, ui.Chrome{Title: "Saisir votre code", Section: "Se connecter"}, f)
		return p.Kit.Show(w, r, status, codePage(c, f, step.Method == account.ByMail))
	}
	key, err := keyView(step.Person.Email, step.Secret)
	if err != nil {
		return err
	}
	c := p.Kit.FormChrome(r, ui.Chrome{Title: "Protéger votre compte", Section: "Se connecter"}, f)
	return p.Kit.Show(w, r, status, enrolPage(c, f, key))
}

// startOver leads back to the password when a step leads nowhere any more.
func (p *Pages) startOver(w http.ResponseWriter, r *http.Request, suite string, err error) error {
	if !isStepOver(err) {
		return err
	}
	p.Sessions.cookies.clear(w, stepCookie)
	return p.Kit.Done(w, r, withSuite(signInPath, suite), account.ErrStepOver.Message)
}

func isStepOver(err error) bool { return errors.Is(err, account.ErrStepOver) }

// SendCode is POST /connexion/code, and POST /connexion/second-facteur.
func (p *Pages) SendCode(w http.ResponseWriter, r *http.Request) error {
	var code, suite string
	f, err := read(r, func(f *form.Form) {
		code = f.Secret("code", "Saisissez le code.")
		suite = account.SafePath(f.Raw("suite"))
	})
	if err != nil {
		return err
	}
	if !f.OK() {
		return p.stepPage(w, r, page.FormStatus(f), f)
	}
	in, recovery, err := p.Service.FinishStep(r.Context(), p.Sessions.cookies.get(r, stepCookie), code, p.visitor(r))
	if isStepOver(err) {
		return p.startOver(w, r, suite, err)
	}
	if err != nil {
		if status := takes(w, f, err); status != 0 {
			return p.stepPage(w, r, status, f)
		}
		return err
	}
	to, err := p.enter(w, r, in, suite)
	if err != nil {
		return err
	}
	if recovery == nil {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	return p.recoveryPage(w, r, recovery, to)
}

// recoveryPage shows the recovery codes, once.
func (p *Pages) recoveryPage(w http.ResponseWriter, r *http.Request, codes []string, to string) error {
	w.Header().Set("Cache-Control", "no-store")
	return p.Kit.Show(w, r, http.StatusOK, recoveryPage(p.Kit.Chrome(r, myChrome("Vos codes de secours")), codes, to))
}
