package board

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/board"
	"bordeaux-metropole.fr/portal/internal/french"
	pages "bordeaux-metropole.fr/portal/web/election"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

func hashOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// closed tells whether everything of the boxes is public.
func (v boardView) closed() bool { return v.Election.Phase.Reached(election.Closed) }

// destroyed tells whether there is nothing left to show of the boxes.
func (v boardView) destroyed() bool { return v.Election.Phase == election.Destroyed }

// setUp tells whether the boxes have an archive.
func (v boardView) setUp() bool {
	for _, b := range v.Boxes {
		if b.Setup != nil {
			return true
		}
	}
	return false
}

// lead says where the boxes stand.
func (v boardView) lead() string {
	e := v.Election
	switch {
	case v.destroyed():
		return "Les bulletins chiffrés ont été détruits, comme le règlement le prévoit."
	case e.Phase.Reached(election.Counted):
		return "Le dépouillement est fait. Chaque urne se télécharge et se vérifie."
	case v.closed():
		return "Le vote est clos : plus aucun bulletin n’entre dans l’urne."
	case e.Phase == election.Open:
		return "Le vote est en cours. Cette page change une fois par heure. Aucun résultat partiel n’existe."
	case e.Phase == election.Ready && e.OpensAt != nil:
		return "L’urne est scellée et vide. Le vote ouvre le " + french.DateTime(*e.OpensAt) + "."
	}
	return "L’urne sera scellée pendant la cérémonie des clés."
}

func (v boardView) tabs() []ui.Tab {
	at := func(label, list string) ui.Tab {
		return ui.Tab{Label: label, Href: page.Address(pages.Board(v.Election.ID), "liste", list), Current: v.List == list}
	}
	return []ui.Tab{at("L’urne", ""), at("Numéros de suivi", "numeros"), at("Empreintes publiées", "empreintes")}
}

// covered says until when the figures are.
func (v boardView) covered() string {
	if v.closed() {
		return french.Typo("Chiffres définitifs : le vote est clos.")
	}
	for _, b := range v.Boxes {
		if b.PublishedAt != nil && b.Height != nil && *b.Height > 0 {
			return "Chiffres du " + french.DateTime(*b.PublishedAt) + ", heure de la dernière empreinte publiée."
		}
	}
	return french.Typo("Aucune empreinte n’a encore été publiée depuis l’ouverture : les chiffres viennent avec la première.")
}

// turnout is what is said of how many voted.
func turnout(voted, registered int) string {
	return french.Count(voted, "structure", "structures") + " sur " + french.Number(registered) + french.Plural(voted, " a voté", " ont voté")
}

// boxNamed names a box of a list.
func (v boardView) boxNamed(id election.BoxID) string {
	for _, b := range v.Boxes {
		if b.ID == id {
			return b.CollegeLabel()
		}
	}
	return ""
}

// fileOf is the address of the archive of a box of the page.
func (v boardView) fileOf(b board.Box) string {
	return archiveOf(election.Box{Election: v.Election.ID, College: b.College})
}

// verifyLine is the command that checks an archive against a published head.
func verifyLine(b board.Box) string {
	return strings.TrimSpace(fmt.Sprintf("portal election verify %s.bel %x", b.UUID, b.Head))
}

// watch is what an association runs every hour for each box.
const watch = `#!/bin/sh
set -e
surveiller() {
mkdir -p "$HOME/urnes/$1"
cd "$HOME/urnes/$1"
rm -rf nouvelle
mkdir nouvelle
curl -fsS -o "nouvelle/$1.bel" "$2"
belenios-tool election verify --dir nouvelle
if [ -d ancienne ]; then
belenios-tool election verify-diff --dir1 ancienne --dir2 nouvelle
fi
rm -rf ancienne
mv nouvelle ancienne
}
`

// monitor is the program that watches the boxes of the page.
func (v boardView) monitor() string {
	var b strings.Builder
	b.WriteString(watch)
	for _, box := range v.Boxes {
		fmt.Fprintf(&b, "surveiller %s \"%s\"\n", box.UUID, v.Site+v.fileOf(box))
	}
	return strings.TrimSpace(b.String())
}
