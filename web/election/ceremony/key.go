package ceremony

import (
	"encoding/hex"
	"net/http"
	"strings"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/ceremony"
	"bordeaux-metropole.fr/portal/internal/problem"
	elections "bordeaux-metropole.fr/portal/web/election"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// keyView is the page of who holds a key.
type keyView struct {
	ceremony.State
	Mine   ceremony.Holder
	Key    string
	Sealed bool
}

func head(b ceremony.Box) string { return grouped(hex.EncodeToString(b.Head)) }

// file is the address of a file of a box of the rehearsal.
func (v keyView) file(b ceremony.Box, name string) string {
	return keyAddress(v.Election.ID, "/repetition/"+page.IDText(b.ID)+"/"+name)
}

// canChange tells whether the key may still be given or replaced.
func (v keyView) canChange() bool { return v.Sealed && !v.IsSetUp() }

// mustOpen tells whether the rehearsal waits for this key.
func (v keyView) mustOpen() bool { return len(v.Rehearsal) > 0 && !v.HasOpened(v.Mine.Owner) }

// mustSign tells whether the empty boxes wait for this signature.
func (v keyView) mustSign() bool {
	_, signed := v.Signature(v.Mine.Owner)
	return v.Sealed && v.Done(ceremony.StepEmpty) && !signed
}

func (p *Pages) mine(r *http.Request) (keyView, error) {
	s, err := p.load(r)
	if err != nil {
		return keyView{}, err
	}
	h, ok := s.Of(page.Actor(r))
	if !ok {
		return keyView{}, problem.New(problem.Forbidden, "Vous ne portez pas de clé de cette élection.")
	}
	return keyView{State: s, Mine: h, Key: page.NewKey(), Sealed: s.Election.Phase == election.Sealed}, nil
}

// ShowKey shows /elections/{id}/cle.
func (p *Pages) ShowKey(w http.ResponseWriter, r *http.Request) error {
	v, err := p.mine(r)
	if err != nil {
		return err
	}
	return p.showKey(w, r, v, form.New(), nil)
}

func (p *Pages) showKey(w http.ResponseWriter, r *http.Request, v keyView, f *form.Form, refusal error) error {
	c := ui.Chrome{Title: "Ma clé", Section: v.Election.Title, Style: "vote.css", Script: "vote.js", Crumbs: []ui.Crumb{
		{Label: "Élections", Href: "/elections"}, {Label: v.Election.Title, Href: elections.Address(v.Election.ID)}}}
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), keyPage(p.Kit.FormChrome(r, c, f), v, f))
}

// again shows the page after a refusal, with what now is.
func (p *Pages) again(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	v, err := p.mine(r)
	if err != nil {
		return err
	}
	return p.showKey(w, r, v, f, refusal)
}

// GiveKey answers POST /elections/{id}/cle: a public key.
func (p *Pages) GiveKey(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	raw := f.Raw("cle_publique")
	if ceremony.LooksPrivate(raw) {
		f.Set("cle_publique") // the wrong file: it is not shown again
	}
	if !f.Bool("gardee") {
		f.Fail("gardee", "Enregistrez d’abord votre fichier de clé privée, puis cochez cette case.")
	}
	seen := f.Line("vue", "", 40)
	if err := f.Unknown(); err != nil {
		return err
	}
	id, err := page.PathID[election.ID](r, "id")
	if err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		var print string
		if print, refusal = p.Service.GiveKey(r.Context(), page.Actor(r), id, seen, raw); refusal == nil {
			return p.Kit.Done(w, r, keyAddress(id, ""), "Votre clé publique est déposée. Son empreinte"+" : "+print+".")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.again(w, r, f, refusal)
}

// Open answers POST /elections/{id}/cle/repetition: what opens the boxes of the rehearsal.
func (p *Pages) Open(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.mine(r)
	if err != nil {
		return err
	}
	partials := map[election.BoxID]string{}
	for _, b := range v.Rehearsal {
		partials[b.ID] = strings.TrimSpace(f.Raw(boxField("ouverture", b.ID)))
	}
	for name := range f.All() { // of a rehearsal that ended meanwhile: the service says so
		if strings.HasPrefix(name, "ouverture_") {
			f.Raw(name)
		}
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		var done bool
		if done, refusal = p.Service.Open(r.Context(), page.Actor(r), v.Election.ID, partials); refusal == nil {
			message := "Vous avez ouvert les urnes d’essai : votre fichier de clé est bon."
			if done {
				message += " La répétition est réussie : ce que les clés ont ouvert est ce qui avait été mis dans les urnes d’essai, qui sont effacées."
			}
			return p.Kit.Done(w, r, keyAddress(v.Election.ID, ""), message)
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.again(w, r, f, refusal)
}

// Sign answers POST /elections/{id}/cle/constat: the boxes were seen empty.
func (p *Pages) Sign(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	seen := f.Line("vu", "", 100)
	if err := f.Unknown(); err != nil {
		return err
	}
	id, err := page.PathID[election.ID](r, "id")
	if err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Service.Sign(r.Context(), page.Actor(r), id, seen); refusal == nil {
			return p.Kit.Done(w, r, keyAddress(id, ""), "Votre constat est enregistré : l’urne était vide.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.again(w, r, f, refusal)
}

// RehearsalElection answers /elections/{id}/cle/repetition/{box}/election.json.
func (p *Pages) RehearsalElection(w http.ResponseWriter, r *http.Request) error {
	raw, _, err := p.rehearsalFile(r)
	return sendJSON(w, raw, err)
}

// RehearsalSum answers /elections/{id}/cle/repetition/{box}/somme.json.
func (p *Pages) RehearsalSum(w http.ResponseWriter, r *http.Request) error {
	_, sum, err := p.rehearsalFile(r)
	return sendJSON(w, sum, err)
}

func (p *Pages) rehearsalFile(r *http.Request) (raw, sum []byte, err error) {
	id, err := page.PathID[election.ID](r, "id")
	if err != nil {
		return nil, nil, err
	}
	box, err := page.PathID[election.BoxID](r, "box")
	if err != nil {
		return nil, nil, err
	}
	return p.Service.RehearsalFile(r.Context(), page.Actor(r), id, box)
}

func sendJSON(w http.ResponseWriter, body []byte, err error) error {
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "private, no-store")
	_, _ = w.Write(body) // the reader left: nothing to tell it
	return nil
}

func keyTitle(v keyView) string {
	if v.Mine.PublicKey == "" {
		return "Créer ma clé"
	}
	return "Remplacer ma clé"
}
