package structure

import (
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
)

// The mails of a registration. Until an address is confirmed, none repeats what was
// typed: the portal must not carry a stranger's words to somebody else's mailbox.

var _ = notify.NameKinds(map[string]string{
	"registration_link":    "Lien pour reprendre une inscription",
	"registration_confirm": "Confirmation d’une inscription",
	"registration_follow":  "Suivi d’une inscription",
	"access_request":       "Demande d’accès à une structure",
	"access_known":         "Accès déjà ouvert à une structure",
})

func registrationDraftMail(to, link string) notify.Mail {
	return notify.Mail{Kind: "registration_link", ToAddress: to, Subject: "Reprendre votre inscription au Groupe Numérique Inclusif",
		Paragraphs: []string{
			"Vous avez commencé l’inscription d’une structure au Groupe Numérique Inclusif (GNI) de Bordeaux Métropole.",
			"Le lien ci-dessous ramène à vos réponses. Gardez-le pour vous : qui l’ouvre peut les lire et les changer. Elles sont effacées 30 jours après la dernière modification.",
			"Si vous n’avez rien demandé, ne faites rien."},
		Action: "Reprendre l’inscription", Link: link, Secret: true, Reusable: true,
		Why: "Vous recevez ce message parce que cette adresse a été saisie sur le portail pour recevoir ce lien."}
}

func registrationConfirmMail(to, link string) notify.Mail {
	return notify.Mail{Kind: "registration_confirm", ToAddress: to, Subject: "Confirmez votre adresse pour envoyer votre demande",
		Paragraphs: []string{
			"L’inscription d’une structure au Groupe Numérique Inclusif (GNI) de Bordeaux Métropole a été remplie avec cette adresse.",
			"Confirmez-la avec le lien ci-dessous : votre demande part alors à l’équipe. Le lien marche sept jours, une seule fois.",
			"Si vous n’avez rien demandé, ne faites rien : la demande sera effacée."},
		Action: "Confirmer mon adresse", Link: link, Secret: true,
		Why: "Vous recevez ce message parce que cette adresse a été donnée comme celle de la personne référente d’une structure."}
}

func registrationFollowMail(to recipient, name, link string) notify.Mail {
	return notify.Mail{Kind: "registration_follow", ToAddress: to.Email, ToName: to.Name, Subject: "Votre demande est bien arrivée",
		Paragraphs: []string{
			"Votre adresse est confirmée : l’équipe de Bordeaux Métropole examine la demande d’inscription " + french.De(name) + " au Groupe Numérique Inclusif (GNI) et vous répond par courriel.",
			"Le lien ci-dessous montre où en est votre demande. Si l’équipe vous demande une précision, vous y répondrez."},
		Action: "Suivre ma demande", Link: link, Secret: true, Reusable: true,
		Why: "Vous recevez ce message parce que vous êtes la personne référente de cette demande."}
}

func accessKnownMail(to, link string) notify.Mail {
	return notify.Mail{Kind: "access_known", ToAddress: to, Subject: "Vous avez déjà accès à cette structure",
		Paragraphs: []string{
			"Un accès à une structure du Groupe Numérique Inclusif (GNI) a été demandé avec cette adresse. Elle y a déjà accès : connectez-vous avec elle.",
			"Si vous n’avez pas encore de mot de passe, ou plus, utilisez « Mot de passe oublié ».",
			"Si vous n’avez rien demandé, ne faites rien."},
		Action: "Me connecter", Link: link,
		Why: "Vous recevez ce message parce que cette adresse a été saisie sur le portail pour demander un accès."}
}
