package report

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/indicator"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// pointView is what the page of a report shows.
type pointView struct {
	progress.Point
	at       place
	Key      string
	Drafted  bool         // the form shows the draft
	Theirs   []ui.Version // a colleague reported meanwhile
	Closed   bool         // the campaign closed meanwhile
	FileLost bool         // a file was chosen, and must be chosen again
}

func (v pointView) path(part string) string { return address(v.Action.ID, part, v.at.pour) }

// nothingNew is the first answer of « Où en est l’action ».
const nothingNew = "rien"

var situationSlugs = map[progress.Situation]string{progress.ToCome: "a-venir", progress.InProgress: "en-cours", progress.Done: "realisee",
	progress.Late: "en-retard", progress.Abandoned: "abandonnee"}

func situationOf(slug string) progress.Situation {
	for s, w := range situationSlugs {
		if w == slug {
			return s
		}
	}
	return ""
}

// situations are the answers offered: « Rien de nouveau » where there is a last one.
func (v pointView) situations() []ui.Option {
	var out []ui.Option
	if v.Last.ID != 0 && v.Last.State != progress.AskedBack {
		out = append(out, ui.Option{Value: nothingNew, Label: "Rien de nouveau", Hint: "Toujours : " + v.lastWords()})
	}
	for _, s := range progress.Situations {
		out = append(out, ui.Option{Value: situationSlugs[s], Label: s.Label()})
	}
	return out
}

func (v pointView) lastWords() string {
	return v.Last.Situation.Label() + spaced(percentWords(v.Last.Percent))
}

// before is the last percent, "0" when none was said: nothing falls below.
func (v pointView) before() string {
	if v.Last.Percent == nil {
		return "0"
	}
	return strconv.Itoa(*v.Last.Percent)
}

func percents() []ui.Option {
	var out []ui.Option
	for n := 0; n <= 100; n += 10 {
		out = append(out, ui.Option{Value: strconv.Itoa(n), Label: french.Percent(n)})
	}
	return out
}

func needs() []ui.Option {
	var out []ui.Option
	for _, k := range progress.NeedKinds {
		out = append(out, ui.Option{Value: string(k), Label: k.Label()})
	}
	return out
}

func figureName[T ~int64](id T) string { return "chiffre-" + page.IDText(id) }

// keptOptions are the documents of the report replaced, by what they show.
func keptOptions(docs []progress.Document) []ui.Option {
	var out []ui.Option
	for _, d := range docs {
		label := d.Name
		if d.Caption != "" {
			label += " : " + d.Caption
		}
		out = append(out, ui.Option{Value: string(d.ID), Label: french.Typo(label)})
	}
	return out
}

// filled is the form as it opens: the last answer, whole when it is to be changed,
// what stands when it is to be followed; then the draft over it.
func (v *pointView) filled(r *http.Request) *form.Form {
	f, last := form.New(), v.Last
	if last.ID != 0 {
		f.Set("situation", situationSlugs[last.Situation])
		if last.State != progress.AskedBack && (!v.Replacing() || last.NothingNew) {
			f.Set("situation", nothingNew)
		}
		if last.Percent != nil {
			f.Set("avancement", strconv.Itoa(*last.Percent))
		}
		f.Set("difficulte", last.Difficulty)
		f.Set("type_besoin", string(last.NeedKind))
		f.Set("besoin", last.Need)
		f.Set("suite", last.NextStep)
		for _, x := range last.Figures {
			f.Set(figureName(x.Indicator), x.Value.String())
		}
	}
	if v.Replacing() {
		f.Set("fait", last.Done)
		f.Set("pourquoi", last.FallReason)
		if last.GoodPractice {
			f.Set("bonne_pratique", "oui")
		}
		for _, d := range last.Documents {
			f.Set("garder", append(f.Values("garder"), string(d.ID))...)
		}
	}
	v.seen(f)
	if v.Draft != nil {
		v.Drafted = true
		for name, values := range v.Draft {
			f.Set(name, values...)
		}
	}
	return f
}

// seen writes what the form is sent with: the last report it shows, its campaign.
func (v *pointView) seen(f *form.Form) {
	f.Set("vu", page.IDText(v.Last.ID))
	f.Set("campagne", page.IDText(v.Campaign()))
	f.Set("remplace", "0")
}

// Show shows /mes-actions/{id}/point.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	at, err := placeOf(r)
	if err != nil {
		return err
	}
	pt, err := p.Progress.Point(r.Context(), page.Actor(r), at.action, at.pour)
	if err != nil {
		return err
	}
	v := pointView{Point: pt, at: at}
	return p.show(w, r, v, v.filled(r), nil)
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, v pointView, f *form.Form, refusal error) error {
	v.Key = page.NewKey()
	c := chrome(page.Actor(r), v.Action, "Faire le point")
	c.Script = "report.js"
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), pointPage(p.Kit.FormChrome(r, c, f), v, f))
}

// again shows the page with what was typed, and why it was not taken.
func (p *Pages) again(w http.ResponseWriter, r *http.Request, at place, f *form.Form, refusal error, file bool) error {
	pt, err := p.Progress.Point(r.Context(), page.Actor(r), at.action, at.pour)
	if err != nil && problem.KindOf(err) != problem.Conflict { // over meanwhile: the page still says so
		return err
	}
	v := pointView{Point: pt, at: at, FileLost: file}
	switch {
	case progress.IsTwice(refusal):
		v.Theirs = theirs(pt.Last, f)
		v.seen(f)
		f.Set("remplace", page.IDText(pt.Last.ID)) // both were seen: sending again is a choice
	case refusal == progress.ErrClosed:
		v.Closed = true
		f.Set("campagne", page.IDText(v.Campaign()))
	}
	return p.show(w, r, v, f, refusal)
}

// theirs sets the report of a colleague beside what was typed.
func theirs(last progress.Report, f *form.Form) []ui.Version {
	yours := situationOf(f.Value("situation")).Label()
	if f.Value("situation") == nothingNew {
		yours = "Rien de nouveau"
	}
	percent := ""
	if f.Value("avancement") != "" {
		percent = f.Value("avancement") + french.Narrow + "%"
	}
	return []ui.Version{{Label: "Situation", Theirs: last.Situation.Label(), Yours: yours}, {Label: "Avancement", Theirs: percentWords(last.Percent), Yours: percent},
		{Label: "Ce qui a avancé", Theirs: last.Done, Yours: f.Value("fait")}, {Label: "Ce qui bloque", Theirs: last.Difficulty, Yours: f.Value("difficulte")},
		{Label: "Ce dont vous avez besoin", Theirs: last.Need, Yours: f.Value("besoin")}, {Label: "La suite", Theirs: last.NextStep, Yours: f.Value("suite")}}
}

// Send answers POST /mes-actions/{id}/point.
func (p *Pages) Send(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	at, err := placeOf(r)
	if err != nil {
		return err
	}
	in := read(f, at)
	f.Raw("photo") // empty when the browser has no file to send
	draft := f.Choice("acte", "", "brouillon") != ""
	if err := f.Unknown(); err != nil {
		return err
	}
	if draft && !f.Review() {
		return p.keepAndShow(w, r, at, f)
	}
	upload, chosen, refusal := attachment(r, f, &in)
	defer upload()
	if refusal != nil && !page.Takes(f, refusal) {
		return refusal
	}
	if f.OK() {
		if _, refusal = p.Progress.Send(r.Context(), page.Actor(r), in); refusal == nil {
			return p.Kit.Done(w, r, address(at.action, "point/merci", at.pour), "")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.again(w, r, at, f, refusal, chosen)
}

// read reads the fields of the page in its order.
func read(f *form.Form, at place) progress.Sending {
	var said progress.Report
	choice := f.Choice("situation", "Dites où en est l’action.", nothingNew, "a-venir", "en-cours", "realisee", "en-retard", "abandonnee")
	said.NothingNew, said.Situation = choice == nothingNew, situationOf(choice)
	var tens []string
	for _, o := range percents() {
		tens = append(tens, o.Value)
	}
	if s := f.Choice("avancement", "", tens...); s != "" {
		n, _ := strconv.Atoi(s) // one of tens
		said.Percent = &n
	}
	said.FallReason = f.Text("pourquoi", "", 300)
	said.Done = f.Text("fait", "", 500)
	said.Figures = figures(f)
	said.Difficulty = f.Text("difficulte", "", 500)
	said.NeedKind = progress.NeedKind(f.Choice("type_besoin", "", needWords()...))
	said.Need = f.Text("besoin", "", 500)
	said.NextStep = f.Text("suite", "", 300)
	said.GoodPractice = f.Bool("bonne_pratique")
	in := progress.Sending{Action: at.action, For: at.pour, Said: said, Seen: progress.ReportID(f.Int("vu", "", 0, 1<<53)),
		Over: progress.ReportID(f.Int("remplace", "", 0, 1<<53)), Campaign: progress.CampaignID(f.Int("campagne", "", 0, 1<<53))}
	f.Raw("garder")
	for _, id := range f.Values("garder") {
		in.Keep = append(in.Keep, document.ID(id))
	}
	f.Line("legende", "", 300)
	return in
}

func needWords() []string {
	out := make([]string, len(progress.NeedKinds))
	for i, k := range progress.NeedKinds {
		out[i] = string(k)
	}
	return out
}

// maxFigure is the greatest figure that is read.
const maxFigure = progress.MaxFigure

// figures reads the values given to indicators; which are asked is the service's.
func figures(f *form.Form) []progress.Figure {
	var out []progress.Figure
	for _, name := range slices.Sorted(names(f)) {
		id, err := strconv.ParseInt(strings.TrimPrefix(name, "chiffre-"), 10, 64)
		if err != nil || id <= 0 {
			continue // Unknown refuses it
		}
		s := f.Line(name, "", 40)
		if s == "" || f.Error(name) != "" {
			continue
		}
		n, err := indicator.ParseNumber(s)
		if err != nil || n > maxFigure || n < -maxFigure {
			f.Fail(name, "Saisissez un nombre, par exemple 12 ou 3,5.")
		}
		x := progress.Figure{Value: n}
		x.Indicator += indicatorID(id)
		out = append(out, x)
	}
	return out
}

// attachment reads the file of the form once the rest is right; close it after use.
func attachment(r *http.Request, f *form.Form, in *progress.Sending) (closeFile func(), chosen bool, err error) {
	closeFile = func() {}
	if r.MultipartForm == nil {
		return closeFile, false, nil
	}
	heads := r.MultipartForm.File["photo"]
	if len(r.MultipartForm.File) > 1 || len(r.MultipartForm.File) == 1 && heads == nil || len(heads) > 1 {
		return closeFile, false, problem.New(problem.BadRequest, "Votre envoi contient un champ que cette page ne connaît pas.")
	}
	if len(heads) == 0 || heads[0].Filename == "" && heads[0].Size == 0 {
		return closeFile, false, nil
	}
	caption := strings.TrimSpace(f.Value("legende"))
	if isPhoto(heads[0].Filename) && caption == "" {
		f.Fail("legende", "Dites en quelques mots ce que montre la photo, pour les personnes qui ne la voient pas.")
	}
	if !f.OK() {
		return closeFile, true, nil
	}
	file, err := heads[0].Open()
	if err != nil {
		return closeFile, true, err
	}
	closeFile = func() { _ = file.Close() } // it was only read
	u, err := progress.ReadAttachment(r.Context(), heads[0].Filename, file)
	if err != nil {
		return closeFile, true, err
	}
	in.Attached = &progress.Attachment{Upload: u, Caption: caption}
	return closeFile, true, nil
}

func isPhoto(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, ".jpg") || strings.HasSuffix(name, ".jpeg") || strings.HasSuffix(name, ".png")
}
