// Package journal holds the administrators' pages of the journal: search, one
// entry before and after, and the verification of the chain.
package journal

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for the journal; administrators only, as audit.Journal asks again.
type Pages struct {
	Kit     *page.Kit
	Journal *audit.Journal
}

// listPath is the address of the journal, checkPath that of its verification.
const (
	listPath  = "/administration/journal"
	checkPath = listPath + "/verification"
)

// listView is what the list shows.
type listView struct {
	Filters *form.Form // what was asked, as typed
	Query   url.Values // the same, without the cursor
	Page    audit.Page
	First   bool // no cursor: the newest
	Checked audit.Checked
	Noted   *form.Form // the seal noted elsewhere, of the verification
}

// List shows the entries that pass the filters of the address.
func (p Pages) List(w http.ResponseWriter, r *http.Request) error {
	return p.list(w, r, form.New())
}

func (p Pages) list(w http.ResponseWriter, r *http.Request, noted *form.Form) error {
	v := listView{Noted: noted}
	filter, before, err := v.read(r.URL.Query())
	if err != nil {
		return err
	}
	by := page.Actor(r)
	if v.Checked, err = p.Journal.Status(r.Context(), by); err != nil {
		return err
	}
	if len(v.Filters.Errors()) == 0 {
		if v.Page, err = p.Journal.Search(r.Context(), by, filter, before); err != nil {
			return err
		}
	}
	c := p.Kit.FormChrome(r, ui.Chrome{Title: "Journal", Section: "Administration", Wide: true}, v.failed())
	return p.Kit.Show(w, r, max(page.FormStatus(noted), page.FilterStatus(v.Filters)), listPage(c, v))
}

// failed returns the form whose errors the page tells first.
func (v listView) failed() *form.Form {
	if len(v.Noted.Errors()) > 0 {
		return v.Noted
	}
	return v.Filters
}

// read takes the filters from the address. What is wrong in a field is told beside
// it; a number that only our own links write is a bad request.
func (v *listView) read(q url.Values) (audit.Filter, int64, error) {
	f := form.New()
	v.Query = url.Values{}
	for _, name := range []string{"q", "action", "objet", "numero", "compte", "du", "au"} {
		if s := strings.ToValidUTF8(strings.ReplaceAll(q.Get(name), "\x00", ""), ""); s != "" {
			f.Set(name, s)
			v.Query.Set(name, s)
		}
	}
	f.Set("avant", q.Get("avant"))
	before := f.ID("avant", "")
	account, object := f.ID("compte", ""), f.ID("numero", "")
	if len(f.Errors()) > 0 {
		return audit.Filter{}, 0, problem.New(problem.BadRequest, "Cette adresse de page n’est pas valable : revenez au début du journal.")
	}
	v.First, v.Filters = before == 0, f
	filter := audit.Filter{
		Q:        f.Text("q", "", 200),
		Action:   f.Line("action", "", 100),
		Object:   f.Line("objet", "", 100),
		Account:  access.AccountID(account),
		ObjectID: object,
		From:     f.Date("du", ""),
		To:       f.Date("au", ""),
	}
	if !filter.From.IsZero() && !filter.To.IsZero() && filter.To.Before(filter.From) {
		f.Fail("au", "La date de fin doit suivre la date de début.")
	}
	return filter, before, nil
}

// with returns the address of the list with one more filter.
func (v listView) with(name, value string) string {
	q := url.Values{}
	for k, values := range v.Query {
		q[k] = values
	}
	q.Set(name, value)
	return listPath + "?" + q.Encode()
}

func (v listView) pager() ui.Pager {
	var p ui.Pager
	if v.Page.Older != 0 {
		p.Next = v.with("avant", strconv.FormatInt(v.Page.Older, 10))
	}
	return p
}

// reset is the address of the whole journal, "" when nothing is filtered.
func (v listView) reset() string {
	if len(v.Query) == 0 {
		return ""
	}
	return listPath
}

// narrowed says in words the filters that have no field of their own.
func (v listView) narrowed() string {
	var parts []string
	if c := v.Query.Get("compte"); c != "" {
		parts = append(parts, "du compte n° "+c)
	}
	if o := v.Query.Get("objet"); o != "" {
		s := "de l’objet « " + o + " »"
		if n := v.Query.Get("numero"); n != "" {
			s += " n° " + n
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, ", ")
}

func actionOptions() []ui.Option {
	actions := audit.Actions()
	options := make([]ui.Option, len(actions))
	for i, a := range actions {
		options[i] = ui.Option{Value: a, Label: audit.Label(a)}
	}
	return options
}

// Show shows one entry: before, after, seal.
func (p Pages) Show(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil {
		return page.ErrNotFound
	}
	e, err := p.Journal.Show(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	c := p.Kit.Chrome(r, ui.Chrome{
		Title: "Écriture n° " + strconv.FormatInt(id, 10), Section: "Journal",
		Crumbs: []ui.Crumb{{Label: "Journal", Href: listPath}},
	})
	return p.Kit.Show(w, r, http.StatusOK, entryPage(c, e))
}

// Check verifies the whole chain, against a seal noted elsewhere if one is given.
func (p Pages) Check(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	known := readNoted(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	if !f.OK() {
		return p.list(w, r, f)
	}
	report, err := p.Journal.Check(r.Context(), page.Actor(r), known...)
	if err != nil {
		if f.Takes(err) {
			return p.list(w, r, f)
		}
		return err
	}
	message := "Journal vérifié : " + french.Count(report.Entries, "écriture", "écritures") + ", aucune anomalie."
	if !report.OK() {
		message = "Le journal a été modifié. " + report.Fault.Message()
	}
	return p.Kit.Done(w, r, listPath+"#verification", message)
}

// readNoted reads a seal noted earlier: both fields or none.
func readNoted(f *form.Form) []audit.Seal {
	seq := f.ID("sceau", "")
	hash := strings.ToLower(strings.Join(strings.Fields(f.Line("empreinte", "", 200)), ""))
	switch {
	case seq == 0 && hash == "":
		return nil
	case seq == 0:
		f.Fail("sceau", "Saisissez aussi le numéro du sceau noté.")
		return nil
	}
	s := audit.Seal{Seq: seq}
	raw, err := hex.DecodeString(hash)
	if err != nil || len(raw) != len(s.Hash) {
		f.Fail("empreinte", "Saisissez l’empreinte entière : 64 chiffres et lettres de a à f.")
		return nil
	}
	copy(s.Hash[:], raw)
	return []audit.Seal{s}
}
