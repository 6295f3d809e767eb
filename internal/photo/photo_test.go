package photo_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/photo"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// halves is a picture red on its left, blue on its right.
func halves(w, h int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{220, 20, 20, 255}
			if x >= w/2 {
				c = color.RGBA{20, 20, 220, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

// fromPhone is a JPEG as a phone writes it: held as orientation says, with a place
// (GPS) and an XMP packet.
func fromPhone(t testing.TB, m image.Image, orientation uint16) []byte {
	t.Helper()
	var plain bytes.Buffer
	if err := jpeg.Encode(&plain, m, nil); err != nil {
		t.Fatal(err)
	}
	var tiff bytes.Buffer
	tiff.WriteString("MM\x00\x2a\x00\x00\x00\x08")
	entry := func(tag, kind uint16, n, v uint32) {
		for _, x := range []any{tag, kind, n, v} {
			_ = binary.Write(&tiff, binary.BigEndian, x)
		}
	}
	_ = binary.Write(&tiff, binary.BigEndian, uint16(2))
	entry(0x0112, 3, 1, uint32(orientation)<<16)
	entry(0x8825, 4, 1, 8+2+24+4) // the GPS block follows
	tiff.Write([]byte{0, 0, 0, 0})
	_ = binary.Write(&tiff, binary.BigEndian, uint16(2))
	entry(1, 2, 2, uint32('N')<<24)
	entry(0x1d, 2, 11, 8+2+24+4+2+24+4)
	tiff.Write([]byte{0, 0, 0, 0})
	tiff.WriteString("2026:11:02\x00")
	var b bytes.Buffer
	b.Write(plain.Bytes()[:2])
	for _, s := range []string{"Exif\x00\x00" + tiff.String(), "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>Bègles</x:xmpmeta>"} {
		b.Write([]byte{0xff, 0xe1})
		_ = binary.Write(&b, binary.BigEndian, uint16(len(s)+2))
		b.WriteString(s)
	}
	b.Write(plain.Bytes()[2:])
	return b.Bytes()
}

func red(c color.Color) bool { r, _, b, _ := c.RGBA(); return r > 2*b }

// What is kept stands upright, is no larger than a screen and says nothing of where
// nor by what it was taken.
func TestPhotoIsUprightSmallAndBare(t *testing.T) {
	t.Parallel()
	// Where the left half, red, stands once the picture is upright.
	for turn, place := range map[uint16][2]float64{1: {.1, .5}, 2: {.9, .5}, 3: {.9, .5}, 4: {.1, .5}, 5: {.5, .1}, 6: {.5, .1}, 7: {.5, .9}, 8: {.5, .9}} {
		raw := fromPhone(t, halves(2000, 1000), turn)
		out, err := photo.Clean(t.Context(), bytes.NewReader(raw), 1600)
		if err != nil {
			t.Fatal(err)
		}
		m, err := jpeg.Decode(bytes.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		w, h := m.Bounds().Dx(), m.Bounds().Dy()
		if max(w, h) != 1600 || (turn >= 5) != (h > w) {
			t.Errorf("orientation %d: %d × %d", turn, w, h)
		}
		x, y := int(place[0]*float64(w)), int(place[1]*float64(h))
		if !red(m.At(x, y)) || red(m.At(w-1-x, h-1-y)) {
			t.Errorf("orientation %d is not upright", turn)
		}
		for _, trace := range []string{"Exif", "GPS", "2026:11:02", "xmp", "http", "\xff\xe1", "\xff\xe2", "\xff\xed", "\xff\xfe"} {
			if !bytes.Contains(raw, []byte("Exif")) || bytes.Contains(head(out), []byte(trace)) {
				t.Errorf("orientation %d: %q is left", turn, trace)
			}
		}
	}
}

// head is what stands before the points, where notes are: the points themselves may
// hold any bytes.
func head(b []byte) []byte {
	i := bytes.Index(b, []byte{0xff, 0xda})
	return b[:i]
}

func TestPhotoRefuses(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	huge := b.Bytes()
	binary.BigEndian.PutUint32(huge[16:], 60_000)
	binary.BigEndian.PutUint32(huge[20:], 2_000)
	binary.BigEndian.PutUint32(huge[29:], crc32.ChecksumIEEE(huge[12:29]))
	whole := fromPhone(t, halves(64, 64), 1)
	for name, content := range map[string][]byte{"huge.png": huge, "empty.jpg": {}, "text.jpg": []byte("bonjour"),
		"cut.jpg": whole[:len(whole)-40][:200]} {
		_, err := photo.Clean(t.Context(), bytes.NewReader(content), 1600)
		if problem.KindOf(err) != problem.Invalid {
			t.Errorf("%s: %v, wanted a refusal", name, err)
		}
	}
	// A transparent drawing comes out on white.
	b.Reset()
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, 40, 40))); err != nil {
		t.Fatal(err)
	}
	out, err := photo.Clean(t.Context(), bytes.NewReader(b.Bytes()), 1600)
	if err != nil {
		t.Fatal(err)
	}
	m, _ := jpeg.Decode(bytes.NewReader(out))
	if r, _, _, _ := m.At(20, 20).RGBA(); r < 0xf000 {
		t.Error("a transparent point is not white")
	}
	// Who waits too long is told so, and nothing is kept waiting behind.
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	release := photo.Hold()
	_, err = photo.Clean(ctx, bytes.NewReader(whole), 1600)
	release()
	if problem.KindOf(err) != problem.Unavailable {
		t.Errorf("while another photo is read: %v", err)
	}
}

func FuzzPhoto(f *testing.F) {
	f.Add(fromPhone(f, halves(8, 8), 6))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00MM\x00*"))
	f.Fuzz(func(t *testing.T, b []byte) {
		out, err := photo.Clean(t.Context(), bytes.NewReader(b), 1600)
		if err == nil {
			if _, err := jpeg.Decode(bytes.NewReader(out)); err != nil {
				t.Fatal(err)
			}
		} else if problem.KindOf(err) == problem.Internal {
			t.Fatal(err)
		}
	})
}

func BenchmarkPhoto(b *testing.B) {
	raw := fromPhone(b, halves(4000, 3000), 6)
	for b.Loop() {
		if _, err := photo.Clean(b.Context(), bytes.NewReader(raw), 1600); err != nil {
			b.Fatal(err)
		}
	}
}

// picture is the head of a JPEG of 60 million points: marker is SOF0 or SOF2 (in passes);
// before stands ahead of it.
func picture(marker byte, before string, components ...byte) []byte {
	b := append([]byte{0xff, 0xd8}, before...)
	b = append(b, 0xff, marker, 0, byte(8+3*len(components)), 8, 0x1e, 0x00, 0x1e, 0x00, byte(len(components))) // 7680 × 7680
	for _, id := range components {
		b = append(b, id, 0x11, 0)
	}
	return append(b, 0xff, 0xda, 0, byte(6+2*len(components)))
}

// A few hundred bytes that would take a gigabyte to decode are refused before they are:
// each way the decoder has to keep more than a plain picture does.
func TestPhotoBombs(t *testing.T) {
	t.Parallel()
	// A marker without length, then one the decoder skips and a reader of lengths would
	// not: it would see the second header, the decoder sees the first.
	hidden := "\xff\xd0"
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	passes := b.Bytes()
	binary.BigEndian.PutUint32(passes[16:], 7680)
	binary.BigEndian.PutUint32(passes[20:], 7680)
	passes[28] = 1
	binary.BigEndian.PutUint32(passes[29:], crc32.ChecksumIEEE(passes[12:29]))
	const huge = "Cette photo est trop grande : gardez-la sous 60 millions de points."
	for name, content := range map[string][]byte{
		"colours in passes":  picture(0xc2, "", 1, 2, 3),
		"four inks":          picture(0xc0, "", 1, 2, 3, 4),
		"four inks, passes":  picture(0xc2, "", 1, 2, 3, 4),
		"RGB":                picture(0xc0, "", 'R', 'G', 'B'),
		"RGB in passes":      picture(0xc2, "", 'R', 'G', 'B'),
		"hidden by a marker": picture(0xc2, hidden, 1, 2, 3),
		"PNG in passes":      passes,
	} {
		if _, err := photo.Clean(t.Context(), bytes.NewReader(content), 1600); err == nil || err.Error() != huge {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := photo.Clean(t.Context(), bytes.NewReader([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")), 1600); problem.KindOf(err) != problem.Invalid {
		t.Errorf("a GIF: %v", err)
	}
}
