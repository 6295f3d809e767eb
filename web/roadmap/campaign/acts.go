package campaign

import (
	"net/http"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap/campaign"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
)

// ShowOpening shows /equipe/campagnes/{id}/ouverture: what opening will do.
func (p *Pages) ShowOpening(w http.ResponseWriter, r *http.Request) error {
	return p.showOpening(w, r, form.New(), nil)
}

func (p *Pages) showOpening(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	id, err := campaignID(r)
	if err != nil {
		return err
	}
	v, err := p.Campaigns.Opening(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	c := p.Kit.FormChrome(r, chromeOf(v.Campaign, "Ouvrir la campagne"), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), openingPage(c, v, f, page.NewKey()))
}

// Open answers POST /equipe/campagnes/{id}/ouverture.
func (p *Pages) Open(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := campaignID(r)
	if err != nil {
		return err
	}
	version := f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		var (
			c      campaign.Campaign
			mailed int
		)
		if c, mailed, refusal = p.Campaigns.Open(r.Context(), page.Actor(r), id, version); refusal == nil {
			return p.done(w, r, deskPath(id), "La campagne est ouverte auprès de "+french.Count(c.Communes, "commune", "communes")+" : "+
				french.Count(mailed, "courriel est parti", "courriels sont partis")+".")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showOpening(w, r, f, refusal)
}

// ShowReminder shows /equipe/campagnes/{id}/relance: who would be written to.
func (p *Pages) ShowReminder(w http.ResponseWriter, r *http.Request) error {
	f := form.New()
	f.Set("groupes", string(campaign.SilentOnes))
	return p.showReminder(w, r, f, nil)
}

func (p *Pages) showReminder(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	id, err := campaignID(r)
	if err != nil {
		return err
	}
	v, err := p.Campaigns.Reminder(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	c := p.Kit.FormChrome(r, chromeOf(v.Campaign, "Relancer les communes"), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), reminderPage(c, v, f, page.NewKey()))
}

// Remind answers POST /equipe/campagnes/{id}/relance.
func (p *Pages) Remind(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := campaignID(r)
	if err != nil {
		return err
	}
	f.Choice("groupes", "Choisissez qui relancer.", string(campaign.SilentOnes), string(campaign.PartialOnes))
	var groups []campaign.Group
	for _, g := range campaign.Groups {
		if f.Checked("groupes", string(g)) {
			groups = append(groups, g)
		}
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		var n int
		if n, refusal = p.Campaigns.Remind(r.Context(), page.Actor(r), id, groups); refusal == nil {
			return p.done(w, r, deskPath(id), french.Capital(french.Count(n, "commune est relancée", "communes sont relancées"))+".")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showReminder(w, r, f, refusal)
}

// ShowPlain shows /equipe/campagnes/{id}/acceptation: the reports without difficulty.
func (p *Pages) ShowPlain(w http.ResponseWriter, r *http.Request) error {
	id, err := campaignID(r)
	if err != nil {
		return err
	}
	c, list, err := p.Campaigns.Plain(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, plainPage(p.Kit.Chrome(r, chromeOf(c, "Accepter les points sans difficulté")), c, list, page.NewKey()))
}

// AcceptPlain answers POST /equipe/campagnes/{id}/acceptation.
func (p *Pages) AcceptPlain(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := campaignID(r)
	if err != nil {
		return err
	}
	f.Raw("points")
	var points []progress.ReportID
	for _, v := range f.Values("points") {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || n <= 0 { // no page of ours sends it
			return problem.New(problem.BadRequest, "Votre envoi n’a pas pu être lu.")
		}
		points = append(points, progress.ReportID(n))
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	n, err := p.Campaigns.AcceptPlain(r.Context(), page.Actor(r), id, points)
	if err != nil {
		return err
	}
	if n == 0 {
		return p.done(w, r, deskPath(id), "Aucun point n’a été accepté : ceux de la page l’étaient déjà, ou ont changé.")
	}
	return p.done(w, r, deskPath(id), french.Capital(french.Count(n, "point est accepté", "points sont acceptés"))+".")
}

// ShowClosing shows /equipe/campagnes/{id}/cloture: what closing will keep.
func (p *Pages) ShowClosing(w http.ResponseWriter, r *http.Request) error {
	return p.showClosing(w, r, form.New(), nil)
}

func (p *Pages) showClosing(w http.ResponseWriter, r *http.Request, f *form.Form, refusal error) error {
	id, err := campaignID(r)
	if err != nil {
		return err
	}
	v, err := p.Campaigns.ClosingCheck(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	c := p.Kit.FormChrome(r, chromeOf(v.Campaign, "Clore la campagne et faire le dossier"), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), closingPage(c, v, f, page.NewKey()))
}

// Close answers POST /equipe/campagnes/{id}/cloture. The files join the meeting's
// agenda right after: a file that cannot be made does not undo the closing.
func (p *Pages) Close(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := campaignID(r)
	if err != nil {
		return err
	}
	version := f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		var (
			c    campaign.Campaign
			pack campaign.Pack
		)
		if c, pack, refusal = p.Campaigns.Close(r.Context(), page.Actor(r), id, version); refusal == nil {
			return p.done(w, r, packPath(id), "La campagne est close et son dossier est fait. "+p.attachWords(r, c, pack))
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showClosing(w, r, f, refusal)
}
