package export

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"bordeaux-metropole.fr/portal/internal/french"
)

const dataSheet = "Données"

// writeXLSX writes a workbook of two sheets: the data, and what they are.
func writeXLSX(b *bytes.Buffer, t Table) (err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := f.SetSheetName("Sheet1", dataSheet); err != nil {
		return err
	}
	if err := describe(f, t); err != nil {
		return err
	}
	styles, err := newStyles(f)
	if err != nil {
		return err
	}
	if err := fill(f, t, styles); err != nil {
		return err
	}
	return f.Write(b)
}

// describe sets the properties of the file and its sheet « À propos ».
func describe(f *excelize.File, t Table) error {
	if err := f.SetDocProps(&excelize.DocProperties{
		Title: clean(t.Title), Creator: "Bordeaux Métropole", Subject: clean(t.Source), Description: Licence, Language: "fr-FR",
	}); err != nil {
		return err
	}
	const about = "À propos"
	if _, err := f.NewSheet(about); err != nil {
		return err
	}
	for i, line := range [][2]string{
		{"Titre", t.Title}, {"Date des données", french.LongDate(t.Date)}, {"Source", t.Source},
		{"Licence", Licence}, {"Texte de la licence", LicenceURL},
	} {
		for j, v := range line {
			name, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err != nil {
				return err
			}
			if err := f.SetCellStr(about, name, clean(v)); err != nil {
				return err
			}
		}
	}
	return errors.Join(f.SetColWidth(about, "A", "A", 22), f.SetColWidth(about, "B", "B", 90))
}

type styles struct{ heading, text, day, time int }

func newStyles(f *excelize.File) (s styles, err error) {
	dayFormat, timeFormat := "dd/mm/yyyy", "dd/mm/yyyy hh:mm"
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	for _, x := range []struct {
		id    *int
		style excelize.Style
	}{
		{&s.heading, excelize.Style{
			Font:      &excelize.Font{Bold: true, Color: "FFFFFF"},
			Fill:      excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"5C1130"}},
			Alignment: &excelize.Alignment{Vertical: "center", WrapText: true},
		}},
		{&s.text, excelize.Style{Alignment: top}},
		{&s.day, excelize.Style{CustomNumFmt: &dayFormat, Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "left"}}},
		{&s.time, excelize.Style{CustomNumFmt: &timeFormat, Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "left"}}},
	} {
		if *x.id, err = f.NewStyle(&x.style); err != nil {
			return s, err
		}
	}
	return s, nil
}

// fill streams the rows to the first sheet, under a heading that stays in view.
func fill(f *excelize.File, t Table, s styles) error {
	w, err := f.NewStreamWriter(dataSheet)
	if err != nil {
		return err
	}
	for i, c := range t.Columns {
		if err := w.SetColWidth(i+1, i+1, c.width()); err != nil {
			return err
		}
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	line := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		line[i] = excelize.Cell{StyleID: s.heading, Value: clean(c.Heading)}
	}
	if err := w.SetRow("A1", line, excelize.RowOpts{Height: 24}); err != nil {
		return err
	}
	for i, row := range t.Rows {
		for j, c := range row {
			line[j] = s.cell(c)
		}
		name, err := excelize.CoordinatesToCellName(1, i+2)
		if err != nil {
			return err
		}
		if err := w.SetRow(name, line); err != nil {
			return err
		}
	}
	return w.Flush()
}

// cell returns a cell for the stream. A text is written as an inline string: the
// program that opens the file never computes it.
func (s styles) cell(c Cell) any {
	switch {
	case !c.filled:
		return nil
	case c.kind == NumberKind:
		return excelize.Cell{StyleID: s.text, Value: c.number}
	case c.kind == DayKind:
		return excelize.Cell{StyleID: s.day, Value: c.time}
	case c.kind == TimeKind:
		return excelize.Cell{StyleID: s.time, Value: c.time}
	}
	return excelize.Cell{StyleID: s.text, Value: limited(c.text)}
}

// limited cuts a text at what a cell may hold.
func limited(s string) string {
	if len(s) <= excelize.TotalCellChars {
		return s
	}
	s = s[:excelize.TotalCellChars-4]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return strings.TrimSpace(s) + "…"
}

func (c Column) width() float64 {
	switch {
	case c.Width > 0:
		return c.Width
	case c.Kind == NumberKind:
		return 12
	case c.Kind == DayKind:
		return 13
	case c.Kind == TimeKind:
		return 18
	}
	return 30
}
