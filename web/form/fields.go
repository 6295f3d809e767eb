package form

import (
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"bordeaux-metropole.fr/portal/internal/day"
)

// Raw returns the text of a field without judging it, and marks it as known.
func (f *Form) Raw(name string) string {
	if f.asked[name] == 0 {
		f.asked[name] = len(f.asked) + 1
	}
	return f.values.Get(name)
}

// Text reads one line or a text of at most max characters, spaces trimmed and
// line ends made \n. Missing is the message when it is empty; "" makes it
// optional.
func (f *Form) Text(name, missing string, max int) string {
	v := strings.TrimSpace(strings.ReplaceAll(f.Raw(name), "\r\n", "\n"))
	switch n := utf8.RuneCountInString(v); {
	case n == 0 && missing != "":
		f.Fail(name, missing)
	case n > max:
		f.Fail(name, fmt.Sprintf("Ce texte compte %d caractères : gardez-en %d au plus.", n, max))
	}
	return v
}

// Line reads a Text that must hold on one line: names, titles, addresses. Control
// characters are refused, so that none reaches a mail header or a file name.
func (f *Form) Line(name, missing string, max int) string {
	v := f.Text(name, missing, max)
	switch {
	case strings.ContainsFunc(v, breaksLine):
		f.Fail(name, "Écrivez ce texte sur une seule ligne.")
	case strings.ContainsFunc(v, turnsText):
		f.Fail(name, "Ce texte contient un caractère invisible qui change le sens de lecture : saisissez-le de nouveau.")
	}
	return v
}

func breaksLine(r rune) bool { return r < 0x20 || r == 0x7f || r == 0x2028 || r == 0x2029 }

// turnsText tells the marks that make a name read otherwise than it is written
// (Unicode TR 36, bidirectional text spoofing).
func turnsText(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f
}

// Secret reads a password: not trimmed, never given back to the page.
func (f *Form) Secret(name, missing string) string {
	v := f.Raw(name)
	if v == "" && missing != "" {
		f.Fail(name, missing)
	}
	delete(f.values, name)
	return v
}

// Email reads one address, without display name, in lower case.
func (f *Form) Email(name, missing string) string {
	v := strings.ToLower(f.Line(name, missing, 254))
	if v == "" || f.Error(name) != "" {
		return v
	}
	a, err := mail.ParseAddress(v)
	if err != nil || a.Address != v || !strings.Contains(v[strings.LastIndex(v, "@"):], ".") {
		f.Fail(name, "Saisissez une adresse électronique complète, par exemple prenom.nom@exemple.fr.")
	}
	return v
}

// Int reads a whole number between min and max; spaces inside are accepted.
func (f *Form) Int(name, missing string, min, max int) int {
	v := f.Line(name, missing, 30)
	if v == "" || f.Error(name) != "" {
		return 0
	}
	n, err := strconv.Atoi(strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "").Replace(v))
	if err != nil || n < min || n > max {
		f.Fail(name, fmt.Sprintf("Saisissez un nombre entier entre %d et %d.", min, max))
		return 0
	}
	return n
}

// ID reads the identifier of a row from a select or a hidden field; 0 when none.
func (f *Form) ID(name, missing string) int64 {
	v := f.Line(name, missing, 20)
	if v == "" || f.Error(name) != "" {
		return 0
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n <= 0 {
		f.Fail(name, "Choisissez une ligne de la liste.")
		return 0
	}
	return n
}

// Choice reads one of the allowed values (radios, select).
func (f *Form) Choice(name, missing string, allowed ...string) string {
	v := f.Raw(name)
	switch {
	case v == "" && missing != "":
		f.Fail(name, missing)
	case v != "" && !slices.Contains(allowed, v):
		f.Fail(name, "Choisissez une des réponses proposées.")
		return ""
	}
	return v
}

// maxBool is past the value of any check box of ours.
const maxBool = 20

// Bool reads a single check box.
func (f *Form) Bool(name string) bool {
	v := f.Raw(name)
	if len(v) > maxBool {
		f.Fail(name, "Cochez ou décochez cette case.")
	}
	return v != ""
}

// Date reads a day as French people type it: 27/3/2027, 27 mars 2027, 27-03-27,
// 2027-03-27, 1er avril 2027.
func (f *Form) Date(name, missing string) day.Day {
	v := f.Line(name, missing, 40)
	if v == "" || f.Error(name) != "" {
		return day.Day{}
	}
	d, err := ParseDate(v)
	if err != nil {
		f.Fail(name, "Saisissez une date qui existe, par exemple 27/3/2027.")
	}
	return d
}
