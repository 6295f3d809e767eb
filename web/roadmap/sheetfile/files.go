package sheetfile

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/roadmap/sheetfile"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/page"
)

// ExportFile answers /equipe/feuille-de-route/export.{csv,xlsx}: the whole roadmap, as
// the import reads it.
func (p *Pages) ExportFile(w http.ResponseWriter, r *http.Request) error {
	format, ok := export.ParseFormat(chi.URLParam(r, "ext"))
	if !ok || format == export.JSON {
		return page.ErrNotFound
	}
	rows, err := p.Files.Export(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	return export.Send(w, format, Table(format, "Feuille de route au "+french.LongDate(day.Today()), rows))
}

// Table is the roadmap as a file: days as 31/12/2026, numbers exact.
func Table(format export.Format, title string, rows [][]sheetfile.Cell) export.Table {
	t := export.Table{Title: title, Name: "feuille-de-route", Date: day.Today(),
		Source: "Portail de la gouvernance de l’inclusion numérique, Bordeaux Métropole"}
	for _, c := range sheetfile.Columns {
		kind := export.TextKind
		switch {
		case c.Kind == sheetfile.NumberKind:
			kind = export.NumberKind
		case c.Kind == sheetfile.DayKind && format == export.XLSX:
			kind = export.DayKind
		}
		t.Columns = append(t.Columns, export.Column{Key: c.Key, Heading: c.Heading, Kind: kind, Width: c.Width})
	}
	t.Rows = make([][]export.Cell, len(rows))
	for i, row := range rows {
		t.Rows[i] = make([]export.Cell, len(row))
		for j, c := range row {
			t.Rows[i][j] = cell(format, c)
		}
	}
	return t
}

// shownFigures is how many characters of a number a spreadsheet shows in the general
// format: it rounds the longer ones, which are then written as text.
const shownFigures = 10

func cell(format export.Format, c sheetfile.Cell) export.Cell {
	switch {
	case !c.Filled:
		return export.Cell{}
	case c.Kind == sheetfile.NumberKind:
		if s := strconv.FormatFloat(c.Number, 'f', -1, 64); format == export.XLSX && len(s) > shownFigures {
			return export.Text(strings.Replace(s, ".", ",", 1))
		}
		return export.Number(c.Number)
	case c.Kind == sheetfile.DayKind && format == export.XLSX:
		return export.Day(c.Day)
	case c.Kind == sheetfile.DayKind:
		return export.Text(french.NumericDate(c.Day))
	}
	return export.Text(c.Text)
}

// ModelFile answers /equipe/feuille-de-route/modele.xlsx: the headings, and examples
// that an import leaves out.
func (p *Pages) ModelFile(w http.ResponseWriter, _ *http.Request) error {
	t := Table(export.XLSX, "Modèle d’import de la feuille de route", sheetfile.Examples())
	t.Name = "modele-feuille-de-route"
	return export.Send(w, export.XLSX, t)
}
