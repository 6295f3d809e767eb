package board

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/board"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	roadmapweb "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// listView is the roadmap as the page shows it.
type listView struct {
	board.List
	Form        *form.Form
	Base, Reset string // the list with its filters; the whole list when one is set
	Overview    bool   // nothing is asked for: the summaries go first
	Found       string // heading of the list
	Whole       board.Tally
}

// readFilter reads the address: what no page of ours writes is left out.
func readFilter(q url.Values) board.Filter {
	f := board.Filter{Q: q.Get("q"), Page: page.Number(q), Axis: numberIn(q.Get("axe"), 1, 99), Year: numberIn(q.Get("annee"), 2000, 2200)}
	for _, s := range board.States {
		if s.Slug() == q.Get("etat") {
			f.State = s
		}
	}
	for _, c := range confidences {
		if c.slug == q.Get("confiance") {
			f.Confidence = c.level
		}
	}
	if c := q.Get("commune"); len(c) == 5 {
		f.Commune = c
	}
	if n, err := strconv.ParseInt(q.Get("pilote"), 10, 64); err == nil && n > 0 {
		f.Pilot = roadmap.OrganisationID(n)
	}
	if b := governance.BodyCode(q.Get("instance")); b.Full() != string(b) {
		f.Body = b
	}
	for _, s := range board.Sorts {
		if string(s) == q.Get("tri") {
			f.Sort = s
		}
	}
	return f
}

// filterPairs are the filters as the address and the form have them.
func filterPairs(f board.Filter) []string {
	number := func(n int64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	state, confidence := "", ""
	if f.State != "" {
		state = f.State.Slug()
	}
	for _, c := range confidences {
		if f.Confidence != "" && c.level == f.Confidence {
			confidence = c.slug
		}
	}
	return []string{"q", f.Q, "axe", number(int64(f.Axis)), "etat", state, "commune", f.Commune, "pilote", number(int64(f.Pilot)),
		"instance", string(f.Body), "annee", number(int64(f.Year)), "confiance", confidence, "tri", string(f.Sort)}
}

// List shows /feuille-de-route: where each axis stands, what is late, what was
// achieved, then the actions that answer the filters.
func (p *Pages) List(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	f := readFilter(q)
	l, err := p.Board.List(r.Context(), f)
	if err != nil {
		return err
	}
	c := p.Kit.Chrome(r, ui.Chrome{Title: section, Style: "roadmap.css"})
	return p.Kit.Show(w, r, http.StatusOK, listPage(c, newListView(f, l)))
}

func newListView(f board.Filter, l board.List) listView {
	pairs := filterPairs(f)
	v := listView{List: l, Form: form.New(), Base: page.Address(roadmapweb.ListPath, pairs...), Whole: board.Whole(l.Axes),
		Overview: f.Empty() && f.Sort == "" && f.Page == 1}
	for i := 0; i < len(pairs); i += 2 {
		v.Form.Set(pairs[i], pairs[i+1])
	}
	if v.Base != roadmapweb.ListPath {
		v.Reset = roadmapweb.ListPath
	}
	n := l.Paging.Total
	switch {
	case n == 0:
		v.Found = "Aucune action"
	case f.Empty():
		v.Found = "Les " + french.Count(n, "action", "actions") + " de la feuille de route"
		if n == 1 {
			v.Found = "L’action de la feuille de route"
		}
	default:
		v.Found = french.Count(n, "action correspond", "actions correspondent") + " aux filtres"
	}
	return v
}

func stateOptions() []ui.Option {
	var out []ui.Option
	for _, s := range board.States {
		out = append(out, ui.Option{Value: s.Slug(), Label: s.Label()})
	}
	return out
}

func confidenceOptions() []ui.Option {
	var out []ui.Option
	for _, c := range confidences {
		label := c.level.Label()
		if c.level == board.NotJudged {
			label = roadmap.Confidence("").Label()
		}
		out = append(out, ui.Option{Value: c.slug, Label: label})
	}
	return out
}

func placeOptions(places []board.Place) []ui.Option {
	var out []ui.Option
	for _, x := range places {
		out = append(out, ui.Option{Value: x.Code, Label: typeset(x.Name)})
	}
	return out
}

func sortOptions() []ui.Option {
	var out []ui.Option
	for _, s := range board.Sorts[1:] {
		out = append(out, ui.Option{Value: string(s), Label: s.Label()})
	}
	return out
}

func statePath(s board.State) string { return page.Address(roadmapweb.ListPath, "etat", s.Slug()) }

// File answers /feuille-de-route.{ext}: what is on screen, all pages.
func (p *Pages) File(w http.ResponseWriter, r *http.Request) error {
	format, ok := export.ParseFormat(chi.URLParam(r, "ext"))
	if !ok {
		return page.ErrNotFound
	}
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	f := readFilter(q)
	f.Page = postgres.AllPages
	l, err := p.Board.List(r.Context(), f)
	if err != nil {
		return err
	}
	return export.Send(w, format, listTable(l))
}

func listTable(l board.List) export.Table {
	t := export.Table{Title: "Feuille de route au " + french.LongDate(l.Today), Name: "feuille-de-route-" + l.Today.String(), Date: l.Today, Source: publisher,
		Columns: []export.Column{
			{Key: "numero", Heading: "Numéro", Kind: export.NumberKind}, {Key: "titre", Heading: "Action", Width: 50},
			{Key: "axe_numero", Heading: "Numéro de l’axe", Kind: export.NumberKind}, {Key: "axe", Heading: "Axe", Width: 30},
			{Key: "objectif", Heading: "Objectif", Width: 60}, {Key: "etat", Heading: "État"}, {Key: "motif", Heading: "Motif de l’état", Width: 30},
			{Key: "confiance", Heading: "Confiance", Width: 20}, {Key: "avancement", Heading: "Avancement en %", Kind: export.NumberKind},
			{Key: "pilote", Heading: "Pilote", Width: 30}, {Key: "instance", Heading: "Instance de suivi", Width: 40}, {Key: "public", Heading: "Public concerné", Width: 30},
			{Key: "debut", Heading: "Début", Kind: export.DayKind}, {Key: "fin", Heading: "Fin", Kind: export.DayKind}, {Key: "priorite", Heading: "Priorité"},
			{Key: "objectif_fne", Heading: "Objectif France Numérique Ensemble", Width: 30},
			{Key: "communes", Heading: "Nombre de communes", Kind: export.NumberKind}, {Key: "validee_le", Heading: "Validée le", Kind: export.DayKind},
			{Key: "validee_par", Heading: "Validée par", Width: 30}, {Key: "derniere_nouvelle", Heading: "Dernière nouvelle", Kind: export.DayKind}}}
	for _, e := range l.Rows {
		percent, news := export.Cell{}, export.Cell{}
		if e.Percent != nil {
			percent = export.Int(*e.Percent)
		}
		if e.LastNewsAt != nil {
			news = export.Day(day.In(*e.LastNewsAt))
		}
		t.Rows = append(t.Rows, []export.Cell{export.Int(e.Number), export.Text(e.Title), export.Int(e.AxisPosition), export.Text(e.Axis),
			export.Text(e.Objective), export.Text(board.StateOf(e.Action).Label()), export.Text(e.StatusReason), export.Text(e.Confidence.Label()), percent,
			export.Text(e.Pilot), export.Text(e.Body.Full()), export.Text(e.Audience), export.Day(e.StartsOn), export.Day(e.EndsOn),
			export.Text(e.Priority.Label()), export.Text(e.FNE), export.Int(e.Communes), export.Day(e.ValidatedOn), export.Text(e.Validation), news})
	}
	return t
}
