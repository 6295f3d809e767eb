package account

import (
	"bordeaux-metropole.fr/portal/internal/notify"
)

// The mails of this package, in plain French, one action each. None repeats what
// was typed by somebody who is not signed in.

var _ = notify.NameKinds(map[string]string{
	"password_changed":   "Mot de passe changé",
	"email_change":       "Confirmation d’adresse",
	"email_change_asked": "Changement d’adresse demandé",
	"email_changed":      "Adresse changée",
	"second_factor":      "Double vérification",
})

func mailTo(p Person, kind, subject string, paragraphs ...string) notify.Mail {
	return notify.Mail{Kind: kind, ToAddress: p.Email, ToName: p.Name(), Subject: subject, Paragraphs: paragraphs}
}

func withLink(m notify.Mail, action, link string) notify.Mail {
	m.Action, m.Link, m.Secret = action, link, true
	return m
}

func invitationMail(p Person, link string) notify.Mail {
	return withLink(mailTo(p, "invitation", "Votre accès au portail de l’inclusion numérique",
		"Bordeaux Métropole vous ouvre un accès au portail de la gouvernance de l’inclusion numérique. Vous y trouverez les réunions, les documents et ce qui est attendu de vous.",
		"Pour commencer, choisissez votre mot de passe. Le lien ci-dessous marche quatorze jours.",
		"Si vous ne savez pas pourquoi vous recevez ce message, ne faites rien."),
		"Choisir mon mot de passe", link)
}

func resetMail(p Person, link string) notify.Mail {
	return withLink(mailTo(p, "password_reset", "Choisir un nouveau mot de passe",
		"Vous avez demandé à changer le mot de passe de votre compte sur le portail de l’inclusion numérique.",
		"Le lien ci-dessous marche trente minutes.",
		"Si vous n’avez rien demandé, ne faites rien : votre mot de passe reste le même."),
		"Choisir un nouveau mot de passe", link)
}

func passwordChangedMail(p Person) notify.Mail {
	return mailTo(p, "password_changed", "Votre mot de passe a été changé",
		"Le mot de passe de votre compte sur le portail de l’inclusion numérique vient d’être changé. Vos autres appareils ont été déconnectés.",
		"Si ce n’était pas vous, demandez tout de suite un nouveau mot de passe avec « Mot de passe oublié », puis prévenez l’équipe en répondant à ce message.")
}

func confirmEmailMail(p Person, newEmail, link string) notify.Mail {
	m := withLink(mailTo(p, "email_change", "Confirmez votre nouvelle adresse",
		"Vous avez demandé à utiliser cette adresse pour votre compte sur le portail de l’inclusion numérique.",
		"Confirmez-la avec le lien ci-dessous. Il marche un jour.",
		"Si vous n’avez rien demandé, ne faites rien."),
		"Confirmer mon adresse", link)
	m.ToAddress = newEmail
	return m
}

func emailAskedMail(p Person) notify.Mail {
	return mailTo(p, "email_change_asked", "Un changement d’adresse a été demandé",
		"Un changement d’adresse électronique vient d’être demandé pour votre compte sur le portail de l’inclusion numérique. Il n’aura lieu que si la nouvelle adresse est confirmée.",
		"Si ce n’était pas vous, changez votre mot de passe et prévenez l’équipe en répondant à ce message.")
}

func emailChangedMail(p Person) notify.Mail {
	return mailTo(p, "email_changed", "L’adresse de votre compte a changé",
		"Votre compte sur le portail de l’inclusion numérique utilise maintenant une autre adresse électronique. Celle-ci ne permet plus de se connecter.",
		"Si ce n’était pas vous, prévenez l’équipe en répondant à ce message.")
}

func codeMail(p Person, code string) notify.Mail {
	m := mailTo(p, "sign_in_code", "Votre code de connexion",
		"Vous vous connectez au portail de l’inclusion numérique depuis un navigateur que nous ne connaissons pas.",
		"Saisissez ce code : "+notify.CodeMark+". Il marche dix minutes.",
		"Si ce n’était pas vous, quelqu’un connaît votre mot de passe : changez-le tout de suite avec « Mot de passe oublié ».")
	m.Code = code // kept apart and erased once sent, like a personal link
	return m
}

func secondFactorMail(p Person, on bool) notify.Mail {
	if on {
		return mailTo(p, "second_factor", "La double vérification est activée",
			"Votre compte sur le portail de l’inclusion numérique demande maintenant un code de votre application à chaque connexion.",
			"Si ce n’était pas vous, prévenez l’équipe en répondant à ce message.")
	}
	return mailTo(p, "second_factor", "La double vérification est arrêtée",
		"Votre compte sur le portail de l’inclusion numérique ne demande plus de code de votre application.",
		"Si ce n’était pas vous, changez votre mot de passe et prévenez l’équipe en répondant à ce message.")
}
