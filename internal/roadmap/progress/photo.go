package progress

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/internal/photo"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// photoSide is the greatest side of what is kept.
const photoSide = 1600

// Attachment is what goes with a report, ready to be kept.
type Attachment struct {
	document.Upload
	Caption string // what a photo shows, for who does not see it; the title of a document
}

// IsPhoto tells whether a file is shown in the page.
func IsPhoto(mediaType string) bool { return mediaType == "image/jpeg" || mediaType == "image/png" }

// ReadAttachment checks a file as it came: a photo is set upright, reduced and written
// again, so that nothing the camera added (place, device, hour) is kept; any other
// kind of document is kept as it is. Refusals are on the field « photo ».
func ReadAttachment(ctx context.Context, name string, content io.ReadSeeker) (document.Upload, error) {
	size, err := content.Seek(0, io.SeekEnd)
	if err != nil {
		return document.Upload{}, fmt.Errorf("measure a file: %w", err)
	}
	if size > document.MaxSize {
		return document.Upload{}, problem.OnField("photo", "Ce fichier dépasse 20 Mo : choisissez-en un plus léger.")
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".jpg", ".jpeg", ".png":
		b, err := Photo(ctx, content)
		if err != nil {
			return document.Upload{}, err
		}
		name = strings.TrimSuffix(name, path.Ext(name)) + ".jpg"
		return document.Upload{Name: document.SafeName(name), MediaType: "image/jpeg", Size: int64(len(b)), Content: bytes.NewReader(b)}, nil
	}
	u, err := document.Check(name, content)
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return u, problem.OnField("photo", p.Message)
	}
	return u, err
}

// Photo reads a JPEG or PNG picture and returns it upright, at most 1,600 points
// wide or high, as a JPEG that holds nothing but its points.
func Photo(ctx context.Context, content io.ReadSeeker) ([]byte, error) {
	return photo.Clean(ctx, content, photoSide)
}
