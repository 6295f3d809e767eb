package desk

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/french"
	web "bordeaux-metropole.fr/portal/web/election"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Rules shows /elections/{id}/reglement.
func (p *Pages) Rules(w http.ResponseWriter, r *http.Request) error {
	v, err := p.published(r)
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, rulesPage(p.Kit.Chrome(r, publicChrome(v.Election, "Règlement de l’élection")), v.Election))
}

// published reads an election whose rules are published.
func (p *Pages) published(r *http.Request) (election.Page, error) {
	v, err := p.load(r)
	if err == nil && v.Election.RulesPublishedAt == nil {
		return v, election.ErrNotFound
	}
	return v, err
}

// RulesFile answers /elections/{id}/reglement.json: the very bytes that were hashed.
func (p *Pages) RulesFile(w http.ResponseWriter, r *http.Request) error {
	v, err := p.published(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Disposition", export.Disposition("reglement-election-"+page.IDText(v.Election.ID)+".json"))
	_, _ = w.Write([]byte(v.Election.RulesText)) // the reader left: nothing to tell it
	return nil
}

// fingerprint is a hash in groups of four, to be read aloud.
func fingerprint(hash []byte) string {
	s := hex.EncodeToString(hash)
	out := ""
	for i := 0; i < len(s); i += 4 {
		if i > 0 {
			out += " "
		}
		out += s[i:min(i+4, len(s))]
	}
	return out
}

// answer is what the rules answer to a point.
func answer(r election.Rules, p election.Point) string {
	return french.Typo(p.Answer(r.Values()[p.Name]))
}

// ShowNew shows /equipe/elections/nouvelle.
func (p *Pages) ShowNew(w http.ResponseWriter, r *http.Request) error {
	f := form.New()
	f.Set("titre", "Élection des représentants du Groupe Numérique Inclusif")
	setRules(f, election.DefaultRules())
	return p.showNew(w, r, f)
}

func (p *Pages) showNew(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	c := p.Kit.FormChrome(r, ui.Chrome{Title: "Préparer une élection", Section: section, Crumbs: []ui.Crumb{crumbTeam}}, f)
	return p.Kit.Show(w, r, page.FormStatus(f), newRulesPage(c, f, page.NewKey()))
}

// Add answers POST /equipe/elections/nouvelle.
func (p *Pages) Add(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	in := election.Plan{Title: f.Line("titre", "Donnez un titre à l’élection.", 200), Rules: readRules(f)}
	if err := f.Unknown(); err != nil {
		return err
	}
	if f.OK() {
		id, err := p.Elections.Create(r.Context(), page.Actor(r), in)
		if err == nil {
			return p.Kit.Done(w, r, web.Desk(id)+"/dates", "L’élection est préparée. Fixez maintenant ses dates.")
		}
		if !page.Takes(f, err) {
			return err
		}
	}
	return p.showNew(w, r, f)
}

func setRules(f *form.Form, r election.Rules) {
	for name, v := range r.Values() {
		f.Set(name, v)
	}
}

// readRules reads the answer to each point.
func readRules(f *form.Form) election.Rules {
	values := map[string]any{}
	for _, p := range election.Points {
		if p.Options == nil {
			values[p.Name] = f.Int(p.Name, "Saisissez un nombre entre "+strconv.Itoa(p.Min)+" et "+strconv.Itoa(p.Max)+".", p.Min, p.Max)
			continue
		}
		var allowed []string
		for _, o := range p.Options {
			allowed = append(allowed, o.Value)
		}
		values[p.Name] = f.Choice(p.Name, "Choisissez une réponse.", allowed...)
	}
	var r election.Rules
	raw, err := json.Marshal(values)
	if err == nil {
		err = json.Unmarshal(raw, &r)
	}
	if err != nil {
		panic(err) // names of points are fields of Rules: a test of election checks it
	}
	return r
}

// ShowRules shows /equipe/elections/{id}/reglement.
func (p *Pages) ShowRules(w http.ResponseWriter, r *http.Request) error {
	v, err := p.load(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("titre", v.Election.Title)
	setRules(f, v.Election.Rules)
	return p.showRules(w, r, v, f, nil)
}

func (p *Pages) showRules(w http.ResponseWriter, r *http.Request, v election.Page, f *form.Form, refusal error) error {
	var both []ui.Version
	if refusal == election.ErrStale {
		both = []ui.Version{{Label: "Titre", Theirs: v.Election.Title, Yours: f.Value("titre")}}
		for _, pt := range election.Points {
			both = append(both, ui.Version{Label: french.Typo(pt.Question), Theirs: answer(v.Election.Rules, pt), Yours: french.Typo(pt.Answer(f.Value(pt.Name)))})
		}
	}
	c := p.Kit.FormChrome(r, teamChrome(v.Election, "Règles de l’élection"), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), editRulesPage(c, sheetOf(v, f, both)))
}

// ChangeRules answers POST /equipe/elections/{id}/reglement.
func (p *Pages) ChangeRules(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.load(r)
	if err != nil {
		return err
	}
	title, rules, seen := f.Line("titre", "Donnez un titre à l’élection.", 200), readRules(f), version(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Elections.ChangeRules(r.Context(), page.Actor(r), v.Election.ID, seen, title, rules); refusal == nil {
			return p.Kit.Done(w, r, web.Desk(v.Election.ID), "Les règles sont enregistrées.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showRules(w, r, v, f, refusal)
}

// pointOptions are the answers to a point.
func pointOptions(p election.Point) []ui.Option {
	out := make([]ui.Option, len(p.Options))
	for i, o := range p.Options {
		out[i] = ui.Option{Value: o.Value, Label: french.Typo(o.Label)}
	}
	return out
}

// pointHint gives the default of a point and its reason.
func pointHint(p election.Point) string {
	return french.Typo("Par défaut : " + p.Answer(election.DefaultRules().Values()[p.Name]) + ". " + p.Why)
}
