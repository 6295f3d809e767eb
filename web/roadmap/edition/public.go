package edition

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/edition"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/paper"
	rm "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

const comparePath = rm.EditionsPath + "/comparaison"

// List shows /feuille-de-route/editions.
func (p *Pages) List(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Editions.Frozen(r.Context())
	if err != nil {
		return err
	}
	c := ui.Chrome{Title: "Programmes annuels", Section: section, Crumbs: []ui.Crumb{crumbRoadmap}}
	return p.Kit.Show(w, r, http.StatusOK, listPage(p.Kit.Chrome(r, c), all))
}

func (p *Pages) published(r *http.Request) (edition.Published, error) {
	year, err := yearOf(r)
	if err != nil {
		return edition.Published{}, err
	}
	return p.Editions.Published(r.Context(), year)
}

// Show shows /feuille-de-route/editions/{annee}, from what was frozen alone.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	v, err := p.published(r)
	if err != nil {
		return err
	}
	c := ui.Chrome{Title: v.Title, Section: section, Crumbs: []ui.Crumb{crumbRoadmap, crumbEditions}}
	return p.Kit.Show(w, r, http.StatusOK, showPage(p.Kit.Chrome(r, c), v))
}

// JSON answers /feuille-de-route/editions/{annee}.json: the exact bytes that were hashed.
func (p *Pages) JSON(w http.ResponseWriter, r *http.Request) error {
	v, err := p.published(r)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", export.JSON.ContentType())
	h.Set("Content-Disposition", export.Disposition(fileName(v.Content)+".json"))
	h.Set("Content-Length", strconv.Itoa(len(v.Bytes)))
	_, _ = w.Write([]byte(v.Bytes)) // the reader left: nothing to tell it
	return nil
}

// PDF answers /feuille-de-route/editions/{annee}.pdf.
func (p *Pages) PDF(w http.ResponseWriter, r *http.Request) error {
	v, err := p.published(r)
	if err != nil {
		return err
	}
	return paper.SendPDF(w, r, p.Printer, paper.Document{Name: fileName(v.Content), Title: v.Title, Lead: lead(v), Body: programmeText(v, printed)})
}

// File answers /feuille-de-route/editions/{annee}.csv and .xlsx.
func (p *Pages) File(w http.ResponseWriter, r *http.Request) error {
	v, err := p.published(r)
	if err != nil {
		return err
	}
	format, ok := export.ParseFormat(chi.URLParam(r, "ext"))
	if !ok {
		return page.ErrNotFound
	}
	t := export.Table{Title: v.Title, Name: fileName(v.Content), Date: v.Decision.Day, Source: "Bordeaux Métropole, décision " + v.Decision.Reference,
		Columns: []export.Column{{Key: "numero", Heading: "Numéro", Kind: export.NumberKind}, {Key: "axe", Heading: "Axe"}, {Key: "titre", Heading: "Titre", Width: 50},
			{Key: "objectif", Heading: "Objectif", Width: 60}, {Key: "origine", Heading: "Origine"}, {Key: "motif", Heading: "Motif de reconduction", Width: 50},
			{Key: "pilote", Heading: "Pilote"}, {Key: "instance", Heading: "Instance"}, {Key: "debut", Heading: "Début", Kind: export.DayKind},
			{Key: "fin", Heading: "Fin", Kind: export.DayKind}, {Key: "etat", Heading: "État"}, {Key: "prevu", Heading: "Budget prévu en euros", Kind: export.NumberKind}}}
	for _, a := range v.Actions {
		t.Rows = append(t.Rows, []export.Cell{export.Int(a.Number), export.Text(a.Axis), export.Text(a.Title), export.Text(a.Objective), export.Text(a.Origin.Label()),
			export.Text(a.Reason), export.Text(a.Pilot), export.Text(a.Body.Label()), export.Day(a.Starts), export.Day(a.Ends), export.Text(a.Status.Label()),
			export.Number(a.Planned().Float())})
	}
	return export.Send(w, format, t)
}

// Compare shows /feuille-de-route/editions/comparaison?de=2026&a=2027.
func (p *Pages) Compare(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	f := page.FilterForm(q, "de", "a")
	all, err := p.Editions.Frozen(r.Context())
	if err != nil {
		return err
	}
	v := compareView{Filters: f, All: all}
	if q.Get("de") == "" && q.Get("a") == "" && len(all) > 1 {
		f.Set("de", strconv.Itoa(all[1].Year))
		f.Set("a", strconv.Itoa(all[0].Year))
	}
	from, to := f.Int("de", "", 2025, 2100), f.Int("a", "", 2025, 2100)
	if from != 0 && to != 0 {
		c, err := p.Editions.Compare(r.Context(), from, to)
		switch {
		case err == nil:
			v.Comparison = &c
		case problem.KindOf(err) == problem.NotFound || !page.Takes(f, err):
			return err
		}
	}
	c := ui.Chrome{Title: "Comparer deux programmes", Section: section, Crumbs: []ui.Crumb{crumbRoadmap, crumbEditions}}
	return p.Kit.Show(w, r, page.FilterStatus(f), comparePage(p.Kit.FormChrome(r, c, f), v))
}

// compareView is what the comparison shows; Comparison is nil until two programmes are
// chosen.
type compareView struct {
	*edition.Comparison
	Filters *form.Form
	All     []edition.Card
}

func yearOptions(all []edition.Card) []ui.Option {
	out := make([]ui.Option, len(all))
	for i, e := range all {
		out[i] = ui.Option{Value: strconv.Itoa(e.Year), Label: "Programme " + strconv.Itoa(e.Year)}
	}
	return out
}

func fileName(c edition.Content) string {
	return "programme-" + strconv.Itoa(c.Year) + "-feuille-de-route"
}

func lead(v edition.Published) string {
	return french.Typo("Adopté par le Comité métropolitain territorial pour l’inclusion numérique (CMTIN) le " + french.Date(v.Decision.Day) + ", décision " + v.Decision.Reference + ".")
}

// citeWords is how the programme is cited.
func citeWords(v edition.Published) string {
	return french.Typo("Bordeaux Métropole, " + v.Title + ", décision " + v.Decision.Reference + " du " + french.Date(v.Decision.Day) +
		", publié le " + french.Date(day.In(v.FrozenAt)) + ", empreinte SHA-256 " + v.Hash + ".")
}

// byAxis groups the actions of a programme, in the order they were frozen.
func byAxis(all []edition.ContentAction) [][]edition.ContentAction {
	var out [][]edition.ContentAction
	for _, a := range all {
		if n := len(out); n > 0 && out[n-1][0].Axis == a.Axis {
			out[n-1] = append(out[n-1], a)
			continue
		}
		out = append(out, []edition.ContentAction{a})
	}
	return out
}

func actionRows(a edition.ContentAction) []ui.SummaryRow {
	where := french.List(a.Communes)
	if a.AllCommunes {
		where = "Toutes les communes"
	}
	var partners []string
	for _, p := range a.Partners {
		partners = append(partners, p.Name)
	}
	rows := []ui.SummaryRow{{Key: "Origine", Value: a.Origin.Label()}, {Key: "État", Value: a.Status.Label()}, {Key: "Pilote", Value: a.Pilot},
		{Key: "Suivie par", Value: a.Body.Label()}, {Key: "Communes", Value: where}, {Key: "Partenaires", Value: french.List(partners)},
		{Key: "Début", Value: dateWords(a.Starts)}, {Key: "Fin", Value: dateWords(a.Ends)}, {Key: "Budget prévu", Value: plannedWords(a.Budget)}}
	if a.Reason != "" {
		rows = append(rows, ui.SummaryRow{Key: "Motif de reconduction", Value: a.Reason})
	}
	if a.Percent != nil {
		rows = append(rows, ui.SummaryRow{Key: "Avancement au jour du vote", Value: french.Percent(*a.Percent)})
	}
	return rows
}

func plannedWords(years []edition.ContentYear) string {
	var out []string
	for _, y := range years {
		out = append(out, y.Planned.String()+" en "+strconv.Itoa(y.Year))
	}
	return french.List(out)
}

// totalOf pairs the totals of two programmes, year by year.
func totalsOf(a, b edition.Content) [][3]string {
	years := map[int][2]roadmap.Cents{}
	for _, y := range a.Totals {
		years[y.Year] = [2]roadmap.Cents{y.Planned, 0}
	}
	for _, y := range b.Totals {
		years[y.Year] = [2]roadmap.Cents{years[y.Year][0], y.Planned}
	}
	var out [][3]string
	for y := 2020; y <= 2100; y++ {
		if t, ok := years[y]; ok {
			out = append(out, [3]string{strconv.Itoa(y), t[0].String(), t[1].String()})
		}
	}
	return out
}
