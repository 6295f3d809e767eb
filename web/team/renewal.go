package team

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
)

// MaxRenewalBody is what the POST of the general renewal may weigh: a file of
// 1 MB and the 28 rows. Past it, the answer is the page of a 413.
const MaxRenewalBody = 1<<20 + 128<<10

// renewalView is the screen of the general renewal.
type renewalView struct {
	Lines []governance.RenewalLine
	// Saved are the communes a partial save just wrote.
	Saved []string
	// Stale are the communes somebody else changed since the form was shown.
	Stale []string
	// Cells is what is wrong in a file, cell by cell; File its name.
	Cells  []governance.CellError
	File   string
	Filled int // rows the file filled in
	// Partial offers to save the rows that are right.
	Partial bool
	Key     string
}

func (v renewalView) saved(insee string) bool { return slices.Contains(v.Saved, insee) }
func (v renewalView) stale(insee string) bool { return slices.Contains(v.Stale, insee) }

// rowFields are the fields of a row that the person fills.
var rowFields = []string{"meme", "prenom", "nom", "courriel"}

func field(name, insee string) string { return name + "_" + insee }

// ShowRenewal shows /equipe/renouvellement-communes.
func (p *Pages) ShowRenewal(w http.ResponseWriter, r *http.Request) error {
	lines, err := p.Governance.RenewalSheet(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("invitation", "oui")
	f.Set("designation", "Élection du maire par le conseil municipal")
	return p.showRenewal(w, r, http.StatusOK, renewalView{Lines: lines}, f)
}

func (p *Pages) showRenewal(w http.ResponseWriter, r *http.Request, code int, v renewalView, f *form.Form) error {
	v.Key = page.NewKey()
	c := chrome("Renouvellement des communes", crumbSeats)
	c.Wide = true
	return p.Kit.Show(w, r, code, renewalPage(p.Kit.FormChrome(r, c, f), v, f))
}

// readRenewal reads the form: what all rows share, then each row. The sheet says
// which communes there are; a row of another is an unknown field.
func readRenewal(f *form.Form, lines []governance.RenewalLine) governance.Renewal {
	in := governance.Renewal{
		Day:         f.Date("debut", "Saisissez la date d’élection des maires."),
		TermEndsOn:  f.Date("echeance", ""),
		Designation: f.Line("designation", "", 200),
		Reference:   f.Line("reference", "", 300),
	}
	invite := f.Bool("invitation")
	for _, l := range lines {
		in.Rows = append(in.Rows, readRow(f, l, invite))
	}
	return in
}

func readRow(f *form.Form, l governance.RenewalLine, invite bool) governance.RenewalRow {
	row := governance.RenewalRow{INSEE: l.INSEE, SameMayor: f.Bool(field("meme", l.INSEE))}
	mandate, version, _ := strings.Cut(f.Raw(field("vu", l.INSEE)), ".")
	id, err := strconv.ParseInt(mandate, 10, 64)
	n, err2 := strconv.Atoi(version)
	if err == nil && err2 == nil {
		row.Seen, row.Version = governance.MandateID(id), n
	}
	row.First = rowText(f, l, "prenom", 80)
	row.Last = rowText(f, l, "nom", 80)
	typed := row.First != "" || row.Last != "" || strings.TrimSpace(f.Raw(field("courriel", l.INSEE))) != ""
	if typed && row.First == "" && !row.SameMayor {
		f.Fail(field("prenom", l.INSEE), l.Name+" – Saisissez le prénom.")
	}
	if typed && row.Last == "" && !row.SameMayor {
		f.Fail(field("nom", l.INSEE), l.Name+" – Saisissez le nom.")
	}
	row.Email = rowEmail(f, l)
	row.Invite = invite && (row.Email != "" || row.SameMayor && l.Email != "")
	return row
}

// rowText and rowEmail read a cell; the message names the commune, since the
// summary lists cells of 28 rows.
func rowText(f *form.Form, l governance.RenewalLine, name string, max int) string {
	return named(f, l, field(name, l.INSEE), func(g *form.Form, n string) string { return g.Line(n, "", max) })
}

func rowEmail(f *form.Form, l governance.RenewalLine) string {
	return named(f, l, field("courriel", l.INSEE), func(g *form.Form, n string) string { return g.Email(n, "") })
}

func named(f *form.Form, l governance.RenewalLine, name string, read func(*form.Form, string) string) string {
	cell := form.New()
	cell.Set(name, f.Raw(name))
	v := read(cell, name)
	if m := cell.Error(name); m != "" {
		f.Fail(name, l.Name+" – "+m)
	}
	return v
}

// Renew answers POST /equipe/renouvellement-communes: it saves all rows or none,
// or with acte=partiel those that are right; acte=verifier only fills the screen
// from a file.
func (p *Pages) Renew(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	lines, err := p.Governance.RenewalSheet(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	f.Raw("fichier") // a file field left empty comes as a value
	act := f.Choice("acte", "", "verifier", "partiel")
	in := readRenewal(f, lines)
	if err := f.Unknown(); err != nil {
		return err
	}
	if act == "verifier" {
		return p.checkFile(w, r, lines, f)
	}
	v := renewalView{Lines: lines}
	in.PartialOK = act == "partiel"
	right := in
	if in.PartialOK {
		right.Rows = rightRows(in.Rows, f)
	}
	if !anyFilled(in.Rows) {
		f.Fail("", "Aucune commune n’est remplie : saisissez au moins un nom, ou cochez « Même maire ».")
	}
	if f.OK() || in.PartialOK && canTry(f, right.Rows) {
		done, err := p.Governance.Renew(r.Context(), page.Actor(r), right)
		if err != nil && !page.Takes(f, err) {
			return err
		}
		if err == nil && len(done.Errors) == 0 && len(f.Errors()) == 0 {
			return p.Kit.Done(w, r, renewalPath, renewed(in, done.Saved))
		}
		if err == nil {
			p.takeRows(&v, f, done)
		}
		if v.Lines, err = p.Governance.RenewalSheet(r.Context(), page.Actor(r)); err != nil {
			return err
		}
	}
	v.Partial = !in.PartialOK && len(f.Errors()) > 0 && canTry(f, rightRows(in.Rows, f))
	code := page.FormStatus(f)
	if len(v.Stale) > 0 {
		code = http.StatusConflict
	}
	return p.showRenewal(w, r, code, v, f)
}

// takeRows puts what Renew said on the screen: errors on their cells, rows saved
// emptied, rows somebody else changed marked.
func (p *Pages) takeRows(v *renewalView, f *form.Form, done governance.Renewed) {
	v.Saved = done.Saved
	for _, insee := range done.Saved {
		for _, name := range rowFields {
			f.Set(field(name, insee), "")
		}
	}
	for _, e := range done.Errors {
		insee := e.Field[strings.LastIndexByte(e.Field, '_')+1:]
		message, at := french.Typo(e.Message), e.Field
		if e.Kind == problem.Conflict {
			v.Stale, at = append(v.Stale, insee), field("ligne", insee)
		}
		if name := communeName(v.Lines, insee); name != "" && !strings.HasPrefix(message, name) {
			message = name + " – " + message
		}
		f.Fail(at, message)
	}
}

func communeName(lines []governance.RenewalLine, insee string) string {
	for _, l := range lines {
		if l.INSEE == insee {
			return l.Name
		}
	}
	return ""
}

func anyFilled(rows []governance.RenewalRow) bool {
	return slices.ContainsFunc(rows, func(r governance.RenewalRow) bool { return filled(r) })
}

func filled(r governance.RenewalRow) bool {
	return r.SameMayor || r.First != "" || r.Last != "" || r.Email != ""
}

// rightRows are the filled rows in which the form found nothing wrong.
func rightRows(rows []governance.RenewalRow, f *form.Form) []governance.RenewalRow {
	var out []governance.RenewalRow
	for _, row := range rows {
		if filled(row) && !slices.ContainsFunc(f.Errors(), func(e form.FieldError) bool { return strings.HasSuffix(e.Field, "_"+row.INSEE) }) {
			out = append(out, row)
		}
	}
	return out
}

// canTry tells whether the rows could be saved without the others: there are
// some, and what all rows share is right.
func canTry(f *form.Form, rows []governance.RenewalRow) bool {
	for _, e := range f.Errors() {
		if !strings.Contains(e.Field, "_") {
			return false
		}
	}
	return len(rows) > 0 && f.Submitted() && !f.Review()
}

// renewed says what happened and what follows.
func renewed(in governance.Renewal, saved []string) string {
	s := french.Count(len(saved), "maire est enregistré", "maires sont enregistrés") + " à partir du " + french.LongDate(in.Day) +
		". Les mandats précédents finissent ce jour-là."
	if slices.ContainsFunc(in.Rows, func(r governance.RenewalRow) bool { return r.Invite && filled(r) }) {
		s += " Les invitations partent à ceux qui n’ont pas encore de compte."
	}
	return s
}

// seen is what the form sends back to prove which mandate it showed.
func seen(l governance.RenewalLine) string {
	return page.IDText(l.Mandate) + "." + strconv.Itoa(l.Version)
}

// elsewhere tells whether a message is about a row and none of its cells.
func elsewhere(name, insee string) bool {
	start, ok := strings.CutSuffix(name, "_"+insee)
	return ok && !slices.Contains(rowFields, start)
}
