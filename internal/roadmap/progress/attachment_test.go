package progress_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"testing"

	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
)

// A picture is kept as a JPEG under its name; what is neither a picture nor a document
// is refused.
func TestAttachmentIsReadByItsKind(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, 40, 40))); err != nil {
		t.Fatal(err)
	}
	u, err := progress.ReadAttachment(t.Context(), "Schéma.PNG", bytes.NewReader(b.Bytes()))
	if err != nil || u.Name != "Schéma.jpg" || u.MediaType != "image/jpeg" {
		t.Fatalf("%+v, %v", u, err)
	}
	if _, err := jpeg.Decode(u.Content); err != nil {
		t.Error(err)
	}
	for name, content := range map[string][]byte{"text.jpg": []byte("bonjour"), "run.exe": []byte("MZ"), "vide.pdf": {}} {
		if _, err := progress.ReadAttachment(t.Context(), name, bytes.NewReader(content)); problem.KindOf(err) != problem.Invalid {
			t.Errorf("%s: %v, wanted a refusal", name, err)
		}
	}
}
