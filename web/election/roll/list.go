package roll

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/roll"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// listView is the public page of a roll.
type listView struct {
	roll.List
	Form        *form.Form
	Base, Reset string
	Contact     string
}

// query reads the filters of the address.
func query(r *http.Request) (roll.Query, *form.Form, error) {
	q, err := page.Query(r)
	if err != nil {
		return roll.Query{}, nil, err
	}
	f := page.FilterForm(q, "q", "college")
	if c := governance.College(q.Get("college")); c != "" && c != governance.SocialAction && c != governance.DigitalMediation {
		f.Fail("college", "Choisissez un des deux collèges.")
	}
	return roll.Query{Text: q.Get("q"), College: governance.College(q.Get("college")), Page: page.Number(q)}, f, nil
}

// Show shows /elections/{id}/liste.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	id, err := electionID(r)
	if err != nil {
		return err
	}
	q, f, err := query(r)
	if err != nil {
		return err
	}
	by := page.Actor(r)
	l, err := p.Service.List(r.Context(), by, id, q)
	if err != nil {
		return err
	}
	v := listView{List: l, Form: f, Contact: p.Contact,
		Base: page.Address(listPath(id), "q", q.Text, "college", string(q.College))}
	if v.Base != listPath(id) {
		v.Reset = listPath(id)
	}
	return p.Kit.Show(w, r, page.FilterStatus(f), listPage(p.Kit.FormChrome(r, chrome(l.Election, "Liste électorale"), f), v))
}

// status says whether the roll is final, and since when.
func (v listView) status() string {
	e := v.Election
	switch {
	case v.Final() && e.SealedAt != nil:
		return french.Typo("Liste définitive, arrêtée le " + french.DateTime(*e.SealedAt) + ".")
	case v.Election.Phase == election.Cancelled:
		return "Cette élection est abandonnée."
	}
	return french.Typo("Liste provisoire au " + french.LongDate(day.In(e.Now)) + " : elle suit le registre du GNI jusqu’à ce qu’elle soit arrêtée.")
}

// File answers GET /elections/{id}/liste.csv, .xlsx and .json.
func (p *Pages) File(w http.ResponseWriter, r *http.Request) error {
	id, err := electionID(r)
	if err != nil {
		return err
	}
	format, ok := export.ParseFormat(chi.URLParam(r, "ext"))
	if !ok {
		return page.ErrNotFound
	}
	q, _, err := query(r)
	if err != nil {
		return err
	}
	q.Page = postgres.AllPages
	l, err := p.Service.List(r.Context(), page.Actor(r), id, q)
	switch {
	case err != nil:
		return err
	case !l.Shown():
		return page.ErrNotFound
	}
	state := "provisoire"
	if l.Final() {
		state = "définitive"
	}
	t := export.Table{Title: "Liste électorale " + state + " : " + l.Election.Title, Name: "liste-electorale-" + page.IDText(id), Date: day.In(l.Election.Now),
		Source: "Bordeaux Métropole, " + l.Election.Title,
		Columns: []export.Column{{Key: "structure", Heading: "Structure", Width: 50}, {Key: "commune", Heading: "Commune", Width: 25},
			{Key: "college", Heading: "Collège", Width: 25}, {Key: "etat", Heading: "Liste", Width: 14}}}
	for _, x := range l.Entries {
		t.Rows = append(t.Rows, []export.Cell{export.Text(x.Name), export.Text(x.Commune), export.Text(x.College.Label()), export.Text(state)})
	}
	return export.Send(w, format, t)
}

func counted(c roll.Counts) []ui.SummaryRow {
	rows := []ui.SummaryRow{{Key: "Structures inscrites", Value: french.Number(c.All)}}
	for _, college := range governance.Colleges {
		rows = append(rows, ui.SummaryRow{Key: "Collège " + college.Label(), Value: french.Number(c.Of(college))})
	}
	return rows
}
