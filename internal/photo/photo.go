// Package photo makes a picture that people send fit to be shown: upright, reduced, and
// without anything the camera added (place, device, hour).
package photo

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // reads the pictures people send
	"io"
	"runtime/debug"
	"time"

	"github.com/bep/imagemeta"
	"golang.org/x/image/draw"

	"bordeaux-metropole.fr/portal/internal/problem"
)

// What a photo may cost. A phone makes 12 to 50 million points; decoding one of 60
// takes 180 MB, so one at a time is read in the whole process.
const (
	MaxPixels   = 60_000_000
	maxDecoded  = 300 << 20  // bytes in memory while it is read
	freedPast   = 10_000_000 // points whose memory is given back at once
	photoTurn   = 10 * time.Second
	jpegQuality = 82
)

var oneAtATime = make(chan struct{}, 1)

var (
	errPhotoBusy   = problem.New(problem.Unavailable, "Une autre photo est en cours de traitement : attendez un instant, puis envoyez de nouveau.")
	errPhotoHuge   = problem.OnField("photo", "Cette photo est trop grande : gardez-la sous 60 millions de points.")
	errPhotoBroken = problem.OnField("photo", "Cette image est abîmée ou n’est pas une photo JPEG ou PNG : choisissez-en une autre.")
)

// Clean reads a JPEG or PNG picture and returns it upright, at most side points wide or
// high, as a JPEG that holds nothing but its points. Refusals are on the field « photo ».
func Clean(ctx context.Context, content io.ReadSeeker, side int) ([]byte, error) {
	format, err := measure(content)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, photoTurn)
	defer cancel()
	select {
	case oneAtATime <- struct{}{}:
		defer func() { <-oneAtATime }()
	case <-ctx.Done():
		return nil, errPhotoBusy
	}
	turn := orientation(content, format)
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("rewind a photo: %w", err)
	}
	source, _, err := image.Decode(content)
	if err != nil {
		return nil, errPhotoBroken
	}
	pixels := source.Bounds().Dx() * source.Bounds().Dy()
	small := reduced(source, side)
	source = nil
	if pixels > freedPast {
		debug.FreeOSMemory() // a hundred megabytes that nothing else needs
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, upright(small, turn), &jpeg.Options{Quality: jpegQuality}); err != nil {
		return nil, fmt.Errorf("write a photo: %w", err)
	}
	return out.Bytes(), nil
}

// measure refuses a picture that would not fit, before a point of it is read.
func measure(content io.ReadSeeker) (string, error) {
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("rewind a photo: %w", err)
	}
	c, format, err := image.DecodeConfig(content)
	// Other libraries of the process may have taught it to read more than we accept.
	if err != nil || c.Width <= 0 || c.Height <= 0 || format != "jpeg" && format != "png" {
		return "", errPhotoBroken
	}
	pixels := int64(c.Width) * int64(c.Height)
	if pixels > MaxPixels || pixels*weight(content, c, format) > maxDecoded {
		return "", errPhotoHuge
	}
	return format, nil
}

// weight is how many bytes a point takes at most in memory while the picture is decoded.
func weight(content io.ReadSeeker, c image.Config, format string) int64 {
	if format == "jpeg" {
		// Samples, then a copy where they are converted (RGB, CMYK); in passes, their
		// coefficients too, four bytes each, all kept to the end.
		samples, copied := int64(3), int64(0)
		switch c.ColorModel {
		case color.GrayModel:
			samples = 1
		case color.CMYKModel:
			samples, copied = 4, 4
		case color.RGBAModel:
			copied = 4
		}
		if progressive(content) {
			return 5*samples + copied
		}
		return samples + copied
	}
	bytes := int64(4)
	switch c.ColorModel {
	case color.RGBA64Model, color.NRGBA64Model:
		bytes = 8
	case color.GrayModel:
		bytes = 1
	}
	if interlaced(content) {
		bytes *= 2 // each pass is a picture of its own
	}
	return bytes
}

// interlaced tells whether a PNG is written in passes (last byte of its header).
func interlaced(content io.ReadSeeker) bool {
	var b [1]byte
	if _, err := content.Seek(28, io.SeekStart); err != nil {
		return true
	}
	_, err := io.ReadFull(content, b[:])
	return err != nil || b[0] != 0
}

// progressive tells whether a JPEG is written in passes (marker SOF2).
func progressive(content io.ReadSeeker) bool {
	var head [4]byte
	for at := int64(2); ; {
		if _, err := content.Seek(at, io.SeekStart); err != nil {
			return true
		}
		if _, err := io.ReadFull(content, head[:]); err != nil || head[0] != 0xff {
			return true // what cannot be read counts for the worst
		}
		switch marker := head[1]; {
		case marker == 0xff: // filling
			at++
		case marker == 0xc2, marker == 0, marker >= 0xd0 && marker <= 0xd9:
			return true // the last have no length, and no camera writes them there
		case marker == 0xc0, marker == 0xc1, marker == 0xda:
			return false
		default:
			at += 2 + int64(binary.BigEndian.Uint16(head[2:]))
		}
	}
}

// orientation is how the camera was held, 1 to 8 (EXIF); 1 when nothing says it.
func orientation(content io.ReadSeeker, format string) int {
	kinds := map[string]imagemeta.ImageFormat{"jpeg": imagemeta.JPEG, "png": imagemeta.PNG}
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return 1
	}
	turn := 1
	_, _ = imagemeta.Decode(imagemeta.Options{R: content, ImageFormat: kinds[format], Sources: imagemeta.EXIF, Timeout: 2 * time.Second,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool { return t.Tag == "Orientation" && t.Namespace == "IFD0" },
		HandleTag: func(t imagemeta.TagInfo) error {
			if n, ok := t.Value.(uint16); ok && n >= 1 && n <= 8 {
				turn = int(n)
			}
			return imagemeta.ErrStopWalking
		}}) // a picture whose notes cannot be read is as it stands
	return turn
}

// reduced is the picture on white, at most side wide or high. It goes down by two
// steps of the quick scaler: the exact one (CatmullRom) holds 400 MB for 60 million
// points, where this holds 40 and looks the same.
func reduced(source image.Image, side int) *image.RGBA {
	step := scaled(source, 2*side)
	return scaled(step, side)
}

// scaled draws the picture on white, its greatest side brought to at most side.
func scaled(source image.Image, side int) *image.RGBA {
	from := source.Bounds()
	w, h := from.Dx(), from.Dy()
	if m, ok := source.(*image.RGBA); ok && max(w, h) <= side && m.Opaque() {
		return m
	}
	if long := max(w, h); long > side {
		w, h = max(w*side/long, 1), max(h*side/long, 1)
	}
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(small, small.Bounds(), image.White, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(small, small.Bounds(), source, from, draw.Over, nil)
	return small
}

// upright turns the picture as the camera was held: orientations 5 to 8 lie on a
// side, the even ones of the first half and the odd ones of the second are mirrored.
func upright(m *image.RGBA, turn int) *image.RGBA {
	if turn <= 1 || turn > 8 {
		return m
	}
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if turn >= 5 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			tx, ty := x, y
			switch turn {
			case 2:
				tx = w - 1 - x
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				ty = h - 1 - y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			out.SetRGBA(tx, ty, m.RGBAAt(x, y))
		}
	}
	return out
}
