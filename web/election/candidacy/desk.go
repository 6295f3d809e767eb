package candidacy

import (
	"net/http"
	"time"

	"github.com/a-h/templ"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/candidacy"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// deskView is the team's page of the candidacies.
type deskView struct {
	candidacy.Desk
	Key  string
	Seen string // version of the election that the page shows
}

// desk reads what the pages of the team show.
func (p *Pages) desk(r *http.Request) (deskView, error) {
	id, err := electionID(r)
	if err != nil {
		return deskView{}, err
	}
	d, err := p.Service.Desk(r.Context(), page.Actor(r), id)
	v := deskView{Desk: d, Key: page.NewKey(), Seen: page.IDText(d.Election.Version)}
	return v, err
}

func (v deskView) crumb() ui.Crumb {
	return ui.Crumb{Label: "Candidatures", Href: deskPath(v.Election.ID)}
}

// ShowDesk shows /equipe/elections/{id}/candidatures.
func (p *Pages) ShowDesk(w http.ResponseWriter, r *http.Request) error {
	v, err := p.desk(r)
	if err != nil {
		return err
	}
	c := teamChrome(v.Election, "Candidatures")
	c.Wide = true
	return p.Kit.Show(w, r, http.StatusOK, deskPage(p.Kit.Chrome(r, c), v))
}

// act is a page of the team that asks before it changes the phase or the dates.
type act struct {
	title string
	page  func(ui.Chrome, deskView, *form.Form) templ.Component
	read  func(*form.Form, deskView) func(version int) error
	done  string
}

// ShowOpening shows /equipe/elections/{id}/candidatures/ouverture.
func (p *Pages) ShowOpening(w http.ResponseWriter, r *http.Request) error {
	return p.showAct(w, r, p.opening(r))
}

// Open answers POST /equipe/elections/{id}/candidatures/ouverture.
func (p *Pages) Open(w http.ResponseWriter, r *http.Request) error { return p.do(w, r, p.opening(r)) }

func (p *Pages) opening(r *http.Request) act {
	return act{title: "Ouvrir le dépôt des candidatures", page: openingPage, done: "Le dépôt des candidatures est ouvert, et les structures en sont averties.",
		read: func(f *form.Form, v deskView) func(int) error {
			d := candidacy.Dates{From: moment(f, "candidacies_from"), Until: moment(f, "candidacies_until"), Withdraw: moment(f, "withdraw_until")}
			return func(version int) error {
				return p.Service.OpenCandidacies(r.Context(), page.Actor(r), v.Election.ID, version, d)
			}
		}}
}

// moment reads a day and an hour, in Paris.
func moment(f *form.Form, name string) time.Time {
	d, at := f.Date(name, "Saisissez la date."), f.Clock(name+"_heure", "Saisissez l’heure.")
	if d.IsZero() || at < 0 {
		return time.Time{}
	}
	return d.At(int(at.Hours()), int(at.Minutes())%60)
}

// ShowExtension shows /equipe/elections/{id}/candidatures/prolongation.
func (p *Pages) ShowExtension(w http.ResponseWriter, r *http.Request) error {
	return p.showAct(w, r, p.extension(r))
}

// Extend answers POST /equipe/elections/{id}/candidatures/prolongation.
func (p *Pages) Extend(w http.ResponseWriter, r *http.Request) error {
	return p.do(w, r, p.extension(r))
}

func (p *Pages) extension(r *http.Request) act {
	return act{title: "Prolonger de sept jours", page: extensionPage, done: "Le dépôt est prolongé de sept jours, et les structures en sont averties.",
		read: func(_ *form.Form, v deskView) func(int) error {
			return func(version int) error {
				return p.Service.Extend(r.Context(), page.Actor(r), v.Election.ID, version)
			}
		}}
}

// ShowSealing shows /equipe/elections/{id}/candidatures/arret.
func (p *Pages) ShowSealing(w http.ResponseWriter, r *http.Request) error {
	return p.showAct(w, r, p.sealing(r))
}

// Seal answers POST /equipe/elections/{id}/candidatures/arret.
func (p *Pages) Seal(w http.ResponseWriter, r *http.Request) error { return p.do(w, r, p.sealing(r)) }

func (p *Pages) sealing(r *http.Request) act {
	return act{title: "Arrêter les listes", page: sealingPage, done: "Les listes sont arrêtées, et l’ordre des candidatures est tiré.",
		read: func(_ *form.Form, v deskView) func(int) error {
			return func(version int) error {
				return p.Service.Seal(r.Context(), page.Actor(r), v.Election.ID, version)
			}
		}}
}

func (p *Pages) showAct(w http.ResponseWriter, r *http.Request, a act) error {
	v, err := p.desk(r)
	if err != nil {
		return err
	}
	return p.drawAct(w, r, a, v, announced(v.Election), nil)
}

func (p *Pages) drawAct(w http.ResponseWriter, r *http.Request, a act, v deskView, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, teamChrome(v.Election, a.title, v.crumb()), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), a.page(c, v, f))
}

func (p *Pages) do(w http.ResponseWriter, r *http.Request, a act) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.desk(r)
	if err != nil {
		return err
	}
	do := a.read(f, v)
	version := f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = do(version); refusal == nil {
			return p.Kit.Done(w, r, deskPath(v.Election.ID), a.done)
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.drawAct(w, r, a, v, f, refusal)
}

// announced are the dates that the rules were published with.
func announced(e election.Election) *form.Form {
	f := form.New()
	for name, t := range map[string]*time.Time{"candidacies_from": e.CandidaciesFrom, "candidacies_until": e.CandidaciesUntil, "withdraw_until": e.WithdrawUntil} {
		if t != nil {
			f.Set(name, french.NumericDate(day.In(*t)))
			f.Set(name+"_heure", french.Clock(*t))
		}
	}
	return f
}

// oneView is a candidacy that the team examines.
type oneView struct {
	candidacy.Examined
	Key  string
	Seen string
}

// open tells whether a decision may still be taken.
func (v oneView) open() bool {
	return v.Election.Phase == election.Candidacies && v.Candidacy.State != candidacy.Withdrawn
}

// mayWithdraw tells whether the team may record a withdrawal now.
func (v oneView) mayWithdraw() bool {
	may, _ := candidacy.Withdraw(v.Election, v.Candidacy)
	return may
}

// ShowOne shows /equipe/elections/{id}/candidatures/{c}.
func (p *Pages) ShowOne(w http.ResponseWriter, r *http.Request) error {
	return p.showOne(w, r, form.New(), nil)
}

func (p *Pages) showOne(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	id, c, err := candidacyOf(r)
	if err != nil {
		return err
	}
	x, err := p.Service.Examine(r.Context(), page.Actor(r), id, c)
	if err != nil {
		return err
	}
	v := oneView{Examined: x, Key: page.NewKey(), Seen: page.IDText(x.Candidacy.Version)}
	if problem.KindOf(refusal) != problem.Conflict { // what the person was reading
		v.Seen = page.SeenVersion(f, x.Candidacy.Version, nil)
	}
	ch := teamChrome(x.Election, french.Typo(x.Candidacy.StructureName), ui.Crumb{Label: "Candidatures", Href: deskPath(id)})
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), onePage(p.Kit.FormChrome(r, ch, f), v, f))
}

var decisions = map[string]candidacy.State{"accepter": candidacy.Accepted, "preciser": candidacy.Asked, "refuser": candidacy.Refused}

// Decide answers POST /equipe/elections/{id}/candidatures/{c}.
func (p *Pages) Decide(w http.ResponseWriter, r *http.Request) error {
	id, c, err := candidacyOf(r)
	if err != nil {
		return err
	}
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	d := candidacy.Decision{State: decisions[f.Choice("decision", "Choisissez une décision.", "accepter", "preciser", "refuser")]}
	d.Reason = f.Text("motif", "", candidacy.MaxReason)
	version := f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = p.Service.Decide(r.Context(), page.Actor(r), id, c, version, d); refusal == nil {
			return p.Kit.Done(w, r, deskPath(id), "La décision est enregistrée et envoyée à la structure.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showOne(w, r, f, refusal)
}

// ShowWithdrawalFor shows /equipe/elections/{id}/candidatures/{c}/retrait.
func (p *Pages) ShowWithdrawalFor(w http.ResponseWriter, r *http.Request) error {
	return p.showWithdrawalFor(w, r, form.New(), nil)
}

func (p *Pages) showWithdrawalFor(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	id, c, err := candidacyOf(r)
	if err != nil {
		return err
	}
	x, err := p.Service.Examine(r.Context(), page.Actor(r), id, c)
	if err != nil {
		return err
	}
	v := oneView{Examined: x, Key: page.NewKey(), Seen: page.IDText(x.Candidacy.Version)}
	ch := teamChrome(x.Election, "Enregistrer un retrait", ui.Crumb{Label: "Candidatures", Href: deskPath(id)}, ui.Crumb{Label: french.Typo(x.Candidacy.StructureName), Href: candidacyPath(id, c)})
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), teamWithdrawalPage(p.Kit.FormChrome(r, ch, f), v, f))
}

// WithdrawFor answers POST /equipe/elections/{id}/candidatures/{c}/retrait.
func (p *Pages) WithdrawFor(w http.ResponseWriter, r *http.Request) error {
	id, c, err := candidacyOf(r)
	if err != nil {
		return err
	}
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	version := f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if _, refusal = p.Service.WithdrawFor(r.Context(), page.Actor(r), id, c, version); refusal == nil {
			return p.Kit.Done(w, r, deskPath(id), "Le retrait est enregistré.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showWithdrawalFor(w, r, f, refusal)
}
