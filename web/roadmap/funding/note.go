package funding

import (
	"net/http"
	"strings"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap/funding"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// noteView is the page /equipe/note and its check page.
type noteView struct {
	funding.Draft
	Note funding.Note // as it was typed, on the check page
	Form *form.Form
	Key  string
}

// ShowDraft shows /equipe/note: the note written from what changed since a day, which
// the address may give.
func (p *Pages) ShowDraft(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	asked := page.FilterForm(q, "depuis")
	since := asked.Date("depuis", "")
	v := noteView{Form: form.New()}
	if v.Draft, err = p.Funding.Draft(r.Context(), page.Actor(r), since); err != nil {
		return err
	}
	if m := asked.Error("depuis"); m != "" {
		v.Form.Fail("depuis", m)
	}
	if since.After(v.Today) {
		v.Form.Fail("depuis", "Saisissez une date passée, par exemple "+french.NumericDate(v.Today.AddDays(-90))+".")
	}
	v.Form.Set("depuis", french.NumericDate(v.Since))
	if len(v.Form.Errors()) > 0 {
		v.Form.Set("depuis", q.Get("depuis"))
	}
	v.Form.Set("objet", v.Subject)
	v.Form.Set("texte", v.Text)
	return p.showDraft(w, r, v, page.FilterStatus(v.Form))
}

func (p *Pages) showDraft(w http.ResponseWriter, r *http.Request, v noteView, status int) error {
	v.Key = page.NewKey()
	c := p.Kit.FormChrome(r, teamChrome("Note à toute la gouvernance", crumbNotes), v.Form)
	return p.Kit.Show(w, r, status, draftPage(c, v))
}

// readNote reads the note that was typed.
func readNote(f *form.Form) funding.Note {
	return funding.Note{Since: f.Date("depuis", "Saisissez la date depuis laquelle la note raconte."),
		Subject: f.Line("objet", "Donnez un objet à la note.", funding.MaxSubject),
		Text:    f.Text("texte", "Écrivez le texte de la note.", funding.MaxNoteText)}
}

// CheckNote answers POST /equipe/note: what will leave, to how many people; or the text
// again, to be changed.
func (p *Pages) CheckNote(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v := noteView{Form: f, Note: readNote(f)}
	again := f.Choice("etape", "", "modifier") != ""
	if err := f.Unknown(); err != nil {
		return err
	}
	if !f.OK() || again {
		return p.showAgain(w, r, v, again)
	}
	if v.Reach, err = p.Funding.Reach(r.Context(), page.Actor(r)); err != nil {
		return err
	}
	return p.showCheck(w, r, v, nil)
}

// showAgain shows what was typed, to be put right or changed.
func (p *Pages) showAgain(w http.ResponseWriter, r *http.Request, v noteView, again bool) error {
	var err error
	if v.Draft, err = p.Funding.Draft(r.Context(), page.Actor(r), day.Day{}); err != nil {
		return err
	}
	status := page.FormStatus(v.Form)
	if again && len(v.Form.Errors()) == 0 {
		status = http.StatusOK
	}
	return p.showDraft(w, r, v, status)
}

func (p *Pages) showCheck(w http.ResponseWriter, r *http.Request, v noteView, refusal error) error {
	v.Key = page.NewKey()
	c := p.Kit.FormChrome(r, teamChrome("Vérifier la note avant de l’envoyer", crumbNotes, ui.Crumb{Label: "Note à toute la gouvernance", Href: teamNotePath}), v.Form)
	status := http.StatusOK
	if refusal != nil {
		status = page.RefusalStatus(v.Form, refusal)
	}
	return p.Kit.Show(w, r, status, checkPage(c, v))
}

// SendNote answers POST /equipe/note/envoi.
func (p *Pages) SendNote(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v := noteView{Form: f, Note: readNote(f)}
	if err := f.Unknown(); err != nil {
		return err
	}
	if !f.OK() {
		return p.showAgain(w, r, v, false)
	}
	sent, refusal := p.Funding.Send(r.Context(), page.Actor(r), v.Note)
	if refusal == nil {
		return p.Kit.Done(w, r, teamNotePath+"/"+page.IDText(sent.ID), "La note est partie à "+french.Count(sent.Recipients, "membre", "membres")+" de la gouvernance.")
	}
	if !page.Takes(f, refusal) {
		return refusal
	}
	if v.Reach, err = p.Funding.Reach(r.Context(), page.Actor(r)); err != nil {
		return err
	}
	return p.showCheck(w, r, v, refusal)
}

// notesView is the page /notes.
type notesView struct {
	Notes  []funding.Note
	Paging postgres.Paging
	Team   bool
}

// Notes shows /notes: the notes that were sent.
func (p *Pages) Notes(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	v := notesView{Team: page.Actor(r).RunsBodies()}
	if v.Notes, v.Paging, err = p.Funding.Notes(r.Context(), page.Actor(r), page.Number(q)); err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, notesPage(p.Kit.Chrome(r, chrome("Notes à la gouvernance")), v))
}

// ShowNote shows /notes/{id} and /equipe/note/{id}: a note as it was sent.
func (p *Pages) ShowNote(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[funding.NoteID](r, "id")
	if err != nil {
		return err
	}
	n, err := p.Funding.Note(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	c := chrome(n.Subject, crumbNotes)
	c.Wide = false
	return p.Kit.Show(w, r, http.StatusOK, notePage(p.Kit.Chrome(r, c), n, page.Actor(r).RunsBodies()))
}

// block is a part of a note: a paragraph, or a list with its heading line.
type block struct {
	Lead  string
	Items []string
}

// blocks cuts the text of a note into paragraphs and lists: lines that begin with a
// dash are items.
func blocks(n funding.Note) []block {
	var out []block
	for _, p := range n.Paragraphs() {
		var b block
		for line := range strings.SplitSeq(p, "\n") {
			line = strings.TrimSpace(line)
			item, ok := strings.CutPrefix(line, "- ")
			switch {
			case ok:
				b.Items = append(b.Items, item)
			case len(b.Items) > 0:
				out, b = append(out, b), block{Lead: line}
			case b.Lead != "":
				b.Lead += "\n" + line
			default:
				b.Lead = line
			}
		}
		out = append(out, b)
	}
	return out
}
