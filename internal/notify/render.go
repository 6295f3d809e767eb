package notify

import (
	"html"
	"strings"
)

// signature ends every mail.
const signature = "L’équipe inclusion numérique de Bordeaux Métropole"

// usualWhy is said when a mail gives no reason of its own.
const usualWhy = "Vous recevez ce message parce que votre adresse est connue du portail de la gouvernance de l’inclusion numérique de Bordeaux Métropole."

// secretNote follows a personal link.
const (
	secretNote   = "Ce lien est personnel et ne sert qu’une fois\u00a0: ne le transmettez à personne."
	reusableNote = "Ce lien est personnel\u00a0: ne le transmettez à personne."
)

// render writes both parts of the mail. LinkMark stands for a secret link, which
// the worker puts in at the moment of sending.
func (m Mail) render() (text, htmlPart string) {
	link := m.Link
	if m.Secret {
		link = LinkMark
	}
	why := m.Why
	if why == "" {
		why = usualWhy
	}
	return m.renderText(link, why), m.renderHTML(link, why)
}

func (m Mail) greeting() string {
	if m.ToName == "" {
		return "Bonjour,"
	}
	return "Bonjour " + m.ToName + ","
}

func (m Mail) actionLabel() string {
	if m.Action == "" {
		return "Ouvrir le portail"
	}
	return m.Action
}

func (m Mail) linkNote() string {
	if m.Reusable {
		return reusableNote
	}
	return secretNote
}

func (m Mail) renderText(link, why string) string {
	var b strings.Builder
	b.WriteString(m.greeting() + "\n\n")
	for _, p := range m.Paragraphs {
		b.WriteString(plain(p) + "\n\n")
	}
	for _, n := range m.News {
		b.WriteString(oneLine(n.Title) + "\n" + plain(n.Text) + "\n")
		if n.Link != "" {
			b.WriteString(n.Link + "\n")
		}
		b.WriteString("\n")
	}
	if link != "" {
		b.WriteString(m.actionLabel() + "\u00a0:\n" + link + "\n\n")
		if m.Secret {
			b.WriteString(m.linkNote() + "\n\n")
		}
	}
	b.WriteString(signature + "\n\n-- \n" + why + "\n")
	return b.String()
}

// The HTML part: one column, system fonts, colours that hold on white and on
// black backgrounds alike, no image. Styles are inline because mail readers drop
// the others; the portal's own pages have none.
const (
	htmlHead = `<!DOCTYPE html>
<html lang="fr" dir="ltr">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>`
	htmlBody = `</title></head>
<body style="margin:0;padding:24px 16px;font-family:system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif;font-size:17px;line-height:1.5">
<div style="max-width:34em;margin:0 auto">
<p style="margin:0 0 20px;padding:0 0 8px;border-bottom:3px solid #5c1130;font-weight:bold">Gouvernance de l’inclusion numérique</p>
`
	htmlFoot = `</div>
</body>
</html>
`
	paragraph  = `<p style="margin:0 0 16px">`
	smallPrint = `<p style="margin:24px 0 0;padding:12px 0 0;border-top:1px solid #76737f;font-size:14px">`
	button     = `" style="display:inline-block;padding:12px 20px;background-color:#0b4a8f;color:#ffffff;font-weight:bold;text-decoration:none;border-radius:4px">`
)

func (m Mail) renderHTML(link, why string) string {
	var b strings.Builder
	b.WriteString(htmlHead + html.EscapeString(m.Subject) + htmlBody)
	b.WriteString(paragraph + html.EscapeString(m.greeting()) + "</p>\n")
	for _, p := range m.Paragraphs {
		b.WriteString(paragraph + lines(p) + "</p>\n")
	}
	for _, n := range m.News {
		b.WriteString(n.html())
	}
	if link != "" {
		safe := html.EscapeString(link)
		b.WriteString(paragraph + `<a href="` + safe + button + html.EscapeString(m.actionLabel()) + "</a></p>\n")
		b.WriteString(paragraph + "Si le bouton ne s’ouvre pas, copiez cette adresse dans votre navigateur\u00a0:<br>\n" +
			`<span style="word-break:break-all">` + safe + "</span></p>\n")
		if m.Secret {
			b.WriteString(paragraph + m.linkNote() + "</p>\n")
		}
	}
	b.WriteString(paragraph + signature + "</p>\n" + smallPrint + html.EscapeString(why) + "</p>\n" + htmlFoot)
	return b.String()
}

// html writes a piece of news, its title the link to what it is about.
func (n News) html() string {
	title := html.EscapeString(oneLine(n.Title))
	if n.Link != "" {
		title = `<a href="` + html.EscapeString(n.Link) + `">` + title + "</a>"
	}
	return paragraph + "<strong>" + title + "</strong><br>\n" + lines(n.Text) + "</p>\n"
}

// lines escapes a plain text and keeps its lines.
func lines(s string) string { return strings.ReplaceAll(html.EscapeString(plain(s)), "\n", "<br>\n") }

// plain drops what a text cannot hold: NUL, carriage returns, invalid bytes.
func plain(s string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "").Replace(strings.ToValidUTF8(s, ""))
}

// withSecret puts the secret link or code where it goes in both parts.
func withSecret(text, htmlPart, secret string) (string, string) {
	if secret == "" {
		return text, htmlPart
	}
	return fillMarks(text, secret), fillMarks(htmlPart, html.EscapeString(secret))
}

func fillMarks(body, secret string) string {
	return strings.NewReplacer(LinkMark, secret, CodeMark, secret).Replace(body)
}

// hasMark tells whether a body waits for a secret.
func hasMark(body string) bool {
	return strings.Contains(body, LinkMark) || strings.Contains(body, CodeMark)
}
