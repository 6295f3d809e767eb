// Package preferences is what people choose for themselves beside their account:
// how their calendar follows the meetings, and how often they get mail.
package preferences

import (
	"net/http"
	"net/url"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages are the handlers of this area.
type Pages struct {
	Kit      *page.Kit
	DB       postgres.DB
	Meetings *meeting.Service
	BaseURL  *url.URL
}

const (
	accountPath  = "/mon-compte"
	calendarPath = accountPath + "/agenda"
	section      = "Mon compte"
)

func chrome(title string, more ...ui.Crumb) ui.Chrome {
	return ui.Chrome{Title: title, Section: section, Crumbs: append([]ui.Crumb{{Label: section, Href: accountPath}}, more...)}
}

// What can be asked of the secret address.
const (
	renew  = "nouvelle"
	revoke = "arret"
)

// ShowCalendar is GET /mon-compte/agenda, and with ?faire= the page that asks
// before an address in use is replaced or stopped.
func (p *Pages) ShowCalendar(w http.ResponseWriter, r *http.Request) error {
	link, err := p.Meetings.MyCalendarLink(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	if v, ok := confirmation(r.URL.Query().Get("faire")); ok && link != nil {
		c := p.Kit.Chrome(r, chrome(v.title, ui.Crumb{Label: "Mon agenda", Href: calendarPath}))
		return p.Kit.Show(w, r, http.StatusOK, confirmPage(c, v.ConfirmView))
	}
	return p.Kit.Show(w, r, http.StatusOK, calendarPage(p.Kit.Chrome(r, chrome("Mon agenda")), p.feeds(), link))
}

// ChangeCalendar is POST /mon-compte/agenda. A new address is shown at once, by the
// answer itself: a redirection would have to carry it, and it is kept nowhere.
func (p *Pages) ChangeCalendar(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	act := f.Choice("faire", "Choisissez ce que vous voulez faire.", renew, revoke)
	if err := f.Unknown(); err != nil {
		return err
	}
	switch {
	case f.Review(): // the session was lost: ask again
		http.Redirect(w, r, calendarPath, http.StatusSeeOther)
		return nil
	case !f.OK():
		return problem.OnField("faire", f.Error("faire"))
	case act == revoke:
		if err := p.Meetings.RevokeCalendarLink(r.Context(), page.Actor(r)); err != nil {
			return err
		}
		return p.Kit.Done(w, r, calendarPath, "Votre adresse secrète ne marche plus. Les agendas qui la lisaient ne reçoivent plus rien.")
	}
	address, err := p.Meetings.RenewCalendarLink(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	c := p.Kit.Chrome(r, chrome("Votre adresse secrète est prête", ui.Crumb{Label: "Mon agenda", Href: calendarPath}))
	return p.Kit.Show(w, r, http.StatusOK, addressPage(c, address))
}

type confirm struct {
	title string
	ui.ConfirmView
}

// confirmation is the page that asks before an act that cannot be undone.
func confirmation(act string) (confirm, bool) {
	v := ui.ConfirmView{Action: calendarPath, Hidden: []ui.HiddenField{{Name: "faire", Value: act}}, Key: page.NewKey(), Danger: true, Cancel: calendarPath,
		Warning: "Les agendas abonnés avec l’adresse actuelle ne seront plus mis à jour."}
	switch act {
	case renew:
		v.Lead = "L’adresse actuelle cessera de marcher. Vous donnerez la nouvelle à vos agendas."
		v.Submit = "Remplacer l’adresse"
		return confirm{"Remplacer votre adresse secrète", v}, true
	case revoke:
		v.Lead = "Plus aucun agenda ne pourra lire vos réunions. Vous pourrez demander une autre adresse."
		v.Submit = "Arrêter l’adresse"
		return confirm{"Arrêter votre adresse secrète", v}, true
	}
	return confirm{}, false
}

// feed is a public calendar to subscribe to.
type feed struct {
	Name, Address, Webcal string
}

func (p *Pages) feeds() []feed {
	feeds := []feed{p.feed("Toutes les instances", "/agenda.ics")}
	for _, b := range governance.BodyCodes {
		feeds = append(feeds, p.feed(b.Label(), "/instances/"+string(b)+"/agenda.ics"))
	}
	return feeds
}

// feed gives the address in two forms. « webcal » opens the calendar program, but
// may be read over http first: it is for public calendars only, never for a secret
// address.
func (p *Pages) feed(name, path string) feed {
	address := p.BaseURL.JoinPath(path)
	webcal := *address
	webcal.Scheme = "webcal"
	return feed{Name: name, Address: address.String(), Webcal: webcal.String()}
}

// ShowMail is GET /mon-compte/courriels.
func (p *Pages) ShowMail(w http.ResponseWriter, r *http.Request) error {
	rhythm, err := notify.RhythmOf(r.Context(), p.DB, page.Actor(r))
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("rythme", string(rhythm))
	return p.mailPage(w, r, http.StatusOK, f)
}

func (p *Pages) mailPage(w http.ResponseWriter, r *http.Request, status int, f *form.Form) error {
	return p.Kit.Show(w, r, status, mailPage(p.Kit.FormChrome(r, chrome("Mes courriels"), f), f, page.NewKey()))
}

// ChooseRhythm is POST /mon-compte/courriels.
func (p *Pages) ChooseRhythm(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	var allowed []string
	for _, v := range notify.Rhythms {
		allowed = append(allowed, string(v))
	}
	rhythm := notify.Rhythm(f.Choice("rythme", "Choisissez à quel rythme recevoir vos courriels.", allowed...))
	if err := f.Unknown(); err != nil {
		return err
	}
	if !f.OK() {
		return p.mailPage(w, r, page.FormStatus(f), f)
	}
	if err := notify.SetRhythm(r.Context(), p.DB, page.Actor(r), rhythm); err != nil {
		if page.Takes(f, err) {
			return p.mailPage(w, r, page.RefusalStatus(f, err), f)
		}
		return err
	}
	return p.Kit.Done(w, r, notify.RhythmPath, "Votre choix est enregistré"+nbsp+": "+said[rhythm])
}

const nbsp = "\u00a0"

// said confirms a choice.
var said = map[notify.Rhythm]string{
	notify.Each:   "chaque nouvelle vous arrive tout de suite.",
	notify.Daily:  "vos nouvelles arrivent ensemble, chaque jour à 7" + nbsp + "h.",
	notify.Weekly: "vos nouvelles arrivent ensemble, le lundi à 7" + nbsp + "h.",
}

func rhythmOptions() []ui.Option {
	hints := map[notify.Rhythm]string{
		notify.Daily:  "Chaque jour à 7" + nbsp + "h, s’il y a du nouveau",
		notify.Weekly: "Le lundi à 7" + nbsp + "h, s’il y a du nouveau",
	}
	var options []ui.Option
	for _, r := range notify.Rhythms {
		options = append(options, ui.Option{Value: string(r), Label: r.Label(), Hint: hints[r]})
	}
	return options
}
