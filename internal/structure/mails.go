package structure

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
)

var _ = notify.NameKinds(map[string]string{
	"structure_accepted": "Structure acceptée", "structure_asked": "Précision demandée à une structure",
	"structure_refused": "Demande de structure refusée", "structure_reopened": "Demande de structure rouverte",
})

const whyApplicant = "Vous recevez ce message parce que votre adresse est celle de la personne référente de cette demande."

// recourse is how a refusal may be challenged: an administrative decision that
// affects the applicant says it.
const recourse = "Si vous contestez cette décision, vous pouvez former un recours gracieux auprès de la présidence de Bordeaux Métropole, " +
	"ou un recours contentieux devant le tribunal administratif de Bordeaux, dans les deux mois qui suivent ce message."

// acceptedMails tell that a structure is a member: what the GNI is, what comes next.
// The invitation to make an account leaves by itself, with its own link.
func (s *Service) acceptedMails(sheet Sheet, to []recipient, on day.Day) []notify.Mail {
	mails := make([]notify.Mail, 0, len(to))
	for _, r := range to {
		mails = append(mails, notify.Mail{
			Kind: "structure_accepted", ToAddress: r.Email, ToName: r.Name,
			Subject: "Votre structure a rejoint le GNI : " + sheet.Name,
			Paragraphs: []string{
				sheet.Name + " est membre du Groupe Numérique Inclusif (GNI) à partir du " + french.LongDate(on) +
					", dans le collège « " + sheet.College.Label() + " ».",
				"Le GNI réunit trois fois par an les structures locales qui agissent pour l’inclusion numérique. Il oriente les initiatives du territoire " +
					"et désigne dix représentants au comité métropolitain.",
				"La suite : vous recevez une convocation avant chaque réunion, et votre structure vote dans son collège quand le GNI élit ses représentants.",
				"Si vous n’avez pas encore de compte, un autre message vous invite à en créer un. Vous y gérez votre fiche et les personnes de votre structure.",
			},
			Action: "Voir la fiche de votre structure", Link: s.baseURL + "/structures/" + strconv.FormatInt(int64(sheet.ID), 10), Why: whyApplicant,
		})
	}
	return typeset(mails)
}

// askedMail carries a question of the team.
func (s *Service) askedMail(sheet Sheet, question string) notify.Mail {
	return notify.Mail{
		Kind: "structure_asked", Subject: "Une précision sur la demande " + french.De(sheet.Name),
		Paragraphs: []string{
			"Nous examinons la demande d’inscription de " + sheet.Name + " au Groupe Numérique Inclusif (GNI). Il nous manque une précision :",
			question,
			"Le lien ci-dessous ouvre votre demande, sans compte : répondez-y, et corrigez votre fiche si c’est utile. Il marche pendant six mois.",
		},
		Action: "Répondre à l’équipe", Why: whyApplicant,
	}
}

// refusedMail carries a refusal, its reason, and what may be done about it.
func (s *Service) refusedMail(sheet Sheet, reason string) notify.Mail {
	return notify.Mail{
		Kind: "structure_refused", Subject: "Réponse à la demande " + french.De(sheet.Name),
		Paragraphs: []string{
			"Nous avons examiné la demande d’inscription de " + sheet.Name + " au Groupe Numérique Inclusif (GNI). Elle est refusée, pour ce motif :",
			reason,
			"Vous pouvez nous écrire en répondant à ce message. Si votre situation change, inscrivez de nouveau votre structure : " + s.baseURL + RegistrationPath,
			recourse,
		},
		Action: "Relire votre demande", Why: whyApplicant,
	}
}

// reopenedMail tells that a refused request is examined again.
func (s *Service) reopenedMail(sheet Sheet, reason string) notify.Mail {
	m := notify.Mail{
		Kind: "structure_reopened", Subject: "La demande " + french.De(sheet.Name) + " est de nouveau examinée",
		Paragraphs: []string{
			"La demande d’inscription de " + sheet.Name + " au Groupe Numérique Inclusif (GNI) avait été refusée. Nous l’avons rouverte : elle est de nouveau examinée.",
		},
		Action: "Suivre votre demande", Why: whyApplicant,
	}
	if reason != "" {
		m.Paragraphs = append(m.Paragraphs, reason)
	}
	m.Paragraphs = append(m.Paragraphs, "Vous n’avez rien à faire pour l’instant. Un message vous donnera la réponse.")
	return m
}

// tellApplicants sends the mail to who is in charge of the request, with a personal
// link to it.
func (s *Service) tellApplicants(ctx context.Context, tx pgx.Tx, sheet Sheet, m notify.Mail) error {
	to, err := applicants(ctx, tx, sheet.ID)
	if err != nil {
		return err
	}
	mails := make([]notify.Mail, 0, len(to))
	for _, r := range to { // one at most: structure_contact_in_charge_once
		token, err := newLink(ctx, tx, sheet.ID, ForApplication, r.Name)
		if err != nil {
			return err
		}
		one := m
		one.ToAddress, one.ToName = r.Email, r.Name
		one.Link, one.Secret, one.Reusable = s.baseURL+RequestPath+token, true, true
		mails = append(mails, one)
	}
	_, err = s.outbox.QueueMany(ctx, tx, typeset(mails))
	return err
}

// typeset sets what the mails say by the rules of French typography.
func typeset(mails []notify.Mail) []notify.Mail {
	for i := range mails {
		mails[i].Subject = french.Typo(mails[i].Subject)
		for j, p := range mails[i].Paragraphs {
			mails[i].Paragraphs[j] = french.Typo(p)
		}
	}
	return mails
}
