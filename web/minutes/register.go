package minutes

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/paper"
	"bordeaux-metropole.fr/portal/web/ui"
)

const registerSource = "Portail de la gouvernance de l’inclusion numérique, Bordeaux Métropole : comptes rendus publiés"

// registerView is a register as its page shows it.
type registerView struct {
	Decisions []minutes.Decision
	Positions []minutes.Position
	Paging    postgres.Paging
	Years     []int
	Filter    *form.Form
	Base      string // address with its filters
	Reset     string // "" without a filter
}

func (v *registerView) address(path string, q url.Values, names ...string) {
	pairs := make([]string, 0, 2*len(names))
	for _, n := range names {
		pairs = append(pairs, n, q.Get(n))
	}
	v.Filter, v.Base = page.FilterForm(q, names...), page.Address(path, pairs...)
	if v.Base != path {
		v.Reset = path
	}
}

func yearFilter(q url.Values) int {
	y, err := strconv.Atoi(q.Get("annee"))
	if err != nil || y < 1900 || y > 2200 {
		return 0
	}
	return y
}

func decisionFilter(q url.Values) minutes.RegisterFilter {
	return minutes.RegisterFilter{Body: bodyFor(q.Get("instance")), Year: yearFilter(q), State: string(valueFor(followWords, q.Get("etat"))),
		Kind: string(valueFor(decisionKinds, q.Get("nature"))), Q: q.Get("q")}
}

func positionFilter(q url.Values) minutes.RegisterFilter {
	return minutes.RegisterFilter{Year: yearFilter(q), State: string(valueFor(positionStates, q.Get("etat"))),
		Kind: string(valueFor(positionKinds, q.Get("nature"))), Q: q.Get("q")}
}

// ListDecisions shows /decisions: the public register.
func (p *Pages) ListDecisions(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	var v registerView
	if v.Decisions, v.Paging, v.Years, err = p.Minutes.Decisions(r.Context(), decisionFilter(q), page.Number(q)); err != nil {
		return err
	}
	v.address(decisionsPath, q, "q", "instance", "annee", "etat", "nature")
	return p.Kit.Show(w, r, http.StatusOK, decisionsPage(p.Kit.Chrome(r, ui.Chrome{Title: "Décisions et avis", Section: section}), v))
}

// ListPositions shows /positions: the public register.
func (p *Pages) ListPositions(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	var v registerView
	if v.Positions, v.Paging, v.Years, err = p.Minutes.Positions(r.Context(), positionFilter(q), page.Number(q)); err != nil {
		return err
	}
	v.address(positionsPath, q, "q", "annee", "etat", "nature")
	return p.Kit.Show(w, r, http.StatusOK, positionsPage(p.Kit.Chrome(r, ui.Chrome{Title: "Prises de position et demandes", Section: section}), v))
}

// fileAsked reads the format and the filters of a file's address.
func fileAsked(r *http.Request) (export.Format, url.Values, error) {
	format, ok := export.ParseFormat(chi.URLParam(r, "ext"))
	if !ok {
		return "", nil, page.ErrNotFound
	}
	q, err := page.Query(r)
	return format, q, err
}

func registerTable(title, name string, columns ...export.Column) export.Table {
	on := day.Today()
	return export.Table{Title: title + " au " + french.Date(on), Name: name + "-" + on.String(), Date: on, Source: registerSource, Columns: columns}
}

// DecisionsFile answers /decisions.{ext}: the register on screen, all pages.
func (p *Pages) DecisionsFile(w http.ResponseWriter, r *http.Request) error {
	format, q, err := fileAsked(r)
	if err != nil {
		return err
	}
	lines, _, _, err := p.Minutes.Decisions(r.Context(), decisionFilter(q), postgres.AllPages)
	if err != nil {
		return err
	}
	return export.Send(w, format, decisionTable("Décisions et avis", "decisions", lines))
}

func decisionTable(title, name string, lines []minutes.Decision) export.Table {
	t := registerTable(title, name,
		export.Column{Key: "reference", Heading: "Référence", Width: 22}, export.Column{Key: "nature", Heading: "Nature", Width: 12},
		export.Column{Key: "instance", Heading: "Instance", Width: 26}, export.Column{Key: "date", Heading: "Date de la réunion", Kind: export.DayKind},
		export.Column{Key: "titre", Heading: "Titre", Width: 44}, export.Column{Key: "texte", Heading: "Texte", Width: 80},
		export.Column{Key: "resultat", Heading: "Résultat", Width: 14}, export.Column{Key: "mode", Heading: "Mode", Width: 16},
		export.Column{Key: "pour", Heading: "Pour", Kind: export.NumberKind}, export.Column{Key: "contre", Heading: "Contre", Kind: export.NumberKind},
		export.Column{Key: "abstentions", Heading: "Abstentions", Kind: export.NumberKind},
		export.Column{Key: "point", Heading: "Point de l’ordre du jour", Width: 40},
		export.Column{Key: "suivi", Heading: "Suivi", Width: 20}, export.Column{Key: "note_suivi", Heading: "Ce qu’elle est devenue", Width: 60},
		export.Column{Key: "suivi_le", Heading: "Suivi mis à jour le", Kind: export.DayKind},
		export.Column{Key: "rectification", Heading: "Motif de la rectification", Width: 40})
	for _, d := range lines {
		t.Rows = append(t.Rows, []export.Cell{
			export.Text(d.Reference()), export.Text(d.Kind.Label()), export.Text(d.Body.Label()), export.Day(day.In(d.StartsAt)),
			export.Text(d.Title), export.Text(d.Text), export.Text(d.Outcome.Label()), export.Text(d.Method.Label()),
			countCell(d.For), countCell(d.Against), countCell(d.Abstentions), export.Text(pointWords(d.Origin)),
			export.Text(d.FollowUp.Label()), export.Text(d.FollowUpNote), export.Day(followedOn(d)), export.Text(d.Rectification)})
	}
	return t
}

func countCell(n *int) export.Cell {
	if n == nil {
		return export.Cell{}
	}
	return export.Int(*n)
}

func followedOn(d minutes.Decision) day.Day {
	if d.FollowedAt == nil {
		return day.Day{}
	}
	return day.In(*d.FollowedAt)
}

// PositionsFile answers /positions.{ext}: the register on screen, all pages.
func (p *Pages) PositionsFile(w http.ResponseWriter, r *http.Request) error {
	format, q, err := fileAsked(r)
	if err != nil {
		return err
	}
	lines, _, _, err := p.Minutes.Positions(r.Context(), positionFilter(q), postgres.AllPages)
	if err != nil {
		return err
	}
	return export.Send(w, format, positionTable("Prises de position et demandes", "positions", lines))
}

func positionTable(title, name string, lines []minutes.Position) export.Table {
	t := registerTable(title, name,
		export.Column{Key: "reference", Heading: "Référence", Width: 22}, export.Column{Key: "nature", Heading: "Nature", Width: 18},
		export.Column{Key: "date", Heading: "Date de la réunion", Kind: export.DayKind}, export.Column{Key: "titre", Heading: "Titre", Width: 44},
		export.Column{Key: "texte", Heading: "Texte", Width: 80}, export.Column{Key: "destinataire", Heading: "Destinataire", Width: 36},
		export.Column{Key: "etat", Heading: "État", Width: 28}, export.Column{Key: "envoyee_le", Heading: "Envoyée le", Kind: export.DayKind},
		export.Column{Key: "reponse_le", Heading: "Réponse du", Kind: export.DayKind}, export.Column{Key: "reponse", Heading: "Réponse", Width: 60},
		export.Column{Key: "close_le", Heading: "Close le", Kind: export.DayKind})
	for _, v := range lines {
		t.Rows = append(t.Rows, []export.Cell{
			export.Text(v.Reference()), export.Text(v.Kind.Label()), export.Day(day.In(v.StartsAt)), export.Text(v.Title), export.Text(v.Text),
			export.Text(v.Addressee), export.Text(v.State.Label()), export.Day(v.SentOn), export.Day(v.AnsweredOn), export.Text(v.Answer), export.Day(v.ClosedOn)})
	}
	return t
}

// ShowDecision shows /decisions/{id}.
func (p *Pages) ShowDecision(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[minutes.DecisionID](r, "id")
	if err != nil {
		return err
	}
	v, err := p.Minutes.DecisionByID(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	title := v.Kind.Label() + " " + v.Reference()
	if v.InForce != 0 {
		title += ", version rectifiée"
	}
	actions, err := p.Roadmap.ActionsOfDecision(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	c := ui.Chrome{Title: title, Section: section, Crumbs: []ui.Crumb{{Label: "Décisions et avis", Href: decisionsPath}}}
	return p.Kit.Show(w, r, http.StatusOK, decisionPage(p.Kit.Chrome(r, c), v, actions))
}

// ShowPosition shows /positions/{id}.
func (p *Pages) ShowPosition(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[minutes.PositionID](r, "id")
	if err != nil {
		return err
	}
	v, err := p.Minutes.PositionByID(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	c := ui.Chrome{Title: v.Kind.Label() + " " + v.Reference(), Section: section, Crumbs: []ui.Crumb{{Label: "Prises de position et demandes", Href: positionsPath}}}
	return p.Kit.Show(w, r, http.StatusOK, positionPage(p.Kit.Chrome(r, c), v))
}

// releveView is the relevé de décisions of a meeting.
type releveView struct {
	Meeting   meeting.Meeting
	Decisions []minutes.Decision
	Positions []minutes.Position
	Draft     bool
	Printable bool
}

func (v releveView) title() string {
	if v.Draft {
		return "Projet de relevé de décisions"
	}
	return "Relevé de décisions"
}

func (v releveView) lead() string {
	l := v.Meeting.Title() + ", " + french.Date(v.Meeting.Day())
	if v.Meeting.Place != "" {
		l += ", " + typeset(v.Meeting.Place)
	}
	return l
}

// releveAsked loads the relevé of the address.
func (p *Pages) releveAsked(r *http.Request) (releveView, error) {
	id, err := page.PathID[meeting.ID](r, "id")
	if err != nil {
		return releveView{}, err
	}
	return p.releve(r.Context(), page.Actor(r), id)
}

// releve loads the relevé: to everybody once the minutes are out, before to who is
// of the meeting and to the team.
func (p *Pages) releve(ctx context.Context, by access.Actor, id meeting.ID) (releveView, error) {
	m, sight, err := p.Meetings.Load(ctx, by, id)
	if err != nil {
		return releveView{}, err
	}
	v := releveView{Meeting: m, Draft: m.State != governance.Published, Printable: p.Printer != nil && p.Printer.Available()}
	// Before, a meeting that is not held has no decision to show to its members.
	if v.Draft && (sight < meeting.Inside || sight < meeting.Backstage && m.State != governance.Held) {
		return releveView{}, page.ErrNotFound
	}
	v.Decisions, v.Positions, err = p.Minutes.Decided(ctx, id)
	return v, err
}

func (v releveView) document() paper.Document {
	kind := "releve-de-decisions"
	if v.Draft {
		kind = "projet-de-" + kind
	}
	return paper.Document{Name: paper.Name(kind, v.Meeting), Title: v.title(), About: paper.About(v.Meeting), Lead: v.lead(), Body: releveText(v)}
}

// ShowReleve shows /reunions/{id}/releve.
func (p *Pages) ShowReleve(w http.ResponseWriter, r *http.Request) error {
	v, err := p.releveAsked(r)
	if err != nil {
		return err
	}
	c := ui.Chrome{Title: v.title(), Section: section, Crumbs: []ui.Crumb{crumbMeetings, {Label: meetingWords(v.Meeting), Href: meetingPath(v.Meeting.ID)}}}
	return p.Kit.Show(w, r, http.StatusOK, relevePage(p.Kit.Chrome(r, c), v))
}

// RelevePDF answers /reunions/{id}/releve.pdf.
func (p *Pages) RelevePDF(w http.ResponseWriter, r *http.Request) error {
	v, err := p.releveAsked(r)
	if err != nil {
		return err
	}
	return paper.SendPDF(w, r, p.Printer, v.document())
}
