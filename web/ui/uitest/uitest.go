// Package uitest checks the HTML of a page without a browser: what RGAA, the CSP
// and French typography ask of every page of the portal. It takes milliseconds,
// so that tests can check all pages for all roles.
//
//	for _, p := range uitest.Problems(response.Body) { t.Error(p) }
package uitest

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Problems returns what is wrong with a page, one sentence each; nil when all is
// well.
func Problems(r io.Reader) []string {
	doc, err := html.Parse(r)
	if err != nil {
		return []string{"not HTML: " + err.Error()}
	}
	c := &check{ids: map[string]int{}, labelled: map[string]bool{}}
	c.collect(doc)
	c.page(doc)
	c.references()
	for _, n := range c.all {
		c.element(n)
	}
	return c.problems
}

type check struct {
	all      []*html.Node // elements, in order
	texts    []*html.Node
	ids      map[string]int
	labelled map[string]bool // ids some label is for
	problems []string
}

func (c *check) fail(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

func (c *check) collect(doc *html.Node) {
	for n := range doc.Descendants() {
		switch n.Type {
		case html.ElementNode:
			c.all = append(c.all, n)
			if id, ok := attr(n, "id"); ok {
				c.ids[id]++
			}
			if n.DataAtom == atom.Label {
				c.labelled[get(n, "for")] = true
			}
		case html.TextNode:
			c.texts = append(c.texts, n)
		}
	}
}

// page checks what a page has once.
func (c *check) page(*html.Node) {
	count := map[atom.Atom]int{}
	level := 0
	for _, n := range c.all {
		count[n.DataAtom]++
		if n.DataAtom == atom.Html && get(n, "lang") != "fr" {
			c.fail("html: lang is %q", get(n, "lang"))
		}
		if n.DataAtom == atom.Title && n.Parent.DataAtom == atom.Head && text(n) == "" {
			c.fail("empty title")
		}
		if h := heading(n); h > 0 {
			// The summary of errors stands above the h1, as in GOV.UK pages.
			if h > level+1 && level > 0 {
				c.fail("heading %q: h%d follows h%d", text(n), h, level)
			}
			level = h
		}
	}
	for _, a := range []atom.Atom{atom.H1, atom.Main} {
		if count[a] != 1 {
			c.fail("%d <%s>, want 1", count[a], a)
		}
	}
	for id, n := range c.ids {
		if n > 1 || id == "" {
			c.fail("id %q given %d times", id, n)
		}
	}
	for _, n := range c.texts {
		c.typography(n)
	}
}

// references checks that what an element points at is in the page.
func (c *check) references() {
	for _, n := range c.all {
		for _, name := range []string{"aria-describedby", "aria-labelledby", "aria-controls", "aria-owns", "for", "list"} {
			v, ok := attr(n, name)
			if !ok {
				continue
			}
			for id := range strings.FieldsSeq(v) {
				if c.ids[id] == 0 {
					c.fail("%s: %s points at %q, which is not in the page", describe(n), name, id)
				}
			}
		}
		if id, ok := strings.CutPrefix(get(n, "href"), "#"); ok && n.DataAtom == atom.A && c.ids[id] == 0 {
			c.fail("link to #%s, which is not in the page", id)
		}
	}
}

// element checks one element by what it is.
func (c *check) element(n *html.Node) {
	c.attributes(n)
	switch n.DataAtom {
	case atom.Style:
		c.fail("inline <style>: the CSP refuses it")
	case atom.Script:
		if get(n, "src") == "" {
			c.fail("inline <script>: the CSP refuses it")
		}
	case atom.Input, atom.Select, atom.Textarea:
		c.field(n)
	case atom.Fieldset:
		if f := firstElement(n); f == nil || f.DataAtom != atom.Legend || text(f) == "" {
			c.fail("%s without a legend", describe(n))
		}
	case atom.Table:
		if f := firstElement(n); f == nil || f.DataAtom != atom.Caption || text(f) == "" {
			c.fail("%s without a caption", describe(n))
		}
	case atom.Th:
		if s := get(n, "scope"); s != "col" && s != "row" {
			c.fail("th %q: scope is %q", text(n), s)
		}
	case atom.Img:
		if _, ok := attr(n, "alt"); !ok {
			c.fail("%s without alt", describe(n))
		}
	case atom.Svg:
		if get(n, "aria-hidden") != "true" && (get(n, "role") != "img" || !named(n)) {
			c.fail("svg neither hidden nor named: %s", describe(n))
		}
	case atom.A, atom.Button:
		if text(n) == "" && !named(n) {
			c.fail("%s without a name", describe(n))
		}
	case atom.Form:
		if m := strings.ToLower(get(n, "method")); m == "post" && strings.Contains(get(n, "action"), "?suite=") {
			c.fail("form posts to an address with a return path: %s", describe(n))
		}
	}
}

// attributes checks what no element may carry.
func (c *check) attributes(n *html.Node) {
	for _, a := range n.Attr {
		switch {
		case a.Key == "style":
			c.fail("%s: style attribute, refused by the CSP", describe(n))
		case strings.HasPrefix(a.Key, "on"):
			c.fail("%s: %s attribute, refused by the CSP", describe(n), a.Key)
		case a.Key == "target" && signsInBeside(n):
			// Beside a ballot that is in the page and nowhere else: it must stay open.
		case a.Key == "placeholder", a.Key == "required", a.Key == "autofocus", a.Key == "accesskey", a.Key == "target":
			c.fail("%s: attribute %s is not used here", describe(n), a.Key)
		case a.Key == "tabindex" && a.Val != "0" && a.Val != "-1":
			c.fail("%s: tabindex %s", describe(n), a.Val)
		case a.Key == "src", a.Key == "action", a.Key == "href" && n.DataAtom == atom.Link:
			if strings.Contains(a.Val, "://") || strings.HasPrefix(a.Val, "//") {
				c.fail("%s: third party %s", describe(n), a.Val)
			}
		}
	}
}

func (c *check) field(n *html.Node) {
	kind := get(n, "type")
	if n.DataAtom == atom.Input && slices.Contains([]string{"hidden", "submit", "button"}, kind) {
		return
	}
	if id := get(n, "id"); (id == "" || !c.labelled[id]) && !named(n) {
		c.fail("%s without a label", describe(n))
	}
	if slices.Contains([]string{"email", "tel", "password"}, kind) && get(n, "autocomplete") == "" {
		c.fail("%s without autocomplete (RGAA 11.13)", describe(n))
	}
	if get(n, "aria-invalid") == "true" && !strings.Contains(get(n, "aria-describedby"), "-erreur") {
		c.fail("%s: its error is not tied to it (RGAA 11.10)", describe(n))
	}
}

var (
	breaking = regexp.MustCompile(` [:;!?%»](\s|$)|« \S`)
	glued    = regexp.MustCompile(`\p{L}[;!?](\s|$)|\p{L}:\s|\d%|«[^\s\x{a0}\x{202f}]|[^\s\x{a0}\x{202f}]»`)
	straight = regexp.MustCompile(`\p{L}'\p{L}`)
)

// typography checks a text outside code: no space that breaks before « : », no
// straight apostrophe.
func (c *check) typography(n *html.Node) {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.DataAtom == atom.Code || p.DataAtom == atom.Script || p.DataAtom == atom.Pre || p.DataAtom == atom.Textarea || get(p, "lang") == "en" {
			return
		}
	}
	s := strings.Join(strings.FieldsFunc(n.Data, func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' }), " ")
	if breaking.MatchString(s) {
		c.fail("breaking space before a mark: %q", s)
	}
	if straight.MatchString(s) {
		c.fail("straight apostrophe: %q", s)
	}
	if glued.MatchString(s) && !strings.Contains(s, "://") {
		c.fail("no space before a mark: %q", s)
	}
}

func heading(n *html.Node) int {
	if len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6' {
		return int(n.Data[1] - '0')
	}
	return 0
}

// named tells whether ARIA, or a label around it, names the element.
func named(n *html.Node) bool {
	return get(n, "aria-label") != "" || get(n, "aria-labelledby") != "" || n.Parent != nil && n.Parent.DataAtom == atom.Label && n.NextSibling != nil
}

// signsInBeside tells the link that signs in in another tab, and says so.
func signsInBeside(n *html.Node) bool {
	href, _ := attr(n, "href")
	return strings.HasPrefix(href, "/connexion?suite=") && strings.Contains(text(n), "nouvel onglet")
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func get(n *html.Node, name string) string {
	v, _ := attr(n, name)
	return v
}

func firstElement(n *html.Node) *html.Node {
	for c := range n.ChildNodes() {
		if c.Type == html.ElementNode {
			return c
		}
	}
	return nil
}

// text returns the words of an element.
func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// describe shows the opening tag of an element.
func describe(n *html.Node) string {
	var b strings.Builder
	b.WriteString("<" + n.Data)
	for _, a := range n.Attr {
		if a.Key == "id" || a.Key == "name" || a.Key == "class" || a.Key == "type" || a.Key == "action" {
			fmt.Fprintf(&b, " %s=%q", a.Key, a.Val)
		}
	}
	return b.String() + ">"
}
