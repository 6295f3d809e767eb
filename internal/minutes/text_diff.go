package minutes

import (
	"strings"
	"time"
	"unicode"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// Change is a piece of the differences between two texts.
type Change struct {
	Op   ChangeOp
	Text string
}

// ChangeOp says what became of the piece.
type ChangeOp int

// The closed set of operations.
const (
	Unchanged ChangeOp = iota
	Removed
	Added
	Skipped // a long run that did not change, left out; Text is ""
)

// Differences tells word by word what changed from one text to the other: without
// the Skipped runs, Unchanged and Removed make the first, Unchanged and Added the
// second. Nil when they are the same.
func Differences(before, after string) []Change {
	if before == after {
		return nil
	}
	w := words{index: map[string]rune{}}
	a, b := w.code(before), w.code(after)
	dmp := diffmatchpatch.New()
	dmp.DiffTimeout = 400 * time.Millisecond // a rougher answer past that
	var out []Change
	for _, d := range dmp.DiffMainRunes(a, b, false) {
		c := Change{Text: w.text(d.Text)}
		switch d.Type {
		case diffmatchpatch.DiffDelete:
			c.Op = Removed
		case diffmatchpatch.DiffInsert:
			c.Op = Added
		}
		if c.Text != "" {
			out = append(out, c)
		}
	}
	return out
}

// words gives each word, with the space after it, a rune of its own: the
// comparison of runes is then one of words.
type words struct {
	index map[string]rune
	list  []string
}

func (w *words) code(s string) []rune {
	var out []rune
	for s != "" {
		n := wordEnd(s)
		r, ok := w.index[s[:n]]
		if !ok {
			r = nth(len(w.list))
			w.index[s[:n]] = r
			w.list = append(w.list, s[:n])
		}
		out, s = append(out, r), s[n:]
	}
	return out
}

// wordEnd is where the first word of s ends, with the spaces after it; a line break
// ends a word and begins one.
func wordEnd(s string) int {
	blank := false
	for i, r := range s {
		switch {
		case r == '\n':
			if i == 0 {
				return 1
			}
			return i
		case unicode.IsSpace(r):
			blank = true
		case blank:
			return i
		}
	}
	return len(s)
}

// surrogates are no characters: they are stepped over.
const firstSurrogate, surrogates = 0xd800, 0x800

func nth(i int) rune {
	r := rune(i + 1)
	if r >= firstSurrogate {
		r += surrogates
	}
	return r
}

func (w *words) text(coded string) string {
	var b strings.Builder
	for _, r := range coded {
		if r >= firstSurrogate {
			r -= surrogates
		}
		b.WriteString(w.list[r-1])
	}
	return b.String()
}

// Excerpt leaves out of differences the long runs that did not change, and keeps
// some lines around each change.
func Excerpt(changes []Change) []Change {
	const around = 3 // lines
	var out []Change
	for i, c := range changes {
		lines := strings.SplitAfter(c.Text, "\n")
		before, after := around, around
		if i == 0 {
			before = 0
		}
		if i == len(changes)-1 {
			after = 0
		}
		if c.Op != Unchanged || len(lines) <= before+after+2 {
			out = append(out, c)
			continue
		}
		if before > 0 {
			out = append(out, Change{Unchanged, strings.Join(lines[:before], "")})
		}
		out = append(out, Change{Op: Skipped})
		if after > 0 {
			out = append(out, Change{Unchanged, strings.Join(lines[len(lines)-after:], "")})
		}
	}
	return out
}
