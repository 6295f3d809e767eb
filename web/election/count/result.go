package count

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/count"
	"bordeaux-metropole.fr/portal/internal/french"
	area "bordeaux-metropole.fr/portal/web/election"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/paper"
)

// Result shows /elections/{id}/resultats; 404 before the election is counted.
func (p *Pages) Result(w http.ResponseWriter, r *http.Request) error {
	id, err := electionID(r)
	if err != nil {
		return err
	}
	v, err := p.Service.Result(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, resultPage(p.Kit.Chrome(r, chromeOf(v.Election, "Résultat de l’élection", false)), v))
}

// ResultFile answers /elections/{id}/resultats.csv, .xlsx or .json.
func (p *Pages) ResultFile(w http.ResponseWriter, r *http.Request) error {
	id, err := electionID(r)
	if err != nil {
		return err
	}
	format, ok := export.ParseFormat(chi.URLParam(r, "ext"))
	if !ok {
		return page.ErrNotFound
	}
	v, err := p.Service.Result(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	return export.Send(w, format, resultTable(v))
}

func resultTable(v count.Result) export.Table {
	t := export.Table{Title: "Résultat, " + v.Election.Title, Name: "resultats-election-" + page.IDText(v.Election.ID), Date: day.In(*v.Election.CountedAt),
		Source: "Bordeaux Métropole, élection des représentants du GNI", Columns: []export.Column{{Key: "college", Heading: "Collège"}, {Key: "rang", Heading: "Rang", Kind: export.NumberKind},
			{Key: "structure", Heading: "Structure", Width: 40}, {Key: "commune", Heading: "Commune"}, {Key: "titulaire", Heading: "Titulaire"}, {Key: "suppleant", Heading: "Suppléant"},
			{Key: "voix", Heading: "Voix", Kind: export.NumberKind}, {Key: "egalite", Heading: "Égalité"}, {Key: "issue", Heading: "Issue"}}}
	for _, c := range v.Colleges {
		for _, l := range c.Lines {
			tied := ""
			if l.Standing.Tied {
				tied = "oui"
			}
			_, outcome := issue(l)
			t.Rows = append(t.Rows, []export.Cell{export.Text(c.College.Label()), export.Int(l.Standing.Rank), export.Text(l.StructureName), export.Text(l.Commune), export.Text(l.Titular),
				export.Text(l.Alternate), export.Int(l.Standing.Votes), export.Text(tied), export.Text(outcome)})
		}
	}
	return t
}

// pvOf reads the version of the procès-verbal that the address asks, the last by default.
func (p *Pages) pvOf(r *http.Request) (count.SignedPV, error) {
	id, err := electionID(r)
	if err != nil {
		return count.SignedPV{}, err
	}
	q, err := page.Query(r)
	if err != nil {
		return count.SignedPV{}, err
	}
	f := page.FilterForm(q, "version")
	version := f.Int("version", "", 0, 1000)
	if len(f.Errors()) > 0 {
		return count.SignedPV{}, page.ErrNotFound
	}
	return p.Service.PV(r.Context(), page.Actor(r), id, version)
}

// PV shows /elections/{id}/proces-verbal.
func (p *Pages) PV(w http.ResponseWriter, r *http.Request) error {
	v, err := p.pvOf(r)
	if err != nil {
		return err
	}
	c := chromeOf(election.Election{ID: v.Election, Title: v.Title}, pvTitle(v), false)
	return p.Kit.Show(w, r, http.StatusOK, pvPage(p.Kit.Chrome(r, c), v, p.Printer != nil && p.Printer.Available()))
}

func pvTitle(v count.SignedPV) string {
	if v.Kind == "destruction" {
		return "Procès-verbal de destruction"
	}
	return "Procès-verbal de l’élection"
}

// PVFile answers /elections/{id}/proces-verbal.json, the bytes that were signed, or .pdf.
func (p *Pages) PVFile(w http.ResponseWriter, r *http.Request) error {
	v, err := p.pvOf(r)
	if err != nil {
		return err
	}
	if chi.URLParam(r, "ext") == "json" {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write([]byte(v.Text)) // the reader left: nothing to tell it
		return nil
	}
	if p.Printer == nil {
		return paper.ErrNoPrinter
	}
	return paper.SendPDF(w, r, p.Printer, paper.Document{Name: "proces-verbal-election-" + page.IDText(v.Election), Title: pvTitle(v), About: french.Typo(v.Title),
		Lead: pvLead(v), Body: pvBody(v)})
}

// ShowSign shows /elections/{id}/proces-verbal/signature: what is about to be signed.
func (p *Pages) ShowSign(w http.ResponseWriter, r *http.Request) error {
	return p.showSign(w, r, form.New(), nil)
}

func (p *Pages) showSign(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	v, err := p.pvOf(r)
	if err != nil {
		return err
	}
	c := chromeOf(election.Election{ID: v.Election, Title: v.Title}, "Signer le procès-verbal", false)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), signPage(p.Kit.FormChrome(r, c, f), v, f, page.NewKey()))
}

// Sign answers POST /elections/{id}/proces-verbal/signature.
func (p *Pages) Sign(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, func(f *form.Form, id election.ID) (string, string, error) {
		version, seen := f.Int("version", "", 1, 1000), f.Line("empreinte", "", 64)
		if err := f.Unknown(); err != nil || len(f.Errors()) > 0 {
			return "", "", err
		}
		return area.Address(id) + "/proces-verbal", "Vous avez signé le procès-verbal.", p.Service.Sign(r.Context(), page.Actor(r), id, version, seen)
	}, func(f *form.Form, refusal error) error { return p.showSign(w, r, f, refusal) })
}

// ShowProclamation shows /equipe/elections/{id}/proclamation, to the chair and the team.
func (p *Pages) ShowProclamation(w http.ResponseWriter, r *http.Request) error {
	return p.showProclamation(w, r, form.New(), nil)
}

func (p *Pages) showProclamation(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	id, err := electionID(r)
	if err != nil {
		return err
	}
	v, err := p.Service.Proclamation(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	c := chromeOf(v.Election, "Proclamer le résultat", false)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), proclamationPage(p.Kit.FormChrome(r, c, f), v, f, page.NewKey()))
}

// Proclaim answers POST /equipe/elections/{id}/proclamation.
func (p *Pages) Proclaim(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, func(f *form.Form, id election.ID) (string, string, error) {
		seen := f.Line("empreinte", "", 64)
		if err := f.Unknown(); err != nil || len(f.Errors()) > 0 {
			return "", "", err
		}
		return area.Address(id) + "/resultats", "Le résultat est proclamé : les mandats commencent aujourd’hui.", p.Service.Proclaim(r.Context(), page.Actor(r), id, seen)
	}, func(f *form.Form, refusal error) error { return p.showProclamation(w, r, f, refusal) })
}
