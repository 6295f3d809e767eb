package markdown

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"

	"bordeaux-metropole.fr/portal/internal/french"
)

// tamer makes of a text what a page of the portal may hold.
type tamer struct{}

// tree is one text being tamed.
type tree struct {
	source []byte
	place  place
	level  int // of the last heading
	tables int
	used   map[string]bool // ids
}

// tame treats every node, parents first. The nodes are listed before any is
// replaced.
func (t *tree) tame(doc ast.Node) {
	var nodes []ast.Node
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the walker never fails
		if entering {
			nodes = append(nodes, n)
		}
		return ast.WalkContinue, nil
	})
	for _, n := range nodes {
		switch x := n.(type) {
		case *ast.Heading:
			t.heading(x)
		case *ast.Image:
			link := ast.NewLink()
			link.Destination = x.Destination
			move(x, link)
			x.Parent().ReplaceChild(x.Parent(), x, link)
			t.link(link)
		case *ast.Link:
			t.link(x)
		case *ast.AutoLink:
			t.autoLink(x)
		case *extast.Table:
			t.tables++
			x.SetAttributeString(tableName, "Tableau "+strconv.Itoa(t.tables))
		case *extast.TableCell:
			if _, head := x.Parent().(*extast.TableHeader); head {
				x.SetAttributeString("scope", []byte("col"))
			}
		case *ast.Text:
			t.words(x)
		}
	}
}

// heading gives a heading its rank under the page's, without a gap, and an id.
func (t *tree) heading(h *ast.Heading) {
	h.Level = min(t.place.level+h.Level, t.level+1, 6)
	t.level = h.Level
	if !t.place.ids {
		return
	}
	id := slug(t.text(h))
	for n := 2; t.used[id]; n++ {
		id = slug(t.text(h)) + "-" + strconv.Itoa(n)
	}
	t.used[id] = true
	h.SetAttributeString("id", []byte(id))
}

// slug makes an id out of a title; its prefix keeps it from the ids of the page.
func slug(title string) string {
	var b strings.Builder
	b.WriteString("cr-")
	for _, r := range french.SortKey(title) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 3 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 60 {
			break
		}
	}
	return strings.TrimRight(b.String(), "-")
}

// link keeps a link that leads where one may go, with words to press; of another,
// the words.
func (t *tree) link(l *ast.Link) {
	if !safe(string(l.Destination)) || within(l) {
		move(l, nil)
		l.Parent().RemoveChild(l.Parent(), l)
		return
	}
	l.Title = nil
	if strings.TrimSpace(t.text(l)) == "" {
		l.AppendChild(l, raw(string(l.Destination)))
	}
	l.SetAttributeString("rel", []byte("nofollow noopener"))
}

// autoLink is link for an address written alone, <https://…>.
func (t *tree) autoLink(l *ast.AutoLink) {
	address := string(l.URL(t.source))
	if l.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(address), "mailto:") {
		address = "mailto:" + address
	}
	if !safe(address) || within(l) {
		l.Parent().ReplaceChild(l.Parent(), l, raw(string(l.Label(t.source))))
		return
	}
	l.SetAttributeString("rel", []byte("nofollow noopener"))
}

// safe tells whether a link may lead to the address.
func safe(address string) bool {
	if strings.ContainsFunc(address, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }) {
		return false
	}
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "http", "https":
		return u.Host != "" && u.User == nil
	case "mailto":
		return strings.Contains(u.Opaque, "@")
	}
	return false
}

// within tells whether a node is inside a link: HTML has no link in a link.
func within(n ast.Node) bool {
	for p := n.Parent(); p != nil; p = p.Parent() {
		if p.Kind() == ast.KindLink {
			return true
		}
	}
	return false
}

// move puts the children of a node in another one, or, if that is nil, before it.
func move(from, to ast.Node) {
	for c := from.FirstChild(); c != nil; {
		next := c.NextSibling()
		if to != nil {
			to.AppendChild(to, c)
		} else {
			from.Parent().InsertBefore(from.Parent(), from, c)
		}
		c = next
	}
}

// words sets a text in French typography. It is written out plainly: references
// and escapes are resolved first, else « &amp; » would get a space inside.
func (t *tree) words(x *ast.Text) {
	if x.IsRaw() || x.Parent().Kind() == ast.KindCodeSpan {
		return
	}
	s := string(util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(x.Segment.Value(t.source)))))
	if previous := x.PreviousSibling(); previous != nil {
		// « **Avis** : favorable »: the mark follows a word that is in another node.
		s = strings.TrimPrefix(french.Typo("x"+s), "x")
	} else {
		s = french.Typo(s)
	}
	x.Parent().InsertBefore(x.Parent(), x, raw(s))
	x.Segment = x.Segment.WithStop(x.Segment.Start) // what remains of it is its line break
}

// raw is text written as it is, but for the characters HTML needs escaped.
func raw(s string) *ast.String {
	n := ast.NewString([]byte(printable(s)))
	n.SetRaw(true)
	return n
}

// text returns the words of a node.
func (t *tree) text(n ast.Node) string {
	var b bytes.Buffer
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) { // the walker never fails
		if entering {
			switch x := c.(type) {
			case *ast.Text:
				b.Write(x.Segment.Value(t.source))
			case *ast.String:
				b.Write(x.Value)
			case *ast.AutoLink:
				b.Write(x.Label(t.source))
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}
