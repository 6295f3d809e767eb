package account

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"bordeaux-metropole.fr/portal/internal/account"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// KeepForm answers a form sent to a protected page by somebody whose session is
// over: what was typed is kept, without secrets nor files, and comes back after
// signing in. The choke point calls it when the route exists and its rule does not
// admit the public.
func (p *Pages) KeepForm(w http.ResponseWriter, r *http.Request) error {
	if token, err := p.keep(w, r); err != nil {
		return err
	} else if token != "" {
		p.Sessions.cookies.set(w, keptCookie, token, account.KeptLifetime)
	}
	http.Redirect(w, r, withSuite(signInPath, pageOf(r)), http.StatusSeeOther)
	return nil
}

// keep returns "" when there is nothing to keep, or no way to: the person signs
// in all the same.
func (p *Pages) keep(w http.ResponseWriter, r *http.Request) (string, error) {
	cookie, err := r.Cookie(p.Sessions.CookieName())
	if err != nil {
		return "", nil // there never was a session
	}
	r.Body = http.MaxBytesReader(w, r.Body, account.MaxKept)
	fields := textsBeforeFile(r)
	if fields == nil {
		if _, err := form.Read(r); err != nil {
			return "", nil
		}
		fields = r.PostForm
	}
	return p.Service.Keep(r.Context(), scsHash(cookie.Value), account.KeptForm{Path: r.URL.RequestURI(), Fields: fields})
}

// textsBeforeFile reads what was typed in a form that takes files, up to the first
// one: a photo is too large to be kept, and would take the texts with it. nil for any
// other form.
func textsBeforeFile(r *http.Request) url.Values {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil
	}
	fields := url.Values{}
	for {
		part, err := parts.NextPart()
		if err != nil || part.FileName() != "" {
			return fields
		}
		b, err := io.ReadAll(part)
		if err != nil {
			return fields
		}
		if name, v := part.FormName(), string(b); utf8.ValidString(name+v) && !strings.ContainsRune(name+v, 0) {
			fields.Add(name, v)
		}
	}
}

// scsHash is how scs hashes a token for its store (scs.HashTokenInStore).
func scsHash(token string) string {
	h := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(h[:])
}

// pageOf returns the page a form was on: where the browser says it comes from if
// that is ours, else the address it was sent to.
func pageOf(r *http.Request) string {
	if from, err := url.Parse(r.Referer()); err == nil && from.Host == r.Host {
		if path := account.SafePath(from.RequestURI()); path != "" {
			return path
		}
	}
	return account.SafePath(r.URL.RequestURI())
}

// ShowKept is GET /reprise: what was kept, ready to be sent to the page it was for,
// which shows it filled and does nothing else (form.Review).
func (p *Pages) ShowKept(w http.ResponseWriter, r *http.Request) error {
	suite := account.SafePath(r.URL.Query().Get("suite"))
	kept, ok, err := p.Service.Kept(r.Context(), page.Actor(r), p.Sessions.cookies.get(r, keptCookie))
	if err != nil {
		return err
	}
	if !ok {
		p.Sessions.cookies.clear(w, keptCookie)
		http.Redirect(w, r, orHome(suite), http.StatusSeeOther)
		return nil
	}
	return p.Kit.Show(w, r, http.StatusOK, keptPage(p.Kit.Chrome(r, ui.Chrome{Title: "Votre saisie a été gardée"}), kept, orHome(suite)))
}

// ResumeKept is POST /reprise: the form is deleted from our side and the browser
// sends it on to its page (307 keeps the method and the body).
func (p *Pages) ResumeKept(w http.ResponseWriter, r *http.Request) error {
	path, ok, err := p.Service.Resume(r.Context(), page.Actor(r), p.Sessions.cookies.get(r, keptCookie))
	if err != nil {
		return err
	}
	p.Sessions.cookies.clear(w, keptCookie)
	if !ok {
		return p.Kit.Done(w, r, homePath, "Cette saisie a déjà été reprise ou n’est plus gardée.")
	}
	http.Redirect(w, r, path, http.StatusTemporaryRedirect)
	return nil
}

// DropKept is POST /reprise/abandon.
func (p *Pages) DropKept(w http.ResponseWriter, r *http.Request) error {
	var suite string
	if _, err := read(r, func(f *form.Form) { suite = account.SafePath(f.Raw("suite")) }); err != nil {
		return err
	}
	_, _, err := p.Service.Resume(r.Context(), page.Actor(r), p.Sessions.cookies.get(r, keptCookie))
	if err != nil {
		return err
	}
	p.Sessions.cookies.clear(w, keptCookie)
	return p.Kit.Done(w, r, orHome(suite), "La saisie gardée est effacée.")
}
