package meeting

import (
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/web/ui"
)

// The parts of a meeting that the team works on, in the order of its life.
const (
	PartHub         = ""
	PartAgenda      = "ordre-du-jour"
	PartDocuments   = "documents"
	PartConvocation = "convocation"
	PartRoll        = "emargement"
	PartNotes       = "seance"
	PartMinutes     = "compte-rendu"
)

// TeamTabs leads from one part of a meeting to the others.
func TeamTabs(id meeting.ID, current string) []ui.Tab {
	parts := []struct{ part, label string }{
		{PartHub, "Vue d’ensemble"}, {PartAgenda, "Ordre du jour"}, {PartDocuments, "Documents"}, {PartConvocation, "Convocation"},
		{PartRoll, "Émargement"}, {PartNotes, "Notes et décisions"}, {PartMinutes, "Compte rendu"},
	}
	tabs := make([]ui.Tab, 0, len(parts))
	for _, p := range parts {
		tabs = append(tabs, ui.Tab{Label: p.label, Href: teamAddress(id, p.part), Current: p.part == current})
	}
	return tabs
}
