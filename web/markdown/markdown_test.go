package markdown_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"bordeaux-metropole.fr/portal/web/markdown"
)

func draw(t testing.TB, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRender(t *testing.T) {
	t.Parallel()
	const nb = "\u00a0"
	for in, want := range map[string]string{
		"# Accueil":                          `<h2 id="cr-accueil">Accueil</h2>`,
		"# A\n\n# A":                         "<h2 id=\"cr-a\">A</h2>\n<h2 id=\"cr-a-2\">A</h2>",
		"### Trop bas\n\n###### Plus bas":    "<h2 id=\"cr-trop-bas\">Trop bas</h2>\n<h3 id=\"cr-plus-bas\">Plus bas</h3>",
		"une\nligne":                         "<p>une<br>\nligne</p>",
		"**Avis** : l'essentiel":             "<p><strong>Avis</strong>" + nb + ": l’essentiel</p>",
		"a &amp; b <b>gras</b>":              "<p>a &amp; b &lt;b&gt;gras&lt;/b&gt;</p>",
		"<script>alert(1)</script>":          "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
		"[ici](https://exemple.fr/a?b=c&d)":  `<p><a href="https://exemple.fr/a?b=c&amp;d" rel="nofollow noopener">ici</a></p>`,
		"[ici](javascript:alert(1))":         "<p>ici</p>",
		"[ici](//exemple.fr) [là](/equipe)":  "<p>ici là</p>",
		"<javascript:alert(1)>":              "<p>javascript:alert(1)</p>",
		"<https://exemple.fr>":               `<p><a href="https://exemple.fr" rel="nofollow noopener">https://exemple.fr</a></p>`,
		"<equipe@example.org>":               `<p><a href="mailto:equipe@example.org" rel="nofollow noopener">equipe@example.org</a></p>`,
		"![Plan](https://exemple.fr/p.png)":  `<p><a href="https://exemple.fr/p.png" rel="nofollow noopener">Plan</a></p>`,
		"![Plan](data:image/png;base64,AA)":  "<p>Plan</p>",
		"[](https://exemple.fr)":             `<p><a href="https://exemple.fr" rel="nofollow noopener">https://exemple.fr</a></p>`,
		"[![x](https://a.fr)](https://b.fr)": `<p><a href="https://b.fr" rel="nofollow noopener">x</a></p>`,
		"`a : b`":                            "<p><code>a : b</code></p>",
		"# Titre {onclick=alert(1)}":         `<h2 id="cr-titre-onclick-alert-1">Titre {onclick=alert(1)}</h2>`,
	} {
		if got := strings.TrimSpace(draw(t, markdown.Render(in))); got != want {
			t.Errorf("%q\n got %q\nwant %q", in, got, want)
		}
	}
	table := draw(t, markdown.Render("| A | B |\n|---|:-:|\n| 1 | 2 |"))
	for _, want := range []string{`<caption class="sr">Tableau 1</caption>`, `<th scope="col">A</th>`, "<td>2</td>", `aria-label="Tableau 1"`} {
		if !strings.Contains(table, want) {
			t.Errorf("the table lacks %s:\n%s", want, table)
		}
	}
	if got := draw(t, markdown.RenderUnder(2, "# A")); got != "<h3>A</h3>\n" {
		t.Errorf("under an h2: %q", got)
	}
}

func TestHugeNestingIsQuick(t *testing.T) {
	t.Parallel()
	for _, in := range []string{strings.Repeat(">", 200_000), strings.Repeat("[", 200_000), strings.Repeat("- ", 100_000),
		strings.Repeat("*a_", 60_000), strings.Repeat("![", 100_000), strings.Repeat("|a", 100_000) + "\n" + strings.Repeat("|-", 100_000),
		strings.Repeat("<a", 100_000), strings.Repeat("`a", 100_000), strings.Repeat("> \n", 60_000), strings.Repeat("[a](", 50_000)} {
		begun := time.Now()
		draw(t, markdown.Render(in))
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("%.8s…: %s", in, took)
		}
	}
}

// FuzzRender looks for a text that becomes more than words, lists, tables and links.
func FuzzRender(f *testing.F) {
	for _, s := range []string{"# a\n\n- b\n  1. c", "<img src=x onerror=alert(1)>", "[a](<javascript:x>)", "[a](https://b \"t' onx='\")",
		"|a|\n|-|\n|<b>|", "&lt;script&gt;", "![a](b)", "~~a~~", "<a@b.fr>", "[a]: javascript:x\n\n[a]", "```html\n<script>\n```", "\u202ea", "&#0;&#1;", "# x {#y onclick=z}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := draw(t, markdown.Render(s))
		if err := judge(out); err != nil {
			t.Errorf("%q: %v\n%s", s, err, out)
		}
	})
}

var (
	elements = strings.Fields("h2 h3 h4 h5 h6 p br ul ol li strong em del code pre blockquote hr a div table caption thead tbody tr th td")
	allowed  = map[string][]string{"a": {"href", "rel"}, "div": {"class", "role", "aria-label", "tabindex"}, "caption": {"class"}, "th": {"scope"}, "ol": {"start"}, "code": {"class"},
		"h2": {"id"}, "h3": {"id"}, "h4": {"id"}, "h5": {"id"}, "h6": {"id"}}
)

// judge reads the HTML token by token: every tag closed in order, known elements
// and attributes, safe links, each id once.
func judge(out string) error {
	var open []string
	ids := map[string]bool{}
	for z := html.NewTokenizer(strings.NewReader(out)); ; {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			if len(open) > 0 {
				return fmt.Errorf("never closed: %v", open)
			}
			return nil
		case html.CommentToken, html.DoctypeToken:
			return fmt.Errorf("a %s", kind)
		case html.EndTagToken:
			name := z.Token().Data
			if len(open) == 0 || open[len(open)-1] != name {
				return fmt.Errorf("</%s> closes %v", name, open)
			}
			open = open[:len(open)-1]
		case html.StartTagToken, html.SelfClosingTagToken:
			tag := z.Token()
			if !slices.Contains(elements, tag.Data) {
				return fmt.Errorf("<%s>", tag.Data)
			}
			for _, a := range tag.Attr {
				if !slices.Contains(allowed[tag.Data], a.Key) {
					return fmt.Errorf("<%s %s>", tag.Data, a.Key)
				}
				if v := strings.ToLower(a.Val); a.Key == "href" && !strings.HasPrefix(v, "http://") && !strings.HasPrefix(v, "https://") && !strings.HasPrefix(v, "mailto:") {
					return fmt.Errorf("a link to %q", a.Val)
				}
				if a.Key == "id" && ids[a.Val] {
					return fmt.Errorf("id %q twice", a.Val)
				}
				ids[a.Val] = ids[a.Val] || a.Key == "id"
			}
			if tag.Data == "a" && slices.Contains(open, "a") {
				return fmt.Errorf("a link in a link")
			}
			if tag.Data != "br" && tag.Data != "hr" {
				open = append(open, tag.Data)
			}
		}
	}
}
