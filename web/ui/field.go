package ui

import (
	"strconv"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/web/form"
)

// Field describes one question of a form. Name is both the name sent and the id,
// so that the links of ErrorSummary reach it.
type Field struct {
	Name  string
	Label string
	Hint  string // under the label; an example, never the rule alone

	Type         string // "text" if empty: email, tel, url, search
	Autocomplete string // token of HTML (given-name, email…), asked by RGAA 11.13
	Inputmode    string // numeric, decimal, email…
	Width        string // "xs" 5 characters, "s" 10, "m" 20, "l" 40; "" the measure
	Suffix       string // unit after the field: « % », « € »
	Optional     bool   // adds « (facultatif) »
	Max          int    // characters; a Textarea then counts them
	Rows         int    // of a Textarea; 5 if 0
	Accept       string // of a FileField: ".pdf,.odt"
	Blank        string // first, empty option of a Select
	Inline       bool   // Radios side by side
	BigLegend    bool   // the legend stands as a heading
	ID           string // replaces Name as id when two forms share a page
}

// Option is one answer of a Select, of Radios or of Checkboxes.
type Option struct {
	Value, Label string
	Hint         string // under the label; not drawn in a Select
	Group        string // of a Select: consecutive options of a group go together
}

// Options makes options out of pairs value, label, value, label…
func Options(pairs ...string) []Option {
	out := make([]Option, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, Option{Value: pairs[i], Label: pairs[i+1]})
	}
	return out
}

func (x Field) id() string {
	if x.ID != "" {
		return x.ID
	}
	return x.Name
}

// described returns what aria-describedby points at: hint, count, error.
func (x Field) described(f *form.Form) string {
	s := ""
	if x.Hint != "" {
		s = x.id() + "-aide"
	}
	if x.counted() {
		s = spaced(s, x.id()+"-compte")
	}
	if f.Error(x.Name) != "" {
		s = spaced(s, x.id()+"-erreur")
	}
	return s
}

// counted tells whether the field says how long it may be: textareas only, which
// mark themselves by giving Rows a value.
func (x Field) counted() bool { return x.Rows > 0 && x.Max > 0 }

func spaced(a, b string) string {
	if a == "" {
		return b
	}
	return a + " " + b
}

func (x Field) kind() string {
	if x.Type == "" {
		return "text"
	}
	return x.Type
}

// lines gives a textarea its rows.
func (x Field) lines() Field {
	if x.Rows == 0 {
		x.Rows = 5
	}
	return x
}

// optionID returns the id of the nth option: the first bears the field's own, so
// that the error summary leads to it.
func (x Field) optionID(i int) string {
	if i == 0 {
		return x.id()
	}
	return x.id() + "-" + strconv.Itoa(i+1)
}

// grouped cuts options into runs of the same group.
func grouped(options []Option) [][]Option {
	var out [][]Option
	for i, o := range options {
		if i == 0 || o.Group != options[i-1].Group {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], o)
	}
	return out
}

func (x Field) asDate() Field {
	if x.Hint == "" {
		x.Hint = "Par exemple 27/3/2027"
	}
	x.Width, x.Inputmode = "m", "text"
	return x
}

func (x Field) asTime() Field {
	if x.Hint == "" {
		x.Hint = "Par exemple 14 h 30"
	}
	x.Width, x.Inputmode = "s", "text"
	return x
}

func characters(n int) string { return french.Count(n, "caractère", "caractères") }
