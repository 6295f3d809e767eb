package demo

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"

	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/internal/meeting"
)

// file is a document of a meeting: a PDF of a page, or a CSV when its name says so.
type file struct {
	title, name, point string // point "": of the meeting as a whole
	audience           meeting.Audience
	lines              []string
}

// Points that documents belong to.
const (
	programme   = "Programme d’actions de l’année suivante"
	orientation = "Avis sur la fiche d’orientation commune"
	mandate     = "Avis sur le modèle de mandat"
)

var cmtinFiles = []file{
	{title: "Projet de programme d’actions", name: "programme-d-actions.pdf", point: programme, audience: meeting.ForPublic, lines: []string{
		"Projet soumis au CMTIN. Document fictif, pour la démonstration.", "",
		"1. Accueil itinérant : une journée par quinzaine dans les communes sans agent dédié.",
		"2. Équipement : collecte en entreprise et remise en état par les structures d’insertion.",
		"3. Formation : un module de deux heures pour les bénévoles, suivi d’un tutorat.",
		"4. Accès aux droits : un modèle de mandat pour les aidants, en français facile à lire."}},
	{title: "Financement prévisionnel du programme", name: "financement-previsionnel.csv", point: programme, audience: meeting.ForMembers, lines: []string{
		"action;métropole (euros);partenaires (euros);état", "Accueil itinérant;60000;45000;engagé", "Équipement reconditionné;25000;40000;à confirmer",
		"Formation des bénévoles;18000;12000;engagé", "Accès aux droits;9000;6000;engagé"}},
	{title: "Déroulé de la séance", name: "deroule.pdf", audience: meeting.ForTeam, lines: []string{
		"Document de travail de l’équipe. Document fictif, pour la démonstration.", "",
		"8 h 15 : ouverture de la salle, essai de la visioconférence.", "8 h 40 : accueil et émargement.",
		"9 h : ouverture par la présidence.", "11 h 50 : conclusions et dates à venir."}},
}

var gniFiles = []file{
	{title: "Bilan des actions issues du groupe", name: "bilan.pdf", audience: meeting.ForPublic, lines: []string{
		"Bilan présenté au groupe. Document fictif, pour la démonstration.", "",
		"Liste du matériel prêté : en ligne, tenue à jour par les structures.", "Formation des bénévoles : premiers groupes formés.",
		"Accueil itinérant : expérimentation en cours."}},
	{title: "Propositions reçues", name: "propositions-recues.csv", point: "Propositions à porter devant le CMTIN", audience: meeting.ForMembers, lines: []string{
		"numéro;proposition;collège", "1;Pérennité des postes de conseillers numériques;médiation numérique", "2;Accueil itinérant pour les communes éloignées;action sociale",
		"3;Formation des bénévoles;action sociale", "4;Agenda commun des permanences;médiation numérique"}},
}

var orientationFiles = []file{
	{title: "Fiche d’orientation commune", name: "fiche-d-orientation.pdf", point: orientation, audience: meeting.ForPublic, lines: []string{
		"Projet soumis à l’avis du groupe. Document fictif, pour la démonstration.", "",
		"Ce que la personne souhaite faire :", "Le lieu proposé, ses horaires, ce qu’il faut apporter :", "Qui appeler si cela ne convient pas :"}},
}

var mandateFiles = []file{
	{title: "Modèle de mandat des aidants", name: "modele-de-mandat.pdf", point: mandate, audience: meeting.ForPublic, lines: []string{
		"Projet soumis à l’avis du groupe. Document fictif, pour la démonstration.", "",
		"Je demande à la structure nommée ci-dessous de m’aider à faire cette démarche.",
		"Je peux relire ce mandat, le garder et le reprendre à tout moment.",
		"Mes codes personnels ne sont ni notés, ni gardés."}},
	{title: "Contributions écrites des structures", name: "contributions.csv", point: mandate, audience: meeting.ForMembers, lines: []string{
		"structure;avis;remarque", "Structure 12;favorable;Prévoir une version orale", "Structure 47;favorable;Dire qui garde le mandat", "Structure 103;réservé;Trop long pour un accueil debout"}},
}

// attach joins the documents of a meeting.
func (w *world) attach(g gathering, id meeting.ID) error {
	if len(g.script.files) == 0 {
		return nil
	}
	items, err := w.Meetings.Items(w.ctx, w.DB, id)
	if err != nil {
		return err
	}
	points := map[string]meeting.ItemID{"": 0}
	for _, i := range items {
		points[i.Title] = i.ID
	}
	for _, f := range g.script.files {
		item, ok := points[f.point]
		if !ok {
			return fmt.Errorf("document %q: no point %q", f.title, f.point)
		}
		u, err := document.Check(f.name, bytes.NewReader(f.content()))
		if err == nil {
			_, err = w.Meetings.AddDocument(w.ctx, actor, id, item, f.title, f.audience, u)
		}
		if err != nil {
			return fmt.Errorf("document %q: %w", f.title, err)
		}
	}
	return nil
}

func (f file) content() []byte {
	if strings.HasSuffix(f.name, ".csv") {
		return []byte("\ufeff" + strings.Join(f.lines, "\r\n") + "\r\n")
	}
	return sheet(f.title, f.lines)
}

// sheet is a PDF of one page, A4: a title and lines of text.
func sheet(title string, lines []string) []byte {
	var text bytes.Buffer
	fmt.Fprintf(&text, "BT /B 18 Tf 57 770 Td (%s) Tj /R 11 Tf 0 -16 Td\n", ansi(title))
	for _, l := range lines {
		fmt.Fprintf(&text, "0 -18 Td (%s) Tj\n", ansi(l))
	}
	text.WriteString("ET")
	font := func(name string) string {
		return "<< /Type /Font /Subtype /Type1 /BaseFont /" + name + " /Encoding /WinAnsiEncoding >>"
	}
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R /Lang (fr) /ViewerPreferences << /DisplayDocTitle true >> >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 6 0 R /Resources << /Font << /R 4 0 R /B 5 0 R >> >> >>",
		font("Helvetica"), font("Helvetica-Bold"),
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", text.Len(), text.String()),
		"<< /Title <" + wide(title) + "> >>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	offsets := make([]int, len(objects))
	for i, o := range objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R /Info 7 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table)
	return b.Bytes()
}

// wide writes a text as PDF wants it outside pages: UTF-16, in hexadecimal.
func wide(s string) string {
	var b strings.Builder
	b.WriteString("FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String()
}

// ansi writes a text in the encoding of the fonts, what PDF reads as marks escaped.
func ansi(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '’':
			r = 0x92
		case r == 'œ':
			r = 0x9c
		case r == '(' || r == ')' || r == '\\':
			b.WriteByte('\\')
		case r > 0xff:
			r = '?'
		}
		b.WriteByte(byte(r))
	}
	return b.String()
}
