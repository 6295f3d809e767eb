package team

import (
	"net/http"
	"slices"
	"strconv"
	"unicode"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

var settingSlugs = []slug[governance.SettingKey]{
	{"delai-convocation", governance.NoticeDays}, {"quorum", governance.QuorumPercent}, {"pouvoirs", governance.ProxiesPerHolder},
	{"duree-mandat", governance.MandateYears}, {"rappel", governance.ReminderDays},
}

var sourceSlugs = []slug[governance.SourceKind]{
	{"deliberation", governance.FromDeliberation}, {"reglement", governance.FromInternalRules},
	{"analogie", governance.ByAnalogy}, {"non-fixe", governance.NotSet},
}

// settingView is what the page that changes a setting shows.
type settingView struct {
	Setting  governance.Setting
	Versions []ui.Version
	Key      string
}

// bodySettings are the settings of one body.
type bodySettings struct {
	Body     governance.BodyCode
	Settings []governance.Setting
}

func settingsPath(c governance.BodyCode) string { return bodiesPath + "/" + string(c) + "/reglages" }

func settingPath(g governance.Setting) string {
	return settingsPath(g.Body) + "/" + wordOf(settingSlugs, g.Key)
}

// ListBodies shows /equipe/instances: the settings of the four bodies.
func (p *Pages) ListBodies(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Governance.Settings(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	var bodies []bodySettings
	for _, c := range governance.BodyCodes {
		bodies = append(bodies, bodySettings{c, ofBody(all, c)})
	}
	return p.Kit.Show(w, r, http.StatusOK, bodiesPage(p.Kit.Chrome(r, chrome("Réglages des instances")), bodies))
}

func ofBody(all []governance.Setting, c governance.BodyCode) []governance.Setting {
	var out []governance.Setting
	for _, g := range all {
		if g.Body == c {
			out = append(out, g)
		}
	}
	return out
}

// ShowSettings shows /equipe/instances/{code}/reglages.
func (p *Pages) ShowSettings(w http.ResponseWriter, r *http.Request) error {
	code := governance.BodyCode(chi.URLParam(r, "code"))
	if !slices.Contains(governance.BodyCodes, code) {
		return page.ErrNotFound
	}
	all, err := p.Governance.Settings(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	c := chrome("Réglages : "+code.Label(), crumbBodies)
	return p.Kit.Show(w, r, http.StatusOK, settingsPage(p.Kit.Chrome(r, c), bodySettings{code, ofBody(all, code)}))
}

// setting loads the setting of the address.
func (p *Pages) setting(r *http.Request) (settingView, error) {
	key := valueOf(settingSlugs, chi.URLParam(r, "reglage"))
	all, err := p.Governance.Settings(r.Context(), page.Actor(r))
	if err != nil {
		return settingView{}, err
	}
	for _, g := range all {
		if string(g.Body) == chi.URLParam(r, "code") && g.Key == key {
			return settingView{Setting: g, Key: page.NewKey()}, nil
		}
	}
	return settingView{}, page.ErrNotFound
}

// ShowSetting shows /equipe/instances/{code}/reglages/{reglage}.
func (p *Pages) ShowSetting(w http.ResponseWriter, r *http.Request) error {
	v, err := p.setting(r)
	if err != nil {
		return err
	}
	f := form.New()
	if v.Setting.Value != nil {
		f.Set("valeur", strconv.Itoa(*v.Setting.Value))
	}
	f.Set("source", wordOf(sourceSlugs, v.Setting.Source))
	f.Set("note", v.Setting.Note)
	return p.showSetting(w, r, v, f, nil)
}

func (p *Pages) showSetting(w http.ResponseWriter, r *http.Request, v settingView, f *form.Form, refusal error) error {
	g := v.Setting
	if problem.KindOf(refusal) == problem.Conflict {
		v.Versions = settingVersions(g, f)
	}
	c := chrome(g.Key.Label()+", "+g.Body.Label(), crumbBodies, ui.Crumb{Label: g.Body.Label(), Href: settingsPath(g.Body)})
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), settingPage(p.Kit.FormChrome(r, c, f), v, f))
}

func settingVersions(g governance.Setting, f *form.Form) []ui.Version {
	yours := f.Value("valeur")
	if n, err := strconv.Atoi(yours); err == nil {
		yours = g.Key.Say(&n)
	} else if yours == "" {
		yours = g.Key.Say(nil)
	}
	return []ui.Version{
		{Label: "Valeur", Theirs: g.Say(), Yours: yours},
		{Label: "Source", Theirs: g.Source.Label(), Yours: valueOf(sourceSlugs, f.Value("source")).Label()},
		{Label: "Note", Theirs: g.Note, Yours: f.Value("note")},
	}
}

// SetSetting answers POST /equipe/instances/{code}/reglages/{reglage}.
func (p *Pages) SetSetting(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.setting(r)
	if err != nil {
		return err
	}
	in := governance.Setting{Body: v.Setting.Body, Key: v.Setting.Key}
	least, greatest := in.Key.Bounds()
	n := f.Int("valeur", "", least, greatest)
	if f.Value("valeur") != "" {
		in.Value = &n
	}
	in.Source = valueOf(sourceSlugs, f.Choice("source", "Choisissez d’où vient ce réglage.", "deliberation", "reglement", "analogie", "non-fixe"))
	in.Note = f.Line("note", "", 300)
	in.Version = f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		err := p.Governance.SetSetting(r.Context(), page.Actor(r), in)
		if err == nil {
			return p.Kit.Done(w, r, settingsPath(in.Body), in.Key.Label()+", "+in.Body.Label()+" : "+in.Say()+". La page publique de l’instance l’affiche dès maintenant, avec sa source.")
		}
		if !page.Takes(f, err) {
			return err
		}
		refusal = err
	}
	return p.showSetting(w, r, v, f, refusal)
}

// settingHint says what the value counts and its bounds.
func settingHint(k governance.SettingKey) string {
	least, greatest := k.Bounds()
	bounds := "De " + strconv.Itoa(least) + " à " + strconv.Itoa(greatest) + "."
	switch k {
	case governance.NoticeDays:
		return "Nombre de jours entre la convocation et la réunion. " + bounds
	case governance.QuorumPercent:
		return "Part des membres présents ou représentés. " + bounds
	case governance.ProxiesPerHolder:
		return "Nombre de pouvoirs qu’une personne peut porter. " + bounds
	case governance.MandateYears:
		return "Nombre d’années. " + bounds
	case governance.ReminderDays:
		return "Nombre de jours avant la réunion. " + bounds
	}
	return bounds
}

func settingSuffix(k governance.SettingKey) string {
	switch k {
	case governance.NoticeDays, governance.ReminderDays:
		return "jours"
	case governance.QuorumPercent:
		return "%"
	case governance.MandateYears:
		return "ans"
	}
	return ""
}

func sourceOptions() []ui.Option {
	hints := map[governance.SourceKind]string{
		governance.FromDeliberation:  "La délibération n° 2024-677 le dit.",
		governance.FromInternalRules: "Citez l’article dans la note.",
		governance.ByAnalogy:         "Rien ne le fixe : le portail applique un usage voisin, cité dans la note.",
		governance.NotSet:            "Laissez la valeur vide : les pages affichent « sans objet ».",
	}
	out := make([]ui.Option, 0, len(sourceSlugs))
	for _, s := range sourceSlugs {
		out = append(out, ui.Option{Value: s.word, Label: s.value.Label(), Hint: hints[s.value]})
	}
	return out
}

// settingLead says what holds today, and by what.
func settingLead(g governance.Setting) string {
	source := []rune(g.Source.Label())
	return "Aujourd’hui : " + g.Say() + ". Source : " + string(unicode.ToLower(source[0])) + string(source[1:]) + "."
}

func settingCount(n int) string { return french.Count(n, "réglage", "réglages") }
