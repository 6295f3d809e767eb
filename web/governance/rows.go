package governance

import (
	"context"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/web/ui"
)

// The loops of the page of a body are written here rather than in templ, each
// expression of which allocates twice: a page of 50 rows would make some thousand
// allocations, and makes none out of a buffer. The markup is that of
// ui.TableCards, ui.Tag and ui.SummaryList; a test compares them.

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 64<<10); return &b }}

// written is a component that appends itself to a buffer.
func written(appendTo func(b []byte) []byte) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		p := buffers.Get().(*[]byte)
		defer buffers.Put(p)
		*p = appendTo((*p)[:0])
		_, err := w.Write(*p)
		return err
	})
}

const (
	seatsHead = `<thead><tr><th scope="col">Siège</th><th scope="col">Personne</th><th scope="col">Depuis le</th>` +
		`<th scope="col">État</th><th scope="col">Suppléance</th></tr></thead><tbody>`
	structuresHead = `<thead><tr><th scope="col">Structure</th><th scope="col">Collège</th><th scope="col">Personne référente</th>` +
		`<th scope="col">Depuis le</th><th scope="col">État</th><th scope="col">Suppléance</th></tr></thead><tbody>`
)

// seatsTable is the seats of a group.
func seatsTable(g groupView) templ.Component { return linesTable(g, seatsHead, false) }

// structuresTable is the structures of the GNI, with their college.
func structuresTable(g groupView) templ.Component { return linesTable(g, structuresHead, true) }

func linesTable(g groupView, head string, colleges bool) templ.Component {
	return written(func(b []byte) []byte {
		b = append(b, `<div class="scroll" role="region" tabindex="0" aria-label="`...)
		b = appendEscaped(b, g.Name)
		b = append(b, `"><table class="as-cards"><caption class="sr">`...)
		b = appendEscaped(b, g.Name)
		b = append(b, `</caption>`...)
		b = append(b, head...)
		for i := range g.Lines {
			b = appendLine(b, &g.Lines[i], colleges, g.Sheets)
		}
		return append(b, `</tbody></table></div>`...)
	})
}

func appendLine(b []byte, l *governance.Line, colleges, sheets bool) []byte {
	sheet := sheets && l.Kind == governance.Structure
	b = append(b, `<tr><th scope="row">`...)
	switch {
	case l.INSEE != "":
		b = append(b, `<a href="/communes/`...)
		b = appendEscaped(b, l.INSEE)
		b = append(b, `">`...)
	case sheet:
		b = append(b, `<a href="/structures/`...)
		b = strconv.AppendInt(b, int64(l.Organisation), 10)
		b = append(b, `">`...)
	}
	b = appendSeatName(b, l)
	if l.INSEE != "" || sheet {
		b = append(b, `</a>`...)
	}
	b = append(b, `</th>`...)
	if colleges {
		b = append(b, `<td data-label="Collège">`...)
		b = appendEscaped(b, l.College.Label())
		b = append(b, `</td>`...)
	}
	b = append(b, `<td data-label="Personne">`...)
	b = appendPerson(b, l)
	b = append(b, `</td><td data-label="Depuis le">`...)
	b = appendDay(b, l.Since)
	b = append(b, `</td><td data-label="État">`...)
	b = appendState(b, l)
	b = append(b, `</td><td data-label="Suppléance">`...)
	switch {
	case l.Kind == governance.Structure && l.AlternatePerson != 0:
		b = append(b, `Désignée`...)
	case l.Alternate == "":
		b = append(b, `<span class="none">Aucune</span>`...)
	default:
		b = appendEscaped(b, l.Alternate)
	}
	return append(b, `</td></tr>`...)
}

// appendSeatName keeps the number of a seat on the line of its word.
func appendSeatName(b []byte, l *governance.Line) []byte {
	name := seatName(l)
	if i := strings.LastIndexByte(name, ' '); i > 0 && l.Kind == governance.GNIRepresentative {
		b = append(appendEscaped(b, name[:i]), french.NBSP...)
		name = name[i+1:]
	}
	return appendEscaped(b, name)
}

// seatName is what a seat is known by: its organisation, or its function.
func seatName(l *governance.Line) string {
	if l.Kind == governance.Structure || l.Kind == governance.Partner {
		return l.OrganisationName
	}
	return l.SeatLabel
}

func appendPerson(b []byte, l *governance.Line) []byte {
	if l.Person == 0 {
		return append(b, `<span class="none">Aucun titulaire</span>`...)
	}
	if l.Kind == governance.Structure { // its name is withheld
		return append(b, `<span>Désignée</span>`...)
	}
	b = append(b, `<span>`...)
	b = appendEscaped(b, l.First)
	b = append(b, ' ')
	b = appendEscaped(b, l.Last)
	if !l.Counted {
		b = append(b, ` <span class="hint">(déjà comptée)</span>`...)
	}
	return append(b, `</span>`...)
}

// The tags, as ui.Tag draws them.
const (
	tagErr     = `<span class="tag err"><svg class="ico" viewBox="0 0 16 16" aria-hidden="true"><path d="M4 4l8 8M12 4l-8 8"></path></svg> `
	tagOK      = `<span class="tag ok"><svg class="ico" viewBox="0 0 16 16" aria-hidden="true"><path d="M3 8.5l3.4 3.4L13 4.8"></path></svg> `
	tagInfo    = `<span class="tag info"><svg class="ico" viewBox="0 0 16 16" aria-hidden="true"><path d="M8 7.2V12M8 4v.1"></path><circle cx="8" cy="8" r="7"></circle></svg> `
	tagWarn    = `<span class="tag warn"><svg class="ico" viewBox="0 0 16 16" aria-hidden="true"><path d="M8 2L15 14H1zM8 6.6v3.4M8 12v.1"></path></svg> `
	tagNeutral = `<span class="tag"><svg class="ico" viewBox="0 0 16 16" aria-hidden="true"><path d="M4 8h8"></path></svg> `
)

// appendTag writes the tag of a kind.
func appendTag(b []byte, k ui.Kind, text string) []byte {
	switch k {
	case ui.OK:
		b = append(b, tagOK...)
	case ui.Info:
		b = append(b, tagInfo...)
	case ui.Warn:
		b = append(b, tagWarn...)
	case ui.Err:
		b = append(b, tagErr...)
	default:
		b = append(b, tagNeutral...)
	}
	b = appendEscaped(b, text)
	return append(b, `</span>`...)
}

func appendState(b []byte, l *governance.Line) []byte {
	b = append(b, `<div>`...) // one box: a card on a phone sets the label beside it
	b = appendTag(b, StateKind(l.State), l.State.Label())
	end := soonest(*l)
	if l.State == governance.CarriedOver {
		end = l.TermEndsOn
	}
	if (l.State == governance.EndsSoon || l.State == governance.CarriedOver) && !end.IsZero() {
		b = append(b, `<p class="hint">échéance le `...)
		b = appendDay(b, end)
		b = append(b, `</p>`...)
	}
	return append(b, `</div>`...)
}

// appendDay writes a day as french.ShortDate does, unbroken; a dash for no day.
func appendDay(b []byte, d day.Day) []byte {
	if d.IsZero() {
		return append(b, `–`...)
	}
	b = strconv.AppendInt(b, int64(d.Date()), 10)
	if d.Date() == 1 {
		b = append(b, "er"...)
	}
	b = append(b, french.NBSP...) // a cell is narrow
	b = append(b, french.ShortMonth(d.Month())...)
	b = append(b, french.NBSP...)
	return strconv.AppendInt(b, int64(d.Year()), 10)
}

// appendEscaped writes a text for HTML as templ.EscapeString does.
func appendEscaped(b []byte, s string) []byte {
	from := 0
	for i := range len(s) {
		var e string
		switch s[i] {
		case '&':
			e = "&amp;"
		case '<':
			e = "&lt;"
		case '>':
			e = "&gt;"
		case '"':
			e = "&#34;"
		case '\'':
			e = "&#39;"
		default:
			continue
		}
		b = append(append(b, s[from:i]...), e...)
		from = i + 1
	}
	return append(b, s[from:]...)
}
