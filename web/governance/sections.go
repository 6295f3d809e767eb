package governance

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"bordeaux-metropole.fr/portal/internal/governance"
)

// The sections of the page of a body, written as rows.go says.

func sentences(all []string) templ.Component {
	return written(func(b []byte) []byte {
		for _, s := range all {
			b = append(b, `<p>`...)
			b = appendEscaped(b, s)
			b = append(b, `</p>`...)
		}
		return b
	})
}

// cited is a sentence of the deliberation under the heading it accounts for.
func cited(q quote) templ.Component {
	return written(func(b []byte) []byte { return appendCited(b, q) })
}

func appendCited(b []byte, q quote) []byte {
	b = append(b, `<figure class="cited"><blockquote class="hint">« `...)
	b = appendEscaped(b, q.Text)
	b = append(b, ` »</blockquote> <figcaption class="hint"><a href="`...)
	b = appendEscaped(b, q.Href)
	return append(b, `">Délibération n° 2024-677</a></figcaption></figure>`...)
}

// meetings is the year of the body in words.
func meetings(v bodyView) templ.Component {
	return written(func(b []byte) []byte {
		b = append(b, `<section class="section" id="rythme"><h2>Le rythme de `...)
		b = append(b, v.Year...)
		b = append(b, `</h2>`...)
		b = appendCited(b, v.CadenceQuote)
		b = append(b, `<p>`...)
		if v.CadenceStatus != "" {
			b = appendTag(b, v.CadenceKind, v.CadenceStatus)
			b = append(b, ' ')
		}
		b = appendEscaped(b, v.Cadence)
		b = append(b, `</p>`...)
		if len(v.Meetings) == 0 {
			b = append(b, `<p class="none">Aucune réunion n’est enregistrée pour `...)
			b = append(b, v.Year...)
			return append(b, `.</p></section>`...)
		}
		b = append(b, `<ul class="tasks">`...)
		for i := range v.Meetings {
			b = appendMeeting(b, &v.Meetings[i])
		}
		return append(b, `</ul></section>`...)
	})
}

func appendMeeting(b []byte, m *meetingRow) []byte {
	b = append(b, `<li><div><a href="`...)
	b = append(b, m.Href...) // our own address: digits only
	b = append(b, `">`...)
	b = appendEscaped(b, m.When)
	b = append(b, `</a>`...)
	b = appendHint(b, m.Theme)
	b = appendHint(b, m.Note)
	b = append(b, `</div>`...)
	b = appendTag(b, m.Kind, m.State)
	return append(b, `</li>`...)
}

func appendHint(b []byte, s string) []byte {
	if s == "" {
		return b
	}
	b = append(b, `<p class="hint">`...)
	b = appendEscaped(b, s)
	return append(b, `</p>`...)
}

// founding quotes what the deliberation says of the body.
func founding(v bodyView) templ.Component {
	return written(func(b []byte) []byte {
		b = append(b, `<section class="section" id="missions"><h2>Ce que dit la délibération</h2>`...)
		for _, q := range v.Quotes {
			b = append(b, `<figure class="definition"><blockquote class="hint">« `...)
			b = appendEscaped(b, q.Text)
			b = append(b, ` »</blockquote></figure>`...)
		}
		b = append(b, `<p class="source">Source : <a href="/deliberation#`...)
		b = append(b, v.Code...)
		return append(b, `">délibération n° 2024-677 du 6 décembre 2024</a></p></section>`...)
	})
}

// settings is what the deliberation leaves open, with the source of each answer.
func settings(v bodyView) templ.Component {
	return written(func(b []byte) []byte {
		b = append(b, `<section class="section" id="regles"><h2>Ce que la délibération ne fixe pas</h2>`+
			`<p>Ces règles viennent du règlement intérieur de l’instance ou, à défaut, d’un usage. `+
			`Aucune n’est inventée : ce qui n’est pas fixé est « sans objet ».</p><dl class="facts">`...)
		for i := range v.Settings {
			s := &v.Settings[i]
			b = append(b, `<div><dt>`...)
			b = appendEscaped(b, s.Label)
			b = append(b, `</dt><dd>`...)
			b = appendEscaped(b, s.Value)
			b = appendHint(b, s.Source)
			b = append(b, `</dd></div>`...)
		}
		return append(b, `</dl></section>`...)
	})
}

// facts is who presides, how many sit and when they meet next, as ui.SummaryList.
func facts(v bodyView) templ.Component {
	return written(func(b []byte) []byte {
		b = append(b, `<dl class="facts">`...)
		for _, f := range v.Facts {
			b = append(b, `<div><dt>`...)
			b = appendEscaped(b, f.Key)
			b = append(b, `</dt><dd>`...)
			switch {
			case f.Chair != nil:
				b = appendChair(b, f.Chair)
			case f.Value == "":
				b = append(b, `<span class="none">Aucune date fixée</span>`...)
			default:
				b = appendEscaped(b, f.Value)
			}
			b = append(b, `</dd></div>`...)
		}
		return append(b, `</dl>`...)
	})
}

// appendChair writes who presides, the state of the seat and its function.
func appendChair(b []byte, l *governance.Line) []byte {
	if l.Person != 0 {
		b = append(b, `<strong>`...)
		b = appendEscaped(b, l.First)
		b = append(b, ' ')
		b = appendEscaped(b, l.Last)
		b = append(b, `</strong> `...)
	}
	b = appendTag(b, StateKind(l.State), l.State.Label())
	note := l.SeatLabel
	if n := stateNote(*l); n != "" {
		note += ", " + n
	}
	return appendHint(b, note)
}

// files is the list as files, as ui.ExportLinks, and what it was before.
func files(v bodyView) templ.Component {
	path, query, filtered := strings.Cut(v.Export, "?")
	return written(func(b []byte) []byte {
		b = append(b, `<p class="exports"><span>Télécharger cette liste :</span>`...)
		for _, f := range [...][2]string{{"csv", "CSV"}, {"xlsx", "Excel"}, {"json", "JSON"}} {
			b = append(b, ` <a href="`...)
			b = appendEscaped(b, path)
			b = append(b, '.')
			b = append(b, f[0]...)
			if filtered {
				b = append(b, '?')
				b = appendEscaped(b, query)
			}
			b = append(b, `">`...)
			b = append(b, f[1]...)
			b = append(b, `</a>`...)
		}
		b = append(b, `</p><p><a href="`...)
		b = appendEscaped(b, v.Differences)
		return append(b, `">Voir ce qui a changé entre deux dates</a></p>`...)
	})
}

// pager leads to the other pages of the structures, as ui.Pagination.
func pager(p pagerView) templ.Component {
	return written(func(b []byte) []byte {
		if p.Summary == "" {
			return b
		}
		b = append(b, `<nav class="pager" aria-label="Pages"><p>`...)
		b = appendEscaped(b, p.Summary)
		b = append(b, `</p>`...)
		if p.Last > 1 {
			b = append(b, `<ul>`...)
			if p.Current > 1 {
				b = append(p.link(append(b, `<li><a rel="prev" `...), p.Current-1, ""), `← Page précédente</a></li>`...)
			}
			for n := 1; n <= p.Last; n++ {
				b = p.number(b, n)
			}
			if p.Current < p.Last {
				b = append(p.link(append(b, `<li><a rel="next" `...), p.Current+1, ""), `Page suivante →</a></li>`...)
			}
			b = append(b, `</ul>`...)
		}
		return append(b, `</nav>`...)
	})
}

// number writes page n, a gap in the place of the pages far from here, or nothing.
func (p pagerView) number(b []byte, n int) []byte {
	near := n == 1 || n == p.Last || n >= p.Current-1 && n <= p.Current+1 || p.Last <= 7
	if !near {
		if n == 2 || n == p.Current+2 {
			b = append(b, `<li><span class="gap" aria-hidden="true">…</span></li>`...)
		}
		return b
	}
	current := ""
	if n == p.Current {
		current = ` aria-current="page"`
	}
	b = p.link(append(b, `<li><a `...), n, current)
	b = append(b, `<span class="sr">Page </span>`...)
	b = strconv.AppendInt(b, int64(n), 10)
	return append(b, `</a></li>`...)
}

// link writes the address of page n and closes the tag.
func (p pagerView) link(b []byte, n int, attribute string) []byte {
	b = append(b, `href="`...)
	b = appendEscaped(b, p.Base)
	b = strconv.AppendInt(b, int64(n), 10)
	b = append(b, '"')
	b = append(b, attribute...)
	return append(b, '>')
}
