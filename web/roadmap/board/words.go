package board

import (
	"bordeaux-metropole.fr/portal/internal/day"
	"strings"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/board"
	roadmapweb "bordeaux-metropole.fr/portal/web/roadmap"
)

// statePlural heads a column of numbers of actions.
func statePlural(s board.State) string {
	switch s {
	case board.Done:
		return "Réalisées"
	case board.Suspended:
		return "Suspendues"
	case board.Abandoned:
		return "Abandonnées"
	}
	return s.Label()
}

// wholeSentence says where the roadmap stands.
func wholeSentence(t board.Tally, today day.Day) string {
	if t.Total() == 0 {
		return "Aucune action n’est encore validée."
	}
	return "Au " + french.LongDate(today) + ", la feuille de route compte " + french.Count(t.Total(), "action", "actions") + french.NBSP + ": " +
		roadmapweb.TallyWords(t) + "."
}

// lateSince says why an action is late.
func lateSince(a roadmap.Action) string {
	if a.Status == roadmap.InProgress || a.StartsOn.IsZero() {
		return "Devait finir le " + french.LongDate(a.EndsOn)
	}
	return "Devait commencer le " + french.LongDate(a.StartsOn)
}

// axis returns an axis of the list.
func (v listView) axis(id roadmap.AxisID) roadmap.Axis {
	for _, x := range v.Axes {
		if x.ID == id {
			return x.Axis
		}
	}
	return roadmap.Axis{}
}

// period says when an action runs.
func period(a roadmap.Action) string {
	switch {
	case a.StartsOn.IsZero() && a.EndsOn.IsZero():
		return "Dates à fixer"
	case a.EndsOn.IsZero():
		return "À partir du " + french.LongDate(a.StartsOn)
	case a.StartsOn.IsZero():
		return "Jusqu’au " + french.LongDate(a.EndsOn)
	}
	return "Du " + french.LongDate(a.StartsOn) + " au " + french.LongDate(a.EndsOn)
}

// fileKind names what a file is, for who is about to download it.
func fileKind(mediaType string) string {
	switch mediaType {
	case "application/pdf":
		return "PDF"
	case "image/jpeg", "image/png", "image/webp":
		return "image"
	case "text/csv":
		return "CSV"
	}
	if strings.Contains(mediaType, "spreadsheet") || strings.Contains(mediaType, "excel") {
		return "tableur"
	}
	if strings.Contains(mediaType, "presentation") {
		return "présentation"
	}
	return "document"
}

// fileSize says a size in French units.
func fileSize(n int64) string {
	if n >= 1_000_000 {
		return french.Decimal(float64(n)/1_000_000, 1) + french.NBSP + "Mo"
	}
	return french.Number(max(n/1000, 1)) + french.NBSP + "ko"
}
