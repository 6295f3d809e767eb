package spreadsheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// maxEntries is how many files an XLSX of ours may unfold to.
const maxEntries = 2000

// readXLSX reads the first sheet of a workbook, row by row. The library has
// panicked on files made to break it: such a file is refused as any that is broken.
func readXLSX(b []byte, g *gatherer) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = refuse("Ce fichier XLSX est abîmé : ouvrez-le dans le tableur et enregistrez-le de nouveau.")
		}
	}()
	if err := checkZip(b, g.limits.Unzipped); err != nil {
		return err
	}
	options := excelize.Options{UnzipSizeLimit: g.limits.Unzipped, UnzipXMLSizeLimit: min(g.limits.Unzipped, 8<<20)}
	f, err := excelize.OpenReader(bytes.NewReader(b), options)
	if err != nil {
		return errNeither
	}
	defer func() { _ = f.Close() }() // its temporary files; the system empties what is left
	sheets := f.GetSheetList()
	if len(sheets) == 0 {
		return refuse("Ce classeur n’a pas de feuille.")
	}
	return readSheet(f, sheets[0], g)
}

// checkZip refuses what would unfold beyond the limit, by what it declares; a file
// that declares less than it holds fails when it is read (archive/zip).
func checkZip(b []byte, limit int64) error {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil || len(z.File) > maxEntries {
		return errNeither
	}
	total := uint64(0)
	workbook := false
	for _, f := range z.File {
		total += min(f.UncompressedSize64, uint64(limit)+1)
		workbook = workbook || strings.HasPrefix(f.Name, "xl/")
	}
	switch {
	case total > uint64(limit):
		return refuse("Ce classeur est trop volumineux une fois ouvert : gardez seulement la feuille utile.")
	case !workbook:
		return errNeither
	}
	return nil
}

// readSheet reads each row twice: as it is kept, and as it is shown. See shown.
func readSheet(f *excelize.File, name string, g *gatherer) error {
	raw, err := f.Rows(name)
	if err != nil {
		return errNeither
	}
	nice, err := f.Rows(name)
	if err != nil {
		return errNeither
	}
	defer func() { _ = errors.Join(raw.Close(), nice.Close()) }()
	for raw.Next() && nice.Next() {
		kept, err := raw.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return refuse("Ligne %d : cette ligne du classeur n’a pas pu être lue.", g.line+1)
		}
		cells, err := nice.Columns()
		if err != nil {
			return refuse("Ligne %d : cette ligne du classeur n’a pas pu être lue.", g.line+1)
		}
		for i := range cells {
			if i < len(kept) {
				cells[i] = shown(kept[i], cells[i])
			}
		}
		if err := g.add(cells); err != nil {
			return err
		}
		if g.blank > g.limits.Rows {
			return nil // nothing but formatting below
		}
	}
	if err := raw.Error(); err != nil {
		return refuse("Ce fichier XLSX est abîmé : ouvrez-le dans le tableur et enregistrez-le de nouveau.")
	}
	return nil
}

var (
	scientific = regexp.MustCompile(`^-?[0-9][0-9.,]*E[+-]?[0-9]+$`)
	dateShown  = regexp.MustCompile(`^[0-9]{1,4}[-/][0-9]{1,2}[-/][0-9]{1,4}`)
)

// lastDay is the greatest day that a spreadsheet holds, in days since 1900.
const lastDay = 2_958_466

// shown returns the text of a cell: as the spreadsheet shows it, but for a number
// of many figures, which it would show as 1,23E+13, and a day, which it may show in
// the American order.
func shown(kept, shown string) string {
	n, err := strconv.ParseFloat(kept, 64)
	switch {
	case err != nil:
		return shown
	case scientific.MatchString(shown) || strings.Trim(shown, "#") == "":
		return strconv.FormatFloat(n, 'f', -1, 64)
	case dateShown.MatchString(shown) && n >= 1 && n < lastDay:
		t, err := excelize.ExcelDateToTime(n, false)
		if err != nil {
			return shown
		}
		if n == float64(int(n)) {
			return t.Format(time.DateOnly)
		}
		return fmt.Sprintf("%s %02d:%02d", t.Format(time.DateOnly), t.Hour(), t.Minute())
	}
	return shown
}
