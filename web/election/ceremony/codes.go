package ceremony

import (
	"errors"
	"io"
	"net/http"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/ceremony"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
)

// codesView is the page of the public codes.
type codesView struct {
	ceremony.State
	Key string
}

// given are what was pasted or chosen for a box: two fields, one list.
const (
	fileField = "fichier"
	textField = "liste"
)

func boxField(name string, id election.BoxID) string { return name + "_" + page.IDText(id) }

// ShowCodes shows /equipe/elections/{id}/ceremonie/codes.
func (p *Pages) ShowCodes(w http.ResponseWriter, r *http.Request) error {
	v, err := p.ours(r)
	if err != nil {
		return err
	}
	return p.showCodes(w, r, v, form.New(), nil)
}

func (p *Pages) showCodes(w http.ResponseWriter, r *http.Request, v ceremony.State, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, chrome(v, "Codes de vote", true), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), codesPage(c, codesView{State: v, Key: page.NewKey()}, f))
}

// ExportRoll answers POST /equipe/elections/{id}/ceremonie/liste: the roll, once a click.
func (p *Pages) ExportRoll(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	id, err := page.PathID[election.ID](r, "id")
	if err != nil {
		return err
	}
	e, lines, err := p.Service.ExportRoll(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	t := export.Table{Title: "Liste électorale pour l’autorité des codes", Name: "liste-electorale-" + page.IDText(id), Date: day.In(e.Now), Source: e.Title,
		Columns: []export.Column{{Key: "id", Heading: "Identifiant", Kind: export.NumberKind}, {Key: "nom", Heading: "Structure"}, {Key: "commune", Heading: "Commune"},
			{Key: "college", Heading: "Collège"}, {Key: "urne", Heading: "Urne"}, {Key: "nom_urne", Heading: "Nom de l’urne"}, {Key: "courriel", Heading: "Courriel"}, {Key: "cloture", Heading: "Clôture du vote"}}}
	closes := ""
	if e.ClosesAt != nil {
		closes = french.DateTime(*e.ClosesAt)
	}
	for _, l := range lines {
		t.Rows = append(t.Rows, []export.Cell{export.Int(int64(l.Structure)), export.Text(l.Name), export.Text(l.Commune), export.Text(l.College.Label()),
			export.Text(l.Box), export.Text(l.BoxName), export.Text(l.Email), export.Text(closes)})
	}
	w.Header().Set("Cache-Control", "no-store")
	return export.Send(w, export.CSV, t)
}

// SaveCodes answers POST /equipe/elections/{id}/ceremonie/codes: the public codes of one
// box, as a file or pasted.
func (p *Pages) SaveCodes(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.ours(r)
	if err != nil {
		return err
	}
	id := election.BoxID(f.ID("urne", "Choisissez une urne."))
	text := f.Raw(boxField(textField, id))
	f.Raw(boxField(fileField, id)) // a file field left empty comes as a value
	if err := f.Unknown(); err != nil {
		return err
	}
	file, err := chosen(r, boxField(fileField, id))
	if err != nil {
		return err
	}
	if file != "" {
		text = file
	}
	var refusal error
	if f.OK() {
		var n int
		if n, refusal = p.Service.GiveCodes(r.Context(), page.Actor(r), v.Election.ID, id, text); refusal == nil {
			return p.Kit.Done(w, r, address(v.Election.ID, "/codes"), "Les codes publics sont déposés"+" : "+strconv.Itoa(n)+".")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
		f.Set(boxField(textField, id)) // long, perhaps private codes: never shown again
	}
	return p.showCodes(w, r, v, f, refusal)
}

// chosen reads a file of the form, "" when none was chosen.
func chosen(r *http.Request, name string) (string, error) {
	file, _, err := r.FormFile(name)
	switch {
	case errors.Is(err, http.ErrMissingFile), errors.Is(err, http.ErrNotMultipart):
		return "", nil
	case err != nil:
		return "", &problem.Error{Kind: problem.BadRequest, Message: "Votre fichier n’a pas pu être lu.", Err: err}
	}
	defer func() { _ = file.Close() }() // it was read
	raw, err := io.ReadAll(io.LimitReader(file, 1<<20))
	if err != nil {
		return "", &problem.Error{Kind: problem.BadRequest, Message: "Votre fichier n’a pas pu être lu.", Err: err}
	}
	return string(raw), nil
}
