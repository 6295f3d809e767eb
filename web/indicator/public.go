package indicator

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/indicator"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/structure/network"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/page"
)

// listView is the page /indicateurs.
type listView struct {
	Entered []indicator.Figure
	Counted []indicator.Figure
	Body    network.OverTime
}

// figures reads all the figures: those entered, those counted.
func (p *Pages) figures(ctx context.Context) (v listView, err error) {
	if v.Entered, err = p.Indicators.Published(ctx); err != nil {
		return v, err
	}
	if v.Body, err = p.Network.OverTime(ctx); err != nil {
		return v, err
	}
	v.Counted = registerFigures(v.Body)
	return v, nil
}

// List shows /indicateurs.
func (p *Pages) List(w http.ResponseWriter, r *http.Request) error {
	v, err := p.figures(r.Context())
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, listPage(p.Kit.Chrome(r, chrome("Observatoire")), v))
}

// ListFile answers /indicateurs.{ext}: all figures with all their values, and the
// structures of each commune today.
func (p *Pages) ListFile(w http.ResponseWriter, r *http.Request) error {
	format, _, err := asked(r)
	if err != nil {
		return err
	}
	v, err := p.figures(r.Context())
	if err != nil {
		return err
	}
	t := figureTable("Indicateurs de l’observatoire", "indicateurs", v.Body.Today(), slices.Concat(v.Entered, v.Counted)...)
	f := counted("structures-par-commune", "Structures du GNI par commune", "structure", "structures", "", todayOnly+"La commune est celle de la fiche.", indicator.Neutral)
	for _, c := range v.Body.Communes {
		t.Rows = append(t.Rows, figureRow(f, valueOn(v.Body.Today(), indicator.Whole(v.Body.Count(v.Body.Today(), "", c.INSEE))), c.Name, c.INSEE))
	}
	return export.Send(w, format, t)
}

// oneFigure reads the figure of the address.
func (p *Pages) oneFigure(r *http.Request) (indicator.Figure, error) {
	slug := chi.URLParam(r, "slug")
	if !strings.HasPrefix(slug, indicator.RegisterPrefix) {
		return p.Indicators.One(r.Context(), slug)
	}
	o, err := p.Network.OverTime(r.Context())
	if err != nil {
		return indicator.Figure{}, err
	}
	all := registerFigures(o)
	i := slices.IndexFunc(all, func(f indicator.Figure) bool { return f.Slug == slug })
	if i < 0 {
		return indicator.Figure{}, indicator.ErrNotFound
	}
	return all[i], nil
}

// Show shows /indicateurs/{slug}: one figure with its whole history.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	f, err := p.oneFigure(r)
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, figurePage(p.Kit.Chrome(r, chrome(french.Typo(f.Name), crumbList)), f))
}

// File answers /indicateurs/{slug}.{ext}.
func (p *Pages) File(w http.ResponseWriter, r *http.Request) error {
	format, _, err := asked(r)
	if err != nil {
		return err
	}
	f, err := p.oneFigure(r)
	if err != nil {
		return err
	}
	return export.Send(w, format, figureTable(f.Name, f.Slug, day.Today(), f))
}

func figureTable(title, name string, on day.Day, figures ...indicator.Figure) export.Table {
	t := file(title, name, on,
		export.Column{Key: "indicateur", Heading: "Indicateur", Width: 30}, export.Column{Key: "nom", Heading: "Nom", Width: 44},
		export.Column{Key: "territoire", Heading: "Territoire", Width: 24}, export.Column{Key: "code_insee", Heading: "Code Insee"},
		export.Column{Key: "debut", Heading: "Début de la période", Kind: export.DayKind}, export.Column{Key: "fin", Heading: "Date, ou fin de la période", Kind: export.DayKind},
		export.Column{Key: "precision", Heading: "Précision"}, export.Column{Key: "valeur", Heading: "Valeur", Kind: export.NumberKind},
		export.Column{Key: "unite", Heading: "Unité", Width: 16}, export.Column{Key: "source", Heading: "Source", Width: 60},
		export.Column{Key: "lien", Heading: "Lien de la source", Width: 30}, export.Column{Key: "note", Heading: "Note", Width: 40},
		export.Column{Key: "methode", Heading: "Méthode", Width: 60})
	for _, f := range figures {
		for _, v := range f.Values {
			t.Rows = append(t.Rows, figureRow(f, v, "Bordeaux Métropole", ""))
		}
	}
	return t
}

func figureRow(f indicator.Figure, v indicator.Value, where, insee string) []export.Cell {
	return []export.Cell{export.Text(f.Slug), export.Text(f.Name), export.Text(where), export.Text(insee), export.Day(v.From), export.Day(v.To),
		export.Text(v.Qualifier.Label()), export.Number(v.Number.Float()), export.Text(f.Unit), export.Text(v.Source), export.Text(v.Link),
		export.Text(v.Note), export.Text(f.Method)}
}

// aladdinView is the page of the network.
type aladdinView struct {
	network.Aladdin
	Trained, Yearly indicator.Figure
	Base            string
}

// slugs of the figures of the network (migrations/00015_indicator.sql).
const (
	trainedSlug = "personnes-formees"
	yearlySlug  = "personnes-formees-par-an"
)

// Aladdin shows /reseaux/aladdin.
func (p *Pages) Aladdin(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	v := aladdinView{Base: aladdinPath}
	if v.Aladdin, err = p.Network.Aladdin(r.Context(), page.Number(q)); err != nil {
		return err
	}
	figures, err := p.Indicators.Named(r.Context(), trainedSlug, yearlySlug)
	if err != nil {
		return err
	}
	for _, f := range figures {
		if f.Slug == trainedSlug {
			v.Trained = f
		} else {
			v.Yearly = f
		}
	}
	c := chrome("Le réseau Aladdin", crumbList)
	return p.Kit.Show(w, r, http.StatusOK, aladdinPage(p.Kit.Chrome(r, c), v))
}

// AladdinFile answers /reseaux/aladdin.{ext}: the members that agreed to be named.
func (p *Pages) AladdinFile(w http.ResponseWriter, r *http.Request) error {
	format, _, err := asked(r)
	if err != nil {
		return err
	}
	a, err := p.Network.Aladdin(r.Context(), postgres.AllPages)
	if err != nil {
		return err
	}
	t := file("Membres du réseau Aladdin qui publient leur fiche", "reseau-aladdin", a.Today,
		export.Column{Key: "structure", Heading: "Structure", Width: 44}, export.Column{Key: "role", Heading: "Rôle dans le réseau Aladdin", Width: 28},
		export.Column{Key: "commune", Heading: "Commune", Width: 28}, export.Column{Key: "code_insee", Heading: "Code Insee"})
	for _, m := range a.Members {
		t.Rows = append(t.Rows, []export.Cell{export.Text(m.Name), export.Text(m.Role.Label()), export.Text(m.Commune), export.Text(m.INSEE)})
	}
	return export.Send(w, format, t)
}
