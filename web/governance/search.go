package governance

import (
	"net/http"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap/board"
	"bordeaux-metropole.fr/portal/internal/structure/directory"
	"bordeaux-metropole.fr/portal/web/page"
	roadmapweb "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Search shows /recherche: what the public pages show that has the words of q.
func (p *Pages) Search(w http.ResponseWriter, r *http.Request) error {
	q := searched(r.URL.Query().Get("q"))
	var (
		v searchView
		b postgres.Batch
	)
	governance.AddSearch(&b, &v.Governance, q)
	directory.AddSearch(&b, &v.Structures, q)
	meeting.AddSearch(&b, &v.Meetings, q)
	minutes.AddSearch(&b, &v.Registers, q)
	board.AddSearch(&b, &v.Roadmap, q)
	if err := b.Run(r.Context(), p.DB); err != nil {
		return postgres.Wrap(err, "search")
	}
	c := p.Kit.Chrome(r, ui.Chrome{Title: "Recherche"})
	return p.Kit.Show(w, r, http.StatusOK, searchPage(c, q, append(v.lines(), v.roadmapLines()...), v.more(q)))
}

// searchView is what was found, area by area.
type searchView struct {
	Governance []governance.Hit
	Structures []directory.Hit
	Meetings   []meeting.Hit
	Registers  []minutes.RegisterHit
	Roadmap    []board.Hit
}

// more leads to the lists that may have more than what is shown.
func (v searchView) more(q string) []foundLine {
	var out []foundLine
	if len(v.Structures) >= directory.MaxHits {
		out = append(out, foundLine{Label: "Voir toutes les structures qui correspondent", Href: page.Address("/structures", "q", q)})
	}
	if len(v.Roadmap) >= board.MaxHits {
		out = append(out, foundLine{Label: "Voir toutes les actions qui correspondent", Href: page.Address(roadmapweb.ListPath, "q", q)})
	}
	return out
}

// roadmapLines are what was found in the roadmap, with the words that were.
func (v searchView) roadmapLines() []foundLine {
	var out []foundLine
	for _, h := range v.Roadmap {
		l := foundLine{Label: "Action n° " + strconv.Itoa(h.Number) + french.NBSP + ": " + french.Typo(h.Title), Href: roadmapweb.ActionPath(h.Action), Detail: h.Kind.Label()}
		if h.Kind == board.AxisHit {
			l.Label, l.Href = "Axe "+strconv.Itoa(h.Number)+french.NBSP+": "+french.Typo(h.Title), roadmapweb.AxisPath(h.Number)
		}
		if h.Detail != "" {
			l.Detail += french.NBSP + ": " + french.Typo(h.Detail)
		}
		out = append(out, l)
	}
	return out
}

// foundLine is one thing found.
type foundLine struct{ Label, Href, Detail string }

// lines puts together what was found: bodies and people, then structures, then
// meetings, then what they decided.
func (v searchView) lines() []foundLine {
	var out []foundLine
	for _, h := range v.Governance {
		l := foundLine{Label: h.Label, Href: hitHref(h), Detail: h.Kind.Label()}
		if h.Detail != "" && h.Detail != l.Detail {
			l.Detail += ", " + h.Detail
		}
		out = append(out, l)
	}
	for _, h := range v.Structures {
		l := foundLine{Label: h.Name, Href: "/structures/" + strconv.FormatInt(int64(h.ID), 10), Detail: "Structure du GNI"}
		if h.Commune != "" {
			l.Detail += ", " + h.Commune
		}
		out = append(out, l)
	}
	for _, h := range v.Meetings {
		l := foundLine{Label: h.Title() + " du " + french.LongDate(h.Day()), Href: meetingHref(h.ID), Detail: h.Theme}
		if h.Point != "" {
			l.Detail = "Point de l’ordre du jour" + french.NBSP + ": " + h.Point
		}
		out = append(out, l)
	}
	for _, h := range v.Registers {
		path := "/decisions/"
		if h.Kind == string(minutes.KindPosition) || h.Kind == string(minutes.KindRequest) {
			path = "/positions/"
		}
		out = append(out, foundLine{Label: h.Reference() + french.NBSP + ": " + h.Title, Href: path + strconv.FormatInt(h.ID, 10),
			Detail: h.Label() + ", " + french.LongDate(day.In(h.StartsAt))})
	}
	return out
}

// hitHref leads to where what was found stands.
func hitHref(h governance.Hit) string {
	if h.INSEE != "" {
		return "/communes/" + h.INSEE
	}
	return "/instances/" + string(h.Body)
}
