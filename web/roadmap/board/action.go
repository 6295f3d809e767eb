package board

import (
	"net/http"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/board"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/web/page"
	roadmapweb "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Action shows /feuille-de-route/actions/{id}: all that its reader may know of it. The
// second page and those after hold the rest of its story only.
func (p *Pages) Action(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[roadmap.ID](r, "id")
	if err != nil {
		return err
	}
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	s, err := p.Board.Action(r.Context(), page.Actor(r), id, page.Number(q))
	if err != nil {
		return err
	}
	if s.StoryPage.Page > 1 {
		c := p.Kit.Chrome(r, chrome("Points d’avancement de l’action n° "+strconv.Itoa(s.Number), crumbList,
			ui.Crumb{Label: typeset(s.Title), Href: roadmapweb.ActionPath(s.ID)}))
		return p.Kit.Show(w, r, http.StatusOK, storyPage(c, s))
	}
	return p.Kit.Show(w, r, http.StatusOK, actionPage(p.Kit.Chrome(r, chrome(s.Title, crumbList)), s))
}

// storyPager leads to the other pages of the story.
func storyPager(s board.Sheet) ui.Pager {
	v := ui.Pager{Summary: french.Count(s.StoryPage.Total, "point d’avancement", "points d’avancement")}
	if s.StoryPage.Pages > 1 {
		v.Current, v.Last, v.Base = s.StoryPage.Page, s.StoryPage.Pages, page.PagerBase(roadmapweb.ActionPath(s.ID))
	}
	return v
}

// facts are the lines of the sheet.
func facts(s board.Sheet) []ui.SummaryRow {
	rows := []ui.SummaryRow{
		{Key: "Axe", Content: axisFact(s.OfAxis)},
		{Key: "Confiance", Content: confidenceFact(s.Action)},
		{Key: "Dates", Value: period(s.Action)},
		{Key: "Pilote", Value: orElse(s.Pilot, "À trouver")},
	}
	if s.PilotPerson != "" {
		rows = append(rows, ui.SummaryRow{Key: "Personne qui pilote", Value: s.PilotPerson})
	}
	rows = append(rows, ui.SummaryRow{Key: "Instance qui suit l’action", Content: bodyFact(s.Body)},
		ui.SummaryRow{Key: "Public concerné", Value: orElse(typeset(s.Audience), "Non précisé")},
		ui.SummaryRow{Key: "Priorité", Value: s.Priority.Label()})
	if s.FNE != "" {
		rows = append(rows, ui.SummaryRow{Key: "Objectif de France Numérique Ensemble", Value: typeset(s.FNE)})
	}
	if s.Public() {
		text := french.Capital(french.LongDate(s.ValidatedOn))
		if s.Validation != "" {
			text += ", " + typeset(s.Validation)
		}
		rows = append(rows, ui.SummaryRow{Key: "Validée le", Value: text})
	}
	for _, e := range s.InEditions {
		rows = append(rows, ui.SummaryRow{Key: "Programme annuel " + strconv.Itoa(e.Year), Content: editionFact(e)})
	}
	return rows
}

func orElse(s, none string) string {
	if s == "" {
		return none
	}
	return typeset(s)
}

// editionWords says what became of an action in a programme.
func editionWords(e board.EditionLine) string {
	switch {
	case e.Outcome == "adopted" && e.Origin == "carried_over":
		return "Reconduite"
	case e.Outcome == "adopted":
		return "Adoptée"
	case e.Outcome == "refused":
		return "Refusée"
	case e.Outcome == "withdrawn":
		return "Retirée"
	case e.Outcome == "set_aside":
		return "Écartée"
	}
	return "Proposée"
}

// newsStep is what the map shows of a commune: its depth, its word, what the table says.
func newsStep(n board.CommuneNews) (step int, word, label string) {
	switch {
	case !n.Concerned:
		return 0, "–", "Non concernée"
	case n.Situation == "":
		return 1, "?", "Pas encore de point accepté"
	}
	switch n.Situation {
	case progress.ToCome:
		step, word = 1, "à venir"
	case progress.InProgress:
		step, word = 2, "cours"
	case progress.Late:
		step, word = 3, "retard"
	case progress.Abandoned:
		step, word = 3, "arrêt"
	case progress.Done:
		step, word = 4, "fait"
	}
	label = n.Situation.Label()
	if n.Percent != nil {
		label += ", " + french.Percent(*n.Percent)
		if n.Situation == progress.InProgress {
			word = french.Percent(*n.Percent)
		}
	}
	if n.At != nil {
		label += ", le " + french.LongDate(day.In(*n.At))
	}
	return step, word, label
}

// mapOf draws what each commune last said.
func mapOf(s board.Sheet) ui.TileMapView {
	v := ui.TileMapView{Title: "Ce que dit chaque commune",
		Legend: []string{"– : non concernée", "? ou à venir : pas commencée", "cours ou pourcentage : en cours", "retard ou arrêt", "fait : réalisée"}}
	for i := range v.Legend {
		v.Legend[i] = french.Typo(v.Legend[i])
	}
	for _, n := range s.News {
		step, word, label := newsStep(n)
		v.Tiles = append(v.Tiles, ui.Tile{Name: n.Name, Abbr: n.Abbr, Row: n.Row, Col: n.Col, Href: "/communes/" + n.INSEE, Step: step, Value: word, Label: label})
	}
	return v
}

// newsSentence sums the map up.
func newsSentence(s board.Sheet) string {
	concerned, count := 0, map[progress.Situation]int{}
	for _, n := range s.News {
		if n.Concerned {
			concerned++
			count[n.Situation]++
		}
	}
	if concerned == 0 {
		return "Aucune commune en particulier : l’action est menée à l’échelle de la métropole."
	}
	var words []string
	for _, x := range progress.Situations {
		if n := count[x]; n > 0 {
			words = append(words, french.Number(n)+french.NBSP+situationWord(x, n))
		}
	}
	if n := count[""]; n > 0 {
		words = append(words, french.Number(n)+french.NBSP+"sans nouvelle")
	}
	return french.Count(concerned, "commune est concernée", "communes sont concernées") + french.NBSP + ": " + french.List(words) + "."
}

func situationWord(x progress.Situation, n int) string {
	switch x {
	case progress.Done:
		return french.Plural(n, "l’a réalisée", "l’ont réalisée")
	case progress.InProgress:
		return "en cours"
	case progress.Late:
		return "en retard"
	case progress.Abandoned:
		return french.Plural(n, "l’a abandonnée", "l’ont abandonnée")
	}
	return "à venir"
}

// stepState says where a step stands today.
func stepState(t roadmap.Step, today day.Day) (ui.Kind, string) {
	switch {
	case !t.DoneOn.IsZero():
		return ui.OK, "Faite le " + french.LongDate(t.DoneOn)
	case !t.DueOn.IsZero() && t.DueOn.Before(today):
		return ui.Warn, "En retard, prévue le " + french.LongDate(t.DueOn)
	case !t.DueOn.IsZero():
		return ui.Neutral, "Prévue le " + french.LongDate(t.DueOn)
	}
	return ui.Neutral, "À venir"
}

// lower begins words in the middle of a sentence.
func lower(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

// reference names a decision: « CMTIN 2025-2 ».
func reference(d roadmap.DecisionRef) string {
	letter := ""
	if d.Kind == string(minutes.KindOpinion) {
		letter = "A"
	}
	return d.Body.Reference(d.Year, letter, d.Number)
}

// totals adds up all years.
func totals(years []board.YearBudget) roadmap.Totals {
	var t roadmap.Totals
	for _, y := range years {
		t.Planned, t.Obtained, t.Spent = t.Planned+y.Planned, t.Obtained+y.Obtained, t.Spent+y.Spent
	}
	return t
}

// withStory tells whether a commune of the map has said something.
func withStory(s board.Sheet) bool {
	return slices.ContainsFunc(s.News, func(n board.CommuneNews) bool { return n.Concerned })
}

func bodyHref(b governance.BodyCode) string { return "/instances/" + string(b) }

func fileHref(s board.Sheet, r board.Told, f board.ReportFile) string {
	return roadmapweb.ActionPath(s.ID) + "/points/" + page.IDText(r.ID) + "/documents/" + string(f.ID)
}
