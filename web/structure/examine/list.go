package examine

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Words of the address that name no state: the whole register, and the structures
// that somebody asks to act for.
const (
	allStates   = "toutes"
	askedAccess = "acces"
)

// stateWords are the states as the address says them.
var stateWords = map[string]structure.State{
	"a-examiner": structure.Submitted, "precision": structure.MoreAsked, "a-confirmer": structure.Unconfirmed, "membres": structure.Accepted,
	"suspendues": structure.Suspended, "refusees": structure.Refused, "parties": structure.Left, "fusionnees": structure.Merged,
	"sans-suite": structure.Lapsed,
}

// freshWords are the freshnesses as the address says them.
var freshWords = map[string]structure.Freshness{
	"moins-de-6-mois": structure.Fresh, "6-a-12-mois": structure.Recent, "12-a-18-mois": structure.Ageing, "plus-de-18-mois": structure.Expired,
	"personne-a-joindre": structure.Unreachable, "sans-reponse": structure.Silent,
}

// noCommune is the word of « Commune à compléter ».
const noCommune = "a-completer"

// registerView is the register as the page shows it.
type registerView struct {
	structure.Register
	State  string // word of the state shown
	Filter *form.Form
	Base   string // the address of the list with its filters
	Reset  string // "" when nothing is filtered
	Today  day.Day
}

// Queue tells whether the list is what waits for the team, to be accepted together.
func (v registerView) Queue() bool { return v.State == "a-examiner" }

// ListRegister shows /equipe/structures: what waits first, when something does.
func (p *Pages) ListRegister(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	by := page.Actor(r)
	list, err := p.Structures.Register(r.Context(), by, registerFilter(q), page.Number(q))
	if err != nil {
		return err
	}
	state := shownState(q, list)
	v := registerView{Register: list, State: state, Today: day.Today(),
		Filter: page.FilterForm(q, "q", "commune", "college", "fraicheur"), Base: registerAddress(q, state)}
	v.Filter.Set("etat", state)
	if q.Get("q")+q.Get("commune")+q.Get("college")+q.Get("fraicheur") != "" {
		v.Reset = page.Address(registerPath, "etat", state)
	}
	c := chrome("Structures du GNI")
	return p.Kit.Show(w, r, http.StatusOK, registerPage(p.Kit.Chrome(r, c), v))
}

// shownState is the word of the state that the list shows.
func shownState(q url.Values, list structure.Register) string {
	switch word := q.Get("etat"); {
	case stateWords[word] != "" || word == askedAccess:
		return word
	case list.State == structure.Submitted:
		return "a-examiner"
	}
	return allStates
}

func registerAddress(q url.Values, state string) string {
	return page.Address(registerPath, "etat", state, "q", q.Get("q"), "commune", q.Get("commune"), "college", q.Get("college"),
		"fraicheur", q.Get("fraicheur"))
}

// registerFilter reads the filters of an address; one without any shows the queue when
// something is in it.
func registerFilter(q url.Values) structure.RegisterFilter {
	state := q.Get("etat")
	f := structure.RegisterFilter{State: stateWords[state], Accesses: state == askedAccess, INSEE: q.Get("commune"), Freshness: freshWords[q.Get("fraicheur")], Q: q.Get("q"),
		QueueFirst: state+q.Get("q")+q.Get("commune")+q.Get("college")+q.Get("fraicheur") == ""}
	if f.INSEE == noCommune {
		f.INSEE = structure.NoCommune
	}
	if c := governance.College(q.Get("college")); slices.Contains(governance.Colleges, c) {
		f.College = c
	}
	return f
}

// RegisterFile answers /equipe/structures.{ext}: the list on screen with its filters,
// all pages.
func (p *Pages) RegisterFile(w http.ResponseWriter, r *http.Request) error {
	format, ok := export.ParseFormat(chi.URLParam(r, "ext"))
	if !ok {
		return page.ErrNotFound
	}
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	by := page.Actor(r)
	list, err := p.Structures.Register(r.Context(), by, registerFilter(q), postgres.AllPages)
	if err != nil {
		return err
	}
	on := day.Today()
	t := export.Table{Title: "Structures du GNI au " + french.LongDate(on), Name: "structures-" + on.String(), Date: on,
		Source: "Portail de la gouvernance de l’inclusion numérique, Bordeaux Métropole", Columns: registerColumns}
	for _, l := range list.Lines {
		t.Rows = append(t.Rows, []export.Cell{export.Int(l.ID), export.Text(l.Name), export.Text(l.State.Label()), export.Text(l.Commune),
			export.Text(l.College.Label()), export.Text(l.SIRET), received(l.SubmittedAt), export.Text(freshLabel(l)), export.Int(l.Accesses)})
	}
	return export.Send(w, format, t)
}

var registerColumns = []export.Column{
	{Key: "identifiant", Heading: "Identifiant", Kind: export.NumberKind}, {Key: "structure", Heading: "Structure", Width: 44}, {Key: "etat", Heading: "État", Width: 20}, {Key: "commune", Heading: "Commune", Width: 24},
	{Key: "college", Heading: "Collège", Width: 22}, {Key: "siret", Heading: "SIRET", Width: 18},
	{Key: "recue_le", Heading: "Reçue le", Kind: export.DayKind}, {Key: "fraicheur", Heading: "Fraîcheur de la fiche", Width: 36},
	{Key: "demandes_acces", Heading: "Demandes d’accès", Kind: export.NumberKind},
}

func received(at *time.Time) export.Cell {
	if at == nil {
		return export.Cell{}
	}
	return export.Day(day.In(*at))
}

// freshLabel says how fresh the sheet of a member is; others have no such duty.
func freshLabel(l structure.RegisterLine) string {
	if l.State != structure.Accepted {
		return ""
	}
	return l.Freshness.Label()
}

// tabs are the views of the register, those that wait with their number.
func (v registerView) tabs() []ui.Tab {
	tab := func(label, state, count string) ui.Tab {
		return ui.Tab{Label: label, Href: page.Address(registerPath, "etat", state), Count: count, Current: v.State == state}
	}
	tabs := []ui.Tab{
		tab("À examiner", "a-examiner", french.Number(v.Waiting.Submitted)),
		tab("Précision demandée", "precision", french.Number(v.Waiting.MoreAsked)),
		tab("Membres", "membres", ""),
		tab("Toutes", allStates, ""),
	}
	if n := v.Waiting.Accesses; n > 0 || v.State == askedAccess {
		tabs = append(tabs, tab("Demandes d’accès", askedAccess, french.Number(n)))
	}
	if !slices.ContainsFunc(tabs, func(t ui.Tab) bool { return t.Current }) {
		tabs = append(tabs, tab(stateWords[v.State].Label(), v.State, ""))
	}
	return tabs
}

func stateOptions() []ui.Option {
	out := []ui.Option{{Value: allStates, Label: "Tous"}}
	for _, s := range structure.States {
		for word, state := range stateWords {
			if state == s {
				out = append(out, ui.Option{Value: word, Label: s.Label()})
			}
		}
	}
	return append(out, ui.Option{Value: askedAccess, Label: "Avec une demande d’accès"})
}

func (v registerView) communeOptions() []ui.Option {
	out := []ui.Option{{Value: noCommune, Label: "Commune à compléter"}}
	for _, c := range v.Communes {
		out = append(out, ui.Option{Value: c.INSEE, Label: french.Typo(c.Name)})
	}
	return out
}

func collegeOptions() []ui.Option {
	var out []ui.Option
	for _, c := range governance.Colleges {
		out = append(out, ui.Option{Value: string(c), Label: c.Label()})
	}
	return out
}

func freshOptions() []ui.Option {
	var out []ui.Option
	for _, f := range structure.Freshnesses {
		for word, fresh := range freshWords {
			if fresh == f {
				out = append(out, ui.Option{Value: word, Label: f.Label()})
			}
		}
	}
	return append(out, ui.Option{Value: "personne-a-joindre", Label: "Plus d’un an, personne à qui le rappeler"},
		ui.Option{Value: "sans-reponse", Label: "Plus d’un an, sans réponse à trois rappels"})
}

// lead says where the register stands.
func (v registerView) lead() string {
	s := "Le registre du Groupe Numérique Inclusif (GNI)" + french.NBSP + ": "
	if v.Waiting.Submitted == 0 {
		s += "aucune demande à examiner"
	} else {
		s += french.Count(v.Waiting.Submitted, "demande", "demandes") + " à examiner"
	}
	if n := v.Waiting.Accesses; n > 0 {
		s += ", " + french.Count(n, "demande d’accès", "demandes d’accès") + " à décider"
	}
	return s + "."
}

// nothing says why the list is empty.
func (v registerView) nothing() (title, text string) {
	switch {
	case v.Reset != "":
		return "Aucune structure ne correspond", "Essayez un autre mot, ou moins de filtres."
	case v.Queue() && v.Waiting.Accepted != nil:
		return "Aucune structure à examiner", "La dernière a été acceptée le " + french.LongDate(day.In(*v.Waiting.Accepted)) + "."
	case v.Queue():
		return "Aucune structure à examiner", "Les demandes arrivent ici dès que leur adresse est confirmée."
	}
	return "Aucune structure dans cet état", ""
}

// age says when a request came: « il y a 12 jours ».
func age(at *time.Time, today day.Day) string {
	if at == nil {
		return ""
	}
	return french.Ago(day.In(*at), today)
}
