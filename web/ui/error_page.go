package ui

import (
	"net/http"
	"net/url"
	"slices"

	"bordeaux-metropole.fr/portal/web/form"
)

// ErrorView is what a page of error says. Only Status is needed: ErrorPage fills
// Title and Message when they are empty.
type ErrorView struct {
	Status    int
	Title     string // the h1
	Message   string // what happened and what to do, in one or two sentences
	Reference string // to quote when writing to us: 500 and 503
	Needs     string // 403: the roles that may, from access.Rule
	// Kept holds what was typed when it could not be treated: the page carries it
	// in hidden fields and a button that sends it again to RetryPath.
	Kept      url.Values
	RetryPath string
	// Posted says that a form was being sent, so that the page tells whether the
	// answers are safe.
	Posted    bool
	SearchBox bool
}

// complete fills the title and the message usual for the status.
func (e ErrorView) complete() ErrorView {
	title, message := usual(e.Status)
	if e.Title == "" {
		e.Title = title
	}
	if e.Message == "" {
		e.Message = message
	}
	return e
}

func usual(status int) (title, message string) {
	switch status {
	case http.StatusBadRequest:
		return "Cette demande n’a pas pu être lue", "Revenez à la page précédente et recommencez."
	case http.StatusForbidden:
		return "Votre rôle ne donne pas accès à cette page", "Si vous pensez y avoir droit, écrivez à l’équipe métropolitaine."
	case http.StatusNotFound:
		return "Cette page n’existe pas", "L’adresse est peut-être mal recopiée, ou la page a changé de place."
	case http.StatusMethodNotAllowed:
		return "Cette adresse ne fait pas cela", "Revenez à la page précédente et utilisez ses boutons."
	case http.StatusConflict:
		return "Cette fiche a changé entre-temps", "Quelqu’un d’autre l’a modifiée. Relisez-la avant de recommencer."
	case http.StatusRequestEntityTooLarge:
		return "Votre envoi est trop volumineux", "Choisissez un fichier plus léger ou raccourcissez votre texte."
	case http.StatusUnprocessableEntity:
		return "Cette demande ne peut pas être traitée", "Revenez à la page précédente et vérifiez vos réponses."
	case http.StatusTooManyRequests:
		return "Trop d’essais en peu de temps", "Attendez quelques minutes, puis recommencez."
	case http.StatusServiceUnavailable:
		return "Le service est momentanément indisponible", "Nous n’avons pas pu joindre nos données. Réessayez dans un instant."
	}
	return "Le service a un problème", "L’incident est enregistré ; l’équipe en est prévenue."
}

// retry tells whether the page can send again what was typed.
func (e ErrorView) retry() bool { return e.RetryPath != "" && len(e.Kept) > 0 }

// pairs returns the kept values in a stable order. A password is never kept:
// form.Secret takes it out of the form.
func (e ErrorView) pairs() []HiddenField {
	names := make([]string, 0, len(e.Kept))
	for n := range e.Kept {
		names = append(names, n)
	}
	slices.Sort(names)
	var out []HiddenField
	for _, n := range names {
		if n == form.ReviewField {
			continue
		}
		for _, v := range e.Kept[n] {
			out = append(out, HiddenField{n, v})
		}
	}
	return out
}
