package team

import (
	"errors"
	"net/http"
	"strings"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
)

// checkFile fills the screen with the rows of a file and names each bad cell;
// nothing is saved until the person sends the screen.
func (p *Pages) checkFile(w http.ResponseWriter, r *http.Request, lines []governance.RenewalLine, typed *form.Form) error {
	f := form.New() // what is not in the file yet is not wrong: it is not finished
	for name, values := range typed.All() {
		f.Set(name, values...)
	}
	v := renewalView{Lines: lines}
	file, header, err := r.FormFile("fichier")
	switch {
	case errors.Is(err, http.ErrMissingFile), errors.Is(err, http.ErrNotMultipart):
		f.Fail("fichier", "Choisissez un fichier CSV, puis vérifiez-le.")
		return p.showRenewal(w, r, http.StatusUnprocessableEntity, v, f)
	case err != nil:
		return &problem.Error{Kind: problem.BadRequest, Message: "Votre fichier n’a pas pu être lu.", Err: err}
	}
	defer file.Close()
	rows, cells := governance.ParseRenewalCSV(file)
	v.File, v.Cells = clean(header.Filename), cells
	for _, row := range rows {
		if fill(f, lines, row) {
			v.Filled++
		}
	}
	code := http.StatusOK
	if len(cells) > 0 {
		code = http.StatusUnprocessableEntity
		nameCells(f, cells)
	}
	return p.showRenewal(w, r, code, v, f)
}

// maxNamed is how many cells the summary names; all of them are listed under the
// field of the file.
const maxNamed = 10

// nameCells puts the bad cells of a file in the summary; the first leads to the
// field.
func nameCells(f *form.Form, cells []governance.CellError) {
	for i, c := range cells {
		name := ""
		if i == 0 {
			name = "fichier"
		}
		if i == maxNamed {
			f.Fail("", french.Count(len(cells)-i, "autre case est signalée", "autres cases sont signalées")+" sous le champ du fichier.")
			return
		}
		f.Fail(name, "Fichier : "+french.Typo(c.String()))
	}
}

// fill puts a row of the file on its line. Whoever is mayor already is shown as
// elected again, unless the file brings another address.
func fill(f *form.Form, lines []governance.RenewalLine, row governance.RenewalRow) bool {
	for _, l := range lines {
		if l.INSEE != row.INSEE {
			continue
		}
		same := l.Mandate != 0 && french.SortKey(l.First+" "+l.Last) == french.SortKey(row.First+" "+row.Last) &&
			(row.Email == "" || row.Email == l.Email)
		if same {
			f.Set(field("meme", l.INSEE), "oui")
			row = governance.RenewalRow{}
		} else {
			f.Set(field("meme", l.INSEE), "")
		}
		f.Set(field("prenom", l.INSEE), row.First)
		f.Set(field("nom", l.INSEE), row.Last)
		f.Set(field("courriel", l.INSEE), row.Email)
		return true
	}
	return false
}

// clean keeps of a file's name what can be shown.
func clean(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if r := []rune(name); len(r) > 80 {
		name = string(r[:80]) + "…"
	}
	return name
}

// RenewalCSV answers /equipe/renouvellement-communes.csv: the 28 communes, who is
// mayor, and the empty columns to fill. Excel reads it as it is.
func (p *Pages) RenewalCSV(w http.ResponseWriter, r *http.Request) error {
	lines, err := p.Governance.RenewalSheet(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="renouvellement-communes.csv"`)
	var b strings.Builder
	b.WriteString("\ufeffinsee;commune;maire en fonction;depuis;prenom;nom;courriel\r\n")
	for _, l := range lines {
		mayor := strings.TrimSpace(l.First + " " + l.Last)
		for _, cell := range []string{l.INSEE, l.Name, mayor, french.NumericDate(l.Since)} {
			b.WriteString(csvCell(cell))
			b.WriteByte(';')
		}
		b.WriteString(";;\r\n")
	}
	_, err = w.Write([]byte(b.String()))
	return err
}

// csvCell quotes a cell that no spreadsheet will read as a formula.
func csvCell(s string) string {
	s = export.Neutral(s)
	if strings.ContainsAny(s, ";\"\r\n") {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}
