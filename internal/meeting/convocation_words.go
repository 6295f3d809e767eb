package meeting

import (
	"strconv"
	"strings"
	"unicode"

	"bordeaux-metropole.fr/portal/internal/french"
)

// MessageMax is the greatest length of what the team writes in a sending.
const MessageMax = 2000

// DefaultMessage is what the team finds in the message of a convocation, to change
// or keep.
func (m Meeting) DefaultMessage() string {
	if m.Kind == Workshop {
		return "Vos contributions sont attendues : elles nourriront la suite des travaux. Merci de dire si vous viendrez, même si vous ne pouvez pas être là."
	}
	return "Merci de répondre, même si vous ne pouvez pas venir : chaque réponse compte pour préparer la réunion."
}

// when writes « jeudi 26 novembre 2026, de 14 h à 16 h 30 ».
func (m Meeting) when() string {
	return french.Date(m.Day()) + ", " + french.ClockRange(m.StartsAt, m.EndsAt)
}

// named writes the meeting in the middle of a sentence: « séance du CMTIN ».
func (m Meeting) named() string {
	r := []rune(m.Title())
	r[0] = unicode.ToLower(r[0])
	return string(r)
}

// toIt writes « à la séance du CMTIN », « à l’atelier de concertation du GNI ».
func (m Meeting) toIt() string {
	if m.Kind == Workshop {
		return "à l’" + m.named()
	}
	return "à la " + m.named()
}

// facts are the lines every message about the meeting bears.
func (m Meeting) facts() string {
	lines := []string{"Date : " + m.when()}
	if m.Place != "" {
		lines = append(lines, "Lieu : "+m.Place)
	}
	if m.VideoURL != "" {
		lines = append(lines, "À distance : "+m.VideoURL)
	}
	if m.Theme != "" {
		lines = append(lines, "Thème : "+m.Theme)
	}
	return strings.Join(lines, "\n")
}

func agendaText(title string, items []Item) string {
	var b strings.Builder
	b.WriteString(title)
	for _, i := range items {
		if i.Moved() {
			continue
		}
		b.WriteString("\n" + i.Number + ". " + i.Title)
		b.WriteString(" (" + strings.ToLower(i.Kind.Label()))
		if i.Minutes > 0 {
			b.WriteString(", " + strconv.Itoa(i.Minutes) + " min")
		}
		b.WriteString(")")
	}
	return b.String()
}

func documentText(title string, documents []Document) string {
	lines := []string{title}
	for _, d := range documents {
		lines = append(lines, "– "+d.Title)
	}
	return strings.Join(lines, "\n")
}

// opening is the sentence that convenes or invites. Members are convened, guests
// invited (domain, glossary).
func (m Meeting) opening(r Recipient) string {
	verb := "vous invite "
	if r.Kind == Convocation {
		verb = "vous convoque "
	}
	return "Bordeaux Métropole " + verb + m.toIt() + ", " + m.when() + "."
}

// inTypo sets paragraphs by the rules of French typography.
func inTypo(paragraphs ...string) []string {
	var out []string
	for _, p := range paragraphs {
		if p != "" {
			out = append(out, french.Typo(p))
		}
	}
	return out
}

// convocationMessage is the mail that convenes; it is also what the preview shows.
func (s *Service) convocationMessage(m Meeting, items []Item, documents []Document, text string) Message {
	papers := ""
	if n := len(documents); n > 0 {
		papers = french.Count(n, "document est", "documents sont") + " sur votre page personnelle."
	}
	return Message{
		Kind: SentConvocation,
		SubjectFor: func(r Recipient) string {
			return french.Typo(r.Kind.Label() + " : " + m.named() + ", " + french.Date(m.Day()))
		},
		Paragraphs: func(r Recipient) []string {
			return inTypo(m.opening(r), m.facts(), text, agendaText("Ordre du jour", items), papers,
				"Dites si vous viendrez : vous pourrez changer de réponse jusqu’au début de la réunion.")
		},
		Action: "Voir la réunion et répondre", Calendar: s.calendarText(m), Note: text,
	}
}

func (s *Service) additionMessage(m Meeting, a Additions, text string) Message {
	agenda, papers := "", ""
	if len(a.Items) > 0 {
		agenda = agendaText("Ajouté à l’ordre du jour", a.Items)
	}
	if len(a.Documents) > 0 {
		papers = documentText("Documents ajoutés, sur votre page personnelle", a.Documents)
	}
	return Message{
		Kind: SentAddition, Subject: french.Typo("Complément : " + m.named() + ", " + french.Date(m.Day())),
		Paragraphs: func(Recipient) []string {
			return inTypo("La "+m.meant()+" du "+french.Date(m.Day())+" est complétée. Le reste ne change pas.", text, agenda, papers)
		},
		Action: "Voir ce qui est ajouté", Note: text,
	}
}

// meant names the meeting after « la »: a workshop is a meeting too.
func (m Meeting) meant() string {
	if m.Kind == Workshop {
		return "réunion « " + m.Title() + " »"
	}
	return m.named()
}

func (s *Service) reminderMessage(m Meeting) Message {
	return Message{
		Kind: SentReminder, Subject: french.Typo("Rappel : votre réponse pour la " + m.meant() + ", " + french.Date(m.Day())),
		Paragraphs: func(Recipient) []string {
			return inTypo("Nous n’avons pas encore votre réponse pour la "+m.meant()+". Elle prend une minute, même pour dire que vous ne viendrez pas.", m.facts())
		},
		Action: "Répondre",
	}
}

// orphanMessage tells those who gave a proxy that its holder will not be there.
func (s *Service) orphanMessage(m Meeting, holder string) Message {
	return Message{
		Kind: SentChange, Subject: french.Typo("Votre pouvoir est à redonner : " + m.named() + ", " + french.Date(m.Day())),
		Paragraphs: func(Recipient) []string {
			return inTypo(holder+", à qui vous aviez donné pouvoir, ne portera plus de pouvoir à la "+m.meant()+".",
				"Choisissez une autre personne, ou changez de réponse.", m.facts())
		},
		Action: "Changer ma réponse", Note: "Pouvoir à redonner : " + holder,
	}
}
