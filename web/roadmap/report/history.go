package report

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// historyView is what an organisation said of an action.
type historyView struct {
	progress.History
	at    place
	Pager ui.Pager
}

// ShowHistory shows /mes-actions/{id}/points.
func (p *Pages) ShowHistory(w http.ResponseWriter, r *http.Request) error {
	at, err := placeOf(r)
	if err != nil {
		return err
	}
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	h, err := p.Progress.History(r.Context(), page.Actor(r), at.action, at.pour, page.Number(q))
	if err != nil {
		return err
	}
	v := historyView{History: h, at: at, Pager: page.Pager(h.Paging, address(at.action, "points", at.pour), len(h.Reports), "point", "points")}
	c := chrome(page.Actor(r), h.Action, "Les points d’avancement "+french.De(h.Standing.Name))
	return p.Kit.Show(w, r, http.StatusOK, historyPage(p.Kit.Chrome(r, c), v))
}

// thanksView is the page after a report.
type thanksView struct {
	progress.Reported
	at place
}

// ShowThanks shows /mes-actions/{id}/point/merci.
func (p *Pages) ShowThanks(w http.ResponseWriter, r *http.Request) error {
	at, err := placeOf(r)
	if err != nil {
		return err
	}
	v, err := p.Progress.Reported(r.Context(), page.Actor(r), at.action, at.pour)
	if err != nil {
		return err
	}
	c := chrome(page.Actor(r), v.Action, "Merci, le point "+french.De(v.Standing.Name)+" est enregistré")
	return p.Kit.Show(w, r, http.StatusOK, thanksPage(p.Kit.Chrome(r, c), thanksView{v, at}))
}

// publicWords says what everybody will read of the report, and when.
func (v thanksView) publicWords() string {
	const what = "la situation, l’avancement, ce qui a avancé et la suite"
	switch {
	case !v.Action.Public():
		return "Cette action est proposée : le public ne lit rien d’elle avant sa validation."
	case v.Last.State == progress.Accepted:
		return "Le public lit dès maintenant " + what + ", sans votre nom. Il ne lit ni ce qui bloque, ni vos besoins."
	}
	return "Le public lira " + what + ", sans votre nom, dès que l’équipe métropolitaine aura accepté ce point. Il ne lira ni ce qui bloque, ni vos besoins."
}

// reportRows are the answers of a report that say something.
func reportRows(v historyView, r progress.Report) []ui.SummaryRow {
	var rows []ui.SummaryRow
	add := func(key, value string) {
		if value != "" {
			rows = append(rows, ui.SummaryRow{Key: key, Value: value})
		}
	}
	rows = append(rows, ui.SummaryRow{Key: "Situation", Content: situationCell(r)})
	add("Avancement", percentWords(r.Percent))
	add("Pourquoi il baisse", r.FallReason)
	add("Ce qui a avancé", r.Done)
	for _, x := range r.Figures {
		add(x.Name, x.Value.String()+" "+x.Unit)
	}
	add("Ce qui bloque", r.Difficulty)
	if r.Need != "" {
		add("Besoin : "+r.NeedKind.Label(), r.Need)
	}
	add("La suite", r.NextStep)
	if r.GoodPractice {
		add("Bonne pratique", "À partager avec les autres communes")
	}
	if len(r.Documents) > 0 {
		rows = append(rows, ui.SummaryRow{Key: "Documents", Content: documentsCell(v, r)})
	}
	if r.ReviewNote != "" {
		add("Réponse de l’équipe", r.ReviewNote)
	}
	add("Saisi par", author(r))
	return rows
}

func author(r progress.Report) string {
	if r.Person == 0 || r.By == "" {
		return "Équipe métropolitaine"
	}
	return r.By
}

func documentPath(v historyView, r progress.Report, d progress.Document) string {
	return address(v.at.action, "points/"+page.IDText(r.ID)+"/documents/"+string(d.ID), 0)
}
