// Package outbox holds the team's pages of the mails the portal sends: which wait,
// which failed and why, and sending one again.
package outbox

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for the outbox; team and administrators, as notify.Desk asks again.
type Pages struct {
	Kit  *page.Kit
	Desk *notify.Desk
}

const listPath = "/equipe/courriels"

// listView is what the list shows.
type listView struct {
	Filters *form.Form
	Query   url.Values // the filters, without the cursor
	State   notify.State
	Page    notify.Page
	Counts  notify.Counts
	First   bool
}

// List shows the mails that pass the filters of the address.
func (p Pages) List(w http.ResponseWriter, r *http.Request) error {
	var v listView
	filter := v.read(r.URL.Query())
	by := page.Actor(r)
	var err error
	if v.Counts, err = p.Desk.Counts(r.Context(), by); err != nil {
		return err
	}
	if len(v.Filters.Errors()) == 0 {
		if v.Page, err = p.Desk.List(r.Context(), by, filter, r.URL.Query().Get("avant")); err != nil {
			return err
		}
	}
	c := p.Kit.FormChrome(r, ui.Chrome{Title: "Courriels", Section: "Équipe", Wide: true,
		Crumbs: []ui.Crumb{{Label: "Tableau de bord", Href: "/tableau-de-bord"}}}, v.Filters)
	return p.Kit.Show(w, r, page.FilterStatus(v.Filters), listPage(c, v))
}

func (v *listView) read(q url.Values) notify.Filter {
	f := form.New()
	v.Query = url.Values{}
	for _, name := range []string{"q", "etat", "nature"} {
		if s := strings.ToValidUTF8(strings.ReplaceAll(q.Get(name), "\x00", ""), ""); s != "" {
			f.Set(name, s)
			v.Query.Set(name, s)
		}
	}
	v.Filters, v.First = f, q.Get("avant") == ""
	states := make([]string, len(notify.States))
	for i, s := range notify.States {
		states[i] = string(s)
	}
	v.State = notify.State(f.Choice("etat", "", states...))
	return notify.Filter{Q: f.Text("q", "", 200), State: v.State, Kind: f.Line("nature", "", 100)}
}

// with returns the address of the list with a filter changed ("" takes it off).
func (v listView) with(name, value string) string {
	q := url.Values{}
	for k, values := range v.Query {
		q[k] = values
	}
	q.Set(name, value)
	if value == "" {
		q.Del(name)
	}
	if len(q) == 0 {
		return listPath
	}
	return listPath + "?" + q.Encode()
}

func (v listView) reset() string {
	if len(v.Query) == 0 {
		return ""
	}
	return listPath
}

func (v listView) pager() ui.Pager {
	if v.Page.Older == "" {
		return ui.Pager{}
	}
	return ui.Pager{Next: v.with("avant", v.Page.Older)}
}

// tabs are the states, with how many mails call for a look.
func (v listView) tabs() []ui.Tab {
	tabs := []ui.Tab{{Label: "Tous", Href: v.with("etat", ""), Current: v.State == ""}}
	for _, s := range notify.States {
		t := ui.Tab{Label: s.Label(), Href: v.with("etat", string(s)), Current: v.State == s}
		switch s {
		case notify.Queued:
			t.Count = capped(v.Counts.Queued)
		case notify.Failed:
			t.Count = capped(v.Counts.Failed)
		case notify.Kept:
			t.Count = capped(v.Counts.Kept)
		}
		tabs = append(tabs, t)
	}
	return tabs
}

func capped(n int) string {
	switch {
	case n == 0:
		return ""
	case n >= notify.CountCap:
		return french.Number(notify.CountCap) + " et plus"
	}
	return french.Number(n)
}

// kindOptions lists the named kinds, and the one asked for if nobody named it.
func (v listView) kindOptions() []ui.Option {
	kinds := notify.Kinds()
	if k := v.Query.Get("nature"); k != "" && !slices.Contains(kinds, k) {
		kinds = append(kinds, k)
	}
	options := make([]ui.Option, len(kinds))
	for i, k := range kinds {
		options[i] = ui.Option{Value: k, Label: notify.KindLabel(k)}
	}
	return options
}

// mailView is what the page of one mail shows.
type mailView struct {
	Mail notify.Detail
	Form *form.Form // of the button « Renvoyer »
	Key  string
}

// Show shows one mail: state, tries, text.
func (p Pages) Show(w http.ResponseWriter, r *http.Request) error {
	return p.show(w, r, form.New(), http.StatusOK)
}

func (p Pages) show(w http.ResponseWriter, r *http.Request, f *form.Form, status int) error {
	d, err := p.Desk.Show(r.Context(), page.Actor(r), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	c := p.Kit.FormChrome(r, ui.Chrome{Title: d.Subject, Section: "Courriels",
		Crumbs: []ui.Crumb{{Label: "Tableau de bord", Href: "/tableau-de-bord"}, {Label: "Courriels", Href: listPath}}}, f)
	return p.Kit.Show(w, r, status, mailPage(c, mailView{Mail: d, Form: f, Key: page.NewKey()}))
}

// Resend sends the mail again and comes back to it.
func (p Pages) Resend(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	id := chi.URLParam(r, "id")
	if f.OK() {
		err = p.Desk.Resend(r.Context(), page.Actor(r), id)
		if err == nil {
			return p.Kit.Done(w, r, mailPath(id), "Le courriel est remis en envoi. Son état change dans la minute.")
		}
		if !f.Takes(err) {
			return err
		}
	}
	status := page.FormStatus(f)
	if problem.KindOf(err) == problem.Conflict {
		status = http.StatusConflict
	}
	return p.show(w, r, f, status)
}

func mailPath(id string) string { return listPath + "/" + url.PathEscape(id) }

// rows are the facts of one mail.
func (v mailView) rows() []ui.SummaryRow {
	m := v.Mail
	rows := []ui.SummaryRow{
		{Key: "À", Value: recipient(m.Row)},
		{Key: "Nature", Value: notify.KindLabel(m.Kind)},
		{Key: "État", Content: stateTag(m.Row)},
		{Key: "Demandé", Content: when(m.CreatedAt)},
	}
	if m.SentAt != nil {
		rows = append(rows, ui.SummaryRow{Key: "Envoyé", Content: when(*m.SentAt)})
	}
	if m.Attempts > 0 {
		rows = append(rows, ui.SummaryRow{Key: "Essais", Value: strconv.Itoa(m.Attempts)})
	}
	if m.NextTry != nil {
		rows = append(rows, ui.SummaryRow{Key: "Prochain essai", Content: when(*m.NextTry)})
	}
	if m.LastError != "" {
		rows = append(rows, ui.SummaryRow{Key: "Réponse du serveur", Value: m.LastError})
	}
	return rows
}

func recipient(m notify.Row) string {
	if m.ToName == "" {
		return m.ToAddress
	}
	return m.ToName + ", " + m.ToAddress
}

// newest is the address of the first page under the same filters.
func (v listView) newest() string {
	if len(v.Query) == 0 {
		return listPath
	}
	return listPath + "?" + v.Query.Encode()
}
