package meeting

import (
	"errors"
	"mime/multipart"
	"net/http"
	"slices"

	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// MaxUploadBody is what the form of documents may weigh: two files of the greatest
// size, or more of less.
const MaxUploadBody = 2*document.MaxSize + 256<<10

// maxFiles is how many files one sending may hold.
const maxFiles = 20

// documentsView is what the team's page about documents shows.
type documentsView struct {
	meeting.DocumentDesk
	Key string
}

// documentView is what the pages about one document show.
type documentView struct {
	documentsView
	Document  meeting.Document
	Meanwhile bool
}

func documentAddress(id meeting.ID, doc meeting.DocumentID, act string) string {
	return teamAddress(id, PartDocuments) + "/" + page.IDText(doc) + "/" + act
}

func (p *Pages) documentsOf(r *http.Request) (documentsView, error) {
	id, err := meetingID(r)
	if err != nil {
		return documentsView{}, err
	}
	desk, err := p.Meetings.DocumentDesk(r.Context(), page.Actor(r), id)
	return documentsView{DocumentDesk: desk, Key: page.NewKey()}, err
}

func (p *Pages) documentOf(r *http.Request) (documentView, error) {
	doc, err := page.PathID[meeting.DocumentID](r, "doc")
	if err != nil {
		return documentView{}, err
	}
	v, err := p.documentsOf(r)
	if err != nil {
		return documentView{}, err
	}
	d, ok := v.DocumentDesk.Document(doc)
	if !ok {
		return documentView{}, meeting.ErrNoDocument
	}
	return documentView{documentsView: v, Document: d}, nil
}

// version is the one the person saw: the newest only when they are told of it.
func (v documentView) version(f *form.Form) string {
	if seen := f.Value("version"); seen != "" && !v.Meanwhile {
		return seen
	}
	return page.IDText(v.Document.Version)
}

func (v documentsView) chrome(title string, crumbs ...ui.Crumb) ui.Chrome {
	return meetingChrome(v.Meeting, title, crumbs...)
}

func (v documentView) chrome(title string) ui.Chrome {
	return v.documentsView.chrome(title, ui.Crumb{Label: "Documents", Href: teamAddress(v.Meeting.ID, PartDocuments)})
}

// ShowDocuments shows /equipe/reunions/{id}/documents.
func (p *Pages) ShowDocuments(w http.ResponseWriter, r *http.Request) error {
	v, err := p.documentsOf(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("diffusion", string(meeting.ForMembers))
	f.Set("point", r.URL.Query().Get("point")) // the agenda leads here for a point
	return p.showDocuments(w, r, v, f, http.StatusOK)
}

func (p *Pages) showDocuments(w http.ResponseWriter, r *http.Request, v documentsView, f *form.Form, status int) error {
	return p.Kit.Show(w, r, status, documentsPage(p.Kit.FormChrome(r, v.chrome("Documents de la réunion"), f), v, f))
}

// AddDocuments answers POST /equipe/reunions/{id}/documents.
func (p *Pages) AddDocuments(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	title := f.Line("titre", "", 200)
	item := meeting.ItemID(f.ID("point", ""))
	audience := meeting.Audience(f.Choice("diffusion", "Choisissez qui peut lire ces documents.", audienceWords()...))
	f.Raw("fichiers") // empty, when the browser has no file to send or the form comes back
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.documentsOf(r)
	if err != nil {
		return err
	}
	uploads, closeAll, refusal := uploaded(r)
	defer closeAll()
	if !f.Review() && !takesFile(f, refusal) && refusal != nil {
		return refusal
	}
	if f.OK() {
		_, refusal = p.Meetings.AddDocuments(r.Context(), page.Actor(r), v.Meeting.ID, item, title, audience, uploads)
		if refusal == nil {
			return p.Kit.Done(w, r, teamAddress(v.Meeting.ID, PartDocuments), addedWords(len(uploads)))
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	status := page.RefusalStatus(f, refusal)
	if problem.KindOf(refusal) == problem.TooLarge {
		status = http.StatusRequestEntityTooLarge
	}
	return p.showDocuments(w, r, v, f, status)
}

func addedWords(n int) string {
	if n == 1 {
		return "Le document est joint à la réunion."
	}
	return french.Capital(french.Count(n, "document est joint", "documents sont joints")) + " à la réunion."
}

func audienceWords() []string {
	out := make([]string, len(meeting.Audiences))
	for i, a := range meeting.Audiences {
		out[i] = string(a)
	}
	return out
}

// takesFile records on the field what is wrong with a file.
func takesFile(f *form.Form, err error) bool {
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Kind != problem.Invalid && p.Kind != problem.TooLarge {
		return false
	}
	f.Fail("fichiers", french.Typo(p.Message))
	return true
}

// uploaded checks the files of the form, which net/http left in temporary files.
func uploaded(r *http.Request) (uploads []document.Upload, closeAll func(), err error) {
	var open []multipart.File
	closeAll = func() {
		for _, file := range open {
			_ = file.Close() // it was only read
		}
	}
	var heads []*multipart.FileHeader
	if r.MultipartForm != nil {
		heads = r.MultipartForm.File["fichiers"]
		if len(r.MultipartForm.File) > 1 || len(r.MultipartForm.File) == 1 && heads == nil {
			return nil, closeAll, problem.New(problem.BadRequest, "Votre envoi contient un champ que cette page ne connaît pas.")
		}
	}
	heads = slices.DeleteFunc(slices.Clone(heads), func(h *multipart.FileHeader) bool { return h.Filename == "" && h.Size == 0 })
	switch {
	case len(heads) == 0:
		return nil, closeAll, problem.OnField("fichiers", "Choisissez au moins un fichier.")
	case len(heads) > maxFiles:
		return nil, closeAll, problem.OnField("fichiers", "Joignez 20 fichiers au plus à la fois.")
	}
	for _, h := range heads {
		file, err := h.Open()
		if err != nil {
			return nil, closeAll, err
		}
		open = append(open, file)
		u, err := document.Check(h.Filename, file)
		if err != nil {
			return nil, closeAll, err
		}
		uploads = append(uploads, u)
	}
	return uploads, closeAll, nil
}

// ShowDocumentChange shows /equipe/reunions/{id}/documents/{doc}/modification.
func (p *Pages) ShowDocumentChange(w http.ResponseWriter, r *http.Request) error {
	v, err := p.documentOf(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("titre", v.Document.Title)
	f.Set("diffusion", string(v.Document.Audience))
	if v.Document.Item != 0 {
		f.Set("point", page.IDText(v.Document.Item))
	}
	return p.showDocumentChange(w, r, v, f, nil)
}

func (p *Pages) showDocumentChange(w http.ResponseWriter, r *http.Request, v documentView, f *form.Form, refusal error) error {
	v.Meanwhile = problem.KindOf(refusal) == problem.Conflict
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), documentChangePage(p.Kit.FormChrome(r, v.chrome("Modifier un document"), f), v, f))
}

// ChangeDocument answers POST /equipe/reunions/{id}/documents/{doc}/modification.
func (p *Pages) ChangeDocument(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	in := meeting.DocumentChange{
		Version:  f.Int("version", "", 0, 1<<30),
		Title:    f.Line("titre", "Donnez un titre au document.", 200),
		Item:     meeting.ItemID(f.ID("point", "")),
		Audience: meeting.Audience(f.Choice("diffusion", "Choisissez qui peut lire ce document.", audienceWords()...)),
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.documentOf(r)
	if err != nil {
		return err
	}
	in.Meeting, in.ID = v.Meeting.ID, v.Document.ID
	var refusal error
	if f.OK() {
		refusal = p.Meetings.ChangeDocument(r.Context(), page.Actor(r), in)
		if refusal == nil {
			return p.Kit.Done(w, r, teamAddress(in.Meeting, PartDocuments), "Le document « "+in.Title+" » est modifié.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showDocumentChange(w, r, v, f, refusal)
}

// ShowDocumentRemoval shows /equipe/reunions/{id}/documents/{doc}/retrait.
func (p *Pages) ShowDocumentRemoval(w http.ResponseWriter, r *http.Request) error {
	v, err := p.documentOf(r)
	if err != nil {
		return err
	}
	return p.showDocumentRemoval(w, r, v, form.New(), nil)
}

func (p *Pages) showDocumentRemoval(w http.ResponseWriter, r *http.Request, v documentView, f *form.Form, refusal error) error {
	v.Meanwhile = problem.KindOf(refusal) == problem.Conflict
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), documentRemovalPage(p.Kit.FormChrome(r, v.chrome("Retirer un document"), f), v, f))
}

// RemoveDocument answers POST /equipe/reunions/{id}/documents/{doc}/retrait.
func (p *Pages) RemoveDocument(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	version := f.Int("version", "", 0, 1<<30)
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.documentOf(r)
	if err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		refusal = p.Meetings.RemoveDocument(r.Context(), page.Actor(r), v.Meeting.ID, v.Document.ID, version)
		if refusal == nil {
			return p.Kit.Done(w, r, teamAddress(v.Meeting.ID, PartDocuments), "Le document « "+v.Document.Title+" » est retiré.")
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showDocumentRemoval(w, r, v, f, refusal)
}
