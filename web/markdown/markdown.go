// Package markdown draws the texts people write in Markdown: minutes, notes. What
// they write is never HTML: tags come out as the characters typed, links lead to
// http, https and mailto only, an image is a link to it, and headings take their
// place under those of the page.
package markdown

import (
	"bytes"
	"context"
	"io"
	"strings"
	"unicode"

	"github.com/a-h/templ"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Render draws a text under the h1 of its page: its first headings are h2, and bear
// an id. It is meant to be once in a page.
func Render(source string) templ.Component { return under(source, 1, true) }

// RenderUnder draws a text under a heading of the level given, without ids: a
// preview, one version beside another.
func RenderUnder(level int, source string) templ.Component { return under(source, level, false) }

// place is where a text stands in its page.
type place struct {
	level int  // of the heading above it
	ids   bool // whether its headings bear an id
}

// placeKey leads to the place within the context of a parse.
var placeKey = parser.NewContextKey()

func under(source string, level int, ids bool) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		ctx := parser.NewContext()
		ctx.Set(placeKey, place{level, ids})
		var b bytes.Buffer
		if err := engine.Convert([]byte(readable(source)), &b, parser.WithContext(ctx)); err != nil {
			return err
		}
		_, err := w.Write(b.Bytes())
		return err
	})
}

// deepest is how many quotation marks or spaces may open a line: what is deeper is
// no minutes, and would cost far more than it says.
const deepest = 64

// printable drops the control characters that HTML has no place for.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// readable cuts what would nest or be marked without end.
func readable(s string) string {
	s = printable(s)
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if rest := strings.TrimLeft(l, "> \t-*+"); len(l)-len(rest) > deepest {
			lines[i] = l[:deepest] + rest
		}
	}
	blocks := strings.Split(strings.Join(lines, "\n"), "\n\n")
	for i, b := range blocks {
		if strings.Count(b, "*")+strings.Count(b, "_")+strings.Count(b, "[")+strings.Count(b, "~") > mostMarks {
			blocks[i] = plainly.Replace(b)
		}
	}
	return strings.Join(blocks, "\n\n")
}

// mostMarks is how many marks a paragraph may hold: reading more of them costs the
// square of their number, and nobody writes so.
const mostMarks = 1000

var plainly = strings.NewReplacer("*", `\*`, "_", `\_`, "[", `\[`, "~", `\~`)

// engine is goldmark without what reads HTML: a tag typed is text.
var engine = goldmark.New(
	goldmark.WithParser(parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(parser.NewSetextHeadingParser(), 100),
			util.Prioritized(parser.NewThematicBreakParser(), 200),
			util.Prioritized(parser.NewListParser(), 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(parser.NewATXHeadingParser(), 600),
			util.Prioritized(parser.NewBlockquoteParser(), 800),
			util.Prioritized(parser.NewParagraphParser(), 1000),
		),
		parser.WithInlineParsers(
			util.Prioritized(parser.NewCodeSpanParser(), 100),
			util.Prioritized(parser.NewLinkParser(), 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300),
			util.Prioritized(parser.NewEmphasisParser(), 500),
		),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
		parser.WithASTTransformers(util.Prioritized(tamer{}, 900)),
	)),
	goldmark.WithExtensions(
		extension.Strikethrough,
		extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone)),
	),
	goldmark.WithRendererOptions(
		html.WithHardWraps(), // a line typed is a line read
		renderer.WithNodeRenderers(util.Prioritized(tables{}, 100)),
	),
)

// tables draws a table in a region that scrolls by itself, with a caption.
type tables struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (tables) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(extast.KindTable, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			_, err := w.WriteString("</table></div>\n")
			return ast.WalkContinue, err
		}
		name := "Tableau"
		if v, ok := n.AttributeString(tableName); ok {
			name = v.(string)
		}
		_, err := w.WriteString(`<div class="scroll" role="region" aria-label="` + name + `" tabindex="0"><table><caption class="sr">` + name + "</caption>\n")
		return ast.WalkContinue, err
	})
}

// tableName is the attribute that carries the name of a table to its renderer.
const tableName = "x-name"

var _ parser.ASTTransformer = tamer{}

// Transform implements parser.ASTTransformer.
func (tamer) Transform(doc *ast.Document, reader text.Reader, pc parser.Context) {
	p, _ := pc.Get(placeKey).(place)
	t := &tree{source: reader.Source(), place: p, level: p.level, used: map[string]bool{}}
	t.tame(doc)
}
