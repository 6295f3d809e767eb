package meeting

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// ZipFile is a file made for the dossier: a convocation, minutes.
type ZipFile struct {
	Name    string
	Content []byte
}

// Dossier is every document of a meeting that somebody may read, in one archive.
type Dossier struct {
	Meeting Meeting
	Name    string // of the archive, without « .zip »
	db      postgres.Querier
	extra   []ZipFile
	files   []Document
}

// Dossier gathers the documents of a meeting that the actor may read, after the
// extra files. A meeting that has none answers ErrNoDocument.
func (s *Service) Dossier(ctx context.Context, by access.Actor, id ID, extra []ZipFile) (Dossier, error) {
	m, sight, err := load(ctx, s.db, by, id)
	if err != nil {
		return Dossier{}, err
	}
	files, err := s.DocumentsOf(ctx, s.db, id, sight)
	if err != nil {
		return Dossier{}, err
	}
	if len(files)+len(extra) == 0 {
		return Dossier{}, problem.New(problem.NotFound, "Cette réunion n’a pas de document à télécharger.")
	}
	name := folderName(m.Day().String() + " " + m.Title())
	return Dossier{Meeting: m, Name: name, db: s.db, extra: extra, files: files}, nil
}

// Write streams the archive: a folder for the meeting, in it one for each point that
// has documents. The same documents always make the same names in the same order.
func (d Dossier) Write(ctx context.Context, w io.Writer) error {
	z := zip.NewWriter(w)
	taken := map[string]bool{}
	for _, f := range d.extra {
		name := unique(taken, path.Join(d.Name, document.SafeName(slashes.Replace(f.Name))))
		e, err := z.CreateHeader(header(name, d.Meeting.ChangedAt))
		if err == nil {
			_, err = e.Write(f.Content)
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	for _, f := range d.files {
		name := unique(taken, path.Join(d.Name, folder(f), document.SafeName(slashes.Replace(f.Title)+path.Ext(f.File.Name))))
		e, err := z.CreateHeader(header(name, f.AddedAt))
		if err == nil {
			_, err = io.Copy(e, document.NewReader(ctx, d.db, f.File))
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return z.Close()
}

// header stores what is compressed already as it is.
func header(name string, at time.Time) *zip.FileHeader {
	h := &zip.FileHeader{Name: name, Method: zip.Store, Modified: at.UTC()}
	if strings.HasSuffix(name, ".csv") || strings.HasSuffix(name, ".html") {
		h.Method = zip.Deflate
	}
	return h
}

// folder is where a document goes: « 3.2 Budget », or with the meeting's own.
func folder(f Document) string {
	if f.Item == 0 {
		return "Documents de la réunion"
	}
	return folderName(f.ItemNumber + " " + f.ItemTitle)
}

// folderName makes a name that every file system takes, of a length that leaves room
// for what it holds.
func folderName(s string) string {
	r := []rune(document.SafeName(slashes.Replace(s)))
	return strings.TrimRight(string(r[:min(len(r), 60)]), " .")
}

// unique numbers the second file of a name, whatever its capitals: « Note (2).pdf ».
func unique(taken map[string]bool, name string) string {
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	for n := 2; taken[strings.ToLower(name)]; n++ {
		name = fmt.Sprintf("%s (%d)%s", stem, n, ext)
	}
	taken[strings.ToLower(name)] = true
	return name
}
