package details

import (
	"errors"
	"mime/multipart"
	"net/http"

	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/meeting"
	"bordeaux-metropole.fr/portal/web/page"
	rmweb "bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// MaxUploadBody is what the form of a document may weigh: one file of the greatest size
// and the other fields.
const MaxUploadBody = document.MaxSize + 256<<10

// Who reads a document, as forms say it.
const (
	forAll     = "public"
	forMembers = "membres"
)

// documentView is what a page about one document shows.
type documentView struct {
	view
	Document roadmap.Document
}

func (v documentView) crumb() ui.Crumb {
	return ui.Crumb{Label: "Documents", Href: partPath(v.ID, partDocuments)}
}

func (v documentView) action(act string) string {
	return linePath(v.ID, partDocuments, v.Document.Link, act)
}

// fileAddress is where a document is downloaded by whoever may read it.
func fileAddress(d roadmap.Document) string {
	return rmweb.ActionPath(d.Action) + "/documents/" + page.IDText(d.Link)
}

// document loads the document of the address.
func (p *Pages) document(r *http.Request) (documentView, error) {
	id, err := page.PathID[roadmap.DocumentID](r, "document")
	if err != nil {
		return documentView{}, err
	}
	v, err := p.desk(r)
	if err != nil {
		return documentView{}, err
	}
	d, err := v.Desk.Document(id)
	return documentView{view: v, Document: d}, err
}

// ShowDocuments shows …/documents.
func (p *Pages) ShowDocuments(w http.ResponseWriter, r *http.Request) error {
	v, err := p.desk(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("diffusion", forMembers)
	return p.showDocuments(w, r, v, f, http.StatusOK)
}

func (p *Pages) showDocuments(w http.ResponseWriter, r *http.Request, v view, f *form.Form, status int) error {
	return p.Kit.Show(w, r, status, documentsPage(p.Kit.FormChrome(r, v.chrome("Documents de l’action"), f), v, f))
}

func readReaders(f *form.Form) (public bool) {
	return f.Choice("diffusion", "Choisissez qui peut lire ce document.", forAll, forMembers) == forAll
}

// AddDocument answers POST …/documents.
func (p *Pages) AddDocument(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	f.Raw("fichier") // empty, when the browser has no file to send or the form comes back
	title, public := f.Line("titre", "", 200), readReaders(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.desk(r)
	if err != nil {
		return err
	}
	upload, done, refusal := uploaded(r)
	defer done()
	if refusal != nil && !f.Review() && !takesFile(f, refusal) {
		return refusal
	}
	if f.OK() {
		if _, refusal = p.Roadmap.AddFile(r.Context(), page.Actor(r), v.ID, title, public, upload); refusal == nil {
			return p.Kit.Done(w, r, partPath(v.ID, partDocuments), "Le document est joint à l’action.")
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

// takesFile records on the field what is wrong with a file.
func takesFile(f *form.Form, err error) bool {
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Kind != problem.Invalid && p.Kind != problem.TooLarge {
		return false
	}
	f.Fail("fichier", french.Typo(p.Message))
	return true
}

// uploaded checks the file of the form, which net/http left in a temporary file.
func uploaded(r *http.Request) (u document.Upload, done func(), err error) {
	done = func() {}
	var heads []*multipart.FileHeader
	if r.MultipartForm != nil {
		heads = r.MultipartForm.File["fichier"]
		if len(r.MultipartForm.File) > 1 || len(r.MultipartForm.File) == 1 && heads == nil || len(heads) > 1 {
			return u, done, problem.New(problem.BadRequest, "Votre envoi contient un champ que cette page ne connaît pas.")
		}
	}
	if len(heads) == 0 || heads[0].Filename == "" && heads[0].Size == 0 {
		return u, done, problem.OnField("fichier", "Choisissez un fichier.")
	}
	file, err := heads[0].Open()
	if err != nil {
		return u, done, err
	}
	u, err = document.Check(heads[0].Filename, file)
	return u, func() { _ = file.Close() }, err // it was only read
}

// ShowDocumentChange shows …/documents/{document}/modification.
func (p *Pages) ShowDocumentChange(w http.ResponseWriter, r *http.Request) error {
	v, err := p.document(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("titre", v.Document.Title)
	f.Set("diffusion", readersWord(v.Document.Public))
	return p.showDocumentChange(w, r, v, f, nil)
}

func readersWord(public bool) string {
	if public {
		return forAll
	}
	return forMembers
}

func (p *Pages) showDocumentChange(w http.ResponseWriter, r *http.Request, v documentView, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, v.chrome("Modifier un document", v.crumb()), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), documentChangePage(c, v, f))
}

// ChangeDocument answers POST …/documents/{document}/modification.
func (p *Pages) ChangeDocument(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	title, public, version := f.Line("titre", "Donnez un titre au document.", 200), readReaders(f), readVersion(f)
	v, err := p.document(r)
	if err != nil {
		return err
	}
	return p.act(w, r, f, partPath(v.ID, partDocuments), "Le document « "+title+" » est modifié.", func() error {
		return p.Roadmap.ChangeFile(r.Context(), page.Actor(r), v.ID, v.Document.Link, title, public, version)
	}, func(refusal error) error {
		if conflict(refusal) {
			v.Versions = []ui.Version{{Label: "Titre", Theirs: v.Document.Title, Yours: title},
				{Label: "Qui peut lire", Theirs: readersLabel(v.Document.Public), Yours: readersLabel(public)}}
		}
		return p.showDocumentChange(w, r, v, f, refusal)
	})
}

// ShowDocumentRemoval shows …/documents/{document}/retrait.
func (p *Pages) ShowDocumentRemoval(w http.ResponseWriter, r *http.Request) error {
	v, err := p.document(r)
	if err != nil {
		return err
	}
	return p.showDocumentRemoval(w, r, v, form.New(), nil)
}

func (p *Pages) showDocumentRemoval(w http.ResponseWriter, r *http.Request, v documentView, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, v.chrome("Retirer un document", v.crumb()), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), documentRemovalPage(c, v, f))
}

// RemoveDocument answers POST …/documents/{document}/retrait.
func (p *Pages) RemoveDocument(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	version := readVersion(f)
	v, err := p.document(r)
	if err != nil {
		return err
	}
	return p.act(w, r, f, partPath(v.ID, partDocuments), "Le document « "+v.Document.Title+" » est retiré.", func() error {
		return p.Roadmap.RemoveFile(r.Context(), page.Actor(r), v.ID, v.Document.Link, version)
	}, func(refusal error) error {
		if conflict(refusal) {
			v.Versions = []ui.Version{{Label: "Document", Theirs: v.Document.Title, Yours: "À retirer"}}
		}
		return p.showDocumentRemoval(w, r, v, f, refusal)
	})
}

// Download answers GET /feuille-de-route/actions/{id}/documents/{document}. Each request
// asks the rights again, that of a piece of the file included.
func (p *Pages) Download(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[roadmap.ID](r, "id")
	if err != nil {
		return err
	}
	doc, err := page.PathID[roadmap.DocumentID](r, "document")
	if err != nil {
		return err
	}
	ctx, cancel := meeting.Unhurried(w, r)
	defer cancel()
	d, content, err := p.Roadmap.OpenFile(ctx, page.Actor(r), id, doc)
	if err != nil {
		return err
	}
	meeting.SendFile(w, r, d.File, d.Public && !page.Actor(r).SignedIn(), content)
	return nil
}
