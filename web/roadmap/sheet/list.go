package sheet

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	rm "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Words of the address that name no status and no level.
const (
	lateWord      = "en-retard"
	notJudgedWord = "non-evaluee"
)

// filterNames are the filters that the address of the list keeps.
var filterNames = []string{"q", "axe", "etat", "instance", "pilote", "confiance", "incompletes"}

var sortSlugs = []pair[roadmap.ActionSort]{{"numero", roadmap.ByNumber}, {"titre", roadmap.ByTitle}, {"fin", roadmap.ByEnd},
	{"completude", roadmap.ByMissing}, {"nouvelles", roadmap.ByNews}, {"priorite", roadmap.ByPriority}}

// listView is the team's list as the page shows it.
type listView struct {
	roadmap.ActionList
	Filter *form.Form
	Base   string // the address with its filters and its sort
	plain  string // the address with its filters only
	Sort   string // word of the sort, with « - » when it goes down
	Reset  string // "" when nothing is filtered
}

// List shows /equipe/feuille-de-route.
func (p *Pages) List(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	f := listFilter(q)
	list, err := p.Roadmap.TeamList(r.Context(), page.Actor(r), f, page.Number(q))
	if err != nil {
		return err
	}
	v := listView{ActionList: list, Filter: page.FilterForm(q, filterNames...), Sort: wordOf(sortSlugs, f.Sort)}
	var pairs []string
	for _, n := range filterNames {
		pairs = append(pairs, n, q.Get(n))
	}
	v.plain = page.Address(rm.TeamListPath, pairs...)
	if v.plain != rm.TeamListPath {
		v.Reset = rm.TeamListPath
	}
	if f.Descending {
		v.Sort = "-" + v.Sort
	}
	v.Base = page.Address(rm.TeamListPath, append(pairs, "tri", v.Sort)...)
	return p.Kit.Show(w, r, http.StatusOK, listPage(p.Kit.Chrome(r, chrome("Feuille de route (équipe)")), v))
}

// listFilter reads the filters of an address; a word that is none filters nothing.
func listFilter(q url.Values) roadmap.ActionFilter {
	f := roadmap.ActionFilter{Axis: roadmap.AxisID(number(q.Get("axe"))), Pilot: roadmap.OrganisationID(number(q.Get("pilote"))), Q: q.Get("q"),
		Status: statusOf(q.Get("etat")), Late: q.Get("etat") == lateWord, Confidence: valueOf(confidenceSlugs, q.Get("confiance")), Incomplete: q.Get("incompletes") != ""}
	if b := governance.BodyCode(q.Get("instance")); slices.Contains(governance.BodyCodes, b) {
		f.Body = b
	}
	if q.Get("confiance") == notJudgedWord {
		f.Confidence = roadmap.NotJudged
	}
	word, down := strings.CutPrefix(q.Get("tri"), "-")
	f.Sort = valueOf(sortSlugs, word)
	f.Descending = down && f.Sort != ""
	return f
}

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// sorted returns the address that sorts by a column, the other way when it is the one
// followed, and the order the column has.
func (v listView) sorted(word string) (href, order string) {
	next := word
	switch v.Sort {
	case word:
		next, order = "-"+word, "ascending"
	case "-" + word:
		order = "descending"
	}
	sep := "?"
	if strings.Contains(v.plain, "?") {
		sep = "&"
	}
	return v.plain + sep + "tri=" + next, order
}

func statusOptions() []ui.Option {
	out := []ui.Option{{Value: lateWord, Label: "En retard"}}
	for _, s := range roadmap.Statuses {
		out = append(out, ui.Option{Value: s.Slug(), Label: s.Label()})
	}
	return out
}

func confidenceOptions(hints bool) []ui.Option {
	var out []ui.Option
	for _, p := range confidenceSlugs {
		o := ui.Option{Value: p.word, Label: p.value.Label()}
		if hints {
			o.Hint = p.value.Meaning()
		}
		out = append(out, o)
	}
	return out
}

func (v listView) lead() string {
	return "Toutes les actions, y compris celles qui sont proposées et que le public ne voit pas encore : " + french.Count(v.Paging.Total, "action", "actions") + " dans cette liste."
}

// period says when an action takes place: « du 1er janvier 2026 au 31 mars 2027 ».
func period(from, to day.Day) string {
	switch {
	case from.IsZero() && to.IsZero():
		return ""
	case to.IsZero():
		return "à partir du " + french.LongDate(from)
	case from.IsZero():
		return "jusqu’au " + french.LongDate(to)
	}
	return "du " + french.LongDate(from) + " au " + french.LongDate(to)
}
