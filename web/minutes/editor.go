package minutes

import (
	"context"
	"io"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	webmeeting "bordeaux-metropole.fr/portal/web/meeting"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// MaxEditorBody is what the form of the editor may weigh: the longest text, every
// character in twelve bytes of a form.
const MaxEditorBody = 12*(minutes.MaxText+minutes.MaxExpert) + 16<<10

// textID reads the meeting of the address.
func textID(r *http.Request) (meeting.ID, error) { return page.PathID[meeting.ID](r, "id") }

// editorPath is the team's page of the minutes of a meeting, or one below it.
func editorPath(id meeting.ID, below string) string {
	return crumbTeam.Href + "/" + page.IDText(id) + "/" + webmeeting.PartMinutes + below
}

// publicText is the public page of the minutes of a meeting.
func publicText(id meeting.ID) string {
	return crumbMeetings.Href + "/" + page.IDText(id) + "/compte-rendu"
}

// editorView is what the editor shows.
type editorView struct {
	minutes.Sheet
	Key      string
	Preview  string           // Markdown to show as it will be read
	Previews bool             // the preview was asked for
	Theirs   bool             // somebody wrote meanwhile: both texts are shown
	Changes  []minutes.Change // from theirs to yours
	Resumed  bool             // what was typed before is in the form
}

// textChrome is the chrome of a page of the team about the minutes of v; below the
// editor itself, the breadcrumb leads back to it.
func textChrome(v minutes.Sheet, title string) ui.Chrome {
	of := meeting.Meeting{ID: v.Meeting, Body: v.Body, Kind: v.Kind, StartsAt: v.StartsAt}
	c := ui.Chrome{Title: title, Section: section, Crumbs: []ui.Crumb{crumbHome, crumbTeam, hubCrumb(of)}}
	if title != v.Title() {
		c.Crumbs = append(c.Crumbs, ui.Crumb{Label: "Compte rendu", Href: editorPath(v.Meeting, "")})
	}
	return c
}

// ownText reads the meeting of the address and its minutes for the team.
func (p *Pages) ownText(r *http.Request) (minutes.Sheet, error) {
	id, err := textID(r)
	if err != nil {
		return minutes.Sheet{}, err
	}
	return p.Minutes.Minutes(r.Context(), page.Actor(r), id)
}

// ShowEditor shows /equipe/reunions/{id}/compte-rendu.
func (p *Pages) ShowEditor(w http.ResponseWriter, r *http.Request) error {
	v, err := p.ownText(r)
	if err != nil {
		return err
	}
	view := editorView{Sheet: v, Key: page.NewKey()}
	f := form.New()
	text, expert, version := v.Text, v.Expert, v.Version
	if kept, keptExpert, ok := v.Draft(); ok && r.URL.Query().Get("brouillon") != "" {
		text, expert, version, view.Resumed = kept, keptExpert, v.DraftBase, true
	}
	f.Set("texte", text)
	f.Set("expert", expert)
	f.Set("version", strconv.Itoa(version))
	return p.showEditor(w, r, http.StatusOK, view, f)
}

func (p *Pages) showEditor(w http.ResponseWriter, r *http.Request, status int, v editorView, f *form.Form) error {
	c := textChrome(v.Sheet, v.Title())
	c.Wide, c.Script = true, "minutes.js"
	return p.Kit.Show(w, r, status, editorPage(p.Kit.FormChrome(r, c, f), v, f))
}

// StartText answers POST …/compte-rendu/debut.
func (p *Pages) StartText(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := textID(r)
	if err != nil {
		return err
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	if err := p.Minutes.Start(r.Context(), page.Actor(r), id); err != nil {
		return err
	}
	return p.Kit.Done(w, r, editorPath(id, ""), "Le compte rendu est commencé, à partir des notes de la réunion. Complétez-le, puis enregistrez.")
}

// typed is what the editor sends.
type typed struct {
	text, expert string
	version      int
	preview      bool
}

func readEditor(f *form.Form) (typed, error) {
	t := typed{
		text: f.Text("texte", "", minutes.MaxText), expert: f.Text("expert", "", minutes.MaxExpert),
		version: f.Int("version", "", 0, 1<<30), preview: f.Raw("apercu") != "",
	}
	return t, f.Unknown()
}

// SaveText answers POST …/compte-rendu: it saves, or shows a preview.
func (p *Pages) SaveText(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := textID(r)
	if err != nil {
		return err
	}
	t, err := readEditor(f)
	if err != nil {
		return err
	}
	var refusal error
	if f.OK() && !t.preview {
		refusal = p.Minutes.Save(r.Context(), page.Actor(r), id, t.version, t.text, t.expert)
		if refusal == nil {
			return p.Kit.Done(w, r, editorPath(id, ""), "Le compte rendu est enregistré.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.editAgain(w, r, id, t, f, refusal)
}

// editAgain shows the editor with what was typed.
func (p *Pages) editAgain(w http.ResponseWriter, r *http.Request, id meeting.ID, t typed, f *form.Form, refusal error) error {
	v, err := p.Minutes.Minutes(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	view := editorView{Sheet: v, Key: page.NewKey()}
	yours := minutes.Sheet{Text: t.text, Expert: t.expert}.Whole()
	status := page.RefusalStatus(f, refusal)
	if t.preview {
		view.Preview, view.Previews = yours, true
		if len(f.Errors()) == 0 {
			status = http.StatusOK
		}
	}
	if problem.KindOf(refusal) == problem.Conflict {
		view.Theirs, view.Changes = true, minutes.Excerpt(minutes.Differences(v.Whole(), yours))
		f.Set("version", strconv.Itoa(v.Version)) // both texts were seen: saving again is a choice
	}
	return p.showEditor(w, r, status, view, f)
}

// KeepDraft answers POST …/compte-rendu/brouillon, which minutes.js sends at each
// pause, with one sentence.
func (p *Pages) KeepDraft(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := textID(r)
	if err != nil {
		return err
	}
	t, err := readEditor(f)
	if err != nil {
		return err
	}
	if f.Review() || !f.OK() { // a draft kept by a session that was over comes back as the editor
		return p.editAgain(w, r, id, t, f, nil)
	}
	at, err := p.Minutes.SaveDraft(r.Context(), page.Actor(r), id, t.version, t.text, t.expert)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "Brouillon enregistré à "+french.Clock(at)+".") // the reader left: nothing to tell it
	return nil
}

// DropDraft answers POST …/compte-rendu/brouillon/abandon.
func (p *Pages) DropDraft(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	id, err := textID(r)
	if err != nil {
		return err
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	if err := p.Minutes.DropDraft(r.Context(), page.Actor(r), id); err != nil {
		return err
	}
	return p.Kit.Done(w, r, editorPath(id, ""), "Le brouillon est abandonné.")
}

// steps is what remains to be done of the minutes, in order.
func steps(v minutes.Sheet) []ui.Task {
	todo := func(done bool, label string) (ui.Kind, string) {
		if done {
			return ui.OK, "Fait"
		}
		return ui.Neutral, label
	}
	review := ui.Task{Label: "Envoyer en relecture", Href: editorPath(v.Meeting, "/relecture")}
	review.Kind, review.Status = todo(v.State != minutes.StateDraft, "À faire")
	if v.State == minutes.StateReview {
		review.Hint = "Corrections possibles jusqu’au " + french.LongDate(v.ReviewUntil)
	}
	if v.State != minutes.StateDraft {
		review.Href = ""
	}
	answer := ui.Task{Label: "Répondre aux demandes de correction", Href: editorPath(v.Meeting, "/corrections"), Hint: french.Count(v.Corrections, "demande", "demandes")}
	answer.Kind, answer.Status = todo(v.Waiting == 0, french.Count(v.Waiting, "sans réponse", "sans réponse"))
	valid := ui.Task{Label: "Validation par la présidence"}
	if !v.HasChair {
		valid.Label = "Valider le compte rendu"
		if v.State != minutes.StateDraft || v.ReviewedAt != nil {
			valid.Href = validationPath(v.Meeting)
		}
	}
	valid.Kind, valid.Status = todo(v.State == minutes.StateValidated || v.State == minutes.StatePublished, "En attente")
	publish := ui.Task{Label: "Publier"}
	if v.Publications > 0 {
		publish.Label = "Publier la rectification"
	}
	if v.State == minutes.StateValidated {
		publish.Href = editorPath(v.Meeting, "/publication")
	}
	publish.Kind, publish.Status = todo(v.State == minutes.StatePublished, "Après la validation")
	return []ui.Task{review, answer, valid, publish}
}

func stateKind(s minutes.State) ui.Kind {
	switch s {
	case minutes.StateValidated, minutes.StatePublished:
		return ui.OK
	case minutes.StateReview:
		return ui.Info
	}
	return ui.Neutral
}

// changes draws differences: each piece taken away or added is marked by its look
// and, for who does not see it, by words.
func changes(list []minutes.Change) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		out := `<div class="prose lines"><code>` // the text as it is typed
		for _, c := range list {
			text := templ.EscapeString(c.Text)
			switch c.Op {
			case minutes.Removed:
				out += `<del><span class="sr">Retiré` + french.NBSP + `: </span>` + text + `<span class="sr"> (fin du passage retiré) </span></del>`
			case minutes.Added:
				out += `<ins><strong><span class="sr">Ajouté` + french.NBSP + `: </span>` + text + `</strong><span class="sr"> (fin du passage ajouté) </span></ins>`
			case minutes.Skipped:
				out += "\n[…]\n"
			default:
				out += text
			}
		}
		_, err := io.WriteString(w, out+"</code></div>")
		return err
	})
}
